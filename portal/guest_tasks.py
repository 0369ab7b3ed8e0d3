"""A guest's pages about one handoff: the task, what was sent, a no, and passing it to a colleague."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from flask import Blueprint, Response, g, redirect, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from engine import (
    deployments,
    documents,
    errors,
    handoffs,
    json_text,
    kept_answers,
    links,
    notifications,
    outlook,
    parties,
    policies,
    receipts,
    tasks,
)
from engine.cases import Case
from engine.commands import guests as guest_commands
from engine.commands import handoffs as handoff_commands
from engine.commands import tasks as task_commands
from engine.database import Writes
from engine.forms import Item, Sheet
from engine.handoffs import OPEN, Handoff, HandoffState
from engine.keys import LARGEST
from engine.notifications import Kind, Notification, Reader
from engine.tasks import Task, TaskState
from portal import access, files, guests, moments, pages, sentences
from portal import handoffs as handoff_pages
from portal import tasks as task_pages


def routes(blueprint: Blueprint) -> None:
    blueprint.get("/g/<int:link_key>/tasks/<int:key>")(guest_task)
    blueprint.post("/g/<int:link_key>/tasks/<int:key>")(guest_complete)
    blueprint.get("/g/<int:link_key>/tasks/<int:key>/receipt")(guest_receipt)
    blueprint.post("/g/<int:link_key>/accept")(guest_accept)
    blueprint.get("/g/<int:link_key>/decline")(guest_show_decline)
    blueprint.post("/g/<int:link_key>/decline")(guest_decline)
    blueprint.get("/g/<int:link_key>/colleague")(guest_colleague)
    blueprint.post("/g/<int:link_key>/colleague")(guest_pass_on)
    blueprint.get("/g/<int:link_key>/documents/<int:key>")(guest_document)
    access.KEEPERS["portal.guest_complete"] = _after_a_stale_page
    files.PLACES["portal.guest_complete"] = _place


def _place(link_key: int, key: int) -> str:
    return files.place_of_task(key)


# -- names --------------------------------------------------------------------------------------------------------


def name_of_sender(row: Handoff) -> str:
    """ "Front desk (Assurances du Pont)", as in the mail."""
    session = access.reading()
    host = parties.host(session).name
    party = host if row.from_party_key is None else parties.names(session, [row.from_party_key]).get(row.from_party_key, host)
    return party if row.from_side.casefold() in party.casefold() else f"{row.from_side} ({party})"


def name_of_work(row: Handoff) -> str:
    name = access.reading().scalar(select(Task.name).where(tasks.stands_in(row.key)).order_by(Task.key).limit(1))
    if name is not None:
        return str(name)
    element = deployments.definition(access.reading(), row.process_key).elements.get(row.to_element_id or row.from_element_id)
    return str((element.name if element is not None else None) or row.to_side)


def contact() -> Mapping[str, str]:
    """Whom a guest can ask: the first of the host's contacts."""
    host = parties.host(access.reading())
    first: Mapping[str, str] = next(iter(host.contacts or ()), {})
    return {"name": first.get("name") or host.name, "email": first.get("email", ""), "phone": first.get("phone", "")}


# -- finding ------------------------------------------------------------------------------------------------------


def _expect_task(key: int) -> Task:
    """The task, if this link leads to it; else it does not exist."""
    task = access.reading().get(Task, key) if key <= LARGEST else None
    if task is None or not policies.may_see_task(access.actor(), task):
        raise errors.NotFound
    return task


def _draw(template: str, status: int = 200, **facts: Any) -> Response:
    link_key = guests.guest().link.key
    return pages.draw(
        template,
        status,
        contact=contact(),
        document_url=lambda key: url_for("portal.guest_document", link_key=link_key, key=key),
        **facts,
    )


# -- the task -----------------------------------------------------------------------------------------------------


