"""Values of a running case, in scopes: only here, found by a hash, with who wrote them."""

import builtins
import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, bindparam, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import json_text, keys
from engine.bpmn.definition import Definition
from engine.database import Base, Writes, ask, key_column
from engine.errors import Invalid, TooLarge
from engine.feel import FeelError


class Variable(Base):
    __tablename__ = "variables"

    key: Mapped[int] = key_column()
    scope_key: Mapped[int]
    name: Mapped[str]
    instance_key: Mapped[int] = mapped_column(ForeignKey("instances.key"))
    value: Mapped[str] = mapped_column(Text)  # JSON text, exact, at most 4 MB
    value_hash: Mapped[str] = mapped_column(String(32))  # an index entry of PostgreSQL ends at 2,704 bytes
    element_id: Mapped[str | None]  # who wrote it: None where a starter did
    pool: Mapped[str | None]
    lane: Mapped[str | None]
    updated_at: Mapped[datetime]

    __table_args__ = (
        Index("uq_variables_scope_name", "scope_key", "name", unique=True),
        Index("ix_variables_instance", "instance_key"),
        Index("ix_variables_value", "name", "value_hash"),
    )


MAX_BYTES = 4 << 20  # of one value as JSON text
MAX_NAME = 255


def check(variables: Mapping[str, Any]) -> None:
    """Guard what a caller brings. Raises Invalid (a name), TooLarge (a value)."""
    for name, value in variables.items():
        if not name or len(name) > MAX_NAME or "\x00" in name:
            raise Invalid(
                f"Expected a variable name of 1 to {MAX_NAME} characters without NUL, found {name[:40]!r}.",
                fields={"variables": "names of 1 to 255 characters without NUL"},
            )
        _written(name, value)


def hash_of(written: str) -> str:
    """How a value is found: by the hash of its JSON text."""
    return hashlib.blake2b(written.encode(), digest_size=16).hexdigest()


def _written(name: str, value: Any) -> str:
    written = json_text.dumps(value)
    if len(written) > MAX_BYTES and len(written.encode()) > MAX_BYTES:
        raise TooLarge(f"Expected at most {MAX_BYTES >> 20} MB for variable '{name}', found {len(written) / (1 << 20):.1f} MB.")
    return written


class _Text(str):
    """A value as its JSON text: read when somebody asks for it."""


class Store:
    """The `Values` port of one running instance: reads its rows once, when first asked; writes what changed in one go.

    Lives as long as the execution it serves, so that a cached execution needs no reading at all.
    """

    def __init__(self, instance_key: int, definition: Definition, *, fresh: bool) -> None:
        self._instance_key = instance_key
        self._definition = definition
        self._session: Session | None = None
        self._scopes: dict[int, dict[str, Any]] | None = {} if fresh else None
        self._changes: list[tuple[int, str, Any, str | None]] = []  # scope, name, value before, writer

    def attend(self, session: Session | None) -> None:
        """Which transaction to read in, from now on; None between steps."""
        self._session = session

    def get(self, scope_key: int, name: str) -> Any:
        own = self._of(scope_key)
        value = own[name]
        if type(value) is _Text:
            value = own[name] = json_text.loads(value)
        return value

    def names(self, scope_key: int) -> Iterable[str]:
        return self._of(scope_key).keys()

    def set(self, scope_key: int, name: str, value: Any, *, element_id: str | None) -> None:
        """Callers' values were checked before (`check`), so what is too large here is the model's error."""
        try:
            written = _Text(_written(name, value))
        except (TooLarge, json_text.NotJson) as error:
            raise FeelError(str(error)) from error
        own = self._of(scope_key)
        before = own.get(name, _ABSENT)
        self._changes.append((scope_key, name, before, element_id))
        own[name] = written

    def mark(self) -> int:
        return len(self._changes)

    def rollback(self, mark: int) -> None:
        while len(self._changes) > mark:
            scope_key, name, before, _ = self._changes.pop()
            own = self._of(scope_key)
            if before is _ABSENT:
                del own[name]
            else:
                own[name] = before

    def changed_names(self) -> builtins.set[str]:
        return {name for _, name, _, _ in self._changes}

    def write(self, writes: Writes, now: datetime) -> None:
        """Put what changed since the last time among `writes`."""
        last: dict[tuple[int, str], str | None] = {}
        for scope_key, name, _, element_id in self._changes:
            last[scope_key, name] = element_id
        for (scope_key, name), element_id in last.items():
            value = self._of(scope_key)[name]
            written = value if type(value) is _Text else json_text.dumps(value)
            element = self._definition.elements.get(element_id) if element_id else None
            row = {
                "key": keys.new(),
                "scope_key": scope_key,
                "name": name,
                "instance_key": self._instance_key,
                "value": str(written),
                "value_hash": hash_of(written),
                "element_id": element_id,
                "pool": self._definition.pool_name,
                "lane": element.lane if element else None,
                "updated_at": now,
            }
            writes.upsert(Variable, ("scope_key", "name"), row, keep=("key", "instance_key"))
        self._changes.clear()

    def _of(self, scope_key: int) -> dict[str, Any]:
        if self._scopes is None:
            self._scopes = self._read()
        return self._scopes.setdefault(scope_key, {})

    def _read(self) -> dict[int, dict[str, Any]]:
        if self._session is None:
            raise AssertionError("Expected to be read within a step.")
        scopes: dict[int, dict[str, Any]] = {}
        for scope_key, name, value in ask(self._session, _OF_INSTANCE, [self._instance_key]):
            scopes.setdefault(scope_key, {})[name] = _Text(value)
        return scopes


_ABSENT = object()
_OF_INSTANCE = "SELECT scope_key, name, value FROM variables WHERE instance_key = ?"

_CHAIN = text(
    """
    WITH RECURSIVE up(start, scope, depth) AS (
        SELECT key, key, 0 FROM element_instances WHERE key IN :starts
        UNION ALL
        SELECT up.start, e.scope_key, up.depth + 1 FROM up JOIN element_instances e ON e.key = up.scope
    )
    SELECT up.start, v.name, v.value FROM up JOIN variables v ON v.scope_key = up.scope ORDER BY up.depth DESC
    """
).bindparams(bindparam("starts", expanding=True))


def visible_from(session: Session, element_instance_keys: Iterable[int]) -> dict[int, dict[str, Any]]:
    """What each of these element instances sees: its own variables over those of the scopes around it."""
    starts = list(element_instance_keys)
    seen: dict[int, dict[str, Any]] = {start: {} for start in starts}
    if starts:
        for start, name, value in session.execute(_CHAIN, {"starts": starts}):
            seen[start][name] = value
    return {start: {name: json_text.loads(value) for name, value in found.items()} for start, found in seen.items()}


def of_scope(session: Session, scope_key: int) -> dict[str, Any]:
    """The scope's own variables only."""
    rows = session.execute(select(Variable.name, Variable.value).where(Variable.scope_key == scope_key))
    return {name: json_text.loads(value) for name, value in rows}
