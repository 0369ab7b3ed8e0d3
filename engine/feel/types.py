"""The types that `instance of` asks for."""
from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from .errors import UnfitError
from .syntax import TypeOf
from .values import Function, Range, Value, YearsMonths

_PYTHON_TYPES: dict[str, frozenset[type]] = {
    "number": frozenset({int, Decimal}),
    "string": frozenset({str}),
    "boolean": frozenset({bool}),
    "date": frozenset({date}),
    "time": frozenset({time}),
    "date and time": frozenset({datetime}),
    "dateTime": frozenset({datetime}),
    "days and time duration": frozenset({timedelta}),
    "day and time duration": frozenset({timedelta}),
    "dayTimeDuration": frozenset({timedelta}),
    "years and months duration": frozenset({YearsMonths}),
    "year and month duration": frozenset({YearsMonths}),
    "yearMonthDuration": frozenset({YearsMonths}),
    "duration": frozenset({timedelta, YearsMonths}),
    "list": frozenset({list}),
    "context": frozenset({dict}),
    "function": frozenset({Function}),
    "range": frozenset({Range}),
}


def instance_test(wanted: TypeOf) -> Callable[[Value], bool]:
    """The question whether a value is of a type. Raises UnfitError for a type that FEEL does not have."""
    if wanted.name == "Any":
        return lambda value: value is not None
    if wanted.name in ("Null", "null"):
        return lambda value: value is None
    plain = _PYTHON_TYPES.get(wanted.name)
    if plain is None:
        raise UnfitError("one of " + ", ".join(sorted(_PYTHON_TYPES)))
    inner = [instance_test(argument) for argument in wanted.arguments]
    if not inner and not wanted.fields:
        return lambda value: type(value) in plain
    deep = _DEEP[wanted.name]
    return lambda value: type(value) in plain and deep(value, inner, wanted)


Tests = list[Callable[[Value], bool]]


def _list_of(value: list[Value], inner: Tests, wanted: TypeOf) -> bool:
    return all(item is None or inner[0](item) for item in value)


def _range_of(value: Range, inner: Tests, wanted: TypeOf) -> bool:
    return all(end is None or inner[0](end) for end in (value.low, value.high))


def _context_of(value: dict[str, Value], inner: Tests, wanted: TypeOf) -> bool:
    return all(key in value and (value[key] is None or test(value[key])) for key, test in zip(wanted.fields, inner, strict=True))


def _function_of(value: Function, inner: Tests, wanted: TypeOf) -> bool:
    return len(value.parameters) == len(inner)


_DEEP: dict[str, Callable[..., bool]] = {"list": _list_of, "range": _range_of, "context": _context_of, "function": _function_of}
