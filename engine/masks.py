"""Values that a contract calls sensitive: hidden wherever somebody looks at them outside the task that needs them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, false, not_, or_, select, true
from sqlalchemy.orm import Session, aliased

from engine import policies
from engine.bpmn import diagram
from engine.deployments import Process, Resource
from engine.instances import Instance
from engine.parties import Actor
from engine.variables import Variable

HIDDEN = "***"  # stands in the place of a value

_names: dict[int, frozenset[str]] = {}  # by process key: what is deployed never changes


def hidden(session: Session, actor: Actor) -> ColumnElement[bool]:
    """Of variables beside their instances: those whose values this reader is not shown.

    In a case with a process whose model has a sensitive field of that name, in whichever of its instances: values travel.
    """
    if policies.may_see_sensitive(actor):
        return false()
    found = [and_(Variable.name.in_(sorted(names)), _in_cases_with(keys)) for names, keys in _by_names(session).items()]
    return or_(*found) if found else false()


def findable_by(session: Session, actor: Actor, names: Collection[str]) -> ColumnElement[bool]:
    """Of instances: those that may be looked for by variables of these names. A search would tell a hidden value too."""
    if not names or policies.may_see_sensitive(actor):
        return true()
    keys = [key for hidden_names, keys in _by_names(session).items() if not hidden_names.isdisjoint(names) for key in keys]
    return not_(_in_cases_with(keys)) if keys else true()


def among(session: Session, hidden_ones: ColumnElement[bool], variable_keys: Sequence[int]) -> frozenset[int]:
    """Which of these variables are hidden."""
    if hidden_ones is false() or not variable_keys:
        return frozenset()
    statement = select(Variable.key).join(Instance, Instance.key == Variable.instance_key)
    return frozenset(session.scalars(statement.where(Variable.key.in_(variable_keys), hidden_ones)))


def without(session: Session, actor: Actor, case_key: int, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """What is not hidden of values of a case."""
    if policies.may_see_sensitive(actor):
        return values
    names = of_case(session, case_key)
    return {name: value for name, value in values.items() if name not in names} if names else values


def of_case(session: Session, case_key: int) -> frozenset[str]:
    """Names of the sensitive fields of all processes that run in it."""
    keys = session.scalars(select(Instance.process_key).where(Instance.case_key == case_key).distinct())
    return frozenset().union(*(_of_process(session, key) for key in keys))


def _in_cases_with(process_keys: Iterable[int]) -> ColumnElement[bool]:
    other = aliased(Instance)
    return Instance.case_key.in_(select(other.case_key).where(other.process_key.in_(sorted(process_keys))))


def _by_names(session: Session) -> dict[frozenset[str], list[int]]:
    found: dict[frozenset[str], list[int]] = defaultdict(list)
    for key in session.scalars(select(Process.key)).all():
        names = _of_process(session, key)
        if names:
            found[names].append(key)
    return found


def _of_process(session: Session, key: int) -> frozenset[str]:
    """Sensitive names of its whole file: a message flow between two pools may stand with either."""
    if key not in _names:
        name, content = session.execute(
            select(Resource.name, Resource.content).join(Process, Process.resource_key == Resource.key).where(Process.key == key)
        ).one()
        _names[key] = _read(content, name) if b"sensitive" in content else frozenset()
    return _names[key]


def _read(content: bytes, name: str) -> frozenset[str]:
    contracts = [one for drawn in diagram.read(content, name).definitions for one in drawn.handoffs.contracts.values()]
    return frozenset(field.name for contract in contracts for field in contract.fields if field.sensitive)
