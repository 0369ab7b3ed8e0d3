"""`@pytest.mark.alone`: a test that measures seconds has the machine to itself where the suite runs in several processes (pytest -n)."""

import fcntl
import os
from collections.abc import Generator
from pathlib import Path

import pytest

# two files that are always there, only to lock: each test passes the gate into the room, which one that is alone shares with nobody
_GATE = Path(__file__).parent
_ROOM = Path(__file__)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "alone: no other test runs meanwhile")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return (yield)
    gate, room = os.open(_GATE, os.O_RDONLY), os.open(_ROOM, os.O_RDONLY)
    try:
        fcntl.flock(gate, fcntl.LOCK_EX)  # who waits for an empty room keeps the others before the gate
        fcntl.flock(room, fcntl.LOCK_EX if item.get_closest_marker("alone") else fcntl.LOCK_SH)
        fcntl.flock(gate, fcntl.LOCK_UN)
        return (yield)
    finally:
        fcntl.flock(room, fcntl.LOCK_UN)  # said, since a child that was forked meanwhile may still hold the file
        os.close(gate)
        os.close(room)
