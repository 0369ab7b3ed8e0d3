"""Messages and signals: nobody misses one, nobody gets one twice."""

import threading

import pytest
from sqlalchemy import select

from engine.errors import AlreadyExists
from engine.messages import CaseMessage, Message, Subscription

WAIT = """<message id="m" name="paid"><extensionElements><zeebe:subscription correlationKey="=order"/></extensionElements></message>
<process id="wait" isExecutable="true"><startEvent id="s"/>
  <intermediateCatchEvent id="c"><messageEventDefinition messageRef="m"/></intermediateCatchEvent><endEvent id="e"/>
  <sequenceFlow id="f1" sourceRef="s" targetRef="c"/><sequenceFlow id="f2" sourceRef="c" targetRef="e"/></process>"""


def test_a_message_goes_to_whoever_waits_with_its_key(world):
    world.deploy(WAIT)
    a, b = world.start("wait", order="A"), world.start("wait", order="B")
    world.publish("paid", "A", {"amount": 5})

    assert (world.state(a), world.state(b)) == ("COMPLETED", "ACTIVE")
    assert world.variables(a) == {"order": "A", "amount": 5}


def test_a_message_is_buffered_as_long_as_it_lives_and_taken_once(world):
    world.deploy(WAIT)
    world.publish("paid", "A", ttl_ms=60_000)
    world.publish("paid", "B", ttl_ms=1_000)
    world.wait(seconds=30)
    a1, a2, b = world.start("wait", order="A"), world.start("wait", order="A"), world.start("wait", order="B")

    assert [world.state(k) for k in (a1, a2, b)] == ["COMPLETED", "ACTIVE", "ACTIVE"]


def test_the_same_message_id_is_refused_while_the_first_lives(world):
    world.publish("paid", "A", ttl_ms=1_000, message_id="1")
    with pytest.raises(AlreadyExists):
        world.publish("paid", "A", ttl_ms=1_000, message_id="1")
    world.publish("paid", "B", ttl_ms=1_000, message_id="1")
    world.wait(seconds=2)
    world.publish("paid", "A", ttl_ms=1_000, message_id="1")


BEGIN = """<message id="m" name="order"/><process id="begin" isExecutable="true">
  <startEvent id="s"><messageEventDefinition messageRef="m"/></startEvent><userTask id="t"/>
  <sequenceFlow id="f1" sourceRef="s" targetRef="t"/></process>"""


def test_a_message_starts_one_instance_per_key_and_the_next_when_that_has_ended(world):
    world.deploy(BEGIN)
    world.publish("order", "A", {"n": 1}, ttl_ms=60_000)
    world.publish("order", "A", {"n": 2}, ttl_ms=60_000)

    (first,) = world.instances("begin")
    world.complete_task(world.tasks(first.key)[0])
    world.sweep()
    assert [world.variables(i.key)["n"] for i in world.instances("begin")] == [1, 2]


def test_only_the_newest_version_is_started_by_messages(world):
    world.deploy(BEGIN)
    world.deploy(BEGIN.replace('id="t"', 'id="t2"').replace('targetRef="t"', 'targetRef="t2"'))
    world.publish("order")

    assert [i.version for i in world.instances("begin")] == [2]


POOLS = """<message id="q" name="question"/><message id="a" name="answer"/>
<collaboration id="c"><participant id="p1" name="Asker" processRef="asker"/><participant id="p2" name="Answerer" processRef="answerer"/>
  <messageFlow id="m1" sourceRef="send" targetRef="begin"/><messageFlow id="m2" sourceRef="reply" targetRef="get"/></collaboration>
<process id="asker" isExecutable="true"><startEvent id="s"/>
  <intermediateThrowEvent id="send"><extensionElements><zeebe:ioMapping><zeebe:output source="=topic" target="topic"/></zeebe:ioMapping></extensionElements>
    <messageEventDefinition messageRef="q"/></intermediateThrowEvent>
  <intermediateCatchEvent id="get"><messageEventDefinition messageRef="a"/></intermediateCatchEvent><endEvent id="e"/>
  <sequenceFlow id="f1" sourceRef="s" targetRef="send"/><sequenceFlow id="f2" sourceRef="send" targetRef="get"/>
  <sequenceFlow id="f3" sourceRef="get" targetRef="e"/></process>
<process id="answerer" isExecutable="true"><startEvent id="begin"><messageEventDefinition messageRef="q"/></startEvent><userTask id="think"/>
  <endEvent id="reply"><extensionElements><zeebe:ioMapping><zeebe:output source="=result" target="result"/></zeebe:ioMapping></extensionElements>
    <messageEventDefinition messageRef="a"/></endEvent>
  <sequenceFlow id="f4" sourceRef="begin" targetRef="think"/><sequenceFlow id="f5" sourceRef="think" targetRef="reply"/></process>"""


