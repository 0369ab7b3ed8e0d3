"""What nobody should send: answered by a problem that says what was expected, never by 500, and nothing has changed."""

import http.client
import json
import random
import socket
import time
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.api import models
from tests.platforms import Platform, Row

JOB = models.process("ordering", models.service_task("ship", "ship"))
LONG = "".join(random.Random(5).choices("abcdefghijklmnopqrstuvwxyz", k=9_000))  # nothing that an index can make shorter
TASK = models.process("asking", models.user_task("look"))


def expect_problem(answer: Any, status: int) -> Row:
    problem: Row = json.loads(answer.content)
    assert answer.status_code == status, answer.text[:300]
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert problem.keys() >= {"type", "title", "status", "detail", "instance"}
    assert problem["status"] == status and problem["detail"] and problem["title"]
    return problem


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("process-instances", {}, "processDefinitionId"),
        ("process-instances", {"processDefinitionId": "a", "processDefinitionKey": "1"}, "processDefinitionId"),
        ("process-instances", {"processDefinitionId": 1}, "processDefinitionId"),
        ("process-instances", {"processDefinitionId": "a\x00"}, "processDefinitionId"),
        ("process-instances", {"processDefinitionId": ""}, "processDefinitionId"),
        ("process-instances", {"processDefinitionKey": 5}, "processDefinitionKey"),
        ("process-instances", {"processDefinitionId": "ordering", "processDefinitionVersion": "1"}, "processDefinitionVersion"),
        ("process-instances", {"processDefinitionId": "ordering", "processDefinitionVersion": 2**70}, "processDefinitionVersion"),
        ("process-instances", {"processDefinitionId": "ordering", "processDefinitionVersion": True}, "processDefinitionVersion"),
        ("process-instances", {"processDefinitionId": "ordering", "variables": [1]}, "variables"),
        ("process-instances", {"processDefinitionId": "ordering", "variables": "x"}, "variables"),
        ("process-instances", {"processDefinitionId": "ordering", "tenantId": "other"}, "tenantId"),
        ("process-instances", {"processDefinitionId": "ordering", "tags": "vip"}, "tags"),
        ("process-instances", {"processDefinitionId": "ordering", "awaitCompletion": "no"}, "awaitCompletion"),
        ("process-instances", {"processDefinitionId": "ordering", "awaitCompletion": True}, "awaitCompletion"),
        ("process-instances", {"processDefinitionId": "ordering", "startInstructions": [{"elementId": "ship"}]}, "startInstructions"),
        ("process-instances", {"processDefinitionId": "ordering", "bogus": 1}, "bogus"),
        ("jobs/activation", {"timeout": 1, "maxJobsToActivate": 1}, "type"),
        ("jobs/activation", {"type": "ship", "timeout": 0, "maxJobsToActivate": 1}, "timeout"),
        ("jobs/activation", {"type": "ship", "timeout": 1, "maxJobsToActivate": 0}, "maxJobsToActivate"),
        ("jobs/activation", {"type": "ship", "timeout": 1, "maxJobsToActivate": 1, "fetchVariable": "a"}, "fetchVariable"),
        ("jobs/activation", {"type": "ship", "timeout": 2**70, "maxJobsToActivate": 1}, "timeout"),
        ("jobs/activation", {"type": "sh\x00ip", "timeout": 1, "maxJobsToActivate": 1}, "type"),
        ("jobs/activation", {"type": "ship", "timeout": 1, "maxJobsToActivate": 1, "tenantIds": ["other"]}, "tenantIds.0"),
        ("jobs/1/failure", {"retries": -1}, "retries"),
        ("jobs/1/failure", {"errorMessage": 5}, "errorMessage"),
        ("jobs/1/error", {}, "errorCode"),
        ("jobs/1/completion", {"variables": {"a": 1}, "jobLease": "x"}, "jobLease"),
        ("messages/publication", {"correlationKey": "1"}, "name"),
        ("messages/publication", {"name": "paid", "timeToLive": -1}, "timeToLive"),
        ("messages/publication", {"name": "paid", "correlationKey": 7}, "correlationKey"),
        ("signals/broadcast", {}, "signalName"),
        ("user-tasks/1/assignment", {"assignee": ""}, "assignee"),
        ("user-tasks/1/assignment", {"assignee": LONG}, "assignee"),
        ("messages/publication", {"name": LONG}, "name"),
        ("messages/publication", {"name": "paid", "correlationKey": LONG}, "correlationKey"),
        ("messages/publication", {"name": "paid", "messageId": LONG}, "messageId"),
        ("messages/correlation", {"name": "paid", "correlationKey": LONG}, "correlationKey"),
    ],
)
def test_a_wrong_field_is_named(platform: Platform, path: str, body: Row, field: str) -> None:
    problem = expect_problem(platform.api("POST", f"/v2/{path}", body), 400)

    assert field in problem["errors"] and field in problem["detail"]


