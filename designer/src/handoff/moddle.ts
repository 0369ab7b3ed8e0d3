/** How we look into bpmn-moddle's objects: types, extension elements, and our extension's description. */
import description from "../../../engine/bpmn/handoff.moddle.json";

/** An object of bpmn-moddle. Its properties depend on its type, which TypeScript cannot know. */
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Moddle = any;

export const handoffModdle = description;

export function typeOf(element: Moddle): string {
  return element?.$type ?? "";
}

export function isA(element: Moddle, type: string): boolean {
  return typeof element?.$instanceOf === "function" && element.$instanceOf(type);
}

export function extensionsOf(element: Moddle, type: string): Moddle[] {
  return (element?.extensionElements?.values ?? []).filter((one: Moddle) => typeOf(one) === type);
}

export function extension(element: Moddle, type: string): Moddle | undefined {
  return extensionsOf(element, type)[0];
}

/** XML Schema's boolean, which a file may write as text. */
export function flag(value: unknown, otherwise: boolean): boolean {
  if (value === undefined || value === null || value === "") return otherwise;
  return value === true || value === "true" || value === "1";
}

/** The sub-processes (of every kind) directly in a scope. */
export function children(scope: Moddle): Moddle[] {
  return (scope.flowElements ?? []).filter((element: Moddle) => element.flowElements !== undefined || isA(element, "bpmn:SubProcess"));
}
