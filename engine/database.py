"""Where things are remembered, and the one place that commits."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy import (
    BigInteger,
    Connection,
    DateTime,
    Engine,
    Integer,
    LargeBinary,
    String,
    Text,
    TypeDecorator,
    create_engine,
    event,
    text,
)
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column
from sqlalchemy.pool import QueuePool

from engine import exchanges, json_text
from engine.errors import Busy

Answer = TypeVar("Answer")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, stored in UTC. Refuses naive values: SQLite would drop the offset in silence."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("Expected a time with a zone, found a naive one.")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class JsonText(TypeDecorator[Any]):
    """JSON kept as text, so that numbers and NUL come back exactly (jsonb refuses NUL)."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> str | None:
        return None if value is None else json_text.dumps(value)

    def process_result_value(self, value: str | None, dialect: Any) -> Any:
        return None if value is None else json_text.loads(value)


class Base(DeclarativeBase):
    """Every mapped row of the engine."""

    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own hook
        int: BigInteger().with_variant(Integer, "sqlite"),
        datetime: UtcDateTime,
        str: String,
        bytes: LargeBinary,
    }


def key_column(**options: Any) -> Any:
    return mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False, **options)


def only_where(condition: str) -> dict[str, Any]:
    """Options of a partial index, the same on both databases."""
    return {"postgresql_where": text(condition), "sqlite_where": text(condition)}


