"""Points of a process named in the customer's own words: which were reached, when."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

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
