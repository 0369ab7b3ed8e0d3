"""Logging in and out, the password, and the language."""

from itertools import islice
from urllib.parse import urlsplit

from flask import Blueprint, Response, g, make_response, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from engine import errors, people, sessions
from engine.deployments import Process
from engine.people import Person
from portal import access, files, pages, starts
from portal.words import LANGUAGES

by_name_and_address = sessions.Throttle(free=5)
by_address = sessions.Throttle(free=50)

MIN_PASSWORD = 10
MAX_PASSWORD = 1000


def routes(blueprint: Blueprint) -> None:
    blueprint.get("/login")(log_in_form)
    blueprint.post("/login")(log_in)
    blueprint.post("/logout")(log_out)
    blueprint.get("/password")(password_form)
    blueprint.post("/password")(change_password)
    blueprint.post("/language")(set_language)


def page(
    *, back: str = "/", draft: str = "", username: str = "", notice: str | None = None, error: str = "", status: int = 200
) -> Response:
    typed = {"back": back, "draft": draft, "username": username}
    return pages.draw("login.html", status, notice=notice, error=error, public=_without_account(), shown=_SHOWN, **typed)


def _without_account() -> list[starts.Startable]:
    """What anybody may start, the first of it by name; the rest stands on a page of its own."""
    session = access.reading()
    found = (starts.described(session, process) for process in starts.newest(session, Process.has_public_start.is_(True)))
    return list(islice((one for one in found if one is not None), _SHOWN + 1))


_SHOWN = 3


def local_path(path: str) -> str:
    """A path on this site, or `/`: a log-in never leads elsewhere."""
    try:
        parts = urlsplit(path)
    except ValueError:  # such as //[, which is half an address
        return "/"
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return path if is_ours and "\\" not in path and path.isprintable() else "/"


def log_in_form() -> AnyResponse:
    if g.actor is not None:
        return redirect(url_for("portal.inbox"), 303)
    said = request.args.get("said")
    return page(back=local_path(request.args.get("back", "/")), notice="logged_out" if said == "logged_out" else None)


def log_in() -> AnyResponse:
    """Check name and password, slowly where somebody guesses; then go where the person wanted to, with what was typed there."""
    username = request.form.get("username", "").replace("\x00", "").strip().lower()[:100]
    password = request.form.get("password", "")[:MAX_PASSWORD]
    back, draft = local_path(request.form.get("back", "/")), request.form.get("_draft", "")
    address = request.remote_addr or ""
    who = f"{username}|{address}"
    seconds = max(by_name_and_address.seconds_to_wait(who), by_address.seconds_to_wait(address))
    if seconds:
        return page(back=back, draft=draft, username=username, error=pages.t("log_in_wait", seconds=seconds), status=429)
    try:
        verified = people.verify(access.reading(), username, password)  # slow on purpose, so not inside a writing transaction
    except errors.Busy:
        return page(back=back, draft=draft, username=username, error=pages.t("log_in_wait", seconds=60), status=429)
    if verified is None:
        by_name_and_address.failed(who)
        by_address.failed(address)
        return page(back=back, draft=draft, username=username, error=pages.t("log_in_failed"), status=401)
    by_name_and_address.succeeded(who)
    token = access.writing(lambda session: sessions.open_for(session, username))
    _become(token)
    response = _with_draft(draft) or redirect(back, 303)
    access.set_cookie(response, access.COOKIE, token, sessions.LONGEST)
    return response


def _become(token: str) -> None:
    """The rest of this request is asked by whoever just logged in."""
    g.token = token
    g.pop("now", None)
    login = sessions.find(access.reading(), token)
    if login is None:
        raise LookupError("Expected the log-in that was just opened, found none.")
    g.person = access.reading().get_one(Person, login.username)
    g.actor = people.actor_of(access.reading(), g.person)


def _with_draft(draft: str) -> AnyResponse | None:
    """The page that was being filled in when the log-in ended; only for the same person."""
    kept = access.unsigned("draft", draft) if draft else None
    if not kept or kept["whose"] != g.person.username or kept["endpoint"] not in access.KEEPERS or g.person.must_change_password:
        return None
    files.take_over(kept["typed"], g.actor)
    answer: AnyResponse = access.KEEPERS[kept["endpoint"]](**kept["args"], typed=kept["typed"], notice="logged_in_again")
    return answer


def log_out() -> AnyResponse:
    token = g.token
    access.writing(lambda session: sessions.close(session, token))
    response = make_response(redirect(url_for("portal.log_in_form", said="logged_out"), 303))
    response.delete_cookie(access.COOKIE, path="/")
    return response


def password_form(errors: dict[str, str] | None = None, status: int = 200) -> Response:
    return pages.draw("password.html", status, errors=errors or {}, shortest=MIN_PASSWORD, first=g.person.must_change_password)


def change_password() -> AnyResponse:
    old, new, again = (request.form.get(name, "")[:MAX_PASSWORD] for name in ("old", "new", "again"))
    username = g.person.username
    wrong = _wrong_with(username, old, new, again)
    if wrong:
        return password_form(wrong, 422)
    made = people.hash_of(new)
    token = access.writing(lambda session: _change(session, username, new, made))
    response = redirect(url_for("portal.inbox", said="password"), 303)
    access.set_cookie(response, access.COOKIE, token, sessions.LONGEST)
    return response


def _wrong_with(username: str, old: str, new: str, again: str) -> dict[str, str]:
    if people.verify(access.reading(), username, old) is None:
        return {"old": pages.t("password_wrong")}
    if len(new) < MIN_PASSWORD:
        return {"new": pages.t("password_short", n=MIN_PASSWORD)}
    if new.strip().lower() == username:
        return {"new": pages.t("password_like_name")}
    if new == old:
        return {"new": pages.t("password_same")}
    return {} if new == again else {"again": pages.t("password_differs")}


def _change(session: Session, username: str, new: str, made: str) -> str:
    """Ends every log-in, this one too: who copied its cookie is out. The token of a new one."""
    people.set_password(session, username, new, password_hash=made)
    sessions.close_all(session, username)
    return sessions.open_for(session, username)


def set_language() -> AnyResponse:
    chosen = request.form.get("language", "")
    response = make_response(redirect(local_path(request.form.get("back", "/")), 303))
    if chosen not in LANGUAGES:
        return response
    if g.person is not None:
        username = g.person.username
        access.writing(lambda session: people.set_language(session, username, chosen))
    response.set_cookie(access.LANGUAGE_COOKIE, chosen, max_age=31536000, samesite="Lax", httponly=True, secure=access.is_https(), path="/")
    return response
