"""Working time: real seconds in the timetable, zone and holidays of whoever has to act, right across daylight-saving changes."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import calendars
from engine.calendars import DAYS, moments, working_time
from engine.errors import Invalid

PARIS, NEW_YORK = "Europe/Paris", "America/New_York"
# half an hour of summer time; clocks that change at midnight; none at all
ZONES = (PARIS, NEW_YORK, "Australia/Lord_Howe", "America/Santiago", "Asia/Kolkata", "UTC")
HALF_FRIDAY = {**{day: [["08:00", "12:00"], ["13:00", "17:00"]] for day in DAYS[:4]}, "fri": [["08:00", "12:00"]]}
AROUND_THE_CLOCK = {day: [["00:00", "24:00"]] for day in DAYS}


@dataclass(frozen=True)
class Somewhere:
    time_zone: str = PARIS
    country: str | None = None
    timetable: Any = None


def at(text: str, zone: str = PARIS) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


def due(start: str, duration: str, place: Somewhere, calendar: str = "working") -> str:
    found = moments(at(start, place.time_zone), duration, calendar, place).due_at
    return found.astimezone(ZoneInfo(place.time_zone)).strftime("%Y-%m-%d %H:%M")


# -- whatever the timetable ------------------------------------------------------------------------------------------

_quarters = st.integers(0, 96)


@st.composite
def timetables(draw: st.DrawFn) -> dict[str, list[list[str]]]:
    found: dict[str, list[list[str]]] = {}
    for day in draw(st.sets(st.sampled_from(DAYS), min_size=1)):
        edges = sorted(draw(st.sets(_quarters, min_size=2, max_size=6)))
        spans = [[_clock(begin), _clock(end)] for begin, end in zip(edges[::2], edges[1::2], strict=False)]
        found[day] = spans
    read = calendars.timetable(found)
    assert read is not None
    return read


def _clock(quarter: int) -> str:
    return f"{quarter // 4:02}:{quarter % 4 * 15:02}"


places = st.builds(Somewhere, st.sampled_from(ZONES), st.sampled_from([None, "FR", "DE-BY", "US"]), st.one_of(st.none(), timetables()))
starts = st.datetimes(datetime(2024, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC))
durations = st.integers(0, 400_000)  # seconds


@settings(max_examples=150, deadline=None)
@given(places, starts, durations)
def test_between_start_and_due_lie_exactly_the_promised_seconds_of_working_time(place: Somewhere, start: datetime, seconds: int) -> None:
    found = moments(start, f"PT{seconds}S", "working", place)

    assert working_time(start, found.due_at, place) == timedelta(seconds=seconds)
    assert working_time(start, found.warn_at, place) == timedelta(seconds=seconds) * 4 / 5
    assert start <= found.warn_at <= found.due_at
    assert _is_working(found.due_at, place) and _is_working(found.warn_at, place)


def _is_working(moment: datetime, place: Somewhere) -> bool:
    """Ends included: a deadline at 17:00 is one of that day."""
    around = (moment - timedelta(seconds=1), moment, moment + timedelta(seconds=1))
    return working_time(around[0], around[1], place) > timedelta() or working_time(around[1], around[2], place) > timedelta()


@settings(max_examples=100, deadline=None)
@given(places, starts, st.integers(0, 500_000), durations, durations, st.integers(0, 5))
def test_whoever_starts_later_or_promises_more_time_is_never_due_earlier(
    place: Somewhere, start: datetime, later: int, seconds: int, more: int, days: int
) -> None:
    def due_at(begin: datetime, length: int) -> datetime:
        return moments(begin, f"P{days}DT{length}S", "working", place).due_at

    first = due_at(start, seconds)
    assert first <= due_at(start + timedelta(seconds=later), seconds)
    assert first <= due_at(start, seconds + more)
    assert first <= moments(start, f"P{days + 1}DT{seconds}S", "working", place).due_at


@settings(max_examples=100, deadline=None)
@given(places, starts, st.lists(durations, min_size=2, max_size=2))
def test_working_time_adds_up_and_is_never_more_than_the_time_that_passed(place: Somewhere, start: datetime, lengths: list[int]) -> None:
    middle = start + timedelta(seconds=lengths[0])
    end = middle + timedelta(seconds=lengths[1])

    whole = working_time(start, end, place)
    assert whole == working_time(start, middle, place) + working_time(middle, end, place)
    assert timedelta() <= whole <= end - start
    assert working_time(end, start, place) == timedelta()


DAYTIME = st.sampled_from([None, HALF_FRIDAY, {"sat": [["06:15", "22:45"]], "sun": [["00:00", "24:00"]]}, AROUND_THE_CLOCK])


@settings(max_examples=15, deadline=None)
@given(st.sampled_from([PARIS, NEW_YORK, "America/Santiago"]), DAYTIME, st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 20)))
def test_working_time_is_what_one_counts_minute_by_minute_on_the_clock_on_the_wall(zone: str, timetable: Any, start: datetime) -> None:
    place = Somewhere(zone, "FR", timetable)
    first = start.replace(second=0, microsecond=0, tzinfo=UTC)
    table, holidays = timetable or calendars.USUAL, calendars._holidays("FR", 2026)
    counted = 0
    for minute in range(0, 8 * 24 * 60):
        local = (first + timedelta(minutes=minute)).astimezone(ZoneInfo(zone))
        shown = f"{local:%H:%M}"
        open_now = any(begin <= shown < end for begin, end in table.get(DAYS[local.weekday()], ()))
        counted += open_now and local.date() not in holidays

    assert working_time(first, first + timedelta(days=8), place) == timedelta(minutes=counted)


# -- daylight saving -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "monday", "hours"),
    [
        (PARIS, "2026-03-23", 167),
        (PARIS, "2026-10-19", 169),
        (NEW_YORK, "2026-03-02", 167),
        (NEW_YORK, "2026-10-26", 169),
        (PARIS, "2026-06-01", 168),
    ],
)
def test_a_week_across_a_change_of_the_clocks_has_as_many_working_hours_as_really_pass(zone: str, monday: str, hours: int) -> None:
    start = at(monday, zone)
    end = at((datetime.fromisoformat(monday) + timedelta(days=7)).isoformat(), zone)

    assert working_time(start, end, Somewhere(zone, None, AROUND_THE_CLOCK)) == timedelta(hours=hours)
    assert working_time(start, end, Somewhere(zone)) == timedelta(hours=40)  # nobody works at night
    assert moments(start, f"PT{hours}H", "working", Somewhere(zone, None, AROUND_THE_CLOCK)).due_at == end


@pytest.mark.parametrize(("zone", "friday"), [(PARIS, "2026-03-27"), (PARIS, "2026-10-23"), (NEW_YORK, "2026-03-06"), (NEW_YORK, "2026-10-30")])
def test_a_deadline_beyond_the_change_of_the_clocks_is_at_the_same_time_of_the_day(zone: str, friday: str) -> None:
    monday = (datetime.fromisoformat(friday) + timedelta(days=3)).strftime("%Y-%m-%d")

    assert due(f"{friday} 15:00", "PT8H", Somewhere(zone)) == f"{monday} 15:00"
    assert due(f"{friday} 15:00", "P1D", Somewhere(zone)) == f"{monday} 15:00"
    assert due(f"{friday} 15:00", "P3D", Somewhere(zone), "always") == f"{monday} 15:00"


def test_a_night_shift_is_an_hour_shorter_or_longer_when_the_clocks_change() -> None:
    nights = Somewhere(PARIS, None, {"sat": [["22:00", "24:00"]], "sun": [["00:00", "06:00"]]})

    def worked(evening: str) -> timedelta:
        return working_time(at(f"{evening} 12:00"), at(f"{evening} 12:00") + timedelta(days=1), nights)

    assert worked("2026-03-28") == timedelta(hours=7)
    assert worked("2026-10-24") == timedelta(hours=9)
    assert worked("2026-06-06") == timedelta(hours=8)


def test_a_span_in_the_hour_that_the_clocks_leap_over_is_no_working_time() -> None:
    odd = Somewhere(PARIS, None, {"sun": [["02:00", "02:30"], ["02:45", "03:15"]]})

    assert working_time(at("2026-03-28 12:00"), at("2026-03-29 12:00"), odd) == timedelta(minutes=15)
    assert due("2026-03-28 12:00", "PT5M", odd) == "2026-03-29 03:05"


# -- days, weeks, months; holidays -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "duration", "expected"),
    [
        ("2026-11-23 10:00", "P1D", "2026-11-24 10:00"),  # a Monday
        ("2026-11-23 08:00", "P1D", "2026-11-23 17:00"),  # the first moment of a day: its last
        ("2026-11-22 12:00", "P1D", "2026-11-23 17:00"),  # a Sunday: Monday is the day
        ("2026-11-27 10:00", "P1D", "2026-11-30 12:00"),  # half a Friday over: half a Monday
        ("2026-11-26 15:00", "P1D", "2026-11-27 11:00"),
        ("2026-11-23 10:00", "P1W", "2026-11-30 10:00"),
        ("2026-11-23 10:00", "P1M", "2026-12-23 10:00"),
        ("2026-11-26 10:00", "P1M", "2026-12-28 08:00"),  # a Saturday: the next working moment
        ("2026-11-23 10:00", "P1DT2H", "2026-11-24 12:00"),
        ("2026-11-23 16:30", "PT1H", "2026-11-24 08:30"),
        ("2026-11-23 11:00", "PT1H", "2026-11-23 12:00"),  # the end of a span belongs to it
        ("2026-11-22 12:00", "PT0S", "2026-11-23 08:00"),
    ],
)
def test_a_working_day_is_a_whole_day_of_the_timetable_however_long_it_is(start: str, duration: str, expected: str) -> None:
    assert due(start, duration, Somewhere(PARIS, None, HALF_FRIDAY)) == expected


def test_a_party_without_a_timetable_works_from_nine_to_five_on_weekdays_of_its_zone() -> None:
    assert due("2026-11-20 16:00", "PT2H", Somewhere(NEW_YORK)) == "2026-11-23 10:00"
    assert due("2026-11-20 16:00", "PT2H", Somewhere(PARIS)) == "2026-11-23 10:00"


@pytest.mark.parametrize(
    ("country", "start", "expected"),
    [
        ("FR", "2026-04-30 16:00", "2026-05-04 10:00"),  # the first of May is a Friday
        (None, "2026-04-30 16:00", "2026-05-01 10:00"),
        ("DE-BY", "2026-06-03 16:00", "2026-06-05 10:00"),  # Corpus Christi: in Bavaria, not in Berlin
        ("DE-BE", "2026-06-03 16:00", "2026-06-04 10:00"),
        ("US", "2026-11-25 16:00", "2026-11-27 10:00"),  # Thanksgiving
        ("FR", "2026-12-31 16:00", "2027-01-04 10:00"),
    ],
)
def test_nobody_works_on_a_holiday_of_the_country(country: str | None, start: str, expected: str) -> None:
    assert due(start, "PT2H", Somewhere(PARIS, country)) == expected


def test_a_clock_runs_also_where_zone_or_country_are_no_longer_known() -> None:
    for calendar in ("always", "working"):
        found = moments(at("2026-11-23 10:00", "UTC"), "PT2H", calendar, Somewhere("Mars/Olympus", "XX-Y"))
        assert found.due_at == at("2026-11-23 12:00", "UTC")


def test_the_other_calendar_knows_neither_nights_nor_holidays() -> None:
    here = Somewhere(PARIS, "FR", HALF_FRIDAY)
    found = moments(at("2026-04-30 16:00"), "PT10H", "always", here)

    assert found.due_at == at("2026-05-01 02:00")
    assert found.warn_at == at("2026-05-01 00:00")
    assert due("2026-01-31 10:00", "P1M", here, "always") == "2026-02-28 10:00"
    assert due("2026-03-28 02:30", "P1D", here, "always") == "2026-03-29 03:30"  # a time that was leapt over


@pytest.mark.parametrize("text", ["", "P", "2 days", "-P1D", "PT-4H", "P11Y", "P120M1D", "P600W", "PT100000H", "P99999999D", "PT99999999999999H"])
@pytest.mark.parametrize("calendar", ["always", "working"])
def test_what_is_no_duration_or_too_long_for_a_clock_is_refused(text: str, calendar: str) -> None:
    with pytest.raises(Invalid):
        moments(at("2026-01-01"), text, calendar, Somewhere())
    with pytest.raises(Invalid):
        calendars.check_duration(text)


@pytest.mark.parametrize(("calendar", "duration"), [("always", "P1Y"), ("working", "P1Y"), ("working", "PT40H"), ("working", "P9D")])
def test_a_clock_that_would_end_after_the_last_year_is_refused(calendar: str, duration: str) -> None:
    with pytest.raises(Invalid):
        moments(datetime(9999, 12, 30, tzinfo=UTC), duration, calendar, Somewhere())
