"""Which lane an element stands in: the one place that says so."""

from __future__ import annotations

from typing import Any

from .checks.source import BPMN, FLOW_NODES


def lanes_of(process: Any) -> dict[str, Any]:
    """The lane of every flow node that stands in one, by id; the process has been tidied.

    The innermost lane that lists the node (inner lanes come later in the file); inside a sub-process, where none does, the lane of
    the sub-process; a boundary event stands where its host does, wherever it was drawn.
    """
    listed = {reference.text: lane for lane in process.iter(BPMN + "lane") for reference in lane.iterchildren(BPMN + "flowNodeRef")}
    found: dict[str, Any] = {}
    boundary_events = []
    for node in process.iter():  # what lies around a node comes before it
        name = node.tag[len(BPMN) :] if isinstance(node.tag, str) and node.tag.startswith(BPMN) else ""
        if name not in FLOW_NODES or not node.get("id"):
            continue
        if name == "boundaryEvent":
            boundary_events.append(node)
            continue
        _stands_in(found, node, listed.get(node.get("id")))
    for event in boundary_events:
        host = found.get(event.get("attachedToRef"))
        _stands_in(found, event, host if host is not None else listed.get(event.get("id")))
    return found


def _stands_in(found: dict[str, Any], node: Any, lane: Any) -> None:
    lane = lane if lane is not None else found.get(node.getparent().get("id"))
    if lane is not None:
        found[node.get("id")] = lane
