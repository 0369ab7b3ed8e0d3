"""The directory is kept from a shell too."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from api import first_start
from api.cli import main
from api.settings import from_environment
from engine import parties


@pytest.fixture
def run(tmp_path: Path):
    def one(*arguments: str) -> str:
        environment = {"PASSERELLE_VAR": str(tmp_path), "PASSERELLE_TIMEZONE": "Europe/Paris"}
        ended = CliRunner().invoke(main, list(arguments), env=environment)
        return f"{ended.exit_code} {ended.output}"

    return one


def test_parties_are_added_and_listed(run) -> None:
    added = run(
        "parties", "add", "Garage Élan", "--country", "FR", "--email", "Paul@Elan.example", "--contact", "Paul", "--timetable", "mon 08:00-12:00"
    )
    wrong = run("parties", "add", "Other", "--time-zone", "Mars")
    listed = run("parties", "list", "elan", "--kind", "partner")
    person = run("people", "add", "paul", "--party", "garage-elan", "--password", "correct-horse-battery")
    nobody = run("people", "add", "eve", "--party", "nowhere")

    assert added == "0 Garage Élan is garage-elan in models.\n"
    assert wrong == "1 Error: Expected time_zone: a time zone such as Europe/Paris.\n"
    assert re.search(r"^garage-elan +Garage Élan +partner +en +UTC +FR +paul@elan.example$", listed, re.M)
    assert "Other" not in run("parties", "list")
    assert person == "0 paul can log in.\n"
    assert nobody == "1 Error: Expected a party 'nowhere', found none.\n"
    assert "eve" not in run("people", "list")


def test_an_import_tells_what_it_would_do_and_does_it_only_when_told_to(run, tmp_path: Path) -> None:
    file = tmp_path / "parties.csv"
    file.write_text("party_id,name,language\nelan,Garage Élan,fr\nb,Bert,de\n")
    refused = run("parties", "import", str(file), "--yes")
    assert refused == "1 Error: Nothing was imported.\n  line 3: language: expected one of en, fr\n"

    file.write_text("party_id,name,language\nelan,Garage Élan,fr\nhost,Meridian,\n")
    previewed = run("parties", "import", str(file))
    assert re.search(r"^2 +elan +Garage Élan +new$", previewed, re.M)
    assert re.search(r"^3 +host +Meridian +changes name$", previewed, re.M)
    assert previewed.endswith("Nothing was imported; --yes does it.\n")
    assert "Élan" not in run("parties", "list")

    assert run("parties", "import", str(file), "--yes").endswith("1 added, 1 changed.\n")
    file.write_text(run("parties", "list", "--csv").removeprefix("0 "))
    assert run("parties", "import", str(file), "--yes").endswith("0 added, 0 changed.\n")


def test_the_host_lives_in_the_zone_of_its_installation_until_somebody_says_otherwise(database: Engine) -> None:
    settings = from_environment({"PASSERELLE_TIMEZONE": "Europe/Paris"})

    def zone(new: str | None = None) -> str:
        with Session(database) as session:
            host = parties.host(session)
            host.time_zone = new or host.time_zone
            session.commit()
            return host.time_zone

    assert zone() == "UTC"
    first_start.open_door(database, settings)
    assert zone() == "Europe/Paris"
    zone("UTC")
    first_start.open_door(database, settings)
    assert zone() == "UTC"


def test_sample_processes_bring_their_parties_and_people_belong_to_them(database: Engine, tmp_path: Path) -> None:
    (tmp_path / "people.json").write_text(
        """{"host": {"name": "Meridian", "time_zone": "Europe/Paris"}, "parties": [{"party_id": "garage", "name": "Benali Motors"}],
            "people": [{"username": "karim", "password": "passerelle-demo", "party": "garage"}]}"""
    )
    (tmp_path / "p.bpmn").write_text(
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t"><process id="p" isExecutable="true">'
        '<startEvent id="s"><outgoing>f</outgoing></startEvent><endEvent id="e"><incoming>f</incoming></endEvent>'
        '<sequenceFlow id="f" sourceRef="s" targetRef="e"/></process></definitions>'
    )
    settings = from_environment({})
    with Session(database) as session:
        for _ in range(2):
            first_start._load(session, tmp_path, settings)
            session.commit()

        garage, host = parties.by_party_id(session, "garage"), parties.host(session)
        assert garage is not None and (host.name, host.time_zone) == ("Meridian", "Europe/Paris")
        assert (garage.name, garage.time_zone) == ("Benali Motors", "Europe/Paris")
        assert session.get_one(first_start.Person, "karim").party_key == garage.key
