"""Files: written before anybody knows of them, pending until they are sent, then of one case; out of reach of whoever was not given them."""

import os
import threading
import time
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from engine import clock, database, deployments, documents, json_text, parties, policies
from engine.cases import Case
from engine.commands import cases, tasks
from engine.documents import Document, Folder
from engine.errors import Invalid, NotFound, TooLarge
from engine.handoffs import Handoff
from engine.instances import Instance
from engine.ledger import Disclosure
from engine.parties import Actor
from engine.tasks import Task
from engine.variables import Variable
from tests import samples

ANNA = Actor(id="person:anna", username="anna", groups=frozenset({"holder"}))
BEN = Actor(id="person:ben", username="ben", groups=frozenset({"garage"}))
MIA = Actor(id="person:mia", username="mia", roles=frozenset({"member"}))
CARL = Actor(id="person:carl", username="carl", roles=frozenset({"member"}))
OPAL = Actor(id="person:opal", username="opal", roles=frozenset({"operator"}))
MODI = Actor(id="person:modi", username="modi", roles=frozenset({"modeller"}))
ERP = Actor(id="client:erp", username="erp", roles=frozenset({"worker"}))

TWO_POOLS = """<message id="m" name="m"/><collaboration id="c"><participant id="p1" name="Holder" processRef="holder"/>
  <participant id="p2" name="Garage" processRef="garage"/><messageFlow id="mf" sourceRef="t" targetRef="gs"/></collaboration>
  <process id="holder" isExecutable="true"><startEvent id="s"/><userTask id="w"/>
  <intermediateThrowEvent id="t"><extensionElements><zeebe:ioMapping><zeebe:output source="=work" target="work"/></zeebe:ioMapping>
  </extensionElements><messageEventDefinition messageRef="m"/></intermediateThrowEvent>
  <userTask id="w2"/><sequenceFlow id="f1" sourceRef="s" targetRef="w"/><sequenceFlow id="f2" sourceRef="w" targetRef="t"/>
  <sequenceFlow id="f3" sourceRef="t" targetRef="w2"/></process>
  <process id="garage" isExecutable="true"><startEvent id="gs"><messageEventDefinition messageRef="m"/></startEvent>
  <userTask id="g"/><sequenceFlow id="g1" sourceRef="gs" targetRef="g"/></process>"""


pytestmark = pytest.mark.parametrize("world", ["cached"], indirect=True)  # files do not care how an execution is brought back


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path / "documents", max_size=100_000)


@pytest.fixture
def drawer(world, folder):
    world.deploy(TWO_POOLS)
    return Drawer(world, folder)


class Drawer:
    """Handing in, sending and asking, in a world with a case of two pools."""

    def __init__(self, world, folder):
        self.world, self.folder = world, folder

    def run(self, work):
        with Session(self.world.engine) as session:
            return database.run(session, work)

    def hand_in(self, by, content=None, name="a.jpg", place="start:holder"):
        stored = self.folder.put(BytesIO(content or samples.jpeg(more=os.urandom(8))))
        row = self.run(lambda s: documents.reference_to(documents.add(s, stored, name, place=place, by=by)))
        return row

    def start(self, by, **given):
        return self.run(lambda s: cases.start(s, deployments.expect_process(s, process_id="holder"), given, by=by))

    def task(self, element_id):
        return self.world.ask(lambda s: s.scalars(select(Task).where(Task.element_id == element_id).order_by(Task.key.desc())).first())

    def complete(self, element_id, by, **given):
        self.run(lambda s: tasks.complete(s, self.task(element_id).key, given, by=by))

    def row(self, reference):
        return self.world.ask(lambda s: s.get(Document, int(reference["documentId"])))

    def sees(self, by, reference):
        try:
            self.world.ask(lambda s: documents.expect_visible(s, int(reference["documentId"]), by=by))
        except NotFound:
            return False
        return True

    def files(self):
        return sorted(file.name for file in self.folder.path.glob("*/*"))


# -- pending, then of a case --------------------------------------------------------------------------------------


