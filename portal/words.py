"""Every sentence of the portal, in English and French: one table, the same keys in both."""

from typing import Any

from engine.languages import typeset
from portal import directory_words, guest_words, handoff_words, tracking_words

LANGUAGES = {"en": "English", "fr": "Français"}

# key: (English, French). {holes} are filled as text, never as HTML. `_one` / `_many` are chosen by `count`.
SENTENCES: dict[str, tuple[str, str]] = {
    # the frame
    "skip": ("Skip to the content", "Aller au contenu"),
    "nav": ("Main", "Principal"),
    "trial_mark": ("Trial: nothing here is real, and no mail is sent", "Essai : rien ici n'est réel, aucun message n'est envoyé"),
    "trial_as": ("you act as {name}", "vous agissez en tant que {name}"),
    "inbox": ("Inbox", "À faire"),
    "start": ("Start", "Démarrer"),
    "cases": ("Cases", "Dossiers"),
    "people": ("People", "Personnes"),
    "groups": ("Groups", "Groupes"),
    "log_in": ("Log in", "Se connecter"),
    "log_out": ("Log out", "Se déconnecter"),
    "change_password": ("Change password", "Changer le mot de passe"),
    "account": ("Your account", "Votre compte"),
    "language": ("Language", "Langue"),
    "earlier_page": ("Previous page", "Page précédente"),
    "later_page": ("Next page", "Page suivante"),
    "pages": ("Pages", "Pages"),
    "search": ("Search", "Rechercher"),
    "clear_search": ("Clear the search", "Effacer la recherche"),
    "case_number": ("Case {number}", "Dossier {number}"),
    "no_title": ("Untitled case", "Dossier sans titre"),
    "save": ("Save", "Enregistrer"),
    "back": ("Back", "Retour"),
    "optional": ("optional", "facultatif"),
    "choose": ("Choose…", "Choisir…"),
    "problem_title_one": ("There is one thing to correct", "Il y a un point à corriger"),
    "problem_title_many": ("There are {n} things to correct", "Il y a {n} points à corriger"),
    "error": ("Error:", "Erreur :"),
    "nobody": ("nobody yet", "personne pour l’instant"),
    "colon": (":", " :"),
    "or": ("or", "ou"),
    "and": ("and", "et"),
    # logging in
    "log_in_title": ("Log in", "Connexion"),
    "log_in_lead": ("Your tasks and cases, wherever you are.", "Vos tâches et vos dossiers, où que vous soyez."),
    "username": ("User name", "Identifiant"),
    "password": ("Password", "Mot de passe"),
    "log_in_failed": (
        "User name and password do not match. Check both and try again.",
        "L’identifiant et le mot de passe ne correspondent pas. Vérifiez-les et réessayez.",
    ),
    "log_in_wait": (
        "Too many attempts. Please wait {seconds} seconds, then try again.",
        "Trop de tentatives. Patientez {seconds} secondes, puis réessayez.",
    ),
    "log_in_expired": ("Your log-in has ended. Log in again to go on.", "Votre session est terminée. Reconnectez-vous pour continuer."),
    "log_in_draft": (
        "Your log-in has ended, but nothing is lost: log in again and your answers will be there.",
        "Votre session est terminée, mais rien n’est perdu : reconnectez-vous et vos réponses seront là.",
    ),
    "no_account": (
        "No account, or password forgotten? Ask an administrator.",
        "Pas de compte, ou mot de passe oublié ? Demandez à un administrateur.",
    ),
    "logged_out": ("You are logged out.", "Vous êtes déconnecté."),
    "password_title": ("Change your password", "Changer votre mot de passe"),
    "password_first": (
        "Choose a password of your own first. The one you were given works only once.",
        "Choisissez d’abord votre propre mot de passe. Celui qu’on vous a donné ne sert qu’une fois.",
    ),
    "password_now": ("Current password", "Mot de passe actuel"),
    "password_new": ("New password", "Nouveau mot de passe"),
    "password_hint": (
        "At least {n} characters. A few words together are easy to remember.",
        "Au moins {n} caractères. Quelques mots ensemble se retiennent facilement.",
    ),
    "password_again": ("New password again", "Nouveau mot de passe, encore une fois"),
    "password_wrong": ("This is not your current password.", "Ce n’est pas votre mot de passe actuel."),
    "password_short": ("Please use at least {n} characters.", "Veuillez utiliser au moins {n} caractères."),
    "password_differs": ("The two new passwords differ.", "Les deux nouveaux mots de passe sont différents."),
    "password_same": (
        "Please choose a password that differs from the current one.",
        "Veuillez choisir un mot de passe différent de l’actuel.",
    ),
    "password_like_name": ("Please choose one that is not your user name.", "Veuillez en choisir un qui ne soit pas votre identifiant."),
    # inbox
    "box_mine": ("Mine", "Mes tâches"),
    "box_groups": ("My groups", "Mes groupes"),
    "search_inbox": ("Search tasks, case numbers, titles", "Rechercher tâche, numéro ou titre de dossier"),
    "section_due": ("Due now", "À faire maintenant"),
    "section_next": ("Next", "Ensuite"),
    "late_one": ("1 day late", "1 jour de retard"),
    "late_many": ("{n} days late", "{n} jours de retard"),
    "late_hours": ("Late", "En retard"),
    "due_today": ("Due today, {time}", "Aujourd’hui, {time}"),
    "due_tomorrow": ("Due tomorrow", "Demain"),
    "due_on": ("Due {day}", "Pour le {day}"),
    "urgent": ("Urgent", "Urgent"),
    "low": ("Low priority", "Peu urgent"),
    "new": ("New", "Nouveau"),
    "claim": ("Take", "Prendre"),
    "claim_task": ("Take “{task}”", "Prendre « {task} »"),
    "release": ("Give back", "Rendre"),
    "empty_mine": ("Nothing waits for you", "Rien ne vous attend"),
    "empty_mine_groups": (
        "{n} in your groups: take one and it appears here.",
        "{n} dans vos groupes : prenez-en une, elle apparaîtra ici.",
    ),
    "see_groups": ("See the tasks of your groups", "Voir les tâches de vos groupes"),
    "empty_mine_start": (
        "When there is something to do for you, it appears here.",
        "Dès qu’il y aura quelque chose à faire pour vous, ce sera ici.",
    ),
    "start_something": ("Start something new", "Démarrer une nouvelle demande"),
    "empty_groups": ("Your groups are done", "Vos groupes sont à jour"),
    "empty_groups_lead": (
        "New tasks for your groups appear here; whoever takes one does it.",
        "Les nouvelles tâches de vos groupes apparaissent ici ; qui en prend une la traite.",
    ),
    "empty_no_groups": ("You are in no group yet", "Vous n’êtes encore dans aucun groupe"),
    "empty_no_groups_lead": (
        "An administrator can add you to one. Tasks given to you by name are under “Mine”.",
        "Un administrateur peut vous ajouter à un groupe. Les tâches à votre nom sont sous « Mes tâches ».",
    ),
    "empty_search": ("Nothing found for “{search}”", "Aucun résultat pour « {search} »"),
    "empty_search_lead": (
        "Try fewer words, or the case number alone.",
        "Essayez avec moins de mots, ou avec le numéro du dossier seul.",
    ),
    # what was just done
    "said_completed": ("Done. “{name}” is passed on.", "C’est fait. « {name} » est transmise."),
    "said_finished": ("Done. “{name}” is complete.", "C’est fait. « {name} » est terminée."),
    "said_claimed": ("It is yours now.", "La tâche est à vous."),
    "said_released": ("Given back to the group.", "La tâche est rendue au groupe."),
    "said_started": ("Started as case {number}. This is the number to quote.", "Démarré : dossier {number}. C’est le numéro à citer."),
    "said_password": (
        "Your password is changed. You are logged out everywhere else.",
        "Votre mot de passe est changé. Vous êtes déconnecté partout ailleurs.",
    ),
    "said_saved": ("Saved.", "Enregistré."),
    # a task
    "waits": ("Waiting for this:", "Attendu par :"),
    "next_is": ("Next: {what}.", "Ensuite : {what}."),
    "next_depends": ("Next, depending on your answers: {what}.", "Ensuite, selon vos réponses : {what}."),
    "next_last": ("This is the last step. After it: “{task}”.", "C’est la dernière étape. Ensuite : « {task} »."),
    "next_end": ("This is the last step here.", "C’est la dernière étape ici."),
    "next_told": ("It goes out as soon as you are done.", "L’envoi part dès que vous avez terminé."),
    "next_with": ("“{task}” ({who})", "« {task} » ({who})"),
    "next_alone": ("“{task}”", "« {task} »"),
    "next_program": ("“{task}” (automatic)", "« {task} » (automatique)"),
    "next_wait": ("a wait until “{task}”", "une attente jusqu’à « {task} »"),
    "next_finish": ("“{task}” (the end)", "« {task} » (fin)"),
    "next_finish_plain": ("the end", "la fin"),
    "so_far": ("What happened so far", "Ce qui s’est passé jusqu’ici"),
    "see_case": ("See the whole case", "Voir tout le dossier"),
    "complete": ("Done, pass it on", "Terminer et transmettre"),
    "complete_last": ("Done", "Terminer"),
    "no_form": (
        "There is nothing to fill in. Say when it is done.",
        "Il n’y a rien à remplir. Indiquez quand c’est fait.",
    ),
    "external_form": (
        "This task is done in another system. Say when it is done there.",
        "Cette tâche se fait dans un autre système. Indiquez quand c’est fait.",
    ),
    "take_first": (
        "Take this task to work on it. The others then see that you have it.",
        "Prenez cette tâche pour la traiter. Les autres verront que vous l’avez.",
    ),
    "has_it": ("{name} has this task.", "{name} a pris cette tâche."),
    "given_to": ("For", "Pour"),
    "due": ("Due", "Échéance"),
    "since": ("Since", "Depuis"),
    "task": ("Task", "Tâche"),
    "logged_in_again": (
        "You are logged in again and your answers are still here. Check them, then send.",
        "Vous êtes reconnecté et vos réponses sont toujours là. Vérifiez-les, puis envoyez.",
    ),
    "check_again": (
        "This page was open for a long time. Your answers are still here: check them, then send again.",
        "Cette page est restée ouverte longtemps. Vos réponses sont toujours là : vérifiez-les, puis envoyez.",
    ),
    "new_questions": (
        "Your answers bring up more questions. They are marked “New”.",
        "Vos réponses appellent d’autres questions. Elles sont marquées « Nouveau ».",
    ),
    "done_title": ("This is already done", "C’est déjà fait"),
    "done_by": ("{name} completed “{task}” {when}.", "{name} a terminé « {task} » {when}."),
    "done_by_you": ("You completed “{task}” {when}.", "Vous avez terminé « {task} » {when}."),
    "canceled_title": ("This is no longer needed", "Ce n’est plus nécessaire"),
    "canceled_lead": (
        "“{task}” was withdrawn {when}, because the case went another way.",
        "« {task} » a été retirée {when}, car le dossier a pris un autre chemin.",
    ),
    "your_answers": ("What you had filled in, so that you can copy it", "Ce que vous aviez rempli, pour pouvoir le copier"),
    "taken_title": ("Somebody else has this", "Quelqu’un d’autre s’en occupe"),
    "taken_lead": (
        "{name} took “{task}” before you. There may be others to take.",
        "{name} a pris « {task} » avant vous. Il y en a peut-être d’autres.",
    ),
    "to_inbox": ("Go to the inbox", "Aller à la liste des tâches"),
    # files
    "files_none": ("No files.", "Aucun fichier."),
    "files_title": ("Files", "Fichiers"),
    "file_by_you": ("You", "Vous"),
    "file_choose": ("Choose a file", "Choisir un fichier"),
    "file_choose_many": ("Choose files", "Choisir des fichiers"),
    "file_replace": ("Choose another file in its place", "Choisir un autre fichier à la place"),
    "file_camera": ("Or take a photo", "Ou prendre une photo"),
    "file_add": ("Add to the list", "Ajouter à la liste"),
    "file_remove": ("Remove", "Retirer"),
    "file_limits": ("Expected: {kinds}, at most {limit} MB.", "Attendu : {kinds}, {limit} Mo au plus."),
    "file_most": ("Up to {n} files.", "Jusqu’à {n} fichiers."),
    "file_full": ("That makes {n} files: no more fit here.", "Cela fait {n} fichiers : il n’y a plus de place."),
    "file_place": ("The place where a photo was taken is removed from it.", "Le lieu de prise de vue est retiré des photos."),
    # starting
    "start_title": ("Start something new", "Démarrer une nouvelle demande"),
    "start_lead": (
        "Choose what you need. You will get a case number.",
        "Choisissez ce dont vous avez besoin. Vous recevrez un numéro de dossier.",
    ),
    "empty_starts": ("There is nothing you can start", "Il n’y a rien que vous puissiez démarrer"),
    "empty_starts_lead": (
        "When a process is ready for you, it appears here. Your inbox shows what waits for you now.",
        "Dès qu’un processus sera prêt pour vous, il apparaîtra ici. Votre liste montre ce qui vous attend.",
    ),
    "empty_starts_admin": (
        "Deploy a model first: passerelle deploy, or the API.",
        "Déployez d’abord un modèle : passerelle deploy, ou l’API.",
    ),
    "start_send": ("Send", "Envoyer"),
    "start_no_form": ("There is nothing to fill in. Start when you are ready.", "Il n’y a rien à remplir. Démarrez quand vous voulez."),
    "start_now": ("Start now", "Démarrer"),
    # cases
    "cases_open": ("Open", "En cours"),
    "cases_ended": ("Closed", "Terminés"),
    "search_cases": ("Search case numbers and titles", "Rechercher numéro ou titre"),
    "empty_cases_open": ("No open cases", "Aucun dossier en cours"),
    "empty_cases_open_lead": (
        "Cases that you start or work on appear here.",
        "Les dossiers que vous démarrez ou traitez apparaissent ici.",
    ),
    "empty_cases_ended": ("No closed cases yet", "Aucun dossier terminé pour l’instant"),
    "empty_cases_ended_lead": ("Cases appear here when they have ended.", "Les dossiers apparaissent ici une fois terminés."),
    "state_ACTIVE": ("Open", "En cours"),
    "state_COMPLETED": ("Closed", "Terminé"),
    "state_TERMINATED": ("Canceled", "Annulé"),
    "with_now": ("Now with", "Actuellement chez"),
    "with_program": ("runs by itself", "se fait automatiquement"),
    "with_waiting": ("waiting for an event", "en attente d’un événement"),
    "open_now": ("What is open", "Ce qui reste à faire"),
    "open_with": ("with {who}", "chez {who}"),
    "open_program": ("done by a program", "fait par un programme"),
    "open_party": ("The case is with {who}.", "Le dossier est chez {who}."),
    "open_nothing": (
        "Nothing for people at the moment: the case waits for an event.",
        "Rien pour l’instant : le dossier attend un événement.",
    ),
    "open_ended": ("Nothing: the case is closed.", "Rien : le dossier est terminé."),
    "stands_still": (
        "It stands still because of an error. The operators can see it.",
        "Une erreur bloque le dossier. Les opérateurs la voient.",
    ),
    "started_by": ("Started by", "Démarré par"),
    "begun": ("Begun", "Commencé"),
    "open_it": ("Open", "Ouvrir"),
    # history, in plain sentences
    "h_started": ("{who} started “{what}”.", "{who} a démarré « {what} »."),
    "h_started_self": ("“{what}” started by itself.", "« {what} » a démarré automatiquement."),
    "h_completed": ("{who} completed “{what}”.", "{who} a terminé « {what} »."),
    "h_claimed": ("{who} took “{what}”.", "{who} a pris « {what} »."),
    "h_released": ("{who} gave “{what}” back.", "{who} a rendu « {what} »."),
    "h_assigned": ("{who} assigned “{what}”.", "{who} a attribué « {what} »."),
    "h_job": ("“{what}” was done automatically.", "« {what} » a été fait automatiquement."),
    "h_timer": ("The waiting time “{what}” ran out.", "Le délai « {what} » est écoulé."),
    "h_message": ("Message sent: “{what}”.", "Message envoyé : « {what} »."),
    "h_message_to": ("Passed on to {who}: “{what}”.", "Transmis à {who} : « {what} »."),
    "h_received": ("Arrived: “{what}”.", "Reçu : « {what} »."),
    "h_offered": ("“{what}” went to {who}.", "« {what} » a été confiée à {who}."),
    "h_offered_plain": ("“{what}” can be done.", "« {what} » peut être fait."),
    "h_trouble": ("“{what}” stood still because of an error.", "« {what} » est resté bloqué par une erreur."),
    "h_trouble_over": ("The error was resolved.", "L’erreur a été résolue."),
    "h_reached": ("Reached: “{what}”.", "Atteint : « {what} »."),
    "h_canceled": ("{who} canceled the case.", "{who} a annulé le dossier."),
    "h_ended": ("{what} ended.", "{what} est terminé."),
    "h_program": ("A program", "Un programme"),
    "h_somebody": ("Somebody", "Quelqu’un"),
    "h_nothing": ("Nothing yet.", "Rien pour l’instant."),
    "h_you_started": ("You started “{what}”.", "Vous avez démarré « {what} »."),
    "h_you_completed": ("You completed “{what}”.", "Vous avez terminé « {what} »."),
    "h_you_claimed": ("You took “{what}”.", "Vous avez pris « {what} »."),
    "h_you_released": ("You gave “{what}” back.", "Vous avez rendu « {what} »."),
    "h_you_assigned": ("You assigned “{what}”.", "Vous avez attribué « {what} »."),
    "h_you_canceled": ("You canceled the case.", "Vous avez annulé le dossier."),
    # people and groups
    "add_person": ("Add a person", "Ajouter une personne"),
    "edit_person": ("Edit {name}", "Modifier {name}"),
    "person_name": ("Full name", "Nom complet"),
    "person_email": ("E-mail", "E-mail"),
    "person_organisation": ("Organisation", "Organisation"),
    "person_language": ("Language", "Langue"),
    "person_roles": ("Roles", "Rôles"),
    "person_roles_hint": (
        "Without a role, a person is from outside and sees only their own tasks and cases.",
        "Sans rôle, une personne est externe et ne voit que ses propres tâches et dossiers.",
    ),
    "person_groups": ("Groups", "Groupes"),
    "person_groups_hint": ("Tasks of a lane go to the group of the same name.", "Les tâches d’un couloir vont au groupe du même nom."),
    "person_active": ("May log in", "Peut se connecter"),
    "outsider": ("External", "Externe"),
    "inactive": ("Deactivated", "Désactivé"),
    "role_admin": ("Administrator", "Administrateur"),
    "role_admin_hint": ("manages people and groups", "gère les personnes et les groupes"),
    "role_modeller": ("Modeller", "Modélisateur"),
    "role_modeller_hint": ("draws and deploys processes", "dessine et déploie les processus"),
    "role_operator": ("Operator", "Opérateur"),
    "role_operator_hint": ("sees all cases and resolves errors", "voit tous les dossiers et résout les erreurs"),
    "role_member": ("Member", "Membre"),
    "role_member_hint": ("does tasks and starts cases", "traite des tâches et démarre des dossiers"),
    "username_hint": (
        "Small letters, digits, dots and hyphens. It cannot be changed later.",
        "Minuscules, chiffres, points et tirets. Il ne pourra plus être changé.",
    ),
    "username_wrong": (
        "Please use 2 to 64 small letters, digits, dots, hyphens or underscores.",
        "Veuillez utiliser 2 à 64 minuscules, chiffres, points, tirets ou traits de soulignement.",
    ),
    "username_taken": ("This user name is taken.", "Cet identifiant est déjà pris."),
    "name_missing": ("Please give a name.", "Veuillez donner un nom."),
    "email_wrong": (
        "Please give an e-mail address, such as name@example.com.",
        "Veuillez donner une adresse e-mail, par exemple nom@exemple.fr.",
    ),
    "own_admin": (
        "You cannot take your own administrator role away, nor deactivate yourself.",
        "Vous ne pouvez ni retirer votre propre rôle d’administrateur, ni vous désactiver.",
    ),
    "reset_password": ("New one-time password", "Nouveau mot de passe à usage unique"),
    "reset_password_lead": (
        "This logs {name} out everywhere. At the next log-in, a new password must be chosen.",
        "{name} sera déconnecté partout et devra choisir un nouveau mot de passe à la prochaine connexion.",
    ),
    "one_time_title": ("One-time password for {name}", "Mot de passe à usage unique pour {name}"),
    "one_time_lead": (
        "Pass it on safely. It is shown only now, and must be changed at the first log-in.",
        "Transmettez-le de façon sûre. Il n’est affiché que maintenant et devra être changé à la première connexion.",
    ),
    "groups_lead": (
        "Tasks without a named person go to the group of their lane.",
        "Les tâches sans personne désignée vont au groupe de leur couloir.",
    ),
    "add_group": ("Add a group", "Ajouter un groupe"),
    "group_name": ("Name", "Nom"),
    "group_name_hint": (
        "As the lane or pool is called, for example “Front desk”.",
        "Comme le couloir ou le pool, par exemple « Accueil ».",
    ),
    "group_taken": ("This group exists already.", "Ce groupe existe déjà."),
    "members_one": ("1 person", "1 personne"),
    "members_many": ("{n} people", "{n} personnes"),
    "empty_groups_admin": ("No groups yet", "Aucun groupe pour l’instant"),
    "warn_empty_title": ("Nobody would get this work", "Personne ne recevrait ce travail"),
    "warn_empty_lead": (
        "Deployed models give tasks to these groups, but no active person is in them.",
        "Des modèles déployés confient des tâches à ces groupes, mais aucune personne active n’en fait partie.",
    ),
    "warn_of": ("in {process}", "dans {process}"),
    "fill_group": ("Add people", "Ajouter des personnes"),
    "group_edit": ("Group {name}", "Groupe {name}"),
    "group_members": ("Who is in it", "Qui en fait partie"),
    "search_people": ("Search names and user names", "Rechercher nom ou identifiant"),
    # errors
    "e_403": ("This is not for you", "Ceci ne vous est pas destiné"),
    "e_403_lead": (
        "You may not do this with your account. If you should, ask an administrator.",
        "Votre compte ne permet pas de faire cela. S’il le devrait, demandez à un administrateur.",
    ),
    "e_404": ("There is nothing here", "Il n’y a rien ici"),
    "e_404_lead": (
        "The address may be old, or the task or case is not one of yours.",
        "L’adresse est peut-être ancienne, ou la tâche ou le dossier n’est pas à vous.",
    ),
    "e_409": ("This has moved on", "Cela a avancé entre-temps"),
    "e_409_lead": (
        "Somebody else, or you in another window, was faster. Nothing was changed by you.",
        "Quelqu’un d’autre, ou vous dans une autre fenêtre, a été plus rapide. Vous n’avez rien modifié.",
    ),
    "e_400": ("This did not arrive as expected", "Cela n’est pas arrivé comme prévu"),
    "e_400_lead": ("Nothing was changed. Go back and try again.", "Rien n’a été modifié. Revenez en arrière et réessayez."),
    "e_403_csrf": ("This page was open for too long", "Cette page est restée ouverte trop longtemps"),
    "e_403_csrf_lead": (
        "For safety, nothing was changed. Open the page again and repeat the last step.",
        "Par sécurité, rien n’a été modifié. Rouvrez la page et refaites la dernière étape.",
    ),
    "e_413": ("This is too much at once", "C’est trop à la fois"),
    "e_413_lead": (
        "What you sent is larger than allowed. Nothing was changed.",
        "Votre envoi dépasse la taille permise. Rien n’a été modifié.",
    ),
    "e_503": ("Too much is going on right now", "Beaucoup de choses se passent en ce moment"),
    "e_503_lead": ("Nothing was changed. Try again in a moment.", "Rien n’a été modifié. Réessayez dans un instant."),
    "e_500": ("Something went wrong here", "Quelque chose s’est mal passé chez nous"),
    "e_500_lead": (
        "It is not your fault, and nothing was changed. Try again; if it stays, tell an administrator the time.",
        "Ce n’est pas votre faute, et rien n’a été modifié. Réessayez ; si cela persiste, signalez l’heure à un administrateur.",
    ),
    # times
    "just_now": ("just now", "à l’instant"),
    "minutes_ago": ("{n} min ago", "il y a {n} min"),
    "hours_ago": ("{n} h ago", "il y a {n} h"),
    "today_at": ("today, {time}", "aujourd’hui, {time}"),
    "yesterday_at": ("yesterday, {time}", "hier, {time}"),
    "on_day": ("on {day}", "le {day}"),
    **handoff_words.SENTENCES,
    "months": ("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec", "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc."),
    **directory_words.SENTENCES,
    **guest_words.SENTENCES,
    **tracking_words.SENTENCES,
}

_COLUMN = {"en": 0, "fr": 1}
# French typography: the space inside quotation marks and before ? ! : ; never breaks a line


def say(language: str, key: str, **mentions: Any) -> str:
    """The sentence for `key`. An unknown key is a KeyError: a page without words is a defect."""
    sentence = SENTENCES[key][_COLUMN.get(language, 0)]
    if language == "fr":
        sentence = typeset(sentence)
    return sentence.format(**mentions) if mentions else sentence


def say_count(language: str, key: str, n: int, **mentions: Any) -> str:
    """The sentence for one or many. French counts nought as one."""
    is_one = n == 1 or (n == 0 and language == "fr")
    return say(language, f"{key}_one" if is_one else f"{key}_many", n=n, **mentions)


def best_language(wanted: list[str]) -> str:
    """The first of these language tags (best first, such as `fr-CA`) that we speak."""
    for tag in wanted:
        if tag.split("-")[0].lower() in LANGUAGES:
            return tag.split("-")[0].lower()
    return "en"