def guest_task(link_key: int, key: int) -> AnyResponse:
    stop = guests.not_yet()
    if stop is not None:
        return stop
    task = _expect_task(key)
    if task.state != TaskState.CREATED:
        return over(task)
    kept = kept_answers.of(access.reading(), link_key, key)
    notice = request.args.get("said")
    return _draw_task(task, _unsent(task, kept), notice=notice if notice in _NOTICES else "kept" if kept else None)


def _unsent(task: Task, typed: Mapping[str, list[str]] | None) -> Sheet | None:
    """The form with what was typed, without complaints: nobody sent it yet."""
    schema = task_pages.schema_of(task)
    if schema is None:
        return None
    sheet = files.read(schema, task_pages.values_seen_by(task), typed, actor=access.actor(), place=files.place_of_task(task.key))
    return sheet.without_errors() if typed is not None else sheet


_NOTICES = {"kept": "guest_kept", "kept_now": "guest_kept_now", "accepted": "guest_accepted", "new_questions": "new_questions"} | {
    "check_again": "check_again",
    "begun": "guest_begun",
}


def _draw_task(
    task: Task, sheet: Sheet | None, *, notice: str | None = None, missing: Sequence[str] = (), status: int = 200
) -> AnyResponse:
    row, session = guests.handoff(), access.reading()
    drawing = outlook.of_process(session, task.process_key)
    ahead, place = drawing.after(task.element_id), drawing.places.get(task.element_id)
    response = _draw(
        "guest_task.html",
        status,
        task=task,
        case=session.get_one(Case, task.case_key),
        handoff=row,
        sender=name_of_sender(row),
        due_at=row.accept_due_at if row.state == HandoffState.OFFERED and row.accept_due_at else row.complete_due_at or task.due_date,
        sheet=sheet,
        disclosed=[] if sheet is not None and sheet.items else handoff_pages.came_along(row, sensitive=row.state in OPEN),
        notice=_NOTICES.get(notice or ""),
        missing=missing,
        taken_by=task.assignee is not None,
        asks_acceptance=row.state == HandoffState.OFFERED and not row.is_begun,
        declinable=_is_declinable(row),
        instructions=place.documentation if place else None,
        what_follows=sentences.what_follows(ahead, pages.language()),
    )
    return guests.remember(files.with_note(response, sheet))


def _is_declinable(row: Handoff) -> bool:
    contract = handoffs.contract_of(deployments.definition(access.reading(), row.process_key), row)
    return handoffs.may_be_declined(row, contract)


def over(task: Task, typed: Mapping[str, list[str]] | None = None, status: int = 200) -> AnyResponse:
    """Done, or no longer needed; with what somebody had filled in, so that it is not lost."""
    kept = {name: values for name, values in (typed or {}).items() if name != "_asked" and any(values)}
    act = links.acts_on(access.reading(), [task.key]).get(task.key)
    receipt = _receipt_of(task)
    return _draw(
        "guest_over.html",
        status,
        task=task,
        case=access.reading().get_one(Case, task.case_key),
        done=task.state == TaskState.COMPLETED,
        by=act.name if act is not None else None,
        receipt=receipt,
        kept=files.by_name(kept, access.actor(), files.place_of_task(task.key)),
    )


def what_became(row: Handoff) -> AnyResponse:
    """A handoff without an open task: sent, declined, withdrawn, or with somebody else of the company by now."""
    last = access.reading().scalars(select(Task).where(tasks.stands_in(row.key)).order_by(Task.key.desc()).limit(1)).first()
    if last is not None and row.state == HandoffState.COMPLETED:
        return over(last)
    return _draw(
        "guest_became.html",
        handoff=row,
        case=guests.case_of(row),
        name=name_of_work(row),
        sender=name_of_sender(row),
        disclosed=handoff_pages.came_along(row, sensitive=row.state in OPEN) if row.to_element_id is None else [],
        asks_acceptance=row.state == HandoffState.OFFERED and row.to_element_id is None,
    )


# -- sending ------------------------------------------------------------------------------------------------------


