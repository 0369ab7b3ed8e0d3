/** What is different between two versions, in words: a list that chooses elements. */
import { language, colon, room } from "../shell/words";
import { limit } from "./limits";
import { post } from "../shell/api";
import type { DraftFile } from "./store";

export interface Detail {
  field: string;
  before: string | null;
  after: string | null;
}
export interface Change {
  kind: "added" | "removed" | "changed";
  elementId: string;
  elementType: string;
  name: string | null;
  details: Detail[];
}
export interface FileChanges {
  file: string;
  kind: "added" | "removed" | "changed";
  changes: Change[];
  moved: string[];
}
type Side = { files: DraftFile[] } | { draftKey: string; revision?: number } | { processDefinitionKey: string };

export const compare = async (before: Side, after: Side): Promise<FileChanges[]> =>
  (await post<{ changes: FileChanges[] }>("/passerelle/v1/comparisons", { before, after })).changes;

const t = room({
  en: {
    added: "new", removed: "removed", changed: "changed", moved: "{n} element only moved || {n} elements only moved", none: "Nothing is different.", fileNew: "new file", fileGone: "file removed", empty: "nothing",
    userTask: "Task", serviceTask: "Service task", sendTask: "Send task", receiveTask: "Receive task", scriptTask: "Script", businessRuleTask: "Decision", callActivity: "Call", subProcess: "Sub-process", task: "Task", manualTask: "Manual task", startEvent: "Start", endEvent: "End", intermediateCatchEvent: "Event", intermediateThrowEvent: "Event", boundaryEvent: "Boundary event", exclusiveGateway: "Choice", parallelGateway: "Parallel", inclusiveGateway: "Inclusive choice", eventBasedGateway: "Event choice", sequenceFlow: "Flow", messageFlow: "Message flow", participant: "Pool", lane: "Lane", process: "Process", message: "Message", textAnnotation: "Note",
    fName: "name", fAccept: "accept within", fComplete: "complete within", fCalendar: "clock", fAck: "acceptance", fChannel: "channel", fAssurance: "assurance", fReturnable: "may be sent back", fField: "field {of}", fFieldOf: "field {of}: {what}", fParty: "party: {what}", fMilestone: "milestone", fTitle: "case title", fKeep: "kept for", fForm: "form", fJob: "job type", fAssignee: "assignee", fGroups: "groups", fUsers: "people", fLane: "lane", fFrom: "from", fTo: "to", fCondition: "condition", fDocs: "documentation", fDue: "due", fType: "type", fDefault: "default way",
  },
  fr: {
    added: "nouveau", removed: "retiré", changed: "modifié", moved: "{n} élément seulement déplacé || {n} éléments seulement déplacés", none: "Rien n'est différent.", fileNew: "nouveau fichier", fileGone: "fichier retiré", empty: "rien",
    userTask: "Tâche", serviceTask: "Tâche de service", sendTask: "Envoi", receiveTask: "Réception", scriptTask: "Script", businessRuleTask: "Décision", callActivity: "Appel", subProcess: "Sous-processus", task: "Tâche", manualTask: "Tâche manuelle", startEvent: "Début", endEvent: "Fin", intermediateCatchEvent: "Événement", intermediateThrowEvent: "Événement", boundaryEvent: "Événement attaché", exclusiveGateway: "Choix", parallelGateway: "Parallèle", inclusiveGateway: "Choix inclusif", eventBasedGateway: "Choix par événement", sequenceFlow: "Flux", messageFlow: "Flux de message", participant: "Bassin", lane: "Couloir", process: "Processus", message: "Message", textAnnotation: "Note",
    fName: "nom", fAccept: "accepter sous", fComplete: "terminer sous", fCalendar: "horloge", fAck: "acceptation", fChannel: "canal", fAssurance: "garantie", fReturnable: "peut être renvoyé", fField: "champ {of}", fFieldOf: "champ {of} : {what}", fParty: "partie : {what}", fMilestone: "étape", fTitle: "titre du dossier", fKeep: "conservé", fForm: "formulaire", fJob: "type de travail", fAssignee: "responsable", fGroups: "groupes", fUsers: "personnes", fLane: "couloir", fFrom: "de", fTo: "à", fCondition: "condition", fDocs: "documentation", fDue: "échéance", fType: "type", fDefault: "voie par défaut",
  },
});

