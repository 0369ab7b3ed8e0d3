"""Wakes workers that wait for jobs: one for each type that has work, in every process where one waits, after the commit.

Processes tell each other what they wait for, and of work only what somebody waits for: a NOTIFY that nobody needs cost as
much as the start of an instance.
"""

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
MOST_REMEMBERED = 1000  # types: what is older than it counts is dropped then
MOST_NAMES = 1000  # characters of names in one NOTIFY, as JSON six times that at most; 8000 is PostgreSQL's limit
ASKING_HOLDS = 25.0  # seconds that "we wait for this type" is believed: it is told anew by the first that waits after ...
ASK_AGAIN = 10.0  # ... this, and then waits as long as a poll may: api/v2/jobs.py
_self = ""  # who we are among the processes: said after the fork, because this module may be loaded before it

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


class Others:
    """What is told to the other processes, and what they have told us."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._news: OrderedDict[str, None] = OrderedDict()  # types that have work
        self._wants: OrderedDict[str, None] = OrderedDict()  # types that we wait for
        self._asked: dict[str, float] = {}  # when we last told that
        self._wanted: dict[str, float] = {}  # until when somebody else waits for the type
        self._made: dict[str, float] = {}  # when there last was work of it
        self.something = threading.Event()

    def have(self, job_types: Iterable[str]) -> None:
        now = time.monotonic()
        with self._lock:
            _keep_small(self._made, now - PERIOD)
            for job_type in job_types:
                self._made[job_type] = now
                if self._wanted.get(job_type, 0.0) > now:
                    self._news[job_type] = None
            if self._news:
                self.something.set()

    def want(self, job_type: str) -> None:
        now = time.monotonic()
        if now - self._asked.get(job_type, -ASK_AGAIN) < ASK_AGAIN:
            return
        with self._lock:
            _keep_small(self._asked, now - ASK_AGAIN)
            self._asked[job_type] = now
            self._wants[job_type] = None
            self.something.set()

    def ask_again(self, job_types: Iterable[str]) -> None:
        """Somebody is new here, and has not heard what we wait for."""
        self._asked.clear()
        for job_type in job_types:
            self.want(job_type)

    def heard(self, job_types: Iterable[str]) -> None:
        """They wait for these. What was made while their letter was on its way is told now."""
        now = time.monotonic()
        with self._lock:
            _keep_small(self._wanted, now)
            for job_type in job_types:
                self._wanted[job_type] = now + ASKING_HOLDS
                if now - self._made.get(job_type, -PERIOD) < PERIOD:
                    self._news[job_type] = None
            if self._news:
                self.something.set()

    def take(self) -> tuple[list[str], list[str]]:
        """What has work, what we wait for; each told once."""
        with self._lock:
            self.something.clear()
            found = list(self._news), list(self._wants)
            self._news.clear()
            self._wants.clear()
        return found


def _keep_small(times: dict[str, float], too_old: float) -> None:
    if len(times) > MOST_REMEMBERED:
        for job_type in [name for name, at in times.items() if at <= too_old]:
            del times[job_type]


_waiting = Waiting()
_others = Others()
_parking: threading.BoundedSemaphore | None = None
_engine: Engine | None = None


def announce(job_types: Iterable[str]) -> None:
    """There is work of these types. Called after the commit; never slow, never fails."""
    types = list(job_types)
    _waiting.wake(types)
    if _has_others():
        _others.have(types)


def _has_others() -> bool:
    return _engine is not None and _engine.dialect.name == "postgresql"


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
    if _has_others():
        _others.want(job_type)
    return _waiting.draw(job_type)


def give_back(job_type: str, ticket: threading.Event) -> None:
    _waiting.give_back(job_type, ticket)


def is_stopping() -> bool:
    return _waiting.stopped


def start(engine: Engine, *, parking: int | None = None) -> None:
    """Listening and looking, in threads of this process. `parking`: how many requests may wait at the same time."""
    global _engine, _parking, _waiting, _self
    _engine, _self = engine, secrets.token_hex(8)
    _waiting = Waiting() if _waiting.stopped else _waiting
    _parking = threading.BoundedSemaphore(parking) if parking else None
    threading.Thread(target=_look_now_and_then, name="waking-look", daemon=True).start()
    if engine.dialect.name == "postgresql":
        threading.Thread(target=_listen, name="waking-listen", daemon=True).start()
        threading.Thread(target=_tell, name="waking-tell", daemon=True).start()


def stop() -> None:
    """All that wait answer at once."""
    _waiting.stop()
    _others.something.set()


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
        driver.execute("SET synchronous_commit = off")  # news need not survive a power cut
        while not waiting.stopped:
            _others.something.wait()
            news, wants = _others.take()
            for word, types in (("work", news), ("wait", wants)):
                for names in _in_letters(types):
                    _send(driver, {word: names})
            time.sleep(GAP)


def _send(driver: Any, letter: dict[str, Any]) -> None:
    driver.execute("SELECT pg_notify(%s, %s)", [CHANNEL, json.dumps({"from": _self, **letter})])


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
        _send(driver, {"new": True})
        while not waiting.stopped:
            for note in driver.notifies(timeout=PERIOD):
                letter = json.loads(note.payload)
                if letter["from"] != _self:  # our own have been woken already
                    _read(waiting, letter)


def _read(waiting: Waiting, letter: dict[str, Any]) -> None:
    waiting.wake(letter.get("work", ()))
    _others.heard(letter.get("wait", ()))
    if "new" in letter:
        _others.ask_again(waiting.types())


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
