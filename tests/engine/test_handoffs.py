"""Handoffs between parties: opened where the work crosses, answered by both sides, timed on the receiver's calendar."""

import threading
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select, update

from engine import deployments, hands, inboxes, parties
from engine.cases import Case
from engine.commands import cases, handoffs, roles, tasks
from engine.errors import Invalid, NotAllowed, NotFound, WrongState
from engine.handoffs import Handoff
from engine.ledger import Disclosure
from engine.links import Link
from engine.milestones import Milestone
from engine.notifications import Notification
from engine.parties import Actor

HANNA = Actor(id="person:hanna", username="hanna", name="Hanna", roles=frozenset({"member"}), groups=frozenset({"adjusters"}))

ESTIMATE = """
<collaboration id="c">
  <participant id="insurer" name="Insurer" processRef="claim"/>
  <participant id="garage" name="Garage" processRef="repair">
    <extensionElements><handoff:party kind="partner" role="garage" {binding}/></extensionElements></participant>
  <messageFlow id="order" sourceRef="send" targetRef="got"><extensionElements>
    <handoff:contract {limits} {contract}>
      <handoff:field name="plate" label="Plate" type="string" required="true"/><handoff:field name="budget" type="number"/>
    </handoff:contract></extensionElements></messageFlow>
  <messageFlow id="back" sourceRef="answer" targetRef="wait"><extensionElements>
    <handoff:contract><handoff:field name="price" type="number" required="true"/></handoff:contract></extensionElements></messageFlow>
</collaboration>
<message id="m1" name="Order"/><message id="m2" name="Estimate"/>
<process id="claim" isExecutable="true"><laneSet id="ls"><lane id="l" name="Adjusters"><flowNodeRef>s</flowNodeRef>
  <flowNodeRef>choose</flowNodeRef><flowNodeRef>send</flowNodeRef><flowNodeRef>wait</flowNodeRef><flowNodeRef>decide</flowNodeRef>
  </lane></laneSet>
  <startEvent id="s"/><userTask id="choose" name="Choose"/>
  <intermediateThrowEvent id="send"><messageEventDefinition messageRef="m1"/></intermediateThrowEvent>
  <receiveTask id="wait" messageRef="m2"/>
  <userTask id="decide" name="Decide"/><endEvent id="e"/>
  <sequenceFlow id="f1" sourceRef="s" targetRef="choose"/><sequenceFlow id="f2" sourceRef="choose" targetRef="send"/>
  <sequenceFlow id="f3" sourceRef="send" targetRef="wait"/><sequenceFlow id="f4" sourceRef="wait" targetRef="decide"/>
  <sequenceFlow id="f5" sourceRef="decide" targetRef="e"/></process>
<process id="repair" isExecutable="true">
  <startEvent id="got"><messageEventDefinition messageRef="m1"/></startEvent>
  <userTask id="look" name="Look at it"><extensionElements><handoff:milestone label="The garage looks at it"/></extensionElements></userTask>
  <userTask id="price" name="Price it"/>
  <endEvent id="answer"><messageEventDefinition messageRef="m2"/></endEvent>
  <sequenceFlow id="g1" sourceRef="got" targetRef="look"/><sequenceFlow id="g2" sourceRef="look" targetRef="price"/>
  <sequenceFlow id="g3" sourceRef="price" targetRef="answer"/></process>"""


