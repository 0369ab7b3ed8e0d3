/** English and French: each room keeps its own words, and TypeScript says which are missing. */
import { signal } from "@preact/signals";
import { typeset } from "./typography";

export type Language = "en" | "fr";

export const language = signal<Language>("en");

export function speak(chosen: string): void {
  language.value = chosen === "fr" ? "fr" : "en";
}

declare global {
  /** A test puts it there before the page: what was asked for in vain, and all pairs of English and French that the page knows. */
  var watchedWords: { missing: Set<string>; pairs: [english: string, french: string][] } | undefined;
}

export function watch(english: string[], french: string[]): void {
  globalThis.watchedWords?.pairs.push(...english.map((one, place): [string, string] => [one, french[place]!]));
}

type Mentions = Record<string, string | number>;

/**
 * The words of a room. `{n}` is replaced; `one || many` is chosen by `n` after the rules of the language.
 *
 *     const t = room({ en: { cases: "{n} case || {n} cases" }, fr: { cases: "{n} dossier || {n} dossiers" } });
 *     t("cases", { n: 3 })
 */
export function room<Keys extends string>(words: { en: Record<Keys, string>; fr: Record<NoInfer<Keys>, string> }) {
  const fr = Object.fromEntries(Object.keys(words.en).map((key) => [key, typeset(words.fr[key as Keys])])) as Record<Keys, string>;
  const said = { en: words.en, fr };
  watch(Object.values(words.en), Object.values(fr));
  return (key: Keys, mentions: Mentions = {}): string => {
    const chosen = counted(said[language.value][key], mentions);
    return chosen.replace(/\{(\w+)\}/g, (whole, name: string) => (name in mentions ? shown(mentions[name]!) : whole));
  };
}

function counted(text: string, mentions: Mentions): string {
  const forms = text.split(" || ");
  if (forms.length === 1) return text;
  const one = new Intl.PluralRules(language.value).select(Number(mentions.n)) === "one";
  return (one ? forms[0] : forms[1])!;
}

const shown = (value: string | number): string => (typeof value === "number" ? number(value) : value);

/** 1000 as readers write it: "1,000", "1 000". */
export const number = (value: number): string => new Intl.NumberFormat(language.value).format(value);

/** Between a word and what it says. */
export function colon(): string {
  return language.value === "fr" ? "\u00a0: " : ": ";
}

/** A moment in the reader's words: today's as a time, others with their day. `moment` is ISO 8601. */
export function when(moment: string, now = new Date()): string {
  const date = new Date(moment);
  const today = date.toDateString() === now.toDateString();
  const dateStyle = language.value === "fr" ? "short" : "medium"; // 31/01/2026; in English, digits alone would be read in two ways
  const shape: Intl.DateTimeFormatOptions = today ? { timeStyle: "short" } : { dateStyle, timeStyle: "short" };
  return new Intl.DateTimeFormat(language.value, shape).format(date);
}

/** Seconds in words: "3 d 4 h", "2 h 5 min", "40 s"; two units at most. */
export function span(seconds: number, most = 2): string {
  const units: [number, string][] = [[86400, language.value === "fr" ? "j" : "d"], [3600, "h"], [60, "min"], [1, "s"]];
  let rest = Math.max(0, Math.round(seconds));
  const parts: string[] = [];
  for (const [size, name] of units) {
    const count = Math.floor(rest / size);
    if (count && parts.length < most) parts.push(`${shown(count)}${language.value === "fr" ? "\u00a0" : " "}${name}`);
    else if (parts.length) break;
    rest -= count * size;
  }
  return parts.join(" ") || "0 s";
}
