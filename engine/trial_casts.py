"""Who can act in a trial: people of every team and party of its models, and guests by their invitations."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import deployments, links, parties, people, tasks, trials
from engine.bpmn.elements.timers import Due
from engine.bpmn.handoffs import HOST
from engine.cases import Case
from engine.deployments import Process
from engine.errors import Invalid, NotFound
from engine.handoffs import OPEN, Handoff
from engine.links import Link
from engine.parties import Actor, Party
from engine.people import Membership, Person
from engine.roles import CaseRole
from engine.tasks import Task

NEWEST_CASES = select(Case).order_by(Case.key.desc()).limit(50)
_DURATION = re.compile(r"P(?=[\dT])(\d{1,4}Y)?(\d{1,4}M)?(\d{1,4}W)?(\d{1,5}D)?(T(?=\d)(\d{1,6}H)?(\d{1,7}M)?(\d{1,8}S)?)?")
_MOST_TASKS = 500
_MOST_OF_A_TEAM = 5
_MOST_GUESTS = 50


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody whose view one click opens. `side`: the pool or lane of the model; `kind`: host | partner | customer."""

    username: str
    name: str
    side: str
    kind: str
    party_name: str | None
    open_tasks: int


@dataclass(frozen=True, slots=True)
class Guest:
    """Whoever was invited by e-mail to an open handoff."""

    link_key: int
    name: str
    address: str
    side: str | None
    party_name: str | None


def cast(session: Session) -> tuple[list[Member], list[Guest]]:
    """Members in the order of the models' pools and lanes, each person once; and guests, the newest invitation first."""
    open_tasks = list(session.scalars(select(Task).where(tasks.is_open(Task)).order_by(Task.key).limit(_MOST_TASKS)))
    found: dict[str, tuple[str, str, Person, str | None]] = {}
    for side, kind, folk, party in _sides(session, open_tasks):
        for person in folk:
            found.setdefault(person.username, (side, kind, person, party))
    groups: dict[str, set[str]] = {}
    for row in session.scalars(select(Membership).where(Membership.username.in_(found))):
        groups.setdefault(row.username, set()).add(row.group_id)
    members = [
        Member(name, person.name, side, kind, party, sum(_is_for(person, groups.get(name, set()), task) for task in open_tasks))
        for name, (side, kind, person, party) in found.items()
    ]
    return members, _guests(session)


def fill_teams(session: Session) -> None:
    """Open work for a group that nobody is in: somebody is made up who can do it."""
    waiting = session.scalars(select(Task).where(tasks.is_open(Task)).order_by(Task.key).limit(_MOST_TASKS))
    for group_id in sorted({group for task in waiting for group in task.candidate_groups or ()}):
        trials.fill_team(session, group_id, group_id)


def _sides(session: Session, open_tasks: Iterable[Task]) -> Iterable[tuple[str, str, list[Person], str | None]]:
    models = [deployments.definition(session, key).handoffs for key in session.scalars(select(Process.key).order_by(Process.key))]
    shown: set[tuple[str, Any]] = set()
    for side in trials.sides_of(models):
        mark: tuple[str, Any] = (side.name, side.role)
        if mark not in shown:
            shown.add(mark)
            if side.role.kind == HOST:
                yield side.name, HOST, _team(session, tasks.group_id_of(side.name)), None
            else:
                for party in _parties_of(session, side.role):
                    yield side.name, side.role.kind, _folk_of(session, party.key), party.name
    wanted = Counter(group for task in open_tasks for group in task.candidate_groups or ())
    for group_id in wanted:
        if (group_id, None) not in shown:
            yield group_id, HOST, _team(session, group_id), None
    named = {task.assignee for task in open_tasks} | {name for task in open_tasks for name in task.candidate_users or ()}
    folk = list(session.scalars(select(Person).where(Person.username.in_(sorted(filter(None, named))), Person.active)))
    yield from (("", HOST if one.party_key is None else "partner", [one], None) for one in folk)


def _team(session: Session, group_id: str) -> list[Person]:
    members = select(Person).join(Membership, Membership.username == Person.username)
    mine = members.where(Membership.group_id == group_id, Person.active).order_by(Person.username)
    return list(session.scalars(mine.limit(_MOST_OF_A_TEAM)))


def _folk_of(session: Session, party_key: int) -> list[Person]:
    theirs = select(Person).where(Person.party_key == party_key, Person.active).order_by(Person.username)
    return list(session.scalars(theirs.limit(_MOST_OF_A_TEAM)))


def _parties_of(session: Session, role: Any) -> list[Party]:
    """Who plays the role in some case here, or would by the model, or was made up for it."""
    keys = list(session.scalars(select(CaseRole.party_key).where(CaseRole.role == role.role).distinct().limit(10)))
    found = [party for key in keys if (party := session.get(Party, key)) is not None]
    for party_id in (role.party_id, trials.stand_in_id(role)):
        party = parties.by_party_id(session, party_id) if party_id else None
        if party is not None and party not in found:
            found.append(party)
    return found


def _is_for(person: Person, groups: set[str], task: Task) -> bool:
    if task.assignee is not None:
        return task.assignee == person.username
    if person.party_key is not None:
        return task.party_key == person.party_key
    return person.username in (task.candidate_users or ()) or not groups.isdisjoint(task.candidate_groups or ())


def _guests(session: Session) -> list[Guest]:
    invited = select(Link, Handoff).join(Handoff, Handoff.key == Link.handoff_key).where(Handoff.state.in_(OPEN), Link.revoked_at.is_(None))
    rows = list(session.execute(invited.order_by(Link.key.desc()).limit(_MOST_GUESTS)))
    names = parties.names(session, [link.party_key for link, _ in rows])
    return [
        Guest(link.key, link.name or link.address, link.address, handoff.to_side, names.get(link.party_key or 0)) for link, handoff in rows
    ]


def actor(session: Session, username: str) -> Actor:
    """Raises NotFound."""
    return people.actor_of(session, people.expect_person(session, username))


def expect_link(session: Session, key: int) -> Link:
    """Raises NotFound."""
    found = session.get(links.Link, key)
    if found is None:
        raise NotFound(f"Expected an invitation with key {key}, found none.")
    return found


def later(now: datetime, by: str) -> datetime:
    """`by`: ISO 8601 duration. Raises Invalid."""
    due = Due(now, 2, by).next() if _DURATION.fullmatch(by) else None
    if due is None:
        raise Invalid("Expected an ISO 8601 duration such as PT4H or P2D.", fields={"by": "a duration such as PT4H"})
    return due.at
