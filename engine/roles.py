"""Which party plays which role in a case: said by the model, by the data, by the case, or by whoever starts it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import parties
from engine.bpmn.elements.expressions import Refusal
from engine.bpmn.handoffs import HOST
from engine.bpmn.handoffs import Role as RoleOfModel
from engine.database import Base, Read, fetch
from engine.feel.sentences import say
from engine.parties import HOST_KEY, Party

if TYPE_CHECKING:
    from engine.advance import Step


class CaseRole(Base):
    """Bound before the work first crosses to that role; a new binding holds for later crossings only."""

    __tablename__ = "case_roles"

    case_key: Mapped[int] = mapped_column(ForeignKey("cases.key"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)
    party_key: Mapped[int] = mapped_column(ForeignKey("parties.key"))
    bound_by: Mapped[str]
    bound_at: Mapped[datetime]

    __table_args__ = (Index("ix_case_roles_party", "party_key"),)


PREFIX = "roles."  # of a problem's name in a refusal: "roles.garage"


class Roles:
    """The `Directory` port of one step: reads the case's roles once, when first asked."""

    def __init__(self, step: Step) -> None:
        self._step = step
        self._bound: dict[str, int] | None = None
        self._parties: dict[int | None, Any] = {}

    def party_for(self, role: RoleOfModel, value: Any) -> int | None:
        """Raises Refusal where neither the model, nor the data, nor the case say who it is."""
        if role.kind == HOST:
            return None
        if role.party_id is not None:
            return self._named(role, role.party_id)
        bound = self.bound().get(role.role)
        if bound is not None:  # somebody has chosen for this case, other than the data says
            return bound
        if value is not None:
            return self._named(role, value)
        raise Refusal(
            say("Expected to know who the {role} of this case is, found nobody: choose somebody from the directory.", role=role.role),
            {PREFIX + role.role: say("a party from the directory")},
        )

    def _named(self, role: RoleOfModel, named: Any) -> int | None:
        found = self._by_id(named) if isinstance(named, str) else None
        if found is None or not found.active:
            raise Refusal(
                say(
                    "Expected an active party {party!r} in the directory for the {role}, found none.", party=str(named)[:80], role=role.role
                ),
                {PREFIX + role.role: say("a party from the directory")},
            )
        return parties.foreign_key_of(found.key)

    def _by_id(self, party_id: str) -> Any:
        """With the host in the same round trip: work that is handed to a party comes back."""
        known = next((row for row in self._parties.values() if row.party_id == party_id), None)
        if known is not None:
            return known
        (rows,) = fetch(self._step.session, Read(Party, "WHERE party_id = ? OR key = ?", [party_id, HOST_KEY]))
        self.remember(rows)
        return next((row for row in rows if row.party_id == party_id), None)

    def remember(self, rows: Iterable[Any]) -> None:
        """Rows of parties that were read on the way."""
        self._parties |= {parties.foreign_key_of(row.key): row for row in rows}

    def party_at(self, role: RoleOfModel, batons: tuple[int, ...]) -> int | None:
        """Who plays the side where these batons are held: whom it was handed to, else who is bound."""
        if role.kind == HOST:
            return None
        for row in self._step.handoffs_of(batons):
            if row["to_role"] == role.role:
                found: int | None = row["to_party_key"]
                return found
        return self.known(role)

    def known(self, role: RoleOfModel) -> int | None:
        """None also where nobody is bound (yet)."""
        if role.kind == HOST:
            return None
        if role.party_id is not None:
            found = self._by_id(role.party_id)
            return None if found is None else parties.foreign_key_of(found.key)
        return self.bound().get(role.role)

    def bound(self) -> dict[str, int]:
        if self._bound is None:
            self._bound = {} if self._step.is_new else of_case(self._step.session, self._step.case.key)
        return self._bound

    def bind(self, role: str, party_key: int) -> None:
        self.bound()[role] = party_key
        row = {
            "case_key": self._step.case.key,
            "role": role,
            "party_key": party_key,
            "bound_by": self._step.by.id,
            "bound_at": self._step.now,
        }
        self._step.writes.upsert(CaseRole, ("case_key", "role"), row, keep=())

    def party(self, key: int | None) -> Any:
        """The row; None is the host."""
        if key not in self._parties:
            session = self._step.session
            self._parties[key] = parties.host(session) if key is None else parties.expect(session, key)
        return self._parties[key]


def of_case(session: Session, case_key: int) -> dict[str, int]:
    (rows,) = fetch(session, Read(CaseRole, "WHERE case_key = ?", [case_key]))
    return {row.role: row.party_key for row in rows}
