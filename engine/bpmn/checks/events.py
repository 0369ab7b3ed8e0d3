"""Events: which definition may stand where (by the table of support.py), and what each definition needs."""

from __future__ import annotations

from typing import Any

from engine.feel.sentences import say

from ..support import DEFINITIONS, POSITIONS, RUNS, TAGS, VARIANTS, of_event
from .flows import is_event_subprocess
from .source import BPMN, EVENTS, ZEEBE, Source, called, tag

_POSITION_OF = {"intermediateThrowEvent": "throw", "endEvent": "end"}


def position_of(source: Source, node: Any) -> str:
    """Where the event stands, as support.POSITIONS names it."""
    name, parent = tag(node), node.getparent()
    if name == "startEvent":
        if is_event_subprocess(parent):
            interrupting = (node.get("isInterrupting") or "true").lower() in ("true", "1")
            return "start_event_sub" if interrupting else "start_event_sub_non"
        return "start" if tag(parent) == "process" else "start_embedded"
    if name == "boundaryEvent":
        return "boundary" if (node.get("cancelActivity") or "true").lower() in ("true", "1") else "boundary_non"
    if name == "intermediateCatchEvent":
        before = [source.by_id.get(flow.get("sourceRef") or "") for flow in source.into(node)]
        return "catch_gateway" if any(n is not None and tag(n) == "eventBasedGateway" for n in before) else "catch"
    return _POSITION_OF[name]


def definition_of(source: Source, node: Any) -> str:
    found = source.definitions(node)
    if (node.get("parallelMultiple") or "").lower() in ("true", "1"):
        return "parallelMultiple"
    if len(found) > 1:
        return "multiple"
    return TAGS.get(tag(found[0]), "none") if found else "none"


_IN_WORDS = {
    "none": say("an event without a trigger"),
    "multiple": say("an event with several triggers"),
    "parallelMultiple": say("an event that needs all of several triggers"),
}


def events_run_where_they_stand(source: Source) -> None:
    """The table of support.py: every event that would not run is refused, with the reason."""
    for node in source.running_nodes(*EVENTS - {"implicitThrowEvent"}):
        definition, position = definition_of(source, node), position_of(source, node)
        verdict = of_event(definition, position)
        if verdict != RUNS:
            words = _IN_WORDS.get(definition) or say("a {definition} event", definition=DEFINITIONS[definition])
            source.problem(
                node,
                say(
                    "Expected another event at {node}, found {words} at the position '{position}': {verdict}.",
                    node=called(node),
                    words=words,
                    position=POSITIONS[position],
                    verdict=verdict,
                ),
            )


def starts_are_clear(source: Source) -> None:
    """BPMN 10.5.2, 10.5.3: one none start event a level, and one where there are ends; in an event sub-process exactly one."""
    for container in source.root.iter(BPMN + "process", BPMN + "subProcess", BPMN + "transaction"):
        if not source.runs(container):
            continue
        starts = [child for child in container if tag(child) == "startEvent"]
        plain = [start for start in starts if not source.definitions(start)]
        if is_event_subprocess(container):
            if len(starts) != 1:
                source.problem(
                    container,
                    say(
                        "Expected one start event in event sub-process {container}, found {count}.",
                        container=called(container),
                        count=len(starts),
                    ),
                )
        elif tag(container) != "process" and len(starts) > 1:
            source.problem(
                container,
                say("Expected one start event in sub-process {container}, found {count}.", container=called(container), count=len(starts)),
            )
        elif not starts and any(tag(child) == "endEvent" for child in container):
            source.problem(
                container, say("Expected a start event in {container}, which has an end event, found none.", container=called(container))
            )
        elif len(plain) > 1:
            source.problem(
                container,
                say(
                    "Expected one start event without a trigger in {container}, found {count}.",
                    container=called(container),
                    count=len(plain),
                ),
            )
        names: dict[str, Any] = {}
        for start in starts:
            for definition in source.definitions(start):
                name = definition.get("messageRef")
                if name and names.setdefault(name, start) is not start and tag(container) == "process":
                    source.problem(
                        start,
                        say(
                            "Expected each message to start {container} at one event, found '{name}' at two.",
                            container=called(container),
                            name=name,
                        ),
                    )


