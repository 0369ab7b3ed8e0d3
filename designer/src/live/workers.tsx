/** A ready program for a kind of work, to copy: Python, JavaScript, curl. */
import "./live.css";
import { useState } from "preact/hooks";
import { Button, Dialog, tell } from "../shell/ui";
import { session } from "../shell/session";
import { room } from "../shell/words";

const t = room({
  en: { title: "A program for “{type}”", lead: "It asks for work of this type, does it, and says what came out. Make an account for it first, and put the secret that it prints in the place of …: {command}", copy: "Copy", copied: "Copied.", kinds: "Language" },
  fr: { title: "Un programme pour « {type} »", lead: "Il demande du travail de ce type, le fait et rend le résultat. Créez d'abord un compte pour lui, et mettez le secret affiché à la place de … : {command}", copy: "Copier", copied: "Copié.", kinds: "Langage" },
});

type Kind = "python" | "javascript" | "curl";

/** The type stands in the code as a string of that language: JSON is one in all three (curl: inside single quotes). */
export function workerCode(kind: Kind, type: string, url: string): string {
  const quoted = JSON.stringify(type);
  if (kind === "python")
    return `# pip install httpx
import httpx

with httpx.Client(base_url=${JSON.stringify(url)}, timeout=30) as http:
    form = {"grant_type": "client_credentials", "client_id": "my-worker", "client_secret": "…"}
    token = http.post("/oauth/token", data=form).raise_for_status().json()["access_token"]
    http.headers["Authorization"] = f"Bearer {token}"
    while True:
        asked = {"type": ${quoted}, "worker": "my-worker", "timeout": 60000, "maxJobsToActivate": 10}
        for job in http.post("/v2/jobs/activation", json=asked).raise_for_status().json()["jobs"]:
            try:
                result = {}  # do the work here, with job["variables"]
                http.post(f"/v2/jobs/{job['jobKey']}/completion", json={"variables": result}).raise_for_status()
            except Exception as error:
                failure = {"retries": job["retries"] - 1, "errorMessage": str(error)}
                http.post(f"/v2/jobs/{job['jobKey']}/failure", json=failure)
`;
  if (kind === "javascript")
    return `// Node 20 or later
const url = ${JSON.stringify(url)};
const form = new URLSearchParams({ grant_type: "client_credentials", client_id: "my-worker", client_secret: "…" });
const { access_token } = await (await fetch(url + "/oauth/token", { method: "POST", body: form })).json();
const post = (path, body) =>
  fetch(url + path, {
    method: "POST",
    headers: { Authorization: "Bearer " + access_token, "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });

for (;;) {
  const asked = { type: ${quoted}, worker: "my-worker", timeout: 60000, maxJobsToActivate: 10 };
  const { jobs } = await (await post("/v2/jobs/activation", asked)).json();
  for (const job of jobs) {
    try {
      const result = {}; // do the work here, with job.variables
      await post("/v2/jobs/" + job.jobKey + "/completion", { variables: result });
    } catch (error) {
      await post("/v2/jobs/" + job.jobKey + "/failure", { retries: job.retries - 1, errorMessage: String(error) });
    }
  }
}
`;
  const body = JSON.stringify({ type, worker: "curl", timeout: 60000, maxJobsToActivate: 1 }).replaceAll("'", "'\\''");
  return `SECRET='…'
TOKEN=$(curl -fsS '${url}/oauth/token' -d grant_type=client_credentials -d client_id=my-worker -d "client_secret=$SECRET" |
  sed 's/.*"access_token": *"\\([^"]*\\)".*/\\1/')

# take one piece of work
WORK=$(curl -fsS '${url}/v2/jobs/activation' \\
  -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\
  -d '${body}')
echo "$WORK"
JOB=$(echo "$WORK" | grep -o '"jobKey": *"[0-9]*"' | head -n 1 | grep -o '[0-9][0-9]*')

# say what came out
curl -fsS "${url}/v2/jobs/$JOB/completion" \\
  -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\
  -d '{"variables": {}}'
`;
}

const KINDS: [Kind, string][] = [["python", "Python"], ["javascript", "JavaScript"], ["curl", "curl"]];

export function WorkerCode({ type }: { type: string }) {
  const [kind, choose] = useState<Kind>("python");
  const code = workerCode(kind, type, session().url);
  const copy = (): void => void navigator.clipboard.writeText(code).then(() => tell(t("copied")));
  return (
    <>
      <p class="small">{t("lead", { command: "passerelle clients add my-worker" })}</p>
      <p class="live-row" role="group" aria-label={t("kinds")}>
        <span class="live-wrap">{KINDS.map(([key, name]) => <Button key={key} class="small-button" kind={kind === key ? "primary" : undefined} aria-pressed={kind === key} onClick={() => choose(key)}>{name}</Button>)}</span>
        <Button class="small-button" onClick={copy}>{t("copy")}</Button>
      </p>
      <pre class="live-code" tabIndex={0}>{code}</pre>
    </>
  );
}

export function WorkerDialog({ type, onClose }: { type: string; onClose: () => void }) {
  return <Dialog title={t("title", { type })} onClose={onClose} wide><div><WorkerCode type={type} /></div></Dialog>;
}

export default WorkerDialog;
