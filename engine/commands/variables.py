"""Write variables of a running instance from outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from engine import advance, documents, policies, recordings, variables
from engine.bpmn.happenings import VariablesSet
from engine.database import Read, fetch
from engine.elements import ElementInstance, ElementState
from engine.errors import NotFound, WrongState
from engine.instances import Instance, InstanceState
from engine.parties import Actor


def set_variables(session: Session, scope_key: int, given: Mapping[str, Any], *, local: bool = False, by: Actor) -> None:
    """`scope_key`: an instance, or an active element instance. `local`: exactly there; else where each name is owned."""
    policies.require(policies.may_set_variables(by))
    variables.check(given)
    instance_rows, element_rows = fetch(
        session, Read(Instance, "WHERE key = ?", [scope_key]), Read(ElementInstance, "WHERE key = ?", [scope_key])
    )
    if not instance_rows and not element_rows:
        raise NotFound(f"Expected an instance or element instance with key {scope_key}, found none.")
    instance_key = scope_key if instance_rows else element_rows[0].instance_key
    (rows,) = fetch(session, Read(Instance, "WHERE key = ?", [instance_key]))
    step = advance.locked(session, rows[0].case_key, by=by, command="variables set")
    (rows, element_rows) = fetch(
        session, Read(Instance, "WHERE key = ?", [instance_key]), Read(ElementInstance, "WHERE key = ?", [scope_key])
    )
    if rows[0].state != InstanceState.ACTIVE or (element_rows and element_rows[0].state != ElementState.ACTIVE):
        raise WrongState(f"Expected {scope_key} to be active, found it ended.")
    documents.attach(step, given)
    if given and recordings.is_recording(session):
        recordings.note(session, step.case.key, by, {"set": given, "local": local or None, **_place(session, rows[0], element_rows)})
    advance.tell(step, rows[0], VariablesSet(scope_key, given, local=local))


def _place(session: Session, instance: Any, elements: Sequence[Any]) -> dict[str, Any]:
    """Where it is set, as a scenario says it: an element's id, or the process's."""
    if elements:
        return {"in": elements[0].element_id, "where": recordings.scope_apart(session, instance.case_key, elements[0])}
    return {"in": instance.process_id, "where": recordings.instance_apart(session, instance)}
