"""From BPMN XML to compiled elements: subclasses of Spiff's parsers that read each level in the order of the file, without recursion."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.parser.ProcessParser import ProcessParser
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser

from engine.feel.syntax import Name, Path

from . import activities, calls, events, gateways, subprocesses
from .activities import JobDescription, TaskDescription
from .compensations import CancelTrigger, CompensationTrigger
from .expressions import Mapping, Text, compile_feel
from .loops import LoopBody, StandardLoop
from .nodes import ElementSpec, Flow
from .subprocesses import EventSubProcess, ProcessRoot, ProcessSpec, ScopeSpec
from .timers import Timer
from .triggers import CodeTrigger, ConditionTrigger, LinkTrigger, MessageTrigger, SignalTrigger, TerminateTrigger, TimerTrigger, Trigger

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
ZEEBE = "{http://camunda.org/schema/zeebe/1.0}"
CAMUNDA = "{http://camunda.org/schema/1.0/bpmn}"
INNER = "#inner"  # of a multi-instance activity; no XML id can contain it
INSTANCE = "#instance"  # of a process


def extension(node: Any, *path: str) -> Any:
    """The first zeebe element at a path below the node's extension elements, or None."""
    found = node.find(BPMN + "extensionElements")
    for step in path:
        if found is None:
            return None
        found = found.find(ZEEBE + step)
    return found


def attribute(node: Any, name: str, default: str | None = None) -> str | None:
    return default if node is None else node.get(name, default)


def headers(node: Any) -> dict[str, str]:
    found = extension(node, "taskHeaders")
    return {} if found is None else {h.get("key"): h.get("value", "") for h in found.findall(ZEEBE + "header") if h.get("key")}


def is_true(node: Any, name: str, default: str) -> bool:
    return str(attribute(node, name, default)).strip().lower() in ("true", "1")


# -- triggers of events ---------------------------------------------------------------------------------------------------


class TriggerReader:
    """Reads event definitions; knows the file's messages, signals, errors and escalations, and who is at the end of a message flow."""

    def __init__(self, root: Any) -> None:
        self.named = {
            node.get("id"): node for tag in ("message", "signal", "error", "escalation") for node in root.iterchildren(BPMN + tag)
        }
        self.flow_targets = {flow.get("targetRef") for flow in root.iter(BPMN + "messageFlow")}
        self._readers: dict[str, Callable[[Any, Any], Trigger]] = {
            "messageEventDefinition": lambda node, event: self.message(node.get("messageRef"), event),
            "signalEventDefinition": self._signal,
            "timerEventDefinition": self._timer,
            "errorEventDefinition": self._error,
            "escalationEventDefinition": self._escalation,
            "conditionalEventDefinition": self._condition,
            "compensateEventDefinition": lambda node, event: CompensationTrigger(activity=node.get("activityRef") or None),
            "cancelEventDefinition": lambda node, event: CancelTrigger(),
            "terminateEventDefinition": lambda node, event: TerminateTrigger(),
            "linkEventDefinition": lambda node, event: LinkTrigger(name=(node.get("name") or "").strip()),
        }

    def of(self, event: Any) -> Trigger:
        for node in event.iterchildren():
            name = node.tag.removeprefix(BPMN) if isinstance(node.tag, str) else ""
            if name in self._readers:
                return self._readers[name](node, event)
        return Trigger()

    def message(self, reference: str | None, element: Any) -> MessageTrigger:
        message = self.named.get(reference)
        key = None if message is None else attribute(extension(message, "subscription"), "correlationKey")
        name = (attribute(message, "name") or "") if message is not None else ""
        return MessageTrigger(
            name=Text(name or element.get("name") or element.get("id")),
            correlation_key=compile_feel(key) if key else None,
            by_flow=element.get("id") in self.flow_targets,
        )

    def _signal(self, node: Any, event: Any) -> Trigger:
        return SignalTrigger(Text(attribute(self.named.get(node.get("signalRef")), "name") or ""))

    def _error(self, node: Any, event: Any) -> Trigger:
        error = self.named.get(node.get("errorRef"))
        return CodeTrigger("error", Text.of(attribute(error, "errorCode")), attribute(error, "name") or "")

    def _escalation(self, node: Any, event: Any) -> Trigger:
        escalation = self.named.get(node.get("escalationRef"))
        return CodeTrigger("escalation", Text.of(attribute(escalation, "escalationCode")), attribute(escalation, "name") or "")

    def _condition(self, node: Any, event: Any) -> Trigger:
        text = node.find(BPMN + "condition")
        return ConditionTrigger(compile_feel((text.text if text is not None else "") or "null"))

    def _timer(self, node: Any, event: Any) -> Trigger:
        for kind, tag in (("date", "timeDate"), ("duration", "timeDuration"), ("cycle", "timeCycle")):
            text = node.find(BPMN + tag)
            if text is not None:
                return TimerTrigger(Timer(kind, Text((text.text or "").strip())))
        return TimerTrigger(Timer("duration", Text("")))


