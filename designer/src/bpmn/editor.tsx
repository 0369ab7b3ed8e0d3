/** The diagram of a draft: canvas, what the chosen element is asked, and below all handoffs, problems and the outline. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Path } from "../handoff/analysis";
import { badgeFlow, type Handoffs, type RealityOf } from "../handoff/layer";
import { HandoffTable } from "../handoff/table";
import { Button, Icon, tell } from "../shell/ui";
import { room } from "../shell/words";
import { keeper, type Keeper } from "./keep_text";
import { createModeler, fit, picture, serialise, type Services, show } from "./modeler";
import { Outline } from "./outline";
import { type Problem, ProblemList } from "./problems";
import "./editor.css";

const t = room({
  en: {
    undo: "Undo", redo: "Redo", fit: "Show all", handoffs: "Handoffs", problems: "Problems", outline: "Outline", export: "Export",
    bpmn: "BPMN file", svg: "Picture (SVG)", png: "Picture (PNG)", canvas: "Diagram", drawer: "Below the diagram", open: "Show below",
    close: "Hide", broken: "This file cannot be drawn: {reason}", layer: "Handoffs on the edges", tools: "Tools", side: "Details",
  },
  fr: {
    undo: "Annuler", redo: "Rétablir", fit: "Tout voir", handoffs: "Passages", problems: "Problèmes", outline: "Plan", export: "Exporter",
    bpmn: "Fichier BPMN", svg: "Image (SVG)", png: "Image (PNG)", canvas: "Diagramme", drawer: "Sous le diagramme", open: "Afficher dessous",
    close: "Masquer", broken: "Ce fichier ne peut pas être dessiné : {reason}", layer: "Passages sur les flèches", tools: "Outils", side: "Détails",
  },
});

export interface EditorProps {
  xml: string;
  name: string;
  /** After each edit, as it is to be saved: the file as it was opened, with only what was edited changed in it. */
  onChange: (xml: string) => void;
  problems?: Problem[];
  reality?: RealityOf;
  onChooseReality?: (path: Path) => void;
  /** What the chosen element is asked; `element` is null where nothing is chosen and for the canvas itself. */
  side?: (modeler: Services, element: Services) => preact.ComponentChildren;
  readonly?: boolean;
}

type Drawer = "handoffs" | "problems" | "outline";
const SAVE_AFTER = 300; // ms without an edit

