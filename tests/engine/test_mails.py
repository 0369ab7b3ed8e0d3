"""What a mail says, to whom, in which language; and that nothing anybody typed can become a header or HTML."""

from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from sqlalchemy import select

from engine import cases, clock, codes, database, links, mails, notifications, parties
from engine.cases import Case
from engine.database import Writes
from engine.handoffs import Handoff
from engine.links import Link
from engine.mails import House
from engine.notifications import Kind, Notification, Reader
from engine.parties import Party
from engine.people import Group, Membership, Person
from engine.tasks import Task
from tests.garages import NOW, Claims
from tests.mailboxes import html_of, text_of

HOUSE = House("https://work.example.com", "a secret of the tests", "Passerelle", "office@pont.example", "Europe/Paris")
NASTY = "Eve\r\nBcc: all@example.com\n\u202e<script>alert(1)</script> \x00" + "🚗" * 300


class Desk(Claims):
    """A claim that was handed over to a garage, and the mails about it."""

    def __init__(self, engine, **garage):
        super().__init__(engine, **garage)
        self.write(self._hire)
        self.case = self.report()
        self.passed = self.hand_over(self.case)

    def _hire(self, session):
        facts = {"email": "fanny@pont.example", "language": "en", "password_hash": "x", "active": True, "roles": [], "created_at": NOW}
        session.add_all([Person(username="fanny", name="Fanny Roux", **facts), Group(group_id="front-desk", name="Front desk")])
        session.flush()
        session.add(Membership(group_id="front-desk", username="fanny"))

    @property
    def number(self):
        return cases.number_for_people(self.case.number)

    @property
    def invitation(self):
        return self.read(lambda s: s.scalars(select(Notification).where(Notification.kind == Kind.OFFERED)).one().key)

    @property
    def link(self):
        return self.read(lambda s: s.scalars(select(Link).order_by(Link.key.desc())).first())

    def news(self, word, party=True):
        """What came of it: the notification for the garage, else for Fanny of the front desk."""
        writes = Writes()
        handoff = self.read(lambda s: s.get(Handoff, self.passed.key))
        (found,) = notifications.handoff_news(writes, word, handoff, self.case, self.party() if party else None, NOW)
        self.write(writes.flush)
        if not party:
            self.write(lambda s: notifications.spread(s, s.get(Notification, found)))
            found = self.read(lambda s: s.scalars(select(Notification.key).order_by(Notification.key.desc())).first())
        return found

    def told(self, kind, reader, **named):
        writes = Writes()
        key = notifications.add(writes, kind, reader=reader, at=NOW, case_key=self.case.key, handoff_key=self.passed.key, **named)
        self.write(writes.flush)
        return key

    def code(self, purpose="link:1"):
        return self.write(lambda s: codes.make(s, purpose, "paul@garage.example").key)

    def mail(self, key):
        """As the reader gets it."""
        drawn = self.read(lambda s: mails.draw(s, s.get(Notification, key), HOUSE))
        return None if drawn is None else message_from_bytes(drawn.as_bytes(), policy=policy.default)


@pytest.fixture
def desk(database):
    return Desk(database)


def test_an_invitation_says_who_asks_for_what_until_when_and_how(desk):
    mail = desk.mail(desk.invitation)
    link = desk.link
    address = f"https://work.example.com/l/{links.token(HOUSE.secret, link)}"

    assert mail["Subject"] == f"[{desk.number}] AB-123-CD: Estimate the damage, until Wed 7 Jan 2026, 10:00"
    assert mail["From"] == "Assurances du Pont <office@pont.example>"
    assert mail["Reply-To"] == '"Fanny Roux, Assurances du Pont" <fanny@pont.example>'
    assert mail["To"] == "Paul Martin <paul@garage.example>"
    text = text_of(mail)
    assert "Front desk (Assurances du Pont) asks Garage Martin to do this: Estimate the damage." in text
    assert "Answer by: Wed 7 Jan 2026, 10:00 (CET)" in text
    assert address in text
    assert f'href="{address}"' in html_of(mail)


def test_the_reader_reads_its_own_language_and_clock(database):
    contact = {"name": "Paul Martin", "email": "paul@garage.example"}
    desk = Desk(database, language="fr", time_zone="America/Guadeloupe", contacts=[contact])
    mail = desk.mail(desk.invitation)

    assert mail["Subject"] == f"[{desk.number}] AB-123-CD: Estimate the damage, avant le mer. 7 janv. 2026, 05 h 00"
    assert mail["Content-Language"] == "fr"
    assert "Bonjour Paul Martin," in text_of(mail)
    assert '<html lang="fr">' in html_of(mail)


def test_all_mails_of_a_case_are_one_thread_and_none_is_another(desk):
    keys = [desk.invitation, desk.news("reminder")]
    found = [desk.mail(key) for key in keys]

    assert {mail["References"] for mail in found} == {f"<case.{desk.case.key}@pont.example>"}
    assert len({mail["Message-ID"] for mail in found}) == 2


