/** Where a model is drawn: canvas, panel, handoffs, problems, outline. Says each change to whoever keeps the file. */
import { type ReadonlySignal, signal, useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Analysis } from "../handoff/analysis";
import type { HandoffLayer } from "../handoff/layer";
import { HandoffTable } from "../handoff/table";
import type { Handoff } from "../handoff/analysis";
import type { Reality } from "../handoff/words";
import { LETTERS, t as words } from "../handoff/words";
import { Button, Icon, tell } from "../shell/ui";
import { room } from "../shell/words";
import type { Edits } from "./edits";
import { download, pngOf, svgOf } from "./exports";
import { type Canvas, fit, goTo, type Modeler, modelerIn, type Shape } from "./modeler";
import { Outline } from "./outline";
import { Panel } from "./panel/panel";
import { type Problem, Problems, problemsOf, mend, together } from "./problems";
import { written } from "./saving";
import { type Form, formOf, knownAt } from "./variables";
import "./editor.css";

const t = room({
  en: {
    undo: "Undo", redo: "Redo", fit: "Fit", fitTitle: "Show the whole diagram", zoomIn: "Larger", zoomOut: "Smaller", outline: "Outline", handoffs: "Handoffs", problems: "Problems", export: "Export", tools: "Drawing", canvas: "Diagram",
    dock: "Handoffs and problems", hide: "Hide the list", show: "Show the list", broken: "This file cannot be drawn: {why}", nothingDrawn: "This file has no drawing: it holds a process without positions.", noPng: "The picture could not be made.", opening: "Opening…",
  },
  fr: {
    undo: "Annuler", redo: "Rétablir", fit: "Tout voir", fitTitle: "Montrer tout le diagramme", zoomIn: "Agrandir", zoomOut: "Réduire", outline: "Plan", handoffs: "Passages", problems: "Problèmes", export: "Exporter", tools: "Dessin", canvas: "Diagramme",
    dock: "Passages et problèmes", hide: "Masquer la liste", show: "Montrer la liste", broken: "Ce fichier ne peut pas être dessiné : {why}", nothingDrawn: "Ce fichier n'a pas de dessin : son processus est sans positions.", noPng: "L'image n'a pas pu être créée.", opening: "Ouverture…",
  },
});

/** The answer of POST /passerelle/v1/checks, as far as it is shown here. */
export interface Checks {
  problems: Problem[];
}

export interface DiagramEditorProps {
  /** The file. A text that is not the last one given to `onChange` is opened anew. */
  xml: string;
  /** After each command, 300 ms later: the whole file; what was not edited is as it was. */
  onChange: (xml: string) => void;
  problems?: ReadonlySignal<Checks | null>;
  /** The files of the draft; those that are forms can be chosen. */
  forms?: ReadonlySignal<{ name: string; content: string }[]>;
  reality?: ReadonlySignal<Reality[]>;
  /** null: a new form is wanted for the element. */
  onOpenForm?: (formId: string | null, elementId: string) => void;
  onFormFromContract?: (flowId: string) => void;
  /** A click on what was measured: lists the cases. */
  onOpenCases?: (handoff: Handoff, reality: Reality) => void;
  /** For exported files, without extension. */
  name?: string;
}

interface Opened {
  modeler: Modeler;
  layer: HandoffLayer;
  edits: Edits;
}

const PAUSE = 300; // ms from a command to the word of it

