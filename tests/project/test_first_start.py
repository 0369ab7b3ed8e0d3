"""An empty installation makes one administrator, once."""

import re

from click.testing import CliRunner
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from api import first_start
from api.cli import main
from api.settings import from_environment
from engine import people
from engine.people import Person

SETTINGS = from_environment({})


def _password(told: str) -> str:
    return re.search(r"^    (\S+)$", told, re.M)[1]


def _people(engine: Engine) -> list[Person]:
    with Session(engine) as session:
        return list(session.scalars(select(Person)))


def test_the_first_start_makes_an_administrator_whose_password_must_be_changed(database: Engine) -> None:
    told = first_start.open_door(database, SETTINGS)

    (admin,) = _people(database)
    assert (admin.username, admin.roles, admin.must_change_password) == ("admin", ["admin"], True)
    with Session(database) as session:
        assert people.verify(session, "admin", _password(told)) is not None
        assert people.verify(session, "admin", "admin") is None


def test_the_password_is_stored_nowhere(database: Engine) -> None:
    told = first_start.open_door(database, SETTINGS)

    assert _password(told) not in str([vars(person) for person in _people(database)])


def test_the_door_stays_shut_at_the_second_start(database: Engine) -> None:
    first_start.open_door(database, SETTINGS)
    before = [person.password_hash for person in _people(database)]

    assert first_start.open_door(database, SETTINGS) == ""
    assert [person.password_hash for person in _people(database)] == before


def test_the_door_stays_shut_when_everybody_is_gone(database: Engine) -> None:
    first_start.open_door(database, SETTINGS)
    with Session(database) as session:
        session.delete(session.get(Person, "admin"))
        session.commit()

    assert first_start.open_door(database, SETTINGS) == ""
    assert _people(database) == []


def test_the_door_stays_shut_where_people_are_already(database: Engine) -> None:
    from tests.platforms import furnish

    furnish(database)
    before = {person.username for person in _people(database)}

    assert first_start.open_door(database, SETTINGS) == ""
    assert {person.username for person in _people(database)} == before


def test_people_are_kept_from_a_shell(tmp_path) -> None:
    def run(*arguments: str) -> str:
        ended = CliRunner().invoke(main, ["people", *arguments], env={"PASSERELLE_VAR": str(tmp_path)})
        return f"{ended.exit_code} {ended.output}"

    added = run("add", "anna", "--name", "Anna Berg", "--role", "member", "--group", "Front desk")
    again = run("add", "anna")
    grouped = run("groups", "anna", "Front desk", "Adjusters")
    listed = run("list")
    renewed = run("password", "anna", "--password", "correct-horse-battery")
    nobody = run("password", "bert")

    assert re.match(r"0 anna can log in with the password \w{5}-\w{5}-\w{5}$", added)
    assert again.startswith("1 Error: There is a person 'anna' already.")
    assert grouped == "0 anna is in Front desk, Adjusters.\n"
    assert re.search(r"^anna +Anna Berg +member +adjusters, front-desk$", listed, re.M)
    assert renewed == "0 The password of anna was changed.\n"
    assert nobody.startswith("1 Error: Expected a person 'bert', found none.")
