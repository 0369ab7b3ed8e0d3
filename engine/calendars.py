"""Working time: when a party works, by its timetable, its time zone and the holidays of its country."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any, Protocol
from zoneinfo import ZoneInfo, available_timezones

import holidays
from whenever import Instant, ItemizedDelta

from engine.errors import Invalid

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")  # as datetime.weekday() counts
USUAL: Mapping[str, list[list[str]]] = {day: [["09:00", "17:00"]] for day in DAYS[:5]}  # of a party without a timetable

_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]|24:00")
_MOST_SPANS = 12  # of one day


class Place(Protocol):
    """Where somebody works; a party is one. What the fields may be: see the readers below."""

    @property
    def time_zone(self) -> str: ...
    @property
    def country(self) -> str | None: ...
    @property
    def timetable(self) -> Any: ...


# -- clocks -------------------------------------------------------------------------------------------------------

ALWAYS, WORKING = "always", "working"
_LONGEST_YEARS = 10
_MOST_DAYS = 366 * 2 * _LONGEST_YEARS  # looked through for working time


@dataclass(frozen=True, slots=True)
class Moments:
    """Of one clock, in UTC: `warn_at` when four fifths of the time have passed."""

    warn_at: datetime
    due_at: datetime


def moments(start: datetime, duration: str, calendar: str, place: Place) -> Moments:
    """When a clock that starts at `start` (aware) warns and when it is due.

    `duration` is ISO 8601. "always": days, weeks, months and years go by the local calendar, hours by the clock on the wall of
    the world. "working": only the working time of `place` counts; see docs/decisions/0007 for what a day is there. The due time
    of a working clock lies in working time, its end included. Raises Invalid for what is no duration, or longer than ten years.
    """
    try:
        return _moments(start, _read_duration(duration), calendar, place)
    except OverflowError as error:
        raise _too_far() from error


def _moments(start: datetime, wanted: ItemizedDelta, calendar: str, place: Place) -> Moments:
    start, zone = start.astimezone(UTC), _zone_of(place)
    if calendar == ALWAYS:
        due = _by_the_calendar(start, wanted, zone)
        return Moments(start + (due - start) * 4 // 5, due)
    week = _Week(place)
    months = {name: wanted[name] for name in ("years", "months") if name in wanted}
    begin = _by_the_calendar(start, ItemizedDelta(**months), zone) if months else start
    days = wanted.get("weeks", 0) * week.days_a_week + wanted.get("days", 0)
    due = week.after(week.after_days(begin, days), _clock_time(wanted))
    return Moments(week.after(start, week.between(start, due) * 4 // 5), due)


def working_time(start: datetime, end: datetime, place: Place) -> timedelta:
    """How much of the time from `start` to `end` (aware) is working time of `place`, in real seconds; none where end comes first."""
    return _Week(place).between(start, end)


def as_long_after(start: datetime, duration: str) -> datetime | None:
    """`start` (aware) and an ISO 8601 duration of any length, by the calendar of UTC; None beyond the last year there is."""
    try:
        return _by_the_calendar(start, ItemizedDelta.parse_iso(duration), "UTC")
    except (ValueError, OverflowError):
        return None


def check_duration(duration: str) -> None:
    """Raises Invalid for what a clock cannot run."""
    _read_duration(duration)


def _read_duration(text: str) -> ItemizedDelta:
    try:
        found = ItemizedDelta.parse_iso(text)
    except ValueError:
        found = None
    if found is None or found.sign() < 0:
        raise Invalid(f"Expected an ISO 8601 duration such as P2D or PT4H, found {text[:40]!r}.", fields={"duration": "P2D, PT4H"})
    years = found.get("years", 0) + found.get("months", 0) / 12 + found.get("weeks", 0) / 52 + found.get("days", 0) / 365
    if years + _clock_time(found) / timedelta(days=365) > _LONGEST_YEARS:
        raise _too_far()
    return found


def _clock_time(duration: ItemizedDelta) -> timedelta:
    parts = {name: duration.get(name, 0) for name in ("hours", "minutes", "seconds")}
    return timedelta(microseconds=duration.get("nanoseconds", 0) // 1000, **parts)


def _by_the_calendar(start: datetime, duration: ItemizedDelta, zone: str) -> datetime:
    """"compatible" (RFC 5545): a local time that the clocks leap over is taken after the leap, one that comes twice the first time."""
    try:
        at = Instant(start).to_tz(zone).add(duration, disambiguation="compatible")
    except ValueError as error:  # beyond the calendar's last year
        raise OverflowError from error
    return at.to_instant().to_stdlib().astimezone(UTC)


def _zone_of(place: Place) -> str:
    # a newer list of zones may have dropped it: a clock must run all the same
    return place.time_zone if place.time_zone in time_zones() else "UTC"


class _Week:
    """The working days of a place, one after the other, each as spans of real time."""

    def __init__(self, place: Place) -> None:
        self._zone = ZoneInfo(_zone_of(place))
        self._country = place.country
        table: Mapping[str, Sequence[Sequence[str]]] = place.timetable or USUAL
        self._table = [[(_minutes(begin), _minutes(end)) for begin, end in table.get(day, ())] for day in DAYS]
        self.days_a_week = sum(bool(spans) for spans in self._table)

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The working time from `start` to `end`."""
        return sum((_overlap(spans, start, end) for spans in self._days_from(start, until=end)), timedelta())

    def after(self, start: datetime, left: timedelta) -> datetime:
        """The first moment in working time at which `left` of it has passed since `start`."""
        for spans in self._days_from(start):
            for begin, end in spans:
                begin = max(begin, start)
                if end < begin:
                    continue
                if end - begin >= left:
                    return begin + left
                left -= end - begin
        raise _too_far()

    def after_days(self, start: datetime, days: int) -> datetime:
        """So many working days later, as far into that day's working time as `start` is into its own."""
        begun: tuple[timedelta, timedelta] | None = None  # how much of the first day was over, of how much
        for spans in self._days_from(start) if days else ():
            whole = _overlap(spans, spans[0][0], spans[-1][1])
            if begun is None:
                over = _overlap(spans, spans[0][0], start)
                if over == whole:
                    continue
                begun = over, whole
                days -= not over  # a day from its first moment ends with its last
            else:
                days -= 1
            if days == 0:
                return self.after(spans[0][0], _same_share(*begun, whole) if begun[0] else whole)
        if days:
            raise _too_far()
        return start

    def _days_from(self, start: datetime, until: datetime | None = None) -> Iterator[list[tuple[datetime, datetime]]]:
        """The spans of each day that has working time, in UTC and in order."""
        # a day more at both ends: where clocks are put back at midnight, the date goes back too
        day = start.astimezone(self._zone).date() - timedelta(days=1)
        last = None if until is None else until.astimezone(self._zone).date() + timedelta(days=1)
        for _ in range(_MOST_DAYS):
            if last is not None and day > last:
                return
            spans = self._spans(day)
            if spans:
                yield spans
            day += timedelta(days=1)
        if last is not None:
            raise _too_far()

    def _spans(self, day: date) -> list[tuple[datetime, datetime]]:
        table = self._table[day.weekday()]
        if not table or day in _holidays(self._country, day.year):
            return []
        found = ((_instant(day, begin, self._zone), _instant(day, end, self._zone)) for begin, end in table)
        return [(begin, end) for begin, end in found if begin < end]  # a span may lie in the hour that clocks leap over


