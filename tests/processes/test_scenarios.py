"""Every sample process does what its scenarios say; a scenario that says otherwise is told where."""

import json
import shutil
from pathlib import Path

import pytest

from engine import scenarios

FOLDERS = sorted(folder.parent for folder in Path("processes").glob("*/scenarios"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_scenarios_of_a_sample_pass(folder):
    lines = list(scenarios.run_folder(folder))

    assert lines and all(passed for _, passed in lines), lines


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
