"""A token: one active element instance, and what it waits for. A subclass of Spiff's task without its tree.

SpiffWorkflow keeps a task for every step ever taken and guesses the steps to come; walking that tree costs time with the square of
its age and goes blind below a depth of 1,000. Here a token knows only the scope in which it lies, and is forgotten when it is done.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

if TYPE_CHECKING:
    from ..execution import Execution
    from .batons import Origin
    from .nodes import ElementSpec

READY: int = TaskState.READY
STARTED: int = TaskState.STARTED
COMPLETED: int = TaskState.COMPLETED
COMPLETED_STATE, TERMINATED_STATE = "COMPLETED", "TERMINATED"  # how an element is left
CANCELLED: int = TaskState.CANCELLED

# The life of a token. An error sends it back to the beginning of the phase it failed in, never further.
ENTERING = 0  # input mappings, boundary events
ACTING = 1  # its own behaviour; may wait
LEAVING = 2  # output mappings, outgoing flows


class Wait:
    """An open timer, subscription or watched condition of a token. `spec`: the event that it triggers (its own, a boundary event, ...)."""

    __slots__ = ("due_at", "every", "key", "kind", "repetitions", "spec", "token", "was_true")

    def __init__(
        self,
        key: int,
        kind: str,
        token: Token,
        spec: ElementSpec,
        due_at: datetime | None = None,
        repetitions: int = 1,
        every: str | None = None,
    ) -> None:
        self.key = key
        self.kind = kind  # "timer" | "subscription" | "condition" (of which the outside knows nothing)
        self.token = token
        self.spec = spec
        self.due_at = due_at
        self.repetitions = repetitions
        self.was_true = False  # condition: it goes off again only after it was false in between
        self.every = every  # timer cycle: what lies between two repetitions (ISO 8601 duration or cron)


class Token(Task):  # type: ignore[misc]
    """`id` is the element instance key. A scope (process, sub-process, multi-instance body) holds the tokens `inside` it."""

    data: Mapping[str, Any] = MappingProxyType({})  # variables live in scopes, never on tokens
    internal_data: Mapping[str, Any] = MappingProxyType({})
    triggered = False
    thread_id = 0
    _parent = None
    _children: tuple[int, ...] = ()

    id: int
    workflow: Execution
    task_spec: ElementSpec

    def __init__(self, workflow: Execution, task_spec: ElementSpec, scope: Token | None, key: int) -> None:
        self.id = key
        self.workflow = workflow
        self.task_spec = task_spec
        self.scope = scope
        self._state = READY
        self.phase = ENTERING
        self.entered = False
        self.owns = False  # whether variables live in its own scope
        self.waiting: str | None = None  # job, task, child, event, inside, thrown
        self.waits: dict[int, Wait] | None = None
        self.inside: dict[int, Token] | None = None
        self.joins: dict[str, dict[int, int]] | None = None  # gateway -> incoming flow -> tokens that arrived
        self.incident: int | None = None
        self.interrupted = False  # an event sub-process has taken over this scope
        self.batons: tuple[int, ...] = ()  # the handoffs it stands in, once it is at rest
        self.origins: list[Origin] | None = None  # while it is on its way: where it comes from
        self.arrivals: dict[str, list[list[Any]]] | None = None  # a scope: origins of what waits in `joins`: gateway -> [flow, origins]
        self.done: list[Any] | None = None  # a scope: what in it could be compensated
        self.compensates: int | None = None  # a compensation handler: the token that waits for it
        self.loop_index = -1  # an inner instance of a multi-instance activity: its place, from 0
        self.note: Any = None  # what the spec must remember, JSON-shaped
        self.items: list[Any] | None = None  # a multi-instance body that still begins its instances: what for
        workflow.tasks[key] = self
        if scope is not None:
            if scope.inside is None:
                scope.inside = {}
            scope.inside[key] = self

    @property
    def parent(self) -> Token | None:
        return self.scope

    def _set_state(self, value: int) -> None:
        self._state = value

    def run(self) -> bool | None:
        """One step. None: it waits now. Raises ModelError or FeelError; the execution then opens an incident."""
        spec = self.task_spec
        if self.origins is not None:
            self.workflow.batons.rest(self)
            self.workflow.keep(self)
        if self.phase == ENTERING:
            if spec.prepares:
                spec.prepare(self)
                self.phase = ACTING
                self.workflow.keep(self)
            else:
                self.phase = ACTING
        if self.phase == ACTING:
            done = spec._run(self)
            if not done:
                if done is False and self._state == READY:
                    self.workflow.ready.appendleft(self)
                elif self._state == READY:
                    self._state = STARTED
                return None
            self.phase = LEAVING
        spec._on_complete(self)
        return True

    def __repr__(self) -> str:
        return f"<Token {self.id} at {self.task_spec.name}: {TaskState.get_name(self._state)}>"
