"""Regular expressions (XPath 2.0 flavour) that cannot hang.

A pattern is read into a tree of its own. Where a bound on backtracking can be computed from the tree and the text's length, and
is small, Python's `re` runs it; everything else is run by a machine that takes every character once (see automata.py), or, with
references back to a group, by one that pays for every try (see backtracking.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from .automata import Machine, assemble
from .backtracking import Backtracker
from .errors import UnfitError
from .limits import Run
from .regexes import Regex, choices, read_regex, written
from .sentences import say

Groups = tuple[int, ...]  # start and end of the match, then of each group; -1 where a group took no part
_MOST_BACKTRACKS = 2_000_000  # about 20 ms
_FLAGS = frozenset("smixq")
_LONGEST_PATTERN = 2_000
_REPLACEMENT = re.compile(r"\\([\\$])|\$(\d)|([\\$])")


class Pattern:
    """A compiled pattern."""

    def __init__(self, regex: Regex) -> None:
        self._regex = regex
        self._quick = re.compile(written(regex.root), regex.flags)
        self._machine: Machine | Backtracker | None = None

    def first(self, text: str, run: Run, start: int = 0) -> Groups | None:
        """Where the pattern first matches from `start` on. Raises FeelError when the time is up."""
        if self.is_quick_for(len(text) - start):
            run.charge(1 + (len(text) - start) // 1024)
            run.check_time()
            match = self._quick.search(text, start)
            return None if match is None else tuple(place for span in match.regs for place in span)
        if self._machine is None:
            self._machine = Backtracker(self._regex) if self._regex.refers else assemble(self._regex)
        return self._machine.search(text, start, run)

    def is_quick_for(self, length: int) -> bool:
        if self._regex.refers:
            return False  # what a reference matches is only known while it runs, and `re` differs where the group took no part
        return choices(self._regex.root, length, _MOST_BACKTRACKS) * (length + 1) * (self._regex.size + 1) <= _MOST_BACKTRACKS


@lru_cache(maxsize=1024)
def pattern(source: str, flags: str) -> Pattern:
    """The compiled pattern. Raises UnfitError for what is none."""
    if not set(flags) <= _FLAGS:
        raise UnfitError(say("Expected flags among s, m, i, x and q, found '{flags}'", flags=flags[:20]))
    if len(source) > _LONGEST_PATTERN:
        raise UnfitError(say("A pattern has at most {most} characters", most=_LONGEST_PATTERN))
    return Pattern(read_regex(source, flags))


def all_matches(compiled: Pattern, text: str, run: Run) -> Iterator[Groups]:
    """All matches from left to right, none overlapping, none empty beside another."""
    start = 0
    while start <= len(text):
        found = compiled.first(text, run, start)
        if found is None:
            return
        run.charge()
        yield found
        start = found[1] if found[1] > found[0] else found[1] + 1


def replaced(compiled: Pattern, text: str, replacement: str, run: Run) -> str:
    """The text with every match replaced. Raises UnfitError for a stray $ or backslash in the replacement.

    Also for a pattern that matches the empty text.
    """
    if compiled.first("", run) is not None:
        raise UnfitError(say("Expected a pattern that cannot match nothing at all"))  # XPath 2.0, err:FORX0003
    pieces: list[str] = []
    end = size = 0
    for found in all_matches(compiled, text, run):
        piece = text[end : found[0]] + _filled(replacement, text, found)
        size += len(piece)
        if size > run.limits.characters:
            run.checked_text(" " * size)
        pieces.append(piece)
        end = found[1]
    return run.checked_text("".join(pieces) + text[end:])


def _filled(replacement: str, text: str, found: Groups) -> str:
    def fill(match: re.Match[str]) -> str:
        if match[3]:
            raise UnfitError(say("In a replacement, write \\$ for a dollar and \\\\ for a backslash"))
        if match[1]:
            return match[1]
        group = 2 * int(match[2])
        return text[found[group] : found[group + 1]] if group < len(found) and found[group] >= 0 else ""

    return _REPLACEMENT.sub(fill, replacement) if "$" in replacement or "\\" in replacement else replacement


def parts(compiled: Pattern, text: str, run: Run) -> list[str]:
    """What stands between the matches."""
    found_parts: list[str] = []
    end = 0
    for found in all_matches(compiled, text, run):
        if found[1] == found[0] and found[0] in (0, len(text)):
            continue  # an empty match at an edge parts nothing
        found_parts.append(text[end : found[0]])
        end = found[1]
    return [*found_parts, text[end:]]
