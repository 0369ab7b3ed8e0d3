"""What a contract asks of the data that crosses: required fields, and their types."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from engine.feel.sentences import listed, say

from ..handoffs import Contract, Field
from .expressions import Refusal, kind_of

_DATE = re.compile(r"\d{4}-\d\d-\d\d(T.*)?")


def crossing_values(contract: Contract, seen: Mapping[str, Any]) -> dict[str, Any]:
    """The values of the contract's fields that are there. Raises Refusal with every field that will not do."""
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for field in contract.fields:
        try:
            value = seen[field.name]
        except KeyError:
            value = None
        if value is None or value == "" or value == []:
            if field.required:
                problems[field.name] = say("{field} is required", field=_called(field))
            continue
        expected, fits = _TYPES[field.type]
        if fits(value):
            values[field.name] = value
        else:
            said = say("{field}: expected {expected}, found {found}", field=_called(field), expected=expected, found=kind_of(value))
            problems[field.name] = said
    if problems:
        missing = listed(problems.values())
        raise Refusal(
            say("Expected the data that the contract at '{flow}' names: {missing}.", flow=contract.flow_id, missing=missing), problems
        )
    return values


def _called(field: Field) -> str:
    return field.label or field.name


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float, Decimal)) and not isinstance(value, bool)


def _is_date(value: Any) -> bool:
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return False
    try:
        date.fromisoformat(value[:10])
    except ValueError:
        return False
    return True


def _is_file(value: Any) -> bool:
    one_or_more = value if isinstance(value, list) else [value]
    return all(isinstance(one, dict) and one.get("camunda.document.type") == "camunda" and "documentId" in one for one in one_or_more)


_TYPES: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "any": (say("any value"), lambda value: True),
    "string": (say("a text"), lambda value: isinstance(value, str)),
    "number": (say("a number"), _is_number),
    "boolean": (say("true or false"), lambda value: isinstance(value, bool)),
    "date": (say("a date"), _is_date),
    "file": (say("a file"), _is_file),
    "list": (say("a list"), lambda value: isinstance(value, list)),
    "context": (say("a context"), lambda value: isinstance(value, dict)),
}
