"""What becomes of a file before it is deployed: everything is found, nothing is stored, and nothing hostile takes long."""

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from engine import checks, decision_tests, job_types
from engine.parties import PLATFORM
from tests.api import models
from tests.platforms import Platform

CLAIM = Path("processes/claim")
HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" '
    'xmlns:handoff="urn:passerelle:handoff:1.0" targetNamespace="t">'
)


def check(platform, *files, **more):
    body = {"files": [{"name": name, "content": content} for name, content in files]}
    return platform.expect("POST", "/passerelle/v1/checks", body, **more)


def two_lanes(*, party='kind="partner"', contract="", form=""):
    """A desk's task, then a garage's: the flow between crosses."""
    said = f"<extensionElements>{contract}</extensionElements>" if contract else ""
    asked = f'<extensionElements><zeebe:userTask/>{form}</extensionElements>'
    return f"""{HEAD}<process id="p" isExecutable="true">
      <laneSet><lane id="desk" name="Desk"><flowNodeRef>s</flowNodeRef><flowNodeRef>a</flowNodeRef></lane>
      <lane id="garage" name="Garage"><extensionElements><handoff:party {party}/></extensionElements>
        <flowNodeRef>b</flowNodeRef><flowNodeRef>e</flowNodeRef></lane></laneSet>
      <startEvent id="s"/><userTask id="a" name="Ask">{asked}</userTask><userTask id="b" name="Repair"/><endEvent id="e"/>
      <sequenceFlow id="f1" sourceRef="s" targetRef="a"/><sequenceFlow id="f2" sourceRef="a" targetRef="b">{said}</sequenceFlow>
      <sequenceFlow id="f3" sourceRef="b" targetRef="e"/></process></definitions>"""


def rules(found, level=None):
    return {one["rule"] for one in found["problems"] if level in (None, one["level"])}


def test_a_sound_process_is_told_with_its_handoffs_parties_and_work(platform: Platform) -> None:
    files = [(file.name, file.read_text()) for file in sorted(CLAIM.iterdir()) if file.suffix in (".bpmn", ".form")]
    found = check(platform, *files)

    assert rules(found, "error") == set()
    assert "field-that-nothing-sets" not in rules(found)
    assert "form-unknown" not in rules(found)
    assert len(found["handoffs"]) == 11
    assert {party["kind"] for party in found["parties"]} == {"host", "partner", "customer"}
    assert next(p for p in found["parties"] if p["kind"] == "customer")["bound"] == "starter"
    assert [job["lastAskedAt"] for job in found["jobTypes"]] == [None]
    assert platform.expect("POST", "/v2/process-definitions/search")["items"] == []


def test_every_fixture_has_exactly_its_handoffs_here_too(platform: Platform) -> None:
    for file in sorted(Path("designer/src/handoff/fixtures").glob("*.json")):
        fixture = json.loads(file.read_text())
        found = check(platform, (fixture["bpmn"], (file.parent / fixture["bpmn"]).read_text()))["handoffs"]

        rows = [{**row, "contract": row["contract"] and row["contract"]["flowId"]} for row in found]
        for row in rows:
            del row["file"]
        assert sorted(map(json.dumps, map(sorted, (r.items() for r in rows)))) == sorted(
            map(json.dumps, map(sorted, (r.items() for r in fixture["expected"])))
        ), fixture["name"]


def test_a_crossing_without_a_contract_is_a_warning_with_its_fix(platform: Platform) -> None:
    found = check(platform, ("p.bpmn", two_lanes()))

    problem = next(one for one in found["problems"] if one["rule"] == "crossing-without-contract")
    assert (problem["level"], problem["elementId"], problem["fix"]) == ("warning", "f2", {"kind": "addContract"})


def test_a_party_that_the_directory_does_not_know_is_said(platform: Platform) -> None:
    found = check(platform, ("p.bpmn", two_lanes(party='kind="partner" partyId="dupont"')))

    assert "party-unknown" in rules(found)
    assert [one["bound"] for one in found["parties"] if one["partyId"] == "dupont"] == ["nobody"]
    platform.expect("POST", "/passerelle/v1/parties", {"partyId": "dupont", "name": "Dupont", "kind": "partner"})
    found = check(platform, ("p.bpmn", two_lanes(party='kind="partner" partyId="dupont"')))
    assert "party-unknown" not in rules(found)
    assert [one["bound"] for one in found["parties"] if one["partyId"] == "dupont"] == ["directory"]


CONTRACT = '<handoff:contract acceptWithin="PT4H"><handoff:field name="plate" required="true"/></handoff:contract>'


def form(key):
    return json.dumps({"id": "ask", "type": "default", "components": [{"type": "textfield", "key": key, "id": "x", "label": "x"}]})


