"""What the two sides of a handoff can do: accept, decline, send again, remind, cancel."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import advance, clock, continuations, documents, handoffs, ledger, parties, policies, tasks, variables
from engine.bpmn.elements.contracts import crossing_values
from engine.bpmn.elements.expressions import Refusal
from engine.bpmn.happenings import VariablesSet, WorkOffered, WorkRecalled
from engine.bpmn.scopes import own, view
from engine.commands import cases
from engine.commands.roles import expect_choosable
from engine.database import Read, fetch, run
from engine.errors import Invalid, NotFound, WrongState
from engine.handoffs import Handoff, HandoffState
from engine.instances import Instance, InstanceState
from engine.parties import PLATFORM, Actor
from engine.tasks import Task, TaskState

MOST_REASON = 2000
BATCH = 100


def accept(session: Session, handoff_key: int, *, by: Actor) -> None:
    """The receiver takes it, without beginning yet. Raises NotFound, NotAllowed, WrongState (it has moved on)."""
    step, row = _locked(session, handoff_key, by, "handoff accepted")
    policies.require(_is_receiver(session, row, by))
    if row["state"] != HandoffState.OFFERED:
        raise WrongState(f"Expected handoff {handoff_key} to be offered, found it {row['state']}.")
    handoffs.accepted(step, [handoff_key])
    if row["to_element_id"] is None:  # a closed box has nothing else to do
        handoffs.close(step, row, HandoffState.COMPLETED)
    step.finish()


def decline(session: Session, handoff_key: int, reason: str, *, by: Actor) -> None:
    """The receiver sends it back, from its first task. Raises Invalid (no reason), NotFound, NotAllowed, WrongState."""
    reason = reason.strip()
    if not 0 < len(reason) <= MOST_REASON or "\x00" in reason:
        raise Invalid(f"Expected a reason of 1 to {MOST_REASON} characters.", fields={"reason": f"1 to {MOST_REASON} characters"})
    step, row = _locked(session, handoff_key, by, "handoff declined")
    policies.require(_is_receiver(session, row, by))
    handoffs.expect_open(SimpleNamespace(**row))
    if not handoffs.may_be_declined(SimpleNamespace(**row), step.contract_of(row)):
        raise WrongState(f"Expected handoff {handoff_key} to be at its first task, found it begun.")
    _recall(step, row)
    handoffs.close(step, row, HandoffState.DECLINED, reason=reason, declined_by=by.id)
    handoffs.tell(step, row, "declined")
    step.finish()


def send_again(
    session: Session,
    handoff_key: int,
    *,
    values: Mapping[str, Any] | None = None,
    address: str | None = None,
    party_key: int | None = None,
    by: Actor,
) -> int:
    """A new round, of a declined handoff or one that nobody has accepted: the key of its row. The old link is dead.

    `values`: corrected fields of the contract. `address`: where the invitation goes this time. `party_key`: another party.
    """
    step, row = _locked(session, handoff_key, by, "handoff sent again")
    policies.require(policies.may_send_again(by, SimpleNamespace(**row)))
    documents.attach(step, values or {})
    is_declined = row["state"] == HandoffState.DECLINED and not row["is_settled"]
    if not is_declined and row["state"] != HandoffState.OFFERED:
        raise _neither_declined_nor_unanswered(row)
    new: dict[str, Any] = {}
    if party_key is not None:
        if row["to_party_key"] is None:
            raise Invalid("Expected no other party: this work stays with the host.", fields={"partyKey": "nothing"})
        expect_choosable(session, party_key, parties.expect(session, row["to_party_key"]).kind, by=by)
        new |= {"to_party_key": party_key, "address": None}
        step.directory.bind(row["to_role"], party_key)
    if address is not None:
        new["address"] = parties.email_address(address)
    contract = step.contract_of(row)
    if not is_declined:
        _recall(step, row)
    disclosed = _correct(step, row, contract, values or {})
    if is_declined:
        row["is_settled"] = True
        step.writes.update(Handoff, {"key": handoff_key}, {"is_settled": True})
    else:
        handoffs.close(step, row, HandoffState.WITHDRAWN)
    fresh = handoffs.again(step, row, contract, **new)
    if party_key is not None and row["to_party_key"] != party_key and not is_declined:
        handoffs.tell(step, row, "withdrawn")
    if contract is not None and fresh["from_party_key"] != fresh["to_party_key"]:
        ledger.disclosed(step, fresh, contract, disclosed)
    for instance in _instances_of(step, row):
        step.tell(instance.key, WorkOffered(handoff_key, fresh["key"]))
    step.writes.statement("UPDATE case_messages SET handoff_key = ? WHERE handoff_key = ?", [fresh["key"], handoff_key])
    step.finish()
    return int(fresh["key"])


def remind(session: Session, handoff_key: int, *, by: Actor) -> None:
    """Tell the receiver once more. Raises WrongState where it was answered already."""
    step, row = _locked(session, handoff_key, by, "handoff reminded")
    policies.require(policies.may_send_again(by, SimpleNamespace(**row)))
    handoffs.expect_open(SimpleNamespace(**row))
    handoffs.tell(step, row, "reminder")
    step.events.append(["handoff reminded", row["instance_key"], row["to_element_id"], handoff_key])
    step.finish()


def cancel(session: Session, handoff_key: int, *, by: Actor) -> None:
    """After a no: the host's people on the sender's side give the case up."""
    step, row = _locked(session, handoff_key, by, "canceled after a handoff")
    policies.require(policies.may_give_up(by, SimpleNamespace(**row)))
    if row["is_settled"] or row["state"] not in (HandoffState.DECLINED, HandoffState.OFFERED):
        raise _neither_declined_nor_unanswered(row)
    row["is_settled"] = row["state"] == HandoffState.DECLINED  # nobody has to decide any more
    step.writes.update(Handoff, {"key": handoff_key}, {"is_settled": row["is_settled"]})
    cases.end_all(step)


def _neither_declined_nor_unanswered(row: Mapping[str, Any]) -> WrongState:
    found = "its no already answered" if row["is_settled"] else f"it {row['state']}"
    return WrongState(f"Expected handoff {row['key']} to be declined or unanswered, found {found}.")


# -- what a worker's lease accepts --------------------------------------------------------------------------------


@continuations.paid_by("acceptance")
def _accept_by_lease(session: Session, owed: Any) -> None:
    """A worker has activated the first job of a handoff: locks the case, which the lease itself does not."""

    def work(session: Session) -> None:
        by = Actor(id=owed.data["by"])
        step = advance.locked(session, owed.case_key, by=by, command="handoff accepted")
        if step.open_handoffs(owed.data["handoffs"]):
            handoffs.accepted(step, owed.data["handoffs"])
            step.finish()

    run(session, work)


# -- the clock ----------------------------------------------------------------------------------------------------


def look_due(session: Session, *, limit: int = BATCH) -> int:
    """Warn of limits that come near, and note those that have passed; each in a transaction of its own. How many changed."""
    keys = run(session, lambda s: handoffs.due(s, clock.now(s), limit))
    for key in keys:
        run(session, partial(_look, handoff_key=key))
    return len(keys)


def _look(session: Session, handoff_key: int) -> None:
    step, row = _locked(session, handoff_key, PLATFORM, "handoff clock")
    if row["next_look_at"] is None or row["next_look_at"] > step.now:
        return
    handoffs.look(step, row)
    step.finish()


# -- shared -------------------------------------------------------------------------------------------------------


def _locked(session: Session, handoff_key: int, by: Actor, command: str) -> tuple[advance.Step, dict[str, Any]]:
    (rows,) = fetch(session, Read(Handoff, "WHERE key = ?", [handoff_key]))
    if not rows or not policies.may_see_handoff(by, rows[0], _tasks_of(session, rows[0].case_key)):
        raise NotFound(f"Expected a handoff with key {handoff_key}, found none.")
    step = advance.locked(session, rows[0].case_key, by=by, command=command)
    return step, step.handoffs_of([handoff_key])[0]


def _tasks_of(session: Session, case_key: int) -> list[Any]:
    (rows,) = fetch(session, Read(Task, "WHERE case_key = ?", [case_key]))
    return list(rows)


def _is_receiver(session: Session, row: Mapping[str, Any], by: Actor) -> bool:
    """Whoever may do one of its open tasks; for a closed box, whoever belongs to the party."""
    if policies.may(by, "manage tasks"):
        return True
    if row["to_element_id"] is None:
        return row["to_party_key"] is not None and by.party_key == row["to_party_key"]
    open_ones = select(Task).where(Task.case_key == row["case_key"], Task.state == TaskState.CREATED)
    mine = [task for task in session.scalars(open_ones) if row["key"] in tasks.handoffs_of(task)]
    return any(policies.may_complete_task(by, task) for task in mine)


def _instances_of(step: advance.Step, row: Mapping[str, Any]) -> list[Any]:
    """The receiver's instance and what it called, brought in."""
    if row["instance_key"] is None:
        return []
    condition = "WHERE case_key = ? AND state = ? ORDER BY key"
    (active,) = fetch(step.session, Read(Instance, condition, [step.case.key, InstanceState.ACTIVE]))
    wanted, found = {row["instance_key"]}, []
    for one in active:  # the calling instance has the smaller key
        if one.key in wanted or one.parent_key in wanted:
            wanted.add(one.key)
            step.adopt(one)
            found.append(one)
    return found


