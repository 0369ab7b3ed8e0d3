/** Writes an edit into the text of a file: touched attributes, texts and elements, in the habits of that file; everything else is copied. */
import { expanded, isDeclaration, isUnordered, valueOf, type Attribute, type Node, type Scope, type Tree } from "./xml_nodes";
import { rising, type Twins } from "./xml_matches";
import { encodedFor, habitsOf, indentAt, isBlank, reindent, escapeText, startsLine, type Habits } from "./xml_habits";

/**
 * `sources`: element of `then` -> of `source`; `known`: its inverse; `edits`: element of `now` -> of `then`. `strict`: touched elements
 * lose what bpmn-moddle did not understand of them (of two loops it reads one; the other must not wake up when that is removed).
 */
export interface Edit { source: Tree; then: Tree; now: Tree; sources: Twins; known: Twins; edits: Twins; strict: boolean }

interface Splice { from: number; to: number; write: () => void }
interface Writing extends Edit { text: string; out: { toString(): string }[]; habits: Habits; declared: Map<string, string> }
type Kid = { now: Node; then: Node | null; source: Node | null; stays: boolean };

export function writeEdit(edit: Edit): string {
  const { source, then, now } = edit;
  const w: Writing = { ...edit, text: source.text, out: [], habits: habitsOf(source), declared: new Map() };
  w.out.push(source.text.slice(0, source.root.start));
  writeNode(w, source.root, then.root, now.root);
  w.out.push(source.text.slice(source.root.end));
  return w.out.join("");
}

function writeNode(w: Writing, source: Node, then: Node, now: Node): void {
  if (then.key === now.key) return void w.out.push(w.text.slice(source.start, source.end));
  const content: (() => void)[] = [];
  const splices = tagSplices(w, source, then, now);
  for (const splice of attributeSplices(w, source, then, now)) splices.push(splice);
  if (source === w.source.root) splices.push(declarationSplice(w));
  for (const splice of textSplices(w, source, then, now, content)) splices.push(splice);
  for (const splice of childSplices(w, source, then, now, content)) splices.push(splice);
  if (content.length) splices.push(contentSplice(w, source, then, now, content));
  splices.sort((a, b) => a.from - b.from || Number(a.to > a.from) - Number(b.to > b.from));
  let at = source.start;
  for (const splice of splices) {
    if (splice.from < at && splice.to <= at && splice.to > splice.from) continue; // its place is gone with a larger one
    if (splice.from > at) w.out.push(w.text.slice(at, splice.from));
    splice.write();
    at = Math.max(at, splice.to);
  }
  w.out.push(w.text.slice(at, source.end));
}

// ── names ────────────────────────────────────────────────────────────────────

/** The file's own prefix for a namespace; a new one is declared at the root, once. */
function prefixFor(w: Writing, uri: string, wished: string, scope: Scope, mayBeDefault: boolean): string {
  if (scope.prefixes.get(wished) === uri && (wished || mayBeDefault)) return wished;
  for (const [prefix, known] of scope.prefixes) if (known === uri && (prefix || mayBeDefault)) return prefix;
  const declared = w.declared.get(uri);
  if (declared && !scope.prefixes.has(declared)) return declared;
  const stem = wished || "ns";
  let prefix = stem;
  const taken = new Set([...w.source.root.scope.prefixes.keys(), ...scope.prefixes.keys(), ...w.declared.values()]);
  for (let n = 1; taken.has(prefix); n++) prefix = `${stem}_${n}`;
  w.declared.set(uri, prefix);
  return prefix;
}

const prefixOf = (qname: string): string => (qname.includes(":") ? qname.slice(0, qname.indexOf(":")) : "");

function tagName(w: Writing, now: Node, scope: Scope): string {
  if (now.uri.startsWith("?")) return now.qname;
  if (!now.uri) return now.local;
  const prefix = prefixFor(w, now.uri, prefixOf(now.qname), scope, true);
  return prefix ? `${prefix}:${now.local}` : now.local;
}

function attributeText(w: Writing, now: Node, attribute: Attribute, scope: Scope): string {
  return ` ${attributeQname(w, now, attribute, scope)}="${attributeValue(w, now, attribute, scope)}"`;
}

function attributeQname(w: Writing, now: Node, { qname }: Attribute, scope: Scope): string {
  if (!qname.includes(":")) return qname;
  const [uri = "", local = ""] = expanded(now.scope, qname, false).split(" ");
  return uri.startsWith("?") ? qname : `${prefixFor(w, uri, prefixOf(qname), scope, false)}:${local}`;
}

