"""A process as compiled from its XML: read once, shared by all instances and threads, never changed at run time."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.feel import Expression, FeelError

from .checks.source import HANDOFF
from .elements.calls import CallActivity
from .elements.events import StartEvent
from .elements.expressions import Text
from .elements.loops import LoopBody
from .elements.nodes import ElementSpec
from .elements.parsing import BPMN, CAMUNDA, EMBEDDED_FORM, ZEEBE, LevelParser, Parser, attribute, extension
from .elements.subprocesses import ProcessRoot, ProcessSpec, ScopeSpec
from .elements.timers import Timer
from .elements.triggers import MessageTrigger, SignalTrigger, TimerTrigger
from .handoffs import Handoffs
from .handoffs import read as read_handoffs
from .lanes import lanes_of


@dataclass(frozen=True)
class Element:
    """A flow node of the process, at any depth. `lane`: the name of the lane it stands in (lanes.py)."""

    id: str
    name: str | None
    type: str  # as in the REST API
    lane: str | None
    lane_id: str | None
    documentation: str | None


@dataclass(frozen=True)
class Start:
    """A start event of the process itself. Names are static, or FEEL evaluated with an empty scope (None where that failed)."""

    element_id: str
    kind: str  # none | message | timer | signal
    message_name: str | None = None
    signal_name: str | None = None
    correlation_key: Expression | None = None
    timer: Timer | None = None
    form_id: str | None = None
    form_key: str | None = None


@dataclass(frozen=True)
class MessageFlow:
    """A message flow that leaves an element of this process. `target_process_id` is None where the other pool is a closed box."""

    id: str
    name: str | None
    source_element_id: str
    target_process_id: str | None
    target_element_id: str | None
    target_pool_id: str | None
    target_kind: str  # start | catch | pool


@dataclass(frozen=True, eq=False)
class Definition:
    process_id: str
    name: str | None
    version_tag: str | None
    pool_id: str | None
    pool_name: str | None
    documentation: str | None
    elements: Mapping[str, Element]
    starts: tuple[Start, ...]
    flows_out: Mapping[str, tuple[MessageFlow, ...]]  # by throwing element
    case_title: Text | None
    embedded_forms: Mapping[str, str]  # id -> JSON text
    job_types: frozenset[str]  # the static ones
    called_processes: frozenset[str]  # the static ones
    spec: ProcessSpec = field(repr=False)
    root: ProcessRoot = field(repr=False)
    specs: Mapping[str, ElementSpec] = field(repr=False)  # by name, all levels
    handoffs: Handoffs = field(default_factory=Handoffs, repr=False)


def compile_definitions(root: Any) -> tuple[Definition, ...]:
    """One definition for each executable process of an already checked file (an lxml element, left as it is)."""
    root = tidy(copy.deepcopy(root))
    parser = Parser()
    parser.add_bpmn_xml(root)
    for process in parser.process_parsers.values():
        process.get_spec()
    collaboration = _Collaboration(root)
    handoffs = read_handoffs(root)
    return tuple(_definition(process, collaboration, handoffs[process.bpmn_id]) for process in parser.process_parsers.values())


_REFERENCES = (
    "sourceRef", "targetRef", "attachedToRef", "messageRef", "signalRef", "errorRef", "escalationRef", "activityRef", "default",
    "processRef",
)  # fmt: skip


def tidy(root: Any) -> Any:
    """Gives every flow node and flow an id that has none (the same at each reading), and takes prefixes off references (QNames)."""
    ids = {node.get("id") for node in root.iter() if node.get("id")}
    without = 0
    for node in root.iter():
        if not isinstance(node.tag, str) or not node.tag.startswith(BPMN):
            continue
        for name in _REFERENCES:
            reference = node.get(name)
            if reference is not None:
                node.set(name, _local(reference, ids))
        if node.tag == BPMN + "flowNodeRef":
            node.text = _local(node.text or "", ids)
        if not node.get("id") and node.getparent() is not None and node.getparent().tag in _WITH_FLOW_ELEMENTS:
            without += 1
            while f"unnamed-{without}" in ids:
                without += 1
            node.set("id", f"unnamed-{without}")
    _name_lanes(root, ids)
    return root


def _name_lanes(root: Any, ids: set[str]) -> None:
    """Counted apart: models that were deployed before lanes had ids keep those of their other elements."""
    without = 0
    for lane in root.iter(BPMN + "lane"):
        if not lane.get("id"):
            without += 1
            while f"unnamed-lane-{without}" in ids:
                without += 1
            lane.set("id", f"unnamed-lane-{without}")


_WITH_FLOW_ELEMENTS = frozenset(BPMN + tag for tag in ("process", "subProcess", "transaction", "collaboration"))


def _local(reference: str, ids: set[str]) -> str:
    reference = reference.strip()
    return reference if reference in ids else reference.rpartition(":")[2]


class _Collaboration:
    """Pools, lanes and message flows of the file."""

    def __init__(self, root: Any) -> None:
        self.pools = {pool.get("id"): pool for pool in root.iter(BPMN + "participant")}
        self.pool_of_process = {pool.get("processRef"): pool for pool in self.pools.values() if pool.get("processRef")}
        self.nodes: dict[str, Any] = {}
        self.process_of: dict[str, str] = {}
        self.executable = {p.get("id") for p in root.iter(BPMN + "process") if (p.get("isExecutable") or "").lower() in ("true", "1")}
        for process in root.iter(BPMN + "process"):
            for node in process.iter():
                if isinstance(node.tag, str) and node.get("id"):
                    self.nodes[node.get("id")] = node
                    self.process_of[node.get("id")] = process.get("id")
        self.flows = [self._flow(flow) for flow in root.iter(BPMN + "messageFlow")]

    def _flow(self, flow: Any) -> MessageFlow:
        target = flow.get("targetRef")
        pool = self.pools.get(target)
        process_id = pool.get("processRef") if pool is not None else self.process_of.get(target)
        if pool is None and process_id is not None:
            pool = self.pool_of_process.get(process_id)
        node = self.nodes.get(target) if target not in self.pools else None
        kind = "pool" if node is None else "start" if node.tag == BPMN + "startEvent" and _is_process_start(node) else "catch"
        return MessageFlow(
            id=flow.get("id"),
            name=flow.get("name"),
            source_element_id=flow.get("sourceRef"),
            target_process_id=process_id if process_id in self.executable else None,
            target_element_id=target if node is not None else None,
            target_pool_id=attribute(pool, "id"),
            target_kind=kind,
        )


def _is_process_start(node: Any) -> bool:
    return bool(node.getparent().tag == BPMN + "process")


def _definition(parser: LevelParser, collaboration: _Collaboration, handoffs: Handoffs) -> Definition:
    node, specs = parser.node, parser.specs
    pool = collaboration.pool_of_process.get(parser.bpmn_id)
    lanes = lanes_of(node)
    flows: dict[str, list[MessageFlow]] = {}
    for flow in collaboration.flows:
        if flow.source_element_id in specs:
            flows.setdefault(flow.source_element_id, []).append(flow)
    title = node.find(f"{BPMN}extensionElements/{HANDOFF}case")
    inner = [spec.inner if isinstance(spec, LoopBody) else spec for spec in specs.values()]
    return Definition(
        process_id=parser.bpmn_id,
        name=node.get("name"),
        version_tag=attribute(extension(node, "versionTag"), "value") or node.get(CAMUNDA + "versionTag"),
        pool_id=attribute(pool, "id"),
        pool_name=attribute(pool, "name"),
        documentation=_documentation(node),
        elements={spec.element_id: _element(spec, lanes) for spec in inner if spec is not parser.root},
        starts=tuple(_start(spec, collaboration.nodes[spec.name]) for spec in inner if _is_start_of(spec, parser.root)),
        flows_out={source: tuple(found) for source, found in flows.items()},
        case_title=Text.of(attribute(title, "title")),
        embedded_forms={
            form.get("id"): form.text or "" for form in node.findall(f"{BPMN}extensionElements/{ZEEBE}userTaskForm") if form.get("id")
        },
        job_types=frozenset(
            job.type.static for spec in inner if (job := getattr(spec, "job", None)) is not None and job.type.static is not None
        ),
        called_processes=frozenset(
            spec.process_id.static for spec in inner if isinstance(spec, CallActivity) and spec.process_id.static is not None
        ),
        handoffs=handoffs,
        spec=parser.get_spec(),
        root=parser.root,
        specs=specs,
    )


def _documentation(node: Any) -> str | None:
    found = node.find(BPMN + "documentation")
    return None if found is None else found.text


def _element(spec: ElementSpec, lanes: Mapping[str, Any]) -> Element:
    lane = lanes.get(spec.element_id)
    return Element(
        id=spec.element_id,
        name=spec.bpmn_name,
        type=spec.element_type,
        lane=attribute(lane, "name"),
        lane_id=attribute(lane, "id"),
        documentation=spec.documentation,
    )


def _is_start_of(spec: ElementSpec, root: ScopeSpec) -> bool:
    return isinstance(spec, StartEvent) and spec.level is root


def _start(spec: ElementSpec, node: Any) -> Start:
    assert isinstance(spec, StartEvent)
    trigger = spec.trigger
    form = extension(node, "formDefinition")
    form_key = attribute(form, "formKey") or node.get(CAMUNDA + "formKey")
    return Start(
        element_id=spec.element_id,
        kind=trigger.kind,
        message_name=_name_at_rest(trigger.name) if isinstance(trigger, MessageTrigger) else None,
        signal_name=_name_at_rest(trigger.name) if isinstance(trigger, SignalTrigger) else None,
        correlation_key=trigger.correlation_key if isinstance(trigger, MessageTrigger) else None,
        timer=trigger.timer if isinstance(trigger, TimerTrigger) else None,
        form_id=attribute(form, "formId"),
        form_key=form_key.removeprefix(EMBEDDED_FORM) if form_key else None,
    )


def _name_at_rest(name: Text) -> str | None:
    try:
        value = name.evaluate({})
    except FeelError:
        return None
    return value if isinstance(value, str) else None
