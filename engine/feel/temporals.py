"""Dates, times and durations: read from text, written as text, and what one can ask of them."""
from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from .errors import UnfitError
from .moments import (
    NANOSECONDS_A_DAY,
    Clock,
    Day,
    Duration,
    FarMoment,
    FineTime,
    Moment,
    clock_of,
    combine,
    date_of_number,
    day_number,
    day_of,
    make_date,
    make_duration,
    make_time,
    nanosecond_of,
    nanoseconds,
    offset_of,
)
from .sentences import say
from .values import DATE_TYPES, DURATION_TYPES, MOMENT_TYPES, TIME_TYPES, Range, Value, YearsMonths

_DATE = re.compile(r"(-?\d{4,9})-(\d\d)-(\d\d)", re.ASCII)
_TIME = re.compile(r"(\d\d):(\d\d):(\d\d)(?:\.(\d{1,18}))?(Z|z|[+-]\d\d:\d\d(?::\d\d)?)?(?:@([A-Za-z0-9_+\-/]{1,64}))?", re.ASCII)
_DURATION = re.compile(
    r"(-)?P(?:(\d{1,15})Y)?(?:(\d{1,15})M)?(?:(\d{1,15})D)?(T(?:(\d{1,15})H)?(?:(\d{1,15})M)?(?:(\d{1,15})(?:\.(\d{0,18}))?S)?)?", re.ASCII
)
MAX_OFFSET = timedelta(hours=18)
_LONGEST_TEXT = 200


