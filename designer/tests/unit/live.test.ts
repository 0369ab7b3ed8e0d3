import { expect, test } from "vitest";
import type { Handoff, Live } from "../../src/live/case";
import { marksOf, newestOf, standingOf } from "../../src/live/marks";
import { workerCode } from "../../src/live/workers";

const token = (elementId: string, processInstanceKey: string, active: number, completed = 0) => ({ elementId, processInstanceKey, active, completed, terminated: 0 });
const handoff = (about: Partial<Handoff>): Handoff =>
  ({ handoffKey: "1", path: ["f"], kind: "partner", fromSide: "Desk", toSide: "Garage", fromPartyName: "", toPartyName: "", toElementId: null, round: 1, state: "OFFERED", clock: "IN_TIME", offeredDate: "", acceptedDate: null, endDate: null, acceptDueDate: null, completeDueDate: null, reason: null, ...about });

test("a diagram shows the sums of its own instances only", () => {
  const live = { tokens: [token("a", "1", 1, 2), token("a", "2", 1), token("b", "3", 5)], incidents: [{ elementId: "a", processInstanceKey: "2" }, { elementId: "b", processInstanceKey: "3" }] } as unknown as Live;
  expect(marksOf(live, new Set(["1", "2"]))).toEqual([{ elementId: "a", active: 2, completed: 2, incidents: 1 }]);
});

test("of several rounds of a path the newest counts, and one that is open before all that ended", () => {
  const path = ["f"];
  expect(newestOf([handoff({ state: "DECLINED" }), handoff({ round: 2, state: "ACCEPTED" })]).get("f")).toMatchObject({ round: 2, state: "ACCEPTED" });
  expect(newestOf([handoff({ state: "OFFERED" }), handoff({ state: "COMPLETED" })]).get("f")?.state).toBe("OFFERED");
  expect(newestOf([handoff({ path }), handoff({ path: ["f", "g"] })]).size).toBe(2);
});

test("a badge tells what a handoff waits for by the clock that runs: until it is taken, then until it is done", () => {
  const [begin, hour, two, five] = ["08:00", "09:00", "10:00", "13:00"].map((time) => `2026-01-05T${time}:00Z`) as [string, string, string, string];
  const one = handoff({ offeredDate: begin, acceptDueDate: two, completeDueDate: five });
  expect(standingOf(one, hour)).toMatchObject({ state: "offered", for: 3600, left: 3600, late: false });
  expect(standingOf({ ...one, state: "ACCEPTED", acceptedDate: hour }, two)).toMatchObject({ state: "accepted", for: 3600, left: 3 * 3600, late: false });
  expect(standingOf(one, five)).toMatchObject({ left: -3 * 3600, late: true });
  expect(standingOf({ ...one, state: "COMPLETED", endDate: two, clock: "LATE" }, five)).toMatchObject({ state: "completed", for: 7200, left: null, late: true });
});

test("a no at the door is refused, one after the work was taken is returned", () => {
  const no = handoff({ state: "DECLINED", offeredDate: "2026-01-05T08:00:00Z", endDate: "2026-01-05T09:00:00Z" });
  expect(standingOf(no, no.endDate!).state).toBe("declined");
  expect(standingOf({ ...no, acceptedDate: no.offeredDate }, no.endDate!).state).toBe("returned");
});

test("whatever a type is called, the program stays a program", () => {
  const nasty = `book "it" \\ and 'that'`;
  expect(workerCode("python", nasty, "https://x.example")).toContain(`"type": ${JSON.stringify(nasty)}`);
  expect(workerCode("javascript", nasty, "https://x.example")).toContain(`type: ${JSON.stringify(nasty)}`);
  const curl = workerCode("curl", nasty, "https://x.example");
  // a shell gives back exactly the JSON: '\'' is a single quote inside single quotes
  const body = /-d '((?:[^']|'\\'')*)'/.exec(curl)![1]!.replaceAll("'\\''", "'");
  expect(JSON.parse(body).type).toBe(nasty);
});
