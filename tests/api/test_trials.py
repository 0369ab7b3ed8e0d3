"""Trials: a draft runs on the real engine, and nothing of it stands anywhere else."""

from __future__ import annotations

import contextlib
import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import inspect

from engine import scenarios
from tests.api.trials import FILES, MODEL
from tests.platforms import PASSWORD, Platform

V1 = "/passerelle/v1"


@pytest.fixture
def owner(platform: Platform) -> str:
    platform.expect("POST", f"{V1}/parties", GARAGE)
    platform.add_person("fiona", roles=["member"], groups=["front-desk"])
    return platform.add_person("mona", roles=["modeller"])


GARAGE = {
    "partyId": "garage-martin",
    "name": "Garage Martin",
    "kind": "partner",
    "contacts": [{"name": "Jean Martin", "email": "jean@martin.example"}],
}


@pytest.fixture
def trial(platform: Platform, owner: str) -> Iterator[str]:
    made = platform.expect("POST", f"{V1}/trials", {"name": "First try", "files": FILES}, user=owner)
    yield f"{V1}/trials/{made['trialKey']}"
    platform.api("DELETE", f"{V1}/trials/{made['trialKey']}", user=owner)


def _start(platform: Platform, trial: str, plate: str = "AB-123-CD") -> dict[str, Any]:
    wanted = {"processDefinitionId": "claim", "variables": {"plate": plate}}
    started: dict[str, Any] = platform.expect("POST", f"{trial}/cases", wanted, user="mona")
    return started


def _inside(trial: str) -> str:
    return f"/trials/{trial.rpartition('/')[2]}"


@contextlib.contextmanager
def _browser(platform: Platform, username: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=platform.url, follow_redirects=True, trust_env=False) as client:
        token = re.search(r'name="_csrf" value="([0-9a-f]+)"', client.get("/login").text)
        assert token
        client.post("/login", data={"username": username, "password": PASSWORD, "_csrf": token[1]})
        yield client


def _complete_as(browser: httpx.Client, page: httpx.Response, **answers: str) -> httpx.Response:
    """Send the form of a task page."""
    action = re.search(r'action="([^"]*/tasks/\d+)"', page.text)
    assert action, page.text[:3000]
    hidden = dict(re.findall(r'name="(_\w+)"[^>]*value="([^"]*)"', page.text))
    return browser.post(action[1], data=hidden | answers)


def _in_trial(platform: Platform, trial: str) -> dict[str, Any]:
    found: dict[str, Any] = platform.expect("GET", trial, user="mona")
    return found


# -- apart from everything real -----------------------------------------------------------------------------------


def test_nothing_of_a_trial_stands_in_the_real_lists_counts_and_figures(platform: Platform, trial: str) -> None:
    _start(platform, trial)
    task = platform.expect("POST", f"{_inside(trial)}/v2/user-tasks/search", {}, user="mona")["items"][0]
    done = platform.api("POST", f"{_inside(trial)}/v2/user-tasks/{task['userTaskKey']}/completion", {"variables": {}}, user="mona")
    assert done.status_code == 204, done.text

    for path in ("/v2/process-definitions", "/v2/process-instances", "/v2/user-tasks", "/v2/jobs", "/v2/incidents", "/v2/variables"):
        found = platform.expect("POST", f"{path}/search", {})
        assert (found["items"], found["page"]["totalItems"]) == ([], 0), path
    for path in ("cases", "handoffs", "outbox"):
        assert platform.expect("POST", f"{V1}/{path}/search", {})["items"] == [], path
    assert platform.expect("POST", f"{V1}/insights/handoffs", {}).get("items", []) == []
    assert len(_in_trial(platform, trial)["mails"]) == 1
    assert platform.expect("POST", f"{_inside(trial)}{V1}/handoffs/search", {}, user="mona")["page"]["totalItems"] == 1


