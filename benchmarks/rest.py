"""What the server sustains over HTTP: instances a second, p50 and p99, errors; how fast an idle worker wakes; what idle ones cost;
what it costs that work crosses to another party and back.

    python benchmarks/rest.py [--database sqlite,postgresql] [-n 600] [--clients 8] [--only flows,crossing,idle] [--json]

Starts a server of its own on each database (PostgreSQL: PASSERELLE_TEST_POSTGRES, or a local one reachable as
postgresql://postgres@127.0.0.1/postgres). Absolute figures differ by three times from one machine to the next: compare
only within one run.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import json
import os
import secrets
import selectors
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VARIABLES = {
    "amount": 1250,
    "tier": "gold",
    "urgent": True,
    "account": "The car was hit on the left side at the crossing; nobody was hurt; the garage has been told and waits for us. " * 2,
}
MODEL = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
    xmlns:handoff="urn:passerelle:handoff:1.0" targetNamespace="bench">
  <process id="bench_start" isExecutable="true"><startEvent id="a"/><endEvent id="z"/><sequenceFlow id="f" sourceRef="a" targetRef="z"/></process>
  <process id="bench_job" isExecutable="true"><startEvent id="a1"/>
    <serviceTask id="work"><extensionElements><zeebe:taskDefinition type="bench"/></extensionElements></serviceTask><endEvent id="z1"/>
    <sequenceFlow id="f1" sourceRef="a1" targetRef="work"/><sequenceFlow id="f2" sourceRef="work" targetRef="z1"/></process>
  <process id="bench_user" isExecutable="true"><startEvent id="a2"/>
    <userTask id="ask"><extensionElements><zeebe:userTask/><zeebe:assignmentDefinition assignee="demo"/></extensionElements></userTask>
    <endEvent id="z2"/><sequenceFlow id="f3" sourceRef="a2" targetRef="ask"/><sequenceFlow id="f4" sourceRef="ask" targetRef="z2"/></process>
  <process id="bench_wake" isExecutable="true"><startEvent id="a3"/>
    <serviceTask id="call"><extensionElements><zeebe:taskDefinition type="wake"/></extensionElements></serviceTask><endEvent id="z3"/>
    <sequenceFlow id="f5" sourceRef="a3" targetRef="call"/><sequenceFlow id="f6" sourceRef="call" targetRef="z3"/></process>
  %s
</definitions>"""
PARTNER = {"partyId": "bench-partner", "name": "Partner", "kind": "partner", "contacts": [{"name": "Paul", "email": "paul@partner.example"}]}
_FIELDS = """<handoff:field name="amount" label="Amount" type="number" required="true"/>
        <handoff:field name="account" label="Account" type="string" required="true"/>"""


def three_tasks(process_id: str, lanes: str = "", there: str = "", back: str = "") -> str:
    """One task after the other; in the second version the middle one is another party's."""
    p = process_id
    tasks = "".join(
        f"""<userTask id="{p}_{n}"><extensionElements><zeebe:userTask/></extensionElements></userTask>""" for n in ("first", "second", "third")
    )
    flows = [("start", "first", ""), ("first", "second", there), ("second", "third", back), ("third", "end", "")]
    drawn = "".join(f"""<sequenceFlow id="{p}_to_{b}" sourceRef="{p}_{a}" targetRef="{p}_{b}">{more}</sequenceFlow>""" for a, b, more in flows)
    return (
        f"""<process id="{p}" isExecutable="true">{lanes}<startEvent id="{p}_start"/>{tasks}<endEvent id="{p}_end"/>{drawn}</process>"""
    )


def with_parties(process_id: str, channel: str) -> str:
    """The same; it crosses to a partner, by a contract with limits and fields, and back by another one."""
    p = process_id

    def contract(limits: str) -> str:
        return f"<extensionElements><handoff:contract {limits}>{_FIELDS}</handoff:contract></extensionElements>"

    ours = "".join(f"<flowNodeRef>{p}_{n}</flowNodeRef>" for n in ("start", "first", "third", "end"))
    party = """<extensionElements><handoff:party kind="partner" role="partner" partyId="bench-partner"/></extensionElements>"""
    lanes = (
        f"""<laneSet id="{p}_lanes"><lane id="{p}_us" name="Us">{ours}</lane>"""
        f"""<lane id="{p}_them" name="Them">{party}<flowNodeRef>{p}_second</flowNodeRef></lane></laneSet>"""
    )
    there = contract(f"""acceptWithin="PT4H" completeWithin="P2D" calendar="working" channel="{channel}\"""")
    return three_tasks(p, lanes, there, contract("""acceptWithin="PT8H" calendar="working\""""))


