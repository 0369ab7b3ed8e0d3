"""How a notification becomes a mail: the words, in the reader's language and time zone, drawn at the moment it is sent.

Whatever people typed (names, titles, reasons) is text: one line in a header, escaped in HTML, and never a header of its own.
"""

from __future__ import annotations

import contextlib
import functools
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.header import Header
from email.headerregistry import Address, HeaderRegistry, UniqueUnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import cases, clock, codes, deployments, links, parties, public_starts, tasks, tracking, views
from engine.cases import Case
from engine.handoffs import Handoff
from engine.links import Link
from engine.mail_words import LANGUAGES, moment, say
from engine.notifications import RECEIVER, SENDER, Kind, Notification
from engine.parties import PLATFORM, Actor, Party
from engine.public_starts import PublicStart
from engine.tasks import Task


@dataclass(frozen=True, slots=True)
class House:
    """What a mail says of the installation. `url` without a slash at its end; `sender`: From; `time_zone`: IANA."""

    url: str
    secret: str
    sender_name: str
    sender_address: str
    time_zone: str = "UTC"

    @property
    def domain(self) -> str:
        """Right of the @ in our message ids."""
        return self.sender_address.rpartition("@")[2] or urlsplit(self.url).hostname or "localhost"


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail, as text; the templates lay it out."""

    language: str
    subject: str
    kicker: str
    heading: str
    greeting: str
    lines: Sequence[str] = ()
    code: str = ""
    url: str = ""
    button: str = ""
    if_button: str = ""
    facts: Sequence[tuple[str, str]] = ()
    answers: Sequence[tuple[str, str]] = ()
    after: Sequence[str] = ()
    small: Sequence[str] = ()


@dataclass(slots=True)
class About:
    """What a notification is about, as it stands now."""

    row: Notification
    house: House
    language: str
    zone: ZoneInfo
    host: Party
    now: datetime
    case: Case | None = None
    handoff: Handoff | None = None
    task: Task | None = None
    link: Link | None = None
    start: PublicStart | None = None  # what waits for the proof of an address
    sender: str = ""  # who asks, as the reader knows it: side and company
    receiver: str = ""
    title: str | None = None  # of the case, as the reader may know it
    task_name: str = ""
    reply_to: tuple[str, str] = ("", "")
    more: dict[str, Any] = field(default_factory=dict)

    def say(self, key: str, **mentions: object) -> str:
        return say(self.language, key, **mentions)

    def when(self, at: datetime | None) -> str:
        return moment(at, self.language, self.zone) if at is not None else ""

    @property
    def due_at(self) -> datetime | None:
        """Of the limit that runs now."""
        if self.handoff is None:
            return None
        if self.handoff.accepted_at is None and self.handoff.accept_due_at is not None:
            return self.handoff.accept_due_at
        return self.handoff.complete_due_at


# -- drawing ------------------------------------------------------------------------------------------------------


def draw(session: Session, row: Notification, house: House) -> EmailMessage | None:
    """The mail of a notification, as it is now; None where it is no longer of use (the work was withdrawn meanwhile).

    Links and codes are made here, from the secret, and nowhere else.
    """
    letter = letter_of(session, row, house)
    return None if letter is None else _message(row, house, *letter)


def letter_of(session: Session, row: Notification, house: House) -> tuple[Letter, About] | None:
    about = _about(session, row, house)
    return None if _is_in_vain(about) else (_LETTERS[_kind(session, about)](about), about)


def _kind(session: Session, about: About) -> str:
    """Who is asked in place of somebody else is not told that there was one."""
    again = about.handoff is not None and about.row.kind == Kind.OFFERED_AGAIN
    before = session.get(Handoff, about.handoff.previous_key) if again and about.handoff is not None else None
    is_new = before is not None and about.handoff is not None and before.to_party_key != about.handoff.to_party_key
    return Kind.OFFERED if is_new else about.row.kind


def _about(session: Session, row: Notification, house: House) -> About:
    host = parties.host(session)
    party = session.get(Party, row.party_key) if row.party_key is not None else None
    language = next((one for one in (row.language, getattr(party, "language", None), host.language) if one in LANGUAGES), "en")
    zone = ZoneInfo(party.time_zone if party is not None else house.time_zone)
    about = About(row=row, house=house, language=language, zone=zone, host=host, now=clock.now(session))
    about.case = session.get(Case, row.case_key) if row.case_key is not None else None
    about.handoff = session.get(Handoff, row.handoff_key) if row.handoff_key is not None else None
    about.task = _task(session, row)
    about.link = _link(session, row)
    about.start = session.get(PublicStart, int(row.data["start"])) if row.kind == Kind.PROOF and "start" in row.data else None
    if about.case is not None:
        about.title = views.title(session, _reader(session, row, about.link), about.case)
    if about.handoff is not None:
        names = parties.names(session, (about.handoff.from_party_key, about.handoff.to_party_key))
        about.sender = _side(about.handoff.from_side, names.get(about.handoff.from_party_key or 0, host.name))
        about.receiver = _side(about.handoff.to_side, names.get(about.handoff.to_party_key or 0, host.name))
    about.sender = about.sender or _line(host.name)
    about.task_name = _line(_name_of_work(session, about), 120)
    contact: Mapping[str, Any] = next(iter(host.contacts or ()), {})
    name, address = contact.get("name") or host.name, contact.get("email") or house.sender_address
    about.reply_to = (_line(f"{name}, {host.name}" if contact.get("name") else name, 100), address)
    return about


def _reader(session: Session, row: Notification, link: Link | None) -> Actor:
    """As whom the reader would ask: people of the host, or of a party, or a guest."""
    if row.party_key is None:
        return PLATFORM
    handoff_keys = frozenset() if row.handoff_key is None else frozenset({row.handoff_key})
    if link is not None and link.kind == links.LinkKind.CASE:
        handoff_keys = tracking.handoff_keys(session, link)
    return Actor(id=f"mail:{row.key}", party_key=row.party_key, link_key=link.key if link is not None else None, handoff_keys=handoff_keys)


def _side(side: str, party: str) -> str:
    """ "Front desk (Assurances du Pont)"; "Garage Martin" alone, where its lane is called Garage."""
    side, party = _line(side, 80), _line(party, 80)
    return party if side.casefold() in party.casefold() else f"{side} ({party})"


def _task(session: Session, row: Notification) -> Task | None:
    if row.task_key is not None:
        return session.get(Task, row.task_key)
    if row.handoff_key is None:
        return None
    return session.scalars(select(Task).where(tasks.stands_in(row.handoff_key)).order_by(Task.key).limit(1)).first()


def _link(session: Session, row: Notification) -> Link | None:
    """The one it was written with; a reminder takes the one that holds now for the same address."""
    if row.link_key is not None:
        return session.get(Link, row.link_key)
    if row.handoff_key is None or row.to_address is None or row.kind not in (Kind.REMINDER, Kind.LATE):
        return None
    mine = (Link.handoff_key == row.handoff_key, Link.revoked_at.is_(None))
    found = session.scalars(select(Link).where(*mine).order_by(Link.key.desc())).all()
    return next((link for link in found if link.address == row.to_address), None)


def _name_of_work(session: Session, about: About) -> str:
    """What is to be done. A sender of another party reads of its own part, that it waits behind: the receiver's it may not know."""
    row, handoff = about.row, about.handoff
    waits = row.party_key is not None and row.data.get("side") == SENDER
    is_boxed = waits and handoff is not None and handoff.to_party_key != row.party_key
    if about.task is not None and not is_boxed:
        return about.task.name
    if handoff is not None:
        elements = deployments.definition(session, handoff.process_key).elements
        for element_id in (None if is_boxed else handoff.to_element_id, handoff.from_element_id):
            element = elements.get(element_id) if element_id is not None else None
            if element is not None and element.name:
                return str(element.name)
    return about.say("work")


