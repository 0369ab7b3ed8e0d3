/** The obvious mends of problems, each one step that can be undone. */
import { extension } from "../handoff/moddle";
import { editsOf } from "./edits";
import type { Services } from "./modeler";
import type { Problem } from "./problems";

type Fix = (modeler: Services, element: Services, problem: Problem) => void;

const FIXES: Record<string, Fix> = {
  addContract: (modeler, flow) => put(modeler, flow, "handoff:Contract", { acceptWithin: "P1D", completeWithin: "P3D" }),
  addLimit: (modeler, flow) => {
    const contract = extension(flow.businessObject, "handoff:Contract");
    if (contract) editsOf(modeler).below(flow, contract, { acceptWithin: contract.acceptWithin ?? "P1D", completeWithin: "P3D" });
  },
  removeContract: (modeler, flow) => editsOf(modeler).without(flow, flow.businessObject, "handoff:Contract"),
  dropField: (modeler, flow, problem) => {
    const contract = extension(flow.businessObject, "handoff:Contract");
    if (contract) editsOf(modeler).below(flow, contract, { fields: contract.fields.filter((field: Services) => field.name !== problem.fix!.name) });
  },
  addParty: (modeler, place) => put(modeler, place, "handoff:Party", { kind: "partner" }),
  addEnd: (modeler, node) => {
    const place = { x: node.x + node.width + 68, y: node.y + node.height / 2 }; // automatic placing would be a second step to undo
    modeler.get("modeling").appendShape(node, { type: "bpmn:EndEvent" }, place, node.parent);
  },
  makeExecutable: (modeler, place) => {
    const process = place.businessObject.processRef ?? place.businessObject;
    editsOf(modeler).below(place, process, { isExecutable: true });
  },
};

/** What mends a problem at a click; undefined where nothing obvious does. */
export function fixOf(modeler: Services, problem: Problem): (() => void) | undefined {
  const fix = problem.fix && FIXES[problem.fix.kind];
  const element = problem.elementId ? modeler.get("elementRegistry").get(problem.elementId) : undefined;
  return fix && element ? () => fix(modeler, element, problem) : undefined;
}

/** Adds an extension element beside those that are there. */
function put(modeler: Services, element: Services, type: string, properties: Record<string, unknown>): void {
  const edits = editsOf(modeler);
  edits.replace(element, element.businessObject, (all, parent) => [...all, edits.create(type, properties, parent)]);
}
