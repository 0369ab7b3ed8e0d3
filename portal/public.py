"""What anybody may start without an account: the form, then the proof of the e-mail address, then, once, the case.

A page never tells whether an address is known here: whatever is typed, the answer is the same.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, current_app, g, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from api import auth
from engine import clock, database, deployments, documents, errors, json_text, parties, policies, public_starts, receipts, roles
from engine.cases import Case
from engine.commands import public_starts as commands
from engine.deployments import Process
from engine.forms import Item, Sheet
from engine.keys import LARGEST
from engine.links import MAX_NAME, Link
from engine.parties import Actor
from engine.public_starts import ProofExpired, ProofUsed, PublicStart
from portal import access, files, guest_tasks, guests, pages, starts
from portal.starts import Startable

COOKIE = "passerelle_visitor"  # whose the files are that were handed in
CONFIRM_COOKIE = "passerelle_confirm"
KEPT = timedelta(hours=12)
TRAP = "_homepage"  # a field that no person sees


def routes(blueprint: Blueprint) -> None:
    blueprint.get("/public")(public_list)
    blueprint.get("/public/<process_id>")(public_form)
    blueprint.post("/public/<process_id>")(public_send)
    blueprint.get("/public/<process_id>/documents/<int:key>")(public_document)
    blueprint.get("/p/<token>")(public_proof)
    blueprint.get("/confirm/<int:key>")(public_confirm)
    blueprint.post("/confirm/<int:key>")(public_begin)
    access.KEEPERS["portal.public_send"] = public_form
    files.PLACES["portal.public_send"] = files.place_of_start


# -- who comes by -------------------------------------------------------------------------------------------------


def recognise() -> None:
    """A visitor, by a cookie that says nothing but which files are theirs; a new one gets it with the page."""
    known = access.unsigned("visitor", request.cookies.get(COOKIE, ""), KEPT)
    g.visitor_is_known = isinstance(known, str)
    name = known if g.visitor_is_known else public_starts.visitor_id(network(), secrets.token_urlsafe(16))
    g.actor = Actor(id=str(name))
    if request.method == "POST" and request.mimetype == "multipart/form-data":
        public_starts.expect_room(access.reading(), network())


def network() -> str:
    return public_starts.network_of(auth.secret(), client_address())


def client_address() -> str:
    """Who asks: of those that stand before us and are believed, whom the farthest one named. Others may say anything.

    Believed are as many as the setting PROXIES says; where it says nothing, those on private addresses: in this house.
    """
    told = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",") if part.strip()]
    nearest = [request.remote_addr or "", *reversed(told)]
    proxies = current_app.config.get("PASSERELLE_PROXIES")
    if proxies is not None:
        return nearest[min(int(proxies), len(nearest) - 1)]
    for found in nearest:
        try:
            inside = public_starts.ip(found).is_private
        except ValueError:
            break
        if not inside:
            return found
    return nearest[0]


def _draw(template: str, status: int = 200, **facts: Any) -> Response:
    response = pages.draw(template, status, **facts)
    access.set_cookie(response, COOKIE, access.signed("visitor", access.actor().id), KEPT)
    return response


# -- the form -----------------------------------------------------------------------------------------------------


def public_list() -> Response:
    session = access.reading()
    found = starts.newest(session, Process.has_public_start.is_(True))
    return _draw("public_starts.html", starts=[one for process in found if (one := starts.described(session, process)) is not None])


def _expect(process_id: str) -> Startable:
    """Raises NotFound, also for what exists but is not for everybody."""
    session = access.reading()
    process = deployments.expect_process(session, process_id=process_id)
    found = starts.described(session, process) if policies.may_start_publicly(process) else None
    if found is None:
        raise errors.NotFound
    return found


@dataclass(frozen=True, slots=True)
class Sender:
    """Whom the answer goes to, as it was typed."""

    name: str = ""
    address: str = ""
    problems: Mapping[str, str] | None = None


def _sender(sheet: Sheet | None, *, checks: bool = False) -> Sender:
    """From the fields below the form; the name from the form, where that asks for it already."""
    named = _name_in(sheet.items) if sheet is not None else None
    typed = request.form.get("_your_name", "") if named is None else named.typed[0] if named.typed else ""
    name = " ".join("".join(one if one.isprintable() else " " for one in typed).split())[: MAX_NAME * 2]
    address = request.form.get("_your_address", "").strip()[:300]
    problems = {}
    if named is not None:
        name = name[:MAX_NAME]
    elif checks and not 0 < len(name) <= MAX_NAME:
        problems["_your_name"] = pages.t("who_error")
    if checks and not _is_address(address):
        problems["_your_address"] = pages.t("public_address_error")
    return Sender(name, address, problems)


def _name_in(items: Iterable[Item]) -> Item | None:
    """The question for the name of whoever fills in the form, if there is one that must be answered."""
    for item in items:
        found = _name_in(item.items) if item.items else item if item.autofill == "name" and item.required else None
        if found is not None:
            return found
    return None


def _is_address(text: str) -> bool:
    try:
        parties.email_address(text)
    except errors.Invalid:
        return False
    return True


def public_form(process_id: str, typed: Mapping[str, list[str]] | None = None, notice: str | None = None) -> Response:
    startable = _expect(process_id)
    schema = starts.schema_of(startable.process)
    sheet = None if schema is None else files.read(schema, {}, typed, actor=access.actor(), place=files.place_of_start(process_id))
    if sheet is not None and typed is not None:
        sheet = sheet.without_errors()
    return _draw_form(startable, sheet, _sender(sheet), notice=notice)


def _draw_form(
    startable: Startable, sheet: Sheet | None, sender: Sender, *, notice: str | None = None, missing: Sequence[str] = (), status: int = 200
) -> Response:
    process_id = startable.process.process_id
    return _draw(
        "public_start.html",
        status,
        start=startable,
        sheet=sheet,
        sender=sender,
        asks_name=sheet is None or _name_in(sheet.items) is None,
        problems=sender.problems or {},
        notice=notice,
        missing=missing,
        trap=TRAP,
        host=parties.host(access.reading()).name,
        document_url=lambda key: url_for("portal.public_document", process_id=process_id, key=key),
    )


def public_document(process_id: str, key: int) -> Response:
    """What the visitor has just handed in; nothing else."""
    return files.give(documents.expect_visible(access.reading(), key, by=access.actor()))


def public_send(process_id: str) -> AnyResponse:
    """Check what was typed, keep it, and mail the proof. Nothing starts, and nothing is told of the address."""
    startable, actor = _expect(process_id), access.actor()
    if request.form.get(TRAP):
        return _draw_mailed(startable, _sender(None))  # a program that fills in everything goes away content
    schema = starts.schema_of(startable.process)
    posted = None if schema is None else files.posted(schema, {}, actor=actor, place=files.place_of_start(process_id))
    sheet = None if posted is None else posted.sheet
    sender = _sender(sheet, checks=True)
    if posted is not None and sheet is not None:
        if posted.stays:
            status = 422 if posted.refused else 200
            return _draw_form(startable, sheet.without_errors(but=posted.refused), _sender(sheet), status=status)
        if not sheet.is_complete or sender.problems:
            return _draw_form(startable, sheet, sender, notice=None if sheet.errors or sender.problems else "new_questions", status=422)
    if sender.problems:
        return _draw_form(startable, sheet, sender, status=422)
    try:
        public_starts.expect_not_too_often(access.reading(), network())
        _rehearse(startable.process, sheet, actor)
        _keep(startable, sheet, sender, actor)
    except errors.Invalid as refusal:
        return _refused(startable, sheet, sender, refusal)
    except errors.Busy:
        return _draw_form(startable, sheet, sender, notice="public_too_often", status=429)
    files.forget(actor, files.place_of_start(process_id))
    return _draw_mailed(startable, sender)


def _draw_mailed(startable: Startable, sender: Sender) -> Response:
    return _draw("public_mailed.html", start=startable, address=sender.address, most=public_starts.MOST_TO_ADDRESS)


class _Undone(Exception):
    """Takes back what was only tried."""


def _rehearse(process: Process, sheet: Sheet | None, actor: Actor) -> None:
    """What would be refused later, when nobody has the form before them, is refused now. Leaves nothing behind."""
    values, language, key = sheet.variables if sheet is not None else {}, pages.language(), process.key

    def try_it(session: Session) -> None:
        commands.rehearse(session, deployments.expect_process(session, key=key), values, language=language, by=actor)
        raise _Undone

    access.stop_reading()
    try:
        with Session(auth.engine()) as session:
            database.run(session, try_it)
    except _Undone:
        pass


def _keep(startable: Startable, sheet: Sheet | None, sender: Sender, actor: Actor) -> None:
    key, process_key, what = request.form.get("_once", ""), startable.process.key, startable.name
    answers = list(guest_tasks.shown_answers(sheet.items, guest_tasks.sensitive_fields(process_key))) if sheet is not None else []
    about = {"address": sender.address, "name": sender.name, "language": pages.language(), "network": network(), "what": what}
    asked = json_text.dump_bytes([request.path, sorted((name, values) for name, values in request.form.lists() if name != "_csrf")])

    def keep(session: Session) -> tuple[int, bytes]:
        process = deployments.expect_process(session, key=process_key)
        commands.keep(session, process, sheet.variables if sheet is not None else {}, answers=answers, by=actor, **about)
        return 200, b""

    access.writing(lambda session: receipts.once(session, actor, key, asked, keep) if key else keep(session))


def _refused(startable: Startable, sheet: Sheet | None, sender: Sender, refusal: errors.Invalid) -> Response:
    problems: dict[str, str] = dict(refusal.details.get("fields", {}))
    here = sheet.names() if sheet is not None else frozenset()
    missing = [words for name, words in problems.items() if name not in here and not name.startswith(roles.PREFIX)]
    if not problems or len(missing) < len([name for name in problems if name not in here]):
        raise refusal  # nobody here can choose who gets the work: the model is wrong
    beside = sheet.with_errors({name: words for name, words in problems.items() if name in here}) if sheet is not None else None
    return _draw_form(startable, beside, sender, missing=missing, status=422)


# -- the proof ----------------------------------------------------------------------------------------------------


def public_proof(token: str) -> AnyResponse:
    """Take the token out of the address bar. Nothing is written: mail scanners follow links."""
    try:
        row = public_starts.find(access.reading(), auth.secret(), token)
    except public_starts.NoProof as refusal:
        response: AnyResponse = _ended(refusal)
    else:
        response = redirect(url_for("portal.public_confirm", key=row.key), 303)
        path = url_for("portal.public_confirm", key=row.key)
        access.set_cookie(response, CONFIRM_COOKIE, access.signed("confirm", row.key), KEPT, path)  # type: ignore[arg-type]
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _came_by_proof(key: int) -> bool:
    return bool(access.unsigned("confirm", request.cookies.get(CONFIRM_COOKIE, ""), KEPT) == key) and key <= LARGEST


def _open_start(key: int) -> PublicStart:
    """Raises NoProof, ProofUsed, ProofExpired."""
    if not _came_by_proof(key):
        raise public_starts.NoProof
    row = public_starts.expect(access.reading(), key)
    public_starts.expect_open(row)
    return row


def _draw_confirm(row: PublicStart, missing: Sequence[str] = (), status: int = 200) -> Response:
    process = deployments.expect_process(access.reading(), key=row.process_key)
    startable = starts.described(access.reading(), process)
    contact = guest_tasks.contact()
    return _draw("public_confirm.html", status, row=row, start=startable, missing=missing, contact=contact, host=_host())


def _host() -> str:
    return parties.host(access.reading()).name


def public_confirm(key: int) -> AnyResponse:
    """What was typed, and a button: only that sends it."""
    try:
        return _draw_confirm(_open_start(key))
    except public_starts.NoProof as refusal:
        return _ended(refusal)


def public_begin(key: int) -> AnyResponse:
    """The case begins, once however often this page is sent; then its page."""
    try:
        if not _came_by_proof(key):
            raise public_starts.NoProof
        link_key = _begin_once(key)
    except public_starts.NoProof as refusal:
        return _ended(refusal)
    except errors.Invalid as refusal:
        return _draw_confirm(_open_start(key), list(dict(refusal.details.get("fields", {})).values()), 422)
    link = access.reading().get_one(Link, link_key)
    g.guest = guests.come_in(link, {"name": link.name, "proven": clock.machine_now().isoformat()})
    return guests.remember(redirect(url_for("portal.guest_follow", link_key=link.key, said="started"), 303))


def _begin_once(key: int) -> int:
    """The link to follow the case. Only the same page sent again gets it again: the proof itself opens nothing any more."""
    actor, page = access.actor(), request.form.get("_once", "")

    def begin(session: Session) -> tuple[int, bytes]:
        return 303, str(commands.begin(session, key)).encode()

    asked = request.path.encode()
    _, answer = access.writing(lambda session: receipts.once(session, actor, page, asked, begin) if page else begin(session))
    return int(answer)


def _ended(refusal: public_starts.NoProof) -> AnyResponse:
    """Why there is nothing to send, and the way on where there is one."""
    session, key = access.reading(), refusal.details.get("start")
    if isinstance(refusal, ProofUsed):
        case = session.get_one(Case, session.get_one(PublicStart, key).case_key)
        return _draw("public_ended.html", words="proof_used", case=case, again=None)
    if isinstance(refusal, ProofExpired):
        process = deployments.expect_process(session, key=session.get_one(PublicStart, key).process_key)
        return _draw("public_ended.html", 410, words="proof_expired", case=None, again=process.process_id)
    return _draw("public_ended.html", 404, words="link_unknown", case=None, again=None)
