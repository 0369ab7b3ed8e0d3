/** An event: when, or with which message. */
import { extension, type Moddle } from "../../handoff/moddle";
import { amountOf } from "../../handoff/durations";
import { Choice, Feel, Limit, Section, Text } from "./controls";
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

/** `holder`: the message definition of an event, or a receive or send task itself. */
export function Message({ edits, element, model, modeler, variables, holder }: Drawing & { holder: Moddle }) {
  const message = holder.messageRef as Moddle | undefined;
  const definitions = modeler.getDefinitions() as Moddle;
  const messages = ((definitions.rootElements as Moddle[]) ?? []).filter((root) => root.$type === "bpmn:Message");
  const rename = (name: string) => {
    const known = messages.find((each) => each.name === name);
    if (known) return edits.below(element, holder, { messageRef: known });
    if (!name) return edits.below(element, holder, { messageRef: undefined });
    const made = edits.create("bpmn:Message", { name }, definitions);
    edits.together([
      { cmd: "element.updateModdleProperties", context: { element, moddleElement: definitions, properties: { rootElements: [...(definitions.rootElements as Moddle[]), made] } } },
      { cmd: "element.updateModdleProperties", context: { element, moddleElement: holder, properties: { messageRef: made } } },
    ]);
  };
  const catches = model.$type !== "bpmn:SendTask" && !/Throw|EndEvent/.test(model.$type);
  return (
    <Section title={t("message")}>
      <Text whole label={t("messageName")} value={String(message?.name ?? "")} list={messages.flatMap((each: Moddle) => each.name ?? [])} onChange={rename} />
      {catches && message && model.$type !== "bpmn:StartEvent" && (
        <Feel label={t("correlation")} value={String(extension(message, "zeebe:Subscription")?.correlationKey ?? "")} variables={variables} hint={t("correlationHint")}
          onChange={(key) => edits.extend(element, message, "zeebe:Subscription", { correlationKey: key || undefined })} />
      )}
    </Section>
  );
}
