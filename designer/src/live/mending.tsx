/** What an operator does with an incident: give the program new tries, and let the element go on. */
import { useState } from "preact/hooks";
import { Problem, patch, post } from "../shell/api";
import { Button, tell } from "../shell/ui";
import { room } from "../shell/words";
import type { Incident } from "./case";

const t = room({
  en: { retry: "Try again", retryJob: "Give it 3 more tries", done: "It was tried again." },
  fr: { retry: "Réessayer", retryJob: "Accorder 3 essais de plus", done: "Nouvel essai lancé." },
});

const RETRIES = 3;

export function IncidentDeeds({ base, incident, onDone }: { base: string; incident: Incident; onDone: () => void }) {
  const [busy, setBusy] = useState(false);
  const resolve = async (): Promise<void> => {
    setBusy(true);
    try {
      if (incident.jobKey) await patch(`${base}/v2/jobs/${incident.jobKey}`, { changeset: { retries: RETRIES } });
      await post(`${base}/v2/incidents/${incident.incidentKey}/resolution`, {});
      tell(t("done"));
    } catch (error) {
      tell(error instanceof Problem ? error.detail : String(error), true);
    }
    setBusy(false);
    onDone();
  };
  return <div><Button class="small-button" disabled={busy} onClick={() => void resolve()}>{incident.jobKey ? t("retryJob") : t("retry")}</Button></div>;
}