def test_a_pending_file_is_its_uploaders_alone(drawer):
    one = drawer.hand_in(ANNA)

    assert [drawer.sees(who, one) for who in (ANNA, BEN, MIA, OPAL, ERP)] == [True, False, False, False, False]
    assert [row.name for row in drawer.world.ask(lambda s: documents.pending(s, "start:holder", by=ANNA))] == ["a.jpg"]
    assert drawer.world.ask(lambda s: documents.pending(s, "start:holder", by=BEN)) == []
    assert drawer.world.ask(lambda s: documents.pending(s, "start:other", by=ANNA)) == []


def test_sending_makes_it_part_of_the_case_for_good(drawer):
    one = drawer.hand_in(ANNA)
    begun = drawer.start(ANNA, photos=[one])

    row = drawer.row(one)
    assert (row.case_key, row.kept_until) == (begun.case_key, None)
    assert drawer.world.variables(begun.key)["photos"] == [one]
    drawer.run(lambda s: s.execute(update(Document).values(created_at=clock.machine_now() - timedelta(days=90))))
    assert drawer.run(lambda s: documents.drop_expired(s, drawer.folder)) == 0
    assert drawer.files() == [one["documentId"]]


def test_who_may_see_a_value_that_names_it_may_see_the_file(drawer):
    theirs, handed = drawer.hand_in(ANNA), drawer.hand_in(ANNA)
    drawer.start(ANNA, photos=[theirs])
    drawer.run(lambda s: s.execute(update(Task).values(assignee="mia")))

    assert [drawer.sees(who, theirs) for who in (ANNA, BEN, MIA, OPAL, MODI, ERP)] == [True, False, True, True, False, False]
    drawer.complete("w", MIA)  # the message carries nothing yet
    assert not drawer.sees(BEN, theirs)
    drawer.run(lambda s: s.execute(update(Task).where(Task.element_id == "g").values(assignee="ben")))
    assert not drawer.sees(BEN, theirs)
    drawer.run(lambda s: s.execute(update(Document).where(Document.key == int(handed["documentId"])).values(uploaded_by=BEN.id)))
    drawer.complete("g", BEN, estimate=[handed])
    assert drawer.sees(BEN, handed) and drawer.sees(OPAL, handed)


def test_what_a_message_flow_carries_over_is_seen_on_the_other_side(drawer):
    one, kept = drawer.hand_in(ANNA), drawer.hand_in(ANNA)
    drawer.start(ANNA, work=[one], photos=[kept])
    drawer.run(lambda s: s.execute(update(Task).values(assignee="mia")))
    drawer.complete("w", MIA)
    drawer.run(lambda s: s.execute(update(Task).where(Task.element_id == "g").values(assignee="ben")))

    assert drawer.sees(BEN, one)
    assert not drawer.sees(BEN, kept)


def test_the_list_of_what_one_may_see_agrees_with_the_question(drawer):
    for starter, assignee, photos in ((ANNA, "mia", 2), (MIA, "ben", 1), (ERP, None, 0)):
        drawer.start(starter, photos=[drawer.hand_in(starter) for _ in range(photos)])
        drawer.run(lambda s, who=assignee: s.execute(update(Task).where(Task.assignee.is_(None)).values(assignee=who)))
    drawer.hand_in(BEN)
    everybody = (ANNA, BEN, MIA, OPAL, MODI, ERP, Actor(id="person:x", username="x"))

    assert sum(len(listed_and_asked(drawer, who)) for who in everybody) > 5


# -- references that somebody typed -------------------------------------------------------------------------------


