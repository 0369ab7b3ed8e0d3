"""What nobody read of a request is read before its answer goes out: else the connection ends, and the next request on it with it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

SECONDS = 5.0  # for one body that nobody wanted
_CHUNK = 1 << 16


def read_to_the_end(application: Application, most: int) -> Application:
    """WSGI around `application`. A refusal (401, 404, 413, ...) reads no body, and gunicorn drops a connection with one of more than 64 kB.

    `most`: bytes; beyond them, or when they do not come in time, the answer says that the connection closes.
    """

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        head: list[tuple[Any, ...]] = []

        def note(*told: Any) -> None:
            head[:] = [told]

        parts = application(environ, note)
        if _has_body(environ) and not _is_read(environ, most):
            # gunicorn takes no Connection header from an application; its response is what the callable belongs to
            response = getattr(start_response, "__self__", None)
            if response is not None:
                response.force_close()
        start_response(*head[0])
        return parts

    return answer


def _has_body(environ: dict[str, Any]) -> bool:
    return environ.get("CONTENT_LENGTH") not in (None, "", "0") or "HTTP_TRANSFER_ENCODING" in environ


def _is_read(environ: dict[str, Any], most: int) -> bool:
    """Whether the body is at its end now."""
    stream, socket = environ["wsgi.input"], environ.get("gunicorn.socket")
    until, found = time.monotonic() + SECONDS, 0
    try:
        while found <= most:
            left = until - time.monotonic()
            if left <= 0:
                return False
            if socket is not None:
                socket.settimeout(left)
            chunk = stream.read(_CHUNK)
            if not chunk:
                return True
            found += len(chunk)
    except Exception:  # a broken body, a client that went away: nothing more can be read here
        return False
    finally:
        if socket is not None:
            socket.settimeout(None)
    return False
