"""Files over /v2, as Camunda 8 has it: handed in, named by a variable, got back; and out of reach of whoever was not given them."""

import base64
import os
from typing import Any

import httpx
import pytest

from engine import json_text
from tests import samples
from tests.api import models
from tests.platforms import Platform, Row


def hand_in(platform: Platform, content: bytes | None = None, name: str = "photo.jpg", *, user: str = "member", **about: Any) -> httpx.Response:
    parts: dict[str, Any] = {"file": (name, samples.jpeg(more=os.urandom(8)) if content is None else content, "application/octet-stream")}
    if about:
        parts["metadata"] = (None, json_text.dump_bytes(about), "application/json")
    return platform.api("POST", "/v2/documents", files=parts, user=user)


def get(platform: Platform, reference: Row, *, user: str = "member", with_hash: bool = True, **more: Any) -> httpx.Response:
    asked = {"storeId": "passerelle"} | ({"contentHash": reference["contentHash"]} if with_hash else {}) | more
    return platform.api("GET", f"/v2/documents/{reference['documentId']}", params=asked, user=user)


@pytest.fixture
def case(platform: Platform) -> Platform:
    platform.deploy(models.process("look", models.user_task("see", assignee="member")), models.process("work", models.service_task("scan", "scan")))
    return platform


def test_a_file_handed_in_answers_the_reference_that_camunda_clients_expect(platform: Platform) -> None:
    content = samples.pdf()
    answer = hand_in(platform, content, "estimate.exe", contentType="application/pdf", customProperties={"total": 12})
    reference = answer.json()

    assert answer.status_code == 201
    assert reference["camunda.document.type"] == "camunda"
    assert reference["storeId"] == "passerelle"
    about = reference["metadata"]
    assert (about["fileName"], about["contentType"], about["size"]) == ("estimate.pdf", "application/pdf", len(content))
    assert about["customProperties"] == {"total": 12}
    assert about["expiresAt"] is not None
    got = get(platform, reference)
    assert got.content == content
    assert got.headers["Content-Type"] == "application/pdf"
    assert got.headers["Content-Disposition"] == "attachment; filename=estimate.pdf"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize(
    ("content", "about", "field"),
    [
        (samples.HTML, {}, "file"),
        (b"", {}, "file"),
        (samples.zipped(), {"contentType": "application/pdf"}, "file"),
        (samples.png(60_000, 60_000), {}, "file"),
        (samples.jpeg(), {"contentType": "text/html"}, "metadata.contentType"),
        (samples.jpeg(), {"size": 1}, "metadata.size"),
        (samples.jpeg(), {"unknown": 1}, "unknown"),
        (samples.jpeg(), {"fileName": 5}, "fileName"),
    ],
    ids=["page", "empty", "archive", "bomb", "claimed", "size", "unknown", "type"],
)
def test_what_is_not_what_it_says_is_refused_with_the_field(platform: Platform, content: bytes, about: Row, field: str) -> None:
    answer = hand_in(platform, content, **about)

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [field]


def test_too_large_a_request_is_refused(platform: Platform) -> None:
    assert hand_in(platform, samples.jpeg(more=bytes(16 << 20))).status_code == 413
    assert list(hand_in(platform, samples.jpeg(more=bytes(15 << 20))).json()["errors"]) == ["file"]


@pytest.mark.parametrize("parts", [{}, {"files": ("a.jpg", samples.jpeg())}, {"file": ("a.jpg", samples.jpeg()), "other": ("b.jpg", b"x")}])
def test_other_parts_are_refused(platform: Platform, parts: Row) -> None:
    answer = platform.api("POST", "/v2/documents", files=parts or {"metadata": (None, b"{", "application/json")}, user="member")

    assert answer.status_code == 400


