/** The fields that the panel is made of. Each commits when it is left, so that one edit is one step to undo. */
import { colon } from "../../shell/words";
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { amountOf, inWords, isDuration, isoOf, type Unit, unitName } from "../../handoff/durations";
import type { Variable } from "../variables";
import { t } from "./words";

export function Section({ title, children, open = true }: { title: string; children: ComponentChildren; open?: boolean }) {
  return <details class="ask" open={open}><summary><h3>{title}</h3></summary><div class="ask-body">{children}</div></details>;
}

interface FieldProps<Value> {
  label: string;
  value: Value;
  onChange: (value: Value) => void;
  hint?: string;
  quiet?: boolean; // the label is for screen readers only
}

/** Commits on leaving and on Enter; Escape takes the typing back. `lines` > 1: several lines. */
export function Text({ label, value, onChange, hint, quiet, lines = 1, list, placeholder, wrong }: FieldProps<string> & { lines?: number; list?: string[]; placeholder?: string; wrong?: (text: string) => string }) {
  const id = useId();
  const [typed, type] = useState(value);
  const told = useRef(value); // at first there is nothing to take back: somebody may have typed before this runs
  useEffect(() => {
    if (told.current !== value) type(value);
    told.current = value;
  }, [value]);
  const complaint = wrong && typed ? wrong(typed) : "";
  const latest = useRef({ typed, value, onChange });
  latest.current = { typed, value, onChange };
  useEffect(() => () => commit(latest.current), []); // the element was left with a click into the canvas
  const commit = (now: typeof latest.current) => now.typed.trim() !== now.value && now.onChange(now.typed.trim());
  const shared = {
    id, value: typed, placeholder, "aria-describedby": hint || complaint ? `${id}-more` : undefined, "aria-invalid": complaint ? true : undefined,
    onInput: (event: Event) => {
      latest.current.typed = (event.target as HTMLInputElement).value;
      type(latest.current.typed);
    },
    onBlur: () => commit(latest.current),
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key === "Escape") type(value);
      else if (event.key === "Enter" && (lines === 1 || event.ctrlKey)) commit(latest.current);
      else return;
      event.stopPropagation();
    },
  };
  return (
    <div class="field">
      <label class={quiet ? "hidden" : "label"} for={id}>{label}</label>
      {lines > 1 ? <textarea rows={lines} {...shared} /> : <input list={list && `${id}-list`} autocomplete="off" spellcheck={false} {...shared} />}
      {list && <datalist id={`${id}-list`}>{list.map((each) => <option value={each} key={each} />)}</datalist>}
      {(hint || complaint) && <span id={`${id}-more`} class={complaint ? "wrong" : "hint"}>{complaint || hint}</span>}
    </div>
  );
}

export function Choice({ label, value, onChange, hint, quiet, options }: FieldProps<string> & { options: [value: string, label: string][] }) {
  const id = useId();
  return (
    <div class="field">
      <label class={quiet ? "hidden" : "label"} for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map(([each, text]) => <option value={each} key={each}>{text}</option>)}
      </select>
      {hint && <span class="hint">{hint}</span>}
    </div>
  );
}

export function Radios({ label, value, onChange, options }: FieldProps<string> & { options: [value: string, label: string][] }) {
  const name = useId();
  return (
    <fieldset class="radios">
      <legend class="hidden">{label}</legend>
      {options.map(([each, text]) => (
        <label key={each} class={each === value ? "on" : ""}><input type="radio" name={name} checked={each === value} onChange={() => onChange(each)} /> {text}</label>
      ))}
    </fieldset>
  );
}

export function Check({ label, value, onChange }: FieldProps<boolean>) {
  return <label class="check"><input type="checkbox" checked={value} onChange={(event) => onChange(event.currentTarget.checked)} /> {label}</label>;
}

