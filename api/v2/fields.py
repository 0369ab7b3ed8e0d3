"""Marshmallow fields and schemas of the API's conventions: keys as strings, variables, filters with operators, pages, sorting."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, post_load, validate, validates_schema

from engine import json_text, search
from engine.bpmn.names import A_NAME, is_name
from engine.search import Noun, Wanted

TENANT = "<default>"
_KEY = re.compile(r"-?[0-9]{1,25}")
_TENANT = re.compile(r"<default>|[\w.\-]{1,31}")
_LARGEST = 2**63 - 1


class Strict(Schema):
    """A request: what we do not know is refused by name."""

    class Meta:
        unknown = RAISE


class Answer(Schema):
    """An answer, for the documentation and the tests: every field is there, null where there is nothing."""

    class Meta:
        unknown = EXCLUDE


class Described(fields.Field):
    """A field that tells the OpenAPI document what it takes."""

    DESCRIPTION: ClassVar[Mapping[str, Any]] = {}

    def __init__(self, **more: Any) -> None:
        super().__init__(metadata={**self.DESCRIPTION, **more.pop("metadata", {})}, **more)


_KEY_SHAPE: Mapping[str, Any] = {"type": "string", "pattern": "^-?[0-9]{1,25}$"}
_TIME_SHAPE: Mapping[str, Any] = {"type": "string", "format": "date-time"}


class Key(Described):
    """int64, written as a string."""

    DESCRIPTION = _KEY_SHAPE

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> int:
        if not isinstance(value, str) or not _KEY.fullmatch(value):
            raise ValidationError("expected a key: a string of digits")
        number = int(value)
        if abs(number) > _LARGEST:
            raise ValidationError("expected a key of at most 63 bits")
        return number


class Text(fields.Str):
    """A string without NUL (no database takes it in names, ids and filters)."""

    def __init__(self, *, most: int = 10_000, least: int = 0, **more: Any) -> None:
        super().__init__(validate=validate.Length(min=least, max=most), **more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> Any:
        text = super()._deserialize(value, attr, data, **more)
        if isinstance(text, str) and "\x00" in text:
            raise ValidationError("expected a text without NUL")
        return text


class Name(Text):
    """What names a channel, a person or a group: as short as the engine keeps names."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> Any:
        text = super()._deserialize(value, attr, data, **more)
        if isinstance(text, str) and not is_name(text):
            raise ValidationError(f"expected {A_NAME}")
        return text


