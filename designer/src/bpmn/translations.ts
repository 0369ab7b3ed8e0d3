/** What bpmn.io's tools say, in the reader's language: their one door for words is the service `translate`. */
import { language } from "../shell/words";
import { FRENCH } from "./french";

export function translate(template: string, mentions: Record<string, string> = {}): string {
  const chosen = language.value === "fr" ? (FRENCH[template] ?? template) : template;
  return chosen.replace(/\{([^}]+)\}/g, (whole, name: string) => mentions[name] ?? whole);
}

export const TranslateModule = { translate: ["value", translate] };
