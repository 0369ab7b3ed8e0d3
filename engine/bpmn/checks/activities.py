"""Activities: what each kind needs so that somebody or something can do it."""

from __future__ import annotations

from typing import Any

from engine.feel.sentences import say

from ..support import ELEMENTS, KEPT, RUNS, VARIANTS
from .flows import is_event_subprocess
from .source import ACTIVITIES, BPMN, Source, called, has_job, tag, zeebe


def elements_run(source: Source) -> None:
    """The table of support.py: what the engine cannot run is refused."""
    for node in source.running_nodes():
        verdict = ELEMENTS.get(tag(node), say("it is not known here"))
        if verdict != RUNS:
            source.problem(
                node,
                say(
                    "Expected an element that runs here, found {node}, a {kind}: {verdict}.",
                    node=called(node),
                    kind=tag(node),
                    verdict=verdict,
                ),
            )
        for name in ("receiveTask", "eventBasedGateway"):
            if tag(node) == name and (node.get("instantiate") or "").lower() in ("true", "1"):
                source.problem(
                    node,
                    say(
                        "Expected {node} not to start an instance, found instantiate: {reason}.",
                        node=called(node),
                        reason=VARIANTS[name, "instantiate"],
                    ),
                )
        for (name, attribute), (allowed, variant) in _ATTRIBUTES.items():
            value = node.get(attribute)
            if tag(node) == name and value not in (None, *allowed):
                reason = VARIANTS[variant]
                source.problem(
                    node,
                    say(
                        "Expected {attribute} '{allowed}' at {node}, found '{value}': {reason}.",
                        attribute=attribute,
                        allowed=allowed[0],
                        node=called(node),
                        value=value[:40],
                        reason=reason,
                    ),
                )


# (element, attribute) -> the values that are followed, the first of them the usual one; what any other one would mean
_ATTRIBUTES: dict[tuple[str, str], tuple[tuple[str, ...], tuple[str, str]]] = {
    ("eventBasedGateway", "eventGatewayType"): (("Exclusive",), ("eventBasedGateway", "all of its events")),
    ("transaction", "method"): (("##Compensate",), ("transaction", "method Store or Image")),
}
_ITEMS = ("loopDataInputRef", "loopDataOutputRef", "inputDataItem", "outputDataItem")


def work_has_somebody_to_do_it(source: Source) -> None:
    """A service task needs a worker, a script its text, a call its process, a message its receiver."""
    for node in source.running_nodes("serviceTask"):
        if not has_job(node):
            _no_job(source, node)
    for node in source.running_nodes("businessRuleTask"):
        if has_job(node):
            continue
        decision = zeebe(node, "calledDecision")
        if decision is None:
            _no_job(source, node)
        else:
            _decision_is_named(source, node, decision)
    for node in source.running_nodes("scriptTask"):
        if has_job(node):
            continue
        script = zeebe(node, "script")
        if script is None or not (script.get("expression") or "").strip():
            found = say("a script of another language") if node.find(BPMN + "script") is not None else say("none")
            reason = VARIANTS["scriptTask", "script of another language"]
            source.problem(
                node,
                say(
                    "Expected a FEEL expression (zeebe:script) at script task {node}, found {found}: {reason}.",
                    node=called(node),
                    found=found,
                    reason=reason,
                ),
            )
    for node in source.running_nodes("callActivity"):
        element = zeebe(node, "calledElement")
        process_id = (element.get("processId") if element is not None else None) or node.get("calledElement")
        if not (process_id or "").strip():
            source.problem(
                node, say("Expected call activity {node} to name a process (zeebe:calledElement processId), found none.", node=called(node))
            )
        if element is not None and element.get("bindingType") not in (None, "latest", "deployment", "versionTag"):
            source.problem(
                node,
                say(
                    "Expected the binding latest, deployment or versionTag at {node}, found '{binding_type}'.",
                    node=called(node),
                    binding_type=element.get("bindingType"),
                ),
            )
        if element is not None and element.get("bindingType") == "versionTag" and not element.get("versionTag"):
            source.problem(node, say("Expected a versionTag at {node}, which binds by it, found none.", node=called(node)))


def _decision_is_named(source: Source, node: Any, decision: Any) -> None:
    """A called decision, where its answer goes, and how its version is found."""
    for name, what in (("decisionId", say("the id of a decision")), ("resultVariable", say("a variable for the answer"))):
        if not (decision.get(name) or "").strip():
            source.problem(
                node, say("Expected {what} at {node} (zeebe:calledDecision {name}), found none.", what=what, node=called(node), name=name)
            )
    binding = decision.get("bindingType")
    if binding not in (None, "latest", "deployment", "versionTag"):
        source.problem(
            node,
            say("Expected the binding latest, deployment or versionTag at {node}, found '{binding}'.", node=called(node), binding=binding),
        )
    if binding == "versionTag" and not decision.get("versionTag"):
        source.problem(node, say("Expected a versionTag at {node}, which binds by it, found none.", node=called(node)))


