"""Which kinds of work a program ever asked for, and when last: so that one sees what no worker does."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from datetime import datetime

import structlog
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import clock
from engine.bpmn.names import is_name
from engine.database import Base, run
from engine.errors import EngineError

log = structlog.get_logger()

PERIOD = 60.0  # seconds between two notes of one type by one process: asking must cost nothing
MOST_TYPES = 5_000  # a program that asks for ever new names fills no table
_noted: dict[tuple[int, str], float] = {}
_lock = threading.Lock()


class AskedType(Base):
    """The machine's clock: whether a worker runs is no business time."""

    __tablename__ = "asked_job_types"

    type: Mapped[str] = mapped_column(primary_key=True)
    asked_at: Mapped[datetime]


def note(engine: Engine, job_type: str) -> None:
    """Remember that somebody asks for jobs of this type. At most once a minute and type; never fails."""
    now, key = time.monotonic(), (id(engine), job_type)
    with _lock:
        if now - _noted.get(key, -PERIOD) < PERIOD or not is_name(job_type):
            return
        if len(_noted) >= MOST_TYPES:
            _noted.clear()
        _noted[key] = now
    try:
        with Session(engine) as session:
            run(session, lambda s: _keep(s, job_type))
    except (EngineError, SQLAlchemyError) as error:
        log.warning("could not note who asks for work", reason=type(error).__name__)


def _keep(session: Session, job_type: str) -> None:
    row = session.get(AskedType, job_type)
    if row is not None:
        row.asked_at = clock.machine_now()
    elif (session.scalar(select(func.count()).select_from(AskedType)) or 0) < MOST_TYPES:
        session.add(AskedType(type=job_type, asked_at=clock.machine_now()))


def last_asked(session: Session, types: Iterable[str]) -> dict[str, datetime]:
    """By type; those that nobody ever asked for are not there."""
    rows = session.execute(select(AskedType.type, AskedType.asked_at).where(AskedType.type.in_(sorted(set(types)))))
    return {job_type: asked_at for job_type, asked_at in rows}

