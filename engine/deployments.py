"""Models that may be started: checked once, numbered, never changed."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, JsonText, key_column


class Deployment(Base):
    __tablename__ = "deployments"

    key: Mapped[int] = key_column()
    deployed_by: Mapped[str | None]
    created_at: Mapped[datetime]


class Resource(Base):
    """A file as it was deployed, byte for byte."""

    __tablename__ = "resources"

    key: Mapped[int] = key_column()
    deployment_key: Mapped[int] = mapped_column(ForeignKey("deployments.key"))
    name: Mapped[str]
    content: Mapped[bytes]
    content_hash: Mapped[str]

    __table_args__ = (Index("ix_resources_name", "name", "key"),)


class Process(Base):
    __tablename__ = "processes"

    key: Mapped[int] = key_column()
    process_id: Mapped[str]
    version: Mapped[int]
    name: Mapped[str | None]
    version_tag: Mapped[str | None]
    pool: Mapped[str | None]
    resource_key: Mapped[int] = mapped_column(ForeignKey("resources.key"))
    resource_name: Mapped[str]
    deployment_key: Mapped[int]
    content_hash: Mapped[str]  # the same file again is the same version
    has_start_form: Mapped[bool] = mapped_column(default=False)
    warnings: Mapped[Any] = mapped_column(JsonText, nullable=True)
    created_at: Mapped[datetime]

    __table_args__ = (Index("uq_processes_version", "process_id", "version", unique=True),)


class Form(Base):
    __tablename__ = "forms"

    key: Mapped[int] = key_column()
    form_id: Mapped[str]
    version: Mapped[int]
    schema: Mapped[str] = mapped_column(Text)  # form-js JSON as deployed
    resource_name: Mapped[str]
    deployment_key: Mapped[int]
    content_hash: Mapped[str]
    created_at: Mapped[datetime]

    __table_args__ = (Index("uq_forms_version", "form_id", "version", unique=True),)
