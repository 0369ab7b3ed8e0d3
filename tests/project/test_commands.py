"""`make` and `passerelle` explain themselves."""

import re
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from api.cli import main

TOP = Path(__file__).parents[2]


def _run(*arguments: str, **environment: str):
    return CliRunner().invoke(main, list(arguments), env=environment)


def test_make_alone_lists_every_command() -> None:
    shown = subprocess.run(["make"], cwd=TOP, capture_output=True, text=True, check=True).stdout
    targets = re.search(r"^\.PHONY: (.*)$", (TOP / "Makefile").read_text(), re.M)[1].split()

    assert {"run", "test", "endure", "conformance", "wheel"} <= set(targets)
    for target in targets:
        assert re.search(rf"^  make {target} +\S", shown, re.M), target


def test_continuous_integration_runs_make_test() -> None:
    script = TOP / ".ci" / "run"

    assert "make --no-print-directory test" in script.read_text()
    assert script.stat().st_mode & 0o111


def test_every_command_has_a_line_of_help() -> None:
    shown = _run("--help").output

    for name, command in main.commands.items():
        assert re.search(rf"^  {name} +\S", shown, re.M), name
        assert _run(name, "--help").exit_code == 0
        assert command.help


def test_a_wrong_setting_ends_every_command_with_a_sentence() -> None:
    ended = _run("migrate", PASSERELLE_PORT="eighty")

    assert ended.exit_code == 1
    assert ended.output == "Error: PASSERELLE_PORT: expected a whole number from 1 to 65535, found 'eighty'.\n"


def test_a_database_that_cannot_be_reached_is_told_without_its_password(tmp_path: Path) -> None:
    url = "postgresql://anna:s3cret@127.0.0.1:1/cases"
    ended = _run("migrate", PASSERELLE_VAR=str(tmp_path), PASSERELLE_DATABASE_URL=url)

    assert ended.exit_code == 1
    assert "expected a database that can be reached" in ended.output
    assert "s3cret" not in ended.output


def test_migrating_twice_says_so(tmp_path: Path) -> None:
    first = _run("migrate", PASSERELLE_VAR=str(tmp_path))
    second = _run("migrate", PASSERELLE_VAR=str(tmp_path))

    assert first.output == "The database was brought up to date.\n"
    assert second.output == "The database is up to date.\n"


def test_a_worker_beside_sqlite_is_refused(tmp_path: Path) -> None:
    ended = _run("worker", PASSERELLE_VAR=str(tmp_path))

    assert ended.exit_code == 1
    assert "With SQLite the server does the background work itself" in ended.output


def test_speaking_to_a_server_that_is_not_there_is_told_in_a_sentence() -> None:
    ended = _run("tasks", "--server", "http://127.0.0.1:1", "--user", "anna", "--password", "pw")

    assert ended.exit_code == 1
    assert ended.output.startswith("Error: Expected a Passerelle server on http://127.0.0.1:1, found none")


def test_speaking_to_a_server_needs_a_name() -> None:
    ended = _run("tasks", "--server", "http://127.0.0.1:1", PASSERELLE_USER="", PASSERELLE_PASSWORD="")

    assert ended.exit_code == 2
    assert "Say who you are" in ended.output


@pytest.mark.parametrize("given", [("--variables", "[1]"), ("--variables", "{"), ("--var", "no-value"), ("--variables", "@nowhere.json")])
def test_variables_that_are_not_variables_are_refused(given: tuple[str, str]) -> None:
    ended = _run("start", "claim", *given, "--server", "http://127.0.0.1:1", "--user", "anna", "--password", "pw")

    assert ended.exit_code == 2
    assert "Expected" in ended.output
