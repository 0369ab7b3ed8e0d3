"""What breaks naive engines: long chains, long loops, awkward ids, shared definitions, bounded steps, snapshots across processes."""

from __future__ import annotations

import subprocess
import sys
import threading
from itertools import pairwise
from time import thread_time

import pytest

from engine.bpmn import effects as e
from engine.bpmn import execution
from engine.bpmn import happenings as h
from engine.bpmn.execution import Execution, NotWaiting

from .running import INSTANCE, Instance, definitions, flows, script, service

START, END = '<startEvent id="start"/>', '<endEvent id="end"/>'
LOOP = START + '<exclusiveGateway id="m"/><exclusiveGateway id="x" default="x-end"/>' + script("a", "n + 1", "n") + END
LOOP += flows("start m", "m a", "a x", "x m =n < most", "x end")


def chain(length: int, kind: str) -> str:
    ids = [f"t{n}" for n in range(length)]
    body = START + "".join(f'<{kind} id="{id}"/>' for id in ids) + END
    return body + flows(f"start {ids[0]}", *(f"{a} {b}" for a, b in pairwise(ids)), f"{ids[-1]} end")


def test_a_chain_of_2000_tasks_compiles_and_runs():
    assert Instance(chain(2000, "manualTask")).state == "COMPLETED"


def test_a_loop_of_10000_rounds_ends_where_it_should():
    instance = Instance(LOOP, n=0, most=10_000)

    assert instance.state == "COMPLETED" and instance.variables["n"] == 10_000 and instance.path()[-1] == "end"


def test_a_loop_that_never_waits_stands_still_with_an_incident():
    instance = Instance(LOOP, n=0, most=10**9, start=False)
    instance.execution.transitions = 99_990
    instance.tell(h.Started(None, {"n": 0, "most": 10**9}))
    assert "never waits" in instance.incident().message and instance.state is None
    instance.tell(h.VariablesSet(INSTANCE, {"most": 0}))
    instance.resolve()

    assert instance.state == "COMPLETED"


BOMB = START + '<exclusiveGateway id="m"/><parallelGateway id="f"/><userTask id="aside"/>' + flows("start m", "f m", "f m", "m f", "start aside")


@pytest.mark.parametrize("restores", [False, True])
def test_a_fork_that_doubles_its_tokens_for_ever_opens_one_incident_and_all_of_them_stand_still(restores, monkeypatch):
    monkeypatch.setattr(execution, "MOST_TRANSITIONS", 500)
    body = BOMB.replace('id="f-m"', 'id="f-m-2"', 1)
    instance = Instance(body, restores=restores)
    incident = instance.incident()
    assert "never waits" in incident.message
    tokens = len(instance.execution.tasks)
    instance.tell(h.VariablesSet(INSTANCE, {"x": 1}))
    assert len(instance.execution.tasks) == tokens and instance.execution.transitions == 0  # nothing moved
    instance.complete("aside")  # what waited beside it still moves
    assert len(instance.execution.tasks) == tokens - 1 and instance.incident() is incident
    instance.resolve()

    assert instance.incident() is not incident and len(instance.execution.tasks) > tokens
    instance.tell(h.Canceled())
    assert instance.state == "TERMINATED" and not instance.incidents and not instance.open


def test_when_what_never_waits_is_interrupted_the_rest_goes_on(monkeypatch):
    monkeypatch.setattr(execution, "MOST_TRANSITIONS", 50)
    inner = '<startEvent id="s"/><task id="a"/>' + flows("s a", "a a")
    boundary = '<boundaryEvent id="b" attachedToRef="sub"><timerEventDefinition><timeDuration>PT1S</timeDuration></timerEventDefinition>'
    body = START + f'<subProcess id="sub">{inner}</subProcess>{boundary}</boundaryEvent>' + END + flows("start sub", "b end")
    instance = Instance(body)
    assert "never waits" in instance.incident().message
    instance.fire("b")

    assert instance.state == "COMPLETED" and not instance.incidents


@pytest.mark.parametrize("restores", [False, True])
def test_many_instances_at_once_are_no_loop(restores, monkeypatch):
    monkeypatch.setattr(execution, "MOST_TRANSITIONS", 50)
    each = '<extensionElements><zeebe:loopCharacteristics inputCollection="=items"/></extensionElements>'
    inner = '<startEvent id="s"/><task id="a"/><task id="b"/>' + flows("s a", "a b")
    sub = f'<subProcess id="sub">{inner}<multiInstanceLoopCharacteristics>{each}</multiInstanceLoopCharacteristics></subProcess>'
    instance = Instance(START + sub + END + flows("start sub", "sub end"), items=list(range(200)), restores=restores)

    assert instance.state == "COMPLETED"


