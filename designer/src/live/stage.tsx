/** The diagrams of a case as they stand now, one at a time: the one with something to see first. */
import { useMemo, useState } from "preact/hooks";
import { room } from "../shell/words";
import type { Drawing, Live } from "./case";
import { crossingsOf, marksOf } from "./marks";
import { DiagramView } from "./viewer";

const t = room({ en: { diagrams: "Diagrams of this case" }, fr: { diagrams: "Diagrammes de ce dossier" } });

export function Stage({ drawings, live, selected, onSelect }: { drawings: Drawing[]; live: Live; selected: string | null; onSelect: (id: string | null) => void }) {
  const [at, go] = useState(0);
  const chosen = drawings[Math.min(at, drawings.length - 1)];
  const marks = useMemo(() => (chosen ? marksOf(live, new Set(live.instances.filter((one) => chosen.instances.some((other) => other.processDefinitionKey === one.processDefinitionKey)).map((one) => one.processInstanceKey))) : []), [live, chosen]);
  const crossings = useMemo(() => crossingsOf(live.handoffs), [live]);
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
      {chosen && <DiagramView xml={chosen.xml} marks={marks} crossings={crossings} selected={selected} onSelect={onSelect} />}
    </>
  );
}
