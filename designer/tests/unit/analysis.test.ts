import { readdirSync, readFileSync } from "node:fs";
import { BpmnModdle } from "bpmn-moddle";
import zeebe from "zeebe-bpmn-moddle/resources/zeebe.json";
import { expect, test } from "vitest";
import handoff from "../../../engine/bpmn/handoff.moddle.json";
import { analyse, type Moddle } from "../../src/handoff/analysis";

const FIXTURES = `${process.cwd()}/src/handoff/fixtures/`;
const names = readdirSync(FIXTURES).filter((name) => name.endsWith(".json"));

async function handoffsOf(xml: string) {
  const { rootElement } = await new BpmnModdle({ zeebe, handoff }).fromXML(xml);
  return analyse(rootElement as unknown as Moddle).handoffs.map((found) => ({
    process: found.process, path: found.path, from: found.from, to: found.to,
    fromSide: found.fromSide.name, toSide: found.toSide.name, kind: found.kind, contract: found.contractFlow, message: found.message,
  }));
}

const sorted = (rows: object[]) => rows.map((row) => JSON.stringify(row, Object.keys(row).sort())).sort();

test("the shared fixtures are there", () => {
  expect(names.length).toBeGreaterThanOrEqual(39);
});

test.each(names)("%s has exactly the handoffs that it says", async (name) => {
  const fixture = JSON.parse(readFileSync(FIXTURES + name, "utf8")) as { bpmn: string; expected: object[] };
  const found = await handoffsOf(readFileSync(FIXTURES + fixture.bpmn, "utf8"));

  expect(sorted(found)).toEqual(sorted(fixture.expected));
});
