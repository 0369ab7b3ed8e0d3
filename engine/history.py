"""What happened, in order, never changed: one row a step, numbered by case and revision. No values, no addresses."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, JsonText, Writes
from engine.measures import STEPS


class HistoryEntry(Base):
    __tablename__ = "history"

    case_key: Mapped[int] = mapped_column(ForeignKey("cases.key"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True)  # of the case
    at: Mapped[datetime]
    actor: Mapped[str | None]  # who asked; None: a timer, a message
    command: Mapped[str]  # "task completed", "case started", ...
    events: Mapped[Any] = mapped_column(JsonText)  # [[word, instance key, element id, element instance key], ...]


def write(writes: Writes, case_key: int, revision: int, at: datetime, actor: str, command: str, events: list[list[Any]]) -> None:
    row = {"case_key": case_key, "revision": revision, "at": at, "actor": actor, "command": command, "events": events}
    writes.insert(HistoryEntry, row)
    STEPS.labels(command).inc()
