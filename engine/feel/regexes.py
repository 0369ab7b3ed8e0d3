"""Reads a regular expression into a tree, says how much backtracking it can cause, and writes it for Python's `re`."""
from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from .errors import UnfitError
from .sentences import say

_MOST_REPEATS = 1_000
_DEEPEST = 40
_MOST_GROUPS = 99
UNBOUNDED = -1


@dataclass(frozen=True, slots=True)
class Characters:
    """One character out of a set; `test` is how Python's `re` writes it."""

    test: str


@dataclass(frozen=True, slots=True)
class Position:
    """A place that is no character: ^ or $."""

    test: str


@dataclass(frozen=True, slots=True)
class Sequence:
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Alternatives:
    options: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    part: Part
    least: int
    most: int  # UNBOUNDED
    greedy: bool


@dataclass(frozen=True, slots=True)
class Group:
    part: Part
    number: int  # 0: does not capture


@dataclass(frozen=True, slots=True)
class Reference:
    """The same text again that a group took."""

    number: int


Part = Characters | Position | Sequence | Alternatives | Repeat | Group | Reference


@dataclass(frozen=True, slots=True)
class Regex:
    root: Part
    flags: int
    groups: int
    size: int
    refers: bool = False  # back to a group


def read_regex(source: str, flags: str) -> Regex:
    """The tree of a pattern. Raises UnfitError where it is none, or uses what cannot be bounded."""
    python_flags = (re.DOTALL if "s" in flags else 0) | (re.MULTILINE if "m" in flags else 0) | (re.IGNORECASE if "i" in flags else 0)
    if "q" in flags:
        return Regex(Sequence(tuple(Characters(re.escape(character)) for character in source)), python_flags, 0, len(source))
    reader = _Reader(_without_space(source) if "x" in flags else source, end="$" if "m" in flags else r"\Z")
    root = reader.alternatives()
    if reader.place < len(reader.source):
        raise UnfitError(say("The pattern has a '{character}' too many", character=reader.source[reader.place]))
    return Regex(root, python_flags, reader.groups, _size(root), reader.refers)


def _without_space(source: str) -> str:
    kept: list[str] = []
    inside = 0
    escaped = False
    for character in source:
        if not inside and character in " \t\r\n" and not escaped:
            continue
        if not escaped:
            inside += {"[": 1, "]": -1}.get(character, 0)
        escaped = character == "\\" and not escaped
        kept.append(character)
    return "".join(kept)