# -- one element ----------------------------------------------------------------------------------------------------------


class ElementParser(TaskParser):  # type: ignore[misc]
    """Reads one flow node into its spec, and nothing else: flows are connected when all nodes of the level are there."""

    def parse_node(self) -> ElementSpec:
        spec: ElementSpec = self.create_task()
        loop = self._characteristics()
        if loop is None:
            return spec
        if loop.tag == BPMN + "standardLoopCharacteristics":
            return self._fill_loop(StandardLoop(self.spec, self.node.get("id"), lane=self.lane), spec, loop)
        return self._fill_instances(LoopBody(self.spec, self.node.get("id"), lane=self.lane), spec, loop)

    def _characteristics(self) -> Any:
        found = self.node.find(BPMN + "multiInstanceLoopCharacteristics")
        return found if found is not None else self.node.find(BPMN + "standardLoopCharacteristics")

    def create_task(self) -> ElementSpec:
        spec_class, node = self.spec_class, self.node
        job = self._job()
        if job is not None and spec_class in _JOB_CLASSES:
            spec_class = _JOB_CLASSES[spec_class]
        name = node.get("id")
        if self._characteristics() is not None:
            name += INNER
        spec: ElementSpec = spec_class(self.spec, name, lane=self.lane, documentation=self.parse_documentation())
        spec.element_id = spec.bpmn_id = node.get("id")
        spec.bpmn_name = node.get("name")
        spec.element_type = _TYPES[node.tag.removeprefix(BPMN)]
        spec.input_mappings = tuple(self._mappings("input"))
        spec.output_mappings = tuple(self._mappings("output"))
        if isinstance(spec, (activities.JobTask, events.JobThrowEvent)):
            assert job is not None, f"'{spec.element_id}' says nothing of a job"
            spec.job = job
        for kind, fill in _FILLS.items():
            if isinstance(spec, kind):
                fill(self, spec)
        return spec

    @property
    def triggers(self) -> TriggerReader:
        reader: TriggerReader = self.process_parser.parser.triggers
        return reader

    def _mappings(self, tag: str) -> Iterator[Mapping]:
        found = extension(self.node, "ioMapping")
        for mapping in () if found is None else found.findall(ZEEBE + tag):
            if mapping.get("target"):
                yield Mapping.of(mapping.get("source") or "=null", mapping.get("target").strip())

    def _job(self) -> JobDescription | None:
        definition = extension(self.node, "taskDefinition")
        events_ = [child for child in self.node if isinstance(child.tag, str) and child.tag.endswith("EventDefinition")]
        for node in (self.node, *events_):
            topic = node.get(CAMUNDA + "topic")
            if definition is None and topic:
                return JobDescription(Text(topic), Text("3"), headers(self.node), None)
        if definition is None or not definition.get("type"):
            return None
        priority = attribute(extension(self.node, "jobPriorityDefinition"), "priority")
        return JobDescription(Text(definition.get("type")), Text(definition.get("retries") or "3"), headers(self.node), Text.of(priority))

    def _wrap(self, body: LoopBody, inner: ElementSpec) -> None:
        body.element_id = body.bpmn_id = self.node.get("id")
        body.bpmn_name = self.node.get("name")
        body.element_type = "MULTI_INSTANCE_BODY"
        body.inner, inner.loop = inner, body

    def _fill_loop(self, body: StandardLoop, inner: ElementSpec, loop: Any) -> LoopBody:
        self._wrap(body, inner)
        body.tests_before = is_true(loop, "testBefore", "false")
        body.most = int(loop.get("loopMaximum")) if loop.get("loopMaximum") else None
        condition = loop.find(BPMN + "loopCondition")
        if condition is not None and (condition.text or "").strip():
            body.condition = compile_feel(condition.text)
        return body

    def _fill_instances(self, body: LoopBody, inner: ElementSpec, loop: Any) -> LoopBody:
        zeebe = extension(loop, "loopCharacteristics")
        self._wrap(body, inner)
        body.sequential = is_true(loop, "isSequential", "false")
        cardinality = loop.find(BPMN + "loopCardinality")
        if zeebe is None and cardinality is not None:
            body.is_count, body.collection = True, compile_feel(cardinality.text or "")
        else:
            body.collection = compile_feel(attribute(zeebe, "inputCollection") or "null")
            tree = body.collection.tree
            body.plain_name = tree.name if isinstance(tree, Name) else None
        body.item = attribute(zeebe, "inputElement") or None
        body.output = attribute(zeebe, "outputCollection") or None
        element = attribute(zeebe, "outputElement")
        if element:
            body.output_element = compile_feel(element)
            body.output_local = _root_name(body.output_element.tree)
        condition = loop.find(BPMN + "completionCondition")
        if condition is not None and (condition.text or "").strip():
            body.condition = compile_feel(condition.text)
        return body


