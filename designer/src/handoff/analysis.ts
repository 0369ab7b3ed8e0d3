/**
 * Where the handoffs are, as the model says it: the rules of engine/bpmn/{handoffs,paths,lanes}.py, over bpmn-moddle.
 * No drawing in here, so that canvas, panel and tests ask the same. Both sides are held to the fixtures beside this file.
 */
import { children, extension, extensionsOf, flag, isA, type Moddle, typeOf } from "./moddle";
import type { Kind } from "./kinds";

export type { Kind } from "./kinds";
export type PartyKind = "host" | "partner" | "customer";

export interface Role {
  role: string;
  kind: PartyKind;
  partyId: string | null;
  binding: string | null;
  publicStart: boolean;
}

/** Who works there: the innermost lane that lists an element, else its pool, else the process. */
export interface Side {
  id: string;
  name: string;
  role: Role;
}

export interface Field {
  name: string;
  label: string | null;
  type: string;
  required: boolean;
  sensitive: boolean;
}

/** What a handoff promises. Limits are ISO 8601 durations, as written. */
export interface Contract {
  flowId: string;
  fields: Field[];
  acceptWithin: string | null;
  completeWithin: string | null;
  calendar: string;
  acknowledgement: string;
  channel: string | null;
  assurance: string;
  returnable: boolean;
}

/** From the last element with work on one side to the first place of rest on another, or a message flow. */
export interface Path {
  process: string;
  flowIds: string[];
  /** null: a pool that is a closed box */
  from: string | null;
  to: string | null;
  fromSide: Side;
  toSide: Side;
  kind: Kind;
  contract: Contract | null;
  isMessage: boolean;
}

const MAX_STEPS = 200_000; // flows looked at while somebody draws: some ten milliseconds

/** All handoffs of a model that is being drawn. Never raises: what is half drawn yet is left out. */
export function handoffsOf(definitions: Moddle): Path[] {
  const places = new Places(definitions);
  const messages = new Map<Moddle, Moddle[]>();
  for (const flow of places.messageFlows) {
    const process = places.standsWith(flow);
    if (process) messages.set(process, [...(messages.get(process) ?? []), flow]);
  }
  return places.processes.flatMap((process) => ofProcess(process, places, messages.get(process) ?? []));
}

/** `customer` if either is a customer, else `partner` if either is a partner, else `internal`. */
export function kindBetween(one: Role, other: Role): Kind {
  const kinds = [one.kind, other.kind];
  return kinds.includes("customer") ? "customer" : kinds.includes("partner") ? "partner" : "internal";
}

/** The pools and lanes of a model, and who works in them. */
export class Places {
  readonly processes: Moddle[];
  readonly messageFlows: Moddle[] = [];
  readonly participants: Moddle[] = [];
  private readonly running: Set<Moddle>;
  private readonly poolOfProcess = new Map<Moddle, Moddle>();
  private readonly lanes = new Map<Moddle, Moddle>();
  private readonly processOf = new Map<Moddle, Moddle>();
  private readonly sides = new Map<Moddle, Side>();

  constructor(definitions: Moddle) {
    const roots: Moddle[] = definitions.rootElements ?? [];
    const all = roots.filter((root) => typeOf(root) === "bpmn:Process");
    this.processes = all.filter((process) => process.isExecutable);
    this.running = new Set(this.processes);
    for (const collaboration of roots.filter((root) => typeOf(root) === "bpmn:Collaboration")) {
      this.participants.push(...(collaboration.participants ?? []));
      this.messageFlows.push(...(collaboration.messageFlows ?? []));
    }
    for (const pool of this.participants) if (pool.processRef) this.poolOfProcess.set(pool.processRef, pool);
    for (const process of all) {
      for (const node of nodesOf(process)) this.processOf.set(node, process);
      if (this.running.has(process)) this.stand(process);
    }
  }

  /** The innermost lane that lists a node; in a sub-process that has none, the sub-process's; a boundary event its host's. */
  private stand(process: Moddle): void {
    const listed = new Map<Moddle, Moddle>();
    for (const lane of lanesOf(process)) for (const node of lane.flowNodeRef ?? []) listed.set(node, lane);
    const events: Moddle[] = [];
    for (const node of nodesOf(process)) {
      if (typeOf(node) === "bpmn:BoundaryEvent") events.push(node);
      else this.standsIn(node, listed.get(node));
    }
    for (const event of events) this.standsIn(event, this.lanes.get(event.attachedToRef) ?? listed.get(event));
  }

