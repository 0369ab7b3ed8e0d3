"""External functions: the few of Java's library that only count or convert, done here. Nothing outside is ever run."""
from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation

from ..feel.errors import UnfitError
from ..feel.sentences import say
from ..feel.texts import to_text
from ..feel.values import NUMBERS, Value, number

Call = Callable[[Sequence[Value]], Value]
_SIGNATURE = re.compile(r"\s*(\w+)\s*\((.*)\)\s*", re.DOTALL)
_RANGES = {"byte": 7, "short": 15, "int": 31, "long": 63}
_BOXED = {"java.lang.Byte": "byte", "java.lang.Short": "short", "java.lang.Integer": "int", "java.lang.Long": "long"}
_FLOATING = {"java.lang.Float": "float", "java.lang.Double": "double"}
_READS = frozenset({"valueOf", "parseByte", "parseShort", "parseInt", "parseLong", "parseFloat", "parseDouble"})
_OF_DOUBLES: dict[str, Callable[..., float]] = {
    **{name: getattr(math, name) for name in ("cos", "sin", "tan", "acos", "asin", "atan", "cosh", "sinh", "tanh", "sqrt", "exp")},
    "log": math.log,
    "log10": math.log10,
    "cbrt": lambda value: math.copysign(abs(value) ** (1 / 3), value),
    "toRadians": math.radians,
    "toDegrees": math.degrees,
    "atan2": math.atan2,
    "hypot": math.hypot,
    "pow": math.pow,
    "floor": lambda value: float(math.floor(value)),
    "ceil": lambda value: float(math.ceil(value)),
    "rint": lambda value: float(round(value)),
    "signum": lambda value: math.copysign(1, value) if value else value,
}
_OF_NUMBERS: dict[str, Callable[..., Value]] = {"max": max, "min": min, "abs": abs}


def external_function(mapping: Value) -> Call:
    """The function that a mapping {java: {class, method signature}} names. Raises UnfitError for any that is not known here."""
    java = mapping.get("java") if type(mapping) is dict else None
    if type(java) is not dict or type(java.get("class")) is not str or type(java.get("method signature")) is not str:
        raise UnfitError(say("Expected {{java: {{class, method signature}}}}; other external functions are never run"))
    match = _SIGNATURE.fullmatch(java["method signature"])
    if match is None:
        raise UnfitError(say("Expected a method signature such as max(double, double)"))
    kinds = [kind.strip() for kind in match[2].split(",") if kind.strip()]
    call = _method(java["class"], match[1], kinds)
    if call is None:
        raise UnfitError(
            say(
                "The external function {name}.{method} is not known, and none is ever loaded", name=java["class"][:60], method=match[1][:60]
            )
        )
    return lambda arguments: call(_converted(kinds, arguments))


def _method(owner: str, name: str, kinds: list[str]) -> Call | None:
    if owner == "java.lang.Math":
        return _of_math(name, kinds)
    if name == "valueOf" and owner == "java.lang.String" and len(kinds) == 1:
        return lambda arguments: to_text(arguments[0])
    if name == "format" and owner == "java.lang.String" and kinds[:1] == ["java.lang.String"]:
        return lambda arguments: _formatted(arguments[0], arguments[1:])
    primitive = _BOXED.get(owner) or _FLOATING.get(owner)
    if name in _READS and primitive is not None and kinds in ([primitive], ["java.lang.String"]):
        return lambda arguments: _converted([primitive], [_number_of(arguments[0])])[0]
    return None


def _of_math(name: str, kinds: list[str]) -> Call | None:
    if not kinds or set(kinds) - {*_RANGES, "float", "double"}:
        return None
    on_doubles = _OF_DOUBLES.get(name)
    if on_doubles is not None and set(kinds) == {"double"}:
        return lambda arguments: _of_float(on_doubles, [float(argument) for argument in arguments])
    on_numbers = _OF_NUMBERS.get(name)
    if on_numbers is None or len(set(kinds)) != 1:
        return None
    return lambda arguments: on_numbers(*arguments)


def _of_float(function: Callable[..., float], arguments: list[float]) -> Value:
    try:
        result = function(*arguments)
    except (ValueError, OverflowError, TypeError):
        raise UnfitError(say("The external function has no result for these numbers"))
    if not math.isfinite(result):
        raise UnfitError(say("The external function has no finite result for these numbers"))
    return number(Decimal(repr(result)))


def _number_of(value: Value) -> Value:
    if type(value) is not str:
        return value
    try:
        found = Decimal(value.strip())
    except InvalidOperation:
        raise UnfitError(say("'{text}' is no number", text=value[:40]))
    return number(found) if found.is_finite() else None


def _converted(kinds: list[str], arguments: Sequence[Value]) -> list[Value]:
    """The arguments as a method of these parameter types takes them. Raises UnfitError where Java would refuse them."""
    if kinds and kinds[-1].startswith("[L"):
        kinds = [*kinds[:-1], *["java.lang.Object"] * (len(arguments) - len(kinds) + 1)]
    if len(kinds) != len(arguments):
        raise UnfitError(
            say("Expected {expected} arguments for the external function, found {count}", expected=len(kinds), count=len(arguments))
        )
    return [_fitted(kind, argument) for kind, argument in zip(kinds, arguments, strict=True)]


def _fitted(kind: str, value: Value) -> Value:
    if kind in _RANGES:
        if type(value) not in NUMBERS or value != int(value) or not -(2 ** _RANGES[kind]) <= value < 2 ** _RANGES[kind]:
            raise UnfitError(say("Expected a whole number in the bounds of {type}", type=kind))
        return int(value)
    if kind in ("float", "double"):
        if type(value) not in NUMBERS:
            raise UnfitError(say("Expected a number for a {type}", type=kind))
        return value if kind == "double" else _as_float(value)
    if kind == "char" and (type(value) is not str or len(value) != 1):
        raise UnfitError(say("Expected one character"))
    if kind == "java.lang.String" and type(value) is not str:
        raise UnfitError(say("Expected a text"))
    return value


def _as_float(value: Value) -> Value:
    """The shortest decimal that reads as the same 32-bit number."""
    try:
        exact = struct.unpack("f", struct.pack("f", float(value)))[0]
    except OverflowError:
        raise UnfitError(say("The number is too large for a float"))
    packed = struct.pack("f", exact)
    shortest = (Decimal(f"{exact:.{digits}g}") for digits in range(1, 18))
    return next(decimal for decimal in shortest if struct.pack("f", float(decimal)) == packed)


def _formatted(pattern: str, arguments: Sequence[Value]) -> Value:
    """Java's format as far as texts and whole numbers go: %s, %d and %%."""
    values = iter(arguments)

    def fill(match: re.Match[str]) -> str:
        if match[0] == "%%":
            return "%"
        if match[0] not in ("%s", "%d"):
            raise UnfitError(say("The format '{format}' is not known", format=match[0]))
        value = next(values, _MISSING)
        if value is _MISSING:
            raise UnfitError(say("Expected a value for every place of the format"))
        return to_text(value)

    return re.sub(r"%[^%sd]*.?|%%", fill, pattern)


_MISSING = object()
