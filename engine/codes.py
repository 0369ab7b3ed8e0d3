"""One-time codes that prove an e-mail address: six digits, ten minutes, five tries. Stored nowhere, made while the mail is drawn."""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta

from sqlalchemy import Index, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import clock, keys
from engine.database import Base, key_column
from engine.errors import Busy


class Code(Base):
    __tablename__ = "codes"

    key: Mapped[int] = key_column()
    purpose: Mapped[str]  # "link:<key>", or whatever a page that asks for one calls it
    address: Mapped[str]
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]  # by the machine's clock, as with log-ins
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_codes_address", "address", "purpose", "key"), Index("ix_codes_expires", "expires_at"))


HOLDS = timedelta(minutes=10)
TRIES = 5
DIGITS = 6
MOST_SENT, MOST_SENT_WITHIN = 5, timedelta(hours=1)  # to one address: nobody's mailbox is filled, and guessing stays hopeless


def make(session: Session, purpose: str, address: str) -> Code:
    """A new code for this purpose; earlier ones are dead. Raises Busy where too many were sent to the address."""
    now = clock.machine_now()
    recent = select(func.count()).where(Code.address == address, Code.created_at > now - MOST_SENT_WITHIN)
    if (session.scalar(recent) or 0) >= MOST_SENT:
        raise Busy("Too many codes were sent to this address; try again in an hour.")
    earlier = update(Code).where(Code.address == address, Code.purpose == purpose, Code.used_at.is_(None))
    session.execute(earlier.values(used_at=now))
    code = Code(key=keys.new(), purpose=purpose, address=address, tries=0, created_at=now, expires_at=now + HOLDS, used_at=None)
    session.add(code)
    return code


def digits(secret: str, key: int) -> str:
    """The six digits of a code."""
    signer = hmac.digest(secret.encode(), b"passerelle-code", "sha256")
    number = int.from_bytes(hmac.digest(signer, key.to_bytes(8, "big"), "sha256"), "big")
    return f"{number % 10**DIGITS:0{DIGITS}}"


def check(session: Session, secret: str, purpose: str, address: str, typed: str) -> bool:
    """Whether these are the digits; a right answer uses the code up, a wrong one costs a try (commit in both cases)."""
    statement = select(Code).where(Code.address == address, Code.purpose == purpose).order_by(Code.key.desc()).limit(1)
    code = session.scalars(statement.with_for_update()).first()
    now = clock.machine_now()
    if code is None or code.used_at is not None or code.expires_at <= now or code.tries >= TRIES:
        return False
    code.tries += 1
    given = "".join(letter for letter in typed if letter in "0123456789")
    if not hmac.compare_digest(given, digits(secret, code.key)):
        return False
    code.used_at = now
    return True


def forget_old(session: Session) -> None:
    session.execute(delete(Code).where(Code.expires_at < clock.machine_now() - MOST_SENT_WITHIN))
