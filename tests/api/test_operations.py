"""What each operation of /v2 does, seen from outside."""

from decimal import Decimal

from tests.api import models
from tests.platforms import Platform

JOB = models.process(
    "ordering", models.service_task("ship", "ship", headers='<zeebe:taskHeaders><zeebe:header key="by" value="sea"/></zeebe:taskHeaders>')
)
TASK = models.process("asking", models.user_task("look", groups=["desk"]))
FORM = '{"type": "default", "id": "asked", "schemaVersion": 18, "components": [{"type": "textfield", "key": "why", "label": "Why?"}]}'


def test_topology_is_a_healthy_cluster_of_one(platform: Platform) -> None:
    topology = platform.expect("GET", "/v2/topology")

    assert topology["clusterSize"] == topology["partitionsCount"] == 1
    assert topology["brokers"][0]["partitions"] == [{"partitionId": 1, "role": "leader", "health": "healthy", "state": "active"}]


def test_status_needs_no_log_in(platform: Platform) -> None:
    assert platform.api("GET", "/v2/status", user=None).status_code == 204


def test_authentication_tells_who_is_asking(platform: Platform) -> None:
    platform.add_person("nora", roles=["member"], groups=["desk"])

    me = platform.expect("GET", "/v2/authentication/me", user="nora")

    assert (me["username"], me["groups"], me["roles"]) == ("nora", ["desk"], ["member"])
    assert platform.expect("GET", "/v2/authentication/me", user="worker")["roles"] == ["worker"]


def test_a_deployment_lists_processes_and_forms_and_the_same_file_again_is_the_same_version(platform: Platform) -> None:
    first = platform.deploy(("ordering.bpmn", JOB), ("asked.form", FORM))
    again = platform.deploy(("ordering.bpmn", JOB), ("asked.form", FORM))
    changed = platform.deploy(("ordering.bpmn", JOB.replace("Do ship", "Ship it")))

    process, form = first["deployments"]
    assert process["processDefinition"]["processDefinitionId"] == "ordering" and process["form"] is None
    assert form["form"]["formId"] == "asked" and form["processDefinition"] is None
    assert again["deployments"][0] == process
    assert changed["deployments"][0]["processDefinition"]["processDefinitionVersion"] == 2


def test_a_refused_deployment_names_all_problems_and_deploys_nothing(platform: Platform) -> None:
    dangling = JOB.replace('targetRef="end"', 'targetRef="nowhere"')
    unknown = JOB.replace("ordering", "other").replace("serviceTask", "businessThing")
    files = [("resources", (name, xml, "text/xml")) for name, xml in (("a.bpmn", dangling), ("b.bpmn", unknown), ("c.bpmn", TASK))]

    answer = platform.api("POST", "/v2/deployments", files=files)

    problem = answer.json()
    assert answer.status_code == 400 and answer.headers["Content-Type"] == "application/problem+json"
    assert problem["title"] == "INVALID_ARGUMENT"
    assert {one["file"] for one in problem["problems"]} == {"a.bpmn", "b.bpmn"}
    assert all(one["file"] in problem["detail"] and one["message"] in problem["detail"] for one in problem["problems"])
    assert platform.expect("POST", "/v2/process-definitions/search")["items"] == []


def test_a_process_definition_is_read_back_byte_for_byte(platform: Platform) -> None:
    key = platform.deploy(JOB)["deployments"][0]["processDefinition"]["processDefinitionKey"]

    definition = platform.expect("GET", f"/v2/process-definitions/{key}")
    xml = platform.api("GET", f"/v2/process-definitions/{key}/xml")

    assert (definition["name"], definition["version"], definition["hasStartForm"]) == ("Ordering", 1, False)
    assert xml.text == JOB and xml.headers["Content-Type"].startswith("text/xml")


def test_the_newest_version_is_found_by_is_latest_version(platform: Platform) -> None:
    platform.deploy(JOB)
    platform.deploy(JOB.replace("Do ship", "Ship it"))

    found = platform.expect("POST", "/v2/process-definitions/search", {"filter": {"isLatestVersion": True}})["items"]

    assert [row["version"] for row in found] == [2]


