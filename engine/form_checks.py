"""What is wrong with a form (form-js schema), found when it is deployed: in words that name the component."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine import answers as typing_rules
from engine import feel, files
from engine.bpmn.names import A_NAME, is_name
from engine.feel.sentences import Sentence, say
from engine.forms import MAX_DEPTH, STATIC, Path, every_component, path_of, short

_MAX_VARIABLE = 255  # characters of a variable's name, as in variables.py
_MAX_COMPONENTS = 500
_REFUSED = {
    "html": say("raw HTML is not shown to participants: use a text component (Markdown)"),
    "image": say("images are not shown in forms"),
    "iframe": say("other sites are not shown inside a form"),
    "dynamiclist": say("lists that grow are not supported: ask once for each entry, or in a text area"),
    "table": say("tables are not shown in forms: use a text component"),
    "expression": say("values are computed in the process (a script task), not in the form"),
}


def problems(schema: Any) -> list[str]:
    """Everything that is wrong with a form, in words that name the component. Empty: it can be deployed."""
    if not isinstance(schema, dict):
        return [say("Expected a form as a JSON object, found {found}.", found=type(schema).__name__)]
    found: list[str] = []
    if not isinstance(schema.get("id"), str) or not schema["id"].strip():
        found.append(say("Expected the form to have an id, found none."))
    elif not is_name(schema["id"]):
        found.append(say("Expected an id of {a_name}, found {id!r} and more.", a_name=A_NAME, id=schema["id"][:40]))
    if not isinstance(schema.get("components"), list):
        return [*found, say("Expected a list of components, found none.")]
    keys: dict[str, str] = {}
    for count, (component, around, depth) in enumerate(every_component(schema, (), 0)):
        if depth > MAX_DEPTH or count >= _MAX_COMPONENTS:
            return [
                *found,
                say("Expected at most {most} components in {levels} levels, found more.", most=_MAX_COMPONENTS, levels=MAX_DEPTH),
            ]
        found.extend(
            _shortened(say("{component}: {what}", component=_name_of(component), what=what))
            for what in _wrong_with(component, around, keys)
        )
    return found


_MOST_WORDS = 400  # characters of one problem


def _shortened(words: Sentence) -> str:
    return words if len(words) <= _MOST_WORDS else short(words, _MOST_WORDS)


def _name_of(component: Any) -> str:
    if not isinstance(component, dict):
        return say("A component")
    return say("'{name}'", name=short(component.get("key") or component.get("label") or component.get("id") or component.get("type")))


def _wrong_with(component: Any, around: Path, keys: dict[str, str]) -> Iterator[Sentence]:
    if not isinstance(component, dict):
        yield say("expected an object, found {found}.", found=type(component).__name__)
        return
    kind = component.get("type") if isinstance(component.get("type"), str) else None
    yield from _wrong_expressions(component)
    if kind in _REFUSED:
        yield say("'{kind}' cannot be used: {refused}.", kind=kind, refused=_REFUSED[kind])
    elif kind in typing_rules.KINDS:
        yield from _wrong_input(component, str(kind), around, keys)
    elif kind not in STATIC:
        yield say("expected one of {names}, found type '{kind}'.", names=", ".join(sorted(typing_rules.KINDS | STATIC)), kind=short(kind))


def _wrong_input(component: Mapping[str, Any], kind: str, around: Path, keys: dict[str, str]) -> Iterator[Sentence]:
    path = ".".join(around + path_of(component.get("key")))
    if not isinstance(component.get("key"), str) or not path_of(component["key"]):
        yield say("expected a key (the variable that takes the answer), found none.")
    elif len(path.partition(".")[0]) > _MAX_VARIABLE or not is_name(path):
        yield say(
            "expected a key and path of {a_name}, its first part of at most {max_variable} characters, found {path!r}.",
            a_name=A_NAME,
            max_variable=_MAX_VARIABLE,
            path=path[:40],
        )
    elif path in keys:
        yield say("expected each key once, found '{path}' twice.", path=short(path))
    elif any(other.startswith(f"{path}.") or path.startswith(f"{other}.") for other in keys):
        yield say("expected '{path}' to be either an answer or a context of answers, found both.", path=short(path))
    keys[path] = kind
    if kind in ("select", "radio", "checklist", "taglist"):
        yield from _wrong_options(component)
    if kind == "filepicker":
        yield from _wrong_accept(component)
    rules = component.get("validate", {})
    if not isinstance(rules, dict):
        yield say("expected `validate` to be an object.")
        return
    if rules.get("pattern") and (wrong := typing_rules.pattern_problem(rules["pattern"])):
        yield say("the pattern cannot be used: {wrong}", wrong=wrong)
    for low, high in (("minLength", "maxLength"), ("min", "max"), ("minFiles", "maxFiles")):
        smallest, largest = typing_rules.exact(rules.get(low)), typing_rules.exact(rules.get(high))
        if smallest is not None and largest is not None and smallest > largest:
            yield say(
                "expected {low} to be at most {high}, found {smallest} and {largest}: no answer could ever be right.",
                low=low,
                high=high,
                smallest=short(smallest),
                largest=short(largest),
            )


def _wrong_accept(component: Mapping[str, Any]) -> Iterator[Sentence]:
    accept = component.get("accept")
    wrong = files.not_accepted(accept) if isinstance(accept, str) and not accept.startswith("=") else []
    if wrong:
        kinds = ", ".join(f".{ending}" for ending in files.ENDINGS.values())
        yield say("expected files to be accepted that can be taken ({kinds}), found {names}.", kinds=kinds, names=", ".join(wrong)[:100])


def _wrong_options(component: Mapping[str, Any]) -> Iterator[Sentence]:
    if component.get("valuesKey") or component.get("valuesExpression"):
        return
    found = component.get("values")
    if not isinstance(found, list) or not found:
        yield say("expected `values`, `valuesKey` or `valuesExpression` to choose from, found none.")
        return
    tokens = [typing_rules.token_of(one.get("value")) for one in found if isinstance(one, dict)]
    if len(tokens) != len(found) or any(token in ("", "null") for token in tokens):
        yield say("expected each of its values to have a `value` and a `label`.")
    elif len(set(tokens)) != len(tokens):
        yield say("expected each of its values once, found one twice.")


_MAY_BE_FEEL = (
    "label",
    "description",
    "text",
    "title",
    "defaultValue",
    "valuesExpression",
    "disabled",
    "readonly",
    "accept",
    "multiple",
    "dataSource",
)


def _wrong_expressions(component: Mapping[str, Any]) -> Iterator[Sentence]:
    condition = component.get("conditional")
    places = {say("hide condition"): condition.get("hide") if isinstance(condition, dict) else None}
    places |= {say("{property}", property=what): component.get(what) for what in _MAY_BE_FEEL}
    for what, source in places.items():
        if isinstance(source, str) and source.startswith("="):
            try:
                feel.compile_expression(source[1:])
            except feel.FeelError as error:
                yield say("the {what} is not FEEL: {message}", what=what, message=error.message)
