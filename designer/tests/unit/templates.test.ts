/** What begins with a template has a name and ids of its own, all the way through its files. */
import { expect, test } from "vitest";
import { problemsOf } from "../../src/bpmn/rules";
import { slug } from "../../src/drafts/files";
import { filesOf, named, READ, templates } from "../../src/drafts/templates";
import { french as words } from "../../src/drafts/templates/french";
import { handoffsOf } from "../../src/handoff/analysis";
import { speak } from "../../src/shell/words";
import { read } from "./models";

const all = (files: { content: string }[]): string => files.map((one) => one.content).join("\n");

test.each(templates().map((one) => one.id))("a process from %s shares no id with another from it", async (id) => {
  const first = named(await filesOf(id), "Lunch <for> us", []);
  const second = named(await filesOf(id), "Lunch <for> us", ["lunch-for-us"]);
  const idsOf = (files: { content: string }[]) => [...all(files).matchAll(/(?:<bpmn:process id|formId)="([^"]+)"/g)].map((found) => found[1]!);

  expect(idsOf(first)).toContain("lunch-for-us");
  expect(idsOf(first).filter((one) => idsOf(second).includes(one))).toEqual([]);
  for (const one of idsOf(first)) expect(one).toMatch(/^lunch-for-us(-[a-z-]+)?$/);
  expect(all(first)).toContain('name="Lunch &lt;for&gt; us"');
});

test.each(templates().map((one) => one.id))("in a process from %s every form that is asked for is there, and every pool has its process", async (id) => {
  const files = named(await filesOf(id), "Été 2026", []);
  const asked = [...all(files).matchAll(/formId="([^"]+)"/g)].map((found) => found[1]);
  const forms = files.filter((one) => one.name.endsWith(".form"));
  const pools = [...all(files).matchAll(/processRef="([^"]+)"/g)].map((found) => found[1]);
  const processes = [...all(files).matchAll(/<bpmn:process id="([^"]+)"/g)].map((found) => found[1]);

  expect(forms.map((one) => (JSON.parse(one.content) as { id: string }).id).sort()).toEqual([...new Set(asked)].sort());
  expect(forms.map((one) => one.name.replace(".form", "")).sort()).toEqual([...new Set(asked)].sort());
  expect(pools.sort()).toEqual(processes.sort());
});

test.each(templates().map((one) => one.id))("who reads French gets %s in French, with the same ids and variables", async (id) => {
  const english = await filesOf(id);
  speak("fr");
  const french = await filesOf(id);
  speak("en");
  const ids = (files: { content: string }[]) => [...all(files).matchAll(/(?:\bid|Ref|formId|bpmnElement)="([^"]+)"|"(?:id|key)": "([^"]+)"/g)].map((found) => found[1] ?? found[2]);
  const left = [...all(english).matchAll(READ)].map(([one]) => one).filter((one) => /[ ?]|^[A-Z]/.test(one) && !(one in words));

  expect(left).toEqual([]);
  expect(ids(french)).toEqual(ids(english));
  expect([...all(french).matchAll(/<handoff:field name="([^"]+)"/g)].map((found) => found[1])).toEqual([...all(english).matchAll(/<handoff:field name="([^"]+)"/g)].map((found) => found[1]));
  for (const one of french) if (one.name.endsWith(".form")) JSON.parse(one.content);
});

test("an identifier has no accents, and does not begin with a digit", () => {
  expect(slug("Réparer le toit")).toBe("reparer-le-toit");
  expect(slug("3 devis")).toBe("process-3-devis");
  expect(slug("???")).toBe("process");
});

test.each(templates().map((one) => one.id))("what is drawn from %s has no problem, and a limit on each handoff between parties", async (id) => {
  const files = named(await filesOf(id), "Été 2026", []);
  for (const { name, content } of files.filter((one) => one.name.endsWith(".bpmn"))) {
    const definitions = await read(content);
    const paths = handoffsOf(definitions);

    expect([name, problemsOf(definitions, paths, files)]).toEqual([name, []]);
    for (const { contract, kind } of paths) if (kind !== "internal") expect(contract).not.toBeNull();
  }
});
