"""Servers with settings of their own."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from engine import migrations
from tests import databases
from tests.platforms import Platform, furnish
from tests.servers import Server


@contextlib.contextmanager
def serving(database_kind: str, folder: Path, **settings: str) -> Iterator[Platform]:
    """A furnished installation on a new database; `settings` are PASSERELLE_… without the prefix, in small letters."""
    url = databases.create(database_kind, folder)
    engine = databases.connect(url)
    migrations.upgrade(engine)
    furnish(engine)
    server = Server(folder / "var", url, **settings)
    platform = Platform(server, engine)
    try:
        server.start()
        yield platform
        server.stop()
    finally:
        server.kill()
        platform.close()
        engine.dispose()
        databases.drop(url)
