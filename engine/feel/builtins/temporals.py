"""Now, and where a day stands in its week, month and year."""
from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import date, datetime

from ..errors import UnfitError
from ..limits import Run
from ..moments import Day, FarDate, FarMoment, Moment, day_of, make_date
from ..values import Value, take_in
from .signatures import Table

TEMPORALS = Table()
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
        raise UnfitError("Nobody said what time it is")
    moment: datetime = take_in(run.now())
    return moment


@TEMPORALS("now()")
def now(run: Run) -> Value:
    """The moment of the evaluation, with its zone."""
    return _moment(run)


@TEMPORALS("today()")
def today(run: Run) -> Value:
    """The day of the evaluation."""
    return _moment(run).date()


# DMN 1.5, 10.3.4.11: ISO 8601 weeks; English names whatever the language of the reader, as models compare with them.
# A far year is asked for through a near one of the same calendar.
_CALENDAR: dict[str, Callable[[date], Value]] = {
    "day of week": lambda day: _DAYS[day.weekday()],
    "day of year": lambda day: day.timetuple().tm_yday,
    "week of year": lambda day: day.isocalendar().week,
    "month of year": lambda day: _MONTHS[day.month - 1],
}


def _asked(ask: Callable[[date], Value]) -> Callable[[Run, Day | Moment], Value]:
    def asked(run: Run, day: Day | Moment) -> Value:
        plain = day_of(day) if isinstance(day, (datetime, FarMoment)) else day
        return ask(plain.near() if isinstance(plain, FarDate) else plain)

    return asked


for _name, _ask in _CALENDAR.items():
    TEMPORALS(f"{_name}(date: date or date and time)")(_asked(_ask))


@TEMPORALS("last day of month(date: date or date and time)")
def last_day_of_month(run: Run, day: Day | Moment) -> Value:
    """The last day of the month that a date lies in."""
    plain = day_of(day) if isinstance(day, (datetime, FarMoment)) else day
    return make_date(plain.year, plain.month, _last(plain))


def _last(day: Day) -> int:
    near = day.near() if isinstance(day, FarDate) else day
    return calendar.monthrange(near.year, near.month)[1]
