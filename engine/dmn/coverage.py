"""What a decision table leaves open, and where its rules meet: found without asking it, from the constants in its cells.

Between two neighbouring constants of a column nothing changes, so a column falls into few regions, and a rule is a box of them. A cell
that computes (with names, or `?`) says nothing here: its rule then counts as a possible answer everywhere, and meets no other rule.
"""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cmp_to_key
from typing import Any

from ..feel.arithmetic import calculate
from ..feel.comparisons import order, same
from ..feel.compiler import Compiler, mentions_input
from ..feel.errors import FeelError, UnfitError
from ..feel.limits import Run
from ..feel.moments import date_of_number, day_number
from ..feel.sentences import both, say
from ..feel.steps import Frame
from ..feel.syntax import AtLiteral, Call, Interval, ListOf, Literal, Name, Negation, Node, UnaryComparison, UnaryTests
from ..feel.texts import to_literal
from ..feel.values import DATE_TYPES, NUMBERS, Value, YearsMonths
from .errors import Problem
from .tables import CompiledTable
from .trees import Table

_COVERING = frozenset({"UNIQUE", "ANY", "FIRST", "PRIORITY"})  # others collect: there, no answer is an answer
_MOST_RULES, _MOST_CONSTANTS, _MOST_TESTS, _MOST_STEPS, _MOST_TOLD = 1_000, 300, 500_000, 500_000, 20
_CONSTRUCTORS = frozenset({"date", "time", "date and time", "duration"})
_INTEGERS = frozenset({"integer", "int", "long"})


@dataclass(frozen=True, slots=True)
class Gap:
    """Inputs that no rule takes: a FEEL test for each column that matters, by its name."""

    tests: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return both(f"{name}: {test}" for name, test in self.tests) or say("any input")


@dataclass(frozen=True, slots=True)
class Overlap:
    """Rules (numbers from 1) that take the same inputs."""

    rules: tuple[int, int]
    tests: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return str(Gap(self.tests))


@dataclass(frozen=True, slots=True)
class Coverage:
    gaps: tuple[Gap, ...]
    overlaps: tuple[Overlap, ...]


class _TooManySteps(Exception):
    """The table has more corners than can be looked into in a moment."""


class Regions:
    """The regions of one column: constants, and what lies between, below and above them. A set of regions is the bits of a number."""

    def __init__(self, constants: list[Value], samples: list[Value], texts: list[tuple[Value, Value, bool]]) -> None:
        self.constants = constants
        self.samples = samples  # a value in every region
        self.texts = texts  # low end, high end, whether the region is that one value
        self.all = (1 << len(samples)) - 1

    def describe(self, chosen: int) -> str:
        """The regions as a FEEL test; neighbours are put together."""
        runs: list[list[int]] = []
        for place in range(len(self.samples)):
            if not chosen >> place & 1:
                continue
            if runs and runs[-1][-1] == place - 1 and self._touches(place):
                runs[-1].append(place)
            else:
                runs.append([place])
        return ", ".join(self._range(run[0], run[-1]) for run in runs)

    def _touches(self, place: int) -> bool:
        return self.texts[place][0] is not _NOWHERE and self.texts[place - 1][1] is not _NOWHERE

    def _range(self, first: int, last: int) -> str:
        low, _, low_in = self.texts[first]
        _, high, high_in = self.texts[last]
        if low is _NOWHERE or high is _NOWHERE:
            return "anything else" if low_in is False else to_literal(self.samples[first])
        if first == last and low_in:
            return to_literal(low)
        if low is None and high is None:
            return "-"
        if low is None:
            return f"{'<=' if high_in else '<'} {to_literal(high)}"
        if high is None:
            return f"{'>=' if low_in else '>'} {to_literal(low)}"
        return f"{'[' if low_in else '('}{to_literal(low)}..{to_literal(high)}{']' if high_in else ')'}"


_NOWHERE: Any = object()  # a region of unordered values has no ends


def examine(table: CompiledTable, node: Table) -> Coverage:
    """The gaps and overlaps of a table, as far as its cells are made of constants. Nothing is said of a table that is too large."""
    try:
        return _examined(table, node) if node.inputs and len(node.conditions) <= _MOST_RULES else Coverage((), ())
    except _TooManySteps:
        return Coverage((), ())


def _examined(table: CompiledTable, node: Table) -> Coverage:
    columns = [_regions(table, node, column) for column in range(len(node.inputs))]
    if sum(len(regions.samples) for regions in columns) * len(node.conditions) > _MOST_TESTS:
        raise _TooManySteps
    boxes = [_box(table, node, place, columns) for place in range(len(node.conditions))]
    policy = table.box.hit_policy
    gaps: tuple[Gap, ...] = ()
    if policy in _COVERING and not any(node.defaults):
        wide = [tuple(regions.all if chosen is None else chosen for chosen, regions in zip(box, columns, strict=True)) for box in boxes]
        gaps = tuple(_gaps(table, columns, wide))
    return Coverage(gaps, tuple(_overlaps(table, columns, boxes)) if policy in ("UNIQUE", "ANY") else ())


