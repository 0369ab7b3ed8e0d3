"""The demo's cases: what people did in the last three weeks, by the engine's own commands, on a clock of the loader's session."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import calendars, clock, database, deployments, documents, feedback, links, parties, people, public_starts, worker
from engine.commands import public_starts as public_start_commands
from engine.handoffs import Handoff
from engine.links import Link, LinkKind
from engine.parties import Actor, Party
from engine.people import Person
from engine.public_starts import PublicStart
from engine.scenarios import Play, by_start_form
from engine.tasks import Task
from engine.timers import Timer

_FILE = "demo.json"
_DAYS_BEFORE = 16  # working days: when the models were deployed
_GUEST = "guest"  # begins without an account, and acts by the link that the mail brought
_UNTIL_PROVEN = timedelta(minutes=2)  # from the form to the button behind the mail
_FROM_HOME = "demo"  # the network that all of them are in
_ACTS = {"task": "task completed", "decline": "handoff declined"}  # what a guest does -> what is noted about it
_DAY = re.compile(r"@([+-]\d+)")  # in an answer: the day so many working days from today


class Calendar:
    """Working days of the host around `now` (aware), counted from its day: -1 is the last one before."""

    def __init__(self, host: Party, now: datetime) -> None:
        self._zone = ZoneInfo(host.time_zone)
        self._today = now.astimezone(self._zone).date()
        self._host = host
        self._days = {0: self._today}

    def day(self, number: int) -> date:
        if number not in self._days:
            onwards = 1 if number > 0 else -1
            found = self.day(number - onwards) + timedelta(days=onwards)
            while not self._is_working_day(found):
                found += timedelta(days=onwards)
            self._days[number] = found
        return self._days[number]

    def moment(self, text: str) -> datetime:
        """`-15 09:12`: by the clock on the host's wall, 15 working days before today."""
        number, clock_time = text.split()
        return datetime.combine(self.day(int(number)), time.fromisoformat(clock_time), self._zone).astimezone(UTC)

    def dated(self, value: Any) -> Any:
        """The same with a date in the place of each `@-3`."""
        if isinstance(value, str):
            found = _DAY.fullmatch(value)
            return self.day(int(found[1])).isoformat() if found else value
        if isinstance(value, Mapping):
            return {name: self.dated(one) for name, one in value.items()}
        return [self.dated(one) for one in value] if isinstance(value, list) else value

    def _is_working_day(self, day: date) -> bool:
        begin = datetime.combine(day, time(), self._zone)
        return calendars.working_time(begin, begin + timedelta(days=1), self._host) > timedelta()


def first_day(session: Session, now: datetime) -> datetime:
    """When the demo's story begins: people and models are there, and nothing has happened."""
    return Calendar(parties.host(session), now).moment(f"-{_DAYS_BEFORE} 08:00")


def play(session: Session, folders: list[Path], kept: documents.Folder, *, now: datetime, deliver: Callable[[], object]) -> int:
    """Everything that `demo.json` of these folders tells, in the order of time, up to `now`; how many cases began.

    Keys, case numbers and histories come in the order of time too. `deliver`: takes the mails of each moment out of the outbox.
    """
    calendar = database.run(session, lambda s: Calendar(parties.host(s), now))
    told = [_Told(session, folder, kept, case, calendar) for folder in folders for case in _cases_of(folder)]
    events = sorted((event for one in told for event in one.events()), key=lambda event: event.at)
    for event in events:
        _pass_time(session, event.at)
        event.happen()
        deliver()
    _pass_time(session, now)
    deliver()
    clock.hold(session, None)
    return len(told)


def _cases_of(folder: Path) -> list[dict[str, Any]]:
    file = folder / _FILE
    found: list[dict[str, Any]] = json.loads(file.read_text())["cases"] if file.exists() else []
    return found


def _pass_time(session: Session, until: datetime) -> None:
    """Up to `until`, stopping at each moment at which something is due, so that it happens then."""
    while (due := database.run(session, _next_due)) is not None and due <= until:
        clock.hold(session, due)
        worker.settle(session)
        if database.run(session, _next_due) == due:
            raise RuntimeError(f"Expected that what was due at {due} has happened, found it waiting.")
    clock.hold(session, until)


def _next_due(session: Session) -> datetime | None:
    moments = [session.scalar(select(func.min(Timer.due_at))), session.scalar(select(func.min(Handoff.next_look_at)))]
    return min((at for at in moments if at is not None), default=None)


