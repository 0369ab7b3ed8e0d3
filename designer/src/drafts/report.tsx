/** One file's report: its verdict, its handoffs with their limits, whom it does not reach, and what would be refused and why. */
import { useMemo } from "preact/hooks";
import { Icon } from "../shell/ui";
import { room } from "../shell/words";
import { type Kind, letterOf } from "../handoff/kinds";
import type { Checked, Finding, FoundHandoff } from "./check";
import { Picture } from "./lazy-picture";
import { limit } from "./limits";
import type { DraftFile } from "./store";

const t = room({
  en: {
    runs: "It would run here.", runsWarned: "It would run here; {n} thing is worth a look. || It would run here; {n} things are worth a look.", refused: "It would be refused for {n} reason. || It would be refused for {n} reasons.",
    handoffs: "Handoffs", count: "{n} handoff || {n} handoffs", internal: "between teams", partner: "with partners", customer: "with customers", without: "without a limit", unreached: "{n} lane reaches nobody || {n} lanes reach nobody",
    from: "From", to: "To", kind: "Kind", limits: "Limits", data: "Data", accept: "accept within {span}", complete: "complete within {span}", none: "no limit", noContract: "nothing agreed", fields: "{n} field || {n} fields", noData: "–",
    problems: "What would be refused, and why", warnings: "Worth a look", people: "Who gets the work", lane: "Lane or task", group: "Group", members: "People", nobody: "reaches nobody", parties: "Parties", role: "Part", found: "How a case finds it",
    noHandoffs: "No work crosses from one side to another in this model: it has one lane, or pools without message flows.", line: "line {n}", generated: "{file}", kind_internal: "team", kind_host: "host", kind_partner: "partner", kind_customer: "customer",
    directory: "always the same, from the directory", host: "your own company", expression: "from the case's data", starter: "whoever starts the case", chosen: "chosen by whoever hands over", bound_nobody: "nobody says who it is", steps: "{from} → {to}", message: "message",
    jobs: "Work for programs", type: "Type", asked: "Worker", never: "none has ever asked", yes: "asks for it",
  },
  fr: {
    runs: "Il fonctionnerait ici.", runsWarned: "Il fonctionnerait ici ; {n} point mérite un regard. || Il fonctionnerait ici ; {n} points méritent un regard.", refused: "Il serait refusé pour {n} raison. || Il serait refusé pour {n} raisons.",
    handoffs: "Passages", count: "{n} passage || {n} passages", internal: "entre équipes", partner: "avec des partenaires", customer: "avec des clients", without: "sans délai", unreached: "{n} couloir n'atteint personne || {n} couloirs n'atteignent personne",
    from: "De", to: "À", kind: "Type", limits: "Délais", data: "Données", accept: "accepter sous {span}", complete: "terminer sous {span}", none: "aucun délai", noContract: "rien de convenu", fields: "{n} champ || {n} champs", noData: "–",
    problems: "Ce qui serait refusé, et pourquoi", warnings: "À regarder", people: "Qui reçoit le travail", lane: "Couloir ou tâche", group: "Groupe", members: "Personnes", nobody: "n'atteint personne", parties: "Parties", role: "Rôle", found: "Comment un dossier la trouve",
    noHandoffs: "Aucun travail ne passe d'un côté à l'autre dans ce modèle : il n'a qu'un couloir, ou des bassins sans flux de messages.", line: "ligne {n}", generated: "{file}", kind_internal: "équipe", kind_host: "hôte", kind_partner: "partenaire", kind_customer: "client",
    directory: "toujours la même, de l'annuaire", host: "votre propre société", expression: "d'après les données du dossier", starter: "celui qui démarre le dossier", chosen: "choisie par celui qui transmet", bound_nobody: "personne ne dit qui c'est", steps: "{from} → {to}", message: "message",
    jobs: "Travail pour programmes", type: "Type", asked: "Programme", never: "aucun ne l'a jamais demandé", yes: "le demande",
  },
});

