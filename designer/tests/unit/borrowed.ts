/** The words that borrowed editors ask a translator for, as their code has them: what a tour of them cannot miss. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseAst } from "vite";

const MODULES = `${process.cwd()}/node_modules/`;

// biome-ignore lint/suspicious/noExplicitAny: a tree of any kind of node
type Node = any;

export function filesIn(...places: string[]): string[] {
  const within = (path: string): string[] => {
    if (!statSync(path).isDirectory()) return /\.js$/.test(path) ? [path] : [];
    return readdirSync(path).filter((name) => name !== "node_modules").flatMap((name) => within(join(path, name)));
  };
  return places.flatMap((place) => within(join(MODULES, place)));
}

/** Literal -> the file that has it: first arguments of `translate(…)`, and properties named in `named`. */
export function asked(files: string[], named: string[] = []): Map<string, string> {
  const found = new Map<string, string>();
  for (const file of files) {
    const note = (value: Node): void => {
      for (const text of literals(value)) if (/[A-Za-z]{2}/.test(text) && !found.has(text)) found.set(text, file.slice(MODULES.length));
    };
    visit(parseAst(readFileSync(file, "utf8"), { lang: "jsx" }), (node) => {
      if (node.type === "CallExpression" && /^_?translate$/.test(node.callee.name ?? node.callee.property?.name ?? "")) note(node.arguments[0]);
      if (node.type === "Property" && named.includes(node.key.name ?? node.key.value)) note(node.value);
    });
  }
  return found;
}

/** Both sides of a choice count. */
function literals(node: Node): string[] {
  if (node?.type === "Literal" && typeof node.value === "string") return [node.value];
  if (node?.type === "TemplateLiteral" && !node.expressions.length) return [node.quasis[0].value.cooked];
  if (node?.type === "ConditionalExpression") return [...literals(node.consequent), ...literals(node.alternate)];
  if (node?.type === "LogicalExpression") return [...literals(node.left), ...literals(node.right)];
  return [];
}

function visit(node: Node, see: (node: Node) => void): void {
  if (!node || typeof node !== "object") return;
  if (Array.isArray(node)) return node.forEach((one) => visit(one, see));
  if (typeof node.type === "string") see(node);
  for (const key in node) if (key !== "type") visit(node[key], see);
}
