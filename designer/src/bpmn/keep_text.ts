/** Saves a diagram as a good editor saves a text: what nobody touched stays byte for byte, whoever wrote the file and however. */
import { matchEdit, matchSource } from "./xml_matches";
import { Contents, nameKeys, NotReadable, saysTheSame, scan } from "./xml_nodes";
import { writeEdit } from "./xml_edits";

/** `kept` is false where the file could not be followed: then `text` is bpmn-moddle's own, correct but newly laid out. */
export interface Kept { text: string; kept: boolean }

/** Reads a file with bpmn-moddle and writes it again. */
export type Serialise = (xml: string) => Promise<string>;

/** An opened file. `write` may be called for each edit; the file itself is read only once. */
export interface Keeper {
  /** Never throws. `strict` keeps less: touched elements lose what bpmn-moddle did not understand of them. */
  write(after: string, strict?: boolean): Kept;
  /** The same, and proven: what was written reads as `after`, but for what opening the file had changed. */
  writeSurely(after: string, serialise: Serialise): Promise<Kept>;
}

/** Writes the differences between `before` and `after` (both of bpmn-moddle, any layout) into `original`. Never throws. */
export function keepText(original: string, before: string, after: string): Kept {
  return keeper(original, before).write(after);
}

export function keeper(original: string, before: string): Keeper {
  let opened: Opened | null | undefined;
  let own: Promise<string> | undefined;

  function write(after: string, strict = false): Kept {
    if (before === after) return { text: original, kept: true };
    try {
      opened ??= opened === null ? null : open(original, before);
      if (opened) return { text: edit(opened, after, strict), kept: true };
    } catch (error) {
      // RangeError: nested deeper than the stack
      if (!(error instanceof NotReadable || error instanceof RangeError)) throw error;
      opened ??= null;
    }
    return { text: after, kept: false };
  }

  async function writeSurely(after: string, serialise: Serialise): Promise<Kept> {
    const first = write(after);
    if (!first.kept || first.text === original || (await readsAs(first.text, after, serialise))) return first;
    const second = write(after, true);
    return second.kept && (await readsAs(second.text, after, serialise)) ? second : { text: after, kept: false };
  }

  async function readsAs(text: string, after: string, serialise: Serialise): Promise<boolean> {
    try {
      const read = await serialise(text);
      if (saysTheSame(read, after)) return true;
      // what bpmn-moddle writes it does not always read again (texts of blanks only): its own second reading counts too
      if (saysTheSame(read, await serialise(after))) return true;
      // bpmn-js adds to a model while it draws it: then the same edit, made in bpmn-moddle's own writing of the file, must say the same
      const plain = await (own ??= serialise(original));
      if (saysTheSame(plain, before)) return false;
      const { text: expected, kept } = keepText(plain, before, after);
      return kept && saysTheSame(read, await serialise(expected));
    } catch {
      return false;
    }
  }

  return { write, writeSurely };
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

function edit(opened: Opened, after: string, strict: boolean): string {
  const now = scan(after);
  nameKeys(now, new Contents(opened.contents));
  const { source, then, sources, known } = opened;
  if (now.root.key === then.root.key) return source.text;
  return writeEdit({ source, then, now, sources, known, edits: matchEdit(now, then), strict });
}
