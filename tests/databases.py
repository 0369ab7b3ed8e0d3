"""Empty databases for the tests: an SQLite file, or a database of its own on the PostgreSQL that `make test` starts."""

import os
import uuid
from pathlib import Path

import psycopg
from sqlalchemy import Engine, delete
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from engine import database, migrations, parties
from engine.installation import Fact, Node

KINDS = ("sqlite", "postgresql")
POSTGRES = "PASSERELLE_TEST_POSTGRES"
_KEPT = {Node.__tablename__, Fact.__tablename__}  # node numbers and the secret belong to the running server
_FORGOTTEN_FACTS = ("clock", "demo", "first administrator", "host's zone")


def create(kind: str, folder: Path) -> str:
    """The address of a new, empty database without tables."""
    if kind == "sqlite":
        return f"sqlite:///{folder / f'{uuid.uuid4().hex[:12]}.db'}"
    name = f"test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(_server(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return make_url(_server()).set(database=name).render_as_string(hide_password=False)


def drop(url: str) -> None:
    if not url.startswith("postgresql"):
        return
    name = make_url(url).database
    with psycopg.connect(_server(), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def empty(engine: Engine, *, keep: frozenset[str] = frozenset()) -> None:
    """Take out all rows of all tables but `keep`; the tables stay."""
    with engine.begin() as connection:
        for table in reversed(migrations.whole_metadata().sorted_tables):
            if table.name not in _KEPT | keep:
                connection.execute(delete(table))
        connection.execute(delete(Fact).where(Fact.name.in_(_FORGOTTEN_FACTS)))
        with Session(connection) as session:
            parties.host(session)  # as the migration makes it: there is no installation without
            session.commit()


def connect(url: str) -> Engine:
    return database.connect(url, pool_size=5)


def _server() -> str:
    url = os.environ.get(POSTGRES)
    if not url:
        raise RuntimeError(f"Expected a PostgreSQL server in {POSTGRES}, found none. Start one: export {POSTGRES}=$(.ci/postgres start)")
    return url
