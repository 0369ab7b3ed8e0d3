"""What can happen to a running instance from outside: everything `Execution.tell` understands."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Variables = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Started:
    """Begin at `start_event_id` (None: the only none start event). `variables` become the instance's own.

    When a message, signal or timer started it, the start event's output mappings decide what of `payload` is kept
    (without mappings: all of it).
    """

    start_event_id: str | None = None
    variables: Variables = field(default_factory=dict)
    payload: Variables = field(default_factory=dict)
    batons: tuple[int, ...] = ()  # the handoff that the message opened
    inherited: tuple[int, ...] = ()  # what the calling activity stands in


@dataclass(frozen=True, slots=True)
class JobCompleted:
    element_instance_key: int
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class JobThrewError:
    """A worker threw a BPMN error: its job is closed (not completed). Nobody catching it in this instance: NotCaught follows."""

    element_instance_key: int
    code: str
    message: str = ""
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TaskCompleted:
    """A person finished a user task."""

    element_instance_key: int
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TimerFired:
    timer_key: int


@dataclass(frozen=True, slots=True)
class SubscriptionTriggered:
    """A message or signal arrived for a subscription that this execution opened."""

    subscription_key: int
    variables: Variables = field(default_factory=dict)
    batons: tuple[int, ...] = ()  # the handoff that the message opened


@dataclass(frozen=True, slots=True)
class ChildCompleted:
    """The instance called by a call activity ended; `variables` are its own, whole."""

    element_instance_key: int
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChildThrew:
    """The called instance threw an error or escalation that it does not catch. Tell only after `catches` said yes."""

    element_instance_key: int
    kind: str  # "error" | "escalation"
    code: str
    message: str = ""
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CannotGoOn:
    """What an element asked of the outside cannot be done: opens an incident at it.

    Resolving the incident asks again (ChildRequested, the throwing of an error, the job that threw one). An open job or task
    stays open all the while, and resolving only closes the incident.
    """

    element_instance_key: int
    error_type: str
    message: str


@dataclass(frozen=True, slots=True)
class IncidentResolved:
    """Try the failing element again."""

    incident_key: int


@dataclass(frozen=True, slots=True)
class VariablesSet:
    """Written from outside. `local`: into exactly this scope; else to the scope that owns each name, else the instance."""

    scope_key: int
    variables: Variables
    local: bool = False


@dataclass(frozen=True, slots=True)
class WorkRecalled:
    """A handoff is declined, or taken back: tasks and jobs that stand in it are closed; their tokens wait for `WorkOffered`."""

    baton: int


@dataclass(frozen=True, slots=True)
class WorkOffered:
    """A new round of a handoff: what was recalled is offered again, under the new baton."""

    baton: int
    new_baton: int


@dataclass(frozen=True, slots=True)
class Canceled:
    """End everything that is still open in this instance."""


Happening = (
    Started
    | JobCompleted
    | JobThrewError
    | TaskCompleted
    | TimerFired
    | SubscriptionTriggered
    | ChildCompleted
    | ChildThrew
    | CannotGoOn
    | IncidentResolved
    | VariablesSet
    | WorkRecalled
    | WorkOffered
    | Canceled
)
