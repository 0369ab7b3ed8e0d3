"""What was passed on to others: where it stands, and what the sender's side can do about it; and a receiver's no."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, redirect, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from engine import deployments, errors, forms, handoffs, inboxes, keys, notifications, outlook, parties, policies, roles, views
from engine.bpmn.handoffs import HOST, Contract
from engine.cases import Case
from engine.commands import handoffs as commands
from engine.handoffs import Handoff, HandoffState
from engine.ledger import Disclosure
from engine.tasks import Task, TaskState
from portal import access, inbox, pages, recipients

_CORRECTABLE = {"string": "textfield", "number": "number", "boolean": "checkbox", "date": "datetime", "any": "textfield"}


def routes(blueprint: Blueprint) -> None:
    blueprint.get("/waiting")(list_waiting)
    blueprint.get("/handoffs/<int:key>")(show_handoff)
    blueprint.post("/handoffs/<int:key>/reminder")(remind)
    blueprint.post("/handoffs/<int:key>/again")(send_again)
    blueprint.post("/handoffs/<int:key>/other")(send_to_other)
    blueprint.get("/handoffs/<int:key>/cancellation")(ask_to_cancel)
    blueprint.post("/handoffs/<int:key>/cancellation")(cancel)
    blueprint.get("/tasks/<int:key>/decline")(show_decline)
    blueprint.post("/tasks/<int:key>/decline")(decline)


# -- finding ------------------------------------------------------------------------------------------------------


def expect_handoff(key: int) -> Handoff:
    """The handoff, if the person may know of it; else it does not exist for it."""
    session = access.reading()
    statement = select(Handoff).where(Handoff.key == key, policies.visible_handoffs(access.actor()))
    row = session.scalars(statement).first() if key <= keys.LARGEST else None
    if row is None:
        raise errors.NotFound
    return row


def contract_of(handoff: Handoff) -> Contract | None:
    return handoffs.contract_of(deployments.definition(access.reading(), handoff.process_key), handoff)


def declinable(task: Task) -> Handoff | None:
    """The handoff that can still be declined from this task."""
    if task.state != TaskState.CREATED or task.handoff_key is None:
        return None
    handoff = access.reading().get(Handoff, task.handoff_key)
    if handoff is None or handoff.kind == "internal" or not handoffs.may_be_declined(handoff, contract_of(handoff)):
        return None
    return handoff if policies.may_complete_task(access.actor(), task) else None


def came_along(handoff: Handoff, *, sensitive: bool) -> list[Disclosure]:
    """What was disclosed with it, for a page on which no form shows it; with what is sensitive where the reader may see that."""
    mine = select(Disclosure).where(Disclosure.handoff_key == handoff.key, policies.visible_disclosures(access.actor()))
    found = access.reading().scalars(mine.order_by(Disclosure.key))
    return [entry for entry in found if entry.value is not None and (sensitive or not entry.sensitive)]


def came_along_to(task: Task) -> list[Disclosure]:
    handoff = access.reading().get(Handoff, task.handoff_key) if task.handoff_key is not None else None
    return [] if handoff is None else came_along(handoff, sensitive=policies.may_see_sensitive_in(access.actor(), task))


def name_of_receiver(handoff: Handoff, names: Mapping[int, str]) -> str:
    return names.get(handoff.to_party_key or 0) or handoff.to_side


def _names(rows: list[Handoff]) -> dict[int, str]:
    return parties.names(access.reading(), (key for row in rows for key in (row.from_party_key, row.to_party_key)))


def _about(handoff: Handoff) -> str:
    """The name of where the work came to rest."""
    places = outlook.of_process(access.reading(), handoff.process_key).places
    place = places.get(handoff.to_element_id or "")
    return (place.name if place else None) or handoff.to_side


# -- pages --------------------------------------------------------------------------------------------------------


def list_waiting() -> Response:
    session, actor = access.reading(), access.actor()
    search, page = inbox.search_words(), inbox.page_number()
    found, more = inboxes.waiting_for_others(session, actor, search=search, page=page)
    rows = [one.handoff for one in found]
    undeliverable = notifications.undeliverable_of(session, [row.key for row in rows])
    return pages.draw(
        "waiting.html",
        found=found,
        names=_names(rows),
        titles=views.titles_by_key(session, actor, {row.case_key for row in rows}),
        about=_about,
        undeliverable=undeliverable,
        addresses={} if views.is_from_outside(actor) else {key: mail.to_address for key, mail in undeliverable.items() if mail.to_address},
        receiver=name_of_receiver,
        search=search,
        page=page,
        more=more,
        said=inbox.said(),
    )


def show_handoff(key: int) -> Response:
    return draw(expect_handoff(key))


def draw(
    handoff: Handoff,
    *,
    status: int = 200,
    sheet: forms.Sheet | None = None,
    problems: Mapping[str, str] | None = None,
    other: recipients.Ask | None = None,
) -> Response:
    session, actor = access.reading(), access.actor()
    rounds = _rounds(handoff)
    contract = contract_of(handoff)
    is_senders = policies.may_send_again(actor, handoff)
    sheet = sheet or _sheet(handoff, contract)
    return pages.draw(
        "handoff.html",
        status,
        handoff=handoff,
        case=session.get_one(Case, handoff.case_key),
        about=_about(handoff),
        names=_names(rounds),
        receiver=name_of_receiver,
        rounds=rounds,
        disclosed=_disclosed(handoff),
        is_senders=is_senders,
        is_answered=handoff.state == HandoffState.ACCEPTED,
        is_undecided=handoff.state == HandoffState.OFFERED or (handoff.state == HandoffState.DECLINED and not handoff.is_settled),
        sheet=sheet if is_senders else None,
        address=request.form.get("_address", handoff.address or _address_of(handoff)) if is_senders else "",
        undeliverable=notifications.undeliverable_of(session, [handoff.key]).get(handoff.key) if is_senders else None,
        may_give_up=policies.may_give_up(actor, handoff),
        other=other or _other(handoff) if is_senders else None,
        problems=problems or {},
        said=inbox.said(),
    )


def _rounds(handoff: Handoff) -> list[Handoff]:
    """This one and those before it, the oldest first; not those by which somebody else was asked."""
    chain = [row.key for row in handoffs.rounds(access.reading(), handoff) if row.key <= handoff.key]
    seen = Handoff.key.in_(chain), policies.visible_handoffs(access.actor())
    return list(access.reading().scalars(select(Handoff).where(*seen).order_by(Handoff.key)))


def _disclosed(handoff: Handoff) -> list[Disclosure]:
    mine = select(Disclosure).where(Disclosure.handoff_key == handoff.key).order_by(Disclosure.key)
    return list(access.reading().scalars(mine))


def _address_of(handoff: Handoff) -> str:
    """Where mail for the receiver goes; to another party only what it typed itself is shown."""
    if handoff.to_party_key is None or views.is_from_outside(access.actor()):
        return ""
    return notifications.reader_of_party(parties.expect(access.reading(), handoff.to_party_key)).address or ""


def _other(handoff: Handoff, error: str | None = None) -> recipients.Ask | None:
    """Who could get it instead: somebody else of the same kind. People of another party know nobody else."""
    if handoff.to_party_key is None or views.is_from_outside(access.actor()):
        return None
    now = parties.expect(access.reading(), handoff.to_party_key)
    return recipients.ask(handoff.to_role, handoff.to_side, now.kind, error, without=now.key)


def _schema(contract: Contract | None) -> dict[str, Any]:
    """A form of the contract's fields, as far as they can be typed."""
    components = []
    for field in contract.fields if contract is not None else ():
        kind = _CORRECTABLE.get(field.type)
        is_box = field.sensitive and kind == "checkbox"  # which cannot be left empty
        if kind is not None and not is_box:
            must = field.required and not field.sensitive  # left empty, what is hidden stays as it was
            component = {"type": kind, "key": field.name, "label": field.label or field.name, "validate": {"required": must}}
            component |= {"description": pages.t("ho_hidden_keep")} if field.sensitive else {}
            components.append(component | ({"subtype": "date", "dateLabel": component["label"]} if kind == "datetime" else {}))
    return {"components": components}