@pytest.mark.parametrize("key", ["abc", "1.5", "9" * 30, "1%00", "١٢", "--1", "%F0%9F%98%80"])
def test_a_wrong_key_in_the_path_is_told(platform: Platform, key: str) -> None:
    for path in ("process-instances", "process-definitions", "user-tasks", "incidents", "variables", "element-instances"):
        expect_problem(platform.api("GET", f"/v2/{path}/{key}"), 400)


@pytest.mark.parametrize("key", ["1", "-1", "9" * 25, str(2**63 - 1), str(2**63)])
def test_a_key_of_nothing_is_not_found(platform: Platform, key: str) -> None:
    for path in ("process-instances", "process-definitions", "user-tasks", "incidents", "variables", "element-instances"):
        expect_problem(platform.api("GET", f"/v2/{path}/{key}"), 404)
    for path in (
        "jobs/{}/completion",
        "jobs/{}/failure",
        "user-tasks/{}/completion",
        "process-instances/{}/cancellation",
        "incidents/{}/resolution",
    ):
        expect_problem(platform.api("POST", f"/v2/{path.format(key)}", {}), 404)


def test_a_foreign_key_is_not_found_where_it_does_not_belong(platform: Platform) -> None:
    platform.deploy(TASK)
    started = platform.start("asking")
    task = platform.tasks()[0]

    expect_problem(platform.api("POST", f"/v2/jobs/{task['userTaskKey']}/completion", {}), 404)
    expect_problem(platform.api("POST", f"/v2/user-tasks/{started['processInstanceKey']}/completion", {}), 404)
    expect_problem(platform.api("GET", f"/v2/process-instances/{task['userTaskKey']}"), 404)
    assert platform.tasks() == [task]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'"text"',
        b"nothing",
        b"{'a': 1}",
        b'{"processDefinitionId": NaN}',
        b'{"processDefinitionId": "\xff\xfe"}',
        b'{"processDefinitionId": "\xed\xa0\x80"}',
        b"\x00",
        '{"processDefinitionId": "ordering"}'.encode("utf-16"),
        b'{"processDefinitionId": "a"} {"b": 1}',
        b'{"processDefinitionId": "ordering", "variables": {"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
        b'{"processDefinitionId": "ordering", "variables": ' + b'{"a":' * 5_000 + b"1" + b"}" * 5_000 + b"}",
        b'{"processDefinitionId": "ordering", "variables": {"a": ' + b"[" * 300 + b"]" * 300 + b"}}",
        b"[" * 1_000_000,
        b'{"processDefinitionId": "ordering", "variables": {"a": 1e999999999}}',
        b'{"processDefinitionId": "ordering", "variables": {"a": ' + b"9" * 5_000 + b"}}",
    ],
    ids=lambda body: repr(body[:30]),
)
def test_a_body_that_is_no_proper_json_is_400_and_starts_nothing(platform: Platform, body: bytes) -> None:
    platform.deploy(JOB)

    answer = platform.api("POST", "/v2/process-instances", content=body, headers={"Content-Type": "application/json"})

    if answer.status_code == 200:  # a number may be as large as it likes, as long as it comes back
        assert body.rstrip(b"}").endswith((b"9" * 5_000, b"1e999999999"))
        return
    expect_problem(answer, 400)
    assert platform.expect("POST", "/v2/process-instances/search")["items"] == []


def test_a_nesting_that_is_deep_but_not_too_deep_comes_back(platform: Platform) -> None:
    platform.deploy(JOB)
    deep: Any = 1
    for _ in range(100):
        deep = [deep]

    assert platform.variables(platform.start("ordering", deep=deep)) == {"deep": deep}


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "application/xml"])
def test_another_content_type_than_json_is_415(platform: Platform, content_type: str) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    body = b'{"processDefinitionId": "ordering"}'

    expect_problem(platform.api("POST", "/v2/process-instances", content=body, headers=headers), 415)


def test_json_with_a_charset_is_json(platform: Platform) -> None:
    headers = {"Content-Type": "application/json; charset=utf-8"}

    assert platform.api("POST", "/v2/user-tasks/search", content=b"{}", headers=headers).status_code == 200


def test_an_unknown_path_and_a_wrong_method_are_problems_too(platform: Platform) -> None:
    expect_problem(platform.api("GET", "/v2/nothing"), 404)
    expect_problem(platform.api("GET", "/v2/user-tasks/search/1/2"), 404)
    expect_problem(platform.api("PUT", "/v2/process-instances"), 405)
    expect_problem(platform.api("GET", "/v2/jobs/activation"), 405)


