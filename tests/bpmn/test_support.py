"""Every cell of the table is true: what "runs" is deployed and runs to its end, what does not is refused with its reason."""

from pathlib import Path

import pytest

from engine.bpmn import diagram, support
from engine.bpmn import happenings as hp
from tests.bpmn.running import INSTANCE, Instance

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="t">'
    '<message id="msg" name="hello"/><signal id="sig" name="alarm"/><error id="err" errorCode="E"/><escalation id="esc" escalationCode="X"/>'
)
DEFINITIONS = {
    "none": "",
    "message": '<messageEventDefinition messageRef="msg"/>',
    "timer": "<timerEventDefinition><timeDuration>PT1M</timeDuration></timerEventDefinition>",
    "signal": '<signalEventDefinition signalRef="sig"/>',
    "error": '<errorEventDefinition errorRef="err"/>',
    "escalation": '<escalationEventDefinition escalationRef="esc"/>',
    "conditional": '<conditionalEventDefinition><condition xsi:type="tFormalExpression">=go = true</condition></conditionalEventDefinition>',
    "link": '<linkEventDefinition name="L"/>',
    "compensation": "<compensateEventDefinition/>",
    "cancel": "<cancelEventDefinition/>",
    "terminate": "<terminateEventDefinition/>",
    "multiple": '<messageEventDefinition messageRef="msg"/><signalEventDefinition signalRef="sig"/>',
}


def flow(source, target):
    return f'<sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}"/>'


def in_process(body):
    return f'{HEAD}<process id="p" isExecutable="true">{body}</process></definitions>'


def throwing(definition):
    """A sub-process's end that throws what a boundary event or event sub-process catches."""
    if definition in ("error", "escalation", "cancel"):
        return f'<endEvent id="thrown">{DEFINITIONS[definition]}</endEvent>'
    return '<userTask id="busy"/>'


def model(definition, position):
    event = DEFINITIONS[definition]
    if position == "start":
        return in_process(f'<startEvent id="x">{event}</startEvent><task id="after"/>' + flow("x", "after"))
    if position == "start_embedded":
        inner = f'<subProcess id="sub"><startEvent id="x">{event}</startEvent><task id="after"/>{flow("x", "after")}</subProcess>'
        return in_process(f'<startEvent id="s"/>{inner}' + flow("s", "sub"))
    if position.startswith("start_event_sub"):
        interrupting = "false" if position.endswith("non") else "true"
        sub = (
            f'<subProcess id="es" triggeredByEvent="true"><startEvent id="x" isInterrupting="{interrupting}">{event}</startEvent>'
            f'<task id="after"/>{flow("x", "after")}</subProcess>'
        )
        end = "thrown" if definition in ("error", "escalation") else "busy"
        body = throwing(definition) if definition in ("error", "escalation") else '<userTask id="busy"/>'
        return in_process(f'<startEvent id="s"/>{body}{sub}' + flow("s", end))
    if position == "catch":
        link = '<intermediateThrowEvent id="l"><linkEventDefinition name="L"/></intermediateThrowEvent>'
        if definition == "link":
            return in_process(
                f'<startEvent id="s"/>{link}<intermediateCatchEvent id="x">{event}</intermediateCatchEvent><task id="after"/>'
                + flow("s", "l")
                + flow("x", "after")
            )
        return in_process(
            f'<startEvent id="s"/><intermediateCatchEvent id="x">{event}</intermediateCatchEvent><task id="after"/>'
            + flow("s", "x")
            + flow("x", "after")
        )
    if position == "catch_gateway":
        other = '<intermediateCatchEvent id="o"><signalEventDefinition signalRef="sig"/></intermediateCatchEvent>'
        return in_process(
            f'<startEvent id="s"/><eventBasedGateway id="g"/><intermediateCatchEvent id="x">{event}</intermediateCatchEvent>{other}<task id="after"/>'
            + flow("s", "g")
            + flow("g", "x")
            + flow("g", "o")
            + flow("x", "after")
        )
    if position == "throw":
        if definition == "link":
            return in_process(
                f'<startEvent id="s"/><intermediateThrowEvent id="x">{event}</intermediateThrowEvent>'
                '<intermediateCatchEvent id="c"><linkEventDefinition name="L"/></intermediateCatchEvent><task id="after"/>'
                + flow("s", "x")
                + flow("c", "after")
            )
        return in_process(
            f'<startEvent id="s"/><intermediateThrowEvent id="x">{event}</intermediateThrowEvent><task id="after"/>'
            + flow("s", "x")
            + flow("x", "after")
        )
    if position.startswith("boundary"):
        return boundary(definition, "false" if position.endswith("non") else "true", event)
    assert position == "end"
    if definition == "cancel":
        inner = f'<transaction id="sub"><startEvent id="is"/><endEvent id="x">{event}</endEvent>{flow("is", "x")}</transaction>'
        cancel = '<boundaryEvent id="b" attachedToRef="sub"><cancelEventDefinition/></boundaryEvent><task id="after"/>'
        return in_process(f'<startEvent id="s"/>{inner}{cancel}' + flow("s", "sub") + flow("b", "after"))
    if definition in ("error", "escalation"):
        inner = f'<subProcess id="sub"><startEvent id="is"/><endEvent id="x">{event}</endEvent>{flow("is", "x")}</subProcess>'
        catch = f'<boundaryEvent id="b" attachedToRef="sub">{event}</boundaryEvent><task id="after"/>'
        return in_process(f'<startEvent id="s"/>{inner}{catch}' + flow("s", "sub") + flow("b", "after"))
    return in_process(f'<startEvent id="s"/><endEvent id="x">{event}</endEvent>' + flow("s", "x"))


