"""What an empty installation gets: an administrator whose password is printed once, or the demo."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from api import accounts, sample_cases
from api.settings import Settings
from engine import calendars, clock, database, deployments, documents, installation, migrations, parties, people
from engine.errors import WrongSettings
from engine.mails import House
from engine.parties import PLATFORM
from engine.people import Person, Role
from engine.postmen import Postman

_DOOR = "first administrator"  # the fact that shuts it for good, whoever is deleted later
_SETTLED = "host's zone"
_UNTOLD = "demo is being told"  # in an installation that was empty: until its last case has happened
_LASTING = ("secret", "documents")  # facts that outlive a story that is told anew
ADMIN = "admin"
_MODELS = (".bpmn", ".form", ".dmn")


def connected(settings: Settings) -> Engine:
    """An engine that has been seen to reach its database. Raises WrongSettings where it does not."""
    engine = database.connect(settings.database_url, pool_size=2)
    try:
        with engine.connect():
            return engine
    except OperationalError as error:
        where = str(settings.sqlite_file) if settings.is_sqlite else engine.url.render_as_string(hide_password=True)
        reason = str(error.orig).strip().splitlines()[-1]
        raise WrongSettings(f"PASSERELLE_DATABASE_URL: expected a database that can be reached at {where}: {reason}") from error


def open_door(engine: Engine, settings: Settings) -> str:
    """Make the first administrator, once in the life of an installation; what to print, or nothing."""
    try:
        with Session(engine) as session:
            password = database.run(session, lambda s: _first_administrator(s, settings))
    except IntegrityError:  # another node was first
        return ""
    if password is None:
        return ""
    return (
        f"\nThis installation is new. Log in on {settings.url} as {ADMIN!r} with the password\n\n    {password}\n\n"
        "It works once: you will choose your own. It is not shown again (`passerelle people password admin` makes a new one).\n"
    )


def _first_administrator(session: Session, settings: Settings) -> str | None:
    _settle(session, settings)
    if installation.fact(session, _DOOR) is not None:
        return None
    installation.remember(session, _DOOR, True)
    if session.scalars(select(Person.username).limit(1)).first() is not None:
        return None
    return accounts.add_person(session, ADMIN, password=None, roles=[Role.ADMIN], groups=[], name="Administrator")


def _settle(session: Session, settings: Settings) -> None:
    """The host lives where its installation does, until somebody says otherwise; once."""
    if installation.fact(session, _SETTLED) is not None:
        return
    installation.remember(session, _SETTLED, True)
    host = parties.host(session)
    if host.time_zone == "UTC" and settings.timezone in calendars.time_zones():
        host.time_zone = settings.timezone


# -- the demo ---------------------------------------------------------------------------------------------------------


def load_demo(engine: Engine, settings: Settings, *, now: datetime | None = None) -> str:
    """People, models and cases of the sample processes; what to print. Doing it again changes nothing.

    The cases are real runs, of the three weeks before `now` (aware; the machine's time where it is not given). A story that broke
    off (a crash, Ctrl-C) is told anew from its beginning, where the installation was empty before it.
    """
    folders = list(demo_folders())
    if not folders:
        raise WrongSettings("Expected sample processes beside the program, found none.")
    now = now or clock.machine_now()
    with Session(engine) as session:
        broke_off = database.run(session, lambda s: installation.fact(s, _UNTOLD)) is not None
    if broke_off:
        _empty(engine)
    with Session(engine) as session:
        clock.hold(session, sample_cases.first_day(session, now))
        fresh = [folder for folder in folders if database.run(session, lambda s, folder=folder: _load(s, folder, settings))]  # type: ignore[misc]
        if fresh:
            deliver = _postman(engine, session, settings).deliver_due
            sample_cases.play(session, fresh, documents.Folder(settings.documents), now=now, deliver=deliver)
            database.run(session, lambda s: installation.forget(s, _UNTOLD))
    return _walk([json.loads((folder / "people.json").read_text()) for folder in folders], settings.url)


def _empty(engine: Engine) -> None:
    """As it was before the demo: nobody had anything here then, and nobody could log in since."""
    with Session(engine) as session:
        lasting = {name: database.run(session, lambda s, n=name: installation.fact(s, n)) for name in _LASTING}  # type: ignore[misc]
    migrations.start_over(engine)
    with Session(engine) as session:
        kept = {name: value for name, value in lasting.items() if value is not None}
        database.run(session, lambda s: [installation.remember(s, name, value) for name, value in kept.items()])


def _postman(engine: Engine, session: Session, settings: Settings) -> Postman:
    """Without a mail server, whatever the settings say: the people of the demo are made up, and so are their addresses."""
    secret = settings.secret or database.run(session, installation.secret)
    return Postman(engine, House(settings.url, secret, *settings.mail_from, settings.timezone), None)


def demo_folders() -> Iterator[Path]:
    """Folders of `processes` that bring their own people."""
    top = Path(str(resources.files("processes")))
    yield from sorted(file.parent for file in top.glob("*/people.json"))


def _load(session: Session, folder: Path, settings: Settings) -> bool:
    """Whether it was not there yet."""
    _settle(session, settings)
    loaded = installation.fact(session, installation.DEMO) or []
    if folder.name in loaded:
        return False
    if session.scalars(select(Person.username).limit(1)).first() is None:
        installation.remember(session, _UNTOLD, True)
    cast = json.loads((folder / "people.json").read_text())
    parties.introduce(session, cast, by=PLATFORM)
    for group in cast.get("groups", []):
        if session.get(people.Group, group["id"]) is None:
            people.create_group(session, group["id"], group["name"], by=PLATFORM)
    for person in cast["people"]:
        if session.get(Person, person["username"]) is None:
            accounts.add_person(session, **_account(person))
    for client in cast.get("clients", []):
        if session.get(people.Client, client["client_id"]) is None:
            accounts.add_client(session, **client)
    session.flush()
    files = [(file.name, file.read_bytes()) for file in sorted(folder.iterdir()) if file.suffix in _MODELS]
    deployments.deploy(session, files, by=PLATFORM)
    installation.remember(session, _DOOR, True)
    installation.remember(session, installation.DEMO, [*loaded, folder.name])
    return True


def _account(person: dict[str, Any]) -> dict[str, Any]:
    names = ("username", "name", "email", "organisation", "party", "language", "password", "roles", "groups")
    return {"roles": [], "groups": []} | {name: person[name] for name in names if name in person}


def _walk(casts: Sequence[dict[str, Any]], url: str) -> str:
    """What is told at the end of the demo's start: who is there, and what to do first."""
    width = max(len(person["username"]) for cast in casts for person in cast["people"])
    lines = ["", f"Passerelle runs on {url}", "", "Who can log in:"]
    for cast in casts:
        for person in cast["people"]:
            about = ", ".join(filter(None, [person.get("name"), person.get("organisation"), person.get("does")]))
            lines.append(f"  {person['username'].ljust(width)}  password {person['password']}  ({about})")
    return "\n".join([*lines, *(line for cast in casts for line in ("", *cast.get("first", []))), ""])
