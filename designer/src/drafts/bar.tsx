/** The bar over a draft: its name, whether it is saved, who else has it open, and what can be done with it. */
import type { ComponentChildren } from "preact";
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Link } from "wouter-preact";
import { Button, Icon } from "../shell/ui";
import { room, when } from "../shell/words";
import { rename, type Draft } from "./store";

const t = room({
  en: {
    back: "All processes", name: "Name of the draft", saved: "Saved", saving: "Saving…", offline: "Not connected. Your changes are kept in this browser and sent later.", conflict: "Not saved", trouble: "Not saved: {why}",
    here: "{who} has this open too", more: "More", clash: "{by} saved this draft at {at} while you were changing it. Nothing of yours or theirs is lost.", somebody: "Somebody", theirs: "Take theirs", mine: "Keep mine as a new draft", differ: "Show what differs", news: "{who} saved this draft; you see the newest state.", ok: "All right",
  },
  fr: {
    back: "Tous les processus", name: "Nom du brouillon", saved: "Enregistré", saving: "Enregistrement…", offline: "Hors connexion. Vos modifications sont gardées dans ce navigateur et envoyées plus tard.", conflict: "Non enregistré", trouble: "Non enregistré : {why}",
    here: "{who} a aussi ouvert ce brouillon", more: "Plus", clash: "{by} a enregistré ce brouillon à {at} pendant que vous le modifiiez. Rien n'est perdu, ni de votre côté ni du sien.", somebody: "Quelqu'un", theirs: "Prendre sa version", mine: "Garder la mienne comme nouveau brouillon", differ: "Montrer les différences", news: "{who} a enregistré ce brouillon ; vous voyez l'état le plus récent.", ok: "D'accord",
  },
});

export function Bar({ draft, editable, tabs, children }: { draft: Draft; editable: boolean; tabs: ComponentChildren; children: ComponentChildren }) {
  const typed = useSignal<string | null>(null); // while somebody types, news from elsewhere must not put back what stood there
  const others = draft.editors.value.map((one) => one.name);
  return (
    <div class="draft-bar">
      <Link href="/" aria-label={t("back")} title={t("back")}>←</Link>
      <input class="draft-name" aria-label={t("name")} value={typed.value ?? draft.title.value} readOnly={!editable} maxLength={200} onInput={(event) => (typed.value = event.currentTarget.value)} onBlur={() => { if (typed.value !== null) rename(draft, typed.value); typed.value = null; }} onKeyDown={(event) => event.key === "Enter" && event.currentTarget.blur()} />
      {tabs}
      <SaveState draft={draft} />
      {others.length > 0 && <span class="others" role="status"><Icon name="people" /> {t("here", { who: others.join(", ") })}</span>}
      {children}
    </div>
  );
}

function SaveState({ draft }: { draft: Draft }) {
  const state = draft.state.value;
  const trouble = draft.trouble.value;
  const words = trouble ? t("trouble", { why: trouble }) : t(state);
  return <span class={`save-state ${trouble || state === "offline" || state === "conflict" ? "bad" : ""}`} role="status" data-state={trouble ? "trouble" : state}><Icon name={trouble || state === "conflict" ? "error" : state === "offline" ? "warning" : "check"} /> {words}</span>;
}

export function ConflictNote({ draft, onTheirs, onMine, onDiffer }: { draft: Draft; onTheirs: () => void; onMine: () => void; onDiffer: () => void }) {
  const about = draft.conflict.value;
  if (!about) return null;
  return (
    <div class="bar-note" role="alert">
      <p>{t("clash", { by: about.by ?? t("somebody"), at: about.at ? when(about.at) : "" })}</p>
      <Button onClick={onDiffer}>{t("differ")}</Button>
      <Button onClick={onTheirs}>{t("theirs")}</Button>
      <Button kind="primary" onClick={onMine}>{t("mine")}</Button>
    </div>
  );
}

export function NewsNote({ draft }: { draft: Draft }) {
  if (draft.news.value === null) return null;
  return <div class="bar-note soft" role="status"><p>{t("news", { who: draft.news.value || t("somebody") })}</p><Button onClick={() => (draft.news.value = null)}>{t("ok")}</Button></div>;
}

/** What is not needed every day. Closes on Escape, on a click elsewhere, and after a choice. */
export function Menu({ items }: { items: { label: string; onChoose: () => void; danger?: boolean }[] }) {
  const open = useSignal(false);
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const away = (event: Event): void => {
      if (!place.current?.contains(event.target as Node)) open.value = false;
    };
    const escape = (event: KeyboardEvent): void => {
      if (event.key === "Escape") open.value = false;
    };
    addEventListener("pointerdown", away);
    addEventListener("keydown", escape);
    return () => {
      removeEventListener("pointerdown", away);
      removeEventListener("keydown", escape);
    };
  }, []);
  return (
    <div class="more-menu" ref={place}>
      <Button icon="more" aria-label={t("more")} title={t("more")} aria-expanded={open.value} aria-haspopup="menu" onClick={() => (open.value = !open.value)} />
      {open.value && (
        <ul role="menu">
          {items.map((one) => <li key={one.label} role="none"><button type="button" role="menuitem" class={one.danger ? "danger" : ""} onClick={() => { open.value = false; one.onChoose(); }}>{one.label}</button></li>)}
        </ul>
      )}
    </div>
  );
}
