"""Statements written once for all questions of the same shape: building and reading one took longer than answering it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Select, bindparam
from sqlalchemy.orm import Session

from engine.database import ask

_MOST = 500  # shapes remembered by a process
_plans: dict[Hashable, Plan] = {}


@dataclass(frozen=True, slots=True)
class Slot:
    """Where the n-th value of a question stands in its statement."""

    number: int

    def as_parameter(self) -> Any:
        return bindparam(f"asked_{self.number}", self)  # without a type of its own it takes that of what it is compared with


@dataclass(frozen=True, slots=True)
class Plan:
    """`places`: for each `?` the value itself, or the slot that says which; and how its driver wants it."""

    sql: str
    places: Sequence[tuple[Slot | None, Any, Callable[[Any], Any] | None]]
    names: Sequence[str]
    readers: Sequence[tuple[str, Callable[[Any], Any]]]

    def rows(self, session: Session, values: Sequence[Any]) -> list[Any]:
        filled = []
        for slot, value, convert in self.places:
            given = value if slot is None else values[slot.number]
            filled.append(convert(given) if convert else given)
        found = []
        for row in ask(session, self.sql, filled):
            one = SimpleNamespace(**dict(zip(self.names, row, strict=True)))
            for name, read in self.readers:
                setattr(one, name, read(getattr(one, name)))
            found.append(one)
        return found


def rows(session: Session, shape: Hashable, values: Sequence[Any], build: Callable[[Sequence[Any]], Select[Any]]) -> list[Any]:
    """What `build(values)` selects. `shape` says all of that statement but the values; for a new one it is built with parameters.

    The rows have the columns as attributes. Values are single: a list is as many shapes as lengths.
    """
    dialect: Any = session.get_bind().dialect
    plan = _plans.get((dialect.name, shape))
    if plan is None:
        plan = _written(build([Slot(number).as_parameter() for number in range(len(values))]), dialect)
        if len(_plans) >= _MOST:
            _plans.clear()
        _plans[dialect.name, shape] = plan
    return plan.rows(session, values)


def _written(statement: Select[Any], dialect: Any) -> Plan:
    compiled: Any = statement.compile(dialect=type(dialect)(paramstyle="qmark"), compile_kwargs={"render_postcompile": True})
    places = []
    for name in compiled.positiontup:
        value, parameter = compiled.params[name], compiled.binds.get(name)
        convert = parameter.type.dialect_impl(dialect).bind_processor(dialect) if parameter is not None else None
        places.append((value, None, convert) if isinstance(value, Slot) else (None, value, convert))
    columns = [(str(c.key), c.type.dialect_impl(dialect).result_processor(dialect, None)) for c in statement.selected_columns]
    return Plan(str(compiled), places, [name for name, _ in columns], [(name, read) for name, read in columns if read is not None])