def test_many_instances_again_and_again_are_a_loop(monkeypatch):
    monkeypatch.setattr(execution, "MOST_TRANSITIONS", 50)
    each = '<extensionElements><zeebe:loopCharacteristics inputCollection="=items"/></extensionElements>'
    task = f'<task id="a"><multiInstanceLoopCharacteristics>{each}</multiInstanceLoopCharacteristics></task>'
    instance = Instance(START + task + flows("start a", "a a"), items=[1, 2, 3], restores=True)

    assert "never waits" in instance.incident().message


def test_waiting_starts_the_count_of_transitions_anew_and_the_snapshot_keeps_it():
    instance = Instance(LOOP, n=0, most=100, start=False)
    instance.execution.tell(h.Started(None, {"n": 0, "most": 100}))
    assert not instance.execution.run(max_transitions=50)
    restored = Execution.restore(instance.definition, INSTANCE, instance.execution.snapshot(), instance.ports)
    assert restored.transitions == 50
    while not restored.run(max_transitions=7):
        pass

    assert restored.ended and instance.variables["n"] == 100


def test_a_step_ends_at_its_deadline():
    execution = Instance(LOOP, n=0, most=10**9, start=False).execution
    execution.tell(h.Started(None, {"n": 0, "most": 10**9}))

    assert execution.run(max_transitions=10**9, until=thread_time()) is False and execution.transitions <= 16


def test_a_snapshot_does_not_grow_with_what_is_done():
    instance = Instance(chain(201, "userTask"), restores=True)
    for _ in range(200):
        instance.complete()
    size = len(instance.execution.snapshot())
    loop = Instance(LOOP.replace("scriptTask", "userTask"), most=1, n=0, restores=True)
    first = len(loop.execution.snapshot())
    loop.tell(h.VariablesSet(INSTANCE, {"most": 9}))
    for _ in range(200):
        loop.complete()

    assert size < 200 and len(loop.execution.snapshot()) <= first + 4


def test_ids_that_spiff_uses_itself_are_free_for_the_model():
    body = '<startEvent id="Start"/><userTask id="Root"/><task id="P.EndJoin"/><task id="StartEventSplit"/><endEvent id="End"/>'
    instance = Instance(body + flows("Start Root", "Root P.EndJoin", "P.EndJoin StartEventSplit", "StartEventSplit End"))
    instance.complete("Root")

    assert instance.state == "COMPLETED" and instance.path() == ["Start", "Root", "P.EndJoin", "StartEventSplit", "End"]


def test_an_end_event_named_end_does_not_end_the_process_while_others_work():
    body = START + '<parallelGateway id="g"/><userTask id="u"/><endEvent id="End"/>' + flows("start g", "g u", "g End")

    assert Instance(body).places() == ["task u"]


def test_nodes_and_flows_without_ids_get_the_same_ones_each_time():
    body = START + "<userTask id='u'/><endEvent/><textAnnotation/>" + '<sequenceFlow sourceRef="start" targetRef="tns:u"/>'
    first, second = (Instance(body) for _ in range(2))

    assert first.taken() == second.taken() != [None] and first.places() == ["task u"]
    assert list(first.definition.elements) == list(second.definition.elements)


def test_a_snapshot_is_understood_by_another_process(tmp_path):
    body = START + '<parallelGateway id="s"/><parallelGateway id="j"/><userTask id="a"/>' + service("b") + END
    body += flows("start s", "s a", "s b", "a j", "b j", "j end")
    instance = Instance(body)
    instance.complete("b")
    (tmp_path / "snapshot").write_bytes(instance.execution.snapshot())
    program = (
        "import sys\nfrom pathlib import Path\nfrom tests.bpmn.running import *\nhere = Path(sys.argv[1])\n"
        "instance = Instance(sys.argv[2], start=False)\n"
        "instance.execution = Execution.restore(instance.definition, INSTANCE, (here / 'snapshot').read_bytes(), instance.ports)\n"
        "instance.last_key = 100\n"
        "key = next(t.id for t in instance.execution.tasks.values() if t.waiting == 'task')\n"
        "instance.open['task', key] = None\n"
        "instance.tell(h.TaskCompleted(key))\nprint(instance.state)\n"
    )
    out = subprocess.run([sys.executable, "-c", program, str(tmp_path), body], capture_output=True, text=True, check=False)

    assert out.stdout.strip() == "COMPLETED", out.stderr