def _sheet(handoff: Handoff, contract: Contract | None, typed: Mapping[str, list[str]] | None = None) -> forms.Sheet | None:
    schema = _schema(contract)
    if not schema["components"]:
        return None
    values = {entry.name: entry.value for entry in _disclosed(handoff) if entry.value is not None and not entry.sensitive}
    return forms.read(schema, values, typed, language=pages.language(), now=pages.now())


# -- who gets it --------------------------------------------------------------------------------------------------


def roles_ahead(task: Task) -> list[recipients.Ask]:
    """The parties to which the work crosses right after this task, where nobody has said who they are."""
    session = access.reading()
    found = deployments.definition(session, task.process_key).handoffs
    reached = _reached_from(task)
    ahead = [path.to_side for path in found.paths if path.from_element_id in reached and path.to_side.role.kind != HOST]
    unsaid = {side.role.role: side for side in ahead if not (side.role.party_id or side.role.binding)}
    if not unsaid:
        return []
    bound = roles.of_case(session, task.case_key)
    return [recipients.ask(role, side.name, side.role.kind) for role, side in unsaid.items() if role not in bound]


def _reached_from(task: Task) -> set[str]:
    """The task itself, and the throwing events to which its token comes without stopping for anybody."""
    session = access.reading()
    drawing = outlook.of_process(session, task.process_key)
    return {task.element_id, *drawing.throws_after(task.element_id)}


