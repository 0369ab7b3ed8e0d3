"""Wakes workers that wait for jobs: one for each type that has work, in every process, after the commit."""

from __future__ import annotations

import contextlib
import json
import secrets
import threading
import time
from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from typing import Any

import structlog
from sqlalchemy import Engine, bindparam, text

from engine import clock
from engine.database import UtcDateTime, reading
from engine.errors import Busy

log = structlog.get_logger()

CHANNEL = "passerelle_jobs"
PERIOD = 2.0  # one look a process, for all types waited for, catches what no announcement told (a lease that ran out)
GAP = 0.01  # between two announcements to the other processes: each NOTIFY costs all of them
MOST_NAMES = 1000  # characters of names in one NOTIFY, as JSON six times that at most; 8000 is PostgreSQL's limit
_SELF = secrets.token_hex(8)  # one per process: modules are loaded after the fork

_LOOK = text(
    """
    SELECT DISTINCT type FROM jobs WHERE type IN :types AND ended_at IS NULL
    AND ((state = 'CREATED' AND (due_at IS NULL OR due_at <= :now)) OR (state = 'LEASED' AND deadline <= :now))
    """
).bindparams(bindparam("types", expanding=True), bindparam("now", type_=UtcDateTime))


class Waiting:
    """Who waits for which type, first come, first woken. A ticket is drawn before looking, so that nothing is missed between."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queues: dict[str, deque[threading.Event]] = {}
        self._news: OrderedDict[str, None] = OrderedDict()
        self.stopped = False

    def draw(self, job_type: str) -> threading.Event:
        ticket = threading.Event()
        with self._lock:
            self._queues.setdefault(job_type, deque()).append(ticket)
        if self.stopped:
            ticket.set()
        return ticket

    def give_back(self, job_type: str, ticket: threading.Event) -> None:
        """No longer waiting. A wake-up that came and was not used goes to the next."""
        with self._lock:
            queue = self._queues.get(job_type)
            if queue is None:
                return
            with contextlib.suppress(ValueError):
                queue.remove(ticket)
            if not queue:
                del self._queues[job_type]

    def wake(self, job_types: Iterable[str]) -> None:
        with self._lock:
            for job_type in job_types:
                queue = self._queues.get(job_type)
                if queue:
                    queue.popleft().set()
                    if not queue:
                        del self._queues[job_type]

    def types(self) -> list[str]:
        with self._lock:
            return list(self._queues)

    def stop(self) -> None:
        self.stopped = True
        with self._lock:
            for queue in self._queues.values():
                for ticket in queue:
                    ticket.set()


_waiting = Waiting()
_parking: threading.BoundedSemaphore | None = None
_outbox: OrderedDict[str, None] = OrderedDict()
_outbox_filled = threading.Event()
_outbox_lock = threading.Lock()
_engine: Engine | None = None


def announce(job_types: Iterable[str]) -> None:
    """There is work of these types. Called after the commit; never slow, never fails."""
    types = list(job_types)
    _waiting.wake(types)
    if _engine is not None and _engine.dialect.name == "postgresql":
        with _outbox_lock:
            _outbox.update(dict.fromkeys(types))
        _outbox_filled.set()


def pass_on(job_type: str) -> None:
    """Whoever was woken took a full hand: there may be more for the next."""
    _waiting.wake([job_type])


@contextlib.contextmanager
def parked() -> Iterator[None]:
    """A thread that waits for jobs. Raises Busy where the threads kept for quick requests would be touched."""
    if _parking is not None and not _parking.acquire(blocking=False):
        raise Busy("Too many workers wait at the moment; ask again shortly.")
    try:
        yield
    finally:
        if _parking is not None:
            _parking.release()


def draw(job_type: str) -> threading.Event:
    return _waiting.draw(job_type)


def give_back(job_type: str, ticket: threading.Event) -> None:
    _waiting.give_back(job_type, ticket)


def is_stopping() -> bool:
    return _waiting.stopped


def start(engine: Engine, *, parking: int | None = None) -> None:
    """Listening and looking, in threads of this process. `parking`: how many requests may wait at the same time."""
    global _engine, _parking, _waiting
    _engine = engine
    _waiting = Waiting() if _waiting.stopped else _waiting
    _parking = threading.BoundedSemaphore(parking) if parking else None
    threading.Thread(target=_look_now_and_then, name="waking-look", daemon=True).start()
    if engine.dialect.name == "postgresql":
        threading.Thread(target=_listen, name="waking-listen", daemon=True).start()
        threading.Thread(target=_tell, name="waking-tell", daemon=True).start()


def stop() -> None:
    """All that wait answer at once."""
    _waiting.stop()
    _outbox_filled.set()


def _look_now_and_then() -> None:
    waiting = _waiting
    while not waiting.stopped:
        time.sleep(PERIOD)
        types = waiting.types()
        if not types or _engine is None:
            continue
        try:
            with reading(_engine) as session:
                found = list(session.execute(_LOOK, {"types": types, "now": clock.now(session)}).scalars())
            waiting.wake(found)
        except Exception:
            log.exception("looking for jobs failed")


def _tell() -> None:
    """The first news at once, then at most one NOTIFY per GAP. Its own connection: a NOTIFY inside a step serialises commits."""
    waiting = _waiting
    while not waiting.stopped:
        try:
            _tell_on_one_connection(waiting)
        except Exception:
            log.exception("telling other processes failed")
            time.sleep(1)


def _tell_on_one_connection(waiting: Waiting) -> None:
    with _own_connection() as driver:
        while not waiting.stopped:
            _outbox_filled.wait()
            _outbox_filled.clear()
            with _outbox_lock:
                types = list(_outbox)
                _outbox.clear()
            for names in _in_letters(types):
                driver.execute("SELECT pg_notify(%s, %s)", [CHANNEL, json.dumps({"from": _SELF, "types": names})])
            time.sleep(GAP)


def _in_letters(types: list[str]) -> Iterator[list[str]]:
    letter: list[str] = []
    for job_type in types:
        if letter and sum(len(name) for name in letter) + len(job_type) > MOST_NAMES:
            yield letter
            letter = []
        letter.append(job_type)
    if letter:
        yield letter


def _listen() -> None:
    waiting = _waiting
    while not waiting.stopped:
        try:
            _listen_on_one_connection(waiting)
        except Exception:
            if not waiting.stopped:
                log.exception("listening failed")
                time.sleep(1)


def _listen_on_one_connection(waiting: Waiting) -> None:
    with _own_connection() as driver:
        driver.execute(f"LISTEN {CHANNEL}")
        while not waiting.stopped:
            for note in driver.notifies(timeout=PERIOD):
                letter = json.loads(note.payload)
                if letter["from"] != _SELF:  # our own have been woken already
                    waiting.wake(letter["types"])


@contextlib.contextmanager
def _own_connection() -> Iterator[Any]:
    """The driver's connection, without transactions, closed at the end: the pool shall not get it back."""
    assert _engine is not None
    connection = _engine.raw_connection()
    try:
        driver: Any = connection.driver_connection
        driver.autocommit = True
        yield driver
    finally:
        connection.invalidate()
        connection.close()
