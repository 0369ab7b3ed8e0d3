"""How points and ranges lie to each other (DMN 1.5, 10.3.4.9): the table is the specification's own."""
from __future__ import annotations

from collections.abc import Callable

from ..arithmetic import negate
from ..comparisons import compare, equal, includes
from ..errors import FeelError, UnfitError
from ..limits import Run
from ..names import KnownNames
from ..parser import parse
from ..sentences import say
from ..syntax import AtLiteral, Call, Interval, Literal, Name, Negation, Node
from ..temporals import read_date, read_datetime, read_duration, read_temporal, read_time
from ..values import Range, Value
from .signatures import Table

RANGES = Table("Ranges")


def _before(left: Value, right: Value) -> bool:
    """Ends before the other starts; where the ends touch, one of them must be excluded."""
    end, end_included = (left.high, left.high_included) if type(left) is Range else (left, True)
    start, start_included = (right.low, right.low_included) if type(right) is Range else (right, True)
    if end is None or start is None:
        return False
    return compare("<", end, start) or (equal(end, start) and not (end_included and start_included))


def _meets(left: Range, right: Range) -> bool:
    return left.high is not None and left.high_included and right.low_included and equal(left.high, right.low)


def _overlaps(left: Range, right: Range) -> bool:
    return not _before(left, right) and not _before(right, left)


def _starts_first(left: Range, right: Range) -> bool:
    """left starts before right, or at the same point with it included where right excludes it."""
    if left.low is None or right.low is None:
        return left.low is None and right.low is not None
    return compare("<", left.low, right.low) or (equal(left.low, right.low) and left.low_included and not right.low_included)


def _ends_first(left: Range, right: Range) -> bool:
    if left.high is None or right.high is None:
        return right.high is None and left.high is not None
    return compare("<", left.high, right.high) or (equal(left.high, right.high) and right.high_included and not left.high_included)


def _includes(outer: Range, inner: Value) -> bool:
    if type(inner) is not Range:
        return includes(outer, inner)
    return not _starts_first(inner, outer) and not _ends_first(outer, inner)


def _starts(point: Value, span: Range) -> bool:
    if type(point) is not Range:
        return span.low_included and equal(point, span.low)
    return _same_start(point, span) and not _ends_first(span, point)


def _finishes(point: Value, span: Range) -> bool:
    if type(point) is not Range:
        return span.high_included and equal(point, span.high)
    return _same_end(point, span) and not _starts_first(point, span)


def _same_start(left: Range, right: Range) -> bool:
    return left.low_included is right.low_included and equal(left.low, right.low)


def _same_end(left: Range, right: Range) -> bool:
    return left.high_included is right.high_included and equal(left.high, right.high)


def _coincides(left: Value, right: Value) -> bool:
    if type(left) is Range and type(right) is Range:
        return _same_start(left, right) and _same_end(left, right)
    return equal(left, right)


def _swapped(relation: Callable[..., bool]) -> Callable[..., bool]:
    return lambda left, right: relation(right, left)


