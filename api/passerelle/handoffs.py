"""Handoffs: the passing of work from one side to the other; search, read, and what either side may do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from api.passerelle.people import Email
from api.v2.fields import (
    Answer,
    Filter,
    Key,
    Strict,
    Text,
    Variables,
    answer_of,
    page_of,
    said,
    search_schema,
    text,
    time,
)
from api.v2.operations import operation
from engine import cases, deployments, handoffs, policies, search
from engine.bpmn.handoffs import Contract
from engine.cases import Case
from engine.commands import handoffs as commands
from engine.deployments import Process
from engine.errors import NotFound
from engine.handoffs import Clock, Handoff, HandoffState
from engine.ledger import Disclosure
from engine.parties import HOST_KEY, Actor, Party
from engine.search import Field, Noun, Wanted

routes = Blueprint("handoffs", __name__, description="Work that is passed from one side to the other, with its clocks and its outcome.")


class HandoffShown(Answer):
    handoffKey = said()
    caseKey = said()
    caseNumber = said(metadata={"description": "As people say it: 001 042."})
    caseTitle = said(null=True)
    processDefinitionId = said()
    processDefinitionKey = said()
    processDefinitionVersion = said(fields.Int)
    processInstanceKey = said(null=True, metadata={"description": "The receiver's; null for a closed box."})
    fromProcessInstanceKey = said()
    flowId = said()
    path = fields.List(fields.Str(), required=True)
    kind = said()
    fromSide = said()
    fromRole = said()
    fromPartyKey = said()
    fromPartyName = said()
    fromElementId = said()
    toSide = said()
    toRole = said()
    toPartyKey = said()
    toPartyName = said()
    toElementId = said(null=True)
    round = said(fields.Int)
    previousHandoffKey = said(null=True)
    state = said()
    isSettled = said(fields.Bool, metadata={"description": "Declined: the sender's side has decided what follows."})
    offeredDate = said()
    acceptedDate = said(null=True)
    endDate = said(null=True)
    acceptDueDate = said(null=True)
    completeDueDate = said(null=True)
    clock = said()
    acceptLate = said(fields.Bool)
    completeLate = said(fields.Bool)
    acceptedBy = said(null=True)
    declinedBy = said(null=True)
    reason = said(null=True)
    channel = said()
    assurance = said()
    email = said(null=True, metadata={"description": "Where the invitation went, if not to the party's own address."})


class ContractField(Answer):
    name = said()
    label = said(null=True)
    type = said()
    required = said(fields.Bool)
    sensitive = said(fields.Bool)


class ContractShown(Answer):
    flowId = said()
    acceptWithin = said(null=True)
    completeWithin = said(null=True)
    calendar = said()
    acknowledgement = said()
    channel = said(null=True)
    assurance = said()
    returnable = said(fields.Bool)
    fields_ = fields.List(fields.Nested(ContractField), required=True, data_key="fields")


class DisclosureShown(Answer):
    handoffKey = said()
    partyKey = said()
    partyName = said()
    name = said()
    label = said(null=True)
    type = said()
    sensitive = said(fields.Bool)
    isMasked = said(fields.Bool, metadata={"description": "A sensitive value is shown only in the task that needs it."})
    value = said(fields.Raw, null=True)
    date = said()


class HandoffInFull(HandoffShown):
    contract = fields.Nested(ContractShown, required=True, allow_none=True)
    disclosures = fields.List(fields.Nested(DisclosureShown), required=True)
    rounds = fields.List(fields.Nested(HandoffShown), required=True)


# -- searching ------------------------------------------------------------------------------------------------------


def party_filter(column: Any) -> Any:
    """A party by its key, the host by its own: rows name it by nothing."""

    def build(operators: Mapping[str, Any]) -> ColumnElement[bool]:
        wanted = operators.get("$eq")
        if len(operators) == 1 and wanted is not None:
            found: ColumnElement[bool] = column.is_(None) if wanted == HOST_KEY else column == wanted
            return found
        chosen = search.conditions(Field(func.coalesce(column, HOST_KEY), "key"), operators)
        return search.all_of(chosen)

    return build


_sender, _receiver = aliased(Party), aliased(Party)
NOUN = Noun(
    "handoff",
    select(
        *search.columns(Handoff),
        Case.number,
        Case.title,
        Process.version,
        _sender.name.label("from_party"),
        _receiver.name.label("to_party"),
    )
    .join(Case, Case.key == Handoff.case_key)
    .join(Process, Process.key == Handoff.process_key)
    .outerjoin(_sender, _sender.key == func.coalesce(Handoff.from_party_key, HOST_KEY))
    .outerjoin(_receiver, _receiver.key == func.coalesce(Handoff.to_party_key, HOST_KEY)),
    Handoff.key,
    {
        "handoffKey": Field(Handoff.key, "key"),
        "caseKey": Field(Handoff.case_key, "key"),
        "processDefinitionId": Field(Handoff.process_id),
        "processDefinitionKey": Field(Handoff.process_key, "key"),
        "processDefinitionVersion": Field(Process.version, "int"),
        "processInstanceKey": Field(Handoff.instance_key, "key"),
        "flowId": Field(Handoff.flow_id),
        "kind": Field(Handoff.kind, "enum", {kind: [kind] for kind in ("internal", "partner", "customer")}),
        "fromSide": Field(Handoff.from_side),
        "fromRole": Field(Handoff.from_role),
        "fromElementId": Field(Handoff.from_element_id),
        "toSide": Field(Handoff.to_side),
        "toRole": Field(Handoff.to_role),
        "toElementId": Field(Handoff.to_element_id),
        "round": Field(Handoff.round, "int"),
        "state": Field(Handoff.state, "enum", {state: [state] for state in HandoffState}),
        "isSettled": Field(Handoff.is_settled, "bool"),
        "offeredDate": Field(Handoff.offered_at, "datetime"),
        "acceptedDate": Field(Handoff.accepted_at, "datetime"),
        "endDate": Field(Handoff.ended_at, "datetime"),
        "acceptDueDate": Field(Handoff.accept_due_at, "datetime"),
        "completeDueDate": Field(Handoff.complete_due_at, "datetime"),
        "clock": Field(Handoff.clock, "enum", {clock: [clock] for clock in Clock}),
        "acceptLate": Field(Handoff.accept_late, "bool"),
        "completeLate": Field(Handoff.complete_late, "bool"),
        "channel": Field(Handoff.channel),
    },
    {"fromPartyKey": party_filter(Handoff.from_party_key), "toPartyKey": party_filter(Handoff.to_party_key)},
)
PARTY_KEY = Field(Handoff.to_party_key, "key")
Search = search_schema(NOUN, fromPartyKey=Filter(PARTY_KEY), toPartyKey=Filter(PARTY_KEY))


def shown(row: Any) -> dict[str, Any]:
    return {
        "handoffKey": text(row.key),
        "caseKey": text(row.case_key),
        "caseNumber": cases.number_for_people(row.number),
        "caseTitle": row.title,
        "processDefinitionId": row.process_id,
        "processDefinitionKey": text(row.process_key),
        "processDefinitionVersion": row.version,
        "processInstanceKey": text(row.instance_key),
        "fromProcessInstanceKey": text(row.from_instance_key),
        "flowId": row.flow_id,
        "path": row.path,
        "kind": row.kind,
        "fromSide": row.from_side,
        "fromRole": row.from_role,
        "fromPartyKey": text(row.from_party_key or HOST_KEY),
        "fromPartyName": row.from_party,
        "fromElementId": row.from_element_id,
        "toSide": row.to_side,
        "toRole": row.to_role,
        "toPartyKey": text(row.to_party_key or HOST_KEY),
        "toPartyName": row.to_party,
        "toElementId": row.to_element_id,
        "round": row.round,
        "previousHandoffKey": text(row.previous_key),
        "state": row.state,
        "isSettled": row.is_settled,
        "offeredDate": time(row.offered_at),
        "acceptedDate": time(row.accepted_at),
        "endDate": time(row.ended_at),
        "acceptDueDate": time(row.accept_due_at),
        "completeDueDate": time(row.complete_due_at),
        "clock": row.clock,
        "acceptLate": row.accept_late,
        "completeLate": row.complete_late,
        "acceptedBy": row.accepted_by,
        "declinedBy": row.declined_by,
        "reason": row.reason,
        "channel": row.channel,
        "assurance": row.assurance,
        "email": row.address,
    }


def of(session: Session, condition: ColumnElement[bool], *, by: Actor) -> list[Any]:
    """Rows as the noun has them, those that the actor may see, the oldest first."""
    return list(session.execute(NOUN.base.where(condition, policies.visible_handoffs(by)).order_by(Handoff.key)))


@operation(
    routes, "POST", "/handoffs/search", name="searchHandoffs", may="see handoffs", body=Search, answer=answer_of("Handoff", HandoffShown)
)
def find(session: Session, body: Wanted, *, by: Actor) -> dict[str, Any]:
    """Search handoffs, by side, party, state, clock and dates."""
    page = search.run(session, NOUN, body, visible=policies.visible_handoffs(by))
    return page_of([shown(row) for row in page.rows], page)


# -- one handoff ----------------------------------------------------------------------------------------------------


@operation(routes, "GET", "/handoffs/<handoffKey>", name="getHandoff", may="see handoffs", answer=HandoffInFull)
def get(session: Session, handoff_key: int, *, by: Actor) -> dict[str, Any]:
    """One handoff, with its contract, what was disclosed by it, and all its rounds."""
    row = next(iter(of(session, Handoff.key == handoff_key, by=by)), None)
    if row is None:
        raise NotFound(f"Expected a handoff with key {handoff_key}, found none.")
    contract = handoffs.contract_of(deployments.definition(session, row.process_key), row)
    of_this = DISCLOSURES.base.where(Disclosure.case_key == row.case_key, Disclosure.handoff_key == row.key)
    disclosures = session.execute(of_this.where(policies.visible_disclosures(by)).order_by(Disclosure.key))
    its_rounds = of(session, Handoff.key.in_([one.key for one in handoffs.rounds(session, row)]), by=by)
    return shown(row) | {
        "contract": None if contract is None else contract_shown(contract),
        "disclosures": [disclosure(one, by=by) for one in disclosures],
        "rounds": [shown(one) for one in its_rounds],
    }


def contract_shown(contract: Contract) -> dict[str, Any]:
    """A contract as answers give it: limits as ISO 8601, fields in the order of the model."""
    names = ("name", "label", "type", "required", "sensitive")
    return {
        "flowId": contract.flow_id,
        "acceptWithin": contract.accept_within,
        "completeWithin": contract.complete_within,
        "calendar": contract.calendar,
        "acknowledgement": contract.acknowledgement,
        "channel": contract.channel,
        "assurance": contract.assurance,
        "returnable": contract.returnable,
        "fields": [{name: getattr(field, name) for name in names} for field in contract.fields],
    }


_party_of = aliased(Party)
DISCLOSURES = Noun(
    "disclosure",
    select(*search.columns(Disclosure), _party_of.name.label("party_name")).outerjoin(
        _party_of, _party_of.key == func.coalesce(Disclosure.party_key, HOST_KEY)
    ),
    Disclosure.key,
    {
        "handoffKey": Field(Disclosure.handoff_key, "key"),
        "name": Field(Disclosure.name),
        "type": Field(Disclosure.type),
        "sensitive": Field(Disclosure.sensitive, "bool"),
        "date": Field(Disclosure.at, "datetime"),
    },
    {"partyKey": party_filter(Disclosure.party_key)},
)


def disclosure(row: Any, *, by: Actor) -> dict[str, Any]:
    is_masked = row.sensitive and not policies.may_see_sensitive(by)
    return {
        "handoffKey": text(row.handoff_key),
        "partyKey": text(row.party_key or HOST_KEY),
        "partyName": row.party_name,
        "name": row.name,
        "label": row.label,
        "type": row.type,
        "sensitive": row.sensitive,
        "isMasked": is_masked,
        "value": None if is_masked else row.value,
        "date": time(row.at),
    }


# -- what the receiver may do -----------------------------------------------------------------------------------------


def _command(name: str, path: str, **more: Any) -> Any:
    return operation(routes, "POST", f"/handoffs/<handoffKey>/{path}", name=name, may="work on handoffs", command=True, **more)


class Nothing(Strict):
    """No fields."""


@_command("acceptHandoff", "acceptance", body=Nothing)
def accept(session: Session, handoff_key: int, body: dict[str, Any], *, by: Actor) -> None:
    """The receiver takes it: the clock of the answer stops, that of the work begins."""
    commands.accept(session, handoff_key, by=by)


class Decline(Strict):
    reason = Text(required=True, least=1, most=commands.MOST_REASON)


@_command("declineHandoff", "declination", body=Decline)
def decline(session: Session, handoff_key: int, body: dict[str, Any], *, by: Actor) -> None:
    """The receiver sends it back with a reason, from its first task."""
    commands.decline(session, handoff_key, body["reason"], by=by)


# -- what the sender may do -------------------------------------------------------------------------------------------


class SendAgain(Strict):
    values = Variables(metadata={"description": "Corrected fields of the contract."})
    email = Email(most=254, metadata={"description": "Where the invitation goes this time."})
    partyKey = Key()


class SentAgain(Answer):
    handoffKey = said(metadata={"description": "Of the new round."})
    previousHandoffKey = said()


@_command("sendHandoffAgain", "sending", body=SendAgain, answer=SentAgain)
def send_again(session: Session, handoff_key: int, body: dict[str, Any], *, by: Actor) -> dict[str, Any]:
    """A new round of a declined or unanswered handoff, corrected, to another address or another party; the old link is dead."""
    key = commands.send_again(
        session, handoff_key, values=body.get("values"), address=body.get("email"), party_key=body.get("partyKey"), by=by
    )
    return {"handoffKey": text(key), "previousHandoffKey": text(handoff_key)}


@_command("remindOfHandoff", "reminder", body=Nothing)
def remind(session: Session, handoff_key: int, body: dict[str, Any], *, by: Actor) -> None:
    """Tell the receiver once more."""
    commands.remind(session, handoff_key, by=by)


@_command("cancelHandoff", "cancellation", body=Nothing)
def cancel(session: Session, handoff_key: int, body: dict[str, Any], *, by: Actor) -> None:
    """After a no, or without an answer: the sender gives the whole case up."""
    commands.cancel(session, handoff_key, by=by)
