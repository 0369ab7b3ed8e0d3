"""What an installation can be told: PASSERELLE_… environment variables, checked once at start. The only reader of them."""

from __future__ import annotations

import difflib
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from email.utils import getaddresses, parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from engine.errors import WrongSettings
from engine.mail_addresses import MailServer, is_address

PREFIX = "PASSERELLE_"
_MB = 1 << 20


@dataclass(frozen=True, slots=True)
class Settings:
    """One installation. `url` has no slash at its end; sizes are bytes. `warnings`: sentences for whoever starts it."""

    host: str
    port: int
    url: str
    var: Path
    database_url: str
    secret: str | None
    timezone: str
    test_clock: bool
    log_level: str
    processes: int
    threads: int
    pool_size: int
    proxies: int | None
    max_upload: int
    max_file: int
    max_files: int
    metrics_token: str | None
    smtp_url: MailServer | None
    mail_from: tuple[str, str]  # name, address
    metrics_port: int | None
    warnings: tuple[str, ...] = ()

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def documents(self) -> Path:
        """Where the files lie that people hand in; all servers of an installation share it."""
        return self.var / "documents"

    @property
    def sqlite_file(self) -> Path:
        """Where the SQLite database lies; only for `is_sqlite`."""
        return Path(make_url(self.database_url).database or "")

    def __repr__(self) -> str:
        """Without what nobody should read in a log."""
        shown = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("secret", "metrics_token", "database_url")}
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in shown.items())})"


class _Wrong(ValueError):
    """Says what was expected."""


def _text(value: str) -> str:
    return value


