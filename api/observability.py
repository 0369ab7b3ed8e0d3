"""How an operator sees that it lives: a log line a request, /metrics (Prometheus), /health/live and /health/ready."""

from __future__ import annotations

import hmac
import os
import re
import secrets
import time
from collections.abc import Callable, Iterable
from typing import Any

import structlog
from flask import Flask, Response, g, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from api.auth import asked_from_this_machine
from api.settings import Settings
from engine import clock, migrations
from engine.continuations import Continuation
from engine.database import reading
from engine.incidents import Incident, IncidentState
from engine.timers import Timer

log = structlog.get_logger("passerelle.requests")

REQUESTS = Counter("passerelle_requests_total", "Requests answered.", ["method", "route", "status"])
SECONDS = Histogram(
    "passerelle_request_seconds",
    "From the first byte of a request to the answer, long polls included.",
    ["route"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
COMMANDS = Counter("passerelle_commands_total", "Requests that change something, by what came of them.", ["command", "outcome"])

_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_KEY_NAMES = re.compile(r"(^|_)keys?$")
_READ_ONLY = ("GET", "HEAD", "OPTIONS")
_QUIET = ("/health/live", "/health/ready", "/metrics", "static")


def process_ended(pid: int) -> None:
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.mark_process_dead(pid)


def install(app: Flask, settings: Settings, engine: Engine, *, is_stopping: Callable[[], bool] = lambda: False) -> None:
    """Add the log line, the counters and the three addresses to the application."""
    app.before_request_funcs.setdefault(None, []).insert(0, _begin)  # before whoever asks for a log-in
    app.after_request(_end)
    app.add_url_rule("/health/live", "health_live", lambda: jsonify(status="live"))
    app.add_url_rule("/health/ready", "health_ready", lambda: _ready(engine, is_stopping))
    app.add_url_rule("/metrics", "metrics", lambda: _metrics(settings, engine))


def _begin() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if _ID.fullmatch(given) else secrets.token_hex(8)
    g.began = time.perf_counter()
    keys = {name: value for name, value in (request.view_args or {}).items() if _KEY_NAMES.search(name)}
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request=g.request_id, **keys)


def _end(response: Response) -> Response:
    if "began" not in g:
        return response
    # the route, not the path: a path may carry the token of a link, a query what somebody searched for
    route = request.url_rule.rule if request.url_rule else "unknown"
    seconds = time.perf_counter() - g.began
    REQUESTS.labels(request.method, route, response.status_code).inc()
    SECONDS.labels(route).observe(seconds)
    if request.method not in _READ_ONLY and not route.endswith("/search"):
        COMMANDS.labels(f"{request.method} {route}", _outcome(response.status_code)).inc()
    response.headers.setdefault("X-Request-ID", g.request_id)
    if not any(quiet in route for quiet in _QUIET):
        told = log.info if response.status_code < 500 else log.error
        told("request", method=request.method, route=route, status=response.status_code, ms=round(seconds * 1000, 1))
    return response


def _outcome(status: int) -> str:
    return "accepted" if status < 400 else "refused" if status < 500 else "failed"


def _ready(engine: Engine, is_stopping: Callable[[], bool]) -> tuple[Response, int]:
    if is_stopping():
        return jsonify(status="stopping"), 503
    try:
        current = migrations.is_current(engine)
    except SQLAlchemyError:
        return jsonify(status="not ready", reason="The database cannot be reached."), 503
    if not current:
        return jsonify(status="not ready", reason="The database has not been migrated to this version (passerelle migrate)."), 503
    return jsonify(status="ready"), 200


def _metrics(settings: Settings, engine: Engine) -> Response:
    if not _may_read_metrics(settings):
        return Response("Expected a request from this machine, or the token of PASSERELLE_METRICS_TOKEN.\n", 403, mimetype="text/plain")
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.MultiProcessCollector(registry)
    registry.register(_Backlog(engine))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _may_read_metrics(settings: Settings) -> bool:
    given = request.headers.get("Authorization", "")
    if settings.metrics_token and hmac.compare_digest(given.encode(), f"Bearer {settings.metrics_token}".encode()):
        return True
    return asked_from_this_machine()


class _Backlog:
    """What stands in the database at this moment, asked when somebody looks."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def collect(self) -> Iterable[GaugeMetricFamily]:
        with reading(self._engine) as session:
            now = clock.now(session)
            jobs = GaugeMetricFamily("passerelle_jobs_open", "Jobs that wait for a worker or are with one, by state.", labels=["state"])
            for state, count in session.execute(_OPEN_JOBS):
                jobs.add_metric([state], count)
            yield jobs
            late = session.execute(select(func.count(), func.min(Timer.due_at)).where(Timer.due_at <= now)).one()
            owed = session.execute(select(func.count(), func.min(Continuation.due_at)).where(Continuation.due_at <= now)).one()
            yield _gauge("passerelle_timers_late", "Timers that are due and have not fired.", late[0])
            yield _gauge("passerelle_timers_late_seconds", "How late the latest of them is.", _age(now, late[1]))
            yield _gauge("passerelle_continuations_due", "Deliveries and rests of long steps that are due.", owed[0])
            yield _gauge("passerelle_continuations_due_seconds", "How long the oldest of them has been due.", _age(now, owed[1]))
            for name, meaning, count in MAILS:
                yield _gauge(name, meaning, session.scalar(count))
            yield _gauge("passerelle_incidents", "Incidents that nobody has resolved.", session.scalar(_OPEN_INCIDENTS))


# only what an index answers: a scrape must not read whole tables
_OPEN_JOBS = text("SELECT state, count(*) FROM jobs WHERE ended_at IS NULL GROUP BY state")
# the state is written out: SQLite uses no partial index for a state that it is given beside the statement
MAILS = (
    ("passerelle_mails_waiting", "Mails that are to be sent.", text("SELECT count(*) FROM notifications WHERE state = 'PENDING'")),
    (
        "passerelle_mails_undeliverable",
        "Mails that could not be delivered, until somebody corrects the address.",
        text("SELECT count(*) FROM notifications WHERE state = 'FAILED'"),
    ),
)
_OPEN_INCIDENTS = select(func.count()).select_from(Incident).where(Incident.state == IncidentState.ACTIVE)


def _gauge(name: str, meaning: str, value: float | None) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, meaning, value=value or 0)


def _age(now: Any, since: Any) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())
