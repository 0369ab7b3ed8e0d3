"""Who may see and do what: one table of operation and role, pure questions, and beside each question about a row the list filter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, true

from engine import cases, decisions, instances, tasks  # the modules, not what is in them: these ask us before they are whole
from engine.errors import NotAllowed
from engine.parties import Actor, Role

ADMIN, MODELLER, OPERATOR, MEMBER, WORKER = Role.ADMIN, Role.MODELLER, Role.OPERATOR, Role.MEMBER, Role.WORKER
PLATFORM_ROLE = "platform"  # the installation itself: the command line, demo, the background
_ALL = frozenset({ADMIN, MODELLER, OPERATOR, MEMBER, WORKER})

# Operation -> roles that may ask for it at all. What of it they see is the business of the filters below.
# Default is no: an operation that does not stand here is nobody's.
OPERATIONS: Mapping[str, frozenset[Role]] = {
    "see installation": _ALL,
    "see processes": _ALL,
    "deploy": frozenset({ADMIN, MODELLER}),
    "start instances": frozenset({ADMIN, OPERATOR, MEMBER, WORKER}),
    "cancel instances": frozenset({ADMIN, OPERATOR}),
    "see instances": frozenset({ADMIN, MODELLER, OPERATOR, MEMBER}),
    "see tasks": frozenset({ADMIN, MODELLER, OPERATOR, MEMBER}),
    "work on tasks": frozenset({ADMIN, OPERATOR, MEMBER}),
    "manage tasks": frozenset({ADMIN, OPERATOR}),
    "see variables": frozenset({ADMIN, MODELLER, OPERATOR, MEMBER}),
    "set variables": frozenset({ADMIN, OPERATOR}),
    "see jobs": frozenset({ADMIN, MODELLER, OPERATOR}),
    "work on jobs": frozenset({ADMIN, WORKER}),
    "change jobs": frozenset({ADMIN, OPERATOR, WORKER}),
    "see incidents": frozenset({ADMIN, MODELLER, OPERATOR, MEMBER}),
    "resolve incidents": frozenset({ADMIN, OPERATOR}),
    "send messages": frozenset({ADMIN, OPERATOR, WORKER}),
    "see decisions": frozenset({ADMIN, MODELLER, OPERATOR}),
    "evaluate decisions": frozenset({ADMIN, MODELLER, OPERATOR, WORKER}),
    "evaluate expressions": frozenset({ADMIN, MODELLER, OPERATOR}),
    "set the clock": frozenset({ADMIN}),
    "manage people": frozenset({ADMIN}),
}

_SEES_ALL = frozenset({ADMIN, OPERATOR, PLATFORM_ROLE})


def require(allowed: bool) -> None:
    if not allowed:
        raise NotAllowed()


def may(actor: Actor, operation: str) -> bool:
    return PLATFORM_ROLE in actor.roles or not actor.roles.isdisjoint(OPERATIONS.get(operation, frozenset()))


def may_deploy(actor: Actor) -> bool:
    return may(actor, "deploy")


def may_cancel(actor: Actor, instance: Any) -> bool:
    return may(actor, "cancel instances")


def may_work_jobs(actor: Actor) -> bool:
    return may(actor, "work on jobs")


def may_update_jobs(actor: Actor) -> bool:
    return may(actor, "change jobs")


def may_evaluate_decisions(actor: Actor) -> bool:
    return may(actor, "evaluate decisions")


def may_publish(actor: Actor) -> bool:
    return may(actor, "send messages")


def may_resolve_incident(actor: Actor) -> bool:
    return may(actor, "resolve incidents")


def may_set_variables(actor: Actor) -> bool:
    return may(actor, "set variables")


def may_set_clock(actor: Actor) -> bool:
    return may(actor, "set the clock")


def may_manage_people(actor: Actor) -> bool:
    return may(actor, "manage people")


# -- processes ----------------------------------------------------------------------------------------------------


def may_start(actor: Actor, process: Any) -> bool:
    """People of the host and programs start any process; an outsider those of the pools that it belongs to."""
    return may(actor, "start instances") or (process.pool is not None and tasks.group_id_of(process.pool) in actor.groups)


# -- tasks --------------------------------------------------------------------------------------------------------


def was_offered_task(actor: Actor, task: Any) -> bool:
    """Also after it was done: who came too late is told so, not sent away."""
    return actor.is_person and _is_among_candidates(actor, task)


def _is_offered_to(actor: Actor, task: Any) -> bool:
    return bool(task.state == tasks.TaskState.CREATED) and _is_among_candidates(actor, task)


def _is_among_candidates(actor: Actor, task: Any) -> bool:
    return actor.username in (task.candidate_users or ()) or not actor.groups.isdisjoint(task.candidate_groups or ())


def may_see_task(actor: Actor, task: Any) -> bool:
    """Whoever sees all; else the people whose task it is or was, and those whom an open one is offered to."""
    if actor.roles & _SEES_ALL:
        return True
    if not actor.is_person:
        return False
    return actor.username in (task.assignee, task.completed_by) or _is_offered_to(actor, task)


def visible_tasks(actor: Actor) -> ColumnElement[bool]:
    if actor.roles & _SEES_ALL:
        return true()
    if not actor.is_person:
        return false()
    to_me = or_(
        and_(tasks.TaskCandidate.kind == "user", tasks.TaskCandidate.name == actor.username),
        and_(tasks.TaskCandidate.kind == "group", tasks.TaskCandidate.name.in_(sorted(actor.groups))),
    )
    offered = and_(tasks.Task.state == tasks.TaskState.CREATED, tasks.Task.key.in_(select(tasks.TaskCandidate.task_key).where(to_me)))
    return or_(tasks.Task.assignee == actor.username, tasks.Task.completed_by == actor.username, offered)


def may_claim_task(actor: Actor, task: Any) -> bool:
    if may(actor, "manage tasks"):
        return True
    return actor.is_person and (task.assignee == actor.username or _is_offered_to(actor, task))


def may_complete_task(actor: Actor, task: Any) -> bool:
    """The assignee; while nobody has it also those whom it is offered to; and who manages tasks."""
    if may(actor, "manage tasks"):
        return True
    return actor.is_person and (task.assignee == actor.username or (task.assignee is None and _is_among_candidates(actor, task)))


def may_assign_task(actor: Actor, task: Any, assignee: str | None) -> bool:
    """To anybody: who manages tasks. To oneself, or giving back one's own: as with claiming."""
    if may(actor, "manage tasks"):
        return True
    if assignee is None:
        return actor.is_person and task.assignee == actor.username
    return assignee == actor.username and task.assignee in (None, actor.username) and may_claim_task(actor, task)


