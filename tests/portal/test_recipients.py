"""Who gets it? On the task from which the work crosses: somebody of the directory, or a name and an address."""

from typing import Any

import pytest
from sqlalchemy import select

from engine import database, deployments, json_text, parties
from engine.commands import cases
from engine.handoffs import Handoff
from engine.parties import PLATFORM, Party
from engine.tasks import Task
from tests import garages
from tests.portal.house import House, Visitor

CHECK = {"id": "check", "type": "default", "components": [{"type": "textfield", "key": "plate", "label": "Plate"}]}
MODEL = garages.MODEL.replace(' partyId="garage-martin"', "").replace("{assurance}", "")


def begin(house: House, *, kind: str = "partner", with_form: bool = True) -> Task:
    """A claim whose garage nobody has named, at fanny's desk."""
    model = MODEL.replace('kind="partner"', f'kind="{kind}"')
    if with_form:
        form = '<extensionElements><zeebe:formDefinition formId="check"/></extensionElements>'
        model = model.replace('name="Check the report"/>', f'name="Check the report">{form}</userTask>')
    files = [("c.bpmn", model.encode()), ("check.form", json_text.dump_bytes(CHECK))]
    files.append(("estimate.form", json_text.dump_bytes(garages.FORM)))
    house.write(lambda session: deployments.deploy(session, files, by=PLATFORM))
    by = house.actor("admin")
    started = {"plate": "AB-123-CD"}
    house.write(lambda s: cases.start(s, deployments.expect_process(s, process_id="claim"), started, by=by).case_number)
    return house.claim(house.task("check"), "fanny")


def add(house: House, *names: str, **about: Any) -> list[int]:
    return [int(house.write(lambda s, name=name: parties.save(s, {"name": name, "country": "FR", **about}, by=PLATFORM).key)) for name in names]


def crossed_to(house: House) -> list[str]:
    """Names of the parties that the work was handed to."""
    with database.reading(house.engine) as session:
        keys = session.scalars(select(Handoff.to_party_key).where(Handoff.kind != "internal"))
        return [session.get_one(Party, key).name for key in keys]


def count(house: House) -> int:
    with database.reading(house.engine) as session:
        return len(list(session.scalars(select(Party))))


@pytest.fixture
def fanny(house: House) -> Visitor:
    return house.visitor("fanny")


@pytest.mark.parametrize("with_form", [True, False])
def test_somebody_of_the_directory_is_chosen(house: House, fanny: Visitor, with_form: bool) -> None:
    nord, _ = *add(house, "Garage Nord"), *add(house, "Garage Sud", country="DE-BY")
    add(house, "Garage Closed", active=False)
    add(house, "Julie", kind="customer")
    task = begin(house, with_form=with_form)

    fanny.go(f"/tasks/{task.key}")
    assert "Garage Nord France" in fanny.text and "Garage Sud Germany (BY)" in fanny.text and "Who gets it?" in fanny.text
    assert "Garage Closed" not in fanny.text and "Julie" not in fanny.text
    fanny.send(f"/tasks/{task.key}", **{"_role.garage": str(nord)})

    assert fanny.path == "/" and crossed_to(house) == ["Garage Nord"]


def test_nobody_chosen_is_asked_for_and_nothing_has_happened(house: House, fanny: Visitor) -> None:
    add(house, "Garage Nord")
    task = begin(house)
    fanny.go(f"/tasks/{task.key}").send(f"/tasks/{task.key}", plate="XY-9")

    assert fanny.status == 422 and "Please choose who gets it." in fanny.text
    assert fanny.value("plate") == "XY-9"
    assert house.state_of(task).state == "CREATED" and crossed_to(house) == []


def test_a_name_and_an_address_are_enough_and_are_found_again_the_next_time(house: House, fanny: Visitor) -> None:
    add(house, "Garage Nord")
    before = count(house)
    for _ in range(2):
        task = begin(house)
        new = {"_role.garage": "new", "_name.garage": "Garage Neuf", "_address.garage": " Chef@Neuf.example "}
        fanny.go(f"/tasks/{task.key}").send(f"/tasks/{task.key}", **new)
        assert fanny.path == "/", fanny.text

    assert crossed_to(house) == ["Garage Neuf"] * 2 and count(house) == before + 1
    with database.reading(house.engine) as session:
        (party,) = parties.search(session, "chef@neuf.example")
        assert (party.kind, party.contacts) == ("partner", [{"name": "Garage Neuf", "email": "chef@neuf.example"}])


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"_name.garage": "Neuf", "_address.garage": "nowhere"}, "Please give their e-mail address"),
        ({"_name.garage": "Neuf", "_address.garage": ""}, "Please give their e-mail address"),
        ({"_name.garage": " ", "_address.garage": "chef@neuf.example"}, "Please give their name."),
    ],
)
def test_half_an_answer_is_told_and_kept_and_adds_nobody(house: House, fanny: Visitor, typed: dict[str, str], said: str) -> None:
    add(house, "Garage Nord")
    before, task = count(house), begin(house)
    fanny.go(f"/tasks/{task.key}").send(f"/tasks/{task.key}", plate="XY-9", **{"_role.garage": "new"} | typed)

    assert fanny.status == 422 and said in fanny.text
    assert fanny.value("_role.garage") == "new" and fanny.value("plate") == "XY-9"
    assert fanny.value("_name.garage") == typed["_name.garage"].strip()
    assert count(house) == before and house.state_of(task).state == "CREATED"


