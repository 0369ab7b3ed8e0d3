/** Which variables a place in a model knows: those that some way to it may have set, and no others. */
import { expect, test } from "vitest";
import { formFields, formsOf } from "../../src/bpmn/form_fields";
import { variablesAt, type Moment, type Variable } from "../../src/bpmn/variables";
import { moddle, ownModels, type Moddle } from "./models";

const HEAD = `<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:handoff="urn:passerelle:handoff:1.0" targetNamespace="t">`;
const extended = (inner: string): string => `<extensionElements>${inner}</extensionElements>`;
const mapped = (inputs: Record<string, string>, outputs: Record<string, string> = {}): string => {
  const all = (kind: string, pairs: Record<string, string>): string => Object.entries(pairs).map(([target, source]) => `<zeebe:${kind} source='${source}' target="${target}" />`).join("");
  return extended(`<zeebe:ioMapping>${all("input", inputs)}${all("output", outputs)}</zeebe:ioMapping>`);
};
const sets = (id: string, name: string): string => `<serviceTask id="${id}">${mapped({}, { [name]: "=1" })}</serviceTask>`;
const flows = (...pairs: string[]): string => pairs.map((pair) => pair.split(">")).map(([from, to]) => `<sequenceFlow id="${from}_${to}" sourceRef="${from}" targetRef="${to}" />`).join("");
const process = (inner: string, id = "P"): string => `<process id="${id}">${inner}</process>`;

async function model(...parts: string[]): Promise<Record<string, Moddle>> {
  return (await moddle().fromXML(`${HEAD}${parts.join("")}</definitions>`)).elementsById;
}

const FORMS = { claim: { id: "claim", components: [{ type: "textfield", key: "plate", label: "Plate" }, { type: "number", key: "amount", label: "Amount" }, { type: "text" }] } };
const names = (element: Moddle, moment?: Moment): string[] => variablesAt(element, { forms: FORMS, ...(moment ? { moment } : {}) }).map(({ name }) => name).sort();
const the = (name: string, element: Moddle, moment?: Moment): Variable | undefined => variablesAt(element, { forms: FORMS, ...(moment ? { moment } : {}) }).find((each) => each.name === name);

test("an element knows what was set before it, not what is set after it or on another branch", async () => {
  const { a, b, c, d } = await model(process(`${sets("a", "x")}${sets("b", "y")}${sets("c", "z")}<task id="d" />${flows("a>b", "a>c", "b>d", "c>d")}`));

  expect(names(a!)).toEqual([]);
  expect(names(b!)).toEqual(["x"]);
  expect(names(c!)).toEqual(["x"]);
  expect(names(d!)).toEqual(["x", "y", "z"]);
});

test("in a loop an element knows what the round before set, its own results too", async () => {
  const { a, b } = await model(process(`${sets("a", "x")}${sets("b", "y")}${flows("a>b", "b>a")}`));

  expect(names(a!)).toEqual(["x", "y"]);
  expect(names(b!)).toEqual(["x", "y"]);
});

test("a form's keys are known behind its task or start, with type and label", async () => {
  const form = extended(`<zeebe:formDefinition formId="claim" />`);
  const { s, t, u } = await model(process(`<startEvent id="s">${form}</startEvent><userTask id="t">${form}</userTask><task id="u" />${flows("s>t", "t>u")}`));

  expect(names(s!)).toEqual([]);
  expect(names(s!, "leaving")).toEqual(["amount", "plate"]);
  expect(the("amount", t!)).toEqual({ name: "amount", type: "number", origin: "s", label: "Amount" });
  expect(the("amount", u!)).toEqual({ name: "amount", type: "number", origin: "t", label: "Amount" });
});

test("a form kept in the process itself counts, and one that is no form counts for nothing", async () => {
  const forms = `<zeebe:userTaskForm id="f">{"components":[{"type":"checkbox","key":"ok"}]}</zeebe:userTaskForm><zeebe:userTaskForm id="g">{</zeebe:userTaskForm>`;
  const task = (id: string, form: string): string => `<userTask id="${id}">${extended(`<zeebe:formDefinition formKey="camunda-forms:bpmn:${form}" />`)}</userTask>`;
  const { t, u } = await model(process(`${extended(forms)}${task("t", "f")}${task("u", "g")}`));

  expect(variablesAt(t!, { moment: "leaving" })).toEqual([{ name: "ok", type: "boolean", origin: "t" }]);
  expect(variablesAt(u!, { moment: "leaving" })).toEqual([]);
});

