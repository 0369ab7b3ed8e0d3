/** Edits as a person makes them in the designer, on a bare model: each answers the ids it touches, or null where the model has no place for it. */
import type { Moddle } from "./models";

export type Doing = (definitions: Moddle, pick: number) => string[] | null;
interface Found { element: Moddle; parent: Moddle | null }

/** Everything in the model, in its order. */
export function elementsOf(definitions: Moddle): Found[] {
  const found: Found[] = [];
  const seen = new Set<Moddle>();
  const visit = (element: Moddle, parent: Moddle | null): void => {
    if (!element?.$descriptor || seen.has(element)) return;
    seen.add(element);
    found.push({ element, parent });
    for (const property of element.$descriptor.properties ?? []) {
      if (property.isReference) continue;
      const value = element[property.name];
      for (const child of Array.isArray(value) ? value : [value]) if (child?.$type) visit(child, element);
    }
    for (const child of element.$children ?? []) visit(child, element);
  };
  visit(definitions, null);
  return found;
}

const choose = (definitions: Moddle, pick: number, fits: (found: Found) => boolean): Found | null => {
  const fitting = elementsOf(definitions).filter(fits);
  return fitting.length ? fitting[pick % fitting.length]! : null;
};
const is = (type: string) => ({ element }: Found) => element.$instanceOf?.(type) && element.id;
const flowNodeOf = (definitions: Moddle, pick: number): Found | null => choose(definitions, pick, (found) => is("bpmn:FlowNode")(found) && found.parent.flowElements);
const idsAround = (...elements: Moddle[]): string[] => elements.flatMap((element) => (element?.id ? [element.id] : []));

function dropFrom(list: Moddle[] | undefined, element: Moddle): void {
  const at = list?.indexOf(element) ?? -1;
  if (at >= 0) list!.splice(at, 1);
}

function dropDiagramOf(definitions: Moddle, gone: Moddle): string[] {
  const drawn = elementsOf(definitions).filter(({ element }) => element.bpmnElement === gone);
  for (const { element, parent } of drawn) dropFrom(parent.planeElement, element);
  return drawn.flatMap(({ element, parent }) => idsAround(element, parent, parent.$parent));
}

const REFERENCES = ["bpmnElement", "sourceRef", "targetRef", "attachedToRef", "default"];