def test_the_directory_of_a_trial_is_a_copy_without_passwords(platform: Platform, trial: str) -> None:
    inside = _inside(trial)
    found = platform.expect("POST", f"{inside}{V1}/parties/search", {"filter": {"partyId": "garage-martin"}}, user="mona")["items"]
    assert [one["name"] for one in found] == ["Garage Martin"]
    platform.expect("PATCH", f"{inside}{V1}/parties/{found[0]['partyKey']}", {"changeset": {"name": "Renamed"}}, user="mona")

    real = platform.expect("POST", f"{V1}/parties/search", {"filter": {"partyId": "garage-martin"}})["items"]
    assert [one["name"] for one in real] == ["Garage Martin"]
    assert {"fiona", "mona"} <= {one["username"] for one in platform.expect("POST", f"{inside}{V1}/people/search", {}, user="mona")["items"]}


def test_a_password_set_in_a_trial_opens_nothing_real(platform: Platform, trial: str) -> None:
    inside = _inside(trial)
    platform.api("PATCH", f"{inside}{V1}/people/admin", {"password": "set-in-the-trial"}, user="mona")
    for _ in range(3):
        assert httpx.get(f"{platform.url}{inside}/v2/topology", auth=("admin", "set-in-the-trial")).status_code == 401
        assert httpx.get(f"{platform.url}/v2/topology", auth=("admin", "set-in-the-trial")).status_code == 401

    assert platform.api("GET", "/v2/topology").status_code == 200


def test_time_in_a_trial_moves_alone(platform: Platform, trial: str) -> None:
    _start(platform, trial)
    before = _in_trial(platform, trial)["now"]
    moved = platform.expect("POST", f"{trial}/clock", {"by": "P40D"}, user="mona")["now"]

    assert moved > before
    assert _in_trial(platform, trial)["now"] == moved
    assert platform.api("POST", f"{trial}/clock", {"to": before}, user="mona").status_code == 400
    assert platform.api("POST", f"{trial}/clock", {"by": "soon"}, user="mona").status_code == 400
    # a real instance started now begins now
    platform.deploy(("other.bpmn", MODEL.replace('id="claim"', 'id="other"').replace('processRef="claim"', 'processRef="other"')))
    started = platform.start("other", plate="X")
    assert platform.instance(started)["startDate"] < moved


# -- who may ------------------------------------------------------------------------------------------------------


def test_strangers_and_members_have_no_trials(platform: Platform, trial: str) -> None:
    inside = _inside(trial)
    for path in (trial, f"{inside}/v2/topology", f"{inside}{V1}/parties/1"):
        assert platform.api("GET", path, user=None).status_code == 401, path
        assert platform.api("GET", path, user="member").status_code == 403, path
    assert platform.api("GET", f"{inside}/", user=None).status_code == 401
    with _browser(platform, "member") as member:
        assert member.get(f"{inside}/").status_code == 403
    # a browser is asked for a name and a password by the log-in only, and is led there
    page = httpx.get(f"{platform.url}{inside}/cases", headers={"Sec-Fetch-Mode": "navigate"})
    assert (page.status_code, page.headers["Location"]) == (303, f"/login?back={inside}/cases")
    assert "WWW-Authenticate" not in platform.api("GET", f"{inside}/", user=None).headers
    assert platform.api("POST", f"{V1}/trials", {"files": FILES}, user="member").status_code == 403
    assert platform.api("GET", "/trials/123/", user="mona").status_code in (401, 404)
    assert platform.api("GET", f"{V1}/trials/123", user="mona").status_code == 404


def test_the_cookie_alone_authorises_no_operation_of_a_trial(platform: Platform, trial: str) -> None:
    with _browser(platform, "mona") as mona:
        token = mona.get("/workbench/session").json()["csrf"]

        assert mona.get(f"{_inside(trial)}/v2/topology").status_code == 401
        assert mona.get(f"{_inside(trial)}/v2/topology", headers={"X-CSRF-Token": token}).status_code == 200


def test_there_is_no_trial_in_a_trial_and_nobody_logs_in_there(platform: Platform, trial: str) -> None:
    assert platform.api("POST", f"{_inside(trial)}{V1}/trials", {"files": FILES}, user="mona").status_code == 404
    with _browser(platform, "mona") as mona:
        assert mona.get(f"{_inside(trial)}/login").status_code == 404


# -- acting -------------------------------------------------------------------------------------------------------


