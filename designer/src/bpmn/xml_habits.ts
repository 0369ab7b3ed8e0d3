/** How a file is written: its line ends, its indentation, its empty tags, the characters that it can hold. */
import type { Tree } from "./xml_nodes";

export interface Habits { newline: string; unit: string; pretty: boolean; emptyEnd: string; ascii: boolean }

export function habitsOf({ text, root }: Tree): Habits {
  const first = root.children[0];
  const pretty = !first || startsLine(text, first.start);
  const [outer, inner] = [indentAt(text, root.start), first ? indentAt(text, first.start) : "  "];
  const line = text.indexOf("\n");
  return {
    newline: line > 0 && text[line - 1] === "\r" ? "\r\n" : "\n",
    unit: inner.startsWith(outer) ? inner.slice(outer.length) : "  ",
    pretty,
    emptyEnd: emptyEndOf(text, root.openEnd),
    ascii: !/^(utf-?8|utf-?16)$/i.test(/^\uFEFF?<\?xml[^>]*?encoding\s*=\s*["']([^"']+)/.exec(text)?.[1] ?? "utf-8"),
  };
}

function emptyEndOf(text: string, from: number): string {
  const at = text.indexOf("/>", from);
  return at < 0 || isBlank(text, at - 1) ? " />" : "/>";
}

export const isBlank = (text: string, at: number): boolean => /\s/.test(text.charAt(at));

/** Whether only white space stands before it on its line. */
export const startsLine = (text: string, at: number): boolean => {
  while (text[at - 1] === " " || text[at - 1] === "\t") at--;
  return text[at - 1] === "\n";
};

/** The white space at the beginning of the line of `at`. */
export function indentAt(text: string, at: number): string {
  const line = text.lastIndexOf("\n", at - 1) + 1;
  let end = line;
  while (end < at && (text[end] === " " || text[end] === "\t")) end++;
  return text.slice(line, end);
}

/** Text between tags; `barely` leaves the greater-than signs, where the writer of the file did. */
export function escapeText(text: string, barely: boolean): string {
  const safe = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return barely ? safe.replaceAll("]]>", "]]&gt;") : safe.replaceAll(">", "&gt;");
}

/** Other encodings than Unicode may not know a letter: as a number every one does. */
export function encodedFor(habits: Habits, raw: string): string {
  return habits.ascii ? raw.replace(/[^\x00-\x7f]/gu, (sign) => `&#${sign.codePointAt(0)};`) : raw;
}

const PIECE = /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<\?[\s\S]*?\?>|<(?:"[^"]*"|'[^']*'|[^"'>])*>|[^<]+/g;

/** Moves the lines of an element to another depth; texts and remarks keep theirs. */
export function reindent(text: string, from: string, to: string): string {
  if (from === to) return text;
  return text.replace(PIECE, (piece) => {
    if (piece.startsWith("<") || piece.trim()) return piece;
    return piece.replace(/\n[ \t]*/g, (line) => (line.startsWith(`\n${from}`) ? `\n${to}${line.slice(1 + from.length)}` : line));
  });
}
