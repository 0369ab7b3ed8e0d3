"""The baton between parties: who passed the work on, to whom, when, with what.

A round is a row; nothing of it is overwritten by a later one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import calendars, keys, ledger, notifications
from engine.bpmn.effects import HandedOver, HandoffEnded, Sent
from engine.bpmn.elements.tokens import COMPLETED_STATE
from engine.bpmn.handoffs import Contract, Side, kind_between
from engine.bpmn.names import id_of
from engine.database import Base, JsonText, Read, fetch, key_column, only_where
from engine.errors import WrongState

if TYPE_CHECKING:
    from engine.advance import Live, Step


class HandoffState(StrEnum):
    OFFERED = "OFFERED"  # -> ACCEPTED, COMPLETED (nothing to accept), DECLINED, WITHDRAWN
    ACCEPTED = "ACCEPTED"  # -> COMPLETED, DECLINED, WITHDRAWN
    COMPLETED = "COMPLETED"
    DECLINED = "DECLINED"  # the sender's side decides: send again, another party, cancel
    WITHDRAWN = "WITHDRAWN"  # the sender's side was cancelled, or sent it again


OPEN = (HandoffState.OFFERED, HandoffState.ACCEPTED)
_TICK = timedelta(microseconds=1)  # the least that a time can be later


class Clock(StrEnum):
    """Of the limit that runs now: to accept, then to complete."""

    IN_TIME = "IN_TIME"  # -> WARNED (80 %)
    WARNED = "WARNED"  # -> LATE
    LATE = "LATE"


class Handoff(Base):
    __tablename__ = "handoffs"

    key: Mapped[int] = key_column()
    case_key: Mapped[int] = mapped_column(ForeignKey("cases.key"))
    instance_key: Mapped[int | None]  # the receiver's; None: a closed box, or nobody waits for the message yet
    from_instance_key: Mapped[int]
    process_key: Mapped[int]  # of the model that has the contract: the sender's
    process_id: Mapped[str]
    flow_id: Mapped[str]  # where the contract stands, else the last flow of the path
    path: Mapped[Any] = mapped_column(JsonText)  # flow ids
    kind: Mapped[str]  # internal | partner | customer
    from_side: Mapped[str]  # names, as people read them
    to_side: Mapped[str]
    from_group: Mapped[str]  # the host's people on the sender's side
    from_role: Mapped[str]
    to_role: Mapped[str]
    from_party_key: Mapped[int | None]  # None: the host
    to_party_key: Mapped[int | None]
    from_element_id: Mapped[str]
    to_element_id: Mapped[str | None]
    element_instance_key: Mapped[int | None]  # where it came to rest
    round: Mapped[int] = mapped_column(default=1)
    previous_key: Mapped[int | None]
    state: Mapped[str] = mapped_column(default=HandoffState.OFFERED)
    is_settled: Mapped[bool] = mapped_column(default=False)  # declined: the sender's side has decided what follows
    is_begun: Mapped[bool] = mapped_column(default=False)  # a task or job of it was completed: it cannot be declined any more
    offered_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    accept_due_at: Mapped[datetime | None]
    complete_due_at: Mapped[datetime | None]
    clock: Mapped[str] = mapped_column(default=Clock.IN_TIME)
    accept_late: Mapped[bool] = mapped_column(default=False)
    complete_late: Mapped[bool] = mapped_column(default=False)
    next_look_at: Mapped[datetime | None]  # when the clock changes next
    accepted_by: Mapped[str | None]  # actor id
    reason: Mapped[str | None] = mapped_column(String(2000))
    declined_by: Mapped[str | None]
    channel: Mapped[str]  # portal | email
    assurance: Mapped[str]  # link | code | account
    address: Mapped[str | None]  # another than the party's own: corrected by the sender
    # microseconds of the receiver's working time, where the contract counts by it; measured when it happens
    working_to_accept: Mapped[int | None]
    working_in_hand: Mapped[int | None]

    __table_args__ = (
        Index("ix_handoffs_case", "case_key"),
        Index("ix_handoffs_process", "process_id", "key"),
        Index("ix_handoffs_to", "to_party_key", "state"),
        Index("ix_handoffs_from", "from_party_key", **only_where("from_party_key IS NOT NULL")),
        Index("ix_handoffs_offered", "offered_at"),
        Index("ix_handoffs_clock", "next_look_at", **only_where("next_look_at IS NOT NULL")),
    )


def expect_open(handoff: Any) -> None:
    if handoff.state not in OPEN:
        raise WrongState(f"Expected handoff {handoff.key} to be open, found it {handoff.state}.")


def contract_of(definition: Any, handoff: Any) -> Contract | None:
    found: Contract | None = definition.handoffs.contracts.get(handoff.flow_id)
    return found


# -- opening ------------------------------------------------------------------------------------------------------


def handed_over(step: Step, found: Live, effect: HandedOver) -> None:
    """A path of sequence flows crossed."""
    open_one(
        step,
        found,
        effect.key,
        from_side=effect.from_side,
        to_side=effect.to_side,
        path=effect.flow_ids,
        contract=effect.contract,
        values=effect.values,
        to_party_key=effect.to_party_key,
        batons=effect.batons,
        from_element_id=effect.from_element_id,
        to_element_id=effect.element_id,
        receiver=found,
        element_instance_key=effect.element_instance_key,
    )
    step.note("handed over", found, effect.element_id, effect.key)


def sent(step: Step, found: Live, from_element_id: str, what: Sent) -> int | None:
    """A message flow crossed: the key of its handoff. None: no side is modelled, so there is none."""
    path = what.path
    if path is None:
        return None
    key = keys.new()
    open_one(
        step,
        found,
        key,
        from_side=path.from_side,
        to_side=path.to_side,
        path=path.flow_ids,
        contract=path.contract,
        values=what.variables,
        to_party_key=what.to_party_key,
        batons=what.batons,
        from_element_id=from_element_id,
        to_element_id=path.to_element_id,
        receiver=None,
        element_instance_key=None,
    )
    step.note("handed over", found, path.to_element_id or from_element_id, key)
    return key


def open_one(
    step: Step,
    found: Live,
    key: int,
    *,
    from_side: Side,
    to_side: Side,
    path: tuple[str, ...],
    contract: Contract | None,
    values: Any,
    to_party_key: int | None,
    batons: tuple[int, ...],
    from_element_id: str,
    to_element_id: str | None,
    receiver: Live | None,
    element_instance_key: int | None,
) -> None:
    """`found`: the sender's instance."""
    from_party_key = step.directory.party_at(from_side.role, batons)
    is_closed_box = to_element_id is None
    row: dict[str, Any] = {
        "key": key,
        "case_key": step.case.key,
        "instance_key": receiver.row.key if receiver is not None else None,
        "from_instance_key": found.row.key,
        "process_key": found.row.process_key,
        "process_id": found.row.process_id,
        "flow_id": contract.flow_id if contract is not None else path[-1] if path else "",
        "path": list(path),
        "kind": kind_between(from_side.role, to_side.role),
        "from_side": from_side.name,
        "to_side": to_side.name,
        "from_group": id_of(from_side.name),
        "from_role": from_side.role.role,
        "to_role": to_side.role.role,
        "from_party_key": from_party_key,
        "to_party_key": to_party_key,
        "from_element_id": from_element_id,
        "to_element_id": to_element_id,
        "element_instance_key": element_instance_key,
        "round": 1,
        "previous_key": None,
        "address": None,
    }
    _begin(step, row, contract, is_closed_box=is_closed_box)
    if contract is not None and from_party_key != to_party_key:
        ledger.disclosed(step, row, contract, values)


