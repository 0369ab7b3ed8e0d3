"""Who is waiting for whom in a case: the receiver of what is open, and the sender of what was declined. Read only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from engine.cases import CaseState
from engine.handoffs import OPEN, HandoffState


class Next(StrEnum):
    """What the others wait for."""

    ACCEPT = "ACCEPT"
    COMPLETE = "COMPLETE"
    DECIDE = "DECIDE"  # after a no: send again, choose another party, or give up


@dataclass(frozen=True, slots=True)
class Wait:
    """One handoff at which a case stands. Party keys: None is the host. `due_at` None: nothing was promised."""

    handoff: Any
    next: Next
    holder_side: str
    holder_party_key: int | None
    waiting_side: str
    waiting_party_key: int | None
    since: datetime
    due_at: datetime | None
    clock: str


def of(case: Any, handoffs: Iterable[Any]) -> list[Wait]:
    """Of rows of the case's handoffs, the one that stands longest first; those that nobody waits for (any more) are left out."""
    if case.state != CaseState.ACTIVE:
        return []
    found = [wait for wait in map(_of_one, handoffs) if wait is not None]
    return sorted(found, key=lambda wait: (wait.since, wait.handoff.key))


def _of_one(handoff: Any) -> Wait | None:
    sender = (handoff.from_side, handoff.from_party_key)
    receiver = (handoff.to_side, handoff.to_party_key)
    if handoff.state == HandoffState.DECLINED and not handoff.is_settled:
        return Wait(handoff, Next.DECIDE, *sender, *receiver, handoff.ended_at, None, handoff.clock)
    if handoff.state not in OPEN:
        return None
    if handoff.state == HandoffState.OFFERED:
        return Wait(handoff, Next.ACCEPT, *receiver, *sender, handoff.offered_at, handoff.accept_due_at, handoff.clock)
    return Wait(handoff, Next.COMPLETE, *receiver, *sender, handoff.accepted_at, handoff.complete_due_at, handoff.clock)
