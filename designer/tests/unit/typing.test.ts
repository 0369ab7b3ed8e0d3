import CommandStack from "diagram-js/lib/command/CommandStack";
import EventBus from "diagram-js/lib/core/EventBus";
import { h, render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Edits } from "../../src/bpmn/edits";
import { Limit, Text } from "../../src/bpmn/panel/controls";

type Values = Record<string, unknown>;

/** A model of one object, with the real command stack above it. */
function drawing(values: Values) {
  const injector = { get: () => null, instantiate: (Made: new (commands: CommandStack) => object) => new Made(stack) };
  const stack: CommandStack = new CommandStack(new EventBus(), injector as never);
  stack.register("element.updateModdleProperties", {
    execute: (context: Values) => {
      context.old = Object.fromEntries(Object.keys(context.properties as Values).map((name) => [name, (context.moddleElement as Values)[name]]));
      Object.assign(context.moddleElement as Values, context.properties);
      return [];
    },
    revert: (context: Values) => {
      Object.assign(context.moddleElement as Values, context.old);
      return [];
    },
  } as never);
  const edits = new Edits(stack, { create: (_: string, made?: Values) => ({ ...made }) as never }, { updateProperties: () => {} });
  const steps = () => {
    let count = 0;
    while (stack.canUndo()) {
      stack.undo();
      count += 1;
    }
    for (let left = count; left > 0; left -= 1) stack.redo();
    return count;
  };
  return { model: values, stack, edits, steps, set: (name: string) => (value: string) => edits.below({}, values as never, { [name]: value }) };
}

let place: HTMLElement;
let draw: () => void;
const input = () => place.querySelector("input")!;
const typeIn = (text: string) => act(() => {
  input().value = text;
  input().dispatchEvent(new Event("input", { bubbles: true }));
});
const press = (key: string) => act(() => void input().dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true })));
const blur = () => act(() => void input().dispatchEvent(new FocusEvent("blur")));
const pause = () => act(() => void vi.advanceTimersByTime(500));

/** Shows a field of `owner`, and draws it anew after each command, as the panel does. */
function field(owner: ReturnType<typeof drawing>, name = "name", more: Values = {}, Kind: typeof Text | typeof Limit = Text) {
  draw = () => act(() => render(h(Kind as typeof Text, { key: name, label: name, value: String(owner.model[name] ?? ""), onChange: owner.set(name), ...more }), place));
  draw();
}

beforeEach(() => {
  vi.useFakeTimers();
  place = document.createElement("div");
});
afterEach(() => {
  act(() => render(null, place));
  vi.useRealTimers();
});

test("a visit is one step to undo, however often it paused, and redo brings its last text back", () => {
  const owner = drawing({ name: "Pack" });
  field(owner);
  for (const text of ["Pack t", "Pack the", "Pack the box "]) {
    typeIn(text);
    pause();
    draw();
    expect(owner.model.name).toBe(text.trim());
    expect(input().value).toBe(text);
  }
  press("Enter");
  blur();

  expect(owner.steps()).toBe(1);
  act(() => owner.stack.undo());
  draw();
  expect([owner.model.name, input().value]).toEqual(["Pack", "Pack"]);
  act(() => owner.stack.redo());
  draw();
  expect([owner.model.name, input().value]).toEqual(["Pack the box", "Pack the box"]);
});

test("two visits are two steps, and one that changes nothing is none", () => {
  const owner = drawing({ name: "" });
  field(owner);
  for (const text of ["a", "a", "b"]) {
    typeIn(text);
    blur();
    draw();
  }
  expect(owner.steps()).toBe(2);
});

test("Enter commits, Escape puts the text back that stood there before the visit, and nothing changed", () => {
  const owner = drawing({ name: "old" });
  field(owner);
  typeIn("half");
  press("Enter");
  draw();
  expect(owner.model.name).toBe("half");
  typeIn("half a te");
  press("Escape");
  draw();
  blur();

  expect([owner.model.name, input().value, owner.stack.canUndo()]).toEqual(["old", "old", false]);
});

