"""The door to trials: `/trials/<key>/…` is the whole product once more, on the tables of one trial.

Whoever comes is asked for at the door: somebody of the installation who may run trials, or a phone that was let in for one of its
parties. The views of several parties stand beside each other in one browser, each below an address of its own (`/as/<view>`).
What lies behind the door never sees a log-in, a password or a cookie of the installation, and gets cookies of its own.
"""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import io
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import segno
import structlog
from flask import Flask, current_app, redirect, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from api import auth, errors
from api.settings import Settings
from engine import database, documents, links, migrations, people, policies, sessions, trial_casts, trials, worker
from engine.errors import Busy, EngineError, NotAllowed, NotAuthenticated, NotFound, WrongState
from engine.mails import House
from engine.parties import Actor, Role
from engine.postmen import Postman
from engine.trials import Place

log = structlog.get_logger("passerelle.trials")

Make = Callable[[Settings, Mapping[str, Any]], Flask]
MOST_OPEN = 6  # worlds that a process keeps open; each has a small pool of connections
CLICK = timedelta(minutes=2)  # how long a way in holds that somebody opens at once ...
SCAN = timedelta(minutes=15)  # ... and one that a phone reads from the screen
ON_PHONE = timedelta(hours=12)
SETTLE_SECONDS = 10.0
_ADDRESS = re.compile(r"/trials/(\d{1,19})(?:/as/([0-9a-f]{12}))?(/.*)?")
_API = ("/v2", "/passerelle/")
_CLOSED = ("/passerelle/v1/trials", "/passerelle/v1/drafts", "/login", "/password")  # no trial in a trial, nobody logs in there
_NOT_ON_PHONE = (*_API, "/mails", "/docs", "/openapi", "/people", "/parties", "/groups")


@dataclass(frozen=True, slots=True)
class World:
    """One trial, open in this process."""

    key: int
    app: Flask
    engine: Engine
    house: House

    def settle(self) -> None:
        """What is due happens, and mails are written down (and never sent). No thread does that in a trial."""
        with Session(self.engine) as session:
            worker.settle(session, seconds=SETTLE_SECONDS)
            database.run(session, trial_casts.fill_teams)
        Postman(self.engine, self.house, None).deliver_due()


class Worlds:
    """The trials that this process has open, the least recently used goes first."""

    def __init__(self, settings: Settings, place: Place, make: Make) -> None:
        self.place = place
        self._settings, self._make = settings, make
        self._open: OrderedDict[int, World] = OrderedDict()
        self._lock = threading.Lock()

    def open(self, key: int) -> World:
        """Expects that the trial exists and that its tables are of this version (see `expect`)."""
        with self._lock:
            found = self._open.get(key)
            if found is None:
                found = self._open[key] = self._made(key)
            self._open.move_to_end(key)
            old = [self._open.popitem(last=False)[1] for _ in range(len(self._open) - MOST_OPEN)]
        for world in old:
            database.let_go(world.engine)
        return found

    def close(self, key: int) -> None:
        with self._lock:
            found = self._open.pop(key, None)
        if found is not None:
            database.let_go(found.engine)

    def _made(self, key: int) -> World:
        settings, own = self._settings, self.place.folder_of(key)
        if not own.is_dir() and settings.is_sqlite:
            raise NotFound(f"Expected a trial with key {key}, found none.")
        secret = hmac.new(auth.secret().encode(), f"trial:{key}".encode(), hashlib.sha256).hexdigest()
        changed = dataclasses.replace(
            settings, url=f"{settings.url}/trials/{key}", database_url=self.place.url_of(key), secret=secret, smtp_url=None, test_clock=True
        )
        folder = documents.Folder(own / "documents", settings.max_file, settings.max_files)
        app = self._make(changed, self.place.options_of(key, folder))
        name, address = settings.mail_from
        return World(key, app, app.extensions["engine"], House(changed.url, secret, name, address, settings.timezone))


