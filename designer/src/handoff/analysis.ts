/** Where the handoffs are: the rules of engine/bpmn/{handoffs,paths,lanes}.py over a bpmn-moddle tree. No DOM, no canvas. */

/** An element of bpmn-moddle: its properties are those of the BPMN standard and of the zeebe and handoff extensions. */
export type Moddle = { $type: string; id: string; name?: string; $parent?: Moddle } & Record<string, any>;

export type PartyKind = "host" | "partner" | "customer";
export type HandoffKind = "internal" | "partner" | "customer";

export interface Role {
  role: string;
  kind: PartyKind;
  partyId: string | null;
  binding: string | null;
}

/** Who works there: the innermost lane that lists an element, else its pool, else the process. */
export interface Side {
  id: string;
  name: string;
  role: Role;
  place: Moddle;
}

/** From the last element with work in one side to the first place of rest in another, or a message flow. */
export interface Handoff {
  process: string;
  /** Flow ids; of several ways under the same contract the shortest, the first in the file. */
  path: string[];
  /** null: a pool that is a closed box. */
  from: string | null;
  to: string | null;
  fromSide: Side;
  toSide: Side;
  kind: HandoffKind;
  /** The flow with the contract, and the contract itself. */
  contractFlow: string | null;
  contract: Moddle | null;
  message: boolean;
}

export interface Analysis {
  handoffs: Handoff[];
  /** By flow node of the processes that run. */
  sides: Map<string, Side>;
  /** By flow. */
  contracts: Map<string, Moddle>;
  /** Two flows with a contract each on one way: refused at deployment. */
  conflicts: [string, string][];
  /** Every element with an id, by it. */
  elements: Map<string, Moddle>;
}

const MAX_STEPS = 1_000_000; // as in engine/bpmn/paths.py
const PASSED = new Set(["ExclusiveGateway", "ParallelGateway", "InclusiveGateway", "ComplexGateway"]);

/** `definitions`: the root of a file, as bpmn-moddle read it with the zeebe and handoff descriptions. Never throws. */
export function analyse(definitions: Moddle): Analysis {
  const places = new Places(definitions);
  const found: Analysis = { handoffs: [], sides: new Map(), contracts: new Map(), conflicts: [], elements: places.elements };
  const messages = new Map<Moddle, Moddle[]>();
  for (const flow of places.messageFlows) {
    const process = standsWith(flow, places);
    if (process) messages.set(process, [...(messages.get(process) ?? []), flow]);
  }
  for (const process of places.running) ofProcess(process, places, messages.get(process) ?? [], found);
  return found;
}

export function named(element: Moddle): string {
  return element.$type.slice(element.$type.indexOf(":") + 1);
}

export function extension(element: Moddle | undefined, type: string): Moddle | null {
  return (element?.extensionElements?.values as Moddle[] | undefined)?.find((value) => value.$type === type) ?? null;
}

export const partyOf = (place: Moddle): Moddle | null => extension(place, "handoff:Party");
export const contractOn = (flow: Moddle): Moddle | null => extension(flow, "handoff:Contract");

/** What a name is called where it stands in addresses, as engine/bpmn/names.py says it: "Front desk" -> "front-desk". */
export function idOf(name: string): string {
  return name.trim().toLowerCase().replace(/[^\p{L}\p{N}_]+/gu, "-").replace(/^-+|-+$/g, "");
}

export function kindBetween(one: Role, other: Role): HandoffKind {
  const kinds = [one.kind, other.kind];
  return kinds.includes("customer") ? "customer" : kinds.includes("partner") ? "partner" : "internal";
}

/** Whether an element is work for a program. */
export function hasJob(node: Moddle): boolean {
  const topics = [node, ...((node.eventDefinitions as Moddle[]) ?? [])].some((each) => each.$attrs?.["camunda:topic"]);
  return Boolean(String(extension(node, "zeebe:TaskDefinition")?.type ?? "").trim()) || topics;
}

/** Whether a node throws a message itself: a job's worker would publish it, and other elements throw none. */
export function throws(node: Moddle): boolean {
  const type = named(node);
  const event = (type === "IntermediateThrowEvent" || type === "EndEvent") && hasDefinition(node, "bpmn:MessageEventDefinition");
  return (type === "SendTask" || event) && !hasJob(node);
}

export function hasDefinition(node: Moddle, type: string): boolean {
  return ((node.eventDefinitions as Moddle[]) ?? []).some((definition) => definition.$type === type);
}

const isLink = (node: Moddle): boolean => hasDefinition(node, "bpmn:LinkEventDefinition");

/** Whether a token comes to rest there. It runs through gateways, except where it waits for events, and through links. */
export const restsAt = (node: Moddle): boolean => !PASSED.has(named(node)) && !isLink(node);

const isFlowNode = (element: Moddle): boolean => Boolean(element.$instanceOf?.("bpmn:FlowNode")) && Boolean(element.id);

/** The flow elements of a process or sub-process and of all inside it, each before what lies in it. */
export function* within(container: Moddle): Generator<Moddle> {
  for (const element of (container.flowElements as Moddle[]) ?? []) {
    yield element;
    if (element.flowElements) yield* within(element);
  }
}

