"""Who asks: the log-in behind a cookie, the token that each POST needs, and what was typed when a log-in ended meanwhile."""

import hmac
import secrets
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import lru_cache
from typing import Any

from flask import Response, abort, current_app, g, redirect, request, url_for
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy.orm import Session

from api import auth
from engine import database, people, sessions
from engine.parties import Actor

COOKIE = auth.LOGIN_COOKIE
VISIT_COOKIE = "passerelle_visit"  # before log-in: what the CSRF token is bound to
LANGUAGE_COOKIE = "passerelle_language"

MAX_FORM = 1_000_000  # bytes of a POST
MAX_FIELDS = 3000
DRAFT_KEPT = timedelta(hours=12)
# pages that ask nobody to log in; those of mails.py answer this machine alone
OPEN_TO_ALL = frozenset({"portal.log_in", "portal.log_in_form", "portal.static", "portal.set_language"}) | {
    f"portal.{page}" for page in ("open_link", "renew_link", "list_mails", "show_mail", "show_mail_as_sent")
}
WITHOUT_OWN_PASSWORD = OPEN_TO_ALL | {"portal.log_out", "portal.password_form", "portal.change_password"}

OUR_FIELDS = frozenset({"_csrf", "_once", "_asked", "_whose", "_draft", "_upload", "_remove", "_keep"}) | {
    *("_your_name", "_your_address", "_homepage"),  # of a public start
}

Fields = Mapping[str, list[str]]
# endpoint of a POST -> how its page is drawn again from what was typed; such a POST survives the end of a log-in
KEEPERS: dict[str, Callable[..., Any]] = {}


class StalePage(Exception):
    """The POST does not carry the token of this log-in."""


# -- the database -------------------------------------------------------------------------------------------------


def reading() -> Session:
    """The session of this request that only reads; the request's end closes it."""
    if "reading" not in g:
        g.reading_context = database.reading(auth.engine())
        g.reading = g.reading_context.__enter__()
    found: Session = g.reading
    return found


def stop_reading(_error: BaseException | None = None) -> None:
    context = g.pop("reading_context", None)
    g.pop("reading", None)
    if context is not None:
        context.__exit__(None, None, None)


def writing(work: Callable[[Session], Any]) -> Any:
    """Do `work` in one transaction of its own. What was read before is closed first, so that pages after it are fresh."""
    stop_reading()
    with Session(auth.engine()) as session:
        return database.run(session, work)


# -- secrets ------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4)
def _serializer(secret: str, purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt=f"passerelle-portal-{purpose}")


def signed(purpose: str, value: Any) -> str:
    return str(_serializer(auth.secret(), purpose).dumps(value))


def unsigned(purpose: str, text: str, kept: timedelta = DRAFT_KEPT) -> Any:
    """The value that was signed for this purpose; None where the signature is wrong or too old."""
    try:
        return _serializer(auth.secret(), purpose).loads(text, max_age=int(kept.total_seconds()))
    except BadSignature:
        return None


def is_https() -> bool:
    return str(current_app.config.get("PASSERELLE_URL") or "").startswith("https:")


def set_cookie(response: Response, name: str, value: str, kept: timedelta | None = None, path: str = "/") -> None:
    age = None if kept is None else int(kept.total_seconds())
    response.set_cookie(name, value, max_age=age, httponly=True, samesite="Lax", secure=is_https(), path=path)


# -- who asks -----------------------------------------------------------------------------------------------------


