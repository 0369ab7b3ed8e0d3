"""What shall happen at a time: of an instance's element, or of a process that a timer starts."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, key_column


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
