"""The directory as a CSV file: every bad line is named, nothing is imported by halves, and no cell is a formula."""

import csv
import io
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine import parties, party_lists
from engine.errors import Invalid, NotAllowed, TooLarge
from engine.parties import PLATFORM, Actor, Party
from engine.party_lists import Line, import_csv, preview_csv

HEAD = "party_id,name,kind,language,time_zone,country,timetable,contact_name,contact_email,contact_phone,active\n"
GOOD = (
    HEAD
    + 'elan,Garage Élan,partner,fr,Europe/Paris,FR,"lun-jeu 08:00-12:00 13:00-17:00, ven 08:00-12:00",Paul,Paul@Elan.example,+33 1 23,oui\n'
    + ',"Müller, & Söhne",Partner,,Europe/Berlin,DE-BY,,,info@mueller.example,,\n'
    + "julie,Julie,customer,,,,,,julie@example.com,,\n"
)


def _count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Party)) or 0


def _problems(lines: list[Line]) -> dict[int, list[str]]:
    return {line.number: [problem.column for problem in line.problems] for line in lines if line.problems}


def test_a_preview_changes_nothing_and_an_import_does_what_it_said(session: Session) -> None:
    parties.host(session)
    lines = preview_csv(session, GOOD, by=PLATFORM)

    assert [(line.number, line.party_id, line.is_new, line.problems) for line in lines] == [
        (2, "elan", True, ()),
        (3, "muller-sohne", True, ()),
        (4, "julie", True, ()),
    ]
    assert _count(session) == 1
    assert import_csv(session, GOOD, by=PLATFORM) == (3, 0)
    elan, muller, julie = (parties.by_party_id(session, line.party_id) for line in lines)
    assert elan is not None and muller is not None and julie is not None
    assert (elan.name, elan.language, elan.time_zone, elan.country, elan.active) == ("Garage Élan", "fr", "Europe/Paris", "FR", True)
    assert elan.timetable == {day: [["08:00", "12:00"], ["13:00", "17:00"]] for day in ("mon", "tue", "wed", "thu")} | {
        "fri": [["08:00", "12:00"]]
    }
    assert elan.contacts == [{"name": "Paul", "email": "paul@elan.example", "phone": "+33 1 23"}]
    assert (muller.name, muller.country, muller.time_zone) == ("Müller, & Söhne", "DE-BY", "Europe/Berlin")
    assert parties.customer(session, "julie@example.com") is julie


def test_importing_the_same_again_changes_nothing_and_empty_cells_leave_everything_as_it_is(session: Session) -> None:
    import_csv(session, GOOD, by=PLATFORM)
    again = GOOD.replace("\n,", "\nmuller-sohne,")

    assert all(not line.is_new and not line.changes and not line.problems for line in preview_csv(session, again, by=PLATFORM))
    assert import_csv(session, again, by=PLATFORM) == (0, 0)
    assert import_csv(session, "party_id;contact_phone;active\nelan;;non\nmuller-sohne;12;\n", by=PLATFORM) == (0, 2)
    elan, muller = parties.by_party_id(session, "elan"), parties.by_party_id(session, "muller-sohne")
    assert elan is not None and not elan.active and elan.contacts[0]["phone"] == "+33 1 23"
    assert muller is not None and muller.contacts == [{"name": "info@mueller.example", "email": "info@mueller.example", "phone": "12"}]


def test_only_the_first_contact_is_changed_and_the_others_stay(session: Session) -> None:
    contacts = [{"email": "a@x.example", "name": "A"}, {"email": "b@x.example", "name": "B"}]
    party = parties.save(session, {"name": "X", "party_id": "x", "contacts": contacts}, by=PLATFORM)

    import_csv(session, "party_id,contact_email\nx,new@x.example\n", by=PLATFORM)

    assert party.contacts == [{"name": "A", "email": "new@x.example"}, contacts[1] | {}]
    assert parties.search(session, "new@x") == [party] and parties.search(session, "a@x") == []


BAD_LINES: list[tuple[str, list[str]]] = [
    ("No Id,X,,,,,,,,,", ["party_id"]),
    (",,,,,,,,a@x.example,,", ["name"]),
    (",X,friend,,,,,,,,", ["kind"]),
    (",X,host,,,,,,,,", ["kind"]),
    (",X,,de,,,,,,,", ["language"]),
    (",X,,,Paris,,,,,,", ["time_zone"]),
    (",X,,,,France,,,,,", ["country"]),
    (",X,,,,,mon 9-17,,,,", ["timetable"]),
    (",X,,,,,monday 09:00-17:00,,,,", ["timetable"]),
    (",X,,,,,fri-mon 09:00-17:00,,,,", ["timetable"]),
    (',X,,,,,"mon 09:00-17:00, mon 18:00-19:00",,,,', ["timetable"]),
    (",X,,,,,nothing,,,,", ["timetable"]),
    (",X,,,,,,Paul,,,", ["contact_email"]),
    (",X,,,,,,,nowhere,,", ["contact_email"]),
    (",X,,,,,,,,,perhaps", ["active"]),
    (",X,,de,Paris,,,,nowhere,,perhaps", ["active", "language", "time_zone", "contact_email"]),
    (",Known,,,,,,,,,", ["name"]),
    ("host,,,,,,,,,,no", ["active"]),
    ("cu2,Julie,customer,,,,,,known@example.com,,", ["contact_email"]),
]


