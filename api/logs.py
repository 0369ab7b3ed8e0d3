"""What the server says of itself: one JSON object a line, with request, case and instance keys; never values, names, addresses, tokens."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from typing import Any, TextIO

import orjson
import structlog
from gunicorn.glogging import Logger as GunicornLogger
from sqlalchemy.exc import DBAPIError

from engine.errors import WrongSettings

_SPEAK_FOR_THEMSELVES = (WrongSettings, OSError, ImportError)  # their messages name files, ports and settings, never a value of a case
_FRAMES = 30
_LOUD = ("httpx", "httpcore", "alembic", "urllib3")


def begin(level: str = "info", stream: TextIO | None = None) -> None:
    """All loggers, ours and the libraries', write the same way from here on."""
    before: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        _without_the_message_of_errors,
    ]
    structlog.configure(
        processors=[*before, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *before],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer(_dumps)],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in _LOUD:
        logging.getLogger(name).setLevel(logging.WARNING)


class ServerLogger(GunicornLogger):
    """gunicorn's own lines by the same way out; requests are logged by observability.py, which knows what to leave out."""

    def setup(self, cfg: Any) -> None:
        for log in (self.error_log, self.access_log):
            log.handlers[:] = []
            log.propagate = True
        self.error_log.setLevel(logging.getLogger().level)

    def exception(self, msg: str, *args: Any, **kwargs: Any) -> None:
        super().exception(msg.partition("%")[0].rstrip(": "), **kwargs)  # what follows is the address that was asked for

    def warning(self, msg: str, *args: Any, **kwargs: Any) -> None:
        if msg.startswith("Invalid request"):
            msg, args = "Invalid request", ()  # without whose
        super().warning(msg, *args, **kwargs)

    def access_log_enabled(self) -> bool:
        return False

    def access(self, *_anything: Any) -> None:
        pass


def _without_the_message_of_errors(_logger: Any, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """An exception's message may quote what a person typed, a database error the row: kind and place say enough."""
    if str(event.get("event", "")).startswith("Exception on "):
        event["event"] = "request failed"  # Flask names the path, and a path may carry the token of a link
    info = event.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    error = info if isinstance(info, BaseException) else info[1] if info else None
    if error is not None:
        event["exception"] = _told(error)
    return event


def _told(error: BaseException) -> dict[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    told: dict[str, Any] = {"type": type(error).__name__, "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]}
    if isinstance(error, _SPEAK_FOR_THEMSELVES):
        told["message"] = str(error)
    if isinstance(error, DBAPIError):
        told["sqlstate"] = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None)
        told["statement"] = (error.statement or "")[:500]
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause is not None and cause is not error:
        told["cause"] = type(cause).__name__
    return told


def _dumps(event: dict[str, Any], **_options: Any) -> str:
    try:
        return orjson.dumps(event, default=str).decode()
    except TypeError:  # a number beyond 64 bits or half a character, as any address may carry: the line is told all the same
        return json.dumps(event, default=str, separators=(",", ":"))
