/** The trials there are; a new one from files that are dropped here. */
import "../live/lists.css";
import "../live/live.css";
import { useEffect, useState } from "preact/hooks";
import { Link, useLocation } from "wouter-preact";
import DropTrial from "../live/drop_trial";
import { type Trial, begin, list, pageOf } from "../live/trials";
import { Problem } from "../shell/api";
import { useTitle } from "../shell/title";
import { Button } from "../shell/ui";
import { room, when } from "../shell/words";

const t = room({
  en: {
    title: "Trials", lead: "A trial runs a draft on the real engine, apart from everything real: its mails are shown and never sent, its clock is moved by hand. It lasts a day.",
    choose: "Try files…", none: "No trial at the moment. Open a draft and choose “Try it”, or try files from here.", name: "Name", by: "Begun by", until: "Until", remove: "Delete…", building: "The trial is being made…", refused: "These files cannot be tried:",
  },
  fr: {
    title: "Essais", lead: "Un essai exécute un brouillon sur le vrai moteur, à l'écart de tout ce qui est réel : ses messages sont montrés et jamais envoyés, son horloge se règle à la main. Il dure un jour.",
    choose: "Essayer des fichiers…", none: "Aucun essai pour le moment. Ouvrez un brouillon et choisissez « Essayer », ou essayez des fichiers d'ici.", name: "Nom", by: "Commencé par", until: "Jusqu'à", remove: "Supprimer…", building: "L'essai se prépare…", refused: "Ces fichiers ne peuvent pas être essayés :",
  },
});

interface Fault { file: string; elementName: string | null; elementId: string | null; message: string }

export default function Trials() {
  const [found, set] = useState<Trial[] | null>(null);
  const [problem, complain] = useState("");
  const [faults, blame] = useState<Fault[]>([]);
  const [dropping, askToDrop] = useState<Trial | null>(null);
  const [busy, setBusy] = useState(false);
  const [, go] = useLocation();
  useTitle(t("title"));
  const load = (): void => void list().then(set, (error: Error) => complain(error.message));
  useEffect(load, []);
  const tryFiles = async (files: FileList | null): Promise<void> => {
    if (!files?.length) return;
    complain("");
    blame([]);
    setBusy(true);
    try {
      const chosen = await Promise.all([...files].map(async (file) => ({ name: file.name, content: await file.text() })));
      const trial = await begin(chosen);
      go(pageOf(trial));
    } catch (error) {
      if (error instanceof Problem && Array.isArray(error.body.problems)) return blame(error.body.problems as Fault[]);
      complain(error instanceof Error ? error.message : String(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div class="page">
      <div class="title-bar"><h1>{t("title")}</h1><label class="button primary">{t("choose")}<input class="hidden" type="file" multiple accept=".bpmn,.xml,.form,.json,.dmn" onChange={(event) => void tryFiles(event.currentTarget.files)} /></label></div>
      <p class="muted">{t("lead")}</p>
      {busy && <p class="empty" role="status">{t("building")}</p>}
      {problem && <p class="empty" role="alert">{problem}</p>}
      {faults.length > 0 && <div class="card listed" role="alert"><p class="live-refused"><strong>{t("refused")}</strong></p><ul class="live-refused">{faults.map((one, n) => <li key={n}>{one.elementName ?? one.elementId ?? one.file}: {one.message}</li>)}</ul></div>}
      {found?.length === 0 && <p class="empty">{t("none")}</p>}
      {found && found.length > 0 && (
        <div class="card listed"><table>
          <thead><tr><th>{t("name")}</th><th>{t("by")}</th><th>{t("until")}</th><th /></tr></thead>
          <tbody>{found.map((one) => (
            <tr key={one.trialKey}>
              <td><Link href={`/trials/${one.trialKey}`}>{one.name}</Link></td><td>{one.createdBy}</td><td class="nowrap">{when(one.expiryTime)}</td>
              <td class="number"><Button class="small-button" onClick={() => askToDrop(one)} aria-label={`${t("remove")} ${one.name}`}>{t("remove")}</Button></td>
            </tr>
          ))}</tbody>
        </table></div>
      )}
      {dropping && <DropTrial trial={dropping} onClose={() => askToDrop(null)} onDropped={() => (askToDrop(null), load())} />}
    </div>
  );
}
