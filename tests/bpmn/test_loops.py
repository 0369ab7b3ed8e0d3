"""Multi-instance activities and call activities."""

from __future__ import annotations

import pytest

from engine.bpmn import effects as e
from engine.bpmn import happenings as h

from .running import Instance, flows, script, service


def loop(attributes: str = "", condition: str = "", sequential: bool = False) -> str:
    inner = f"<completionCondition>{condition}</completionCondition>" if condition else ""
    return (
        f'<multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}"><extensionElements>'
        f'<zeebe:loopCharacteristics inputCollection="=items" inputElement="item" {attributes}/></extensionElements>{inner}'
        "</multiInstanceLoopCharacteristics>"
    )


OUTPUTS = 'outputCollection="results" outputElement="=r"'
START, END = '<startEvent id="start"/>', '<endEvent id="end"/>'
AROUND = flows("start w", "w end")


@pytest.mark.parametrize("restores", [False, True])
def test_all_instances_run_at_once_and_outputs_keep_the_order_of_the_items(restores):
    instance = Instance(START + service("w", loop(OUTPUTS)) + END + AROUND, items=["a", "b", "c"], restores=restores)
    jobs = instance.waiting("job")
    assert len(jobs) == 3
    scopes = [instance.values.scopes[j.element_instance_key] for j in jobs]
    assert [(s["item"], s["loopCounter"]) for s in scopes] == [("a", 1), ("b", 2), ("c", 3)]
    for job in reversed(jobs):
        instance.tell(h.JobCompleted(job.element_instance_key, {"r": instance.values.scopes[job.element_instance_key]["item"] + "!"}))

    assert instance.state == "COMPLETED" and instance.variables["results"] == ["a!", "b!", "c!"] and "r" not in instance.variables
    assert [f.element_type for f in instance.of(e.ElementEntered)][1:3] == ["MULTI_INSTANCE_BODY", "SERVICE_TASK"]


@pytest.mark.parametrize("restores", [False, True])
def test_instances_one_after_the_other(restores):
    instance = Instance(START + service("w", loop(OUTPUTS, sequential=True)) + END + AROUND, items=[1, 2], restores=restores)
    assert instance.places() == ["job w"]
    instance.complete("w", r=10)
    assert instance.places() == ["job w"]
    instance.complete("w", r=20)

    assert instance.state == "COMPLETED" and instance.variables["results"] == [10, 20]


@pytest.mark.parametrize("sequential", [False, True])
def test_no_items_no_instance(sequential):
    instance = Instance(START + service("w", loop(OUTPUTS, sequential=sequential)) + END + AROUND, items=[])

    assert instance.state == "COMPLETED" and instance.variables["results"] == [] and instance.path() == ["start", "w", "end"]


def test_a_completion_condition_ends_the_rest():
    condition = "=numberOfCompletedInstances = 2 and numberOfInstances = 4 and numberOfActiveInstances = 2"
    instance = Instance(START + service("w", loop("", condition)) + END + AROUND, items=[1, 2, 3, 4], restores=True)
    for job in instance.waiting("job")[:2]:
        instance.tell(h.JobCompleted(job.element_instance_key))

    assert instance.state == "COMPLETED" and instance.places() == []
    assert sorted(instance.left("w")) == ["COMPLETED"] * 3 + ["TERMINATED"] * 2


def test_a_completion_condition_ends_a_sequence():
    instance = Instance(START + service("w", loop("", "=enough", True)) + END + AROUND, items=[1, 2, 3], enough=False)
    instance.complete("w")
    instance.complete("w", enough=True)

    assert instance.state == "COMPLETED"


def test_a_collection_that_is_none_is_an_incident_at_the_body():
    instance = Instance(START + service("w", loop()) + END + AROUND)
    assert "list" in instance.incident().message and instance.places() == []
    instance.tell(h.VariablesSet(1, {"items": [1]}))
    instance.resolve()

    assert instance.places() == ["job w"]


def test_a_sequence_whose_collection_vanishes_has_an_incident_and_goes_on_when_it_is_back():
    instance = Instance(START + service("w", loop(sequential=True)) + END + AROUND, items=[1, 2], restores=True)
    instance.complete("w", items=None)
    assert instance.incident() and instance.places() == []
    instance.tell(h.VariablesSet(1, {"items": [1, 2]}))
    instance.resolve()
    instance.complete("w")

    assert instance.state == "COMPLETED"


def test_a_boundary_event_belongs_to_the_whole_body():
    due = "<timerEventDefinition><timeDuration>PT1S</timeDuration></timerEventDefinition>"
    timer = f"<boundaryEvent id='t' attachedToRef='w'>{due}</boundaryEvent>"
    instance = Instance(START + service("w", loop()) + timer + END + AROUND + flows("t end"), items=[1, 2, 3])
    assert len(instance.waiting("timer")) == 1
    instance.fire("t")

    assert instance.state == "COMPLETED" and instance.left("w") == ["TERMINATED"] * 4 and instance.places() == []


