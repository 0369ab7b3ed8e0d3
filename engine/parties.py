"""Who takes part, and the actor who is asking right now."""

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What people of the host may do; a person without a role is an outsider and sees the portal only."""

    ADMIN = "admin"
    MODELLER = "modeller"
    OPERATOR = "operator"
    MEMBER = "member"
    WORKER = "worker"  # programs only


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts: a person, an API client, or the platform itself. Without roles: an outsider."""

    id: str  # "person:anna", "client:erp", "platform"
    username: str | None = None  # persons: the account; clients: the client id
    name: str = ""
    roles: frozenset[str] = field(default_factory=frozenset)
    groups: frozenset[str] = field(default_factory=frozenset)
    language: str = "en"

    @property
    def is_person(self) -> bool:
        return self.id.startswith("person:")


PLATFORM = Actor(id="platform", name="Passerelle", roles=frozenset({"platform"}))
