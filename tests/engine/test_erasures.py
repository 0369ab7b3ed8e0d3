"""A case is erased: nothing of its values is left in any table, its times and a pseudonym are."""

import dataclasses
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import codes, database, deployments, documents, erasures, kept_answers, keys, links, parties, people, schema, worker
from engine.cases import Case
from engine.commands import cases, handoffs, jobs, tasks
from engine.commands import erasures as erasing
from engine.commands import links as link_commands
from engine.continuations import Continuation
from engine.decisions import DecisionInstance
from engine.errors import NotAllowed, WrongState
from engine.feedback import Feedback
from engine.handoffs import Handoff
from engine.history import HistoryEntry
from engine.instances import Instance
from engine.links import Link
from engine.parties import Actor
from engine.public_starts import PublicStart
from engine.recordings import RecordedStep
from engine.tasks import Task
from tests.samples import png

CLAIM = """
<collaboration id="c">
  <participant id="holder" name="Holder" processRef="report">
    <extensionElements><handoff:party kind="customer" role="holder"/></extensionElements></participant>
  <participant id="insurer" name="Insurer" processRef="claim"/>
  <participant id="garage" name="Garage" processRef="repair">
    <extensionElements><handoff:party kind="partner" role="garage" partyId="adams"/></extensionElements></participant>
  <messageFlow id="asked" sourceRef="send" targetRef="got"><extensionElements><handoff:contract acceptWithin="P1D">
    <handoff:field name="plate" type="string" required="true"/><handoff:field name="iban" type="string" sensitive="true"/>
  </handoff:contract></extensionElements></messageFlow>
  <messageFlow id="order" sourceRef="assign" targetRef="ordered"><extensionElements><handoff:contract acceptWithin="PT4H" calendar="working">
    <handoff:field name="plate" type="string"/></handoff:contract></extensionElements></messageFlow>
  <messageFlow id="unheard" sourceRef="note" targetRef="never"/>
</collaboration>
<message id="m1" name="Report"/><message id="m2" name="Order"/><message id="m3" name="Note"/>
<process id="report" isExecutable="true"><startEvent id="s"/><userTask id="describe" name="Describe"/>
  <intermediateThrowEvent id="send"><messageEventDefinition messageRef="m1"/></intermediateThrowEvent>
  <sequenceFlow id="f1" sourceRef="s" targetRef="describe"/><sequenceFlow id="f2" sourceRef="describe" targetRef="send"/></process>
<process id="claim" isExecutable="true"><extensionElements><handoff:case title="=plate" {keep}/></extensionElements>
  <laneSet id="ls"><lane id="desk" name="Desk"><flowNodeRef>got</flowNodeRef><flowNodeRef>rate</flowNodeRef><flowNodeRef>check</flowNodeRef>
  <flowNodeRef>assign</flowNodeRef><flowNodeRef>hold</flowNodeRef><flowNodeRef>never</flowNodeRef></lane></laneSet>
  <startEvent id="got"><messageEventDefinition messageRef="m1"/></startEvent>
  <serviceTask id="rate"><extensionElements><zeebe:taskDefinition type="rate"/></extensionElements></serviceTask>
  <userTask id="check" name="Check"><extensionElements><zeebe:assignmentDefinition candidateUsers="=[iban]"/></extensionElements></userTask>
  <intermediateThrowEvent id="assign"><messageEventDefinition messageRef="m2"/></intermediateThrowEvent>
  <userTask id="hold" name="Hold"/><receiveTask id="never" messageRef="m3"/>
  <sequenceFlow id="g1" sourceRef="got" targetRef="rate"/><sequenceFlow id="g2" sourceRef="rate" targetRef="check"/>
  <sequenceFlow id="g3" sourceRef="check" targetRef="assign"/><sequenceFlow id="g4" sourceRef="assign" targetRef="hold"/>
  <sequenceFlow id="g5" sourceRef="hold" targetRef="never"/></process>
<process id="repair" isExecutable="true"><startEvent id="ordered"><messageEventDefinition messageRef="m2"/></startEvent>
  <userTask id="look" name="Look at it"/>
  <intermediateThrowEvent id="note"><extensionElements><zeebe:ioMapping><zeebe:output source="=plate" target="plate"/></zeebe:ioMapping>
  </extensionElements><messageEventDefinition messageRef="m3"/></intermediateThrowEvent>
  <sequenceFlow id="h1" sourceRef="ordered" targetRef="look"/><sequenceFlow id="h2" sourceRef="look" targetRef="note"/></process>"""