def answered_roles(process_key: int) -> list[recipients.Ask]:
    """The questions that this request answers, as far as the model has such roles."""
    posted = recipients.posted_roles()
    if not posted:
        return []
    found = deployments.definition(access.reading(), process_key).handoffs
    sides = {path.to_side.role.role: path.to_side for path in found.paths if path.to_side.role.kind != HOST}
    return [recipients.ask(role, side.name, side.role.kind) for role, side in sides.items() if role in posted]


def asked_roles(process_key: int, problems: Mapping[str, str]) -> list[recipients.Ask]:
    """What a refusal asks for."""
    found = deployments.definition(access.reading(), process_key).handoffs
    sides = {path.to_side.role.role: path.to_side for path in found.paths}
    asked = []
    for name in problems:
        side = sides.get(name.removeprefix(roles.PREFIX)) if name.startswith(roles.PREFIX) else None
        if side is not None and side.role.party_id is None:  # whom the model names, nobody chooses
            asked.append(recipients.ask(side.role.role, side.name, side.role.kind, pages.t("choose_party")))
    return asked


def told(process_key: int, sheet: forms.Sheet | None, refusal: errors.Invalid) -> dict[str, Any]:
    """Why the work cannot be passed on, for a page with a form: beside its fields, above them, and as questions who gets it."""
    problems: dict[str, str] = dict(refusal.details.get("fields", {}))
    if not problems:
        raise refusal
    here = sheet.names() if sheet is not None else frozenset()
    asks = asked_roles(process_key, problems)
    asked = {roles.PREFIX + one.role for one in asks}
    return {
        "sheet": sheet.with_errors({name: words for name, words in problems.items() if name in here}) if sheet is not None else None,
        "missing": [_said(name, words) for name, words in problems.items() if name not in here | asked],
        "asks": asks,
    }


def _said(name: str, words: str) -> str:
    if not name.startswith(roles.PREFIX):
        return words
    return pages.t("party_unknown", role=name.removeprefix(roles.PREFIX))


# -- deeds of the sender's side -----------------------------------------------------------------------------------


def remind(key: int) -> AnyResponse:
    expect_handoff(key)
    access.writing(lambda session: commands.remind(session, key, by=access.actor()))
    return redirect(url_for("portal.show_handoff", key=key, said="reminded"), 303)


