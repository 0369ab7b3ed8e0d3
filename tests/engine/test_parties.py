"""The directory of parties: one host, one party a customer, and who may keep it."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from engine import parties, people, policies
from engine.database import run
from engine.errors import AlreadyExists, Invalid, NotAllowed, NotFound
from engine.parties import PLATFORM, Actor, Party
from engine.people import Person

OWNER = Actor(id="person:olga", username="olga", roles=frozenset({"modeller"}))
GARAGE = {
    "name": "Garage Élan & Fils",
    "time_zone": "Europe/Paris",
    "country": "FR",
    "timetable": {"tue": [["13:30", "18:00"], ["08:00", "12:00"]], "mon": []},
    "contacts": [{"name": "Paul", "email": "Paul@Elan.example", "phone": "+33 1 23"}],
}


def test_there_is_always_exactly_one_host(session: Session) -> None:
    host = parties.host(session)

    assert (host.key, host.kind, host.active) == (parties.HOST_KEY, "host", True)
    assert parties.host(session) is host
    with pytest.raises(Invalid):
        parties.save(session, {"name": "Another", "kind": "host"}, by=PLATFORM)
    with pytest.raises(Invalid):
        parties.save(session, {"kind": "partner"}, key=host.key, by=PLATFORM)
    with pytest.raises(Invalid):
        parties.save(session, {"active": False}, key=host.key, by=PLATFORM)
    assert len(list(session.scalars(select(Party)))) == 1
    session.add(Party(key=5, party_id="x", name="x", kind="host", language="en", time_zone="UTC", contacts=[], words="", active=True, created_at=host.created_at))
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()


def test_a_party_is_kept_as_it_was_described_and_found_by_any_of_its_words(session: Session) -> None:
    found = parties.save(session, GARAGE, by=OWNER)

    assert (found.party_id, found.kind, found.language) == ("garage-elan-fils", "partner", "en")
    assert found.timetable == {"tue": [["08:00", "12:00"], ["13:30", "18:00"]]}
    assert found.contacts == [{"name": "Paul", "email": "paul@elan.example", "phone": "+33 1 23"}]
    for text in ("elan", "ÉLAN garage", "paul@el", "garage-elan", ""):
        assert found in parties.search(session, text, "partner"), text
    assert parties.search(session, "elan zzz") == parties.search(session, "el%") == parties.search(session, "elan", "customer") == []
    assert parties.by_party_id(session, "garage-elan-fils") is found
    assert parties.by_party_id(session, "nobody") is None


def test_a_second_party_of_the_same_name_gets_an_id_of_its_own_and_a_taken_id_is_refused(session: Session) -> None:
    first, second = (parties.save(session, {"name": "Élan"}, by=OWNER) for _ in range(2))

    assert (first.party_id, second.party_id) == ("elan", "elan-2")
    with pytest.raises(AlreadyExists):
        parties.save(session, {"party_id": "elan"}, key=second.key, by=OWNER)
    assert parties.save(session, {"party_id": "elan"}, key=first.key, by=OWNER) is first


def test_a_change_leaves_everything_else_as_it_was(session: Session) -> None:
    found = parties.save(session, GARAGE, by=OWNER)
    before = {column.name: getattr(found, column.name) for column in Party.__table__.columns}

    parties.save(session, {"name": "Élan Nord", "active": False}, key=found.key, by=OWNER)

    after = {column.name: getattr(found, column.name) for column in Party.__table__.columns}
    assert {name for name in after if after[name] != before[name]} == {"name", "active", "words"}
    assert parties.search(session, "nord") == []  # nothing new goes to a party that was put to rest


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "x" * 201),
        ("name", "a\x00b"),
        ("name", 1),
        ("party_id", "Élan"),
        ("party_id", ""),
        ("kind", "friend"),
        ("language", "de"),
        ("time_zone", "Paris"),
        ("time_zone", "../etc/passwd"),
        ("time_zone", None),
        ("country", "France"),
        ("country", "FR-99"),
        ("country", "FR-"),
        ("country", "fr"),
        ("timetable", {}),
        ("timetable", {"mon": [], "tue": []}),
        ("timetable", {"monday": [["09:00", "17:00"]]}),
        ("timetable", {"mon": [["9:00", "17:00"]]}),
        ("timetable", {"mon": [["17:00", "09:00"]]}),
        ("timetable", {"mon": [["09:00", "09:00"]]}),
        ("timetable", {"mon": [["09:00", "12:00"], ["11:59", "17:00"]]}),
        ("timetable", {"mon": [["22:00", "24:01"]]}),
        ("timetable", {"mon": "09:00-17:00"}),
        ("timetable", [["09:00", "17:00"]]),
        ("contacts", [{"name": "Paul"}]),
        ("contacts", [{"email": "paul at elan"}]),
        ("contacts", [{"email": "a@b.example, c@d.example"}]),
        ("contacts", [{"email": "a@b.example\r\nBcc: x@y.example"}]),
        ("contacts", [{"email": "a@b.example", "language": "de"}]),
        ("contacts", [{"email": "a@b.example", "fax": "1"}]),
        ("contacts", ["a@b.example"]),
        ("contacts", [{"email": "a@b.example"}] * 21),
        ("active", "yes"),
        ("key", 7),
        ("words", "x"),
    ],
)
def test_what_is_not_as_expected_is_refused_by_name_and_nothing_changes(session: Session, field: str, value: Any) -> None:
    found = parties.save(session, GARAGE, by=OWNER)
    before = {column.name: getattr(found, column.name) for column in Party.__table__.columns}

    with pytest.raises(Invalid) as refused:
        parties.save(session, {field: value}, key=found.key, by=OWNER)

    assert all(name.startswith(field) for name in refused.value.details["fields"])
    assert {column.name: getattr(found, column.name) for column in Party.__table__.columns} == before


def test_parties_are_listed_as_one_reads_them_whatever_their_letters(session: Session) -> None:
    for name in ("frank", "Élan", "Durand", "de la Gare", "Zénith"):
        parties.save(session, {"name": name}, by=OWNER)

    assert [party.name for party in parties.search(session, "", "partner")] == ["de la Gare", "Durand", "Élan", "frank", "Zénith"]
    assert set(parties.names(session, [None, parties.HOST_KEY]).values()) <= {parties.HOST_NAME}
    assert parties.names(session, [None]) == {}


def test_whom_somebody_wrote_down_by_name_and_address_is_found_again(session: Session) -> None:
    known = parties.save(session, GARAGE, by=OWNER)
    new = parties.named(session, "Garage Neuf", " Chef@Neuf.example ", "partner")

    assert parties.named(session, "Whatever", "PAUL@elan.example", "partner") is known
    assert parties.named(session, "Whatever", "chef@neuf.example", "partner") is new
    assert (new.name, new.kind, new.contacts, new.country) == (
        "Garage Neuf",
        "partner",
        [{"name": "Garage Neuf", "email": "chef@neuf.example"}],
        None,
    )
    julie = parties.named(session, "Julie", "julie@example.com", "customer")
    assert parties.customer(session, "julie@example.com") is julie
    parties.save(session, {"active": False}, key=known.key, by=OWNER)
    assert parties.named(session, "Garage Élan", "paul@elan.example", "partner") is not known
    for name, address in (("", "a@b.example"), ("X", "nowhere")):
        with pytest.raises(Invalid):
            parties.named(session, name, address, "partner")


def test_all_wrong_fields_are_told_at_once(session: Session) -> None:
    with pytest.raises(Invalid) as refused:
        parties.save(session, {"language": "de", "contacts": [{"email": "no"}, {"email": "a@b.example"}, {}]}, by=OWNER)

    assert set(refused.value.details["fields"]) == {"name", "language", "contacts.0.email", "contacts.2.email"}


def test_a_customer_is_one_party_for_each_address_however_it_is_written(session: Session) -> None:
    first = parties.customer(session, " Julie@Example.com ", "Julie Durand", "fr")
    again = parties.customer(session, "julie@example.COM", "Somebody else", "en")
    other = parties.customer(session, "marc@example.com")

    assert again is first and other is not first
    assert (first.kind, first.name, first.language, first.contacts[0]["email"]) == ("customer", "Julie Durand", "fr", "julie@example.com")
    assert other.name == "marc"
    assert "example" not in first.party_id  # an id is shown where an address is not
    with pytest.raises(Invalid):
        parties.customer(session, "no address")


def test_a_customer_whom_somebody_wrote_down_is_found_when_the_address_is_proven(session: Session) -> None:
    written = parties.save(session, {"name": "Julie", "kind": "customer", "contacts": [{"email": "J@x.example"}]}, by=OWNER)

    assert parties.customer(session, "j@x.example") is written
    with pytest.raises(AlreadyExists):
        parties.save(session, {"name": "Julie again", "kind": "customer", "contacts": [{"email": "j@x.example"}]}, by=OWNER)


@pytest.mark.parametrize("roles", [(), ("member",), ("operator",), ("worker",)])
def test_who_does_not_keep_the_directory_changes_nothing_in_it(session: Session, roles: tuple[str, ...]) -> None:
    found = parties.save(session, GARAGE, by=OWNER)
    somebody = Actor(id="person:x", username="x", roles=frozenset(roles))

    with pytest.raises(NotAllowed):
        parties.save(session, {"name": "Mine"}, by=somebody)
    with pytest.raises(NotAllowed):
        parties.save(session, {"name": "Mine"}, key=found.key, by=somebody)
    with pytest.raises(NotAllowed):
        people.create_person(session, "mine", password="long enough it is", party_key=found.key, by=somebody)
    assert found.name == GARAGE["name"]
    assert session.get(Person, "mine") is None


def test_a_process_owner_keeps_the_people_of_partners_and_never_those_of_the_host(session: Session) -> None:
    garage = parties.save(session, GARAGE, by=OWNER)
    people.create_person(session, "paul", password="long enough it is", party_key=garage.key, by=OWNER)
    people.create_person(session, "nora", password="long enough it is", roles=["member"], by=PLATFORM)

    people.update_person(session, "paul", {"name": "Paul", "language": "fr"}, by=OWNER)
    for change in ({"party_key": None}, {"party_key": parties.HOST_KEY}):
        with pytest.raises(NotAllowed):
            people.update_person(session, "paul", change, by=OWNER)
    for change in ({"name": "x"}, {"party_key": garage.key}):
        with pytest.raises(NotAllowed):
            people.update_person(session, "nora", change, by=OWNER)
    with pytest.raises(NotAllowed):
        people.create_person(session, "mole", password="long enough it is", roles=["admin"], by=OWNER)
    with pytest.raises(NotAllowed):
        people.create_person(session, "mole", password="long enough it is", party_key=garage.key, groups=["desk"], by=OWNER)
    session.rollback()


def test_people_of_another_company_have_no_role_here(session: Session) -> None:
    garage = parties.save(session, GARAGE, by=PLATFORM)
    people.create_person(session, "paul", password="long enough it is", party_key=garage.key, by=PLATFORM)
    people.create_person(session, "nora", password="long enough it is", roles=["member"], party_key=parties.HOST_KEY, by=PLATFORM)

    with pytest.raises(Invalid):
        people.update_person(session, "paul", {"roles": ["member"]}, by=PLATFORM)
    with pytest.raises(Invalid):
        people.update_person(session, "nora", {"party_key": garage.key}, by=PLATFORM)
    with pytest.raises(NotFound):
        people.update_person(session, "paul", {"party_key": 99}, by=PLATFORM)
    actors = {name: people.actor_of(session, session.get_one(Person, name)) for name in ("paul", "nora")}
    assert (actors["paul"].party_key, actors["nora"].party_key) == (garage.key, None)
    session.get_one(Person, "paul").roles = ["admin"]  # however it got there
    assert people.actor_of(session, session.get_one(Person, "paul")).roles == frozenset()


def test_lists_of_the_directory_show_exactly_what_one_may_see(session: Session) -> None:
    garage, other = parties.save(session, GARAGE, by=PLATFORM), parties.save(session, {"name": "Other"}, by=PLATFORM)
    julie = parties.customer(session, "julie@example.com")
    for number, party in enumerate((None, garage, julie)):
        people.create_person(session, f"p{number}", password="long enough it is", party_key=party and party.key, by=PLATFORM)
    known, accounts = list(session.scalars(select(Party))), list(session.scalars(select(Person)))
    actors = [Actor(id="person:x", username="x", roles=frozenset(roles)) for roles in ((), *((role,) for role in parties.Role))]
    actors += [Actor(id="person:y", username="y", party_key=party.key) for party in (garage, other, julie)]
    seen = {}

    for actor in [*actors, PLATFORM]:
        listed = set(session.scalars(select(Party.key).where(policies.visible_parties(actor))))
        managed = set(session.scalars(select(Person.username).where(policies.manageable_people(actor))))
        assert listed == {party.key for party in known if policies.may_see_party(actor, party)}, actor
        assert managed == {one.username for one in accounts if policies.may_manage_people_of(actor, one.party_key)}, actor
        seen[actor.roles, actor.party_key] = (len(listed), len(managed))

    assert seen[frozenset({"member"}), None] == (3, 0)
    assert seen[frozenset({"modeller"}), None] == (4, 2)
    assert seen[frozenset({"admin"}), None] == (4, 3)
    assert seen[frozenset(), None] == seen[frozenset({"worker"}), None] == (0, 0)
    assert seen[frozenset(), garage.key] == (2, 0)


def test_two_who_prove_one_address_at_the_same_moment_are_one_party(database: Engine) -> None:
    together = threading.Barrier(2)

    def prove(_: int) -> int:
        attempts = []

        def work(session: Session) -> int:
            session.execute(select(Party.key)).all()
            if not attempts and session.get_bind().dialect.name == "postgresql":  # SQLite has one writer at a time
                together.wait(10)
            attempts.append(1)
            return parties.customer(session, "julie@example.com", "Julie").key

        with Session(database) as session:
            return run(session, work)

    with ThreadPoolExecutor(2) as pool:
        keys = set(pool.map(prove, range(2)))

    assert len(keys) == 1
    with Session(database) as session:
        assert session.scalars(select(Party.key).where(Party.email == "julie@example.com")).all() == list(keys)
