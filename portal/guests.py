"""The door for guests: a link from a mail opens the pages of one handoff, for a named person without an account.

A GET or HEAD changes nothing: mail scanners follow links. What the link allows is asked anew for each page; the cookie only says
that somebody came by it, under which name, and whether the address was proven.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, abort, g, make_response, redirect, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from api import auth
from engine import clock, codes, errors, kept_answers, links, parties, tasks, tracking, views
from engine.cases import Case
from engine.commands import guests as commands
from engine.handoffs import Handoff, HandoffState
from engine.keys import LARGEST
from engine.links import Link
from engine.parties import Actor
from engine.tasks import Task, TaskState
from portal import access, guest_tasks, pages

KEPT = timedelta(days=7)  # the cookie; the link may end sooner
PROVEN_FOR = timedelta(hours=12)

# local parts that several people read (RFC 2142, and the words of our languages)
_SHARED = frozenset(
    {"info", "contact", "office", "mail", "hello", "team", "support", "service", "help", "sales", "admin", "orders", "claims", "workshop"}
    | {"accueil", "atelier", "bureau", "secretariat", "compta", "direction", "reception", "garage", "sinistres", "commandes", "expedition"}
)


def routes(blueprint: Blueprint) -> None:
    blueprint.get("/l/<token>")(open_link)
    blueprint.post("/l/fresh")(renew_link)
    blueprint.get("/g/<int:link_key>")(guest_home)
    blueprint.get("/g/<int:link_key>/who")(guest_who)
    blueprint.post("/g/<int:link_key>/who")(guest_say_who)
    blueprint.get("/g/<int:link_key>/code")(guest_code)
    blueprint.post("/g/<int:link_key>/code/mail")(guest_send_code)
    blueprint.post("/g/<int:link_key>/code")(guest_check_code)
    blueprint.get("/g/<int:link_key>/work")(guest_work)
    blueprint.get("/g/<int:link_key>/work/<int:other>")(guest_other)
    guest_tasks.routes(blueprint)


# -- who asks -----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Guest:
    """Whoever came by a link that holds. `name`: whom they said they are; `zone`: of their party."""

    link: Link
    name: str | None
    proven_at: datetime | None
    language: str | None
    zone: str
    party_name: str
    asks_code: bool = False  # they came from a page that may only be read
    refusal: links.NoLink | None = None  # the link holds no longer: nothing is shown but that

    @property
    def is_proven(self) -> bool:
        return self.proven_at is not None and clock.machine_now() < self.proven_at + PROVEN_FOR

    @property
    def home(self) -> str:
        """The page that the link leads to."""
        return url_for("portal.guest_follow" if self.link.kind == links.LinkKind.CASE else "portal.guest_home", link_key=self.link.key)

    @property
    def cookie(self) -> dict[str, Any]:
        proven = self.proven_at.isoformat() if self.proven_at is not None else None
        found = {"link": self.link.key, "generation": self.link.generation, "name": self.name, "proven": proven}
        return found | {"asks_code": True} if self.asks_code else found


def cookie_name(link_key: int) -> str:
    return f"passerelle_guest_{link_key}"


def recognise() -> None:
    """Before each page of a guest: the cookie's link, as it is now. Without one `g.guest` stays None."""
    key = (request.view_args or {}).get("link_key", 0)
    known = access.unsigned("guest", request.cookies.get(cookie_name(key), ""), KEPT)
    if not isinstance(known, dict) or known.get("link") != key:
        return
    session = access.reading()
    link = session.get(Link, key)
    if link is None or (link.kind == links.LinkKind.CASE) != (request.endpoint or "").startswith("portal.guest_follow"):
        return  # a link to follow a case opens no other page, whatever path the browser sends its cookie to
    g.guest = come_in(link, known)
    try:
        links.expect_holding(session, link, known["generation"])
    except links.NoLink as refusal:
        g.guest.refusal = refusal
        return
    g.actor = actor_of(g.guest)


