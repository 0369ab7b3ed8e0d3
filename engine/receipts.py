"""What was already accepted: the same Idempotency-Key again gives the same answer."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Index, LargeBinary, delete
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import clock
from engine.database import Base
from engine.errors import Invalid, WrongState
from engine.parties import Actor


class Receipt(Base):
    __tablename__ = "receipts"

    actor: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[str]
    status: Mapped[int]
    answer: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]

    __table_args__ = (Index("ix_receipts_created", "created_at"),)


KEPT = timedelta(hours=24)
MAX_KEY = 255


def once(session: Session, actor: Actor, key: str, request: bytes, work: Callable[[Session], tuple[int, bytes]]) -> tuple[int, bytes]:
    """Do `work` and keep its answer (status, body) in the same transaction; the same key again only repeats the answer.

    `request` is what was asked, whole (method, path, body). Raises WrongState when the key was used for something else.
    Two at the same time: the primary key lets one commit, `database.run` repeats the other, which then finds the answer.
    """
    if not 0 < len(key) <= MAX_KEY or not key.isprintable():
        raise Invalid(
            f"Expected an Idempotency-Key of 1 to {MAX_KEY} printable characters.", fields={"Idempotency-Key": "1 to 255 characters"}
        )
    digest = hashlib.sha256(request).hexdigest()
    known = session.get(Receipt, (actor.id, key))
    if known is not None:
        if known.request_hash != digest:
            raise WrongState("This Idempotency-Key was used for another request.")
        return known.status, known.answer
    status, answer = work(session)
    session.add(Receipt(actor=actor.id, key=key, request_hash=digest, status=status, answer=answer, created_at=clock.machine_now()))
    return status, answer


def was_accepted(session: Session, actor: Actor, key: str) -> bool:
    """Whether something was done under this key already."""
    return bool(key) and session.get(Receipt, (actor.id, key)) is not None


def forget_old(session: Session) -> None:
    session.execute(delete(Receipt).where(Receipt.created_at < clock.machine_now() - KEPT))
