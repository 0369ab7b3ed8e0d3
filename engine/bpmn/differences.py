"""What is different between two versions of a file: elements added, removed and changed, with each value before and after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .checks.source import BPMN, CAMUNDA, FLOW_NODES, HANDOFF, ZEEBE, tag
from .diagram import tree
from .lanes import lanes_of

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
MOST_CHANGES = 2_000
_OWNERS = (
    FLOW_NODES
    | {"process", "participant", "lane", "sequenceFlow", "messageFlow", "association", "textAnnotation", "group", "message", "signal"}
    | {"error", "escalation", "dataObjectReference", "dataStoreReference", "collaboration"}
)
_PREFIXES = {BPMN: "", ZEEBE: "zeebe:", CAMUNDA: "camunda:", HANDOFF: "handoff:"}
# said elsewhere: by the flows and lanes themselves
_SKIPPED = frozenset(["incoming", "outgoing", "flowNodeRef", "childLaneSet", "laneSet"])
_NAMING = ("name", "key", "target", "language", "id")  # what tells one of several children of a kind from the others
_DI = "{http://www.omg.org/spec/BPMN/20100524/DI}"


@dataclass(frozen=True, slots=True)
class Detail:
    """One value. `field`: its place in the element, such as "handoff:contract.completeWithin"; None: it is not there."""

    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Change:
    kind: str  # added | removed | changed
    element_id: str
    element_type: str  # as BPMN calls it
    name: str | None
    details: tuple[Detail, ...] = ()


@dataclass(frozen=True, slots=True)
class Differences:
    """`moved`: elements of which only the drawing changed."""

    changes: tuple[Change, ...] = ()
    moved: tuple[str, ...] = ()


def between(before: bytes | None, after: bytes | None) -> Differences:
    """Of two files; what cannot be read counts as empty. In the order of the newer file, then what was removed."""
    one, other = tree(before) if before else None, tree(after) if after else None
    old, new = _elements(one), _elements(other)
    changes: list[Change] = []
    for element_id, (kind, name, facts) in new.items():
        was = old.get(element_id)
        if was is None:
            changes.append(Change(ADDED, element_id, kind, name, _told({}, _worth_telling(facts))))
        elif was[0] != kind or was[2] != facts:
            type_changed = (Detail("type", was[0], kind),) if was[0] != kind else ()
            changes.append(Change(CHANGED, element_id, kind, name or was[1], (*type_changed, *_told(was[2], facts))))
    for element_id, (kind, name, _) in old.items():
        if element_id not in new:
            changes.append(Change(REMOVED, element_id, kind, name))
    shapes, drawn = _shapes(one), _shapes(other)
    told = {change.element_id for change in changes}
    moved = tuple(found for found, shape in drawn.items() if found in shapes and shapes[found] != shape and found not in told)
    return Differences(tuple(changes[:MOST_CHANGES]), moved[:MOST_CHANGES])


def _told(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Detail, ...]:
    fields = dict.fromkeys([*after, *before])
    return tuple(
        Detail(name, _short(before.get(name)), _short(after.get(name))) for name in fields if before.get(name) != after.get(name)
    )


def _worth_telling(facts: Mapping[str, str]) -> dict[str, str]:
    """Of an element that is new: what people said of it, not how it is wired."""
    return {name: value for name, value in facts.items() if name.startswith(("handoff:", "zeebe:", "lane", "conditionExpression"))}


def _short(value: str | None) -> str | None:
    return value if value is None or len(value) <= 2000 else value[:2000] + "…"


_Facts = dict[str, tuple[str, str | None, dict[str, str]]]  # id -> kind, name, field -> value


def _elements(root: Any) -> _Facts:
    found: _Facts = {}
    if root is None:
        return found
    lanes: dict[str, Any] = {}
    for process in root.iter(BPMN + "process"):
        lanes |= lanes_of(process)
    for node in root.iter():
        kind = tag(node)
        if kind not in _OWNERS or not node.get("id") or node.get("id") in found:
            continue
        facts: dict[str, str] = {}
        _gather(node, "", facts)
        lane = lanes.get(node.get("id"))
        if lane is not None:
            facts["lane"] = lane.get("name") or lane.get("id") or ""
        found[node.get("id")] = (kind, node.get("name"), facts)
    return found


def _gather(node: Any, path: str, facts: dict[str, str]) -> None:
    """Iterative: a file may nest as deep as its author likes."""
    todo = [(node, path)]
    while todo:
        at, where = todo.pop()
        for name, value in at.attrib.items():
            if not (where == "" and name == "id") and not (tag(at).endswith("EventDefinition") and name == "id"):
                facts[_joined(where, _word(name))] = value
        text = (at.text or "").strip()
        if text:
            facts[where or "text"] = text
        inside = []
        seen: dict[str, int] = {}
        kinds = Counter(child.tag for child in at)
        for child in at:
            name = tag(child)
            if not isinstance(child.tag, str) or name in _SKIPPED or (name in _OWNERS and child.get("id")):
                continue
            word = where if name == "extensionElements" else _joined(where, _word(child.tag) + _mark(child, kinds))
            seen[word] = seen.get(word, 0) + 1
            inside.append((child, word if seen[word] == 1 or name == "extensionElements" else f"{word}#{seen[word]}"))
        todo.extend(reversed(inside))


def _mark(child: Any, kinds: Mapping[Any, int]) -> str:
    """Of several of a kind, which one."""
    if kinds[child.tag] < 2 and _word(child.tag) != "handoff:field":
        return ""
    said = next((child.get(name) for name in _NAMING if child.get(name)), None)
    return f"[{said}]" if said else ""


def _joined(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _word(name: str) -> str:
    if not name.startswith("{"):
        return name
    space, _, local = name.rpartition("}")
    return _PREFIXES.get(space + "}", space.rpartition("/")[2] + ":") + local


def _shapes(root: Any) -> dict[str, str]:
    """How each element is drawn: its bounds or waypoints."""
    found: dict[str, str] = {}
    if root is None:
        return found
    for shape in _drawn(root):
        places = [one for one in shape if isinstance(one.tag, str)]
        found[shape.get("bpmnElement") or ""] = " ".join(str(sorted(one.attrib.items())) for one in places)
    return found


def _drawn(root: Any) -> Iterator[Any]:
    yield from root.iter(_DI + "BPMNShape", _DI + "BPMNEdge")
