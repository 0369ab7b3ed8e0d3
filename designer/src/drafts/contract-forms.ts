/** The receiver's form from what a contract lets across, and a contract's fields from what a form asks for. */
import type { ContractField, FoundHandoff } from "./check";

export interface Component {
  id: string;
  type: string;
  key?: string;
  label?: string;
  [more: string]: unknown;
}
export interface Form {
  type: string;
  id: string;
  schemaVersion?: number;
  components: Component[];
  [more: string]: unknown;
}

// the type of a contract's field -> the component that shows or asks it
const COMPONENTS: Record<string, Partial<Component>> = {
  string: { type: "textfield" },
  any: { type: "textfield" },
  number: { type: "number" },
  boolean: { type: "checkbox" },
  date: { type: "datetime", subtype: "date" },
  file: { type: "filepicker" },
  list: { type: "textarea" },
  context: { type: "textarea" },
};
// the type of a component -> the type of a contract's field
const TYPES: Record<string, string> = {
  textfield: "string", textarea: "string", select: "string", radio: "string", number: "number", checkbox: "boolean", datetime: "date", filepicker: "file", checklist: "list", taglist: "list",
};

/** `got`: what came across, to be read. `owed`: what the receiver hands on, to be filled in. */
export function formOf(id: string, title: string, got: ContractField[], owed: ContractField[]): Form {
  const owes = new Set(owed.map((field) => field.name));
  const read = got.filter((field) => field.name && !owes.has(field.name)).map((field) => component(id, field, true));
  const asked = owed.filter((field) => field.name).map((field) => component(id, field, false));
  return { type: "default", id, schemaVersion: 18, components: [{ id: `${id}-title`, type: "text", text: `## ${title}` }, ...read, ...asked] };
}

function component(form: string, field: ContractField, readonly: boolean): Component {
  const label = field.label || field.name;
  const kind = COMPONENTS[field.type] ?? COMPONENTS.any!;
  const named = kind.type === "datetime" ? { dateLabel: label } : { label };
  return {
    id: `${form}-${field.name}`,
    type: "textfield",
    key: field.name,
    ...kind,
    ...named,
    ...(readonly ? { readonly: true } : field.required ? { validate: { required: true } } : {}),
  };
}

/** What a form asks for (not what it only shows), as fields of a contract; nested groups give the variable that holds them. */
export function fieldsOf(form: Form): ContractField[] {
  const found = new Map<string, ContractField>();
  const walk = (components: Component[], around: string[]): void => {
    for (const one of components) {
      if (one.type === "group" && Array.isArray(one.components)) {
        walk(one.components as Component[], [...around, ...parts(one.path)]);
        continue;
      }
      const type = TYPES[one.type];
      const path = [...around, ...parts(one.key)];
      if (!type || !path.length || one.readonly === true || one.disabled === true) continue;
      const name = path[0]!;
      const whole = path.length === 1;
      const label = whole ? String(one.label ?? one.dateLabel ?? name) : null;
      const required = Boolean((one.validate as { required?: boolean } | undefined)?.required);
      if (!found.has(name)) found.set(name, { name, label, type: whole ? type : "context", required: whole && required, sensitive: false });
    }
  };
  walk(form.components ?? [], []);
  return [...found.values()];
}

const parts = (path: unknown): string[] => (typeof path === "string" ? path.split(".").filter(Boolean) : []);

/** What leaves the side that a handoff reaches: the fields that its receiver has to fill in. */
export function owedAfter(handoff: FoundHandoff, all: FoundHandoff[]): ContractField[] {
  const next = all.filter((one) => one !== handoff && one.fromSide === handoff.toSide && one.file === handoff.file && one.contract && one.toSide === handoff.fromSide);
  const names = new Map<string, ContractField>();
  for (const one of next) for (const field of one.contract!.fields) if (!names.has(field.name)) names.set(field.name, field);
  return [...names.values()];
}
