/** A draft in the page: saves by itself, keeps what was not sent yet in this browser, overwrites nobody. */
import { batch, signal, type Signal } from "@preact/signals";
import { get, Offline, post, Problem, put } from "../shell/api";
import { session } from "../shell/session";

export interface DraftFile {
  name: string;
  content: string;
}
export interface Editor {
  name: string;
  since: string;
}
export interface Conflict {
  by: string | null;
  at: string | null;
  revision: number;
}
export type State = "saved" | "saving" | "offline" | "conflict";

export interface Draft {
  key: string;
  name: string;
  revision: number;
  files: Signal<DraftFile[]>;
  state: Signal<State>;
  editors: Signal<Editor[]>;
  title: Signal<string>;
  conflict: Signal<Conflict | null>;
  /** Why the server would not take it, where it said so. */
  trouble: Signal<string | null>;
  /** Counts how often all files were replaced from outside: editors begin anew. */
  reloads: Signal<number>;
  /** Somebody else's newer state was taken over while nothing of ours was unsent: by whom. */
  news: Signal<string | null>;
}

export interface Stored {
  draftKey: string;
  name: string;
  revision: number;
  changedBy: string | null;
  changedDate: string;
  createdDate: string;
  processDefinitionIds: string[];
  fromProcessDefinitionKey: string | null;
  deployedRevision: number | null;
}
type Whole = Stored & { files: DraftFile[]; editors: Editor[] };

/** What was not sent yet; null: the file is gone. `revision`: the one it was changed from. */
interface Unsent {
  revision: number;
  files: Record<string, string | null>;
  name?: string;
}

const PAUSE = 900; // after the last stroke
const BEAT = 10_000; // "I am still here": well below the 30 s after which one counts as gone
const AGAIN = [1000, 2000, 5000, 10_000];

interface Inside {
  unsent: Unsent;
  timer?: ReturnType<typeof setTimeout>;
  sending: Promise<void> | null;
  /** What was sent without an answer: it may have arrived. */
  doubtful: Unsent | null;
  tries: number;
  /** Of editors that gather strokes for a moment: each tells what it holds back. */
  writers: Set<() => Promise<void>>;
}
const insides = new WeakMap<Draft, Inside>();

const path = (key: string): string => `/passerelle/v1/drafts/${key}`;
const place = (key: string): string => `passerelle.draft.${session().username}.${key}`;

export async function open(key: string): Promise<Draft> {
  const found = await get<Whole>(path(key));
  const kept = recalled(key);
  const draft: Draft = {
    key,
    name: found.name,
    revision: found.revision,
    files: signal(found.files),
    state: signal<State>("saved"),
    editors: signal(found.editors),
    title: signal(found.name),
    conflict: signal(null),
    trouble: signal(null),
    reloads: signal(0),
    news: signal(null),
  };
  const inside: Inside = { unsent: { revision: found.revision, files: {} }, sending: null, doubtful: null, tries: 0, writers: new Set() };
  insides.set(draft, inside);
  if (kept) {
    inside.unsent = kept;
    draft.files.value = merged(found.files, kept.files);
    if (kept.name) retitle(draft, kept.name);
    if (kept.revision === found.revision) later(draft, 0);
    else settle(draft, inside, kept, found);
  }
  return draft;
}

/** Saves by itself, a moment later; what was not sent yet is kept in this browser. */
export function change(draft: Draft, file: string, content: string): void {
  const known = draft.files.value.find((one) => one.name === file);
  if (!known || known.content === content) return; // a late stroke brings no deleted file back
  put_(draft, { [file]: content });
}

export const add = (draft: Draft, files: DraftFile[]): void => put_(draft, Object.fromEntries(files.map((one) => [one.name, one.content])));
export const drop = (draft: Draft, file: string): void => put_(draft, { [file]: null });

export function rename(draft: Draft, name: string): void {
  const fine = name.trim().replace(/\s+/g, " ").slice(0, 200);
  if (!fine || fine === draft.title.value) return;
  retitle(draft, fine);
  insides.get(draft)!.unsent.name = fine;
  remember(draft);
  later(draft);
}

function retitle(draft: Draft, name: string): void {
  draft.name = name;
  draft.title.value = name;
}