def test_one_acts_as_each_party_in_its_own_view(platform: Platform, trial: str) -> None:
    _start(platform, trial)
    cast = {one["side"]: one for one in _in_trial(platform, trial)["cast"]}
    assert cast["Front desk"]["username"] == "fiona"
    assert (cast["Front desk"]["openTasks"], cast["Garage"]["isStandIn"], cast["Garage"]["partyName"]) == (1, True, "Garage Martin")

    with _browser(platform, "mona") as browser:
        page = browser.get(platform.expect("POST", f"{trial}/acting", {"username": "fiona"}, user="mona")["url"])
        assert page.status_code == 200
        assert "Check the report" in page.text
        task = re.search(rf'href="({_inside(trial)}/as/[0-9a-f]+/tasks/\d+)"', page.text)
        assert task
        page = browser.get(task[1])
        claimed = browser.post(f"{task[1]}/claim", data=dict(re.findall(r'name="(_csrf)"[^>]*value="([^"]*)"', page.text)))
        done = _complete_as(browser, claimed)
        assert done.status_code == 200, done.text[:2000]
        # her real view knows nothing of it, and the real log-in is still mona's
        assert "Check the report" not in browser.get("/").text
        assert browser.get("/workbench/session").json()["username"] == "mona"

        guest = _in_trial(platform, trial)["guests"][0]
        assert (guest["address"], guest["side"]) == ("jean@martin.example", "Garage")
        opened = browser.get(platform.expect("POST", f"{trial}/acting", {"linkKey": guest["linkKey"]}, user="mona")["url"])
        assert opened.status_code == 200
        assert "Estimate the damage" in opened.text
        assert str(opened.url).startswith(f"{platform.url}{_inside(trial)}/g/")
        # whoever has a look and goes on later acts as themselves, in the scenario too
        case = _in_trial(platform, trial)["cases"][0]["caseKey"]
        kept = platform.expect("POST", f"{trial}/scenario", {"caseKey": case, "name": "Checked"}, user="mona")
        assert kept["passed"], kept["told"]
        assert kept["scenario"]["steps"][-1] == {"task": "Check the report", "as": "fiona"}


def test_who_is_made_up_for_a_trial_speaks_the_language_of_whoever_tries(platform: Platform) -> None:
    theo = platform.add_person("theo", roles=["modeller"], language="fr")
    trial = f"{V1}/trials/{platform.expect('POST', f'{V1}/trials', {'name': 'Essai', 'files': FILES}, user=theo)['trialKey']}"
    cast = platform.expect("GET", trial, user=theo)["cast"]
    made_up = [one["username"] for one in cast if one["isStandIn"] and one["partyName"] != "Garage Martin"]
    with _browser(platform, theo) as browser:
        pages = [browser.get(platform.expect("POST", f"{trial}/acting", {"username": one}, user=theo)["url"]).text for one in made_up]
    platform.api("DELETE", trial, user=theo)

    assert pages
    assert all("Mes groupes" in page and "My groups" not in page for page in pages)


def test_the_views_of_two_parties_stand_beside_each_other_in_one_browser(platform: Platform, trial: str) -> None:
    _start(platform, trial)
    cast = {one["side"]: one["username"] for one in _in_trial(platform, trial)["cast"]}

    with _browser(platform, "mona") as browser:
        views = [
            str(browser.get(platform.expect("POST", f"{trial}/acting", {"username": cast[side]}, user="mona")["url"]).url)
            for side in ("Front desk", "Garage")
        ]
        desk, garage = (browser.get(view).text for view in views)
        assert "Check the report" in desk
        assert "Check the report" not in garage
        assert "you act as Fiona" in desk
        assert "you act as Fiona" not in garage
        # an address alone is nobody
        assert "Check the report" not in browser.get(f"{_inside(trial)}/as/{'0' * 12}/", follow_redirects=False).text