export function DiagramEditor(props: DiagramEditorProps) {
  const place = useRef<HTMLDivElement>(null);
  const opened = useSignal<Opened | null>(null);
  const tick = useSignal(0);
  const fault = useSignal("");
  const latest = useRef(props);
  latest.current = props;
  const file = useRef({ original: "", before: "", told: null as string | null });

  useEffect(() => {
    const modeler = modelerIn(place.current!);
    const layer = modeler.get("handoffLayer") as HandoffLayer;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const say = async () => {
      timer = undefined;
      const { xml = "" } = await modeler.saveXML({ format: true });
      const text = written(file.current.original, file.current.before, xml);
      if (text === file.current.told) return;
      file.current.told = text;
      latest.current.onChange(text);
    };
    modeler.on(["selection.changed", "import.done", "canvas.viewbox.changed"], () => {
      tick.value += 1; // a listener that returned it would keep the event from all others
    });
    modeler.on("commandStack.changed", (event: { trigger?: string }) => {
      tick.value += 1;
      if (event.trigger === "clear") return;
      clearTimeout(timer);
      timer = setTimeout(say, PAUSE);
    });
    modeler.on("handoff.click", ({ flow, handoffs, reality }: { flow: string; handoffs: Handoff[]; reality: (Reality | null)[] }) => {
      goTo(modeler, flow);
      const at = reality.findIndex(Boolean);
      if (at >= 0) latest.current.onOpenCases?.(handoffs[at]!, reality[at]!);
    });
    opened.value = { modeler, layer, edits: modeler.get("edits") as Edits };
    return () => {
      const due = timer !== undefined;
      clearTimeout(timer);
      void (due ? say() : Promise.resolve()).finally(() => modeler.destroy());
    };
  }, []);

  useEffect(() => {
    const now = opened.value;
    if (!now || props.xml === file.current.told) return;
    file.current = { original: props.xml, before: "", told: props.xml };
    fault.value = "";
    now.modeler.importXML(props.xml).then(
      async () => {
        file.current.before = (await now.modeler.saveXML({ format: true })).xml ?? "";
        fit(now.modeler);
        tick.value += 1;
        performance.mark("diagram-open");
      },
      (error: Error) => {
        fault.value = /no diagram to display/.test(error.message) ? t("nothingDrawn") : t("broken", { why: error.message });
      },
    );
  }, [props.xml, opened.value]);

  useEffect(() => props.reality?.subscribe((rows) => opened.value?.layer.show(rows)), [opened.value, props.reality]);

  const now = opened.value;
  return (
    <div class="draw" onKeyDown={(event) => now && onKey(event, now.modeler)}>
      {now && <Toolbar {...now} tick={tick.value} name={props.name ?? "process"} text={() => file.current.told ?? props.xml} />}
      <div class="draw-canvas" aria-label={t("canvas")} ref={place} />
      {fault.value && <p class="draw-fault" role="alert"><Icon name="error" /> {fault.value}</p>}
      {now && !fault.value && <Sides {...now} tick={tick.value} props={props} />}
    </div>
  );
}

/** Undo from anywhere but a text that is being typed: there the browser takes the typing back. */
function onKey(event: KeyboardEvent, modeler: Modeler): void {
  const target = event.target as HTMLElement;
  if (!(event.ctrlKey || event.metaKey) || /^(INPUT|TEXTAREA)$/.test(target.tagName) || target.isContentEditable || target.closest(".draw-canvas")) return;
  const command = event.key === "z" && !event.shiftKey ? "undo" : event.key === "y" || event.key.toLowerCase() === "z" ? "redo" : null;
  if (!command) return;
  event.preventDefault();
  (modeler.get("commandStack") as { undo(): void; redo(): void })[command]();
}

const nothing = signal<never[]>([]);
const unchecked = signal<Checks | null>(null);

