"""Dates, times and durations that Python's own types cannot hold: any year, nanoseconds, durations of millions of years.

The calendar repeats itself every 400 years to the day of the week, so a far date is a near one plus a number of such cycles. Whatever
fits Python's own types is always one of those: the makers at the bottom choose.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from .errors import UnfitError
from .sentences import say

_CYCLE_YEARS, _CYCLE_DAYS = 400, 146_097
NANOSECONDS_A_DAY = 86_400_000_000_000
_FARTHEST_YEAR = 999_999_999  # XML Schema asks for four digits at least, DMN 1.5 (10.3.4.1) for nine
_LONGEST_DURATION = 10**30  # nanoseconds


def _near_year(year: int) -> int:
    """A year of the same calendar: early for the past, where zones have local mean time; late for the future, where they have rules."""
    return year % _CYCLE_YEARS + (400 if year < 1 else 2400)


@dataclass(frozen=True, slots=True)
class FarDate:
    """A date before year 1 or after year 9999."""

    year: int
    month: int
    day: int

    def near(self) -> date:
        return date(_near_year(self.year), self.month, self.day)


@dataclass(frozen=True, slots=True)
class FineTime:
    """A time with nanoseconds."""

    clock: time
    nanosecond: int  # what is left beyond the clock's microseconds, 1..999

    @property
    def tzinfo(self) -> tzinfo | None:
        return self.clock.tzinfo


@dataclass(frozen=True, slots=True)
class FarMoment:
    """A date and time of a far year, or with nanoseconds. `near` is the same moment some cycles earlier or later."""

    near: datetime
    cycles: int
    nanosecond: int = 0

    @property
    def tzinfo(self) -> tzinfo | None:
        return self.near.tzinfo

    @property
    def year(self) -> int:
        return self.near.year + self.cycles * _CYCLE_YEARS


@dataclass(frozen=True, slots=True, order=True)
class LongDuration:
    """A days and time duration of nanoseconds, or beyond a billion days."""

    nanoseconds: int


Day = date | FarDate
Clock = time | FineTime
Moment = datetime | FarMoment
Duration = timedelta | LongDuration


# -- counted ----------------------------------------------------------------------------------------------------------


def day_number(day: Day) -> int:
    """The days since the day before 0001-01-01."""
    if isinstance(day, FarDate):
        return day.near().toordinal() + (day.year - _near_year(day.year)) // _CYCLE_YEARS * _CYCLE_DAYS
    return day.toordinal()


def nanoseconds_of_day(clock: Clock) -> int:
    plain, rest = (clock.clock, clock.nanosecond) if isinstance(clock, FineTime) else (clock, 0)
    seconds = (plain.hour * 60 + plain.minute) * 60 + plain.second
    return (seconds * 1_000_000 + plain.microsecond) * 1000 + rest


def nanoseconds(duration: Duration) -> int:
    if isinstance(duration, LongDuration):
        return duration.nanoseconds
    return ((duration.days * 86_400 + duration.seconds) * 1_000_000 + duration.microseconds) * 1000


def day_of(moment: Moment) -> Day:
    if isinstance(moment, FarMoment):
        return make_date(moment.year, moment.near.month, moment.near.day)
    return moment.date()


def clock_of(moment: Moment) -> Clock:
    if isinstance(moment, FarMoment):
        return FineTime(moment.near.timetz(), moment.nanosecond) if moment.nanosecond else moment.near.timetz()
    return moment.timetz()


def nanosecond_of(value: Clock | Moment) -> int:
    """The nanoseconds of the second, 0 to 999,999,999."""
    if isinstance(value, FineTime):
        return value.clock.microsecond * 1000 + value.nanosecond
    if isinstance(value, FarMoment):
        return value.near.microsecond * 1000 + value.nanosecond
    return value.microsecond * 1000


def wall_nanoseconds(moment: Moment) -> int:
    """What the clock on the wall shows, counted from 0000-12-31T00:00:00."""
    return day_number(day_of(moment)) * NANOSECONDS_A_DAY + nanoseconds_of_day(clock_of(moment))


def offset_of(moment: Moment) -> timedelta | None:
    return moment.near.utcoffset() if isinstance(moment, FarMoment) else moment.utcoffset()


def utc_nanoseconds(moment: Moment) -> int:
    return wall_nanoseconds(moment) - nanoseconds(offset_of(moment) or timedelta())


# -- made -------------------------------------------------------------------------------------------------------------


def make_date(year: int, month: int, day: int) -> Day:
    """The date. Raises UnfitError for one that no calendar has."""
    try:
        if 1 <= year <= 9999:
            return date(year, month, day)
        if abs(year) > _FARTHEST_YEAR:
            raise ValueError
        date(_near_year(year), month, day)
        return FarDate(year, month, day)
    except (ValueError, OverflowError):
        raise UnfitError(say("There is no date {date} in the calendar", date=f"{year}-{month}-{day}"))


def date_of_number(number: int) -> Day:
    if 1 <= number <= date.max.toordinal():
        return date.fromordinal(number)
    cycles, rest = divmod(number - 1, _CYCLE_DAYS)
    near = date.fromordinal(rest + 1)  # years 1 to 400
    return make_date(near.year + cycles * _CYCLE_YEARS, near.month, near.day)


def make_time(count: int, zone: tzinfo | None) -> Clock:
    """The time so many nanoseconds after midnight."""
    count %= NANOSECONDS_A_DAY
    microseconds, rest = divmod(count, 1000)
    seconds, microsecond = divmod(microseconds, 1_000_000)
    clock = time(seconds // 3600, seconds // 60 % 60, seconds % 60, microsecond, tzinfo=zone)
    return FineTime(clock, rest) if rest else clock


def combine(day: Day, clock: Clock) -> Moment:
    """The date and time of both."""
    plain, rest = (clock.clock, clock.nanosecond) if isinstance(clock, FineTime) else (clock, 0)
    if isinstance(day, FarDate):
        near_year = _near_year(day.year)
        return FarMoment(datetime.combine(day.near(), plain), (day.year - near_year) // _CYCLE_YEARS, rest)
    moment = datetime.combine(day, plain)
    return FarMoment(moment, 0, rest) if rest else moment


def moment_on_wall(count: int, zone: tzinfo | None) -> Moment:
    days, rest = divmod(count, NANOSECONDS_A_DAY)
    return combine(date_of_number(days), make_time(rest, zone))


def moment_at(utc: int, zone: tzinfo | None) -> Moment:
    """The moment so many nanoseconds after 0000-12-31T00:00:00Z, on the clocks of a zone."""
    in_utc = moment_on_wall(utc, UTC)
    if zone is None or zone is UTC:
        return in_utc
    near = in_utc.near if isinstance(in_utc, FarMoment) else in_utc
    try:
        offset = near.astimezone(zone).utcoffset() or timedelta()
    except (OverflowError, ValueError):
        raise UnfitError(say("The moment lies outside the calendar"))
    return moment_on_wall(utc + nanoseconds(offset), zone)


def make_duration(count: int) -> Duration:
    """The duration of so many nanoseconds. Raises UnfitError beyond all measure."""
    if abs(count) > _LONGEST_DURATION:
        raise UnfitError(say("The duration is too long"))
    days, rest = divmod(count, NANOSECONDS_A_DAY)
    if rest % 1000 or not -999_999_999 <= days <= 999_999_999:
        return LongDuration(count)
    return timedelta(days=days, microseconds=rest // 1000)


def shifted_by_months(day: Day, months: int) -> Day:
    """The same day of another month, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(_near_year(year), month + 1)[1]
    return make_date(year, month + 1, min(day.day, last))
