"""What is different between two sets of files: models element by element, forms field by field, other files as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine import deployments, forms, json_text
from engine.bpmn import differences
from engine.bpmn.differences import ADDED, CHANGED, REMOVED, Change, Detail


@dataclass(frozen=True, slots=True)
class FileChanges:
    """`kind`: whether the file is new, gone, or has changes in it. `moved`: elements that are only drawn elsewhere."""

    file: str
    kind: str
    changes: tuple[Change, ...] = ()
    moved: tuple[str, ...] = ()


def between(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> list[FileChanges]:
    """Only files that are different. A model keeps its identity by its processes, whatever its file is called."""
    old = dict(before)
    for name, was in _same_models(before, after).items():
        old[name] = old.pop(was)
    found = []
    for name in dict.fromkeys([*after, *old]):
        one, other = old.get(name), after.get(name)
        if one == other:
            continue
        kind = ADDED if one is None else REMOVED if other is None else CHANGED
        changes, moved = _inside(name, one, other)
        found.append(FileChanges(name, kind, changes, moved))
    return found


def _same_models(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> dict[str, str]:
    """Name now -> name before, of the one model that was renamed, where nothing else can be meant."""
    gone = [name for name in before if name not in after and deployments.kind_of(name) == "bpmn"]
    new = [name for name in after if name not in before and deployments.kind_of(name) == "bpmn"]
    return {new[0]: gone[0]} if len(gone) == 1 and len(new) == 1 else {}


def _inside(name: str, before: bytes | None, after: bytes | None) -> tuple[tuple[Change, ...], tuple[str, ...]]:
    kind = deployments.kind_of(name)
    if kind == "bpmn":
        found = differences.between(before, after)
        return found.changes, found.moved
    if kind == "form" and not name.startswith("scenarios/"):
        return tuple(_fields(_components(before), _components(after))), ()
    return (), ()


def _components(content: bytes | None) -> dict[str, Mapping[str, Any]]:
    try:
        schema = json_text.loads(content or b"{}")
    except json_text.NotJson:
        return {}
    found: dict[str, Mapping[str, Any]] = {}
    if isinstance(schema, dict) and isinstance(schema.get("components"), list):
        for component, _, depth in forms.every_component(schema, (), 0):
            if isinstance(component, dict) and depth <= forms.MAX_DEPTH:
                found.setdefault(str(component.get("key") or component.get("id") or component.get("type")), component)
    return found


_UNTOLD = frozenset(["id", "layout", "components"])


def _fields(old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]]) -> Iterator[Change]:
    for key, component in new.items():
        name, kind = str(component.get("label") or key)[:200], str(component.get("type"))
        if key not in old:
            yield Change(ADDED, key, kind, name)
            continue
        was = old[key]
        told = [one for one in dict.fromkeys([*component, *was]) if one not in _UNTOLD and component.get(one) != was.get(one)]
        if told:
            yield Change(CHANGED, key, kind, name, tuple(Detail(one, _said(was, one), _said(component, one)) for one in told))
    for key, component in old.items():
        if key not in new:
            yield Change(REMOVED, key, str(component.get("type")), str(component.get("label") or key)[:200])


def _said(component: Mapping[str, Any], name: str) -> str | None:
    value = component.get(name)
    return value if value is None or isinstance(value, str) else json_text.dumps(value)[:500]
