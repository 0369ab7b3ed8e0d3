/** Rows of values for a decision, answered by our own engine; the rules that each row takes are marked in the table. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { post } from "../shell/api";
import { session } from "../shell/session";
import { Button } from "../shell/ui";
import { room } from "../shell/words";
import { of } from "./files";
import type { Draft, DraftFile } from "./store";

const t = room({
  en: { title: "Try it", decision: "Decision", add: "Row", run: "Answer all", result: "Answer", rules: "Rules", none: "no rule", hint: "Values are FEEL: 1200, \"gold\", true, date(\"2026-01-31\")", remove: "Remove row" },
  fr: { title: "Essayer", decision: "Décision", add: "Ligne", run: "Répondre à tout", result: "Réponse", rules: "Règles", none: "aucune règle", hint: "Les valeurs sont en FEEL : 1200, \"or\", true, date(\"2026-01-31\")", remove: "Retirer la ligne" },
});

interface Result {
  value: unknown;
  failure: string | null;
  rules: { decisionId: string; ruleId: string | null; number: number }[];
}
interface Answer {
  decisions: { decisionId: string; name: string; inputs: string[] }[];
  results: Result[];
}
type Row = Record<string, string>;

export function DecisionTests({ draft, file }: { draft: Draft; file: DraftFile }) {
  const place = `passerelle.decision.${session().username}.${draft.key}.${file.name}`;
  const rows = useSignal<Row[]>(recalled(place));
  const answer = useSignal<Answer | null>(null);
  const chosen = useSignal<string | null>(null);
  const trouble = useSignal<string | null>(null);
  const marked = useSignal<number | null>(null);

  const ask = async (): Promise<void> => {
    try {
      const files = of(draft.files.value, ".dmn").map(({ name, content }) => ({ name, content }));
      answer.value = await post<Answer>("/passerelle/v1/decision-tests", { files, file: file.name, ...(chosen.value ? { decisionId: chosen.value } : {}), rows: rows.value.map((row) => (isBlank(row) ? {} : row)) });
      trouble.value = null;
    } catch (error) {
      trouble.value = error instanceof Error ? error.message : String(error);
    }
  };
  useEffect(() => {
    const timer = setTimeout(() => void ask(), 500);
    return () => clearTimeout(timer);
  }, [file.content, rows.value, chosen.value]);
  useEffect(() => {
    try {
      localStorage.setItem(place, JSON.stringify(rows.value));
    } catch {
      // full, or not allowed: the rows stay as long as the page
    }
  }, [rows.value]);

  const results = answer.value?.results ?? [];
  const shown = marked.value === null ? results : results.slice(marked.value, marked.value + 1);
  const taken = shown.flatMap((one) => one.rules.map((rule) => rule.ruleId)).filter(Boolean) as string[];
  useEffect(() => markRules(taken), [taken.join(" ")]);

  const decisions = answer.value?.decisions ?? [];
  const decision = decisions.find((one) => one.decisionId === chosen.value) ?? decisions[decisions.length - 1];
  const inputs = decision?.inputs ?? [];
  const set = (place: number, name: string, value: string): void => {
    rows.value = rows.value.map((row, at) => (at === place ? { ...row, [name]: value } : row));
  };
  return (
    <section class="decision-tests" aria-label={t("title")}>
      <div class="form-tools">
        <strong>{t("title")}</strong>
        {decisions.length > 1 && <select aria-label={t("decision")} value={decision?.decisionId} onChange={(event) => (chosen.value = event.currentTarget.value)}>{decisions.map((one) => <option key={one.decisionId} value={one.decisionId}>{one.name}</option>)}</select>}
        <Button icon="plus" onClick={() => (rows.value = [...rows.value, {}])}>{t("add")}</Button>
        <span class="small">{t("hint")}</span>
      </div>
      {trouble.value && <p class="verdict bad" role="alert">{trouble.value}</p>}
      {rows.value.length > 0 && (
        <table>
          <thead><tr>{inputs.map((name) => <th key={name}>{name}</th>)}<th>{t("result")}</th><th>{t("rules")}</th><th /></tr></thead>
          <tbody>
            {rows.value.map((row, at) => {
              const result = isBlank(row) ? undefined : results[at];
              return (
                <tr key={at} onMouseEnter={() => (marked.value = at)} onMouseLeave={() => (marked.value = null)} onFocusIn={() => (marked.value = at)}>
                  {inputs.map((name) => <td key={name}><input aria-label={`${name}, ${at + 1}`} value={row[name] ?? ""} onInput={(event) => set(at, name, event.currentTarget.value)} /></td>)}
                  <td>{result && (result.failure ? <span class="tag late">{result.failure}</span> : <code>{JSON.stringify(result.value)}</code>)}</td>
                  <td>{result && !result.failure && (result.rules.map((rule) => rule.number).join(", ") || <span class="tag soon">{t("none")}</span>)}</td>
                  <td><Button kind="plain" icon="close" aria-label={t("remove")} onClick={() => (rows.value = rows.value.filter((_, other) => other !== at))} /></td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </section>
  );
}

const isBlank = (row: Row): boolean => Object.values(row).every((value) => !value.trim());

function recalled(place: string): Row[] {
  try {
    const found = JSON.parse(localStorage.getItem(place) ?? "null") as unknown;
    return Array.isArray(found) ? (found as Row[]) : [{}];
  } catch {
    return [{}];
  }
}

/** By a style sheet of its own: the table draws its rows again whenever it likes. */
function markRules(ids: string[]): () => void {
  const sheet = new CSSStyleSheet();
  for (const id of ids) sheet.insertRule(`.dmn-place td[data-row-id="${CSS.escape(id)}"] { background: var(--good-soft) !important; }`);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  return () => {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== sheet);
  };
}
