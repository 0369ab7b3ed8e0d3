/** Who is logged in, as the server says it; the token without which our cookie authorises nothing. */
import { type Language, speak } from "./words";

export interface Session {
  username: string;
  name: string;
  language: Language;
  roles: string[];
  csrf: string;
  timezone: string;
  /** Of this installation, for links that others open. */
  url: string;
}

let current: Session | null = null;

/** Raises what the server says where nobody is logged in; the page then goes to the log-in by itself. */
export async function open(): Promise<Session> {
  const answer = await fetch("/workbench/session", { headers: { Accept: "application/json" } });
  if (answer.status === 401) {
    toLogIn();
    throw new Error("");
  }
  if (!answer.ok) throw new Error(((await answer.json().catch(() => ({}))) as { detail?: string }).detail ?? answer.statusText);
  current = (await answer.json()) as Session;
  speak(current.language);
  document.documentElement.lang = current.language;
  return current;
}

export function session(): Session {
  if (!current) throw new Error("The session was not opened yet.");
  return current;
}

export function has(...roles: string[]): boolean {
  return roles.some((role) => session().roles.includes(role));
}

export function toLogIn(): void {
  location.assign(`/login?back=${encodeURIComponent(location.pathname + location.search)}`);
}
