"""What is to be told to somebody outside the page: rows of the step's own transaction, sent after its commit (outbox).

A row says to whom and about what, never the words and never a secret: the mail is drawn when it is sent.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import SimpleNamespace
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, and_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import clock, keys, links, tasks
from engine.database import Base, JsonText, Writes, after_commit, key_column, only_where
from engine.errors import Invalid, NotFound, WrongState
from engine.mail_addresses import is_address
from engine.parties import Actor
from engine.people import Membership, Person


class NotificationState(StrEnum):
    PENDING = "PENDING"  # -> SENT, FAILED (refused for good, or tried too often), DROPPED, PENDING (later, again)
    SENT = "SENT"
    KEPT = "KEPT"  # no mail server is set up: it can be read on a page of this machine -> PENDING (once there is one)
    DROPPED = "DROPPED"  # no longer of use when its turn came: the work was withdrawn meanwhile, or sent anew
    FAILED = "FAILED"  # undeliverable -> PENDING (an operator corrected the address, or tries again), DROPPED (the sender did)


class Kind(StrEnum):
    """What is told; mails.py has the words for each."""

    OFFERED = "handoff offered"
    OFFERED_AGAIN = "handoff offered again"
    REMINDER = "reminder"
    WARNED = "handoff warned"
    LATE = "handoff late"
    DECLINED = "handoff declined"
    WITHDRAWN = "handoff withdrawn"
    RECEIPT = "receipt"
    CODE = "one-time code"
    PROOF = "prove your address"
    LINK = "fresh link"
    FOLLOW = "follow your case"


class Notification(Base):
    __tablename__ = "notifications"

    key: Mapped[int] = key_column()
    kind: Mapped[str]  # Kind
    case_key: Mapped[int | None] = mapped_column(ForeignKey("cases.key"))
    handoff_key: Mapped[int | None]
    task_key: Mapped[int | None]
    party_key: Mapped[int | None]
    link_key: Mapped[int | None]
    to_address: Mapped[str | None]  # None: nobody knows one
    to_name: Mapped[str | None]
    language: Mapped[str | None]
    data: Mapped[Any] = mapped_column(JsonText)
    state: Mapped[str] = mapped_column(default=NotificationState.PENDING)
    attempts: Mapped[int] = mapped_column(default=0)
    next_at: Mapped[datetime | None]  # by the machine's clock; None: no longer
    sent_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(Text)  # what the other server said, without the address
    created_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_notifications_due", "next_at", **only_where("state = 'PENDING'")),
        Index("ix_notifications_failed", "key", **only_where("state = 'FAILED'")),
        Index("ix_notifications_case", "case_key"),
        Index("ix_notifications_handoff", "handoff_key"),
    )


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who is told: `address` None where nobody knows one."""

    address: str | None
    name: str | None = None
    language: str | None = None
    party_key: int | None = None


NOBODY_YET = Reader(None)  # a group's: see `spread`
NO_ADDRESS = "There is no e-mail address for this party."
NOT_AN_ADDRESS = "This is not an e-mail address."

# -- telling ------------------------------------------------------------------------------------------------------

_wake = threading.Event()


def nudge() -> None:
    """There is something to send. Called after the commit; never slow, never fails."""
    _wake.set()


def wait_for_nudge(seconds: float) -> None:
    _wake.wait(seconds)
    _wake.clear()


def add(
    writes: Writes,
    kind: str,
    *,
    reader: Reader,
    at: datetime,
    case_key: int | None = None,
    handoff_key: int | None = None,
    task_key: int | None = None,
    link_key: int | None = None,
    data: Mapping[str, Any] | None = None,
) -> int:
    """A mail to one reader, sent after the commit of `writes`. `at`: the business time. No secrets in `data`."""
    key = keys.new()
    error = None if reader is NOBODY_YET else NO_ADDRESS if not reader.address else None if is_address(reader.address) else NOT_AN_ADDRESS
    row = {
        "key": key,
        "kind": str(kind),
        "case_key": case_key,
        "handoff_key": handoff_key,
        "task_key": task_key,
        "party_key": reader.party_key,
        "link_key": link_key,
        "to_address": reader.address or None,
        "to_name": reader.name and reader.name.replace("\x00", ""),  # PostgreSQL keeps no NUL in a text
        "language": reader.language,
        "data": dict(data or {}),
        "state": NotificationState.PENDING if error is None else NotificationState.FAILED,
        "attempts": 0,
        "next_at": clock.machine_now() if error is None else None,
        "error": error,
        "created_at": at,
    }
    writes.insert(Notification, row)
    writes.afterwards(nudge)
    return key


def reader_of_party(party: Any, *, address: str | None = None, name: str | None = None) -> Reader:
    """Where mail for a party goes: the address that was given, else its first contact."""
    contact: dict[str, Any] = next(iter(getattr(party, "contacts", None) or ()), {})
    same = address is None or address == contact.get("email")
    return Reader(
        address=address or contact.get("email"),
        name=name or (contact.get("name") if same else None),
        language=(contact.get("language") if same else None) or getattr(party, "language", None),
        party_key=getattr(party, "key", None),
    )


