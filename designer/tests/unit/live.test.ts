import { expect, test } from "vitest";
import type { Handoff, Live } from "../../src/live/case";
import { crossingsOf, marksOf } from "../../src/live/marks";
import { workerCode } from "../../src/live/workers";

const token = (elementId: string, processInstanceKey: string, active: number, completed = 0) => ({ elementId, processInstanceKey, active, completed, terminated: 0 });
const handoff = (about: Partial<Handoff>): Handoff =>
  ({ handoffKey: "1", path: ["f"], kind: "partner", fromSide: "Desk", toSide: "Garage", fromPartyName: "", toPartyName: "", toElementId: null, round: 1, state: "OFFERED", clock: "IN_TIME", offeredDate: "", acceptedDate: null, endDate: null, acceptDueDate: null, completeDueDate: null, reason: null, ...about });

test("a diagram shows the sums of its own instances only", () => {
  const live = { tokens: [token("a", "1", 1, 2), token("a", "2", 1), token("b", "3", 5)], incidents: [{ elementId: "a", processInstanceKey: "2" }, { elementId: "b", processInstanceKey: "3" }] } as unknown as Live;
  expect(marksOf(live, new Set(["1", "2"]))).toEqual([{ elementId: "a", active: 2, completed: 2, incidents: 1 }]);
});

test("of several rounds of a path the newest counts, and one that is open before all that ended", () => {
  const again = crossingsOf([handoff({ state: "DECLINED" }), handoff({ round: 2, state: "ACCEPTED", clock: "LATE" })]);
  expect(again.map((one) => [one.state, one.rounds, one.late])).toEqual([["ACCEPTED", 2, true]]);
  const parallel = crossingsOf([handoff({ state: "OFFERED" }), handoff({ state: "COMPLETED" })]);
  expect(parallel.map((one) => one.state)).toEqual(["OFFERED"]);
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