export const EDITS: Record<string, Doing> = {
  rename(definitions, pick) {
    const found = choose(definitions, pick, is("bpmn:FlowElement"));
    if (!found) return null;
    found.element.name = `Name ${pick} <of> "this" & that\né`;
    return [found.element.id];
  },
  document(definitions, pick) {
    const found = choose(definitions, pick, is("bpmn:FlowElement"));
    if (!found) return null;
    const text = `because a < b && c > d\n  line ${pick}`;
    const { element } = found;
    if (element.documentation?.length) element.documentation[0].text = text;
    else element.get("documentation").push(own(element, definitions.$model.create("bpmn:Documentation", { text })));
    return [element.id];
  },
  moveWaypoint(definitions, pick) {
    const found = choose(definitions, pick, is("bpmndi:BPMNEdge"));
    if (!found?.element.waypoint?.length) return null;
    const { waypoint } = found.element;
    waypoint[pick % waypoint.length].x += 7;
    if (pick % 3 === 0) waypoint.push(own(found.element, definitions.$model.create("dc:Point", { x: 1, y: pick })));
    if (pick % 5 === 0 && waypoint.length > 2) waypoint.splice(1, 1);
    return [found.element.id];
  },
  moveShape(definitions, pick) {
    const found = choose(definitions, pick, is("bpmndi:BPMNShape"));
    if (!found?.element.bounds) return null;
    found.element.bounds.x += 13;
    return [found.element.id];
  },
  giveContract(definitions, pick) {
    const found = choose(definitions, pick, is("bpmn:SequenceFlow"));
    if (!found) return null;
    const { $model } = definitions;
    const extensions = (found.element.extensionElements ??= own(found.element, $model.create("bpmn:ExtensionElements", { values: [] })));
    const contract = own(extensions, $model.create("handoff:Contract", { completeWithin: `PT${pick}H`, fields: [] }));
    for (const name of ["amount", "plate"]) contract.fields.push(own(contract, $model.create("handoff:Field", { name, required: true })));
    extensions.get("values").push(contract);
    return [found.element.id];
  },
  changeExtension(definitions, pick) {
    const found = choose(definitions, pick, ({ element, parent }) => parent?.$type === "bpmn:ExtensionElements" && !element.id);
    if (!found) return null;
    const name = Object.keys(found.element.$attrs ?? found.element).find((key) => /^[a-z]\w*$/.test(key) && typeof found.element[key] === "string");
    const property = found.element.$descriptor.properties?.find((each: Moddle) => each.isAttr && each.type === "String")?.name ?? name;
    if (!property) return null;
    found.element[property] = `=a > ${pick}`;
    let holder = found.parent.$parent;
    while (holder.$parent && !holder.id) holder = holder.$parent;
    return idsAround(holder);
  },
  dropExtensions(definitions, pick) {
    const found = choose(definitions, pick, ({ element }) => element.id && element.extensionElements?.values?.length);
    if (!found) return null;
    if (pick % 2) found.element.extensionElements.values.pop();
    else delete found.element.extensionElements;
    return [found.element.id];
  },
  addTask(definitions, pick) {
    const found = flowNodeOf(definitions, pick);
    if (!found) return null;
    const { $model } = definitions;
    const task = own(found.parent, $model.create("bpmn:ServiceTask", { id: `New_${pick}`, name: "New" }));
    task.extensionElements = own(task, $model.create("bpmn:ExtensionElements", { values: [] }));
    task.extensionElements.values.push(own(task.extensionElements, $model.create("zeebe:TaskDefinition", { type: "ship" })));
    const siblings = found.parent.flowElements;
    siblings.splice(pick % 2 ? siblings.length : siblings.indexOf(found.element), 0, task);
    const plane = definitions.diagrams?.[0]?.plane;
    if (plane) {
      const shape = own(plane, $model.create("bpmndi:BPMNShape", { id: `New_${pick}_di`, bpmnElement: task }));
      shape.bounds = own(shape, $model.create("dc:Bounds", { x: 1, y: 2, width: 100, height: 80 }));
      plane.planeElement.push(shape);
    }
    return idsAround(found.parent, plane, definitions.diagrams?.[0]);
  },
  removeNode(definitions, pick) {
    const found = flowNodeOf(definitions, pick);
    if (!found) return null;
    const { element, parent } = found;
    const touched = idsAround(element, parent);
    const flows = elementsOf(definitions).filter((each) => each.element.sourceRef === element || each.element.targetRef === element);
    for (const { element: flow, parent: holder } of flows) {
      for (const [end, side] of [[flow.sourceRef, "outgoing"], [flow.targetRef, "incoming"]] as const) {
        dropFrom(end?.[side], flow);
        if (end?.default === flow) delete end.default;
        touched.push(...idsAround(end));
      }
      dropFrom(holder.flowElements ?? holder.messageFlows ?? holder.artifacts, flow);
      touched.push(...idsAround(flow, holder), ...dropDiagramOf(definitions, flow));
    }
    for (const { element: lane } of elementsOf(definitions).filter((each) => each.element.flowNodeRef?.includes(element))) {
      dropFrom(lane.flowNodeRef, element);
      touched.push(lane.id);
    }
    dropFrom(parent.flowElements, element);
    return [...touched, ...dropDiagramOf(definitions, element)];
  },
  changeLane(definitions, pick) {
    const from = choose(definitions, pick, ({ element }) => element.$type === "bpmn:Lane" && element.flowNodeRef?.length);
    const to = choose(definitions, pick + 1, ({ element }) => element.$type === "bpmn:Lane" && element !== from?.element && !element.childLaneSet);
    if (!from || !to) return null;
    const node = from.element.flowNodeRef[pick % from.element.flowNodeRef.length];
    dropFrom(from.element.flowNodeRef, node);
    to.element.get("flowNodeRef").push(node);
    return idsAround(from.element, to.element);
  },
  intoSubProcess(definitions, pick) {
    const found = flowNodeOf(definitions, pick);
    if (!found) return null;
    const { element, parent } = found;
    const others = elementsOf(definitions).filter((each) => each.element.$type === "bpmn:SubProcess" && each.element !== parent && !within(each.element, element));
    const target = others.length ? others[pick % others.length]!.element : wrapper(definitions, parent, pick);
    dropFrom(parent.flowElements, element);
    target.get("flowElements").push(own(target, element));
    return idsAround(element, parent, target);
  },
  reorder(definitions, pick) {
    const found = flowNodeOf(definitions, pick);
    if (!found) return null;
    dropFrom(found.parent.flowElements, found.element);
    found.parent.flowElements.push(found.element);
    return idsAround(found.element, found.parent);
  },
  newId(definitions, pick) {
    const found = flowNodeOf(definitions, pick);
    if (!found) return null;
    const { element } = found;
    const pointing = elementsOf(definitions).filter((each) => referencesOf(each.element).includes(element));
    const old = element.id;
    element.id = `Renamed_${pick}`;
    return [old, element.id, ...idsAround(...pointing.map((each) => each.element))];
  },
  becomeOther(definitions, pick) {
    const found = choose(definitions, pick, (each) => is("bpmn:Task")(each) && each.parent.flowElements);
    if (!found) return null;
    const { element, parent } = found;
    const { $model } = definitions;
    const { id, name, incoming, outgoing, extensionElements } = element;
    const other = own(parent, $model.create(pick % 2 ? "bpmn:ManualTask" : "bpmn:SendTask", { id, name, incoming, outgoing, extensionElements }));
    const touched = [id];
    for (const each of elementsOf(definitions)) {
      for (const key of REFERENCES) if (each.element[key] === element) each.element[key] = other;
      const refs = each.element.flowNodeRef;
      if (refs?.includes(element)) refs[refs.indexOf(element)] = other;
    }
    parent.flowElements[parent.flowElements.indexOf(element)] = other;
    return touched;
  },
};

function referencesOf(element: Moddle): Moddle[] {
  const references = (element.$descriptor.properties ?? []).filter((property: Moddle) => property.isReference);
  return references.flatMap((property: Moddle) => element[property.name] ?? []);
}

function own(parent: Moddle, child: Moddle): Moddle {
  child.$parent = parent;
  return child;
}

function within(inner: Moddle, outer: Moddle): boolean {
  for (let each = inner; each; each = each.$parent) if (each === outer) return true;
  return false;
}

function wrapper(definitions: Moddle, parent: Moddle, pick: number): Moddle {
  const wrapping = own(parent, definitions.$model.create("bpmn:SubProcess", { id: `Wrapping_${pick}`, flowElements: [] }));
  parent.flowElements.push(wrapping);
  return wrapping;
}
