"""The clock of a server that was not started for tests stays alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api import models
from tests.api.servers import serving
from tests.platforms import Platform


@pytest.fixture
def ordinary(database_kind: str, tmp_path: Path) -> Iterator[Platform]:
    with serving(database_kind, tmp_path, test_clock="0", processes="1") as platform:
        yield platform


def test_the_clock_of_an_ordinary_server_cannot_be_moved(ordinary: Platform) -> None:
    ordinary.deploy(models.process("asking", models.user_task("look")))

    pinned = ordinary.api("PUT", "/v2/clock", {"timestamp": 4_000_000_000_000})
    reset = ordinary.api("POST", "/v2/clock/reset")

    for answer in (pinned, reset):
        assert answer.status_code in (403, 404), answer.text
        assert "PASSERELLE_TEST_CLOCK" in answer.json()["detail"]
    assert ordinary.instance(ordinary.start("asking"))["startDate"] < "2096"
