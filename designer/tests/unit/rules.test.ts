import { readFileSync } from "node:fs";
import { BpmnModdle } from "bpmn-moddle";
import zeebe from "zeebe-bpmn-moddle/resources/zeebe.json";
import { expect, test } from "vitest";
import { handoffsOf } from "../../src/handoff/analysis";
import { handoffModdle } from "../../src/handoff/moddle";
import { problemsOf, together } from "../../src/bpmn/rules";

const CLAIM = readFileSync(`${process.cwd()}/../processes/claim/claim.bpmn`, "utf8");

async function rulesBrokenIn(xml: string, files: { name: string; content: string }[] = []) {
  const { rootElement } = await new BpmnModdle({ zeebe, handoff: handoffModdle }).fromXML(xml);
  return problemsOf(rootElement, handoffsOf(rootElement), files).map((problem) => [problem.rule, problem.elementId, problem.fix?.kind]);
}

test("the sample breaks no rule", async () => {
  expect(await rulesBrokenIn(CLAIM)).toEqual([]);
});

test("work that goes to a partner without a contract is seen, with its fix", async () => {
  const bare = CLAIM.replace(/(<bpmn:messageFlow id="orderFlow"[^>]*)>[\s\S]*?<\/bpmn:messageFlow>/, "$1 />");

  expect(await rulesBrokenIn(bare)).toEqual([["handoff.no-contract", "orderFlow", "addContract"]]);
});

test("a contract without a limit is seen where a partner is asked for work", async () => {
  const open = CLAIM.replace('<handoff:contract acceptWithin="PT4H" completeWithin="P2D"', "<handoff:contract");

  expect(await rulesBrokenIn(open)).toEqual([["handoff.no-limit", "orderFlow", "addLimit"]]);
});

test("a contract where nothing crosses, and a pool of which nobody said who it is, are seen", async () => {
  const stray = CLAIM.replace(/<bpmn:sequenceFlow id="toReport"([^>]*)\/>/, '<bpmn:sequenceFlow id="toReport"$1><bpmn:extensionElements><handoff:contract /></bpmn:extensionElements></bpmn:sequenceFlow>');
  const unknown = CLAIM.replace('<handoff:party kind="host" role="insurer" />', "");

  expect(await rulesBrokenIn(stray)).toEqual([["handoff.contract-nowhere", "toReport", "removeContract"]]);
  expect(await rulesBrokenIn(unknown)).toEqual([["handoff.no-party", "insurer", "addParty"]]);
});

const SHARED = readFileSync(`${process.cwd()}/src/handoff/fixtures/shared-contract.bpmn`, "utf8");
const promised = (flow: string) => SHARED.replace(new RegExp(`(<bpmn:sequenceFlow id="${flow}"[^>]*?)( />|>)`), (_, head: string, end: string) =>
  `${head}><bpmn:extensionElements><handoff:contract completeWithin="P1D" /></bpmn:extensionElements>${end === ">" ? "" : "</bpmn:sequenceFlow>"}`);

test("two contracts on one way are seen at the second, as at deployment; the fix keeps the first", async () => {
  const both = promised("f4");

  expect(await rulesBrokenIn(SHARED)).toEqual([]);
  expect(await rulesBrokenIn(promised("f3"))).toEqual([["handoff.two-contracts", "f3", "removeContract"]]);
  expect(await rulesBrokenIn(both)).toEqual([["handoff.two-contracts", "f4", "removeContract"]]);
  expect(await rulesBrokenIn(both.replace('<handoff:contract acceptWithin="PT4H" />', ""))).toEqual([]);
});

test("a message that nothing waits for is an error", async () => {
  const lost = CLAIM.replace('sourceRef="orderEstimate" targetRef="orderArrived"', 'sourceRef="orderEstimate" targetRef="estimateRepair"');

  expect((await rulesBrokenIn(lost)).map(([rule]) => rule)).toContain("handoff.no-receiver");
});

test("the server's finding stands for the browser's at the same place and keeps its fix", () => {
  const local = [{ level: "warning" as const, elementId: "f", rule: "handoff.no-contract", message: "here", fix: { kind: "addContract" } }];
  const server = [{ level: "error" as const, elementId: "f", rule: "x", message: "there" }];

  expect(together(local, server)).toEqual([{ ...server[0], fix: { kind: "addContract" } }]);
  expect(together(local, [])).toEqual(local);
});
