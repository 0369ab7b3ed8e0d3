"""not and is."""
from __future__ import annotations

from ..comparisons import equal
from ..errors import UnfitError
from ..limits import Run
from ..values import Value, kind
from .signatures import Table

BOOLEANS = Table("Booleans")


@BOOLEANS("not(negand: any)")
def negation(run: Run, negand: Value) -> Value:
    """The other truth value; null for what is none.

    not(true) = false
    """
    if type(negand) is list and len(negand) == 1:
        negand = negand[0]
    return not negand if type(negand) is bool else None


@BOOLEANS("is(value1: any, value2: any)")
def is_same(run: Run, value1: Value, value2: Value) -> Value:
    """Whether both are the same value of the same kind; times also need the same zone.

    is(@"10:30:00", @"10:30:00Z") = false
    """
    if kind(value1) != kind(value2):
        return False
    if getattr(value1, "tzinfo", None) != getattr(value2, "tzinfo", None):
        return False
    try:
        return equal(value1, value2)
    except UnfitError:
        return False
