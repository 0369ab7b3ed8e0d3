"""What stands in a decision model, as plain facts: nothing here is compiled or checked yet."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Anything that can be pointed at. Without an id of its own it has that of what it stands in."""

    id: str | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Box(Part):
    """An expression of any kind; `type_ref` is what its value must be."""

    type_ref: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal(Box):
    text: str
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Part):
    """One line of a boxed context; the one without a name is the context's result."""

    name: str | None
    type_ref: str | None
    value: Box | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextBox(Box):
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListBox(Box):
    items: tuple[Box, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationBox(Box):
    columns: tuple[Entry, ...]  # names and types; their values are the rows'
    rows: tuple[tuple[Box | None, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvocationBox(Box):
    function: Box | None
    bindings: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter(Part):
    name: str
    type_ref: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionBox(Box):
    parameters: tuple[Parameter, ...]
    body: Box | None
    kind: str = "FEEL"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConditionalBox(Box):
    condition: Box | None
    then: Box | None
    otherwise: Box | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterBox(Box):
    source: Box | None
    match: Box | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IteratorBox(Box):
    kind: str  # for, some, every
    variable: str
    source: Box | None
    body: Box | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Input(Part):
    label: str | None
    expression: Literal
    allowed: str | None  # unary tests


@dataclass(frozen=True, slots=True, kw_only=True)
class Output(Part):
    name: str | None
    label: str | None
    type_ref: str | None
    allowed: str | None
    default: Literal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell(Part):
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Part):
    conditions: tuple[Cell, ...]
    conclusions: tuple[Literal, ...]
    annotations: tuple[str, ...] = ()
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TableBox(Box):
    hit_policy: str
    aggregation: str | None
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemDefinition(Part):
    """A type of the model. Exactly one of type_ref, components and function says what it is made of; without any it is Any."""

    name: str
    type_ref: str | None = None
    components: tuple[ItemDefinition, ...] = ()
    function: tuple[tuple[Parameter, ...], str | None] | None = None
    is_collection: bool = False
    allowed_values: str | None = None  # of each item, in a collection
    type_constraint: str | None = None  # of the whole value


@dataclass(frozen=True, slots=True, kw_only=True)
class Import(Part):
    name: str
    namespace: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Named(Part):
    """An element of a decision requirements graph. `requires` are hrefs, in the order of the file."""

    name: str  # as others know it: that of its variable
    title: str = ""  # its own
    type_ref: str | None = None
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InputData(Named):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision(Named):
    logic: Box | None
    question: str | None = None
    version_tag: str | None = None  # zeebe:versionTag


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge(Named):
    """A business knowledge model: a function that decisions may call."""

    logic: FunctionBox | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Service(Named):
    """A decision service. All its parts are hrefs."""

    outputs: tuple[str, ...]
    encapsulated: tuple[str, ...] = ()
    input_decisions: tuple[str, ...] = ()
    input_data: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Definitions(Part):
    """A whole file."""

    name: str
    namespace: str
    version: str  # DMN's: "1.1" to "1.5"
    language: str | None
    imports: tuple[Import, ...] = ()
    types: tuple[ItemDefinition, ...] = ()
    elements: Mapping[str, Named] = field(default_factory=dict)  # by id
