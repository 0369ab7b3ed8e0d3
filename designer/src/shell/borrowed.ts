/** What borrowed editors (bpmn.io's) say, in the reader's language: their French is loaded only for who reads French. */
import { typeset } from "./typography";
import { language, watch } from "./words";

const FRENCH = {
  drawing: () => import("../french/drawing"),
  decisions: () => import("../french/decisions"),
  forms: () => import("../french/forms"),
};
export type Vocabulary = keyof typeof FRENCH;

let known: Record<string, string> = {};

/** Before an editor is loaded: some of them read their words once, when their module is. */
export async function learn(...wanted: Vocabulary[]): Promise<void> {
  if (language.value !== "fr") return;
  for (const one of await Promise.all(wanted.map((each) => FRENCH[each]()))) {
    const typed = Object.fromEntries(Object.entries(one.default).map(([english, french]) => [english, typeset(french)]));
    known = { ...known, ...typed };
    watch(Object.keys(typed), Object.values(typed));
  }
}

export function inReadersWords(template: string): string {
  if (language.value !== "fr") return template;
  const found = known[template];
  if (found === undefined) globalThis.watchedWords?.missing.add(template);
  return found ?? template;
}

/** A literal of a borrowed module (see scripts/borrowed-words.ts): `{0}`, `{1}` are what it is filled with. */
export function borrowed(template: string, ...holes: unknown[]): string {
  return inReadersWords(template).replace(/\{(\d)\}/g, (_, place: string) => String(holes[Number(place)]));
}
