"""Who may do what: every operation by everybody, and every list filter against the question it stands beside."""

import re
from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import policies
from engine.cases import Case
from engine.parties import PLATFORM, Actor, Role
from engine.tasks import Task
from tests.api import models
from tests.platforms import PASSWORD, SECRET, Platform

ALL = "admin modeller operator member worker"
PEOPLE = "admin modeller operator member"
# operation -> who may ask for it; nobody else may, and whoever has no role may ask for nothing
MAY = {
    "getTopology": ("GET", "/topology", ALL),
    "getAuthentication": ("GET", "/authentication/me", ALL),
    "createDeployment": ("POST", "/deployments", "admin modeller"),
    "searchProcessDefinitions": ("POST", "/process-definitions/search", ALL),
    "getProcessDefinition": ("GET", "/process-definitions/1", ALL),
    "getProcessDefinitionXML": ("GET", "/process-definitions/1/xml", ALL),
    "getStartProcessForm": ("GET", "/process-definitions/1/form", ALL),
    "createProcessInstance": ("POST", "/process-instances", "admin operator member worker"),
    "cancelProcessInstance": ("POST", "/process-instances/1/cancellation", "admin operator"),
    "searchProcessInstances": ("POST", "/process-instances/search", PEOPLE),
    "getProcessInstance": ("GET", "/process-instances/1", PEOPLE),
    "searchUserTasks": ("POST", "/user-tasks/search", PEOPLE),
    "getUserTask": ("GET", "/user-tasks/1", PEOPLE),
    "getUserTaskForm": ("GET", "/user-tasks/1/form", PEOPLE),
    "assignUserTask": ("POST", "/user-tasks/1/assignment", "admin operator member"),
    "unassignUserTask": ("DELETE", "/user-tasks/1/assignee", "admin operator member"),
    "updateUserTask": ("PATCH", "/user-tasks/1", "admin operator"),
    "completeUserTask": ("POST", "/user-tasks/1/completion", "admin operator member"),
    "searchUserTaskVariables": ("POST", "/user-tasks/1/variables/search", PEOPLE),
    "searchVariables": ("POST", "/variables/search", PEOPLE),
    "getVariable": ("GET", "/variables/1", PEOPLE),
    "createElementInstanceVariables": ("PUT", "/element-instances/1/variables", "admin operator"),
    "searchElementInstances": ("POST", "/element-instances/search", PEOPLE),
    "getElementInstance": ("GET", "/element-instances/1", PEOPLE),
    "activateJobs": ("POST", "/jobs/activation", "admin worker"),
    "completeJob": ("POST", "/jobs/1/completion", "admin worker"),
    "failJob": ("POST", "/jobs/1/failure", "admin worker"),
    "throwJobError": ("POST", "/jobs/1/error", "admin worker"),
    "updateJob": ("PATCH", "/jobs/1", "admin operator worker"),
    "searchJobs": ("POST", "/jobs/search", "admin modeller operator"),
    "searchIncidents": ("POST", "/incidents/search", PEOPLE),
    "getIncident": ("GET", "/incidents/1", PEOPLE),
    "resolveIncident": ("POST", "/incidents/1/resolution", "admin operator"),
    "publishMessage": ("POST", "/messages/publication", "admin operator worker"),
    "correlateMessage": ("POST", "/messages/correlation", "admin operator worker"),
    "broadcastSignal": ("POST", "/signals/broadcast", "admin operator worker"),
    "createDocument": ("POST", "/documents", "admin operator member worker"),
    "getDocument": ("GET", "/documents/1", "admin operator member worker"),
    "deleteDocument": ("DELETE", "/documents/1", "admin operator member worker"),
    "createDocumentLink": ("POST", "/documents/1/links", "admin operator member worker"),
    "searchDecisionDefinitions": ("POST", "/decision-definitions/search", ALL),
    "getDecisionDefinition": ("GET", "/decision-definitions/1", ALL),
    "getDecisionDefinitionXML": ("GET", "/decision-definitions/1/xml", ALL),
    "evaluateDecision": ("POST", "/decision-definitions/evaluation", "admin modeller operator worker"),
    "searchDecisionInstances": ("POST", "/decision-instances/search", "admin modeller operator"),
    "getDecisionInstance": ("GET", "/decision-instances/1-1", "admin modeller operator"),
    "evaluateExpression": ("POST", "/expression/evaluation", "admin modeller operator"),
    "pinClock": ("PUT", "/clock", "admin"),
    "resetClock": ("POST", "/clock/reset", "admin"),
    "searchOutbox": ("POST", "/passerelle/v1/outbox/search", "admin operator"),
    "getNotification": ("GET", "/passerelle/v1/outbox/1", "admin operator"),
    "retryNotification": ("POST", "/passerelle/v1/outbox/1/retry", "admin operator"),
    "searchParties": ("POST", "/passerelle/v1/parties/search", PEOPLE),
    "getParty": ("GET", "/passerelle/v1/parties/1", PEOPLE),
    "createParty": ("POST", "/passerelle/v1/parties", "admin modeller"),
    "updateParty": ("PATCH", "/passerelle/v1/parties/1", "admin modeller"),
    "searchPeople": ("POST", "/passerelle/v1/people/search", "admin modeller"),
    "getPerson": ("GET", "/passerelle/v1/people/nobody", "admin modeller"),
    "createPerson": ("POST", "/passerelle/v1/people", "admin modeller"),
    "searchCases": ("POST", "/passerelle/v1/cases/search", PEOPLE),
    "getCase": ("GET", "/passerelle/v1/cases/1", PEOPLE),
    "getCaseRole": ("GET", "/passerelle/v1/cases/1/roles/garage", PEOPLE),
    "bindCaseRole": ("PUT", "/passerelle/v1/cases/1/roles/garage", "admin operator member"),
    "searchCaseDisclosures": ("POST", "/passerelle/v1/cases/1/disclosures/search", "admin operator member"),
    "eraseCase": ("POST", "/passerelle/v1/cases/1/erasure", "admin"),
    "searchHandoffs": ("POST", "/passerelle/v1/handoffs/search", PEOPLE),
    "getHandoff": ("GET", "/passerelle/v1/handoffs/1", PEOPLE),
    "acceptHandoff": ("POST", "/passerelle/v1/handoffs/1/acceptance", "admin operator member"),
    "declineHandoff": ("POST", "/passerelle/v1/handoffs/1/declination", "admin operator member"),
    "sendHandoffAgain": ("POST", "/passerelle/v1/handoffs/1/sending", "admin operator member"),
    "remindOfHandoff": ("POST", "/passerelle/v1/handoffs/1/reminder", "admin operator member"),
    "cancelHandoff": ("POST", "/passerelle/v1/handoffs/1/cancellation", "admin operator member"),
    "searchLinks": ("POST", "/passerelle/v1/links/search", "admin operator member"),
    "revokeLink": ("POST", "/passerelle/v1/links/1/revocation", "admin operator member"),
    "renewLink": ("POST", "/passerelle/v1/links/1/renewal", "admin operator member"),
    "getHandoffInsights": ("POST", "/passerelle/v1/insights/handoffs", "admin modeller operator"),
    "getCaseInsights": ("GET", "/passerelle/v1/insights/cases/1", "admin modeller operator"),
    "createComparison": ("POST", "/passerelle/v1/comparisons", "admin modeller operator"),
    "createDecisionTest": ("POST", "/passerelle/v1/decision-tests", "admin modeller"),
    "createDraft": ("POST", "/passerelle/v1/drafts", "admin modeller"),
    "importDraft": ("POST", "/passerelle/v1/drafts/import", "admin modeller"),
    "searchDrafts": ("POST", "/passerelle/v1/drafts/search", "admin modeller operator"),
    "getDraft": ("GET", "/passerelle/v1/drafts/1", "admin modeller operator"),
    "saveDraft": ("PUT", "/passerelle/v1/drafts/1", "admin modeller"),
    "deleteDraft": ("DELETE", "/passerelle/v1/drafts/1", "admin modeller"),
    "attendDraft": ("POST", "/passerelle/v1/drafts/1/presence", "admin modeller"),
    "getDraftRevisions": ("GET", "/passerelle/v1/drafts/1/revisions", "admin modeller operator"),
    "restoreDraft": ("POST", "/passerelle/v1/drafts/1/restoration", "admin modeller"),
    "exportDraft": ("GET", "/passerelle/v1/drafts/1/export", "admin modeller operator"),
    "getDraftChanges": ("GET", "/passerelle/v1/drafts/1/changes", "admin modeller operator"),
    "deployDraft": ("POST", "/passerelle/v1/drafts/1/deployment", "admin modeller"),
    "getProcesses": ("GET", "/passerelle/v1/processes", "admin modeller operator"),
    "getProcessVersions": ("GET", "/passerelle/v1/processes/1/versions", "admin modeller operator"),
    "getSamples": ("GET", "/passerelle/v1/samples", "admin modeller"),
    "createCheck": ("POST", "/passerelle/v1/checks", "admin modeller"),
    "updatePerson": ("PATCH", "/passerelle/v1/people/nobody", "admin modeller"),
    "listTrials": ("GET", "/passerelle/v1/trials", "admin modeller operator"),
    "beginTrial": ("POST", "/passerelle/v1/trials", "admin modeller operator"),
    "getTrial": ("GET", "/passerelle/v1/trials/1", "admin modeller operator"),
    "deleteTrial": ("DELETE", "/passerelle/v1/trials/1", "admin modeller operator"),
    "startTrialCase": ("POST", "/passerelle/v1/trials/1/cases", "admin modeller operator"),
    "answerTrialJob": ("POST", "/passerelle/v1/trials/1/jobs/1/answer", "admin modeller operator"),
    "moveTrialClock": ("POST", "/passerelle/v1/trials/1/clock", "admin modeller operator"),
    "actInTrial": ("POST", "/passerelle/v1/trials/1/acting", "admin modeller operator"),
    "keepTrialScenario": ("POST", "/passerelle/v1/trials/1/scenario", "admin modeller operator"),
    "exportTrialScenario": ("POST", "/passerelle/v1/trials/1/scenario/export", "admin modeller operator"),
    "watchCase": ("GET", "/passerelle/v1/events", "admin modeller operator"),
    "getLiveCase": ("GET", "/passerelle/v1/cases/1/live", "admin modeller operator"),
    "getCaseHistory": ("GET", "/passerelle/v1/cases/1/history", "admin modeller operator"),
    "searchInstances": ("POST", "/passerelle/v1/instances/search", "admin modeller operator"),
    "countInstances": ("POST", "/passerelle/v1/instances/counts", "admin modeller operator"),
    "listJobTypes": ("GET", "/passerelle/v1/job-types", "admin modeller operator"),
}
OPEN = {"getStatus"}  # needs no log-in