def test_no_token_and_no_code_lies_in_the_outbox(desk):
    code = desk.code()
    of_code = desk.told(Kind.CODE, Reader("paul@garage.example"), data={"code": str(code)})
    token, digits = links.token(HOUSE.secret, desk.link), codes.digits(HOUSE.secret, code)
    rows = desk.read(lambda s: list(s.scalars(select(Notification))))
    stored = [str(getattr(row, column.name)) for row in rows for column in Notification.__table__.columns]

    assert digits in text_of(desk.mail(of_code))
    assert token in text_of(desk.mail(desk.invitation))
    assert not any(token in value or value == digits for value in stored)


def test_a_code_is_in_the_mail_and_not_in_its_subject(desk):
    code = desk.code()
    mail = desk.mail(desk.told(Kind.CODE, Reader("paul@garage.example"), data={"code": str(code)}))
    digits = codes.digits(HOUSE.secret, code)

    assert digits in text_of(mail)
    assert digits in html_of(mail)
    assert digits not in mail["Subject"]
    assert mail["References"] is None


@pytest.mark.parametrize(
    ("word", "party", "subject", "says"),
    [
        ("reminder", True, "Reminder: Estimate the damage, until", "is still waiting for this"),
        ("warned", True, "Reminder: Estimate the damage, until", "is still waiting for this"),
        ("late", True, "Late: Estimate the damage, until", "It can still be done."),
        ("withdrawn", True, "No longer needed: Estimate the damage", "There is nothing to do."),
        ("warned", False, "Garage Martin has little time left: Estimate the damage", "You are waiting for Garage Martin:"),
        ("late", False, "Garage Martin is late: Estimate the damage", "should have answered by"),
        ("declined", False, "Garage Martin said no: Estimate the damage", "Reason: No lift that is high enough"),
    ],
)
def test_each_piece_of_news_in_plain_words(desk, word, party, subject, says):
    if word == "declined":
        desk.change(Handoff, desk.passed.key, reason="No lift that is high enough")
    mail = desk.mail(desk.news(word, party))

    assert f"AB-123-CD: {subject}" in mail["Subject"]
    assert says in text_of(mail)
    assert ("/l/" in text_of(mail)) == (party and word != "withdrawn")
    assert (f"https://work.example.com/handoffs/{desk.passed.key}" in text_of(mail)) == (not party)


def test_an_invitation_that_was_withdrawn_before_its_turn_is_not_sent(desk):
    desk.news("withdrawn")

    assert desk.mail(desk.invitation) is None


def test_a_reminder_of_what_is_done_is_not_sent(desk):
    desk.change(Handoff, desk.passed.key, state="COMPLETED", ended_at=NOW)

    assert desk.mail(desk.news("reminder")) is None


def test_a_receipt_repeats_what_was_sent(desk):
    data = {"who": "Paul Martin", "answers": [["Hours of work", "12"], ["Note", "Two\n<b>doors</b>"]]}
    mail = desk.mail(desk.told(Kind.RECEIPT, Reader("paul@garage.example"), data=data))

    assert mail["Subject"] == f"[{desk.number}] AB-123-CD: Sent: Estimate the damage"
    assert "sent on Mon 5 Jan 2026, 10:00 (CET) by Paul Martin" in text_of(mail)
    assert "Hours of work:\n    12\nNote:\n    Two\n    <b>doors</b>\n" in text_of(mail).replace("\r\n", "\n")
    assert "&lt;b&gt;doors&lt;/b&gt;" in html_of(mail)


def test_nothing_that_somebody_typed_becomes_a_header_or_html(desk):
    names = {name.lower() for name in desk.mail(desk.invitation).keys()}  # noqa: SIM118 - a mail's keys
    nasty = NASTY.replace("\x00", "")
    desk.change(Case, desk.case.key, title=nasty[:200])
    desk.change(Task, desk.task().key, name=nasty)
    desk.change(Party, parties.HOST_KEY, name=nasty, contacts=[{"name": nasty, "email": "fanny@pont.example"}])
    desk.change(Handoff, desk.passed.key, from_side=nasty, to_side=nasty, reason=nasty)
    data = {"who": NASTY, "answers": [[NASTY, NASTY]], "side": "sender"}
    for kind in (Kind.OFFERED, Kind.DECLINED, Kind.RECEIPT, Kind.WITHDRAWN):
        mail = desk.mail(desk.told(kind, Reader("paul@garage.example", NASTY), data=data, link_key=desk.link.key))

        assert {name.lower() for name in mail.keys()} <= names  # noqa: SIM118
        assert mail["Bcc"] is None
        assert [one.addr_spec for one in mail["To"].addresses] == ["paul@garage.example"]
        assert len(mail["Subject"]) <= 200
        assert "\u202e" not in str(mail["Subject"]) + text_of(mail)
        assert "<script" not in html_of(mail)
        assert "\nBcc:" not in text_of(mail)