def test_a_reference_to_what_one_was_not_given_opens_nothing(drawer):
    pending, used = drawer.hand_in(ANNA), drawer.hand_in(ANNA)
    drawer.start(ANNA, photos=[used])
    mine = drawer.hand_in(CARL)
    forged = [
        pending,
        used,
        {**mine, "documentId": used["documentId"]},
        {**used, "contentHash": None},
        {**mine, "contentHash": "0" * 64},
        {**mine, "storeId": "elsewhere"},
        {"camunda.document.type": "camunda"},
        {**mine, "documentId": "9" * 18},
    ]
    for reference in forged:
        for value in (reference, [mine, reference], {"deep": [{"er": reference}]}):
            with pytest.raises(Invalid) as refused:
                drawer.start(CARL, fine=1, files=value)
            assert list(refused.value.details["fields"]) == ["files"]

    assert drawer.world.ask(lambda s: s.scalar(select(func.count()).select_from(Instance))) == 1
    assert drawer.row(mine).case_key is None
    assert not drawer.sees(CARL, used)


def test_a_file_belongs_to_one_case(drawer):
    one = drawer.hand_in(MIA)
    drawer.start(MIA, photos=[one])

    with pytest.raises(Invalid):
        drawer.start(MIA, photos=[one])
    drawer.complete("w", OPAL, again=[one])


def test_a_reference_that_got_into_another_case_opens_nothing_there(drawer):
    one = drawer.hand_in(ANNA)
    drawer.start(ANNA, photos=[one])
    other = drawer.start(CARL)
    text = json_text.dumps([one])
    row = {"key": 1, "scope_key": other.key, "name": "typed", "instance_key": other.key, "value": text, "value_hash": "x"}
    drawer.run(lambda s: s.add(Variable(**row, updated_at=clock.machine_now())))  # as if a model had put it together

    assert not drawer.sees(CARL, one)


def test_a_text_that_looks_like_a_reference_opens_nothing(drawer):
    one = drawer.hand_in(ANNA)
    drawer.start(ANNA, photos=[one])
    drawer.complete("w", OPAL, note=json_text.dumps(one))
    drawer.run(lambda s: s.execute(update(Task).where(Task.element_id == "w2").values(assignee="ben")))
    drawer.run(lambda s: s.execute(update(Variable).where(Variable.name == "photos").values(value="[]")))

    assert not drawer.sees(BEN, one)


def test_a_worker_hands_in_and_passes_on_in_its_case(drawer):
    one = drawer.hand_in(ERP, place=documents.API)
    begun = drawer.start(ERP, report=one)

    assert drawer.row(one).case_key == begun.case_key


def test_two_who_send_the_same_pending_file_at_once_do_not_share_it(drawer):
    one = drawer.hand_in(ANNA)
    outcomes = []

    def send():
        try:
            outcomes.append(drawer.start(ANNA, photos=[one]).case_key)
        except Invalid:
            outcomes.append("refused")

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(map(str, outcomes)).count("refused") == 3
    assert drawer.row(one).case_key in outcomes


# -- housekeeping -------------------------------------------------------------------------------------------------


def test_a_pending_file_goes_after_a_day_and_can_no_longer_be_sent(drawer):
    one, two = drawer.hand_in(ANNA), drawer.hand_in(ANNA)
    old = clock.machine_now() - timedelta(seconds=1)
    drawer.run(lambda s: s.execute(update(Document).where(Document.key == int(one["documentId"])).values(kept_until=old)))

    with pytest.raises(Invalid):
        drawer.start(ANNA, photos=[one])
    assert drawer.run(lambda s: documents.drop_expired(s, drawer.folder)) == 1
    assert drawer.files() == [two["documentId"]]


def test_a_removed_file_is_gone_unless_it_was_sent_meanwhile(drawer):
    one, two = drawer.hand_in(ANNA), drawer.hand_in(ANNA)
    drawer.start(ANNA, photos=[two])

    for reference in (one, two):
        drawer.run(lambda s, key=int(reference["documentId"]): documents.drop_pending(s, drawer.folder, place="start:holder", document_keys=[key], by=BEN))
    assert len(drawer.files()) == 2
    drawer.run(lambda s: documents.drop_pending(s, drawer.folder, place="start:holder", by=ANNA))

    assert drawer.files() == [two["documentId"]]


