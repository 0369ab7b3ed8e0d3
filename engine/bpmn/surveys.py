"""What a file says of parties, handoffs, work and people, whether or not it can be deployed: for whoever draws it, or just got it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.feel.sentences import say

from . import known_names
from .checks.handoffs import Way, ways_to_parties
from .checks.source import BPMN, Source, called, has_job, tag, zeebe
from .handoffs import HOST, Handoffs, Path, Places, Role, party_of, read, throws
from .names import id_of


@dataclass(frozen=True, slots=True)
class FoundProcess:
    process_id: str | None
    name: str | None
    element_id: str | None
    public_start: bool


@dataclass(frozen=True, slots=True)
class FoundParty:
    """A pool, or a lane that says who it is. `way`: None where nothing is handed to or by it."""

    element_id: str
    name: str
    role: Role
    way: Way | None


@dataclass(frozen=True, slots=True)
class FoundPeople:
    """Whom tasks are offered to that name nobody: the group of their lane, else of their pool."""

    element_id: str | None
    name: str | None
    group: str


@dataclass(frozen=True, slots=True)
class Noted:
    """What one should look at. `details`: what a quick fix needs."""

    element_id: str | None
    element_name: str | None
    rule: str
    message: str
    field: str | None = None
    details: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Survey:
    processes: tuple[FoundProcess, ...] = ()
    parties: tuple[FoundParty, ...] = ()
    paths: tuple[tuple[str, Path], ...] = ()  # with the process that they stand with
    jobs: tuple[tuple[str, str], ...] = ()  # element, type as written
    people: tuple[FoundPeople, ...] = ()
    forms: tuple[tuple[str, str], ...] = ()  # element, form id
    notes: tuple[Noted, ...] = ()


def survey(source: Source, forms: known_names.Forms) -> Survey:
    """Of a file that could be read. Where no process is marked executable, of all of them, as if they were."""
    if not source.executable:
        for process in source.processes:
            process.set("isExecutable", "true")
        source = Source(source.root)
    handoffs = read(source.root)
    places = Places(source.root)
    ways = ways_to_parties(source, handoffs)
    return Survey(
        processes=tuple(_processes(source, places, handoffs)),
        parties=tuple(_parties(source, places, ways)),
        paths=tuple((process_id, path) for process_id, found in handoffs.items() for path in found.paths),
        jobs=tuple(_jobs(source)),
        people=tuple(_people(source, handoffs)),
        forms=tuple(_forms(source)),
        notes=(*_messages_that_nobody_gets(source, places), *_fields_that_nothing_sets(source, handoffs, forms)),
    )


def _processes(source: Source, places: Places, handoffs: Mapping[str, Handoffs]) -> Iterator[FoundProcess]:
    for process in source.processes:
        if process not in source.executable:
            continue
        pool = places.pool_of(process)
        starts = [node for node in process.iterchildren(BPMN + "startEvent") if not source.definitions(node)]
        found = handoffs.get(process.get("id"))
        sides = [found.sides.get(start.get("id")) for start in starts] if found is not None else []
        public = any(side is not None and side.role.public_start for side in sides)
        yield FoundProcess(process.get("id"), process.get("name") or pool.get("name"), pool.get("id"), public)


def _parties(source: Source, places: Places, ways: Mapping[str, Way]) -> Iterator[FoundParty]:
    lanes = (lane for process in places.processes for lane in process.iter(BPMN + "lane") if party_of(lane) is not None)
    for place in (*source.pools, *lanes):
        side = places.side(place)
        yield FoundParty(side.id, side.name, side.role, Way.DIRECTORY if side.role.kind == HOST else ways.get(side.role.role))


def _jobs(source: Source) -> Iterator[tuple[str, str]]:
    for node in source.running_nodes():
        definition = zeebe(node, "taskDefinition")
        kind = (definition.get("type") or "").strip() if definition is not None else ""
        if kind and has_job(node):
            yield node.get("id"), kind


_NAMES_SOMEBODY = ("assignee", "candidateGroups", "candidateUsers")


def _people(source: Source, handoffs: Mapping[str, Handoffs]) -> Iterator[FoundPeople]:
    told = set()
    for task in source.running_nodes("userTask"):
        process = source.process_of(task)
        found = handoffs.get(process.get("id"))
        side = found.sides.get(task.get("id")) if found is not None else None
        assignment = zeebe(task, "assignmentDefinition")
        if assignment is not None and any((assignment.get(name) or "").strip() for name in _NAMES_SOMEBODY):
            for group in _written_groups(assignment):
                if group not in told:
                    told.add(group)
                    yield FoundPeople(task.get("id"), task.get("name"), group)
        elif side is not None and side.role.kind == HOST and side.id != process.get("id"):
            group = id_of(side.name)
            if group and group not in told:
                told.add(group)
                yield FoundPeople(side.id, side.name, group)


def _written_groups(assignment: Any) -> list[str]:
    written = (assignment.get("candidateGroups") or "").strip()
    if not written or written.startswith("="):
        return []
    return [name for one in written.split(",") if (name := one.strip())]


def _forms(source: Source) -> Iterator[tuple[str, str]]:
    for node in source.running_nodes("userTask", "startEvent"):
        form = zeebe(node, "formDefinition")
        form_id = (form.get("formId") or "").strip() if form is not None else ""
        if form_id and not form_id.startswith("="):
            yield node.get("id"), form_id


# -- notes --------------------------------------------------------------------------------------------------------


def _messages_that_nobody_gets(source: Source, places: Places) -> Iterator[Noted]:
    """A message flow into a closed pool of the host; a message thrown to nobody."""
    for flow in source.message_flows:
        target = source.by_id.get(flow.get("targetRef") or "")
        if target is None or tag(target) != "participant":
            continue
        behind = source.by_id.get(target.get("processRef") or "")
        if (behind is None or behind not in source.executable) and places.side(target).role.kind == HOST:
            message = say(
                "Nobody receives what goes along {flow}: {target} is a closed pool, and of the host.",
                flow=called(flow),
                target=called(target),
            )
            yield Noted(flow.get("id"), flow.get("name"), "message-without-receiver", message)
    caught = {_message_of(source, node) for node in source.running_nodes() if not throws(node)}
    for node in source.running_nodes("sendTask", "intermediateThrowEvent", "endEvent"):
        name = _message_of(source, node)
        if throws(node) and node.get("id") not in source.message_sources and (not name or name not in caught):
            message = say("Nobody in this file receives the message of {node}: no message flow leads out of it.", node=called(node))
            yield Noted(node.get("id"), node.get("name"), "message-without-receiver", message)


def _message_of(source: Source, node: Any) -> str:
    references = [node.get("messageRef"), *(one.get("messageRef") for one in source.definitions(node))]
    for reference in references:
        message = source.by_id.get(reference or "")
        if message is not None and tag(message) == "message":
            return (message.get("name") or "").strip()
    return ""


def _fields_that_nothing_sets(source: Source, handoffs: Mapping[str, Handoffs], forms: known_names.Forms) -> Iterator[Noted]:
    for flow_id, name, required, element_id in known_names.fields_that_nothing_sets(source, handoffs, forms):
        flow, sender = source.by_id.get(flow_id), source.by_id.get(element_id)
        if flow is None or sender is None:
            continue
        follows = say("then the work cannot cross") if required else say("then it crosses empty")
        message = say(
            "Nothing sets '{name}' before the work leaves {sender} on {flow}: {follows}.",
            name=name,
            sender=called(sender),
            flow=called(flow),
            follows=follows,
        )
        details = {"name": name, "element": element_id}
        yield Noted(flow_id, flow.get("name"), "field-that-nothing-sets", message, "fields", details)
