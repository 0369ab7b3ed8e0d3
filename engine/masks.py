"""Values that a contract calls sensitive: hidden wherever somebody looks at them outside the task that needs them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, false, not_, or_, select, true
from sqlalchemy.orm import Session, aliased

from engine import json_text, policies
from engine.bpmn import diagram
from engine.deployments import Process, Resource
from engine.instances import Instance
from engine.ledger import Disclosure
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


@dataclass(frozen=True, slots=True)
class Secrets:
    """What a case keeps to itself: names of sensitive fields, and what they hold, which may stand elsewhere under another name."""

    names: frozenset[str] = frozenset()
    values: frozenset[Any] = frozenset()

    def without(self, value: Any, *, name: str = "") -> Any:
        """A JSON value with what is hidden replaced; `name`: what it is called, or the expression that it comes from."""
        if not self.names:
            return value
        if not self.names.isdisjoint(_WORDS.findall(name)):
            return HIDDEN
        if isinstance(value, dict):
            return {key: self.without(one, name=key) for key, one in value.items()}
        if isinstance(value, list):
            return [self.without(one) for one in value]
        return HIDDEN if not isinstance(value, bool) and value in self.values else value


_WORDS = re.compile(r"\w+")


def secrets(session: Session, actor: Actor, case_key: int | None) -> Secrets:
    """What this reader is not shown of a case, wherever its values were used."""
    if case_key is None or policies.may_see_sensitive(actor):
        return Secrets()
    names = of_case(session, case_key)
    if not names:
        return Secrets()
    now = select(Variable.value).join(Instance, Instance.key == Variable.instance_key)
    held = session.scalars(now.where(Instance.case_key == case_key, Variable.name.in_(sorted(names))))
    told = session.scalars(select(Disclosure.value).where(Disclosure.case_key == case_key, Disclosure.sensitive.is_(True)))
    values = (one for value in (*map(json_text.loads, held), *told) for one in _scalars(value))
    return Secrets(names, frozenset(one for one in values if one is not None and not isinstance(one, bool) and one != ""))


def _scalars(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _scalars(one)
    else:
        yield value


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
