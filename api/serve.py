"""The server: gunicorn with threads that start after the fork, and stop in order."""

from __future__ import annotations

import contextlib
import fcntl
import gc
import os
import secrets
import select
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog
from gunicorn.app.base import BaseApplication
from gunicorn.workers.gthread import ThreadWorker

from api import logs
from api.settings import Settings
from engine.errors import WrongSettings

log = structlog.get_logger("passerelle.server")

GRACE_SECONDS = 20  # for what is being done when we are told to stop; polls answer at once
QUICK_THREADS = 64  # of a process: kept for requests that do not wait for jobs
_IDLE_CONNECTIONS = 1000  # kept alive beside those that threads work on
_LOCK_PATIENCE = 5.0
RENEWALS = 6  # of the node number within its lease: several may fail before another process takes the number
_LINGER_MS = 50  # how long a thread stays with a connection whose next request may follow at once
_MOST_LINGERING = QUICK_THREADS // 2  # threads of a process that do so at the same time


@dataclass(slots=True)
class Running:
    """What one server process has running beside its requests."""

    stopping: threading.Event = field(default_factory=threading.Event)
    background: Any = None
    postman: Any = None
    renewing: Any = None
    engine: Any = None


_running = Running()


class Worker(ThreadWorker):
    """Two habits beside gunicorn's own.

    On SIGTERM (and Ctrl-C, which reaches every process): no new connections, polls answer, requests finish, then the end.
    A thread that has answered waits a moment for the connection's next request: handing it back to the poller and being
    handed it again cost a fifth of what a whole request does.
    """

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._may_linger = threading.BoundedSemaphore(_MOST_LINGERING)

    def handle(self, conn: Any) -> Any:
        kept = super().handle(conn)
        while kept is True and self._follows(conn):
            kept = super().handle(conn)
        return kept

    def _follows(self, conn: Any) -> bool:
        """Whether the next request is there already, or comes within the moment."""
        if conn.parser.unreader.buf.getvalue():
            return True
        if not self.alive or not self._may_linger.acquire(blocking=False):
            return False
        try:
            coming = select.poll()
            coming.register(conn.sock, select.POLLIN)
            return bool(coming.poll(_LINGER_MS))
        finally:
            self._may_linger.release()

    def handle_exit(self, sig: int, frame: Any) -> None:
        _tell_to_stop()
        super().handle_exit(sig, frame)

    def handle_quit(self, sig: int, frame: Any) -> None:
        self.handle_exit(sig, frame)


class Application(BaseApplication):
    """One gunicorn for our settings; reads no gunicorn configuration of anybody else's."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        settings = self._settings
        for name, value in {
            "bind": f"{settings.host}:{settings.port}",
            "workers": settings.processes,
            "threads": settings.threads,
            "worker_class": Worker,
            "worker_connections": settings.threads + _IDLE_CONNECTIONS,
            "backlog": 2048,
            "keepalive": 75,
            "timeout": 120,
            "graceful_timeout": GRACE_SECONDS,
            "preload_app": False,  # connections and threads do not survive a fork
            "logger_class": logs.ServerLogger,
            "control_socket_disable": True,
            "proc_name": "passerelle",
            "limit_request_line": 8190,
            "post_worker_init": lambda _worker: _start_threads(settings),
            "worker_exit": lambda _server, _worker: _stop_threads(),
            "child_exit": lambda _server, worker: _forget_process(worker.pid),
        }.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        from api import bodies, observability
        from api.app import create_app

        app = create_app(self._settings)
        with app.app_context():
            _running.engine = app.extensions["sqlalchemy"].engine
        observability.install(app, self._settings, _running.engine, is_stopping=_running.stopping.is_set)
        app.wsgi_app = bodies.read_to_the_end(app.wsgi_app, 4 * self._settings.max_upload)
        return app


def run(settings: Settings) -> None:
    """Serve until told to stop. Expects a migrated database, and to be the only process on it (SQLite)."""
    Application(settings).run()


def work(settings: Settings) -> None:
    """The background alone, as a process of its own (PostgreSQL), until SIGTERM or SIGINT."""
    import signal

    from engine import clock, database

    if settings.is_sqlite:
        raise WrongSettings("With SQLite the server does the background work itself; `passerelle worker` is for PostgreSQL.")
    clock.allow_test_clock(settings.test_clock)
    _running.engine = database.connect(settings.database_url, pool_size=settings.pool_size)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: _running.stopping.set())
    with _own_metrics(settings):
        _start_threads(settings)
        log.info("worker started")
        _running.stopping.wait()
        _stop_threads()
    log.info("worker stopped")


@contextlib.contextmanager
def _own_metrics(settings: Settings) -> Iterator[None]:
    """What a worker counts, for Prometheus on this machine. Raises WrongSettings where the port is taken."""
    from prometheus_client import start_http_server

    if settings.metrics_port is None:
        yield
        return
    try:
        server, thread = start_http_server(settings.metrics_port, addr="127.0.0.1")
    except OSError as error:
        where = f"127.0.0.1:{settings.metrics_port}"
        raise WrongSettings(f"PASSERELLE_METRICS_PORT: expected a free port, found {where} taken ({error.strerror}).") from error
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.contextmanager
def only_one_process(settings: Settings) -> Iterator[None]:
    """SQLite: held as long as any process of the server lives. Raises WrongSettings where another server holds it."""
    if not settings.is_sqlite:
        yield
        return
    file = settings.sqlite_file.with_name(settings.sqlite_file.name + ".lock")
    with _opened(file) as lock:
        until = time.monotonic() + _LOCK_PATIENCE
        while not _locked(lock):
            holder = os.pread(lock, 20, 0).decode().strip()
            # after a kill -9 the processes of the dead server need a moment to notice
            if _is_alive(holder) or time.monotonic() > until:
                raise WrongSettings(
                    f"Another Passerelle (process {holder or 'unknown'}) uses {settings.sqlite_file}. With SQLite there is exactly one"
                    " server process; stop the other one, give this one its own PASSERELLE_VAR, or use PostgreSQL."
                )
            time.sleep(0.05)
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
        yield


@contextlib.contextmanager
def _opened(file: Path) -> Iterator[int]:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise WrongSettings(f"PASSERELLE_DATABASE_URL: expected a folder that can be written to, found {str(file.parent)!r}.") from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)  # shared with the processes forked from here, gone with the last
    except BlockingIOError:
        return False
    return True


def _is_alive(pid: str) -> bool:
    return pid.isdigit() and Path(f"/proc/{pid}").exists()


def count_in_files(settings: Settings) -> None:
    """Let the processes of this server add up their counters. Before prometheus_client is imported: it looks once."""
    folder = settings.var / "metrics" / str(settings.port)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def expect_free_port(settings: Settings) -> None:
    """Raises WrongSettings where somebody else listens already: gunicorn would only try again and again."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            where = f"{settings.host}:{settings.port}"
            raise WrongSettings(f"PASSERELLE_PORT: expected a free port, found {where} taken ({error.strerror}).") from error


