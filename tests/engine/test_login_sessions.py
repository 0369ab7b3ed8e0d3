"""Who is logged in: rows that can be revoked, and guessing that gets slow."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock, sessions
from engine.people import Person
from engine.sessions import LoginSession

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The machine's clock, moved by hand: `hand[0]`."""
    moment = [NOON]
    monkeypatch.setattr(clock, "machine_now", lambda: moment[0])
    return moment


@pytest.fixture
def anna(session: Session) -> Person:
    person = Person(username="anna", name="Anna", language="en", password_hash="-", roles=[], created_at=NOON)
    session.add(person)
    session.commit()
    return person


def test_a_login_is_found_by_its_token_which_is_stored_nowhere(session: Session, anna: Person) -> None:
    token = sessions.open_for(session, "anna")
    session.commit()

    found = sessions.find(session, token)

    assert found is not None and found.username == "anna"
    assert token not in str(session.execute(select(*LoginSession.__table__.columns)).all())
    assert sessions.find(session, token + "x") is None
    assert sessions.find(session, "") is None


def test_an_idle_login_ends_and_one_in_use_goes_on_but_not_for_ever(session: Session, anna: Person, hand: list[datetime]) -> None:
    idle, used = sessions.open_for(session, "anna"), sessions.open_for(session, "anna")
    session.flush()
    for _ in range(13):
        hand[0] += timedelta(hours=1)
        sessions.touch(session, used)
        session.expire_all()

    assert sessions.find(session, idle) is None
    assert sessions.find(session, used) is not None

    for _ in range(24 * 7):
        hand[0] += timedelta(hours=1)
        sessions.touch(session, used)
    session.expire_all()

    assert sessions.find(session, used) is None


def test_a_login_can_be_closed_alone_or_with_all_others(session: Session, anna: Person) -> None:
    first, second, third = (sessions.open_for(session, "anna") for _ in range(3))
    session.flush()

    sessions.close(session, first)
    assert [sessions.find(session, token) is not None for token in (first, second, third)] == [False, True, True]

    sessions.close_all(session, "anna")
    assert [sessions.find(session, token) is not None for token in (first, second, third)] == [False, False, False]


def test_guessing_gets_slower_each_time_and_a_right_answer_ends_it(hand: list[datetime]) -> None:
    throttle = sessions.Throttle(free=2)
    throttle.failed("anna")
    waits = [throttle.seconds_to_wait("anna")]
    for _ in range(4):
        throttle.failed("anna")
        waits.append(throttle.seconds_to_wait("anna"))

    assert waits == [0, 2, 4, 8, 16]
    assert throttle.seconds_to_wait("bert") == 0

    hand[0] += timedelta(seconds=16)

    assert throttle.seconds_to_wait("anna") == 0

    throttle.failed("anna")
    throttle.succeeded("anna")

    assert throttle.seconds_to_wait("anna") == 0
