/** The translator that bpmn.io's editors ask (`translate`): see shell/borrowed.ts. */
import { inReadersWords } from "../shell/borrowed";

export function translate(template: string, replacements: Record<string, string> = {}): string {
  return inReadersWords(template).replace(/{([^}]+)}/g, (_, key: string) => (key in replacements ? replacements[key]! : `{${key}}`));
}

export const translateModule = { translate: ["value", translate] };
