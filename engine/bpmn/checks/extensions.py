"""Extensions: which zeebe elements mean something here, and where; what of other tools would change the execution and is refused."""

from __future__ import annotations

from typing import Any

from engine.feel.sentences import either, say

from .source import ACTIVITIES, BPMN, CAMUNDA, EVENTS, HANDOFF, ZEEBE, Source, called, tag

_ZEEBE_NAMESPACE, _CAMUNDA_NAMESPACE, _HANDOFF_NAMESPACE = ZEEBE[1:-1], CAMUNDA[1:-1], HANDOFF[1:-1]

_WORK = frozenset(["serviceTask", "sendTask", "businessRuleTask", "scriptTask", "intermediateThrowEvent", "endEvent"])
_ANYWHERE = frozenset({"properties", "property", "agentDefinition"})
# zeebe element -> where it may stand
_ALLOWED: dict[str, frozenset[str]] = {
    "taskDefinition": _WORK,
    "taskHeaders": _WORK | {"userTask"},
    "jobPriorityDefinition": _WORK | {"process"},
    "ioMapping": ACTIVITIES | EVENTS,
    "userTask": frozenset({"userTask"}),
    "assignmentDefinition": frozenset({"userTask"}),
    "taskSchedule": frozenset({"userTask"}),
    "priorityDefinition": frozenset({"userTask"}),
    "formDefinition": frozenset({"userTask", "startEvent"}),
    "userTaskForm": frozenset({"process"}),
    "calledElement": frozenset({"callActivity"}),
    "calledDecision": frozenset({"businessRuleTask"}),
    "script": frozenset({"scriptTask"}),
    "loopCharacteristics": frozenset({"multiInstanceLoopCharacteristics"}),
    "subscription": frozenset({"message"}),
    "versionTag": frozenset({"process"}),
}
# zeebe element -> the attributes that are followed; others Camunda ignores, too, and they are named in a warning
_ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "taskDefinition": ("type", "retries"),
    "header": ("key", "value"),
    "jobPriorityDefinition": ("priority",),
    "input": ("source", "target"),
    "output": ("source", "target"),
    "assignmentDefinition": ("assignee", "candidateGroups", "candidateUsers"),
    "taskSchedule": ("dueDate", "followUpDate"),
    "priorityDefinition": ("priority",),
    "formDefinition": ("formId", "formKey", "externalReference", "bindingType", "versionTag"),
    "userTaskForm": ("id",),
    "calledElement": ("processId", "propagateAllChildVariables", "propagateAllParentVariables", "bindingType", "versionTag"),
    "calledDecision": ("decisionId", "resultVariable", "bindingType", "versionTag"),
    "script": ("expression", "resultVariable"),
    "loopCharacteristics": ("inputCollection", "inputElement", "outputCollection", "outputElement"),
    "subscription": ("correlationKey",),
    "versionTag": ("value",),
}
_CHILDREN: dict[str, tuple[str, ...]] = {"ioMapping": ("input", "output"), "taskHeaders": ("header",)}
_REFUSED: dict[str, str] = {
    "executionListeners": say("execution listeners do not run here: draw the work as an element"),
    "taskListeners": say("task listeners do not run here: draw the work as an element"),
    "linkedResources": say("linked resources are not handed to workers here"),
    "adHoc": say("ad-hoc sub-processes do not run here"),
    "conditionalFilter": say("conditions are looked at whenever variables change; filters are not offered"),
}
_REFUSED_ATTRIBUTES = {
    ("calledElement", "processIdExpression"): say("use processId with an expression that begins with ="),
    ("calledElement", "businessId"): say("called instances take no business id of their own here"),
}
# camunda elements and attributes that change what happens, and that we do not follow
_CAMUNDA_REFUSED = frozenset(
    ["inputOutput", "in", "out", "executionListener", "taskListener", "connector", "field", "script", "errorEventDefinition"]
)
_CAMUNDA_ATTRIBUTES_REFUSED = frozenset(
    {"class", "delegateExpression", "expression", "resultVariable", "decisionRef", "caseRef", "collection", "elementVariable"}
    | {"variableMappingClass", "variableMappingDelegateExpression", "calledElementBinding", "calledElementVersion"}
)
# camunda attributes that are followed
_CAMUNDA_READ = frozenset(
    {"type", "topic", "assignee", "candidateGroups", "candidateUsers", "dueDate", "followUpDate", "priority", "formKey", "versionTag"}
)


def _local(node: Any) -> tuple[str, str]:
    namespace, _, name = str(node.tag)[1:].partition("}")
    return namespace, name


