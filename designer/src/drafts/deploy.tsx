/** Deploying a draft: what changes against what runs, how many stay on the old version, what the server says to it. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Link } from "wouter-preact";
import { get, post, Problem } from "../shell/api";
import { Button, Dialog, Icon } from "../shell/ui";
import { room } from "../shell/words";
import { ChangeList, type FileChanges } from "./changes";
import type { Checked, Finding } from "./check";
import { FindingList } from "./report";
import { flush, type Draft } from "./store";

const t = room({
  en: {
    title: "Deploy", looking: "Comparing with what runs…", first: "This is new here: nothing of it runs yet.", against: "What changes against version {version}", stays: "{n} running instance stays on the old version. || {n} running instances stay on the old version.", none: "No instance is running.",
    next: "It becomes version {n}.", deploy: "Deploy", cancel: "Cancel", close: "Close", refused: "It was refused; nothing was deployed", wrong: "These have to be mended first", warnings: "Worth a look", done: "Deployed.", version: "{name}: version {n}", start: "Start it…", forms: "{n} form || {n} forms", same: "Nothing is different from what runs: it keeps its version.", versions: "Versions", unsaved: "Save it first: the last changes have not reached the server.",
  },
  fr: {
    title: "Déployer", looking: "Comparaison avec ce qui fonctionne…", first: "C'est nouveau ici : rien ne fonctionne encore.", against: "Ce qui change par rapport à la version {version}", stays: "{n} instance en cours reste sur l'ancienne version. || {n} instances en cours restent sur l'ancienne version.", none: "Aucune instance n'est en cours.",
    next: "Ce sera la version {n}.", deploy: "Déployer", cancel: "Annuler", close: "Fermer", refused: "Refusé ; rien n'a été déployé", wrong: "À corriger d'abord", warnings: "À regarder", done: "Déployé.", version: "{name} : version {n}", start: "Le démarrer…", forms: "{n} formulaire || {n} formulaires", same: "Rien ne diffère de ce qui fonctionne : la version reste la même.", versions: "Versions", unsaved: "Enregistrez d'abord : les dernières modifications n'ont pas atteint le serveur.",
  },
});

interface Changes {
  changes: FileChanges[];
  against: { processDefinitionKey: string; processDefinitionId: string; version: number; instances: number }[];
  runningOnOld: number;
}
interface Deployed extends Changes {
  deployments: { processDefinition: { processDefinitionId: string; processDefinitionKey: string; processDefinitionVersion: number } | null; form: object | null }[];
}

export function DeployDialog({ draft, checked, onClose }: { draft: Draft; checked: Checked | null; onClose: () => void }) {
  const told = useSignal<Changes | null>(null);
  const done = useSignal<Deployed | null>(null);
  const refused = useSignal<Finding[] | null>(null);
  const trouble = useSignal<string | null>(null);
  const busy = useSignal(false);
  const complain = (error: unknown): void => void (trouble.value = error instanceof Error ? error.message : String(error));

  useEffect(() => {
    void (async () => {
      await flush(draft);
      if (draft.state.value !== "saved") throw new Error(t("unsaved"));
      told.value = await get<Changes>(`/passerelle/v1/drafts/${draft.key}/changes`);
    })().catch(complain);
  }, []);

  const deploy = async (): Promise<void> => {
    busy.value = true;
    trouble.value = null;
    try {
      done.value = await post<Deployed>(`/passerelle/v1/drafts/${draft.key}/deployment`, { revision: draft.revision });
    } catch (error) {
      if (error instanceof Problem && Array.isArray(error.body.problems)) refused.value = (error.body.problems as Partial<Finding>[]).map((one) => ({ level: "error", rule: "", field: null, line: null, file: "", elementId: null, elementName: null, message: "", ...one }));
      else complain(error);
    } finally {
      busy.value = false;
    }
  };
  const errors = checked?.problems.filter((one) => one.level === "error") ?? [];
  const warnings = checked?.problems.filter((one) => one.level === "warning") ?? [];
  const names = new Map<string, string>();
  return (
    <Dialog title={t("title")} wide onClose={onClose}>
      <div class="deploy">
        {trouble.value && <p class="verdict bad" role="alert"><Icon name="error" /> {trouble.value}</p>}
        {done.value ? <Done done={done.value} onClose={onClose} /> : (
          <>
            {!told.value && !trouble.value && <p role="status">{t("looking")}</p>}
            {refused.value && <FindingList title={t("refused")} rows={refused.value} names={names} />}
            {!refused.value && errors.length > 0 && <FindingList title={t("wrong")} rows={errors} names={names} />}
            {told.value && <Told told={told.value} />}
            {errors.length === 0 && <FindingList title={t("warnings")} rows={warnings} names={names} />}
            <div class="actions spaced">
              <Button onClick={onClose}>{t("cancel")}</Button>
              <Button kind="primary" disabled={!told.value || busy.value || errors.length > 0} onClick={() => void deploy()}>{t("deploy")}</Button>
            </div>
          </>
        )}
      </div>
    </Dialog>
  );
}

function Told({ told }: { told: Changes }) {
  if (!told.against.length) return <p class="verdict good"><Icon name="check" /> {t("first")}</p>;
  return (
    <section>
      <h3>{t("against", { version: [...new Set(told.against.map((one) => one.version))].join(", ") })}</h3>
      <p class={told.runningOnOld ? "verdict soon" : "muted"}>{told.runningOnOld ? t("stays", { n: told.runningOnOld }) : t("none")}</p>
      {told.changes.length ? <ChangeList files={told.changes} /> : <p>{t("same")}</p>}
    </section>
  );
}

function Done({ done, onClose }: { done: Deployed; onClose: () => void }) {
  return (
    <div>
      <p class="verdict good" role="status"><Icon name="check" /> {t("done")}</p>
      <ul>
        {done.deployments.flatMap((one) => (one.processDefinition ? [<li key={one.processDefinition.processDefinitionKey}><Link href={`/versions/${one.processDefinition.processDefinitionKey}`}>{t("version", { name: one.processDefinition.processDefinitionId, n: one.processDefinition.processDefinitionVersion })}</Link></li>] : []))}
      </ul>
      {done.runningOnOld > 0 && <p class="spaced">{t("stays", { n: done.runningOnOld })}</p>}
      <div class="actions spaced"><a class="button" href="/start">{t("start")}</a><Button kind="primary" onClick={onClose}>{t("close")}</Button></div>
    </div>
  );
}