CANARIES = {
    "plate": "CANARY-PLATE", "iban": "CANARY-IBAN", "story": "CANARY-STORY", "customer": "canary-julie", "guest": "Canary Guest",
    "reason": "CANARY-REASON", "address": "canary-desk@adams.example", "business": "CANARY-BUSINESS", "tag": "CANARY-TAG",
    "error": "CANARY-ERROR", "typed": "CANARY-TYPED", "file": "canary-photo.png", "decision": "CANARY-DECISION",
    "form": "CANARY-FORM", "why not": "CANARY-WHY-NOT",
}  # fmt: skip




# how a running instance is kept is nothing to an ended one
pytestmark = [pytest.mark.parametrize("world", ["cached"], indirect=True), pytest.mark.usefixtures("world")]


def _account(username):
    return people.Person(
        username=username, name=username, language="en", password_hash="", must_change_password=False, active=True, roles=["admin"],
        created_at=datetime.now(UTC),
    )  # fmt: skip


KEEPING = {
    *("acts", "case_messages", "cases", "codes", "decision_instances", "disclosures", "documents", "feedback", "handoffs", "incidents"),
    *("instances", "jobs", "kept_answers", "links", "notifications", "parties", "public_starts", "recorded_steps", "tasks", "variables"),
}


# tables about a case that have nothing to take out: keys and times, and for who acted a pseudonym
NO_VALUES = {
    *("case_roles", "continuations", "element_instances", "history", "milestones", "subscriptions", "task_candidates", "timers"),
}


def _decision(task):
    value = CANARIES["decision"]
    about = {"decision_key": 1, "decision_id": "rate", "decision_name": "Rate", "decision_version": 1, "decision_type": "DECISION_TABLE"}
    return DecisionInstance(
        key=keys.new(), evaluation_key=1, instance_id=f"{task.key}-1", requirements_key=1, root_decision_key=1, case_key=task.case_key,
        instance_key=task.instance_key, root_key=None, process_key=None, element_instance_key=None, business_id=value, state="EVALUATED",
        failure=value, result=f'"{value}"', evaluated_inputs=[value], matched_rules=[value], evaluated_at=datetime.now(UTC), **about,
    )  # fmt: skip


def _form(case_key, link_key):
    value, now = CANARIES["form"], datetime.now(UTC)
    about = {"language": "en", "network": "n", "notification_key": None, "created_at": now, "expires_at": now}
    return PublicStart(
        key=keys.new(), process_key=1, address=value, name=value, values={"x": value}, answers=[["x", value]], case_key=case_key,
        link_key=link_key, **about,
    )  # fmt: skip