def test_message_flows_wire_two_pools_of_one_case_without_keys(world):
    world.deploy(POOLS)
    key = world.start("asker", topic="tea", private="x")
    (other,) = world.instances("answerer")

    assert other.case_key == world.instances("asker")[0].case_key
    assert world.variables(other.key) == {"topic": "tea"}
    world.complete_task(world.tasks(other.key)[0], result="yes", note="n")
    assert world.state(key) == world.state(other.key) == "COMPLETED"
    assert world.variables(key) == {"topic": "tea", "private": "x", "result": "yes"}


def test_two_cases_of_the_same_pools_do_not_hear_each_other(world):
    world.deploy(POOLS)
    first, second = world.start("asker", topic=1), world.start("asker", topic=2)
    by_topic = {world.variables(i.key)["topic"]: i.key for i in world.instances("answerer")}
    world.complete_task(world.tasks(by_topic[2])[0], result="two")

    assert (world.state(first), world.state(second)) == ("ACTIVE", "COMPLETED")


EARLY = """<message id="q" name="question"/>
<collaboration id="c"><participant id="p1" name="A" processRef="a"/><participant id="p2" name="B" processRef="b"/>
  <messageFlow id="m0" sourceRef="wake" targetRef="start"/><messageFlow id="m1" sourceRef="send" targetRef="get"/></collaboration>
<process id="a" isExecutable="true"><startEvent id="s"/><intermediateThrowEvent id="wake"><messageEventDefinition messageRef="q"/></intermediateThrowEvent>
  <intermediateThrowEvent id="send"><messageEventDefinition messageRef="q"/></intermediateThrowEvent>
  <sequenceFlow id="f1" sourceRef="s" targetRef="wake"/><sequenceFlow id="f2" sourceRef="wake" targetRef="send"/></process>
<process id="b" isExecutable="true"><startEvent id="start"><messageEventDefinition messageRef="q"/></startEvent><userTask id="t"/>
  <receiveTask id="get" messageRef="q"/><sequenceFlow id="f3" sourceRef="start" targetRef="t"/><sequenceFlow id="f4" sourceRef="t" targetRef="get"/></process>"""


def test_what_comes_before_somebody_waits_is_kept_in_the_case(world):
    world.deploy(EARLY)
    world.start("a")
    (b,) = world.instances("b")

    assert world.ask(lambda s: len(list(s.scalars(select(CaseMessage))))) == 1
    world.complete_task(world.tasks(b.key)[0])
    assert world.state(b.key) == "COMPLETED"
    assert world.ask(lambda s: list(s.scalars(select(CaseMessage)))) == []


def test_a_signal_reaches_all_who_wait_and_starts_what_it_starts(world):
    world.deploy(
        """<signal id="x" name="alarm"/><process id="hears" isExecutable="true"><startEvent id="s"/>
        <intermediateCatchEvent id="c"><signalEventDefinition signalRef="x"/></intermediateCatchEvent>
        <sequenceFlow id="f1" sourceRef="s" targetRef="c"/></process>
        <process id="rises" isExecutable="true"><startEvent id="s2"><signalEventDefinition signalRef="x"/></startEvent><userTask id="t"/>
        <sequenceFlow id="f2" sourceRef="s2" targetRef="t"/></process>"""
    )
    keys = [world.start("hears") for _ in range(3)]
    world.broadcast("alarm", {"level": 3})

    assert [world.state(k) for k in keys] == ["COMPLETED"] * 3
    assert [world.variables(i.key) for i in world.instances("rises")] == [{"level": 3}]


