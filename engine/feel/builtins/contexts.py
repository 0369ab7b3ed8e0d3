"""Contexts: read, made, changed (always as a new one)."""
from __future__ import annotations

from ..errors import UnfitError
from ..limits import Run
from ..sentences import say
from ..values import Value
from .signatures import EXTENSIONS, Table

CONTEXTS = Table("Contexts")
Entries = dict[str, Value]


@CONTEXTS("get value(m: context, key: string)")
def get_value(run: Run, m: Entries, key: str) -> Value:
    """The value of an entry, null if there is none.

    get value({a: 1}, "a") = 1
    """
    return m.get(key)


@CONTEXTS("get value(context: context, keys: list)")
def get_nested(run: Run, context: Entries, keys: list[Value]) -> Value:
    """The value at the end of a path of keys, null if it breaks off.

    get value({a: {b: 1}}, ["a", "b"]) = 1
    """
    found: Value = context
    for key in keys:
        found = found.get(key) if type(found) is dict and type(key) is str else None
    return found


@CONTEXTS("get entries(m: context)")
def get_entries(run: Run, m: Entries) -> Value:
    """A list of contexts {key, value}, one for each entry.

    get entries({a: 1}) = [{key: "a", value: 1}]
    """
    run.charge_items(len(m))
    return [{"key": key, "value": value} for key, value in m.items()]


@EXTENSIONS("put(context: context, key: string, value: any)")
@CONTEXTS("context put(context: context, key: string, value: any)")
def put(run: Run, context: Entries, key: str, value: Value) -> Value:
    """The context with an entry added or replaced.

    context put({a: 1}, "b", 2) = {a: 1, b: 2}
    """
    run.charge_items(len(context))
    return {**context, key: value}


@EXTENSIONS("put(context: context, keys: list, value: any)")
@CONTEXTS("context put(context: context, keys: list, value: any)")
def put_nested(run: Run, context: Entries, keys: list[Value], value: Value) -> Value:
    """The context with an entry added or replaced at the end of a path of keys.

    context put({a: {b: 1}}, ["a", "b"], 2) = {a: {b: 2}}
    """
    if not keys or not all(type(key) is str for key in keys):
        raise UnfitError(say("Expected a list of keys"))
    first, rest = keys[0], keys[1:]
    if not rest:
        return put(run, context, first, value)
    inner = context.get(first)
    return put(run, context, first, put_nested(run, inner if type(inner) is dict else {}, rest, value))


@CONTEXTS("context merge(contexts: any...)")
def merge(run: Run, contexts: list[Value]) -> Value:
    """One context of all entries; later ones win.

    context merge([{a: 1}, {a: 2, b: 3}]) = {a: 2, b: 3}
    """
    merged: Entries = {}
    for context in contexts:
        if type(context) is not dict:
            raise UnfitError(say("Expected contexts"))
        merged |= context
        run.charge_items(len(merged))
    return merged


@CONTEXTS("context(entries: list)")
def from_entries(run: Run, entries: list[Value]) -> Value:
    """The context that a list of {key, value} describes.

    context([{key: "a", value: 1}]) = {a: 1}
    """
    run.charge_items(len(entries))
    made: Entries = {}
    for entry in entries:
        if type(entry) is not dict or type(entry.get("key")) is not str or "value" not in entry:
            raise UnfitError(say("Expected entries with a key and a value"))
        if entry["key"] in made:
            raise UnfitError(say("The key '{key}' occurs twice", key=entry["key"]))
        made[entry["key"]] = entry["value"]
    return made
