/** What runs: instances by process, state, whom they wait for, age and number. What is chosen stands in the address. */
import "../live/lists.css";
import "../live/live.css";
import { useEffect, useRef, useState } from "preact/hooks";
import { Link, useLocation, useSearch } from "wouter-preact";
import { WorkerDialog } from "../live/worker_later";
import { get, post } from "../shell/api";
import { Button, Icon } from "../shell/ui";
import { useTitle } from "../shell/title";
import { language, room, span, when } from "../shell/words";

const t = room({
  en: {
    title: "Instances", search: "Title or number", state: "State", process: "Process", party: "Waits for", all: "All", allStates: "All states", incident: "Only what stands still", onlyLate: "Only what is late", edge: "Went from {between}", lateEdge: "Late from {between}", takeAway: "Take this filter away", sortBy: "Sort by {name}",
    ACTIVE: "Running", COMPLETED: "Completed", TERMINATED: "Canceled", count: "{n} instance || {n} instances", atLeast: "at least {n}",
    stuck: "stands still", more: "Show more", none: "Nothing fits. Take a filter away, or start a process.", loading: "Loading…", case: "Case", any: "Any", day: "Over a day", week: "Over a week", month: "Over a month", title2: "Title", age: "Age", waits: "Waits for", began: "began {when}",
    took: "took {span}", jobs: "Work that no program has ever asked for:", open: "{n} waits || {n} wait", worker: "Ready program…", clear: "Clear", late: "late",
  },
  fr: {
    title: "Instances", search: "Titre ou numéro", state: "État", process: "Processus", party: "Attend", all: "Tous", allStates: "Tous les états", incident: "Seulement ce qui est bloqué", onlyLate: "Seulement ce qui est en retard", edge: "Passé de {between}", lateEdge: "En retard de {between}", takeAway: "Retirer ce filtre", sortBy: "Trier par {name}",
    ACTIVE: "En cours", COMPLETED: "Terminé", TERMINATED: "Annulé", count: "{n} instance || {n} instances", atLeast: "au moins {n}",
    stuck: "bloqué", more: "Afficher la suite", none: "Rien ne correspond. Retirez un filtre, ou démarrez un processus.", loading: "Chargement…", case: "Dossier", any: "Tous", day: "Plus d'un jour", week: "Plus d'une semaine", month: "Plus d'un mois", title2: "Titre", age: "Âge", waits: "Attend", began: "commencé {when}",
    took: "a duré {span}", jobs: "Travail qu'aucun programme n'a jamais demandé :", open: "{n} en attente || {n} en attente", worker: "Programme prêt…", clear: "Effacer", late: "en retard",
  },
});

interface Waiting { partyKey: string; partyName: string; side: string; since: string; dueDate: string | null; clock: string }
interface Listed {
  processInstanceKey: string; processDefinitionId: string; processDefinitionName: string | null; processDefinitionVersion: number; state: "ACTIVE" | "COMPLETED" | "TERMINATED";
  incidents: number; startDate: string; endDate: string | null; caseKey: string; caseNumber: string; title: string | null; waitsFor: Waiting[];
}
interface Found { items: Listed[]; page: { totalItems: number; hasMoreTotalItems: boolean; endCursor: string | null } }
interface Group { key: string; name: string | null; count: number }
interface Counts { total: number; withIncident: number; late: number; hasMore: boolean; now: string; states: Group[]; processes: Group[]; parties: Group[] }
interface JobType { type: string; open: number; lastAskedAt: string | null }

const PAGE = 50;
const DAY = 86_400_000;
const AGES: Record<string, number> = { day: 1, week: 7, month: 30 };
const STATES = ["ACTIVE", "COMPLETED", "TERMINATED"] as const;

/** The address says what is chosen; without a word it is what runs. */
function filterOf(chosen: URLSearchParams): Record<string, unknown> {
  const state = chosen.get("state") ?? "ACTIVE";
  return {
    ...(chosen.get("q") ? { search: chosen.get("q") } : {}),
    ...(state !== "all" ? { state } : {}),
    ...(chosen.get("process") ? { processDefinitionId: chosen.get("process") } : {}),
    ...(chosen.get("party") ? { waitsForPartyKey: chosen.get("party") } : {}),
    ...(AGES[chosen.get("age") ?? ""] ? { startDate: { $lt: new Date(Date.now() - AGES[chosen.get("age")!]! * DAY).toISOString() } } : {}),
    ...(chosen.get("stuck") ? { hasIncident: true } : {}),
    ...(chosen.get("late") ? { isLate: true } : {}),
    ...(chosen.get("flow") ? { [chosen.get("late") === "there" ? "lateFlowId" : "flowId"]: chosen.get("flow") } : {}),
  };
}

