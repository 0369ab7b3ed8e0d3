/** A draft: its diagram, forms, decisions and versions. It saves by itself; what can be done with it stands above. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { useLocation } from "wouter-preact";
import { Bar, ConflictNote, Menu, NewsNote } from "../drafts/bar";
import { ChangeList, compare, type FileChanges } from "../drafts/changes";
import { check, type Checked } from "../drafts/check";
import { DeployDialog } from "../drafts/deploy";
import { DiagramTab } from "../drafts/diagram";
import { choose, DropPlace } from "../drafts/drop-place";
import { download, kept, report } from "../drafts/dropped";
import { free, of, read } from "../drafts/files";
import { FilesDialog } from "../drafts/files-dialog";
import { History } from "../drafts/history";
import { Later } from "../drafts/later";
import { add, attend, flush, keepMine, open, takeTheirs, type Draft } from "../drafts/store";
import { ofDraft, pageOf } from "../live/trials";
import { Problem, remove } from "../shell/api";
import { has } from "../shell/session";
import { useTitle } from "../shell/title";
import { Button, Dialog, tell } from "../shell/ui";
import { room } from "../shell/words";
import { learn } from "../shell/borrowed";
import "../drafts/drafts.css";

const t = room({
  en: {
    loading: "Loading…", gone: "This draft does not exist any more.", back: "All processes", diagram: "Diagram", forms: "Forms", decisions: "Decisions", versions: "Versions", deploy: "Deploy…", try: "Try it", export: "Export as zip", report: "Report to print", import: "Add files…", files: "Files…", duplicate: "Duplicate", remove: "Delete…",
    removeSure: "Delete the draft “{name}”? What was deployed of it stays.", cancel: "Cancel", removeIt: "Delete", mineName: "{name} (mine)", copyName: "{name} (copy)", differ: "What differs: theirs → yours", close: "Close", tabs: "Parts of the draft", dropHint: "Drop files to add them to this draft", added: "{n} file added. || {n} files added.", problems: "{n} problem || {n} problems",
  },
  fr: {
    loading: "Chargement…", gone: "Ce brouillon n'existe plus.", back: "Tous les processus", diagram: "Diagramme", forms: "Formulaires", decisions: "Décisions", versions: "Versions", deploy: "Déployer…", try: "Essayer", export: "Exporter en zip", report: "Rapport à imprimer", import: "Ajouter des fichiers…", files: "Fichiers…", duplicate: "Dupliquer", remove: "Supprimer…",
    removeSure: "Supprimer le brouillon « {name} » ? Ce qui en a été déployé reste.", cancel: "Annuler", removeIt: "Supprimer", mineName: "{name} (le mien)", copyName: "{name} (copie)", differ: "Différences : sa version → la vôtre", close: "Fermer", tabs: "Parties du brouillon", dropHint: "Déposez des fichiers pour les ajouter à ce brouillon", added: "{n} fichier ajouté. || {n} fichiers ajoutés.", problems: "{n} problème || {n} problèmes",
  },
});

const TABS = ["diagram", "forms", "decisions", "versions"] as const;
type Tab = (typeof TABS)[number];
const loadForms = () => learn("forms").then(() => import("../drafts/forms"));
const loadDecisions = () => learn("decisions").then(() => import("../drafts/decisions"));

export default function DraftPage({ params }: { params: Record<string, string | undefined> }) {
  const key = params.key!;
  const draft = useSignal<Draft | null>(null);
  const trouble = useSignal<string | null>(null);
  const editable = has("admin", "modeller");
  useEffect(() => {
    let end: (() => void) | undefined;
    let over = false;
    draft.value = null;
    open(key).then(
      (found) => {
        if (over) return;
        draft.value = found;
        if (editable) end = attend(found);
      },
      (error) => (trouble.value = error instanceof Problem && error.status === 404 ? t("gone") : String(error.message ?? error)),
    );
    return () => {
      over = true;
      end?.();
    };
  }, [key]);
  if (trouble.value) return <p class="empty" role="alert">{trouble.value}</p>;
  if (!draft.value) return <p class="empty" role="status">{t("loading")}</p>;
  return <Open draft={draft.value} editable={editable} />;
}

function Open({ draft, editable }: { draft: Draft; editable: boolean }) {
  const [, go] = useLocation();
  const tab = useSignal<Tab>("diagram");
  const wanted = useSignal<string | null>(null); // the form that was asked for in the diagram
  const checked = useChecked(draft, editable);
  const dialog = useSignal<"deploy" | "remove" | "files" | null>(null);
  const differing = useSignal<FileChanges[] | null>(null);
  const attempt = (what: () => Promise<unknown>): void => void what().catch((error) => tell(error instanceof Error ? error.message : String(error), true));
  const files = draft.files.value;
  const path = `/passerelle/v1/drafts/${draft.key}`;
  useTitle(draft.title.value);

  const bringIn = (given: File[]): void => attempt(async () => {
    const found = await Promise.all(given.map(read));
    const taken = new Set(draft.files.value.map((one) => one.name));
    const named = found.map((one) => ({ ...one, name: free(one.name, taken) }));
    add(draft, named);
    tell(t("added", { n: named.length }));
  });
  const items = [
    { label: t("export"), onChoose: () => attempt(async () => { await flush(draft); await download(`${path}/export`, `${draft.title.value}.zip`); }) },
    ...(checked.value ? [{ label: t("report"), onChoose: () => { report.value = { files: draft.files.value.filter((one) => !one.name.startsWith("scenarios/")), checked: checked.value!, draftKey: draft.key }; go("/report"); } }] : []),
    { label: t("files"), onChoose: () => { dialog.value = "files"; } },
    ...(editable ? [
      { label: t("import"), onChoose: () => choose(bringIn) },
      { label: t("duplicate"), onChoose: () => attempt(async () => go(`/drafts/${await kept(draft.files.value, t("copyName", { name: draft.title.value }))}`)) },
      { label: t("remove"), danger: true, onChoose: () => { dialog.value = "remove"; } },
    ] : []),
  ];
  const errors = checked.value?.problems.filter((one) => one.level === "error").length ?? 0;
  const counts: Record<Tab, number> = { diagram: 0, forms: of(files, ".form").length, decisions: of(files, ".dmn").length, versions: 0 };
  const tabs = (
    <div class="tabs" role="tablist" aria-label={t("tabs")}>
      {TABS.map((one) => (
        <button type="button" key={one} role="tab" id={`tab-${one}`} aria-selected={tab.value === one} aria-controls="tab-panel" onClick={() => { wanted.value = null; tab.value = one; }}>
          {t(one)}
          {counts[one] > 0 && <span class="count">{counts[one]}</span>}
          {one === "diagram" && errors > 0 && <span class="count bad" title={t("problems", { n: errors })}>{errors}</span>}
        </button>
      ))}
    </div>
  );
  return (
    <DropPlace enabled={editable} hint={t("dropHint")} onFiles={bringIn}>
      <div class="draft">
        <Bar draft={draft} editable={editable} tabs={tabs}>
          <Menu items={items} />
          <Button icon="play" disabled={draft.state.value === "conflict"} onClick={() => attempt(async () => { await flush(draft); go(pageOf(await ofDraft(draft.key))); })}>{t("try")}</Button>
          {editable && <Button kind="primary" disabled={draft.state.value === "conflict"} onClick={() => (dialog.value = "deploy")}>{t("deploy")}</Button>}
        </Bar>
        <ConflictNote draft={draft}
          onTheirs={() => attempt(() => takeTheirs(draft))}
          onMine={() => attempt(async () => go(`/drafts/${await keepMine(draft, t("mineName", { name: draft.title.value }))}`))}
          onDiffer={() => attempt(async () => { differing.value = await compare({ draftKey: draft.key }, { files: draft.files.value }); })} />
        <NewsNote draft={draft} />
        <div class="draft-body" id="tab-panel" role="tabpanel" aria-labelledby={`tab-${tab.value}`}>
          {/* stays there, so that one can still undo after a look at the forms */}
          <div class="diagram-tab" hidden={tab.value !== "diagram"}><DiagramTab key={draft.reloads.value} draft={draft} checked={checked} editable={editable} onForms={(formId) => { wanted.value = formId; tab.value = "forms"; }} /></div>
          {tab.value === "forms" && <Later key={draft.reloads.value} load={loadForms} props={{ draft, checked, editable, wanted: wanted.value }} />}
          {tab.value === "decisions" && <Later key={draft.reloads.value} load={loadDecisions} props={{ draft, checked, editable }} />}
          {tab.value === "versions" && <History draft={draft} editable={editable} />}
        </div>
        {dialog.value === "deploy" && <DeployDialog draft={draft} checked={checked.value} onClose={() => (dialog.value = null)} />}
        {dialog.value === "files" && <FilesDialog draft={draft} editable={editable} onClose={() => (dialog.value = null)} />}
        {dialog.value === "remove" && (
          <Dialog title={t("remove")} onClose={() => (dialog.value = null)}>
            <div>
              <p>{t("removeSure", { name: draft.title.value })}</p>
              <div class="actions spaced"><Button onClick={() => (dialog.value = null)}>{t("cancel")}</Button><Button kind="danger" onClick={() => attempt(async () => { await remove(path); go("/"); })}>{t("removeIt")}</Button></div>
            </div>
          </Dialog>
        )}
        {differing.value && <Dialog title={t("differ")} wide onClose={() => (differing.value = null)}><div><ChangeList files={differing.value} /><div class="actions spaced"><Button onClick={() => (differing.value = null)}>{t("close")}</Button></div></div></Dialog>}
      </div>
    </DropPlace>
  );
}

const PAUSE = 700; // after the last stroke

/** What the server makes of the files, asked anew a moment after each change; while it cannot be reached, what it said last. */
function useChecked(draft: Draft, editable: boolean) {
  const found = useSignal<Checked | null>(null);
  const looks = useSignal(0);
  useEffect(() => {
    // whoever comes back may have put people into a group meanwhile, or a party into the directory
    const seen = (): void => void (document.visibilityState === "visible" && looks.value++);
    document.addEventListener("visibilitychange", seen);
    return () => document.removeEventListener("visibilitychange", seen);
  }, []);
  useEffect(() => {
    if (!editable) return;
    const asking = new AbortController();
    const timer = setTimeout(() => {
      const files = draft.files.value.filter((one) => !one.name.startsWith("scenarios/"));
      if (files.length) check(files, asking.signal).then((answer) => (found.value = answer), () => undefined);
    }, found.value ? PAUSE : 0);
    return () => {
      clearTimeout(timer);
      asking.abort();
    };
  }, [draft.files.value, looks.value]);
  return found;
}
