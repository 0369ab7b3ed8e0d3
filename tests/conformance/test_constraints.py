"""Models that break a rule of BPMN, written by others: a deployment refuses them."""

import json
import os
from pathlib import Path

import pytest

from engine.bpmn import diagram

FOLDER = Path(os.environ.get("CONFORMANCE", Path(__file__).parents[2].parent / "shared" / "conformance"))
INDEX = FOLDER / "betsy.json"
# the rest breaks rules about typed data, ends that may be left out in Camunda 8, or the drawing
AT_LEAST = 255


@pytest.mark.skipif(not INDEX.exists(), reason="the models of others are not here")
def test_models_that_break_a_rule_are_refused():
    models = json.loads(INDEX.read_text())["constraints"]
    accepted = [model["name"] for model in models if not diagram.read((FOLDER / model["bpmn"]).read_bytes()).problems]

    print(f"refused {len(models) - len(accepted)} of {len(models)}; accepted: {', '.join(accepted)}")
    assert len(models) - len(accepted) >= AT_LEAST


@pytest.mark.skipif(not INDEX.exists(), reason="the models of others are not here")
def test_every_refusal_says_what_was_expected():
    models = json.loads(INDEX.read_text())["constraints"]
    problems = [problem for model in models for problem in diagram.read((FOLDER / model["bpmn"]).read_bytes()).problems]

    assert [problem for problem in problems if "xpected" not in problem.message or "cannot: " in problem.message] == []
