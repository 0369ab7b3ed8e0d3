"""Our extension of BPMN, as its descriptor says it: the file that the designer imports too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .checks.source import FLOW_NODES


@dataclass(frozen=True, slots=True)
class Attribute:
    """`type`: String | Boolean | enumeration. `values`: of an enumeration, in order."""

    name: str
    type: str
    description: str
    values: tuple[str, ...] = ()
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Word:
    """An element of the dialect. `allowed_in`: BPMN tags; of a child, empty. `children`: names of elements."""

    name: str
    description: str
    allowed_in: frozenset[str]
    places: tuple[str, ...]  # as the descriptor names them
    attributes: Mapping[str, Attribute]
    children: frozenset[str]


def _read(descriptor: Mapping[str, Any]) -> dict[str, Word]:
    values = {one["name"]: tuple(literal["name"] for literal in one["literalValues"]) for one in descriptor["enumerations"]}
    return {word.name: word for word in (_word(one, values) for one in descriptor["types"])}


def _word(described: Mapping[str, Any], values: Mapping[str, tuple[str, ...]]) -> Word:
    properties = described["properties"]
    places = tuple(place.partition(":")[2] for place in described["meta"]["allowedIn"] if place.startswith("bpmn:"))
    return Word(
        name=_tag(described["name"]),
        description=described["description"],
        allowed_in=frozenset(tag for place in places for tag in (FLOW_NODES if place == "FlowNode" else [_tag(place)])),
        places=places,
        attributes={one["name"]: _attribute(one, values) for one in properties if one.get("isAttr")},
        children=frozenset(_tag(one["type"]) for one in properties if one.get("isMany")),
    )


def _attribute(described: Mapping[str, Any], values: Mapping[str, tuple[str, ...]]) -> Attribute:
    default = described.get("default")
    return Attribute(
        name=described["name"],
        type=described["type"],
        description=described["description"],
        values=values.get(described["type"], ()),
        default=None if default is None else default if isinstance(default, str) else str(default).lower(),
    )


def _tag(name: str) -> str:
    """moddle's tagAlias lowerCase."""
    return name[0].lower() + name[1:]


WORDS: Mapping[str, Word] = _read(json.loads(Path(__file__).with_name("handoff.moddle.json").read_text(encoding="utf-8")))
