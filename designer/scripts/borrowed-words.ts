/**
 * Some borrowed editors have their words hard-coded (form-js: bpmn-io/form-js#77). While their modules are bundled, each listed literal
 * becomes a call of shell/borrowed.ts. A listed literal that is no longer there fails the build: it would have become English again.
 */
import { parseAst, type Plugin } from "vite";

export interface Borrowed {
  /** Of the module's path. */
  module: RegExp;
  /** Literals as they stand in the code; a template `Remove ${name}` is listed as "Remove {0}". */
  words: string[];
}

// biome-ignore lint/suspicious/noExplicitAny: a tree of any kind of node
type Node = any;
interface Edit {
  from: number;
  to: number;
  text: string;
}

/** Where a literal is a word for readers. Names of types, keys, events and classes are the same letters elsewhere. */
const ARGUMENTS = new Set(["translate", "errors.push", "buildErrorState"]);
const IDENTIFYING = new Set(["name", "type", "id", "key", "code", "class", "className", "group"]);

/** `Remove ${name}` -> "Remove {0}". */
export function templateOf(node: Node): string {
  return node.quasis.map((one: Node, place: number) => (place ? `{${place - 1}}` : "") + one.value.cooked).join("");
}

/** Every literal for readers in a module: what it says, and the edits that make it a call. */
export function literalsOf(code: string): { text: string; node: Node }[] {
  const found: { text: string; node: Node }[] = [];
  visit(parseAst(code), true, "");
  return found;

  function visit(node: Node, shown: boolean, around: string): void {
    if (!node || typeof node !== "object") return;
    if (Array.isArray(node)) return node.forEach((one) => visit(one, shown, around));
    switch (node.type) {
      case "Literal":
        if (shown && typeof node.value === "string" && (around !== "assigned" || node.value.includes(" "))) found.push({ text: node.value, node });
        return;
      case "TemplateLiteral":
        if (shown && node.quasis.some((one: Node) => /[A-Za-z]{2}/.test(one.value.cooked))) found.push({ text: templateOf(node), node });
        return visit(node.expressions, shown, around);
      case "TaggedTemplateExpression":
      case "ImportDeclaration":
      case "ImportExpression":
        return;
      case "ObjectExpression": {
        const keys = node.properties.map((one: Node) => one.key?.name ?? one.key?.value);
        const palette = keys.includes("group") && keys.includes("name"); // how form-js calls a component: for readers, unlike other names
        for (const one of node.properties) {
          if (one.type !== "Property") visit(one, shown, around);
          else {
            if (one.computed) visit(one.key, false, "");
            const key = one.key.name ?? one.key.value;
            visit(one.value, !IDENTIFYING.has(key) || (palette && key === "name"), "");
          }
        }
        return;
      }
      case "MemberExpression":
        visit(node.object, shown, around);
        return node.computed ? visit(node.property, false, "") : undefined;
      case "CallExpression":
      case "NewExpression": {
        visit(node.callee, false, "");
        const called = code.slice(node.callee.start, node.callee.end);
        for (const argument of node.arguments) visit(argument, argument.type === "ObjectExpression" || ARGUMENTS.has(called), "");
        return;
      }
      case "BinaryExpression": {
        const joined = node.operator === "+";
        visit(node.left, shown && joined, around);
        return visit(node.right, shown && joined, around);
      }
      case "SwitchCase":
        visit(node.test, false, "");
        return visit(node.consequent, true, "");
      case "AssignmentExpression":
        visit(node.left, false, "");
        return visit(node.right, true, "assigned");
      case "ConditionalExpression":
        visit(node.test, false, "");
        visit(node.consequent, shown, around);
        return visit(node.alternate, shown, around);
      case "FunctionExpression":
      case "ArrowFunctionExpression":
      case "FunctionDeclaration":
        visit(node.params, true, "");
        return visit(node.body, true, "");
      default:
        for (const key in node) if (key !== "type" && key !== "start" && key !== "end") visit(node[key], shown, around);
    }
  }
}

/** The code with listed literals as calls; the literals that were found. */
export function lend(code: string, words: ReadonlySet<string>): { code: string; found: Set<string> } {
  const found = new Set<string>();
  const edits: Edit[] = [];
  for (const { text, node } of literalsOf(code)) {
    if (!words.has(text)) continue;
    found.add(text);
    const said = JSON.stringify(text);
    if (node.type === "Literal") {
      edits.push({ from: node.start, to: node.end, text: `__borrowed(${said})` });
      continue;
    }
    let at = node.start;
    node.expressions.forEach((one: Node, place: number) => {
      edits.push({ from: at, to: one.start, text: place ? ", " : `__borrowed(${said}, ` });
      at = one.end;
    });
    edits.push({ from: at, to: node.end, text: node.expressions.length ? ")" : `__borrowed(${said})` });
  }
  let made = code;
  for (const edit of edits.sort((one, other) => other.from - one.from)) made = made.slice(0, edit.from) + edit.text + made.slice(edit.to);
  return { code: made, found };
}

export function borrowedWords(borrowings: Borrowed[]): Plugin {
  const missing = borrowings.map(({ words }) => new Set(words));
  const seen = borrowings.map(() => false);
  return {
    name: "borrowed-words",
    apply: "build",
    transform(code, id) {
      const place = borrowings.findIndex(({ module }) => module.test(id));
      if (place < 0) return null;
      const { code: made, found } = lend(code, new Set(borrowings[place]!.words));
      seen[place] = true;
      for (const one of found) missing[place]!.delete(one);
      return found.size ? { code: `import { borrowed as __borrowed } from "/src/shell/borrowed.ts";\n${made}`, map: null } : null;
    },
    buildEnd(error) {
      if (error) return;
      borrowings.forEach(({ module }, place) => {
        const left = [...missing[place]!];
        if (!seen[place]) this.error(`${module} is not bundled any more`);
        if (left.length) this.error(`${module} no longer says: ${left.map((one) => JSON.stringify(one)).join(", ")}`);
      });
    },
  };
}
