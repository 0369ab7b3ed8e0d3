"""The engine without a web around it, on both databases."""

import contextlib
import os
import secrets
from datetime import UTC, datetime, timedelta
from functools import partial

import psycopg
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock, database, deployments, live, schema, worker
from engine.commands import cases, incidents, jobs, messages, signals, tasks
from engine.commands.variables import set_variables
from engine.elements import ElementInstance
from engine.incidents import Incident
from engine.instances import Instance
from engine.parties import Actor
from engine.tasks import Task
from engine.variables import of_scope

ADMIN = Actor(id="person:ada", username="ada", name="Ada", roles=frozenset({"admin"}))

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" '
    'xmlns:handoff="urn:passerelle:handoff:1.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="t">'
)


class World:
    """Commands as one transaction each, and questions about what came of them."""

    def __init__(self, engine):
        self.engine = engine

    def do(self, command, *arguments, **named):
        with Session(self.engine) as session:
            return database.run(session, lambda s: command(s, *arguments, by=ADMIN, **named))

    def ask(self, question):
        with database.reading(self.engine) as session:
            return question(session)

    def deploy(self, *bodies, name="model.bpmn"):
        files = [(name if i == 0 else f"{i}-{name}", (HEAD + body + "</definitions>").encode()) for i, body in enumerate(bodies)]
        return self.do(deployments.deploy, files)

    def start(self, process_id, **given):
        def begin(session, *, by):
            return cases.start(session, deployments.expect_process(session, process_id=process_id), given, by=by)

        return self.do(begin).key

    def sweep(self):
        with Session(self.engine) as session:
            worker.settle(session)

    def wait(self, **delta):
        now = self.ask(clock.now)
        self.do(lambda s, *, by: clock.pin(s, now + timedelta(**delta)))
        self.sweep()

    def tasks(self, instance_key=None, state="CREATED"):
        question = select(Task).where(Task.state == state).order_by(Task.key)
        if instance_key is not None:
            question = question.where(Task.instance_key == instance_key)
        return self.ask(lambda s: list(s.scalars(question)))

    def complete_task(self, task, **given):
        self.do(tasks.complete, task.key, given)

    def lease(self, job_type, count=1, **named):
        return self.do(jobs.activate, job_type, worker="w", timeout_ms=60_000, max_jobs=count, **named)

    def complete_job(self, leased, **given):
        self.do(jobs.complete, leased.job.key, given)

    def fail_job(self, leased, **named):
        self.do(jobs.fail, leased.job.key, **named)

    def publish(self, name, key="", given=None, **named):
        return self.do(messages.publish, name, correlation_key=key, given=given, **named)

    def broadcast(self, name, given=None):
        return self.do(signals.broadcast, name, given)

    def resolve(self, incident):
        self.do(incidents.resolve, incident.key)

    def set_variables(self, key, given, **named):
        self.do(set_variables, key, given, **named)

    def state(self, instance_key):
        return self.ask(lambda s: s.get(Instance, instance_key).state)

    def instances(self, process_id=None):
        question = select(Instance).order_by(Instance.key)
        if process_id:
            question = question.where(Instance.process_id == process_id)
        return self.ask(lambda s: list(s.scalars(question)))

    def incidents(self, instance_key=None):
        question = select(Incident).where(Incident.state == "ACTIVE").order_by(Incident.key)
        if instance_key is not None:
            question = question.where(Incident.instance_key == instance_key)
        return self.ask(lambda s: list(s.scalars(question)))

    def variables(self, instance_key):
        return self.ask(partial(of_scope, scope_key=instance_key))

    def elements(self, instance_key):
        question = select(ElementInstance).where(ElementInstance.instance_key == instance_key).order_by(ElementInstance.key)
        return self.ask(lambda s: [(e.element_id, e.state) for e in s.scalars(question)])


def databases():
    return ["sqlite", "postgresql"]


@contextlib.contextmanager
def fresh_database(kind, folder):
    if kind == "sqlite":
        yield f"sqlite:///{folder}/engine.sqlite"
        return
    server = os.environ["PASSERELLE_TEST_POSTGRES"]
    name = f"engine_{secrets.token_hex(6)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        yield server.rsplit("/", 1)[0] + "/" + name
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session", params=databases())
def _engine(request, tmp_path_factory):
    with fresh_database(request.param, tmp_path_factory.mktemp("db")) as url:
        engine = database.connect(url)
        schema.metadata.create_all(engine)
        yield engine
        engine.dispose()


@pytest.fixture(params=["cached", "restored"])
def world(_engine, request, monkeypatch):
    """An empty database, with the clock pinned; executions kept in memory, and brought back from snapshots each time."""
    with _engine.begin() as connection:
        for table in reversed(schema.metadata.sorted_tables):
            connection.execute(table.delete())
    if request.param == "restored":
        monkeypatch.setattr(live, "take", lambda *_: None)
    live.forget()
    clock.allow_test_clock(True)
    found = World(_engine)
    found.do(lambda s, *, by: clock.pin(s, datetime(2026, 1, 5, 9, 0, tzinfo=UTC)))
    yield found
    clock.allow_test_clock(False)
