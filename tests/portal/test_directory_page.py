"""The directory, for administrators and process owners: parties, their people, and lists from a spreadsheet."""

import io
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import database, parties
from engine.parties import HOST_KEY, PLATFORM, Party
from tests.portal.house import House, Visitor, person_row

GARAGE: dict[str, Any] = {
    "name": "Garage Martin & Fils",
    "time_zone": "Europe/Paris",
    "country": "FR-57",
    "timetable": {"mon": [["08:00", "12:00"], ["13:30", "18:00"]], "fri": [["08:00", "12:00"]]},
    "contacts": [{"name": "Paul", "email": "paul@garage.example", "phone": "+33 1"}, {"name": "Accueil", "email": "accueil@garage.example"}],
}


@pytest.fixture
def admin(house: House) -> Visitor:
    return house.visitor("admin")


@pytest.fixture
def owner(house: House) -> Visitor:
    house.write(lambda session: session.add(person_row("olga", "Olga Owner", None, ["modeller"])))
    return house.visitor("olga")


@pytest.fixture
def garage(house: House) -> int:
    return int(house.write(lambda session: parties.save(session, GARAGE, by=PLATFORM).key))


def _party(house: House, key: int) -> Party:
    with database.reading(house.engine) as session:
        return session.get_one(Party, key)


def _all(house: House) -> list[Party]:
    with database.reading(house.engine) as session:
        return list(session.scalars(select(Party).order_by(Party.key)))


def _state(party: Party) -> dict[str, Any]:
    return {column.name: getattr(party, column.name) for column in Party.__table__.columns}


# -- who ----------------------------------------------------------------------------------------------------------


def test_only_administrators_and_process_owners_see_the_directory(house: House, garage: int, admin: Visitor, owner: Visitor) -> None:
    paths = ("/parties", "/parties/new", f"/parties/{garage}", "/parties/import", "/parties/template.csv", "/parties/export.csv")
    for visitor in (admin, owner):
        assert [visitor.go(path).status for path in paths] == [200] * len(paths)
        assert visitor.go("/").page.xpath("//a[@href='/parties']")
    for username in ("fanny", "julie"):
        visitor = house.visitor(username)
        assert [visitor.go(path).status for path in paths] == [403] * len(paths)
        assert not visitor.go("/").page.xpath("//a[@href='/parties']")
        token = {"_csrf": visitor.go("/password").form()["_csrf"]}
        for path in ("/parties/new", f"/parties/{garage}", "/parties/import", "/parties/import/confirmed"):
            assert visitor.post(path, {**token, "name": "Mine", "text": "name\nMine\n"}).status == 403
    assert [party.name for party in _all(house)] == ["Our company", GARAGE["name"]]


def test_what_is_no_party_is_not_found(admin: Visitor) -> None:
    for path in ("/parties/7", "/parties/99999999999999999999", "/parties/x"):
        assert admin.go(path).status == 404


# -- the list -----------------------------------------------------------------------------------------------------


def test_parties_are_found_by_words_and_by_kind(house: House, garage: int, owner: Visitor) -> None:
    house.write(lambda session: parties.customer(session, "julie@example.com", "Julie Durand"))

    assert "Garage Martin & Fils" in owner.go("/parties").text and "Julie Durand" in owner.text and "Our company" in owner.text
    assert "Garage" in owner.go("/parties?q=paul@gar").text and "Julie" not in owner.text
    assert "Julie" in owner.go("/parties?kind=customer").text and "Garage" not in owner.text
    assert "Nothing found for “zzz”" in owner.go("/parties?kind=partner&q=zzz").text
    assert "France (57)" in owner.go("/parties").text


def test_a_new_installation_is_told_to_name_itself_until_it_has(house: House, owner: Visitor) -> None:
    assert "Give your own company its name first" in owner.go("/parties").text
    assert "No partners yet" in owner.text

    owner.go(f"/parties/{HOST_KEY}").send(name="Assurances du Pont", time_zone="Europe/Paris", country="FR")

    assert owner.path == "/parties" and "Saved." in owner.text
    assert "Give your own company" not in owner.text
    host = _party(house, HOST_KEY)
    assert (host.name, host.kind, host.time_zone, host.country, host.active, host.timetable) == (
        "Assurances du Pont",
        "host",
        "Europe/Paris",
        "FR",
        True,
        None,
    )


# -- one party ----------------------------------------------------------------------------------------------------


