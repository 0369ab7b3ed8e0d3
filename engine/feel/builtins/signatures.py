"""How a built-in is declared: one line of FEEL-like signature above a Python function."""
from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ..errors import UnfitError
from ..limits import Run
from ..sentences import say
from ..values import (
    DATE_TYPES,
    DURATION_TYPES,
    MOMENT_TYPES,
    TIME_TYPES,
    Function,
    Range,
    Value,
    YearsMonths,
    kind,
)

_PYTHON_TYPES: dict[str, frozenset[type]] = {
    "number": frozenset({int, Decimal}),
    "string": frozenset({str}),
    "boolean": frozenset({bool}),
    "context": frozenset({dict}),
    "function": frozenset({Function}),
    "range": frozenset({Range}),
    "date": DATE_TYPES,
    "time": TIME_TYPES,
    "date and time": MOMENT_TYPES,
    "date or date and time": DATE_TYPES | MOMENT_TYPES,
    "days and time duration": DURATION_TYPES,
    "duration": DURATION_TYPES | {YearsMonths},
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """`name: type`; `name?` may be left out, `type?` may be null, `any` is any value and null."""

    name: str
    type: str
    optional: bool
    nullable: bool

    def fit(self, value: Value) -> Value:
        """The value as this parameter takes it: a list of one becomes its item, a single value a list. Raises UnfitError."""
        if self.type == "any":
            return value
        if value is None:
            if self.nullable:
                return None
            raise UnfitError(say("'{name}' is null, expected a {wanted_kind}", name=self.name, wanted_kind=self.type))
        if self.type == "list":
            return value if type(value) is list else [value]
        expected = _PYTHON_TYPES[self.type]
        if type(value) in expected:
            return value
        if type(value) is list and len(value) == 1 and type(value[0]) in expected:
            return value[0]
        raise UnfitError(say("'{name}' is a {kind}, expected a {wanted_kind}", name=self.name, kind=kind(value), wanted_kind=self.type))


@dataclass(frozen=True, slots=True)
class Signature:
    parameters: tuple[Parameter, ...]
    function: Callable[..., Value]
    variadic: bool  # any number of arguments stand for one list
    required: int
    declaration: str = ""
    about: str = ""  # what it answers, an empty line, an example that is true

    def takes(self, count: int) -> bool:
        return count >= max(self.required - 1, 1) if self.variadic else self.required <= count <= len(self.parameters)

    def fitted(self, arguments: Sequence[Value]) -> list[Value]:
        if not self.variadic:
            return [parameter.fit(argument) for parameter, argument in zip(self.parameters, arguments, strict=False)]
        before = len(self.parameters) - 1
        if len(arguments) < before:
            raise UnfitError(say("Expected at least {before} arguments, found {count}", before=before, count=len(arguments)))
        fixed = [parameter.fit(argument) for parameter, argument in zip(self.parameters[:before], arguments, strict=False)]
        rest = list(arguments[before:])
        return [*fixed, rest[0] if len(rest) == 1 and type(rest[0]) is list and not before else rest]


@dataclass(slots=True)
class Builtin:
    """A function of the language, with one signature or several; the first that fits is applied."""

    name: str
    signatures: list[Signature] = field(default_factory=list)

    def apply(self, run: Run, arguments: Sequence[Value]) -> Value:
        """The answer. Raises UnfitError if no signature fits, or if the values have no answer."""
        reason = UnfitError(say("Takes no {count} arguments", count=len(arguments)))
        for signature in self.signatures:
            if not signature.takes(len(arguments)):
                continue
            try:
                fitted = signature.fitted(arguments)
            except UnfitError as unfit:
                reason = unfit
                continue
            run.charge()
            return signature.function(run, *fitted)
        raise reason

    def apply_named(self, run: Run, arguments: Mapping[str, Value]) -> Value:
        """Like apply, for arguments by name."""
        for complete in (True, False):  # what a call by name leaves out is null (DMN 1.5, 10.3.2.13.7)
            for signature in self.signatures:
                ordered = _ordered(signature, arguments, complete=complete)
                if ordered is not None:
                    return self.apply(run, ordered)
        known = " or ".join(", ".join(parameter.name for parameter in signature.parameters) for signature in self.signatures)
        raise UnfitError(say("Expected the arguments {known}, found {given}", known=known, given=", ".join(arguments)))


def _ordered(signature: Signature, arguments: Mapping[str, Value], *, complete: bool) -> list[Value] | None:
    names = [parameter.name for parameter in signature.parameters]
    if not arguments or not set(arguments) <= set(names):
        return None
    if complete and any(name not in arguments for name in names[: signature.required]):
        return None
    last = max(*(names.index(name) for name in arguments), signature.required - 1, 0)
    return [arguments.get(name) for name in names[: last + 1]]


def _parameter(text: str) -> Parameter:
    name, _, type_name = (part.strip() for part in text.partition(":"))
    return Parameter(name.rstrip("?"), type_name.rstrip("?"), name.endswith("?"), type_name.endswith("?"))


class Table:
    """The built-ins of one family, by name."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.builtins: dict[str, Builtin] = {}

    def __call__(self, *declarations: str, about: str = "") -> Callable[[Callable[..., Value]], Callable[..., Value]]:
        """Declares a function under each signature, e.g. `substring(string: string, start position: number, length?: number)`.

        What it does is its docstring, or `about`: what it answers, an empty line, and an example that is true.
        """

        def declare(function: Callable[..., Any]) -> Callable[..., Any]:
            for declaration in declarations:
                name, _, inside = declaration.rstrip(")").partition("(")
                variadic = inside.endswith("...")
                parameters = tuple(_parameter(part) for part in inside.removesuffix("...").split(",") if part.strip())
                required = sum(not parameter.optional for parameter in parameters)
                text = about or inspect.getdoc(function) or ""
                signature = Signature(parameters, function, variadic, required, declaration, text)
                self.builtins.setdefault(name, Builtin(name)).signatures.append(signature)
            return function

        return declare


def as_function(builtin: Builtin) -> Function:
    """The built-in as a value, to be handed to other functions."""
    names = tuple(parameter.name for parameter in builtin.signatures[0].parameters)
    return Function(builtin.name, names, builtin.apply, variadic=True)


# What goes beyond the standard, so that nobody takes it for portable.
EXTENSIONS = Table("Beyond the standard")