class Turnstile:
    """First come, first served: SQLite's own busy handler starved a writer for 8 s, a plain lock for 7."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queue: deque[threading.Event] = deque()
        self._taken = False

    def enter(self, seconds: float) -> None:
        with self._lock:
            if not self._taken:
                self._taken = True
                return
            mine = threading.Event()
            self._queue.append(mine)
        if mine.wait(seconds):
            return
        with self._lock:
            if mine.is_set():  # handed over in the last moment
                return
            self._queue.remove(mine)
        raise Busy("The database has been busy for too long; try again shortly.")

    def leave(self) -> None:
        with self._lock:
            if self._queue:
                self._queue.popleft().set()
            else:
                self._taken = False


_THIS_MACHINE = ("127.0.0.1", "::1", "localhost")
LOCK_TIMEOUT_MS = 5000  # one hot case must not starve the others: past this the caller gets 503


def engine_options(url: str, *, pool_size: int = 20, schema: str | None = None, options: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """What `create_engine` (or Flask-SQLAlchemy) needs for this address; then call `prepare`.

    `schema`: PostgreSQL's, where the tables are not in the usual one; `options`: execution options (`clock.TEST_CLOCK`, ...).
    """
    found = _options_of(url, pool_size, schema)
    return found if options is None else found | {"execution_options": dict(options)}


def _options_of(url: str, pool_size: int, schema: str | None) -> dict[str, Any]:
    options: dict[str, Any] = {"poolclass": QueuePool, "pool_size": pool_size, "max_overflow": 0, "pool_timeout": LOCK_TIMEOUT_MS / 1000}
    if url.startswith("sqlite"):
        return options | {"connect_args": {"check_same_thread": False, "timeout": LOCK_TIMEOUT_MS / 1000}}
    server = (
        f"-c lock_timeout={LOCK_TIMEOUT_MS} -c idle_in_transaction_session_timeout=60000 -c timezone=UTC"
        " -c default_transaction_isolation=read\\ committed"
    )
    if schema is not None:
        server += f" -c search_path={schema}"
    connect_args = {"options": server}
    address = make_url(url)
    if address.host in _THIS_MACHINE and "sslmode" not in address.query:
        connect_args["sslmode"] = "allow"  # plain if the server lets us: nobody listens in between, and TLS costs both sides
    return options | {"connect_args": connect_args}


def connect(url: str, *, pool_size: int = 20, schema: str | None = None, options: Mapping[str, Any] | None = None) -> Engine:
    """An engine for `sqlite:///file` or `postgresql://...`, for whoever has no web application around. See `engine_options`."""
    return prepare(create_engine(url, **engine_options(url, pool_size=pool_size, schema=schema, options=options)))


def let_go(engine: Engine) -> None:
    """Close what is open of a database that this process needs no more."""
    _readers.pop(engine, None)
    engine.dispose()


def prepare(engine: Engine) -> Engine:
    """How transactions begin and end. SQLite: one writer at a time, in turn; reads deferred; WAL that survives a power cut.

    PostgreSQL: BEGIN goes with the first statement, COMMIT with the last ones, and the driver adds neither.
    """
    (_prepare_sqlite if engine.dialect.name == "sqlite" else _prepare_postgresql)(engine)
    return engine


def _prepare_postgresql(engine: Engine) -> None:
    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        if not driver.autocommit:
            driver.autocommit = True  # we say BEGIN ourselves
            driver.prepare_threshold = None  # its DEALLOCATE ALL after a rollback would take our statements too
        connection.info[_OWES_BEGIN] = not connection.get_execution_options().get("readonly")
        connection.info[_UNSENT] = []

    @event.listens_for(engine, "before_cursor_execute")
    def _before(connection: Connection, *_: Any) -> None:
        if connection.info[_OWES_BEGIN] or connection.info[_UNSENT]:
            _send(connection)

    @event.listens_for(engine, "commit")
    def _commit(connection: Connection) -> None:
        if connection.info[_UNSENT]:
            # what is all of a transaction needs no BEGIN and COMMIT around it
            _send(connection, *([] if connection.info[_OWES_BEGIN] else [exchanges.COMMIT]), begin=False)

    @event.listens_for(engine, "rollback")
    def _rollback(connection: Connection) -> None:
        connection.info[_UNSENT] = []


_OWES_BEGIN, _UNSENT = "owes BEGIN", "unsent statements"


def _send(connection: Connection, *statements: exchanges.Statement, begin: bool = True) -> list[list[Any]]:
    """What was kept back and these, in one round trip: the rows of these."""
    info = connection.info
    whole = [*info[_UNSENT], *statements]
    if begin and info[_OWES_BEGIN]:
        whole.insert(0, exchanges.BEGIN)
        info[_OWES_BEGIN] = False
    info[_UNSENT] = []
    driver: Any = connection.connection.driver_connection
    with _told(connection):
        return exchanges.exchange(driver, info, whole)[len(whole) - len(statements) :]


@contextlib.contextmanager
def _told(connection: Connection) -> Iterator[None]:
    """An error of the driver as SQLAlchemy tells it."""
    base: Any = connection.dialect.loaded_dbapi.Error
    try:
        yield
    except base as error:
        broken = connection.dialect.is_disconnect(error, connection.connection.driver_connection, None)
        if broken:
            connection.invalidate(error)
        raise DBAPIError.instance(None, None, error, base, connection_invalidated=broken, dialect=connection.dialect) from error


def _prepare_sqlite(engine: Engine) -> None:
    turnstile = Turnstile()

    @event.listens_for(engine, "connect")
    def _pragmas(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        pragmas = ["journal_mode=WAL", "synchronous=FULL", f"busy_timeout={LOCK_TIMEOUT_MS}", "foreign_keys=ON"]
        for pragma in [*pragmas, "case_sensitive_like=ON"]:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        if connection.get_execution_options().get("readonly"):
            connection.exec_driver_sql("BEGIN DEFERRED")
            return
        if not connection.info.get("at_turnstile"):
            turnstile.enter(LOCK_TIMEOUT_MS / 1000)
            connection.info["at_turnstile"] = True
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    @event.listens_for(engine, "reset")
    def _reset(connection: Any, record: Any, _state: Any) -> None:
        # runs when the connection goes back to the pool, after its transaction ended however it ended
        if record.info.pop("at_turnstile", False):
            if connection.in_transaction:
                connection.rollback()
            turnstile.leave()


@contextlib.contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session that only reads: takes no turn at SQLite's turnstile, and on PostgreSQL no BEGIN and COMMIT."""
    reader = _readers.get(engine)
    if reader is None:
        reader = _readers[engine] = engine.execution_options(readonly=True)
    with Session(reader) as session:
        yield session


_readers: WeakKeyDictionary[Engine, Engine] = WeakKeyDictionary()  # making one takes longer than many a question


ATTEMPTS = 3
_SERIALIZATION, _DEADLOCK, _LOCK_TIMEOUT, _UNIQUE, _NOT_PREPARED = "40001", "40P01", "55P03", "23505", "26000"