_NEEDS_A_LINK = frozenset({Kind.OFFERED, Kind.OFFERED_AGAIN, Kind.LINK, Kind.FOLLOW})


def _is_in_vain(about: About) -> bool:
    """An invitation whose link is dead, a reminder of work that is done, a code or proof that ran out while the mail waited."""
    kind, link, handoff = about.row.kind, about.link, about.handoff
    if kind in _NEEDS_A_LINK:
        return link is None or link.revoked_at is not None
    if kind in (Kind.REMINDER, Kind.WARNED, Kind.LATE):
        return handoff is None or handoff.ended_at is not None
    if kind == Kind.CODE:
        return bool(about.row.created_at + codes.HOLDS < about.now)
    if kind == Kind.PROOF:
        return about.start is None or about.start.address is None or about.start.expires_at <= clock.machine_now()
    return False


# -- the words of each kind -----------------------------------------------------------------------------------------


def _letter(about: About, subject: str, lines: Sequence[str], **more: Any) -> Letter:
    number = cases.number_for_people(about.case.number) if about.case is not None else ""
    title = _line(about.title or "", 60)
    name = _line(about.row.to_name or "", 100)
    kicker = " · ".join(part for part in (f"{about.say('case')} {number}" if number else "", title) if part)
    small = [about.say("reply", name=about.reply_to[0])]
    if number:
        small.append(about.say("why", host=_line(about.host.name), number=number))
    return Letter(
        language=about.language,
        subject=_line(_subject(number, title, subject), 200),
        kicker=kicker or _line(about.host.name),
        heading=_line(subject, 160),
        greeting=about.say("hello", name=name) if name else about.say("hello_nobody"),
        lines=lines,
        if_button=about.say("if_button"),
        small=[*more.pop("small", ()), *small],
        **more,
    )


