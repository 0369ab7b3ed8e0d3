"""Forms that somebody without an account filled in: kept until the e-mail address is proven by a one-time link, then a case, once."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from sqlalchemy import ForeignKey, Index, delete, func, null, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import clock, keys
from engine.database import Base, JsonText, key_column
from engine.errors import Busy, EngineError, TooLarge


class PublicStart(Base):
    """What was typed, for whom; of a case that began, and of one that never did, only that it was."""

    __tablename__ = "public_starts"

    key: Mapped[int] = key_column()
    process_key: Mapped[int]  # the version whose form was filled in
    address: Mapped[str | None]  # None once it is a case, or ran out; so the three that follow
    name: Mapped[str | None]
    values: Mapped[Any] = mapped_column(JsonText, nullable=True)  # variables, checked by the form
    answers: Mapped[Any] = mapped_column(JsonText, nullable=True)  # [[label, answer as people read it], ...]
    language: Mapped[str]
    network: Mapped[str]  # network_of: whose limit it counts for
    notification_key: Mapped[int | None]  # the mail that asks for the proof
    case_key: Mapped[int | None] = mapped_column(ForeignKey("cases.key"))  # -> once, under the lock of this row
    link_key: Mapped[int | None] = mapped_column(ForeignKey("links.key"))
    created_at: Mapped[datetime]  # by the machine's clock, as with log-ins
    expires_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_public_starts_address", "address", "created_at"),
        Index("ix_public_starts_network", "network", "created_at"),
        Index("ix_public_starts_expires", "expires_at"),
        Index("ix_public_starts_case", "case_key"),
    )


class NoProof(EngineError):
    """This link does not exist."""


class ProofExpired(NoProof):
    """This link has run out, and what was typed is gone."""


class ProofUsed(NoProof):
    """This was sent already."""


HOLDS = timedelta(hours=24)  # as long as files that were not sent yet
REMEMBERED = timedelta(days=30)  # that it ran out, or was used: so that an old link is told so
MOST_TO_ADDRESS, MOST_FROM_NETWORK, WITHIN = 3, 20, timedelta(hours=1)
MOST_BYTES = 200 << 20  # of files from one network that belong to no case yet


# -- limits -------------------------------------------------------------------------------------------------------


def network_of(secret: str, address: str) -> str:
    """A pseudonym of the network that an IP address belongs to: /24 (IPv4), /56 (IPv6, RFC 6177: what one household gets)."""
    try:
        found = ip(address)
        network = str(ip_network(f"{found}/{24 if found.version == 4 else 56}", strict=False))
    except ValueError:
        network = "unknown"
    return hmac.new(secret.encode(), b"passerelle-network:" + network.encode(), hashlib.sha256).hexdigest()[:16]


def ip(address: str) -> IPv4Address | IPv6Address:
    """Raises ValueError. An IPv4 address that a socket for both tells as IPv6 is what it was: else all of them were one network."""
    found = ip_address(address.partition("%")[0])
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def visitor_id(network: str, name: str) -> str:
    """The actor id of somebody without an account: what they hand in counts for their network."""
    return f"{_of_network(network)}{name}"


def _of_network(network: str) -> str:
    return f"visitor:{network}:"


def owner_of(row: Any) -> str:
    """Whose the files are until the address is proven."""
    return visitor_id(row.network, f"start-{row.key}")


def expect_room(session: Session, network: str) -> None:
    """Raises TooLarge where a network has handed in too much that belongs to no case."""
    from engine.documents import Document  # it asks the policies, and they know of us

    waiting = Document.uploaded_by.startswith(_of_network(network), autoescape=True) & Document.kept_until.is_not(None)
    if (session.scalar(select(func.coalesce(func.sum(Document.size), 0)).where(waiting)) or 0) >= MOST_BYTES:
        raise TooLarge("Too much was handed in from this network that belongs to no case yet; try again tomorrow.")


def expect_not_too_often(session: Session, network: str) -> None:
    """Raises Busy. Those that were proven do not count: a company's customers may share a network."""
    recent = select(func.count()).where(PublicStart.network == network, PublicStart.created_at > clock.machine_now() - WITHIN)
    if (session.scalar(recent.where(PublicStart.case_key.is_(None))) or 0) >= MOST_FROM_NETWORK:
        raise Busy("Too many forms were sent from this network; try again in an hour.")


