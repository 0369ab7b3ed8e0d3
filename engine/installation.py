"""What this installation knows of itself: secret, pinned clock, node numbers, the next free case numbers."""

import secrets
import threading
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import keys
from engine.database import Base, JsonText, lock_channels, run
from engine.errors import Busy


class Fact(Base):
    __tablename__ = "installation"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(JsonText, nullable=True)


class Node(Base):
    """A process of ours that makes keys: its number is leased, and taken over when it was not renewed."""

    __tablename__ = "nodes"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    holder: Mapped[str]
    until: Mapped[datetime]


DEMO = "demo"  # the fact that lists the sample processes that were loaded


def fact(session: Session, name: str) -> Any:
    return session.execute(select(Fact.value).where(Fact.name == name)).scalar()


def remember(session: Session, name: str, value: Any) -> None:
    session.merge(Fact(name=name, value=value))


def forget(session: Session, name: str) -> None:
    session.execute(delete(Fact).where(Fact.name == name))


def secret(session: Session) -> str:
    """The installation's own secret, made once: signs cookies and tokens where PASSERELLE_SECRET names none."""
    known = fact(session, "secret")
    if known is None:
        known = secrets.token_urlsafe(48)
        remember(session, "secret", known)
    return str(known)


NODE_LEASE = timedelta(minutes=2)


def lease_node(engine: Engine, holder: str, now: datetime) -> int:
    """A node number that no other living process has; tells keys.py. Call again in time to renew it."""

    def take(session: Session) -> int:
        lock_channels(session, ["nodes"])  # two that start at once must not take the same free number
        rows = {row.number: row for row in session.scalars(select(Node))}
        mine = next((row for row in rows.values() if row.holder == holder), None)
        if mine is None:
            # 0 is for tools that run alone; a number is reused only after its lease ran out
            number = next((n for n in range(1, keys.MAX_NODE + 1) if n not in rows or rows[n].until < now), None)
            if number is None:
                raise Busy(f"All {keys.MAX_NODE} node numbers are in use.")
            mine = rows.get(number) or Node(number=number)
            mine.holder = holder
            session.add(mine)
        mine.until = now + NODE_LEASE
        return mine.number

    with Session(engine) as session:
        number = run(session, take)
    keys.use_node(number)
    return number


NUMBERS_A_BLOCK = 50
FIRST_CASE_NUMBER = 1001
_numbers: WeakKeyDictionary[Any, list[int]] = WeakKeyDictionary()  # by engine: a trial has numbers of its own
_numbers_lock = threading.Lock()


def next_case_number(session: Session) -> int:
    """Short numbers, from blocks that each process leases: no case waits for another's number. Gaps are possible."""
    engine = session.get_bind()
    with _numbers_lock:
        free = _numbers.setdefault(engine, [])
        if free:
            return free.pop(0)
    lock_channels(session, ["case numbers"])
    statement = select(Fact).where(Fact.name == "next case number").execution_options(populate_existing=True)
    row = session.scalars(statement).first() or Fact(name="next case number", value=FIRST_CASE_NUMBER)
    first = int(row.value)
    row.value = first + NUMBERS_A_BLOCK
    session.add(row)
    session.flush()
    with _numbers_lock:
        # were this transaction rolled back, the block would be leased twice: hand out only the number that it commits
        session.info.setdefault("after_commit", []).append(lambda: _numbers[engine].extend(range(first + 1, first + NUMBERS_A_BLOCK)))
    session.info[_LEASED] = True
    return first


_LEASED = "leased case numbers"


def give_back_case_number(session: Session, number: int) -> None:
    """Of a case that is rolled back on purpose. Where its block is rolled back with it, that is lent anew anyway."""
    if session.info.get(_LEASED):
        return
    with _numbers_lock:
        _numbers[session.get_bind()].insert(0, number)
