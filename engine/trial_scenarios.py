"""The run of a trial's case as a scenario: what was done in it, and how it stands, in the shape that scenarios.py runs."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import deployments, documents, json_text, parties, people, recordings, scenarios
from engine.bpmn.names import id_of
from engine.cases import Case
from engine.documents import Document
from engine.elements import ElementInstance
from engine.errors import Invalid, NotFound
from engine.files import TYPE
from engine.handoffs import Handoff
from engine.incidents import Incident, IncidentState
from engine.instances import Instance
from engine.links import Link
from engine.parties import HOST_KEY, Party
from engine.people import Membership, Person
from engine.recordings import RecordedStep

_OF_PROGRAMS = {"job", "message", "correlate", "signal"}  # whoever did it by hand stood in for one


def _seconds(since: str, until: str) -> str:
    """ISO 8601 duration between two moments, not below zero."""
    return f"PT{max(0, round((datetime.fromisoformat(until) - datetime.fromisoformat(since)).total_seconds()))}S"


@dataclass(slots=True)
class Kept:
    """A scenario with all that it needs to be run."""

    file_name: str
    scenario: dict[str, Any]
    people: dict[str, Any]
    models: list[tuple[str, bytes]]
    handed_in: dict[str, bytes] = field(default_factory=dict)  # files/…

    def files(self) -> dict[str, bytes]:
        """Of a folder as `passerelle test` runs it, by path."""
        return {
            **dict(self.models),
            **self.handed_in,
            "people.json": json_text.dump_bytes(self.people),
            f"scenarios/{self.file_name}": json_text.dump_bytes(self.scenario),
        }


def prove(kept: Kept) -> tuple[bool, str]:
    """Run it in an empty database: whether it passed, and what was told."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "trial"
        for name, content in kept.files().items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        told, passed = next(iter(scenarios.run_folder(folder)))
    return passed, told


def of_case(session: Session, case_key: int, name: str, folder: documents.Folder) -> Kept:
    """Raises NotFound, Invalid (nobody began it by hand)."""
    if session.get(Case, case_key) is None:
        raise NotFound(f"Expected a case with key {case_key}, found none.")
    recorded = recordings.of_case(session, case_key)
    if not recorded:
        raise Invalid("Expected a case that somebody began in this trial.", fields={"caseKey": "begun by hand"})
    writer = _Writer(session, folder)
    steps = writer.steps(recorded)
    start = writer.start(recorded[0])
    scenario = {
        "name": name,
        "at": recorded[0].step.get("since", recorded[0].step["at"]),  # a timer counts from when its model was deployed
        "start": start,
        "steps": steps,
        "end": _end(session, case_key, writer),
    }
    return Kept(f"{id_of(name) or 'trial'}.json", scenario, writer.people(), _models(session), writer.handed_in)


def _models(session: Session) -> list[tuple[str, bytes]]:
    """As they were deployed; a name is used once."""
    names: dict[str, bytes] = {}
    for resource in session.scalars(select(deployments.Resource).order_by(deployments.Resource.key)):
        names[_file_name(resource.name)] = resource.content
    return list(names.items())


def _file_name(name: str) -> str:
    return re.sub(r"[^\w.-]", "-", Path(name).name)