@pytest.mark.parametrize("forged", ["1", "7", "x", "9" * 30, "-1", "²"])
def test_only_who_may_be_chosen_is_taken(house: House, fanny: Visitor, forged: str) -> None:
    add(house, "Garage Nord")
    task = begin(house)
    fanny.go(f"/tasks/{task.key}").send(f"/tasks/{task.key}", **{"_role.garage": forged})

    assert fanny.status == 422 and "Please choose who gets it." in fanny.text
    assert crossed_to(house) == []


def test_neither_customers_nor_who_was_put_to_rest_can_be_smuggled_in(house: House, fanny: Visitor) -> None:
    hidden = [*add(house, "Closed", active=False), *add(house, "Julie", kind="customer")]
    task = begin(house)
    for key in hidden:
        fanny.go(f"/tasks/{task.key}").send(f"/tasks/{task.key}", **{"_role.garage": str(key)})
        assert fanny.status == 422 and crossed_to(house) == []


def test_a_long_directory_is_searched_without_losing_what_was_typed(house: House, fanny: Visitor) -> None:
    keys = add(house, *(f"Garage {number:02}" for number in range(20)))
    task = begin(house)
    fanny.go(f"/tasks/{task.key}")
    assert "Garage 07" in fanny.text and "Garage 08" not in fanny.text

    fanny.send(f"/tasks/{task.key}", plate="XY-9", **{"_find.garage": "garage 19", "_look": "garage"})
    assert fanny.status == 200 and fanny.value("plate") == "XY-9" and fanny.value("_find.garage") == "garage 19"
    assert "Garage 19" in fanny.text and "Garage 01" not in fanny.text
    fanny.send(f"/tasks/{task.key}", **{"_role.garage": str(keys[19]), "_find.garage": "garage 02"})  # Enter behind new words
    assert fanny.status == 200 and "Garage 02" in fanny.text and "Garage 19" in fanny.text
    assert fanny.value("_role.garage") == str(keys[19])
    fanny.send(f"/tasks/{task.key}", **{"_find.garage": "zzz", "_role.garage": None})
    assert "Nobody found for “zzz”." in fanny.text and house.state_of(task).state == "CREATED"

    fanny.send(f"/tasks/{task.key}", **{"_find.garage": "zzz", "_role.garage": "new", "_name.garage": "Neuf", "_address.garage": "a@neuf.example"})
    assert crossed_to(house) == ["Neuf"]


def test_a_customer_is_named_by_whoever_may_not_see_customers(house: House, fanny: Visitor) -> None:
    house.write(lambda session: parties.customer(session, "julie@example.com", "Julie Durand"))
    task = begin(house, kind="customer")
    fanny.go(f"/tasks/{task.key}")
    assert "Julie" not in fanny.text and not fanny.page.xpath("//input[@type='radio'][contains(@name, '_role')]")

    fanny.send(f"/tasks/{task.key}", **{"_name.garage": "Somebody", "_address.garage": "Julie@example.com"})

    assert crossed_to(house) == ["Julie Durand"]  # one party for each address


def test_a_case_that_crosses_at_once_asks_at_its_start(house: House) -> None:
    nord, _ = add(house, "Garage Nord", "Garage Sud")
    straight = MODEL.replace('sourceRef="begin" targetRef="check"', 'sourceRef="begin" targetRef="pass"').replace(
        '<userTask id="check" name="Check the report"/>', '<exclusiveGateway id="pass"/>'
    )
    straight = straight.replace('sourceRef="check"', 'sourceRef="pass"').replace("<flowNodeRef>check</", "<flowNodeRef>pass</")
    form = {"id": "check", "type": "default", "components": [{"type": "textfield", "key": "plate", "label": "Plate"}]}
    straight = straight.replace(
        '<startEvent id="begin"/>',
        '<startEvent id="begin"><extensionElements><zeebe:formDefinition formId="check"/></extensionElements></startEvent>',
    )
    files = [("c.bpmn", straight.encode()), ("check.form", json_text.dump_bytes(form)), ("e.form", json_text.dump_bytes(garages.FORM))]
    house.write(lambda session: deployments.deploy(session, files, by=PLATFORM))
    admin = house.visitor("admin")

    admin.go("/start/claim").send("/start/claim", plate="XY-9")
    assert admin.status == 422 and "Please choose who gets it." in admin.text
    assert admin.value("plate") == "XY-9" and house.cases() == []
    admin.send("/start/claim", plate="", **{"_role.garage": str(nord)})
    assert admin.status == 422 and admin.page.xpath("//*[@role='alert']//a"), admin.text
    assert house.cases() == []
    assert crossed_to(house) == []
    admin.go("/start/claim").send("/start/claim", plate="XY-9")
    admin.send("/start/claim", **{"_role.garage": str(nord)})

    assert admin.path.startswith("/cases/") and crossed_to(house) == ["Garage Nord"]
