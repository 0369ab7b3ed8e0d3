/** A diagram to look at: tokens, incidents and handoffs on it, and what is selected. */
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "./live.css";
import NavigatedViewer from "bpmn-js/lib/NavigatedViewer";
import { useEffect, useRef, useState } from "preact/hooks";
import { room } from "../shell/words";
import type { Crossing, Mark } from "./marks";

const t = room({
  en: {
    diagram: "Diagram of the process", tokens: "{n} token here || {n} tokens here", incidents: "{n} incident || {n} incidents", passed: "Passed {n} time || Passed {n} times",
    broken: "This diagram cannot be drawn: {why}", fit: "Whole diagram", closer: "Closer", further: "Further away",
    OFFERED: "offered", ACCEPTED: "accepted", COMPLETED: "completed", DECLINED: "declined", WITHDRAWN: "withdrawn", late: "late", handoff: "Handoff {from} to {to}: {state}", round: "round {n}",
  },
  fr: {
    diagram: "Diagramme du processus", tokens: "{n} jeton ici || {n} jetons ici", incidents: "{n} incident || {n} incidents", passed: "Passé {n} fois || Passé {n} fois",
    broken: "Ce diagramme ne peut pas être dessiné : {why}", fit: "Tout le diagramme", closer: "Agrandir", further: "Réduire",
    OFFERED: "proposée", ACCEPTED: "acceptée", COMPLETED: "terminée", DECLINED: "refusée", WITHDRAWN: "retirée", late: "en retard", handoff: "Passage de {from} à {to} : {state}", round: "tour {n}",
  },
});

interface Props {
  xml: string;
  marks: Mark[];
  crossings: Crossing[];
  selected: string | null;
  onSelect: (elementId: string | null) => void;
}

interface Point { x: number; y: number }
interface Shape { id: string; type: string; waypoints?: Point[]; labelTarget?: unknown; x: number; y: number; width: number; height: number }
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

export function DiagramView({ xml, marks, crossings, selected, onSelect }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const viewer = useRef<NavigatedViewer | null>(null);
  const shown = useRef<{ overlays: string[]; markers: [string, string][] }>({ overlays: [], markers: [] });
  const select = useRef(onSelect);
  select.current = onSelect;
  const drawn = useRef(false);
  const [ready, setReady] = useState(0);
  const [broken, setBroken] = useState("");

  useEffect(() => {
    const made = new NavigatedViewer({ container: place.current! });
    viewer.current = made;
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
        setBroken("");
        drawn.current = true;
        fit(viewer.current);
        setReady((n) => n + 1);
      },
      (error: Error) => !stale && setBroken(error.message),
    );
    return () => void (stale = true);
  }, [xml]);

  useEffect(() => {
    if (!ready || !viewer.current) return;
    draw(viewer.current, shown.current, marks, crossings);
  }, [ready, marks, crossings]);

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
      <div class="live-canvas" ref={place} />
      {broken && <p class="live-broken" role="alert">{t("broken", { why: broken })}</p>}
      <div class="live-zoom">
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

function draw(viewer: NavigatedViewer, shown: { overlays: string[]; markers: [string, string][] }, marks: Mark[], crossings: Crossing[]): void {
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
    if (mark.active) shown.overlays.push(overlays.add(mark.elementId, "live", { position: { bottom: 12, left: -12 }, html: badge("token", String(mark.active), t("tokens", { n: mark.active })) }));
    if (mark.incidents) shown.overlays.push(overlays.add(mark.elementId, "live", { position: { top: -12, right: 14 }, html: badge("incident", mark.incidents > 1 ? `! ${mark.incidents}` : "!", t("incidents", { n: mark.incidents })) }));
    if (mark.completed > 1) shown.overlays.push(overlays.add(mark.elementId, "live", { position: { bottom: 10, right: 14 }, html: badge("passed", `×${mark.completed}`, t("passed", { n: mark.completed })) }));
  }
  for (const one of crossings) {
    for (const id of one.flowIds) {
      if (!registry.get(id)) continue;
      canvas.addMarker(id, `is-${one.kind}`);
      shown.markers.push([id, `is-${one.kind}`]);
    }
    const flow = one.flowIds.map((id) => registry.get(id)).find((found) => found?.waypoints);
    if (flow) shown.overlays.push(overlays.add(flow.id, "live", { position: middle(flow), html: crossing(one) }));
  }
}

const SIGNS: Record<Crossing["state"], string> = { OFFERED: "…", ACCEPTED: "▸", COMPLETED: "✓", DECLINED: "✗", WITHDRAWN: "–" };

function crossing(one: Crossing): HTMLElement {
  const state = [t(one.state), one.late ? t("late") : "", one.rounds > 1 ? t("round", { n: one.rounds }) : ""].filter(Boolean).join(", ");
  const words = t("handoff", { from: one.words.fromSide, to: one.words.toSide, state });
  const made = badge(`crossing ${one.kind} ${one.late ? "late" : ""} ${one.state.toLowerCase()}`, `${one.kind[0]!.toUpperCase()} ${SIGNS[one.state]}`, words);
  if (one.rounds > 1) made.append(` ${one.rounds}`);
  return made;
}

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

/** Half way along a flow, seen from the corner of the box around it: where overlays are counted from. */
function middle(flow: Shape): { top: number; left: number } {
  const points = flow.waypoints!;
  const lengths = points.slice(1).map((point, n) => Math.hypot(point.x - points[n]!.x, point.y - points[n]!.y));
  let rest = lengths.reduce((sum, one) => sum + one, 0) / 2, n = 0;
  while (n < lengths.length - 1 && rest > lengths[n]!) rest -= lengths[n++]!;
  const from = points[n]!, to = points[n + 1] ?? from, part = lengths[n] ? rest / lengths[n]! : 0;
  const left = Math.min(...points.map((point) => point.x)), top = Math.min(...points.map((point) => point.y));
  return { left: from.x + (to.x - from.x) * part - left - 16, top: from.y + (to.y - from.y) * part - top - 11 };
}
