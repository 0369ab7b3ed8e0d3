/** Conditions that anybody can read: `=field op value`. All others stay FEEL. */
import type { Variable } from "../variables";

export const OPERATORS = ["=", "!=", ">", ">=", "<", "<="] as const;
export type Operator = (typeof OPERATORS)[number];

export interface Condition {
  field: string;
  operator: Operator;
  /** As people write it: without quotes. */
  value: string;
}

const SHAPE = /^=\s*([\p{L}_][\p{L}\p{N}_.]*)\s*(!=|>=|<=|=|<|>)\s*(.+?)\s*$/su;
const NUMBER = /^-?\d+(\.\d+)?$/;

/** null for an expression that is more than that. */
export function read(feel: string, variables: Variable[] = []): Condition | null {
  const [, field, operator, literal] = SHAPE.exec(feel) ?? [];
  if (!field || !literal) return null;
  const value = valueOf(literal);
  if (value === null) return null;
  const condition = { field, operator: operator as Operator, value };
  const isText = literal.startsWith('"');
  // what would come back as something else (digits as a number, a text as a date) stays FEEL
  return isText && !literalOf(condition, variables).startsWith('"') ? null : condition;
}

function valueOf(literal: string): string | null {
  if (NUMBER.test(literal) || /^(true|false|null)$/.test(literal)) return literal;
  const quoted = /^(?:date\()?"((?:[^"\\]|\\["\\])*)"\)?$/s.exec(literal); // other escapes would be lost on the way back
  if (!quoted || literal.startsWith("date(") !== literal.endsWith(")")) return null;
  const text = quoted[1]!.replace(/\\(.)/gs, "$1");
  return text === text.trim() ? text : null;
}

/** The type of the variable decides how the value is written; where it is unknown, the looks of the value. */
export function write(condition: Condition, variables: Variable[] = []): string {
  return `=${condition.field} ${condition.operator} ${literalOf(condition, variables)}`;
}

function literalOf({ field, value }: Condition, variables: Variable[]): string {
  return written(value.trim(), variables.find((variable) => variable.name === field)?.type ?? "any"); // null: the model does not tell
}

function written(value: string, type: string): string {
  if (value === "null") return value;
  if (type !== "string" && (NUMBER.test(value) || value === "true" || value === "false")) return value;
  const quoted = `"${value.replace(/["\\]/g, "\\$&")}"`;
  return type === "date" ? `date(${quoted})` : quoted;
}

/** "P2D" of `=now() + duration("P2D")`; null for any other expression. */
export function dueWithin(feel: string): string | null {
  return /^=\s*now\(\)\s*\+\s*duration\(\s*"(P[^"]+)"\s*\)\s*$/.exec(feel)?.[1] ?? null;
}

export const dueIn = (iso: string): string => (iso ? `=now() + duration("${iso}")` : "");
