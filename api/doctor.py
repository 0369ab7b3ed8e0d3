"""`passerelle doctor`: what is wrong with an installation, and what to do about it. Changes nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
from sqlalchemy.exc import SQLAlchemyError

from api.settings import Settings, check_var, from_environment
from engine.errors import EngineError, WrongSettings

MOST_APART = 2.0  # seconds between this machine's clock and the database's
LEAST_FREE, SCARCE = 200 << 20, 2 << 30  # bytes on the disk
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Level(StrEnum):
    FINE = "ok"
    NOTE = "note"  # worth knowing; nothing is broken
    WRONG = "WRONG"


@dataclass(frozen=True, slots=True)
class Finding:
    area: str
    level: Level
    said: str
    advice: str | None = None


Findings = Iterator[tuple[Level, str, str | None]]


def examine() -> list[Finding]:
    """Everything that is found, in the order in which one would mend it."""
    try:
        settings = from_environment()
    except WrongSettings as error:
        return [Finding("settings", Level.WRONG, line, "`passerelle settings` lists them all.") for line in error.message.splitlines()]
    found = list(_asked("settings", lambda: _settings(settings)))
    found += _asked("disk", lambda: _disk(settings))
    found += _asked("front end", _front_end)
    found += _asked("mail", lambda: _mail(settings))
    engine = _reached(settings, found)
    if engine is not None:
        try:
            found += _of_database(engine, settings)
        finally:
            engine.dispose()
    return found


def _asked(area: str, look: Callable[[], Findings]) -> Iterator[Finding]:
    try:
        for level, said, advice in look():
            yield Finding(area, level, said, advice)
    except (EngineError, SQLAlchemyError, OSError) as error:
        yield Finding(area, Level.WRONG, f"This could not be looked at: {' '.join(str(error).split())[:300]}")


# -- without the database -----------------------------------------------------------------------------------------


def _settings(settings: Settings) -> Findings:
    for warning in settings.warnings:
        yield Level.NOTE, warning, None
    if settings.test_clock:
        advice = "Take PASSERELLE_TEST_CLOCK away where real work is done."
        yield Level.NOTE, "An administrator may move the time of this installation (PASSERELLE_TEST_CLOCK).", advice
    parts = urlsplit(settings.url)
    if settings.smtp_url is not None and not settings.smtp_url.is_loopback and parts.hostname in _LOOPBACK:
        said = f"Links in mails lead to {settings.url}, which nobody else can open."
        yield Level.WRONG, said, "Set PASSERELLE_URL to the address that people type."
    elif parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        said = f"People reach it at {settings.url} without encryption: passwords and links can be read on the way."
        yield Level.NOTE, said, "Put it behind a proxy with TLS, and let PASSERELLE_URL begin with https://."
    yield Level.FINE, f"The settings can be read; people reach it at {settings.url}.", None


def _disk(settings: Settings) -> Findings:
    if not settings.var.exists():
        yield Level.NOTE, f"The folder {settings.var} is not there yet.", "It is made when the server starts first."
        return
    try:
        check_var(settings.var)
    except WrongSettings as error:
        yield Level.WRONG, error.message, "Give the folder to the user that the server runs as, or name another in PASSERELLE_VAR."
        return
    free = shutil.disk_usage(settings.var).free
    said = f"{free / (1 << 30):.1f} GB are free on the disk of {settings.var}."
    if free < LEAST_FREE:
        yield Level.WRONG, said, "Make room now: without it no step can be stored."
    elif free < SCARCE:
        yield Level.NOTE, said, "Make room before it is needed."
    else:
        yield Level.FINE, said, None


def _front_end() -> Findings:
    top = Path(__file__).resolve().parent.parent
    for name, file in (("portal", top / "portal/static/portal.css"), ("workbench", top / "designer/static/dist/index.html")):
        if not file.is_file():
            advice = "Run `make run`, or `npm ci && npm run build` in designer/; a wheel brings it along."
            yield Level.WRONG, f"The pages of the {name} are not there: expected {file}.", advice
            return
    yield Level.FINE, "The pages of portal and workbench are there.", None


def _mail(settings: Settings) -> Findings:
    from engine import postmen

    if settings.smtp_url is None:
        said = "No mail server is named: invitations are kept and shown on this machine only, at /mails."
        yield Level.NOTE, said, "Set PASSERELLE_SMTP_URL and PASSERELLE_MAIL_FROM."
        return
    trouble = postmen.try_out(settings.smtp_url)
    where = f"{settings.smtp_url.host}:{settings.smtp_url.port}"
    if trouble is not None:
        said = f"The mail server {where} does not take our mails: {trouble}"
        yield Level.WRONG, said, "Check PASSERELLE_SMTP_URL: host, port, user, password; and that this machine may speak to it."
    else:
        yield Level.FINE, f"The mail server {where} answers.", None


# -- the database -------------------------------------------------------------------------------------------------


def _reached(settings: Settings, found: list[Finding]) -> Any:
    from api import first_start

    if settings.is_sqlite and not settings.sqlite_file.is_file():
        said = f"There is no database yet: expected {settings.sqlite_file}."
        advice = "`passerelle serve` makes it; or check PASSERELLE_VAR and PASSERELLE_DATABASE_URL."
        found.append(Finding("database", Level.WRONG, said, advice))
        return None
    try:
        return first_start.connected(settings)
    except WrongSettings as error:
        advice = "Start it, or check PASSERELLE_DATABASE_URL; nothing works without it."
        found.append(Finding("database", Level.WRONG, error.message, advice))
        return None


def _of_database(engine: Any, settings: Settings) -> Iterator[Finding]:
    from engine import database, health, migrations

    with database.reading(engine) as session:
        server = health.server_of(session)
        yield Finding("database", Level.FINE, f"{server} answers.")
        if not migrations.is_current(engine):
            known = migrations.is_known(engine)
            said = "The tables are older than this version." if known else "The tables are of a newer version than this program."
            advice = "`passerelle migrate` brings them up to date." if known else "Install the version that the other servers have."
            yield Finding("migrations", Level.WRONG, said, advice)
            return
        yield Finding("migrations", Level.FINE, "The tables are up to date.")
        yield from _asked("clock", lambda: _clock(session))
        yield from _asked("background", lambda: _background(session))
        yield from _asked("outbox", lambda: _outbox(session, settings))
        yield from _asked("workers", lambda: _workers(session))


def _clock(session: Any) -> Findings:
    from engine import clock, health

    there, here = health.time_of_database(session), clock.machine_now()
    apart = abs((there - here).total_seconds()) if there is not None else 0.0
    if apart > MOST_APART:
        said = f"This machine's clock and the database's are {apart:.0f} seconds apart."
        yield Level.WRONG, said, "Let both follow a time server (NTP): leases, limits and links depend on it."
    pinned = health.pinned_clock(session)
    if pinned is not None:
        yield Level.WRONG, f"The time stands still at {pinned}.", "`POST /v2/clock/reset` lets it run; no limit runs out until then."
    if apart <= MOST_APART and pinned is None:
        yield Level.FINE, f"It is {here:%Y-%m-%d %H:%M:%S} UTC here and in the database.", None


def _background(session: Any) -> Findings:
    from engine import clock, health

    waiting = health.overdue(session, clock.now(session))
    if waiting:
        said = f"{waiting} timers or continuations are due for more than five minutes: nobody does the background work."
        yield Level.WRONG, said, "Start `passerelle serve`, or `passerelle worker` beside it; its log says what it fails at."
    else:
        yield Level.FINE, "Nothing that is due waits.", None


def _outbox(session: Any, settings: Settings) -> Findings:
    from engine import clock, health

    failed, waiting = health.mails(session, clock.machine_now())
    if failed:
        yield Level.NOTE, f"{failed} mails could not be delivered.", "The cases they belong to say so; correct the addresses there."
    if waiting and settings.smtp_url is not None:
        yield Level.WRONG, f"{waiting} mails wait for more than five minutes.", "See mail above; the server must run to send them."
    if not failed and not waiting:
        yield Level.FINE, "No mail is stuck.", None


def _workers(session: Any) -> Findings:
    from engine import clock, health

    silent = health.types_without_worker(session, clock.machine_now())
    for one in silent[:20]:
        since = f"none has asked since {one.last_asked:%Y-%m-%d %H:%M} UTC" if one.last_asked is not None else "none has ever asked"
        said = f"{one.jobs} jobs of type '{one.type[:100]}' wait for a worker: {since}."
        yield Level.WRONG, said, f"Start the worker of '{one.type[:100]}', or see in its log why it does not ask."
    if len(silent) > 20:
        yield Level.WRONG, f"{len(silent) - 20} more types of jobs wait for a worker.", None
    if not silent:
        yield Level.FINE, "Whatever waits for a program has a worker that asks for it.", None


# -- told ---------------------------------------------------------------------------------------------------------


def told(found: list[Finding]) -> Iterator[str]:
    width = max((len(one.area) for one in found), default=0)
    for one in found:
        yield f"{one.level:<5}  {one.area:<{width}}  {one.said}"
        if one.advice is not None:
            yield f"{'':<5}  {'':<{width}}  -> {one.advice}"


def add_to(main: click.Group) -> None:
    """Puts the command beside the others."""

    @main.command("doctor")
    @click.pass_context
    def doctor(context: click.Context) -> None:
        """Say what is wrong with this installation, and what to do. Ends with 1 where something is wrong."""
        found = examine()
        for line in told(found):
            click.echo(line)
        wrong = sum(one.level is Level.WRONG for one in found)
        click.echo("Nothing is wrong." if not wrong else f"{wrong} things are wrong." if wrong > 1 else "One thing is wrong.")
        context.exit(1 if wrong else 0)
