/** What a form asks for: its keys as variables, from its form-js schema. Layout and text components ask nothing. */

export interface FormSchema { id?: string; components?: FormComponent[] }
export interface FormComponent {
  type?: string;
  key?: string;
  path?: string;
  label?: string;
  dateLabel?: string;
  timeLabel?: string;
  subtype?: string;
  validate?: { required?: boolean };
  components?: FormComponent[];
}

/** `name` is the variable: of a dotted key the first part, whose type then is `context`. Types are those of a contract's fields, or null. */
export interface FormField { name: string; type: string | null; label?: string; required: boolean }

const TYPES: Record<string, (component: FormComponent) => string | null> = {
  textfield: () => "string",
  textarea: () => "string",
  radio: () => "string",
  select: () => "string",
  number: () => "number",
  checkbox: () => "boolean",
  checklist: () => "list",
  taglist: () => "list",
  datetime: ({ subtype }) => (subtype === "time" ? "string" : "date"),
  filepicker: () => "file", // several too: a contract calls them so
  expression: () => null,
};
const DEEPEST = 20; // groups in groups: forms come from files, which may be anything

export function formFields(schema: FormSchema): FormField[] {
  const fields = new Map<string, FormField>();
  collect(schema.components, [], 0, fields);
  return [...fields.values()];
}

function collect(components: FormComponent[] | undefined, around: string[], depth: number, fields: Map<string, FormField>): void {
  if (!Array.isArray(components) || depth > DEEPEST) return;
  for (const component of components) {
    if (!component || typeof component !== "object") continue;
    const inner = [...around, ...parts(component.path)];
    if (component.type === "group") collect(component.components, inner, depth + 1, fields);
    else if (component.type === "dynamiclist") note(fields, inner, { type: "list", required: false }, component);
    else if (TYPES[component.type ?? ""]) {
      const field = { type: TYPES[component.type!]!(component), required: component.validate?.required === true };
      note(fields, [...around, ...parts(component.key)], field, component);
    }
  }
}

const parts = (path: unknown): string[] => (typeof path === "string" ? path.split(".").filter(Boolean) : []);

function note(fields: Map<string, FormField>, path: string[], field: { type: string | null; required: boolean }, component: FormComponent): void {
  const [name, ...below] = path;
  if (!name || fields.has(name)) return;
  if (below.length) return void fields.set(name, { name, type: "context", required: field.required });
  const label = [component.label, component.dateLabel, component.timeLabel].find((text) => typeof text === "string" && text);
  fields.set(name, { name, ...field, ...(label ? { label } : {}) });
}

/** The forms among the files of a draft, by their id (without one by the name of the file); what is no JSON is left out. */
export function formsOf(files: readonly { name: string; content: string }[]): Record<string, FormSchema> {
  const forms: Record<string, FormSchema> = {};
  for (const { name, content } of files) {
    const schema = name.endsWith(".form") ? schemaIn(content) : null;
    if (schema) forms[schema.id ?? name.replace(/\.form$/, "")] = schema;
  }
  return forms;
}

export function schemaIn(content: string): FormSchema | null {
  try {
    const schema: unknown = JSON.parse(content);
    return schema && typeof schema === "object" && !Array.isArray(schema) ? (schema as FormSchema) : null;
  } catch {
    return null;
  }
}
