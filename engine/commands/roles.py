"""Say who plays a role of a case, before the work crosses to it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import advance, deployments, parties, policies, recordings
from engine.database import Read, fetch
from engine.errors import Invalid, NotFound
from engine.instances import Instance
from engine.parties import Actor
from engine.roles import PREFIX
from engine.tasks import Task


def bind_role(
    session: Session,
    case_key: int,
    role: str,
    party_key: int | None = None,
    *,
    name: str | None = None,
    address: str | None = None,
    by: Actor,
) -> None:
    """Who plays a role of the case, from its next crossing on: a party of the directory, or somebody new by name and e-mail address.

    Raises NotFound, NotAllowed, Invalid.
    """
    (its_tasks,) = fetch(session, Read(Task, "WHERE case_key = ?", [case_key]))
    step = advance.locked(session, case_key, by=by, command="role bound")
    if not policies.may_see_case(by, step.case, list(its_tasks)):
        raise NotFound(f"Expected a case with key {case_key}, found none.")
    policies.require(policies.may_bind_role(by, step.case, list(its_tasks)))
    if party_key is None:
        kind = _kind_of(session, case_key, role)
        party_key = parties.named(session, (name or "").strip(), parties.email_address(address or ""), kind).key
    recordings.note(session, case_key, by, {"bind": role, "party": party_key})
    bind(step, {role: party_key})
    step.finish()


def _kind_of(session: Session, case_key: int, role: str) -> str:
    """partner | customer, as the case's models say. Raises Invalid."""
    for process_key in session.scalars(select(Instance.process_key).where(Instance.case_key == case_key).distinct()):
        model = deployments.definition(session, process_key).handoffs
        for side in (*model.pools.values(), *model.sides.values()):
            if side.role.role == role and side.role.kind != parties.PartyKind.HOST:
                return side.role.kind
    raise Invalid(f"Expected a role that another party plays in this case, found {role!r}.", fields={"role": "a role of the model"})


def bind(step: advance.Step, chosen: Mapping[str, int]) -> None:
    """The roles that a person chose with what they did. Raises Invalid."""
    for role, party_key in chosen.items():
        party = parties.expect(step.session, party_key)
        if not party.active or party.kind == parties.PartyKind.HOST:
            raise Invalid("Expected an active partner or customer of the directory.", fields={PREFIX + role: "an active party"})
        step.directory.bind(role, party_key)