function put_(draft: Draft, files: Record<string, string | null>): void {
  const { unsent } = insides.get(draft)!;
  Object.assign(unsent.files, files);
  draft.files.value = merged(draft.files.value, files);
  remember(draft);
  later(draft);
}

function merged(files: DraftFile[], changes: Record<string, string | null>): DraftFile[] {
  const rest = { ...changes };
  const found: DraftFile[] = [];
  for (const one of files) {
    if (!(one.name in rest)) found.push(one);
    else if (rest[one.name] !== null) found.push(one.content === rest[one.name] ? one : { name: one.name, content: rest[one.name]! });
    delete rest[one.name];
  }
  for (const [name, content] of Object.entries(rest)) if (content !== null) found.push({ name, content });
  return found.sort((one, other) => (one.name < other.name ? -1 : 1));
}

// -- sending ----------------------------------------------------------------------------------------------------

const isEmpty = (unsent: Unsent): boolean => !Object.keys(unsent.files).length && unsent.name === undefined;

function later(draft: Draft, pause = PAUSE): void {
  const inside = insides.get(draft)!;
  if (draft.state.value === "conflict") return;
  if (draft.state.value === "saved") draft.state.value = "saving";
  clearTimeout(inside.timer);
  inside.timer = setTimeout(() => void flush(draft), pause);
}

/** An editor that tells of its strokes a moment later says how to tell them at once. Answers how it takes its leave. */
export function gathers(draft: Draft, write: () => Promise<void>): () => void {
  const { writers } = insides.get(draft)!;
  writers.add(write);
  return () => void writers.delete(write);
}

/** Sends what is left; resolves when the server answered, or could not be reached. */
export async function flush(draft: Draft): Promise<void> {
  const inside = insides.get(draft)!;
  await Promise.all([...inside.writers].map((write) => write()));
  clearTimeout(inside.timer);
  if (inside.sending) {
    await inside.sending;
    return isEmpty(inside.unsent) || draft.state.value !== "saving" ? undefined : flush(draft);
  }
  if (isEmpty(inside.unsent) || draft.state.value === "conflict") return;
  inside.sending = send(draft, inside).finally(() => (inside.sending = null));
  await inside.sending;
}

async function send(draft: Draft, inside: Inside): Promise<void> {
  const sent: Unsent = { ...inside.unsent, files: { ...inside.unsent.files } };
  const before = inside.doubtful ?? sent; // of what was sent first, one never heard whether it arrived
  const body = {
    revision: sent.revision,
    changes: Object.entries(sent.files).map(([name, content]) => ({ name, content })),
    ...(sent.name === undefined ? {} : { name: sent.name }),
  };
  try {
    const answer = await put<Stored>(path(draft.key), body);
    inside.tries = 0;
    inside.doubtful = null;
    draft.trouble.value = null;
    draft.revision = answer.revision;
    inside.unsent.revision = answer.revision;
    for (const [name, content] of Object.entries(sent.files)) if (inside.unsent.files[name] === content) delete inside.unsent.files[name];
    if (inside.unsent.name === sent.name) delete inside.unsent.name;
    remember(draft);
    draft.state.value = isEmpty(inside.unsent) ? "saved" : "saving";
    if (draft.state.value === "saving") later(draft);
  } catch (error) {
    if (error instanceof Problem && error.status === 409 && error.title === "CONFLICT") {
      const found = await get<Whole>(path(draft.key)).catch(() => null);
      inside.doubtful = null;
      if (found) settle(draft, inside, before, found);
      else clash(draft, error.body as unknown as Conflict);
    } else if (error instanceof Offline || (error instanceof Problem && error.status >= 500)) {
      inside.doubtful = before;
      draft.state.value = "offline";
      const pause = AGAIN[Math.min(inside.tries++, AGAIN.length - 1)]!;
      clearTimeout(inside.timer);
      inside.timer = setTimeout(() => void flush(draft), pause);
    } else draft.trouble.value = error instanceof Error ? error.message : String(error);
  }
}