def test_the_phone_is_let_in_for_one_party_of_one_trial(platform: Platform, trial: str) -> None:
    _start(platform, trial)
    way = platform.expect("POST", f"{trial}/acting", {"username": "fiona", "onPhone": True}, user="mona")
    assert way["qrCode"].startswith("<svg")
    path = way["url"].removeprefix(platform.url)

    with httpx.Client(base_url=platform.url, follow_redirects=True, trust_env=False) as phone:
        page = phone.get(path)
        assert page.status_code == 200
        assert "Check the report" in page.text
        assert phone.get(f"{_inside(trial)}/mails").status_code == 401
        assert phone.get(f"{_inside(trial)}/v2/topology").status_code == 401
        other = platform.expect("POST", f"{V1}/trials", {"files": FILES}, user="mona")["trialKey"]
        assert phone.get(f"/trials/{other}/").status_code == 401
        platform.api("DELETE", f"{V1}/trials/{other}", user="mona")
    click = platform.expect("POST", f"{trial}/acting", {"username": "fiona"}, user="mona")["url"]
    assert httpx.get(f"{platform.url}{click}").status_code == 401
    assert httpx.get(f"{platform.url}{path[:-3]}abc").status_code in (401, 404)


def test_a_way_into_one_trial_opens_no_other(platform: Platform, trial: str) -> None:
    other = platform.expect("POST", f"{V1}/trials", {"files": FILES}, user="mona")["trialKey"]
    way = platform.expect("POST", f"{trial}/acting", {"username": "fiona", "onPhone": True}, user="mona")["url"]

    assert httpx.get(way.replace(_inside(trial), f"/trials/{other}")).status_code == 404
    platform.api("DELETE", f"{V1}/trials/{other}", user="mona")


# -- jobs, mails, scenario ----------------------------------------------------------------------------------------


def _to_the_end(platform: Platform, trial: str) -> dict[str, Any]:
    started = _start(platform, trial)
    inside = _inside(trial)
    for answers in ({}, {"hours": 12}):
        (task,) = platform.expect("POST", f"{inside}/v2/user-tasks/search", {"filter": {"state": "CREATED"}}, user="mona")["items"]
        path = f"{inside}/v2/user-tasks/{task['userTaskKey']}/completion"
        assert platform.api("POST", path, {"variables": answers}, user="mona").status_code == 204
        platform.expect("POST", f"{trial}/clock", {"by": "PT3H"}, user="mona")
    return started


def test_a_job_is_answered_by_hand_and_the_answer_is_offered_again(platform: Platform, trial: str) -> None:
    _to_the_end(platform, trial)
    (job,) = _in_trial(platform, trial)["jobs"]
    assert (job["type"], job["variables"]["hours"], job["sample"]) == ("book-repair", 12, None)
    answer = {"variables": {"slot": "2026-02-01"}, "remember": True}
    assert platform.api("POST", f"{trial}/jobs/{job['jobKey']}/answer", answer, user="mona").status_code == 204
    assert platform.api("POST", f"{trial}/jobs/{job['jobKey']}/answer", answer, user="mona").status_code == 404

    assert [one["state"] for one in _in_trial(platform, trial)["cases"]] == ["COMPLETED"]
    _to_the_end(platform, trial)
    assert _in_trial(platform, trial)["jobs"][0]["sample"] == {"variables": {"slot": "2026-02-01"}}
    # workers of the real installation never get it
    assert platform.leases("book-repair") == []


def test_a_failed_job_stands_as_an_incident(platform: Platform, trial: str) -> None:
    _to_the_end(platform, trial)
    (job,) = _in_trial(platform, trial)["jobs"]
    platform.expect("POST", f"{trial}/jobs/{job['jobKey']}/answer", {"failure": "The calendar is down."}, user="mona")

    found = platform.expect("POST", f"{_inside(trial)}/v2/incidents/search", {}, user="mona")["items"]
    assert [one["errorMessage"] for one in found] == ["The calendar is down."]
    assert platform.expect("POST", "/v2/incidents/search", {})["items"] == []


def test_mails_are_shown_with_a_link_that_works_in_the_trial(platform: Platform, trial: str) -> None:
    _to_the_end(platform, trial)
    mail = next(one for one in _in_trial(platform, trial)["mails"] if one["kind"] == "handoff offered")
    assert (mail["toAddress"], mail["subject"] is not None) == ("jean@martin.example", True)
    link = re.search(rf"{re.escape(platform.url)}({_inside(trial)}/l/\S+)", mail["text"])
    assert link

    with _browser(platform, "mona") as browser:
        assert browser.get(link[1]).status_code == 200
        assert browser.get(mail["url"]).status_code == 200
    assert httpx.get(f"{platform.url}{link[1]}").status_code == 401
    assert httpx.get(f"{platform.url}{mail['url']}").status_code == 401