def _whole_number(least: int, most: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        try:
            number = int(value)
        except ValueError:
            raise _Wrong(f"a whole number from {least} to {most}") from None
        if not least <= number <= most:
            raise _Wrong(f"a whole number from {least} to {most}")
        return number

    return read


_WORDS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


def _yes_or_no(value: str) -> bool:
    if value.lower() not in _WORDS:
        raise _Wrong("1 or 0 (true/false, yes/no, on/off)")
    return _WORDS[value.lower()]


def _one_of(*words: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value.lower() not in words:
            raise _Wrong(f"one of {', '.join(words)}")
        return value.lower()

    return read


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise _Wrong("an address like https://work.example.com")
    return value.rstrip("/")


def _time_zone(value: str) -> str:
    if not _is_zone(value):
        raise _Wrong("the name of a time zone such as Europe/Paris")
    return value


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown; not a name at all; a folder of zones, such as Europe
        return False
    return True


def _long_text(value: str) -> str:
    if len(value) < 32:
        raise _Wrong("at least 32 characters, for instance from `openssl rand -base64 48`")
    return value


_SMTP_PORTS = {"smtp": 25, "smtps": 465}
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def _mail_server(value: str) -> MailServer:
    expected = "smtp://host, smtp://user:password@host:587 or smtps://user:password@host"
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise _Wrong(expected) from None
    if parts.scheme not in _SMTP_PORTS or not parts.hostname or parts.path not in ("", "/") or parts.query or parts.fragment:
        raise _Wrong(expected)
    user, password = (None if part is None else unquote(part) for part in (parts.username, parts.password))
    host, is_tls = parts.hostname, parts.scheme == "smtps"
    return MailServer(host, port or _SMTP_PORTS[parts.scheme], is_tls, user or None, password, is_loopback=host in _LOOPBACK)


def _mailbox(value: str) -> tuple[str, str]:
    name, address = parseaddr(value)
    if not is_address(address) or not value.isprintable() or len(getaddresses([value])) != 1:
        raise _Wrong("an address like 'Claims <claims@example.com>'")
    return name or address, address


@dataclass(frozen=True, slots=True)
class _Setting:
    read: Callable[[str], Any]
    default: str | None
    meaning: str


SETTINGS: Mapping[str, _Setting] = {
    "HOST": _Setting(_text, "127.0.0.1", "address that the server listens on"),
    "PORT": _Setting(_whole_number(1, 65535), "8080", "port that the server listens on"),
    "URL": _Setting(_web_address, None, "address that people type, in links and mails; default http://127.0.0.1:PORT"),
    "VAR": _Setting(_text, "./var", "folder for what the server keeps: the SQLite database, its lock, files, the counters of /metrics"),
    "DATABASE_URL": _Setting(_text, None, "sqlite:///file or postgresql://user:password@host/name; default VAR/passerelle.db"),
    "SECRET": _Setting(_long_text, None, "signs cookies and tokens; default: made once and kept in the database"),
    "TIMEZONE": _Setting(_time_zone, None, "zone of the times that people read, such as Europe/Paris; default: this machine's, else UTC"),
    "TEST_CLOCK": _Setting(_yes_or_no, "0", "lets an administrator pin and move the time (PUT /v2/clock); never in production"),
    "LOG_LEVEL": _Setting(_one_of("debug", "info", "warning", "error"), "info", "what is logged"),
    "PROCESSES": _Setting(_whole_number(1, 64), None, "server processes; default 2, with SQLite always 1"),
    "THREADS": _Setting(
        _whole_number(65, 4096), None, "threads of each server process (64 are kept from long polls); default 256, SQLite 512"
    ),
    "POOL_SIZE": _Setting(_whole_number(2, 200), "20", "database connections of each server process"),
    "PROXIES": _Setting(
        _whole_number(0, 10), None, "proxies before the server whose X-Forwarded-For is believed; default: those on private addresses"
    ),
    "MAX_UPLOAD": _Setting(_whole_number(1, 1024), "16", "largest request in MB"),
    "MAX_FILE": _Setting(_whole_number(1, 1024), "15", "largest file in MB that people hand in with a form"),
    "MAX_FILES": _Setting(_whole_number(1, 100), "10", "files that one field of a form takes at most"),
    "SMTP_URL": _Setting(
        _mail_server, None, "mail server: smtp://user:password@host:587 or smtps://...; without it mails are kept, shown on /mails"
    ),
    "MAIL_FROM": _Setting(_mailbox, None, "sender of all mails, such as 'Claims <claims@example.com>'; needed with SMTP_URL"),
    "METRICS_TOKEN": _Setting(_long_text, None, "bearer token for /metrics from elsewhere; without it only this machine may read them"),
    "METRICS_PORT": _Setting(
        _whole_number(1, 65535), None, "port of 127.0.0.1 where `passerelle worker` tells its own /metrics; default none"
    ),
}

# Read by the commands that talk to a server, and by the tests; known here so that they are not taken for mistakes.
OTHER_NAMES = ("USER", "PASSWORD", "TEST_POSTGRES", "TEST_CHROMIUM", "KILLS", "COMMANDS")


def from_environment(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process. Raises WrongSettings with all that is wrong, one sentence a line."""
    environment = os.environ if environment is None else environment
    given = {name.removeprefix(PREFIX): value for name, value in environment.items() if name.startswith(PREFIX)}
    wrong, warnings = _unknown_names(given)
    values: dict[str, Any] = {}
    for name, setting in SETTINGS.items():
        text = (given.get(name) or "").strip() or setting.default
        try:
            values[name.lower()] = None if text is None else setting.read(text)
        except _Wrong as expected:
            wrong.append(f"{PREFIX}{name}: expected {expected}, found {_shown(name, text)}.")
    if wrong:
        raise WrongSettings("\n".join(wrong))
    return _completed(values, warnings)


def check_var(var: Path) -> None:
    """Make the folder; raises WrongSettings where one cannot write in it."""
    try:
        var.mkdir(mode=0o700, parents=True, exist_ok=True)  # cases, and what signs log-ins, are for nobody else
        with tempfile.TemporaryFile(dir=var):
            pass
    except OSError as error:
        raise WrongSettings(f"{PREFIX}VAR: expected a folder that can be written to, found {str(var)!r} ({error.strerror}).") from error


def _completed(values: dict[str, Any], warnings: list[str]) -> Settings:
    values["var"] = Path(values["var"]).absolute()
    values["database_url"] = _database_url(values["database_url"], values["var"])
    sqlite = values["database_url"].startswith("sqlite")
    if sqlite and (values["processes"] or 1) > 1:
        raise WrongSettings(f"{PREFIX}PROCESSES: expected 1 with SQLite, found {values['processes']}. PostgreSQL takes more.")
    values["processes"] = values["processes"] or (1 if sqlite else 2)
    values["threads"] = values["threads"] or (512 if sqlite else 256)
    values["max_upload"] *= _MB
    values["max_file"] *= _MB
    values["timezone"] = values["timezone"] or _zone_of_machine()
    if values["smtp_url"] is not None and values["mail_from"] is None:
        raise WrongSettings(f"{PREFIX}MAIL_FROM: expected the sender of mails, such as 'Claims <claims@example.com>', found none.")
    values["mail_from"] = values["mail_from"] or ("Passerelle", "passerelle@localhost")
    values["url"] = values["url"] or f"http://127.0.0.1:{values['port']}"
    return Settings(**values, warnings=tuple(warnings))


def _zone_of_machine(environment: Mapping[str, str] | None = None, link: Path = Path("/etc/localtime")) -> str:
    """What TZ names, else what /etc/localtime points to, else UTC (POSIX.1-2024, 8.3; localtime(5))."""
    named = (os.environ if environment is None else environment).get("TZ", "").removeprefix(":")
    for name in (named, str(link.resolve()).rpartition("/zoneinfo/")[2]):
        if name and _is_zone(name):
            return name
    return "UTC"


def _database_url(text: str | None, var: Path) -> str:
    if text is None:
        return f"sqlite:///{var / 'passerelle.db'}"
    name = f"{PREFIX}DATABASE_URL"
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        raise WrongSettings(f"{name}: expected sqlite:///file or postgresql://user:password@host/name, found something else.") from error
    if url.drivername in ("postgres", "postgresql", "postgresql+psycopg"):
        if not url.database:
            raise WrongSettings(f"{name}: expected the name of a database at the end, found none.")
        return url.set(drivername="postgresql").render_as_string(hide_password=False)
    if url.drivername != "sqlite":
        raise WrongSettings(f"{name}: expected sqlite or postgresql, found {url.drivername!r}.")
    if not url.database or url.database == ":memory:":
        raise WrongSettings(f"{name}: expected a file (a database in memory is gone when the server stops).")
    return f"sqlite:///{Path(url.database).absolute()}"


def _unknown_names(given: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """A name close to one of ours is a slip and refused; any other (Kubernetes adds some of its own) is only mentioned."""
    wrong, warnings = [], []
    for name in given:
        if name in SETTINGS or name in OTHER_NAMES:
            continue
        near = difflib.get_close_matches(name, SETTINGS, n=1, cutoff=0.8)
        if near:
            wrong.append(f"{PREFIX}{name}: there is no such setting; did you mean {PREFIX}{near[0]}?")
        else:
            warnings.append(f"{PREFIX}{name}: there is no such setting; it changes nothing. `passerelle settings` lists them.")
    return wrong, warnings


def _shown(name: str, text: str | None) -> str:
    return "something else" if name in ("SECRET", "METRICS_TOKEN", "DATABASE_URL", "SMTP_URL") else repr(text)
