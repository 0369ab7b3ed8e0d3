"""Whatever is done in a trial is kept in its scenario: `passerelle test` runs it again, and says what a changed model breaks."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from api import cli
from tests.api.models import error_boundary, message, process, receive_task, service_task, user_task
from tests.platforms import Platform

V1 = "/passerelle/v1"
MONA = {"user": "mona"}


def _repair() -> str:
    """Look at the car, book it (there may be no slot), wait for the parts, then as many hours as it takes."""
    caught, error = error_boundary("book", "NO_SLOT")
    more = (
        '<exclusiveGateway id="much" default="small"/><sequenceFlow id="to_much" sourceRef="parts" targetRef="much"/>'
        '<sequenceFlow id="large" sourceRef="much" targetRef="long">'
        '<conditionExpression xsi:type="tFormalExpression">=hours &gt; 10</conditionExpression></sequenceFlow>'
        '<sequenceFlow id="small" sourceRef="much" targetRef="short"/><endEvent id="long"/><endEvent id="short"/>'
    )
    elements = [user_task("check", groups=["desk"]), service_task("book", "book"), receive_task("parts", "arrived")]
    model = process("repair", *elements, more=more + caught, roots=error + message("arrived", "parts arrived", "plate"))
    return model.replace('<endEvent id="end"/>', "").replace('<sequenceFlow id="flow_3" sourceRef="parts" targetRef="end"/>', "")


def _begun_by(trigger: str, roots: str = "") -> str:
    return process("repair", user_task("check"), start=trigger, roots=roots)


@dataclass(slots=True)
class Trial:
    """A trial of one model, and what one does in it by the API."""

    platform: Platform
    key: str
    case: str = ""

    @property
    def path(self) -> str:
        return f"{V1}/trials/{self.key}"

    def inside(self, method: str, path: str, body: Any = None) -> Any:
        return self.platform.expect(method, f"/trials/{self.key}{path}", body, **MONA)

    def start(self, **variables: Any) -> str:
        begun = self.platform.expect("POST", f"{self.path}/cases", {"processDefinitionId": "repair", "variables": variables}, **MONA)
        self.case = begun["caseKey"]
        return str(begun["processInstanceKey"])

    def task(self) -> str:
        return str(self.inside("POST", "/v2/user-tasks/search", {"filter": {"state": "CREATED"}})["items"][0]["userTaskKey"])

    def do_task(self, **variables: Any) -> None:
        self.inside("POST", f"/v2/user-tasks/{self.task()}/completion", {"variables": variables})

    def jobs(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.platform.expect("GET", self.path, **MONA)["jobs"]
        return found

    def answer(self, number: int = 0, **answer: Any) -> None:
        self.platform.expect("POST", f"{self.path}/jobs/{self.jobs()[number]['jobKey']}/answer", answer, **MONA)

    def wait(self, duration: str) -> None:
        self.platform.expect("POST", f"{self.path}/clock", {"by": duration}, **MONA)

    def parts_arrive(self, **variables: Any) -> None:
        self.inside("POST", "/v2/messages/publication", {"name": "parts arrived", "correlationKey": "AB-1", "variables": variables})

    def newest_case(self) -> None:
        self.case = self.platform.expect("GET", self.path, **MONA)["cases"][0]["caseKey"]

    def kept(self) -> dict[str, Any]:
        found: dict[str, Any] = self.platform.expect("POST", f"{self.path}/scenario", {"caseKey": self.case, "name": "Again"}, **MONA)
        return found

    def unpacked(self, folder: Path) -> Path:
        answer = self.platform.api("POST", f"{self.path}/scenario/export", {"caseKey": self.case, "name": "Again"}, **MONA)
        zipfile.ZipFile(io.BytesIO(answer.content)).extractall(folder)
        return folder


Begin = Callable[[str], Trial]


@pytest.fixture
def begin(platform: Platform) -> Iterator[Begin]:
    """Begins a trial of a model; deletes it in the end."""
    platform.add_person("mona", roles=["modeller"])
    platform.add_person("fiona", roles=["member"], groups=["desk"])
    platform.add_person("nina", roles=["member"])
    made: list[str] = []

    def begin_one(model: str) -> Trial:
        files = [{"name": "repair.bpmn", "content": model}]
        made.append(platform.expect("POST", f"{V1}/trials", {"files": files}, **MONA)["trialKey"])
        return Trial(platform, made[-1])

    yield begin_one
    for key in made:
        platform.api("DELETE", f"{V1}/trials/{key}", **MONA)


def passerelle_test(folder: Path) -> tuple[int, str]:
    done = CliRunner().invoke(cli.main, ["test", str(folder)])
    return done.exit_code, done.output


# -- one way through the model each -------------------------------------------------------------------------------


def _sets_a_variable(trial: Trial) -> None:
    instance = trial.start(plate="AB-1", hours=2)
    trial.do_task()
    trial.answer()
    trial.inside("PUT", f"/v2/element-instances/{instance}/variables", {"variables": {"hours": 20}})
    trial.parts_arrive()


def _sets_a_variable_of_an_element(trial: Trial) -> None:
    trial.start(plate="AB-1", hours=2)
    place = trial.inside("POST", "/v2/user-tasks/search", {})["items"][0]["elementInstanceKey"]
    trial.inside("PUT", f"/v2/element-instances/{place}/variables", {"variables": {"note": "scratched"}, "local": True})
    trial.do_task()


def _cancels(trial: Trial) -> None:
    instance = trial.start(plate="AB-1")
    trial.do_task()
    trial.inside("POST", f"/v2/process-instances/{instance}/cancellation", {})


def _fails_and_mends(trial: Trial) -> None:
    trial.start(plate="AB-1", hours=2)
    trial.do_task()
    trial.answer(failure="The calendar is slow.", retries=1)
    trial.answer(failure="The calendar is down.")
    job = trial.jobs()[0]["jobKey"]
    trial.inside("PATCH", f"/v2/jobs/{job}", {"changeset": {"retries": 3}})
    (incident,) = trial.inside("POST", "/v2/incidents/search", {"filter": {"state": "ACTIVE"}})["items"]
    trial.inside("POST", f"/v2/incidents/{incident['incidentKey']}/resolution")
    trial.wait("PT2H")
    trial.answer(variables={"slot": "Monday"})


def _stays_broken(trial: Trial) -> None:
    trial.start(plate="AB-1")
    trial.do_task()
    trial.answer(failure="The calendar is down.")


def _throws_an_error(trial: Trial) -> None:
    trial.start(plate="AB-1")
    trial.do_task()
    trial.answer(errorCode="NO_SLOT", errorMessage="Nothing is free this week.", variables={"asked": 3})


def _publishes_a_message(trial: Trial) -> None:
    trial.start(plate="AB-1", hours=2)
    trial.parts_arrive(hours=12)  # nobody waits yet, and it is not kept
    trial.do_task()
    trial.wait("P1D")
    trial.answer()
    trial.parts_arrive(hours=30)


def _correlates_a_message(trial: Trial) -> None:
    trial.start(plate="AB-1", hours=2)
    trial.do_task()
    trial.answer()
    trial.inside("POST", "/v2/messages/correlation", {"name": "parts arrived", "correlationKey": "AB-1", "variables": {"hours": 30}})


def _assigns(trial: Trial) -> None:
    trial.start(plate="AB-1", hours=2)
    trial.inside("POST", f"/v2/user-tasks/{trial.task()}/assignment", {"assignee": "nina"})
    trial.inside("DELETE", f"/v2/user-tasks/{trial.task()}/assignee")
    trial.inside("PATCH", f"/v2/user-tasks/{trial.task()}", {"changeset": {"candidateGroups": ["office"]}})
    trial.do_task()


LONGER, OTHER_CODE = ("hours &gt; 10", "hours &gt; 100"), ('errorCode="NO_SLOT"', 'errorCode="FULL"')
ELSEWHERE = ("check", "look")
WITHOUT_JOB = ('type="book"', 'type="plan"')
WAYS = [
    (_sets_a_variable, ["task", "job", "set", "message"], LONGER, "expected 'repair' to pass begin → check → book → parts → much → long"),
    (_sets_a_variable_of_an_element, ["set", "task"], ELSEWHERE, "step 1 (set {'note': 'scratched'}): expected one that runs"),
    (_cancels, ["task", "cancel"], ('id="repair"', 'id="mending"'), "repair"),
    (_fails_and_mends, ["task", "job", "job", "more tries", "resolve", "wait", "job"], WITHOUT_JOB, "expected an open job of that type"),
    (_stays_broken, ["task", "job"], WITHOUT_JOB, "step 2 (job 'book'): expected an open job of that type, found none; open: ['plan']"),
    (_throws_an_error, ["task", "job"], OTHER_CODE, "at the end: expected no incident, found"),
    (_publishes_a_message, ["message", "task", "wait", "job", "message"], LONGER, "'long' is missing there"),
    (_correlates_a_message, ["task", "job", "correlate"], ("=plate", "=color"), "step 3 (correlate 'parts arrived'): Expected somebody to wait"),
    (_assigns, ["assign", "unassign", "offer", "task"], ("Look at check", "Look again"), "expected one open task of that name, found 0"),
]


@pytest.mark.parametrize(("play", "steps", "change", "told"), WAYS, ids=[way[0].__name__.strip("_") for way in WAYS])
def test_what_was_done_runs_again_and_a_changed_model_is_told(
    begin: Begin, tmp_path: Path, play: Callable[[Trial], None], steps: list[str], change: tuple[str, str], told: str
) -> None:
    trial = begin(_repair())
    play(trial)
    kept = trial.kept()
    assert kept["passed"], kept["told"]
    kinds = {"task", "assign", "unassign", "offer", "job", "more tries", "resolve", "set", "cancel", "message", "correlate", "wait"}
    assert [next(iter(kinds & step.keys())) for step in kept["scenario"]["steps"]] == steps
    folder = trial.unpacked(tmp_path / "repair")
    assert passerelle_test(folder) == (0, "passed  repair/again: Again\n")

    model = folder / "repair.bpmn"
    assert change[0] in model.read_text()
    model.write_text(model.read_text().replace(*change))
    code, output = passerelle_test(folder)
    assert (code, output.startswith("FAILED  repair/again: ")) == (1, True)
    assert told in output


def test_a_failure_keeps_its_message_and_its_tries(begin: Begin) -> None:
    trial = begin(_repair())
    _fails_and_mends(trial)
    first, last = (step for step in trial.kept()["scenario"]["steps"] if "failure" in step)

    assert first == {"job": "book", "failure": "The calendar is slow.", "retries": 1}
    assert last == {"job": "book", "failure": "The calendar is down.", "retries": 0}


def test_an_error_keeps_its_code_its_message_and_its_variables(begin: Begin) -> None:
    trial = begin(_repair())
    _throws_an_error(trial)
    step = trial.kept()["scenario"]["steps"][-1]

    assert step == {"job": "book", "error": "NO_SLOT", "says": "Nothing is free this week.", "variables": {"asked": 3}}


def test_an_incident_that_stands_is_expected_to_stand_again(begin: Begin, tmp_path: Path) -> None:
    trial = begin(_repair())
    _stays_broken(trial)
    folder = trial.unpacked(tmp_path / "repair")
    file = folder / "scenarios" / "again.json"
    scenario = json.loads(file.read_text())
    assert scenario["end"]["incidents"] == ["book"]
    # the same run without the failure ends without incident, and that is not what was kept
    scenario["steps"].pop()
    file.write_text(json.dumps(scenario))

    code, output = passerelle_test(folder)
    assert code == 1
    assert 'expected the elements with an incident at the end to be ["book"], found []' in output


def test_of_several_jobs_of_a_type_the_scenario_does_the_one_that_was_done(begin: Begin, tmp_path: Path) -> None:
    each = '<multiInstanceLoopCharacteristics><extensionElements><zeebe:loopCharacteristics inputCollection="=parts" inputElement="part"/>'
    task = service_task("book", "book").replace("</serviceTask>", f"{each}</extensionElements></multiInstanceLoopCharacteristics></serviceTask>")
    trial = begin(process("repair", task, user_task("check")))
    trial.start(parts=["door", "wing"])
    trial.answer(1, variables={"found": True})
    trial.answer(0, failure="There is no door.")

    kept = trial.kept()
    assert kept["passed"], kept["told"]
    assert [step.get("where") for step in kept["scenario"]["steps"]] == [{"part": "wing"}, None]


# -- what nobody begins by hand -----------------------------------------------------------------------------------


MESSAGE_START = _begun_by('<messageEventDefinition messageRef="report"/>', message("report", "damage reported", "plate"))
SIGNAL_START = _begun_by('<signalEventDefinition signalRef="alarm"/>', '<signal id="alarm" name="hail"/>')
TIMER_START = _begun_by('<timerEventDefinition><timeDuration xsi:type="tFormalExpression">P2D</timeDuration></timerEventDefinition>')


@pytest.mark.parametrize(
    ("model", "call", "start", "change"),
    [
        (
            MESSAGE_START,
            lambda trial: trial.inside("POST", "/v2/messages/publication", {"name": "damage reported", "correlationKey": "AB-1", "variables": {"a": 1}}),
            {"process": "repair", "message": "damage reported", "key": "AB-1", "variables": {"a": 1}},
            ("damage reported", "other"),
        ),
        (
            MESSAGE_START,
            lambda trial: trial.inside("POST", "/v2/messages/correlation", {"name": "damage reported", "correlationKey": "AB-1"}),
            {"process": "repair", "message": "damage reported", "key": "AB-1"},
            ("damage reported", "other"),
        ),
        (SIGNAL_START, lambda trial: trial.inside("POST", "/v2/signals/broadcast", {"signalName": "hail"}), {"process": "repair", "signal": "hail"}, ("hail", "x")),
        (TIMER_START, lambda trial: trial.wait("P3D"), {"process": "repair", "wait": "PT259200S"}, ("P2D", "P9D")),
    ],
    ids=["message", "correlated message", "signal", "time"],
)
def test_a_case_that_nobody_began_by_hand_begins_again(
    begin: Begin, tmp_path: Path, model: str, call: Callable[[Trial], Any], start: dict[str, Any], change: tuple[str, str]
) -> None:
    trial = begin(model)
    call(trial)
    trial.newest_case()
    trial.wait("PT1H")
    trial.do_task(fine=True)
    kept = trial.kept()
    assert kept["passed"], kept["told"]
    assert kept["scenario"]["start"] == start
    assert [next(iter(step)) for step in kept["scenario"]["steps"]] == ["wait", "task"]
    folder = trial.unpacked(tmp_path / "repair")
    assert passerelle_test(folder)[0] == 0

    file = folder / "repair.bpmn"
    file.write_text(file.read_text().replace(*change))
    code, output = passerelle_test(folder)
    assert code == 1
    assert "expected process 'repair' to have begun, found that nothing began it" in output


def test_nothing_is_recorded_of_real_cases(platform: Platform) -> None:
    from sqlalchemy import func, select

    from engine.recordings import RecordedStep

    platform.deploy(("repair.bpmn", _repair()))
    started = platform.start("repair", plate="AB-1")
    platform.expect("PUT", f"/v2/element-instances/{started['processInstanceKey']}/variables", {"variables": {"hours": 20}})
    platform.complete_task(platform.tasks(state="CREATED")[0])
    platform.complete(platform.lease("book"))

    with platform.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(RecordedStep.__table__)) == 0