def test_a_start_form_and_a_task_form_are_answered_and_none_is_204(platform: Platform) -> None:
    form = '<zeebe:formDefinition formId="asked"/>'
    started_by_form = models.process(
        "asked", models.user_task("look", more=form), models.user_task("look_again"), start=f"<extensionElements>{form}</extensionElements>"
    )
    platform.deploy(("asked.bpmn", started_by_form), ("asked.form", FORM), ("plain.bpmn", JOB))
    definitions = platform.expect("POST", "/v2/process-definitions/search", {"sort": [{"field": "processDefinitionId"}]})["items"]
    platform.start("asked")
    first = platform.tasks()[0]
    platform.complete_task(first)
    second = platform.tasks(state="CREATED")[0]

    start_form = platform.expect("GET", f"/v2/process-definitions/{definitions[0]['processDefinitionKey']}/form")
    task_form = platform.expect("GET", f"/v2/user-tasks/{first['userTaskKey']}/form")

    assert start_form == task_form and start_form["schema"] == FORM and start_form["formId"] == "asked"
    assert first["formKey"] == start_form["formKey"] and second["formKey"] is None
    assert [row["hasStartForm"] for row in definitions] == [True, False]
    assert platform.api("GET", f"/v2/process-definitions/{definitions[1]['processDefinitionKey']}/form").status_code == 204
    assert platform.api("GET", f"/v2/user-tasks/{second['userTaskKey']}/form").status_code == 204


def test_an_instance_starts_by_id_by_version_and_by_key(platform: Platform) -> None:
    key = platform.deploy(JOB)["deployments"][0]["processDefinition"]["processDefinitionKey"]
    platform.deploy(JOB.replace("Do ship", "Ship it"))

    by_id = platform.expect("POST", "/v2/process-instances", {"processDefinitionId": "ordering", "processDefinitionVersion": -1})
    by_version = platform.expect("POST", "/v2/process-instances", {"processDefinitionId": "ordering", "processDefinitionVersion": 1})
    by_key = platform.expect("POST", "/v2/process-instances", {"processDefinitionKey": key, "tags": ["vip"], "businessId": "b-1"})

    assert [one["processDefinitionVersion"] for one in (by_id, by_version, by_key)] == [2, 1, 1]
    assert by_key["tags"] == ["vip"] and by_key["businessId"] == "b-1"
    shown = platform.instance(by_key)
    assert (shown["tags"], shown["businessId"], shown["state"]) == (["vip"], "b-1", "ACTIVE")
    assert platform.api("POST", "/v2/process-instances", {"processDefinitionId": "nobody"}).status_code == 404


def test_a_job_carries_what_its_worker_needs_and_its_completion_moves_the_instance(platform: Platform) -> None:
    platform.deploy(JOB)
    started = platform.start("ordering", pieces=3)

    job = platform.lease("ship")
    answer = platform.complete(job, {"tracking": "x1"})

    assert job["variables"] == {"pieces": 3} and job["customHeaders"] == {"by": "sea"} and job["retries"] == 3
    assert job["kind"] == "BPMN_ELEMENT" and job["listenerEventType"] == "UNSPECIFIED" and job["jobLeaseToken"] is None
    assert answer.status_code == 204 and answer.content == b""
    assert platform.instance(started)["state"] == "COMPLETED"
    assert platform.variables(started) == {"pieces": 3, "tracking": "x1"}
    assert platform.complete(job).status_code == 409


def test_only_the_wanted_variables_are_fetched(platform: Platform) -> None:
    platform.deploy(JOB)
    platform.start("ordering", pieces=3, note="much text")

    job = platform.lease("ship", fetchVariable=["pieces"])

    assert job["variables"] == {"pieces": 3}


def test_a_late_worker_cannot_complete_a_job_that_moved_on(platform: Platform) -> None:
    platform.deploy(JOB)
    platform.start("ordering")
    job = platform.lease("ship", seconds=1, with_lease=True)
    platform.wait(seconds=2)
    second = platform.lease("ship", with_lease=True)

    assert job["jobLeaseToken"] != second["jobLeaseToken"]
    assert platform.complete(job).status_code == 409
    assert platform.complete(second).status_code == 204


