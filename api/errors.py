"""Engine errors and HTTP errors as problem+json (RFC 9457): one table, the only place that knows status codes."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import structlog
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from api import languages
from engine import errors, json_text
from engine.feel.sentences import Sentence
from engine.languages import in_language

log = structlog.get_logger("passerelle.errors")

# engine error -> status, code
ANSWERS: Mapping[type[errors.EngineError], tuple[int, str]] = {
    errors.NotFound: (404, "NOT_FOUND"),
    errors.NotAllowed: (403, "FORBIDDEN"),
    errors.NotAuthenticated: (401, "UNAUTHORIZED"),
    errors.Invalid: (400, "INVALID_ARGUMENT"),
    errors.Refused: (400, "INVALID_ARGUMENT"),
    errors.WrongState: (409, "INVALID_STATE"),
    errors.Conflict: (409, "CONFLICT"),
    errors.AlreadyExists: (409, "ALREADY_EXISTS"),
    errors.TooLarge: (413, "INVALID_ARGUMENT"),
    errors.Busy: (503, "RESOURCE_EXHAUSTED"),
}
_CODES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    413: "INVALID_ARGUMENT",
    415: "INVALID_ARGUMENT",
}


_BASIC = 'Basic realm="Passerelle", charset="UTF-8"'
_BEARER = 'Bearer realm="Passerelle", error="invalid_token"'  # RFC 6750, 3


def problem(status: int, title: str, detail: str, **more: Any) -> Response:
    """All five members are there: clients fail on a problem that lacks one."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, "instance": request.path, **more}
    answer = Response(json_text.dump_bytes(_sayable(body, languages.asked())), status, content_type="application/problem+json")
    if status == 401:
        with_token = request.headers.get("Authorization", "").partition(" ")[0].lower() == "bearer"
        answer.headers["WWW-Authenticate"] = _BEARER if with_token else _BASIC
    if status == 503:
        answer.headers["Retry-After"] = "1"
    return answer


def _sayable(value: Any, language: str) -> Any:
    """In the caller's language. What it sent may stand in it: half a character of UTF-16 has no UTF-8."""
    if isinstance(value, str):
        said = in_language(value, language) if isinstance(value, Sentence) else value
        return said.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, Mapping):
        return {_sayable(name, language): _sayable(inner, language) for name, inner in value.items()}
    return [_sayable(one, language) for one in value] if isinstance(value, (list, tuple)) else value


def of_engine(error: errors.EngineError) -> Response:
    status, title = next((ANSWERS[kind] for kind in type(error).__mro__ if kind in ANSWERS), (500, "INTERNAL"))
    more: dict[str, Any] = {}
    if "fields" in error.details:
        more["errors"] = error.details["fields"]
    more |= error.details.get("about", {})
    if "problems" in error.details:
        more["problems"] = [_camel(dataclasses.asdict(one)) for one in error.details["problems"]]
    lines = [in_language(one, languages.asked()) for one in error.details.get("lines", ())]
    return problem(status, title, "\n".join(lines) or error.message, **more)


def of_http(error: HTTPException) -> Response:
    status = error.code or 500
    return problem(status, _CODES.get(status, error.name), error.description or error.name)


def of_bug(error: Exception) -> Response:
    # the reason goes to the log, never to the caller
    log.exception("request failed", route=request.url_rule.rule if request.url_rule else None)
    return problem(500, "INTERNAL", "Something went wrong here; it has been written to the log.")


def _camel(row: Mapping[str, Any]) -> dict[str, Any]:
    return {(head := name.split("_"))[0] + "".join(part.title() for part in head[1:]): value for name, value in row.items()}


def register(app: Flask) -> None:
    app.register_error_handler(errors.EngineError, of_engine)
    app.register_error_handler(HTTPException, of_http)
    app.register_error_handler(Exception, of_bug)
