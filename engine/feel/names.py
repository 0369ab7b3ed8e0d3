"""Names of several words: which runs of tokens are one name, because somebody is known by it."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import pairwise

from .errors import FeelError
from .tokens import Token, tokens_of

# Words that end a name of which nothing is known. `instance` does so only before `of`.
KEYWORDS = frozenset(
    {"and", "or", "if", "then", "else", "for", "in", "return", "some", "every", "satisfies", "between", "function", "true", "false", "null"}
)


@lru_cache(maxsize=4096)
def words_of(name: str) -> tuple[str, ...]:
    """The tokens that a name consists of; empty for what cannot be written as tokens."""
    try:
        return tuple(token.text for token in tokens_of(name)[:-1])
    except FeelError:
        return ()


class KnownNames:
    """Names by their first token, longest first."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for name in names:
            self.add(name)

    def add(self, name: str) -> None:
        words = words_of(name)
        if not words:
            return
        entries = self._by_first.setdefault(words[0], [])
        if (words, name) not in entries:
            entries.append((words, name))
            entries.sort(key=lambda entry: -len(entry[0]))

    def longest(self, tokens: Sequence[Token], position: int) -> tuple[str, int]:
        """The longest known name that starts here and how many tokens it has; ("", 0) if none does."""
        for words, name in self._by_first.get(tokens[position].text, ()):
            following = tokens[position : position + len(words)]
            if tuple(token.text for token in following) == words and all(token.kind != "string" for token in following):
                return name, len(words)
        return "", 0


def run_of_words(tokens: Sequence[Token], position: int) -> int:
    """How many tokens from here on are words that, side by side, could be nothing but one name."""
    end = position
    while tokens[end].kind == "name" and not _ends_name(tokens, end, first=end == position):
        end += 1
    return end - position


def _ends_name(tokens: Sequence[Token], position: int, *, first: bool) -> bool:
    text = tokens[position].text
    if text == "instance" and not first:
        return tokens[position + 1].text == "of"
    return text in KEYWORDS


NAME_SYMBOLS = frozenset({".", "/", "-", "'", "+", "*", "&", "%", "$", "#"})


def spelled(tokens: Sequence[Token]) -> str:
    """The name as written, with single spaces where there were any."""
    text = tokens[0].text
    for before, token in pairwise(tokens):
        text += (" " if token.start > before.end else "") + token.text
    return text
