/** What is wrong with the model: the server's findings and what the browser sees at once; each leads to its element. */
import type { Analysis, Handoff, Moddle } from "../handoff/analysis";
import { contractOn, hasJob, partyOf, throws, within } from "../handoff/analysis";
import { wantsLimit } from "../handoff/words";
import { room } from "../shell/words";
import { Button, Icon } from "../shell/ui";
import type { Edits } from "./edits";
import { type Form, knownAt } from "./variables";
import type { Modeler, Shape } from "./modeler";

export interface Problem {
  level: "error" | "warning";
  file?: string | null;
  elementId: string | null;
  field?: string | null;
  rule: string;
  message: string;
  expression?: { text: string; position: number };
  fix?: { kind: string } & Record<string, unknown>;
}

const t = room({
  en: {
    contract: "Work crosses from “{from}” to “{to}” without a contract: nothing is promised.",
    limit: "The contract from “{from}” to “{to}” has no time limit: nobody will notice when it is late.",
    conflict: "Two contracts stand on one way: “{one}” and “{other}”. One of them has to go.",
    nowhere: "This contract promises nothing: no work crosses from one side to another here.",
    receiver: "This message reaches nothing that waits for it: lead it to a start or catch event, a receive task or a closed pool.",
    silent: "“{from}” throws no message, so nothing is delivered on this flow.",
    field: "“{name}” is to cross here, but nothing sets it before.",
    party: "Nobody said who “{name}” is: the company itself, a partner or a customer?",
    open: "The way ends at “{name}” without an end event.",
    none: "No problems found.", fix: "Fix", select: "Show in the diagram", checking: "Checking…",
    addContract: "Add a contract", addLimit: "Limit of 2 days", removeContract: "Remove the contract", addParty: "Make it a partner", addEnd: "Add an end", dropField: "Take the field out",
    error: "Error", warning: "Warning", at: "At character {n}:", list: "Problems",
  },
  fr: {
    contract: "Le travail passe de « {from} » à « {to} » sans contrat : rien n'est promis.",
    limit: "Le contrat de « {from} » à « {to} » n'a aucun délai : personne ne remarquera un retard.",
    conflict: "Deux contrats sur un même chemin : « {one} » et « {other} ». L'un des deux est de trop.",
    nowhere: "Ce contrat ne promet rien : aucun travail ne passe ici d'un côté à l'autre.",
    receiver: "Rien n'attend ce message : menez-le vers un départ ou une attente, une tâche de réception ou un bassin fermé.",
    silent: "« {from} » n'envoie aucun message : rien n'est transmis sur ce flux.",
    field: "« {name} » doit passer ici, mais rien ne le remplit avant.",
    party: "Qui est « {name} » ? L'entreprise elle-même, un partenaire ou un client ?",
    open: "Le chemin s'arrête à « {name} » sans événement de fin.",
    none: "Aucun problème.", fix: "Corriger", select: "Montrer dans le diagramme", checking: "Vérification…",
    addContract: "Ajouter un contrat", addLimit: "Délai de 2 jours", removeContract: "Retirer le contrat", addParty: "C'est un partenaire", addEnd: "Ajouter une fin", dropField: "Retirer le champ",
    error: "Erreur", warning: "Avertissement", at: "Au caractère {n} :", list: "Problèmes",
  },
});

type Fix = "addContract" | "addLimit" | "removeContract" | "addParty" | "addEnd" | "dropField";

const found = (level: Problem["level"], elementId: string, rule: string, message: string, fix?: Fix, more: object = {}): Problem => ({
  level, elementId, rule, message, ...(fix ? { fix: { kind: fix, ...more } } : {}),
});

/** The handoff rules that need no server. `forms`: of the draft; without any, nobody knows what they set, and fields are not judged. */
export function problemsOf(analysis: Analysis, forms: Form[]): Problem[] {
  return [...crossings(analysis), ...misplaced(analysis), ...unset(analysis, forms), ...strangers(analysis), ...openEnds(analysis)];
}

