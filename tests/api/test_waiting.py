"""Workers that wait for jobs: woken at once, never in the way of others, told when to stop."""

import contextlib
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.api import models
from tests.api.servers import serving
from tests.platforms import PASSWORD, Platform

JOB = models.process("ordering", models.service_task("ship", "ship"))
PARKING = 4
pytestmark = pytest.mark.alone  # who is woken when, in parts of a second


@pytest.fixture
def small(database_kind: str, tmp_path: Path) -> Iterator[Platform]:
    """A server of one process where four workers may wait, with six connections to the database."""
    with serving(database_kind, tmp_path, threads=str(64 + PARKING), processes="1", pool_size="6") as platform:
        yield platform


def poll(platform: Platform, pool: ThreadPoolExecutor, milliseconds: int = 8000, job_type: str = "ship") -> "Future[tuple[Any, float]]":
    """Starts to wait, and comes back when the server has the question."""
    request = {"type": job_type, "worker": "idle", "timeout": 60_000, "maxJobsToActivate": 1, "requestTimeout": milliseconds}

    def ask() -> tuple[Any, float]:
        begun = time.monotonic()
        return platform.api("POST", "/v2/jobs/activation", request, user="worker"), time.monotonic() - begun

    found = pool.submit(ask)
    time.sleep(0.1)  # no door tells whether somebody waits already; a poll that comes later only finds the job at once
    return found


@pytest.fixture
def lines(platform: Platform, database_kind: str) -> Iterator[list[httpx.Client]]:
    """An open connection to each process of the server: two on PostgreSQL, one on SQLite."""
    found: dict[str, httpx.Client] = {}
    opened = []
    wanted = 1 if database_kind == "sqlite" else 2
    while len(found) < wanted:
        assert len(opened) < 200, "All connections went to one process."
        line = httpx.Client(base_url=platform.url, auth=("admin", PASSWORD), timeout=60, trust_env=False)
        opened.append(line)
        answer = line.get("/health/live")
        found.setdefault(process_behind(answer.extensions["network_stream"]), line)
    yield list(found.values())
    for line in opened:
        line.close()


def process_behind(stream: Any) -> str:
    """The process that holds the other end of a connection on this machine."""
    here, there = (f":{stream.get_extra_info(name)[1]:04X}" for name in ("client_addr", "server_addr"))
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    (inode,) = (row[9] for row in rows if row[1].endswith(there) and row[2].endswith(here))
    for fd in Path("/proc").glob("[0-9]*/fd/*"):
        with contextlib.suppress(OSError):
            if fd.readlink() == Path(f"socket:[{inode}]"):
                return fd.parts[2]
    raise AssertionError("Expected a process at the other end, found none.")


def test_a_waiting_worker_is_woken_at_once_wherever_it_waits(platform: Platform, lines: list[httpx.Client]) -> None:
    platform.deploy(JOB)
    request = {"type": "ship", "worker": "idle", "timeout": 60_000, "maxJobsToActivate": 1, "requestTimeout": 8000}
    with ThreadPoolExecutor(1) as pool:
        for waits in lines:
            for starts in lines:
                another = httpx.Client(base_url=platform.url, auth=("admin", PASSWORD)) if starts is waits else None
                waiting = pool.submit(waits.post, "/v2/jobs/activation", json=request)
                time.sleep(0.1)  # no door tells whether somebody waits already
                before = time.monotonic()
                started = (another or starts).post("/v2/process-instances", json={"processDefinitionId": "ordering"})
                answer = waiting.result()

                assert started.status_code == 200
                assert len(answer.json()["jobs"]) == 1
                assert time.monotonic() - before < 1  # far below the look of every two seconds
                if another is not None:
                    another.close()


def test_nothing_to_do_is_answered_by_an_empty_list_shortly_before_the_client_gives_up(platform: Platform) -> None:
    with ThreadPoolExecutor(1) as pool:
        answer, seconds = poll(platform, pool, 1500).result()

    assert (answer.status_code, answer.json()) == (200, {"jobs": []})
    assert 1 <= seconds < 1.5


def test_below_zero_means_no_waiting(platform: Platform) -> None:
    with ThreadPoolExecutor(1) as pool:
        answer, seconds = poll(platform, pool, -1).result()

    assert answer.json() == {"jobs": []} and seconds < 1


def test_a_job_whose_back_off_is_over_reaches_who_waits(platform: Platform) -> None:
    platform.deploy(JOB)
    platform.start("ordering")
    job = platform.lease("ship")
    platform.expect("POST", f"/v2/jobs/{job['jobKey']}/failure", {"retries": 1, "retryBackOff": 60_000}, user="worker")

    with ThreadPoolExecutor(1) as pool:
        waiting = poll(platform, pool)
        platform.wait(seconds=61)
        answer, seconds = waiting.result()

    assert [one["jobKey"] for one in answer.json()["jobs"]] == [job["jobKey"]]
    assert seconds < 5


def test_no_job_goes_to_a_worker_that_has_left(platform: Platform) -> None:
    platform.deploy(JOB)
    request = {"type": "ship", "timeout": 60_000, "maxJobsToActivate": 1, "requestTimeout": 8000}
    for _ in range(4):
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{platform.url}/v2/jobs/activation", json=request, auth=("admin", PASSWORD), timeout=0.3, trust_env=False)

    platform.start("ordering")

    assert platform.lease("ship", wait=2)["retries"] == 3


def test_one_job_goes_to_one_of_many_that_wait(platform: Platform) -> None:
    platform.deploy(JOB)
    with ThreadPoolExecutor(10) as pool:
        waiting = [poll(platform, pool, 3000) for _ in range(10)]
        for _ in range(4):
            platform.start("ordering")
        keys = [job["jobKey"] for one in waiting for job in one.result()[0].json()["jobs"]]

    assert len(keys) == len(set(keys)) == 4


def test_too_many_that_wait_are_told_so_and_nobody_else_notices(small: Platform) -> None:
    small.deploy(JOB)
    with ThreadPoolExecutor(PARKING + 1) as pool:
        waiting = [poll(small, pool, 6000) for _ in range(PARKING)]
        refused, _ = poll(small, pool, 6000).result()
        begun = time.monotonic()
        with ThreadPoolExecutor(20) as others:
            statuses = set(others.map(lambda _: small.api("POST", "/v2/user-tasks/search", {}).status_code, range(40)))
        seconds = time.monotonic() - begun
        for _ in range(PARKING):
            small.start("ordering")

        assert refused.status_code == 503 and refused.json()["title"] == "RESOURCE_EXHAUSTED" and "Retry-After" in refused.headers
        assert statuses == {200} and seconds < 3
        assert all(len(one.result()[0].json()["jobs"]) == 1 for one in waiting)


def test_who_waits_is_answered_when_the_server_stops(small: Platform) -> None:
    with ThreadPoolExecutor(PARKING) as pool:
        waiting = [poll(small, pool, 10_000) for _ in range(PARKING)]
        begun = time.monotonic()
        stopping = threading.Thread(target=small.server.stop)
        stopping.start()
        answers = [one.result()[0] for one in waiting]
        stopping.join()

    assert [(answer.status_code, answer.json()) for answer in answers] == [(200, {"jobs": []})] * PARKING
    assert time.monotonic() - begun < 8
