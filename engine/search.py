"""Find rows: filters with operators, sorting, pages by number or by cursor. One table of fields a noun; read only."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Select, String, and_, cast, func, literal, null, or_, select, true
from sqlalchemy.orm import Session

from engine import json_text, plans
from engine.database import Base, UtcDateTime
from engine.errors import Invalid

MOST = 10_000  # rows of a page
USUAL = 100
MOST_COUNTED = 10_000  # beyond that a total says "at least"

Build = Callable[[Any], ColumnElement[bool]]
Operators = Mapping[str, Any]  # "$eq": value, ... ; several mean all of them


@dataclass(frozen=True, slots=True)
class Field:
    """What one may filter and sort by. `column`: an expression of the noun's statement.

    `words`: for enumerations, the words of the API and the values in the column that they stand for.
    """

    column: Any
    kind: str = "string"  # string | key | int | datetime | enum | bool
    words: Mapping[str, Sequence[str]] | None = None
    sortable: bool = True
    open_while: tuple[Any, frozenset[str]] | None = None  # states: the column that is NULL in these, which an index of open rows names


_NOTHING: Mapping[str, Any] = {"string": String(), "datetime": UtcDateTime(), "bool": Boolean()}


def nothing(kind: str) -> Any:
    """What no row of ours has: typed, because PostgreSQL compares no untyped NULL with a time."""
    return cast(null(), _NOTHING[kind])


@dataclass(frozen=True, slots=True)
class Noun:
    """A kind of row. `base`: the statement without conditions, rows as its columns; `key`: unique, breaks ties, a text or a key."""

    name: str
    base: Select[Any]
    key: Any
    fields: Mapping[str, Field]
    special: Mapping[str, Build] = field(default_factory=dict)  # filters that are no plain comparison
    key_kind: str = "key"


def columns(model: type[Base], *, without: Sequence[str] = ()) -> list[Any]:
    """The columns of a row, for a statement: plain rows are much quicker to read than mapped ones."""
    return [column for column in model.__table__.columns if column.name not in without]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A checked question. `sort`: (field, descending). Exactly one way to page; `after`/`before` are cursors."""

    filters: Mapping[str, Any] = field(default_factory=dict)
    any_of: Sequence[Mapping[str, Any]] = ()
    sort: Sequence[tuple[str, bool]] = ()
    limit: int = USUAL
    start: int = 0
    after: str | None = None
    before: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    rows: list[Any]
    total: int
    has_more_than_total: bool
    start_cursor: str | None
    end_cursor: str | None


def run(session: Session, noun: Noun, wanted: Wanted, *, visible: ColumnElement[bool]) -> Page:
    """One page of what matches and may be seen. Raises Invalid for a cursor that is none of ours."""
    backwards = wanted.before is not None
    asked = _asked_often(noun, wanted, visible)
    if asked is None:
        found = list(session.execute(_page(noun, wanted, wanted.filters, visible)))
    else:
        found = plans.rows(session, *asked, lambda values: _page(noun, wanted, _with(values, noun, wanted.filters), visible))
    more, rows = len(found) > wanted.limit, found[: wanted.limit]
    if backwards:
        rows.reverse()
    in_one_page = not more and not backwards and wanted.after is None and (rows or wanted.start == 0)
    total, at_least = (wanted.start + len(rows), False) if in_one_page else _count(session, noun, wanted, visible)
    kinds = [noun.fields[name].kind for name, _ in wanted.sort] + [noun.key_kind]
    cursors = [_cursor(row, kinds, _question(noun, wanted)) for row in (rows[:1] + rows[-1:])]
    return Page(rows, total, at_least, cursors[0] if cursors else None, cursors[-1] if cursors else None)


def _page(noun: Noun, wanted: Wanted, filters: Mapping[str, Any], visible: ColumnElement[bool]) -> Select[Any]:
    """One row more than the page has, so that one sees whether there are more."""
    order = [(noun.fields[name].column, name, descending) for name, descending in wanted.sort]
    backwards = wanted.before is not None
    # an index of (column, key) serves both directions, so the key follows the direction of the first column
    key_descending = order[0][2] if order else False
    statement = noun.base.where(visible, matching(noun, filters, wanted.any_of))
    if wanted.after is not None or wanted.before is not None:
        statement = statement.where(_beyond(noun, order, key_descending, wanted))
    columns = [*(column for column, _, _ in order), noun.key]
    downs = [*(descending for _, _, descending in order), key_descending]
    for column, down in zip(columns, downs, strict=True):
        down = down != backwards
        # the databases do not agree on where nothing stands, so we say it: last when rising
        statement = statement.order_by(column.desc().nulls_first() if down else column.asc().nulls_last())
    return statement.add_columns(*(c.label(f"_sort{i}") for i, c in enumerate(columns))).limit(wanted.limit + 1).offset(wanted.start)


# -- questions of a shape that programs ask again and again -------------------------------------------------------