def _recall(step: advance.Step, row: Mapping[str, Any]) -> None:
    for instance in _instances_of(step, row):
        step.tell(instance.key, WorkRecalled(row["key"]))
    step.run()
    step.writes.flush(step.session)  # what is closed here must be so before the same element offers its work anew


def _correct(step: advance.Step, row: Mapping[str, Any], contract: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """Write corrected fields where they live, and hold the whole against the contract. Raises Invalid that names each field."""
    named = {field.name for field in contract.fields} if contract is not None else set()
    for name in values:
        if name not in named:
            raise Invalid(f"Expected a field of the contract, found {name!r}.", fields={name: "a field of the contract"})
    variables.check(values)
    holders = [(step.live[i.key], step.live[i.key].execution.holder(row["key"])) for i in _instances_of(step, row)]
    found, token = next(((live, token) for live, token in holders if token is not None), (None, None))
    if found is None or token is None:
        if values:
            raise WrongState("Expected somebody who waits for what was sent, found nobody: it cannot be corrected any more.")
        return {}
    if values:
        mine = own(token)
        step.tell(found.row.key, VariablesSet((token.scope or token).id, values))
        step.tell(found.row.key, VariablesSet(token.id, {n: v for n, v in values.items() if n in mine}, local=True))
        step.run()
    try:
        return crossing_values(contract, view(token)) if contract is not None else {}
    except Refusal as refusal:
        raise Invalid(refusal.message, fields=dict(refusal.problems)) from refusal

