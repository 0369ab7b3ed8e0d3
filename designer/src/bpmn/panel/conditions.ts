/** Conditions that anybody can read: `field op value`, joined by one `and` or one `or`. All others stay FEEL. */
import type { Variable } from "../variables";
import { isDay } from "./times";

export const OPERATORS = ["=", "!=", ">", ">=", "<", "<="] as const;
export type Operator = (typeof OPERATORS)[number];

export interface Row {
  field: string;
  operator: Operator;
  /** As people write it: without quotes. */
  value: string;
}

export interface Condition {
  joined: "and" | "or";
  rows: Row[];
}

const NAME = /[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*)*/u;
const NUMBER = /-?\d+(?:\.\d+)?/;
const WORD = /^(true|false|null)$/;
/** Names that begin something else in FEEL. */
const KEPT = new Set("and or not in if then else for some every between return satisfies function instance true false null date time duration".split(" "));
const TOKEN = new RegExp(`\\s*(?:("(?:[^"\\\\]|\\\\.)*")|(${NUMBER.source})(?![\\p{L}\\p{N}_.])|(${NAME.source})|(!=|>=|<=|=|<|>)|([()]))`, "suy");
const isNumber = (text: string): boolean => new RegExp(`^${NUMBER.source}$`).test(text);

/** null for an expression that is more than that: whatever is read is written again token by token. */
export function read(feel: string, variables: Variable[] = []): Condition | null {
  const tokens = feel.startsWith("=") ? tokensOf(feel.slice(1)) : null;
  if (!tokens) return null;
  const rows: Row[] = [];
  const joints = new Set<string>();
  for (let at = 0; ; ) {
    const row = rowAt(tokens, at);
    if (!row) return null;
    rows.push(row.row);
    at = row.end;
    if (at === tokens.length) break;
    if (tokens[at] !== "and" && tokens[at] !== "or") return null;
    joints.add(tokens[at++]!);
  }
  if (joints.size > 1) return null;
  const condition: Condition = { joined: joints.has("or") ? "or" : "and", rows };
  // what would come back as something else (a text of digits as a number, an escape as its letter) stays FEEL
  return tokensOf(write(condition, variables).slice(1))?.join("\n") === tokens.join("\n") ? condition : null;
}

/** null where there is anything else: a function, a sum, a comment. */
function tokensOf(text: string): string[] | null {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  for (let end = text.trimEnd().length, at = 0; at < end; at = TOKEN.lastIndex) {
    const found = TOKEN.exec(text);
    if (!found) return null;
    tokens.push(found[0].trimStart());
  }
  return tokens;
}

/** `field op literal`; of a day `date(field) op date("…")`. */
function rowAt(tokens: string[], at: number): { row: Row; end: number } | null {
  const wrapped = (from: number): [inner: string, end: number] | null => {
    if (tokens[from] !== "date" || tokens[from + 1] !== "(") return tokens[from] === undefined ? null : [tokens[from]!, from + 1];
    return tokens[from + 3] === ")" ? [tokens[from + 2]!, from + 4] : null;
  };
  const [field, then] = wrapped(at) ?? ["", 0];
  const operator = tokens[then] as Operator;
  const [literal, end] = (isField(field) && OPERATORS.includes(operator) && wrapped(then + 1)) || ["", 0];
  const value = valueOf(literal);
  return value === null ? null : { row: { field, operator, value }, end };
}

function valueOf(literal: string): string | null {
  if (isNumber(literal) || WORD.test(literal)) return literal;
  if (!literal.startsWith('"')) return null;
  const text = literal.slice(1, -1).replace(/\\(["\\])/g, "$1");
  return /[\u0000-\u001f]/.test(text) ? null : text; // no field of one line could show it
}

export function isField(text: string): boolean {
  return new RegExp(`^${NAME.source}$`, "u").test(text) && !KEPT.has(text.split(".")[0]!);
}

export function write({ joined, rows }: Condition, variables: Variable[] = []): string {
  return rows.length ? `=${rows.map((row) => written(row, typeOf(row.field, variables))).join(` ${joined} `)}` : "";
}

/** "any" where the model does not tell, as behind a dot. */
export function typeOf(field: string, variables: Variable[]): string {
  return variables.find((variable) => variable.name === field)?.type ?? "any";
}

/** The type of the variable decides how the value is written; where it is unknown, the looks of the value. */
function written({ field, operator, value }: Row, type: string): string {
  const text = value.trim();
  const quoted = `"${text.replace(/["\\]/g, "\\$&")}"`;
  if (text === "null") return `${field} ${operator} null`;
  // variables are JSON: a day is a text there, which FEEL compares to no date
  if (type === "date") return `date(${field}) ${operator} date(${quoted})`;
  const isPlain = type !== "string" && (isNumber(text) || WORD.test(text));
  return `${field} ${operator} ${isPlain ? text : quoted}`;
}

/** As it is written: "3,5" is a number only where one is wanted. */
export function normal(value: string, type: string): string {
  const text = value.trim();
  return type === "number" ? text.replace(/^(-?\d+),(\d+)$/, "$1.$2") : text;
}

export type Complaint = "badNumber" | "badDay" | "badYesNo" | "";

/** Whether a value can be of the type of its variable. */
export function complaintOf(value: string, type: string): Complaint {
  const text = normal(value, type);
  if (!text || text === "null") return "";
  if (type === "number") return isNumber(text) ? "" : "badNumber";
  if (type === "date") return isDay(text) ? "" : "badDay";
  return type === "boolean" && !/^(true|false)$/.test(text) ? "badYesNo" : "";
}
