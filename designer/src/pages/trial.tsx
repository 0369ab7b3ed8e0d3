/** A trial: the diagram with its tokens, beside it the parties, the programs, the mails; above it the time. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { Link, useLocation } from "wouter-preact";
import { Cast, Mails } from "../live/acting";
import { Jobs } from "../live/answers";
import { diagram, namesIn, useCase, useDrawings } from "../live/case";
import { Lost } from "../live/lost";
import { Later } from "../drafts/later";
import { CASE_TABS, CasePanel, type CaseTab, Tabs, caseTabName } from "../live/panel";
import { StepsView } from "../live/steps_later";
import { Stage } from "../live/stage";
import { type InFull, at, read } from "../live/trials";
import { DiagramView } from "../live/viewer";
import { readTyped } from "../handoff/durations";
import { Offline, Problem, post } from "../shell/api";
import { useTitle } from "../shell/title";
import { Button, Dialog, tell } from "../shell/ui";
import { colon, room, when } from "../shell/words";

const t = room({
  en: {
    back: "Trials", loading: "Loading…", gone: "This trial has run out, or was deleted.", mark: "Trial", parties: "Parties", programs: "Programs", mails: "Mails", scenario: "Scenario",
    time: "Its time", hour: "+1 h", day: "+1 day", week: "+1 week", other: "Other…", moved: "It is {when} now.", by: "By how long", byHint: "Such as 2 days, 4 h, 1 d 6 h", wrong: "Expected a duration such as 2 days, 4 h or 1 d 6 h.", move: "Move the time",
    begin: "Begin…", cases: "Case",
    nothing: "Nothing runs yet. Begin as one of the parties, with its form, or with values of your own.", remove: "Delete…", until: "until {when}", notitle: "without a title", panel: "Trial and case",
  },
  fr: {
    back: "Essais", loading: "Chargement…", gone: "Cet essai est terminé, ou a été supprimé.", mark: "Essai", parties: "Parties", programs: "Programmes", mails: "Messages", scenario: "Scénario",
    time: "Son heure", hour: "+1 h", day: "+1 jour", week: "+1 semaine", other: "Autre…", moved: "Il est maintenant {when}.", by: "De combien", byHint: "Par exemple 2 jours, 4 h, 1 j 6 h", wrong: "Attendu : une durée telle que 2 jours, 4 h ou 1 j 6 h.", move: "Avancer l'heure",
    begin: "Commencer…", cases: "Dossier",
    nothing: "Rien ne tourne encore. Commencez comme l'une des parties, avec son formulaire, ou avec vos propres valeurs.", remove: "Supprimer…", until: "jusqu'à {when}", notitle: "sans titre", panel: "Essai et dossier",
  },
});

type Tab = "parties" | "programs" | "mails" | "scenario" | CaseTab;
const loadBeginning = () => import("../live/beginning");
const loadDropping = () => import("../live/drop_trial");
const loadScenario = () => import("../live/scenario");
const LOOK = 4000; // ms between two looks at what no event tells: a case that began in another tab

export default function TrialPage({ params }: { params: Record<string, string | undefined> }) {
  const key = params.key ?? "";
  const [trial, set] = useState<InFull | null>(null);
  const [problem, complain] = useState("");
  const [caseKey, choose] = useState<string | null>(null);
  const [tab, go] = useState<Tab>("parties");
  const [selected, select] = useState<string | null>(null);
  const [starting, start] = useState(false);
  const [moving, move] = useState(false);
  const [dropping, askToDrop] = useState(false);
  const [busy, setBusy] = useState(false);
  const [isAway, away] = useState(false);
  const [, leave] = useLocation();

  const load = (): Promise<void> => read(key).then(
    (found) => {
      set(found);
      complain("");
      away(false);
    },
    (error: Error) => error instanceof Offline ? away(true) : complain(error instanceof Problem && error.status === 404 ? t("gone") : error.message),
  );
  useEffect(() => {
    void load();
    const seen = (): void => void (document.visibilityState === "visible" && load());
    const timer = setInterval(seen, LOOK);
    document.addEventListener("visibilitychange", seen);
    return () => (clearInterval(timer), document.removeEventListener("visibilitychange", seen));
  }, [key]);
  const newest = trial?.cases[0]?.caseKey ?? null;
  useEffect(() => newest ? choose(newest) : undefined, [newest]);
  const { live, isLost, refresh } = useCase(`/trials/${key}`, caseKey, () => void load());

  const drawings = useDrawings(`/trials/${key}`, live?.instances);
  const names = useMemo(() => namesIn(drawings.map((one) => one.xml)), [drawings]);
  useTitle(trial && `${t("mark")} · ${trial.name}`);
  if (!trial) return <p class="empty" role={problem ? "alert" : "status"}>{problem || t("loading")} {problem && <Link href="/trials">{t("back")}</Link>}</p>;
  const pass = async (by: string): Promise<void> => {
    setBusy(true);
    try {
      const { now } = await post<{ now: string }>(at(key, "clock"), { by });
      tell(t("moved", { when: when(now) }));
    } catch (error) {
      tell(error instanceof Problem ? error.detail : String(error), true);
    }
    await load();
    refresh();
    setBusy(false);
  };
  const isGone = problem === t("gone");
  const tabs: { key: Tab; name: string; count?: number; bad?: boolean }[] = [
    { key: "parties", name: t("parties"), count: trial.cast.reduce((sum, one) => sum + one.openTasks, 0) },
    { key: "programs", name: t("programs"), count: trial.jobs.length },
    { key: "mails", name: t("mails"), count: trial.mails.length },
    ...(live ? CASE_TABS.map((one) => ({ key: one as Tab, name: caseTabName(one), count: one === "now" ? live.incidents.length : one === "handoffs" ? live.handoffs.length : 0, bad: one === "now" })) : []),
    ...(live ? [{ key: "scenario" as Tab, name: t("scenario") }] : []),
  ];
  return (
    <div class="live-page">
      <header class="live-head">
        <Link class="button plain" href="/trials">← {t("back")}</Link>
        <h1><span class="tag soon">{t("mark")}</span> {trial.name} <span class="small">{t("until", { when: when(trial.expiryTime) })}</span></h1>
        <Button kind="plain" class="small-button" onClick={() => askToDrop(true)}>{t("remove")}</Button>
        <div class="live-bar">
        {trial.cases.length > 0 && <label class="live-row small">{t("cases")} <select value={caseKey ?? ""} onChange={(event) => choose(event.currentTarget.value)}>{trial.cases.map((one) => <option key={one.caseKey} value={one.caseKey} selected={one.caseKey === caseKey}>{one.caseNumber} · {one.title ?? t("notitle")}</option>)}</select></label>}
        <Button icon="play" kind={trial.cases.length ? undefined : "primary"} onClick={() => start(true)}>{t("begin")}</Button>
        <span class="live-row" role="group" aria-label={t("time")}>
          <span class="small" aria-busy={busy}>{t("time")}{colon()}<strong>{when(trial.now, new Date(0))}</strong></span>
          {PASSES.map(([by, word]) => <Button key={by} class="small-button" disabled={busy} onClick={() => void pass(by)}>{t(word)}</Button>)}
          <Button class="small-button" kind="plain" disabled={busy} onClick={() => move(true)}>{t("other")}</Button>
        </span>
        </div>
      </header>
      <Lost isLost={isLost || isAway} />
      {isGone && <p class="live-lost" role="alert">{problem} <Link href="/trials">{t("back")}</Link></p>}
      <div class="live-body">
        <div class="live-left">
          {live ? <Stage drawings={drawings} live={live} selected={selected} onSelect={select} /> : <Unstarted trial={trial} />}
        </div>
        <aside class="live-side">
          <Tabs tabs={tabs} chosen={tab} onChoose={go} label={t("panel")} />
          <div class="live-tab" id="live-tab" role="tabpanel" aria-labelledby={`tab-${tab}`} tabIndex={0}>
            {tab === "parties" && <>{!trial.cases.length && <p class="live-hint">{t("nothing")}</p>}<Cast trial={trial} /></>}
            {tab === "programs" && <Jobs trial={trial} onDone={() => (void load(), refresh())} onSelect={select} onStuck={(of) => (choose(of), go("now"))} />}
            {tab === "mails" && <Mails trial={trial} />}
            {tab === "scenario" && live && <Later load={loadScenario} props={{ trialKey: key, caseKey: live.caseKey, revision: live.revision }} />}
            {live && CASE_TABS.includes(tab as CaseTab) && <CasePanel base={trial.base} live={live} names={names} tab={tab as CaseTab} selected={selected} onSelect={select} refresh={refresh} may onDo={(kind) => go(kind === "task" ? "parties" : "programs")} />}
          </div>
        </aside>
      </div>
      {starting && <Later load={loadBeginning} props={{ trial, onClose: () => start(false), onBegun: (begun: string | null) => (start(false), begun && choose(begun), void load()) }} />}
      {dropping && <Later load={loadDropping} props={{ trial, onClose: () => askToDrop(false), onDropped: () => leave("/trials") }} />}
      {moving && <Move onClose={() => move(false)} onMove={(by) => (move(false), void pass(by))} />}
    </div>
  );
}

function Unstarted({ trial }: { trial: InFull }) {
  const [xml, set] = useState("");
  const first = trial.processes[0]?.processDefinitionKey;
  useEffect(() => {
    let stale = false;
    if (first) void diagram(trial.base, first).then((found) => !stale && set(found), () => undefined);
    return () => void (stale = true);
  }, [trial.base, first]);
  return xml ? <DiagramView xml={xml} marks={NONE} selected={null} onSelect={() => undefined} instead={<StepsView xml={xml} marks={NONE} selected={null} onSelect={() => undefined} />} /> : null;
}
const NONE: never[] = [];

const PASSES = [["PT1H", "hour"], ["P1D", "day"], ["P7D", "week"]] as const;

function Move({ onClose, onMove }: { onClose: () => void; onMove: (by: string) => void }) {
  const [by, set] = useState("");
  const [isWrong, complain] = useState(false);
  const done = (event: Event): void => {
    event.preventDefault();
    const found = readTyped(by, "D");
    if ("iso" in found) onMove(found.iso);
    else complain(true);
  };
  return (
    <Dialog title={t("move")} onClose={onClose}>
      <form onSubmit={done}>
        <label class="field"><span class="label">{t("by")}</span><input value={by} required autofocus aria-invalid={isWrong || undefined} aria-describedby="by-hint" onInput={(event) => (set(event.currentTarget.value), complain(false))} /><span id="by-hint" class={isWrong ? "wrong" : "hint"} role={isWrong ? "alert" : undefined}>{t(isWrong ? "wrong" : "byHint")}</span></label>
        <p class="actions"><button class="button primary">{t("move")}</button></p>
      </form>
    </Dialog>
  );
}
