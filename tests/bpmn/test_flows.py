"""How tokens split, choose and meet."""

from __future__ import annotations

import pytest

from engine.bpmn import effects as e
from engine.bpmn import happenings as h

from .running import Instance, flows, script

START, END = '<startEvent id="start"/>', '<endEvent id="end"/>'


def users(*ids: str) -> str:
    return "".join(f'<userTask id="{id}"/>' for id in ids)


def test_an_exclusive_gateway_takes_the_first_true_flow_in_the_order_of_the_file():
    body = START + '<exclusiveGateway id="x" default="x-c"/>' + users("a", "b", "c")
    body += flows("start x", "x c", "x a =n > 1", "x b =n > 0")

    assert [Instance(body, n=n).places() for n in (2, 1, 0)] == [["task a"], ["task b"], ["task c"]]


def test_an_exclusive_gateway_takes_one_flow_even_where_none_has_a_condition():
    body = START + '<exclusiveGateway id="x"/>' + users("a", "b") + flows("start x", "x a", "x b")

    assert Instance(body).places() == ["task a"]


def test_conditions_are_feel_with_or_without_the_equals_sign():
    body = START + '<exclusiveGateway id="x"/>' + users("a", "b") + flows("start x", 'x a k = "a"', 'x b =k != "a"')

    assert Instance(body, k="a").places() == ["task a"] and Instance(body, k="z").places() == ["task b"]


def test_no_flow_to_take_is_an_incident_at_the_gateway():
    body = START + '<exclusiveGateway id="x"/>' + users("a") + flows("start x", "x a =n > 1")
    instance = Instance(body, n=0)
    assert (instance.incident().error_type, instance.incident().element_id) == ("CONDITION_ERROR", "x")
    assert [f.element_id for f in instance.of(e.ElementEntered)] == ["start", "x"]
    instance.tell(h.VariablesSet(1, {"n": 5}))
    instance.resolve()

    assert instance.places() == ["task a"] and instance.path() == ["start", "x", "a"]


def test_a_condition_that_is_neither_true_nor_false_says_why():
    instance = Instance(START + '<exclusiveGateway id="x"/>' + users("a") + flows("start x", "x a =missing > 1"))

    assert instance.incident().error_type == "EXTRACT_VALUE_ERROR" and "true or false" in instance.incident().message


def test_several_flows_out_of_an_activity_are_all_taken():
    body = START + users("t", "a", "b") + END + flows("start t", "t a", "t b", "a end", "b end")
    instance = Instance(body)
    instance.complete("t")
    assert instance.places() == ["task a", "task b"]
    instance.complete("a")
    instance.complete("b")

    assert instance.path().count("end") == 2 and instance.state == "COMPLETED"


@pytest.mark.parametrize(("n", "places"), [(0, ["task always", "task low"]), (9, ["task always", "task high"])])
def test_conditions_on_flows_of_an_activity_choose(n, places):
    body = START + users("t", "always", "low", "high") + flows("start t", "t always", "t low =n <= 1", "t high =n > 1")
    instance = Instance(body, n=n)
    instance.complete("t")

    assert instance.places() == places


def test_the_default_flow_of_an_activity_is_taken_when_no_other_is():
    body = START + '<task id="t" default="t-d"/>' + users("a", "d") + flows("start t", "t a =n > 1", "t d")

    assert Instance(body, n=2).places() == ["task a"] and Instance(body, n=0).places() == ["task d"]


def test_a_parallel_join_waits_for_one_token_of_each_flow():
    body = START + '<parallelGateway id="s"/><parallelGateway id="j"/>' + users("a", "b", "after")
    body += flows("start s", "s a", "s b", "a j", "b j", "j after", "a a2") + users("a2") + flows("a2 j")
    instance = Instance(body, restores=True)
    instance.complete("a")
    assert instance.places() == ["task a2", "task b"]
    instance.complete("b")
    assert instance.places() == ["task a2"]
    instance.complete("a2")

    assert instance.places() == ["task after"] and "j" in instance.path()


