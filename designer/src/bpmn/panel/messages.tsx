/** A message that an event or a task waits for or sends: which one, and which case it belongs to. */
import { hasJob, throws } from "../../handoff/analysis";
import { extension, type Moddle } from "../../handoff/moddle";
import { room } from "../../shell/words";
import { Feel, Section, Text } from "./controls";
import type { Drawing } from "./drawing";

const t = room({
  en: {
    caught: "Which message does it wait for?", thrown: "Which message does it send?", name: "Name of the message", nameHint: "The same name on both sides, such as “Order”", begins: "Each such message begins a case.", beginsHere: "A message on the arrow from “{name}” begins this part, in the same case.",
    byArrow: "It comes on the arrow from “{name}”: the case is found by itself.", toArrow: "It goes on the arrow to “{name}”: the case is found by itself.",
    caughtKey: "Which case does it belong to?", caughtHint: "No arrow leads here, so the message comes from outside. It reaches the case where this value is the one that the sender names, such as an order number.",
    thrownKey: "Which case is it for?", thrownHint: "No arrow leads away, so it goes to whoever waits for this name and this value, such as an order number.", keyRules: "This value decides, not the arrow. Empty it, and the case is found by itself.",
  },
  fr: {
    caught: "Quel message est attendu ?", thrown: "Quel message est envoyé ?", name: "Nom du message", nameHint: "Le même nom des deux côtés, par exemple « Commande »", begins: "Chaque message de ce nom ouvre un dossier.", beginsHere: "Un message sur la flèche venant de « {name} » commence cette partie, dans le même dossier.",
    byArrow: "Il arrive par la flèche venant de « {name} » : le dossier se trouve tout seul.", toArrow: "Il part par la flèche vers « {name} » : le dossier se trouve tout seul.",
    caughtKey: "À quel dossier appartient-il ?", caughtHint: "Aucune flèche ne mène ici : le message vient de l'extérieur. Il rejoint le dossier où cette valeur est celle que donne l'expéditeur, par exemple un numéro de commande.",
    thrownKey: "À quel dossier est-il destiné ?", thrownHint: "Aucune flèche ne part d'ici : il va à qui attend ce nom et cette valeur, par exemple un numéro de commande.", keyRules: "C'est cette valeur qui décide, pas la flèche. Videz-la, et le dossier se trouve tout seul.",
  },
});

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
  const isThrown = throws(model);
  const begins = model.$type === "bpmn:StartEvent" && model.$parent?.$type === "bpmn:Process";
  const other = otherEnd(definitions, model, isThrown);
  const key = String((message && extension(message, "zeebe:Subscription")?.correlationKey) ?? "");
  const name = other?.name || other?.id || "";
  return (
    <Section title={t(isThrown ? "thrown" : "caught")}>
      <Text label={t("name")} value={String(message?.name ?? "")} list={messages.flatMap((each: Moddle) => each.name ?? [])} hint={t("nameHint")} onChange={rename} />
      {begins ? <p class="hint">{other ? t("beginsHere", { name }) : t("begins")}</p> : null}
      {!begins && other && !key && <p class="hint">{t(isThrown ? "toArrow" : "byArrow", { name })}</p>}
      {!begins && message && (key || !other) && (
        <Feel label={t(isThrown ? "thrownKey" : "caughtKey")} value={key} variables={variables} hint={t(other ? "keyRules" : isThrown ? "thrownHint" : "caughtHint")}
          onChange={(correlationKey) => edits.extend(element, message, "zeebe:Subscription", { correlationKey: correlationKey || undefined })} />
      )}
    </Section>
  );
}

/** Whose message flow leads here, or where that of a throwing element leads; a program's flow is drawn, but brings nothing by itself. */
function otherEnd(definitions: Moddle, model: Moddle, isThrown: boolean): Moddle | undefined {
  const flows = ((definitions.rootElements as Moddle[]) ?? []).flatMap((root) => (root.messageFlows as Moddle[]) ?? []);
  if (isThrown) return flows.find((flow) => flow.sourceRef === model)?.targetRef;
  const flow = flows.find((each) => each.targetRef === model && (each.sourceRef?.$type === "bpmn:Participant" || !hasJob(each.sourceRef)));
  return flow?.sourceRef;
}
