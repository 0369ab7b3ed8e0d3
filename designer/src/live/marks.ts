/** What is drawn on a diagram: sums over the instances that it shows. Pure, so that it can be tested without one. */
import type { Handoff, Live } from "./case";

export interface Mark {
  elementId: string;
  active: number;
  completed: number;
  incidents: number;
}

export function marksOf(live: Live, instances: ReadonlySet<string>): Mark[] {
  const found = new Map<string, Mark>();
  const mark = (elementId: string): Mark => {
    let one = found.get(elementId);
    if (!one) found.set(elementId, (one = { elementId, active: 0, completed: 0, incidents: 0 }));
    return one;
  };
  for (const token of live.tokens) {
    if (!instances.has(token.processInstanceKey)) continue;
    mark(token.elementId).active += token.active;
    mark(token.elementId).completed += token.completed;
  }
  for (const incident of live.incidents) if (instances.has(incident.processInstanceKey)) mark(incident.elementId).incidents += 1;
  return [...found.values()];
}

export interface Crossing {
  /** Of the path's flows, the one that carries the mark. */
  flowIds: string[];
  kind: Handoff["kind"];
  state: Handoff["state"];
  late: boolean;
  rounds: number;
  words: Handoff;
}

/** The newest round of each path; a path may be crossed by several tokens, then the one that is still open counts. */
export function crossingsOf(handoffs: Handoff[]): Crossing[] {
  const found = new Map<string, Handoff>();
  const open = (one: Handoff): boolean => one.state === "OFFERED" || one.state === "ACCEPTED";
  for (const one of handoffs) {
    const before = found.get(one.path.join(" "));
    if (!before || open(one) || !open(before)) found.set(one.path.join(" "), one);
  }
  return [...found.values()].map((one) => ({
    flowIds: one.path,
    kind: one.kind,
    state: one.state,
    late: one.clock.toUpperCase() === "LATE",
    rounds: one.round,
    words: one,
  }));
}
