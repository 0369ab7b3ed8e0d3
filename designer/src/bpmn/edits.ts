/** Changes to a model: each is one command, so that one undo takes it back. */
import type CommandStack from "diagram-js/lib/command/CommandStack";
import type { Moddle } from "../handoff/analysis";
import { extension } from "../handoff/analysis";
import type { Shape } from "./modeler";

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

export class Edits {
  static $inject = ["commandStack", "bpmnFactory", "modeling"];

  constructor(
    private readonly commands: CommandStack,
    private readonly factory: { create(type: string, values?: Values): Moddle },
    private readonly modeling: { updateProperties(element: Shape, values: Values): void },
  ) {
    commands.registerHandler("properties-panel.multi-command-executor", Together as never);
  }

  /** Of the element itself: name, condition, default flow. */
  set(element: Shape, values: Values): void {
    this.modeling.updateProperties(element, values);
  }

  /** Of anything below the element, such as an event definition. */
  below(element: Shape, target: Moddle, values: Values): void {
    this.commands.execute("element.updateModdleProperties", { element, moddleElement: target, properties: values });
  }

  create(type: string, values: Values, parent: Moddle): Moddle {
    const made = this.factory.create(type, values);
    made.$parent = parent;
    return made;
  }

  together(steps: Step[]): void {
    if (steps.length) this.commands.execute("properties-panel.multi-command-executor", steps as never);
  }

  /** Sets values of one extension of `owner`, which is made where it is missing; an extension without any value goes. */
  extend(element: Shape, owner: Moddle, type: string, values: Values, { keep = false } = {}): void {
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
  replace(element: Shape, owner: Moddle, change: (all: Moddle[], parent: Moddle) => Moddle[]): void {
    const before = owner.extensionElements as Moddle | undefined;
    const holder = before ?? this.create("bpmn:ExtensionElements", { values: [] }, owner);
    const values = change((before?.values as Moddle[]) ?? [], holder);
    if (!before) {
      holder.values = values;
      this.below(element, owner, { extensionElements: holder });
    } else if (values.length) this.below(element, before, { values });
    else this.below(element, owner, { extensionElements: undefined });
  }

  without(element: Shape, owner: Moddle, type: string): void {
    this.replace(element, owner, (all) => all.filter((each) => each.$type !== type));
  }
}

function own(element: Moddle): Values {
  const names = ((element.$descriptor as { properties: { name: string }[] }).properties ?? []).map((property) => property.name.replace(/^.*:/, ""));
  return Object.fromEntries(names.filter((name) => Object.hasOwn(element, name)).map((name) => [name, element[name]]));
}

function defined(values: Values): Values {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== ""));
}

export const EditsModule = { __init__: ["edits"], edits: ["type", Edits] };
