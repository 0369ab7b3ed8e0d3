import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Cycle, dueIn, dueWithin, localOf, momentOf, readCycle, tomorrow, writeCycle } from "../../src/bpmn/panel/times";

const zone = process.env.TZ;
beforeAll(() => void (process.env.TZ = "Europe/Paris"));
afterAll(() => void (zone === undefined ? delete process.env.TZ : (process.env.TZ = zone)));

test("a moment is picked by the clock on the wall and written in UTC", () => {
  expect(localOf("2026-01-31T09:00:00Z")).toBe("2026-01-31T10:00");
  expect(momentOf("2026-01-31T10:00")).toBe("2026-01-31T09:00:00Z");
  expect(momentOf("2026-07-01T10:00:30")).toBe("2026-07-01T08:00:30Z");
  expect(tomorrow(new Date("2026-03-28T20:00:00Z"))).toBe("2026-03-29T07:00:00Z");
});

test("moments are read as the engine reads them: UTC where no offset is given", () => {
  expect(["2026-01-31T09:00", "2026-01-31", "2026-01-31T09:00:00+0100", "2026-01-31T09:00+01:00", "2026-01-31T09:00:07Z"].map(localOf))
    .toEqual(["2026-01-31T10:00", "2026-01-31T01:00", "2026-01-31T09:00", "2026-01-31T09:00", "2026-01-31T10:00:07"]);
  for (const text of ["=now()", "2026-02-30", "2026-01-31T24:00Z", "2026-01-31T09:00:00.5Z", "2026-01-31T09:00:00z", "2026-01-31T09:00[Europe/Paris]", "2026-01-31T09:00@Europe/Paris", "soon", ""]) expect(localOf(text)).toBeNull();
  for (const text of ["", "2026-02-30T09:00", "2026-01-31", "soon"]) expect(momentOf(text)).toBeNull();
});

test.each([
  ["R/P1D", { kind: "every", every: "P1D", times: null, start: "" }],
  ["R-1/PT1H", { kind: "every", every: "PT1H", times: null, start: "" }],
  ["R5/2026-01-31T09:00:00Z/PT10M", { kind: "every", every: "PT10M", times: 5, start: "2026-01-31T09:00:00Z" }],
  ["0 9 * * 1", { kind: "fixed", weekdays: [1], dayOfMonth: null, time: "09:00" }],
  ["0 30 17 ? * MON-FRI", { kind: "fixed", weekdays: [1, 2, 3, 4, 5], dayOfMonth: null, time: "17:30" }],
  ["05 9 * * sun,tue", { kind: "fixed", weekdays: [2, 7], dayOfMonth: null, time: "09:05" }],
  ["0 9 * * 5-7", { kind: "fixed", weekdays: [5, 6, 7], dayOfMonth: null, time: "09:00" }],
  ["0 9 * * SUN-MON", { kind: "fixed", weekdays: [1, 7], dayOfMonth: null, time: "09:00" }],
  ["0 0 1 * *", { kind: "fixed", weekdays: [], dayOfMonth: 1, time: "00:00" }],
  ["@weekly", { kind: "fixed", weekdays: [7], dayOfMonth: null, time: "00:00" }],
] as [string, Cycle][])("%s is a cycle in words", (text, cycle) => {
  expect(readCycle(text)).toEqual(cycle);
  expect(readCycle(writeCycle(cycle))).toEqual(cycle);
});

test.each([
  "R0/P1D", "R-/P1D", "r/P1D", "R/PT0.5S", "R5/soon/P1D", "R5/2026-01-31T09:00[Europe/Paris]/P1D", "R/P1D/2026-01-31T09:00:00Z", "R99999999999/P1D", "=cycle", "P1D",
  "*/15 * * * *", "0 9-17 * * *", "0 9 L * *", "0 9 * 6 *", "0 9 1 * 1", "30 0 9 * * 1", "0 9 * * 6-1", "0 9 * * MON#1", "0 9 * *", "60 9 * * *", "@hourly", "@yearly", "0 9 * * *,MON", "",
])("%s stays as it is written", (text) => {
  expect(readCycle(text)).toBeNull();
});

test("whatever is chosen is read again as it was", () => {
  const every = fc.record({ kind: fc.constant("every" as const), every: fc.constantFrom("PT10M", "P1D", "P1W", "P1M", "P1DT4H"), times: fc.option(fc.integer({ min: 1, max: 999 })), start: fc.constantFrom("", "2026-01-31T09:00:00Z") });
  const time = fc.tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 })).map((all) => all.map((each) => String(each).padStart(2, "0")).join(":"));
  const week = fc.record({ kind: fc.constant("fixed" as const), weekdays: fc.subarray([1, 2, 3, 4, 5, 6, 7]), dayOfMonth: fc.constant(null), time });
  const month = fc.record({ kind: fc.constant("fixed" as const), weekdays: fc.constant<number[]>([]), dayOfMonth: fc.integer({ min: 1, max: 31 }), time });
  fc.assert(fc.property(fc.oneof(every, week, month), (cycle) => {
    expect(readCycle(writeCycle(cycle))).toEqual(cycle);
  }));
});

test("a due date in words is an expression that the engine knows, and back", () => {
  expect(dueIn("P2D")).toBe('=now() + duration("P2D")');
  expect(dueIn("P1M1W2DT4H")).toBe('=now() + duration("P1M") + duration("P7D") * 1 + duration("P2DT4H")');
  for (const iso of ["PT4H", "P2W", "P1M2D", "P1Y6M", "P1Y1M1W1DT1H1M1S"]) expect(dueWithin(dueIn(iso))).toBe(iso);
  expect(dueWithin('= now()+duration( "P2D" )')).toBe("P2D");
  expect(dueIn("")).toBe("");
});

test("what is no duration to FEEL is seen as it is", () => {
  for (const feel of ["=claim.due", '=now() + duration("P1W")', '=now() + duration("P1M2D")', '=now() + duration("P2D") * 3', '=now() + duration("soon")', '=now() + duration("P2D") + x', '=now() - duration("P2D")', ""]) expect(dueWithin(feel)).toBeNull();
});
