"""What a person sees of the work: the inbox, the cases, and what of a case is open. Read-only questions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy import case as sql_case
from sqlalchemy.orm import Session

from engine import keys, policies, views
from engine.cases import Case
from engine.handoffs import OPEN, Clock, Handoff, HandoffState
from engine.instances import Instance, InstanceState
from engine.jobs import Job, JobState
from engine.parties import Actor
from engine.people import Group, Person
from engine.tasks import Task, TaskCandidate, TaskState, group_id_of, is_open

PAGE = 25


@dataclass(frozen=True, slots=True)
class Entry:
    """A task in an inbox, with its case."""

    task: Task
    case_number: int
    case_title: str | None
    started_by: str | None


def _mine(actor: Actor) -> ColumnElement[bool]:
    return and_(is_open(Task), Task.assignee == actor.username)


def _offered(actor: Actor) -> ColumnElement[bool]:
    """Open, with nobody, and offered to the actor, one of its groups or its party."""
    to_me = or_(
        and_(TaskCandidate.kind == "user", TaskCandidate.name == actor.username),
        and_(TaskCandidate.kind == "group", TaskCandidate.name.in_(sorted(actor.groups))),
        and_(TaskCandidate.kind == "party", TaskCandidate.name == str(actor.party_key)),
    )
    offered = select(TaskCandidate.task_key).where(to_me)
    return and_(is_open(Task), Task.assignee.is_(None), Task.key.in_(offered))


_BOXES = {"mine": _mine, "groups": _offered}


def _matching(actor: Actor, search: str) -> ColumnElement[bool]:
    """Every word is found in the task's name or the case's title; digits (with or without a space) are a case number."""
    digits = "".join(search.split())
    words = and_(*(or_(Task.name.icontains(word, autoescape=True), _titled(actor, word)) for word in search.split()))
    return or_(Case.number == int(digits), words) if digits.isascii() and digits.isdigit() and len(digits) < 16 else words


def _titled(actor: Actor, word: str) -> ColumnElement[bool]:
    """A search must not tell what the page does not show: another party reads a title made of its own values, found by number only."""
    return Case.title.icontains(word, autoescape=True) if views.may_search_titles(actor) else false()


def inbox(session: Session, actor: Actor, box: str, *, until: datetime, search: str = "", page: int = 1) -> tuple[list[Entry], bool]:
    """One page of `mine` or `groups`, and whether there is more. What is due before `until` first, then by priority, then newest."""
    due = Task.due_date < until
    statement = (
        select(Task, Case.number, Case.title, Case.started_by)
        .join(Case, Case.key == Task.case_key)
        .where(_BOXES[box](actor))
        .order_by(sql_case((due, 0), else_=1), sql_case((due, Task.due_date)), Task.priority.desc(), Task.key.desc())
    )
    if search:
        statement = statement.where(_matching(actor, search))
    rows = session.execute(statement.limit(PAGE + 1).offset((page - 1) * PAGE)).all()
    return [Entry(*row) for row in rows[:PAGE]], len(rows) > PAGE


def counts(session: Session, actor: Actor) -> dict[str, int]:
    """How many tasks are in each box."""
    return {box: session.scalar(select(func.count()).select_from(Task).where(condition(actor))) or 0 for box, condition in _BOXES.items()}


# -- handoffs -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Waiting:
    """A handoff that the actor's side has passed on and that is not over, with its case."""

    handoff: Handoff
    case_number: int
    case_title: str | None


def _undecided() -> ColumnElement[bool]:
    """Open, or declined and not yet decided by the sender's side."""
    declined = and_(Handoff.state == HandoffState.DECLINED, Handoff.is_settled.is_(False))
    return or_(Handoff.state.in_(OPEN), declined)


def waiting_for_others(session: Session, actor: Actor, *, search: str = "", page: int = 1) -> tuple[list[Waiting], bool]:
    """One page of what the actor's side waits for, and whether there is more: declined first, then late, then warned, then the oldest."""
    urgency = sql_case(
        (Handoff.state == HandoffState.DECLINED, 0), (Handoff.clock == Clock.LATE, 1), (Handoff.clock == Clock.WARNED, 2), else_=3
    )
    statement = (
        select(Handoff, Case.number, Case.title)
        .join(Case, Case.key == Handoff.case_key)
        .where(policies.sent_by(actor), _undecided(), Case.ended_at.is_(None))
        .order_by(urgency, Handoff.offered_at, Handoff.key)
    )
    digits = "".join(search.split())
    if digits.isascii() and digits.isdigit() and len(digits) < 16:
        statement = statement.where(Case.number == int(digits))
    elif search:
        statement = statement.where(
            and_(*(or_(_titled(actor, w), Handoff.to_side.icontains(w, autoescape=True)) for w in search.split()))
        )
    rows = session.execute(statement.limit(PAGE + 1).offset((page - 1) * PAGE)).all()
    return [Waiting(*row) for row in rows[:PAGE]], len(rows) > PAGE


