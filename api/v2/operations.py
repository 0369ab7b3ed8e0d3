"""How every operation is answered: read the body, ask who, call one function, answer; commands at most once by Idempotency-Key."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from itertools import chain, islice
from typing import Any

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import Schema, ValidationError
from sqlalchemy.orm import Session
from werkzeug.exceptions import UnsupportedMediaType

from api.auth import current_actor, engine
from engine import database, json_text, policies, receipts
from engine.bpmn.names import is_name
from engine.errors import Invalid, NotFound
from engine.parties import Actor

_KEY = re.compile(r"-?[0-9]{1,25}")
_MOST_NESTED = 200
_TEXTS = frozenset({"decisionEvaluationInstanceKey"})  # two numbers in one word
_MOST_WRONG = 20  # fields that a refusal names
_LONGEST_NAME = 80


def operation(
    blueprint: Blueprint,
    method: str,
    path: str,
    *,
    name: str,
    may: str | None,
    body: type[Schema] | None = None,
    answer: type[Schema] | None = None,
    status: int = 200,
    command: bool = False,
    more: Mapping[str, Any] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Response]]:
    """Registers a function as an operation.

    `may`: the operation in policies.OPERATIONS that is asked for (None: anybody who is logged in). The function gets a session,
    the checked body (where there is one), the keys of the path, and `by`. A command runs in one transaction; anything else only
    reads. It answers with plain data, a Response, or nothing (204). `more`: what the documentation cannot know by itself.
    """
    schema = body() if body is not None else None

    def register(function: Callable[..., Any]) -> Callable[..., Response]:
        @wraps(function)
        def view(**path_values: Any) -> Response:
            by = current_actor()
            if may is not None:
                policies.require(policies.may(by, may))
            arguments: dict[str, Any] = {_snake(name): _path_value(name, value) for name, value in path_values.items()}
            if schema is not None:
                arguments["body"] = load(schema, json_body())
            if not command:
                with database.reading(engine()) as session:
                    return _response(function(session, by=by, **arguments), status)
            return _run(lambda session: function(session, by=by, **arguments), by, status)

        documented = blueprint.doc(
            operationId=name, summary=_summary(function), **{**_documentation(path, body, answer, status, command), **(more or {})}
        )(view)
        blueprint.route(path, methods=[method], endpoint=name)(documented)
        return view

    return register


def _run(work: Callable[[Session], Any], by: Actor, status: int) -> Response:
    key = request.headers.get("Idempotency-Key")
    with Session(engine()) as session:
        if key is None:
            return _response(database.run(session, work), status)

        def once(session: Session) -> tuple[int, bytes]:
            answer = _response(work(session), status)
            return answer.status_code, answer.get_data()

        asked = b"\n".join([request.method.encode(), request.full_path.encode(), request.get_data()])
        found, data = database.run(session, lambda s: receipts.once(s, by, key, asked, once))
    return Response(data, found, content_type="application/json" if data else None)


def json_response(data: Any, status: int = 200) -> Response:
    return Response(json_text.dump_bytes(data), status, content_type="application/json")


def _response(found: Any, status: int) -> Response:
    if isinstance(found, Response):
        return found
    if found is None:
        return Response(status=204)
    return json_response(found, status)


# -- reading ------------------------------------------------------------------------------------------------------


def json_body() -> Any:
    data = request.get_data()
    if not data:
        return {}
    if request.mimetype != "application/json" and not request.mimetype.endswith("+json"):
        raise UnsupportedMediaType("Expected Content-Type application/json.")
    try:
        found = json_text.loads(data)
    except json_text.NotJson as error:
        raise Invalid(f"Expected JSON: {error}", fields={"": "JSON"}) from error
    if _is_deep(found):
        raise Invalid(f"Expected JSON of at most {_MOST_NESTED} levels.", fields={"": "less nesting"})
    return found


def _is_deep(value: Any) -> bool:
    """Level by level: one pass over the characters took seconds for a large body."""
    level, depth = [value], 0
    while level and depth < _MOST_NESTED:
        inside = chain.from_iterable(one.values() if isinstance(one, dict) else one for one in level if isinstance(one, (dict, list)))
        level = [one for one in inside if isinstance(one, (dict, list))]
        depth += 1
    return bool(level)


def load(schema: Schema, data: Any) -> Any:
    """Raises Invalid that names every wrong field."""
    if not isinstance(data, dict):
        raise Invalid("Expected a JSON object.", fields={"": "an object"})
    try:
        return schema.load({name: value for name, value in data.items() if value is not None})
    except ValidationError as error:
        wrong = dict(islice(_flat(error.messages), _MOST_WRONG))
        words = "; ".join(f"{name}: {said}" if name else said for name, said in wrong.items())
        raise Invalid(f"The request is not as expected: {words}", fields=wrong) from error


def _flat(messages: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Field -> what was expected; of a long name its beginning."""
    if not isinstance(messages, dict):
        words = messages if isinstance(messages, str) else "; ".join(map(str, messages))
        yield prefix, words[0].lower() + words[1:] if words else words
        return
    for name, inner in messages.items():
        short = str(name)[:_LONGEST_NAME] + ("…" if len(str(name)) > _LONGEST_NAME else "")
        yield from _flat(inner, prefix if name == "_schema" else f"{prefix}.{short}" if prefix else short)


def asked_bool(name: str, *, usual: bool) -> bool:
    """A yes or no behind the question mark. Raises Invalid."""
    given = request.args.get(name)
    if given is None:
        return usual
    if given not in ("true", "false"):
        raise Invalid(f"Expected true or false for {name}, found {given[:40]!r}.", fields={name: "true or false"})
    return given == "true"


def _snake(name: str) -> str:
    return re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", name)


def _path_value(name: str, value: str) -> Any:
    if name in _TEXTS:
        return value
    if not name.endswith("Key"):
        if not is_name(value):
            raise NotFound("Expected something of this name, found nothing.")
        return value
    if not _KEY.fullmatch(value):
        raise Invalid(f"Expected a key in the path, found {value[:40]!r}.", fields={name: "a string of digits"})
    number = int(value)
    if abs(number) >= 2**63:
        raise NotFound(f"Expected something with key {value}, found nothing.")
    return number


# -- documentation ------------------------------------------------------------------------------------------------


def _summary(function: Callable[..., Any]) -> str:
    return (function.__doc__ or "").strip().split("\n")[0]


def _shape_of(name: str) -> dict[str, Any]:
    if name in _TEXTS:
        return {"type": "string"}
    return KEY if name.endswith("Key") else _NAME


def _documentation(path: str, body: type[Schema] | None, answer: type[Schema] | None, status: int, command: bool) -> dict[str, Any]:
    problem = {"description": "What was wrong, and what was expected.", "content": {"application/problem+json": {"schema": PROBLEM}}}
    good: dict[str, Any] = {"description": "Done."}
    if answer is not None:
        good["content"] = {"application/json": {"schema": answer}}
    found: dict[str, Any] = {"responses": {str(status if answer is not None else 204): good, "default": problem}}
    names = re.findall(r"<(\w+)>", path)
    places = [{"in": "path", "name": name, "required": True, "schema": _shape_of(name)} for name in names]
    found["parameters"] = [*places, *([ONCE] if command else [])]
    if body is not None:
        found["requestBody"] = {"required": False, "content": {"application/json": {"schema": body}}}
    return found


KEY = {"type": "string", "pattern": "^-?[0-9]{1,25}$"}
_NAME = {"type": "string"}
ONCE = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "description": "The same key again within 24 hours gives the same answer, and nothing is done twice.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "errors": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}