CROSSING = three_tasks("bench_alone") + with_parties("bench_cross", "portal") + with_parties("bench_mail", "email")


class Connection:
    """One kept-alive HTTP connection; as little work as possible, so that the server is what is measured."""

    def __init__(self, port: int, authorization: str) -> None:
        self._address, self._authorization = ("127.0.0.1", port), authorization
        self._socket: socket.socket | None = None

    def call(self, method: str, path: str, body: object = None) -> tuple[int, object]:
        data = b"" if body is None else json.dumps(body).encode()
        head = (
            f"{method} /v2{path} HTTP/1.1\r\nHost: bench\r\nAuthorization: {self._authorization}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
        )
        for attempt in range(2):
            try:
                if self._socket is None:
                    self._socket = socket.create_connection(self._address)
                    self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._socket.sendall(head.encode() + data)
                return self._answer(self._socket)
            except OSError:
                self._socket = None
                if attempt:
                    raise
        raise AssertionError

    def _answer(self, connection: socket.socket) -> tuple[int, object]:
        received = b""
        while b"\r\n\r\n" not in received:
            more = connection.recv(65536)
            if not more:
                raise ConnectionResetError
            received += more
        head, _, body = received.partition(b"\r\n\r\n")
        lines = head.decode().lower().split("\r\n")
        status = int(lines[0].split(" ")[1])
        length = next((int(line.split(":")[1]) for line in lines if line.startswith("content-length:")), 0)
        while len(body) < length:
            body += connection.recv(65536)
        if "connection: close" in lines:
            connection.close()
            self._socket = None
        return status, json.loads(body) if body else None

    def expect(self, method: str, path: str, body: object = None) -> dict:
        status, answer = self.call(method, path, body)
        if status >= 300:
            raise RuntimeError(f"{method} {path}: {status} {str(answer)[:200]}")
        return answer if isinstance(answer, dict) else {}


def start(c: Connection, process_id: str) -> str:
    return c.expect("POST", "/process-instances", {"processDefinitionId": process_id, "variables": VARIABLES})["processInstanceKey"]


def activate(c: Connection, job_type: str, wait: int) -> list[dict]:
    body = {"type": job_type, "worker": "bench", "timeout": 60000, "maxJobsToActivate": 1, "requestTimeout": wait}
    return c.expect("POST", "/jobs/activation", body)["jobs"]


def one_start(c: Connection) -> None:
    start(c, "bench_start")


def one_job(c: Connection) -> None:
    start(c, "bench_job")
    while not (jobs := activate(c, "bench", -1)):
        time.sleep(0.001)
    c.expect("POST", f"/jobs/{jobs[0]['jobKey']}/completion", {"variables": {"ok": True}})


def one_user(c: Connection) -> None:
    key = start(c, "bench_user")
    task = c.expect("POST", "/user-tasks/search", {"filter": {"processInstanceKey": key}})["items"][0]
    c.expect("POST", f"/user-tasks/{task['userTaskKey']}/completion", {"variables": {"ok": True}})


def tasks_in_turn(c: Connection, process_id: str) -> None:
    key = start(c, process_id)
    for _ in range(3):
        waiting = {"filter": {"processInstanceKey": key, "state": "CREATED"}}
        task = c.expect("POST", "/user-tasks/search", waiting)["items"][0]
        c.expect("POST", f"/user-tasks/{task['userTaskKey']}/completion", {"variables": {"ok": True}})


PAIRED: dict[str, Callable[[Connection], None]] = {
    name: (lambda c, process_id=f"bench_{name}": tasks_in_turn(c, process_id)) for name in ("alone", "cross", "mail")
}
FLOWS: dict[str, Callable[[Connection], None]] = {"start": one_start, "job": one_job, "user": one_user}