def test_a_variable_of_ten_megabytes_is_refused_and_changes_nothing(platform: Platform) -> None:
    platform.deploy(TASK)
    platform.start("asking")
    task = platform.tasks()[0]

    answer = platform.complete_task(task, {"much": "x" * (10 << 20)})

    assert answer.status_code in (400, 413)
    expect_problem(answer, answer.status_code)
    assert platform.tasks() == [task]


@pytest.mark.parametrize(
    ("name", "status"), [("a\x00b", 400), ("", 400), ("x" * 10_000, 400), ("ünï cödé", 204)], ids=["NUL", "empty", "long", "unicode"]
)
def test_names_of_variables_are_checked(platform: Platform, name: str, status: int) -> None:
    platform.deploy(TASK)
    platform.start("asking")
    task = platform.tasks()[0]

    answer = platform.complete_task(task, {name: 1})

    assert answer.status_code == status, answer.text
    assert (platform.tasks()[0]["state"] == "COMPLETED") == (status == 204)


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ({"files": [("resources", ("a.bpmn", b"<broken", "text/xml"))]}, 400),
        ({"files": [("resources", ("a.bpmn", b"", "text/xml"))]}, 400),
        ({"files": [("resources", ("a.bpmn", bytes(range(256)), "text/xml"))]}, 400),
        ({"files": [("resources", ("a.exe", b"MZ", "text/xml"))]}, 400),
        ({"files": [("resources", ("a.form", b"{", "application/json"))]}, 400),
        ({"files": [("resources", ("a.form", b"[1]", "application/json"))]}, 400),
        ({"files": [("resources", ("../" * 100 + "a.bpmn", b"<a/>", "text/xml"))]}, 400),
        ({"files": [("other", ("a.bpmn", JOB.encode(), "text/xml"))]}, 400),
        ({"files": [("resources", ("a.bpmn", JOB.encode(), "text/xml"))], "data": {"tenantId": "other"}}, 400),
        ({"files": [("resources", ("a.bpmn", JOB.encode(), "text/xml"))], "data": {"colour": "red"}}, 400),
        ({"content": b"--x\r\nno end", "headers": {"Content-Type": "multipart/form-data; boundary=x"}}, 400),
        ({"content": b"anything", "headers": {"Content-Type": "multipart/form-data"}}, 400),
        ({"content": b"", "headers": {"Content-Type": "multipart/form-data; boundary=x"}}, 400),
        ({"content": b"{}", "headers": {"Content-Type": "application/json"}}, 415),
        ({"content": JOB.encode(), "headers": {"Content-Type": "text/xml"}}, 415),
    ],
)
def test_a_bad_upload_deploys_nothing(platform: Platform, parts: Row, status: int) -> None:
    expect_problem(platform.api("POST", "/v2/deployments", **parts), status)

    assert platform.expect("POST", "/v2/process-definitions/search")["items"] == []


