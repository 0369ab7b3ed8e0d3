/** The fields that the panel is made of; one visit of a field is one step to undo. */
import { colon } from "../../shell/words";
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { amountOf, readTyped, shownIn, type Unit, unitName } from "../../handoff/durations";
import type { Variable } from "../variables";
import { type Typed, useTyping } from "./typing";
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

interface TextProps extends FieldProps<string>, Pick<Typed, "mayPause" | "read" | "shown"> {
  lines?: number;
  /** Picked in the way of the browser; as text it is ISO 8601. */
  kind?: "date" | "datetime-local" | "time";
  list?: string[];
  placeholder?: string;
  /** What is wrong with a text. What `read` refuses does not change anything; the rest does. */
  wrong?: (text: string) => string;
  /** Half a text means something else: it takes effect when it is whole, with Enter and on leaving. */
  whole?: boolean;
}

/** `lines` > 1: several lines. */
export function Text({ label, value, onChange, hint, quiet, lines = 1, kind, list, placeholder, wrong, whole, read, shown, mayPause = () => !whole }: TextProps) {
  const id = useId();
  const { typed, isSettled, type, leave, onKeyDown } = useTyping({ value, onChange, read, shown, mayPause });
  const complaint = isSettled && wrong && typed ? wrong(typed) : "";
  const shared = {
    id, value: typed, placeholder, "aria-describedby": hint || complaint ? `${id}-more` : undefined, "aria-invalid": complaint ? true : undefined,
    onInput: (event: Event) => type((event.target as HTMLInputElement).value),
    onBlur: leave,
    onKeyDown: (event: KeyboardEvent) => onKeyDown(event, lines),
  };
  return (
    <div class="field">
      <label class={quiet ? "hidden" : "label"} for={id}>{label}</label>
      {lines > 1 ? <textarea rows={lines} {...shared} /> : <input type={kind} list={list && `${id}-list`} autocomplete="off" spellcheck={false} {...shared} />}
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

/** A duration in words ("4 working hours"), ISO 8601 behind it. What is no duration is shown as it is written. */
export function Limit({ label, value, onChange, calendar, units = ["M", "H", "D", "W"], hint }: FieldProps<string> & { calendar?: string; units?: Unit[] }) {
  const id = useId();
  const shown = shownIn(value, calendar);
  const [unit, setUnit] = useState<Unit>(shown?.unit ?? (units.includes("H") ? "H" : units[0]!));
  useEffect(() => {
    if (shown?.unit) setUnit(shown.unit);
  }, [value]);
  const refusal = (text: string) => {
    const found = readTyped(text, unit, calendar);
    return "refused" in found ? t(found.refused) : "";
  };
  const { typed, isSettled, type, leave, onKeyDown } = useTyping({
    value, onChange,
    read: (text) => {
      const found = readTyped(text, unit, calendar);
      return "iso" in found ? found.iso : null;
    },
    shown: (iso) => shownIn(iso, calendar)?.text ?? iso,
  });
  const complaint = isSettled ? refusal(typed) : "";
  const isMixed = Boolean(value) && !shown?.unit;
  const known = units.includes(unit) ? units : [...units, unit];
  return (
    <div class="field limit">
      <label class="label" for={id}>{label}</label>
      <input id={id} inputMode="decimal" autocomplete="off" spellcheck={false} value={typed} placeholder="–" aria-invalid={complaint ? true : undefined} aria-describedby={hint || complaint ? `${id}-more` : undefined}
        onInput={(event) => type(event.currentTarget.value)} onBlur={leave} onKeyDown={(event) => {
          const step = { ArrowUp: 1, ArrowDown: -1 }[event.key] ?? 0;
          const next = /^\d*$/.test(typed) ? Number(typed) + step : 0;
          if (step && next > 0) type(String(next));
          onKeyDown(event);
        }} />
      <select aria-label={`${label}${colon()}${t("duration")}`} value={isMixed ? "" : unit} onChange={(event) => {
        const chosen = event.currentTarget.value as Unit;
        setUnit(chosen);
        const found = readTyped(typed, chosen, calendar);
        if (value && "iso" in found && found.iso && found.iso !== value) onChange(found.iso);
      }}>
        {isMixed && <option value="">–</option>}
        {known.map((each) => <option value={each} key={each}>{unitName(each, amountOf(value)?.count ?? 2, calendar)}</option>)}
      </select>
      {(hint || complaint) && <span id={`${id}-more`} class={complaint ? "wrong" : "hint"}>{complaint || hint}</span>}
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
export function Feel({ mixed, ...field }: FeelProps) {
  // what is typed after "=" becomes FEEL when it is whole: the field would change under the hands of who types
  if (mixed && !field.value.startsWith("=")) return <Text {...field} read={feelOf} mayPause={(text) => !text.trimStart().startsWith("=")} />;
  return <Expression {...field} />;
}

const feelOf = (text: string): string => (text.trim() === "=" ? "" : text.trim());
const plain = (feel: string): string => feel.replace(/^=\s*/, "");

function Expression({ label, value, onChange, variables, hint, quiet }: FeelProps) {
  const place = useRef<HTMLDivElement>(null);
  const editor = useRef<Editor | null>(null);
  const inside = useRef(plain(value)); // what the editor shows
  const id = useId();
  const [complaint, complain] = useState("");
  const { typed, type, leave, onKeyDown } = useTyping({
    value, onChange, read: feelOf,
    onReset: (text) => {
      if (plain(text).trim() === inside.current.trim()) return;
      inside.current = plain(text);
      editor.current?.setValue(inside.current);
    },
  });
  const latest = useRef({ typed, type });
  latest.current = { typed, type };
  useEffect(() => {
    let gone = false;
    import("./feel").then(({ feelEditor }) => {
      if (gone) return;
      inside.current = plain(latest.current.typed);
      editor.current = feelEditor({
        container: place.current!, value: inside.current, label, variables,
        onChange: (text) => {
          if (text === inside.current) return;
          inside.current = text;
          latest.current.type(text.trim() ? `=${text}` : "");
        },
        onLint: (found) => complain(found),
      });
    });
    return () => {
      gone = true;
      editor.current?.destroy();
      editor.current = null;
    };
  }, [variables.map((variable) => variable.name).join()]);
  return (
    <div class="field feel">
      <span class={quiet ? "hidden" : "label"} id={id}>{label}</span>
      <div class="feel-line">
        <span class="feel-sign" title="FEEL" aria-hidden="true">=</span>
        <div ref={place} class="feel-place" onFocusOut={leave} onKeyDown={(event) => {
          if (!event.defaultPrevented) onKeyDown(event, 2); // Escape may have closed the list of proposals
          event.stopPropagation();
        }} />
      </div>
      {(complaint || hint) && <span class={complaint ? "wrong" : "hint"}>{complaint || hint}</span>}
    </div>
  );
}
