/** What stands beside a live diagram: what the case waits for, its incidents, handoffs, values and history. */
import { useEffect, useState } from "preact/hooks";
import { Later } from "../drafts/later";
import { Problem, Written, put } from "../shell/api";
import { has } from "../shell/session";
import { Button, Dialog, tell } from "../shell/ui";
import { room, span, when } from "../shell/words";
import { type Happening, type Incident, type Instance, type Live, type Value, type Wait, history, variables } from "./case";
import { commandName } from "./commands";
import { IncidentDeeds } from "./mending";
import { CancelDialog } from "./canceling";
import type { Sent } from "./sending";
import { WorkerDialog } from "./worker_later";

const t = room({
  en: {
    now: "Now", handoffs: "Handoffs", values: "Values", history: "History", tabs: "About this case",
    waits: "Waits for", incidents: "Stands still", nothing: "Nothing: it has ended.", task: "Task", job: "Work for a program", timer: "Timer", message: "Message", signal: "Signal",
    since: "for {span}", due: "due {when}", offered: "offered to {who}", has: "{who} has it", worker: "Program for it…", send: "Send it…", cancel: "Cancel…", act: "Act as one of the parties…", answer: "Answer for the program…",
    noHandoffs: "Nothing has crossed from one side to another yet.", noValues: "No values, or none that you may see.", noHistory: "Nothing has happened yet.",
    OFFERED: "offered", ACCEPTED: "accepted", COMPLETED: "completed", DECLINED: "refused", RETURNED: "returned", WITHDRAWN: "withdrawn", round: "round {n}",
    late: "late", warned: "nearly due", change: "Change", set: "New value…", name: "Name", json: "Value (JSON: text in quotes, numbers, true, [ ], { })", save: "Save", notJson: "This is not JSON: {why}", saved: "{name} was set.",
    platform: "the platform", trying: "you (trying)", guest: "a guest", customer: "a customer", cut: "(shortened)",
  },
  fr: {
    now: "Maintenant", handoffs: "Passages", values: "Valeurs", history: "Historique", tabs: "À propos de ce dossier",
    waits: "Attend", incidents: "Bloqué", nothing: "Rien : il est terminé.", task: "Tâche", job: "Travail pour un programme", timer: "Minuterie", message: "Message", signal: "Signal",
    since: "depuis {span}", due: "échéance {when}", offered: "proposée à {who}", has: "chez {who}", worker: "Un programme…", cancel: "Annuler…", send: "L'envoyer…", act: "Agir comme une des parties…", answer: "Répondre à sa place…",
    noHandoffs: "Rien n'est encore passé d'un côté à l'autre.", noValues: "Aucune valeur, ou aucune que vous puissiez voir.", noHistory: "Il ne s'est encore rien passé.",
    OFFERED: "proposé", ACCEPTED: "accepté", COMPLETED: "terminé", DECLINED: "refusé", RETURNED: "renvoyé", WITHDRAWN: "retiré", round: "tour {n}",
    late: "en retard", warned: "presque échu", change: "Modifier", set: "Nouvelle valeur…", name: "Nom", json: "Valeur (JSON : texte entre guillemets, nombres, true, [ ], { })", save: "Enregistrer", notJson: "Ce n'est pas du JSON : {why}", saved: "{name} est enregistré.",
    platform: "la plateforme", trying: "vous (essai)", guest: "un invité", customer: "un client", cut: "(abrégé)",
  },
});

const loadSending = () => import("./sending");

export type CaseTab = "now" | "handoffs" | "values" | "history";
export const CASE_TABS: CaseTab[] = ["now", "handoffs", "values", "history"];
export const caseTabName = (tab: CaseTab): string => t(tab);

interface Props {
  base: string;
  live: Live;
  tab: CaseTab;
  /** What elements are called, by id. */
  names: Map<string, string>;
  selected: string | null;
  onSelect: (elementId: string | null) => void;
  refresh: () => void;
  /** In a trial whoever tries may do everything. */
  may?: boolean;
  /** In a trial: to where one does what the case waits for. */
  onDo?: (kind: "task" | "job") => void;
}

