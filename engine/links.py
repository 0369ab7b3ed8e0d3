"""Invitations by link: whom each was made for, until when it holds, who used it. The token itself is stored nowhere."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from types import SimpleNamespace
from typing import Any

from sqlalchemy import ForeignKey, Index, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import clock, keys
from engine.database import Base, JsonText, Writes, key_column
from engine.errors import EngineError


class LinkKind(StrEnum):
    HANDOFF = "handoff"  # the work of one handoff
    CASE = "case"  # following a case


class Ended(StrEnum):
    """Why a link no longer holds."""

    REPLACED = "replaced"  # a newer one was sent
    PASSED_ON = "passed on"  # to a colleague, who got one of their own
    REVOKED = "revoked"  # by somebody on the other side


class Link(Base):
    __tablename__ = "links"

    key: Mapped[int] = key_column()
    kind: Mapped[str]  # LinkKind
    handoff_key: Mapped[int | None]
    case_key: Mapped[int | None] = mapped_column(ForeignKey("cases.key"))
    party_key: Mapped[int | None]
    name: Mapped[str | None]  # whom it was made for; None: a mailbox that several read
    address: Mapped[str]
    language: Mapped[str | None]
    assurance: Mapped[str] = mapped_column(default="link")  # "link" | "code": a one-time code by e-mail first
    generation: Mapped[int] = mapped_column(default=1)  # + 1 whenever a fresh one is sent: tokens before it are dead
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_because: Mapped[str | None]  # Ended
    names: Mapped[Any] = mapped_column(JsonText)  # of those who acted by it, the newest first
    created_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_links_handoff", "handoff_key"),
        Index("ix_links_case", "case_key"),
        Index("ix_links_address", "address"),
    )


class Act(Base):
    """What somebody did by a link, under which name: the history says which link it was, this says who."""

    __tablename__ = "acts"

    key: Mapped[int] = key_column()
    link_key: Mapped[int] = mapped_column(ForeignKey("links.key"))
    case_key: Mapped[int | None]
    task_key: Mapped[int | None]
    name: Mapped[str | None]  # None once it was erased
    address: Mapped[str | None]
    word: Mapped[str]  # "task completed", "handoff declined", "passed on", ...
    at: Mapped[datetime]

    __table_args__ = (Index("ix_acts_link", "link_key"), Index("ix_acts_task", "task_key"))


class NoLink(EngineError):
    """This link does not exist."""


class Expired(NoLink):
    """This link has run out."""


class Revoked(NoLink):
    """This link was taken back."""


class Replaced(NoLink):
    """A newer link was sent in place of this one."""


class PassedOn(NoLink):
    """The work behind this link was passed on to a colleague."""


_REASONS: dict[str, type[NoLink]] = {Ended.REPLACED: Replaced, Ended.PASSED_ON: PassedOn, Ended.REVOKED: Revoked}

HOLDS = timedelta(days=30)
FOLLOWED_FOR = timedelta(days=365)  # a case may take months, and its customer comes back
HOLDS_AFTER_DUE = timedelta(days=14)  # who is late should still find the door open
MAX_NAMES = 20
MAX_NAME = 100


# -- making -------------------------------------------------------------------------------------------------------


def make(
    writes: Writes,
    *,
    kind: str = LinkKind.HANDOFF,
    address: str,
    at: datetime,
    name: str | None = None,
    language: str | None = None,
    handoff_key: int | None = None,
    case_key: int | None = None,
    party_key: int | None = None,
    assurance: str = "link",
    due_at: datetime | None = None,
    holds: timedelta = HOLDS,
) -> SimpleNamespace:
    """A link for one address; its row, as it will be. `at`: the business time; holds 30 days, and 14 days past `due_at`."""
    row: dict[str, Any] = {
        "key": keys.new(),
        "kind": str(kind),
        "handoff_key": handoff_key,
        "case_key": case_key,
        "party_key": party_key,
        "name": name,
        "address": address,
        "language": language,
        "assurance": assurance,
        "generation": 1,
        "expires_at": max(at + holds, due_at + HOLDS_AFTER_DUE) if due_at else at + holds,
        "revoked_at": None,
        "revoked_because": None,
        "names": [name] if name else [],
        "created_at": at,
    }
    writes.insert(Link, row)
    return SimpleNamespace(**row)


def end_of_handoff(writes: Writes, handoff_key: int, *, because: str, at: datetime) -> None:
    """All links of a handoff are dead from now on. Not for one that was completed: its link shows what was sent."""
    writes.update(Link, {"handoff_key": handoff_key, "revoked_at": None}, {"revoked_at": at, "revoked_because": str(because)})


def end(session: Session, link_key: int, *, because: str) -> None:
    statement = update(Link).where(Link.key == link_key, Link.revoked_at.is_(None))
    session.execute(statement.values(revoked_at=clock.now(session), revoked_because=str(because)))


def renew(session: Session, link_key: int) -> None:
    """A fresh token, for as long again; those sent before are dead. Whoever calls sends it to the same address."""
    row = session.get_one(Link, link_key, with_for_update=True)
    row.generation += 1
    row.expires_at = clock.now(session) + (FOLLOWED_FOR if row.kind == LinkKind.CASE else HOLDS)


# -- tokens -------------------------------------------------------------------------------------------------------

_MAC_BYTES = 22  # with the key 30 bytes: 40 characters without padding
_KEY_BYTES = 8


def token(secret: str, row: Any) -> str:
    """What stands in the address, 40 characters; made anew whenever it is needed. `row`: key, generation."""
    return _token(secret, row.key, row.generation)


def _token(secret: str, key: int, generation: int) -> str:
    named = key.to_bytes(_KEY_BYTES, "big")
    signer = hmac.digest(secret.encode(), b"passerelle-link", "sha256")  # the secret signs other things too
    mac = hmac.digest(signer, named + generation.to_bytes(8, "big"), "sha256")[:_MAC_BYTES]
    return base64.urlsafe_b64encode(named + mac).decode()


def find(session: Session, secret: str, given: str) -> Link:
    """The link of a token, if it holds. Raises NoLink (forged), Expired, Revoked, Replaced, PassedOn; then `error.details["link"]`
    names the row, so that its owner can ask for a new one."""
    key = _key_in(given)
    row = session.get(Link, key) if key is not None else None
    if row is None:
        raise NoLink()
    if not hmac.compare_digest(given, token(secret, row)):
        if any(hmac.compare_digest(given, _token(secret, row.key, before)) for before in range(1, row.generation)):
            raise Replaced(link=row)
        raise NoLink()
    expect_holding(session, row)
    return row


def expect_holding(session: Session, row: Link, generation: int | None = None) -> None:
    """Raises Expired, Revoked, Replaced, PassedOn. `generation`: of the token by which somebody came in earlier."""
    if row.revoked_at is not None:
        raise _REASONS.get(row.revoked_because or "", Revoked)(link=row)
    if generation is not None and generation != row.generation:
        raise Replaced(link=row)
    if row.expires_at <= clock.now(session):
        raise Expired(link=row)


def _key_in(given: str) -> int | None:
    if len(given) != (_KEY_BYTES + _MAC_BYTES) * 4 // 3 or not given.isascii():
        return None
    try:
        key = int.from_bytes(base64.urlsafe_b64decode(given)[:_KEY_BYTES], "big")
    except (binascii.Error, ValueError):
        return None
    return key if key <= keys.LARGEST else None


# -- who acted ----------------------------------------------------------------------------------------------------


def remember_name(session: Session, link_key: int, name: str) -> None:
    """It is offered the next time."""
    row = session.get_one(Link, link_key, with_for_update=True)
    row.names = [name, *(known for known in row.names if known != name)][:MAX_NAMES]


def names_used(session: Session, address: str) -> list[str]:
    """By whoever reads this mailbox, in any case."""
    found = session.scalars(select(Link.names).where(Link.address == address).order_by(Link.key.desc()).limit(50))
    return list(dict.fromkeys(name for names in found for name in names))[:MAX_NAMES]


def note_act(session: Session, link: Any, name: str | None, word: str, *, task_key: int | None = None) -> None:
    """Beside the history, which keeps no names: `name` did this by `link`."""
    session.add(
        Act(
            key=keys.new(),
            link_key=link.key,
            case_key=link.case_key,
            task_key=task_key,
            name=name,
            address=link.address,
            word=word,
            at=clock.now(session),
        )
    )


def acts_on(session: Session, task_keys: Iterable[int]) -> dict[int, Act]:
    """The last act on each task that a guest worked on."""
    statement = select(Act).where(Act.task_key.in_(list(task_keys))).order_by(Act.key)
    return {act.task_key: act for act in session.scalars(statement) if act.task_key is not None}


def open_for_address(session: Session, address: str) -> list[Link]:
    """Links to work that hold, of every case; the newest first."""
    holding = (Link.revoked_at.is_(None), Link.expires_at > clock.now(session))
    statement = select(Link).where(Link.address == address, Link.kind == LinkKind.HANDOFF, *holding).order_by(Link.key.desc())
    return list(session.scalars(statement))


def erase(session: Session, case_key: int) -> None:
    """Take out names and addresses; the links of the case are dead."""
    ended = {"revoked_at": clock.now(session), "revoked_because": str(Ended.REVOKED)}
    changes: dict[str, Any] = ended | {"name": None, "address": "", "names": []}
    session.execute(update(Link).where(Link.case_key == case_key).values(**changes))
    session.execute(update(Act).where(Act.case_key == case_key).values(name=None, address=None))