test("a text typed back to what it was leaves no step behind", () => {
  const owner = drawing({ name: "old" });
  field(owner);
  typeIn("new");
  pause();
  draw();
  typeIn("old");
  blur();

  expect([owner.model.name, owner.stack.canUndo()]).toEqual(["old", false]);
});

test("who chooses another element while typing changes the one before", () => {
  const owner = drawing({ name: "one", other: "two" });
  field(owner);
  typeIn("one more");
  field(owner, "other");

  expect(owner.model).toEqual({ name: "one more", other: "two" });
  expect(input().value).toBe("two");
});

test("a text that is still being typed survives that the panel is drawn anew", () => {
  const owner = drawing({ limit: "PT4H" });
  field(owner, "limit", {}, Limit);
  typeIn("6");
  draw();
  press("Enter");
  draw();

  expect(owner.model.limit).toBe("PT6H");
});

test("a field that is emptied, or that is only whole when it is left, takes no effect in between", () => {
  const owner = drawing({ name: "old" });
  field(owner);
  typeIn("");
  pause();
  expect(owner.model.name).toBe("old");
  blur();
  expect(owner.model.name).toBe("");

  field(owner, "whole", { whole: true });
  typeIn("pla");
  pause();
  expect(owner.model.whole).toBeUndefined();
  press("Enter");
  expect(owner.model.whole).toBe("pla");
});

test("what was done in between by other hands is not taken back with the typing", () => {
  const owner = drawing({ name: "old", other: "" });
  field(owner);
  typeIn("new");
  pause();
  draw();
  owner.set("other")("done");
  typeIn("newer");
  blur();

  expect(owner.model).toEqual({ name: "newer", other: "done" });
  expect(owner.steps()).toBe(3);
});

test("a limit that the engine refuses is refused in place, with a sentence, and nothing changed", () => {
  const owner = drawing({ limit: "P1D" });
  field(owner, "limit", { calendar: "working" }, Limit);
  for (const [typed, sentence] of [["soon", /Expected a duration/], ["0", /a second at least/], ["1.5", /working day/]] as const) {
    typeIn(typed);
    expect(place.querySelector(".wrong")).toBeNull();
    blur();
    expect(input().getAttribute("aria-invalid")).toBe("true");
    expect(place.querySelector(".wrong")!.textContent).toMatch(sentence);
    expect([owner.model.limit, owner.stack.canUndo()]).toEqual(["P1D", false]);
  }
  press("Escape");
  expect([input().value, input().hasAttribute("aria-invalid")]).toEqual(["1", false]);
});

test("a limit of several units is typed in words, and one that is only looked at is not written anew", () => {
  const owner = drawing({ limit: "P0Y1DT4H" });
  field(owner, "limit", {}, Limit);
  expect(input().value).toBe("1 d 4 h");
  blur();
  expect(owner.model.limit).toBe("P0Y1DT4H");
  typeIn("3,5 j");
  blur();
  draw();
  expect([owner.model.limit, input().value, place.querySelector("select")!.value]).toEqual(["P3DT12H", "3.5", "D"]);
});

test("arrows count a limit up and down, never below one", () => {
  const owner = drawing({ limit: "PT1H" });
  field(owner, "limit", {}, Limit);
  for (const key of ["ArrowUp", "ArrowUp", "ArrowDown", "Enter"]) press(key);
  draw();
  expect(owner.model.limit).toBe("PT2H");
  for (const key of ["ArrowDown", "ArrowDown", "Enter"]) press(key);
  expect([owner.model.limit, owner.steps()]).toEqual(["PT1H", 0]);
});

test("half a limit that is left stays to be mended, and goes when the model changes by other hands", () => {
  const owner = drawing({ limit: "P1D" });
  field(owner, "limit", {}, Limit);
  typeIn("2 da");
  blur();
  draw();
  expect([input().value, owner.model.limit]).toEqual(["2 da", "P1D"]);
  owner.set("limit")("P3D");
  draw();
  expect([input().value, place.querySelector(".wrong")]).toEqual(["3", null]);
});
