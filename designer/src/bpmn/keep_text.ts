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

/** The same for many edits of one opened file: it is read only once. */
export function keeper(original: string, before: string): (after: string) => Kept {
  let opened: Opened | null | undefined;
  return (after) => {
    if (before === after) return { text: original, kept: true };
    try {
      opened ??= opened === null ? null : open(original, before);
      if (opened) return { text: write(opened, after), kept: true };
    } catch (error) {
      // RangeError: nested deeper than the stack
      if (!(error instanceof NotReadable || error instanceof RangeError)) throw error;
      opened ??= null;
    }
    return { text: after, kept: false };
  };
}

/** As `keep`, and proven: what was written reads as `after`. `serialise` reads a file with bpmn-moddle and writes it again. */
export async function keepSurely(keep: (after: string) => Kept, after: string, serialise: (xml: string) => Promise<string>): Promise<Kept> {
  const result = keep(after);
  if (!result.kept) return result;
  const own = { text: after, kept: false };
  try {
    const read = await serialise(result.text);
    if (saysTheSame(read, after)) return result;
    // what bpmn-moddle writes it does not always read again (texts of blanks only): its own second reading counts too
    return saysTheSame(read, await serialise(after)) ? result : own;
  } catch {
    return own;
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

function write(opened: Opened, after: string): string {
  const now = scan(after);
  nameKeys(now, new Contents(opened.contents));
  const { source, then, sources, known } = opened;
  if (now.root.key === then.root.key) return source.text;
  return writeEdit({ source, then, now, sources, known, edits: matchEdit(now, then) });
}
