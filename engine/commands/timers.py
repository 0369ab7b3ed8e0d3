"""What happens when a time has come."""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from engine import advance, clock, deployments, keys, recordings, timers
from engine.bpmn.elements.timers import Due
from engine.bpmn.happenings import Started, TimerFired
from engine.database import Read, fetch, run
from engine.instances import Instance, InstanceState
from engine.parties import PLATFORM
from engine.timers import Timer

BATCH = 100


def fire_due(session: Session, *, limit: int = BATCH) -> int:
    """Fire what is due, the most overdue first, each in a transaction of its own. How many fired."""
    due = run(session, lambda s: timers.due(s, clock.now(s), limit))
    return sum(run(session, partial(fire, timer_key=key)) for key, _ in due)


def fire(session: Session, timer_key: int) -> bool:
    """False where another sweep was faster, or nobody wants it any more."""
    (rows,) = fetch(session, Read(Timer, "WHERE key = ?", [timer_key]))
    if not rows:
        return False
    if rows[0].case_key is None:
        return _start(session, rows[0])
    step = advance.locked(session, rows[0].case_key, by=PLATFORM, command="timer fired")
    found, instance_rows = fetch(
        session, Read(Timer, "WHERE key = ?", [timer_key]), Read(Instance, "WHERE key = ?", [rows[0].instance_key])
    )
    if not found or instance_rows[0].state != InstanceState.ACTIVE:
        return False
    step.note_of(found[0], "timer fired")
    advance.tell(step, instance_rows[0], TimerFired(timer_key))
    return True


def _start(session: Session, timer: Any) -> bool:
    """A timer start event: a new case, and the next repetition."""
    gone = session.execute(delete(Timer).where(Timer.key == timer.key).returning(Timer.key)).first()
    if gone is None:
        return False
    process = deployments.expect_process(session, key=timer.process_key)
    start = next(s for s in deployments.definition(session, process.key).starts if s.element_id == timer.element_id)
    every = start.timer.first_due(clock.now(session)).every if start.timer else None
    following = Due(timer.due_at, timer.repetitions, every).next()
    if following is not None:
        session.add(
            Timer(
                key=keys.new(),
                due_at=following.at,
                element_id=timer.element_id,
                process_key=process.key,
                repetitions=following.repetitions,
            )
        )
        session.flush()
    step = advance.new_case(session, process, by=PLATFORM, command="case started by a timer")
    step.create(process, Started(timer.element_id))
    begins = {"start": process.process_id, "since": process.created_at.isoformat(), "at": step.now.isoformat()}
    recordings.note(session, step.case.key, PLATFORM, begins)
    step.finish()
    return True
