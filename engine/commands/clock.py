"""Pin and move the test clock."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from engine import clock, policies, recordings
from engine.parties import Actor


def pin(session: Session, at: datetime, *, by: Actor) -> None:
    """Let time stand still at `at`. Raises NotFound on a server without a test clock."""
    policies.require(policies.may_set_clock(by))
    recordings.note(session, None, by, {"clock": at.isoformat()})
    clock.pin(session, at)


def reset(session: Session, *, by: Actor) -> None:
    policies.require(policies.may_set_clock(by))
    clock.reset(session)
