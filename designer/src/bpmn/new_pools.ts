/** Who draws a pool wants it to run: BPMN's own default is a process that nobody may start, and the pool would be a closed box. */
import type { Services } from "./modeler";

function NewPools(eventBus: Services): void {
  eventBus.on("commandStack.shape.create.preExecute", 2000, ({ context: { shape } }: Services) => {
    const process = shape.businessObject?.processRef;
    if (process && process.isExecutable === undefined) process.isExecutable = true;
  });
}
NewPools.$inject = ["eventBus"];

export const newPools = { __init__: ["newPools"], newPools: ["type", NewPools] };