def warnings(tables: Iterable[tuple[CompiledTable, Table]]) -> Iterator[Problem]:
    """The gaps and overlaps of tables in words, with rule numbers."""
    for table, node in tables:
        found = examine(table, node)
        for gap in found.gaps[:_MOST_TOLD]:
            yield Problem(say("No rule of the table takes {gap}.", gap=str(gap)), table.element_id, table.box.line)
        for overlap in found.overlaps[:_MOST_TOLD]:
            first, second = overlap.rules
            yield Problem(
                say(
                    "The rules {first} and {second} both take {overlap} (hit policy {policy}).",
                    first=first,
                    second=second,
                    overlap=str(overlap),
                    policy=table.box.hit_policy,
                ),
                table.element_id,
                table.box.line,
            )


# -- regions ----------------------------------------------------------------------------------------------------------


def _regions(table: CompiledTable, node: Table, column: int) -> Regions:
    tests = [row[column] for row in node.conditions]
    constants: list[Value] = []
    for test in tests:
        if _is_plain(test):
            for constant in _constants(test.tests):
                if not any(same(constant, other) for other in constants):
                    constants.append(constant)
        if len(constants) > _MOST_CONSTANTS:
            raise _TooManySteps
    allowed = node.allowed[column]
    if allowed is not None and allowed.tests and not allowed.negated and all(map(_is_value, allowed.tests)):
        values = list(_constants(allowed.tests))
        return Regions(values, values, [(_NOWHERE, _NOWHERE, True)] * len(values))
    if constants and all(type(one) is bool for one in constants):
        return Regions(constants, [True, False], [(_NOWHERE, _NOWHERE, True)] * 2)
    ordered = _ordered(constants)
    if ordered is None:
        return _unordered(constants)
    type_ref = table.box.inputs[column].expression.type_ref or ""
    return _between(ordered, whole=type_ref in _INTEGERS)


def _unordered(constants: list[Value]) -> Regions:
    """Texts, and mixtures: every constant by itself, and anything else."""
    other = "".join(str(one) for one in constants if type(one) is str) + "?"
    known = [one for one in constants if type(one) is str]
    texts: list[tuple[Value, Value, bool]] = [(_NOWHERE, _NOWHERE, True)] * len(known)
    return Regions(known, [*known, other], [*texts, (_NOWHERE, _NOWHERE, False)])


def _ordered(constants: list[Value]) -> list[Value] | None:
    if not constants or any(type(one) is str for one in constants):
        return None
    try:
        return sorted(constants, key=cmp_to_key(order))
    except UnfitError:
        return None


def _between(ordered: list[Value], *, whole: bool) -> Regions:
    samples: list[Value] = []
    texts: list[tuple[Value, Value, bool]] = []

    def add(sample: Value, low: Value, high: Value, is_point: bool) -> None:
        if sample is not None:
            samples.append(sample)
            texts.append((low, high, is_point))

    add(_beyond(ordered[0], -1), None, ordered[0], False)
    for place, constant in enumerate(ordered):
        add(constant, constant, constant, True)
        if place + 1 < len(ordered):
            add(_middle(constant, ordered[place + 1], whole=whole), constant, ordered[place + 1], False)
    add(_beyond(ordered[-1], 1), ordered[-1], None, False)
    return Regions(ordered, samples, texts)


def _middle(low: Value, high: Value, *, whole: bool) -> Value:
    """A value between two neighbours; None where there is none."""
    if type(low) in NUMBERS:
        middle = (Decimal(low) + Decimal(high)) / 2
        if not whole:
            return middle
        return int(low) + 1 if int(low) + 1 < high else None
    if type(low) in DATE_TYPES:
        number = (day_number(low) + day_number(high)) // 2
        return date_of_number(number) if number > day_number(low) else None
    if type(low) is YearsMonths:
        return YearsMonths(low.months + 1) if high.months - low.months > 1 else None
    if type(low) is timedelta:
        return low + (high - low) / 2
    try:
        half = calculate("/", calculate("-", high, low), 2)
        return calculate("+", low, half)
    except UnfitError:
        return None


def _beyond(end: Value, sign: int) -> Value:
    if type(end) in NUMBERS:
        return end + sign
    if type(end) is YearsMonths:
        return YearsMonths(end.months + sign)
    if isinstance(end, time):
        edge = time(tzinfo=end.tzinfo) if sign < 0 else time(23, 59, 59, 999_999, tzinfo=end.tzinfo)
        return None if edge == end else edge
    if isinstance(end, (date, datetime, timedelta)):
        try:
            return calculate("+", end, timedelta(days=sign))
        except UnfitError:
            return None
    return None


