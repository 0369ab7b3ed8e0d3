"""Links: found by a token that nobody stored, dead when they should be; and what the outbox takes in with a step."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from engine import clock, database, links, notifications
from engine.database import Writes
from engine.links import Expired, Link, NoLink, PassedOn, Replaced, Revoked
from engine.mail_addresses import is_address
from engine.notifications import Notification
from engine.parties import PLATFORM
from engine.people import Group, Membership, Person

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
SECRET = "a secret of the tests"


@pytest.fixture
def now(session):
    database.run(session, lambda s: clock.pin(s, NOW))
    return NOW


def made(session, **named):
    writes = Writes()
    row = links.make(writes, **({"address": "paul@garage.example", "at": NOW, "handoff_key": 7} | named))
    database.run(session, writes.flush)
    return row


def handoff(**named):
    facts = {"key": 7, "previous_key": None, "address": None, "assurance": "link", "to_side": "Garage", "from_side": "Front desk", "offered_at": NOW}
    return SimpleNamespace(**(facts | {"accept_due_at": None, "complete_due_at": NOW + timedelta(days=40), "to_party_key": 3, "from_party_key": None} | named))


GARAGE = SimpleNamespace(key=3, language="fr", contacts=[{"name": "Paul Martin", "email": "paul@garage.example"}])
CASE = SimpleNamespace(key=None, number=1042, title="AB-123-CD")


def test_a_link_is_found_by_its_token_and_by_no_other(session, now):
    row = made(session)
    token = links.token(SECRET, row)

    assert links.find(session, SECRET, token).key == row.key
    assert len(token) == 40
    flipped = token[:-1] + ("A" if token[-1] != "A" else "B")
    for forged in (flipped, token[:-1], token + "A", "", "é" * 40, "A" * 40, "_" * 40, links.token("another secret", row)):
        with pytest.raises(NoLink) as refused:
            links.find(session, SECRET, forged)
        assert type(refused.value) is NoLink


def test_no_column_holds_the_token(session, now):
    row = made(session)
    token = links.token(SECRET, row)
    stored = session.scalars(select(Link)).one()

    assert not any(token in str(getattr(stored, column.name)) for column in Link.__table__.columns)


def test_a_link_runs_out_two_weeks_after_its_work_was_due(session, now):
    row = made(session, due_at=NOW + timedelta(days=40))
    token = links.token(SECRET, row)
    database.run(session, lambda s: clock.pin(s, NOW + timedelta(days=53)))
    assert links.find(session, SECRET, token)
    database.run(session, lambda s: clock.pin(s, NOW + timedelta(days=54)))

    with pytest.raises(Expired):
        links.find(session, SECRET, token)


@pytest.mark.parametrize(("because", "error"), [("replaced", Replaced), ("revoked", Revoked), ("passed on", PassedOn)])
def test_a_link_that_was_ended_says_why(session, now, because, error):
    row = made(session)
    database.run(session, lambda s: links.end(s, row.key, because=because))

    with pytest.raises(error):
        links.find(session, SECRET, links.token(SECRET, row))


def test_a_fresh_link_kills_those_sent_before(session, now):
    row = made(session)
    old = links.token(SECRET, row)
    database.run(session, lambda s: links.renew(s, row.key))
    new = links.token(SECRET, session.get(Link, row.key))

    assert links.find(session, SECRET, new).key == row.key
    with pytest.raises(Replaced) as refused:
        links.find(session, SECRET, old)
    assert refused.value.details["link"].key == row.key


def test_an_offered_handoff_leaves_a_link_and_a_mail_in_the_same_transaction(session, now):
    writes = Writes()
    notifications.handoff_offered(writes, handoff(), CASE, GARAGE, NOW)
    assert session.scalars(select(Notification)).all() == []
    session.rollback()
    database.run(session, writes.flush)
    mail, link = session.scalars(select(Notification)).one(), session.scalars(select(Link)).one()

    assert (mail.to_address, mail.to_name, mail.language, mail.state) == ("paul@garage.example", "Paul Martin", "fr", "PENDING")
    assert (link.key, link.handoff_key, link.party_key) == (mail.link_key, 7, 3)


def test_the_address_that_the_sender_gave_comes_before_that_of_the_directory(session, now):
    writes = Writes()
    notifications.handoff_offered(writes, handoff(address="other@garage.example"), CASE, GARAGE, NOW)
    database.run(session, writes.flush)
    mail = session.scalars(select(Notification)).one()

    assert (mail.to_address, mail.to_name) == ("other@garage.example", None)


def test_a_new_round_kills_the_link_of_the_round_before(session, now):
    first = made(session, handoff_key=7)
    writes = Writes()
    notifications.handoff_offered(writes, handoff(key=8, previous_key=7), CASE, GARAGE, NOW)
    database.run(session, writes.flush)

    with pytest.raises(Replaced):
        links.find(session, SECRET, links.token(SECRET, first))
    assert session.scalars(select(Notification)).one().kind == "handoff offered again"


def test_a_party_without_an_address_is_undeliverable_at_once(session, now):
    writes = Writes()
    key = notifications.handoff_offered(writes, handoff(), CASE, SimpleNamespace(key=3, language="fr", contacts=[]), NOW)
    database.run(session, writes.flush)
    mail = session.get(Notification, key)

    assert (mail.state, mail.to_address, mail.error) == ("FAILED", None, notifications.NO_ADDRESS)
    database.run(session, lambda s: notifications.send_again(s, key, address="new@garage.example", by=PLATFORM))
    assert session.get(Notification, key).state == "PENDING"
    assert session.get(Link, session.get(Notification, key).link_key).address == "new@garage.example"


def test_news_of_a_withdrawn_handoff_reach_the_receiver_and_end_its_link(session, now):
    row = made(session)
    writes = Writes()
    for party in (GARAGE, None):
        notifications.handoff_news(writes, "withdrawn", handoff(), CASE, party, NOW)
    database.run(session, writes.flush)

    assert [mail.to_address for mail in session.scalars(select(Notification))] == ["paul@garage.example"]
    with pytest.raises(Revoked):
        links.find(session, SECRET, links.token(SECRET, row))


def test_news_for_a_group_become_a_mail_for_each_of_its_people(session, now):
    for username, email, active in (("fanny", "fanny@pont.example", True), ("gone", "gone@pont.example", False), ("karim", None, True)):
        facts = {"language": "fr", "password_hash": "x", "active": active, "roles": [], "created_at": NOW}
        session.add(Person(username=username, name=username.title(), email=email, **facts))
    session.add(Group(group_id="front-desk", name="Front desk"))
    session.flush()
    session.add_all(Membership(group_id="front-desk", username=name) for name in ("fanny", "gone", "karim"))
    writes = Writes()
    (key,) = notifications.handoff_news(writes, "declined", handoff(), CASE, None, NOW)
    database.run(session, writes.flush)
    database.run(session, lambda s: notifications.spread(s, s.get_one(Notification, key)))
    mail = session.scalars(select(Notification)).one()

    assert (mail.kind, mail.to_address, mail.to_name, mail.language) == ("handoff declined", "fanny@pont.example", "Fanny", "fr")
    assert mail.data == {"side": "sender"}


@pytest.mark.parametrize("address", ["a@b.example", "anna+x@sub.b.example", "o'neill@b.example", "é@b.example"])
def test_what_is_an_address(address):
    assert is_address(address)


@pytest.mark.parametrize("address", ["", "a", "@b.example", "a@", "a@b..c", "a b@c.example", "a@b.example\r\nBcc: c@d.example", "a@b@c.example", "<a@b.example>", "a@b.example,c@d.example", "x" * 250 + "@b.example"])
def test_what_is_no_address(address):
    assert not is_address(address)
