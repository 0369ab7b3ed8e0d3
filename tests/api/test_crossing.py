"""Handoffs from outside: both sides' commands, cases and who waits for whom, links, figures, erasing. Nothing for outsiders."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.history import HistoryEntry
from engine.notifications import Notification
from engine.parties import HOST_KEY
from tests.api import models
from tests.platforms import Platform, Row

V1 = "/passerelle/v1"
CLAIM = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
  xmlns:handoff="urn:passerelle:handoff:1.0" targetNamespace="t">
<collaboration id="c"><participant id="insurer" name="Insurer" processRef="claim"/>
  <participant id="garage" name="Garage" processRef="repair">
    <extensionElements><handoff:party kind="partner" role="garage"/></extensionElements></participant>
  <messageFlow id="order" sourceRef="send" targetRef="got"><extensionElements>
    <handoff:contract acceptWithin="PT4H" completeWithin="P2D"><handoff:field name="plate" label="Plate" type="string" required="true"/>
    <handoff:field name="iban" type="string" sensitive="true"/></handoff:contract></extensionElements></messageFlow>
  <messageFlow id="back" sourceRef="answer" targetRef="wait"/></collaboration>
<message id="m1" name="Order"/><message id="m2" name="Estimate"/>
<process id="claim" name="Claim" isExecutable="true"><extensionElements><handoff:case title="=plate" keep="P90D"/></extensionElements>
  <laneSet id="ls"><lane id="l" name="Adjusters"><flowNodeRef>s</flowNodeRef><flowNodeRef>check</flowNodeRef><flowNodeRef>send</flowNodeRef>
  <flowNodeRef>wait</flowNodeRef></lane></laneSet>
  <startEvent id="s"/><userTask id="check" name="Check"><extensionElements><handoff:milestone label="We check it"/></extensionElements></userTask>
  <intermediateThrowEvent id="send"><messageEventDefinition messageRef="m1"/></intermediateThrowEvent>
  <receiveTask id="wait" messageRef="m2"><extensionElements><handoff:milestone label="The garage has answered"/></extensionElements></receiveTask>
  <sequenceFlow id="f1" sourceRef="s" targetRef="check"/><sequenceFlow id="f2" sourceRef="check" targetRef="send"/>
  <sequenceFlow id="f3" sourceRef="send" targetRef="wait"/></process>
<process id="repair" isExecutable="true"><startEvent id="got"><messageEventDefinition messageRef="m1"/></startEvent>
  <userTask id="look" name="Look at it"/><endEvent id="answer"><messageEventDefinition messageRef="m2"/></endEvent>
  <sequenceFlow id="g1" sourceRef="got" targetRef="look"/><sequenceFlow id="g2" sourceRef="look" targetRef="answer"/></process></definitions>"""