class Crossing:
    """A claim that goes to a garage and back."""

    def __init__(self, world, binding="", contract="", limits='acceptWithin="PT4H" completeWithin="P2D"'):
        self.world = world
        world.do(lambda s, *, by: parties.host(s))
        about = {"kind": "partner", "time_zone": "Europe/Paris"}
        self.adams = self.party(name="Adams", party_id="adams", contacts=[{"name": "Ada Adams", "email": "desk@adams.example"}], **about)
        self.brown = self.party(name="Brown", party_id="brown", contacts=[{"name": "Bo Brown", "email": "desk@brown.example"}], **about)
        world.deploy(ESTIMATE.format(binding=binding, contract=contract, limits=limits))

    def party(self, **about):
        return self.world.do(lambda s, *, by: parties.save(s, about, by=by).key)

    def begin(self, **given):
        self.world.start("claim", **given)
        self.case = self.world.ask(lambda s: s.scalars(select(Case).order_by(Case.key.desc())).first())

    def task(self, name):
        return next(task for task in self.world.tasks() if task.name == name)

    def complete(self, name, *, by=None, **given):
        roles_ = given.pop("roles", None)
        self.act(tasks.complete, self.task(name).key, given, roles=roles_, by=by)

    def act(self, command, *arguments, by=None, **named):
        if by is None:
            return self.world.do(command, *arguments, **named)

        def under_a_name(session, *, by_world=None, **_):
            return command(session, *arguments, by=by, **named)

        return self.world.do(lambda s, *, by: under_a_name(s))

    def rows(self):
        return self.world.ask(lambda s: list(s.scalars(select(Handoff).order_by(Handoff.key))))

    def states(self):
        return [(row.from_side, row.to_side, row.round, row.state) for row in self.rows()]

    def mails(self):
        question = select(Notification).where(Notification.to_address.is_not(None)).order_by(Notification.key)
        return [(mail.kind, mail.to_address) for mail in self.world.ask(lambda s: list(s.scalars(question)))]


def garage_of(key):
    return Actor(id="person:gus", username="gus", name="Gus", party_key=key)


@pytest.fixture
def crossing(world):
    return Crossing(world, binding='binding="=garageId"')


def test_a_message_to_another_party_is_a_handoff_with_its_party_its_due_time_and_its_invitation(crossing):
    crossing.begin(plate="AB-1", garageId="adams", secret="for us alone")
    crossing.complete("Choose")
    (row,) = crossing.rows()

    assert (row.from_side, row.to_side, row.kind, row.state) == ("Adjusters", "Garage", "partner", "OFFERED")
    assert (row.from_party_key, row.to_party_key) == (None, crossing.adams)
    assert row.accept_due_at - row.offered_at == timedelta(hours=4) and row.complete_due_at is None
    assert crossing.mails() == [("handoff offered", "desk@adams.example")]
    look = crossing.task("Look at it")
    assert (look.party_key, look.handoff_key, look.candidate_groups) == (crossing.adams, row.key, [])
    assert crossing.world.variables(look.instance_key) == {"plate": "AB-1"}, "only what the contract names travels"


def test_what_was_handed_over_lies_in_the_inbox_of_the_partys_people_and_of_nobody_else(crossing):
    crossing.begin(plate="AB-1", garageId="adams")
    crossing.complete("Choose")

    def offered_to(actor):
        until = crossing.rows()[0].offered_at
        entries, _ = crossing.world.ask(lambda s: inboxes.inbox(s, actor, "groups", until=until))
        return [entry.task.name for entry in entries]

    assert offered_to(garage_of(crossing.adams)) == ["Look at it"]
    assert offered_to(garage_of(crossing.brown)) == offered_to(HANNA) == []


def test_the_ledger_keeps_what_was_disclosed_to_whom_by_which_handoff(crossing):
    crossing.begin(plate="AB-1", budget=500, garageId="adams", secret="for us alone")
    crossing.complete("Choose")
    entries = crossing.world.ask(lambda s: list(s.scalars(select(Disclosure).order_by(Disclosure.key))))

    assert [(e.name, e.value, e.party_key, e.handoff_key) for e in entries] == [
        ("plate", "AB-1", crossing.adams, crossing.rows()[0].key),
        ("budget", 500, crossing.adams, crossing.rows()[0].key),
    ]


def test_the_receiver_accepts_by_its_first_task_and_the_reply_completes_what_was_handed_over(crossing):
    crossing.begin(plate="AB-1", garageId="adams")
    crossing.complete("Choose")
    gus = garage_of(crossing.adams)
    crossing.act(tasks.claim, crossing.task("Look at it").key, by=gus)
    (row,) = crossing.rows()

    assert (row.state, row.accepted_by) == ("ACCEPTED", "person:gus") and row.complete_due_at - row.accepted_at == timedelta(days=2)

    crossing.complete("Look at it", by=gus)
    crossing.complete("Price it", by=gus, price=12)

    assert crossing.states() == [("Adjusters", "Garage", 1, "COMPLETED"), ("Garage", "Adjusters", 1, "OFFERED")]
    assert crossing.rows()[1].from_party_key == crossing.adams and crossing.rows()[1].to_party_key is None
    crossing.complete("Decide")
    assert {row.state for row in crossing.rows()} == {"COMPLETED"}
    assert crossing.world.ask(lambda s: s.get(Case, crossing.case.key).state) == "COMPLETED"
    assert [m.element_id for m in crossing.world.ask(lambda s: list(s.scalars(select(Milestone))))] == ["look"]