def test_what_is_pending_goes_with_the_work_to_a_colleague_and_what_was_sent_stays(drawer):
    pending, sent = drawer.hand_in(ANNA), drawer.hand_in(ANNA)
    drawer.start(ANNA, photos=[sent])

    drawer.run(lambda s: documents.hand_over(s, before=ANNA.id, by=BEN))

    assert [drawer.sees(who, pending) for who in (ANNA, BEN)] == [False, True]
    assert [drawer.sees(who, sent) for who in (ANNA, BEN)] == [True, False]
    assert (drawer.row(pending).uploaded_by, drawer.row(sent).uploaded_by) == (BEN.id, ANNA.id)


def test_a_file_whose_row_never_came_is_swept_and_no_other(drawer):
    one = drawer.hand_in(ANNA)
    orphan = drawer.folder.put(BytesIO(samples.pdf()))
    half = drawer.folder.file(orphan.key).with_name(f".{orphan.key}.abcd.part")
    half.write_bytes(b"half")
    for _ in range(3):  # the first time the database and the folder learn of each other
        drawer.run(lambda s: documents.sweep_all(s, drawer.folder))
    assert len(drawer.files()) == 3, "younger than an hour"

    hours_ago = time.time() - 7200
    for file in drawer.folder.path.glob("*/*"):
        os.utime(file, (hours_ago, hours_ago))
    assert drawer.run(lambda s: documents.sweep_all(s, drawer.folder)) == 2
    assert drawer.files() == [one["documentId"]]


def test_beside_another_database_nothing_is_swept(drawer):
    orphan = drawer.folder.put(BytesIO(samples.pdf()))
    os.utime(drawer.folder.file(orphan.key), (0, 0))
    drawer.run(lambda s: documents.sweep(s, drawer.folder))
    drawer.folder.marker.write_text("the name of another database")

    assert drawer.run(lambda s: documents.sweep_all(s, drawer.folder)) == 0
    assert drawer.files() == [str(orphan.key)]


def test_one_actor_does_not_fill_the_disk_with_what_it_never_sends(drawer, monkeypatch):
    monkeypatch.setattr(documents, "MOST_PENDING", 3)
    for _ in range(3):
        drawer.hand_in(ANNA)

    with pytest.raises(TooLarge):
        drawer.hand_in(ANNA)
    drawer.hand_in(BEN)


def test_erasing_a_case_removes_its_files_and_no_others(drawer):
    one, other = drawer.hand_in(ANNA), drawer.hand_in(ANNA)
    begun = drawer.start(ANNA, photos=[one])
    drawer.start(ANNA, photos=[other])

    assert drawer.run(lambda s: documents.erase(s, drawer.folder, begun.case_key)) == 1
    assert drawer.files() == [other["documentId"]]
    assert not drawer.sees(OPAL, one)


def test_a_refused_command_keeps_the_file_pending(drawer):
    one = drawer.hand_in(MIA)
    drawer.start(MIA)

    with pytest.raises(NotFound):
        drawer.complete("w", replace(BEN, id=MIA.id), photos=[one])
    assert drawer.row(one).case_key is None


# -- between parties ----------------------------------------------------------------------------------------------

LANES = """<process id="claim" isExecutable="true"><laneSet id="ls">
  <lane id="desk" name="Desk"><flowNodeRef>s</flowNodeRef><flowNodeRef>check</flowNodeRef><flowNodeRef>pay</flowNodeRef></lane>
  <lane id="garage" name="Garage"><extensionElements><handoff:party kind="partner" role="garage" partyId="adams"/></extensionElements>
    <flowNodeRef>estimate</flowNodeRef></lane>
  <lane id="expert" name="Expert"><extensionElements><handoff:party kind="partner" role="expert" partyId="brown"/></extensionElements>
    <flowNodeRef>review</flowNodeRef></lane></laneSet>
  <startEvent id="s"/><userTask id="check" name="Check"/><userTask id="estimate" name="Estimate"/><userTask id="review" name="Review"/>
  <userTask id="pay" name="Pay"/>
  <sequenceFlow id="f1" sourceRef="s" targetRef="check"/>
  <sequenceFlow id="f2" sourceRef="check" targetRef="estimate"><extensionElements><handoff:contract>
    <handoff:field name="photos" type="file" required="true"/><handoff:field name="note" type="any"/></handoff:contract></extensionElements></sequenceFlow>
  <sequenceFlow id="f3" sourceRef="estimate" targetRef="review"><extensionElements><handoff:contract>
    <handoff:field name="offer" type="file" required="true"/></handoff:contract></extensionElements></sequenceFlow>
  <sequenceFlow id="f4" sourceRef="review" targetRef="pay"/></process>"""