def test_fifty_megabytes_are_refused_before_they_are_read(platform: Platform) -> None:
    # without sending them: a server that wanted to read first would wait for the bytes
    address = urlsplit(platform.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
    try:
        connection.putrequest("POST", "/v2/deployments")
        connection.putheader("Content-Type", "multipart/form-data; boundary=x")
        connection.putheader("Content-Length", str(50 << 20))
        connection.putheader("Authorization", "Basic YWRtaW46Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5")
        connection.endheaders()
        answer = connection.getresponse()

        assert answer.status == 413
        assert json.loads(answer.read())["status"] == 413
    finally:
        connection.close()


@pytest.mark.parametrize("timestamp", [-1, 2**70, "tomorrow", None, 1.5, True, []])
def test_the_clock_takes_only_times(platform: Platform, timestamp: Any) -> None:
    problem = expect_problem(platform.api("PUT", "/v2/clock", {"timestamp": timestamp}), 400)

    assert "timestamp" in problem["errors"]


def test_query_parameters_are_checked(platform: Platform) -> None:
    problem = expect_problem(platform.api("POST", "/v2/variables/search?truncateValues=maybe"), 400)

    assert "truncateValues" in problem["errors"]


@pytest.mark.parametrize("key", ["", "x" * 256, "a\tb"])
def test_an_idempotency_key_of_another_shape_is_refused_and_nothing_is_done(platform: Platform, key: str) -> None:
    platform.deploy(JOB)

    expect_problem(
        platform.api("POST", "/v2/process-instances", {"processDefinitionId": "ordering"}, headers={"Idempotency-Key": key}), 400
    )
    assert platform.expect("POST", "/v2/process-instances/search")["items"] == []


_WHOLE = models.process(
    "naming",
    models.user_task(
        "look",
        assignee="=who",
        more='<zeebe:priorityDefinition priority="=urgency"/>',
    ),
)
_KEYED = models.process("keyed", models.receive_task("wait", "m"), roots=models.message("m", "paid", "key"))
_TYPED = models.process("typed", models.service_task("ship", "=kind"))
_TITLED = models.process("titled", models.user_task("look"), start="").replace(
    'isExecutable="true">',
    'isExecutable="true"><extensionElements><handoff:case xmlns:handoff="urn:passerelle:handoff:1.0" title="=words"/></extensionElements>',
)


@pytest.mark.parametrize(
    ("model", "process_id", "variables"),
    [
        (_WHOLE, "naming", {"who": "a\x00b", "urgency": 50}),
        (_WHOLE, "naming", {"who": LONG, "urgency": 50}),
        (_WHOLE, "naming", {"who": "anna", "urgency": 2**70}),
        (_KEYED, "keyed", {"key": "a\x00b"}),
        (_KEYED, "keyed", {"key": LONG}),
        (_TYPED, "typed", {"kind": "a\x00b"}),
        (_TYPED, "typed", {"kind": LONG}),
    ],
)
def test_a_value_that_cannot_be_a_name_stops_at_its_element_with_an_incident(
    platform: Platform, model: str, process_id: str, variables: Row
) -> None:
    platform.deploy(model)

    key = platform.start(process_id, **variables)["processInstanceKey"]

    found = platform.expect("POST", "/v2/incidents/search", {"filter": {"processInstanceKey": key}})["items"]
    assert [incident["errorType"] for incident in found] == ["EXTRACT_VALUE_ERROR"]
    assert len(found[0]["errorMessage"]) < 300


def test_a_title_with_nul_is_shown_without_it(platform: Platform) -> None:
    platform.deploy(_TITLED)

    instance = platform.start("titled", words="a\x00b")

    assert platform.instance(instance)["state"] == "ACTIVE"


@pytest.mark.parametrize(
    "model",
    [
        models.process(LONG, models.user_task("look")),
        models.process("kept", models.service_task("ship", LONG)),
        models.process("kept", models.receive_task("wait", "m"), roots=models.message("m", LONG, "key")),
        models.process("kept", models.script_task("sum", "1", LONG)),
    ],
)
def test_a_model_with_a_name_that_cannot_be_kept_is_refused_with_the_element(platform: Platform, model: str) -> None:
    problem = expect_problem(platform.api("POST", "/v2/deployments", files={"resources": ("a.bpmn", model.encode())}), 400)

    assert "Expected at most 800 bytes" in problem["detail"] and len(problem["detail"]) < 25_000


@pytest.mark.parametrize(
    ("path", "megabytes", "status"), [("/v2/process-instances", 1, 401), ("/v2/nothing", 3, 405), ("/v2/process-instances", 40, 401)]
)
def test_a_refused_request_leaves_its_connection_to_the_next_one(platform: Platform, path: str, megabytes: int, status: int) -> None:
    connection = http.client.HTTPConnection(urlsplit(platform.url).netloc, timeout=30)
    connection.request("POST", path, b"x" * (megabytes << 20), {"Content-Type": "application/json"})
    refused = connection.getresponse()
    refused.read()
    connection.request("GET", "/health/live")
    following = connection.getresponse()

    assert (refused.status, refused.will_close, following.status) == (status, False, 200)


def test_where_too_much_is_sent_the_answer_says_that_the_connection_closes(platform: Platform) -> None:
    with socket.create_connection((urlsplit(platform.url).hostname, urlsplit(platform.url).port), timeout=30) as connection:
        connection.sendall(b"POST /v2/process-instances HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999\r\n\r\n{")  # the rest never comes
        began = time.monotonic()
        answer = connection.recv(4096)

    assert answer.startswith(b"HTTP/1.1 401") and b"connection: close" in answer.lower()
    assert time.monotonic() - began < 15


@pytest.mark.parametrize(
    "sent",
    [r'{"\ud83d": 1}', r'{"filter": {"\ud800": "x"}}', r'{"filter": {"state": "\udfff"}}', r'{"sort": [{"field": "\ud800"}]}'],
)
def test_half_a_character_is_refused_in_words_that_can_be_sent(platform: Platform, sent: str) -> None:
    answer = platform.api("POST", "/v2/user-tasks/search", content=sent.encode(), headers={"Content-Type": "application/json"})

    expect_problem(answer, 400)


def test_a_refusal_names_no_more_than_one_can_read(platform: Platform) -> None:
    for sent in ({"x" * 100_000: 1}, {f"field{n}": 1 for n in range(5000)}, {"filter": {"y" * 100_000: 1}}):
        problem = expect_problem(platform.api("POST", "/v2/user-tasks/search", sent), 400)

        assert len(json.dumps(problem)) < 5_000 and 1 <= len(problem["errors"]) <= 20
