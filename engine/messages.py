"""Messages and signals on their way, and who waits for them."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, JsonText, key_column, only_where


class Message(Base):
    """A published message: buffered until `expires_at`. Deleted once taken by an instance, or expired."""

    __tablename__ = "messages"

    key: Mapped[int] = key_column()
    name: Mapped[str]
    correlation_key: Mapped[str]
    message_id: Mapped[str | None]
    variables: Mapped[Any] = mapped_column(JsonText)
    expires_at: Mapped[datetime]
    taken_by: Mapped[Any] = mapped_column(JsonText, nullable=True)  # process ids that have had it: at most once a process
    published_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_messages_channel", "name", "correlation_key", "key"),
        Index("ix_messages_expiry", "expires_at"),
        # de-duplication (Camunda 8): the same id on the same channel is refused while the first is buffered
        Index(
            "uq_messages_id",
            "name",
            "correlation_key",
            "message_id",
            unique=True,
            **only_where("message_id IS NOT NULL"),
        ),
    )


class Subscription(Base):
    """Open subscriptions only. `instance_key` None: a start event of the newest version of a process."""

    __tablename__ = "subscriptions"

    key: Mapped[int] = key_column()
    kind: Mapped[str]  # "message" | "signal"
    name: Mapped[str]
    correlation_key: Mapped[str | None]
    by_flow: Mapped[bool] = mapped_column(default=False)  # wired inside the case: never found by name
    interrupting: Mapped[bool] = mapped_column(default=True)
    element_id: Mapped[str]
    process_key: Mapped[int]
    process_id: Mapped[str]
    instance_key: Mapped[int | None] = mapped_column(ForeignKey("instances.key"))
    case_key: Mapped[int | None]
    element_instance_key: Mapped[int | None]
    created_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_subscriptions_channel", "name", "correlation_key"),
        Index("ix_subscriptions_case", "case_key"),
        Index("ix_subscriptions_instance", "instance_key"),
    )


class CaseMessage(Base):
    """A message by a message flow that nobody in the case waits for yet: kept in the case until one does."""

    __tablename__ = "case_messages"

    key: Mapped[int] = key_column()
    case_key: Mapped[int] = mapped_column(ForeignKey("cases.key"))
    from_instance_key: Mapped[int]
    to_process_id: Mapped[str]
    to_element_id: Mapped[str]
    variables: Mapped[Any] = mapped_column(JsonText)

    __table_args__ = (Index("ix_case_messages_case", "case_key"),)
