import { afterEach, expect, test } from "vitest";
import { number, room, span, speak } from "../../src/shell/words";

afterEach(() => speak("en"));
const t = room({
  en: { cases: "{n} case || {n} cases", hello: "Hello {name}" },
  fr: { cases: "{n} dossier || {n} dossiers", hello: "Bonjour {name}" },
});

test("a count chooses its form by the rules of the language", () => {
  expect([t("cases", { n: 0 }), t("cases", { n: 1 }), t("cases", { n: 2 })]).toEqual(["0 cases", "1 case", "2 cases"]);
  speak("fr");
  expect([t("cases", { n: 0 }), t("cases", { n: 1 }), t("cases", { n: 2 })]).toEqual(["0 dossier", "1 dossier", "2 dossiers"]);
});

test("a thousand is written as its readers write it", () => {
  expect([number(0), number(1000), t("cases", { n: 1000 })]).toEqual(["0", "1,000", "1,000 cases"]);
  speak("fr");
  expect([number(0), number(1000), t("cases", { n: 1000 })]).toEqual(["0", "1\u202f000", "1\u202f000 dossiers"]);
});

test("what is mentioned is text, never part of the pattern", () => {
  expect(t("hello", { name: "{n} $& <b>" })).toBe("Hello {n} $& <b>");
});

test("a span has two units at most", () => {
  expect([span(0), span(61), span(3 * 86400 + 4 * 3600 + 59), span(7200)]).toEqual(["0 s", "1 min 1 s", "3 d 4 h", "2 h"]);
});
