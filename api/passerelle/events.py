"""What changed in a case, while one watches it: text/event-stream, numbered by case and revision. Says what, never the values."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Any

from flask import Response, request
from flask_smorest import Blueprint
from sqlalchemy import exists, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from api.auth import ask_again, current_actor, engine
from api.listeners import has_left
from api.v2.operations import KEY
from engine import database, json_text, policies, waking, watching
from engine.cases import Case
from engine.errors import EngineError, Invalid, NotFound
from engine.history import HistoryEntry
from engine.instances import Instance
from engine.parties import Actor

routes = Blueprint("events", __name__, description="What changes, while one watches.")

SECONDS = 30.0  # then the stream ends, and the browser comes again with the last number it saw
BEAT = 10.0  # a line that means nothing, so that whoever left is noticed
_ASK = 5.0  # how soon it ends after a log-out or the loss of a role, where nothing happens meanwhile
_SLICE = 1.0  # how soon a stream notices that the server stops
_TROUBLE = (EngineError, SQLAlchemyError)  # then the stream ends in good order: the browser comes again, and is told what it is
_MOST_STEPS = 200  # told of at once; the page fetches again anyway
_ID = re.compile(r"(\d{1,19})\.(\d{1,18})")


@routes.route("/events", methods=["GET"], endpoint="watchCase")
@routes.doc(
    operationId="watchCase",
    summary="Events of one case, from the revision of Last-Event-ID on; ends after half a minute.",
    parameters=[
        {"in": "query", "name": "case", "required": True, "schema": KEY},
        {"in": "header", "name": "Last-Event-ID", "required": False, "schema": {"type": "string"}},
    ],
    responses={"200": {"description": "Events `changed`.", "content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
def watch() -> Response:
    by = current_actor()
    policies.require(policies.may(by, "watch cases"))
    case_key, seen = _asked()
    here = engine()
    with database.reading(here) as session:
        revision = _revision(session, case_key, by)
    held = ExitStack()
    held.enter_context(waking.parked())  # 503 where the threads kept for quick requests would be touched
    mine = held.enter_context(watching.watch(here, case_key, revision if seen is None else seen, by.id))
    events = _events(mine, ask_again(), partial(has_left, request.environ), is_first=seen is None)
    answer = Response(events, content_type="text/event-stream")
    answer.call_on_close(held.close)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


def _asked() -> tuple[int, int | None]:
    """The case, and the revision that the page has seen (None: it begins). Raises Invalid."""
    case = request.args.get("case", "")
    if not re.fullmatch(r"\d{1,19}", case):
        raise Invalid("Expected the key of a case.", fields={"case": "a string of digits"})
    last = _ID.fullmatch(request.headers.get("Last-Event-ID", ""))
    return int(case), int(last[2]) if last is not None and last[1] == case else None


def _revision(session: Session, case_key: int, by: Actor) -> int:
    """Raises NotFound, also where the actor sees nothing of the case."""
    mine = exists(select(Instance.key).where(Instance.case_key == Case.key, policies.visible_instances(by)))
    found = session.scalar(select(Case.revision).where(Case.key == case_key, mine)) if case_key < 2**63 else None
    if found is None:
        raise NotFound(f"Expected a case with key {case_key}, found none.")
    return found


def _events(mine: watching.Watch, who: Callable[[], Actor | None], gone: Callable[[], bool], *, is_first: bool) -> Iterator[bytes]:
    """Holds no database session while it waits. `who`: watches now; each word is for those who may hear it at that moment."""
    until = time.monotonic() + SECONDS
    if is_first:
        yield _event("open", mine.case_key, mine.seen, {})
    beat = time.monotonic() + BEAT
    must_look, ask_at = not is_first, time.monotonic() + _ASK
    while not waking.is_stopping() and (left := until - time.monotonic()) > 0:
        must_look = must_look or mine.wait(min(left, _SLICE))
        if gone():  # a stream that says nothing would not notice, and count for those who are here
            return
        if must_look or time.monotonic() > ask_at:
            try:
                by, ask_at = who(), time.monotonic() + _ASK
            except _TROUBLE:
                return
            if by is None or not policies.may(by, "watch cases"):
                return
        if must_look:
            must_look = False
            try:
                with database.reading(mine.engine) as session:
                    revision = _revision(session, mine.case_key, by)
                    what = _what(session, mine.case_key, mine.seen) if revision != mine.seen else None
            except _TROUBLE:
                return
            if what is not None:
                mine.seen = revision
                yield _event("changed", mine.case_key, revision, what)
                beat = time.monotonic() + BEAT
        elif time.monotonic() > beat:
            yield b": still here\n\n"
            beat = time.monotonic() + BEAT


def _what(session: Session, case_key: int, seen: int) -> dict[str, Any]:
    rows = session.execute(
        select(HistoryEntry.command, HistoryEntry.events)
        .where(HistoryEntry.case_key == case_key, HistoryEntry.revision > seen)
        .order_by(HistoryEntry.revision)
        .limit(_MOST_STEPS)
    )
    commands: list[str] = []
    elements: dict[str, None] = {}
    for command, events in rows:
        commands.append(command)
        elements |= {event[2]: None for event in events if event[2]}
    return {"commands": commands, "elementIds": list(elements)}


def _event(name: str, case_key: int, revision: int, what: dict[str, Any]) -> bytes:
    data = json_text.dump_bytes({"caseKey": str(case_key), "revision": revision, **what})
    return f"id: {case_key}.{revision}\nevent: {name}\ndata: ".encode() + data + b"\n\n"