  private standsIn(node: Moddle, lane: Moddle | undefined): void {
    const found = lane ?? this.lanes.get(node.$parent);
    if (found) this.lanes.set(node, found);
  }

  runs(node: Moddle): boolean {
    const process = this.processOf.get(node);
    return process !== undefined && this.running.has(process);
  }

  process(node: Moddle): Moddle | undefined {
    return this.processOf.get(node);
  }

  /** The pool before a process; the process itself, where none is drawn. */
  poolOf(process: Moddle): Moddle {
    return this.poolOfProcess.get(process) ?? process;
  }

  laneOf(node: Moddle): Moddle | undefined {
    return this.lanes.get(node);
  }

  sideOfNode(node: Moddle): Side {
    return this.side(this.lanes.get(node) ?? this.poolOf(this.processOf.get(node)!));
  }

  /** Of a lane, pool or process. */
  side(place: Moddle): Side {
    let found = this.sides.get(place);
    if (!found) {
      found = { id: place.id ?? "", name: place.name || place.id || "", role: this.role(place) };
      this.sides.set(place, found);
    }
    return found;
  }

  /** A lane without a party has that of the lane around it, of the sub-process it lies in, of its pool. */
  private role(place: Moddle): Role {
    let at = place;
    while (!partyOf(at) && typeOf(at) === "bpmn:Lane") at = this.around(at);
    const party = partyOf(at);
    const role = (party?.role ?? "").trim() || identifier(at.name ?? "") || at.id || "";
    return {
      role,
      kind: (party?.kind ?? "host").trim() as PartyKind,
      partyId: (party?.partyId ?? "").trim() || null,
      binding: (party?.binding ?? "").trim() || null,
      publicStart: flag(party?.publicStart, false),
    };
  }

  private around(lane: Moddle): Moddle {
    let at = lane.$parent;
    while (at && typeOf(at) === "bpmn:LaneSet") at = at.$parent;
    if (!at || typeOf(at) === "bpmn:Process") return this.poolOf(at ?? lane);
    if (typeOf(at) === "bpmn:Lane") return at;
    return this.lanes.get(at) ?? this.poolOf(this.processOf.get(at)!); // of the sub-process
  }

  /** The process that throws; out of a closed box, the one that receives; undefined where nothing is handed over. */
  standsWith(flow: Moddle): Moddle | undefined {
    const { sourceRef: source, targetRef: target } = flow;
    if (!source || !target) return undefined;
    if (this.runs(source)) return throws(source) ? this.processOf.get(source) : undefined;
    const process = this.processOf.get(target);
    return process && this.running.has(process) ? process : undefined;
  }

  /** The element, where it runs; else the pool alone, whatever is drawn in it. */
  end(reference: Moddle): [string | null, Side] {
    if (typeOf(reference) === "bpmn:Participant") return [null, this.side(reference)];
    if (this.runs(reference)) return [reference.id, this.sideOfNode(reference)];
    const process = this.processOf.get(reference);
    return [null, this.side(process ? this.poolOf(process) : reference)];
  }
}

/** The handoff:party of a pool or lane. */
export function partyOf(place: Moddle): Moddle | undefined {
  return extension(place, "handoff:Party");
}

export function identifier(name: string): string {
  const plain = name.normalize("NFKD").replace(/[\u0300-\u036f]/g, "");
  return plain.replace(/[^\p{L}\p{N}_]+/gu, "_").replace(/^_+|_+$/g, "").toLowerCase();
}

function ofProcess(process: Moddle, places: Places, messages: Moddle[]): Path[] {
  const nodes = [...nodesOf(process)];
  const sides = new Map(nodes.map((node) => [node, places.sideOfNode(node)]));
  const found: Path[] = [];
  if (new Set([...sides.values()].map((side) => side.id)).size > 1) found.push(...crossings(process, nodes, sides));
  for (const flow of messages) {
    const [from, fromSide] = places.end(flow.sourceRef);
    const [to, toSide] = places.end(flow.targetRef);
    found.push({
      process: process.id,
      flowIds: [flow.id],
      from,
      to,
      fromSide,
      toSide,
      kind: kindBetween(fromSide.role, toSide.role),
      contract: contractOn(flow),
      isMessage: true,
    });
  }
  return found;
}

