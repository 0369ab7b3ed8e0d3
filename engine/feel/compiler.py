"""Turns the tree of an expression into Python closures, once; running it is then plain calls."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from typing import Any

from . import loops, steps
from .arithmetic import INTEGERS, calculate, negate
from .builtins import BUILTINS, Builtin, as_function
from .comparisons import ORDERS, compare, equal, includes, passes
from .errors import FeelError, UnfitError, syntax_error
from .sentences import say
from .steps import Code, Frame, Test
from .syntax import (
    Arithmetic,
    AtLiteral,
    Between,
    Call,
    Comparison,
    ContextOf,
    External,
    Filter,
    For,
    FunctionLiteral,
    If,
    In,
    InstanceOf,
    Interval,
    ListOf,
    Literal,
    Logic,
    Name,
    Negation,
    Node,
    Path,
    Quantified,
    Span,
    TypeOf,
    UnaryComparison,
    UnaryTests,
)
from .temporals import read_temporal
from .types import Type, instance_test, resolve
from .values import MISSING, NUMBERS, Function, Range, Value


class Bindings:
    """Names that an expression declares itself: iterators, parameters, entries of a context."""

    __slots__ = ("names", "outer")

    def __init__(self, names: set[str], outer: Bindings | Items | None) -> None:
        self.names = names
        self.outer = outer


class Items:
    """The inside of a filter: whether a name is an entry of the item, only the item can tell."""

    __slots__ = ("outer",)

    def __init__(self, outer: Bindings | Items | None) -> None:
        self.outer = outer


Place = Bindings | Items | None


def makes_functions(node: Any) -> bool:
    """Whether a part of the tree defines a function, which may keep the frame it was made in."""
    if isinstance(node, FunctionLiteral):
        return True
    if isinstance(node, tuple):
        return any(makes_functions(part) for part in node)
    return is_dataclass(node) and any(makes_functions(getattr(node, field.name)) for field in fields(node) if field.name != "span")


class Compiler:
    """Compiles one tree; `free` collects the names that it may read from the scope."""

    def __init__(self, source: str, declared: frozenset[str] = frozenset(), types: Mapping[str, Type] | None = None) -> None:
        self.source = source
        self.declared = declared
        self.types: Mapping[str, Type] = types or {}
        self.free: set[str] = set()

    def compile(self, node: Node, place: Place = None) -> Code:
        return self._COMPILERS[type(node)](self, node, place)

    def raw(self, node: Node, place: Place) -> Code:
        """Like compile, but a container read from the scope is not looked through: for what only takes a part of it."""
        if isinstance(node, Name):
            return self.name(node, place, raw=True)
        if isinstance(node, Path):
            return self.path(node, place, raw=True)
        return self.compile(node, place)

    # -- values -----------------------------------------------------------------------------------------------------

    def literal(self, node: Literal, place: Place) -> Code:
        value = node.value
        return lambda frame: value

    def at_literal(self, node: AtLiteral, place: Place) -> Code:
        try:
            value = read_temporal(node.text)
        except UnfitError as unfit:
            return steps.nothing(unfit.said, node.span)
        return lambda frame: value

    def list_of(self, node: ListOf, place: Place) -> Code:
        items = [self.compile(item, place) for item in node.items]
        return lambda frame: [item(frame) for item in items]

    def context_of(self, node: ContextOf, place: Place) -> Code:
        earlier = Bindings(set(), place)
        entries: list[tuple[str, Code]] = []
        for key, value in node.entries:
            if isinstance(value, FunctionLiteral):
                earlier.names.add(key)  # a function may call itself
            entries.append((key, self.compile(value, earlier)))
            earlier.names.add(key)
        return loops.context(entries)

    def interval(self, node: Interval, place: Place) -> Code:
        low, high = self.compile(node.low, place), self.compile(node.high, place)
        low_included, high_included, span = node.low_included, node.high_included, node.span

        def interval(frame: Frame) -> Value:
            start, end = low(frame), high(frame)
            if start is not None and end is not None:
                try:
                    compare("<", start, end)
                except UnfitError as unfit:
                    return frame.run.warn(unfit.said, span)
            elif start is None and end is None:
                return frame.run.warn(say("A range needs at least one end"), span)
            return Range(start, end, low_included and start is not None, high_included and end is not None)

        return interval

    def unary_range(self, node: UnaryComparison, place: Place) -> Code:
        operand, operator, span = self.compile(node.operand, place), node.operator, node.span

        def unary_range(frame: Frame) -> Value:
            end = operand(frame)
            if end is None:
                return frame.run.warn(say("A range needs at least one end"), span)
            if operator == "=":
                return Range(end, end)
            if operator == "!=":
                return frame.run.warn(say("'!=' describes no range"), span)
            included = operator in ("<=", ">=")
            return Range(None, end, False, included) if operator[0] == "<" else Range(end, None, included, False)

        return unary_range

    # -- names ------------------------------------------------------------------------------------------------------

    def name(self, node: Name, place: Place, *, raw: bool = False) -> Code:
        find = self.finder(node.name, place)
        name, span = node.name, node.span
        builtin = BUILTINS.get(name)
        fallback = as_function(builtin) if builtin is not None else None
        if place is None:
            return steps.variable(name, span, fallback, raw=raw)

        def variable(frame: Frame) -> Value:
            value = find(frame)
            if value is MISSING:
                return fallback if fallback is not None else frame.run.warn(say("There is no '{name}'", name=name), span)
            return value if raw else steps.taken_in(value, frame, span)

        if isinstance(place, Bindings) and name not in place.names:
            return variable  # what a frame holds of this name belongs to somebody else: an inner loop of the round before
        return steps.quick_name(name, variable)

    def finder(self, name: str, place: Place) -> Code:
        """How to look a name up from here outwards; MISSING if nobody knows it."""
        if place is None:
            self.free.add(name)
            return lambda frame: steps.from_scope(frame.names, name)
        if isinstance(place, Bindings):
            if name in place.names:
                return lambda frame: frame.names.get(name, MISSING)
            return steps.one_out(self.finder(name, place.outer))
        return steps.from_item(name, self.finder(name, place.outer) if name != "item" else None)

    def path(self, node: Path, place: Place, *, raw: bool = False) -> Code:
        general = steps.path(self.raw(node.source, place), node.name, node.span, raw=raw)
        if place is None and isinstance(node.source, Name):
            return steps.quick_path(node.source.name, node.name, general)
        return general

    def presence(self, node: Node, place: Place) -> Code:
        """Whether there is something behind a name or path; null is something."""
        if isinstance(node, Name):
            find = self.finder(node.name, place)
            return lambda frame: find(frame) is not MISSING
        if isinstance(node, Path):
            there, source, name = self.presence(node.source, place), self.raw(node.source, place), node.name
            return lambda frame: there(frame) and steps.has_property(source(frame), name)
        value = self.compile(node, place)
        return lambda frame: value(frame) is not None

    # -- operators --------------------------------------------------------------------------------------------------

    def negation(self, node: Negation, place: Place) -> Code:
        operand = self.compile(node.operand, place)
        return steps.guarded(lambda frame: negate(operand(frame)), node.span)

    def arithmetic(self, node: Arithmetic, place: Place) -> Code:
        left, right, operator, span = self.compile(node.left, place), self.compile(node.right, place), node.operator, node.span
        quick = INTEGERS.get(operator, calculate)
        is_quick = quick is not calculate

        def arithmetic(frame: Frame) -> Value:
            first, second = left(frame), right(frame)
            try:
                if is_quick and type(first) is int and type(second) is int:
                    return quick(first, second)
                result = calculate(operator, first, second)
            except UnfitError as unfit:
                return frame.run.warn(unfit.said, span)
            return result if type(result) is not str else frame.run.checked_text(result)

        return arithmetic

    def comparison(self, node: Comparison, place: Place) -> Code:
        left, right = self.compile(node.left, place), self.compile(node.right, place)
        if node.operator in ("=", "!="):
            return self._equality(left, right, node)
        operator, order, span = node.operator, ORDERS[node.operator], node.span
        number = literal_number(node.right)
        if number is not None:
            return steps.ordered_to(left, order, operator, number, span)

        def comparison(frame: Frame) -> Value:
            first, second = left(frame), right(frame)
            if type(first) in NUMBERS and type(second) in NUMBERS:
                return order(first, second)
            try:
                return compare(operator, first, second)
            except UnfitError as unfit:
                return frame.run.warn(unfit.said, span)

        return comparison

    def _equality(self, left: Code, right: Code, node: Comparison) -> Code:
        wanted, span = node.operator == "=", node.span
        if isinstance(node.right, Literal) and node.right.kind == "string":
            return steps.equal_to(left, str(node.right.value), wanted, span)

        def equality(frame: Frame) -> Value:
            first, second = left(frame), right(frame)
            if type(first) is str and type(second) is str:
                return (first == second) is wanted
            try:
                return equal(first, second) is wanted
            except UnfitError as unfit:
                return frame.run.warn(unfit.said, span)

        return equality

    def logic(self, node: Logic, place: Place) -> Code:
        return steps.logic([self.compile(operand, place) for operand in node.operands], decisive=node.operator == "or", span=node.span)

    def between(self, node: Between, place: Place) -> Code:
        value, low, high = self.compile(node.value, place), self.compile(node.low, place), self.compile(node.high, place)

        def between(frame: Frame) -> Value:
            tested, start, end = value(frame), low(frame), high(frame)
            return compare(">=", tested, start) and compare("<=", tested, end)

        return steps.guarded(between, node.span)

    def contained(self, node: In, place: Place) -> Code:
        value = self.compile(node.value, place)
        test = steps.any_test([self.test(test, place) for test in node.tests])
        return lambda frame: test(frame, value(frame))

    def test(self, node: Node, place: Place) -> Test:
        """A unary test: takes the frame and the value to test."""
        general = self._general_test(node, place)
        return quick_test(node, general) or general

    def _general_test(self, node: Node, place: Place) -> Test:
        if isinstance(node, UnaryComparison):
            operand, operator = self.compile(node.operand, place), node.operator
            return steps.guarded_test(lambda frame, value: _unary(operator, value, operand(frame)), node.span)
        code = self.compile(node, place)
        if isinstance(node, Interval):
            return steps.guarded_test(lambda frame, value: _in_range(value, code(frame)), node.span)
        return steps.guarded_test(lambda frame, value: passes(value, code(frame)), node.span)

    def unary_tests(self, node: UnaryTests, place: Place) -> Code:
        test, value = self.cell(node, place), self.compile(Name("?", span=node.span), place)
        return lambda frame: test(frame, value(frame))

    def cell(self, node: UnaryTests, place: Place) -> Test:
        """All tests of a cell as one: true if any of them passes."""
        tests = [self._cell_test(test, place) for test in node.tests]
        if not tests:
            return lambda frame, value: True
        any_passes = tests[0] if len(tests) == 1 else steps.any_test(tests)
        return steps.negated_test(any_passes) if node.negated else any_passes

    def _cell_test(self, node: Node, place: Place) -> Test:
        """DMN 1.5, 7.3.4: an expression that speaks of `?` is the test itself; any other gives what the input must be."""
        if not mentions_input(node):
            return self.test(node, place)
        code = self.compile(node, place)
        return lambda frame, value: code(frame) is True

    def condition(self, node: If, place: Place) -> Code:
        condition, then, otherwise = (self.compile(part, place) for part in (node.condition, node.then, node.otherwise))
        return lambda frame: then(frame) if condition(frame) is True else otherwise(frame)

    def instance_of(self, node: InstanceOf, place: Place) -> Code:
        value = self.compile(node.value, place)
        try:
            is_instance = instance_test(node.type, self.types)
        except UnfitError as unfit:
            raise self._no_type(node.type.name, node.span, unfit)
        return lambda frame: is_instance(value(frame))

    def resolved(self, wanted: TypeOf, span: Span) -> Type:
        try:
            return resolve(wanted, self.types)
        except UnfitError as unfit:
            raise self._no_type(wanted.name, span, unfit)

    def _no_type(self, name: str, span: Span, unfit: UnfitError) -> FeelError:
        return syntax_error(self.source, span, say("'{text}'", text=name), say("the name of a type ({why})", why=str(unfit)))

    # -- loops and calls --------------------------------------------------------------------------------------------

    def filter(self, node: Filter, place: Place) -> Code:
        source = self.raw(node.source, place)
        index = _literal_index(node.condition)
        if index is not None:
            return loops.item_at(source, index, node.span)
        condition = self.compile(node.condition, Items(place))
        return loops.filtered(source, condition, node.span, fresh=makes_functions(node.condition))

    def loop(self, node: For, place: Place) -> Code:
        iterators, inner = self._iterators(node, place, {"partial"})
        return loops.mapped(iterators, self.compile(node.body, inner), fresh=makes_functions(node.body))

    def quantified(self, node: Quantified, place: Place) -> Code:
        iterators, inner = self._iterators(node, place, set())
        condition = self.compile(node.condition, inner)
        return loops.quantified(iterators, condition, node.quantifier == "some", fresh=makes_functions(node.condition))

    def _iterators(self, node: For | Quantified, place: Place, names: set[str]) -> tuple[list[loops.Iteration], Bindings]:
        inner = Bindings(names, place)
        iterations: list[loops.Iteration] = []
        for iterator in node.iterators:
            source = self.compile(iterator.source, inner)
            to = self.compile(iterator.to, inner) if iterator.to is not None else None
            iterations.append(loops.Iteration(iterator.name, source, to, iterator.source.span))
            inner.names.add(iterator.name)
        return iterations, inner

    def function_literal(self, node: FunctionLiteral, place: Place) -> Code:
        body = self.compile(node.body, Bindings(set(node.parameters), place))
        parameters = node.parameters
        types = tuple(self.resolved(wanted, node.span) if wanted is not None else None for wanted in node.types)
        known = types if any(types) else ()

        def function_literal(frame: Frame) -> Value:
            return Function("function", parameters, steps.user_call(parameters, known, body, frame), types=known)

        return function_literal

    def external(self, node: External, place: Place) -> Code:
        raise syntax_error(self.source, node.span, "'external'", say("a function in FEEL; external code is never run"))

    def call(self, node: Call, place: Place) -> Code:
        builtin = self._called_builtin(node, place)
        if builtin is None:
            arguments = [self.compile(argument, place) for argument in node.arguments]
            code = steps.call(self.compile(node.function, place), arguments, node.names, node.span)
            hidden = BUILTINS.get(node.function.name) if isinstance(node.function, Name) else None
            if hidden is None:
                return code
            value = self.compile(node.function, place)
            of_builtin = steps.builtin_call(hidden, arguments, node.names, node.span)
            return lambda frame: code(frame) if type(value(frame)) is Function else of_builtin(frame)  # `date` may be a date
        if builtin.name == "is defined" and len(node.arguments) == 1:
            return self.presence(node.arguments[0], place)
        return steps.builtin_call(builtin, [self.compile(argument, place) for argument in node.arguments], node.names, node.span)

    def _called_builtin(self, node: Call, place: Place) -> Builtin | None:
        """The built-in that is meant, unless the expression or its caller declares something of that name."""
        if not isinstance(node.function, Name):
            return None
        name = node.function.name
        while place is not None:
            if isinstance(place, Bindings) and name in place.names:
                return None
            place = place.outer
        return None if name in self.declared else BUILTINS.get(name)

    _COMPILERS: Mapping[type, Callable[[Compiler, Any, Place], Code]] = {
        Literal: literal,
        AtLiteral: at_literal,
        ListOf: list_of,
        ContextOf: context_of,
        Interval: interval,
        UnaryComparison: unary_range,
        Name: name,
        Path: path,
        Negation: negation,
        Arithmetic: arithmetic,
        Comparison: comparison,
        Logic: logic,
        Between: between,
        In: contained,
        UnaryTests: unary_tests,
        If: condition,
        InstanceOf: instance_of,
        Filter: filter,
        For: loop,
        Quantified: quantified,
        FunctionLiteral: function_literal,
        External: external,
        Call: call,
    }


def quick_test(node: Node, general: Test) -> Test | None:
    """The tests that most cells of tables have, without a detour; what does not fit is left to the general test."""
    if isinstance(node, Literal) and node.kind in ("string", "number"):
        return _quick_equality(node.value, general)
    if isinstance(node, UnaryComparison) and node.operator in ORDERS and (end := literal_number(node.operand)) is not None:
        return _quick_order(ORDERS[node.operator], end, general)
    if isinstance(node, Interval):
        low, high = literal_number(node.low), literal_number(node.high)
        if low is not None and high is not None and low <= high:
            return _quick_interval(low, high, node, general)
    return None


def literal_number(node: Node) -> int | Decimal | None:
    """The number that a literal or its negative is; None for anything else."""
    if isinstance(node, Negation):
        inner = literal_number(node.operand)
        return None if inner is None else -inner
    return node.value if isinstance(node, Literal) and node.kind == "number" else None  # type: ignore[return-value]


def _quick_equality(wanted: Value, general: Test) -> Test:
    fits = frozenset({str}) if type(wanted) is str else NUMBERS
    return lambda frame, value: value == wanted if type(value) in fits else general(frame, value)


def _quick_order(order: Callable[[Value, Value], bool], end: int | Decimal, general: Test) -> Test:
    return lambda frame, value: order(value, end) if type(value) in NUMBERS else general(frame, value)


def _quick_interval(low: int | Decimal, high: int | Decimal, node: Interval, general: Test) -> Test:
    above, below = ORDERS[">=" if node.low_included else ">"], ORDERS["<=" if node.high_included else "<"]
    return lambda frame, value: above(value, low) and below(value, high) if type(value) in NUMBERS else general(frame, value)


def _unary(operator: str, value: Value, operand: Value) -> Value:
    if operator in ORDERS:
        return compare(operator, value, operand)
    return equal(value, operand) is (operator == "=")


def _in_range(value: Value, span: Value) -> Value:
    if span is None:
        return None
    return includes(span, value)


def _literal_index(condition: Node) -> int | None:
    if isinstance(condition, Literal) and type(condition.value) is int:
        return condition.value
    if isinstance(condition, Negation) and isinstance(condition.operand, Literal) and type(condition.operand.value) is int:
        return -condition.operand.value
    return None


def mentions_input(node: Any) -> bool:
    """Whether a part of the tree speaks of `?`, the value that a cell tests."""
    if isinstance(node, Name):
        return node.name == "?"
    if isinstance(node, tuple):
        return any(mentions_input(part) for part in node)
    return is_dataclass(node) and any(mentions_input(getattr(node, field.name)) for field in fields(node) if field.name != "span")
