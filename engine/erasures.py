"""Taking the values out of a case that has ended: what goes, table by table. Times stay, and a pseudonym for who acted.

A noun with values of its own puts a function into `erasers`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, case, delete, exists, null, or_, select, update
from sqlalchemy.orm import Session

from engine import clock, feedback, keys, links, notifications, parties, public_starts
from engine.cases import Case
from engine.codes import Code
from engine.database import Base
from engine.decisions import DecisionInstance
from engine.documents import Document
from engine.errors import NotFound, WrongState
from engine.handoffs import Handoff
from engine.history import HistoryEntry
from engine.incidents import Incident
from engine.instances import Instance
from engine.jobs import Job
from engine.kept_answers import KeptAnswers
from engine.ledger import Disclosure
from engine.links import Link
from engine.messages import CaseMessage
from engine.notifications import Notification
from engine.parties import HOST_KEY, Party, PartyKind
from engine.people import Client, Person
from engine.recordings import RecordedStep
from engine.roles import CaseRole
from engine.tasks import Task
from engine.variables import Variable

SLICE = 500  # rows of one transaction: others write in between

# Takes something of a case out, in a transaction of its own, and answers how much; asked again until that is nothing.
Eraser = Callable[[Session, int], int]
erasers: dict[str, Eraser] = {}

Work = Callable[[Session], int | None]


# -- who acted ----------------------------------------------------------------------------------------------------

PSEUDONYM = "erased:"
_ACTORS = (
    (Case.started_by, Case.key),
    (Instance.started_by, Instance.case_key),
    (HistoryEntry.actor, HistoryEntry.case_key),
    (Task.completed_by, Task.case_key),
    (Task.assignee, Task.case_key),
    (Handoff.accepted_by, Handoff.case_key),
    (Handoff.declined_by, Handoff.case_key),
    (CaseRole.bound_by, CaseRole.case_key),
)
_OURS = ("client:", "platform", PSEUDONYM)


def pseudonyms(session: Session, case_key: int) -> dict[str, str]:
    """A name without a person for each guest and customer who acted in the case. Accounts of the host and its partners stay.

    Tasks name people by their user name, everything else by their actor id: both get the same pseudonym.
    """
    found = {actor for column, key in _ACTORS for actor in session.scalars(select(column).where(key == case_key).distinct()) if actor}
    named = {actor: actor.removeprefix("person:") for actor in found if not actor.startswith(_OURS) and not actor.startswith("guest:")}
    outsiders = _customers_among(session, set(named.values()))
    kept = {actor for actor, username in named.items() if username not in outsiders and _is_account(session, username)}
    numbers: dict[str, int] = {}
    strangers = sorted(actor for actor in found - kept if not actor.startswith(_OURS))
    return {actor: f"{PSEUDONYM}{numbers.setdefault(actor.removeprefix('person:'), len(numbers) + 1)}" for actor in strangers}


def _customers_among(session: Session, usernames: set[str]) -> set[str]:
    its_party = select(Person.username).join(Party, Party.key == Person.party_key).where(Party.kind == PartyKind.CUSTOMER)
    return set(session.scalars(its_party.where(Person.username.in_(sorted(usernames)))))


def _is_account(session: Session, username: str) -> bool:
    return session.get(Person, username) is not None or session.get(Client, username) is not None


# -- whom it was for ----------------------------------------------------------------------------------------------

NOBODY_ID = "erased-customer"
_NOBODY_NAME = "Erased customer"
_PARTIES = (
    (CaseRole.party_key, CaseRole.case_key),
    (Handoff.from_party_key, Handoff.case_key),
    (Handoff.to_party_key, Handoff.case_key),
    (Task.party_key, Task.case_key),
    (Link.party_key, Link.case_key),
    (Notification.party_key, Notification.case_key),
    (Disclosure.party_key, Disclosure.case_key),
)


def customers_of(session: Session, case_key: int) -> list[int]:
    """Keys of the customers who took part."""
    found = {key for column, of_case in _PARTIES for key in session.scalars(select(column).where(of_case == case_key).distinct())}
    wanted = select(Party.key).where(Party.key.in_(sorted(found - {None})), Party.kind == PartyKind.CUSTOMER, Party.party_id != NOBODY_ID)
    return list(session.scalars(wanted.order_by(Party.key)))


def nobody(session: Session) -> int:
    """The party that stands for every customer whose case was erased: figures go on counting it. Its key."""
    known = parties.by_party_id(session, NOBODY_ID)
    if known is not None:
        return known.key
    us = parties.host(session)
    row = Party(
        key=keys.new(),
        party_id=NOBODY_ID,
        name=_NOBODY_NAME,
        kind=PartyKind.CUSTOMER,
        language=us.language,
        time_zone=us.time_zone,
        country=us.country,
        timetable=None,
        contacts=[],
        email=None,
        words="",
        active=False,
        created_at=clock.machine_now(),
    )
    session.add(row)
    session.flush()
    return row.key


def forget_customer(session: Session, party_key: int) -> bool:
    """Take a customer out of the directory who takes part in no case any more, and has no account."""
    party = session.get(Party, party_key, with_for_update=True)
    still = (
        exists(select(CaseRole.role).where(CaseRole.party_key == party_key)),
        exists(select(Handoff.key).where(Handoff.to_party_key == party_key)),
        exists(select(Handoff.key).where(Handoff.from_party_key == party_key)),
        exists(select(Task.key).where(Task.party_key == party_key)),
        exists(select(Person.username).where(Person.party_key == party_key)),
    )
    if party is None or party.key == HOST_KEY or session.scalar(select(or_(*still))):
        return False
    session.delete(party)
    return True


# -- what goes ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Plan:
    """What an erasure needs to know until it is done; afterwards nobody knows it."""

    case_key: int
    actors: Mapping[str, str]
    customers: tuple[int, ...]
    nobody_key: int


def slices(plan: Plan) -> Iterator[Work]:
    """Pieces of work, each for a transaction of its own; all may be done again. In an order in which nothing loses its way."""
    case_key, ours = plan.case_key, select(Instance.key).where(Instance.case_key == plan.case_key)
    its_links, its_tasks = select(Link.key).where(Link.case_key == case_key), select(Task.key).where(Task.case_key == case_key)
    yield from _deleted(Variable, Variable.instance_key.in_(ours))
    yield from _deleted(CaseMessage, CaseMessage.case_key == case_key)
    yield from _deleted(RecordedStep, RecordedStep.case_key == case_key)
    yield partial(_execute, delete(KeptAnswers).where(or_(KeptAnswers.link_key.in_(its_links), KeptAnswers.task_key.in_(its_tasks))))
    yield partial(_forget_codes, case_key=case_key)
    party = partial(_in_place_of, {str(key): plan.nobody_key for key in plan.customers})
    actor = partial(_in_place_of, plan.actors)
    yield from _changed(Disclosure, Disclosure.case_key == case_key, value=None, party_key=party(Disclosure.party_key))
    yield from _changed(
        Task,
        Task.case_key == case_key,
        candidate_users=[],
        candidate_groups=[],
        headers=None,
        external_form=None,
        action=None,
        assignee=actor(Task.assignee),
        completed_by=actor(Task.completed_by),
        party_key=party(Task.party_key),
    )
    yield from _changed(Job, Job.instance_key.in_(ours), error_message=None, tags=None, business_id=None, headers=None)
    made: dict[str, Any] = {"failure": None, "result": "null", "evaluated_inputs": [], "matched_rules": [], "business_id": None}
    yield from _changed(DecisionInstance, DecisionInstance.case_key == case_key, **made)
    yield from _changed(Incident, Incident.instance_key.in_(ours), error_message="", error_said=None)
    yield from _changed(Instance, Instance.case_key == case_key, tags=None, business_id=None, started_by=actor(Instance.started_by))
    yield from _changed(
        Handoff,
        Handoff.case_key == case_key,
        reason=None,
        address=None,
        accepted_by=actor(Handoff.accepted_by),
        declined_by=actor(Handoff.declined_by),
        from_party_key=party(Handoff.from_party_key),
        to_party_key=party(Handoff.to_party_key),
    )
    roles = update(CaseRole).where(CaseRole.case_key == case_key)
    yield partial(_execute, roles.values(party_key=party(CaseRole.party_key), bound_by=actor(CaseRole.bound_by)))
    yield partial(_public_start, case_key=case_key)
    yield partial(_notifications_and_links, plan=plan)
    yield from _history(plan)
    for eraser in list(erasers.values()):
        yield from _until_nothing(eraser, case_key)
    yield partial(_expect_no_documents, case_key=case_key)
    for key in plan.customers:
        yield partial(forget_customer, party_key=key)


def _execute(statement: Any, session: Session) -> None:
    session.execute(statement.execution_options(synchronize_session=False))


class _Cursor:
    """How far a table has been gone through."""

    def __init__(self) -> None:
        self.at: int | None = 0


def _deleted(model: type[Base], condition: ColumnElement[bool]) -> Iterator[Work]:
    return _through(model, condition, delete(model))


def _changed(model: type[Base], condition: ColumnElement[bool], **changes: Any) -> Iterator[Work]:
    return _through(model, condition, update(model).values(**{name: null() if value is None else value for name, value in changes.items()}))


def _through(model: Any, condition: ColumnElement[bool], statement: Any) -> Iterator[Work]:
    cursor = _Cursor()

    def work(session: Session) -> int | None:
        assert cursor.at is not None
        wanted = select(model.key).where(condition, model.key > cursor.at).order_by(model.key).limit(SLICE)
        found = list(session.scalars(wanted))
        if found:
            session.execute(statement.where(model.key.in_(found)).execution_options(synchronize_session=False))
        return found[-1] if len(found) == SLICE else None

    while cursor.at is not None:
        yield partial(_advance, cursor, work)


def _advance(cursor: _Cursor, work: Work, session: Session) -> int | None:
    cursor.at = work(session)
    return cursor.at


def _until_nothing(eraser: Eraser, case_key: int) -> Iterator[Work]:
    cursor = _Cursor()
    while cursor.at is not None:
        yield partial(_advance, cursor, lambda session: eraser(session, case_key) or None)


def _in_place_of(known: Mapping[str, Any], column: Any) -> Any:
    """The column, with what stands on the left replaced by what stands on the right."""
    if not known:
        return column
    is_key = column.type.python_type is int
    return case({int(old) if is_key else old: new for old, new in known.items()}, value=column, else_=column)


def _history(plan: Plan) -> Iterator[Work]:
    """By revision, which is the key there."""
    cursor = _Cursor()
    entry = HistoryEntry

    def work(session: Session) -> int | None:
        assert cursor.at is not None
        mine = (entry.case_key == plan.case_key, entry.revision > cursor.at, entry.revision <= cursor.at + SLICE)
        newest = session.scalar(select(Case.revision).where(Case.key == plan.case_key)) or 0
        changes = update(entry).where(*mine, entry.actor.in_(sorted(plan.actors))).values(actor=_in_place_of(plan.actors, entry.actor))
        session.execute(changes.execution_options(synchronize_session=False))
        return cursor.at + SLICE if cursor.at + SLICE < newest else None

    while cursor.at is not None and plan.actors:
        yield partial(_advance, cursor, work)


def _forget_codes(session: Session, case_key: int) -> None:
    mine = session.execute(select(Link.key, Link.address).where(Link.case_key == case_key)).all()
    purposes, addresses = [f"link:{key}" for key, _ in mine], sorted({address for _, address in mine})
    session.execute(delete(Code).where(or_(Code.purpose.in_(purposes), Code.address.in_(addresses))))


def _public_start(session: Session, case_key: int) -> None:
    public_starts.erase(session, case_key)
    feedback.erase(session, case_key)


def _notifications_and_links(session: Session, plan: Plan) -> None:
    notifications.erase(session, plan.case_key)
    links.erase(session, plan.case_key)
    for model in (Notification, Link):
        mine = update(model).where(model.case_key == plan.case_key, model.party_key.in_(plan.customers))
        session.execute(mine.values(party_key=plan.nobody_key).execution_options(synchronize_session=False))


def _expect_no_documents(session: Session, case_key: int) -> None:
    # a process that does not know the folder leaves them: the one that does goes on with this later
    if session.scalar(select(Document.key).where(Document.case_key == case_key).limit(1)) is not None:
        raise WrongState("Expected a documents folder to take this case's files out of, found none here.")


# -- which cases --------------------------------------------------------------------------------------------------


def due(session: Session, now: datetime, limit: int) -> list[int]:
    """Cases whose values have been kept as long as their process says."""
    statement = select(Case.key).where(Case.erase_at <= now, Case.erased_at.is_(None)).order_by(Case.erase_at).limit(limit)
    return list(session.scalars(statement))


def find_case(session: Session, said: str) -> int:
    """The key of a case that somebody names: its number as people say it ("001 042"), or its key. Raises NotFound."""
    digits = "".join(said.split())
    if digits.isascii() and digits.isdigit() and len(digits) < 20 and 0 < int(digits) <= keys.LARGEST:
        found = session.scalar(select(Case.key).where(or_(Case.number == int(digits), Case.key == int(digits))))
        if found is not None:
            return found
    raise NotFound(f"Expected the number of a case such as 001 042, found {said[:40]!r}.")