/** A duration in words ("4 working hours"), ISO 8601 behind it; one that words cannot choose is shown as it is written. */
export function Limit({ label, value, onChange, calendar = "always", units = ["M", "H", "D", "W"], hint }: FieldProps<string> & { calendar?: string; units?: Unit[] }) {
  const id = useId();
  const amount = amountOf(value);
  const [unit, setUnit] = useState<Unit>(amount?.unit ?? (units.includes("H") ? "H" : units[0]!));
  useEffect(() => {
    if (amount) setUnit(amount.unit);
  }, [value]);
  if (value && !amount) {
    return <Text label={`${label} (ISO 8601)`} value={value} onChange={onChange} hint={inWords(value, calendar)} wrong={(text) => (isDuration(text) ? "" : t("bad"))} />;
  }
  const choose = (count: number, chosen: Unit) => onChange(count > 0 ? isoOf({ count, unit: chosen }) : "");
  const shown = amount && !units.includes(amount.unit) ? [...units, amount.unit] : units;
  return (
    <div class="field limit">
      <label class="label" for={id}>{label}</label>
      <input id={id} type="number" min="1" max="9999" step="1" value={amount?.count ?? ""} placeholder="–" onChange={(event) => choose(Math.floor(event.currentTarget.valueAsNumber) || 0, unit)} />
      <select aria-label={`${label}${colon()}${t("duration")}`} value={unit} onChange={(event) => {
        const chosen = event.currentTarget.value as Unit;
        setUnit(chosen);
        if (amount) choose(amount.count, chosen);
      }}>
        {shown.map((each) => <option value={each} key={each}>{unitName(each, amount?.count ?? 2, calendar)}</option>)}
      </select>
      {hint && <span class="hint">{hint}</span>}
    </div>
  );
}

interface FeelProps extends FieldProps<string> {
  variables: Variable[];
  /** Whether plain text is allowed too; then FEEL begins with "=". */
  mixed?: boolean;
}

type Editor = { destroy(): void; setValue(text: string): void };

/** A FEEL expression, with the variables known there. `value` is as the model has it, with its "=". */
export function Feel({ label, value, onChange, variables, hint, quiet, mixed }: FeelProps) {
  const place = useRef<HTMLDivElement>(null);
  const id = useId();
  const [typed, type] = useState(value);
  const [complaint, complain] = useState("");
  const latest = useRef({ typed: value, value, onChange });
  latest.current.value = value;
  latest.current.onChange = onChange;
  const isFeel = !mixed || typed.startsWith("=");
  const plain = (text: string) => text.replace(/^=\s*/, "");
  const commit = () => {
    const now = latest.current;
    const text = now.typed.trim() === "=" ? "" : now.typed.trim();
    if (text !== now.value) now.onChange(text);
  };
  useEffect(() => {
    type(value);
    latest.current.typed = value;
  }, [value]);
  useEffect(() => {
    if (!isFeel || !place.current) return;
    let editor: Editor | null = null;
    let gone = false;
    import("./feel").then(({ feelEditor }) => {
      if (gone) return;
      editor = feelEditor({
        container: place.current!, value: plain(latest.current.typed), label, variables,
        onChange: (text) => (latest.current.typed = text.trim() ? `=${text}` : ""),
        onLint: (found) => complain(found),
      });
    });
    return () => {
      gone = true;
      editor?.destroy();
      commit();
    };
  }, [isFeel, variables.map((variable) => variable.name).join(), value]);
  if (!isFeel) {
    return <Text label={label} value={value} quiet={quiet} hint={hint} onChange={(text) => { type(text); latest.current.typed = text; onChange(text); }} />;
  }
  return (
    <div class="field feel">
      <span class={quiet ? "hidden" : "label"} id={id}>{label}</span>
      <div class="feel-line">
        <span class="feel-sign" title="FEEL" aria-hidden="true">=</span>
        <div ref={place} class="feel-place" onFocusOut={commit} onKeyDown={(event) => event.stopPropagation()} />
      </div>
      {(complaint || hint) && <span class={complaint ? "wrong" : "hint"}>{complaint || hint}</span>}
    </div>
  );
}