def test_nothing_is_left_behind(world):
    world.deploy(WAIT)
    world.start("wait", order="A")
    world.publish("paid", "A")
    world.wait(hours=1)

    assert world.ask(lambda s: list(s.scalars(select(Message)))) == []
    assert world.ask(lambda s: list(s.scalars(select(Subscription)))) == []


@pytest.mark.parametrize("world", ["cached"], indirect=True)
def test_a_thousand_messages_at_once_by_key_between_two_cases_are_all_delivered(world):
    world.deploy(
        """<message id="m" name="ping"><extensionElements><zeebe:subscription correlationKey="=id"/></extensionElements></message>
        <process id="counts" isExecutable="true"><startEvent id="s"/><userTask id="t"/>
        <boundaryEvent id="b" attachedToRef="t" cancelActivity="false"><messageEventDefinition messageRef="m"/></boundaryEvent><userTask id="heard"/>
        <sequenceFlow id="f1" sourceRef="s" targetRef="t"/><sequenceFlow id="f2" sourceRef="b" targetRef="heard"/></process>"""
    )
    world.start("counts", id="one")
    world.start("counts", id="two")
    failures = []

    def send(name):
        for _ in range(125):
            try:
                world.publish("ping", name, ttl_ms=60_000)
            except Exception as error:
                failures.append(error)

    threads = [threading.Thread(target=send, args=(name,)) for name in ("one", "two") * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    world.sweep()

    assert failures == []
    assert len([t for t in world.tasks() if t.element_id == "heard"]) == 1000


FLOOD = """<message id="q" name="drop"/>
<collaboration id="c"><participant id="p1" name="Cloud" processRef="cloud"/><participant id="p2" name="Bucket" processRef="bucket"/>
  <messageFlow id="m0" sourceRef="open" targetRef="begin"/><messageFlow id="m1" sourceRef="drop" targetRef="catch"/></collaboration>
<process id="cloud" isExecutable="true"><startEvent id="s"/><sendTask id="open" messageRef="q"/>
  <sendTask id="drop" messageRef="q"><extensionElements><zeebe:ioMapping><zeebe:output source="=n" target="n"/></zeebe:ioMapping></extensionElements>
    <multiInstanceLoopCharacteristics><extensionElements><zeebe:loopCharacteristics inputCollection="=for i in 1..1000 return i" inputElement="n"/></extensionElements>
    </multiInstanceLoopCharacteristics></sendTask>
  <sequenceFlow id="f1" sourceRef="s" targetRef="open"/><sequenceFlow id="f2" sourceRef="open" targetRef="drop"/></process>
<process id="bucket" isExecutable="true"><startEvent id="begin"><messageEventDefinition messageRef="q"/></startEvent>
  %s</process>"""
ALL_AT_ONCE = """<userTask id="hold"/><boundaryEvent id="catch" attachedToRef="hold" cancelActivity="false"><messageEventDefinition messageRef="q"/>
  </boundaryEvent><userTask id="drops"/><sequenceFlow id="f3" sourceRef="begin" targetRef="hold"/><sequenceFlow id="f4" sourceRef="catch" targetRef="drops"/>"""
ONE_BY_ONE = """<receiveTask id="catch" messageRef="q"/><userTask id="drops"/>
  <sequenceFlow id="f3" sourceRef="begin" targetRef="catch"/><sequenceFlow id="f4" sourceRef="catch" targetRef="catch"/>
  <sequenceFlow id="f5" sourceRef="catch" targetRef="drops"/>"""


@pytest.mark.parametrize("how", [ALL_AT_ONCE, ONE_BY_ONE])
def test_a_thousand_messages_between_two_pools_at_one_moment_all_arrive(world, how):
    world.deploy(FLOOD % how)
    world.start("cloud")
    world.sweep()

    assert len([t for t in world.tasks() if t.element_id == "drops"]) == 1000
    assert world.incidents() == []
