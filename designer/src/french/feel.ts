/** What each built-in function of FEEL does, in French, one line each: shown by the expression editor while somebody types. */

import { camundaBuiltins, type Builtin } from "@camunda/feel-builtins";
import { typeset } from "../shell/typography";

/** Name and parameters, as the editor proposes them -> what it does. The names themselves are FEEL, and stay. */
export const functions: Record<string, string> = {
  "not(negand)": "Donne le contraire : faux pour vrai, vrai pour faux.",
  // conversion
  "string(from)": "Écrit la valeur sous forme de texte.",
  "number(from)": "Lit le texte comme un nombre.",
  "number(from, grouping separator)": "Lit le texte comme un nombre, avec ce séparateur de milliers.",
  "number(from, grouping separator, decimal separator)": "Lit le texte comme un nombre, avec ces séparateurs de milliers et de décimales.",
  "date(from)": "Donne la date que la valeur contient.",
  "date(year, month, day)": "Donne la date de cette année, de ce mois et de ce jour.",
  "time(from)": "Donne l'heure que la valeur contient.",
  "time(hour, minute, second)": "Donne l'heure faite de ces heures, minutes et secondes.",
  "time(hour, minute, second, offset)": "Donne l'heure faite de ces heures, minutes et secondes, avec le décalage du fuseau horaire.",
  "date and time(from)": "Lit le texte comme une date et une heure.",
  "date and time(date, time)": "Réunit une date et une heure.",
  "date and time(date, timezone)": "Donne la même date et heure dans un autre fuseau horaire.",
  "duration(from)": "Lit le texte comme une durée : en jours et heures, ou en années et mois.",
  "years and months duration(from, to)": "Donne la durée en années et mois entre deux dates.",
  "from json(value)": "Lit un texte JSON et en fait une valeur FEEL.",
  "to json(value)": "Écrit la valeur sous forme de texte JSON.",
  "to base64(value)": "Code le texte en Base64.",
  "from base64(value)": "Décode un texte en Base64.",
  // contexts
  "context(entries)": "Fait un contexte d'une liste de clés et de valeurs ; c'est l'inverse de get entries.",
  "get value(context, key)": "Donne la valeur de cette clé dans le contexte.",
  "get value(context, keys)": "Donne la valeur que l'on trouve dans le contexte en suivant ces clés.",
  "get entries(context)": "Donne les entrées du contexte : une liste de clés et de valeurs.",
  "context put(context, key, value)": "Donne le contexte avec cette entrée, ajoutée ou remplacée.",
  "context put(context, keys, value)": "Donne le contexte avec cette valeur à l'endroit que disent les clés.",
  "context merge(contexts)": "Réunit les contextes en un seul ; en cas de doublon, la dernière valeur l'emporte.",
  // lists
  "list contains(list, element)": "Dit si la liste contient cet élément.",
  "count(list)": "Compte les éléments de la liste.",
  "min(list)": "Donne le plus petit élément de la liste.",
  "max(list)": "Donne le plus grand élément de la liste.",
  "sum(list)": "Additionne les nombres de la liste.",
  "product(list)": "Multiplie les nombres de la liste.",
  "mean(list)": "Donne la moyenne des nombres de la liste.",
  "median(list)": "Donne la médiane des nombres de la liste.",
  "stddev(list)": "Donne l'écart type des nombres de la liste.",
  "mode(list)": "Donne les valeurs les plus fréquentes de la liste.",
  "all(list)": "Dit si tous les éléments de la liste sont vrais.",
  "any(list)": "Dit si au moins un élément de la liste est vrai.",
  "sublist(list, start position)": "Donne la partie de la liste qui commence à ce rang.",
  "sublist(list, start position, length)": "Donne tant d'éléments de la liste à partir de ce rang.",
  "append(list, items)": "Donne la liste avec ces éléments ajoutés à la fin.",
  "concatenate(lists)": "Met les listes bout à bout.",
  "insert before(list, position, newItem)": "Donne la liste avec ce nouvel élément à ce rang.",
  "remove(list, position)": "Donne la liste sans l'élément de ce rang.",
  "reverse(list)": "Donne la liste dans l'ordre inverse.",
  "index of(list, match)": "Donne les rangs où cet élément se trouve.",
  "union(list)": "Réunit les listes en une seule, sans doublons.",
  "distinct values(list)": "Donne la liste sans doublons.",
  "duplicate values(list)": "Donne les éléments que la liste contient plus d'une fois.",
  "flatten(list)": "Met à plat les listes qui sont dans la liste.",
  "sort(list, precedes)": "Trie la liste ; la fonction dit lequel de deux éléments vient avant l'autre.",
  "partition(list, size)": "Partage la liste en listes de cette taille.",
  "is empty(list)": "Dit si la liste est vide.",
  // numbers
  "decimal(n, scale)": "Arrondit à tant de décimales.",
  "floor(n)": "Arrondit à l'entier inférieur.",
  "floor(n, scale)": "Arrondit vers le bas, à tant de décimales.",
  "ceiling(n)": "Arrondit à l'entier supérieur.",
  "ceiling(n, scale)": "Arrondit vers le haut, à tant de décimales.",
  "round up(n, scale)": "Arrondit en s'éloignant de zéro, à tant de décimales.",
  "round down(n, scale)": "Arrondit en se rapprochant de zéro, à tant de décimales.",
  "round half up(n, scale)": "Arrondit au plus proche, à tant de décimales ; une moitié s'éloigne de zéro.",
  "round half down(n, scale)": "Arrondit au plus proche, à tant de décimales ; une moitié se rapproche de zéro.",
  "abs(number)": "Donne la valeur absolue du nombre.",
  "abs(n)": "Donne la durée sans son signe.",
  "modulo(dividend, divisor)": "Donne le reste de la division.",
  "sqrt(number)": "Donne la racine carrée.",
  "log(number)": "Donne le logarithme naturel (de base e).",
  "exp(number)": "Donne e à cette puissance.",
  "odd(number)": "Dit si le nombre est impair.",
  "even(number)": "Dit si le nombre est pair.",
  "random number()": "Donne un nombre au hasard entre 0 et 1.",
  // ranges
  "before(point1, point2)": "Dit si le premier point vient avant le second.",
  "before(range, point)": "Dit si l'intervalle finit avant le point.",
  "before(point, range)": "Dit si le point vient avant l'intervalle.",
  "before(range1, range2)": "Dit si le premier intervalle finit avant que le second ne commence.",
  "after(point1, point2)": "Dit si le premier point vient après le second.",
  "after(range, point)": "Dit si l'intervalle commence après le point.",
  "after(point, range)": "Dit si le point vient après l'intervalle.",
  "after(range1, range2)": "Dit si le premier intervalle commence après la fin du second.",
  "meets(range1, range2)": "Dit si le premier intervalle finit juste où le second commence.",
  "met by(range1, range2)": "Dit si le premier intervalle commence juste où le second finit.",
  "overlaps(range1, range2)": "Dit si les deux intervalles se recouvrent.",
  "overlaps before(range1, range2)": "Dit si le premier intervalle recouvre le début du second.",
  "overlaps after(range1, range2)": "Dit si le premier intervalle recouvre la fin du second.",
  "finishes(point, range)": "Dit si le point est la fin de l'intervalle.",
  "finishes(range1, range2)": "Dit si le premier intervalle est dans le second et finit avec lui.",
  "finished by(range, point)": "Dit si l'intervalle finit par ce point.",
  "finished by(range1, range2)": "Dit si le second intervalle est dans le premier et finit avec lui.",
  "includes(range, point)": "Dit si le point est dans l'intervalle.",
  "includes(range1, range2)": "Dit si le second intervalle est dans le premier.",
  "during(point, range)": "Dit si le point est dans l'intervalle.",
  "during(range1, range2)": "Dit si le premier intervalle est dans le second.",
  "starts(point, range)": "Dit si le point est le début de l'intervalle.",
  "starts(range1, range2)": "Dit si le premier intervalle est dans le second et commence avec lui.",
  "started by(range, point)": "Dit si l'intervalle commence par ce point.",
  "started by(range1, range2)": "Dit si le second intervalle est dans le premier et commence avec lui.",
  "coincides(point1, point2)": "Dit si les deux points sont le même.",
  "coincides(range1, range2)": "Dit si les deux intervalles sont le même.",
  // texts
  "substring(string, start position)": "Donne la partie du texte qui commence à ce rang.",
  "substring(string, start position, length)": "Donne tant de caractères du texte à partir de ce rang.",
  "string length(string)": "Compte les caractères du texte.",
  "upper case(string)": "Met le texte en majuscules.",
  "lower case(string)": "Met le texte en minuscules.",
  "substring before(string, match)": "Donne ce qui précède cette partie du texte.",
  "substring after(string, match)": "Donne ce qui suit cette partie du texte.",
  "contains(string, match)": "Dit si le texte contient cette partie.",
  "starts with(string, match)": "Dit si le texte commence ainsi.",
  "ends with(string, match)": "Dit si le texte finit ainsi.",
  "matches(input, pattern)": "Dit si le texte correspond au motif.",
  "matches(input, pattern, flags)": "Dit si le texte correspond au motif, avec ces options.",
  "replace(input, pattern, replacement)": "Remplace dans le texte tout ce qui correspond au motif.",
  "replace(input, pattern, replacement, flags)": "Remplace dans le texte tout ce qui correspond au motif, avec ces options.",
  "split(string, delimiter)": "Coupe le texte à chaque séparateur et en fait une liste.",
  "string join(list)": "Met les textes de la liste bout à bout.",
  "string join(list, delimiter)": "Réunit les textes de la liste, avec ce séparateur.",
  "string join(list, delimiter, prefix, suffix)": "Réunit les textes de la liste, avec ce séparateur, ce début et cette fin.",
  "extract(string, pattern)": "Donne la liste de tout ce qui correspond au motif dans le texte.",
  "trim(string)": "Retire les espaces au début et à la fin du texte.",
  "is blank(string)": "Dit si le texte est vide ou ne contient que des espaces.",
  "uuid()": "Donne un identifiant unique (UUID).",
  // dates
  "now()": "Donne la date et l'heure du moment, avec le fuseau horaire.",
  "today()": "Donne la date du jour.",
  "day of week(date)": "Donne le jour de la semaine, par son nom anglais.",
  "day of year(date)": "Donne le rang du jour dans l'année.",
  "week of year(date)": "Donne le numéro de la semaine dans l'année (ISO 8601).",
  "month of year(date)": "Donne le mois, par son nom anglais.",
  "last day of month(date)": "Donne le dernier jour du mois.",
  // values that may be missing
  "is defined(value)": "Dit si la valeur existe et n'est pas nulle.",
  "get or else(value, default)": "Donne la valeur ou, si elle est nulle, l'autre.",
  "assert(value, condition)": "Donne la valeur si la condition est vraie ; sinon, c'est une erreur.",
  "assert(value, condition, cause)": "Donne la valeur si la condition est vraie ; sinon, c'est une erreur avec cette explication.",
  "fromAi(value)": "Donne la valeur ; la marque comme un paramètre à remplir par une IA.",
  "fromAi(value, description)": "Donne la valeur ; la marque comme un paramètre à remplir par une IA, avec cette description.",
  "fromAi(value, description, type)": "Donne la valeur ; la marque comme un paramètre à remplir par une IA, avec cette description et ce type.",
  "fromAi(value, description, type, schema)": "Donne la valeur ; la marque comme un paramètre à remplir par une IA, avec cette description, ce type et ce schéma.",
  "fromAi(value, description, type, schema, options)": "Donne la valeur ; la marque comme un paramètre à remplir par une IA, avec cette description, ce type, ce schéma et ces options.",
};

export const keyOf = ({ name, params = [] }: Builtin): string => `${name}(${params.map((one) => one.name).join(", ")})`;

/** Its line, its signature and its examples; what these explain in English is left out. */
function told(one: Builtin): HTMLElement {
  const [signature, ...examples] = new DOMParser().parseFromString(one.info, "text/html").querySelectorAll("pre");
  const box = document.createElement("div");
  box.append(paragraph(typeset(functions[keyOf(one)] ?? "")));
  if (signature) box.append(signature);
  for (const example of examples) example.textContent = example.textContent!.replace(/^(\/\/ .*?) - .*$/gm, "$1");
  if (examples.length) box.append(paragraph("Exemples"), ...examples);
  return box;
}

function paragraph(text: string): HTMLElement {
  const made = document.createElement("p");
  made.textContent = text;
  return made;
}

/** As the expression editor takes them. */
export const builtins = camundaBuiltins.map((one) => (keyOf(one) in functions ? { ...one, info: () => told(one) } : one));
