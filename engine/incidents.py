"""What stands still because of an error, until somebody resolves it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from engine.bpmn import happenings as hp
from engine.bpmn.effects import IncidentClosed, IncidentOpened, NotCaught
from engine.database import Base, JsonText, key_column
from engine.errors import Invalid
from engine.feel.sentences import again, kept, say, together
from engine.languages import in_language

if TYPE_CHECKING:
    from engine.advance import Live, Step


_LONGEST = 10_000  # characters of a message


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
    error_message: Mapped[str] = mapped_column(Text)  # in English, as programs read it
    error_said: Mapped[Any] = mapped_column(JsonText, nullable=True)  # what it was made of; None: somebody's own words
    state: Mapped[str] = mapped_column(default=IncidentState.ACTIVE)
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_incidents_instance", "instance_key"), Index("ix_incidents_state", "state", "key"))


def told(row: Incident, language: str) -> str:
    """Its message in the reader's language."""
    return in_language(again(row.error_said), language) if row.error_said else row.error_message


def opened(step: Step, found: Live, effect: IncidentOpened) -> None:
    if effect.problems is not None and step.refuses:  # a contract that is not kept, a party that nobody knows
        raise Invalid(effect.message, fields=dict(effect.problems))
    open_one(step, found, effect.key, effect.element_id, effect.element_instance_key, error_type=effect.error_type, message=effect.message)


def open_one(
    step: Step,
    found: Live,
    key: int,
    element_id: str,
    element_instance_key: int,
    *,
    error_type: str,
    message: str,
    job_key: int | None = None,
) -> None:
    row = {
        "key": key,
        "instance_key": found.row.key,
        "case_key": step.case.key,
        "root_key": found.row.root_key,
        "process_key": found.row.process_key,
        "process_id": found.row.process_id,
        "element_id": element_id,
        "element_instance_key": element_instance_key,
        "job_key": job_key,
        "error_type": error_type,
        "error_message": message[:_LONGEST],
        "error_said": kept(message) if len(message) <= _LONGEST else None,
        "state": IncidentState.ACTIVE,
        "created_at": step.now,
    }
    step.writes.insert(Incident, row)
    found.incidents_change += 1
    step.note("incident", found, element_id, element_instance_key)


def closed(step: Step, found: Live, effect: IncidentClosed) -> None:
    close_one(step, found, effect.key)


def close_one(step: Step, found: Live, key: int) -> None:
    changes = {"state": IncidentState.RESOLVED, "ended_at": step.now}
    step.writes.update(Incident, {"key": key}, changes)
    found.incidents_change -= 1
    step.note("incident resolved", found, None, key)


def not_caught(step: Step, found: Live, effect: NotCaught) -> None:
    """BPMN 13.5.4: an error or escalation goes up through the calling processes; an error that nobody catches is an incident."""
    current = found
    while current.row.parent_key is not None:
        parent = step.instance(current.row.parent_key)
        if parent is None:
            break
        at = current.row.parent_element_instance_key
        if parent.execution.catches(at, effect.kind, effect.code):
            step.tell(parent.row.key, hp.ChildThrew(at, effect.kind, effect.code, effect.message, effect.variables))
            return
        current = parent
    if effect.kind == "error":
        message = together([say("Expected somebody to catch error '{code}', found nobody.", code=effect.code), effect.message])
        step.tell(found.row.key, hp.CannotGoOn(effect.element_instance_key, "UNHANDLED_ERROR_EVENT", message))
