"""Dates, times, zones and durations."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from engine.feel import FeelError, Function, Range, YearsMonths, to_json

from .cases import value


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('@"2020-01-31" + @"P1M"', date(2020, 2, 29)),
        ('@"P1M" + @"2020-01-31"', date(2020, 2, 29)),
        ('@"PT2H" + @"23:00:00"', time(1, 0)),
        ('@"2020-03-31" - @"P1M"', date(2020, 2, 29)),
        ('@"2020-01-01" + @"P1D"', date(2020, 1, 2)),
        ('@"2020-01-03" - @"2020-01-01"', timedelta(days=2)),
        ('@"2020-01-01T00:00:00Z" - @"2020-01-01T00:00:00+02:00"', timedelta(hours=2)),
        ('@"23:00:00" + @"PT2H"', time(1, 0)),
        ('@"P1Y" + @"P2M"', YearsMonths(14)),
        ('@"P1Y" * 1.5', YearsMonths(18)),
        ('@"P1Y" / @"P1M"', 12),
        ('@"P1D" / 4', timedelta(hours=6)),
        ('@"PT1H" * 2.5', timedelta(hours=2, minutes=30)),
        ('@"P1D" / @"PT1H"', 24),
        ('-@"P1D"', timedelta(days=-1)),
        ('@"P1D" < @"PT25H"', True),
        ('@"2020-01-01T10:00:00Z" = @"2020-01-01T11:00:00+01:00"', True),
        ('@"2020-01-01T10:00:00" < @"2020-01-01T11:00:00Z"', None),
        ('@"2020-01-01" < @"2020-01-01T11:00:00"', None),
        ('@"2020-01-01" in [@"2019-12-31"..@"2020-01-02"]', True),
        ('string(@"9999-12-31" + @"P1D")', "10000-01-01"),
        ('string(@"0001-01-01" - @"P1D")', "0000-12-31"),
        ('string(@"-2021-01-31" + @"P1M")', "-2021-02-28"),
        ('string(@"-2021-01-01T23:30:00@Australia/Melbourne" + @"PT1H")', "-2021-01-02T00:30:00@Australia/Melbourne"),
        ('@"12000-03-01".weekday', 3),
        ('@"12000-03-01" - @"12000-02-01" = @"P29D"', True),
        ('@"-2020-01-01" < @"2020-01-01"', True),
        ('day of week(@"12000-03-01")', "Wednesday"),
        ('last day of month(@"12000-02-01") = @"12000-02-29"', True),
        ('@"1000000000-01-01"', None),
        ('string(date("-0001-01-01"))', "-0001-01-01"),
        ('date("01211-12-31")', None),
        ('string(date and time(12026, 1, 31, 10, 30, 0.5))', "12026-01-31T10:30:00.5"),
        ('string(time("10:00:00.123456789"))', "10:00:00.123456789"),
        ('time("10:00:00.123456789").second', Decimal("0.123456789")),
        ('time("10:00:00.000000002") > time("10:00:00.000000001")', True),
        ('string(@"PT0.000000001S" * 3)', "PT0.000000003S"),
        ('string(@"2020-01-01T00:00:00.999999999Z" + @"PT0.000000001S")', "2020-01-01T00:00:01Z"),
        ('@"2020-13-01"', None),
        ('@"P1Y1D"', None),
    ],
)
def test_temporal_arithmetic(source, expected):
    assert value(source) == expected


def test_a_day_is_24_hours_even_when_clocks_change():
    moved = value('@"2026-03-28T12:00:00@Europe/Paris" + @"P1D"')

    assert moved == datetime(2026, 3, 29, 13, 0, tzinfo=ZoneInfo("Europe/Paris"))
    assert value('@"2026-03-29T12:00:00@Europe/Paris" - @"2026-03-28T12:00:00@Europe/Paris"') == timedelta(hours=23)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('@"2020-05-06".year', 2020),
        ('@"2020-05-06".month', 5),
        ('@"2020-05-06".day', 6),
        ('@"2020-05-06".weekday', 3),
        ('@"2020-05-06T07:08:09@Europe/Paris".hour', 7),
        ('@"2020-05-06T07:08:09@Europe/Paris".timezone', "Europe/Paris"),
        ('@"2020-05-06T07:08:09+02:00".time offset', timedelta(hours=2)),
        ('@"07:08:09".time offset', None),
        ('@"07:08:09@Etc/UTC".time offset', timedelta()),
        ('@"07:08:09@Europe/Paris".time offset', None),
        ('@"P2DT3H4M5.5S".hours', 3),
        ('@"P2DT3H4M5.5S".seconds', Decimal("5.5")),
        ('@"-P2DT3H".days', -2),
        ('@"P14M".years', 1),
        ('@"P14M".months', 2),
    ],
)
def test_temporal_properties(source, expected):
    assert value(source) == expected


def test_variables_hold_temporal_values_as_iso_texts():
    paris = datetime(2020, 1, 1, 10, tzinfo=ZoneInfo("Europe/Paris"))

    assert to_json({"a": [date(2020, 1, 1), paris, time(10, tzinfo=UTC)], "b": YearsMonths(-14), "c": timedelta(hours=-1.5)}) == {
        "a": ["2020-01-01", "2020-01-01T10:00:00@Europe/Paris", "10:00:00Z"],
        "b": "-P1Y2M",
        "c": "-PT1H30M",
    }
    assert to_json(2**70) == 2**70
    assert type(to_json(Decimal("0.10"))) is Decimal


@pytest.mark.parametrize("item", [Range(1, 2), Function("f", (), lambda run, arguments: None)])
def test_ranges_and_functions_never_become_variables(item):
    with pytest.raises(FeelError):
        to_json([item])
