"""The sentences of what anybody may start, of the proof, and of the page to follow a case, in English and French."""

SENTENCES: dict[str, tuple[str, str]] = {
    # what anybody may start
    "public_title": ("What you can start here", "Ce que vous pouvez démarrer ici"),
    "public_lead": ("You need no account, only an e-mail address.", "Pas besoin de compte, une adresse e-mail suffit."),
    "public_none": ("Nothing can be started here without an account", "Rien ne peut être démarré ici sans compte"),
    "public_none_lead": (
        "If somebody sent you a link, open it from the e-mail.",
        "Si l’on vous a envoyé un lien, ouvrez-le depuis l’e-mail.",
    ),
    "public_without_account": ("Without an account", "Sans compte"),
    "public_only_mail": ("All it takes is an e-mail address.", "Une adresse e-mail suffit."),
    "public_more": ("More that you can start", "Autres démarches possibles"),
    "public_you": ("Who we answer to", "À qui nous répondons"),
    "public_name": ("Your first and last name", "Votre prénom et votre nom"),
    "public_address": ("Your e-mail address", "Votre adresse e-mail"),
    "public_address_hint": (
        "We send a link there. Nothing is sent to {host} before you have opened it and confirmed.",
        "Nous y envoyons un lien. Rien n’est transmis à {host} avant que vous l’ayez ouvert et confirmé.",
    ),
    "public_address_error": (
        "Please give an e-mail address such as anna@example.com.",
        "Indiquez une adresse e-mail comme anna@example.com.",
    ),
    "public_trap": ("Leave this field empty", "Laissez ce champ vide"),
    "public_send": ("Continue", "Continuer"),
    "public_too_often": (
        "Many forms were sent from your network in the last hour. Nothing is lost: send this one again later.",
        "Beaucoup de formulaires ont été envoyés depuis votre réseau en une heure. Rien n’est perdu : renvoyez celui-ci plus tard.",
    ),
    "public_kept": (
        "This page was open for too long, but nothing is lost. Look at it once more and send it.",
        "Cette page est restée ouverte trop longtemps, mais rien n’est perdu. Relisez et envoyez.",
    ),
    "mailed_title": ("Now look into your mailbox", "Regardez maintenant dans votre boîte de réception"),
    "mailed_lead": (
        "A mail with a link is on its way to {address}. Open it and confirm; only then is anything sent.",
        "Un e-mail avec un lien est en route vers {address}. Ouvrez-le et confirmez ; rien n’est envoyé avant.",
    ),
    "mailed_kept": ("What you filled in is kept for 24 hours.", "Votre saisie est conservée 24 heures."),
    "mailed_none": (
        "No mail after some minutes? Look among unwanted mail, and check the address. At most {n} such mails an hour go to an address.",
        "Pas d’e-mail après quelques minutes ? Voyez les indésirables et l’adresse. Une adresse en reçoit au plus {n} par heure.",
    ),
    # the proof
    "confirm_title": ("Is this from you?", "Est-ce bien de vous ?"),
    "confirm_lead": (
        "This was filled in with your address, {address}. Nothing has been sent to {host} yet.",
        "Ceci a été rempli avec votre adresse, {address}. Rien n’a encore été envoyé à {host}.",
    ),
    "confirm_what": ("What will be sent", "Ce qui sera envoyé"),
    "confirm_send": ("Yes, send it", "Oui, l’envoyer"),
    "confirm_no": (
        "It was not you? Close this page: nothing will be sent, and what was typed is deleted.",
        "Ce n’était pas vous ? Fermez cette page : rien ne sera envoyé, et la saisie sera supprimée.",
    ),
    "proof_used": ("This was sent already", "Ceci a déjà été envoyé"),
    "proof_used_lead": (
        "The link works once. To see how far it is, use the link in the e-mail that you got afterwards.",
        "Le lien fonctionne une seule fois. Pour savoir où cela en est, utilisez le lien de l’e-mail reçu ensuite.",
    ),
    "proof_expired": ("This link has run out", "Ce lien a expiré"),
    "proof_expired_lead": (
        "It worked for 24 hours. Nothing was sent, and what was typed has been deleted.",
        "Il a fonctionné pendant 24 heures. Rien n’a été envoyé, et la saisie a été supprimée.",
    ),
    "proof_again": ("Fill it in again", "Remplir à nouveau"),
    # following a case
    "track_title": ("Your case {number}", "Votre dossier {number}"),
    "track_started": (
        "Thank you, it is sent. Your case has the number {number}; the link to this page is in an e-mail to you.",
        "Merci, c’est envoyé. Votre dossier porte le numéro {number} ; le lien vers cette page vous est envoyé par e-mail.",
    ),
    "track_back": ("Back to your case", "Retour à votre dossier"),
    "track_now": ("Now", "En ce moment"),
    "track_by": ("{name} has to act", "{name} doit agir"),
    "track_you": ("It is your turn", "C’est à vous"),
    "track_since": ("since {when}", "depuis le {when}"),
    "track_until": ("until {when}", "jusqu’au {when}"),
    "track_late": ("This was due on {when}", "C’était attendu pour le {when}"),
    "track_do": ("Do it now", "Le faire maintenant"),
    "track_in_mail": (
        "Use the link in the e-mail that you got for this, or log in.",
        "Utilisez le lien de l’e-mail reçu à ce sujet, ou connectez-vous.",
    ),
    "track_steps": ("How far it is", "Où en est le dossier"),
    "track_present": ("Present step since {when}", "Étape actuelle depuis le {when}"),
    "track_done": ("Done", "Fait"),
    "track_ahead": ("still to come", "à venir"),
    "track_perhaps": ("perhaps", "peut-être"),
    "track_legend": (
        "Perhaps: whether this step comes depends on what is decided before it.",
        "Peut-être : cette étape dépend de ce qui sera décidé avant.",
    ),
    "track_no_steps": ("It was begun on {when}.", "Commencé le {when}."),
    "track_over_COMPLETED": ("This case is closed", "Ce dossier est clos"),
    "track_over_TERMINATED": ("This case was ended early", "Ce dossier a été interrompu"),
    "track_over_lead": ("It ended on {when}. Nothing is left to do.", "Il s’est terminé le {when}. Il n’y a plus rien à faire."),
    "track_print": ("As of {when}", "État au {when}"),
    # did it work
    "feedback_title": ("Did this work for you?", "Cela s’est-il bien passé pour vous ?"),
    "feedback_lead": (
        "One question, so that it goes better the next time. You can change your answer.",
        "Une seule question, pour faire mieux la prochaine fois. Vous pouvez modifier votre réponse.",
    ),
    "feedback_why": ("If not: why not?", "Sinon, pourquoi ?"),
    "feedback_no": ("No", "Non"),
    "feedback_send": ("Send", "Envoyer"),
    "feedback_choose": ("Please choose yes or no.", "Choisissez oui ou non."),
    "feedback_thanks": ("Thank you for your answer.", "Merci de votre réponse."),
}
