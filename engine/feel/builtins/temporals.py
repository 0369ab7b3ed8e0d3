"""Now, and where a day stands in its week, month and year."""
from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import date, datetime

from ..errors import UnfitError
from ..limits import Run
from ..moments import Day, FarDate, FarMoment, Moment, day_of, make_date
from ..sentences import say
from ..values import Value, take_in
from .signatures import EXTENSIONS, Table

TEMPORALS = Table("Dates and times")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def _moment(run: Run) -> datetime:
    if run.now is None:
        raise UnfitError(say("Nobody said what time it is"))
    moment: datetime = take_in(run.now())
    return moment


@TEMPORALS("now()")
def now(run: Run) -> Value:
    """The moment of the evaluation, with its zone.

    now() instance of date and time
    """
    return _moment(run)


@TEMPORALS("today()")
def today(run: Run) -> Value:
    """The day of the evaluation.

    today() instance of date
    """
    return _moment(run).date()


# DMN 1.5, 10.3.4.11: ISO 8601 weeks; English names whatever the language of the reader, as models compare with them.
# A far year is asked for through a near one of the same calendar.
_CALENDAR: dict[str, tuple[Callable[[date], Value], str, str]] = {
    "day of week": (lambda day: _DAYS[day.weekday()], "The English name of the day.", 'day of week(@"2026-03-29") = "Sunday"'),
    "day of year": (lambda day: day.timetuple().tm_yday, "The day, counted from January 1st.", 'day of year(@"2026-02-01") = 32'),
    "week of year": (lambda day: day.isocalendar().week, "The week's number as ISO 8601 counts.", 'week of year(@"2026-01-01") = 1'),
    "month of year": (lambda day: _MONTHS[day.month - 1], "The English name of the month.", 'month of year(@"2026-03-29") = "March"'),
}


def _asked(ask: Callable[[date], Value]) -> Callable[[Run, Day | Moment], Value]:
    def asked(run: Run, day: Day | Moment) -> Value:
        plain = day_of(day) if isinstance(day, (datetime, FarMoment)) else day
        return ask(plain.near() if isinstance(plain, FarDate) else plain)

    return asked


for _name, (_ask, _about, _example) in _CALENDAR.items():
    TEMPORALS(f"{_name}(date: date or date and time)", about=f"{_about}\n\n{_example}")(_asked(_ask))


@EXTENSIONS("last day of month(date: date or date and time)")
def last_day_of_month(run: Run, day: Day | Moment) -> Value:
    """The last day of the month that a date lies in.

    last day of month(@"2024-02-01") = @"2024-02-29"
    """
    plain = day_of(day) if isinstance(day, (datetime, FarMoment)) else day
    return make_date(plain.year, plain.month, _last(plain))


def _last(day: Day) -> int:
    near = day.near() if isinstance(day, FarDate) else day
    return calendar.monthrange(near.year, near.month)[1]
