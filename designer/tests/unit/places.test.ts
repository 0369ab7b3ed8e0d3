import fc from "fast-check";
import { expect, test } from "vitest";
import type { Box, Point } from "../../src/handoff/crossing";
import { boxOf, meet, placeAll, type Wanted } from "../../src/handoff/places";

const FORMS = [{ width: 120, height: 34 }, { width: 80, height: 18 }, { width: 19, height: 18 }, { width: 10, height: 10 }];
const edge = (...waypoints: [number, number][]): Point[] => waypoints.map(([x, y]) => ({ x, y }));
const wanted = (waypoints: Point[], ideal = waypoints[0]!): Wanted => ({ waypoints, ideal, forms: FORMS });

test("alone, a badge lies where the work crosses, in full", () => {
  expect(placeAll([wanted(edge([0, 0], [0, 300]), { x: 0, y: 150 })], [])).toEqual([{ x: 0, y: 150, form: 0 }]);
});

test("beside a label it moves along its edge, or to one side of it", () => {
  const label: Box = { x: -40, y: 140, width: 80, height: 20 };
  const [found] = placeAll([wanted(edge([0, 0], [0, 300]), { x: 0, y: 150 })], [label]);
  expect(found!.form).toBe(0);
  expect(meet(boxOf(found!, FORMS[0]!), label)).toBe(false);
});

test("edges close together have badges that do not touch, the smaller the less room there is", () => {
  const close = [0, 24, 48, 72].map((x) => wanted(edge([x, 0], [x, 60]), { x, y: 30 }));
  const found = placeAll(close, []);
  expect(found.some((one) => one.form > 0)).toBe(true);
  const boxes = found.map((one) => boxOf(one, FORMS[one.form]!));
  boxes.forEach((box, index) => boxes.slice(index + 1).forEach((other) => expect(meet(box, other)).toBe(false)));
});

test("a badge is never nowhere: with no room at all a dot lies where the work crosses", () => {
  expect(placeAll([wanted(edge([0, 0], [0, 30]), { x: 0, y: 15 })], [{ x: -200, y: -200, width: 400, height: 400 }])).toEqual([{ x: 0, y: 15, form: 3 }]);
});

test("whatever the drawing, only a dot ever touches a label, a shape or another badge", () => {
  const point = fc.record({ x: fc.integer({ min: 0, max: 700 }), y: fc.integer({ min: 0, max: 500 }) });
  const box = fc.record({ x: fc.integer({ min: 0, max: 700 }), y: fc.integer({ min: 0, max: 500 }), width: fc.integer({ min: 8, max: 100 }), height: fc.integer({ min: 8, max: 80 }) });
  fc.assert(
    fc.property(fc.array(fc.array(point, { minLength: 2, maxLength: 5 }), { minLength: 1, maxLength: 12 }), fc.array(box, { maxLength: 20 }), (edges, taken) => {
      const found = placeAll(edges.map((waypoints) => wanted(waypoints)), taken);
      const boxes = found.map((one) => boxOf(one, FORMS[one.form]!));
      for (const [index, one] of found.entries()) {
        if (one.form === FORMS.length - 1) continue;
        for (const other of taken) expect(meet(boxes[index]!, other)).toBe(false);
        for (const [at, other] of boxes.entries()) if (at !== index && found[at]!.form < FORMS.length - 1) expect(meet(boxes[index]!, other)).toBe(false);
      }
    }),
    { numRuns: 60 },
  );
});
