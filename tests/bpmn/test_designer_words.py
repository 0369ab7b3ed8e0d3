"""What the designer's panel writes, the engine reads as the panel says it (designer/tests/unit: times, conditions, durations)."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.bpmn.elements.expressions import ModelError, Text
from engine.bpmn.elements.timers import Timer
from engine.feel import compile_expression

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)  # a Thursday


@pytest.mark.parametrize(
    ("kind", "text", "first"),
    [
        ("cycle", "R5/2026-01-31T09:00:00Z/PT10M", "2026-01-31T09:00"),
        ("cycle", "R/P1DT4H", "2026-01-02T16:00"),
        ("cycle", "0 30 17 * * MON,FRI", "2026-01-02T17:30"),
        ("cycle", "0 0 9 31 * *", "2026-01-31T09:00"),
        ("date", "2026-01-31T09:00:00Z", "2026-01-31T09:00"),
        ("duration", "P3DT12H", "2026-01-05T00:00"),
        ("duration", "PT1.25S", "2026-01-01T12:00:01.250"),
        # read by the panel, though it writes them differently
        ("cycle", "0 30 17 ? * MON-FRI", "2026-01-01T17:30"),
        ("cycle", "0 9 * * 5-7", "2026-01-02T09:00"),
        ("cycle", "0 9 * * 0", "2026-01-04T09:00"),
        ("cycle", "@weekly", "2026-01-04T00:00"),
        ("cycle", "R-1/PT1H", "2026-01-01T13:00"),
        ("date", "2026-01-31T09:00", "2026-01-31T09:00"),
        ("date", "2026-01-31", "2026-01-31T00:00"),
        ("date", "2026-01-31T09:00:00+0100", "2026-01-31T08:00"),
    ],
)
def test_a_timer_in_words_is_due_when_the_panel_says(kind, text, first):
    assert Timer(kind, Text(text)).due(text, NOW).at == datetime.fromisoformat(first).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("cycle", "R0/P1D"),
        ("cycle", "R-/P1D"),
        ("cycle", "R/PT0.5S"),
        ("cycle", "0 9 * * 6-1"),
        ("date", "2026-02-30"),
        ("date", "2026-01-31T24:00Z"),
        ("date", "2026-01-31T09:00:00z"),
        ("duration", "P3.5D"),
        ("duration", "PT1.5H"),
    ],
)
def test_what_the_panel_does_not_take_as_a_time_the_engine_refuses_too(kind, text):
    with pytest.raises(ModelError):
        Timer(kind, Text(text)).due(text, NOW)


def test_a_due_date_of_weeks_or_of_months_and_days_is_a_sum_in_feel():
    def due(expression: str):
        return compile_expression(expression).evaluate({}, now=lambda: NOW)

    assert due('now() + duration("P7D") * 2') == NOW + timedelta(days=14)
    assert due('now() + duration("P1M") + duration("P7D") * 1 + duration("P2DT4H")') == datetime(2026, 2, 10, 16, tzinfo=UTC)
    assert due('now() + duration("P2W")') is None


def test_days_are_texts_among_the_variables_and_are_compared_as_days():
    def holds(expression: str):
        return compile_expression(expression).evaluate({"day": "2026-01-02", "amount": 4})

    assert holds('date(day) < date("2026-01-31") and amount >= 3.5') is True
    assert holds('date(day) = date("2026-01-03") or amount = null') is False
    assert holds('day < date("2026-01-31")') is None