def drive(port: int, authorization: str, flow: str, n: int, clients: int) -> dict[str, float]:
    left, lock = iter(range(n)), threading.Lock()
    took: list[float] = []
    errors = [0]

    def client() -> None:
        connection = Connection(port, authorization)
        while True:
            with lock:
                if next(left, None) is None:
                    return
            begun = time.perf_counter()
            try:
                (FLOWS | PAIRED)[flow](connection)
            except (RuntimeError, OSError, IndexError) as error:
                with lock:
                    errors[0] += 1
                print(f"  {flow}: {error}", file=sys.stderr)
            with lock:
                took.append(time.perf_counter() - begun)

    threads = [threading.Thread(target=client) for _ in range(clients)]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - begun
    took.sort()
    return {
        "per_second": n / seconds,
        "p50_ms": 1000 * took[len(took) // 2],
        "p99_ms": 1000 * took[int(0.99 * (len(took) - 1))],
        "errors": errors[0],
    }


def wake(port: int, authorization: str, n: int) -> dict[str, float]:
    """From the answer of the start to the arrival at a worker that waits for it."""
    polling, starting = Connection(port, authorization), Connection(port, authorization)
    took = []
    for _ in range(n):
        arrived: list[float] = []

        def poll(arrived: list[float] = arrived) -> None:
            jobs = activate(polling, "wake", 10_000)
            arrived.append(time.perf_counter())
            polling.expect("POST", f"/jobs/{jobs[0]['jobKey']}/completion", {})

        thread = threading.Thread(target=poll)
        thread.start()
        time.sleep(0.03)
        start(starting, "bench_wake")
        begun = time.perf_counter()
        thread.join()
        took.append(max(0.0, arrived[0] - begun))
    took.sort()
    return {"p50_ms": 1000 * statistics.median(took), "p99_ms": 1000 * took[int(0.99 * (len(took) - 1))]}


class Parked:
    """Idle workers: each asks for jobs that never come, and asks again when it was told that there are none."""

    def __init__(self, port: int, authorization: str, count: int) -> None:
        self._port, self._authorization, self._count = port, authorization, count
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._wait, daemon=True)
        self._watch = selectors.DefaultSelector()
        self.refused = 0

    def __enter__(self) -> Parked:
        for _ in range(self._count):
            connection = socket.create_connection(("127.0.0.1", self._port))
            self._ask(connection)
            self._watch.register(connection, selectors.EVENT_READ)
        self._thread.start()
        time.sleep(1)
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()
        for key in list(self._watch.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]

    def _ask(self, connection: socket.socket) -> None:
        body = json.dumps({"type": "nothing", "worker": "idle", "timeout": 1000, "maxJobsToActivate": 1, "requestTimeout": 9000}).encode()
        head = f"POST /v2/jobs/activation HTTP/1.1\r\nHost: b\r\nAuthorization: {self._authorization}\r\nContent-Type: application/json\r\n"
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)

    def _wait(self) -> None:
        while not self._stopping.is_set():
            for key, _ in self._watch.select(0.2):
                connection: socket.socket = key.fileobj  # type: ignore[assignment]
                answer = connection.recv(65536)
                self.refused += b" 503 " in answer[:20]
                if answer:
                    self._ask(connection)
                else:
                    self._watch.unregister(connection)


def idle(port: int, authorization: str, n: int, workers: int = 300) -> dict[str, float]:
    """p99 of other requests, without and with idle workers, in turn; the median of the rounds."""
    without, parked, refused = [], [], 0
    for _ in range(3):
        without.append(drive(port, authorization, "user", n, 2)["p99_ms"])
        with Parked(port, authorization, workers) as waiting:
            parked.append(drive(port, authorization, "user", n, 2)["p99_ms"])
        refused += waiting.refused
    first, second = statistics.median(without), statistics.median(parked)
    return {"p99_without_ms": first, "p99_with_ms": second, "ratio": second / first, "refused": refused}


