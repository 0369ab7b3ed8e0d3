import fc from "fast-check";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { withFields, withForm } from "../../src/drafts/xml-text";

const CLAIM = readFileSync("../processes/claim/claim.bpmn", "utf8");
const HEAD = '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">';
const field = (name: string, more = {}) => ({ name, label: null, type: "any", required: false, sensitive: false, ...more });
const read = (xml: string) => new DOMParser().parseFromString(xml, "application/xml");

test("a task gets its form, and nothing else of the file differs", () => {
  const after = withForm(CLAIM, "checkCover", "my-form");
  const [before, own] = [CLAIM.split("\n"), after.split("\n")];
  const differing = own.filter((line, place) => line !== before[place]);

  expect(own.length).toBe(before.length);
  expect(differing).toHaveLength(1);
  expect(differing[0]).toContain('<zeebe:formDefinition formId="my-form" />');
});

test("an element that is closed in itself is opened, with namespaces where they are missing", () => {
  const after = withForm(`${HEAD}<process id="p"><userTask name="A > B" id="a"/></process></definitions>`, "a", "f");

  expect(after).toContain('<userTask name="A > B" id="a"><extensionElements><zeebe:formDefinition formId="f" /></extensionElements></userTask>');
  expect(after).toContain('xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"');
});

test("extensions come behind the documentation, as the standard's schema wants it", () => {
  const after = withForm(`${HEAD}<process id="p"><userTask id="a"><documentation>Why</documentation><incoming>f</incoming></userTask></process></definitions>`, "a", "f");

  expect(after).toMatch(/<documentation>Why<\/documentation><extensionElements>.*<\/extensionElements><incoming>/);
});

test("a contract gets the fields that it does not have, and keeps those that it has", () => {
  const once = withFields(CLAIM, "orderFlow", [field("plate"), field("colour", { type: "string", required: true, label: 'The "colour"' })]);
  const twice = withFields(once, "orderFlow", [field("colour")]);

  expect(twice).toBe(once);
  expect(once.match(/handoff:field/g)!.length).toBe(CLAIM.match(/handoff:field/g)!.length + 1);
  expect(once).toContain('<handoff:field name="colour" label="The &quot;colour&quot;" type="string" required="true" />');
});

test("a flow without a contract gets one", () => {
  const after = withFields(`${HEAD}<collaboration id="c"><messageFlow id="m" sourceRef="a" targetRef="b" /></collaboration></definitions>`, "m", [field("x")]);

  expect(after).toContain('<messageFlow id="m" sourceRef="a" targetRef="b"><extensionElements><handoff:contract><handoff:field name="x" /></handoff:contract></extensionElements></messageFlow>');
});

test("what is not there changes nothing", () => {
  expect(withFields(CLAIM, "nobody", [field("x")])).toBe(CLAIM);
  expect(withForm(CLAIM, "nobody", "f")).toBe(CLAIM);
});

test("whatever names and labels are, the file stays well-formed and says them", () => {
  const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }).filter((one) => !/[\u0000-\u001f\ufffe\uffff]/.test(one) && one.trim() === one);
  fc.assert(
    fc.property(text, text, (name, label) => {
      const tree = read(withFields(CLAIM, "orderFlow", [field(name, { label })]));
      const own = [...tree.getElementsByTagName("handoff:field")].filter((one) => one.getAttribute("name") === name);
      expect(own.length).toBeGreaterThan(0);
    }),
    { numRuns: 30 },
  );
});
