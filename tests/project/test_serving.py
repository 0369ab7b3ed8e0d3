"""The server process: one of it with SQLite, ready when it can work, gone in order."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest

from tests import databases
from tests.platforms import WORKER, Platform
from tests.servers import Server


def test_a_second_server_on_the_same_sqlite_database_is_refused(tmp_path: Path) -> None:
    first = Server(tmp_path, f"sqlite:///{tmp_path}/cases.db")
    second = Server(tmp_path, first.database_url)
    first.start()
    holder = first.pid
    try:
        with pytest.raises(RuntimeError) as refused:
            second.start()
        still_there = httpx.get(f"{first.url}/health/ready").status_code
    finally:
        first.stop()

    assert "With SQLite there is exactly one server process" in str(refused.value)
    assert f"process {holder}" in str(refused.value)
    assert still_there == 200


def test_a_taken_port_is_told_in_a_sentence(tmp_path: Path) -> None:
    first = Server(tmp_path / "a", f"sqlite:///{tmp_path}/a/cases.db")
    second = Server(tmp_path / "b", f"sqlite:///{tmp_path}/b/cases.db")
    second.port = first.port
    first.start()
    try:
        ended = subprocess.run(second.command, env=dict(second.environment()), capture_output=True, text=True, timeout=30)
    finally:
        first.stop()

    assert ended.returncode == 1
    assert f"expected a free port, found 127.0.0.1:{first.port} taken" in ended.stderr


def test_after_kill_9_it_starts_again_with_everything_there(fresh_platform: Platform) -> None:
    fresh_platform.server.kill()
    fresh_platform.server.start()

    assert fresh_platform.api("GET", "/v2/topology").status_code == 200


def test_stopping_answers_who_waits_and_ends_within_seconds(fresh_platform: Platform) -> None:
    answers: list[int] = []

    def wait_for_work() -> None:
        request = {"type": "nothing", "worker": "w", "timeout": 1000, "maxJobsToActivate": 1, "requestTimeout": 60_000}
        answers.append(fresh_platform.api("POST", "/v2/jobs/activation", request, user=WORKER).status_code)

    fresh_platform.leases("nothing")  # so that the token is there
    waiting = threading.Thread(target=wait_for_work)
    waiting.start()
    time.sleep(0.5)  # nothing tells from outside that a poll is parked
    began = time.monotonic()
    fresh_platform.server.stop()
    waiting.join(10)

    assert time.monotonic() - began < 10
    assert [status for status in answers if status in (200, 503)] == answers
    assert len(answers) == 1


def test_a_worker_process_works_beside_the_servers_and_stops_in_order(tmp_path: Path) -> None:
    server = Server(tmp_path, databases.create("postgresql", tmp_path))
    server.start()
    command = [sys.executable, "-m", "api.cli", "worker"]
    worker = subprocess.Popen(command, env=dict(server.environment()), stdout=subprocess.PIPE, text=True)
    try:
        first_line = worker.stdout.readline()
        worker.terminate()
        code = worker.wait(15)
    finally:
        worker.kill()
        server.stop()
        databases.drop(server.database_url)

    assert '"process ready"' in first_line
    assert code == 0
