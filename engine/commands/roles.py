"""Say who plays a role of a case, before the work crosses to it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import advance, deployments, parties, policies, recordings
from engine.database import Read, fetch
from engine.errors import Invalid, NotFound
from engine.instances import Instance
from engine.parties import Actor, Party
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
    kind = _kind_of(session, case_key, role)
    if party_key is not None:
        expect_choosable(session, party_key, kind, by=by)
    else:
        party_key = parties.named(session, (name or "").strip(), parties.email_address(address or ""), kind).key
    recordings.note(session, case_key, by, {"bind": role, "party": party_key})
    bind(step, {role: party_key})
    step.finish()


def expect_choosable(session: Session, party_key: int, kind: str, *, by: Actor) -> None:
    """A party that may be given a `kind`'s work. Raises NotFound (also where the actor may not know of it), Invalid."""
    party = session.scalars(select(Party).where(Party.key == party_key, policies.visible_parties(by))).first()
    if party is None:
        raise NotFound(f"Expected a party with key {party_key}, found none.")
    if not party.active or party.kind != kind:
        found = f"an inactive {party.kind}" if not party.active else f"a {party.kind}"
        wanted = f"an active {kind} of the directory"
        raise Invalid(f"Expected {wanted}, found {found}.", fields={"partyKey": wanted})


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