@lru_cache(maxsize=512)
def zone(name: str) -> tzinfo:
    """The time zone with an IANA name. Raises UnfitError for an unknown one."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise UnfitError(say("There is no time zone '{name}'", name=name))


def fixed_offset(offset: timedelta) -> tzinfo:
    if abs(offset) > MAX_OFFSET:
        raise UnfitError(say("A time offset is at most 18 hours"))
    return timezone(offset) if offset else UTC


def _read_zone(offset: str | None, name: str | None) -> tzinfo | None:
    if offset and name:
        raise UnfitError(say("Expected either an offset or a time zone, found both"))
    if name:
        return zone(name)
    if not offset:
        return None
    if offset in "Zz":
        return UTC
    sign = -1 if offset[0] == "-" else 1
    hours, minutes, *seconds = (int(part) for part in offset[1:].split(":"))
    return fixed_offset(sign * timedelta(hours=hours, minutes=minutes, seconds=seconds[0] if seconds else 0))


def read_date(text: str) -> Day:
    """The date of an ISO 8601 text. Raises UnfitError."""
    match = _DATE.fullmatch(text) if len(text) <= _LONGEST_TEXT else None
    if match is None or (match[1].lstrip("-")[0] == "0" and len(match[1].lstrip("-")) > 4):
        raise UnfitError(say("Expected a date such as 2026-01-31, found '{text}'", text=text[:40]))
    return make_date(int(match[1]), int(match[2]), int(match[3]))


def read_time(text: str) -> Clock:
    """The time of an ISO 8601 text, with an offset or `@zone` if it has one. Raises UnfitError."""
    match = _TIME.fullmatch(text.removeprefix("T")) if len(text) <= _LONGEST_TEXT else None
    if match is None:
        raise UnfitError(say("Expected a time such as 10:30:00, found '{text}'", text=text[:40]))
    return new_time(int(match[1]), int(match[2]), int(match[3]), _nanoseconds(match[4]), _read_zone(match[5], match[6]))


def new_time(hour: int, minute: int, second: int, nanosecond: int, zone: tzinfo | None) -> Clock:
    if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60):
        raise UnfitError(say("There is no time {hour}:{minute}:{second}", hour=hour, minute=minute, second=second))
    return make_time(((hour * 60 + minute) * 60 + second) * 1_000_000_000 + nanosecond, zone)


def _nanoseconds(fraction: str | None) -> int:
    return int((fraction or "").ljust(9, "0")[:9])  # what is finer than a nanosecond is cut off


def read_datetime(text: str) -> Moment:
    """The date and time of an ISO 8601 text; a date alone is its midnight. Raises UnfitError."""
    day, separator, clock = text.partition("T")
    if not separator:
        return combine(read_date(day), time())
    if clock.startswith("24:00:00"):  # XML Schema allows the midnight at the end of a day
        return combine(date_of_number(day_number(read_date(day)) + 1), read_time("00" + clock[2:]))
    return combine(read_date(day), read_time(clock))


def read_duration(text: str) -> Duration | YearsMonths:
    """The duration of an ISO 8601 text: of years and months, or of days and time, never of both. Raises UnfitError."""
    match = _DURATION.fullmatch(text) if len(text) <= _LONGEST_TEXT else None
    wrong = UnfitError(say("Expected a duration such as P1Y6M or P2DT4H, found '{text}'", text=text[:40]))
    if match is None or not any(match.group(2, 3, 4, 6, 7, 8)) or match[5] == "T":
        raise wrong
    sign = -1 if match[1] else 1
    days_and_time = match[4] or match[5]
    if match[2] or match[3]:
        if days_and_time:
            raise wrong
        return YearsMonths(sign * (int(match[2] or 0) * 12 + int(match[3] or 0)))
    days, hours, minutes, seconds = (int(match[group] or 0) for group in (4, 6, 7, 8))
    total = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
    return make_duration(sign * (total * 1_000_000_000 + _nanoseconds(match[9])))


def read_temporal(text: str) -> Value:
    """What `@"..."` means: the first of duration, date, time, date and time that the text is. Raises UnfitError."""
    if text.startswith(("P", "-P")):
        return read_duration(text)
    plain = text.partition("@")[0]  # a zone's name may hold anything
    if "T" in plain[1:]:
        return read_datetime(text)
    return read_time(text) if ":" in plain else read_date(text)


# -- written ----------------------------------------------------------------------------------------------------------


def _fraction(nanosecond: int) -> str:
    return f".{nanosecond:09d}".rstrip("0") if nanosecond else ""


def _write_zone(zone: tzinfo | None, offset: timedelta | None) -> str:
    if zone is None:
        return ""
    if isinstance(zone, ZoneInfo):
        return f"@{zone.key}"
    if not offset:
        return "Z"
    seconds = abs(offset) // timedelta(seconds=1)
    text = f"{'-' if offset < timedelta() else '+'}{seconds // 3600:02d}:{seconds // 60 % 60:02d}"
    return text if seconds % 60 == 0 else f"{text}:{seconds % 60:02d}"


def write_date(value: Day) -> str:
    return f"{'-' if value.year < 0 else ''}{abs(value.year):04d}-{value.month:02d}-{value.day:02d}"


def _plain(value: Clock) -> time:
    return value.clock if isinstance(value, FineTime) else value


def write_time(value: Clock) -> str:
    clock = _plain(value)
    digits = f"{clock.hour:02d}:{clock.minute:02d}:{clock.second:02d}{_fraction(nanosecond_of(value))}"
    return digits + _write_zone(clock.tzinfo, clock.utcoffset())


def write_datetime(value: Moment) -> str:
    clock = clock_of(value)
    plain = _plain(clock)
    digits = f"{plain.hour:02d}:{plain.minute:02d}:{plain.second:02d}{_fraction(nanosecond_of(clock))}"
    return f"{write_date(day_of(value))}T{digits}{_write_zone(value.tzinfo, offset_of(value))}"


def write_duration(value: Duration) -> str:
    count = nanoseconds(value)
    if not count:
        return "PT0S"
    rest = abs(count)
    days, rest = divmod(rest, NANOSECONDS_A_DAY)
    hours, rest = divmod(rest, 3_600_000_000_000)
    minutes, rest = divmod(rest, 60_000_000_000)
    seconds, rest = divmod(rest, 1_000_000_000)
    clock = f"{f'{hours}H' if hours else ''}{f'{minutes}M' if minutes else ''}"
    if seconds or rest:
        clock += f"{seconds}{_fraction(rest)}S"
    return f"{'-' if count < 0 else ''}P{f'{days}D' if days else ''}{f'T{clock}' if clock else ''}"


def write_years_months(value: YearsMonths) -> str:
    years, months = divmod(abs(value.months), 12)
    if not value.months:
        return "P0M"
    return f"{'-' if value.months < 0 else ''}P{f'{years}Y' if years else ''}{f'{months}M' if months else ''}"


WRITERS: dict[type, Callable[..., str]] = {
    **dict.fromkeys(DATE_TYPES, write_date),
    **dict.fromkeys(TIME_TYPES, write_time),
    **dict.fromkeys(MOMENT_TYPES, write_datetime),
    **dict.fromkeys(DURATION_TYPES, write_duration),
    YearsMonths: write_years_months,
}


# -- asked ------------------------------------------------------------------------------------------------------------


def _zone_name(value: Clock | Moment) -> Value:
    return value.tzinfo.key if isinstance(value.tzinfo, ZoneInfo) else None


def _second(value: Clock | Moment) -> Value:
    second = _near(value).second
    nanosecond = nanosecond_of(value)
    return second + Decimal(nanosecond).scaleb(-9).normalize() if nanosecond else second


def _offset(value: time | datetime) -> timedelta | None:
    """The offset. A time with a zone has one only where the zone never changes its clocks."""
    if isinstance(value, datetime) or value.tzinfo is None or not isinstance(value.tzinfo, ZoneInfo):
        return value.utcoffset()
    winter, summer = (datetime.combine(date(2026, month, 1), value).utcoffset() for month in (1, 7))
    return winter if winter == summer else None


def _near(value: Clock | Moment) -> time | datetime:
    if isinstance(value, FineTime):
        return value.clock
    return value.near if isinstance(value, FarMoment) else value


def _part(size: int, modulus: int | None) -> Callable[[Duration], Value]:
    def part(value: Duration) -> Value:
        count = nanoseconds(value)
        amount = abs(count) // size
        if modulus:
            amount %= modulus
        return -amount if count < 0 else amount

    return part


def _seconds(value: Duration) -> Value:
    count = nanoseconds(value)
    rest = abs(count) % 60_000_000_000
    seconds: Value = rest // 1_000_000_000 if rest % 1_000_000_000 == 0 else Decimal(rest).scaleb(-9).normalize()
    return -seconds if count < 0 else seconds


def _years(value: YearsMonths) -> int:
    return abs(value.months) // 12 * (-1 if value.months < 0 else 1)


def _months(value: YearsMonths) -> int:
    return abs(value.months) % 12 * (-1 if value.months < 0 else 1)


_DATE_PARTS: dict[str, Callable[..., Value]] = {
    "year": lambda value: value.year,
    "month": lambda value: value.month,
    "day": lambda value: value.day,
    "weekday": lambda value: (day_number(value) - 1) % 7 + 1,
}
_TIME_PARTS: dict[str, Callable[..., Value]] = {
    "hour": lambda value: _near(value).hour,
    "minute": lambda value: _near(value).minute,
    "second": _second,
    "time offset": lambda value: _offset(_near(value)),
    "timezone": _zone_name,
}
_MOMENT_PARTS = {name: (lambda value, ask=ask: ask(day_of(value))) for name, ask in _DATE_PARTS.items()} | _TIME_PARTS

_DURATION_PARTS: dict[str, Callable[..., Value]] = {
    "days": _part(NANOSECONDS_A_DAY, None),
    "hours": _part(3_600_000_000_000, 24),
    "minutes": _part(60_000_000_000, 60),
    "seconds": _seconds,
}

# DMN 1.5, table 65: the properties of values that are not contexts.
PROPERTIES: dict[type, dict[str, Callable[..., Value]]] = {
    **dict.fromkeys(DATE_TYPES, _DATE_PARTS),
    **dict.fromkeys(TIME_TYPES, _TIME_PARTS),
    **dict.fromkeys(MOMENT_TYPES, _MOMENT_PARTS),
    **dict.fromkeys(DURATION_TYPES, _DURATION_PARTS),
    YearsMonths: {"years": _years, "months": _months},
    Range: {
        "start": lambda value: value.low,
        "end": lambda value: value.high,
        "start included": lambda value: value.low_included,
        "end included": lambda value: value.high_included,
    },
}
