"""What workers do with their jobs: lease, finish, fail, throw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import update as sql_update
from sqlalchemy.orm import Session

from engine import advance, clock, continuations, documents, incidents, jobs, keys, policies, recordings, variables
from engine.bpmn.happenings import JobCompleted, JobThrewError, VariablesSet
from engine.database import Writes, after_commit
from engine.errors import Invalid, WrongState
from engine.feel.sentences import say
from engine.jobs import Job, JobState
from engine.parties import Actor

_WHAT = "a job"


@dataclass(frozen=True, slots=True)
class Leased:
    """A job in a worker's hands until `job.deadline`, with the variables that it asked for."""

    job: Any
    variables: Mapping[str, Any]


def activate(
    session: Session,
    job_type: str,
    *,
    worker: str,
    timeout_ms: int,
    max_jobs: int,
    fetch_variables: Sequence[str] | None = None,
    with_lease: bool = False,
    by: Actor,
) -> list[Leased]:
    """Lease up to `max_jobs` jobs of the type, the most urgent and oldest first. Locks job rows only, and never waits."""
    policies.require(policies.may_work_jobs(by))
    now = clock.now(session)
    leased = jobs.lease(
        session, job_type, now, deadline=now + timedelta(milliseconds=timeout_ms), worker=worker, limit=max_jobs, with_lease=with_lease
    )
    _accept(session, [job for job, _ in leased], by)
    wanted = set(fetch_variables) if fetch_variables else None
    return [Leased(job, {n: v for n, v in seen.items() if wanted is None or n in wanted}) for job, seen in leased]


def take(session: Session, job_key: int, *, worker: str, timeout_ms: int, by: Actor) -> None:
    """Lease this one, as if it were the next of its type. Raises NotFound, WrongState (finished, or to be tried again only later)."""
    policies.require(policies.may_work_jobs(by))
    job, now = jobs.expect(session, job_key), clock.now(session)
    jobs.expect_open(job)
    if job.due_at is not None and job.due_at > now:
        raise WrongState(f"Expected job {job_key} to be due, found it put off until {job.due_at.isoformat()}.")
    leased = {"state": JobState.LEASED, "worker": worker, "deadline": now + timedelta(milliseconds=timeout_ms), "lease_token": None}
    session.execute(sql_update(Job).where(Job.key == job_key).values(**leased))
    _accept(session, [job], by)


def _accept(session: Session, picked: Sequence[Any], by: Actor) -> None:
    """The first job of a handoff accepts it; by a row of its own, because a lease does not lock the case."""
    by_case: dict[int, list[int]] = {}
    for job in picked:
        for handoff_key in job.accepts or ():
            by_case.setdefault(job.case_key, []).append(handoff_key)
    if not by_case:
        return
    writes = Writes()
    owed = []
    for case_key, found in by_case.items():
        owed.append(continuations.add(writes, "acceptance", case_key, {"handoffs": found, "by": by.id}, at_once=True))
    writes.flush(session)
    after_commit(session, lambda: continuations.pay_now(session, owed))


def complete(session: Session, job_key: int, given: Mapping[str, Any], *, lease_token: str | None = None, by: Actor) -> None:
    """Finish it. Raises NotFound, WrongState (done before, or leased by another since)."""
    step = _locked(session, job_key, given, lease_token, by, "job completed")
    _note(session, step.thing, by, {"variables": given})
    advance.tell(step, step.instance_row, JobCompleted(step.thing.element_instance_key, given))


def throw_error(
    session: Session,
    job_key: int,
    code: str,
    *,
    message: str | None = None,
    given: Mapping[str, Any] | None = None,
    lease_token: str | None = None,
    by: Actor,
) -> None:
    """A business error: whoever catches `code` goes on; nobody: an incident."""
    step = _locked(session, job_key, given or {}, lease_token, by, "job threw an error")
    step.job_outcome = JobState.ERROR_THROWN
    _note(session, step.thing, by, {"error": code, "says": message, "variables": given})
    step.writes.update(Job, {"key": job_key}, {"error_code": code, "error_message": message})
    advance.tell(step, step.instance_row, JobThrewError(step.thing.element_instance_key, code, message or "", given or {}))