/** Tabs that the arrow keys move between. */
export function Tabs<Key extends string>({ tabs, chosen, onChoose, label }: { tabs: { key: Key; name: string; count?: number; bad?: boolean }[]; chosen: Key; onChoose: (key: Key) => void; label?: string }) {
  const move = (event: KeyboardEvent): void => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const next = tabs[(tabs.findIndex((one) => one.key === chosen) + step + tabs.length) % tabs.length]!;
    onChoose(next.key);
    requestAnimationFrame(() => document.getElementById(`tab-${next.key}`)?.focus());
  };
  return (
    <div class="live-tabs" role="tablist" aria-label={label ?? t("tabs")} onKeyDown={move}>
      {tabs.map((one) => (
        <button type="button" role="tab" id={`tab-${one.key}`} key={one.key} aria-selected={one.key === chosen} aria-controls="live-tab" tabIndex={one.key === chosen ? 0 : -1} onClick={() => onChoose(one.key)}>
          {one.name}{one.count ? <span class={one.bad ? "count bad" : "count"}>{one.count}</span> : null}
        </button>
      ))}
    </div>
  );
}

export function CasePanel(props: Props) {
  if (props.tab === "now") return <Now {...props} />;
  if (props.tab === "handoffs") return <Handoffs {...props} />;
  if (props.tab === "values") return <Values {...props} />;
  return <History {...props} />;
}

const seconds = (from: string, to: string): number => (Date.parse(to) - Date.parse(from)) / 1000;

function Now({ base, live, names, selected, onSelect, refresh, may, onDo }: Props) {
  const [worker, setWorker] = useState<string | null>(null);
  const [sending, send] = useState<Sent | null>(null);
  const [asking, ask] = useState(false);
  const begun = live.instances[0]; // of a trial: of real ones the page has it above
  return (
    <>
      {live.incidents.length > 0 && <h2>{t("incidents")}</h2>}
      {live.incidents.length > 0 && <ul class="live-list">{live.incidents.map((one: Incident) => (
        <li key={one.incidentKey} class={one.elementId === selected ? "chosen" : undefined}>
          <div class="live-row"><button type="button" class="live-link" onClick={() => onSelect(one.elementId)}>{names.get(one.elementId) ?? one.elementId}</button><span class="tag late">{one.errorType}</span></div>
          <p>{one.errorMessage}</p>
          <p class="small">{when(one.creationTime)}</p>
          {(may ?? has("operator", "admin")) && <IncidentDeeds base={base} incident={one} onDone={refresh} />}
        </li>
      ))}</ul>}
      <h2>{t("waits")}</h2>
      {live.waits.length === 0 && <p class="muted">{live.state === "ACTIVE" ? "—" : t("nothing")}</p>}
      <ul class="live-list">{live.waits.map((one: Wait) => (
        <li key={one.key} class={one.elementId === selected ? "chosen" : undefined}>
          <div class="live-row">
            <button type="button" class="live-link" onClick={() => onSelect(one.elementId)}>{names.get(one.elementId) ?? one.name ?? one.elementId}</button>
            <span class="tag">{t(one.kind)}</span>
          </div>
          <p class="small">{[
            one.kind === "task" ? "" : one.name ?? "",
            one.kind === "task" && one.who ? (one.state ? t("has", { who: one.who }) : t("offered", { who: one.who })) : one.who ?? "",
            one.since ? t("since", { span: span(seconds(one.since, live.now)) }) : "",
            one.dueDate ? t("due", { when: when(one.dueDate) }) : "",
          ].filter(Boolean).join(" · ")}</p>
          {onDo && (one.kind === "task" || one.kind === "job") && <div><Button class="small-button" kind="primary" onClick={() => onDo(one.kind as "task" | "job")}>{t(one.kind === "task" ? "act" : "answer")}</Button></div>}
          {!onDo && one.kind === "job" && <div><Button class="small-button" onClick={() => setWorker(one.name)}>{t("worker")}</Button></div>}
          {may && (one.kind === "message" || one.kind === "signal") && one.name && (one.kind === "signal" || one.correlationKey !== null) && <div><Button class="small-button" onClick={() => send({ kind: one.kind as Sent["kind"], name: one.name!, correlationKey: one.correlationKey ?? "" })}>{t("send")}</Button></div>}
        </li>
      ))}</ul>
      {worker && <WorkerDialog type={worker} onClose={() => setWorker(null)} />}
      {may && begun?.state === "ACTIVE" && <p class="live-row"><span /><Button class="small-button" kind="danger" onClick={() => ask(true)}>{t("cancel")}</Button></p>}
      {asking && begun && <CancelDialog base={base} instanceKey={begun.processInstanceKey} wholeCase={live.instances.length > 1} onClose={() => ask(false)} onDone={refresh} />}
      {sending && <Later load={loadSending} props={{ base, ...sending, onClose: () => send(null), onSent: () => (send(null), refresh()) }} />}
    </>
  );
}