@pytest.mark.parametrize("restores", [False, True])
def test_an_inclusive_join_waits_only_for_tokens_that_can_still_come(restores):
    body = START + '<inclusiveGateway id="s" default="s-c"/><inclusiveGateway id="j"/>' + users("a", "b", "c", "after")
    body += flows("start s", "s a =x", "s b =y", "s c", "a j", "b j", "c j", "j after")
    both = Instance(body, x=True, y=True, restores=restores)
    both.complete("b")
    assert both.places() == ["task a"]
    both.complete("a")
    one = Instance(body, x=True, y=False, restores=restores)
    one.complete("a")
    default = Instance(body, x=False, y=False, restores=restores)
    default.complete("c")

    assert both.places() == one.places() == default.places() == ["task after"]
    assert both.path().count("j") == 1


def test_an_inclusive_join_that_is_not_the_end_of_a_split_looks_at_the_whole_scope():
    body = START + '<parallelGateway id="s"/><exclusiveGateway id="x"/><inclusiveGateway id="j"/>' + users("a", "b", "after") + END
    body += flows("start s", "s a", "s b", "a x", "x j =go", "x end =not(go)", "b j", "j after")
    stays, leaves = (Instance(body, go=go, restores=True) for go in (True, False))
    for instance in (stays, leaves):
        instance.complete("b")
        assert instance.places() == ["task a"]
        instance.complete("a")

    assert stays.places() == leaves.places() == ["task after"]
    assert stays.path().count("j") == leaves.path().count("j") == 1


def test_an_inclusive_join_in_a_loop_counts_each_round_anew():
    body = START + '<exclusiveGateway id="m"/><inclusiveGateway id="s"/><inclusiveGateway id="j"/><exclusiveGateway id="again"'
    body += ' default="again-end"/>'
    body += script("a", "n + 1", "n") + script("b", "m + 1", "m2") + END
    body += flows("start m", "m s", "s a =true", "s b =n > 0", "a j", "b j", "j again", "again m =n < 3", "again end")
    instance = Instance(body, n=0, m=0)

    assert instance.state == "COMPLETED" and instance.path().count("j") == 3 and instance.path().count("b") == 2


def test_two_inclusive_joins_that_look_at_each_other_do_not_stand_still():
    body = START + '<parallelGateway id="s"/><inclusiveGateway id="j1"/><inclusiveGateway id="j2"/><exclusiveGateway id="x1"/>'
    body += '<exclusiveGateway id="x2"/>' + END + flows("start s", "s j1", "s j2", "j1 x1", "j2 x2", "x1 j2 =false", "x1 end =true")
    body += flows("x2 j1 =false", "x2 end =true")

    assert Instance(body).state == "COMPLETED"


def test_a_process_without_end_event_or_start_event_runs():
    assert Instance(START + '<task id="a"/><manualTask id="b"/>' + flows("start a", "a b")).state == "COMPLETED"
    assert Instance(users("a", "b") + flows("a b")).places() == ["task a"]


def test_an_empty_sub_process_is_over_at_once():
    assert Instance(START + '<subProcess id="s"/>' + END + flows("start s", "s end")).state == "COMPLETED"


def test_parallel_branches_do_not_overwrite_each_other():
    body = START + '<parallelGateway id="s"/><parallelGateway id="j"/>' + users("slow") + script("fast", "n + 1", "n") + END
    instance = Instance(body + flows("start s", "s slow", "s fast", "slow j", "fast j", "j end"), n=1)
    instance.complete("slow", other=1)

    assert instance.variables == {"n": 2, "other": 1}


def test_a_parallel_join_that_waits_for_a_token_which_cannot_come_says_so():
    body = START + '<exclusiveGateway id="x"/><parallelGateway id="j"/>' + users("a", "b") + END
    instance = Instance(body + flows("start x", "x a =true", "x b =false", "a j", "b j", "j end"))
    instance.complete("a")
    assert "'j'" in instance.incident().message and instance.incident().element_instance_key == 1
    instance.resolve()
    assert len(instance.incidents) == 1
    instance.tell(h.Canceled())

    assert instance.state == "TERMINATED" and not instance.incidents
