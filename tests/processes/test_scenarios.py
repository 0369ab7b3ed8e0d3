"""Every sample process does what its scenarios say; a scenario that says otherwise is told where."""

import json
import shutil
from pathlib import Path

import pytest

from engine import scenarios
from engine.bpmn import diagram
from tests import samples
from tests.api import models

FOLDERS = sorted(folder.parent for folder in Path("processes").glob("*/scenarios"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_scenarios_of_a_sample_pass(folder):
    lines = list(scenarios.run_folder(folder))

    assert lines and all(passed for _, passed in lines), lines


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_sample_is_deployed_without_anything_to_wonder_about(folder):
    for file in folder.glob("*.bpmn"):
        found = diagram.read(file.read_bytes(), file.name)

        assert (found.problems, found.warnings) == ((), ())
        assert any(definition.handoffs.paths for definition in found.definitions)


@pytest.mark.parametrize("file", sorted(Path("processes").glob("*/scenarios/*.json")), ids=lambda file: f"{file.parts[1]}-{file.stem}")
def test_a_scenario_lists_each_of_its_handoffs_with_both_sides_its_path_its_outcome_and_its_due_times(file):
    listed = json.loads(file.read_text())["end"]["handoffs"]  # as many as there were, and a due time only where it is named

    assert listed and all({"from", "to", "path", "outcome"} <= one.keys() for one in listed)


PAID = json.loads(Path("processes/claim/scenarios/paid.json").read_text())


def _with_answers(task, **answers):
    steps = [step | {"answers": step["answers"] | answers} if step.get("task") == task else step for step in PAID["steps"]]
    return {"steps": steps}


def _with_start(**given):
    return {"start": PAID["start"] | {"variables": PAID["start"]["variables"] | given}}


@pytest.mark.parametrize(
    "change, expected",
    [
        ({"end": {"variables": {"claim": {"payout": 1}}}}, "expected variable 'payout' of 'claim' at the end to be 1, found 1250"),
        ({"end": {"path": {"claim-insurer": ["rejectionSent"]}}}, "'rejectionSent' is missing"),
        ({"end": {"path": {"claim-garage": ["estimateRepair", "estimateSent"]}}}, "was not expected"),
        ({"end": {"path": {"claim-garage": ["...", "estimateSent", "estimateRepair", "..."]}}}, "in another order"),
        (_with_answers("Check the cover", cover="maybe"), "The form refuses 'cover': Please choose one of the answers in the list."),
        (_with_answers("Check the cover", deductible=-1), "'deductible': Please give 0 or more."),
        (_with_answers("Check the cover", deductible=None), "'deductible': Please fill this in."),
        (_with_answers("Check the cover", colour="red"), "'colour': expected \"red\" to be an answer there, the form makes nothing"),
        (_with_answers("Read the decision", read="yes"), "'read'"),
        (_with_start(plate=""), "The form refuses 'plate'"),
        ({"end": {"state": "TERMINATED"}}, 'to be "TERMINATED", found "COMPLETED"'),
        ({"steps": [{"task": "Paint the car", "as": "sophie"}]}, "expected one open task of that name, found 0"),
        ({"steps": [{"task": "Check the cover", "as": "claire"}]}, "found none"),
        ({"steps": [{"dance": 1}]}, "Step 1: expected one of"),
        ({"steps": [{"job": "book-payment"}]}, "expected an open job"),
    ],
)
def test_a_difference_is_named_exactly(tmp_path, change, expected):
    folder = tmp_path / "claim"
    shutil.copytree("processes/claim", folder, ignore=shutil.ignore_patterns("scenarios"))
    (folder / "scenarios").mkdir()
    scenario = PAID | change
    (folder / "scenarios" / "changed.json").write_text(json.dumps(scenario))
    ((line, passed),) = scenarios.run_folder(folder)

    assert not passed
    assert expected in line


def test_a_path_may_leave_out_what_lies_between():
    between = PAID | {"end": {"path": {"claim-garage": ["...", "estimateRepair", "...", "estimateSent"]}}}

    scenarios._run(Path("processes/claim"), between)


# -- handoffs -----------------------------------------------------------------------------------------------------

AGAIN = json.loads(Path("processes/order/scenarios/another-supplier.json").read_text())


def _with_handoff(number, **about):
    rows = AGAIN["end"]["handoffs"]
    return {"end": {"handoffs": [*rows[: number - 1], rows[number - 1] | about, *rows[number:]]}}


@pytest.mark.parametrize(
    "change, expected",
    [
        ({"end": {"handoffs": AGAIN["end"]["handoffs"][:-1]}}, "expected 6 handoffs, found 7: Branch office → Purchasing: COMPLETED;"),
        (_with_handoff(2, outcome="COMPLETED"), "'outcome' of handoff 2 (Purchasing → Supplier: DECLINED) to be \"COMPLETED\""),
        (_with_handoff(2, late=False), "'late' of handoff 2 (Purchasing → Supplier: DECLINED) to be false, found true"),
        (_with_handoff(3, acceptBy="2026-01-08T09:00:01Z"), 'found "2026-01-08T09:00:00Z"'),
        (_with_handoff(3, party="atelier-vidal"), 'to be "atelier-vidal", found "holz-und-co"'),
        (_with_handoff(5, path=["purchaseFlow"]), '"transportFlow"'),
        (_with_handoff(1, colour="red"), "handoff 1: expected one of from, to,"),
        ({"steps": [*AGAIN["steps"][:2], {"decline": "Supplier", "as": "otto", "reason": "No."}]}, "step 3 (decline 'Supplier')"),
        ({"steps": [*AGAIN["steps"][:2], {"accept": "Carrier", "as": "rosa"}]}, "expected one open handoff to 'Carrier', found 0"),
        ({"steps": [AGAIN["steps"][0] | {"roles": {"supplier": "nobody"}}]}, "expected a party of people.json, found 'nobody'"),
        ({"steps": [AGAIN["steps"][0] | {"roles": {}}]}, "supplier"),
        ({"steps": [AGAIN["steps"][0], {"task": "Confirm the line", "as": "nina"}]}, "expected one open task of that name, found 2"),
        (
            {"steps": [AGAIN["steps"][0], {"task": "Confirm the line", "as": "nina", "where": {"line": {"article": "sofa"}}}]},
            "expected one open task of that name, found 0",
        ),
    ],
)
def test_a_difference_of_handoffs_is_named_exactly(tmp_path, change, expected):
    folder = tmp_path / "order"
    shutil.copytree("processes/order", folder, ignore=shutil.ignore_patterns("scenarios"))
    (folder / "scenarios").mkdir()
    (folder / "scenarios" / "changed.json").write_text(json.dumps(AGAIN | change))
    ((line, passed),) = scenarios.run_folder(folder)

    assert not passed
    assert expected in line


# -- files --------------------------------------------------------------------------------------------------------

PICKER = {"type": "filepicker", "key": "photos", "label": "Photos", "multiple": True, "accept": "image/*", "validate": {"required": True}}


def _album(tmp_path, photos):
    """A process that begins with photos, and a scenario that gives them."""
    folder = tmp_path / "album"
    (folder / "scenarios").mkdir(parents=True)
    (folder / "files").mkdir()
    (folder / "files" / "front.jpg").write_bytes(samples.jpeg())
    (folder / "files" / "page.jpg").write_bytes(samples.HTML)
    (tmp_path / "outside.jpg").write_bytes(samples.jpeg())
    form = '<extensionElements><zeebe:formDefinition formId="ask"/></extensionElements>'
    (folder / "album.bpmn").write_text(models.process("album", models.user_task("look"), start=form))
    (folder / "ask.form").write_text(json.dumps({"id": "ask", "type": "default", "components": [PICKER]}))
    people = {"people": [{"username": "ada", "name": "Ada", "roles": ["admin"]}]}
    (folder / "people.json").write_text(json.dumps(people))
    scenario = {"start": {"process": "album", "as": "ada", "variables": {"photos": photos}}, "end": {"state": "ACTIVE"}}
    (folder / "scenarios" / "one.json").write_text(json.dumps(scenario))
    ((line, passed),) = scenarios.run_folder(folder)
    return line, passed


def test_a_scenario_hands_in_files_of_its_folder(tmp_path):
    line, passed = _album(tmp_path, [{"file": "files/front.jpg"}])

    assert passed, line


@pytest.mark.parametrize(
    "photos, expected",
    [
        ([], "Please add a file."),
        ([{"file": "files/none.jpg"}], "expected a file in album"),
        ([{"file": "../outside.jpg"}], "expected a file in album"),
        ([{"file": "files/page.jpg"}], "to be a picture or a PDF"),
    ],
)
def test_a_scenario_with_a_file_that_will_not_do_says_so(tmp_path, photos, expected):
    line, passed = _album(tmp_path, photos)

    assert not passed
    assert expected in line
