"""Between a trial and everything real stands a wall: no figure, no mail, no message and no key gets through it, either way."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests import samples
from tests.api import models
from tests.api.servers import serving
from tests.api.trials import MODEL
from tests.mailboxes import Mailbox
from tests.platforms import Platform

V1 = "/passerelle/v1"
WAITING = models.process(
    "waiting", models.receive_task("wait", "paid"), models.service_task("book", "book"), roots=models.message("paid", "paid", "number")
)
BY_SIGNAL = models.signal_start("alarm", "alarmed", models.user_task("look"))


@pytest.fixture
def trial(platform: Platform) -> Iterator[str]:
    """Both worlds have the same models; mona may look at both."""
    platform.add_person("mona", roles=["modeller", "operator"])
    files = [("claim.bpmn", MODEL), ("waiting.bpmn", WAITING), ("alarm.bpmn", BY_SIGNAL)]
    party = {"partyId": "garage-martin", "name": "Garage Martin", "kind": "partner", "contacts": [{"name": "Jean", "email": "jean@martin.example"}]}
    platform.expect("POST", f"{V1}/parties", party)
    platform.deploy(*files)
    body = {"files": [{"name": name, "content": content} for name, content in files]}
    key = platform.expect("POST", f"{V1}/trials", body, user="mona")["trialKey"]
    yield key
    platform.api("DELETE", f"{V1}/trials/{key}", user="mona")


def _in(platform: Platform, trial: str, method: str, path: str, body: Any = None) -> Any:
    return platform.expect(method, f"/trials/{trial}{path}", body, user="mona")


def _begin(platform: Platform, trial: str, process: str, **variables: Any) -> dict[str, Any]:
    wanted = {"processDefinitionId": process, "variables": variables}
    begun: dict[str, Any] = platform.expect("POST", f"{V1}/trials/{trial}/cases", wanted, user="mona")
    return begun


def test_no_count_overview_figure_or_job_type_counts_a_trial(platform: Platform, trial: str) -> None:
    real = platform.start("claim", plate="REAL-1")
    _begin(platform, trial, "claim", plate="TRIED-1")
    late = _begin(platform, trial, "claim", plate="TRIED-2")
    for task in _in(platform, trial, "POST", "/v2/user-tasks/search", {"filter": {"state": "CREATED"}})["items"]:
        _in(platform, trial, "POST", f"/v2/user-tasks/{task['userTaskKey']}/completion", {"variables": {}})
    platform.expect("POST", f"{V1}/trials/{trial}/clock", {"by": "P20D"}, user="mona")
    _begin(platform, trial, "waiting", number="1")
    _in(platform, trial, "POST", "/v2/messages/publication", {"name": "paid", "correlationKey": "1"})
    assert len(_in(platform, trial, "POST", "/v2/jobs/search", {})["items"]) == 1

    counts = platform.expect("POST", f"{V1}/instances/counts", {})
    assert (counts["total"], counts["parties"], [one["key"] for one in counts["processes"]]) == (1, [], ["claim"])
    overview = {one["processDefinitionId"]: one for one in platform.expect("GET", f"{V1}/processes")["items"]}
    assert {name: (one["running"], one["lateHandoffs"]) for name, one in overview.items()} == {
        "claim": (1, 0),
        "waiting": (0, 0),
        "alarmed": (0, 0),
    }
    figures = platform.expect("POST", f"{V1}/insights/handoffs", {})
    assert "garage" not in str(figures).lower()
    assert platform.expect("GET", f"{V1}/job-types")["items"] == []
    found = platform.expect("POST", f"{V1}/instances/search", {"filter": {"search": "TRIED"}})
    assert (found["items"], found["page"]["totalItems"]) == ([], 0)
    assert [one["processInstanceKey"] for one in platform.expect("POST", "/v2/process-instances/search", {})["items"]] == [
        real["processInstanceKey"]
    ]
    for path in (f"{V1}/cases/{late['caseKey']}/live", f"{V1}/cases/{late['caseKey']}/history", f"{V1}/events?case={late['caseKey']}"):
        assert platform.api("GET", path).status_code == 404, path


def test_a_trial_reaches_no_real_case_by_its_keys(platform: Platform, trial: str) -> None:
    started = platform.start("claim", plate="REAL-1")
    instance = started["processInstanceKey"]
    (task,) = platform.tasks(state="CREATED")
    case = platform.expect("POST", f"{V1}/instances/search", {})["items"][0]["caseKey"]
    reading = [f"/v2/process-instances/{instance}", f"/v2/user-tasks/{task['userTaskKey']}", f"{V1}/cases/{case}", f"{V1}/cases/{case}/live"]
    writing = [
        ("POST", f"/v2/process-instances/{instance}/cancellation", {}),
        ("POST", f"/v2/user-tasks/{task['userTaskKey']}/completion", {"variables": {}}),
        ("PUT", f"/v2/element-instances/{instance}/variables", {"variables": {"plate": "STOLEN"}}),
        ("PUT", f"{V1}/cases/{case}/roles/garage", {"name": "Eve", "email": "eve@example.com"}),
    ]

    for path in (*reading, f"{V1}/events?case={case}"):
        assert platform.api("GET", f"/trials/{trial}{path}", user="mona").status_code == 404, path
    for method, path, body in writing:
        assert platform.api(method, f"/trials/{trial}{path}", body, user="mona").status_code == 404, path
    for kept in ("scenario", "scenario/export"):
        assert platform.api("POST", f"{V1}/trials/{trial}/{kept}", {"caseKey": case, "name": "Real"}, user="mona").status_code == 404
    assert _in(platform, trial, "POST", f"{V1}/instances/search", {})["items"] == []
    assert (platform.instance(started)["state"], platform.variables(started)["plate"]) == ("ACTIVE", "REAL-1")


def test_a_real_file_is_not_there_in_a_trial(platform: Platform, trial: str) -> None:
    sent = platform.expect("POST", "/v2/documents", files={"file": ("front.jpg", samples.jpeg(), "image/jpeg")})
    path = f"/v2/documents/{sent['documentId']}"
    assert platform.api("GET", f"{path}?contentHash={sent['contentHash']}").status_code == 200

    assert platform.api("GET", f"/trials/{trial}{path}?contentHash={sent['contentHash']}", user="mona").status_code == 404
    begun = platform.api("POST", f"{V1}/trials/{trial}/cases", {"processDefinitionId": "claim", "variables": {"photo": sent}}, user="mona")
    assert begun.status_code in (400, 404), begun.text
    assert _in(platform, trial, "POST", "/v2/process-instances/search", {})["items"] == []


def test_messages_signals_and_work_stay_on_their_side(platform: Platform, trial: str) -> None:
    real = platform.start("waiting", number="1")
    _begin(platform, trial, "waiting", number="1")
    _in(platform, trial, "POST", "/v2/messages/publication", {"name": "paid", "correlationKey": "1", "timeToLive": 60_000})
    _in(platform, trial, "POST", "/v2/signals/broadcast", {"signalName": "alarm"})
    assert len(_in(platform, trial, "POST", "/v2/jobs/search", {})["items"]) == 1
    assert len(_in(platform, trial, "POST", "/v2/process-instances/search", {"filter": {"processDefinitionId": "alarmed"}})["items"]) == 1
    assert platform.leases("book") == []
    assert platform.expect("POST", "/v2/process-instances/search", {"filter": {"processDefinitionId": "alarmed"}})["items"] == []
    assert platform.expect("POST", "/v2/jobs/search", {})["items"] == []

    # and the other way round
    platform.expect("POST", "/v2/messages/publication", {"name": "paid", "correlationKey": "1"})
    platform.expect("POST", "/v2/signals/broadcast", {"signalName": "alarm"})
    asked = {"type": "book", "worker": "tried", "timeout": 60_000, "maxJobsToActivate": 10, "requestTimeout": -1}
    taken = _in(platform, trial, "POST", "/v2/jobs/activation", asked)["jobs"]
    assert len(taken) == 1
    assert len(_in(platform, trial, "POST", "/v2/process-instances/search", {"filter": {"processDefinitionId": "alarmed"}})["items"]) == 1
    job = platform.lease("book")
    assert job["processInstanceKey"] == real["processInstanceKey"]


def test_a_trial_sends_no_mail_where_mail_is_set_up(database_kind: str, tmp_path: Path) -> None:
    mailbox = Mailbox()
    mailbox.start()
    try:
        with serving(database_kind, tmp_path, smtp_url=mailbox.url, mail_from="Claims <claims@pont.example>") as platform:
            platform.add_person("mona", roles=["modeller"])
            key = platform.expect("POST", f"{V1}/trials", {"files": [{"name": "claim.bpmn", "content": MODEL}]}, user="mona")["trialKey"]
            _begin(platform, key, "claim", plate="TRIED-1")
            (task,) = _in(platform, key, "POST", "/v2/user-tasks/search", {})["items"]
            _in(platform, key, "POST", f"/v2/user-tasks/{task['userTaskKey']}/completion", {"variables": {}})
            platform.expect("POST", f"{V1}/trials/{key}/clock", {"by": "P20D"}, user="mona")
            tried = platform.expect("GET", f"{V1}/trials/{key}", user="mona")["mails"]
            assert len(tried) >= 2  # the invitation, and that it is late

            # a real mail does leave, so the postman was there all the time
            party = {"partyId": "garage-martin", "name": "Garage Martin", "kind": "partner"}
            platform.expect("POST", f"{V1}/parties", party | {"contacts": [{"name": "Jean", "email": "jean@martin.example"}]})
            platform.deploy(("claim.bpmn", MODEL))
            platform.start("claim", plate="REAL-1")
            platform.complete_task(platform.tasks(state="CREATED")[0])
            until = time.monotonic() + 20
            while not mailbox.mails and time.monotonic() < until:
                time.sleep(0.05)
            assert [mail["To"] for mail in mailbox.mails] == ["Jean <jean@martin.example>"]
            assert "TRIED-1" not in str(mailbox.mails[0])
    finally:
        mailbox.stop()
