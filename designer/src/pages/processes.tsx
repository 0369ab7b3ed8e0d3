/** The list of processes and drafts, and the place where any BPMN file may be dropped. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Link, useLocation } from "wouter-preact";
import { DropPlace, choose } from "../drafts/drop-place";
import { dropped, kept } from "../drafts/dropped";
import { TooLarge } from "../drafts/files";
import type { Stored } from "../drafts/store";
import { filesOf, named, templates, type Template } from "../drafts/templates";
import { get, post, remove } from "../shell/api";
import { has } from "../shell/session";
import { Button, Dialog, Icon, tell } from "../shell/ui";
import { useTitle } from "../shell/title";
import { colon, number, room, when } from "../shell/words";
import "../drafts/drafts.css";

const t = room({
  en: {
    title: "Processes", open: "Open files…", create: "New process", name: "Process", version: "Version", running: "Running", stuck: "Stuck", late: "Late handoffs", since: "Deployed",
    drafts: "Drafts", draft: "Draft", changed: "Last change", by: "{when} by {who}", state: "State", never: "never deployed", ahead: "changed since deployment", same: "deployed", draw: "Draw", drawHint: "Draw on from version {version} of {name}",
    versions: "{n} version || {n} versions", noDrafts: "No drafts. “New process” begins one, “Draw” goes on from what is deployed.", welcome: "No process yet", welcomeHint: "Drop a BPMN file here (Camunda 7 or 8, or another tool's) to see what Passerelle makes of it. Nothing is stored until you say so.",
    templates: "Begin with a template", samples: "Or with a complete sample", parties: "{n} party || {n} parties", sample: "Sample process with forms and scenarios", working: "Looking at it…", dropHint: "Drop files to see what becomes of them",
    tooLarge: "{name} is larger than 10 MB.", remove: "Delete draft", removeSure: "Delete the draft “{name}”? What was deployed of it stays.", cancel: "Cancel", process: "Process id", alsoDrop: "Or drop any BPMN file on this page: Passerelle tells you within seconds what it makes of it.", find: "Search by name", found: "{n} process || {n} processes", called: "What is it called?", calledHint: "Everybody who starts it reads this name.", drawIt: "Begin to draw", openHandoffs: "{n} open", runningOf: "{n} running of {name}", stuckOf: "{n} stuck of {name}", lateOf: "{n} late handoff of {name} || {n} late handoffs of {name}",
  },
  fr: {
    title: "Processus", open: "Ouvrir des fichiers…", create: "Nouveau processus", name: "Processus", version: "Version", running: "En cours", stuck: "Bloqués", late: "Passages en retard", since: "Déployé",
    drafts: "Brouillons", draft: "Brouillon", changed: "Dernière modification", by: "{when} par {who}", state: "État", never: "jamais déployé", ahead: "modifié depuis le déploiement", same: "déployé", draw: "Dessiner", drawHint: "Continuer à dessiner à partir de la version {version} de {name}",
    versions: "{n} version || {n} versions", noDrafts: "Aucun brouillon. « Nouveau processus » en commence un, « Dessiner » repart de ce qui est déployé.", welcome: "Aucun processus pour l'instant", welcomeHint: "Déposez ici un fichier BPMN (Camunda 7 ou 8, ou d'un autre outil) pour voir ce que Passerelle en fait. Rien n'est conservé sans votre accord.",
    templates: "Partir d'un modèle", samples: "Ou d'un exemple complet", parties: "{n} partie || {n} parties", sample: "Processus d'exemple avec formulaires et scénarios", working: "Lecture en cours…", dropHint: "Déposez les fichiers pour voir ce qu'ils deviennent",
    tooLarge: "{name} dépasse 10 Mo.", remove: "Supprimer le brouillon", removeSure: "Supprimer le brouillon « {name} » ? Ce qui en a été déployé reste.", cancel: "Annuler", process: "Identifiant du processus", alsoDrop: "Ou déposez n'importe quel fichier BPMN sur cette page : Passerelle vous dit en quelques secondes ce qu'il en fait.", find: "Chercher par nom", found: "{n} processus", called: "Comment s'appelle-t-il ?", calledHint: "Tous ceux qui le démarrent lisent ce nom.", drawIt: "Commencer à dessiner", openHandoffs: "{n} ouvert || {n} ouverts", runningOf: "{n} en cours de {name}", stuckOf: "{n} bloqué de {name} || {n} bloqués de {name}", lateOf: "{n} passage en retard de {name} || {n} passages en retard de {name}",
  },
});

interface Overview {
  processDefinitionId: string;
  processDefinitionKey: string;
  name: string;
  pool: string | null;
  version: number;
  versions: number;
  deployedDate: string;
  running: number;
  stuck: number;
  openHandoffs: number;
  lateHandoffs: number;
}
interface Sample {
  name: string;
  title: string;
}

export default function Processes() {
  const processes = useSignal<Overview[] | null>(null);
  const drafts = useSignal<Stored[] | null>(null);
  const samples = useSignal<Sample[]>([]);
  const busy = useSignal(false);
  const beginning = useSignal(false);
  const naming = useSignal<Template | null>(null);
  const removing = useSignal<Stored | null>(null);
  const [, go] = useLocation();
  const draws = has("admin", "modeller");
  useTitle(t("title"));

  const load = async (): Promise<void> => {
    const [found, own, some] = await Promise.all([
      get<{ items: Overview[] }>("/passerelle/v1/processes"),
      post<{ items: Stored[] }>("/passerelle/v1/drafts/search", { sort: [{ field: "changedDate", order: "DESC" }], page: { limit: 200 } }),
      draws ? get<{ items: Sample[] }>("/passerelle/v1/samples") : { items: [] },
    ]);
    [processes.value, drafts.value, samples.value] = [found.items, own.items, some.items];
  };
  const attempt = async (what: () => Promise<void>): Promise<void> => {
    busy.value = true;
    try {
      await what();
    } catch (error) {
      tell(error instanceof TooLarge ? t("tooLarge", { name: error.message }) : error instanceof Error ? error.message : String(error), true);
    } finally {
      busy.value = false;
    }
  };
  useEffect(() => void attempt(load), []);

  const look = (files: File[]): void =>
    void attempt(async () => {
      const made = await dropped(files);
      go(made ? `/drafts/${made.draftKey}` : "/report");
    });
  const begin = (id: string, name: string): void => void attempt(async () => {
    const taken = [...processes.value!.map((one) => one.processDefinitionId), ...drafts.value!.flatMap((one) => one.processDefinitionIds)];
    go(`/drafts/${await kept(named(await filesOf(id), name, taken), name)}`);
  });
  const from = (body: object): void => void attempt(async () => go(`/drafts/${(await post<Stored>("/passerelle/v1/drafts", body)).draftKey}`));

  if (!processes.value || !drafts.value) return <p class="empty" role="status">{t("working")}</p>;
  const nothing = !processes.value.length && !drafts.value.length;
  const beginnings = <Beginnings samples={samples.value} onTemplate={(one) => { beginning.value = false; naming.value = one; }} onSample={(name) => from({ fromSample: name })} busy={busy.value} />;
  return (
    <DropPlace enabled={draws} hint={t("dropHint")} onFiles={look}>
      <div class="page processes">
        <div class="title-bar">
          <h1>{t("title")}</h1>
          {busy.value && <span class="muted" role="status">{t("working")}</span>}
          {draws && <Button icon="file" onClick={() => choose(look)}>{t("open")}</Button>}
          {draws && <Button icon="plus" kind="primary" onClick={() => (beginning.value = true)}>{t("create")}</Button>}
        </div>
        {nothing && draws && <Welcome onFiles={look}>{beginnings}</Welcome>}
        {processes.value.length > 0 && <ProcessTable rows={processes.value} onDraw={draws ? (key) => from({ fromProcessDefinitionKey: key }) : undefined} />}
        {!nothing && <DraftTable rows={drafts.value} onRemove={draws ? (one) => (removing.value = one) : undefined} />}
        {!nothing && draws && <p class="small drop-hint"><Icon name="file" /> {t("alsoDrop")}</p>}
        {beginning.value && <Dialog title={t("create")} wide onClose={() => (beginning.value = false)}><div>{beginnings}</div></Dialog>}
        {naming.value && <Naming template={naming.value} busy={busy.value} onBegin={(name) => begin(naming.value!.id, name)} onClose={() => (naming.value = null)} />}
        {removing.value && (
          <Dialog title={t("remove")} onClose={() => (removing.value = null)}>
            <div>
              <p>{t("removeSure", { name: removing.value.name })}</p>
              <div class="actions spaced">
                <Button onClick={() => (removing.value = null)}>{t("cancel")}</Button>
                <Button kind="danger" onClick={() => void attempt(async () => { await remove(`/passerelle/v1/drafts/${removing.value!.draftKey}`); removing.value = null; await load(); })}>{t("remove")}</Button>
              </div>
            </div>
          </Dialog>
        )}
      </div>
    </DropPlace>
  );
}

const instances = (one: Overview): string => `/instances?process=${encodeURIComponent(one.processDefinitionId)}`;

const MANY = 12; // rows that one looks through without a search

/** Those whose name, pool or id holds each of the words. */
const holding = (rows: Overview[], words: string): Overview[] => {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter((one) => wanted.every((word) => `${one.name} ${one.pool ?? ""} ${one.processDefinitionId}`.toLowerCase().includes(word)));
};

