"""Accounts and groups: who can log in, with what roles, and in which groups they are; and the programs that call."""

import hashlib
import hmac
import re
import secrets
import threading
import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import ForeignKey, Index, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import clock, parties
from engine.database import Base, JsonText, after_commit, lock_channels
from engine.errors import AlreadyExists, Busy, Invalid, NotFound
from engine.parties import Actor, Role


class Person(Base):
    __tablename__ = "people"

    username: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    email: Mapped[str | None]
    organisation: Mapped[str | None]  # shown beside the name
    party_key: Mapped[int | None] = mapped_column(ForeignKey("parties.key"))  # None: the host
    language: Mapped[str] = mapped_column(default="en")
    password_hash: Mapped[str]
    must_change_password: Mapped[bool] = mapped_column(default=False)
    active: Mapped[bool] = mapped_column(default=True)
    roles: Mapped[Any] = mapped_column(JsonText)  # list of Role
    created_at: Mapped[datetime]

    __table_args__ = (Index("ix_people_party", "party_key"),)


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


# -- accounts -----------------------------------------------------------------------------------------------------

LEAST_PASSWORD, MOST_PASSWORD = 10, 1000
_USERNAME = re.compile(r"[\w.@+-]{1,100}")
_ROLES_OF_PEOPLE = frozenset(Role) - {Role.WORKER}


def create_person(
    session: Session,
    username: str,
    *,
    password: str,
    name: str | None = None,
    email: str | None = None,
    organisation: str | None = None,
    language: str = "en",
    party_key: int | None = None,
    roles: Iterable[str] = (),
    groups: Iterable[str] = (),
    must_change_password: bool = False,
    password_hash: str | None = None,
    by: Actor,
) -> Person:
    """A new account; `party_key`: whose people it belongs to, None: the host's; `password_hash`: see hash_of.

    Raises AlreadyExists, Invalid, NotFound.
    """
    party_key = _known_party(session, party_key)
    wanted, groups = _known_roles(roles, _ROLES_OF_PEOPLE), list(groups)
    _require_manager_of(by, party_key)
    _expect_none_beside_a_party(party_key, roles=wanted)
    if not _USERNAME.fullmatch(username):
        raise Invalid("Expected a user name of letters, digits and . @ + - _", fields={"username": "letters, digits and . @ + - _"})
    check_password(password)
    if session.get(Person, username) is not None:
        raise AlreadyExists(f"There is a person {username!r} already.")
    person = Person(
        username=username,
        name=(name or username).strip(),
        email=email,
        organisation=organisation,
        party_key=party_key,
        language=language,
        password_hash=password_hash or hash_of(password),
        must_change_password=must_change_password,
        active=True,
        roles=wanted,
        created_at=clock.machine_now(),
    )
    session.add(person)
    session.flush()
    if groups:
        set_groups(session, username, groups, by=by)
    return person


def update_person(session: Session, username: str, changes: Mapping[str, Any], *, by: Actor) -> None:
    """Change name, email, organisation, language, party_key, roles, active."""
    person = expect_person(session, username)
    _require_manager_of(by, person.party_key)
    fine: dict[str, Any] = {}
    for field, value in changes.items():
        if field not in ("name", "email", "organisation", "language", "party_key", "roles", "active"):
            raise Invalid(f"Expected a field that can be changed, found {field!r}.", fields={field: "unknown field"})
        fine[field] = _known_roles(value, _ROLES_OF_PEOPLE) if field == "roles" else value
    if "party_key" in fine:
        fine["party_key"] = _known_party(session, fine["party_key"])
        _require_manager_of(by, fine["party_key"])
    _expect_none_beside_a_party(fine.get("party_key", person.party_key), roles=fine.get("roles", person.roles))
    for field, value in fine.items():
        setattr(person, field, value)
    _changed(session)


def expect_person(session: Session, username: str) -> Person:
    person = session.get(Person, username)
    if person is None:
        raise NotFound(f"Expected a person {username!r}, found none.")
    return person


def set_language(session: Session, username: str, language: str) -> None:
    expect_person(session, username).language = language


def check_password(password: str) -> None:
    """Raises Invalid."""
    if not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD:
        raise Invalid(
            f"Expected a password of at least {LEAST_PASSWORD} characters.", fields={"password": f"at least {LEAST_PASSWORD} characters"}
        )


def hash_of(password: str) -> str:
    """What is kept of a password. Takes long on purpose: made before the transaction, because with SQLite nobody else writes during it."""
    return _hasher().hash(password)


