/** Opens a file of one's own and draws in it; nothing is kept on the server. */
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { DiagramEditor } from "../bpmn/editor";
import { template } from "../bpmn/templates";
import { Button } from "../shell/ui";
import { room } from "../shell/words";
import "./draw.css";

const t = room({
  en: { title: "Open a file", drop: "Drop a BPMN file here", choose: "Choose a file", or: "or begin with", two: "Customer and company", three: "Customer, company and partner", one: "One team", local: "What you draw here stays in this window; export it to keep it." },
  fr: { title: "Ouvrir un fichier", drop: "Déposez ici un fichier BPMN", choose: "Choisir un fichier", or: "ou commencez par", two: "Client et entreprise", three: "Client, entreprise et partenaire", one: "Une équipe", local: "Ce que vous dessinez ici reste dans cette fenêtre ; exportez-le pour le garder." },
});

export default function Draw() {
  const file = useSignal<{ name: string; xml: string } | null>(null);
  const forms = useSignal<{ name: string; content: string }[]>([]);
  const chooser = useRef<HTMLInputElement>(null);
  const open = async (files: Iterable<File>) => {
    const all = await Promise.all([...files].map(async (each) => ({ name: each.name, content: await each.text() })));
    forms.value = [...forms.value, ...all.filter((each) => each.name.endsWith(".form"))];
    const model = all.find((each) => /\.(bpmn|bpmn20\.xml|xml)$/.test(each.name));
    if (model) file.value = { name: model.name.replace(/\.[^.]+$/, ""), xml: model.content };
  };
  if (file.value) {
    return (
      <div class="draw-page">
        <DiagramEditor xml={file.value.xml} name={file.value.name} files={forms.value} onChange={(xml) => (file.value = { ...file.value!, xml })} />
      </div>
    );
  }
  const begin = (pools: 1 | 2 | 3) => (file.value = { name: "process", xml: template(pools) });
  return (
    <div class="page open-file" onDragOver={(event) => event.preventDefault()} onDrop={(event) => {
      event.preventDefault();
      void open(event.dataTransfer?.files ?? []);
    }}>
      <h1>{t("title")}</h1>
      <div class="card drop">
        <p>{t("drop")}</p>
        <input ref={chooser} type="file" class="hidden" tabIndex={-1} aria-label={t("choose")} multiple accept=".bpmn,.xml,.form" onChange={(event) => void open(event.currentTarget.files ?? [])} />
        <Button kind="primary" icon="file" onClick={() => chooser.current!.click()}>{t("choose")}</Button>
        <p class="muted">{t("or")}</p>
        <p class="begin">
          <Button onClick={() => begin(1)}>{t("one")}</Button>
          <Button onClick={() => begin(2)}>{t("two")}</Button>
          <Button onClick={() => begin(3)}>{t("three")}</Button>
        </p>
      </div>
      <p class="small">{t("local")}</p>
    </div>
  );
}
