"""What a mail says, to whom, in which language; and that nothing anybody typed can become a header or HTML."""

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest

from engine import clock, codes, database, links, mails, notifications, parties
from engine.cases import Case
from engine.database import Writes
from engine.handoffs import Handoff
from engine.instances import Instance
from engine.links import Link
from engine.mails import House
from engine.notifications import Kind, Notification, Reader
from engine.parties import PLATFORM
from engine.tasks import Task
from tests.mailboxes import html_of, text_of

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
HOUSE = House("https://work.example.com", "a secret of the tests", "Passerelle", "office@pont.example", "Europe/Paris")
NASTY = "Eve\r\nBcc: all@example.com\n\u202e<script>alert(1)</script> \x00" + "🚗" * 300


class Desk:
    """A handoff to a garage, and the mails about it."""

    def __init__(self, session, **garage):
        self.session = session
        database.run(session, self._furnish)
        about = {"party_id": "garage-martin", "name": "Garage Martin", "kind": "partner", "language": "en", "time_zone": "Europe/Paris"}
        contacts = [{"name": "Paul Martin", "email": "paul@garage.example"}]
        self.garage = database.run(session, lambda s: parties.save(s, about | {"contacts": contacts} | garage, by=PLATFORM).key)

    def _furnish(self, session):
        clock.pin(session, NOW)
        host = parties.host(session)
        host.name, host.contacts = "Assurances du Pont", [{"name": "Fanny Roux", "email": "fanny@pont.example"}]
        facts = {"process_id": "claim", "state": "ACTIVE", "created_at": NOW, "started_by": "person:julie"}
        session.add(Case(key=1, number=1042, title="AB-123-CD", first_instance_key=2, open_instances=1, kept_messages=0, **facts))
        session.flush()

    def row(self, model, **facts):
        writes = Writes()
        writes.insert(model, facts)
        database.run(self.session, writes.flush)

    def offer(self, **changes):
        """A handoff offered to the garage: the mail about it."""
        writes = Writes()
        self.handoff = {
            "key": 7, "case_key": 1, "from_instance_key": 2, "process_key": 3, "process_id": "claim", "flow_id": "f", "path": ["f"],
            "kind": "partner", "from_side": "Front desk", "to_side": "Garage", "from_role": "desk", "to_role": "garage",
            "from_party_key": None, "to_party_key": self.garage, "from_element_id": "check", "to_element_id": "estimate", "round": 1,
            "previous_key": None, "state": "OFFERED", "is_settled": False, "is_begun": False, "offered_at": NOW, "accepted_at": None,
            "ended_at": None, "accept_due_at": None, "complete_due_at": datetime(2026, 1, 12, 16, 0, tzinfo=UTC), "clock": "IN_TIME",
            "accept_late": False, "complete_late": False, "next_look_at": None, "reason": None, "channel": "email", "assurance": "link",
            "address": None,
        } | changes  # fmt: skip
        writes.insert(Handoff, self.handoff)
        self.task()
        garage = self.session.get(parties.Party, self.garage)
        key = notifications.handoff_offered(writes, self.handoff, self.session.get(Case, 1), garage, NOW)
        database.run(self.session, writes.flush)
        return key

    def task(self):
        if self.session.get(Task, 9) is None:
            instance = {"process_key": 3, "process_id": "claim", "state": "ACTIVE"}
            self.session.rollback()
            facts = {"instance_key": 2, "case_key": 1, "process_key": 3, "process_id": "claim", "element_id": "estimate", "name": "Estimate the damage"}
            more = {"state": "CREATED", "candidate_groups": [], "candidate_users": [], "priority": 50, "created_at": NOW}
            self.row(Instance, key=2, case_key=1, revision=0, created_at=NOW, **instance, **INSTANCE)
            self.row(Task, key=9, element_instance_key=8, party_key=self.garage, handoff_key=7, **facts, **more)

    def news(self, word, party=True):
        writes = Writes()
        row = self.session.get(parties.Party, self.garage) if party else None
        found = notifications.handoff_news(writes, word, self.handoff, self.session.get(Case, 1), row, NOW)
        database.run(self.session, writes.flush)
        return found[0]

    def told(self, kind, reader, **named):
        writes = Writes()
        key = notifications.add(writes, kind, reader=reader, at=NOW, case_key=1, handoff_key=7, **named)
        database.run(self.session, writes.flush)
        return key

    def mail(self, key):
        """As the reader gets it."""
        drawn = mails.draw(self.session, self.session.get(Notification, key), HOUSE)
        return None if drawn is None else message_from_bytes(drawn.as_bytes(), policy=policy.default)


INSTANCE = {}


@pytest.fixture
def desk(session):
    return Desk(session)


def test_an_invitation_says_who_asks_for_what_until_when_and_how(desk):
    mail = desk.mail(desk.offer())
    link = desk.session.query(Link).one()
    address = f"https://work.example.com/l/{links.token(HOUSE.secret, link)}"

    assert mail["Subject"] == "[001 042] AB-123-CD: Estimate the damage, until Mon 12 Jan 2026, 17:00"
    assert mail["From"] == "Assurances du Pont <office@pont.example>"
    assert mail["Reply-To"] == '"Fanny Roux, Assurances du Pont" <fanny@pont.example>'
    assert mail["To"] == "Paul Martin <paul@garage.example>"
    text = text_of(mail)
    assert "Front desk (Assurances du Pont) asks Garage (Garage Martin) to do this: Estimate the damage." in text
    assert "To be done by: Mon 12 Jan 2026, 17:00 (CET)" in text
    assert address in text
    assert f'href="{address}"' in html_of(mail)


