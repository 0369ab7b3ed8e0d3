"""Is it BPMN at all: the standard's own schema, ids, references, processes that can be started."""

from __future__ import annotations

import re
import threading
from functools import cache
from pathlib import Path
from typing import Any

import SpiffWorkflow.bpmn.parser
from lxml import etree

from engine.feel.sentences import of_the_parser, say

from ..names import A_NAME, is_name
from .source import ACTIVITIES, BPMN, FLOW_NODES, ZEEBE, Source, called, tag

_schema_lock = threading.Lock()
_NAMESPACE = re.compile(r"\{[^}]*\}")


@cache
def _schema() -> Any:
    # the OMG's schema files come with SpiffWorkflow
    folder = Path(SpiffWorkflow.bpmn.parser.__file__).parent / "schema"
    return etree.XMLSchema(etree.parse(str(folder / "BPMN20.xsd")))


def keeps_the_standards_schema(source: Source, original: Any) -> None:
    """BPMN 2.0.2 XML schema: unknown or misplaced elements, missing or malformed attributes."""
    with _schema_lock:
        schema = _schema()
        if schema.validate(original):
            return
        errors = [(error.message, error.path) for error in schema.error_log][:100]
    for message, path in errors:
        found = _element_at(original, path)
        if found is not None and _is_about_an_optional_thing(message):
            continue
        node = found if found is not None else original
        source.problem(node, _in_words(message))


def _is_about_an_optional_thing(message: str) -> bool:
    # other tools write dates, colours and ids of shapes that the schema does not like; nothing that runs depends on them
    return "DI}" in message or "/DD/" in message or "DC}" in message


def _element_at(root: Any, path: str | None) -> Any:
    try:
        found = root.getroottree().xpath(path, namespaces={k: v for k, v in root.nsmap.items() if k}) if path else None
    except etree.XPathError:
        return None
    return found[0] if isinstance(found, list) and found else None


def _in_words(message: str) -> str:
    plain = _NAMESPACE.sub("", message)
    unexpected = re.match(r"Element '([^']+)': This element is not expected\.(?: Expected is (?:one of )?\( ?(.*?) ?\)\.?)?", plain)
    if unexpected:
        wanted = say("one of {elements}", elements=unexpected[2]) if unexpected[2] else say("nothing more")
        return say("Expected {wanted}, found <{element}>.", wanted=wanted, element=unexpected[1])
    missing = re.match(r"Element '([^']+)': Missing child element\(s\)\. Expected is (?:one of )?\( ?(.*?) ?\)", plain)
    if missing:
        return say("Expected {children} in <{element}>, found none.", children=missing[2], element=missing[1])
    attribute = re.match(r"Element '([^']+)'(?:, attribute '([^']+)')?: (.*)", plain)
    if attribute:
        where = (
            say("<{element}>, attribute {attribute}", element=attribute[1], attribute=attribute[2]) if attribute[2] else f"<{attribute[1]}>"
        )
        return say("Expected what the BPMN schema says at {where}, found otherwise: {said}", where=where, said=of_the_parser(attribute[3]))
    return say("Expected what the BPMN schema says, found otherwise: {said}", said=of_the_parser(plain))


def has_no_id_twice(source: Source) -> None:
    """XML: an id names one element of the file."""
    seen: dict[str, Any] = {}
    for node in source.root.iter():
        node_id = node.get("id") if isinstance(node.tag, str) and node.tag.startswith(BPMN) else None
        if not node_id:
            continue
        if node_id in seen:
            source.problem(
                node,
                say(
                    "Expected each id once, found '{node_id}' on <{seen_kind}> and <{kind}>.",
                    node_id=node_id,
                    seen_kind=tag(seen[node_id]),
                    kind=tag(node),
                ),
            )
        seen[node_id] = node


