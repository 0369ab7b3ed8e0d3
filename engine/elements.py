"""Element instances: which element of a process was or is active, since when."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, key_column


class ElementState(StrEnum):
    ACTIVE = "ACTIVE"  # -> COMPLETED, TERMINATED
    COMPLETED = "COMPLETED"
    TERMINATED = "TERMINATED"


class ElementInstance(Base):
    __tablename__ = "element_instances"

    key: Mapped[int] = key_column()
    instance_key: Mapped[int] = mapped_column(ForeignKey("instances.key"))
    process_key: Mapped[int]
    element_id: Mapped[str]
    element_type: Mapped[str]
    scope_key: Mapped[int]
    state: Mapped[str] = mapped_column(default=ElementState.ACTIVE)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_element_instances_instance", "instance_key"),)
