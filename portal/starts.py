"""Starting something: what the person may start, and the form that begins it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from engine import deployments, errors, forms, json_text, outlook, policies, receipts
from engine.commands import cases as commands
from engine.deployments import Process
from engine.forms import Sheet
from portal import access, files, handoffs, pages, recipients


@dataclass(frozen=True, slots=True)
class Startable:
    process: Process
    name: str
    description: str | None


def routes(blueprint: Blueprint) -> None:
    blueprint.get("/start")(list_starts)
    blueprint.get("/start/<process_id>")(show_start)
    blueprint.post("/start/<process_id>")(start)
    access.KEEPERS["portal.start"] = show_start
    files.PLACES["portal.start"] = files.place_of_start


def list_starts() -> Response:
    """The newest version of every process that a person can begin, and this one may."""
    session = access.reading()
    found = [_startable(session, process) for process in newest(session)]
    return pages.draw("starts.html", starts=[one for one in found if one is not None])


def newest(session: Session, *conditions: ColumnElement[bool]) -> Iterable[Process]:
    """The newest version of every process, by name; of those the ones that meet the conditions."""
    versions = select(Process.process_id, func.max(Process.version).label("version")).group_by(Process.process_id).subquery()
    statement = select(Process).join(versions, (versions.c.process_id == Process.process_id) & (versions.c.version == Process.version))
    return session.scalars(statement.where(*conditions).order_by(Process.name, Process.process_id))


def _startable(session: Session, process: Process) -> Startable | None:
    return described(session, process) if policies.may_start(access.actor(), process) else None


def described(session: Session, process: Process) -> Startable | None:
    """None where it begins with anything but a person."""
    if _none_start(session, process) is None:
        return None
    drawing = outlook.of_process(session, process.key)
    words = forms.translated(schema_of(process) or {}, pages.language())
    name = words.get("title") or process.name or process.pool or process.process_id
    return Startable(process, str(name), words.get("description") or drawing.documentation.get(process.process_id))


def _none_start(session: Session, process: Process) -> Any:
    """The start event that needs nothing but a person."""
    starts = [start for start in deployments.definition(session, process.key).starts if start.kind == "none"]
    return starts[0] if len(starts) == 1 else None


def _expect(process_id: str) -> Startable:
    session = access.reading()
    found = _startable(session, deployments.expect_process(session, process_id=process_id))
    if found is None:
        raise errors.NotFound
    return found


def schema_of(process: Process) -> Any:
    session = access.reading()
    start_event = _none_start(session, process)
    form = deployments.form_for(session, form_id=start_event.form_id, form_key=start_event.form_key, process_key=process.key)
    return None if form is None else json_text.loads(form.schema)


def show_start(process_id: str, typed: Mapping[str, list[str]] | None = None, notice: str | None = None) -> Response:
    startable = _expect(process_id)
    schema = schema_of(startable.process)
    place = files.place_of_start(process_id)
    sheet = None if schema is None else files.read(schema, {}, typed, actor=access.actor(), place=place)
    if sheet is not None and typed is not None:
        sheet = sheet.without_errors()
    return _draw(startable, sheet, notice=notice)


def _draw(
    startable: Startable,
    sheet: Sheet | None,
    *,
    notice: str | None = None,
    missing: Sequence[str] = (),
    asks: Sequence[recipients.Ask] = (),
    status: int = 200,
) -> Response:
    response = pages.draw("start.html", status, start=startable, sheet=sheet, notice=notice, missing=missing, asks=asks)
    return files.with_note(response, sheet)


def start(process_id: str) -> AnyResponse:
    """Begin a case, once for each page that was drawn, however often it is sent."""
    startable, actor = _expect(process_id), access.actor()
    schema = schema_of(startable.process)
    variables: dict[str, Any] = {}
    sheet: Sheet | None = None
    answered = handoffs.answered_roles(startable.process.key)
    if schema is not None:
        posted = files.posted(schema, {}, actor=actor, place=files.place_of_start(process_id))
        sheet = posted.sheet
        if recipients.is_looking():
            return _draw(startable, sheet.without_errors(), asks=answered)
        if posted.stays:
            return _draw(startable, sheet.without_errors(but=posted.refused), status=422 if posted.refused else 200)
        if not sheet.is_complete:
            return _draw(startable, sheet, notice=None if sheet.errors else "new_questions", asks=answered, status=422)
        variables = sheet.variables
    chosen, unfit = recipients.read(answered)
    if unfit or recipients.is_looking():
        return _draw(startable, sheet, asks=unfit or answered, status=422 if unfit else 200)
    key, process_key = request.form.get("_once", ""), startable.process.key
    asked = json_text.dump_bytes([request.path, sorted((name, values) for name, values in request.form.lists() if name != "_csrf")])

    def begin(session: Session) -> tuple[int, bytes]:
        process = deployments.expect_process(session, key=process_key)
        parties = recipients.party_keys(session, chosen)
        return 303, str(commands.start(session, process, variables, roles=parties, by=actor).case_number).encode()

    try:
        _status, number = access.writing(lambda session: receipts.once(session, actor, key, asked, begin) if key else begin(session))
    except errors.Invalid as refusal:
        return _draw(startable, status=422, **handoffs.told(process_key, sheet, refusal))
    files.forget(actor, files.place_of_start(process_id))
    return redirect(url_for("portal.show_case", number=int(number), said="started"), 303)
