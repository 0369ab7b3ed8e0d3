"""The compact state of an instance: its live tokens and what they wait for, no values, nothing of the past."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import orjson
import zstandard

from .elements.batons import Origin
from .elements.tokens import READY, STARTED, Token, Wait

if TYPE_CHECKING:
    from .execution import Execution

FORMAT = 1
COMPRESS_ABOVE = 600  # bytes; below, a frame costs more than it saves
_PLAIN = b"["[0]  # a zstd frame never begins like this

# bits beside the phase (0..2)
_ENTERED, _OWNS, _INTERRUPTED, _READY = 4, 8, 16, 32


def write(execution: Execution) -> bytes:
    """A token: [key, spec, scope key, bits, then, as far as there is any: waiting, incident, loop index, note, waits, joins, ...]."""
    tokens = [_token(token) for token in execution.tasks.values()]
    ready = [token.id for token in execution.ready if token._state == READY]
    undecided = [[gateway.name, scope.id] for gateway, scope in execution.undecided if scope.id in execution.tasks]
    state: list[Any] = [FORMAT, execution.transitions, tokens, ready, undecided, execution.ended]
    standing = [token.id for token in execution.standing if token._state == READY]
    rest = [execution.most_alive, execution.stopped, standing, execution.batons.inherited]
    while rest and not rest[-1]:
        rest.pop()
    state += rest
    data = orjson.dumps(state)
    return data if len(data) <= COMPRESS_ABOVE else zstandard.compress(data, 3)


def _token(token: Token) -> list[Any]:
    bits = (
        token.phase
        | (_ENTERED if token.entered else 0)
        | (_OWNS if token.owns else 0)
        | (_INTERRUPTED if token.interrupted else 0)
        | (_READY if token._state == READY else 0)
    )
    record: list[Any] = [token.id, token.task_spec.name, token.scope.id if token.scope is not None else 0, bits]
    rest = [
        token.waiting,
        token.incident,
        token.loop_index if token.loop_index >= 0 else None,
        token.note,
        [_wait(wait) for wait in token.waits.values()] if token.waits else None,
        {name: list(arrived.items()) for name, arrived in token.joins.items()} if token.joins else None,
        token.done,
        token.compensates,
        token.batons or None,
        _plain(token.origins),
        {name: [[index, _plain(o)] for index, o in waiting] for name, waiting in token.arrivals.items()} if token.arrivals else None,
    ]
    while rest and rest[-1] is None:
        rest.pop()
    return record + rest


def _plain(origins: list[Origin] | None) -> list[list[Any]] | None:
    return None if origins is None else [list(origin) for origin in origins]


def _wait(wait: Wait) -> list[Any]:
    if wait.kind == "subscription":
        return [wait.key, wait.spec.name]
    if wait.kind == "condition":
        return [wait.key, wait.spec.name, wait.was_true]
    assert wait.due_at is not None
    record = [wait.key, wait.spec.name, wait.due_at.isoformat()]
    return record if wait.every is None else [*record, wait.repetitions, wait.every]


def read_into(execution: Execution, snapshot: bytes) -> None:
    """Raises ValueError for a format of a later release."""
    state = orjson.loads(snapshot if snapshot[0] == _PLAIN else zstandard.decompress(snapshot))
    if state[0] != FORMAT:
        raise ValueError(f"Expected a snapshot of format {FORMAT}, found {state[0]}.")
    _, execution.transitions, tokens, ready, undecided, execution.ended, *rest = state
    most_alive, stopped, standing, inherited = rest + [None] * (4 - len(rest))
    execution.most_alive, execution.stopped = most_alive or 0, stopped
    execution.batons.inherited = tuple(inherited or ())
    execution.completed = execution.ended
    specs, tasks = execution.definition.specs, execution.tasks
    for record in tokens:
        scope = tasks[record[2]] if record[2] else None
        token = Token(execution, specs[record[1]], scope, record[0])
        if scope is None:
            execution.root = token
        bits = record[3]
        token.phase = bits & 3
        token.entered = bits & _ENTERED != 0
        token.owns = bits & _OWNS != 0
        token.interrupted = bits & _INTERRUPTED != 0
        token._state = READY if bits & _READY else STARTED
        if len(record) > 4:
            _read_rest(execution, token, record)
    execution.ready.extend(tasks[key] for key in ready)
    execution.standing.extend(tasks[key] for key in standing or ())
    execution.undecided = [(specs[name], tasks[key]) for name, key in undecided]
    execution.batons.recount()


def _read_rest(execution: Execution, token: Token, record: list[Any]) -> None:
    token.waiting, incident, loop_index, token.note, waits, joins, token.done, token.compensates, batons, origins, arrivals = (
        record[4:] + [None] * 11
    )[:11]
    token.batons = tuple(batons or ())
    if origins is not None:
        token.origins = _origins(origins)
    if arrivals:
        token.arrivals = {name: [[index, _origins(found)] for index, found in waiting] for name, waiting in arrivals.items()}
    if incident is not None:
        token.incident = incident
        execution.incidents[incident] = token
    if loop_index is not None:
        token.loop_index = loop_index
        execution.alive += 1
    for wait in waits or ():
        _read_wait(execution, token, wait)
    if joins:
        token.joins = {name: {index: count for index, count in arrived} for name, arrived in joins.items()}


def _origins(records: list[Any]) -> list[Origin]:
    return [Origin(element_id, tuple(trail), tuple(batons)) for element_id, trail, batons in records]


def _read_wait(execution: Execution, token: Token, record: list[Any]) -> None:
    spec = execution.definition.specs[record[1]]
    if len(record) == 2:
        wait = Wait(record[0], "subscription", token, spec)
    elif isinstance(record[2], bool):
        wait = Wait(record[0], "condition", token, spec)
        wait.was_true = record[2]
    else:
        repetitions, every = record[3:] or (1, None)
        wait = Wait(record[0], "timer", token, spec, datetime.fromisoformat(record[2]), repetitions, every)
    execution._add_wait(wait)
