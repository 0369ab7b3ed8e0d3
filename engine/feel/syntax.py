"""What an expression consists of: the nodes of its tree. Equal trees mean the same, wherever they stood in the text."""
from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

Span = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    span: Span = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A number, text, true, false or null."""

    value: int | Decimal | str | bool | None
    kind: str = ""  # keeps 1 and true apart: Python calls them equal


@dataclass(frozen=True, slots=True)
class AtLiteral(Node):
    text: str


@dataclass(frozen=True, slots=True)
class Name(Node):
    name: str


@dataclass(frozen=True, slots=True)
class Path(Node):
    source: Node
    name: str


@dataclass(frozen=True, slots=True)
class Filter(Node):
    source: Node
    condition: Node


@dataclass(frozen=True, slots=True)
class ListOf(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ContextOf(Node):
    entries: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Negation(Node):
    operand: Node


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    operator: str  # + - * / **
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    operator: str  # = != < <= > >=
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """A chain of `and` or of `or`; long chains are flat, so that their length is not their depth."""

    operator: str
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Between(Node):
    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class In(Node):
    value: Node
    tests: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Interval(Node):
    low: Node
    high: Node
    low_included: bool
    high_included: bool


@dataclass(frozen=True, slots=True)
class UnaryComparison(Node):
    """`< 5` as a test, `(< 5)` as a range."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class If(Node):
    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Iterator:
    name: str
    source: Node
    to: Node | None = None  # `1..5`: counts from source to this


@dataclass(frozen=True, slots=True)
class For(Node):
    iterators: tuple[Iterator, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class Quantified(Node):
    quantifier: str  # some, every
    iterators: tuple[Iterator, ...]
    condition: Node


@dataclass(frozen=True, slots=True)
class TypeOf:
    """A type: its name, and for list<T>, range<T>, context<...>, function<...>-> T what it is made of."""

    name: str
    arguments: tuple[TypeOf, ...] = ()
    fields: tuple[str, ...] = ()
    result: TypeOf | None = None


@dataclass(frozen=True, slots=True)
class InstanceOf(Node):
    value: Node
    type: TypeOf


@dataclass(frozen=True, slots=True)
class FunctionLiteral(Node):
    parameters: tuple[str, ...]
    types: tuple[TypeOf | None, ...]
    body: Node


@dataclass(frozen=True, slots=True)
class External(Node):
    """A function whose body is elsewhere: `mapping` says where (DMN 1.5, 10.3.2.13.3)."""

    parameters: tuple[str, ...]
    types: tuple[TypeOf | None, ...]
    mapping: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    function: Node
    arguments: tuple[Node, ...]
    names: tuple[str, ...] = ()  # one for each argument where they are named


@dataclass(frozen=True, slots=True)
class UnaryTests(Node):
    """What stands in a cell of a decision table. No tests at all is `-`: anything goes."""

    tests: tuple[Node, ...]
    negated: bool = False
