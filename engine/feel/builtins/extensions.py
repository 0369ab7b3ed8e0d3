"""What Camunda 8 knows beyond the standard."""
from __future__ import annotations

import base64
import json
import uuid
from decimal import Decimal
from typing import Any

from ..errors import FeelError, UnfitError
from ..limits import Run
from ..sentences import say
from ..texts import to_json, to_text, write_number
from ..values import Value
from .conversions import number_of
from .signatures import EXTENSIONS


@EXTENSIONS("get or else(value: any, default: any)")
def get_or_else(run: Run, value: Value, default: Value) -> Value:
    """The value, or the default where it is null.

    get or else(null, 1) = 1
    """
    return default if value is None else value


@EXTENSIONS("is defined(value: any)")
def is_defined(run: Run, value: Value) -> Value:
    """Whether there is such a variable or entry (the compiler looks at names and paths themselves, where null counts as defined).

    is defined({a: null}.a) = true
    """
    return value is not None


@EXTENSIONS("assert(value: any, condition: any, cause?: string)")
def assert_that(run: Run, value: Value, condition: Value, cause: str | None = None) -> Value:
    """The value if the condition is true; else the evaluation fails with the cause.

    assert(5, 5 > 3) = 5
    """
    if condition is True:
        return value
    raise FeelError(cause or say("A condition that the expression asserts is not fulfilled."))


@EXTENSIONS("uuid()")
def new_uuid(run: Run) -> Value:
    """A new random identifier.

    string length(uuid()) = 36
    """
    return str(uuid.uuid4())


@EXTENSIONS("to base64(value: string)")
def to_base64(run: Run, value: str) -> Value:
    """The text's UTF-8 in Base64.

    to base64("FEEL") = "RkVFTA=="
    """
    return run.checked_text(base64.b64encode(value.encode("utf-8", "replace")).decode("ascii"))


@EXTENSIONS("is blank(string: string)")
def is_blank(run: Run, text: str) -> Value:
    """Whether the text has nothing but white space.

    is blank("  ") = true
    """
    return not text.strip()


@EXTENSIONS("from json(value: string)")
def from_json(run: Run, text: str) -> Value:
    r"""The value that a JSON text describes; numbers stay exact.

    from json("{\"a\": [1, null]}") = {a: [1, null]}
    """
    run.charge(1 + len(text) // 256)
    try:
        return json.loads(text, parse_int=_json_number, parse_float=_json_number, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise UnfitError(say("The text is no JSON"))


def _json_number(text: str) -> int | Decimal:
    return number_of(text)


def _refuse(text: str) -> Value:
    raise UnfitError(say("'{text}' is no JSON", text=text))


@EXTENSIONS("to json(value: any)")
def to_json_text(run: Run, value: Value) -> Value:
    r"""The value as JSON text.

    to json({a: [1, "x"]}) = "{\"a\":[1,\"x\"]}"
    """
    try:
        plain = to_json(value)
    except FeelError as error:  # a range or a function; what goes beyond a limit while writing stays an error
        raise UnfitError(error.message)
    return run.checked_text(_json(run, plain))


def _json(run: Run, value: Any) -> str:
    """JSON with exact numbers, which Python's own writer refuses."""
    run.charge()
    if type(value) is dict:
        return "{" + ",".join(f"{json.dumps(key, ensure_ascii=False)}:{_json(run, item)}" for key, item in value.items()) + "}"
    if type(value) is list:
        return "[" + ",".join(_json(run, item) for item in value) + "]"
    if type(value) is str:
        return json.dumps(value, ensure_ascii=False)
    if type(value) in (int, Decimal):
        return write_number(value)
    return to_text(value)
