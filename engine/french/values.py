"""French for why an expression or a decision gives null: values that do not fit (FEEL, DMN); and the names of FEEL's types."""

# type -> after « de type »
KINDS: dict[str, str] = {
    "null": "null",
    "boolean": "booléen",
    "number": "nombre",
    "string": "texte",
    "list": "liste",
    "context": "contexte",
    "date": "date",
    "time": "heure",
    "date and time": "date et heure",
    "date or date and time": "date, ou date et heure",
    "days and time duration": "durée (jours et heures)",
    "years and months duration": "durée (années et mois)",
    "duration": "durée",
    "range": "intervalle",
    "function": "fonction",
    "any": "quelconque",
    "unknown": "inconnu",
}

SENTENCES: dict[str, str] = {
    # what was found, and where
    "Null": "Null",
    "null": "null",
    "A {kind}": "Une valeur de type {kind}",
    "a {kind}": "une valeur de type {kind}",
    "{what} (characters {start} to {end})": "{what} (caractères {start} à {end})",
    "{function}: {why}": "{function} : {why}",
    "{parameter}: {why}": "{parameter} : {why}",
    "{name}: {why}": "{name} : {why}",
    "'{name}': {why}": "« {name} » : {why}",
    "{message} (in '{source}')": "{message} (dans « {source} »)",
    # names and types
    "There is no '{name}'": "« {name} » n'existe pas",
    "There is no '{name}' here": "« {name} » n'existe pas ici",
    "{what} has no '{name}'": "{what} n'a pas de « {name} »",
    "'{name}' is null, expected a {wanted_kind}": "« {name} » vaut null ; une valeur de type {wanted_kind} est attendue",
    "'{name}' is a {kind}, expected a {wanted_kind}": (
        "« {name} » est une valeur de type {kind} ; une valeur de type {wanted_kind} est attendue"
    ),
    "A value of the type {type} has no meaning here": "Une valeur de type {type} n'a pas de sens ici",
    "Expected a value of the type '{type}', found a {kind}": "Une valeur du type « {type} » est attendue, et non une valeur de type {kind}",
    "The value is not among those that '{type}' allows": "La valeur n'est pas parmi celles que permet « {type} »",
    "one of {types}": "l'un de {types}",
    "Expected true or false": "Vrai ou faux (true ou false) est attendu",
    "Expected true or false, found a {kind}": "Vrai ou faux (true ou false) est attendu, et non une valeur de type {kind}",
    "Expected true or false from a filter, found a {kind}": "Un filtre doit donner vrai ou faux, et non une valeur de type {kind}",
    "Expected true or false after 'if', found a {kind}": "Vrai ou faux est attendu après « if », et non une valeur de type {kind}",
    "Expected true or false after 'satisfies', found a {kind}": (
        "Vrai ou faux est attendu après « satisfies », et non une valeur de type {kind}"
    ),
    "A condition that the expression asserts is not fulfilled.": "Une condition que l'expression exige n'est pas remplie.",
    # functions
    "Expected a function to call, found {kind}": "Une fonction à appeler est attendue, et non une valeur de type {kind}",
    "Takes no {count} arguments": "Cette fonction ne prend pas {count} argument(s)",
    "Expected {most} arguments, found {count}": "{most} argument(s) attendu(s), {count} trouvé(s)",
    "Expected at least {before} arguments, found {count}": "Au moins {before} argument(s) attendu(s), {count} trouvé(s)",
    "Expected the arguments {known}, found {given}": "Les arguments sont {known}, et non {given}",
    # arithmetic
    "{what} cannot be added to {other}": "{what} ne s'ajoute pas à {other}",
    "{what} cannot be subtracted from {other}": "{what} ne se soustrait pas de {other}",
    "{what} cannot be multiplied by {other}": "{what} ne se multiplie pas par {other}",
    "{what} cannot be divided by {other}": "{what} ne se divise pas par {other}",
    "{what} cannot be raised to {other}": "{what} ne s'élève pas à la puissance de {other}",
    "{what} has no negative": "{what} n'a pas d'opposé",
    "The number is too large": "Le nombre est trop grand",
    "A division by zero": "Une division par zéro",
    "This has no result as a number": "Ce calcul ne donne pas de nombre",
    "The duration is too long": "La durée est trop longue",
    "The scale is out of bounds": "Le nombre de décimales est hors limites",
    "The quotient is too large for a remainder": "Le quotient est trop grand pour un reste",
    "Only positive numbers have a logarithm": "Seul un nombre positif a un logarithme",
    "Expected {what} without a fraction": "{what} sans décimales est attendu",
    "a number": "un nombre",
    "a position": "un rang",
    "a length": "un nombre d'éléments",
    "a size": "un nombre d'éléments",
    "a scale": "un nombre de décimales",
    "an index": "un rang",
    "'{text}' is no number": "« {text} » n'est pas un nombre",
    "The grouping separator is a space, a comma or a point": "Le séparateur des milliers est une espace, une virgule ou un point",
    "The decimal separator is a comma or a point, and not the grouping separator": (
        "Le séparateur décimal est une virgule ou un point, et non le séparateur des milliers"
    ),
    # comparing
    "A {left_kind} cannot be compared with a {right_kind}": (
        "Une valeur de type {left_kind} ne se compare pas à une valeur de type {right_kind}"
    ),
    "A {kind} has no order": "Les valeurs de type {kind} n'ont pas d'ordre",
    "A {kind} with an offset cannot be compared with one without": (
        "Une valeur de type {kind} avec décalage horaire ne se compare pas à une valeur sans décalage"
    ),
    "Functions cannot be compared": "Des fonctions ne se comparent pas",
    "A range contains no null": "Un intervalle ne contient pas null",
    "A range needs at least one end": "Un intervalle a besoin d'au moins une borne",
    "A range ends after it starts": "Un intervalle finit après son début",
    "'!=' describes no range": "« != » ne décrit pas d'intervalle",
    "Expected a range": "Un intervalle est attendu",
    "Expected a point or a range": "Une valeur ou un intervalle est attendu",
    "The text is no range: {why}": "Ce texte n'est pas un intervalle : {why}",
    "Expected the text of a range such as [1..5)": "Le texte d'un intervalle, par exemple [1..5), est attendu",
    "Expected a literal at both ends of the range": "Une valeur fixe est attendue aux deux bornes de l'intervalle",
    # lists, loops and contexts
    "Null has no items": "Null n'a pas d'éléments",
    "There is no item {index}; the list has {count}": "Il n'y a pas d'élément de rang {index} ; la liste en a {count}",
    "There is no position {place}; the list has {count} items": "Il n'y a pas de rang {place} ; la liste a {count} élément(s)",
    "There is no position {place} in a text of {count} characters": "Il n'y a pas de rang {place} dans un texte de {count} caractère(s)",
    "The list has not so many items": "La liste n'a pas autant d'éléments",
    "The list is empty": "La liste est vide",
    "Expected a size of at least 1": "Au moins 1 élément est attendu",
    "Expected a length of at least 1": "Au moins 1 caractère est attendu",
    "'match' must answer true or false": "« match » doit répondre vrai ou faux",
    "Expected a list of numbers, found {what} in it": "Une liste de nombres est attendue ; elle contient {what}",
    "Expected a list of texts, found a {kind} in it": "Une liste de textes est attendue ; elle contient une valeur de type {kind}",
    "Expected at least two numbers": "Au moins deux nombres sont attendus",
    "Expected two numbers or two dates around '..', found {start_kind} and {end_kind}": (
        "Deux nombres ou deux dates sont attendus autour de « .. », et non les types {start_kind} et {end_kind}"
    ),
    "A range without an end cannot be walked over": "Un intervalle sans fin ne se parcourt pas",
    "A range that ends before it starts cannot be walked over": "Un intervalle qui finit avant son début ne se parcourt pas",
    "Expected a list of keys": "Une liste de clés est attendue",
    "Expected contexts": "Des contextes sont attendus",
    "Expected entries with a key and a value": "Des entrées avec une clé (key) et une valeur (value) sont attendues",
    "The key '{key}' occurs twice": "La clé « {key} » y est deux fois",
    "'{text}' is no JSON": "« {text} » n'est pas du JSON",
    "The text is no JSON": "Ce texte n'est pas du JSON",
    # dates and times
    "There is no date {date} in the calendar": "La date {date} n'existe pas dans le calendrier",
    "There is no time {hour}:{minute}:{second}": "L'heure {hour}:{minute}:{second} n'existe pas",
    "There is no time zone '{name}'": "Le fuseau horaire « {name} » n'existe pas",
    "A time offset is at most 18 hours": "Un décalage horaire est d'au plus 18 heures",
    "Expected either an offset or a time zone, found both": "Un décalage horaire ou un fuseau est attendu, et non les deux",
    "Expected a date such as 2026-01-31, found '{text}'": "Une date, par exemple 2026-01-31, est attendue, et non « {text} »",
    "Expected a time such as 10:30:00, found '{text}'": "Une heure, par exemple 10:30:00, est attendue, et non « {text} »",
    "Expected a duration such as P1Y6M or P2DT4H, found '{text}'": (
        "Une durée, par exemple P1Y6M ou P2DT4H, est attendue, et non « {text} »"
    ),
    "Expected a second from 0 to 59": "Un nombre de secondes de 0 à 59 est attendu",
    "The moment lies outside the calendar": "Ce moment est en dehors du calendrier",
    "A date and time with a zone and one without have no distance": (
        "Entre une date et heure avec fuseau et une autre sans fuseau, il n'y a pas de durée"
    ),
    "A date and a date and time without a zone have no distance": (
        "Entre une date et une date et heure sans fuseau, il n'y a pas de durée"
    ),
    "A time with an offset and one without have no distance": (
        "Entre une heure avec décalage et une autre sans décalage, il n'y a pas de durée"
    ),
    "Nobody said what time it is": "L'heure actuelle n'est pas connue ici",
    # patterns (regular expressions)
    "Expected flags among s, m, i, x and q, found '{flags}'": "Les options sont s, m, i, x et q, et non « {flags} »",
    "A pattern has at most {most} characters": "Un motif a au plus {most} caractères",
    "Expected a pattern that cannot match nothing at all": "Le motif ne doit pas pouvoir correspondre à un texte vide",
    "In a replacement, write \\$ for a dollar and \\\\ for a backslash": (
        "Dans un remplacement, écrivez \\$ pour un dollar et \\\\ pour une barre oblique inverse"
    ),
    "The pattern is too large": "Le motif est trop grand",
    "A reference back to a group needs another machine": "Un renvoi à un groupe n'est pas possible ici",
    "The pattern has a '{character}' too many": "Le motif a un « {character} » de trop",
    "There is no category '{category}' for a pattern": "La catégorie « {category} » n'existe pas dans un motif",
    "The pattern is nested too deeply": "Le motif est trop imbriqué",
    "The pattern repeats a position": "Le motif répète une position",
    "The pattern has one quantifier after another": "Le motif a deux quantificateurs à la suite",
    "Expected a number of repeats after '{{' in the pattern": "Un nombre de répétitions est attendu après « {{ » dans le motif",
    "A pattern repeats from fewer to more times, at most {most}": (
        "Un motif se répète du plus petit au plus grand nombre, au plus {most} fois"
    ),
    "The pattern repeats nothing with '{character}'": "Le « {character} » du motif ne répète rien",
    "The pattern refers back to a group 0": "Le motif renvoie à un groupe 0",
    "The pattern refers back to a group {digits}, which is not complete there": (
        "Le motif renvoie au groupe {digits}, qui n'est pas complet à cet endroit"
    ),
    "A group of the pattern does not end": "Un groupe du motif n'est pas fermé",
    "The pattern has an unknown escape '\\{character}'": "L'échappement « \\{character} » du motif est inconnu",
    "Expected a category in {{ }} after \\p in the pattern": "Une catégorie entre {{ }} est attendue après \\p dans le motif",
    "The pattern has an empty class": "Le motif a une classe vide",
    "A class of the pattern does not end": "Une classe du motif n'est pas fermée",
    "A class of the pattern has a range that runs backwards": "Une classe du motif a un intervalle à l'envers",
    "The pattern has a kind of group that is not supported": "Le motif a une sorte de groupe qui n'est pas prise en charge",
    "A pattern has at most {most} groups": "Un motif a au plus {most} groupes",
    "A subtraction must end its class in the pattern": "Dans le motif, une soustraction doit terminer sa classe",
    # decisions
    "There is no input '{name}'": "L'entrée « {name} » n'existe pas",
    "The decision '{name}' has no logic": "La décision « {name} » n'a pas de logique",
    "The business knowledge model '{name}' has no logic": "Le modèle de connaissance « {name} » n'a pas de logique",
    "Expected one rule at most, found that the rules {numbers} match (hit policy UNIQUE)": (
        "Une seule règle au plus peut s'appliquer ; les règles {numbers} s'appliquent (règle de priorité UNIQUE)"
    ),
    "Expected the same answer of all rules that match, found others (rules {numbers}, hit policy ANY)": (
        "Toutes les règles qui s'appliquent doivent donner la même réponse ; ce n'est pas le cas des règles {numbers}"
        " (règle de priorité ANY)"
    ),
    "The input '{name}' is not among the values that its column allows": (
        "L'entrée « {name} » n'est pas parmi les valeurs que permet sa colonne"
    ),
    "The answer of rule {number} is not among the values that the output '{name}' allows": (
        "La réponse de la règle {number} n'est pas parmi les valeurs que permet la sortie « {name} »"
    ),
    "Expected {{java: {{class, method signature}}}}; other external functions are never run": (
        "{{java: {{class, method signature}}}} est attendu ; les autres fonctions externes ne sont jamais exécutées"
    ),
    "Expected a method signature such as max(double, double)": (
        "La signature d'une méthode, par exemple max(double, double), est attendue"
    ),
    "The external function {name}.{method} is not known, and none is ever loaded": (
        "La fonction externe {name}.{method} est inconnue, et aucune n'est jamais chargée"
    ),
    "The external function has no finite result for these numbers": "La fonction externe n'a pas de résultat fini pour ces nombres",
    "The external function has no result for these numbers": "La fonction externe n'a pas de résultat pour ces nombres",
    "Expected {expected} arguments for the external function, found {count}": (
        "La fonction externe prend {expected} argument(s), {count} trouvé(s)"
    ),
    "Expected one character": "Un seul caractère est attendu",
    "Expected a text": "Un texte est attendu",
    "Expected a whole number in the bounds of {type}": "Un nombre entier dans les limites de {type} est attendu",
    "Expected a number for a {type}": "Un nombre est attendu pour {type}",
    "The number is too large for a float": "Le nombre est trop grand pour float",
    "The format '{format}' is not known": "Le format « {format} » est inconnu",
    "Expected a value for every place of the format": "Une valeur est attendue pour chaque place du format",
}