def test_a_person_whose_data_do_not_fit_the_contract_is_refused_and_nothing_changed(crossing):
    crossing.begin(budget="much", garageId="adams")
    with pytest.raises(Invalid) as refused:
        crossing.complete("Choose")

    assert refused.value.details["fields"] == {"plate": "Plate is required", "budget": "budget: expected a number, found a string"}
    assert crossing.rows() == [] and crossing.task("Choose") and not crossing.world.incidents()

    crossing.complete("Choose", plate="AB-1", budget=5)

    assert [row.state for row in crossing.rows()] == ["OFFERED"]


BOTH_REPORT = """
<process id="repair" isExecutable="true"><laneSet id="ls">
  <lane id="a" name="Desk"><flowNodeRef>s</flowNodeRef><flowNodeRef>fork</flowNodeRef><flowNodeRef>join</flowNodeRef><flowNodeRef>end</flowNodeRef></lane>
  <lane id="b" name="Surveyor"><flowNodeRef>survey</flowNodeRef></lane><lane id="c" name="Painter"><flowNodeRef>paint</flowNodeRef></lane></laneSet>
  <startEvent id="s"/><parallelGateway id="fork"/><userTask id="survey" name="Survey"/><userTask id="paint" name="Paint"/>
  <parallelGateway id="join"/><userTask id="end" name="Close"/>
  <sequenceFlow id="f1" sourceRef="s" targetRef="fork"/>
  <sequenceFlow id="f2" sourceRef="fork" targetRef="survey"/><sequenceFlow id="f3" sourceRef="fork" targetRef="paint"/>
  <sequenceFlow id="f4" sourceRef="survey" targetRef="join"><extensionElements>
    <handoff:contract><handoff:field name="verdict" type="string" required="true"/></handoff:contract></extensionElements></sequenceFlow>
  <sequenceFlow id="f5" sourceRef="paint" targetRef="join"><extensionElements>
    <handoff:contract><handoff:field name="hours" type="number" required="true"/></handoff:contract></extensionElements></sequenceFlow>
  <sequenceFlow id="f6" sourceRef="join" targetRef="end"/></process>"""


def test_before_a_join_each_side_is_refused_for_its_own_contract_and_nobody_for_that_of_another(world):
    world.deploy(BOTH_REPORT)
    world.start("repair")
    survey, paint = (next(task for task in world.tasks() if task.name == name) for name in ("Survey", "Paint"))
    with pytest.raises(Invalid) as refused:
        world.do(tasks.complete, survey.key, {})
    assert refused.value.details["fields"] == {"verdict": "verdict is required"}
    world.do(tasks.complete, survey.key, {"verdict": "dry rot"})
    with pytest.raises(Invalid) as refused:
        world.do(tasks.complete, paint.key, {})
    assert refused.value.details["fields"] == {"hours": "hours is required"}
    world.do(tasks.complete, paint.key, {"hours": 3})

    assert [task.name for task in world.tasks()] == ["Close"] and not world.incidents()


