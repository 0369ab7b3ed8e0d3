"""Work for programs: leased to one worker at a time, given back when the lease runs out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import json_text, keys, variables
from engine.bpmn.effects import JobOpened, WaitClosed
from engine.database import Base, JsonText, Read, as_rows, ask, fetch, key_column, only_where
from engine.errors import NotFound, WrongState

if TYPE_CHECKING:
    from engine.advance import Live, Step


class JobState(StrEnum):
    CREATED = "CREATED"  # -> LEASED, CANCELED; waits until `due_at` after a failure with back-off
    LEASED = "LEASED"  # -> COMPLETED, ERROR_THROWN, CREATED (failed with retries left, or the lease ran out), FAILED, CANCELED
    FAILED = "FAILED"  # no retries left: an incident is open. -> CREATED (retries set and incident resolved), CANCELED
    COMPLETED = "COMPLETED"
    ERROR_THROWN = "ERROR_THROWN"
    CANCELED = "CANCELED"


OPEN = (JobState.CREATED, JobState.LEASED, JobState.FAILED)  # until then `ended_at` is NULL


class Job(Base):
    __tablename__ = "jobs"

    key: Mapped[int] = key_column()
    element_instance_key: Mapped[int]
    instance_key: Mapped[int] = mapped_column(ForeignKey("instances.key"))
    case_key: Mapped[int] = mapped_column(ForeignKey("cases.key"))
    process_key: Mapped[int]
    process_id: Mapped[str]
    version: Mapped[int]
    element_id: Mapped[str]
    root_key: Mapped[int]
    type: Mapped[str]
    state: Mapped[str] = mapped_column(default=JobState.CREATED)
    retries: Mapped[int] = mapped_column(default=3)
    priority: Mapped[int] = mapped_column(default=0)
    headers: Mapped[Any] = mapped_column(JsonText, nullable=True)
    worker: Mapped[str | None]
    deadline: Mapped[datetime | None]  # LEASED: until when
    due_at: Mapped[datetime | None]  # CREATED after a failure: not before
    lease_token: Mapped[str | None]
    accepts: Mapped[Any] = mapped_column(JsonText, nullable=True)  # keys of handoffs that are accepted when a worker activates it
    tags: Mapped[Any] = mapped_column(JsonText, nullable=True)  # of the instance, as a worker wants to know them
    business_id: Mapped[str | None]
    error_code: Mapped[str | None]
    error_message: Mapped[str | None]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_jobs_instance", "instance_key", "element_instance_key"),
        Index(
            "ix_jobs_open",
            "type",
            text("priority DESC"),
            "key",
            **only_where("ended_at IS NULL"),  # not by state: leasing a job must touch no index
        ),
    )


def expect(session: Session, job_key: int) -> Any:
    """The job, locked. Raises NotFound."""
    job = session.scalars(select(Job).where(Job.key == job_key).with_for_update()).first()
    if job is None:
        raise NotFound(f"Expected a job with key {job_key}, found none.")
    return job


def expect_open(job: Any) -> None:
    """The first completion wins, whoever holds the lease (Camunda 8)."""
    if job.state not in (JobState.CREATED, JobState.LEASED):
        raise WrongState(f"Expected job {job.key} to be open, found it {job.state}.")


def expect_lease(job: Any, lease_token: str) -> None:
    """With a lease token only the present holder of the lease may finish it."""
    if lease_token != job.lease_token:
        raise WrongState(f"Expected the present lease of job {job.key}, found one that has run out.")


_LEASE = """
    UPDATE jobs SET state = 'LEASED', worker = ?, deadline = ?, lease_token = {token}
    WHERE key IN (
        SELECT key FROM jobs
        WHERE type = ? AND ended_at IS NULL
          AND ((state = 'CREATED' AND (due_at IS NULL OR due_at <= ?)) OR (state = 'LEASED' AND deadline <= ?))
        ORDER BY priority DESC, key LIMIT ? {skip_locked}
    )