# element -> its attributes that end as names in rows and indexes; every id does
_NAMING: dict[str, tuple[str, ...]] = {
    BPMN + "message": ("name",),
    BPMN + "signal": ("name",),
    BPMN + "participant": ("name",),  # a group of people is called after it
    BPMN + "lane": ("name",),
    BPMN + "error": ("errorCode",),
    BPMN + "escalation": ("escalationCode",),
    ZEEBE + "assignmentDefinition": ("assignee", "candidateGroups", "candidateUsers"),
    ZEEBE + "calledElement": ("processId",),
    ZEEBE + "formDefinition": ("formId", "externalReference"),
    ZEEBE + "input": ("target",),
    ZEEBE + "output": ("target",),
    ZEEBE + "loopCharacteristics": ("inputElement", "outputCollection"),
    ZEEBE + "script": ("resultVariable",),
    ZEEBE + "taskDefinition": ("type",),
}


def has_names_that_can_be_kept(source: Source) -> None:
    """No database indexes a name of any length. Lists of people and FEEL are measured again, name by name, when they run."""
    for node in source.root.iter():
        if not isinstance(node.tag, str):
            continue
        for attribute in ("id", *_NAMING.get(node.tag, ())):
            words = node.get(attribute) or ""
            if not is_name(words) and not words.lstrip().startswith("=") and not (attribute.startswith("candidate") and _is_list(words)):
                where = say("{attribute} of <{element}>", attribute=attribute, element=_NAMESPACE.sub("", node.tag))
                source.problem(
                    node, say("Expected {a_name} for {where}, found {words!r} and more.", a_name=A_NAME, where=where, words=words[:40])
                )


def _is_list(words: str) -> bool:
    return all(is_name(name.strip()) for name in words.split(","))


def has_processes_that_can_be_started(source: Source) -> None:
    """A deployment without an executable process deploys nothing."""
    if not source.processes:
        source.problem(source.root, say("Expected a process, found none."))
        return
    if not source.executable:
        source.problem(
            source.processes[0], say('Expected a process with isExecutable="true", found only processes that are not to be run.')
        )
    for process in source.executable:
        if not process.get("id"):
            source.problem(process, say("Expected an id on each executable process, found none."))
        if not any(tag(child) in FLOW_NODES for child in process):
            source.problem(process, say("Expected flow elements in process {process}, found none.", process=called(process)))


# what a data association may lead from and to (BPMN 10.4.2); message flows and the like name their ends in attributes
DATA = frozenset({"dataInput", "dataOutput", "dataObject", "dataObjectReference", "dataStore", "dataStoreReference", "property"})

# attribute (or element with text) -> what it must name
_MUST_NAME: dict[str, frozenset[str]] = {
    "messageRef": frozenset({"message"}),
    "signalRef": frozenset({"signal"}),
    "errorRef": frozenset({"error"}),
    "escalationRef": frozenset({"escalation"}),
    "attachedToRef": ACTIVITIES,
    "processRef": frozenset({"process"}),
    "activityRef": ACTIVITIES,
    "default": frozenset({"sequenceFlow"}),
    "itemSubjectRef": frozenset({"itemDefinition"}),
    "itemRef": frozenset({"itemDefinition"}),
    "structureRef": frozenset(),
    "dataObjectRef": frozenset({"dataObject"}),
    "dataStoreRef": frozenset({"dataStore"}),
    "categoryValueRef": frozenset({"categoryValue"}),
    "operationRef": frozenset({"operation"}),
}
_TEXT_MUST_NAME: dict[str, frozenset[str]] = {
    "flowNodeRef": FLOW_NODES,
    "incoming": frozenset({"sequenceFlow"}),
    "outgoing": frozenset({"sequenceFlow"}),
    "participantRef": frozenset({"participant"}),
    "inMessageRef": frozenset({"message"}),
    "outMessageRef": frozenset({"message"}),
    "errorRef": frozenset({"error"}),
    "dataInputRefs": frozenset({"dataInput"}),
    "dataOutputRefs": frozenset({"dataOutput"}),
    "sourceRef": DATA,
    "targetRef": DATA,
    "eventDefinitionRef": frozenset(),
}
_FREE = frozenset({"structureRef", "itemRef"})  # may name types of other files


