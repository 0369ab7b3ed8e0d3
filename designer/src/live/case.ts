/** A case as it stands now: asked for once, and again whenever the server says that something changed. */
import { useEffect, useRef, useState } from "preact/hooks";
import { events, get, post, text } from "../shell/api";

export interface Instance {
  processInstanceKey: string;
  processDefinitionKey: string;
  processDefinitionId: string;
  processDefinitionName: string | null;
  version: number;
  state: "ACTIVE" | "COMPLETED" | "TERMINATED";
  parentProcessInstanceKey: string | null;
  startDate: string;
  endDate: string | null;
  incidents: number;
}
export interface Token {
  processInstanceKey: string;
  elementId: string;
  active: number;
  completed: number;
  terminated: number;
}
export interface Wait {
  kind: "task" | "job" | "timer" | "message" | "signal";
  key: string;
  elementId: string;
  processInstanceKey: string | null;
  since: string | null;
  dueDate: string | null;
  name: string | null;
  who: string | null;
  state: string | null;
  /** Of a message that may be published; null: it comes by a message flow, or the reader sees no values. */
  correlationKey: string | null;
}
export interface Incident {
  incidentKey: string;
  elementId: string;
  processInstanceKey: string;
  errorType: string;
  errorMessage: string;
  jobKey: string | null;
  creationTime: string;
}
export interface Handoff {
  handoffKey: string;
  path: string[];
  kind: "internal" | "partner" | "customer";
  fromSide: string;
  toSide: string;
  fromPartyName: string;
  toPartyName: string;
  toElementId: string | null;
  round: number;
  state: "OFFERED" | "ACCEPTED" | "COMPLETED" | "DECLINED" | "WITHDRAWN";
  clock: string;
  offeredDate: string;
  acceptedDate: string | null;
  endDate: string | null;
  acceptDueDate: string | null;
  completeDueDate: string | null;
  reason: string | null;
}
export interface Live {
  caseKey: string;
  caseNumber: string;
  title: string | null;
  state: "ACTIVE" | "COMPLETED" | "TERMINATED";
  revision: number;
  now: string;
  creationDate: string;
  endDate: string | null;
  startedBy: string | null;
  instances: Instance[];
  tokens: Token[];
  waits: Wait[];
  incidents: Incident[];
  handoffs: Handoff[];
}
export interface Happening {
  revision: number;
  at: string;
  actor: string | null;
  actorName: string | null;
  command: string;
  elements: { word: string; elementId: string; processInstanceKey: string }[];
}
export interface Value {
  variableKey: string;
  name: string;
  value: string;
  isTruncated: boolean;
  scopeKey: string;
  processInstanceKey: string;
}
export interface Watched {
  live: Live | null;
  problem: string;
  /** The server cannot be reached, or does not say what changes: what is seen may be old. */
  isLost: boolean;
  refresh: () => void;
}

const TICK = 30_000; // ms between two looks at how long things wait

/** `base`: "" for the installation, "/trials/<key>" for a trial. Calls `onChange` after each change that came from elsewhere. */
export function useCase(base: string, caseKey: string | null, onChange?: () => void): Watched {
  const [live, set] = useState<Live | null>(null);
  const [problem, complain] = useState("");
  const [isLost, lose] = useState(false);
  const asking = useRef<{ again: boolean } | null>(null);
  const known = useRef<number | null>(null); // revision
  const told = useRef(onChange);
  told.current = onChange;

  function refresh(): void {
    if (!caseKey) return;
    if (asking.current) {
      asking.current.again = true;
      return;
    }
    const mine = { again: false };
    asking.current = mine;
    get<Live>(`${base}/passerelle/v1/cases/${caseKey}/live`)
      .then((found) => (set(found), (known.current = found.revision), complain("")), (error: Error) => complain(error.message))
      .finally(() => {
        asking.current = null;
        if (mine.again) refresh();
      });
  }

  useEffect(() => {
    set(null);
    known.current = null;
    complain("");
    if (!caseKey) return;
    const stop = new AbortController();
    refresh();
    const on = (name: string, data?: unknown): void => {
      // a change between the first look and the line's opening is told by nobody: the line says at which revision it opens
      if (name === "open" && (data as { revision: number }).revision === known.current) return;
      if (name !== "changed" && name !== "open") return;
      refresh();
      told.current?.();
    };
    let wasThere = true;
    const onLine = (there: boolean): void => {
      lose(!there);
      // what happened meanwhile is asked for, whether or not the server still knows where we stopped
      if (there && !wasThere) on("changed");
      wasThere = there;
    };
    void events(`${base}/passerelle/v1/events?case=${caseKey}`, on, stop.signal, onLine);
    return () => stop.abort();
  }, [base, caseKey]);

  useEffect(() => {
    if (base) return; // the clock of a trial stands still
    const timer = setInterval(() => set((found) => found && { ...found, now: new Date(Date.parse(found.now) + TICK).toISOString() }), TICK);
    return () => clearInterval(timer);
  }, [base]);

  return { live: live?.caseKey === caseKey ? live : null, problem, isLost, refresh };
}

export const history = async (base: string, caseKey: string): Promise<Happening[]> =>
  (await get<{ items: Happening[] }>(`${base}/passerelle/v1/cases/${caseKey}/history`)).items;

export async function variables(base: string, instanceKey: string): Promise<Value[]> {
  const asked = { filter: { processInstanceKey: instanceKey }, sort: [{ field: "name" }], page: { limit: 500 } };
  return (await post<{ items: Value[] }>(`${base}/v2/variables/search`, asked)).items;
}

/** Diagrams of a case: instances whose processes stand in the same file share one. */
export interface Drawing {
  xml: string;
  instances: Instance[];
}

const drawn = new Map<string, Promise<string>>();

export function diagram(base: string, processKey: string): Promise<string> {
  const path = `${base}/v2/process-definitions/${processKey}/xml`;
  let found = drawn.get(path);
  if (!found) {
    found = text(path);
    found.catch(() => drawn.delete(path));
    drawn.set(path, found);
  }
  return found;
}

/** What elements are called in the diagrams, by id. */
export function namesIn(xmls: string[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const xml of xmls)
    for (const node of new DOMParser().parseFromString(xml, "text/xml").querySelectorAll("[id][name]")) {
      const name = node.getAttribute("name")!.replace(/\s+/g, " ").trim();
      if (name) found.set(node.id, name);
    }
  return found;
}

export function useDrawings(base: string, instances: Instance[] | undefined): Drawing[] {
  const [found, set] = useState<Drawing[]>([]);
  const keys = [...new Set(instances?.map((one) => one.processDefinitionKey))].join(" ");
  useEffect(() => {
    let stale = false;
    const all = keys ? keys.split(" ") : [];
    Promise.all(all.map((key) => diagram(base, key))).then(
      (files) => {
        if (stale) return;
        const texts = new Map(all.map((key, n) => [key, files[n]!]));
        set([...new Set(files)].map((xml) => ({ xml, instances: (instances ?? []).filter((one) => texts.get(one.processDefinitionKey) === xml) })));
      },
      () => undefined,
    );
    return () => void (stale = true);
  }, [base, keys, instances?.length]);
  return found;
}
