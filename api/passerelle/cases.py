"""Cases end to end: their handoffs, their milestones, who is waiting for whom, who plays which role, what was disclosed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_smorest import Blueprint
from marshmallow import ValidationError, fields, validates_schema
from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import Session

from api.passerelle.handoffs import DISCLOSURES, PARTY_KEY, DisclosureShown, HandoffShown, Nothing, disclosure, of
from api.passerelle.handoffs import shown as handoff_shown
from api.passerelle.people import Email
from api.v2.fields import Answer, Bool, Filter, Key, Strict, Text, answer_of, page_of, said, search_schema, text, time
from api.v2.operations import operation
from engine import cases, milestones, policies, search, waits
from engine.cases import Case, CaseState
from engine.commands import erasures as erasing
from engine.commands import roles as binding
from engine.errors import NotFound
from engine.handoffs import Handoff, HandoffState
from engine.ledger import Disclosure
from engine.parties import HOST_KEY, Actor, Party
from engine.roles import CaseRole
from engine.search import Field, Noun, Wanted

routes = Blueprint("cases", __name__, description="Runs from end to end, across all parties.")


class CaseShown(Answer):
    caseKey = said()
    caseNumber = said(metadata={"description": "As people say it: 001 042."})
    title = said(null=True)
    state = said()
    processDefinitionId = said(metadata={"description": "Of the process that began it."})
    processInstanceKey = said(metadata={"description": "Of the instance that began it."})
    startedBy = said(null=True)
    creationDate = said()
    endDate = said(null=True)
    eraseDate = said(null=True, metadata={"description": "When its values go, where the process says how long they are kept."})
    erasedDate = said(null=True)


class RoleShown(Answer):
    role = said()
    partyKey = said()
    partyId = said()
    partyName = said()
    partyKind = said()
    boundBy = said()
    boundDate = said()


class MilestoneShown(Answer):
    processDefinitionKey = said()
    processInstanceKey = said()
    elementId = said()
    labels = said(fields.Dict, metadata={"description": 'By language; "" for every other.'})
    reachedDate = said(null=True)


class WaitShown(Answer):
    handoffKey = said()
    next = said(metadata={"description": "What the others wait for: ACCEPT, COMPLETE, or after a no DECIDE."})
    holderSide = said()
    holderPartyKey = said()
    holderPartyName = said()
    waitingSide = said()
    waitingPartyKey = said()
    waitingPartyName = said()
    since = said()
    dueDate = said(null=True)
    clock = said()


class CaseInFull(CaseShown):
    waits = fields.List(fields.Nested(WaitShown), required=True)
    handoffs = fields.List(fields.Nested(HandoffShown), required=True)
    milestones = fields.List(fields.Nested(MilestoneShown), required=True)
    roles = fields.List(fields.Nested(RoleShown), required=True)


def _with_party(operators: Any) -> ColumnElement[bool]:
    """Cases in which such a party plays a role."""
    chosen = search.conditions(Field(CaseRole.party_key, "key"), operators)
    return exists(select(CaseRole.role).where(CaseRole.case_key == Case.key, *chosen))


def _waiting(wanted: bool) -> ColumnElement[bool]:
    """Cases that stand at a handoff."""
    undecided = (Handoff.state == HandoffState.DECLINED) & Handoff.is_settled.is_(False)
    stands = Handoff.state.in_((HandoffState.OFFERED, HandoffState.ACCEPTED)) | undecided
    found = and_(Case.state == CaseState.ACTIVE, exists(select(Handoff.key).where(Handoff.case_key == Case.key, stands)))
    return found if wanted else ~found


NOUN = Noun(
    "case",
    select(*search.columns(Case)),
    Case.key,
    {
        "caseKey": Field(Case.key, "key"),
        "caseNumber": Field(Case.number, "case number"),
        "title": Field(Case.title),
        "state": Field(Case.state, "enum", {state: [state] for state in CaseState}),
        "processDefinitionId": Field(Case.process_id),
        "startedBy": Field(Case.started_by),
        "creationDate": Field(Case.created_at, "datetime"),
        "endDate": Field(Case.ended_at, "datetime"),
        "eraseDate": Field(Case.erase_at, "datetime"),
        "erasedDate": Field(Case.erased_at, "datetime"),
    },
    {"partyKey": _with_party, "isWaiting": _waiting},
)
Search = search_schema(
    NOUN,
    partyKey=Filter(PARTY_KEY),
    isWaiting=Bool(metadata={"description": "Somebody is waiting for somebody at a handoff."}),
)


def shown(row: Any) -> dict[str, Any]:
    return {
        "caseKey": text(row.key),
        "caseNumber": cases.number_for_people(row.number),
        "title": row.title,
        "state": row.state,
        "processDefinitionId": row.process_id,
        "processInstanceKey": text(row.first_instance_key),
        "startedBy": row.started_by,
        "creationDate": time(row.created_at),
        "endDate": time(row.ended_at),
        "eraseDate": time(row.erase_at),
        "erasedDate": time(row.erased_at),
    }


def expect(session: Session, case_key: int, by: Actor) -> Any:
    row = session.execute(NOUN.base.where(Case.key == case_key, policies.visible_cases(by))).first()
    if row is None:
        raise NotFound(f"Expected a case with key {case_key}, found none.")
    return row


@operation(routes, "POST", "/cases/search", name="searchCases", may="see cases", body=Search, answer=answer_of("Case", CaseShown))
def find(session: Session, body: Wanted, *, by: Actor) -> dict[str, Any]:
    """Search cases."""
    page = search.run(session, NOUN, body, visible=policies.visible_cases(by))
    return page_of([shown(row) for row in page.rows], page)


@operation(routes, "GET", "/cases/<caseKey>", name="getCase", may="see cases", answer=CaseInFull)
def get(session: Session, case_key: int, *, by: Actor) -> dict[str, Any]:
    """One case: its handoffs, who is waiting for whom, its milestones, and who plays which role."""
    row = expect(session, case_key, by)
    its_handoffs = of(session, Handoff.case_key == case_key, by=by)
    names = {one.from_party_key: one.from_party for one in its_handoffs} | {one.to_party_key: one.to_party for one in its_handoffs}
    return shown(row) | {
        "waits": [_wait(one, names) for one in waits.of(row, its_handoffs)],
        "handoffs": [handoff_shown(one) for one in its_handoffs],
        "milestones": [_milestone(one) for one in milestones.of_case(session, case_key)],
        "roles": [_role(one) for one in session.execute(_ROLES.where(CaseRole.case_key == case_key).order_by(CaseRole.role))],
    }


def _wait(wait: waits.Wait, names: dict[int | None, str]) -> dict[str, Any]:
    return {
        "handoffKey": text(wait.handoff.key),
        "next": wait.next,
        "holderSide": wait.holder_side,
        "holderPartyKey": text(wait.holder_party_key or HOST_KEY),
        "holderPartyName": names[wait.holder_party_key],
        "waitingSide": wait.waiting_side,
        "waitingPartyKey": text(wait.waiting_party_key or HOST_KEY),
        "waitingPartyName": names[wait.waiting_party_key],
        "since": time(wait.since),
        "dueDate": time(wait.due_at),
        "clock": wait.clock,
    }


def _milestone(point: milestones.Point) -> dict[str, Any]:
    return {
        "processDefinitionKey": text(point.process_key),
        "processInstanceKey": text(point.instance_key),
        "elementId": point.element_id,
        "labels": dict(point.labels),
        "reachedDate": time(point.reached_at),
    }


# -- roles ----------------------------------------------------------------------------------------------------------

_ROLES = select(*search.columns(CaseRole), Party.party_id, Party.name, Party.kind).join(Party, Party.key == CaseRole.party_key)


def _role(row: Any) -> dict[str, Any]:
    return {
        "role": row.role,
        "partyKey": text(row.party_key),
        "partyId": row.party_id,
        "partyName": row.name,
        "partyKind": row.kind,
        "boundBy": row.bound_by,
        "boundDate": time(row.bound_at),
    }


@operation(routes, "GET", "/cases/<caseKey>/roles/<role>", name="getCaseRole", may="see cases", answer=RoleShown)
def get_role(session: Session, case_key: int, role: str, *, by: Actor) -> dict[str, Any]:
    """Who plays a role of the case."""
    expect(session, case_key, by)
    row = session.execute(_ROLES.where(CaseRole.case_key == case_key, CaseRole.role == role)).first()
    if row is None:
        raise NotFound(f"Expected somebody to play role {role!r} in this case, found nobody.")
    return _role(row)


class BindRole(Strict):
    """A party of the directory, or somebody new by name and e-mail address."""

    partyKey = Key()
    name = Text(least=1, most=200)
    email = Email(most=254)

    @validates_schema
    def _one_way(self, data: Mapping[str, Any], **_: Any) -> None:
        if ("partyKey" in data) == ("email" in data) or ("name" in data) != ("email" in data):
            raise ValidationError("expected either partyKey, or name and email", "partyKey")


@operation(routes, "PUT", "/cases/<caseKey>/roles/<role>", name="bindCaseRole", may="bind roles", body=BindRole, command=True)
def bind_role(session: Session, case_key: int, role: str, body: dict[str, Any], *, by: Actor) -> None:
    """Say who plays a role of the case, from its next crossing on."""
    binding.bind_role(session, case_key, role, body.get("partyKey"), name=body.get("name"), address=body.get("email"), by=by)


# -- what was disclosed, and taking it out ----------------------------------------------------------------------------


@operation(
    routes,
    "POST",
    "/cases/<caseKey>/disclosures/search",
    name="searchCaseDisclosures",
    may="see disclosures",
    body=search_schema(DISCLOSURES, partyKey=Filter(PARTY_KEY)),
    answer=answer_of("Disclosure", DisclosureShown),
)
def find_disclosures(session: Session, case_key: int, body: Wanted, *, by: Actor) -> dict[str, Any]:
    """The ledger of a case: who got which fields, with their values at that moment, by which handoff, when."""
    expect(session, case_key, by)
    visible = search.all_of([Disclosure.case_key == case_key, policies.visible_disclosures(by)])
    page = search.run(session, DISCLOSURES, body, visible=visible)
    return page_of([disclosure(row, by=by) for row in page.rows], page)


@operation(routes, "POST", "/cases/<caseKey>/erasure", name="eraseCase", may="erase cases", body=Nothing, command=True)
def erase(session: Session, case_key: int, body: dict[str, Any], *, by: Actor) -> None:
    """Take the values, documents, conversation and addresses of an ended case out; its times stay, under a pseudonym."""
    erasing.erase(session, case_key, by=by)
