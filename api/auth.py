"""Who is asking: Basic, a bearer token of ours (OAuth 2 client credentials), and the secret that signs it."""

from __future__ import annotations

import base64
import binascii
from functools import lru_cache

from flask import current_app, g, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from engine import database, installation, people
from engine.errors import NotAuthenticated
from engine.parties import Actor

TOKEN_SECONDS = 3600


def engine() -> Engine:
    found: Engine = current_app.extensions["engine"]
    return found


def current_actor() -> Actor:
    """The actor of this request. Raises NotAuthenticated. Cookies of the portal authorise nothing here."""
    if "actor" in g and g.actor is not None:
        found: Actor = g.actor
        return found
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    with database.reading(engine()) as session:
        actor = _by_scheme(session, scheme.lower(), given.strip())
    if actor is None:
        raise NotAuthenticated()
    g.actor = actor
    return actor


def _by_scheme(session: Session, scheme: str, given: str) -> Actor | None:
    if scheme == "basic":
        name, secret = _pair(given)
        return people.actor_with_password(session, name, secret) if name else None
    if scheme == "bearer":
        return _bearer(session, given)
    return None


def _pair(given: str) -> tuple[str, str]:
    """User name and password of a Basic header; empty where it is none."""
    try:
        name, colon, secret = base64.b64decode(given, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return (name, secret) if colon and "\x00" not in name else ("", "")


# -- tokens -------------------------------------------------------------------------------------------------------


def _bearer(session: Session, token: str) -> Actor | None:
    try:
        client_id, stamp = _signer(secret()).loads(token, max_age=TOKEN_SECONDS)
    except (BadSignature, ValueError, TypeError):
        return None
    return people.actor_of_client(session, client_id, stamp)


def token_for(session: Session, client_id: str, client_secret: str) -> str | None:
    """A token of one hour; it dies with the client's secret."""
    if people.actor_with_secret(session, client_id, client_secret) is None:
        return None
    return str(_signer(secret()).dumps([client_id, people.stamp_of(session, client_id)]))


def client_of_request() -> tuple[str, str]:
    """RFC 6749, 2.3.1: by Basic header or in the form."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        return _pair(given.strip())
    return request.form.get("client_id", ""), request.form.get("client_secret", "")


def secret() -> str:
    """PASSERELLE_SECRET, else the installation's own."""
    known = current_app.secret_key or current_app.extensions.get("passerelle_secret")
    if known is None:
        with Session(engine()) as session:
            known = database.run(session, installation.secret)
        current_app.extensions["passerelle_secret"] = known
    return known.decode() if isinstance(known, bytes) else str(known)


@lru_cache(maxsize=4)
def _signer(key: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(key, salt="passerelle-access-token")
