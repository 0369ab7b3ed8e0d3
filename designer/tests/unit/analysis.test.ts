import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { handoffsOf, type Path } from "../../src/handoff/analysis";
import { read } from "./models";

const FIXTURES = join(import.meta.dirname, "../../src/handoff/fixtures");
const names = readdirSync(FIXTURES).filter((name) => name.endsWith(".json"));

const asExpected = (path: Path) => ({
  process: path.process,
  path: path.flowIds,
  from: path.from,
  to: path.to,
  fromSide: path.fromSide.name,
  toSide: path.toSide.name,
  kind: path.kind,
  contract: path.contract?.flowId ?? null,
  message: path.isMessage,
});
const sorted = (rows: object[]) => rows.map((row) => JSON.stringify(row, Object.keys(row).sort())).sort();

describe("the shared fixtures, which the engine is held to as well", () => {
  test.each(names)("%s", async (name) => {
    const fixture = JSON.parse(readFileSync(join(FIXTURES, name), "utf8"));
    const model = await read(readFileSync(join(FIXTURES, fixture.bpmn), "utf8"));

    expect(sorted(handoffsOf(model).map(asExpected))).toEqual(sorted(fixture.expected));
  });
});