class Claim:
    """A customer reports a damage, the desk checks, a garage says no, and is asked again under another address."""

    def __init__(self, world, folder, keep=""):
        self.world = world
        world.do(lambda s, *, by: parties.host(s))
        world.do(lambda s, *, by: s.add(_account("ada")))
        self.garage = world.do(lambda s, *, by: parties.save(s, {"name": "Adams", "party_id": "adams", "contacts": [{"email": "a@adams.example"}]}, by=by).key)
        self.folder = documents.Folder(folder)
        erasures.erasers["documents"] = lambda session, case_key: documents.erase(session, self.folder, case_key)
        world.deploy(CLAIM.format(keep=keep))

    def begin(self, customer="canary-julie@example.org"):
        self.customer = self.world.do(lambda s, *, by: parties.customer(s, customer, customer.partition("@")[0]).key)
        julie = Actor(id="guest:77", name="Julie", party_key=self.customer, party_kind="customer", link_key=77)
        given = {"plate": CANARIES["plate"]}

        def start(session, *, by):
            process = deployments.expect_process(session, process_id="report")
            return cases.start(session, process, given, by=julie, business_id=CANARIES["business"], tags=[CANARIES["tag"]])

        self.key = self.world.do(start).case_key

    def task(self, name):
        self.world.sweep()  # on a busy machine a step leaves its rest to the worker
        return next(task for task in self.world.tasks() if task.name == name and task.case_key == self.key)

    def handoff(self):
        return self.world.ask(lambda s: s.scalars(select(Handoff).where(Handoff.case_key == self.key).order_by(Handoff.key.desc())).first())

    def play(self):
        """Leaves something in every table that keeps values."""
        world = self.world
        world.complete_task(self.task("Describe"), story=CANARIES["story"], iban=CANARIES["iban"])
        world.sweep()
        (leased,) = world.lease("rate")
        world.fail_job(leased, retries=0, error_message=CANARIES["error"])
        (incident,) = world.incidents()
        world.do(jobs.update, leased.job.key, retries=1)
        world.resolve(incident)
        world.complete_job(world.lease("rate")[0], story=CANARIES["story"])
        world.complete_task(self.task("Check"))
        world.sweep()
        gus = Actor(id=f"guest:{self.guest_link()}", name="G", party_key=self.garage, link_key=self.guest_link(), handoff_keys=frozenset({self.handoff().key}))
        self.no = self.handoff().key
        world.do(lambda s, *, by: handoffs.decline(s, self.no, CANARIES["reason"], by=gus))
        world.do(lambda s, *, by: handoffs.send_again(s, self.no, address=CANARIES["address"], by=by))
        self.remember(self.guest_link(), self.task("Look at it").key)
        second = dataclasses.replace(gus, id=f"guest:{self.guest_link()}", link_key=self.guest_link(), handoff_keys=frozenset({self.handoff().key}))
        world.do(lambda s, *, by: tasks.complete(s, self.task("Look at it").key, {"story": CANARIES["story"]}, by=second))
        world.sweep()
        self.attach()

    def guest_link(self):
        return self.world.ask(lambda s: s.scalars(select(Link.key).where(Link.case_key == self.key).order_by(Link.key.desc())).first())

    def remember(self, link_key, task_key):
        def work(session, *, by):
            links.remember_name(session, link_key, CANARIES["guest"])
            links.note_act(session, session.get(Link, link_key), CANARIES["guest"], "task completed", task_key=task_key)
            kept_answers.keep(session, link_key, task_key, {"x": [CANARIES["typed"]]})
            codes.make(session, f"link:{link_key}", CANARIES["address"])
            session.add(_decision(session.get(Task, task_key)))
            session.add(_form(self.key, link_key))
            # stands in the tables of a trial only, but may be erased there like the rest
            session.add(RecordedStep(key=keys.new(), case_key=self.key, actor=f"guest:{link_key}", step={"task": CANARIES["typed"]}))
            said = {"worked": False, "reason": CANARIES["why not"], "given_at": datetime.now(UTC)}
            session.add(Feedback(link_key=link_key, case_key=self.key, **said))

        self.world.do(work)

    def attach(self):
        def work(session, *, by):
            content = self.folder.put(BytesIO(png()))
            row = documents.Document(
                key=content.key, case_key=self.key, name=CANARIES["file"], content_type="image/png", size=content.size, sha256=content.sha256,
                uploaded_by=by.id, place="api", field="photo", details=None, created_at=datetime.now(UTC), kept_until=None,
            )  # fmt: skip
            session.add(row)
            return content.key

        self.document = self.world.do(work)

    def end(self):
        self.world.sweep()
        for instance in [i for i in self.world.instances() if i.case_key == self.key and i.state == "ACTIVE"]:
            if self.world.state(instance.key) == "ACTIVE" and instance.parent_key is None:
                self.world.do(cases.cancel, instance.key)

    def erase(self):
        self.world.do(erasing.erase, self.key)

    def case(self):
        return self.world.ask(lambda s: s.get(Case, self.key))

    def history(self):
        return self.world.ask(lambda s: list(s.scalars(select(HistoryEntry).where(HistoryEntry.case_key == self.key).order_by(HistoryEntry.revision))))


def dump(engine):
    """Every value of every table, as text."""
    with engine.connect() as connection:
        return {
            table.name: "\n".join(sorted(repr(tuple(row)) for row in connection.exec_driver_sql(f'SELECT * FROM "{table.name}"')))
            for table in schema.metadata.sorted_tables
        }


def found_in(engine, canary):
    return [name for name, text in dump(engine).items() if canary.lower() in text.lower()]


@pytest.fixture
def claim(world, tmp_path):
    yield Claim(world, tmp_path / "documents")
    erasures.erasers.clear()


def test_nothing_of_the_values_is_left_in_any_table_and_the_times_are(claim):
    claim.begin()
    claim.play()
    claim.end()
    before = {name: found_in(claim.world.engine, canary) for name, canary in CANARIES.items()}
    times = [(h.offered_at, h.accepted_at, h.ended_at, h.state) for h in claim.world.ask(lambda s: list(s.scalars(select(Handoff).order_by(Handoff.key))))]
    assert all(before.values()), f"the test must leave each canary somewhere: {before}"
    assert {table for tables in before.values() for table in tables} >= KEEPING, "and in each table that keeps values"

    claim.erase()
    with Session(claim.world.engine) as session:
        worker.clean(session)  # messages that were thrown expire at once

    left = {name: found_in(claim.world.engine, canary) for name, canary in CANARIES.items()}
    assert not any(left.values()), left
    rows = claim.world.ask(lambda s: list(s.scalars(select(Handoff).order_by(Handoff.key))))
    assert [(h.offered_at, h.accepted_at, h.ended_at, h.state) for h in rows] == times and len(times) > 2
    assert not claim.folder.file(claim.document).exists()
    assert claim.world.ask(lambda s: s.scalars(select(Link.revoked_at)).all()).count(None) == 0
    assert claim.world.ask(lambda s: s.scalars(select(Feedback.worked)).all()) == [False]  # the figures go on counting it


