"""An operator sees that it lives; nobody else sees how."""

import io
import json
import logging
import os
from collections.abc import Iterator

import pytest
import structlog
from flask import Flask, abort
from sqlalchemy import Engine, text

from api import logs, observability
from api.settings import Settings, from_environment

TOKEN = "token-of-the-metrics-" * 2


@pytest.fixture
def lines() -> Iterator[list[dict]]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    stream = io.StringIO()
    logs.begin("info", stream)
    yield _Lines(stream)
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


class _Lines:
    def __init__(self, stream: io.StringIO) -> None:
        self._stream = stream

    @property
    def text(self) -> str:
        return self._stream.getvalue()

    def of_requests(self) -> list[dict]:
        return [line for line in map(json.loads, self.text.splitlines()) if line["event"] == "request"]


def _client(engine: Engine, settings: Settings | None = None, **more):
    app = Flask("watched")
    app.add_url_rule("/v2/jobs/<int:job_key>/completion", "complete", lambda job_key: ("", 204), methods=["POST"])
    app.add_url_rule("/links/<token>", "link", lambda token: "welcome")
    app.add_url_rule("/no", "no", lambda: abort(400))
    observability.install(app, settings or from_environment({}), engine, **more)
    return app.test_client()


def test_a_request_is_logged_with_its_keys_and_without_what_was_asked(database: Engine, lines: _Lines) -> None:
    client = _client(database)
    answer = client.post("/v2/jobs/17/completion?name=Anna", json={"name": "Anna"}, headers={"X-Request-ID": "abc-1"})
    client.get("/links/secret-token?to=anna@example.com")

    completed, link = lines.of_requests()
    assert answer.headers["X-Request-ID"] == "abc-1"
    assert (completed["request"], completed["job_key"], completed["status"]) == ("abc-1", 17, 204)
    assert completed["route"] == "/v2/jobs/<int:job_key>/completion"
    assert link["route"] == "/links/<token>"
    for private in ("Anna", "secret-token", "anna@example.com"):
        assert private not in lines.text


def test_a_request_id_that_could_forge_a_line_is_replaced(database: Engine, lines: _Lines) -> None:
    answer = _client(database).get("/no", headers={"X-Request-ID": 'x" , "level": "error'})

    assert '"' not in answer.headers["X-Request-ID"]
    assert len(lines.of_requests()) == 1


def test_the_keys_of_one_request_do_not_stick_to_the_next(database: Engine, lines: _Lines) -> None:
    client = _client(database)
    client.post("/v2/jobs/17/completion")
    client.get("/no")

    assert "job_key" not in lines.of_requests()[1]


def test_commands_are_counted_by_what_came_of_them(database: Engine) -> None:
    client = _client(database)
    client.post("/v2/jobs/17/completion")
    shown = client.get("/metrics").text

    assert 'passerelle_commands_total{command="POST /v2/jobs/<int:job_key>/completion",outcome="accepted"}' in _all(shown)
    assert "passerelle_incidents 0.0" in shown
    assert "passerelle_timers_late 0.0" in shown
    assert "passerelle_continuations_due_seconds 0.0" in shown


def _all(shown: str) -> str:
    """With the counters of this process, which /metrics itself reads from files that only a started server has."""
    from prometheus_client import generate_latest

    assert "PROMETHEUS_MULTIPROC_DIR" not in os.environ
    return shown + generate_latest().decode()


@pytest.mark.parametrize(
    ("address", "headers", "token", "status"),
    [
        ("127.0.0.1", {}, None, 200),
        ("::1", {}, None, 200),
        ("10.0.0.7", {}, None, 403),
        ("127.0.0.1", {"X-Forwarded-For": "10.0.0.7"}, None, 403),
        ("127.0.0.1", {"Forwarded": "for=10.0.0.7"}, None, 403),
        ("10.0.0.7", {"Authorization": f"Bearer {TOKEN}"}, TOKEN, 200),
        ("10.0.0.7", {"Authorization": "Bearer wrong"}, TOKEN, 403),
        ("10.0.0.7", {"Authorization": f"Bearer {TOKEN}"}, None, 403),
        ("10.0.0.7", {"Authorization": "Bearer None"}, None, 403),
    ],
)
def test_metrics_are_for_this_machine_or_the_holder_of_the_token(
    database: Engine, address: str, headers: dict[str, str], token: str | None, status: int
) -> None:
    settings = from_environment({"PASSERELLE_METRICS_TOKEN": token} if token else {})
    answer = _client(database, settings).get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": address})

    assert answer.status_code == status
    assert ("passerelle_incidents" in answer.text) == (status == 200)


def test_it_is_ready_when_the_database_is_there_and_migrated(database: Engine) -> None:
    assert _client(database).get("/health/ready").status_code == 200
    assert _client(database).get("/health/live").status_code == 200


def test_it_is_not_ready_when_the_database_was_not_migrated(database: Engine) -> None:
    with database.begin() as connection:
        known = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        connection.execute(text("UPDATE alembic_version SET version_num = 'older'"))
    try:
        answer = _client(database).get("/health/ready")
    finally:
        with database.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :known"), {"known": known})

    assert answer.status_code == 503
    assert "migrate" in answer.json["reason"]


def test_it_is_alive_but_not_ready_when_the_database_is_gone() -> None:
    from engine import database

    nowhere = database.connect("postgresql://nobody@127.0.0.1:1/nothing")

    assert _client(nowhere).get("/health/ready").status_code == 503
    assert _client(nowhere).get("/health/live").status_code == 200


def test_it_is_not_ready_while_it_stops(database: Engine) -> None:
    answer = _client(database, is_stopping=lambda: True).get("/health/ready")

    assert (answer.status_code, answer.json["status"]) == (503, "stopping")
