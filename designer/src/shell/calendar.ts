/** The calendar that form-js shows (flatpickr), in the language of the page: names of months and days, first day of the week, how a date is written. */
import { language } from "./words";

const names = (count: number, of: (place: number) => Date, shape: Intl.DateTimeFormatOptions): string[] =>
  Array.from({ length: count }, (_, place) => new Intl.DateTimeFormat(language.value, { ...shape, timeZone: "UTC" }).format(of(place)));
const month = (place: number): Date => new Date(Date.UTC(2026, place, 1));
const day = (place: number): Date => new Date(Date.UTC(2026, 0, 4 + place)); // the 4th was a Sunday

export function calendar() {
  return {
    weekdays: { shorthand: names(7, day, { weekday: "short" }), longhand: names(7, day, { weekday: "long" }) },
    months: { shorthand: names(12, month, { month: "short" }), longhand: names(12, month, { month: "long" }) },
    firstDayOfWeek: language.value === "fr" ? 1 : 0,
    yearAriaLabel: language.value === "fr" ? "Année" : "Year",
    monthAriaLabel: language.value === "fr" ? "Mois" : "Month",
  };
}

/** "dd/mm/yyyy", as a French reader writes it. */
export function dateHint(format: string): string {
  return language.value === "fr" ? format.replaceAll("d", "j").replaceAll("y", "a") : format;
}
