"""The processes of an installation at a glance: how many versions, what runs, what stands still, which handoffs are late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from engine.deployments import Process, expect_process
from engine.handoffs import OPEN, Clock, Handoff
from engine.instances import Instance


@dataclass(frozen=True, slots=True)
class Overview:
    """Of a process, all versions together. `newest`: the row of the newest."""

    newest: Any
    versions: int
    running: int
    stuck: int  # instances with an open incident
    handoffs: int  # open ones
    late: int


MOST = 1_000


def processes(session: Session) -> list[Overview]:
    """By name."""
    newer = aliased(Process)
    latest = select(func.max(newer.version)).where(newer.process_id == Process.process_id).scalar_subquery()
    rows = session.scalars(select(Process).where(Process.version == latest).order_by(Process.process_id).limit(MOST)).all()
    versions = _counted(session, select(Process.process_id, func.count()).group_by(Process.process_id))
    running, stuck = _instances(session)
    handoffs, late = _handoffs(session)
    found = [
        Overview(
            row,
            versions.get(row.process_id, 1),
            running.get(row.process_id, 0),
            stuck.get(row.process_id, 0),
            handoffs.get(row.process_id, 0),
            late.get(row.process_id, 0),
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (one.newest.name or one.newest.process_id).casefold())


def _counted(session: Session, statement: Any) -> Mapping[str, int]:
    return {process_id: count for process_id, count in session.execute(statement)}


def _instances(session: Session) -> tuple[Mapping[str, int], Mapping[str, int]]:
    is_open = Instance.ended_at.is_(None)
    by_process = select(Instance.process_id, func.count()).where(is_open).group_by(Instance.process_id)
    return _counted(session, by_process), _counted(session, by_process.where(Instance.incidents > 0))


def _handoffs(session: Session) -> tuple[Mapping[str, int], Mapping[str, int]]:
    is_open = Handoff.state.in_([str(state) for state in OPEN])
    by_process = select(Handoff.process_id, func.count()).where(is_open).group_by(Handoff.process_id)
    return _counted(session, by_process), _counted(session, by_process.where(Handoff.clock == Clock.LATE))


def versions(session: Session, process_key: int) -> Sequence[tuple[Process, int]]:
    """All of the same process, newest first, each with its open instances. Raises NotFound."""
    process_id = expect_process(session, key=process_key).process_id
    rows = session.scalars(select(Process).where(Process.process_id == process_id).order_by(Process.version.desc()).limit(MOST)).all()
    keys = [row.key for row in rows]
    counts = select(Instance.process_key, func.count()).where(Instance.process_key.in_(keys), Instance.ended_at.is_(None))
    open_ones: dict[int, int] = {key: count for key, count in session.execute(counts.group_by(Instance.process_key))}
    return [(row, open_ones.get(row.key, 0)) for row in rows]
