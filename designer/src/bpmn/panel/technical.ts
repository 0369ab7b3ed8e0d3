/** Everything the engine reads, as the Camunda Modeler shows it. Loaded when it is first opened, for whoever wants it. */
import type { Injector, ModuleDeclaration } from "didi";
import { BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, ZeebePropertiesProviderModule } from "bpmn-js-properties-panel";
import "@bpmn-io/properties-panel/dist/assets/properties-panel.css";
import type { Canvas, Modeler, Shape } from "../modeler";

interface PropertiesPanel {
  attachTo(place: HTMLElement): void;
  detach(): void;
  _render(root: Shape): void;
}

const made = new WeakMap<Modeler, PropertiesPanel>();

/** Shows the panel in `place`; gives what takes it away again. */
export function technicalIn(place: HTMLElement, modeler: Modeler): () => void {
  const panel = made.get(modeler) ?? panelOf(modeler);
  made.set(modeler, panel);
  panel.attachTo(place);
  const selection = modeler.get("selection") as { get(): Shape[]; select(elements: Shape[] | null): void };
  const chosen = selection.get();
  // the panel hears of choices only once it is drawn: two frames later it is told of the present one
  requestAnimationFrame(() => requestAnimationFrame(() => (modeler.get("eventBus") as { fire(name: string, event: object): void })
    .fire("selection.changed", { oldSelection: [], newSelection: chosen })));
  return () => panel.detach();
}

/** The modules join a running modeler in an injector below its own: commands and events are those of the modeler. */
function panelOf(modeler: Modeler): PropertiesPanel {
  const child = (modeler.get("injector") as Injector).createChild([BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, ZeebePropertiesProviderModule] as ModuleDeclaration[]) as Injector & { init(): void };
  child.init();
  const panel = child.get<PropertiesPanel>("propertiesPanel");
  panel._render((modeler.get("canvas") as Canvas).getRootElement()); // it waits for the next import otherwise
  return panel;
}