# -- cells ------------------------------------------------------------------------------------------------------------


def _is_plain(tests: UnaryTests) -> bool:
    """Whether a cell is made of constants only."""
    return not mentions_input(tests) and all(_is_constant_test(test) for test in tests.tests)


def _is_constant_test(node: Node) -> bool:
    if isinstance(node, UnaryComparison):
        return _is_value(node.operand)
    if isinstance(node, Interval):
        return _is_value(node.low) and _is_value(node.high)
    if isinstance(node, ListOf):
        return all(map(_is_constant_test, node.items))
    return _is_value(node)


def _is_value(node: Node) -> bool:
    if isinstance(node, Negation):
        return isinstance(node.operand, Literal)
    if isinstance(node, Call):
        named = isinstance(node.function, Name) and node.function.name in _CONSTRUCTORS
        return named and all(isinstance(argument, Literal) for argument in node.arguments)
    return isinstance(node, (Literal, AtLiteral))


def _constants(nodes: Sequence[Node]) -> Iterator[Value]:
    for node in nodes:
        if isinstance(node, UnaryComparison):
            yield from _constants([node.operand])
        elif isinstance(node, Interval):
            yield from _constants([node.low, node.high])
        elif isinstance(node, ListOf):
            yield from _constants(node.items)
        else:
            value = _value(node)
            if value is not None:
                yield value


def _value(node: Node) -> Value:
    try:
        return Compiler("").compile(node)(Frame({}, Run()))
    except (FeelError, UnfitError):
        return None


def _box(table: CompiledTable, node: Table, place: int, columns: list[Regions]) -> list[int | None]:
    """The regions of a rule by column; None for a cell that computes."""
    tests = {column: test for column, test, _ in table.conditions[place]}
    box: list[int | None] = []
    for column, regions in enumerate(columns):
        test = tests.get(column)
        if test is None:
            box.append(regions.all)
        elif not _is_plain(node.conditions[place][column]):
            box.append(None)
        else:
            inner = Frame({"?": None}, Run(), Frame({}, Run()))
            box.append(sum(1 << index for index, sample in enumerate(regions.samples) if test(inner, sample) is True))
    return box


# -- boxes ------------------------------------------------------------------------------------------------------------


def _told(table: CompiledTable, columns: list[Regions], box: Sequence[int]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (table.input_name(place), regions.describe(chosen))
        for place, (regions, chosen) in enumerate(zip(columns, box, strict=True))
        if chosen != regions.all
    )


def _overlaps(table: CompiledTable, columns: list[Regions], boxes: list[list[int | None]]) -> Iterator[Overlap]:
    known = [(place, box) for place, box in enumerate(boxes) if None not in box]
    answers = [tuple(cell.text.strip() for cell in rule.conclusions) for rule in table.box.rules]
    told = 0
    for index, (first, left) in enumerate(known):
        for second, right in known[index + 1 :]:
            common = [(one or 0) & (other or 0) for one, other in zip(left, right, strict=True)]
            if not all(common) or (table.box.hit_policy == "ANY" and answers[first] == answers[second]):
                continue
            yield Overlap((first + 1, second + 1), _told(table, columns, common))
            told += 1
            if told >= _MOST_TOLD:
                return


def _gaps(table: CompiledTable, columns: list[Regions], boxes: list[tuple[int, ...]]) -> list[Gap]:
    """Column by column: regions that the same rules take lead to the same question about the columns that follow."""
    found: dict[tuple[int, int], list[tuple[int, ...]]] = {}
    takers = [  # by column and region: the rules that take it, as the bits of a number
        [sum(1 << rule for rule, box in enumerate(boxes) if box[column] >> region & 1) for region in range(len(regions.samples))]
        for column, regions in enumerate(columns)
    ]
    steps = 0

    def uncovered(column: int, rules: int) -> list[tuple[int, ...]]:
        nonlocal steps
        if not rules:
            return [tuple(regions.all for regions in columns[column:])]
        if column == len(columns):
            return []
        if (column, rules) in found:
            return found[column, rules]
        steps += len(takers[column])
        if steps > _MOST_STEPS:
            raise _TooManySteps
        by_rules: dict[int, int] = {}
        for region, taking in enumerate(takers[column]):
            by_rules[taking & rules] = by_rules.get(taking & rules, 0) | 1 << region
        rest: dict[tuple[int, ...], int] = {}
        for taking, chosen in by_rules.items():
            for tail in uncovered(column + 1, taking):
                rest[tail] = rest.get(tail, 0) | chosen
        found[column, rules] = [(chosen, *tail) for tail, chosen in rest.items()]
        return found[column, rules]

    try:
        return [Gap(_told(table, columns, box)) for box in uncovered(0, (1 << len(boxes)) - 1)]
    except _TooManySteps:
        return []