def _begin(step: Step, row: dict[str, Any], contract: Contract | None, *, is_closed_box: bool) -> None:
    """A round begins: its clock runs."""
    is_foreign = row["to_party_key"] is not None
    acknowledged = (contract is not None and contract.acknowledgement == "none") or (is_closed_box and contract is None)
    row |= {
        "state": HandoffState.ACCEPTED if acknowledged else HandoffState.OFFERED,
        "is_settled": False,
        "is_begun": False,
        "offered_at": step.now,
        "accepted_at": step.now if acknowledged else None,
        "ended_at": None,
        "accept_due_at": None,
        "complete_due_at": None,
        "clock": Clock.IN_TIME,
        "accept_late": False,
        "complete_late": False,
        "next_look_at": None,
        "accepted_by": None,
        "reason": None,
        "declined_by": None,
        "channel": (contract.channel if contract is not None else None) or ("email" if is_foreign else "portal"),
        "assurance": contract.assurance if contract is not None else "link",
        "working_to_accept": 0 if acknowledged and _counts_working_time(contract) else None,
        "working_in_hand": None,
    }
    if acknowledged and is_closed_box:
        row |= {"state": HandoffState.COMPLETED, "ended_at": step.now}
    elif contract is not None:
        _set_clock(step, row, contract)
    step.handoffs[row["key"]] = row
    step.fresh_handoffs.append(row)
    if is_foreign and row["channel"] == "email":
        notifications.handoff_offered(step.writes, row, step.case, step.directory.party(row["to_party_key"]), step.now)


