"""From text to values and back."""
from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal, DecimalException

from .. import temporals
from ..arithmetic import difference_in_months
from ..errors import UnfitError
from ..limits import Run
from ..moments import (
    Clock,
    Day,
    FarMoment,
    Moment,
    clock_of,
    combine,
    day_of,
    make_date,
    moment_at,
    moment_on_wall,
    utc_nanoseconds,
    wall_nanoseconds,
)
from ..sentences import say
from ..texts import to_text
from ..values import DATE_TYPES, DECIMAL, MOMENT_TYPES, NUMBERS, Value, as_decimal, as_integer
from .signatures import EXTENSIONS, Table

CONVERSIONS = Table("Conversions")
_NUMBER = re.compile(r"-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,9})?", re.ASCII)
_SEPARATORS = (" ", ",", ".")


@CONVERSIONS("string(from: any)")
def string(run: Run, value: Value) -> Value:
    """The value as text; null stays null.

    string(1.5) = "1.5"
    """
    if value is None:
        return None
    return run.checked_text(to_text(value))


@CONVERSIONS("number(from: number)")
def same_number(run: Run, value: Value) -> Value:
    """The number itself.

    number(5) = 5
    """
    return value


@CONVERSIONS("number(from: string, grouping separator?: string?, decimal separator?: string?)")
def number(run: Run, text: str, grouping: str | None = None, point: str | None = None) -> Value:
    """The number that a text is, with `grouping separator` (space, comma or point) left out and `decimal separator` as point.

    number("1 000,5", " ", ",") = 1000.5
    """
    if grouping is not None and grouping not in _SEPARATORS:
        raise UnfitError(say("The grouping separator is a space, a comma or a point"))
    if point is not None and (point not in (",", ".") or point == grouping):
        raise UnfitError(say("The decimal separator is a comma or a point, and not the grouping separator"))
    plain = text.replace(grouping, "") if grouping else text
    if point:
        plain = plain.replace(point, ".")
    if len(plain) > 10_000 or not _NUMBER.fullmatch(plain):
        raise UnfitError(say("'{text}' is no number", text=text[:40]))
    return number_of(plain)


def number_of(text: str) -> int | Decimal:
    """The number of plain digits, rounded to 34 of them. Raises UnfitError beyond decimal128."""
    if len(text) <= 34 and text.lstrip("-").isdigit():
        return int(text)
    try:
        return DECIMAL.create_decimal(text)
    except DecimalException:
        raise UnfitError(say("The number is too large"))


@CONVERSIONS("date(from: string)")
def date_of_text(run: Run, text: str) -> Value:
    """The date of a text such as 2026-01-31.

    date("2026-01-31") = @"2026-01-31"
    """
    return temporals.read_date(text)


@CONVERSIONS("date(from: date or date and time)")
def date_of_moment(run: Run, moment: Day | Moment) -> Value:
    """The date of a date and time.

    date(@"2026-01-31T10:30:00") = @"2026-01-31"
    """
    return _day(moment)


def _day(value: Day | Moment) -> Day:
    return day_of(value) if isinstance(value, (datetime, FarMoment)) else value


@CONVERSIONS("date(year: number, month: number, day: number)")
def date_of_parts(run: Run, year: Value, month: Value, day: Value) -> Value:
    """The date of year, month and day.

    date(2026, 1, 31) = @"2026-01-31"
    """
    return make_date(as_integer(year), as_integer(month), as_integer(day))


@CONVERSIONS("time(from: string)")
def time_of_text(run: Run, text: str) -> Value:
    """The time of a text such as 10:30:00, 10:30:00Z or 10:30:00@Europe/Paris.

    time("10:30:00Z") = @"10:30:00Z"
    """
    return temporals.read_time(text)


@CONVERSIONS("time(from: date or date and time)", "time(from: time)")
def time_of_moment(run: Run, moment: Value) -> Value:
    """The time of a date and time; of a date its midnight in UTC.

    time(@"2026-01-31T10:30:00") = @"10:30:00"
    """
    if type(moment) in MOMENT_TYPES:
        return clock_of(moment)
    return time(tzinfo=UTC) if type(moment) in DATE_TYPES else moment