"""

# What a job sees of variables, as far as two scopes: nearly always these are all. Name -> JSON text, the inner ones last.
_WITH_VARIABLES = """
    WITH leased AS ({lease} RETURNING {columns})
    SELECT leased.*, element.scope_key, (
        SELECT json_object_agg(name, value ORDER BY scope_key = leased.element_instance_key)
        FROM variables WHERE scope_key IN (leased.element_instance_key, element.scope_key)
    )
    FROM leased LEFT JOIN element_instances element ON element.key = leased.element_instance_key
"""

Seen = dict[str, Any]


def lease(
    session: Session, job_type: str, now: datetime, *, deadline: datetime, worker: str, limit: int, with_lease: bool
) -> list[tuple[Any, Seen]]:
    """Take up to `limit` open jobs of the type, and those whose lease ran out, each with the variables that it sees.

    Skips what others lock: never waits. On PostgreSQL the leases are committed when this answers.
    """
    values = [worker, deadline, job_type, now, now, limit]
    if session.get_bind().dialect.name == "postgresql":
        found = _lease_and_read(session, values, with_lease)
    else:
        sql = _LEASE.format(skip_locked="", token="lower(hex(randomblob(16)))" if with_lease else "NULL")
        (rows,) = fetch(session, Read(Job, sql, values, changes=True))
        seen = variables.visible_from(session, [job.element_instance_key for job in rows])
        found = [(job, seen[job.element_instance_key]) for job in rows]
    return sorted(found, key=lambda one: (-one[0].priority, one[0].key))


def _lease_and_read(session: Session, values: list[Any], with_lease: bool) -> list[tuple[Any, Seen]]:
    token = "substr(md5(random()::text || key), 1, 32)" if with_lease else "NULL"
    taking = _LEASE.format(skip_locked="FOR UPDATE SKIP LOCKED", token=token)
    sql = _WITH_VARIABLES.format(lease=taking, columns=", ".join(f'jobs."{column.name}"' for column in Job.__table__.columns))
    rows = ask(session, sql, values, alone=True)
    found = as_rows(session, Job, [row[:-2] for row in rows])
    nested = [job.element_instance_key for job, row in zip(found, rows, strict=True) if row[-2] != job.instance_key]
    further = variables.visible_from(session, nested)
    return [(job, further.get(job.element_instance_key) or _read(row[-1])) for job, row in zip(found, rows, strict=True)]


def _read(seen: Mapping[str, str] | None) -> Seen:
    return {name: json_text.loads(value) for name, value in (seen or {}).items()}


def opened(step: Step, found: Live, effect: JobOpened) -> None:
    row = {
        "key": keys.new(),
        "element_instance_key": effect.element_instance_key,
        "instance_key": found.row.key,
        "case_key": step.case.key,
        "process_key": found.row.process_key,
        "process_id": found.row.process_id,
        "version": found.row.version,
        "element_id": effect.element_id,
        "root_key": found.row.root_key,
        "type": effect.type,
        "state": JobState.CREATED,
        "retries": effect.retries,
        "priority": effect.priority,
        "headers": dict(effect.headers),
        "tags": found.row.tags,
        "business_id": found.row.business_id,
        "accepts": [row["key"] for row in step.open_handoffs(effect.batons) if row["accepted_at"] is None] or None,
        "created_at": step.now,
    }
    step.writes.insert(Job, row)
    step.job_types.add(effect.type)


def closed(step: Step, found: Live, effect: WaitClosed) -> None:
    # an error that its worker threw closes a job too, without having completed it
    of_command = getattr(step.thing, "element_instance_key", None) == effect.key and step.job_outcome == JobState.ERROR_THROWN
    state = step.job_outcome if effect.completed or of_command else JobState.CANCELED
    changes = {"state": state, "ended_at": step.now}
    where = {"instance_key": found.row.key, "element_instance_key": effect.key, "ended_at": None}
    step.writes.update(Job, where, changes, each="element_instance_key")


def offer_again(step: Step, job: Any) -> None:
    """After its incident was resolved."""
    step.writes.update(Job, {"key": job.key}, {"state": JobState.CREATED, "due_at": None})
    step.job_types.add(job.type)