def test_the_reader_reads_its_own_language_and_clock(session):
    desk = Desk(session, language="fr", time_zone="America/Guadeloupe")
    mail = desk.mail(desk.offer())

    assert mail["Subject"] == "[001 042] AB-123-CD: Estimate the damage, avant le lun. 12 janv. 2026 à 12 h 00"
    assert mail["Content-Language"] == "fr"
    assert "Bonjour Paul Martin," in text_of(mail)
    assert '<html lang="fr">' in html_of(mail)


def test_all_mails_of_a_case_are_one_thread_and_none_is_another(desk):
    first = desk.offer()
    keys = [first, desk.news("reminder")]
    found = [desk.mail(key) for key in keys]

    assert {mail["References"] for mail in found} == {"<case.1@pont.example>"}
    assert len({mail["Message-ID"] for mail in found}) == 2


def test_no_token_and_no_code_lies_in_the_outbox(desk):
    key = desk.offer()
    code = database.run(desk.session, lambda s: codes.make(s, "link:1", "paul@garage.example").key)
    of_code = desk.told(Kind.CODE, Reader("paul@garage.example"), data={"code": str(code)})
    token = links.token(HOUSE.secret, desk.session.query(Link).one())
    digits = codes.digits(HOUSE.secret, code)
    stored = [str(getattr(desk.session.get(Notification, k), c.name)) for k in (key, of_code) for c in Notification.__table__.columns]

    assert digits in text_of(desk.mail(of_code))
    assert not any(token in value or value == digits for value in stored)


def test_a_code_is_in_the_mail_and_not_in_its_subject(desk):
    desk.offer()
    code = database.run(desk.session, lambda s: codes.make(s, "link:1", "paul@garage.example").key)
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
        ("warned", False, "Garage (Garage Martin) has little time left: Estimate the damage", "You are waiting for Garage"),
        ("late", False, "Garage (Garage Martin) is late: Estimate the damage", "should have answered by"),
        ("declined", False, "Garage (Garage Martin) said no: Estimate the damage", "Reason: No lift that is high enough"),
    ],
)
def test_each_piece_of_news_in_plain_words(desk, word, party, subject, says):
    desk.offer(reason="No lift that is high enough" if word == "declined" else None)
    key = desk.news(word, party)
    if not party:
        group = desk.session.get(Notification, key)
        assert group.data["group"] == "front-desk"
        key = desk.told(group.kind, Reader("fanny@pont.example", "Fanny Roux"), data={"side": "sender"})
    mail = desk.mail(key)

    assert f"AB-123-CD: {subject}" in mail["Subject"]
    assert says in text_of(mail)
    assert ("/l/" in text_of(mail)) == (party and word != "withdrawn")
    assert ("https://work.example.com/cases/1042" in text_of(mail)) == (not party)


def test_an_invitation_that_was_withdrawn_before_its_turn_is_not_sent(desk):
    key = desk.offer()
    desk.news("withdrawn")

    assert desk.mail(key) is None


def test_a_reminder_of_what_is_done_is_not_sent(desk):
    desk.offer(state="COMPLETED", ended_at=NOW)

    assert desk.mail(desk.news("reminder")) is None


def test_a_receipt_repeats_what_was_sent(desk):
    desk.offer()
    data = {"who": "Paul Martin", "answers": [["Hours of work", "12"], ["Note", "Two\n<b>doors</b>"]]}
    mail = desk.mail(desk.told(Kind.RECEIPT, Reader("paul@garage.example"), data=data))

    assert mail["Subject"] == "[001 042] AB-123-CD: Sent: Estimate the damage"
    assert "sent on Mon 5 Jan 2026, 10:00 (CET) by Paul Martin" in text_of(mail)
    assert "Hours of work:\n    12\nNote:\n    Two\n    <b>doors</b>\n" in text_of(mail).replace("\r\n", "\n")
    assert "&lt;b&gt;doors&lt;/b&gt;" in html_of(mail)


def test_nothing_that_somebody_typed_becomes_a_header_or_html(session):
    desk = Desk(session)
    first = desk.mail(desk.offer())
    names = {name.lower() for name in first.keys()}  # noqa: SIM118 - a mail's keys

    def spoil(session):
        session.get(Case, 1).title = NASTY[:200].replace("\x00", "")
        session.get(Task, 9).name = NASTY.replace("\x00", "")
        parties.host(session).name = NASTY[:180].replace("\x00", "")
        handoff = session.get(Handoff, 7)
        handoff.from_side = handoff.to_side = NASTY.replace("\x00", "")
        handoff.reason = NASTY[:2000].replace("\x00", "")

    database.run(desk.session, spoil)
    data = {"who": NASTY, "answers": [[NASTY, NASTY]], "side": "sender"}
    for kind in (Kind.OFFERED, Kind.DECLINED, Kind.RECEIPT, Kind.WITHDRAWN):
        link = desk.session.query(Link).one().key
        mail = desk.mail(desk.told(kind, Reader("paul@garage.example", NASTY), data=data, link_key=link))

        assert {name.lower() for name in mail.keys()} <= names  # noqa: SIM118
        assert mail["Bcc"] is None
        assert [one.addr_spec for one in mail["To"].addresses] == ["paul@garage.example"]
        assert len(mail["Subject"]) <= 200
        assert "\u202e" not in str(mail["Subject"]) + text_of(mail)
        assert "<script" not in html_of(mail)
        assert "\nBcc:" not in text_of(mail)


def test_lines_of_a_mail_are_as_short_as_servers_want_them(desk):
    desk.offer()
    data = {"answers": [["x" * 500, "y" * 3000]]}
    key = desk.told(Kind.RECEIPT, Reader("paul@garage.example", "é" * 100), data=data)
    raw = mails.draw(desk.session, desk.session.get(Notification, key), HOUSE).as_bytes()

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
