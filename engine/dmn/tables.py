"""Decision tables: which rules match, and what their hit policy makes of them (DMN 1.5, 8.2.8)."""
from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from ..feel.arithmetic import calculate
from ..feel.comparisons import order, same
from ..feel.errors import UnfitError
from ..feel.sentences import say
from ..feel.steps import Code, Frame, Test
from ..feel.values import Value
from .models import TableBox
from .traces import Evaluation, InputTrace, RuleTrace, TableTrace

Conditions = tuple[tuple[int, Test, bool], ...]  # column, test, whether the test speaks of `?`
Answer = Callable[[int], Value]  # what the rule at a place (from 0) concludes


@dataclass(frozen=True, slots=True)
class Hits:
    """The rules that matched (places from 0), and how to ask for their answers, texts and ranks."""

    places: Sequence[int]
    answer: Answer
    rank: Callable[[Value], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Taken:
    """What a hit policy answers, and the rules it took."""

    value: Value
    places: Sequence[int]


def _unique(hits: Hits) -> Taken:
    if len(hits.places) > 1:
        numbers = _numbers(hits.places)
        raise UnfitError(say("Expected one rule at most, found that the rules {numbers} match (hit policy UNIQUE)", numbers=numbers))
    return _first(hits)


def _first(hits: Hits) -> Taken:
    return Taken(hits.answer(hits.places[0]), hits.places[:1])


def _any(hits: Hits) -> Taken:
    first = hits.answer(hits.places[0])
    for place in hits.places[1:]:
        if not same(first, hits.answer(place)):
            numbers = _numbers(hits.places)
            raise UnfitError(
                say("Expected the same answer of all rules that match, found others (rules {numbers}, hit policy ANY)", numbers=numbers)
            )
    return Taken(first, hits.places)


def _by_rank(hits: Hits) -> list[tuple[int, Value]]:
    answers = [(place, hits.answer(place)) for place in hits.places]
    return sorted(answers, key=lambda pair: hits.rank(pair[1]))


def _priority(hits: Hits) -> Taken:
    place, answer = _by_rank(hits)[0]
    return Taken(answer, [place])


def _output_order(hits: Hits) -> Taken:
    ordered = _by_rank(hits)
    return Taken([answer for _, answer in ordered], [place for place, _ in ordered])


def _rule_order(hits: Hits) -> Taken:
    return Taken([hits.answer(place) for place in hits.places], hits.places)


def _collected(aggregate: Callable[[list[Value]], Value], hits: Hits) -> Taken:
    return Taken(aggregate([hits.answer(place) for place in hits.places]), hits.places)


def _numbers(places: Sequence[int]) -> str:
    return ", ".join(str(place + 1) for place in places)


def _sum(values: list[Value]) -> Value:
    total = values[0]
    for value in values[1:]:
        total = calculate("+", total, value)
    return total


def _extreme(sign: int, values: list[Value]) -> Value:
    found = values[0]
    for value in values[1:]:
        if order(value, found) == sign:
            found = value
    return found


_AGGREGATIONS: dict[str, Callable[[list[Value]], Value]] = {
    "SUM": _sum,
    "MIN": partial(_extreme, -1),
    "MAX": partial(_extreme, 1),
    "COUNT": len,
}
_POLICIES: dict[str, Callable[[Hits], Taken]] = {
    "UNIQUE": _unique,
    "FIRST": _first,
    "ANY": _any,
    "PRIORITY": _priority,
    "OUTPUT ORDER": _output_order,
    "RULE ORDER": _rule_order,
    "COLLECT": _rule_order,
    **{f"COLLECT {name}": partial(_collected, aggregate) for name, aggregate in _AGGREGATIONS.items()},
}
_FIRST_IS_ENOUGH = frozenset({"FIRST"})
# What a table without default answers where no rule matches.
_OF_NOTHING: dict[str, Callable[[], Value]] = {"RULE ORDER": list, "OUTPUT ORDER": list, "COLLECT": list, "COLLECT COUNT": int}


def policy_of(box: TableBox) -> str:
    return f"{box.hit_policy} {box.aggregation}" if box.aggregation and box.hit_policy == "COLLECT" else box.hit_policy


def known_policy(box: TableBox) -> str | None:
    """What is wrong with the table's hit policy, in words; None if nothing is."""
    policy = policy_of(box)
    if policy not in _POLICIES:
        return say("Expected a hit policy of DMN, found '{policy}'.", policy=policy[:40])
    if policy in ("COLLECT SUM", "COLLECT MIN", "COLLECT MAX") and len(box.outputs) > 1:
        return say("Expected one output for the aggregation of {policy}, found {count}.", policy=policy, count=len(box.outputs))
    return None


@dataclass(frozen=True, slots=True)
class CompiledTable:
    """A table's parts as closures. `conditions` hold only what is not `-`."""

    box: TableBox
    inputs: tuple[Code, ...]
    allowed: tuple[Test | None, ...]
    conditions: tuple[Conditions, ...]
    conclusions: tuple[tuple[Code, ...], ...]
    defaults: tuple[Code | None, ...]
    ranks: tuple[tuple[Test, ...], ...]
    fits: tuple[Test | None, ...]  # whether an output is among its allowed values
    element_id: str | None

    def evaluate(self, frame: Frame) -> Value:
        run = frame.run
        run.charge(1 + len(self.conditions) // 4)
        inner = Frame({"?": None}, run, frame)
        values = [code(frame) for code in self.inputs]
        evaluation = run if isinstance(run, Evaluation) else None
        if evaluation is not None:
            evaluation.element = self.element_id
        try:
            self._check_inputs(inner, values)
        except UnfitError as unfit:
            self._trace(evaluation, values, [], Taken(None, ()), inner, {})
            return run.warn(unfit.said)
        places = self._matching(inner, values)
        given: dict[int, list[Value]] = {}
        taken = self._taken(frame, inner, places, given)
        if evaluation is not None and evaluation.traced:
            self._trace(evaluation, values, places, taken, inner, given)
        return taken.value

    def _check_inputs(self, inner: Frame, values: list[Value]) -> None:
        for place, test in enumerate(self.allowed):
            value = values[place]
            if test is None or value is None:
                continue
            items = value if type(value) is list else [value]
            if _passes(test, inner, value, True) or all(_passes(test, inner, item, True) for item in items):
                continue
            raise UnfitError(say("The input '{name}' is not among the values that its column allows", name=self.input_name(place)))

    def _matching(self, inner: Frame, values: list[Value]) -> list[int]:
        names = inner.names
        first_only = self.box.hit_policy in _FIRST_IS_ENOUGH
        places: list[int] = []
        for place, conditions in enumerate(self.conditions):
            for column, test, speaks in conditions:
                value = values[column]
                if speaks:
                    names["?"] = value  # type: ignore[index]
                if test(inner, value) is not True:
                    break
            else:
                places.append(place)
                if first_only:
                    break
        return places

    def _taken(self, frame: Frame, inner: Frame, places: list[int], given: dict[int, list[Value]]) -> Taken:
        policy = policy_of(self.box)
        if not places:
            return Taken(self._without_match(frame, policy), ())
        hits = Hits(places, lambda place: self._answer(frame, inner, place, given), lambda answer: self._rank(inner, answer))
        try:
            return _POLICIES[policy](hits)
        except UnfitError as unfit:
            frame.run.warn(unfit.said)
            return Taken(None, ())

    def _without_match(self, frame: Frame, policy: str) -> Value:
        if any(code is not None for code in self.defaults):
            return self._together([code(frame) if code is not None else None for code in self.defaults])
        nothing = _OF_NOTHING.get(policy)
        return nothing() if nothing is not None else None

    def _answer(self, frame: Frame, inner: Frame, place: int, given: dict[int, list[Value]]) -> Value:
        values = [code(frame) for code in self.conclusions[place]]
        given[place] = values
        for column, value in enumerate(values):
            test = self.fits[column]
            if test is not None and value is not None and not _passes(test, inner, value, True):
                name = self.output_name(column)
                frame.run.warn(
                    say("The answer of rule {number} is not among the values that the output '{name}' allows", number=place + 1, name=name)
                )
        return self._together(values)

    def _together(self, values: list[Value]) -> Value:
        if len(values) == 1:
            return values[0]
        return {self.output_name(place): value for place, value in enumerate(values)}

    def _rank(self, inner: Frame, answer: Value) -> tuple[int, ...]:
        """The places of the answer's values in the lists of their outputs; what is not listed comes last."""
        values = [answer] if len(self.ranks) == 1 else list(answer.values())
        return tuple(_place(tests, inner, value) for tests, value in zip(self.ranks, values, strict=True))

    def input_name(self, place: int) -> str:
        column = self.box.inputs[place]
        return column.label or " ".join(column.expression.text.split())

    def output_name(self, place: int) -> str:
        column = self.box.outputs[place]
        return column.name or column.label or f"output {place + 1}"

    def _trace(
        self,
        run: Evaluation | None,
        values: list[Value],
        places: list[int],
        taken: Taken,
        inner: Frame,
        given: dict[int, list[Value]],
    ) -> None:
        if run is None or not run.traced:
            return
        problems = len(run.problems)
        inputs = tuple(
            InputTrace(column.id or column.expression.id, self.input_name(place), values[place])
            for place, column in enumerate(self.box.inputs)
        )
        rules = tuple(self._rule_trace(place, values, places, inner, given) for place in range(len(self.conditions)))
        del run.problems[problems:]  # looking again says nothing new
        used = tuple(place + 1 for place in taken.places)
        output_ids = {self.output_name(place): output.id for place, output in enumerate(self.box.outputs)}
        run.tables.append(TableTrace(self.element_id, policy_of(self.box), inputs, rules, used, output_ids))

    def _rule_trace(self, place: int, values: list[Value], places: list[int], inner: Frame, given: dict[int, list[Value]]) -> RuleTrace:
        rule = self.box.rules[place]
        if place in places:
            answers = given.get(place)
            if answers is None:  # the hit policy did not ask for it
                answers = [code(inner.outer or inner) for code in self.conclusions[place]]
            outputs = {self.output_name(column): answer for column, answer in enumerate(answers)}
            return RuleTrace(place + 1, rule.id, True, None, outputs)
        for column, test, _ in self.conditions[place]:
            if not _passes(test, inner, values[column], True):
                return RuleTrace(place + 1, rule.id, False, column)
        return RuleTrace(place + 1, rule.id, False)


def _passes(test: Test, inner: Frame, value: Value, speaks: bool) -> bool:
    if speaks:
        inner.names["?"] = value  # type: ignore[index]
    return test(inner, value) is True


def _place(tests: tuple[Test, ...], inner: Frame, value: Value) -> int:
    return next((place for place, test in enumerate(tests) if _passes(test, inner, value, True)), len(tests))
