"""Every cell of the table is true: what "runs" is deployed and runs to its end, what does not is refused with its reason."""

from datetime import timedelta
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
    "parallelMultiple": '<messageEventDefinition messageRef="msg"/><signalEventDefinition signalRef="sig"/>',
}
ALL_OF_THEM = {"parallelMultiple": 'id="x" parallelMultiple="true"'}


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
    written = model(cell.definition, cell.position).replace('id="x"', ALL_OF_THEM.get(cell.definition, 'id="x"'))
    read = diagram.read(written.encode())

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


# -- elements and their variants: `x` is the element in question ---------------------------------------------------------

JOB = '<extensionElements><zeebe:taskDefinition type="work"/></extensionElements>'
FEEL = '<extensionElements><zeebe:script expression="=1 + 1" resultVariable="two"/></extensionElements>'
CALL = '<extensionElements><zeebe:calledElement processId="{}"/></extensionElements>'
EACH = '<multiInstanceLoopCharacteristics isSequential="{}"><extensionElements><zeebe:loopCharacteristics inputCollection="=[1, 2]"/></extensionElements></multiInstanceLoopCharacteristics>'
OTHER_POOL = '<collaboration id="c"><participant id="P" processRef="p"/><participant id="Q"/>{}</collaboration>'


def around(element, beside=""):
    """A process that runs from its start through `x` to its end."""
    return in_process('<startEvent id="s"/>' + element + '<endEvent id="e"/>' + flow("s", "x") + flow("x", "e") + beside)


def choice(kind, condition="=true"):
    """A gateway with a flow that is taken and a flow that is not."""
    written = f'<conditionExpression xsi:type="tFormalExpression">{condition}</conditionExpression>' if condition else ""
    default = ' default="x_f"' if condition else ""
    return in_process(
        f'<startEvent id="s"/><{kind} id="x"{default}/><endEvent id="e"/><endEvent id="f"/>'
        + flow("s", "x")
        + f'<sequenceFlow id="x_e" sourceRef="x" targetRef="e">{written}</sequenceFlow>'
        + flow("x", "f")
    )


def with_head(written, head):
    return written.replace("<process", head + "<process", 1)