def test_an_error_in_one_instance_ends_the_others():
    caught = "<boundaryEvent id='b' attachedToRef='w'><errorEventDefinition/></boundaryEvent>"
    instance = Instance(START + service("w", loop()) + caught + END + AROUND + flows("b end"), items=[1, 2])
    instance.tell(h.JobThrewError(instance.waiting("job")[0].element_instance_key, "X"))

    assert instance.state == "COMPLETED" and instance.places() == []


@pytest.mark.parametrize("sequential", [False, True])
@pytest.mark.parametrize("restores", [False, True])
def test_sub_processes_are_repeated_too_and_each_has_its_own_item(sequential, restores):
    inner = "<startEvent id='is'/>" + script("x", "item * 10", "r") + "<userTask id='u'/>" + flows("is x", "x u")
    sub = f"<subProcess id='w'>{loop(OUTPUTS, sequential=sequential)}{inner}</subProcess>"
    instance = Instance(START + sub + END + AROUND, items=[1, 2, 3], restores=restores)
    while instance.waiting("task"):
        instance.tell(h.TaskCompleted(instance.waiting("task")[-1].element_instance_key))

    assert instance.state == "COMPLETED" and instance.variables["results"] == [10, 20, 30]


def test_loop_cardinality_counts_without_a_collection():
    count = "<multiInstanceLoopCharacteristics><loopCardinality>=n + 1</loopCardinality></multiInstanceLoopCharacteristics>"
    instance = Instance(START + service("w", count) + END + AROUND, n=2)

    assert len(instance.waiting("job")) == 3


def call(attributes: str, extensions: str = "", extra: str = "") -> str:
    return (
        f'<callActivity id="w"><extensionElements><zeebe:calledElement {attributes}/>{extensions}</extensionElements>{extra}</callActivity>'
    )


def test_a_call_activity_asks_for_another_process_and_takes_its_variables():
    instance = Instance(START + call('processId="=&quot;p-&quot; + kind"') + END + AROUND, kind="x", restores=True)
    request = instance.the("child")
    assert (request.process_id, request.binding, request.variables) == ("p-x", "latest", {"kind": "x"})
    instance.complete("w", answer=42)

    assert instance.state == "COMPLETED" and instance.variables == {"kind": "x", "answer": 42}


def test_a_call_activity_passes_only_what_its_switches_and_mappings_say():
    mapping = '<zeebe:ioMapping><zeebe:input source="=kind" target="in"/><zeebe:output source="=answer" target="out"/></zeebe:ioMapping>'
    attributes = 'processId="q" propagateAllParentVariables="false" propagateAllChildVariables="false" bindingType="versionTag"'
    attributes += ' versionTag="v1"'
    first = Instance(START + call(attributes, mapping) + END + AROUND, kind="x")
    second = Instance(START + call(attributes) + END + AROUND, kind="x")
    request = first.the("child")
    first.complete("w", answer=42, more=1)
    second.complete("w", answer=42)

    assert (request.variables, request.binding, request.version_tag) == ({"in": "x"}, "versionTag", "v1")
    assert first.variables == {"kind": "x", "out": 42} and second.variables == {"kind": "x"}


def test_an_error_of_a_called_process_is_caught_around_the_call():
    caught = "<boundaryEvent id='b' attachedToRef='w'><errorEventDefinition errorRef='err'/></boundaryEvent>"
    model = '<error id="err" errorCode="E"/><process id="P" isExecutable="true">' + START + call('processId="q"') + caught + END + AROUND
    instance = Instance(model + flows("b end") + "</process>")
    key = instance.the("child").element_instance_key
    assert instance.execution.catches(key, "error", "E") and not instance.execution.catches(key, "error", "F")
    del instance.open["child", key]
    instance.tell(h.ChildThrew(key, "error", "E", "", {"v": 1}))

    assert instance.state == "COMPLETED" and instance.variables == {"v": 1} and not instance.of(e.ChildUnwanted)


@pytest.mark.parametrize(("interrupting", "places"), [("true", ["task u"]), ("false", ["child w", "task u"])])
def test_an_escalation_of_a_called_process_is_caught_around_the_call(interrupting, places):
    caught = f"<boundaryEvent id='b' attachedToRef='w' cancelActivity='{interrupting}'><escalationEventDefinition/></boundaryEvent>"
    instance = Instance(START + call('processId="q"') + caught + END + AROUND + "<userTask id='u'/>" + flows("b u"), restores=True)
    instance.tell(h.ChildThrew(instance.the("child").element_instance_key, "escalation", "X"))

    assert instance.places() == places


def test_an_interrupted_call_is_no_longer_wanted():
    instance = Instance(START + call('processId="q"') + END + AROUND)
    instance.tell(h.Canceled())

    assert len(instance.of(e.ChildUnwanted)) == 1 and instance.places() == []


