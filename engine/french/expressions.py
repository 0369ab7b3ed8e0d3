"""French for what is wrong with an expression (FEEL) or with decisions (DMN)."""

SENTENCES: dict[str, str] = {
    # FEEL
    "'{text}'": "« {text} »",
    "the name of a type ({why})": "le nom d'un type ({why})",
    "a function in FEEL; external code is never run": "une fonction en FEEL ; du code externe n'est jamais exécuté",
    "Expected {expected}, found {found} {place}.": "Attendu : {expected} ; trouvé : {found}, {place}.",
    "at line {line}, column {column}": "à la ligne {line}, colonne {column}",
    "at position {column}": "à la position {column}",
    "Expected the text of an expression, found {found}.": "Le texte d'une expression est attendu, et non {found}.",
    "The expression is nested too deeply.": "L'expression est trop imbriquée.",
    "The expression or its values are nested too deeply to evaluate.": (
        "L'expression ou ses valeurs sont trop imbriquées pour être évaluées."
    ),
    "The expression needs more memory than there is.": "L'expression demande plus de mémoire qu'il n'y en a.",
    "The expression takes too many steps; {steps} are allowed.": "L'expression demande trop de pas ; {steps} sont permis.",
    "A collection has {count} items; {items} are allowed.": "Une collection a {count} éléments ; {items} sont permis.",
    "A text has {count} characters; {most} are allowed.": "Un texte a {count} caractères ; {most} sont permis.",
    "Functions call each other too deeply; {depth} levels are allowed.": (
        "Des fonctions s'appellent trop profondément ; {depth} niveaux sont permis."
    ),
    "The expression takes too long; {seconds:g} s are allowed.": "L'expression dure trop longtemps ; {seconds} s sont permises.",
    "at most {most} levels of nesting": "au plus {most} niveaux d'imbrication",
    "one more level": "un niveau de plus",
    "between the two bounds of 'between'": "entre les deux bornes de « between »",
    "at the end of the filter": "à la fin du filtre",
    "after the arguments": "après les arguments",
    "at the end of the list": "à la fin de la liste",
    "to close '('": "pour fermer « ( »",
    "at the end of the context": "à la fin du contexte",
    "the name of an entry": "le nom d'une entrée",
    "after the condition of 'if'": "après la condition de « if »",
    "after the value for 'then'": "après la valeur de « then »",
    "after what 'for' walks over": "après ce que parcourt « for »",
    "after what '{text}' walks over": "après ce que parcourt « {text} »",
    "after 'function'": "après « function »",
    "after the parameters": "après les paramètres",
    "after the entries of the context type": "après les entrées du type de contexte",
    "after the types of the parameters": "après les types des paramètres",
    "before the type of the result": "avant le type du résultat",
    "'{text}' {purpose}": "« {text} » {purpose}",
    "an operator or the end of the expression": "un opérateur ou la fin de l'expression",
    "at most {most} operators in a row": "au plus {most} opérateurs à la suite",
    "the name of a property after '.'": "le nom d'une propriété après « . »",
    "a value or a name": "une valeur ou un nom",
    "a value, a name or '('": "une valeur, un nom ou « ( »",
    'a date, time or duration in quotes after "@"': "une date, une heure ou une durée entre guillemets après « @ »",
    "'..' between the two ends of a range": "« .. » entre les deux bouts d'un intervalle",
    "']' or ')' at the end of the range": "« ] » ou « ) » à la fin de l'intervalle",
    "after the name of an entry": "après le nom d'une entrée",
    "the name of the item": "le nom de l'élément",
    "after the name of the item": "après le nom de l'élément",
    "the name of a type": "le nom d'un type",
    "after the type of the items": "après le type des éléments",
    "one more operator": "un opérateur de plus",
    "either a name for every argument or for none": "un nom pour chaque argument, ou pour aucun",
    "an argument after ','": "un argument après « , »",
    "a value": "une valeur",
    "a number of at most 6144 digits": "un nombre d'au plus 6144 chiffres",
    "an item after ','": "un élément après « , »",
    "a second entry '{key}'": "une deuxième entrée « {key} »",
    "every name once in a context": "chaque nom une seule fois dans un contexte",
    "an entry after ','": "une entrée après « , »",
    "the name of a parameter": "le nom d'un paramètre",
    "A number has more than {longest_number} digits as a text.": "Un nombre a plus de {longest_number} chiffres en toutes lettres.",
    "A {kind} cannot become a variable.": "Une valeur de type {kind} ne peut pas devenir une variable.",
    "the character {character!a}": "le caractère {character!a}",
    "The expression has {count} characters; {most} are allowed.": "L'expression a {count} caractères ; {most} sont permis.",
    "a value, a name or an operator": "une valeur, un nom ou un opérateur",
    "the end of the expression": "la fin de l'expression",
    "a text that does not end": "un texte qui ne finit pas",
    'a closing quote (")': 'un guillemet fermant (")',
    "a character code up to \\U10FFFF": "un code de caractère jusqu'à \\U10FFFF",
    "a comment that does not end": "un commentaire qui ne finit pas",
    "half a character (a lone surrogate)": "la moitié d'un caractère",
    "a complete character": "un caractère complet",
    # DMN
    "any input": "n'importe quelle entrée",
    "No rule of the table takes {gap}.": "Aucune règle de la table ne couvre {gap}.",
    "The rules {first} and {second} both take {overlap} (hit policy {policy}).": (
        "Les règles {first} et {second} couvrent toutes deux {overlap} (règle de priorité {policy})."
    ),
    "Expected at most {most} elements, {depth} deep.": "Au plus {most} éléments sont permis, sur {depth} niveaux.",
    "Expected no document type in the file: entities are never resolved.": (
        "Le fichier ne peut pas avoir de type de document (DTD) : les entités ne sont jamais résolues."
    ),
    "The file has {count} bytes; {max_bytes} are allowed.": "Le fichier a {count} octets ; {max_bytes} sont permis.",
    "Expected XML, found nothing.": "Un fichier XML est attendu ; celui-ci est vide.",
    "Expected XML: {said}.": "Ce n'est pas du XML correct : {said}.",
    "Expected XML in an encoding that is known: {error}.": "Le codage de ce fichier XML est inconnu : {error}.",
    "The model or its values are nested too deeply to evaluate.": "Le modèle ou ses valeurs sont trop imbriqués pour être évalués.",
    "The evaluation needs more memory than there is.": "L'évaluation demande plus de mémoire qu'il n'y en a.",
    "Expected the name of a type, found '{ref}'.": "Le nom d'un type est attendu, et non « {ref} ».",
    "Expected a model of the namespace '{namespace}' to import, found none.": (
        "Aucun modèle à importer dans l'espace de noms « {namespace} »."
    ),
    "Expected an element of this model or of one that it imports, found '{href}'.": (
        "« {href} » n'est ni dans ce modèle ni dans un modèle importé."
    ),
    "Expected an output decision in the decision service, found none.": "Le service de décision n'a pas de décision de sortie.",
    "(none)": "(aucune)",
    "Expected imports without circles.": "Les importations tournent en rond.",
    "Expected one of the decisions {known}, found '{found}'.": "« {found} » n'est aucune des décisions {known}.",
    "Expected requirements without circles, found that '{name}' needs itself.": (
        "Les dépendances tournent en rond : « {name} » dépend d'elle-même."
    ),
    "Expected the definitions of a DMN 1.1 to 1.5 file, found '{tag}'.": (
        "Un fichier DMN 1.1 à 1.5 (definitions) est attendu, et non « {tag} »."
    ),
    "Expected every id once, found '{key}' twice.": "L'identifiant « {key} » est utilisé deux fois.",
    "Expected a hit policy of DMN, found '{policy}'.": "« {policy} » n'est pas une règle de priorité (hit policy) de DMN.",
    "Expected one output for the aggregation of {policy}, found {count}.": (
        "L'agrégation {policy} demande une seule sortie ; il y en a {count}."
    ),
    "Expected an expression in FEEL, found one in {language}.": "Une expression en FEEL est attendue, et non en {language}.",
    "Expected {count} cells in every row of the relation, found {cells}.": (
        "Chaque ligne de la relation doit avoir {count} cellules ; celle-ci en a {cells}."
    ),
    "Expected {inputs} conditions and {outputs} conclusions in rule {number}, found {conditions} and {conclusions}.": (
        "La règle {number} doit avoir {inputs} conditions et {outputs} conclusions ; elle en a {conditions} et {conclusions}."
    ),
    "Expected {a_name} as the id of the definitions, found none.": "Il manque un identifiant aux définitions ({a_name}).",
    "Expected {a_name} as the id of the decision '{name}', found none.": "Il manque un identifiant à la décision « {name} » ({a_name}).",
    "Expected a decision in the file, found none.": "Il n'y a pas de décision dans ce fichier.",
}
