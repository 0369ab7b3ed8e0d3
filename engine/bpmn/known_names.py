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

    Says nothing where a program, a person without a form or a message may have set anything, nor once the search went on for too long.
    """
    known = Known(source, forms)
    told = set()
    for path in (path for found in handoffs.values() for path in found.paths):
        if path.contract is None or path.from_element_id not in source.by_id:
            continue
        names = known.names_at(source.by_id[path.from_element_id])
        for field in path.contract.fields if names is not None else ():
            about = (path.contract.flow_id, field.name, path.from_element_id)
            if field.name and field.name not in (names or ()) and about not in told:
                told.add(about)
                yield path.contract.flow_id, field.name, field.required, path.from_element_id


MAX_STEPS = 300_000  # elements looked at for one file: a second or two


class Known:
    """The names that may be there in the processes of a file."""

    def __init__(self, source: Source, forms: Forms) -> None:
        self._source = source
        self._forms = forms
        self._own: dict[Any, set[str] | None] = {}
        self._left = MAX_STEPS
        self._flows_to: dict[str, list[Any]] = {}
        self._event_subprocesses: dict[Any, list[Any]] = {}
        for flow in source.message_flows:
            self._flows_to.setdefault(flow.get("targetRef") or "", []).append(flow)
        for node in source.nodes:
            if node.get("triggeredByEvent") == "true":
                self._event_subprocesses.setdefault(source.process_of(node), []).append(node)

    def names_at(self, node: Any) -> frozenset[str] | None:
        """The names that are there once `node` is done; None: any name may be."""
        names: set[str] = set()
        for one in self._before(node):
            self._left -= 1
            if one not in self._own:
                self._own[one] = self._set_by(one)
            sets = self._own[one]
            if sets is None or self._left < 0:
                return None
            names |= sets
        return frozenset(names)

    def _before(self, node: Any) -> Iterator[Any]:
        """The node and everything that may have run before it; what runs in event sub-processes may have, too."""
        source = self._source
        todo = [node, *self._event_subprocesses.get(source.process_of(node), ())]
        seen = set()
        while todo:
            at = todo.pop()
            if at in seen:
                continue
            seen.add(at)
            yield at
            todo.extend(self._sources(at))
            host = source.by_id.get(at.get("attachedToRef") or "")
            if host is not None:
                todo.append(host)
            todo.extend(inner for inner in at.iterchildren() if tag(inner) in FLOW_NODES)
            around = at.getparent()
            if tag(around) in FLOW_NODES and around not in seen:
                # into the sub-process from outside; of its own nodes only those before this one
                todo.extend(self._sources(around))
                if _mapped(around, "input"):
                    seen.add(around)
                    yield around

    def _sources(self, node: Any) -> Iterator[Any]:
        for flow in self._source.into(node):
            found = self._source.by_id.get(flow.get("sourceRef") or "")
            if found is not None:
                yield found

    def _set_by(self, node: Any) -> set[str] | None:
        """What a node leaves behind; None: it may be anything."""
        outputs, kind = _mapped(node, "output"), tag(node)
        own: set[str] | None = set()
        if outputs and kind not in ("subProcess", "transaction", "adHocSubProcess"):
            own = set()  # with output mappings nothing else gets out
        elif kind == "userTask" or (kind == "startEvent" and not self._source.definitions(node) and tag(node.getparent()) == "process"):
            own = self._asked_for(node)
        elif has_job(node) or kind in ("callActivity", "serviceTask"):
            own = None
        elif kind in ("scriptTask", "businessRuleTask"):
            own = _result_of(node)
        elif self._source.definitions(node) or kind == "receiveTask":
            own = self._brought_by_messages(node)
        return None if own is None else own | outputs | _mapped(node, "input") | _looped(node)

    def _asked_for(self, node: Any) -> set[str] | None:
        form = zeebe(node, "formDefinition")
        asked = self._forms.get((form.get("formId") or "").strip()) if form is not None else None
        return None if asked is None else set(asked)

    def _brought_by_messages(self, node: Any) -> set[str] | None:
        kinds = {tag(definition) for definition in self._source.definitions(node)}
        if tag(node) != "receiveTask" and (tag(node) in _SETS_NOTHING or not kinds & _BRINGING):
            return set()
        contracts = [contract_on(flow) for flow in self._flows_to.get(node.get("id") or "", ())]
        if not contracts or any(contract is None for contract in contracts):
            return None
        return {field.name for contract in contracts if contract is not None for field in contract.fields}


_BRINGING = frozenset(["messageEventDefinition", "signalEventDefinition", "errorEventDefinition"])


def _looped(node: Any) -> set[str]:
    loop = node.find(f"{BPMN}multiInstanceLoopCharacteristics/{BPMN}extensionElements/{ZEEBE}loopCharacteristics")
    if loop is None:
        return set()
    return {value for name in ("outputCollection", "inputElement") if (value := (loop.get(name) or "").strip())}


def _mapped(node: Any, name: str) -> set[str]:
    found = node.iterfind(f"{BPMN}extensionElements/{ZEEBE}ioMapping/{ZEEBE}{name}")
    return {target for one in found if (target := (one.get("target") or "").strip().partition(".")[0])}


def _result_of(node: Any) -> set[str] | None:
    for name in ("script", "calledDecision"):
        found = zeebe(node, name)
        if found is not None:
            result = (found.get("resultVariable") or "").strip()
            return {result} if result else set()
    return None
