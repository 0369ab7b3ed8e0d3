"""`kill -9` at random moments under load: every accepted command is there once, nothing is stuck, nothing is doubled.

PASSERELLE_KILLS and PASSERELLE_COMMANDS say how much; `make endure` asks for 20 kills and 5,000 commands.
"""

import base64
import collections
import contextlib
import http.client
import json
import os
import random
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.engine.conftest import databases, fresh_database

ROOT = Path(__file__).resolve().parents[2]
KILLS = int(os.environ.get("PASSERELLE_KILLS", "3"))
COMMANDS = int(os.environ.get("PASSERELLE_COMMANDS", "300"))
CLIENTS = 6
PASSWORD = "correct horse battery"
MODEL = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="t">
<message id="m" name="go"><extensionElements><zeebe:subscription correlationKey="=id"/></extensionElements></message>
<process id="endure" isExecutable="true"><startEvent id="s"/>
<serviceTask id="work"><extensionElements><zeebe:taskDefinition type="endure" retries="1000"/></extensionElements></serviceTask>
<intermediateCatchEvent id="hear"><messageEventDefinition messageRef="m"/></intermediateCatchEvent>
<intermediateCatchEvent id="rest"><timerEventDefinition><timeDuration>PT0.3S</timeDuration></timerEventDefinition></intermediateCatchEvent>
<userTask id="ask"><extensionElements><zeebe:userTask/></extensionElements></userTask><endEvent id="e"/>
<sequenceFlow id="f1" sourceRef="s" targetRef="work"/><sequenceFlow id="f2" sourceRef="work" targetRef="hear"/>
<sequenceFlow id="f3" sourceRef="hear" targetRef="rest"/><sequenceFlow id="f4" sourceRef="rest" targetRef="ask"/>
<sequenceFlow id="f5" sourceRef="ask" targetRef="e"/></process></definitions>"""


class Server:
    """The real thing, in a process group of its own, so that one kill ends all of it."""

    def __init__(self, url, folder):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.environment = os.environ | {
            "PASSERELLE_PORT": str(self.port),
            "PASSERELLE_VAR": str(folder),
            "PASSERELLE_DATABASE_URL": url,
            "PASSERELLE_LOG_LEVEL": "error",
            "PYTHONPATH": str(ROOT),
        }
        self.log = (folder / "server.log").open("ab")
        self.process = None

    def tool(self, *arguments):
        command = [sys.executable, "-m", "api.cli", *arguments]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, cwd=ROOT)
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "api.cli", "serve"],
            env=self.environment,
            cwd=ROOT,
            start_new_session=True,
            stdout=self.log,
            stderr=self.log,
        )
        for _ in range(600):
            with contextlib.suppress(OSError):
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
                connection.request("GET", "/health/ready")
                if connection.getresponse().status == 200:
                    return
            time.sleep(0.05)
        raise AssertionError("the server did not come up again")

    def kill(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Client:
    """Retries each command with its Idempotency-Key until it has an answer; remembers what was accepted."""

    def __init__(self, server, seed):
        self.server, self.random = server, random.Random(seed)
        self.accepted = collections.Counter()
        self.started, self.completed_jobs, self.published, self.completed_tasks = [], [], [], []
        self.wrong = []

    def call(self, method, path, body=None, *, key=None, until=90):
        head = {"Content-Type": "application/json", "Authorization": "Basic " + base64.b64encode(f"ada:{PASSWORD}".encode()).decode()}
        if key:
            head["Idempotency-Key"] = key
        deadline, last = time.monotonic() + until, "none"
        while time.monotonic() < deadline:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=15)
                connection.request(method, "/v2" + path, json.dumps(body) if body is not None else None, head)
                answer = connection.getresponse()
                data = answer.read()
            except (OSError, http.client.HTTPException) as error:
                last = repr(error)
                time.sleep(0.05)
                continue
            if answer.status == 503:
                last = data.decode()
                time.sleep(0.05)
                continue
            return answer.status, json.loads(data) if data else None
        raise AssertionError(f"{method} {path}: no answer in {until} s, the last try: {last}")

    def command(self, path, body):
        status, answer = self.call("POST", path, body, key=secrets.token_hex(8))
        if status < 300:
            self.accepted["commands"] += 1
        elif status >= 500:
            self.wrong.append((path, status, answer))
        return status, answer

    def work(self, share):
        while self.accepted["commands"] < share:
            name = secrets.token_hex(6)
            status, answer = self.command("/process-instances", {"processDefinitionId": "endure", "variables": {"id": name}})
            if status < 300:
                self.started.append((answer["processInstanceKey"], name))
                status, _ = self.command(
                    "/messages/publication", {"name": "go", "correlationKey": name, "timeToLive": 3_600_000, "messageId": name}
                )
                if status < 300:
                    self.published.append(name)
            self.lend_a_hand()

    def lend_a_hand(self):
        body = {"type": "endure", "worker": "w", "timeout": 3000, "maxJobsToActivate": 3, "requestTimeout": -1}
        for job in self.call("POST", "/jobs/activation", body)[1].get("jobs", []):
            status, _ = self.command(f"/jobs/{job['jobKey']}/completion", {"variables": {"done": True}})
            if status < 300:
                self.completed_jobs.append(job["jobKey"])
        _, found = self.call("POST", "/user-tasks/search", {"filter": {"state": "CREATED"}, "page": {"limit": 10}})
        for task in self.random.sample(found["items"], min(2, len(found["items"]))):
            status, _ = self.command(f"/user-tasks/{task['userTaskKey']}/completion", {"variables": {"ok": True}})
            if status < 300:
                self.completed_tasks.append(task["userTaskKey"])


@pytest.mark.parametrize("kind", databases())
def test_a_killed_server_loses_nothing_and_doubles_nothing(kind, tmp_path):
    with fresh_database(kind, tmp_path) as url:
        server = Server(url, tmp_path)
        server.tool("migrate")
        server.tool("people", "add", "ada", "--name", "Ada", "--role", "admin", "--password", PASSWORD)
        server.start()
        model = tmp_path / "endure.bpmn"
        model.write_text(MODEL)
        address = {"PASSERELLE_URL": f"http://127.0.0.1:{server.port}"}
        server.environment |= address
        server.environment |= {"PASSERELLE_USER": "ada", "PASSERELLE_PASSWORD": PASSWORD}
        server.tool("deploy", str(model))
        clients = [Client(server, seed) for seed in range(CLIENTS)]
        threads = [threading.Thread(target=c.work, args=(COMMANDS // CLIENTS,)) for c in clients]
        for thread in threads:
            thread.start()
        kills = 0
        dice = random.Random(20260)
        try:
            while any(t.is_alive() for t in threads) or kills < KILLS:
                time.sleep(dice.uniform(0.2, 2.5))  # the moment of the kill is what is random here
                if kills < KILLS:
                    server.kill()
                    kills += 1
                    server.start()
            for thread in threads:
                thread.join()
            finish(clients)
            let_the_worker_pay(url)
        finally:
            server.kill()
        check(url, clients)


def finish(clients):
    """Work off what is left, until nothing waits."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        for client in clients:
            client.lend_a_hand()
        _, found = clients[0].call("POST", "/process-instances/search", {"filter": {"state": "ACTIVE"}, "page": {"limit": 1}})
        if found["page"]["totalItems"] == 0:
            return
        time.sleep(0.1)


