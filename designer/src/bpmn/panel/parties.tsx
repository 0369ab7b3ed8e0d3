/** A pool or lane: which kind of party works there, what its part is called, how a case finds the real one. */
import { identifier, type PartyKind, partyOf } from "../../handoff/analysis";
import type { Moddle } from "../../handoff/moddle";
import { useState } from "preact/hooks";
import { Check, Choice, Feel, Radios, Section, Text } from "./controls";
import type { Drawing } from "./drawing";
import { t } from "./words";

export function Party({ edits, element, model, variables }: Drawing) {
  const party = partyOf(model);
  const outer = around(model);
  const kind = (party?.kind ?? "host") as PartyKind;
  const set = (values: Record<string, unknown>) => edits.extend(element, model, "handoff:Party", values, { keep: true });
  const choose = (chosen: string) => {
    if (chosen === "inherit") edits.without(element, model, "handoff:Party");
    else set({ kind: chosen, ...(chosen === "host" ? { partyId: undefined, binding: undefined } : {}), ...(chosen === "customer" ? {} : { publicStart: undefined }) });
  };
  const kinds: [string, string][] = [["host", t("host")], ["partner", t("partner")], ["customer", t("customer")]];
  if (outer) kinds.unshift(["inherit", t("inherit", { name: outer.name || outer.id })]);
  return (
    <Section title={t("party")}>
      <Radios label={t("party")} value={party || !outer ? kind : "inherit"} options={kinds} onChange={choose} />
      {(party || !outer) && (
        <>
          <Text label={t("role")} value={String(party?.role ?? "")} placeholder={identifier(model.name ?? "")} hint={t("roleHint")} onChange={(role) => set({ role: role || undefined })} />
          {kind !== "host" && <Bound party={party} kind={kind} set={set} variables={variables} />}
        </>
      )}
    </Section>
  );
}

type How = "chosen" | "id" | "data";

function Bound({ party, kind, set, variables }: { party: Moddle; kind: PartyKind; set: (values: Record<string, unknown>) => void; variables: Drawing["variables"] }) {
  const said: How = party?.partyId ? "id" : party?.binding ? "data" : "chosen";
  const [wanted, want] = useState<How | null>(null);
  const how = wanted ?? said;
  return (
    <>
      <Choice label={t("bound")} value={how} options={[["chosen", t(kind === "customer" ? "b_starter" : "b_sender")], ["id", t("b_id")], ["data", t("b_data")]]}
        onChange={(chosen) => {
          want(chosen as How);
          if (chosen === "chosen" && said !== "chosen") set({ partyId: undefined, binding: undefined });
        }} />
      {how === "id" && <Text label={t("partyId")} value={String(party?.partyId ?? "")} onChange={(partyId) => set({ partyId: partyId || undefined, binding: undefined })} />}
      {how === "data" && <Feel label={t("binding")} value={String(party?.binding ?? "")} variables={variables} onChange={(binding) => set({ binding: binding || undefined, partyId: undefined })} />}
      {kind === "customer" && <Check label={t("publicStart")} value={party?.publicStart === true} onChange={(may) => set({ publicStart: may || undefined })} />}
    </>
  );
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
