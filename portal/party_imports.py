"""The directory from and to a CSV file: checked first, line by line, and imported when somebody says so."""

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from engine import errors, party_lists
from portal import access, inbox, pages
from portal import parties as directory

_SHOWN = 200  # lines of a preview without problems
_MOST_EXPORTED = 50_000
_EXAMPLES = {
    "party_id": "garage-elan",
    "name": "Garage Élan",
    "kind": "partner",
    "language": "fr",
    "time_zone": "Europe/Paris",
    "country": "FR",
    "timetable": "mon-thu 08:00-12:00 13:00-17:00, fri 08:00-12:00",
    "contact_name": "Paul Élan",
    "contact_email": "paul@elan.example",
    "contact_phone": "+33 3 87 00 00 00",
    "active": "yes",
}


def routes(blueprint: Blueprint) -> None:
    blueprint.get("/parties/import")(import_form)
    blueprint.post("/parties/import")(check_import)
    blueprint.post("/parties/import/confirmed")(confirm_import)
    blueprint.get("/parties/template.csv")(template)
    blueprint.get("/parties/export.csv")(export)


def import_form(error: str = "", status: int = 200) -> Response:
    directory.expect_keeper()
    return pages.draw(
        "party_import.html",
        status,
        error=error,
        columns=[(name, _EXAMPLES[name]) for name in party_lists.COLUMNS],
        kb=party_lists.MOST_BYTES // 1000,
        lines=party_lists.MOST_LINES,
    )


def check_import() -> Response:
    directory.expect_keeper()
    file = request.files.get("file")
    data = file.stream.read(party_lists.MOST_BYTES + 1) if file is not None and file.filename else b""
    if file is None or not file.filename:
        return import_form(pages.t("import_missing"), 422)
    try:
        return _preview(party_lists.decoded(data))
    except errors.TooLarge:
        return import_form(pages.t("import_too_large", kb=party_lists.MOST_BYTES // 1000), 413)


def _preview(text: str, notice: str | None = None, status: int = 200) -> Response:
    try:
        lines = party_lists.preview_csv(access.reading(), text, by=access.actor())
    except errors.Invalid as error:
        mentions = {"found": error.details["found"], "lines": party_lists.MOST_LINES}
        return import_form(pages.t(f"import_{error.details['reason']}", **mentions), 422)
    wrong = [line for line in lines if line.problems]
    fine = [line for line in lines if not line.problems]
    deeds = [line for line in fine if line.is_new or line.changes]
    return pages.draw(
        "party_preview.html",
        422 if wrong else status,
        text=text,
        wrong=wrong,
        shown=fine[:_SHOWN],
        more=len(fine[_SHOWN:]),
        counts={
            "wrong": len(wrong),
            "new": sum(line.is_new for line in deeds),
            "changed": sum(not line.is_new for line in deeds),
            "same": len(fine) - len(deeds),
        },
        todo=0 if wrong else len(deeds),
        names={
            "party_id": pages.t("party_id"),
            "name": pages.t("party_name"),
            "kind": pages.t("party_kind"),
            "language": pages.t("person_language"),
            "time_zone": pages.t("party_zone"),
            "country": pages.t("party_country"),
            "timetable": pages.t("week"),
            "contacts": pages.t("contacts"),
            "email": pages.t("contact_email"),
            "active": pages.t("party_active"),
        },
        notice=notice,
    )


def confirm_import() -> AnyResponse:
    """Import what was previewed; checked again, because the directory may have changed meanwhile."""
    directory.expect_keeper()
    text, by = request.form.get("text", ""), access.actor()
    if len(text.encode("utf-8", "surrogatepass")) > 2 * party_lists.MOST_BYTES:
        return import_form(pages.t("import_too_large", kb=party_lists.MOST_BYTES // 1000), 413)
    try:
        access.writing(lambda session: party_lists.import_csv(session, text, by=by))
    except errors.Invalid:
        return _preview(text, "preview_moved_on", 409)
    return redirect(url_for("portal.list_parties", said="imported"), 303)


# -- files --------------------------------------------------------------------------------------------------------


def _delimiter() -> str:
    return ";" if pages.language() == "fr" else ","  # what spreadsheets of that language take a comma for


def _as_file(text: str, name: str) -> Response:
    # the mark in front tells spreadsheets that it is UTF-8
    answer = Response("\ufeff" + text, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def template() -> Response:
    directory.expect_keeper()
    return _as_file(party_lists.template(access.reading(), _delimiter()), "parties-template.csv")


def export() -> Response:
    """Those that the list shows, all pages of it."""
    directory.expect_keeper()
    found = directory.matching(inbox.search_words(), directory.wanted_kind()).limit(_MOST_EXPORTED)
    return _as_file(party_lists.csv_of(access.reading().scalars(found), _delimiter()), "parties.csv")