def come_in(link: Link, known: Mapping[str, Any]) -> Guest:
    """Somebody by this link; `known`: what a cookie says of them (name, proven)."""
    party = access.reading().get(parties.Party, link.party_key) if link.party_key is not None else None
    proven = datetime.fromisoformat(known["proven"]) if known.get("proven") else None
    zone = party.time_zone if party is not None else str(pages.zone())
    party_name = party.name if party is not None else ""
    return Guest(link, known.get("name"), proven, link.language, zone, party_name, bool(known.get("asks_code")))


def actor_of(guest: Guest) -> Actor:
    link = guest.link
    party = access.reading().get(parties.Party, link.party_key) if link.party_key is not None else None
    return Actor(
        id=f"guest:{link.key}",
        name=guest.name or link.address,
        language=guest.language or "en",
        party_key=link.party_key,
        party_kind=party.kind if party is not None else None,
        party_id=party.party_id if party is not None else None,
        link_key=link.key,
        handoff_keys=_handoffs_behind(link),
    )


def _handoffs_behind(link: Link) -> frozenset[int]:
    if link.kind == links.LinkKind.CASE:
        return tracking.handoff_keys(access.reading(), link)
    return frozenset() if link.handoff_key is None else frozenset({link.handoff_key})


def guest() -> Guest:
    found: Guest = g.guest
    return found


def is_shared(link: Link) -> bool:
    """Whether several people read this mailbox: no person was named, or its address is that of an office."""
    if not link.name:
        return True
    party = access.reading().get(parties.Party, link.party_key) if link.party_key is not None else None
    is_person = party is not None and party.kind == parties.PartyKind.CUSTOMER
    is_company = party is not None and not is_person and link.name.casefold() == party.name.casefold()
    return is_company or link.address.rpartition("@")[0].casefold() in _SHARED


def not_yet(*, asks_who: bool = True) -> AnyResponse | None:
    """What stands between a guest and the work: a link that ended, an address to prove, a name to say. None: come in."""
    if g.guest is None:
        return no_door()
    if guest().refusal is not None:
        return ended(guest().refusal)
    link = guest().link
    if link.assurance == "account":  # the contract asks for a log-in: the link only says where
        return redirect(_of_account(), 303)
    if (link.assurance == "code" or guest().asks_code) and not guest().is_proven:
        return redirect(url_for("portal.guest_code", link_key=link.key), 303)
    if asks_who and guest().name is None:
        if is_shared(link):
            return redirect(url_for("portal.guest_who", link_key=link.key), 303)
        guest().name = link.name
        g.actor = actor_of(guest())
    return None


def _of_account() -> str:
    """Where somebody with an account finds what the link is about; the log-in comes before it, if it must."""
    row = handoff()
    first = next(iter(open_tasks(row)), None)
    return url_for("portal.show_task", key=first.key) if first is not None else url_for("portal.show_handoff", key=row.key)


def remember(response: AnyResponse) -> AnyResponse:
    """What the guest said or proved goes into the cookie; it reaches only the pages of this link."""
    access.set_cookie(response, cookie_name(guest().link.key), access.signed("guest", guest().cookie), KEPT, guest().home)  # type: ignore[arg-type]
    return response


# -- the link itself ----------------------------------------------------------------------------------------------


def open_link(token: str) -> AnyResponse:
    """Take the token out of the address bar. Nothing is written: whoever follows links without reading changes nothing."""
    session = access.reading()
    try:
        link = links.find(session, auth.secret(), token)
    except links.NoLink as refusal:
        response: AnyResponse = ended(refusal)
    else:
        before = access.unsigned("guest", request.cookies.get(cookie_name(link.key), ""), KEPT)
        is_same = isinstance(before, dict) and before.get("link") == link.key and before.get("generation") == link.generation
        g.guest = come_in(link, before if is_same else {})
        response = remember(redirect(guest().home, 303))
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