def crossing(port: int, authorization: str, n: int, clients: int) -> dict[str, float]:
    """The same three tasks alone, across two boundaries, and across with a mail to the partner: in turn, the median of the rounds."""
    took: dict[str, list[float]] = {name: [] for name in PAIRED}
    errors = 0.0
    for name in PAIRED:
        drive(port, authorization, name, n // 2, clients)  # warm
    for _ in range(5):
        for name, seconds in took.items():
            found = drive(port, authorization, name, n, clients)
            seconds.append(1 / found["per_second"])
            errors += found["errors"]
    alone = statistics.median(took["alone"])
    ratios = {f"{name}_ratio": statistics.median(a / b for a, b in zip(took[name], took["alone"], strict=True)) for name in ("cross", "mail")}
    return {"alone_per_second": 1 / alone, "errors": errors} | ratios


@contextlib.contextmanager
def server(database_url: str, var: Path) -> Iterator[tuple[int, str]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    password = secrets.token_urlsafe(12)
    environment = os.environ | {
        "PASSERELLE_PORT": str(port),
        "PASSERELLE_VAR": str(var),
        "PASSERELLE_DATABASE_URL": database_url,
        "PASSERELLE_LOG_LEVEL": "warning",
        "PYTHONPATH": str(ROOT),
    }
    passerelle = [sys.executable, "-m", "api.cli"]
    subprocess.run([*passerelle, "migrate"], env=environment, check=True, capture_output=True)
    add = [*passerelle, "people", "add", "bench", "--name", "Bench", "--role", "admin", "--password", password]
    subprocess.run(add, env=environment, check=True, capture_output=True)
    process = subprocess.Popen([*passerelle, "serve"], env=environment, stdout=subprocess.DEVNULL)
    authorization = "Basic " + base64.b64encode(f"bench:{password}".encode()).decode()
    try:
        connection = Connection(port, authorization)
        for _ in range(200):
            with contextlib.suppress(OSError):
                if connection.call("GET", "/topology")[0] == 200:
                    break
            time.sleep(0.1)
        deploy(port, authorization)
        yield port, authorization
    finally:
        process.terminate()
        process.wait(20)


def deploy(port: int, authorization: str) -> None:
    import httpx

    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers={"Authorization": authorization}) as client:
        client.post("/passerelle/v1/parties", json=PARTNER).raise_for_status()
        client.post("/v2/deployments", files={"resources": ("bench.bpmn", MODEL % CROSSING)}).raise_for_status()


def postgresql_database() -> str:
    import psycopg

    url = os.environ.get("PASSERELLE_TEST_POSTGRES", "postgresql://postgres@127.0.0.1/postgres")
    name = f"bench_{secrets.token_hex(4)}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return url.rsplit("/", 1)[0] + "/" + name


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--database", default="sqlite,postgresql")
    options.add_argument("-n", type=int, default=600)
    options.add_argument("--clients", type=int, default=8)
    options.add_argument("--only", default="flows,crossing,idle", help="which parts, with commas")
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    figures: dict[str, float] = {}
    wanted = given.only.split(",")
    for database in given.database.split(","):
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{folder}/bench.sqlite" if database == "sqlite" else postgresql_database()
            with server(url, Path(folder)) as (port, authorization):
                for flow in FLOWS if "flows" in wanted else ():
                    drive(port, authorization, flow, given.n // 4, given.clients)  # warm
                    found = drive(port, authorization, flow, given.n, given.clients)
                    figures |= {f"{database}_{flow}_{name}": round(value, 2) for name, value in found.items()}
                    print(
                        f"{database:10} {flow:5} {found['per_second']:7.1f}/s p50 {found['p50_ms']:6.1f} p99 {found['p99_ms']:6.1f} ms"
                        f" errors {found['errors']:.0f}"
                    )
                if "crossing" in wanted:
                    found = crossing(port, authorization, max(20, given.n // 10), given.clients)
                    figures |= {f"{database}_crossing_{name}": round(value, 2) for name, value in found.items()}
                    print(
                        f"{database:10} crossing twice: {found['cross_ratio']:.2f} times the same without parties"
                        f" ({found['alone_per_second']:.1f}/s), with a mail {found['mail_ratio']:.2f}, errors {found['errors']:.0f}"
                    )
                if "idle" not in wanted:
                    continue
                found = wake(port, authorization, 100)
                figures |= {f"{database}_wake_{name}": round(value, 2) for name, value in found.items()}
                idle_found = idle(port, authorization, max(100, given.n // 3))
                figures |= {f"{database}_idle_{name}": round(value, 2) for name, value in idle_found.items()}
                print(
                    f"{database:10} 300 idle workers: p99 {idle_found['p99_without_ms']:.1f} -> {idle_found['p99_with_ms']:.1f} ms,"
                    f" ratio {idle_found['ratio']:.2f}, refused {idle_found['refused']:.0f}"
                )
                print(f"{database:10} wake  p50 {found['p50_ms']:.1f} p99 {found['p99_ms']:.1f} ms")
    if given.json:
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