function Handoffs({ live, selected, onSelect }: Props) {
  if (live.handoffs.length === 0) return <p class="empty">{t("noHandoffs")}</p>;
  return (
    <ul class="live-list">{live.handoffs.map((one) => {
      const late = one.clock.toUpperCase();
      const open = one.state === "OFFERED" || one.state === "ACCEPTED";
      const due = one.state === "OFFERED" ? one.acceptDueDate ?? one.completeDueDate : one.completeDueDate;
      return (
        <li key={one.handoffKey} class={selected && one.path.includes(selected) ? "chosen" : undefined}>
          <div class="live-row">
            <button type="button" class="live-link" onClick={() => onSelect(one.path[0] ?? null)}>{one.fromSide} → {one.toSide}</button>
            <span class={`tag ${{ OFFERED: "info", ACCEPTED: "info", COMPLETED: "good", DECLINED: "late", WITHDRAWN: "" }[one.state]}`}>{t(one.state === "DECLINED" && one.acceptedDate ? "RETURNED" : one.state)}</span>
            {late === "LATE" && <span class="tag late">{t("late")}</span>}
            {late === "WARNED" && open && <span class="tag soon">{t("warned")}</span>}
          </div>
          <p class="small">{[one.toPartyName, one.round > 1 ? t("round", { n: one.round }) : "", when(one.offeredDate), one.endDate ? span(seconds(one.offeredDate, one.endDate)) : t("since", { span: span(seconds(one.offeredDate, live.now)) }), open && due ? t("due", { when: when(due) }) : ""].filter(Boolean).join(" · ")}</p>
          {one.reason && <p>“{one.reason}”</p>}
        </li>
      );
    })}</ul>
  );
}