function* crossings({ handoffs, conflicts, elements }: Analysis): Generator<Problem> {
  const told = new Set<string>();
  for (const handoff of handoffs.filter(wantsLimit)) {
    const flow = handoff.contractFlow ?? handoff.path[handoff.path.length - 1]!;
    if (told.has(flow) || (handoff.contract && !asksForWork(handoff, elements))) continue;
    told.add(flow);
    const mentions = { from: handoff.fromSide.name, to: handoff.toSide.name };
    if (handoff.contract) yield found("warning", flow, "handoff.no-limit", t("limit", mentions), "addLimit");
    else yield found("warning", flow, "handoff.no-contract", t("contract", mentions), "addContract");
  }
  const name = (id: string) => elements.get(id)?.name || id;
  for (const [one, other] of conflicts) yield found("error", other, "handoff.two-contracts", t("conflict", { one: name(one), other: name(other) }), "removeContract");
}

function asksForWork(handoff: Handoff, elements: Map<string, Moddle>): boolean {
  const target = elements.get(handoff.to ?? "");
  return Boolean(target) && target!.$type !== "bpmn:EndEvent" && target!.$type !== "bpmn:IntermediateThrowEvent";
}

function* misplaced({ handoffs, conflicts, contracts, elements }: Analysis): Generator<Problem> {
  const kept = new Set([...handoffs.flatMap((handoff) => handoff.contractFlow ?? []), ...conflicts.flat()]);
  for (const [id] of contracts) if (!kept.has(id)) yield found("error", id, "handoff.contract-nowhere", t("nowhere"), "removeContract");
  for (const flow of elements.values()) {
    if (flow.$type !== "bpmn:MessageFlow") continue;
    const { sourceRef: source, targetRef: target } = flow;
    if (source?.$instanceOf?.("bpmn:FlowNode") && !throws(source) && !contractOn(flow) && !hasJob(source)) {
      yield found("warning", flow.id, "handoff.silent", t("silent", { from: source.name || source.id }));
    }
    if (target?.$instanceOf?.("bpmn:FlowNode") && !waitsForMessage(target)) yield found("error", flow.id, "handoff.no-receiver", t("receiver"));
  }
}

function waitsForMessage(node: Moddle): boolean {
  if (node.$type === "bpmn:ReceiveTask") return true;
  const catches = ["bpmn:StartEvent", "bpmn:IntermediateCatchEvent", "bpmn:BoundaryEvent"].includes(node.$type);
  return catches && ((node.eventDefinitions as Moddle[]) ?? []).some((each) => each.$type === "bpmn:MessageEventDefinition");
}

function* unset(analysis: Analysis, forms: Form[]): Generator<Problem> {
  if (!forms.length) return;
  for (const handoff of analysis.handoffs) {
    if (!handoff.from || !handoff.contract) continue;
    const fields = ((handoff.contract.fields as Moddle[]) ?? []).filter((field) => field.required && field.name);
    if (!fields.length) continue;
    const known = new Set(knownAt(handoff.from, analysis, forms).map((variable) => variable.name));
    if (bringsAnything(handoff.from, analysis, forms)) continue;
    for (const field of fields) {
      if (!known.has(field.name!)) yield found("warning", handoff.contractFlow!, "handoff.unset-field", t("field", { name: field.name! }), "dropField", { name: field.name });
    }
  }
}

/** A job's worker, a called process or an unknown form may set what no model shows. */
function bringsAnything(from: string, analysis: Analysis, forms: Form[]): boolean {
  const process = [...analysis.elements.values()].find((each) => each.$type === "bpmn:Process" && [...within(each)].some((node) => node.id === from));
  const open = ["bpmn:ServiceTask", "bpmn:SendTask", "bpmn:CallActivity", "bpmn:ScriptTask", "bpmn:BusinessRuleTask", "bpmn:ReceiveTask"];
  const ids = new Set(forms.map((form) => form.id));
  return [...(process ? within(process) : [])].some((node) => {
    const form = (node.extensionElements?.values as Moddle[] | undefined)?.find((each) => each.$type === "zeebe:FormDefinition");
    return open.includes(node.$type) || (node.$type === "bpmn:UserTask" && !form) || (form && !ids.has(String(form.formId)));
  });
}

/** Once a model says of one pool who it is, the others want to be known too: without a word they are the company itself. */
function* strangers({ elements }: Analysis): Generator<Problem> {
  const pools = [...elements.values()].filter((each) => each.$type === "bpmn:Participant");
  if (pools.length < 2) return;
  for (const pool of pools) if (!partyOf(pool)) yield found("warning", pool.id, "handoff.no-party", t("party", { name: pool.name || pool.id }), "addParty");
}

