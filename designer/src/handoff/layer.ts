/** The handoffs on a canvas: edges in the colour of their kind, a badge (a button) where the work crosses. In modelers and viewers. */
import { type Signal, signal } from "@preact/signals";
import BaseRenderer from "diagram-js/lib/draw/BaseRenderer";
import type Canvas from "diagram-js/lib/core/Canvas";
import type ElementRegistry from "diagram-js/lib/core/ElementRegistry";
import type EventBus from "diagram-js/lib/core/EventBus";
import type Overlays from "diagram-js/lib/features/overlays/Overlays";
import type BpmnRenderer from "bpmn-js/lib/draw/BpmnRenderer";
import { type Analysis, analyse, type Handoff, type HandoffKind, type Moddle } from "./analysis";
import { briefLimits, inOneSentence, LETTERS, type Reality, realityInWords, t, wantsLimit } from "./words";
import "./layer.css";

const RANK: HandoffKind[] = ["internal", "partner", "customer"];
const COLOURS: Record<HandoffKind, string> = { internal: "#1460b8", partner: "#a04a00", customer: "#9c1150" };

interface Point { x: number; y: number }
interface Box extends Point { width: number; height: number }
type Drawn = any;

interface Badge { overlay: string; signature: string; button: HTMLElement }

/**
 * Fires `handoff.changed` {analysis} after each recount, and `handoff.click` {flow, handoffs, reality} for a badge.
 * `analysis` follows; `show(reality)` writes what was measured beside what was promised.
 */
export class HandoffLayer {
  static $inject = ["eventBus", "canvas", "elementRegistry", "overlays"];

  readonly analysis: Signal<Analysis | null> = signal(null);
  private readonly badges = new Map<string, Badge>();
  private byFlow = new Map<string, Handoff[]>();
  private reality: Reality[] = [];
  private selected = new Set<string>();
  private isDue = false;

  constructor(
    private readonly eventBus: EventBus,
    private readonly canvas: Canvas,
    private readonly registry: ElementRegistry,
    private readonly overlays: Overlays,
  ) {
    eventBus.on("import.done", () => this.recount());
    eventBus.on("commandStack.changed", () => this.soon());
    eventBus.on("diagram.clear", () => this.badges.clear());
    eventBus.on("selection.changed", ({ newSelection }: { newSelection: { id: string }[] }) => {
      this.selected = new Set(newSelection.map((element) => element.id));
      for (const badge of this.badges.values()) badge.button.classList.toggle("selected", this.selected.has(badge.button.dataset.flow!));
    });
  }

  kindOf(flow: string): HandoffKind | null {
    const found = this.byFlow.get(flow);
    return found ? RANK[Math.max(...found.map((handoff) => RANK.indexOf(handoff.kind)))]! : null;
  }

  handoffsOn(flow: string): Handoff[] {
    return this.byFlow.get(flow) ?? [];
  }

  /** The flow that shows a handoff: that of its contract, else where the lane is left. */
  flowOf(handoff: Handoff): string {
    if (handoff.contractFlow) return handoff.contractFlow;
    const sides = this.analysis.value?.sides;
    const elements = this.analysis.value?.elements;
    const crossing = handoff.path.find((id) => {
      const flow = elements?.get(id);
      return flow && sides?.get(flow.sourceRef?.id)?.id !== sides?.get(flow.targetRef?.id)?.id;
    });
    return crossing ?? handoff.path[handoff.path.length - 1]!;
  }

  show(reality: Reality[]): void {
    this.reality = reality;
    if (this.analysis.value) this.redraw();
  }

  realityOf(handoff: Handoff): Reality | null {
    return (
      this.reality.find((row) => row.flowId && handoff.path.includes(row.flowId)) ??
      this.reality.find((row) => !row.flowId && row.fromSide === handoff.fromSide.name && row.toSide === handoff.toSide.name) ??
      null
    );
  }

  /** Once for all commands of a step, before the browser paints. */
  private soon(): void {
    if (this.isDue) return;
    this.isDue = true;
    queueMicrotask(() => {
      this.isDue = false;
      this.recount();
    });
  }

  private recount(): void {
    const definitions = definitionsOf(this.canvas.getRootElement());
    if (!definitions) return;
    const before = new Map([...this.byFlow.keys()].map((flow) => [flow, this.kindOf(flow)]));
    const analysis = analyse(definitions);
    this.analysis.value = analysis;
    this.byFlow = new Map();
    for (const handoff of analysis.handoffs) {
      const flow = this.flowOf(handoff);
      this.byFlow.set(flow, [...(this.byFlow.get(flow) ?? []), handoff]);
    }
    this.redraw();
    const changed = [...new Set([...before.keys(), ...this.byFlow.keys()])]
      .filter((flow) => before.get(flow) !== this.kindOf(flow))
      .flatMap((flow) => this.registry.get(flow) ?? []);
    if (changed.length) this.eventBus.fire("elements.changed", { elements: changed });
    this.eventBus.fire("handoff.changed", { analysis });
  }

