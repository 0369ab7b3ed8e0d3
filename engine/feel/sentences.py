"""A sentence that keeps its template and what fills it, so that it can be said again in another language."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any


class Sentence(str):
    """English text, as everywhere in the engine; `template` and `holes` are what it was made of. Cut or joined, it is plain text."""

    __slots__ = ("holes", "template")

    template: str
    holes: dict[str, Any]

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (self.template, self.holes)

    def __deepcopy__(self, memo: Any) -> Sentence:
        return self


def say(template: str, /, **holes: Any) -> Sentence:
    """`template` as for str.format: a literal, for it is the key of the table in `sentences_fr.py`. A hole may hold a sentence."""
    made = Sentence(template.format(**holes))
    made.template, made.holes = template, holes
    return made


def _again(template: str, holes: dict[str, Any]) -> Sentence:
    return say(template, **holes)


def kept(text: str) -> Any:
    """A sentence as JSON, to be remembered; None for other text."""
    if not isinstance(text, Sentence):
        return None
    return [str(text), text.template, {name: kept(one) or _plain(one) for name, one in text.holes.items()}]


def again(kept: list[Any]) -> Sentence:
    """The sentence that was `kept`."""
    text, template, holes = kept
    made = Sentence(text)
    made.template = template
    made.holes = {name: again(one) if isinstance(one, list) else one for name, one in holes.items()}
    return made


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float) else str(value)


def either(some: Iterable[str]) -> str:
    """`a`, `a or b`, `a or b or c`; empty for none."""
    return _joined(some, lambda before, last: say("{before} or {last}", before=before, last=last))


def both(some: Iterable[str]) -> str:
    """`a`, `a and b`, `a and b and c`; empty for none."""
    return _joined(some, lambda before, last: say("{before} and {last}", before=before, last=last))


def listed(some: Iterable[str]) -> str:
    """`a; b; c`."""
    return _joined(some, lambda before, last: say("{before}; {last}", before=before, last=last))


def together(some: Iterable[str | None]) -> str:
    """One sentence after the other; what is empty is left out."""
    return _joined(filter(None, some), lambda before, last: say("{before} {last}", before=before, last=last))


def _joined(some: Iterable[str], join: Callable[[str, str], str]) -> str:
    return reduce(join, some) if (some := list(some)) else ""


def of_the_parser(text: str) -> str:
    """What an XML parser says, as a sentence where it is one of the usual ones; else as it came."""
    for template, pattern in _PATTERNS:
        found = pattern.fullmatch(text.strip())
        if found is not None:
            return say(template, **found.groupdict())
    return text


# of libxml2 (reading and schema) and of expat
PARSERS_SAY = (
    "Opening and ending tag mismatch: {opened} line {line} and {closed}",
    "Start tag expected, '<' not found",
    "Document is empty",
    "Extra content at the end of the document",
    "Premature end of data in tag {element} line {line}",
    "Couldn't find end of Start Tag {element} line {line}",
    "Namespace prefix {prefix} for {attribute} on {element} is not defined",
    "Namespace prefix {prefix} on {element} is not defined",
    "Namespace prefix {prefix} is not defined",
    "Attribute {attribute} redefined",
    "Specification mandates value for attribute {attribute}",
    "AttValue: \" or ' expected",
    "Unescaped '<' not allowed in attributes values",
    "attributes construct error",
    "xmlParseEntityRef: no name",
    "EntityRef: expecting ';'",
    "Entity '{entity}' not defined",
    "StartTag: invalid element name",
    "The attribute '{attribute}' is required but missing.",
    "The attribute '{attribute}' is not allowed.",
    "'{value}' is not a valid value of the atomic type '{type}'.",
    "'{value}' is not a valid value of the local atomic type.",
    "[facet 'enumeration'] The value '{value}' is not an element of the set {values}.",
    "[facet 'pattern'] The value '{value}' is not accepted by the pattern '{pattern}'.",
    "Character content other than whitespace is not allowed because the content type is '{type}'.",
    "No matching global declaration available for the validation root.",
    "No match found for key-sequence {keys} of keyref '{name}'.",
    "not well-formed (invalid token)",
    "no element found",
    "mismatched tag",
    "unclosed token",
    "junk after document element",
    "undefined entity",
    "duplicate attribute",
    "unbound prefix",
    "syntax error",
    "XML or text declaration not at start of entity",
)
_PATTERNS = tuple((one, re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(one)), re.DOTALL)) for one in PARSERS_SAY)
