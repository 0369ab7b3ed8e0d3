/** Work for programs in a trial: answered by hand, or with what was answered before. */
import { useState } from "preact/hooks";
import { Problem, Written, post } from "../shell/api";
import { Button, tell } from "../shell/ui";
import { room } from "../shell/words";
import { type InFull, type JobIn, at } from "./trials";
import { WorkerDialog } from "./workers";

const t = room({
  en: {
    none: "No program is waited for. When a token comes to a service task, you answer for its program here.", lead: "Answer for the program, as it would.", sees: "What it is given", result: "Variables it answers (JSON)", remember: "Offer this answer next time, in every trial",
    answer: "Answer", sample: "Answer as before", error: "Business error", code: "Error code", fail: "Let it fail", why: "The program failed.", notJson: "This is not JSON: {why}", worker: "Program for it…", done: "{type} was answered.", stuck: "failed",
  },
  fr: {
    none: "Aucun programme n'est attendu. Quand un jeton arrive à une tâche de service, vous répondez ici à sa place.", lead: "Répondez à la place du programme.", sees: "Ce qu'il reçoit", result: "Variables de sa réponse (JSON)", remember: "Proposer cette réponse la prochaine fois, dans tous les essais",
    answer: "Répondre", sample: "Répondre comme avant", error: "Erreur métier", code: "Code d'erreur", fail: "Le faire échouer", why: "Le programme a échoué.", notJson: "Ce n'est pas du JSON : {why}", worker: "Un programme…", done: "{type} a reçu sa réponse.", stuck: "en échec",
  },
});

export function Jobs({ trial, onDone, onSelect }: { trial: InFull; onDone: () => void; onSelect: (elementId: string) => void }) {
  if (!trial.jobs.length) return <p class="empty">{t("none")}</p>;
  return (
    <>
      <p class="small">{t("lead")}</p>
      <ul class="live-list">{trial.jobs.map((one) => <Job key={one.jobKey} trialKey={trial.trialKey} job={one} onDone={onDone} onSelect={onSelect} />)}</ul>
    </>
  );
}

function Job({ trialKey, job, onDone, onSelect }: { trialKey: string; job: JobIn; onDone: () => void; onSelect: (elementId: string) => void }) {
  const [json, setJson] = useState(() => JSON.stringify(job.sample?.variables ?? {}, null, 2));
  const [remember, setRemember] = useState(false);
  const [code, setCode] = useState(job.sample?.error ?? "");
  const [problem, complain] = useState("");
  const [busy, setBusy] = useState(false);
  const [worker, showWorker] = useState(false);
  const send = async (more: Record<string, unknown>): Promise<void> => {
    try {
      const given = JSON.parse(json.trim() || "{}");
      if (typeof given !== "object" || given === null || Array.isArray(given)) throw new Error("{ }");
    } catch (error) {
      return complain(t("notJson", { why: (error as Error).message }));
    }
    complain("");
    setBusy(true);
    try {
      const rest = JSON.stringify({ remember, ...more }).slice(1);
      await post(at(trialKey, `jobs/${job.jobKey}/answer`), new Written(`{"variables":${json.trim() || "{}"},${rest}`));
      tell(t("done", { type: job.type }));
      onDone();
    } catch (error) {
      complain(error instanceof Problem ? error.detail : String(error));
    }
    setBusy(false);
  };
  return (
    <li>
      <div class="live-row"><button type="button" class="live-link" onClick={() => onSelect(job.elementId)}>{job.type}</button>{job.state === "FAILED" && <span class="tag late">{t("stuck")}</span>}</div>
      {job.errorMessage && <p class="small">{job.errorMessage}</p>}
      <details><summary class="small">{t("sees")}</summary><pre class="live-code">{JSON.stringify(job.variables, null, 2)}</pre></details>
      <label class="field"><span class="label">{t("result")}</span><textarea class="live-json" value={json} spellcheck={false} onInput={(event) => setJson(event.currentTarget.value)} />{problem && <span class="wrong" role="alert">{problem}</span>}</label>
      <label class="small"><input type="checkbox" checked={remember} onChange={(event) => setRemember(event.currentTarget.checked)} /> {t("remember")}</label>
      <p class="live-row">
        <Button kind="primary" class="small-button" disabled={busy || job.state === "FAILED"} onClick={() => void send({})}>{job.sample ? t("sample") : t("answer")}</Button>
        <Button class="small-button" disabled={busy || job.state === "FAILED"} onClick={() => void send({ failure: t("why"), remember: false })}>{t("fail")}</Button>
        <Button kind="plain" class="small-button" onClick={() => showWorker(true)}>{t("worker")}</Button>
      </p>
      <details><summary class="small">{t("error")}</summary>
        <p class="live-row"><input aria-label={t("code")} placeholder={t("code")} value={code} onInput={(event) => setCode(event.currentTarget.value)} /><Button class="small-button" disabled={busy || !code} onClick={() => void send({ errorCode: code })}>{t("error")}</Button></p>
      </details>
      {worker && <WorkerDialog type={job.type} onClose={() => showWorker(false)} />}
    </li>
  );
}
