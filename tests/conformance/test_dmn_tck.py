"""The OMG's own test kit for decision models: every public case, in its own words."""

import importlib
import os
import sys
from pathlib import Path

import pytest

from . import dmn_tck

FOLDER = Path(os.environ.get("CONFORMANCE", Path(__file__).parents[2].parent / "shared" / "conformance"))
RUNNER = FOLDER / "tck_runner.py"


@pytest.mark.skipif(not RUNNER.exists(), reason="the cases of others are not here")
def test_every_public_case_of_the_kit_answers_as_expected(monkeypatch):
    monkeypatch.setattr(sys, "path", [str(FOLDER), *sys.path])
    runner = importlib.import_module("tck_runner")

    rows = runner.run(dmn_tck.evaluate)

    assert len(rows) > 2_000
    assert [row for row in rows if row[3] != "SUCCESS"] == []
