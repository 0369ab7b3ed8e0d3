/** The run of a case, kept as a scenario that `passerelle test` runs again. */
import { useEffect, useState } from "preact/hooks";
import { Problem, post } from "../shell/api";
import { session } from "../shell/session";
import { Button } from "../shell/ui";
import { room } from "../shell/words";
import { type Kept, at } from "./trials";

const t = room({
  en: {
    lead: "Keep what was done in this case as a scenario: who did what, how long it waited, and how it must end. `passerelle test` runs it again, so that a later version of the model cannot break it unseen.",
    name: "Name", keep: "Keep and run it", busy: "It is run once in an empty installation…", passed: "It runs again, step by step.", failed: "It does not run again:", download: "Download folder (zip)", show: "Show the scenario",
  },
  fr: {
    lead: "Gardez ce qui a été fait dans ce dossier comme scénario : qui a fait quoi, combien de temps il a attendu, comment il doit finir. `passerelle test` le rejoue, pour qu'une version future du modèle ne le casse pas sans bruit.",
    name: "Nom", keep: "Garder et rejouer", busy: "Il est rejoué dans une installation vide…", passed: "Il se rejoue, pas à pas.", failed: "Il ne se rejoue pas :", download: "Télécharger le dossier (zip)", show: "Montrer le scénario",
  },
});

export default function Scenario({ trialKey, caseKey, revision }: { trialKey: string; caseKey: string; revision: number }) {
  const [name, setName] = useState("");
  const [kept, set] = useState<Kept | null>(null);
  const [problem, complain] = useState("");
  const [busy, setBusy] = useState(false);
  useEffect(() => set(null), [caseKey, revision]);
  const body = { caseKey, name: name.trim() };
  const keep = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    complain("");
    try {
      set(await post<Kept>(at(trialKey, "scenario"), body));
    } catch (error) {
      complain(error instanceof Problem ? error.detail : String(error));
    }
    setBusy(false);
  };
  const download = async (): Promise<void> => {
    const answer = await fetch(at(trialKey, "scenario/export"), { method: "POST", headers: { "Content-Type": "application/json", "X-CSRF-Token": session().csrf }, body: JSON.stringify(body) });
    if (!answer.ok) return complain(answer.statusText);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await answer.blob());
    link.download = kept!.fileName.replace(/\.json$/, ".zip");
    link.click();
    URL.revokeObjectURL(link.href);
  };
  return (
    <form onSubmit={(event) => void keep(event)}>
      <p class="small">{t("lead")}</p>
      <label class="field"><span class="label">{t("name")}</span><input value={name} required maxLength={200} onInput={(event) => setName(event.currentTarget.value)} /></label>
      <p><Button type="submit" kind="primary" disabled={busy}>{t("keep")}</Button></p>
      {busy && <p role="status" class="small">{t("busy")}</p>}
      {problem && <p role="alert" class="wrong">{problem}</p>}
      {kept && (
        <section role="status">
          <p><span class={`tag ${kept.passed ? "good" : "late"}`}>{kept.passed ? t("passed") : t("failed")}</span></p>
          {!kept.passed && <p class="small">{kept.told}</p>}
          <p><Button onClick={() => void download()}>{t("download")}</Button></p>
          <details><summary class="small">{t("show")}</summary><pre class="live-code">{JSON.stringify(kept.scenario, null, 2)}</pre></details>
        </section>
      )}
    </form>
  );
}