def _counts_working_time(contract: Contract | None) -> bool:
    return contract is not None and contract.calendar == calendars.WORKING


def _working_time(step: Step, row: Mapping[str, Any], start: datetime) -> int | None:
    """Microseconds until now in which the receiver worked; None where the contract does not count by them."""
    if not _counts_working_time(step.contract_of(row)):
        return None
    return calendars.working_time(start, step.now, step.directory.party(row["to_party_key"])) // timedelta(microseconds=1)


def _set_clock(step: Step, row: dict[str, Any], contract: Contract) -> None:
    """Sets due times and the next look for the limit that runs now, on the receiver's calendar."""
    limit, start, column = (
        (contract.accept_within, row["offered_at"], "accept_due_at")
        if row["state"] == HandoffState.OFFERED
        else (contract.complete_within, row["accepted_at"], "complete_due_at")
    )
    row["clock"] = Clock.IN_TIME
    row["next_look_at"] = None
    if limit is not None:
        moments = calendars.moments(start, limit, contract.calendar, step.directory.party(row["to_party_key"]))
        row[column] = moments.due_at
        row["next_look_at"] = moments.warn_at


# -- on its way ---------------------------------------------------------------------------------------------------


def accepted(step: Step, handoff_keys: Iterable[int]) -> None:
    """Somebody of the receiving side has taken the work: those of these that are only offered are accepted now."""
    for row in step.open_handoffs(handoff_keys):
        if row["state"] != HandoffState.OFFERED:
            continue
        late = row["accept_due_at"] is not None and step.now > row["accept_due_at"]
        row |= {"state": HandoffState.ACCEPTED, "accepted_at": step.now, "accepted_by": step.by.id}
        row["accept_late"] = row["accept_late"] or late
        row["working_to_accept"] = _working_time(step, row, row["offered_at"])
        row |= {"next_look_at": None, "clock": Clock.IN_TIME}
        contract = step.contract_of(row)
        if contract is not None:
            _set_clock(step, row, contract)
        _changed(
            step,
            row,
            *("state", "accepted_at", "accepted_by", "accept_late", "working_to_accept", "next_look_at", "clock", "complete_due_at"),
        )
        step.events.append(["handoff accepted", row["instance_key"], row["to_element_id"], row["key"]])


def begun(step: Step, handoff_keys: Iterable[int]) -> None:
    """A task or job of it was completed: from now on it cannot be declined."""
    for row in step.open_handoffs(handoff_keys):
        if not row["is_begun"]:
            row["is_begun"] = True
            _changed(step, row, "is_begun")


def ended(step: Step, found: Live, effect: HandoffEnded) -> None:
    """The last token has put its baton down. A party that was written to, and did not answer yet, hears that it need not."""
    for row in step.open_handoffs([effect.key]):
        if effect.state == COMPLETED_STATE:
            close(step, row, HandoffState.COMPLETED)
            continue
        close(step, row, HandoffState.WITHDRAWN)
        was_written_to = row["channel"] == "email" and row["to_party_key"] is not None
        if was_written_to and not any(row is fresh for fresh in step.fresh_handoffs):
            notifications.handoff_news(step.writes, "called off", row, step.case, step.directory.party(row["to_party_key"]), step.now)


def close(step: Step, row: dict[str, Any], state: HandoffState, **more: Any) -> None:
    late = row["complete_due_at"] is not None and step.now > row["complete_due_at"]
    was_due_at = row["accept_due_at"] if row["accepted_at"] is None else None
    row |= {"state": state, "ended_at": step.now, "next_look_at": None, "complete_late": row["complete_late"] or late, **more}
    row["accept_late"] = row["accept_late"] or (was_due_at is not None and step.now > was_due_at)
    if row["accepted_at"] is not None:
        row["working_in_hand"] = _working_time(step, row, row["accepted_at"])
    _changed(step, row, "state", "ended_at", "next_look_at", "complete_late", "accept_late", "working_in_hand", *more)
    step.events.append([f"handoff {state.lower()}", row["instance_key"], row["to_element_id"], row["key"]])