def extensions_mean_something_here(source: Source) -> None:
    """What would change the execution and is not followed is refused; what others added for themselves is kept, with a warning."""
    foreign: dict[str, Any] = {}
    for holder in source.root.iter(BPMN + "extensionElements"):
        owner = holder.getparent()
        process = source.process_of(owner)
        if process is not None and process not in source.executable:
            continue
        seen: set[str] = set()
        for node in holder:
            if not isinstance(node.tag, str):
                continue
            namespace, name = _local(node)
            if namespace == _ZEEBE_NAMESPACE and name in _ALLOWED and name != "userTaskForm":
                if name in seen:
                    source.problem(owner, say("Expected one zeebe:{name} at {owner}, found several.", name=name, owner=called(owner)))
                seen.add(name)
            if namespace == _ZEEBE_NAMESPACE:
                _check_zeebe(source, owner, node, name)
            elif namespace == _CAMUNDA_NAMESPACE and name in _CAMUNDA_REFUSED:
                source.problem(
                    owner,
                    say(
                        "Expected no camunda:{name} at {owner}, found it: this Camunda 7 extension does not run here.",
                        name=name,
                        owner=called(owner),
                    ),
                )
            elif namespace and namespace != _HANDOFF_NAMESPACE:  # ours: dialect.py
                foreign.setdefault(namespace, owner)
    _note_attributes(source, foreign)
    for namespace, owner in foreign.items():
        if namespace not in _OF_DRAWING:
            source.warning(owner, say("Extensions of {namespace} are kept, and change nothing.", namespace=namespace))


def _check_zeebe(source: Source, owner: Any, node: Any, name: str) -> None:
    if name in _ANYWHERE:
        return
    if name in _REFUSED:
        source.problem(
            owner, say("Expected no zeebe:{name} at {owner}, found it: {reason}.", name=name, owner=called(owner), reason=_REFUSED[name])
        )
    elif name not in _ALLOWED:
        source.problem(
            owner, say("Expected a zeebe extension that is known here at {owner}, found zeebe:{name}.", owner=called(owner), name=name)
        )
    elif tag(owner) not in _ALLOWED[name]:
        source.problem(
            owner,
            say(
                "Expected zeebe:{name} at {places}, found it at {owner}, a {owner_kind}.",
                name=name,
                places=either(sorted(_ALLOWED[name])),
                owner=called(owner),
                owner_kind=tag(owner),
            ),
        )
    for child in node.iterchildren(ZEEBE + "*"):
        inner = _local(child)[1]
        if inner not in _CHILDREN.get(name, ()):
            source.problem(
                owner,
                say(
                    "Expected zeebe:{name} at {owner} as it is known here, found zeebe:{inner} in it.",
                    name=name,
                    owner=called(owner),
                    inner=inner,
                ),
            )
        _warn_of_attributes(source, owner, child, inner)
    _warn_of_attributes(source, owner, node, name)
    for attribute in node.attrib:
        reason = _REFUSED_ATTRIBUTES.get((name, attribute))
        if reason:
            source.problem(
                owner,
                say("Expected no {attribute} at {owner}, found it: {reason}.", attribute=attribute, owner=called(owner), reason=reason),
            )
    if name == "formDefinition" and node.get("bindingType") not in (None, "latest"):
        source.problem(
            owner,
            say(
                "Expected the newest form at {owner} (binding latest), found '{binding_type}'.",
                owner=called(owner),
                binding_type=node.get("bindingType"),
            ),
        )


def _warn_of_attributes(source: Source, owner: Any, node: Any, name: str) -> None:
    for attribute in node.attrib:
        if attribute not in _ATTRIBUTES.get(name, ()) and (name, attribute) not in _REFUSED_ATTRIBUTES and name in _ATTRIBUTES:
            source.warning(
                owner,
                say(
                    "{attribute} of zeebe:{name} at {owner} is kept, and changes nothing.",
                    attribute=attribute[:60],
                    name=name,
                    owner=called(owner),
                ),
            )


# tools say with these how a model looks, and for what it was drawn
_OF_DRAWING = frozenset(
    {
        "http://camunda.org/schema/modeler/1.0",
        "http://bpmn.io/schema/bpmn/biocolor/1.0",
        "http://bpmn.io/schema/bpmn",
        "http://www.omg.org/spec/BPMN/non-normative/color/1.0",
        "http://www.w3.org/2001/XMLSchema-instance",
        "http://www.w3.org/XML/1998/namespace",
    }
)


def _note_attributes(source: Source, foreign: dict[str, Any]) -> None:
    """Attributes of other namespaces: Camunda 7's are refused, followed or named; of others the namespace is noted."""
    unread: dict[str, Any] = {}
    for node in source.root.iter():
        if not tag(node) or (source.process_of(node) is not None and not source.runs(node)):
            continue
        for attribute in node.attrib:
            if not attribute.startswith("{"):
                continue
            namespace, _, name = attribute[1:].partition("}")
            if namespace != _CAMUNDA_NAMESPACE:
                if namespace not in (_ZEEBE_NAMESPACE, _HANDOFF_NAMESPACE):
                    foreign.setdefault(namespace, node)
            elif name in _CAMUNDA_ATTRIBUTES_REFUSED or (name == "type" and node.get(attribute) != "external"):
                source.problem(
                    node,
                    say(
                        "Expected no camunda:{name} at {node}, found it: this Camunda 7 attribute does not run here.",
                        name=name,
                        node=called(node),
                    ),
                )
            elif name not in _CAMUNDA_READ:
                unread.setdefault(name, node)
    for name, node in unread.items():
        source.warning(node, say("camunda:{name} is kept, and changes nothing.", name=name))


RULES = (extensions_mean_something_here,)