@pytest.mark.parametrize(("line", "columns"), BAD_LINES)
def test_every_bad_line_is_named_and_nothing_at_all_is_imported(session: Session, line: str, columns: list[str]) -> None:
    parties.save(session, {"name": "Known"}, by=PLATFORM)
    parties.customer(session, "known@example.com")
    before = _count(session)
    text = HEAD + "fine,Fine,,,,,,,,,\n" + line + "\n"

    lines = preview_csv(session, text, by=PLATFORM)

    assert _problems(lines) == {3: columns}
    with pytest.raises(Invalid) as refused:
        import_csv(session, text, by=PLATFORM)
    assert set(refused.value.details["fields"]) == {f"3.{column}" for column in columns}
    assert _count(session) == before


def test_what_stands_twice_in_the_file_is_a_problem_of_the_second(session: Session) -> None:
    text = HEAD + "a,A,,,,,,,,,\n\na,B,,,,,,,,,\n,C,,,,,,,,,\n,C,,,,,,,,,\nd,D,customer,,,,,,x@y.example,,\ne,E,customer,,,,,,X@y.example,,\n"

    lines = preview_csv(session, text, by=PLATFORM)

    assert _problems(lines) == {4: ["party_id"], 6: ["name"], 8: ["contact_email"]}


def test_line_numbers_are_those_of_the_file_even_where_a_cell_has_several_lines(session: Session) -> None:
    text = 'sep=;\nname;language\n"One\nparty";en\nTwo;de\n'

    lines = preview_csv(session, text, by=PLATFORM)

    assert [line.number for line in lines] == [3, 5]
    assert _problems(lines) == {3: ["name"], 5: ["language"]}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("\n\n", "empty"),
        ("name,colour\nX,red\n", "unknown_column"),
        ("name,name\nX,Y\n", "unknown_column"),
        ("kind,language\npartner,en\n", "no_column"),
        ('name\n"X\n', "not_csv"),
        ('name\n"X"Y\n', "not_csv"),
        ("name\n" + "x" * 200_000 + "\n", "not_csv"),
        ("%PDF-1.7 \x00\x01", "unknown_column"),
        ("name\n" + "X\n" * 2001, "too_many"),
    ],
)
def test_what_is_no_such_file_is_refused_as_a_whole(session: Session, text: str, reason: str) -> None:
    with pytest.raises(Invalid) as refused:
        preview_csv(session, text, by=PLATFORM)

    assert refused.value.details["reason"] == reason


def test_files_of_spreadsheets_are_read_as_they_are_written() -> None:
    assert party_lists.decoded("\ufeffname\nÉlan".encode()) == "name\nÉlan"
    assert party_lists.decoded("name\nÉlan".encode("cp1252")) == "name\nÉlan"
    with pytest.raises(TooLarge):
        party_lists.decoded(b"x" * 500_001)


def test_two_thousand_lines_are_the_most_and_are_imported_in_one_go(session: Session) -> None:
    text = "name,contact_email\n" + "".join(f"Party {n},p{n}@x.example\n" for n in range(2000))

    assert import_csv(session, text, by=PLATFORM) == (2000, 0)


@pytest.mark.parametrize("roles", [(), ("member",), ("operator",)])
def test_who_does_not_keep_the_directory_neither_previews_nor_imports(session: Session, roles: tuple[str, ...]) -> None:
    somebody = Actor(id="person:x", username="x", roles=frozenset(roles))
    for deed in (preview_csv, import_csv):
        with pytest.raises(NotAllowed):
            deed(session, GOOD, by=somebody)
    assert _count(session) <= 1


_names = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Zl", "Zp")), min_size=1, max_size=20).map(str.strip).filter(
    lambda text: text and text.isprintable()
)
_nasty = st.one_of(_names, _names.map("=cmd|' /C calc'!A0 {}".format), st.sampled_from(["'", "''", "'=1", "-1+1", "@SUM(1)", '=1,";"', "+33"]))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_nasty, min_size=1, max_size=4, unique=True), st.sampled_from([",", ";", "\t"]))
def test_an_exported_file_has_no_formula_and_comes_back_as_it_was(session: Session, names: list[str], delimiter: str) -> None:
    session.rollback()
    timetable: Any = {"mon": [["08:00", "12:00"]], "tue": [["08:00", "12:00"]], "sun": [["00:00", "24:00"]]}
    contacts = [{"email": "a@x.example", "name": names[0], "phone": "+33 1"}]
    rows = [
        parties.save(session, {"name": name, "timetable": timetable, "contacts": contacts, "active": n % 2 == 0}, by=PLATFORM)
        for n, name in enumerate(names)
    ]

    text = party_lists.csv_of(rows, delimiter)

    for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in cells)
    lines = preview_csv(session, text, by=PLATFORM)
    assert [(line.party_id, line.is_new, line.changes, line.problems) for line in lines] == [(row.party_id, False, (), ()) for row in rows]


def test_the_template_is_an_example_that_changes_nothing(session: Session) -> None:
    (line,) = preview_csv(session, party_lists.template(session, ";"), by=PLATFORM)

    assert (line.party_id, line.is_new, line.changes, line.problems) == ("host", False, (), ())


def test_a_timetable_is_written_as_it_is_read() -> None:
    words = "mon-thu 08:00-12:00 13:00-17:00, fri 08:00-12:00, sun 00:00-24:00"

    read = party_lists.timetable_of(words)
    assert party_lists.timetable_words(read) == words
    assert party_lists.timetable_words(read, ["lun", "mar", "mer", "jeu", "ven", "sam", "dim"]).startswith("lun-jeu 08:00")
    assert party_lists.timetable_words(None) == "mon-fri 09:00-17:00"
