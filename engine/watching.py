"""Wakes whoever watches a case: at once where this process moved it, within a second where another did.

The row is the truth: a case's revision says whether something is new, so nothing can be missed and nothing needs to be kept.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Iterator

import structlog
from sqlalchemy import Engine, select

from engine.cases import Case
from engine.database import reading
from engine.errors import Busy

log = structlog.get_logger()

MOST_OF_ONE = 20  # watches of one person in one process: the others wait for their work in threads of the same number

PERIOD = 1.0  # between two looks at what other processes have moved; SQLite has no others


class Watch:
    """One who waits. `seen`: the revision that they know; `who`: the id of an actor."""

    def __init__(self, engine: Engine, case_key: int, seen: int, who: str) -> None:
        self.engine, self.case_key, self.seen, self.who = engine, case_key, seen, who
        self._news = threading.Event()

    def wake(self) -> None:
        self._news.set()

    def wait(self, seconds: float) -> bool:
        """Whether there may be news."""
        found = self._news.wait(seconds)
        self._news.clear()
        return found


_watches: dict[int, set[Watch]] = {}
_of_one: Counter[str] = Counter()  # watches by who waits
_lock = threading.Lock()
_looking = False


@contextlib.contextmanager
def watch(engine: Engine, case_key: int, seen: int, who: str) -> Iterator[Watch]:
    """Watch a case, from before one looks at it. Raises Busy where they watch too many already."""
    mine = Watch(engine, case_key, seen, who)
    begin(mine)
    try:
        yield mine
    finally:
        end(mine)


def begin(mine: Watch) -> None:
    with _lock:
        if _of_one[mine.who] >= MOST_OF_ONE:
            raise Busy(f"You watch {MOST_OF_ONE} cases already; close some of their pages.")
        _of_one[mine.who] += 1
        _watches.setdefault(mine.case_key, set()).add(mine)
    if mine.engine.dialect.name == "postgresql":
        _look_for_others()


def end(mine: Watch) -> None:
    with _lock:
        mates = _watches.get(mine.case_key, set())
        mates.discard(mine)
        if not mates:
            _watches.pop(mine.case_key, None)
        _of_one[mine.who] -= 1
        if not _of_one[mine.who]:
            del _of_one[mine.who]


def changed(case_key: int) -> None:
    """A case has moved. Called after the commit; never slow, never fails."""
    if case_key not in _watches:
        return
    with _lock:
        mates = list(_watches.get(case_key, ()))
    for mine in mates:
        mine.wake()


def _look_for_others() -> None:
    """One thread a process, as long as somebody watches: one question a database, for all cases watched there."""
    global _looking
    with _lock:
        if _looking:
            return
        _looking = True
    threading.Thread(target=_look, name="watching-look", daemon=True).start()


def _look() -> None:
    global _looking
    while True:
        time.sleep(PERIOD)
        with _lock:
            by_engine: dict[Engine, list[Watch]] = {}
            for mates in _watches.values():
                for mine in mates:
                    if mine.engine.dialect.name == "postgresql":
                        by_engine.setdefault(mine.engine, []).append(mine)
            if not by_engine:
                _looking = False
                return
        for engine, mates_there in by_engine.items():
            try:
                _wake_who_is_behind(engine, mates_there)
            except Exception:
                log.exception("looking at watched cases failed")


def _wake_who_is_behind(engine: Engine, mates: list[Watch]) -> None:
    with reading(engine) as session:
        wanted = {mine.case_key for mine in mates}
        revisions = {key: revision for key, revision in session.execute(select(Case.key, Case.revision).where(Case.key.in_(wanted)))}
    for mine in mates:
        if revisions.get(mine.case_key, mine.seen) != mine.seen:
            mine.wake()
