"""What would become of files if they were deployed now: all problems, parties, handoffs, work and people. Nothing is stored."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import decisions, deployments, forms, job_types, json_text, parties, policies
from engine.bpmn import diagram
from engine.bpmn.checks import handoffs as rules
from engine.bpmn.checks.source import Problem
from engine.bpmn.handoffs import HOST, Path
from engine.bpmn.known_names import Forms
from engine.bpmn.surveys import FoundParty, FoundPeople, FoundProcess, Survey, survey
from engine.feel.sentences import say
from engine.parties import Actor
from engine.people import Membership, Person

MOST_FILES = 100
MOST_BYTES = 10 << 20  # of all files
MOST_TAGS = 60_000  # of all files, some seconds of reading: far more than a person draws; a deployment has more patience
MOST_SECONDS = 10.0  # whatever was not looked at by then is said not to have been
MOST_TOLD = 200  # problems of one file

ERROR, WARNING = "error", "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """`level`: an error is refused at deployment, a warning is not. `fix`: {"kind": ..., what it needs}."""

    level: str
    file: str
    message: str
    rule: str
    element_id: str | None = None
    element_name: str | None = None
    field: str | None = None
    line: int | None = None
    expression: tuple[str, int] | None = None
    fix: Mapping[str, Any] | None = None


@dataclass(slots=True)
class Findings:
    problems: list[Finding] = field(default_factory=list)
    processes: list[tuple[str, FoundProcess]] = field(default_factory=list)  # each with its file, as all below
    parties: list[tuple[str, FoundParty, str]] = field(default_factory=list)  # and how a case finds it
    paths: list[tuple[str, str, Path]] = field(default_factory=list)  # and the process
    jobs: list[tuple[str, str, str, datetime | None]] = field(default_factory=list)  # element, type, when a worker last asked for it
    people: list[tuple[str, FoundPeople, int]] = field(default_factory=list)  # and the number of people who can log in


def check(session: Session, files: Sequence[tuple[str, bytes]], *, by: Actor) -> Findings:
    """`files`: name and content. What is no file of ours, too much or too large is a problem among the others."""
    policies.require(policies.may_deploy(by))
    found = Findings()
    fitting = list(_fitting(files, found))
    known_forms = _known_forms(session, fitting)
    until = time.monotonic() + MOST_SECONDS
    owner: dict[str, str] = {}
    for name, content in fitting:
        if time.monotonic() > until:
            found.problems.append(Finding(ERROR, name, say("This was not looked at: the files before it took too long."), "size"))
        elif deployments.kind_of(name) == "bpmn":
            _check_diagram(session, name, content, known_forms, owner, found, until)
        elif deployments.kind_of(name) == "form":
            found.problems += _of_form(name, content)
        elif deployments.kind_of(name) == "decision":
            found.problems += _of_decisions(name, content, [other for other in fitting if other[0] != name])
        else:
            found.problems.append(Finding(ERROR, name, say("Expected a .bpmn, .dmn or .form file."), "kind"))
    return found


def _fitting(files: Sequence[tuple[str, bytes]], found: Findings) -> Iterator[tuple[str, bytes]]:
    left, tags = MOST_BYTES, MOST_TAGS
    for number, (name, content) in enumerate(files):
        left, tags = left - len(content), tags - content.count(b"<")
        if number >= MOST_FILES:
            found.problems.append(
                Finding(
                    ERROR, name, say("Expected at most {most_files} files, found {count}.", most_files=MOST_FILES, count=len(files)), "size"
                )
            )
            return
        if left < 0:
            found.problems.append(
                Finding(
                    ERROR, name, say("Expected files of at most {most_bytes} MB together, found more.", most_bytes=MOST_BYTES >> 20), "size"
                )
            )
            return
        if tags < 0:
            message = say(
                "This is too large to be looked at: expected files with at most {most_tags:,} tags together, found more.",
                most_tags=MOST_TAGS,
            )
            found.problems.append(Finding(ERROR, name, message, "size"))
            return
        yield name, content


# -- models -------------------------------------------------------------------------------------------------------


def _check_diagram(session: Session, name: str, content: bytes, known: Forms, owner: dict[str, str], found: Findings, until: float) -> None:
    drawn = diagram.read(content, name, seconds=max(1.0, until - time.monotonic()))
    told = [_told(ERROR, name, one) for one in drawn.problems] + [_told(WARNING, name, one) for one in drawn.warnings]
    for process_id in drawn.process_ids:
        if owner.setdefault(process_id, name) != name:
            message = say(
                "Expected each process in one file, found '{process_id}' in {owner} too.", process_id=process_id, owner=owner[process_id]
            )
            told.append(Finding(ERROR, name, message, "process-twice", process_id))
    if drawn.source is not None:
        seen = survey(drawn.source, known)
        told += [_noted(name, one) for one in seen.notes]
        told += _of_surroundings(session, name, seen, known, found)
        named = drawn.source.by_id
        told = [replace(one, element_name=_name(named.get(one.element_id or ""))) if one.element_name is None else one for one in told]
    found.problems += told[:MOST_TOLD]
    if len(told) > MOST_TOLD:
        found.problems.append(Finding(WARNING, name, say("There are {count} more.", count=len(told) - MOST_TOLD), "more"))


def _name(node: Any) -> str | None:
    return None if node is None else node.get("name")


# rule -> the obvious thing to do, where there is one; what it needs is the element itself
_FIXES: Mapping[str, str] = {
    rules.WITHOUT_CONTRACT: "addContract",
    rules.WITHOUT_LIMIT: "addLimit",
    "limit-that-never-begins": "addAcceptLimit",
    "has-processes-that-can-be-started": "makeExecutable",
}


def _told(level: str, file: str, one: Problem) -> Finding:
    rule = one.rule or "file"
    fix = {"kind": _FIXES[rule]} if rule in _FIXES and one.element_id else None
    return Finding(level, file, one.message, rule, one.element_id, one.element_name, one.field, one.line, one.expression, fix)


def _noted(file: str, one: Any) -> Finding:
    fix = {"kind": "removeField", **one.details} if one.details is not None else None
    return Finding(WARNING, file, one.message, one.rule, one.element_id, one.element_name, one.field, fix=fix)


def _of_surroundings(session: Session, file: str, seen: Survey, known: Forms, found: Findings) -> list[Finding]:
    """What only this installation knows: its directory, people, forms and workers."""
    found.processes += [(file, one) for one in seen.processes]
    found.paths += [(file, process_id, path) for process_id, path in seen.paths]
    return [
        *_of_parties(session, file, seen, found),
        *_of_people(session, file, seen, found),
        *_of_jobs(session, file, seen, found),
        *_of_missing_forms(file, seen, known),
    ]


def _of_parties(session: Session, file: str, seen: Survey, found: Findings) -> Iterator[Finding]:
    named = {one.role.party_id for one in seen.parties if one.role.party_id}
    there = set(session.scalars(select(parties.Party.party_id).where(parties.Party.party_id.in_(sorted(named)), parties.Party.active)))
    for one in seen.parties:
        unknown = bool(one.role.party_id) and one.role.kind != HOST and one.role.party_id not in there
        found.parties.append((file, one, rules.Way.NOBODY if unknown else one.way or rules.Way.STARTER))
        if unknown:
            message = say("The directory knows no party '{party_id}', which '{name}' always is.", party_id=one.role.party_id, name=one.name)
            fix = {"kind": "addParty", "partyId": one.role.party_id, "name": one.name}
            yield Finding(WARNING, file, message, "party-unknown", one.element_id, one.name, "partyId", fix=fix)


def _of_people(session: Session, file: str, seen: Survey, found: Findings) -> Iterator[Finding]:
    members = members_of(session, [one.group for one in seen.people])
    for one in seen.people:
        count = members.get(one.group, 0)
        found.people.append((file, one, count))
        if count == 0:
            message = say(
                "Nobody would see the tasks of '{name}': the group '{group}' has nobody who can log in.",
                name=one.name or one.group,
                group=one.group,
            )
            fix = {"kind": "addPeople", "group": one.group}
            yield Finding(WARNING, file, message, "group-without-people", one.element_id, one.name, fix=fix)


def members_of(session: Session, groups: Iterable[str]) -> dict[str, int]:
    """People who can log in, by group."""
    of_group = Membership.group_id.in_(sorted(set(groups)))
    statement = select(Membership.group_id, func.count()).join(Person, Person.username == Membership.username)
    return {group: count for group, count in session.execute(statement.where(of_group, Person.active).group_by(Membership.group_id))}


def _of_jobs(session: Session, file: str, seen: Survey, found: Findings) -> Iterator[Finding]:
    asked = job_types.last_asked(session, [kind for _, kind in seen.jobs])
    told = set()
    for element_id, kind in seen.jobs:
        found.jobs.append((file, element_id, kind, asked.get(kind)))
        if kind not in asked and kind not in told and not kind.startswith("="):
            told.add(kind)
            message = say("No worker has ever asked for work of the type '{kind}'.", kind=kind[:100])
            fix = {"kind": "addWorker", "type": kind}
            yield Finding(WARNING, file, message, "job-type-without-worker", element_id, None, "type", fix=fix)


def _of_missing_forms(file: str, seen: Survey, known: Forms) -> Iterator[Finding]:
    for element_id, form_id in seen.forms:
        if form_id not in known:
            message = say(
                "There is no form '{form_id}', neither among these files nor deployed: people would see none.", form_id=form_id[:100]
            )
            yield Finding(WARNING, file, message, "form-unknown", element_id, None, "formId", fix={"kind": "addForm", "formId": form_id})


# -- forms and decisions ------------------------------------------------------------------------------------------


def _known_forms(session: Session, files: Sequence[tuple[str, bytes]]) -> dict[str, frozenset[str]]:
    """Form id -> the names that it asks for: of these files, else as deployed."""
    here = {}
    for name, content in files:
        schema = _schema_of(content) if deployments.kind_of(name) == "form" else None
        if schema is not None and isinstance(schema.get("id"), str):
            here[schema["id"]] = forms.names_asked(schema)
    wanted = {reference for name, content in files if deployments.kind_of(name) == "bpmn" for reference in _FORM.findall(content)}
    missing = sorted({found for one in wanted if (found := one.decode("utf-8", "replace")) not in here})[:MOST_TOLD]
    for form_id in missing:
        row = deployments.newest_form(session, form_id)
        if row is not None:
            here[form_id] = forms.names_asked(json_text.loads(row.schema))
    return here


_FORM = re.compile(rb"formId=[\"']([^\"'=<>&]{1,255})[\"']")


def _schema_of(content: bytes) -> dict[str, Any] | None:
    try:
        schema = json_text.loads(content)
    except json_text.NotJson:
        return None
    return schema if isinstance(schema, dict) else None


def _of_form(name: str, content: bytes) -> list[Finding]:
    _, wrong = deployments.read_form(content)
    return [Finding(ERROR, name, message, "form") for message in wrong[:MOST_TOLD]]


def _of_decisions(name: str, content: bytes, others: Sequence[tuple[str, bytes]]) -> list[Finding]:
    beside = [other for file, other in others if deployments.kind_of(file) == "decision"]
    _, wrong, worth_knowing = decisions.read(content, beside)
    told = [(ERROR, one) for one in wrong] + [(WARNING, one) for one in worth_knowing]
    return [Finding(level, name, one.message, "decision", one.element_id, None, None, one.line) for level, one in told[:MOST_TOLD]]
