/** A task: who does it, with which form, until when; or which program, decision or process. */
import { useState } from "preact/hooks";
import { extension } from "../../handoff/moddle";
import { badgeFlow } from "../../handoff/layer";
import { WorkerDialog } from "../../live/workers";
import { Button } from "../../shell/ui";
import { Check, Choice, Feel, Limit, Radios, Section, Text } from "./controls";
import type { Drawing } from "./drawing";
import { Inputs, Outputs } from "./mappings";
import { dueIn, dueWithin } from "./times";
import { t } from "./words";

const HOW = { groups: "candidateGroups", person: "assignee", people: "candidateUsers" } as const;
type How = keyof typeof HOW;

export function Who({ edits, element, model, side, variables, goTo }: Drawing) {
  const definition = extension(model, "zeebe:AssignmentDefinition");
  const said = (Object.keys(HOW) as How[]).find((how) => definition?.[HOW[how]]);
  const now = said ?? "lane";
  const [wanted, want] = useState<{ how: How | "lane"; of: string } | null>(null);
  if (wanted && wanted.of !== now) want(null); // what the model says is shown, also after an undo
  const how = wanted?.of === now ? wanted.how : now;
  const set = (name: How | "lane", value: string) => {
    const values = Object.fromEntries(Object.entries(HOW).map(([each, attribute]) => [attribute, each === name ? value || undefined : undefined]));
    edits.extend(element, model, "zeebe:AssignmentDefinition", values);
  };
  return (
    <Section title={t(model.$instanceOf?.("bpmn:Activity") ? "who" : "whose")}>
      {side ? (
        <p class="belongs">{t("of")} <button type="button" class="link" onClick={() => goTo(side.id)}>{side.name}</button> <span class={`kind-mark ${side.role.kind}`}>{t(side.role.kind)}</span></p>
      ) : <p class="hint">{t("noside")}</p>}
      {model.$type === "bpmn:UserTask" && (
        <>
          <Choice quiet label={t("pick")} value={how} options={[["lane", t("lane_everyone", { name: side?.name ?? "" })], ["groups", t("groups")], ["person", t("person")], ["people", t("people")]]}
            onChange={(chosen) => {
              want({ how: chosen as How | "lane", of: now });
              if (chosen === "lane" && definition) set("lane", "");
            }} />
          {how !== "lane" && <Feel mixed label={t(how)} quiet value={String(definition?.[HOW[how]] ?? "")} variables={variables}
            hint={t(`${how === "groups" ? "group" : how}Hint`)} onChange={(value) => set(how, value)} />}
        </>
      )}
    </Section>
  );
}

/** A task that says nothing of how it is done: a case would run through it, and nobody would hear of it. */
export function How({ modeler, element }: Drawing) {
  return (
    <Section title={t("how")}>
      <p class="hint">{t("howHint")}</p>
      <Radios label={t("how")} value="" options={[["bpmn:UserTask", t("byPerson")], ["bpmn:ServiceTask", t("byProgram")], ["bpmn:BusinessRuleTask", t("byDecision")]]}
        onChange={(type) => void modeler.get("bpmnReplace").replaceElement(element, { type })} />
    </Section>
  );
}

export function FormChoice({ edits, element, model, forms, onOpenForm }: Drawing) {
  const chosen = String(extension(model, "zeebe:FormDefinition")?.formId ?? "");
  const options: [string, string][] = [["", t("noform")], ...Object.keys(forms).map((id): [string, string] => [id, id])];
  if (chosen && !(chosen in forms)) options.push([chosen, t("unknownForm", { id: chosen })]);
  const choose = (id: string) =>
    id ? edits.extend(element, model, "zeebe:FormDefinition", { formId: id, formKey: undefined }) : edits.without(element, model, "zeebe:FormDefinition");
  return (
    <Section title={t("form")}>
      <div class="beside">
        <Choice quiet label={t("form")} value={chosen} options={options} onChange={choose} />
        {onOpenForm && <Button onClick={() => onOpenForm(chosen || null, model.id)}>{chosen ? t("open") : t("newForm")}</Button>}
      </div>
    </Section>
  );
}

export function Due({ edits, element, model, variables }: Drawing) {
  const schedule = extension(model, "zeebe:TaskSchedule");
  const value = String(schedule?.dueDate ?? "");
  const within = dueWithin(value);
  const [wanted, want] = useState<string | null>(null);
  const how = value && within === null ? "feel" : wanted ?? "within";
  const set = (dueDate: string) => edits.extend(element, model, "zeebe:TaskSchedule", { dueDate: dueDate || undefined });
  return (
    <Section title={t("due")}>
      {how === "within"
        ? <Limit label={t("within")} value={within ?? ""} onChange={(iso) => set(dueIn(iso))} hint={t("fromStart")} />
        : <Feel mixed label={t("byFeel")} value={value} variables={variables} onChange={set} hint={t("t_hint")} />}
      {(how === "within" || within !== null || !value) && (
        <button type="button" class="link small" onClick={() => want(how === "within" ? "feel" : "within")}>{how === "within" ? t("byFeel") : t("within")}</button>
      )}
    </Section>
  );
}

