"""The sentences of pages for guests, and of mails that were kept, in English and French; `words.py` says them."""

SENTENCES: dict[str, tuple[str, str]] = {
    # mails that were kept
    "mails": ("Mails", "E-mails"),
    "mails_lead": (
        "No mail leaves this installation. Here is what would have been sent; only this machine can see it.",
        "Aucun e-mail ne quitte cette installation. Voici ce qui aurait été envoyé ; seule cette machine peut le voir.",
    ),
    "mails_none": ("No mails yet", "Pas encore d’e-mails"),
    "mails_none_lead": (
        "Hand something over to a partner, and the invitation is here.",
        "Transmettez quelque chose à un partenaire : l’invitation apparaîtra ici.",
    ),
    "mail_to": ("to {to}", "à {to}"),
    "mail_html": ("The mail as it looks", "L’e-mail tel qu’il apparaît"),
    "mail_text": ("As plain text", "En texte seul"),
    "mail_in_vain": ("No longer of use", "Devenu inutile"),
    "mail_in_vain_lead": (
        "What this mail was about was withdrawn or done meanwhile, so it would not be sent any more.",
        "Ce dont parlait cet e-mail a été retiré ou fait entre-temps ; il ne serait plus envoyé.",
    ),
}