def handoff_offered(writes: Writes, handoff_row: Any, case_row: Any, party_row: Any, at: datetime) -> int:
    """Invite the receiving party: a link for its address (the handoff's, else its first contact), and the mail with it.

    Links of the round before are dead from now on. Rows may be dicts or objects. Answers the notification's key.
    """
    handoff, case, party = _plain(handoff_row), _plain(case_row), _plain(party_row)
    reader = reader_of_party(party, address=handoff.address)
    again = handoff.previous_key is not None
    if again:
        links.end_of_handoff(writes, handoff.previous_key, because=links.Ended.REPLACED, at=at)
        # what could not be delivered in the round before is nobody's trouble any more
        undelivered = {"handoff_key": handoff.previous_key, "state": str(NotificationState.FAILED)}
        writes.update(Notification, undelivered, {"state": str(NotificationState.DROPPED)})
    link = None
    if reader.address:
        link = links.make(
            writes,
            address=reader.address,
            name=reader.name,
            language=reader.language,
            at=at,
            handoff_key=handoff.key,
            case_key=case.key,
            party_key=reader.party_key,
            assurance=handoff.assurance,
            due_at=handoff.complete_due_at or handoff.accept_due_at,
        )
    return add(
        writes,
        Kind.OFFERED_AGAIN if again else Kind.OFFERED,
        reader=reader,
        at=at,
        case_key=case.key,
        handoff_key=handoff.key,
        link_key=link.key if link else None,
        data={"assurance": handoff.assurance},  # for a link to a corrected address
    )


RECEIVER, SENDER = "receiver", "sender"
# word -> what each side is told; a side that does not stand here is told nothing
_NEWS: Mapping[str, Mapping[str, Kind]] = {
    "declined": {SENDER: Kind.DECLINED},
    "warned": {RECEIVER: Kind.REMINDER, SENDER: Kind.WARNED},
    "late": {RECEIVER: Kind.LATE, SENDER: Kind.LATE},
    "withdrawn": {RECEIVER: Kind.WITHDRAWN},
    "called off": {RECEIVER: Kind.WITHDRAWN},  # by the process: the link stays, and says so
    "reminder": {RECEIVER: Kind.REMINDER},
}
_DEAD_AFTER = {"declined": links.Ended.REVOKED, "withdrawn": links.Ended.REVOKED}


def handoff_news(writes: Writes, word: str, handoff_row: Any, case_row: Any, party_row: Any, at: datetime) -> list[int]:
    """Tell one party of a handoff: `word` is a key of `_NEWS`. Answers the notifications' keys.

    `party_row` None: the host's people on whichever side is the host's; who they are is asked when the mail is sent. A withdrawn
    or declined handoff's links are dead from now on.
    """
    handoff, case, party = _plain(handoff_row), _plain(case_row), None if party_row is None else _plain(party_row)
    if word in _DEAD_AFTER:
        links.end_of_handoff(writes, handoff.key, because=_DEAD_AFTER[word], at=at)
    party_key, found = None if party is None else party.key, []
    for side, side_party, side_name in (
        (RECEIVER, handoff.to_party_key, handoff.to_side),
        (SENDER, handoff.from_party_key, handoff.from_side),
    ):
        kind = _NEWS[word].get(side)
        if kind is None or side_party != party_key:
            continue
        about: dict[str, Any] = {"case_key": case.key, "handoff_key": handoff.key, "at": at}
        if party is None:
            found.append(_add_for_group(writes, kind, tasks.group_id_of(side_name), {"side": side}, **about))
        else:
            reader = reader_of_party(party, address=handoff.address if side == RECEIVER else None)
            found.append(add(writes, kind, reader=reader, data={"side": side}, **about))
    return found


def _add_for_group(writes: Writes, kind: Kind, group_id: str, data: dict[str, Any], **about: Any) -> int:
    """One row for all; when its turn comes it becomes one for each of them (`spread`)."""
    return add(writes, kind, reader=NOBODY_YET, data=data | {"group": group_id}, **about)


def spread(session: Session, row: Notification) -> int:
    """In place of a row for a group one row for each of its people; how many. Who has no address reads it in the portal."""
    writes = Writes()
    data = {name: value for name, value in row.data.items() if name != "group"}
    about: dict[str, Any] = {"case_key": row.case_key, "handoff_key": row.handoff_key, "task_key": row.task_key, "at": row.created_at}
    readers = readers_of_groups(session, [row.data["group"]])
    for reader in readers:
        add(writes, row.kind, reader=reader, data=data, **about)
    session.delete(row)
    session.flush()
    writes.flush(session)
    return len(readers)


def readers_of_groups(session: Session, group_ids: Iterable[str]) -> list[Reader]:
    """The people of these groups who have an e-mail address."""
    statement = (
        select(Person)
        .where(Person.active, Person.email.is_not(None), Person.email != "")
        .where(Person.username.in_(select(Membership.username).where(Membership.group_id.in_(list(group_ids)))))
        .order_by(Person.username)
    )
    return [Reader(person.email, person.name, person.language) for person in session.scalars(statement)]


def _plain(row: Any) -> Any:
    return SimpleNamespace(**row) if isinstance(row, Mapping) else row