test("inputs stay inside their element; with outputs only these leave it", async () => {
  const { t, u, t_u } = await model(process(`<userTask id="t"><extensionElements><zeebe:formDefinition formId="claim" /><zeebe:ioMapping><zeebe:input source='="a"' target="note" /><zeebe:output source="=amount" target="claimed" /><zeebe:output source="=plate" target="car.plate" /></zeebe:ioMapping></extensionElements></userTask><task id="u" />${flows("t>u")}`));

  expect(names(t!, "entering")).toEqual([]);
  expect(names(t!)).toEqual(["note"]);
  expect(names(t!, "leaving")).toEqual(["amount", "note", "plate"]);
  expect(names(u!)).toEqual(["car", "claimed"]);
  expect(names(t_u!)).toEqual(["car", "claimed"]);
  expect(the("claimed", u!)).toEqual({ name: "claimed", type: "number", origin: "t", label: "Amount" });
  expect(the("car", u!)?.type).toBe("context");
});

test("an input hides a variable of the same name, with its type", async () => {
  const { a, b } = await model(process(`${sets("a", "x")}<task id="b">${mapped({ x: "=unknown(1)" })}</task>${flows("a>b")}`));

  expect(names(a!, "leaving")).toEqual([]);
  expect(the("x", b!, "entering")).toEqual({ name: "x", type: "number", origin: "a" });
  expect(the("x", b!)).toEqual({ name: "x", type: null, origin: "b" });
});

test("scripts and decisions give their result variable", async () => {
  const script = `<scriptTask id="a">${extended(`<zeebe:script expression="=[1, 2]" resultVariable="list" />`)}</scriptTask>`;
  const decision = `<businessRuleTask id="b">${extended(`<zeebe:calledDecision decisionId="D" resultVariable="rate" />`)}</businessRuleTask>`;
  const { c } = await model(process(`${script}${decision}<task id="c" />${flows("a>b", "b>c")}`));

  expect(variablesAt(c!)).toEqual([{ name: "rate", type: null, origin: "b" }, { name: "list", type: "list", origin: "a" }]);
});

test("a multi-instance activity knows its item and its counter, what follows it the collection", async () => {
  const loop = `<multiInstanceLoopCharacteristics>${extended(`<zeebe:loopCharacteristics inputCollection="=lines" inputElement="line" outputCollection="done" outputElement="=1" />`)}</multiInstanceLoopCharacteristics>`;
  const { a, inner, b } = await model(process(`<subProcess id="a"><task id="inner" />${loop}</subProcess><task id="b" />${flows("a>b")}`));

  expect(names(a!)).toEqual(["line", "loopCounter"]);
  expect(names(inner!)).toEqual(["line", "loopCounter"]);
  expect(variablesAt(b!)).toEqual([{ name: "done", type: "list", origin: "a" }]);
});

test("inside a sub-process what was known outside is known, and what it sets goes out unless it maps or owns it", async () => {
  const inner = `${sets("i", "in")}${sets("j", "own")}<task id="k" />${flows("i>j", "j>k")}`;
  const { k, b } = await model(process(`${sets("a", "x")}<subProcess id="s">${mapped({ own: "=0" })}${inner}</subProcess><task id="b" />${flows("a>s", "s>b")}`));
  expect(names(k!)).toEqual(["in", "own", "x"]);
  expect(names(b!)).toEqual(["in", "x"]);

  const other = await model(process(`<subProcess id="s">${mapped({}, { out: "=in" })}${inner}</subProcess><task id="b" />${flows("s>b")}`));
  expect(names(other.b!)).toEqual(["out"]);
});

