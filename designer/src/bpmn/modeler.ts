/** The modeler: bpmn-js with what Camunda 8 models need, our own layer, and the words of the reader. */
import Modeler from "bpmn-js/lib/Modeler";
import type { ModuleDeclaration } from "didi";
import { CreateAppendAnythingModule } from "bpmn-js-create-append-anything";
import ColorPickerModule from "bpmn-js-color-picker";
import ZeebeBehaviors from "camunda-bpmn-js-behaviors/lib/camunda-cloud";
import MinimapModule from "diagram-js-minimap";
import zeebe from "zeebe-bpmn-moddle/resources/zeebe.json";
import handoff from "../../../engine/bpmn/handoff.moddle.json";
import { HandoffModule } from "../handoff/layer";
import { EditsModule } from "./edits";
import { TranslateModule } from "./translations";
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "bpmn-js/dist/assets/bpmn-font/css/bpmn.css";
import "diagram-js-minimap/assets/diagram-js-minimap.css";
import "bpmn-js-color-picker/colors/color-picker.css";

export type { Modeler };

export const MODDLE = { zeebe, handoff };

export function modelerIn(container: HTMLElement): Modeler {
  return new Modeler({
    container,
    moddleExtensions: MODDLE,
    additionalModules: [
      ZeebeBehaviors, CreateAppendAnythingModule, ColorPickerModule, MinimapModule, TranslateModule, HandoffModule, EditsModule,
    ] as ModuleDeclaration[],
  });
}

const PALETTE = 112; // px that the palette covers on the left
const ROOM = 24;

/** The whole diagram, beside the palette, never larger than life. */
export function fit(modeler: Modeler): void {
  const canvas = modeler.get("canvas") as Canvas;
  canvas.resized();
  const { inner, outer } = canvas.viewbox();
  if (!outer.width || !inner.width) return;
  const width = outer.width - PALETTE - 2 * ROOM;
  const height = outer.height - 2 * ROOM;
  const scale = Math.min(width / inner.width, height / inner.height, 1);
  const spare = Math.max(0, (width / scale - inner.width) / 2);
  canvas.viewbox({
    x: inner.x - spare - (PALETTE + ROOM) / scale,
    y: inner.y - (outer.height / scale - inner.height) / 2,
    width: outer.width / scale,
    height: outer.height / scale,
  });
}

interface ViewBox { x: number; y: number; width: number; height: number }
export interface Canvas {
  resized(): void;
  viewbox(): ViewBox & { inner: ViewBox; outer: { width: number; height: number } };
  viewbox(box: ViewBox): void;
  zoom(): number;
  zoom(scale: number): void;
  scrollToElement(element: unknown, padding?: number): void;
  addMarker(element: string, marker: string): void;
  removeMarker(element: string, marker: string): void;
  getRootElement(): Shape;
  setRootElement(root: Shape): void;
  findRoot(element: string | Shape): Shape | undefined;
  focus(): void;
}

/** What diagram-js draws: a shape, a connection or a root. */
export interface Shape {
  id: string;
  type: string;
  businessObject: import("../handoff/analysis").Moddle;
  parent?: Shape;
  children?: Shape[];
  waypoints?: { x: number; y: number }[];
  labelTarget?: Shape;
  x: number;
  y: number;
  width: number;
  height: number;
  source?: Shape;
  target?: Shape;
}

/** Selects an element and brings it into view; false where it is not drawn. */
export function goTo(modeler: Modeler, id: string, { focus = false } = {}): boolean {
  const registry = modeler.get("elementRegistry") as { get(id: string): Shape | undefined };
  const canvas = modeler.get("canvas") as Canvas;
  const element = registry.get(id);
  if (!element) return false;
  const root = canvas.findRoot(element);
  if (root && root !== canvas.getRootElement()) canvas.setRootElement(root);
  if (element !== root) {
    const box = canvas.viewbox();
    const at = element.waypoints ? element.waypoints[Math.floor(element.waypoints.length / 2)]! : element;
    const inside = at.x > box.x + PALETTE / canvas.zoom() && at.y > box.y && at.x < box.x + box.width * 0.95 && at.y < box.y + box.height * 0.9;
    if (!inside) canvas.scrollToElement(element, 120);
  }
  (modeler.get("selection") as { select(element: Shape): void }).select(element);
  if (focus) canvas.focus();
  return true;
}
