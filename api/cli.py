"""The command line: runs and looks after an installation, and speaks to a running server."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from api import desk, directory, doctor, erasures, remote
from api.settings import SETTINGS, Settings, check_var, from_environment
from engine.errors import EngineError

_ROLES_OF_PEOPLE = ("admin", "modeller", "operator", "member")
_ROLES_OF_CLIENTS = ("worker", *_ROLES_OF_PEOPLE)


class _InOrder(click.Group):
    """Lists the commands as they are written here, and tells the engine's refusals as sentences."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except EngineError as error:
            raise click.ClickException(_sentence(error)) from error


def _sentence(error: EngineError) -> str:
    lines = [error.message]
    for problem in error.details.get("problems") or []:
        about = problem if isinstance(problem, dict) else {"message": str(problem)}
        lines.append(f"  {about.get('file', '')}: {about.get('elementId') or '-'}: {about.get('message', '')}")
    return "\n".join(lines)


@click.group(cls=_InOrder, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="passerelle", message="Passerelle %(version)s")
def main() -> None:
    """Passerelle runs processes that span a company's customers, its partners and its own people, as one flow.

    Settings are environment variables; `passerelle settings` lists them.

    deploy, start, tasks and complete speak to a running server: its address is --server or PASSERELLE_URL, who you are is --user
    and --password or PASSERELLE_USER and PASSERELLE_PASSWORD. people and clients work on the database, with or without a server.
    """


# -- the installation -------------------------------------------------------------------------------------------------


@main.command()
@click.option("--demo", "with_demo", is_flag=True, help="Load the sample processes and their people first.")
def serve(with_demo: bool) -> None:
    """Bring the database up to date and run the server."""
    from api import logs
    from api import serve as server

    settings = _settings()
    logs.begin(settings.log_level)
    with server.only_one_process(settings):
        server.expect_free_port(settings)
        server.count_in_files(settings)
        from api import first_start

        engine = _migrated(settings)
        told = first_start.load_demo(engine, settings) if with_demo else first_start.open_door(engine, settings)
        engine.dispose()  # nothing of this connection crosses the fork
        click.echo(told, nl=bool(told))
        server.run(settings)


@main.command()
def worker() -> None:
    """Do background work beside the servers. PostgreSQL only."""
    from api import logs
    from api import serve as server

    settings = _settings()
    logs.begin(settings.log_level)
    server.work(settings)


@main.command()
def migrate() -> None:
    """Bring the database's tables up to date."""
    from engine import migrations

    settings = _settings()
    changed = migrations.upgrade(_connected(settings))
    click.echo("The database was brought up to date." if changed else "The database is up to date.")


@main.command()
def demo() -> None:
    """Load the sample processes and the people who play them."""
    from api import first_start

    settings = _settings()
    click.echo(first_start.load_demo(_migrated(settings), settings))


@main.command("settings")
def show_settings() -> None:
    """List the settings, what they mean and what they are by default."""
    for name, setting in SETTINGS.items():
        default = f" [{setting.default}]" if setting.default is not None else ""
        click.echo(f"PASSERELLE_{name}{default}\n    {setting.meaning}")


# -- people and programs ----------------------------------------------------------------------------------------------


@main.group(cls=_InOrder)
def people() -> None:
    """Accounts: who may log in, and the groups they are in."""


@people.command("add")
@click.argument("username")
@click.option("--name", help="Shown to others; default: the user name.")
@click.option("--email")
@click.option("--organisation", help="Shown beside the name.")
@click.option("--party", help="Id of the partner or customer whose people it is; default: the host. See `passerelle parties list`.")
@click.option("--language", type=click.Choice(["en", "fr"]), default="en", show_default=True)
@click.option("--role", "roles", multiple=True, type=click.Choice(_ROLES_OF_PEOPLE), help="May be repeated.")
@click.option("--group", "groups", multiple=True, help="Group to be in, e.g. front-desk; made where it is missing. May be repeated.")
@click.option("--password", help="Default: one is made, printed, and must be changed at the first log-in.")
def add_person(username: str, password: str | None, groups: tuple[str, ...], roles: tuple[str, ...], **about: Any) -> None:
    """Add a person who can log in."""
    from api import accounts

    made = _in_database(lambda s: accounts.add_person(s, username, password=password, roles=roles, groups=groups, **about))
    click.echo(f"{username} can log in." if password else f"{username} can log in with the password {made}")


@people.command("list")
def list_people() -> None:
    """List accounts with their roles and groups."""
    from api import accounts

    rows = _in_database(accounts.listed)
    _table(["user name", "name", "organisation", "roles", "groups", ""], rows)


@people.command("password")
@click.argument("username")
@click.option("--password", help="Default: one is made, printed, and must be changed at the next log-in.")
def set_password(username: str, password: str | None) -> None:
    """Give a person a new password."""
    from api import accounts

    made = _in_database(lambda s: accounts.set_password(s, username, password))
    click.echo(f"The password of {username} was changed." if password else f"The password of {username} is now {made}")


