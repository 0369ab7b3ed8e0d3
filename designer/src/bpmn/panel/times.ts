/** Moments and cycles of timers as people choose them; what is more than that stays as it is written. See engine/bpmn/elements/timers.py. */
import { isDuration, isoOfAll, parts } from "../../handoff/durations";

const MOMENT = /^(\d{4}-\d\d-\d\d)(?:T((?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?)(Z|[+-]\d\d:?\d\d)?)?$/;
const two = (count: number): string => String(count).padStart(2, "0");

/** The clock on the reader's wall, as a picker wants it: "2026-01-31T10:00". Without an offset a moment is UTC, as it is to the engine. */
export function localOf(moment: string): string | null {
  const [, day, time = "00:00", offset = "Z"] = MOMENT.exec(moment.trim()) ?? [];
  if (!day || !isDay(day)) return null;
  const at = new Date(`${day}T${time}${offset.replace(/^(...)(\d\d)$/, "$1:$2")}`);
  if (Number.isNaN(at.getTime()) || at.getFullYear() < 1000) return null;
  const seconds = at.getSeconds() ? `:${two(at.getSeconds())}` : "";
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}${seconds}`;
}

/** "2026-01-31T09:00:00Z"; null for what no picker gives. */
export function momentOf(local: string): string | null {
  const [, day, time] = MOMENT.exec(local.trim()) ?? [];
  const at = day && time && isDay(day) ? new Date(`${day}T${time}`) : null;
  return at && at.getUTCFullYear() >= 1000 && at.getUTCFullYear() <= 9999 ? at.toISOString().replace(".000", "") : null;
}

export function isDay(text: string): boolean {
  const day = /^\d{4}-\d\d-\d\d$/.test(text) ? new Date(`${text}T00:00:00Z`) : null;
  return day !== null && !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

/** Tomorrow at nine, to begin with. */
export function tomorrow(now = new Date()): string {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1, 9).toISOString().replace(".000", "");
}

export interface Every {
  kind: "every";
  /** ISO 8601, a second at least. */
  every: string;
  /** null: without end. */
  times: number | null;
  /** Of the first one; "": it comes after the first interval. */
  start: string;
}

export interface Fixed {
  kind: "fixed";
  /** 1 is Monday, 7 Sunday; none: every day. */
  weekdays: number[];
  /** null: not by the month. */
  dayOfMonth: number | null;
  /** "09:00", in UTC. */
  time: string;
}

export type Cycle = Every | Fixed;

const REPEAT = /^R(-?\d*)\/(?:([^/]+)\/)?(P[^/]+)$/;
const MOST = 2 ** 31 - 1; // times; as the engine counts
const MACROS: Record<string, string> = { "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0", "@daily": "0 0 * * *", "@midnight": "0 0 * * *" };
const NAMES = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"];

/** null for what cannot be chosen in words. */
export function readCycle(text: string): Cycle | null {
  const said = text.trim();
  return said.startsWith("R") ? readRepeat(said) : readCron(MACROS[said] ?? said);
}

export function writeCycle(cycle: Cycle): string {
  if (cycle.kind === "every") return `R${cycle.times ?? ""}/${cycle.start && `${cycle.start}/`}${cycle.every}`;
  const [hour, minute] = cycle.time.split(":").map(Number);
  const days = [...cycle.weekdays].sort((a, b) => a - b).map((day) => NAMES[day - 1]);
  // with the seconds in front, as Camunda 8 has it; the engine takes it with and without
  return `0 ${minute} ${hour} ${cycle.dayOfMonth ?? "*"} * ${days.join(",") || "*"}`;
}

function readRepeat(text: string): Every | null {
  const [, count = "", start = "", every] = REPEAT.exec(text) ?? [];
  if (!every || !isDuration(every) || (start && localOf(start) === null)) return null;
  if (/^-0*$/.test(count)) return null; // no number to the engine
  const times = count === "" || count.startsWith("-") ? null : Number(count);
  if (times === 0 || (times ?? 0) > MOST || (times !== 1 && /^PT0\.\d+S$/.test(every))) return null;
  return { kind: "every", every, times, start };
}

function readCron(text: string): Fixed | null {
  const fields = text.replaceAll("?", "*").split(/\s+/);
  if (fields.length === 6 && !/^0{1,2}$/.test(fields.shift()!)) return null;
  const [minute, hour, day, month, weekday] = fields;
  if (fields.length !== 5 || month !== "*" || (day !== "*" && weekday !== "*")) return null;
  const [m, h, d] = [numberIn(minute!, 0, 59), numberIn(hour!, 0, 23), day === "*" ? null : numberIn(day!, 1, 31)];
  const weekdays = weekday === "*" ? [] : weekdaysIn(weekday!);
  if (m === null || h === null || (day !== "*" && d === null) || !weekdays) return null;
  return { kind: "fixed", weekdays, dayOfMonth: d, time: `${two(h)}:${two(m)}` };
}

function numberIn(text: string, least: number, most: number): number | null {
  const found = /^\d{1,2}$/.test(text) ? Number(text) : -1;
  return found >= least && found <= most ? found : null;
}

/** Of "MON-FRI", "1,3" and "SUN": 1 to 7. */
function weekdaysIn(text: string): number[] | null {
  const days = new Set<number>();
  for (const part of text.split(",")) {
    const ends = part.split("-").map(weekday);
    if (ends.length > 2 || ends.includes(null)) return null;
    const [first, last = first] = ends as [number, number?];
    if (last! < first) return null;
    for (let day = first; day <= last!; day += 1) days.add(day || 7); // cron counts Sunday as 0 and as 7
  }
  return [...days].sort((a, b) => a - b);
}

function weekday(text: string): number | null {
  const named = NAMES.indexOf(text.toUpperCase());
  return named >= 0 ? (named + 1) % 7 : numberIn(text, 0, 7);
}

// ── due dates ────────────────────────────────────────────────────────────────

const TERMS = /^=\s*now\(\)((?:\s*\+\s*duration\(\s*"[^"]+"\s*\)(?:\s*\*\s*\d+)?)+)\s*$/;

/** FEEL knows no weeks, and no months and days in one: each has a term of its own. */
export function dueIn(iso: string): string {
  const found = iso ? parts(iso) : null;
  if (!found) return "";
  const of = (units: string) => found.filter(({ unit }) => units.includes(unit));
  const weeks = of("W").map(({ count }) => `duration("P7D") * ${count}`);
  const terms = [of("Ym"), of("DHMS")].map((some) => (some.length ? `duration("${isoOfAll(some)}")` : ""));
  return `=now() + ${[terms[0], ...weeks, terms[1]].filter(Boolean).join(" + ")}`;
}

/** "P2D" of `=now() + duration("P2D")`; null for any other expression, and for what is no duration to FEEL. */
export function dueWithin(feel: string): string | null {
  const [, all] = TERMS.exec(feel) ?? [];
  if (!all) return null;
  const amounts = [...all.matchAll(/"([^"]+)"\s*\)(?:\s*\*\s*(\d+))?/g)].map(([, iso, times]) => (times === undefined ? parts(iso!) : iso === "P7D" ? parts(`P${times}W`) : null));
  if (amounts.includes(null)) return null;
  const iso = isoOfAll(amounts.flatMap((each) => each!));
  return dueIn(iso).replace(/\s/g, "") === feel.replace(/\s/g, "") ? iso : null;
}
