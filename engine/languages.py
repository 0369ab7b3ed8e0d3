"""Says what the engine says in the reader's language: English unless there is the same sentence in theirs."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from typing import Any

from engine import french
from engine.feel.sentences import Sentence

LANGUAGES = ("en", "fr")
_SPACE = re.compile(r"(?<=«) | (?=[»?!:;])")
_APOSTROPHE = re.compile(r"(?<=\w)'(?=[\w{«<])")


def in_language(text: str, language: str) -> str:
    """`text` as the engine made it. What is not made of a known template (a name, a person's words) stays as it is."""
    return _in_french(text) if language == "fr" and isinstance(text, Sentence) else str(text)


def _in_french(sentence: Sentence) -> str:
    template = french.SENTENCES.get(sentence.template)
    if template is None:
        return str(sentence)
    return typeset(template).format(**{name: _filled(name, value) for name, value in sentence.holes.items()})


@cache
def typeset(template: str) -> str:
    """With the spaces that no line breaks at, and the apostrophes, of French print."""
    return _APOSTROPHE.sub("’", _SPACE.sub("\u00a0", template))


def _filled(name: str, value: Any) -> Any:
    if isinstance(value, Sentence):
        return _in_french(value)
    if isinstance(value, str) and name.endswith(("kind", "kinds")):
        return french.ELEMENTS.get(value) or french.KINDS.get(value, value)  # an element by its BPMN tag, a type by its FEEL name
    if isinstance(value, float | Decimal):
        return f"{round(value, 1):n}".replace(".", ",")
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}".replace(",", "\u202f")
    return value
