/** What a form of a stranger's may put on our page: form-js draws HTML, and tries handlers and other hosts before anything stops it. */
import { MarkdownRenderer } from "@bpmn-io/form-js-viewer";
import DOMPurify from "dompurify";

const SOURCES = new Set(["src", "srcset", "poster", "background", "data", "action", "formaction", "style", "ping"]);
const OURS = /^data:image\//i;

const pure = DOMPurify();
pure.addHook("uponSanitizeAttribute", (node, about) => {
  const leads = about.attrName.endsWith("href") && node.nodeName.toLowerCase() !== "a" && !about.attrValue.startsWith("#");
  if (leads || (SOURCES.has(about.attrName) && !OURS.test(about.attrValue))) about.keepAttr = false;
});

/** Without scripts, handlers, styles, and whatever is fetched from elsewhere. */
export function clean(html: string): string {
  const apart = document.createElement("template"); // belongs to no window: nothing in it runs or loads while it is read
  apart.innerHTML = `<div>${html}</div>`;
  const found = apart.content.firstElementChild;
  if (!found) return "";
  pure.sanitize(found, { IN_PLACE: true, FORBID_TAGS: ["style", "form", "img"] });
  return found.innerHTML;
}

const ASKED = /^\s*=|\{\{/; // an expression or a template: only form-js knows what becomes of it

interface Field {
  type: string;
  content?: unknown;
  source?: unknown;
  url?: unknown;
}

/** As it may be drawn; the schema itself stays as it is. */
export function harmless(field: Field): Field {
  const said = (value: unknown): string => (typeof value === "string" && !ASKED.test(value) ? value : "");
  if (field.type === "html") return { ...field, content: "" }; // the engine shows participants none either
  if (field.type === "image") return { ...field, source: OURS.test(said(field.source)) ? field.source : "" };
  if (field.type === "iframe") return { ...field, url: "" };
  return field;
}

interface Drawn {
  (props: { field: Field }): unknown;
  config: unknown;
}
interface Fields {
  get(type: string): Drawn | undefined;
  register(type: string, drawn: Drawn): void;
}

class HarmlessFields {
  static $inject = ["formFields"];

  constructor(fields: Fields) {
    for (const type of ["html", "image", "iframe"]) {
      const drawn = fields.get(type);
      if (!drawn) continue;
      const safe = (props: { field: Field }): unknown => drawn({ ...props, field: harmless(props.field) });
      fields.register(type, Object.assign(safe, { config: drawn.config }));
    }
  }
}

class HarmlessMarkdown {
  private readonly made = new MarkdownRenderer();

  render(markdown: string): string {
    return clean(this.made.render(markdown));
  }
}

/** For `additionalModules` of editor and viewer. */
export const harmlessFields = {
  __init__: ["harmlessFields"],
  harmlessFields: ["type", HarmlessFields],
  markdownRenderer: ["type", HarmlessMarkdown],
};
