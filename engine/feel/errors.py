"""What can go wrong with an expression: one error for the author, one silent refusal that becomes null."""
from __future__ import annotations

from .sentences import say


class FeelError(Exception):
    """The expression cannot be read, or went beyond a limit while it ran.

    `message` is a sentence for a business person. `position` is (start, end) in characters of the source, `line` and
    `column` count from 1; `expected` says what would have been right. All four are None where there is no place to point at.
    """

    def __init__(
        self,
        message: str,
        position: tuple[int, int] | None = None,
        line: int | None = None,
        column: int | None = None,
        expected: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.position = position
        self.line = line
        self.column = column
        self.expected = expected


def syntax_error(source: str, position: tuple[int, int], found: str, expected: str) -> FeelError:
    """The error for text that does not fit: says what was found, what was expected, and where."""
    start = position[0]
    line = source.count("\n", 0, start) + 1
    column = start - (source.rfind("\n", 0, start) + 1) + 1
    in_lines = "\n" in source
    place = say("at line {line}, column {column}", line=line, column=column) if in_lines else say("at position {column}", column=column)
    message = say("Expected {expected}, found {found} {place}.", expected=expected, found=found, place=place)
    return FeelError(message, position, line, column, expected)


class UnfitError(Exception):
    """A value does not fit an operation: the operation answers null, with this sentence as the warning (DMN 1.5, 10.3.2.13)."""

    @property
    def said(self) -> str:
        """The sentence itself, which can be said again in another language."""
        return str(self) if not self.args else self.args[0]
