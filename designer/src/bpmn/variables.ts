/**
 * Which variables are known at an element: what may have been set on some way to it. Pure, over moddle; linear in the size of the model.
 * Scopes are those of the engine: an element sees its parents' variables; results without output mapping go up to the scope that owns the name.
 */
import { formFields, schemaIn, type FormSchema } from "./form_fields";

/** `origin`: id of the element or flow that sets it. `type`: that of a contract's field, null where the model does not tell. */
export interface Variable { name: string; type: string | null; origin: string; label?: string }

/** `entering`: as its input mappings see it; `working`: with its own inputs; `leaving`: with its own results, as output mappings see it. */
export type Moment = "entering" | "working" | "leaving";

/** Form-js schemas by the id of the form. */
export type Forms = Readonly<Record<string, FormSchema>>;

// moddle's elements are as their descriptions say; the packages bring no types
type Moddle = any;
type Known = Map<string, Variable>;
/** `written` and `entries` are found once for each element; an entry that is still being found (a process that calls itself) is null. */
interface Asking { forms: Forms; written: Map<Moddle, Known>; entries: Map<Moddle, Known | null>; roots: Moddle[] }
interface Edge { from: Moddle; flow: Moddle | null }

/**
 * The nearest setter of a name comes first. At a sequence flow: what is known behind its source. At a message flow: what its sender may
 * send. At a process, pool or lane: everything that is ever set in it. The model needs the descriptions `zeebe` and `handoff`.
 */
export function variablesAt(element: Moddle, { forms = {}, moment = "working" }: { forms?: Forms; moment?: Moment } = {}): Variable[] {
  const asked = askable(element);
  if (!asked) return [];
  const asking: Asking = { forms, written: new Map(), entries: new Map(), roots: definitionsOf(asked)?.rootElements ?? [] };
  return [...knownAt(asking, asked, moment).values()];
}

function knownAt(asking: Asking, element: Moddle, moment: Moment): Known {
  if (is(element, "bpmn:SequenceFlow")) return behind(asking, { from: element.sourceRef, flow: null });
  if (is(element, "bpmn:MessageFlow")) return knownToSender(asking, element.sourceRef);
  if (is(element, "bpmn:FlowNode")) return knownAtNode(asking, element, moment);
  const process = is(element, "bpmn:Participant") ? element.processRef : up(element, (each) => is(each, "bpmn:Process"));
  return process ? merged(writtenIn(asking, process), onEntry(asking, process)) : new Map();
}

function knownAtNode(asking: Asking, node: Moddle, moment: Moment): Known {
  const before = knownBefore(asking, node);
  if (moment === "entering") return shadowing(loopLocals(node), before);
  const locals = shadowing(inputs(node, before), loopLocals(node));
  if (moment === "working") return shadowing(locals, before);
  const results = merged(resultsOf(asking, node), isScope(node) ? writtenIn(asking, node) : new Map());
  return shadowing(results, locals, before);
}

function knownToSender(asking: Asking, sender: Moddle): Known {
  if (is(sender, "bpmn:FlowNode")) return merged(written(asking, sender), knownAtNode(asking, sender, "leaving"));
  return sender?.processRef ? knownAt(asking, sender, "leaving") : new Map();
}

const behind = (asking: Asking, { from }: Edge): Known => (from ? merged(written(asking, from), knownBefore(asking, from)) : new Map());

// ── the way to an element ────────────────────────────────────────────────────

/** What may be set before a node, in its scope and those around it. */
function knownBefore(asking: Asking, node: Moddle): Known {
  const scope = node.$parent;
  const known: Known = new Map();
  const crossed: Known = new Map();
  const edges = edgesInto(scope);
  const isFree = is(scope, "bpmn:AdHocSubProcess") || node.isForCompensation; // begun at any time: whatever stands beside it may be over
  const queue: Moddle[] = isFree ? nodesIn(scope).filter((each) => each !== node) : [node];
  const seen = new Set<Moddle>(queue);
  if (isFree) for (const each of queue) add(known, written(asking, each));
  for (let i = 0; i < queue.length; i++) {
    for (const { from, flow } of edges.get(queue[i]) ?? []) {
      add(crossed, fieldsOf(flow));
      const whole = !(is(queue[i], "bpmn:BoundaryEvent") && queue[i].attachedToRef === from);
      // an interrupted element gave no results, an interrupted sub-process those of its elements
      add(known, whole ? written(asking, from) : isScope(from) ? writtenIn(asking, from) : new Map());
      if (seen.has(from)) continue;
      seen.add(from);
      queue.push(from);
    }
  }
  return merged(known, crossed, onEntry(asking, scope));
}

