"""Working time: when a party works, by its timetable, its time zone and the holidays of its country."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from typing import Any
from zoneinfo import available_timezones

import holidays

from engine.errors import Invalid

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")  # as datetime.weekday() counts
USUAL: Mapping[str, list[list[str]]] = {day: [["09:00", "17:00"]] for day in DAYS[:5]}  # of a party without a timetable

_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00")
_MOST_SPANS = 12  # of one day


# -- what a party may say of itself -------------------------------------------------------------------------------


@cache
def time_zones() -> frozenset[str]:
    return frozenset(available_timezones()) - {"localtime", "Factory"}  # those two are files, but no place


@cache
def countries() -> Mapping[str, tuple[str, ...]]:
    """ISO 3166 country codes whose holidays we know, each with the subdivisions that have their own."""
    return {code: tuple(parts) for code, parts in sorted(holidays.list_supported_countries().items()) if len(code) == 2}


def time_zone(value: Any) -> str:
    """Raises Invalid for what is no IANA zone."""
    if not isinstance(value, str) or value not in time_zones():
        _refuse("time_zone", "a time zone such as Europe/Paris")
    return str(value)


def country(value: Any) -> str | None:
    """ISO 3166, with a subdivision or without: FR, DE-BY; None: no holidays. Raises Invalid."""
    if value is None:
        return None
    code, _, part = value.partition("-") if isinstance(value, str) else ("", "", "")
    if code not in countries() or (part and part not in countries()[code]) or value.endswith("-"):
        _refuse("country", "a country such as FR, or a part of it that has holidays of its own, such as DE-BY")
    return str(value)


def timetable(value: Any) -> dict[str, list[list[str]]] | None:
    """Weekday -> spans of local time in order, such as {"mon": [["08:00", "12:00"], ["13:00", "17:00"]]}; None: the usual week.

    A span ends within its day (24:00 is its end). Raises Invalid for overlapping spans, and for a week without working time,
    in which no deadline would ever come.
    """
    if value is None:
        return None
    if not isinstance(value, Mapping) or not set(value) <= set(DAYS):
        _refuse("timetable", f"weekdays ({', '.join(DAYS)}), each with its spans")
    found = {day: _spans(day, value[day]) for day in DAYS if value.get(day)}
    if not found:
        _refuse("timetable", "at least one span of working time in the week")
    return found


def _spans(day: str, value: Any) -> list[list[str]]:
    if not isinstance(value, list) or len(value) > _MOST_SPANS:
        _refuse("timetable", f"at most {_MOST_SPANS} spans on {day}")
    for span in value:
        if not (isinstance(span, list) and len(span) == 2 and all(isinstance(at, str) and _CLOCK.fullmatch(at) for at in span)):
            _refuse("timetable", f"spans such as 08:00-12:00 on {day}")
        if span[0] >= span[1]:
            _refuse("timetable", f"the end of {span[0]}-{span[1]} on {day} after its beginning")
    found = sorted([*span] for span in value)
    for before, after in pairwise(found):
        if before[1] > after[0]:
            _refuse("timetable", f"spans that do not overlap on {day}, not {'-'.join(before)} and {'-'.join(after)}")
    return found


def _refuse(field: str, expected: str) -> None:
    raise Invalid(f"Expected {expected}.", fields={field: expected})
