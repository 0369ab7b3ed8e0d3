"""In whose hands the time of a case was spent, and the waiting that nobody's hands explain. Read only.

Every moment of a case belongs to those who could have gone on with it: whoever had open work, or an answer or a decision to give;
where nobody had, whoever held a handoff (a timer of theirs runs, a reply is awaited); else to nobody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock, deployments, roles, tasks
from engine.bpmn.handoffs import HOST
from engine.cases import Case
from engine.errors import NotFound
from engine.handoffs import Handoff, HandoffState
from engine.jobs import Job
from engine.tasks import Task

_MICROSECOND = timedelta(microseconds=1)


class Phase(StrEnum):
    """What somebody had to do; of several at once the first counts."""

    WORK = "WORK"
    DECIDE = "DECIDE"  # after a no
    ACCEPT = "ACCEPT"
    WAIT = "WAIT"  # held it, with nothing to be done


@dataclass(frozen=True, slots=True, order=True)
class Holder:
    """A side of a party; the party's key, 0 for the host."""

    party: int
    side: str


@dataclass(frozen=True, slots=True)
class Span:
    """Somebody had something to do from `start` until `end`."""

    start: datetime
    end: datetime
    holder: Holder
    phase: Phase


@dataclass(slots=True)
class Hands:
    """Of one holder. `time`: how long it had something to do; `shares`: its part of that, where several had, by phase.

    The shares of all holders and what is unexplained are together the time of the case, to the microsecond.
    """

    holder: Holder
    time: timedelta = timedelta()
    shares: dict[Phase, timedelta] = field(default_factory=lambda: dict.fromkeys(Phase, timedelta()))

    @property
    def share(self) -> timedelta:
        return sum(self.shares.values(), timedelta())


@dataclass(frozen=True, slots=True)
class Account:
    """Of one case, from its beginning to its end, or to now."""

    start: datetime
    end: datetime
    hands: list[Hands]
    unexplained: timedelta


def of_case(session: Session, case_key: int) -> Account:
    """Raises NotFound."""
    case = session.get(Case, case_key)
    if case is None:
        raise NotFound(f"Expected a case with key {case_key}, found none.")
    end = case.ended_at or max(clock.now(session), case.created_at)
    return account(_spans(session, case_key, end), case.created_at, end)


# -- who had something to do, when ----------------------------------------------------------------------------------


def _spans(session: Session, case_key: int, end: datetime) -> list[Span]:
    its_handoffs = list(session.scalars(select(Handoff).where(Handoff.case_key == case_key).order_by(Handoff.key)))
    accepted = {row.key: row.accepted_at for row in its_handoffs}
    players = roles.of_case(session, case_key) | {row.to_role: row.to_party_key for row in its_handoffs}
    found = [span for row in its_handoffs for span in _of_handoff(row, its_handoffs, end)]
    for task in session.scalars(select(Task).where(Task.case_key == case_key)):
        holder = Holder(task.party_key or 0, _side(session, task).name)
        taken = [accepted.get(key) for key in tasks.handoffs_of(task)]
        found += _accepted_then_worked(task.created_at, task.ended_at or end, min((at or end for at in taken), default=None), holder)
    for job in session.scalars(select(Job).where(Job.case_key == case_key)):
        side = _side(session, job)
        party = 0 if side.role.kind == HOST else players.get(side.role.role) or 0
        found.append(Span(job.created_at, job.ended_at or end, Holder(party, side.name), Phase.WORK))
    return found


def _of_handoff(row: Any, its_handoffs: Iterable[Any], end: datetime) -> Iterable[Span]:
    receiver = Holder(row.to_party_key or 0, row.to_side)
    if row.to_element_id is None:  # a closed box: what is done there is seen by the handoff alone
        yield from _accepted_then_worked(row.offered_at, row.ended_at or end, row.accepted_at or end, receiver)
    else:
        yield Span(row.offered_at, row.ended_at or end, receiver, Phase.WAIT)
    if row.state == HandoffState.DECLINED:
        decided = next((one.offered_at for one in its_handoffs if one.previous_key == row.key), end)
        yield Span(row.ended_at, decided, Holder(row.from_party_key or 0, row.from_side), Phase.DECIDE)


def _accepted_then_worked(start: datetime, end: datetime, accepted: datetime | None, holder: Holder) -> Iterable[Span]:
    """`accepted` None: there was nothing to accept."""
    between = start if accepted is None else min(max(accepted, start), end)
    yield Span(start, between, holder, Phase.ACCEPT)
    yield Span(between, end, holder, Phase.WORK)


def _side(session: Session, work: Any) -> Any:
    return deployments.definition(session, work.process_key).handoffs.sides[work.element_id]


# -- each moment once -----------------------------------------------------------------------------------------------


def account(spans: Iterable[Span], start: datetime, end: datetime) -> Account:
    """Every moment between `start` and `end` given to its holders in equal parts, or to nobody."""
    changes: dict[datetime, list[tuple[Span, int]]] = defaultdict(list)
    for span in spans:
        begin, until = max(span.start, start), min(span.end, end)
        if begin < until:
            changes[begin].append((span, 1))
            changes[until].append((span, -1))
    open_spans: dict[tuple[Holder, Phase], int] = defaultdict(int)
    hands: dict[Holder, Hands] = {}
    unexplained, at = timedelta(), start
    for moment in [*sorted(changes), end]:
        if moment > at:
            holders = _acting(open_spans)
            _give(hands, holders, moment - at)
            unexplained += timedelta() if holders else moment - at
            at = moment
        for span, change in changes.pop(moment, ()):
            open_spans[span.holder, span.phase] += change
    return Account(start, end, sorted(hands.values(), key=lambda one: (-one.share, one.holder)), unexplained)


def _acting(open_spans: Mapping[tuple[Holder, Phase], int]) -> dict[Holder, Phase]:
    """Who could have gone on, and by what; those who only hold where nobody could."""
    found: dict[Holder, Phase] = {}
    for phase in Phase:
        if phase is Phase.WAIT and found:
            break
        for (holder, of), count in open_spans.items():
            if of is phase and count > 0:
                found.setdefault(holder, phase)
    return found


def _give(hands: dict[Holder, Hands], holders: Mapping[Holder, Phase], time: timedelta) -> None:
    if not holders:
        return
    each, rest = divmod(time // _MICROSECOND, len(holders))
    for number, holder in enumerate(sorted(holders)):  # in their order, so that a microsecond that is left over is nobody's whim
        mine = hands.setdefault(holder, Hands(holder))
        mine.time += time
        mine.shares[holders[holder]] += (each + (number < rest)) * _MICROSECOND
