"""How elements are connected: sequence flows, gateways, message flows."""

from __future__ import annotations

from typing import Any

from engine.feel.sentences import say

from ..support import KEPT, VARIANTS
from .source import ACTIVITIES, BPMN, CONTAINERS, FLOW_NODES, GATEWAYS, Source, called, tag


def is_event_subprocess(node: Any) -> bool:
    return tag(node) == "subProcess" and (node.get("triggeredByEvent") or "").lower() in ("true", "1")


def is_compensation_handler(source: Source, node: Any) -> bool:
    return (node.get("isForCompensation") or "").lower() in ("true", "1")


def sequence_flows_connect_two_nodes_of_one_level(source: Source) -> None:
    """BPMN 7.6.1: a sequence flow has a source and a target, and crosses no border of a pool or sub-process."""
    for flow in source.flows:
        ends = {}
        for name in ("sourceRef", "targetRef"):
            wanted = flow.get(name)
            node = source.by_id.get(wanted) if wanted else None
            if node is None:
                source.problem(
                    flow,
                    say(
                        "Expected {name} of flow {flow} to name a flow node, found '{wanted}', which is not there.",
                        name=name,
                        flow=called(flow),
                        wanted=wanted or "",
                    ),
                )
            elif tag(node) not in FLOW_NODES:
                source.problem(
                    flow,
                    say(
                        "Expected {name} of flow {flow} to name a flow node, found '{wanted}', a {kind}.",
                        name=name,
                        flow=called(flow),
                        wanted=wanted,
                        kind=tag(node),
                    ),
                )
            else:
                ends[name] = node
        if len(ends) == 2 and ends["sourceRef"].getparent() is not ends["targetRef"].getparent():
            source.problem(
                flow,
                say(
                    "Expected flow {flow} to stay within one process or sub-process, found it from {source} to {target}.",
                    flow=called(flow),
                    source=called(ends["sourceRef"]),
                    target=called(ends["targetRef"]),
                ),
            )
        elif len(ends) == 2 and flow.getparent() is not ends["sourceRef"].getparent():
            source.problem(flow, say("Expected flow {flow} to lie in the level that it connects.", flow=called(flow)))


def nodes_list_their_own_flows(source: Source) -> None:
    """BPMN 8.3.13: what a node lists as incoming and outgoing must not contradict where the flows lead. (It may be left out.)"""
    for node in source.nodes:
        for child in node.iterchildren(BPMN + "incoming", BPMN + "outgoing"):
            flow = source.by_id.get((child.text or "").strip().rpartition(":")[2])
            end = "targetRef" if tag(child) == "incoming" else "sourceRef"
            if flow is not None and tag(flow) == "sequenceFlow" and flow.get(end) != node.get("id"):
                source.problem(
                    node,
                    say(
                        "Expected the {child_kind} flow {flow} of {node} to have it as {end}, found '{found}'.",
                        child_kind=tag(child),
                        flow=called(flow),
                        node=called(node),
                        end=end,
                        found=flow.get(end),
                    ),
                )


_NO_INCOMING = {"startEvent": say("a start event"), "boundaryEvent": say("a boundary event")}


def nodes_have_the_flows_that_they_may(source: Source) -> None:
    """BPMN 10.5, 10.6: start and boundary events have no incoming flow, end events no outgoing one; event sub-processes have neither."""
    for node in source.nodes:
        name = tag(node)
        words = _NO_INCOMING.get(name)
        if words and source.into(node):
            source.problem(
                node,
                say("Expected no flow into {node} ({words}), found {count}.", node=called(node), words=words, count=len(source.into(node))),
            )
        if name == "endEvent" and source.out_of(node):
            source.problem(
                node,
                say("Expected no flow out of {node} (an end event), found {count}.", node=called(node), count=len(source.out_of(node))),
            )
        if is_event_subprocess(node) and (source.into(node) or source.out_of(node)):
            source.problem(
                node, say("Expected no flow into or out of {node}: an event sub-process begins by its event.", node=called(node))
            )
        if is_compensation_handler(source, node) and (source.into(node) or source.out_of(node)):
            source.problem(
                node,
                say("Expected no flow into or out of {node}: a compensation handler is reached by its association.", node=called(node)),
            )
        definitions = [tag(d) for d in source.definitions(node)]
        if name == "intermediateThrowEvent" and definitions == ["linkEventDefinition"] and source.out_of(node):
            source.problem(
                node, say("Expected no flow out of {node}: a throwing link goes on at the catching link of its name.", node=called(node))
            )
        if name == "intermediateCatchEvent" and definitions == ["linkEventDefinition"] and source.into(node):
            source.problem(
                node, say("Expected no flow into {node}: a catching link is reached by the throwing link of its name.", node=called(node))
            )
        if name == "boundaryEvent" and definitions == ["compensateEventDefinition"] and source.out_of(node):
            source.problem(node, say("Expected an association from {node} to its handler, found a sequence flow.", node=called(node)))
        is_plain_boundary = name == "boundaryEvent" and definitions != ["compensateEventDefinition"]
        if (is_plain_boundary or name == "startEvent") and not source.out_of(node) and source.runs(node):
            source.problem(node, say("Expected a flow out of {node}, found none.", node=called(node)))