def _after_a_stale_page(link_key: int, key: int, typed: Mapping[str, list[str]], notice: str) -> AnyResponse:
    stop = guests.not_yet()
    if stop is not None:
        return stop
    task = _expect_task(key)
    return over(task, typed) if task.state != TaskState.CREATED else _draw_task(task, _unsent(task, typed), notice=notice)


def _stopped(key: int) -> AnyResponse | None:
    """What comes between a guest and sending: nothing that was typed is lost by it."""
    typed = access.typed_fields()
    if g.guest is None:
        return guests.no_door(typed)
    refusal = guests.guest().refusal
    if refusal is None:
        stop = guests.not_yet()
        if stop is not None:
            _keep(key, typed)
        return stop
    can_return = guest_commands.renewable(access.reading(), guests.guest().link) is not None
    if can_return:
        _keep(key, typed)
    return guests.ended(refusal, kept=can_return)


def _keep(key: int, typed: dict[str, list[str]]) -> None:
    task = access.reading().get(Task, key) if key <= LARGEST else None
    if task is not None and task.state == TaskState.CREATED and guests.guest().link.handoff_key in tasks.handoffs_of(task):
        files.keep_for_later(typed, guests.actor_of(guests.guest()))
        guests.keep(key, typed)


def guest_complete(link_key: int, key: int) -> AnyResponse:
    """Check what was typed and pass it on, or show it again with what was expected; whatever happens, it is kept."""
    stop = _stopped(key)
    if stop is not None:
        return stop
    task, actor, typed = _expect_task(key), access.actor(), access.typed_fields()
    if task.state != TaskState.CREATED:
        return _once_more(task, typed)
    schema, sheet = task_pages.schema_of(task), None
    if schema is not None:
        posted = files.posted(schema, task_pages.values_seen_by(task), actor=actor, place=files.place_of_task(key))
        sheet, typed = posted.sheet, posted.typed
        if posted.stays or not sheet.is_complete or "_keep" in request.form:
            guests.keep(key, typed)
        if "_keep" in request.form:
            return redirect(url_for("portal.guest_task", link_key=link_key, key=key, said="kept_now"), 303)
        if posted.stays:
            return _draw_task(task, sheet.without_errors(but=posted.refused), status=422 if posted.refused else 200)
        if not sheet.is_complete:
            return _draw_task(task, sheet, notice=None if sheet.errors else "new_questions", status=422)
    try:
        _send(task, sheet)
    except errors.Invalid as refusal:
        guests.keep(key, typed)
        return _cannot_be_passed_on(task, sheet, refusal)
    except (errors.WrongState, errors.NotAllowed):
        g.pop("now", None)
        again = _expect_task(key)
        return over(again, typed, 409) if again.state != TaskState.CREATED else _draw_task(again, sheet, status=409)
    files.forget(actor, files.place_of_task(key))
    return redirect(url_for("portal.guest_receipt", link_key=link_key, key=key), 303)


def _once_more(task: Task, typed: Mapping[str, list[str]]) -> AnyResponse:
    """A second click lands on the receipt; who comes too late from another page is told so, and loses nothing."""
    if receipts.was_accepted(access.reading(), access.actor(), request.form.get("_once", "")):
        return redirect(url_for("portal.guest_receipt", link_key=guests.guest().link.key, key=task.key), 303)
    return over(task, typed, 409)


def _send(task: Task, sheet: Sheet | None) -> None:
    """The task, who did it, and the mail with what was sent: in one transaction, once for each page that was drawn."""
    actor, link, name = access.actor(), guests.guest().link, guests.guest().name
    answers = sheet.variables if sheet is not None else {}
    shown = list(shown_answers(sheet.items, sensitive_fields(task.process_key))) if sheet is not None else []

    def complete(session: Session) -> None:
        task_commands.complete(session, task.key, answers, by=actor)
        links.note_act(session, link, name, "task completed", task_key=task.key)
        kept_answers.forget(session, task.key)
        _mail_receipt(session, link, task, name, shown)

    once(complete)