/** What is known in a scope before anything in it happened. */
function onEntry(asking: Asking, scope: Moddle): Known {
  const found = asking.entries.get(scope);
  if (!scope || found !== undefined) return found ?? new Map();
  asking.entries.set(scope, null);
  const known = is(scope, "bpmn:Process") ? knownToCallers(asking, scope) : aroundSubProcess(asking, scope);
  asking.entries.set(scope, known);
  return known;
}

function aroundSubProcess(asking: Asking, scope: Moddle): Known {
  if (!is(scope, "bpmn:SubProcess")) return new Map();
  const anyTime = (): Known => merged(writtenIn(asking, scope.$parent), onEntry(asking, scope.$parent));
  const around = scope.triggeredByEvent ? anyTime() : knownBefore(asking, scope);
  return shadowing(inputs(scope, around), loopLocals(scope), around);
}

function knownToCallers(asking: Asking, process: Moddle): Known {
  const known: Known = new Map();
  const nodes = asking.roots.flatMap((root) => (is(root, "bpmn:Process") ? allNodesIn(root) : []));
  for (const caller of nodes.filter((node) => calledBy(asking, node) === process)) {
    const before = knownBefore(asking, caller);
    add(known, shadowing(inputs(caller, before), loopLocals(caller)));
    if (extension(caller, "zeebe:CalledElement").propagateAllParentVariables !== false) add(known, before);
  }
  return known;
}

/** For each node the ways that lead into it: flows, the element that a boundary event sits on, the other end of a link. */
function edgesInto(scope: Moddle): Map<Moddle, Edge[]> {
  const edges = new Map<Moddle, Edge[]>();
  const put = (to: Moddle, edge: Edge): void => void (edges.get(to)?.push(edge) ?? edges.set(to, [edge]));
  const links = new Map<string, Moddle[]>();
  for (const element of scope?.flowElements ?? []) {
    const { sourceRef, targetRef, attachedToRef } = element;
    if (is(element, "bpmn:SequenceFlow") && sourceRef && targetRef) put(targetRef, { from: sourceRef, flow: element });
    if (is(element, "bpmn:BoundaryEvent") && attachedToRef) put(element, { from: attachedToRef, flow: null });
    const link = is(element, "bpmn:IntermediateThrowEvent") ? linkOf(element) : null;
    if (link) links.set(link, [...(links.get(link) ?? []), element]);
  }
  for (const element of scope?.flowElements ?? []) {
    const link = is(element, "bpmn:IntermediateCatchEvent") ? linkOf(element) : null;
    for (const from of (link && links.get(link)) || []) put(element, { from, flow: null });
  }
  return edges;
}

const linkOf = (event: Moddle): string | null => event.eventDefinitions?.find((each: Moddle) => is(each, "bpmn:LinkEventDefinition"))?.name ?? null;

// ── what an element sets ─────────────────────────────────────────────────────

/** What stays when an element is over: its output mappings, without any its results. */
function written(asking: Asking, node: Moddle): Known {
  const found = asking.written.get(node);
  if (found) return found;
  asking.written.set(node, new Map()); // a process that calls itself ends here
  const results = resultsOf(asking, node);
  const mapped = outputs(node, shadowing(results, inputs(node, new Map()), loopLocals(node)));
  const known = mapped ?? merged(results, isScope(node) ? writtenIn(asking, node) : new Map());
  add(known, collections(node));
  asking.written.set(node, known);
  return known;
}

/** What the elements of a scope set and that leaves it: not what the scope has of its own. */
function writtenIn(asking: Asking, scope: Moddle): Known {
  const known: Known = new Map();
  for (const node of nodesIn(scope)) add(known, written(asking, node));
  for (const element of scope?.flowElements ?? []) if (is(element, "bpmn:SequenceFlow")) add(known, fieldsOf(element));
  if (!is(scope, "bpmn:SubProcess")) return known;
  for (const name of merged(inputs(scope, new Map()), loopLocals(scope)).keys()) known.delete(name);
  return known;
}

