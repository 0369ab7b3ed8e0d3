"""What + - * / and ** do, looked up by the types of both sides (DMN 1.5, 10.3.2.13.3)."""
from __future__ import annotations

import decimal
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import product

from .errors import UnfitError
from .moments import (
    NANOSECONDS_A_DAY,
    Clock,
    Day,
    Duration,
    Moment,
    clock_of,
    combine,
    date_of_number,
    day_number,
    day_of,
    make_duration,
    make_time,
    moment_at,
    moment_on_wall,
    nanoseconds,
    nanoseconds_of_day,
    shifted_by_months,
    utc_nanoseconds,
    wall_nanoseconds,
)
from .sentences import say
from .values import (
    DATE_TYPES,
    DECIMAL,
    DURATION_TYPES,
    MOMENT_TYPES,
    NUMBERS,
    TIME_TYPES,
    Value,
    YearsMonths,
    as_decimal,
    described,
    described_first,
    whole,
)

Number = int | Decimal
_LONGEST_POWER = 120  # bits; up to here integers are raised exactly


def _decimal(operation: Callable[[Decimal, Decimal], Decimal], left: Number, right: Number) -> Decimal:
    try:
        result = operation(as_decimal(left), as_decimal(right))
    except decimal.DivisionByZero:
        raise UnfitError(say("A division by zero"))
    except decimal.Overflow:
        raise UnfitError(say("The number is too large"))
    except decimal.InvalidOperation:
        raise UnfitError(say("This has no result as a number"))
    if not result.is_finite():  # 0 ** -1 answers infinity without a signal
        raise UnfitError(say("The number is too large"))
    return result


def _add(left: Number, right: Number) -> Number:
    if type(left) is int and type(right) is int:
        return whole(left + right)
    return _decimal(DECIMAL.add, left, right)


def _subtract(left: Number, right: Number) -> Number:
    if type(left) is int and type(right) is int:
        return whole(left - right)
    return _decimal(DECIMAL.subtract, left, right)


def _multiply(left: Number, right: Number) -> Number:
    if type(left) is int and type(right) is int:
        return whole(left * right)
    return _decimal(DECIMAL.multiply, left, right)


