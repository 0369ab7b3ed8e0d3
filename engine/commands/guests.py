"""What guests do with the link that they got: ask for a fresh one, prove the address, pass the work to a colleague."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import clock, codes, documents, kept_answers, links, notifications, tasks
from engine.database import Writes
from engine.errors import Busy, Invalid, WrongState
from engine.handoffs import OPEN, Handoff
from engine.links import Ended, Link, LinkKind
from engine.mail_addresses import is_address
from engine.notifications import Kind, Notification, Reader
from engine.parties import Actor
from engine.tasks import Task, TaskState

MOST_FRESH, MOST_FRESH_WITHIN = 3, timedelta(hours=1)
MOST_PASSED_ON = 20  # links of one handoff: a mail to somebody else is not a way to write to the world


def renewable(session: Session, link: Link) -> Link | None:
    """The link that a fresh token may be sent for, to the same address: this one, or the one of the round that replaced it."""
    if not link.address:
        return None
    if link.revoked_at is None:
        return link
    if link.kind != LinkKind.HANDOFF or link.revoked_because != Ended.REPLACED:
        return None
    later = select(Link).where(Link.address == link.address, Link.case_key == link.case_key, Link.key > link.key)
    fresh = session.scalars(later.where(Link.revoked_at.is_(None)).order_by(Link.key.desc())).all()
    return next((one for one in fresh if _follows(session, one.handoff_key, link.handoff_key)), None)


def _follows(session: Session, key: int | None, before: int | None) -> bool:
    """Whether a handoff is a later round of another."""
    while key is not None and key != before:
        handoff = session.get(Handoff, key)
        key = handoff.previous_key if handoff is not None else None
    return key is not None


def send_fresh(session: Session, link_key: int) -> None:
    """A new token to the same address; those before are dead. Raises WrongState (there is none to send), Busy (too often)."""
    link = session.get(Link, link_key)
    wanted = renewable(session, link) if link is not None else None
    if wanted is None:
        raise WrongState("There is no newer link to send.")
    since = clock.now(session) - MOST_FRESH_WITHIN
    sent = select(func.count()).where(Notification.link_key == wanted.key, Notification.kind == Kind.LINK, Notification.created_at > since)
    if (session.scalar(sent) or 0) >= MOST_FRESH:
        raise Busy("Too many links were sent to this address; look into the mailbox, or try again in an hour.")
    links.renew(session, wanted.key)
    _tell(session, wanted, Kind.LINK)


def send_code(session: Session, link: Link) -> None:
    """Six digits to the address of the link. Raises Busy (too often)."""
    code = codes.make(session, purpose(link), link.address)
    _tell(session, link, Kind.CODE, code=str(code.key))


def purpose(link: Any) -> str:
    return f"link:{link.key}"


def pass_on(session: Session, link_key: int, *, name: str, address: str, by_name: str | None) -> None:
    """A link of their own for a colleague; this one is dead. Raises Invalid, WrongState (the work is over), Busy."""
    name, address = " ".join(name.split()), address.strip()
    link = session.get_one(Link, link_key, with_for_update=True)
    _check_colleague(link, name, address)
    handoff = session.get(Handoff, link.handoff_key)
    if link.revoked_at is not None or handoff is None or handoff.state not in OPEN:
        raise WrongState("Expected work that is still open.")
    if (session.scalar(select(func.count()).where(Link.handoff_key == handoff.key)) or 0) >= MOST_PASSED_ON:
        raise Busy("This was passed on too often.")
    writes = Writes()
    new = links.make(
        writes,
        address=address,
        name=name,
        language=link.language,
        at=clock.now(session),
        handoff_key=link.handoff_key,
        case_key=link.case_key,
        party_key=link.party_key,
        assurance=link.assurance,
        due_at=handoff.complete_due_at or handoff.accept_due_at,
    )
    writes.flush(session)
    links.end(session, link.key, because=Ended.PASSED_ON)
    links.note_act(session, link, by_name, "passed on")
    for task_key in session.scalars(select(Task.key).where(tasks.stands_in(handoff.key), Task.state == TaskState.CREATED)):
        kept_answers.move(session, link.key, new.key, task_key)
    documents.hand_over(session, before=f"guest:{link.key}", by=Actor(id=f"guest:{new.key}", party_key=link.party_key))
    _tell(session, new, Kind.LINK, who=by_name or "")


def _check_colleague(link: Link, name: str, address: str) -> None:
    wrong = {}
    if not 0 < len(name) <= links.MAX_NAME or not name.isprintable():
        wrong["name"] = f"a name of 1 to {links.MAX_NAME} characters"
    if not is_address(address) or address.casefold() == link.address.casefold():
        wrong["address"] = "the e-mail address of somebody else"
    if wrong:
        raise Invalid("Expected a colleague's name and e-mail address.", fields=wrong)


def _tell(session: Session, link: Any, kind: str, **data: Any) -> None:
    writes = Writes()
    notifications.add(
        writes,
        kind,
        reader=Reader(link.address, link.name, link.language, link.party_key),
        at=clock.now(session),
        case_key=link.case_key,
        handoff_key=link.handoff_key,
        link_key=link.key,
        data=data,
    )
    writes.flush(session)
