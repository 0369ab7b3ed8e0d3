/** Which way the work goes, under what condition: at a gateway for all its ways, at a flow for that one. */
import { useEffect, useState } from "preact/hooks";
import type { Moddle } from "../../handoff/moddle";
import { Button, Icon } from "../../shell/ui";
import { language } from "../../shell/words";
import { Choice, Feel, Section, Text } from "./controls";
import { complaintOf, type Condition, isField, normal, OPERATORS, read, type Row, typeOf, write } from "./conditions";
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
const EMPTY: Row = { field: "", operator: "=", value: "" };

/** Rows of `field op value`; any other expression, and whoever wants it, in FEEL. */
function Builder({ feel, variables, onChange }: { feel: string; variables: Drawing["variables"]; onChange: (feel: string) => void }) {
  const parsed = read(feel, variables);
  const [asFeel, showFeel] = useState(false);
  const [draft, setDraft] = useState<Condition & { of: string }>({ ...(parsed ?? { joined: "and", rows: [EMPTY] }), of: feel });
  const isForeign = Boolean(feel) && !parsed;
  useEffect(() => {
    if (isForeign) showFeel(true); // and stays so while one types what rows could hold
  }, [isForeign]);
  if (asFeel || isForeign) {
    return (
      <>
        <Feel quiet label={t("condition")} value={feel} variables={variables} onChange={onChange} />
        {!isForeign && <button type="button" class="link small" onClick={() => showFeel(false)}>{t("simple")}</button>}
      </>
    );
  }
  // rows that are not whole yet are kept here; what was undone, or changed elsewhere, is read anew
  const { joined, rows } = draft.of === feel ? draft : (parsed ?? { joined: draft.joined, rows: [EMPTY] });
  const set = (next: Condition) => {
    const whole = next.rows.filter((row) => row.field && row.value);
    const isRefused = whole.some((row) => !isField(row.field) || complaintOf(row.value, typeOf(row.field, variables)));
    const after = isRefused ? feel : write({ ...next, rows: whole }, variables);
    setDraft({ ...next, of: after });
    if (after !== feel) onChange(after);
  };
  const change = (at: number, part: Partial<Row>) => set({ joined, rows: rows.map((row, place) => (place === at ? { ...row, ...part } : row)) });
  return (
    <div class="builder">
      {rows.length > 1 && <Choice quiet label={t("joined")} value={joined} options={[["and", t("allOf")], ["or", t("anyOf")]]} onChange={(word) => set({ joined: word as "and", rows })} />}
      {rows.map((row, at) => (
        <div class="condition-row" role="group" aria-label={t("conditionOf", { n: at + 1 })} key={at}>
          <Text quiet whole label={t("field")} placeholder={t("field")} value={row.field} list={variables.map((variable) => variable.name)}
            wrong={(text) => (isField(text.trim()) ? "" : t("badField"))} onChange={(field) => change(at, { field, value: normal(row.value, typeOf(field, variables)) })} />
          <Choice quiet label={t("op")} value={row.operator} options={OPERATORS.map((each) => [each, t(SAID[each])])} onChange={(operator) => change(at, { operator: operator as "=" })} />
          <Value type={typeOf(row.field, variables)} value={row.value} onChange={(value) => change(at, { value })} />
          {rows.length > 1 && <Button kind="plain" class="take-out" aria-label={t("removeCondition", { n: at + 1 })} title={t("removeCondition", { n: at + 1 })} onClick={() => set({ joined, rows: rows.filter((_, place) => place !== at) })}><Icon name="close" /></Button>}
        </div>
      ))}
      <div class="builder-more">
        <button type="button" class="link small" onClick={() => setDraft({ joined, rows: [...rows, EMPTY], of: feel })}>+ {t("addCondition")}</button>
        <button type="button" class="link small" title={t("feel")} onClick={() => showFeel(true)}>FEEL</button>
      </div>
    </div>
  );
}

/** The value of one row, as its type asks for it. */
function Value({ type, value, onChange }: { type: string; value: string; onChange: (value: string) => void }) {
  if (type === "boolean" && /^(true|false|null|)$/.test(value)) {
    const options: [string, string][] = [["true", t("yes")], ["false", t("no")], ["null", t("nothingThere")]];
    return <Choice quiet label={t("value")} value={value} options={value ? options : [["", t("value")], ...options]} onChange={onChange} />;
  }
  const complaint = (text: string) => complaintOf(text, type);
  return (
    <Text quiet label={t("value")} placeholder={t("value")} kind={type === "date" && !complaint(value) && value !== "null" ? "date" : undefined} value={value} onChange={onChange}
      shown={(said) => (type === "number" && language.value === "fr" ? said.replace(".", ",") : said)} read={(text) => (complaint(text) ? null : normal(text, type))}
      wrong={(text) => {
        const found = complaint(text);
        return found && t(found);
      }} />
  );
}
