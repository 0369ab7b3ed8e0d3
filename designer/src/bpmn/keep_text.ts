/** Saves a diagram as a good editor saves a text: what nobody touched stays byte for byte, whoever wrote the file and however. */
import { matchEdit, matchSource } from "./xml_matches";
import { Contents, nameKeys, NotReadable, saysTheSame, scan } from "./xml_nodes";
import { writeEdit } from "./xml_edits";

/** `kept` is false where the file could not be followed: then `text` is bpmn-moddle's own, correct but newly laid out. */
export interface Kept { text: string; kept: boolean }

/** Writes the differences between `before` and `after` (both of bpmn-moddle, any layout) into `original`. Never throws. */
export function keepText(original: string, before: string, after: string): Kept {
  return keeper(original, before)(after);
}

/** `strict` writes less of the original: touched elements lose what bpmn-moddle did not understand of them. */
export type Keep = (after: string, strict?: boolean) => Kept;

/** The same for many edits of one opened file: it is read only once. */
export function keeper(original: string, before: string): Keep {
  let opened: Opened | null | undefined;
  return (after, strict = false) => {
    if (before === after) return { text: original, kept: true };
    try {
      opened ??= opened === null ? null : open(original, before);
      if (opened) return { text: write(opened, after, strict), kept: true };
    } catch (error) {
      // RangeError: nested deeper than the stack
      if (!(error instanceof NotReadable || error instanceof RangeError)) throw error;
      opened ??= null;
    }
    return { text: after, kept: false };
  };
}

/** As `keep`, and proven: what was written reads as `after`. `serialise` reads a file with bpmn-moddle and writes it again. */
export async function keepSurely(keep: Keep, after: string, serialise: (xml: string) => Promise<string>): Promise<Kept> {
  const first = keep(after);
  if (!first.kept || (await readsAs(first.text, after, serialise))) return first;
  const second = keep(after, true);
  return second.kept && (await readsAs(second.text, after, serialise)) ? second : { text: after, kept: false };
}

async function readsAs(text: string, after: string, serialise: (xml: string) => Promise<string>): Promise<boolean> {
  try {
    const read = await serialise(text);
    // what bpmn-moddle writes it does not always read again (texts of blanks only): its own second reading counts too
    return saysTheSame(read, after) || saysTheSame(read, await serialise(after));
  } catch {
    return false;
  }
}

type Opened = ReturnType<typeof open>;

function open(original: string, before: string) {
  const contents = new Contents();
  const then = scan(before);
  nameKeys(then, contents);
  const source = scan(original);
  const sources = matchSource(then, source);
  return { source, then, contents, sources, known: new Map([...sources].map(([node, twin]) => [twin, node])) };
}

function write(opened: Opened, after: string, strict: boolean): string {
  const now = scan(after);
  nameKeys(now, new Contents(opened.contents));
  const { source, then, sources, known } = opened;
  if (now.root.key === then.root.key) return source.text;
  return writeEdit({ source, then, now, sources, known, edits: matchEdit(now, then), strict });
}