/** Raw, as bpmn-moddle escaped it; it escapes both kinds of quotes. */
function attributeValue(w: Writing, now: Node, attribute: Attribute, scope: Scope): string {
  const value = valueOf(now, attribute);
  if (value === attribute.value) return encodedFor(w.habits, w.now.text.slice(attribute.from, attribute.to));
  const [uri = "", local = ""] = value.split(" ");
  if (uri.startsWith("?")) return attribute.value;
  const prefix = prefixFor(w, uri, prefixOf(attribute.value), scope, true);
  return prefix ? `${prefix}:${local}` : local;
}

// ── one element ──────────────────────────────────────────────────────────────

function tagSplices(w: Writing, source: Node, then: Node, now: Node): Splice[] {
  if (now.name === then.name) return [];
  const put = (): void => void w.out.push(tagName(w, now, source.scope));
  const start = { from: source.start + 1, to: source.nameEnd, write: put };
  if (source.empty) return [start];
  return [start, { from: source.closeStart + 2, to: source.closeStart + 2 + source.qname.length, write: put }];
}

function attributeSplices(w: Writing, source: Node, then: Node, now: Node): Splice[] {
  const named = (node: Node): Map<string, Attribute> => new Map([...node.attributes].reverse().map((attribute) => [attribute.name, attribute]));
  const [inSource, inThen, inNow] = [named(source), named(then), named(now)];
  const splices: Splice[] = [];
  const added: string[] = [];
  for (const attribute of now.attributes) {
    const was = inThen.get(attribute.name);
    if (isDeclaration(attribute.qname) || (was && valueOf(then, was) === valueOf(now, attribute))) continue;
    const place = inSource.get(attribute.name);
    if (place) splices.push({ from: place.from, to: place.to, write: () => void w.out.push(attributeValue(w, now, attribute, source.scope)) });
    else added.push(attributeText(w, now, attribute, source.scope));
  }
  for (const place of inSource.values()) {
    const isGone = w.strict || inThen.has(place.name);
    if (isGone && !isDeclaration(place.qname) && !inNow.has(place.name)) splices.push({ from: place.start, to: place.end, write: nothing });
  }
  const last = source.attributes[source.attributes.length - 1];
  const at = last?.end ?? source.nameEnd;
  if (added.length) splices.push({ from: at, to: at, write: () => void w.out.push(...added.map((text) => leadOf(w, last) + text.slice(1))) });
  return splices;
}

const nothing = (): void => undefined;

/** The space before an attribute: files that give each its own line go on so. */
function leadOf(w: Writing, attribute: Attribute | undefined): string {
  const lead = attribute ? /^\s*/.exec(w.text.slice(attribute.start, attribute.from))![0] : "";
  return lead.includes("\n") ? lead : " ";
}

function declarationSplice(w: Writing): Splice {
  const { root } = w.source;
  const last = root.attributes.filter((attribute) => isDeclaration(attribute.qname)).pop();
  const at = last?.end ?? root.nameEnd;
  const quoted = (uri: string): string => `"${escapeText(uri, false).replaceAll('"', "&quot;")}"`;
  const declaration = ([uri, prefix]: [string, string]): string => `${leadOf(w, last)}xmlns:${prefix}=${quoted(uri)}`;
  return { from: at, to: at, write: () => writeLater(w, () => [...w.declared].map(declaration).join("")) };
}

/** Prefixes are found while the rest is written: their declarations are a piece that is filled at the end. */
function writeLater(w: Writing, text: () => string): void {
  w.out.push({ toString: text });
}

function textSplices(w: Writing, source: Node, then: Node, now: Node, content: (() => void)[]): Splice[] {
  if (then.text === now.text) return [];
  const [first, ...others] = source.runs;
  const raw = now.text === "" ? "" : runText(w, source, now.text, first?.cdata ?? false);
  const put = (): void => void w.out.push(raw);
  if (!first && source.empty) content.push(put);
  if (!first) return source.empty ? [] : [{ from: source.openEnd, to: source.openEnd, write: put }];
  return [{ from: first.from, to: first.to, write: put }, ...others.map((run) => ({ from: run.from, to: run.to, write: nothing }))];
}

function runText(w: Writing, source: Node, text: string, cdata: boolean): string {
  if (cdata && !text.includes("]]>") && encodedFor(w.habits, text) === text) return `<![CDATA[${text}]]>`;
  const barely = source.runs.some((run) => !run.cdata && w.text.slice(run.from, run.to).includes(">"));
  return encodedFor(w.habits, escapeText(text, barely));
}