def test_a_field_that_nothing_sets_before_the_crossing_is_said_until_a_form_asks_for_it(platform: Platform) -> None:
    model = two_lanes(contract=CONTRACT, form='<zeebe:formDefinition formId="ask"/>').replace(
        '<startEvent id="s"/>',
        '<startEvent id="s"><extensionElements><zeebe:formDefinition formId="ask"/></extensionElements></startEvent>',
    )
    without = check(platform, ("p.bpmn", model), ("ask.form", form("name")))
    within = check(platform, ("p.bpmn", model), ("ask.form", form("plate")))
    unknown = check(platform, ("p.bpmn", model))

    said = next(one for one in without["problems"] if one["rule"] == "field-that-nothing-sets")
    assert said["fix"] == {"kind": "removeField", "name": "plate", "element": "a"}
    assert "field-that-nothing-sets" not in rules(within)
    assert "field-that-nothing-sets" not in rules(unknown)  # a person without a known form may bring anything
    assert "form-unknown" in rules(unknown)


def test_a_lane_without_people_is_said_until_somebody_is_in_its_group(platform: Platform) -> None:
    model = two_lanes()
    before = check(platform, ("p.bpmn", model))
    platform.add_person("nora", groups=["desk"])
    after = check(platform, ("p.bpmn", model))

    assert "group-without-people" in rules(before)
    assert before["people"] == [{"file": "p.bpmn", "laneId": "desk", "group": "desk", "members": 0}]
    assert "group-without-people" not in rules(after)
    assert after["people"][0]["members"] == 1


def test_a_job_type_is_without_a_worker_until_one_asks(platform: Platform) -> None:
    model = models.process("p", models.service_task("book", "book-it"))
    before = check(platform, ("p.bpmn", model))
    kind = before["jobTypes"][0]["type"]
    platform.leases(kind)
    after = check(platform, ("p.bpmn", model))

    assert before["jobTypes"][0]["lastAskedAt"] is None
    assert "job-type-without-worker" in rules(before)
    assert after["jobTypes"][0]["lastAskedAt"] is not None
    assert "job-type-without-worker" not in rules(after)


def test_an_expression_that_cannot_be_read_is_shown_with_its_place(platform: Platform) -> None:
    broken = models.process("p", models.user_task("look", assignee="=a +"))
    problem = next(one for one in check(platform, ("p.bpmn", broken))["problems"] if one["expression"])

    assert problem["expression"]["text"] == "=a +"
    assert 0 < problem["expression"]["position"] <= 4
    assert problem["rule"] == "expressions-compile"


BOMB = '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
) + ']><definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">&j;</definitions>'
OUTSIDE = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><definitions>&x;</definitions>'


@pytest.mark.parametrize(
    "content",
    ["", "hello", "{}", "\x00\x01", BOMB, OUTSIDE, "<a>" * 30_000, "<definitions/>", "<?xml version='1.0' encoding='klingon'?><a/>",
     HEAD + "<process id='p' isExecutable='true'>" + "<task/>" * 100_000 + "</process></definitions>", "x" * (6 << 20),
     "<process " * 200_000, "é" * 1000],
    ids=["empty", "words", "json", "nul", "bomb", "outside", "deep", "other", "klingon", "many", "large", "open", "accents"],
)  # fmt: skip
def test_whatever_is_dropped_has_an_answer_soon(platform: Platform, content: str) -> None:
    since = time.monotonic()
    found = check(platform, ("it.bpmn", content))

    assert "error" in {one["level"] for one in found["problems"]}
    assert len(found["problems"]) < 250
    assert "root:" not in json.dumps(found)
    assert time.monotonic() - since < 12


@pytest.mark.parametrize("kind", [["a"], {"a": 1}, None, 5, "=a"])
def test_a_form_with_any_nonsense_is_answered_in_words(platform: Platform, kind: Any) -> None:
    found = check(platform, ("it.form", json.dumps({"id": "f", "type": "default", "components": [{"type": kind, "key": "a"}]})))

    assert rules(found, "error") == {"form"}


def test_a_model_that_takes_too_long_is_said_to_and_the_check_ends(monkeypatch: pytest.MonkeyPatch, session: Session) -> None:
    monkeypatch.setattr(checks, "MOST_SECONDS", 1.0)
    long = "=" + "a+" * 500 + "1"
    file = models.process("p", *(models.user_task(f"t{n}", assignee=f"{long}+{n}") for n in range(2000)))
    since = time.monotonic()
    found = checks.check(session, [("slow.bpmn", file.encode()), ("b.bpmn", b"<a/>")], by=PLATFORM)

    assert [(one.file, one.rule) for one in found.problems] == [("slow.bpmn", "size"), ("b.bpmn", "size")]
    assert "too long" in found.problems[0].message
    assert time.monotonic() - since < 10


