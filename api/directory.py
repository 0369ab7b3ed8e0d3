"""The directory as the command line keeps it: parties added, listed, imported from a file and written to one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

InDatabase = Callable[[Callable[[Any], Any]], Any]
Table = Callable[[list[str], list[list[str]]], None]
_KINDS = ("host", "partner", "customer")


def add_to(main: click.Group, group: type[click.Group], in_database: InDatabase, table: Table) -> None:
    """Puts the commands beside the others, which know how to reach the database and how to draw a table."""

    @main.group(cls=group)
    def parties() -> None:
        """The directory: companies and customers that take part."""

    @parties.command("add")
    @click.argument("name")
    @click.option("--id", "party_id", help="What models name; default: made from the name.")
    @click.option("--kind", type=click.Choice(_KINDS[1:]), default="partner", show_default=True)
    @click.option("--language", type=click.Choice(["en", "fr"]), help="Default: the host's.")
    @click.option("--time-zone", help="Such as Europe/Paris; default: the host's.")
    @click.option("--country", help="Such as FR or DE-BY, for its holidays; default: the host's.")
    @click.option("--timetable", help='Such as "mon-thu 08:00-12:00 13:00-17:00, fri 08:00-12:00"; default: mon-fri 09:00-17:00.')
    @click.option("--email", help="Where its mail goes.")
    @click.option("--contact", help="Who reads it.")
    @click.option("--phone")
    def add(name: str, **about: Any) -> None:
        """Add a partner or a customer."""
        added = in_database(lambda session: _add(session, name, about))
        click.echo(f"{name} is {added} in models.")

    @parties.command("list")
    @click.argument("words", nargs=-1)
    @click.option("--kind", type=click.Choice(_KINDS))
    @click.option("--csv", "as_csv", is_flag=True, help="As a file for a spreadsheet, which `import` reads again.")
    def show(words: tuple[str, ...], kind: str | None, as_csv: bool) -> None:
        """List parties, all or those in which the words are found."""
        if as_csv:
            click.echo(in_database(lambda session: _as_csv(session, " ".join(words), kind)), nl=False)
        else:
            table(["id", "name", "kind", "language", "time zone", "country", "mail", ""], in_database(lambda s: _listed(s, words, kind)))

    @parties.command("import")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--yes", is_flag=True, help="Import; without it only what would change is told.")
    def read(file: Path, yes: bool) -> None:
        """Add and change parties from a CSV file: all of it, or nothing where a line has a problem."""
        data = file.read_bytes()
        lines = in_database(lambda session: _preview(session, data))
        wrong = [line for line in lines if line.problems]
        if wrong:
            told = [f"  line {line.number}: {one.column}: expected {one.expected}" for line in wrong for one in line.problems]
            raise click.ClickException("\n".join(["Nothing was imported.", *told]))
        table(["line", "id", "name", "what"], [[str(line.number), line.party_id, line.name, _deed(line)] for line in lines])
        if not yes:
            click.echo("Nothing was imported; --yes does it.")
            return
        added, changed = in_database(lambda session: _import(session, data))
        click.echo(f"{added} added, {changed} changed.")


def _add(session: Any, name: str, about: dict[str, Any]) -> str:
    from engine import parties, party_lists
    from engine.parties import PLATFORM

    given = {key: value for key, value in about.items() if value is not None}
    contact = {to: given.pop(key) for key, to in (("contact", "name"), ("email", "email"), ("phone", "phone")) if key in given}
    if "timetable" in given:
        given["timetable"] = party_lists.timetable_of(given["timetable"])
    return parties.save(session, {"name": name, **given, **({"contacts": [contact]} if contact else {})}, by=PLATFORM).party_id


def _found(session: Any, text: str, kind: str | None) -> list[Any]:
    from sqlalchemy import select

    from engine import parties
    from engine.parties import Party

    statement = select(Party).where(*parties.found_by(text)).order_by(*parties.by_name())
    return list(session.scalars(statement if kind is None else statement.where(Party.kind == kind)))


def _listed(session: Any, words: tuple[str, ...], kind: str | None) -> list[list[str]]:
    return [
        [
            party.party_id,
            party.name,
            party.kind,
            party.language,
            party.time_zone,
            party.country or "",
            party.contacts[0]["email"] if party.contacts else "",
            "" if party.active else "inactive",
        ]
        for party in _found(session, " ".join(words), kind)
    ]


def _as_csv(session: Any, text: str, kind: str | None) -> str:
    from engine import party_lists

    return party_lists.csv_of(_found(session, text, kind))


def _preview(session: Any, data: bytes) -> Any:
    from engine import party_lists
    from engine.parties import PLATFORM

    return party_lists.preview_csv(session, party_lists.decoded(data), by=PLATFORM)


def _import(session: Any, data: bytes) -> Any:
    from engine import party_lists
    from engine.parties import PLATFORM

    return party_lists.import_csv(session, party_lists.decoded(data), by=PLATFORM)


def _deed(line: Any) -> str:
    if line.is_new:
        return "new"
    return f"changes {', '.join(line.changes)}" if line.changes else "stays as it is"