def is_too_often(session: Session, address: str) -> bool:
    """Whether a mailbox got enough mails that nobody answered. The page must not tell: it would tell others too."""
    local, _, domain = address.rpartition("@")
    mailbox = local.partition("+")[0] or local  # anna+1@ and anna+2@ are read by the same person (RFC 5233)
    same = PublicStart.address.startswith(f"{mailbox}+", autoescape=True) & PublicStart.address.endswith(f"@{domain}", autoescape=True)
    mine = (PublicStart.address == f"{mailbox}@{domain}") | (PublicStart.address == address) | same
    recent = PublicStart.expires_at > clock.machine_now() + HOLDS - WITHIN  # by the index: no pattern finds its way through one
    return (session.scalar(select(func.count()).where(mine, recent)) or 0) >= MOST_TO_ADDRESS


# -- the proof ----------------------------------------------------------------------------------------------------

_MAC_BYTES = 22
_KEY_BYTES = 8


def token(secret: str, key: int) -> str:
    """What stands in the address of the proof, 40 characters; made while the mail is drawn, stored nowhere."""
    named = key.to_bytes(_KEY_BYTES, "big")
    signer = hmac.digest(secret.encode(), b"passerelle-proof", "sha256")  # the secret signs other things too
    return base64.urlsafe_b64encode(named + hmac.digest(signer, named, "sha256")[:_MAC_BYTES]).decode()


def find(session: Session, secret: str, given: str) -> PublicStart:
    """What a proof is for; used and expired ones too. Raises NoProof."""
    key = _key_in(given)
    if key is None or not hmac.compare_digest(given, token(secret, key)):
        raise NoProof()
    return expect(session, key)


def _key_in(given: str) -> int | None:
    if len(given) != (_KEY_BYTES + _MAC_BYTES) * 4 // 3 or not given.isascii():
        return None
    try:
        key = int.from_bytes(base64.urlsafe_b64decode(given)[:_KEY_BYTES], "big")
    except (binascii.Error, ValueError):
        return None
    return key if key <= keys.LARGEST else None


def expect(session: Session, key: int, *, lock: bool = False) -> PublicStart:
    row = session.get(PublicStart, key, with_for_update=lock or None, populate_existing=lock)
    if row is None:
        raise NoProof()
    return row


def expect_open(row: PublicStart) -> None:
    """Raises ProofUsed, ProofExpired."""
    if row.case_key is not None:
        raise ProofUsed(start=row.key)
    if row.address is None or row.expires_at <= clock.machine_now():
        raise ProofExpired(start=row.key)


# -- housekeeping -------------------------------------------------------------------------------------------------

_NOTHING = {"address": None, "name": None, "values": null(), "answers": null()}


def forget_old(session: Session) -> None:
    """What was typed and never proven goes after its day, that it was a month later."""
    from engine.notifications import Notification  # its mails know of us

    now = clock.machine_now()
    over = (PublicStart.expires_at <= now, PublicStart.case_key.is_(None), PublicStart.address.is_not(None))
    mails = [key for key in session.scalars(select(PublicStart.notification_key).where(*over)) if key is not None]
    if mails:
        session.execute(delete(Notification).where(Notification.key.in_(mails)))
    session.execute(update(PublicStart).where(*over).values(**_NOTHING, notification_key=None))
    session.execute(delete(PublicStart).where(PublicStart.expires_at <= now - REMEMBERED))


def became(session: Session, row: PublicStart, case_key: int, link_key: int) -> None:
    """It is a case now, which has everything; the mail with the proof is part of it, and is erased with it."""
    from engine.notifications import Notification

    session.execute(update(Notification).where(Notification.key == row.notification_key).values(case_key=case_key))
    session.execute(update(PublicStart).where(PublicStart.key == row.key).values(**_NOTHING, case_key=case_key, link_key=link_key))


def erase(session: Session, case_key: int) -> None:
    """With a case goes that it came by this door."""
    session.execute(delete(PublicStart).where(PublicStart.case_key == case_key))
