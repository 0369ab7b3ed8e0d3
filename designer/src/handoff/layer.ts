/**
 * The handoff layer of a diagram: each edge on which work crosses is drawn in the colour of its kind and carries a badge with its limits,
 * recomputed while one draws. Works in modelers and viewers. Service `handoffs`; event `handoffs.changed` ({paths}) when they are others.
 */
import BaseRenderer from "diagram-js/lib/draw/BaseRenderer";
import { handoffsOf, type Path } from "./analysis";
import { badge, type Reality, type Standing } from "./badges";
import { type Box, crossingOf, type Point } from "./crossing";
import { drawnBadge } from "./drawn_badge";
import type { Kind } from "./kinds";
import { isA, type Moddle } from "./moddle";
import { linesOf, placeAll, type Placed, type Size } from "./places";
import "./layer.css";

export { describe, type Reality, type Standing } from "./badges";
export type RealityOf = (path: Path) => Reality | undefined;
/** null: nothing has crossed there yet. */
export type StandingOf = (path: Path) => Standing | null;

// biome-ignore lint/suspicious/noExplicitAny: services of diagram-js have no types
type Service = any;

/** As in tokens.css; written out, so that exported pictures have them too. */
const COLOURS: Record<Kind, string> = { internal: "#1460b8", partner: "#a04a00", customer: "#9c1150" };

/** The edge that carries the badge of a path: where its contract is, else where it comes to the other side. */
export const badgeFlow = (path: Path): string => path.contract?.flowId ?? path.flowIds.at(-1)!;

/** As CSS names them, the largest first; the dot is all that is left where the drawing is small. */
const FORMS = ["full", "short", "letter", "dot"] as const;
const MARKS = "live"; // type of the overlays that a live view puts at the corners of shapes, and how far they stand out, in pixels
const OUTSIDE = 11;
const FAR = 0.25; // zoom below which only dots are drawn

interface Shown {
  flow: string;
  /** All that the badge is made of. */
  says: string;
  edge: Service;
  button: HTMLElement;
  /** Half way between leaving one side and coming to the other. */
  ideal: Point;
  forms: Size[];
  overlay: string;
}

export class Handoffs {
  static $inject = ["eventBus", "elementRegistry", "overlays", "canvas"];

  paths: Path[] = [];
  private kinds = new Map<string, Kind>();
  private byFlow = new Map<string, Path[]>();
  private signature = "";
  private planned = false;
  private arranging = 0;
  private scale = 0;
  private badges: Shown[] = [];
  private reality: RealityOf = () => undefined;
  private standing: StandingOf | null = null;
  private shown = true;
  /** Set by whoever wants to know that a badge was chosen. */
  onChoose: ((path: Path) => void) | null = null;

  constructor(
    private readonly eventBus: Service,
    private readonly elementRegistry: Service,
    private readonly overlays: Service,
    private readonly canvas: Service,
  ) {
    eventBus.on(["import.done", "commandStack.changed", "elements.changed"], () => this.plan());
    eventBus.on("canvas.viewbox.changed", ({ viewbox }: { viewbox: { scale: number } }) => viewbox.scale !== this.scale && this.arrangeSoon());
    eventBus.on(["root.set", "elements.changed", "commandStack.changed"], () => this.arrangeSoon());
    eventBus.on("diagram.clear", () => {
      this.badges = [];
      this.signature = "";
    });
    eventBus.on("diagram.destroy", () => cancelAnimationFrame(this.arranging));
  }

  kindOf(flowId: string): Kind | undefined {
    return this.shown ? this.kinds.get(flowId) : undefined;
  }

  pathsOn(flowId: string): Path[] {
    return this.byFlow.get(flowId) ?? [];
  }

  /** What really happened on each path; drawn on the same edges. */
  compare(reality: RealityOf): void {
    this.reality = reality;
    this.signature = "";
    this.plan();
  }

  /** How each path stands in the case that one looks at; drawn on the same edges. */
  follow(standing: StandingOf): void {
    this.standing = standing;
    this.signature = "";
    this.plan();
  }

  toggle(shown: boolean): void {
    this.shown = shown;
    this.signature = "";
    this.plan();
  }

  private plan(): void {
    if (this.planned) return;
    this.planned = true;
    queueMicrotask(() => {
      this.planned = false;
      this.refresh();
    });
  }

  refresh(): void {
    const root = this.canvas.getRootElement()?.businessObject as Moddle | undefined;
    const definitions = definitionsOf(root);
    if (!definitions) return;
    this.paths = handoffsOf(definitions);
    const kinds = new Map<string, Kind>();
    const byFlow = new Map<string, Path[]>();
    for (const path of this.paths) {
      for (const flow of path.flowIds) kinds.set(flow, stronger(kinds.get(flow), path.kind));
      byFlow.set(badgeFlow(path), [...(byFlow.get(badgeFlow(path)) ?? []), path]);
    }
    const signature = this.sign(byFlow);
    if (signature === this.signature) return;
    this.signature = signature;
    const changed = [...new Set([...this.kinds.keys(), ...kinds.keys()])].filter((flow) => this.kinds.get(flow) !== kinds.get(flow));
    this.kinds = kinds;
    this.byFlow = byFlow;
    this.drawBadges();
    const elements = changed.map((flow) => this.elementRegistry.get(flow)).filter(Boolean);
    if (elements.length) this.eventBus.fire("elements.changed", { elements });
    this.eventBus.fire("handoffs.changed", { paths: this.paths });
  }

