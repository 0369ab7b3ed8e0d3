"""Accounts as the command line makes them: missing groups are made, missing passwords are thought up."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import parties, people, tasks
from engine.errors import NotFound
from engine.parties import PLATFORM
from engine.people import Group, Membership, Person

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike


def one_time_password() -> str:
    """Easy to read out: three blocks of five, 74 bits."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(3))


def add_person(
    session: Session,
    username: str,
    *,
    password: str | None,
    roles: Sequence[str],
    groups: Sequence[str],
    party: str | None = None,
    **about: Any,
) -> str:
    """The account, in these groups; returns its password. Without one given it must be changed at the first log-in.

    `party`: id of the partner or customer whose people it is. Raises NotFound where there is none.
    """
    known = password or one_time_password()
    whose = None if party is None else parties.by_party_id(session, party)
    if party is not None and whose is None:
        raise NotFound(f"Expected a party {party!r}, found none.")
    people.create_person(
        session,
        username,
        password=known,
        roles=list(roles),
        groups=_made_groups(session, groups),
        party_key=None if whose is None else whose.key,
        must_change_password=password is None,
        by=PLATFORM,
        **about,
    )
    return known


def set_password(session: Session, username: str, password: str | None) -> str:
    people.expect_person(session, username)
    known = password or one_time_password()
    people.set_password(session, username, known, must_change=password is None)
    return known


def set_groups(session: Session, username: str, groups: Sequence[str]) -> None:
    people.expect_person(session, username)
    people.set_groups(session, username, _made_groups(session, groups), by=PLATFORM)


def add_client(session: Session, client_id: str, *, name: str, roles: Sequence[str], secret: str | None) -> str:
    """The program's account; returns its secret, which is stored nowhere."""
    known = secret or secrets.token_urlsafe(32)
    people.create_client(session, client_id, name=name, secret=known, roles=list(roles), by=PLATFORM)
    return known


def listed(session: Session) -> list[list[str]]:
    """One row a person: user name, name, organisation, roles, groups, a remark."""
    groups: dict[str, list[str]] = {}
    for username, group_id in session.execute(select(Membership.username, Membership.group_id).order_by(Membership.group_id)):
        groups.setdefault(username, []).append(group_id)
    return [
        [
            person.username,
            person.name,
            person.organisation or "",
            ", ".join(person.roles or ()),
            ", ".join(groups.get(person.username, ())),
            "" if person.active else "inactive",
        ]
        for person in session.scalars(select(Person).order_by(Person.username))
    ]


def _made_groups(session: Session, names: Sequence[str]) -> list[str]:
    """Ids of the groups of these names (or ids); made where they are missing."""
    ids = []
    for name in names:
        group_id = tasks.group_id_of(name)
        if session.get(Group, group_id) is None:
            people.create_group(session, group_id, name, by=PLATFORM)
            session.flush()
        ids.append(group_id)
    return ids

