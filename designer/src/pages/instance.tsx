/** One running instance, live, with what an operator may do to it. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { Link } from "wouter-preact";
import { CancelDialog } from "../live/canceling";
import { namesIn, useCase, useDrawings } from "../live/case";
import { Lost } from "../live/lost";
import { CASE_TABS, CasePanel, type CaseTab, Tabs, caseTabName } from "../live/panel";
import { Stage } from "../live/stage";
import { Problem, post } from "../shell/api";
import { has } from "../shell/session";
import { useTitle } from "../shell/title";
import { Button } from "../shell/ui";
import { room, when } from "../shell/words";

const t = room({
  en: {
    back: "Instances", number: "Case {number}", missing: "There is no such instance.", loading: "Loading…", started: "began {when}", ended: "ended {when}", by: "by {who}",
    ACTIVE: "running", COMPLETED: "completed", TERMINATED: "canceled", stuck: "stands still", cancel: "Cancel…", notitle: "without a title",
  },
  fr: {
    back: "Instances", number: "Dossier {number}", missing: "Cette instance n'existe pas.", loading: "Chargement…", started: "commencé {when}", ended: "terminé {when}", by: "par {who}",
    ACTIVE: "en cours", COMPLETED: "terminé", TERMINATED: "annulé", stuck: "bloqué", cancel: "Annuler…", notitle: "sans titre",
  },
});

interface Listed { caseKey: string; processInstanceKey: string }

export default function InstancePage({ params }: { params: Record<string, string | undefined> }) {
  const key = params.key ?? "";
  const [caseKey, setCase] = useState<string | null>(null);
  const [problem, complain] = useState("");
  useEffect(() => {
    let stale = false;
    post<{ items: Listed[] }>("/passerelle/v1/instances/search", { filter: { processInstanceKey: key } }).then(
      ({ items }) => !stale && (items[0] ? setCase(items[0].caseKey) : complain(t("missing"))),
      (error: Error) => !stale && complain(error instanceof Problem && error.status < 500 ? t("missing") : error.message),
    );
    return () => void (stale = true);
  }, [key]);
  const { live, problem: liveProblem, isLost, refresh } = useCase("", caseKey);
  const drawings = useDrawings("", live?.instances);
  const names = useMemo(() => namesIn(drawings.map((one) => one.xml)), [drawings]);
  const [tab, choose] = useState<CaseTab>("now");
  const [selected, select] = useState<string | null>(null);
  const [asking, ask] = useState(false);
  useTitle(live && [t("number", { number: live.caseNumber }), live.title].filter(Boolean).join(" · "));
  if (problem || (liveProblem && !live)) return <p class="empty" role="alert">{problem || liveProblem} <Link href="/instances">{t("back")}</Link></p>;
  if (!live) return <p class="empty" role="status">{t("loading")}</p>;
  const mine = live.instances.find((one) => one.processInstanceKey === key) ?? live.instances[0]!;
  const root = live.instances.find((one) => one.processInstanceKey === key && !one.parentProcessInstanceKey);
  const counts: Partial<Record<CaseTab, number>> = { now: live.incidents.length || live.waits.length, handoffs: live.handoffs.length };
  return (
    <div class="live-page">
      <header class="live-head">
        <Link class="button plain" href="/instances">← {t("back")}</Link>
        <h1>{live.title ?? t("notitle")} <span class="small">{t("number", { number: live.caseNumber })} · {mine.processDefinitionName ?? mine.processDefinitionId} v{mine.version} · {live.startedBy?.startsWith("person:") ? t("by", { who: live.startedBy.slice(7) }) + " · " : ""}{t("started", { when: when(mine.startDate) })}{mine.endDate ? ` · ${t("ended", { when: when(mine.endDate) })}` : ""}</span></h1>
        {live.incidents.length > 0 && <span class="tag late">{t("stuck")}</span>}
        <span class={`tag ${{ ACTIVE: "info", COMPLETED: "good", TERMINATED: "" }[mine.state]}`}>{t(mine.state)}</span>
        {root?.state === "ACTIVE" && has("operator", "admin") && <Button kind="danger" onClick={() => ask(true)}>{t("cancel")}</Button>}
      </header>
      <Lost isLost={isLost} />
      <div class="live-body">
        <div class="live-left"><Stage drawings={drawings} live={live} selected={selected} onSelect={select} /></div>
        <aside class="live-side">
          <Tabs tabs={CASE_TABS.map((one) => ({ key: one, name: caseTabName(one), count: counts[one], bad: one === "now" && live.incidents.length > 0 }))} chosen={tab} onChoose={choose} />
          <div class="live-tab" id="live-tab" role="tabpanel" aria-labelledby={`tab-${tab}`} tabIndex={0}><CasePanel base="" live={live} names={names} tab={tab} selected={selected} onSelect={select} refresh={refresh} /></div>
        </aside>
      </div>
      {asking && <CancelDialog base="" instanceKey={key} wholeCase={live.instances[0]!.processInstanceKey === key && live.instances.length > 1} onClose={() => ask(false)} onDone={refresh} />}
    </div>
  );
}
