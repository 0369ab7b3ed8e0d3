"""What can be done with lists; positions count from 1, negative ones from the end."""
from __future__ import annotations

from collections.abc import Callable
from functools import cmp_to_key

from ..comparisons import index_of, order, same
from ..errors import UnfitError
from ..limits import Run
from ..sentences import say
from ..steps import invoke
from ..values import NUMBERS, Function, Value, as_integer
from .signatures import EXTENSIONS, Table

_A_POSITION = say("a position")
_A_LENGTH = say("a length")
_A_SIZE = say("a size")
LISTS = Table("Lists")
Items = list[Value]


def _grown(run: Run, items: Items) -> Items:
    run.charge_items(len(items))
    return items


def _place(items: Items, position: Value, *, length: int | None = None) -> int:
    """The index from 0 of a position from 1 or from the end. Raises UnfitError outside the list."""
    place = as_integer(position, _A_POSITION)
    size = len(items) if length is None else length
    if place == 0 or abs(place) > size:
        raise UnfitError(say("There is no position {place}; the list has {count} items", place=place, count=len(items)))
    return place - 1 if place > 0 else len(items) + place


@LISTS("list contains(list: list, element: any)")
def list_contains(run: Run, items: Items, element: Value) -> Value:
    """Whether the list has an item equal to the element.

    list contains([1, 2], 2) = true
    """
    run.charge_items(len(items))
    return index_of(items, element) >= 0


@LISTS("count(list: list)")
def count(run: Run, items: Items) -> Value:
    """The number of items.

    count([1, [2, 3]]) = 2
    """
    return len(items)


@EXTENSIONS("is empty(list: list)")
def is_empty(run: Run, items: Items) -> Value:
    """Whether the list has no item.

    is empty([]) = true
    """
    return not items


@LISTS("sublist(list: list, start position: number, length?: number)")
def sublist(run: Run, items: Items, start: Value, length: Value = None) -> Value:
    """The items from a position on, at most `length` of them.

    sublist([4, 5, 6], 2) = [5, 6]
    """
    first = _place(items, start)
    if length is None:
        return items[first:]
    many = as_integer(length, _A_LENGTH)
    if many < 1 or first + many > len(items):  # DMN 1.5, table 75: from 1 to what is left
        raise UnfitError(say("The list has not so many items"))
    return items[first : first + many]


@LISTS("append(list: list?, item: any...)")
def append(run: Run, items: Items | None, added: Items) -> Value:
    """The list with the items at its end.

    append([1], 2, 3) = [1, 2, 3]
    """
    return _grown(run, [*([None] if items is None else items), *added])


@LISTS("concatenate(list: any...)")
def concatenate(run: Run, lists: Items) -> Value:
    """The items of all lists in one.

    concatenate([1, 2], [3]) = [1, 2, 3]
    """
    joined: Items = []
    for items in lists:
        joined += items if type(items) is list else [items]
        run.charge_items(len(joined))
    return joined


@LISTS("insert before(list: list, position: number, newItem: any)")
def insert_before(run: Run, items: Items, position: Value, item: Value) -> Value:
    """The list with an item put in before a position.

    insert before([1, 3], 2, 2) = [1, 2, 3]
    """
    place = _place(items, position)
    return _grown(run, [*items[:place], item, *items[place:]])


@LISTS("remove(list: list, position: number)")
def remove(run: Run, items: Items, position: Value) -> Value:
    """The list without the item at a position.

    remove([1, 2, 3], 2) = [1, 3]
    """
    place = _place(items, position)
    return _grown(run, items[:place] + items[place + 1 :])


@LISTS("reverse(list: list)")
def reverse(run: Run, items: Items) -> Value:
    """The list from its end to its start.

    reverse([1, 2, 3]) = [3, 2, 1]
    """
    return _grown(run, items[::-1])


@LISTS("index of(list: list, match: any)")
def indexes(run: Run, items: Items, match: Value) -> Value:
    """The positions of all items equal to a value.

    index of([1, 2, 3, 2], 2) = [2, 4]
    """
    run.charge_items(len(items))
    return [place for place, item in enumerate(items, 1) if same(item, match)]


