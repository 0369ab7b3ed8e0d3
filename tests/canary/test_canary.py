"""What one party keeps to itself reaches no other: not in a list, a count, a page, an error, a file or a mail."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from api.app import create_app
from api.settings import from_environment
from engine import clock, mails
from engine.notifications import Notification
from portal import login
from tests import databases
from tests.canary import doors
from tests.canary.casts import OUTSIDERS, TOKEN, Cast, assemble
from tests.canary.doors import Leak, Somebody


@pytest.fixture(scope="module")
def cast(tables: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    """One installation with everything in it, for all tests here: they look, and change nothing."""
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


def _no(leaks: Iterator[Leak]) -> None:
    found = list(leaks)
    assert not found, f"{len(found)} leaks:\n" + "\n".join(sorted({str(one) for one in found})[:40])


@pytest.mark.parametrize("name", [*OUTSIDERS, "hanna", "bea", "otto", "modeller"])
def test_no_page_of_the_portal_tells_people_what_is_anothers(cast: Cast, name: str) -> None:
    _no(doors.pages(Somebody(cast, name), posting=name in OUTSIDERS))


@pytest.mark.parametrize("name", ["adams's part", "brown's part", "estimate", "look"])
def test_no_link_leads_a_guest_to_more_than_its_own_handoff(cast: Cast, name: str) -> None:
    _no(doors.pages(Somebody(cast, name), posting=True))


@pytest.mark.parametrize("name", ["amy", "carla", "olga", "bea", "otto", "hanna", "modeller"])
def test_no_operation_of_the_api_tells_what_is_anothers(cast: Cast, name: str) -> None:
    somebody = Somebody(cast, name)
    _no(doors.operations(somebody, commanding=name not in ("hanna", "modeller")))


def test_a_mail_tells_its_reader_no_more_than_the_page_behind_it(cast: Cast) -> None:
    _no(_mails(cast))


def _mails(cast: Cast) -> Iterator[Leak]:
    read = 0
    for row in cast.rows(Notification, Notification.to_address.is_not(None)):
        address = row.to_address
        (token,) = TOKEN.findall(address)
        reader = next(name for name in READERS if f"of {name}" in cast.secrets[token][0] or f"person {name}" in cast.secrets[token][0])
        allowed = {one for one, (_, readers) in cast.secrets.items() if READERS[reader] in readers}
        house = mails.House("https://house.example", "secret", "House", "house@example.com")
        letter = cast.read(lambda s, key=row.key: mails.draw(s, s.get_one(Notification, key), house))
        if letter is None:
            continue
        read += 1
        parts = [str(value) for value in letter.values()] + [str(letter.get_body((kind,)).get_content()) for kind in ("plain", "html")]
        for found in set(TOKEN.findall("\n".join(parts))) - allowed:
            yield Leak(reader, f"for the mail {row.kind}", cast.secrets[found][0])
    assert read > 5


# whose address it is -> who reads there
READERS = {"adams": "amy", "brown": "bob", "carla": "carla", "dora": "dora", "hanna": "hanna", "otto": "otto"}
