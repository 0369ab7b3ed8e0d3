/** What the history calls each step, in the reader's words; a step that is not known here keeps the engine's. */
import { language } from "../shell/words";

const COMMANDS: Record<string, [en: string, fr: string]> = {
  "case started": ["Case began", "Dossier commencé"],
  "case started by a message": ["Case began by a message", "Dossier commencé par un message"],
  "case started by a signal": ["Case began by a signal", "Dossier commencé par un signal"],
  "case started by a timer": ["Case began at its time", "Dossier commencé à son heure"],
  "case erased": ["Values erased", "Valeurs effacées"],
  canceled: ["Canceled", "Annulé"],
  "canceled after a handoff": ["Given up after a handoff", "Abandonné après un passage"],
  "handoff accepted": ["Handoff accepted", "Passage accepté"],
  "handoff clock": ["Limit of a handoff", "Délai d'un passage"],
  "handoff declined": ["Handoff declined", "Passage refusé"],
  "handoff reminded": ["Reminder sent", "Relance envoyée"],
  "handoff sent again": ["Handoff sent again", "Passage renvoyé"],
  "incident resolved": ["Tried again", "Nouvel essai"],
  "job completed": ["Program finished", "Programme terminé"],
  "job failed": ["Program failed", "Programme en échec"],
  "job threw an error": ["Program reported an error", "Erreur signalée par le programme"],
  "link renewed": ["Link renewed", "Lien renouvelé"],
  "link revoked": ["Link taken back", "Lien retiré"],
  "message received": ["Message received", "Message reçu"],
  "passed on": ["Passed on", "Transmis"],
  "role bound": ["Party chosen", "Partie choisie"],
  "signal received": ["Signal received", "Signal reçu"],
  "task assigned": ["Task assigned", "Tâche attribuée"],
  "task claimed": ["Task taken", "Tâche prise"],
  "task completed": ["Task done", "Tâche terminée"],
  "task released": ["Task given back", "Tâche rendue"],
  "task unassigned": ["Task unassigned", "Tâche désattribuée"],
  "task updated": ["Task changed", "Tâche modifiée"],
  "timer fired": ["Time reached", "Heure atteinte"],
  "variables set": ["Values set", "Valeurs modifiées"],
  "went on": ["Went on", "A continué"],
};

export function commandName(command: string): string {
  return COMMANDS[command]?.[language.value === "fr" ? 1 : 0] ?? command;
}
