"""JSON that changes no number in passing: 2^70 and 0.1 come back exactly (int and Decimal, never float)."""

import json
import re
from decimal import Decimal
from typing import Any

import orjson

_NEEDS_CARE = re.compile(rb"\d[.eE]|\d{16}")  # a fraction, an exponent, or more digits than a double holds exactly
_MAX_DEPTH = 200
LARGEST_EXPONENT = 6144  # of decimal128, FEEL's numbers (DMN 1.5, 10.3.2.3.1); written out, 1e999999999 is a gigabyte


class NotJson(ValueError):
    """The text is not JSON, or nests deeper than 200 levels."""


def loads(text: str | bytes) -> Any:
    """Read JSON text. Integers come as int of any size, fractions as Decimal. Raises NotJson."""
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    try:
        if not _NEEDS_CARE.search(raw):
            return orjson.loads(raw)
        return json.loads(raw, parse_float=_fraction, parse_constant=_refuse)
    except RecursionError as error:
        raise NotJson(f"Expected JSON of at most {_MAX_DEPTH} levels, found more.") from error
    except ValueError as error:
        raise NotJson(str(error)) from error


def dumps(value: Any) -> str:
    """Write JSON text, compact. Raises NotJson for what JSON has no word for (NaN, sets, dates)."""
    return dump_bytes(value).decode()


def dump_bytes(value: Any) -> bytes:
    try:
        return orjson.dumps(value, default=_exact)
    except TypeError:
        try:
            return orjson.dumps(_with_big_numbers(value), default=_exact)
        except TypeError as error:
            raise NotJson(str(error)) from error


def _exact(value: Any) -> orjson.Fragment:
    if isinstance(value, Decimal) and value.is_finite():
        return orjson.Fragment(str(value))
    raise TypeError(f"Expected a JSON value, found {type(value).__name__}.")


def _with_big_numbers(value: Any) -> Any:
    # orjson refuses integers above 64 bits, but takes ready text
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return orjson.Fragment(str(value))
    if isinstance(value, dict):
        return {key: _with_big_numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_big_numbers(item) for item in value]
    return value


def _fraction(text: str) -> Decimal:
    number = Decimal(text)
    if number and abs(number.adjusted()) > LARGEST_EXPONENT:
        raise ValueError(f"Expected a number of at most {LARGEST_EXPONENT} digits before or behind the point, found {text[:40]}.")
    return number


def _refuse(constant: str) -> Any:
    raise ValueError(f"Expected a JSON number, found {constant}.")