function Values({ base, live, may }: Props) {
  const [found, set] = useState<Map<string, Value[]> | null>(null);
  const [problem, complain] = useState("");
  const [editing, edit] = useState<{ scope: string; name: string; value: string } | null>(null);
  const [asked, again] = useState(0);
  const keys = live.instances.map((one) => one.processInstanceKey).join(" ");
  useEffect(() => {
    let stale = false;
    const all = keys ? keys.split(" ").slice(0, 20) : [];
    Promise.all(all.map((key) => variables(base, key))).then(
      (values) => !stale && set(new Map(all.map((key, n) => [key, values[n]!]))),
      (error: Error) => !stale && complain(error.message),
    );
    return () => void (stale = true);
  }, [base, keys, live.revision, asked]);
  const mayChange = may ?? has("operator", "admin");
  const isEmpty = found !== null && [...found.values()].every((values) => values.length === 0);
  return (
    <>
      {problem && <p role="alert">{problem}</p>}
      {isEmpty && <p class="empty">{t("noValues")}</p>}
      {live.instances.map((instance: Instance) => {
        const values = found?.get(instance.processInstanceKey) ?? [];
        const active = instance.state === "ACTIVE";
        if (!found || (!values.length && !active)) return null;
        return (
          <section key={instance.processInstanceKey}>
            {live.instances.length > 1 && <h2>{instance.processDefinitionName ?? instance.processDefinitionId}</h2>}
            <table class="live-values"><tbody>{values.map((one) => (
              <tr key={one.variableKey}>
                <td>{one.name}</td>
                <td><code>{one.value}</code>{one.isTruncated && <span class="small">{t("cut")}</span>}</td>
                {mayChange && active && <td><Button kind="plain" class="small-button" aria-label={`${t("change")} ${one.name}`} onClick={() => edit({ scope: one.scopeKey, name: one.name, value: one.value })}>{t("change")}</Button></td>}
              </tr>
            ))}</tbody></table>
            {mayChange && active && <p><Button class="small-button" icon="plus" onClick={() => edit({ scope: instance.processInstanceKey, name: "", value: "" })}>{t("set")}</Button></p>}
          </section>
        );
      })}
      {editing && <SetValue base={base} {...editing} onClose={() => edit(null)} onDone={() => (edit(null), again((n) => n + 1))} />}
    </>
  );
}

function SetValue({ base, scope, name, value, onClose, onDone }: { base: string; scope: string; name: string; value: string; onClose: () => void; onDone: () => void }) {
  const [called, setCalled] = useState(name);
  const [json, setJson] = useState(value);
  const [problem, complain] = useState("");
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    try {
      JSON.parse(json);
    } catch (error) {
      return complain(t("notJson", { why: (error as Error).message }));
    }
    try {
      await put(`${base}/v2/element-instances/${scope}/variables`, new Written(`{"variables":{${JSON.stringify(called)}:${json}}}`));
      tell(t("saved", { name: called }));
      onDone();
    } catch (error) {
      complain(error instanceof Problem ? error.detail : String(error));
    }
  };
  return (
    <Dialog title={name || t("set")} onClose={onClose}>
      <form onSubmit={save}>
        {!name && <label class="field"><span class="label">{t("name")}</span><input value={called} required maxLength={255} onInput={(event) => setCalled(event.currentTarget.value)} /></label>}
        <label class="field"><span class="label">{t("json")}</span><textarea class="live-json" value={json} required onInput={(event) => setJson(event.currentTarget.value)} />{problem && <span class="wrong" role="alert">{problem}</span>}</label>
        <p class="actions"><button class="button primary">{t("save")}</button></p>
      </form>
    </Dialog>
  );
}

function History({ base, live, names, onSelect }: Props) {
  const [found, set] = useState<Happening[]>([]);
  const [problem, complain] = useState("");
  useEffect(() => {
    let stale = false;
    history(base, live.caseKey).then((items) => !stale && set(items), (error: Error) => !stale && complain(error.message));
    return () => void (stale = true);
  }, [base, live.caseKey, live.revision]);
  if (problem) return <p role="alert">{problem}</p>;
  if (!found.length) return <p class="empty">{t("noHistory")}</p>;
  return (
    <ol class="live-list">{found.map((one) => {
      const places = [...new Set(one.elements.filter((element) => element.word !== "flow").map((element) => element.elementId))];
      return (
        <li key={one.revision}>
          <div class="live-row"><strong>{commandName(one.command)}</strong><span class="small">{when(one.at)}</span></div>
          <p class="small">{who(one)}</p>
          {places.length > 0 && <p class="live-wrap">{places.slice(0, 12).map((id) => <button type="button" class="live-link small" key={id} onClick={() => onSelect(id)}>{names.get(id) ?? id}</button>)}</p>}
        </li>
      );
    })}</ol>
  );
}

function who(one: Happening): string {
  const [kind] = (one.actor ?? "platform").split(":");
  return one.actorName ?? { platform: t("platform"), trial: t("trying"), guest: t("guest"), customer: t("customer") }[kind!] ?? one.actor ?? t("platform");
}