export default function Instances() {
  const address = useSearch();
  const [, go] = useLocation();
  useTitle(t("title"));
  const chosen = new URLSearchParams(address);
  const [found, set] = useState<Listed[] | null>(null);
  const [page, setPage] = useState<Found["page"] | null>(null);
  const [counts, setCounts] = useState<Counts | null>(null);
  const [problem, complain] = useState("");
  const typing = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const sort = sortOf(chosen.get("sort") ?? "");

  useEffect(() => {
    let stale = false;
    const filter = filterOf(new URLSearchParams(address));
    set(null);
    complain("");
    post<Found>("/passerelle/v1/instances/search", { filter, sort, page: { limit: PAGE } }).then((answer) => !stale && (set(answer.items), setPage(answer.page)), (error: Error) => !stale && complain(error.message));
    post<Counts>("/passerelle/v1/instances/counts", { filter }).then((answer) => !stale && setCounts(answer), () => undefined);
    return () => void (stale = true);
  }, [address]);

  const choose = (name: string, value: string): void => {
    const next = new URLSearchParams(address);
    if (value) next.set(name, value);
    else next.delete(name);
    go(`/instances${next.size ? `?${next}` : ""}`, { replace: name === "q" });
  };
  const more = async (): Promise<void> => {
    const answer = await post<Found>("/passerelle/v1/instances/search", { filter: filterOf(chosen), sort, page: { limit: PAGE, after: page!.endCursor } });
    set([...(found ?? []), ...answer.items]);
    setPage(answer.page);
  };
  const total = page?.totalItems ?? 0;
  return (
    <div class="page instances">
      <div class="title-bar">
        <h1>{t("title")}</h1>
        {page && <span class="muted" role="status">{page.hasMoreTotalItems ? t("atLeast", { n: total }) : t("count", { n: total })}</span>}
      </div>
      <JobTypes />
      <search class="filters card">
        <label class="filter wide"><span class="label">{t("search")}</span><input type="search" value={chosen.get("q") ?? ""} onInput={(event) => {
          const words = event.currentTarget.value.trim();
          clearTimeout(typing.current);
          typing.current = setTimeout(() => choose("q", words), 250);
        }} /></label>
        <Choice label={t("state")} value={chosen.get("state") ?? "ACTIVE"} onChoose={(value) => choose("state", value === "ACTIVE" ? "" : value)}
          options={[...STATES.map((state): Option => [state, t(state), counts?.states.find((one) => one.key === state)?.count ?? 0]), ["all", t("allStates"), null]]} />
        <Choice label={t("process")} value={chosen.get("process") ?? ""} onChoose={(value) => choose("process", value)} options={options(counts?.processes, chosen.get("process"))} />
        <Choice label={t("party")} value={chosen.get("party") ?? ""} onChoose={(value) => choose("party", value)} options={options(counts?.parties, chosen.get("party"))} />
        <Choice label={t("age")} value={chosen.get("age") ?? ""} onChoose={(value) => choose("age", value)} options={[["", t("any"), null], ["day", t("day"), null], ["week", t("week"), null], ["month", t("month"), null]]} />
        <Only label={t("onlyLate")} count={counts?.late} chosen={!!chosen.get("late")} onChoose={(value) => choose("late", value)} />
        <Only label={t("incident")} count={counts?.withIncident} chosen={!!chosen.get("stuck")} onChoose={(value) => choose("stuck", value)} />
        {chosen.get("flow") && <Button class="small-button" icon="close" title={t("takeAway")} onClick={() => choose("flow", "")}>{t(chosen.get("late") === "there" ? "lateEdge" : "edge", { between: chosen.get("between") ?? chosen.get("flow")! })}</Button>}
        {address && <Button kind="plain" onClick={() => go("/instances")}>{t("clear")}</Button>}
      </search>
      {problem && <p class="empty" role="alert">{problem}</p>}
      {!found && !problem && <p class="empty" role="status">{t("loading")}</p>}
      {found?.length === 0 && <p class="empty">{t("none")}</p>}
      {found && found.length > 0 && <List items={found} now={counts?.now ?? new Date().toISOString()} sort={chosen.get("sort") ?? ""} onSort={(value) => choose("sort", value)} />}
      {found && found.length < total && page?.endCursor && <p class="more"><Button onClick={() => void more()}>{t("more")}</Button></p>}
    </div>
  );
}

type Option = [value: string, name: string, count: number | null];

function options(groups: Group[] | undefined, chosen: string | null): Option[] {
  const found = (groups ?? []).map((one): Option => [one.key, one.name ?? one.key, one.count]);
  if (chosen && !found.some(([value]) => value === chosen)) found.push([chosen, chosen, 0]);
  return [["", t("all"), null], ...found];
}