def run(session: Session, work: Callable[[Session], Answer]) -> Answer:
    """Do `work` in one transaction and commit: all of it, or nothing.

    A serialization or deadlock error repeats the whole work, at most three times. A lock that is not to be had in time
    raises Busy. What `after_commit` collected runs when the commit is done.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            answer = work(session)
            session.commit()
        except BaseException as error:
            session.rollback()
            for undo in session.info.pop("after_rollback", ()):
                undo()
            session.info.pop("after_commit", None)
            if not isinstance(error, DBAPIError):
                raise
            if _is_lock_timeout(error) or (attempt == ATTEMPTS and _is_conflict(error)):
                raise Busy("Others are working on the same thing; try again shortly.") from error
            if attempt == ATTEMPTS or not (_is_conflict(error) or _is_second_of_two(error)):
                raise
            continue
        session.info.pop("after_rollback", None)
        for follow in session.info.pop("after_commit", ()):
            follow()
        return answer
    raise AssertionError("unreachable")


def _is_conflict(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", None) in (_SERIALIZATION, _DEADLOCK, _NOT_PREPARED)


def _is_second_of_two(error: DBAPIError) -> bool:
    # two with the same Idempotency-Key, or two that make the same thing at once: the second looks again, and finds it
    if not isinstance(error, IntegrityError):
        return False
    return getattr(error.orig, "sqlstate", None) == _UNIQUE or "UNIQUE constraint failed" in str(error.orig)


def _is_lock_timeout(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlstate", None) == _LOCK_TIMEOUT or (
        isinstance(error, OperationalError) and "database is locked" in str(error.orig)
    )


def after_commit(session: Session, follow: Callable[[], None]) -> None:
    """`follow` runs once the transaction is in the database; it must not fail."""
    session.info.setdefault("after_commit", []).append(follow)


def after_rollback(session: Session, undo: Callable[[], None]) -> None:
    session.info.setdefault("after_rollback", []).append(undo)


@dataclass(frozen=True, slots=True)
class Read:
    """One SELECT of whole rows of a table, for `fetch`. `rest` is everything behind FROM, with `?` for values.

    `changes`: `rest` is an UPDATE instead, and the rows are those that it changed, as they are now.
    """

    model: type[Base]
    rest: str
    values: Sequence[Any] = ()
    changes: bool = False

    def statement(self, dialect: Any) -> str:
        sql, _ = _select(self.model, dialect)
        if self.changes:
            return f"{self.rest} RETURNING {sql[len('SELECT ') : sql.index(' FROM ')]}"  # noqa: S608 - our own names
        return sql + self.rest


def fetch(session: Session, *reads: Read, channels: Iterable[str] = (), alone: bool = False) -> list[list[Any]]:
    """The rows of several SELECTs, in order, as plain objects; one round trip on PostgreSQL.

    Each statement has a snapshot of its own (READ COMMITTED), so what stands behind a locking one sees what the
    holder before us committed. `channels` are locked before anything is read (`lock_channels`). `alone`: the transaction
    consists of nothing else, and is committed when this answers.
    """
    connection = session.connection()
    dialect = connection.dialect
    if dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection
        with _told(connection):
            found = [driver.execute(_for_sqlite(read, dialect), _bindable(read.values)).fetchall() for read in reads]
    else:
        locks = [(_LOCK_CHANNEL, [number]) for number in _channel_numbers(channels)]
        statements = [(read.statement(dialect), read.values) for read in reads]
        found = _send(connection, *locks, *statements, begin=not alone)[len(locks) :]
    return [_select(read.model, dialect)[1](rows) for read, rows in zip(reads, found, strict=True)]


def _for_sqlite(read: Read, dialect: Any) -> str:
    sql = read.statement(dialect)
    return sql if read.changes else sql.partition(" FOR ")[0]


def ask(session: Session, sql: str, values: Sequence[Any], *, alone: bool = False) -> list[tuple[Any, ...]]:
    """The rows of any statement, with `?` for values; plain as the driver gives them. `alone`: see `fetch`."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection
        with _told(connection):
            found: list[tuple[Any, ...]] = driver.execute(sql, _bindable(values)).fetchall()
            return found
    return _send(connection, (sql, values), begin=not alone)[0]


def as_rows(session: Session, model: type[Base], rows: Sequence[Sequence[Any]]) -> list[Any]:
    """Whole rows of a table as `ask` found them, in the order of its columns, as `fetch` gives them."""
    return _select(model, session.connection().dialect)[1](list(rows))


_selects: dict[tuple[str, str], tuple[str, Callable[[list[Any]], list[Any]]]] = {}