def _subject(number: str, title: str, subject: str) -> str:
    """[001 042] title: task, until ... : what the case is, and what is wanted, before a phone cuts it off."""
    head = f"[{number}] " if number else ""
    return head + (f"{title}: {subject}" if title else subject)


def _until(about: About, subject: str) -> str:
    due = about.due_at
    return subject if due is None else about.say("until", what=subject, when=moment(due, about.language, about.zone, with_zone=False))


def _facts(about: About) -> list[tuple[str, str]]:
    handoff = about.handoff
    found = [(about.say("from"), about.sender)]
    if handoff is not None and handoff.accepted_at is None and handoff.accept_due_at is not None:
        found.append((about.say("answer_by"), about.when(handoff.accept_due_at)))
    if handoff is not None and handoff.complete_due_at is not None:
        found.append((about.say("done_by"), about.when(handoff.complete_due_at)))
    return found


def _address_of(about: About) -> dict[str, Any]:
    """The way to the work: by the reader's own link, or for people of the host to the page of the case."""
    if about.link is not None:
        url = f"{about.house.url}/l/{links.token(about.house.secret, about.link)}"
        small = [about.say("link_once", until=about.when(about.link.expires_at))]
        return {"url": url, "button": about.say("offered_button"), "small": small}
    if about.row.data.get("side") == SENDER and about.handoff is not None:
        return {"url": f"{about.house.url}/handoffs/{about.handoff.key}", "button": about.say("see_handoff")}
    if about.row.party_key is None and about.case is not None:
        return {"url": f"{about.house.url}/cases/{about.case.number}", "button": about.say("see_case")}
    return {}


def _work(lead: str, how: str | None, subject: str) -> Callable[[About], Letter]:
    """Something that the receiver is to do."""

    def make(about: About) -> Letter:
        task, sender, party = about.task_name, about.sender, about.receiver
        names = {"task": task, "sender": sender, "party": party, "when": about.when(about.due_at), "who": about.more.get("who", "")}
        names["who"] = _line(about.row.data.get("who") or about.say("somebody"), 100)
        lines = [about.say(lead, **names), *([about.say(how, **names)] if how else [])]
        return _letter(about, _until(about, about.say(subject, **names)), lines, facts=_facts(about), **_address_of(about))

    return make


