"""Cuts the text of an expression into tokens; what words belong together to a name, the parser decides."""
from __future__ import annotations

import re
from dataclasses import dataclass

from .errors import FeelError, syntax_error
from .sentences import say

_NAME_START = r"[^\W\d]|[?_]|[\U00010000-\U000EFFFF]|[\u200C\u200D\u2070-\u218F\u2C00-\u2FEF]"
_TOKEN = re.compile(
    rf"""
    (?P<space>(?:\s|\ufeff|//[^\n\r]*|/\*(?:[^*]|\*(?!/))*\*/)+)
  | (?P<number>(?:\d+(?:\.(?!\.)\d+)?|\.\d+)(?:[eE][+-]?\d+)?)
  | (?P<string>"(?:[^"\\]|\\.)*")
  | (?P<quoted>`[^`\n]+`)
  | (?P<name>(?:{_NAME_START})(?:{_NAME_START}|\w)*)
  | (?P<symbol>\*\*|\.\.|->|<=|>=|!=|[-+*/<>=()\[\]{{}},:.@'&%$#;|^~])
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{6})|(.))", re.DOTALL)
_SIMPLE_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\", "/": "/"}
LONGEST_SOURCE = 200_000


@dataclass(frozen=True, slots=True)
class Token:
    kind: str  # number, string, quoted, name, symbol, end
    text: str
    start: int
    end: int

    @property
    def span(self) -> tuple[int, int]:
        return (self.start, self.end)

    def __str__(self) -> str:
        return say("the end of the expression") if self.kind == "end" else say("'{text}'", text=shortened(self.text))


def shortened(text: str) -> str:
    return text if len(text) <= 30 else text[:29] + "…"


def tokens_of(source: str) -> list[Token]:
    """All tokens with an `end` token last. Raises FeelError where a character or a text without closing quote does not fit."""
    if len(source) > LONGEST_SOURCE:
        message = say("The expression has {count} characters; {most} are allowed.", count=len(source), most=LONGEST_SOURCE)
        raise FeelError(message, (0, len(source)), 1, 1)
    found: list[Token] = []
    position = 0
    while position < len(source):
        match = _TOKEN.match(source, position)
        if match is None:
            raise _misfit(source, position)
        kind = match.lastgroup or ""
        if kind == "symbol" and match.group() == "/" and source.startswith("/*", position):
            raise syntax_error(source, (position, len(source)), say("a comment that does not end"), "'*/'")
        if kind != "space":
            found.append(Token(kind, match.group(), position, match.end()))
        position = match.end()
    found.append(Token("end", "", len(source), len(source)))
    return found


def _misfit(source: str, position: int) -> FeelError:
    if source[position] == '"':
        return syntax_error(source, (position, len(source)), say("a text that does not end"), say('a closing quote (")'))
    found = say("the character {character!a}", character=source[position])
    return syntax_error(source, (position, position + 1), found, say("a value, a name or an operator"))


def text_of(token: Token, source: str) -> str:
    """The text that a string token stands for, escapes resolved. Two \\u escapes that are a surrogate pair are one character."""
    raw = token.text[1:-1]
    if "\\" not in raw:
        text = raw
    else:
        text = _ESCAPE.sub(lambda match: _escaped(match, token, source), raw)
    if any("\ud800" <= character <= "\udfff" for character in text):
        try:
            text = text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            raise syntax_error(source, token.span, say("half a character (a lone surrogate)"), say("a complete character"))
    return text


def _escaped(match: re.Match[str], token: Token, source: str) -> str:
    code = match.group(1) or match.group(2)
    if code is None:
        simple = match.group(3)
        return _SIMPLE_ESCAPES.get(simple, "\\" + simple)  # an unknown escape stays as written: "\d" is common in patterns
    value = int(code, 16)
    if value > 0x10FFFF:
        start = token.start + 1 + match.start()
        found = say("'{text}'", text=match.group())
        raise syntax_error(source, (start, start + len(match.group())), found, say("a character code up to \\U10FFFF"))
    return chr(value)
