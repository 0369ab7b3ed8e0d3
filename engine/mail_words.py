"""Every sentence of our mails, in English and French: one table, the same keys in both. {holes} are filled as text."""

from datetime import datetime
from zoneinfo import ZoneInfo

from engine.languages import typeset

LANGUAGES = ("en", "fr")

# key: (English, French)
SENTENCES: dict[str, tuple[str, str]] = {
    "hello": ("Hello {name},", "Bonjour {name},"),
    "hello_nobody": ("Hello,", "Bonjour,"),
    "case": ("Case", "Dossier"),
    "task": ("Task", "Tâche"),
    "answer_by": ("Answer by", "Répondre avant"),
    "done_by": ("To be done by", "À terminer avant"),
    "from": ("From", "De la part de"),
    "with": ("With", "Chez"),
    "reason": ("Reason", "Motif"),
    "until": ("{what}, until {when}", "{what}, avant le {when}"),
    "work": ("A task for you", "Une tâche pour vous"),
    "link_once": (
        "This link is for you alone: whoever has it can do this task in your name. It holds until {until}.",
        "Ce lien vous est personnel : quiconque le possède peut faire cette tâche en votre nom. Il est valable jusqu’au {until}.",
    ),
    "reply": (
        "You can answer this e-mail: it goes to {name}.",
        "Vous pouvez répondre à cet e-mail : il parviendra à {name}.",
    ),
    "why": (
        "You get this e-mail because {host} shares case {number} with you.",
        "Vous recevez cet e-mail parce que {host} partage avec vous le dossier {number}.",
    ),
    "if_button": ("If the button does not work, open this address:", "Si le bouton ne fonctionne pas, ouvrez cette adresse :"),
    # an invitation
    "offered_subject": ("{task}", "{task}"),
    "offered_lead": ("{sender} asks {party} to do this: {task}.", "{sender} demande à {party} de faire ceci : {task}."),
    "offered_how": (
        "No account is needed. Open the link, fill in what is asked, and send it.",
        "Pas besoin de compte. Ouvrez le lien, remplissez ce qui est demandé et envoyez.",
    ),
    "offered_button": ("Open the task", "Ouvrir la tâche"),
    "offered_box_lead": ("{sender} hands this over to {party}: {task}.", "{sender} transmet ceci à {party} : {task}."),
    # the next round
    "again_subject": ("Again: {task}", "À nouveau : {task}"),
    "again_lead": ("{sender} sends this to {party} again: {task}.", "{sender} envoie ceci de nouveau à {party} : {task}."),
    "again_how": (
        "Something may have been corrected. Links from earlier e-mails no longer work.",
        "Des éléments ont pu être corrigés. Les liens des e-mails précédents ne fonctionnent plus.",
    ),
    # clocks
    "reminder_subject": ("Reminder: {task}", "Rappel : {task}"),
    "reminder_lead": ("{sender} is still waiting for this: {task}.", "{sender} attend toujours ceci : {task}."),
    "late_subject": ("Late: {task}", "En retard : {task}"),
    "late_lead": ("This should have been answered by {when}: {task}.", "Ceci était attendu pour le {when} : {task}."),
    "late_how": ("{sender} is waiting. It can still be done.", "{sender} attend. Il est encore temps de le faire."),
    "warned_subject": ("{party} has little time left: {task}", "{party} n’a plus beaucoup de temps : {task}"),
    "warned_lead": (
        "You are waiting for {party}: {task}. The limit is {when}.",
        "Vous attendez {party} : {task}. Le délai expire le {when}.",
    ),
    "sender_late_subject": ("{party} is late: {task}", "{party} est en retard : {task}"),
    "sender_late_lead": (
        "{party} should have answered by {when}: {task}.",
        "{party} devait répondre avant le {when} : {task}.",
    ),
    "sender_late_how": (
        "You can send a reminder, send it again, or choose another party.",
        "Vous pouvez relancer, envoyer à nouveau ou choisir quelqu’un d’autre.",
    ),
    "see_handoff": ("See what can be done", "Voir ce qu’on peut faire"),
    "see_case": ("Open the case", "Ouvrir le dossier"),
    # a no
    "declined_subject": ("{party} said no: {task}", "{party} a refusé : {task}"),
    "declined_lead": ("{party} has declined this: {task}.", "{party} a refusé ceci : {task}."),
    "declined_how": (
        "You decide what follows: correct it and send it again, choose another party, or cancel.",
        "C’est à vous de décider de la suite : corriger et renvoyer, choisir quelqu’un d’autre ou annuler.",
    ),
    "withdrawn_subject": ("No longer needed: {task}", "N’est plus nécessaire : {task}"),
    "withdrawn_lead": ("{sender} no longer needs this: {task}.", "{sender} n’a plus besoin de ceci : {task}."),
    "withdrawn_how": (
        "There is nothing to do. Nothing more can be sent by the link of the earlier e-mail.",
        "Vous n’avez rien à faire. Plus rien ne peut être envoyé par le lien de l’e-mail précédent.",
    ),
    # what was sent
    "receipt_subject": ("Sent: {task}", "Envoyé : {task}"),
    "receipt_lead": ("Thank you. This was sent on {when} by {who}: {task}.", "Merci. Ceci a été envoyé le {when} par {who} : {task}."),
    "receipt_started_lead": ("Thank you. We received this on {when}: {task}.", "Merci. Nous avons reçu ceci le {when} : {task}."),
    "receipt_how": ("This is what you sent. Keep it for your records.", "Voici ce que vous avez envoyé. Conservez-le."),
    "receipt_nothing": ("Nothing had to be filled in.", "Il n’y avait rien à remplir."),
    # proving an address
    "code_subject": ("Your code", "Votre code"),
    "code_lead": ("Your code for {host}:", "Votre code pour {host} :"),
    "code_how": (
        "It works for ten minutes, on the page that asked for it. Nobody of {host} will ever ask you for it.",
        "Il est valable dix minutes, sur la page qui l’a demandé. Personne chez {host} ne vous le demandera.",
    ),
    "code_not_me": (
        "You did not ask for a code? Then somebody typed your address by mistake; you need not do anything.",
        "Vous n’avez pas demandé de code ? Quelqu’un a sans doute saisi votre adresse par erreur ; vous n’avez rien à faire.",
    ),
    "proof_subject": ("Confirm your e-mail address", "Confirmez votre adresse e-mail"),
    "proof_lead": (
        "Somebody, probably you, filled in “{what}” for {host} with this address. Nothing is sent before you confirm it.",
        "Quelqu’un, sans doute vous, a rempli « {what} » pour {host} avec cette adresse. Rien n’est envoyé avant votre confirmation.",
    ),
    "proof_button": ("Look at it and send it", "Relire et envoyer"),
    "proof_until": ("The link works once, until {until}.", "Le lien fonctionne une seule fois, jusqu’au {until}."),
    "proof_not_me": (
        "It was not you? Then somebody typed your address by mistake; you need not do anything, and nothing will be sent.",
        "Ce n’était pas vous ? Quelqu’un a sans doute saisi votre adresse par erreur ; ne faites rien, et rien ne sera envoyé.",
    ),
    "proof_what": ("something", "quelque chose"),
    # links
    "link_subject": ("Your new link: {task}", "Votre nouveau lien : {task}"),
    "link_lead": ("Here is the new link that was asked for: {task}.", "Voici le nouveau lien qui a été demandé : {task}."),
    "link_how": ("Links from earlier e-mails no longer work.", "Les liens des e-mails précédents ne fonctionnent plus."),
    "passed_subject": ("{task}", "{task}"),
    "passed_lead": (
        "{who} passed this on to you: {task}. {sender} asks for it.",
        "{who} vous a transmis ceci : {task}, à la demande de {sender}.",
    ),
    "follow_subject": ("Follow your case", "Suivez votre dossier"),
    "follow_lead": (
        "Your case has the number {number}. Here you see how far it is, and who has to act.",
        "Votre dossier porte le numéro {number}. Vous voyez ici où il en est et qui doit agir.",
    ),
    "follow_button": ("Follow the case", "Suivre le dossier"),
    "follow_link": (
        "This link is for you alone: whoever has it can follow your case.",
        "Ce lien vous est personnel : quiconque le possède peut suivre votre dossier.",
    ),
    "somebody": ("somebody", "quelqu’un"),
    "hidden": ("(not repeated in e-mails)", "(non repris dans les e-mails)"),
    "days": ("Mon Tue Wed Thu Fri Sat Sun", "lun. mar. mer. jeu. ven. sam. dim."),
    "months": (
        "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
        "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
    ),
}


def say(language: str, key: str, /, **mentions: object) -> str:
    sentence = SENTENCES[key][LANGUAGES.index(language)]
    if language == "fr":
        sentence = typeset(sentence)
    return sentence.format(**mentions) if mentions else sentence


def moment(at: datetime, language: str, zone: ZoneInfo, *, with_zone: bool = True) -> str:
    """Tue 12 Jan 2027, 17:00 (CET): in the reader's own zone, which is named, because a mail is read anywhere."""
    local = at.astimezone(zone)
    day, month = say(language, "days").split()[local.weekday()], say(language, "months").split()[local.month - 1]
    clock = f"{local:%H:%M}" if language == "en" else f"{local:%H} h {local:%M}"
    named = f" ({local.tzname()})" if with_zone else ""
    return f"{day} {local.day} {month} {local.year}, {clock}{named}"
