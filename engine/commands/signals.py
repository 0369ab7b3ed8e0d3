"""Broadcast a signal: to everybody who waits for it, and to every process that it starts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from engine import advance, continuations, deployments, keys, policies, recordings, variables
from engine.bpmn.happenings import Started, SubscriptionTriggered
from engine.continuations import Continuation
from engine.database import Read, Writes, after_commit, fetch, run
from engine.errors import Invalid
from engine.instances import Instance, InstanceState
from engine.messages import Subscription
from engine.parties import PLATFORM, Actor


def broadcast(session: Session, name: str, given: Mapping[str, Any] | None = None, *, by: Actor) -> int:
    """BPMN 10.5.7: a signal is not kept; whoever waits when it is sent gets it. Delivered right after the commit."""
    policies.require(policies.may_publish(by))
    variables.check(given or {})
    if not name:
        raise Invalid("Expected a signal name, found none.", fields={"signalName": "not empty"})
    recordings.note(session, None, by, {"signal": name, "variables": given})
    writes = Writes()
    owed = continuations.add(writes, "signal", None, {"name": name, "variables": dict(given or {})}, at_once=True)
    writes.flush(session)
    after_commit(session, lambda: continuations.pay_now(session, [owed]))
    return keys.new()


@continuations.paid_by("signal")
def _spread(session: Session, owed: Any) -> None:
    """One delivery for each that waits, written down before the first is made: a crash doubles none."""

    def expand(session: Session) -> list[int]:
        if session.get(Continuation, owed.key, with_for_update=True) is None:
            return []
        (waiting,) = fetch(session, Read(Subscription, "WHERE name = ? AND kind = 'signal' ORDER BY key", [owed.data["name"]]))
        writes = Writes()
        data = owed.data["variables"]
        made = [
            continuations.add(writes, "signal delivery", row.case_key, {"subscription": row.key, "variables": data}, at_once=True)
            for row in waiting
        ]
        writes.flush(session)
        session.execute(delete(Continuation).where(Continuation.key == owed.key))
        return made

    continuations.pay_now(session, run(session, expand))


@continuations.paid_by("signal delivery")
def _deliver(session: Session, owed: Any) -> None:
    run(session, lambda s: _deliver_one(s, owed))


def _deliver_one(session: Session, owed: Any) -> None:
    step = None
    if owed.case_key is not None:
        step = advance.locked(session, owed.case_key, by=PLATFORM, command="signal received")
    if session.get(Continuation, owed.key, with_for_update=True) is None:
        return
    session.execute(delete(Continuation).where(Continuation.key == owed.key))
    (rows,) = fetch(session, Read(Subscription, "WHERE key = ?", [owed.data["subscription"]]))
    if not rows:
        return
    subscription = rows[0]
    if step is None:
        process = deployments.expect_process(session, key=subscription.process_key)
        step = advance.new_case(session, process, by=PLATFORM, command="case started by a signal")
        step.create(process, Started(subscription.element_id, payload=owed.data["variables"]))
        begins = {"start": process.process_id, "signal": subscription.name, "variables": owed.data["variables"], "at": step.now.isoformat()}
        recordings.note(session, step.case.key, PLATFORM, begins)
        step.finish()
        return
    (instance_rows,) = fetch(session, Read(Instance, "WHERE key = ?", [subscription.instance_key]))
    if instance_rows[0].state == InstanceState.ACTIVE:
        advance.tell(step, instance_rows[0], SubscriptionTriggered(subscription.key, owed.data["variables"]))
