/** Small changes to a model's text: only the element that is meant differs afterwards, byte for byte. */
import type { ContractField } from "./check";

const HANDOFF = "urn:passerelle:handoff:1.0";
const ZEEBE = "http://camunda.org/schema/zeebe/1.0";
const BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL";

interface Place {
  tag: string; // with its prefix
  start: number;
  inner: number; // behind the start tag
  innerEnd: number; // before the end tag; inner where there is none
  closed: boolean; // <a/>
}

const INSIDE = `(?:"[^"]*"|'[^']*'|[^<>"'])*?`; // of a start tag; a value may hold >

export const escaped = (text: string): string => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/"/g, "&quot;").replace(/\s/g, (c) => (c === " " ? c : `&#${c.charCodeAt(0)};`));

/** Where the element of an id stands; elements of the same name do not nest in what we look for. Null: nowhere. */
function find(xml: string, id: string): Place | null {
  const wanted = new RegExp(`<([\\w.-]+(?::[\\w.-]+)?)(?=${INSIDE}\\sid\\s*=\\s*(?:"${quoted(id)}"|'${quoted(id)}'))${INSIDE}(/?)>`);
  const found = wanted.exec(xml);
  return found ? place(xml, found.index, found[1]!, found[0].length, found[2] === "/") : null;
}

function place(xml: string, start: number, tag: string, length: number, closed: boolean): Place {
  const inner = start + length;
  if (closed) return { tag, start, inner, innerEnd: inner, closed };
  const end = new RegExp(`</${quoted(tag)}\\s*>`, "g");
  end.lastIndex = inner;
  return { tag, start, inner, innerEnd: end.exec(xml)?.index ?? inner, closed };
}

function child(xml: string, parent: Place, tag: string): Place | null {
  const found = new RegExp(`<${quoted(tag)}(?=[\\s/>])${INSIDE}(/?)>`, "g");
  found.lastIndex = parent.inner;
  const hit = parent.closed ? null : found.exec(xml);
  return hit && hit.index < parent.innerEnd ? place(xml, hit.index, tag, hit[0].length, hit[1] === "/") : null;
}

const quoted = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");

function prefixOf(xml: string, space: string, usual: string): { prefix: string; xml: string } {
  const known = new RegExp(`xmlns:([\\w.-]+)\\s*=\\s*["']${quoted(space)}["']`).exec(xml);
  if (known) return { prefix: known[1]!, xml };
  const root = /<(?:[\w.-]+:)?definitions\b/.exec(xml);
  if (!root) return { prefix: usual, xml };
  const at = root.index + root[0].length;
  return { prefix: usual, xml: `${xml.slice(0, at)} xmlns:${usual}="${space}"${xml.slice(at)}` };
}

function bpmnTag(xml: string, name: string): string {
  const known = new RegExp(`xmlns(?::([\\w.-]+))?\\s*=\\s*["']${quoted(BPMN)}["']`).exec(xml);
  return known?.[1] ? `${known[1]}:${name}` : name;
}

/** Puts `content` into an element, opening it where it is closed in itself. */
function put(xml: string, at: Place, content: string, first = false): string {
  if (!at.closed) {
    const where = first ? at.inner : at.innerEnd;
    return xml.slice(0, where) + content + xml.slice(where);
  }
  const head = xml.slice(at.start, at.inner).replace(/\s*\/>$/, ">");
  return `${xml.slice(0, at.start)}${head}${content}</${at.tag}>${xml.slice(at.inner)}`;
}

function extended(given: string, id: string, content: (at: Place | null, xml: string) => string): string {
  const owner = find(given, id);
  if (!owner) return given;
  const tag = bpmnTag(given, "extensionElements");
  const known = child(given, owner, tag);
  if (known) return put(given, known, content(known, given));
  // documentation comes first (BPMN's schema), then the extension elements
  const documentation = child(given, owner, bpmnTag(given, "documentation"));
  const whole = `<${tag}>${content(null, given)}</${tag}>`;
  if (!documentation) return put(given, owner, whole, true);
  const end = documentation.closed ? documentation.inner : documentation.innerEnd + `</${documentation.tag}>`.length;
  return given.slice(0, end) + whole + given.slice(end);
}

/** The task asks by this form, whatever form it had. */
export function withForm(given: string, taskId: string, formId: string): string {
  const { prefix, xml } = prefixOf(given, ZEEBE, "zeebe");
  const owner = find(xml, taskId);
  const extension = owner && child(xml, owner, bpmnTag(xml, "extensionElements"));
  const known = extension && child(xml, extension, `${prefix}:formDefinition`);
  const said = `<${prefix}:formDefinition formId="${escaped(formId)}" />`;
  if (known) return xml.slice(0, known.start) + said + xml.slice(known.closed ? known.inner : known.innerEnd + `</${known.tag}>`.length);
  return extended(xml, taskId, () => said);
}

/** The contract on a flow gets these fields, beside those of other names that it has; without a contract, one is made. */
export function withFields(given: string, flowId: string, fields: ContractField[]): string {
  const { prefix, xml } = prefixOf(given, HANDOFF, "handoff");
  const owner = find(xml, flowId);
  const extension = owner && child(xml, owner, bpmnTag(xml, "extensionElements"));
  const contract = extension && child(xml, extension, `${prefix}:contract`);
  const inside = contract ? xml.slice(contract.inner, contract.innerEnd) : "";
  const names = new Set([...inside.matchAll(/\sname\s*=\s*["']([^"']*)["']/g)].map((found) => found[1]!));
  const written = fields.filter((field) => !names.has(escaped(field.name))).map((field) => fieldText(prefix, field)).join("");
  if (!written) return given;
  if (contract) return put(xml, contract, written);
  return extended(xml, flowId, () => `<${prefix}:contract>${written}</${prefix}:contract>`);
}

function fieldText(prefix: string, field: ContractField): string {
  const said = [
    ["name", field.name],
    ["label", field.label ?? ""],
    ["type", field.type === "any" ? "" : field.type],
    ["required", field.required ? "true" : ""],
    ["sensitive", field.sensitive ? "true" : ""],
  ].filter(([, value]) => value);
  return `<${prefix}:field ${said.map(([name, value]) => `${name}="${escaped(value!)}"`).join(" ")} />`;
}