@people.command("groups")
@click.argument("username")
@click.argument("groups", nargs=-1)
def set_groups(username: str, groups: tuple[str, ...]) -> None:
    """Put a person into exactly these groups."""
    from api import accounts

    _in_database(lambda s: accounts.set_groups(s, username, groups))
    click.echo(f"{username} is in {', '.join(groups) or 'no group'}.")


@main.group(cls=_InOrder)
def clients() -> None:
    """Programs that call the API with an id and a secret."""


@clients.command("add")
@click.argument("client_id")
@click.option("--name", help="Default: the id.")
@click.option("--role", "roles", multiple=True, type=click.Choice(_ROLES_OF_CLIENTS), default=["worker"], show_default=True)
@click.option("--secret", help="Default: one is made and printed, once.")
def add_client(client_id: str, name: str | None, roles: tuple[str, ...], secret: str | None) -> None:
    """Add a program. Its secret is shown once and cannot be read again."""
    from api import accounts

    made = _in_database(lambda s: accounts.add_client(s, client_id, name=name or client_id, roles=roles, secret=secret))
    click.echo(f"Client {client_id} may call." if secret else f"Client {client_id} may call with the secret {made}")


# -- speaking to a running server ---------------------------------------------------------------------------------------


def _spoken(command: Callable[..., None]) -> Callable[..., None]:
    """Options of every command that speaks to a server."""
    for option in (
        click.option("--password", envvar="PASSERELLE_PASSWORD", help="Password (or the client's secret)."),
        click.option("--user", envvar="PASSERELLE_USER", help="User name (or the id of a client)."),
        click.option("--server", help="Address of the server; default: PASSERELLE_URL, else this machine at PASSERELLE_PORT."),
    ):
        command = option(command)
    return command


def _speak(server: str | None, user: str | None, password: str | None) -> remote.Remote:
    return remote.Remote(server or from_environment().url, user, password)


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@_spoken
def deploy(files: tuple[Path, ...], server: str | None, user: str | None, password: str | None) -> None:
    """Deploy models and forms together, or a folder of them."""
    for line in _speak(server, user, password).deploy(files):
        click.echo(line)


@main.command()
@click.argument("process_id")
@click.option("--variables", help="A JSON object, or @file.json.")
@click.option("--var", "pairs", multiple=True, metavar="NAME=VALUE", help="One variable; VALUE is JSON, or else text. May be repeated.")
@_spoken
def start(
    process_id: str, variables: str | None, pairs: tuple[str, ...], server: str | None, user: str | None, password: str | None
) -> None:
    """Start the newest version of a process."""
    click.echo(_speak(server, user, password).start(process_id, remote.read_variables(variables, pairs)))


@main.command()
@click.option("--all", "everything", is_flag=True, help="Completed and canceled ones too.")
@_spoken
def tasks(everything: bool, server: str | None, user: str | None, password: str | None) -> None:
    """List the tasks that you may see."""
    _table(["task", "name", "state", "for", "process"], _speak(server, user, password).tasks(everything=everything))


@main.command()
@click.argument("task_key")
@click.option("--variables", help="A JSON object, or @file.json.")
@click.option("--var", "pairs", multiple=True, metavar="NAME=VALUE", help="One variable; VALUE is JSON, or else text. May be repeated.")
@_spoken
def complete(
    task_key: str, variables: str | None, pairs: tuple[str, ...], server: str | None, user: str | None, password: str | None
) -> None:
    """Complete a task."""
    _speak(server, user, password).complete(task_key, remote.read_variables(variables, pairs))
    click.echo(f"Task {task_key} is completed.")


@main.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
def test(folders: tuple[Path, ...]) -> None:
    """Run the scenarios of process folders, without a server."""
    from engine import scenarios

    failed = 0
    for folder in folders:
        for line, passed in scenarios.run_folder(folder):
            click.echo(line)
            failed += not passed
    if failed:
        sys.exit(1)


desk.add_to(main)


# -- what the commands share ----------------------------------------------------------------------------------------------


def _settings() -> Settings:
    settings = from_environment()
    for warning in settings.warnings:
        click.echo(f"Warning: {warning}", err=True)
    check_var(settings.var)
    return settings


def _connected(settings: Settings) -> Any:
    from api import first_start

    return first_start.connected(settings)


def _migrated(settings: Settings) -> Any:
    from engine import migrations

    engine = _connected(settings)
    migrations.upgrade(engine)
    return engine


def _in_database(work: Callable[[Any], Any]) -> Any:
    from sqlalchemy.orm import Session

    from engine import database

    with Session(_migrated(_settings())) as session:
        return database.run(session, work)


def _table(head: list[str], rows: list[list[str]]) -> None:
    if not rows:
        click.echo("None.")
        return
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    for row in [head, *rows]:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


directory.add_to(main, _InOrder, _in_database, _table)
erasures.add_to(main, _in_database, _settings)
doctor.add_to(main)

if __name__ == "__main__":
    main()
