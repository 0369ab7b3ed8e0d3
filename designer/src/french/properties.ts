/** What bpmn.io's properties panel says by itself, in French: in the drawing, and in the copy of it that form-js brings. */

/** Keys are the literals of its code: scripts/borrowed-words.ts puts a call at each. */
export const properties: Record<string, string> = {
  "Open documentation": "Ouvrir la documentation",
  "Toggle section": "Ouvrir ou fermer la section",
  "Section contains an error": "La section contient une erreur",
  "Section contains edits": "La section contient des modifications",
  "<empty>": "<vide>",
  "Toggle list item": "Ouvrir ou fermer l'élément",
  "Delete item": "Supprimer l'élément",
  "Create new list item": "Ajouter un élément",
  "Create": "Créer",
  "List contains {numOfItems} item{0}": "La liste contient {numOfItems} élément{0}",
  "Open pop-up editor": "Ouvrir dans une fenêtre",
  "Opened in popup": "Ouvert dans une fenêtre",
  "Opened in editor": "Ouvert dans l'éditeur",
  "Close popup": "Fermer la fenêtre",
  "Save and close": "Enregistrer et fermer",
  "FEEL expression is mandatory": "Une expression FEEL est obligatoire",
  "Click to {0} dynamic value with FEEL expression": "Cliquer pour {0} une valeur par une expression FEEL",
  "remove": "retirer",
  "set a": "donner",
  "Unparsable FEEL expression.": "Cette expression FEEL ne peut pas être lue.",
};
