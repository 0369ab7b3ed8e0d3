"""Which values are equal, and which comes first (DMN 1.5, 10.3.2.7 and 10.3.2.13)."""
from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from operator import ge, gt, le, lt

from .errors import UnfitError
from .moments import combine, day_number, nanoseconds, utc_nanoseconds
from .sentences import say
from .values import (
    DATE_TYPES,
    DURATION_TYPES,
    MOMENT_TYPES,
    NUMBERS,
    TIME_TYPES,
    Function,
    Range,
    Value,
    YearsMonths,
    kind,
)

_ORDERED = frozenset({str, date, timedelta, YearsMonths})
_NEVER_EQUAL = frozenset({Function})
ORDERS: dict[str, Callable[[Value, Value], bool]] = {"<": lt, "<=": le, ">": gt, ">=": ge}


_FAMILIES: dict[type, frozenset[type]] = {
    own: family for family in (DATE_TYPES, MOMENT_TYPES, TIME_TYPES, DURATION_TYPES) for own in family
}
_DAY = date(2000, 1, 1)  # times of a zone are compared on a day of winter


def _counts(left: Value, right: Value) -> tuple[int, int] | None:
    """Two temporal values of one kind as numbers that stand in the same order. None if only one of them has a zone.

    Moments are compared in UTC: Python compares those of one zone by wall clock, which is wrong on the night clocks go back.
    """
    family = _FAMILIES[type(left)]
    if family is DATE_TYPES:
        return day_number(left), day_number(right)
    if family is DURATION_TYPES:
        return nanoseconds(left), nanoseconds(right)
    if (left.tzinfo is None) is not (right.tzinfo is None):
        return None
    if family is TIME_TYPES:
        left, right = combine(_DAY, left), combine(_DAY, right)
    return utc_nanoseconds(left), utc_nanoseconds(right)


def equal(left: Value, right: Value) -> bool:
    """Whether two values are the same. Raises UnfitError if they are of kinds that cannot be compared."""
    left_type, right_type = type(left), type(right)
    if left is None or right is None:
        return left is right
    if left_type in NUMBERS and right_type in NUMBERS:
        return bool(left == right)
    if left_type is not right_type and right_type not in _FAMILIES.get(left_type, ()):
        raise UnfitError(say("A {left_kind} cannot be compared with a {right_kind}", left_kind=kind(left), right_kind=kind(right)))
    if left_type in _FAMILIES:
        counts = _counts(left, right)
        return counts is not None and counts[0] == counts[1]
    if left_type is list:
        return len(left) == len(right) and all(same(a, b) for a, b in zip(left, right, strict=True))
    if left_type is dict:
        return left.keys() == right.keys() and all(same(item, right[key]) for key, item in left.items())
    if left_type is Range:
        return _equal_ranges(left, right)
    if left_type in _NEVER_EQUAL:
        raise UnfitError(say("Functions cannot be compared"))
    return bool(left == right)


def _equal_ranges(left: Range, right: Range) -> bool:
    return (
        (left.low_included, left.high_included) == (right.low_included, right.high_included)
        and same(left.low, right.low)
        and same(left.high, right.high)
    )


def same(left: Value, right: Value) -> bool:
    """Like `equal`, but values of different kinds are just not the same."""
    try:
        return equal(left, right)
    except UnfitError:
        return False


def compare(operator: str, left: Value, right: Value) -> bool:
    """Whether left stands in that order to right. Raises UnfitError if the two have no order."""
    left_type, right_type = type(left), type(right)
    if left_type in NUMBERS and right_type in NUMBERS:
        return ORDERS[operator](left, right)
    if left_type is right_type and left_type in _ORDERED:
        return ORDERS[operator](left, right)
    family = _FAMILIES.get(left_type, ())
    if left_type is not right_type and right_type not in family:
        raise UnfitError(say("A {left_kind} cannot be compared with a {right_kind}", left_kind=kind(left), right_kind=kind(right)))
    if family:
        counts = _counts(left, right)
        if counts is None:
            raise UnfitError(say("A {kind} with an offset cannot be compared with one without", kind=kind(left)))
        return ORDERS[operator](*counts)
    raise UnfitError(say("A {kind} has no order", kind=kind(left)))


def order(left: Value, right: Value) -> int:
    """-1, 0 or 1, for sorting. Raises UnfitError if the two have no order."""
    if compare("<", left, right):
        return -1
    return 1 if compare(">", left, right) else 0


def includes(span: Range, point: Value) -> bool:
    """Whether a range contains a value. Raises UnfitError if they are of different kinds."""
    if point is None:
        raise UnfitError(say("A range contains no null"))
    if span.low is not None and not compare(">=" if span.low_included else ">", point, span.low):
        return False
    return span.high is None or compare("<=" if span.high_included else "<", point, span.high)


def passes(value: Value, test: Value) -> bool:
    """Whether a value passes a test: lies in a range, is in a list, or is equal. Raises UnfitError if the kinds differ."""
    if type(test) is Range:
        return includes(test, value)
    if type(test) is list:
        if type(value) is list and same(value, test):
            return True
        return any(_passes_quietly(value, item) for item in test)
    return equal(value, test)


def _passes_quietly(value: Value, test: Value) -> bool:
    try:
        return includes(test, value) if type(test) is Range else equal(value, test)
    except UnfitError:
        return False


def index_of(items: list[Value], value: Value) -> int:
    """The place (from 0) of the first item that is the same, or -1."""
    return next((place for place, item in enumerate(items) if same(item, value)), -1)