def test_a_failed_job_comes_back_after_its_back_off_and_without_retries_opens_an_incident(platform: Platform) -> None:
    platform.deploy(JOB)
    started = platform.start("ordering")
    key = platform.lease("ship")["jobKey"]
    failure = {"retries": 1, "errorMessage": "no ship", "retryBackOff": 60_000}
    platform.expect("POST", f"/v2/jobs/{key}/failure", failure, user="worker", status=204)

    assert platform.leases("ship") == []
    platform.wait(seconds=61)
    again = platform.lease("ship")
    assert (again["jobKey"], again["retries"]) == (key, 1)
    assert (
        platform.expect("POST", "/v2/jobs/search", {"filter": {"hasFailedWithRetriesLeft": True}})["items"][0]["errorMessage"] == "no ship"
    )

    platform.expect("POST", f"/v2/jobs/{key}/failure", {"retries": 0, "errorMessage": "sunk"}, user="worker", status=204)
    incident = platform.expect("POST", "/v2/incidents/search", {"filter": {"state": "ACTIVE"}})["items"][0]
    assert (incident["errorType"], incident["errorMessage"], incident["jobKey"]) == ("JOB_NO_RETRIES", "sunk", key)
    assert platform.instance(started)["hasIncident"] is True
    assert platform.expect("GET", f"/v2/incidents/{incident['incidentKey']}") == incident
    found = platform.expect("POST", "/v2/process-instances/search", {"filter": {"errorMessage": {"$like": "su*"}, "hasIncident": True}})[
        "items"
    ]
    assert [row["processInstanceKey"] for row in found] == [started["processInstanceKey"]]

    platform.expect("PATCH", f"/v2/jobs/{key}", {"changeset": {"retries": 2}}, status=204)
    platform.expect("POST", f"/v2/incidents/{incident['incidentKey']}/resolution", status=204)
    assert platform.lease("ship")["retries"] == 2
    assert platform.instance(started)["hasIncident"] is False
    assert platform.api("POST", f"/v2/incidents/{incident['incidentKey']}/resolution").status_code == 409


def test_a_business_error_goes_to_its_boundary_event(platform: Platform) -> None:
    beside, root = models.error_boundary("ship", "NO_STOCK")
    platform.deploy(models.process("ordering", models.service_task("ship", "ship"), more=beside, roots=root))
    started = platform.start("ordering")
    job = platform.lease("ship")

    request = {"errorCode": "NO_STOCK", "errorMessage": "empty shelf", "variables": {"shelf": 7}}
    platform.expect("POST", f"/v2/jobs/{job['jobKey']}/error", request, user="worker", status=204)

    assert platform.instance(started)["state"] == "COMPLETED"
    ends = platform.expect("POST", "/v2/element-instances/search", {"filter": {"type": "END_EVENT"}})["items"]
    assert [row["elementId"] for row in ends] == ["caught"]
    assert platform.complete(job).status_code == 409


def test_an_operator_changes_what_is_left_of_a_lease(platform: Platform) -> None:
    platform.deploy(JOB)
    platform.start("ordering")
    job = platform.lease("ship", seconds=1)

    platform.expect("PATCH", f"/v2/jobs/{job['jobKey']}", {"changeset": {"timeout": 3_600_000}}, user="operator", status=204)
    platform.wait(minutes=30)

    assert platform.leases("ship") == []


