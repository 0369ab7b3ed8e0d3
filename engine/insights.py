"""Read-only figures over handoffs: how many, how long, in time or late, how often sent back, by process, boundary and parties.

Everything is counted and sorted in the database: a million rows never come here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, case, func, literal, not_, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql.functions import FunctionElement

from engine import clock, parties
from engine import feedback as said
from engine.cases import Case
from engine.database import UtcDateTime
from engine.deployments import Process
from engine.handoffs import OPEN, Handoff, HandoffState
from engine.parties import HOST_KEY

# what figures are grouped by -> the columns that say it
GROUPS: Mapping[str, Sequence[Any]] = {
    "process": (Handoff.process_id,),
    "version": (Handoff.process_id, Handoff.process_key, Process.version),
    "boundary": (Handoff.kind, Handoff.from_side, Handoff.to_side),
    # a message that only reminds is a handoff too (every message flow between pools is): by its flow it is told from the work itself
    "flow": (Handoff.process_id, Handoff.flow_id),
    "parties": (
        func.coalesce(Handoff.from_party_key, HOST_KEY).label("from_party_key"),
        func.coalesce(Handoff.to_party_key, HOST_KEY).label("to_party_key"),
    ),
}
USUAL_GROUPS = ("process", "boundary", "parties")
MOST_REASONS = 10  # of each group: the most frequent
TIMES = ("to_accept", "in_hand", "unanswered", "total", "late", "working_to_accept", "working_in_hand")


@dataclass(frozen=True, slots=True)
class Times:
    """Durations of a group in seconds. `median` and `p90` lie between two of them where they must (percentile_cont)."""

    count: int = 0
    sum: Decimal = Decimal(0)
    average: Decimal | None = None
    median: Decimal | None = None
    p90: Decimal | None = None


@dataclass(frozen=True, slots=True)
class InTime:
    """Of those whose outcome is known: a limit that still runs, or that the sender withdrew before it ran out, says nothing."""

    decided: int
    in_time: int

    @property
    def share(self) -> Decimal | None:
        return None if not self.decided else (Decimal(self.in_time) / self.decided).quantize(Decimal("0.0001"))


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one group. `group`: column -> value; `names`: of its parties. A round counts as a handoff."""

    group: Mapping[str, Any]
    count: int
    by_state: Mapping[str, int]
    first_rounds: int
    most_rounds: int
    accept: InTime
    complete: InTime
    times: Mapping[str, Times]
    declines: Sequence[tuple[str | None, int]]
    names: Mapping[int, str] = field(default_factory=dict)


# -- a time as a number -------------------------------------------------------------------------------------------


class micros(FunctionElement[int]):
    """Microseconds since 1970 of a time, exactly."""

    type = BigInteger()
    inherit_cache = True
    name = "micros"


@compiles(micros, "postgresql")
def _micros_of_postgresql(element: Any, compiler: Any, **more: Any) -> str:
    return f"CAST(extract(epoch FROM {compiler.process(element.clauses, **more)}) * 1000000 AS BIGINT)"


@compiles(micros, "sqlite")
def _micros_of_sqlite(element: Any, compiler: Any, **more: Any) -> str:
    # kept as text, always with six digits behind the second; strftime alone would round .9996 up to the next second
    column = compiler.process(element.clauses, **more)
    return f"(CAST(strftime('%s', substr({column}, 1, 19)) AS INTEGER) * 1000000 + CAST(substr({column}, 21, 6) AS INTEGER))"


def _seconds(number: Any) -> Decimal | None:
    return None if number is None else (Decimal(str(number)) / 1_000_000).quantize(Decimal("0.000001"))


# -- the facts of each handoff ------------------------------------------------------------------------------------


