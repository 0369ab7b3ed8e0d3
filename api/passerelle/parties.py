"""The directory: the host, its partners and customers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_smorest import Blueprint
from marshmallow import ValidationError, fields
from sqlalchemy import and_, select, true
from sqlalchemy.orm import Session

from api.v2.fields import Answer, Bool, Described, Strict, Text, answer_of, page_of, said, search_schema, text, time
from api.v2.operations import operation
from engine import calendars, parties, policies, search
from engine.errors import Invalid, NotFound
from engine.parties import LANGUAGES, Actor, Party, PartyKind
from engine.search import Field, Noun, Wanted

routes = Blueprint("parties", __name__, description="Who takes part: the host, its partners and customers.")


# -- what a party is asked for ------------------------------------------------------------------------------------


class _Kept(Described):
    """A field that the engine reads."""

    READ: Callable[[Any], Any]

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        try:
            return type(self).READ(value)
        except Invalid as error:
            raise ValidationError(f"expected {next(iter(error.details['fields'].values()))}") from None


def _reader(name: str) -> Any:
    return staticmethod(lambda value: parties.checked({name: value, "name": "x"})[name])


class PartyId(_Kept):
    DESCRIPTION: Mapping[str, Any] = {"type": "string", "pattern": "^[a-z0-9][a-z0-9._-]{0,62}$"}
    READ = _reader("party_id")


class TimeZone(_Kept):
    DESCRIPTION: Mapping[str, Any] = {"type": "string", "examples": ["Europe/Paris"]}
    READ = staticmethod(calendars.time_zone)


class Country(_Kept):
    DESCRIPTION: Mapping[str, Any] = {"type": ["string", "null"], "examples": ["FR", "DE-BY"]}
    READ = staticmethod(calendars.country)


_SPANS = {
    "type": "array",
    "items": {"type": "array", "items": {"type": "string", "pattern": "^[0-2][0-9]:[0-5][0-9]$"}, "minItems": 2, "maxItems": 2},
}


class Timetable(_Kept):
    """Weekday -> spans of local time; null: Monday to Friday, 9 to 17."""

    DESCRIPTION: Mapping[str, Any] = {
        "type": ["object", "null"],
        "properties": dict.fromkeys(calendars.DAYS, _SPANS),
        "additionalProperties": False,
        "examples": [{"mon": [["08:00", "12:00"], ["13:00", "17:00"]]}],
    }
    READ = staticmethod(calendars.timetable)


def _one_of(words: tuple[str, ...], name: str) -> Any:
    return type(f"{name.title()}Field", (_Kept,), {"DESCRIPTION": {"type": "string", "enum": list(words)}, "READ": _reader(name)})


Language = _one_of(LANGUAGES, "language")
Kind = _one_of((PartyKind.PARTNER, PartyKind.CUSTOMER), "kind")


class Contacts(_Kept):
    """Mail goes to the first."""

    DESCRIPTION: Mapping[str, Any] = {
        "type": "array",
        "maxItems": 20,
        "items": {
            "type": "object",
            "required": ["email"],
            "properties": {
                "name": {"type": "string"},
                "email": {"type": "string", "format": "email"},
                "language": {"type": "string", "enum": list(LANGUAGES)},
                "phone": {"type": "string"},
            },
            "additionalProperties": False,
        },
    }

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        try:
            return parties.checked({"contacts": value, "name": "x"})["contacts"]
        except Invalid as error:
            wrong: dict[str, Any] = {}
            for place, expected in error.details["fields"].items():
                _, _, inner = place.partition(".")
                number, _, name = inner.partition(".")
                wrong.setdefault(number or "_schema", {})[name or "_schema"] = [f"expected {expected}"]
            raise ValidationError(wrong) from None


# -- schemas ------------------------------------------------------------------------------------------------------

# field of the API -> field of the row
_NAMES = {
    "partyId": "party_id",
    "name": "name",
    "kind": "kind",
    "language": "language",
    "timeZone": "time_zone",
    "country": "country",
    "timetable": "timetable",
    "contacts": "contacts",
    "active": "active",
}


class PartyShown(Answer):
    partyKey = said()
    partyId = said()
    name = said()
    kind = said()
    language = said()
    timeZone = said()
    country = said(null=True)
    timetable = said(fields.Raw, null=True, metadata=dict(Timetable.DESCRIPTION))
    contacts = said(fields.Raw, metadata=dict(Contacts.DESCRIPTION))
    active = said(fields.Bool)
    creationDate = said()


class CreateParty(Strict):
    partyId = PartyId()
    name = Text(required=True, least=1, most=200)
    kind = Kind()
    language = Language()
    timeZone = TimeZone()
    country = Country()
    timetable = Timetable()
    contacts = Contacts()
    active = Bool()


class PartyChanges(Strict):
    partyId = PartyId()
    name = Text(least=1, most=200)
    kind = Kind()
    language = Language()
    timeZone = TimeZone()
    country = Country(allow_none=True)
    timetable = Timetable(allow_none=True)
    contacts = Contacts()
    active = Bool()


class UpdateParty(Strict):
    changeset = fields.Nested(PartyChanges, required=True)


NOUN = Noun(
    "party",
    select(*search.columns(Party, without=["words"])),
    Party.key,
    {
        "partyKey": Field(Party.key, "key"),
        "partyId": Field(Party.party_id),
        "name": Field(Party.name),
        "kind": Field(Party.kind, "enum", {kind.value: [kind.value] for kind in PartyKind}),
        "language": Field(Party.language),
        "timeZone": Field(Party.time_zone),
        "country": Field(Party.country),
        "active": Field(Party.active, "bool"),
        "creationDate": Field(Party.created_at, "datetime"),
    },
    {"text": lambda words: and_(true(), *parties.found_by(words))},
)
Search = search_schema(NOUN, text=Text(most=200, metadata={"description": "Words of the name, the id and the contacts."}))


def shown(party: Any) -> dict[str, Any]:
    return {
        "partyKey": text(party.key),
        **{name: getattr(party, column) for name, column in _NAMES.items()},
        "creationDate": time(party.created_at),
    }


# -- operations ---------------------------------------------------------------------------------------------------


@operation(routes, "POST", "/parties/search", name="searchParties", may="see parties", body=Search, answer=answer_of("Party", PartyShown))
def find(session: Session, body: Wanted, *, by: Actor) -> dict[str, Any]:
    """Search the directory."""
    page = search.run(session, NOUN, body, visible=policies.visible_parties(by))
    return page_of([shown(row) for row in page.rows], page)


@operation(routes, "GET", "/parties/<partyKey>", name="getParty", may="see parties", answer=PartyShown)
def get(session: Session, party_key: int, *, by: Actor) -> dict[str, Any]:
    """One party."""
    row = session.execute(NOUN.base.where(Party.key == party_key, policies.visible_parties(by))).first()
    if row is None:
        raise NotFound(f"Expected a party with key {party_key}, found none.")
    return shown(row)


@operation(routes, "POST", "/parties", name="createParty", may="manage parties", body=CreateParty, answer=PartyShown, command=True)
def create(session: Session, body: dict[str, Any], *, by: Actor) -> dict[str, Any]:
    """Add a partner or a customer; what is not said is as it is with the host."""
    return shown(parties.save(session, {_NAMES[name]: value for name, value in body.items()}, by=by))


@operation(
    routes, "PATCH", "/parties/<partyKey>", name="updateParty", may="manage parties", body=UpdateParty, answer=PartyShown, command=True
)
def update(session: Session, party_key: int, body: dict[str, Any], *, by: Actor) -> dict[str, Any]:
    """Change a party; null empties a field."""
    changes = {_NAMES[name]: value for name, value in body["changeset"].items()}
    return shown(parties.save(session, changes, key=party_key, by=by))
