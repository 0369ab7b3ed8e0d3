"""What a guest typed into a task and has not sent yet: found again behind the same link, gone once it is sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import clock
from engine.database import Base, JsonText, Writes


class KeptAnswers(Base):
    __tablename__ = "kept_answers"

    link_key: Mapped[int] = mapped_column(ForeignKey("links.key"), primary_key=True, autoincrement=False)
    task_key: Mapped[int] = mapped_column(ForeignKey("tasks.key"), primary_key=True, autoincrement=False)
    typed: Mapped[Any] = mapped_column(JsonText)  # {field: [value, ...]} as the form sent it
    kept_at: Mapped[datetime]

    __table_args__ = (Index("ix_kept_answers_task", "task_key"),)


def keep(session: Session, link_key: int, task_key: int, typed: dict[str, list[str]]) -> None:
    """The newest only; two windows at once do not disturb each other."""
    writes = Writes()
    row = {"link_key": link_key, "task_key": task_key, "typed": typed, "kept_at": clock.now(session)}
    writes.upsert(KeptAnswers, ("link_key", "task_key"), row, keep=())
    writes.flush(session)


def of(session: Session, link_key: int, task_key: int) -> dict[str, list[str]] | None:
    found: dict[str, list[str]] | None = session.scalar(
        select(KeptAnswers.typed).where(KeptAnswers.link_key == link_key, KeptAnswers.task_key == task_key)
    )
    return found


def move(session: Session, from_link: int, to_link: int, task_key: int) -> None:
    """Passed on to a colleague, who goes on where somebody stopped."""
    typed = of(session, from_link, task_key)
    if typed is not None:
        keep(session, to_link, task_key, typed)
        session.execute(delete(KeptAnswers).where(KeptAnswers.link_key == from_link, KeptAnswers.task_key == task_key))


def forget(session: Session, task_key: int) -> None:
    """The task is over: of everybody who had begun."""
    session.execute(delete(KeptAnswers).where(KeptAnswers.task_key == task_key))