def _facts(groups: Sequence[Any], condition: ColumnElement[bool], now: datetime) -> Any:
    """One row a handoff: what it is grouped by, and its figures in microseconds, NULL where there are none."""
    row, at = Handoff, literal(now, UtcDateTime())
    offered, accepted, ended = micros(row.offered_at), micros(row.accepted_at), micros(row.ended_at)
    answered, finished = func.coalesce(row.accepted_at, row.ended_at, at), func.coalesce(row.ended_at, at)
    # what was in time in the moment that it was due; and what both sides were told of, or will be at the next look
    accept_late = or_(row.accept_late, answered > row.accept_due_at)
    complete_late = or_(row.complete_late, finished > row.complete_due_at)
    has_answer = or_(row.accepted_at.is_not(None), row.state.in_((HandoffState.COMPLETED, HandoffState.DECLINED)))
    accept_known = and_(row.accept_due_at.is_not(None), or_(has_answer, accept_late))
    complete_known = and_(row.complete_due_at.is_not(None), or_(row.state == HandoffState.COMPLETED, complete_late))
    late = _beyond(answered, row.accept_due_at) + _beyond(finished, row.complete_due_at)
    chosen = select(
        *groups,
        row.key,
        row.state,
        row.round,
        row.reason,
        _yes(accept_known).label("accept_known"),
        _yes(and_(accept_known, not_(accept_late))).label("accept_in_time"),
        _yes(complete_known).label("complete_known"),
        _yes(and_(complete_known, not_(complete_late))).label("complete_in_time"),
        (accepted - offered).label("to_accept"),
        (ended - accepted).label("in_hand"),
        case((row.accepted_at.is_(None), ended - offered)).label("unanswered"),
        (ended - offered).label("total"),
        case((late > 0, late)).label("late"),
        row.working_to_accept,
        row.working_in_hand,
    )
    return chosen.join(Process, Process.key == row.process_key).where(condition).cte("facts")


def _beyond(moment: Any, due: Any) -> Any:
    return case((moment > due, micros(moment) - micros(due)), else_=0)


def _yes(condition: ColumnElement[bool]) -> Any:
    return case((condition, 1), else_=0)


# -- the question -------------------------------------------------------------------------------------------------


def handoffs(
    session: Session, condition: ColumnElement[bool], *, by: Iterable[str] = USUAL_GROUPS, limit: int = 100
) -> tuple[list[Figures], bool]:
    """Figures of the handoffs that `condition` (over handoffs and processes) chooses; the largest groups, and whether there are more.

    `by`: names of GROUPS; none means one group of all. What is open counts up to now.
    """
    groups = _columns(by)
    facts = _facts(groups, condition, clock.now(session))
    keys = [facts.c[column.name] for column in groups]
    rows = session.execute(_counted(facts, keys).limit(limit + 1)).all()
    found, more = rows[:limit], len(rows) > limit
    if not found or not found[0].n:
        return [], False
    quantiles = _quantiles(session, facts, keys, [name for name in TIMES if any(getattr(row, f"n_{name}") for row in found)])
    reasons = _reasons(session, facts, keys)
    named = {key for row in found for key in (getattr(row, "from_party_key", None), getattr(row, "to_party_key", None)) if key}
    names = parties.names(session, named)
    return [_figures(row, [key.name for key in keys], quantiles, reasons, names) for row in found], more


def _columns(by: Iterable[str]) -> list[Any]:
    """Each column once, in the order of GROUPS."""
    wanted = set(by)
    return list({column.name: column for name, columns in GROUPS.items() if name in wanted for column in columns}.values())


def _counted(facts: Any, keys: Sequence[Any]) -> Select[Any]:
    n = func.count(facts.c.key)
    states = [func.sum(_yes(facts.c.state == state)).label(f"state_{state}") for state in HandoffState]
    flags = [func.sum(facts.c[name]).label(name) for name in ("accept_known", "accept_in_time", "complete_known", "complete_in_time")]
    sums = [f(facts.c[name]).label(f"{word}_{name}") for name in TIMES for word, f in (("n", func.count), ("sum", func.sum))]
    first, most = func.sum(_yes(facts.c.round == 1)).label("first_rounds"), func.max(facts.c.round).label("most_rounds")
    return select(*keys, n.label("n"), *states, first, most, *flags, *sums).group_by(*keys).order_by(n.desc(), *keys)


Key = tuple[Any, ...]
Quantiles = Mapping[tuple[Key, str], tuple[Any, Any]]


