"""Mails leave after the commit: once, later when the server cannot, never again when it says no."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from engine import clock, database, notifications
from engine.database import Writes
from engine.mail_addresses import MailServer
from engine.mails import House
from engine.notifications import Kind, Notification, Reader
from engine.parties import PLATFORM
from engine.postmen import Postman
from tests.mailboxes import Mailbox, text_of

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
HOUSE = House("https://work.example.com", "a secret of the tests", "Passerelle", "office@pont.example", "Europe/Paris")
PAUL = Reader("paul@garage.example", "Paul Martin", "en")


@pytest.fixture
def mailbox():
    found = Mailbox()
    found.start()
    yield found
    found.stop()


class Round:
    """A postman whose clock is moved by hand."""

    def __init__(self, engine, mailbox):
        self.engine, self.mailbox, self.now = engine, mailbox, clock.machine_now()
        self.postman = Postman(engine, HOUSE, MailServer("127.0.0.1", mailbox.port), now=lambda: self.now)

    def add(self, reader=PAUL, **named):
        with Session(self.engine) as session:
            writes = Writes()
            key = notifications.add(writes, Kind.RECEIPT, reader=reader, at=NOW, **named)
            database.run(session, writes.flush)
        self.now = clock.machine_now()
        return key

    def row(self, key):
        with database.reading(self.engine) as session:
            return session.get(Notification, key)

    def deliver(self):
        return self.postman.deliver_due()


@pytest.fixture
def post(database, mailbox):
    return Round(database, mailbox)


def test_a_mail_arrives_once(post, mailbox):
    key = post.add()
    post.deliver()
    post.deliver()
    (mail,) = mailbox.mails

    assert (mail["To"], mail["From"]) == ("Paul Martin <paul@garage.example>", "Passerelle <office@pont.example>")
    assert mailbox.envelopes == [("office@pont.example", ["paul@garage.example"])]
    assert post.row(key).state == "SENT"
    assert "Hello Paul Martin," in text_of(mail)


def test_nothing_leaves_before_the_commit(post, mailbox):
    with Session(post.engine) as session:
        writes = Writes()
        notifications.add(writes, Kind.RECEIPT, reader=PAUL, at=NOW)
        writes.flush(session)
        session.rollback()
    post.deliver()

    assert mailbox.mails == []


def test_whoever_commits_wakes_the_postman(post):
    notifications.wait_for_nudge(0)
    post.add()

    assert notifications._wake.is_set()


def test_later_is_tried_later_and_arrives(post, mailbox):
    key = post.add()
    mailbox.refuse["paul@garage.example"] = "451 try again later"
    post.deliver()
    row = post.row(key)
    assert (row.state, row.attempts, row.error) == ("PENDING", 1, "451 try again later")
    mailbox.refuse.clear()
    post.deliver()
    assert mailbox.mails == []
    post.now += timedelta(minutes=1)
    post.deliver()

    assert len(mailbox.mails) == 1
    assert (post.row(key).state, post.row(key).error) == ("SENT", None)


def test_pauses_grow_and_after_the_last_try_it_is_undeliverable(post, mailbox):
    key = post.add()
    mailbox.refuse["paul@garage.example"] = "451 try again later"
    pauses, before = [], post.now
    while post.row(key).state == "PENDING" and len(pauses) < 20:
        post.now = max(post.now, post.row(key).next_at)
        pauses.append(post.now - before)
        before = post.now
        post.deliver()

    assert post.row(key).state == "FAILED"
    assert post.row(key).attempts == notifications.MOST_TRIES == 9
    assert sorted(pauses) == pauses
    assert sum(pauses, timedelta()) > timedelta(days=1)


@pytest.mark.parametrize("where", ["address", "content"])
def test_a_no_is_undeliverable_at_once_with_the_reason_but_without_the_address(post, mailbox, where):
    key = post.add()
    if where == "address":
        mailbox.refuse["paul@garage.example"] = "550 no mailbox paul@garage.example here"
    else:
        mailbox.data_answer = "554 paul@garage.example does not want this"
    post.deliver()
    row = post.row(key)

    assert (row.state, row.attempts, row.next_at) == ("FAILED", 1, None)
    assert row.error in ("550 no mailbox … here", "554 … does not want this")


def test_one_no_does_not_hold_up_the_others(post, mailbox):
    mailbox.refuse["wrong@garage.example"] = "550 no such mailbox"
    keys = [post.add(Reader(address)) for address in ("a@garage.example", "wrong@garage.example", "b@garage.example")]
    post.deliver()

    assert [post.row(key).state for key in keys] == ["SENT", "FAILED", "SENT"]


def test_a_server_that_is_down_is_tried_again_when_it_is_back(post, mailbox):
    keys = [post.add(), post.add()]
    mailbox.stop()
    assert post.deliver() is False
    assert [post.row(key).state for key in keys] == ["PENDING", "PENDING"]
    assert [post.row(key).attempts for key in keys] == [1, 0]
    mailbox.start()
    post.now += timedelta(minutes=1)
    assert post.deliver()

    assert len(mailbox.mails) == 2
    assert [post.row(key).state for key in keys] == ["SENT", "SENT"]


def test_a_server_that_hangs_up_in_the_middle_loses_nothing(post, mailbox):
    key = post.add()
    mailbox.data_answer = "421 closing down"
    post.deliver()
    assert post.row(key).state == "PENDING"
    mailbox.data_answer = None
    post.now += timedelta(minutes=1)
    post.deliver()

    assert len(mailbox.mails) == 1


def test_two_postmen_at_once_send_each_mail_once(post, mailbox):
    for number in range(20):
        post.add(Reader(f"reader{number}@garage.example"))
    postmen = [Postman(post.engine, HOUSE, MailServer("127.0.0.1", mailbox.port)) for _ in range(2)]
    threads = [threading.Thread(target=postman.deliver_due) for postman in postmen]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(rcpt for _from, (rcpt,) in mailbox.envelopes) == sorted(f"reader{number}@garage.example" for number in range(20))


def test_who_dies_between_sending_and_noting_it_sends_it_twice_with_the_same_id(post, mailbox, monkeypatch):
    key = post.add()

    class Killed(BaseException):
        pass

    def die(*_anything, **_named):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(notifications, "sent", die)
        with pytest.raises(Killed):
            post.deliver()
    assert post.row(key).state == "PENDING"
    post.deliver()
    assert len(mailbox.mails) == 1  # somebody may still be at it: the lease
    post.now += notifications.LEASE
    post.deliver()

    assert len(mailbox.mails) == 2
    assert mailbox.mails[0]["Message-ID"] == mailbox.mails[1]["Message-ID"]
    assert post.row(key).state == "SENT"


def test_who_dies_before_sending_loses_nothing(post, mailbox):
    key = post.add()
    with Session(post.engine) as session:
        database.run(session, lambda s: notifications.claim(s, now=post.now, limit=1))
    post.deliver()
    assert mailbox.mails == []
    post.now += notifications.LEASE
    post.deliver()

    assert len(mailbox.mails) == 1
    assert post.row(key).state == "SENT"


def test_without_a_server_mails_are_kept(post):
    key = post.add()
    Postman(post.engine, HOUSE, None).deliver_due()

    assert post.row(key).state == "KEPT"
    with Session(post.engine) as session:
        database.run(session, lambda s: notifications.send_again(s, key, by=PLATFORM))
    assert post.row(key).state == "PENDING"


def test_a_corrected_address_goes_out_at_once(post, mailbox):
    mailbox.refuse["wrong@garage.example"] = "550 no such mailbox"
    key = post.add(Reader("wrong@garage.example", "Paul"))
    post.deliver()
    with Session(post.engine) as session:
        database.run(session, lambda s: notifications.send_again(s, key, address="right@garage.example", by=PLATFORM))
    post.now = clock.machine_now()
    post.deliver()

    assert mailbox.envelopes == [("office@pont.example", ["right@garage.example"])]


def test_what_is_no_address_is_undeliverable_from_the_start(post, mailbox):
    key = post.add(Reader("paul@garage.example\r\nBcc: everybody@example.com"))
    post.deliver()

    assert post.row(key).error == notifications.NOT_AN_ADDRESS
    assert mailbox.raw == []


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_a_user_name_is_sent_where_the_server_asks_for_one(post, mailbox):
    mailbox.stop()
    mailbox._options = {"authenticator": mailbox.authenticate, "auth_require_tls": False, "auth_required": True}
    mailbox.start()
    key = post.add()
    server = MailServer("127.0.0.1", mailbox.port, user="anna", password="wrong", is_loopback=True)
    Postman(post.engine, HOUSE, server, now=lambda: post.now).deliver_due()
    assert post.row(key).state == "PENDING"
    assert "535 5.7.8 Authentication credentials invalid" in post.row(key).error
    post.now += timedelta(minutes=1)
    right = MailServer("127.0.0.1", mailbox.port, user="anna", password="right", is_loopback=True)
    Postman(post.engine, HOUSE, right, now=lambda: post.now).deliver_due()

    assert post.row(key).state == "SENT"
    assert set(mailbox.users) == {(b"anna", b"wrong"), (b"anna", b"right")}


def test_a_password_never_goes_over_an_open_line(post, mailbox):
    mailbox.stop()
    mailbox._options = {"authenticator": mailbox.authenticate, "auth_require_tls": False}
    mailbox.start()
    key = post.add()
    server = MailServer("127.0.0.1", mailbox.port, user="anna", password="right", is_loopback=False)
    Postman(post.engine, HOUSE, server, now=lambda: post.now).deliver_due()

    assert mailbox.users == []
    assert "offers no encryption" in post.row(key).error


def test_the_thread_sends_what_is_committed_and_ends_when_told(post, mailbox):
    arrived = threading.Event()
    mailbox.on_mail = arrived.set
    postman = Postman(post.engine, HOUSE, MailServer("127.0.0.1", mailbox.port))
    postman.start()
    key = post.add()

    assert arrived.wait(10)
    postman.stop()
    assert not postman._thread.is_alive()
    assert post.row(key).state == "SENT"