_ENDINGS: Mapping[type[links.NoLink], tuple[str, int]] = {
    links.Expired: ("link_expired", 410),
    links.Revoked: ("link_revoked", 410),
    links.Replaced: ("link_replaced", 410),
    links.PassedOn: ("link_passed_on", 410),
    links.NoLink: ("link_unknown", 404),
}


def ended(refusal: links.NoLink | None, *, kept: bool = False, status: int | None = None) -> Response:
    """Why a link does not open anything, and the way on where there is one."""
    words, code = next((found for kind, found in _ENDINGS.items() if isinstance(refusal, kind)), _ENDINGS[links.NoLink])
    link = refusal.details.get("link") if refusal is not None else None
    renewable = link is not None and commands.renewable(access.reading(), link) is not None
    return pages.draw(
        "guest_ended.html",
        status or code,
        words=words,
        kept=kept,
        fresh=access.signed("fresh", link.key) if renewable and link is not None else "",
        address=hidden_address(link.address) if renewable and link is not None else "",
    )


def no_door(typed: Mapping[str, list[str]] | None = None) -> Response:
    """No cookie of this link: in another browser, or for too long."""
    kept = {name: values for name, values in (typed or {}).items() if name != "_asked" and any(values)}
    return pages.draw("guest_ended.html", 401, words="link_needed", kept_here=kept, kept=False, fresh="", address="")