def _no_job(source: Source, node: Any) -> None:
    reason = VARIANTS["serviceTask", "without a job type"]
    source.problem(node, say("Expected a job type at {node}, found none: {reason}.", node=called(node), reason=reason))


def messages_have_a_sender_and_a_receiver(source: Source) -> None:
    """Send and receive tasks name a message, or stand at a message flow; wiring that delivers nothing is said."""
    at_flow = source.message_sources | source.message_targets
    for node in source.running_nodes("sendTask", "receiveTask"):
        if not (tag(node) == "sendTask" and has_job(node)) and not node.get("messageRef") and node.get("id") not in at_flow:
            what = (
                say("a job type, a message or a message flow")
                if tag(node) == "sendTask"
                else say("a message (messageRef) or a message flow")
            )
            source.problem(node, say("Expected {what} at {node}, found none.", what=what, node=called(node)))
    for node in source.running_nodes():
        sends = tag(node) in ("sendTask", "endEvent", "intermediateThrowEvent", "serviceTask", "businessRuleTask", "userTask")
        if sends and (has_job(node) or tag(node) == "userTask") and node.get("id") in source.message_sources:
            source.warning(
                node,
                say(
                    "The message flow out of {node} is drawn, but delivers nothing by itself: whoever does the work sends it.",
                    node=called(node),
                ),
            )
        if tag(node) in ("receiveTask", "intermediateCatchEvent", "boundaryEvent") and node.get("id") not in source.message_targets:
            _warn_without_key(source, node)


def _warn_without_key(source: Source, node: Any) -> None:
    references = [node.get("messageRef")] if tag(node) == "receiveTask" else [d.get("messageRef") for d in source.definitions(node)]
    for reference in references:
        message = source.by_id.get(reference or "")
        if message is None or tag(message) != "message":
            continue
        subscription = zeebe(message, "subscription")
        if subscription is None or not (subscription.get("correlationKey") or "").strip():
            source.warning(
                node,
                say(
                    "{node} waits for message '{name}' with an empty correlation key: no flow leads"
                    " to it, and the message has no zeebe:subscription.",
                    node=called(node),
                    name=message.get("name") or reference,
                ),
            )


def loops_say_how_often(source: Source) -> None:
    """A multi-instance activity has a collection or a number; a loop has a condition or a maximum."""
    for node in source.running_nodes(*ACTIVITIES):
        many = node.find(BPMN + "multiInstanceLoopCharacteristics")
        loop = node.find(BPMN + "standardLoopCharacteristics")
        if many is not None and many.get("behavior") not in (None, "All"):
            reason = VARIANTS["any activity", "multi-instance, behavior None, One or Complex"]
            source.problem(
                node,
                say(
                    "Expected the behavior All at {node}, found '{behavior}': {reason}.",
                    node=called(node),
                    behavior=many.get("behavior"),
                    reason=reason,
                ),
            )
        drawn = next((child for child in many if tag(child) in _ITEMS), None) if many is not None else None
        if drawn is not None:
            reason = VARIANTS["any activity", "multi-instance, items by BPMN's data elements"]
            source.problem(
                node, say("Expected no {element} at {node}, found it: {reason}.", element=tag(drawn), node=called(node), reason=reason)
            )
        if (many is not None or loop is not None) and is_event_subprocess(node):
            source.problem(
                node, say("Expected event sub-process {node} without a loop, found one: its event says how often.", node=called(node))
            )
        if many is not None:
            own = zeebe(many, "loopCharacteristics")
            collection = (own.get("inputCollection") or "").strip() if own is not None else ""
            cardinality = many.find(BPMN + "loopCardinality")
            has_count = cardinality is not None and bool((cardinality.text or "").strip())
            if not collection and not (own is None and has_count):
                source.problem(
                    node,
                    say(
                        "Expected an input collection (zeebe:loopCharacteristics) or a loop cardinality at {node}, found neither.",
                        node=called(node),
                    ),
                )
            if own is not None and bool(own.get("outputCollection")) != bool(own.get("outputElement")):
                source.problem(
                    node, say("Expected outputCollection and outputElement together at {node}, found one of them.", node=called(node))
                )
        if loop is not None:
            _check_standard_loop(source, node, loop)


def _check_standard_loop(source: Source, node: Any, loop: Any) -> None:
    condition = loop.find(BPMN + "loopCondition")
    most = loop.get("loopMaximum")
    if most is not None and (not most.isascii() or not most.isdigit() or int(most) > 100_000):
        source.problem(
            node, say("Expected a number up to 100000 as loopMaximum of {node}, found '{most}'.", node=called(node), most=most[:20])
        )
    if (condition is None or not (condition.text or "").strip()) and most is None:
        source.problem(node, say("Expected a loop condition or a maximum at {node}, found neither: it would never end.", node=called(node)))


