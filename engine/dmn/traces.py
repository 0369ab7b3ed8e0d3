"""What happened in an evaluation, as facts: for histories, for test rows in an editor, and for the question why."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..feel.limits import DEFAULT_LIMITS, Limits, Now, Run, Span
from ..feel.values import Value
from .errors import Problem

_MOST_PROBLEMS = 1_000


@dataclass(frozen=True, slots=True)
class InputTrace:
    """An evaluated input column."""

    id: str | None
    name: str
    value: Value


@dataclass(frozen=True, slots=True)
class RuleTrace:
    """A rule, counted from 1. `failed_input` is the first column (from 0) whose condition the input did not meet."""

    number: int
    id: str | None
    matched: bool
    failed_input: int | None = None
    outputs: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TableTrace:
    """A decision table that was looked into, with all its rules."""

    id: str | None
    hit_policy: str
    inputs: tuple[InputTrace, ...]
    rules: tuple[RuleTrace, ...]
    used: tuple[int, ...]  # the numbers of the rules that the hit policy took, in its order
    output_ids: Mapping[str, str | None] = field(default_factory=dict)  # by name

    @property
    def matched(self) -> tuple[RuleTrace, ...]:
        return tuple(rule for rule in self.rules if rule.matched)


@dataclass(frozen=True, slots=True)
class DecisionTrace:
    """A decision that was made: what it knew, what it answered, and the tables it looked into."""

    id: str
    name: str
    kind: str  # what its logic is: decisionTable, literalExpression, ...
    inputs: Mapping[str, Value]
    value: Value
    tables: tuple[TableTrace, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer. `problems` say what became null, and why; `decisions` are those that were made, required ones first."""

    value: Value
    problems: tuple[Problem, ...] = ()
    decisions: tuple[DecisionTrace, ...] = ()


class Evaluation(Run):
    """One evaluation of a model: knows which element is at work, so that every warning says where it comes from."""

    __slots__ = ("decisions", "element", "json", "problems", "tables", "traced")

    def __init__(self, now: Now | None = None, limits: Limits = DEFAULT_LIMITS, *, traced: bool = False, json: bool = False) -> None:
        super().__init__(now, limits)
        self.json = json  # the inputs come from JSON: their dates are texts
        self.element: str | None = None
        self.problems: list[Problem] = []
        self.traced = traced
        self.decisions: list[DecisionTrace] = []
        self.tables: list[TableTrace] = []

    def warn(self, text: str, span: Span | None = None) -> None:
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(Problem(text, self.element, position=span))
