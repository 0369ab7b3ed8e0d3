/** A case without a drawing: its steps as a list, with what stands where. */
import { useMemo } from "preact/hooks";
import { type Standing, stands } from "../handoff/badges";
import { room } from "../shell/words";
import type { Handoff } from "./case";
import type { Mark } from "./marks";
import { partsOf, type Step } from "./steps";

const t = room({
  en: {
    lead: "This model has no drawing. Its steps, in the order in which work comes to them:", steps: "Steps", here: "{n} here now || {n} here now", incidents: "{n} incident || {n} incidents", passed: "passed", times: "passed {n} times", to: "to {side}",
    task: "Task", userTask: "Task", manualTask: "By hand", serviceTask: "Program", sendTask: "Sends", receiveTask: "Receives", scriptTask: "Script", businessRuleTask: "Decision", callActivity: "Calls", subProcess: "Part", adHocSubProcess: "Part", transaction: "Part",
    startEvent: "Begin", endEvent: "End", intermediateCatchEvent: "Waits", intermediateThrowEvent: "Event", boundaryEvent: "Meanwhile", exclusiveGateway: "Choice", inclusiveGateway: "Choice", parallelGateway: "At once", eventBasedGateway: "Whatever is first", complexGateway: "Choice",
  },
  fr: {
    lead: "Ce modèle n'a pas de dessin. Ses étapes, dans l'ordre où le travail y arrive :", steps: "Étapes", here: "{n} ici maintenant || {n} ici maintenant", incidents: "{n} incident || {n} incidents", passed: "passé", times: "passé {n} fois", to: "vers {side}",
    task: "Tâche", userTask: "Tâche", manualTask: "À la main", serviceTask: "Programme", sendTask: "Envoie", receiveTask: "Reçoit", scriptTask: "Script", businessRuleTask: "Décision", callActivity: "Appelle", subProcess: "Partie", adHocSubProcess: "Partie", transaction: "Partie",
    startEvent: "Début", endEvent: "Fin", intermediateCatchEvent: "Attend", intermediateThrowEvent: "Événement", boundaryEvent: "Pendant ce temps", exclusiveGateway: "Choix", inclusiveGateway: "Choix", parallelGateway: "En parallèle", eventBasedGateway: "Le premier venu", complexGateway: "Choix",
  },
});
type Word = Parameters<typeof t>[0];

export interface Props {
  xml: string;
  marks: Mark[];
  /** The newest handoff that begins with this flow, and how it stands. */
  crossing?: (flowId: string) => { handoff: Handoff; standing: Standing } | null;
  selected: string | null;
  onSelect: (elementId: string | null) => void;
}

export default function StepsView(props: Props) {
  const parts = useMemo(() => partsOf(props.xml), [props.xml]);
  const marks = useMemo(() => new Map(props.marks.map((mark) => [mark.elementId, mark])), [props.marks]);
  return (
    <div class="live-steps" role="region" aria-label={t("steps")} tabIndex={0}>
      <p class="muted">{t("lead")}</p>
      {parts.map((part) => (
        <section key={part.id}>
          <h2>{part.name}</h2>
          <List {...props} steps={part.steps} marks={marks} />
        </section>
      ))}
    </div>
  );
}

function List({ steps, marks, ...props }: Omit<Props, "marks"> & { steps: Step[]; marks: Map<string, Mark> }) {
  return (
    <ol>{steps.map((step) => {
      const mark = marks.get(step.id);
      const state = mark?.incidents ? "stuck" : mark?.active ? "active" : mark?.completed ? "done" : "";
      const crossings = step.leaves.flatMap((flow) => props.crossing?.(flow) ?? []);
      return (
        <li key={step.id} class={`${state} ${step.id === props.selected ? "chosen" : ""}`} aria-current={mark?.active ? "step" : undefined}>
          <div class="live-row">
            <span><button type="button" class="live-link" onClick={() => props.onSelect(step.id)}>{step.name || t(step.type as Word)}</button> {step.name && <span class="small">{t(step.type as Word)}</span>}{step.lane && <span class="small"> · {step.lane}</span>}</span>
            {!!mark?.active && <span class="tag good">{t("here", { n: mark.active })}</span>}
            {!!mark?.incidents && <span class="tag late">{t("incidents", { n: mark.incidents })}</span>}
            {!!mark?.completed && <span class="small">{mark.completed > 1 ? t("times", { n: mark.completed }) : t("passed")}</span>}
          </div>
          {crossings.map(({ handoff, standing }) => (
            <p class="small" key={handoff.handoffKey}><span class={`tag kind ${handoff.kind === "internal" ? "host" : handoff.kind}`}>{t("to", { side: handoff.toSide })}</span> <span class={standing.late ? "bad" : ""}>{stands(standing, 2).join(" · ")}</span></p>
          ))}
          {step.steps.length > 0 && <List {...props} steps={step.steps} marks={marks} />}
        </li>
      );
    })}</ol>
  );
}
