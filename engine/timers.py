"""What shall happen at a time: of an instance's element, or of a process that a timer starts."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.bpmn.effects import TimerOpened, WaitClosed
from engine.database import Base, key_column

if TYPE_CHECKING:
    from engine.advance import Live, Step


class Timer(Base):
    """Open timers only: the row goes when it fired or is no longer wanted."""

    __tablename__ = "timers"

    key: Mapped[int] = key_column()
    due_at: Mapped[datetime]
    element_id: Mapped[str]
    process_key: Mapped[int]
    instance_key: Mapped[int | None] = mapped_column(ForeignKey("instances.key"))  # None: a timer start event
    case_key: Mapped[int | None]
    element_instance_key: Mapped[int | None]
    repetitions: Mapped[int] = mapped_column(default=1)  # -1: without end

    __table_args__ = (Index("ix_timers_due", "due_at"), Index("ix_timers_instance", "instance_key"))


def opened(step: Step, found: Live, effect: TimerOpened) -> None:
    row = {
        "key": effect.key,
        "due_at": effect.due_at,
        "element_id": effect.element_id,
        "process_key": found.row.process_key,
        "instance_key": found.row.key,
        "case_key": step.case.key,
        "element_instance_key": effect.element_instance_key,
        "repetitions": effect.repetitions,
    }
    step.writes.insert(Timer, row)


def closed(step: Step, found: Live, effect: WaitClosed) -> None:
    step.writes.delete(Timer, "key", effect.key)


def due(session: Session, now: datetime, limit: int) -> list[tuple[int, datetime]]:
    """Keys of due timers, the most overdue first."""
    rows = session.execute(select(Timer.key, Timer.due_at).where(Timer.due_at <= now).order_by(Timer.due_at, Timer.key).limit(limit))
    return [(key, due_at) for key, due_at in rows]