def set_password(
    session: Session, username: str, password: str, *, must_change: bool = False, password_hash: str | None = None
) -> None:
    """`password_hash`: see hash_of. Raises Invalid, NotFound."""
    check_password(password)
    person = expect_person(session, username)
    person.password_hash = password_hash or hash_of(password)
    person.must_change_password = must_change
    _changed(session)


def create_group(session: Session, group_id: str, name: str, *, by: Actor) -> Group:
    _require_manager(by)
    if not group_id or session.get(Group, group_id) is not None:
        raise AlreadyExists(f"There is a group {group_id!r} already.")
    group = Group(group_id=group_id, name=name)
    session.add(group)
    session.flush()
    return group


def save_group(session: Session, group_id: str, *, name: str | None = None, members: Iterable[str] | None = None, by: Actor) -> None:
    """Rename a group, or say who is in it. Raises NotFound, also where there is no such person."""
    _require_manager(by)
    _one_at_a_time(session)
    group = session.get(Group, group_id)
    if group is None:
        raise NotFound(f"Expected a group {group_id!r}, found none.")
    group.name = name or group.name
    if members is not None:
        wanted = list(dict.fromkeys(members))
        known = set(session.scalars(select(Person.username).where(Person.username.in_(name for name in wanted if "\x00" not in name))))
        missing = [username for username in wanted if username not in known]
        if missing:
            raise NotFound(f"Expected a person {missing[0][:40]!r}, found none.")
        session.execute(delete(Membership).where(Membership.group_id == group_id))
        session.add_all(Membership(group_id=group_id, username=username) for username in wanted)
    _changed(session)


def _one_at_a_time(session: Session) -> None:
    # whoever says who is in a group, and whoever says what groups somebody is in, write the same rows in another order
    lock_channels(session, ["memberships"])


def set_groups(session: Session, username: str, groups: Iterable[str], *, by: Actor) -> None:
    """Exactly these groups. Raises NotFound where one does not exist."""
    _require_manager(by)
    _one_at_a_time(session)
    wanted = list(dict.fromkeys(groups))
    known = set(session.scalars(select(Group.group_id).where(Group.group_id.in_(wanted))))
    missing = [group_id for group_id in wanted if group_id not in known]
    if missing:
        raise NotFound(f"Expected a group {missing[0]!r}, found none.")
    session.execute(delete(Membership).where(Membership.username == username))
    session.add_all(Membership(group_id=group_id, username=username) for group_id in wanted)
    _changed(session)


def create_client(session: Session, client_id: str, *, name: str, secret: str, roles: Iterable[str], by: Actor) -> Client:
    """The account of a program; its secret is random and long, so SHA-256 will do."""
    _require_manager(by)
    if session.get(Client, client_id) is not None:
        raise AlreadyExists(f"There is a client {client_id!r} already.")
    client = Client(
        client_id=client_id,
        name=name,
        secret_sha256=_sha256(secret),
        roles=_known_roles(roles, frozenset(Role)),
        active=True,
        created_at=clock.machine_now(),
    )
    session.add(client)
    _changed(session)
    return client


def _known_roles(roles: Iterable[str], allowed: frozenset[Role]) -> list[str]:
    wanted = list(dict.fromkeys(str(role) for role in roles))
    for role in wanted:
        if role not in allowed:
            raise Invalid(f"Expected one of {', '.join(sorted(allowed))}, found {role!r}.", fields={"roles": "a known role"})
    return wanted


def _known_party(session: Session, party_key: int | None) -> int | None:
    return parties.foreign_key_of(None if party_key is None else parties.expect(session, party_key).key)


def _expect_none_beside_a_party(party_key: int | None, *, roles: Iterable[str]) -> None:
    # a role is a right in this house: whoever belongs to another company has none
    if party_key is not None and list(roles):
        raise Invalid("Expected no roles for a person of another company.", fields={"roles": "none for a person of another company"})


def _require_manager(by: Actor) -> None:
    from engine import policies  # policies reads rows of many nouns, people among them

    policies.require(policies.may_manage_people(by))


def _require_manager_of(by: Actor, party_key: int | None) -> None:
    from engine import policies

    policies.require(policies.may_manage_people_of(by, party_key))


# -- who is that? -------------------------------------------------------------------------------------------------

REMEMBERED = 300.0  # seconds that a verified password is remembered, under a keyed hash that includes the stored one
FRESH = 1.0  # seconds that an account is remembered by other processes than the one that changed it
TRIES, TRIES_WINDOW = 10, 60.0  # wrong passwords for one account, then it waits
_AT_ONCE = threading.BoundedSemaphore(2)  # argon2 takes 64 MB and 250 ms: guesses must not take the machine

