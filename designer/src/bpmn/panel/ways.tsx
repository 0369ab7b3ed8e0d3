/** Which way the work goes, under what condition: at a gateway for all its ways, at a flow for that one. */
import { useState } from "preact/hooks";
import type { Moddle } from "../../handoff/moddle";
import { Button } from "../../shell/ui";
import { Choice, Feel, Section, Text } from "./controls";
import { OPERATORS, read, write } from "./conditions";
import type { Drawing } from "./drawing";
import { t } from "./words";

const DECIDES = ["bpmn:ExclusiveGateway", "bpmn:InclusiveGateway", "bpmn:ComplexGateway"];

export function decides(source: Moddle | undefined): boolean {
  if (!source) return false;
  const many = ((source.outgoing as Moddle[]) ?? []).length > 1;
  return many && (DECIDES.includes(source.$type) || Boolean(source.$instanceOf?.("bpmn:Activity")));
}

export function Ways({ model, ...rest }: Drawing) {
  const flows = (model.outgoing as Moddle[]) ?? [];
  const why = model.$type === "bpmn:ParallelGateway" ? t("parallelWays") : model.$type === "bpmn:EventBasedGateway" ? t("eventWays") : flows.length < 2 ? t("oneWay") : "";
  return (
    <Section title={t("ways")}>
      {why ? <p class="hint">{why}</p> : flows.map((flow) => <Way key={flow.id} model={model} flow={flow} {...rest} />)}
    </Section>
  );
}

export function FlowCondition({ model, ...rest }: Drawing) {
  if (!decides(model.sourceRef)) return null;
  return <Section title={t("condition")}><Way model={model.sourceRef} flow={model} alone {...rest} /></Section>;
}

/** One way out of `model`. */
function Way({ flow, model, alone, modeler, edits, variables, goTo }: Drawing & { flow: Moddle; alone?: boolean }) {
  const registry = modeler.get("elementRegistry");
  const isDefault = model.default === flow;
  const feel = String(flow.conditionExpression?.body ?? "");
  const shape = registry.get(flow.id);
  if (!shape) return null;
  const say = (expression: string) => {
    const condition = expression ? edits.create("bpmn:FormalExpression", { body: expression }, flow) : undefined;
    const steps = [{ cmd: "element.updateProperties", context: { element: shape, properties: { conditionExpression: condition } } }];
    if (isDefault && expression) steps.unshift({ cmd: "element.updateProperties", context: { element: registry.get(model.id), properties: { default: undefined } as never } });
    edits.together(steps);
  };
  const otherwise = (wanted: boolean) => edits.together([
    { cmd: "element.updateProperties", context: { element: registry.get(model.id), properties: { default: wanted ? flow : undefined } } },
    ...(wanted && feel ? [{ cmd: "element.updateProperties", context: { element: shape, properties: { conditionExpression: undefined } } }] : []),
  ]);
  const name = flow.name || t("to", { name: flow.targetRef?.name || flow.targetRef?.id || t("unnamed") });
  return (
    <fieldset class="way">
      <legend>{alone ? <span class="hidden">{name}</span> : <button type="button" class="link" onClick={() => goTo(flow.id)}>{name}</button>}</legend>
      <label class="check"><input type="checkbox" checked={isDefault} onChange={(event) => otherwise(event.currentTarget.checked)} /> {t("always")}</label>
      {!isDefault && <Builder feel={feel} variables={variables} onChange={say} />}
    </fieldset>
  );
}

const SAID = { "=": "equals", "!=": "differs", "<": "less", "<=": "atMost", ">": "more", ">=": "atLeast" } as const;

/** `field op value`; any other expression, and whoever wants it, in FEEL. */
function Builder({ feel, variables, onChange }: { feel: string; variables: Drawing["variables"]; onChange: (feel: string) => void }) {
  const parsed = read(feel, variables);
  const [asFeel, showFeel] = useState(false);
  const [draft, draw] = useState({ field: "", operator: "=" as (typeof OPERATORS)[number], value: "" });
  const condition = parsed ?? draft;
  if (asFeel || (feel && !parsed)) {
    return (
      <>
        <Feel quiet label={t("condition")} value={feel} variables={variables} onChange={onChange} />
        {(parsed || !feel) && <button type="button" class="link small" onClick={() => showFeel(false)}>{t("simple")}</button>}
      </>
    );
  }
  const set = (part: Partial<typeof draft>) => {
    const next = { ...condition, ...part };
    if (next.field && next.value) onChange(write(next, variables));
    else if (parsed) onChange("");
    draw(next);
  };
  const names = variables.map((variable) => variable.name);
  const isYesNo = variables.find((variable) => variable.name === condition.field)?.type === "boolean" || ["true", "false"].includes(condition.value);
  return (
    <div class="builder">
      <Text quiet label={t("field")} placeholder={t("field")} value={condition.field} list={names} onChange={(field) => set({ field })} />
      <Choice quiet label={t("op")} value={condition.operator} options={OPERATORS.map((each) => [each, t(SAID[each])])} onChange={(operator) => set({ operator: operator as "=" })} />
      <Text quiet label={t("value")} placeholder={t("value")} value={condition.value} list={isYesNo ? ["true", "false"] : undefined} onChange={(value) => set({ value })} />
      <Button kind="plain" class="small-button" title={t("feel")} onClick={() => showFeel(true)}>FEEL</Button>
    </div>
  );
}
