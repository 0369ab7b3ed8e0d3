"""French for what stops a running case: what an incident says, and what a person is told instead of one."""

SENTENCES: dict[str, str] = {
    "{before} {last}": "{before} {last}",
    "{before}; {last}": "{before} ; {last}",
    ": {why}": " : {why}",
    # what a model names
    "message name": "le nom du message",
    "signal name": "le nom du signal",
    "correlation key": "la clé de corrélation",
    "error code": "le code de l'erreur",
    "escalation code": "le code de l'escalade",
    "called process": "le processus appelé",
    "called decision": "la décision appelée",
    "version tag": "l'étiquette de version",
    "job type": "le type de travail",
    "job priority": "la priorité du travail",
    "number of retries": "le nombre d'essais",
    "candidate groups": "les groupes candidats",
    "candidate users": "les personnes candidates",
    "assignee": "la personne chargée de la tâche",
    "priority": "la priorité",
    # an expression gave something else
    "Expected a string for the {what} '{source}', found {found}.": "Un texte est attendu pour {what} (« {source} »), et non {found}.",
    "Expected a list of strings for the {what} '{source}', found {found}.": (
        "Une liste de textes est attendue pour {what} (« {source} »), et non {found}."
    ),
    "Expected a whole number for the {what} '{source}', found {found}.": (
        "Un nombre entier est attendu pour {what} (« {source} »), et non {found}."
    ),
    "Expected {a_name} for the {what} '{source}', found {start!r} and more.": (
        "Pour {what} (« {source} »), {a_name} ; trouvé : « {start}… »."
    ),
    "Expected true or false from '{source}', found {found}{because}.": "« {source} » doit donner vrai ou faux, et non {found}{because}.",
    "Expected the event to name a code ({what}), found none.": "L'événement ne nomme pas de code ({what}).",
    "Expected a whole number of instances at '{name}', found {found}.": (
        "Un nombre entier de répétitions est attendu pour « {name} », et non {found}."
    ),
    "Expected a list for the input collection '{source}', found {found}.": (
        "Une liste est attendue pour la collection d'entrée « {source} », et non {found}."
    ),
    "Expected at most {most} instances at '{name}', found {count}.": (
        "Au plus {most} répétitions sont permises pour « {name} » ; il y en a {count}."
    ),
    "Expected a value that is not nested so deeply.": "Une valeur est trop imbriquée.",
    "Expected a value nested at most {deepest} levels deep, with at most {largest} items, found more.": (
        "Une valeur a au plus {deepest} niveaux et {largest} éléments ; celle-ci en a plus."
    ),
    "Expected at most {most} MB in '{name}', found more.": "« {name} » peut contenir au plus {most} Mo ; il y en a plus.",
    # the way goes no further
    "Expected at least one condition to be true at '{name}', or a default flow, found neither.": (
        "À « {name} », aucune condition n'est vraie, et il n'y a pas de flux par défaut."
    ),
    "Expected a token on each flow into {names}, but no other token is left to come.": (
        "Il manque un jeton sur un flux entrant de {names}, et plus aucun ne peut arriver."
    ),
    "Expected the instance to wait at some point, but this loop never waits.": (
        "Cette boucle ne s'arrête jamais : rien ne l'y fait attendre."
    ),
    "Expected somebody to catch error '{code}', found nobody.": "Rien dans le modèle n'intercepte l'erreur « {code} ».",
    "No retries are left.": "Tous les essais ont échoué.",
    # what is called, or should receive
    "Expected a deployed decision '{decision_id}', found none.": "La décision « {decision_id} » n'est pas déployée.",
    "Decision '{decision_id}': {why}": "Décision « {decision_id} » : {why}",
    "Expected a deployed process '{process_id}' to call, found none.": (
        "Le processus « {process_id} », qui doit être appelé, n'est pas déployé."
    ),
    "Expected at most {most} open instances in a case, found more: does a process call itself?": (
        "Un dossier a au plus {most} instances en cours ; celui-ci en a plus : un processus s'appelle-t-il lui-même ?"
    ),
    "Expected one that waits for message '{name}' at '{element}', found {count} and nothing to tell them apart.": (
        "{count} instances attendent le message « {name} » à « {element} », et rien ne les distingue."
    ),
    # contracts and parties
    "any value": "une valeur quelconque",
    "a text": "un texte",
    "a date": "une date",
    "a file": "un fichier",
    "a list": "une liste",
    "a context": "un contexte",
    "{field} is required": "{field} est nécessaire",
    "{field}: expected {expected}, found {found}": "{field} : {expected} est attendu, et non {found}",
    "Expected the data that the contract at '{flow}' names: {missing}.": "Le contrat sur « {flow} » demande des données : {missing}.",
    "Expected to know who the {role} of this case is, found nobody: choose somebody from the directory.": (
        "Personne ne joue encore « {role} » dans ce dossier : choisissez quelqu'un dans l'annuaire."
    ),
    "a party from the directory": "une partie de l'annuaire",
    "Expected an active party {party!r} in the directory for the {role}, found none.": (
        "L'annuaire n'a pas de partie active {party!r} pour « {role} »."
    ),
}
