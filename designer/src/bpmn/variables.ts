/** What may be known at an element: what its ways in have set, from forms, contracts, outputs, decisions, loops. */
import { type Analysis, contractOn, extension, type Moddle } from "../handoff/analysis";

export interface Variable {
  name: string;
  /** Of a contract's field: string | number | boolean | date | file | list | context | any. */
  type: string;
  label: string;
  /** The element that sets it. */
  origin: string;
}

/** A form of the draft, as form-js keeps it. */
export interface Form {
  id: string;
  name: string;
  file: string;
  fields: { key: string; label: string; type: string; required: boolean }[];
}

const TYPES: Record<string, string> = {
  textfield: "string", textarea: "string", number: "number", checkbox: "boolean", datetime: "date", select: "string", radio: "string",
  checklist: "list", taglist: "list", filepicker: "file", dynamiclist: "list", group: "context",
};

/** null for what is no form. */
export function formOf(file: { name: string; content: string }): Form | null {
  try {
    const schema = JSON.parse(file.content) as { id?: string; components?: Component[] };
    const id = schema.id || file.name.replace(/^.*\//, "").replace(/\.form$/, "");
    return { id, name: titleOf(schema.components) || id, file: file.name, fields: fieldsOf(schema.components ?? []) };
  } catch {
    return null;
  }
}

interface Component {
  key?: string;
  path?: string;
  label?: string;
  text?: string;
  type: string;
  validate?: { required?: boolean };
  components?: Component[];
}

function titleOf(components: Component[] | undefined): string {
  const text = components?.find((component) => component.type === "text")?.text ?? "";
  return /^#+\s*(.+)$/m.exec(text)?.[1]?.trim() ?? "";
}

function fieldsOf(components: Component[]): Form["fields"] {
  return components.flatMap((component) => {
    if (component.components && !component.path) return fieldsOf(component.components);
    const key = component.key ?? component.path;
    if (!key) return [];
    return [{ key: key.split(".")[0]!, label: component.label ?? key, type: TYPES[component.type] ?? "any", required: Boolean(component.validate?.required) }];
  });
}

/** Each name once, the nearest first. `isBefore`: without what the element itself sets. */
export function knownAt(id: string, analysis: Analysis, forms: Form[], isBefore = false): Variable[] {
  const found = new Map<string, Variable>();
  const add = (variable: Variable) => {
    if (variable.name && !found.has(variable.name)) found.set(variable.name, variable);
  };
  const seen = new Set<string>();
  const queue: Moddle[] = [];
  const start = analysis.elements.get(id);
  if (start) queue.push(start);
  while (queue.length) {
    const element = queue.shift()!;
    if (seen.has(element.id)) continue;
    seen.add(element.id);
    if (element.id !== id || !isBefore) for (const variable of setBy(element, analysis, forms)) add(variable);
    if (element.id === id) for (const variable of localTo(element)) add(variable);
    queue.push(...before(element));
    const parent = element.$parent;
    if (parent?.$type !== "bpmn:Process" && parent?.flowElements) {
      for (const variable of localTo(parent)) add(variable);
      queue.push(...before(parent));
      if (parent.triggeredByEvent) queue.push(...((parent.$parent?.flowElements as Moddle[]) ?? []).filter((each) => each.$instanceOf?.("bpmn:FlowNode")));
    }
  }
  return [...found.values()];
}

function before(element: Moddle): Moddle[] {
  if (element.$type === "bpmn:MessageFlow") return [element.sourceRef].filter(Boolean);
  if (element.sourceRef && element.targetRef) return [element.sourceRef];
  const flows = ((element.incoming as Moddle[]) ?? []).map((flow) => flow.sourceRef as Moddle).filter(Boolean);
  const inner = element.flowElements ? (element.flowElements as Moddle[]).filter((each) => each.$type === "bpmn:EndEvent") : [];
  return [...flows, ...inner, ...(element.attachedToRef ? [element.attachedToRef as Moddle] : [])];
}

/** What the element writes into the case. */
export function setBy(element: Moddle, analysis: Analysis, forms: Form[]): Variable[] {
  const origin = element.name || element.id;
  const found: Variable[] = [];
  const add = (name: unknown, type = "any", label = "") => {
    const first = String(name ?? "").trim().split(".")[0]!;
    if (first) found.push({ name: first, type, label, origin });
  };
  for (const flow of messagesInto(element, analysis)) {
    for (const field of (contractOn(flow)?.fields as Moddle[]) ?? []) add(field.name, field.type ?? "any", field.label ?? "");
  }
  const formId = extension(element, "zeebe:FormDefinition")?.formId as string | undefined;
  for (const field of forms.find((form) => form.id === formId)?.fields ?? []) add(field.key, field.type, field.label);
  for (const output of (extension(element, "zeebe:IoMapping")?.outputParameters as Moddle[]) ?? []) add(output.target);
  add(extension(element, "zeebe:CalledDecision")?.resultVariable);
  add(extension(element, "zeebe:Script")?.resultVariable);
  add(extension(element.loopCharacteristics, "zeebe:LoopCharacteristics")?.outputCollection, "list");
  return found;
}

/** What only the element (and what lies in it) sees. */
function localTo(element: Moddle): Variable[] {
  const origin = element.name || element.id;
  const inputs = ((extension(element, "zeebe:IoMapping")?.inputParameters as Moddle[]) ?? []).map((input) => String(input.target ?? ""));
  const loop = extension(element.loopCharacteristics, "zeebe:LoopCharacteristics");
  const names = [...inputs, String(loop?.inputElement ?? ""), loop ? "loopCounter" : ""].filter(Boolean);
  return names.map((name) => ({ name: name.split(".")[0]!, type: name === "loopCounter" ? "number" : "any", label: "", origin }));
}

function messagesInto(element: Moddle, analysis: Analysis): Moddle[] {
  return analysis.handoffs.filter((handoff) => handoff.message && handoff.to === element.id).flatMap((handoff) => analysis.elements.get(handoff.path[0]!) ?? []);
}
