"""Undoing what was done."""

from __future__ import annotations

import pytest

from .running import Instance, flows, service

START, END = '<startEvent id="start"/>', '<endEvent id="end"/>'


def undoable(id: str) -> str:
    """A service task with a compensation handler `undo-…`."""
    return (
        service(id)
        + f'<boundaryEvent id="c-{id}" attachedToRef="{id}"><compensateEventDefinition/></boundaryEvent>'
        + f'<userTask id="undo-{id}" isForCompensation="true"/><association sourceRef="c-{id}" targetRef="undo-{id}"/>'
    )


def throw(id: str, activity: str = "", tag: str = "intermediateThrowEvent") -> str:
    return f'<{tag} id="{id}"><compensateEventDefinition {activity}/></{tag}>'


@pytest.mark.parametrize("restores", [False, True])
def test_what_was_done_is_undone_in_reverse_order_before_the_token_goes_on(restores):
    body = START + undoable("a") + undoable("b") + undoable("never") + throw("t") + "<userTask id='after'/>"
    instance = Instance(body + flows("start a", "a b", "b t", "t after"), restores=restores)
    instance.complete("a")
    instance.complete("b")
    assert instance.places() == ["task undo-b"]
    instance.complete("undo-b")
    assert instance.places() == ["task undo-a"]
    instance.complete("undo-a")
    assert instance.places() == ["task after"]
    instance.complete("after")

    assert instance.state == "COMPLETED" and instance.places() == []


def test_only_the_named_activity_is_undone_and_only_once():
    body = START + undoable("a") + undoable("b") + throw("t", 'activityRef="a"') + throw("t2", 'activityRef="a"', "endEvent")
    instance = Instance(body + flows("start a", "a b", "b t", "t t2"))
    instance.complete("a")
    instance.complete("b")
    instance.complete("undo-a")

    assert instance.state == "COMPLETED" and "undo-b" not in instance.path()


def test_nothing_to_undo_holds_nobody_up():
    assert Instance(START + throw("t") + END + flows("start t", "t end")).state == "COMPLETED"


def test_a_sub_process_is_undone_by_what_lies_inside():
    inner = "<startEvent id='is'/>" + undoable("a") + undoable("b") + flows("is a", "a b")
    body = START + f"<subProcess id='s'>{inner}</subProcess>" + throw("t", 'activityRef="s"') + END + flows("start s", "s t", "t end")
    instance = Instance(body, restores=True)
    instance.complete("a")
    instance.complete("b")
    instance.complete("undo-b")
    instance.complete("undo-a")

    assert instance.state == "COMPLETED"


def test_each_round_of_a_loop_is_undone():
    body = START + '<exclusiveGateway id="m"/>' + undoable("a") + '<exclusiveGateway id="x" default="x-t"/>' + throw("t") + END
    instance = Instance(body + flows("start m", "m a", "a x", "x m =n < 2", "x t", "t end"), n=0)
    instance.complete("a", n=1)
    instance.complete("a", n=2)
    instance.complete("undo-a")
    instance.complete("undo-a")

    assert instance.state == "COMPLETED"


CANCEL = "<cancelEventDefinition/>"


@pytest.mark.parametrize("restores", [False, True])
def test_a_cancelled_transaction_is_undone_and_left_by_its_cancel_event(restores):
    inner = "<startEvent id='is'/>" + undoable("a") + "<parallelGateway id='g'/><userTask id='u'/><manualTask id='m'/>"
    inner += f"<endEvent id='ce'>{CANCEL}</endEvent>" + flows("is a", "a g", "g u", "g m", "m ce")
    boundary = f"<boundaryEvent id='cb' attachedToRef='tx'>{CANCEL}</boundaryEvent><userTask id='sorry'/><userTask id='fine'/>"
    body = START + f"<transaction id='tx'>{inner}</transaction>" + boundary + flows("start tx", "tx fine", "cb sorry")
    instance = Instance(body, restores=restores)
    instance.complete("a")
    assert instance.places() == ["task undo-a"] and instance.left("u") == ["TERMINATED"]
    instance.complete("undo-a")

    assert instance.places() == ["task sorry"] and instance.left("tx") == ["TERMINATED"]


def test_a_transaction_that_is_not_cancelled_is_a_sub_process():
    body = START + "<transaction id='tx'><startEvent id='is'/></transaction>" + END + flows("start tx", "tx end")

    assert Instance(body).state == "COMPLETED"