/** Outer lanes before those in them. */
export function* lanesOf(container: Moddle): Generator<Moddle> {
  for (const set of (container.laneSets as Moddle[]) ?? []) yield* lanesIn(set);
  for (const element of (container.flowElements as Moddle[]) ?? []) if (element.flowElements) yield* lanesOf(element);
}

function* lanesIn(set: Moddle): Generator<Moddle> {
  for (const lane of (set.lanes as Moddle[]) ?? []) {
    yield lane;
    if (lane.childLaneSet) yield* lanesIn(lane.childLaneSet);
  }
}

/** The pools and lanes of a file, and who works in them. */
class Places {
  readonly running: Moddle[] = [];
  readonly participants = new Map<string, Moddle>();
  readonly messageFlows: Moddle[] = [];
  readonly lanes = new Map<string, Moddle>(); // by flow node
  readonly processOf = new Map<string, Moddle>();
  readonly elements = new Map<string, Moddle>();
  private readonly poolOfProcess = new Map<string, Moddle>();
  private readonly sides = new Map<Moddle, Side>();

  constructor(definitions: Moddle) {
    const roots = (definitions.rootElements as Moddle[]) ?? [];
    for (const root of roots) {
      this.elements.set(root.id, root);
      if (root.$type !== "bpmn:Collaboration") continue;
      for (const pool of (root.participants as Moddle[]) ?? []) {
        this.participants.set(pool.id, pool);
        this.elements.set(pool.id, pool);
        if (pool.processRef) this.poolOfProcess.set(pool.processRef.id, pool);
      }
      for (const flow of (root.messageFlows as Moddle[]) ?? []) {
        this.messageFlows.push(flow);
        this.elements.set(flow.id, flow);
      }
    }
    for (const process of roots.filter((root) => root.$type === "bpmn:Process")) {
      if (process.isExecutable) this.running.push(process);
      for (const lane of lanesOf(process)) this.elements.set(lane.id, lane);
      for (const element of within(process)) {
        this.elements.set(element.id, element);
        if (isFlowNode(element)) this.processOf.set(element.id, process);
      }
      if (process.isExecutable) this.findLanes(process);
    }
  }

  /** The innermost lane that lists the node; else that of the sub-process; a boundary event stands where its host does. */
  private findLanes(process: Moddle): void {
    const listed = new Map<string, Moddle>();
    for (const lane of lanesOf(process)) for (const node of (lane.flowNodeRef as Moddle[]) ?? []) listed.set(node.id, lane);
    const boundaries: Moddle[] = [];
    const stand = (node: Moddle, lane?: Moddle) => {
      const found = lane ?? this.lanes.get(node.$parent?.id ?? "");
      if (found) this.lanes.set(node.id, found);
    };
    for (const node of within(process)) {
      if (!isFlowNode(node)) continue;
      if (node.$type === "bpmn:BoundaryEvent") boundaries.push(node);
      else stand(node, listed.get(node.id));
    }
    for (const event of boundaries) stand(event, this.lanes.get(event.attachedToRef?.id) ?? listed.get(event.id));
  }

  runs(id: string): boolean {
    return Boolean(this.processOf.get(id)?.isExecutable);
  }

  sideOfNode(id: string): Side {
    return this.side(this.lanes.get(id) ?? this.poolOf(this.processOf.get(id)!));
  }

  poolOf(process: Moddle): Moddle {
    return this.poolOfProcess.get(process.id) ?? process;
  }

  side(place: Moddle): Side {
    let found = this.sides.get(place);
    if (!found) this.sides.set(place, (found = { id: place.id, name: place.name || place.id, role: this.role(place), place }));
    return found;
  }

  private role(place: Moddle): Role {
    let at = place;
    while (!partyOf(at) && at.$type === "bpmn:Lane") at = this.around(at);
    const party = partyOf(at);
    const usual = idOf(at.name ?? "") || at.id;
    if (!party) return { role: usual, kind: "host", partyId: null, binding: null };
    return {
      role: (party.role ?? "").trim() || usual,
      kind: (party.kind ?? "host").trim() as PartyKind,
      partyId: (party.partyId ?? "").trim() || null,
      binding: (party.binding ?? "").trim() || null,
    };
  }

  private around(lane: Moddle): Moddle {
    let at = lane.$parent!;
    while (at.$type === "bpmn:LaneSet") at = at.$parent!;
    if (at.$type === "bpmn:Lane") return at;
    if (at.$type === "bpmn:Process") return this.poolOf(at);
    return this.lanes.get(at.id) ?? this.poolOf(this.processOf.get(at.id)!);
  }
}

