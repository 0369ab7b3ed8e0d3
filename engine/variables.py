"""Values of a running case, in scopes: only here, found by a hash, with who wrote them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, key_column


class Variable(Base):
    __tablename__ = "variables"

    key: Mapped[int] = key_column()
    scope_key: Mapped[int]
    name: Mapped[str]
    instance_key: Mapped[int] = mapped_column(ForeignKey("instances.key"))
    value: Mapped[str] = mapped_column(Text)  # JSON text, exact, at most 4 MB
    value_hash: Mapped[str] = mapped_column(String(32))  # an index entry of PostgreSQL ends at 2,704 bytes
    element_id: Mapped[str | None]  # who wrote it: None where a starter did
    pool: Mapped[str | None]
    lane: Mapped[str | None]
    updated_at: Mapped[datetime]

    __table_args__ = (
        Index("uq_variables_scope_name", "scope_key", "name", unique=True),
        Index("ix_variables_instance", "instance_key"),
        Index("ix_variables_value", "name", "value_hash"),
    )