const FIELDS: Record<string, Parameters<typeof t>[0]> = {
  name: "fName", type: "fType", lane: "fLane", sourceRef: "fFrom", targetRef: "fTo", conditionExpression: "fCondition", documentation: "fDocs", default: "fDefault",
  "handoff:contract.acceptWithin": "fAccept", "handoff:contract.completeWithin": "fComplete", "handoff:contract.calendar": "fCalendar", "handoff:contract.acknowledgement": "fAck",
  "handoff:contract.channel": "fChannel", "handoff:contract.assurance": "fAssurance", "handoff:contract.returnable": "fReturnable",
  "handoff:milestone.label": "fMilestone", "handoff:case.title": "fTitle", "handoff:case.keep": "fKeep",
  "zeebe:formDefinition.formId": "fForm", "zeebe:taskDefinition.type": "fJob", "zeebe:assignmentDefinition.assignee": "fAssignee",
  "zeebe:assignmentDefinition.candidateGroups": "fGroups", "zeebe:assignmentDefinition.candidateUsers": "fUsers", "zeebe:taskSchedule.dueDate": "fDue",
};
const DURATIONS = /(acceptWithin|completeWithin|\.keep)$/;
const FIELD = /^handoff:contract\.handoff:field\[(.+?)\](?:\.(\w+))?$/;

export function fieldName(field: string): string {
  void language.value;
  if (FIELDS[field]) return t(FIELDS[field]);
  const of = FIELD.exec(field);
  if (of) return !of[2] || of[2] === "name" ? t("fField", { of: of[1]! }) : t("fFieldOf", { of: of[1]!, what: of[2] });
  if (field.startsWith("handoff:party.")) return t("fParty", { what: field.slice(14) });
  return field.replace(/^zeebe:/, "").replace(/\.zeebe:/g, " ");
}

const said = (detail: Detail, value: string | null): string =>
  value === null ? t("empty") : DURATIONS.test(detail.field) ? limit(value) : value.length > 120 ? `${value.slice(0, 120)}…` : value;

const typeName = (type: string): string => (TYPES.has(type) ? t(type as "task") : type);
const TYPES = new Set(["userTask", "serviceTask", "sendTask", "receiveTask", "scriptTask", "businessRuleTask", "callActivity", "subProcess", "task", "manualTask", "startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent", "exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "sequenceFlow", "messageFlow", "participant", "lane", "process", "message", "textAnnotation"]);

/** Element id -> mark, for a picture of one of the two sides. */
export function marksOf(files: FileChanges[]): Record<string, string> {
  const marks: Record<string, string> = {};
  for (const file of files) for (const one of file.changes) marks[one.elementId] = `was-${one.kind}`;
  return marks;
}

export const countOf = (files: FileChanges[]): number => files.reduce((sum, file) => sum + Math.max(file.changes.length, file.moved.length ? 0 : 1), 0);

export function ChangeList({ files, chosen, onChoose }: { files: FileChanges[]; chosen?: string | null; onChoose?: (change: Change) => void }) {
  if (!files.length) return <p class="muted">{t("none")}</p>;
  return (
    <div>
      {files.map((file) => (
        <section key={file.file}>
          <h3>{file.file} {file.kind !== "changed" && <span class="tag">{t(file.kind === "added" ? "fileNew" : "fileGone")}</span>}</h3>
          <div class="changes">
            {file.changes.map((one) => <Row key={one.elementId + one.kind} one={one} chosen={chosen === one.elementId} onChoose={onChoose} />)}
            {file.moved.length > 0 && <p class="small">{t("moved", { n: file.moved.length })}</p>}
          </div>
        </section>
      ))}
    </div>
  );
}

function Row({ one, chosen, onChoose }: { one: Change; chosen: boolean; onChoose?: (change: Change) => void }) {
  const inside = (
    <>
      <strong>{one.name || one.elementId}</strong> <span class="small">{typeName(one.elementType)} · {t(one.kind)}</span>
      {one.kind !== "removed" && one.details.length > 0 && (
        <ul>
          {one.details.slice(0, 12).map((detail) => (
            <li key={detail.field}>{fieldName(detail.field)}{colon()}{one.kind === "changed" && <><del>{said(detail, detail.before)}</del> → </>}<ins>{said(detail, detail.after)}</ins></li>
          ))}
          {one.details.length > 12 && <li>…</li>}
        </ul>
      )}
    </>
  );
  return onChoose
    ? <button type="button" class={`change ${one.kind}`} aria-current={chosen ? "true" : undefined} onClick={() => onChoose(one)}>{inside}</button>
    : <div class={`change ${one.kind}`}>{inside}</div>;
}
