"""Where the handoffs are: sides, contracts and paths, as the model says it. No run time in here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.feel import Expression, FeelError, compile_expression

from .checks.source import BPMN, FLOW_NODES, GATEWAYS, HANDOFF, has_job
from .lanes import lanes_of
from .names import id_of
from .paths import Graph

HOST, PARTNER, CUSTOMER = "host", "partner", "customer"
INTERNAL = "internal"  # a handoff between teams of one party


@dataclass(frozen=True, slots=True)
class Role:
    """The party that a pool or lane plays. `role` is an identifier; one of `party_id` and `binding`, or neither."""

    role: str
    kind: str = HOST
    party_id: str | None = None
    binding: Expression | None = None
    public_start: bool = False  # anybody may start it by its form, after proving an e-mail address


@dataclass(frozen=True, slots=True)
class Side:
    """Who works there: the innermost lane that lists an element, else its pool, else the process."""

    id: str
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Field:
    """What a contract lets across. `type`: string | number | boolean | date | file | list | context | any."""

    name: str
    label: str | None = None
    type: str = "any"
    required: bool = False
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Contract:
    """What a handoff promises. Limits are ISO 8601 durations, as written."""

    flow_id: str
    fields: tuple[Field, ...] = ()
    accept_within: str | None = None
    complete_within: str | None = None
    calendar: str = "always"  # | working
    acknowledgement: str = "explicit"  # | none
    channel: str | None = None  # portal | email; None: e-mail to another party, else the portal
    assurance: str = "link"  # | code | account
    returnable: bool = True


@dataclass(frozen=True, slots=True)
class Path:
    """One possible handoff: from the last element with work in one side to the first place of rest in another, or a message flow.

    Of several ways from one to the other under the same contract `flow_ids` is the shortest, the first in the file.
    """

    flow_ids: tuple[str, ...]
    from_element_id: str | None  # None: a pool that is a closed box
    to_element_id: str | None  # None: a pool that is a closed box
    from_side: Side
    to_side: Side
    kind: str  # internal | partner | customer
    contract: Contract | None = None
    is_message: bool = False


@dataclass(frozen=True, slots=True)
class Handoffs:
    """Of one process. Message flows stand with the process that throws; those out of a closed box with the process that receives."""

    sides: Mapping[str, Side] = field(default_factory=dict)  # by flow node
    rests: frozenset[str] = frozenset()  # flow nodes where a token comes to rest
    contracts: Mapping[str, Contract] = field(default_factory=dict)  # by flow
    pools: Mapping[str, Side] = field(default_factory=dict)  # by participant id, all of the collaboration
    paths: tuple[Path, ...] = ()
    milestones: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # flow node -> language ("" for any) -> label
    keep: str | None = None  # ISO 8601: how long after its end a case's values are kept
    conflicts: tuple[tuple[str, str], ...] = ()  # two flows with a contract each on one way; refused at deployment
    is_complete: bool = True  # False: too many flows to search; refused at deployment

    @property
    def has_crossings(self) -> bool:
        return len({side.id for side in self.sides.values()}) > 1


def kind_between(one: Role, other: Role) -> str:
    """`customer` if either is a customer, else `partner` if either is a partner, else `internal`."""
    kinds = {one.kind, other.kind}
    return CUSTOMER if CUSTOMER in kinds else PARTNER if PARTNER in kinds else INTERNAL


# -- read ---------------------------------------------------------------------------------------------------------

_THROWING_EVENTS = frozenset(["intermediateThrowEvent", "endEvent"])
_PASSED = GATEWAYS - {"eventBasedGateway"}


def read(root: Any) -> dict[str, Handoffs]:
    """By process id, for every process of a tidied file that runs. Never raises: what is wrong is found by checks/handoffs.py."""
    places = Places(root)
    pools = {pool_id: places.side(pool) for pool_id, pool in places.participants.items()}
    messages: dict[Any, list[Any]] = {}
    for flow in places.message_flows:
        messages.setdefault(_stands_with(flow, places), []).append(flow)
    return {process.get("id"): _of_process(process, places, pools, messages.get(process, [])) for process in places.processes}


def party_of(node: Any) -> Any:
    """The handoff:party of a pool or lane, or None."""
    return node.find(f"{BPMN}extensionElements/{HANDOFF}party")


class Places:
    """The pools and lanes of a file, and who works in them."""

    def __init__(self, root: Any) -> None:
        self.processes = [p for p in root.iter(BPMN + "process") if (p.get("isExecutable") or "").strip().lower() in ("true", "1")]
        self.participants = {pool.get("id"): pool for pool in root.iter(BPMN + "participant")}
        self._pool_of_process = {pool.get("processRef"): pool for pool in self.participants.values() if pool.get("processRef")}
        self.message_flows = list(root.iter(BPMN + "messageFlow"))
        self.lanes: dict[str, Any] = {}  # by flow node
        self.nodes: dict[str, Any] = {}
        self.process_of: dict[str, Any] = {}
        self._sides: dict[Any, Side] = {}
        running = set(self.processes)
        for process in root.iter(BPMN + "process"):
            if process in running:
                self.lanes |= lanes_of(process)
            for node in process.iter():
                if _name(node) in FLOW_NODES and node.get("id"):
                    self.nodes[node.get("id")], self.process_of[node.get("id")] = node, process
        self._running = running

    def runs(self, node_id: str) -> bool:
        return self.process_of.get(node_id) in self._running

    def side_of_node(self, node_id: str) -> Side:
        lane = self.lanes.get(node_id)
        return self.side(lane if lane is not None else self.pool_of(self.process_of[node_id]))

    def pool_of(self, process: Any) -> Any:
        """The pool before a process; the process itself, where none is drawn."""
        return self._pool_of_process.get(process.get("id"), process)

    def side(self, place: Any) -> Side:
        """Of a lane, pool or process."""
        found = self._sides.get(place)
        if found is None:
            found = self._sides[place] = Side(place.get("id") or "", place.get("name") or place.get("id") or "", self._role(place))
        return found

    def _role(self, place: Any) -> Role:
        """A lane without a party has that of the lane around it, of the sub-process it lies in, of its pool."""
        at = place
        while party_of(at) is None and _name(at) == "lane":
            at = self._around(at)
        party = party_of(at)
        default = id_of(at.get("name") or "") or at.get("id") or ""
        if party is None:
            return Role(default)
        return Role(
            role=(party.get("role") or "").strip() or default,
            kind=(party.get("kind") or HOST).strip(),
            party_id=(party.get("partyId") or "").strip() or None,
            binding=_feel(party.get("binding")),
            public_start=_is_true(party, "publicStart", "false"),
        )

    def _around(self, lane: Any) -> Any:
        at = lane.getparent()
        while _name(at) in ("laneSet", "childLaneSet"):
            at = at.getparent()
        if _name(at) in ("lane", "process"):
            return at if _name(at) == "lane" else self.pool_of(at)
        outer = self.lanes.get(at.get("id"))  # of the sub-process
        return outer if outer is not None else self.pool_of(self.process_of[at.get("id")])


def _name(node: Any) -> str:
    return node.tag[len(BPMN) :] if isinstance(node.tag, str) and node.tag.startswith(BPMN) else ""


def _feel(text: str | None) -> Expression | None:
    if not text or not text.strip().startswith("="):
        return None
    try:
        return compile_expression(text.strip()[1:])
    except FeelError:
        return None


def _of_process(process: Any, places: Places, pools: Mapping[str, Side], messages: list[Any]) -> Handoffs:
    nodes = [node for node in process.iter() if _name(node) in FLOW_NODES and node.get("id")]
    sides = {node.get("id"): places.side_of_node(node.get("id")) for node in nodes}
    rests = frozenset(node.get("id") for node in nodes if rests_at(node))
    sequence_flows = list(process.iter(BPMN + "sequenceFlow"))
    contracts = {flow.get("id"): contract for flow in (*sequence_flows, *messages) if (contract := contract_on(flow)) is not None}
    graph = Graph(_flows_out(nodes, sequence_flows), rests, frozenset(contracts))
    crossing = tuple(_crossings(nodes, graph, sides, contracts)) if len({side.id for side in sides.values()}) > 1 else ()
    case = process.find(f"{BPMN}extensionElements/{HANDOFF}case")
    return Handoffs(
        sides=sides,
        rests=rests,
        contracts=contracts,
        pools=pools,
        paths=(*crossing, *(_message_path(flow, places, contracts) for flow in messages)),
        milestones={node.get("id"): labels for node in nodes if (labels := _milestone(node))},
        keep=((case.get("keep") or "").strip() or None) if case is not None else None,
        conflicts=tuple(graph.conflicts),
        is_complete=not graph.is_exhausted,
    )


# -- between lanes --


def rests_at(node: Any) -> bool:
    """Whether a token comes to rest at a flow node. It runs through gateways, except where it waits for events, and through links."""
    return _name(node) not in _PASSED and not is_link(node)


def is_link(node: Any) -> bool:
    return node.find(BPMN + "linkEventDefinition") is not None


def _flows_out(nodes: list[Any], flows: list[Any]) -> dict[str, list[tuple[str | None, str]]]:
    found: dict[str, list[tuple[str | None, str]]] = {}
    for flow in flows:
        found.setdefault(flow.get("sourceRef"), []).append((flow.get("id"), flow.get("targetRef")))
    catching: dict[tuple[Any, str], str] = {}
    links = [node for node in nodes if is_link(node)]
    for node in links:
        if _name(node) == "intermediateCatchEvent":
            catching.setdefault(_link(node), node.get("id"))
    for node in links:
        if _name(node) == "intermediateThrowEvent" and _link(node) in catching:
            found.setdefault(node.get("id"), []).append((None, catching[_link(node)]))
    return found


def _link(node: Any) -> tuple[Any, str]:
    return node.getparent(), (node.find(BPMN + "linkEventDefinition").get("name") or "").strip()


def _crossings(nodes: list[Any], graph: Graph, sides: Mapping[str, Side], contracts: Mapping[str, Contract]) -> Iterator[Path]:
    for node in nodes:
        source = node.get("id")
        if source not in graph.rests:
            continue
        for way in graph.ways_from(source):
            one, other = sides[source], sides.get(way.target)
            if other is not None and one.id != other.id:
                contract = contracts[way.marked] if way.marked else None
                yield Path(way.flow_ids, source, way.target, one, other, kind_between(one.role, other.role), contract)


# -- between pools --


def _stands_with(flow: Any, places: Places) -> Any:
    """The process that throws; out of a closed box, the one that receives; None where nothing is handed over."""
    source, target = flow.get("sourceRef"), flow.get("targetRef")
    if not all(end in places.participants or end in places.nodes for end in (source, target)):
        return None  # refused at deployment
    if places.runs(source):
        return places.process_of[source] if throws(places.nodes[source]) else None
    return places.process_of.get(target)


def throws(node: Any) -> bool:
    """Whether a node throws a message itself: a job's worker would publish it, and other elements throw none."""
    is_message = _name(node) == "sendTask" or (_name(node) in _THROWING_EVENTS and node.find(BPMN + "messageEventDefinition") is not None)
    return is_message and not has_job(node)


