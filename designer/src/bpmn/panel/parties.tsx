/** A pool or lane: which kind of party works there, how a case finds the real one, what its part is called. */
import { identifier, type PartyKind, partyOf } from "../../handoff/analysis";
import type { Moddle } from "../../handoff/moddle";
import { useEffect, useState } from "preact/hooks";
import { post } from "../../shell/api";
import { room } from "../../shell/words";
import { Check, Choice, Feel, Radios, Section, Text } from "./controls";
import type { Drawing } from "./drawing";

const t = room({
  en: {
    who: "Who works here?", unsaid: "Nobody said yet: until then it counts as our own people.", inherit: "The same as “{name}”", host: "Our own people", partner: "A partner: another company", customer: "A customer",
    whichPartner: "Which partner is it?", whichCustomer: "Which customer is it?", sender: "Whoever is chosen when work first goes there", starter: "Whoever starts the case", fixed: "Always the same one", data: "The one that the data names",
    party: "From the directory", choose: "Choose…", unknown: "{id} (not in the directory)", partyId: "Its identifier in the directory", partyIdHint: "As an administrator wrote it there", binding: "Where its identifier stands", bindingHint: "A value of the case with the identifier of the party, such as claim.garageId",
    chosenHint: "The sender picks it from the directory in the task before, or gives a name and an address.", starterHint: "Known by the proven e-mail address.", publicStart: "Anybody may start it, with a proven e-mail address", role: "Name of the part", roleHint: "Pools and lanes with the same name of the part are the same party.",
  },
  fr: {
    who: "Qui travaille ici ?", unsaid: "Personne ne l'a encore dit : d'ici là, ce sont nos propres équipes.", inherit: "Comme « {name} »", host: "Nos propres équipes", partner: "Un partenaire : une autre entreprise", customer: "Un client",
    whichPartner: "Quel partenaire est-ce ?", whichCustomer: "Quel client est-ce ?", sender: "Celui qu'on choisit quand le travail y va la première fois", starter: "Celui qui ouvre le dossier", fixed: "Toujours le même", data: "Celui que nomment les données",
    party: "Dans l'annuaire", choose: "Choisir…", unknown: "{id} (absent de l'annuaire)", partyId: "Son identifiant dans l'annuaire", partyIdHint: "Tel qu'un administrateur l'y a écrit", binding: "Où se trouve son identifiant", bindingHint: "Une valeur du dossier qui contient l'identifiant de la partie, par exemple claim.garageId",
    chosenHint: "L'expéditeur le choisit dans l'annuaire à la tâche d'avant, ou donne un nom et une adresse.", starterHint: "Reconnu à son adresse e-mail prouvée.", publicStart: "Tout le monde peut l'ouvrir, avec une adresse e-mail prouvée", role: "Nom du rôle", roleHint: "Les bassins et couloirs de même rôle sont la même partie.",
  },
});

export function Party({ edits, element, model, variables }: Drawing) {
  const party = partyOf(model);
  const outer = around(model);
  const kind = (party?.kind ?? "host") as PartyKind;
  const set = (values: Record<string, unknown>) => edits.extend(element, model, "handoff:Party", values, { keep: true });
  const choose = (chosen: string) => {
    if (chosen === "inherit") edits.without(element, model, "handoff:Party");
    // another kind of party is another party: what named the old one goes
    else set({ kind: chosen, ...(party && chosen !== kind ? { partyId: undefined, binding: undefined } : {}), ...(chosen === "customer" ? {} : { publicStart: undefined }) });
  };
  const kinds: [string, string][] = [["host", t("host")], ["partner", t("partner")], ["customer", t("customer")]];
  if (outer) kinds.unshift(["inherit", t("inherit", { name: outer.name || outer.id })]);
  return (
    <Section title={t("who")}>
      {!party && !outer && <p class="hint">{t("unsaid")}</p>}
      <Radios label={t("who")} value={party ? kind : outer ? "inherit" : ""} options={kinds} onChange={choose} />
      {party && kind !== "host" && <Bound party={party} kind={kind} set={set} variables={variables} />}
      {party && <Text label={t("role")} value={String(party.role ?? "")} placeholder={identifier(model.name ?? "")} hint={t("roleHint")} onChange={(role) => set({ role: role || undefined })} />}
    </Section>
  );
}

type How = "chosen" | "id" | "data";

function Bound({ party, kind, set, variables }: { party: Moddle; kind: PartyKind; set: (values: Record<string, unknown>) => void; variables: Drawing["variables"] }) {
  const said: How = party.partyId ? "id" : party.binding ? "data" : "chosen";
  const [wanted, want] = useState<{ how: How; of: string } | null>(null);
  const now = `${said} ${kind}`;
  if (wanted && wanted.of !== now) want(null); // what the model says is shown, also after an undo
  const how = wanted?.of === now ? wanted.how : said;
  const isCustomer = kind === "customer";
  return (
    <>
      <Choice label={t(isCustomer ? "whichCustomer" : "whichPartner")} value={how} hint={how === "chosen" ? t(isCustomer ? "starterHint" : "chosenHint") : undefined}
        options={[["chosen", t(isCustomer ? "starter" : "sender")], ["id", t("fixed")], ["data", t("data")]]}
        onChange={(chosen) => {
          want({ how: chosen as How, of: now });
          if (chosen === "chosen" && said !== "chosen") set({ partyId: undefined, binding: undefined });
        }} />
      {how === "id" && <Fixed kind={kind} partyId={String(party.partyId ?? "")} onChange={(partyId) => set({ partyId: partyId || undefined, binding: undefined })} />}
      {how === "data" && <Feel label={t("binding")} value={String(party.binding ?? "")} variables={variables} hint={t("bindingHint")} onChange={(binding) => set({ binding: binding || undefined, partyId: undefined })} />}
      {isCustomer && <Check label={t("publicStart")} value={party.publicStart === true} onChange={(may) => set({ publicStart: may || undefined })} />}
    </>
  );
}

interface Listed { partyId: string; name: string; kind: string }

/** By name from the directory; by its identifier where the directory cannot be read, and for customers, who are not listed to everybody. */
function Fixed({ kind, partyId, onChange }: { kind: PartyKind; partyId: string; onChange: (partyId: string) => void }) {
  const [known, know] = useState<Listed[]>([]);
  useEffect(() => {
    let over = false;
    const request = { filter: { kind }, sort: [{ field: "name" }], page: { limit: 200 } };
    post<{ items: Listed[] }>("/passerelle/v1/parties/search", request).then((found) => !over && know(found.items), () => undefined);
    return () => void (over = true);
  }, [kind]);
  if (!known.length) return <Text label={t("partyId")} value={partyId} hint={t("partyIdHint")} onChange={onChange} />;
  const options: [string, string][] = [["", t("choose")], ...known.map((each): [string, string] => [each.partyId, each.name])];
  if (partyId && !known.some((each) => each.partyId === partyId)) options.push([partyId, t("unknown", { id: partyId })]);
  return <Choice label={t("party")} value={partyId} options={options} onChange={onChange} />;
}

/** The lane or pool that a lane has its party from; null for a pool. */
function around(place: Moddle): Moddle | null {
  if (place.$type !== "bpmn:Lane") return null;
  let at = place.$parent;
  while (at?.$type === "bpmn:LaneSet") at = at.$parent;
  if (at?.$type !== "bpmn:Process") return at ?? null;
  const roots = (at.$parent?.rootElements as Moddle[] | undefined) ?? [];
  const pools = roots.flatMap((root) => (root.participants as Moddle[]) ?? []);
  return pools.find((pool) => pool.processRef === at) ?? at;
}
