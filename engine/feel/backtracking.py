"""Runs the patterns that refer back to a group: the only ones that need backtracking, and every try is charged."""
from __future__ import annotations

import re
from collections.abc import Callable

from .limits import Run
from .regexes import UNBOUNDED, Alternatives, Characters, Group, Position, Reference, Regex, Repeat, Sequence

Next = Callable[[int], bool]  # what must match from a place on


class Backtracker:
    """Tries one way through the pattern after the other, in the order of their priority."""

    def __init__(self, regex: Regex) -> None:
        self._regex = regex
        self._tests: dict[str, re.Pattern[str]] = {}

    def search(self, text: str, start: int, run: Run) -> tuple[int, ...] | None:
        """The leftmost match from `start` on, as automata.Machine gives it. Raises FeelError when the steps or the time are up."""
        walk = _Walk(self, text, run)
        for place in range(start, len(text) + 1):
            walk.saves = [-1] * (2 * self._regex.groups + 2)
            if walk.match(self._regex.root, place, walk.finish):
                walk.saves[0] = place
                return tuple(walk.saves)
        return None

    def test(self, written: str) -> re.Pattern[str]:
        if written not in self._tests:
            self._tests[written] = re.compile(written, self._regex.flags)
        return self._tests[written]

    def folds(self) -> bool:
        return bool(self._regex.flags & re.IGNORECASE)


class _Walk:
    def __init__(self, machine: Backtracker, text: str, run: Run) -> None:
        self.machine = machine
        self.text = text
        self.run = run
        self.saves: list[int] = []

    def finish(self, place: int) -> bool:
        self.saves[1] = place
        return True

    def match(self, part: object, place: int, then: Next) -> bool:
        self.run.charge()
        if isinstance(part, Characters):
            return self._one(part, place) and then(place + 1)
        if isinstance(part, Position):
            return self.machine.test(part.test).match(self.text, place) is not None and then(place)
        if isinstance(part, Sequence):
            return self._sequence(part, 0, place, then)
        if isinstance(part, Alternatives):
            return any(self.match(option, place, then) for option in part.options)
        if isinstance(part, Repeat):
            return self._repeat(part, 0, place, -1, then)
        if isinstance(part, Reference):
            return self._reference(part, place, then)
        return self._group(part, place, then) if isinstance(part, Group) else False

    def _one(self, part: Characters, place: int) -> bool:
        return place < len(self.text) and self.machine.test(part.test).match(self.text, place) is not None

    def _sequence(self, part: Sequence, index: int, place: int, then: Next) -> bool:
        if index == len(part.parts):
            return then(place)
        return self.match(part.parts[index], place, lambda following: self._sequence(part, index + 1, following, then))

    def _repeat(self, part: Repeat, count: int, place: int, before: int, then: Next) -> bool:
        if isinstance(part.part, Characters):
            return self._repeat_one(part, part.part, place, then)
        more = part.most == UNBOUNDED or count < part.most
        if place == before:  # a round that took nothing would go on forever
            return then(place)

        def again() -> bool:
            return more and self.match(part.part, place, lambda following: self._repeat(part, count + 1, following, place, then))

        if count < part.least:
            return again()
        return (again() or then(place)) if part.greedy else (then(place) or again())

    def _repeat_one(self, part: Repeat, one: Characters, place: int, then: Next) -> bool:
        """The repeat of one character needs no depth: how many there are is counted first."""
        limit = len(self.text) - place if part.most == UNBOUNDED else part.most
        most = 0
        while most < limit and self._one(one, place + most):
            most += 1
            self.run.charge()
        counts = range(most, part.least - 1, -1) if part.greedy else range(part.least, most + 1)
        return any(then(place + count) for count in counts)

    def _reference(self, part: Reference, place: int, then: Next) -> bool:
        start, end = self.saves[2 * part.number], self.saves[2 * part.number + 1]
        wanted = self.text[start:end] if start >= 0 else ""  # a group that took no part matches nothing, everywhere
        found = self.text[place : place + len(wanted)]
        same = found.casefold() == wanted.casefold() if self.machine.folds() else found == wanted
        return same and then(place + len(wanted))

    def _group(self, part: Group, place: int, then: Next) -> bool:
        if not part.number:
            return self.match(part.part, place, then)
        low, high = 2 * part.number, 2 * part.number + 1
        before = (self.saves[low], self.saves[high])

        def close(end: int) -> bool:
            inner = (self.saves[low], self.saves[high])
            self.saves[low], self.saves[high] = place, end
            if then(end):
                return True
            self.saves[low], self.saves[high] = inner
            return False

        if self.match(part.part, place, close):
            return True
        self.saves[low], self.saves[high] = before
        return False