  private sign(byFlow: Map<string, Path[]>): string {
    const rows = [...byFlow].map(([flow, paths]) => {
      const points = this.elementRegistry.get(flow)?.waypoints ?? [];
      const where = points.map((point: Point) => `${Math.round(point.x)},${Math.round(point.y)}`).join(" ");
      return [flow, where, paths.map((path) => [path.from, path.to, path.fromSide.name, path.toSide.name, path.kind, path.contract])];
    });
    return JSON.stringify([this.shown, rows]);
  }

  /** What says the same as before stays: an edit changes one badge of many. */
  private drawBadges(): void {
    const before = new Map(this.badges.map((one) => [one.flow, one]));
    this.badges = [];
    for (const [flow, paths] of this.shown ? this.byFlow : []) {
      const edge = this.elementRegistry.get(flow);
      if (!edge?.waypoints?.length || edge.hidden) continue;
      const ideal = crossingOf(edge.waypoints, this.box(paths[0]!.fromSide.id), this.box(paths[0]!.toSide.id));
      const says = this.says(paths);
      const old = before.get(flow);
      if (old?.edge === edge && old?.says === says) {
        this.badges.push({ ...old!, ideal });
        before.delete(flow);
        continue;
      }
      const button = this.button(flow, paths);
      const overlay: string = this.overlays.add(edge, "handoff", { position: { left: 0, top: 0 }, html: button, scale: false });
      this.badges.push({ flow, says, edge, button, ideal, forms: [], overlay });
      if (document.activeElement === old?.button) button.focus();
    }
    for (const { overlay } of before.values()) this.overlays.remove(overlay);
    this.arrangeSoon();
  }

  private says(paths: Path[]): string {
    return JSON.stringify(paths.map((path) => [path.from, path.to, path.fromSide.name, path.toSide.name, path.kind, path.contract, this.reality(path), this.standing?.(path)]));
  }

  private arrangeSoon(): void {
    cancelAnimationFrame(this.arranging);
    this.arranging = requestAnimationFrame(() => this.arrange());
  }

  /** Each badge beside labels, shapes and other badges, as large as there is room for at this zoom. */
  private arrange(): void {
    const badges = this.badges;
    this.scale = this.canvas.viewbox().scale;
    if (!badges.length) return;
    const scale = this.scale;
    const first = scale < FAR ? FORMS.length - 1 : 0;
    const placed = this.placed(scale, first);
    for (const [index, { edge, button }] of badges.entries()) {
      const { x, y, form } = placed[index]!;
      const left = Math.min(...edge.waypoints.map((point: Point) => point.x)) * scale;
      const top = Math.min(...edge.waypoints.map((point: Point) => point.y)) * scale;
      button.style.left = `${x - left}px`;
      button.style.top = `${y - top}px`;
      button.dataset.form = FORMS[form + first];
    }
  }

  /** The badges as they would lie at the drawing's own size, for pictures of it. */
  drawn(): string {
    const placed = this.badges.length ? this.placed(1, 0) : [];
    return placed.map(({ form, ...middle }, index) => {
      const { flow, button, forms } = this.badges[index]!;
      return drawnBadge(button, FORMS[form]!, COLOURS[this.pathsOn(flow)[0]!.kind], middle, forms[form]!);
    }).join("");
  }

  private placed(scale: number, first: number): Placed[] {
    const badges = this.badges;
    this.measure(badges.filter((one) => !one.forms.length));
    const onScreen = ({ x, y }: Point): Point => ({ x: x * scale, y: y * scale });
    const wanted = badges.map(({ edge, ideal, forms }) => ({ waypoints: edge.waypoints.map(onScreen), ideal: onScreen(ideal), forms: forms.slice(first) }));
    const edges = (this.elementRegistry.filter((element: Service) => element.waypoints && !element.hidden) as Service[]).map((edge) => ({ edge, lines: linesOf(edge.waypoints.map(onScreen)) }));
    return placeAll(wanted, this.taken(scale), (own) => edges.flatMap(({ edge, lines }) => (edge === badges[own]!.edge ? [] : lines)));
  }

  /** All in one form, then all sizes: the browser lays out once a form. */
  private measure(fresh: Shown[]): void {
    if (!fresh.length) return;
    const sizes = FORMS.map((form) => {
      for (const { button } of fresh) button.dataset.form = form;
      return fresh.map(({ button }) => ({ width: button.offsetWidth, height: button.offsetHeight }));
    });
    for (const [index, one] of fresh.entries()) one.forms = sizes.map((some) => some[index]!);
  }