def test_a_task_is_found_assigned_given_back_changed_and_completed_once(platform: Platform) -> None:
    platform.add_person("nora", roles=["member"], groups=["desk"])
    platform.deploy(TASK)
    started = platform.start("asking", plate="AB-123")
    found = {"filter": {"state": {"$in": ["CREATED"]}, "candidateGroup": "desk"}, "sort": [{"field": "creationDate", "order": "DESC"}]}
    task = platform.expect("POST", "/v2/user-tasks/search", found, user="nora")["items"][0]
    path = f"/v2/user-tasks/{task['userTaskKey']}"

    assert task["name"] == "Look at look" and task["candidateGroups"] == ["desk"] and task["priority"] == 50
    platform.expect("POST", f"{path}/assignment", {"assignee": "nora"}, user="nora", status=204)
    assert platform.api("POST", f"{path}/assignment", {"assignee": "operator", "allowOverride": False}, user="operator").status_code == 409
    platform.expect("DELETE", f"{path}/assignee", user="nora", status=204)
    changes = {"priority": 80, "dueDate": "2030-01-02T03:04:05+01:00", "candidateUsers": ["nora"]}
    platform.expect("PATCH", path, {"changeset": changes}, user="operator", status=204)
    changed = platform.expect("GET", path, user="nora")
    assert (changed["assignee"], changed["priority"], changed["dueDate"]) == (None, 80, "2030-01-02T02:04:05.000Z")
    assert platform.complete_task(task, {"fine": True}, user="nora").status_code == 204
    second = platform.complete_task(task, {"fine": False}, user="nora")

    assert second.status_code == 409 and second.json()["title"] == "INVALID_STATE"
    assert platform.variables(started) == {"plate": "AB-123", "fine": True}
    assert platform.expect("GET", path)["state"] == "COMPLETED"


def test_a_task_sees_the_variables_around_it_the_nearest_of_each_name(platform: Platform) -> None:
    mapping = '<zeebe:ioMapping><zeebe:input source="=1" target="a"/></zeebe:ioMapping>'
    platform.deploy(models.process("asking", models.user_task("look", more=mapping)))
    platform.start("asking", a=0, b=2, c=3)
    key = platform.tasks()[0]["userTaskKey"]

    def page(**more: object) -> tuple[list[tuple[str, str]], int]:
        found = platform.expect("POST", f"/v2/user-tasks/{key}/variables/search", {"sort": [{"field": "name"}], "page": more})
        return [(row["name"], row["value"]) for row in found["items"]], found["page"]["totalItems"]

    assert page() == ([("a", "1"), ("b", "2"), ("c", "3")], 3)
    assert page(limit=1) == ([("a", "1")], 3)
    assert page(**{"from": 2}) == ([("c", "3")], 3)


def test_numbers_and_nul_come_back_exactly(platform: Platform) -> None:
    platform.deploy(JOB)
    exact = {
        "big": 2**70,
        "sum": Decimal("0.1") + Decimal("0.2"),
        "tiny": Decimal("1E-30"),
        "nul": "a\x00b",
        "list": [2**64, Decimal("1.10")],
    }
    started = platform.start("ordering", **exact)

    answer = platform.api("POST", "/v2/jobs/activation", {"type": "ship", "timeout": 1000, "maxJobsToActivate": 1}, user="worker")

    from engine import json_text

    assert json_text.loads(answer.content)["jobs"][0]["variables"] == exact
    assert platform.variables(started) == exact


def test_long_values_are_cut_in_searches_unless_told_otherwise(platform: Platform) -> None:
    platform.deploy(JOB)
    platform.start("ordering", note="x" * 20_000)

    cut = platform.expect("POST", "/v2/variables/search")["items"][0]
    whole = platform.expect("POST", "/v2/variables/search", params={"truncateValues": "false"})["items"][0]

    assert cut["isTruncated"] is True and len(cut["value"]) == 8192
    assert whole["isTruncated"] is False and len(whole["value"]) == 20_002
    assert platform.expect("GET", f"/v2/variables/{cut['variableKey']}")["value"] == whole["value"]


def test_a_message_waits_for_whom_it_is_for_and_its_id_counts_once(platform: Platform) -> None:
    platform.deploy(models.process("waiting", models.receive_task("wait", "m"), roots=models.message("m", "paid", "order")))
    sent = {"name": "paid", "correlationKey": "7", "timeToLive": 60_000, "messageId": "one", "variables": {"amount": 5}}

    published = platform.expect("POST", "/v2/messages/publication", sent, user="worker")
    again = platform.api("POST", "/v2/messages/publication", sent, user="worker")
    started = platform.start("waiting", order="7")

    assert published["tenantId"] == "<default>" and again.status_code == 409
    assert platform.instance(started)["state"] == "COMPLETED"
    assert platform.variables(started)["amount"] == 5


