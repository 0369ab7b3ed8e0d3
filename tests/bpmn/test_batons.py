"""Batons: every token of another lane stands in one open handoff, and every handoff ends."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.bpmn import effects as e
from engine.bpmn import happenings as h

from .running import Instance, flows, service
from .test_random_models import Drawing, blocks, step

LANES = ("A", "B", "C")


def model(body: str, **lanes: str) -> str:
    """`lanes`: lane -> ids, separated by blanks."""
    drawn = "".join(
        f'<lane id="{name}" name="{name}">{"".join(f"<flowNodeRef>{id}</flowNodeRef>" for id in ids.split())}</lane>'
        for name, ids in lanes.items()
    )
    return f'<message id="m" name="m"/><process id="P" isExecutable="true"><laneSet id="lanes">{drawn}</laneSet>{body}</process>'


def crossings(instance: Instance) -> list[str]:
    return [f"{one.from_side.id} {one.from_element_id} > {one.to_side.id} {one.element_id}" for one in instance.of(e.HandedOver)]


def still_open(instance: Instance) -> dict[int, e.HandedOver]:
    ended = {one.key for one in instance.of(e.HandoffEnded)}
    return {one.key: one for one in instance.of(e.HandedOver) if one.key not in ended}


def task(id: str) -> str:
    return f'<userTask id="{id}"/>'


SPLIT = (
    '<startEvent id="s"/><parallelGateway id="fork"/><parallelGateway id="join"/><endEvent id="end"/>'
    + "".join(task(id) for id in "abcd")
    + flows("s a", "a fork", "fork b", "fork c", "b join", "c join", "join d", "d end")
)


@pytest.mark.parametrize("restores", [False, True])
def test_a_token_that_comes_to_rest_in_another_lane_opens_a_handoff_and_the_next_crossing_ends_it(restores):
    instance = Instance(model('<startEvent id="s"/>' + task("a") + task("b") + task("c") + flows("s a", "a b", "b c"), A="s a", B="b", C="c"))
    instance.complete("a")
    first = instance.of(e.HandedOver)[0]
    instance.complete("b")

    assert crossings(instance) == ["A a > B b", "B b > C c"] and first.flow_ids == ("a-b",)
    assert [(one.key, one.state) for one in instance.of(e.HandoffEnded)] == [(first.key, "COMPLETED")]
    assert instance.the("task").batons == (instance.of(e.HandedOver)[1].key,)


def test_a_lane_that_the_token_only_runs_through_is_no_side():
    body = '<startEvent id="s"/><exclusiveGateway id="g"/>' + task("a") + task("b") + flows("s a", "a g", "g b")
    instance = Instance(model(body, A="s a b", B="g"))
    instance.complete("a")

    assert crossings(instance) == []


@pytest.mark.parametrize("restores", [False, True])
def test_a_handoff_to_parallel_branches_of_one_lane_is_one_until_the_last_branch_is_done(restores):
    body = (
        '<startEvent id="s"/><parallelGateway id="fork"/>'
        + task("a") + task("b") + task("c") + task("d")
        + flows("s a", "a b", "b fork", "fork c", "fork d")
    )  # fmt: skip
    instance = Instance(model(body, A="s a", B="b fork c d"), restores=restores)
    instance.complete("a")
    instance.complete("b")
    (key,) = still_open(instance)
    instance.complete("c")

    assert list(still_open(instance)) == [key]

    instance.complete("d")

    assert not still_open(instance) and instance.state == "COMPLETED"


def test_branches_to_two_lanes_are_two_handoffs_and_a_join_opens_one_for_each_sender():
    instance = Instance(model(SPLIT, A="s a fork", B="b", C="c join", D="d"))
    instance.complete("a")
    instance.complete("b")

    assert crossings(instance) == ["A a > B b", "A a > C c"] and len(still_open(instance)) == 2

    instance.complete("c")

    assert crossings(instance)[2:] == ["B b > D d", "C c > D d"]
    assert set(instance.the("task").batons) == set(still_open(instance))


def test_a_join_in_the_lane_of_all_its_branches_goes_on_under_what_they_carried():
    instance = Instance(model(SPLIT, A="s a fork", B="b c d join"))
    instance.complete("a")
    instance.complete("b")
    instance.complete("c")

    assert len(instance.of(e.HandedOver)) == 2 and set(instance.the("task").batons) == set(still_open(instance))


def test_an_interrupting_boundary_event_takes_the_baton_on_and_an_interrupted_branch_withdraws_its_own():
    body = (
        '<startEvent id="s"/>' + task("a") + f'<subProcess id="sub"><startEvent id="is"/>{task("inner")}{flows("is inner")}</subProcess>'
        '<boundaryEvent id="late" attachedToRef="sub"><timerEventDefinition><timeDuration>PT1M</timeDuration></timerEventDefinition>'
        "</boundaryEvent>" + task("b") + flows("s a", "a sub", "late b")
    )  # fmt: skip
    instance = Instance(model(body, A="s a", B="sub late b", C="inner"))
    instance.complete("a")
    outer, inner = instance.of(e.HandedOver)
    instance.fire("late")

    assert [(one.key, one.state) for one in instance.of(e.HandoffEnded)] == [(inner.key, "TERMINATED")]
    assert instance.the("task", "b").batons == (outer.key,)


def test_cancelling_ends_every_handoff():
    instance = Instance(model(SPLIT, A="s a fork", B="b", C="c join", D="d"))
    instance.complete("a")
    instance.tell(h.Canceled())

    assert not still_open(instance) and {one.state for one in instance.of(e.HandoffEnded)} == {"TERMINATED"}


@pytest.mark.parametrize("restores", [False, True])
def test_work_that_was_recalled_is_offered_again_under_the_new_baton(restores):
    body = '<startEvent id="s"/>' + task("a") + service("b") + task("c") + flows("s a", "a b", "b c")
    instance = Instance(model(body, A="s a", B="b c"), restores=restores)
    instance.complete("a")
    (old,) = still_open(instance)
    instance.tell(h.WorkRecalled(old))

    assert not instance.open and instance.state is None

    instance.tell(h.WorkOffered(old, 999_999))

    assert instance.the("job", "b").batons == (999_999,)

    instance.complete("b")
    instance.complete("c")

    assert [one.key for one in instance.of(e.HandoffEnded)] == [999_999] and instance.state == "COMPLETED"


def test_what_a_message_brings_replaces_the_baton_of_whoever_waited():
    body = '<startEvent id="s"/>' + task("a") + '<receiveTask id="r" messageRef="m"/>' + task("b") + flows("s a", "a r", "r b")
    instance = Instance(model(body, A="s a", B="r b"))
    instance.complete("a")
    (old,) = still_open(instance)
    subscription = instance.the("subscription").key
    instance.tell(h.SubscriptionTriggered(subscription, {}, (777,)))

    assert [one.key for one in instance.of(e.HandoffEnded)] == [old] and instance.the("task", "b").batons == (777,)


def sides(instance: Instance, key: int) -> set[str]:
    return {one.to_side.id for one in instance.of(e.HandedOver) if one.key == key}


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(block=blocks, lanes=st.lists(st.sampled_from(LANES), min_size=80, max_size=80), choices=st.lists(st.integers(0, 1000), min_size=60))
def test_every_token_of_another_lane_stands_in_an_open_handoff_and_every_handoff_ends(block, lanes, choices):
    xml, entry, _ = Drawing().draw(block)
    body = f'<startEvent id="s"/>{xml}{flows(f"s {entry}")}'
    ids = [id for tag, id in re.findall(r'<(\w+) id="([^"]+)"', body) if tag not in ("sequenceFlow", "boundaryEvent")]
    placed = dict(zip(ids, lanes, strict=False))
    drawing = model(body, **{lane: " ".join(id for id in ids if placed[id] == lane) for lane in LANES})
    live, restored = Instance(drawing, n=0), Instance(drawing, n=0, restores=True)
    at = live.definition.handoffs.sides
    for told, choice in enumerate(choices):
        open_ones = still_open(live)
        for (kind, _), effect in live.open.items():
            if kind in ("task", "job"):
                batons, here = effect.batons, at[effect.element_id].id
                assert here == at["s"].id or batons, "a token of another lane stands in a handoff"
                assert all(open_ones[baton].to_side.id == here for baton in batons), "which is open, and led here"
                senders = [open_ones[baton].from_side.id for baton in batons]
                assert len(set(senders)) == len(senders) or _joined(live, effect), "of several senders only where branches joined"
        if live.state is not None or not live.open:
            break
        step(live, choice, told)
        step(restored, choice, told)

    assert live.effects == restored.effects and not live.incidents
    if live.state is None:
        live.tell(h.Canceled())
    ended = [one.key for one in live.of(e.HandoffEnded)]
    assert sorted(ended) == sorted(one.key for one in live.of(e.HandedOver)), "every handoff ends, once"


def _joined(instance: Instance, effect: e.TaskOpened | e.JobOpened) -> bool:
    return any(path.startswith("join") for path in instance.path())
