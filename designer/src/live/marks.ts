/** What is drawn on a diagram: sums over the instances that it shows. Pure, so that it can be tested without one. */
import type { Standing } from "../handoff/badges";
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

/** The newest handoff of each path, by its flows; a path may be crossed by several tokens, then the one that is still open counts. */
export function newestOf(handoffs: Handoff[]): Map<string, Handoff> {
  const found = new Map<string, Handoff>();
  for (const one of handoffs) {
    const before = found.get(one.path.join(" "));
    if (!before || isOpen(one) || !isOpen(before)) found.set(one.path.join(" "), one);
  }
  return found;
}

export const isOpen = (one: Handoff): boolean => one.state === "OFFERED" || one.state === "ACCEPTED";

/** As a badge says it. `now`: ISO 8601, by the clock of the case. */
export function standingOf(one: Handoff, now: string): Standing {
  const since = one.state === "ACCEPTED" ? (one.acceptedDate ?? one.offeredDate) : one.offeredDate;
  const due = one.state === "OFFERED" ? (one.acceptDueDate ?? one.completeDueDate) : one.completeDueDate;
  const seconds = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 1000;
  const left = isOpen(one) && due ? seconds(now, due) : null;
  return {
    // sent back after it was taken is another thing than a no at the door
    state: one.state === "DECLINED" && one.acceptedDate ? "returned" : (one.state.toLowerCase() as Standing["state"]),
    round: one.round,
    for: seconds(since, one.endDate ?? now),
    left,
    late: one.clock.toUpperCase() === "LATE" || (left !== null && left < 0),
  };
}