/** `<a />` becomes `<a>…</a>`. */
function contentSplice(w: Writing, source: Node, then: Node, now: Node, content: (() => void)[]): Splice {
  let from = source.openEnd - 2;
  while (isBlank(w.text, from - 1)) from--;
  const write = (): void => {
    w.out.push(">");
    for (const put of content) put();
    w.out.push(`</${now.name === then.name ? source.qname : tagName(w, now, source.scope)}>`);
  };
  return { from, to: source.openEnd, write };
}

// ── children ─────────────────────────────────────────────────────────────────

function childSplices(w: Writing, source: Node, then: Node, now: Node, content: (() => void)[]): Splice[] {
  const familyOf = !isUnordered(now) && isOrderly(w, then, source) ? () => "" : family;
  const kids = kidsOf(w, source, now, familyOf);
  const staying = new Map(kids.filter((kid) => kid.stays).map((kid) => [kid.source!, kid.now]));
  const splices: Splice[] = [];
  for (const child of source.children) {
    const was = w.known.get(child);
    const is = staying.get(child);
    if (!was && w.strict) splices.push(cutSplice(w, child));
    if (!was || was.parent !== then) continue; // bpmn-moddle does not know it: nobody can have touched it
    if (!is) splices.push(cutSplice(w, child));
    else if (is.key !== was.key) splices.push({ from: child.start, to: child.end, write: () => writeNode(w, child, was, is) });
  }
  const arrivals = kids.filter((kid) => !kid.stays);
  const shorten = (): void => void w.out.push(w.habits.emptyEnd);
  if (!arrivals.length && !now.children.length && isHollow(w, source)) return [{ from: source.openEnd - 1, to: source.end, write: shorten }];
  if (!arrivals.length) return splices;
  const lead = leadInside(w, source);
  const isClosedOnOwnLine = source.children.length || w.text.slice(source.openEnd, source.closeStart).includes("\n");
  const tail = lead && !isClosedOnOwnLine ? w.habits.newline + indentAt(w.text, source.start) : "";
  if (source.empty) {
    for (const kid of arrivals) content.push(() => writeArrival(w, kid.now, source.scope, lead));
    content.push(() => void w.out.push(tail));
    return splices;
  }
  const places = placesOf(w, source, kids, familyOf);
  arrivals.forEach((kid, i) => {
    const at = places.get(kid)!;
    const end = i === arrivals.length - 1 ? tail : "";
    splices.push({ from: at, to: at, write: () => (writeArrival(w, kid.now, source.scope, lead), void w.out.push(end)) });
  });
  return splices;
}

/** Whether nothing but white space stays when its children go: `<a />` then says it better. */
function isHollow(w: Writing, source: Node): boolean {
  if (!source.children.length || source.runs.length || (!w.strict && source.children.some((child) => !w.known.has(child)))) return false;
  let at = source.openEnd;
  for (const child of [...source.children, null]) {
    if (w.text.slice(at, child?.start ?? source.closeStart).trim()) return false;
    at = child?.end ?? at;
  }
  return true;
}

/** bpmn-moddle writes children in the order of its descriptions, other tools in theirs. */
function isOrderly(w: Writing, then: Node, source: Node): boolean {
  let last = -1;
  for (const child of then.children) {
    const twin = w.sources.get(child);
    if (!twin || twin.parent !== source) continue;
    if (twin.index < last) return false;
    last = twin.index;
  }
  return true;
}

function kidsOf(w: Writing, source: Node, now: Node, familyOf: (node: Node) => string): Kid[] {
  const kids = now.children.map((child): Kid => {
    const then = w.edits.get(child) ?? null;
    const twin = (then && w.sources.get(then)) ?? null;
    return { now: child, then, source: twin, stays: twin?.parent === source };
  });
  if (isUnordered(now)) return kids;
  const families = new Map<string, Kid[]>();
  for (const kid of kids.filter(({ stays }) => stays)) {
    const members = families.get(familyOf(kid.now));
    if (members) members.push(kid);
    else families.set(familyOf(kid.now), [kid]);
  }
  for (const members of families.values()) {
    const kept = rising(members.map((kid) => kid.then!.index));
    members.forEach((kid, i) => (kid.stays = kept.has(i)));
  }
  return kids;
}

/** Elements that bpmn-moddle keeps in one list share a family: they stand together in the file. */
const FAMILIES: [RegExp, string][] = [
  [/^(association|group|textAnnotation)$/, "artifact"],
  [/^(BPMNShape|BPMNEdge)$/, "plane"],
  [/EventDefinition$/, "event"],
  [/^(task|subProcess|adHocSubProcess|transaction|callActivity|sequenceFlow|\w+(Task|Event|Gateway))$/, "flow"],
  [/^(dataObject|dataObjectReference|dataStoreReference)$/, "flow"],
  [/^(process|collaboration|choreography|message|signal|error|escalation|itemDefinition|category|global\w+)$/, "root"],
  [/^(dataStore|interface|resource|endPoint|partnerEntity|partnerRole|correlationProperty)$/, "root"],
];
const family = (node: Node): string => FAMILIES.find(([names]) => names.test(node.local))?.[1] ?? node.name;

