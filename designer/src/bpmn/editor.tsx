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
import { Panel } from "./panel/panel";
import { type Problem, ProblemList } from "./problems";
import { problemsOf, together } from "./rules";
import "./editor.css";

const t = room({
  en: {
    smaller: "Smaller", larger: "Larger", undo: "Undo", redo: "Redo", fit: "Show all", handoffs: "Handoffs", problems: "Problems", outline: "Outline", export: "Export",
    bpmn: "BPMN file", svg: "Picture (SVG)", png: "Picture (PNG)", canvas: "Diagram", drawer: "Below the diagram", open: "Show below",
    close: "Hide", broken: "This file cannot be drawn: {reason}", layer: "Handoffs on the edges", tools: "Tools", side: "Details",
  },
  fr: {
    smaller: "Réduire", larger: "Agrandir", undo: "Annuler", redo: "Rétablir", fit: "Tout voir", handoffs: "Passages", problems: "Problèmes", outline: "Plan", export: "Exporter",
    bpmn: "Fichier BPMN", svg: "Image (SVG)", png: "Image (PNG)", canvas: "Diagramme", drawer: "Sous le diagramme", open: "Afficher dessous",
    close: "Masquer", broken: "Ce fichier ne peut pas être dessiné : {reason}", layer: "Passages sur les flèches", tools: "Outils", side: "Détails",
  },
});

export interface EditorProps {
  xml: string;
  name: string;
  /** After each edit, as it is to be saved: the file as it was opened, with only what was edited changed in it. */
  onChange: (xml: string) => void;
  /** Told how to bring forth at once what is still being gathered; answers how to take that back. */
  onGather?: (write: () => Promise<void>) => () => void;
  problems?: Problem[];
  reality?: RealityOf;
  onChooseReality?: (path: Path) => void;
  /** Of the draft: its forms can be chosen, and say which variables there are. */
  files?: readonly { name: string; content: string }[];
  /** null: a new form is wanted for the element. */
  onOpenForm?: (formId: string | null, elementId: string) => void;
  onFormFromContract?: (flowId: string) => void;
}

type Drawer = "handoffs" | "problems" | "outline";
const NONE: Problem[] = [];
const SAVE_AFTER = 300; // ms without an edit