def test_a_call_that_cannot_be_made_is_an_incident_and_asked_again():
    instance = Instance(START + call('processId="q"') + END + AROUND)
    key = instance.the("child").element_instance_key
    instance.tell(h.CannotGoOn(key, "CALLED_ELEMENT_ERROR", "no process q"))
    del instance.open["child", key]
    instance.resolve()

    assert len(instance.of(e.ChildRequested)) == 2 and instance.places() == ["child w"]


def test_a_called_instance_hands_its_variables_over_at_its_end():
    instance = Instance(START + script("w", "n + 1", "m") + END + AROUND, called=True, n=1)

    assert instance.effects[-1] == e.Ended("COMPLETED", {"n": 1, "m": 2})


@pytest.mark.parametrize(
    ("attributes", "condition", "rounds"),
    [
        ("", "n &lt; 3", 3),
        ("loopMaximum='2'", "n &lt; 3", 2),
        ("loopMaximum='2'", "", 2),
        ("testBefore='true'", "n &lt; 0", 0),
        ("testBefore='false'", "n &lt; 0", 1),
        ("testBefore='true'", "loopCounter &lt; 4", 4),
    ],
)
@pytest.mark.parametrize("restores", [False, True])
def test_a_standard_loop_repeats_while_its_condition_holds(attributes, condition, rounds, restores):
    inner = f"<loopCondition>={condition}</loopCondition>" if condition else ""
    loop = f"<standardLoopCharacteristics {attributes}>{inner}</standardLoopCharacteristics>"
    instance = Instance(START + script("w", "n + 1", "n", loop) + END + AROUND, n=0, restores=restores)

    assert instance.state == "COMPLETED" and instance.variables["n"] == rounds


def test_the_output_collection_can_be_read_and_written_while_it_fills():
    body = START + "<subProcess id='w'>" + loop('outputCollection="results" outputElement="=i2"', sequential=True) + "<startEvent id='is'/>"
    body += script("see", "count(results[item != null])", "i2") + "</subProcess>" + END + AROUND
    instance = Instance(body.replace("</subProcess>", flows("is see") + "</subProcess>"), items=[1, 2, 3])

    assert instance.variables["results"] == [0, 1, 2] and instance.state == "COMPLETED"


def test_outputs_larger_than_a_variable_may_be_stop_the_instance_that_made_them(monkeypatch):
    monkeypatch.setattr("engine.bpmn.scopes.LARGEST_TEXT", 100)
    body = START + service("w", loop(OUTPUTS)) + END + AROUND
    instance = Instance(body, items=[1, 2], restores=True)
    first, second = instance.waiting("job")
    instance.tell(h.JobCompleted(first.element_instance_key, {"r": "x" * 60}))
    instance.tell(h.JobCompleted(second.element_instance_key, {"r": "y" * 60}))
    assert instance.incident().element_instance_key == second.element_instance_key
    instance.tell(h.VariablesSet(second.element_instance_key, {"r": "z"}))
    instance.resolve()

    assert instance.variables["results"] == ["x" * 60, "z"]


@pytest.mark.parametrize("restores", [False, True])
def test_a_large_parallel_body_is_begun_in_slices_that_a_step_can_end_between(restores):
    instance = Instance(START + script("w", "item * 2", "r", loop(OUTPUTS)) + END + AROUND, start=False, restores=restores)
    instance.execution.tell(h.Started(None, {"items": list(range(2500))}))
    begun = []
    while not instance.execution.run(max_transitions=1000):
        begun.append(len(instance.execution.tasks))
        instance._collect()
    instance._collect()

    assert [count <= 1100 * step for step, count in enumerate(begun, 1)] == [True] * len(begun) and len(begun) >= 4
    assert instance.state == "COMPLETED" and instance.variables["results"] == [2 * n for n in range(2500)]


def test_no_instance_runs_before_all_have_begun_so_that_none_changes_the_collection_of_the_others():
    body = START + script("w", "append(items, 0)", "items", loop('outputCollection="results" outputElement="=item"')) + END + AROUND
    instance = Instance(body, items=list(range(500)))

    assert instance.state == "COMPLETED" and instance.variables["results"] == list(range(500))


def test_a_body_that_is_interrupted_while_it_begins_begins_no_more():
    boundary = '<boundaryEvent id="b" attachedToRef="w"><timerEventDefinition><timeDuration>PT1S</timeDuration></timerEventDefinition>'
    body = START + service("w", loop()) + boundary + "</boundaryEvent>" + END + AROUND + flows("b end")
    instance = Instance(body, start=False)
    instance.execution.tell(h.Started(None, {"items": list(range(500))}))
    assert not instance.execution.run(max_transitions=200)
    instance._collect()
    instance.fire("b")

    assert instance.state == "COMPLETED" and not instance.open and len(instance.path()) < 300