/** Where each arriving child goes: behind the one it follows, of its own family if there is one. */
function placesOf(w: Writing, source: Node, kids: Kid[], familyOf: (node: Node) => string): Map<Kid, number> {
  const places = new Map<Kid, number>();
  const next = new Map<string, Node>();
  const firstOf = new Map<string, Node>();
  for (const kid of kids) if (kid.stays && !firstOf.has(familyOf(kid.now))) firstOf.set(familyOf(kid.now), kid.source!);
  let latest: Node | null = null;
  for (const kid of kids) {
    const name = familyOf(kid.now);
    if (kid.stays) {
      next.set(name, kid.source!);
      if (!latest || kid.source!.index > latest.index) latest = kid.source!;
      continue;
    }
    const previous = next.get(name);
    const following = firstOf.get(name);
    if (previous) places.set(kid, behindNode(w, previous));
    else if (following) places.set(kid, following.index ? behindNode(w, source.children[following.index - 1]!) : source.openEnd);
    else places.set(kid, latest ? behindNode(w, latest) : source.openEnd);
  }
  return places;
}

/** Behind an element and the remarks that stand on its line. */
function behindNode(w: Writing, node: Node): number {
  const remark = /[ \t]*<!--/y;
  let at = node.end;
  for (;;) {
    remark.lastIndex = at;
    if (!remark.test(w.text)) return at;
    const end = w.text.indexOf("-->", at) + 3;
    if (w.text.slice(at, end).includes("\n")) return at;
    at = end;
  }
}

/** What stands before a child of this element: a new line and its indentation, or nothing in files of one line. */
function leadInside(w: Writing, source: Node): string {
  const first = source.children[0];
  if (source.runs.length) return "";
  if (!first) return w.habits.pretty ? w.habits.newline + indentAt(w.text, source.start) + w.habits.unit : "";
  return startsLine(w.text, first.start) ? w.habits.newline + indentAt(w.text, first.start) : "";
}

function cutSplice(w: Writing, node: Node): Splice {
  let from = node.start;
  while (w.text[from - 1] === " " || w.text[from - 1] === "\t") from--;
  let to = node.end;
  while (w.text[to] === " " || w.text[to] === "\t") to++;
  const ownLine = w.text[from - 1] === "\n";
  if (!ownLine) return { from: node.start, to: node.end, write: nothing };
  const alone = /^(\r?\n|<\/)/.test(w.text.slice(to, to + 2));
  if (!alone) return { from: node.start, to, write: nothing };
  from -= w.text[from - 2] === "\r" ? 2 : 1;
  if (w.text.startsWith("</", to)) to = node.end;
  return { from, to, write: nothing };
}

// ── what arrives ─────────────────────────────────────────────────────────────

function writeArrival(w: Writing, now: Node, scope: Scope, lead: string): void {
  w.out.push(lead);
  const indent = lead.slice(lead.lastIndexOf("\n") + 1);
  const then = w.edits.get(now);
  const source = then && w.sources.get(then);
  if (!then || !source || !isAtHome(source, scope)) return writeNew(w, now, scope, indent, lead !== "");
  const mark = w.out.length;
  writeNode(w, source, then, now);
  const moved = w.out.splice(mark).join("");
  w.out.push(lead ? reindent(moved, indentAt(w.text, source.start), indent) : moved);
}

/** A part whose prefixes were declared around it cannot be carried out of there as it is. */
function isAtHome(source: Node, scope: Scope): boolean {
  const around = source.parent?.scope ?? scope;
  return around === scope || [...around.prefixes].every(([prefix, uri]) => scope.prefixes.get(prefix) === uri);
}

function writeNew(w: Writing, now: Node, scope: Scope, indent: string, pretty: boolean): void {
  const name = tagName(w, now, scope);
  w.out.push(`<${name}`);
  for (const attribute of now.attributes) if (!isDeclaration(attribute.qname)) w.out.push(attributeText(w, now, attribute, scope));
  if (!now.children.length && !now.text) return void w.out.push(w.habits.emptyEnd);
  w.out.push(">", encodedFor(w.habits, escapeText(now.text, false)));
  const spread = pretty && !now.text;
  for (const child of now.children) writeArrival(w, child, scope, spread ? w.habits.newline + indent + w.habits.unit : "");
  w.out.push(spread && now.children.length ? w.habits.newline + indent : "", `</${name}>`);
}