/** Ours had arrived, and only the answer was lost: then there is nothing to ask. Else somebody else was first. */
function settle(draft: Draft, inside: Inside, sent: Unsent, found: Whole): void {
  const theirs = new Map(found.files.map((one) => [one.name, one.content]));
  const arrived = Object.entries(sent.files).every(([name, content]) => (theirs.get(name) ?? null) === content) && (sent.name ?? found.name) === found.name;
  if (!arrived) return clash(draft, { by: found.changedBy, at: found.changedDate, revision: found.revision });
  const { unsent } = inside;
  for (const [name, content] of Object.entries(unsent.files)) if ((theirs.get(name) ?? null) === content) delete unsent.files[name];
  if (unsent.name === found.name) delete unsent.name;
  unsent.revision = draft.revision = found.revision;
  draft.files.value = merged(found.files, unsent.files);
  remember(draft);
  draft.state.value = isEmpty(unsent) ? "saved" : "saving";
  if (draft.state.value === "saving") later(draft);
}

function clash(draft: Draft, about: Conflict): void {
  batch(() => {
    draft.conflict.value = about;
    draft.state.value = "conflict";
  });
}

// -- kept in this browser -----------------------------------------------------------------------------------------

function remember(draft: Draft): void {
  const { unsent } = insides.get(draft)!;
  try {
    if (isEmpty(unsent)) localStorage.removeItem(place(draft.key));
    else localStorage.setItem(place(draft.key), JSON.stringify(unsent));
  } catch {
    // full, or not allowed: the page still has it, and sends it
  }
}

function recalled(key: string): Unsent | null {
  try {
    const found = JSON.parse(localStorage.getItem(place(key)) ?? "null") as Unsent | null;
    return found && typeof found.revision === "number" && found.files && typeof found.files === "object" ? found : null;
  } catch {
    return null;
  }
}

// -- a conflict ---------------------------------------------------------------------------------------------------

/** What they saved, instead of mine. */
export async function takeTheirs(draft: Draft): Promise<void> {
  const found = await get<Whole>(path(draft.key));
  insides.get(draft)!.unsent = { revision: found.revision, files: {} };
  remember(draft);
  replaced(draft, found);
}

/** Mine as a draft of its own; answers its key. Theirs stays. */
export async function keepMine(draft: Draft, name: string): Promise<string> {
  const made = await post<Stored>("/passerelle/v1/drafts", { name, files: draft.files.value });
  insides.get(draft)!.unsent = { revision: draft.revision, files: {} };
  remember(draft);
  return made.draftKey;
}

function replaced(draft: Draft, found: Whole): void {
  batch(() => {
    draft.revision = found.revision;
    retitle(draft, found.name);
    draft.files.value = found.files;
    draft.conflict.value = null;
    draft.trouble.value = null;
    draft.state.value = "saved";
    draft.reloads.value++;
  });
}

// -- who else is there ---------------------------------------------------------------------------------------------

interface Presence {
  revision: number;
  changedBy: string | null;
  editors: Editor[];
}

/** Says again and again that we are here, and hears who else is; answers what ends it. */
export function attend(draft: Draft): () => void {
  let over = false;
  const inside = insides.get(draft)!;
  const beat = async (): Promise<void> => {
    try {
      const found = await post<Presence>(`${path(draft.key)}/presence`, {});
      if (over) return;
      draft.editors.value = found.editors;
      if (draft.state.value === "offline") void flush(draft);
      if (found.revision > draft.revision && isEmpty(inside.unsent) && !inside.sending && draft.state.value === "saved") await catchUp(draft);
    } catch {
      // the next beat tries again; saving says that the connection is lost
    }
  };
  const back = (): void => void flush(draft);
  const leave = (): void => {
    if (document.visibilityState === "hidden") void flush(draft);
  };
  addEventListener("online", back);
  document.addEventListener("visibilitychange", leave);
  void beat();
  const timer = setInterval(() => void beat(), BEAT);
  return () => {
    over = true;
    clearInterval(timer);
    removeEventListener("online", back);
    document.removeEventListener("visibilitychange", leave);
    void flush(draft);
    post(`${path(draft.key)}/presence`, { leaving: true }).catch(() => undefined);
  };
}

async function catchUp(draft: Draft): Promise<void> {
  const found = await get<Whole>(path(draft.key));
  if (!isEmpty(insides.get(draft)!.unsent)) return; // a stroke came first: saving will say that two are at it
  insides.get(draft)!.unsent.revision = found.revision;
  replaced(draft, found);
  draft.news.value = found.changedBy ?? "";
}