def test_a_party_is_added_with_all_that_is_asked_and_people_next(house: House, owner: Visitor) -> None:
    owner.go("/parties/new").send(
        **{
            "name": "Garage Élan",
            "kind": "partner",
            "language": "fr",
            "time_zone": "Europe/Berlin",
            "country": "DE",
            "part": "BY",
            "week": "own",
            "mon-0-from": "8",
            "mon-0-to": "12h30",
            "mon-1-from": "1330",
            "mon-1-to": "24:00",
            **{f"{day}-0-{end}": "" for day in ("tue", "wed", "thu", "fri") for end in ("from", "to")},
            "contact-0-name": "Paul",
            "contact-0-email": "Paul@Elan.example",
            "contact-0-language": "fr",
        }
    )

    assert owner.heading == "Garage Élan" and "Saved." in owner.text
    added = _all(house)[1]
    assert (added.party_id, added.language, added.time_zone, added.country) == ("garage-elan", "fr", "Europe/Berlin", "DE-BY")
    assert added.timetable == {"mon": [["08:00", "12:30"], ["13:30", "24:00"]]}
    assert added.contacts == [{"name": "Paul", "email": "paul@elan.example", "language": "fr"}]

    link = owner.page.xpath("//a[contains(@href, '/people/new')]/@href")[0]
    owner.go(link).send(username="paulm", name="Paul Martin")

    assert "Paul Martin" in owner.go(f"/parties/{added.key}").text
    assert house.actor("paulm").party_key == added.key


def test_a_page_sent_as_it_stands_changes_nothing(house: House, garage: int, owner: Visitor) -> None:
    before = _state(_party(house, garage))

    owner.go(f"/parties/{garage}").send()

    assert owner.path == "/parties"
    assert _state(_party(house, garage)) == before


def test_the_marked_contact_comes_first_and_an_emptied_one_goes(house: House, garage: int, owner: Visitor) -> None:
    owner.go(f"/parties/{garage}").send(**{"first": "1", "contact-2-email": "third@garage.example"})
    assert [contact["email"] for contact in _party(house, garage).contacts] == [
        "accueil@garage.example",
        "paul@garage.example",
        "third@garage.example",
    ]

    owner.go(f"/parties/{garage}").send(**{f"contact-1-{part}": "" for part in ("name", "email", "phone")})
    assert [contact["email"] for contact in _party(house, garage).contacts] == ["accueil@garage.example", "third@garage.example"]