/** All that follows the model: outline, panel, and the lists below the canvas. */
function Sides({ modeler, layer, edits, tick, props }: Opened & { tick: number; props: DiagramEditorProps }) {
  const files = (props.forms ?? nothing).value;
  const checks = (props.problems ?? unchecked).value;
  const forms = useMemo(() => files.flatMap((file) => (file.name.endsWith(".form") ? (formOf(file) ?? []) : [])) as Form[], [files]);
  const analysis = layer.analysis.value;
  const problems = useMemo(() => (analysis ? together(problemsOf(analysis, forms), checks?.problems ?? []) : []), [analysis, forms, checks]);
  useMarks(modeler, problems);
  const element = chosenIn(modeler);
  if (!analysis || !element) return null;
  const model = element.businessObject;
  const many = (modeler.get("selection") as { get(): Shape[] }).get().length;
  const go = (id: string) => void goTo(modeler, id);
  const anchor = model.$type === "bpmn:SequenceFlow" ? (model.sourceRef?.id as string) : element.id;
  return (
    <>
      {isOutlineOpen.value && (
        <div class="draw-outline"><Outline analysis={analysis} selected={element.id} onSelect={(id, isDone) => goTo(modeler, id, { focus: isDone })} /></div>
      )}
      <Dock {...{ modeler, layer, analysis, problems, tick }} selected={element.id} />
      <Panel {...{ modeler, edits, element, model, analysis, forms }} chosen={many} variables={variablesAt(anchor, model, analysis, forms)}
        flowOf={(handoff) => layer.flowOf(handoff)} goTo={go} onOpenForm={props.onOpenForm} onFormFromContract={props.onFormFromContract} />
    </>
  );
}

/** At a pool, lane or process: whatever anything in the model sets. */
function variablesAt(id: string, model: Shape["businessObject"], analysis: Analysis, forms: Form[]) {
  if (model.$instanceOf?.("bpmn:FlowNode") || model.sourceRef) return knownAt(id, analysis, forms, model.$type !== "bpmn:SequenceFlow" && !/Gateway$/.test(model.$type));
  const all = [...analysis.sides.keys()].flatMap((node) => knownAt(node, analysis, forms));
  return [...new Map(all.map((variable) => [variable.name, variable])).values()];
}

function chosenIn(modeler: Modeler): Shape | null {
  const [first] = (modeler.get("selection") as { get(): Shape[] }).get();
  const shape = first ?? (modeler.get("canvas") as Canvas).getRootElement();
  return shape?.businessObject ? (shape.labelTarget ?? shape) : null;
}

const isOutlineOpen = signal(false);
const dock = signal<"handoffs" | "problems" | null>(innerHeight > 720 ? "handoffs" : null);

function Dock({ modeler, layer, analysis, problems, selected }: { modeler: Modeler; layer: HandoffLayer; analysis: Analysis; problems: Problem[]; selected: string; tick: number }) {
  const nameOf = (id: string) => analysis.elements.get(id)?.name || id;
  const errors = problems.filter((problem) => problem.level === "error").length;
  const tabs = [["handoffs", analysis.handoffs.length, ""], ["problems", problems.length, errors ? "error" : problems.length ? "warning" : ""]] as const;
  return (
    <section class={`draw-dock ${dock.value ? "open" : ""}`} aria-label={t("dock")}>
      <header>
        <div class="tabs" role="tablist">
          {tabs.map(([name, count, level]) => (
            <button type="button" role="tab" key={name} aria-selected={dock.value === name} onClick={() => (dock.value = dock.value === name ? null : name)}>
              {t(name)} <span class={`count ${level}`}>{count}</span>
            </button>
          ))}
        </div>
        <ul class="legend">
          {(["internal", "partner", "customer"] as const).map((kind) => <li key={kind} class={`kind-mark ${kind}`}><b>{LETTERS[kind]}</b> {words(kind)}</li>)}
        </ul>
        <button type="button" class="button plain fold" aria-expanded={dock.value !== null} aria-label={dock.value ? t("hide") : t("show")} onClick={() => (dock.value = dock.value ? null : "handoffs")}><Icon name="down" /></button>
      </header>
      {dock.value === "handoffs" && (
        <div class="dock-body" role="tabpanel">
          <HandoffTable handoffs={analysis.handoffs} nameOf={nameOf} flowOf={(handoff) => layer.flowOf(handoff)} selected={selected} onSelect={(id) => goTo(modeler, id)} realityOf={(handoff) => layer.realityOf(handoff)} />
        </div>
      )}
      {dock.value === "problems" && (
        <div class="dock-body" role="tabpanel">
          <Problems problems={problems} nameOf={nameOf} onSelect={(problem) => problem.elementId && goTo(modeler, problem.elementId)} onFix={(problem) => { mend(problem, modeler); goTo(modeler, problem.elementId!); }} />
        </div>
      )}
    </section>
  );
}

