/** A diagram to look at: tokens, incidents and handoffs on it, and what is selected. */
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "./live.css";
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { room } from "../shell/words";
import zeebe from "zeebe-bpmn-moddle/resources/zeebe.json";
import { wholeWords } from "../bpmn/whole_words";
import { type Handoffs, handoffLayer, type StandingOf, badgeFlow } from "../handoff/layer";
import { handoffModdle } from "../handoff/moddle";
import type { Mark } from "./marks";

const t = room({
  en: {
    diagram: "Diagram of the process", tokens: "{n} token here || {n} tokens here", incidents: "{n} incident || {n} incidents", passed: "Passed {n} time || Passed {n} times",
    fit: "Whole diagram", closer: "Closer", further: "Further away",
  },
  fr: {
    diagram: "Diagramme du processus", tokens: "{n} jeton ici || {n} jetons ici", incidents: "{n} incident || {n} incidents", passed: "Passé {n} fois || Passé {n} fois",
    fit: "Tout le diagramme", closer: "Agrandir", further: "Réduire",
  },
});

interface Props {
  xml: string;
  marks: Mark[];
  /** How each handoff stands in the case; without it one looks at the model. */
  standing?: StandingOf;
  /** Shown where the model has no drawing. */
  instead: ComponentChildren;
  selected: string | null;
  onSelect: (elementId: string | null) => void;
}

interface Shape { id: string; type: string; waypoints?: object[]; width: number }
interface Canvas {
  zoom(how: number | "fit-viewport", center?: "auto"): number;
  viewbox(box?: { x: number; y: number; width: number; height: number }): { inner: { x: number; y: number; width: number; height: number }; outer: { width: number; height: number } };
  addMarker(id: string, name: string): void;
  removeMarker(id: string, name: string): void;
  scrollToElement(id: string, padding?: number): void;
}
interface Registry { get(id: string): Shape | undefined }
interface Overlays { add(id: string, type: string, overlay: object): string; remove(id: string): void }
interface Bus { on(name: string, call: (event: { element: Shape }) => void): void }
interface Zoomer { stepZoom(delta: number): void }

const MARKERS = ["is-active", "is-done", "has-incident"] as const;

export function DiagramView({ xml, marks, standing, instead, selected, onSelect }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const viewer = useRef<NavigatedViewer | null>(null);
  const shown = useRef<{ overlays: string[]; markers: [string, string][] }>({ overlays: [], markers: [] });
  const select = useRef(onSelect);
  select.current = onSelect;
  const drawn = useRef(false);
  const [ready, setReady] = useState(0);
  const [isDrawn, setDrawn] = useState(true);

  useEffect(() => {
    const made = new NavigatedViewer({ container: place.current!, moddleExtensions: { zeebe, handoff: handoffModdle }, additionalModules: [handoffLayer, wholeWords] } as never);
    viewer.current = made;
    (made.get("handoffs") as Handoffs).onChoose = (path) => select.current(badgeFlow(path));
    const bus = made.get("eventBus") as Bus;
    bus.on("element.click", ({ element }) => select.current(element.type === "bpmn:Process" || element.type === "bpmn:Collaboration" ? null : element.id.replace(/_label$/, "")));
    const size = new ResizeObserver(() => {
      (made.get("canvas") as unknown as { resized(): void }).resized();
      if (drawn.current) fit(made);
    });
    size.observe(place.current!);
    return () => {
      size.disconnect();
      made.destroy();
      viewer.current = null;
    };
  }, []);

  useEffect(() => {
    let stale = false;
    shown.current = { overlays: [], markers: [] };
    viewer.current!.importXML(xml).then(
      () => {
        if (stale || !viewer.current) return;
        setDrawn(true);
        drawn.current = true;
        fit(viewer.current);
        setReady((n) => n + 1);
      },
      () => !stale && setDrawn(false),
    );
    return () => void (stale = true);
  }, [xml]);

  useEffect(() => {
    if (!ready || !viewer.current) return;
    draw(viewer.current, shown.current, marks);
  }, [ready, marks]);

  useEffect(() => {
    if (ready && standing && viewer.current) (viewer.current.get("handoffs") as Handoffs).follow(standing);
  }, [ready, standing]);

  useEffect(() => {
    const canvas = ready ? (viewer.current?.get("canvas") as Canvas | undefined) : undefined;
    if (!canvas || !selected || !(viewer.current!.get("elementRegistry") as Registry).get(selected)) return;
    canvas.addMarker(selected, "is-chosen");
    canvas.scrollToElement(selected, 80);
    return () => {
      if (viewer.current && (viewer.current.get("elementRegistry") as Registry).get(selected)) canvas.removeMarker(selected, "is-chosen");
    };
  }, [ready, selected]);

  const zoom = (delta: number): void => (viewer.current!.get("zoomScroll") as Zoomer).stepZoom(delta);
  return (
    <div class="live-diagram" role="region" aria-label={t("diagram")} data-ready={ready}>
      <div class="live-canvas" ref={place} hidden={!isDrawn} />
      {!isDrawn && instead}
      <div class="live-zoom" hidden={!isDrawn}>
        <button type="button" class="button" onClick={() => zoom(1)} aria-label={t("closer")} title={t("closer")}>+</button>
        <button type="button" class="button" onClick={() => zoom(-1)} aria-label={t("further")} title={t("further")}>−</button>
        <button type="button" class="button" onClick={() => fit(viewer.current!)} aria-label={t("fit")} title={t("fit")}>⤢</button>
      </div>
    </div>
  );
}

