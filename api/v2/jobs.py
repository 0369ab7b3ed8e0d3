"""Work for programs: lease it (waiting for it if need be), finish it, fail it, throw an error, change it, search it."""

from __future__ import annotations

import time as clock_of_machine
from collections.abc import Mapping
from threading import Event
from typing import Any

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import fields, validate
from sqlalchemy import and_, case, func, literal, select
from sqlalchemy.orm import Session

from api.auth import current_actor, engine
from api.listeners import has_left
from api.v2.fields import TENANT, Answer, Bool, Int, Strict, Tenant, Text, Variables, answer_of, page_of, said, search_schema, text, time
from api.v2.operations import json_body, json_response, load, operation
from engine import database, job_types, policies, search, waking
from engine.commands import jobs
from engine.errors import Busy
from engine.jobs import OPEN, Job, JobState
from engine.parties import Actor
from engine.search import Field, Noun, Wanted

routes = Blueprint("jobs", __name__, description="Work for programs.")

USUAL_WAIT = MOST_WAIT = 10.0  # seconds: clients send 0 and mean "your default"; none of them gives up earlier
LOOK = 1.0  # seconds between two looks whether a waiting client is still there
MARGIN = 0.25  # we answer before the client's own limit, so that no lease goes to somebody who has left


class Activate(Strict):
    type = Text(required=True, least=1)
    worker = Text(allow_none=True)
    timeout = Int(required=True, least=1, most=2**53)
    maxJobsToActivate = Int(required=True, least=1)
    fetchVariable = fields.List(Text(), allow_none=True)
    requestTimeout = Int(most=2**53, allow_none=True)
    tenantIds = fields.List(Tenant(), allow_none=True)
    tenantFilter = fields.Str(allow_none=True, validate=validate.OneOf(["PROVIDED", "ASSIGNED"]))
    withLease = Bool(load_default=False)


class ActivatedJob(Answer):
    type = said()
    processDefinitionId = said()
    processDefinitionVersion = said(fields.Int)
    elementId = said()
    customHeaders = said(fields.Dict)
    worker = said()
    retries = said(fields.Int)
    deadline = said(fields.Int)
    variables = said(fields.Dict)
    tenantId = said()
    physicalTenantId = said()
    jobKey = said()
    processInstanceKey = said()
    processDefinitionKey = said()
    elementInstanceKey = said()
    kind = said()
    listenerEventType = said()
    userTask = said(fields.Dict, null=True)
    tags = fields.List(fields.Str(), required=True)
    rootProcessInstanceKey = said(null=True)
    businessId = said(null=True)
    priority = said(fields.Int)
    jobLeaseToken = said(null=True)


class ActivatedJobs(Answer):
    jobs = fields.List(fields.Nested(ActivatedJob), required=True)


_ACTIVATE = Activate()
MOST_AT_ONCE = 1000


@routes.route("/jobs/activation", methods=["POST"], endpoint="activateJobs")
@routes.doc(
    operationId="activateJobs",
    summary="Lease jobs of a type; waits for the first where there is none.",
    requestBody={"content": {"application/json": {"schema": Activate}}},
    responses={"200": {"description": "What was leased.", "content": {"application/json": {"schema": ActivatedJobs}}}},
)
def activate() -> Response:
    by = current_actor()
    policies.require(policies.may_work_jobs(by))
    body = load(_ACTIVATE, json_body())
    job_types.note(engine(), body["type"])
    found = _lease(body, by)
    seconds = _wait_of(body.get("requestTimeout"))
    if not found and seconds > 0:
        with waking.parked():
            found = _lease_when_there_is_one(body, by, seconds)
    if len(found) == body["maxJobsToActivate"]:
        waking.pass_on(body["type"])
    return json_response({"jobs": found})


def _wait_of(asked_ms: int | None) -> float:
    """0 or nothing: our default. Below 0: no waiting."""
    if not asked_ms:
        return USUAL_WAIT
    return 0.0 if asked_ms < 0 else max(0.0, min(asked_ms / 1000, MOST_WAIT) - MARGIN)


def _lease_when_there_is_one(body: Mapping[str, Any], by: Actor, seconds: float) -> list[dict[str, Any]]:
    """Holds no database session and no transaction while it waits."""
    job_type, until = body["type"], clock_of_machine.monotonic() + seconds
    while not waking.is_stopping():
        ticket = waking.draw(job_type)  # drawn before looking: what comes between wakes us
        try:
            if has_left(request.environ):  # no job is leased to who will never read of it
                waking.pass_on(job_type)
                return []
            found = _lease(body, by)
            left = until - clock_of_machine.monotonic()
            if found or left <= 0:
                return found
            _wait(ticket, until)
        finally:
            waking.give_back(job_type, ticket)
    return []


def _wait(ticket: Event, until: float) -> None:
    """Until there is news or time is up, or until the client is gone: its place is for those who still wait."""
    while (left := until - clock_of_machine.monotonic()) > 0 and not ticket.wait(min(left, LOOK)) and not has_left(request.environ):
        pass