export function DiagramEditor({ xml, name, onChange, onGather, problems: told = NONE, reality, onChooseReality, files, onOpenForm, onFormFromContract }: EditorProps) {
  const place = useRef<HTMLDivElement>(null);
  const [modeler, setModeler] = useState<Services>(null);
  const [element, setElement] = useState<Services>(null);
  const [paths, setPaths] = useState<Path[]>([]);
  const [stack, setStack] = useState({ undo: false, redo: false });
  const [drawer, setDrawer] = useState<Drawer | null>("handoffs");
  const [edits, again] = useState(0);
  const [wrong, setWrong] = useState("");
  const [isOpening, setOpening] = useState(true);
  const opened = useRef<{ xml: string; keep: Keeper } | null>(null);
  const latest = useRef({ xml: "", onChange, onChooseReality, write: () => Promise.resolve() });
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
  }, []);

  // one listener for as long as the modeler lives: what is saved comes back as `xml`, and must not end the saving
  useEffect(() => {
    if (!modeler) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const write = async () => {
      timer = undefined;
      const file = opened.current;
      if (!file) return;
      const isEdited = modeler.get("commandStack").canUndo();
      const { xml: after } = (await modeler.saveXML({ format: true })) as { xml: string };
      // some undos of bpmn-js leave crumbs in the model: where all is undone, the file is as it was
      const text = isEdited ? (await file.keep.writeSurely(after, serialise)).text : file.xml;
      if (file !== opened.current || text === latest.current.xml) return;
      latest.current.xml = text;
      latest.current.onChange(text);
    };
    let begun = 0;
    let writing = Promise.resolve();
    const save = async () => {
      const mine = ++begun;
      await write().finally(() => {
        if (timer === undefined && mine === begun) delete place.current?.dataset.unsaved; // tests wait for it
      });
    };
    const edited = ({ trigger }: { trigger?: string }) => {
      if (trigger === "clear") return;
      clearTimeout(timer);
      if (place.current) place.current.dataset.unsaved = "";
      timer = setTimeout(() => void (writing = save()), SAVE_AFTER);
    };
    latest.current.write = () => {
      if (timer !== undefined) {
        clearTimeout(timer);
        writing = save();
      }
      return writing;
    };
    const gone = onGather?.(() => latest.current.write());
    modeler.on("commandStack.changed", edited);
    return () => {
      gone?.();
      // who leaves within the pause loses nothing, nor who leaves a field with the page: the panel goes after the editor
      const { write } = latest.current;
      void Promise.resolve().then(write).finally(() => modeler.destroy());
    };
  }, [modeler]);

  useEffect(() => {
    if (!modeler || xml === latest.current.xml) return;
    let stopped = false;
    latest.current.xml = xml;
    opened.current = null;
    setOpening(true);
    modeler.importXML(xml).then(
      async () => {
        if (stopped) return;
        setWrong("");
        fit(modeler);
        again((count) => count + 1);
        const { xml: before } = (await modeler.saveXML({ format: true })) as { xml: string };
        if (!stopped) opened.current = { xml, keep: keeper(xml, before) };
        setOpening(false);
        performance.mark("passerelle:drawn");
      },
      (error: Error) => setWrong(t("broken", { reason: error.message })),
    );
    return () => {
      stopped = latest.current.xml !== xml;
    };
  }, [modeler, xml]);

  useEffect(() => {
    if (modeler && reality) (modeler.get("handoffs") as Handoffs).compare(reality);
  }, [modeler, reality]);

  const local = useMemo(() => (modeler?.getDefinitions() ? problemsOf(modeler.getDefinitions(), paths, files) : NONE), [modeler, paths, edits, files]);
  const problems = useMemo(() => together(local, told), [local, told]);
  useEffect(() => (modeler ? markProblems(modeler, problems) : undefined), [modeler, problems, paths]);

  const errors = problems.filter((one) => one.level === "error").length;
  const zoom = (factor: number) => modeler.get("canvas").zoom(Math.min(4, Math.max(0.2, modeler.get("canvas").zoom() * factor)));
  const save = async (kind: "bpmn" | "svg" | "png") => {
    try {
      await latest.current.write();
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
    <div class="editor" onKeyDown={(event) => modeler && onKey(event, modeler)} onKeyDownCapture={(event) => modeler && event.key === "F6" && cross(event, modeler)}>
      <div class="editor-main">
        <div class="editor-tools" role="toolbar" aria-label={t("tools")}>
          <Button kind="plain" icon="undo" title={`${t("undo")} (Ctrl+Z)`} aria-label={t("undo")} disabled={!stack.undo} onClick={() => modeler.get("commandStack").undo()} />
          <Button kind="plain" icon="redo" title={`${t("redo")} (Ctrl+Y)`} aria-label={t("redo")} disabled={!stack.redo} onClick={() => modeler.get("commandStack").redo()} />
          <Button kind="plain" aria-label={t("smaller")} title={t("smaller")} onClick={() => zoom(1 / 1.25)}>−</Button>
          <Button kind="plain" aria-label={t("larger")} title={t("larger")} onClick={() => zoom(1.25)}>+</Button>
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
        <div class="canvas" ref={place} aria-busy={isOpening} role="region" aria-label={t("canvas")} />
        <section class={`drawer ${drawer ? "" : "closed"}`} aria-label={t("drawer")}>
          <div class="drawer-head">
            <div class="drawer-tabs" role="tablist" aria-label={t("drawer")}>
              {tabs.map(([key, label, count]) => (
                <button type="button" role="tab" key={key} id={`tab-${key}`} aria-selected={drawer === key} aria-controls={drawer === key ? "drawer-panel" : undefined} onClick={() => setDrawer(drawer === key ? null : key)}>
                  {label} {count >= 0 && <span class={`count ${key === "problems" && errors ? "bad" : ""}`}>{count}</span>}
                </button>
              ))}
            </div>
            <button type="button" class="drawer-toggle" aria-expanded={drawer !== null} aria-label={drawer ? t("close") : t("open")} onClick={() => setDrawer(drawer ? null : "handoffs")}>
              <Icon name="down" />
            </button>
          </div>
          {drawer && modeler && (
            <div class="drawer-panel" id="drawer-panel" role="tabpanel" aria-labelledby={`tab-${drawer}`}>
              {drawer === "handoffs" && <HandoffTable paths={paths} reality={reality} chosen={element?.id} onChoose={(path) => show(modeler, badgeFlow(path))} />}
              {drawer === "problems" && <ProblemList problems={problems} modeler={modeler} onChoose={(id) => show(modeler, id)} />}
              {drawer === "outline" && <Outline modeler={modeler} edits={edits} chosen={element?.id} onChoose={(id) => show(modeler, id)} />}
            </div>
          )}
        </section>
      </div>
      <aside class="editor-side" aria-label={t("side")} aria-keyshortcuts="F6">{modeler?.getDefinitions() && <Panel {...{ modeler, element, edits, files, onOpenForm, onFormFromContract }} />}</aside>
    </div>
  );
}

/** F6, as between the parts of a window: from the panel into the diagram, from everywhere else into the panel. */
function cross(event: KeyboardEvent, modeler: Services): void {
  event.preventDefault(); // the browser would go to its address line
  event.stopPropagation();
  if ((event.target as HTMLElement).closest(".draw-panel")) modeler.get("canvas").focus();
  else (event.currentTarget as HTMLElement).querySelector<HTMLElement>(".draw-panel [role=tab][aria-selected=true]")?.focus();
}

/** Undo from the panel and the lists too; in a text that is being typed the browser takes the typing back. */
function onKey(event: KeyboardEvent, modeler: Services): void {
  const target = event.target as HTMLElement;
  const isText = /^(INPUT|TEXTAREA)$/.test(target.tagName) || target.isContentEditable;
  if (!(event.ctrlKey || event.metaKey) || isText || target.closest(".canvas, .bio-properties-panel")) return;
  const command = event.key === "z" && !event.shiftKey ? "undo" : event.key === "y" || event.key.toLowerCase() === "z" ? "redo" : null;
  if (!command) return;
  event.preventDefault();
  modeler.get("commandStack")[command]();
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
