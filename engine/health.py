"""What an installation's database says of how it is doing: work that waits too long, mails that did not go out. Read only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from engine import installation, job_types
from engine.continuations import Continuation
from engine.jobs import Job
from engine.notifications import Notification, NotificationState
from engine.timers import Timer

LATE = timedelta(minutes=5)  # what is due for longer, nobody is doing
SILENT = timedelta(hours=1)  # a worker asks every few seconds
MOST_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class WaitingType:
    """Open work of a type for which no worker asks. `last_asked`: None: none ever did."""

    type: str
    jobs: int
    last_asked: datetime | None


def server_of(session: Session) -> str:
    """Which database, in which version."""
    if session.get_bind().dialect.name == "sqlite":
        return f"SQLite {session.scalar(text('SELECT sqlite_version()'))}"
    return f"PostgreSQL {session.scalar(text('SHOW server_version'))}"


def time_of_database(session: Session) -> datetime | None:
    """Its own clock; None for SQLite, which has this machine's."""
    if session.get_bind().dialect.name == "sqlite":
        return None
    found: datetime | None = session.scalar(text("SELECT clock_timestamp()"))
    return found


def pinned_clock(session: Session) -> str | None:
    """Where somebody stopped the time, as ISO 8601."""
    found = installation.fact(session, "clock")
    return str(found) if found else None


def overdue(session: Session, now: datetime) -> int:
    """Timers and continuations that are due for so long that no background work can be running."""
    since = now - LATE
    counts = (select(func.count()).select_from(select(row.key).where(row.due_at < since).limit(MOST_COUNTED).subquery()) for row in _DUE)
    return sum(session.scalar(count) or 0 for count in counts)


_DUE = (Timer, Continuation)


def mails(session: Session, now: datetime) -> tuple[int, int]:
    """How many could not be delivered for good, and how many wait for longer than they should."""
    failed = select(Notification.key).where(Notification.state == NotificationState.FAILED).limit(MOST_COUNTED)
    waiting = Notification.state == NotificationState.PENDING, Notification.next_at < now - LATE
    waits = select(Notification.key).where(*waiting).limit(MOST_COUNTED)
    one, other = (session.scalar(select(func.count()).select_from(found.subquery())) or 0 for found in (failed, waits))
    return one, other


def types_without_worker(session: Session, now: datetime) -> list[WaitingType]:
    """Of open jobs that nobody holds, by the machine's clock; the most jobs first."""
    statement = select(Job.type, func.count()).where(Job.ended_at.is_(None), Job.state == "CREATED").group_by(Job.type)
    counts: dict[str, int] = {kind: count for kind, count in session.execute(statement)}
    asked = job_types.last_asked(session, counts)
    found = [WaitingType(kind, count, asked.get(kind)) for kind, count in counts.items()]
    silent = [one for one in found if one.last_asked is None or one.last_asked < now - SILENT]
    return sorted(silent, key=lambda one: (-one.jobs, one.type))
