"""Where the work goes next, as the model draws it: what a person wants to know before passing it on."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree
from sqlalchemy.orm import Session

from engine import deployments
from engine.bpmn.checks.source import FLOW_NODES
from engine.bpmn.definition import tidy
from engine.bpmn.lanes import lanes_of
from engine.deployments import Process, Resource

_BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_ZEEBE = "{http://camunda.org/schema/zeebe/1.0}"
_PASSED = frozenset({"exclusiveGateway", "parallelGateway", "inclusiveGateway", "manualTask", "task", "intermediateThrowEvent"})
_PEOPLE = frozenset({"userTask"})
_PROGRAMS = frozenset({"serviceTask", "scriptTask", "businessRuleTask"})
_MOST_NEXT = 4
_SCOPES = frozenset({f"{_BPMN}subProcess", f"{_BPMN}transaction", f"{_BPMN}adHocSubProcess"})


@dataclass(frozen=True, slots=True)
class Place:
    """A node of the model. `who`: the name of its innermost lane, else of its pool."""

    element_id: str
    tag: str
    name: str | None
    pool: str | None
    lane: str | None
    documentation: str | None = None
    is_assigned: bool = False  # the model names who does it

    @property
    def who(self) -> str | None:
        return self.lane or self.pool

    @property
    def is_for_people(self) -> bool:
        return self.tag in _PEOPLE

    @property
    def is_for_programs(self) -> bool:
        return self.tag in _PROGRAMS


@dataclass(frozen=True, slots=True)
class Outlook:
    """What follows a task: the next places with work (or an end, or a wait), and the parties that hear of it."""

    next: tuple[Place, ...] = ()
    told: tuple[str, ...] = ()

    @property
    def waiting(self) -> tuple[str, ...]:
        """Who waits for this task: the people of the next places, else the parties that are told."""
        people = [place.who for place in self.next if place.is_for_people and place.who]
        return tuple(dict.fromkeys(people or self.told))


@dataclass(frozen=True, slots=True)
class Drawing:
    """One file of models, as far as people ask about it."""

    places: Mapping[str, Place]
    names: Mapping[str, str | None]  # process id -> its name
    documentation: Mapping[str, str | None]  # process id -> what it is for, as its drawer wrote it
    pools: Mapping[str, str | None]  # process id -> name of its pool
    flows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    messages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # throwing element id -> names of pools
    boundaries: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # activity -> its boundary events
    diversions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # the same, only those that interrupt it
    contents: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # sub-process -> what stands in it

    def ahead_of(self, active: Iterable[str]) -> frozenset[str]:
        """Everything that may still come where these elements are active, boundary events too."""
        begin = list(active)
        queue = deque(target for one in begin for target in (*self.flows.get(one, ()), *self.boundaries.get(one, ())))
        found: set[str] = set()
        while queue:
            one = queue.popleft()
            if one not in found:
                found.add(one)
                queue.extend((*self.flows.get(one, ()), *self.boundaries.get(one, ()), *self.contents.get(one, ())))
        return frozenset(found)

    def is_certain(self, goal: str, active: Iterable[str]) -> bool:
        """Whether each way from one of the active elements to an end leads by `goal`. Where that cannot be seen: no."""
        return any(self._leads_always(one, goal) for one in active if one != goal)

    def _leads_always(self, begin: str, goal: str) -> bool:
        queue, seen, is_met = [begin], {begin}, False
        while queue:
            one = queue.pop()
            ways = {*self.flows.get(one, ()), *self.diversions.get(one, ())}
            if not ways:
                return False
            is_met = is_met or goal in ways
            queue.extend(ways - seen - {goal})
            seen |= ways
        return is_met

    def after(self, element_id: str) -> Outlook:
        """Follow the arrows through gateways and throwing events to where the token may rest."""
        reached = self._reached(element_id)
        told = dict.fromkeys(self.messages.get(element_id, ()))
        for place in reached:
            told |= dict.fromkeys(self.messages.get(place.element_id, ()))
        next_ones = [place for place in reached if not self._is_passed(place)]
        return Outlook(tuple(next_ones[:_MOST_NEXT]), tuple(told))

    def throws_after(self, element_id: str) -> list[str]:
        """The elements that let a message go before the token may rest, or where it ends."""
        return [place.element_id for place in self._reached(element_id) if place.element_id in self.messages]

    def _reached(self, element_id: str) -> list[Place]:
        """What the token may come by, up to where it rests; the nearest first."""
        found: dict[str, Place] = {}
        queue = deque(self.flows.get(element_id, ()))
        while queue:
            place = self.places.get(queue.popleft())
            if place is None or place.element_id in found or place.element_id == element_id:
                continue
            found[place.element_id] = place
            if self._is_passed(place):
                queue.extend(self.flows.get(place.element_id, ()))
        return list(found.values())

    def _is_passed(self, place: Place) -> bool:
        return place.tag in _PASSED or (place.tag == "sendTask" and bool(self.flows.get(place.element_id)))


def read(content: bytes) -> Drawing:
    """Read a file that was checked when it was deployed."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True, remove_comments=True)
    root = tidy(etree.fromstring(content, parser))
    pools = {p.get("processRef"): p.get("name") for p in root.iter(f"{_BPMN}participant") if p.get("processRef")}
    pool_by_participant = {p.get("id"): p.get("name") or p.get("processRef") for p in root.iter(f"{_BPMN}participant")}
    places: dict[str, Place] = {}
    flows: dict[str, list[str]] = {}
    boundaries: dict[str, list[str]] = {}
    diversions: dict[str, list[str]] = {}
    contents: dict[str, list[str]] = {}
    names: dict[str, str | None] = {}
    documentation: dict[str, str | None] = {}
    for process in root.iter(f"{_BPMN}process"):
        process_id = process.get("id", "")
        names[process_id], documentation[process_id] = _one_line(process.get("name")), _documentation(process)
        _read_nodes(process, pools.get(process_id), places, flows)
        _read_insides(process, boundaries, diversions, contents)
    messages: dict[str, list[str]] = {}
    for flow in root.iter(f"{_BPMN}messageFlow"):
        target = flow.get("targetRef")
        pool = pool_by_participant.get(target) or (places[target].pool if target in places else None)
        if pool:
            messages.setdefault(flow.get("sourceRef"), []).append(pool)
    around = {"boundaries": _frozen(boundaries), "diversions": _frozen(diversions), "contents": _frozen(contents)}
    return Drawing(places, names, documentation, pools, _frozen(flows), _frozen(messages), **around)


