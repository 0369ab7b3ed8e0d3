"""The server process: one of it with SQLite, ready when it can work, gone in order."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine

from api import serve
from api.settings import from_environment
from engine import installation, keys, waking
from engine import worker as engine_worker
from tests import databases
from tests.platforms import WORKER, Platform
from tests.servers import Server, free_port


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


def test_a_worker_tells_its_own_metrics_to_this_machine(tmp_path: Path) -> None:
    server = Server(tmp_path, databases.create("postgresql", tmp_path))
    server.start()  # migrates
    server.stop()
    port = free_port()
    command = [sys.executable, "-m", "api.cli", "worker"]
    environment = dict(server.environment()) | {"PASSERELLE_METRICS_PORT": str(port)}
    worker = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert worker.stdout is not None and '"process ready"' in worker.stdout.readline()
        shown = httpx.get(f"http://127.0.0.1:{port}/metrics").text
        second = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30)
        worker.terminate()
        code = worker.wait(15)
    finally:
        worker.kill()
        databases.drop(server.database_url)

    assert "passerelle_steps_total" in shown and "process_cpu_seconds_total" in shown
    assert second.returncode == 1 and "PASSERELLE_METRICS_PORT: expected a free port" in second.stderr
    assert code == 0


def test_the_node_number_is_renewed_however_long_the_background_is_busy(database: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    busy, settings = threading.Event(), from_environment({})
    monkeypatch.setattr(serve, "_running", serve.Running(engine=database))
    monkeypatch.setattr(serve, "RENEWALS", 6000)
    monkeypatch.setattr(waking, "start", lambda *_, **__: None)
    monkeypatch.setattr(waking, "stop", lambda: None)
    monkeypatch.setattr(engine_worker, "sweep", lambda _session: busy.wait(20))
    renewed = threading.Event()
    real = installation.lease_node

    def counted(*arguments: object) -> int:
        calls.append(real(*arguments))
        if len(calls) > 3:
            renewed.set()
        return calls[-1]

    calls: list[int] = []
    monkeypatch.setattr(installation, "lease_node", counted)
    serve._start_threads(settings)
    came = renewed.wait(10)
    busy.set()
    serve._stop_threads()
    keys.use_node(0)

    assert came and len(set(calls)) == 1


def test_regular_work_goes_on_after_an_error() -> None:
    turns: list[int] = []
    third = threading.Event()

    def work() -> None:
        turns.append(len(turns))
        if len(turns) == 3:
            third.set()
        raise RuntimeError("the database is away")

    regularly = engine_worker.Regularly(0.01, work, name="test")
    regularly.start()
    came = third.wait(10)
    regularly.stop()

    assert came