@dataclass(frozen=True, slots=True)
class _Event:
    at: datetime
    happen: Callable[[], None]


class _Told(Play):
    """One case of the demo, among the others."""

    def __init__(self, session: Session, folder: Path, kept: documents.Folder, case: Mapping[str, Any], calendar: Calendar) -> None:
        party_keys = database.run(session, lambda s: {party_id: key for party_id, key in s.execute(select(Party.party_id, Party.key))})
        super().__init__(session, folder, kept, {}, party_keys)
        self._case, self._calendar = case, calendar
        self._link_key = self._waits = 0

    def events(self) -> Iterator[_Event]:
        begun = self._calendar.moment(self._case["start"]["at"])
        if self._case["start"].get("as") == _GUEST:
            yield _Event(begun, self._send)
            yield _Event(begun + _UNTIL_PROVEN, self._prove)
        else:
            yield _Event(begun, self._begin)
        for number, step in enumerate(self._case["steps"], 1):
            yield _Event(self._calendar.moment(step["at"]), lambda n=number, s=step: self.step(n, self._calendar.dated(s)))  # type: ignore[misc]

    def _begin(self) -> None:
        self.start(self._calendar.dated(self._case["start"]))
        self.only_case = self.case_key

    def _send(self) -> None:
        """A form that anybody may fill in; nothing begins yet."""
        how, about = self._calendar.dated(self._case["start"]), self._case["customer"]
        visitor = Actor(id=public_starts.visitor_id(_FROM_HOME, about["email"]))
        values = self.hand_in(how["variables"], visitor)

        def keep(session: Session) -> int | None:
            process = deployments.expect_process(session, process_id=how["process"])
            given = by_start_form(session, process, values)
            sender = {"address": about["email"], "name": about["name"], "language": about["language"], "network": _FROM_HOME}
            what = process.name or process.process_id
            return public_start_commands.keep(session, process, given, answers=(), what=what, by=visitor, **sender)

        self._waits = self.do(keep)

    def _prove(self) -> None:
        """The button behind the link of the mail."""
        self.do(lambda s: public_start_commands.begin(s, self._waits))
        self.only_case = self.case_key = self.do(lambda s: s.get_one(PublicStart, self._waits).case_key)
        worker.settle(self.session)

    def step(self, number: int, step: Mapping[str, Any]) -> None:
        if "worked" in step:
            return self.do(lambda s: self._judge(s, step))  # type: ignore[no-any-return]
        super().step(number, step)
        word = next((word for kind, word in _ACTS.items() if kind in step), None)
        if step.get("as") == _GUEST and word is not None:
            self.do(lambda s: self._note_act(s, word))

    def _judge(self, session: Session, step: Mapping[str, Any]) -> None:
        """What the customer says on the page to follow the case, once it is over."""
        link = session.scalars(select(Link).where(Link.case_key == self.case_key, Link.kind == LinkKind.CASE)).one()
        feedback.give(session, link, step["worked"], step.get("reason"))

    def _note_act(self, session: Session, word: str) -> None:
        """As the guest's page does: the history says which link it was, this says who."""
        link = session.get_one(Link, self._link_key)
        done = select(Task.key).where(Task.completed_by == f"{_GUEST}:{link.key}").order_by(Task.key.desc()).limit(1)
        links.note_act(session, link, link.name, word, task_key=session.scalar(done))

    def actor(self, name: str | None, handoff_keys: Any = ()) -> Actor:
        if name == _GUEST:
            return self.do(lambda s: self._guest(s, list(handoff_keys)))  # type: ignore[no-any-return]
        if name is None:
            return super().actor(name)
        return self.do(lambda s: people.actor_of(s, s.get_one(Person, name)))  # type: ignore[no-any-return]

    def _guest(self, session: Session, handoff_keys: list[int]) -> Actor:
        """Whoever a link was made for."""
        holding = select(Link).where(Link.handoff_key.in_(handoff_keys), Link.revoked_at.is_(None)).order_by(Link.key.desc())
        link = session.scalars(holding.limit(1)).one()
        self._link_key = link.key
        party = session.get_one(Party, link.party_key)
        return Actor(
            id=f"{_GUEST}:{link.key}",
            name=link.name or link.address,
            party_key=party.key,
            party_kind=party.kind,
            party_id=party.party_id,
            link_key=link.key,
            handoff_keys=frozenset({link.handoff_key} - {None}),
        )
