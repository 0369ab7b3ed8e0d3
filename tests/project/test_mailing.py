"""The server as it is started: its mails leave after the commit, survive a kill -9, and its log names no link and no address."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from engine import database, migrations, notifications
from engine.notifications import Notification
from tests import databases
from tests.garages import Claims
from tests.mailboxes import Mailbox, text_of
from tests.platforms import furnish
from tests.servers import Server


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    found = Mailbox()
    yield found
    found.stop()


@pytest.fixture
def engine(database_kind: str, tmp_path: Path) -> Iterator[Engine]:
    url = databases.create(database_kind, tmp_path)
    found = databases.connect(url)
    migrations.upgrade(found)
    furnish(found)
    yield found
    found.dispose()
    databases.drop(url)


@pytest.fixture
def server(engine: Engine, mailbox: Mailbox, tmp_path: Path) -> Iterator[Server]:
    url = engine.url.render_as_string(hide_password=False)
    settings = {"smtp_url": mailbox.url, "mail_from": "Claims <claims@pont.example>", "test_clock": "0"}
    found = Server(tmp_path / "server", url, **settings)
    yield found
    found.kill()


def wait_for(what: Callable[[], object], seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "It did not happen."
        time.sleep(0.05)


def states(engine: Engine) -> list[str]:
    with database.reading(engine) as session:
        return list(session.scalars(select(Notification.state)))


def test_a_mail_leaves_after_the_commit_and_its_link_opens_the_task_and_stands_in_no_log(
    server: Server, mailbox: Mailbox, engine: Engine
) -> None:
    mailbox.start()
    claims = Claims(engine)
    server.start()
    claims.hand_over()
    wait_for(lambda: mailbox.mails)
    (address,) = set(re.findall(r"http\S+/l/\S+", text_of(mailbox.mails[0])))
    assert address.startswith(f"{server.url}/l/")
    with httpx.Client(follow_redirects=True) as guest:
        assert "Estimate the damage" in guest.get(address).text
        assert guest.get(address + "x").status_code == 404
    wait_for(lambda: states(engine) == ["SENT"])
    server.stop()

    log = server.tail(1_000_000)
    token = address.rpartition("/")[2]
    assert '"route":"/l/<token>"' in log
    assert '"event":"mail sent"' in log
    assert token not in log
    assert "paul@garage.example" not in log and "claims@pont.example" not in log


def test_a_server_that_is_killed_between_sending_and_noting_it_loses_no_mail(server: Server, mailbox: Mailbox, engine: Engine) -> None:
    claims = Claims(engine)
    mailbox.on_mail = server.kill  # the mail is taken, and nobody is there any more to write that down
    mailbox.start()
    server.start()
    claims.hand_over()
    wait_for(lambda: mailbox.mails)
    mailbox.on_mail = lambda: None
    wait_for(lambda: server._process is None)
    assert states(engine) == ["PENDING"]
    with Session(engine) as session:  # as if the lease had run out
        database.run(session, lambda s: s.execute(notifications.update(Notification).values(next_at=notifications.clock.machine_now())))
    server.start()
    wait_for(lambda: states(engine) == ["SENT"])

    assert len(mailbox.mails) == 2
    assert mailbox.mails[0]["Message-ID"] == mailbox.mails[1]["Message-ID"]


def test_a_mail_server_that_is_down_at_first_gets_the_mail_later(server: Server, mailbox: Mailbox, engine: Engine) -> None:
    claims = Claims(engine)
    server.start()
    claims.hand_over()
    wait_for(lambda: _error(engine))
    mailbox.start()
    with Session(engine) as session:  # as if the pause were over
        database.run(session, lambda s: s.execute(notifications.update(Notification).values(next_at=notifications.clock.machine_now())))
    wait_for(lambda: mailbox.mails, 40)

    wait_for(lambda: states(engine) == ["SENT"])


def _error(engine: Engine) -> str | None:
    with database.reading(engine) as session:
        return session.scalars(select(Notification.error)).first()
