"""What was passed on to others: found again, corrected, given to somebody else, given up by whom it belongs to."""

from typing import Any

import pytest
from sqlalchemy import update

from engine import parties
from engine.commands import handoffs
from engine.errors import NotAllowed
from engine.links import Link
from engine.notifications import Notification
from engine.parties import PLATFORM, Actor
from engine.people import Person
from tests import garages
from tests.portal.guesthouse import Guesthouse
from tests.portal.house import House, Visitor


@pytest.fixture
def inn(empty_house: House) -> Guesthouse:
    return Guesthouse(empty_house)


@pytest.fixture
def fanny(inn: Guesthouse) -> Visitor:
    return inn.house.visitor("fanny")


def add(inn: Guesthouse, *names: str, **about: Any) -> list[int]:
    return [int(inn.write(lambda s, name=name: parties.save(s, {"name": name, **about}, by=PLATFORM).key)) for name in names]


def bounce(inn: Guesthouse) -> None:
    (mail,) = inn.rows(Notification)
    inn.change(Notification, mail.key, state="FAILED", error="550 nobody here", next_at=None)


def test_an_undeliverable_invitation_shows_where_one_waits_and_the_corrected_address_gets_a_link_of_its_own(
    inn: Guesthouse, fanny: Visitor
) -> None:
    bounce(inn)
    old = inn.path()
    fanny.go("/waiting")
    assert "The invitation could not be delivered: paul@garage.example" in fanny.text

    fanny.go(f"/handoffs/{inn.passed.key}")
    assert "Correct the address below" in fanny.text and fanny.value("_address") == "paul@garage.example"
    fanny.send("/again", _address="nowhere")
    assert fanny.status == 422 and len(inn.rows(Notification)) == 1
    fanny.send("/again", _address="pau1@garage.example")
    first, second = sorted(inn.rows(Notification), key=lambda row: row.key)

    assert (first.state, second.state, second.to_address) == ("DROPPED", "PENDING", "pau1@garage.example")
    assert "could not be delivered" not in fanny.go("/waiting").text
    assert inn.house.visitor().go(old).status == 410
    assert "Several people may read pau1@garage.example" in inn.guest().text
    assert [(link.address, link.revoked_at is None) for link in sorted(inn.rows(Link), key=lambda one: one.key)] == [
        ("paul@garage.example", False),
        ("pau1@garage.example", True),
    ]


def test_a_sensitive_value_is_corrected_without_being_shown_and_stays_where_nothing_is_typed(
    empty_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(garages, "MODEL", garages.MODEL.replace('name="plate" type="string"', 'name="plate" type="string" sensitive="true"'))
    inn = Guesthouse(empty_house)
    fanny = inn.house.visitor("fanny").go(f"/handoffs/{inn.passed.key}")
    assert fanny.value("plate") == "" and "Hidden here. Left empty, it stays as it is." in fanny.text
    fanny.send("/again")
    assert (inn.handoff().round, inn.answers()["plate"]) == (2, garages.PLATE), fanny.text
    fanny.send("/again", plate="ZZ-9")

    assert (inn.handoff().round, inn.answers()["plate"]) == (3, "ZZ-9")
    assert "ZZ-9" not in str(fanny.page.xpath("//main//input/@value"))


def test_another_party_is_found_in_a_long_directory(inn: Guesthouse, fanny: Visitor) -> None:
    keys = add(inn, *(f"Shop {number:03}" for number in range(60)))
    page = f"/handoffs/{inn.passed.key}"
    fanny.go(page)
    assert "Shop 007" in fanny.text and "Shop 059" not in fanny.text
    assert not fanny.page.xpath(f"//input[@value='{inn.garage}']"), "who has it now is not another"
    fanny.send("/other", **{"_role.garage": None})
    assert fanny.status == 422 and "Please choose who gets it." in fanny.text

    fanny.go(page).send("/other", **{"_find.garage": "shop 059", "_look": "garage"})
    assert fanny.status == 200 and "Shop 059" in fanny.text and "Shop 001" not in fanny.text
    assert inn.handoff().key == inn.passed.key
    fanny.send("/other", **{"_role.garage": str(keys[59])})

    assert (inn.handoff().to_party_key, inn.handoff().round) == (keys[59], 2)


def test_another_party_may_be_somebody_new(inn: Guesthouse, fanny: Visitor) -> None:
    new = {"_role.garage": "new", "_name.garage": "Shop New", "_address.garage": "desk@new.example"}
    fanny.go(f"/handoffs/{inn.passed.key}").send("/other", **new)

    assert inn.read(lambda s: parties.expect(s, inn.handoff().to_party_key)).name == "Shop New"
    assert inn.link().address == "desk@new.example"


@pytest.mark.parametrize("about", [{"kind": "customer"}, {"active": False}, {"kind": "customer", "active": False}])
def test_only_who_could_do_the_work_gets_it(inn: Guesthouse, fanny: Visitor, about: dict[str, Any]) -> None:
    (key,) = add(inn, "Somebody", **about)
    for chosen in (str(key), str(inn.garage), "1", "x"):
        fanny.go(f"/handoffs/{inn.passed.key}").send("/other", **{"_role.garage": chosen})
        assert fanny.status == 422, chosen

    assert inn.handoff().key == inn.passed.key


def test_the_senders_people_give_a_case_up_after_asking_twice(inn: Guesthouse, fanny: Visitor) -> None:
    fanny.go(f"/handoffs/{inn.passed.key}")
    assert fanny.page.xpath("//a[contains(@href, 'cancellation')]")
    fanny.go(f"/handoffs/{inn.passed.key}/cancellation")
    assert inn.house.cases()[0].state == "ACTIVE"
    fanny.send("/cancellation")

    assert inn.house.cases()[0].state == "TERMINATED"


def test_a_partner_who_passed_work_on_cannot_end_the_whole_case(inn: Guesthouse) -> None:
    (sender,) = add(inn, "Workshop")
    inn.write(lambda s: s.execute(update(Person).where(Person.username == "paul").values(party_key=sender)))
    inn.change(type(inn.passed), inn.passed.key, from_party_key=sender)
    paul = inn.house.visitor("paul").go(f"/handoffs/{inn.passed.key}")
    assert "Send again" in paul.text
    assert not paul.page.xpath("//a[contains(@href, 'cancellation')]") and not paul.page.xpath("//form[contains(@action, '/other')]")
    token = paul.page.xpath("//input[@name='_csrf']/@value")[0]
    for path in ("cancellation", "other"):
        assert paul.post(f"/handoffs/{inn.passed.key}/{path}", {"_csrf": token}).status == 403
    assert paul.go(f"/handoffs/{inn.passed.key}/cancellation").status == 403
    by = Actor(id="person:paul", username="paul", party_key=sender)
    with pytest.raises(NotAllowed):
        inn.write(lambda s: handoffs.cancel(s, inn.passed.key, by=by))

    assert inn.house.cases()[0].state == "ACTIVE" and inn.handoff().state == "OFFERED"

