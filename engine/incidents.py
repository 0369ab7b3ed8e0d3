"""What stands still because of an error, until somebody resolves it."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, key_column


class IncidentState(StrEnum):
    ACTIVE = "ACTIVE"  # -> RESOLVED
    RESOLVED = "RESOLVED"


class Incident(Base):
    __tablename__ = "incidents"

    key: Mapped[int] = key_column()
    instance_key: Mapped[int] = mapped_column(ForeignKey("instances.key"))
    case_key: Mapped[int]
    root_key: Mapped[int]
    process_key: Mapped[int]
    process_id: Mapped[str]
    element_id: Mapped[str]
    element_instance_key: Mapped[int]
    job_key: Mapped[int | None]
    error_type: Mapped[str]
    error_message: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(default=IncidentState.ACTIVE)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_incidents_instance", "instance_key"), Index("ix_incidents_state", "state", "key"))
