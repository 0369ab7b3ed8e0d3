"""The outbox as an operator sees it, and mails that nobody sends: a page of this machine alone."""

import httpx
import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from engine import database, notifications
from engine.database import Writes
from engine.notifications import Kind, Reader
from tests.garages import NOW, Claims
from tests.platforms import Platform


@pytest.fixture
def claims(platform: Platform) -> Claims:
    return Claims(platform.engine)


def mail_to(engine: Engine, address: str | None) -> str:
    writes = Writes()
    key = notifications.add(writes, Kind.RECEIPT, reader=Reader(address, "Paul"), at=NOW)
    with Session(engine) as session:
        database.run(session, writes.flush)
    return str(key)


def test_an_operator_finds_what_could_not_be_delivered_and_corrects_the_address(platform: Platform) -> None:
    key = mail_to(platform.engine, None)
    request = {"filter": {"state": "FAILED"}}
    (found,) = platform.expect("POST", "/passerelle/v1/outbox/search", request, user="operator")["items"]

    assert (found["notificationKey"], found["toAddress"], found["error"]) == (key, None, notifications.NO_ADDRESS)
    wrong = platform.api("POST", f"/passerelle/v1/outbox/{key}/retry", {"address": "nowhere"}, user="operator")
    assert (wrong.status_code, list(wrong.json()["errors"])) == (400, ["address"])
    platform.expect("POST", f"/passerelle/v1/outbox/{key}/retry", {"address": "paul@garage.example"}, user="operator")
    again = platform.expect("GET", f"/passerelle/v1/outbox/{key}", user="operator")
    assert again["toAddress"] == "paul@garage.example"
    assert again["state"] in ("PENDING", "KEPT")


def test_what_is_on_its_way_cannot_be_sent_again(platform: Platform) -> None:
    key = mail_to(platform.engine, "paul@garage.example")
    with Session(platform.engine) as session:
        database.run(session, lambda s: notifications.sent(s, int(key), now=NOW))

    assert platform.api("POST", f"/passerelle/v1/outbox/{key}/retry", {}).status_code == 409
    assert platform.api("POST", "/passerelle/v1/outbox/1/retry", {}).status_code == 404


def test_mails_that_nobody_sends_are_shown_on_this_machine_with_their_links(platform: Platform, claims: Claims) -> None:
    claims.hand_over()
    shown = httpx.get(f"{platform.url}/mails")
    assert shown.status_code == 200
    assert "Estimate the damage" in shown.text
    address = shown.text.split('class="row-link" href="')[1].split('"')[0]
    mail = httpx.get(platform.url + address)

    assert "asks Garage Martin to do this: Estimate the damage." in mail.text
    assert f"{platform.url}/l/" in mail.text
    as_sent = httpx.get(f"{platform.url}{address}/as-sent")
    assert '<base target="_top">' in as_sent.text
    assert as_sent.headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("header", [{"X-Forwarded-For": "198.51.100.7"}, {"Forwarded": "for=198.51.100.7"}, {"Host": "evil.example.com"}])
def test_nobody_else_sees_them(platform: Platform, claims: Claims, header: dict[str, str]) -> None:
    claims.hand_over()
    answer = httpx.get(f"{platform.url}/mails", headers=header)

    assert answer.status_code == 404
    assert "Estimate the damage" not in answer.text