def _lease(body: Mapping[str, Any], by: Actor) -> list[dict[str, Any]]:
    def work(session: Session) -> list[dict[str, Any]]:
        leased = jobs.activate(
            session,
            body["type"],
            worker=body.get("worker") or "default",
            timeout_ms=min(body["timeout"], _MOST_TIMEOUT),
            max_jobs=min(body["maxJobsToActivate"], MOST_AT_ONCE),
            fetch_variables=body.get("fetchVariable"),
            with_lease=body["withLease"],
            by=by,
        )
        return [_activated(one.job, one.variables) for one in leased]

    try:
        with Session(engine()) as session:
            return database.run(session, work)
    except Busy:
        return []


_MOST_TIMEOUT = 1000 * 86400 * 365  # a year


def _activated(job: Any, variables: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": job.type,
        "processDefinitionId": job.process_id,
        "processDefinitionVersion": job.version,
        "elementId": job.element_id,
        "customHeaders": job.headers or {},
        "worker": job.worker,
        "retries": job.retries,
        "deadline": int(job.deadline.timestamp() * 1000),
        "variables": variables,
        "tenantId": TENANT,
        "physicalTenantId": "default",
        "jobKey": text(job.key),
        "processInstanceKey": text(job.instance_key),
        "processDefinitionKey": text(job.process_key),
        "elementInstanceKey": text(job.element_instance_key),
        "kind": "BPMN_ELEMENT",
        "listenerEventType": "UNSPECIFIED",
        "userTask": None,
        "tags": job.tags or [],
        "rootProcessInstanceKey": text(job.root_key),
        "businessId": job.business_id,
        "priority": job.priority,
        "jobLeaseToken": job.lease_token,
    }


# -- finishing ----------------------------------------------------------------------------------------------------


class CompleteJob(Strict):
    variables = Variables(allow_none=True)
    result = fields.Dict(allow_none=True)
    jobLeaseToken = Text()
    businessId = Text(allow_none=True)


@operation(routes, "POST", "/jobs/<jobKey>/completion", name="completeJob", may="work on jobs", body=CompleteJob, command=True)
def complete(session: Session, job_key: int, body: dict[str, Any], *, by: Actor) -> None:
    """Finish a job, with what it brought."""
    jobs.complete(session, job_key, body.get("variables") or {}, lease_token=body.get("jobLeaseToken"), by=by)


class Fail(Strict):
    retries = Int(least=0)
    errorMessage = Text()
    retryBackOff = Int(least=0, most=1000 * 86400 * 366)
    variables = Variables()
    jobLeaseToken = Text()


@operation(routes, "POST", "/jobs/<jobKey>/failure", name="failJob", may="work on jobs", body=Fail, command=True)
def fail(session: Session, job_key: int, body: dict[str, Any], *, by: Actor) -> None:
    """Say that it failed: offered again, or an incident where no retries are left."""
    jobs.fail(
        session,
        job_key,
        retries=body.get("retries", 0),
        error_message=body.get("errorMessage"),
        backoff_ms=body.get("retryBackOff", 0),
        given=body.get("variables"),
        lease_token=body.get("jobLeaseToken"),
        by=by,
    )


class ThrowError(Strict):
    errorCode = Text(required=True, least=1)
    errorMessage = Text(allow_none=True)
    variables = Variables(allow_none=True)
    jobLeaseToken = Text()


@operation(routes, "POST", "/jobs/<jobKey>/error", name="throwJobError", may="work on jobs", body=ThrowError, command=True)
def throw_error(session: Session, job_key: int, body: dict[str, Any], *, by: Actor) -> None:
    """Throw a business error that the model may catch."""
    jobs.throw_error(
        session,
        job_key,
        body["errorCode"],
        message=body.get("errorMessage"),
        given=body.get("variables"),
        lease_token=body.get("jobLeaseToken"),
        by=by,
    )


class JobChanges(Strict):
    retries = Int(least=1, allow_none=True)
    timeout = Int(least=1, most=_MOST_TIMEOUT, allow_none=True)
    priority = Int(least=-(2**31), allow_none=True)


class UpdateJob(Strict):
    changeset = fields.Nested(JobChanges, required=True)
    operationReference = Int(least=1, most=2**63 - 1)
    jobLeaseToken = Text()


@operation(routes, "PATCH", "/jobs/<jobKey>", name="updateJob", may="change jobs", body=UpdateJob, command=True)
def update(session: Session, job_key: int, body: dict[str, Any], *, by: Actor) -> None:
    """Change retries, the rest of the lease, or the priority."""
    changes = body["changeset"]
    jobs.update(
        session,
        job_key,
        retries=changes.get("retries"),
        timeout_ms=changes.get("timeout"),
        priority=changes.get("priority"),
        lease_token=body.get("jobLeaseToken"),
        by=by,
    )


# -- searching ----------------------------------------------------------------------------------------------------