UNDO = in_process(
    '<startEvent id="s"/><task id="t"/><boundaryEvent id="b" attachedToRef="t"><compensateEventDefinition/></boundaryEvent>'
    '<task id="x" isForCompensation="true"/><endEvent id="e"><compensateEventDefinition/></endEvent>'
    + flow("s", "t")
    + flow("t", "e")
    + '<association id="a" sourceRef="b" targetRef="x"/>'
)
INSIDE = '<{} id="x"><startEvent id="i"/><task id="j"/><sequenceFlow id="i_j" sourceRef="i" targetRef="j"/></{}>'
ELEMENTS = {
    "task": around('<task id="x"/>'),
    "manualTask": around('<manualTask id="x"/>'),
    "userTask": around('<userTask id="x"/>'),
    "serviceTask": around(f'<serviceTask id="x">{JOB}</serviceTask>'),
    "businessRuleTask": around(f'<businessRuleTask id="x">{JOB}</businessRuleTask>'),
    "scriptTask": around(f'<scriptTask id="x">{FEEL}</scriptTask>'),
    "sendTask": around('<sendTask id="x" messageRef="msg"/>'),
    "receiveTask": around('<receiveTask id="x" messageRef="msg"/>'),
    "callActivity": around(f'<callActivity id="x">{CALL.format("other")}</callActivity>'),
    "subProcess": around(INSIDE.format("subProcess", "subProcess")),
    "transaction": around(INSIDE.format("transaction", "transaction")),
    "startEvent": in_process('<startEvent id="x"/><endEvent id="e"/>' + flow("x", "e")),
    "endEvent": in_process('<startEvent id="s"/><endEvent id="x"/>' + flow("s", "x")),
    "intermediateCatchEvent": model("timer", "catch"),
    "intermediateThrowEvent": model("none", "throw"),
    "boundaryEvent": model("timer", "boundary"),
    "exclusiveGateway": choice("exclusiveGateway"),
    "parallelGateway": choice("parallelGateway", ""),
    "inclusiveGateway": choice("inclusiveGateway"),
    "eventBasedGateway": model("timer", "catch_gateway"),
    "adHocSubProcess": around('<adHocSubProcess id="x"><task id="i"/></adHocSubProcess>'),
    "complexGateway": around('<complexGateway id="x"/>'),
    "implicitThrowEvent": around('<implicitThrowEvent id="x"/>'),
    "callChoreography": around(
        '<callChoreography id="x" initiatingParticipantRef="P"><participantRef>P</participantRef></callChoreography>'
    ),
    "choreographyTask": around(
        '<choreographyTask id="x" initiatingParticipantRef="P"><participantRef>P</participantRef></choreographyTask>'
    ),
    "subChoreography": around('<subChoreography id="x" initiatingParticipantRef="P"><participantRef>P</participantRef></subChoreography>'),
}
VARIANTS = {
    ("receiveTask", "instantiate"): around('<receiveTask id="x" messageRef="msg" instantiate="true"/>'),
    ("eventBasedGateway", "instantiate"): model("timer", "catch_gateway")
    .replace('id="g"', 'id="x" instantiate="true"', 1)
    .replace('sourceRef="g"', 'sourceRef="x"'),
    ("any activity", "multi-instance, parallel"): around(f'<userTask id="x">{EACH.format("false")}</userTask>'),
    ("any activity", "multi-instance, sequential"): around(f'<userTask id="x">{EACH.format("true")}</userTask>'),
    ("any activity", "multi-instance, loop cardinality"): around(
        '<userTask id="x"><multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics></userTask>'
    ),
    ("any activity", "multi-instance, behavior None, One or Complex"): around(
        '<userTask id="x"><multiInstanceLoopCharacteristics behavior="One"><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics></userTask>'
    ),
    ("any activity", "multi-instance, items by BPMN's data elements"): around(
        f'<userTask id="x">{EACH.format("false").replace("</multi", "<inputDataItem/></multi")}</userTask>'
    ),
    ("any activity", "standard loop"): around('<userTask id="x"><standardLoopCharacteristics loopMaximum="2"/></userTask>'),
    ("any activity", "startQuantity or completionQuantity other than 1"): around('<userTask id="x" startQuantity="2"/>'),
    ("any activity", "data association with a transformation or assignment"): around(
        '<userTask id="x"><dataInputAssociation><sourceRef>o</sourceRef><targetRef>o</targetRef>'
        "<assignment><from>1</from><to>2</to></assignment></dataInputAssociation></userTask>",
        '<dataObject id="o"/>',
    ),
    ("any activity", "compensation handler"): UNDO,
    ("any event", "compensation that nobody waits for"): around(
        '<intermediateThrowEvent id="x"><compensateEventDefinition waitForCompletion="false"/></intermediateThrowEvent>'
    ),
    ("transaction", "method Store or Image"): around('<transaction id="x" method="##Store"><task id="i"/></transaction>'),
    ("eventBasedGateway", "all of its events"): model("timer", "catch_gateway")
    .replace('id="g"', 'id="x" eventGatewayType="Parallel"', 1)
    .replace('sourceRef="g"', 'sourceRef="x"'),
    ("sequenceFlow", "isImmediate false"): in_process(
        '<startEvent id="s"/><endEvent id="e"/><sequenceFlow id="x" sourceRef="s" targetRef="e" isImmediate="false"/>'
    ),
    ("sequenceFlow", "condition in another language"): in_process(
        '<startEvent id="s"/><task id="t"/><endEvent id="e"/>' + flow("s", "t") + '<sequenceFlow id="x" sourceRef="t" targetRef="e">'
        '<conditionExpression xsi:type="tFormalExpression" language="http://www.w3.org/1999/XPath">=true</conditionExpression></sequenceFlow>'
    ),
    ("any activity", "several outgoing flows, conditions, default flow"): choice("userTask"),
    ("subProcess", "event sub-process"): model("timer", "start_event_sub"),
    ("process", "correlation subscription"): f'{HEAD}<collaboration id="c"><participant id="P" processRef="x"/><correlationKey id="k"/>'
    '</collaboration><process id="x" isExecutable="true"><startEvent id="s"/><endEvent id="e"/>'
    + flow("s", "e")
    + '<correlationSubscription correlationKeyRef="k"/></process></definitions>',
    ("any event", "reference to an event definition"): with_head(
        around('<intermediateCatchEvent id="x"><eventDefinitionRef>later</eventDefinitionRef></intermediateCatchEvent>'),
        '<timerEventDefinition id="later"><timeDuration>PT1M</timeDuration></timerEventDefinition>',
    ),
    ("serviceTask", "job type"): around(f'<serviceTask id="x">{JOB}</serviceTask>'),
    ("serviceTask", "without a job type"): around('<serviceTask id="x"/>'),
    ("businessRuleTask", "job type"): around(f'<businessRuleTask id="x">{JOB}</businessRuleTask>'),
    ("businessRuleTask", "zeebe:calledDecision"): around(
        '<businessRuleTask id="x"><extensionElements><zeebe:calledDecision decisionId="d" resultVariable="r"/></extensionElements></businessRuleTask>'
    ),
    ("scriptTask", "job type"): around(f'<scriptTask id="x">{JOB}</scriptTask>'),
    ("scriptTask", "FEEL expression"): around(f'<scriptTask id="x">{FEEL}</scriptTask>'),
    ("scriptTask", "script of another language"): around('<scriptTask id="x" scriptFormat="js"><script>1 + 1</script></scriptTask>'),
    ("sendTask", "job type"): around(f'<sendTask id="x">{JOB}</sendTask>'),
    ("sendTask", "message"): around('<sendTask id="x" messageRef="msg"/>'),
    ("sendTask", "message flow"): with_head(
        around('<sendTask id="x"/>'), OTHER_POOL.format('<messageFlow id="m" sourceRef="x" targetRef="Q"/>')
    ),
    ("callActivity", "process id, fixed"): around(f'<callActivity id="x">{CALL.format("other")}</callActivity>'),
    ("callActivity", "process id, FEEL"): around(f'<callActivity id="x">{CALL.format("=&quot;other&quot;")}</callActivity>'),
    ("callActivity", "global task"): with_head(around('<callActivity id="x" calledElement="global"/>'), '<globalManualTask id="global"/>'),
}
KEPT = {
    "dataObject": around('<task id="x"/>', '<dataObject id="o"/>'),
    "dataObjectReference": around('<task id="x"/>', '<dataObject id="o"/><dataObjectReference id="r" dataObjectRef="o"/>'),
    "dataStoreReference": around('<task id="x"/>', '<dataStoreReference id="r"/>'),
    "dataInputAssociation": around(
        '<task id="x"><dataInputAssociation><sourceRef>o</sourceRef><targetRef>o</targetRef></dataInputAssociation></task>',
        '<dataObject id="o"/>',
    ),
    "dataOutputAssociation": around(
        '<task id="x"><dataOutputAssociation><sourceRef>o</sourceRef><targetRef>o</targetRef></dataOutputAssociation></task>',
        '<dataObject id="o"/>',
    ),
    "ioSpecification": around('<task id="x"><ioSpecification><inputSet/><outputSet/></ioSpecification></task>'),
    "property": around('<task id="x"><property id="y" name="colour"/></task>'),
    "operation": with_head(
        around(f'<serviceTask id="x" operationRef="op">{JOB}</serviceTask>'),
        '<interface id="i" name="i"><operation id="op" name="o"><inMessageRef>msg</inMessageRef></operation></interface>',
    ),
    "participantMultiplicity": with_head(
        around('<task id="x"/>'),
        '<collaboration id="c"><participant id="P" processRef="p"><participantMultiplicity maximum="3"/></participant></collaboration>',
    ),
    "rendering": around('<userTask id="x"><rendering/></userTask>'),
    "auditing": around('<task id="x"><auditing/></task>'),
    "monitoring": around('<task id="x"><monitoring/></task>'),
    "potentialOwner": around('<userTask id="x"><potentialOwner/></userTask>'),
    "performer": around('<userTask id="x"><performer/></userTask>'),
    "humanPerformer": around('<userTask id="x"><humanPerformer/></userTask>'),
    "resourceRole": around('<userTask id="x"><resourceRole/></userTask>'),
    "laneSet": in_process(
        '<laneSet id="l"><lane id="n" name="Desk"><flowNodeRef>x</flowNodeRef></lane></laneSet><startEvent id="s"/><task id="x"/>'
        + flow("s", "x")
    ),
    "textAnnotation": around('<task id="x"/>', '<textAnnotation id="n"><text>why</text></textAnnotation>'),
    "association": around('<task id="x"/>', '<textAnnotation id="n"/><association id="a" sourceRef="x" targetRef="n"/>'),
    "group": around('<task id="x"/>', '<group id="g"/>'),
}
ROWS = [(name, support.ELEMENTS[name], ELEMENTS[name]) for name in ELEMENTS]
ROWS += [(": ".join(row), support.VARIANTS[row], VARIANTS[row]) for row in VARIANTS]
ROWS += [(name, support.RUNS, KEPT[name]) for name in KEPT]