test("a boundary event knows what its sub-process set so far, but no result of an interrupted task", async () => {
  const inner = sets("i", "in");
  const { e, f } = await model(process(`${sets("a", "x")}<subProcess id="s">${inner}</subProcess><boundaryEvent id="e" attachedToRef="s" />${sets("t", "late")}<boundaryEvent id="f" attachedToRef="t" />${flows("a>s", "s>t")}`));

  expect(names(e!)).toEqual(["in", "x"]);
  expect(names(f!)).toEqual(["in", "x"]);
});

test("an event sub-process may begin at any time: all of the scope may be set", async () => {
  const { k } = await model(process(`${sets("a", "x")}${sets("b", "y")}<subProcess id="s" triggeredByEvent="true"><startEvent id="e" /><task id="k" />${flows("e>k")}</subProcess>${flows("a>b")}`));

  expect(names(k!)).toEqual(["x", "y"]);
});

test("a compensation may come after anything beside it", async () => {
  const { undo } = await model(process(`${sets("a", "x")}${sets("b", "y")}<boundaryEvent id="e" attachedToRef="a"><compensateEventDefinition id="c" /></boundaryEvent><task id="undo" isForCompensation="true" /><association id="l" sourceRef="e" targetRef="undo" />${flows("a>b")}`));

  expect(names(undo!)).toEqual(["x", "y"]);
});

test("links lead on, and an ad-hoc sub-process has no order", async () => {
  const link = (kind: string, id: string): string => `<${kind} id="${id}"><linkEventDefinition id="${id}_link" name="L" /></${kind}>`;
  const { d, p } = await model(process(`${sets("a", "x")}${link("intermediateThrowEvent", "b")}${link("intermediateCatchEvent", "c")}<task id="d" />${flows("a>b", "c>d")}<adHocSubProcess id="h"><task id="p" />${sets("q", "y")}</adHocSubProcess>`));

  expect(names(d!)).toEqual(["x"]);
  expect(names(p!)).toEqual(["y"]);
});

test("a message brings the fields of its contract, without contract what the sender maps, from a worker nothing", async () => {
  const contract = extended(`<handoff:contract><handoff:field name="plate" type="string" label="Plate" /><handoff:field name="any" /></handoff:contract>`);
  const wires = `<collaboration id="C"><participant id="pp" processRef="P" /><participant id="qq" processRef="Q" /><messageFlow id="m1" sourceRef="a" targetRef="s">${contract}</messageFlow><messageFlow id="m2" sourceRef="b" targetRef="r" /><messageFlow id="m3" sourceRef="w" targetRef="v" /></collaboration>`;
  const send = `${sets("z", "secret")}<sendTask id="a" /><intermediateThrowEvent id="b">${mapped({}, { total: "=1" })}</intermediateThrowEvent><sendTask id="w">${extended(`<zeebe:taskDefinition type="mail" />`)}</sendTask>${flows("z>a", "a>b", "b>w")}`;
  const receive = `<startEvent id="s" /><receiveTask id="r" /><receiveTask id="v" /><task id="t" />${flows("s>r", "r>v", "v>t")}`;
  const { r, t, m2, m1, qq } = await model(wires, process(send), process(receive, "Q"));

  expect(the("plate", r!)).toEqual({ name: "plate", type: "string", origin: "s", label: "Plate" });
  expect(names(r!)).toEqual(["any", "plate"]);
  expect(names(t!)).toEqual(["any", "plate", "total"]);
  expect(names(m1!)).toEqual(["secret"]);
  expect(names(m2!)).toEqual(["secret", "total"]);
  expect(names(qq!)).toEqual(["any", "plate", "total"]);
});

test("behind a flow with a contract its fields are known by type and label, on the flow itself only what is set", async () => {
  const contract = extended(`<handoff:contract><handoff:field name="x" label="The x" /><handoff:field name="never" /></handoff:contract>`);
  const { b, f } = await model(process(`${sets("a", "x")}<task id="b" /><sequenceFlow id="f" sourceRef="a" targetRef="b">${contract}</sequenceFlow>`));

  expect(names(f!)).toEqual(["x"]);
  expect(the("x", b!)).toEqual({ name: "x", type: "number", origin: "a", label: "The x" });
  expect(the("never", b!)?.origin).toBe("f");
});

