"""What can go wrong with a decision model, and with an evaluation of it."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """What an author should know: a sentence, the element it is about, and where.

    `line` is the line of the element in the file. `position` is (start, end) in characters of the element's expression.
    """

    message: str
    element_id: str | None = None
    line: int | None = None
    position: tuple[int, int] | None = None

    def __str__(self) -> str:
        place = f" (element {self.element_id}{f', line {self.line}' if self.line else ''})" if self.element_id else ""
        return f"{self.message}{place}"


class DmnError(Exception):
    """The model cannot be read, or the decision not be evaluated. `problems` says why, with elements and places."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(str(problem) for problem in problems))
        self.problems = tuple(problems)