function ProcessTable({ rows: all, onDraw }: { rows: Overview[]; onDraw?: (key: string) => void }) {
  const words = useSignal("");
  const rows = holding(all, words.value);
  return (
    <>
    {all.length > MANY && <div class="find"><input type="search" aria-label={t("find")} placeholder={t("find")} value={words.value} onInput={(event) => (words.value = event.currentTarget.value)} /><span class="small" role="status">{t("found", { n: rows.length })}</span></div>}
    <div class="card scrolls">
      <table>
        <thead><tr><th>{t("name")}</th><th class="number">{t("version")}</th><th class="number">{t("running")}</th><th class="number">{t("stuck")}</th><th class="number">{t("late")}</th><th>{t("since")}</th><th><span class="hidden">{t("draw")}</span></th></tr></thead>
        <tbody>
          {rows.map((one) => (
            <tr key={one.processDefinitionId}>
              <td><Link class="strong" href={`/versions/${one.processDefinitionKey}`}>{one.name}</Link><div class="small">{one.pool && one.pool !== one.name ? `${one.pool} · ` : ""}{one.processDefinitionId}</div></td>
              <td class="number">{one.version}<div class="small">{t("versions", { n: one.versions })}</div></td>
              <td class="number">{one.running ? <Link href={instances(one)} aria-label={t("runningOf", { n: one.running, name: one.name })}>{number(one.running)}</Link> : <span class="muted">0</span>}</td>
              <td class="number">{one.stuck ? <Link class="tag late" href={`${instances(one)}&stuck=1`} aria-label={t("stuckOf", { n: one.stuck, name: one.name })}><Icon name="error" />{number(one.stuck)}</Link> : <span class="muted">0</span>}</td>
              <td class="number">{one.lateHandoffs ? <Link class="tag late" href={`${instances(one)}&late=1`} aria-label={t("lateOf", { n: one.lateHandoffs, name: one.name })}><Icon name="crossing" />{number(one.lateHandoffs)}</Link> : <span class="muted">0</span>}<div class="small">{t("openHandoffs", { n: one.openHandoffs })}</div></td>
              <td class="nowrap">{when(one.deployedDate)}</td>
              <td class="number">{onDraw && <Button title={t("drawHint", { version: one.version, name: one.name })} onClick={() => onDraw(one.processDefinitionKey)}>{t("draw")}</Button>}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
    </>
  );
}

function DraftTable({ rows, onRemove }: { rows: Stored[]; onRemove?: (draft: Stored) => void }) {
  const state = (one: Stored): [string, string] =>
    one.deployedRevision === null ? ["", t("never")] : one.deployedRevision === one.revision ? ["good", t("same")] : ["soon", t("ahead")];
  return (
    <section>
      <h2 class="section">{t("drafts")}</h2>
      {!rows.length && <p class="card empty-card">{t("noDrafts")}</p>}
      {rows.length > 0 && (
        <div class="card scrolls">
          <table>
            <thead><tr><th>{t("draft")}</th><th>{t("state")}</th><th>{t("changed")}</th><th><span class="hidden">{t("remove")}</span></th></tr></thead>
            <tbody>
              {rows.map((one) => (
                <tr key={one.draftKey}>
                  <td><Link class="strong" href={`/drafts/${one.draftKey}`}>{one.name}</Link><div class="small">{one.processDefinitionIds.join(", ")}</div></td>
                  <td><span class={`tag ${state(one)[0]}`}>{state(one)[1]}</span></td>
                  <td>{t("by", { when: when(one.changedDate), who: one.changedBy ?? "" })}</td>
                  <td class="number">{onRemove && <Button kind="plain" icon="close" aria-label={`${t("remove")}${colon()}${one.name}`} title={t("remove")} onClick={() => onRemove(one)} />}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Welcome({ onFiles, children }: { onFiles: (files: File[]) => void; children: preact.ComponentChildren }) {
  return (
    <>
      <button type="button" class="welcome" onClick={() => choose(onFiles)}>
        <Icon name="file" />
        <strong>{t("welcome")}</strong>
        <span>{t("welcomeHint")}</span>
      </button>
      {children}
    </>
  );
}

function Naming({ template, busy, onBegin, onClose }: { template: Template; busy: boolean; onBegin: (name: string) => void; onClose: () => void }) {
  const name = useSignal(template.title);
  const begin = (event: Event): void => {
    event.preventDefault();
    onBegin(name.value.trim());
  };
  return (
    <Dialog title={template.title} onClose={onClose}>
      <form onSubmit={begin}>
        <p class="muted">{template.about}</p>
        <label class="field spaced"><span class="label">{t("called")}</span><input value={name.value} required pattern=".*\S.*" maxLength={200} autofocus onFocus={(event) => event.currentTarget.select()} onInput={(event) => (name.value = event.currentTarget.value)} /><span class="small">{t("calledHint")}</span></label>
        <div class="actions spaced"><Button onClick={onClose}>{t("cancel")}</Button><button class="button primary" disabled={busy}>{t("drawIt")}</button></div>
      </form>
    </Dialog>
  );
}

function Beginnings({ samples, onTemplate, onSample, busy }: { samples: Sample[]; onTemplate: (template: Template) => void; onSample: (name: string) => void; busy: boolean }) {
  return (
    <>
      <h2 class="section">{t("templates")}</h2>
      <ul class="choices">
        {templates().map((one) => (
          <li key={one.id}><button type="button" class="choice" disabled={busy} onClick={() => onTemplate(one)}><strong>{one.title}</strong><span>{one.about}</span><span class="tag">{t("parties", { n: one.parties })}</span></button></li>
        ))}
      </ul>
      {samples.length > 0 && <h2 class="section">{t("samples")}</h2>}
      <ul class="choices">
        {samples.map((one) => (
          <li key={one.name}><button type="button" class="choice" disabled={busy} onClick={() => onSample(one.name)}><strong>{one.title}</strong><span>{t("sample")}</span></button></li>
        ))}
      </ul>
    </>
  );
}
