/** All handoffs of a model as a table: the same as the badges, for reading and by keyboard. */
import { room } from "../shell/words";
import type { Handoff } from "./analysis";
import { LETTERS, limitsInWords, type Reality, realityInWords, t as words, wantsLimit } from "./words";

const t = room({
  en: { from: "From", to: "To", kind: "Kind", limits: "Limits", fields: "What crosses", reality: "So far", none: "No work crosses from one side to another yet. Draw a second lane or pool and lead a flow into it.", all: "Handoffs", nothing: "nothing", show: "Show in the diagram" },
  fr: { from: "De", to: "À", kind: "Genre", limits: "Délais", fields: "Ce qui passe", reality: "Jusqu'ici", none: "Aucun travail ne passe encore d'un côté à l'autre. Dessinez un second couloir ou bassin et menez-y un flux.", all: "Passages", nothing: "rien", show: "Montrer dans le diagramme" },
});

interface Props {
  handoffs: Handoff[];
  nameOf: (element: string) => string;
  flowOf: (handoff: Handoff) => string;
  selected: string | null;
  onSelect: (flow: string) => void;
  realityOf: (handoff: Handoff) => Reality | null;
}

export function HandoffTable({ handoffs, nameOf, flowOf, selected, onSelect, realityOf }: Props) {
  if (!handoffs.length) return <p class="dock-empty">{t("none")}</p>;
  const measured = handoffs.some((handoff) => realityOf(handoff));
  return (
    <table class="handoff-table" aria-label={t("all")}>
      <thead>
        <tr><th>{t("kind")}</th><th>{t("from")}</th><th>{t("to")}</th><th>{t("limits")}</th><th>{t("fields")}</th>{measured && <th>{t("reality")}</th>}</tr>
      </thead>
      <tbody>
        {handoffs.map((handoff) => {
          const flow = flowOf(handoff);
          const reality = realityOf(handoff);
          const fields = ((handoff.contract?.fields ?? []) as { name: string; label?: string }[]).map((field) => field.label || field.name);
          return (
            <tr key={handoff.path.join(" ") + handoff.from + handoff.to} class={selected !== null && handoff.path.includes(selected) ? "selected" : ""} onClick={() => onSelect(flow)}>
              <td><span class={`kind-mark ${handoff.kind}`}><b>{LETTERS[handoff.kind]}</b> {words(handoff.kind)}</span></td>
              <td>
                <button type="button" class="row-button" title={t("show")} onClick={(event) => { event.stopPropagation(); onSelect(flow); }}>
                  <b>{handoff.fromSide.name}</b>{handoff.from && <span>{nameOf(handoff.from)}</span>}
                </button>
              </td>
              <td><b>{handoff.toSide.name}</b>{handoff.to && <span>{nameOf(handoff.to)}</span>}</td>
              <td class={wantsLimit(handoff) ? "wanting" : ""}>{limitsInWords(handoff.contract)}</td>
              <td class="fields" title={fields.join(", ")}>{fields.join(", ") || <span class="muted">{handoff.contract ? t("nothing") : "–"}</span>}</td>
              {measured && <td class={reality?.lateNow ? "wanting" : ""}>{reality ? realityInWords(handoff, reality) : "–"}</td>}
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
