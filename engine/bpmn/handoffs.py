"""Where the handoffs are: sides, contracts and paths, as the model says it. No run time in here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.feel import Expression

HOST, PARTNER, CUSTOMER = "host", "partner", "customer"
INTERNAL = "internal"  # a handoff between teams of one party


@dataclass(frozen=True, slots=True)
class Role:
    """The party that a pool or lane plays. `role` is an identifier; one of `party_id` and `binding`, or neither."""

    role: str
    kind: str = HOST
    party_id: str | None = None
    binding: Expression | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """Who works there: the innermost lane that lists an element, else its pool, else the process."""

    id: str
    name: str
    role: Role


@dataclass(frozen=True, slots=True)
class Field:
    """What a contract lets across. `type`: string | number | boolean | date | file | list | context | any."""

    name: str
    label: str | None = None
    type: str = "any"
    required: bool = False
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class Contract:
    """What a handoff promises. Limits are ISO 8601 durations, as written."""

    flow_id: str
    fields: tuple[Field, ...] = ()
    accept_within: str | None = None
    complete_within: str | None = None
    calendar: str = "always"  # | working
    acknowledgement: str = "explicit"  # | none
    channel: str | None = None  # portal | email; None: e-mail to another party, else the portal
    assurance: str = "link"  # | code | account
    returnable: bool = True


@dataclass(frozen=True, slots=True)
class Path:
    """One possible handoff: from the last element with work in one side to the first place of rest in another, or a message flow."""

    flow_ids: tuple[str, ...]
    from_element_id: str
    to_element_id: str | None  # None: a pool that is a closed box
    from_side: Side
    to_side: Side
    kind: str  # internal | partner | customer
    contract: Contract | None = None
    is_message: bool = False


@dataclass(frozen=True, slots=True)
class Handoffs:
    """Of one process. Message flows stand with the process that throws."""

    sides: Mapping[str, Side] = field(default_factory=dict)  # by flow node
    rests: frozenset[str] = frozenset()  # flow nodes where a token comes to rest
    contracts: Mapping[str, Contract] = field(default_factory=dict)  # by flow
    pools: Mapping[str, Side] = field(default_factory=dict)  # by participant id, all of the collaboration
    paths: tuple[Path, ...] = ()
    milestones: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # flow node -> language ("" for any) -> label
    keep: str | None = None  # ISO 8601: how long after its end a case's values are kept

    @property
    def has_crossings(self) -> bool:
        return len({side.id for side in self.sides.values()}) > 1


def kind_between(one: Role, other: Role) -> str:
    """`customer` if either is a customer, else `partner` if either is a partner, else `internal`."""
    kinds = {one.kind, other.kind}
    return CUSTOMER if CUSTOMER in kinds else PARTNER if PARTNER in kinds else INTERNAL