@pytest.fixture
def everybody(platform: Platform) -> dict[str, tuple[str, str] | None]:
    """Somebody of each role, as person (or program) with nothing else; outsiders; and nobody at all."""
    people = [role for role in Role if role != Role.WORKER]
    for role in people:
        platform.add_person(f"the-{role}", roles=[role])
    platform.add_person("outsider", groups=["desk"])
    platform.add_client("program", roles=["worker"])
    platform.add_client("program-without-role")
    found: dict[str, tuple[str, str] | None] = {role: (f"the-{role}", PASSWORD) for role in people}
    return found | {"outsider": ("outsider", PASSWORD), "worker": ("program", ""), "no-role": ("program-without-role", ""), "nobody": None}


def _headers(platform: Platform, who: tuple[str, str] | None) -> dict[str, str]:
    if who is None or who[1]:
        return {}
    form = {"grant_type": "client_credentials", "client_id": who[0], "client_secret": SECRET}
    return {"Authorization": f"Bearer {platform.expect('POST', '/oauth/token', data=form, user=None)['access_token']}"}


def test_every_operation_is_for_exactly_those_whom_the_table_names(
    platform: Platform, everybody: dict[str, tuple[str, str] | None]
) -> None:
    for who, account in everybody.items():
        headers = _headers(platform, account)
        for name, (method, path, roles) in MAY.items():
            more = {"auth": account} if account is not None and account[1] else {}
            body = {"unknown field": 1} if method != "GET" else None
            whole = path if path.startswith("/passerelle") else f"/v2{path}"
            status = platform.api(method, whole, body, user=None, headers=headers, **more).status_code

            expected = 401 if who == "nobody" else 403 if who not in roles.split() else None
            if expected is not None:
                assert status == expected, (who, name, status)
            else:
                assert status in (200, 204, 400, 404, 409, 415), (who, name, status)