export function DiagramEditor({ xml, name, onChange, problems = [], reality, onChooseReality, side }: EditorProps) {
  const place = useRef<HTMLDivElement>(null);
  const [modeler, setModeler] = useState<Services>(null);
  const [element, setElement] = useState<Services>(null);
  const [paths, setPaths] = useState<Path[]>([]);
  const [stack, setStack] = useState({ undo: false, redo: false });
  const [drawer, setDrawer] = useState<Drawer | null>("handoffs");
  const [, again] = useState(0);
  const [wrong, setWrong] = useState("");
  const latest = useRef({ xml: "", onChange, onChooseReality });
  latest.current.onChange = onChange;
  latest.current.onChooseReality = onChooseReality;

  useEffect(() => {
    const made = createModeler(place.current!);
    const handoffs: Handoffs = made.get("handoffs");
    handoffs.onChoose = (path) => {
      show(made, badgeFlow(path));
      latest.current.onChooseReality?.(path);
    };
    made.on("handoffs.changed", ({ paths: found }: { paths: Path[] }) => setPaths(found));
    made.on("selection.changed", ({ newSelection }: { newSelection: Services[] }) => setElement(newSelection.length === 1 ? newSelection[0] : null));
    made.on("commandStack.changed", () => {
      const commands = made.get("commandStack");
      setStack({ undo: commands.canUndo(), redo: commands.canRedo() });
      again((count) => count + 1); // what the panel shows may have changed by undo
    });
    setModeler(made);
    return () => made.destroy();
  }, []);

  useEffect(() => {
    if (!modeler || xml === latest.current.xml) return;
    let stopped = false;
    let keep: Keeper | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const save = async () => {
      timer = undefined;
      const { xml: after } = (await modeler.saveXML({ format: true })) as { xml: string };
      if (stopped || !keep) return;
      // some undos of bpmn-js leave crumbs in the model: where all is undone, the file is as it was
      const text = modeler.get("commandStack").canUndo() ? (await keep.writeSurely(after, serialise)).text : xml;
      if (stopped || text === latest.current.xml) return;
      latest.current.xml = text;
      latest.current.onChange(text);
    };
    const edited = () => {
      clearTimeout(timer);
      timer = setTimeout(save, SAVE_AFTER);
    };
    latest.current.xml = xml;
    modeler.importXML(xml).then(
      async () => {
        if (stopped) return;
        setWrong("");
        fit(modeler);
        const { xml: before } = (await modeler.saveXML({ format: true })) as { xml: string };
        keep = keeper(xml, before);
        modeler.on("commandStack.changed", edited);
        performance.mark("passerelle:drawn");
      },
      (error: Error) => setWrong(t("broken", { reason: error.message })),
    );
    return () => {
      stopped = true;
      modeler.off("commandStack.changed", edited);
      if (timer) {
        clearTimeout(timer);
        timer = undefined;
      }
    };
  }, [modeler, xml === latest.current.xml ? latest.current.xml : xml]);

  useEffect(() => {
    if (modeler && reality) (modeler.get("handoffs") as Handoffs).compare(reality);
  }, [modeler, reality]);

  useEffect(() => (modeler ? markProblems(modeler, problems) : undefined), [modeler, problems, paths]);

  const errors = problems.filter((one) => one.level === "error").length;
  const save = async (kind: "bpmn" | "svg" | "png") => {
    try {
      const blob = kind === "bpmn" ? new Blob([latest.current.xml], { type: "application/xml" }) : await picture(modeler, kind);
      download(blob, name.replace(/\.bpmn$/, "") + `.${kind}`);
    } catch (error) {
      tell(String(error instanceof Error ? error.message : error), true);
    }
  };
  const tabs: [Drawer, string, number][] = useMemo(
    () => [["handoffs", t("handoffs"), paths.length], ["problems", t("problems"), problems.length], ["outline", t("outline"), -1]],
    [paths, problems],
  );

  return (
    <div class="editor">
      <div class="editor-main">
        <div class="editor-tools" role="toolbar" aria-label={t("tools")}>
          <Button kind="plain" icon="undo" title={`${t("undo")} (Ctrl+Z)`} aria-label={t("undo")} disabled={!stack.undo} onClick={() => modeler.get("commandStack").undo()} />
          <Button kind="plain" icon="redo" title={`${t("redo")} (Ctrl+Y)`} aria-label={t("redo")} disabled={!stack.redo} onClick={() => modeler.get("commandStack").redo()} />
          <Button kind="plain" onClick={() => fit(modeler)}>{t("fit")}</Button>
          <label class="editor-layer"><input type="checkbox" defaultChecked onChange={(event) => (modeler.get("handoffs") as Handoffs).toggle(event.currentTarget.checked)} /> {t("layer")}</label>
          <details class="menu">
            <summary class="button plain">{t("export")} <Icon name="down" /></summary>
            <div class="menu-items">
              <button type="button" onClick={() => save("bpmn")}>{t("bpmn")}</button>
              <button type="button" onClick={() => save("svg")}>{t("svg")}</button>
              <button type="button" onClick={() => save("png")}>{t("png")}</button>
            </div>
          </details>
        </div>
        {wrong && <p class="editor-wrong" role="alert"><Icon name="error" /> {wrong}</p>}
        <div class="canvas" ref={place} role="region" aria-label={t("canvas")} />
        <section class={`drawer ${drawer ? "" : "closed"}`} aria-label={t("drawer")}>
          <div class="drawer-tabs" role="tablist">
            {tabs.map(([key, label, count]) => (
              <button type="button" role="tab" key={key} id={`tab-${key}`} aria-selected={drawer === key} aria-controls="drawer-panel" onClick={() => setDrawer(drawer === key ? null : key)}>
                {label} {count >= 0 && <span class={`count ${key === "problems" && errors ? "bad" : ""}`}>{count}</span>}
              </button>
            ))}
            <button type="button" class="drawer-toggle" aria-expanded={drawer !== null} aria-label={drawer ? t("close") : t("open")} onClick={() => setDrawer(drawer ? null : "handoffs")}>
              <Icon name="down" />
            </button>
          </div>
          {drawer && modeler && (
            <div class="drawer-panel" id="drawer-panel" role="tabpanel" aria-labelledby={`tab-${drawer}`}>
              {drawer === "handoffs" && <HandoffTable paths={paths} reality={reality} chosen={element?.id} onChoose={(path) => show(modeler, badgeFlow(path))} />}
              {drawer === "problems" && <ProblemList problems={problems} modeler={modeler} onChoose={(id) => show(modeler, id)} />}
              {drawer === "outline" && <Outline modeler={modeler} chosen={element?.id} onChoose={(id) => show(modeler, id)} />}
            </div>
          )}
        </section>
      </div>
      {side && <aside class="editor-side" aria-label={t("side")}>{modeler && side(modeler, element)}</aside>}
    </div>
  );
}

/** Marks elements that have problems; answers how to take the marks away again. */
function markProblems(modeler: Services, problems: Problem[]): () => void {
  const canvas = modeler.get("canvas");
  const registry = modeler.get("elementRegistry");
  const marked = problems.filter((one) => one.elementId && registry.get(one.elementId)).map((one) => [one.elementId!, `problem-${one.level}`] as const);
  for (const [id, mark] of marked) canvas.addMarker(id, mark);
  return () => {
    for (const [id, mark] of marked) if (registry.get(id)) canvas.removeMarker(id, mark);
  };
}

export function download(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
