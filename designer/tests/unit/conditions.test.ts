import fc from "fast-check";
import { expect, test } from "vitest";
import { complaintOf, type Condition, isField, normal, OPERATORS, read, type Row, write } from "../../src/bpmn/panel/conditions";

const known = (types: Record<string, string>) => Object.entries(types).map(([name, type]) => ({ name, type, origin: "" }));
const one = (field: string, operator: Row["operator"], value: string): Condition => ({ joined: "and", rows: [{ field, operator, value }] });

test.each([
  ['=decision = "approved"', one("decision", "=", "approved")],
  ["=amount >= 1000", one("amount", ">=", "1000")],
  ["= claim.isOpen != true", one("claim.isOpen", "!=", "true")],
  ['=name = "a \\"b\\" \\\\ c"', one("name", "=", 'a "b" \\ c')],
  ["=a<-3.5", one("a", "<", "-3.5")],
  ["=a = null", one("a", "=", "null")],
])("%s can be read as field, operator and value", (feel, expected) => {
  expect(read(feel)).toEqual(expected);
});

test.each([
  ['=a > 1 and b = "x"', { joined: "and", rows: [...one("a", ">", "1").rows, ...one("b", "=", "x").rows] }],
  ['=a = "x"\n  or a = "y" or\tb.c != true', { joined: "or", rows: [...one("a", "=", "x").rows, ...one("a", "=", "y").rows, ...one("b.c", "!=", "true").rows] }],
  ['=a = "this and that or = \\"more\\"" and order.and = 1', { joined: "and", rows: [...one("a", "=", 'this and that or = "more"').rows, ...one("order.and", "=", "1").rows] }],
] as [string, Condition][])("%s can be read as rows, joined by one word", (feel, expected) => {
  expect(read(feel)).toEqual(expected);
});

test.each([
  "=a and b", "=a = b", "=a = 1 and b = 2 or c = 3", "=(a = 1) and b = 2", "=count(items) > 2", "=a = 1 and", "=and = 1", "=a = 1 // why", "=a = 1 /* why */", "=not(a = 1)", "=a + 1 = 2", "=a = 1 + 2",
  "=`a b` = 1", "=a b = 1", "=a = - 3", "=a = 1.", "=a = .5", "=1 = a", "=a in [1..2]", "=if a = 1 then b = 2 else c = 3", "=date(a) < now()", '=a = date("x', '=a = "x" "y"', "=a[1] = 2", "a = 1", "=", "",
])("%s is more than rows hold, and stays FEEL", (feel) => {
  expect(read(feel)).toBeNull();
});

test("what rows would write differently stays FEEL", () => {
  for (const feel of ['=a = "x\\ny"', '=a = "x\ny"', '=a = "12"', '=a = "true"', '=a = " x"', '=a = "\\u00e9"', '=a < date("2026-01-31")']) expect(read(feel)).toBeNull();
  expect(read('=a = "12"', known({ a: "string" }))).toEqual(one("a", "=", "12"));
});

test("a text of digits stays a text where the field is one; a day is compared to a day, for variables keep it as a text", () => {
  const variables = known({ plate: "string", day: "date", amount: "number" });

  expect(write(one("plate", "=", "123"), variables)).toBe('=plate = "123"');
  expect(write(one("day", "<", "2026-01-31"), variables)).toBe('=date(day) < date("2026-01-31")');
  expect(read('=date(day) < date("2026-01-31")', variables)).toEqual(one("day", "<", "2026-01-31"));
  expect(write(one("day", "=", "null"), variables)).toBe("=day = null");
  expect(read('=day < date("2026-01-31")', variables)).toBeNull(); // never true: to be seen as it is
});

test("a comma makes a number where one is wanted, and only there", () => {
  expect([normal("3,5", "number"), normal("3,5", "string"), normal("3,5", "any"), normal("1,5,5", "number")]).toEqual(["3.5", "3,5", "3,5", "1,5,5"]);
  expect([complaintOf("3,5", "number"), complaintOf("x", "number"), complaintOf("2026-02-30", "date"), complaintOf("2026-02-28", "date"), complaintOf("maybe", "boolean"), complaintOf("null", "number"), complaintOf("x", "any")])
    .toEqual(["", "badNumber", "badDay", "", "badYesNo", "", ""]);
  expect([isField("claim.amount"), isField("a b"), isField("and"), isField("order.and"), isField("1a"), isField("été_2")]).toEqual([true, false, false, true, false, true]);
});

const TYPES = { amount: "number", plate: "string", isOpen: "boolean", day: "date", thing: "any" } as const;
const VARIABLES = known(TYPES);
const text = fc.oneof(fc.string(), fc.constantFrom("a and b", 'x" or y = "', "1 = 1", "\\", 'say "no"', "and", "12", "true")).map((each) => each.replace(/[\u0000-\u001f\ud800-\udfff]/g, "").trim());
const number = fc.oneof(fc.integer().map(String), fc.double({ noNaN: true, min: -1e6, max: 1e6 }).map((each) => each.toFixed(2)));
const of = (field: string, value: fc.Arbitrary<string>) => fc.record({ field: fc.constant(field), operator: fc.constantFrom(...OPERATORS), value: fc.oneof({ weight: 9, arbitrary: value }, fc.constant("null")) });
const row = fc.oneof(
  of("amount", number), of("plate", text), of("isOpen", fc.constantFrom("true", "false")), of("day", fc.date({ min: new Date("1970-01-01"), max: new Date("2199-01-01"), noInvalidDate: true }).map((each) => each.toISOString().slice(0, 10))),
  of("thing", fc.oneof(number, text)), of("claim.amount", fc.oneof(number, text)),
);
const condition = fc.record({ joined: fc.constantFrom("and" as const, "or" as const), rows: fc.array(row, { minLength: 1, maxLength: 4 }) }).map((each) => (each.rows.length === 1 ? { ...each, joined: "and" as const } : each));

test("rows that are written are read again as they were", () => {
  fc.assert(fc.property(condition, (rows) => {
    expect(read(write(rows, VARIABLES), VARIABLES)).toEqual(rows);
  }));
});

test("whatever is read means the same when it is written: nothing but spaces between words may differ", () => {
  const piece = fc.constantFrom("amount", "plate", "day", "thing", "a.b", "and", "or", "not", "=", "<", "!=", "(", ")", "date", '"x"', '"a and b"', '"1"', '"\\n"', "1", "-2.5", "true", "null", "+", "// x", "[", "date(day)", 'date("2026-01-31")');
  const comparison = fc.tuple(fc.constantFrom("amount", "day", "date(day)", "a.b", "thing"), fc.constantFrom("=", "<", "<="), piece).map((each) => each.join(" "));
  const chain = fc.tuple(comparison, fc.array(fc.tuple(fc.constantFrom("and", "or"), comparison), { maxLength: 2 })).map((all) => all.flat(2).join(" "));
  let found = 0;
  fc.assert(fc.property(fc.oneof(fc.array(piece, { maxLength: 8 }).map((all) => all.join(" ")), chain), (feel) => {
    const rows = read(`=${feel}`, VARIABLES);
    if (!rows) return;
    found += 1;
    // strings hold single spaces only, so that leaving all spaces out compares the words
    expect(write(rows, VARIABLES).replace(/\s/g, "")).toBe(`=${feel}`.replace(/\s/g, ""));
  }), { numRuns: 1000 });
  expect(found).toBeGreaterThan(20);
});
