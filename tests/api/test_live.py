"""Watching: events of a case without a gap, its tokens as they stand, and a list whose counts agree with it."""

from __future__ import annotations

import contextlib
import json
import re
import threading
import time
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from engine.people import Person
from tests.api import models
from tests.api.trials import FILES, MODEL
from tests.platforms import PASSWORD, Platform

V1 = "/passerelle/v1"
GARAGE = {
    "partyId": "garage-martin",
    "name": "Garage Martin",
    "kind": "partner",
    "contacts": [{"name": "Jean Martin", "email": "jean@martin.example"}],
}


@pytest.fixture
def claims(platform: Platform) -> Platform:
    platform.expect("POST", f"{V1}/parties", GARAGE)
    platform.deploy(("claim.bpmn", MODEL))
    return platform


def _case_of(platform: Platform, started: dict[str, Any]) -> str:
    found = platform.expect("POST", f"{V1}/instances/search", {"filter": {"processInstanceKey": started["processInstanceKey"]}})
    return str(found["items"][0]["caseKey"])


@contextlib.contextmanager
def _stream(platform: Platform, case: str, last: str | None = None, user: str = "admin", base: str = "") -> Iterator[Iterator[Any]]:
    headers = {} if last is None else {"Last-Event-ID": last}
    with (
        httpx.Client(base_url=platform.url, auth=(user, PASSWORD), timeout=40, trust_env=False) as client,
        client.stream("GET", f"{base}{V1}/events", params={"case": case}, headers=headers) as answer,
    ):
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        yield _read(answer)


def _read(answer: httpx.Response) -> Iterator[tuple[str, str, Any]]:
    """(id, name, data) of each event."""
    event: dict[str, str] = {}
    for line in answer.iter_lines():
        if line:
            field, _, value = line.partition(": ")
            event[field] = value
        elif "data" in event:
            yield event["id"], event["event"], json.loads(event["data"])
            event = {}


def _complete_the_open_task(platform: Platform, **variables: Any) -> None:
    (task,) = platform.tasks(state="CREATED")
    assert platform.complete_task(task, variables).status_code == 204


# -- events -------------------------------------------------------------------------------------------------------


def test_two_who_watch_see_every_step_and_nothing_of_another_case(claims: Platform) -> None:
    other = _case_of(claims, claims.start("claim", plate="OTHER"))
    (task,) = claims.tasks(state="CREATED")
    claims.complete_task(task)
    (foreign,) = claims.tasks(state="CREATED")
    case = _case_of(claims, claims.start("claim", plate="AB-123-CD"))
    (mine,) = [one for one in claims.tasks(state="CREATED") if one["userTaskKey"] != foreign["userTaskKey"]]
    with _stream(claims, case) as one, _stream(claims, case) as two:
        first = [next(one), next(two)]
        claims.complete_task(foreign, {"hours": 3})
        claims.complete_task(mine)
        seen = [next(one), next(two)]

    assert {event for _, event, _ in first} == {"open"}
    for number, name, data in seen:
        assert (name, data["caseKey"]) == ("changed", case)
        assert number == f"{case}.{data['revision']}"
        assert data["commands"] == ["task completed"]
        assert {"check", "estimate"} <= set(data["elementIds"])
        assert "hours" not in json.dumps(data)
    assert other != case


def test_whoever_comes_again_with_the_last_number_has_missed_nothing(claims: Platform) -> None:
    case = _case_of(claims, claims.start("claim", plate="AB-123-CD"))
    with _stream(claims, case) as events:
        last, _, _ = next(events)
    _complete_the_open_task(claims)
    _complete_the_open_task(claims, hours=5)

    with _stream(claims, case, last) as events:
        number, _, data = next(events)
    assert data["commands"] == ["task completed", "task completed"]
    with _stream(claims, case, number) as events:
        job = claims.lease("book-repair")
        commands = next(events)[2]["commands"]
        later = threading.Timer(0.5, claims.complete, [job])
        later.start()
        began = time.monotonic()
        commands += next(events)[2]["commands"]
        later.join()
        assert commands == ["handoff accepted", "job completed"]
        assert time.monotonic() - began < 5


