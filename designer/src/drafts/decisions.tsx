/** The decisions of a draft: drawn with dmn-js, tried with rows of values by our own engine, the rules that matched marked. */
import DmnModeler from "dmn-js/lib/Modeler";
import "dmn-js/dist/assets/diagram-js.css";
import "dmn-js/dist/assets/dmn-js-shared.css";
import "dmn-js/dist/assets/dmn-js-drd.css";
import "dmn-js/dist/assets/dmn-js-decision-table.css";
import "dmn-js/dist/assets/dmn-js-decision-table-controls.css";
import "dmn-js/dist/assets/dmn-js-literal-expression.css";
import "dmn-js/dist/assets/dmn-js-boxed-expression.css";
import "dmn-js/dist/assets/dmn-js-boxed-expression-controls.css";
import "dmn-js/dist/assets/dmn-font/css/dmn.css";
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Signal } from "@preact/signals";
import { translateModule } from "../bpmn/translate";
import { Button, Icon, tell } from "../shell/ui";
import { room } from "../shell/words";
import type { Checked } from "./check";
import { DecisionTests } from "./decision-tests";
import { free, of } from "./files";
import { add, change, drop, type Draft, gathers } from "./store";

const t = room({
  en: { decisions: "Decisions", create: "New decision", none: "No decision yet. A business rule task asks one by its id.", remove: "Delete decision", worth: "Gaps and overlaps" },
  fr: { decisions: "Décisions", create: "Nouvelle décision", none: "Pas encore de décision. Une tâche de règle métier en interroge une par son identifiant.", remove: "Supprimer la décision", worth: "Lacunes et recouvrements" },
});

const EMPTY = (id: string): string => `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/" xmlns:dc="http://www.omg.org/spec/DMN/20180521/DC/" id="${id}-file" name="${id}" namespace="http://camunda.org/schema/1.0/dmn">
  <decision id="${id}" name="${id}">
    <decisionTable id="${id}-table" hitPolicy="UNIQUE">
      <input id="${id}-input" label="Amount"><inputExpression id="${id}-expression" typeRef="number"><text>amount</text></inputExpression></input>
      <output id="${id}-output" label="Result" name="result" typeRef="string" />
      <rule id="${id}-rule-1"><inputEntry id="${id}-in-1"><text>&lt; 1000</text></inputEntry><outputEntry id="${id}-out-1"><text>"small"</text></outputEntry></rule>
      <rule id="${id}-rule-2"><inputEntry id="${id}-in-2"><text>&gt;= 1000</text></inputEntry><outputEntry id="${id}-out-2"><text>"large"</text></outputEntry></rule>
    </decisionTable>
  </decision>
  <dmndi:DMNDI><dmndi:DMNDiagram id="${id}-diagram"><dmndi:DMNShape id="${id}-shape" dmnElementRef="${id}"><dc:Bounds height="80" width="180" x="160" y="100" /></dmndi:DMNShape></dmndi:DMNDiagram></dmndi:DMNDI>
</definitions>
`;

export default function Decisions({ draft, checked, editable }: { draft: Draft; checked: Signal<Checked | null>; editable: boolean }) {
  const models = of(draft.files.value, ".dmn");
  const chosen = useSignal(models[0]?.name ?? "");
  const file = models.find((one) => one.name === chosen.value) ?? models[0];
  const begin = (): void => {
    const name = free("decision.dmn", draft.files.value.map((one) => one.name));
    add(draft, [{ name, content: EMPTY(name.replace(/\.dmn$/, "")) }]);
    chosen.value = name;
  };
  const told = (checked.value?.problems ?? []).filter((one) => one.file === file?.name);
  return (
    <div class="form-tab">
      <nav class="side" aria-label={t("decisions")}>
        <h2>{t("decisions")}</h2>
        {models.map((one) => <button type="button" key={one.name} class="file" aria-current={one === file ? "true" : undefined} onClick={() => (chosen.value = one.name)}><Icon name="file" />{one.name.replace(/\.dmn$/, "")}</button>)}
        {editable && <hr />}
        {editable && <Button icon="plus" onClick={begin}>{t("create")}</Button>}
        {file && editable && <Button kind="plain" icon="close" onClick={() => drop(draft, file.name)}>{t("remove")}</Button>}
        {told.length > 0 && <h2>{t("worth")}</h2>}
        <ul class="told">{told.map((one, place) => <li key={place} class={`small ${one.level}`}><Icon name={one.level === "error" ? "error" : "warning"} /> {one.message}</li>)}</ul>
      </nav>
      {!file && <p class="empty">{t("none")}</p>}
      {file && (
        <div class="form-work">
          <Drawn key={file.name} draft={draft} name={file.name} content={file.content} editable={editable} />
          {editable && <DecisionTests key={`tests ${file.name}`} draft={draft} file={file} />}
        </div>
      )}
    </div>
  );
}

const additionalModules = [translateModule];
/** Each of its views asks a translator of its own. */
const SPEAKING = { drd: { additionalModules }, decisionTable: { additionalModules }, literalExpression: { additionalModules }, boxedExpression: { additionalModules } };

interface View {
  type: string;
  element: unknown;
}

/** Who may only look may turn the table as they like: nothing of it is kept. */
function Drawn({ draft, name, content, editable }: { draft: Draft; name: string; content: string; editable: boolean }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const modeler = new DmnModeler({ container: place.current!, common: { expressionLanguages: { options: [{ value: "feel", label: "FEEL" }], defaults: { editor: "feel" } } }, ...SPEAKING });
    let over = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const write = async (): Promise<void> => {
      if (timer === undefined) return;
      clearTimeout(timer);
      timer = undefined;
      const { xml } = await modeler.saveXML({ format: true });
      change(draft, name, xml);
    };
    const later = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => void write(), 300);
    };
    const gone = gathers(draft, write);
    const listening = new WeakSet<object>();
    modeler.on("viewer.created", ({ viewer }: { viewer: { on(name: string, then: () => void): void } }) => {
      if (listening.has(viewer)) return;
      listening.add(viewer);
      viewer.on("commandStack.changed", () => ready && editable && later());
    });
    let ready = false;
    modeler.importXML(content).then(
      async () => {
        const table = modeler.getViews().find((view: View) => view.type === "decisionTable");
        if (table) await modeler.open(table);
        ready = true;
      },
      (error: Error) => !over && tell(error.message, true),
    );
    return () => {
      over = true;
      gone();
      void write().finally(() => modeler.destroy()); // who leaves within the pause loses nothing
    };
  }, []);
  return <div class="form-place dmn-place" ref={place} />;
}
