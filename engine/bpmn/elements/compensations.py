"""Compensation: undoing, in reverse order, what was completed in a scope; and transactions, which are cancelled that way.

A scope's token remembers what could be undone (`done`): [activity, its handler or None, what was done inside it]. An activity without a
handler of its own is undone by the handlers of what lies inside.
"""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .subprocesses import EventSubProcess
from .tokens import Token
from .triggers import Trigger

Done = list[Any]


@dataclass(frozen=True)
class CompensationTrigger(Trigger):
    """`activity`: undo only this one; None: all of the scope."""

    activity: str | None = None
    kind = "compensation"


@dataclass(frozen=True)
class CancelTrigger(Trigger):
    kind = "cancel"


def _scope_of(token: Token) -> Token:
    """An event sub-process undoes what was done in the scope around it (BPMN 13.5.5)."""
    scope = token.scope
    assert scope is not None
    if isinstance(scope.task_spec, EventSubProcess) and scope.scope is not None:
        return scope.scope
    return scope


def _handlers(entry: Done) -> list[str]:
    _, handler, inside = entry
    return [handler] if handler is not None else [name for inner in reversed(inside) for name in _handlers(inner)]


def _take(scope: Token, activity: str | None) -> list[str]:
    """The handlers to run, the latest first; what they undo is forgotten."""
    done: list[Done] = scope.done or []
    chosen = [entry for entry in done if activity in (None, entry[0])]
    scope.done = [entry for entry in done if activity not in (None, entry[0])] or None
    return [name for entry in reversed(chosen) for name in _handlers(entry)]


def _begin_next(token: Token) -> None:
    ex = token.workflow
    handler = Token(ex, ex.definition.specs[token.note.pop(0)], token.scope, ex.ports.new_key())
    handler.compensates = token.id
    if ex.batons.tracks:
        ex.batons.set_off(handler, ex.batons.origins_behind(token))
    ex.queue(handler)


def handler_completed(handler: Token) -> None:
    thrower: Token | None = handler.workflow.tasks.get(handler.compensates)
    if thrower is None:
        return
    if thrower.note:
        _begin_next(thrower)
    elif isinstance(thrower.task_spec.trigger, CancelTrigger):
        _leave_transaction(thrower)
    else:
        thrower.note = None
        thrower.task_spec.resume(thrower, {})


def compensate(token: Token) -> bool | None:
    """A compensation throw or end event: waits until everything is undone."""
    return _wait_for(token, _take(_scope_of(token), token.task_spec.trigger.activity))


def _wait_for(token: Token, handlers: list[str]) -> bool | None:
    if not handlers:
        return True
    token.note = handlers
    token.waiting = "inside"
    _begin_next(token)
    return None


def cancel(token: Token) -> bool | None:
    """The transaction stops, is undone, and is left by its cancel boundary event (BPMN 13.5.4)."""
    token.workflow.terminate_siblings(token)
    if _wait_for(token, _take(_scope_of(token), None)):
        _leave_transaction(token)
    return None


def _leave_transaction(token: Token) -> None:
    ex, scope = token.workflow, _scope_of(token)
    host = scope if scope.loop_index < 0 or scope.scope is None else scope.scope
    event = next((event for event in host.task_spec.boundary if event.trigger.kind == "cancel"), None)
    if event is not None:
        ex.begin_boundary(host, event, {})
        return
    for inner in list((scope.inside or {}).values()):
        ex.terminate(inner)
    scope.task_spec.resume(scope, {})