def test_every_table_about_a_case_is_known_to_have_values_or_none():
    about = {"case_key", "instance_key", "task_key", "handoff_key", "link_key", "element_instance_key"}
    tables = {table.name for table in schema.metadata.sorted_tables if about & set(table.columns.keys())}

    assert tables - KEEPING == NO_VALUES, "say what is to be taken out of a new table, in engine/erasures.py and here"


def test_the_history_says_that_it_happened_and_by_whom_and_guests_have_a_pseudonym(claim):
    claim.begin()
    claim.play()
    claim.end()
    guests = {entry.actor for entry in claim.history() if entry.actor.startswith("guest:")}
    claim.erase()
    last = claim.history()[-1]

    assert (last.command, last.actor) == ("case erased", "person:ada") and claim.case().erased_at is not None and claim.case().title is None
    actors = [entry.actor for entry in claim.history()]
    assert len(guests) == 3 and not any(actor.startswith("guest:") for actor in actors)
    assert {actor for actor in actors if actor.startswith("erased:")} == {"erased:1", "erased:2", "erased:3"}
    assert claim.case().started_by in actors and claim.case().started_by.startswith("erased:")
    by = claim.world.ask(lambda s: s.scalars(select(Task.completed_by).where(Task.name == "Look at it", Task.state == "COMPLETED")).one())
    assert by.startswith("erased:")
    assert claim.world.ask(lambda s: s.scalars(select(Handoff.declined_by).where(Handoff.key == claim.no)).one()).startswith("erased:")


def test_people_of_the_host_keep_their_names_and_whoever_has_no_account_does_not(claim):
    claim.begin()
    stranger = Actor(id="person:gone", username="gone", name="Gone", roles=frozenset({"operator"}))
    claim.world.do(lambda s, *, by: tasks.complete(s, claim.task("Describe").key, {"iban": "x"}, by=stranger))
    claim.world.complete_job(claim.world.lease("rate")[0])
    claim.world.complete_task(claim.task("Check"))
    claim.end()
    claim.erase()
    done = dict(claim.world.ask(lambda s: s.execute(select(Task.name, Task.completed_by).where(Task.state == "COMPLETED")).all()))
    actors = {entry.actor for entry in claim.history()}

    assert done["Check"] == "ada" and "person:ada" in actors
    assert done["Describe"].startswith("erased:") and done["Describe"] in actors and "person:gone" not in actors


def test_a_customer_leaves_the_directory_with_the_last_case(claim):
    claim.begin()
    first = claim.key
    claim.end()
    claim.begin()
    second = claim.key
    claim.end()
    claim.world.do(erasing.erase, second)
    still = claim.world.ask(lambda s: s.get(parties.Party, claim.customer))
    claim.world.do(erasing.erase, first)

    assert still is not None and claim.world.ask(lambda s: s.get(parties.Party, claim.customer)) is None
    assert claim.world.ask(lambda s: s.get(parties.Party, claim.garage)).name == "Adams"


def test_an_active_case_is_not_erased_and_nothing_changed(claim):
    claim.begin()
    claim.play()
    before = dump(claim.world.engine)
    with pytest.raises(WrongState, match="end it"):
        claim.erase()

    assert dump(claim.world.engine) == before


def test_who_may_not_erase_changes_nothing(claim):
    claim.begin()
    claim.end()
    before = dump(claim.world.engine)
    for roles in ({"operator"}, {"modeller"}, {"member"}, set()):
        with pytest.raises(NotAllowed):
            claim.world.do(lambda s, *, by, roles=roles: erasing.erase(s, claim.key, by=Actor(id="person:x", username="x", roles=frozenset(roles))))

    assert dump(claim.world.engine) == before


def test_erasing_again_is_no_harm_and_stands_in_the_history_once(claim):
    claim.begin()
    claim.play()
    claim.end()
    claim.erase()
    once = dump(claim.world.engine)
    claim.erase()

    assert dump(claim.world.engine) == once
    assert [entry.command for entry in claim.history()].count("case erased") == 1