_key = secrets.token_bytes(32)
_verified: dict[bytes, float] = {}
_wrong: dict[str, list[float]] = {}
_actors: dict[str, tuple[float, Any, Actor]] = {}
_memory = threading.Lock()


def verify(session: Session, username: str, password: str) -> Person | None:
    """The person, where the password is right and the account active. Raises Busy after too many wrong ones."""
    person = session.get(Person, username)
    stored = person.password_hash if person is not None else _nobody()
    if not _is_right(username, password, stored) or person is None or not person.active:
        return None
    return person


def _is_right(username: str, password: str, stored: str) -> bool:
    digest = hmac.digest(_key, f"{username}\0{stored}\0{password}".encode("utf-8", "surrogatepass"), "sha256")
    now = time.monotonic()
    with _memory:
        until = _verified.get(digest)
        if until is not None and until > now:
            return True
        recent = [at for at in _wrong.get(username, ()) if at > now - TRIES_WINDOW]
    if len(recent) >= TRIES:
        raise Busy("Too many wrong passwords for this account; wait a minute.")
    right = len(password) <= MOST_PASSWORD and _matches(stored, password)
    with _memory:
        if right:
            if len(_verified) > 10_000:
                _verified.clear()
            _verified[digest] = now + REMEMBERED
            _wrong.pop(username, None)
        else:
            if len(_wrong) > 10_000:
                _wrong.clear()
            _wrong[username] = [*recent, now]
    return right


def _matches(stored: str, password: str) -> bool:
    with _AT_ONCE:
        try:
            return _hasher().verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobody() -> str:
    """A hash that no password has: an unknown name takes as long as a wrong password."""
    return _hasher().hash(secrets.token_urlsafe(32))


def actor_of(session: Session, person: Person) -> Actor:
    groups = session.scalars(select(Membership.group_id).where(Membership.username == person.username))
    party = None if person.party_key is None else parties.expect(session, person.party_key)
    return Actor(
        id=f"person:{person.username}",
        username=person.username,
        name=person.name,
        roles=frozenset(person.roles or ()) if person.party_key is None else frozenset(),
        groups=frozenset(groups),
        language=person.language,
        party_key=person.party_key,
        party_kind=None if party is None else party.kind,
        party_id=None if party is None else party.party_id,
    )


def actor_with_password(session: Session, username: str, password: str) -> Actor | None:
    """As `verify` and `actor_of`, but an account is read at most once a second."""
    known = _remembered(f"person:{username}")
    if known is not None:
        stored, actor = known
        return actor if _is_right(username, password, stored) else None
    person = verify(session, username, password)
    if person is None:
        return None
    actor = actor_of(session, person)
    _remember(actor, person.password_hash)
    return actor


def actor_with_secret(session: Session, client_id: str, secret: str) -> Actor | None:
    client = session.get(Client, client_id)
    if client is None or not client.active or not hmac.compare_digest(client.secret_sha256, _sha256(secret)):
        return None
    return _actor_of_client(client)


def actor_of_client(session: Session, client_id: str, stamp: str) -> Actor | None:
    """For a token that was given to the client while its secret had this stamp (`stamp_of`)."""
    known = _remembered(f"client:{client_id}")
    if known is not None:
        return known[1] if known[0] == stamp else None
    client = session.get(Client, client_id)
    if client is None or not client.active:
        return None
    actor = _actor_of_client(client)
    _remember(actor, client.secret_sha256[:16])
    return actor if client.secret_sha256[:16] == stamp else None


def stamp_of(session: Session, client_id: str) -> str:
    client = session.get_one(Client, client_id)
    return client.secret_sha256[:16]


def _actor_of_client(client: Client) -> Actor:
    return Actor(id=f"client:{client.client_id}", username=client.client_id, name=client.name, roles=frozenset(client.roles or ()))


def _remembered(actor_id: str) -> tuple[Any, Actor] | None:
    found = _actors.get(actor_id)
    return None if found is None or found[0] < time.monotonic() else (found[1], found[2])


def _remember(actor: Actor, proof: Any) -> None:
    with _memory:
        if len(_actors) > 10_000:
            _actors.clear()
        _actors[actor.id] = (time.monotonic() + FRESH, proof, actor)


def _changed(session: Session) -> None:
    after_commit(session, _actors.clear)


def _sha256(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
