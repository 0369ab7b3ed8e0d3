"""Begin a case, and end it before its time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from engine import advance, deployments, documents, policies, recordings, variables
from engine.bpmn.definition import Definition
from engine.bpmn.handoffs import HOST
from engine.bpmn.happenings import Canceled, Started
from engine.cases import CaseState
from engine.commands.roles import bind
from engine.database import Read, fetch
from engine.errors import Invalid, NotFound, WrongState
from engine.instances import Instance, InstanceState
from engine.parties import Actor


@dataclass(frozen=True, slots=True)
class Begun:
    """A started instance, and the case that it is in."""

    key: int
    case_key: int
    case_number: int
    process_key: int
    process_id: str
    version: int
    tags: tuple[str, ...] = ()
    business_id: str | None = None


def start(
    session: Session,
    process: Any,
    given: Mapping[str, Any],
    *,
    by: Actor,
    tags: Iterable[str] = (),
    business_id: str | None = None,
    roles: Mapping[str, int] | None = None,
) -> Begun:
    """A new case with one instance of `process` (a row of deployments), at its none start event. `roles`: who gets the work."""
    policies.require(policies.may_start(by, process))
    variables.check(given)
    starts = [s.element_id for s in deployments.definition(session, process.key).starts if s.kind == "none"]
    if len(starts) != 1:
        raise Invalid(
            f"Expected one start event without a trigger in process '{process.process_id}', found {len(starts)}.",
            fields={"processDefinitionId": "a process with one none start event"},
        )
    step = advance.new_case(session, process, by=by, command="case started")
    documents.attach(step, given)
    tags = tuple(tags)
    _bind_starter(step, deployments.definition(session, process.key), starts[0])
    bind(step, roles or {})
    begun = step.create(process, Started(starts[0], variables=given), tags=tags, business_id=business_id)
    begins = {"start": process.process_id, "variables": given, "roles": roles, "at": step.now.isoformat()}
    recordings.note(session, step.case.key, by, begins)
    step.finish()
    return Begun(
        key=begun.row.key,
        case_key=step.case.key,
        case_number=step.case.number,
        process_key=process.key,
        process_id=process.process_id,
        version=process.version,
        tags=tags,
        business_id=business_id,
    )


def _bind_starter(step: advance.Step, definition: Definition, start_event_id: str) -> None:
    """Who starts a case in a pool of another party *is* that party, where the model does not say otherwise."""
    side = definition.handoffs.sides.get(start_event_id)
    if side is not None and side.role.kind != HOST and step.by.party_key is not None and not (side.role.party_id or side.role.binding):
        step.directory.bind(side.role.role, step.by.party_key)


def cancel(session: Session, instance_key: int, *, by: Actor) -> None:
    """End an instance and what it called; where it began the case, the whole case. Raises NotFound, WrongState."""
    (rows,) = fetch(session, Read(Instance, "WHERE key = ?", [instance_key]))
    if not rows:
        raise NotFound(f"Expected an instance with key {instance_key}, found none.")
    step = advance.locked(session, rows[0].case_key, by=by, command="canceled")
    (open_ones,) = fetch(session, Read(Instance, "WHERE case_key = ? AND state = ? ORDER BY key", [step.case.key, InstanceState.ACTIVE]))
    row = next((r for r in open_ones if r.key == instance_key), None)
    policies.require(policies.may_cancel(by, rows[0]))
    if row is None:
        raise WrongState(f"Expected instance {instance_key} to be active, found it {rows[0].state}.")
    if row.parent_key is not None:
        raise WrongState(f"Expected an instance that nobody called; cancel the calling instance {row.parent_key}.")
    recordings.note(session, step.case.key, by, {"cancel": row.process_id, "where": recordings.instance_apart(session, row)})
    whole_case = row.key == step.case.first_instance_key
    _end(step, open_ones if whole_case else [row])


def end_all(step: advance.Step) -> None:
    """The whole case is given up."""
    condition = "WHERE case_key = ? AND state = ? ORDER BY key"
    (open_ones,) = fetch(step.session, Read(Instance, condition, [step.case.key, InstanceState.ACTIVE]))
    _end(step, open_ones)


def _end(step: advance.Step, some: Iterable[Any]) -> None:
    for one in some:
        if one.parent_key is None:
            step.adopt(one)
            step.tell(one.key, Canceled())
    step.finish(ends_as=CaseState.TERMINATED)