def _message_path(flow: Any, places: Places, contracts: Mapping[str, Contract]) -> Path:
    (source, one), (target, other) = (_end(flow.get(end), places) for end in ("sourceRef", "targetRef"))
    return Path((flow.get("id"),), source, target, one, other, kind_between(one.role, other.role), contracts.get(flow.get("id")), True)


def _end(reference: str, places: Places) -> tuple[str | None, Side]:
    """The element, where it runs; else the pool alone, whatever is drawn in it."""
    if reference in places.participants:
        return None, places.side(places.participants[reference])
    if places.runs(reference):
        return reference, places.side_of_node(reference)
    return None, places.side(places.pool_of(places.process_of[reference]))


# -- what stands at one element --


def contract_on(flow: Any) -> Contract | None:
    node = flow.find(f"{BPMN}extensionElements/{HANDOFF}contract")
    if node is None:
        return None
    said = {name: (node.get(name) or "").strip() or None for name in ("acceptWithin", "completeWithin", "channel")}
    return Contract(
        flow_id=flow.get("id"),
        fields=tuple(_field(child) for child in node.iterchildren(HANDOFF + "field")),
        accept_within=said["acceptWithin"],
        complete_within=said["completeWithin"],
        calendar=(node.get("calendar") or "always").strip(),
        acknowledgement=(node.get("acknowledgement") or "explicit").strip(),
        channel=said["channel"],
        assurance=(node.get("assurance") or "link").strip(),
        returnable=_is_true(node, "returnable", "true"),
    )


def _field(node: Any) -> Field:
    return Field(
        name=(node.get("name") or "").strip(),
        label=(node.get("label") or "").strip() or None,
        type=(node.get("type") or "any").strip(),
        required=_is_true(node, "required", "false"),
        sensitive=_is_true(node, "sensitive", "false"),
    )


def _is_true(node: Any, name: str, default: str) -> bool:
    return (node.get(name) or default).strip() in ("true", "1")  # XML Schema: boolean


def _milestone(node: Any) -> dict[str, str]:
    return {
        (milestone.get("language") or "").strip(): (milestone.get("label") or "").strip()
        for milestone in node.iterfind(f"{BPMN}extensionElements/{HANDOFF}milestone")
    }
