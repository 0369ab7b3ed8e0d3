"""Accounts and groups: two who change the same thing at once."""

import itertools
import threading
from collections import Counter

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import database as db
from engine import people
from engine.errors import AlreadyExists, NotFound
from engine.people import Group, Membership, Person
from tests.engine.conftest import ADMIN


def at_once(database, work, times=6):
    """What came of doing the same in so many transactions at the same moment."""
    found, ready = [], threading.Barrier(times)

    def once():
        ready.wait()
        try:
            with Session(database) as session:
                db.run(session, work)
            found.append("done")
        except Exception as error:
            found.append(type(error).__name__)

    threads = [threading.Thread(target=once) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(found)


def add(session, username):
    people.create_person(session, username, password="long enough to be one", password_hash="x", by=ADMIN)


@pytest.fixture
def desk(database):
    with Session(database) as session:
        for username in ("nora", "paul"):
            if session.get(Person, username) is None:
                add(session, username)
        if session.get(Group, "desk") is None:
            people.create_group(session, "desk", "Desk", by=ADMIN)
        session.commit()
    return database


def test_of_several_who_add_the_same_person_one_does_and_the_others_are_told(database):
    assert at_once(database, lambda s: add(s, "twice")) == {"done": 1, "AlreadyExists": 5}


def test_of_several_who_add_the_same_group_one_does_and_the_others_are_told(database):
    assert at_once(database, lambda s: people.create_group(s, "twice", "Twice", by=ADMIN)) == {"done": 1, "AlreadyExists": 5}


def test_several_may_say_at_once_who_is_in_a_group(desk):
    assert at_once(desk, lambda s: people.save_group(s, "desk", members=["nora", "paul"], by=ADMIN)) == {"done": 6}
    assert at_once(desk, lambda s: people.set_groups(s, "nora", ["desk"], by=ADMIN)) == {"done": 6}
    turns = itertools.count()

    def either(session):
        if next(turns) % 2:
            people.save_group(session, "desk", members=["paul", "nora"], by=ADMIN)
        else:
            people.set_groups(session, "nora", ["desk"], by=ADMIN)

    assert at_once(desk, either, times=12) == {"done": 12}
    with Session(desk) as session:
        assert sorted(session.scalars(select(Membership.username).where(Membership.group_id == "desk"))) == ["nora", "paul"]


@pytest.mark.parametrize("stranger", ["nobody", "a\x00b"])
def test_a_group_with_somebody_unknown_is_refused_and_nothing_changes(desk, stranger):
    with Session(desk) as session:
        people.save_group(session, "desk", members=["paul"], by=ADMIN)
        session.commit()
        with pytest.raises(NotFound):
            people.save_group(session, "desk", members=["nora", stranger], by=ADMIN)
        session.rollback()

        assert list(session.scalars(select(Membership.username).where(Membership.group_id == "desk"))) == ["paul"]


def test_an_account_that_exists_is_told(desk):
    with Session(desk) as session, pytest.raises(AlreadyExists):
        add(session, "nora")
