"""Runs a regular expression in time proportional to text times pattern, whatever the pattern (K. Thompson's method, with groups)."""
from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from .errors import UnfitError
from .limits import Run
from .regexes import UNBOUNDED, Alternatives, Characters, Group, Part, Position, Reference, Regex, Repeat, Sequence
from .sentences import say

_MOST_INSTRUCTIONS = 5_000
_CHARACTER, _POSITION, _SAVE, _SPLIT, _JUMP, _MATCH = range(6)
_STATES_PER_STEP = 8


@dataclass(slots=True)
class Instruction:
    """One step: a test of a character or position, a group's edge to remember, or where to go on (first choice first)."""

    kind: int
    test: Callable[[str, int], object] | None = None
    first: int = 0
    second: int = 0


Saves = tuple[int, ...]
Threads = list[tuple[int, Saves]]


class Machine:
    """All ways through the pattern walk together, character by character; the order of the list is their priority."""

    def __init__(self, program: list[Instruction], groups: int) -> None:
        self._program = program
        self._groups = groups

    def search(self, text: str, start: int, run: Run) -> Saves | None:
        """The leftmost match from `start` on: start and end of it and of each group. Raises FeelError when the time is up."""
        unset: Saves = (-1,) * (2 * self._groups + 2)
        current: Threads = []
        best: Saves | None = None
        for place in range(start, len(text) + 1):
            seen: set[int] = {pc for pc, _ in current}
            if best is None:
                self._follow(0, text, place, unset, current, seen)
            if not current:
                if best is not None:
                    return best
                run.charge()
                continue
            run.charge(1 + len(current) // _STATES_PER_STEP)
            current, found = self._step(current, text, place)
            if found is not None:
                best = found
        return best

    def _step(self, current: Threads, text: str, place: int) -> tuple[Threads, Saves | None]:
        following: Threads = []
        seen: set[int] = set()
        for pc, saves in current:
            instruction = self._program[pc]
            if instruction.kind == _MATCH:
                return following, saves  # those behind have lower priority
            if place < len(text) and instruction.test is not None and instruction.test(text, place):
                self._follow(pc + 1, text, place + 1, saves, following, seen)
        return following, None

    def _follow(self, pc: int, text: str, place: int, saves: Saves, threads: Threads, seen: set[int]) -> None:
        """Adds all states that are reached from here without taking a character."""
        pending = [(pc, saves)]
        while pending:
            at, kept = pending.pop()
            if at in seen:
                continue
            seen.add(at)
            instruction = self._program[at]
            if instruction.kind == _JUMP:
                pending.append((instruction.first, kept))
            elif instruction.kind == _SPLIT:
                pending.append((instruction.second, kept))
                pending.append((instruction.first, kept))
            elif instruction.kind == _SAVE:
                pending.append((at + 1, (*kept[: instruction.first], place, *kept[instruction.first + 1 :])))
            elif instruction.kind == _POSITION:
                if instruction.test is not None and instruction.test(text, place):
                    pending.append((at + 1, kept))
            else:
                threads.append((at, kept))


def assemble(regex: Regex) -> Machine:
    """The machine for a pattern. Raises UnfitError if it would be too large."""
    assembler = _Assembler(regex.flags)
    assembler.add(Group(regex.root, 0), capture=True)
    assembler.emit(Instruction(_MATCH))
    return Machine(assembler.program, regex.groups)


class _Assembler:
    def __init__(self, flags: int) -> None:
        self.program: list[Instruction] = []
        self._flags = flags
        self._tests: dict[str, Callable[[str, int], object]] = {}

    def emit(self, instruction: Instruction) -> Instruction:
        if len(self.program) >= _MOST_INSTRUCTIONS:
            raise UnfitError(say("The pattern is too large"))
        self.program.append(instruction)
        return instruction

    def _test(self, written: str) -> Callable[[str, int], object]:
        if written not in self._tests:
            self._tests[written] = re.compile(written, self._flags).match
        return self._tests[written]

    def add(self, part: Part, *, capture: bool = False) -> None:
        if isinstance(part, Characters):
            self.emit(Instruction(_CHARACTER, self._test(part.test)))
        elif isinstance(part, Position):
            self.emit(Instruction(_POSITION, self._test(part.test)))
        elif isinstance(part, Sequence):
            for inner in part.parts:
                self.add(inner)
        elif isinstance(part, Alternatives):
            self._alternatives(part)
        elif isinstance(part, Repeat):
            self._repeat(part)
        elif isinstance(part, Reference):
            raise UnfitError(say("A reference back to a group needs another machine"))
        elif capture or part.number:
            self.emit(Instruction(_SAVE, first=2 * part.number))
            self.add(part.part)
            self.emit(Instruction(_SAVE, first=2 * part.number + 1))
        else:
            self.add(part.part)

    def _alternatives(self, part: Alternatives) -> None:
        jumps: list[Instruction] = []
        for option in part.options[:-1]:
            split = self.emit(Instruction(_SPLIT, first=len(self.program) + 1))
            self.add(option)
            jumps.append(self.emit(Instruction(_JUMP)))
            split.second = len(self.program)
        self.add(part.options[-1])
        for jump in jumps:
            jump.first = len(self.program)

    def _repeat(self, part: Repeat) -> None:
        for _ in range(part.least):
            self.add(part.part)
        if part.most == UNBOUNDED:
            start = len(self.program)
            split = self.emit(Instruction(_SPLIT))
            self.add(part.part)
            self.emit(Instruction(_JUMP, first=start))
            self._aim(split, start + 1, len(self.program), greedy=part.greedy)
            return
        splits: list[tuple[Instruction, int]] = []
        for _ in range(part.most - part.least):
            split = self.emit(Instruction(_SPLIT))
            splits.append((split, len(self.program)))
            self.add(part.part)
        for split, inside in splits:
            self._aim(split, inside, len(self.program), greedy=part.greedy)

    @staticmethod
    def _aim(split: Instruction, inside: int, behind: int, *, greedy: bool) -> None:
        split.first, split.second = (inside, behind) if greedy else (behind, inside)
