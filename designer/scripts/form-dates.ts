/** form-js takes the browser's language for dates, and English names: while it is bundled, both are asked of the page. */
import type { Plugin } from "vite";

const CHANGES: [theirs: string, ours: string][] = [
  ["function getLocaleDateFormat(locale = 'default')", "function getLocaleDateFormat(locale = document.documentElement.lang || 'default')"],
  ["dateFormat: getLocaleDateFlatpickrConfig(),", "dateFormat: getLocaleDateFlatpickrConfig(), locale: __calendar(),"],
  ["placeholder: getLocaleReadableDateFormat(),", "placeholder: __dateHint(getLocaleReadableDateFormat()),"],
];

/** The module's code with what the page says about dates. Throws where form-js has changed: its dates would become English again. */
export function withDates(code: string): string {
  for (const [theirs, ours] of CHANGES) {
    if (!code.includes(theirs)) throw new Error(`form-js no longer says ${JSON.stringify(theirs)}`);
    code = code.replace(theirs, ours);
  }
  return `import { calendar as __calendar, dateHint as __dateHint } from "/src/shell/calendar.ts";\n${code}`;
}

export const formDates: Plugin = {
  name: "form-dates",
  apply: "build",
  transform: (code, id) => (/@bpmn-io[\\/]form-js-viewer[\\/]dist[\\/]index\.es\.js$/.test(id) ? { code: withDates(code), map: null } : null),
};
