/** ISO 8601 durations, as people say and type them: PT4H is "4 h", in the receiver's working time "4 working hours". The one reader of them. */
import { language, room } from "../shell/words";

const t = room({
  en: {
    S: "{n} second || {n} seconds", M: "{n} minute || {n} minutes", H: "{n} hour || {n} hours", D: "{n} day || {n} days", W: "{n} week || {n} weeks",
    wS: "{n} working second || {n} working seconds", wM: "{n} working minute || {n} working minutes", wH: "{n} working hour || {n} working hours", wD: "{n} working day || {n} working days",
    wW: "{n} week of work || {n} weeks of work", m: "{n} month || {n} months", Y: "{n} year || {n} years",
    wm: "{n} month || {n} months", wY: "{n} year || {n} years",
  },
  fr: {
    S: "{n} seconde || {n} secondes", M: "{n} minute || {n} minutes", H: "{n} heure || {n} heures", D: "{n} jour || {n} jours", W: "{n} semaine || {n} semaines",
    wS: "{n} seconde ouvrée || {n} secondes ouvrées", wM: "{n} minute ouvrée || {n} minutes ouvrées", wH: "{n} heure ouvrée || {n} heures ouvrées", wD: "{n} jour ouvré || {n} jours ouvrés",
    wW: "{n} semaine ouvrée || {n} semaines ouvrées", m: "{n} mois || {n} mois", Y: "{n} an || {n} ans",
    wm: "{n} mois || {n} mois", wY: "{n} an || {n} ans",
  },
});

const short = room({ en: { Y: "y", m: "mo", W: "w", D: "d", H: "h", M: "min", S: "s" }, fr: { Y: "a", m: "mois", W: "sem", D: "j", H: "h", M: "min", S: "s" } });

export type Unit = "S" | "M" | "H" | "D" | "W" | "m" | "Y"; // m: months
export interface Amount {
  count: number;
  unit: Unit;
}

const UNITS: Unit[] = ["Y", "m", "W", "D", "H", "M", "S"]; // the largest first
const SHAPE = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,9})?)S)?)?$/; // of the engine: parts of seconds only

/** Its parts, the largest first; null for what is no duration, or none at all. */
export function parts(iso: string): Amount[] | null {
  const found = SHAPE.exec(iso.trim());
  if (!found) return null;
  const amounts = UNITS.map((unit, at) => ({ unit, count: Number(found[at + 1] ?? 0) })).filter((amount) => amount.count > 0);
  return amounts.length ? amounts : null;
}

/** A duration of one unit; null for all others. */
export function amountOf(iso: string | undefined | null): Amount | null {
  const found = iso ? parts(iso) : null;
  return found?.length === 1 ? found[0]! : null;
}

export const isoOf = (amount: Amount): string => isoOfAll([amount]);

/** Of parts, the largest first. */
export function isoOfAll(amounts: Amount[]): string {
  return written(amounts.map(({ unit, count }) => [unit, String(count)]));
}

function written(amounts: [Unit, string][]): string {
  const of = (units: string) => amounts.filter(([unit]) => units.includes(unit)).map(([unit, count]) => count + unit.toUpperCase()).join("");
  const clock = of("HMS");
  return `P${of("YmWD")}${clock && `T${clock}`}`;
}

/** Whether the engine takes it, where it has to be longer than nothing. */
export const isDuration = (iso: string): boolean => {
  const found = parts(iso);
  return found !== null && years(found) < 5000; // beyond the calendar's last year it means no time
};

const YEAR: Record<Unit, number> = { Y: 1, m: 1 / 12, W: 1 / 52, D: 1 / 365, H: 1 / 8760, M: 1 / 525_600, S: 1 / 31_536_000 };
const years = (amounts: Amount[]): number => amounts.reduce((sum, { unit, count }) => sum + count * YEAR[unit], 0);
const LONGEST_CLOCK = 10; // years, of a handoff: engine/calendars.py

/** "4 working hours", for sentences. `calendar`: always | working. */
export function inWords(iso: string, calendar = "always"): string {
  return parts(iso)?.map(({ unit, count }) => unitWords(unit, count, calendar)).join(" ") ?? iso;
}

/** "4 h", short enough for a badge; what is no duration comes back as it is written. */
export function shortLimit(iso: string): string {
  return parts(iso)?.map(({ unit, count }) => `${number(String(count))} ${short(unit)}`).join(" ") ?? iso;
}

export function unitWords(unit: Unit, count: number, calendar = "always"): string {
  return t(calendar === "working" ? `w${unit}` : unit, { n: count });
}

/** The unit alone ("working hours"), for choosing one. */
export function unitName(unit: Unit, count: number, calendar = "always"): string {
  return unitWords(unit, count, calendar).replace(/^[\d\s.,]+/u, "");
}

// ── typed ────────────────────────────────────────────────────────────────────

/** How a field shows it: "4" beside its unit; of several units "1 d 4 h", which is typed like this too; `unit` is then null. */
export function shownIn(iso: string, calendar?: string): { text: string; unit: Unit | null } | null {
  const found = parts(iso);
  if (!found) return null;
  if (found.length === 1) return { text: number(String(found[0]!.count)), unit: found[0]!.unit };
  const half = found[0]!.unit !== "Y" && calendar !== "working" ? oneDecimal(found, calendar) : null;
  return half ?? { text: shortLimit(iso), unit: null };
}

