"""What follows from a step of an instance: facts that the outside writes down, by one table, in the same transaction.

Keys are int64, made by the `keys` port. Times are aware datetimes in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .handoffs import Contract, Path, Side

Variables = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ElementEntered:
    """An element became active. `scope_key`: the element instance (sub-process, multi-instance body) or the instance it lies in.

    The process itself is not told of: its key is the instance's. An incident can open at it, though.
    """

    key: int
    element_id: str
    element_type: str  # as in the REST API: USER_TASK, EXCLUSIVE_GATEWAY, MULTI_INSTANCE_BODY, ...
    scope_key: int


@dataclass(frozen=True, slots=True)
class ElementLeft:
    key: int
    state: str  # COMPLETED | TERMINATED


@dataclass(frozen=True, slots=True)
class FlowTaken:
    flow_id: str


@dataclass(frozen=True, slots=True)
class JobOpened:
    """Work for a program. At most one open job an element instance."""

    element_instance_key: int
    element_id: str
    type: str
    retries: int
    headers: Mapping[str, str] = field(default_factory=dict)
    priority: int = 0
    batons: tuple[int, ...] = ()  # the handoffs that it belongs to


@dataclass(frozen=True, slots=True)
class TaskOpened:
    """Work for a person. At most one open task an element instance. Lane and pool stand in the definition's element."""

    element_instance_key: int
    element_id: str
    assignee: str | None = None
    candidate_groups: tuple[str, ...] = ()
    candidate_users: tuple[str, ...] = ()
    due_date: datetime | None = None
    follow_up_date: datetime | None = None
    priority: int = 50
    form_id: str | None = None  # a deployed form
    form_key: str | None = None  # an embedded form's id (zeebe:userTaskForm), or custom
    external_form: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    batons: tuple[int, ...] = ()  # the handoffs that it belongs to


@dataclass(frozen=True, slots=True)
class TimerOpened:
    """`due_at` may be past: fire as soon as possible. After a fire the execution opens the next repetition itself, with a new key."""

    key: int
    element_instance_key: int
    element_id: str
    due_at: datetime
    repetitions: int = 1  # how often it will still fire, this one included; -1: without end


@dataclass(frozen=True, slots=True)
class SubscriptionOpened:
    """Waits for a message or a signal. `by_flow`: wired by a message flow inside the case, without a correlation key."""

    key: int
    element_instance_key: int
    element_id: str
    kind: str  # "message" | "signal"
    name: str
    correlation_key: str | None = None  # message: "" where the model names none
    by_flow: bool = False
    interrupting: bool = True  # false: stays open after it was triggered


@dataclass(frozen=True, slots=True)
class WaitClosed:
    """The job, task, timer or subscription of this kind is no longer wanted (completed, or canceled)."""

    kind: str  # "job" | "task" | "timer" | "subscription"
    key: int  # job, task: the element instance key; timer, subscription: its own key
    completed: bool  # true: it did its work; false: canceled
    batons: tuple[int, ...] = ()  # job, task that did its work: the handoffs that it belonged to


@dataclass(frozen=True, slots=True)
class ChildRequested:
    """A call activity wants an instance of another process in the same case."""

    element_instance_key: int
    element_id: str
    process_id: str
    binding: str  # "latest" | "deployment" | "versionTag"
    version_tag: str | None
    variables: Variables
    batons: tuple[int, ...] = ()  # what the call activity stands in, the called instance does too


@dataclass(frozen=True, slots=True)
class ChildUnwanted:
    """The call activity was interrupted: cancel the called instance."""

    element_instance_key: int


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A token came to rest in another side than it came from: `key` is the new handoff's."""

    key: int
    element_instance_key: int
    element_id: str
    from_element_id: str
    from_side: Side
    to_side: Side
    flow_ids: tuple[str, ...]
    contract: Contract | None
    values: Variables  # of the contract's fields
    to_party_key: int | None  # None: the host
    batons: tuple[int, ...] = ()  # what the sender stood in


@dataclass(frozen=True, slots=True)
class HandoffEnded:
    """The last token has put its baton down. `state`: COMPLETED, or TERMINATED where it was interrupted."""

    key: int
    state: str


@dataclass(frozen=True, slots=True)
class Sent:
    """What a message takes along one message flow: the fields of its contract, else what the output mapping names."""

    flow_id: str
    variables: Variables
    to_party_key: int | None
    batons: tuple[int, ...] = ()  # what the sender stands in
    path: Path | None = None  # None: no party is modelled on either side


@dataclass(frozen=True, slots=True)
class DecisionMade:
    """A business rule task asked a decision. `rows`: what the port answered, for the outside to keep."""

    element_instance_key: int
    element_id: str
    rows: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class MessageThrown:
    """A throwing element let a message go; nothing waits for an answer.

    Message flows of the element (`Definition.flows_out`) wire it inside the case. `correlation_key` is set where the
    message has a zeebe:subscription: then it is published by name and key.
    """

    element_instance_key: int
    element_id: str
    name: str
    correlation_key: str | None
    variables: Variables
    sent: tuple[Sent, ...] = ()


@dataclass(frozen=True, slots=True)
class SignalThrown:
    element_instance_key: int
    element_id: str
    name: str
    variables: Variables


@dataclass(frozen=True, slots=True)
class NotCaught:
    """An error or escalation left the instance uncaught.

    kind "error": the token rests at the element until the outside tells `CannotGoOn` (no caller catches it), or the
    caller catches it and cancels this instance. Resolving the incident throws again (a job is offered again).
    kind "escalation": informs only; the token went on.
    """

    element_instance_key: int
    element_id: str
    kind: str
    code: str
    message: str
    variables: Variables = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class IncidentOpened:
    """An error of the model stopped this token. `error_type` as in the REST API (EXTRACT_VALUE_ERROR, CONDITION_ERROR, ...)."""

    key: int
    element_instance_key: int
    element_id: str
    error_type: str
    message: str
    problems: Mapping[str, str] | None = None  # field -> what was expected: a person or client that caused it is told instead


@dataclass(frozen=True, slots=True)
class IncidentClosed:
    """Resolved, or its element was canceled."""

    key: int


@dataclass(frozen=True, slots=True)
class Ended:
    """The instance is over. `variables`: only where a caller waits for them (`Execution.called`)."""

    state: str  # COMPLETED | TERMINATED
    variables: Variables = field(default_factory=dict)


Effect = (
    ElementEntered
    | ElementLeft
    | FlowTaken
    | JobOpened
    | TaskOpened
    | TimerOpened
    | SubscriptionOpened
    | WaitClosed
    | ChildRequested
    | ChildUnwanted
    | HandedOver
    | HandoffEnded
    | DecisionMade
    | MessageThrown
    | SignalThrown
    | NotCaught
    | IncidentOpened
    | IncidentClosed
    | Ended
)