/** The element's name is not known to the server's answer: it is read from the file itself. */
export function namesOf(xml: string): Map<string, string> {
  const found = new Map<string, string>();
  const tree = new DOMParser().parseFromString(xml, "application/xml");
  for (const one of tree.querySelectorAll("[id][name]")) found.set(one.getAttribute("id")!, one.getAttribute("name")!.replace(/\s+/g, " ").trim());
  return found;
}

export const hasLimit = (one: FoundHandoff): boolean => Boolean(one.contract?.acceptWithin || one.contract?.completeWithin);

export function Report({ file, checked }: { file: DraftFile; checked: Checked }) {
  const own = <Row extends { file: string }>(rows: Row[]): Row[] => rows.filter((one) => one.file === file.name);
  const handoffs = own(checked.handoffs);
  const problems = own(checked.problems);
  const errors = problems.filter((one) => one.level === "error");
  const warnings = problems.filter((one) => one.level === "warning");
  const people = own(checked.people);
  const isModel = file.name.endsWith(".bpmn");
  const names = useMemo(() => (isModel ? namesOf(file.content) : new Map<string, string>()), [file.content]);
  const marks = useMemo(() => marksOf(handoffs, errors), [checked]);
  const drawable = isModel && file.content.includes("BPMNDiagram");
  const verdict = errors.length ? t("refused", { n: errors.length }) : warnings.length ? t("runsWarned", { n: warnings.length }) : t("runs");
  return (
    <article class="report">
      <h1>{file.name}</h1>
      <p class={`verdict ${errors.length ? "bad" : warnings.length ? "soon" : "good"}`} role="status"><Icon name={errors.length ? "error" : warnings.length ? "warning" : "check"} /> {verdict}</p>
      {isModel && <Numbers handoffs={handoffs} unreached={people.filter((one) => !one.members).length} />}
      {drawable && <div class="card report-picture"><Picture xml={file.content} marks={marks} /></div>}
      {isModel && (
        <section>
          <h2>{t("handoffs")}</h2>
          {handoffs.length ? <HandoffTable rows={handoffs} names={names} /> : <p class="muted">{t("noHandoffs")}</p>}
        </section>
      )}
      <FindingList title={t("problems")} rows={errors} names={names} />
      <FindingList title={t("warnings")} rows={warnings} names={names} />
      {own(checked.parties).length > 0 && (
        <section>
          <h2>{t("parties")}</h2>
          <table class="plain"><thead><tr><th>{t("role")}</th><th>{t("kind")}</th><th>{t("found")}</th></tr></thead>
            <tbody>{own(checked.parties).map((one) => (
              <tr key={one.elementId}><td>{one.name}</td><td>{t(`kind_${one.kind as "host" | "partner" | "customer"}`)}</td><td>{one.kind === "host" ? t("host") : one.bound === "nobody" ? <span class="tag soon">{t("bound_nobody")}</span> : `${t(one.bound as "chosen")}${one.partyId ? `: ${one.partyId}` : ""}`}</td></tr>
            ))}</tbody>
          </table>
        </section>
      )}
      {people.length > 0 && (
        <section>
          <h2>{t("people")}</h2>
          <table class="plain"><thead><tr><th>{t("lane")}</th><th>{t("group")}</th><th>{t("members")}</th></tr></thead>
            <tbody>{people.map((one) => (
              <tr key={one.group}><td>{names.get(one.laneId ?? "") ?? one.laneId}</td><td><code>{one.group}</code></td><td>{one.members || <span class="tag soon">{t("nobody")}</span>}</td></tr>
            ))}</tbody>
          </table>
        </section>
      )}
      {own(checked.jobTypes).length > 0 && (
        <section>
          <h2>{t("jobs")}</h2>
          <table class="plain"><thead><tr><th>{t("lane")}</th><th>{t("type")}</th><th>{t("asked")}</th></tr></thead>
            <tbody>{own(checked.jobTypes).map((one) => (
              <tr key={one.elementId}><td>{names.get(one.elementId) ?? one.elementId}</td><td><code>{one.type}</code></td><td>{one.lastAskedAt ? t("yes") : <span class="tag soon">{t("never")}</span>}</td></tr>
            ))}</tbody>
          </table>
        </section>
      )}
    </article>
  );
}

