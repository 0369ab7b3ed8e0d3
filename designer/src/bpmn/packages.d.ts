/** Packages without types at their door, which we use through a few calls. */
declare module "bpmn-moddle";
declare module "bpmn-js-color-picker";
declare module "bpmn-js-create-append-anything";
declare module "bpmn-js-properties-panel";
declare module "diagram-js-minimap";
declare module "camunda-bpmn-js-behaviors/lib/camunda-cloud";
declare module "@bpmn-io/feel-editor";
declare module "dmn-js/lib/Modeler";
declare module "@bpmn-io/form-js-editor";
declare module "@bpmn-io/form-js-viewer";
