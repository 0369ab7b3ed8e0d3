"""Scopes: the process itself, embedded sub-processes, and event sub-processes that begin when their start event is triggered."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec

from .events import StartEvent
from .nodes import ElementSpec
from .tokens import Token


class ProcessSpec(BpmnProcessSpec):  # type: ignore[misc]
    """The elements of one level. Spiff's own Start, End and EndJoin are left out, so that every id is free for the model."""

    def __init__(self, name: str, description: str | None = None) -> None:
        super().__init__(name=name, description=description)
        self.task_specs.clear()
        self.start = None
        self.end = None


class ScopeSpec(ElementSpec):
    """Runs what lies inside, and is over when nothing is left there."""

    def __init__(self, wf_spec: Any, name: str, **kwargs: Any) -> None:
        super().__init__(wf_spec, name, **kwargs)
        self.start: ElementSpec | None = None  # the none start event
        self.beginnings: tuple[ElementSpec, ...] = ()  # without any start event: what has no incoming flow (BPMN 13.3.4)
        self.event_subprocesses: tuple[EventSubProcess, ...] = ()

    def _run_hook(self, token: Token) -> bool | None:
        self.open_event_subprocesses(token)
        ex = token.workflow
        for spec in (self.start,) if self.start is not None else self.beginnings:
            inner = Token(ex, spec, token, ex.ports.new_key())
            ex.batons.begin_inside(inner, token)
            ex.queue(inner)
        token.waiting = "inside"
        return None if token.inside else True

    def open_event_subprocesses(self, token: Token) -> None:
        plans = [plan for sub in self.event_subprocesses for plan in sub.start_event.trigger.plan(token, sub.start_event)]
        for plan in plans:
            plan.open()

    def inside_is_over(self, token: Token) -> None:
        """Called when the last token inside is gone."""
        self.resume(token, {})


class ProcessRoot(ScopeSpec):
    """The process. Its token is the instance, and its key the instance's key; it is told of by Ended, not by ElementEntered."""

    def _run_hook(self, token: Token) -> bool | None:
        """`note`: the start event and the key of its token, which may already own what a message brought, as the root has its baton."""
        self.open_event_subprocesses(token)
        ex = token.workflow
        name, key = token.note or (None, 0)
        token.note = None
        if name is None:
            for spec in self.beginnings:
                ex.queue(Token(ex, spec, token, ex.ports.new_key()))
        else:
            start = Token(ex, ex.definition.specs[name], token, key)
            start.owns = bool(start.task_spec.output_mappings)
            ex.batons.give(start, token.batons)
            ex.batons.give(token, ())
            ex.queue(start)
        token.waiting = "inside"
        return None if token.inside else True

    def _on_complete(self, token: Token) -> None:
        token.workflow.end("COMPLETED")


class SubProcess(ScopeSpec):
    pass


class EventSubProcess(ScopeSpec):
    """`note` of its token: the key of the start event's token, which may already own what the trigger brought."""

    start_event: StartEvent

    def _run_hook(self, token: Token) -> bool | None:
        self.open_event_subprocesses(token)
        ex = token.workflow
        start = Token(ex, self.start_event, token, token.note)
        start.owns = bool(self.start_event.output_mappings)
        ex.batons.begin_inside(start, token)
        token.note = None
        ex.queue(start)
        token.waiting = "inside"
        return None