/** What an element itself finds out, before its output mappings. */
function resultsOf(asking: Asking, node: Moddle): Known {
  const known: Known = new Map();
  add(known, formOf(asking, node));
  const script = extension(node, "zeebe:Script");
  if (script.resultVariable) put(known, node, script.resultVariable, typeOf(script.expression, known));
  const { resultVariable } = extension(node, "zeebe:CalledDecision");
  if (resultVariable) put(known, node, resultVariable, null);
  if (is(node, "bpmn:CatchEvent") || is(node, "bpmn:ReceiveTask")) add(known, received(asking, node));
  const called = calledBy(asking, node);
  if (called && extension(node, "zeebe:CalledElement").propagateAllChildVariables !== false) add(known, from(node, writtenIn(asking, called)));
  return known;
}

function formOf(asking: Asking, node: Moddle): Known {
  const { formId, formKey } = extension(node, "zeebe:FormDefinition");
  const schema = formId ? asking.forms[formId] : embedded(node, formKey);
  const known: Known = new Map();
  for (const { name, type, label } of schema ? formFields(schema) : []) put(known, node, name, type, label);
  return known;
}

/** A form of older files, kept in the process itself: formKey `camunda-forms:bpmn:<id>`. */
function embedded(node: Moddle, formKey: unknown): FormSchema | null {
  if (typeof formKey !== "string") return null;
  const id = formKey.replace(/^camunda-forms:bpmn:/, "");
  const process = up(node, (each) => is(each, "bpmn:Process"));
  const form = process?.extensionElements?.values?.find((each: Moddle) => each.$type === "zeebe:UserTaskForm" && each.id === id);
  return form?.body ? schemaIn(form.body) : null;
}

/** What the message flows bring: the fields of the contract, without one what the sender's output mapping names. */
function received(asking: Asking, node: Moddle): Known {
  const known: Known = new Map();
  const flows = asking.roots.flatMap((root) => root.messageFlows ?? []).filter((flow) => flow.targetRef === node && !isJob(flow.sourceRef));
  for (const flow of flows) {
    const sender = flow.sourceRef;
    const sent = contractOf(flow) ? fieldsOf(flow) : is(sender, "bpmn:FlowNode") ? outputs(sender, inputs(sender, new Map())) : null;
    if (sent) add(known, from(node, sent));
  }
  return known;
}

/** A worker sends by itself: what is drawn from it delivers nothing. */
const isJob = (sender: Moddle): boolean => !!extension(sender, "zeebe:TaskDefinition").type;

const contractOf = (flow: Moddle): Moddle | null => extensionOf(flow, "handoff:Contract");

function fieldsOf(flow: Moddle): Known {
  const known: Known = new Map();
  for (const { name, type, label } of contractOf(flow)?.fields ?? []) if (name) put(known, flow, name, type && type !== "any" ? type : null, label);
  return known;
}

function collections(node: Moddle): Known {
  const known: Known = new Map();
  const name = loopOf(node).outputCollection ?? extension(node, "zeebe:AdHoc").outputCollection;
  if (name) put(known, node, name, "list");
  return known;
}

// ── mappings, loops, types ───────────────────────────────────────────────────

function inputs(node: Moddle, around: Known): Known {
  return mapping(node, extension(node, "zeebe:IoMapping").inputParameters, around) ?? new Map();
}

function outputs(node: Moddle, around: Known): Known | null {
  return mapping(node, extension(node, "zeebe:IoMapping").outputParameters, around);
}

/** A dotted target makes a context of its first part. */
function mapping(node: Moddle, parameters: Moddle[] | undefined, around: Known): Known | null {
  if (!parameters?.length) return null;
  const known: Known = new Map();
  for (const { source, target } of parameters) {
    const [name, ...below] = String(target ?? "").trim().split(".");
    if (!name) continue;
    const same = typeof source === "string" ? around.get(source.replace(/^=\s*/, "").trim()) : undefined;
    put(known, node, name, below.length ? "context" : typeOf(source, around), below.length ? undefined : same?.label);
  }
  return known;
}

const loopOf = (node: Moddle): Moddle => extension(node?.loopCharacteristics, "zeebe:LoopCharacteristics");

