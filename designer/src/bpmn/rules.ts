/** What the browser sees at once, before the server is asked: handoff rules, ways without an end. Pure, over moddle. */
import { conflictsOf, contractOn, hasJob, nodesOf, partyOf, type Path, throws } from "../handoff/analysis";
import { extension, isA, type Moddle, typeOf } from "../handoff/moddle";
import { room } from "../shell/words";
import { formsOf } from "./form_fields";
import type { Problem } from "./problems";
import { variablesAt } from "./variables";

const t = room({
  en: {
    contract: "Work crosses from “{from}” to “{to}” without a contract: nothing is promised.",
    limit: "The contract from “{from}” to “{to}” has no time limit: nobody will notice when it is late.",
    twice: "Two contracts on one way: “{first}” comes before and promises already. Mending keeps that one.",
    nowhere: "This contract promises nothing: no work crosses from one side to another here.",
    receiver: "This message reaches nothing that waits for it: lead it to a start or catch event, a receive task or a closed pool.",
    silent: "“{from}” throws no message, so nothing is delivered on this flow.",
    field: "“{name}” is to cross here, but nothing sets it before.",
    party: "Nobody said who “{name}” is: the company itself, a partner or a customer?",
    open: "The way ends at “{name}” without an end event.",
  },
  fr: {
    contract: "Le travail passe de « {from} » à « {to} » sans contrat : rien n'est promis.",
    limit: "Le contrat de « {from} » à « {to} » n'a aucun délai : personne ne remarquera un retard.",
    twice: "Deux contrats sur un seul chemin : « {first} » vient avant et promet déjà. La correction garde celui-là.",
    nowhere: "Ce contrat ne promet rien : aucun travail ne passe ici d'un côté à l'autre.",
    receiver: "Rien n'attend ce message : menez-le vers un départ ou une attente, une tâche de réception ou un bassin fermé.",
    silent: "« {from} » n'envoie aucun message : rien n'est transmis sur ce flux.",
    field: "« {name} » doit passer ici, mais rien ne le remplit avant.",
    party: "Qui est « {name} » ? L'entreprise elle-même, un partenaire ou un client ?",
    open: "Le chemin s'arrête à « {name} » sans événement de fin.",
  },
});

const found = (level: Problem["level"], elementId: string, rule: string, message: string, kind?: string, more: object = {}): Problem => ({
  level, elementId, rule, message, ...(kind ? { fix: { kind, ...more } } : {}),
});

/** `files`: of the draft; without its forms nobody knows what they set, and fields are not judged. */
export function problemsOf(definitions: Moddle, paths: Path[], files: readonly { name: string; content: string }[] = []): Problem[] {
  const elements = elementsOf(definitions);
  return [...crossings(definitions, paths, elements), ...messages(elements), ...unset(paths, elements, files), ...strangers(definitions), ...openEnds(elements)];
}

/** The server's findings stand for what the browser found at the same place; its quick fix stays. */
export function together(local: Problem[], server: Problem[]): Problem[] {
  const told = new Set(server.map((problem) => problem.elementId));
  const mended = server.map((problem) => (problem.fix ? problem : { ...problem, fix: local.find((other) => other.elementId === problem.elementId)?.fix }));
  return [...mended, ...local.filter((problem) => !told.has(problem.elementId))];
}

function elementsOf(definitions: Moddle): Map<string, Moddle> {
  const all = new Map<string, Moddle>();
  for (const root of definitions.rootElements ?? []) {
    for (const flow of root.messageFlows ?? []) all.set(flow.id, flow);
    if (typeOf(root) !== "bpmn:Process") continue;
    for (const node of nodesOf(root)) {
      all.set(node.id, node);
      for (const flow of node.outgoing ?? []) all.set(flow.id, flow);
    }
  }
  return all;
}

const isBetweenParties = (path: Path): boolean => path.kind !== "internal" && path.fromSide.role.role !== path.toSide.role.role;