def once(work: Callable[[Session], None]) -> None:
    actor, key = access.actor(), request.form.get("_once", "")
    asked = json_text.dump_bytes([request.path, sorted((name, values) for name, values in request.form.lists() if name != "_csrf")])

    def kept(session: Session) -> tuple[int, bytes]:
        work(session)
        return 303, b""

    access.writing(lambda session: receipts.once(session, actor, key, asked, kept) if key else kept(session))


def _mail_receipt(session: Session, link: links.Link, task: Task, name: str | None, shown: list[Any]) -> None:
    writes = Writes()
    notifications.add(
        writes,
        Kind.RECEIPT,
        reader=Reader(link.address, name or link.name, link.language, link.party_key),
        at=pages.now(),
        case_key=task.case_key,
        handoff_key=link.handoff_key,
        task_key=task.key,
        data={"who": name, "answers": shown},
    )
    writes.flush(session)


def sensitive_fields(process_key: int) -> frozenset[str]:
    contracts = deployments.definition(access.reading(), process_key).handoffs.contracts.values()
    return frozenset(field.name for contract in contracts for field in contract.fields if field.sensitive)


def shown_answers(items: Sequence[Item], sensitive: frozenset[str]) -> Iterator[list[str]]:
    """[label, answer] of each question that was answered, as people read them; a sensitive one is not repeated."""
    for item in items:
        if item.items:
            yield from shown_answers(item.items, sensitive)
        elif item.name and (any(item.typed) or item.files) and not item.fixed:
            hidden = item.name.split(".")[0] in sensitive
            yield [item.label or item.name, pages.t("receipt_hidden") if hidden else _answer(item)]


def _answer(item: Item) -> str:
    if item.files:
        return ", ".join(file.name for file in item.files)
    if item.kind == "checkbox":
        return pages.t("answer_yes")
    if item.kind == "datetime" and item.subtype == "date":
        return _day(item.typed[0])
    labels = {option.token: option.label for option in item.options}
    unit = (item.component.get("appearance") or {}).get("suffixAdorner", "")
    return ", ".join(labels.get(one, one) for one in item.typed) + (f" {unit}" if unit and not unit.startswith("=") else "")


def _day(typed: str) -> str:
    """With its year: it may be read long after."""
    try:
        return moments.calendar_day(date.fromisoformat(typed), pages.language())
    except ValueError:
        return typed


def _cannot_be_passed_on(task: Task, sheet: Sheet | None, refusal: errors.Invalid) -> AnyResponse:
    problems: dict[str, str] = dict(refusal.details.get("fields", {}))
    if not problems:
        raise refusal
    here = sheet.names() if sheet is not None else frozenset()
    if sheet is not None:
        sheet = sheet.with_errors({name: words for name, words in problems.items() if name in here})
    return _draw_task(task, sheet, missing=[words for name, words in problems.items() if name not in here], status=422)


# -- what was sent ------------------------------------------------------------------------------------------------


def _receipt_of(task: Task) -> Notification | None:
    mine = (Notification.task_key == task.key, Notification.kind == Kind.RECEIPT, Notification.case_key == task.case_key)
    return access.reading().scalars(select(Notification).where(*mine).order_by(Notification.key.desc()).limit(1)).first()


def guest_receipt(link_key: int, key: int) -> AnyResponse:
    stop = guests.not_yet()
    if stop is not None:
        return stop
    task = _expect_task(key)
    receipt = _receipt_of(task)
    if task.state != TaskState.COMPLETED or receipt is None:
        return redirect(url_for("portal.guest_task", link_key=link_key, key=key), 303)
    row = guests.handoff()
    ahead = outlook.of_process(access.reading(), task.process_key).after(task.element_id)
    return _draw(
        "guest_receipt.html",
        task=task,
        case=guests.case_of(row),
        receipt=receipt,
        next_tasks=guests.open_tasks(row),
        what_follows=sentences.what_follows(ahead, pages.language()),
    )


