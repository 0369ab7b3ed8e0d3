/** The parts of bpmn.io that come without types. */
declare module "bpmn-moddle" {
  export class BpmnModdle {
    constructor(packages?: Record<string, unknown>);
    fromXML(xml: string): Promise<{ rootElement: unknown; warnings: unknown[] }>;
    toXML(element: unknown, options?: { format?: boolean }): Promise<{ xml: string }>;
  }
}
declare module "bpmn-js-create-append-anything";
declare module "bpmn-js-color-picker";
declare module "diagram-js-minimap";
declare module "bpmn-js-properties-panel";
declare module "camunda-bpmn-js-behaviors/lib/camunda-cloud";
declare module "@bpmn-io/feel-editor";
