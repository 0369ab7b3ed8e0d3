"""Who takes part: the parties of the directory, and the actor who is asking right now."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Index, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import calendars, clock, keys
from engine.database import Base, JsonText, key_column, only_where
from engine.errors import AlreadyExists, Invalid, NotFound
from engine.mail_addresses import is_address


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

    id: str  # "person:anna", "client:erp", "guest:<link key>", "platform"
    username: str | None = None  # persons: the account; clients: the client id
    name: str = ""
    roles: frozenset[str] = field(default_factory=frozenset)
    groups: frozenset[str] = field(default_factory=frozenset)
    language: str = "en"
    party_key: int | None = None  # the partner or customer that the actor belongs to; None: the host
    party_kind: str | None = None  # partner | customer; None: the host
    party_id: str | None = None
    link_key: int | None = None  # a guest: the link that opened the door
    handoff_keys: frozenset[int] = field(default_factory=frozenset)  # a guest: the handoffs that the door leads to

    @property
    def is_person(self) -> bool:
        return self.id.startswith("person:")

    @property
    def is_guest(self) -> bool:
        return self.link_key is not None


PLATFORM = Actor(id="platform", name="Passerelle", roles=frozenset({"platform"}))


# -- parties ------------------------------------------------------------------------------------------------------


class PartyKind(StrEnum):
    HOST = "host"  # the company that runs this installation: there is exactly one
    PARTNER = "partner"
    CUSTOMER = "customer"


class Party(Base):
    """An organisation or a customer. What the clocks need of it (zone, country, timetable) see calendars.py."""

    __tablename__ = "parties"

    key: Mapped[int] = key_column()
    party_id: Mapped[str] = mapped_column(unique=True)  # what models name
    name: Mapped[str]
    kind: Mapped[str]
    language: Mapped[str]
    time_zone: Mapped[str]  # IANA
    country: Mapped[str | None]  # ISO 3166, with a subdivision or without: FR, DE-BY
    timetable: Mapped[Any] = mapped_column(JsonText, nullable=True)  # {"mon": [["08:00", "12:00"], ...], ...}; None: Mon-Fri 9-17
    contacts: Mapped[Any] = mapped_column(JsonText)  # [{name, email, language?, phone?}]; mail goes to the first
    email: Mapped[str | None]  # customers: the address that was proven, in small letters
    words: Mapped[str]  # what a search looks through: small letters without accents
    active: Mapped[bool]
    created_at: Mapped[datetime]

    __table_args__ = (
        Index("uq_parties_host", "kind", unique=True, **only_where("kind = 'host'")),
        Index("uq_parties_email", "email", unique=True, **only_where("email IS NOT NULL")),  # a customer is one party
        Index("ix_parties_name", "name", "key"),
    )


HOST_KEY = 1  # no other key is so small: keys.new counts milliseconds
HOST_ID = "host"
HOST_NAME = "Our company"  # until somebody gives it its own
LANGUAGES = ("en", "fr")

_PARTY_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")
_EMAIL = re.compile(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\".]+(\.[^@\s,;<>\".]+)+")
_MOST_CONTACTS, _MOST_FOUND = 20, 50


def host(session: Session) -> Party:
    """The company that runs this installation; made where it is not there yet."""
    found = session.get(Party, HOST_KEY)
    if found is None:
        found = _new(session, HOST_KEY, party_id=HOST_ID, name=HOST_NAME, kind=PartyKind.HOST, language="en", time_zone="UTC")
    return found


def expect(session: Session, key: int) -> Party:
    found = session.get(Party, key)
    if found is None:
        raise NotFound(f"Expected a party with key {key}, found none.")
    return found


def by_party_id(session: Session, party_id: str) -> Party | None:
    """The party that a model names; inactive ones too."""
    return session.scalars(select(Party).where(Party.party_id == party_id)).first()


def names(session: Session, wanted: Iterable[int | None]) -> dict[int, str]:
    """Names by key; None is nobody."""
    some = {key for key in wanted if key is not None}
    rows = session.execute(select(Party.key, Party.name).where(Party.key.in_(some))).all() if some else []
    return {key: name for key, name in rows}


def foreign_key_of(key: int | None) -> int | None:
    """How rows name a party: None for the host."""
    return None if key == HOST_KEY else key


def search(session: Session, text: str = "", kind: str | None = None, *, among: Iterable[ColumnElement[bool]] = ()) -> list[Party]:
    """At most 50 active parties in whose name, id or contacts each word of `text` is found, by name."""
    statement = select(Party).where(Party.active.is_(True), *found_by(text), *among).order_by(*by_name()).limit(_MOST_FOUND)
    return list(session.scalars(statement if kind is None else statement.where(Party.kind == kind)))


def found_by(text: str) -> list[Any]:
    """The conditions under which a party is found by these words."""
    return [Party.words.contains(word, autoescape=True) for word in folded(text).split()]


def by_name() -> tuple[Any, ...]:
    """An order in which "Élan" stands between "Durand" and "Frank", whatever the database: the words begin with the name."""
    return Party.words, Party.key


def folded(text: str) -> str:
    """Small letters without accents, so that "Éts Müller" is found by "ets mull"."""
    return "".join(char for char in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(char))


def customer(session: Session, email: str, name: str | None = None, language: str | None = None) -> Party:
    """The one party of a customer's proven address; made the first time. Raises Invalid for what is no address."""
    address = email_address(email)
    known = session.scalars(select(Party).where(Party.email == address)).first()
    if known is not None:
        return known
    its_name = (name or "").strip() or address.partition("@")[0]
    us = host(session)
    chosen = language if language in LANGUAGES else us.language
    about = {"name": its_name, "language": chosen, "time_zone": us.time_zone, "country": us.country}
    key = keys.new()
    contacts = [{"name": its_name, "email": address}]
    return _new(session, key, party_id=f"customer-{key:x}", kind=PartyKind.CUSTOMER, contacts=contacts, email=address, **about)