def test_another_case_keeps_everything(claim):
    claim.begin(customer="other@example.org")
    claim.play()
    other = claim.key
    claim.begin()
    claim.end()
    mine = select(Handoff.reason).where(Handoff.case_key == other, Handoff.reason.is_not(None))
    kept = {name: found_in(claim.world.engine, canary) for name, canary in CANARIES.items() if name in ("iban", "story", "reason", "typed", "file")}
    claim.erase()

    assert claim.world.ask(lambda s: s.scalars(mine).all()) == [CANARIES["reason"]]
    assert {name: found_in(claim.world.engine, canary) for name, canary in CANARIES.items() if name in kept} == kept


def test_a_big_case_goes_in_slices_and_what_a_crash_leaves_is_taken_later(claim, monkeypatch):
    monkeypatch.setattr(erasures, "SLICE", 3)
    claim.begin()
    claim.play()
    claim.end()
    transactions, real = [], database.run

    def crash_after(count):
        def run(session, work):
            transactions.append(1)
            if len(transactions) > count:
                raise OSError("the power went")
            return real(session, work)

        return run

    monkeypatch.setattr(erasing, "run", crash_after(6))
    claim.erase()
    assert found_in(claim.world.engine, CANARIES["reason"]), "the first slices were not the last"

    monkeypatch.setattr(erasing, "run", lambda session, work: (transactions.append(1), real(session, work))[1])
    transactions.clear()
    _make_due(claim.world.engine)
    claim.world.sweep()
    with Session(claim.world.engine) as session:
        worker.clean(session)

    assert not any(found_in(claim.world.engine, canary) for canary in CANARIES.values())
    assert len(transactions) > 20
    assert {entry.actor for entry in claim.history() if entry.actor.startswith("erased:")} == {"erased:1", "erased:2", "erased:3"}


def _make_due(engine):
    with Session(engine) as session:
        for row in session.scalars(select(Continuation)):
            row.due_at = datetime(2026, 1, 1, tzinfo=UTC)
        session.commit()


def test_a_process_that_does_not_know_the_folder_leaves_the_case_to_one_that_does(claim):
    claim.begin()
    claim.attach()
    claim.end()
    known = dict(erasures.erasers)
    erasures.erasers.clear()
    claim.erase()
    assert claim.folder.file(claim.document).exists() and found_in(claim.world.engine, CANARIES["file"]) == ["documents"]

    erasures.erasers.update(known)
    _make_due(claim.world.engine)
    claim.world.sweep()

    assert not claim.folder.file(claim.document).exists() and found_in(claim.world.engine, CANARIES["file"]) == []


def test_a_case_is_erased_when_it_was_kept_as_long_as_its_process_says(world, tmp_path):
    claim = Claim(world, tmp_path / "documents", keep='keep="P90D"')
    claim.begin()
    claim.play()
    claim.end()
    ended = claim.case().ended_at

    def days_pass(days):
        world.wait(days=days)
        with Session(world.engine) as session:
            worker.clean(session)

    days_pass(89)
    kept = claim.case().erased_at
    days_pass(2)

    assert claim.case().erase_at == ended + timedelta(days=90)
    assert kept is None and claim.case().erased_at is not None
    assert found_in(world.engine, CANARIES["story"]) == [] and claim.history()[-1].actor == "platform"
    erasures.erasers.clear()


def test_a_case_without_a_time_to_be_kept_stays(claim):
    claim.begin()
    claim.end()
    claim.world.wait(days=4000)
    with Session(claim.world.engine) as session:
        worker.clean(session)

    assert claim.case().erased_at is None and claim.world.instances()
    assert claim.world.ask(lambda s: s.scalars(select(Instance.business_id).where(Instance.business_id.is_not(None))).all())


def test_a_link_that_is_taken_back_or_renewed_stands_in_the_history(claim):
    claim.begin()
    claim.play()
    link_key = claim.guest_link()
    claim.world.do(link_commands.renew, link_key)
    renewed = claim.world.ask(lambda s: s.get(Link, link_key))
    claim.world.do(link_commands.revoke, link_key)
    with pytest.raises(WrongState):
        claim.world.do(link_commands.renew, link_key)
    with pytest.raises(WrongState):
        claim.world.do(link_commands.revoke, link_key)

    assert renewed.generation == 2 and claim.world.ask(lambda s: s.get(Link, link_key)).revoked_because == "revoked"
    assert [entry.command for entry in claim.history()][-2:] == ["link renewed", "link revoked"]
