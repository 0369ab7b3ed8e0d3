"""Publish and correlate messages: stored and committed first, then delivered, each in a step that checks again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from engine import advance, clock, continuations, deployments, documents, keys, messages, policies, recordings, variables
from engine.bpmn.happenings import Started, SubscriptionTriggered
from engine.database import Read, Writes, after_commit, fetch, lock_channels, run
from engine.errors import AlreadyExists, Invalid, NotFound
from engine.instances import Instance, InstanceState
from engine.messages import Message, Subscription, channel_of
from engine.parties import PLATFORM, Actor

MAX_TTL = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Correlated:
    message_key: int
    instance_key: int


def publish(
    session: Session,
    name: str,
    *,
    correlation_key: str = "",
    given: Mapping[str, Any] | None = None,
    ttl_ms: int = 0,
    message_id: str | None = None,
    by: Actor,
) -> int:
    """Keep the message and deliver it right after the commit; buffered for `ttl_ms`. Raises AlreadyExists (same id, still buffered)."""
    policies.require(policies.may_publish(by))
    variables.check(given or {})
    if not name:
        raise Invalid("Expected a message name, found none.", fields={"name": "not empty"})
    now = clock.now(session)
    lock_channels(session, [channel_of(name, correlation_key)])
    if message_id:
        twin = (Message.name == name) & (Message.correlation_key == correlation_key) & (Message.message_id == message_id)
        for earlier in session.scalars(select(Message).where(twin)):
            if earlier.expires_at > now:
                raise AlreadyExists(f"Expected a new message id, found '{message_id}' published already.")
            session.delete(earlier)
        session.flush()
    recordings.note(session, None, by, {"message": name, "key": correlation_key, "variables": given, "timeToLive": ttl_ms})
    key = keys.new()
    writes = Writes()
    row = {
        "key": key,
        "name": name,
        "correlation_key": correlation_key,
        "message_id": message_id or None,
        "variables": dict(given or {}),
        "expires_at": now + min(timedelta(milliseconds=ttl_ms), MAX_TTL),
        "taken_by": None,
        "published_at": now,
    }
    writes.insert(Message, row)
    owed = continuations.add(writes, "message", None, {"message": key}, at_once=True)
    writes.flush(session)
    after_commit(session, lambda: continuations.pay_now(session, [owed]))
    return key


def correlate(session: Session, name: str, *, correlation_key: str = "", given: Mapping[str, Any] | None = None, by: Actor) -> Correlated:
    """To exactly one that waits (or starts) now, in this transaction. Raises NotFound: nothing is kept."""
    policies.require(policies.may_publish(by))
    variables.check(given or {})
    key = keys.new()
    for subscription in _waiting(session, name, correlation_key):
        instance_key = _deliver_to(session, subscription, given or {}, name, correlation_key, by=by)
        if instance_key is not None:
            if subscription.case_key is not None:
                recordings.note(session, subscription.case_key, by, {"correlate": name, "key": correlation_key, "variables": given})
            return Correlated(key, instance_key)
    raise NotFound(f"Expected somebody to wait for message '{name}' with correlation key '{correlation_key}', found nobody.")


@continuations.paid_by("message")
def _deliver(session: Session, owed: Any) -> None:
    deliver(session, owed.data["message"])


@continuations.paid_by("channel")
def _deliver_next(session: Session, owed: Any) -> None:
    """An instance of this correlation key ended: what is buffered on the channel may start the next."""
    name, _, correlation_key = owed.data["channel"].partition("\x1f")

    def buffered(session: Session) -> list[int]:
        on_channel = (Message.name == name) & (Message.correlation_key == correlation_key)
        return list(session.scalars(select(Message.key).where(on_channel, Message.expires_at > clock.now(session)).order_by(Message.key)))

    for key in run(session, buffered):
        deliver(session, key)


def deliver(session: Session, message_key: int) -> None:
    """To at most one instance of each process; each delivery is a transaction of its own. Safe to repeat."""
    message = run(session, lambda s: _message(s, message_key))
    if message is None:
        return
    for subscription in run(session, lambda s: _waiting(s, message.name, message.correlation_key)):
        run(session, partial(_hand_over, message_key=message_key, to=subscription))
    run(session, lambda s: _drop_if_over(s, message_key))


def _message(session: Session, message_key: int) -> Any:
    (rows,) = fetch(session, Read(Message, "WHERE key = ?", [message_key]))
    return rows[0] if rows else None


def _waiting(session: Session, name: str, correlation_key: str) -> list[Any]:
    """Subscriptions of instances (the oldest first), then start events."""
    condition = (
        "WHERE name = ? AND kind = 'message' AND by_flow = ? AND (correlation_key = ? OR instance_key IS NULL)"
        " ORDER BY CASE WHEN instance_key IS NULL THEN 1 ELSE 0 END, key"
    )
    (rows,) = fetch(session, Read(Subscription, condition, [name, False, correlation_key]))
    return rows


def _hand_over(session: Session, message_key: int, to: Any) -> None:
    # lock order: case (in _deliver_to), channel, message
    message = _message(session, message_key)
    if message is None or to.process_id in (message.taken_by or ()):
        return

    def still_there() -> Any:
        lock_channels(session, [channel_of(message.name, message.correlation_key)])
        fresh = _message(session, message_key)
        return None if fresh is None or to.process_id in (fresh.taken_by or ()) else fresh

    _deliver_to(session, to, message.variables, message.name, message.correlation_key, by=PLATFORM, still_there=still_there)


def _deliver_to(
    session: Session,
    to: Any,
    given: Mapping[str, Any],
    name: str,
    correlation_key: str,
    *,
    by: Actor,
    still_there: Any = None,
) -> int | None:
    """The instance that took it; None where this subscription is gone, or the message was taken meanwhile."""
    if to.instance_key is None:
        return _start_with(session, to, given, name, correlation_key, by=by, still_there=still_there)
    step = advance.locked(session, to.case_key, by=by, command="message received")
    found, instance_rows = fetch(session, Read(Subscription, "WHERE key = ?", [to.key]), Read(Instance, "WHERE key = ?", [to.instance_key]))
    if not found or instance_rows[0].state != InstanceState.ACTIVE:
        return None
    if still_there is not None:
        message = still_there()
        if message is None:
            return None
        messages.take(step.writes, message, to.process_id)
    documents.attach_handed_in(step, given)
    advance.tell(step, instance_rows[0], SubscriptionTriggered(to.key, given))
    return int(to.instance_key)


def _start_with(
    session: Session, to: Any, given: Mapping[str, Any], name: str, correlation_key: str, *, by: Actor, still_there: Any
) -> int | None:
    """Message start event: one active instance per process and correlation key (Camunda 8); without a key, each message starts one."""
    lock_channels(session, [channel_of(name, correlation_key)])
    channel = channel_of(name, correlation_key) if correlation_key else None
    (same,) = fetch(session, Read(Subscription, "WHERE key = ?", [to.key]))
    if not same:
        return None
    if channel is not None:
        active = select(Instance.key).where(Instance.process_id == to.process_id, Instance.correlation == channel)
        if session.scalars(active).first() is not None:
            return None
    process = deployments.expect_process(session, key=to.process_key)
    step = advance.new_case(session, process, by=by, command="case started by a message")
    if still_there is not None:
        message = still_there()
        if message is None:
            return None
        messages.take(step.writes, message, to.process_id)
    documents.attach_handed_in(step, given)
    begun = step.create(process, Started(to.element_id, payload=given), correlation=channel)
    begins = {"start": to.process_id, "message": name, "key": correlation_key, "variables": given, "at": step.now.isoformat()}
    recordings.note(session, step.case.key, by, begins)
    step.finish()
    return int(begun.row.key)


def _drop_if_over(session: Session, message_key: int) -> None:
    session.execute(delete(Message).where(Message.key == message_key, Message.expires_at <= clock.now(session)))


def drop_expired(session: Session) -> None:
    """Buffered messages whose time is over, but for those that are still being delivered."""
    session.execute(delete(Message).where(Message.expires_at < clock.now(session) - continuations.GRACE * 6))