def test_a_cookie_authorises_no_operation_without_its_token_or_from_another_site(platform: Platform) -> None:
    with httpx.Client(base_url=platform.url, timeout=60, trust_env=False) as browser:
        form = re.search(r'name="_csrf" value="([0-9a-f]+)"', browser.get("/login").text)
        assert form
        browser.post("/login", data={"username": "admin", "password": PASSWORD, "_csrf": form[1]})
        token = {"X-CSRF-Token": browser.get("/workbench/session").json()["csrf"]}
        evil = [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
        for name, (method, path, _roles) in MAY.items():
            whole = path if path.startswith("/passerelle") else f"/v2{path}"
            body = None if method == "GET" else b"{}"
            for headers in [{}, {"X-CSRF-Token": "0" * 64}, *(token | one for one in evil)]:
                answer = browser.request(method, whole, content=body, headers={"Content-Type": "application/json"} | headers)
                assert answer.status_code == 401, (name, headers)
        own = browser.post("/v2/user-tasks/search", json={}, headers=token | {"Origin": platform.url})

    assert own.status_code == 200
    assert platform.expect("POST", "/passerelle/v1/drafts/search", {})["items"] == []


def test_the_table_names_every_operation_there_is(platform: Platform) -> None:
    paths = platform.expect("GET", "/v2/openapi.json", user=None)["paths"]

    operations = {one["operationId"] for methods in paths.values() for method, one in methods.items() if method != "parameters"}
    assert operations == MAY.keys() | OPEN


@pytest.fixture
def busy(platform: Platform) -> Platform:
    """Tasks of every kind: assigned or not, offered to groups and people, done by one of several, canceled; cases of several starters."""
    for name in ("nora", "tom", "ada"):
        platform.add_person(name, roles=["member"], groups={"nora": ["desk"], "tom": ["desk", "field"], "ada": []}[name])
    platform.add_person("guest", groups=["desk"])
    kinds = {
        "free": models.user_task("look"),
        "hers": models.user_task("look", assignee="nora"),
        "desk": models.user_task("look", groups=["desk"]),
        "both": models.user_task("look", groups=["desk", "field"], users=["ada"]),
        "claimed": models.user_task("look", assignee="tom", groups=["desk"]),
    }
    for process_id, task in kinds.items():
        platform.deploy(models.process(process_id, task))
        for user in ("admin", "ada"):
            for _ in range(3):
                platform.start(process_id, user=user)
    for process_id in kinds:
        _, done, canceled = platform.tasks(processDefinitionId=process_id)[:3]
        by = {"free": "operator", "hers": "nora", "claimed": "tom"}.get(process_id, "tom")
        assert platform.complete_task(done, user=by).status_code == 204
        platform.expect("POST", f"/v2/process-instances/{canceled['processInstanceKey']}/cancellation")
    return platform


def _actors() -> Iterator[Actor]:
    groups = {"nora": {"desk"}, "tom": {"desk", "field"}, "ada": set(), "guest": {"desk"}, "x'--": {"%", ""}}
    for name, of in groups.items():
        for roles in ((), ("member",), ("modeller",), ("operator",)):
            yield Actor(id=f"person:{name}", username=name, roles=frozenset(roles), groups=frozenset(of))
    for roles in ((), ("worker",), ("member",), ("admin",)):
        yield Actor(id="client:tom", username="tom", roles=frozenset(roles), groups=frozenset({"desk"}))
    yield PLATFORM
    yield Actor(id="nobody")


def test_lists_show_exactly_what_one_may_see(busy: Platform) -> None:
    seen = set()
    with Session(busy.engine) as session:
        tasks, cases = list(session.scalars(select(Task))), list(session.scalars(select(Case)))
        for actor in _actors():
            listed = set(session.scalars(select(Task.key).where(policies.visible_tasks(actor))))
            listed_cases = set(session.scalars(select(Case.key).where(policies.visible_cases(actor))))

            assert listed == {task.key for task in tasks if policies.may_see_task(actor, task)}, actor
            may_see = {one.key for one in cases if policies.may_see_case(actor, one, [t for t in tasks if t.case_key == one.key])}
            assert listed_cases == may_see, actor
            seen.add(len(listed))
    assert len(seen) > 4  # the actors do differ


def test_whoever_may_claim_or_complete_a_task_may_see_it(busy: Platform) -> None:
    with Session(busy.engine) as session:
        tasks = list(session.scalars(select(Task).where(Task.state == "CREATED")))
    for actor in _actors():
        for task in tasks:
            if policies.may_claim_task(actor, task) or policies.may_complete_task(actor, task):
                assert policies.may_see_task(actor, task), (actor, task.process_id)


def test_a_member_sees_what_is_offered_to_it_and_cases_that_it_started_or_acted_in(busy: Platform) -> None:
    def of(user: str, what: str) -> set[str]:
        found = busy.expect("POST", f"/v2/{what}/search", {"page": {"limit": 1000}}, user=user)["items"]
        return {row["processDefinitionId"] for row in found}

    assert of("nora", "user-tasks") == {"hers", "desk", "both", "claimed"}
    assert of("ada", "user-tasks") == {"both"}
    assert of("ada", "process-instances") == {"free", "hers", "desk", "both", "claimed"}
    assert len(busy.expect("POST", "/v2/process-instances/search", {"filter": {"processDefinitionId": "free"}}, user="ada")["items"]) == 3
    assert of("nora", "process-instances") == {"hers", "desk", "both", "claimed"}


def test_what_one_may_not_see_is_not_there(busy: Platform) -> None:
    hers = busy.tasks(processDefinitionId="hers", state="CREATED")[0]
    started_by_admin = busy.expect("POST", "/v2/process-instances/search", {"filter": {"processDefinitionId": "hers"}})["items"][0]
    elements = busy.expect(
        "POST", "/v2/element-instances/search", {"filter": {"processInstanceKey": started_by_admin["processInstanceKey"]}}
    )

    for path in (
        f"/v2/user-tasks/{hers['userTaskKey']}",
        f"/v2/user-tasks/{hers['userTaskKey']}/form",
        f"/v2/process-instances/{started_by_admin['processInstanceKey']}",
        f"/v2/element-instances/{elements['items'][0]['elementInstanceKey']}",
    ):
        assert busy.api("GET", path, user="tom").status_code == 404, path
        assert busy.api("GET", path).status_code in (200, 204), path


def test_a_stranger_can_neither_take_nor_finish_a_task_and_nothing_changes(busy: Platform) -> None:
    task = busy.tasks(processDefinitionId="hers", state="CREATED")[0]
    path = f"/v2/user-tasks/{task['userTaskKey']}"

    refused = [
        busy.api("POST", f"{path}/assignment", {"assignee": "tom"}, user="tom"),
        busy.api("DELETE", f"{path}/assignee", user="tom"),
        busy.api("POST", f"{path}/completion", {}, user="tom"),
        busy.api("PATCH", path, {"changeset": {"priority": 1}}, user="nora"),
    ]

    assert [answer.status_code for answer in refused] == [404, 404, 404, 403]
    nothing = busy.api("POST", "/v2/user-tasks/1/completion", {}, user="tom").json()
    assert refused[2].json()["detail"] == nothing["detail"].replace(" 1,", f" {task['userTaskKey']},")  # not even the words differ
    assert busy.expect("GET", path) == task


def test_a_modeller_sees_no_values_of_other_peoples_cases(busy: Platform) -> None:
    busy.add_person("mo", roles=["modeller"])
    busy.start("free", secret=1)

    assert busy.expect("POST", "/v2/variables/search", user="mo")["items"] == []
    assert busy.expect("POST", "/v2/process-instances/search", user="mo")["items"]
