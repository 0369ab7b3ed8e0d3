/** What was promised on an edge, what came of it, and in which cases; those that are late first. */
import { useEffect, useState } from "preact/hooks";
import { Link } from "wouter-preact";
import type { Path } from "../handoff/analysis";
import type { Reality } from "../handoff/layer";
import { shortLimit } from "../handoff/durations";
import { post } from "../shell/api";
import { Icon } from "../shell/ui";
import { language, room, span } from "../shell/words";

const t = room({
  en: { promised: "promised {limit}", count: "{n} so far || {n} so far", median: "median {median}", late: "{n} late now", isLate: "late", all: "All cases", allLate: "All that are late", close: "Close", number: "Case {number}", loading: "Loading…", none: "None that you may see." },
  fr: { promised: "promis {limit}", count: "{n} jusqu'ici || {n} jusqu'ici", median: "médiane {median}", late: "{n} en retard", isLate: "en retard", all: "Tous les dossiers", allLate: "Tous ceux qui sont en retard", close: "Fermer", number: "Dossier {number}", loading: "Chargement…", none: "Aucun que vous puissiez voir." },
});

interface Listed { processInstanceKey: string; caseNumber: string; title: string | null; startDate: string }

const day = (moment: string): string => new Intl.DateTimeFormat(language.value, { dateStyle: "medium" }).format(new Date(moment));

const MOST = 8; // rows here; the list of instances has them all

export function Measured({ path, reality, onClose }: { path: Path; reality: Reality; onClose: () => void }) {
  const flow = path.contract?.flowId ?? path.flowIds.at(-1)!;
  const [cases, list] = useState<(Listed & { late: boolean })[] | null>(null);
  useEffect(() => {
    let over = false;
    list(null);
    void some(path.process, flow).then((found) => !over && list(found), () => !over && list([]));
    return () => void (over = true);
  }, [path.process, flow]);
  const limits = [path.contract?.acceptWithin, path.contract?.completeWithin].filter((one): one is string => Boolean(one)).map(shortLimit).join(" + ");
  const words = [...(limits ? [t("promised", { limit: limits })] : []), t("count", { n: reality.count }), ...(reality.medianSeconds === null ? [] : [t("median", { median: span(reality.medianSeconds) })])];
  const there = `/instances?process=${encodeURIComponent(path.process)}&flow=${encodeURIComponent(flow)}&between=${encodeURIComponent(`${path.fromSide.name} → ${path.toSide.name}`)}`;
  return (
    <section class="measured" aria-label={`${path.fromSide.name} → ${path.toSide.name}`}>
      <header>
        <strong>{path.fromSide.name} → {path.toSide.name}</strong>
        <button type="button" class="button plain" aria-label={t("close")} onClick={onClose}><Icon name="close" /></button>
      </header>
      <p>{words.join(" · ")}{reality.late > 0 && <strong class="late"> · {t("late", { n: reality.late })}</strong>}</p>
      {!cases ? <p class="small" role="status">{t("loading")}</p> : (
        <ul>
          {cases.map((one) => (
            <li key={one.processInstanceKey}>
              <Link href={`/instances/${one.processInstanceKey}`}>{t("number", { number: one.caseNumber })}</Link> <span>{one.title}</span> {one.late ? <span class="tag late">{t("isLate")}</span> : <span class="small">{day(one.startDate)}</span>}
            </li>
          ))}
          {!cases.length && <li class="small">{t("none")}</li>}
        </ul>
      )}
      <p class="ways"><Link href={`${there}&state=all`}>{t("all")}</Link>{reality.late > 0 && <Link href={`${there}&late=there`}>{t("allLate")}</Link>}</p>
    </section>
  );
}

async function some(processDefinitionId: string, flow: string): Promise<(Listed & { late: boolean })[]> {
  const ask = (more: object) => post<{ items: Listed[] }>("/passerelle/v1/instances/search", { filter: { processDefinitionId, ...more }, sort: [{ field: "startDate", order: "DESC" }], page: { limit: MOST } });
  const [late, all] = await Promise.all([ask({ lateFlowId: flow }), ask({ flowId: flow })]);
  const others = all.items.filter((one) => !late.items.some((other) => other.processInstanceKey === one.processInstanceKey));
  return [...late.items.map((one) => ({ ...one, late: true })), ...others.map((one) => ({ ...one, late: false }))].slice(0, MOST);
}