def conditions_stand_where_a_choice_is_made(source: Source) -> None:
    """BPMN 8.3.13: conditions on flows out of activities, exclusive and inclusive gateways; one default flow without a condition."""
    for flow in source.flows:
        node = source.by_id.get(flow.get("sourceRef") or "")
        condition = flow.find(BPMN + "conditionExpression")
        if node is None or condition is None or not source.runs(node):
            continue
        if not (condition.text or "").strip():
            source.problem(flow, say("Expected a condition on flow {flow}, found an empty one.", flow=called(flow)))
        elif tag(node) not in ACTIVITIES | {"exclusiveGateway", "inclusiveGateway"}:
            source.problem(
                flow,
                say("Expected no condition on a flow out of {node} ({kind}): no choice is made there.", node=called(node), kind=tag(node)),
            )
        elif node.get("default") == flow.get("id"):
            source.problem(
                flow,
                say(
                    "Expected no condition on the default flow {flow} of {node}: it is taken when no other is.",
                    flow=called(flow),
                    node=called(node),
                ),
            )
        elif tag(node) in ACTIVITIES and len(source.out_of(node)) == 1:
            source.warning(
                flow,
                say(
                    "If the condition of the only flow out of {node} does not hold, the work stops there with an incident.",
                    node=called(node),
                ),
            )
    for node in source.running_nodes("exclusiveGateway", "inclusiveGateway"):
        outgoing = source.out_of(node)
        for flow in outgoing if len(outgoing) > 1 else ():
            if flow.find(BPMN + "conditionExpression") is None and node.get("default") != flow.get("id"):
                source.problem(
                    flow,
                    say(
                        "Expected a condition on flow {flow} out of {node}, or the flow to be its default, found neither.",
                        flow=called(flow),
                        node=called(node),
                    ),
                )
    for node in source.nodes:
        default = node.get("default")
        if default is None:
            continue
        flow = source.by_id.get(default)
        if flow is not None and tag(flow) == "sequenceFlow" and flow.get("sourceRef") != node.get("id"):
            source.problem(
                node,
                say(
                    "Expected the default flow of {node} to leave it, found '{default}', which does not.",
                    node=called(node),
                    default=default,
                ),
            )
        if tag(node) not in ACTIVITIES | {"exclusiveGateway", "inclusiveGateway", "complexGateway"}:
            source.problem(
                node, say("Expected no default flow at {node} ({kind}): no choice is made there.", node=called(node), kind=tag(node))
            )


_DIRECTIONS = {"Converging": (2, None, None, 1), "Diverging": (None, 1, 2, None), "Mixed": (2, None, 2, None)}


def flows_are_plain(source: Source) -> None:
    """BPMN 8.3.13: in a process that runs nothing happens between two elements but what is drawn."""
    for flow in source.flows:
        if source.runs(flow) and (flow.get("isImmediate") or "true").strip() not in ("true", "1"):
            reason = VARIANTS["sequenceFlow", "isImmediate false"]
            source.problem(
                flow,
                say(
                    "Expected flow {flow} to be immediate, found isImmediate '{is_immediate}': {reason}.",
                    flow=called(flow),
                    is_immediate=flow.get("isImmediate"),
                    reason=reason,
                ),
            )


