/** Whatever borrowed editors can ask to be said, is said in French: read from their code, so that an update of theirs is noticed. */
import { readFileSync } from "node:fs";
import { camundaBuiltins } from "@camunda/feel-builtins";
import { expect, test } from "vitest";
import { lend, literalsOf } from "../../scripts/borrowed-words";
import { withDates } from "../../scripts/form-dates";
import decisions from "../../src/french/decisions";
import drawing from "../../src/french/drawing";
import { builtins, functions, keyOf } from "../../src/french/feel";
import { editor, viewer } from "../../src/french/forms";
import { properties } from "../../src/french/properties";
import { learn, borrowed } from "../../src/shell/borrowed";
import { room, span, speak, when } from "../../src/shell/words";
import { calendar, dateHint } from "../../src/shell/calendar";
import { translate } from "../../src/bpmn/translate";
import { asked, filesIn } from "./borrowed";
import notShown from "./not_shown.json";

const without = (found: Map<string, string>, known: Record<string, string>, except: string[] = []): string[] =>
  [...found.keys()].filter((one) => !(one in known) && !except.includes(one));

test("every word that the drawing tools ask for has its French", () => {
  const tools = asked(filesIn("bpmn-js/lib", "diagram-js/lib", "diagram-js-minimap/dist/index.esm.js", "bpmn-js-color-picker/colors", "camunda-bpmn-js-behaviors/lib"));
  const menus = asked(filesIn("bpmn-js/lib/features/replace", "bpmn-js-create-append-anything/dist/index.es.js", "bpmn-js-color-picker/colors"), ["label", "title"]);

  expect(tools.size).toBeGreaterThan(40);
  expect(menus.size).toBeGreaterThan(80);
  expect([...without(tools, drawing), ...without(menus, drawing)]).toEqual([]);
});

test("every word of the properties panel has its French, but those of the other dialect, which is never shown", () => {
  const panel = asked(filesIn("bpmn-js-properties-panel/dist/index.esm.js", "@bpmn-io/properties-panel/dist/index.esm.js"));

  expect(without(panel, drawing, notShown)).toEqual([]);
  expect(notShown.filter((one) => !panel.has(one) || one in drawing)).toEqual([]);
});

test("every word that the decision editors ask for has its French", () => {
  const views = asked(filesIn("dmn-js-drd/lib", "dmn-js-decision-table/lib", "dmn-js-literal-expression/lib", "dmn-js-boxed-expression/lib", "dmn-js-shared/lib", "table-js/lib"));

  expect(views.size).toBeGreaterThan(150);
  expect(without(views, decisions)).toEqual([]);
});

const FORM_JS = { editor, viewer };
const PROSE = /^[A-Z"<].*[a-z]{2,}.* |^[A-Z][a-z]{2,}$/; // a sentence, or one word as a heading
const codeOf = (name: string): string => readFileSync(`${process.cwd()}/node_modules/@bpmn-io/${name}`, "utf8");
/** Prose in the code that no reader sees (errors for programmers), or that must stay as it is: the mark of bpmn.io. */
const AS_THEY_ARE = [/bpmn\.io/i, /^Web-based tooling/, /^Keyboard binding/, /^Target root element/, /^Field$/, /^Row_/, /^M[\d.]/];

for (const [part, known] of Object.entries(FORM_JS)) {
  test(`every literal for readers in form-js's ${part} has its French, and each French its literal`, () => {
    const code = codeOf(`form-js-${part}/dist/index.es.js`);
    const prose = literalsOf(code).map((one) => one.text).filter((one) => PROSE.test(one) && !AS_THEY_ARE.some((each) => each.test(one)));
    const { found } = lend(code, new Set(Object.keys(known)));

    expect([...new Set(prose)].filter((one) => !(one in known))).toEqual([]);
    expect(Object.keys(known).filter((one) => !found.has(one))).toEqual([]);
  });
}

test("the properties panel's own literals are all there", () => {
  const { found } = lend(codeOf("properties-panel/dist/index.esm.js"), new Set(Object.keys(properties)));

  expect(Object.keys(properties).filter((one) => !found.has(one))).toEqual([]);
});

test("every function that the expression editor proposes is explained in French, and each explanation has its function", () => {
  expect(camundaBuiltins.map(keyOf).filter((one) => !(one in functions))).toEqual([]);
  expect(Object.keys(functions).filter((one) => !camundaBuiltins.some((known) => keyOf(known) === one))).toEqual([]);
});

test("a function is explained by one typeset line, its signature and its examples, without English", () => {
  const said = (builtins.find((one) => one.name === "is defined")!.info as () => HTMLElement)().textContent;

  expect(said).toContain("Dit si la valeur existe et n’est pas nulle.is defined(value: Any): boolean");
  expect(said).toContain("Exemplesis defined(1)\n// true");
  expect(said).not.toMatch(/Checks|Function signature|Examples|argument/);
});

test("a literal becomes a call where readers see it, and stays a name where programs do", () => {
  const code = 'const a = { type: "Text", label: "Text" }; if (kind === "Text") say(`Remove ${a.label} and ${"Text"}`); return { title: `Remove ${a.label}` };';
  const made = lend(`function f() { ${code} }`, new Set(["Text", "Remove {0}"])).code;

  expect(made).toContain('type: "Text", label: __borrowed("Text")');
  expect(made).toContain('kind === "Text"');
  expect(made).toContain('title: __borrowed("Remove {0}", a.label)');
});

test("dates are written, and picked, as French readers do", () => {
  const viewer = codeOf("form-js-viewer/dist/index.es.js");
  speak("fr");
  const [of, then] = [calendar(), when("2026-01-31T09:00:00", new Date(2026, 5, 1))];
  const [hint, long] = [dateHint("dd/mm/yyyy"), span(1234 * 86400 + 7200)];
  speak("en");

  expect(of.months.longhand[1]).toBe("février");
  expect(of.weekdays.longhand).toEqual(["dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"]);
  expect([of.firstDayOfWeek, then, hint, long]).toEqual([1, "31/01/2026 09:00", "jj/mm/aaaa", "1\u202f234\u00a0j 2\u00a0h"]);
  expect(calendar().months.longhand[1]).toBe("February");
  expect(withDates(viewer)).toContain("locale: __calendar()");
  expect(() => withDates("another version")).toThrow("no longer says");
});

test("French is typeset: no line breaks before its signs, and what fills it stays as it is", () => {
  const t = room({ en: { say: "{name}: here" }, fr: { say: "« {name} » : c'est l'un d'{name} ; oui !" } });
  speak("fr");
  const said = t("say", { name: "l'a : b" });
  speak("en");

  expect(said).toBe("«\u00a0l'a : b\u00a0»\u00a0: c’est l’un d’l'a : b\u00a0; oui\u00a0!");
});

test("who reads French is spoken to in French once it is learnt, and everybody else in English", async () => {
  await learn("drawing", "forms");
  const english = translate("User task");
  speak("fr");
  await learn("drawing", "forms");
  const said = [translate("User task"), translate("Append {type}", { type: "X" }), borrowed("Remove {0}", "X"), borrowed("never heard")];
  speak("en");

  expect(english).toBe("User task");
  expect(said).toEqual(["Tâche utilisateur", "Ajouter\u00a0: X", "Retirer\u00a0: X", "never heard"]);
});
