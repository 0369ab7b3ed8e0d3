"""Accounts: whose people they are, and the language in which they are spoken to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_smorest import Blueprint
from marshmallow import ValidationError, fields, validate
from sqlalchemy import and_, func, or_, select, true
from sqlalchemy.orm import Session

from api.passerelle.parties import Language
from api.v2.fields import Answer, Bool, Key, Name, Strict, Text, answer_of, page_of, said, search_schema, text, time
from api.v2.operations import operation
from engine import parties, people, policies, search
from engine.errors import Invalid, NotFound
from engine.parties import HOST_KEY, Actor, Party, Role
from engine.people import Membership, Person
from engine.search import Field, Noun, Wanted

routes = Blueprint("people", __name__, description="Accounts of people, of the host and of other parties.")


class PersonShown(Answer):
    username = said()
    name = said()
    email = said(null=True)
    organisation = said(null=True)
    language = said()
    partyKey = said()
    partyId = said()
    partyName = said()
    roles = fields.List(fields.Str(), required=True)
    groups = fields.List(fields.Str(), required=True)
    active = said(fields.Bool)
    creationDate = said()


class Email(Text):
    """An address, in small letters."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> Any:
        try:
            return parties.email_address(super()._deserialize(value, attr, data, **more))
        except Invalid:
            raise ValidationError("expected an e-mail address") from None


_OF_PEOPLE = [role.value for role in Role if role != Role.WORKER]
_ROLES = fields.List(fields.Str(validate=validate.OneOf(_OF_PEOPLE)), validate=validate.Length(max=10))
_GROUPS = fields.List(Name(least=1), validate=validate.Length(max=200))


class CreatePerson(Strict):
    username = Text(required=True, least=1, most=100)
    password = Text(required=True, least=people.LEAST_PASSWORD, most=people.MOST_PASSWORD, metadata={"format": "password"})
    mustChangePassword = Bool()
    name = Text(least=1, most=200)
    email = Email(most=254)
    organisation = Text(most=200)
    language = Language()
    partyKey = Key()
    roles = _ROLES
    groups = _GROUPS


class PersonChanges(Strict):
    name = Text(least=1, most=200)
    email = Email(most=254, allow_none=True)
    organisation = Text(most=200, allow_none=True)
    language = Language()
    partyKey = Key()
    roles = _ROLES
    groups = _GROUPS
    active = Bool()


class UpdatePerson(Strict):
    changeset = fields.Nested(PersonChanges, required=True)


# field of the API -> field of the row, where they differ
_NAMES = {"partyKey": "party_key", "mustChangePassword": "must_change_password"}
_party_key = func.coalesce(Person.party_key, HOST_KEY)
NOUN = Noun(
    "person",
    select(
        *search.columns(Person, without=["password_hash", "party_key"]),
        Party.key.label("party_key"),
        Party.party_id,
        Party.name.label("party_name"),
    ).outerjoin(Party, Party.key == _party_key),
    Person.username,
    {
        "username": Field(Person.username),
        "name": Field(Person.name),
        "email": Field(Person.email),
        "organisation": Field(Person.organisation),
        "language": Field(Person.language),
        "partyKey": Field(Party.key, "key"),
        "partyId": Field(Party.party_id),
        "active": Field(Person.active, "bool"),
        "creationDate": Field(Person.created_at, "datetime"),
    },
    {"text": lambda words: and_(true(), *(_has(word) for word in words.split()))},
    key_kind="string",
)
Search = search_schema(NOUN, text=Text(most=200, metadata={"description": "Words of the name, the user name and the organisation."}))


def _has(word: str) -> Any:
    return or_(*(column.icontains(word, autoescape=True) for column in (Person.name, Person.username, Person.organisation)))


def _shown(session: Session, rows: Sequence[Any]) -> list[dict[str, Any]]:
    groups: dict[str, list[str]] = {}
    usernames = [row.username for row in rows]
    in_groups = select(Membership.username, Membership.group_id).where(Membership.username.in_(usernames)).order_by(Membership.group_id)
    for username, group_id in session.execute(in_groups):
        groups.setdefault(username, []).append(group_id)
    return [
        {
            "username": row.username,
            "name": row.name,
            "email": row.email,
            "organisation": row.organisation,
            "language": row.language,
            "partyKey": text(row.party_key),
            "partyId": row.party_id,
            "partyName": row.party_name,
            "roles": row.roles or [],
            "groups": groups.get(row.username, []),
            "active": row.active,
            "creationDate": time(row.created_at),
        }
        for row in rows
    ]


def _one(session: Session, username: str, by: Actor) -> dict[str, Any]:
    row = session.execute(NOUN.base.where(Person.username == username, policies.manageable_people(by))).first()
    if row is None:
        raise NotFound(f"Expected a person {username!r}, found none.")
    return _shown(session, [row])[0]


@operation(
    routes, "POST", "/people/search", name="searchPeople", may="manage parties", body=Search, answer=answer_of("Person", PersonShown)
)
def find(session: Session, body: Wanted, *, by: Actor) -> dict[str, Any]:
    """Search the accounts that you may manage."""
    page = search.run(session, NOUN, body, visible=policies.manageable_people(by))
    return page_of(_shown(session, page.rows), page)


@operation(routes, "GET", "/people/<username>", name="getPerson", may="manage parties", answer=PersonShown)
def get(session: Session, username: str, *, by: Actor) -> dict[str, Any]:
    """One account."""
    return _one(session, username, by)


@operation(routes, "POST", "/people", name="createPerson", may="manage parties", body=CreatePerson, answer=PersonShown, command=True)
def create(session: Session, body: dict[str, Any], *, by: Actor) -> dict[str, Any]:
    """Add an account; without a party it is the host's. The password is changed at the first log-in, unless told otherwise."""
    about = {_NAMES.get(name, name): value for name, value in body.items()}
    people.create_person(session, **({"must_change_password": True} | about), by=by)
    return _one(session, body["username"], by)


@operation(
    routes, "PATCH", "/people/<username>", name="updatePerson", may="manage parties", body=UpdatePerson, answer=PersonShown, command=True
)
def update(session: Session, username: str, body: dict[str, Any], *, by: Actor) -> dict[str, Any]:
    """Change an account; null empties a field."""
    _one(session, username, by)
    changes = {_NAMES.get(name, name): value for name, value in body["changeset"].items()}
    groups = changes.pop("groups", None)
    people.update_person(session, username, changes, by=by)
    if groups is not None:
        people.set_groups(session, username, groups, by=by)
    session.flush()
    return _one(session, username, by)
