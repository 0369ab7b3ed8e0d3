"""One installation with everything in it, for all tests of a file."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from api.app import create_app
from api.settings import from_environment
from engine import clock
from portal import login
from tests import databases
from tests.canary.casts import Cast, assemble


@pytest.fixture(scope="module")
def cast(tables: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    databases.empty(tables)
    folder = tmp_path_factory.mktemp("canary")
    url = tables.url.render_as_string(hide_password=False)
    settings = {"DATABASE_URL": url, "VAR": str(folder), "SECRET": "a secret of the tests, long enough", "SMTP_URL": "smtp://127.0.0.1:1"} | {
        "MAIL_FROM": "House <house@example.com>"
    }
    app = create_app(from_environment({f"PASSERELLE_{name}": value for name, value in settings.items()}))
    app.config["TESTING"] = True
    app.extensions["engine"] = tables
    clock.allow_test_clock(True)
    for throttle in (login.by_name_and_address, login.by_address):
        throttle.forget()
    yield assemble(tables, app)
    clock.allow_test_clock(False)
