"""Figures over handoffs, and in whose hands the time of a case was spent. They only read."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields, validate
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.passerelle.handoffs import NOUN as HANDOFFS
from api.passerelle.handoffs import PARTY_KEY
from api.v2.fields import Answer, Filter, Int, Strict, filter_of, said, text, time
from api.v2.operations import operation
from engine import feedback, hands, insights, parties, policies, search
from engine.cases import Case
from engine.errors import NotFound
from engine.handoffs import HandoffState
from engine.parties import HOST_KEY, Actor
from engine.search import Noun

routes = Blueprint("insights", __name__, description="Figures: how long work waits at each boundary, and in whose hands.")

_CHOSEN_BY = (
    *("processDefinitionId", "processDefinitionKey", "processDefinitionVersion", "flowId", "kind", "fromSide", "fromRole", "toSide"),
    *("toRole", "state", "round", "clock", "offeredDate", "acceptedDate", "endDate"),
)
NOUN = Noun("insight", HANDOFFS.base, HANDOFFS.key, {name: HANDOFFS.fields[name] for name in _CHOSEN_BY}, HANDOFFS.special)


class AskHandoffs(Strict):
    filter = filter_of(NOUN, fromPartyKey=Filter(PARTY_KEY), toPartyKey=Filter(PARTY_KEY))
    groupBy = fields.List(
        fields.Str(validate=validate.OneOf(list(insights.GROUPS))),
        load_default=list(insights.USUAL_GROUPS),
        metadata={"description": "By process, version, boundary, parties; an empty list: all in one."},
    )
    limit = Int(least=1, most=1000, load_default=100)


_SECONDS = {"description": "In seconds."}


class TimesShown(Answer):
    count = said(fields.Int)
    sum = said(fields.Decimal, metadata=_SECONDS)
    average = said(fields.Decimal, null=True, metadata=_SECONDS)
    median = said(fields.Decimal, null=True, metadata=_SECONDS)
    p90 = said(fields.Decimal, null=True, metadata=_SECONDS)


class InTimeShown(Answer):
    """Of those whose outcome is known."""

    decided = said(fields.Int)
    inTime = said(fields.Int)
    share = said(fields.Decimal, null=True)


class Reason(Answer):
    reason = said(null=True)
    count = said(fields.Int)


def _times(words: str) -> fields.Field:
    return fields.Nested(TimesShown, required=True, metadata={"description": words})


class HandoffFigures(Answer):
    """Of one group: what it is grouped by is said, the rest of that is null."""

    processDefinitionId = said(null=True)
    processDefinitionKey = said(null=True)
    processDefinitionVersion = said(fields.Int, null=True)
    kind = said(null=True)
    fromSide = said(null=True)
    toSide = said(null=True)
    flowId = said(null=True, metadata={"description": "Where the contract stands, else the last flow of the path."})
    fromPartyKey = said(null=True)
    fromPartyName = said(null=True)
    toPartyKey = said(null=True)
    toPartyName = said(null=True)
    count = said(fields.Int, metadata={"description": "Every round counts."})
    open = said(fields.Int)
    offered = said(fields.Int)
    accepted = said(fields.Int)
    completed = said(fields.Int)
    declined = said(fields.Int)
    withdrawn = said(fields.Int)
    firstRounds = said(fields.Int)
    sentAgain = said(fields.Int)
    mostRounds = said(fields.Int)
    acceptInTime = fields.Nested(InTimeShown, required=True)
    completeInTime = fields.Nested(InTimeShown, required=True)
    timeToAccept = _times("From the offer to its acceptance.")
    timeInHand = _times("From the acceptance to the end.")
    timeUnanswered = _times("From the offer to the end, of those that nobody accepted.")
    timeTotal = _times("From the offer to the end: what the three before are together.")
    timeLate = _times("Beyond a limit; of those still open up to now.")
    workingTimeToAccept = _times("In working time of the receiver, where the contract counts by it.")
    workingTimeInHand = _times("In working time of the receiver, where the contract counts by it.")
    declines = fields.List(fields.Nested(Reason), required=True, metadata={"description": "The ten most frequent reasons."})


class Verdict(Answer):
    """What those who followed a case said of it, once it had ended."""

    processDefinitionId = said(metadata={"description": "Of the process that began the case."})
    count = said(fields.Int)
    worked = said(fields.Int)
    share = said(fields.Decimal)
    reasons = fields.List(fields.Str(), required=True, metadata={"description": "Why it did not work: the twenty newest."})


class HandoffInsights(Answer):
    items = fields.List(fields.Nested(HandoffFigures), required=True)
    hasMore = said(fields.Bool)
    feedback = fields.List(fields.Nested(Verdict), required=True, metadata={"description": "Of the cases that these handoffs belong to."})


_GROUP = {
    "process_id": "processDefinitionId",
    "process_key": "processDefinitionKey",
    "version": "processDefinitionVersion",
    "kind": "kind",
    "from_side": "fromSide",
    "to_side": "toSide",
    "flow_id": "flowId",
    "from_party_key": "fromPartyKey",
    "to_party_key": "toPartyKey",
}
_KEYS = frozenset({"process_key", "from_party_key", "to_party_key"})
_TIMES = {
    "timeToAccept": "to_accept",
    "timeInHand": "in_hand",
    "timeUnanswered": "unanswered",
    "timeTotal": "total",
    "timeLate": "late",
    "workingTimeToAccept": "working_to_accept",
    "workingTimeInHand": "working_in_hand",
}


def _shown(figures: insights.Figures) -> dict[str, Any]:
    group = {name: text(value) if column in _KEYS else value for column, name in _GROUP.items() for value in [figures.group.get(column)]}
    names = {f"{side}PartyName": figures.names.get(figures.group.get(f"{side}_party_key", 0)) for side in ("from", "to")}
    return {
        **group,
        **names,
        "count": figures.count,
        "open": insights.open_of(figures),
        **{state.lower(): figures.by_state[state] for state in HandoffState},
        "firstRounds": figures.first_rounds,
        "sentAgain": figures.count - figures.first_rounds,
        "mostRounds": figures.most_rounds,
        "acceptInTime": _in_time(figures.accept),
        "completeInTime": _in_time(figures.complete),
        **{name: _times_shown(figures.times[of]) for name, of in _TIMES.items()},
        "declines": [{"reason": reason, "count": count} for reason, count in figures.declines],
    }


def _in_time(known: insights.InTime) -> dict[str, Any]:
    return {"decided": known.decided, "inTime": known.in_time, "share": known.share}


def _times_shown(times: insights.Times) -> dict[str, Any]:
    return {name: getattr(times, name) for name in ("count", "sum", "average", "median", "p90")}


@operation(routes, "POST", "/insights/handoffs", name="getHandoffInsights", may="see insights", body=AskHandoffs, answer=HandoffInsights)
def of_handoffs(session: Session, body: dict[str, Any], *, by: Actor) -> dict[str, Any]:
    """Counts, times and shares in time, by process, boundary and parties; the largest groups first."""
    filters = dict(body.get("filter") or {})
    any_of = filters.pop("$or", ())
    chosen = search.matching(NOUN, filters, any_of)
    found, more = insights.handoffs(session, chosen, by=body["groupBy"], limit=body["limit"])
    said_of_them = insights.feedback(session, chosen)
    return {"items": [_shown(figures) for figures in found], "hasMore": more, "feedback": [_verdict(one) for one in said_of_them]}


def _verdict(one: feedback.Verdict) -> dict[str, Any]:
    return {
        "processDefinitionId": one.process_id,
        "count": one.count,
        "worked": one.worked,
        "share": one.share,
        "reasons": list(one.reasons),
    }


# -- one case -------------------------------------------------------------------------------------------------------


class HandsShown(Answer):
    partyKey = said()
    partyName = said()
    side = said()
    time = said(fields.Decimal, metadata={"description": "Seconds in which it had something to do, or held a handoff alone."})
    share = said(fields.Decimal, metadata={"description": "Its part of them, in seconds: where several had, in equal parts."})
    working = said(fields.Decimal, metadata={"description": "Of its share: with open work."})
    deciding = said(fields.Decimal, metadata={"description": "Of its share: after a no."})
    accepting = said(fields.Decimal, metadata={"description": "Of its share: with an offer to accept."})
    waiting = said(fields.Decimal, metadata={"description": "Of its share: held a handoff, with nothing to be done."})


class FeedbackShown(Answer):
    worked = said(fields.Bool)
    reason = said(null=True)
    date = said()


class CaseHands(Answer):
    caseKey = said()
    startDate = said()
    endDate = said(metadata={"description": "Of a case that goes on: now."})
    total = said(fields.Decimal, metadata={"description": "Seconds: all shares, and what is unexplained."})
    unexplained = said(fields.Decimal, metadata={"description": "Seconds in nobody's hands: a timer, a message from outside, an error."})
    hands = fields.List(fields.Nested(HandsShown), required=True)
    feedback = fields.List(fields.Nested(FeedbackShown), required=True, metadata={"description": "One answer of each link."})


@operation(routes, "GET", "/insights/cases/<caseKey>", name="getCaseInsights", may="see insights", answer=CaseHands)
def of_case(session: Session, case_key: int, *, by: Actor) -> dict[str, Any]:
    """In whose hands the time of a case was spent, and the waiting that nobody's hands explain."""
    if session.scalar(select(Case.key).where(Case.key == case_key, policies.visible_figures(by))) is None:
        raise NotFound(f"Expected a case with key {case_key}, found none.")
    account = hands.of_case(session, case_key)
    names = parties.names(session, [one.holder.party or HOST_KEY for one in account.hands])
    return {
        "caseKey": text(case_key),
        "startDate": time(account.start),
        "endDate": time(account.end),
        "total": _seconds(account.end - account.start),
        "unexplained": _seconds(account.unexplained),
        "hands": [_hands(one, names) for one in account.hands],
        "feedback": [_said(one) for one in feedback.of_case(session, case_key)],
    }


def _said(one: feedback.Feedback) -> dict[str, Any]:
    return {"worked": one.worked, "reason": one.reason, "date": time(one.given_at)}


def _hands(one: hands.Hands, names: dict[int, str]) -> dict[str, Any]:
    key = one.holder.party or HOST_KEY
    return {
        "partyKey": text(key),
        "partyName": names[key],
        "side": one.holder.side,
        "time": _seconds(one.time),
        "share": _seconds(one.share),
        "working": _seconds(one.shares[hands.Phase.WORK]),
        "deciding": _seconds(one.shares[hands.Phase.DECIDE]),
        "accepting": _seconds(one.shares[hands.Phase.ACCEPT]),
        "waiting": _seconds(one.shares[hands.Phase.WAIT]),
    }


def _seconds(time: Any) -> Decimal:
    return (Decimal(time.days) * 86_400 * 1_000_000 + time.seconds * 1_000_000 + time.microseconds) / 1_000_000