def test_what_a_program_sends_across_without_the_data_is_an_incident_that_can_be_resolved(world):
    world.do(lambda s, *, by: parties.save(s, {"name": "Adams", "party_id": "adams"}, by=by))
    world.deploy(
        """<process id="p" isExecutable="true"><laneSet id="ls"><lane id="us" name="Us"><flowNodeRef>s</flowNodeRef><flowNodeRef>a</flowNodeRef>
        </lane><lane id="them" name="Them"><extensionElements><handoff:party kind="partner" role="them" partyId="adams"/></extensionElements>
        <flowNodeRef>b</flowNodeRef></lane></laneSet><startEvent id="s"/>
        <serviceTask id="a"><extensionElements><zeebe:taskDefinition type="work"/></extensionElements></serviceTask><userTask id="b"/>
        <sequenceFlow id="f1" sourceRef="s" targetRef="a"/><sequenceFlow id="f2" sourceRef="a" targetRef="b"><extensionElements>
        <handoff:contract><handoff:field name="x" type="number" required="true"/></handoff:contract></extensionElements></sequenceFlow>
        </process>"""
    )
    key = world.start("p")
    world.complete_job(world.lease("work")[0])
    (incident,) = world.incidents()

    assert "x is required" in incident.error_message and not world.tasks()

    world.set_variables(key, {"x": 3})
    world.resolve(incident)

    assert not world.incidents() and [task.element_id for task in world.tasks()] == ["b"]


def test_who_gets_the_work_is_said_by_the_sender_where_the_model_does_not(world):
    crossing = Crossing(world)
    crossing.begin(plate="AB-1")
    with pytest.raises(Invalid) as refused:
        crossing.complete("Choose")

    assert list(refused.value.details["fields"]) == ["roles.garage"]

    crossing.complete("Choose", roles={"garage": crossing.brown})

    assert crossing.rows()[0].to_party_key == crossing.brown


def test_a_party_that_the_directory_does_not_know_is_a_warning_at_deployment_and_a_clear_no_until_it_is_there(world):
    model = ESTIMATE.format(binding='partyId="clarke"', contract="", limits="")
    done = world.deploy(model, name="first.bpmn")
    assert [(one.element_id, "'clarke'" in one.message) for one in done.warnings][-1] == ("garage", True)
    crossing = Crossing(world, binding='partyId="clarke"')
    crossing.begin(plate="AB-1")
    with pytest.raises(Invalid, match="Expected an active party 'clarke' in the directory for the garage"):
        crossing.complete("Choose")
    assert crossing.task("Choose") and not crossing.rows()

    clarke = crossing.party(name="Clarke", party_id="clarke", kind="partner")
    crossing.complete("Choose")

    assert crossing.rows()[0].to_party_key == clarke
    assert not any("clarke" in one.message for one in world.deploy(model, name="second.bpmn").warnings)


def test_who_plays_a_role_is_active_and_of_the_kind_that_the_model_says(world):
    crossing = Crossing(world)
    crossing.begin(plate="AB-1")
    sleeping = crossing.party(name="Old", kind="partner", active=False)
    julie = crossing.party(name="Julie", kind="customer")
    for key, found in ((sleeping, "an inactive partner"), (julie, "a customer"), (parties.HOST_KEY, "a host")):
        with pytest.raises(Invalid, match=f"Expected an active partner of the directory, found {found}") as refused:
            crossing.act(roles.bind_role, crossing.case.key, "garage", key)
        assert list(refused.value.details["fields"]) == ["partyKey"]
    with pytest.raises(Invalid, match="Expected a role that another party plays in this case, found 'painter'"):
        crossing.act(roles.bind_role, crossing.case.key, "painter", crossing.adams)

    with pytest.raises(Invalid):  # nobody was bound
        crossing.complete("Choose")


def test_a_party_that_one_may_not_know_of_cannot_be_found_out_by_choosing_it(world):
    crossing = Crossing(world)
    julie = crossing.party(name="Julie", kind="customer")
    crossing.begin(plate="AB-1")
    for key in (julie, 77):
        with pytest.raises(NotFound, match=f"Expected a party with key {key}, found none"):
            crossing.act(roles.bind_role, crossing.case.key, "garage", key, by=HANNA)


def test_another_round_goes_only_to_a_party_of_the_same_kind(crossing):
    crossing.begin(plate="AB-1", garageId="adams")
    crossing.complete("Choose")
    (row,) = crossing.rows()
    sleeping = crossing.party(name="Old", kind="partner", active=False)
    julie = crossing.party(name="Julie", kind="customer")
    for key, no in ((sleeping, Invalid), (julie, Invalid), (77, NotFound)):
        with pytest.raises(no):
            crossing.act(handoffs.send_again, row.key, party_key=key)
    with pytest.raises(NotFound):
        crossing.act(handoffs.send_again, row.key, party_key=julie, by=HANNA)

    assert crossing.states() == [("Adjusters", "Garage", 1, "OFFERED")]