function marksOf(handoffs: FoundHandoff[], errors: Finding[]): Record<string, string> {
  const marks: Record<string, string> = {};
  for (const one of handoffs) for (const flow of one.path) marks[flow] = `crossing-${one.kind}`;
  for (const one of errors) if (one.elementId) marks[one.elementId] = "wrong";
  return marks;
}

function Numbers({ handoffs, unreached }: { handoffs: FoundHandoff[]; unreached: number }) {
  const kinds = (["internal", "partner", "customer"] as const).map((kind) => [kind, handoffs.filter((one) => one.kind === kind).length] as const);
  const without = handoffs.filter((one) => !hasLimit(one)).length;
  return (
    <dl class="numbers">
      <div><dt>{t("handoffs")}</dt><dd>{handoffs.length}</dd></div>
      {kinds.map(([kind, n]) => <div key={kind}><dt><KindMark kind={kind} /> {t(kind)}</dt><dd>{n}</dd></div>)}
      <div class={without ? "soon" : ""}><dt>{t("without")}</dt><dd>{without}</dd></div>
      <div class={unreached ? "soon" : ""}><dt>{t("unreached", { n: unreached }).replace(/^\S+ /, "")}</dt><dd>{unreached}</dd></div>
    </dl>
  );
}

export function KindMark({ kind }: { kind: Kind }) {
  return <span class={`kind-letter ${kind}`} aria-hidden="true">{letterOf(kind)}</span>;
}

export function HandoffTable({ rows, names }: { rows: FoundHandoff[]; names: Map<string, string> }) {
  const step = (id: string | null): string => (id ? (names.get(id) ?? id) : "");
  return (
    <table class="plain handoffs">
      <thead><tr><th>{t("from")}</th><th>{t("to")}</th><th>{t("kind")}</th><th>{t("limits")}</th><th>{t("data")}</th></tr></thead>
      <tbody>
        {rows.map((one) => (
          <tr key={`${one.process} ${one.path.join(" ")} ${one.from} ${one.to}`}>
            <td>{one.fromSide}<div class="small">{step(one.from)}</div></td>
            <td>{one.toSide}<div class="small">{step(one.to)}</div></td>
            <td class="nowrap"><KindMark kind={one.kind} /> {t(`kind_${one.kind}`)}{one.message && <div class="small">{t("message")}</div>}</td>
            <td>{limits(one)}</td>
            <td>{one.contract?.fields.length ? <span title={one.contract.fields.map((field) => field.label ?? field.name).join(", ")}>{t("fields", { n: one.contract.fields.length })}</span> : t("noData")}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function limits(one: FoundHandoff) {
  const { contract } = one;
  if (!contract) return <span class={`tag ${one.kind === "internal" ? "" : "soon"}`}>{t("noContract")}</span>;
  const said = [
    contract.acceptWithin && t("accept", { span: limit(contract.acceptWithin, contract.calendar) }),
    contract.completeWithin && t("complete", { span: limit(contract.completeWithin, contract.calendar) }),
  ].filter(Boolean);
  return said.length ? <>{said.map((words) => <div key={words as string}>{words}</div>)}</> : <span class="tag soon">{t("none")}</span>;
}

export function FindingList({ title, rows, names, onChoose }: { title: string; rows: Finding[]; names: Map<string, string>; onChoose?: (one: Finding) => void }) {
  if (!rows.length) return null;
  return (
    <section class="findings">
      <h2>{title} <span class="muted">{rows.length}</span></h2>
      <ul>
        {rows.map((one, place) => (
          <li key={place} class={one.level}>
            <Icon name={one.level === "error" ? "error" : "warning"} />
            <div>
              {one.elementId && (onChoose
                ? <button type="button" class="link" onClick={() => onChoose(one)}>{names.get(one.elementId) ?? one.elementName ?? one.elementId}</button>
                : <strong>{names.get(one.elementId) ?? one.elementName ?? one.elementId}</strong>)}
              {!one.elementId && one.line && <strong>{t("line", { n: one.line })}</strong>}
              <p>{one.message}</p>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
