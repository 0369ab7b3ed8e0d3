"""Who takes part, and the actor who is asking right now."""

from dataclasses import dataclass, field


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