def test_the_run_is_kept_as_a_scenario_that_passes(platform: Platform, trial: str, tmp_path: Path) -> None:
    started = _to_the_end(platform, trial)
    (job,) = _in_trial(platform, trial)["jobs"]
    platform.expect("POST", f"{trial}/jobs/{job['jobKey']}/answer", {"variables": {"slot": "2026-02-01"}}, user="mona")
    wanted = {"caseKey": started["caseKey"], "name": "The garage says 12 hours"}

    kept = platform.expect("POST", f"{trial}/scenario", wanted, user="mona")
    assert kept["passed"], kept["told"]
    assert [next(iter(step)) for step in kept["scenario"]["steps"]] == ["task", "wait", "task", "wait", "job"]
    assert kept["scenario"]["end"]["path"]["claim"] == ["begin", "check", "estimate", "book", "done"]
    assert [one["outcome"] for one in kept["scenario"]["end"]["handoffs"]] == ["COMPLETED", "COMPLETED"]

    zipped = platform.api("POST", f"{trial}/scenario/export", wanted, user="mona")
    zipfile.ZipFile(io.BytesIO(zipped.content)).extractall(tmp_path / "claim")
    assert [passed for _, passed in scenarios.run_folder(tmp_path / "claim")] == [True]
    # and it can fail
    file = tmp_path / "claim" / "scenarios" / kept["fileName"]
    file.write_text(file.read_text().replace('"hours":12', '"hours":null'))
    assert [passed for _, passed in scenarios.run_folder(tmp_path / "claim")] == [False]


@pytest.mark.parametrize("sample", ["claim", "order", "onboarding"])
def test_a_sample_played_in_a_trial_runs_again_from_what_was_kept(platform: Platform, owner: str, sample: str) -> None:
    folder = Path(__file__).parents[2] / "processes" / sample
    people = json.loads((folder / "people.json").read_text())
    for party in people.get("parties", ()):
        about = {"partyId": party["party_id"], "name": party["name"], "kind": party["kind"], "contacts": party["contacts"]}
        platform.expect("POST", f"{V1}/parties", about)
    files = [{"name": one.name, "content": one.read_text()} for one in sorted(folder.iterdir()) if one.suffix in (".bpmn", ".form")]
    trial = f"{V1}/trials/{platform.expect('POST', f'{V1}/trials', {'files': files}, user=owner)['trialKey']}"
    played = json.loads(sorted((folder / "scenarios").glob("*.json"))[0].read_text())
    wanted = {"processDefinitionId": played["start"]["process"], "variables": played["start"].get("variables", {})}
    there = _in_trial(platform, trial)
    starter = next(one["starter"] for one in there["processes"] if one["processDefinitionId"] == wanted["processDefinitionId"])
    if starter != "host":
        wanted["username"] = next(one["username"] for one in there["cast"] if one["kind"] == starter)
    case = platform.expect("POST", f"{trial}/cases", wanted, user=owner)["caseKey"]
    done = sum(_play(platform, trial, case, step) for step in played["steps"])

    kept = platform.expect("POST", f"{trial}/scenario", {"caseKey": case, "name": "Again"}, user=owner)
    assert kept["passed"], kept["told"]
    assert len(kept["scenario"]["steps"]) == done > 4
    platform.api("DELETE", trial, user=owner)


