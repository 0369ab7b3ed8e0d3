"""Take a link back, or send a fresh one in its place."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import advance, clock, links, notifications, policies
from engine.database import Writes
from engine.errors import NotFound, WrongState
from engine.handoffs import Handoff
from engine.links import Ended, Link
from engine.notifications import Kind, Reader
from engine.parties import Actor


def revoke(session: Session, link_key: int, *, by: Actor) -> None:
    """The door is closed from now on. Raises NotFound, WrongState (it was closed before)."""
    step = _locked(session, link_key, by, "link revoked")
    _expect_holding(session, link_key)
    links.end(session, link_key, because=Ended.REVOKED)
    _finish(step, "link revoked", link_key)


def renew(session: Session, link_key: int, *, by: Actor) -> None:
    """A fresh link goes to the same address; those sent before are dead. Raises NotFound, WrongState (it was taken back)."""
    step = _locked(session, link_key, by, "link renewed")
    link = _expect_holding(session, link_key)
    links.renew(session, link_key)
    writes = Writes()
    reader = Reader(link.address, link.name, link.language, link.party_key)
    about = {"case_key": link.case_key, "handoff_key": link.handoff_key, "link_key": link_key}
    notifications.add(writes, Kind.LINK, reader=reader, at=clock.now(session), **about)
    writes.flush(session)
    _finish(step, "link renewed", link_key)


def _locked(session: Session, link_key: int, by: Actor, command: str) -> advance.Step | None:
    """The step in which the case remembers it; None for a link that leads to no case."""
    link = session.get(Link, link_key)
    handoff = session.get(Handoff, link.handoff_key) if link is not None and link.handoff_key is not None else None
    if link is None or not policies.may_see_link(by, link, handoff):
        raise NotFound(f"Expected a link with key {link_key}, found none.")
    policies.require(policies.may(by, "work on handoffs"))
    return None if link.case_key is None else advance.locked(session, link.case_key, by=by, command=command)


def _expect_holding(session: Session, link_key: int) -> Any:
    link = session.scalars(select(Link).where(Link.key == link_key).with_for_update().execution_options(populate_existing=True)).one()
    if link.revoked_at is not None:
        raise WrongState(f"Expected link {link_key} to be open, found it {link.revoked_because or Ended.REVOKED}.")
    return link


def _finish(step: advance.Step | None, word: str, link_key: int) -> None:
    if step is not None:
        step.events.append([word, None, None, link_key])
        step.finish()
