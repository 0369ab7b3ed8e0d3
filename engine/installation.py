"""What this installation knows of itself: secret, pinned clock, node numbers, the next free case numbers."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, JsonText


class Fact(Base):
    __tablename__ = "installation"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(JsonText, nullable=True)


class Node(Base):
    """A process of ours that makes keys: its number is leased, and taken over when it was not renewed."""

    __tablename__ = "nodes"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    holder: Mapped[str]
    until: Mapped[datetime]
