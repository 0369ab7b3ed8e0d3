/** An event: when. */
import type { Moddle } from "../../handoff/moddle";
import { amountOf } from "../../handoff/durations";
import { Choice, Feel, Limit, Section } from "./controls";
import type { Drawing } from "./drawing";
import { t } from "./words";

const TIMES = ["timeDuration", "timeDate", "timeCycle"] as const;

export function Timer({ edits, element, model, variables, definition }: Drawing & { definition: Moddle }) {
  const kind = TIMES.find((each) => definition[each]) ?? "timeDuration";
  const value = String(definition[kind]?.body ?? "");
  const set = (name: string, text: string) => {
    const expression = text ? edits.create("bpmn:FormalExpression", { body: text }, definition) : undefined;
    edits.below(element, definition, Object.fromEntries(TIMES.map((each) => [each, each === name ? expression : undefined])));
  };
  const kinds = model.$type === "bpmn:IntermediateCatchEvent" ? TIMES.filter((each) => each !== "timeCycle") : TIMES;
  return (
    <Section title={t("when")}>
      <Choice quiet label={t("when")} value={kind} options={kinds.map((each) => [each, t(`t_${each}`)])} onChange={(chosen) => set(chosen, value || (chosen === "timeDuration" ? "P1D" : chosen === "timeCycle" ? "R/P1D" : "=now()"))} />
      {kind === "timeDuration" && (!value || amountOf(value))
        ? <Limit label={t("t_timeDuration")} value={value} onChange={(iso) => set(kind, iso)} />
        : <Feel mixed label={t(`t_${kind}`)} value={value} variables={variables} hint={t("t_hint")} onChange={(text) => set(kind, text)} />}
    </Section>
  );
}
