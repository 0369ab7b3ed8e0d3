"""What is wrong with a form (form-js schema), found when it is deployed: in words that name the component."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine import answers as typing_rules
from engine import feel, files
from engine.bpmn.names import A_NAME, is_name
from engine.forms import MAX_DEPTH, STATIC, Path, every_component, path_of, short

_MAX_VARIABLE = 255  # characters of a variable's name, as in variables.py
_MAX_COMPONENTS = 500
_REFUSED = {
    "html": "raw HTML is not shown to participants: use a text component (Markdown)",
    "image": "images are not shown in forms",
    "iframe": "other sites are not shown inside a form",
    "dynamiclist": "lists that grow are not supported: ask once for each entry, or in a text area",
    "table": "tables are not shown in forms: use a text component",
    "expression": "values are computed in the process (a script task), not in the form",
}


def problems(schema: Any) -> list[str]:
    """Everything that is wrong with a form, in words that name the component. Empty: it can be deployed."""
    if not isinstance(schema, dict):
        return [f"Expected a form as a JSON object, found {type(schema).__name__}."]
    found: list[str] = []
    if not isinstance(schema.get("id"), str) or not schema["id"].strip():
        found.append("Expected the form to have an id, found none.")
    elif not is_name(schema["id"]):
        found.append(f"Expected an id of {A_NAME}, found {schema['id'][:40]!r} and more.")
    if not isinstance(schema.get("components"), list):
        return [*found, "Expected a list of components, found none."]
    keys: dict[str, str] = {}
    for count, (component, around, depth) in enumerate(every_component(schema, (), 0)):
        if depth > MAX_DEPTH or count >= _MAX_COMPONENTS:
            return [*found, f"Expected at most {_MAX_COMPONENTS} components in {MAX_DEPTH} levels, found more."]
        found.extend(short(f"{_name_of(component)}: {what}", _MOST_WORDS) for what in _wrong_with(component, around, keys))
    return found


_MOST_WORDS = 400  # characters of one problem


def _name_of(component: Any) -> str:
    if not isinstance(component, dict):
        return "A component"
    return f"'{short(component.get('key') or component.get('label') or component.get('id') or component.get('type'))}'"


def _wrong_with(component: Any, around: Path, keys: dict[str, str]) -> Iterator[str]:
    if not isinstance(component, dict):
        yield f"expected an object, found {type(component).__name__}."
        return
    kind = component.get("type")
    yield from _wrong_expressions(component)
    if kind in _REFUSED:
        yield f"'{kind}' cannot be used: {_REFUSED[kind]}."
    elif kind in typing_rules.KINDS:
        yield from _wrong_input(component, str(kind), around, keys)
    elif kind not in STATIC:
        yield f"expected one of {', '.join(sorted(typing_rules.KINDS | STATIC))}, found type '{short(kind)}'."


def _wrong_input(component: Mapping[str, Any], kind: str, around: Path, keys: dict[str, str]) -> Iterator[str]:
    path = ".".join(around + path_of(component.get("key")))
    if not isinstance(component.get("key"), str) or not path_of(component["key"]):
        yield "expected a key (the variable that takes the answer), found none."
    elif len(path.partition(".")[0]) > _MAX_VARIABLE or not is_name(path):
        yield f"expected a key and path of {A_NAME}, its first part of at most {_MAX_VARIABLE} characters, found {path[:40]!r}."
    elif path in keys:
        yield f"expected each key once, found '{short(path)}' twice."
    elif any(other.startswith(f"{path}.") or path.startswith(f"{other}.") for other in keys):
        yield f"expected '{short(path)}' to be either an answer or a context of answers, found both."
    keys[path] = kind
    if kind in ("select", "radio", "checklist", "taglist"):
        yield from _wrong_options(component)
    if kind == "filepicker":
        yield from _wrong_accept(component)
    rules = component.get("validate", {})
    if not isinstance(rules, dict):
        yield "expected `validate` to be an object."
        return
    if rules.get("pattern") and (wrong := typing_rules.pattern_problem(rules["pattern"])):
        yield f"the pattern cannot be used: {wrong}"
    for low, high in (("minLength", "maxLength"), ("min", "max"), ("minFiles", "maxFiles")):
        smallest, largest = typing_rules.exact(rules.get(low)), typing_rules.exact(rules.get(high))
        if smallest is not None and largest is not None and smallest > largest:
            yield f"expected {low} to be at most {high}, found {short(smallest)} and {short(largest)}: no answer could ever be right."


def _wrong_accept(component: Mapping[str, Any]) -> Iterator[str]:
    accept = component.get("accept")
    wrong = files.not_accepted(accept) if isinstance(accept, str) and not accept.startswith("=") else []
    if wrong:
        kinds = ", ".join(f".{ending}" for ending in files.ENDINGS.values())
        yield f"expected files to be accepted that can be taken ({kinds}), found {', '.join(wrong)[:100]}."


def _wrong_options(component: Mapping[str, Any]) -> Iterator[str]:
    if component.get("valuesKey") or component.get("valuesExpression"):
        return
    found = component.get("values")
    if not isinstance(found, list) or not found:
        yield "expected `values`, `valuesKey` or `valuesExpression` to choose from, found none."
        return
    tokens = [typing_rules.token_of(one.get("value")) for one in found if isinstance(one, dict)]
    if len(tokens) != len(found) or any(token in ("", "null") for token in tokens):
        yield "expected each of its values to have a `value` and a `label`."
    elif len(set(tokens)) != len(tokens):
        yield "expected each of its values once, found one twice."


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


def _wrong_expressions(component: Mapping[str, Any]) -> Iterator[str]:
    condition = component.get("conditional")
    places = {"hide condition": condition.get("hide") if isinstance(condition, dict) else None}
    places |= {what: component.get(what) for what in _MAY_BE_FEEL}
    for what, source in places.items():
        if isinstance(source, str) and source.startswith("="):
            try:
                feel.compile_expression(source[1:])
            except feel.FeelError as error:
                yield f"the {what} is not FEEL: {error.message}"
