"""How the tables come to be, and how they change from one version to the next (Alembic)."""

from __future__ import annotations

import functools
import importlib
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, text

from engine.errors import WrongSettings

_FOLDER = Path(__file__).parent
_ONE_AT_A_TIME = 5_050_505  # advisory lock: several nodes may start at the same moment


def upgrade(engine: Engine) -> bool:
    """Bring the database to this version's tables; True where there was something to do. Raises WrongSettings if it is newer."""
    if is_current(engine):
        return False
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL lock_timeout = '120s'"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ONE_AT_A_TIME})
        found = _revision(connection)
        if found is not None and found not in _known():
            raise WrongSettings(f"The database was changed by a newer version (revision {found}); expected at most {head()}.")
        command.upgrade(_config(connection), "head")
    return True


def start_over(engine: Engine) -> None:
    """Every table anew, and empty. Only for what nobody can miss: a demo that broke off."""
    with engine.begin() as connection:
        whole_metadata().drop_all(connection)
        connection.execute(text("DROP TABLE alembic_version"))
    upgrade(engine)


def is_current(engine: Engine) -> bool:
    """Whether the tables are those that this version expects."""
    with engine.connect() as connection:
        return _revision(connection) == head()


def is_known(engine: Engine) -> bool:
    """Whether this version can bring the tables up to date: they are not of a newer one."""
    with engine.connect() as connection:
        found = _revision(connection)
        return found is None or found in _known()


@functools.cache
def head() -> str | None:
    return _scripts().get_current_head()


def differences(connection: Connection) -> list[object]:
    """What the migrations made otherwise than the rows say; expected to be empty."""
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, whole_metadata()))


def write(engine: Engine, message: str, revision: str) -> None:
    """For developers (`make migration`): a new file with what the rows have and the database has not yet."""
    whole_metadata()
    with engine.begin() as connection:
        command.revision(_config(connection), message, autogenerate=True, rev_id=revision)


def whole_metadata() -> MetaData:
    # imported late: starting a server needs the migrations, not every row
    return importlib.import_module("engine.schema").metadata  # type: ignore[no-any-return]


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


@functools.cache
def _known() -> frozenset[str]:
    return frozenset(script.revision for script in _scripts().walk_revisions())


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config(None))


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