def test_a_partner_who_sent_it_cannot_end_the_whole_case(crossing):
    crossing.begin(plate="AB-1", garageId="adams")
    crossing.complete("Choose")
    (row,) = crossing.rows()
    crossing.world.do(lambda s, *, by: s.execute(update(Handoff).values(from_party_key=crossing.brown)))
    with pytest.raises(NotAllowed):
        crossing.act(handoffs.cancel, row.key, by=garage_of(crossing.brown))

    assert crossing.world.ask(lambda s: s.get(Case, crossing.case.key).state) == "ACTIVE"


def test_a_role_can_be_bound_before_the_work_crosses(world):
    crossing = Crossing(world)
    crossing.begin(plate="AB-1")
    crossing.act(roles.bind_role, crossing.case.key, "garage", crossing.adams)
    crossing.complete("Choose")

    assert crossing.rows()[0].to_party_key == crossing.adams
    with pytest.raises(NotFound):
        crossing.act(roles.bind_role, crossing.case.key, "garage", 77)


def test_a_declined_handoff_goes_to_another_party_with_corrected_data_and_the_old_link_is_dead(crossing):
    crossing.begin(plate="AB-1", garageId="adams")
    crossing.complete("Choose")
    (first,) = crossing.rows()
    with pytest.raises(Invalid):
        crossing.act(handoffs.decline, first.key, "  ", by=garage_of(crossing.adams))
    crossing.act(handoffs.decline, first.key, "We do not do vans.", by=garage_of(crossing.adams))

    assert not [task for task in crossing.world.tasks() if task.name == "Look at it"]
    assert crossing.rows()[0].reason == "We do not do vans."

    with pytest.raises(Invalid):
        crossing.act(handoffs.send_again, first.key, values={"secret": 1}, by=HANNA)
    with pytest.raises(Invalid):
        crossing.act(handoffs.send_again, first.key, values={"budget": "x"}, by=HANNA)
    second = crossing.act(handoffs.send_again, first.key, values={"plate": "CD-2"}, party_key=crossing.brown, by=HANNA)

    with pytest.raises(WrongState, match="found its no already answered"):
        crossing.act(handoffs.send_again, first.key, by=HANNA)

    assert crossing.states() == [("Adjusters", "Garage", 1, "DECLINED"), ("Adjusters", "Garage", 2, "OFFERED")]
    look = crossing.task("Look at it")
    assert (look.party_key, look.handoff_key) == (crossing.brown, second)
    assert crossing.world.variables(look.instance_key)["plate"] == "CD-2"
    assert [(link.handoff_key, link.revoked_at is None) for link in crossing.world.ask(lambda s: list(s.scalars(select(Link).order_by(Link.key))))] == [
        (first.key, False),
        (second, True),
    ]
    with pytest.raises(WrongState):
        crossing.act(handoffs.send_again, first.key, by=HANNA)


def test_an_unanswered_handoff_can_be_sent_again_to_a_corrected_address_but_one_in_work_cannot(crossing):
    crossing.begin(plate="AB-1", garageId="adams")
    crossing.complete("Choose")
    (first,) = crossing.rows()
    crossing.act(handoffs.send_again, first.key, address="Office@Adams.example", by=HANNA)

    assert crossing.states() == [("Adjusters", "Garage", 1, "WITHDRAWN"), ("Adjusters", "Garage", 2, "OFFERED")]
    assert crossing.mails()[-1] == ("handoff offered again", "office@adams.example")

    crossing.act(tasks.claim, crossing.task("Look at it").key, by=garage_of(crossing.adams))
    with pytest.raises(WrongState):
        crossing.act(handoffs.send_again, crossing.rows()[1].key, by=HANNA)


