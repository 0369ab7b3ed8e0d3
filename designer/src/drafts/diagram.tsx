/** The diagram of a draft: its models, drawn in the editor; who may only look sees the picture. */
import type { Signal } from "@preact/signals";
import { useSignal } from "@preact/signals";
import { useCallback, useMemo } from "preact/hooks";
import { room } from "../shell/words";
import type { Checked } from "./check";
import { of } from "./files";
import { inWords } from "./finding-words";
import { Later } from "./later";
import { Picture } from "./lazy-picture";
import { change, type Draft } from "./store";

const t = room({
  en: { models: "Models", none: "There is no model in this draft. Drop a .bpmn file here." },
  fr: { models: "Modèles", none: "Ce brouillon ne contient aucun modèle. Déposez un fichier .bpmn ici." },
});

interface Props {
  draft: Draft;
  checked: Signal<Checked | null>;
  editable: boolean;
}

const loadEditor = () => import("../bpmn/editor").then((module) => ({ default: module.DiagramEditor }));

export function DiagramTab({ draft, checked, editable }: Props) {
  const models = of(draft.files.value, ".bpmn");
  const chosen = useSignal(models[0]?.name ?? "");
  const file = models.find((one) => one.name === chosen.value) ?? models[0];
  const name = file?.name ?? "";
  const onChange = useCallback((xml: string) => change(draft, name, xml), [draft, name]);
  const problems = useMemo(() => inWords(checked.value?.problems.filter((one) => one.file === name) ?? []), [checked.value, name]);
  if (!file) return <p class="empty">{t("none")}</p>;
  return (
    <div class="diagram-tab">
      {models.length > 1 && (
        <nav class="side" aria-label={t("models")}>
          <h2>{t("models")}</h2>
          {models.map((one) => <button type="button" key={one.name} class="file" aria-current={one === file ? "true" : undefined} onClick={() => (chosen.value = one.name)}>{one.name}</button>)}
        </nav>
      )}
      {editable ? <Later key={name} load={loadEditor} props={{ xml: file.content, name, onChange, problems }} /> : <Picture xml={file.content} />}
    </div>
  );
}
