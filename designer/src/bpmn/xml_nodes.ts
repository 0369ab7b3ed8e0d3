/** An XML file as elements that remember where they stand in its text. Linear, without DOM; comments and instructions are only stepped over. */

export class NotReadable extends Error {}

/** `start`..`end` is the text from the space before the attribute to its closing quote, `from`..`to` the raw value between the quotes. */
export interface Attribute { name: string; qname: string; value: string; start: number; end: number; from: number; to: number }

/** A run of text that is more than white space; `from`..`to` is the whole run, with the brackets of a CDATA section. */
export interface Run { from: number; to: number; cdata: boolean; value: string }

/** The prefixes known at a place ("" is the default namespace). */
export interface Scope { prefixes: Map<string, string>; names: Map<string, string> }

export interface Node {
  /** namespace and local name, one space between; compare these, never the prefixed name */
  name: string;
  qname: string;
  uri: string;
  local: string;
  id: string | null;
  attributes: Attribute[];
  children: Node[];
  runs: Run[];
  text: string;
  parent: Node | null;
  index: number;
  scope: Scope;
  /** `<` of the start tag, end of its name, behind its `>`, `<` of the end tag (or behind `/>`), behind the element */
  start: number;
  nameEnd: number;
  openEnd: number;
  closeStart: number;
  end: number;
  empty: boolean;
  /** equal keys: equal content, whatever prefixes, order of attributes and layout; 0 before `nameKeys` */
  key: number;
}

/** `byId` has null where several elements carry an id: for them a place among siblings says more. */
export interface Tree { text: string; root: Node; byId: Map<string, Node | null> }