/** "3.5" days of P3DT12H: what comes out of it again. */
function oneDecimal(found: Amount[], calendar?: string): { text: string; unit: Unit } | null {
  const [{ unit, count }, next] = found as [Amount, Amount];
  const size = DOWN[unit]?.[0];
  if (found.length !== 2 || !size || DOWN[unit]![1] !== next.unit) return null;
  const text = String(count + next.count / size);
  const back = readTyped(text, unit, calendar);
  const iso = isoOfAll(found);
  return /^\d+\.\d{1,2}$/.test(text) && "iso" in back && back.iso === iso ? { text: number(text), unit } : null;
}

/** Why a text is refused; the panel has a sentence for each. */
export type Refusal = "badLimit" | "zeroLimit" | "longLimit" | "partOfDay" | "partOfMonth";

/** How many of the next unit there are in one: what a decimal is made of. Months and working days have no fixed length. */
const DOWN: Partial<Record<Unit, [number, Unit]>> = { Y: [12, "m"], W: [7, "D"], D: [24, "H"], H: [60, "M"], M: [60, "S"] };

const NAMES: [Unit, RegExp][] = [
  ["S", /^(s|secs?|seconds?|secondes?)$/], ["M", /^(min|mins|mn|minutes?)$/], ["H", /^(h|hrs?|hours?|heures?)$/], ["D", /^(d|days?|j|jrs?|jours?)$/],
  ["W", /^(w|wks?|weeks?|sem|semaines?)$/], ["m", /^(mo|months?|mois)$/], ["Y", /^(y|yrs?|years?|a|ans?|années?)$/],
];
const TOKEN = /(\d+(?:[.,]\d+)?)\s*(\p{L}*)\.?(?:\s+(?:and|et)(?=\s))?\s*/uy;

/**
 * "4", "3,5 j", "1 d 4 h", "1h30", "PT4H" as ISO 8601; `unit` counts where none is typed. An empty text is no limit.
 * `calendar` is that of a handoff's clock, which counts ten years at most; without it, it is no such clock.
 */
export function readTyped(typed: string, unit: Unit, calendar?: string): { iso: string } | { refused: Refusal } {
  const text = typed.trim();
  if (!text) return { iso: "" };
  const iso = /^p/i.test(text) ? text.toUpperCase() : madeOf(text, unit, calendar);
  if (typeof iso !== "string") return iso;
  const found = parts(iso);
  if (!found) return { refused: SHAPE.test(iso) ? "zeroLimit" : "badLimit" };
  if (found.every(({ unit, count }) => unit === "S" && count < 1)) return { refused: "zeroLimit" }; // a cycle would keep everybody else waiting
  if (!isDuration(iso) || (calendar !== undefined && years(found) > LONGEST_CLOCK)) return { refused: "longLimit" };
  return { iso };
}

function madeOf(text: string, chosen: Unit, calendar?: string): string | { refused: Refusal } {
  const amounts: [Unit, string][] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const [, count, word] = TOKEN.exec(text) ?? [];
    if (count === undefined) return { refused: "badLimit" };
    const before = amounts.at(-1)?.[0];
    const unit = word ? NAMES.find(([, names]) => names.test(word.toLowerCase()))?.[0] : before === "H" ? "M" : before ? undefined : chosen; // "1h30"
    if (!unit || (before && UNITS.indexOf(unit) <= UNITS.indexOf(before)) || amounts.at(-1)?.[1].includes(".")) return { refused: "badLimit" };
    amounts.push([unit, count.replace(",", ".").replace(/^0+(?=\d)/, "").replace(/\.0+$/, "")]);
  }
  const last = amounts.pop()!;
  const whole = last[1].includes(".") ? inWholes(last, calendar) : [last];
  return Array.isArray(whole) ? written([...amounts, ...whole].filter(([, count]) => count !== "0")).replace(/^P$/, "PT0S") : whole;
}

/** 3.5 days are 3 days and 12 hours. */
function inWholes([unit, decimal]: [Unit, string], calendar?: string): [Unit, string][] | { refused: Refusal } {
  const [whole, digits] = decimal.split(".") as [string, string];
  const scale = 10n ** BigInt(digits.length);
  const found: [Unit, string][] = [[unit, whole]];
  for (let [at, rest] = [unit, BigInt(digits)]; rest > 0n; ) {
    if (calendar === "working" && (at === "D" || at === "W")) return { refused: "partOfDay" };
    if (at === "m") return { refused: "partOfMonth" };
    if (at === "S") {
      const parted = `${found.pop()![1]}.${rest.toString().padStart(digits.length, "0").replace(/0+$/, "")}`;
      return [...found, ["S", parted]];
    }
    const [size, next] = DOWN[at]!;
    const left = rest * BigInt(size);
    found.push([next, String(left / scale)]);
    [at, rest] = [next, left % scale];
  }
  return found;
}

/** With the comma of the language. */
const number = (text: string): string => (language.value === "fr" ? text.replace(".", ",") : text);
