"""Rounding, roots, logarithms: decimal arithmetic of 34 digits, never binary."""
from __future__ import annotations

import decimal
import random
from collections.abc import Callable
from decimal import Decimal

from ..errors import UnfitError
from ..limits import Run
from ..moments import make_duration, nanoseconds
from ..sentences import say
from ..values import DECIMAL, Value, YearsMonths, as_decimal, as_integer
from .signatures import EXTENSIONS, Table

_A_SCALE = say("a scale")
NUMBERS = Table("Numbers")
Number = int | Decimal
_MOST_PLACES, _LEAST_PLACES = 6176, -6111  # the exponents of decimal128


def rounded(value: Number, scale: Value, rounding: str) -> Number:
    """The number with so many digits after the point (negative: before it). Raises UnfitError for a scale out of bounds."""
    places = int(scale) if abs(scale) < 10**9 else as_integer(scale, _A_SCALE)  # a fraction of a digit is none
    if not _LEAST_PLACES <= places <= _MOST_PLACES:
        raise UnfitError(say("The scale is out of bounds"))
    if type(value) is int and places >= 0:
        return value
    exact = as_decimal(value)
    exponent = exact.as_tuple().exponent
    if isinstance(exponent, int) and -exponent <= places:
        return value  # nothing to round away
    context = decimal.Context(prec=7000, Emax=decimal.MAX_EMAX, Emin=decimal.MIN_EMIN)
    result = exact.quantize(Decimal(1).scaleb(-places), rounding=rounding, context=context)
    return as_integer(result) if places <= 0 and abs(result) < 10**34 else DECIMAL.plus(result)


def _rounding(rounding: str) -> Callable[[Run, Number, Value], Value]:
    def round_it(run: Run, n: Number, scale: Value = 0) -> Value:
        return rounded(n, scale, rounding)

    return round_it


_ROUNDINGS: dict[str, tuple[str, str, str]] = {
    "decimal": (decimal.ROUND_HALF_EVEN, "Rounded to so many digits; a half goes to the even digit.", "decimal(2.5, 0) = 2"),
    "floor": (decimal.ROUND_FLOOR, "The next smaller number with so many digits after the point, or none.", "floor(-1.5) = -2"),
    "ceiling": (decimal.ROUND_CEILING, "The next greater number with so many digits after the point, or none.", "ceiling(1.51, 1) = 1.6"),
    "round up": (decimal.ROUND_UP, "Rounded away from zero.", "round up(-1.121, 2) = -1.13"),
    "round down": (decimal.ROUND_DOWN, "Rounded towards zero.", "round down(-1.126, 2) = -1.12"),
    "round half up": (decimal.ROUND_HALF_UP, "Rounded; a half goes away from zero.", "round half up(-1.125, 2) = -1.13"),
    "round half down": (decimal.ROUND_HALF_DOWN, "Rounded; a half goes towards zero.", "round half down(1.125, 2) = 1.12"),
}
for _name, (_mode, _about, _example) in _ROUNDINGS.items():
    _scale = "scale?" if _name in ("floor", "ceiling") else "scale"
    NUMBERS(f"{_name}(n: number, {_scale}: number)", about=f"{_about}\n\n{_example}")(_rounding(_mode))
_about = "Rounded; a half goes to the even digit: another name for decimal."
EXTENSIONS("round half even(n: number, scale: number)", about=f"{_about}\n\nround half even(2.5, 0) = 2")(
    _rounding(decimal.ROUND_HALF_EVEN)
)


def _computed(operation: Callable[[Decimal], Decimal], value: Number) -> Number:
    try:
        result = operation(as_decimal(value))
    except decimal.DecimalException:
        raise UnfitError(say("This has no result as a number"))
    return as_integer(result) if result == result.to_integral_value() and result.adjusted() < 33 else result


@NUMBERS("abs(n: number)", "abs(n: duration)")
def absolute(run: Run, n: Value) -> Value:
    """The value without its sign; durations too.

    abs(-3) = 3
    """
    if type(n) is int:
        return abs(n)
    if type(n) is Decimal:
        return n.copy_abs()
    if type(n) is YearsMonths:
        return YearsMonths(abs(n.months))
    return make_duration(abs(nanoseconds(n)))


@NUMBERS("modulo(dividend: number, divisor: number)")
def modulo(run: Run, dividend: Number, divisor: Number) -> Value:
    """The remainder, with the sign of the divisor: dividend - divisor * floor(dividend / divisor).

    modulo(-10, 3) = 2
    """
    if divisor == 0:
        raise UnfitError(say("A division by zero"))
    if type(dividend) is int and type(divisor) is int:
        return dividend % divisor
    try:
        remainder = DECIMAL.remainder(as_decimal(dividend), as_decimal(divisor))
    except decimal.DecimalException:
        raise UnfitError(say("The quotient is too large for a remainder"))
    return DECIMAL.add(remainder, as_decimal(divisor)) if remainder and (remainder < 0) is not (divisor < 0) else remainder


@NUMBERS("sqrt(number: number)")
def square_root(run: Run, number: Number) -> Value:
    """The square root; null for negative numbers.

    sqrt(16) = 4
    """
    return _computed(DECIMAL.sqrt, number)


@NUMBERS("log(number: number)")
def logarithm(run: Run, number: Number) -> Value:
    """The natural logarithm; null unless the number is positive.

    decimal(log(10), 4) = 2.3026
    """
    if number <= 0:
        raise UnfitError(say("Only positive numbers have a logarithm"))
    return _computed(DECIMAL.ln, number)


@NUMBERS("exp(number: number)")
def exponential(run: Run, number: Number) -> Value:
    """e to the power of the number.

    decimal(exp(1), 4) = 2.7183
    """
    return _computed(DECIMAL.exp, number)


@NUMBERS("odd(number: number)")
def odd(run: Run, number: Number) -> Value:
    """Whether a whole number is odd.

    odd(5) = true
    """
    return as_integer(number) % 2 == 1


@NUMBERS("even(number: number)")
def even(run: Run, number: Number) -> Value:
    """Whether a whole number is even.

    even(5) = false
    """
    return as_integer(number) % 2 == 0


@EXTENSIONS("random number()")
def random_number(run: Run) -> Value:
    """A number from 0 up to, not including, 1.

    random number() < 1
    """
    return Decimal(random.getrandbits(53)) / Decimal(2**53)
