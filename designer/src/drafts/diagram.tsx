/** The diagram of a draft: its models, drawn in the editor; who may only look sees the picture. */
import type { Signal } from "@preact/signals";
import { useSignal } from "@preact/signals";
import { useCallback, useEffect, useMemo } from "preact/hooks";
import type { Path } from "../handoff/analysis";
import type { RealityOf } from "../handoff/layer";
import { room } from "../shell/words";
import { learn } from "../shell/borrowed";
import type { Checked } from "./check";
import { of } from "./files";
import { Later } from "./later";
import { Picture } from "./lazy-picture";
import { Measured } from "./measured";
import { processIdsOf, realityOf } from "./reality";
import { change, type Draft, gathers } from "./store";

const t = room({
  en: { models: "Models", none: "There is no model in this draft. Drop a .bpmn file here." },
  fr: { models: "Modèles", none: "Ce brouillon ne contient aucun modèle. Déposez un fichier .bpmn ici." },
});

interface Props {
  draft: Draft;
  checked: Signal<Checked | null>;
  editable: boolean;
  /** A form is to be seen, by its id; null: one is to be made. */
  onForms: (formId: string | null) => void;
}

const loadEditor = () => learn("drawing").then(() => import("../bpmn/editor")).then((module) => ({ default: module.DiagramEditor }));

export function DiagramTab({ draft, checked, editable, onForms }: Props) {
  const models = of(draft.files.value, ".bpmn");
  const chosen = useSignal(models[0]?.name ?? "");
  const file = models.find((one) => one.name === chosen.value) ?? models[0];
  const name = file?.name ?? "";
  const onChange = useCallback((xml: string) => change(draft, name, xml), [draft, name]);
  const onGather = useCallback((write: () => Promise<void>) => gathers(draft, write), [draft]);
  const problems = useMemo(() => checked.value?.problems.filter((one) => one.file === name) ?? [], [checked.value, name]);
  const reality = useSignal<RealityOf | undefined>(undefined);
  const ids = file ? processIdsOf(file.content).join(" ") : "";
  useEffect(() => {
    let over = false;
    realityOf(ids ? ids.split(" ") : []).then(
      (found) => !over && (reality.value = found),
      () => undefined, // the drawing does without
    );
    return () => void (over = true);
  }, [ids]);
  const measured = useSignal<Path | null>(null);
  const onChooseReality = useCallback((path: Path) => void (measured.value = reality.value?.(path)?.count ? path : null), []);
  const real = measured.value && reality.value?.(measured.value);
  if (!file) return <p class="empty">{t("none")}</p>;
  return (
    <div class="diagram-tab">
      {models.length > 1 && (
        <nav class="side" aria-label={t("models")}>
          <h2>{t("models")}</h2>
          {models.map((one) => <button type="button" key={one.name} class="file" aria-current={one === file ? "true" : undefined} onClick={() => (chosen.value = one.name)}>{one.name}</button>)}
        </nav>
      )}
      {editable ? <Later key={name} load={loadEditor} props={{ xml: file.content, name, onChange, onGather, problems, reality: reality.value, onChooseReality, files: draft.files.value, onOpenForm: onForms, onFormFromContract: () => onForms(null) }} /> : <Picture xml={file.content} />}
      {measured.value && real && <Measured path={measured.value} reality={real} onClose={() => (measured.value = null)} />}
    </div>
  );
}