def test_the_sender_can_give_the_case_up_after_a_no(crossing):
    crossing.begin(plate="AB-1", garageId="adams")
    crossing.complete("Choose")
    (row,) = crossing.rows()
    crossing.act(handoffs.decline, row.key, "No.", by=garage_of(crossing.adams))
    crossing.act(handoffs.cancel, row.key, by=HANNA)

    assert crossing.world.ask(lambda s: s.get(Case, crossing.case.key).state) == "TERMINATED" and not crossing.world.tasks()


def test_what_was_begun_or_may_not_be_returned_cannot_be_declined(world):
    crossing = Crossing(world, binding='partyId="adams"')
    crossing.begin(plate="AB-1")
    crossing.complete("Choose")
    gus = garage_of(crossing.adams)
    crossing.complete("Look at it", by=gus)
    with pytest.raises(WrongState):
        crossing.act(handoffs.decline, crossing.rows()[0].key, "Too late.", by=gus)

    assert crossing.states() == [("Adjusters", "Garage", 1, "ACCEPTED")] and crossing.task("Price it")


def test_a_model_can_refuse_returns(world):
    crossing = Crossing(world, binding='partyId="adams"', contract='returnable="false"')
    crossing.begin(plate="AB-1")
    crossing.complete("Choose")
    with pytest.raises(WrongState):
        crossing.act(handoffs.decline, crossing.rows()[0].key, "No.", by=garage_of(crossing.adams))


def test_only_the_two_sides_know_of_a_handoff(crossing):
    crossing.begin(plate="AB-1", garageId="adams")
    crossing.complete("Choose")
    (row,) = crossing.rows()
    with pytest.raises(NotFound):
        crossing.act(handoffs.decline, row.key, "Mine!", by=garage_of(crossing.brown))
    with pytest.raises(NotAllowed):
        crossing.act(handoffs.decline, row.key, "Not mine to decline", by=HANNA)
    with pytest.raises(NotAllowed):
        crossing.act(handoffs.send_again, row.key, by=garage_of(crossing.adams))

    assert crossing.states() == [("Adjusters", "Garage", 1, "OFFERED")]


def test_both_clocks_warn_at_eighty_percent_and_then_are_late(crossing):
    crossing.begin(plate="AB-1", garageId="adams")
    crossing.complete("Choose")
    clocks = [crossing.rows()[0].clock]
    for hours in (3, 0.5, 1):
        crossing.world.wait(hours=hours)
        clocks.append(crossing.rows()[0].clock)

    assert clocks == ["IN_TIME", "IN_TIME", "WARNED", "LATE"] and crossing.rows()[0].accept_late

    crossing.act(tasks.claim, crossing.task("Look at it").key, by=garage_of(crossing.adams))
    assert crossing.rows()[0].clock == "IN_TIME"
    crossing.world.wait(days=3)
    row = crossing.rows()[0]
    assert (row.clock, row.complete_late, row.next_look_at) == ("LATE", True, None)
    assert [kind for kind, _ in crossing.mails()] == ["handoff offered", "reminder", "handoff late", "handoff late"]


def test_what_is_done_in_the_very_moment_it_is_due_is_in_time(crossing):
    crossing.begin(plate="AB-1", garageId="adams")
    crossing.complete("Choose")
    gus = garage_of(crossing.adams)
    crossing.world.wait(hours=4)
    crossing.act(tasks.claim, crossing.task("Look at it").key, by=gus)
    crossing.world.wait(days=2)
    crossing.complete("Look at it", by=gus)
    crossing.complete("Price it", by=gus, price=12)
    row = crossing.rows()[0]

    assert (row.state, row.accepted_at, row.ended_at) == ("COMPLETED", row.accept_due_at, row.complete_due_at)
    assert (row.accept_late, row.complete_late) == (False, False)
    assert "handoff late" not in [kind for kind, _ in crossing.mails()]


def test_working_time_runs_on_the_receivers_calendar(world):
    crossing = Crossing(world, binding='partyId="adams"', contract='calendar="working"')
    world.wait(hours=7, minutes=30)  # Monday 16:30 UTC is 17:30 in Paris, after work
    crossing.begin(plate="AB-1")
    crossing.complete("Choose")

    assert crossing.rows()[0].accept_due_at.isoformat() == "2026-01-06T12:00:00+00:00"  # Tuesday 9:00 to 13:00 in Paris


