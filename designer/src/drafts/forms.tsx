/** The forms of a draft: drawn with form-js, seen as on a phone, made from a contract, and a contract made from them. */
import { FormEditor } from "@bpmn-io/form-js-editor";
import { Form as FormViewer } from "@bpmn-io/form-js-viewer";
import "@bpmn-io/form-js-viewer/dist/assets/flatpickr/light.css";
import "@bpmn-io/form-js-viewer/dist/assets/form-js-base.css";
import "@bpmn-io/form-js-editor/dist/assets/form-js-editor-base.css";
import "@bpmn-io/form-js-editor/dist/assets/dragula.css";
import "@bpmn-io/form-js-editor/dist/assets/properties-panel.css";
import type { Signal } from "@preact/signals";
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Button, Dialog, Icon, tell } from "../shell/ui";
import { room } from "../shell/words";
import { check, type Checked, type FoundHandoff } from "./check";
import { fieldsOf, formOf, owedAfter, type Form } from "./contract-forms";
import { free, of, slug } from "./files";
import { namesOf } from "./report";
import { add, change, drop, type Draft } from "./store";
import { harmlessFields } from "./strange-html";
import { withFields, withForm } from "./xml-text";

const t = room({
  en: {
    forms: "Forms", create: "New form", from: "From a contract…", to: "Contract from this form…", phone: "Phone preview", none: "No form yet. Make one from a contract, or begin with an empty one.", broken: "This file is no form that can be drawn.", title: "New form", chooseContract: "Which handoff's receiver shall get a form?", noContracts: "No contract in this draft names fields yet.", chooseFlow: "Where does the work cross after this form? Its questions become fields of the contract there.", noFlows: "No work crosses from one side to another in this draft.",
    fields: "{n} field || {n} fields", unused: "nobody uses it", looking: "Looking…", made: "The form “{name}” was made; {task} asks by it.", madeAlone: "The form “{name}” was made. Choose it at the task that shall ask by it.", told: "The contract from {from} to {to} has the fields of this form.", cancel: "Cancel", remove: "Delete form", receipt: "{what}",
  },
  fr: {
    forms: "Formulaires", create: "Nouveau formulaire", from: "À partir d'un contrat…", to: "Contrat à partir de ce formulaire…", phone: "Aperçu sur téléphone", none: "Pas encore de formulaire. Créez-en un à partir d'un contrat, ou partez d'un formulaire vide.", broken: "Ce fichier n'est pas un formulaire qui se dessine.", title: "Nouveau formulaire", chooseContract: "Le destinataire de quel passage doit recevoir un formulaire ?", noContracts: "Aucun contrat de ce brouillon ne nomme encore de champs.", chooseFlow: "Où le travail passe-t-il après ce formulaire ? Ses questions deviennent des champs du contrat à cet endroit.", noFlows: "Aucun travail ne passe d'un côté à l'autre dans ce brouillon.",
    fields: "{n} champ || {n} champs", unused: "personne ne s'en sert", looking: "Lecture…", made: "Le formulaire « {name} » est créé ; {task} s'en sert.", madeAlone: "Le formulaire « {name} » est créé. Choisissez-le à la tâche qui doit s'en servir.", told: "Le contrat de {from} à {to} a les champs de ce formulaire.", cancel: "Annuler", remove: "Supprimer le formulaire", receipt: "{what}",
  },
});

interface Props {
  draft: Draft;
  checked: Signal<Checked | null>;
  editable: boolean;
  wanted: string | null; // a form's id
}

const parsed = (content: string): Form | null => {
  try {
    const found = JSON.parse(content) as Form;
    return found && typeof found === "object" && Array.isArray(found.components) ? found : null;
  } catch {
    return null;
  }
};

