/** What a badge on an edge says: the kind, the limits, how it really went, and how it stands in the case that one looks at. */
import { room, span } from "../shell/words";
import type { Path } from "./analysis";
import { inWords, shortLimit } from "./durations";
import { letterOf } from "./kinds";

const t = room({
  en: {
    badge: "Handoff: {from} to {to}",
    none: "no limit",
    internal: "team",
    partner: "partner",
    customer: "customer",
    accept: "accept within {limit}",
    complete: "complete within {limit}",
    noContract: "no contract",
    more: "{n} handoffs on this edge",
    real: "median {median}",
    promised: "promised {limit}",
    late: "{n} late now",
    run: "{n} so far",
    offered: "waits {span}",
    accepted: "in hand {span}",
    due: "due in {span}",
    isLate: "late {span}",
    completed: "done",
    completedIn: "done in {span}",
    declined: "refused",
    returned: "returned",
    withdrawn: "withdrawn",
    round: "round {n}",
    tooLate: "too late",
  },
  fr: {
    badge: "Passage : de {from} à {to}",
    none: "sans délai",
    internal: "équipe",
    partner: "partenaire",
    customer: "client",
    accept: "accepter sous {limit}",
    complete: "terminer sous {limit}",
    noContract: "sans contrat",
    more: "{n} passages sur cette flèche",
    real: "médiane {median}",
    promised: "promis {limit}",
    late: "{n} en retard",
    run: "{n} jusqu'ici",
    offered: "attend depuis {span}",
    accepted: "en main depuis {span}",
    due: "échéance dans {span}",
    isLate: "en retard de {span}",
    completed: "terminé",
    completedIn: "terminé en {span}",
    declined: "refusé",
    returned: "renvoyé",
    withdrawn: "retiré",
    round: "tour {n}",
    tooLate: "trop tard",
  },
});

/** What really happened on a path: seconds; `late` is how many are late at this moment. */
export interface Reality {
  count: number;
  medianSeconds: number | null;
  late: number;
}

/** How the newest handoff of a path stands in one case; spans in seconds. */
export interface Standing {
  state: "offered" | "accepted" | "completed" | "declined" | "returned" | "withdrawn";
  round: number;
  /** Since it was offered or accepted; of one that is over, how long it took. */
  for: number;
  /** Until its clock runs out; below zero: late by so much. null: no clock runs. */
  left: number | null;
  /** It is late, or was when it ended. */
  late: boolean;
}

const SIGNS: Record<Standing["state"], string> = { offered: "…", accepted: "▸", completed: "✓", declined: "✗", returned: "↩", withdrawn: "–" };

/** `standing` null: nothing has crossed here in the case; undefined: one looks at a model, not at a case. */
export function badge(path: Path, count: number, real: Reality | undefined, standing: Standing | null | undefined): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  const limits = [path.contract?.acceptWithin, path.contract?.completeWithin].filter((one): one is string => Boolean(one));
  const isOpen = standing === undefined && path.kind !== "internal" && !limits.length;
  button.className = ["handoff-badge", path.kind, isOpen && "open", standing === null && "still", standing?.state, standing?.late && "late", real?.late && "late"].filter(Boolean).join(" ");
  const promise = said("promise", "");
  promise.append(said("kind", letterOf(path.kind)));
  const words = limits.map(shortLimit).join(" + ") || (isOpen ? t("none") : "");
  if (words) promise.append(said("limits", words));
  if (standing) promise.append(said("sign", SIGNS[standing.state]));
  if (count > 1) promise.append(said("more", `×${count}`));
  button.append(promise);
  const sentences = [describe(path, count)];
  if (real?.count) {
    const told = (units: number) => (real.medianSeconds === null ? t("run", { n: real.count }) : t("real", { median: span(real.medianSeconds, units) }));
    const late = real.late ? [t("late", { n: real.late })] : [];
    button.append(said(`real${real.late ? " late" : ""}`, [told(1), ...late].join(" · ")));
    sentences.push([...(limits.length ? [t("promised", { limit: words })] : []), told(2), ...late].join(", "));
  }
  if (standing) {
    button.append(said(`real${standing.late ? " late" : ""}`, stands(standing, 1).join(" · ")));
    sentences.push(stands(standing, 2).join(", "));
  }
  button.title = sentences.join("\n");
  button.setAttribute("aria-label", sentences.join(", "));
  return button;
}

/** "waits 3 h", "due in 5 h", "round 2". */
export function stands({ state, round, for: lasted, left, late }: Standing, units: number): string[] {
  const open = state === "offered" || state === "accepted";
  const clock = !open || left === null ? [] : [left < 0 ? t("isLate", { span: span(-left, units) }) : t("due", { span: span(left, units) })];
  const word = state === "completed" && lasted >= 60 ? "completedIn" : state;
  // of one that is late and still waits, how late says enough where there is little room
  const first = open && late && units === 1 && left !== null ? [] : [t(word, { span: span(lasted, units) })];
  const was = late && !open ? [t("tooLate")] : [];
  return [...first, ...clock, ...was, ...(round > 1 ? [t("round", { n: round })] : [])];
}

/** A handoff in one sentence, for readers and hearers. */
export function describe(path: Path, count = 1): string {
  const parts = [t("badge", { from: path.fromSide.name, to: path.toSide.name }), t(path.kind)];
  const { contract } = path;
  if (!contract) parts.push(t("noContract"));
  if (contract?.acceptWithin) parts.push(t("accept", { limit: inWords(contract.acceptWithin, contract.calendar) }));
  if (contract?.completeWithin) parts.push(t("complete", { limit: inWords(contract.completeWithin, contract.calendar) }));
  if (contract && !contract.acceptWithin && !contract.completeWithin) parts.push(t("none"));
  if (count > 1) parts.push(t("more", { n: count }));
  return parts.join(", ");
}

function said(name: string, text: string): HTMLElement {
  const element = document.createElement("span");
  element.className = name;
  element.textContent = text;
  return element;
}