def distinct(run: Run, items: Items) -> Items:
    """Every item once, the first of equals. Texts and numbers are found by hash, so that long lists stay quick."""
    run.charge_items(len(items))
    kept: Items = []
    seen: set[tuple[str, Value]] = set()
    others: Items = []
    for item in items:
        if type(item) is str or type(item) in NUMBERS:
            key = ("string" if type(item) is str else "number", item)
            if key in seen:
                continue
            seen.add(key)
        else:
            run.charge_items(len(others))
            if index_of(others, item) >= 0:
                continue
            others.append(item)
        kept.append(item)
    return kept


@LISTS("union(list: any...)")
def union(run: Run, lists: Items) -> Value:
    """The items of all lists, each once.

    union([1, 2], [2, 3]) = [1, 2, 3]
    """
    return distinct(run, concatenate(run, lists))


@LISTS("distinct values(list: list)")
def distinct_values(run: Run, items: Items) -> Value:
    """The items, each once.

    distinct values([1, 2, 1]) = [1, 2]
    """
    return distinct(run, items)


@EXTENSIONS("duplicate values(list: list)")
def duplicate_values(run: Run, items: Items) -> Value:
    """The items that occur more than once, each once.

    duplicate values([1, 2, 1]) = [1]
    """
    once = distinct(run, items)
    found: Items = []
    for item in once:
        run.charge_items(len(items))
        if sum(same(item, other) for other in items) > 1:
            found.append(item)
    return found


@LISTS("flatten(list: list)")
def flatten(run: Run, items: Items) -> Value:
    """All items of nested lists in one list.

    flatten([[1, 2], [[3]]]) = [1, 2, 3]
    """
    flat: Items = []
    pending = [iter(items)]
    while pending:
        item = next(pending[-1], pending)
        if item is pending:
            pending.pop()
        elif type(item) is list:
            pending.append(iter(item))
        else:
            flat.append(item)
    return _grown(run, flat)


@LISTS("sort(list: list, precedes?: function)")
def sort(run: Run, items: Items, precedes: Function | None = None) -> Value:
    """The items in order; `precedes` says whether its first argument comes before its second.

    sort([3, 1, 2], function(a, b) a > b) = [3, 2, 1]
    """
    run.charge_items(len(items))
    compare: Callable[[Value, Value], int] = order
    if precedes is not None:

        def compare(left: Value, right: Value) -> int:
            run.charge()
            if invoke(precedes, run, [left, right]) is True:
                return -1
            return 1 if invoke(precedes, run, [right, left]) is True else 0

    return sorted(items, key=cmp_to_key(compare))


@LISTS("list replace(list: list, position: number, newItem: any)")
def replace_at(run: Run, items: Items, position: Value, item: Value) -> Value:
    """The list with another item at a position.

    list replace([1, 2, 3], 2, 5) = [1, 5, 3]
    """
    place = _place(items, position)
    return _grown(run, [*items[:place], item, *items[place + 1 :]])


@LISTS("list replace(list: list, match: function, newItem: any)")
def replace_matching(run: Run, items: Items, match: Function, item: Value) -> Value:
    """The list with another item wherever match(item, newItem) is true.

    list replace([1, 8], function(item, newItem) item < newItem, 5) = [5, 8]
    """
    replaced: Items = []
    for old in items:
        matched = invoke(match, run, [old, item])
        if type(matched) is not bool:
            raise UnfitError(say("'match' must answer true or false"))
        replaced.append(item if matched else old)
    return replaced


@EXTENSIONS("partition(list: list, size: number)")
def partition(run: Run, items: Items, size: Value) -> Value:
    """The list cut into lists of at most `size` items.

    partition([1, 2, 3], 2) = [[1, 2], [3]]
    """
    length = as_integer(size, _A_SIZE)
    if length < 1:
        raise UnfitError(say("Expected a size of at least 1"))
    run.charge_items(len(items))
    return [items[start : start + length] for start in range(0, len(items), length)]