# -- yes and no ---------------------------------------------------------------------------------------------------


def guest_accept(link_key: int) -> AnyResponse:
    """We take it: the sender sees that somebody has it. Doing it at once says the same."""
    stop = guests.not_yet()
    if stop is not None:
        return stop
    row, actor, link, name = guests.handoff(), access.actor(), guests.guest().link, guests.guest().name

    def accept(session: Session) -> None:
        handoff_commands.accept(session, row.key, by=actor)
        links.note_act(session, link, name, "handoff accepted")

    if row.state == HandoffState.OFFERED:
        with contextlib.suppress(errors.WrongState):  # a second click
            access.writing(accept)
    return redirect(url_for("portal.guest_home", link_key=link_key, said="accepted"), 303)


def guest_show_decline(link_key: int, error: str = "", status: int = 200) -> AnyResponse:
    stop = guests.not_yet()
    if stop is not None:
        return stop
    row = guests.handoff()
    if not _is_declinable(row):
        return redirect(url_for("portal.guest_home", link_key=link_key), 303)
    facts = {"case": guests.case_of(row), "name": name_of_work(row), "sender": name_of_sender(row)}
    return _draw("guest_decline.html", status, reason=request.form.get("reason", ""), error=error, **facts)


def guest_decline(link_key: int) -> AnyResponse:
    stop = guests.not_yet()
    if stop is not None:
        return stop
    row, actor, link, name = guests.handoff(), access.actor(), guests.guest().link, guests.guest().name
    reason, sender, work, case = request.form.get("reason", ""), name_of_sender(row), name_of_work(row), guests.case_of(row)
    if row.state not in OPEN:
        return what_became(row)

    def decline(session: Session) -> None:
        handoff_commands.decline(session, row.key, reason, by=actor)
        links.note_act(session, link, name, "handoff declined")

    try:
        access.writing(decline)
    except errors.Invalid:
        return guest_show_decline(link_key, pages.t("decline_reason_error"), 422)
    except (errors.WrongState, errors.NotAllowed):  # somebody was faster: it is done, or withdrawn
        row = guests.handoff()
        return redirect(url_for("portal.guest_home", link_key=link_key, said="begun"), 303) if row.state in OPEN else what_became(row)
    return _draw("guest_declined.html", case=case, name=work, sender=sender, reason=reason)


# -- to a colleague -----------------------------------------------------------------------------------------------


def guest_colleague(link_key: int, problems: Mapping[str, str] | None = None, status: int = 200) -> AnyResponse:
    stop = guests.not_yet()
    if stop is not None:
        return stop
    row = guests.handoff()
    if row.state not in OPEN:
        return what_became(row)
    typed = {"name": request.form.get("name", ""), "address": request.form.get("address", "")}
    return _draw("guest_colleague.html", status, case=guests.case_of(row), name=name_of_work(row), typed=typed, problems=problems or {})


def guest_pass_on(link_key: int) -> AnyResponse:
    stop = guests.not_yet()
    if stop is not None:
        return stop
    row, by_name = guests.handoff(), guests.guest().name
    typed = {"name": request.form.get("name", ""), "address": request.form.get("address", "")}
    try:
        access.writing(lambda session: guest_commands.pass_on(session, link_key, **typed, by_name=by_name))
    except errors.Invalid as refusal:
        return guest_colleague(link_key, {name: pages.t(f"colleague_{name}_error") for name in refusal.details["fields"]}, 422)
    except errors.WrongState:
        return what_became(guests.handoff())
    return _draw("guest_passed.html", case=guests.case_of(row), name=name_of_work(row), colleague=typed)


# -- files --------------------------------------------------------------------------------------------------------


def guest_document(link_key: int, key: int) -> AnyResponse:
    stop = guests.not_yet()
    if stop is not None:
        return stop
    return files.give(documents.expect_visible(access.reading(), key, by=access.actor()))
