"""The values of FEEL as Python values, and how foreign ones are taken in."""
from __future__ import annotations

import decimal
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from .errors import UnfitError
from .limits import Run
from .moments import FarDate, FarMoment, FineTime, LongDuration
from .sentences import say

if TYPE_CHECKING:
    from .types import Type

# None, bool, int, Decimal, str, list, dict, date, datetime, time, timedelta and their far relatives, YearsMonths, Range, Function
Value = Any

# IEEE 754 decimal128 (DMN 1.5, 10.3.2.3.1)
DECIMAL = decimal.Context(
    prec=34,
    Emax=6144,
    Emin=-6143,
    rounding=decimal.ROUND_HALF_EVEN,
    traps=[decimal.Overflow, decimal.InvalidOperation, decimal.DivisionByZero],
)
NUMBERS = frozenset({int, Decimal})
_LARGEST_INT = 10**34
DATE_TYPES = frozenset({date, FarDate})
TIME_TYPES = frozenset({time, FineTime})
MOMENT_TYPES = frozenset({datetime, FarMoment})
DURATION_TYPES = frozenset({timedelta, LongDuration})


class Missing(Enum):
    """The answer of a look-up that found nothing; null is a value, this is none."""

    MISSING = 0


MISSING = Missing.MISSING


@dataclass(frozen=True, slots=True, order=True)
class YearsMonths:
    """A years and months duration, counted in months; negative ones run backwards."""

    months: int


@dataclass(frozen=True, slots=True)
class Range:
    """All values between two ends. An end that is None is open without bound."""

    low: Value
    high: Value
    low_included: bool = True
    high_included: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """Something that can be invoked: `call` takes the running evaluation and the arguments in order."""

    name: str
    parameters: tuple[str, ...]
    call: Callable[[Run, Sequence[Value]], Value]
    variadic: bool = False
    optional: int = 0  # how many of the last parameters may be left out
    types: tuple[Type | None, ...] = ()  # of the parameters, None where nothing is declared
    result: Type | None = None


_FAR = (FarDate, FineTime, FarMoment, LongDuration)
_ATOMS = frozenset({type(None), bool, int, Decimal, str, date, datetime, time, timedelta, YearsMonths, Range, Function, *_FAR})
_CLEAN = _ATOMS - {Decimal}  # never anything else than they are; a Decimal may be infinite
_KIND_NAMES: dict[type, str] = {
    type(None): "null",
    bool: "boolean",
    int: "number",
    Decimal: "number",
    str: "string",
    list: "list",
    dict: "context",
    **dict.fromkeys(DATE_TYPES, "date"),
    **dict.fromkeys(MOMENT_TYPES, "date and time"),
    **dict.fromkeys(TIME_TYPES, "time"),
    **dict.fromkeys(DURATION_TYPES, "days and time duration"),
    YearsMonths: "years and months duration",
    Range: "range",
    Function: "function",
}


def kind(value: Value) -> str:
    """The FEEL name of the value's type."""
    return _KIND_NAMES.get(type(value), "unknown")


def described(value: Value) -> str:
    """The value's type with its article, for the middle of a sentence."""
    return say("null") if value is None else say("a {kind}", kind=kind(value))


def described_first(value: Value) -> str:
    """The same at the start of a sentence."""
    return say("Null") if value is None else say("A {kind}", kind=kind(value))


def take_in(value: Any) -> Value:
    """The FEEL value for what a scope holds. Floats become the decimal number that they read as; clean values stay the same object."""
    value_type = type(value)
    if value_type in _ATOMS:
        if value_type is Decimal and not value.is_finite():
            return None
        return value
    if value_type is list:
        return _take_in_list(value)
    if value_type is dict:
        return _take_in_dict(value)
    return _take_in_foreign(value)


def _take_in_list(items: list[Any]) -> list[Value]:
    for index, item in enumerate(items):
        if type(item) in _CLEAN:
            continue
        clean = take_in(item)
        if clean is not item:
            return [*items[:index], clean, *(take_in(other) for other in items[index + 1 :])]
    return items


def _take_in_dict(entries: dict[Any, Any]) -> dict[str, Value]:
    for key, item in entries.items():
        if type(key) is str and type(item) in _CLEAN:
            continue
        if type(key) is not str or take_in(item) is not item:
            return {str(key): take_in(item) for key, item in entries.items()}
    return entries


def _whole_datetime(value: datetime) -> datetime:
    return datetime.combine(date(value.year, value.month, value.day), value.timetz())


# Subclasses come to their plain type, because operations are looked up by exact type. Order matters: datetime is a date.
_FOREIGN: tuple[tuple[type | tuple[type, ...], Callable[[Any], Value]], ...] = (
    (float, lambda value: take_in(Decimal(repr(value)))),
    (Enum, lambda value: take_in(value.value)),
    (str, lambda value: str.__str__(value)),
    (int, lambda value: int.__int__(value)),
    (Decimal, lambda value: take_in(Decimal(value.as_tuple()))),
    (datetime, _whole_datetime),
    (date, lambda value: date(value.year, value.month, value.day)),
    (timedelta, lambda value: timedelta(value.days, value.seconds, value.microseconds)),
    (UUID, str),
    (Mapping, lambda value: {str(key): take_in(item) for key, item in value.items()}),
    ((Sequence, Set), lambda value: [take_in(item) for item in value]),
)


def _take_in_foreign(value: Any) -> Value:
    for foreign_type, convert in _FOREIGN:
        if isinstance(value, foreign_type) and not isinstance(value, (bytes, bytearray, memoryview)):
            return convert(value)
    raise UnfitError(say("A value of the type {type} has no meaning here", type=type(value).__name__))


def number(value: Decimal) -> int | Decimal:
    """A computed decimal within 34 digits. Raises UnfitError beyond the range of decimal128."""
    try:
        return DECIMAL.plus(value)
    except decimal.DecimalException:
        raise UnfitError(say("The number is too large"))


def whole(value: int) -> int | Decimal:
    """A computed integer; beyond 34 digits it is rounded as every FEEL number is."""
    if -_LARGEST_INT < value < _LARGEST_INT:
        return value
    return number(Decimal(value))


def as_decimal(value: int | Decimal) -> Decimal:
    return value if type(value) is Decimal else Decimal(value)


_A_NUMBER = say("a number")


def as_integer(value: Value, what: str = _A_NUMBER) -> int:
    """The integer that a number is. Raises UnfitError if it has a fraction, or is beyond any count that makes sense."""
    if type(value) is int:
        return value
    if type(value) is not Decimal or value != value.to_integral_value() or value.adjusted() > 40:
        raise UnfitError(say("Expected {what} without a fraction", what=what))
    return int(value)
