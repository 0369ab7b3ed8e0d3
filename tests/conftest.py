"""What every test may ask for: `platform` (a running server), `fresh_platform` (one to kill), `session` (the engine alone)."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from engine import migrations
from tests import databases
from tests.platforms import Platform, empty_and_furnish, furnish
from tests.servers import Server

pytest_plugins = ["tests.durations", "tests.alone"]


@pytest.fixture(scope="session", params=databases.KINDS)
def database_kind(request: pytest.FixtureRequest) -> str:
    """Both databases; pytest runs all tests of one before those of the other, so each server starts once (in each
    process, where several run the suite)."""
    return str(request.param)


@pytest.fixture(scope="session")
def running(database_kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Engine]]:
    folder = tmp_path_factory.mktemp(f"{database_kind}-server")
    with _installation(database_kind, folder) as (server, engine):
        yield server, engine


@pytest.fixture
def platform(running: tuple[Server, Engine]) -> Iterator[Platform]:
    """A running server with empty tables, a test clock, and admin, member, operator and worker. See tests/platforms.py."""
    server, engine = running
    empty_and_furnish(engine)
    platform = Platform(server, engine)
    yield platform
    platform.close()


@pytest.fixture
def fresh_platform(database_kind: str, tmp_path: Path) -> Iterator[Platform]:
    """A server of its own, which the test may stop or kill (`platform.server.kill()`, `.start()`). Slower: a few seconds."""
    with _installation(database_kind, tmp_path) as (server, engine):
        platform = Platform(server, engine)
        yield platform
        platform.close()


class _installation:
    """A new database, furnished, with a server on it; both gone at the end."""

    def __init__(self, kind: str, folder: Path, **settings: str) -> None:
        url = databases.create(kind, folder)
        self.engine = databases.connect(url)
        self.server = Server(folder, url, **settings)

    def __enter__(self) -> tuple[Server, Engine]:
        migrations.upgrade(self.engine)
        furnish(self.engine)
        self.server.start()
        return self.server, self.engine

    def __exit__(self, *_error: object) -> None:
        try:
            self.server.stop()
        finally:
            self.server.kill()
            self.engine.dispose()
            databases.drop(self.server.database_url)


@pytest.fixture(scope="session")
def tables(database_kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """A database with tables and no server; shared by all tests of the engine."""
    url = databases.create(database_kind, tmp_path_factory.mktemp(f"{database_kind}-tables"))
    engine = databases.connect(url)
    migrations.upgrade(engine)
    yield engine
    engine.dispose()
    databases.drop(url)


@pytest.fixture
def database(tables: Engine) -> Iterator[Engine]:
    """Empty tables, with a test clock, for the engine without HTTP."""
    from engine import clock

    databases.empty(tables)
    clock.allow_test_clock(True)
    yield tables
    clock.allow_test_clock(False)


@pytest.fixture
def session(database: Engine) -> Iterator[Session]:
    """The engine alone, on both databases. Commands go through `engine.database.run(session, ...)`."""
    with Session(database) as session:
        yield session