def count_waiting(session: Session, actor: Actor) -> int:
    statement = select(func.count()).select_from(Handoff).join(Case, Case.key == Handoff.case_key)
    return session.scalar(statement.where(policies.sent_by(actor), _undecided(), Case.ended_at.is_(None))) or 0


def handoffs_of(session: Session, actor: Actor, case_key: int) -> list[Handoff]:
    """Those of a case that the actor may know of, the oldest first."""
    statement = select(Handoff).where(Handoff.case_key == case_key, policies.visible_handoffs(actor))
    return list(session.scalars(statement.order_by(Handoff.key)))


# -- cases --------------------------------------------------------------------------------------------------------


def cases(session: Session, actor: Actor, *, search: str = "", ended: bool = False, page: int = 1) -> tuple[list[Case], bool]:
    """One page of the actor's cases, the newest first, and whether there is more."""
    state = Case.ended_at.is_not(None) if ended else Case.ended_at.is_(None)
    statement = select(Case).where(policies.visible_cases(actor), state).order_by(Case.key.desc())
    digits = "".join(search.split())
    if digits.isascii() and digits.isdigit() and len(digits) < 16:
        statement = statement.where(or_(Case.number == int(digits), _titled(actor, search)))
    elif search:
        statement = statement.where(and_(*(_titled(actor, word) for word in search.split())))
    rows = list(session.scalars(statement.limit(PAGE + 1).offset((page - 1) * PAGE)))
    return rows[:PAGE], len(rows) > PAGE


def find_case(session: Session, actor: Actor, number: int) -> Case | None:
    """The case with this number, if the actor may see it."""
    if number > keys.LARGEST:
        return None
    return session.scalars(select(Case).where(Case.number == number, policies.visible_cases(actor))).first()


@dataclass(frozen=True, slots=True)
class Open:
    """What a case waits for now: a task (with whom), or work of a program."""

    instance_key: int
    process_key: int
    element_id: str
    task: Task | None
    since: datetime


def open_work(session: Session, case_keys: Sequence[int]) -> dict[int, list[Open]]:
    """The open tasks and jobs of these cases, oldest first."""
    found: dict[int, list[Open]] = defaultdict(list)
    for task in session.scalars(select(Task).where(Task.case_key.in_(case_keys), Task.state == TaskState.CREATED).order_by(Task.key)):
        found[task.case_key].append(Open(task.instance_key, task.process_key, task.element_id, task, task.created_at))
    open_jobs = Job.state.in_((JobState.CREATED, JobState.LEASED, JobState.FAILED))
    for job in session.scalars(select(Job).where(Job.case_key.in_(case_keys), open_jobs).order_by(Job.key)):
        found[job.case_key].append(Open(job.instance_key, job.process_key, job.element_id, None, job.created_at))
    return found


def instances_of(session: Session, case_key: int) -> list[Any]:
    """Key, process and state of the instances of a case; no snapshots."""
    columns = (Instance.key, Instance.process_key, Instance.process_id, Instance.state, Instance.started_by, Instance.incidents)
    return list(session.execute(select(*columns).where(Instance.case_key == case_key).order_by(Instance.key)))


def own_instances(session: Session, actor: Actor, case: Case, pools: dict[int, str | None]) -> frozenset[int]:
    """The instances of a case whose course the actor may follow: all for people of the host, else those of its own side.

    `pools`: instance key -> name of its pool. An outsider's side: what it started, its groups' pools, and where it has or had tasks.
    """
    if actor.roles:
        return frozenset(pools)
    mine = {key for key, pool in pools.items() if pool and group_id_of(pool) in actor.groups}
    if case.started_by == actor.id:  # not Instance.started_by: a message flow starts the other side's instance in the same step
        mine.add(case.first_instance_key)
    own = or_(Task.assignee == actor.username, Task.completed_by == actor.username, _offered(actor))
    mine |= set(session.scalars(select(Task.instance_key).where(Task.case_key == case.key, own)))
    return frozenset(mine & set(pools))


def is_active(instance: Any) -> bool:
    return bool(instance.state == InstanceState.ACTIVE)


# -- names --------------------------------------------------------------------------------------------------------


def names_of_people(session: Session, actor: Actor, usernames: Iterable[str | None]) -> dict[str, str]:
    """Of those whom the actor may know by name."""
    wanted = {name for name in usernames if name}
    statement = select(Person.username, Person.name).where(Person.username.in_(wanted), policies.visible_names(actor))
    return {username: name for username, name in session.execute(statement)}


def names_of_groups(session: Session, group_ids: Iterable[str]) -> dict[str, str]:
    wanted = set(group_ids)
    return {group_id: name for group_id, name in session.execute(select(Group.group_id, Group.name).where(Group.group_id.in_(wanted)))}