class Int(fields.Int):
    def __init__(self, *, least: int | None = None, most: int | None = 2**31 - 1, **more: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(min=least, max=most), **more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValidationError("expected an integer")
        return super()._deserialize(value, attr, data, **more)


class Bool(Described):
    DESCRIPTION: ClassVar[Mapping[str, Any]] = {"type": "boolean"}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("expected true or false")
        return value


class Time(Described):
    """ISO 8601 date and time with a zone."""

    DESCRIPTION = _TIME_SHAPE

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> datetime:
        return read_time(value)


def read_time(value: Any) -> datetime:
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValidationError("expected an ISO 8601 date and time such as 2026-01-31T10:00:00Z") from None
    if at.tzinfo is None:
        raise ValidationError("expected a date and time with a zone, such as 2026-01-31T10:00:00Z")
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise ValidationError("expected a year from 1 to 9999") from None


class Variables(Described):
    """A JSON object; numbers keep every digit."""

    DESCRIPTION: ClassVar[Mapping[str, Any]] = {"type": "object", "additionalProperties": True}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise ValidationError("expected an object")
        return value


class Tenant(Described):
    """One tenant only: `<default>`."""

    DESCRIPTION: ClassVar[Mapping[str, Any]] = {"type": "string", "const": TENANT}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> str:
        if not isinstance(value, str) or not _TENANT.fullmatch(value):
            raise ValidationError("expected a tenant id")
        if value != TENANT:
            raise ValidationError("expected the tenant <default>: this installation has no other")
        return value


# -- filters ------------------------------------------------------------------------------------------------------


def _string(value: Any) -> str:
    if not isinstance(value, str) or "\x00" in value or len(value) > 10_000:
        raise ValidationError("expected a string without NUL")
    return value


def _integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _LARGEST:
        raise ValidationError("expected an integer")
    return value


def _case_number(value: Any) -> int:
    """As people say it ("001 042"), or as a number."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,3}([ \u00a0\u202f]?[0-9]{3}){0,4}", value):
        return int("".join(filter(str.isdigit, value)))
    try:
        return _integer(value)
    except ValidationError:
        raise ValidationError('expected a case number like "001 042", or an integer') from None


def _key(value: Any) -> int:
    return Key()._deserialize(value, None, None)


def _boolean(value: Any) -> bool:
    return Bool()._deserialize(value, None, None)


_READERS = {
    "string": _string,
    "enum": _string,
    "key": _key,
    "int": _integer,
    "case number": _case_number,
    "datetime": read_time,
    "bool": _boolean,
}


_SHAPES: Mapping[str, Mapping[str, Any]] = {
    "string": {"type": "string"},
    "enum": {"type": "string"},
    "key": _KEY_SHAPE,
    "int": {"type": "integer"},
    "case number": {"type": ["integer", "string"]},
    "datetime": _TIME_SHAPE,
    "bool": {"type": "boolean"},
}
_SHAPES_OF_OPERANDS: Mapping[str, Mapping[str, Any]] = {"$exists": {"type": "boolean"}, "$like": {"type": "string"}}


def _shape_of_filter(chosen: search.Field) -> dict[str, Any]:
    one = {**_SHAPES[chosen.kind], **({"enum": list(chosen.words)} if chosen.words is not None else {})}
    many = {"type": "array", "items": one, "maxItems": 1000}
    operands = {
        operator: many if operator in ("$in", "$notIn") else _SHAPES_OF_OPERANDS.get(operator, one)
        for operator in search.OPERATORS_OF[chosen.kind]
    }
    return {"oneOf": [one, {"type": "object", "properties": operands, "additionalProperties": False}]}


class Filter(fields.Field):
    """A plain value (means $eq), or an object of operators, all of which must hold."""

    def __init__(self, chosen: search.Field, **more: Any) -> None:
        super().__init__(metadata=_shape_of_filter(chosen), **more)
        self._chosen = chosen

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            return {"$eq": self._one(value)}
        known = search.OPERATORS_OF[self._chosen.kind]
        for operator in value:
            if operator not in known:
                raise ValidationError(f"expected one of {', '.join(known)}, found {str(operator)[:40]}")
        return {operator: self._operand(operator, operand) for operator, operand in value.items()}

    def _operand(self, operator: str, operand: Any) -> Any:
        if operator == "$exists":
            return _boolean(operand)
        if operator == "$like":
            return _string(operand)
        if operator in ("$in", "$notIn"):
            if not isinstance(operand, list) or len(operand) > 1000:
                raise ValidationError(f"expected a list of at most 1000 values for {operator}")
            return [self._one(value) for value in operand]
        return self._one(operand)

    def _one(self, value: Any) -> Any:
        found = _READERS[self._chosen.kind](value)
        words = self._chosen.words
        if words is not None and found not in words:
            raise ValidationError(f"expected one of {', '.join(words)}")
        return found


class VariableMatch(Strict):
    name = Text(required=True)
    value = fields.Raw(required=True)

    @post_load
    def _exactly(self, data: dict[str, Any], **_: Any) -> tuple[str, Mapping[str, Any]]:
        value = data["value"]
        operators = value if isinstance(value, dict) else {"$eq": value}
        try:
            for operator, operand in operators.items():
                _check_operand(operator, operand)
        except ValidationError as error:
            raise ValidationError(error.messages, "value") from None
        return data["name"], operators


def _check_operand(operator: str, operand: Any) -> None:
    if operator not in ("$eq", "$neq", "$in", "$notIn", "$exists", "$like"):
        raise ValidationError("expected one of $eq, $neq, $in, $notIn, $exists, $like")
    if operator == "$exists":
        _boolean(operand)
    elif operator == "$like":
        _string(operand)
    elif operator in ("$eq", "$neq"):
        written(operand)
    elif isinstance(operand, list) and len(operand) <= 1000:
        for one in operand:
            written(one)
    else:
        raise ValidationError(f"expected a list of at most 1000 values for {operator}")


def written(value: Any) -> str:
    """A variable's value in a filter is its JSON text; brought to the form in which we keep it."""
    if not isinstance(value, str):
        raise ValidationError("expected the value as JSON text")
    try:
        return json_text.dumps(json_text.loads(value))
    except json_text.NotJson:
        raise ValidationError('expected the value as JSON text, such as "gold" with its quotes') from None


# -- searching ----------------------------------------------------------------------------------------------------


class PageWanted(Strict):
    """Exactly one way: by number, forward or backward from a cursor."""

    limit = Int(least=1, most=search.MOST)
    start = Int(least=0, most=2**31 - 1, data_key="from")
    after = Text(least=1)
    before = Text(least=1)

    @validates_schema
    def _one_way(self, data: Mapping[str, Any], **_: Any) -> None:
        if sum(name in data for name in ("start", "after", "before")) > 1:
            raise ValidationError("expected one of from, after, before")


class Order(Described):
    """ASC or DESC; some clients write it small."""

    DESCRIPTION: ClassVar[Mapping[str, Any]] = {"type": "string", "enum": ["ASC", "DESC"]}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> str:
        if not isinstance(value, str) or value.upper() not in ("ASC", "DESC"):
            raise ValidationError("expected ASC or DESC")
        return value.upper()


class SortWanted(Strict):
    field = Text(required=True)
    order = Order(load_default="ASC")


def _title(noun: Noun) -> str:
    return "".join(part.title() for part in noun.name.split("-"))


def filter_of(noun: Noun, **special: fields.Field) -> fields.Field:
    """The filter alone; loads to what `search.matching` takes. `special`: filters that are no comparison."""
    plain, name = {name: Filter(chosen) for name, chosen in noun.fields.items()}, _title(noun)
    one = type(f"{name}FilterFields", (Strict,), plain | special)
    alternatives = {"$or": fields.List(fields.Nested(one), validate=validate.Length(max=100))}
    return fields.Nested(type(f"{name}Filter", (Strict,), plain | special | alternatives), allow_none=True)


def search_schema(noun: Noun, **special: fields.Field) -> type[Schema]:
    """The body of `POST /things/search`: filter, sort, page; loads to `Wanted`. `special`: filters that are no comparison."""
    name = _title(noun)

    class Sort(SortWanted):
        field = fields.Str(required=True, validate=validate.OneOf([n for n, f in noun.fields.items() if f.sortable]))

    def to_wanted(_: Any, data: Mapping[str, Any], **__: Any) -> Wanted:
        filters = dict(data.get("filter") or {})
        any_of = filters.pop("$or", ())
        page = data.get("page") or {}
        return Wanted(
            filters=filters,
            any_of=any_of,
            sort=[(one["field"], one["order"] == "DESC") for one in data.get("sort") or ()],
            limit=page.get("limit", search.USUAL),
            start=page.get("start", 0),
            after=page.get("after"),
            before=page.get("before"),
        )

    return type(
        f"{name}Search",
        (Strict,),
        {
            "filter": filter_of(noun, **special),
            "sort": fields.List(fields.Nested(type(f"{name}Sort", (Sort,), {})), validate=validate.Length(max=10), allow_none=True),
            "page": fields.Nested(PageWanted, allow_none=True),
            "to_wanted": post_load(to_wanted),
        },
    )


class PageAnswer(Answer):
    totalItems = fields.Int(required=True)
    hasMoreTotalItems = fields.Bool(required=True)
    startCursor = fields.Str(required=True, allow_none=True)
    endCursor = fields.Str(required=True, allow_none=True)


def page_of(items: Sequence[Any], page: search.Page) -> dict[str, Any]:
    return {
        "items": list(items),
        "page": {
            "totalItems": page.total,
            "hasMoreTotalItems": page.has_more_than_total,
            "startCursor": page.start_cursor,
            "endCursor": page.end_cursor,
        },
    }


def answer_of(name: str, item: type[Schema]) -> type[Schema]:
    """The answer of a search."""
    return type(
        f"{name}Page",
        (Answer,),
        {"items": fields.List(fields.Nested(item), required=True), "page": fields.Nested(PageAnswer, required=True)},
    )


def time(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def text(key: int | None) -> str | None:
    return None if key is None else str(key)


# -- fields of answers --------------------------------------------------------------------------------------------


def said(kind: type[fields.Field] = fields.Str, *, null: bool = False, **more: Any) -> fields.Field:
    """A field that is always there."""
    return kind(required=True, allow_none=null, **more)
