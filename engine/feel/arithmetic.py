"""What + - * / and ** do, looked up by the types of both sides (DMN 1.5, 10.3.2.13.3)."""
from __future__ import annotations

import calendar
import decimal
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from .errors import UnfitError
from .temporals import from_microseconds, microseconds
from .values import DECIMAL, NUMBERS, Value, YearsMonths, as_decimal, kind, whole

Number = int | Decimal
_LONGEST_POWER = 120  # bits; up to here integers are raised exactly


def _decimal(operation: Callable[[Decimal, Decimal], Decimal], left: Number, right: Number) -> Decimal:
    try:
        result = operation(as_decimal(left), as_decimal(right))
    except decimal.DivisionByZero:
        raise UnfitError("A division by zero")
    except decimal.Overflow:
        raise UnfitError("The number is too large")
    except decimal.InvalidOperation:
        raise UnfitError("This has no result as a number")
    if not result.is_finite():  # 0 ** -1 answers infinity without a signal
        raise UnfitError("The number is too large")
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


def shifted(moment: datetime, duration: timedelta) -> datetime:
    """A moment some exact time later. Over a change of clocks the wall clock shows the difference, as physics has it."""
    try:
        if moment.tzinfo is None:
            return moment + duration
        return (moment.astimezone(UTC) + duration).astimezone(moment.tzinfo)
    except (OverflowError, ValueError):
        raise UnfitError("The moment lies outside the calendar")


def _shifted_date(day: date, duration: timedelta) -> date:
    return shifted(datetime.combine(day, time()), duration).date()


def _shifted_time(clock: time, duration: timedelta) -> time:
    moment = datetime.combine(date(2000, 1, 1), clock.replace(tzinfo=None))
    remainder = timedelta(microseconds=microseconds(duration) % 86_400_000_000)
    return (moment + remainder).time().replace(tzinfo=clock.tzinfo)


def _shifted_by_months(day: date, duration: YearsMonths) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + duration.months, 12)
    if not 1 <= year <= 9999:
        raise UnfitError("The date lies outside the calendar from year 1 to 9999")
    return day.replace(year=year, month=month + 1, day=min(day.day, calendar.monthrange(year, month + 1)[1]))


def between_moments(later: date, earlier: date) -> timedelta:
    """The exact time between two moments; a date among them counts as its midnight, in UTC if the other side has a zone."""
    end, start = _moment(later, earlier), _moment(earlier, later)
    if (end.tzinfo is None) is not (start.tzinfo is None):
        raise UnfitError("A date and time with a zone and one without have no distance")
    if end.tzinfo is None:
        return end - start
    try:
        return end.astimezone(UTC) - start.astimezone(UTC)
    except OverflowError:
        raise UnfitError("The moment lies outside the calendar")


def _moment(value: date, other: date) -> datetime:
    if type(value) is datetime:
        return value
    zone = UTC if type(other) is datetime and other.tzinfo is not None else None
    return datetime.combine(value, time(), tzinfo=zone)


def _between_times(later: time, earlier: time) -> timedelta:
    if (later.tzinfo is None) is not (earlier.tzinfo is None):
        raise UnfitError("A time with an offset and one without have no distance")
    day = date(2000, 1, 1)
    return between_moments(datetime.combine(day, later), datetime.combine(day, earlier))


def _scaled(duration: timedelta, factor: Number) -> timedelta:
    return from_microseconds(int(_decimal(DECIMAL.multiply, microseconds(duration), factor).to_integral_value(decimal.ROUND_HALF_EVEN)))


def _divided(duration: timedelta, divisor: Number) -> timedelta:
    return from_microseconds(int(_decimal(DECIMAL.divide, microseconds(duration), divisor).to_integral_value(decimal.ROUND_HALF_EVEN)))


def _months(count: Decimal) -> YearsMonths:
    if count.adjusted() > 18:
        raise UnfitError("The duration is too long")
    return YearsMonths(int(count))  # towards zero


def _negated(function: Callable[..., Value]) -> Callable[..., Value]:
    return lambda left, right: function(left, -right if type(right) is timedelta else YearsMonths(-right.months))


