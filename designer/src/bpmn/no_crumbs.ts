/** bpmn-js gives an element a label of its own when its name changes, and leaves it there on undo: it goes with the edit. */
import type { Services } from "./modeler";

const FIRST = 2000;
const LAST = 200; // after bpmn-js's own

function NoCrumbs(eventBus: Services): void {
  const before = new WeakMap<object, unknown>();
  eventBus.on("commandStack.element.updateLabel.execute", FIRST, ({ context }: Services) => {
    if (!before.has(context)) before.set(context, context.element.di?.get("label"));
  });
  eventBus.on("commandStack.element.updateLabel.reverted", LAST, ({ context }: Services) => {
    if (!before.get(context)) context.element.di?.set("label", undefined);
  });
}
NoCrumbs.$inject = ["eventBus"];

export const noCrumbs = { __init__: ["noCrumbs"], noCrumbs: ["type", NoCrumbs] };
