"""Events: messages, timers, signals, errors, escalations, terminate and link, wherever they may stand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from engine.bpmn import effects as e
from engine.bpmn import happenings as h
from engine.bpmn.execution import NotWaiting

from .running import Instance, definitions, flows, script, service

MESSAGE = (
    '<message id="m" name="paid"><extensionElements><zeebe:subscription correlationKey="=order"/></extensionElements></message>'
    '<message id="bare" name="note"/><signal id="s" name="=&quot;alarm-&quot; + area"/>'
    '<error id="err" errorCode="E1"/><error id="err2" errorCode="E2"/><error id="any"/>'
    '<escalation id="esc" escalationCode="X1"/><escalation id="esc2" escalationCode="X2"/>'
)


def model(body: str) -> str:
    return f'{MESSAGE}<process id="P" isExecutable="true">{body}</process>'


def catch(id: str, definition: str, tag: str = "intermediateCatchEvent", attributes: str = "", extensions: str = "") -> str:
    return f'<{tag} id="{id}" {attributes}><extensionElements>{extensions}</extensionElements>{definition}</{tag}>'


def boundary(id: str, host: str, definition: str, interrupting: bool = True, extensions: str = "") -> str:
    attributes = f'attachedToRef="{host}" cancelActivity="{str(interrupting).lower()}"'
    return catch(id, definition, "boundaryEvent", attributes, extensions)


def timer(kind: str, text: str) -> str:
    return f"<timerEventDefinition><time{kind}>{text}</time{kind}></timerEventDefinition>"


PAID = '<messageEventDefinition messageRef="m"/>'
NOTE = '<messageEventDefinition messageRef="bare"/>'
ALARM = '<signalEventDefinition signalRef="s"/>'
ERROR, ERROR2, ANY_ERROR = (f'<errorEventDefinition errorRef="{r}"/>' for r in ("err", "err2", "any"))
ESCALATION, ESCALATION2 = (f'<escalationEventDefinition escalationRef="{r}"/>' for r in ("esc", "esc2"))
START, END = '<startEvent id="start"/>', '<endEvent id="end"/>'


def test_a_message_catch_waits_with_its_key_and_keeps_what_it_brings():
    instance = Instance(model(START + catch("c", PAID) + END + flows("start c", "c end")), order=17)
    subscription = instance.the("subscription", "c")
    assert (subscription.kind, subscription.name, subscription.correlation_key, subscription.by_flow) == ("message", "paid", "17", False)
    instance.receive("c", amount=5)

    assert instance.state == "COMPLETED" and instance.variables == {"order": 17, "amount": 5}


def test_a_correlation_key_without_value_is_an_incident_that_can_be_resolved():
    instance = Instance(model(START + catch("c", PAID) + END + flows("start c", "c end")))
    assert instance.incident().error_type == "EXTRACT_VALUE_ERROR" and not instance.open
    instance.tell(h.VariablesSet(1, {"order": "o-1"}))
    instance.resolve()

    assert instance.the("subscription", "c").correlation_key == "o-1" and not instance.incidents


def test_a_message_flow_wires_a_catching_element_that_names_no_key():
    pools = (
        '<collaboration id="c0"><participant id="pool1" name="One" processRef="P"/><participant id="pool2" name="Two" processRef="tns:Q"/>'
        '<participant id="box" name="Box"/><messageFlow id="f1" sourceRef="tns:t" targetRef="b"/>'
        '<messageFlow id="f2" sourceRef="t" targetRef="box"/><messageFlow id="f3" sourceRef="b2" targetRef="c"/></collaboration>'
    )
    send = (
        '<sendTask id="t" messageRef="tns:bare"><extensionElements><zeebe:ioMapping><zeebe:output source="=n * 2" target="twice"/>'
        "</zeebe:ioMapping></extensionElements></sendTask>"
    )
    one = f'<process id="P" isExecutable="true">{START}{send}{catch("c", NOTE)}{flows("start t", "t c")}</process>'
    two = f'<process id="Q" isExecutable="true">{catch("b", NOTE, "startEvent")}<task id="b2"/>{flows("b b2")}</process>'
    first, second = definitions(MESSAGE + pools + one + two)
    instance = Instance(first, n=4)

    thrown = instance.of(e.MessageThrown)[0]
    assert (thrown.element_id, thrown.name, thrown.correlation_key, thrown.variables) == ("t", "note", None, {"twice": 8})
    assert instance.the("subscription", "c").by_flow and instance.the("subscription", "c").correlation_key == ""
    assert [(f.id, f.target_process_id, f.target_element_id, f.target_kind) for f in first.flows_out["t"]] == [
        ("f1", "Q", "b", "start"),
        ("f2", None, None, "pool"),
    ]
    assert (first.pool_name, second.pool_id, second.starts[0].kind, second.starts[0].message_name) == ("One", "pool2", "message", "note")


def test_a_message_start_keeps_what_its_output_mapping_names():
    mapping = '<zeebe:ioMapping><zeebe:output source="=a + 1" target="b.c"/></zeebe:ioMapping>'
    body = catch("s", NOTE, "startEvent", extensions=mapping) + '<userTask id="u"/>' + flows("s u")
    instance = Instance(model(body), start=False)
    instance.tell(h.Started("s", {"x": 1}, {"a": 2}))

    assert instance.variables == {"x": 1, "b": {"c": 3}}


@pytest.mark.parametrize("restores", [False, True])
def test_a_non_interrupting_boundary_message_is_caught_as_often_as_it_comes(restores):
    body = START + '<userTask id="u"/><userTask id="side"/>' + boundary("b", "u", PAID, False) + END
    instance = Instance(model(body + flows("start u", "u end", "b side")), order="1", restores=restores)
    for _ in range(3):
        instance.receive("b")
    assert instance.places() == ["subscription b", "task side", "task side", "task side", "task u"]
    instance.complete("u")

    assert instance.places() == ["task side"] * 3 and instance.state is None


def test_an_interrupting_boundary_timer_ends_the_task_and_the_other_waits():
    body = START + '<userTask id="u"/>' + boundary("t", "u", timer("Duration", "PT1H")) + boundary("b", "u", PAID)
    instance = Instance(model(body + END + '<userTask id="late"/>' + flows("start u", "u end", "t late")), order="1")
    assert instance.the("timer", "t").due_at == datetime(2026, 1, 1, 1, tzinfo=UTC)
    instance.fire("t")

    assert instance.places() == ["task late"] and instance.left("u") == ["TERMINATED"]
    closed = {w.kind: w.completed for w in instance.of(e.WaitClosed)}
    assert closed == {"timer": True, "task": False, "subscription": False}


@pytest.mark.parametrize("restores", [False, True])
def test_a_cycle_repeats_as_often_as_it_says_counted_from_when_it_was_due(restores):
    body = START + '<userTask id="u"/>' + boundary("t", "u", timer("Cycle", "R3/PT10S"), False) + "<userTask id='x'/>" + END
    instance = Instance(model(body + flows("start u", "u end", "t x")), restores=restores)
    dues = []
    while instance.waiting("timer"):
        dues.append((instance.the("timer").due_at - datetime(2026, 1, 1, tzinfo=UTC), instance.the("timer").repetitions))
        instance.wait(seconds=13)
        instance.fire("t")

    assert dues == [(timedelta(seconds=10 * n), 4 - n) for n in (1, 2, 3)]
    assert instance.places() == ["task u", "task x", "task x", "task x"]


def test_a_timer_text_that_means_nothing_is_an_incident_and_leaves_nothing_half_open():
    body = START + '<userTask id="u"/>' + boundary("b", "u", PAID) + boundary("t", "u", timer("Duration", "=wait")) + END
    instance = Instance(model(body + flows("start u", "u end", "t end")), order="1")
    assert "PT5M" in instance.incident().message and instance.places() == []
    instance.tell(h.VariablesSet(1, {"wait": "PT2S"}))
    instance.resolve()

    assert instance.places() == ["subscription b", "task u", "timer t"]


def test_boundary_timers_stay_as_they_were_when_the_activity_has_an_incident():
    body = START + service("w", kind="=kind") + boundary("t", "w", timer("Duration", "PT1M")) + END + flows("start w", "w end", "t end")
    instance = Instance(model(body))
    opened = instance.the("timer", "t")
    instance.tell(h.VariablesSet(1, {"kind": "k"}))
    instance.resolve()
    assert instance.the("timer", "t") is opened and instance.the("job", "w").type == "k"
    instance.complete("w")

    assert instance.state == "COMPLETED" and instance.places() == []


def test_a_boundary_event_can_fire_while_the_activity_has_an_incident():
    body = START + service("w", kind="=kind") + boundary("t", "w", timer("Duration", "PT1M")) + END + flows("start w", "w end", "t end")
    instance = Instance(model(body))
    assert instance.incident()
    instance.fire("t")

    assert instance.state == "COMPLETED" and not instance.incidents and len(instance.of(e.IncidentClosed)) == 1


def test_the_first_event_after_an_event_based_gateway_wins():
    body = START + '<eventBasedGateway id="g"/><receiveTask id="r" messageRef="m"/>' + catch("t", timer("Duration", "PT1H"))
    body += catch("s", ALARM) + END + '<userTask id="u"/>' + flows("start g", "g r", "g t", "g s", "r u", "t end", "s end")
    instance = Instance(model(body), order="1", area="north")
    assert instance.places() == ["subscription r", "subscription s", "timer t"]
    assert instance.the("subscription", "s").name == "alarm-north"
    instance.receive("r", got=1)

    assert instance.places() == ["task u"] and instance.variables["got"] == 1
    assert instance.taken() == ["start-g", "g-r", "r-u"] and instance.path() == ["start", "g", "r", "u"]


def test_an_error_is_caught_by_code_before_the_catch_all_and_innermost_first():
    inner = "<subProcess id='sub'><startEvent id='is'/>" + service("w") + flows("is w") + "</subProcess>"
    body = START + inner + "".join(f"<userTask id='{u}'/>" for u in ("u1", "u2", "u3"))
    body += boundary("e1", "sub", ERROR) + boundary("rest", "sub", ANY_ERROR) + flows("start sub", "e1 u1", "rest u2")
    first, second = Instance(model(body)), Instance(model(body))
    first.fail("w", "E1", why="x")
    second.fail("w", "other")

    assert (first.places(), second.places()) == (["task u1"], ["task u2"])
    assert first.variables == {"why": "x"} and first.left("w") == first.left("sub") == ["TERMINATED"]


def test_an_error_of_the_activity_itself_goes_to_its_own_boundary_event_first():
    inner = "<subProcess id='sub'><startEvent id='is'/>" + service("w") + boundary("mine", "w", ANY_ERROR)
    inner += "<userTask id='u1'/>" + flows("is w", "mine u1") + "</subProcess>"
    instance = Instance(model(START + inner + boundary("e1", "sub", ERROR) + flows("start sub")))
    instance.fail("w", "E1")

    assert instance.places() == ["task u1"]


def test_an_error_that_nobody_catches_rests_until_the_outside_says_what_follows():
    body = START + service("w") + END + flows("start w", "w end")
    instance = Instance(model(body))
    key = instance.the("job").element_instance_key
    instance.fail("w", "E9")
    assert instance.of(e.NotCaught)[0].code == "E9" and instance.state is None and instance.places() == []
    instance.tell(h.CannotGoOn(key, "UNHANDLED_ERROR_EVENT", "nobody catches E9"))
    assert instance.incident().element_instance_key == key
    instance.resolve()

    assert instance.places() == ["job w"]


def test_an_error_end_event_interrupts_everything_in_the_scope_that_is_left():
    inner = "<subProcess id='sub'><startEvent id='is'/><parallelGateway id='g'/><userTask id='u'/><task id='x'/>"
    inner += catch("ee", ERROR, "endEvent") + flows("is g", "g u", "g x", "x ee") + "</subProcess>"
    instance = Instance(model(START + inner + boundary("e1", "sub", ERROR) + END + flows("start sub", "e1 end")))

    assert instance.state == "COMPLETED" and instance.left("u") == ["TERMINATED"] and instance.places() == []


@pytest.mark.parametrize(("interrupting", "places"), [(True, ["task side"]), (False, ["task side", "task u"])])
def test_an_escalation_interrupts_only_where_the_catching_event_says_so(interrupting, places):
    inner = "<subProcess id='sub'><startEvent id='is'/>" + catch("th", ESCALATION, "intermediateThrowEvent")
    inner += "<userTask id='u'/>" + flows("is th", "th u") + "</subProcess><userTask id='side'/>"
    instance = Instance(model(START + inner + boundary("b", "sub", ESCALATION, interrupting) + flows("start sub", "b side")))

    assert instance.places() == places


def test_an_escalation_that_nobody_catches_goes_on():
    body = START + catch("th", ESCALATION2, "intermediateThrowEvent") + END + flows("start th", "th end")
    instance = Instance(model(body))

    assert instance.state == "COMPLETED" and instance.of(e.NotCaught)[0].kind == "escalation"


def test_signals_and_messages_are_thrown_on_the_way_and_at_the_end():
    mapping = '<zeebe:ioMapping><zeebe:output source="=order" target="o"/></zeebe:ioMapping>'
    body = START + catch("a", ALARM, "intermediateThrowEvent") + catch("b", PAID, "endEvent", extensions=mapping) + flows("start a", "a b")
    instance = Instance(model(body), area="x", order=3)

    assert instance.of(e.SignalThrown)[0].name == "alarm-x" and instance.state == "COMPLETED"
    assert instance.of(e.MessageThrown)[0].correlation_key == "3" and instance.of(e.MessageThrown)[0].variables == {"o": 3}


def test_a_message_event_with_a_task_definition_is_a_job_and_throws_nothing_itself():
    body = START + catch("b", NOTE, "endEvent", extensions='<zeebe:taskDefinition type="mail"/>') + flows("start b")
    instance = Instance(model(body))
    assert instance.the("job", "b").type == "mail"
    instance.complete("b")

    assert instance.state == "COMPLETED" and not instance.of(e.MessageThrown)


def test_a_terminate_end_event_ends_its_innermost_scope_only():
    inner = "<subProcess id='sub'><startEvent id='is'/><parallelGateway id='g'/><userTask id='u'/><task id='x'/>"
    inner += catch("te", "<terminateEventDefinition/>", "endEvent") + flows("is g", "g u", "g x", "x te") + "</subProcess>"
    body = START + inner + "<userTask id='after'/>" + flows("start sub", "sub after")
    instance = Instance(model(body))

    assert instance.places() == ["task after"] and instance.left("sub") == ["COMPLETED"] and instance.left("u") == ["TERMINATED"]


def test_a_terminate_end_event_of_the_process_completes_it():
    body = START + '<parallelGateway id="g"/><userTask id="u"/>' + catch("te", "<terminateEventDefinition/>", "endEvent")
    instance = Instance(model(body + flows("start g", "g u", "g te")))

    assert instance.state == "COMPLETED" and instance.left("u") == ["TERMINATED"] and instance.places() == []


def test_a_link_continues_at_the_catching_link_of_the_same_name():
    body = START + catch("l1", '<linkEventDefinition name="L"/>', "intermediateThrowEvent") + catch("l2", '<linkEventDefinition name="L"/>')
    instance = Instance(model(body + END + flows("start l1", "l2 end")))

    assert instance.path() == ["start", "l1", "l2", "end"] and instance.taken() == ["start-l1", "l2-end"]


EVENT_SUB = "<subProcess id='es' triggeredByEvent='true'>{start}<userTask id='e'/>{flows}</subProcess>"


def event_subprocess(definition: str, interrupting: bool, extensions: str = "") -> str:
    start = catch("es-start", definition, "startEvent", f'isInterrupting="{str(interrupting).lower()}"', extensions)
    return EVENT_SUB.format(start=start, flows=flows("es-start e"))


@pytest.mark.parametrize("restores", [False, True])
@pytest.mark.parametrize("nested", [False, True])
def test_an_event_subprocess_that_does_not_interrupt_begins_as_often_as_it_is_triggered(restores, nested):
    inner = "<startEvent id='is'/><userTask id='u'/>" + flows("is u") + event_subprocess(PAID, False)
    body = f"{START}<subProcess id='sub'>{inner}</subProcess>{flows('start sub')}" if nested else inner
    instance = Instance(model(body), order="1", restores=restores)
    instance.receive("es-start", n=1)
    instance.receive("es-start")
    assert instance.places() == ["subscription es-start", "task e", "task e", "task u"]
    instance.complete("u")
    assert instance.state is None
    for task in instance.waiting("task", "e"):
        instance.tell(h.TaskCompleted(task.element_instance_key))

    assert instance.state == "COMPLETED" and instance.places() == []


@pytest.mark.parametrize("restores", [False, True])
def test_an_interrupting_event_subprocess_ends_the_rest_and_the_scope_goes_on_after_it(restores):
    inner = "<startEvent id='is'/><userTask id='u'/>" + flows("is u") + event_subprocess(timer("Duration", "PT1M"), True)
    body = f"{START}<subProcess id='sub'>{inner}</subProcess><userTask id='after'/>" + boundary("b", "sub", PAID) + END
    instance = Instance(model(body + flows("start sub", "sub after", "b end")), order="1", restores=restores)
    instance.fire("es-start")
    assert instance.places() == ["subscription b", "task e"] and instance.left("u") == ["TERMINATED"]
    instance.complete("e")

    assert instance.places() == ["task after"] and instance.left("sub") == ["COMPLETED"]


def test_an_error_goes_to_the_event_subprocess_before_the_boundary_event():
    inner = "<startEvent id='is'/>" + service("w") + flows("is w") + event_subprocess(ERROR, True)
    body = f"{START}<subProcess id='sub'>{inner}</subProcess>" + boundary("b", "sub", ERROR) + END + flows("start sub", "b end")
    instance = Instance(model(body))
    instance.fail("w", "E1")

    assert instance.places() == ["task e"]


def test_an_error_inside_an_event_subprocess_does_not_begin_it_again():
    again = "<subProcess id='es' triggeredByEvent='true'>" + catch("es-start", ERROR, "startEvent") + service("w2")
    again += flows("es-start w2") + "</subProcess>"
    inner = "<startEvent id='is'/>" + service("w") + flows("is w") + again
    body = f"{START}<subProcess id='sub'>{inner}</subProcess><userTask id='u'/>" + boundary("b", "sub", ERROR) + flows("start sub", "b u")
    instance = Instance(model(body))
    instance.fail("w", "E1")
    instance.fail("w2", "E1")

    assert instance.places() == ["task u"]


def test_a_scope_that_an_event_subprocess_took_over_is_not_interrupted_a_second_time():
    first = "<subProcess id='es1' triggeredByEvent='true'>" + catch("es1-start", ERROR, "startEvent") + service("w2")
    second = "<subProcess id='es2' triggeredByEvent='true'>" + catch("es2-start", ERROR2, "startEvent") + "<userTask id='no'/>"
    inner = "<startEvent id='is'/>" + service("w") + flows("is w") + first + flows("es1-start w2") + "</subProcess>"
    inner += second + flows("es2-start no") + "</subProcess>"
    body = f"{START}<subProcess id='sub'>{inner}</subProcess><userTask id='u'/>" + boundary("b", "sub", ERROR2) + flows("start sub", "b u")
    instance = Instance(model(body), restores=True)
    instance.fail("w", "E1")
    instance.fail("w2", "E2")

    assert instance.places() == ["task u"]


def test_the_event_subprocess_of_one_instance_does_not_appear_in_another():
    definition = definitions(model("<startEvent id='is'/><userTask id='u'/>" + flows("is u") + event_subprocess(PAID, False)))[0]
    first = Instance(definition, order="1")
    first.receive("es-start")
    second = Instance(definition, order="2")

    assert second.places() == ["subscription es-start", "task u"]


def test_timer_message_and_signal_starts_say_when_they_begin():
    starts = catch("t", timer("Cycle", "R2/PT1H"), "startEvent") + catch("m1", NOTE, "startEvent")
    starts += catch("s1", '<signalEventDefinition signalRef="s"/>', "startEvent") + '<userTask id="u"/>' + flows("t u", "m1 u", "s1 u")
    definition = definitions(model(starts).replace("=&quot;alarm-&quot; + area", "alarm"))[0]
    now = datetime(2026, 1, 1, tzinfo=UTC)
    found = {start.kind: start for start in definition.starts}
    first = found["timer"].timer.first_due(now)

    assert (first.at, first.repetitions) == (now + timedelta(hours=1), 2) and first.next().at == now + timedelta(hours=2)
    assert first.next().next() is None and found["signal"].signal_name == "alarm" and found["message"].message_name == "note"
    with pytest.raises(NotWaiting):
        Instance(definition)
    assert Instance(definition, at="m1").places() == ["task u"]


def test_what_an_event_brings_can_be_mapped_and_a_failing_mapping_is_retried_with_it():
    mapping = '<zeebe:ioMapping><zeebe:output source="=assert(payload, payload &lt; limit)" target="ok"/></zeebe:ioMapping>'
    body = START + catch("c", PAID, extensions=mapping) + END + flows("start c", "c end")
    instance = Instance(model(body), order="1", limit=1, restores=True)
    instance.receive("c", payload=5)
    assert instance.incident().element_id == "c" and "payload" not in instance.variables
    instance.tell(h.VariablesSet(1, {"limit": 9}))
    instance.resolve()

    assert instance.state == "COMPLETED" and instance.variables["ok"] == 5


HOT = "<conditionalEventDefinition><condition>=heat > 5</condition></conditionalEventDefinition>"


@pytest.mark.parametrize("restores", [False, True])
def test_a_conditional_catch_goes_on_when_its_condition_becomes_true(restores):
    body = START + catch("c", HOT) + END + flows("start c", "c end")
    instance = Instance(model(body), restores=restores)
    assert instance.state is None and not instance.incidents
    instance.tell(h.VariablesSet(1, {"heat": 3}))
    assert instance.state is None
    instance.tell(h.VariablesSet(1, {"heat": 9}))

    assert instance.state == "COMPLETED" and Instance(model(body), heat=9).state == "COMPLETED"
    assert not instance.of(e.WaitClosed)


@pytest.mark.parametrize("restores", [False, True])
def test_a_non_interrupting_condition_goes_off_each_time_it_becomes_true(restores):
    body = START + '<userTask id="u"/><userTask id="side"/>' + boundary("b", "u", HOT, False) + flows("start u", "b side")
    instance = Instance(model(body), restores=restores)
    for heat in (9, 9, 10, 1, 9):
        instance.tell(h.VariablesSet(1, {"heat": heat}))

    assert instance.places() == ["task side", "task side", "task u"]


def test_a_conditional_event_subprocess_interrupts_and_a_branch_can_set_it_off():
    inner = START + "<parallelGateway id='g'/><userTask id='u'/>" + script("x", "10", "heat") + flows("start g", "g u", "g x")
    instance = Instance(model(inner + event_subprocess(HOT, True)))

    assert instance.places() == ["task e"] and instance.left("u") == ["TERMINATED"]