class JobInSearch(Answer):
    customHeaders = said(fields.Dict)
    deadline = said(null=True)
    deniedReason = said(null=True)
    elementId = said()
    elementInstanceKey = said()
    endTime = said(null=True)
    errorCode = said(null=True)
    errorMessage = said(null=True)
    hasFailedWithRetriesLeft = said(fields.Bool)
    isDenied = said(fields.Bool, null=True)
    jobKey = said()
    kind = said()
    listenerEventType = said()
    processDefinitionId = said()
    processDefinitionKey = said()
    processInstanceKey = said()
    rootProcessInstanceKey = said(null=True)
    businessId = said(null=True)
    retries = said(fields.Int)
    state = said()
    tenantId = said()
    type = said()
    worker = said()
    creationTime = said(null=True)
    lastUpdateTime = said(null=True)
    priority = said(fields.Int)


_failed_before = and_(Job.state.in_([JobState.CREATED, JobState.LEASED]), Job.error_message.is_not(None))
_OTHER_STATES = ("MIGRATED", "PRIORITY_UPDATED", "RETRIES_UPDATED", "TIMED_OUT", "TIMEOUT_UPDATED")
_STATES = {
    "CREATED": [JobState.CREATED, JobState.LEASED],
    "COMPLETED": [JobState.COMPLETED],
    "FAILED": [JobState.FAILED],
    "ERROR_THROWN": [JobState.ERROR_THROWN],
    "CANCELED": [JobState.CANCELED],
} | {name: [name] for name in _OTHER_STATES}
_KINDS = {name: [name] for name in ("BPMN_ELEMENT", "EXECUTION_LISTENER", "TASK_LISTENER", "AD_HOC_SUB_PROCESS")}
_EVENTS = ("UNSPECIFIED", "START", "END", "CREATING", "ASSIGNING", "UPDATING", "COMPLETING", "CANCELING", "BEFORE_ALL", "CANCEL")
NOUN = Noun(
    "job",
    select(*search.columns(Job)),
    Job.key,
    {
        "jobKey": Field(Job.key, "key"),
        "type": Field(Job.type),
        "worker": Field(Job.worker),
        "state": Field(Job.state, "enum", _STATES, open_while=(Job.ended_at, frozenset(OPEN))),
        "kind": Field(literal("BPMN_ELEMENT"), "enum", _KINDS),
        "listenerEventType": Field(literal("UNSPECIFIED"), "enum", {name: [name] for name in _EVENTS}),
        "processDefinitionId": Field(Job.process_id),
        "processDefinitionKey": Field(Job.process_key, "key"),
        "processInstanceKey": Field(Job.instance_key, "key"),
        "elementId": Field(Job.element_id),
        "elementInstanceKey": Field(Job.element_instance_key, "key"),
        "retries": Field(Job.retries, "int"),
        "priority": Field(Job.priority, "int"),
        "deadline": Field(Job.deadline, "datetime"),
        "endTime": Field(Job.ended_at, "datetime"),
        "creationTime": Field(Job.created_at, "datetime"),
        "lastUpdateTime": Field(func.coalesce(Job.ended_at, Job.created_at), "datetime"),
        "errorCode": Field(Job.error_code),
        "errorMessage": Field(Job.error_message),
        "hasFailedWithRetriesLeft": Field(case((_failed_before, True), else_=False), "bool"),
        "isDenied": Field(search.nothing("bool"), "bool"),
        "deniedReason": Field(search.nothing("string")),
        "tenantId": Field(literal(TENANT)),
    },
)
Search = search_schema(NOUN)


@operation(routes, "POST", "/jobs/search", name="searchJobs", may="see jobs", body=Search, answer=answer_of("Job", JobInSearch))
def find(session: Session, body: Wanted, *, by: Actor) -> dict[str, Any]:
    """Search jobs, open and done."""
    page = search.run(session, NOUN, body, visible=policies.visible_by_instance(by, Job.instance_key))
    return page_of([shown(row) for row in page.rows], page)


def shown(job: Any) -> dict[str, Any]:
    return {
        "customHeaders": job.headers or {},
        "deadline": time(job.deadline),
        "deniedReason": None,
        "elementId": job.element_id,
        "elementInstanceKey": text(job.element_instance_key),
        "endTime": time(job.ended_at),
        "errorCode": job.error_code,
        "errorMessage": job.error_message,
        "hasFailedWithRetriesLeft": job.state in (JobState.CREATED, JobState.LEASED) and job.error_message is not None,
        "isDenied": None,
        "jobKey": text(job.key),
        "kind": "BPMN_ELEMENT",
        "listenerEventType": "UNSPECIFIED",
        "processDefinitionId": job.process_id,
        "processDefinitionKey": text(job.process_key),
        "processInstanceKey": text(job.instance_key),
        "rootProcessInstanceKey": text(job.root_key),
        "businessId": job.business_id,
        "retries": job.retries,
        "state": JobState.CREATED if job.state == JobState.LEASED else job.state,
        "tenantId": TENANT,
        "type": job.type,
        "worker": job.worker or "",
        "creationTime": time(job.created_at),
        "lastUpdateTime": time(job.ended_at or job.created_at),
        "priority": job.priority,
    }
