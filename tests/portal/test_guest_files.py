"""Files of guests: handed in without an account, theirs alone until they are sent, never lost on the way."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine import clock, database
from engine.documents import Document
from tests import samples
from tests.garages import NOW
from tests.portal.guesthouse import Guesthouse
from tests.portal.house import House


@pytest.fixture
def inn(empty_house: House) -> Guesthouse:
    return Guesthouse(empty_house)


OFFER = (samples.pdf(), "offer.pdf")


def listed(guest):
    return [str(name) for name in guest.page.xpath("//main//*[contains(@class, 'picker')]//li//a/text()")]


def rows(inn):
    with database.reading(inn.engine) as session:
        return list(session.scalars(select(Document).order_by(Document.key)))


def test_a_guest_hands_in_a_file_and_the_other_side_opens_it(inn):
    guest = inn.guest().send(offer=[OFFER], _upload="offer", hours="12")
    assert listed(guest) == ["offer.pdf"]
    (link,) = guest.page.xpath("//main//*[contains(@class, 'picker')]//li//a/@href")
    assert link == f"/g/{inn.link().key}/documents/{rows(inn)[0].key}"
    assert guest.go(link).response.headers["Content-Disposition"] == "attachment; filename=offer.pdf"
    inn.guest().send(hours="12")
    (row,) = rows(inn)

    assert (row.kept_until, row.party_key) == (None, inn.garage)
    assert inn.answers()["offer"][0]["documentId"] == str(row.key)
    assert inn.house.visitor("admin").go(f"/documents/{row.key}").response.data == OFFER[0]
    assert inn.house.visitor("julie").go(f"/documents/{row.key}").status == 404


def test_a_guest_does_not_open_what_it_was_not_given(inn):
    secret = inn.house.visitor()
    other = Guesthouse.guest(inn)
    inn.guest().send(offer=[OFFER], _upload="offer")
    (row,) = rows(inn)
    inn.change(Document, row.key, uploaded_by="person:somebody")

    assert other.go(f"/g/{inn.link().key}/documents/{row.key}").status == 404
    assert secret.go(f"/g/{inn.link().key}/documents/{row.key}").status in (401, 404)
    assert other.go(f"/documents/{row.key}").status == 401


def test_a_file_of_a_guest_survives_a_mistake_and_a_closed_browser(inn):
    assert inn.guest().send(offer=[OFFER], hours="many").status == 422

    again = inn.guest()
    assert listed(again) == ["offer.pdf"]
    again.send(hours="12")
    assert rows(inn)[0].kept_until is None


def test_a_file_survives_the_end_of_the_link(inn):
    guest = inn.guest()
    guest.form()
    inn.write(lambda s: clock.pin(s, NOW + timedelta(days=60)))
    guest.send(offer=[OFFER], hours="12")
    assert guest.status == 410
    guest.send("/l/fresh")

    again = inn.guest()
    assert listed(again) == ["offer.pdf"]
    again.send(hours="12")
    assert inn.answers()["offer"][0]["metadata"]["fileName"] == "offer.pdf"


def test_a_file_goes_with_the_work_to_a_colleague_and_no_longer_to_me(inn):
    mine = inn.link()
    guest = inn.guest().send(offer=[OFFER], _upload="offer")
    guest.go(f"/g/{mine.key}/colleague").send("/colleague", name="Anna Blanc", address="anna@garage.example")
    new = inn.link()
    (row,) = rows(inn)
    assert row.uploaded_by == f"guest:{new.key}"

    colleague = inn.guest(new)
    assert listed(colleague) == ["offer.pdf"]
    colleague.send(hours="12")
    assert inn.answers()["offer"][0]["documentId"] == str(row.key)


def test_a_file_that_is_not_what_it_says_is_refused_for_a_guest_too(inn):
    guest = inn.guest().send(offer=[(samples.HTML, "offer.pdf")], hours="12")

    assert guest.status == 422
    assert "“offer.pdf” was not added" in guest.text
    assert rows(inn) == []
    assert inn.task().state == "CREATED"
