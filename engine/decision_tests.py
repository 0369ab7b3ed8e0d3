"""Rows of values for a decision that is being drawn: what our own engine answers to each, and by which rules. Nothing is stored."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine import decisions
from engine.dmn import DmnError, Model
from engine.errors import Invalid
from engine.feel import FeelError, compile_expression, to_json, to_text
from engine.feel.sentences import say
from engine.feel.syntax import Name, Node

MOST_ROWS = 200
MOST_SECONDS = 10.0  # each row alone may take some


@dataclass(frozen=True, slots=True)
class TestedDecision:
    decision_id: str
    name: str
    inputs: tuple[str, ...]  # names of the values that it looks at, required decisions included


@dataclass(frozen=True, slots=True)
class TakenRule:
    """A rule that the hit policy took, counted from 1."""

    decision_id: str
    rule_id: str | None
    number: int


@dataclass(frozen=True, slots=True)
class RowAnswer:
    """`value` as JSON has it; or the sentence why there is none."""

    value: Any
    failure: str | None
    rules: tuple[TakenRule, ...] = ()


_NOT_ASKED = RowAnswer(None, say("This row was not asked: those before it took too long."))


def read(content: bytes, others: Sequence[bytes]) -> Model:
    """Raises Invalid for a file that cannot be read."""
    model, problems, _ = decisions.read(content, others)
    if model is None:
        words = problems[0].message if problems else "Expected a DMN file."
        raise Invalid(words, fields={"files": words})
    return model


def tested(model: Model) -> list[TestedDecision]:
    """Required ones first, as the file has them."""
    own = {one.name for one in model.decisions} | {one.id for one in model.decisions}
    looked_at = _names_of_tables(model)
    found = []
    for one in model.decisions:
        units = list(_needed(model.units[one.id or one.name]))
        names = [unit.name for unit in units if unit.kind == "inputData"]
        for unit in units:
            names += looked_at.get(id(getattr(unit.facts, "logic", None)), [])
        found.append(TestedDecision(one.id or one.name, one.name, tuple(dict.fromkeys(name for name in names if name not in own))))
    return found


def _needed(unit: Any) -> Iterator[Any]:
    todo, seen = [unit], set()
    while todo:
        at = todo.pop()
        if at in seen:
            continue
        seen.add(at)
        yield at
        todo.extend(needed for _, needed in at.needs)


def _names_of_tables(model: Model) -> dict[int, list[str]]:
    """By the box that a decision consists of: the names in the input expressions of a table."""
    return {id(table.box): [name for one in table.inputs for name in _names(one)] for _, table in model.tables}


def _names(node: Any) -> Iterator[str]:
    todo = [node]
    while todo:
        at = todo.pop(0)
        if isinstance(at, Name):
            yield at.name
        elif isinstance(at, Node):
            todo.extend(getattr(at, one.name) for one in dataclasses.fields(at))
        elif isinstance(at, tuple):
            todo.extend(at)


def answers(model: Model, decision_id: str, rows: Sequence[Mapping[str, str]], now: datetime) -> list[RowAnswer]:
    """Each row's values are FEEL; what is empty is not there."""
    until = time.monotonic() + MOST_SECONDS
    return [_answer(model, decision_id, row, now) if time.monotonic() < until else _NOT_ASKED for row in rows[:MOST_ROWS]]




def _answer(model: Model, decision_id: str, row: Mapping[str, str], now: datetime) -> RowAnswer:
    try:
        given = {name: _value(name, text, now) for name, text in row.items() if text.strip()}
        outcome = model.evaluate(decision_id, given, now=lambda: now, traced=True, json=True, open=True)
    except FeelError as error:
        return RowAnswer(None, error.message)
    except DmnError as error:
        return RowAnswer(None, " ".join(problem.message for problem in error.problems[:3]))
    rules = [
        TakenRule(made.id, rule.id, rule.number)
        for made in outcome.decisions
        for table in made.tables
        for rule in table.rules
        if rule.number in table.used
    ]
    failure = outcome.problems[0].message if outcome.value is None and outcome.problems and not rules else None
    return RowAnswer(_json(outcome.value), failure, tuple(rules))


def _value(name: str, text: str, now: datetime) -> Any:
    try:
        return compile_expression(text.strip().removeprefix("=")).evaluate({}, now=lambda: now)
    except FeelError as error:
        raise FeelError(f"{name}: {error.message}", error.position) from error


def _json(value: Any) -> Any:
    try:
        return to_json(value)
    except FeelError:
        return to_text(value)