class _Reader:
    def __init__(self, source: str, end: str) -> None:
        self.source = source
        self.end = end  # what `$` means
        self.place = 0
        self.groups = 0
        self.closed: set[int] = set()
        self.refers = False
        self.depth = 0

    def next(self) -> str:
        return self.source[self.place : self.place + 1]

    def accept(self, text: str) -> bool:
        if not self.source.startswith(text, self.place):
            return False
        self.place += len(text)
        return True

    def alternatives(self) -> Part:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise UnfitError(say("The pattern is nested too deeply"))
        options = [self.sequence()]
        while self.accept("|"):
            options.append(self.sequence())
        self.depth -= 1
        return options[0] if len(options) == 1 else Alternatives(tuple(options))

    def sequence(self) -> Part:
        parts: list[Part] = []
        while self.next() not in ("", "|", ")"):
            parts.append(self.repeated(self.atom()))
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def repeated(self, part: Part) -> Part:
        bounds = self.bounds()
        if bounds is None:
            return part
        if isinstance(part, Position):
            raise UnfitError(say("The pattern repeats a position"))
        greedy = not self.accept("?")
        if self.next() in ("*", "+", "?") and self.next():
            raise UnfitError(say("The pattern has one quantifier after another"))
        return Repeat(part, *bounds, greedy)

    def bounds(self) -> tuple[int, int] | None:
        for symbol, bounds in {"*": (0, UNBOUNDED), "+": (1, UNBOUNDED), "?": (0, 1)}.items():
            if self.accept(symbol):
                return bounds
        if self.next() != "{":
            return None
        match = re.compile(r"\{(\d{1,6})(?:(,)(\d{1,6})?)?\}", re.ASCII).match(self.source, self.place)
        if match is None:
            raise UnfitError(say("Expected a number of repeats after '{{' in the pattern"))
        self.place = match.end()
        least = int(match[1])
        most = least if match[2] is None else UNBOUNDED if match[3] is None else int(match[3])
        if max(least, most) > _MOST_REPEATS or (most != UNBOUNDED and most < least):
            raise UnfitError(say("A pattern repeats from fewer to more times, at most {most}", most=_MOST_REPEATS))
        return least, most

    def atom(self) -> Part:
        character = self.next()
        if character == "(":
            return self.group()
        if character in "*+?{":
            raise UnfitError(say("The pattern repeats nothing with '{character}'", character=character))
        self.place += 1
        if character == "[":
            self.place -= 1
            return Characters(self.set_of_characters())
        if character == "\\":
            return self.reference() if self.next().isdigit() else Characters(self.escape())
        if character in "^$":
            return Position("^" if character == "^" else self.end)
        if character == ".":
            return Characters(".")
        if character in "]}":
            raise UnfitError(say("The pattern has a '{character}' too many", character=character))
        return Characters(re.escape(character))

    def reference(self) -> Part:
        """As many digits as there are such groups (XPath 2.0, 7.6.1); the group must be complete."""
        match = re.compile(r"[1-9]\d{0,2}", re.ASCII).match(self.source, self.place)
        if match is None:
            raise UnfitError(say("The pattern refers back to a group 0"))
        digits = match[0]
        while len(digits) > 1 and int(digits) > self.groups:
            digits = digits[:-1]
        if int(digits) not in self.closed:
            raise UnfitError(say("The pattern refers back to a group {digits}, which is not complete there", digits=digits))
        self.place += len(digits)
        self.refers = True
        return Reference(int(digits))

    def group(self) -> Part:
        self.place += 1
        number = 0
        if not self.accept("?:"):
            if self.next() == "?":
                raise UnfitError(say("The pattern has a kind of group that is not supported"))
            self.groups += 1
            number = self.groups
            if number > _MOST_GROUPS:
                raise UnfitError(say("A pattern has at most {most} groups", most=_MOST_GROUPS))
        inside = self.alternatives()
        if not self.accept(")"):
            raise UnfitError(say("A group of the pattern does not end"))
        self.closed.add(number)
        return Group(inside, number)

    def escape(self) -> str:
        """What stands after a backslash, as `re` writes it: one character or a class."""
        character = self.next()
        self.place += 1
        if character in "nrt":
            return "\\" + character
        if character in "dDwWsS" and character:
            return _CLASSES[character]
        if character in "iIcC" and character:
            return _CLASSES[character]
        if character in "pP" and character:
            return self.category(negated=character == "P")
        if not character or character.isalnum():
            raise UnfitError(say("The pattern has an unknown escape '\\{character}'", character=character))
        return re.escape(character)

    def category(self, *, negated: bool) -> str:
        match = re.compile(r"\{(\w{1,40})\}", re.ASCII).match(self.source, self.place)
        if match is None:
            raise UnfitError(say("Expected a category in {{ }} after \\p in the pattern"))
        self.place = match.end()
        return f"[{'^' if negated else ''}{characters_of(match[1])}]"

    def set_of_characters(self) -> str:
        """A class in [ ]; `[a-z-[aeiou]]` subtracts one, which `re` writes as a look-ahead on one character."""
        self.place += 1
        negated = self.accept("^")
        inside = ""
        others: list[str] = []  # negated categories: no part of a class for `re`
        without = ""
        while not self.accept("]"):
            if self.source.startswith("-[", self.place) and (inside or others):
                self.place += 1
                without = self.set_of_characters()
                if not self.accept("]"):
                    raise UnfitError(say("A subtraction must end its class in the pattern"))
                break
            member = self.member()
            if member.startswith("[^"):
                others.append(member)
            else:
                inside += member
        if not inside and not others:
            raise UnfitError(say("The pattern has an empty class"))
        written_set = self._union(inside, others, negated=negated)
        return f"(?:(?!{without}){written_set})" if without else written_set

    @staticmethod
    def _union(inside: str, others: list[str], *, negated: bool) -> str:
        if not others:
            return f"[{'^' if negated else ''}{inside}]"
        union = "|".join([*others, *([f"[{inside}]"] if inside else [])])
        return rf"(?:(?!{union})[\s\S])" if negated else f"(?:{union})"

    def member(self) -> str:
        first = self.next()
        if not first or first == "[":
            raise UnfitError(say("A class of the pattern does not end"))
        low = self.one_of_set()
        is_range = self.next() == "-" and self.source[self.place + 1 : self.place + 2] not in ("", "]", "[")
        if low.startswith("[^") or len(low.removeprefix("\\")) > 1 or not is_range:
            return low
        self.place += 1
        high = self.one_of_set()
        if len(high.removeprefix("\\")) > 1 or _character(low) > _character(high):
            raise UnfitError(say("A class of the pattern has a range that runs backwards"))
        return f"{low}-{high}"

    def one_of_set(self) -> str:
        character = self.next()
        self.place += 1
        if character != "\\":
            return "\\" + character if character in "\\]^-[&~|" else character
        escaped = self.escape()
        return escaped[1:-1] if escaped.startswith("[") and not escaped.startswith("[^") else escaped


