"""What a running instance needs of the outside, passed in: where values live, new keys, what time it is, and decisions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from .handoffs import Role


class Values(Protocol):
    """Variables of one instance, by scope. A scope's own only: looking into parents is the execution's business (scopes.py).

    Values are JSON-shaped: None, bool, int, Decimal, str, list, dict. Whoever gets one must not change it in place.
    """

    def get(self, scope_key: int, name: str) -> Any:
        """The value; raises KeyError where this scope does not own the name."""
        ...

    def names(self, scope_key: int) -> Iterable[str]: ...

    def set(self, scope_key: int, name: str, value: Any, *, element_id: str | None) -> None:
        """Create or overwrite; `element_id` is who wrote it (None: the outside).

        A name may be set many times in a step. Raises FeelError for a value that cannot be kept: the model's error.
        """
        ...

    def mark(self) -> int:
        """A place to go back to: `rollback(mark)` forgets all `set`s since."""
        ...

    def rollback(self, mark: int) -> None: ...


class Directory(Protocol):
    """Who plays a role in this case."""

    def party_for(self, role: Role, value: Any) -> int | None:
        """The key of the party; None: the host. `value`: what the role's binding gave, if it has one.

        Raises Refusal where neither the model, nor the data, nor the case say who it is.
        """
        ...


class NoDirectory:
    """For a process among the host's own teams."""

    def party_for(self, role: Role, value: Any) -> int | None:
        return None


@dataclass(frozen=True, slots=True)
class Made:
    """What a decision answered: a JSON-shaped value, or why there is none; and rows that the outside wants kept."""

    value: Any
    failure: str | None = None
    rows: Sequence[Mapping[str, Any]] = ()


class Decide(Protocol):
    def __call__(self, decision_id: str, binding: str, version_tag: str | None, variables: Mapping[str, Any]) -> Made | None:
        """The answer of a deployed decision; None where there is no such decision."""
        ...


def nobody_decides(decision_id: str, binding: str, version_tag: str | None, variables: Mapping[str, Any]) -> Made | None:
    return None


@dataclass(frozen=True, slots=True)
class Ports:
    values: Values
    new_key: Callable[[], int]
    now: Callable[[], datetime]
    directory: Directory = field(default_factory=NoDirectory)
    decide: Decide = nobody_decides