class _Writer:
    """Names people and parties as people.json does, and notes whom it named."""

    def __init__(self, session: Session, folder: documents.Folder) -> None:
        self._session, self._folder = session, folder
        self._people: dict[str, Person] = {}
        self._guests: dict[str, Party] = {}  # user name that stands for whoever came by link, for a party
        self._parties: dict[int, Party] = {}
        self.handed_in: dict[str, bytes] = {}

    def start(self, row: RecordedStep) -> dict[str, Any]:
        found: dict[str, Any] = {"process": row.step["start"]}
        found |= {name: row.step[name] for name in ("message", "key", "signal") if name in row.step}
        if "since" in row.step:
            found["wait"] = _seconds(row.step["since"], row.step["at"])
        if (by := self._as(row)) is not None:
            found["as"] = by
        if row.step.get("variables"):
            found["variables"] = self._without_files(row.step["variables"])
        return found | self._roles(row)

    def steps(self, recorded: Iterable[RecordedStep]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        chosen: dict[str, Any] = {}  # who plays a role, said apart: a scenario says it with the next task
        now: str | None = None
        for row in recorded:
            if "bind" in row.step:
                chosen[row.step["bind"]] = self.party_id(row.step["party"])
            elif "start" in row.step:
                now = row.step["at"]
            elif "clock" in row.step:
                found.append({"wait": _seconds(now or row.step["clock"], row.step["clock"])})
                now = row.step["clock"]
            else:
                found.append(self._step(row))
                if chosen and "task" in row.step:
                    found[-1]["roles"] = chosen | found[-1].get("roles", {})
                    chosen = {}
        return found

    def _step(self, row: RecordedStep) -> dict[str, Any]:
        found = {name: self._without_files(value) for name, value in row.step.items() if name not in ("roles", "party")}
        found |= self._roles(row)
        if "party" in row.step:
            found["party"] = self.party_id(row.step["party"])
        if not _OF_PROGRAMS & found.keys() and (by := self._as(row)) is not None:
            found["as"] = by
        if "assign" in found and (person := self._session.get(Person, found["to"])) is not None:
            self._known(person)
        return found

    def _roles(self, row: RecordedStep) -> dict[str, Any]:
        chosen = {role: self.party_id(key) for role, key in (row.step.get("roles") or {}).items()}
        return {"roles": chosen} if chosen else {}

    def party_id(self, key: int | None) -> str:
        party = parties.expect(self._session, key or HOST_KEY)
        if party.key != HOST_KEY:
            self._parties[party.key] = party
        return party.party_id

    def _as(self, row: RecordedStep) -> str | None:
        kind, _, name = row.actor.partition(":")
        if kind == "person":
            self._known(people.expect_person(self._session, name))
            return name
        if kind == "guest" and (link := self._session.get(Link, int(name))) is not None and link.party_key is not None:
            username = self.party_id(link.party_key)
            self._guests[username] = self._parties[link.party_key]
            return username
        return None

    def _known(self, person: Person) -> None:
        self._people[person.username] = person
        if person.party_key is not None:
            self.party_id(person.party_key)

    def _without_files(self, value: Any) -> Any:
        """A reference to a file that was handed in becomes one to a file of the folder."""
        if isinstance(value, list):
            return [self._without_files(one) for one in value]
        if not isinstance(value, dict):
            return value
        if TYPE not in value:
            return {name: self._without_files(one) for name, one in value.items()}
        row = self._session.get(Document, int(value["documentId"]))
        if row is None:
            return value
        name = f"files/{row.key}-{_file_name(row.name)}"
        with self._folder.open(row.key) as content:
            self.handed_in[name] = content.read()
        return {"file": name}

    def people(self) -> dict[str, Any]:
        host = parties.host(self._session)
        known = [_person(self._session, person, self._parties) for person in self._people.values()]
        known += [
            {"username": username, "name": party.name, "party": party.party_id, "groups": []}
            for username, party in self._guests.items()
            if username not in self._people
        ]
        return {
            "host": {name: value for name, value in _party(host).items() if name in _OF_THE_HOST},
            "parties": [_party(party) for party in self._parties.values()],
            "people": known,
        }


_OF_THE_HOST = ("name", "language", "time_zone", "country", "timetable")


def _party(party: Party) -> dict[str, Any]:
    about = {
        "party_id": party.party_id,
        "name": party.name,
        "kind": party.kind,
        "language": party.language,
        "time_zone": party.time_zone,
        "country": party.country,
        "timetable": party.timetable,
        "contacts": party.contacts,
    }
    return {name: value for name, value in about.items() if value is not None}


def _person(session: Session, person: Person, known: Mapping[int, Party]) -> dict[str, Any]:
    groups = session.scalars(select(Membership.group_id).where(Membership.username == person.username).order_by(Membership.group_id))
    found: dict[str, Any] = {"username": person.username, "name": person.name, "roles": list(person.roles or ()), "groups": list(groups)}
    if person.party_key is not None:
        found["party"] = known[person.party_key].party_id
    return found


# -- how it stands ------------------------------------------------------------------------------------------------


def _end(session: Session, case_key: int, writer: _Writer) -> dict[str, Any]:
    """What must be so again: the state, the path of each process, and the handoffs."""
    found = list(session.scalars(select(Instance).where(Instance.case_key == case_key).order_by(Instance.key)))
    by_process = {one.process_id: one for one in found}
    end: dict[str, Any] = {}
    states = {process_id: one.state for process_id, one in by_process.items()}
    end["state"] = next(iter(states.values())) if len(set(states.values())) == 1 else states
    still = select(Incident.element_id).where(Incident.case_key == case_key, Incident.state == IncidentState.ACTIVE)
    if stuck := sorted(session.scalars(still)):
        end["incidents"] = stuck
    once = [one for one in by_process.values() if sum(other.process_id == one.process_id for other in found) == 1]
    end["path"] = {one.process_id: _path(session, one.key) for one in once}
    rows = list(session.scalars(select(Handoff).where(Handoff.case_key == case_key).order_by(Handoff.key)))
    if rows:
        end["handoffs"] = [_handoff(row, writer) for row in rows]
    return end


def _path(session: Session, instance_key: int) -> list[str]:
    elements = select(ElementInstance.element_id).where(ElementInstance.instance_key == instance_key)
    return list(session.scalars(elements.order_by(ElementInstance.key)))


def _handoff(row: Handoff, writer: _Writer) -> dict[str, Any]:
    due = {"acceptBy": row.accept_due_at, "completeBy": row.complete_due_at}
    return {
        "from": row.from_side,
        "to": row.to_side,
        "party": writer.party_id(row.to_party_key),
        "round": row.round,
        "outcome": row.state,
        "late": row.accept_late or row.complete_late,
        **{name: at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for name, at in due.items() if at is not None},
    }