function* crossings(definitions: Moddle, paths: Path[], elements: Map<string, Moddle>): Generator<Problem> {
  const told = new Set<string>();
  for (const path of paths.filter(isBetweenParties)) {
    const flow = path.contract?.flowId ?? path.flowIds.at(-1)!;
    const mentions = { from: path.fromSide.name, to: path.toSide.name };
    if (told.has(flow)) continue;
    told.add(flow);
    if (!path.contract) yield found("warning", flow, "handoff.no-contract", t("contract", mentions), "addContract");
    else if (path.toSide.role.kind === "partner" && asksForWork(path, elements) && !path.contract.acceptWithin && !path.contract.completeWithin) {
      yield found("warning", flow, "handoff.no-limit", t("limit", mentions), "addLimit");
    }
  }
  const conflicts = conflictsOf(definitions);
  const firstOf = new Map(conflicts.map(([first, second]) => [second, first]));
  for (const [second, first] of firstOf) yield found("error", second, "handoff.two-contracts", t("twice", { first: nameOf(elements.get(first)) }), "removeContract");
  const kept = new Set([...paths.flatMap((path) => path.contract?.flowId ?? []), ...conflicts.flat()]);
  for (const [id, flow] of elements) {
    const isIdle = !kept.has(id) && (isA(flow, "bpmn:SequenceFlow") || isA(flow, "bpmn:MessageFlow")) && contractOn(flow);
    if (isIdle) yield found("error", id, "handoff.contract-nowhere", t("nowhere"), "removeContract");
  }
}

/** A flow without a name is told by its ends. */
function nameOf(flow: Moddle): string {
  return flow.name || `${flow.sourceRef.name || flow.sourceRef.id} → ${flow.targetRef.name || flow.targetRef.id}`;
}

function asksForWork(path: Path, elements: Map<string, Moddle>): boolean {
  const target = elements.get(path.to ?? "");
  return Boolean(target) && !["bpmn:EndEvent", "bpmn:IntermediateThrowEvent"].includes(typeOf(target));
}

function* messages(elements: Map<string, Moddle>): Generator<Problem> {
  for (const flow of elements.values()) {
    if (typeOf(flow) !== "bpmn:MessageFlow") continue;
    const { sourceRef: source, targetRef: target } = flow;
    if (isA(source, "bpmn:FlowNode") && !throws(source) && !hasJob(source) && !contractOn(flow)) yield found("warning", flow.id, "handoff.silent", t("silent", { from: source.name || source.id }));
    if (isA(target, "bpmn:FlowNode") && !waitsForMessage(target)) yield found("error", flow.id, "handoff.no-receiver", t("receiver"));
  }
}

function waitsForMessage(node: Moddle): boolean {
  if (typeOf(node) === "bpmn:ReceiveTask") return true;
  const catches = ["bpmn:StartEvent", "bpmn:IntermediateCatchEvent", "bpmn:BoundaryEvent"].includes(typeOf(node));
  return catches && (node.eventDefinitions ?? []).some((each: Moddle) => typeOf(each) === "bpmn:MessageEventDefinition");
}

function* unset(paths: Path[], elements: Map<string, Moddle>, files: readonly { name: string; content: string }[]): Generator<Problem> {
  const forms = formsOf(files);
  if (!Object.keys(forms).length) return;
  for (const path of paths) {
    const flow = elements.get(path.contract?.flowId ?? "");
    const fields = path.contract?.fields.filter((field) => field.required && field.name) ?? [];
    if (!flow || !fields.length || mayBringAnything(elements, forms)) continue;
    const known = new Set(variablesAt(flow, { forms }).map((variable) => variable.name));
    for (const { name } of fields) if (!known.has(name)) yield found("warning", flow.id, "handoff.unset-field", t("field", { name }), "dropField", { name });
  }
}

/** A job's worker, a called process, a message from outside or an unknown form may set what no model shows. */
function mayBringAnything(elements: Map<string, Moddle>, forms: object): boolean {
  return [...elements.values()].some((node) => {
    const formId = extension(node, "zeebe:FormDefinition")?.formId;
    return hasJob(node) || typeOf(node) === "bpmn:CallActivity" || (typeOf(node) === "bpmn:UserTask" && !formId) || (formId && !(formId in forms));
  });
}

/** Once a model says of one pool who it is, the others want to be known too: without a word they are the company itself. */
function* strangers(definitions: Moddle): Generator<Problem> {
  const pools: Moddle[] = (definitions.rootElements ?? []).flatMap((root: Moddle) => root.participants ?? []);
  if (pools.length < 2) return;
  for (const pool of pools) if (!partyOf(pool)) yield found("warning", pool.id, "handoff.no-party", t("party", { name: pool.name || pool.id }), "addParty");
}

function* openEnds(elements: Map<string, Moddle>): Generator<Problem> {
  for (const node of elements.values()) {
    if (!isA(node, "bpmn:FlowNode") || typeOf(node) === "bpmn:EndEvent" || node.outgoing?.length || !node.incoming?.length) continue;
    const links = (node.eventDefinitions ?? []).some((each: Moddle) => /Link|Compensate/.test(typeOf(each)));
    const aside = links || node.isForCompensation || node.triggeredByEvent || typeOf(node.$parent) === "bpmn:AdHocSubProcess";
    if (!aside) yield found("warning", node.id, "way.open-end", t("open", { name: node.name || node.id }), "addEnd");
  }
}