def test_working_time_is_measured_when_it_is_over_and_only_where_the_contract_counts_by_it(world):
    crossing = Crossing(world, binding='partyId="adams"', contract='calendar="working"')
    world.wait(hours=6, minutes=30)  # Monday 15:30 UTC is 16:30 in Paris: half an hour is left of the day
    crossing.begin(plate="AB-1")
    crossing.complete("Choose")
    world.wait(hours=17)  # Tuesday 9:30 in Paris
    gus = garage_of(crossing.adams)
    crossing.act(tasks.claim, crossing.task("Look at it").key, by=gus)
    world.wait(hours=2)
    crossing.complete("Look at it", by=gus)
    crossing.complete("Price it", by=gus, price=12)
    there, back = crossing.rows()

    assert (there.working_to_accept, there.working_in_hand) == (3_600_000_000, 7_200_000_000)
    assert (back.working_to_accept, back.working_in_hand) == (None, None)


SIDE_BY_SIDE = """
<process id="prepare" isExecutable="true"><laneSet id="ls">
  <lane id="a" name="Desk"><flowNodeRef>s</flowNodeRef><flowNodeRef>fork</flowNodeRef><flowNodeRef>join</flowNodeRef><flowNodeRef>end</flowNodeRef></lane>
  <lane id="b" name="Workshop"><flowNodeRef>quick</flowNodeRef></lane><lane id="c" name="Stores"><flowNodeRef>slow</flowNodeRef></lane></laneSet>
  <startEvent id="s"/><parallelGateway id="fork"/><userTask id="quick" name="Quick"/><userTask id="slow" name="Slow"/>
  <parallelGateway id="join"/><userTask id="end" name="Check"/>
  <sequenceFlow id="f1" sourceRef="s" targetRef="fork"/>
  <sequenceFlow id="f2" sourceRef="fork" targetRef="quick"/><sequenceFlow id="f3" sourceRef="fork" targetRef="slow"/>
  <sequenceFlow id="f4" sourceRef="quick" targetRef="join"/><sequenceFlow id="f5" sourceRef="slow" targetRef="join"/>
  <sequenceFlow id="f6" sourceRef="join" targetRef="end"/></process>"""


def test_whoever_waits_at_a_join_still_holds_the_handoff_but_the_time_is_in_the_hands_of_whom_it_waits_for(world):
    world.deploy(SIDE_BY_SIDE)
    world.start("prepare")
    quick, slow = (next(task for task in world.tasks() if task.name == name) for name in ("Quick", "Slow"))
    for task in (quick, slow):
        world.do(tasks.claim, task.key)
    world.wait(hours=1)
    world.do(tasks.complete, quick.key, {})
    world.wait(hours=9)
    held = {row.to_side: row for row in world.ask(lambda s: list(s.scalars(select(Handoff))))}
    assert {side: row.state for side, row in held.items()} == {"Workshop": "ACCEPTED", "Stores": "ACCEPTED"}
    world.do(tasks.complete, slow.key, {})

    rows = world.ask(lambda s: list(s.scalars(select(Handoff).order_by(Handoff.key))))
    assert [(row.to_side, row.state) for row in rows] == [
        ("Workshop", "COMPLETED"),
        ("Stores", "COMPLETED"),
        ("Desk", "OFFERED"),
        ("Desk", "OFFERED"),
    ]
    assert rows[0].ended_at - rows[0].accepted_at == rows[1].ended_at - rows[1].accepted_at == timedelta(hours=10)
    account = world.ask(lambda s: hands.of_case(s, rows[0].case_key))
    shares = {one.holder.side: one.share for one in account.hands}
    assert (shares["Workshop"], shares["Stores"]) == (timedelta(minutes=30), timedelta(hours=9, minutes=30))


def test_without_acknowledgement_it_is_accepted_at_once(world):
    crossing = Crossing(world, binding='partyId="adams"', contract='acknowledgement="none"', limits='completeWithin="P2D"')
    crossing.begin(plate="AB-1")
    crossing.complete("Choose")
    (row,) = crossing.rows()

    assert (row.state, row.accepted_at) == ("ACCEPTED", row.offered_at) and row.complete_due_at - row.offered_at == timedelta(days=2)


