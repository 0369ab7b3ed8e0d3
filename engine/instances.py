"""One run of one process (one pool): its compact snapshot, and what a list shows of it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine import deployments
from engine.bpmn import happenings as hp
from engine.bpmn.effects import ChildRequested, ChildUnwanted, Ended
from engine.database import Base, JsonText, Read, batches, fetch, key_column, only_where
from engine.feel.sentences import say

if TYPE_CHECKING:
    from engine.advance import Live, Step


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
        Index("ix_instances_process", "process_key"),  # without the state: ending an instance touches no index
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


MAX_IN_A_CASE = 10_000  # open at once: a process that calls itself without end stops here


def ended(step: Step, found: Live, effect: Ended) -> None:
    found.state = effect.state
    step.open_instances -= 1
    step.note("ended", found)
    row = found.row
    if row.correlation is not None:
        step.owe("channel", {"channel": row.correlation})  # a buffered message may start the next one of this key
    if row.parent_key is not None and effect.state == InstanceState.COMPLETED:
        step.tell(row.parent_key, hp.ChildCompleted(row.parent_element_instance_key, effect.variables))


def child_requested(step: Step, found: Live, effect: ChildRequested) -> None:
    """BPMN 13.3.4 call activity: the called process runs as an instance of its own in the same case."""
    wanted = (effect.process_id, effect.binding, effect.version_tag, found.row.process_key)
    if wanted not in step.called:
        process_id, binding, tag, caller = wanted
        step.called[wanted] = deployments.called(step.session, process_id, binding=binding, version_tag=tag, caller_process_key=caller)
    process = step.called[wanted]
    problem = None
    if process is None:
        problem = say("Expected a deployed process '{process_id}' to call, found none.", process_id=effect.process_id)
    elif step.open_instances >= MAX_IN_A_CASE:
        problem = say("Expected at most {most} open instances in a case, found more: does a process call itself?", most=MAX_IN_A_CASE)
    if problem is not None:
        step.tell(found.row.key, hp.CannotGoOn(effect.element_instance_key, "CALLED_ELEMENT_ERROR", problem))
        return
    happening = hp.Started(variables=effect.variables, inherited=effect.batons)
    step.create(process, happening, parent=found, parent_element_instance_key=effect.element_instance_key)


def child_unwanted(step: Step, found: Live, effect: ChildUnwanted) -> None:
    step.unwanted.append(effect.element_instance_key)


def cancel_unwanted(step: Step) -> None:
    """Ends what interrupted call activities had called: all of them found at once, there may be thousands."""
    callers, step.unwanted = set(step.unwanted), []
    for row in [other.row for other in step.live.values() if other.row.parent_element_instance_key in callers]:
        callers.discard(row.parent_element_instance_key)
        step.tell(row.key, hp.Canceled())
    for some in batches(sorted(callers)):
        condition = f"WHERE parent_element_instance_key IN ({', '.join('?' * len(some))}) AND state = ?"
        (rows,) = fetch(step.session, Read(Instance, condition, [*some, InstanceState.ACTIVE]))
        for row in rows:
            step.adopt(row)
            step.tell(row.key, hp.Canceled())
