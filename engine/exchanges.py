"""PostgreSQL in as few words as it takes: any number of statements, one round trip, one waiting.

Spoken to libpq itself (psycopg.pq): through cursors each statement of a pipeline is a send, a poll and two hand-overs of
the interpreter's lock, a BEGIN is a round trip of its own, and together that was a third of what a command cost.
"""

from __future__ import annotations

import functools
import itertools
import select
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg
from psycopg import errors, pq
from psycopg.adapt import Transformer

Statement = tuple[str, Sequence[Any]]  # SQL with `?` for values, and the values

BEGIN: Statement = ("BEGIN", ())
COMMIT: Statement = ("COMMIT", ())

_OFTEN = 4  # uses after which a statement is worth preparing
_MOST_PREPARED = 300  # in a process: each connection may come to hold all of them
_TEXT, _BINARY = pq.Format.TEXT, pq.Format.BINARY
_PREPARED = "prepared statements"


def exchange(driver: psycopg.Connection[Any], known: dict[str, Any], statements: Iterable[Statement]) -> list[list[tuple[Any, ...]]]:
    """The rows of each statement, in order. `known`: what this connection remembers from one exchange to the next.

    Without a transaction around them the statements are one of their own (PostgreSQL manual, 55.2.2.1 and 34.5): all of
    them take effect, or none. Raises psycopg.Error: the first one; what stood behind it has not been done.
    """
    prepared: _Prepared = known.get(_PREPARED) or known.setdefault(_PREPARED, _Prepared())
    statements = list(statements)
    asked = [(_numbered(sql), *_dumped(values)) for sql, values in statements]
    connection = driver.pgconn
    is_whole = connection.transaction_status == pq.TransactionStatus.IDLE  # nothing went before it
    sent: list[bytes | None] = []  # what each message prepares; None: it is a statement, and its rows are wanted
    connection.enter_pipeline_mode()
    try:
        for sql, values, formats, types in asked:
            number = _number_of(sql) if values else None
            if number is None:
                connection.send_query_params(sql, values, types, formats, _BINARY)
            else:
                name = b"often_%d_%d" % (prepared.generation, number)
                if name not in prepared.names and name not in sent:
                    connection.send_prepare(name, sql, types)
                    sent.append(name)
                connection.send_query_prepared(name, values, formats, _BINARY)
            sent.append(None)
        connection.pipeline_sync()
        results = _results(connection, len(sent))
        connection.exit_pipeline_mode()
    except BaseException:
        driver.close()  # nobody knows what is still under way on it
        raise
    answered = list(zip(sent, results, strict=False))
    failed = next((result for result in results if result.status == pq.ExecStatus.FATAL_ERROR), None)
    error = None if failed is None else errors.error_from_result(failed)
    prepared.names.update(name for name, result in answered if name is not None and result.status == pq.ExecStatus.COMMAND_OK)
    if isinstance(error, errors.InvalidSqlStatementName):
        # somebody said DEALLOCATE or DISCARD: a pooler, or the driver after a DROP. New names: some of the old may be left
        known[_PREPARED] = _Prepared(prepared.generation + 1)
        if is_whole:  # nothing of it has been done; behind others, the whole transaction is repeated by whoever runs it
            if connection.transaction_status != pq.TransactionStatus.IDLE:
                connection.exec_(b"ROLLBACK")
            return exchange(driver, known, statements)
    if error is not None:
        raise error
    reader = Transformer(driver)
    return [_rows(reader, result) for name, result in answered if name is None]


def _results(connection: Any, messages: int) -> list[Any]:
    """One result a message, and behind them that of a failing commit, if it failed."""
    wait = _waiter(connection.socket)
    while connection.flush():
        if wait(select.POLLIN | select.POLLOUT) & select.POLLIN:
            connection.consume_input()  # or both sides wait for the other to read
    results: list[Any] = []
    while True:
        while connection.is_busy():
            wait(select.POLLIN)
            connection.consume_input()
        result = connection.get_result()
        if result is None:  # stands behind each message
            continue
        if result.status == pq.ExecStatus.PIPELINE_SYNC:
            return results
        results.append(result)
        if len(results) > messages + 1:
            raise psycopg.OperationalError("Expected one result for each statement, found more.")


def _waiter(descriptor: int) -> Callable[[int], int]:
    poll = select.poll()

    def wait(events: int) -> int:
        poll.register(descriptor, events)
        return functools.reduce(lambda found, ready: found | ready[1], poll.poll(), 0)

    return wait


def _rows(reader: Any, result: Any) -> list[tuple[Any, ...]]:
    if result.status != pq.ExecStatus.TUPLES_OK or not result.ntuples:
        return []
    reader.set_pgresult(result)
    rows: list[tuple[Any, ...]] = reader.load_rows(0, result.ntuples, tuple)
    return rows


# -- statements ---------------------------------------------------------------------------------------------------

@dataclass(slots=True)
class _Prepared:
    """What a connection knows by name."""

    generation: int = 0
    names: set[bytes] = field(default_factory=set)


_uses: Counter[bytes] = Counter()
_known: dict[bytes, int] = {}
_numbers = itertools.count()


def _number_of(sql: bytes) -> int | None:
    """What it is prepared as; None as long as it is asked too seldom."""
    number = _known.get(sql)
    if number is None and len(_known) < _MOST_PREPARED:
        _uses[sql] += 1
        if _uses[sql] > _OFTEN:
            _uses.pop(sql, None)
            number = _known.setdefault(sql, next(_numbers))  # of two threads at once, one says which
        elif len(_uses) > 10 * _MOST_PREPARED:
            _uses.clear()
    return number


@functools.lru_cache(maxsize=1000)
def _numbered(sql: str) -> bytes:
    """`?` -> $1, $2, ... ."""
    first, *others = sql.split("?")
    return (first + "".join(f"${number}{rest}" for number, rest in zip(itertools.count(1), others))).encode()


# -- values -------------------------------------------------------------------------------------------------------


def _text(value: str) -> bytes:
    if "\x00" in value:
        raise psycopg.DataError("Expected a text without NUL.")
    return value.encode()


# Types stay unsaid: the server knows them from where a value stands, and a statement is prepared once for all values. Only
# yes and no are told apart: in `CASE WHEN ... THEN ? ELSE ? END` they would be taken for text.
_BOOLEAN, _UNSAID = 16, 0
_DUMPERS: dict[type, Callable[[Any], bytes]] = {
    str: _text,
    int: lambda value: b"%d" % value,
    bool: lambda value: b"t" if value else b"f",
    datetime: lambda value: value.isoformat().encode(),
    bytes: bytes,
}


def _dumped(values: Sequence[Any]) -> tuple[list[bytes | None], list[int], list[int]]:
    """The values, their formats and their types."""
    kinds = [type(value) for value in values]
    dumped = [None if v is None else (_DUMPERS.get(kind) or _dumper(v))(v) for v, kind in zip(values, kinds, strict=True)]
    return dumped, [_BINARY if k is bytes else _TEXT for k in kinds], [_BOOLEAN if k is bool else _UNSAID for k in kinds]


def _dumper(value: Any) -> Callable[[Any], bytes]:
    """For a kind of text or number of our own (an enumeration)."""
    kind = type(value)
    found = next((_DUMPERS[one] for one in kind.__mro__ if one in _DUMPERS), None)
    if found is None:
        raise psycopg.ProgrammingError(f"Expected one of {', '.join(k.__name__ for k in _DUMPERS)} in a statement, found {kind.__name__}.")
    return found
