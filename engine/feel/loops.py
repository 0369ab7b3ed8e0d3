"""The closures that repeat: filters, for, some, every, and the entries of a context."""
from __future__ import annotations

from collections.abc import Iterator as Iterating
from collections.abc import Sequence
from dataclasses import dataclass

from .comparisons import compare, same
from .errors import UnfitError
from .limits import Run, Span
from .moments import date_of_number, day_number
from .sentences import say
from .steps import NO_NAMES, Code, Frame, taken_in
from .values import DATE_TYPES, NUMBERS, Range, Value, as_integer, kind

_AN_INDEX = say("an index")


def context(entries: list[tuple[str, Code]]) -> Code:
    """Each entry sees those before it. The frame keeps its own names, so that a later entry cannot change what a function saw."""

    def context(frame: Frame) -> Value:
        made: dict[str, Value] = {}
        inner = Frame(made, frame.run, frame)
        for key, code in entries:
            made[key] = code(inner)
        return dict(made)

    return context


# -- filters ----------------------------------------------------------------------------------------------------------


def _as_list(value: Value) -> Value:
    """What a filter walks over: a single value counts as a list of one."""
    if type(value) is list or value is None:
        return value
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return list(value)
    return [value]


def _at(items: list[Value], index: Value, frame: Frame, span: Span) -> Value:
    try:
        place = as_integer(index, _AN_INDEX)
    except UnfitError as unfit:
        return frame.run.warn(unfit.said, span)
    if place == 0 or abs(place) > len(items):
        return frame.run.warn(say("There is no item {index}; the list has {count}", index=index, count=len(items)), span)
    return taken_in(items[place - 1 if place > 0 else place], frame, span)


def item_at(source: Code, index: int, span: Span) -> Code:
    def item_at(frame: Frame) -> Value:
        items = _as_list(source(frame))
        if items is None:
            return frame.run.warn(say("Null has no items"), span)
        return _at(items, index, frame, span)

    return item_at


def filtered(source: Code, condition: Code, span: Span, *, fresh: bool) -> Code:
    """The items for which the condition is true; or, where it gives a number, the item at that place."""

    def filtered(frame: Frame) -> Value:
        items = _as_list(source(frame))
        run = frame.run
        if items is None:
            return run.warn(say("Null has no items"), span)
        if not items:
            return _of_empty(condition, frame, span)
        if len(items) > run.limits.items:
            run.charge_items(len(items))
        run.charge(len(items))
        inner = Frame(NO_NAMES, run, frame)
        kept: list[Value] = []
        for item in items:
            if fresh:
                inner = Frame(NO_NAMES, run, frame)
            inner.item = item
            inner.names = item if type(item) is dict or isinstance(item, dict) else NO_NAMES
            outcome = condition(inner)
            if outcome is True:
                kept.append(item)
            elif type(outcome) in NUMBERS:
                return _at(items, outcome, frame, span)
            elif outcome is not None and outcome is not False:
                return run.warn(say("Expected true or false from a filter, found a {kind}", kind=kind(outcome)), span)
        return taken_in(kept, frame, span)

    return filtered


def _of_empty(condition: Code, frame: Frame, span: Span) -> Value:
    quiet = Run(frame.run.now, frame.run.limits)
    outcome = condition(Frame(NO_NAMES, quiet, frame))
    return _at([], outcome, frame, span) if type(outcome) in NUMBERS else []


# -- for, some, every -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Iteration:
    """One `name in source`; with `to`, counting from one to the other."""

    name: str
    source: Code
    to: Code | None
    span: Span


def _domain(iteration: Iteration, frame: Frame) -> Iterating[Value]:
    start = iteration.source(frame)
    if iteration.to is not None:
        return _counted(start, iteration.to(frame))
    if type(start) is Range:
        return _range_items(start)
    if start is None:
        raise UnfitError(say("Null has no items"))
    return iter(start if type(start) is list else [start])


