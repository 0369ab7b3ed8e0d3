"""int64 keys, ordered in time, made without asking the database: 41 bits of ms, 10 of node, 12 of sequence."""

import threading
import time

_EPOCH_MS = 1_750_000_000_000  # 2025-06-15: keeps keys short
_NODE_BITS, _SEQUENCE_BITS = 10, 12
LARGEST = (1 << 63) - 1  # int64: a larger number is nobody's key
MAX_NODE = (1 << _NODE_BITS) - 1

_lock = threading.Lock()
_node = 0
_last_ms = 0
_sequence = 0


def use_node(number: int) -> None:
    """Every process that makes keys needs a node number of its own, leased in the database (nodes.py)."""
    global _node
    _node = number & MAX_NODE


def new() -> int:
    """The next key. Uses the machine's clock, never backwards; a busy millisecond borrows from the next."""
    global _last_ms, _sequence
    with _lock:
        now = time.time_ns() // 1_000_000 - _EPOCH_MS
        if now > _last_ms:
            _last_ms, _sequence = now, 0
        else:
            _sequence += 1
            if _sequence >> _SEQUENCE_BITS:
                _last_ms, _sequence = _last_ms + 1, 0
        return (_last_ms << (_NODE_BITS + _SEQUENCE_BITS)) | (_node << _SEQUENCE_BITS) | _sequence
