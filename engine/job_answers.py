"""What a program would answer, as far as the model says: fields that a contract wants from it, and names that its outputs read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine.bpmn.definition import Definition

_PLAIN = re.compile(r"=\s*([A-Za-z_]\w*)((?:\.[A-Za-z_]\w*)*)\s*")  # a source that reads one name, or a place in it


def proposed(definition: Definition, element_id: str, seen: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Example values for what the program's work must bring and is not there yet; by the types that the contract names."""
    wanted: dict[str, Any] = {}
    for source, target in _outputs(definition, element_id):
        found = _PLAIN.fullmatch(source)
        if found is not None and found[1] not in seen:
            _put(wanted, [found[1], *found[2].split(".")[1:]], f"({'.'.join(target)})")
    renamed = {target[0] for _, target in _outputs(definition, element_id)}
    for path in definition.handoffs.paths:
        if path.from_element_id == element_id and path.contract is not None:
            for field in path.contract.fields:
                if field.name not in seen and field.name not in renamed:
                    wanted[field.name] = _example(field.type, field.label or field.name, now)
    return wanted


def _outputs(definition: Definition, element_id: str) -> list[tuple[str, tuple[str, ...]]]:
    specs = [spec for spec in definition.specs.values() if spec.element_id == element_id]
    inner: list[Any] = [getattr(spec, "inner", spec) for spec in specs]  # an activity that runs several times lies in its loop
    return [(mapping.source.source, mapping.target) for spec in inner for mapping in spec.output_mappings]


def _put(wanted: dict[str, Any], place: list[str], value: Any) -> None:
    at = wanted
    for name in place[:-1]:
        inner = at.setdefault(name, {})
        if not isinstance(inner, dict):
            return
        at = inner
    at.setdefault(place[-1], value)


def _example(kind: str, name: str, now: datetime) -> Any:
    examples: dict[str, Any] = {"number": 1, "boolean": True, "date": now.date().isoformat(), "list": [], "context": {}, "file": None}
    return examples.get(kind, f"({name})")
