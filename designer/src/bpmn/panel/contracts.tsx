/** What a handoff promises: limits in words, acknowledgement, channel, assurance, and the fields that cross. */
import { useState } from "preact/hooks";
import { conflictsOf, type Path } from "../../handoff/analysis";
import { letterOf } from "../../handoff/kinds";
import { extension, type Moddle } from "../../handoff/moddle";
import { Button, Icon } from "../../shell/ui";
import type { Edits } from "../edits";
import { variablesAt } from "../variables";
import { Check, Choice, Limit, Section, Text } from "./controls";
import type { Drawing } from "./drawing";
import { NewName } from "./new_name";
import { t } from "./words";

const TYPES = ["any", "string", "number", "boolean", "date", "file", "list", "context"] as const;

export function Contract(drawing: Drawing) {
  const { model, modeler, paths, edits, element, goTo } = drawing;
  const crossing = paths.filter((path) => path.flowIds.includes(model.id));
  const contract = extension(model, "handoff:Contract") ?? null;
  const other = crossing.find((path) => path.contract && path.contract.flowId !== model.id);
  if (!crossing.length && !contract) {
    return model.$type === "bpmn:MessageFlow" ? <p class="hint ask-body">{t("nocross")}</p> : null;
  }
  if (!contract && other) {
    return (
      <Section title={t("contract")}>
        <Sides crossing={crossing} />
        <p class="hint">{t("elsewhere")}</p>
        <Button onClick={() => goTo(other.contract!.flowId)}>{t("toContract")}</Button>
      </Section>
    );
  }
  const rival = contract && conflictsOf(modeler.getDefinitions()).find((pair) => pair.includes(model.id))?.find((id) => id !== model.id);
  const remove = () => edits.without(element, model, "handoff:Contract");
  return (
    <>
      <Section title={t("contract")}>
        {crossing.length > 0 && <Sides crossing={crossing} />}
        {rival && <p class="wrong">{t("twoContracts")} <button type="button" class="link" onClick={() => goTo(rival)}>{t("toContract")}</button></p>}
        {!crossing.length && !rival && <p class="wrong">{t("nocross")}</p>}
        <Limits {...drawing} contract={contract} toHost={crossing.length > 0 && crossing.every((handoff) => handoff.toSide.role.kind === "host")} />
      </Section>
      <Fields {...drawing} contract={contract} crossing={crossing} />
      {contract && <div class="ask-body"><Button kind="danger" onClick={remove}>{t("removeContract")}</Button></div>}
    </>
  );
}

function Sides({ crossing }: { crossing: Path[] }) {
  return (
    <ul class="sides">
      {crossing.map((handoff) => (
        <li key={`${handoff.from}${handoff.to}`}>
          <span class={`kind-mark ${handoff.kind}`}><b>{letterOf(handoff.kind)}</b></span> {t("crossing", { from: handoff.fromSide.name, to: handoff.toSide.name })}
        </li>
      ))}
    </ul>
  );
}

function Limits({ edits, element, model, contract, toHost }: Drawing & { contract: Moddle | null; toHost: boolean }) {
  const set = (values: Record<string, unknown>) => edits.extend(element, model, "handoff:Contract", values, { keep: Boolean(contract) });
  const calendar = String(contract?.calendar ?? "always");
  const isAsked = contract?.acknowledgement !== "none";
  return (
    <>
      {isAsked && <Limit label={t("accept")} value={String(contract?.acceptWithin ?? "")} calendar={calendar} onChange={(iso) => set({ acceptWithin: iso || undefined })} />}
      <Limit label={t("complete")} value={String(contract?.completeWithin ?? "")} calendar={calendar} onChange={(iso) => set({ completeWithin: iso || undefined })} />
      <Choice label={t("calendar")} value={calendar} options={[["always", t("cal_always")], ["working", t("cal_working")]]} onChange={(value) => set({ calendar: value === "always" ? undefined : value })} />
      <Check label={t("ack")} value={isAsked} onChange={(asked) => set(asked ? { acknowledgement: undefined } : { acknowledgement: "none", acceptWithin: undefined })} />
      <Check label={t("returnable")} value={contract?.returnable !== false} onChange={(may) => set({ returnable: may ? undefined : false })} />
      {(!toHost || contract?.channel) && (
        <Choice label={t("channel")} value={String(contract?.channel ?? "")} hint={contract?.channel ? undefined : t("ch_usualHint")} onChange={(channel) => set({ channel: channel || undefined })}
          options={[["", t("ch_usual")], ["portal", t("ch_portal")], ["email", t("ch_email")], ["webhook", t("ch_webhook")], ["remote", t("ch_remote")]]} />
      )}
      {(!toHost || (contract?.assurance ?? "link") !== "link") && (
        <Choice label={t("assurance")} value={String(contract?.assurance ?? "link")} onChange={(assurance) => set({ assurance: assurance === "link" ? undefined : assurance })}
          options={[["link", t("as_link")], ["code", t("as_code")], ["account", t("as_account")]]} />
      )}
    </>
  );
}

