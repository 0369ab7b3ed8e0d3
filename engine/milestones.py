"""Points of a process named in the customer's own words: which were reached, when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine.database import Base

if TYPE_CHECKING:
    from engine.advance import Live, Step


class Milestone(Base):
    """The first time counts: a loop reaches a point again without news. Its words stand in the model (`Definition.handoffs`)."""

    __tablename__ = "milestones"

    case_key: Mapped[int] = mapped_column(ForeignKey("cases.key"), primary_key=True)
    process_key: Mapped[int] = mapped_column(primary_key=True)
    element_id: Mapped[str] = mapped_column(primary_key=True)
    instance_key: Mapped[int]
    reached_at: Mapped[datetime]


def reached(step: Step, found: Live, element_id: str) -> None:
    if element_id not in found.definition.handoffs.milestones:
        return
    row = {
        "case_key": step.case.key,
        "process_key": found.row.process_key,
        "element_id": element_id,
        "instance_key": found.row.key,
        "reached_at": step.now,
    }
    step.writes.upsert(Milestone, ("case_key", "process_key", "element_id"), row, keep=("reached_at",))


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a process that takes part in a case. `labels`: by language, "" for every other. Not reached yet: no time."""

    process_key: int
    instance_key: int | None
    element_id: str
    labels: Mapping[str, str]
    reached_at: datetime | None


def of_case(session: Session, case_key: int) -> list[Point]:
    """Those reached in the order of time, then those still to come as they stand in the models."""
    from engine import deployments  # it imports whoever writes, and they us
    from engine.instances import Instance

    reached = {(m.process_key, m.element_id): m for m in session.scalars(select(Milestone).where(Milestone.case_key == case_key))}
    first = func.min(Instance.key)
    processes = select(Instance.process_key, first).where(Instance.case_key == case_key).group_by(Instance.process_key).order_by(first)
    found: list[Point] = []
    for process_key, instance_key in session.execute(processes):
        for element_id, labels in deployments.definition(session, process_key).handoffs.milestones.items():
            one = reached.get((process_key, element_id))
            at = (instance_key, None) if one is None else (one.instance_key, one.reached_at)
            found.append(Point(process_key, at[0], element_id, labels, at[1]))
    return sorted(found, key=lambda point: (point.reached_at is None, point.reached_at or datetime.max.replace(tzinfo=UTC)))