# -- what an operator does ----------------------------------------------------------------------------------------


def expect(session: Session, key: int) -> Notification:
    row = session.get(Notification, key)
    if row is None:
        raise NotFound(f"Expected a notification with key {key}, found none.")
    return row


def send_again(session: Session, key: int, *, address: str | None = None, by: Actor) -> None:
    """Try an undeliverable one again, to a corrected address where one is given (its link moves with it, and is a fresh one).

    Raises NotAllowed, NotFound, WrongState (it is on its way, or was sent), Invalid.
    """
    from engine import policies  # policies reads rows of many nouns

    policies.require(policies.may_manage_outbox(by))
    row = session.get(Notification, key, with_for_update=True)
    if row is None:
        raise NotFound(f"Expected a notification with key {key}, found none.")
    if row.state not in (NotificationState.FAILED, NotificationState.KEPT):
        raise WrongState(f"Expected notification {key} to be undeliverable, found it {row.state}.")
    if address is not None:
        _correct(session, row, address.strip())
    if not row.to_address:
        raise Invalid("Expected an e-mail address.", fields={"address": "an e-mail address"})
    row.state, row.attempts, row.next_at, row.error = NotificationState.PENDING, 0, clock.machine_now(), None
    after_commit(session, nudge)


def _correct(session: Session, row: Notification, address: str) -> None:
    if not is_address(address):
        raise Invalid("Expected an e-mail address like anna@example.com.", fields={"address": "an e-mail address"})
    link = session.get(links.Link, row.link_key) if row.link_key is not None else None
    if link is not None and link.address != address:
        link.address, link.names, link.name = address, [], None
        links.renew(session, link.key)  # whoever got it at the wrong address is out
    elif link is None and row.kind in (Kind.OFFERED, Kind.OFFERED_AGAIN):
        writes = Writes()
        row.link_key = links.make(
            writes,
            address=address,
            name=row.to_name,
            language=row.language,
            at=clock.now(session),
            handoff_key=row.handoff_key,
            case_key=row.case_key,
            party_key=row.party_key,
            assurance=row.data.get("assurance", "link"),
        ).key
        writes.flush(session)
    row.to_address = address


def undeliverable_of(session: Session, handoff_keys: Iterable[int]) -> dict[int, Notification]:
    """The invitation of each handoff that could not be delivered."""
    wanted = and_(Notification.handoff_key.in_(list(handoff_keys)), Notification.state == NotificationState.FAILED)
    found = session.scalars(select(Notification).where(wanted).order_by(Notification.key))
    return {row.handoff_key: row for row in found if row.handoff_key is not None}


def erase(session: Session, case_key: int) -> None:
    """Take out addresses, names and reasons; what was not sent yet is not sent."""
    mine = Notification.case_key == case_key
    failed = {"state": NotificationState.FAILED, "next_at": None}
    session.execute(update(Notification).where(mine, Notification.state == NotificationState.PENDING).values(**failed))
    session.execute(update(Notification).where(mine).values(to_address=None, to_name=None, data={}, error=None))


# -- what the postman does ----------------------------------------------------------------------------------------

LEASE = timedelta(minutes=5)  # longer than any conversation with a mail server
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720, 1440))
MOST_TRIES = len(BACK_OFF) + 1
MAX_ERROR = 500


def claim(session: Session, *, now: datetime, limit: int = 10) -> list[int]:
    """Keys of mails that are due, ours for the length of a lease: other postmen skip them."""
    due = select(Notification.key).where(Notification.state == NotificationState.PENDING, Notification.next_at <= now)
    found = list(session.scalars(due.order_by(Notification.next_at, Notification.key).limit(limit).with_for_update(skip_locked=True)))
    if found:
        changes = {"next_at": now + LEASE, "attempts": Notification.attempts + 1}
        session.execute(update(Notification).where(Notification.key.in_(found)).values(**changes))
    return found


def sent(session: Session, key: int, *, now: datetime) -> None:
    _settle(session, key, {"state": NotificationState.SENT, "sent_at": now, "next_at": None, "error": None})


def refused(session: Session, key: int, error: str) -> None:
    """For good: an operator must see to it."""
    _settle(session, key, {"state": NotificationState.FAILED, "next_at": None, "error": error[:MAX_ERROR]})


def kept(session: Session, key: int) -> None:
    _settle(session, key, {"state": NotificationState.KEPT, "next_at": None})


def dropped(session: Session, key: int) -> None:
    _settle(session, key, {"state": NotificationState.DROPPED, "next_at": None})


def postponed(session: Session, key: int, error: str, *, now: datetime) -> None:
    """Later, and later again; after the last try it is undeliverable."""
    row = session.get_one(Notification, key)
    if row.attempts >= MOST_TRIES:
        refused(session, key, error)
        return
    _settle(session, key, {"next_at": now + BACK_OFF[row.attempts - 1], "error": error[:MAX_ERROR]})


def _settle(session: Session, key: int, changes: Mapping[str, Any]) -> None:
    session.execute(update(Notification).where(Notification.key == key, Notification.state == NotificationState.PENDING).values(**changes))