/** `isOptional`: without a program Passerelle sends the message itself. */
export function Job(drawing: Drawing & { isOptional?: boolean }) {
  const { edits, element, model, isOptional } = drawing;
  const definition = extension(model, "zeebe:TaskDefinition");
  const [shown, show] = useState(false);
  const set = (values: object) => edits.extend(element, model, "zeebe:TaskDefinition", values as Record<string, unknown>);
  const type = String(definition?.type ?? "");
  return (
    <>
      <Section title={t("job")} open={!isOptional || Boolean(type)}>
        {isOptional && !type && <p class="hint">{t("jobOptional")}</p>}
        <Text label={t("jobType")} value={type} hint={t("jobHint")} onChange={(type) => set({ type: type || undefined })} />
        {definition && <Text label={t("retries")} value={String(definition.retries ?? "3")} hint={t("retriesHint")} onChange={(retries) => set({ retries: retries === "3" ? undefined : retries || undefined })} />}
        {type && !type.startsWith("=") && <Button onClick={() => show(true)}>{t("worker")}</Button>}
        {shown && <WorkerDialog type={type} onClose={() => show(false)} />}
      </Section>
      {(!isOptional || type) && <><Inputs {...drawing} /><Outputs {...drawing} /></>}
    </>
  );
}

export function Decision(drawing: Drawing) {
  const { edits, element, model, decisions } = drawing;
  const called = extension(model, "zeebe:CalledDecision");
  const set = (values: object) => edits.extend(element, model, "zeebe:CalledDecision", values as Record<string, unknown>);
  return (
    <>
      <Section title={t("decision")}>
        <Text label={t("decisionId")} value={String(called?.decisionId ?? "")} list={decisions} hint={t("decisionHint")} onChange={(decisionId) => set({ decisionId: decisionId || undefined })} />
        <Text label={t("result")} value={String(called?.resultVariable ?? "")} hint={t("resultHint")} onChange={(resultVariable) => set({ resultVariable: resultVariable || undefined })} />
      </Section>
      <Inputs {...drawing} open={false} />
      <Outputs {...drawing} open={false} hint={t("resultKept")} />
    </>
  );
}

export function Call(drawing: Drawing) {
  const { edits, element, model, processes } = drawing;
  const called = extension(model, "zeebe:CalledElement");
  const set = (values: object) => edits.extend(element, model, "zeebe:CalledElement", values as Record<string, unknown>);
  const getsAll = called?.propagateAllParentVariables !== false;
  const givesAll = called?.propagateAllChildVariables !== false;
  return (
    <>
      <Section title={t("call")}>
        <Text label={t("calledId")} value={String(called?.processId ?? "")} list={processes} hint={t("calledHint")} onChange={(processId) => set({ processId: processId || undefined })} />
        <Check label={t("getsAll")} value={getsAll} onChange={(all) => set({ propagateAllParentVariables: all ? undefined : false })} />
        <Check label={t("givesAll")} value={givesAll} onChange={(all) => set({ propagateAllChildVariables: all ? undefined : false })} />
      </Section>
      <Inputs {...drawing} open={!getsAll} hint={t(getsAll ? "callGets" : "callGetsOnly")} />
      <Outputs {...drawing} open={!givesAll} hint={givesAll ? undefined : t("callGivesOnly")} />
    </>
  );
}

export function Script(drawing: Drawing) {
  const { edits, element, model, variables } = drawing;
  const script = extension(model, "zeebe:Script");
  const set = (values: object) => edits.extend(element, model, "zeebe:Script", values as Record<string, unknown>);
  return (
    <>
      <Section title={t("script")}>
        <Feel label={t("formula")} value={String(script?.expression ?? "")} variables={variables} onChange={(expression) => set({ expression: expression || undefined })} />
        <Text label={t("result")} value={String(script?.resultVariable ?? "")} hint={t("resultHint")} onChange={(resultVariable) => set({ resultVariable: resultVariable || undefined })} />
      </Section>
      <Inputs {...drawing} open={false} />
      <Outputs {...drawing} open={false} hint={t("resultKept")} />
    </>
  );
}

/** What crosses before and after an element, each with the way to its contract. */
export function Crossings({ model, paths, goTo }: Drawing) {
  const found = paths.filter((path) => path.from === model.id || path.to === model.id);
  if (!found.length) return null;
  return (
    <Section title={t("crosses")}>
      <ul class="crossings">
        {found.map((path) => (
          <li key={path.flowIds.join()}>
            <span class={`kind-mark ${path.kind}`}>{path.from === model.id ? t("crossOut", { name: path.toSide.name }) : t("crossIn", { name: path.fromSide.name })}</span>
            <button type="button" class="link" onClick={() => goTo(badgeFlow(path))}>{t("show")}</button>
          </li>
        ))}
      </ul>
    </Section>
  );
}