def send_again(key: int) -> AnyResponse:
    """To the same party, with what was corrected."""
    handoff = expect_handoff(key)
    contract = contract_of(handoff)
    sheet = _sheet(handoff, contract, access.typed_fields())
    if sheet is not None and sheet.errors:
        return draw(handoff, status=422, sheet=sheet)
    before = {entry.name: None if entry.sensitive else entry.value for entry in _disclosed(handoff)}
    hidden = {field.name for field in contract.fields if field.sensitive} if contract is not None else set()
    typed_values = sheet.variables if sheet else {}
    unsaid = {name for name in hidden if typed_values.get(name) in (None, "")}
    values = {name: value for name, value in typed_values.items() if value != before.get(name) and name not in unsaid}
    typed = request.form.get("_address", "").strip()
    address = typed if typed and typed != (handoff.address or _address_of(handoff)) else handoff.address
    return _again(handoff, sheet, values=values, address=address)


def send_to_other(key: int) -> AnyResponse:
    """To another party: of the directory, or somebody new by name and address."""
    handoff = expect_handoff(key)
    asked = _other(handoff)
    if asked is None:
        raise errors.NotAllowed
    if recipients.is_looking():
        return draw(handoff, other=asked)
    chosen, unfit = recipients.read([asked])
    if not chosen:
        return draw(handoff, status=422, other=unfit[0] if unfit else _other(handoff, pages.t("choose_party")))
    return _again(handoff, None, other=chosen)


def _again(
    handoff: Handoff, sheet: forms.Sheet | None, *, other: Mapping[str, recipients.Answer] | None = None, **named: Any
) -> AnyResponse:
    def send(session: Session) -> int:
        to = next(iter(recipients.party_keys(session, other or {}).values()), None)
        return commands.send_again(session, handoff.key, party_key=to, by=access.actor(), **named)

    try:
        key = access.writing(send)
    except errors.Invalid as error:
        problems = dict(error.details.get("fields", {}))
        if sheet is not None:
            sheet = sheet.with_errors({name: words for name, words in problems.items() if name in sheet.names()})
        return draw(handoff, status=422, sheet=sheet, problems=problems)
    return redirect(url_for("portal.show_handoff", key=key, said="again"), 303)


def ask_to_cancel(key: int) -> Response:
    handoff = expect_handoff(key)
    policies.require(policies.may_give_up(access.actor(), handoff))
    return pages.draw("handoff_cancel.html", handoff=handoff, case=access.reading().get_one(Case, handoff.case_key))


def cancel(key: int) -> AnyResponse:
    expect_handoff(key)
    access.writing(lambda session: commands.cancel(session, key, by=access.actor()))
    return redirect(url_for("portal.list_waiting", said="given_up"), 303)


# -- a receiver's no ----------------------------------------------------------------------------------------------


def _expect_declinable(key: int) -> tuple[Task, Handoff]:
    from portal import tasks  # tasks draws the way to here

    task = tasks.expect_task(key)
    handoff = declinable(task)
    if handoff is None:
        raise errors.WrongState
    return task, handoff


def show_decline(key: int, error: str | None = None, status: int = 200) -> Response:
    task, handoff = _expect_declinable(key)
    names = _names([handoff])
    sender = names.get(handoff.from_party_key or 0) or handoff.from_side
    return pages.draw(
        "decline.html",
        status,
        task=task,
        case=access.reading().get_one(Case, task.case_key),
        sender=sender,
        reason=request.form.get("reason", ""),
        error=error,
    )


def decline(key: int) -> AnyResponse:
    task, handoff = _expect_declinable(key)
    try:
        access.writing(lambda session: commands.decline(session, handoff.key, request.form.get("reason", ""), by=access.actor()))
    except errors.Invalid:
        return show_decline(task.key, pages.t("decline_reason_error"), 422)
    return redirect(url_for("portal.inbox", said="declined"), 303)
