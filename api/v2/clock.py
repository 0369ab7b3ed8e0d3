"""Pin and reset the test clock; both answer after everything due has run."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask_smorest import Blueprint
from marshmallow import ValidationError, fields
from sqlalchemy.orm import Session

from api.v2.fields import Strict, read_time
from api.v2.operations import operation
from engine import database, worker
from engine.commands import clock
from engine.parties import Actor

routes = Blueprint("clock", __name__, description="The clock of a server that was started for tests.")

_FIRST, _LAST = 0, 253402300799999  # 1970 and 9999, in ms


class _Instant(fields.Field):
    """Milliseconds since 1970 (or ISO 8601)."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> datetime:
        if isinstance(value, str):
            return read_time(value)
        if isinstance(value, bool) or not isinstance(value, int) or not _FIRST <= value <= _LAST:
            raise ValidationError("expected milliseconds since 1970")
        return datetime.fromtimestamp(value / 1000, UTC)


class Pin(Strict):
    timestamp = _Instant(required=True)


@operation(routes, "PUT", "/clock", name="pinClock", may="set the clock", body=Pin, command=True)
def pin(session: Session, body: dict[str, Any], *, by: Actor) -> None:
    """Let time stand still at this moment."""
    clock.pin(session, body["timestamp"], by=by)
    database.after_commit(session, lambda: worker.settle(session))


@operation(routes, "POST", "/clock/reset", name="resetClock", may="set the clock", command=True)
def reset(session: Session, *, by: Actor) -> None:
    """Let time go on, from the machine's clock."""
    clock.reset(session, by=by)
    database.after_commit(session, lambda: worker.settle(session))