def _root_name(tree: Any) -> str | None:
    """The variable of `x` or `x.y.z`; None for any other expression."""
    while isinstance(tree, Path):
        tree = tree.source
    return tree.name if isinstance(tree, Name) else None


def _fill_event(parser: ElementParser, spec: events.EventSpec) -> None:
    spec.trigger = parser.triggers.of(parser.node)
    if isinstance(spec, events.BoundaryEvent):
        spec.interrupting = spec.trigger.kind == "error" or is_true(parser.node, "cancelActivity", "true")
    elif isinstance(spec, events.StartEvent):
        spec.interrupting = spec.trigger.kind == "error" or is_true(parser.node, "isInterrupting", "true")


def _fill_script(parser: ElementParser, spec: activities.ScriptTask) -> None:
    script = extension(parser.node, "script")
    spec.expression = compile_feel(attribute(script, "expression") or "null")
    spec.result = attribute(script, "resultVariable") or None


def _fill_decision(parser: ElementParser, spec: activities.DecisionTask) -> None:
    called = extension(parser.node, "calledDecision")
    spec.decision_id = Text(attribute(called, "decisionId") or "")
    spec.binding = attribute(called, "bindingType") or "latest"
    spec.version_tag = Text.of(attribute(called, "versionTag"))
    spec.result = attribute(called, "resultVariable") or ""


def _fill_message(parser: ElementParser, spec: activities.ReceiveTask | activities.SendTask) -> None:
    spec.trigger = parser.triggers.message(parser.node.get("messageRef"), parser.node)


def _fill_call(parser: ElementParser, spec: calls.CallActivity) -> None:
    called = extension(parser.node, "calledElement")
    spec.process_id = Text(attribute(called, "processId") or parser.node.get("calledElement") or "")
    spec.binding = attribute(called, "bindingType") or "latest"
    spec.version_tag = Text.of(attribute(called, "versionTag"))
    spec.propagate_parent = is_true(called, "propagateAllParentVariables", "true")
    spec.propagate_child = is_true(called, "propagateAllChildVariables", "true")


def _fill_user_task(parser: ElementParser, spec: activities.UserTask) -> None:
    node = parser.node

    def said(element: str, name: str, camunda: str | None = None) -> Text | None:
        own = attribute(extension(node, element), name)
        return Text.of(own if own is not None else node.get(CAMUNDA + camunda) if camunda else None)

    spec.task = TaskDescription(
        assignee=said("assignmentDefinition", "assignee", "assignee"),
        candidate_groups=said("assignmentDefinition", "candidateGroups", "candidateGroups"),
        candidate_users=said("assignmentDefinition", "candidateUsers", "candidateUsers"),
        due_date=said("taskSchedule", "dueDate", "dueDate"),
        follow_up_date=said("taskSchedule", "followUpDate", "followUpDate"),
        priority=said("priorityDefinition", "priority", "priority"),
        form_id=said("formDefinition", "formId"),
        form_key=_embedded(said("formDefinition", "formKey", "formKey")),
        external_form=said("formDefinition", "externalReference"),
        headers=headers(node),
    )


EMBEDDED_FORM = "camunda-forms:bpmn:"


def _embedded(form_key: Text | None) -> Text | None:
    if form_key is None or form_key.static is None or not form_key.static.startswith(EMBEDDED_FORM):
        return form_key
    return Text(form_key.static.removeprefix(EMBEDDED_FORM))


