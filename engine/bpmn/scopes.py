"""Variables live in scopes, not on tokens: an element sees its parents' variables, results go to the scope that owns the name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import orjson

from engine.feel import to_json
from engine.feel.sentences import say

from .elements.expressions import ModelError

if TYPE_CHECKING:
    from .elements.tokens import Token
    from .ports import Values


LARGEST_TEXT = 4 << 20  # bytes of one value as JSON text


class Filling:
    """The output collection of a multi-instance body while a run fills it: written to its scope once, when the run is over.

    To write a long list again for each of its items would cost the square of its length.
    """

    __slots__ = ("element_id", "items", "name", "size")

    def __init__(self, name: str, items: list[Any], element_id: str) -> None:
        self.name = name
        self.items = items
        self.element_id = element_id
        self.size = text_size(items)

    def put(self, index: int, value: Any) -> None:
        """Raises ModelError where the whole would be larger than a variable may be."""
        size = self.size + text_size(value)
        if size > LARGEST_TEXT:
            most = LARGEST_TEXT >> 20
            raise ModelError("EXTRACT_VALUE_ERROR", say("Expected at most {most} MB in '{name}', found more.", most=most, name=self.name))
        self.size = size
        self.items[index] = value


def text_size(value: Any) -> int:
    """Bytes of the value as JSON text, or a few more."""
    try:
        return len(orjson.dumps(value, default=str)) + 1
    except TypeError:  # an integer of more than 64 bits
        return len(repr(value).encode()) + 1


class View(Mapping[str, Any]):
    """What an element sees: `extra` first (names that only an expression has), then its own scope, then each parent's."""

    __slots__ = ("_extra", "_filling", "_keys", "_values")

    def __init__(self, values: Values, keys: list[int], extra: Mapping[str, Any] | None, filling: Mapping[int, Filling]) -> None:
        self._values = values
        self._filling = filling
        self._keys = keys
        self._extra = extra

    def __getitem__(self, name: str) -> Any:
        if self._extra is not None and name in self._extra:
            return self._extra[name]
        for key in self._keys:
            if key in self._filling and self._filling[key].name == name:
                return list(self._filling[key].items)
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
    return View(token.workflow.ports.values, keys, extra, token.workflow.filling)


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
                    told = {"deepest": DEEPEST, "largest": LARGEST}
                    limit = say("Expected a value nested at most {deepest} levels deep, with at most {largest} items, found more.", **told)
                    raise ModelError("EXTRACT_VALUE_ERROR", limit)
                inside = container.values() if isinstance(container, dict) else container
                children.extend(item for item in inside if isinstance(item, (list, dict)))
            level = children
    return to_json(value)


def set_local(token: Token, name: str, value: Any) -> None:
    """Into the token's own scope, whatever its parents have."""
    _write(token, name, value, token.task_spec.element_id)


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
    _write(at, name, value, element_id)


def _write(scope: Token, name: str, value: Any, element_id: str | None) -> None:
    ex = scope.workflow
    ex.ports.values.set(scope.id, name, storable(value), element_id=element_id)
    scope.owns = ex.changed = True
    if scope.id in ex.filling and ex.filling[scope.id].name == name:
        del ex.filling[scope.id]


def own(token: Token) -> dict[str, Any]:
    """The variables of the token's own scope, whole."""
    if not token.owns:
        return {}
    values = token.workflow.ports.values
    return {name: values.get(token.id, name) for name in values.names(token.id)}
