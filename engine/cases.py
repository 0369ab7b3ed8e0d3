"""One run end to end: all instances that belong together. The row that is locked before anything of it moves."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, key_column


class CaseState(StrEnum):
    ACTIVE = "ACTIVE"  # -> COMPLETED (its last instance ended), TERMINATED (canceled from outside)
    COMPLETED = "COMPLETED"
    TERMINATED = "TERMINATED"


class Case(Base):
    __tablename__ = "cases"

    key: Mapped[int] = key_column()
    number: Mapped[int] = mapped_column(unique=True)  # short: what people say on the phone
    title: Mapped[str | None] = mapped_column(String(200))  # handoff:case title
    process_id: Mapped[str]  # of the instance that began it
    state: Mapped[str] = mapped_column(default=CaseState.ACTIVE)
    revision: Mapped[int] = mapped_column(default=0)  # + 1 with each step; numbers the history
    open_instances: Mapped[int] = mapped_column(default=0)
    started_by: Mapped[str | None]  # actor id
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_cases_started_by", "started_by", "key"),)