def test_cancelling_the_sender_withdraws_what_it_handed_over(crossing):
    crossing.begin(plate="AB-1", garageId="adams")
    crossing.complete("Choose")
    instance = next(i for i in crossing.world.instances("claim"))
    crossing.act(cases.cancel, instance.key)

    assert [row.state for row in crossing.rows()] == ["WITHDRAWN"]


def test_a_no_and_a_completion_at_the_same_moment_end_as_one_of_the_two(crossing):
    gus = garage_of(crossing.adams)
    for _ in range(5):
        crossing.begin(plate="AB-1", garageId="adams")
        crossing.complete("Choose")
        row, task = crossing.rows()[-1], crossing.task("Look at it")
        outcomes, barrier = [], threading.Barrier(2)

        def attempt(name, command, outcomes=outcomes, barrier=barrier):
            barrier.wait()
            try:
                command()
                outcomes.append(name)
            except (WrongState, NotAllowed, NotFound):
                pass

        both = [
            threading.Thread(target=attempt, args=("declined", partial(crossing.act, handoffs.decline, row.key, "No.", by=gus))),
            threading.Thread(target=attempt, args=("completed", partial(crossing.act, tasks.complete, task.key, {}, by=gus))),
        ]
        for one in both:
            one.start()
        for one in both:
            one.join()
        state = next(one for one in crossing.rows() if one.key == row.key).state

        assert len(outcomes) == 1 and state == {"declined": "DECLINED", "completed": "ACCEPTED"}[outcomes[0]]
        for open_task in crossing.world.tasks():
            if open_task.case_key == crossing.case.key:
                crossing.act(tasks.complete, open_task.key, {"price": 1})
                break


def test_the_starter_of_a_customers_pool_is_that_customer(world):
    anna = world.do(lambda s, *, by: parties.customer(s, "anna@example.org", "Anna").key)
    world.deploy(
        """<collaboration id="c"><participant id="holder" name="Holder" processRef="ask"><extensionElements>
        <handoff:party kind="customer" role="holder"/></extensionElements></participant>
        <participant id="us" name="Us" processRef="answer"/>
        <messageFlow id="q" sourceRef="send" targetRef="got"/><messageFlow id="r" sourceRef="reply" targetRef="wait"/></collaboration>
        <message id="m1" name="Q"/><message id="m2" name="R"/>
        <process id="ask" isExecutable="true"><startEvent id="s"/>
        <intermediateThrowEvent id="send"><messageEventDefinition messageRef="m1"/></intermediateThrowEvent>
        <receiveTask id="wait" messageRef="m2"/><userTask id="read"/><sequenceFlow id="f1" sourceRef="s" targetRef="send"/>
        <sequenceFlow id="f2" sourceRef="send" targetRef="wait"/><sequenceFlow id="f3" sourceRef="wait" targetRef="read"/></process>
        <process id="answer" isExecutable="true"><startEvent id="got"><messageEventDefinition messageRef="m1"/></startEvent>
        <userTask id="write"/><endEvent id="reply"><messageEventDefinition messageRef="m2"/></endEvent>
        <sequenceFlow id="g1" sourceRef="got" targetRef="write"/><sequenceFlow id="g2" sourceRef="write" targetRef="reply"/></process>"""
    )
    me = Actor(id="person:anna", username="anna", name="Anna", party_key=anna, party_kind="customer")
    with pytest.raises(NotAllowed):
        world.do(lambda s, *, by: cases.start(s, deployments.expect_process(s, process_id="answer"), {}, by=me))
    world.do(lambda s, *, by: cases.start(s, deployments.expect_process(s, process_id="ask"), {}, by=me))
    (question,) = world.ask(lambda s: list(s.scalars(select(Handoff))))

    assert (question.from_party_key, question.to_party_key, question.kind) == (anna, None, "customer")

    world.complete_task(world.tasks()[0])
    (read,) = world.tasks()

    assert read.element_id == "read" and read.party_key == anna