def _overlap(spans: Sequence[tuple[datetime, datetime]], start: datetime, end: datetime) -> timedelta:
    return sum((max(timedelta(), min(e, end) - max(b, start)) for b, e in spans), timedelta())


_MICROSECOND = timedelta(microseconds=1)


def _same_share(part: timedelta, whole: timedelta, other: timedelta) -> timedelta:
    """As much of `other` as `part` is of `whole`; in integers, so that days of the same length lose nothing."""
    return (other // _MICROSECOND * (part // _MICROSECOND) // (whole // _MICROSECOND)) * _MICROSECOND


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


@lru_cache(maxsize=20_000)
def _instant(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """When the clocks of a zone first show a time of this day, or pass over it."""
    local = datetime.combine(day, time()) + timedelta(minutes=minutes)
    found = local.replace(tzinfo=zone).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == local:
        return found
    # the clocks leap over it: the moment of the leap lies between the readings by the old and by the new offset
    early, late = local.replace(tzinfo=zone, fold=1).astimezone(UTC), found
    after = late.astimezone(zone).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = early + timedelta(seconds=(late - early) // timedelta(seconds=2))
        early, late = (early, middle) if middle.astimezone(zone).utcoffset() == after else (middle, late)
    return late


@lru_cache(maxsize=2000)
def _holidays(country: str | None, year: int) -> frozenset[date]:
    code, _, part = (country or "").partition("-")
    if code not in countries():  # as with zones
        return frozenset()
    return frozenset(holidays.country_holidays(code, subdiv=part if part in countries()[code] else None, years=year))


def _too_far() -> Invalid:
    return Invalid(f"Expected a clock that ends within {_LONGEST_YEARS} years.", fields={"duration": "shorter"})


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
