"""The background, in a thread or a process of its own: due timers, continuations, what has expired, cases that were kept long enough."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial

import structlog
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from engine import codes, continuations, public_starts, receipts
from engine.commands import continuations as _step_continuations  # registers who pays what
from engine.commands import erasures, handoffs, messages, signals, timers
from engine.database import run
from engine.errors import Busy

log = structlog.get_logger()

PERIOD = 0.5  # seconds between two looks, when nothing nudges
HOUSEKEEPING = 60.0
BATCH = 50
_PAYERS = (_step_continuations, erasures, handoffs, messages, signals)


def sweep(session: Session) -> int:
    """Do what is due now, once through; how much was done. Several sweeps at the same time are safe."""
    done = timers.fire_due(session) + handoffs.look_due(session)
    for key in run(session, lambda s: continuations.due(s, BATCH)):
        try:
            continuations.pay(session, key)
            done += 1
        except Busy:
            continue  # its case is being worked on: next time
        except Exception:
            log.exception("continuation failed", continuation=key)
            run(session, partial(continuations.postpone, key=key))
    return done


def settle(session: Session, *, seconds: float = 60.0) -> None:
    """Sweep until nothing is due: for a moved clock, scenarios and tests. Raises Busy where that takes too long."""
    until = time.monotonic() + seconds
    while sweep(session) > 0:
        if time.monotonic() > until:
            raise Busy("The clock is set, but not everything that is due has happened yet; the background goes on.")


def clean(session: Session) -> None:
    run(session, messages.drop_expired)
    run(session, receipts.forget_old)
    run(session, codes.forget_old)
    run(session, public_starts.forget_old)
    erasures.erase_due(session)


class Background:
    """Sweeps until it is stopped; `nudge` makes it look at once."""

    def __init__(self, engine: Engine, *, extra: Callable[[Session], None] | None = None) -> None:
        self._engine = engine
        self._extra = extra  # what else wants doing now and then
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="background", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout: float = 10.0) -> None:
        """Finish the step at hand, and end."""
        self._stopping.set()
        self._wake.set()
        self._thread.join(timeout)

    def nudge(self) -> None:
        self._wake.set()

    def _work(self) -> None:
        cleaned = 0.0
        while not self._stopping.is_set():
            busy = False
            try:
                with Session(self._engine) as session:
                    busy = sweep(session) > 0
                    if time.monotonic() - cleaned > HOUSEKEEPING:
                        cleaned = time.monotonic()
                        clean(session)
                        if self._extra is not None:
                            self._extra(session)
            except Exception:
                log.exception("background work failed")
            if not busy:
                self._wake.wait(PERIOD)
                self._wake.clear()


class Regularly:
    """Does one small thing every so many seconds, however busy the background is; an error is logged, and the next turn comes."""

    def __init__(self, seconds: float, what: Callable[[], object], *, name: str) -> None:
        self._seconds = seconds
        self._what = what
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout: float = 10.0) -> None:
        self._stopping.set()
        self._thread.join(timeout)

    def _work(self) -> None:
        while not self._stopping.wait(self._seconds):
            try:
                self._what()
            except Exception:
                log.exception("regular work failed", what=self._thread.name)