def _quantiles(session: Session, facts: Any, keys: Sequence[Any], times: Sequence[str]) -> Quantiles:
    """(group, name of a time) -> median and 90th percentile, in microseconds."""
    found: dict[tuple[Key, str], tuple[Any, Any]] = {}
    width = len(keys)
    if session.get_bind().dialect.name == "postgresql":
        both = [func.percentile_cont(share).within_group(facts.c[name]) for name in times for share in (0.5, 0.9)]
        for row in session.execute(select(*keys, *both).group_by(*keys)):
            for number, name in enumerate(times):
                found[tuple(row[:width]), name] = (row[width + 2 * number], row[width + 2 * number + 1])
        return found
    for name in times:
        for row in session.execute(_between_neighbours(facts, keys, name)):
            found[tuple(row[:width]), name] = (row[width], row[width + 1])
    return found


def _between_neighbours(facts: Any, keys: Sequence[Any], name: str) -> Select[Any]:
    """percentile_cont where the database has none: the values at both sides of the place, by their distance from it."""
    value = facts.c[name]
    window: dict[str, Any] = {"partition_by": keys} if keys else {}
    place = func.row_number().over(**window, order_by=value).label("place")
    ranked = select(*keys, value.label("value"), place, func.count().over(**window).label("of")).where(value.is_not(None)).subquery()
    shares = []
    for tenths in (5, 9):
        steps = (ranked.c.of - 1) * tenths  # tenths of a place from the first value
        below, rest = steps // 10 + 1, steps % 10
        weight = case((ranked.c.place == below, 10 - rest), (ranked.c.place == below + 1, rest), else_=0)
        shares.append(func.sum(ranked.c.value * weight) / 10.0)
    grouped = [ranked.c[key.name] for key in keys]
    return select(*grouped, *shares).group_by(*grouped)


def _reasons(session: Session, facts: Any, keys: Sequence[Any]) -> Mapping[Key, list[tuple[str | None, int]]]:
    n = func.count(facts.c.key)
    grouped = select(*keys, facts.c.reason, n.label("n")).where(facts.c.state == HandoffState.DECLINED).group_by(*keys, facts.c.reason)
    some = grouped.subquery()
    same = [some.c[key.name] for key in keys]
    window: dict[str, Any] = {"partition_by": same} if same else {}
    rank = func.row_number().over(**window, order_by=[some.c.n.desc(), some.c.reason]).label("place")
    ranked = select(*same, some.c.reason, some.c.n, rank).subquery()
    found: dict[Key, list[tuple[str | None, int]]] = defaultdict(list)
    for row in session.execute(select(ranked).where(ranked.c.place <= MOST_REASONS).order_by(ranked.c.place)):
        found[tuple(row[: len(keys)])].append((row.reason, row.n))
    return found


def _figures(row: Any, keys: Sequence[str], quantiles: Quantiles, reasons: Mapping[Key, Any], names: Mapping[int, str]) -> Figures:
    key = tuple(row[: len(keys)])
    return Figures(
        group=dict(zip(keys, key, strict=True)),
        count=row.n,
        by_state={state: int(getattr(row, f"state_{state}")) for state in HandoffState},
        first_rounds=int(row.first_rounds),
        most_rounds=row.most_rounds,
        accept=InTime(int(row.accept_known), int(row.accept_in_time)),
        complete=InTime(int(row.complete_known), int(row.complete_in_time)),
        times={name: _times(row, name, quantiles.get((key, name), (None, None))) for name in TIMES},
        declines=reasons.get(key, []),
        names=names,
    )


def _times(row: Any, name: str, both: tuple[Any, Any]) -> Times:
    count, total = getattr(row, f"n_{name}"), getattr(row, f"sum_{name}")
    if not count:
        return Times()
    whole = Decimal(int(total))
    return Times(count, _seconds(whole) or Decimal(0), _seconds(whole / count), _seconds(both[0]), _seconds(both[1]))


def open_of(figures: Figures) -> int:
    return sum(figures.by_state[state] for state in OPEN)


def feedback(session: Session, condition: ColumnElement[bool]) -> list[said.Verdict]:
    """What customers said of the cases to which the handoffs belong that `condition` (over handoffs and processes) chooses."""
    chosen = select(Handoff.case_key).join(Process, Process.key == Handoff.process_key).where(condition)
    return said.verdicts(session, Case.key.in_(chosen))
