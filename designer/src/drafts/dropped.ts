/** What was dropped last and what the server made of it, on the way from the list to its report. */
import { signal } from "@preact/signals";
import { blob } from "../shell/api";
import { check, type Checked } from "./check";
import { isZip, read } from "./files";
import type { DraftFile, Stored } from "./store";
import { post } from "../shell/api";

export interface Report {
  files: DraftFile[];
  checked: Checked;
  /** Of a draft that is kept already. */
  draftKey?: string;
}

export const report = signal<Report | null>(null);

/** Checks the files, all together; a zip is a draft already, and its key is answered. */
export async function dropped(files: File[]): Promise<{ draftKey: string } | null> {
  if (files.length === 1 && isZip(files[0]!)) return unpacked(files[0]!);
  const found = await Promise.all(files.map(read));
  report.value = { files: found, checked: await check(found) };
  return null;
}

async function unpacked(file: File): Promise<{ draftKey: string }> {
  const form = new FormData();
  form.append("file", file, file.name);
  return post<Stored>("/passerelle/v1/drafts/import", form);
}

export async function kept(files: DraftFile[], name?: string): Promise<string> {
  const title = name ?? files[0]!.name.replace(/\.\w+$/, "");
  return (await post<Stored>("/passerelle/v1/drafts", { name: title, files })).draftKey;
}

/** Hands a file of the server to the browser, to be kept on the disk. */
export async function download(path: string, name: string): Promise<void> {
  const address = URL.createObjectURL(await blob(path));
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
