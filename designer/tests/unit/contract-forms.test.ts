import { expect, test } from "vitest";
import type { FoundHandoff } from "../../src/drafts/check";
import { fieldsOf, formOf, owedAfter } from "../../src/drafts/contract-forms";
import { decoded, free, kept } from "../../src/drafts/files";
import { limit } from "../../src/drafts/limits";
import { speak } from "../../src/shell/words";

const field = (name: string, type: string, required = false) => ({ name, label: name.toUpperCase(), type, required, sensitive: false });

test("the receiver reads what came, and is asked for what it owes", () => {
  const form = formOf("repair", "Repair", [field("plate", "string"), field("when", "date")], [field("price", "number", true)]);
  const [title, plate, when, price] = form.components;

  expect(title).toMatchObject({ type: "text", text: "## Repair" });
  expect(plate).toMatchObject({ type: "textfield", key: "plate", label: "PLATE", readonly: true });
  expect(when).toMatchObject({ type: "datetime", subtype: "date", dateLabel: "WHEN", readonly: true });
  expect(price).toMatchObject({ type: "number", key: "price", validate: { required: true } });
  expect(price!.readonly).toBeUndefined();
});

test("a contract gets what a form asks for, not what it only shows", () => {
  const form = formOf("repair", "Repair", [field("plate", "string")], [field("price", "number", true), field("photos", "file")]);

  expect(fieldsOf(form)).toEqual([
    { name: "price", label: "PRICE", type: "number", required: true, sensitive: false },
    { name: "photos", label: "PHOTOS", type: "file", required: false, sensitive: false },
  ]);
});

test("of nested answers the variable that holds them crosses", () => {
  const form = { type: "default", id: "f", components: [{ id: "g", type: "group", path: "claim", components: [{ id: "a", type: "textfield", key: "plate" }] }, { id: "b", type: "number", key: "claim.amount" }] };

  expect(fieldsOf(form)).toEqual([{ name: "claim", label: null, type: "context", required: false, sensitive: false }]);
});

test("what is owed is what goes back from the side that got the work", () => {
  const there = { file: "a", fromSide: "Desk", toSide: "Garage", contract: { fields: [] } } as unknown as FoundHandoff;
  const back = { file: "a", fromSide: "Garage", toSide: "Desk", contract: { fields: [field("price", "number")] } } as unknown as FoundHandoff;

  expect(owedAfter(there, [there, back]).map((one) => one.name)).toEqual(["price"]);
});

test("files of other tools get names that a draft keeps", () => {
  expect(["a/b/order.bpmn20.xml", "Flow.BPMN", "x.json", "y.bpmn2"].map(kept)).toEqual(["order.bpmn", "Flow.bpmn", "x.form", "y.bpmn"]);
  expect(free("a.form", ["a.form", "a-2.form"])).toBe("a-3.form");
});

test("a file is read in the encoding that it says", () => {
  const latin = Uint8Array.from('<?xml version="1.0" encoding="ISO-8859-1"?><a>\xe9</a>', (char) => char.charCodeAt(0));
  const marked = new Uint8Array([0xff, 0xfe, 0x41, 0x00]);

  expect(decoded(latin)).toContain("<a>é</a>");
  expect(decoded(new TextEncoder().encode("<a>é</a>"))).toBe("<a>é</a>");
  expect(decoded(marked)).toContain("A");
});

test("limits are said in words of both languages", () => {
  speak("en");
  expect([limit("PT4H", "working"), limit("P1DT1M"), limit("soon")]).toEqual(["4 hours of working time", "1 day and 1 minute", "soon"]);
  speak("fr");
  expect(limit("P2W")).toBe("2 semaines");
  speak("en");
});