def _play(platform: Platform, trial: str, case: str, step: dict[str, Any]) -> int:
    """Do a task, a job or a wait of a scenario by the API; how many steps that was."""
    inside = _inside(trial)
    if "task" in step:
        for role, party_id in step.get("roles", {}).items():
            found = platform.expect("POST", f"{inside}{V1}/parties/search", {"filter": {"partyId": party_id}}, user="mona")["items"]
            platform.expect("PUT", f"{inside}{V1}/cases/{case}/roles/{role}", {"partyKey": found[0]["partyKey"]}, user="mona")
        open_tasks = platform.expect("POST", f"{inside}/v2/user-tasks/search", {"filter": {"state": "CREATED"}}, user="mona")["items"]
        key = next(one["userTaskKey"] for one in open_tasks if one["name"] == step["task"])
        platform.expect("POST", f"{inside}/v2/user-tasks/{key}/completion", {"variables": step.get("answers", {})}, user="mona")
    elif "job" in step:
        job = next(one for one in _in_trial(platform, trial)["jobs"] if one["type"] == step["job"])
        platform.expect("POST", f"{trial}/jobs/{job['jobKey']}/answer", {"variables": step.get("variables", {})}, user="mona")
    elif "wait" in step:
        platform.expect("POST", f"{trial}/clock", {"by": step["wait"]}, user="mona")
    else:
        return 0
    return 1


# -- beginning and ending -----------------------------------------------------------------------------------------


def test_a_model_that_cannot_be_deployed_leaves_no_trial(platform: Platform, owner: str) -> None:
    broken = [{"name": "claim.bpmn", "content": MODEL.replace('targetRef="done"', 'targetRef="nowhere"')}]
    answer = platform.api("POST", f"{V1}/trials", {"files": broken}, user=owner)

    assert answer.status_code == 400
    assert answer.json()["problems"]
    assert platform.expect("GET", f"{V1}/trials", user=owner)["items"] == []
    assert platform.api("POST", f"{V1}/trials", {}, user=owner).status_code == 400


def test_a_draft_is_tried_as_it_was_saved(platform: Platform, owner: str) -> None:
    draft = platform.expect("POST", f"{V1}/drafts", {"name": "Claims, next", "files": FILES}, user=owner)["draftKey"]
    made = platform.expect("POST", f"{V1}/trials", {"draftKey": draft}, user=owner)
    assert (made["name"], made["draftKey"]) == ("Claims, next", draft)
    assert [one["processDefinitionId"] for one in _in_trial(platform, f"{V1}/trials/{made['trialKey']}")["processes"]] == ["claim"]
    assert platform.expect("POST", "/v2/process-definitions/search", {})["items"] == []
    platform.api("DELETE", f"{V1}/trials/{made['trialKey']}", user=owner)
    assert platform.api("POST", f"{V1}/trials", {"draftKey": "12"}, user=owner).status_code == 404


def test_deleting_a_trial_leaves_nothing_of_it(platform: Platform, owner: str) -> None:
    key = platform.expect("POST", f"{V1}/trials", {"files": FILES}, user=owner)["trialKey"]
    _start(platform, f"{V1}/trials/{key}")
    in_files = platform.database_url.startswith("sqlite")
    folder = platform.server.folder / ("trials" if in_files else "documents/trials") / key
    assert folder.is_dir()
    assert platform.api("DELETE", f"{V1}/trials/{key}", user=owner).status_code == 204

    assert not folder.exists()
    assert f"trial_{key}" not in inspect(platform.engine).get_schema_names()
    assert platform.api("GET", f"{V1}/trials/{key}", user=owner).status_code == 404
    assert platform.api("GET", f"/trials/{key}/v2/topology", user=owner).status_code == 404
    assert platform.api("DELETE", f"{V1}/trials/{key}", user=owner).status_code == 404


def test_there_are_at_most_twenty(platform: Platform, owner: str) -> None:
    from sqlalchemy import insert
    from sqlalchemy.orm import Session

    from engine import clock, trials

    now = clock.machine_now()
    with Session(platform.engine) as session:
        for key in range(1, trials.MOST + 1):
            row = {"key": key, "name": "x", "revision": "x", "created_by": owner, "created_at": now, "expires_at": now + trials.KEPT}
            session.execute(insert(trials.Trial).values(**row))
        session.commit()

    assert platform.api("POST", f"{V1}/trials", {"files": FILES}, user=owner).status_code == 409
    with Session(platform.engine) as session:
        session.get_one(trials.Trial, 1).expires_at = now
        session.commit()
    made = platform.expect("POST", f"{V1}/trials", {"files": FILES}, user=owner)
    assert {"1", made["trialKey"]} & {one["trialKey"] for one in platform.expect("GET", f"{V1}/trials")["items"]} == {made["trialKey"]}