  private redraw(): void {
    for (const [flow, badge] of this.badges) {
      if (this.byFlow.has(flow) && this.registry.get(flow)) continue;
      this.overlays.remove(badge.overlay); // by its own id: for an element that is gone, diagram-js would remove all of the kind
      this.badges.delete(flow);
    }
    for (const [flow, handoffs] of this.byFlow) {
      const edge = this.registry.get(flow) as Drawn;
      if (!edge?.waypoints) continue;
      const { position, content } = this.describe(edge, handoffs);
      const signature = JSON.stringify([position, content]);
      const badge = this.badges.get(flow);
      if (badge?.signature === signature) continue;
      if (badge) this.overlays.remove(badge.overlay);
      const html = this.button(flow, handoffs, content);
      html.classList.toggle("selected", this.selected.has(flow));
      this.badges.set(flow, { signature, button: html, overlay: this.overlays.add(flow, "handoff", { position, html, show: { minZoom: 0.2 }, scale: { min: 0.8, max: 1.1 } }) });
    }
  }

  private describe(edge: Drawn, handoffs: Handoff[]) {
    const kind = this.kindOf(edge.id)!;
    const first = handoffs.find((handoff) => handoff.kind === kind)!;
    const measured = this.realityOf(first);
    const limits = briefLimits(first.contract);
    const bare = handoffs.some(wantsLimit);
    const text = limits || (bare ? t("limitless") : "");
    const point = leaves(edge.waypoints, this.registry.get(first.fromSide.id) as Drawn);
    const left = Math.min(...edge.waypoints.map((waypoint: Point) => waypoint.x));
    const top = Math.min(...edge.waypoints.map((waypoint: Point) => waypoint.y));
    const others = handoffs.length - 1;
    const title = [
      inOneSentence(first),
      bare ? t("unlimited") : "",
      measured ? realityInWords(first, measured) : "",
      others ? t("more", { n: others }) : "",
    ].filter(Boolean).join("\n");
    const content = {
      kind, letter: LETTERS[kind], text, bare, title, others,
      second: measured ? realityInWords(first, measured) : "",
      late: Boolean(measured?.lateNow),
    };
    return { position: { left: Math.round(point.x - left), top: Math.round(point.y - top) }, content };
  }

  private button(flow: string, handoffs: Handoff[], content: ReturnType<HandoffLayer["describe"]>["content"]): HTMLElement {
    const button = document.createElement("button");
    button.type = "button";
    button.className = `handoff-badge ${content.kind}${content.bare ? " bare" : ""}${content.late ? " late" : ""}`;
    button.dataset.flow = flow;
    button.title = content.title;
    button.setAttribute("aria-label", content.title.replaceAll("\n", ". "));
    const add = (name: string, text: string) => {
      const part = document.createElement("span");
      part.className = name;
      part.textContent = text;
      button.append(part);
    };
    add("letter", content.letter);
    if (content.text) add("limits", content.text);
    if (content.others) add("others", `+${content.others}`);
    if (content.second) add("second", content.second);
    button.addEventListener("mousedown", (event) => event.stopPropagation());
    button.addEventListener("click", (event) => {
      event.stopPropagation();
      this.eventBus.fire("handoff.click", { flow, handoffs, reality: handoffs.map((handoff) => this.realityOf(handoff)) });
    });
    return button;
  }
}

class HandoffRenderer extends BaseRenderer {
  static $inject = ["eventBus", "bpmnRenderer", "handoffLayer"];

  constructor(eventBus: EventBus, private readonly bpmn: BpmnRenderer, private readonly layer: HandoffLayer) {
    super(eventBus, 1500); // before bpmn-js's own, which is at 1000
  }

  override canRender(element: Drawn): boolean {
    return Boolean(element.waypoints) && !element.labelTarget && this.layer?.kindOf(element.id) != null;
  }

  override drawConnection(place: SVGElement, edge: Drawn): SVGElement {
    return this.bpmn.drawConnection(place, edge, { stroke: COLOURS[this.layer.kindOf(edge.id)!] } as never) as SVGElement;
  }

  override getConnectionPath(edge: Drawn): string {
    return this.bpmn.getConnectionPath(edge);
  }
}

function definitionsOf(root: Drawn): Moddle | null {
  let at = root?.businessObject as Moddle | undefined;
  while (at && at.$type !== "bpmn:Definitions") at = at.$parent;
  return at ?? null;
}

/** Where a line leaves a box for the last time; its middle, where it never does. */
export function leaves(points: Point[], box: Box | undefined): Point {
  const inside = (point: Point) =>
    box && point.x >= box.x && point.x <= box.x + box.width && point.y >= box.y && point.y <= box.y + box.height;
  for (let at = points.length - 1; at > 0; at -= 1) {
    let [near, far] = [points[at - 1]!, points[at]!];
    if (!inside(near) || inside(far)) continue;
    for (let step = 0; step < 12; step += 1) {
      const middle = { x: (near.x + far.x) / 2, y: (near.y + far.y) / 2 };
      if (inside(middle)) near = middle;
      else far = middle;
    }
    return near;
  }
  return halfway(points);
}

function halfway(points: Point[]): Point {
  const lengths = points.slice(1).map((point, at) => Math.hypot(point.x - points[at]!.x, point.y - points[at]!.y));
  let rest = lengths.reduce((sum, length) => sum + length, 0) / 2;
  for (let at = 0; at < lengths.length; at += 1) {
    const [one, other, length] = [points[at]!, points[at + 1]!, lengths[at]!];
    if (rest <= length && length > 0) return { x: one.x + ((other.x - one.x) * rest) / length, y: one.y + ((other.y - one.y) * rest) / length };
    rest -= length;
  }
  return points[0]!;
}

export const HandoffModule = {
  __init__: ["handoffLayer", "handoffRenderer"],
  handoffLayer: ["type", HandoffLayer],
  handoffRenderer: ["type", HandoffRenderer],
};