def _select(model: type[Base], dialect: Any) -> tuple[str, Callable[[list[Any]], list[Any]]]:
    cached = _selects.get((model.__tablename__, dialect.name))
    if cached is None:
        columns = list(model.__table__.columns)
        names = [column.name for column in columns]
        convert = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
        changed = [(name, f) for name, f in zip(names, convert, strict=True) if f is not None]

        def make(rows: list[Any]) -> list[Any]:
            found = []
            for values in rows:
                row = SimpleNamespace(**dict(zip(names, values, strict=True)))
                for name, f in changed:
                    setattr(row, name, f(getattr(row, name)))
                found.append(row)
            return found

        listed = ", ".join(f'{model.__tablename__}."{name}"' for name in names)
        cached = (f"SELECT {listed} FROM {model.__tablename__} ", make)  # noqa: S608 - names are ours
        _selects[model.__tablename__, dialect.name] = cached
    return cached


def _bindable(values: Sequence[Any]) -> list[Any]:
    # SQLite keeps times as text in UTC, the way SQLAlchemy writes them
    return [v.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f") if isinstance(v, datetime) else v for v in values]


_ANY_SIZE, _ROWS_A_STATEMENT = 8, 128


def batches(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """As many at a time as one statement takes, in few different sizes: each is a statement of its own to prepare."""
    start = 0
    while start < len(rows):
        left = len(rows) - start
        size = left if left <= _ANY_SIZE else min(1 << (left.bit_length() - 1), _ROWS_A_STATEMENT)
        yield rows[start : start + size]
        start += size


@dataclass(frozen=True, slots=True)
class _Updates:
    """The same changes to several rows: those where `each` is `among` these, and that meet `where`."""

    each: str
    where: Mapping[str, Any]
    changes: Mapping[str, Any]
    among: list[Any]

    def statements(self, model: type[Base], dialect: Any) -> Iterator[tuple[str, list[Any]]]:
        wanted = {name: value for name, value in self.where.items() if value is not None}
        convert = _converters(model, (*self.changes, *wanted), dialect)
        sets = ", ".join(f'"{name}" = ?' for name in self.changes)
        conditions = [f'"{name}" = ?' if name in wanted else f'"{name}" IS NULL' for name in self.where]
        values = [f(v) if f else v for f, v in zip(convert, [*self.changes.values(), *wanted.values()], strict=True)]
        for some in batches(self.among):
            among = "= ?" if len(some) == 1 else f"IN ({', '.join('?' * len(some))})"
            where = " AND ".join([*conditions, f'"{self.each}" {among}'])
            yield f"UPDATE {model.__tablename__} SET {sets} WHERE {where}", [*values, *some]  # noqa: S608 - names are ours


class Writes:
    """Rows to insert, change and delete, sent together: one round trip on PostgreSQL (a pipeline), however many tables."""

    def __init__(self) -> None:
        self._inserts: dict[tuple[type[Base], tuple[str, ...]], list[Sequence[Any]]] = defaultdict(list)
        self._upserts: dict[tuple[type[Base], tuple[str, ...], tuple[str, ...], tuple[str, ...]], dict[Any, Sequence[Any]]] = defaultdict(
            dict
        )
        self._updates: dict[type[Base], list[_Updates]] = {}
        self._others: dict[tuple[Any, ...], list[Any]] = {}
        self._deletes: dict[tuple[type[Base], str], list[Any]] = defaultdict(list)
        self._afterwards: list[Callable[[], None]] = []

    def insert(self, model: type[Base], row: Mapping[str, Any]) -> None:
        self._inserts[model, tuple(row)].append(tuple(row.values()))

    def upsert(self, model: type[Base], unique: tuple[str, ...], row: Mapping[str, Any], keep: tuple[str, ...]) -> None:
        """Insert, or where `unique` exists already overwrite all but `keep`."""
        columns = tuple(row)
        self._upserts[model, unique, columns, keep][tuple(row[name] for name in unique)] = tuple(row.values())

    def update(self, model: type[Base], where: Mapping[str, Any], changes: Mapping[str, Any], *, each: str = "key") -> None:
        """`where` None means IS NULL. What differs in `each` alone from the update before it goes into the same statement."""
        if each not in where:
            each = next(name for name, value in where.items() if value is not None)
        rest = {name: value for name, value in where.items() if name != each}
        updates = self._updates.setdefault(model, [])
        if not updates or updates[-1].each != each or updates[-1].where != rest or updates[-1].changes != changes:
            updates.append(_Updates(each, rest, changes, []))
        updates[-1].among.append(where[each])

    def statement(self, sql: str, values: Sequence[Any], *, each: Any = None) -> None:
        """Anything else, with `?` for values; sent after the updates. `each` goes into the `IN (...)` at its end, with those of others."""
        alone = len(self._others) if each is None else None
        self._others.setdefault((sql, tuple(values), alone), []).append(each)

    def delete(self, model: type[Base], column: str, value: Any) -> None:
        self._deletes[model, column].append(value)

    def afterwards(self, follow: Callable[[], None]) -> None:
        """`follow` runs once these rows are committed, however often it was asked for; it must not fail."""
        if follow not in self._afterwards:
            self._afterwards.append(follow)

    def flush(self, session: Session) -> None:
        """Everything in an order that foreign keys allow: inserts by table order, then updates, then deletes.

        PostgreSQL gets it with the next question of this transaction or with its COMMIT, so errors may show only then.
        """
        if not (self._inserts or self._upserts or self._updates or self._others or self._deletes):
            return
        for follow in self._afterwards:
            after_commit(session, follow)
        self._afterwards.clear()
        connection = session.connection()
        statements = self._statements(connection.dialect)
        if connection.dialect.name == "sqlite":
            driver: Any = connection.connection.driver_connection
            with _told(connection):
                for sql, values in statements:
                    driver.execute(sql, values)
        else:
            connection.info[_UNSENT].extend(statements)
        for waiting in (self._inserts, self._upserts, self._updates, self._others, self._deletes):
            waiting.clear()

    def _statements(self, dialect: Any) -> Iterator[tuple[str, list[Any]]]:
        order = _table_order()
        inserts = [(model, columns, rows, "") for (model, columns), rows in self._inserts.items()]
        for (model, unique, columns, keep), by_unique in self._upserts.items():
            news = ", ".join(f'"{name}" = excluded."{name}"' for name in columns if name not in unique and name not in keep)
            inserts.append((model, columns, list(by_unique.values()), f" ON CONFLICT ({_names(unique)}) DO UPDATE SET {news}"))
        inserts.sort(key=lambda item: order[item[0].__tablename__])
        for model, columns, rows, on_conflict in inserts:
            convert = _converters(model, columns, dialect)
            for some in batches(rows):
                sql = _insert(model.__tablename__, columns, len(some)) + on_conflict
                yield sql, [f(v) if f else v for row in some for f, v in zip(convert, row, strict=True)]
        for model, updates in self._updates.items():
            for update in updates:
                yield from update.statements(model, dialect)
        for (sql, given, _), each in self._others.items():
            for some in batches(each):
                among = [one for one in some if one is not None]
                yield sql.replace("...", ", ".join("?" * len(among))), [*given, *among]
        for (model, column), deleted in self._deletes.items():
            for some in batches(deleted):
                yield f'DELETE FROM {model.__tablename__} WHERE "{column}" IN ({", ".join("?" * len(some))})', list(some)  # noqa: S608


@functools.cache
def _insert(table: str, columns: tuple[str, ...], rows: int) -> str:
    places = "(" + ", ".join("?" * len(columns)) + ")"
    return f"INSERT INTO {table} ({_names(columns)}) VALUES {', '.join([places] * rows)}"  # noqa: S608 - names are ours


@functools.cache
def _table_order() -> dict[str, int]:
    return {table.name: position for position, table in enumerate(Base.metadata.sorted_tables)}


@functools.cache
def _names(columns: tuple[str, ...]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


_converter_cache: dict[tuple[str, tuple[str, ...], str], list[Any]] = {}


def _converters(model: type[Base], columns: tuple[str, ...], dialect: Any) -> list[Any]:
    cached = _converter_cache.get((model.__tablename__, columns, dialect.name))
    if cached is None:
        kinds = [model.__table__.c[name].type for name in columns]
        # both drivers take bytes as they are; SQLAlchemy would wrap them
        cached = [None if isinstance(kind, LargeBinary) else kind.dialect_impl(dialect).bind_processor(dialect) for kind in kinds]
        _converter_cache[model.__tablename__, columns, dialect.name] = cached
    return cached


_LOCK_CHANNEL = "SELECT pg_advisory_xact_lock(?)"


def lock_channels(session: Session, channels: Iterable[str]) -> None:
    """Whoever publishes on a channel and whoever begins to wait on it do so one after the other, until they commit.

    In sorted order, so that two who need several do not wait for each other. SQLite has one writer anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        fetch(session, channels=channels)


def _channel_numbers(channels: Iterable[str]) -> list[int]:
    hashes = (hashlib.blake2b(channel.encode(), digest_size=8).digest() for channel in sorted(set(channels)))
    return [int.from_bytes(digest, "big", signed=True) for digest in hashes]
