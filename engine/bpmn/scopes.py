"""Variables live in scopes, not on tokens: an element sees its parents' variables, results go to the scope that owns the name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from engine.feel import to_json

from .elements.expressions import ModelError

if TYPE_CHECKING:
    from .elements.tokens import Token
    from .ports import Values


class View(Mapping[str, Any]):
    """What an element sees: `extra` first (names that only an expression has), then its own scope, then each parent's."""

    __slots__ = ("_extra", "_keys", "_values")

    def __init__(self, values: Values, keys: list[int], extra: Mapping[str, Any] | None = None) -> None:
        self._values = values
        self._keys = keys
        self._extra = extra

    def __getitem__(self, name: str) -> Any:
        if self._extra is not None and name in self._extra:
            return self._extra[name]
        for key in self._keys:
            try:
                return self._values.get(key, name)
            except KeyError:
                continue
        raise KeyError(name)

    def get(self, name: str, default: Any = None) -> Any:
        try:
            return self[name]
        except KeyError:
            return default

    def __contains__(self, name: object) -> bool:
        try:
            self[name]  # type: ignore[index]
        except KeyError:
            return False
        return True

    def _names(self) -> dict[str, None]:
        names = dict.fromkeys(self._extra or ())
        for key in self._keys:
            names.update(dict.fromkeys(self._values.names(key)))
        return names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names())

    def __len__(self) -> int:
        return len(self._names())


def view(token: Token, extra: Mapping[str, Any] | None = None) -> View:
    keys = []
    at: Token | None = token
    while at is not None:
        if at.owns:
            keys.append(at.id)
        at = at.scope
    return View(token.workflow.ports.values, keys, extra)


DEEPEST = 200  # levels of lists and contexts in one value; JSON text of more cannot be relied on to be read again
LARGEST = 2_000_000  # items at all levels: as JSON text that is 4 MB at least, more than a variable may have


def storable(value: Any) -> Any:
    """The value as a variable holds it. Raises FeelError for what cannot be one, ModelError for what is too deep or too large."""
    if isinstance(value, (list, dict)):
        level, depth, size = [value], 0, 0
        while level:
            depth += 1
            children: list[Any] = []
            for container in level:
                size += len(container)
                if depth > DEEPEST or size > LARGEST:  # before more is looked at: a loop of `[n, n]` doubles with each round
                    limit = f"nested at most {DEEPEST} levels deep, with at most {LARGEST} items"
                    raise ModelError("EXTRACT_VALUE_ERROR", f"Expected a value {limit}, found more.")
                inside = container.values() if isinstance(container, dict) else container
                children.extend(item for item in inside if isinstance(item, (list, dict)))
            level = children
    return to_json(value)


def set_local(token: Token, name: str, value: Any) -> None:
    """Into the token's own scope, whatever its parents have."""
    token.owns = token.workflow.changed = True
    token.workflow.ports.values.set(token.id, name, storable(value), element_id=token.task_spec.element_id)


def propagate(token: Token, name: str, value: Any, element_id: str | None) -> None:
    """Into the innermost scope, from this one upwards, that owns the name; else into the instance (Zeebe's variable propagation)."""
    values = token.workflow.ports.values
    at = token
    while at.scope is not None:
        if at.owns:
            try:
                values.get(at.id, name)
                break
            except KeyError:
                pass
        at = at.scope
    at.owns = token.workflow.changed = True
    values.set(at.id, name, storable(value), element_id=element_id)


def own(token: Token) -> dict[str, Any]:
    """The variables of the token's own scope, whole."""
    if not token.owns:
        return {}
    values = token.workflow.ports.values
    return {name: values.get(token.id, name) for name in values.names(token.id)}
