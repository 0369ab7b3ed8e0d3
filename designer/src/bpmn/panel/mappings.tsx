/** What an element gets and what comes back from it: rows of a name and the value it is given. */
import { useState } from "preact/hooks";
import { extension, type Moddle } from "../../handoff/moddle";
import { Button, Icon } from "../../shell/ui";
import { room } from "../../shell/words";
import { type Variable, variablesAt } from "../variables";
import { Feel, Section, Text } from "./controls";
import type { Drawing } from "./drawing";
import { NewName } from "./new_name";

const t = room({
  en: {
    inputs: "What does it get?", outputs: "What comes back?", name: "Name", value: "Value of {name}", add: "Add a value", known: "Known there", another: "Another…", newName: "Name of the value", remove: "Remove {name}", unnamed: "without a name", with: "is given",
    seesAll: "It sees all that is known in the case. Name here what it gets under another name, or computed.",
    keepsAll: "All that it brings back is kept. Name a value here, and only what is named here is kept.",
    keepsNamed: "Only what is named here is kept; everything else that it brings back is dropped.",
  },
  fr: {
    inputs: "Que reçoit-il ?", outputs: "Que rend-il ?", name: "Nom", value: "Valeur de {name}", add: "Ajouter une valeur", known: "Connues ici", another: "Une autre…", newName: "Nom de la valeur", remove: "Retirer {name}", unnamed: "sans nom", with: "reçoit",
    seesAll: "Il voit tout ce qui est connu dans le dossier. Nommez ici ce qu'il reçoit sous un autre nom, ou calculé.",
    keepsAll: "Tout ce qu'il rend est gardé. Nommez une valeur ici, et seul ce qui est nommé ici est gardé.",
    keepsNamed: "Seul ce qui est nommé ici est gardé ; le reste de ce qu'il rend est perdu.",
  },
});

type Way = "inputParameters" | "outputParameters";
const ROW = { inputParameters: "zeebe:Input", outputParameters: "zeebe:Output" } as const;

export function Inputs(drawing: Drawing & { hint?: string; open?: boolean }) {
  return <Rows {...drawing} way="inputParameters" title={t("inputs")} hint={drawing.hint ?? t("seesAll")} known={variablesAt(drawing.model, { forms: drawing.forms, moment: "entering" })} />;
}

export function Outputs(drawing: Drawing & { hint?: string; open?: boolean }) {
  const isNamed = rowsOf(drawing.model, "outputParameters").length > 0;
  return <Rows {...drawing} way="outputParameters" title={t("outputs")} hint={isNamed ? t("keepsNamed") : drawing.hint ?? t("keepsAll")} known={variablesAt(drawing.model, { forms: drawing.forms, moment: "leaving" })} />;
}

function rowsOf(model: Moddle, way: Way): Moddle[] {
  return (extension(model, "zeebe:IoMapping")?.[way] as Moddle[] | undefined) ?? [];
}

function Rows({ edits, element, model, way, title, hint, known, open = true }: Drawing & { way: Way; title: string; hint: string; known: Variable[]; open?: boolean }) {
  const rows = rowsOf(model, way);
  const [isOwn, ask] = useState(false);
  const put = (made: (holder: Moddle) => Moddle[]) => {
    const found = extension(model, "zeebe:IoMapping");
    const left = found ? made(found) : [];
    const others = found && rowsOf(model, way === "inputParameters" ? "outputParameters" : "inputParameters").length;
    if (found && !left.length && !others) edits.without(element, model, "zeebe:IoMapping");
    else if (found) edits.below(element, found, { [way]: left });
    else {
      edits.replace(element, model, (all, parent) => {
        const holder = edits.create("zeebe:IoMapping", {}, parent);
        holder[way] = made(holder);
        return [...all, holder];
      });
    }
  };
  const add = (name: string) => {
    ask(false);
    put((holder) => [...rows, edits.create(ROW[way], { source: `=${name}`, target: name }, holder)]);
  };
  const free = known.filter((variable) => !rows.some((row) => row.target === variable.name));
  return (
    <Section title={title} open={open || rows.length > 0}>
      <p class="hint">{hint}</p>
      {rows.map((row, at) => {
        const name = String(row.target ?? "") || t("unnamed");
        return (
          <div class="mapping" key={at} role="group" aria-label={name}>
            <Text quiet label={t("name")} value={String(row.target ?? "")} onChange={(target) => edits.below(element, row, { target: target || undefined })} />
            <Button kind="plain" class="take-out" aria-label={t("remove", { name })} onClick={() => put(() => rows.filter((each) => each !== row))}><Icon name="close" /></Button>
            <span class="mapping-arrow" title={t("with")} aria-hidden="true">←</span>
            <Feel mixed quiet label={t("value", { name })} value={String(row.source ?? "")} variables={known} onChange={(source) => edits.below(element, row, { source: source || undefined })} />
          </div>
        );
      })}
      <select class="add-field" aria-label={`${title} ${t("add")}`} value="" onChange={(event) => {
        const chosen = event.currentTarget.value;
        event.currentTarget.value = "";
        if (chosen.startsWith("=")) add(chosen.slice(1));
        else ask(true);
      }}>
        <option value="">+ {t("add")}</option>
        {free.length > 0 && <optgroup label={t("known")}>{free.map((each) => <option value={`=${each.name}`} key={each.name}>{each.label && each.label !== each.name ? `${each.label} (${each.name})` : each.name}</option>)}</optgroup>}
        <option value="another">{t("another")}</option>
      </select>
      {isOwn && <NewName label={t("newName")} onName={add} />}
    </Section>
  );
}