def has_no_dangling_reference(source: Source) -> None:
    """Whatever is referred to must be in the file, and be of the right kind."""
    for node in source.root.iter():
        if not tag(node):
            continue
        for name, kinds in _MUST_NAME.items():
            wanted = node.get(name)
            if wanted is not None and name not in _FREE:
                _check(source, node, name, wanted, kinds)
        kinds_of_text = _TEXT_MUST_NAME.get(tag(node))
        if kinds_of_text is not None:
            _check(source, node, tag(node), (node.text or "").strip(), kinds_of_text)


def _check(source: Source, node: Any, name: str, wanted: str, kinds: frozenset[str]) -> None:
    found = source.by_id.get(wanted) if wanted in source.by_id else source.by_id.get(wanted.rpartition(":")[2])
    if found is None:
        if kinds:
            source.problem(
                node,
                say(
                    "Expected {name} to name a {kinds} of this file, found '{wanted}', which is not there.",
                    name=name,
                    kinds=_kinds(kinds),
                    wanted=wanted,
                ),
            )
        elif name == "eventDefinitionRef":
            source.problem(node, say("Expected the event definition inside the event, found a reference to '{wanted}'.", wanted=wanted))
    elif kinds and tag(found) not in kinds:
        source.problem(
            node,
            say(
                "Expected {name} to name a {kinds}, found '{wanted}', a {found_kind}.",
                name=name,
                kinds=_kinds(kinds),
                wanted=wanted,
                found_kind=tag(found),
            ),
        )
    elif name == "eventDefinitionRef":
        source.problem(node, say("Expected the event definition inside the event, found a reference to '{wanted}'.", wanted=wanted))


def _kinds(kinds: frozenset[str]) -> str:
    return next(iter(kinds)) if len(kinds) == 1 else {ACTIVITIES: say("activity"), DATA: say("data element")}.get(kinds, say("flow node"))


def nothing_outside_the_file_is_needed(source: Source) -> None:
    """BPMN 8.2.3, 8.2.5: what must be understood, and is not, refuses the file; imports are said."""
    for extension in source.root.iterchildren(BPMN + "extension"):
        if (extension.get("mustUnderstand") or "").lower() in ("true", "1"):
            source.problem(
                source.root,
                say(
                    "Expected no extension that must be understood, found '{definition}', which is not known here.",
                    definition=extension.get("definition"),
                ),
            )
    for imported in source.root.iterchildren(BPMN + "import"):
        source.warning(
            source.root,
            say("The import of '{location}' is kept, but not read: what is called must be deployed.", location=imported.get("location")),
        )


def public_processes_only_describe(source: Source) -> None:
    """BPMN 10.1: an executable process is a private one."""
    for process in source.executable:
        if process.get("processType") == "Public":
            source.problem(
                process,
                say("Expected {process} to be executable or public, found both: a public process only describes.", process=called(process)),
            )


def lanes_lie_in_their_process(source: Source) -> None:
    """BPMN 10.8.2: a lane lists nodes of its own process, each in one lane of a set."""
    for process in source.processes:
        for lanes in process.iter(BPMN + "laneSet"):
            seen: dict[str, Any] = {}
            for lane in lanes.iterchildren(BPMN + "lane"):
                for reference in lane.iterchildren(BPMN + "flowNodeRef"):
                    name = (reference.text or "").strip()
                    node = source.by_id.get(name)
                    if node is not None and source.process_of(node) is not process:
                        source.problem(
                            lane,
                            say(
                                "Expected lane {lane} to list nodes of its own process, found '{name}' of another.",
                                lane=called(lane),
                                name=name,
                            ),
                        )
                    if seen.setdefault(name, lane) is not lane:
                        source.problem(
                            lane,
                            say(
                                "Expected '{name}' in one lane, found it in {seen} and {lane}.",
                                name=name,
                                seen=called(seen[name]),
                                lane=called(lane),
                            ),
                        )


RULES = (
    has_no_id_twice,
    has_names_that_can_be_kept,
    has_processes_that_can_be_started,
    has_no_dangling_reference,
    nothing_outside_the_file_is_needed,
    public_processes_only_describe,
    lanes_lie_in_their_process,
)
