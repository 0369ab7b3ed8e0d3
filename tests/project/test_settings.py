"""Settings are checked at start, with messages that say what was expected."""

from pathlib import Path

import pytest

from api.settings import SETTINGS, _zone_of_machine, check_var, from_environment
from engine.errors import WrongSettings
from engine.mail_addresses import MailServer


def test_nothing_needs_to_be_set() -> None:
    settings = from_environment({})

    assert (settings.port, settings.url) == (8080, "http://127.0.0.1:8080")
    assert settings.sqlite_file == Path.cwd() / "var" / "passerelle.db"
    assert (settings.processes, settings.threads) == (1, 512)


def test_postgresql_gets_two_processes() -> None:
    settings = from_environment({"PASSERELLE_DATABASE_URL": "postgres://anna:pw@db/cases"})

    assert settings.database_url == "postgresql://anna:pw@db/cases"
    assert (settings.processes, settings.threads) == (2, 256)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("PORT", "eighty", "a whole number from 1 to 65535, found 'eighty'"),
        ("PORT", "0", "a whole number from 1 to 65535, found '0'"),
        ("PORT", "tcp://10.0.0.1:80", "a whole number"),
        ("TIMEZONE", "Europe/Atlantis", "a time zone such as Europe/Paris, found 'Europe/Atlantis'"),
        ("TIMEZONE", "Europe", "a time zone such as Europe/Paris"),
        ("TIMEZONE", "../../etc/passwd", "a time zone such as Europe/Paris"),
        ("TEST_CLOCK", "maybe", "1 or 0"),
        ("URL", "work.example.com", "an address like https://"),
        ("LOG_LEVEL", "loud", "one of debug, info, warning, error"),
        ("DATABASE_URL", "mysql://a/b", "expected sqlite or postgresql, found 'mysql'"),
        ("DATABASE_URL", "sqlite://", "expected a file"),
        ("DATABASE_URL", "postgresql://host", "name of a database"),
        ("DATABASE_URL", "not an address", "expected sqlite:///file or postgresql://"),
        ("SECRET", "short", "at least 32 characters"),
        ("PROCESSES", "2", "expected 1 with SQLite, found 2"),
        ("SMTP_URL", "mail.example.com", "expected smtp://host"),
        ("SMTP_URL", "smtp://host:99999", "expected smtp://host"),
        ("MAIL_FROM", "Claims", "an address like"),
        ("MAIL_FROM", "Claims <claims@example.com>, more@example.com\r\nBcc: x@example.com", "an address like"),
        ("SECERT", "x", "did you mean PASSERELLE_SECRET?"),
        ("TESTCLOCK", "1", "did you mean PASSERELLE_TEST_CLOCK?"),
    ],
)
def test_a_wrong_setting_is_refused_with_what_was_expected(name: str, value: str, expected: str) -> None:
    with pytest.raises(WrongSettings) as refused:
        from_environment({f"PASSERELLE_{name}": value})

    assert f"PASSERELLE_{name}" in refused.value.message
    assert expected in refused.value.message


def test_the_time_zone_is_the_machines_until_it_is_set(tmp_path: Path) -> None:
    link = tmp_path / "localtime"
    link.symlink_to("/usr/share/zoneinfo/Europe/Paris")

    assert from_environment({"PASSERELLE_TIMEZONE": "Asia/Tokyo"}).timezone == "Asia/Tokyo"
    assert _zone_of_machine({"TZ": ":Asia/Tokyo"}, link) == "Asia/Tokyo"
    assert _zone_of_machine({"TZ": "CET-1CEST,M3.5.0,M10.5.0/3"}, link) == "Europe/Paris"
    assert _zone_of_machine({}, link) == "Europe/Paris"
    assert _zone_of_machine({}, tmp_path / "nowhere") == "UTC"


def test_everything_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(WrongSettings) as refused:
        from_environment({"PASSERELLE_PORT": "x", "PASSERELLE_URL": "y", "PASSERELLE_THREDS": "z"})

    assert len(refused.value.message.splitlines()) == 3


def test_a_stranger_among_the_names_is_only_mentioned() -> None:
    settings = from_environment({"PASSERELLE_SERVICE_HOST": "10.0.0.1"})

    assert "PASSERELLE_SERVICE_HOST" in settings.warnings[0]


def test_no_secret_stands_in_what_a_log_would_show() -> None:
    secret = "s3cret-" * 8
    settings = from_environment(
        {
            "PASSERELLE_SECRET": secret,
            "PASSERELLE_METRICS_TOKEN": secret,
            "PASSERELLE_DATABASE_URL": f"postgresql://anna:{secret}@db/cases",
        }
    )

    assert "s3cret" not in repr(settings)
    with pytest.raises(WrongSettings) as refused:
        from_environment({"PASSERELLE_DATABASE_URL": f"mysql://anna:{secret}@db/cases"})
    assert "s3cret" not in refused.value.message


def test_a_mail_server_is_named_with_or_without_a_password() -> None:
    sender = {"PASSERELLE_MAIL_FROM": "Claims <claims@example.com>"}
    plain = from_environment({"PASSERELLE_SMTP_URL": "smtp://mail.example.com", **sender})
    secured = from_environment({"PASSERELLE_SMTP_URL": "smtps://anna:p%40ss-s3cret@mail.example.com", **sender})

    assert plain.smtp_url == MailServer("mail.example.com", 25)
    assert plain.mail_from == ("Claims", "claims@example.com")
    assert secured.smtp_url == MailServer("mail.example.com", 465, True, "anna", "p@ss-s3cret")
    assert "s3cret" not in repr(secured)
    assert from_environment({}).smtp_url is None


def test_a_mail_server_needs_a_sender() -> None:
    with pytest.raises(WrongSettings, match="PASSERELLE_MAIL_FROM: expected the sender of mails"):
        from_environment({"PASSERELLE_SMTP_URL": "smtp://mail.example.com"})


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")

    with pytest.raises(WrongSettings, match="PASSERELLE_VAR: expected a folder that can be written to"):
        check_var(file / "var")


def test_the_folder_is_for_the_servers_user_alone(tmp_path: Path) -> None:
    check_var(tmp_path / "var")

    assert (tmp_path / "var").stat().st_mode & 0o077 == 0


def test_every_setting_says_what_it_means() -> None:
    assert all(setting.meaning for setting in SETTINGS.values())


def test_the_operators_guide_has_the_same_settings() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "operating.md").read_text()
    rows = [line for line in guide.splitlines() if line.startswith("| `PASSERELLE_")]

    assert rows == [
        f"| `PASSERELLE_{name}` | {f'`{setting.default}`' if setting.default is not None else ''} | {setting.meaning} |"
        for name, setting in SETTINGS.items()
    ]
