"""A case as it stands now, for the diagram: where its tokens are, what they wait for, what stands still, what happened."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from api import languages
from api.passerelle.cases import CaseShown
from api.passerelle.cases import shown as case_shown
from api.passerelle.handoffs import HandoffShown, of
from api.passerelle.handoffs import shown as handoff_shown
from api.v2.fields import Answer, said, text, time
from api.v2.operations import operation
from engine import clock, inboxes, incidents, jobs, policies, tasks
from engine.cases import Case
from engine.deployments import Process
from engine.elements import ElementInstance, ElementState
from engine.errors import NotFound
from engine.handoffs import Handoff
from engine.history import HistoryEntry
from engine.incidents import Incident
from engine.instances import Instance
from engine.jobs import Job
from engine.messages import Subscription
from engine.parties import Actor
from engine.tasks import Task
from engine.timers import Timer

routes = Blueprint("live", __name__, description="A case as it stands now.")

_MOST = 500  # of each kind: a case may have thousands


class LiveInstance(Answer):
    processInstanceKey = said()
    processDefinitionKey = said()
    processDefinitionId = said()
    processDefinitionName = said(null=True)
    version = said(fields.Int)
    state = said()
    parentProcessInstanceKey = said(null=True)
    startDate = said()
    endDate = said(null=True)
    incidents = said(fields.Int)


class Token(Answer):
    processInstanceKey = said()
    elementId = said()
    active = said(fields.Int)
    completed = said(fields.Int)
    terminated = said(fields.Int)


class LiveWait(Answer):
    kind = said(metadata={"description": "task, job, timer, message or signal."})
    key = said()
    elementId = said()
    processInstanceKey = said(null=True)
    since = said(null=True)
    dueDate = said(null=True)
    name = said(null=True, metadata={"description": "Of the task, the job's type, the message."})
    who = said(null=True, metadata={"description": "Who has or may take it."})
    state = said(null=True, metadata={"description": "Of a job; of a task: who has it."})
    correlationKey = said(null=True, metadata={"description": "Of a message that may be published; null: it comes by a message flow."})


class LiveIncident(Answer):
    incidentKey = said()
    elementId = said()
    processInstanceKey = said()
    errorType = said()
    errorMessage = said()
    jobKey = said(null=True)
    creationTime = said()


class Live(CaseShown):
    revision = said(fields.Int)
    now = said()
    instances = fields.List(fields.Nested(LiveInstance), required=True)
    tokens = fields.List(fields.Nested(Token), required=True)
    waits = fields.List(fields.Nested(LiveWait), required=True)
    incidents = fields.List(fields.Nested(LiveIncident), required=True)
    handoffs = fields.List(fields.Nested(HandoffShown), required=True)


class Happening(Answer):
    revision = said(fields.Int)
    at = said()
    actor = said(null=True)
    actorName = said(null=True)
    command = said()
    elements = fields.List(fields.Dict(), required=True)


class Happenings(Answer):
    items = fields.List(fields.Nested(Happening), required=True)


def _expect(session: Session, case_key: int, by: Actor) -> tuple[Any, list[Any]]:
    """The case, and those of its instances that the actor sees. Raises NotFound."""
    statement = (
        select(Instance.key, Instance, Process.name)
        .join(Process, Process.key == Instance.process_key)
        .where(Instance.case_key == case_key, policies.visible_instances(by))
    )
    found = list(session.execute(statement.order_by(Instance.key).limit(_MOST)))
    row = session.get(Case, case_key) if found else None
    if row is None:
        raise NotFound(f"Expected a case with key {case_key}, found none.")
    return row, found


@operation(routes, "GET", "/cases/<caseKey>/live", name="getLiveCase", may="watch cases", answer=Live)
def live(session: Session, case_key: int, *, by: Actor) -> dict[str, Any]:
    """Tokens by element, what they wait for, incidents and handoffs: what a diagram shows."""
    row, found = _expect(session, case_key, by)
    mine = [key for key, *_ in found]
    about = case_shown(row)
    sees_values = session.scalar(select(Case.key).where(Case.key == case_key, policies.visible_cases(by))) is not None
    if not sees_values:
        about |= {"title": None, "startedBy": None}  # made of values, which this reader sees only of their own cases
    return about | {
        "revision": row.revision,
        "now": time(clock.now(session)),
        "instances": [_instance(one, name) for _, one, name in found],
        "tokens": _tokens(session, mine),
        "waits": _waits(session, mine, sees_values=sees_values),
        "incidents": _incidents(session, mine),
        "handoffs": [handoff_shown(one) for one in of(session, Handoff.case_key == case_key, by=by)],
    }


def _instance(row: Instance, name: str | None) -> dict[str, Any]:
    return {
        "processInstanceKey": text(row.key),
        "processDefinitionKey": text(row.process_key),
        "processDefinitionId": row.process_id,
        "processDefinitionName": name,
        "version": row.version,
        "state": row.state,
        "parentProcessInstanceKey": text(row.parent_key),
        "startDate": time(row.started_at),
        "endDate": time(row.ended_at),
        "incidents": row.incidents,
    }


def _tokens(session: Session, mine: list[int]) -> list[dict[str, Any]]:
    place = (ElementInstance.instance_key, ElementInstance.element_id, ElementInstance.state)
    counts: dict[tuple[int, str], dict[str, int]] = {}
    for key, element_id, state, n in session.execute(
        select(*place, func.count()).where(ElementInstance.instance_key.in_(mine)).group_by(*place)
    ):
        counts.setdefault((key, element_id), {})[state] = n
    return [
        {
            "processInstanceKey": text(key),
            "elementId": element_id,
            "active": by_state.get(ElementState.ACTIVE, 0),
            "completed": by_state.get(ElementState.COMPLETED, 0),
            "terminated": by_state.get(ElementState.TERMINATED, 0),
        }
        for (key, element_id), by_state in counts.items()
    ]


def _waits(session: Session, mine: list[int], *, sees_values: bool) -> list[dict[str, Any]]:
    open_tasks = session.scalars(select(Task).where(Task.instance_key.in_(mine), tasks.is_open(Task)).order_by(Task.key).limit(_MOST))
    open_jobs = session.scalars(
        select(Job).where(Job.instance_key.in_(mine), Job.ended_at.is_(None), Job.state.in_(jobs.OPEN)).order_by(Job.key).limit(_MOST)
    )
    timers = session.scalars(select(Timer).where(Timer.instance_key.in_(mine)).order_by(Timer.due_at).limit(_MOST))
    waiting = session.scalars(select(Subscription).where(Subscription.instance_key.in_(mine)).order_by(Subscription.key).limit(_MOST))
    return [
        *(
            _wait("task", one, since=one.created_at, due=one.due_date, name=one.name, who=_who(one), state=one.assignee)
            for one in open_tasks
        ),
        *(_wait("job", one, since=one.created_at, due=one.deadline, name=one.type, who=one.worker, state=one.state) for one in open_jobs),
        *(_wait("timer", one, due=one.due_at) for one in timers),
        *(
            _wait(one.kind, one, since=one.created_at, name=one.name)
            | {"correlationKey": one.correlation_key if sees_values and not one.by_flow else None}
            for one in waiting
        ),
    ]


def _who(task: Task) -> str | None:
    return task.assignee or ", ".join([*(task.candidate_groups or ()), *(task.candidate_users or ())]) or None


def _wait(
    kind: str, row: Any, *, since: Any = None, due: Any = None, name: str | None = None, who: str | None = None, state: str | None = None
) -> dict[str, Any]:
    return {
        "kind": kind,
        "key": text(row.key),
        "elementId": row.element_id,
        "processInstanceKey": text(row.instance_key),
        "since": time(since),
        "dueDate": time(due),
        "name": name,
        "who": who,
        "state": state,
        "correlationKey": None,
    }


def _incidents(session: Session, mine: list[int]) -> list[dict[str, Any]]:
    still = select(Incident).where(Incident.instance_key.in_(mine), Incident.state == incidents.IncidentState.ACTIVE)
    return [
        {
            "incidentKey": text(row.key),
            "elementId": row.element_id,
            "processInstanceKey": text(row.instance_key),
            "errorType": row.error_type,
            "errorMessage": incidents.told(row, languages.asked()),
            "jobKey": text(row.job_key),
            "creationTime": time(row.created_at),
        }
        for row in session.scalars(still.order_by(Incident.key).limit(_MOST))
    ]


@operation(routes, "GET", "/cases/<caseKey>/history", name="getCaseHistory", may="watch cases", answer=Happenings)
def history(session: Session, case_key: int, *, by: Actor) -> dict[str, Any]:
    """What happened, the newest first: who did what, and which elements it moved."""
    _, found = _expect(session, case_key, by)
    mine = {key for key, *_ in found}
    newest = select(HistoryEntry).where(HistoryEntry.case_key == case_key).order_by(HistoryEntry.revision.desc()).limit(_MOST)
    rows = list(session.scalars(newest))
    who = {(row.actor or "").removeprefix("person:") for row in rows}
    names = inboxes.names_of_people(session, by, who) if policies.may(by, "manage tasks") else {}  # a modeller watches cases, not people
    return {
        "items": [
            {
                "revision": row.revision,
                "at": time(row.at),
                "actor": row.actor,
                "actorName": names.get((row.actor or "").removeprefix("person:")),
                "command": row.command,
                "elements": [
                    {"word": word, "elementId": element_id, "processInstanceKey": text(instance_key)}
                    for word, instance_key, element_id, *_ in row.events
                    if instance_key in mine and element_id
                ][:_MOST],
            }
            for row in rows
        ]
    }