def test_every_row_of_the_table_has_a_model_here():
    assert set(ELEMENTS) == set(support.ELEMENTS)
    assert set(VARIANTS) == set(support.VARIANTS)
    assert set(KEPT) == set(support.KEPT)


@pytest.mark.parametrize(
    "name, verdict, written", [r for r in ROWS if r[1] != support.RUNS], ids=[r[0] for r in ROWS if r[1] != support.RUNS]
)
def test_an_element_that_does_not_run_is_refused_with_the_reason(name, verdict, written):
    read = diagram.read(written.encode())

    assert read.definitions == ()
    assert any(p.element_id == "x" and verdict in p.message for p in read.problems), read.problems


@pytest.mark.parametrize(
    "name, verdict, written", [r for r in ROWS if r[1] == support.RUNS], ids=[r[0] for r in ROWS if r[1] == support.RUNS]
)
@pytest.mark.parametrize("restores", [False, True], ids=["kept", "restored"])
def test_an_element_that_runs_is_reached_and_left(name, verdict, written, restores):
    read = diagram.read(written.encode())
    assert read.problems == ()
    instance = Instance(read.definitions[0], restores=restores)
    for _ in range(5):
        if instance.state is None:
            go_on(instance)

    assert "x" in instance.path()
    assert (instance.state, instance.incidents) == ("COMPLETED", {})