def _offered(about: About) -> Letter:
    is_box = about.handoff is not None and about.handoff.to_element_id is None
    make = _work("offered_box_lead", None, "offered_subject") if is_box else _work("offered_lead", "offered_how", "offered_subject")
    return make(about)


def _news(lead: str, how: str | None, subject: str) -> Callable[[About], Letter]:
    """Something that one hears of, and may act on in the case."""

    def make(about: About) -> Letter:
        task, sender, party = about.task_name, about.sender, about.receiver
        names = {"task": task, "sender": sender, "party": party, "when": about.when(about.due_at)}
        reason = about.handoff.reason if about.handoff is not None else None
        facts = [(about.say("with"), party)] if about.row.data.get("side") == SENDER else [(about.say("from"), sender)]
        if reason:
            facts.append((about.say("reason"), _paragraph(reason)))
        lines = [about.say(lead, **names), *([about.say(how, **names)] if how else [])]
        way = _address_of(about) if about.row.data.get("side") == SENDER else {}
        return _letter(about, about.say(subject, **names), lines, facts=facts, **way)

    return make


def _late(about: About) -> Letter:
    if about.row.data.get("side") == RECEIVER:
        return _work("late_lead", "late_how", "late_subject")(about)
    return _news("sender_late_lead", "sender_late_how", "sender_late_subject")(about)


def _receipt(about: About) -> Letter:
    data = about.row.data
    who = _line(data.get("who") or about.say("somebody"), 100)
    names = {"task": about.task_name, "when": about.when(about.row.created_at), "who": who}
    answers = [(_line(label, 120), _paragraph(shown)) for label, shown in data.get("answers", ())]
    lines = [about.say("receipt_started_lead" if data.get("started") else "receipt_lead", **names)]
    lines.append(about.say("receipt_how" if answers else "receipt_nothing"))
    more = _follow(about) if about.link is not None else {}
    return _letter(about, about.say("receipt_subject", task=about.task_name), lines, answers=answers, **more)


def _code(about: About) -> Letter:
    names = {"host": _line(about.host.name)}
    digits = codes.digits(about.house.secret, int(about.row.data["code"]))
    after = [about.say("code_how", **names), about.say("code_not_me")]
    return _letter(about, about.say("code_subject"), [about.say("code_lead", **names)], code=digits, after=after)


def _proof(about: About) -> Letter:
    assert about.start is not None
    names = {"host": _line(about.host.name), "what": _line(about.row.data.get("what") or about.say("proof_what"), 120)}
    url = f"{about.house.url}/p/{public_starts.token(about.house.secret, about.start.key)}"
    after = [about.say("proof_until", until=about.when(about.start.expires_at)), about.say("proof_not_me")]
    lines = [about.say("proof_lead", **names)]
    return _letter(about, about.say("proof_subject"), lines, url=url, button=about.say("proof_button"), after=after)


def _follow(about: About) -> dict[str, Any]:
    assert about.link is not None
    url = f"{about.house.url}/l/{links.token(about.house.secret, about.link)}"
    return {"url": url, "button": about.say("follow_button"), "small": [about.say("follow_link")]}


def _following(about: About) -> Letter:
    number = cases.number_for_people(about.case.number) if about.case is not None else ""
    answers = [(_line(label, 120), _paragraph(shown)) for label, shown in about.row.data.get("answers") or ()]
    lines = [about.say("follow_lead", number=number), *([about.say("receipt_how")] if answers else [])]
    return _letter(about, about.say("follow_subject"), lines, answers=answers, **_follow(about))


def _fresh_link(about: About) -> Letter:
    if about.link is not None and about.link.kind == links.LinkKind.CASE:
        return _following(about)
    if about.row.data.get("who"):
        return _work("passed_lead", "offered_how", "passed_subject")(about)
    return _work("link_lead", "link_how", "link_subject")(about)