# name: relation, what each side may be (r = range, * = point or range), what it answers, an example
_RELATIONS: dict[str, tuple[Callable[..., bool], str, str, str]] = {
    "before": (_before, "**", "Whether the first ends before the second starts.", "before([1..5), [5..9]) = true"),
    "after": (_swapped(_before), "**", "Whether the first starts after the second ends.", "after([5..9], 4) = true"),
    "meets": (_meets, "rr", "Whether the first ends just where the second starts.", "meets([1..5], [5..9]) = true"),
    "met by": (_swapped(_meets), "rr", "Whether the second ends just where the first starts.", "met by([5..9], [1..5]) = true"),
    "overlaps": (_overlaps, "rr", "Whether both have a point in common.", "overlaps([1..5], [3..8]) = true"),
    "overlaps before": (
        lambda a, b: _overlaps(a, b) and _starts_first(a, b) and not _ends_first(b, a),
        "rr",
        "Whether the first starts first, and ends within the second.",
        "overlaps before([1..5], [3..8]) = true",
    ),
    "overlaps after": (
        lambda a, b: _overlaps(a, b) and _starts_first(b, a) and not _ends_first(a, b),
        "rr",
        "Whether the second starts first, and ends within the first.",
        "overlaps after([3..8], [1..5]) = true",
    ),
    "finishes": (_finishes, "*r", "Whether the first lies at the end of the second.", "finishes([5..9], [1..9]) = true"),
    "finished by": (_swapped(_finishes), "r*", "Whether the second lies at the end of the first.", "finished by([1..9], 9) = true"),
    "includes": (_includes, "r*", "Whether the second lies within the first.", "includes([1..9], 5) = true"),
    "during": (_swapped(_includes), "*r", "Whether the first lies within the second.", "during([2..3], [1..9]) = true"),
    "starts": (_starts, "*r", "Whether the first lies at the start of the second.", "starts(1, [1..9]) = true"),
    "started by": (_swapped(_starts), "r*", "Whether the second lies at the start of the first.", "started by([1..9], [1..5]) = true"),
    "coincides": (_coincides, "**", "Whether both are the same.", "coincides([1..5], [1..5]) = true"),
}


def _related(relation: Callable[..., bool], sides: str) -> Callable[[Run, Value, Value], Value]:
    def related(run: Run, left: Value, right: Value) -> Value:
        for value, side in zip((left, right), sides, strict=True):
            if value is None or (side == "r" and type(value) is not Range):
                raise UnfitError(say("Expected a range") if side == "r" else say("Expected a point or a range"))
        return relation(left, right)

    return related


# The standard names the parameters by what they are: point, range, point1, range2, ...
_PARAMETERS: dict[str, tuple[str, ...]] = {
    "**": ("point1: any, point2: any", "point: any, range: any", "range: any, point: any", "range1: any, range2: any"),
    "rr": ("range1: any, range2: any",),
    "*r": ("point: any, range: any", "range1: any, range2: any"),
    "r*": ("range: any, point: any", "range1: any, range2: any"),
}
for _name, (_relation, _sides, _about, _example) in _RELATIONS.items():
    _declarations = (f"{_name}({parameters})" for parameters in _PARAMETERS[_sides])
    RANGES(*_declarations, about=f"{_about}\n\n{_example}")(_related(_relation, _sides))


# -- made of a text ---------------------------------------------------------------------------------------------------

_READERS: dict[str, Callable[[str], Value]] = {
    "date": read_date,
    "time": read_time,
    "date and time": read_datetime,
    "duration": read_duration,
}
_KNOWN = KnownNames(_READERS)


@RANGES("range(from: string)")
def range_of_text(run: Run, text: str) -> Value:
    """The range that a text such as [1..5) describes; both ends must be literals, and in order.

    range("[1..5)") = [1..5)
    """
    try:
        tree = parse(text, _KNOWN)
    except FeelError as error:
        raise UnfitError(say("The text is no range: {why}", why=error.message))
    if not isinstance(tree, Interval):
        raise UnfitError(say("Expected the text of a range such as [1..5)"))
    low, high = _end(tree.low), _end(tree.high)
    if compare(">", low, high):
        raise UnfitError(say("A range ends after it starts"))
    return Range(low, high, tree.low_included, tree.high_included)


def _end(node: Node) -> Value:
    """The value of an end. Raises UnfitError for what would have to be computed."""
    if isinstance(node, Literal) and node.kind in ("number", "string"):
        return node.value
    if isinstance(node, Negation) and isinstance(node.operand, Literal) and node.operand.kind == "number":
        return negate(node.operand.value)
    if isinstance(node, AtLiteral):
        return read_temporal(node.text)
    if isinstance(node, Call) and isinstance(node.function, Name) and len(node.arguments) == 1 and not node.names:
        read, text = _READERS.get(node.function.name), node.arguments[0]
        if read is not None and isinstance(text, Literal) and type(text.value) is str:
            return read(text.value)
    raise UnfitError(say("Expected a literal at both ends of the range"))
