"""Now, and where a day stands in its week, month and year."""
from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import date, datetime

from ..errors import UnfitError
from ..limits import Run
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
_CALENDAR: dict[str, Callable[[date], Value]] = {
    "day of week": lambda day: _DAYS[day.weekday()],
    "day of year": lambda day: day.timetuple().tm_yday,
    "week of year": lambda day: day.isocalendar().week,
    "month of year": lambda day: _MONTHS[day.month - 1],
    "last day of month": lambda day: day.replace(day=calendar.monthrange(day.year, day.month)[1]),
}


def _asked(ask: Callable[[date], Value]) -> Callable[[Run, date], Value]:
    return lambda run, day: ask(date(day.year, day.month, day.day))


for _name, _ask in _CALENDAR.items():
    TEMPORALS(f"{_name}(date: date or date and time)")(_asked(_ask))