@pytest.mark.parametrize("title", ["Renault Clio of Ms Durand, Lyon", "Dégât des eaux à l’étage, rue de la Forêt", "事故報告書" * 12, "x" * 200])
def test_a_subject_arrives_as_it_was_written(desk, title):
    desk.change(Case, desk.case.key, title=title)
    drawn = desk.read(lambda s: mails.draw(s, s.get(Notification, desk.invitation), HOUSE))
    read = message_from_bytes(drawn.as_bytes(), policy=policy.default)

    assert read["Subject"] == drawn["Subject"]
    assert max(len(line) for line in drawn.as_bytes().partition(b"\r\n\r\n")[0].split(b"\r\n")) <= 200


def test_lines_of_a_mail_are_as_short_as_servers_want_them(desk):
    data = {"answers": [["x" * 500, "y" * 3000]]}
    key = desk.told(Kind.RECEIPT, Reader("paul@garage.example", "é" * 100), data=data)
    raw = desk.read(lambda s: mails.draw(s, s.get(Notification, key), HOUSE)).as_bytes()

    assert max(len(line) for line in raw.split(b"\r\n")) <= 998  # RFC 5322, 2.1.1


def test_every_sentence_has_the_same_holes_in_both_languages():
    from string import Formatter

    from engine.mail_words import SENTENCES

    for key, (english, french) in SENTENCES.items():
        assert {hole for _t, hole, _s, _c in Formatter().parse(english)} == {hole for _t, hole, _s, _c in Formatter().parse(french)}, key


def test_codes_are_six_digits_work_once_and_for_ten_minutes(session):
    database.run(session, lambda s: clock.pin(s, NOW))
    key = database.run(session, lambda s: codes.make(s, "link:1", "paul@garage.example").key)
    right = codes.digits("secret", key)

    def check(typed, address="paul@garage.example", purpose="link:1"):
        return database.run(session, lambda s: codes.check(s, "secret", purpose, address, typed))

    assert len(right) == 6
    assert not check(right, address="other@garage.example")
    assert not check(right, purpose="link:2")
    assert not check(f"{(int(right) + 1) % 10**6:06}")
    assert check(f" {right[:3]} {right[3:]}")
    assert not check(right)


def test_a_code_dies_after_five_wrong_tries(session):
    key = database.run(session, lambda s: codes.make(s, "link:1", "paul@garage.example").key)
    right = codes.digits("secret", key)
    wrong = f"{(int(right) + 1) % 10**6:06}"
    for _ in range(codes.TRIES):
        assert not database.run(session, lambda s: codes.check(s, "secret", "link:1", "paul@garage.example", wrong))

    assert not database.run(session, lambda s: codes.check(s, "secret", "link:1", "paul@garage.example", right))


def test_a_new_code_kills_the_one_before_and_nobodys_mailbox_is_filled(session):
    first = database.run(session, lambda s: codes.make(s, "link:1", "paul@garage.example").key)
    second = database.run(session, lambda s: codes.make(s, "link:1", "paul@garage.example").key)

    assert not database.run(session, lambda s: codes.check(s, "secret", "link:1", "paul@garage.example", codes.digits("secret", first)))
    assert database.run(session, lambda s: codes.check(s, "secret", "link:1", "paul@garage.example", codes.digits("secret", second)))
    for _ in range(codes.MOST_SENT - 2):
        database.run(session, lambda s: codes.make(s, "link:2", "paul@garage.example"))
    with pytest.raises(codes.Busy):
        database.run(session, lambda s: codes.make(s, "link:3", "paul@garage.example"))


def test_an_old_code_is_dead(session, monkeypatch):
    key = database.run(session, lambda s: codes.make(s, "link:1", "paul@garage.example").key)
    later = clock.machine_now() + codes.HOLDS + timedelta(seconds=1)
    monkeypatch.setattr(clock, "machine_now", lambda: later)

    assert not database.run(session, lambda s: codes.check(s, "secret", "link:1", "paul@garage.example", codes.digits("secret", key)))


def test_a_party_that_waits_for_another_hears_of_its_own_part_not_of_what_the_other_does(desk):
    desk.change(Handoff, desk.passed.key, from_party_key=desk.passed.to_party_key, to_party_key=parties.HOST_KEY)
    desk.change(Task, desk.task().key, name="Look for fraud")
    reader = Reader("paul@garage.example", party_key=desk.passed.to_party_key)
    mail = desk.mail(desk.told(Kind.LATE, reader, data={"side": "sender"}))

    assert "is late" in mail["Subject"]
    assert "Look for fraud" not in str(mail["Subject"]) + text_of(mail) + html_of(mail)
