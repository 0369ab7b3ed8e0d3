"""Whether whoever asked still listens: an answer that is given late, or bit by bit, keeps no place for somebody who is gone."""

import socket
from collections.abc import Mapping
from typing import Any


def has_left(environ: Mapping[str, Any]) -> bool:
    """The client closed its connection. False where the server does not lend its socket (gunicorn does)."""
    connection: socket.socket | None = environ.get("gunicorn.socket")
    if connection is None:
        return False
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
