"""A case as its customer may follow it: the milestones, who has to act until when, and the customer's own open tasks. Read only.

Other parties are closed boxes with a name; nothing that they wrote, and no person of theirs, gets here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine import clock, milestones, outlook, parties, policies, waits
from engine.cases import Case, CaseState
from engine.elements import ElementInstance, ElementState
from engine.handoffs import Handoff
from engine.instances import Instance
from engine.links import Link, LinkKind
from engine.milestones import Point
from engine.parties import Actor
from engine.tasks import Task, TaskState, handoffs_of
from engine.waits import Next


@dataclass(frozen=True, slots=True)
class Expected:
    """Somebody who has to act. `name` None: the reader. `due_at`: the earliest that was promised to another party; None: nothing was."""

    name: str | None
    since: datetime
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class OwnTask:
    """`link`: the door that was sent for it, if it still opens."""

    task: Task
    link: Link | None


@dataclass(frozen=True, slots=True)
class Ahead:
    """A milestone that may still come. `is_certain`: it comes whatever is decided; of the others nobody must think them promised."""

    point: Point
    is_certain: bool


@dataclass(frozen=True, slots=True)
class Track:
    case: Case
    reached: Sequence[Point]
    ahead: Sequence[Ahead]  # in the order of the models
    expected: Sequence[Expected]
    tasks: Sequence[OwnTask]

    @property
    def is_over(self) -> bool:
        return self.case.state != CaseState.ACTIVE


def handoff_keys(session: Session, link: Link) -> frozenset[int]:
    """The handoffs of the case that the party of a link to follow it is a side of."""
    mine = or_(Handoff.from_party_key == link.party_key, Handoff.to_party_key == link.party_key)
    return frozenset(session.scalars(select(Handoff.key).where(Handoff.case_key == link.case_key, mine)))


def of_link(session: Session, link: Link, *, by: Actor) -> Track:
    """`link`: of kind "case"; `by`: who came by it."""
    case = session.get_one(Case, link.case_key)
    points = milestones.of_case(session, case.key)
    reached = [point for point in points if point.reached_at is not None]
    if case.state != CaseState.ACTIVE:
        return Track(case, reached, (), (), ())
    open_tasks = list(session.scalars(select(Task).where(Task.case_key == case.key, Task.state == TaskState.CREATED).order_by(Task.key)))
    ahead = list(_still_ahead(session, case.key, points))
    return Track(case, reached, ahead, _expected(session, case, link, open_tasks), _own_tasks(session, link, open_tasks, by))


def _still_ahead(session: Session, case_key: int, points: Iterable[Point]) -> Iterable[Ahead]:
    """Those that the work may still come to from where it is, by the drawing."""
    row = ElementInstance
    where = select(row.process_key, row.element_id).join(Instance, Instance.key == row.instance_key)
    active: dict[int, set[str]] = {}
    for process_key, element_id in session.execute(where.where(Instance.case_key == case_key, row.state == ElementState.ACTIVE).distinct()):
        active.setdefault(process_key, set()).add(element_id)
    drawings = {key: outlook.of_process(session, key) for key in active}
    ways = {key: drawings[key].ahead_of(some) for key, some in active.items()}
    for point in points:
        key = point.process_key
        if point.reached_at is None and point.element_id in ways.get(key, ()):
            yield Ahead(point, drawings[key].is_certain(point.element_id, active[key]))


# -- who has to act -----------------------------------------------------------------------------------------------


def _expected(session: Session, case: Case, link: Link, open_tasks: Iterable[Task]) -> list[Expected]:
    """Of those who hold a handoff the ones with something to do; where nobody has, all who hold one, or the host."""
    rows = session.scalars(select(Handoff).where(Handoff.case_key == case.key))
    found = waits.of(case, rows)
    at_work = {task.party_key for task in open_tasks}
    acting = [wait for wait in found if wait.next != Next.COMPLETE or wait.holder_party_key in at_work]
    host = parties.host(session).name
    held: dict[str | None, Expected] = {}
    for wait in acting or found:
        name = host if wait.holder_party_key is None else None if wait.holder_party_key == link.party_key else wait.holder_side
        promised = wait.due_at if wait.holder_party_key != wait.waiting_party_key else None  # between teams it is their own affair
        held[name] = _both(held.get(name), Expected(name, wait.since, promised))
    own = [task for task in open_tasks if task.party_key == link.party_key]
    if own and None not in held:  # of the customer's own part, before anything crossed
        yours: dict[str | None, Expected] = {None: Expected(None, own[0].created_at, None)}
        held = yours | (held if acting else {})
    return list(held.values()) or [Expected(host, case.created_at, None)]


def _both(one: Expected | None, other: Expected) -> Expected:
    if one is None:
        return other
    due = [at for at in (one.due_at, other.due_at) if at is not None]
    return Expected(one.name, min(one.since, other.since), min(due, default=None))


# -- the reader's own tasks ---------------------------------------------------------------------------------------


def _own_tasks(session: Session, link: Link, open_tasks: Iterable[Task], by: Actor) -> list[OwnTask]:
    mine = [task for task in open_tasks if task.party_key == link.party_key]
    return [OwnTask(task, _door(session, link, task) if policies.may_see_task(by, task) else None) for task in mine]


def _door(session: Session, link: Link, task: Task) -> Link | None:
    """To the same mailbox: nobody else's."""
    leads = (Link.kind == LinkKind.HANDOFF, Link.handoff_key.in_(handoffs_of(task)), Link.party_key == link.party_key)
    holds = (Link.revoked_at.is_(None), Link.expires_at > clock.now(session))
    found = session.scalars(select(Link).where(*leads, *holds).order_by(Link.key.desc()))
    return next((one for one in found if one.address.casefold() == link.address.casefold()), None)


def label(labels: Mapping[str, str], language: str) -> str:
    """In the reader's language, else in the one for all others, else in any."""
    own = labels.get(language) or next((words for tag, words in labels.items() if tag.split("-")[0] == language), None)
    found: Any = own or labels.get("") or next(iter(labels.values()), "")
    return str(found)