_FILLS: dict[type, Callable[[ElementParser, Any], None]] = {
    events.EventSpec: _fill_event,
    activities.ScriptTask: _fill_script,
    activities.DecisionTask: _fill_decision,
    activities.ReceiveTask: _fill_message,
    activities.SendTask: _fill_message,
    calls.CallActivity: _fill_call,
    activities.UserTask: _fill_user_task,
}

# With a task definition these become work for a program.
_JOB_CLASSES: dict[type, type] = {
    activities.ScriptTask: activities.JobTask,
    activities.DecisionTask: activities.JobTask,
    activities.SendTask: activities.JobTask,
    events.ThrowEvent: events.JobThrowEvent,
}

_ELEMENTS: dict[str, tuple[type, str]] = {
    "startEvent": (events.StartEvent, "START_EVENT"),
    "endEvent": (events.ThrowEvent, "END_EVENT"),
    "intermediateCatchEvent": (events.CatchEvent, "INTERMEDIATE_CATCH_EVENT"),
    "intermediateThrowEvent": (events.ThrowEvent, "INTERMEDIATE_THROW_EVENT"),
    "boundaryEvent": (events.BoundaryEvent, "BOUNDARY_EVENT"),
    "task": (activities.PassTask, "TASK"),
    "manualTask": (activities.PassTask, "MANUAL_TASK"),
    "userTask": (activities.UserTask, "USER_TASK"),
    "serviceTask": (activities.JobTask, "SERVICE_TASK"),
    "businessRuleTask": (activities.DecisionTask, "BUSINESS_RULE_TASK"),
    "scriptTask": (activities.ScriptTask, "SCRIPT_TASK"),
    "sendTask": (activities.SendTask, "SEND_TASK"),
    "receiveTask": (activities.ReceiveTask, "RECEIVE_TASK"),
    "callActivity": (calls.CallActivity, "CALL_ACTIVITY"),
    "subProcess": (subprocesses.SubProcess, "SUB_PROCESS"),
    "transaction": (subprocesses.SubProcess, "SUB_PROCESS"),
    "exclusiveGateway": (gateways.ExclusiveGateway, "EXCLUSIVE_GATEWAY"),
    "parallelGateway": (gateways.ParallelGateway, "PARALLEL_GATEWAY"),
    "inclusiveGateway": (gateways.InclusiveGateway, "INCLUSIVE_GATEWAY"),
    "eventBasedGateway": (gateways.EventBasedGateway, "EVENT_BASED_GATEWAY"),
}
_TYPES = {tag: kind for tag, (_, kind) in _ELEMENTS.items()}


class SubProcessParser(ElementParser):
    def create_task(self) -> ElementSpec:
        if is_true(self.node, "triggeredByEvent", "false"):
            self.spec_class = EventSubProcess
        spec = super().create_task()
        if isinstance(spec, EventSubProcess):
            spec.element_type = "EVENT_SUB_PROCESS"
        return spec


# -- one level ------------------------------------------------------------------------------------------------------------