function ofProcess(process: Moddle, places: Places, messages: Moddle[], found: Analysis): void {
  const elements = [...within(process)];
  const nodes = elements.filter(isFlowNode);
  const flows = elements.filter((element) => element.$type === "bpmn:SequenceFlow");
  const sides = new Map(nodes.map((node) => [node.id, places.sideOfNode(node.id)]));
  for (const [id, side] of sides) found.sides.set(id, side);
  for (const flow of [...flows, ...messages]) {
    const contract = contractOn(flow);
    if (contract) found.contracts.set(flow.id, contract);
  }
  if (new Set([...sides.values()].map((side) => side.id)).size > 1) {
    const graph = new Graph(flowsOut(nodes, flows), new Set(nodes.filter(restsAt).map((node) => node.id)), found.contracts);
    for (const node of nodes) {
      if (!graph.rests.has(node.id)) continue;
      for (const way of graph.waysFrom(node.id)) {
        const one = sides.get(node.id)!;
        const other = sides.get(way.target);
        if (!other || one.id === other.id) continue;
        found.handoffs.push({
          process: process.id, path: way.flows, from: node.id, to: way.target, fromSide: one, toSide: other,
          kind: kindBetween(one.role, other.role), contractFlow: way.marked,
          contract: way.marked ? found.contracts.get(way.marked)! : null, message: false,
        });
      }
    }
    found.conflicts.push(...graph.conflicts.values());
  }
  for (const flow of messages) {
    const [from, one] = end(flow.sourceRef, places);
    const [to, other] = end(flow.targetRef, places);
    const contract = found.contracts.get(flow.id) ?? null;
    found.handoffs.push({
      process: process.id, path: [flow.id], from, to, fromSide: one, toSide: other,
      kind: kindBetween(one.role, other.role), contractFlow: contract && flow.id, contract, message: true,
    });
  }
}

type Out = { flow: string | null; target: string };

function flowsOut(nodes: Moddle[], flows: Moddle[]): Map<string, Out[]> {
  const found = new Map<string, Out[]>();
  const add = (source: string, out: Out) => {
    const outs = found.get(source);
    if (outs) outs.push(out);
    else found.set(source, [out]);
  };
  for (const flow of flows) if (flow.sourceRef && flow.targetRef) add(flow.sourceRef.id, { flow: flow.id, target: flow.targetRef.id });
  const links = nodes.filter(isLink);
  for (const node of links) {
    if (node.$type !== "bpmn:IntermediateThrowEvent") continue;
    const catching = links.find((other) => other.$type === "bpmn:IntermediateCatchEvent" && other.$parent === node.$parent && link(other) === link(node));
    if (catching) add(node.id, { flow: null, target: catching.id });
  }
  return found;
}

function link(node: Moddle): string {
  const definition = (node.eventDefinitions as Moddle[]).find((each) => each.$type === "bpmn:LinkEventDefinition");
  return (definition?.name ?? "").trim();
}

interface Way {
  flows: string[];
  target: string;
  marked: string | null;
}

interface Reached {
  node: string;
  marked: string | null;
  before: Reached | null;
  flow: string | null;
}

/** A breadth-first search whose states are a node and the contract met so far: a mesh of gateways costs its flows times its contracts. */
class Graph {
  readonly conflicts = new Map<string, [string, string]>();
  private steps = 0;

  constructor(readonly out: Map<string, Out[]>, readonly rests: Set<string>, readonly marked: { has(flow: string): boolean }) {}

  *waysFrom(source: string): Generator<Way> {
    const seen = new Set([`${source}\n`]);
    const queue: Reached[] = [{ node: source, marked: null, before: null, flow: null }];
    for (let at = 0; at < queue.length && this.steps <= MAX_STEPS; at += 1) {
      const state = queue[at]!;
      for (const { flow, target } of this.out.get(state.node) ?? []) {
        this.steps += 1;
        let marked = state.marked;
        if (flow !== null && this.marked.has(flow)) {
          if (marked !== null && marked !== flow) {
            if (!this.conflicts.has(`${marked}\n${flow}`)) this.conflicts.set(`${marked}\n${flow}`, [marked, flow]);
            continue;
          }
          marked = flow;
        }
        const key = `${target}\n${marked ?? ""}`;
        if (seen.has(key)) continue;
        seen.add(key);
        const reached: Reached = { node: target, marked, before: state, flow };
        if (this.rests.has(target)) yield { flows: flowsTo(reached), target, marked };
        else queue.push(reached);
      }
    }
  }
}

function flowsTo(reached: Reached): string[] {
  const flows: string[] = [];
  for (let at: Reached | null = reached; at; at = at.before) if (at.flow !== null) flows.push(at.flow);
  return flows.reverse();
}

/** The process that throws; out of a closed box, the one that receives; null where nothing is handed over. */
function standsWith(flow: Moddle, places: Places): Moddle | null {
  const { sourceRef: source, targetRef: target } = flow;
  if (![source, target].every((one) => one && (places.participants.has(one.id) || places.processOf.has(one.id)))) return null;
  if (places.runs(source.id)) return throws(source) ? places.processOf.get(source.id)! : null;
  return places.processOf.get(target.id) ?? null;
}

/** The element, where it runs; else the pool alone, whatever is drawn in it. */
function end(reference: Moddle, places: Places): [string | null, Side] {
  if (places.participants.has(reference.id)) return [null, places.side(reference)];
  if (places.runs(reference.id)) return [reference.id, places.sideOfNode(reference.id)];
  return [null, places.side(places.poolOf(places.processOf.get(reference.id)!))];
}