def test_rows_of_a_decision_end_when_those_before_took_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decision_tests, "MOST_SECONDS", 0.0)
    name = "https://www.omg.org/spec/DMN/20191111/MODEL/"
    file = f'<definitions xmlns="{name}" id="d" name="d" namespace="n"><decision id="x" name="x"><literalExpression id="l"><text>1</text></literalExpression></decision></definitions>'
    model = decision_tests.read(file.encode(), [])

    assert {one.failure for one in decision_tests.answers(model, "x", [{}] * 3, datetime.now(UTC))} == {
        "This row was not asked: those before it took too long."
    }


def test_ten_files_and_too_many_have_an_answer(platform: Platform) -> None:
    ten = check(platform, *[(f"{n}.bpmn", models.process(f"p{n}", models.user_task("look"))) for n in range(10)])
    many = check(platform, *[(f"{n}.txt", "x") for n in range(150)])
    twice = check(platform, *[(f"{n}.bpmn", models.process("same", models.user_task("look"))) for n in range(2)])

    assert len(ten["processes"]) == 10
    assert rules(ten, "error") == set()
    assert {"size", "kind"} <= rules(many, "error")
    assert "process-twice" in rules(twice, "error")


def test_who_asks_for_work_is_noted_once_a_minute(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = []
    monkeypatch.setattr(job_types, "_keep", lambda session, job_type: kept.append(job_type))
    for _ in range(5):
        job_types.note(platform.engine, "noted-once")
    job_types.note(platform.engine, "x" * 5000)

    assert kept == ["noted-once"]


def test_a_file_of_another_encoding_is_read_as_it_says(platform: Platform) -> None:
    drawn = models.process("p", models.user_task("look")).replace("UTF-8", "ISO-8859-1").replace("Look at", "Prüfen für 5 €:")
    found = check(platform, ("p.bpmn", drawn))

    assert rules(found, "error") == set()
    assert [one["name"] for one in found["processes"]] == ["P"]


FRENCH = {"Accept-Language": "fr-FR,fr;q=0.9,en;q=0.5"}


def test_findings_are_said_in_the_language_that_the_caller_asks_for_and_in_english_to_who_asks_for_none(platform: Platform) -> None:
    files = {"files": [{"name": "p.bpmn", "content": two_lanes()}, {"name": "q.txt", "content": "?"}]}
    for headers, crossing, kind in (
        ({}, "without a contract", "Expected a .bpmn, .dmn or .form file."),
        ({"Accept-Language": "*"}, "without a contract", "Expected a .bpmn, .dmn or .form file."),
        ({"Accept-Language": "de, en;q=0.5"}, "without a contract", "Expected a .bpmn, .dmn or .form file."),
        (FRENCH, "sans contrat\u00a0: rien n’est promis.", "Un fichier .bpmn, .dmn ou .form est attendu."),
    ):
        found = platform.expect("POST", "/passerelle/v1/checks", files, headers=headers)["problems"]

        assert crossing in next(one["message"] for one in found if one["rule"] == "crossing-without-contract")
        assert kind in next(one["message"] for one in found if one["rule"] == "kind")


def test_an_expression_that_cannot_be_read_is_told_in_french_down_to_its_last_word(platform: Platform) -> None:
    broken = models.process("p", models.user_task("look", assignee="=a +"))
    asked = {"files": [{"name": "p.bpmn", "content": broken}]}
    found = platform.expect("POST", "/passerelle/v1/checks", asked, headers=FRENCH)["problems"]

    assert next(one["message"] for one in found if one["expression"]) == (
        "Ici (assignee), «\u00a0=a +\u00a0» n’est pas une expression FEEL. Attendu\u00a0: une valeur ou un nom\u00a0; trouvé\u00a0: la fin de l’expression, à la"
        " position 4."
    )


def test_a_refused_deployment_says_every_problem_in_the_callers_language(platform: Platform) -> None:
    broken = models.process("p", models.user_task("look", assignee="=a +"))
    files = [("resources", ("p.bpmn", broken.encode())), ("resources", ("x.form", b"[]"))]
    english = platform.api("POST", "/v2/deployments", files=files)
    told = platform.api("POST", "/v2/deployments", files=files, headers=FRENCH)

    assert (english.status_code, told.status_code) == (400, 400)
    assert "Expected a FEEL expression as assignee" in english.json()["detail"]
    assert "n’est pas une expression FEEL" in told.json()["detail"]
    assert ", ligne " in told.json()["detail"]
    assert "x.form\u00a0: Un formulaire est un objet JSON" in told.json()["detail"]
    assert not any("Expected" in one["message"] for one in told.json()["problems"])