class Sides:
    """A claim in one pool whose lanes belong to the host and two partners."""

    def __init__(self, world, folder):
        self.drawer = Drawer(world, folder)
        world.do(lambda s, *, by: parties.host(s))
        self.adams, self.brown = (
            world.do(lambda s, *, by, name=name: parties.save(s, {"kind": "partner", "name": name, "party_id": name.lower()}, by=by).key)
            for name in ("Adams", "Brown")
        )
        world.deploy(LANES)

    def person(self, name, party_key):
        return Actor(id=f"person:{name}", username=name, party_key=party_key, party_kind="partner")

    def guest(self, link_key, party_key, *elements):
        rows = self.drawer.world.ask(lambda s: list(s.scalars(select(Handoff).where(Handoff.to_element_id.in_(elements)))))
        keys = frozenset(row.key for row in rows)
        return Actor(id=f"guest:{link_key}", party_key=party_key, party_kind="partner", link_key=link_key, handoff_keys=keys)


@pytest.fixture
def sides(world, folder):
    return Sides(world, folder)


def test_only_a_contracts_file_field_passes_a_file_on_to_another_party(sides):
    drawer = sides.drawer
    photo, secret, noted = (drawer.hand_in(MIA) for _ in range(3))
    drawer.run(lambda s: cases.start(s, deployments.expect_process(s, process_id="claim"), {"secret": [secret]}, by=MIA))
    drawer.run(lambda s: s.execute(update(Task).values(assignee="mia")))
    drawer.complete("check", MIA, photos=[photo], note={"deep": noted})
    ann, cole, bob = sides.person("ann", sides.adams), sides.person("cole", sides.adams), sides.person("bob", sides.brown)

    assert [drawer.sees(ann, one) for one in (photo, secret, noted)] == [True, False, False]
    assert [drawer.sees(bob, one) for one in (photo, secret, noted)] == [False, False, False]
    offer = drawer.hand_in(ann, samples.pdf(), place="task:x")
    assert not drawer.sees(cole, offer), "not sent yet"
    drawer.complete("estimate", ann, offer=[offer])
    assert drawer.sees(cole, offer) and drawer.sees(bob, offer) and drawer.sees(MIA, offer)
    assert not drawer.sees(bob, photo)


def test_a_guest_sees_what_its_own_handoffs_disclosed(sides):
    drawer = sides.drawer
    photos = [drawer.hand_in(MIA) for _ in range(2)]
    for photo in photos:
        drawer.run(lambda s: cases.start(s, deployments.expect_process(s, process_id="claim"), {}, by=MIA))
        drawer.run(lambda s: s.execute(update(Task).values(assignee="mia").where(Task.element_id == "check")))
        drawer.complete("check", MIA, photos=[photo])
    rows = drawer.world.ask(lambda s: list(s.scalars(select(Handoff).order_by(Handoff.key))))
    one = Actor(id="guest:1", party_key=sides.adams, link_key=1, handoff_keys=frozenset({rows[0].key}))
    two = replace(one, id="guest:2", link_key=2, handoff_keys=frozenset({rows[1].key}))
    dead = replace(one, id="guest:3", link_key=3, handoff_keys=frozenset())

    assert [drawer.sees(who, photos[0]) for who in (one, two, dead)] == [True, False, False]
    offer = drawer.hand_in(two, samples.pdf(), place="task:x")
    drawer.complete("estimate", two, offer=[offer])
    assert [drawer.sees(who, offer) for who in (one, two, dead)] == [False, True, False]
    assert drawer.sees(replace(two, id="guest:4", link_key=4), offer), "a colleague with a link of their own"