def gateways_split_or_join(source: Source) -> None:
    """BPMN 10.6.1: a gateway has flows on both sides; its direction, where given, must be true."""
    for node in source.nodes:
        if tag(node) not in GATEWAYS:
            continue
        into, out_of = len(source.into(node)), len(source.out_of(node))
        if not out_of and source.runs(node):
            source.problem(node, say("Expected a flow out of gateway {node}, found none.", node=called(node)))
        direction = _DIRECTIONS.get(node.get("gatewayDirection") or "")
        if direction is not None:
            least_in, most_in, least_out, most_out = direction
            wrong = (least_in and into < least_in) or (most_in is not None and into > most_in)
            wrong = wrong or (least_out and out_of < least_out) or (most_out is not None and out_of > most_out)
            if wrong:
                source.problem(
                    node,
                    say(
                        "Expected gateway {node} to be {gateway_direction}, found {into} flows in and {out_of} out.",
                        node=called(node),
                        gateway_direction=node.get("gatewayDirection"),
                        into=into,
                        out_of=out_of,
                    ),
                )


_AFTER_EVENT_GATEWAY = frozenset(["message", "timer", "signal", "conditional"])


def event_based_gateways_lead_to_events(source: Source) -> None:
    """BPMN 10.6.6: two or more catching events or receive tasks, which nothing else leads to."""
    for node in source.running_nodes("eventBasedGateway"):
        flows = source.out_of(node)
        if len(flows) < 2:
            source.problem(
                node,
                say(
                    "Expected at least two flows out of {node}, found {count}: it waits for the first of several.",
                    node=called(node),
                    count=len(flows),
                ),
            )
        kinds = set()
        for flow in flows:
            target = source.by_id.get(flow.get("targetRef") or "")
            if target is None:
                continue
            kinds.add(tag(target) if tag(target) == "receiveTask" else "".join(tag(d) for d in source.definitions(target)))
            if tag(target) not in ("intermediateCatchEvent", "receiveTask"):
                source.problem(
                    flow,
                    say(
                        "Expected a catching event or a receive task after {node}, found {target}, a {target_kind}.",
                        node=called(node),
                        target=called(target),
                        target_kind=tag(target),
                    ),
                )
            elif len(source.into(target)) > 1:
                source.problem(
                    target,
                    say(
                        "Expected only {node} to lead to {target}, found {count} flows.",
                        node=called(node),
                        target=called(target),
                        count=len(source.into(target)),
                    ),
                )
            if tag(target) == "receiveTask" and target.get("id") in source.hosts:
                source.problem(
                    target, say("Expected no boundary event at {target}, which follows an event-based gateway.", target=called(target))
                )
        if {"receiveTask", "messageEventDefinition"} <= kinds:
            source.problem(node, say("Expected message events or receive tasks after {node}, found both.", node=called(node)))


def everything_can_be_reached(source: Source) -> None:
    """A warning: nodes that no token ever comes to."""
    reached: set[str] = set()
    todo = []
    with_start = {start.getparent() for start in source.running_nodes("startEvent")}
    for node in source.running_nodes():
        has_start = node.getparent() in with_start
        begins = tag(node) in ("startEvent", "boundaryEvent") or is_event_subprocess(node) or is_compensation_handler(source, node)
        is_link = [tag(d) for d in source.definitions(node)] == ["linkEventDefinition"]
        in_ad_hoc = tag(node.getparent()) == "adHocSubProcess"
        if begins or is_link or in_ad_hoc or (not has_start and not source.into(node)):
            todo.append(node)
    while todo:
        node = todo.pop()
        if node.get("id") in reached:
            continue
        reached.add(node.get("id"))
        for flow in source.out_of(node):
            target = source.by_id.get(flow.get("targetRef") or "")
            if target is not None:
                todo.append(target)
    for node in source.running_nodes():
        if node.get("id") not in reached:
            source.warning(node, say("{node} is never reached: no flow leads to it from a start.", node=called(node)))


# -- message flows ------------------------------------------------------------------------------------------------

_SENDS = frozenset(["sendTask", "endEvent", "intermediateThrowEvent"])
_RECEIVES = frozenset(["receiveTask", "startEvent", "intermediateCatchEvent", "boundaryEvent"])


