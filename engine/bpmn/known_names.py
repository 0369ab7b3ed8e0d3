"""Which variables can be there when the work reaches an element, as far as the model and its forms say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .checks.source import BPMN, FLOW_NODES, ZEEBE, Source, has_job, tag, zeebe
from .handoffs import Handoffs, contract_on

Forms = Mapping[str, frozenset[str]]  # form id -> names that it asks for
_SETS_NOTHING = frozenset(["task", "manualTask", "sendTask", "intermediateThrowEvent", "endEvent"])


def fields_that_nothing_sets(source: Source, handoffs: Mapping[str, Handoffs], forms: Forms) -> Iterator[tuple[str, str, bool, str]]:
    """(flow, name, whether it is required, element that hands over) of each contract's field that nothing before the crossing can set.

    Says nothing where a program, a person without a form or a message may have set anything.
    """
    told = set()
    for found in handoffs.values():
        for path in found.paths:
            if path.contract is None or path.from_element_id not in source.by_id:
                continue
            names = names_at(source, source.by_id[path.from_element_id], forms)
            if names is None:
                continue
            for field in path.contract.fields:
                about = (path.contract.flow_id, field.name, path.from_element_id)
                if field.name and field.name not in names and about not in told:
                    told.add(about)
                    yield path.contract.flow_id, field.name, field.required, path.from_element_id


def names_at(source: Source, node: Any, forms: Forms) -> frozenset[str] | None:
    """The names that are there once `node` is done; None: any name may be."""
    names: set[str] = set()
    for one in _before(source, node):
        sets = _names_set_by(source, one, forms)
        if sets is None:
            return None
        names |= sets
    return frozenset(names)


def _before(source: Source, node: Any) -> Iterator[Any]:
    """The node and everything that may have run before it; what runs in event sub-processes may have, too."""
    process = source.process_of(node)
    todo = [node, *(one for one in source.nodes if one.get("triggeredByEvent") == "true" and source.process_of(one) is process)]
    seen = set()
    while todo:
        at = todo.pop()
        if at in seen:
            continue
        seen.add(at)
        yield at
        todo.extend(found for flow in source.into(at) if (found := source.by_id.get(flow.get("sourceRef") or "")) is not None)
        host = source.by_id.get(at.get("attachedToRef") or "")
        if host is not None:
            todo.append(host)
        todo.extend(inner for inner in at.iter() if tag(inner) in FLOW_NODES and inner is not at)
        around = at.getparent()
        if tag(around) in FLOW_NODES and around not in seen:
            # into the sub-process from outside; of its own nodes only those before this one
            todo.extend(found for flow in source.into(around) if (found := source.by_id.get(flow.get("sourceRef") or "")) is not None)
            outputs = _mapped(around, "input")
            if outputs:
                seen.add(around)
                yield around


def _names_set_by(source: Source, node: Any, forms: Forms) -> set[str] | None:
    """What a node leaves behind; None: it may be anything."""
    outputs, kind = _mapped(node, "output"), tag(node)
    own: set[str] | None = set()
    if outputs and kind not in ("subProcess", "transaction", "adHocSubProcess"):
        own = set()  # with output mappings nothing else gets out
    elif kind == "userTask" or (kind == "startEvent" and not source.definitions(node) and tag(node.getparent()) == "process"):
        own = _asked_for(source, node, forms)
    elif has_job(node) or kind in ("callActivity", "serviceTask"):
        own = None
    elif kind in ("scriptTask", "businessRuleTask"):
        own = _result_of(node)
    elif source.definitions(node) or kind == "receiveTask":
        own = _brought_by_messages(source, node)
    if own is None:
        return None
    loop = node.find(f"{BPMN}multiInstanceLoopCharacteristics/{BPMN}extensionElements/{ZEEBE}loopCharacteristics")
    looped = {value for name in ("outputCollection", "inputElement") if loop is not None and (value := (loop.get(name) or "").strip())}
    return own | outputs | _mapped(node, "input") | looped


def _mapped(node: Any, name: str) -> set[str]:
    found = node.iterfind(f"{BPMN}extensionElements/{ZEEBE}ioMapping/{ZEEBE}{name}")
    return {target for one in found if (target := (one.get("target") or "").strip().partition(".")[0])}


def _asked_for(source: Source, node: Any, forms: Forms) -> set[str] | None:
    form = zeebe(node, "formDefinition")
    asked = forms.get((form.get("formId") or "").strip()) if form is not None else None
    return None if asked is None else set(asked)


def _result_of(node: Any) -> set[str] | None:
    for name in ("script", "calledDecision"):
        found = zeebe(node, name)
        if found is not None:
            result = (found.get("resultVariable") or "").strip()
            return {result} if result else set()
    return None


def _brought_by_messages(source: Source, node: Any) -> set[str] | None:
    kinds = {tag(definition) for definition in source.definitions(node)}
    if tag(node) != "receiveTask" and tag(node) in _SETS_NOTHING:
        return set()
    if tag(node) != "receiveTask" and not kinds & {"messageEventDefinition", "signalEventDefinition", "errorEventDefinition"}:
        return set()
    flows = [flow for flow in source.message_flows if flow.get("targetRef") == node.get("id")]
    contracts = [contract_on(flow) for flow in flows]
    if not flows or any(contract is None for contract in contracts):
        return None
    return {field.name for contract in contracts if contract is not None for field in contract.fields}
