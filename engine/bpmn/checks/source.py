"""A file as the rules see it: nodes by id, who lies in what, and where problems are collected."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from engine.feel.sentences import Sentence, say

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
ZEEBE = "{http://camunda.org/schema/zeebe/1.0}"
CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"
HANDOFF = "{urn:passerelle:handoff:1.0}"

ACTIVITIES = frozenset(
    {"task", "manualTask", "userTask", "serviceTask", "businessRuleTask", "scriptTask", "sendTask", "receiveTask"}
    | {"callActivity", "subProcess", "transaction", "adHocSubProcess"}
)
EVENTS = frozenset(["startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent", "implicitThrowEvent"])
GATEWAYS = frozenset(["exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway"])
CHOREOGRAPHY = frozenset(["callChoreography", "choreographyTask", "subChoreography"])
FLOW_NODES = ACTIVITIES | EVENTS | GATEWAYS | CHOREOGRAPHY
CONTAINERS = frozenset(["process", "subProcess", "transaction", "adHocSubProcess"])


@dataclass(frozen=True, slots=True)
class Problem:
    """What was found, and what was expected, at which element.

    `rule` names the rule that found it, `field` what of the element it is about. `expression`: a FEEL text (with its =) and the
    position in it, in characters, where it cannot be read.
    """

    element_id: str | None
    element_name: str | None
    message: str
    line: int | None = None
    rule: str | None = None
    field: str | None = None
    expression: tuple[str, int] | None = None


def tag(node: Any) -> str:
    """The BPMN tag without its namespace; empty for anything else."""
    name = node.tag
    return name[len(BPMN) :] if isinstance(name, str) and name.startswith(BPMN) else ""


def zeebe(node: Any, name: str) -> Any:
    return node.find(f"{BPMN}extensionElements/{ZEEBE}{name}")


def has_job(node: Any) -> bool:
    """Whether an element is work for a program."""
    definition = zeebe(node, "taskDefinition")
    events = [child for child in node if tag(child).endswith("EventDefinition")]
    return (definition is not None and bool((definition.get("type") or "").strip())) or any(
        n.get(CAMUNDA + "topic") for n in (node, *events)
    )


class TooLong(Exception):
    """A file is read for longer than whoever asked would wait."""


class Source:
    """A tidied tree (every flow element has an id, references have no prefix). `until`: when looking at it ends (time.monotonic)."""

    def __init__(self, root: Any, until: float = math.inf) -> None:
        self.root = root
        self._until = until
        self.rule: str | None = None  # the one that is being asked
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.by_id: dict[str, Any] = {}
        self.nodes: list[Any] = []  # flow nodes, in the order of the file
        self.flows: list[Any] = []
        self.message_flows: list[Any] = []
        self.processes: list[Any] = []
        self.pools: list[Any] = []
        self.associated: dict[str, list[tuple[Any, str]]] = {}  # level of the association and other end, in either direction
        self.hosts: set[str] = set()  # what boundary events are attached to
        for node in root.iter():
            name = tag(node)
            if not name:
                continue
            if node.get("id"):
                self.by_id.setdefault(node.get("id"), node)
            if name in FLOW_NODES:
                self.nodes.append(node)
            elif name == "sequenceFlow":
                self.flows.append(node)
            elif name == "messageFlow":
                self.message_flows.append(node)
            elif name == "process":
                self.processes.append(node)
            elif name == "participant":
                self.pools.append(node)
            elif name == "association":
                ends = node.get("sourceRef") or "", node.get("targetRef") or ""
                for one, other in (ends, ends[::-1]):
                    self.associated.setdefault(one, []).append((node.getparent(), other))
            if name == "boundaryEvent":
                self.hosts.add(node.get("attachedToRef") or "")
        self.executable = {p for p in self.processes if p.get("isExecutable") == "true"}
        self.incoming: dict[str, list[Any]] = {}
        self.outgoing: dict[str, list[Any]] = {}
        for flow in self.flows:
            self.outgoing.setdefault(flow.get("sourceRef") or "", []).append(flow)
            self.incoming.setdefault(flow.get("targetRef") or "", []).append(flow)
        self.message_sources = {flow.get("sourceRef") for flow in self.message_flows}
        self.message_targets = {flow.get("targetRef") for flow in self.message_flows}
        self.pool_of: dict[str, Any] = {}  # by the process that stands behind it
        for pool in self.pools:
            self.pool_of.setdefault(pool.get("processRef") or "", pool)

    def go_on(self) -> None:
        """Raises TooLong."""
        if time.monotonic() > self._until:
            raise TooLong

    def process_of(self, node: Any) -> Any:
        at = node
        while at is not None and tag(at) != "process":
            at = at.getparent()
        return at

    def runs(self, node: Any) -> bool:
        """Whether the node lies in a process that may be started: rules of execution ask nothing of others."""
        return self.process_of(node) in self.executable

    def running_nodes(self, *names: str) -> Iterator[Any]:
        for node in self.nodes:
            if (not names or tag(node) in names) and self.runs(node):
                yield node

    def into(self, node: Any) -> list[Any]:
        return self.incoming.get(node.get("id") or "", [])

    def out_of(self, node: Any) -> list[Any]:
        return self.outgoing.get(node.get("id") or "", [])

    def definitions(self, event: Any) -> list[Any]:
        return [child for child in event if tag(child).endswith("EventDefinition") or tag(child) == "eventDefinitionRef"]

    def problem(self, node: Any, message: str, **more: Any) -> None:
        """`more`: rule, field and expression, as a Problem has them."""
        self.problems.append(self._at(node, message, more))

    def warning(self, node: Any, message: str, **more: Any) -> None:
        self.warnings.append(self._at(node, message, more))

    def _at(self, node: Any, message: str, more: dict[str, Any]) -> Problem:
        at = node
        for around in node.iterancestors(BPMN + "extensionElements"):
            at = around.getparent()
        while at is not None and (not at.get("id") or tag(at).endswith(_PARTS)):  # what is not drawn: say at which element it is
            at = at.getparent()
        line = getattr(node, "sourceline", None)
        element_id, name = (at.get("id"), at.get("name")) if at is not None else (None, None)
        return Problem(element_id, name, message, line, **{"rule": self.rule, **more})


_TIMES = ("timeDuration", "timeDate", "timeCycle")
_PARTS = ("EventDefinition", "LoopCharacteristics", "Expression", "completionCondition", "loopCardinality", *_TIMES)


def called(node: Any) -> Sentence:
    """How to name an element to its author; many tools break long names into lines, and name the pool, not its process."""
    named = node.get("name") or (_pool_name(node) if node.tag == BPMN + "process" else "")
    return say("'{name}'", name=" ".join(named.split()) or node.get("id"))


def _pool_name(process: Any) -> str:
    pools = process.getparent().iterfind(f"{BPMN}collaboration/{BPMN}participant")
    return next((pool.get("name") or "" for pool in pools if pool.get("processRef") == process.get("id")), "")