def recognise() -> Response | None:
    """Before each page: who asks, may it be asked, and is a POST really from our own page."""
    from portal import files, guests, public  # they need this module

    g.person, g.actor, g.token, g.guest = None, None, "", None
    if request.endpoint == "portal.static":
        return None
    if any("\x00" in value for value in (request.view_args or {}).values() if isinstance(value, str)):
        abort(404)  # PostgreSQL refuses to even look for it
    request.max_form_memory_size = MAX_FORM
    request.max_form_parts = MAX_FIELDS
    g.token = request.cookies.get(COOKIE, "")
    if is_guest_page():
        guests.recognise()  # a link never replaces a log-in, and a log-in never a link: each has its own pages
    elif is_public_page():
        public.recognise()
    else:
        _find_login()
    request.max_content_length = files.largest_request() if files.may_be_large(request.endpoint) else MAX_FORM
    if request.method == "POST":
        _refuse_other_origins()
    if g.actor is None and request.endpoint not in OPEN_TO_ALL and not is_guest_page() and not is_public_page():
        return _ask_to_log_in()
    if request.method == "POST" and not _has_csrf_token():
        if request.endpoint in KEEPERS and (g.guest is not None or is_public_page() or _is_whose(request.form.get("_whose", ""))):
            typed = typed_fields()
            if g.actor is not None:
                files.keep_for_later(typed, g.actor)
            return KEEPERS[request.endpoint](**(request.view_args or {}), typed=typed, notice="check_again")
        raise StalePage
    if g.person is not None and g.person.must_change_password and request.endpoint not in WITHOUT_OWN_PASSWORD:
        return redirect(url_for("portal.password_form"), 303)
    return None


def is_guest_page() -> bool:
    return (request.endpoint or "").startswith("portal.guest_")


def is_public_page() -> bool:
    """Whoever comes by is a visitor there, also one who could log in: the page is the same for everybody."""
    return (request.endpoint or "").startswith("portal.public_")


def _find_login() -> None:
    if not g.token:
        return
    login, person = sessions.find(reading(), g.token), auth.person_of_login(reading(), g.token)
    if login is None or person is None:
        return
    g.person, g.actor = person, people.actor_of(reading(), person)
    if sessions.is_seen_long_ago(login):
        token = g.token
        reading().expunge_all()
        writing(lambda session: sessions.touch(session, token))


def is_logged_in() -> bool:
    return g.actor is not None


def actor() -> Actor:
    found: Actor = g.actor
    return found


def _ask_to_log_in() -> Response:
    from portal import files, login  # these pages need this module

    if request.method != "POST" or request.endpoint not in KEEPERS:
        notice = "log_in_expired" if g.token else None
        return login.page(back=request.full_path.rstrip("?") if request.method == "GET" else "/", notice=notice, status=401)
    typed, whose = typed_fields(), unsigned("whose", request.form.get("_whose", ""))
    if whose:
        files.keep_for_later(typed, files.absent(whose))
    draft = {"endpoint": request.endpoint, "args": request.view_args, "typed": typed, "whose": whose}
    return login.page(back="/", draft=signed("draft", draft), notice="log_in_draft", status=401)


def typed_fields() -> dict[str, list[str]]:
    """What a person typed, without the fields that our pages add (but with what was asked)."""
    return {name: values for name, values in request.form.lists() if name not in OUR_FIELDS or name == "_asked"}


def whose() -> str:
    """A signed note of who fills in a page, so that nobody else is shown what was typed; a guest's cookie says it."""
    return signed("whose", g.person.username) if g.person is not None else ""


def _is_whose(note: str) -> bool:
    return bool(unsigned("whose", note) == g.person.username) if g.person is not None else False


# -- is a POST from our own page ----------------------------------------------------------------------------------


def _refuse_other_origins() -> None:
    if auth.is_of_another_origin():
        abort(403)


def csrf_token() -> str:
    bound_to = g.token if g.person is not None else visit()
    return auth.csrf_token(bound_to)


def _has_csrf_token() -> bool:
    return hmac.compare_digest(request.form.get("_csrf", "").encode(), csrf_token().encode())


def visit() -> str:
    """A random name of this browser, before log-in."""
    if "visit" not in g:
        known = request.cookies.get(VISIT_COOKIE, "")
        g.visit = known if 20 <= len(known) <= 64 and known.isascii() else secrets.token_urlsafe(24)
        g.new_visit = g.visit != known
    found: str = g.visit
    return found


def once_key() -> str:
    """Names one sending of a page: the same again has no second effect."""
    return secrets.token_urlsafe(16)