def hidden_address(address: str) -> str:
    """p…@garage.example: enough to recognise, too little to learn."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…\u2060@{domain}"  # a line must not end within it


def renew_link() -> AnyResponse:
    """A fresh link to the same address, for whoever shows a page that said that the old one ended."""
    key = access.unsigned("fresh", request.form.get("fresh", ""), timedelta(days=1))
    if not isinstance(key, int):
        return ended(links.NoLink())
    try:
        access.writing(lambda session: commands.send_fresh(session, key))
    except errors.WrongState:
        return ended(links.Revoked())
    except errors.Busy:
        return pages.draw("guest_ended.html", 429, words="link_too_often", kept=False, fresh="", address="")
    link = access.reading().get_one(Link, key)
    return pages.draw("guest_ended.html", words="link_sent", kept=False, fresh="", address=hidden_address(link.address))


# -- where the work stands ----------------------------------------------------------------------------------------


def handoff() -> Handoff:
    key = guest().link.handoff_key
    found = access.reading().get(Handoff, key) if key is not None else None
    if found is None:
        abort(404)
    return found


def open_tasks(row: Handoff) -> list[Task]:
    mine = select(Task).where(tasks.stands_in(row.key), Task.state == TaskState.CREATED, Task.party_key == guest().link.party_key)
    return list(access.reading().scalars(mine.order_by(Task.key)))


def guest_home(link_key: int) -> AnyResponse:
    """The task, if there is one; else what became of it."""
    stop = not_yet()
    if stop is not None:
        return stop
    row = handoff()
    open_ones = open_tasks(row)
    if len(open_ones) == 1:
        return remember(redirect(url_for("portal.guest_task", link_key=link_key, key=open_ones[0].key, said=request.args.get("said")), 303))
    if open_ones:
        return make_response(pages.draw("guest_tasks.html", tasks=open_ones, case=case_of(row), handoff=row, said=None))
    return guest_tasks.what_became(row)


def case_of(row: Handoff) -> Case:
    return access.reading().get_one(Case, row.case_key)


# -- who is acting ------------------------------------------------------------------------------------------------


def guest_who(link_key: int, error: str = "", status: int = 200) -> AnyResponse:
    stop = not_yet(asks_who=False)
    if stop is not None:
        return stop
    link = guest().link
    own = [link.name] if link.name and not is_shared(link) else []
    names = list(dict.fromkeys([*own, *links.names_used(access.reading(), link.address)]))
    typed = request.form.get("other", "")
    return pages.draw("guest_who.html", status, names=names, case=case_of(handoff()), error=error, typed=typed)


def guest_say_who(link_key: int) -> AnyResponse:
    stop = not_yet(asks_who=False)
    if stop is not None:
        return stop
    name = " ".join((request.form.get("name") or request.form.get("other", "")).replace("\x00", "").split())
    if not 0 < len(name) <= links.MAX_NAME or not name.isprintable():
        return guest_who(link_key, pages.t("who_error"), 422)
    access.writing(lambda session: links.remember_name(session, link_key, name))
    guest().name = name
    return remember(redirect(url_for("portal.guest_home", link_key=link_key), 303))


# -- proving the address ------------------------------------------------------------------------------------------


def guest_code(link_key: int, error: str = "", status: int = 200) -> AnyResponse:
    """Ask for the digits, or offer to send them: only a button sends a mail."""
    stop = _before_code()
    if stop is not None:
        return stop
    sent = request.args.get("sent") == "1" or bool(error)
    return pages.draw("guest_code.html", status, sent=sent, error=error, address=hidden_address(guest().link.address))


def _before_code() -> AnyResponse | None:
    if g.guest is None:
        return no_door()
    return ended(guest().refusal) if guest().refusal is not None else None


def guest_send_code(link_key: int) -> AnyResponse:
    stop = _before_code()
    if stop is not None:
        return stop
    link = guest().link
    try:
        access.writing(lambda session: commands.send_code(session, link))
    except errors.Busy:
        return guest_code(link_key, pages.t("code_too_often"), 429)
    return redirect(url_for("portal.guest_code", link_key=link_key, sent=1), 303)


def guest_check_code(link_key: int) -> AnyResponse:
    stop = _before_code()
    if stop is not None:
        return stop
    link, typed, secret = guest().link, request.form.get("code", "")[:40], auth.secret()
    purpose, address = commands.purpose(link), link.address
    if not access.writing(lambda session: codes.check(session, secret, purpose, address, typed)):
        return guest_code(link_key, pages.t("code_wrong"), 422)
    guest().link = access.reading().get_one(Link, link_key)
    guest().proven_at = clock.machine_now()
    is_asked = link.assurance == "code" or guest().asks_code
    return remember(redirect(url_for("portal.guest_work" if not is_asked else "portal.guest_home", link_key=link_key), 303))


# -- all work of an address ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Work:
    """Something open that was sent to the same address."""

    link: Link
    handoff: Handoff
    case: Case
    title: str | None
    name: str
    sender: str


def _all_work() -> list[Work]:
    session = access.reading()
    found, seen = [], set()
    for link in links.open_for_address(session, guest().link.address):
        row = session.get(Handoff, link.handoff_key)
        if row is None or row.key in seen or row.state not in (HandoffState.OFFERED, HandoffState.ACCEPTED):
            continue
        seen.add(row.key)
        title = views.title(session, actor_of(come_in(link, {})), case_of(row))
        found.append(Work(link, row, case_of(row), title, guest_tasks.name_of_work(row), guest_tasks.name_of_sender(row)))
    return found


def guest_work(link_key: int) -> AnyResponse:
    """Everything open that was sent to this address, of every case; only after a code."""
    stop = not_yet()
    if stop is not None:
        return stop
    if not guest().is_proven:
        return redirect(url_for("portal.guest_code", link_key=link_key), 303)
    return remember(pages.draw("guest_work.html", work=_all_work()))


def guest_other(link_key: int, other: int) -> AnyResponse:
    """On to other work of the same address, as the same person."""
    stop = not_yet()
    if stop is not None:
        return stop
    work = next((one for one in _all_work() if one.link.key == other), None) if other <= LARGEST else None
    if work is None or not guest().is_proven:
        abort(404)
    name, proven = guest().name, guest().proven_at
    g.guest = come_in(work.link, {"name": name})
    guest().proven_at = proven
    return remember(redirect(url_for("portal.guest_home", link_key=other), 303))


def keep(task_key: int, typed: dict[str, list[str]]) -> None:
    """What was typed waits behind the link, whatever comes between."""
    if any(any(values) for name, values in typed.items() if name != "_asked"):
        link_key = guest().link.key
        access.writing(lambda session: kept_answers.keep(session, link_key, task_key, typed))
