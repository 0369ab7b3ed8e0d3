"""When timers are due."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.bpmn.elements.expressions import ModelError, Text
from engine.bpmn.elements.timers import Timer

NOW = datetime(2026, 1, 31, 10, tzinfo=UTC)


def at(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "text", "due", "repetitions"),
    [
        ("duration", "PT5M", at(2026, 1, 31, 10, 5), 1),
        ("duration", "P1M", at(2026, 2, 28, 10), 1),  # by the calendar: there is no 31 February
        ("duration", "P1DT1H", at(2026, 2, 1, 11), 1),
        ("duration", '=duration("PT1H")', at(2026, 1, 31, 11), 1),
        ("duration", '=duration("P1Y")', at(2027, 1, 31, 10), 1),
        ("date", "2026-01-01T00:00:00Z", at(2026, 1, 1), 1),
        ("date", "2026-06-01T00:00:00+02:00", at(2026, 5, 31, 22), 1),
        ("date", "2026-06-01T00:00:00", at(2026, 6, 1), 1),
        ("date", "2026-06-01T00:00:00@Europe/Paris", at(2026, 5, 31, 22), 1),
        ("date", "=now()", NOW, 1),
        ("date", '=date and time("2026-06-01T00:00:00Z")', at(2026, 6, 1), 1),
        ("cycle", "R3/PT10S", at(2026, 1, 31, 10, 0, 10), 3),
        ("cycle", "R/P1D", at(2026, 2, 1, 10), -1),
        ("cycle", "R2/2026-03-01T00:00:00Z/PT1M", at(2026, 3, 1), 2),
        ("cycle", "0 0 9 * * MON-FRI", at(2026, 2, 2, 9), -1),
        ("cycle", "@daily", at(2026, 2, 1), -1),
    ],
)
def test_every_form_of_text_gives_its_moment(kind, text, due, repetitions):
    found = Timer(kind, Text(text)).first_due(NOW)

    assert (found.at, found.repetitions) == (due, repetitions)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("duration", "soon"),
        ("duration", "=null"),
        ("duration", "=[1]"),
        ("duration", "P9999Y"),
        ("date", "tomorrow"),
        ("date", "=1"),
        ("cycle", "R0/PT1S"),
        ("cycle", "R/PT0S"),
        ("cycle", "R3/-PT1S"),
        ("cycle", "61 * * * *"),
        ("cycle", "=1"),
    ],
)
def test_a_text_that_means_no_moment_says_what_was_expected(kind, text):
    with pytest.raises(ModelError, match="Expected a"):
        Timer(kind, Text(text)).first_due(NOW)


def test_repetitions_are_counted_down_to_the_last():
    due = Timer("cycle", Text("R3/P1M")).first_due(NOW)
    second = due.next()
    third = second.next()

    assert [due.at, second.at, third.at] == [at(2026, 2, 28, 10), at(2026, 3, 28, 10), at(2026, 4, 28, 10)]
    assert third.next() is None


def test_cron_goes_on_without_end():
    due = Timer("cycle", Text("0 0 9 * * MON-FRI")).first_due(at(2026, 1, 30, 12))

    assert (due.at, due.next().at, due.next().repetitions) == (at(2026, 2, 2, 9), at(2026, 2, 3, 9), -1)


def test_a_cycle_repeats_at_most_as_often_as_a_row_can_count():
    now = datetime(2026, 1, 1, tzinfo=UTC)

    assert Timer("cycle", Text("R2147483647/PT1S")).first_due(now).repetitions == 2**31 - 1
    with pytest.raises(ModelError):
        Timer("cycle", Text("R2147483648/PT1S")).first_due(now)
