/** The diagram of a draft: its models as they are, and what the server says of them. */
import type { Signal } from "@preact/signals";
import { useSignal } from "@preact/signals";
import { room } from "../shell/words";
import type { Checked } from "./check";
import { of } from "./files";
import { Report } from "./report";
import type { Draft } from "./store";

const t = room({
  en: { models: "Models", none: "There is no model in this draft. Drop a .bpmn file here.", looking: "Looking at it…" },
  fr: { models: "Modèles", none: "Ce brouillon ne contient aucun modèle. Déposez un fichier .bpmn ici.", looking: "Lecture en cours…" },
});

interface Props {
  draft: Draft;
  checked: Signal<Checked | null>;
  editable: boolean;
  onOpenForm: (formId: string) => void;
}

export function DiagramTab({ draft, checked }: Props) {
  const models = of(draft.files.value, ".bpmn");
  const chosen = useSignal(models[0]?.name ?? "");
  const file = models.find((one) => one.name === chosen.value) ?? models[0];
  if (!file) return <p class="empty">{t("none")}</p>;
  return (
    <>
      {models.length > 1 && (
        <nav class="side" aria-label={t("models")}>
          <h2>{t("models")}</h2>
          {models.map((one) => <button type="button" key={one.name} class="file" aria-current={one === file ? "true" : undefined} onClick={() => (chosen.value = one.name)}>{one.name}</button>)}
        </nav>
      )}
      <div class="scroll">{checked.value ? <Report file={file} checked={checked.value} /> : <p role="status">{t("looking")}</p>}</div>
    </>
  );
}
