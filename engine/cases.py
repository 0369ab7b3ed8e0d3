"""One run end to end: all instances that belong together. The row that is locked before anything of it moves."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import calendars, clock, installation, keys
from engine.bpmn.elements.expressions import Text
from engine.database import Base, key_column, only_where
from engine.feel import FeelError
from engine.parties import Actor
from engine.variables import Store


class CaseState(StrEnum):
    ACTIVE = "ACTIVE"  # -> COMPLETED (its last instance ended), TERMINATED (canceled from outside)
    COMPLETED = "COMPLETED"
    TERMINATED = "TERMINATED"


class Case(Base):
    __tablename__ = "cases"

    key: Mapped[int] = key_column()
    number: Mapped[int] = mapped_column(unique=True)  # short: what people say on the phone
    title: Mapped[str | None] = mapped_column(String(200))  # handoff:case title
    process_id: Mapped[str]  # of the instance that began it
    first_instance_key: Mapped[int]
    state: Mapped[str] = mapped_column(default=CaseState.ACTIVE)
    revision: Mapped[int] = mapped_column(default=0)  # + 1 with each step; numbers the history
    open_instances: Mapped[int] = mapped_column(default=0)
    handoffs: Mapped[int] = mapped_column(default=0, server_default=text("0"))  # how many there were: without any nobody needs to look
    kept_messages: Mapped[int] = mapped_column(default=0)  # sent by a message flow, nobody waits for them yet
    started_by: Mapped[str | None]  # actor id
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    keep: Mapped[str | None]  # ISO 8601: the longest that a process of it says; None: none says
    erase_at: Mapped[datetime | None]  # once it has ended
    erased_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_cases_started_by", "started_by", "key"),
        Index("ix_cases_erase", "erase_at", **only_where("erased_at IS NULL AND erase_at IS NOT NULL")),
    )


MAX_TITLE = 200


def new(session: Session, process_id: str, *, by: Actor) -> Any:
    """The row of a case that begins now; the step that it begins with inserts it."""
    return SimpleNamespace(
        key=keys.new(),
        number=installation.next_case_number(session),
        title=None,
        process_id=process_id,
        first_instance_key=0,  # the step that begins it says which
        state=CaseState.ACTIVE,
        revision=0,
        open_instances=0,
        handoffs=0,
        kept_messages=0,
        started_by=by.id,
        created_at=clock.now(session),
        ended_at=None,
        keep=None,
        erase_at=None,
        erased_at=None,
    )


_ANY_DAY = datetime(2000, 1, 1, tzinfo=UTC)


def longer(one: str | None, other: str | None) -> str | None:
    """Of two times to keep values, the longer; one that is not said does not count."""
    if one is None or other is None or one == other:
        return one or other
    ends = [calendars.as_long_after(_ANY_DAY, keep) for keep in (one, other)]
    return one if ends[0] is None or (ends[1] is not None and ends[0] >= ends[1]) else other


def number_for_people(number: int) -> str:
    """As it is said on the phone: 1042 -> "001 042"."""
    return f"{number:06,}".replace(",", " ") if number >= 1_000_000 else f"{number:06}"[:3] + " " + f"{number:06}"[3:]


class _OfInstance(Mapping[str, Any]):
    """The instance's own variables, read as far as an expression asks for them."""

    def __init__(self, instance_key: int, store: Store) -> None:
        self._key, self._store = instance_key, store

    def __getitem__(self, name: str) -> Any:
        return self._store.get(self._key, name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._store.names(self._key))

    def __len__(self) -> int:
        return len(list(self._store.names(self._key)))


def title_of(title: Text, instance_key: int, store: Store, now: datetime) -> str | None:
    """What people call the case (`handoff:case title`); None while its variables are not there yet."""
    return titled(title, _OfInstance(instance_key, store), lambda: now)


def titled(title: Text, values: Mapping[str, Any], now: Callable[[], datetime]) -> str | None:
    """The title as these values make it."""
    if title.expression is None:
        return (title.static or "")[:MAX_TITLE]
    try:
        words = title.expression.evaluate(values, now=now)
    except FeelError:
        return None
    if not isinstance(words, str) or not words.strip():
        return None
    return words.replace("\x00", "")[:MAX_TITLE]  # PostgreSQL keeps no NUL in a text
