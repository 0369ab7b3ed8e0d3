"""Running instances kept in memory between steps. A step takes one out, and puts it back only after its commit."""

import threading
from collections import OrderedDict

from engine.bpmn.execution import Execution
from engine.variables import Store

_LIMIT = 1000
_cached: OrderedDict[int, tuple[int, Execution, Store]] = OrderedDict()
_lock = threading.Lock()


def take(instance_key: int, revision: int) -> tuple[Execution, Store] | None:
    """The execution as of exactly this revision, now the caller's alone; None where it must come from the snapshot."""
    with _lock:
        found = _cached.pop(instance_key, None)
    if found is None or found[0] != revision:
        return None
    return found[1], found[2]


def put(instance_key: int, revision: int, execution: Execution, store: Store) -> None:
    with _lock:
        _cached[instance_key] = (revision, execution, store)
        _cached.move_to_end(instance_key)
        while len(_cached) > _LIMIT:
            _cached.popitem(last=False)


def forget() -> None:
    """Drop everything, as a restart would."""
    with _lock:
        _cached.clear()