_LETTERS: Mapping[str, Callable[[About], Letter]] = {
    Kind.OFFERED: _offered,
    Kind.OFFERED_AGAIN: _work("again_lead", "again_how", "again_subject"),
    Kind.REMINDER: _work("reminder_lead", None, "reminder_subject"),
    Kind.WARNED: _news("warned_lead", None, "warned_subject"),
    Kind.LATE: _late,
    Kind.DECLINED: _news("declined_lead", "declined_how", "declined_subject"),
    Kind.WITHDRAWN: _news("withdrawn_lead", "withdrawn_how", "withdrawn_subject"),
    Kind.RECEIPT: _receipt,
    Kind.CODE: _code,
    Kind.PROOF: _proof,
    Kind.LINK: _fresh_link,
    Kind.FOLLOW: _following,
}


# -- the message --------------------------------------------------------------------------------------------------


class _Subject(UniqueUnstructuredHeader):
    """Folded by the older class: the newer one puts blanks into long subjects, and an empty line before them."""

    def fold(self, *, policy: Any) -> str:
        text = str(self)
        folded = Header(text, "us-ascii" if text.isascii() else "utf-8", header_name="Subject").encode(linesep=policy.linesep)
        return f"Subject: {folded}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("subject", _Subject)  # type: ignore[arg-type] # the registry mixes BaseHeader in itself
_POLICY = SMTP.clone(header_factory=_HEADERS)


def _message(row: Notification, house: House, letter: Letter, about: About) -> EmailMessage:
    message = EmailMessage(policy=_POLICY)
    message["From"] = _mailbox(
        _line(about.host.name, 100) if about.host.name != parties.HOST_NAME else house.sender_name, house.sender_address
    )
    message["To"] = _mailbox(_line(row.to_name or "", 100), row.to_address or "")
    message["Reply-To"] = _mailbox(*about.reply_to)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(clock.machine_now())
    message["Message-ID"] = f"<notification.{row.key}@{house.domain}>"  # the same when it is sent twice: readers show it once
    if row.case_key is not None and row.kind not in (Kind.CODE, Kind.PROOF):
        message["In-Reply-To"] = message["References"] = f"<case.{row.case_key}@{house.domain}>"  # one thread for each case
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answers from machines
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(_template("mail.txt").render(letter=_for_text(letter)), cte="quoted-printable")
    message.add_alternative(_template("mail.html").render(letter=letter), subtype="html", cte="quoted-printable")
    message["Content-Language"] = letter.language  # last: with the second part all Content- headers move into the first
    return message


def _mailbox(name: str, address: str) -> Address:
    local, _, domain = address.rpartition("@")
    if not domain.isascii():
        with contextlib.suppress(UnicodeError):  # then the server says no to it
            domain = domain.encode("idna").decode()
    return Address(display_name=name, username=local, domain=domain)


def _for_text(letter: Letter) -> SimpleNamespace:
    """Lines that belong to one value are indented: nobody's answer can look like a line of ours."""
    facts = [(label, value.replace("\n", "\n    ")) for label, value in letter.facts]
    answers = [(label, value.replace("\n", "\n    ")) for label, value in letter.answers]
    return SimpleNamespace(**{name: getattr(letter, name) for name in letter.__slots__} | {"facts": facts, "answers": answers})


@functools.cache
def _template(name: str) -> Any:
    folder = Path(__file__).parent / "mail_templates"
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=select_autoescape(["html"], default=False),
        undefined=StrictUndefined,
        trim_blocks=False,
        keep_trailing_newline=True,
    )
    return environment.get_template(name)


_SPACE = re.compile(r"\s+")


def _line(text: str, most: int = 200) -> str:
    """One line without control and direction marks, of at most so many characters: fit for a header."""
    plain = "".join(" " if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp") else char for char in str(text)[: most * 4])
    plain = _SPACE.sub(" ", plain).strip()
    return plain if len(plain) <= most else plain[: most - 1].rstrip() + "…"


def _paragraph(text: str, most: int = 4000) -> str:
    """Several lines, each of them clean."""
    lines = [_line(line, 1000) for line in str(text)[: most * 2].splitlines()]
    joined = "\n".join(lines).strip()
    return joined if len(joined) <= most else joined[: most - 1] + "…"
