/** Limits in people's words: PT4H in working time is "4 working hours". */
import { language, room } from "../shell/words";

const t = room({
  en: { year: "{n} year || {n} years", month: "{n} month || {n} months", week: "{n} week || {n} weeks", day: "{n} day || {n} days", hour: "{n} hour || {n} hours", minute: "{n} minute || {n} minutes", second: "{n} second || {n} seconds", working: "{span} of working time", and: " and " },
  fr: { year: "{n} an || {n} ans", month: "{n} mois || {n} mois", week: "{n} semaine || {n} semaines", day: "{n} jour || {n} jours", hour: "{n} heure || {n} heures", minute: "{n} minute || {n} minutes", second: "{n} seconde || {n} secondes", working: "{span} de temps ouvré", and: " et " },
});

const PARTS = ["year", "month", "week", "day", "hour", "minute", "second"] as const;
const SHAPE = /^P(?:([\d.]+)Y)?(?:([\d.]+)M)?(?:([\d.]+)W)?(?:([\d.]+)D)?(?:T(?:([\d.]+)H)?(?:([\d.]+)M)?(?:([\d.]+)S)?)?$/;

/** What is no ISO 8601 duration stands as it is. */
export function limit(duration: string, calendar: string = "always"): string {
  void language.value;
  const found = SHAPE.exec(duration.trim());
  const parts = found ? PARTS.flatMap((part, place) => (found[place + 1] ? [t(part, { n: Number(found[place + 1]) })] : [])) : [];
  if (!parts.length) return duration;
  const span = parts.join(t("and"));
  return calendar === "working" ? t("working", { span }) : span;
}
