"""What a party sees of a case: its own part, what was handed to it, the milestones. Nothing else.

Other parties' parts are closed boxes with a name. People of the host see what their groups allow (policies.py).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock, deployments, json_text, masks, policies, roles, variables
from engine.bpmn.handoffs import HOST
from engine.cases import Case, titled
from engine.handoffs import Handoff
from engine.instances import Instance
from engine.ledger import Disclosure
from engine.parties import Actor
from engine.tasks import Task
from engine.variables import Variable


@dataclass(frozen=True, slots=True)
class View:
    """Of one case, for somebody of another party. `whole`: instances that are its own, and since when: before, another may have been
    asked; `roles`: those it alone plays in this case."""

    whole: Mapping[int, datetime | None] = field(default_factory=dict)
    roles: frozenset[str] = frozenset()
    definitions: Mapping[int, Any] = field(default_factory=dict)  # by instance key

    def sees(self, instance_key: int, element_id: str | None, at: datetime | None = None) -> bool:
        """Whether what happens at this element (what happened there, `at` that time) is its own business."""
        since = self.whole.get(instance_key)
        if at is not None and since is not None and at < since:
            return False
        definition = self.definitions.get(instance_key)
        side = None if definition is None or element_id is None else definition.handoffs.sides.get(element_id)
        if side is None:
            return instance_key in self.whole
        return side.role.kind != HOST and (instance_key in self.whole or side.role.role in self.roles)


def is_from_outside(actor: Actor) -> bool:
    return actor.party_key is not None


def of_case(session: Session, actor: Actor, case: Case) -> View:
    """For an actor of another party."""
    rows = list(session.scalars(select(Handoff).where(Handoff.case_key == case.key).order_by(Handoff.key)))
    if actor.is_guest and not any(row.key in actor.handoff_keys for row in rows):
        return View()
    found = select(Instance.key, Instance.process_key).where(Instance.case_key == case.key)
    definitions = {key: deployments.definition(session, process_key) for key, process_key in session.execute(found)}
    holders: dict[int, tuple[int | None, datetime | None]] = {}
    players: dict[str, set[int | None]] = {}
    for row in rows:  # a later round is a later row: the instance is that party's from then on
        if row.instance_key is not None and _is_all_of(definitions.get(row.instance_key), row.to_role):
            before = holders.get(row.instance_key, (None, None))
            holders[row.instance_key] = before if before[0] == row.to_party_key else (row.to_party_key, row.offered_at)
        players.setdefault(row.to_role, set()).add(row.to_party_key)
        players.setdefault(row.from_role, set()).add(row.from_party_key)
    for role, party_key in roles.of_case(session, case.key).items():
        if case.first_instance_key not in holders and _is_all_of(definitions.get(case.first_instance_key), role):
            holders[case.first_instance_key] = party_key, None
    alone = {role for role, parties in players.items() if parties == {actor.party_key}}
    whole = {key: since for key, (party_key, since) in holders.items() if party_key == actor.party_key}
    return View(whole, frozenset(alone), definitions)


def _is_all_of(definition: Any, role: str) -> bool:
    """Whether everything in the process stands in that role's pool."""
    sides = {} if definition is None else definition.handoffs.sides
    return bool(sides) and all(side.role.role == role and side.role.kind != HOST for side in sides.values())


# -- values -------------------------------------------------------------------------------------------------------


def values_of_task(session: Session, actor: Actor, task: Task) -> Mapping[str, Any]:
    """What the task's form may show to whoever does it; without what is sensitive to whoever only looks at it.

    Another party: what its own side wrote, and what a contract disclosed to it, in the newest disclosed value.
    """
    key = task.element_instance_key
    seen = variables.visible_from(session, [key])[key]
    if not policies.may_see_sensitive_in(actor, task):
        seen = dict(masks.without(session, actor, task.case_key, seen))
    if not is_from_outside(actor):
        return seen
    case = session.get_one(Case, task.case_key)
    view = of_case(session, actor, case)
    if task.instance_key in view.whole:
        return seen | disclosed(session, actor, case.key)
    mine = _written_by_it(session, view, task)
    return {name: value for name, value in seen.items() if name in mine} | disclosed(session, actor, case.key)


def _written_by_it(session: Session, view: View, task: Task) -> set[str]:
    """Names of variables around the task that its own side wrote last."""
    rows = session.execute(select(Variable.name, Variable.element_id).where(Variable.instance_key == task.instance_key))
    theirs: set[str] = set()
    mine: set[str] = set()
    for name, element_id in rows:
        (mine if element_id is not None and view.sees(task.instance_key, element_id) else theirs).add(name)
    return mine - theirs


def disclosed(session: Session, actor: Actor, case_key: int) -> dict[str, Any]:
    """The newest values that contracts let across to the actor's party; to a guest those of its own handoffs."""
    statement = select(Disclosure).where(Disclosure.case_key == case_key, Disclosure.party_key == actor.party_key)
    if actor.is_guest:
        statement = statement.where(Disclosure.handoff_key.in_(_rounds_of(session, actor)))
    return {entry.name: entry.value for entry in session.scalars(statement.order_by(Disclosure.key)) if entry.value is not None}


def _rounds_of(session: Session, actor: Actor) -> Collection[int]:
    return sorted(actor.handoff_keys)


# -- the title ----------------------------------------------------------------------------------------------------


def titles(session: Session, actor: Actor, some: Iterable[Case]) -> dict[int, str | None]:
    """What each case is called, for this reader: by case key.

    Another party reads the title as its own values make it; None where they do not.
    """
    if not is_from_outside(actor):
        return {case.key: case.title for case in some}
    return {case.key: _own_title(session, actor, case) for case in some}


def titles_by_key(session: Session, actor: Actor, case_keys: Collection[int]) -> dict[int, str | None]:
    return titles(session, actor, session.scalars(select(Case).where(Case.key.in_(case_keys))))


def title(session: Session, actor: Actor, case: Case) -> str | None:
    return titles(session, actor, [case])[case.key]


def _own_title(session: Session, actor: Actor, case: Case) -> str | None:
    if case.title is None:
        return None
    view = of_case(session, actor, case)
    known = disclosed(session, actor, case.key)
    if view.whole:
        rows = select(Variable.name, Variable.value).where(Variable.scope_key.in_(sorted(view.whole)))
        known = {name: json_text.loads(value) for name, value in session.execute(rows)} | known
    first = view.definitions.get(case.first_instance_key)
    texts = [one.case_title for one in (first, *view.definitions.values()) if one is not None and one.case_title is not None]
    made = (titled(text, known, partial(clock.now, session)) for text in texts)
    return next((words for words in made if words is not None), None)


# -- lists --------------------------------------------------------------------------------------------------------


def may_search_titles(actor: Actor) -> bool:
    """A search must not tell what the page does not show."""
    return not is_from_outside(actor)


