/** What is said of a handoff: on its badge, to a screen reader, in the table. */
import { room, span } from "../shell/words";
import type { Handoff, HandoffKind, Moddle } from "./analysis";
import { brief, inWords } from "./durations";

export const t = room({
  en: {
    internal: "between teams", partner: "partner", customer: "customer",
    limitless: "no limit", agree: "no contract", accept: "accept within {limit}", complete: "complete within {limit}", immediate: "nothing to accept",
    handoff: "Handoff {from} → {to} ({kind}): {limits}", more: "and {n} more handoff on this flow || and {n} more handoffs on this flow",
    promised: "promised {limit}, median {median}", measured: "median {median}", late: "{n} late now || {n} late now",
    unlimited: "no time limit, so nobody will notice when it is late",
  },
  fr: {
    internal: "entre équipes", partner: "partenaire", customer: "client",
    limitless: "sans délai", agree: "sans contrat", accept: "accepter sous {limit}", complete: "terminer sous {limit}", immediate: "rien à accepter",
    handoff: "Passage {from} → {to} ({kind}) : {limits}", more: "et {n} autre passage sur ce flux || et {n} autres passages sur ce flux",
    promised: "promis {limit}, médiane {median}", measured: "médiane {median}", late: "{n} en retard || {n} en retard",
    unlimited: "aucun délai : personne ne remarquera un retard",
  },
});

export const LETTERS: Record<HandoffKind, string> = { internal: "I", partner: "P", customer: "C" };

/** What ran: of one handoff, in seconds. Matched by its flow where that is said, else by the names of both sides. */
export interface Reality {
  flowId?: string | null;
  fromSide?: string | null;
  toSide?: string | null;
  medianSeconds: number | null;
  lateNow: number;
  count: number;
}

export function limitsOf(contract: Moddle | null): { accept: string | null; complete: string | null; calendar: string } {
  const said = (name: string): string | null => String(contract?.[name] ?? "").trim() || null;
  return { accept: said("acceptWithin"), complete: said("completeWithin"), calendar: said("calendar") ?? "always" };
}

/** "4 h · 2 d"; empty without limits. */
export function briefLimits(contract: Moddle | null): string {
  const { accept, complete } = limitsOf(contract);
  return [accept, complete].filter((limit) => limit !== null).map((limit) => brief(limit)).join(" · ");
}

/** "accept within 4 working hours, complete within 2 working days". */
export function limitsInWords(contract: Moddle | null): string {
  if (!contract) return t("agree");
  const { accept, complete, calendar } = limitsOf(contract);
  const said = [
    contract.acknowledgement === "none" ? t("immediate") : "",
    accept ? t("accept", { limit: inWords(accept, calendar) }) : "",
    complete ? t("complete", { limit: inWords(complete, calendar) }) : "",
  ].filter(Boolean);
  if (!accept && !complete) said.push(t("limitless"));
  return said.join(", ");
}

export function inOneSentence(handoff: Handoff): string {
  return t("handoff", { from: handoff.fromSide.name, to: handoff.toSide.name, kind: t(handoff.kind), limits: limitsInWords(handoff.contract) });
}

/** "promised 4 h, median 9 h, 3 late now". */
export function realityInWords(handoff: Handoff, reality: Reality): string {
  const median = reality.medianSeconds === null ? "–" : span(reality.medianSeconds);
  const limit = briefLimits(handoff.contract);
  const said = [limit ? t("promised", { limit, median }) : t("measured", { median })];
  if (reality.lateNow) said.push(t("late", { n: reality.lateNow }));
  return said.join(", ");
}

/** Whether nobody would notice: work for another party without a limit (the engine warns of the same). */
export function wantsLimit(handoff: Handoff): boolean {
  if (handoff.kind === "internal" || handoff.fromSide.role.role === handoff.toSide.role.role) return false;
  const { accept, complete } = limitsOf(handoff.contract);
  return !handoff.contract || (handoff.toSide.role.kind === "partner" && !accept && !complete);
}