def may_update_task(actor: Actor, task: Any) -> bool:
    return may(actor, "manage tasks")


# -- cases and what lies in them ----------------------------------------------------------------------------------


def may_see_case(actor: Actor, case: Any, its_tasks: list[Any]) -> bool:
    """Whoever sees all; else who started it, and who may see one of `its_tasks`."""
    if actor.roles & _SEES_ALL:
        return True
    return actor.is_person and (case.started_by == actor.id or any(may_see_task(actor, task) for task in its_tasks))


def visible_cases(actor: Actor) -> ColumnElement[bool]:
    if actor.roles & _SEES_ALL:
        return true()
    if not actor.is_person:
        return false()
    acted = exists(select(tasks.Task.key).where(tasks.Task.case_key == cases.Case.key, visible_tasks(actor)))
    return or_(cases.Case.started_by == actor.id, acted)


def visible_instances(actor: Actor) -> ColumnElement[bool]:
    """Instances of cases that the actor may see. Modellers see all, but no values (see variables.py of the API)."""
    if actor.roles & (_SEES_ALL | {MODELLER}):
        return true()
    return instances.Instance.case_key.in_(select(cases.Case.key).where(visible_cases(actor)))


def visible_decision_instances(actor: Actor) -> ColumnElement[bool]:
    """Answers given outside of processes belong to nobody's case: whoever may see decisions at all sees them."""
    own = decisions.DecisionInstance.instance_key
    if not actor.roles.isdisjoint(_SEES_ALL):
        return true()
    return or_(own.is_(None), visible_by_instance(actor, own))


def visible_by_instance(actor: Actor, instance_key: Any) -> ColumnElement[bool]:
    """The filter for rows that belong to an instance: elements, variables, incidents, jobs."""
    if actor.roles & (_SEES_ALL | {MODELLER}):
        return true()
    found: ColumnElement[bool] = instance_key.in_(select(instances.Instance.key).where(visible_instances(actor)))
    return found