def fail(
    session: Session,
    job_key: int,
    *,
    retries: int | None = None,
    error_message: str | None = None,
    backoff_ms: int = 0,
    given: Mapping[str, Any] | None = None,
    lease_token: str | None = None,
    by: Actor,
) -> None:
    """A technical failure: offered again after the back-off; without retries left an incident opens."""
    step = _locked(session, job_key, given or {}, lease_token, by, "job failed")
    job = step.thing
    left = max(job.retries - 1, 0) if retries is None else retries
    back_off = backoff_ms if left > 0 and backoff_ms > 0 else None
    _note(session, job, by, {"failure": error_message or "", "retries": left, "backOff": back_off, "variables": given})
    changes = {
        "state": JobState.CREATED if left > 0 else JobState.FAILED,
        "retries": left,
        "error_message": error_message,
        "worker": None,
        "deadline": None,
        "lease_token": None,
        "due_at": step.now + timedelta(milliseconds=backoff_ms) if left > 0 and backoff_ms > 0 else None,
    }
    step.writes.update(Job, {"key": job_key}, changes)
    found = step.adopt(step.instance_row)
    if given:
        step.tell(found.row.key, VariablesSet(job.element_instance_key, given, local=True))
    if left == 0:
        incidents.open_one(
            step,
            found,
            keys.new(),
            job.element_id,
            job.element_instance_key,
            error_type="JOB_NO_RETRIES",
            message=error_message or say("No retries are left."),
            job_key=job_key,
        )
    elif not backoff_ms:
        step.job_types.add(job.type)
    step.finish()


def update(
    session: Session,
    job_key: int,
    *,
    retries: int | None = None,
    timeout_ms: int | None = None,
    priority: int | None = None,
    lease_token: str | None = None,
    by: Actor,
) -> None:
    """Change retries, the rest of the lease, or the priority of a job that is not finished."""
    policies.require(policies.may_update_jobs(by))
    job = jobs.expect(session, job_key)
    if job.state not in (JobState.CREATED, JobState.LEASED, JobState.FAILED):
        jobs.expect_open(job)
    if lease_token is not None:
        jobs.expect_lease(job, lease_token)
    changes: dict[str, Any] = {}
    if retries is not None:
        if retries < 1:
            raise Invalid("Expected at least 1 retry.", fields={"changeset.retries": "at least 1"})
        changes["retries"] = retries
        more = {"more tries": job.type, "retries": retries, "where": recordings.job_apart(session, job)}
        recordings.note(session, job.case_key, by, more)
    if timeout_ms is not None:
        if job.state != JobState.LEASED:
            raise WrongState(f"Expected job {job_key} to be leased, found it {job.state}.")
        changes["deadline"] = clock.now(session) + timedelta(milliseconds=timeout_ms)
    if priority is not None:
        changes["priority"] = priority
    if changes:
        session.execute(sql_update(Job).where(Job.key == job_key).values(**changes))


def give_back(session: Session, job_keys: Sequence[int], *, by: Actor) -> None:
    """Leases that never reached their worker (the connection was gone): offered again at once."""
    policies.require(policies.may_work_jobs(by))
    freed = {"state": JobState.CREATED, "worker": None, "deadline": None, "lease_token": None}
    session.execute(sql_update(Job).where(Job.key.in_(job_keys), Job.state == JobState.LEASED).values(**freed))


def _note(session: Session, job: Any, by: Actor, step: Mapping[str, Any]) -> None:
    if recordings.is_recording(session):
        recordings.note(session, job.case_key, by, {"job": job.type, **step, "where": recordings.job_apart(session, job)})


def _locked(session: Session, job_key: int, given: Mapping[str, Any], lease_token: str | None, by: Actor, command: str) -> advance.Step:
    policies.require(policies.may_work_jobs(by))
    variables.check(given)
    step, job = advance.locked_with(session, Job, job_key, by=by, command=command, what=_WHAT)
    jobs.expect_open(job)
    if lease_token is not None:
        jobs.expect_lease(job, lease_token)
    documents.attach(step, given)
    step.note_of(job, command)
    return step