const isOn = (value: unknown): boolean => value === true;

function Fields(drawing: Drawing & { contract: Moddle | null; crossing: Path[] }) {
  const { edits, element, contract, crossing, forms, model, onFormFromContract } = drawing;
  const fields = (contract?.fields as Moddle[] | undefined) ?? [];
  const known = crossing.length ? variablesAt(model, { forms }) : [];
  const open = known.filter((variable) => !fields.some((field) => field.name === variable.name));
  const [own, ask] = useState(false);
  const add = (values: Record<string, unknown>) => {
    ask(false);
    addField(edits, drawing, contract, values);
  };
  const change = (field: Moddle, values: Record<string, unknown>) => edits.below(element, field, values);
  return (
    <Section title={t("fields")}>
      <p class="hint">{t("fieldsHint")}</p>
      {fields.map((field, at) => (
        <fieldset class="contract-field" key={at}>
          <legend><code>{field.name || t("unnamed")}</code></legend>
          <Button kind="plain" class="take-out" aria-label={t("remove", { name: field.name ?? "" })} onClick={() => edits.below(element, contract!, { fields: fields.filter((each) => each !== field) })}><Icon name="close" /></Button>
          <Text quiet label={t("label")} placeholder={t("label")} value={String(field.label ?? "")} onChange={(label) => change(field, { label: label || undefined })} />
          <Choice quiet label={t("type")} value={String(field.type ?? "any")} options={TYPES.map((type) => [type, t(`ty_${type}`)])} onChange={(type) => change(field, { type: type === "any" ? undefined : type })} />
          <Check label={t("required")} value={isOn(field.required)} onChange={(required) => change(field, { required: required || undefined })} />
          <Check label={t("sensitive")} value={isOn(field.sensitive)} onChange={(sensitive) => change(field, { sensitive: sensitive || undefined })} />
        </fieldset>
      ))}
      <select class="add-field" aria-label={t("addField")} value="" onChange={(event) => {
        const name = event.currentTarget.value;
        event.currentTarget.value = "";
        const variable = open.find((each) => `=${each.name}` === name);
        if (variable) add({ name: variable.name, label: variable.label || undefined, type: !variable.type || variable.type === "any" ? undefined : variable.type });
        else ask(true);
      }}>
        <option value="">+ {t("addField")}</option>
        {open.length > 0 && <optgroup label={t("known")}>{open.map((each) => <option value={`=${each.name}`} key={each.name}>{each.label && each.label !== each.name ? `${each.label} (${each.name})` : each.name}</option>)}</optgroup>}
        <option value="another">{t("another")}</option>
      </select>
      {own && <NewName label={t("fieldName")} onName={(name) => add({ name })} />}
      {onFormFromContract && fields.length > 0 && <Button onClick={() => onFormFromContract(model.id)}>{t("formFromFields")}</Button>}
    </Section>
  );
}

/** One step, with the contract where it is missing. */
function addField(edits: Edits, { element, model }: Drawing, contract: Moddle | null, values: Record<string, unknown>): void {
  const said = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
  if (contract) {
    edits.below(element, contract, { fields: [...((contract.fields as Moddle[]) ?? []), edits.create("handoff:Field", said, contract)] });
    return;
  }
  edits.replace(element, model, (all, parent) => {
    const made = edits.create("handoff:Contract", {}, parent);
    made.fields = [edits.create("handoff:Field", said, made)];
    return [...all, made];
  });
}
