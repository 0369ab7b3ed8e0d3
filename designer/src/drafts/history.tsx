/** The steps of a draft and the deployed versions of its processes: what differs from now, and the way back. */
import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { get, post } from "../shell/api";
import { Button, tell } from "../shell/ui";
import { room, when } from "../shell/words";
import { ChangeList, compare, marksOf, type FileChanges } from "./changes";
import { of } from "./files";
import { Picture } from "./lazy-picture";
import { processIdsOf } from "./reality";
import { flush, takeTheirs, type Draft } from "./store";

const t = room({
  en: { steps: "Steps of this draft", deployed: "Deployed versions", none: "No earlier step yet: one is kept for each sitting and each deployment.", by: "{when} by {who}", wasDeployed: "deployed", version: "Version {n}", differs: "What differs from {what}, in the draft as it is now", step: "step {n}", back: "Go back to this step", went: "The draft is as it was then; the later state is one step back.", choose: "Choose a step or a version to see what has changed since.", added: "new", changed: "changed", removed: "removed" },
  fr: { steps: "Étapes de ce brouillon", deployed: "Versions déployées", none: "Pas encore d'étape : une est gardée par séance et par déploiement.", by: "{when} par {who}", wasDeployed: "déployé", version: "Version {n}", differs: "Ce qui diffère de {what}, dans le brouillon actuel", step: "l'étape {n}", back: "Revenir à cette étape", went: "Le brouillon est comme à ce moment ; l'état suivant reste une étape en arrière.", choose: "Choisissez une étape ou une version pour voir ce qui a changé depuis.", added: "nouveau", changed: "modifié", removed: "retiré" },
});

interface Step {
  revision: number;
  savedBy: string | null;
  savedDate: string;
  deploymentKey: string | null;
}
interface Version {
  processDefinitionKey: string;
  processDefinitionId: string;
  name: string | null;
  version: number;
}
type Chosen = { step: number } | { version: Version };

export function History({ draft, editable }: { draft: Draft; editable: boolean }) {
  const steps = useSignal<Step[]>([]);
  const versions = useSignal<Version[]>([]);
  const chosen = useSignal<Chosen | null>(null);
  const changes = useSignal<FileChanges[]>([]);
  const element = useSignal<string | null>(null);
  const model = of(draft.files.value, ".bpmn")[0];
  const marks = useMemo(() => marksOf(changes.value), [changes.value]);

  useEffect(() => {
    void (async () => {
      steps.value = (await get<{ items: Step[] }>(`/passerelle/v1/drafts/${draft.key}/revisions`)).items.filter((one) => one.revision !== draft.revision || one.deploymentKey);
      const ids = [...new Set(of(draft.files.value, ".bpmn").flatMap((one) => processIdsOf(one.content)))];
      if (ids.length) versions.value = (await post<{ items: Version[] }>("/v2/process-definitions/search", { filter: { processDefinitionId: { $in: ids } }, sort: [{ field: "version", order: "DESC" }], page: { limit: 100 } })).items;
    })().catch(complain);
  }, [draft.reloads.value]);

  const choose = async (one: Chosen): Promise<void> => {
    chosen.value = one;
    element.value = null;
    await flush(draft);
    changes.value = await compare("step" in one ? { draftKey: draft.key, revision: one.step } : { processDefinitionKey: one.version.processDefinitionKey }, "step" in one ? { draftKey: draft.key } : { files: of(draft.files.value, ".bpmn") });
  };
  const goBack = async (step: number): Promise<void> => {
    await flush(draft);
    await post(`/passerelle/v1/drafts/${draft.key}/restoration`, { to: step, revision: draft.revision });
    await takeTheirs(draft);
    chosen.value = null;
    tell(t("went"));
  };
  const isChosen = (one: Chosen): boolean => JSON.stringify(one) === JSON.stringify(chosen.value);
  const what = chosen.value === null ? "" : "step" in chosen.value ? t("step", { n: chosen.value.step }) : t("version", { n: chosen.value.version.version });
  return (
    <div class="versions">
      <div class="list">
        <section>
          <h2>{t("steps")}</h2>
          {!steps.value.length && <p class="small">{t("none")}</p>}
          <div class="changes">
            {steps.value.map((one) => (
              <button type="button" key={one.revision} class="change" aria-current={isChosen({ step: one.revision }) ? "true" : undefined} onClick={() => void choose({ step: one.revision }).catch(complain)}>
                {t("by", { when: when(one.savedDate), who: one.savedBy ?? "" })} {one.deploymentKey && <span class="tag good">{t("wasDeployed")}</span>}
              </button>
            ))}
          </div>
        </section>
        {versions.value.length > 0 && (
          <section>
            <h2>{t("deployed")}</h2>
            <div class="changes">
              {versions.value.map((one) => (
                <button type="button" key={one.processDefinitionKey} class="change" aria-current={isChosen({ version: one }) ? "true" : undefined} onClick={() => void choose({ version: one }).catch(complain)}>
                  <strong>{one.name ?? one.processDefinitionId}</strong> <span class="small">{t("version", { n: one.version })}</span>
                </button>
              ))}
            </div>
          </section>
        )}
        {chosen.value && (
          <section>
            <h2>{t("differs", { what })}</h2>
            {"step" in chosen.value && editable && <Button icon="undo" onClick={() => void goBack((chosen.value as { step: number }).step).catch(complain)}>{t("back")}</Button>}
            <ChangeList files={changes.value} chosen={element.value} onChoose={(one) => (element.value = one.elementId)} />
          </section>
        )}
        {!chosen.value && <p class="muted">{t("choose")}</p>}
      </div>
      <div class="shown">
        <div class="legend"><span><i class="added" />{t("added")}</span><span><i />{t("changed")}</span></div>
        {model && <Picture xml={model.content} marks={marks} chosen={element.value} onChoose={(id) => (element.value = id)} />}
      </div>
    </div>
  );
}

function complain(error: unknown): void {
  tell(error instanceof Error ? error.message : String(error), true);
}