def named(session: Session, name: str, email: str, kind: str) -> Party:
    """The party that somebody wrote down by name and address: the active one that has this address already, else a new one.

    For whoever passes work on to somebody who is not in the directory; no right to keep the directory is needed. Raises Invalid.
    """
    address = email_address(email)
    if kind == PartyKind.CUSTOMER:
        return customer(session, address, name)
    known = select(Party).where(Party.kind == kind, Party.active, *found_by(address)).order_by(*by_name())
    for party in session.scalars(known):
        if any(contact["email"] == address for contact in party.contacts):
            return party
    fine = checked({"name": name, "kind": kind, "contacts": [{"name": name, "email": address}]})
    return put(session, as_the_host(session) | fine | {"party_id": _free_id(session, fine["name"])})


def email_address(text: str) -> str:
    """The address in small letters, as two writings of it are compared. Raises Invalid."""
    found = text.strip().lower()
    if not _EMAIL.fullmatch(found) or not is_address(found):
        raise Invalid("Expected an e-mail address such as anna@example.com.", fields={"email": "an e-mail address"})
    return found


# -- keeping the directory ----------------------------------------------------------------------------------------


def save(session: Session, about: Mapping[str, Any], *, key: int | None = None, by: Actor) -> Party:
    """Add a party, or with `key` change what `about` names: the fields of Party that people write, as they are kept.

    A new party needs a name; without party_id it gets one made from its name, without zone, country and language the host's.
    Raises Invalid that names every wrong field, AlreadyExists.
    """
    from engine import policies  # policies reads rows of many nouns, these among them

    policies.require(policies.may_manage_parties(by))
    party = None if key is None else expect(session, key)
    fine = checked(about, party)
    if party is None:
        fine = as_the_host(session) | fine
        fine.setdefault("party_id", _free_id(session, fine["name"]))
    _expect_nobody_else(session, fine, party)
    return put(session, fine, party)


def put(session: Session, fine: Mapping[str, Any], party: Party | None = None) -> Party:
    """Write down what was checked before, in a new party or in this one."""
    if party is None:
        return _new(session, keys.new(), **fine)
    for name, value in fine.items():
        setattr(party, name, value)
    party.words = _words(party)
    session.flush()
    return party


def introduce(session: Session, known: Mapping[str, Any], *, by: Actor) -> dict[str, int]:
    """The `parties` and the `host` of a sample's people.json, as far as they are not there yet; keys by party id."""
    us = host(session)
    if us.name == HOST_NAME and "host" in known:
        save(session, known["host"], key=us.key, by=by)
    keys_by_id = {us.party_id: us.key}
    for about in known.get("parties", ()):
        found = by_party_id(session, about["party_id"]) or save(session, about, by=by)
        keys_by_id[found.party_id] = found.key
    return keys_by_id


def as_the_host(session: Session) -> dict[str, Any]:
    """What a new partner has where nobody says otherwise."""
    us = host(session)
    return {"kind": PartyKind.PARTNER, "language": us.language, "time_zone": us.time_zone, "country": us.country}


def checked(about: Mapping[str, Any], party: Party | None = None) -> dict[str, Any]:
    """`about` as it is kept, for a new party or for a change of `party`. Raises Invalid that names every wrong field."""
    wrong: dict[str, str] = {}
    fine: dict[str, Any] = {}
    for name, value in about.items():
        try:
            fine[name] = _FIELDS[name](value) if name in _FIELDS else _refuse("a field that can be changed")
        except Invalid as error:
            wrong |= error.details["fields"] if name == "contacts" else {name: next(iter(error.details["fields"].values()))}
    if party is None and "name" not in about:
        wrong["name"] = "a name"
    is_host = party is not None and party.kind == PartyKind.HOST
    if "kind" in fine and (fine["kind"] == PartyKind.HOST) != is_host:
        wrong["kind"] = "host for the company that runs this installation alone"
    if is_host and fine.get("active") is False:
        wrong["active"] = "a host that is active"
    if wrong:
        raise Invalid("Expected " + "; ".join(f"{name}: {expected}" for name, expected in wrong.items()) + ".", fields=wrong)
    kind = fine.get("kind", party.kind if party is not None else PartyKind.PARTNER)
    if kind == PartyKind.CUSTOMER and fine.get("contacts"):
        fine["email"] = fine["contacts"][0]["email"]
    elif "kind" in fine and kind != PartyKind.CUSTOMER:
        fine["email"] = None
    return fine