def boundary(definition, cancels, event):
    kind = "transaction" if definition == "cancel" else "subProcess"
    host = f'<{kind} id="sub"><startEvent id="is"/>{throwing(definition)}{flow("is", "thrown" if "thrown" in throwing(definition) else "busy")}</{kind}>'
    if definition == "compensation":
        host = '<task id="sub"/>'
        undo, link = '<task id="after" isForCompensation="true"/>', '<association id="a" sourceRef="x" targetRef="after"/>'
        throw = '<endEvent id="u"><compensateEventDefinition/></endEvent>'
        attached = (
            f'<boundaryEvent id="x" attachedToRef="sub">{event}</boundaryEvent>'
            if cancels == "true"
            else (f'<boundaryEvent id="x" attachedToRef="sub" cancelActivity="false">{event}</boundaryEvent>')
        )
        return in_process(f'<startEvent id="s"/>{host}{attached}{undo}{throw}' + flow("s", "sub") + flow("sub", "u") + link)
    attached = f'<boundaryEvent id="x" attachedToRef="sub" cancelActivity="{cancels}">{event}</boundaryEvent>'
    return in_process(f'<startEvent id="s"/>{host}{attached}<task id="after"/>' + flow("s", "sub") + flow("x", "after"))


CELLS = list(support.cells())


@pytest.mark.parametrize("cell", [c for c in CELLS if c.verdict != support.RUNS], ids=lambda c: f"{c.definition}-{c.position}")
def test_what_does_not_run_is_refused_at_its_element_with_the_reason(cell):
    read = diagram.read(model(cell.definition, cell.position).encode())

    assert read.definitions == ()
    assert any(p.element_id == "x" and cell.verdict in p.message for p in read.problems), read.problems


@pytest.mark.parametrize("cell", [c for c in CELLS if c.verdict == support.RUNS], ids=lambda c: f"{c.definition}-{c.position}")
@pytest.mark.parametrize("restores", [False, True], ids=["kept", "restored"])
def test_what_runs_is_deployed_and_runs_to_its_end(cell, restores):
    read = diagram.read(model(cell.definition, cell.position).encode())
    assert read.problems == ()
    instance = Instance(read.definitions[0], at="x" if cell.position == "start" else None, restores=restores)
    if instance.waiting("timer", "x"):
        instance.fire("x")
    elif instance.waiting("subscription", "x"):
        instance.receive("x")
    elif cell.definition == "conditional":
        instance.tell(hp.VariablesSet(INSTANCE, {"go": True}))
    while instance.state is None and instance.waiting("task"):
        instance.complete(instance.waiting("task")[0].element_id)

    reached = "x" if cell.position == "end" and cell.definition not in ("error", "escalation", "cancel") else "after"
    assert reached in instance.path()
    assert (instance.state, instance.incidents) == ("COMPLETED", {})


def test_the_printed_table_is_current():
    assert Path("docs/bpmn.md").read_text() == support.as_markdown()
