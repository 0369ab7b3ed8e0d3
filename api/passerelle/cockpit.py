"""Instances as an operator looks for them: with the case's number and title, and the party that they wait for; and how many there are."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields
from sqlalchemy import ColumnElement, and_, case, exists, func, null, or_, select, true
from sqlalchemy.orm import Session

from api.passerelle.handoffs import PARTY_KEY, party_filter
from api.v2.fields import Answer, Filter, Strict, Text, answer_of, filter_of, page_of, said, search_schema, text, time
from api.v2.operations import operation
from engine import cases, clock, parties, policies, search
from engine import job_types as asked_for
from engine.cases import Case
from engine.deployments import Process
from engine.handoffs import OPEN, Clock, Handoff
from engine.incidents import Incident, IncidentState
from engine.instances import Instance, InstanceState
from engine.jobs import Job
from engine.parties import HOST_KEY, Actor, Party
from engine.search import Field, Noun, Wanted

routes = Blueprint("cockpit", __name__, description="Instances as an operator looks for them.")

_MOST_COUNTED = 100_000  # rows that figures are made of; beyond that they say "at least"
_MOST_GROUPS = 200


class WaitedFor(Answer):
    """Of an open handoff."""

    partyKey = said()
    partyName = said()
    side = said()
    since = said()
    dueDate = said(null=True)
    clock = said()


class InstanceListed(Answer):
    processInstanceKey = said()
    processDefinitionKey = said()
    processDefinitionId = said()
    processDefinitionName = said(null=True)
    processDefinitionVersion = said(fields.Int)
    state = said()
    incidents = said(fields.Int)
    startDate = said()
    endDate = said(null=True)
    caseKey = said()
    caseNumber = said()
    title = said(null=True, metadata={"description": "Null where the case is none of the reader's."})
    waitsFor = fields.List(fields.Nested(WaitedFor), required=True)


def _of(by: Actor) -> Noun:
    """The noun as this reader may see it: a title is made of values, so it is neither shown nor found where values are not."""
    sees_all = isinstance(policies.visible_cases(by), type(true()))
    title: Any = Case.title if sees_all else case((policies.visible_cases(by), Case.title), else_=null())
    shown = (*search.columns(Instance, without=("snapshot", "peers")), Case.number, title.label("title"))
    base = (
        select(*shown, Process.name.label("process_name"))
        .join(Case, Case.key == Instance.case_key)
        .join(Process, Process.key == Instance.process_key)
    )
    name = NOUN.name if sees_all else f"{NOUN.name}-without-titles"  # plans are kept by name
    known = {"title": Field(title), "waitsFor": Field(_FIRST_WAITED_FOR if sees_all else search.nothing("string"))}
    special = {**NOUN.special, "search": partial(_found_by, title)}
    return dataclasses.replace(NOUN, name=name, base=base, fields={**NOUN.fields, **known}, special=special)


def _found_by(title: Any, words: str) -> ColumnElement[bool]:
    """By the title's words, or by the case's number."""
    digits = re.sub(r"\s", "", words)
    found = [func.lower(title).contains(word.lower(), autoescape=True) for word in words.split()[:8]]
    by_title = search.all_of(found)
    return or_(Case.number == int(digits), by_title) if digits.isdigit() and len(digits) < 12 else by_title


def _waiting_for(operators: Any) -> ColumnElement[bool]:
    """Instances of cases in which an open handoff stands with such a party."""
    chosen = party_filter(Handoff.to_party_key)(operators)
    return exists(select(Handoff.key).where(Handoff.case_key == Instance.case_key, Handoff.state.in_(OPEN), chosen))


def _crossed(flow_id: str, *more: ColumnElement[bool]) -> ColumnElement[bool]:
    """Instances whose process names this flow, of cases in which work went over it."""
    is_theirs = Handoff.case_key == Instance.case_key, Handoff.process_id == Instance.process_id
    return exists(select(Handoff.key).where(*is_theirs, Handoff.flow_id == flow_id, *more))


_LATE = and_(Handoff.state.in_(OPEN), Handoff.clock == Clock.LATE)
_IS_LATE = exists(select(Handoff.key).where(Handoff.case_key == Instance.case_key, _LATE))
_FIRST_WAITED_FOR = (
    select(func.min(func.lower(Party.name)))
    .where(Handoff.case_key == Instance.case_key, Handoff.state.in_(OPEN), Party.key == func.coalesce(Handoff.to_party_key, HOST_KEY))
    .where(Instance.state == InstanceState.ACTIVE)
    .scalar_subquery()
)
_STATES = {state: [state] for state in InstanceState}
NOUN = Noun(
    "cockpit-instance",
    select(*search.columns(Instance, without=("snapshot", "peers"))),
    Instance.key,
    {
        "processInstanceKey": Field(Instance.key, "key"),
        "processDefinitionId": Field(Instance.process_id),
        "processDefinitionKey": Field(Instance.process_key, "key"),
        "processDefinitionVersion": Field(Instance.version, "int"),
        "state": Field(Instance.state, "enum", _STATES),
        "hasIncident": Field(case((Instance.incidents > 0, True), else_=False), "bool"),
        "isLate": Field(case((and_(Instance.state == InstanceState.ACTIVE, _IS_LATE), True), else_=False), "bool", sortable=False),
        "startDate": Field(Instance.started_at, "datetime"),
        "endDate": Field(Instance.ended_at, "datetime"),
        "caseKey": Field(Instance.case_key, "key"),
        "caseNumber": Field(Case.number, "case number"),
        "title": Field(Case.title),
        "waitsFor": Field(_FIRST_WAITED_FOR),
    },
    {
        "search": lambda words: _found_by(Case.title, words),
        "waitsForPartyKey": _waiting_for,
        "flowId": _crossed,
        "lateFlowId": lambda flow_id: _crossed(flow_id, _LATE),
    },
)
_SPECIAL: dict[str, fields.Field] = {
    "search": Text(least=1, most=200),
    "waitsForPartyKey": Filter(PARTY_KEY),
    "flowId": Text(least=1, most=800, metadata={"description": "Work of the case went over this flow of the instance's process."}),
    "lateFlowId": Text(least=1, most=800, metadata={"description": "The same, and it is late there now."}),
}
Search = search_schema(NOUN, **_SPECIAL)


@operation(
    routes,
    "POST",
    "/instances/search",
    name="searchInstances",
    may="watch cases",
    body=Search,
    answer=answer_of("InstanceListed", InstanceListed),
)
def find(session: Session, body: Wanted, *, by: Actor) -> dict[str, Any]:
    """Search instances, with their cases and whom they wait for."""
    page = search.run(session, _of(by), body, visible=policies.visible_instances(by))
    waiting = _waits(session, {row.case_key for row in page.rows}, by)
    return page_of([_shown(row, waiting.get(row.case_key, [])) for row in page.rows], page)


def _shown(row: Any, waits: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "processInstanceKey": text(row.key),
        "processDefinitionKey": text(row.process_key),
        "processDefinitionId": row.process_id,
        "processDefinitionName": row.process_name,
        "processDefinitionVersion": row.version,
        "state": row.state,
        "incidents": row.incidents,
        "startDate": time(row.started_at),
        "endDate": time(row.ended_at),
        "caseKey": text(row.case_key),
        "caseNumber": cases.number_for_people(row.number),
        "title": row.title,
        "waitsFor": waits if row.state == InstanceState.ACTIVE else [],
    }


def _waits(session: Session, case_keys: Iterable[int], by: Actor) -> dict[int, list[dict[str, Any]]]:
    still = select(Handoff).where(Handoff.case_key.in_(case_keys), Handoff.state.in_(OPEN), policies.visible_figures(by))
    rows = list(session.scalars(still.order_by(Handoff.key)))
    names = parties.names(session, [row.to_party_key or HOST_KEY for row in rows])
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        key = row.to_party_key or HOST_KEY
        due = row.complete_due_at if row.accepted_at is not None or row.accept_due_at is None else row.accept_due_at
        about = {"partyKey": text(key), "partyName": names.get(key, ""), "side": row.to_side, "since": time(row.offered_at)}
        found.setdefault(row.case_key, []).append(about | {"dueDate": time(due), "clock": row.clock})
    return found


# -- how many -----------------------------------------------------------------------------------------------------


class Count(Strict):
    filter = filter_of(dataclasses.replace(NOUN, name="instance-count"), **_SPECIAL)


class Group(Answer):
    key = said()
    name = said(null=True)
    count = said(fields.Int)


class Counts(Answer):
    """Each group counts what the rest of the filter leaves, so that choosing it shows a list of just that length."""

    total = said(fields.Int)
    withIncident = said(fields.Int)
    late = said(fields.Int, metadata={"description": "Running, with a handoff of their case that is late."})
    hasMore = said(fields.Bool, metadata={"description": "There are more than the figures were made of."})
    now = said()
    states = fields.List(fields.Nested(Group), required=True)
    processes = fields.List(fields.Nested(Group), required=True)
    parties = fields.List(fields.Nested(Group), required=True)


@operation(routes, "POST", "/instances/counts", name="countInstances", may="watch cases", body=Count, answer=Counts)
def count(session: Session, body: Mapping[str, Any], *, by: Actor) -> dict[str, Any]:
    """How many instances there are, by state, process and the party that they wait for."""
    noun, given = _of(by), dict(body.get("filter") or {})
    any_of = given.pop("$or", ())
    chosen = partial(_chosen, noun, given, any_of, policies.visible_instances(by))
    whole, incidents = chosen(), chosen("hasIncident")
    late = _chosen(noun, given | {"isLate": {"$eq": True}}, any_of, policies.visible_instances(by))
    total = session.scalar(select(func.count()).select_from(whole)) or 0
    with_incident = session.scalar(select(func.count()).select_from(incidents).where(incidents.c.incidents > 0)) or 0
    return {
        "total": min(total, _MOST_COUNTED),
        "withIncident": with_incident,
        "late": session.scalar(select(func.count()).select_from(late)) or 0,
        "hasMore": total > _MOST_COUNTED,
        "now": time(clock.now(session)),
        "states": _grouped(session, chosen("state"), "state"),
        "processes": _grouped(session, chosen("processDefinitionId"), "process_id", func.max),
        "parties": _by_party(session, chosen("waitsForPartyKey")),
    }


def _chosen(noun: Noun, given: Mapping[str, Any], any_of: Any, visible: ColumnElement[bool], without: str = "") -> Any:
    filters = {name: value for name, value in given.items() if name != without}
    statement = noun.base.where(visible, search.matching(noun, filters, any_of))
    columns = (Instance.key, Instance.case_key, Instance.state, Instance.incidents, Instance.process_id, Process.name.label("process_name"))
    return statement.with_only_columns(*columns).limit(_MOST_COUNTED + 1).subquery()


def _grouped(session: Session, some: Any, column: str, name_by: Any = None) -> list[dict[str, Any]]:
    name = name_by(some.c.process_name) if name_by else null()
    statement = select(some.c[column], name, func.count()).group_by(some.c[column]).order_by(func.count().desc(), some.c[column])
    return [{"key": key, "name": words, "count": n} for key, words, n in session.execute(statement.limit(_MOST_GROUPS))]


def _by_party(session: Session, some: Any) -> list[dict[str, Any]]:
    n = func.count(some.c.key.distinct())
    party = func.coalesce(Handoff.to_party_key, HOST_KEY)
    statement = select(party, n).select_from(some).join(Handoff, Handoff.case_key == some.c.case_key).where(Handoff.state.in_(OPEN))
    rows = list(session.execute(statement.group_by(party).order_by(n.desc(), party).limit(_MOST_GROUPS)))
    names = parties.names(session, [key for key, _ in rows])
    return [{"key": text(key), "name": names.get(key), "count": count} for key, count in rows]


# -- programs that are missing --------------------------------------------------------------------------------------


class JobType(Answer):
    type = said()
    open = said(fields.Int)
    failed = said(fields.Int, metadata={"description": "Without retries left: an incident is open."})
    oldest = said(metadata={"description": "Since when the oldest waits."})
    lastAskedAt = said(null=True, metadata={"description": "When a program last asked for such work; null: none ever did."})


class JobTypes(Answer):
    items = fields.List(fields.Nested(JobType), required=True)


@operation(routes, "GET", "/job-types", name="listJobTypes", may="see jobs", answer=JobTypes)
def job_types(session: Session, *, by: Actor) -> dict[str, Any]:
    """Types of which jobs are open, and whether a program has ever done one."""
    seen = policies.visible_by_instance(by, Job.instance_key)
    still = select(Job.type, func.count(), func.min(Job.created_at)).where(Job.ended_at.is_(None), seen).group_by(Job.type)
    rows = list(session.execute(still.order_by(Job.type).limit(_MOST_GROUPS)))
    names = [job_type for job_type, *_ in rows]
    asked = asked_for.last_asked(session, names)
    stuck = select(Job.type, func.count()).join(Incident, Incident.job_key == Job.key).where(Incident.state == IncidentState.ACTIVE)
    failed = dict(session.execute(stuck.where(Job.type.in_(names), seen).group_by(Job.type)).all())
    return {
        "items": [
            {"type": name, "open": n, "failed": failed.get(name, 0), "oldest": time(oldest), "lastAskedAt": time(asked.get(name))}
            for name, n, oldest in rows
        ]
    }
