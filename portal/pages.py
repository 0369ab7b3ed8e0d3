"""How every page is drawn: language, words, headers, and what is said when something went wrong."""

import hashlib
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, current_app, g, make_response, render_template, request
from markupsafe import Markup, escape
from werkzeug.exceptions import HTTPException, InternalServerError

from engine import cases, clock, errors, files, inboxes, json_text, policies, views
from engine.cases import Case
from engine.people import Role
from portal import access, moments, prose
from portal.words import LANGUAGES, best_language, say, say_count

CONTENT_SECURITY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        "img-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # no-referrer would make the Origin of our own POSTs "null"
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
STATUS = {
    errors.NotFound: 404,
    errors.NotAllowed: 403,
    errors.WrongState: 409,
    errors.AlreadyExists: 409,
    errors.Invalid: 400,
    errors.Refused: 400,
    errors.TooLarge: 413,
    errors.Busy: 503,
}


def language() -> str:
    if getattr(g, "person", None) is not None and g.person.language in LANGUAGES:
        return str(g.person.language)
    chosen = request.cookies.get(access.LANGUAGE_COOKIE, "")
    if chosen not in LANGUAGES and getattr(g, "guest", None) is not None:
        chosen = g.guest.language or ""  # of the mail that the link stood in
    return chosen if chosen in LANGUAGES else best_language([tag for tag, _quality in request.accept_languages])


def t(key: str, **mentions: Any) -> str:
    return say(language(), key, **mentions)


def zone() -> ZoneInfo:
    if getattr(g, "guest", None) is not None:
        return ZoneInfo(str(g.guest.zone))
    return ZoneInfo(current_app.config.get("PASSERELLE_TIMEZONE") or "UTC")


def now() -> datetime:
    """The business time, in the installation's zone."""
    if "now" not in g:
        g.now = clock.now(access.reading()).astimezone(zone())
    found: datetime = g.now
    return found


def end_of_today() -> datetime:
    return (now() + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)


def number(case_number: int) -> str:
    return cases.number_for_people(case_number)


def local(at: datetime) -> datetime:
    return at.astimezone(zone())


def _emphasised(key: str, **mentions: Any) -> Markup:
    """A sentence with its mentions in bold; everything is escaped."""
    bold = {name: Markup("<strong>{}</strong>").format(value) for name, value in mentions.items()}
    return Markup(escape(say(language(), key))).format(**bold)  # noqa: S704 - the sentence is ours, and escaped


@lru_cache
def _digest(name: str) -> str:
    return hashlib.sha256((Path(__file__).parent / "static" / name).read_bytes()).hexdigest()[:12]


def in_templates() -> dict[str, Any]:
    """What every template may use."""
    chosen = language()
    person = getattr(g, "person", None)
    return {
        "t": t,
        "tb": _emphasised,
        "tn": lambda key, n, **mentions: say_count(chosen, key, n, **mentions),
        "language": chosen,
        "languages": LANGUAGES,
        "person": person,
        "guest": getattr(g, "guest", None),
        "is_public": access.is_public_page(),
        "is_admin": person is not None and Role.ADMIN in (person.roles or ()),
        "keeps_directory": person is not None and policies.may_manage_parties(access.actor()),
        "has_workbench": person is not None and policies.may(access.actor(), "see insights") and not is_trial(),
        "is_trial": is_trial(),
        "number": number,
        "now": now,
        "local": local,
        "ago": lambda at: moments.ago(local(at), chosen, now()),
        "moment": lambda at: moments.moment(local(at), chosen, now()),
        "dated": lambda at, with_year=False: moments.dated(local(at), chosen, now(), with_year),
        "due": lambda at: moments.due(local(at), chosen, now()),
        "prose": prose.draw,
        "csrf": access.csrf_token,
        "once": access.once_key,
        "whose": access.whose,
        "digest": _digest,
        "shown": shown,
        "title_of": title_of,
        "waiting_count": _waiting_count,
    }


def is_trial() -> bool:
    return bool(current_app.config.get("PASSERELLE_TRIAL"))


def title_of(case: Case) -> str:
    """What the case is called, for this reader."""
    return views.title(access.reading(), access.actor(), case) or t("no_title")


def shown(value: Any) -> str:
    """A value as people read it."""
    if isinstance(value, bool):
        return t("yes") if value else t("no")
    named = files.in_text(value)
    return named if named is not None else json_text.dumps(value) if isinstance(value, dict) else str(value)


def _waiting_count() -> int:
    """For the mark beside the way to the page; asked only where it is drawn."""
    return inboxes.count_waiting(access.reading(), access.actor())


def draw(template: str, status: int = 200, **facts: Any) -> Response:
    return make_response(render_template(f"portal/{template}", **facts), status)


def with_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint == "portal.static":
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"  # its address carries a digest
    else:
        response.headers["Cache-Control"] = "no-store"
    if access.is_https():
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if g.get("new_visit"):
        access.set_cookie(response, access.VISIT_COOKIE, g.visit)
    return response


# -- what went wrong ----------------------------------------------------------------------------------------------


def trouble(status: int, *, words: str | None = None, detail: str = "") -> Response:
    """The page of an error, in the look and language of the rest."""
    known = words or (f"e_{status}" if f"e_{status}" in _KNOWN else "e_500" if status >= 500 else "e_400")
    return draw("trouble.html", status, title=t(known), lead=t(f"{known}_lead"), detail=detail)


_KNOWN = {"e_400", "e_403", "e_404", "e_409", "e_413", "e_500", "e_503"}


def refused(error: errors.EngineError) -> Response:
    status = next((status for kind, status in STATUS.items() if isinstance(error, kind)), 400)
    return trouble(status)


def http_error(error: HTTPException) -> Any:
    if isinstance(error, InternalServerError) and error.original_exception is not None:
        current_app.logger.error("portal page failed", exc_info=error.original_exception)
    return error.get_response() if error.code is None or error.code < 400 else trouble(error.code)


def stale(_error: access.StalePage) -> Response:
    return trouble(403, words="e_403_csrf")


def crashed(error: Exception) -> Any:
    if current_app.config.get("PROPAGATE_EXCEPTIONS"):
        raise error
    current_app.logger.error("portal page failed", exc_info=error)
    access.stop_reading()
    return trouble(500)
