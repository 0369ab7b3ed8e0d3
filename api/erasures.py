"""Erasing as the command line does it, and the folder whose files go with a case."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

InDatabase = Callable[[Callable[[Any], Any]], Any]


def with_documents(folder: Any) -> None:
    """Said once by each process: the files of a case lie in `folder`."""
    from engine import documents, erasures

    def erase(session: Any, case_key: int) -> int:
        own = session.get_bind().get_execution_options().get("documents")  # a trial keeps its files apart
        return documents.erase(session, own or folder, case_key)

    erasures.erasers["documents"] = erase


def add_to(main: click.Group, in_database: InDatabase, settings: Callable[[], Any]) -> None:
    """Puts the command beside the others, which know how to reach the database."""

    @main.command("erase")
    @click.argument("case", nargs=-1, required=True)
    @click.option("--by", "username", help="The administrator who decided it; it stands in the case's history.")
    @click.option("--yes", is_flag=True, help="Do it; without it only what would be done is told.")
    def erase(case: tuple[str, ...], username: str | None, yes: bool) -> None:
        """Take values, files, addresses and names out of an ended CASE, for good.

        CASE is its number, as 001 042, or its key. Its times stay, with a pseudonym for each guest and customer.
        """
        from engine import documents

        with_documents(documents.Folder(settings().documents))
        number, title, key = in_database(lambda session: _named(session, " ".join(case)))
        if not yes:
            click.echo(f"Case {number} ({title or 'without a title'}) would lose its values for good. Say --yes to do it.")
            return
        in_database(lambda session: _erase(session, key, username))
        click.echo(f"Case {number} was erased.")


def _named(session: Any, said: str) -> tuple[str, str | None, int]:
    from engine import cases, erasures

    row = session.get_one(cases.Case, erasures.find_case(session, said))
    return cases.number_for_people(row.number), row.title, row.key


def _erase(session: Any, case_key: int, username: str | None) -> None:
    from engine import people
    from engine.commands import erasures
    from engine.errors import NotFound
    from engine.parties import PLATFORM

    person = None if username is None else session.get(people.Person, username)
    if username is not None and person is None:
        raise NotFound(f"Expected an account named {username!r}, found none.")
    erasures.erase(session, case_key, by=PLATFORM if person is None else people.actor_of(session, person))
