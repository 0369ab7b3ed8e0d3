/** The steps of a model in the order in which work comes to them: what is read where nothing is drawn. */

export interface Step {
  id: string;
  /** BPMN's element name: userTask, startEvent, … */
  type: string;
  name: string;
  lane: string;
  /** Of a sub-process. */
  steps: Step[];
  /** Flows that leave it: a handoff begins with one of them. */
  leaves: string[];
}
export interface Part {
  id: string;
  name: string;
  steps: Step[];
}

const STEPS = /^(task|.+Task|.+Event|.+Gateway|callActivity|subProcess|adHocSubProcess|transaction)$/;

/** The processes of a file; what is no XML has none. */
export function partsOf(xml: string): Part[] {
  const root = new DOMParser().parseFromString(xml, "text/xml").documentElement;
  const pools = new Map(all(root, "participant").map((pool) => [pool.getAttribute("processRef"), nameOf(pool)]));
  const messages = all(root, "messageFlow");
  return children(root, "process").map((process) => ({
    id: process.id,
    name: pools.get(process.id) || nameOf(process) || process.id,
    steps: stepsOf(process, lanesOf(process), messages),
  }));
}

function lanesOf(process: Element): Map<string, string> {
  const found = new Map<string, string>();
  // document order: an inner lane comes after the one around it, and is the narrower word
  for (const lane of all(process, "lane")) for (const ref of children(lane, "flowNodeRef")) found.set(ref.textContent!.trim(), nameOf(lane));
  return found;
}

function stepsOf(scope: Element, lanes: Map<string, string>, messages: Element[]): Step[] {
  const nodes = new Map([...scope.children].filter((child) => STEPS.test(child.localName) && child.id).map((child) => [child.id, child]));
  const flows = children(scope, "sequenceFlow");
  const seen = new Set<string>();
  const order: string[] = [];
  const visit = (begin: string): void => {
    const open = [begin];
    while (open.length) {
      const id = open.shift()!;
      if (seen.has(id) || !nodes.has(id)) continue;
      seen.add(id);
      order.push(id);
      const beside = [...nodes.values()].filter((node) => node.getAttribute("attachedToRef") === id).map((node) => node.id);
      open.push(...flows.filter((flow) => flow.getAttribute("sourceRef") === id).map((flow) => flow.getAttribute("targetRef")!), ...beside);
    }
  };
  const entered = new Set(flows.map((flow) => flow.getAttribute("targetRef")));
  for (const [id, node] of nodes) if (!entered.has(id) && !node.hasAttribute("attachedToRef")) visit(id);
  for (const id of nodes.keys()) visit(id);
  return order.map((id) => {
    const node = nodes.get(id)!;
    const leaves = [...flows, ...messages].filter((flow) => flow.getAttribute("sourceRef") === id).map((flow) => flow.id);
    return { id, type: node.localName, name: nameOf(node), lane: lanes.get(id) ?? "", steps: stepsOf(node, lanes, messages), leaves };
  });
}

const children = (element: Element, name: string): Element[] => [...element.children].filter((child) => child.localName === name);
const all = (element: Element, name: string): Element[] => [...element.getElementsByTagName("*")].filter((child) => child.localName === name);
const nameOf = (element: Element): string => (element.getAttribute("name") ?? "").replace(/\s+/g, " ").trim();