def _expect_nobody_else(session: Session, fine: Mapping[str, Any], party: Party | None) -> None:
    for column, words in ((Party.party_id, "id"), (Party.email, "e-mail address")):
        value = fine.get(column.key)
        if value is None:
            continue
        other = session.scalars(select(Party).where(column == value)).first()
        if other is not None and other is not party:
            raise AlreadyExists(f"There is a party with the {words} {value!r} already.", field=column.key)


def _new(session: Session, key: int, **about: Any) -> Party:
    given = {"country": None, "timetable": None, "contacts": [], "email": None, "active": True} | about
    party = Party(key=key, created_at=clock.machine_now(), words="", **given)
    party.words = _words(party)
    session.add(party)
    session.flush()
    return party


def _words(party: Party) -> str:
    contacts = [contact.get(part, "") for contact in party.contacts or () for part in ("name", "email")]
    return folded(" ".join([party.name, party.party_id, *contacts]))


def _free_id(session: Session, name: str) -> str:
    wanted = id_from_name(name, ())
    return id_from_name(name, set(session.scalars(select(Party.party_id).where(Party.party_id.startswith(wanted, autoescape=True)))))


def id_from_name(name: str, taken: Collection[str]) -> str:
    """ "Éts Müller & Fils" is ets-muller-fils, the second of that name ets-muller-fils-2."""
    wanted = re.sub(r"[^a-z0-9]+", "-", folded(name)).strip("-")[:50].strip("-") or "party"
    return next(found for found in (wanted, *(f"{wanted}-{n}" for n in range(2, len(taken) + 3))) if found not in taken)


# -- what the fields take -----------------------------------------------------------------------------------------


def _refuse(expected: str) -> Any:
    raise Invalid(f"Expected {expected}.", fields={"": expected})


def _text(expected: str, most: int) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        text = value.strip() if isinstance(value, str) else ""
        return text if text and len(text) <= most and text.isprintable() else str(_refuse(f"{expected} of at most {most} characters"))

    return read


def _one_of(words: Iterable[str]) -> Callable[[Any], str]:
    return lambda value: str(value) if value in tuple(words) else str(_refuse(f"one of {', '.join(words)}"))


def _party_id(value: Any) -> str:
    if not isinstance(value, str) or not _PARTY_ID.fullmatch(value):
        _refuse("at most 63 of a-z, 0-9 and . _ -, a letter or digit first")
    return str(value)


def _contacts(value: Any) -> list[dict[str, str]]:
    if not isinstance(value, list) or len(value) > _MOST_CONTACTS:
        raise Invalid("Expected contacts.", fields={"contacts": f"a list of at most {_MOST_CONTACTS} contacts"})
    wrong: dict[str, str] = {}
    found = []
    for number, contact in enumerate(value):
        fine = {}
        for name, given in (contact if isinstance(contact, Mapping) else {"": None}).items():
            if given in (None, "") and name in ("language", "phone"):
                continue
            try:
                fine[name] = _CONTACT[name](given) if name in _CONTACT else _refuse("name, email, language, phone")
            except Invalid as error:
                wrong[f"contacts.{number}.{name}"] = next(iter(error.details["fields"].values()))
        if "email" not in fine:
            wrong.setdefault(f"contacts.{number}.email", "an e-mail address")
        found.append({"name": fine.get("email", ""), **fine})
    if wrong:
        raise Invalid("Expected contacts.", fields=wrong)
    return found


_CONTACT: Mapping[str, Callable[[Any], str]] = {
    "name": _text("a name", 200),
    "email": lambda value: email_address(value if isinstance(value, str) else ""),
    "language": _one_of(LANGUAGES),
    "phone": _text("a telephone number", 40),
}
_FIELDS: Mapping[str, Callable[[Any], Any]] = {
    "party_id": _party_id,
    "name": _text("a name", 200),
    "kind": _one_of(tuple(PartyKind)),
    "language": _one_of(LANGUAGES),
    "time_zone": calendars.time_zone,
    "country": calendars.country,
    "timetable": calendars.timetable,
    "contacts": _contacts,
    "active": lambda value: value if isinstance(value, bool) else _refuse("true or false"),
}