def let_the_worker_pay(url):
    """What a killed request owed is paid by the background, ten seconds later at the earliest."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        with engine.connect() as connection:
            if not connection.execute(text("SELECT count(*) FROM continuations")).scalar():
                break
        time.sleep(0.25)
    engine.dispose()


def check(url, clients):
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        instances = dict(connection.execute(text("SELECT key, state FROM instances")).all())
        by_id = collections.Counter(connection.execute(text("SELECT value FROM variables WHERE name = 'id'")).scalars())
        jobs = collections.Counter(connection.execute(text("SELECT instance_key FROM jobs WHERE state = 'COMPLETED'")).scalars())
        tasks = collections.Counter(connection.execute(text("SELECT instance_key FROM tasks WHERE state = 'COMPLETED'")).scalars())
        incidents = connection.execute(text("SELECT error_message FROM incidents")).scalars().all()
        done_jobs = {str(k) for k in connection.execute(text("SELECT key FROM jobs WHERE state = 'COMPLETED'")).scalars()}
        done_tasks = {str(k) for k in connection.execute(text("SELECT key FROM tasks WHERE state = 'COMPLETED'")).scalars()}
        owed = connection.execute(text("SELECT count(*) FROM continuations")).scalar()
        timers = connection.execute(text("SELECT count(*) FROM timers")).scalar()
    engine.dispose()
    started = {int(key): name for client in clients for key, name in client.started}
    accepted = sum(client.accepted["commands"] for client in clients)
    print(f"{accepted} commands accepted, {len(started)} instances")

    assert [w for client in clients for w in client.wrong] == []
    assert set(started) <= set(instances), "an accepted start is missing"
    assert len(instances) == len(by_id) and max(by_id.values()) == 1, "a start took effect twice"
    assert {state for key, state in instances.items()} == {"COMPLETED"}, "an instance is stuck"
    assert incidents == []
    assert set(jobs.values()) == {1} and set(tasks.values()) == {1}, "work was done twice"
    assert {k for c in clients for k in c.completed_jobs} <= done_jobs
    assert {k for c in clients for k in c.completed_tasks} <= done_tasks
    assert (owed, timers) == (0, 0)