export default function Forms({ draft, checked, editable, wanted }: Props) {
  const forms = of(draft.files.value, ".form");
  const first = forms.find((one) => parsed(one.content)?.id === wanted) ?? forms[0];
  const chosen = useSignal(first?.name ?? "");
  const asking = useSignal<"from" | "to" | null>(null);
  const phone = useSignal(innerWidth >= 1280);
  const file = forms.find((one) => one.name === chosen.value) ?? forms[0];
  const begin = (form: Form, name: string): string => {
    const own = free(name, draft.files.value.map((one) => one.name));
    add(draft, [{ name: own, content: `${JSON.stringify(form, null, 2)}\n` }]);
    chosen.value = own;
    return own;
  };
  return (
    <div class="form-tab">
      <nav class="side" aria-label={t("forms")}>
        <h2>{t("forms")}</h2>
        {forms.map((one) => <button type="button" key={one.name} class="file" aria-current={one === file ? "true" : undefined} onClick={() => (chosen.value = one.name)}><Icon name="file" /><span class="grow">{usedBy(draft, one.content) || one.name.replace(/\.form$/, "")}<span class="small">{usedBy(draft, one.content) ? one.name.replace(/\.form$/, "") : t("unused")}</span></span></button>)}
        {editable && <hr />}
        {editable && <Button icon="plus" onClick={() => { const name = free("form.form", draft.files.value.map((one) => one.name)); begin({ type: "default", id: name.replace(/\.form$/, ""), schemaVersion: 18, components: [] }, name); }}>{t("create")}</Button>}
        {editable && <Button icon="crossing" onClick={() => (asking.value = "from")}>{t("from")}</Button>}
      </nav>
      {!file && <p class="empty">{t("none")}</p>}
      {file && (
        <div class="form-work">
          <div class="form-tools">
            <strong>{file.name}</strong><span class="grow" />
            {editable && <Button icon="crossing" onClick={() => (asking.value = "to")}>{t("to")}</Button>}
            <Button aria-pressed={phone.value} onClick={() => (phone.value = !phone.value)}>{t("phone")}</Button>
            {editable && <Button kind="plain" icon="close" aria-label={t("remove")} title={t("remove")} onClick={() => drop(draft, file.name)} />}
          </div>
          {!parsed(file.content) ? <p class="empty">{t("broken")}</p> : editable ? <Drawn key={file.name} draft={draft} name={file.name} content={file.content} /> : null}
        </div>
      )}
      {file && (phone.value || !editable) && parsed(file.content) && <Phone content={file.content} />}
      {asking.value === "from" && <FromContract draft={draft} checked={checked.value} onMade={begin} onClose={() => (asking.value = null)} />}
      {asking.value === "to" && file && <ToContract draft={draft} form={parsed(file.content)} checked={checked.value} onClose={() => (asking.value = null)} />}
    </div>
  );
}

/** The tasks and starts that ask by a form, by name; empty where none does. */
function usedBy(draft: Draft, content: string): string {
  const id = parsed(content)?.id;
  const found: string[] = [];
  for (const model of of(draft.files.value, ".bpmn")) {
    if (!id || !model.content.includes(`"${id}"`)) continue;
    for (const one of new DOMParser().parseFromString(model.content, "application/xml").getElementsByTagNameNS("*", "formDefinition")) {
      const user = one.parentElement?.parentElement;
      if (one.getAttribute("formId") === id && user) found.push(user.getAttribute("name") || user.getAttribute("id") || "");
    }
  }
  return found.join(", ");
}

/** The editor itself. What it writes back differs only where somebody changed something. */
function Drawn({ draft, name, content }: { draft: Draft; name: string; content: string }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const editor = new FormEditor({ container: place.current!, exporter: undefined, additionalModules: [harmlessFields] });
    let over = false;
    let before: string | null = null;
    editor.importSchema(parsed(content)!).then(
      () => {
        if (over) return;
        before = JSON.stringify(editor.getSchema());
        editor.on("changed", () => {
          const now = JSON.stringify(editor.getSchema());
          if (now === before) return;
          before = now;
          change(draft, name, `${JSON.stringify(editor.getSchema(), null, 2)}\n`);
        });
      },
      (error: Error) => !over && tell(error.message, true),
    );
    return () => {
      over = true;
      editor.destroy();
    };
  }, []);
  return <div class="form-place" ref={place} />;
}

function Phone({ content }: { content: string }) {
  const place = useRef<HTMLDivElement>(null);
  const viewer = useRef<{ importSchema(schema: unknown, data: object): Promise<unknown>; destroy(): void } | null>(null);
  useEffect(() => {
    const made = new FormViewer({ container: place.current!, additionalModules: [harmlessFields] });
    viewer.current = made;
    return () => made.destroy();
  }, []);
  useEffect(() => {
    const timer = setTimeout(() => void viewer.current?.importSchema(parsed(content)!, {}).catch(() => undefined), 250);
    return () => clearTimeout(timer);
  }, [content]);
  return <aside class="phone" aria-label={t("phone")}><div ref={place} /></aside>;
}