function* openEnds({ elements }: Analysis): Generator<Problem> {
  for (const node of elements.values()) {
    if (!node.$instanceOf?.("bpmn:FlowNode") || node.$type === "bpmn:EndEvent" || (node.outgoing as Moddle[] | undefined)?.length) continue;
    const links = ((node.eventDefinitions as Moddle[]) ?? []).some((each) => /Link|Compensate/.test(each.$type));
    const aside = links || node.isForCompensation || node.triggeredByEvent || node.$parent?.$type === "bpmn:AdHocSubProcess";
    if (!aside && (node.incoming as Moddle[] | undefined)?.length) yield found("warning", node.id, "way.open-end", t("open", { name: node.name || node.id }), "addEnd");
  }
}

const LOCAL: Fix[] = ["addContract", "addLimit", "removeContract", "addParty", "addEnd", "dropField"];

/** One command; false where the fix is none that this browser knows. */
export function mend(problem: Problem, modeler: Modeler): boolean {
  const kind = problem.fix?.kind as Fix;
  const registry = modeler.get("elementRegistry") as { get(id: string): Shape | undefined };
  const element = registry.get(problem.elementId ?? "");
  if (!element || !LOCAL.includes(kind)) return false;
  const edits = modeler.get("edits") as Edits;
  const owner = element.businessObject;
  const contract = contractOn(owner);
  const deeds: Record<Fix, () => void> = {
    addContract: () => edits.extend(element, owner, "handoff:Contract", { acceptWithin: "P1D", completeWithin: "P2D", calendar: "working" }),
    addLimit: () => edits.extend(element, owner, "handoff:Contract", contract?.acknowledgement === "none" ? { completeWithin: "P2D" } : { acceptWithin: "P1D", completeWithin: "P2D" }),
    removeContract: () => edits.without(element, owner, "handoff:Contract"),
    addParty: () => edits.extend(element, owner, "handoff:Party", { kind: "partner" }),
    dropField: () => contract && edits.below(element, contract, { fields: (contract.fields as Moddle[]).filter((field) => field.name !== problem.fix!.name) }),
    addEnd: () => (modeler.get("autoPlace") as { append(source: Shape, shape: object): void }).append(
      element, (modeler.get("elementFactory") as { createShape(of: object): object }).createShape({ type: "bpmn:EndEvent" }),
    ),
  };
  deeds[kind]();
  return true;
}

/** The server's findings stand for what the browser found at the same place. */
export function together(local: Problem[], server: Problem[]): Problem[] {
  const told = new Set(server.map((problem) => problem.elementId));
  const all = [...server.map((problem) => ({ ...problem, fix: problem.fix ?? local.find((other) => other.elementId === problem.elementId)?.fix })),
    ...local.filter((problem) => !told.has(problem.elementId))];
  return all.sort((one, other) => Number(one.level !== "error") - Number(other.level !== "error"));
}

interface ListProps {
  problems: Problem[];
  nameOf: (id: string) => string;
  onSelect: (problem: Problem) => void;
  onFix: (problem: Problem) => void;
}

export function Problems({ problems, nameOf, onSelect, onFix }: ListProps) {
  if (!problems.length) return <p class="dock-empty"><Icon name="check" /> {t("none")}</p>;
  return (
    <ul class="problem-list" aria-label={t("list")}>
      {problems.map((problem, at) => (
        <li key={`${problem.elementId}${problem.rule}${problem.message}${at}`} class={problem.level}>
          <button type="button" class="problem" title={t("select")} onClick={() => onSelect(problem)}>
            <Icon name={problem.level === "error" ? "error" : "warning"} label={t(problem.level)} />
            {problem.elementId && <span class="where">{nameOf(problem.elementId)}</span>}
            <span class="what">
              {problem.message}
              {problem.expression && <Expression {...problem.expression} />}
            </span>
          </button>
          {problem.fix && LOCAL.includes(problem.fix.kind as Fix) && (
            <Button class="small-button" onClick={() => onFix(problem)}>{t(problem.fix.kind as Fix)}</Button>
          )}
        </li>
      ))}
    </ul>
  );
}

function Expression({ text, position }: { text: string; position: number }) {
  return (
    <span class="expression">
      <span class="hidden">{t("at", { n: position + 1 })}</span>
      <code>{text.slice(0, position)}<mark>{text.slice(position, position + 1) || " "}</mark>{text.slice(position + 1)}</code>
    </span>
  );
}
