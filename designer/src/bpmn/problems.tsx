/** What is wrong with the model, as the server's deployment check says it; a click leads to the element, a fix mends it at once. */
import { Button, Icon } from "../shell/ui";
import { has } from "../shell/session";
import { room } from "../shell/words";
import { fixOf } from "./fixes";
import { drawn, type Services } from "./modeler";

const t = room({
  en: { none: "Nothing stands in the way of deploying this.", error: "Error", warning: "Warning", at: "at {name}", fix: "Mend", people: "Say who…" },
  fr: { none: "Rien n'empêche de déployer ce modèle.", error: "Erreur", warning: "Avertissement", at: "à {name}", fix: "Corriger", people: "Dire qui…" },
});

export interface Problem {
  level: "error" | "warning";
  file?: string;
  elementId: string | null;
  field?: string | null;
  rule?: string;
  message: string;
  expression?: { text: string; position: number };
  fix?: { kind: string; [name: string]: unknown };
}

export function ProblemList({ problems, modeler, onChoose }: { problems: Problem[]; modeler: Services; onChoose: (id: string) => void }) {
  if (!problems.length) return <p class="drawer-empty"><Icon name="check" /> {t("none")}</p>;
  const order = [...problems].sort((one, other) => Number(one.level === "warning") - Number(other.level === "warning"));
  return (
    <ul class="problems">
      {order.map((problem, index) => {
        const fix = fixOf(modeler, problem);
        const element = problem.elementId ? drawn(modeler, problem.elementId) : null;
        return (
          <li key={index} class={problem.level}>
            <Icon name={problem.level} label={t(problem.level)} />
            <div>
              {problem.elementId && element ? (
                <button type="button" class="link" onClick={() => onChoose(problem.elementId!)}>{problem.message}</button>
              ) : (
                <span>{problem.message}</span>
              )}
              {problem.expression && <Expression {...problem.expression} />}
              {element && <span class="small"> {t("at", { name: element.businessObject.name || element.id })}</span>}
            </div>
            {fix && <Button onClick={fix}>{t("fix")}</Button>}
            {problem.fix?.kind === "addPeople" && has("admin") && <a class="button" target="_blank" rel="noopener" href={groupPage(String(problem.fix.group), element?.businessObject.name)}>{t("people")}</a>}
          </li>
        );
      })}
    </ul>
  );
}

/** Where an administrator says who is in a group, also one that nobody made yet. */
const groupPage = (group: string, name?: string): string => `/groups/${encodeURIComponent(group)}${name ? `?name=${encodeURIComponent(name)}` : ""}`;

/** The expression, with a mark at the place that could not be read. */
function Expression({ text, position }: { text: string; position: number }) {
  return (
    <code class="expression">
      {text.slice(0, position)}<mark>{text.slice(position, position + 1) || " "}</mark>{text.slice(position + 1)}
    </code>
  );
}
