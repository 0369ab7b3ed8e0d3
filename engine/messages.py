"""Messages and signals on their way, and who waits for them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine import deployments, handoffs, incidents, keys
from engine.bpmn import happenings as hp
from engine.bpmn.effects import MessageThrown, SubscriptionOpened, WaitClosed
from engine.database import Base, JsonText, Read, Writes, fetch, key_column, only_where
from engine.feel.sentences import say

if TYPE_CHECKING:
    from engine.advance import Live, Step


class Message(Base):
    """A published message: buffered until `expires_at`. Deleted once taken by an instance, or expired."""

    __tablename__ = "messages"

    key: Mapped[int] = key_column()
    name: Mapped[str]
    correlation_key: Mapped[str]
    message_id: Mapped[str | None]
    variables: Mapped[Any] = mapped_column(JsonText)
    expires_at: Mapped[datetime]
    taken_by: Mapped[Any] = mapped_column(JsonText, nullable=True)  # process ids that have had it: at most once a process
    published_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_messages_channel", "name", "correlation_key", "key"),
        Index("ix_messages_expiry", "expires_at"),
        # de-duplication (Camunda 8): the same id on the same channel is refused while the first is buffered
        Index(
            "uq_messages_id",
            "name",
            "correlation_key",
            "message_id",
            unique=True,
            **only_where("message_id IS NOT NULL"),
        ),
    )


class Subscription(Base):
    """Open subscriptions only. `instance_key` None: a start event of the newest version of a process."""

    __tablename__ = "subscriptions"

    key: Mapped[int] = key_column()
    kind: Mapped[str]  # "message" | "signal"
    name: Mapped[str]
    correlation_key: Mapped[str | None]
    by_flow: Mapped[bool] = mapped_column(default=False)  # wired inside the case: never found by name
    interrupting: Mapped[bool] = mapped_column(default=True)
    element_id: Mapped[str]
    process_key: Mapped[int]
    process_id: Mapped[str]
    instance_key: Mapped[int | None] = mapped_column(ForeignKey("instances.key"))
    case_key: Mapped[int | None]
    element_instance_key: Mapped[int | None]
    created_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_subscriptions_channel", "name", "correlation_key"),
        Index("ix_subscriptions_case", "case_key"),
        Index("ix_subscriptions_instance", "instance_key"),
    )


class CaseMessage(Base):
    """A message by a message flow that nobody in the case waits for yet: kept in the case until one does."""

    __tablename__ = "case_messages"

    key: Mapped[int] = key_column()
    case_key: Mapped[int] = mapped_column(ForeignKey("cases.key"))
    from_instance_key: Mapped[int]
    to_process_id: Mapped[str]
    to_element_id: Mapped[str]
    handoff_key: Mapped[int | None]
    incident_key: Mapped[int | None]  # several could take it: an incident is open
    variables: Mapped[Any] = mapped_column(JsonText)

    __table_args__ = (Index("ix_case_messages_case", "case_key", "to_element_id", "key"),)


NOT_DELIVERED = "UNKNOWN"  # Camunda has no word for a message flow that several could take


def channel_of(name: str, correlation_key: str) -> str:
    return f"{name}\x1f{correlation_key}"


# -- waiting ------------------------------------------------------------------------------------------------------


def subscribed(step: Step, found: Live, effect: SubscriptionOpened) -> None:
    row = {
        "key": effect.key,
        "kind": effect.kind,
        "name": effect.name,
        "correlation_key": effect.correlation_key,
        "by_flow": effect.by_flow,
        "interrupting": effect.interrupting,
        "element_id": effect.element_id,
        "process_key": found.row.process_key,
        "process_id": found.row.process_id,
        "instance_key": found.row.key,
        "case_key": step.case.key,
        "element_instance_key": effect.element_instance_key,
        "created_at": step.now,
    }
    step.subscriptions[effect.key] = row
    if effect.kind == "message":
        step.new_subscriptions.append(row)


def unsubscribed(step: Step, found: Live, effect: WaitClosed) -> None:
    if step.subscriptions.pop(effect.key, None) is None:
        step.closed_subscriptions.add(effect.key)
        step.writes.delete(Subscription, "key", effect.key)


@dataclass(frozen=True, slots=True)
class Taken:
    instance_key: int
    subscription_key: int
    variables: Mapping[str, Any]
    missed: Callable[[], None]  # puts it back, where the subscription was closed before its turn came
    batons: tuple[int, ...] = ()


def take_buffered(step: Step, opened: Iterable[dict[str, Any]]) -> list[Taken]:
    """What was sent before these subscriptions were opened: in the case (by flow), or on their channels.

    The channels' locks are held until the commit: a publisher either came before and is found here, or finds the
    subscription afterwards.
    """
    waiting = [row for row in opened if row["key"] in step.subscriptions]
    taken = [t for row in waiting if row["by_flow"] for t in _take_kept(step, row)]
    by_name = [row for row in waiting if not row["by_flow"]]
    if not by_name:
        return taken
    condition = "WHERE name = ? AND correlation_key = ? AND expires_at > ? ORDER BY key"
    buffered = fetch(
        step.session,
        *(Read(Message, condition, [row["name"], row["correlation_key"], step.now]) for row in by_name),
        channels=[channel_of(row["name"], row["correlation_key"]) for row in by_name],
    )
    gone: set[int] = set()
    for row, found in zip(by_name, buffered, strict=True):
        for message in found:
            if message.key in gone or row["process_id"] in (message.taken_by or ()):
                continue
            gone.add(message.key)
            take(step.writes, message, row["process_id"])
            put_back = partial(step.writes.update, Message, {"key": message.key}, {"taken_by": message.taken_by})
            taken.append(Taken(row["instance_key"], row["key"], message.variables, put_back))
            if row["interrupting"]:
                break
    return taken


def take(writes: Writes, message: Any, process_id: str) -> None:
    """A message goes to at most one instance of a process (Camunda 8); others may still have it until it expires."""
    writes.update(Message, {"key": message.key}, {"taken_by": [*(message.taken_by or ()), process_id]})


# -- inside the case: a message flow is wiring --------------------------------------------------------------------


def thrown(step: Step, found: Live, effect: MessageThrown) -> None:
    step.note("message", found, effect.element_id, effect.element_instance_key)
    flows = found.definition.flows_out.get(effect.element_id, ())
    for flow, sent in zip(flows, effect.sent, strict=True):
        handoff_key = handoffs.sent(step, found, effect.element_id, sent)
        if flow.target_kind == "start":
            process = deployments.sibling(step.session, found.row.process_key, flow.target_process_id)
            other = step.create(process, hp.Started(flow.target_element_id, payload=sent.variables, batons=_batons(handoff_key)))
            handoffs.delivered(step, handoff_key, other)
            _acquaint(found, other)
        elif flow.target_kind == "catch" and flow.target_process_id is not None and flow.target_element_id is not None:
            parcel = _Parcel(effect.element_id, effect.element_instance_key, effect.name, sent.variables, handoff_key)
            _hand_over(step, found, parcel, flow.target_process_id, flow.target_element_id)
    if effect.correlation_key is not None or not flows:
        publish(step, effect.name, effect.correlation_key or "", effect.variables)


@dataclass(frozen=True, slots=True)
class _Parcel:
    """What goes along one message flow inside the case."""

    element_id: str
    element_instance_key: int
    name: str
    variables: Mapping[str, Any]
    handoff_key: int | None


def _batons(handoff_key: int | None) -> tuple[int, ...]:
    return () if handoff_key is None else (handoff_key,)


def publish(step: Step, name: str, correlation_key: str, variables: Mapping[str, Any]) -> None:
    """Sent by a model, by name and key: delivered right after the commit; not buffered."""
    key = keys.new()
    row = {
        "key": key,
        "name": name,
        "correlation_key": correlation_key,
        "message_id": None,
        "variables": dict(variables),
        "expires_at": step.now,
        "taken_by": None,
        "published_at": step.now,
    }
    step.writes.insert(Message, row)
    step.owe("message", {"message": key})


def _acquaint(one: Live, other: Live) -> None:
    one.new_peers.add(other.row.key)
    other.new_peers.add(one.row.key)


def _hand_over(step: Step, found: Live, effect: _Parcel, process_id: str, element_id: str) -> None:
    """A reply goes to the instance that began the exchange; several and nothing to tell them apart: an incident."""
    waiting = _waiting_by_flow(step, process_id, element_id)
    if len(waiting) > 1:
        peers = {*(found.row.peers or ()), *found.new_peers}
        waiting = [row for row in waiting if row["instance_key"] in peers] or waiting
    if len(waiting) == 1:
        other = step.instance(waiting[0]["instance_key"])
        if other is not None:
            _acquaint(found, other)
            if waiting[0]["interrupting"]:
                _claim(step, waiting[0]["key"])
            again = partial(_hand_over, step, found, effect, process_id, element_id)
            triggered = hp.SubscriptionTriggered(waiting[0]["key"], effect.variables, _batons(effect.handoff_key))
            handoffs.delivered(step, effect.handoff_key, other, waiting[0]["element_instance_key"])
            step.tell(other.row.key, triggered, missed=again)
            return
    incident_key = None
    if waiting:
        incident_key = keys.new()
        message = say(
            "Expected one that waits for message '{name}' at '{element}', found {count} and nothing to tell them apart.",
            name=effect.name,
            element=element_id,
            count=len(waiting),
        )
        incidents.open_one(
            step, found, incident_key, effect.element_id, effect.element_instance_key, error_type=NOT_DELIVERED, message=message
        )
    _keep(
        step,
        {
            "key": keys.new(),
            "case_key": step.case.key,
            "from_instance_key": found.row.key,
            "to_process_id": process_id,
            "to_element_id": element_id,
            "incident_key": incident_key,
            "handoff_key": effect.handoff_key,
            "variables": dict(effect.variables),
        },
    )


def _keep(step: Step, row: dict[str, Any]) -> None:
    step.kept_messages.setdefault((row["to_process_id"], row["to_element_id"]), deque()).append(row)


def _claim(step: Step, subscription_key: int) -> None:
    # told, but not yet moved: the next message of this step must not find it again
    step.claimed_subscriptions.add(subscription_key)


def _waiting_by_flow(step: Step, process_id: str, element_id: str) -> list[dict[str, Any]]:
    known = step.waiting_by_flow.get((process_id, element_id))
    if known is None:  # one question a step, however many messages it sends there
        condition = "WHERE case_key = ? AND process_id = ? AND element_id = ? AND kind = 'message' AND by_flow = ? ORDER BY key"
        (rows,) = fetch(step.session, Read(Subscription, condition, [step.case.key, process_id, element_id, True]))
        known = step.waiting_by_flow[process_id, element_id] = [vars(row) for row in rows]
    gone = step.closed_subscriptions | step.claimed_subscriptions
    fresh = [
        row for row in step.subscriptions.values() if row["by_flow"] and row["process_id"] == process_id and row["element_id"] == element_id
    ]
    return [row for row in known + fresh if row["key"] not in gone]


def _take_kept(step: Step, row: dict[str, Any]) -> list[Taken]:
    """Messages kept in the case for this element, the oldest first: one, or all where they do not interrupt."""
    place = (row["process_id"], row["element_id"])
    taken = []
    for message in _kept_for(step, place, limit=1 if row["interrupting"] else None):
        sender, receiver = step.instance(message["from_instance_key"]), step.instance(row["instance_key"])
        if receiver is not None:
            receiver.new_peers.add(message["from_instance_key"])
        if sender is not None:
            sender.new_peers.add(row["instance_key"])
        put_back = partial(_keep, step, {**message, "key": keys.new()})
        if receiver is not None:
            handoffs.delivered(step, message["handoff_key"], receiver, row["element_instance_key"])
        taken.append(Taken(row["instance_key"], row["key"], message["variables"], put_back, _batons(message["handoff_key"])))
        if row["interrupting"]:
            step.claimed_subscriptions.add(row["key"])
    return taken


def _kept_for(step: Step, place: tuple[str, str], *, limit: int | None) -> list[dict[str, Any]]:
    """Take kept messages out: first what earlier steps kept, then what this one did."""
    found: list[dict[str, Any]] = []
    if step.case.kept_messages:
        condition = "WHERE case_key = ? AND to_process_id = ? AND to_element_id = ? AND incident_key IS NULL AND key > ? ORDER BY key"
        values = [step.case.key, *place, step.taken_kept_up_to.get(place, 0)]
        (rows,) = fetch(step.session, Read(CaseMessage, condition + (f" LIMIT {limit}" if limit else ""), values))
        for row in rows:
            step.taken_kept_up_to[place] = row.key
            _forget_kept(step, row.key)
            found.append(vars(row))
    fresh = step.kept_messages.get(place, deque())
    for _ in range(len(fresh)):
        message = fresh.popleft()
        if message["incident_key"] is None and (limit is None or len(found) < limit):
            found.append(message)
        else:
            fresh.append(message)
    return found


def _forget_kept(step: Step, key: int) -> None:
    step.taken_kept += 1
    step.writes.delete(CaseMessage, "key", key)


def write(step: Step) -> None:
    for row in step.subscriptions.values():
        step.writes.insert(Subscription, row)
    for row in step.fresh_kept():
        step.writes.insert(CaseMessage, row)


def hand_over_again(step: Step, incident: Any) -> bool:
    """After an incident: whoever waits now gets what was kept. False where the incident was about something else."""
    (rows,) = fetch(step.session, Read(CaseMessage, "WHERE incident_key = ?", [incident.key]))
    sender = step.instance(incident.instance_key)
    for row in rows:
        _forget_kept(step, row.key)
        if sender is not None:
            again = _Parcel(incident.element_id, incident.element_instance_key, row.to_element_id, row.variables, row.handoff_key)
            _hand_over(step, sender, again, row.to_process_id, row.to_element_id)
    return bool(rows)