class LevelParser(ProcessParser):  # type: ignore[misc]
    """Reads a process with all its levels: first all nodes, then the boundary events, then the flows. A work list, no recursion."""

    def create_spec(self) -> ProcessSpec:
        return ProcessSpec(self.bpmn_id, self.get_name())

    def add_tasks(self) -> None:
        self.specs: dict[str, ElementSpec] = {}
        root = ProcessRoot(self.spec, self.bpmn_id + INSTANCE)
        root.element_id, root.element_type, root.bpmn_name = self.bpmn_id, "PROCESS", self.node.get("name")
        self.root = root
        self.specs[root.name] = root
        levels: list[tuple[Any, ScopeSpec]] = [(self.node, root)]
        for node, scope in levels:
            levels.extend(self._read_level(node, scope))
        for spec in self.specs.values():
            spec.finish()

    def _read_level(self, node: Any, scope: ScopeSpec) -> list[tuple[Any, ScopeSpec]]:
        """Reads what lies directly inside, and says which levels lie below."""
        below = []
        nodes = [child for child in node if isinstance(child.tag, str) and self.parser._get_parser_class(child.tag)[0] is not None]
        for child in nodes:
            spec = self.parse_node(child)
            self.specs[spec.name] = spec
            activity = spec.inner if isinstance(spec, LoopBody) else spec
            self.specs[activity.name] = activity
            spec.level = activity.level = scope
            if isinstance(activity, ScopeSpec):
                below.append((child, activity))
        self._attach_boundary_events(nodes)
        self._connect(node, nodes)
        self._attach_handlers(node)
        self._find_beginnings(scope, [self.specs[child.get("id")] for child in nodes])
        return below

    def parse_node(self, node: Any) -> ElementSpec:
        parser_class, spec_class = self.parser._get_parser_class(node.tag)
        spec: ElementSpec = parser_class(self, spec_class, node, self.nsmap, lane=self.lane).parse_node()
        return spec

    def _attach_boundary_events(self, nodes: list[Any]) -> None:
        for node in nodes:
            event = self.specs[node.get("id")]
            host = self.specs.get(node.get("attachedToRef"))
            if isinstance(event, events.BoundaryEvent) and host is not None:
                host.boundary += (event,)
                event.host = host

    def _attach_handlers(self, level: Any) -> None:
        """An association leads from a compensation boundary event to the activity that undoes its host (BPMN 10.7.1)."""
        for association in level.iterchildren(BPMN + "association"):
            ends = [self.specs.get(association.get(name)) for name in ("sourceRef", "targetRef")]
            for event, handler in (ends, ends[::-1]):
                if isinstance(event, events.BoundaryEvent) and event.trigger.kind == "compensation" and handler is not None:
                    event.host.handler = handler
                    handler.is_handler = True

    def _connect(self, level: Any, nodes: list[Any]) -> None:
        defaults = {node.get("id"): node.get("default") for node in nodes}
        outgoing: dict[str, list[Flow]] = {}
        for node in level.iterchildren(BPMN + "sequenceFlow"):
            source, target = self.specs.get(node.get("sourceRef")), self.specs.get(node.get("targetRef"))
            if source is None or target is None:
                continue
            text = node.find(BPMN + "conditionExpression")
            condition = compile_feel(text.text) if text is not None and (text.text or "").strip() else None
            self._flow(Flow(node.get("id"), source, target, condition, defaults.get(source.name) == node.get("id")), outgoing)
        links = {
            self.specs[n.get("id")].trigger.name: self.specs[n.get("id")]
            for n in nodes
            if isinstance(self.specs[n.get("id")], events.CatchEvent) and self.specs[n.get("id")].trigger.kind == "link"
        }
        for node in nodes:
            spec = self.specs[node.get("id")]
            if isinstance(spec, events.ThrowEvent) and isinstance(spec.trigger, LinkTrigger) and spec.trigger.name in links:
                self._flow(Flow(None, spec, links[spec.trigger.name], None, False), outgoing)
        for name, flows in outgoing.items():
            self.specs[name].flows = tuple(flows)

    @staticmethod
    def _flow(flow: Flow, outgoing: dict[str, list[Flow]]) -> None:
        flow.source.connect(flow.target)
        flow.target.incoming += (flow,)
        outgoing.setdefault(flow.source.name, []).append(flow)

    def _find_beginnings(self, scope: ScopeSpec, specs: list[ElementSpec]) -> None:
        starts = [spec for spec in specs if isinstance(spec, events.StartEvent)]
        scope.event_subprocesses = tuple(spec for spec in specs if isinstance(spec, EventSubProcess))
        if isinstance(scope, EventSubProcess) and starts:
            scope.start_event = starts[0]
        scope.start = next((start for start in starts if start.trigger.kind == "none"), None)
        if not starts:
            skipped = (events.BoundaryEvent, EventSubProcess)
            scope.beginnings = tuple(spec for spec in specs if not (spec.incoming or spec.is_handler or isinstance(spec, skipped)))


class Parser(BpmnParser):  # type: ignore[misc]
    """Reads the executable processes of one file. What stands beside them (data stores, correlation properties) says nothing to us."""

    PARSER_CLASSES = {  # noqa: RUF012
        BPMN + tag: (SubProcessParser if spec_class is subprocesses.SubProcess else ElementParser, spec_class)
        for tag, (spec_class, _) in _ELEMENTS.items()
    }
    PROCESS_PARSER_CLASS = LevelParser

    def add_bpmn_xml(self, bpmn: Any, filename: str | None = None) -> None:
        self.triggers = TriggerReader(bpmn)
        for process in bpmn.iterchildren(BPMN + "process"):
            if is_true(process, "isExecutable", "false"):
                self.create_parser(process, filename)