def go_on(instance):
    """Does the first thing that is waited for, as a person, a program or the time would."""
    for kind, tell in (
        ("timer", lambda found: hp.TimerFired(found.key)),
        ("subscription", lambda found: hp.SubscriptionTriggered(found.key)),
        ("task", lambda found: hp.TaskCompleted(found.element_instance_key)),
        ("job", lambda found: hp.JobCompleted(found.element_instance_key)),
    ):
        if instance.waiting(kind):
            instance.time += timedelta(hours=1)
            instance.tell(tell(instance.waiting(kind)[0]))
            return
    instance.complete()


@pytest.mark.parametrize(
    "name", ["dataInputAssociation", "dataOutputAssociation", "potentialOwner", "performer", "humanPerformer", "resourceRole", "operation"]
)
def test_what_looks_as_if_it_did_something_is_warned_of(name):
    assert any(support.KEPT[name] in warning.message for warning in diagram.read(KEPT[name].encode()).warnings)


@pytest.mark.parametrize("name", ["participantMultiplicity", "rendering", "auditing", "monitoring"])
def test_what_other_tools_say_beside_it_is_warned_of(name):
    assert any(support.KEPT[name] in warning.message for warning in diagram.read(KEPT[name].encode()).warnings)


def test_the_printed_table_is_current():
    assert Path("docs/bpmn.md").read_text() == support.as_markdown()


def test_attributes_of_zeebe_that_are_not_followed_are_named_and_unknown_elements_refused():
    written = around('<serviceTask id="x">' + JOB.replace("type=", 'timeout="5" type=') + "</serviceTask>")
    assert any("timeout of zeebe:taskDefinition" in warning.message for warning in diagram.read(written.encode()).warnings)
    refused = diagram.read(written.replace('timeout="5"', "").replace("/></ext", "><zeebe:more/></zeebe:taskDefinition></ext", 1).encode())

    assert any("found zeebe:more in it" in problem.message for problem in refused.problems), refused.problems


def test_a_process_that_is_not_run_may_say_what_it_likes_about_its_flows():
    described = '<process id="q"><task id="a"/><task id="b"/><sequenceFlow id="f" sourceRef="a" targetRef="b" isImmediate="false"/></process>'

    assert diagram.read(around('<task id="x"/>').replace("</definitions>", f"{described}</definitions>").encode()).problems == ()
