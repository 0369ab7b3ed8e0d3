"""Questions that everybody asks all day stay quick when nearly everything is done: by an index, on both databases."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import event, insert, text

from api.observability import MAILS
from api.v2 import jobs as jobs_api
from api.v2 import user_tasks as tasks_api
from engine import database, inboxes, policies, search
from engine.cases import Case
from engine.instances import Instance
from engine.jobs import Job
from engine.notifications import Notification
from engine.parties import Actor
from engine.tasks import Task
from tests.engine.conftest import ADMIN

NORA = Actor(id="person:u0", username="u0", name="Nora", roles=frozenset({"member"}), groups=frozenset({"desk"}))
THEN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


@pytest.fixture
def full(world):
    """4,000 tasks and jobs that are done, and one in a thousand that is open."""
    world.deploy('<process id="p" isExecutable="true"><startEvent id="s"/><task id="u"/><sequenceFlow id="f" sourceRef="s" targetRef="u"/></process>')
    with world.engine.begin() as connection:
        process_key = connection.execute(text("SELECT key FROM processes")).scalar_one()
        case = {"key": 1, "number": 1, "process_id": "p", "first_instance_key": 1, "state": "ACTIVE", "created_at": THEN}
        connection.execute(insert(Case).values(case | {"revision": 0, "open_instances": 1, "kept_messages": 0}))
        instance = {"key": 1, "case_key": 1, "process_key": process_key, "process_id": "p", "version": 1, "root_key": 1}
        connection.execute(insert(Instance).values(instance | {"state": "ACTIVE", "incidents": 0, "revision": 0, "started_at": THEN}))
        tasks, jobs = [], []
        for key in range(1, 4001):
            is_open = key % 1000 == 0
            row = {"key": key, "element_instance_key": key, "instance_key": 1, "case_key": 1, "process_key": process_key, "process_id": "p"}
            row |= {"element_id": "u", "created_at": THEN, "ended_at": None if is_open else THEN, "priority": 0, "headers": {}}
            tasks.append(
                row
                | {"name": "Look", "state": "CREATED" if is_open else "COMPLETED", "candidate_groups": [], "candidate_users": []}
                | {"assignee": f"u{key % 40}" if key % 3 else None, "completed_by": None if is_open else f"u{key % 40}"}
            )
            state = "CREATED" if is_open else "COMPLETED"
            jobs.append(row | {"version": 1, "root_key": 1, "type": f"t{key % 9}", "state": state, "retries": 3})
        connection.execute(insert(Task), tasks)
        connection.execute(insert(Job), jobs)
        mail = {"kind": "receipt", "data": {}, "attempts": 1, "created_at": THEN}
        connection.execute(insert(Notification), [mail | {"key": key, "state": "SENT" if key % 1000 else "FAILED"} for key in range(1, 4001)])
    with world.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    return world


def plans(world, question):
    """How the database goes about every SELECT of a question."""
    asked = []

    def note(_connection, _cursor, statement, parameters, _context, _many):
        asked.append((statement, parameters))

    with database.reading(world.engine) as session:
        listened = session.get_bind()
        event.listen(world.engine, "before_cursor_execute", note)
        try:
            question(session)
        finally:
            event.remove(world.engine, "before_cursor_execute", note)
        explain = "EXPLAIN QUERY PLAN " if listened.dialect.name == "sqlite" else "EXPLAIN "
        driver = session.connection().connection.driver_connection
        return "\n".join(str(tuple(row)) for statement, values in asked for row in driver.execute(explain + statement, values).fetchall())


def found(noun, visible, **filters):
    wanted = search.Wanted(filters={name: {"$eq": value} for name, value in filters.items()})
    return lambda session: search.run(session, noun, wanted, visible=visible)


QUESTIONS = {
    "the inbox": ("ix_tasks_open", lambda s: inboxes.inbox(s, NORA, "mine", until=THEN)),
    "open tasks": ("ix_tasks_open", found(tasks_api.NOUN, policies.visible_tasks(ADMIN), state="CREATED")),
    "one's tasks, done for others too": ("ix_tasks_done", found(tasks_api.NOUN, policies.visible_tasks(NORA))),
    "one's tasks": ("ix_tasks_assignee", found(tasks_api.NOUN, policies.visible_tasks(NORA))),
    "one's cases": ("ix_tasks_done", lambda s: inboxes.cases(s, NORA)),
    "undeliverable mails": ("ix_notifications_failed", lambda s: s.scalar(dict((name, count) for name, _, count in MAILS)["passerelle_mails_undeliverable"])),
    "open jobs": ("ix_jobs_open", found(jobs_api.NOUN, policies.visible_by_instance(ADMIN, Job.instance_key), state="CREATED")),
}


@pytest.mark.parametrize("world", ["cached"], indirect=True)
@pytest.mark.parametrize("name", QUESTIONS)
def test_what_is_open_is_found_without_looking_at_all_that_is_done(full, name, monkeypatch):
    monkeypatch.setattr(search, "_asked_often", lambda *_: None)  # the statement itself, where a listener hears it
    index, question = QUESTIONS[name]
    if name == "open jobs" and full.engine.dialect.name == "sqlite":
        index = "SCAN jobs"  # its jobs are few; the index that leasing needs does not serve this order there
    plan = plans(full, question)

    assert index in plan, plan
    assert "Seq Scan on tasks" not in plan and "Seq Scan on jobs" not in plan, plan
    assert "SCAN tasks'" not in plan, plan
    assert "Seq Scan on notifications" not in plan, plan