def _character(written_one: str) -> str:
    return {"\\n": "\n", "\\r": "\r", "\\t": "\t"}.get(written_one, written_one[-1])


_CLASSES = {
    "d": r"\d",
    "D": r"\D",
    "w": r"\w",
    "W": r"\W",
    "s": r"\s",
    "S": r"\S",
    "i": r"[A-Za-z_:\u00c0-\u02ff\u0370-\u1fff]",
    "I": r"[^A-Za-z_:\u00c0-\u02ff\u0370-\u1fff]",
    "c": r"[\w:.\-]",
    "C": r"[^\w:.\-]",
}


def characters_of(category: str) -> str:
    """The inside of a class for a Unicode category (L, Lu, Nd, ...) or block (IsBasicLatin). Raises UnfitError for others."""
    if category in _BLOCKS:
        return _BLOCKS[category]
    return _category(category)


_BLOCKS = {
    "IsBasicLatin": r"\u0000-\u007f",
    "IsLatin-1Supplement": r"\u0080-\u00ff",
    "IsGreek": r"\u0370-\u03ff",
    "IsCyrillic": r"\u0400-\u04ff",
    "IsHebrew": r"\u0590-\u05ff",
    "IsArabic": r"\u0600-\u06ff",
    "IsHiragana": r"\u3040-\u309f",
    "IsKatakana": r"\u30a0-\u30ff",
}
_CATEGORY_CACHE: dict[str, str] = {}
_LETTERS_OF_CATEGORIES = frozenset("LMNPZSC")


def _category(category: str) -> str:
    if category in _CATEGORY_CACHE:
        return _CATEGORY_CACHE[category]
    if category[0] not in _LETTERS_OF_CATEGORIES or len(category) > 2:
        raise UnfitError(say("There is no category '{category}' for a pattern", category=category))
    spans: list[tuple[int, int]] = []
    for code in range(0x20000):  # the planes above hold ideographs that no form asks for by category
        if 0xD800 <= code <= 0xDFFF or not unicodedata.category(chr(code)).startswith(category):
            continue
        if spans and spans[-1][1] == code - 1:
            spans[-1] = (spans[-1][0], code)
        else:
            spans.append((code, code))
    if not spans:
        raise UnfitError(say("There is no category '{category}' for a pattern", category=category))
    _CATEGORY_CACHE[category] = "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in spans)
    return _CATEGORY_CACHE[category]


# -- how much it costs ------------------------------------------------------------------------------------------------


def _size(part: Part) -> int:
    if isinstance(part, Sequence):
        return sum(_size(inner) for inner in part.parts)
    if isinstance(part, Alternatives):
        return sum(_size(option) for option in part.options) + 1
    if isinstance(part, Repeat):
        return _size(part.part) * max(part.least, part.most, 1)
    if isinstance(part, Group):
        return _size(part.part)
    return 1


def choices(part: Part, length: int, most: int) -> int:
    """An upper bound of the ways in which backtracking can try a part on a text of that length; beyond `most` it stops counting.

    The repeat of something that itself has a choice is where exponential time comes from: it counts as beyond.
    """
    if isinstance(part, Sequence):
        product = 1
        for inner in part.parts:
            product = min(product * choices(inner, length, most), most + 1)
        return product
    if isinstance(part, Alternatives):
        return min(sum(choices(option, length, most) for option in part.options), most + 1)
    if isinstance(part, Group):
        return choices(part.part, length, most)
    if isinstance(part, Repeat):
        if choices(part.part, length, most) > 1:
            return most + 1
        upper = length if part.most == UNBOUNDED else min(part.most, length)
        return max(upper - part.least, 0) + 1
    return 1


def written(part: Part) -> str:
    """The pattern as Python's `re` reads it."""
    if isinstance(part, Sequence):
        return "".join(written(inner) for inner in part.parts)
    if isinstance(part, Alternatives):
        return f"(?:{'|'.join(written(option) for option in part.options)})"
    if isinstance(part, Group):
        return f"({'' if part.number else '?:'}{written(part.part)})"
    if isinstance(part, Repeat):
        bounds = f"{{{part.least},{'' if part.most == UNBOUNDED else part.most}}}"
        return f"(?:{written(part.part)}){bounds}{'' if part.greedy else '?'}"
    if isinstance(part, Reference):
        return f"(?:\\{part.number})"
    return part.test