function Choice({ label, value, options, onChoose }: { label: string; value: string; options: Option[]; onChoose: (value: string) => void }) {
  return (
    <label class="filter"><span class="label">{label}</span>
      <select value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
        {options.map(([key, name, count]) => <option key={key} value={key} selected={key === value}>{name}{count === null ? "" : ` (${new Intl.NumberFormat(language.value).format(count)})`}</option>)}
      </select>
    </label>
  );
}

function Only({ label, count, chosen, onChoose }: { label: string; count: number | undefined; chosen: boolean; onChoose: (value: string) => void }) {
  return (
    <label class="filter check"><input type="checkbox" checked={chosen} onChange={(event) => onChoose(event.currentTarget.checked ? "1" : "")} /> {label}{count === undefined ? "" : ` (${new Intl.NumberFormat(language.value).format(count)})`}</label>
  );
}

/** What a column is sorted by, and the other way round; without a word the newest come first. */
const SORTS: Record<string, { field: string; order: "ASC" | "DESC" }> = {
  "": { field: "startDate", order: "DESC" }, oldest: { field: "startDate", order: "ASC" }, number: { field: "caseNumber", order: "ASC" }, "-number": { field: "caseNumber", order: "DESC" },
  title: { field: "title", order: "ASC" }, "-title": { field: "title", order: "DESC" }, waits: { field: "waitsFor", order: "ASC" }, "-waits": { field: "waitsFor", order: "DESC" },
};
const sortOf = (chosen: string) => [SORTS[chosen] ?? SORTS[""]!];

function Sorted({ name, ways, sort, onSort }: { name: string; ways: [string, string]; sort: string; onSort: (value: string) => void }) {
  const at = ways.indexOf(sort);
  return (
    <th aria-sort={at < 0 ? undefined : at === 0 ? "ascending" : "descending"}>
      <button type="button" class="sorts" title={t("sortBy", { name })} onClick={() => onSort(ways[at === 0 ? 1 : 0])}>{name} <span aria-hidden="true">{at < 0 ? "↕" : at === 0 ? "↑" : "↓"}</span></button>
    </th>
  );
}

function List({ items, now, sort, onSort }: { items: Listed[]; now: string; sort: string; onSort: (value: string) => void }) {
  return (
    <div class="card listed"><table>
      <thead><tr><Sorted name={t("case")} ways={["number", "-number"]} {...{ sort, onSort }} /><Sorted name={t("title2")} ways={["title", "-title"]} {...{ sort, onSort }} /><th>{t("process")}</th><Sorted name={t("waits")} ways={["waits", "-waits"]} {...{ sort, onSort }} /><Sorted name={t("age")} ways={["", "oldest"]} {...{ sort, onSort }} /><th>{t("state")}</th></tr></thead>
      <tbody>{items.map((one) => (
        <tr key={one.processInstanceKey}>
          <td class="nowrap"><Link href={`/instances/${one.processInstanceKey}`}>{one.caseNumber}</Link></td>
          <td>{one.title ?? <span class="muted">—</span>}</td>
          <td>{one.processDefinitionName ?? one.processDefinitionId} <span class="small">v{one.processDefinitionVersion}</span></td>
          <td>{one.waitsFor.length ? one.waitsFor.slice(0, 3).map((wait) => <div key={wait.partyKey + wait.side}>{wait.partyName} <span class="small">{wait.side}</span> {wait.clock.toUpperCase() === "LATE" && <span class="tag late">{t("late")}</span>}</div>) : <span class="muted">—</span>}</td>
          <td class="nowrap" title={t("began", { when: when(one.startDate) })}>{one.endDate ? t("took", { span: span(gap(one.startDate, one.endDate)) }) : span(gap(one.startDate, now))}</td>
          <td class="nowrap"><span class={`tag ${{ ACTIVE: "info", COMPLETED: "good", TERMINATED: "" }[one.state]}`}>{t(one.state)}</span> {one.incidents > 0 && <span class="tag late"><Icon name="warning" /> {t("stuck")}</span>}</td>
        </tr>
      ))}</tbody>
    </table></div>
  );
}

const gap = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 1000;

function JobTypes() {
  const [found, set] = useState<JobType[]>([]);
  const [shown, show] = useState<string | null>(null);
  useEffect(() => void get<{ items: JobType[] }>("/passerelle/v1/job-types").then(({ items }) => set(items.filter((one) => !one.lastAskedAt)), () => undefined), []);
  if (!found.length) return null;
  return (<>
    <section class="missing-workers" aria-label={t("jobs")}>
      <p><Icon name="warning" /> <strong>{t("jobs")}</strong></p>
      <ul>{found.map((one) => <li key={one.type}><code>{one.type}</code> <span class="small">{t("open", { n: one.open })}</span> <Button class="small-button" onClick={() => show(one.type)}>{t("worker")}</Button></li>)}</ul>
    </section>
    {shown && <WorkerDialog type={shown} onClose={() => show(null)} />}
  </>);
}
