"""French for what is wrong with a file as such: not XML, not BPMN, too large; and with forms."""

SENTENCES: dict[str, str] = {
    # any file
    "{file}{element}{line}: {message}": "{file}{element}{line} : {message}",
    " '{name}' ({id})": " « {name} » ({id})",
    ", line {line}": ", ligne {line}",
    "Expected a .bpmn, .dmn or .form file.": "Un fichier .bpmn, .dmn ou .form est attendu.",
    "This was not looked at: the files before it took too long.": (
        "Ce fichier n'a pas été examiné : les précédents ont pris trop de temps."
    ),
    "This takes too long to be looked at: more than {seconds} s. Divide it into several models.": (
        "L'examen prend trop de temps : plus de {seconds} s. Divisez-le en plusieurs modèles."
    ),
    "This row was not asked: those before it took too long.": (
        "Cette ligne n'a pas été évaluée : les précédentes ont pris trop de temps."
    ),
    "This is too large to be looked at: expected files with at most {most_tags:,} tags together, found more.": (
        "C'est trop grand pour être examiné : les fichiers peuvent avoir au plus {most_tags} balises en tout."
    ),
    "Expected at most {most_files} files, found {count}.": "Au plus {most_files} fichiers sont permis ; il y en a {count}.",
    "Expected 1 to {max_files} files, found {count}.": "Entre 1 et {max_files} fichiers sont attendus ; il y en a {count}.",
    "Expected files of at most {most_bytes} MB together, found more.": "Les fichiers peuvent avoir au plus {most_bytes} Mo en tout.",
    "Expected each process in one file, found '{process_id}' in {owner} too.": (
        "Chaque processus ne peut être que dans un fichier ; « {process_id} » est aussi dans {owner}."
    ),
    "Expected each decision in one file, found '{id}' in {owner} too.": (
        "Chaque décision ne peut être que dans un fichier ; « {id} » est aussi dans {owner}."
    ),
    "There are {count} more.": "Il y en a {count} de plus.",
    "There are {count} more problems.": "Il y a {count} problèmes de plus.",
    "at most {longest_name} bytes without NUL": "au plus {longest_name} octets sans NUL",
    # XML and BPMN
    "Expected XML.": "Un fichier XML est attendu.",
    "Expected well-formed XML: {said}": "Ce n'est pas du XML correct : {said}",
    "Expected well-formed XML, found at line {line}, column {column}: {said}": (
        "Ce n'est pas du XML correct, ligne {line}, colonne {column} : {said}"
    ),
    "Expected XML without a document type declaration (DTD) and entities, found one.": (
        "Le fichier XML ne peut pas avoir de déclaration de type (DTD) ni d'entités."
    ),
    "Expected a file of at most {most} MB, found {size:.1f} MB.": "Un fichier peut avoir au plus {most} Mo ; celui-ci en a {size}.",
    "Expected at most {most} elements, found more.": "Au plus {most} éléments sont permis ; il y en a plus.",
    "Expected a BPMN 2.0 file (<definitions> of the BPMN namespace), found <{name}>.": (
        "Un fichier BPMN 2.0 (<definitions> dans l'espace de noms BPMN) est attendu, et non <{name}>."
    ),
    "Expected a model that can be run, found one that cannot: {error}": "Ce modèle ne peut pas être exécuté : {error}",
    "Expected what the BPMN schema says, found otherwise: {said}": "Ce n'est pas conforme au schéma BPMN : {said}",
    "Expected what the BPMN schema says at {where}, found otherwise: {said}": "Ce n'est pas conforme au schéma BPMN, {where} : {said}",
    "Expected {wanted}, found <{element}>.": "<{element}> n'a pas sa place ici ; attendu : {wanted}.",
    "Expected {children} in <{element}>, found none.": "Il manque {children} dans <{element}>.",
    "one of {elements}": "l'un de {elements}",
    "nothing more": "rien de plus",
    "<{element}>, attribute {attribute}": "<{element}>, attribut {attribute}",
    "Expected a process, found none.": "Il n'y a pas de processus.",
    'Expected a process with isExecutable="true", found only processes that are not to be run.': (
        'Aucun processus de ce fichier n\'est marqué comme exécutable (isExecutable="true").'
    ),
    "flow node": "un nœud du flux",
    "activity": "une activité",
    "data element": "un élément de données",
    "The import of '{location}' is kept, but not read: what is called must be deployed.": (
        "L'importation de « {location} » est conservée, mais pas lue : ce qui est appelé doit être déployé."
    ),
    "Expected each id once, found '{node_id}' on <{seen_kind}> and <{kind}>.": (
        "L'identifiant « {node_id} » est utilisé deux fois : {seen_kind} et {kind}."
    ),
    "{attribute} of <{element}>": "{attribute} de <{element}>",
    "Expected an id on each executable process, found none.": "Un processus exécutable n'a pas d'identifiant.",
    "Expected flow elements in process {process}, found none.": "Le processus {process} est vide.",
    "Expected {name} to name a {kinds} of this file, found '{wanted}', which is not there.": (
        "{name} doit désigner {kinds} de ce fichier ; « {wanted} » n'y est pas."
    ),
    "Expected {name} to name a {kinds}, found '{wanted}', a {found_kind}.": (
        "{name} doit désigner {kinds} ; « {wanted} » est {found_kind}."
    ),
    "Expected no extension that must be understood, found '{definition}', which is not known here.": (
        "L'extension « {definition} » doit être comprise (mustUnderstand), et elle est inconnue ici."
    ),
    "Expected {process} to be executable or public, found both: a public process only describes.": (
        "{process} est exécutable et public : un processus public ne fait que décrire."
    ),
    "Expected {a_name} for {where}, found {words!r} and more.": "Ici ({where}), {a_name} ; trouvé : {words!r}…",
    "Expected the event definition inside the event, found a reference to '{wanted}'.": (
        "La définition de l'événement doit être dans l'événement, pas une référence à « {wanted} »."
    ),
    "Expected lane {lane} to list nodes of its own process, found '{name}' of another.": (
        "Le couloir {lane} ne peut contenir que des nœuds de son processus ; « {name} » est d'un autre."
    ),
    "Expected '{name}' in one lane, found it in {seen} and {lane}.": (
        "« {name} » ne peut être que dans un couloir ; il est dans {seen} et {lane}."
    ),
    # forms
    "Expected a form-js schema as JSON: {error}": "Un formulaire form-js en JSON est attendu : {error}",
    "raw HTML is not shown to participants: use a text component (Markdown)": (
        "du HTML brut n'est pas montré aux participants : utilisez un composant de texte (Markdown)"
    ),
    "images are not shown in forms": "les images ne sont pas montrées dans les formulaires",
    "other sites are not shown inside a form": "d'autres sites ne sont pas montrés dans un formulaire",
    "lists that grow are not supported: ask once for each entry, or in a text area": (
        "les listes qui s'allongent ne sont pas prises en charge : posez une question par entrée, ou utilisez une zone de texte"
    ),
    "tables are not shown in forms: use a text component": (
        "les tableaux ne sont pas montrés dans les formulaires : utilisez un composant de texte"
    ),
    "values are computed in the process (a script task), not in the form": (
        "les valeurs se calculent dans le processus (une tâche de script), pas dans le formulaire"
    ),
    "A component": "Un composant",
    "hide condition": "condition pour masquer",
    "{property}": "{property}",
    "Expected a form as a JSON object, found {found}.": "Un formulaire est un objet JSON, et non {found}.",
    "Expected the form to have an id, found none.": "Le formulaire n'a pas d'identifiant.",
    "Expected a list of components, found none.": "Le formulaire n'a pas de liste de composants.",
    "expected an object, found {found}.": "un objet est attendu, et non {found}.",
    "'{kind}' cannot be used: {refused}.": "« {kind} » ne peut pas être utilisé : {refused}.",
    "expected a key (the variable that takes the answer), found none.": "il manque une clé (la variable qui prend la réponse).",
    "expected `validate` to be an object.": "`validate` doit être un objet.",
    "the pattern cannot be used: {wrong}": "le modèle de saisie ne peut pas être utilisé : {wrong}",
    "expected files to be accepted that can be taken ({kinds}), found {names}.": (
        "seuls des fichiers que l'on peut recevoir ({kinds}) peuvent être acceptés, et non {names}."
    ),
    "expected `values`, `valuesKey` or `valuesExpression` to choose from, found none.": (
        "il n'y a rien à choisir (`values`, `valuesKey` ou `valuesExpression`)."
    ),
    "expected each of its values to have a `value` and a `label`.": "chacune de ses valeurs doit avoir `value` et `label`.",
    "Expected an id of {a_name}, found {id!r} and more.": "L'identifiant doit avoir {a_name} ; trouvé : {id!r}…",
    "Expected at most {most} components in {levels} levels, found more.": "Au plus {most} composants sur {levels} niveaux sont permis.",
    "expected a key and path of {a_name}, its first part of at most {max_variable} characters, found {path!r}.": (
        "la clé et le chemin doivent avoir {a_name}, leur première partie au plus {max_variable} caractères ; trouvé : {path!r}."
    ),
    "expected {low} to be at most {high}, found {smallest} and {largest}: no answer could ever be right.": (
        "{low} ne peut pas dépasser {high} ({smallest} et {largest}) : aucune réponse ne serait jamais juste."
    ),
    "expected each of its values once, found one twice.": "l'une de ses valeurs y est deux fois.",
    "{component}: {what}": "{component} : {what}",
    "expected one of {names}, found type '{kind}'.": "le type « {kind} » est inconnu ; il y a {names}.",
    "expected each key once, found '{path}' twice.": "la clé « {path} » est utilisée deux fois.",
    "expected '{path}' to be either an answer or a context of answers, found both.": (
        "« {path} » est à la fois une réponse et un contexte de réponses."
    ),
    "the {what} is not FEEL: {message}": "{what} n'est pas en FEEL : {message}",
    # the XML parsers' own words
    "Opening and ending tag mismatch: {opened} line {line} and {closed}": (
        "la balise ouvrante {opened} (ligne {line}) et la balise fermante {closed} ne correspondent pas"
    ),
    "Start tag expected, '<' not found": "une balise ouvrante est attendue, « < » manque",
    "Document is empty": "le document est vide",
    "Extra content at the end of the document": "il y a du contenu après la fin du document",
    "Premature end of data in tag {element} line {line}": "le fichier s'arrête dans la balise {element} (ligne {line})",
    "Couldn't find end of Start Tag {element} line {line}": "la balise ouvrante {element} (ligne {line}) n'est pas fermée",
    "Namespace prefix {prefix} for {attribute} on {element} is not defined": (
        "le préfixe {prefix} de {attribute}, sur {element}, n'est pas défini"
    ),
    "Namespace prefix {prefix} on {element} is not defined": "le préfixe {prefix} de {element} n'est pas défini",
    "Namespace prefix {prefix} is not defined": "le préfixe {prefix} n'est pas défini",
    "Attribute {attribute} redefined": "l'attribut {attribute} est donné deux fois",
    "Specification mandates value for attribute {attribute}": "l'attribut {attribute} n'a pas de valeur",
    "AttValue: \" or ' expected": "la valeur d'un attribut doit être entre guillemets",
    "Unescaped '<' not allowed in attributes values": "« < » n'est pas permis tel quel dans un attribut",
    "attributes construct error": "les attributs sont mal écrits",
    "xmlParseEntityRef: no name": "« & » n'est pas suivi d'un nom",
    "EntityRef: expecting ';'": "« ; » manque après « & » et un nom",
    "Entity '{entity}' not defined": "l'entité « {entity} » n'est pas définie",
    "StartTag: invalid element name": "le nom d'une balise n'est pas valable",
    "The attribute '{attribute}' is required but missing.": "il manque l'attribut « {attribute} ».",
    "The attribute '{attribute}' is not allowed.": "l'attribut « {attribute} » n'est pas permis.",
    "'{value}' is not a valid value of the atomic type '{type}'.": "« {value} » n'est pas une valeur du type {type}.",
    "'{value}' is not a valid value of the local atomic type.": "« {value} » n'est pas une valeur permise.",
    "[facet 'enumeration'] The value '{value}' is not an element of the set {values}.": "« {value} » n'est pas l'une des valeurs {values}.",
    "[facet 'pattern'] The value '{value}' is not accepted by the pattern '{pattern}'.": "« {value} » n'a pas la forme {pattern}.",
    "Character content other than whitespace is not allowed because the content type is '{type}'.": (
        "du texte n'est pas permis ici ({type})."
    ),
    "No matching global declaration available for the validation root.": "cet élément ne peut pas être la racine du fichier.",
    "No match found for key-sequence {keys} of keyref '{name}'.": "aucun élément ne correspond à {keys} ({name}).",
    "not well-formed (invalid token)": "un caractère n'est pas à sa place",
    "no element found": "aucun élément",
    "mismatched tag": "les balises ne correspondent pas",
    "unclosed token": "quelque chose n'est pas fermé",
    "junk after document element": "il y a du contenu après la fin du document",
    "undefined entity": "une entité n'est pas définie",
    "duplicate attribute": "un attribut est donné deux fois",
    "unbound prefix": "un préfixe n'est pas défini",
    "syntax error": "erreur de syntaxe",
    "XML or text declaration not at start of entity": "la déclaration XML n'est pas au début du fichier",
}
