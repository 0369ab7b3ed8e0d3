"""Element instances: which element of a process was or is active, since when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine import milestones
from engine.bpmn.effects import ElementEntered, ElementLeft, FlowTaken
from engine.database import Base, Writes, key_column

if TYPE_CHECKING:
    from engine.advance import Live, Step


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


def entered(step: Step, found: Live, effect: ElementEntered) -> None:
    step.entered[effect.key] = {
        "key": effect.key,
        "instance_key": found.row.key,
        "process_key": found.row.process_key,
        "element_id": effect.element_id,
        "element_type": effect.element_type,
        "scope_key": effect.scope_key,
        "state": ElementState.ACTIVE,
        "started_at": step.now,
        "ended_at": None,
    }
    step.note("entered", found, effect.element_id, effect.key)
    milestones.reached(step, found, effect.element_id)


def left(step: Step, found: Live, effect: ElementLeft) -> None:
    own = step.entered.get(effect.key)
    if own is not None:  # opened in this same step: one insert
        own["state"], own["ended_at"] = effect.state, step.now
    else:
        changes = {"state": effect.state, "ended_at": step.now}
        step.writes.update(ElementInstance, {"key": effect.key}, changes)
    step.note(effect.state.lower(), found, own["element_id"] if own else None, effect.key)


def flow_taken(step: Step, found: Live, effect: FlowTaken) -> None:
    step.note("flow", found, effect.flow_id)


def write(writes: Writes, rows: Iterable[dict[str, Any]]) -> None:
    for row in rows:
        writes.insert(ElementInstance, row)
