"""French for what the rules of a model find (bpmn/checks, surveys, and what an installation knows of it)."""

SENTENCES: dict[str, str] = {
    "'{name}'": "« {name} »",
    "{before} or {last}": "{before} ou {last}",
    "{before} and {last}": "{before} et {last}",
    # activities
    "Data associations": "Les associations de données",
    "Owners": "Les propriétaires",
    "Performers": "Les exécutants",
    "Resource roles": "Les rôles de ressources",
    "Operations": "Les opérations",
    "Renderings": "Les rendus",
    "Auditing": "Les indications d'audit",
    "Monitoring": "Les indications de surveillance",
    "Expected a job type at {node}, found none: {reason}.": "Il manque un type de travail à {node} : {reason}.",
    "it is not known here": "cet élément est inconnu ici",
    "the id of a decision": "l'identifiant d'une décision",
    "a variable for the answer": "une variable pour la réponse",
    "Expected the binding latest, deployment or versionTag at {node}, found '{binding}'.": (
        "La liaison de {node} doit être latest, deployment ou versionTag, et non « {binding} »."
    ),
    "Expected the binding latest, deployment or versionTag at {node}, found '{binding_type}'.": (
        "La liaison de {node} doit être latest, deployment ou versionTag, et non « {binding_type} »."
    ),
    "Expected a versionTag at {node}, which binds by it, found none.": "Il manque un versionTag à {node}, qui se lie par lui.",
    "Expected a number up to 100000 as loopMaximum of {node}, found '{most}'.": (
        "Le loopMaximum de {node} doit être un nombre jusqu'à 100000, et non « {most} »."
    ),
    "Expected a loop condition or a maximum at {node}, found neither: it would never end.": (
        "La boucle de {node} n'a ni condition ni maximum : elle ne finirait jamais."
    ),
    "a FEEL expression": "une expression FEEL",
    "a decision": "une décision",
    "Expected an element that runs here, found {node}, a {kind}: {verdict}.": ("{node}, {kind}, ne peut pas s'exécuter ici : {verdict}."),
    "a script of another language": "un script dans un autre langage",
    "none": "rien",
    "Expected a FEEL expression (zeebe:script) at script task {node}, found {found}: {reason}.": (
        "La tâche de script {node} doit avoir une expression FEEL (zeebe:script) ; trouvé : {found}. {reason}."
    ),
    "Expected call activity {node} to name a process (zeebe:calledElement processId), found none.": (
        "L'appel d'activité {node} ne nomme pas de processus (zeebe:calledElement processId)."
    ),
    "Expected {what} at {node} (zeebe:calledDecision {name}), found none.": "Il manque {what} à {node} (zeebe:calledDecision {name}).",
    "a job type, a message or a message flow": "un type de travail, un message ou un flux de message",
    "a message (messageRef) or a message flow": "un message (messageRef) ou un flux de message",
    "Expected {what} at {node}, found none.": "Il manque {what} à {node}.",
    "The message flow out of {node} is drawn, but delivers nothing by itself: whoever does the work sends it.": (
        "Le flux de message qui sort de {node} est dessiné, mais ne livre rien de lui-même : c'est qui fait le travail qui l'envoie."
    ),
    "{node} waits for message '{name}' with an empty correlation key: no flow leads to it, and the message has no zeebe:subscription.": (
        "{node} attend le message « {name} » avec une clé de corrélation vide : aucun flux n'y mène, et le message n'a pas de"
        " zeebe:subscription."
    ),
    "Expected the behavior All at {node}, found '{behavior}': {reason}.": (
        "Le comportement « {behavior} » de {node} ne convient pas : {reason}."
    ),
    "Expected no {element} at {node}, found it: {reason}.": "{node} ne peut pas avoir de {element} : {reason}.",
    "Expected event sub-process {node} without a loop, found one: its event says how often.": (
        "Le sous-processus événementiel {node} ne peut pas avoir de boucle : c'est son événement qui dit combien de fois."
    ),
    "Expected flow elements in sub-process {node}, found none.": "Le sous-processus {node} est vide.",
    "Expected {node} to call a process, found the global task '{wanted}': {reason}.": (
        "{node} doit appeler un processus, et non la tâche globale « {wanted} » : {reason}."
    ),
    "Expected '{wanted}', which {node} calls, to have a start event without a trigger, found only others.": (
        "« {wanted} », que {node} appelle, n'a pas d'événement de début sans déclencheur."
    ),
    "Expected {node} not to start an instance, found instantiate: {reason}.": (
        "{node} ne peut pas démarrer une instance (instantiate) : {reason}."
    ),
    "Expected {attribute} '{allowed}' at {node}, found '{value}': {reason}.": (
        "{attribute} de {node} doit être « {allowed} », et non « {value} » : {reason}."
    ),
    "Expected an input collection (zeebe:loopCharacteristics) or a loop cardinality at {node}, found neither.": (
        "Il manque à {node} une collection d'entrée (zeebe:loopCharacteristics) ou un nombre d'instances."
    ),
    "Expected outputCollection and outputElement together at {node}, found one of them.": (
        "outputCollection et outputElement vont ensemble ; {node} n'a que l'un des deux."
    ),
    "Expected {name} 1 at {node}, found '{quantity}': {reason}.": "{name} de {node} doit être 1, et non « {quantity} » : {reason}.",
    "{words} in {process} are kept, but {reason}.": "{words} de {process} sont conservés, mais {reason}.",
    "Expected a data association that only shows, found one that changes values: {reason}.": (
        "Une association de données ne peut que montrer ; celle-ci change des valeurs : {reason}."
    ),
    "Expected {process} without a correlation subscription, found one: {reason}.": (
        "{process} ne peut pas avoir d'abonnement de corrélation : {reason}."
    ),
    "Expected a job type or {words} at {node}, found both.": "{node} a un type de travail et {words} : c'est l'un ou l'autre.",
    # parties and contracts, word by word
    "a pool": "un bassin",
    "a lane": "un couloir",
    "a sequence flow": "un flux de séquence",
    "a message flow": "un flux de message",
    "a process": "un processus",
    "a flow node": "un nœud du flux",
    "an ISO 8601 duration such as PT4H or P2D, longer than nothing,": "une durée ISO 8601 non nulle, par exemple PT4H ou P2D",
    "a FEEL expression that begins with =": "une expression FEEL qui commence par =",
    "only {children}": "seulement {children}",
    "nothing": "rien",
    "{values} (others are not offered yet)": "{values} (les autres ne sont pas encore pris en charge)",
    "Expected a handoff extension that is known here ({known}), found handoff:{name}.": (
        "handoff:{name} est inconnu ici ; les extensions connues sont {known}."
    ),
    "Expected handoff:{name} in a {wanted}, found it at {owner} itself.": (
        "handoff:{name} se place dans {wanted}, pas directement dans {owner}."
    ),
    "Expected an attribute that handoff:{name} has ({names}), found '{found}'.": (
        "handoff:{name} n'a pas d'attribut « {found} » ; il a {names}."
    ),
    "Expected {expected} as {name} of handoff:{word}, found '{value}'.": (
        "{name} de handoff:{word} doit être {expected}, et non « {value} »."
    ),
    "true or false": "true ou false",
    "an identifier (letters, digits, - and _)": "un identifiant (lettres, chiffres, - et _)",
    "the id of a party (small letters, digits, - and _)": "l'identifiant d'une partie (minuscules, chiffres, - et _)",
    "the name of a variable (letters, digits and _)": "le nom d'une variable (lettres, chiffres et _)",
    "a language such as fr or pt-BR": "une langue, par exemple fr ou pt-BR",
    "Expected handoff:{name} in {where}, found it in <{local}>.": "handoff:{name} se place dans {where}, pas dans <{local}>.",
    "Expected {children} in handoff:{name}, found <{local}>.": "handoff:{name} peut contenir {children}, et non <{local}>.",
    "Expected handoff:{name} at {places}, found it at {owner}, a {owner_kind}.": (
        "handoff:{name} se place sur {places}, et non sur {owner}, {owner_kind}."
    ),
    "{expected} ({why})": "{expected} ({why})",
    "Expected one handoff:{name} at {owner}, found several.": "{owner} a plusieurs handoff:{name}, un seul est attendu.",
    "Expected handoff:{name} of {node} as an extension element, found an attribute.": (
        "handoff:{name} de {node} doit être un élément d'extension, pas un attribut."
    ),
    # events
    "an event without a trigger": "un événement sans déclencheur",
    "an event with several triggers": "un événement à plusieurs déclencheurs",
    "an event that needs all of several triggers": "un événement qui attend tous ses déclencheurs",
    "message": "message",
    "signal": "signal",
    "error": "erreur",
    "escalation": "escalade",
    "Expected {kind} '{reference}' of {node} to have a name, found none.": "{node} : {kind} « {reference} » sans nom.",
    "Expected {node} to name the {kind} that it throws, found none.": "{node} ne dit pas ce qu'il lance ({kind}).",
    "Expected {kind} '{reference}', which {node} throws, to have a code ({attribute}), found none.": (
        "{node} lance « {reference} » ({kind}), qui n'a pas de code ({attribute})."
    ),
    "a {definition} event": "un événement de type {definition}",
    "Expected another event at {node}, found {words} at the position '{position}': {verdict}.": (
        "{node} est {words} à la position « {position} », où il ne peut pas s'exécuter : {verdict}."
    ),
    "Expected boundary event {node} on the level of {host}, found it on another.": (
        "L'événement de bordure {node} doit se trouver au même niveau que {host}."
    ),
    "Expected no boundary event at event sub-process {host}, found {node}.": (
        "Le sous-processus événementiel {host} ne peut pas porter d'événement de bordure ; il porte {node}."
    ),
    "Expected a cancel event only at a transaction, found {node} at {host}.": (
        "Un événement d'annulation se place sur une transaction ; {node} est sur {host}."
    ),
    "Expected an association from {node} to the activity that undoes {host}, found none.": (
        "Il manque une association de {node} vers l'activité qui défait {host}."
    ),
    "Expected the cancel end event {node} in a transaction, found it in a {kind}.": (
        "La fin d'annulation {node} se place dans une transaction, et non dans {kind}."
    ),
    "Expected a name on the link event {node}, found none.": "L'événement de lien {node} n'a pas de nom.",
    "Expected a catching link named '{name}' on the level of {node}, found none.": (
        "Aucun lien d'arrivée nommé « {name} » au niveau de {node}."
    ),
    "Expected a throwing link named '{name}' on the level of {node}, found none.": (
        "Aucun lien de départ nommé « {name} » au niveau de {node}."
    ),
    "Expected one catching link named '{name}', found {catching} and {node}.": (
        "Un seul lien d'arrivée peut s'appeler « {name} » ; il y a {catching} et {node}."
    ),
    "Expected {node} to name a {kind} ({attribute}), found none.": "{node} ne nomme rien à attendre ou à envoyer ({kind}, {attribute}).",
    "Expected one start event in event sub-process {container}, found {count}.": (
        "Le sous-processus événementiel {container} doit avoir un événement de début ; il en a {count}."
    ),
    "Expected one start event in sub-process {container}, found {count}.": (
        "Le sous-processus {container} doit avoir un événement de début ; il en a {count}."
    ),
    "Expected boundary event {node} to be attached to an activity, found attachedToRef missing.": (
        "L'événement de bordure {node} n'est attaché à aucune activité (attachedToRef)."
    ),
    "Expected {node} to wait for the compensation, found waitForCompletion false: {reason}.": (
        "{node} doit attendre la compensation (waitForCompletion) : {reason}."
    ),
    "code '{code}'": "le code « {code} »",
    "any code": "n'importe quel code",
    "Expected one event at {where} that catches {what}, found {seen} and {event}.": (
        "Sur {where}, un seul événement peut intercepter {what} ; il y a {seen} et {event}."
    ),
    "Expected a start event in {container}, which has an end event, found none.": (
        "{container} a un événement de fin, mais pas d'événement de début."
    ),
    "Expected each message to start {container} at one event, found '{name}' at two.": (
        "Un message ne peut démarrer {container} qu'à un événement ; « {name} » le fait à deux."
    ),
    "Expected one of a date, a duration or a cycle at timer {node}, found {count}.": (
        "La minuterie {node} doit avoir une date, une durée ou un cycle ; elle en a {count}."
    ),
    "Expected one start event without a trigger in {container}, found {count}.": (
        "{container} doit avoir un seul événement de début sans déclencheur ; il en a {count}."
    ),
    "Expected a date or a duration at {node}, found a cycle: it happens once.": (
        "{node} demande une date ou une durée, pas un cycle : cela n'arrive qu'une fois."
    ),
    # expressions and times
    "a name, or names with dots between": "un nom, ou des noms séparés par des points",
    "condition": "condition",
    "completion condition": "condition de fin",
    "loop cardinality": "nombre d'instances",
    "loop condition": "condition de boucle",
    "Expected a FEEL expression that begins with = as {what}, found '{text}'.": (
        "Ici ({what}), une expression FEEL qui commence par = est attendue, et non « {text} »."
    ),
    "Expected a FEEL expression as {kind} of timer {event}, found '{text}': {message}": (
        "Minuterie {event}, {kind} : « {text} » n'est pas une expression FEEL. {message}"
    ),
    "{found} This is the expression language of another tool.": "{found} C'est le langage d'expression d'un autre outil.",
    "Expected a FEEL expression as {what}, found '{text}': {message}": "Ici ({what}), « {text} » n'est pas une expression FEEL. {message}",
    "Expected FEEL as {what}, found language '{language}': {reason}.": (
        "Ici ({what}), c'est FEEL qui est attendu, et non « {language} » : {reason}."
    ),
    "Expected {name_parts} as target of a mapping at {where}, found '{target}'.": (
        "La cible d'une correspondance de {where} doit être {name_parts}, et non « {target} »."
    ),
    "{event}: {message}": "{event} : {message}",
    "Expected a condition at {event}, found an empty one.": "La condition de {event} est vide.",
    "Expected a completion condition at {activity}, found an empty one.": "La condition de fin de {activity} est vide.",
    "Expected a number from {least} to {most} as {attribute}, found '{value}'.": (
        "{attribute} doit être un nombre de {least} à {most}, et non « {value} »."
    ),
    "Expected a {kind} that is known without variables at timer {event}: {message}": (
        "La minuterie {event} doit être connue sans variables ({kind}) : {message}"
    ),
    "Expected a fixed code for {event} to catch, found the expression '{code}'.": (
        "{event} ne peut intercepter qu'un code fixe, pas l'expression « {code} »."
    ),
    "Expected a date and time such as 2026-01-31T10:00:00Z as {attribute} of {task}, found '{text}'.": (
        "{attribute} de {task} doit être une date et une heure, par exemple 2026-01-31T10:00:00Z, et non « {text} »."
    ),
    "a date and time such as 2026-01-31T10:00:00Z": "une date et une heure, par exemple 2026-01-31T10:00:00Z",
    "a duration such as PT5M or P1D": "une durée, par exemple PT5M ou P1D",
    "a cycle such as R3/PT10M, of a second at least, or a cron expression": (
        "un cycle d'une seconde au moins, par exemple R3/PT10M, ou une expression cron"
    ),
    "Expected {expected} for the timer, found {found}.": "La minuterie demande {expected}, et non {found}.",
    # extensions
    "Expected no zeebe:{name} at {owner}, found it: {reason}.": "zeebe:{name} ne peut pas se trouver à {owner} : {reason}.",
    "Expected the newest form at {owner} (binding latest), found '{binding_type}'.": (
        "{owner} doit prendre la dernière version du formulaire (latest), et non « {binding_type} »."
    ),
    "camunda:{name} is kept, and changes nothing.": "camunda:{name} est conservé, et ne change rien.",
    "Extensions of {namespace} are kept, and change nothing.": "Les extensions de {namespace} sont conservées, et ne changent rien.",
    "Expected a zeebe extension that is known here at {owner}, found zeebe:{name}.": "zeebe:{name}, à {owner}, est inconnu ici.",
    "Expected zeebe:{name} at {owner} as it is known here, found zeebe:{inner} in it.": (
        "zeebe:{name}, à {owner}, ne peut pas contenir zeebe:{inner} ici."
    ),
    "Expected no {attribute} at {owner}, found it: {reason}.": "{attribute} ne peut pas se trouver à {owner} : {reason}.",
    "{attribute} of zeebe:{name} at {owner} is kept, and changes nothing.": (
        "{attribute} de zeebe:{name}, à {owner}, est conservé, et ne change rien."
    ),
    "Expected zeebe:{name} at {places}, found it at {owner}, a {owner_kind}.": (
        "zeebe:{name} se place sur {places}, et non sur {owner}, {owner_kind}."
    ),
    "Expected one zeebe:{name} at {owner}, found several.": "{owner} a plusieurs zeebe:{name}, un seul est attendu.",
    "Expected no camunda:{name} at {owner}, found it: this Camunda 7 extension does not run here.": (
        "camunda:{name}, à {owner} : cette extension de Camunda 7 ne s'exécute pas ici."
    ),
    "Expected no camunda:{name} at {node}, found it: this Camunda 7 attribute does not run here.": (
        "camunda:{name}, à {node} : cet attribut de Camunda 7 ne s'exécute pas ici."
    ),
    # flows
    "a start event": "un événement de début",
    "a boundary event": "un événement de bordure",
    "Expected flow {flow} to stay within one process or sub-process, found it from {source} to {target}.": (
        "Le flux {flow} doit rester dans un seul processus ou sous-processus ; il va de {source} à {target}."
    ),
    "Expected no flow into {node} ({words}), found {count}.": "Aucun flux ne peut entrer dans {node} ({words}) ; il y en a {count}.",
    "Expected no flow out of {node} (an end event), found {count}.": (
        "Aucun flux ne peut sortir de {node} (un événement de fin) ; il y en a {count}."
    ),
    "Expected no flow into or out of {node}: an event sub-process begins by its event.": (
        "Aucun flux ne peut entrer dans {node} ni en sortir : un sous-processus événementiel commence par son événement."
    ),
    "Expected no flow into or out of {node}: a compensation handler is reached by its association.": (
        "Aucun flux ne peut entrer dans {node} ni en sortir : une activité de compensation s'atteint par son association."
    ),
    "Expected no flow out of {node}: a throwing link goes on at the catching link of its name.": (
        "Aucun flux ne peut sortir de {node} : un lien de départ continue au lien d'arrivée du même nom."
    ),
    "Expected no flow into {node}: a catching link is reached by the throwing link of its name.": (
        "Aucun flux ne peut entrer dans {node} : un lien d'arrivée s'atteint par le lien de départ du même nom."
    ),
    "Expected an association from {node} to its handler, found a sequence flow.": (
        "{node} doit mener à son activité de compensation par une association, pas par un flux de séquence."
    ),
    "Expected a flow out of {node}, found none.": "Aucun flux ne sort de {node}.",
    "Expected a condition on flow {flow}, found an empty one.": "La condition du flux {flow} est vide.",
    "Expected the default flow of {node} to leave it, found '{default}', which does not.": (
        "Le flux par défaut de {node} doit en sortir ; « {default} » n'en sort pas."
    ),
    "Expected no default flow at {node} ({kind}): no choice is made there.": (
        "{node} ({kind}) ne peut pas avoir de flux par défaut : aucun choix n'y est fait."
    ),
    "Expected flow {flow} to be immediate, found isImmediate '{is_immediate}': {reason}.": (
        "Le flux {flow} doit être immédiat (isImmediate « {is_immediate} ») : {reason}."
    ),
    "Expected a flow out of gateway {node}, found none.": "Aucun flux ne sort de la passerelle {node}.",
    "Expected at least two flows out of {node}, found {count}: it waits for the first of several.": (
        "Au moins deux flux doivent sortir de {node}, il y en a {count} : elle attend le premier de plusieurs événements."
    ),
    "Expected message events or receive tasks after {node}, found both.": (
        "Après {node}, il faut soit des événements de message, soit des tâches de réception, pas les deux."
    ),
    "{node} is never reached: no flow leads to it from a start.": "{node} n'est jamais atteint : aucun flux n'y mène depuis un début.",
    "The multiplicity of {pool} is kept, but {reason}.": "La multiplicité de {pool} est conservée, mais {reason}.",
    "Expected process '{process}' in one pool, found it in {seen} and {pool}.": (
        "Le processus « {process} » ne peut être que dans un bassin ; il est dans {seen} et {pool}."
    ),
    "Expected {node} in a process or sub-process, found it in <{parent}>.": (
        "{node} doit se trouver dans un processus ou un sous-processus, et non dans <{parent}>."
    ),
    "Expected {name} of flow {flow} to name a flow node, found '{wanted}', which is not there.": (
        "{name} du flux {flow} doit désigner un nœud du flux ; « {wanted} » n'existe pas."
    ),
    "Expected flow {flow} to lie in the level that it connects.": "Le flux {flow} doit se trouver au niveau qu'il relie.",
    "Expected the {child_kind} flow {flow} of {node} to have it as {end}, found '{found}'.": (
        "{node} cite le flux {flow} ({child_kind}), dont {end} est pourtant « {found} »."
    ),
    "Expected no condition on a flow out of {node} ({kind}): no choice is made there.": (
        "Un flux qui sort de {node} ({kind}) ne peut pas avoir de condition : aucun choix n'y est fait."
    ),
    "Expected a condition on flow {flow} out of {node}, or the flow to be its default, found neither.": (
        "Le flux {flow}, qui sort de {node}, n'a pas de condition et n'est pas le flux par défaut."
    ),
    "Expected gateway {node} to be {gateway_direction}, found {into} flows in and {out_of} out.": (
        "La passerelle {node} se dit {gateway_direction}, mais a {into} flux entrants et {out_of} sortants."
    ),
    "Expected a catching event or a receive task after {node}, found {target}, a {target_kind}.": (
        "Après {node}, il faut un événement de réception ou une tâche de réception ; {target} est {target_kind}."
    ),
    "Expected no boundary event at {target}, which follows an event-based gateway.": (
        "{target} suit une passerelle à événements et ne peut pas porter d'événement de bordure."
    ),
    "Expected {name} of message flow {flow} to name an element of this file, found '{wanted}'.": (
        "{name} du flux de message {flow} doit désigner un élément de ce fichier, et non « {wanted} »."
    ),
    "Expected {name} of message flow {flow} to name a pool or a flow node, found a {kind}.": (
        "{name} du flux de message {flow} doit désigner un bassin ou un nœud du flux, et non {kind}."
    ),
    "Expected message flow {flow} to lead to another pool, found both ends in {pools}.": (
        "Le flux de message {flow} doit mener à un autre bassin ; ses deux bouts sont dans {pools}."
    ),
    "Expected {name} of flow {flow} to name a flow node, found '{wanted}', a {kind}.": (
        "{name} du flux {flow} doit désigner un nœud du flux ; « {wanted} » est {kind}."
    ),
    "Expected no condition on the default flow {flow} of {node}: it is taken when no other is.": (
        "Le flux par défaut {flow} de {node} ne peut pas avoir de condition : il est pris quand aucun autre ne l'est."
    ),
    "Expected only {node} to lead to {target}, found {count} flows.": "Seul {node} doit mener à {target} ; {count} flux y mènent.",
    "If the condition of the only flow out of {node} does not hold, the work stops there with an incident.": (
        "Si la condition du seul flux qui sort de {node} n'est pas remplie, le travail s'y arrête avec un incident."
    ),
    "begins": "part",
    "arrives": "arrive",
    "Expected message {flow} to come from what sends one (a throw or end event, a task, a pool), found {node}, a {kind}.": (
        "Le message {flow} part de {node}, un élément {kind} qui n'en envoie pas : faites-le partir d'un événement d'envoi ou de fin,"
        " d'une tâche ou d'un bassin."
    ),
    "Expected message {flow} to lead to what waits for one (a start or catch event, a receive task, a pool), found {node}, a {kind}.": (
        "Le message {flow} arrive à {node}, un élément {kind} qui n'en attend pas : menez-le vers un départ, une attente,"
        " une tâche de réception ou un bassin."
    ),
    "Expected a message event where message {flow} {does}, found {node}, which is none.": (
        "Là où le message {flow} {does}, il faut un événement de message ; {node} n'en est pas un."
    ),
    # parties and contracts, as a whole
    "host": "hôte",
    "partner": "partenaire",
    "customer": "client",
    "a {party}": "{party}",
    "a {party}, always '{party_id}'": "{party}, toujours « {party_id} »",
    "a {party}, by {expression}": "{party}, selon {expression}",
    "which is on no way from one lane to another": "qui n'est sur aucun chemin d'un couloir à un autre",
    "but {thrower} throws no message": "mais {thrower} n'envoie pas de message",
    "which begins and ends in pools that do not run here": "qui commence et finit dans des bassins qui ne s'exécutent pas ici",
    "Expected a contract where work crosses from one side to another, found it on {flow}, {reason}.": (
        "Un contrat se place là où le travail passe d'un côté à l'autre ; celui-ci est sur {flow}, {reason}."
    ),
    "Expected a pool or lane of the host, found only other parties: then nobody here takes part.": (
        "Aucun bassin ni couloir n'est de l'hôte : personne d'ici ne participe."
    ),
    "Expected partyId or binding at {place}, found both: it is one party, found in one way.": (
        "{place} a partyId et binding : une partie se trouve d'une seule façon."
    ),
    "Expected the id of a partner or customer at {place}, found '{host}', which is the host's own.": (
        "{place} demande l'identifiant d'un partenaire ou d'un client ; « {host} » est celui de l'hôte."
    ),
    "The contract on {flow} promises nothing: {thrower} is work for a program, which sends it.": (
        "Le contrat sur {flow} ne promet rien : {thrower} est le travail d'un programme, qui l'envoie."
    ),
    "The work crosses from '{one}' to '{other}' on {flow} without a contract: nothing is promised.": (
        "Le travail passe de « {one} » à « {other} » sur {flow} sans contrat : rien n'est promis."
    ),
    "Expected role '{role}' to be the same party wherever it is played, found {one} at {other} and {another} at {place}.": (
        "Le rôle « {role} » doit être joué partout par la même partie ; c'est {one} à {other} et {another} à {place}."
    ),
    "Expected no {ways} at {place}: the host is always the one that runs this installation.": (
        "{ways} n'a pas sa place à {place} : l'hôte est toujours celui qui exploite cette installation."
    ),
    "Expected no acceptWithin on {flow}, found '{accept_within}': nothing is to be accepted there.": (
        "acceptWithin (« {accept_within} ») n'a pas sa place sur {flow} : il n'y a rien à accepter."
    ),
    "Expected at most {max_steps:,} steps to find the ways from lane to lane in {process}, found more.": (
        "Il faut plus de {max_steps} pas pour trouver les chemins d'un couloir à l'autre dans {process}."
    ),
    "The limit to complete on {flow} runs from the acceptance, which has no limit: expected acceptWithin, or nothing to be accepted"
    " (acknowledgement none).": (
        "Le délai pour terminer sur {flow} court à partir de l'acceptation, qui n'a pas de délai : ajoutez-en un, ou n'en demandez pas"
        " (acknowledgement none)."
    ),
    "The contract on {flow} has no time limit: nobody will notice when '{other}' does not act.": (
        "Le contrat sur {flow} n'a pas de délai : personne ne remarquera que « {other} » n'agit pas."
    ),
    "'{name}' is the host's own, and logs in to the portal": "« {name} » est de l'hôte, et se connecte au portail",
    "'{inner}' gets the work at {start} without a contract: the sub-process around it is with '{outer}'.": (
        "« {inner} » reçoit le travail à {start} sans contrat : le sous-processus qui l'entoure est chez « {outer} »."
    ),
    "Nobody says who {place} is: expected partyId or binding, or a person's task just before the work goes there.": (
        "Personne ne dit qui est {place} : nommez une partie de l'annuaire, une expression, ou placez juste avant une tâche dont"
        " l'auteur la choisit."
    ),
    "Expected a name for each field of the contract on {flow}, found a field without.": "Un champ du contrat sur {flow} n'a pas de nom.",
    "Expected a label for the milestone at {node}, in the customer's words, found none.": (
        "Le jalon de {node} n'a pas de libellé dans les mots du client."
    ),
    "Expected one milestone at {node} {scope}, found two.": "{node} a deux jalons {scope}, un seul est attendu.",
    "Expected one contract on each way, found one on {first} and, further on, another on {second}.": (
        "Un seul contrat par chemin : il y en a un sur {first} et, plus loin, un autre sur {second}."
    ),
    "{name} '{said}' on {flow} changes nothing: {why}.": "{name} « {said} » sur {flow} ne change rien : {why}.",
    "Expected each field once in the contract on {flow}, found '{name}' twice.": ("Le contrat sur {flow} a deux fois le champ « {name} »."),
    "in {language}": "en {language}",
    "for all languages": "pour toutes les langues",
    # what the survey of a model finds
    "Nothing sets '{name}' before the work leaves {sender} on {flow}: {follows}.": (
        "Rien ne donne de valeur à « {name} » avant que le travail ne quitte {sender} sur {flow} : {follows}."
    ),
    "Nobody receives what goes along {flow}: {target} is a closed pool, and of the host.": (
        "Personne ne reçoit ce qui passe par {flow} : {target} est un bassin fermé, et de l'hôte."
    ),
    "Nobody in this file receives the message of {node}: no message flow leads out of it.": (
        "Personne dans ce fichier ne reçoit le message de {node} : aucun flux de message n'en sort."
    ),
    "then the work cannot cross": "alors le travail ne peut pas passer",
    "then it crosses empty": "alors il passe vide",
    # what only an installation knows
    "The directory knows no party '{party_id}', which '{name}' always is.": (
        "L'annuaire ne connaît pas la partie « {party_id} », qui joue toujours « {name} »."
    ),
    "Nobody would see the tasks of '{name}': the group '{group}' has nobody who can log in.": (
        "Personne ne verrait les tâches de « {name} » : le groupe « {group} » n'a personne qui puisse se connecter."
    ),
    "No worker has ever asked for work of the type '{kind}'.": "Aucun programme n'a jamais demandé de travail du type « {kind} ».",
    "There is no form '{form_id}', neither among these files nor deployed: people would see none.": (
        "Le formulaire « {form_id} » n'existe ni parmi ces fichiers ni déployé : les personnes n'en verraient aucun."
    ),
    "Expected an active party '{party}' in the directory, found none: work stops where it crosses to it, until it is there.": (
        "L'annuaire n'a pas de partie active « {party} » : le travail s'arrête là où il passe à elle, jusqu'à ce qu'elle y soit."
    ),
}