class Crossing:
    """An insurer whose adjusters hand claims to a garage."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.adams, self.brown = self.party("Adams"), self.party("Brown")
        platform.add_person("hanna", roles=["member"], groups=["adjusters"])
        platform.add_person("otto", roles=["member"], groups=["accounting"])
        platform.add_person("gus", party_key=int(self.adams["partyKey"]))
        platform.deploy(CLAIM)

    def party(self, name: str) -> Row:
        contact = {"name": name, "email": f"desk@{name.lower()}.example"}
        found: Row = self.platform.expect("POST", f"{V1}/parties", {"name": name, "contacts": [contact]})
        return found

    def begin(self, **variables: Any) -> Row:
        self.platform.start("claim", **({"plate": "AB-1", "iban": "DE00"} | variables))
        self.case: Row = self.search("cases", sort=[{"field": "caseKey", "order": "DESC"}])[0]
        return self.case

    def cross(self) -> Row:
        """The work goes to Adams."""
        self.begin()
        self.platform.expect("PUT", f"{V1}/cases/{self.case['caseKey']}/roles/garage", {"partyKey": self.adams["partyKey"]}, user="hanna")
        (task,) = self.platform.tasks(state="CREATED", name="Check", processInstanceKey=self.case["processInstanceKey"])
        assert self.platform.complete_task(task, user="hanna").status_code == 204
        return self.handoff()

    def handoff(self) -> Row:
        asked = {"filter": {"caseKey": self.case["caseKey"]}, "sort": [{"field": "handoffKey", "order": "DESC"}]}
        return self.search("handoffs", **asked)[0]

    def search(self, noun: str, user: str = "admin", **asked: Any) -> list[Row]:
        found: list[Row] = self.platform.expect("POST", f"{V1}/{noun}/search", asked, user=user)["items"]
        return found

    def do(self, handoff: Row, what: str, body: Row | None = None, user: str = "hanna") -> Any:
        return self.platform.api("POST", f"{V1}/handoffs/{handoff['handoffKey']}/{what}", body or {}, user=user)

    def whole(self, handoff: Row, user: str = "hanna") -> Row:
        found: Row = self.platform.expect("GET", f"{V1}/handoffs/{handoff['handoffKey']}", user=user)
        return found

    def whole_case(self, user: str = "hanna") -> Row:
        found: Row = self.platform.expect("GET", f"{V1}/cases/{self.case['caseKey']}", user=user)
        return found


@pytest.fixture
def crossing(platform: Platform) -> Crossing:
    platform.wait()
    return Crossing(platform)


def test_a_handoff_is_read_with_its_contract_its_times_and_what_it_disclosed(crossing: Crossing) -> None:
    found = crossing.whole(crossing.cross())

    assert (found["fromSide"], found["toSide"], found["kind"], found["state"]) == ("Adjusters", "Garage", "partner", "OFFERED")
    assert (found["fromPartyKey"], found["toPartyName"], found["caseTitle"]) == (str(HOST_KEY), "Adams", "AB-1")
    due = datetime.fromisoformat(found["acceptDueDate"]) - datetime.fromisoformat(found["offeredDate"])
    assert due.total_seconds() == 4 * 3600 and found["completeDueDate"] is None and found["path"] == ["order"]
    assert found["contract"]["completeWithin"] == "P2D"
    assert [field["name"] for field in found["contract"]["fields"]] == ["plate", "iban"] and found["contract"]["fields"][0]["required"]
    assert [(d["name"], d["value"], d["isMasked"]) for d in found["disclosures"]] == [("plate", "AB-1", False), ("iban", None, True)]
    assert [one["round"] for one in found["rounds"]] == [1]
    as_admin = crossing.whole(found, user="admin")
    assert [(d["name"], d["value"]) for d in as_admin["disclosures"]] == [("plate", "AB-1"), ("iban", None)], "whatever one's role"


@pytest.mark.parametrize("user", ["admin", "operator", "hanna"])
def test_a_sensitive_value_is_shown_in_the_open_task_that_needs_it_and_nowhere_else(crossing: Crossing, user: str) -> None:
    platform = crossing.platform
    crossing.begin(iban="DE89")
    (task,) = platform.tasks(state="CREATED", name="Check", processInstanceKey=crossing.case["processInstanceKey"])
    at = task["processInstanceKey"]

    def values(path: str, **asked: Any) -> dict[str, str]:
        return {one["name"]: one["value"] for one in platform.expect("POST", path, asked, user=user)["items"]}

    def of_task() -> dict[str, str]:
        return values(f"/v2/user-tasks/{task['userTaskKey']}/variables/search")

    everywhere, masked = {"processInstanceKey": at}, {"plate": '"AB-1"', "iban": '"***"'}
    assert values("/v2/variables/search", filter=everywhere) == masked
    assert of_task() == (masked if user != "hanna" else masked | {"iban": '"DE89"'})  # it is offered to her
    (found,) = platform.expect("POST", "/v2/variables/search", {"filter": everywhere | {"name": "iban"}}, user=user)["items"]
    assert platform.expect("GET", f"/v2/variables/{found['variableKey']}", user=user)["value"] == '"***"'

    by_value = [{"value": '"DE89"'}, {"value": {"$like": "*DE*"}}, {"value": {"$neq": '"AB-1"'}}]
    assert [values("/v2/variables/search", filter=everywhere | one) for one in by_value] == [{}, {}, {}]
    assert values("/v2/variables/search", filter=everywhere, sort=[{"field": "value"}]) == {"plate": '"AB-1"'}
    named = [{"name": "iban", "value": '"DE89"'}]
    assert platform.expect("POST", "/v2/user-tasks/search", {"filter": {"processInstanceVariables": named}}, user=user)["items"] == []
    assert platform.expect("POST", "/v2/process-instances/search", {"filter": {"variables": named}}, user=user)["items"] == []
    plain = {"filter": {"variables": [{"name": "plate", "value": '"AB-1"'}]}}
    assert platform.expect("POST", "/v2/process-instances/search", plain, user=user)["items"] != []
    if user != "hanna":
        tried = platform.expect("POST", "/v2/expression/evaluation", {"expression": "=[plate, iban]", "scopeKey": at}, user=user)
        assert tried["result"] == ["AB-1", None]
        assert platform.api("POST", f"/v2/user-tasks/{task['userTaskKey']}/assignment", {"assignee": user}, user=user).status_code == 204
        assert of_task()["iban"] == '"DE89"'

    platform.expect("PUT", f"{V1}/cases/{crossing.case['caseKey']}/roles/garage", {"partyKey": crossing.adams["partyKey"]})
    assert platform.complete_task(task, user=user).status_code == 204
    assert of_task()["iban"] == '"***"', "it is done"
    assert '"DE89"' not in {one["value"] for one in platform.expect("POST", "/v2/variables/search", {}, user=user)["items"]}


def test_a_no_comes_back_to_the_sender_who_sends_it_corrected_to_another_party(crossing: Crossing) -> None:
    first = crossing.cross()
    assert crossing.do(first, "declination", {"reason": ""}, user="admin").status_code == 400
    assert crossing.do(first, "declination", {"reason": "No vans."}, user="admin").status_code == 204
    (wait,) = crossing.whole_case()["waits"]
    assert (wait["next"], wait["holderSide"], wait["waitingPartyName"], wait["dueDate"]) == ("DECIDE", "Adjusters", "Adams", None)

    sent = crossing.do(first, "sending", {"values": {"plate": "CD-2"}, "partyKey": crossing.brown["partyKey"]})
    assert sent.status_code == 200, sent.text
    second = crossing.whole({"handoffKey": sent.json()["handoffKey"]})

    assert (second["round"], second["toPartyName"], second["previousHandoffKey"]) == (2, "Brown", first["handoffKey"])
    assert [(one["round"], one["state"], one["reason"], one["isSettled"]) for one in second["rounds"]] == [
        (1, "DECLINED", "No vans.", True),
        (2, "OFFERED", None, False),
    ]
    assert crossing.whole(first)["rounds"] == second["rounds"]
    assert second["disclosures"][0]["value"] == "CD-2" and second["disclosures"][0]["partyName"] == "Brown"
    (wait,) = crossing.whole_case()["waits"]
    assert (wait["next"], wait["holderPartyName"], wait["since"]) == ("ACCEPT", "Brown", second["offeredDate"])


def test_nobody_waits_for_a_decision_once_the_case_was_given_up(crossing: Crossing) -> None:
    handoff = crossing.cross()
    crossing.do(handoff, "declination", {"reason": "No."}, user="admin")
    assert crossing.do(handoff, "cancellation").status_code == 204

    assert crossing.whole(handoff)["state"] == "DECLINED" and crossing.whole_case()["waits"] == []
    assert crossing.search("cases", filter={"isWaiting": True}) == []


def test_the_hands_of_a_case_of_one_team_and_its_programs(crossing: Crossing) -> None:
    inside = f'<subProcess id="sub"><startEvent id="x"/>{models.user_task("look")}<sequenceFlow id="y" sourceRef="x" targetRef="look"/></subProcess>'
    crossing.platform.deploy(models.process("plain", inside, models.service_task("work", "work")))
    crossing.platform.start("plain")
    crossing.platform.wait(hours=2)
    assert crossing.platform.complete_task(crossing.platform.tasks(processDefinitionId="plain")[0]).status_code == 204
    crossing.platform.wait(hours=1)
    (case,) = crossing.search("cases", filter={"processDefinitionId": "plain"})
    found = crossing.platform.expect("GET", f"{V1}/insights/cases/{case['caseKey']}", user="operator")

    (us,) = found["hands"]
    assert us["partyKey"] == str(HOST_KEY) and 10_000 < float(us["working"]) <= float(found["total"]) == float(us["share"])
    assert float(found["unexplained"]) == 0


def test_what_a_correction_gets_wrong_is_named_and_nothing_changed(crossing: Crossing) -> None:
    first = crossing.cross()
    for body, field in (
        ({"values": {"plate": 7}}, "plate"),
        ({"values": {"other": 7}}, "other"),
        ({"email": "nobody"}, "email"),
        ({"partyKey": str(HOST_KEY)}, "partyKey"),
        ({"unknown": 1}, "unknown"),
    ):
        answer = crossing.do(first, "sending", body)
        assert (answer.status_code, list(answer.json()["errors"])) == (400, [field]), answer.text

    assert [one["state"] for one in crossing.search("handoffs")] == ["OFFERED"]


def test_an_unanswered_handoff_is_reminded_of_accepted_once_and_then_waits_for_its_completion(crossing: Crossing) -> None:
    handoff = crossing.cross()
    assert crossing.do(handoff, "reminder").status_code == 204
    assert crossing.do(handoff, "acceptance").status_code == 403, "it is not the sender's to accept"
    assert crossing.do(handoff, "acceptance", user="operator").status_code == 204
    assert crossing.do(handoff, "acceptance", user="operator").status_code == 409

    (wait,) = crossing.whole_case()["waits"]
    accepted = crossing.whole(handoff)
    assert (wait["next"], wait["since"], wait["dueDate"]) == ("COMPLETE", accepted["acceptedDate"], accepted["completeDueDate"])
    assert accepted["acceptedBy"] == "person:operator"
    with Session(crossing.platform.engine) as session:
        kinds = list(session.scalars(select(Notification.kind).order_by(Notification.key)))
    assert kinds == ["handoff offered", "reminder"]


def test_a_late_one_is_found_by_its_clock_and_the_sender_can_give_up(crossing: Crossing) -> None:
    handoff = crossing.cross()
    crossing.platform.wait(hours=5)

    assert [one["handoffKey"] for one in crossing.search("handoffs", filter={"clock": "LATE", "acceptLate": True})] == [handoff["handoffKey"]]
    assert crossing.whole_case()["waits"][0]["clock"] == "LATE"
    assert crossing.search("cases", filter={"isWaiting": True})
    assert crossing.do(handoff, "cancellation").status_code == 204
    assert (crossing.whole_case()["state"], crossing.whole_case()["waits"]) == ("TERMINATED", [])
    assert crossing.search("cases", filter={"isWaiting": True}) == []
    assert crossing.whole(handoff)["state"] == "WITHDRAWN"


@pytest.mark.parametrize(
    ("filter", "found"),
    [
        ({"toPartyKey": "adams"}, True),
        ({"toPartyKey": "brown"}, False),
        ({"toPartyKey": {"$in": ["adams", "brown"]}}, True),
        ({"toPartyKey": {"$neq": "adams"}}, False),
        ({"fromPartyKey": str(HOST_KEY)}, True),
        ({"toPartyKey": str(HOST_KEY)}, False),
        ({"fromPartyKey": {"$in": [str(HOST_KEY)]}}, True),
        ({"state": {"$in": ["OFFERED", "ACCEPTED"]}}, True),
        ({"kind": "customer"}, False),
        ({"toSide": {"$like": "Gar*"}}, True),
        ({"processDefinitionId": "claim", "processDefinitionVersion": 1}, True),
        ({"acceptDueDate": {"$lt": "2026-01-01T00:00:00Z"}}, False),
        ({"$or": [{"kind": "customer"}, {"round": 1}]}, True),
    ],
)
def test_handoffs_are_found_by_parties_sides_states_and_dates(crossing: Crossing, filter: Row, found: bool) -> None:
    handoff = crossing.cross()

    def keyed(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: keyed(one) for name, one in value.items()}
        if isinstance(value, list):
            return [keyed(one) for one in value]
        return {"adams": crossing.adams["partyKey"], "brown": crossing.brown["partyKey"]}.get(value, value)

    assert [one["handoffKey"] for one in crossing.search("handoffs", filter=keyed(filter))] == [handoff["handoffKey"]] * found


def test_cases_are_found_with_their_milestones_and_roles(crossing: Crossing) -> None:
    crossing.begin(plate="ZZ-9")
    other = crossing.case
    crossing.cross()
    case = crossing.whole_case()

    assert case["title"] == "AB-1" and case["caseNumber"].replace(" ", "").isdigit() and case["eraseDate"] is None
    assert [(m["elementId"], m["labels"], m["reachedDate"] is None) for m in case["milestones"]] == [
        ("check", {"": "We check it"}, False),
        ("wait", {"": "The garage has answered"}, False),
    ]
    assert [(role["role"], role["partyName"], role["boundBy"]) for role in case["roles"]] == [("garage", "Adams", "person:hanna")]
    key = case["caseKey"]
    for filter in ({"isWaiting": True}, {"partyKey": crossing.adams["partyKey"]}, {"title": "AB-1"}, {"caseNumber": case["caseNumber"]}, {"caseNumber": int(case["caseNumber"].replace(" ", ""))}):
        assert [one["caseKey"] for one in crossing.search("cases", filter=filter)] == [key], filter
    assert [one["caseKey"] for one in crossing.search("cases", filter={"isWaiting": False})] == [other["caseKey"]]
    assert crossing.platform.expect("GET", f"{V1}/cases/{key}/roles/garage", user="hanna")["partyId"] == "adams"
    assert crossing.platform.api("GET", f"{V1}/cases/{key}/roles/nobody", user="hanna").status_code == 404


def test_a_role_is_a_party_of_the_directory(crossing: Crossing) -> None:
    crossing.begin()
    path = f"{V1}/cases/{crossing.case['caseKey']}/roles/garage"

    assert crossing.platform.api("PUT", path, {"partyKey": str(HOST_KEY)}, user="hanna").status_code == 400
    assert crossing.platform.api("PUT", path, {"partyKey": "77"}, user="hanna").status_code == 404
    assert crossing.platform.api("PUT", path, {}, user="hanna").status_code == 400
    assert crossing.platform.api("PUT", path, {"partyKey": crossing.adams["partyKey"]}, user="otto").status_code == 404
    assert crossing.platform.api("GET", path, user="hanna").status_code == 404, "nothing changed"


def test_a_role_is_given_to_somebody_new_by_name_and_address_and_found_again_the_next_time(crossing: Crossing) -> None:
    crossing.begin()
    path = f"{V1}/cases/{crossing.case['caseKey']}/roles/garage"
    for wrong in ({"name": "Clark"}, {"email": "c@clark.example"}, {"name": "Clark", "email": "nobody"}, {"partyKey": "1", "email": "c@clark.example"}):
        assert crossing.platform.api("PUT", path, wrong, user="hanna").status_code == 400, wrong
    for _ in range(2):
        assert crossing.platform.api("PUT", path, {"name": "Clark", "email": "C@clark.example"}, user="hanna").status_code == 204

    role = crossing.platform.expect("GET", path, user="hanna")
    assert (role["partyName"], role["partyKind"]) == ("Clark", "partner")
    assert [one["contacts"][0]["email"] for one in crossing.search("parties", filter={"text": "clark"})] == ["c@clark.example"]
    assert crossing.platform.api("PUT", path.replace("garage", "nobody"), {"name": "Eve", "email": "e@eve.example"}, user="hanna").status_code == 400
    assert crossing.search("parties", filter={"text": "eve"}) == []


def test_the_ledger_of_a_case_says_who_got_what_when(crossing: Crossing) -> None:
    handoff = crossing.cross()
    crossing.do(handoff, "declination", {"reason": "No."}, user="admin")
    crossing.do(handoff, "sending", {"partyKey": crossing.brown["partyKey"]})
    path = f"{V1}/cases/{crossing.case['caseKey']}/disclosures/search"
    entries = crossing.platform.expect("POST", path, {}, user="hanna")["items"]

    assert [(one["partyName"], one["name"], one["value"]) for one in entries] == [
        ("Adams", "plate", "AB-1"),
        ("Adams", "iban", None),
        ("Brown", "plate", "AB-1"),
        ("Brown", "iban", None),
    ]
    mine = crossing.platform.expect("POST", path, {"filter": {"partyKey": crossing.brown["partyKey"], "name": "plate"}})["items"]
    assert [(one["handoffKey"] != handoff["handoffKey"], one["value"]) for one in mine] == [(True, "AB-1")]


def test_a_link_is_listed_without_its_token_renewed_and_taken_back(crossing: Crossing) -> None:
    handoff = crossing.cross()
    (link,) = crossing.search("links", user="hanna", filter={"handoffKey": handoff["handoffKey"]})
    assert (link["email"], link["generation"], link["revokedDate"]) == ("desk@adams.example", 1, None) and "token" not in link

    path = f"{V1}/links/{link['linkKey']}"
    assert crossing.platform.api("POST", f"{path}/renewal", {}, user="otto").status_code == 404
    assert crossing.platform.api("POST", f"{path}/renewal", {}, user="hanna").status_code == 204
    assert crossing.platform.api("POST", f"{path}/revocation", {}, user="hanna").status_code == 204
    assert crossing.platform.api("POST", f"{path}/renewal", {}, user="hanna").status_code == 409
    (after,) = crossing.search("links", filter={"caseKey": crossing.case["caseKey"]})
    assert (after["generation"], after["revokedBecause"]) == (2, "revoked")
    with Session(crossing.platform.engine) as session:
        assert list(session.scalars(select(Notification.kind).order_by(Notification.key))) == ["handoff offered", "fresh link"]
        commands = list(session.scalars(select(HistoryEntry.command).order_by(HistoryEntry.case_key, HistoryEntry.revision)))
    assert commands[-2:] == ["link renewed", "link revoked"]


def test_figures_of_a_boundary_and_of_the_hands_a_case_was_in(crossing: Crossing) -> None:
    handoff = crossing.cross()
    crossing.platform.wait(hours=1)
    crossing.do(handoff, "acceptance", user="operator")
    crossing.platform.wait(hours=47)
    (task,) = crossing.platform.tasks(state="CREATED", name="Look at it")
    assert crossing.platform.complete_task(task).status_code == 204
    asked = {"filter": {"processDefinitionId": "claim", "toPartyKey": crossing.adams["partyKey"]}}
    (one,) = crossing.platform.expect("POST", f"{V1}/insights/handoffs", asked)["items"]

    assert (one["fromSide"], one["toSide"], one["fromPartyName"], one["toPartyName"]) == ("Adjusters", "Garage", "Our company", "Adams")
    assert (one["count"], one["completed"], one["open"], one["sentAgain"]) == (1, 1, 0, 0)
    assert one["acceptInTime"] == one["completeInTime"] == {"decided": 1, "inTime": 1, "share": 1}
    times = {name: (one[name]["count"], float(one[name]["sum"])) for name in ("timeToAccept", "timeInHand", "timeTotal", "timeLate")}
    assert times == {"timeToAccept": (1, 3600), "timeInHand": (1, 169_200), "timeTotal": (1, 172_800), "timeLate": (0, 0)}
    assert crossing.platform.expect("POST", f"{V1}/insights/handoffs", {"filter": {"kind": "customer"}, "groupBy": []}) == {
        "items": [], "hasMore": False, "feedback": [],
    }
    by_flow = crossing.platform.expect("POST", f"{V1}/insights/handoffs", {"groupBy": ["flow"]})["items"]
    assert [(one["flowId"], one["count"], one["toSide"]) for one in by_flow] == [("order", 1, None), ("back", 1, None)]

    hands = crossing.platform.expect("GET", f"{V1}/insights/cases/{crossing.case['caseKey']}")
    garage = next(one for one in hands["hands"] if one["side"] == "Garage")
    assert (garage["partyName"], float(garage["accepting"]), float(garage["working"])) == ("Adams", 3600, 169_200)
    assert sum(float(one["share"]) for one in hands["hands"]) + float(hands["unexplained"]) == float(hands["total"])
    assert crossing.platform.api("POST", f"{V1}/insights/handoffs", {"groupBy": ["nothing"]}).status_code == 400


def test_a_case_is_erased_over_the_api_once_it_has_ended(crossing: Crossing) -> None:
    handoff = crossing.cross()
    path = f"{V1}/cases/{crossing.case['caseKey']}/erasure"
    assert crossing.platform.api("POST", path, {}).status_code == 409
    crossing.do(handoff, "cancellation")
    ended = crossing.whole_case()
    assert crossing.platform.api("POST", path, {}, headers={"Idempotency-Key": "once"}).status_code == 204
    assert crossing.platform.api("POST", path, {}).status_code == 204

    case = crossing.whole_case(user="admin")
    assert case["title"] is None and case["erasedDate"] and case["endDate"] == ended["endDate"]
    assert crossing.whole(handoff, user="admin")["disclosures"][0]["value"] is None
    assert crossing.platform.variables(crossing.case["processInstanceKey"]) == {}
    assert datetime.fromisoformat(ended["eraseDate"]) > datetime.now(UTC)


# -- who may --------------------------------------------------------------------------------------------------------


def test_a_member_of_neither_side_finds_nothing_and_changes_nothing(crossing: Crossing) -> None:
    handoff = crossing.cross()
    (link,) = crossing.search("links")

    for noun in ("handoffs", "cases", "links"):
        assert crossing.platform.expect("POST", f"{V1}/{noun}/search", {}, user="otto")["page"]["totalItems"] == 0
    for method, path in (
        ("GET", f"handoffs/{handoff['handoffKey']}"),
        ("GET", f"cases/{crossing.case['caseKey']}"),
        ("POST", f"cases/{crossing.case['caseKey']}/disclosures/search"),
        ("POST", f"links/{link['linkKey']}/revocation"),
        *(("POST", f"handoffs/{handoff['handoffKey']}/{what}") for what in ("acceptance", "sending", "reminder", "cancellation")),
    ):
        body = {} if method == "POST" else None
        assert crossing.platform.api(method, f"{V1}/{path}", body, user="otto").status_code == 404, path
    assert crossing.do(handoff, "declination", {"reason": "x"}, user="otto").status_code == 404
    assert crossing.whole(handoff)["state"] == "OFFERED" and crossing.search("links")[0]["revokedDate"] is None


def test_accounts_of_other_parties_have_nothing_here_not_even_a_number(crossing: Crossing) -> None:
    handoff = crossing.cross()
    paths = crossing.platform.expect("GET", "/v2/openapi.json", user=None)["paths"]
    keys = {"handoffKey": handoff["handoffKey"], "caseKey": crossing.case["caseKey"], "partyKey": crossing.adams["partyKey"]}
    asked = 0
    for path, methods in paths.items():
        if path == "/v2/status":
            continue
        real = path
        for name in [part[1:-1] for part in path.split("/") if part.startswith("{")]:
            real = real.replace("{" + name + "}", keys.get(name, "1"))
        for method in methods:
            if method == "parameters":
                continue
            answer = crossing.platform.api(method.upper(), real, None if method == "get" else {}, user="gus")
            assert answer.status_code == 403, (method, real, answer.status_code)
            asked += 1
    assert asked > 60
    assert crossing.whole(handoff)["state"] == "OFFERED"