// -- between lanes --

const GATEWAYS = new Set(["bpmn:ExclusiveGateway", "bpmn:ParallelGateway", "bpmn:InclusiveGateway", "bpmn:ComplexGateway"]);

/** Whether a token comes to rest at a flow node. It runs through gateways, except where it waits for events, and through links. */
export function restsAt(node: Moddle): boolean {
  return !GATEWAYS.has(typeOf(node)) && !linkOf(node);
}

function linkOf(node: Moddle): Moddle | undefined {
  return (node.eventDefinitions ?? []).find((one: Moddle) => typeOf(one) === "bpmn:LinkEventDefinition");
}

interface Step {
  flow: Moddle | null;
  target: Moddle;
}

function flowsOut(process: Moddle, nodes: Moddle[]): Map<Moddle, Step[]> {
  const found = new Map<Moddle, Step[]>();
  const add = (source: Moddle, step: Step) => void found.set(source, [...(found.get(source) ?? []), step]);
  for (const flow of sequenceFlowsOf(process)) if (flow.sourceRef && flow.targetRef) add(flow.sourceRef, { flow, target: flow.targetRef });
  const links = nodes.filter(linkOf);
  const named = (node: Moddle) => (linkOf(node)!.name ?? "").trim();
  for (const source of links.filter((node) => typeOf(node) === "bpmn:IntermediateThrowEvent")) {
    const target = links.find(
      (node) => typeOf(node) === "bpmn:IntermediateCatchEvent" && node.$parent === source.$parent && named(node) === named(source),
    );
    if (target) add(source, { flow: null, target });
  }
  return found;
}

/** One way from each rest to each other rest and contract, the shortest first; a state is a node and the contract met so far. */
function* crossings(process: Moddle, nodes: Moddle[], sides: Map<Moddle, Side>): Generator<Path> {
  const out = flowsOut(process, nodes);
  let steps = 0;
  for (const source of nodes) {
    if (!restsAt(source)) continue;
    const came = new Map<Moddle, Map<Moddle | null, { at: Moddle; mark: Moddle | null; flow: Moddle | null }>>();
    const queue: { at: Moddle; mark: Moddle | null }[] = [{ at: source, mark: null }];
    for (let next = 0; next < queue.length; next++) {
      const { at, mark } = queue[next]!;
      for (const { flow, target } of out.get(at) ?? []) {
        if (++steps > MAX_STEPS) return;
        let marked = mark;
        if (flow && extension(flow, "handoff:Contract")) {
          if (mark && mark !== flow) continue; // two contracts on one way: a problem, said elsewhere
          marked = flow;
        }
        const known = came.get(target) ?? new Map();
        came.set(target, known);
        if (known.has(marked) || (target === source && marked === null)) continue;
        known.set(marked, { at, mark, flow });
        if (!restsAt(target)) queue.push({ at: target, mark: marked });
        else {
          const [from, to] = [sides.get(source)!, sides.get(target)];
          if (to && from.id !== to.id)
            yield {
              process: process.id,
              flowIds: walked(target, marked, source, came),
              from: source.id,
              to: target.id,
              fromSide: from,
              toSide: to,
              kind: kindBetween(from.role, to.role),
              contract: marked ? contractOn(marked) : null,
              isMessage: false,
            };
        }
      }
    }
  }
}

/** Two flows with a contract each on one way, the first before the second: refused at deployment, as engine/bpmn/paths.py finds them. */
export function conflictsOf(definitions: Moddle): [first: string, second: string][] {
  const places = new Places(definitions);
  return places.processes.flatMap((process) => {
    const nodes = [...nodesOf(process)];
    if (new Set(nodes.map((node) => places.sideOfNode(node).id)).size < 2) return [];
    const out = flowsOut(process, nodes);
    const marked = [...out.values()].flat().filter(({ flow }) => isMarked(flow));
    return marked.flatMap((first) => metAfter(first, out).map((second): [string, string] => [first.flow!.id, second.id]));
  });
}

const isMarked = (flow: Moddle | null): boolean => Boolean(flow && extension(flow, "handoff:Contract"));