/** The worst problem of each element as a mark on it. */
function useMarks(modeler: Modeler, problems: Problem[]): void {
  const marked = useRef<string[]>([]);
  const signature = problems.map((problem) => `${problem.elementId} ${problem.level} ${problem.message}`).join("\n");
  useEffect(() => {
    const overlays = modeler.get("overlays") as { add(id: string, type: string, overlay: object): string; remove(id: string): void };
    const registry = modeler.get("elementRegistry") as { get(id: string): Shape | undefined };
    for (const id of marked.current) overlays.remove(id);
    marked.current = [];
    for (const id of new Set(problems.flatMap((problem) => problem.elementId ?? []))) {
      const found = problems.filter((problem) => problem.elementId === id);
      const shape = registry.get(id);
      if (!shape || shape.waypoints || !("width" in shape)) continue;
      const mark = document.createElement("span");
      const level = found.some((problem) => problem.level === "error") ? "error" : "warning";
      mark.className = `problem-mark ${level}`;
      mark.textContent = "!";
      mark.title = found.map((problem) => problem.message).join("\n");
      mark.addEventListener("click", () => {
        dock.value = "problems";
        goTo(modeler, id);
      });
      marked.current.push(overlays.add(id, "problem", { position: { top: -9, right: 9 }, html: mark, show: { minZoom: 0.3 } }));
    }
  }, [signature, modeler]);
}

function Toolbar({ modeler, name, text }: Opened & { tick: number; name: string; text: () => string }) {
  const commands = modeler.get("commandStack") as { canUndo(): boolean; canRedo(): boolean; undo(): void; redo(): void };
  const canvas = modeler.get("canvas") as Canvas;
  const zoom = (factor: number) => canvas.zoom(Math.min(4, Math.max(0.2, canvas.zoom() * factor)));
  const menu = useRef<HTMLDetailsElement>(null);
  const save = async (kind: "bpmn" | "svg" | "png") => {
    menu.current!.open = false;
    try {
      if (kind === "bpmn") download(`${name}.bpmn`, new Blob([text()], { type: "application/xml" }));
      else if (kind === "svg") download(`${name}.svg`, new Blob([await svgOf(modeler)], { type: "image/svg+xml" }));
      else download(`${name}.png`, await pngOf(await svgOf(modeler)));
    } catch {
      tell(t("noPng"), true);
    }
  };
  return (
    <div class="draw-tools" role="toolbar" aria-label={t("tools")}>
      <Button kind="plain" icon="undo" aria-label={t("undo")} title={`${t("undo")} (Ctrl+Z)`} disabled={!commands.canUndo()} onClick={() => commands.undo()} />
      <Button kind="plain" icon="redo" aria-label={t("redo")} title={`${t("redo")} (Ctrl+Y)`} disabled={!commands.canRedo()} onClick={() => commands.redo()} />
      <i class="gap" />
      <Button kind="plain" aria-label={t("zoomOut")} title={t("zoomOut")} onClick={() => zoom(1 / 1.25)}>−</Button>
      <output class="zoom">{Math.round((canvas.zoom() || 1) * 100)} %</output>
      <Button kind="plain" aria-label={t("zoomIn")} title={t("zoomIn")} onClick={() => zoom(1.25)}>+</Button>
      <Button kind="plain" title={t("fitTitle")} onClick={() => fit(modeler)}>{t("fit")}</Button>
      <i class="gap" />
      <Button kind="plain" aria-pressed={isOutlineOpen.value} onClick={() => (isOutlineOpen.value = !isOutlineOpen.value)}>{t("outline")}</Button>
      <details class="menu" ref={menu}>
        <summary class="button plain">{t("export")} <Icon name="down" /></summary>
        <div class="menu-list">
          {(["bpmn", "svg", "png"] as const).map((kind) => <button type="button" key={kind} onClick={() => save(kind)}>{kind.toUpperCase()}</button>)}
        </div>
      </details>
    </div>
  );
}