function loopLocals(node: Moddle): Known {
  const known: Known = new Map();
  if (!node?.loopCharacteristics) return known;
  const { inputElement } = loopOf(node);
  if (inputElement) put(known, node, inputElement, null);
  put(known, node, "loopCounter", "number");
  return known;
}

/** Types that can be read off an expression without running it. */
const SHAPES: [RegExp, string][] = [
  [/^"(?:[^"\\]|\\.)*"$/, "string"],
  [/^-?\d+(\.\d+)?$/, "number"],
  [/^(true|false)$/, "boolean"],
  [/^(count|sum|mean|min|max|round|floor|ceiling|number|abs|string length)\s*\([^()]*\)$/, "number"],
  [/^(string|upper case|lower case|substring|string join|trim)\s*\([^()]*\)$/, "string"],
  [/^(now|today|date|date and time)\s*\([^()]*\)$/, "date"],
  [/^\[[^[\]]*\]$/, "list"],
  [/^\{[^{}]*\}$/, "context"],
];

function typeOf(source: unknown, known: Known): string | null {
  if (typeof source !== "string" || !source) return null;
  if (!source.startsWith("=")) return "string";
  const expression = source.slice(1).trim();
  return known.get(expression)?.type ?? SHAPES.find(([shape]) => shape.test(expression))?.[1] ?? null;
}

// ── reading the model ────────────────────────────────────────────────────────

const is = (element: Moddle, type: string): boolean => element?.$instanceOf?.(type) ?? false;
const isScope = (node: Moddle): boolean => is(node, "bpmn:SubProcess");
const nodesIn = (scope: Moddle): Moddle[] => (scope?.flowElements ?? []).filter((each: Moddle) => is(each, "bpmn:FlowNode"));
const allNodesIn = (scope: Moddle): Moddle[] => nodesIn(scope).flatMap((node) => (isScope(node) ? [node, ...allNodesIn(node)] : [node]));

function extensionOf(element: Moddle, type: string): Moddle | null {
  return element?.extensionElements?.values?.find((each: Moddle) => each.$type === type) ?? null;
}

/** An empty object where there is none: its properties then are undefined. */
const extension = (element: Moddle, type: string): Moddle => extensionOf(element, type) ?? {};

function calledBy(asking: Asking, node: Moddle): Moddle | null {
  if (!is(node, "bpmn:CallActivity")) return null;
  const { processId } = extension(node, "zeebe:CalledElement");
  return asking.roots.find((root) => is(root, "bpmn:Process") && root.id === processId) ?? null;
}

function up(element: Moddle, fits: (element: Moddle) => boolean): Moddle | null {
  let at = element;
  while (at && !fits(at)) at = at.$parent;
  return at ?? null;
}

const definitionsOf = (element: Moddle): Moddle | null => up(element, (each) => is(each, "bpmn:Definitions"));

const ASKABLE = ["bpmn:FlowNode", "bpmn:SequenceFlow", "bpmn:MessageFlow", "bpmn:Participant", "bpmn:Lane", "bpmn:Process"];
/** A condition, a timer or a mapping is asked for as the element that has it. */
const askable = (element: Moddle): Moddle | null => up(element, (each) => ASKABLE.some((type) => is(each, type)));

function put(known: Known, origin: Moddle, name: string, type: string | null, label?: string): void {
  known.set(name, { name, type, origin: origin.id, ...(label ? { label } : {}) });
}

/** The same variables, as they arrive at an element of another process. */
const from = (origin: Moddle, known: Known): Known => new Map([...known].map(([name, variable]) => [name, { ...variable, origin: origin.id }]));

/** The first to set a name stays its origin; type and label come from whoever knows them. */
function add(known: Known, more: Known): void {
  for (const [name, variable] of more) {
    const mine = known.get(name);
    if (!mine) known.set(name, variable);
    else if (lacks(mine, variable)) known.set(name, { ...variable, ...mine, type: mine.type ?? variable.type });
  }
}

const lacks = (mine: Variable, other: Variable): boolean => (mine.type === null && other.type !== null) || (!mine.label && !!other.label);

/** Inner scopes hide what is outside: nothing is known of a name but what the innermost says. */
const shadowing = (...scopes: Known[]): Known => new Map(scopes.reverse().flatMap((known) => [...known]));

function merged(...parts: Known[]): Known {
  const known: Known = new Map();
  for (const part of parts) add(known, part);
  return known;
}
