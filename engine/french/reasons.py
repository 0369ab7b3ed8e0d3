"""French for the reasons why something of BPMN does not run here, or changes nothing (bpmn/support.py)."""

SENTENCES: dict[str, str] = {
    "BPMN gives it no meaning there": "BPMN ne lui donne pas de sens à cet endroit",
    "not offered yet": "pas encore pris en charge",
    "one event definition each: draw one event for each trigger": (
        "une seule définition par événement : dessinez un événement par déclencheur"
    ),
    "no event definition": "sans définition d'événement",
    "timer": "minuterie",
    "conditional": "condition",
    "link": "lien",
    "compensation": "compensation",
    "cancel": "annulation",
    "terminate": "terminaison",
    "several event definitions, one of them triggers": "plusieurs définitions d'événement dont une suffit",
    "several event definitions, all of them trigger": "plusieurs définitions d'événement, toutes nécessaires",
    "start of a process": "début d'un processus",
    "start of an embedded sub-process": "début d'un sous-processus",
    "start of an event sub-process, interrupting": "début d'un sous-processus événementiel, interruptif",
    "start of an event sub-process, not interrupting": "début d'un sous-processus événementiel, non interruptif",
    "intermediate, catching": "intermédiaire, en réception",
    "after an event-based gateway": "après une passerelle à événements",
    "intermediate, throwing": "intermédiaire, en émission",
    "boundary, interrupting": "bordure, interruptif",
    "boundary, not interrupting": "bordure, non interruptif",
    "end": "fin",
    "a condition that starts processes is {later}": "une condition qui démarre un processus, c'est {later}",
    "compensation event sub-processes are {later}": "un sous-processus événementiel de compensation, c'est {later}",
    "an error always interrupts": "une erreur interrompt toujours",
    "it says nothing to wait for": "il ne dit pas ce qu'il faut attendre",
    "it says nothing to catch": "il ne dit pas ce qu'il faut intercepter",
    "an event sub-process needs a trigger": "un sous-processus événementiel a besoin d'un déclencheur",
    "a canceled transaction is over": "une transaction annulée est terminée",
    "an embedded sub-process begins by itself: its start event has no trigger": (
        "un sous-processus commence de lui-même : son événement de début n'a pas de déclencheur"
    ),
    "ad-hoc sub-processes are {later}: draw the order, or an event sub-process": (
        "un sous-processus ad hoc, c'est {later} : dessinez l'ordre, ou un sous-processus événementiel"
    ),
    "complex gateways are not offered: use an inclusive or a parallel gateway": (
        "les passerelles complexes ne sont pas prises en charge : utilisez une passerelle inclusive ou parallèle"
    ),
    "choreographies describe, and do not run": "les chorégraphies décrivent, elles ne s'exécutent pas",
    "receive tasks that start an instance are {later}: use a message start event": (
        "une tâche de réception qui démarre une instance, c'est {later} : utilisez un événement de début sur message"
    ),
    "event-based gateways that start an instance are {later}: use message start events": (
        "une passerelle à événements qui démarre une instance, c'est {later} : utilisez des événements de début sur message"
    ),
    "only the behavior All is offered": "seul le comportement All est pris en charge",
    "zeebe:loopCharacteristics says what the items are": "c'est zeebe:loopCharacteristics qui dit quels sont les éléments",
    "each token is worked on by itself": "chaque jeton est traité pour lui-même",
    "use input and output mappings": "utilisez les correspondances d'entrée et de sortie",
    "the token goes on when everything is undone": "le jeton continue quand tout est défait",
    "a canceled transaction is undone by its compensation handlers": (
        "une transaction annulée est défaite par ses activités de compensation"
    ),
    "the first event decides; draw a parallel gateway where all are wanted": (
        "le premier événement décide ; dessinez une passerelle parallèle là où tous sont voulus"
    ),
    "nothing happens on a flow that is not in the model": "rien ne se passe sur un flux qui ne soit pas dans le modèle",
    "expressions are FEEL": "les expressions sont en FEEL",
    "messages are correlated by zeebe:subscription, or by their message flow": (
        "les messages sont corrélés par zeebe:subscription, ou par leur flux de message"
    ),
    "only processes can be called": "seul un processus peut être appelé",
    "nobody would do it: expected zeebe:taskDefinition with a type": (
        "personne ne ferait ce travail ; zeebe:taskDefinition avec un type est attendu"
    ),
    "scripts are FEEL (zeebe:script) or work for a program (zeebe:taskDefinition)": (
        "un script est en FEEL (zeebe:script), ou le travail d'un programme (zeebe:taskDefinition)"
    ),
    "drawn data moves no values; variables do": "les données dessinées ne transportent pas de valeurs ; les variables le font",
    "drawn data moves no values; use input and output mappings": (
        "les données dessinées ne transportent pas de valeurs ; utilisez les correspondances d'entrée et de sortie"
    ),
    "interfaces describe; the job type says what is done": "les interfaces décrivent ; le type de travail dit ce qui est fait",
    "a pool takes part once in each case": "un bassin participe une seule fois à chaque dossier",
    "what a person sees is said by zeebe:formDefinition": "ce que voit une personne est dit par zeebe:formDefinition",
    "everything is in the history": "tout est dans l'historique",
    "who does it is said by zeebe:assignmentDefinition, or by the lane": (
        "qui le fait est dit par zeebe:assignmentDefinition, ou par le couloir"
    ),
    "lanes say whose work it is": "les couloirs disent à qui revient le travail",
    "for readers": "pour les lecteurs",
    "for readers; from a compensation event it leads to the handler": (
        "pour les lecteurs ; depuis un événement de compensation, elle mène à l'activité qui compense"
    ),
    # extensions
    "execution listeners do not run here: draw the work as an element": (
        "les écouteurs d'exécution ne sont pas exécutés ici : dessinez ce travail comme un élément"
    ),
    "task listeners do not run here: draw the work as an element": (
        "les écouteurs de tâche ne sont pas exécutés ici : dessinez ce travail comme un élément"
    ),
    "linked resources are not handed to workers here": "les ressources liées ne sont pas remises aux programmes ici",
    "ad-hoc sub-processes do not run here": "les sous-processus ad hoc ne s'exécutent pas ici",
    "conditions are looked at whenever variables change; filters are not offered": (
        "les conditions sont examinées à chaque changement de variable ; les filtres ne sont pas pris en charge"
    ),
    "use processId with an expression that begins with =": "utilisez processId avec une expression qui commence par =",
    "called instances take no business id of their own here": "ici, une instance appelée ne prend pas d'identifiant métier propre",
}