def _counted(start: Value, end: Value) -> Iterating[Value]:
    """From start to end, both included, downwards too; whole numbers or dates."""
    if type(start) in DATE_TYPES and type(end) in DATE_TYPES:
        return map(date_of_number, _steps(day_number(start), day_number(end)))
    if type(start) not in NUMBERS or type(end) not in NUMBERS:
        raise UnfitError(
            say(
                "Expected two numbers or two dates around '..', found {start_kind} and {end_kind}",
                start_kind=kind(start),
                end_kind=kind(end),
            )
        )
    first, last = as_integer(start), as_integer(end)
    return iter(_steps(first, last))


def _steps(first: int, last: int) -> range:
    return range(first, last + 1) if first <= last else range(first, last - 1, -1)


def _range_items(span: Range) -> Iterating[Value]:
    if span.low is None or span.high is None:
        raise UnfitError(say("A range without an end cannot be walked over"))
    if compare(">", span.low, span.high):
        raise UnfitError(say("A range that ends before it starts cannot be walked over"))
    excluded = [end for end, included in ((span.low, span.low_included), (span.high, span.high_included)) if not included]
    return (item for item in _counted(span.low, span.high) if not any(same(item, end) for end in excluded))


def _combinations(iterations: list[Iteration], frame: Frame, names: dict[str, Value], place: int, *, fresh: bool) -> Iterating[Frame]:
    iteration = iterations[place]
    innermost = place == len(iterations) - 1
    for value in _domain(iteration, frame):
        frame.run.charge()
        names[iteration.name] = value
        if not innermost:
            yield from _combinations(iterations, frame, names, place + 1, fresh=fresh)
        elif fresh:
            yield Frame(dict(names), frame.run, frame.outer)
        else:
            yield frame


def mapped(iterations: list[Iteration], body: Code, *, fresh: bool) -> Code:
    """`for`: the body's value for every combination. `partial` is the list of those so far."""
    span = iterations[0].span
    if len(iterations) == 1 and not fresh:
        return _mapped_once(iterations[0], body)

    def mapped(frame: Frame) -> Value:
        results: list[Value] = []
        names: dict[str, Value] = {"partial": results}
        run = frame.run
        try:
            for inner in _combinations(iterations, Frame(names, run, frame), names, 0, fresh=fresh):
                results.append(_kept(body(inner), results))
        except UnfitError as unfit:
            return run.warn(unfit.said, span)
        if len(results) > run.limits.items:
            run.charge_items(len(results))
        return results

    return mapped


def _mapped_once(iteration: Iteration, body: Code) -> Code:
    """The loop that most loops are: one name, one frame for all rounds."""
    name = iteration.name

    def mapped_once(frame: Frame) -> Value:
        results: list[Value] = []
        names: dict[str, Value] = {"partial": results}
        run = frame.run
        inner = Frame(names, run, frame)
        charge = run.charge
        try:
            for value in _domain(iteration, inner):
                charge()
                names[name] = value
                results.append(_kept(body(inner), results))
        except UnfitError as unfit:
            return run.warn(unfit.said, iteration.span)
        if len(results) > run.limits.items:
            run.charge_items(len(results))
        return results

    return mapped_once


def _kept(value: Value, results: list[Value]) -> Value:
    return list(results) if value is results else value  # a body that answers `partial` means the list as it is now


def quantified(iterations: list[Iteration], condition: Code, decisive: bool, *, fresh: bool) -> Code:
    """`some` (decided by true) and `every` (decided by false); otherwise null if any condition was neither."""
    span = iterations[0].span

    def quantified(frame: Frame) -> Value:
        names: dict[str, Value] = {}
        outcome: Value = not decisive
        try:
            for inner in _combinations(iterations, Frame(names, frame.run, frame), names, 0, fresh=fresh):
                value = condition(inner)
                if value is decisive:
                    return decisive
                if value is None:
                    outcome = None
                elif type(value) is not bool:
                    raise UnfitError(say("Expected true or false after 'satisfies', found a {kind}", kind=kind(value)))
        except UnfitError as unfit:
            return frame.run.warn(unfit.said, span)
        return outcome

    return quantified