def test_two_threads_run_one_definition_without_touching_each_other():
    definition = definitions(LOOP)[0]
    instances: list[Instance] = []

    def run(most: int) -> None:
        for _ in range(5):
            instances.append(Instance(definition, n=0, most=most))

    threads = [threading.Thread(target=run, args=(most,)) for most in (50, 80, 110)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(instances) == 15 and all(i.state == "COMPLETED" and i.variables["n"] == i.variables["most"] for i in instances)


def test_running_does_not_change_the_definition():
    definition = definitions(LOOP)[0]

    def shape() -> list[object]:
        return [
            (name, sorted((k, repr(v)) for k, v in vars(spec).items() if isinstance(v, (tuple, str, bool, list, int, type(None)))))
            for name, spec in definition.specs.items()
        ]

    before = shape()
    Instance(definition, n=0, most=3)

    assert shape() == before


@pytest.mark.parametrize(
    "happening",
    [
        h.TaskCompleted(999),
        h.JobCompleted(999),
        h.JobThrewError(999, "x"),
        h.TimerFired(999),
        h.SubscriptionTriggered(999),
        h.ChildCompleted(999),
        h.ChildThrew(999, "error", "x"),
        h.CannotGoOn(999, "x", "y"),
        h.IncidentResolved(999),
        h.VariablesSet(999, {"a": 1}),
        h.Started(),
    ],
)
def test_what_nothing_waits_for_is_refused_and_changes_nothing(happening):
    instance = Instance(START + "<userTask id='u'/>" + flows("start u"), n=1)
    before = instance.execution.snapshot()

    with pytest.raises(NotWaiting):
        instance.execution.tell(happening)
    assert instance.execution.snapshot() == before and instance.execution.take_effects() == [] and instance.variables == {"n": 1}


def test_nothing_can_be_told_to_an_instance_that_is_over():
    instance = Instance(START)

    with pytest.raises(NotWaiting):
        instance.execution.tell(h.Canceled())
    assert Execution.restore(instance.definition, INSTANCE, instance.execution.snapshot(), instance.ports).ended


def test_a_thousand_waiting_instances_cost_a_step_no_walk():
    loop = (
        "<multiInstanceLoopCharacteristics><extensionElements><zeebe:loopCharacteristics inputCollection='=items'/></extensionElements>"
        "</multiInstanceLoopCharacteristics>"
    )
    instance = Instance(START + service("w", loop) + flows("start w"), items=list(range(1000)))
    assert len(instance.waiting("job")) == 1000
    for job in instance.waiting("job"):
        instance.tell(h.JobCompleted(job.element_instance_key))

    assert instance.state == "COMPLETED"


def test_the_lane_of_an_element_is_the_innermost_and_goes_down_into_sub_processes():
    lanes = (
        "<laneSet><lane id='l1' name='Outer'><flowNodeRef>start</flowNodeRef><flowNodeRef>s</flowNodeRef><childLaneSet>"
        "<lane id='l2' name='Inner'><flowNodeRef>s</flowNodeRef></lane></childLaneSet></lane></laneSet>"
    )
    boundary = "<boundaryEvent id='b' attachedToRef='s'><errorEventDefinition/></boundaryEvent>"
    body = START + "<subProcess id='s'><startEvent id='is'/><userTask id='u'/>" + flows("is u") + "</subProcess>" + boundary + lanes
    elements = definitions(body + flows("start s"))[0].elements

    assert {id: elements[id].lane for id in ("start", "s", "u", "b")} == {"start": "Outer", "s": "Inner", "u": "Inner", "b": "Inner"}
    assert elements["u"].lane_id == "l2" and elements["u"].type == "USER_TASK"


def test_closed_waits_come_before_the_end_of_their_element_and_children_before_parents():
    inner = "<subProcess id='s'><startEvent id='is'/><userTask id='u'/>" + flows("is u") + "</subProcess>"
    instance = Instance(START + inner + flows("start s"))
    seen = len(instance.effects)
    instance.tell(h.Canceled())
    kinds = [instance.elements[f.key] if isinstance(f, e.ElementLeft) else type(f).__name__ for f in instance.effects[seen:]]

    assert kinds == ["WaitClosed", "u", "s", "Ended"]


@pytest.mark.parametrize("expression", ["[n]", "{a: n}"])
def test_a_value_that_nests_without_end_stops_its_token_only(expression):
    body = START + '<exclusiveGateway id="m"/>' + script("a", expression, "n") + flows("start m", "m a", "a m")
    instance = Instance(body, n=0)

    assert "nested" in instance.incident().message and instance.state is None


def test_a_value_that_doubles_without_end_stops_its_token_before_memory_is_full(monkeypatch):
    monkeypatch.setattr("engine.bpmn.scopes.LARGEST", 1000)
    body = START + '<exclusiveGateway id="m"/>' + script("a", "[n, n]", "n") + flows("start m", "m a", "a m")
    instance = Instance(body, n=0)

    assert "1000 items" in instance.incident().message and instance.state is None
