import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { amountOf, inWords, isDuration, isoOf, readTyped, shortLimit, shownIn, type Unit } from "../../src/handoff/durations";
import { speak } from "../../src/shell/words";

afterEach(() => speak("en"));

test("a limit of one unit is chosen in words", () => {
  for (const iso of ["PT30S", "PT30M", "PT4H", "P2D", "P1W", "P6M", "P2Y"]) expect(isoOf(amountOf(iso)!)).toBe(iso);
  expect([amountOf("P1DT4H"), amountOf("soon"), amountOf("")]).toEqual([null, null, null]);
});

// as engine/bpmn/elements/timers.py takes and refuses them
test("what the engine refuses is no duration", () => {
  for (const iso of ["P1DT4H", "PT0.5S", "P1Y2M3W4DT5H6M7.5S"]) expect(isDuration(iso)).toBe(true);
  for (const iso of ["PT", "P", "P1DT", "4h", "P3.5D", "PT1.5H", "PT1,5S", "-P1D", "P0D", "P99999Y"]) expect(isDuration(iso)).toBe(false);
});

test("a limit says whose time it counts", () => {
  expect([inWords("PT4H", "working"), inWords("P1D"), inWords("P1DT4H")]).toEqual(["4 working hours", "1 day", "1 day 4 hours"]);
  expect([shortLimit("P1DT4H"), shortLimit("P2M"), shortLimit("soon")]).toEqual(["1 d 4 h", "2 mo", "soon"]);
  speak("fr");
  expect([inWords("PT4H", "working"), inWords("P1D", "working")]).toEqual(["4 heures ouvrées", "1 jour ouvré"]);
});

test.each([
  ["4", "PT4H"], ["4 d", "P4D"], ["3.5 d", "P3DT12H"], ["3,5 j", "P3DT12H"], ["3,5", "PT3H30M"], ["1 d 4 h", "P1DT4H"], ["1 day and 4 hours", "P1DT4H"], ["1 jour et 4 heures", "P1DT4H"],
  ["1h30", "PT1H30M"], ["90 min", "PT90M"], ["1,5 sem", "P1W3DT12H"], ["1.5 y", "P1Y6M"], ["0.5 h", "PT30M"], ["1,25 s", "PT1.25S"], ["2 mois", "P2M"], ["pt4h", "PT4H"], ["007 d", "P7D"], ["4.0", "PT4H"], ["", ""],
])("%s typed beside hours is %s", (typed, iso) => {
  expect(readTyped(typed, "H")).toEqual({ iso });
});

test.each([
  ["soon", "badLimit"], ["4 h !", "badLimit"], ["4 m", "badLimit"], ["4 h 1 d", "badLimit"], ["1 d 1 d", "badLimit"], ["1.5 d 2 h", "badLimit"], ["-4", "badLimit"], ["P3.5D", "badLimit"], ["1 d 30", "badLimit"], ["4 h\n=x", "badLimit"],
  ["0", "zeroLimit"], ["0 d", "zeroLimit"], ["P0D", "zeroLimit"], ["0.5 s", "zeroLimit"], ["1.5 mo", "partOfMonth"], ["0.3 y", "partOfMonth"], ["9999999 d", "longLimit"],
])("%s is refused", (typed, refused) => {
  expect(readTyped(typed, "H")).toEqual({ refused });
});

test("half a working day has no fixed length, half a working hour has; the clock of a handoff counts ten years at most", () => {
  expect(readTyped("3.5 d", "H", "working")).toEqual({ refused: "partOfDay" });
  expect(readTyped("3.5", "H", "working")).toEqual({ iso: "PT3H30M" });
  expect(readTyped("11 y", "H", "always")).toEqual({ refused: "longLimit" });
  expect(readTyped("30 y", "H")).toEqual({ iso: "P30Y" });
});

test("a decimal is shown as one again, with the comma of the language, where it comes out the same", () => {
  expect(shownIn("P3DT12H", "always")).toEqual({ text: "3.5", unit: "D" });
  expect(shownIn("P3DT12H", "working")).toEqual({ text: "3 d 12 h", unit: null });
  expect(shownIn("PT1H20M")).toEqual({ text: "1 h 20 min", unit: null });
  expect(shownIn("soon")).toBeNull();
  speak("fr");
  expect(shownIn("PT2H30M")).toEqual({ text: "2,5", unit: "H" });
  expect(shownIn("P1DT4H")).toEqual({ text: "1 j 4 h", unit: null });
});

test("whatever a field shows is read again as it was, in both languages and by both calendars", () => {
  const units: Unit[] = ["Y", "m", "W", "D", "H", "M", "S"];
  const count = fc.integer({ min: 1, max: 59 });
  const duration = fc.subarray(units, { minLength: 1 }).chain((chosen) => fc.tuple(...chosen.map((unit) => count.map((n) => [unit, n] as const))));
  fc.assert(fc.property(duration, fc.constantFrom("en", "fr"), fc.constantFrom(undefined, "working"), (amounts, language, calendar) => {
    speak(language);
    const of = (some: string) => amounts.filter(([unit]) => some.includes(unit)).map(([unit, n]) => `${n}${unit.toUpperCase()}`).join("");
    const iso = `P${of("YmWD")}${of("HMS") && `T${of("HMS")}`}`;
    const shown = shownIn(iso, calendar)!;
    const back = readTyped(shown.text, shown.unit ?? "H", calendar && amounts.some(([unit]) => unit === "Y") ? undefined : calendar);
    expect(back).toEqual({ iso });
  }));
});