def test_the_same_key_hands_in_once(platform: Platform) -> None:
    files = {"file": ("a.jpg", samples.jpeg())}
    request = platform._http.build_request("POST", "/v2/documents", files=files, headers={"Idempotency-Key": "one"})
    body, headers = request.read(), {"Idempotency-Key": "one", "Content-Type": request.headers["Content-Type"]}
    answers = [platform.api("POST", "/v2/documents", content=body, headers=headers, user="member") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()


def test_a_pending_file_is_its_uploaders_alone_and_can_be_removed(platform: Platform) -> None:
    reference = hand_in(platform).json()

    for other in ("admin", "operator", "worker"):
        assert get(platform, reference, user=other).status_code == 404
        assert platform.api("DELETE", f"/v2/documents/{reference['documentId']}", user=other).status_code == 404
    assert platform.api("DELETE", f"/v2/documents/{reference['documentId']}", user="member").status_code == 204
    assert get(platform, reference).status_code == 404


def test_a_variable_that_names_it_makes_it_part_of_the_case(case: Platform) -> None:
    reference = hand_in(case, user="operator").json()
    case.start("look", user="operator", photos=[reference])

    assert get(case, reference, user="member").status_code == 200
    assert get(case, reference, user="member", with_hash=False).status_code == 200
    case.add_person("other", roles=["member"])
    assert get(case, reference, user="other").status_code == 404
    refused = case.api("DELETE", f"/v2/documents/{reference['documentId']}", user="operator")
    assert refused.status_code == 409
    assert get(case, reference, user="operator").status_code == 200


def test_a_worker_gets_a_file_by_the_hash_that_its_job_shows_and_hands_in_another(case: Platform) -> None:
    reference = hand_in(case, user="operator").json()
    case.start("work", user="operator", photo=reference)
    job = case.lease("scan")
    given = job["variables"]["photo"]

    assert get(case, given, user="worker").status_code == 200
    assert get(case, given, user="worker", with_hash=False).status_code == 404
    assert get(case, given, user="worker", contentHash="0" * 64).status_code == 404
    result = hand_in(case, samples.pdf(), "result.pdf", user="worker").json()
    assert case.complete(job, {"result": result, "again": given}).status_code == 204
    assert get(case, result, user="operator").status_code == 200


def test_a_reference_that_somebody_typed_opens_nothing(case: Platform) -> None:
    reference = hand_in(case, user="operator").json()
    case.start("look", user="operator", photos=[])
    case.start("look", user="operator", photos=[reference])
    case.add_person("other", roles=["member"])
    case.start("look", user="other")
    mine, theirs = case.tasks(state="CREATED")[0], case.tasks(state="CREATED")[-1]
    forged = hand_in(case, user="member").json() | {"documentId": reference["documentId"]}

    for value in (reference, [forged], {"deep": reference}):
        refused = case.complete_task(mine, {"fine": 1, "typed": value}, user="member")
        assert refused.status_code == 400
        assert list(refused.json()["errors"]) == ["typed"]
        assert case.api("POST", "/v2/process-instances", {"processDefinitionId": "look", "variables": {"typed": value}}, user="other").status_code == 400
        key = theirs["processInstanceKey"]
        written = case.api("PUT", f"/v2/element-instances/{key}/variables", {"variables": {"typed": value}})
        assert written.status_code == 400
    assert {task["state"] for task in case.tasks()} == {"CREATED"}
    assert get(case, reference, user="other").status_code == 404


def test_a_file_sent_with_a_message_belongs_to_the_case_that_it_starts(case: Platform) -> None:
    started = '<messageEventDefinition messageRef="m"/>'
    model = models.process("heard", models.user_task("see", assignee="member"), start=started, roots='<message id="m" name="hello"/>')
    case.deploy(model)
    reference = hand_in(case, user="worker").json()
    body = {"name": "hello", "correlationKey": "", "variables": {"photo": reference}}
    case.expect("POST", "/v2/messages/publication", body, user="worker")

    assert get(case, reference, user="member").status_code == 200


def test_no_link_opens_a_document_for_anybody(platform: Platform) -> None:
    reference = hand_in(platform).json()
    answer = platform.api("POST", f"/v2/documents/{reference['documentId']}/links", {"timeToLive": 1000}, user="member")

    assert answer.status_code == 400
    assert "link" not in answer.json()


@pytest.mark.parametrize("key", ["0", "-1", "x", "9" * 25, "%00", "1%2f2", "１"])
def test_what_is_no_document_is_not_there(platform: Platform, key: str) -> None:
    assert platform.api("GET", f"/v2/documents/{key}", user="admin").status_code in (404,)


def test_cookies_of_the_portal_open_no_document_here(platform: Platform) -> None:
    reference = hand_in(platform).json()

    assert platform.api("GET", f"/v2/documents/{reference['documentId']}", user=None).status_code == 401
    basic = base64.b64encode(b"member:wrong").decode()
    headers = {"Authorization": f"Basic {basic}"}
    assert platform.api("GET", f"/v2/documents/{reference['documentId']}", user=None, headers=headers).status_code == 401
