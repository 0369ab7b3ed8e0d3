"""`passerelle doctor` says what is wrong and what to do, and ends with 1 where something is."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from api import doctor
from api.cli import main
from engine.timers import Timer
from tests.api import models
from tests.platforms import Platform

Doctor = Callable[..., Result]


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(main, list(arguments), env=environment)


@pytest.fixture
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Doctor:
    """The doctor of an installation of its own, without a server."""
    monkeypatch.setattr(doctor, "_front_end", lambda: iter([(doctor.Level.FINE, "", None)]))
    return lambda *arguments, **more: run(*(arguments or ("doctor",)), PASSERELLE_VAR=str(tmp_path), **more)


def test_a_new_installation_is_told_how_to_begin_and_then_is_well(at_home: Doctor) -> None:
    before = at_home()
    made = at_home("migrate")
    after = at_home()

    assert before.exit_code == 1
    assert "There is no database yet" in before.output
    assert "`passerelle serve` makes it" in before.output
    assert made.exit_code == 0
    assert after.exit_code == 0, after.output
    assert after.output.endswith("Nothing is wrong.\n")


def test_looking_changes_nothing(at_home: Doctor, tmp_path: Path) -> None:
    at_home()

    assert list(tmp_path.iterdir()) == []


def test_wrong_settings_are_all_told(at_home: Doctor) -> None:
    ended = at_home(PASSERELLE_PORT="eighty", PASSERELLE_SECRET="short")

    assert ended.exit_code == 1
    assert "PASSERELLE_PORT: expected a whole number" in ended.output
    assert "PASSERELLE_SECRET: expected at least 32 characters" in ended.output
    assert "short" not in ended.output.replace("PASSERELLE_SECRET", "")


@pytest.mark.parametrize(("revision", "said"), [("0005_open_work", "`passerelle migrate`"), ("9999_later", "newer version than this program")])
def test_tables_of_another_version_are_told(at_home: Doctor, tmp_path: Path, revision: str, said: str) -> None:
    at_home("migrate")
    engine = create_engine(f"sqlite:///{tmp_path}/passerelle.db")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
    ended = at_home()

    assert ended.exit_code == 1
    assert said in ended.output


def test_a_database_that_does_not_answer_is_told_without_its_password(at_home: Doctor) -> None:
    ended = at_home(PASSERELLE_DATABASE_URL="postgresql://me:very-secret@127.0.0.1:9/none")

    assert ended.exit_code == 1
    assert "WRONG  database" in ended.output
    assert "very-secret" not in ended.output


def test_a_mail_server_that_does_not_answer_is_told_without_its_password(at_home: Doctor) -> None:
    at_home("migrate")
    ended = at_home(
        PASSERELLE_SMTP_URL="smtp://me:very-secret@127.0.0.1:9", PASSERELLE_MAIL_FROM="a@example.com", PASSERELLE_URL="https://x.example"
    )

    assert ended.exit_code == 1
    assert "The mail server 127.0.0.1:9 does not take our mails" in ended.output
    assert "very-secret" not in ended.output


def test_links_that_nobody_can_open_are_told(at_home: Doctor) -> None:
    ended = at_home(PASSERELLE_SMTP_URL="smtp://mail.invalid", PASSERELLE_MAIL_FROM="a@example.com")

    assert "which nobody else can open" in ended.output


def test_a_full_disk_is_told(at_home: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    at_home("migrate")
    monkeypatch.setattr(doctor, "LEAST_FREE", 1 << 62)
    ended = at_home()

    assert ended.exit_code == 1
    assert "Make room now" in ended.output


def test_pages_that_were_not_built_are_told(at_home: Doctor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(doctor, "__file__", str(tmp_path / "api" / "doctor.py"))
    found = [said for _, said, _ in doctor._front_end()]

    assert "are not there" in found[0]


def _of(platform: Platform) -> Result:
    return run("doctor", **platform.server.environment())


def test_work_without_a_worker_is_told_until_one_asks(platform: Platform) -> None:
    # a type of its own: a server that has noted one does so again only after a minute, also where a test emptied the tables
    platform.deploy(models.process("booking", models.service_task("book", "weigh-it")))
    for _ in range(3):
        platform.start("booking")
    before = _of(platform)
    platform.leases("weigh-it", max_jobs=1)
    after = _of(platform)

    assert before.exit_code == 1
    assert "3 jobs of type 'weigh-it' wait for a worker: none has ever asked." in before.output
    assert "'weigh-it'" not in after.output


def test_time_that_stands_still_is_told(platform: Platform) -> None:
    platform.wait(seconds=1)
    ended = _of(platform)

    assert ended.exit_code == 1
    assert "The time stands still at" in ended.output


def test_work_that_nobody_does_in_the_background_is_told(session: Session) -> None:
    now = datetime.now(UTC)

    def add(key: int, due_at: datetime) -> None:
        session.add(Timer(key=key, due_at=due_at, element_id="wait", process_key=1))
        session.flush()

    add(1, now - timedelta(minutes=1))
    well = list(doctor._background(session))
    add(2, now - timedelta(hours=1))
    ((level, said, advice),) = doctor._background(session)

    assert [one[0] for one in well] == [doctor.Level.FINE]
    assert level is doctor.Level.WRONG
    assert said.startswith("1 timers or continuations")
    assert "passerelle serve" in (advice or "")