/** Most elements have no text, many no children: one empty list for all of them. */
const NONE: never[] = [];
const NAME = /[^\s/>=<]+/y;
const ATTRIBUTE = /\s*([^\s=/>"'<]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/y;
const TAG_END = /\s*(\/?)>/y;
const ENTITY = /&(?:#(\d+)|#[xX]([0-9a-fA-F]+)|(\w+));/g;
const ENTITIES: Record<string, string> = { amp: "&", apos: "'", gt: ">", lt: "<", quot: '"' };
const XML_SCOPE: Scope = { prefixes: new Map([["xml", "http://www.w3.org/XML/1998/namespace"], ["", ""]]), names: new Map() };

/** Unknown entities stay as they are written: bpmn-moddle's reader does the same. */
export function decode(raw: string): string {
  if (!raw.includes("&")) return raw;
  return raw.replace(ENTITY, (whole, decimal, hex, name) => {
    if (name) return ENTITIES[name.toLowerCase()] ?? whole;
    const code = decimal ? Number(decimal) : parseInt(hex, 16);
    return code > 0x10ffff ? whole : String.fromCodePoint(code);
  });
}

/** Reads a file. Throws NotReadable where it is no well-formed XML. */
export function scan(text: string): Tree {
  const state: Reading = { text, root: null, open: null, byId: new Map() };
  let at = 0;
  while (at < text.length) {
    const tag = text.indexOf("<", at);
    readText(state, at, tag < 0 ? text.length : tag);
    if (tag < 0) break;
    at = readMarkup(state, tag);
  }
  if (!state.root || state.open) throw new NotReadable("Expected the end of the element, found the end of the file.");
  return { text, root: state.root, byId: state.byId };
}

interface Reading { text: string; root: Node | null; open: Node | null; byId: Map<string, Node | null> }

function readText(state: Reading, from: number, to: number): void {
  if (!state.open) return;
  let at = from;
  while (at < to && state.text.charCodeAt(at) <= 32) at++;
  if (at === to) return;
  const raw = state.text.slice(from, to);
  if (raw.trim()) addRun(state.open, { from, to, cdata: false, value: decode(raw) });
}

function addRun(node: Node, run: Run): void {
  if (node.runs === NONE) node.runs = [];
  node.runs.push(run);
}

function readMarkup(state: Reading, at: number): number {
  const { text } = state;
  if (text.startsWith("<!--", at)) return behind(text, "-->", at + 4);
  if (text.startsWith("<![CDATA[", at)) {
    const to = behind(text, "]]>", at + 9);
    if (state.open) addRun(state.open, { from: at, to, cdata: true, value: text.slice(at + 9, to - 3) });
    return to;
  }
  if (text[at + 1] === "?") return behind(text, "?>", at + 2);
  if (text[at + 1] === "!") return behindDoctype(text, at);
  return text[at + 1] === "/" ? readEndTag(state, at) : readStartTag(state, at);
}

function behind(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from);
  if (found < 0) throw new NotReadable(`Expected ${mark}, found the end of the file.`);
  return found + mark.length;
}

function behindDoctype(text: string, at: number): number {
  let quote = "";
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    const sign = text[i]!;
    if (quote) quote = sign === quote ? "" : quote;
    else if (sign === '"' || sign === "'") quote = sign;
    else if (sign === "[") depth++;
    else if (sign === "]") depth--;
    else if (sign === ">" && depth === 0) return i + 1;
  }
  throw new NotReadable("Expected the end of the document type, found the end of the file.");
}

function readEndTag(state: Reading, at: number): number {
  const node = state.open;
  const end = behind(state.text, ">", at + 2);
  const qname = state.text.slice(at + 2, end - 1).trim();
  if (!node || node.qname !== qname) throw new NotReadable(`Expected the end of <${node?.qname ?? "nothing"}>, found </${qname}>.`);
  close(state, node, at, end);
  return end;
}

function close(state: Reading, node: Node, closeStart: number, end: number): void {
  node.closeStart = closeStart;
  node.end = end;
  node.text = node.runs.length === 1 ? node.runs[0]!.value : node.runs.map((run) => run.value).join("");
  // bpmn-moddle indents the elements behind a text, and so adds to it
  if (node.children.length) node.text = node.text.trim();
  state.open = node.parent;
}

function readStartTag(state: Reading, start: number): number {
  const { text } = state;
  NAME.lastIndex = start + 1;
  const qname = NAME.exec(text)?.[0];
  if (!qname || (state.root && !state.open)) throw new NotReadable(`Expected one element, found "${text.slice(start, start + 20)}".`);
  const nameEnd = start + 1 + qname.length;
  const { attributes, at } = readAttributes(text, nameEnd);
  TAG_END.lastIndex = at;
  const tagEnd = TAG_END.exec(text);
  if (!tagEnd) throw new NotReadable(`Expected the end of the tag <${qname}>, found "${text.slice(at, at + 20)}".`);
  const scope = scopeOf(state, attributes);
  const name = expanded(scope, qname, true);
  const space = name.indexOf(" ");
  const uri = name.slice(0, space);
  for (const attribute of attributes) attribute.name = attributeName(scope, attribute.qname, uri);
  const node: Node = {
    name, qname, uri, local: name.slice(space + 1), id: null, attributes, children: NONE, runs: NONE, text: "", parent: state.open, scope,
    index: state.open?.children.length ?? 0, start, nameEnd, openEnd: TAG_END.lastIndex, closeStart: 0, end: 0, empty: tagEnd[1] === "/", key: 0,
  };
  if (node.parent?.children === NONE) node.parent.children = [];
  node.parent?.children.push(node);
  state.root ??= node;
  noteId(state, node);
  state.open = node;
  if (node.empty) close(state, node, node.openEnd, node.openEnd);
  return node.openEnd;
}

function readAttributes(text: string, from: number): { attributes: Attribute[]; at: number } {
  const attributes: Attribute[] = [];
  let at = from;
  for (;;) {
    ATTRIBUTE.lastIndex = at;
    const found = ATTRIBUTE.exec(text);
    if (!found) return { attributes, at };
    const raw = found[2] ?? found[3]!;
    const end = ATTRIBUTE.lastIndex;
    attributes.push({ name: "", qname: found[1]!, value: decode(raw), start: at, end, from: end - 1 - raw.length, to: end - 1 });
    at = end;
  }
}

function noteId(state: Reading, node: Node): void {
  node.id = node.attributes.find((attribute) => attribute.qname === "id")?.value ?? null;
  if (node.id === null) return;
  state.byId.set(node.id, state.byId.has(node.id) ? null : node);
}

export const isDeclaration = (qname: string): boolean => qname === "xmlns" || qname.startsWith("xmlns:");

function scopeOf(state: Reading, attributes: Attribute[]): Scope {
  const outer = state.open?.scope ?? XML_SCOPE;
  if (!attributes.some((attribute) => isDeclaration(attribute.qname))) return outer;
  const prefixes = new Map(outer.prefixes);
  for (const { qname, value } of attributes) if (isDeclaration(qname)) prefixes.set(qname.slice(6), value);
  return { prefixes, names: new Map() };
}

/** Namespace and local name of a prefixed name; an unknown prefix stands for itself. */
export function expanded(scope: Scope, qname: string, isElement: boolean): string {
  const colon = qname.indexOf(":");
  if (colon < 0 && !isElement) return qname;
  const known = scope.names.get(qname);
  if (known !== undefined) return known;
  const prefix = colon < 0 ? "" : qname.slice(0, colon);
  const name = `${scope.prefixes.get(prefix) ?? `?${prefix}`} ${qname.slice(colon + 1)}`;
  scope.names.set(qname, name);
  return name;
}

/** An attribute in its element's own namespace is the same as one without prefix: bpmn-moddle reads and writes them so. */
function attributeName(scope: Scope, qname: string, uriOfElement: string): string {
  if (!qname.includes(":")) return qname;
  const name = expanded(scope, qname, false);
  return name.startsWith(`${uriOfElement} `) ? name.slice(uriOfElement.length + 1) : name;
}

/** What a node says, without its children. \u0001 and \u0002 part it: XML cannot hold them. */
export function sayings(node: Node): string {
  if (!node.attributes.length) return `${node.name}\u0002${node.text}`;
  const attributes: string[] = [];
  for (const attribute of node.attributes) if (!isDeclaration(attribute.qname)) attributes.push(`${attribute.name}\u0001${valueOf(node, attribute)}`);
  if (attributes.length > 1) attributes.sort();
  return `${node.name}\u0002${attributes.join("\u0002")}\u0002\u0002${node.text}`;
}

const XSI_TYPE = "http://www.w3.org/2001/XMLSchema-instance type";

/** The value, its prefix resolved where the value is itself a prefixed name. */
export function valueOf(node: Node, attribute: Attribute): string {
  return attribute.name === XSI_TYPE ? expanded(node.scope, attribute.value, true) : attribute.value;
}

/** Equal contents get equal numbers, also those that `known` has numbered before. */
export class Contents {
  private readonly numbers = new Map<string, number>();
  private next: number;
  constructor(private readonly known?: Contents) {
    this.next = known?.next ?? 1;
  }
  number(content: string): number {
    const found = this.known?.numbers.get(content) ?? this.numbers.get(content);
    if (found !== undefined) return found;
    this.numbers.set(content, this.next);
    return this.next++;
  }
}

/**
 * Gives every node of a tree its key, and takes out what bpmn-js leaves behind without being told to: an empty label at each shape that it
 * touched.
 */
export function nameKeys(tree: Tree, contents: Contents): void {
  const order: Node[] = [tree.root];
  for (let i = 0; i < order.length; i++) {
    const node = order[i]!;
    if (node.uri === BPMNDI && node.children.some(isEmptyLabel)) node.children = node.children.filter((child) => !isEmptyLabel(child));
    for (const child of node.children) order.push(child);
  }
  for (let i = order.length - 1; i >= 0; i--) {
    const node = order[i]!;
    const keys = node.children.map((child) => child.key);
    if (isUnordered(node)) keys.sort((one, other) => one - other);
    node.key = contents.number(`${sayings(node)}\u0002${keys.join(",")}`);
  }
}

/**
 * Whether the order of the children says nothing: BPMN fixes it by their kinds, and what is left of it bpmn-js changes by the way (what is
 * dragged, and put back by undo, goes to the end of its list). In extensions it may say something: mappings are evaluated in order.
 */
export function isUnordered(node: Node): boolean {
  return node.uri === BPMN ? node.local !== "extensionElements" : node.uri === BPMNDI && node.local === "BPMNPlane";
}

const BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL";
const BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI";
const isEmptyLabel = (node: Node): boolean =>
  node.local === "BPMNLabel" && node.uri === BPMNDI && !node.children.length && node.attributes.every(({ qname }) => isDeclaration(qname));

/** Whether two files say the same, whatever their layout and prefixes. */
export function saysTheSame(one: string, other: string): boolean {
  if (one === other) return true;
  const contents = new Contents();
  const trees = [scan(one), scan(other)];
  for (const tree of trees) nameKeys(tree, contents);
  return trees[0]!.root.key === trees[1]!.root.key;
}