def test_nobody_watches_a_case_that_they_may_not_see(claims: Platform) -> None:
    case = _case_of(claims, claims.start("claim", plate="AB-123-CD"))
    path = f"{V1}/events?case={case}"

    assert claims.api("GET", path, user=None).status_code == 401
    assert claims.api("GET", path, user="member").status_code == 403
    assert claims.api("GET", f"{V1}/events?case=123", user="admin").status_code == 404
    assert claims.api("GET", f"{V1}/events?case=abc", user="admin").status_code == 400
    assert claims.api("GET", f"{V1}/events", user="admin").status_code == 400


@pytest.mark.alone
def test_a_hundred_who_watch_do_not_slow_down_the_others(claims: Platform) -> None:
    case = _case_of(claims, claims.start("claim", plate="AB-123-CD"))
    with contextlib.ExitStack() as open_streams:
        people = [f"operator-{number}" for number in range(5)]  # one person alone has fewer
        for name in people:
            claims.add_person(name, roles=["operator"])
        streams = [open_streams.enter_context(_stream(claims, case, user=name)) for name in people for _ in range(20)]
        for stream in streams:
            next(stream)
        times = []
        for _ in range(20):
            began = time.monotonic()
            claims.expect("POST", "/v2/process-definitions/search", {})
            times.append(time.monotonic() - began)
        _complete_the_open_task(claims)
        told = [next(stream)[1] for stream in streams]

    assert sorted(times)[len(times) // 2] < 0.25
    assert told == ["changed"] * 100


def test_one_person_watches_at_most_twenty_times_and_takes_nothing_from_the_others(claims: Platform) -> None:
    claims.add_person("otto", roles=["operator"])
    case = _case_of(claims, claims.start("claim", plate="AB-123-CD"))
    path = f"{V1}/events?case={case}"
    with contextlib.ExitStack() as open_streams:
        kept: list[Iterator[Any]] = []  # a reader that nobody holds any more closes its line
        client = open_streams.enter_context(httpx.Client(base_url=claims.url, auth=("otto", PASSWORD), timeout=40, trust_env=False))
        while len(kept) < 50:
            answer = open_streams.enter_context(client.stream("GET", path))
            if answer.status_code != 200:
                break
            kept.append(_read(answer))
            next(kept[-1])
        refused = answer.status_code, json.loads(answer.read())["title"]
        with _stream(claims, case) as other:
            next(other)
            _complete_the_open_task(claims)
            assert next(other)[1] == "changed"

    assert refused == (503, "RESOURCE_EXHAUSTED")
    assert 20 <= len(kept) <= 40  # of each of the server's processes


@pytest.mark.alone
def test_who_lost_the_role_hears_nothing_more(claims: Platform) -> None:
    claims.add_person("ines", roles=["operator"])
    case = _case_of(claims, claims.start("claim", plate="AB-123-CD"))
    with _stream(claims, case, user="ines") as events:
        next(events)
        with claims.engine.begin() as connection:  # the server believes what it read for a second
            connection.execute(update(Person).where(Person.username == "ines").values(roles=["member"]))
        since = time.monotonic()
        assert list(events) == []

    assert time.monotonic() - since < 15


@pytest.mark.alone
def test_a_stream_ends_soon_after_its_log_in_or_its_trial_even_where_nothing_happens(claims: Platform) -> None:
    claims.add_person("mona", roles=["modeller", "operator"])
    case = _case_of(claims, claims.start("claim", plate="AB-123-CD"))
    key = claims.expect("POST", f"{V1}/trials", {"files": FILES}, user="mona")["trialKey"]
    begin = {"processDefinitionId": "claim", "variables": {"plate": "X"}}
    tried = claims.expect("POST", f"{V1}/trials/{key}/cases", begin, user="mona")["caseKey"]
    with httpx.Client(base_url=claims.url, timeout=40, trust_env=False) as browser:
        browser.post("/login", data={"username": "mona", "password": PASSWORD, "_csrf": _token_in(browser.get("/login").text)})
        headers = {"X-CSRF-Token": browser.get("/workbench/session").json()["csrf"]}
        with (
            browser.stream("GET", f"{V1}/events", params={"case": case}, headers=headers) as answer,
            _stream(claims, tried, user="mona", base=f"/trials/{key}") as trial,
        ):
            events = _read(answer)
            next(events), next(trial)
            since = time.monotonic()
            assert browser.post("/logout", data={"_csrf": headers["X-CSRF-Token"]}).status_code == 303
            claims.expect("DELETE", f"{V1}/trials/{key}", user="mona")
            assert list(events) == list(trial) == []

    assert time.monotonic() - since < 15


def _token_in(page: str) -> str:
    found = re.search(r'name="_csrf" value="([0-9a-f]+)"', page)
    assert found
    return found[1]


def test_a_trial_is_watched_like_the_real_thing(claims: Platform) -> None:
    claims.add_person("mona", roles=["modeller"])
    key = claims.expect("POST", f"{V1}/trials", {"files": FILES}, user="mona")["trialKey"]
    case = claims.expect("POST", f"{V1}/trials/{key}/cases", {"processDefinitionId": "claim", "variables": {"plate": "X"}}, user="mona")[
        "caseKey"
    ]
    assert claims.api("GET", f"{V1}/events?case={case}").status_code == 404
    with _stream(claims, case, user="mona", base=f"/trials/{key}") as events:
        next(events)
        claims.expect("POST", f"{V1}/trials/{key}/clock", {"by": "P1D"}, user="mona")
        base = f"/trials/{key}/v2/user-tasks"
        (task,) = claims.expect("POST", f"{base}/search", {}, user="mona")["items"]
        claims.api("POST", f"{base}/{task['userTaskKey']}/completion", {}, user="mona")
        assert next(events)[2]["commands"] == ["task completed"]
    claims.api("DELETE", f"{V1}/trials/{key}", user="mona")


# -- live ---------------------------------------------------------------------------------------------------------


def test_an_incident_says_why_in_the_readers_language_and_to_programs_in_english(platform: Platform) -> None:
    """What the engine says; a worker's own words stay as they are."""
    call = '<callActivity id="do_call"><extensionElements><zeebe:calledElement processId="nowhere"/></extensionElements></callActivity>'
    boss = '<zeebe:assignmentDefinition assignee="=boss"/>'
    task = f'<userTask id="do_ask"><extensionElements><zeebe:userTask/>{boss}</extensionElements></userTask>'
    platform.deploy(
        ("call.bpmn", models.process("call", call)),
        ("ask.bpmn", models.process("ask", task)),
        ("work.bpmn", models.process("work", models.service_task("do_work", "dig", retries=1))),
        ("mute.bpmn", models.process("mute", models.service_task("do_mute", "hum", retries=1))),
        ("heard.bpmn", models.process("heard", models.service_task("do_heard", "sing", retries=1))),
    )
    cases = {
        name: _case_of(platform, platform.start(name, **more))
        for name, more in {
            "call": {},
            "ask": {"boss": [1, 2]},
            "work": {},
            "mute": {},
            "heard": {},
        }.items()
    }
    thrown, mute, heard = (platform.lease(kind)["jobKey"] for kind in ("dig", "hum", "sing"))
    platform.expect("POST", f"/v2/jobs/{thrown}/error", {"errorCode": "rock", "errorMessage": "Too hard."}, user="worker")
    platform.expect("POST", f"/v2/jobs/{mute}/failure", {"retries": 0}, user="worker")
    platform.expect("POST", f"/v2/jobs/{heard}/failure", {"retries": 0, "errorMessage": "Down."}, user="worker")

    def told(name: str, language: str) -> str:
        live = platform.expect("GET", f"{V1}/cases/{cases[name]}/live", headers={"Accept-Language": language})
        return str(live["incidents"][0]["errorMessage"]).replace("\u00a0", " ").replace("’", "'")

    assert {name: told(name, "fr") for name in cases} == {
        "call": "Le processus « nowhere », qui doit être appelé, n'est pas déployé.",
        "ask": "Un texte est attendu pour la personne chargée de la tâche (« boss »), et non une valeur de type liste.",
        "work": "Rien dans le modèle n'intercepte l'erreur « rock ». Too hard.",
        "mute": "Tous les essais ont échoué.",
        "heard": "Down.",
    }
    english = {
        "call": "Expected a deployed process 'nowhere' to call, found none.",
        "ask": "Expected a string for the assignee 'boss', found a list.",
        "work": "Expected somebody to catch error 'rock', found nobody. Too hard.",
        "mute": "No retries are left.",
        "heard": "Down.",
    }
    assert {name: told(name, "en") for name in cases} == english
    stored = platform.expect("POST", "/v2/incidents/search", {}, headers={"Accept-Language": "fr"})["items"]
    assert {one["elementId"].removeprefix("do_"): one["errorMessage"] for one in stored} == english


def test_a_case_as_it_stands(claims: Platform) -> None:
    case = _case_of(claims, claims.start("claim", plate="AB-123-CD"))
    _complete_the_open_task(claims)
    live = claims.expect("GET", f"{V1}/cases/{case}/live")

    tokens = {one["elementId"]: (one["active"], one["completed"]) for one in live["tokens"]}
    assert tokens == {"begin": (0, 1), "check": (0, 1), "estimate": (1, 0)}
    assert {(one["kind"], one["elementId"]) for one in live["waits"]} == {("task", "estimate"), ("timer", "late")}
    assert [(one["toPartyName"], one["state"], one["path"]) for one in live["handoffs"]] == [("Garage Martin", "OFFERED", ["out"])]
    assert (live["title"], live["incidents"], live["instances"][0]["state"]) == ("AB-123-CD", [], "ACTIVE")

    _complete_the_open_task(claims, hours=5)
    job = claims.lease("book-repair")
    claims.api("POST", f"/v2/jobs/{job['jobKey']}/failure", {"retries": 0, "errorMessage": "Down."}, user="worker")
    live = claims.expect("GET", f"{V1}/cases/{case}/live")
    assert [(one["elementId"], one["errorMessage"], one["jobKey"]) for one in live["incidents"]] == [("book", "Down.", job["jobKey"])]

    happened = claims.expect("GET", f"{V1}/cases/{case}/history")["items"]
    assert [one["command"] for one in happened][-2:] == ["task completed", "case started"]
    assert happened[0]["revision"] == live["revision"]
    assert happened[-1]["actorName"] == "Admin"


def test_a_modeller_sees_where_tokens_stand_but_no_values(claims: Platform) -> None:
    case = _case_of(claims, claims.start("claim", plate="AB-123-CD"))
    claims.add_person("mona", roles=["modeller"])
    live = claims.expect("GET", f"{V1}/cases/{case}/live", user="mona")

    assert (live["title"], live["startedBy"], len(live["tokens"])) == (None, None, 2)
    assert claims.api("GET", f"{V1}/cases/{case}/live", user="member").status_code == 403
    assert claims.api("GET", f"{V1}/cases/1/live").status_code == 404
    listed = claims.expect("POST", f"{V1}/instances/search", {}, user="mona")["items"]
    assert [one["title"] for one in listed] == [None]
    assert claims.expect("POST", f"{V1}/instances/search", {"filter": {"search": "ab-123"}}, user="mona")["items"] == []
    assert len(claims.expect("POST", f"{V1}/instances/search", {"filter": {"search": "ab-123"}})["items"]) == 1


# -- the cockpit's list -------------------------------------------------------------------------------------------


def test_counts_agree_with_the_lists(claims: Platform) -> None:
    other = MODEL.replace('id="claim"', 'id="other"').replace('processRef="claim"', 'processRef="other"').replace("Claim", "Other")
    claims.deploy(("other.bpmn", other))
    for number in range(3):
        claims.start("claim", plate=f"AB-{number}")
    for number in range(2):
        canceled = claims.start("other", plate=f"CD-{number}")
    claims.expect("POST", f"/v2/process-instances/{canceled['processInstanceKey']}/cancellation", {})
    claims.complete_task(claims.tasks(state="CREATED")[0])

    def listed(**filters: Any) -> int:
        return int(claims.expect("POST", f"{V1}/instances/search", {"filter": filters})["page"]["totalItems"])

    for chosen in ({}, {"state": "ACTIVE"}, {"processDefinitionId": "claim"}, {"search": "ab-"}, {"waitsForPartyKey": _garage(claims)}, {"isLate": False}):
        counts = claims.expect("POST", f"{V1}/instances/counts", {"filter": chosen})
        assert counts["total"] == listed(**chosen), chosen
        assert counts["withIncident"] == listed(**(chosen | {"hasIncident": True})), chosen
        assert counts["late"] == listed(**(chosen | {"isLate": True})), chosen
        for group, field in (("states", "state"), ("processes", "processDefinitionId"), ("parties", "waitsForPartyKey")):
            for one in counts[group]:
                assert one["count"] == listed(**(chosen | {field: one["key"]})) > 0, (chosen, group, one)
    counts = claims.expect("POST", f"{V1}/instances/counts", {})
    assert {one["key"]: one["count"] for one in counts["states"]} == {"ACTIVE": 4, "TERMINATED": 1}
    assert [(one["name"], one["count"]) for one in counts["parties"]] == [("Garage Martin", 1)]
    assert counts["late"] == 0
    claims.wait(days=3)
    assert claims.expect("POST", f"{V1}/instances/counts", {})["late"] == listed(isLate=True) == 1
    (handoff,) = claims.expect("POST", f"{V1}/handoffs/search", {"filter": {"clock": "LATE"}})["items"]
    assert listed(flowId=handoff["flowId"]) == listed(lateFlowId=handoff["flowId"], processDefinitionId=handoff["processDefinitionId"]) == 1
    assert listed(flowId="nowhere") == listed(lateFlowId=handoff["flowId"], state="TERMINATED") == 0


def _garage(platform: Platform) -> str:
    return str(platform.expect("POST", f"{V1}/parties/search", {"filter": {"partyId": "garage-martin"}})["items"][0]["partyKey"])


def test_the_list_says_whom_an_instance_waits_for_and_goes_on_by_cursor(claims: Platform) -> None:
    for number in range(5):
        claims.start("claim", plate=f"AB-{number}")
    claims.complete_task(claims.tasks(state="CREATED")[0])
    seen: list[str] = []
    page: dict[str, Any] = {"limit": 2}
    while True:
        found = claims.expect("POST", f"{V1}/instances/search", {"sort": [{"field": "startDate", "order": "DESC"}], "page": page})
        seen += [one["processInstanceKey"] for one in found["items"]]
        if len(found["items"]) < 2:
            break
        page = {"limit": 2, "after": found["page"]["endCursor"]}

    assert len(seen) == len(set(seen)) == 5
    waiting = claims.expect("POST", f"{V1}/instances/search", {"filter": {"waitsForPartyKey": _garage(claims)}})["items"]
    assert [one["waitsFor"][0]["partyName"] for one in waiting] == ["Garage Martin"]
    number = re.sub(r"\s", "", waiting[0]["caseNumber"])
    assert len(claims.expect("POST", f"{V1}/instances/search", {"filter": {"search": number}})["items"]) == 1


def test_a_job_type_without_a_program_is_told(claims: Platform) -> None:
    job_type = f"book-{uuid.uuid4().hex}"  # nobody has asked this server for it before
    claims.deploy(("claim.bpmn", MODEL.replace("book-repair", job_type)))
    claims.start("claim", plate="AB")
    _complete_the_open_task(claims)
    _complete_the_open_task(claims, hours=2)
    (found,) = claims.expect("GET", f"{V1}/job-types")["items"]
    assert (found["type"], found["open"], found["lastAskedAt"]) == (job_type, 1, None)
    job = claims.lease(job_type)
    assert claims.expect("GET", f"{V1}/job-types")["items"][0]["lastAskedAt"]
    claims.complete(job)
    assert claims.expect("GET", f"{V1}/job-types")["items"] == []


def test_the_list_is_sorted_by_number_title_age_and_the_party_that_is_waited_for(claims: Platform) -> None:
    for plate in ("CD-1", "AB-1", "EF-1"):
        claims.start("claim", plate=plate)
    waiting = claims.tasks(state="CREATED")[0]
    claims.complete_task(waiting)

    def titles(field: str, order: str = "ASC") -> list[str]:
        sort = [{"field": field, "order": order}]
        first = claims.expect("POST", f"{V1}/instances/search", {"sort": sort, "page": {"limit": 2}})
        rest = claims.expect("POST", f"{V1}/instances/search", {"sort": sort, "page": {"limit": 2, "after": first["page"]["endCursor"]}})
        return [one["title"] for one in (*first["items"], *rest["items"])]

    assert titles("title") == ["AB-1", "CD-1", "EF-1"]
    assert titles("title", "DESC") == ["EF-1", "CD-1", "AB-1"]
    assert titles("caseNumber", "DESC") == ["EF-1", "AB-1", "CD-1"]
    assert titles("startDate") == ["CD-1", "AB-1", "EF-1"]
    of_task = next(one for one in claims.expect("POST", f"{V1}/instances/search", {})["items"] if one["waitsFor"])["title"]
    assert titles("waitsFor")[0] == of_task
    assert titles("waitsFor", "DESC")[-1] == of_task