const label = (one: FoundHandoff): string => `${one.fromSide} → ${one.toSide}`;

/** What the server makes of the files as they are now (what it said last may be older); null until it has answered. */
function useFresh(draft: Draft, last: Checked | null): Checked | null {
  const found = useSignal<Checked | null>(null);
  useEffect(() => {
    check(draft.files.value.filter((one) => !one.name.startsWith("scenarios/"))).then((answer) => (found.value = answer), () => (found.value = last));
  }, []);
  return found.value;
}

function FromContract({ draft, checked, onMade, onClose }: { draft: Draft; checked: Checked | null; onMade: (form: Form, name: string) => string; onClose: () => void }) {
  const found = useFresh(draft, checked);
  const rows = (found?.handoffs ?? []).filter((one) => one.contract?.fields.length);
  const make = (one: FoundHandoff): void => {
    const model = draft.files.value.find((file) => file.name === one.file)!;
    const task = receivingTask(model.content, one.to);
    const title = (task && namesOf(model.content).get(task)) || one.toSide;
    const taken = new Set(of(draft.files.value, ".form").flatMap((file) => parsed(file.content)?.id ?? []));
    const id = free(slug(title, "form"), taken);
    onMade(formOf(id, title, one.contract!.fields, owedAfter(one, found!.handoffs)), `${id}.form`);
    if (task) change(draft, model.name, withForm(model.content, task, id));
    tell(task ? t("made", { name: id, task: title }) : t("madeAlone", { name: id }));
    onClose();
  };
  return (
    <Dialog title={t("from")} onClose={onClose}>
      <div>
        <p role="status">{!found ? t("looking") : rows.length ? t("chooseContract") : t("noContracts")}</p>
        <div class="changes spaced">
          {rows.map((one) => <button type="button" class="change" key={one.path.join(" ") + one.to} onClick={() => make(one)}><strong>{label(one)}</strong> <span class="small">{t("fields", { n: one.contract!.fields.length })}</span></button>)}
        </div>
      </div>
    </Dialog>
  );
}

/** The first task of people at or behind the place where the work comes to rest. */
export function receivingTask(xml: string, element: string | null): string | null {
  if (!element) return null;
  const tree = new DOMParser().parseFromString(xml, "application/xml");
  const node = [...tree.querySelectorAll("[id]")].find((one) => one.getAttribute("id") === element);
  const flows = [...tree.getElementsByTagNameNS("*", "sequenceFlow")];
  const seen = new Set<string>();
  const todo = node ? [node] : [];
  while (todo.length) {
    const at = todo.shift()!;
    const id = at.getAttribute("id")!;
    if (seen.has(id)) continue;
    seen.add(id);
    if (at.localName === "userTask") return id;
    for (const flow of flows) {
      if (flow.getAttribute("sourceRef") !== id) continue;
      const next = [...tree.querySelectorAll("[id]")].find((one) => one.getAttribute("id") === flow.getAttribute("targetRef"));
      if (next) todo.push(next);
    }
  }
  return null;
}

function ToContract({ draft, form, checked, onClose }: { draft: Draft; form: Form | null; checked: Checked | null; onClose: () => void }) {
  const fields = form ? fieldsOf(form) : [];
  const found = useFresh(draft, checked);
  const rows = found?.handoffs ?? [];
  const give = (one: FoundHandoff): void => {
    const model = draft.files.value.find((file) => file.name === one.file)!;
    change(draft, model.name, withFields(model.content, one.contract?.flowId ?? one.path[one.path.length - 1]!, fields));
    tell(t("told", { from: one.fromSide, to: one.toSide }));
    onClose();
  };
  return (
    <Dialog title={t("to")} onClose={onClose}>
      <div>
        <p role="status">{!found ? t("looking") : rows.length ? t("chooseFlow") : t("noFlows")} {rows.length > 0 && t("fields", { n: fields.length })}</p>
        <div class="changes spaced">
          {rows.map((one) => <button type="button" class="change" key={one.path.join(" ") + one.from + one.to} onClick={() => give(one)}><strong>{label(one)}</strong> <span class="small">{one.contract ? t("fields", { n: one.contract.fields.length }) : ""}</span></button>)}
        </div>
      </div>
    </Dialog>
  );
}
