/** Which element of one file is which of another: by id where there is one, else by content and place among siblings of the same name. */
import { sayings, type Node, type Tree } from "./xml_nodes";

export type Twins = Map<Node, Node>;

/** For each element of `before` the one it was read from. What bpmn-moddle did not understand has no twin. */
export function matchSource(before: Tree, original: Tree): Twins {
  const twins: Twins = new Map([[before.root, original.root]]);
  const open: [Node, Node][] = [[before.root, original.root]];
  for (let pair = open.pop(); pair; pair = open.pop()) {
    const free = new Set(pair[1].children);
    const nameless: Node[] = [];
    for (const child of pair[0].children) {
      const twin = sameId(child, before, original);
      if (twin) join(child, twin);
      else nameless.push(child);
    }
    const others = pair[1].children.filter((child) => free.has(child) && !sameId(child, original, before));
    for (const [child, twin] of pairUp(nameless, others, looseName, (node) => sayings(node))) join(child, twin);
    function join(child: Node, twin: Node): void {
      twins.set(child, twin);
      free.delete(twin);
      open.push([child, twin]);
    }
  }
  return twins;
}

/** For each element of `after` the one of `before` it was, as far as their surroundings changed; keys must be named. */
export function matchEdit(after: Tree, before: Tree): Twins {
  const twins: Twins = new Map([[after.root, before.root]]);
  const open: [Node, Node | null][] = [[after.root, before.root]];
  for (let pair = open.pop(); pair; pair = open.pop()) {
    const [now, then] = pair;
    if (then && then.key === now.key) continue;
    for (const [child, twin] of childTwins(now, then, after, before)) twins.set(child, twin);
    for (const child of now.children) open.push([child, twins.get(child) ?? null]);
  }
  return twins;
}

function childTwins(now: Node, then: Node | null, after: Tree, before: Tree): Twins {
  const twins: Twins = new Map();
  const taken = new Set<Node>();
  for (const child of now.children) {
    const twin = sameId(child, after, before);
    if (!twin) continue;
    twins.set(child, twin);
    taken.add(twin);
  }
  if (!then) return twins;
  const news = now.children.filter((child) => !twins.has(child));
  const olds = then.children.filter((child) => !taken.has(child) && !sameId(child, before, after));
  const plain = (node: Node): boolean => node.id === null;
  for (const [child, twin] of pairUp(news.filter(plain), olds.filter(plain), (node) => node.name, (node) => node.key)) twins.set(child, twin);
  const withId = (node: Node): boolean => node.id !== null;
  for (const [child, twin] of renamed(news.filter(withId), olds.filter(withId))) twins.set(child, twin);
  return twins;
}

/** The element of the same id and kind of file part, where that id is carried once in both. */
function sameId(node: Node, from: Tree, to: Tree): Node | null {
  if (node.id === null || from.byId.get(node.id) !== node) return null;
  const twin = to.byId.get(node.id);
  return twin && twin.uri === node.uri ? twin : null;
}

/** bpmn-moddle writes the first letter of an element small or great by its description. */
const looseName = (node: Node): string => `${node.uri} ${node.local.charAt(0).toLowerCase()}${node.local.slice(1)}`;

/** Pairs of the same name: first those of equal content, ends first, then what is left in its order. */
function pairUp(ones: Node[], others: Node[], nameOf: (node: Node) => string, contentOf: (node: Node) => string | number): Twins {
  const pairs: Twins = new Map();
  const byName = groupBy(others, nameOf);
  for (const [name, list] of groupBy(ones, nameOf)) {
    const candidates = byName.get(name);
    if (!candidates) continue;
    if (list.length === 1 && candidates.length === 1) pairs.set(list[0]!, candidates[0]!);
    else pairSame(list, candidates, contentOf, pairs);
  }
  return pairs;
}

function pairSame(ones: Node[], others: Node[], contentOf: (node: Node) => string | number, pairs: Twins): void {
  const left = ones.map(contentOf);
  const right = others.map(contentOf);
  let from = 0;
  while (from < Math.min(left.length, right.length) && left[from] === right[from]) from++;
  let cut = 0;
  while (cut < Math.min(left.length, right.length) - from && left[left.length - 1 - cut] === right[right.length - 1 - cut]) cut++;
  for (let i = 0; i < from; i++) pairs.set(ones[i]!, others[i]!);
  for (let i = 1; i <= cut; i++) pairs.set(ones[ones.length - i]!, others[others.length - i]!);
  const waiting = new Map<string | number, number[]>();
  for (let i = right.length - cut - 1; i >= from; i--) {
    const list = waiting.get(right[i]!);
    if (list) list.push(i);
    else waiting.set(right[i]!, [i]);
  }
  const free = new Set<number>();
  for (let i = from; i < right.length - cut; i++) free.add(i);
  const rest: number[] = [];
  for (let i = from; i < left.length - cut; i++) {
    const found = waiting.get(left[i]!)?.pop();
    if (found === undefined) rest.push(i);
    else free.delete(found);
    if (found !== undefined) pairs.set(ones[i]!, others[found]!);
  }
  const places = [...free];
  rest.forEach((i, n) => {
    if (places[n] !== undefined) pairs.set(ones[i]!, others[places[n]]!);
  });
}

/** An element that got another id is the one that shares most of what it says with one that is gone. */
function renamed(news: Node[], olds: Node[]): Twins {
  const pairs: Twins = new Map();
  const taken = new Set<Node>();
  const byName = groupBy(olds, (node) => node.name);
  for (const node of news) {
    const candidates = (byName.get(node.name) ?? []).slice(0, 50); // bounded: many of a kind replaced at once are new ones
    const features = featuresOf(node);
    let best: Node | null = null;
    let most = 0.5;
    for (const candidate of candidates) {
      const likeness = likenessOf(features, featuresOf(candidate));
      if (likeness > most && !taken.has(candidate)) [best, most] = [candidate, likeness];
    }
    if (!best) continue;
    pairs.set(node, best);
    taken.add(best);
  }
  return pairs;
}

function featuresOf(node: Node): Set<string> {
  const features = new Set(node.attributes.filter((attribute) => attribute.name !== "id").map((attribute) => `${attribute.name}=${attribute.value}`));
  for (const child of node.children) features.add(child.id ?? `#${child.key}`);
  return features;
}

function likenessOf(ones: Set<string>, others: Set<string>): number {
  let shared = 0;
  for (const feature of ones) if (others.has(feature)) shared++;
  return shared / Math.max(ones.size, others.size, 1);
}

function groupBy(nodes: Node[], nameOf: (node: Node) => string): Map<string, Node[]> {
  const groups = new Map<string, Node[]>();
  for (const node of nodes) {
    const name = nameOf(node);
    const group = groups.get(name);
    if (group) group.push(node);
    else groups.set(name, [node]);
  }
  return groups;
}

/** Of a series the longest part that already rises: what need not move. Answers positions in the series. */
export function rising(series: number[]): Set<number> {
  const ends: number[] = [];
  const previous: number[] = [];
  series.forEach((value, i) => {
    let low = 0;
    let high = ends.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (series[ends[middle]!]! < value) low = middle + 1;
      else high = middle;
    }
    previous[i] = low ? ends[low - 1]! : -1;
    ends[low] = i;
  });
  const kept = new Set<number>();
  for (let i = ends.length ? ends[ends.length - 1]! : -1; i >= 0; i = previous[i]!) kept.add(i);
  return kept;
}
