/** The modeler as we compose it: Camunda 8's dialect and ours, append-anything, colours, overview, the handoff layer. */
import Modeler from "bpmn-js/lib/Modeler";
import { BpmnModdle } from "bpmn-moddle";
import ColorPicker from "bpmn-js-color-picker";
import { CreateAppendAnythingModule } from "bpmn-js-create-append-anything";
import CloudBehaviors from "camunda-bpmn-js-behaviors/lib/camunda-cloud";
import Minimap from "diagram-js-minimap";
import zeebe from "zeebe-bpmn-moddle/resources/zeebe.json";
import { handoffLayer } from "../handoff/layer";
import { handoffModdle } from "../handoff/moddle";
import { keptClicks } from "./kept_clicks";
import { newPools } from "./new_pools";
import { noCrumbs } from "./no_crumbs";
import { translateModule } from "./translate";
import { wholeWords } from "./whole_words";
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "bpmn-js/dist/assets/bpmn-font/css/bpmn.css";
import "bpmn-js-color-picker/colors/color-picker.css";
import "diagram-js-minimap/assets/diagram-js-minimap.css";

/** bpmn-js brings types for little of this; services are reached by name. */
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Services = any;

export function createModeler(container: HTMLElement, more: object[] = []): Services {
  const modeler: Services = new Modeler({
    container,
    keyboard: { bind: true },
    moddleExtensions: { zeebe, handoff: handoffModdle },
    additionalModules: [CloudBehaviors, CreateAppendAnythingModule, ColorPicker, Minimap, handoffLayer, translateModule, wholeWords, newPools, keptClicks, noCrumbs, ...more],
  } as never);
  return modeler;
}

/** A file as bpmn-moddle reads it and writes it again. */
export async function serialise(xml: string): Promise<string> {
  const model = new BpmnModdle({ zeebe, handoff: handoffModdle });
  const { rootElement } = await model.fromXML(xml);
  return (await model.toXML(rootElement, { format: true })).xml;
}

/** Pixels that the palette hides on the left; it is wider where the window is low. */
function paletteOf(modeler: Services): number {
  const palette = (modeler.get("canvas").getContainer() as HTMLElement).querySelector<HTMLElement>(".djs-palette");
  return palette ? palette.offsetLeft + palette.offsetWidth + 14 : 24;
}

/** Shows all of the diagram beside the palette; a small one is not blown up. */
export function fit(modeler: Services): void {
  const canvas = modeler.get("canvas");
  canvas.resized();
  const left = paletteOf(modeler);
  const { inner, outer } = canvas.viewbox();
  if (!inner.width || !inner.height || !outer.width) return;
  const margin = 24;
  const scale = Math.min((outer.width - left - margin) / inner.width, (outer.height - 2 * margin) / inner.height, 1.1);
  const width = outer.width / scale;
  const height = outer.height / scale;
  canvas.viewbox({
    x: inner.x - left / scale - Math.max(0, (outer.width - left - margin) / scale - inner.width) / 2,
    y: inner.y - (height - inner.height) / 2,
    width,
    height,
  });
}

/** What is drawn of an element; of a process it is the pool. */
export function drawn(modeler: Services, elementId: string): Services {
  const registry = modeler.get("elementRegistry");
  return registry.get(elementId) ?? registry.find((one: Services) => one.businessObject?.processRef?.id === elementId && one.type === "bpmn:Participant");
}

/** Selects an element and brings it into view. */
export function show(modeler: Services, elementId: string): boolean {
  const element = drawn(modeler, elementId);
  if (!element) return false;
  const canvas = modeler.get("canvas");
  canvas.scrollToElement(element, { top: 80, bottom: 80, left: paletteOf(modeler) + 12, right: 80 });
  modeler.get("selection").select(element);
  return true;
}

/** As a picture, with the badges of the handoffs; `png` at twice the size, so that it prints well. */
export async function picture(modeler: Services, kind: "svg" | "png"): Promise<Blob> {
  const { svg } = (await modeler.saveSVG()) as { svg: string };
  const end = svg.lastIndexOf("</svg>");
  const drawn = new Blob([svg.slice(0, end), modeler.get("handoffs").drawn(), svg.slice(end)], { type: "image/svg+xml" });
  if (kind === "svg") return drawn;
  const url = URL.createObjectURL(drawn);
  try {
    const image = new Image();
    await new Promise((done, failed) => {
      image.onload = done;
      image.onerror = () => failed(new Error("The diagram could not be drawn as a picture."));
      image.src = url;
    });
    const paper = document.createElement("canvas");
    const scale = Math.min(2, 8000 / Math.max(image.width, image.height, 1));
    paper.width = image.width * scale;
    paper.height = image.height * scale;
    const brush = paper.getContext("2d")!;
    brush.fillStyle = "#fff";
    brush.fillRect(0, 0, paper.width, paper.height);
    brush.drawImage(image, 0, 0, paper.width, paper.height);
    return await new Promise((done, failed) =>
      paper.toBlob((blob) => (blob ? done(blob) : failed(new Error("The picture is too large."))), "image/png"),
    );
  } finally {
    URL.revokeObjectURL(url);
  }
}