def _swapped(function: Callable[..., Value]) -> Callable[..., Value]:
    return lambda left, right: function(right, left)


_OPERATIONS: dict[tuple[str, type, type], Callable[..., Value]] = {
    ("+", str, str): lambda left, right: left + right,
    ("+", datetime, timedelta): shifted,
    ("+", date, timedelta): _shifted_date,
    ("+", time, timedelta): _shifted_time,
    ("+", datetime, YearsMonths): _shifted_by_months,
    ("+", date, YearsMonths): _shifted_by_months,
    ("+", timedelta, timedelta): lambda left, right: from_microseconds(microseconds(left) + microseconds(right)),
    ("+", YearsMonths, YearsMonths): lambda left, right: YearsMonths(left.months + right.months),
    ("-", datetime, timedelta): _negated(shifted),
    ("-", date, timedelta): _negated(_shifted_date),
    ("-", time, timedelta): _negated(_shifted_time),
    ("-", datetime, YearsMonths): _negated(_shifted_by_months),
    ("-", date, YearsMonths): _negated(_shifted_by_months),
    ("-", date, date): between_moments,
    ("-", datetime, datetime): between_moments,
    ("-", date, datetime): between_moments,
    ("-", datetime, date): between_moments,
    ("-", time, time): _between_times,
    ("-", timedelta, timedelta): lambda left, right: from_microseconds(microseconds(left) - microseconds(right)),
    ("-", YearsMonths, YearsMonths): lambda left, right: YearsMonths(left.months - right.months),
    ("/", timedelta, timedelta): lambda left, right: _divide(microseconds(left), microseconds(right)),
    ("/", YearsMonths, YearsMonths): lambda left, right: _divide(left.months, right.months),
}
for _moment_type in (date, time, datetime):
    for _length_type in (timedelta, YearsMonths):
        if ("+", _moment_type, _length_type) in _OPERATIONS:
            _OPERATIONS["+", _length_type, _moment_type] = _swapped(_OPERATIONS["+", _moment_type, _length_type])
_NUMERIC: dict[str, Callable[[Number, Number], Number]] = {"+": _add, "-": _subtract, "*": _multiply, "/": _divide, "**": _power}
for _number in (int, Decimal):
    _OPERATIONS |= {
        ("*", timedelta, _number): _scaled,
        ("*", _number, timedelta): lambda left, right: _scaled(right, left),
        ("/", timedelta, _number): _divided,
        ("*", YearsMonths, _number): lambda left, right: _months(_decimal(DECIMAL.multiply, left.months, right)),
        ("*", _number, YearsMonths): lambda left, right: _months(_decimal(DECIMAL.multiply, left, right.months)),
        ("/", YearsMonths, _number): lambda left, right: _months(_decimal(DECIMAL.divide, left.months, right)),
    }
# "a + b" and so on, with the names of the kinds, for the sentence of a warning
_VERBS = {"+": "added to", "-": "subtracted from", "*": "multiplied by", "/": "divided by", "**": "raised to"}


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
        raise UnfitError("The duration is too long")


def _misfit(operator: str, left: Value, right: Value) -> str:
    first, second = (right, left) if operator in ("+", "-") else (left, right)
    return f"{_described(first)} cannot be {_VERBS[operator]} {_described(second, 'a ')}".replace("  ", " ")


def _described(value: Value, article: str = "A ") -> str:
    return ("Null" if article == "A " else "null") if value is None else article + kind(value)


def negate(value: Value) -> Value:
    """The value with the other sign. Raises UnfitError for what has none."""
    if type(value) is int:
        return -value
    if type(value) is Decimal:
        return value.copy_negate() if value else value
    if type(value) is timedelta:
        return from_microseconds(-microseconds(value))
    if type(value) is YearsMonths:
        return YearsMonths(-value.months)
    raise UnfitError(f"{_described(value)} has no negative")


def difference_in_months(start: date, end: date) -> YearsMonths:
    """Whole months from one day to another, towards zero."""
    if start > end:
        return YearsMonths(-difference_in_months(end, start).months)
    months = (end.year - start.year) * 12 + end.month - start.month
    return YearsMonths(months - 1 if end.day < start.day else months)
