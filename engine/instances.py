"""One run of one process (one pool): its compact snapshot, and what a list shows of it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, JsonText, key_column, only_where


class InstanceState(StrEnum):
    ACTIVE = "ACTIVE"  # -> COMPLETED, TERMINATED
    COMPLETED = "COMPLETED"
    TERMINATED = "TERMINATED"


class Instance(Base):
    __tablename__ = "instances"

    key: Mapped[int] = key_column()
    case_key: Mapped[int] = mapped_column(ForeignKey("cases.key"))
    process_key: Mapped[int] = mapped_column(ForeignKey("processes.key"))
    process_id: Mapped[str]
    version: Mapped[int]
    parent_key: Mapped[int | None]  # the calling instance
    parent_element_instance_key: Mapped[int | None]  # its call activity
    root_key: Mapped[int]
    state: Mapped[str] = mapped_column(default=InstanceState.ACTIVE)
    incidents: Mapped[int] = mapped_column(default=0)  # open ones, of this instance
    revision: Mapped[int] = mapped_column(default=0)
    snapshot: Mapped[bytes | None]  # what is live; None once it ended
    peers: Mapped[Any] = mapped_column(JsonText, nullable=True)  # instance keys of the case that this one exchanged messages with
    tags: Mapped[Any] = mapped_column(JsonText, nullable=True)
    business_id: Mapped[str | None]
    correlation: Mapped[str | None]  # message start: name + key, while active (one instance per key)
    started_by: Mapped[str | None]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_instances_case", "case_key"),
        Index("ix_instances_process", "process_key", "state"),
        Index("ix_instances_parent", "parent_element_instance_key"),
        # BPMN message start as in Camunda 8: one active instance per process and correlation key
        Index(
            "uq_instances_correlation",
            "process_id",
            "correlation",
            unique=True,
            **only_where("correlation IS NOT NULL"),
        ),
    )
