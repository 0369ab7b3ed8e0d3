"""Work for people: offered to a group or a person, claimed by one, done once."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, ForeignKey, Index, String, Text, and_, cast, or_, type_coerce
from sqlalchemy.orm import Mapped, mapped_column

from engine import keys
from engine.bpmn.effects import TaskOpened, WaitClosed
from engine.bpmn.names import id_of
from engine.database import Base, JsonText, Writes, key_column, only_where
from engine.errors import WrongState

if TYPE_CHECKING:
    from engine.advance import Live, Step


class TaskState(StrEnum):
    CREATED = "CREATED"  # -> COMPLETED, CANCELED
    COMPLETED = "COMPLETED"
    CANCELED = "CANCELED"


_DONE_BY_ANOTHER = "completed_by IS NOT NULL AND (assignee IS NULL OR assignee <> completed_by)"


class Task(Base):
    __tablename__ = "tasks"

    key: Mapped[int] = key_column()
    element_instance_key: Mapped[int]
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
    party_key: Mapped[int | None]  # whose work it is; None: the host's
    handoff_key: Mapped[int | None]  # the first of those it stands in
    handoff_keys: Mapped[Any] = mapped_column(JsonText, nullable=True)  # all, where there are several
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_tasks_instance", "instance_key", "element_instance_key"),  # one of very many closes without a look at the others
        Index("ix_tasks_case", "case_key"),
        Index("ix_tasks_assignee", "assignee", "key"),
        # few among very many; begins with what is the same in all of them, because SQLite looks at the columns only
        Index("ix_tasks_open", "ended_at", "assignee", "key", **only_where("ended_at IS NULL")),
        Index("ix_tasks_done", "completed_by", "key", **only_where(_DONE_BY_ANOTHER)),
        Index("ix_tasks_handoff", "handoff_key", **only_where("handoff_key IS NOT NULL")),
        Index("ix_tasks_party", "party_key", "key", **only_where("party_key IS NOT NULL")),
    )


class TaskCandidate(Base):
    """Who may claim an open task; kept in rows so that an inbox is one indexed question. Gone when the task is."""

    __tablename__ = "task_candidates"

    kind: Mapped[str] = mapped_column(primary_key=True)  # "group" | "user" | "party" (its key)
    name: Mapped[str] = mapped_column(primary_key=True)
    task_key: Mapped[int] = mapped_column(ForeignKey("tasks.key"), primary_key=True)

    __table_args__ = (Index("ix_task_candidates_task", "task_key"),)


def is_open(task: Any) -> ColumnElement[bool]:
    """A condition in the words of the index of open tasks: SQLite uses it for no others."""
    return and_(task.state == TaskState.CREATED, task.ended_at.is_(None))


def is_done_by_another(task: Any) -> ColumnElement[bool]:
    """Completed by somebody else than its assignee, or without one: in the words of the index of those."""
    return and_(task.completed_by.is_not(None), or_(task.assignee.is_(None), task.assignee != task.completed_by))


def group_id_of(name: str) -> str:
    """The group that a lane or pool stands for: "Front desk" -> "front-desk"."""
    return id_of(name)


def expect_open(task: Any) -> None:
    if task.state != TaskState.CREATED:
        raise WrongState(f"Expected task {task.key} to be open, found it {task.state}.")


def opened(step: Step, found: Live, effect: TaskOpened) -> None:
    element = found.definition.elements[effect.element_id]
    groups, users = list(effect.candidate_groups), list(effect.candidate_users)
    party_key = _party_of(step, found, effect)
    if not (effect.assignee or groups or users) and party_key is None:
        # nobody named: the people of the innermost lane, else of the pool
        place = element.lane or found.definition.pool_name
        groups = [group_id_of(place)] if place else []
    key = keys.new()
    row = {
        "key": key,
        "element_instance_key": effect.element_instance_key,
        "instance_key": found.row.key,
        "case_key": step.case.key,
        "process_key": found.row.process_key,
        "process_id": found.row.process_id,
        "element_id": effect.element_id,
        "name": element.name or effect.element_id,
        "lane": element.lane,
        "pool": found.definition.pool_name,
        "state": TaskState.CREATED,
        "assignee": effect.assignee,
        "candidate_groups": groups,
        "candidate_users": users,
        "priority": effect.priority,
        "due_date": effect.due_date,
        "follow_up_date": effect.follow_up_date,
        "form_id": effect.form_id,
        "form_key": effect.form_key,
        "external_form": effect.external_form,
        "headers": dict(effect.headers),
        "party_key": party_key,
        "handoff_key": effect.batons[0] if effect.batons else None,
        "handoff_keys": list(effect.batons) if len(effect.batons) > 1 else None,
        "created_at": step.now,
    }
    step.writes.insert(Task, row)
    offer(step.writes, key, groups, users, party_key)
    step.note("task offered", found, effect.element_id, effect.element_instance_key)


def _party_of(step: Step, found: Live, effect: TaskOpened) -> int | None:
    """Whose work it is: the party that plays its side in this case, as it was handed over."""
    side = found.definition.handoffs.sides.get(effect.element_id)
    return None if side is None else step.directory.party_at(side.role, effect.batons)


def handoffs_of(task: Any) -> list[int]:
    """The handoffs that a task or job stands in."""
    return task.handoff_keys or ([] if task.handoff_key is None else [task.handoff_key])


def stands_in(handoff_key: Any) -> ColumnElement[bool]:
    """The condition under which a task stands in this handoff (a key, or a column of keys)."""
    text = type_coerce(Task.handoff_keys, Text)  # keys are of one length, so none is a part of another
    return or_(Task.handoff_key == handoff_key, text.contains(cast(handoff_key, String)))


def offer(writes: Writes, task_key: int, groups: list[str], users: list[str], party_key: int | None) -> None:
    """To groups and people of the host; to the people and guests of another party as a whole."""
    parties = [] if party_key is None else [str(party_key)]
    for kind, names in (("group", groups), ("user", users), ("party", parties)):
        for name in dict.fromkeys(names):
            writes.insert(TaskCandidate, {"kind": kind, "name": name, "task_key": task_key})


def closed(step: Step, found: Live, effect: WaitClosed) -> None:
    changes: dict[str, Any] = {"state": TaskState.COMPLETED if effect.completed else TaskState.CANCELED, "ended_at": step.now}
    if effect.completed:
        changes |= {"completed_by": step.by.username or step.by.id, "action": step.action}
    task = step.thing if isinstance(step.thing, SimpleNamespace) and hasattr(step.thing, "candidate_groups") else None
    if task is not None and task.element_instance_key == effect.key:
        step.writes.update(Task, {"key": task.key}, changes)
        if task.candidate_groups or task.candidate_users:
            step.writes.delete(TaskCandidate, "task_key", task.key)
        return
    where = {"instance_key": found.row.key, "element_instance_key": effect.key, "ended_at": None}
    step.writes.update(Task, where, changes, each="element_instance_key")
    step.writes.statement(
        "DELETE FROM task_candidates WHERE task_key IN (SELECT key FROM tasks WHERE instance_key = ? AND element_instance_key IN (...))",
        [found.row.key],
        each=effect.key,
    )