def subprocesses_are_whole(source: Source) -> None:
    """BPMN 10.3.5: a sub-process that runs holds what it does."""
    for node in source.running_nodes("subProcess", "transaction"):
        if not any(tag(child) in ("startEvent",) or tag(child) in ELEMENTS for child in node):
            source.problem(node, say("Expected flow elements in sub-process {node}, found none.", node=called(node)))


def each_token_is_worked_on_by_itself(source: Source) -> None:
    """BPMN 10.3, table 10.3: quantities of tokens other than one are not counted here."""
    for node in source.running_nodes(*ACTIVITIES):
        for name in ("startQuantity", "completionQuantity"):
            quantity = (node.get(name) or "1").strip()
            if quantity != "1":
                reason = VARIANTS["any activity", "startQuantity or completionQuantity other than 1"]
                source.problem(
                    node,
                    say(
                        "Expected {name} 1 at {node}, found '{quantity}': {reason}.",
                        name=name,
                        node=called(node),
                        quantity=quantity[:20],
                        reason=reason,
                    ),
                )


def called_processes_can_begin(source: Source) -> None:
    """A call activity begins a process at its none start event (BPMN 10.3.6); what is in this file is known."""
    global_tasks = {node.get("id") for node in source.root if tag(node).startswith("global")}
    for node in source.running_nodes("callActivity"):
        element = zeebe(node, "calledElement")
        wanted = ((element.get("processId") if element is not None else None) or node.get("calledElement") or "").strip()
        if wanted in global_tasks:
            reason = VARIANTS["callActivity", "global task"]
            source.problem(
                node,
                say(
                    "Expected {node} to call a process, found the global task '{wanted}': {reason}.",
                    node=called(node),
                    wanted=wanted,
                    reason=reason,
                ),
            )
            continue
        process = source.by_id.get(wanted)
        if process is None or process not in source.executable:
            continue
        starts = [child for child in process if tag(child) == "startEvent"]
        if starts and all(source.definitions(start) for start in starts):
            source.problem(
                node,
                say(
                    "Expected '{wanted}', which {node} calls, to have a start event without a trigger, found only others.",
                    wanted=wanted,
                    node=called(node),
                ),
            )


_DRAWN = {
    "dataInputAssociation": say("Data associations"),
    "potentialOwner": say("Owners"),
    "performer": say("Performers"),
    "humanPerformer": say("Performers"),
    "resourceRole": say("Resource roles"),
    "operation": say("Operations"),
    "rendering": say("Renderings"),
    "auditing": say("Auditing"),
    "monitoring": say("Monitoring"),
}


def what_is_only_drawn_is_said(source: Source) -> None:
    """Warnings, one of each kind a process: elements that look as if they did something. With an expression in them they are refused."""
    for process in source.executable:
        said: set[str] = set()
        for node in process.iter():
            name = "dataInputAssociation" if tag(node) == "dataOutputAssociation" else tag(node)
            if node.get("operationRef") is not None or name == "operationRef":
                name = "operation"
            words = _DRAWN.get(name)
            if words is not None and words not in said:
                said.add(words)
                source.warning(
                    node, say("{words} in {process} are kept, but {reason}.", words=words, process=called(process), reason=KEPT[name])
                )
            if name == "dataInputAssociation" and any(tag(child) in ("transformation", "assignment") for child in node):
                reason = VARIANTS["any activity", "data association with a transformation or assignment"]
                source.problem(
                    node, say("Expected a data association that only shows, found one that changes values: {reason}.", reason=reason)
                )
            if name == "correlationSubscription":
                reason = VARIANTS["process", "correlation subscription"]
                source.problem(
                    process,
                    say(
                        "Expected {process} without a correlation subscription, found one: {reason}.",
                        process=called(process),
                        reason=reason,
                    ),
                )


def work_is_said_once(source: Source) -> None:
    """A worker, or the engine: not both."""
    for name, own, words in (("scriptTask", "script", say("a FEEL expression")), ("businessRuleTask", "calledDecision", say("a decision"))):
        for node in source.running_nodes(name):
            if zeebe(node, own) is not None and zeebe(node, "taskDefinition") is not None:
                source.problem(node, say("Expected a job type or {words} at {node}, found both.", words=words, node=called(node)))


RULES = (
    elements_run,
    each_token_is_worked_on_by_itself,
    called_processes_can_begin,
    work_is_said_once,
    work_has_somebody_to_do_it,
    messages_have_a_sender_and_a_receiver,
    loops_say_how_often,
    subprocesses_are_whole,
    what_is_only_drawn_is_said,
)
