"""Tasks, exclusive and parallel gateways, scripts: the first slice."""

from __future__ import annotations

import pytest

from engine.bpmn import effects as e
from engine.bpmn import happenings as h
from engine.bpmn.execution import NotWaiting

from .running import Instance, flows, script, service

CLAIM = (
    '<startEvent id="start"/><userTask id="ask"/>'
    + service("book")
    + script("add", "n + 1", "n")
    + '<exclusiveGateway id="enough" default="enough-add"/><parallelGateway id="split"/><parallelGateway id="join"/>'
    + '<userTask id="a"/><userTask id="b"/><endEvent id="end"/>'
    + flows("start ask", "ask book", "book add", "add enough", "enough add", "enough split =n >= 5")
    + flows("split a", "split b", "a join", "b join", "join end")
)


@pytest.mark.parametrize("restores", [False, True])
def test_a_process_runs_from_start_to_end(restores):
    instance = Instance(CLAIM, restores=restores, n=0)
    assert instance.places() == ["task ask"]
    instance.complete("ask")
    assert instance.places() == ["job book"]
    instance.complete("book", n=2)
    assert instance.variables == {"n": 5}
    instance.complete("a")
    assert instance.places() == ["task b"] and instance.state is None
    instance.complete("b")

    assert instance.state == "COMPLETED"
    assert instance.path() == ["start", "ask", "book", *["add", "enough"] * 3, "split", "a", "b", "join", "end"]
    assert instance.effects[-1] == e.Ended("COMPLETED")
    assert not instance.execution.tasks and not instance.open


def test_what_was_completed_cannot_be_completed_again():
    instance = Instance(CLAIM, n=0)
    key = instance.the("task").element_instance_key
    instance.complete("ask")
    before = instance.execution.snapshot()

    with pytest.raises(NotWaiting):
        instance.tell(h.TaskCompleted(key))
    assert instance.execution.snapshot() == before and instance.places() == ["job book"]


def test_cancelling_ends_everything_that_is_open():
    instance = Instance(CLAIM, n=9)
    instance.complete("ask")
    instance.complete("book")
    assert instance.places() == ["task a", "task b"]
    instance.tell(h.Canceled())

    assert instance.state == "TERMINATED" and instance.places() == []
    assert instance.left("a") == instance.left("b") == ["TERMINATED"]
