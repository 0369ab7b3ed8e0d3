/** Work for programs in a trial: answered by hand, with what was answered before, or with what the model wants. */
import { useState } from "preact/hooks";
import { Problem, Written, post } from "../shell/api";
import { Button, tell } from "../shell/ui";
import { room } from "../shell/words";
import { type InFull, type JobIn, at } from "./trials";
import { WorkerDialog } from "./worker_later";

const t = room({
  en: {
    none: "No program is waited for. When a token comes to a service task, you answer for its program here.", lead: "Answer for the program, as it would.", sees: "What it is given", result: "Variables it answers (JSON)", remember: "Offer this answer next time, in every trial",
    as: "How it ends", done: "It does its work", error: "It reports a business error", failure: "It fails", answer: "Answer", sample: "Answer as before", report: "Report the error", fail: "Let it fail", code: "Error code", says: "Message", left: "Tries left", why: "The program failed.",
    proposed: "Proposed from what the model wants of it.", kept: "As it was answered before.", notJson: "This is not JSON: {why}", worker: "Program for it…", answered: "{type} was answered.", stuck: "failed", still: "No tries are left: an incident stands until it is resolved.", toNow: "Show the incident", ofCase: "Case {number}",
  },
  fr: {
    none: "Aucun programme n'est attendu. Quand un jeton arrive à une tâche de service, vous répondez ici à sa place.", lead: "Répondez à la place du programme.", sees: "Ce qu'il reçoit", result: "Variables de sa réponse (JSON)", remember: "Proposer cette réponse la prochaine fois, dans tous les essais",
    as: "Son issue", done: "Il fait son travail", error: "Il signale une erreur métier", failure: "Il échoue", answer: "Répondre", sample: "Répondre comme avant", report: "Signaler l'erreur", fail: "Le faire échouer", code: "Code d'erreur", says: "Message", left: "Essais restants", why: "Le programme a échoué.",
    proposed: "Proposé d'après ce que le modèle en attend.", kept: "Comme répondu auparavant.", notJson: "Ce n'est pas du JSON : {why}", worker: "Un programme…", answered: "{type} a reçu sa réponse.", stuck: "en échec", still: "Plus aucun essai : un incident reste ouvert jusqu'à sa résolution.", toNow: "Voir l'incident", ofCase: "Dossier {number}",
  },
});

interface Props {
  trial: InFull;
  onDone: () => void;
  onSelect: (elementId: string) => void;
  /** To the incident of a job that has no tries left. */
  onStuck: (caseKey: string) => void;
}

export function Jobs({ trial, ...rest }: Props) {
  if (!trial.jobs.length) return <p class="empty">{t("none")}</p>;
  return (
    <>
      <p class="small">{t("lead")}</p>
      <ul class="live-list">{trial.jobs.map((one) => <Job key={one.jobKey} trial={trial} job={one} {...rest} />)}</ul>
    </>
  );
}

type End = "done" | "error" | "failure";
const ENDS: End[] = ["done", "error", "failure"];

function Job({ trial, job, onDone, onSelect, onStuck }: Props & { job: JobIn }) {
  const [json, setJson] = useState(() => JSON.stringify(job.sample?.variables ?? job.proposal, null, 2));
  const [end, choose] = useState<End>(job.sample?.error ? "error" : "done");
  const [remember, setRemember] = useState(false);
  const [code, setCode] = useState(job.sample?.error ?? "");
  const [says, setSays] = useState(job.sample?.says ?? "");
  const [left, setLeft] = useState(0);
  const [problem, complain] = useState("");
  const [busy, setBusy] = useState(false);
  const [worker, showWorker] = useState(false);
  const send = async (event: Event): Promise<void> => {
    event.preventDefault();
    const written = end === "failure" ? "{}" : json.trim() || "{}";
    try {
      const given = JSON.parse(written);
      if (typeof given !== "object" || given === null || Array.isArray(given)) throw new Error("{ }");
    } catch (error) {
      return complain(t("notJson", { why: (error as Error).message }));
    }
    complain("");
    setBusy(true);
    const more = {
      done: { remember },
      error: { remember, errorCode: code.trim(), ...(says.trim() ? { errorMessage: says.trim() } : {}) },
      failure: { failure: says.trim() || t("why"), retries: left },
    }[end];
    try {
      await post(at(trial.trialKey, `jobs/${job.jobKey}/answer`), new Written(`{"variables":${written},${JSON.stringify(more).slice(1)}`));
      tell(t("answered", { type: job.type }));
      onDone();
    } catch (error) {
      complain(error instanceof Problem ? error.detail : String(error));
    }
    setBusy(false);
  };
  const number = trial.cases.length > 1 ? trial.cases.find((one) => one.caseKey === job.caseKey)?.caseNumber : undefined;
  return (
    <li>
      <div class="live-row"><span><button type="button" class="live-link" onClick={() => onSelect(job.elementId)}>{job.elementName ?? job.type}</button> {job.elementName && <code class="small">{job.type}</code>}</span>{number && <span class="small">{t("ofCase", { number })}</span>}{job.state === "FAILED" && <span class="tag late">{t("stuck")}</span>}</div>
      {job.errorMessage && <p class="small">{job.errorMessage}</p>}
      <details><summary class="small">{t("sees")}</summary><pre class="live-code" tabIndex={0}>{JSON.stringify(job.variables, null, 2)}</pre></details>
      {job.state === "FAILED" ? <p class="live-row"><span class="small">{t("still")}</span><Button class="small-button" onClick={() => onStuck(job.caseKey)}>{t("toNow")}</Button></p> : (
        <form onSubmit={(event) => void send(event)}>
          <label class="field"><span class="label">{t("as")}</span><select value={end} onChange={(event) => choose(event.currentTarget.value as End)}>{ENDS.map((one) => <option key={one} value={one} selected={one === end}>{t(one)}</option>)}</select></label>
          {end === "error" && <label class="field"><span class="label">{t("code")}</span><input value={code} required onInput={(event) => setCode(event.currentTarget.value)} /></label>}
          {end !== "done" && <label class="field"><span class="label">{t("says")}</span><input value={says} placeholder={end === "failure" ? t("why") : ""} onInput={(event) => setSays(event.currentTarget.value)} /></label>}
          {end === "failure" && <label class="field"><span class="label">{t("left")}</span><input type="number" min={0} max={100} required value={left} onInput={(event) => setLeft(event.currentTarget.valueAsNumber || 0)} /></label>}
          {end !== "failure" && (
            <label class="field"><span class="label">{t("result")}</span><textarea class="live-json" value={json} spellcheck={false} onInput={(event) => setJson(event.currentTarget.value)} />
              {job.sample ? <span class="small">{t("kept")}</span> : Object.keys(job.proposal).length > 0 && <span class="small">{t("proposed")}</span>}</label>
          )}
          {problem && <p class="wrong" role="alert">{problem}</p>}
          {end !== "failure" && <label class="small live-check"><input type="checkbox" checked={remember} onChange={(event) => setRemember(event.currentTarget.checked)} /> {t("remember")}</label>}
          <p class="live-row"><Button type="submit" kind="primary" class="small-button" disabled={busy}>{end === "error" ? t("report") : end === "failure" ? t("fail") : job.sample && !job.sample.error ? t("sample") : t("answer")}</Button><Button kind="plain" class="small-button" onClick={() => showWorker(true)}>{t("worker")}</Button></p>
        </form>
      )}
      {worker && <WorkerDialog type={job.type} onClose={() => showWorker(false)} />}
    </li>
  );
}
