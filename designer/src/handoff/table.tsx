/** All handoffs of the model in one table, beside the drawing. */
import { span, room } from "../shell/words";
import type { Path } from "./analysis";
import { badgeFlow, type RealityOf } from "./layer";
import { shortLimit } from "./durations";

const t = room({
  en: {
    none: "The work crosses to nobody yet. Draw a second pool or lane and connect to it: each crossing then stands here.",
    from: "From", to: "To", kind: "Kind", accept: "Accept within", complete: "Complete within", fields: "Data", real: "In reality",
    internal: "Team", partner: "Partner", customer: "Customer", working: "working time", noContract: "no contract", late: "{n} late now",
    median: "median {median}", required: "{n} field || {n} fields",
  },
  fr: {
    none: "Le travail ne passe encore à personne. Dessinez un deuxième bassin ou un couloir et reliez-les : chaque passage apparaîtra ici.",
    from: "De", to: "À", kind: "Nature", accept: "Accepter sous", complete: "Terminer sous", fields: "Données", real: "En réalité",
    internal: "Équipe", partner: "Partenaire", customer: "Client", working: "heures ouvrées", noContract: "sans contrat", late: "{n} en retard",
    median: "médiane {median}", required: "{n} champ || {n} champs",
  },
});

interface Props {
  paths: Path[];
  reality?: RealityOf;
  chosen?: string;
  onChoose: (path: Path) => void;
}

export function HandoffTable({ paths, reality, chosen, onChoose }: Props) {
  if (!paths.length) return <p class="drawer-empty">{t("none")}</p>;
  const measured = Boolean(reality && paths.some((path) => reality(path)?.count));
  return (
    <table class="handoffs">
      <thead>
        <tr>
          <th scope="col">{t("from")}</th><th scope="col">{t("to")}</th><th scope="col">{t("kind")}</th><th scope="col">{t("accept")}</th>
          <th scope="col">{t("complete")}</th><th scope="col">{t("fields")}</th>{measured && <th scope="col">{t("real")}</th>}
        </tr>
      </thead>
      <tbody>
        {paths.map((path) => (
          <tr key={path.flowIds.join(" ") + path.from + path.to} class={badgeFlow(path) === chosen ? "chosen" : ""}>
            <td><button type="button" class="link" onClick={() => onChoose(path)}>{path.fromSide.name}</button></td>
            <td>{path.toSide.name}</td>
            <td><span class={`kind-tag ${path.kind}`}>{t(path.kind)}</span></td>
            {path.contract ? (
              <>
                <td>{limit(path.contract.acceptWithin, path.contract.calendar)}</td>
                <td>{limit(path.contract.completeWithin, path.contract.calendar)}</td>
                <td title={path.contract.fields.map((field) => field.label ?? field.name).join(", ")}>
                  {path.contract.fields.length ? t("required", { n: path.contract.fields.length }) : "–"}
                </td>
              </>
            ) : (
              <td colSpan={3} class={path.kind === "internal" ? "muted" : "bad"}>{t("noContract")}</td>
            )}
            {measured && <td>{real(reality?.(path))}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function limit(text: string | null, calendar: string): string {
  if (!text) return "–";
  return calendar === "working" ? `${shortLimit(text)}, ${t("working")}` : shortLimit(text);
}

function real(found: ReturnType<RealityOf>) {
  if (!found?.count) return "–";
  return (
    <>
      {found.medianSeconds === null ? "–" : t("median", { median: span(found.medianSeconds) })}
      {found.late > 0 && <strong class="bad"> · {t("late", { n: found.late })}</strong>}
    </>
  );
}
