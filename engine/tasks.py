"""Work for people: offered to a group or a person, claimed by one, done once."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, JsonText, key_column


class TaskState(StrEnum):
    CREATED = "CREATED"  # -> COMPLETED, CANCELED
    COMPLETED = "COMPLETED"
    CANCELED = "CANCELED"


class Task(Base):
    __tablename__ = "tasks"

    key: Mapped[int] = key_column()
    element_instance_key: Mapped[int] = mapped_column(unique=True)
    instance_key: Mapped[int] = mapped_column(ForeignKey("instances.key"))
    case_key: Mapped[int] = mapped_column(ForeignKey("cases.key"))
    process_key: Mapped[int]
    process_id: Mapped[str]
    element_id: Mapped[str]
    name: Mapped[str]
    lane: Mapped[str | None]
    pool: Mapped[str | None]
    state: Mapped[str] = mapped_column(default=TaskState.CREATED)
    assignee: Mapped[str | None]
    candidate_groups: Mapped[Any] = mapped_column(JsonText)  # list of group ids
    candidate_users: Mapped[Any] = mapped_column(JsonText)  # list of user names
    priority: Mapped[int] = mapped_column(default=50)
    due_date: Mapped[datetime | None]
    follow_up_date: Mapped[datetime | None]
    form_id: Mapped[str | None]
    form_key: Mapped[str | None]
    external_form: Mapped[str | None]
    headers: Mapped[Any] = mapped_column(JsonText, nullable=True)
    action: Mapped[str | None]
    completed_by: Mapped[str | None]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_tasks_instance", "instance_key"),
        Index("ix_tasks_case", "case_key"),
        Index("ix_tasks_assignee", "assignee", "state", "key"),
    )


class TaskCandidate(Base):
    """Who may claim an open task; kept in rows so that an inbox is one indexed question. Gone when the task is."""

    __tablename__ = "task_candidates"

    kind: Mapped[str] = mapped_column(primary_key=True)  # "group" | "user"
    name: Mapped[str] = mapped_column(primary_key=True)
    task_key: Mapped[int] = mapped_column(ForeignKey("tasks.key"), primary_key=True)

    __table_args__ = (Index("ix_task_candidates_task", "task_key"),)
