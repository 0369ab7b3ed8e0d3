/** A message that an event or a task waits for or sends: which one, and which case it belongs to. */
import { extension, type Moddle } from "../../handoff/moddle";
import { Feel, Section, Text } from "./controls";
import type { Drawing } from "./drawing";
import { t } from "./words";

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
      <Text label={t("messageName")} value={String(message?.name ?? "")} list={messages.flatMap((each: Moddle) => each.name ?? [])} onChange={rename} />
      {catches && message && model.$type !== "bpmn:StartEvent" && (
        <Feel label={t("correlation")} value={String(extension(message, "zeebe:Subscription")?.correlationKey ?? "")} variables={variables} hint={t("correlationHint")}
          onChange={(key) => edits.extend(element, message, "zeebe:Subscription", { correlationKey: key || undefined })} />
      )}
    </Section>
  );
}
