"""Leased to one worker at a time, given back when the lease runs out."""

import pytest

from engine.commands import jobs as job_commands
from engine.errors import WrongState

WORK = """<process id="work" isExecutable="true"><startEvent id="s"/>
  <serviceTask id="t"><extensionElements><zeebe:taskDefinition type="ship" retries="2"/>
    <zeebe:taskHeaders><zeebe:header key="to" value="door"/></zeebe:taskHeaders></extensionElements></serviceTask>
  <endEvent id="e"/><boundaryEvent id="b" attachedToRef="t"><errorEventDefinition errorRef="lost"/></boundaryEvent><userTask id="search"/>
  <sequenceFlow id="f1" sourceRef="s" targetRef="t"/><sequenceFlow id="f2" sourceRef="t" targetRef="e"/>
  <sequenceFlow id="f3" sourceRef="b" targetRef="search"/></process><error id="lost" errorCode="LOST"/>"""


def test_a_job_is_leased_with_its_variables_and_completed(world):
    world.deploy(WORK)
    key = world.start("work", parcel=1, other=2)
    (leased,) = world.lease("ship", fetch_variables=["parcel"])

    assert (leased.variables, leased.job.headers, leased.job.retries) == ({"parcel": 1}, {"to": "door"}, 2)
    assert world.lease("ship") == []
    world.complete_job(leased, shipped=True)
    assert world.state(key) == "COMPLETED"
    assert world.variables(key) == {"parcel": 1, "other": 2, "shipped": True}


def test_a_lease_that_ran_out_gives_the_job_back(world):
    world.deploy(WORK)
    world.start("work")
    (first,) = world.lease("ship", with_lease=True)
    world.wait(seconds=61)
    (second,) = world.lease("ship", with_lease=True)

    with pytest.raises(WrongState):
        world.do(job_commands.complete, first.job.key, {}, lease_token=first.job.lease_token)
    world.do(job_commands.complete, second.job.key, {}, lease_token=second.job.lease_token)


def test_a_failed_job_comes_again_after_its_back_off_then_stands_still_until_it_is_resolved(world):
    world.deploy(WORK)
    key = world.start("work")
    world.fail_job(world.lease("ship")[0], retries=1, backoff_ms=30_000, error_message="no road")

    assert world.lease("ship") == []
    world.wait(seconds=31)
    (again,) = world.lease("ship")
    world.fail_job(again, retries=0, error_message="no road at all")
    (incident,) = world.incidents(key)
    assert (incident.error_type, incident.error_message) == ("JOB_NO_RETRIES", "no road at all")
    with pytest.raises(WrongState):
        world.resolve(incident)
    world.do(job_commands.update, again.job.key, retries=1)
    world.resolve(incident)
    world.complete_job(world.lease("ship")[0])
    assert (world.state(key), world.incidents(key)) == ("COMPLETED", [])


def test_a_worker_can_throw_an_error_that_the_model_catches(world):
    world.deploy(WORK)
    key = world.start("work")
    (leased,) = world.lease("ship")
    world.do(job_commands.throw_error, leased.job.key, "LOST", message="gone")

    assert [task.element_id for task in world.tasks(key)] == ["search"]
    with pytest.raises(WrongState):
        world.complete_job(leased)


def test_an_error_that_nobody_catches_is_an_incident(world):
    world.deploy(WORK)
    key = world.start("work")
    (leased,) = world.lease("ship")
    world.do(job_commands.throw_error, leased.job.key, "FIRE")

    (incident,) = world.incidents(key)
    assert incident.error_type == "UNHANDLED_ERROR_EVENT"
    assert "FIRE" in incident.error_message


def test_an_expression_that_fails_stops_only_its_token_and_can_be_resolved(world):
    world.deploy(
        """<process id="sum" isExecutable="true"><startEvent id="s"/><parallelGateway id="g"/><userTask id="u"/>
        <scriptTask id="calc"><extensionElements><zeebe:script expression="=assert(total, total != null)" resultVariable="double"/></extensionElements></scriptTask>
        <sequenceFlow id="f1" sourceRef="s" targetRef="g"/><sequenceFlow id="f2" sourceRef="g" targetRef="calc"/>
        <sequenceFlow id="f3" sourceRef="g" targetRef="u"/></process>"""
    )
    key = world.start("sum")
    (incident,) = world.incidents(key)

    assert incident.element_id == "calc"
    assert [task.element_id for task in world.tasks(key)] == ["u"]
    world.set_variables(key, {"total": 2})
    world.resolve(incident)
    assert world.variables(key) == {"total": 2, "double": 2}
    world.complete_task(world.tasks(key)[0])
    assert world.state(key) == "COMPLETED"
