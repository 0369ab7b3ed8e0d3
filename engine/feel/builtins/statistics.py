"""Sums, averages and their like; each takes one list, or the numbers themselves."""
from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import cmp_to_key

from ..arithmetic import calculate
from ..comparisons import order
from ..errors import UnfitError
from ..limits import Run
from ..sentences import say
from ..values import NUMBERS, Value, described
from .numbers import square_root
from .signatures import EXTENSIONS, Table

STATISTICS = Table("Lists of numbers and of truth values")
Items = list[Value]


def _numbers(run: Run, items: Items) -> Items:
    run.charge_items(len(items))
    for item in items:
        if type(item) not in NUMBERS:
            raise UnfitError(say("Expected a list of numbers, found {what} in it", what=described(item)))
    return items


def _some_numbers(run: Run, items: Items) -> Items:
    if not items:
        raise UnfitError(say("The list is empty"))
    return _numbers(run, items)


def _sum(items: Items) -> Value:
    total: Value = items[0]
    for item in items[1:]:
        total = calculate("+", total, item)
    return total


@STATISTICS("sum(list: any...)")
def total(run: Run, items: Items) -> Value:
    """All numbers added up; durations too. Null for an empty list.

    sum([1, 2, 3]) = 6
    """
    if not items:
        raise UnfitError(say("The list is empty"))
    run.charge_items(len(items))
    if type(items[0]) is str:
        raise UnfitError(say("Expected a list of numbers, found {what} in it", what=described("")))
    if len(items) == 1 and type(items[0]) not in NUMBERS:
        return calculate("+", items[0], calculate("-", items[0], items[0]))  # refuses what cannot be added up
    return _sum(items)


@STATISTICS("mean(list: any...)")
def mean(run: Run, items: Items) -> Value:
    """The average. Null for an empty list.

    mean([1, 2, 3]) = 2
    """
    return calculate("/", total(run, items), len(items))


@STATISTICS("product(list: any...)")
def product(run: Run, items: Items) -> Value:
    """All numbers multiplied. Null for an empty list.

    product([2, 3, 4]) = 24
    """
    result: Value = 1
    for item in _some_numbers(run, items):
        result = calculate("*", result, item)
    return result


@STATISTICS("median(list: any...)")
def median(run: Run, items: Items) -> Value:
    """The number in the middle, or the mean of the two there. Null for an empty list.

    median([8, 2, 5]) = 5
    """
    ordered = sorted(_some_numbers(run, items))
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return calculate("/", calculate("+", ordered[middle - 1], ordered[middle]), 2)


@STATISTICS("stddev(list: any...)")
def standard_deviation(run: Run, items: Items) -> Value:
    """The standard deviation of a sample (n - 1). Null for fewer than two numbers.

    decimal(stddev([2, 4, 7, 5]), 3) = 2.082
    """
    numbers = _some_numbers(run, items)
    if len(numbers) < 2:
        raise UnfitError(say("Expected at least two numbers"))
    average = calculate("/", _sum(numbers), len(numbers))
    squares = [calculate("**", calculate("-", item, average), 2) for item in numbers]
    return square_root(run, calculate("/", _sum(squares), len(numbers) - 1))


@STATISTICS("mode(list: any...)")
def mode(run: Run, items: Items) -> Value:
    """The numbers that occur most often, in ascending order; of an empty list the empty list.

    mode([6, 3, 9, 6, 6]) = [6]
    """
    counts = Counter(_numbers(run, items))
    most = max(counts.values(), default=0)
    return sorted(item for item, count in counts.items() if count == most)


def _extreme(pick: Callable[..., Value]) -> Callable[[Run, Items], Value]:
    def extreme(run: Run, items: Items) -> Value:
        run.charge_items(len(items))
        if not items:
            raise UnfitError(say("The list is empty"))
        order(items[0], items[0])  # a single item must have an order too
        return pick(items, key=cmp_to_key(order))

    return extreme


STATISTICS("min(list: any...)", about="The smallest of values that have an order. Null for an empty list.\n\nmin([3, 1, 2]) = 1")(
    _extreme(min)
)
STATISTICS("max(list: any...)", about="The greatest of values that have an order. Null for an empty list.\n\nmax([3, 1, 2]) = 3")(
    _extreme(max)
)


def _decided(decisive: bool) -> Callable[[Run, Items], Value]:
    """Three-valued: decided by one value, else null if any item is neither true nor false."""

    def decided(run: Run, items: Items) -> Value:
        run.charge_items(len(items))
        if any(item is decisive for item in items):
            return decisive
        return (not decisive) if all(type(item) is bool for item in items) else None

    return decided


_DECIDED: tuple[tuple[Table, str, bool, str, str], ...] = (
    (STATISTICS, "all", False, "False if any item is false, true if all are true, else null.", "all([true, false]) = false"),
    (STATISTICS, "any", True, "True if any item is true, false if all are false, else null.", "any([true, null]) = true"),
    (EXTENSIONS, "and", False, "Another name for all.", "and(true, false) = false"),
    (EXTENSIONS, "or", True, "Another name for any.", "or(true, false) = true"),
)
for _table, _name, _decisive, _about, _example in _DECIDED:
    _table(f"{_name}(list: any...)", about=f"{_about}\n\n{_example}")(_decided(_decisive))