const SIDE = 40, TOP = 60, BOTTOM = 48; // pixels: the buttons above, the mark of bpmn.io below

/** The whole diagram with room around it, never larger than life. */
function fit(viewer: NavigatedViewer): void {
  const canvas = viewer.get("canvas") as Canvas;
  canvas.zoom("fit-viewport");
  const { inner, outer } = canvas.viewbox();
  if (!inner.width || !outer.width) return;
  const scale = Math.min((outer.width - SIDE) / inner.width, (outer.height - TOP - BOTTOM) / inner.height, 1);
  const width = outer.width / scale, height = outer.height / scale;
  const above = Math.max(TOP / scale, (height - inner.height) / 2);
  canvas.viewbox({ x: inner.x - (width - inner.width) / 2, y: inner.y - above, width, height });
}

function draw(viewer: NavigatedViewer, shown: { overlays: string[]; markers: [string, string][] }, marks: Mark[]): void {
  const canvas = viewer.get("canvas") as Canvas, registry = viewer.get("elementRegistry") as Registry, overlays = viewer.get("overlays") as Overlays;
  for (const id of shown.overlays) overlays.remove(id);
  for (const [id, name] of shown.markers) if (registry.get(id)) canvas.removeMarker(id, name);
  shown.overlays = [];
  shown.markers = [];
  for (const mark of marks) {
    const element = registry.get(mark.elementId);
    if (!element || element.waypoints) continue;
    const states = [mark.active > 0, !mark.active && mark.completed > 0, mark.incidents > 0];
    MARKERS.forEach((name, n) => {
      if (!states[n]) return;
      canvas.addMarker(mark.elementId, name);
      shown.markers.push([mark.elementId, name]);
    });
    if (mark.active) shown.overlays.push(overlays.add(mark.elementId, "live", { ...AT_CORNER, position: { bottom: 12, left: -12 }, html: badge("token", String(mark.active), t("tokens", { n: mark.active })) }));
    if (mark.incidents) shown.overlays.push(overlays.add(mark.elementId, "live", { ...AT_CORNER, position: { top: -12, right: 14 }, html: badge("incident", mark.incidents > 1 ? `! ${mark.incidents}` : "!", t("incidents", { n: mark.incidents })) }));
    const isTask = element.width > 60; // a small shape has its name below it
    if (mark.completed > 1 && !(mark.incidents && !isTask)) shown.overlays.push(overlays.add(mark.elementId, "live", { ...AT_CORNER, position: isTask ? { bottom: 8, right: 16 } : { top: -8, right: 12 }, html: badge("passed", `×${mark.completed}`, t("passed", { n: mark.completed })) }));
  }
}

/** As large as the drawing, but never too small to read. */
const AT_CORNER = { scale: { min: 0.75, max: 1.25 } };

/** Names of a model are text here, never markup. */
function badge(kind: string, text: string, words: string): HTMLElement {
  const made = document.createElement("span");
  made.className = `live-badge ${kind}`;
  made.textContent = text;
  made.title = words;
  made.setAttribute("role", "img");
  made.setAttribute("aria-label", words);
  return made;
}