def boundary_events_sit_on_activities(source: Source) -> None:
    """BPMN 10.5.4: attached to an activity of the same level; cancel on a transaction; compensation with one handler."""
    for node in source.running_nodes("boundaryEvent"):
        host = source.by_id.get(node.get("attachedToRef") or "")
        if host is None:
            if not node.get("attachedToRef"):
                source.problem(
                    node,
                    say("Expected boundary event {node} to be attached to an activity, found attachedToRef missing.", node=called(node)),
                )
            continue
        if host.getparent() is not node.getparent():
            source.problem(
                node,
                say("Expected boundary event {node} on the level of {host}, found it on another.", node=called(node), host=called(host)),
            )
        if is_event_subprocess(host):
            source.problem(
                node, say("Expected no boundary event at event sub-process {host}, found {node}.", host=called(host), node=called(node))
            )
        definition = definition_of(source, node)
        if definition == "cancel" and tag(host) != "transaction":
            source.problem(
                node, say("Expected a cancel event only at a transaction, found {node} at {host}.", node=called(node), host=called(host))
            )
        if definition == "compensation" and not _handlers(source, node):
            source.problem(
                node,
                say(
                    "Expected an association from {node} to the activity that undoes {host}, found none.",
                    node=called(node),
                    host=called(host),
                ),
            )


def _handlers(source: Source, event: Any) -> list[Any]:
    level = event.getparent()
    ends = [source.by_id.get(other) for at, other in source.associated.get(event.get("id") or "", ()) if at is level]
    return [node for node in ends if node is not None and (node.get("isForCompensation") or "").lower() in ("true", "1")]


def cancel_ends_lie_in_transactions(source: Source) -> None:
    """BPMN 10.5.3: only a transaction can be canceled."""
    for node in source.running_nodes("endEvent"):
        if definition_of(source, node) == "cancel" and tag(node.getparent()) != "transaction":
            source.problem(
                node,
                say(
                    "Expected the cancel end event {node} in a transaction, found it in a {kind}.",
                    node=called(node),
                    kind=tag(node.getparent()),
                ),
            )


def links_meet(source: Source) -> None:
    """BPMN 10.5.5: throwing links have one catching link of their name on the same level."""
    by_name: dict[tuple[Any, str], tuple[list[Any], list[Any]]] = {}
    for node in source.running_nodes("intermediateThrowEvent", "intermediateCatchEvent"):
        if definition_of(source, node) != "link":
            continue
        name = (source.definitions(node)[0].get("name") or "").strip()
        if not name:
            source.problem(node, say("Expected a name on the link event {node}, found none.", node=called(node)))
            continue
        by_name.setdefault((node.getparent(), name), ([], []))[tag(node) == "intermediateCatchEvent"].append(node)
    for (_, name), (throwing, catching) in by_name.items():
        for node in throwing if not catching else ():
            source.problem(
                node, say("Expected a catching link named '{name}' on the level of {node}, found none.", name=name, node=called(node))
            )
        for node in catching if not throwing else ():
            source.problem(
                node, say("Expected a throwing link named '{name}' on the level of {node}, found none.", name=name, node=called(node))
            )
        for node in catching[1:]:
            source.problem(
                node,
                say(
                    "Expected one catching link named '{name}', found {catching} and {node}.",
                    name=name,
                    catching=called(catching[0]),
                    node=called(node),
                ),
            )


_NAMED = {"messageEventDefinition": ("messageRef", say("message")), "signalEventDefinition": ("signalRef", say("signal"))}


