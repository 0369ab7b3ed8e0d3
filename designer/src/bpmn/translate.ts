/** bpmn.io in the reader's language: the community's French, and ours where it is missing or reads badly. */
import french from "bpmn-js-i18n/translations/fr";
import { language } from "../shell/words";

const OURS: Record<string, string> = {
  "Append element": "Ajouter un élément à la suite",
  "Create element": "Créer un élément",
  "Append task": "Ajouter une tâche à la suite",
  "Append gateway": "Ajouter une passerelle à la suite",
  "Append end event": "Ajouter un événement de fin",
  "Append intermediate/boundary event": "Ajouter un événement intermédiaire",
  "Append text annotation": "Ajouter une annotation",
  "Add text annotation": "Ajouter une annotation",
  "Change element": "Changer l'élément",
  "Set color": "Choisir une couleur",
  "Default": "Par défaut",
  "Blue": "Bleu",
  "Orange": "Orange",
  "Green": "Vert",
  "Red": "Rouge",
  "Purple": "Violet",
  "Delete": "Supprimer",
  "Remove": "Supprimer",
  "Connect to other element": "Relier à un autre élément",
  "Connect using association": "Relier par une association",
  "Connect using sequence/message flow or association": "Relier par un flux ou une association",
  "Create start event": "Créer un événement de début",
  "Create intermediate/boundary event": "Créer un événement intermédiaire",
  "Create end event": "Créer un événement de fin",
  "Create gateway": "Créer une passerelle",
  "Create task": "Créer une tâche",
  "Create expanded sub-process": "Créer un sous-processus ouvert",
  "Create data object reference": "Créer un objet de données",
  "Create data store reference": "Créer un entrepôt de données",
  "Create pool/participant": "Créer une piscine (un participant)",
  "Create group": "Créer un groupe",
  "Add lane above": "Ajouter un couloir au-dessus",
  "Add lane below": "Ajouter un couloir au-dessous",
  "Divide into two lanes": "Diviser en deux couloirs",
  "Divide into three lanes": "Diviser en trois couloirs",
  "Activate hand tool": "Déplacer la vue",
  "Activate lasso tool": "Sélectionner une zone",
  "Activate create/remove space tool": "Faire ou retirer de la place",
  "Activate global connect tool": "Relier des éléments",
  "Open minimap": "Ouvrir la vue d'ensemble",
  "Close minimap": "Fermer la vue d'ensemble",
  "Toggle minimap": "Vue d'ensemble",
  "Search in diagram": "Chercher dans le diagramme",
  "Exclusive gateway": "Passerelle exclusive",
  "Parallel gateway": "Passerelle parallèle",
  "Inclusive gateway": "Passerelle inclusive",
  "Event-based gateway": "Passerelle à événements",
  "User task": "Tâche utilisateur",
  "Service task": "Tâche de service",
  "Send task": "Tâche d'envoi",
  "Receive task": "Tâche de réception",
  "Manual task": "Tâche manuelle",
  "Business rule task": "Tâche de règle métier",
  "Script task": "Tâche de script",
  "Call activity": "Appel de processus",
  "Task": "Tâche",
  "Tasks": "Tâches",
  "Gateways": "Passerelles",
  "Events": "Événements",
  "Sub-processes": "Sous-processus",
  "Participants": "Participants",
  "Data": "Données",
};

export const missing = new Set<string>();

function translate(template: string, replacements: Record<string, string> = {}): string {
  let text = template;
  if (language.value === "fr") {
    const found = OURS[template] ?? (french as Record<string, string>)[template];
    if (found === undefined) missing.add(template);
    text = found ?? template;
  }
  return text.replace(/{([^}]+)}/g, (_, key: string) => (key in replacements ? replacements[key]! : `{${key}}`));
}

export const translateModule = { translate: ["value", translate] };
