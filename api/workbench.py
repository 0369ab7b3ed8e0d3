"""Serves the workbench: its page after log-in, its files as they were built, and who is logged in."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, current_app, redirect, request
from werkzeug.exceptions import NotFound
from werkzeug.utils import safe_join
from werkzeug.wrappers import Response as AnyResponse

from api import auth
from engine import database, people
from engine.errors import NotAllowed, NotAuthenticated
from engine.people import Person, Role

routes = Blueprint("workbench", __name__, url_prefix="/workbench")

BUILT = Path(__file__).resolve().parent.parent / "designer" / "static" / "dist"
ROLES = frozenset({Role.ADMIN, Role.MODELLER, Role.OPERATOR})

# The editors write style attributes (and nothing else inline); what runs comes from our own files only.
_CONTENT_SECURITY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_FOREVER = "public, max-age=31536000, immutable"  # the name of a built file changes with what is in it
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
_TYPES = {
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".woff": "font/woff",
    ".woff2": "font/woff2",
    ".ttf": "font/ttf",
    ".eot": "application/vnd.ms-fontobject",
    ".png": "image/png",
    ".txt": "text/plain; charset=utf-8",
}


@routes.get("/session")
def session() -> dict[str, Any]:
    """Who is logged in, with the token without which the cookie authorises nothing (see auth.py)."""
    token = request.cookies.get(auth.LOGIN_COOKIE, "")
    person = _person()
    return {
        "username": person.username,
        "name": person.name,
        "language": person.language or request.accept_languages.best_match(["en", "fr"]) or "en",
        "roles": sorted(str(role) for role in person.roles),
        "csrf": auth.csrf_token(token),
        "timezone": current_app.config["PASSERELLE_TIMEZONE"] or "UTC",
        "url": current_app.config["PASSERELLE_URL"] or request.url_root.rstrip("/"),
    }


def _person() -> Person:
    with database.reading(auth.engine()) as reading:
        person = auth.person_of_login(reading, request.cookies.get(auth.LOGIN_COOKIE, ""))
        if person is None or person.must_change_password:
            raise NotAuthenticated("Log in first.")
        if people.actor_of(reading, person).roles.isdisjoint(ROLES):
            raise NotAllowed("The workbench is for modellers, operators and administrators.")
        reading.expunge(person)
        return person


@routes.get("/assets/<path:name>")
def asset(name: str) -> Response:
    return _file(f"assets/{name}", _FOREVER)


@routes.get("/icon.svg")
def icon() -> Response:
    return _file("icon.svg", "max-age=3600")


@routes.get("/third-party.txt")
def third_party() -> Response:
    """The licences of what is in the pages."""
    return _file("THIRD_PARTY.txt", "max-age=3600")


@routes.get("/")
@routes.get("/<path:_page>")
def page(_page: str = "") -> AnyResponse:
    """One page; which part of it shows, it reads from its address."""
    try:
        _person()
    except NotAuthenticated:
        return redirect(f"/login?back={quote(request.full_path.rstrip('?'))}", 303)
    answer = _file("index.html", "no-cache, private")
    answer.headers["Content-Security-Policy"] = _CONTENT_SECURITY
    answer.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    answer.headers["Referrer-Policy"] = "same-origin"
    return answer


def _file(name: str, kept: str) -> Response:
    found = safe_join(str(BUILT), name)
    if found is None or not Path(found).is_file():
        if name == "index.html":
            raise NotFound("The workbench was not built: run `make run`, or `npm ci && npm run build` in designer/.")
        raise NotFound("There is no such file.")
    encoding, suffix = _encoding(Path(found))
    answer = Response(Path(found + suffix).read_bytes(), content_type=_TYPES.get(Path(found).suffix, "text/html; charset=utf-8"))
    if encoding:
        answer.headers["Content-Encoding"] = encoding
    answer.headers["Vary"] = "Accept-Encoding"
    answer.headers["Cache-Control"] = kept
    return answer


def _encoding(path: Path) -> tuple[str, str]:
    """The smallest version of a file that this browser reads: its encoding, and what its name ends in."""
    for encoding, suffix in _ENCODINGS:
        if encoding in request.accept_encodings and path.with_name(path.name + suffix).is_file():
            return encoding, suffix
    return "", ""
