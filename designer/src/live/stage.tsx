/** The diagrams of a case as they stand now, one at a time: the one with something to see first. */
import { useCallback, useMemo, useState } from "preact/hooks";
import type { StandingOf } from "../handoff/layer";
import { room } from "../shell/words";
import type { Drawing, Live } from "./case";
import { marksOf, newestOf, standingOf } from "./marks";
import { StepsView } from "./steps_later";
import { DiagramView } from "./viewer";

const t = room({ en: { diagrams: "Diagrams of this case" }, fr: { diagrams: "Diagrammes de ce dossier" } });

export function Stage({ drawings, live, now = live.now, selected, onSelect }: { drawings: Drawing[]; live: Live; /** By the clock of the case, ISO 8601. */ now?: string; selected: string | null; onSelect: (id: string | null) => void }) {
  const [at, go] = useState(0);
  const chosen = drawings[Math.min(at, drawings.length - 1)];
  const marks = useMemo(() => (chosen ? marksOf(live, new Set(live.instances.filter((one) => chosen.instances.some((other) => other.processDefinitionKey === one.processDefinitionKey)).map((one) => one.processInstanceKey))) : []), [live, chosen]);
  const newest = useMemo(() => newestOf(live.handoffs), [live]);
  const standing = useCallback<StandingOf>((path) => {
    const found = newest.get(path.flowIds.join(" "));
    return found ? standingOf(found, now) : null;
  }, [newest, now]);
  const crossing = (flowId: string) => {
    const found = [...newest.values()].find((one) => one.path[0] === flowId);
    return found ? { handoff: found, standing: standingOf(found, now) } : null;
  };
  return (
    <>
      {drawings.length > 1 && (
        <div class="live-drawings" role="group" aria-label={t("diagrams")}>
          {drawings.map((one, n) => (
            <button type="button" key={n} class={`button small-button ${n === at ? "primary" : ""}`} aria-pressed={n === at} onClick={() => go(n)}>
              {[...new Set(one.instances.map((instance) => instance.processDefinitionName ?? instance.processDefinitionId))].join(", ")}
            </button>
          ))}
        </div>
      )}
      {chosen && <DiagramView xml={chosen.xml} marks={marks} standing={standing} selected={selected} onSelect={onSelect} instead={<StepsView xml={chosen.xml} marks={marks} crossing={crossing} selected={selected} onSelect={onSelect} />} />}
    </>
  );
}
