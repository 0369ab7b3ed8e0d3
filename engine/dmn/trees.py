"""Turns boxed expressions into trees of FEEL, so that names, scopes and functions are the same thing inside a box and inside a text."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..feel.builtins import KNOWN_BUILTINS
from ..feel.errors import FeelError
from ..feel.parser import parse, parse_unary_tests
from ..feel.sentences import say
from ..feel.syntax import (
    Call,
    ContextOf,
    External,
    Filter,
    For,
    FunctionLiteral,
    Iterator,
    ListOf,
    Name,
    Node,
    Path,
    Quantified,
    TypeOf,
    UnaryTests,
)
from ..feel.syntax import Literal as Constant
from .errors import Problem
from .models import (
    Box,
    ConditionalBox,
    ContextBox,
    Entry,
    FilterBox,
    FunctionBox,
    InvocationBox,
    IteratorBox,
    ListBox,
    Literal,
    Output,
    RelationBox,
    TableBox,
)

NULL = Constant(None, kind="null")
RESULT = ""  # the name under which a boxed context keeps its result: no expression can speak of it
_FEEL_LANGUAGES = ("feel", "spec/dmn", "spec/feel")


@dataclass(frozen=True, slots=True)
class Boxed(Node):
    """A part with a source of its own, and a type that its value must be of."""

    tree: Node
    source: str = ""
    element_id: str | None = None
    line: int | None = None
    type_ref: str | None = None


@dataclass(frozen=True, slots=True)
class BoxedContext(Node):
    """Entries as in FEEL; with a result, that is the value of the whole."""

    entries: tuple[tuple[str, Node], ...]
    has_result: bool


@dataclass(frozen=True, slots=True)
class BoxedIf(Node):
    """Unlike `if` in a text, this refuses a condition that is no boolean."""

    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Table(Node):
    box: TableBox
    inputs: tuple[Node, ...]
    allowed: tuple[UnaryTests | None, ...]
    conditions: tuple[tuple[UnaryTests, ...], ...]  # by rule
    conclusions: tuple[tuple[Node, ...], ...]  # by rule
    ranks: tuple[UnaryTests | None, ...]  # by output: the order of its values
    defaults: tuple[Node | None, ...]


class Reader:
    """Reads the boxes of one element. `properties` are the names of entries anywhere in the model; problems are collected."""

    def __init__(
        self, properties: frozenset[str], allowed_texts: Mapping[str, str], element_id: str | None, line: int | None
    ) -> None:
        self.properties = properties
        self.allowed_texts = allowed_texts
        self.element_id = element_id
        self.line = line
        self.problems: list[Problem] = []
        self._tests: dict[tuple[str, frozenset[str]], UnaryTests] = {}

    def tree(self, box: Box | None, known: frozenset[str]) -> Node:
        """The tree of an expression in which the names `known` are visible; of none at all, null."""
        if box is None:
            return NULL
        read: Callable[..., Node] = self._READERS[type(box)]
        tree = read(self, box, known)
        if isinstance(tree, Boxed) or (box.type_ref is None and box.id is None):
            return tree
        return Boxed(tree, element_id=box.id or self.element_id, line=box.line, type_ref=box.type_ref)

    def fail(self, message: str, box: Any, position: tuple[int, int] | None = None) -> Node:
        self.problems.append(Problem(message, getattr(box, "id", None) or self.element_id, getattr(box, "line", self.line), position))
        return NULL

    def literal(self, box: Literal, known: frozenset[str]) -> Node:
        if box.language and not any(word in box.language.lower() for word in _FEEL_LANGUAGES):
            return self.fail(say("Expected an expression in FEEL, found one in {language}.", language=box.language[:100]), box)
        tree: Node = NULL
        if box.text.strip():
            try:
                tree = parse(box.text, KNOWN_BUILTINS, known, self.properties)
            except FeelError as error:
                return self.fail(error.message, box, error.position)
        return Boxed(tree, box.text, box.id or self.element_id, box.line, box.type_ref)

    def tests(self, text: str, part: Any, known: frozenset[str]) -> UnaryTests:
        if not text.strip():
            return UnaryTests(())
        if (text, known) not in self._tests:  # most cells of a long table say the same
            try:
                self._tests[text, known] = parse_unary_tests(text, KNOWN_BUILTINS, known, self.properties)
            except FeelError as error:
                self.fail(error.message, part, error.position)
                return UnaryTests(())
        return self._tests[text, known]

    def typed(self, entry: Entry, known: frozenset[str]) -> Node:
        """The value of a named part, which must be of the part's type."""
        tree = self.tree(entry.value, known)
        if entry.type_ref is None:
            return tree
        return Boxed(tree, element_id=entry.id or self.element_id, line=entry.line, type_ref=entry.type_ref)

    def context(self, box: ContextBox, known: frozenset[str]) -> Node:
        entries: list[tuple[str, Node]] = []
        for entry in box.entries:
            if entry.name is None or entry.name == RESULT:
                entries.append((RESULT, self.typed(entry, known)))
                continue
            if isinstance(entry.value, FunctionBox):
                known |= {entry.name}  # a function may call itself
            entries.append((entry.name, self.typed(entry, known)))
            known |= {entry.name}
        return BoxedContext(tuple(entries), any(name == RESULT for name, _ in entries))

    def list(self, box: ListBox, known: frozenset[str]) -> Node:
        return ListOf(tuple(self.tree(item, known) for item in box.items))

    def relation(self, box: RelationBox, known: frozenset[str]) -> Node:
        rows: list[Node] = []
        for cells in box.rows:
            if len(cells) != len(box.columns):
                wrong = say("Expected {count} cells in every row of the relation, found {cells}.", count=len(box.columns), cells=len(cells))
                return self.fail(wrong, box)
            entries: list[tuple[str, Node]] = []
            for column, cell in zip(box.columns, cells, strict=True):
                whole = Entry(id=column.id, line=column.line, name=column.name, type_ref=column.type_ref, value=cell)
                entries.append((column.name or "", self.typed(whole, known)))
            rows.append(ContextOf(tuple(entries)))
        return ListOf(tuple(rows))

    def invocation(self, box: InvocationBox, known: frozenset[str]) -> Node:
        function = self.tree(box.function, known)
        if isinstance(function, Boxed) and isinstance(function.tree, (Name, Path)):
            function = function.tree  # so that a built-in is seen as one
        names = tuple(binding.name or "" for binding in box.bindings)
        return Call(function, tuple(self.typed(binding, known) for binding in box.bindings), names)

    def function(self, box: FunctionBox, known: frozenset[str]) -> Node:
        parameters = tuple(parameter.name for parameter in box.parameters)
        types = tuple(TypeOf(parameter.type_ref) if parameter.type_ref else None for parameter in box.parameters)
        body = self.tree(box.body, known | set(parameters))
        if box.kind.lower() != "feel":
            return External(parameters, types, ContextOf(((box.kind.lower(), body),)))
        return FunctionLiteral(parameters, types, body)

    def conditional(self, box: ConditionalBox, known: frozenset[str]) -> Node:
        return BoxedIf(self.tree(box.condition, known), self.tree(box.then, known), self.tree(box.otherwise, known))

    def filter(self, box: FilterBox, known: frozenset[str]) -> Node:
        return Filter(self.tree(box.source, known), self.tree(box.match, known | {"item"} | self.properties))

    def iterator(self, box: IteratorBox, known: frozenset[str]) -> Node:
        iterators = (Iterator(box.variable, self.tree(box.source, known)),)
        body = self.tree(box.body, known | {box.variable, "partial"})
        return For(iterators, body) if box.kind == "for" else Quantified(box.kind, iterators, body)

    def table(self, box: TableBox, known: frozenset[str]) -> Node:
        conditions: list[tuple[UnaryTests, ...]] = []
        conclusions: list[tuple[Node, ...]] = []
        for number, rule in enumerate(box.rules, 1):
            found = (len(rule.conditions), len(rule.conclusions))
            if found != (len(box.inputs), len(box.outputs)):
                wrong = say(
                    "Expected {inputs} conditions and {outputs} conclusions in rule {number}, found {conditions} and {conclusions}.",
                    inputs=len(box.inputs),
                    outputs=len(box.outputs),
                    number=number,
                    conditions=found[0],
                    conclusions=found[1],
                )
                return self.fail(wrong, rule)
            conditions.append(tuple(self.tests(cell.text, cell, known | {"?"}) for cell in rule.conditions))
            pairs = zip(rule.conclusions, box.outputs, strict=True)
            conclusions.append(tuple(self.conclusion(cell, output, known) for cell, output in pairs))
        return Table(
            box,
            tuple(self.literal(one.expression, known) for one in box.inputs),
            tuple(self.tests(one.allowed, one, known | {"?"}) if one.allowed else None for one in box.inputs),
            tuple(conditions),
            tuple(conclusions),
            tuple(self.ranks(output, known) for output in box.outputs),
            tuple(self.conclusion(one.default, one, known) if one.default is not None else None for one in box.outputs),
        )

    def conclusion(self, cell: Literal, output: Output, known: frozenset[str]) -> Node:
        tree = self.literal(cell, known)
        return Boxed(tree, element_id=cell.id or output.id, line=cell.line, type_ref=output.type_ref) if output.type_ref else tree

    def ranks(self, output: Output, known: frozenset[str]) -> UnaryTests | None:
        """The order of an output's values: as listed with the output, else with its type."""
        text = output.allowed or self.allowed_texts.get(output.type_ref or "")
        return self.tests(text, output, known | {"?"}) if text else None

    _READERS: Mapping[type, Callable[..., Node]] = {
        Literal: literal,
        ContextBox: context,
        ListBox: list,
        RelationBox: relation,
        InvocationBox: invocation,
        FunctionBox: function,
        ConditionalBox: conditional,
        FilterBox: filter,
        IteratorBox: iterator,
        TableBox: table,
    }