def test_a_correlated_message_tells_the_instance_and_nobody_waiting_is_404(platform: Platform) -> None:
    platform.deploy(models.process("waiting", models.receive_task("wait", "m"), roots=models.message("m", "paid", "order")))
    started = platform.start("waiting", order="7")

    nobody = platform.api("POST", "/v2/messages/correlation", {"name": "paid", "correlationKey": "8"}, user="worker")
    found = platform.expect("POST", "/v2/messages/correlation", {"name": "paid", "correlationKey": "7"}, user="worker")

    assert nobody.status_code == 404 and nobody.json()["title"] == "NOT_FOUND"
    assert found["processInstanceKey"] == started["processInstanceKey"]
    assert platform.instance(started)["state"] == "COMPLETED"


def test_a_signal_starts_what_it_starts(platform: Platform) -> None:
    platform.deploy(models.signal_start("alarm", "fire", models.service_task("run", "run")))

    answer = platform.expect("POST", "/v2/signals/broadcast", {"signalName": "alarm", "variables": {"floor": 3}}, user="worker")

    assert answer["signalKey"].isdigit()
    assert platform.lease("run")["variables"] == {"floor": 3}


def test_a_canceled_instance_ends_with_what_it_waited_for(platform: Platform) -> None:
    platform.deploy(TASK)
    started = platform.start("asking")
    path = f"/v2/process-instances/{started['processInstanceKey']}/cancellation"

    platform.expect("POST", path, status=204)

    assert platform.instance(started)["state"] == "TERMINATED"
    assert [task["state"] for task in platform.tasks()] == ["CANCELED"]
    assert platform.api("POST", path).status_code in (404, 409)


def test_variables_are_written_into_a_running_instance(platform: Platform) -> None:
    platform.deploy(TASK)
    started = platform.start("asking", a=1)
    element = platform.expect("POST", "/v2/element-instances/search", {"filter": {"elementId": "look"}})["items"][0]

    request = {"variables": {"a": 2, "b": [1, None]}}
    platform.expect("PUT", f"/v2/element-instances/{started['processInstanceKey']}/variables", request, status=204)
    request = {"variables": {"a": 3}, "local": True}
    platform.expect("PUT", f"/v2/element-instances/{element['elementInstanceKey']}/variables", request, status=204)

    assert platform.variables(started) == {"a": 2, "b": [1, None]}
    found = {"filter": {"scopeKey": element["elementInstanceKey"]}}
    assert [(row["name"], row["value"]) for row in platform.expect("POST", "/v2/variables/search", found)["items"]] == [("a", "3")]


def test_element_instances_tell_what_was_and_what_is_active(platform: Platform) -> None:
    platform.deploy(TASK)
    started = platform.start("asking")

    found = platform.expect(
        "POST",
        "/v2/element-instances/search",
        {
            "filter": {"processInstanceKey": started["processInstanceKey"]},
            "sort": [{"field": "startDate"}, {"field": "elementInstanceKey"}],
        },
    )["items"]

    assert {row["elementId"]: (row["type"], row["state"]) for row in found if row["type"] != "PROCESS"} == {
        "begin": ("START_EVENT", "COMPLETED"),
        "look": ("USER_TASK", "ACTIVE"),
    }
    look = next(row for row in found if row["elementId"] == "look")
    assert look["elementName"] == "Look at look" and look["endDate"] is None
    assert platform.expect("GET", f"/v2/element-instances/{look['elementInstanceKey']}") == look


def test_the_clock_stands_still_where_it_is_pinned_and_goes_on_after_a_reset(platform: Platform) -> None:
    platform.deploy(TASK)
    platform.expect("PUT", "/v2/clock", {"timestamp": 4_000_000_000_000}, status=204)
    pinned = platform.instance(platform.start("asking"))["startDate"]
    platform.expect("POST", "/v2/clock/reset", status=204)
    after = platform.instance(platform.start("asking"))["startDate"]

    assert pinned == "2096-10-02T07:06:40.000Z"
    assert after < pinned
