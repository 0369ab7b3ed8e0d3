/** Limits in people's words: PT4H in working time is "4 working hours". */
import { parts, type Unit } from "../handoff/durations";
import { room } from "../shell/words";

const t = room({
  en: { year: "{n} year || {n} years", month: "{n} month || {n} months", week: "{n} week || {n} weeks", day: "{n} day || {n} days", hour: "{n} hour || {n} hours", minute: "{n} minute || {n} minutes", second: "{n} second || {n} seconds", working: "{span} of working time", and: " and " },
  fr: { year: "{n} an || {n} ans", month: "{n} mois || {n} mois", week: "{n} semaine || {n} semaines", day: "{n} jour || {n} jours", hour: "{n} heure || {n} heures", minute: "{n} minute || {n} minutes", second: "{n} seconde || {n} secondes", working: "{span} de temps ouvré", and: " et " },
});

const WORDS = { Y: "year", m: "month", W: "week", D: "day", H: "hour", M: "minute", S: "second" } as const satisfies Record<Unit, string>;

/** What is no ISO 8601 duration stands as it is. */
export function limit(duration: string, calendar: string = "always"): string {
  const found = parts(duration);
  if (!found) return duration;
  const span = found.map(({ unit, count }) => t(WORDS[unit], { n: count })).join(t("and"));
  return calendar === "working" ? t("working", { span }) : span;
}
