"""When a timer is due: ISO 8601 dates, durations and cycles, and cron; calendar durations by the calendar, in UTC."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cronsim import CronSim, CronSimError
from whenever import Instant, ItemizedDelta, OffsetDateTime, ZonedDateTime

from engine.feel import FeelError, YearsMonths
from engine.feel.sentences import say

from .expressions import ModelError, Text, kind_of

_REPEAT = re.compile(r"R(-?\d*)/(?:([^/]+)/)?(P[^/]+)")
_MACROS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}


@dataclass(frozen=True, slots=True)
class Due:
    """One fire of a timer: when, how often from then on (this one included; -1: without end), and what lies between two."""

    at: datetime
    repetitions: int = 1
    every: str | None = None

    def next(self) -> Due | None:
        """The fire after this one, counted from when this one was due, not from when it happened; None: this was the last."""
        if self.every is None or self.repetitions == 1:
            return None
        left = self.repetitions if self.repetitions < 0 else self.repetitions - 1
        try:
            return Due(_after(self.every, self.at), left, self.every)
        except (ValueError, OverflowError, StopIteration):  # beyond the calendar's last year
            return None


@dataclass(frozen=True, slots=True)
class Timer:
    """The timer of an event: `kind` is date, duration or cycle; the text is static or FEEL."""

    kind: str
    text: Text

    def first_due(self, now: datetime, scope: Mapping[str, Any] | None = None) -> Due:
        """For start events: FEEL sees only `scope`. Raises ModelError for a text that means no time."""
        if self.text.expression is None:
            return self.due(self.text.static, now)
        try:
            return self.due(self.text.expression.evaluate(scope or {}, now=lambda: now), now)
        except FeelError as error:
            raise ModelError("EXTRACT_VALUE_ERROR", error.message)

    def due(self, value: Any, now: datetime) -> Due:
        """The first fire for what the text gave: a string, a FEEL duration or a date and time. Raises ModelError."""
        try:
            return _READERS[self.kind](value, now)
        except (ValueError, OverflowError, CronSimError, ArithmeticError, StopIteration):
            raise ModelError(
                "EXTRACT_VALUE_ERROR",
                say("Expected {expected} for the timer, found {found}.", expected=_EXPECTED[self.kind], found=_found(value)),
            )


_MOST = 2**31 - 1  # repetitions; what a column keeps
_SHORTEST = timedelta(seconds=1)  # between two fires of a cycle
_EXPECTED = {
    "date": say("a date and time such as 2026-01-31T10:00:00Z"),
    "duration": say("a duration such as PT5M or P1D"),
    "cycle": say("a cycle such as R3/PT10M, of a second at least, or a cron expression"),
}


def _found(value: Any) -> str:
    return f"'{value[:60]}'" if isinstance(value, str) else kind_of(value)


def _read_date(value: Any, now: datetime) -> Due:
    return Due(_moment(value))


def _read_duration(value: Any, now: datetime) -> Due:
    return Due(_add(value, now))


def _read_cycle(value: Any, now: datetime) -> Due:
    if not isinstance(value, str):
        raise ValueError
    text = value.strip()
    match = _REPEAT.fullmatch(text)
    if match is None:
        if text.startswith("R"):
            raise ValueError
        return Due(_after(text, now), -1, text)
    count = int(match[1]) if match[1] else -1
    if count == 0 or count > _MOST:
        raise ValueError
    start = match[2]
    if count != 1 and _add(match[3], now) - now < _SHORTEST:  # would keep everybody else waiting
        raise ValueError
    return Due(_moment(start) if start else _add(match[3], now), max(count, -1), match[3])


_READERS = {"date": _read_date, "duration": _read_duration, "cycle": _read_cycle}


def _moment(value: Any) -> datetime:
    """A text without an offset is UTC; `@zone` (FEEL) and `[zone]` (ISO 9557) are understood."""
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)
    if not isinstance(value, str):
        raise ValueError
    text = value.strip()
    if "@" in text:
        local, zone = text.split("@", 1)
        text = f"{local}[{zone}]"
    if text.endswith("]"):
        return ZonedDateTime.parse_iso(text).to_instant().to_stdlib().astimezone(UTC)
    if re.search(r"(Z|[+-]\d\d(:?\d\d)?)$", text[10:]):
        return OffsetDateTime.parse_iso(text).to_stdlib().astimezone(UTC) if not text.endswith("Z") else Instant.parse_iso(text).to_stdlib()
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def _add(value: Any, start: datetime) -> datetime:
    if isinstance(value, timedelta):
        return start + value
    if isinstance(value, YearsMonths):
        delta = ItemizedDelta(months=value.months)
    elif isinstance(value, str):
        delta = ItemizedDelta.parse_iso(value.strip())
    else:
        raise ValueError
    return ZonedDateTime(start.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z[UTC]").add(delta).to_instant().to_stdlib()


def _after(every: str, at: datetime) -> datetime:
    if every.startswith(("P", "-P")):
        return _add(every, at)
    expression = _MACROS.get(every, every).replace("?", "*")
    return next(CronSim(expression, at.astimezone(UTC)))
