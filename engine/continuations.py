"""What a committed transaction still owes: the rest of a long step, a delivery, a broadcast. The worker pays what a crash left."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, JsonText, key_column


class Continuation(Base):
    __tablename__ = "continuations"

    key: Mapped[int] = key_column()
    kind: Mapped[str]  # "step" | "message" | "signal" | ...: see engine/commands
    case_key: Mapped[int | None]
    data: Mapped[Any] = mapped_column(JsonText)
    due_at: Mapped[datetime]  # the worker leaves fresh ones to the request that made them
    attempts: Mapped[int] = mapped_column(default=0)

    __table_args__ = (Index("ix_continuations_due", "due_at"),)
