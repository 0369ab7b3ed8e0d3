"""Which news go to the other processes: only of work that somebody there waits for."""

import pytest

from engine import waking
from engine.waking import ASK_AGAIN, ASKING_HOLDS, PERIOD, Others


@pytest.fixture
def now(monkeypatch):
    """The clock of the machine, moved by hand."""
    at = [1000.0]
    monkeypatch.setattr(waking.time, "monotonic", lambda: at[0])
    return at


def test_work_that_nobody_else_waits_for_is_told_to_nobody(now):
    others = Others()
    others.heard(["ship"])
    others.have(["pay", "ship"])

    assert others.take() == (["ship"], [])
    assert others.take() == ([], [])


def test_work_made_while_their_letter_was_on_its_way_is_told_when_it_arrives(now):
    others = Others()
    others.have(["ship", "pay"])
    now[0] += PERIOD / 2
    others.heard(["ship"])

    assert others.something.is_set()
    assert others.take() == (["ship"], [])


def test_work_of_long_ago_is_not_news_when_somebody_begins_to_wait(now):
    others = Others()
    others.have(["ship"])
    now[0] += PERIOD
    others.heard(["ship"])

    assert others.take() == ([], [])


def test_who_has_not_asked_for_long_is_not_told_any_more(now):
    others = Others()
    others.heard(["ship"])
    now[0] += ASKING_HOLDS
    others.have(["ship"])

    assert others.take() == ([], [])


def test_one_asks_the_others_now_and_then_and_again_when_somebody_is_new(now):
    others = Others()
    for _ in range(3):
        others.want("ship")

    assert others.take() == ([], ["ship"])
    others.want("ship")
    assert others.take() == ([], [])
    others.ask_again(["ship"])
    assert others.take() == ([], ["ship"])
    now[0] += ASK_AGAIN
    others.want("ship")
    assert others.take() == ([], ["ship"])


def test_what_one_asked_is_believed_longer_than_a_poll_may_wait_until_it_is_asked_again():
    from api.v2.jobs import MOST_WAIT

    assert ASK_AGAIN + MOST_WAIT < ASKING_HOLDS


def test_thousands_of_types_are_not_remembered_for_ever(now):
    others = Others()
    for number in range(5000):
        now[0] += 1
        others.want(f"type-{number}")
        others.have([f"type-{number}"])
        others.heard([f"type-{number}"])
    memory = [others._asked, others._made, others._wanted]

    assert max(map(len, memory)) <= waking.MOST_REMEMBERED + 1
