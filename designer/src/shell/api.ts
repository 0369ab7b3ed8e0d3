/** Asks the server. Every no is a `Problem` that says what was wrong and where. */
import { session, toLogIn } from "./session";
import { language } from "./words";

/** One thing that is wrong, at its place (RFC 9457 problem+json with our `errors`). */
export interface Fault {
  element?: string;
  field?: string;
  message: string;
}

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly faults: Fault[] = [],
    readonly body: Record<string, unknown> = {},
  ) {
    super(detail || title);
  }
}

/** The server cannot be reached: what was done stays here and is sent again later. */
export class Offline extends Error {}

/** JSON that is sent as it was written: a large number read and written by the browser would lose digits. */
export class Written {
  constructor(readonly json: string) {}
}

type Body = unknown;
interface Options {
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

async function ask(method: string, path: string, body?: Body, { headers = {}, signal }: Options = {}): Promise<Response> {
  const sent: Record<string, string> = { Accept: "application/json", "Accept-Language": language.value, "X-CSRF-Token": session().csrf, ...headers };
  let payload: BodyInit | undefined;
  if (body instanceof FormData) payload = body;
  else if (body !== undefined) {
    payload = body instanceof Written ? body.json : JSON.stringify(body);
    sent["Content-Type"] = "application/json";
  }
  let answer: Response;
  try {
    answer = await fetch(path, { method, headers: sent, body: payload, signal });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Offline(String(error));
  }
  if (answer.ok) return answer;
  if (answer.status === 401) toLogIn();
  const said = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
  throw new Problem(
    answer.status,
    String(said.title ?? answer.statusText),
    String(said.detail ?? ""),
    Array.isArray(said.errors) ? (said.errors as Fault[]) : [],
    said,
  );
}

async function json<Answer>(answer: Response): Promise<Answer> {
  return (answer.status === 204 ? undefined : await answer.json()) as Answer;
}

export const get = async <Answer>(path: string, options?: Options): Promise<Answer> => json(await ask("GET", path, undefined, options));
export const post = async <Answer>(path: string, body?: Body, options?: Options): Promise<Answer> =>
  json(await ask("POST", path, body, options));
export const put = async <Answer>(path: string, body?: Body, options?: Options): Promise<Answer> =>
  json(await ask("PUT", path, body, options));
export const patch = async <Answer>(path: string, body?: Body, options?: Options): Promise<Answer> =>
  json(await ask("PATCH", path, body, options));
export const remove = async (path: string, options?: Options): Promise<void> => void (await ask("DELETE", path, undefined, options));
export const text = async (path: string, options?: Options): Promise<string> => (await ask("GET", path, undefined, options)).text();
export const blob = async (path: string, options?: Options): Promise<Blob> => (await ask("GET", path, undefined, options)).blob();

const QUIET = 30_000; // ms: the server says something every ten seconds; a line that says nothing is broken
const LONGEST_PAUSE = 5_000;

/**
 * Events of the server (text/event-stream) until `signal` aborts; connects again by itself, going on after the last id.
 * `onLine(false)` when the line is lost, `onLine(true)` when it is there (again).
 */
export async function events(path: string, on: (name: string, data: unknown) => void, signal: AbortSignal, onLine?: (there: boolean) => void): Promise<void> {
  let last = "";
  for (let pause = 500; !signal.aborted; pause = Math.min(pause * 2, LONGEST_PAUSE)) {
    const line = new AbortController();
    const hangUp = (): void => line.abort();
    signal.addEventListener("abort", hangUp);
    let quiet = setTimeout(hangUp, QUIET);
    try {
      const headers: Record<string, string> = { Accept: "text/event-stream" };
      if (last) headers["Last-Event-ID"] = last;
      const answer = await ask("GET", path, undefined, { headers, signal: line.signal });
      onLine?.(true);
      const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (;;) {
        const { done, value } = await reader.read();
        if (done) break;
        pause = 250;
        clearTimeout(quiet);
        quiet = setTimeout(hangUp, QUIET);
        const blocks = (rest + value).split("\n\n");
        rest = blocks.pop()!;
        for (const block of blocks) {
          const event = parsed(block);
          last = event.id || last;
          if (event.data) on(event.name, JSON.parse(event.data));
        }
      }
    } catch (error) {
      if (signal.aborted || (error instanceof Problem && error.status < 500)) return;
      onLine?.(false);
    } finally {
      clearTimeout(quiet);
      signal.removeEventListener("abort", hangUp);
    }
    await rested(pause);
  }
}

/** The pause, or until the browser is told that there is a network again. */
function rested(pause: number): Promise<void> {
  return new Promise((go) => {
    const timer = setTimeout(done, pause);
    function done(): void {
      clearTimeout(timer);
      removeEventListener("online", done);
      go();
    }
    addEventListener("online", done);
  });
}

function parsed(block: string): { id: string; name: string; data: string } {
  const event = { id: "", name: "message", data: "" };
  for (const line of block.split("\n")) {
    const [, field, value] = /^(\w+): ?(.*)$/.exec(line) ?? [];
    if (field === "id") event.id = value!;
    else if (field === "event") event.name = value!;
    else if (field === "data") event.data += (event.data && "\n") + value!;
  }
  return event;
}
