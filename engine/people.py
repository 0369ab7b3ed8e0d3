"""Accounts and groups: who can log in, with what roles, and in which groups they are; and the programs that call."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from engine.database import Base, JsonText


class Role(StrEnum):
    """What people of the host may do; a person without a role is an outsider and sees the portal only."""

    ADMIN = "admin"
    MODELLER = "modeller"
    OPERATOR = "operator"
    MEMBER = "member"
    WORKER = "worker"  # programs only


class Person(Base):
    __tablename__ = "people"

    username: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    email: Mapped[str | None]
    organisation: Mapped[str | None]  # shown beside the name; the directory of parties binds it
    language: Mapped[str] = mapped_column(default="en")
    password_hash: Mapped[str]
    must_change_password: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    roles: Mapped[Any] = mapped_column(JsonText)  # list of Role
    created_at: Mapped[datetime]


class Group(Base):
    __tablename__ = "groups"

    group_id: Mapped[str] = mapped_column(primary_key=True)  # what lanes, pools and candidateGroups name
    name: Mapped[str]


class Membership(Base):
    __tablename__ = "memberships"

    group_id: Mapped[str] = mapped_column(ForeignKey("groups.group_id", ondelete="CASCADE"), primary_key=True)
    username: Mapped[str] = mapped_column(ForeignKey("people.username", ondelete="CASCADE"), primary_key=True)

    __table_args__ = (Index("ix_memberships_username", "username"),)


class Client(Base):
    """A program: random secret, compared as SHA-256."""

    __tablename__ = "clients"

    client_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    secret_sha256: Mapped[str]
    roles: Mapped[Any] = mapped_column(JsonText)
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
