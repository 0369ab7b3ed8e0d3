"""Who is asking: Basic, a bearer token of ours (OAuth 2 client credentials), or the cookie of our own pages; the secret that signs."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, g, request
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from engine import database, installation, json_text, people, sessions
from engine.errors import NotAuthenticated
from engine.parties import Actor
from engine.people import Person

TOKEN_SECONDS = 3600
LOGIN_COOKIE = "passerelle_login"


def engine() -> Engine:
    found: Engine = current_app.extensions["engine"]
    return found


def is_of_another_origin() -> bool:
    """Whether a page of another site sent this request, as far as the browser says."""
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        return True
    origin = request.headers.get("Origin")
    if origin is None:
        return False
    own = {request.host, urlsplit(str(current_app.config.get("PASSERELLE_URL") or "")).netloc}
    return _place_of(origin) not in own - {""}


def _place_of(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:  # such as http://[
        return ""


def current_actor() -> Actor:
    """The actor of this request. Raises NotAuthenticated. A cookie authorises nothing without the token of our own pages."""
    if "actor" in g and g.actor is not None:
        found: Actor = g.actor
        return found
    if current_app.config.get("PASSERELLE_TRIAL"):
        return _let_in()
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    with database.reading(engine()) as session:
        actor = _by_scheme(session, scheme.lower(), given.strip()) if scheme else _by_cookie(session)
    if actor is None:
        raise NotAuthenticated(_NOT_KNOWN.get(scheme.lower(), _NOBODY))
    g.actor = actor
    return actor


def ask_again() -> Callable[[], Actor | None]:
    """The question who is asking, for later, while an answer is still being given: None where the log-in has ended meanwhile."""
    at_the_door: Callable[[], Actor | None] | None = request.environ.get(AGAIN)
    if at_the_door is not None:
        return at_the_door
    app, environ = current_app._get_current_object(), request.environ  # type: ignore[attr-defined]

    def asked() -> Actor | None:
        with app.request_context(environ):
            try:
                return current_actor()
            except NotAuthenticated:
                return None

    return asked


AGAIN = "passerelle.again"  # in the environment beside the following: the same question, put to the door once more
IN_TRIAL = "passerelle.actor"  # in the environment of a request: whom the door of a trial (trials.py) let in; no header can say it


def _let_in() -> Actor:
    """In a trial: no name and password counts there, only the log-in of the installation, asked at its door."""
    found: Actor | None = request.environ.get(IN_TRIAL)
    if found is None:
        raise NotAuthenticated("Open the trial from the workbench.")
    return found


_NOBODY = "Say who you are: by user name and password (Basic), or by an access token (Bearer)."
_NOT_KNOWN = {
    "basic": NotAuthenticated.__doc__,
    "bearer": "The access token is not one of ours, has run out, or its client may no longer use it: ask /oauth/token for a new one.",
}


def _by_scheme(session: Session, scheme: str, given: str) -> Actor | None:
    if scheme == "basic":
        name, secret = _pair(given)
        return people.actor_with_password(session, name, secret) if name else None
    if scheme == "bearer":
        return _bearer(session, given)
    return None


def _by_cookie(session: Session) -> Actor | None:
    """A page of ours names the log-in's token in a header, which no page of another origin can send along with the cookie."""
    if is_of_another_origin():
        return None
    token, said = request.cookies.get(LOGIN_COOKIE, ""), request.headers.get("X-CSRF-Token", "")
    if not said or not hmac.compare_digest(said.encode(), csrf_token(token).encode()):
        return None
    person = person_of_login(session, token)
    return None if person is None or person.must_change_password else people.actor_of(session, person)


def person_of_login(session: Session, token: str) -> Person | None:
    """Who is logged in by this cookie; None where the log-in ended or the account is switched off."""
    login = sessions.find(session, token)
    person = session.get(Person, login.username) if login is not None else None
    return person if person is not None and person.active else None


def csrf_token(bound_to: str) -> str:
    """What a page of ours sends along with the cookie that it belongs to (of a log-in, or of a visit before it)."""
    return hmac.new(secret().encode(), b"csrf:" + bound_to.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _pair(given: str) -> tuple[str, str]:
    """User name and password of a Basic header; empty where it is none."""
    try:
        name, colon, secret = base64.b64decode(given, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return (name, secret) if colon and "\x00" not in name else ("", "")


# -- tokens -------------------------------------------------------------------------------------------------------

# A JSON Web Token (RFC 7519) with one algorithm, ours: some clients read from it when it runs out.
_HEADER = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').rstrip(b"=")


def _bearer(session: Session, token: str) -> Actor | None:
    claims = _read_token(token)
    return people.actor_of_client(session, claims["sub"], claims["stamp"]) if claims else None


def token_for(session: Session, client_id: str, client_secret: str) -> str | None:
    """A token of one hour; it dies with the client's secret."""
    if people.actor_with_secret(session, client_id, client_secret) is None:
        return None
    now = int(time.time())
    claims = {"iss": "passerelle", "sub": client_id, "iat": now, "exp": now + TOKEN_SECONDS, "stamp": people.stamp_of(session, client_id)}
    signed = _HEADER + b"." + base64.urlsafe_b64encode(json_text.dump_bytes(claims)).rstrip(b"=")
    return (signed + b"." + _signature(signed)).decode()


def _read_token(token: str) -> dict[str, Any] | None:
    """The claims of a token that we signed and that has not run out; None for any other text."""
    signed, _, signature = token.encode("utf-8", "surrogateescape").rpartition(b".")
    if not signed.startswith(_HEADER + b".") or not hmac.compare_digest(signature, _signature(signed)):
        return None
    body = signed[len(_HEADER) + 1 :]
    claims: dict[str, Any] = json_text.loads(base64.urlsafe_b64decode(body + b"=" * (-len(body) % 4)))
    return claims if claims["exp"] > time.time() else None


def _signature(signed: bytes) -> bytes:
    key = hmac.digest(secret().encode(), b"passerelle-access-token", "sha256")  # the secret signs other things too
    return base64.urlsafe_b64encode(hmac.digest(key, signed, "sha256")).rstrip(b"=")


def client_of_request() -> tuple[str, str]:
    """RFC 6749, 2.3.1: by Basic header or in the form."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        return _pair(given.strip())
    return request.form.get("client_id", ""), request.form.get("client_secret", "")


def asked_from_this_machine() -> bool:
    # behind a proxy on the same machine everybody seems to come from here
    forwarded = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"))
    return not forwarded and request.remote_addr is not None and ip_address(request.remote_addr).is_loopback


def secret() -> str:
    """PASSERELLE_SECRET, else the installation's own."""
    known = current_app.secret_key or current_app.extensions.get("passerelle_secret")
    if known is None:
        with Session(engine()) as session:
            known = database.run(session, installation.secret)
        current_app.extensions["passerelle_secret"] = known
    return known.decode() if isinstance(known, bytes) else str(known)
