/** What the server found, in the reader's language. It speaks English itself; of its usual rules we know the French. */
import { language } from "../shell/words";
import type { Finding } from "./check";

type Say = (one: Finding, name: string) => string;
const of = (one: Finding, key: string): string => String(one.fix?.[key] ?? "");

const FRENCH: Record<string, Say> = {
  "crossing-without-contract": (_, name) => `Le travail passe d'une partie à l'autre sur « ${name} » sans contrat : rien n'est promis.`,
  "contract-without-limit": (_, name) => `Le contrat sur « ${name} » n'a pas de délai : personne ne remarquera que rien ne se passe.`,
  "limit-that-never-begins": (_, name) => `Le délai pour terminer sur « ${name} » court à partir de l'acceptation, qui n'a pas de délai : ajoutez-en un, ou n'en demandez pas.`,
  "party-that-nobody-names": (_, name) => `Personne ne dit qui est « ${name} » : nommez une partie de l'annuaire, une expression, ou placez juste avant une tâche dont l'auteur la choisit.`,
  "party-unknown": (one, name) => `L'annuaire ne connaît pas la partie « ${of(one, "partyId")} », qui joue toujours « ${name} ».`,
  "group-without-people": (one, name) => `Personne ne verrait les tâches de « ${name} » : le groupe « ${of(one, "group")} » n'a personne qui puisse se connecter.`,
  "job-type-without-worker": (one) => `Aucun programme n'a jamais demandé de travail du type « ${of(one, "type")} ».`,
  "form-unknown": (one) => `Le formulaire « ${of(one, "formId")} » n'existe ni parmi ces fichiers ni déployé : les personnes n'en verraient aucun.`,
  "field-that-nothing-sets": (one, name) => `Rien ne donne de valeur à « ${of(one, "name")} » avant que le travail ne passe sur « ${name} ».`,
  "message-without-receiver": (_, name) => `Personne dans ce fichier ne reçoit le message de « ${name} ».`,
  "has-processes-that-can-be-started": () => "Aucun processus de ce fichier n'est marqué comme exécutable (isExecutable=\"true\").",
  "everything-can-be-reached": (_, name) => `« ${name} » n'est jamais atteint : aucun flux n'y mène depuis un début.`,
  kind: () => "Un fichier .bpmn, .dmn ou .form était attendu.",
  "process-twice": (one) => `Chaque processus ne peut être que dans un fichier : « ${one.elementId ?? ""} » est dans deux.`,
};

export function words(one: Finding): string {
  const say = language.value === "fr" ? FRENCH[one.rule] : undefined;
  return say ? say(one, one.elementName || one.elementId || "") : one.message;
}

/** The same findings, saying it. */
export const inWords = (found: Finding[]): Finding[] => found.map((one) => ({ ...one, message: words(one) }));
