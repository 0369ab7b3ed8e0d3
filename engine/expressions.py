"""Expressions that somebody tries out: beside variables of theirs, or with those of something that runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock, masks, policies, variables
from engine.elements import ElementInstance
from engine.errors import Invalid, NotFound
from engine.feel import FeelError, compile_expression, to_json, to_text
from engine.instances import Instance
from engine.parties import Actor


@dataclass(frozen=True, slots=True)
class Tried:
    """The value as JSON has it, and why parts of it are null."""

    value: Any
    warnings: tuple[str, ...]


def evaluate(session: Session, expression: str, given: Mapping[str, Any], *, scope_key: int | None = None, by: Actor) -> Tried:
    """The value of an expression, with or without its leading `=`. Nothing changes.

    `scope_key`: an instance or element instance whose variables are visible, behind the given ones. Raises Invalid with the place
    of a mistake, NotFound for a scope that is not there or may not be seen.
    """
    variables.check(given)
    scope = {**(_variables_at(session, scope_key, by) if scope_key is not None else {}), **given}
    text = expression.strip().removeprefix("=")
    told: list[str] = []
    now = clock.now(session)
    try:
        value = compile_expression(text, scope).evaluate(scope, now=lambda: now, on_warning=told.append)
    except FeelError as error:
        raise Invalid(error.message, fields={"expression": error.expected or error.message})
    try:
        return Tried(to_json(value), tuple(told))
    except FeelError:
        return Tried(to_text(value), tuple(told))  # ranges and functions


def _variables_at(session: Session, scope_key: int, by: Actor) -> Mapping[str, Any]:
    element = session.get(ElementInstance, scope_key)
    instance_key = element.instance_key if element is not None else scope_key
    seen = session.scalar(select(Instance.case_key).where(Instance.key == instance_key, policies.visible_instances(by)))
    if seen is None:
        raise NotFound(f"Expected an instance or element instance with key {scope_key}, found none.")
    found = variables.of_scope(session, scope_key) if element is None else variables.visible_from(session, [scope_key]).get(scope_key, {})
    return masks.without(session, by, seen, found)
