import { expect, test } from "vitest";
import { dueIn, dueWithin, read, write } from "../../src/bpmn/panel/conditions";

test.each([
  ['=decision = "approved"', { field: "decision", operator: "=", value: "approved" }],
  ["=amount >= 1000", { field: "amount", operator: ">=", value: "1000" }],
  ["= claim.isOpen != true", { field: "claim.isOpen", operator: "!=", value: "true" }],
  ['=name = "a \\"b\\" \\\\ c"', { field: "name", operator: "=", value: 'a "b" \\ c' }],
  ['=day < date("2026-01-31")', { field: "day", operator: "<", value: "2026-01-31" }],
])("%s can be read as field, operator and value", (feel, expected) => {
  expect(read(feel)).toEqual(expected);
});

test.each(["=a and b", "=a = b", "=a = 1 and b = 2", '=a = "x" or b = "y"', "=count(items) > 2", "a = 1", "=", '=a = date("x'])(
  "%s is more than the simple form holds, and stays FEEL", (feel) => {
    expect(read(feel)).toBeNull();
  },
);

test("what the simple form would write differently stays FEEL", () => {
  const text = [{ name: "a", type: "string", origin: "" }];

  for (const feel of ['=a = "x\\ny"', '=a = "12"', '=a = "true"', '=a = " x"', '=a = "\\u00e9"']) expect(read(feel)).toBeNull();
  expect(read('=a = "12"', text)).toEqual({ field: "a", operator: "=", value: "12" });
});

test("what is written is read again as it was", () => {
  for (const value of ["approved", "12", "-3.5", "true", 'say "no"', "back\\slash"]) {
    const condition = { field: "answer", operator: "=" as const, value };
    expect(read(write(condition))).toEqual(condition);
  }
});

test("a text of digits stays a text where the field is one", () => {
  const variables = [{ name: "plate", type: "string", origin: "" }, { name: "day", type: "date", origin: "" }];

  expect(write({ field: "plate", operator: "=", value: "123" }, variables)).toBe('=plate = "123"');
  expect(write({ field: "day", operator: "<", value: "2026-01-31" }, variables)).toBe('=day < date("2026-01-31")');
});

test("a due date in words is an expression that the engine knows, and back", () => {
  expect(dueIn("P2D")).toBe('=now() + duration("P2D")');
  expect(dueWithin(dueIn("PT4H"))).toBe("PT4H");
  expect(dueWithin("=claim.due")).toBeNull();
  expect(dueIn("")).toBe("");
});