def definitions_say_what_they_are_about(source: Source) -> None:
    """A message has a name, a signal too; an error that is thrown has a code; a timer has one time."""
    for node in source.running_nodes(*EVENTS - {"implicitThrowEvent"}):
        throws = tag(node) in ("endEvent", "intermediateThrowEvent")
        is_job = node.find(f"{BPMN}extensionElements/{ZEEBE}taskDefinition") is not None
        for definition in source.definitions(node):
            reference = _NAMED.get(tag(definition))
            if reference is not None:
                _names(source, node, definition, *reference, optional=is_job or _has_message_flow(source, node))
            if tag(definition) == "timerEventDefinition":
                kinds = [tag(child) for child in definition if tag(child) in ("timeDate", "timeDuration", "timeCycle")]
                if len(kinds) != 1:
                    source.problem(
                        node,
                        say(
                            "Expected one of a date, a duration or a cycle at timer {node}, found {count}.",
                            node=called(node),
                            count=len(kinds),
                        ),
                    )
                elif kinds == ["timeCycle"] and position_of(source, node) in ("catch", "catch_gateway"):
                    source.problem(node, say("Expected a date or a duration at {node}, found a cycle: it happens once.", node=called(node)))
            waits = (definition.get("waitForCompletion") or "true").strip().lower() in ("true", "1")
            if tag(definition) == "compensateEventDefinition" and throws and not waits:
                reason = VARIANTS["any event", "compensation that nobody waits for"]
                source.problem(
                    node,
                    say(
                        "Expected {node} to wait for the compensation, found waitForCompletion false: {reason}.",
                        node=called(node),
                        reason=reason,
                    ),
                )
            if tag(definition) == "errorEventDefinition" and throws:
                _has_code(source, node, definition.get("errorRef"), "errorCode", say("error"))
            if tag(definition) == "escalationEventDefinition" and throws:
                _has_code(source, node, definition.get("escalationRef"), "escalationCode", say("escalation"))


def _has_message_flow(source: Source, node: Any) -> bool:
    return node.get("id") in source.message_sources or node.get("id") in source.message_targets


def _names(source: Source, node: Any, definition: Any, attribute: str, kind: str, *, optional: bool) -> None:
    reference = definition.get(attribute)
    if not reference:
        if not optional:
            source.problem(
                node, say("Expected {node} to name a {kind} ({attribute}), found none.", node=called(node), kind=kind, attribute=attribute)
            )
        return
    named = source.by_id.get(reference)
    if named is not None and not (named.get("name") or "").strip() and not optional:
        source.problem(
            node,
            say("Expected {kind} '{reference}' of {node} to have a name, found none.", kind=kind, reference=reference, node=called(node)),
        )


def _has_code(source: Source, node: Any, reference: str | None, attribute: str, kind: str) -> None:
    if not reference:
        source.problem(node, say("Expected {node} to name the {kind} that it throws, found none.", node=called(node), kind=kind))
        return
    named = source.by_id.get(reference)
    if named is not None and not (named.get(attribute) or "").strip():
        source.problem(
            node,
            say(
                "Expected {kind} '{reference}', which {node} throws, to have a code ({attribute}), found none.",
                kind=kind,
                reference=reference,
                node=called(node),
                attribute=attribute,
            ),
        )


def error_handlers_are_clear(source: Source) -> None:
    """Two that catch the same error, escalation or any at one place could not be told apart."""
    for container in source.root.iter():
        if tag(container) not in ("process", "subProcess", "transaction") or not source.runs(container):
            continue
        _no_twins(
            source, [s for child in container if is_event_subprocess(child) for s in child if tag(s) == "startEvent"], called(container)
        )
        hosts: dict[str, list[Any]] = {}
        for child in container:
            if tag(child) == "boundaryEvent":
                hosts.setdefault(child.get("attachedToRef") or "", []).append(child)
        for host, events in hosts.items():
            _no_twins(source, events, say("'{name}'", name=host))


def _no_twins(source: Source, events: list[Any], where: str) -> None:
    seen: dict[tuple[str, str], Any] = {}
    for event in events:
        for definition in source.definitions(event):
            attribute, code = {
                "errorEventDefinition": ("errorRef", "errorCode"),
                "escalationEventDefinition": ("escalationRef", "escalationCode"),
            }.get(tag(definition), (None, None))
            if attribute is None or code is None:
                continue
            named = source.by_id.get(definition.get(attribute) or "")
            caught = (tag(definition), named.get(code) or "" if named is not None else "")
            if seen.setdefault(caught, event) is not event:
                what = say("code '{code}'", code=caught[1]) if caught[1] else say("any code")
                source.problem(
                    event,
                    say(
                        "Expected one event at {where} that catches {what}, found {seen} and {event}.",
                        where=where,
                        what=what,
                        seen=called(seen[caught]),
                        event=called(event),
                    ),
                )


RULES = (
    events_run_where_they_stand,
    starts_are_clear,
    boundary_events_sit_on_activities,
    cancel_ends_lie_in_transactions,
    links_meet,
    definitions_say_what_they_are_about,
    error_handlers_are_clear,
)
