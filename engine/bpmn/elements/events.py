"""Events: at the start, on the way, at an activity's boundary, at the end; caught or thrown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..effects import MessageThrown, SignalThrown
from .activities import JobDescription, open_job
from .nodes import ElementSpec
from .tokens import LEAVING, Token, Wait
from .triggers import CodeTrigger, MessageTrigger, SignalTrigger, Trigger


class EventSpec(ElementSpec):
    interrupting = True
    trigger: Trigger = Trigger()


class StartEvent(EventSpec):
    """Begins a process or sub-process. `triggered` only where it begins an event sub-process: then the wait lies at the scope around."""

    def triggered(self, wait: Wait, variables: Any) -> None:
        assert self.level is not None
        ex = wait.token.workflow
        ex.used(wait, closes=self.interrupting)
        ex.begin_event_subprocess(wait.token, self, variables)


class CatchEvent(EventSpec):
    """Waits on the way; reached from an event-based gateway it is triggered at once, because the gateway waited for it."""

    def _run_hook(self, token: Token) -> bool | None:
        plans = self.trigger.plan(token, self)
        if not plans:
            return True
        for plan in plans:
            plan.open()
        token.waiting = "event"
        return None


class BoundaryEvent(EventSpec):
    host: ElementSpec

    def triggered(self, wait: Wait, variables: Any) -> None:
        host, ex = wait.token, wait.token.workflow
        ex.used(wait, closes=self.interrupting)
        ex.begin_boundary(host, self, variables)


class ThrowEvent(EventSpec):
    """An intermediate throw or an end event. What it throws leaves when its output mappings are known."""

    def _run_hook(self, token: Token) -> bool | None:
        throw = _THROWS_BY_ACTING.get(self.trigger.kind)
        if throw is None:
            return True
        goes_on = throw(self, token)
        if goes_on:  # what it did to others stands, even if its own output mappings fail
            token.phase = LEAVING
            token.workflow.keep(token)
        return goes_on

    def _before_leaving(self, token: Token, mapped: dict[str, Any]) -> None:
        ex = token.workflow
        if isinstance(self.trigger, MessageTrigger):
            name = self.trigger.name.text(token, "message name")
            ex.effects.append(
                MessageThrown(token.id, self.element_id, name, self.trigger.key(token), mapped, ex.batons.sent(token, mapped))
            )
        elif isinstance(self.trigger, SignalTrigger):
            ex.effects.append(SignalThrown(token.id, self.element_id, self.trigger.name.text(token, "signal name"), mapped))


def _throw_error(spec: ThrowEvent, token: Token) -> bool | None:
    assert isinstance(spec.trigger, CodeTrigger)
    token.workflow.throw_error(token, spec.trigger.code_of(token), spec.trigger.name, {})
    return None


def _throw_escalation(spec: ThrowEvent, token: Token) -> bool | None:
    assert isinstance(spec.trigger, CodeTrigger)
    return token.workflow.throw_escalation(token, spec.trigger.code_of(token), spec.trigger.name, {})


def _terminate(spec: ThrowEvent, token: Token) -> bool | None:
    token.workflow.terminate_siblings(token)
    return True


_THROWS_BY_ACTING: dict[str, Callable[[ThrowEvent, Token], bool | None]] = {
    "error": _throw_error,
    "escalation": _throw_escalation,
    "terminate": _terminate,
    "compensation": lambda spec, token: token.workflow.compensate(token),
    "cancel": lambda spec, token: token.workflow.cancel_transaction(token),
}


class JobThrowEvent(ThrowEvent):
    """A message throw or end event with a task definition: a worker sends the message, as in Camunda 8."""

    job: JobDescription

    def _run_hook(self, token: Token) -> bool | None:
        open_job(self, self.job, token)
        return None

    def _before_leaving(self, token: Token, mapped: dict[str, Any]) -> None:
        """The worker has thrown it."""