@CONVERSIONS("time(hour: number, minute: number, second: number, offset?: days and time duration?)")
def time_of_parts(run: Run, hour: Value, minute: Value, second: Value, offset: timedelta | None = None) -> Value:
    """The time of hour, minute and second, with an offset if one is given.

    time(10, 30, 0, @"PT1H") = @"10:30:00+01:00"
    """
    zone = None if offset is None else temporals.fixed_offset(offset)
    exact = as_decimal(second)
    if not 0 <= exact < 60:
        raise UnfitError(say("Expected a second from 0 to 59"))
    fraction = int((exact - int(exact)) * 1_000_000_000)
    return temporals.new_time(as_integer(hour), as_integer(minute), int(exact), fraction, zone)


@CONVERSIONS("date and time(from: string)")
def datetime_of_text(run: Run, text: str) -> Value:
    """The date and time of a text such as 2026-01-31T10:30:00@Europe/Paris.

    date and time("2026-01-31T10:30:00").hour = 10
    """
    return temporals.read_datetime(text)


@CONVERSIONS("date and time(from: date or date and time)")
def datetime_of_moment(run: Run, moment: Day | Moment) -> Value:
    """A date's midnight; a date and time itself.

    date and time(@"2026-01-31") = @"2026-01-31T00:00:00"
    """
    return moment if isinstance(moment, (datetime, FarMoment)) else combine(moment, time())


@CONVERSIONS("date and time(date: date or date and time, time: time)")
def datetime_of_parts(run: Run, day: Day | Moment, clock: Clock) -> Value:
    """A date (or the date of a date and time) together with a time.

    date and time(@"2026-01-31", @"10:30:00") = @"2026-01-31T10:30:00"
    """
    return combine(_day(day), clock)


_PARTS = "year: number, month: number, day: number, hour: number, minute: number, second: number"


@CONVERSIONS(f"date and time({_PARTS})", f"date and time({_PARTS}, offset: days and time duration?)")
def datetime_of_numbers(
    run: Run, year: Value, month: Value, day: Value, hour: Value, minute: Value, second: Value, offset: timedelta | None = None
) -> Value:
    """The date and time of its parts, with an offset if one is given.

    date and time(2026, 1, 31, 10, 30, 0, @"PT1H") = @"2026-01-31T10:30:00+01:00"
    """
    return combine(date_of_parts(run, year, month, day), time_of_parts(run, hour, minute, second, offset))


@CONVERSIONS(f"date and time({_PARTS}, timezone: string)")
def datetime_of_numbers_in_zone(
    run: Run, year: Value, month: Value, day: Value, hour: Value, minute: Value, second: Value, zone: str
) -> Value:
    """The date and time of its parts, on the clocks of a time zone.

    date and time(2026, 1, 31, 10, 30, 0, "Europe/Paris") = @"2026-01-31T10:30:00@Europe/Paris"
    """
    moment = combine(date_of_parts(run, year, month, day), time_of_parts(run, hour, minute, second))
    return moment_on_wall(wall_nanoseconds(moment), temporals.zone(zone))


@EXTENSIONS("date and time(date: date and time, timezone: string)")
def datetime_in_zone(run: Run, moment: Moment, zone: str) -> Value:
    """The same moment on the clocks of another time zone; one without a zone gets that one.

    date and time(@"2026-01-31T10:30:00Z", "Europe/Paris").hour = 11
    """
    if moment.tzinfo is None:
        return moment_on_wall(wall_nanoseconds(moment), temporals.zone(zone))
    return moment_at(utc_nanoseconds(moment), temporals.zone(zone))


@CONVERSIONS("duration(from: string)", "duration(from: duration)")
def duration(run: Run, text: Value) -> Value:
    """The duration of a text such as P1Y6M or P2DT4H.

    duration("P1Y6M") = @"P18M"
    """
    return temporals.read_duration(text) if type(text) is str else text


@CONVERSIONS("years and months duration(from: date or date and time, to: date or date and time)")
def years_and_months(run: Run, start: Day | Moment, end: Day | Moment) -> Value:
    """The whole months from one date to another; what the clocks show does not count.

    years and months duration(@"2025-12-24", @"2026-03-23") = @"P2M"
    """
    return difference_in_months(_day(start), _day(end))


@EXTENSIONS("boolean(from: any)")
def boolean(run: Run, value: Value) -> Value:
    """True or false from a boolean, a text or 1 and 0.

    boolean("true") = true
    """
    if type(value) is bool:
        return value
    if type(value) is str and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    if type(value) in NUMBERS and value in (0, 1):
        return bool(value == 1)
    raise UnfitError(say("Expected true or false"))