def test_a_party_cannot_pass_on_what_it_was_not_given(sides):
    drawer = sides.drawer
    photo, secret = drawer.hand_in(MIA), drawer.hand_in(MIA)
    drawer.run(lambda s: cases.start(s, deployments.expect_process(s, process_id="claim"), {"secret": [secret]}, by=MIA))
    drawer.run(lambda s: s.execute(update(Task).values(assignee="mia")))
    drawer.complete("check", MIA, photos=[photo])
    ann = sides.person("ann", sides.adams)

    with pytest.raises(Invalid):
        drawer.complete("estimate", ann, offer=[secret])
    drawer.complete("estimate", ann, offer=[photo])


def test_between_parties_the_list_agrees_with_the_question_too(sides):
    drawer = sides.drawer
    for _ in range(2):
        given = {"secret": [drawer.hand_in(MIA)]}
        drawer.run(lambda s, given=given: cases.start(s, deployments.expect_process(s, process_id="claim"), given, by=MIA))
        drawer.run(lambda s: s.execute(update(Task).values(assignee="mia").where(Task.element_id == "check")))
        drawer.complete("check", MIA, photos=[drawer.hand_in(MIA)], note=[drawer.hand_in(MIA)])
        ann = sides.person("ann", sides.adams)
        drawer.complete("estimate", ann, offer=[drawer.hand_in(ann, samples.pdf())])
    actors = [MIA, OPAL, ANNA, ann, sides.person("bob", sides.brown)]
    actors += [sides.guest(1, sides.adams, "estimate"), sides.guest(2, sides.brown, "review"), sides.guest(3, sides.adams)]
    handoff_keys = drawer.world.ask(lambda s: list(s.scalars(select(Handoff.key))))
    actors += [Actor(id=f"guest:{key}", party_key=sides.adams, link_key=key, handoff_keys=frozenset({key})) for key in handoff_keys]

    assert sum(len(listed_and_asked(drawer, who)) for who in actors) > 20


def listed_and_asked(drawer, who):
    """The keys of the documents that somebody may see; fails where the list filter and the question differ."""

    def both(session):
        asked = set()
        for row in session.scalars(select(Document)):
            of_case = [list(session.scalars(select(model).where(model.case_key == row.case_key))) for model in (Task, Handoff)]
            told = select(Disclosure).where(Disclosure.case_key == row.case_key, Disclosure.type == "file")
            told = [one for one in session.scalars(told) if str(row.key) in json_text.dumps(one.value)]
            named = frozenset(session.scalars(select(Variable.instance_key).where(Variable.value.contains(str(row.key)))))
            case = session.get(Case, row.case_key) if row.case_key else None
            if policies.may_see_document(who, row, case, of_case[0], named, disclosures=told, its_handoffs=of_case[1]):
                asked.add(row.key)
        return set(session.scalars(select(Document.key).where(policies.visible_documents(who)))), asked

    listed, asked = drawer.world.ask(both)
    assert listed == asked, who
    return listed


def test_who_answers_one_question_of_a_context_sends_back_files_that_it_cannot_see(sides):
    drawer = sides.drawer
    photo, secret = drawer.hand_in(MIA), drawer.hand_in(MIA)
    claim = {"files": [secret], "plate": "AB"}
    drawer.run(lambda s: cases.start(s, deployments.expect_process(s, process_id="claim"), {"claim": claim}, by=MIA))
    drawer.run(lambda s: s.execute(update(Task).values(assignee="mia")))
    drawer.complete("check", MIA, photos=[photo])
    ann = sides.person("ann", sides.adams)
    offer = drawer.hand_in(ann, samples.pdf())

    drawer.complete("estimate", ann, offer=[offer], claim=claim | {"hours": 5})

    assert not drawer.sees(ann, secret)
    assert drawer.world.variables(drawer.task("review").instance_key)["claim"]["files"] == [secret]