def message_flows_go_from_a_sender_to_a_receiver(source: Source) -> None:
    """BPMN 9.4: a message flow connects two pools: a pool or a sending element with a pool or a receiving one."""
    for flow in source.message_flows:
        ends = []
        for name, allowed in (("sourceRef", _SENDS), ("targetRef", _RECEIVES)):
            wanted = flow.get(name)
            node = source.by_id.get(wanted) if wanted else None
            if node is None:
                source.problem(
                    flow,
                    say(
                        "Expected {name} of message flow {flow} to name an element of this file, found '{wanted}'.",
                        name=name,
                        flow=called(flow),
                        wanted=wanted or "",
                    ),
                )
                continue
            ends.append(node)
            if tag(node) == "participant":
                continue
            if tag(node) not in FLOW_NODES:
                source.problem(
                    flow,
                    say(
                        "Expected {name} of message flow {flow} to name a pool or a flow node, found a {kind}.",
                        name=name,
                        flow=called(flow),
                        kind=tag(node),
                    ),
                )
            elif not source.runs(node):
                continue
            elif tag(node) not in allowed and not (name == "sourceRef" and tag(node) in ("serviceTask", "userTask", "businessRuleTask")):
                named = {"flow": called(flow), "node": called(node), "kind": tag(node)}
                if name == "sourceRef":
                    wanted_there = say(
                        "Expected message {flow} to come from what sends one (a throw or end event, a task, a pool), found {node},"
                        " a {kind}.",
                        **named,
                    )
                else:
                    wanted_there = say(
                        "Expected message {flow} to lead to what waits for one (a start or catch event, a receive task, a pool),"
                        " found {node}, a {kind}.",
                        **named,
                    )
                source.problem(flow, wanted_there)
            elif tag(node) in ("startEvent", "intermediateCatchEvent", "boundaryEvent", "endEvent", "intermediateThrowEvent"):
                definitions = [tag(d) for d in source.definitions(node)]
                if definitions != ["messageEventDefinition"]:
                    source.problem(
                        flow,
                        say(
                            "Expected a message event where message {flow} {does}, found {node}, which is none.",
                            does=say("begins") if name == "sourceRef" else say("arrives"),
                            flow=called(flow),
                            node=called(node),
                        ),
                    )
        if len(ends) == 2:
            pools = [_pool_of(source, node) for node in ends]
            if pools[0] is not None and pools[0] is pools[1]:
                source.problem(
                    flow,
                    say(
                        "Expected message flow {flow} to lead to another pool, found both ends in {pools}.",
                        flow=called(flow),
                        pools=called(pools[0]),
                    ),
                )


def _pool_of(source: Source, node: Any) -> Any:
    if tag(node) == "participant":
        return node
    process = source.process_of(node)
    if process is None:
        return None
    return source.pool_of.get(process.get("id"), process)


def pools_have_a_process_of_their_own(source: Source) -> None:
    """One process stands behind one pool: otherwise nobody could say whose work it is."""
    seen: dict[str, Any] = {}
    for pool in source.pools:
        if pool.find(BPMN + "participantMultiplicity") is not None:
            source.warning(
                pool, say("The multiplicity of {pool} is kept, but {reason}.", pool=called(pool), reason=KEPT["participantMultiplicity"])
            )
        process = pool.get("processRef")
        if process and seen.setdefault(process, pool) is not pool:
            source.problem(
                pool,
                say(
                    "Expected process '{process}' in one pool, found it in {seen} and {pool}.",
                    process=process,
                    seen=called(seen[process]),
                    pool=called(pool),
                ),
            )


def containers_hold_what_they_may(source: Source) -> None:
    """A flow node lies in a process or sub-process."""
    for node in source.nodes:
        parent = node.getparent()
        if parent is None or tag(parent) not in CONTAINERS:
            source.problem(
                node,
                say(
                    "Expected {node} in a process or sub-process, found it in <{parent}>.",
                    node=called(node),
                    parent=tag(parent) if parent is not None else "",
                ),
            )


RULES = (
    sequence_flows_connect_two_nodes_of_one_level,
    nodes_list_their_own_flows,
    nodes_have_the_flows_that_they_may,
    conditions_stand_where_a_choice_is_made,
    flows_are_plain,
    gateways_split_or_join,
    event_based_gateways_lead_to_events,
    everything_can_be_reached,
    message_flows_go_from_a_sender_to_a_receiver,
    pools_have_a_process_of_their_own,
    containers_hold_what_they_may,
)
