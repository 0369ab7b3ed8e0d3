/** The versions of a process, and what changed between two of them, on the diagram and as a list. */
import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { Link, useLocation } from "wouter-preact";
import { ChangeList, compare, marksOf, type FileChanges } from "../drafts/changes";
import { Picture } from "../drafts/lazy-picture";
import type { Stored } from "../drafts/store";
import { get, post, text } from "../shell/api";
import { has } from "../shell/session";
import { useTitle } from "../shell/title";
import { Button, tell } from "../shell/ui";
import { room, when } from "../shell/words";
import "../drafts/drafts.css";

const t = room({
  en: { back: "All processes", versions: "Versions", version: "Version {n}", option: "Version {n} · {when}", from: "Before", to: "After", running: "{n} running || {n} running", changes: "What changed", first: "This is the first version.", draw: "Draw on from this version", loading: "Loading…", added: "new", changed: "changed", removed: "removed (shown on the older version)", older: "Show the older version", newer: "Show the newer version" },
  fr: { back: "Tous les processus", versions: "Versions", version: "Version {n}", option: "Version {n} · {when}", from: "Avant", to: "Après", running: "{n} en cours || {n} en cours", changes: "Ce qui a changé", first: "C'est la première version.", draw: "Continuer à dessiner à partir de cette version", loading: "Chargement…", added: "nouveau", changed: "modifié", removed: "retiré (montré sur l'ancienne version)", older: "Montrer l'ancienne version", newer: "Montrer la nouvelle version" },
});

interface Version {
  processDefinitionKey: string;
  version: number;
  deployedDate: string;
  versionTag: string | null;
  running: number;
}

export default function Versions({ params }: { params: Record<string, string | undefined> }) {
  const key = params.key!;
  const [, go] = useLocation();
  const versions = useSignal<Version[] | null>(null);
  const name = useSignal("");
  const before = useSignal<string | null>(null);
  const after = useSignal<string>(key);
  const changes = useSignal<FileChanges[]>([]);
  const xmls = useSignal<Record<string, string>>({});
  const chosen = useSignal<string | null>(null);
  const showsOlder = useSignal(false);

  useEffect(() => {
    void (async () => {
      const [found, about] = await Promise.all([
        get<{ items: Version[] }>(`/passerelle/v1/processes/${key}/versions`),
        get<{ name: string | null; processDefinitionId: string }>(`/v2/process-definitions/${key}`),
      ]);
      name.value = about.name ?? about.processDefinitionId;
      const place = found.items.findIndex((one) => one.processDefinitionKey === key);
      after.value = key;
      before.value = found.items[place + 1]?.processDefinitionKey ?? null;
      versions.value = found.items;
    })().catch(complain);
  }, [key]);

  useEffect(() => {
  if (!versions.value) return;
    const [one, other] = [before.value, after.value];
    void (async () => {
      const missing = [one, other].filter((each): each is string => Boolean(each) && !(each! in xmls.value));
      const read = await Promise.all(missing.map((each) => text(`/v2/process-definitions/${each}/xml`)));
      xmls.value = { ...xmls.value, ...Object.fromEntries(missing.map((each, place) => [each, read[place]!])) };
      changes.value = one && one !== other ? await compare({ processDefinitionKey: one }, { processDefinitionKey: other }) : [];
    })().catch(complain);
  }, [versions.value, before.value, after.value]);

  const marks = useMemo(() => marksOf(changes.value), [changes.value]);
  useTitle(name.value && `${t("versions")} · ${name.value}`);
  if (!versions.value) return <p class="empty" role="status">{t("loading")}</p>;
  const xml = xmls.value[showsOlder.value && before.value ? before.value : after.value];
  const draw = async (): Promise<void> => go(`/drafts/${(await post<Stored>("/passerelle/v1/drafts", { fromProcessDefinitionKey: after.value })).draftKey}`);
  const pick = (label: string, value: string | null, onPick: (key: string) => void) => (
    <>
      <label class="label" for={label}>{label}</label>
      <select id={label} value={value ?? ""} onChange={(event) => onPick(event.currentTarget.value)}>
        {value === null && <option value="">—</option>}
        {versions.value!.map((one) => <option key={one.processDefinitionKey} value={one.processDefinitionKey}>{t("option", { n: one.version, when: when(one.deployedDate) })}{one.running ? ` · ${t("running", { n: one.running })}` : ""}</option>)}
      </select>
    </>
  );
  return (
    <div class="versions">
      <div class="list">
        <Link href="/">← {t("back")}</Link>
        <h1>{name.value}</h1>
        <div class="pick">
          {pick(t("from"), before.value, (one) => (before.value = one))}
          {pick(t("to"), after.value, (one) => (after.value = one))}
        </div>
        {has("admin", "modeller") && <Button onClick={() => void draw().catch(complain)}>{t("draw")}</Button>}
        <h2>{t("changes")}</h2>
        {before.value ? <ChangeList files={changes.value} chosen={chosen.value} onChoose={(one) => { showsOlder.value = one.kind === "removed"; chosen.value = one.elementId; }} /> : <p class="muted">{t("first")}</p>}
      </div>
      <div class="shown">
        <div class="legend">
          <span><i class="added" />{t("added")}</span><span><i />{t("changed")}</span><span><i class="removed" />{t("removed")}</span><span class="grow" />
          {before.value && <Button onClick={() => (showsOlder.value = !showsOlder.value)}>{t(showsOlder.value ? "newer" : "older")}</Button>}
        </div>
        {xml && <Picture xml={xml} marks={marks} chosen={chosen.value} onChoose={(id) => (chosen.value = id)} />}
      </div>
    </div>
  );
}

function complain(error: unknown): void {
  tell(error instanceof Error ? error.message : String(error), true);
}
