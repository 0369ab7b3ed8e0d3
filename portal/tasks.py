"""A task: who waits for it, what it asks for, and taking, giving back and finishing it."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, g, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from engine import deployments, errors, inboxes, json_text, keys, outlook, policies, receipts, views
from engine.cases import Case
from engine.commands import tasks as commands
from engine.forms import Sheet
from engine.parties import Actor
from engine.tasks import Task, TaskState
from portal import access, files, handoffs, pages, recipients, sentences

_LINES_SO_FAR = 5


def routes(blueprint: Blueprint) -> None:
    blueprint.get("/tasks/<int:key>")(show_task)
    blueprint.post("/tasks/<int:key>/claim")(claim_task)
    blueprint.post("/tasks/<int:key>/release")(release_task)
    blueprint.post("/tasks/<int:key>")(complete_task)
    access.KEEPERS["portal.complete_task"] = show_task
    files.PLACES["portal.complete_task"] = files.place_of_task


# -- finding ------------------------------------------------------------------------------------------------------


def expect_task(key: int) -> Task:
    """The task, if the person may see it; else it does not exist for it."""
    task = access.reading().get(Task, key) if key <= keys.LARGEST else None
    if task is None or not (policies.may_see_task(access.actor(), task) or _was_offered_to(access.actor(), task)):
        raise errors.NotFound
    return task


def _was_offered_to(actor: Actor, task: Task) -> bool:
    """Once it is over, whoever could have done it may still hear that it is."""
    return task.state != TaskState.CREATED and policies.was_offered_task(actor, task)


def name_of_completed(key: str) -> str:
    """The name of a task that the reader completed; else nothing."""
    number = int(key) if key.isascii() and key.isdigit() and len(key) < 20 else keys.LARGEST + 1
    task = access.reading().get(Task, number) if number <= keys.LARGEST else None
    return task.name if task is not None and task.completed_by == access.actor().username else ""


def schema_of(task: Task) -> Any:
    form = deployments.form_for(access.reading(), form_id=task.form_id, form_key=task.form_key, process_key=task.process_key)
    return None if form is None else json_text.loads(form.schema)


def values_seen_by(task: Task) -> Mapping[str, Any]:
    return views.values_of_task(access.reading(), access.actor(), task)


def is_holder(task: Task) -> bool:
    return task.assignee == access.actor().username


# -- pages --------------------------------------------------------------------------------------------------------


def show_task(key: int, typed: Mapping[str, list[str]] | None = None, notice: str | None = None) -> Response:
    """The page of a task; `typed`: what was filled in before something came between."""
    task = expect_task(key)
    if task.state != TaskState.CREATED:
        return over(task, typed)
    schema = schema_of(task)
    sheet = None if schema is None else _read(schema, task, typed)
    if sheet is not None and typed is not None:
        sheet = sheet.without_errors()  # nobody sent it yet: only what was typed comes back
    return draw(task, sheet, notice=notice)


def _read(schema: Any, task: Task, typed: Mapping[str, list[str]] | None) -> Sheet:
    return files.read(schema, values_seen_by(task), typed, actor=access.actor(), place=files.place_of_task(task.key))


def draw(
    task: Task,
    sheet: Sheet | None,
    *,
    notice: str | None = None,
    missing: Sequence[str] = (),
    asks: Sequence[recipients.Ask] = (),
    status: int = 200,
) -> Response:
    session, actor, language = access.reading(), access.actor(), pages.language()
    case = session.get_one(Case, task.case_key)
    story = sentences.open_story(session, case, actor, language)
    people = inboxes.names_of_people(session, actor, {task.assignee, sentences.username_of(case.started_by)})
    groups = inboxes.names_of_groups(session, task.candidate_groups or ())
    drawing = outlook.of_process(session, task.process_key)
    ahead = drawing.after(task.element_id)
    place = drawing.places.get(task.element_id)
    lines = sentences.so_far(story)
    response = pages.draw(
        "task.html",
        status,
        task=task,
        case=case,
        sheet=sheet,
        disclosed=[] if sheet is not None and sheet.items else handoffs.came_along_to(task),
        notice=notice,
        is_holder=is_holder(task),
        can_claim=task.assignee is None,
        can_release=is_holder(task) and bool(task.candidate_groups or task.candidate_users),
        holder=sentences.holder(task, people, groups, language),
        who_waits=sentences.who_waits(ahead, task, case, people, actor, language),
        what_follows=sentences.what_follows(ahead, language),
        is_last=sentences.ends_with(ahead),
        missing=missing,
        asks=asks or handoffs.roles_ahead(task),
        declinable=handoffs.declinable(task) is not None,
        instructions=place.documentation if place else None,
        lines=lines[-_LINES_SO_FAR:],
        more_lines=max(0, len(lines) - _LINES_SO_FAR),
    )
    return files.with_note(response, sheet)


def over(task: Task, typed: Mapping[str, list[str]] | None = None, status: int = 200) -> Response:
    """The page of a task that is done, or no longer needed; with what somebody had filled in, so that it is not lost."""
    session = access.reading()
    people = inboxes.names_of_people(session, access.actor(), {task.completed_by})
    case = session.get_one(Case, task.case_key)
    kept = {name: values for name, values in (typed or {}).items() if name != "_asked" and any(values)}
    return pages.draw(
        "task_over.html",
        status,
        task=task,
        case=case,
        by=people.get(task.completed_by or ""),
        by_me=task.completed_by == access.actor().username,
        kept=files.by_name(kept, access.actor(), files.place_of_task(task.key)),
        sees_case=inboxes.find_case(session, access.actor(), case.number) is not None,
    )


# -- deeds --------------------------------------------------------------------------------------------------------


def _once(work: Any) -> Any:
    """Do it once for each page that was drawn, however often it is sent."""
    actor, key = access.actor(), request.form.get("_once", "")
    asked = json_text.dump_bytes([request.path, sorted((name, values) for name, values in request.form.lists() if name != "_csrf")])

    def kept(session: Session) -> tuple[int, bytes]:
        return 303, json_text.dump_bytes(work(session))

    return access.writing(lambda session: receipts.once(session, actor, key, asked, kept) if key else kept(session))


def claim_task(key: int) -> AnyResponse:
    task, actor = expect_task(key), access.actor()
    try:
        access.writing(lambda session: commands.claim(session, key, by=actor))
    except errors.WrongState:
        return _too_late(key)
    return redirect(url_for("portal.show_task", key=task.key, said="claimed"), 303)


def release_task(key: int) -> AnyResponse:
    task, actor = expect_task(key), access.actor()
    if task.assignee is not None:  # sent twice, it is given back already
        access.writing(lambda session: commands.release(session, key, by=actor))
    return redirect(url_for("portal.inbox", box="groups", said="released"), 303)


def complete_task(key: int) -> AnyResponse:
    """Check what was typed; pass it on, or show it again with what was expected beside each field."""
    task, actor, typed = expect_task(key), access.actor(), access.typed_fields()
    schema = schema_of(task)
    answers: dict[str, Any] = {}
    sheet: Sheet | None = None
    if schema is not None and task.state == TaskState.CREATED:
        posted = files.posted(schema, values_seen_by(task), actor=actor, place=files.place_of_task(key))
        sheet, typed = posted.sheet, posted.typed
        if recipients.is_looking():
            return draw(task, sheet.without_errors())
        if posted.stays:
            return draw(task, sheet.without_errors(but=posted.refused), status=422 if posted.refused else 200)
        if not sheet.is_complete:
            return draw(task, sheet, notice=None if sheet.errors else "new_questions", status=422)
        answers = sheet.variables
    if recipients.is_looking() and task.state == TaskState.CREATED:
        return draw(task, sheet)
    chosen, unfit = recipients.read(handoffs.answered_roles(task.process_key))
    if unfit:
        return draw(task, sheet, asks=unfit, status=422)
    try:
        _once(lambda session: commands.complete(session, key, answers, roles=recipients.party_keys(session, chosen), by=actor))
    except errors.Invalid as refusal:
        return draw(task, status=422, **handoffs.told(task.process_key, sheet, refusal))
    except errors.WrongState:
        return _too_late(key, typed)
    except errors.NotAllowed:
        if expect_task(key).state == TaskState.CREATED:
            raise
        return _too_late(key, typed)  # somebody else was given it, and has done it
    files.forget(actor, files.place_of_task(key))
    ahead = outlook.of_process(access.reading(), task.process_key).after(task.element_id)
    said = "finished" if sentences.ends_with(ahead) else "completed"
    return redirect(url_for("portal.inbox", said=said, task=key), 303)


def _too_late(key: int, typed: Mapping[str, list[str]] | None = None) -> Response:
    """Somebody was faster: say who, friendly, and keep what was typed."""
    task = expect_task(key)
    if task.state != TaskState.CREATED:
        return over(task, typed, 409)
    people = inboxes.names_of_people(access.reading(), access.actor(), {task.assignee})
    g.pop("now", None)
    return pages.draw("task_taken.html", 409, task=task, by=people.get(task.assignee or "") or pages.t("h_somebody"))