def _divide(left: Number, right: Number) -> Number:
    if type(left) is int and type(right) is int and right and left % right == 0:
        return whole(left // right)
    return _decimal(DECIMAL.divide, left, right)


def _power(left: Number, right: Number) -> Number:
    if type(left) is int and type(right) is int and 0 <= right * max(left.bit_length(), 1) <= _LONGEST_POWER:
        result: int = left**right
        return whole(result)
    if left == 0 and right == 0:
        return 1
    return _decimal(DECIMAL.power, left, right)


def shifted(moment: Moment, duration: Duration) -> Moment:
    """A moment some exact time later. Over a change of clocks the wall clock shows the difference, as physics has it."""
    if type(moment) is datetime and type(duration) is timedelta:
        try:
            if moment.tzinfo is None:
                return moment + duration
            return (moment.astimezone(UTC) + duration).astimezone(moment.tzinfo)
        except (OverflowError, ValueError):
            pass  # beyond Python's calendar: counted below
    if moment.tzinfo is None:
        return moment_on_wall(wall_nanoseconds(moment) + nanoseconds(duration), None)
    return moment_at(utc_nanoseconds(moment) + nanoseconds(duration), moment.tzinfo)


def _shifted_date(day: Day, duration: Duration) -> Day:
    return date_of_number((day_number(day) * NANOSECONDS_A_DAY + nanoseconds(duration)) // NANOSECONDS_A_DAY)


def _shifted_time(clock: Clock, duration: Duration) -> Clock:
    return make_time(nanoseconds_of_day(clock) + nanoseconds(duration), clock.tzinfo)


def _date_by_months(day: Day, duration: YearsMonths) -> Day:
    return shifted_by_months(day, duration.months)


def _moment_by_months(moment: Moment, duration: YearsMonths) -> Moment:
    return combine(shifted_by_months(day_of(moment), duration.months), clock_of(moment))


def _between_dates(later: Day, earlier: Day) -> Duration:
    return make_duration((day_number(later) - day_number(earlier)) * NANOSECONDS_A_DAY)


def between_moments(later: Moment, earlier: Moment) -> Duration:
    """The exact time between two moments. Raises UnfitError if one has a zone and the other none."""
    if (later.tzinfo is None) is not (earlier.tzinfo is None):
        raise UnfitError(say("A date and time with a zone and one without have no distance"))
    return make_duration(utc_nanoseconds(later) - utc_nanoseconds(earlier))


def _moment_less_date(later: Moment, earlier: Day) -> Duration:
    return between_moments(later, _as_midnight(earlier, later))


def _date_less_moment(later: Day, earlier: Moment) -> Duration:
    return between_moments(_as_midnight(later, earlier), earlier)


def _as_midnight(day: Day, other: Moment) -> Moment:
    if other.tzinfo is None:  # DMN 1.5, table 57: a date is its midnight in UTC, which a moment without zone has no distance to
        raise UnfitError(say("A date and a date and time without a zone have no distance"))
    return combine(day, time(tzinfo=UTC))


def _between_times(later: Clock, earlier: Clock) -> Duration:
    if (later.tzinfo is None) is not (earlier.tzinfo is None):
        raise UnfitError(say("A time with an offset and one without have no distance"))
    day = date(2000, 1, 1)
    return between_moments(combine(day, later), combine(day, earlier))


def _scaled(duration: Duration, factor: Number) -> Duration:
    return _rounded_duration(_decimal(DECIMAL.multiply, nanoseconds(duration), factor))


def _divided(duration: Duration, divisor: Number) -> Duration:
    return _rounded_duration(_decimal(DECIMAL.divide, nanoseconds(duration), divisor))


def _rounded_duration(count: Decimal) -> Duration:
    if count.adjusted() > 40:
        raise UnfitError(say("The duration is too long"))
    return make_duration(int(count.to_integral_value(decimal.ROUND_HALF_EVEN)))


def _months(count: Decimal) -> YearsMonths:
    if count.adjusted() > 18:
        raise UnfitError(say("The duration is too long"))
    return YearsMonths(int(count))  # towards zero


def _backwards(function: Callable[..., Value]) -> Callable[..., Value]:
    return lambda left, right: function(left, negate(right))


def _swapped(function: Callable[..., Value]) -> Callable[..., Value]:
    return lambda left, right: function(right, left)


_OPERATIONS: dict[tuple[str, type, type], Callable[..., Value]] = {
    ("+", str, str): lambda left, right: left + right,
    ("+", YearsMonths, YearsMonths): lambda left, right: YearsMonths(left.months + right.months),
    ("-", YearsMonths, YearsMonths): lambda left, right: YearsMonths(left.months - right.months),
    ("/", YearsMonths, YearsMonths): lambda left, right: _divide(left.months, right.months),
}


def _declare(operator: str, lefts: Iterable[type], rights: Iterable[type], operation: Callable[..., Value]) -> None:
    for left, right in product(lefts, rights):
        _OPERATIONS[operator, left, right] = operation


_MONTHS = (YearsMonths,)
for _values, _lengths, _shift in (
    (MOMENT_TYPES, DURATION_TYPES, shifted),
    (DATE_TYPES, DURATION_TYPES, _shifted_date),
    (TIME_TYPES, DURATION_TYPES, _shifted_time),
    (MOMENT_TYPES, _MONTHS, _moment_by_months),
    (DATE_TYPES, _MONTHS, _date_by_months),
):
    _declare("+", _values, _lengths, _shift)
    _declare("+", _lengths, _values, _swapped(_shift))
    _declare("-", _values, _lengths, _backwards(_shift))
_declare("-", DATE_TYPES, DATE_TYPES, _between_dates)
_declare("-", MOMENT_TYPES, MOMENT_TYPES, between_moments)
_declare("-", MOMENT_TYPES, DATE_TYPES, _moment_less_date)
_declare("-", DATE_TYPES, MOMENT_TYPES, _date_less_moment)
_declare("-", TIME_TYPES, TIME_TYPES, _between_times)
_declare("+", DURATION_TYPES, DURATION_TYPES, lambda left, right: make_duration(nanoseconds(left) + nanoseconds(right)))
_declare("-", DURATION_TYPES, DURATION_TYPES, lambda left, right: make_duration(nanoseconds(left) - nanoseconds(right)))
_declare("/", DURATION_TYPES, DURATION_TYPES, lambda left, right: _divide(nanoseconds(left), nanoseconds(right)))
_declare("*", DURATION_TYPES, NUMBERS, _scaled)
_declare("*", NUMBERS, DURATION_TYPES, _swapped(_scaled))
_declare("/", DURATION_TYPES, NUMBERS, _divided)
_declare("*", _MONTHS, NUMBERS, lambda left, right: _months(_decimal(DECIMAL.multiply, left.months, right)))
_declare("*", NUMBERS, _MONTHS, lambda left, right: _months(_decimal(DECIMAL.multiply, left, right.months)))
_declare("/", _MONTHS, NUMBERS, lambda left, right: _months(_decimal(DECIMAL.divide, left.months, right)))
# integers among themselves need no look-up; beyond 34 digits they are rounded
INTEGERS: dict[str, Callable[..., Value]] = {
    "+": lambda left, right: whole(left + right),
    "-": lambda left, right: whole(left - right),
    "*": lambda left, right: whole(left * right),
}
_NUMERIC: dict[str, Callable[[Number, Number], Number]] = {"+": _add, "-": _subtract, "*": _multiply, "/": _divide, "**": _power}


def calculate(operator: str, left: Value, right: Value) -> Value:
    """left operator right. Raises UnfitError where that has no meaning."""
    if type(left) in NUMBERS and type(right) in NUMBERS:
        return _NUMERIC[operator](left, right)
    operation = _OPERATIONS.get((operator, type(left), type(right)))
    if operation is None:
        raise UnfitError(_misfit(operator, left, right))
    try:
        return operation(left, right)
    except OverflowError:
        raise UnfitError(say("The duration is too long"))


def _misfit(operator: str, left: Value, right: Value) -> str:
    first, second = (right, left) if operator in ("+", "-") else (left, right)
    what, other = described_first(first), described(second)
    if operator == "+":
        return say("{what} cannot be added to {other}", what=what, other=other)
    if operator == "-":
        return say("{what} cannot be subtracted from {other}", what=what, other=other)
    if operator == "*":
        return say("{what} cannot be multiplied by {other}", what=what, other=other)
    if operator == "/":
        return say("{what} cannot be divided by {other}", what=what, other=other)
    return say("{what} cannot be raised to {other}", what=what, other=other)


def negate(value: Value) -> Value:
    """The value with the other sign. Raises UnfitError for what has none."""
    if type(value) is int:
        return -value
    if type(value) is Decimal:
        return value.copy_negate() if value else value
    if type(value) in DURATION_TYPES:
        return make_duration(-nanoseconds(value))
    if type(value) is YearsMonths:
        return YearsMonths(-value.months)
    raise UnfitError(say("{what} has no negative", what=described_first(value)))


def difference_in_months(start: Day, end: Day) -> YearsMonths:
    """Whole months from one day to another, towards zero."""
    first, last = (start.year, start.month, start.day), (end.year, end.month, end.day)
    if first > last:
        return YearsMonths(-difference_in_months(end, start).months)
    months = (end.year - start.year) * 12 + end.month - start.month
    return YearsMonths(months - 1 if end.day < start.day else months)
