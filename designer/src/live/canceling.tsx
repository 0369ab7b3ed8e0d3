/** Asks before an instance is ended. */
import { useState } from "preact/hooks";
import { Problem, post } from "../shell/api";
import { Button, Dialog, tell } from "../shell/ui";
import { room } from "../shell/words";

const t = room({
  en: { title: "Cancel this instance?", lead: "Everything that is open in it ends now: tasks, work for programs, timers, handoffs. Those who have work of it are told. This cannot be undone.", whole: "The whole case ends with it: this instance began it.", yes: "Cancel the instance", no: "Keep it", canceled: "The instance was canceled." },
  fr: { title: "Annuler cette instance ?", lead: "Tout ce qui y est ouvert se termine maintenant : tâches, travail pour les programmes, minuteries, passages. Ceux qui ont du travail en sont avertis. C'est irréversible.", whole: "Tout le dossier se termine : cette instance l'a commencé.", yes: "Annuler l'instance", no: "La garder", canceled: "L'instance est annulée." },
});

export function CancelDialog({ base, instanceKey, wholeCase, onClose, onDone }: { base: string; instanceKey: string; wholeCase: boolean; onClose: () => void; onDone: () => void }) {
  const [busy, setBusy] = useState(false);
  const cancel = async (): Promise<void> => {
    setBusy(true);
    try {
      await post(`${base}/v2/process-instances/${instanceKey}/cancellation`, {});
      tell(t("canceled"));
    } catch (error) {
      tell(error instanceof Problem ? error.detail : String(error), true);
    }
    onClose();
    onDone();
  };
  return (
    <Dialog title={t("title")} onClose={onClose}>
      <div>
        <p>{t("lead")}</p>
        {wholeCase && <p><strong>{t("whole")}</strong></p>}
        <p class="actions"><Button onClick={onClose}>{t("no")}</Button><Button kind="danger" disabled={busy} onClick={() => void cancel()}>{t("yes")}</Button></p>
      </div>
    </Dialog>
  );
}