  /** What must stay readable: labels, shapes with their marks, the titles of pools and lanes. Pixels of the screen. */
  private taken(scale: number): Box[] {
    const root = this.canvas.getRootElement();
    const found = frame(this.canvas.viewbox().inner as Box, scale);
    for (const element of this.elementRegistry.getAll() as Service[]) {
      if (element === root || element.waypoints || element.hidden || this.canvas.findRoot(element) !== root) continue;
      const box = element.labelTarget ? this.textOf(element) : isRoom(element) ? title(element) : element;
      if (!box) continue;
      const around = this.overlays.get({ element, type: MARKS }).length ? OUTSIDE : 0;
      found.push({ x: box.x * scale - around, y: box.y * scale - around, width: box.width * scale + 2 * around, height: box.height * scale + 2 * around });
    }
    return found;
  }

  /** A label's place is often larger than its words. */
  private textOf(label: Service): Box {
    const text = this.elementRegistry.getGraphics(label)?.querySelector("text") as SVGGraphicsElement | null;
    const { x, y, width, height } = text?.getBBox?.() ?? { x: 0, y: 0, width: 0, height: 0 };
    return width ? { x: label.x + x, y: label.y + y, width, height } : label;
  }

  private box(sideId: string): Box | null {
    const shape = this.elementRegistry.get(sideId);
    return shape && typeof shape.width === "number" ? shape : null;
  }

  private button(flow: string, paths: Path[]): HTMLElement {
    const path = paths[0]!;
    // of several on one edge, the one with news
    const all = this.standing ? paths.map((one) => this.standing!(one)) : [];
    const standing = this.standing ? (all.find((one) => one && one.left !== null) ?? all.find(Boolean) ?? null) : undefined;
    const button = badge(path, paths.length, this.reality(path), standing);
    button.dataset.flow = flow;
    button.addEventListener("click", (event) => {
      event.stopPropagation();
      this.onChoose?.(this.pathsOn(flow)[0] ?? path);
    });
    return button;
  }
}

/** Around the drawing: a badge that stood out of it would be cut where the drawing fills the window. */
function frame(drawing: Box, scale: number): Box[] {
  const [left, top] = [drawing.x * scale - MARGIN, drawing.y * scale - MARGIN];
  const [width, height] = [drawing.width * scale + 2 * MARGIN, drawing.height * scale + 2 * MARGIN];
  const wide = { x: left - WALL, width: width + 2 * WALL, height: WALL };
  const tall = { y: top, width: WALL, height };
  return [{ ...wide, y: top - WALL }, { ...wide, y: top + height }, { ...tall, x: left - WALL }, { ...tall, x: left + width }];
}

const MARGIN = 22, WALL = 1000; // pixels
const TITLE = 30; // what bpmn-js leaves for the name of a pool or lane

const isRoom = (element: Service): boolean =>
  ["bpmn:Participant", "bpmn:Lane", "bpmn:Group"].includes(element.type) || (isA(element.businessObject, "bpmn:SubProcess") && !element.collapsed);

function title(element: Service): Box | null {
  if (element.type === "bpmn:Group") return null;
  const beside = (element.type === "bpmn:Participant" || element.type === "bpmn:Lane") && element.height > TITLE && element.di?.isHorizontal !== false;
  return beside ? { x: element.x, y: element.y, width: TITLE, height: element.height } : { x: element.x, y: element.y, width: element.width, height: TITLE };
}

const ORDER: Kind[] = ["internal", "partner", "customer"];
const stronger = (one: Kind | undefined, other: Kind): Kind => (one && ORDER.indexOf(one) > ORDER.indexOf(other) ? one : other);

function definitionsOf(root: Moddle | undefined): Moddle | undefined {
  let at = root;
  while (at && at.$type !== "bpmn:Definitions") at = at.$parent;
  return at;
}

/** Draws edges that cross in the colour of their kind; everything else stays bpmn-js's. */
class CrossingRenderer extends BaseRenderer {
  static $inject = ["eventBus", "bpmnRenderer", "handoffs"];

  constructor(
    eventBus: Service,
    private readonly bpmnRenderer: Service,
    private readonly handoffs: Handoffs,
  ) {
    super(eventBus, 1500); // before bpmn-js's own
  }

  override canRender(element: Service): boolean {
    return Boolean(element.waypoints) && this.handoffs.kindOf(element.id) !== undefined;
  }

  override drawConnection(graphics: Service, element: Service, attrs: object = {}): Service {
    return this.bpmnRenderer.drawConnection(graphics, element, { ...attrs, stroke: COLOURS[this.handoffs.kindOf(element.id)!] });
  }

  override getConnectionPath(element: Service): string {
    return this.bpmnRenderer.getConnectionPath(element);
  }
}

export const handoffLayer = {
  __init__: ["handoffs", "crossingRenderer"],
  handoffs: ["type", Handoffs],
  crossingRenderer: ["type", CrossingRenderer],
};
