"""What people and programs do in a trial, step by step, in the shape of a scenario. Nothing is recorded anywhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Index, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import keys, variables
from engine.database import Base, JsonText, key_column
from engine.elements import ElementInstance, ElementState
from engine.incidents import Incident, IncidentState
from engine.instances import Instance, InstanceState
from engine.jobs import Job
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


def task_apart(session: Session, task: Any) -> dict[str, Any]:
    """A variable by which a task differs from the other open ones of its name in the case; nothing where there is none, or no need."""
    twins = select(Task.element_instance_key).where(Task.case_key == task.case_key, Task.name == task.name, is_open(Task))
    return _apart(session, task.element_instance_key, twins)


def job_apart(session: Session, job: Any) -> dict[str, Any]:
    """The same of a job among those of its type in the case."""
    twins = select(Job.element_instance_key).where(Job.case_key == job.case_key, Job.type == job.type, Job.ended_at.is_(None))
    return _apart(session, job.element_instance_key, twins)


def incident_apart(session: Session, incident: Any) -> dict[str, Any]:
    """The same of an incident among those of its element in the case."""
    same = (Incident.case_key == incident.case_key, Incident.element_id == incident.element_id, Incident.state == IncidentState.ACTIVE)
    return _apart(session, incident.element_instance_key, select(Incident.element_instance_key).where(*same))


def scope_apart(session: Session, case_key: int, element: Any) -> dict[str, Any]:
    """The same of a running element among those of its id in the case."""
    running = select(ElementInstance.key).join(Instance, Instance.key == ElementInstance.instance_key)
    same = (Instance.case_key == case_key, ElementInstance.element_id == element.element_id, ElementInstance.state == ElementState.ACTIVE)
    return _apart(session, element.key, running.where(*same))


def instance_apart(session: Session, instance: Any) -> dict[str, Any]:
    """The same of a running instance among those of its process in the case, by its own variables."""
    if not is_recording(session):
        return {}
    same = (Instance.case_key == instance.case_key, Instance.process_id == instance.process_id, Instance.state == InstanceState.ACTIVE)
    others = list(session.scalars(select(Instance.key).where(*same, Instance.key != instance.key).limit(MOST_TWINS)))
    return _difference(variables.of_scope(session, instance.key), [variables.of_scope(session, key) for key in others])


def _apart(session: Session, mine: int, twins: Any) -> dict[str, Any]:
    """`mine`: key of an element instance; `twins`: the question for the keys of all that are called alike."""
    if not is_recording(session):
        return {}
    others = [key for key in session.scalars(twins.limit(MOST_TWINS)) if key != mine]
    if not others:
        return {}
    seen = variables.visible_from(session, [mine, *others])
    return _difference(seen[mine], [seen[other] for other in others])


def _difference(mine: Mapping[str, Any], others: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    for name in sorted(mine, key=lambda name: name == "loopCounter") if others else ():  # a word of the model says more than a number
        value = mine[name]
        if isinstance(value, (str, int)) and all(other.get(name) != value for other in others):
            return {name: value}
    return {}


def of_case(session: Session, case_key: int) -> list[RecordedStep]:
    """What was done in a case and to the clock since it began, in order."""
    mine = (RecordedStep.case_key == case_key) | RecordedStep.case_key.is_(None)
    rows = list(session.scalars(select(RecordedStep).where(mine).order_by(RecordedStep.key)))
    begun = next((number for number, row in enumerate(rows) if "start" in row.step), None)
    return [] if begun is None else rows[begun:]