def mount(app: Flask, settings: Settings, make: Make) -> None:
    """Put the trials at `/trials/` of the application."""
    found = Worlds(settings, place_of(settings), make)
    app.extensions["trials"] = found
    app.wsgi_app = _Door(app, app.wsgi_app)  # type: ignore[method-assign]


def place_of(settings: Settings) -> Place:
    """Where this installation's trials lie: with several servers, in the folder that all of them share."""
    return Place((settings.var if settings.is_sqlite else settings.documents) / "trials", settings.database_url)


def worlds() -> Worlds:
    found: Worlds = current_app.extensions["trials"]
    return found


def world(session: Session, key: int) -> World:
    """A trial by its key. Raises NotFound, WrongState (made by another version of ours)."""
    trial = trials.expect(session, key)
    if trial.revision != str(migrations.head()):
        raise WrongState("This trial was made by another version of Passerelle; begin it anew.")
    return worlds().open(key)


def inside(by: Actor) -> Actor:
    """Whoever tries a draft, in its trial: there they may do everything, and are nobody of its cast."""
    return Actor(id=f"{trials.TRYING}{by.username}", name=by.name, roles=frozenset({Role.ADMIN}), language=by.language)


# -- ways in ------------------------------------------------------------------------------------------------------


def _signer(purpose: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(auth.secret(), salt=f"passerelle-trial-{purpose}")


def way_in(key: int, who: Mapping[str, Any], *, on_phone: bool) -> str:
    """The path that lets a browser in as `who` ({"username"} or {"link"}), for a short time."""
    return f"/trials/{key}/enter/{_signer('enter').dumps({'trial': key, 'phone': on_phone, **who})}"


def _read(purpose: str, text: str, kept: timedelta) -> Any:
    try:
        return _signer(purpose).loads(text, max_age=int(kept.total_seconds()))
    except BadSignature:
        return None


def qr_code(address: str) -> str:
    """An SVG that a phone's camera reads (ISO/IEC 18004, error correction M)."""
    picture = io.BytesIO()
    segno.make(address, error="m", micro=False).save(picture, kind="svg", scale=4, border=4, xmldecl=False, svgclass=None, lineclass=None)
    return picture.getvalue().decode()


# -- the door -----------------------------------------------------------------------------------------------------


class _Door:
    """WSGI around the application: what is below `/trials/<key>` goes to that trial, for whoever may."""

    def __init__(self, app: Flask, inner: Callable[..., Iterable[bytes]]) -> None:
        self._app, self._inner = app, inner

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        found = _ADDRESS.fullmatch(environ.get("PATH_INFO", ""))
        if found is None:
            return self._inner(environ, start_response)
        key, view, rest = int(found[1]), found[2] or "", found[3] or "/"
        with self._app.request_context(environ):
            try:
                answer = self._answer(environ, key, view, rest)
            except NotAuthenticated as error:
                answer = _ask_to_log_in(error, environ, rest)
            except EngineError as error:
                answer = errors.of_engine(error)
            except Exception as error:
                answer = errors.of_bug(error)
            if isinstance(answer, Response):  # the door's own answer has the headers of every other
                answer = self._app.process_response(answer)
        return answer(environ, start_response)

    def _answer(self, environ: dict[str, Any], key: int, view: str, rest: str) -> Any:
        """Something that speaks WSGI: an answer of ours, or of the trial."""
        actor = self._actor(rest)
        if actor is None and not (rest.startswith("/enter/") or self._is_phone(key, rest)):
            raise NotAuthenticated("Log in first; trials are opened from the workbench.")
        if rest.startswith(_CLOSED):
            raise NotFound("There is no such page in a trial.")
        who = _let_in(key, rest.removeprefix("/enter/"), actor) if rest.startswith("/enter/") else None
        with database.reading(auth.engine()) as session:  # only now: whoever is nobody opens no trial
            here = world(session, key)
        if who is not None:
            return self._enter(here, who, actor)
        forwarded = dict(environ)
        forwarded["SCRIPT_NAME"] = f"{environ.get('SCRIPT_NAME', '')}{_place(key, view)}"
        forwarded["PATH_INFO"] = rest
        forwarded["HTTP_COOKIE"] = _inward(environ.get("HTTP_COOKIE", ""), key, view)
        forwarded.pop("HTTP_AUTHORIZATION", None)
        forwarded.pop("werkzeug.request", None)
        if actor is not None and rest.startswith(_API):
            forwarded[auth.IN_TRIAL] = inside(actor)
            forwarded[auth.AGAIN] = lambda: self._again(environ, key, rest)
        is_write = environ["REQUEST_METHOD"] not in ("GET", "HEAD", "OPTIONS")
        return _Inside(here, view, forwarded, is_write=is_write, may_workbench=actor is not None)

    def _actor(self, rest: str) -> Actor | None:
        """Whoever may run trials; None for nobody in particular. Raises NotAuthenticated, NotAllowed.

        A page needs the log-in's cookie alone, and has tokens of its own against other pages' forms; the API asks as everywhere.
        """
        if rest.startswith(_API):
            actor = auth.current_actor()
        else:
            with database.reading(auth.engine()) as session:
                person = auth.person_of_login(session, request.cookies.get(auth.LOGIN_COOKIE, ""))
                if person is None or person.must_change_password:
                    return None
                actor = people.actor_of(session, person)
        if not policies.may(actor, "run trials"):
            raise NotAllowed("Trials are for modellers, operators and administrators.")
        return actor

    def _again(self, environ: dict[str, Any], key: int, rest: str) -> Actor | None:
        """Who would be let in now; None for nobody, and where the trial was thrown away."""
        with self._app.request_context(environ):
            try:
                with database.reading(auth.engine()) as session:
                    trials.expect(session, key)
                actor = self._actor(rest)
            except (NotAuthenticated, NotAllowed, NotFound):
                return None
        return None if actor is None else inside(actor)

    def _is_phone(self, key: int, rest: str) -> bool:
        known = _read("phone", request.cookies.get(_phone_cookie(key), ""), ON_PHONE)
        return isinstance(known, dict) and known.get("trial") == key and not rest.startswith(_NOT_ON_PHONE)

    def _enter(self, here: World, known: Mapping[str, Any], actor: Actor | None) -> Response:
        """Log the browser in as somebody of the trial, or open a guest's link."""
        place = f"/trials/{here.key}"
        with Session(here.engine) as session:
            if "link" in known:
                link = session.get(links.Link, known["link"])
                if link is None:
                    raise NotFound("Expected an invitation in this trial, found none.")
                answer = redirect(f"{place}/l/{links.token(here.house.secret, link)}", 303)
            else:
                username = known["username"]
                people.expect_person(session, username)
                login = database.run(session, lambda s: sessions.open_for(s, username))
                view = view_of(username)
                there = _place(here.key, view)
                answer = redirect(f"{there}/start/{quote(known['start'], safe='')}" if "start" in known else f"{there}/", 303)
                _set_cookie(answer, _prefix(here.key, view) + auth.LOGIN_COOKIE, login, there, sessions.LONGEST)
        if known["phone"] and actor is None:
            allowed = _signer("phone").dumps({"trial": here.key})
            _set_cookie(answer, _phone_cookie(here.key), allowed, place, ON_PHONE)
        answer.headers["Referrer-Policy"] = "no-referrer"
        answer.headers["Cache-Control"] = "no-store"
        return answer


def _let_in(key: int, token: str, actor: Actor | None) -> Mapping[str, Any]:
    """As whom. Raises NotFound, NotAuthenticated."""
    known = _read("enter", token, SCAN)
    if not isinstance(known, dict) or known.get("trial") != key:
        raise NotFound("This way into the trial has run out; open it once more from the workbench.")
    if actor is None and not known["phone"]:
        raise NotAuthenticated("Log in first; trials are opened from the workbench.")
    if not known["phone"] and _read("enter", token, CLICK) is None:
        raise NotFound("This way into the trial has run out; open it once more from the workbench.")
    return known


def _ask_to_log_in(error: NotAuthenticated, environ: Mapping[str, Any], rest: str) -> Response:
    """Somebody at a page gets the log-in, never the browser's own question for a name and a password."""
    if rest.startswith(_API):
        return errors.of_engine(error)
    if environ.get("HTTP_SEC_FETCH_MODE") == "navigate" and environ["REQUEST_METHOD"] == "GET":
        return redirect(f"/login?back={quote(environ['PATH_INFO'])}", 303)
    answer = errors.of_engine(error)
    answer.headers.pop("WWW-Authenticate", None)
    return answer


def _set_cookie(answer: Response, name: str, value: str, path: str, kept: timedelta) -> None:
    secure = str(current_app.config.get("PASSERELLE_URL") or "").startswith("https:")
    answer.set_cookie(name, value, max_age=int(kept.total_seconds()), httponly=True, samesite="Lax", secure=secure, path=f"{path}/")


class _Inside:
    """One request behind the door."""

    def __init__(self, here: World, view: str, environ: dict[str, Any], *, is_write: bool, may_workbench: bool) -> None:
        self._here, self._view, self._environ, self._is_write, self._may_workbench = here, view, environ, is_write, may_workbench

    def __call__(self, _environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        head: list[Any] = []

        def note(status: str, headers: list[tuple[str, str]], *more: Any) -> Callable[..., Any]:
            head[:] = [status, headers, *more]
            return lambda _data: None

        parts = self._here.app.wsgi_app(self._environ, note)
        if self._is_write:
            self._settle()
        status, headers, *more = head
        # neither path nor key of what was asked: a path may hold the token of a link
        log.info("request in a trial", trial=self._here.key, method=self._environ["REQUEST_METHOD"], status=int(status.split()[0]))
        if status.startswith("401") and self._may_workbench and self._environ.get("HTTP_SEC_FETCH_MODE") == "navigate":
            # nobody logs in here: whoever lost the way goes back to where one says as whom one acts
            if hasattr(parts, "close"):
                parts.close()
            return redirect(f"/workbench/trials/{self._here.key}", 303)(self._environ, start_response)
        start_response(status, [_outward(name, value, self._here.key, self._view) for name, value in headers], *more)
        return parts

    def _settle(self) -> None:
        try:
            self._here.settle()
        except Busy:
            log.warning("trial has more to do", trial=self._here.key)
        except Exception:
            log.exception("trial could not go on", trial=self._here.key)


# -- cookies ------------------------------------------------------------------------------------------------------


def view_of(username: str) -> str:
    """The part of the address that keeps the view of one member of the cast beside those of the others, in the same browser."""
    return hashlib.sha256(username.encode()).hexdigest()[:12]


def _place(key: int, view: str) -> str:
    return f"/trials/{key}/as/{view}" if view else f"/trials/{key}"


def _prefix(key: int, view: str) -> str:
    return f"trial{key}as{view}_" if view else f"trial{key}_"


def _phone_cookie(key: int) -> str:
    return f"phone_in_trial{key}"


def _inward(header: str, key: int, view: str) -> str:
    """Only the trial's own cookies of this view, by the names that the application knows."""
    own = _prefix(key, view)
    pairs = (pair.strip() for pair in header.split(";"))
    return "; ".join(pair[len(own) :] for pair in pairs if pair.startswith(own))


def _outward(name: str, value: str, key: int, view: str) -> tuple[str, str]:
    if name.lower() != "set-cookie":
        return name, value
    return name, _prefix(key, view) + re.sub(r"(?i)(;\s*path=)/(?=;|$)", rf"\g<1>{_place(key, view)}/", value)
