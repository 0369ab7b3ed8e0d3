"""The server as it is started: its mails leave after the commit, survive a kill -9, and its log names no link and no address."""

import contextlib
import re
import time
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from engine import cases, database, installation, links, migrations, notifications
from engine.cases import Case
from engine.links import Link
from engine.notifications import Notification
from tests import databases
from tests.garages import Claims
from tests.mailboxes import Mailbox, text_of
from tests.platforms import PASSWORD, furnish
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


# -- a whole way, by the doors that people and programs use -----------------------------------------------------------


def api(server: Server, method: str, path: str, **body: object) -> Any:
    answer = httpx.request(method, f"{server.url}{path}", json=body, auth=("admin", PASSWORD), trust_env=False)
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


def hand_over(server: Server, claims: Claims, plate: str = "AB-123-CD") -> str:
    """A case begins and its work crosses, by the API; answers the key of its handoff."""
    api(server, "POST", "/v2/process-instances", processDefinitionId="claim", variables={"plate": plate})
    (task,) = api(server, "POST", "/v2/user-tasks/search", filter={"state": "CREATED", "elementId": "check"})["items"]
    api(server, "POST", f"/v2/user-tasks/{task['userTaskKey']}/completion")
    return str(claims.handoff().key)


def due_now(engine: Engine, **more: object) -> None:
    """As if a pause, or the lease of whoever was killed, were over."""
    values = {"next_at": notifications.clock.machine_now(), **more}
    waiting = notifications.update(Notification).where(Notification.state == "PENDING")
    with Session(engine) as session:
        database.run(session, lambda s: s.execute(waiting.values(**values)))


def link_in(mail: EmailMessage) -> str:
    (address,) = set(re.findall(r"http\S+/l/\S+", text_of(mail)))
    return str(address)


def written_anywhere(engine: Engine, text: str) -> list[str]:
    """Tables of the whole database in which this text stands."""
    with engine.connect() as connection:
        tables = migrations.whole_metadata().sorted_tables
        return [table.name for table in tables for row in connection.execute(select(table)) if text in str(tuple(row))]


def test_killed_between_commit_and_sending_the_mail_leaves_once_after_the_restart_in_its_readers_language(
    server: Server, mailbox: Mailbox, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims = Claims(engine, language="fr")
    greeted: list[str] = []

    def hang_up(address: str) -> str:
        greeted.append(address)
        server.kill()  # the step is committed, the mail not handed over
        return "451 too late"

    monkeypatch.setattr(mailbox, "answer_to", hang_up)
    mailbox.start()
    server.start()
    with contextlib.suppress(httpx.TransportError):  # the answer may be lost with the server
        hand_over(server, claims)
    wait_for(lambda: greeted and server._process is None)
    assert mailbox.mails == [] and states(engine) == ["PENDING"]
    monkeypatch.undo()
    due_now(engine)
    server.start()
    wait_for(lambda: states(engine) == ["SENT"])
    (mail,) = mailbox.mails
    api(server, "POST", f"/passerelle/v1/handoffs/{claims.handoff().key}/reminder")
    wait_for(lambda: len(mailbox.mails) == 2)
    reminder = mailbox.mails[1]
    wait_for(lambda: states(engine) == ["SENT", "SENT"])
    server.stop()

    number = cases.number_for_people(claims.read(lambda s: s.scalars(select(Case.number)).one()))
    assert mail["Content-Language"] == "fr"
    assert str(mail["Subject"]).startswith(f"[{number}] AB-123-CD: Estimate the damage, avant le ")
    assert mail["Reply-To"].addresses[0].display_name == "Fanny Roux, Assurances du Pont"
    assert mail["Message-ID"] != reminder["Message-ID"]
    assert mail["References"] == mail["In-Reply-To"] == reminder["References"] == reminder["In-Reply-To"]
    token = link_in(mail).rpartition("/")[2]
    assert written_anywhere(engine, token) == []
    assert token not in server.tail(1_000_000)


def test_what_could_not_be_delivered_is_corrected_where_one_waits_and_the_old_link_is_dead(
    server: Server, mailbox: Mailbox, engine: Engine
) -> None:
    claims = Claims(engine)
    mailbox.data_answer = "451 4.3.0 the disk is full"
    mailbox.start()
    server.start()
    hand_over(server, claims)
    wait_for(lambda: _error(engine))
    row = claims.read(lambda s: s.scalars(select(Notification)).one())
    pause = (row.next_at - notifications.clock.machine_now()).total_seconds()
    assert (row.state, row.attempts) == ("PENDING", 1) and 30 < pause <= 60
    mailbox.refuse["paul@garage.example"] = "550 5.1.1 no such mailbox"
    mailbox.data_answer = None
    due_now(engine)
    wait_for(lambda: states(engine) == ["FAILED"], 40)
    link = claims.read(lambda s: s.scalars(select(Link)).one())
    secret = claims.read(installation.secret)
    old = f"{server.url}/l/{links.token(secret, link)}"

    with httpx.Client(base_url=server.url, follow_redirects=True, trust_env=False) as fanny:
        fanny.post("/login", data={"_csrf": _csrf(fanny.get("/login")), "username": "admin", "password": PASSWORD, "back": "/"})
        page = fanny.get("/waiting")
        assert "The invitation could not be delivered: paul@garage.example" in page.text
        handoff = fanny.get(f"/handoffs/{row.handoff_key}")
        assert 'value="paul@garage.example"' in handoff.text
        corrected = {"_csrf": _csrf(handoff), "plate": "AB-123-CD", "_address": "paula@garage.example"}
        assert fanny.post(f"/handoffs/{row.handoff_key}/again", data=corrected).status_code == 200
        wait_for(lambda: mailbox.mails, 40)
        assert "could not be delivered" not in fanny.get("/waiting").text
    (mail,) = mailbox.mails

    assert mail["To"].addresses[0].addr_spec == "paula@garage.example"
    assert httpx.get(old, follow_redirects=True, trust_env=False).status_code == 410
    with httpx.Client(follow_redirects=True, trust_env=False) as guest:
        assert "paula@garage.example" in guest.get(link_in(mail)).text


def _csrf(answer: httpx.Response) -> str:
    return answer.text.partition('name="_csrf" value="')[2].partition('"')[0]
