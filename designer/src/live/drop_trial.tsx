/** Asks before a trial is thrown away: what was tried in it goes with it. */
import { useState } from "preact/hooks";
import { Button, Dialog, tell } from "../shell/ui";
import { room } from "../shell/words";
import { drop } from "./trials";

const t = room({
  en: { title: "Delete the trial “{name}”?", lead: "Its cases, mails and figures go with it, and whoever has it open can go no further. A scenario that you downloaded, and the draft, stay.", yes: "Delete the trial", no: "Keep it", removed: "The trial was deleted." },
  fr: { title: "Supprimer l'essai « {name} » ?", lead: "Ses dossiers, messages et chiffres disparaissent avec lui, et ceux qui l'ont ouvert ne peuvent plus continuer. Un scénario que vous avez téléchargé et le brouillon restent.", yes: "Supprimer l'essai", no: "Le garder", removed: "L'essai est supprimé." },
});

export default function DropTrial({ trial, onClose, onDropped }: { trial: { trialKey: string; name: string }; onClose: () => void; onDropped: () => void }) {
  const [busy, setBusy] = useState(false);
  const remove = async (): Promise<void> => {
    setBusy(true);
    try {
      await drop(trial.trialKey);
      tell(t("removed"));
      onDropped();
    } catch (error) {
      tell(error instanceof Error ? error.message : String(error), true);
      onClose();
    }
  };
  return (
    <Dialog title={t("title", { name: trial.name })} onClose={onClose}>
      <div>
        <p>{t("lead")}</p>
        <p class="actions"><Button onClick={onClose}>{t("no")}</Button><Button kind="danger" disabled={busy} onClick={() => void remove()}>{t("yes")}</Button></p>
      </div>
    </Dialog>
  );
}
