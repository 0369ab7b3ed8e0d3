"""Lists of handoffs, disclosures and links show exactly what one may see, whoever asks."""

import pytest
from sqlalchemy import select

from engine import policies
from engine.cases import Case
from engine.commands import handoffs, tasks
from engine.handoffs import Handoff
from engine.ledger import Disclosure
from engine.links import Link
from engine.parties import PLATFORM, Actor
from engine.tasks import Task
from tests.engine.test_handoffs import Crossing, garage_of


@pytest.fixture
def busy(world):
    """Cases with either garage: offered, accepted, declined and sent to the other, answered."""
    crossing = Crossing(world, binding='binding="=garageId"')
    for garage in ("adams", "brown"):
        for _ in range(2):
            crossing.begin(plate="AB-1", garageId=garage)
            world.sweep()
            _complete(crossing, "Choose")
    adams = [row for row in crossing.rows() if row.to_party_key == crossing.adams]
    crossing.act(handoffs.decline, adams[0].key, "No.", by=garage_of(crossing.adams))
    crossing.act(handoffs.send_again, adams[0].key, party_key=crossing.brown)
    look = next(task for task in world.tasks() if task.name == "Look at it" and task.party_key == crossing.adams)
    crossing.act(tasks.complete, look.key, {}, by=garage_of(crossing.adams))
    world.sweep()
    price = next(task for task in world.tasks() if task.name == "Price it")
    crossing.act(tasks.complete, price.key, {"price": 3}, by=garage_of(crossing.adams))
    world.sweep()
    return crossing


def _complete(crossing, name):
    task = next(task for task in crossing.world.tasks() if task.name == name)
    crossing.act(tasks.complete, task.key, {})
    crossing.world.sweep()


def _actors(crossing, rows):
    for groups in ((), ("adjusters",), ("garage",)):
        for roles in ((), ("member",), ("modeller",), ("operator",), ("admin",)):
            yield Actor(id="person:nora", username="nora", roles=frozenset(roles), groups=frozenset(groups))
    for party in (crossing.adams, crossing.brown, 77):
        yield Actor(id="person:gus", username="gus", party_key=party, party_kind="partner", groups=frozenset({"adjusters"}))
        for keys in ((), rows[:1], rows[1:3]):
            handoff_keys = frozenset(row.key for row in keys)
            yield Actor(id="guest:5", party_key=party, party_kind="partner", link_key=5, handoff_keys=handoff_keys)
    for roles in ((), ("worker",), ("admin",)):
        yield Actor(id="client:erp", username="erp", roles=frozenset(roles), groups=frozenset({"adjusters"}))
    yield Actor(id="person:ada", username="ada")
    yield PLATFORM


@pytest.mark.parametrize("world", ["cached"], indirect=True)
def test_lists_show_exactly_what_one_may_see(busy):
    rows = busy.rows()
    all_of = {model: busy.world.ask(lambda s, m=model: list(s.scalars(select(m)))) for model in (Task, Disclosure, Link, Case)}
    by_key = {row.key: row for row in rows}
    seen = {"handoffs": set(), "disclosures": set(), "links": set()}
    for actor in _actors(busy, rows):

        def listed(model, condition):
            return busy.world.ask(lambda s: set(s.scalars(select(model.key).where(condition))))

        def its(row):
            return [task for task in all_of[Task] if task.case_key == row.case_key]

        visible = listed(Handoff, policies.visible_handoffs(actor))
        assert visible == {row.key for row in rows if policies.may_see_handoff(actor, row, its(row))}, actor
        disclosures = listed(Disclosure, policies.visible_disclosures(actor))
        assert disclosures == {
            one.key
            for one in all_of[Disclosure]
            if policies.may_see_disclosure(actor, one, by_key[one.handoff_key], its(by_key[one.handoff_key]))
        }, actor
        links = listed(Link, policies.visible_links(actor))
        assert links == {one.key for one in all_of[Link] if policies.may_see_link(actor, one, by_key.get(one.handoff_key))}, actor
        for name, found in (("handoffs", visible), ("disclosures", disclosures), ("links", links)):
            seen[name].add(len(found))
    assert len(seen["handoffs"]) > 3 and len(seen["disclosures"]) > 3 and len(seen["links"]) > 1


def test_an_outsider_is_never_told_of_an_operation_here():
    for name in policies.OPERATIONS:
        for actor in (garage_of(21), Actor(id="guest:5", party_key=21, link_key=5), Actor(id="person:x", username="x", groups=frozenset({"adjusters"}))):
            assert not policies.may(actor, name), name
