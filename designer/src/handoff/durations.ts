/** ISO 8601 durations and how people say them: PT4H is "4 h", in the receiver's working time "4 working hours". */
import { room } from "../shell/words";

const t = room({
  en: {
    M: "{n} minute || {n} minutes", H: "{n} hour || {n} hours", D: "{n} day || {n} days", W: "{n} week || {n} weeks",
    wM: "{n} working minute || {n} working minutes", wH: "{n} working hour || {n} working hours", wD: "{n} working day || {n} working days",
    wW: "{n} week of work || {n} weeks of work", m: "{n} month || {n} months", Y: "{n} year || {n} years",
    wm: "{n} month || {n} months", wY: "{n} year || {n} years",
  },
  fr: {
    M: "{n} minute || {n} minutes", H: "{n} heure || {n} heures", D: "{n} jour || {n} jours", W: "{n} semaine || {n} semaines",
    wM: "{n} minute ouvrée || {n} minutes ouvrées", wH: "{n} heure ouvrée || {n} heures ouvrées", wD: "{n} jour ouvré || {n} jours ouvrés",
    wW: "{n} semaine ouvrée || {n} semaines ouvrées", m: "{n} mois || {n} mois", Y: "{n} an || {n} ans",
    wm: "{n} mois || {n} mois", wY: "{n} an || {n} ans",
  },
});

export type Unit = "M" | "H" | "D" | "W" | "m" | "Y"; // m: months
export interface Amount {
  count: number;
  unit: Unit;
}

const SHAPE = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/;
const UNITS: Unit[] = ["Y", "m", "W", "D", "H", "M"];

/** Its parts, the largest first; null for what is no duration, or has parts smaller than a minute. */
export function parts(iso: string): Amount[] | null {
  const found = SHAPE.exec(iso.trim());
  if (!found || iso.endsWith("T") || iso.length < 3) return null;
  const amounts = UNITS.map((unit, at) => ({ unit, count: Number(found[at + 1] ?? 0) })).filter((amount) => amount.count > 0);
  return amounts.length ? amounts : null;
}

/** A duration of one unit; null for all others, which are then shown as they are written. */
export function amountOf(iso: string | undefined | null): Amount | null {
  const found = iso ? parts(iso) : null;
  return found?.length === 1 ? found[0]! : null;
}

export function isoOf({ count, unit }: Amount): string {
  const written = unit === "m" ? "M" : unit;
  return unit === "H" || unit === "M" ? `PT${count}${written}` : `P${count}${written}`;
}

export const isDuration = (iso: string): boolean => /^P(?!$)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?$/.test(iso.trim());

/** "4 working hours", for sentences. `calendar`: always | working. */
export function inWords(iso: string, calendar = "always"): string {
  const found = parts(iso);
  return found ? found.map(({ unit, count }) => unitWords(unit, count, calendar)).join(" ") : iso;
}

export function unitWords(unit: Unit, count: number, calendar = "always"): string {
  return t(calendar === "working" ? `w${unit}` : unit, { n: count });
}

/** The unit alone ("working hours"), for choosing one. */
export function unitName(unit: Unit, count: number, calendar = "always"): string {
  return unitWords(unit, count, calendar).replace(/^[\d\s.,]+/u, "");
}
