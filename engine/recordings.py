"""What people and programs do in a trial, step by step, in the shape of a scenario. Nothing is recorded anywhere else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Index, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import keys, variables
from engine.database import Base, JsonText, key_column
from engine.tasks import Task, is_open

RECORDS = "records"  # execution option of an engine whose steps are kept
MOST_STEPS = 1000
MOST_TWINS = 200


class RecordedStep(Base):
    """Rows stand in the tables of a trial only: with their values, which a real case keeps nowhere but in its variables."""

    __tablename__ = "recorded_steps"

    key: Mapped[int] = key_column()
    case_key: Mapped[int | None]  # None: for all of them (the clock was moved)
    actor: Mapped[str]  # actor id
    party_key: Mapped[int | None]  # of the actor; None: the host's
    step: Mapped[Any] = mapped_column(JsonText)  # as scenarios.py reads it, without `as`

    __table_args__ = (Index("ix_recorded_steps_case", "case_key"),)


def is_recording(session: Session) -> bool:
    return bool(session.get_bind().get_execution_options().get(RECORDS, False))


def note(session: Session, case_key: int | None, by: Any, step: Mapping[str, Any]) -> None:
    """Keep one step, where this is a trial and it has not run for too long."""
    if not is_recording(session):
        return
    if (session.scalar(select(func.count()).select_from(RecordedStep)) or 0) < MOST_STEPS:
        found = {name: value for name, value in step.items() if value not in (None, {})}
        session.add(RecordedStep(key=keys.new(), case_key=case_key, actor=by.id, party_key=by.party_key, step=found))
        session.flush()


def told_apart(session: Session, task: Any) -> dict[str, Any]:
    """A variable by which a task differs from the other open ones of its name in the case; nothing where there is none, or no need."""
    if not is_recording(session):
        return {}
    twin = (Task.case_key == task.case_key, Task.name == task.name, is_open(Task), Task.key != task.key)
    others = list(session.scalars(select(Task.element_instance_key).where(*twin).limit(MOST_TWINS)))
    if not others:
        return {}
    seen = variables.visible_from(session, [task.element_instance_key, *others])
    for name, value in seen[task.element_instance_key].items():
        if isinstance(value, (str, int)) and all(seen[other].get(name) != value for other in others):
            return {name: value}
    return {}


def of_case(session: Session, case_key: int) -> list[RecordedStep]:
    """What was done in a case and to the clock since it began, in order."""
    mine = (RecordedStep.case_key == case_key) | RecordedStep.case_key.is_(None)
    rows = list(session.scalars(select(RecordedStep).where(mine).order_by(RecordedStep.key)))
    begun = next((number for number, row in enumerate(rows) if "start" in row.step), None)
    return [] if begun is None else rows[begun:]
