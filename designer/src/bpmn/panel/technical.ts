/** Everything the engine reads, as the Camunda Modeler shows it. Loaded when it is first opened, for whoever wants it. */
import type { Injector, ModuleDeclaration } from "didi";
import { BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, ZeebePropertiesProviderModule } from "bpmn-js-properties-panel";
import "@bpmn-io/properties-panel/dist/assets/properties-panel.css";
import type { Services } from "../modeler";

interface PropertiesPanel {
  attachTo(place: HTMLElement): void;
  detach(): void;
  _render(element: Services): void;
}

const made = new WeakMap<object, PropertiesPanel>();

/** Shows the panel in `place`; gives what takes it away again. */
export function technicalIn(place: HTMLElement, modeler: Services, chosen: Services): () => void {
  const panel = made.get(modeler) ?? panelOf(modeler, chosen);
  made.set(modeler, panel);
  panel.attachTo(place);
  return () => panel.detach();
}

/** The modules join a running modeler in an injector below its own: commands and events are those of the modeler. */
function panelOf(modeler: Services, chosen: Services): PropertiesPanel {
  const child = (modeler.get("injector") as Injector).createChild([BpmnPropertiesPanelModule, BpmnPropertiesProviderModule, ZeebePropertiesProviderModule] as ModuleDeclaration[]) as Injector & { init(): void };
  child.init();
  const panel = child.get<PropertiesPanel>("propertiesPanel");
  panel._render(chosen); // by itself it waits for the next import; from then on it follows every choice
  return panel;
}
