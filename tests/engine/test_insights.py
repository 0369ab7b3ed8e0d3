"""The figures over handoffs add up: each against the same sum done by hand, on random histories and both databases."""

import math
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import Phase as Generated
from hypothesis import strategies as st
from sqlalchemy import delete, insert, true
from sqlalchemy.orm import Session

from engine import clock, hands, insights, parties
from engine.cases import Case
from engine.deployments import Deployment, Process, Resource
from engine.errors import NotFound
from engine.handoffs import Handoff
from engine.hands import Holder, Phase, Span
from engine.parties import HOST_KEY

pytestmark = pytest.mark.parametrize("world", ["cached"], indirect=True)

NOW = datetime(2026, 3, 30, 9, 0, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
RANDOM = settings(max_examples=8, deadline=None, phases=[Generated.explicit, Generated.reuse, Generated.generate], suppress_health_check=[HealthCheck.function_scoped_fixture])

moments = st.integers(0, 40_000_000_000).map(lambda n: NOW - timedelta(days=1) + n * 2 * MICROSECOND)
spans = st.one_of(st.integers(0, 5).map(lambda n: n * timedelta(hours=1)), st.integers(0, 10**10).map(lambda n: n * MICROSECOND))
limits = st.one_of(st.none(), st.integers(0, 4).map(lambda n: n * timedelta(hours=1)))


@st.composite
def histories(draw):
    """Rows as the run time leaves them; what has ended did so before now."""
    rows = []
    for number in range(draw(st.integers(0, 14))):
        state = draw(st.sampled_from(["OFFERED", "ACCEPTED", "COMPLETED", "DECLINED", "WITHDRAWN"]))
        was_accepted = state == "ACCEPTED" or (state in ("COMPLETED", "DECLINED", "WITHDRAWN") and draw(st.booleans()))
        offered = draw(moments)
        accepted = offered + draw(spans) if was_accepted else None
        ended = (accepted or offered) + draw(spans) if state in ("COMPLETED", "DECLINED", "WITHDRAWN") else None
        accept_limit, complete_limit = draw(limits), draw(limits)
        works = draw(st.booleans())
        rows.append(
            {
                "key": 1000 + number,
                "process_key": draw(st.sampled_from([11, 12])),
                "from_side": draw(st.sampled_from(["Desk", "Garage"])),
                "to_side": draw(st.sampled_from(["Desk", "Garage"])),
                "from_party_key": draw(st.sampled_from([None, 21])),
                "to_party_key": draw(st.sampled_from([None, 21, 22])),
                "round": draw(st.integers(1, 3)),
                "state": state,
                "offered_at": offered,
                "accepted_at": accepted,
                "ended_at": ended,
                "accept_due_at": None if accept_limit is None else offered + accept_limit,
                "complete_due_at": None if complete_limit is None or accepted is None else accepted + complete_limit,
                "reason": draw(st.sampled_from(["too busy", "not ours", None])) if state == "DECLINED" else None,
                "working_to_accept": 3_600_000_000 * draw(st.integers(0, 9)) if works and accepted else None,
                "working_in_hand": 1_800_000_000 * draw(st.integers(0, 9)) if works and accepted and ended else None,
            }
        )
    return rows


class Book:
    """A database with nothing but these handoffs."""

    def __init__(self, world):
        self.world = world
        world.do(lambda s, *, by: clock.pin(s, NOW))
        with Session(world.engine) as session:
            parties.host(session)
            for key in (21, 22):
                about = {"language": "en", "time_zone": "UTC", "contacts": [], "words": "", "active": True, "created_at": NOW}
                session.add(parties.Party(key=key, party_id=f"p{key}", name=f"Party {key}", kind="partner", **about))
            session.add(Deployment(key=1, created_at=NOW))
            session.flush()
            session.add(Resource(key=1, deployment_key=1, name="m.bpmn", content=b"", content_hash=""))
            session.flush()
            for key, version in ((11, 1), (12, 2)):
                about = {"resource_key": 1, "resource_name": "m.bpmn", "deployment_key": 1, "content_hash": "", "created_at": NOW}
                session.add(Process(key=key, process_id="claim", version=version, **about))
            session.add(Case(key=5, number=5, process_id="claim", first_instance_key=1, created_at=NOW - timedelta(days=1)))
            session.commit()

    def write(self, rows):
        plain = {"case_key": 5, "from_instance_key": 1, "process_id": "claim", "flow_id": "f", "path": ["f"], "kind": "partner", "from_group": "desk"}
        plain |= {"from_role": "us", "to_role": "them", "from_element_id": "a", "to_element_id": "b", "channel": "email", "assurance": "link"}
        with Session(self.world.engine) as session:
            session.execute(delete(Handoff))
            if rows:
                session.execute(insert(Handoff), [plain | row for row in rows])
            session.commit()

    def figures(self, by, condition=None, **more):
        return self.world.ask(lambda s: insights.handoffs(s, true() if condition is None else condition, by=by, **more))


@pytest.fixture
def book(world):
    return Book(world)


# -- the same by hand -----------------------------------------------------------------------------------------------


def micros(delta):
    return delta // MICROSECOND


def by_hand(row):
    accepted, ended, offered = row["accepted_at"], row["ended_at"], row["offered_at"]
    answered, finished = accepted or ended or NOW, ended or NOW
    found = {name: None for name in insights.TIMES}
    if accepted:
        found["to_accept"] = micros(accepted - offered)
    if ended:
        found["total"] = micros(ended - offered)
        found["in_hand" if accepted else "unanswered"] = micros(ended - (accepted or offered))
    late = sum(max(0, micros(moment - due)) for moment, due in ((answered, row["accept_due_at"]), (finished, row["complete_due_at"])) if due)
    found["late"] = late or None
    return found | {"working_to_accept": row["working_to_accept"], "working_in_hand": row["working_in_hand"]}


def known_by_hand(row):
    """(accept decided, in time, complete decided, in time)"""
    answered, finished = row["accepted_at"] or row["ended_at"] or NOW, row["ended_at"] or NOW
    accept = complete = (0, 0)
    if row["accept_due_at"]:
        late = answered > row["accept_due_at"]
        accept = (int(late or row["accepted_at"] is not None or row["state"] in ("COMPLETED", "DECLINED")), 0)
        accept = (accept[0], int(accept[0] and not late))
    if row["complete_due_at"]:
        late = finished > row["complete_due_at"]
        complete = (int(late or row["state"] == "COMPLETED"), int(row["state"] == "COMPLETED" and not late))
    return accept, complete


def quantile(values, share):
    """percentile_cont, ISO/IEC 9075-2, 10.9."""
    values, place = sorted(values), share * (len(values) - 1)
    below = math.floor(place)
    above = min(below + 1, len(values) - 1)
    return values[below] + (values[above] - values[below]) * (place - below)


def close(found, expected_micros):
    return abs(Fraction(found) * 10**6 - expected_micros) <= 1


COLUMNS = {
    "process": ("process_id",),
    "version": ("process_id", "process_key", "version"),
    "boundary": ("kind", "from_side", "to_side"),
    "parties": ("from_party_key", "to_party_key"),
    "flow": ("process_id", "flow_id"),
}


def group_of(row, by):
    known = row | {"process_id": "claim", "flow_id": "f", "kind": "partner", "version": row["process_key"] - 10}
    known |= {name: row[name] or HOST_KEY for name in ("from_party_key", "to_party_key")}
    return {column: known[column] for name in by for column in COLUMNS[name]}


def check(figures, rows):
    assert figures.count == len(rows)
    assert figures.by_state == {state: sum(row["state"] == state for row in rows) for state in figures.by_state}
    assert figures.first_rounds == sum(row["round"] == 1 for row in rows)
    assert figures.most_rounds == max(row["round"] for row in rows)
    known = [known_by_hand(row) for row in rows]
    assert (figures.accept.decided, figures.accept.in_time) == (sum(a[0] for a, _ in known), sum(a[1] for a, _ in known))
    assert (figures.complete.decided, figures.complete.in_time) == (sum(c[0] for _, c in known), sum(c[1] for _, c in known))
    for name in insights.TIMES:
        values = [value for value in (by_hand(row)[name] for row in rows) if value is not None]
        times = figures.times[name]
        assert times.count == len(values)
        assert times.sum * 10**6 == sum(values), (name, values)
        if values:
            assert close(times.average, Fraction(sum(values), len(values)))
            assert close(times.median, quantile(values, Fraction(1, 2))), (name, values)
            assert close(times.p90, quantile(values, Fraction(9, 10))), (name, values)
        else:
            assert (times.average, times.median, times.p90) == (None, None, None)
    assert Counter(dict(figures.declines)) == Counter(row["reason"] for row in rows if row["state"] == "DECLINED")


@given(rows=histories(), by=st.sets(st.sampled_from(sorted(COLUMNS))))
@RANDOM
def test_every_figure_is_what_one_gets_by_hand(book, rows, by):
    book.write(rows)
    found, more = book.figures(by)
    expected = defaultdict(list)
    for row in rows:
        expected[tuple(sorted(group_of(row, by).items()))].append(row)

    assert not more and {tuple(sorted(one.group.items())) for one in found} == set(expected)
    for one in found:
        check(one, expected[tuple(sorted(one.group.items()))])


@given(rows=histories())
@RANDOM
def test_groups_are_together_the_whole_and_the_parts_of_a_time_its_total(book, rows):
    book.write(rows)
    groups, _ = book.figures(["boundary", "parties", "version"])
    whole = book.figures([])[0]

    assert sum(one.count for one in groups) == len(rows) == sum(one.count for one in whole)
    for name in insights.TIMES:
        assert sum((one.times[name].sum for one in groups), Decimal(0)) == sum((one.times[name].sum for one in whole), Decimal(0))
    for one in groups:
        of_ended = [row for row in rows if group_of(row, ("boundary", "parties", "version")) == one.group and row["ended_at"]]
        accepted = sum((micros(row["accepted_at"] - row["offered_at"]) for row in of_ended if row["accepted_at"]), 0)
        assert one.times["total"].sum * 10**6 == accepted + (one.times["in_hand"].sum + one.times["unanswered"].sum) * 10**6


def test_the_last_half_millisecond_of_a_second_belongs_to_it(book):
    offered = NOW - timedelta(hours=1) - MICROSECOND
    plain = {"state": "WITHDRAWN", "process_key": 11, "to_side": "Garage", "from_side": "Desk", "working_to_accept": None, "working_in_hand": None}
    book.write([plain | {"key": 1, "offered_at": offered, "ended_at": NOW}])

    assert book.figures([])[0][0].times["unanswered"].sum == Decimal("3600.000001")


def test_the_largest_groups_come_first_and_the_rest_is_announced(book):
    plain = {"state": "OFFERED", "offered_at": NOW, "process_key": 11, "to_side": "Garage", "working_to_accept": None, "working_in_hand": None}
    book.write([plain | {"key": n, "from_side": "Desk" if n < 4 else "Yard"} for n in range(1, 6)])
    found, more = book.figures(["boundary"], limit=1)

    assert [(one.group["from_side"], one.count) for one in found] == [("Desk", 3)] and more
    assert book.figures(["boundary"], limit=2)[1] is False


def test_a_time_range_and_a_party_choose_what_is_counted(book):
    plain = {"state": "OFFERED", "process_key": 11, "to_side": "Garage", "from_side": "Desk", "working_to_accept": None, "working_in_hand": None}
    book.write([plain | {"key": n, "offered_at": NOW - timedelta(days=n), "to_party_key": 21 if n % 2 else 22} for n in range(1, 9)])
    found, _ = book.figures(["parties"], (Handoff.offered_at >= NOW - timedelta(days=4)) & (Handoff.to_party_key == 21))

    assert [(one.group["to_party_key"], one.count, one.names[21]) for one in found] == [(21, 2, "Party 21")]


def test_ten_reasons_are_told_the_most_frequent_first(book):
    plain = {"state": "DECLINED", "process_key": 11, "to_side": "Garage", "from_side": "Desk", "offered_at": NOW, "ended_at": NOW}
    plain |= {"working_to_accept": None, "working_in_hand": None}
    reasons = [f"reason {n}" for n in range(15) for _ in range(n + 1)]
    book.write([plain | {"key": n, "reason": reason} for n, reason in enumerate(reasons, 1)])
    (one,), _ = book.figures([])

    assert one.declines == [(f"reason {n}", n + 1) for n in range(14, 4, -1)]


# -- whose hands ------------------------------------------------------------------------------------------------------

holders = st.sampled_from([Holder(0, "Desk"), Holder(21, "Garage"), Holder(22, "Customer")])
minutes = st.integers(-5, 45)


@given(some=st.lists(st.tuples(minutes, minutes, holders, st.sampled_from(list(Phase))), max_size=8), length=st.integers(0, 40))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_minute_of_a_case_is_in_somebodys_hands_or_unexplained(world, some, length):
    start = NOW
    spans = [Span(start + timedelta(minutes=a), start + timedelta(minutes=b), holder, phase) for a, b, holder, phase in some]
    account = hands.account(spans, start, start + timedelta(minutes=length))
    times, shares, unexplained = Counter(), Counter(), 0
    for minute in range(length):
        now = [(holder, phase) for a, b, holder, phase in some if a <= minute < b]
        acting = [(holder, phase) for holder, phase in now if phase != Phase.WAIT] or now
        first = {holder: min((p for h, p in acting if h == holder), key=list(Phase).index) for holder, _ in acting}
        unexplained += not first
        for holder, phase in first.items():
            times[holder] += 1
            shares[holder, phase] += Fraction(1, len(first))

    assert account.unexplained == timedelta(minutes=unexplained)
    assert {one.holder: one.time for one in account.hands} == {holder: timedelta(minutes=n) for holder, n in times.items()}
    for one in account.hands:
        for phase, time in one.shares.items():
            assert abs(time - timedelta(minutes=float(shares[one.holder, phase]))) < timedelta(milliseconds=1)
    assert sum((one.share for one in account.hands), timedelta()) + account.unexplained == account.end - account.start


def test_no_case_is_a_clear_answer(world):
    with pytest.raises(NotFound):
        world.ask(lambda s: hands.of_case(s, 12345))