/** The next flows with a contract that a token runs into before it comes to rest. */
function metAfter(first: Step, out: Map<Moddle, Step[]>): Moddle[] {
  const seen = new Set<Moddle>([first.target]);
  const met = new Set<Moddle>();
  for (const at of seen) {
    for (const { flow, target } of restsAt(at) ? [] : (out.get(at) ?? [])) {
      if (isMarked(flow) && flow !== first.flow) met.add(flow!);
      else seen.add(target);
    }
  }
  return [...met];
}

function walked(
  target: Moddle,
  mark: Moddle | null,
  source: Moddle,
  came: Map<Moddle, Map<Moddle | null, { at: Moddle; mark: Moddle | null; flow: Moddle | null }>>,
): string[] {
  const flows: string[] = [];
  let at = target;
  let marked = mark;
  for (;;) {
    const step = came.get(at)?.get(marked);
    if (!step) break;
    if (step.flow) flows.push(step.flow.id);
    at = step.at;
    marked = step.mark;
    if (at === source && marked === null) break;
  }
  return flows.reverse();
}

// -- between pools --

/** Whether a node throws a message itself: a job's worker would publish it, and other elements throw none. */
export function throws(node: Moddle): boolean {
  const type = typeOf(node);
  const events = node.eventDefinitions ?? [];
  const isMessage =
    type === "bpmn:SendTask" ||
    ((type === "bpmn:IntermediateThrowEvent" || type === "bpmn:EndEvent") &&
      events.some((one: Moddle) => typeOf(one) === "bpmn:MessageEventDefinition"));
  return isMessage && !hasJob(node);
}

/** Whether an element is work for a program. */
export function hasJob(node: Moddle): boolean {
  const definition = extension(node, "zeebe:TaskDefinition");
  if ((definition?.type ?? "").trim()) return true;
  return [node, ...(node.eventDefinitions ?? [])].some((one: Moddle) => one.$attrs?.["camunda:topic"]);
}

// -- what stands at one element --

export function contractOn(flow: Moddle): Contract | null {
  const contract = extension(flow, "handoff:Contract");
  if (!contract) return null;
  const said = (name: string) => (contract[name] ?? "").trim() || null;
  return {
    flowId: flow.id,
    fields: (contract.fields ?? []).map((field: Moddle) => ({
      name: (field.name ?? "").trim(),
      label: (field.label ?? "").trim() || null,
      type: (field.type ?? "any").trim(),
      required: flag(field.required, false),
      sensitive: flag(field.sensitive, false),
    })),
    acceptWithin: said("acceptWithin"),
    completeWithin: said("completeWithin"),
    calendar: said("calendar") ?? "always",
    acknowledgement: said("acknowledgement") ?? "explicit",
    channel: said("channel"),
    assurance: said("assurance") ?? "link",
    returnable: flag(contract.returnable, true),
  };
}

/** Labels of a milestone by language; "" is for all others. */
export function milestoneOf(node: Moddle): Record<string, string> {
  return Object.fromEntries(
    extensionsOf(node, "handoff:Milestone").map((one) => [(one.language ?? "").trim(), (one.label ?? "").trim()]),
  );
}

// -- walks --

/** Every flow node of a process, what lies around before what lies in it. */
export function* nodesOf(scope: Moddle): Generator<Moddle> {
  for (const element of scope.flowElements ?? []) {
    if (isA(element, "bpmn:FlowNode") && element.id) yield element;
    if (element.flowElements) yield* nodesOf(element);
  }
}

function* sequenceFlowsOf(scope: Moddle): Generator<Moddle> {
  for (const element of scope.flowElements ?? []) {
    if (typeOf(element) === "bpmn:SequenceFlow") yield element;
    if (element.flowElements) yield* sequenceFlowsOf(element);
  }
}

/** Every lane of a process and its sub-processes, what lies around first. */
export function* lanesOf(scope: Moddle): Generator<Moddle> {
  for (const set of scope.laneSets ?? []) yield* lanesIn(set);
  for (const element of children(scope)) yield* lanesOf(element);
}

function* lanesIn(set: Moddle): Generator<Moddle> {
  for (const lane of set.lanes ?? []) {
    yield lane;
    if (lane.childLaneSet) yield* lanesIn(lane.childLaneSet);
  }
}