def _frozen(found: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(dict.fromkeys(values)) for key, values in found.items()}


def _documentation(node: Any) -> str | None:
    text = node.findtext(f"{_BPMN}documentation")
    return " ".join(text.split()) or None if text else None


def _read_nodes(process: Any, pool: str | None, places: dict[str, Place], flows: dict[str, list[str]]) -> None:
    lanes = lanes_of(process)
    for node in process.iter(f"{_BPMN}*"):
        tag, node_id = node.tag[len(_BPMN) :], node.get("id")
        if tag == "sequenceFlow":
            flows.setdefault(node.get("sourceRef"), []).append(node.get("targetRef"))
        elif tag in FLOW_NODES and node_id:
            lane = lanes[node_id].get("name") if node_id in lanes else None
            places[node_id] = Place(node_id, tag, _one_line(node.get("name")), pool, lane, _documentation(node), _is_assigned(node))


def _read_insides(
    process: Any, boundaries: dict[str, list[str]], diversions: dict[str, list[str]], contents: dict[str, list[str]]
) -> None:
    for node in process.iter(*(f"{_BPMN}{tag}" for tag in FLOW_NODES)):
        around, host = node.getparent(), node.get("attachedToRef")
        if host:
            boundaries.setdefault(host, []).append(node.get("id"))
            if node.get("cancelActivity") != "false":
                diversions.setdefault(host, []).append(node.get("id"))
        elif around.tag in _SCOPES and around.get("triggeredByEvent") != "true":  # that one has a way of its own
            contents.setdefault(around.get("id"), []).append(node.get("id"))


def _is_assigned(node: Any) -> bool:
    return node.find(f"{_BPMN}extensionElements/{_ZEEBE}assignmentDefinition") is not None


def _one_line(name: str | None) -> str | None:
    return " ".join(name.split()) or None if name else None


_MAX_CACHED = 100
_drawings: OrderedDict[int, Drawing] = OrderedDict()  # by resource key: a deployed file never changes
_lock = threading.Lock()


def of_process(session: Session, process_key: int) -> Drawing:
    """The drawing of the file that this process was deployed with. Raises NotFound."""
    process: Process = deployments.expect_process(session, key=process_key)
    with _lock:
        found = _drawings.get(process.resource_key)
        if found is not None:
            _drawings.move_to_end(process.resource_key)
            return found
    drawing = read(session.get_one(Resource, process.resource_key).content)
    with _lock:
        _drawings[process.resource_key] = drawing
        while len(_drawings) > _MAX_CACHED:
            _drawings.popitem(last=False)
    return drawing