test("a called process knows what its callers hand over, and gives back what it sets", async () => {
  const call = (id: string, more: string): string => `<callActivity id="${id}"><extensionElements><zeebe:calledElement processId="Q" ${more} /></extensionElements></callActivity>`;
  const called = process(`<startEvent id="s" />${sets("q", "answer")}${flows("s>q")}`, "Q");
  const open = await model(process(`${sets("a", "x")}${call("c", "")}<task id="d" />${flows("a>c", "c>d")}`), called);
  expect(names(open.q!)).toEqual(["x"]);
  expect(the("answer", open.d!)).toEqual({ name: "answer", type: "number", origin: "c" });

  const closed = await model(process(`${sets("a", "x")}${call("c", 'propagateAllParentVariables="false" propagateAllChildVariables="false"')}<task id="d" />${flows("a>c", "c>d")}`), called);
  expect(names(closed.q!)).toEqual([]);
  expect(names(closed.d!)).toEqual(["x"]);
});

test("processes that call each other come to an end", async () => {
  const call = (id: string, to: string): string => `<callActivity id="${id}">${extended(`<zeebe:calledElement processId="${to}" />`)}</callActivity>`;
  const { c, d } = await model(process(`${sets("a", "x")}${call("c", "Q")}${flows("a>c")}`), process(`${sets("b", "y")}${call("d", "P")}${flows("b>d")}`, "Q"));

  expect(names(c!)).toEqual(["x", "y"]);
  expect(names(d!)).toEqual(["x", "y"]);
});

test("a condition or a timer is asked for as its element, a process as all that is ever set in it", async () => {
  const condition = `<sequenceFlow id="f" sourceRef="a" targetRef="b"><conditionExpression id="e">=x</conditionExpression></sequenceFlow>`;
  const { e, P } = await model(process(`${sets("a", "x")}${sets("b", "y")}${condition}`));

  expect(names(e!)).toEqual(["x"]);
  expect(names(P!)).toEqual(["x", "y"]);
});

test("forms are read with groups, lists and dotted keys, whatever the file holds", () => {
  const schema = {
    components: [
      { type: "group", path: "owner", components: [{ type: "textfield", key: "name" }] },
      { type: "group", components: [{ type: "datetime", key: "day", dateLabel: "Day", validate: { required: true } }] },
      { type: "dynamiclist", path: "lines", components: [{ type: "number", key: "price" }] },
      { type: "filepicker", key: "photos" },
      { type: "button", key: "no" },
      { type: "textfield", key: "car.plate" },
    ],
  };

  expect(formFields(schema).map(({ name, type }) => [name, type])).toEqual([["owner", "context"], ["day", "date"], ["lines", "list"], ["photos", "file"], ["car", "context"]]);
  expect(formFields(schema)[1]).toEqual({ name: "day", type: "date", label: "Day", required: true });
  expect(Object.keys(formsOf([{ name: "a.form", content: '{"id":"one"}' }, { name: "b.form", content: "{}" }, { name: "c.form", content: "[" }, { name: "d.bpmn", content: "{}" }]))).toEqual(["one", "b"]);
});

test("every element of every model can be asked", async () => {
  for (const { name, text } of ownModels) {
    const { elementsById } = await moddle().fromXML(text);
    for (const element of Object.values<Moddle>(elementsById)) for (const each of variablesAt(element)) expect(elementsById[each.origin], `${name} ${element.id} ${each.name}`).toBeDefined();
  }
});

test("a large model is asked in the time of reading it once", async () => {
  const many = Array.from({ length: 3_000 }, (_, n) => `${sets(`t${n}`, `v${n}`)}${n ? flows(`t${n - 1}>t${n}`) : ""}`).join("");
  const { t2999 } = await model(process(many));
  const from = performance.now();
  const known = variablesAt(t2999!);

  expect(known.length).toBe(2_999);
  expect(performance.now() - from).toBeLessThan(1_000); // about 0.03 s; quadratic would be seconds
}, 20_000);
