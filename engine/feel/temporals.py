"""Dates, times and durations: read from text, written as text, and what one can ask of them."""
from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from .errors import UnfitError
from .values import Range, Value, YearsMonths

_DATE = re.compile(r"(-?\d{4,9})-(\d\d)-(\d\d)", re.ASCII)
_TIME = re.compile(r"(\d\d):(\d\d):(\d\d)(?:\.(\d{1,18}))?(Z|z|[+-]\d\d:\d\d(?::\d\d)?)?(?:@([A-Za-z0-9_+\-/]{1,64}))?", re.ASCII)
_DURATION = re.compile(
    r"(-)?P(?:(\d{1,15})Y)?(?:(\d{1,15})M)?(?:(\d{1,15})D)?(T(?:(\d{1,15})H)?(?:(\d{1,15})M)?(?:(\d{1,15})(?:\.(\d{0,18}))?S)?)?", re.ASCII
)
_MICROSECOND = timedelta(microseconds=1)
_DAY = 86_400_000_000
MAX_OFFSET = timedelta(hours=18)
_LONGEST_TEXT = 200


@lru_cache(maxsize=512)
def zone(name: str) -> tzinfo:
    """The time zone with an IANA name. Raises UnfitError for an unknown one."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise UnfitError(f"There is no time zone '{name}'")


def fixed_offset(offset: timedelta) -> tzinfo:
    if abs(offset) > MAX_OFFSET:
        raise UnfitError("A time offset is at most 18 hours")
    return timezone(offset) if offset else UTC


def _read_zone(offset: str | None, name: str | None) -> tzinfo | None:
    if offset and name:
        raise UnfitError("Expected either an offset or a time zone, found both")
    if name:
        return zone(name)
    if not offset:
        return None
    if offset in "Zz":
        return UTC
    sign = -1 if offset[0] == "-" else 1
    hours, minutes, *seconds = (int(part) for part in offset[1:].split(":"))
    return fixed_offset(sign * timedelta(hours=hours, minutes=minutes, seconds=seconds[0] if seconds else 0))


def read_date(text: str) -> date:
    """The date of an ISO 8601 text. Raises UnfitError."""
    match = _DATE.fullmatch(text) if len(text) <= _LONGEST_TEXT else None
    if match is None or (len(match[1]) > 4 and match[1].lstrip("-")[0] == "0"):
        raise UnfitError(f"Expected a date such as 2026-01-31, found '{text[:40]}'")
    return new_date(int(match[1]), int(match[2]), int(match[3]))


def new_date(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except (ValueError, OverflowError):
        raise UnfitError(f"There is no date {year}-{month}-{day} in the calendar from year 1 to 9999")


def read_time(text: str) -> time:
    """The time of an ISO 8601 text, with an offset or `@zone` if it has one. Raises UnfitError."""
    match = _TIME.fullmatch(text.removeprefix("T")) if len(text) <= _LONGEST_TEXT else None
    if match is None:
        raise UnfitError(f"Expected a time such as 10:30:00, found '{text[:40]}'")
    return new_time(int(match[1]), int(match[2]), int(match[3]), _microseconds(match[4]), _read_zone(match[5], match[6]))


def new_time(hour: int, minute: int, second: int, microsecond: int, zone: tzinfo | None) -> time:
    try:
        return time(hour, minute, second, microsecond, tzinfo=zone)
    except (ValueError, OverflowError):
        raise UnfitError(f"There is no time {hour}:{minute}:{second}")


def _microseconds(fraction: str | None) -> int:
    return int((fraction or "").ljust(6, "0")[:6])  # what is finer than a microsecond is cut off


def read_datetime(text: str) -> datetime:
    """The date and time of an ISO 8601 text; a date alone is its midnight. Raises UnfitError."""
    day, separator, clock = text.partition("T")
    if not separator:
        return datetime.combine(read_date(day), time())
    if clock.startswith("24:00:00"):  # XML Schema allows the midnight at the end of a day
        return combine(read_date(day), read_time("00" + clock[2:])) + timedelta(days=1)
    return combine(read_date(day), read_time(clock))


def combine(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock)


def read_duration(text: str) -> timedelta | YearsMonths:
    """The duration of an ISO 8601 text: of years and months, or of days and time, never of both. Raises UnfitError."""
    match = _DURATION.fullmatch(text) if len(text) <= _LONGEST_TEXT else None
    wrong = UnfitError(f"Expected a duration such as P1Y6M or P2DT4H, found '{text[:40]}'")
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
    return from_microseconds(sign * (total * 1_000_000 + _microseconds(match[9])))


def microseconds(duration: timedelta) -> int:
    return duration // _MICROSECOND


def from_microseconds(count: int) -> timedelta:
    try:
        return timedelta(days=count // _DAY, microseconds=count % _DAY)
    except OverflowError:
        raise UnfitError("The duration is too long")


def read_temporal(text: str) -> Value:
    """What `@"..."` means: the first of duration, date, time, date and time that the text is. Raises UnfitError."""
    if text.startswith(("P", "-P")):
        return read_duration(text)
    if "T" in text[1:]:
        return read_datetime(text)
    return read_time(text) if ":" in text.split("@")[0] else read_date(text)


# -- written ----------------------------------------------------------------------------------------------------------


def _fraction(count: int) -> str:
    return f".{count:06d}".rstrip("0") if count else ""


def _write_zone(value: time | datetime) -> str:
    if value.tzinfo is None:
        return ""
    if isinstance(value.tzinfo, ZoneInfo):
        return f"@{value.tzinfo.key}"
    offset = value.utcoffset() or timedelta()
    if not offset:
        return "Z"
    seconds = abs(offset) // timedelta(seconds=1)
    text = f"{'-' if offset < timedelta() else '+'}{seconds // 3600:02d}:{seconds // 60 % 60:02d}"
    return text if seconds % 60 == 0 else f"{text}:{seconds % 60:02d}"


def write_date(value: date) -> str:
    return f"{value.year:04d}-{value.month:02d}-{value.day:02d}"


def write_time(value: time | datetime) -> str:
    return f"{value.hour:02d}:{value.minute:02d}:{value.second:02d}{_fraction(value.microsecond)}{_write_zone(value)}"


def write_datetime(value: datetime) -> str:
    return f"{write_date(value)}T{write_time(value)}"


def write_duration(value: timedelta) -> str:
    count = microseconds(value)
    if not count:
        return "PT0S"
    rest = abs(count)
    days, rest = divmod(rest, _DAY)
    hours, rest = divmod(rest, 3_600_000_000)
    minutes, rest = divmod(rest, 60_000_000)
    seconds, rest = divmod(rest, 1_000_000)
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
    date: write_date,
    time: write_time,
    datetime: write_datetime,
    timedelta: write_duration,
    YearsMonths: write_years_months,
}


# -- asked ------------------------------------------------------------------------------------------------------------


def _zone_name(value: time | datetime) -> Value:
    return value.tzinfo.key if isinstance(value.tzinfo, ZoneInfo) else None


def _part(size: int, modulus: int | None) -> Callable[[timedelta], Value]:
    def part(value: timedelta) -> Value:
        count = microseconds(value)
        amount = abs(count) // size
        if modulus:
            amount %= modulus
        return -amount if count < 0 else amount

    return part


def _seconds(value: timedelta) -> Value:
    count = microseconds(value)
    rest = abs(count) % 60_000_000
    seconds: Value = rest // 1_000_000 if rest % 1_000_000 == 0 else Decimal(rest) / 1_000_000
    return -seconds if count < 0 else seconds


def _years(value: YearsMonths) -> int:
    return abs(value.months) // 12 * (-1 if value.months < 0 else 1)


def _months(value: YearsMonths) -> int:
    return abs(value.months) % 12 * (-1 if value.months < 0 else 1)


_DATE_PARTS: dict[str, Callable[..., Value]] = {
    "year": lambda value: value.year,
    "month": lambda value: value.month,
    "day": lambda value: value.day,
    "weekday": lambda value: value.isoweekday(),
}
_TIME_PARTS: dict[str, Callable[..., Value]] = {
    "hour": lambda value: value.hour,
    "minute": lambda value: value.minute,
    "second": lambda value: value.second,
    "time offset": lambda value: value.utcoffset(),
    "timezone": _zone_name,
}

# DMN 1.5, table 65: the properties of values that are not contexts.
PROPERTIES: dict[type, dict[str, Callable[..., Value]]] = {
    date: _DATE_PARTS,
    time: _TIME_PARTS,
    datetime: _DATE_PARTS | _TIME_PARTS,
    timedelta: {
        "days": _part(_DAY, None),
        "hours": _part(3_600_000_000, 24),
        "minutes": _part(60_000_000, 60),
        "seconds": _seconds,
    },
    YearsMonths: {"years": _years, "months": _months},
    Range: {
        "start": lambda value: value.low,
        "end": lambda value: value.high,
        "start included": lambda value: value.low_included,
        "end included": lambda value: value.high_included,
    },
}
