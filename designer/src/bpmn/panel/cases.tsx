/** A process: what a case is called and how long its values are kept; and what its customers read on the way. */
import { extension, type Moddle } from "../../handoff/moddle";
import { Check, Feel, Limit, Section, Text } from "./controls";
import type { Drawing } from "./drawing";
import { t } from "./words";

/** `model` is the process, of the canvas or behind a pool. */
export function Case({ edits, element, model, variables }: Drawing) {
  const said = extension(model, "handoff:Case");
  const set = (values: Record<string, unknown>) => edits.extend(element, model, "handoff:Case", values);
  return (
    <Section title={t("case")}>
      <Feel label={t("title")} value={String(said?.title ?? "")} variables={variables} hint={t("titleHint")} onChange={(title) => set({ title: title || undefined })} />
      <Limit label={t("keep")} value={String(said?.keep ?? "")} units={["D", "W", "m", "Y"]} hint={t("keepHint")} onChange={(keep) => set({ keep: keep || undefined })} />
      <Text label={t("processName")} value={String(model.name ?? "")} onChange={(name) => edits.below(element, model, { name: name || undefined })} />
      <Check label={t("runs")} value={Boolean(model.isExecutable)} onChange={(isExecutable) => edits.below(element, model, { isExecutable })} />
    </Section>
  );
}

const LANGUAGES = [["", "ml_all"], ["en", "ml_en"], ["fr", "ml_fr"]] as const;

export function Milestones({ edits, element, model }: Drawing) {
  const all = ((model.extensionElements?.values as Moddle[]) ?? []).filter((each) => each.$type === "handoff:Milestone");
  const of = (language: string) => all.find((each) => (each.language ?? "") === language);
  const say = (language: string, label: string) => {
    const found = of(language);
    if (found && label) edits.below(element, found, { label });
    else edits.replace(element, model, (values, parent) =>
      found ? values.filter((each) => each !== found) : [...values, edits.create("handoff:Milestone", { label, ...(language && { language }) }, parent)]);
  };
  return (
    <Section title={t("milestone")} open={all.length > 0}>
      <p class="hint">{t("milestoneHint")}</p>
      {LANGUAGES.map(([language, words]) => <Text key={language} label={t(words)} value={String(of(language)?.label ?? "")} onChange={(label) => say(language, label)} />)}
    </Section>
  );
}
