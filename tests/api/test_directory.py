"""The directory from outside: parties, and the people who belong to them."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from engine import people
from engine.parties import HOST_KEY
from engine.people import Person
from tests.platforms import PASSWORD, Platform, Row

V1 = "/passerelle/v1"
GARAGE = {
    "name": "Garage Élan",
    "timeZone": "Europe/Paris",
    "country": "FR",
    "timetable": {"mon": [["08:00", "12:00"], ["13:00", "17:00"]]},
    "contacts": [{"name": "Paul", "email": "paul@elan.example"}],
}


@pytest.fixture
def owner(platform: Platform) -> str:
    return platform.add_person("olga", roles=["modeller"])


def _add(platform: Platform, **about: Any) -> Row:
    found: Row = platform.expect("POST", f"{V1}/parties", GARAGE | about, user="olga")
    return found


def _search(platform: Platform, noun: str, user: str = "admin", **asked: Any) -> list[Row]:
    found: list[Row] = platform.expect("POST", f"{V1}/{noun}/search", asked, user=user)["items"]
    return found


def test_a_process_owner_adds_changes_and_finds_a_party(platform: Platform, owner: str) -> None:
    added = _add(platform)

    assert added == GARAGE | {
        "partyKey": added["partyKey"],
        "partyId": "garage-elan",
        "kind": "partner",
        "language": "en",
        "active": True,
        "creationDate": added["creationDate"],
    }
    path = f"{V1}/parties/{added['partyKey']}"
    changed = platform.expect("PATCH", path, {"changeset": {"country": None, "timetable": None, "language": "fr"}}, user=owner)
    assert changed == added | {"country": None, "timetable": None, "language": "fr"}
    assert platform.expect("GET", path) == changed
    assert _search(platform, "parties", filter={"text": "elan paul"}) == [changed]
    assert _search(platform, "parties", filter={"kind": "partner", "name": {"$like": "Gar*"}}) == [changed]
    assert _search(platform, "parties", filter={"text": "elan zzz"}) == []


def test_the_host_is_there_from_the_beginning_and_can_be_described(platform: Platform, owner: str) -> None:
    (host,) = _search(platform, "parties", filter={"kind": "host"})

    assert (host["partyKey"], host["partyId"], host["active"]) == (str(HOST_KEY), "host", True)
    about = {"name": "Meridian Insurance", "timeZone": "Europe/Paris", "country": "FR"}
    changed = platform.expect("PATCH", f"{V1}/parties/{HOST_KEY}", {"changeset": about}, user=owner)
    assert changed == host | about
    for wrong in ({"active": False}, {"kind": "partner"}):
        assert platform.api("PATCH", f"{V1}/parties/{HOST_KEY}", {"changeset": wrong}).status_code == 400
    assert _search(platform, "parties") == [changed]


@pytest.mark.parametrize(
    ("about", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": 7}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"partyId": "No Id"}, "partyId"),
        ({"kind": "host"}, "kind"),
        ({"language": "de"}, "language"),
        ({"timeZone": "Mars/Olympus"}, "timeZone"),
        ({"country": "XX"}, "country"),
        ({"timetable": {"mon": []}}, "timetable"),
        ({"timetable": {"mon": [["12:00", "08:00"]]}}, "timetable"),
        ({"contacts": [{"name": "Paul"}]}, "contacts.0.email"),
        ({"contacts": [{"email": "paul@elan.example", "language": "de"}]}, "contacts.0.language"),
        ({"contacts": "paul@elan.example"}, "contacts"),
        ({"active": 1}, "active"),
        ({"partyKey": "1"}, "partyKey"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_added_or_changed(platform: Platform, owner: str, about: Row, field: str) -> None:
    known = _add(platform)

    for method, path, body, place in (
        ("POST", f"{V1}/parties", GARAGE | about, field),
        ("PATCH", f"{V1}/parties/{known['partyKey']}", {"changeset": about}, f"changeset.{field}"),
    ):
        answer = platform.api(method, path, body, user=owner)
        assert answer.status_code == 400, answer.text
        assert list(answer.json()["errors"]) == [place]
    assert [row["partyKey"] for row in _search(platform, "parties", filter={"kind": "partner"})] == [known["partyKey"]]
    assert platform.expect("GET", f"{V1}/parties/{known['partyKey']}") == known


def test_an_id_or_a_customers_address_belongs_to_one_party(platform: Platform, owner: str) -> None:
    _add(platform, partyId="elan")
    customer = _add(platform, kind="customer", contacts=[{"email": "julie@example.com"}])

    for taken in ({"partyId": "elan"}, {"kind": "customer", "contacts": [{"email": "Julie@example.com"}]}):
        answer = platform.api("POST", f"{V1}/parties", GARAGE | taken, user=owner)
        assert (answer.status_code, answer.json()["title"]) == (409, "ALREADY_EXISTS")
    assert len(_search(platform, "parties")) == 3
    assert platform.api("PATCH", f"{V1}/parties/{customer['partyKey']}", {"changeset": {"partyId": "elan"}}).status_code == 409


def test_a_member_sees_partners_and_no_customers(platform: Platform, owner: str) -> None:
    garage, customer = _add(platform), _add(platform, name="Julie", kind="customer", contacts=[{"email": "julie@example.com"}])

    assert {row["kind"] for row in _search(platform, "parties", user="member")} == {"host", "partner"}
    assert platform.expect("POST", f"{V1}/parties/search", {}, user="member")["page"]["totalItems"] == 2
    assert platform.api("GET", f"{V1}/parties/{garage['partyKey']}", user="member").status_code == 200
    for user, key in (("member", customer["partyKey"]), ("admin", "77")):
        answer = platform.api("GET", f"{V1}/parties/{key}", user=user)
        assert (answer.status_code, answer.json()["detail"]) == (404, f"Expected a party with key {key}, found none.")


def test_pages_follow_one_another(platform: Platform, owner: str) -> None:
    for number in range(5):
        _add(platform, name=f"Garage {number}")
    asked: Row = {"filter": {"kind": "partner"}, "sort": [{"field": "name", "order": "DESC"}], "page": {"limit": 2}}
    seen: list[str] = []
    for _ in range(3):
        answer = platform.expect("POST", f"{V1}/parties/search", asked)
        seen += [row["name"] for row in answer["items"]]
        asked["page"] = {"limit": 2, "after": answer["page"]["endCursor"]}

    assert seen == [f"Garage {number}" for number in (4, 3, 2, 1, 0)]


# -- people -----------------------------------------------------------------------------------------------------------


def _person(**about: Any) -> Row:
    return {"username": "paul", "password": "a long enough password", "name": "Paul Martin", "email": "Paul@Elan.example"} | about


def test_a_process_owner_adds_people_of_a_partner_who_can_then_log_in(platform: Platform, owner: str) -> None:
    garage = _add(platform)
    added = platform.expect("POST", f"{V1}/people", _person(partyKey=garage["partyKey"], language="fr"), user=owner)

    assert added == {
        "username": "paul",
        "name": "Paul Martin",
        "email": "paul@elan.example",
        "organisation": None,
        "language": "fr",
        "partyKey": garage["partyKey"],
        "partyId": "garage-elan",
        "partyName": "Garage Élan",
        "roles": [],
        "groups": [],
        "active": True,
        "creationDate": added["creationDate"],
    }
    assert platform.expect("GET", f"{V1}/people/paul", user=owner) == added
    with Session(platform.engine) as session:
        person = session.get_one(Person, "paul")
        assert person.must_change_password and people.verify(session, "paul", "a long enough password") is not None
        actor = people.actor_of(session, person)
    assert (actor.party_key, actor.roles, actor.language) == (int(garage["partyKey"]), frozenset(), "fr")
    assert "a long enough password" not in str(added)
    # an outsider has nothing here
    for path in (f"{V1}/parties/{garage['partyKey']}", f"{V1}/people/paul", "/v2/topology"):
        assert platform.api("GET", path, user=None, auth=("paul", "a long enough password")).status_code == 403


def test_a_process_owner_neither_sees_nor_changes_accounts_of_the_host(platform: Platform, owner: str) -> None:
    garage = _add(platform)
    platform.expect("POST", f"{V1}/people", _person(partyKey=garage["partyKey"]), user=owner)

    assert [row["username"] for row in _search(platform, "people", user=owner)] == ["paul"]
    assert {row["username"] for row in _search(platform, "people")} == {"paul", "admin", "member", "operator", "olga"}
    refused = [
        platform.api("GET", f"{V1}/people/admin", user=owner),
        platform.api("PATCH", f"{V1}/people/admin", {"changeset": {"name": "Mine"}}, user=owner),
        platform.api("PATCH", f"{V1}/people/{owner}", {"changeset": {"roles": ["admin"]}}, user=owner),
        platform.api("POST", f"{V1}/people", _person(username="mole"), user=owner),
        platform.api("POST", f"{V1}/people", _person(username="mole", roles=["admin"]), user=owner),
        platform.api("PATCH", f"{V1}/people/paul", {"changeset": {"partyKey": str(HOST_KEY)}}, user=owner),
        platform.api("PATCH", f"{V1}/people/paul", {"changeset": {"groups": ["desk"]}}, user=owner),
    ]
    assert [answer.status_code for answer in refused] == [404, 404, 404, 403, 403, 403, 403]
    assert platform.api("GET", f"{V1}/people/mole").status_code == 404
    assert platform.expect("GET", f"{V1}/people/admin")["name"] == "Admin"
    assert platform.expect("GET", f"{V1}/people/paul")["partyKey"] == garage["partyKey"]


def test_an_administrator_changes_whose_people_somebody_is(platform: Platform, owner: str) -> None:
    garage = _add(platform)
    platform.add_person("nora", groups=["desk"])
    changed = platform.expect("PATCH", f"{V1}/people/nora", {"changeset": {"partyKey": garage["partyKey"], "language": "fr", "groups": []}})

    assert (changed["partyName"], changed["language"], changed["groups"]) == ("Garage Élan", "fr", [])
    assert _search(platform, "people", filter={"partyKey": garage["partyKey"]}) == [changed]
    answer = platform.api("PATCH", f"{V1}/people/nora", {"changeset": {"roles": ["member"]}})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["roles"])
    assert platform.api("PATCH", f"{V1}/people/nora", {"changeset": {"partyKey": "99"}}).status_code == 404
    assert platform.expect("GET", f"{V1}/people/nora") == changed
    back = platform.expect("PATCH", f"{V1}/people/nora", {"changeset": {"partyKey": str(HOST_KEY), "roles": ["member"]}})
    assert (back["partyId"], back["roles"]) == ("host", ["member"])
    assert _search(platform, "people", filter={"partyId": "host", "text": "NOR"}) == [back]


def test_people_come_in_pages_too(platform: Platform) -> None:
    asked: Row = {"sort": [{"field": "language"}], "page": {"limit": 2}}
    first = platform.expect("POST", f"{V1}/people/search", asked)
    second = platform.expect("POST", f"{V1}/people/search", {**asked, "page": {"limit": 2, "after": first["page"]["endCursor"]}})

    assert [row["username"] for row in first["items"] + second["items"]] == ["admin", "member", "operator"]


@pytest.mark.parametrize(
    ("about", "status", "field"),
    [
        ({"username": "a b"}, 400, "username"),
        ({"password": "short"}, 400, "password"),
        ({"email": "nowhere"}, 400, "email"),
        ({"language": "de"}, 400, "language"),
        ({"roles": ["worker"]}, 400, "roles.0"),
        ({"groups": ["nowhere"]}, 404, None),
        ({"partyKey": "99"}, 404, None),
        ({"username": "member"}, 409, None),
        ({"active": True}, 400, "active"),
    ],
)
def test_a_wrong_person_is_not_added(platform: Platform, about: Row, status: int, field: str | None) -> None:
    answer = platform.api("POST", f"{V1}/people", _person(**about))

    assert answer.status_code == status, answer.text
    assert field is None or list(answer.json()["errors"]) == [field]
    assert {row["username"] for row in _search(platform, "people")} == {"admin", "member", "operator"}
    assert platform.api("GET", "/v2/topology", auth=("member", PASSWORD), user=None).status_code == 200


def test_a_name_that_no_database_takes_is_nobodys(platform: Platform) -> None:
    for name in ("a%00b", "%F0%9F%98%80", "x" * 900, "..%2f"):
        assert platform.api("GET", f"{V1}/people/{name}").status_code == 404


def test_the_same_request_again_adds_nothing_twice(platform: Platform, owner: str) -> None:
    first, again = (
        platform.expect("POST", f"{V1}/parties", GARAGE, user=owner, headers={"Idempotency-Key": "once"}) for _ in range(2)
    )

    assert first == again
    assert len(_search(platform, "parties", filter={"kind": "partner"})) == 1