_SINGLE = frozenset({"$eq", "$neq", "$gt", "$gte", "$lt", "$lte"})


def _asked_often(noun: Noun, wanted: Wanted, visible: ColumnElement[bool]) -> tuple[Hashable, list[Any]] | None:
    """Its shape and its values: plain comparisons, a page by number, and whoever asks sees everything."""
    if wanted.any_of or wanted.after is not None or wanted.before is not None or not isinstance(visible, type(true())):
        return None
    shape: list[Any] = [noun.name, wanted.limit, wanted.start, *wanted.sort]
    values = []
    for name, operators in wanted.filters.items():
        if name in noun.special:
            return None
        for operator, operand in operators.items():
            if _is_constant(noun.fields[name], operator):
                shape.append((name, operator, operand))
            elif operator in _SINGLE:
                shape.append((name, operator))
                values.append(operand)
            else:
                return None
    return tuple(shape), values


def _is_constant(chosen: Field, operator: str) -> bool:
    """Few different ones, or the statement looks otherwise for each."""
    return operator == "$exists" or (operator in _SINGLE and chosen.kind in ("enum", "bool"))


def _with(values: Sequence[Any], noun: Noun, filters: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The same filters with these values."""
    following = iter(values)
    return {
        name: {op: operand if _is_constant(noun.fields[name], op) else next(following) for op, operand in operators.items()}
        for name, operators in filters.items()
    }


def _count(session: Session, noun: Noun, wanted: Wanted, visible: ColumnElement[bool]) -> tuple[int, bool]:
    chosen = noun.base.where(visible, matching(noun, wanted.filters, wanted.any_of))
    some = chosen.with_only_columns(noun.key).order_by(None).limit(MOST_COUNTED + 1).subquery()
    total = session.scalar(select(func.count()).select_from(some)) or 0
    return min(total, MOST_COUNTED), total > MOST_COUNTED


# -- conditions ---------------------------------------------------------------------------------------------------


def matching(noun: Noun, filters: Mapping[str, Any], any_of: Sequence[Mapping[str, Any]] = ()) -> ColumnElement[bool]:
    """What the filters choose, as one condition over the noun's statement."""
    found = _conditions(noun, filters)
    if any_of:
        found.append(or_(*(all_of(_conditions(noun, some)) for some in any_of)))
    return all_of(found)


def _conditions(noun: Noun, filters: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    found = []
    for name, value in filters.items():
        if name in noun.special:
            found.append(noun.special[name](value))
        else:
            found.extend(conditions(noun.fields[name], value))
    return found


def conditions(chosen: Field, operators: Operators) -> list[ColumnElement[bool]]:
    """Each operator as a condition; all of them must hold."""
    return [_OPERATORS[operator](chosen, operand) for operator, operand in operators.items()]


def all_of(some: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    return and_(true(), *some)


def like(column: Any, pattern: str) -> ColumnElement[bool]:
    return _like(Field(column), pattern)


def _values(chosen: Field, value: Any) -> list[Any]:
    return list(chosen.words[value]) if chosen.words is not None else [value]


def _equal(chosen: Field, value: Any) -> ColumnElement[bool]:
    values = _values(chosen, value)
    found: ColumnElement[bool] = chosen.column == values[0] if len(values) == 1 else chosen.column.in_(values)
    return _among_open(chosen, values, found)


def _among_open(chosen: Field, values: Sequence[Any], found: ColumnElement[bool]) -> ColumnElement[bool]:
    """The same rows, in words by which an index of open ones is found."""
    if chosen.open_while is None or not chosen.open_while[1].issuperset(values):
        return found
    return and_(found, chosen.open_while[0].is_(None))


def _in(chosen: Field, values: Sequence[Any]) -> ColumnElement[bool]:
    wanted = [one for value in values for one in _values(chosen, value)]
    return _among_open(chosen, wanted, chosen.column.in_(wanted))


def _exists(chosen: Field, wanted: bool) -> ColumnElement[bool]:
    found: ColumnElement[bool] = chosen.column.is_not(None) if wanted else chosen.column.is_(None)
    return found


def _like(chosen: Field, pattern: str) -> ColumnElement[bool]:
    """`*` any characters, `?` one, `\\` before one of them means itself."""
    found: ColumnElement[bool] = chosen.column.like(_as_sql_pattern(pattern), escape="\\")
    return found


def _as_sql_pattern(pattern: str) -> str:
    out, escaped = [], False
    for char in pattern:
        if escaped or char not in "*?\\":
            out.append("\\" + char if char in "%_\\" else char)
            escaped = False
        elif char == "\\":
            escaped = True
        else:
            out.append("%" if char == "*" else "_")
    return "".join(out) + ("\\\\" if escaped else "")


def _or_empty(condition: Callable[[Field, Any], ColumnElement[bool]]) -> Callable[[Field, Any], ColumnElement[bool]]:
    # a row without the value is not equal to it
    return lambda chosen, value: or_(~condition(chosen, value), chosen.column.is_(None))


_OPERATORS: Mapping[str, Callable[[Field, Any], ColumnElement[bool]]] = {
    "$eq": _equal,
    "$neq": _or_empty(_equal),
    "$in": _in,
    "$notIn": _or_empty(_in),
    "$exists": _exists,
    "$like": _like,
    "$gt": lambda chosen, value: chosen.column > value,
    "$gte": lambda chosen, value: chosen.column >= value,
    "$lt": lambda chosen, value: chosen.column < value,
    "$lte": lambda chosen, value: chosen.column <= value,
}

# kind -> the operators that the API knows for it
OPERATORS_OF: Mapping[str, Sequence[str]] = {
    "string": ("$eq", "$neq", "$exists", "$in", "$notIn", "$like"),
    "key": ("$eq", "$neq", "$exists", "$in", "$notIn"),
    "enum": ("$eq", "$neq", "$exists", "$in", "$notIn", "$like"),
    "int": ("$eq", "$neq", "$exists", "$gt", "$gte", "$lt", "$lte", "$in", "$notIn"),
    "case number": ("$eq", "$neq", "$exists", "$gt", "$gte", "$lt", "$lte", "$in", "$notIn"),
    "datetime": ("$eq", "$neq", "$exists", "$gt", "$gte", "$lt", "$lte", "$in", "$notIn"),
    "bool": ("$eq", "$neq", "$exists"),
}


# -- cursors ------------------------------------------------------------------------------------------------------


def _question(noun: Noun, wanted: Wanted) -> str:
    """What a cursor belongs to: the noun, its order, and what is filtered by (not for which values)."""
    asked = [noun.name, list(wanted.sort), _shape(wanted.filters), _shape(wanted.any_of)]
    return hashlib.blake2b(json_text.dump_bytes(asked), digest_size=6).hexdigest()


def _shape(value: Any) -> Any:
    if isinstance(value, Mapping):
        return sorted([name, None if name.startswith("$") else _shape(inner)] for name, inner in value.items())
    return [_shape(one) for one in value] if isinstance(value, (list, tuple)) else None


def _cursor(row: Any, kinds: Sequence[str], question: str) -> str:
    values = [getattr(row, f"_sort{i}") for i in range(len(kinds))]
    plain = [v.isoformat() if isinstance(v, datetime) else v for v in values]
    return base64.b64encode(json_text.dump_bytes([question, *plain])).decode()


def _read_cursor(text: str, kinds: Sequence[str], question: str, name: str) -> list[Any]:
    try:
        read = json_text.loads(base64.b64decode(text, validate=True))
        if not isinstance(read, list) or read[:1] != [question] or len(read) != 1 + len(kinds):
            raise ValueError
        values = read[1:]
        return [_READERS[kind](value) if value is not None else None for kind, value in zip(kinds, values, strict=True)]
    except (ValueError, TypeError, binascii.Error) as error:
        raise Invalid(
            f"Expected a cursor of an earlier answer to the same question in page.{name}.", fields={f"page.{name}": "a cursor"}
        ) from error


def _expect(kind: type[int] | type[str]) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if (
            type(value) is not kind
            or (isinstance(value, int) and not -(2**63) <= value < 2**63)
            or (isinstance(value, str) and "\x00" in value)
        ):
            raise ValueError
        return value

    return read


def _read_time(value: Any) -> datetime:
    at = datetime.fromisoformat(value)
    if at.tzinfo is None:
        raise ValueError
    return at


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "string": _expect(str),
    "enum": _expect(str),
    "key": _expect(int),
    "int": _expect(int),
    "case number": _expect(int),
    "bool": lambda value: bool(value),
    "datetime": _read_time,
}


def _beyond(noun: Noun, order: Sequence[tuple[Any, str, bool]], key_descending: bool, wanted: Wanted) -> ColumnElement[bool]:
    """What comes after (before) the cursor's row in the order: column by column, nothing last when rising."""
    kinds = [noun.fields[name].kind for _, name, _ in order] + [noun.key_kind]
    name = "after" if wanted.after is not None else "before"
    at = _read_cursor(wanted.after or wanted.before or "", kinds, _question(noun, wanted), name)
    columns = [*((column, down) for column, _, down in order), (noun.key, key_descending)]
    alternatives: list[ColumnElement[bool]] = []
    same: list[ColumnElement[bool]] = []
    for (column, down), value in zip(columns, at, strict=True):
        rising = down == (name == "before")
        further = _further(column, literal(value) if isinstance(value, bool) else value, rising=rising)
        if further is not None:
            alternatives.append(and_(*same, further))
        same.append(column.is_(None) if value is None else column == value)
    return or_(*alternatives)


def _further(column: Any, value: Any, *, rising: bool) -> ColumnElement[bool] | None:
    if rising:
        return None if value is None else or_(column > value, column.is_(None))
    return column.is_not(None) if value is None else column < value  # type: ignore[no-any-return]
