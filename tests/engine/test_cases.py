"""How a case moves: begun, worked on, ended; several instances under one lock."""

import threading

import pytest
from sqlalchemy import select

from engine.bpmn import execution
from engine.cases import Case
from engine.commands import cases as case_commands
from engine.errors import NotFound, WrongState
from engine.history import HistoryEntry
from engine.instances import Instance

ASK = """<process id="ask" name="Ask" isExecutable="true">
  <extensionElements><handoff:case title='="Order " + string(order)'/></extensionElements>
  <startEvent id="s"/><userTask id="t" name="Answer"/><endEvent id="e"/>
  <sequenceFlow id="f1" sourceRef="s" targetRef="t"/><sequenceFlow id="f2" sourceRef="t" targetRef="e"/></process>"""


def test_a_case_begins_waits_for_a_person_and_ends(world):
    world.deploy(ASK)
    key = world.start("ask", order=7)
    (task,) = world.tasks(key)

    assert (task.name, world.state(key)) == ("Answer", "ACTIVE")
    world.complete_task(task, answer="yes")
    assert world.state(key) == "COMPLETED"
    assert world.variables(key) == {"order": 7, "answer": "yes"}
    assert world.elements(key) == [("s", "COMPLETED"), ("t", "COMPLETED"), ("e", "COMPLETED")] or ("ask", "COMPLETED") in world.elements(
        key
    )


def test_a_case_has_a_short_number_a_title_and_a_history(world):
    world.deploy(ASK)
    first, second = world.start("ask", order=7), world.start("ask", order=8)
    found = world.ask(lambda s: {i.key: s.get(Case, i.case_key) for i in s.scalars(select(Instance))})

    assert found[second].number == found[first].number + 1
    assert (found[first].title, found[second].title) == ("Order 7", "Order 8")
    world.complete_task(world.tasks(first)[0], order=9, secret="swordfish")
    case = world.ask(lambda s: s.get(Case, found[first].key))
    history = world.ask(
        lambda s: list(s.scalars(select(HistoryEntry).where(HistoryEntry.case_key == case.key).order_by(HistoryEntry.revision)))
    )
    assert (case.title, case.state, case.revision) == ("Order 9", "COMPLETED", 2)
    assert [entry.command for entry in history] == ["case started", "task completed"]
    assert "swordfish" not in str([entry.events for entry in history])


def test_a_task_is_done_once(world):
    world.deploy(ASK)
    (task,) = world.tasks(world.start("ask", order=1))
    done, late = [], []

    def finish():
        try:
            world.complete_task(task, by="x")
            done.append(1)
        except WrongState:
            late.append(1)

    threads = [threading.Thread(target=finish) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(done), len(late)) == (1, 19)


def test_canceling_ends_everything_of_the_case(world):
    world.deploy(ASK)
    key = world.start("ask", order=1)
    world.do(case_commands.cancel, key)

    assert world.state(key) == "TERMINATED"
    assert [t.state for t in world.tasks(key, state="CANCELED")] == ["CANCELED"]
    with pytest.raises(WrongState):
        world.do(case_commands.cancel, key)
    with pytest.raises(NotFound):
        world.do(case_commands.cancel, 1)


CALLS = """<process id="outer" isExecutable="true"><startEvent id="s"/>
  <callActivity id="c"><extensionElements><zeebe:calledElement processId="ask" propagateAllChildVariables="true"/></extensionElements></callActivity>
  <endEvent id="e"/><sequenceFlow id="f1" sourceRef="s" targetRef="c"/><sequenceFlow id="f2" sourceRef="c" targetRef="e"/></process>"""


def test_a_called_process_runs_in_the_same_case_and_returns_its_results(world):
    world.deploy(ASK, CALLS)
    key = world.start("outer", order=3)
    (child,) = world.instances("ask")
    world.complete_task(world.tasks(child.key)[0], answer=42)

    assert world.state(key) == world.state(child.key) == "COMPLETED"
    assert world.variables(key) == {"order": 3, "answer": 42}
    assert world.ask(lambda s: len(list(s.scalars(select(Case))))) == 1


def test_canceling_the_caller_cancels_what_it_called(world):
    world.deploy(ASK, CALLS)
    key = world.start("outer", order=3)
    (child,) = world.instances("ask")
    with pytest.raises(WrongState):
        world.do(case_commands.cancel, child.key)
    world.do(case_commands.cancel, key)

    assert world.state(child.key) == "TERMINATED"


def test_a_process_to_call_that_is_missing_is_an_incident_and_can_be_resolved(world):
    world.deploy(CALLS)
    key = world.start("outer", order=3)
    (incident,) = world.incidents(key)

    assert incident.error_type == "CALLED_ELEMENT_ERROR"
    assert "'ask'" in incident.error_message
    world.deploy(ASK, name="ask.bpmn")
    world.resolve(incident)
    assert world.incidents(key) == []
    assert len(world.tasks()) == 1


def test_a_loop_that_never_waits_ends_in_an_incident(world, request, monkeypatch):
    if "sqlite-cached" not in request.node.name:
        monkeypatch.setattr(execution, "MOST_TRANSITIONS", 10_000)  # as many as it really is are tried once
    world.deploy(
        """<process id="loop" isExecutable="true"><startEvent id="s"/><exclusiveGateway id="g"/><task id="t"/>
        <sequenceFlow id="f1" sourceRef="s" targetRef="g"/><sequenceFlow id="f2" sourceRef="g" targetRef="t"/>
        <sequenceFlow id="f3" sourceRef="t" targetRef="g"/></process>"""
    )
    key = world.start("loop")

    assert world.incidents(key) == []  # the step was bounded: the rest is owed
    world.sweep()
    (incident,) = world.incidents(key)
    assert "never waits" in incident.error_message
