/** Reads what was dropped or chosen: text in the encoding that its XML says, under a name that a draft can keep. */
import type { DraftFile } from "./store";

const MOST_BYTES = 10 * 1024 * 1024;
const DECLARED = /^\s*<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w.-]{1,40})["']/;

export class TooLarge extends Error {}

export async function read(file: File): Promise<DraftFile> {
  if (file.size > MOST_BYTES) throw new TooLarge(file.name);
  const bytes = new Uint8Array(await file.arrayBuffer());
  return { name: kept(file.name), content: decoded(bytes) };
}

export function decoded(bytes: Uint8Array): string {
  const mark = bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : null;
  const head = new TextDecoder("latin1").decode(bytes.subarray(0, 200));
  const encoding = mark ?? DECLARED.exec(head.replace(/^ï»¿/, ""))?.[1] ?? "utf-8";
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return new TextDecoder("utf-8").decode(bytes);
  }
}

/** order.bpmn20.xml is order.bpmn; the folders of a path are left out. */
export function kept(name: string): string {
  const own = name.split(/[/\\]/).pop()!.replace(/[<>:"|?*\u0000-\u001f\u007f]/g, "-").slice(-120);
  if (/\.(bpmn|form|dmn)$/i.test(own)) return own.replace(/\.\w+$/, (ending) => ending.toLowerCase());
  if (/\.xml$|\.bpmn2$/i.test(own)) return `${own.replace(/(\.bpmn20)?\.(xml|bpmn2)$/i, "")}.bpmn`;
  if (/\.json$/i.test(own)) return `${own.slice(0, -5)}.form`;
  return own;
}

/** An identifier that files, processes (an XML name) and forms may have: "Réparer le toit" is reparer-le-toit. */
export function slug(name: string, otherwise = "process"): string {
  const plain = name.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase().replace(/[^a-z0-9]+/g, "-").slice(0, 60).replace(/^-+|-+$/g, "");
  return /^\d/.test(plain) ? `${otherwise}-${plain}` : plain || otherwise;
}

/** `name.bpmn`, or the first of name-2, name-3, … that nobody has. */
export function free(name: string, taken: Iterable<string>): string {
  const all = new Set(taken);
  const [, stem, ending] = /^(.*?)(\.\w+)?$/.exec(name)!;
  for (let n = 1; ; n++) {
    const tried = n === 1 ? name : `${stem}-${n}${ending ?? ""}`;
    if (!all.has(tried)) return tried;
  }
}

export const isZip = (file: File): boolean => /\.zip$/i.test(file.name) || file.type === "application/zip";
export const of = (files: DraftFile[], ending: string): DraftFile[] => files.filter((one) => one.name.endsWith(ending));