def _forget_process(pid: int) -> None:
    from api import observability

    observability.process_ended(pid)


def _start_threads(settings: Settings) -> None:
    """What a process does beside answering: the background work, keeping its node number, listening for news from the others."""
    from api import erasures
    from api import trials as doors
    from engine import clock, documents, installation, trials, waking
    from engine.database import run
    from engine.worker import Background, Regularly

    engine, holder = _running.engine, f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"

    def keep_node_number() -> None:
        installation.lease_node(engine, holder, clock.machine_now())

    folder = documents.Folder(settings.documents)
    erasures.with_documents(folder)

    def keep_house(session: Any) -> None:
        run(session, lambda s: documents.drop_expired(s, folder))
        run(session, lambda s: documents.sweep(s, folder))
        trials.drop_expired(engine, doors.place_of(settings))

    keep_node_number()
    waking.start(engine, parking=max(1, settings.threads - QUICK_THREADS))
    _running.renewing = Regularly(installation.NODE_LEASE.total_seconds() / RENEWALS, keep_node_number, name="node number")
    _running.renewing.start()
    _running.background = Background(engine, extra=keep_house)
    _running.background.start()
    _running.postman = _postman(settings, engine)
    _running.postman.start()
    gc.freeze()  # what is loaded by now stays: the collector need not look through it again and again
    log.info("process ready", pid=os.getpid(), threads=settings.threads)


def _postman(settings: Settings, engine: Any) -> Any:
    """Who takes mails to the server. A demo writes to nobody: its parties are made up, and so are their addresses."""
    from sqlalchemy.orm import Session

    from engine import database, installation
    from engine.mails import House
    from engine.postmen import Postman

    with Session(engine) as session:
        secret = settings.secret or database.run(session, installation.secret)
        is_demo = installation.fact(session, installation.DEMO) is not None
    house = House(settings.url, secret, *settings.mail_from, settings.timezone)
    return Postman(engine, house, None if is_demo else settings.smtp_url)


def _tell_to_stop() -> None:
    """In a signal handler: it may have interrupted whoever holds a lock that stopping needs, so a thread does it."""
    if _running.stopping.is_set():
        return
    _running.stopping.set()
    threading.Thread(target=_wake_the_waiting, name="stop", daemon=True).start()


def _wake_the_waiting() -> None:
    from engine import waking

    waking.stop()


def _stop_threads() -> None:
    _running.stopping.set()
    if _running.background is not None:
        _wake_the_waiting()
        _running.background.stop()
        _running.renewing.stop()
    if _running.postman is not None:
        _running.postman.stop()
    if _running.engine is not None:
        _running.engine.dispose()
