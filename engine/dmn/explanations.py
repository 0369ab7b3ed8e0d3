"""Why a decision answered what it did, in words: which rules matched, and for the others the first condition that did not hold."""
from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..feel.texts import to_literal
from ..feel.values import Value
from .libraries import Model
from .models import TableBox
from .traces import DecisionTrace, Outcome, RuleTrace, TableTrace

_KINDS = {
    "decisionTable": "a decision table",
    "literalExpression": "an expression",
    "context": "a context",
    "invocation": "a call",
    "list": "a list",
    "relation": "a relation",
    "functionDefinition": "a function",
    "conditional": "a condition",
    "filter": "a filter",
    "for": "a loop",
    "some": "a question to a list",
    "every": "a question to a list",
}
_LONGEST_VALUE = 200


def explain(model: Model, outcome: Outcome) -> list[str]:
    """Lines of text about a traced outcome: every decision that was made, required ones first, then what became null."""
    boxes = dict(_boxes(model))
    lines: list[str] = []
    for decision in outcome.decisions:
        lines += _decision(decision, boxes)
    lines += [f"Note: {problem}" for problem in outcome.problems]
    return lines


def _boxes(model: Model) -> Iterator[tuple[str | None, TableBox]]:
    for imported in model.imports.values():
        yield from _boxes(imported)
    for table, _ in model.tables:
        yield table.element_id, table.box


def _short(value: Value) -> str:
    text = to_literal(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"


def _named(values: Mapping[str, Value]) -> str:
    return ", ".join(f"{name} = {_short(value)}" for name, value in values.items())


def _decision(decision: DecisionTrace, boxes: Mapping[str | None, TableBox]) -> list[str]:
    lines = [f"{decision.name} is {_short(decision.value)} ({_KINDS.get(decision.kind, 'a decision')})"]
    if decision.inputs:
        lines.append(f"  knows {_named(decision.inputs)}")
    for table in decision.tables:
        box = boxes.get(table.id)
        if box is not None:
            lines += [f"  {line}" for line in _table(table, box)]
    return lines


def _table(table: TableTrace, box: TableBox) -> Iterator[str]:
    yield f"hit policy {table.hit_policy}; {_named({one.name: one.value for one in table.inputs}) or 'no inputs'}"
    for rule in table.rules:
        yield _rule(rule, table, box)
    if not table.matched:
        yield "no rule matched"
    elif set(table.used) != {rule.number for rule in table.matched}:
        used = ", ".join(map(str, table.used))
        yield f"of the rules that matched, the hit policy took {used}" if used else "the hit policy allows no answer of these"


def _rule(rule: RuleTrace, table: TableTrace, box: TableBox) -> str:
    facts = box.rules[rule.number - 1]
    about = f" ({facts.description})" if facts.description else ""
    if rule.matched:
        return f"rule {rule.number} matched{about}: {_named(rule.outputs)}"
    if rule.failed_input is None:
        return f"rule {rule.number} did not match{about}"
    column = table.inputs[rule.failed_input]
    wanted = " ".join(facts.conditions[rule.failed_input].text.split())
    return f"rule {rule.number} did not match{about}: {column.name} is {_short(column.value)}, expected {wanted}"
