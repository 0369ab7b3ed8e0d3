/** Changes to a model: each is one command, so that one undo takes it back; what is typed during one visit of a field is one as well. */
import type CommandStack from "diagram-js/lib/command/CommandStack";
import { extension, type Moddle } from "../handoff/moddle";
import type { Services } from "./modeler";

export type Step = { cmd: string; context: Record<string, unknown> };
type Values = Record<string, unknown>;

/** Several commands as one. The technical panel asks for it by the same name. */
class Together {
  static $inject = ["commandStack"];
  constructor(private readonly commands: CommandStack) {}
  preExecute(steps: Step[]): void {
    for (const { cmd, context } of steps) this.commands.execute(cmd, context);
  }
}

/** What diagram-js keeps to itself: the commands that were done, and the place of the last of them that was not undone. */
type Stack = CommandStack & { _stack: object[]; _stackIdx: number };
interface Done {
  commands: Stack;
  from: number;
  last: object | undefined;
}

let seen: ((done: Done) => void) | null = null;

/** What is typed into one field while one is there: however often it takes effect, one step to undo. */
export class Visit {
  private done: (Done & { before: string; change: (text: string) => void }) | null = null;

  /** `change` is asked where the model is as it was before the visit: half a word leaves nothing behind. */
  commit(text: string, before: string, change: (text: string) => void): void {
    const first = this.taken() ?? { before, change };
    if (text === first.before) return;
    let done: Done | null = null;
    seen = (each) => (done = { ...each, from: Math.min(each.from, done?.from ?? each.from) });
    try {
      first.change(text);
    } finally {
      seen = null;
    }
    this.done = done && { ...(done as Done), ...first };
  }

  /** Answers what stood there before the visit; null where nothing took effect yet, or something else was done since. */
  takeBack(): string | null {
    return this.taken()?.before ?? null;
  }

  private taken() {
    const { done } = this;
    this.done = null;
    if (!done || done.commands._stack[done.commands._stackIdx] !== done.last) return null;
    while (done.commands._stackIdx >= done.from) done.commands.undo();
    return { before: done.before, change: done.change };
  }
}

export class Edits {
  constructor(
    private readonly commands: CommandStack,
    private readonly factory: { create(type: string, values?: Values): Moddle },
    private readonly modeling: { updateProperties(element: Services, values: Values): void },
  ) {
    commands.registerHandler("properties-panel.multi-command-executor", Together as never);
  }

  /** Of the element itself: name, condition, default flow. */
  set(element: Services, values: Values): void {
    this.see(() => this.modeling.updateProperties(element, values));
  }

  /** Of anything below the element, such as an event definition. */
  below(element: Services, target: Moddle, values: Values): void {
    this.see(() => this.commands.execute("element.updateModdleProperties", { element, moddleElement: target, properties: values }));
  }

  create(type: string, values: Values, parent: Moddle): Moddle {
    const made = this.factory.create(type, values);
    made.$parent = parent;
    return made;
  }

  together(steps: Step[]): void {
    if (steps.length) this.see(() => this.commands.execute("properties-panel.multi-command-executor", steps as never));
  }

  /** Sets values of one extension of `owner`, which is made where it is missing; an extension without any value goes. */
  extend(element: Services, owner: Moddle, type: string, values: Values, { keep = false } = {}): void {
    const found = extension(owner, type);
    if (!found) {
      if (keep || Object.values(values).some((value) => value !== undefined && value !== "")) {
        this.replace(element, owner, (all, parent) => [...all, this.create(type, defined(values), parent)]);
      }
      return;
    }
    const left = { ...found.$attrs, ...own(found), ...values };
    if (!keep && Object.values(left).every((value) => value === undefined || value === "" || (Array.isArray(value) && !value.length))) {
      this.replace(element, owner, (all) => all.filter((each) => each !== found));
    } else this.below(element, found, values);
  }

  /** Other extensions stay as and where they are. */
  replace(element: Services, owner: Moddle, change: (all: Moddle[], parent: Moddle) => Moddle[]): void {
    const before = owner.extensionElements as Moddle | undefined;
    const holder = before ?? this.create("bpmn:ExtensionElements", { values: [] }, owner);
    const values = change((before?.values as Moddle[]) ?? [], holder);
    if (!before) {
      holder.values = values;
      this.below(element, owner, { extensionElements: holder });
    } else if (values.length) this.below(element, before, { values });
    else this.below(element, owner, { extensionElements: undefined });
  }

  without(element: Services, owner: Moddle, type: string): void {
    this.replace(element, owner, (all) => all.filter((each) => each.$type !== type));
  }

  private see(deed: () => void): void {
    const commands = this.commands as Stack;
    const from = commands._stackIdx + 1;
    deed();
    seen?.({ commands, from, last: commands._stack[commands._stackIdx] });
  }
}

function own(element: Moddle): Values {
  const names = ((element.$descriptor as { properties: { name: string }[] }).properties ?? []).map((property) => property.name.replace(/^.*:/, ""));
  return Object.fromEntries(names.filter((name) => Object.hasOwn(element, name)).map((name) => [name, element[name]]));
}

function defined(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== ""));
}

const made = new WeakMap<object, Edits>();

/** The one of a modeler. */
export function editsOf(modeler: Services): Edits {
  const edits = made.get(modeler) ?? new Edits(modeler.get("commandStack"), modeler.get("bpmnFactory"), modeler.get("modeling"));
  made.set(modeler, edits);
  return edits;
}
