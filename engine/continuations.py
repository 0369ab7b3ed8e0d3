"""What a committed transaction still owes: the rest of a long step, a delivery, a broadcast. The worker pays what a crash left."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import structlog
from sqlalchemy import Index, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import keys
from engine.database import Base, JsonText, Writes, key_column, run

log = structlog.get_logger()


class Continuation(Base):
    __tablename__ = "continuations"

    key: Mapped[int] = key_column()
    kind: Mapped[str]  # "step" | "message" | "signal" | ...: see engine/commands
    case_key: Mapped[int | None]
    data: Mapped[Any] = mapped_column(JsonText)
    due_at: Mapped[datetime]  # the worker leaves fresh ones to the request that made them
    attempts: Mapped[int] = mapped_column(default=0)

    __table_args__ = (Index("ix_continuations_due", "due_at"),)


GRACE = timedelta(seconds=10)  # by the machine's clock: the request that owes it pays it itself, right after its commit
BACK_OFF = timedelta(seconds=30)

Payer = Callable[[Session, Any], None]  # gets a session without a transaction, and the continuation; safe to run twice
_payers: dict[str, Payer] = {}


def paid_by(kind: str) -> Callable[[Payer], Payer]:
    """Registers who pays continuations of this kind."""

    def register(payer: Payer) -> Payer:
        _payers[kind] = payer
        return payer

    return register


def add(writes: Writes, kind: str, case_key: int | None, data: Any, *, at_once: bool) -> int:
    """`at_once`: the caller pays it after its commit, and the worker only if that was cut off."""
    now = datetime.now(UTC)
    row = {"key": keys.new(), "kind": kind, "case_key": case_key, "data": data, "due_at": now + GRACE if at_once else now, "attempts": 0}
    writes.insert(Continuation, row)
    return int(row["key"])


def pay_now(session: Session, owed: Iterable[int]) -> None:
    """What fails here is logged, and tried again by the worker: the command itself has been accepted."""
    for key in owed:
        try:
            pay(session, key)
        except Exception:
            log.exception("continuation failed", continuation=key)


def pay(session: Session, key: int) -> None:
    def find(session: Session) -> Any:
        row = session.get(Continuation, key)
        return None if row is None else SimpleNamespace(key=row.key, kind=row.kind, case_key=row.case_key, data=row.data)

    owed = run(session, find)
    if owed is None:
        return
    _payers[owed.kind](session, owed)
    run(session, lambda s: s.execute(delete(Continuation).where(Continuation.key == key)))


def due(session: Session, limit: int) -> list[int]:
    statement = select(Continuation.key).where(Continuation.due_at <= datetime.now(UTC)).order_by(Continuation.due_at).limit(limit)
    return list(session.scalars(statement))


def postpone(session: Session, key: int) -> None:
    """After a failure: later and later."""
    row = session.get(Continuation, key)
    if row is not None:
        row.attempts += 1
        row.due_at = datetime.now(UTC) + BACK_OFF * row.attempts
