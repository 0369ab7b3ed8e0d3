"""Work for programs: leased to one worker at a time, given back when the lease runs out."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, JsonText, key_column, only_where


class JobState(StrEnum):
    CREATED = "CREATED"  # -> LEASED, CANCELED; waits until `due_at` after a failure with back-off
    LEASED = "LEASED"  # -> COMPLETED, ERROR_THROWN, CREATED (failed with retries left, or the lease ran out), FAILED, CANCELED
    FAILED = "FAILED"  # no retries left: an incident is open. -> CREATED (retries set and incident resolved), CANCELED
    COMPLETED = "COMPLETED"
    ERROR_THROWN = "ERROR_THROWN"
    CANCELED = "CANCELED"


class Job(Base):
    __tablename__ = "jobs"

    key: Mapped[int] = key_column()
    element_instance_key: Mapped[int] = mapped_column(unique=True)
    instance_key: Mapped[int] = mapped_column(ForeignKey("instances.key"))
    case_key: Mapped[int] = mapped_column(ForeignKey("cases.key"))
    process_key: Mapped[int]
    process_id: Mapped[str]
    version: Mapped[int]
    element_id: Mapped[str]
    root_key: Mapped[int]
    type: Mapped[str]
    state: Mapped[str] = mapped_column(default=JobState.CREATED)
    retries: Mapped[int] = mapped_column(default=3)
    priority: Mapped[int] = mapped_column(default=0)
    headers: Mapped[Any] = mapped_column(JsonText, nullable=True)
    worker: Mapped[str | None]
    deadline: Mapped[datetime | None]  # LEASED: until when
    due_at: Mapped[datetime | None]  # CREATED after a failure: not before
    lease_token: Mapped[str | None]
    error_code: Mapped[str | None]
    error_message: Mapped[str | None]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_jobs_instance", "instance_key"),
        Index(
            "ix_jobs_open",
            "type",
            text("priority DESC"),
            "key",
            **only_where("state IN ('CREATED', 'LEASED')"),
        ),
    )
