"""The examples of the guide's chapter on handoffs do what it says."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.cases import Case
from tests.api.test_crossing import Crossing
from tests.platforms import PASSWORD, Platform

GUIDE = Path(__file__).parents[2] / "docs" / "guide.md"


def _examples() -> list[str]:
    chapter = GUIDE.read_text().split("## The API of handoffs\n")[1]
    return re.findall(r"```sh\n(.*?)```", chapter, re.S)


@pytest.fixture
def crossing(platform: Platform) -> Crossing:
    platform.wait()
    return Crossing(platform)


def test_every_example_runs_as_it_is_printed(crossing: Crossing) -> None:
    handoff = crossing.cross()
    (link,) = crossing.search("links")
    environment = {
        "PATH": os.environ["PATH"],
        "URL": crossing.platform.url,
        "ACCOUNT": f"admin:{PASSWORD}",
        "HANDOFF": handoff["handoffKey"],
        "CASE": crossing.case["caseKey"],
        "LINK": link["linkKey"],
        "PARTY": crossing.adams["partyKey"],
    }
    examples = _examples()
    assert len(examples) == 7
    for example in examples:
        if "/erasure" in example:
            (again,) = crossing.search("handoffs", filter={"state": "OFFERED"})
            assert crossing.do(again, "cancellation").status_code == 204
        if "/revocation" in example:  # the example before has sent it again: that link is dead already, the newest is not
            environment["LINK"] = next(one["linkKey"] for one in crossing.search("links") if one["revokedDate"] is None)
        script = example.replace("curl -s", "curl -sS --noproxy '*' --fail-with-body")
        ended = subprocess.run(["bash", "-e", "-c", script], env=environment, capture_output=True, text=True, timeout=60)
        assert ended.returncode == 0, f"{example}\n{ended.stdout}\n{ended.stderr}"

    assert [(one["round"], one["state"]) for one in crossing.search("handoffs", sort=[{"field": "round"}])] == [(1, "WITHDRAWN"), (2, "WITHDRAWN")]
    with Session(crossing.platform.engine) as session:
        assert session.scalar(select(Case.erased_at)) is not None