def test_monday_is_copied_to_the_week_without_saving(house: House, garage: int, owner: Visitor) -> None:
    before = _state(_party(house, garage))
    owner.go(f"/parties/{garage}").send(**{"copy": "1", "mon-0-from": "07:00", "name": "Typed"})

    assert owner.status == 200 and owner.value("name") == "Typed"
    assert [owner.value(f"{day}-0-from") for day in ("mon", "tue", "wed", "thu", "fri", "sat")] == ["07:00"] * 5 + [""]
    assert [owner.value(f"{day}-1-to") for day in ("mon", "fri")] == ["18:00", "18:00"]
    assert _state(_party(house, garage)) == before


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"name": " "}, "name", "Please give a name"),
        ({"party_id": "no id!"}, "party_id", "Please use small letters"),
        ({"party_id": "host"}, "party_id", "Another party has this id."),
        ({"part": "ZZ"}, "country", "Please choose a country"),
        ({"time_zone": "Mars"}, "time_zone", "Please choose a time zone."),
        ({"mon-0-from": "13:00"}, "mon", "Monday: each span needs a beginning and a later end"),
        ({"mon-0-to": ""}, "mon", "Monday:"),
        ({"fri-0-to": "25:00"}, "fri", "Friday:"),
        ({f"{day}-{n}-{end}": "" for day in ("mon", "fri") for n in (0, 1) for end in ("from", "to")}, "timetable", "at least one day"),
        ({"contact-0-email": "nowhere"}, "contact-0-email", "Please give this contact an e-mail address"),
        ({"first": "1", "contact-1-email": "nowhere"}, "contact-1-email", "Please give this contact an e-mail address"),
        ({"first": "1", "contact-0-email": ""}, "contact-0-email", "Please give this contact an e-mail address"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_nothing_changes(
    house: House, garage: int, owner: Visitor, changed: dict[str, str], field: str, said: str
) -> None:
    before = _state(_party(house, garage))
    owner.go(f"/parties/{garage}").send(**({"contact-0-phone": "kept 12"} | changed))

    assert owner.status == 422
    assert owner.page.xpath(f"//*[@role='alert']//a[@href='#f-{field}']"), owner.text[:500]
    assert owner.page.xpath(f"//*[@id='f-{field}']") and owner.page.xpath(f"//*[@id='e-{field}']")
    assert said in owner.text
    assert owner.value("contact-0-phone") == "kept 12"
    assert _state(_party(house, garage)) == before


def test_a_customer_has_an_address_of_its_own(house: House, owner: Visitor) -> None:
    house.write(lambda session: parties.customer(session, "julie@example.com", "Julie Durand"))

    owner.go("/parties/new?kind=customer").send(name="Julie again", **{"contact-0-email": "Julie@example.com"})

    assert owner.status == 422 and "Another customer has this address" in owner.text
    assert len(_all(house)) == 2


def test_what_was_typed_survives_the_end_of_a_log_in(house: House, garage: int, owner: Visitor) -> None:
    owner.go(f"/parties/{garage}")
    owner.forget_login()
    owner.send(name="Typed before", **{"mon-0-from": "06:00"})
    owner.send("/login", username="olga", password="correct horse battery")

    assert owner.value("name") == "Typed before" and owner.value("mon-0-from") == "06:00"
    assert _party(house, garage).name == GARAGE["name"]

    owner.send()

    assert _party(house, garage).name == "Typed before"


# -- people of parties --------------------------------------------------------------------------------------------


def test_a_process_owner_keeps_people_of_partners_without_rights_and_sees_no_others(house: House, garage: int, owner: Visitor) -> None:
    for forged in ({"roles": ["admin"]}, {"groups": ["front-desk"]}):
        assert owner.go(f"/people/new?party={garage}").send(username="paulm", name="Paul Martin", **forged).status in (403, 422)
        assert owner.go("/people/paulm").status == 404
    owner.go(f"/people/new?party={garage}").send(username="paulm", name="Paul Martin")

    paul = house.actor("paulm")
    assert (paul.party_key, paul.roles, paul.groups) == (garage, frozenset(), frozenset())
    assert "Paul Martin" in owner.go("/people").text and "Garage Martin" in owner.text
    assert "Fanny" not in owner.text and "Groups" not in owner.text
    for path in ("/people/fanny", "/groups", "/groups/garage"):
        assert owner.go(path).status in (403, 404)
    owner.go("/people/paulm").send(name="Paul M.", party=str(HOST_KEY))
    assert owner.status == 422 and "Please choose whose people this is." in owner.text
    assert house.actor("paulm").party_key == garage

    owner.go("/people/paulm").send(name="Paul M.")
    assert house.actor("paulm").name == "Paul M."
    token = {"_csrf": owner.go("/people/paulm").form()["_csrf"]}
    assert owner.post("/people/fanny/password", token).status == 404
    assert owner.post("/people/fanny", token | {"name": "Mine", "party": str(garage)}).status == 404
    assert house.actor("fanny").name == "Fanny Roux"


def test_an_administrator_says_whose_people_somebody_is(house: House, garage: int, admin: Visitor) -> None:
    admin.go("/people/paul").send(party=str(garage))
    assert house.actor("paul").party_key == garage and house.actor("paul").groups == {"garage"}

    admin.go("/people/fanny").send(party=str(garage))
    assert admin.status == 422 and "Rights are for your own people" in admin.text
    assert house.actor("fanny").party_key is None and house.actor("fanny").roles == {"member"}

    admin.go("/people/paul").send(party=str(HOST_KEY))
    assert house.actor("paul").party_key is None
    for wrong in ("7", "", "x", "9" * 30):
        assert admin.go("/people/paul").send(party=wrong).status == 422


# -- files --------------------------------------------------------------------------------------------------------


def _upload(visitor: Visitor, content: bytes | str, name: str = "parties.csv") -> Visitor:
    fields: dict[str, Any] = visitor.go("/parties/import").form("/parties/import")
    data = content if isinstance(content, bytes) else content.encode()
    return visitor.post("/parties/import", {**fields, "file": (io.BytesIO(data), name)})


def test_an_import_is_previewed_confirmed_and_done(house: House, garage: int, owner: Visitor) -> None:
    text = "name;party_id;language;contact_email\nGarage Martin;garage-martin-fils;fr;\nMüller; ;fr;info@mueller.example\nOur company;host;;\n"
    _upload(owner, text.encode("cp1252"))

    assert owner.status == 200
    assert "1 new" in owner.text and "1 changed" in owner.text and "1 as it is" in owner.text
    assert "Changes: Name, Language" in owner.text
    assert [party.name for party in _all(house)] == ["Our company", GARAGE["name"]]

    owner.send("/confirmed")

    assert owner.path == "/parties" and "Imported." in owner.text
    assert sorted(party.name for party in _all(house)) == ["Garage Martin", "Müller", "Our company"]
    assert _party(house, garage).timetable == GARAGE["timetable"]


def test_every_bad_line_is_named_and_there_is_nothing_to_confirm(house: House, garage: int, owner: Visitor) -> None:
    _upload(owner, "name,kind,time_zone\nFine,partner,UTC\nBad,friend,Mars\n,,\n" + GARAGE["name"] + ",,\n")

    assert owner.status == 422
    assert "2 lines to correct" in owner.text
    assert "Line 3 · Bad" in owner.text and "kind: partner or customer" in owner.text and "time_zone: a zone such as" in owner.text
    assert "Line 5" in owner.text and "give its party_id too" in owner.text
    assert not owner.page.xpath("//form[contains(@action, 'confirmed')]")
    assert len(_all(house)) == 2


@pytest.mark.parametrize(
    ("content", "status", "said"),
    [
        (b"", 422, "This file is empty."),
        (b"colour\nred\n", 422, "this is none of them: colour"),
        (b"kind\npartner\n", 422, "names neither name nor party_id"),
        (b'name\n"open\n', 422, "This is not a CSV file"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", 422, "none of them"),
        (b"name\n" + b"X\n" * 2001, 422, "more than 2000 lines"),
        (b"name\n" + b"x" * 500_000, 413, "larger than 500 kB"),
    ],
)
def test_a_file_that_is_no_list_is_refused_in_words(house: House, owner: Visitor, content: bytes, status: int, said: str) -> None:
    _upload(owner, content)

    assert owner.status == status
    assert said in owner.text
    assert len(_all(house)) == 1


def test_no_file_and_a_file_beyond_all_bounds_are_refused(owner: Visitor) -> None:
    assert owner.go("/parties/import").send("/parties/import").status == 422
    assert "Please choose a file first." in owner.text
    assert _upload(owner, b"x" * 2_000_000).status == 413


def test_what_was_confirmed_is_checked_again(house: House, owner: Visitor) -> None:
    _upload(owner, "name\nNew one\n")
    house.write(lambda session: parties.save(session, {"name": "New one"}, by=PLATFORM))

    owner.send("/confirmed")

    assert owner.status in (409, 422) and "1 line to correct" in owner.text
    assert len(_all(house)) == 2


def test_names_in_a_file_show_as_text(owner: Visitor) -> None:
    _upload(owner, "name\n<script>alert(1)</script>\n</textarea><b>x</b>\n")

    assert "<script>alert(1)</script>" in owner.text
    assert not owner.page.xpath("//main//script") and not owner.page.xpath("//main//b")


def test_an_exported_file_can_be_imported_and_holds_no_formula(house: House, garage: int, owner: Visitor) -> None:
    house.write(lambda session: parties.save(session, {"name": "=HYPERLINK(\"http://x\")"}, by=PLATFORM))
    answer = owner.http.get("/parties/export.csv?kind=partner")
    data = answer.get_data()

    assert answer.headers["Content-Disposition"] == 'attachment; filename="parties.csv"'
    assert answer.content_type == "text/csv; charset=utf-8"
    text = data.decode("utf-8-sig")
    assert data.startswith(b"\xef\xbb\xbf") and "host" not in text and GARAGE["name"] in text
    assert "'=HYPERLINK" in text and ",=" not in text and "\n=" not in text and '"=' not in text
    _upload(owner, data)
    assert "2 as they are" in owner.text and "This file changes nothing." in owner.text


def test_the_template_is_in_the_spreadsheets_own_manner_and_changes_nothing(house: House, owner: Visitor) -> None:
    text = owner.http.get("/parties/template.csv").get_data(as_text=True)
    assert text.startswith("\ufeffparty_id,name,")
    _upload(owner, text)
    assert "This file changes nothing." in owner.text

    def to_french(session: Session) -> None:
        session.get_one(type(person_row("x", "x", None, [])), "olga").language = "fr"

    house.write(to_french)
    text = owner.http.get("/parties/template.csv").get_data(as_text=True)
    assert text.startswith("\ufeffparty_id;name;")
    _upload(owner, text)
    assert "Ce fichier ne change rien." in owner.text
