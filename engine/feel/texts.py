"""How values read as text, and which values a process variable can hold."""
from __future__ import annotations

from decimal import Decimal
from typing import Any

from .errors import FeelError
from .names import words_of
from .sentences import say
from .temporals import WRITERS
from .values import Function, Range, Value, kind, take_in

LONGEST_NUMBER = 1_000_000  # digits, as a text
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def write_number(value: int | Decimal) -> str:
    """All digits, never an exponent. Raises FeelError where there would be millions of them: 1e999999999 is short, its digits are not."""
    if type(value) is Decimal and value.is_finite() and max(value.adjusted(), -int(value.as_tuple().exponent)) > LONGEST_NUMBER:
        raise FeelError(say("A number has more than {longest_number} digits as a text.", longest_number=LONGEST_NUMBER))
    return format(Decimal(value), "f")  # Decimal, because Python refuses to write integers of more than 4300 digits


def quoted(text: str) -> str:
    return f'"{text.translate(_ESCAPES)}"'


def _key(text: str) -> str:
    return text if words_of(text) == (text,) and text[0] not in "\"0123456789" else quoted(text)


def _range_text(value: Range) -> str:
    low = "" if value.low is None else to_literal(value.low)
    high = "" if value.high is None else to_literal(value.high)
    return f"{'[' if value.low_included else '('}{low}..{high}{']' if value.high_included else ')'}"


def to_literal(value: Value) -> str:
    """The value as it would be written inside a list: texts in quotes."""
    if type(value) is str:
        return quoted(value)
    return to_text(value)


def to_text(value: Value) -> str:
    """The value as FEEL's string() has it: texts as they are, temporal values in ISO 8601."""
    if value is None:
        return "null"
    if type(value) is str:
        return value
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) in (int, Decimal):
        return write_number(value)
    if type(value) is list:
        return f"[{', '.join(to_literal(item) for item in value)}]"
    if type(value) is dict:
        return "{" + ", ".join(f"{_key(key)}: {to_literal(item)}" for key, item in value.items()) + "}"
    if type(value) is Range:
        return _range_text(value)
    if type(value) is Function:
        return f"function({', '.join(value.parameters)})"
    return WRITERS[type(value)](value)


def to_json(value: Any) -> Any:
    """The value as a process variable: temporal values become ISO 8601 texts; int and Decimal stay exact as they are.

    Raises FeelError for ranges and functions, which have no meaning outside an expression.
    """
    if value is None or type(value) in (bool, int, Decimal, str):
        return value
    if type(value) is list:
        return [to_json(item) for item in value]
    if type(value) is dict:
        return {key: to_json(item) for key, item in value.items()}
    if type(value) in (Range, Function):
        raise FeelError(say("A {kind} cannot become a variable.", kind=kind(value)))
    write = WRITERS.get(type(value))
    return write(value) if write is not None else to_json(take_in(value))