def delivered(step: Step, handoff_key: int | None, receiver: Live, element_instance_key: int | None = None) -> None:
    """The message found who waits for it."""
    if handoff_key is None:
        return
    for row in step.open_handoffs([handoff_key]):
        row |= {"instance_key": receiver.row.key, "element_instance_key": element_instance_key}
        _changed(step, row, "instance_key", "element_instance_key")


def again(step: Step, old: dict[str, Any], contract: Contract | None, **new: Any) -> dict[str, Any]:
    """The next round: a new row; the old one keeps what it was."""
    row = {name: old[name] for name in _KEPT} | {"key": keys.new(), "round": old["round"] + 1, "previous_key": old["key"]} | new
    _begin(step, row, contract, is_closed_box=row["to_element_id"] is None)
    step.events.append(["handed over again", row["instance_key"], row["to_element_id"], row["key"]])
    return row


_KEPT = (
    "case_key", "instance_key", "from_instance_key", "process_key", "process_id", "flow_id", "path", "kind", "from_side", "to_side",
    "from_group", "from_role", "to_role", "from_party_key", "to_party_key", "from_element_id", "to_element_id", "element_instance_key",
    "address",
)  # fmt: skip


def _changed(step: Step, row: dict[str, Any], *columns: str) -> None:
    if not any(row is fresh for fresh in step.fresh_handoffs):
        step.writes.update(Handoff, {"key": row["key"]}, {column: row[column] for column in columns})


def write(step: Step) -> None:
    for row in step.fresh_handoffs:
        step.writes.insert(Handoff, row)


# -- the clock ----------------------------------------------------------------------------------------------------


def due(session: Any, now: datetime, limit: int) -> list[int]:
    """Keys of handoffs whose clock changes, the most overdue first."""
    (rows,) = fetch(session, Read(Handoff, "WHERE next_look_at <= ? ORDER BY next_look_at, key LIMIT ?", [now, limit]))
    return [row.key for row in rows]


def look(step: Step, row: dict[str, Any]) -> None:
    """Warned at 80 %, then late: both sides are told."""
    is_offered = row["state"] == HandoffState.OFFERED
    due_at = row["accept_due_at"] if is_offered else row["complete_due_at"]
    if row["next_look_at"] is None or due_at is None or row["next_look_at"] > step.now:
        return
    if step.now > due_at:  # in the very moment it is still in time
        row |= {"clock": Clock.LATE, "next_look_at": None, "accept_late" if is_offered else "complete_late": True}
    else:
        row |= {"clock": Clock.WARNED, "next_look_at": due_at + _TICK}
    _changed(step, row, "clock", "next_look_at", "accept_late", "complete_late")
    step.events.append([f"handoff {row['clock'].lower()}", row["instance_key"], row["to_element_id"], row["key"]])
    tell(step, row, row["clock"].lower())


def tell(step: Step, row: dict[str, Any], word: str) -> None:
    """Mails to both sides: `word` is declined | warned | late | withdrawn | reminder."""
    for party_key in dict.fromkeys((row["from_party_key"], row["to_party_key"])):
        party = None if party_key is None else step.directory.party(party_key)
        notifications.handoff_news(step.writes, word, row, step.case, party, step.now)


def may_be_declined(handoff: Any, contract: Contract | None) -> bool:
    """From its first task, while nothing of it was completed, where the model allows it."""
    is_untouched = handoff.state in OPEN and not handoff.is_begun and handoff.instance_key is not None
    return is_untouched and (contract is None or contract.returnable)


# -- asked --------------------------------------------------------------------------------------------------------

MOST_ROUNDS = 100


def rounds(session: Session, handoff: Any) -> list[Handoff]:
    """All rounds that this one is among, the first one first."""
    found: list[Handoff] = []
    key = handoff.previous_key
    while key is not None and len(found) < MOST_ROUNDS:
        row = session.get_one(Handoff, key)
        found.insert(0, row)
        key = row.previous_key
    key = handoff.key
    while key is not None and len(found) < MOST_ROUNDS:
        found.append(session.get_one(Handoff, key))
        # within the case, whose index it has
        key = session.scalar(select(Handoff.key).where(Handoff.case_key == handoff.case_key, Handoff.previous_key == key))
    return found
