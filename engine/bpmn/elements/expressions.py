"""What a model says in words or FEEL: static text, expressions, input and output mappings."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping as Scope
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.feel import Expression, compile_expression
from engine.feel.sentences import say
from engine.feel.values import kind

from ..names import A_NAME, is_name

if TYPE_CHECKING:
    from .tokens import Token


class ModelError(Exception):
    """The model asks for something impossible while it runs. `error_type` as in the REST API's incidents."""

    def __init__(self, error_type: str, message: str) -> None:
        super().__init__(message)
        self.error_type = error_type
        self.message = message


class Refusal(ModelError):
    """What the person or client that caused it is told, instead of an incident. `problems`: field or role -> what was expected."""

    def __init__(self, message: str, problems: dict[str, str]) -> None:
        super().__init__("UNKNOWN", message)
        self.problems = problems


def compile_feel(text: str) -> Expression:
    """FEEL with or without a leading `=`. Raises FeelError."""
    stripped = text.strip()
    return compile_expression(stripped[1:] if stripped.startswith("=") else stripped)


class Text:
    """Static text, or FEEL where it starts with `=`."""

    __slots__ = ("expression", "static")

    def __init__(self, source: str) -> None:
        is_feel = source.lstrip().startswith("=")
        self.static: str | None = None if is_feel else source
        self.expression: Expression | None = compile_feel(source) if is_feel else None

    @classmethod
    def of(cls, source: str | None) -> Text | None:
        return None if source is None or not source.strip() else cls(source)

    def value(self, token: Token) -> Any:
        return self.static if self.expression is None else token.workflow.evaluate(self.expression, token)

    def evaluate(self, scope: Scope[str, Any], now: Callable[[], datetime] | None = None) -> Any:
        """The value for a scope outside a running element (a case's title, a start event). Raises FeelError."""
        return self.static if self.expression is None else self.expression.evaluate(scope, now=now)

    def text(self, token: Token, what: str) -> str:
        """The value as a name; numbers are written out. Raises ModelError for anything else."""
        if self.static is not None:
            return self.static
        return as_name(self.value(token), self.source, what)

    @property
    def source(self) -> str:
        return self.static if self.expression is None else self.expression.source  # type: ignore[return-value]


def as_name(value: Any, source: str, what: str) -> str:
    """Raises ModelError for what cannot be a name."""
    if isinstance(value, str):
        return expect_name(value, source, what)
    if isinstance(value, bool) or value is None or isinstance(value, (list, dict)):
        raise ModelError(
            "EXTRACT_VALUE_ERROR",
            say("Expected a string for the {what} '{source}', found {found}.", what=named(what), source=source, found=kind_of(value)),
        )
    return expect_name(str(value), source, what)


def expect_name(text: str, source: str, what: str) -> str:
    if not is_name(text):
        told = {"a_name": A_NAME, "what": named(what), "source": source, "start": text[:40]}
        raise ModelError("EXTRACT_VALUE_ERROR", say("Expected {a_name} for the {what} '{source}', found {start!r} and more.", **told))
    return text


# what a model names by an expression or a word
_NAMED = (
    *(say("message name"), say("signal name"), say("correlation key"), say("error code"), say("escalation code")),
    *(say("called process"), say("called decision"), say("version tag"), say("job type"), say("job priority")),
    *(say("number of retries"), say("candidate groups"), say("candidate users"), say("assignee"), say("priority")),
)
_BY_NAME: dict[str, str] = {one: one for one in _NAMED}


def named(what: str) -> str:
    """`what` as a sentence, where it is one of the usual things."""
    return _BY_NAME.get(what, what)


_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "boolean"),
    (str, "string"),
    (list, "list"),
    (dict, "context"),
    ((int, float, Decimal), "number"),
)


def kind_of(value: Any) -> str:
    """How to name a value's kind to the author of a model, without showing the value itself."""
    if value is None:
        return say("null")
    return say("a {kind}", kind=next((name for type_, name in _KINDS if isinstance(value, type_)), kind(value)))


@dataclass(frozen=True, slots=True)
class Mapping:
    """One input or output mapping: evaluates `source` into the variable at `target` (a dotted path)."""

    source: Expression
    target: tuple[str, ...]

    @classmethod
    def of(cls, source: str, target: str) -> Mapping:
        return cls(compile_feel(source) if source.lstrip().startswith("=") else compile_feel(_literal(source)), tuple(target.split(".")))


def _literal(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def place(target: tuple[str, ...], value: Any, results: dict[str, Any], existing: Any) -> None:
    """Puts a value at a dotted path of `results`, copying each context on the way: values are shared and never changed in place."""
    name, *inner = target
    if not inner:
        results[name] = value
        return
    at = results[name] = dict(existing) if isinstance(existing, dict) else {}
    for step in inner[:-1]:
        below = at.get(step)
        at[step] = dict(below) if isinstance(below, dict) else {}
        at = at[step]
    at[inner[-1]] = value
