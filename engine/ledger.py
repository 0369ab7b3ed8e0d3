"""What was disclosed: who got which fields with which values, by which handoff, when. Never changed; erased with the case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine import keys
from engine.bpmn.handoffs import Contract
from engine.database import Base, JsonText, key_column

if TYPE_CHECKING:
    from engine.advance import Step


class Disclosure(Base):
    __tablename__ = "disclosures"

    key: Mapped[int] = key_column()
    handoff_key: Mapped[int]
    case_key: Mapped[int] = mapped_column(ForeignKey("cases.key"))
    party_key: Mapped[int | None]  # who got it; None: the host
    name: Mapped[str]
    label: Mapped[str | None]
    type: Mapped[str]
    sensitive: Mapped[bool]
    value: Mapped[Any] = mapped_column(JsonText, nullable=True)  # None once the case was erased
    at: Mapped[datetime]

    __table_args__ = (Index("ix_disclosures_case", "case_key", "party_key"),)


def disclosed(step: Step, handoff: Mapping[str, Any], contract: Contract, values: Mapping[str, Any]) -> None:
    """The values of the contract's fields, as they were at that moment."""
    for field in contract.fields:
        if field.name in values:
            row = {
                "key": keys.new(),
                "handoff_key": handoff["key"],
                "case_key": handoff["case_key"],
                "party_key": handoff["to_party_key"],
                "name": field.name,
                "label": field.label,
                "type": field.type,
                "sensitive": field.sensitive,
                "value": values[field.name],
                "at": step.now,
            }
            step.writes.insert(Disclosure, row)
