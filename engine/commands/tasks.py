"""What people do with their tasks: claim, release, pass on, finish."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy import update as sql_update
from sqlalchemy.orm import Session

from engine import advance, documents, handoffs, policies, recordings, tasks, variables
from engine.bpmn.happenings import TaskCompleted
from engine.commands.roles import bind
from engine.database import Writes
from engine.errors import Invalid, NotFound, WrongState
from engine.handoffs import HandoffState
from engine.parties import Actor
from engine.tasks import Task, TaskCandidate

_WHAT = "a user task"


def complete(
    session: Session,
    task_key: int,
    answers: Mapping[str, Any],
    *,
    action: str | None = None,
    roles: Mapping[str, int] | None = None,
    by: Actor,
) -> None:
    """Finish it with these variables. `roles`: who gets the work, where it crosses to a party that only the person knows.

    Raises NotFound, NotAllowed, WrongState (somebody was faster), Invalid (a contract is not kept, a party is not known).
    """
    variables.check(answers)
    step, task = advance.locked_with(session, Task, task_key, by=by, command="task completed", what=_WHAT)
    _expect_known(task, by)
    policies.require(policies.may_complete_task(by, task))
    tasks.expect_open(task)
    documents.attach(step, answers)
    step.action = action
    bind(step, roles or {})
    step.note_of(task, "task completed")
    _note(session, task, by, {"task": task.name, "answers": answers, "roles": roles})
    advance.tell(step, step.instance_row, TaskCompleted(task.element_instance_key, answers))


def claim(session: Session, task_key: int, *, by: Actor) -> None:
    """Take an offered task. Raises WrongState where somebody else has it."""
    task = _locked_open(session, task_key, by, "task claimed", accepts=True)
    policies.require(policies.may_claim_task(by, task))
    if task.assignee not in (None, by.username):
        raise WrongState(f"Expected task {task_key} to be free, found it assigned to somebody else.")
    _change(session, task_key, assignee=by.username)


def release(session: Session, task_key: int, *, by: Actor) -> None:
    """Give a claimed task back to those it was offered to."""
    task = _locked_open(session, task_key, by, "task released")
    policies.require(policies.may_complete_task(by, task))
    if not (task.candidate_groups or task.candidate_users):
        raise WrongState(f"Expected a group that task {task_key} can go back to, found none.")
    _change(session, task_key, assignee=None)


def assign(session: Session, task_key: int, assignee: str, *, allow_override: bool = True, action: str | None = None, by: Actor) -> None:
    task = _locked_open(session, task_key, by, "task assigned", accepts=True)
    policies.require(policies.may_assign_task(by, task, assignee))
    _note(session, task, by, {"assign": task.name, "to": assignee})
    if task.assignee is not None and not allow_override and task.assignee != assignee:
        raise WrongState(f"Expected task {task_key} to be unassigned, found it assigned.")
    _change(session, task_key, assignee=assignee, action=action or "assign")


def unassign(session: Session, task_key: int, *, by: Actor) -> None:
    task = _locked_open(session, task_key, by, "task unassigned")
    policies.require(policies.may_assign_task(by, task, None))
    _note(session, task, by, {"unassign": task.name})
    _change(session, task_key, assignee=None)


_CHANGEABLE = {"candidate_groups": list, "candidate_users": list, "due_date": datetime, "follow_up_date": datetime, "priority": int}
_EMPTY = {"candidate_groups": [], "candidate_users": [], "priority": 50}


def update(session: Session, task_key: int, changes: Mapping[str, Any], *, action: str | None = None, by: Actor) -> None:
    """Change candidates, dates, priority; None empties a field. Raises Invalid for anything else."""
    unknown = sorted(set(changes) - set(_CHANGEABLE))
    if unknown:
        raise Invalid(f"Expected one of {', '.join(_CHANGEABLE)}, found {unknown[0]}.", fields={unknown[0]: "unknown field"})
    task = _locked_open(session, task_key, by, "task updated")
    policies.require(policies.may_update_task(by, task))
    wanted = {name: _EMPTY.get(name) if value is None else value for name, value in changes.items()}
    offered: dict[str, Any] = {name: wanted[name] for name in ("candidate_groups", "candidate_users") if name in wanted}
    if offered:
        _note(session, task, by, {"offer": task.name, **offered})
    _change(session, task_key, **wanted, action=action or "update")
    if "candidate_groups" in wanted or "candidate_users" in wanted:
        session.execute(delete(TaskCandidate).where(TaskCandidate.task_key == task_key))
        writes = Writes()
        groups = wanted.get("candidate_groups", task.candidate_groups)
        tasks.offer(writes, task_key, groups, wanted.get("candidate_users", task.candidate_users), task.party_key)
        writes.flush(session)


def _expect_known(task: Any, by: Actor) -> None:
    """A task that one may not see is not there: an error must not tell that it is."""
    if not (policies.may_see_task(by, task) or policies.was_offered_task(by, task)):
        raise NotFound(f"Expected {_WHAT} with key {task.key}, found none.")


def _locked_open(session: Session, task_key: int, by: Actor, command: str, *, accepts: bool = False) -> Any:
    """`accepts`: somebody takes it on, and with it the handoff that it came by."""
    step, task = advance.locked_with(session, Task, task_key, by=by, command=command, what=_WHAT)
    _expect_known(task, by)
    tasks.expect_open(task)
    step.note_of(task, command)
    if accepts:
        for row in step.open_handoffs(tasks.handoffs_of(task)) if recordings.is_recording(session) else ():
            if row["state"] == HandoffState.OFFERED:
                recordings.note(session, task.case_key, by, {"accept": row["to_side"]})
        handoffs.accepted(step, tasks.handoffs_of(task))
    step.finish()
    return task


def _note(session: Session, task: Any, by: Actor, step: Mapping[str, Any]) -> None:
    if recordings.is_recording(session):
        recordings.note(session, task.case_key, by, {**step, "where": recordings.task_apart(session, task)})


def _change(session: Session, task_key: int, **changes: Any) -> None:
    session.execute(sql_update(Task).where(Task.key == task_key).values(**changes))
