/**
 * The handoff layer of a diagram: each edge on which work crosses is drawn in the colour of its kind and carries a badge with its limits,
 * recomputed while one draws. Works in modelers and viewers. Service `handoffs`; event `handoffs.changed` ({paths}) when they are others.
 */
import BaseRenderer from "diagram-js/lib/draw/BaseRenderer";
import { room, span } from "../shell/words";
import { handoffsOf, type Path } from "./analysis";
import { type Box, crossingOf } from "./crossing";
import { inWords } from "./durations";
import { type Kind, LETTERS } from "./kinds";
import { shortLimit } from "./limit_words";
import type { Moddle } from "./moddle";
import "./layer.css";

const t = room({
  en: {
    badge: "Handoff: {from} to {to}",
    none: "no limit",
    internal: "team",
    partner: "partner",
    customer: "customer",
    accept: "accept within {limit}",
    complete: "complete within {limit}",
    noContract: "no contract",
    more: "{n} handoffs on this edge",
    real: "median {median}",
    promised: "promised {limit}",
    late: "{n} late now",
    run: "{n} so far",
  },
  fr: {
    badge: "Passage : de {from} à {to}",
    none: "sans délai",
    internal: "équipe",
    partner: "partenaire",
    customer: "client",
    accept: "accepter sous {limit}",
    complete: "terminer sous {limit}",
    noContract: "sans contrat",
    more: "{n} passages sur cette flèche",
    real: "médiane {median}",
    promised: "promis {limit}",
    late: "{n} en retard",
    run: "{n} jusqu'ici",
  },
});

/** What really happened on a path: seconds; `late` is how many are late at this moment. */
export interface Reality {
  count: number;
  medianSeconds: number | null;
  late: number;
}
export type RealityOf = (path: Path) => Reality | undefined;

// biome-ignore lint/suspicious/noExplicitAny: services of diagram-js have no types
type Service = any;

/** As in tokens.css; written out, so that exported pictures have them too. */
const COLOURS: Record<Kind, string> = { internal: "#1460b8", partner: "#a04a00", customer: "#9c1150" };

/** The edge that carries the badge of a path: where its contract is, else where it comes to the other side. */
export const badgeFlow = (path: Path): string => path.contract?.flowId ?? path.flowIds.at(-1)!;

export class Handoffs {
  static $inject = ["eventBus", "elementRegistry", "overlays", "canvas"];

  paths: Path[] = [];
  private kinds = new Map<string, Kind>();
  private byFlow = new Map<string, Path[]>();
  private signature = "";
  private planned = false;
  private badges: string[] = [];
  private reality: RealityOf = () => undefined;
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
    eventBus.on("diagram.clear", () => {
      this.badges = [];
      this.signature = "";
    });
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
      const where = points.map((point: { x: number; y: number }) => `${Math.round(point.x)},${Math.round(point.y)}`).join(" ");
      return [flow, where, paths.map((path) => [path.from, path.to, path.fromSide.name, path.toSide.name, path.kind, path.contract])];
    });
    return JSON.stringify([this.shown, rows]);
  }

  private drawBadges(): void {
    for (const id of this.badges) this.overlays.remove(id);
    this.badges = [];
    if (!this.shown) return;
    for (const [flow, paths] of this.byFlow) {
      const edge = this.elementRegistry.get(flow);
      if (!edge?.waypoints?.length || edge.hidden) continue;
      const point = crossingOf(edge.waypoints, this.box(paths[0]!.fromSide.id), this.box(paths[0]!.toSide.id));
      const left = Math.min(...edge.waypoints.map((one: { x: number }) => one.x));
      const top = Math.min(...edge.waypoints.map((one: { y: number }) => one.y));
      const html = this.badge(paths);
      const position = { left: point.x - left, top: point.y - top };
      this.badges.push(this.overlays.add(edge, "handoff", { position, html, show: { minZoom: 0.25 }, scale: { min: 0.7, max: 1.2 } }));
    }
  }

  private box(sideId: string): Box | null {
    const shape = this.elementRegistry.get(sideId);
    return shape && typeof shape.width === "number" ? shape : null;
  }

  private badge(paths: Path[]): HTMLElement {
    const path = paths[0]!;
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.flow = badgeFlow(path);
    const limits = [path.contract?.acceptWithin, path.contract?.completeWithin].filter((one): one is string => Boolean(one));
    const isOpen = path.kind !== "internal" && !limits.length;
    button.className = `handoff-badge ${path.kind}${isOpen ? " open" : ""}`;
    const promise = said("span", "promise", "");
    promise.append(said("span", "kind", LETTERS[path.kind]));
    const words = limits.map(shortLimit).join(" + ") || (isOpen ? t("none") : "");
    if (words) promise.append(said("span", "limits", words));
    if (paths.length > 1) promise.append(said("span", "more", `×${paths.length}`));
    button.append(promise);
    const sentences = [describe(path, paths.length)];
    const real = this.reality(path);
    if (real?.count) {
      const told = (units: number) => (real.medianSeconds === null ? t("run", { n: real.count }) : t("real", { median: span(real.medianSeconds, units) }));
      const late = real.late ? [t("late", { n: real.late })] : [];
      button.append(said("span", `real${real.late ? " late" : ""}`, [told(1), ...late].join(" · ")));
      sentences.push([...(limits.length ? [t("promised", { limit: words })] : []), told(2), ...late].join(", "));
    }
    button.title = sentences.join("\n");
    button.setAttribute("aria-label", sentences.join(", "));
    button.addEventListener("click", (event) => {
      event.stopPropagation();
      this.onChoose?.(path);
    });
    return button;
  }
}

function said(tag: string, name: string, text: string): HTMLElement {
  const element = document.createElement(tag);
  element.className = name;
  element.textContent = text;
  return element;
}

/** A handoff in one sentence, for readers and hearers. */
export function describe(path: Path, count = 1): string {
  const parts = [t("badge", { from: path.fromSide.name, to: path.toSide.name }), t(path.kind)];
  const { contract } = path;
  if (!contract) parts.push(t("noContract"));
  if (contract?.acceptWithin) parts.push(t("accept", { limit: inWords(contract.acceptWithin, contract.calendar) }));
  if (contract?.completeWithin) parts.push(t("complete", { limit: inWords(contract.completeWithin, contract.calendar) }));
  if (contract && !contract.acceptWithin && !contract.completeWithin) parts.push(t("none"));
  if (count > 1) parts.push(t("more", { n: count }));
  return parts.join(", ");
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
