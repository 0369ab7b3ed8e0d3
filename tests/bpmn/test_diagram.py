"""A file from a stranger: every problem is found, none is a crash, and what is right is let through."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.bpmn import diagram

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:handoff="urn:passerelle:handoff:1.0" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" targetNamespace="t">'
)


def read(body, head=HEAD):
    return diagram.read(f"{head}{body}</definitions>".encode())


def process(body, extra=""):
    return read(f'<process id="p" isExecutable="true">{body}</process>{extra}')


def flow(source, target, inner=""):
    return f'<sequenceFlow id="{source}-{target}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'


def process_of(many, *pairs):
    """A process of 3,000 elements beside its start, connected by lines such as `s t{0}`."""
    nodes = "".join(many.format(i) for i in range(3000))
    flows = "".join(flow(*pair.format(i).split()) for i in range(3000) for pair in pairs)
    return f'<process id="p" isExecutable="true"><startEvent id="s"/>{nodes}{flows}</process>'


FINE = '<startEvent id="s"/><endEvent id="e"/>' + flow("s", "e")


def said(found, element_id=None):
    return " | ".join(p.message for p in found.problems if element_id in (None, p.element_id))


@pytest.mark.parametrize("users", ["a, b", ", ".join(["someone"] * 500), "=anything"])
def test_a_long_list_of_people_is_no_long_name(users):
    task = f'<userTask id="u"><extensionElements><zeebe:userTask/><zeebe:assignmentDefinition candidateUsers="{users}"/></extensionElements></userTask>'

    assert process('<startEvent id="s"/>' + task + '<endEvent id="e"/>' + flow("s", "u") + flow("u", "e")).problems == ()


def test_a_right_file_has_its_processes_and_no_problems():
    found = process(FINE)

    assert (found.problems, found.warnings, found.process_ids) == ((), (), ("p",))
    assert found.definitions[0].process_id == "p"


@pytest.mark.parametrize(
    "xml, expected",
    [
        (b"", "well-formed XML"),
        (b"<definitions", "well-formed XML"),
        (b"\x00\x01", "well-formed XML"),
        (b"<html/>", "BPMN 2.0 file"),
        (b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x "y">]><d>&x;</d>', "DTD"),
        (b'<!DOCTYPE d SYSTEM "file:///etc/passwd"><d/>', "DTD"),
        (b"<a>" * 5000, "well-formed XML"),
        (b" " * (6 << 20), "at most 5 MB, found 6.0 MB"),
        ((HEAD + "</definitions>").encode(), "Expected a process"),
        ((HEAD + '<process id="p" isExecutable="false"/></definitions>').encode(), "isExecutable"),
        ((HEAD + '<process id="p" isExecutable="true"/></definitions>').encode(), "flow elements"),
    ],
)
def test_what_is_no_model_is_said_to_be_none(xml, expected):
    found = diagram.read(xml)

    assert found.definitions == ()
    assert expected in said(found)


def test_entities_are_never_read(tmp_path):
    (tmp_path / "secret").write_text("swordfish")
    found = diagram.read(f'<!DOCTYPE d [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]>{HEAD}&x;</definitions>'.encode())

    assert "swordfish" not in said(found) and "DTD" in said(found)


def test_all_problems_come_in_one_answer_with_element_name_and_line():
    found = process(
        '<startEvent id="s"/>\n<serviceTask id="a" name="Book"/>\n<exclusiveGateway id="g"/>\n<endEvent id="e"/><endEvent id="f"/>'
        + flow("s", "a")
        + flow("a", "g")
        + flow("g", "e")
        + flow("g", "nowhere")
        + flow("g", "f")
    )

    by_id = {p.element_id: p for p in found.problems}
    assert (by_id["a"].element_name, by_id["a"].line) == ("Book", 2)
    assert "job type" in by_id["a"].message
    assert "which is not there" in said(found, "g-nowhere")
    assert "Expected a condition" in by_id["g-e"].message


@pytest.mark.parametrize(
    "body, element, expected",
    [
        ('<startEvent id="s"/><task id="s"/>', "s", "Expected each id once"),
        ('<startEvent id="s"/><sendTask id="t" messageRef="m"/>' + flow("s", "t"), "t", "messageRef to name a message"),
        ('<startEvent id="s"/><wizardTask id="t"/>', None, "found <wizardTask>"),
        ('<startEvent id="s"/><task id="t"/>' + flow("s", "t") + flow("t", "s"), "s", "no flow into 's'"),
        ('<startEvent id="s"/><endEvent id="e"/><task id="t"/>' + flow("s", "e") + flow("e", "t"), "e", "no flow out of 'e'"),
        ('<startEvent id="s"/><scriptTask id="t" scriptFormat="javascript"><script>x</script></scriptTask>' + flow("s", "t"), "t", "FEEL"),
        ('<startEvent id="s"/><callActivity id="t"/>' + flow("s", "t"), "t", "name a process"),
        ('<startEvent id="s"/><receiveTask id="t"/>' + flow("s", "t"), "t", "a message"),
        (
            '<startEvent id="s"/><subProcess id="u"><startEvent id="i"/></subProcess><task id="t"/>' + flow("s", "u") + flow("i", "t"),
            "i-t",
            "stay within one process or sub-process",
        ),
        ('<startEvent id="s"/><userTask id="t"><multiInstanceLoopCharacteristics/></userTask>' + flow("s", "t"), "t", "input collection"),
        ('<startEvent id="s"/><eventBasedGateway id="g"/><task id="t"/>' + flow("s", "g") + flow("g", "t"), "g", "at least two flows"),
        (
            '<startEvent id="s"/><task id="t"/><boundaryEvent id="b" attachedToRef="s"/>' + flow("s", "t"),
            "b",
            "attachedToRef to name a activity",
        ),
    ],
)
def test_each_rule_names_its_element(body, element, expected):
    found = process(body)

    assert found.definitions == ()
    assert expected in said(found, element), found.problems


@pytest.mark.parametrize(
    "condition, expected",
    [("=a &gt;", "position"), ("${approved}", "another tool"), ("", "empty"), ("= if a then", "position")],
)
def test_a_condition_that_is_no_feel_is_refused_with_its_position(condition, expected):
    found = process(
        '<startEvent id="s"/><exclusiveGateway id="g" default="g-f"/><endEvent id="e"/><endEvent id="f"/>'
        + flow("s", "g")
        + flow("g", "e", f"<conditionExpression>{condition}</conditionExpression>")
        + flow("g", "f")
    )

    assert expected in said(found, "g-e")


@pytest.mark.parametrize(
    "kind, text", [("timeDuration", "5 minutes"), ("timeDate", "tomorrow"), ("timeCycle", "R/whenever"), ("timeDuration", "=1 +")]
)
def test_a_time_that_is_none_is_refused(kind, text):
    found = process(
        f'<startEvent id="s"/><userTask id="u"/><boundaryEvent id="b" attachedToRef="u" cancelActivity="false"><timerEventDefinition><{kind}>{text}</{kind}>'
        '</timerEventDefinition></boundaryEvent><endEvent id="e"/>' + flow("s", "u") + flow("b", "e")
    )

    assert "Expected" in said(found, "b")


def test_extensions_that_would_change_what_happens_are_refused_and_others_kept_with_a_warning():
    listeners = '<extensionElements><zeebe:executionListeners><zeebe:executionListener eventType="start" type="x"/></zeebe:executionListeners></extensionElements>'
    unknown = "<extensionElements><zeebe:teleport/></extensionElements>"
    foreign = '<extensionElements><x:colour xmlns:x="urn:paint"/></extensionElements>'

    assert "execution listeners" in said(process(f'<startEvent id="s"/><task id="t">{listeners}</task>' + flow("s", "t")), "t")
    assert "zeebe:teleport" in said(process(f'<startEvent id="s"/><task id="t">{unknown}</task>' + flow("s", "t")), "t")
    kept = process(f'<startEvent id="s"/><task id="t">{foreign}</task>' + flow("s", "t"))
    assert kept.problems == () and "urn:paint" in kept.warnings[0].message


def test_attributes_of_other_tools_are_named_once_and_what_draws_is_passed_over():
    head = HEAD.replace("<definitions", '<definitions xmlns:a="urn:acme" xmlns:bioc="http://bpmn.io/schema/bpmn/biocolor/1.0"')
    tasks = "".join(f'<userTask id="t{i}" a:colour="red" bioc:fill="#fff" camunda:asyncBefore="true"/>' for i in range(3))
    found = read(
        f'<process id="p" isExecutable="true"><startEvent id="s"/>{tasks}{"".join(flow("s", f"t{i}") for i in range(3))}</process>', head
    )

    assert found.problems == ()
    assert sorted(w.message.split(" ")[0] for w in found.warnings) == ["Extensions", "camunda:asyncBefore"]
    assert any("urn:acme" in w.message for w in found.warnings)


@pytest.mark.parametrize(
    "extensions, expected",
    [
        ('<zeebe:taskDefinition type="a"/><zeebe:taskDefinition type="b"/>', "Expected one zeebe:taskDefinition"),
        ('<zeebe:taskDefinition type="a"/><zeebe:script expression="=1" resultVariable="r"/>', "found both"),
        ('<zeebe:script expression="1 + 1" resultVariable="r"/>', "begins with ="),
    ],
)
def test_work_is_said_once_and_in_feel(extensions, expected):
    found = process(
        f'<startEvent id="s"/><scriptTask id="t"><extensionElements>{extensions}</extensionElements></scriptTask>' + flow("s", "t")
    )

    assert expected in said(found, "t")


@pytest.mark.parametrize(
    "body, element, expected",
    [
        ('<task id="t"/><endEvent id="e"/>' + flow("t", "e"), "p", "Expected a start event"),
        (
            '<startEvent id="s"/><task id="t"><incoming>b</incoming></task><task id="u"/>'
            '<sequenceFlow id="a" sourceRef="s" targetRef="t"/><sequenceFlow id="b" sourceRef="s" targetRef="u"/>',
            "t",
            "to have it as targetRef, found 'u'",
        ),
        (
            '<startEvent id="s"/><intermediateCatchEvent id="c"><conditionalEventDefinition><condition/></conditionalEventDefinition>'
            "</intermediateCatchEvent>" + flow("s", "c"),
            "c",
            "Expected a condition",
        ),
        ('<startEvent id="s"/><task id="t" completionQuantity="0"/>' + flow("s", "t"), "t", "completionQuantity 1"),
        (
            '<startEvent id="s"/><userTask id="t"><extensionElements><zeebe:taskSchedule dueDate="soon"/></extensionElements></userTask>'
            + flow("s", "t"),
            "t",
            "as dueDate",
        ),
        (
            '<startEvent id="s"/><userTask id="t"><multiInstanceLoopCharacteristics><loopCardinality>many people</loopCardinality>'
            "</multiInstanceLoopCharacteristics></userTask>" + flow("s", "t"),
            "t",
            "loop cardinality",
        ),
    ],
)
def test_what_would_be_ignored_or_never_happen_is_refused(body, element, expected):
    found = process(body)

    assert found.definitions == ()
    assert expected in said(found, element), found.problems


def test_a_called_process_of_the_file_that_cannot_begin_by_itself_is_refused():
    called = '<message id="m" name="x"/><process id="q" isExecutable="true"><startEvent id="qs"><messageEventDefinition messageRef="m"/>'
    called += '</startEvent><endEvent id="qe"/>' + flow("qs", "qe") + "</process>"

    assert "without a trigger" in said(
        process('<startEvent id="s"/><callActivity id="t" calledElement="q"/>' + flow("s", "t"), called), "t"
    )


def test_a_handler_is_associated_on_the_level_of_its_event():
    undo = '<task id="u"/><boundaryEvent id="b" attachedToRef="u"><compensateEventDefinition/></boundaryEvent>'
    undo += '<task id="h" isForCompensation="true"/>'
    association = '<association id="a" sourceRef="b" targetRef="h"/>'
    beside = process(f'<startEvent id="s"/>{undo}{flow("s", "u")}{association}')
    elsewhere = process(f'<startEvent id="s"/><subProcess id="n"><task id="i"/>{association}</subProcess>{undo}{flow("s", "u")}')

    assert beside.problems == ()
    assert "Expected an association" in said(elsewhere, "b")


def test_an_extension_that_must_be_understood_refuses_the_file():
    found = read(f'<extension definition="t:x" mustUnderstand="true"/><process id="p" isExecutable="true">{FINE}</process>')

    assert "must be understood" in said(found)


def test_public_processes_are_not_executable():
    assert "found both" in said(read(f'<process id="p" isExecutable="true" processType="Public">{FINE}</process>'), "p")


def test_camunda_7_java_is_refused_and_external_topics_are_jobs():
    java = process('<startEvent id="s"/><serviceTask id="t" camunda:class="org.acme.Do"/>' + flow("s", "t"))
    topic = process('<startEvent id="s"/><serviceTask id="t" camunda:type="external" camunda:topic="ship"/>' + flow("s", "t"))

    assert "camunda:class" in said(java, "t")
    assert topic.definitions[0].job_types == {"ship"}


def test_processes_that_are_not_executable_are_not_judged():
    found = read(
        f'<process id="p" isExecutable="true">{FINE}</process><process id="q" isExecutable="false"><serviceTask id="x"/></process>'
    )

    assert (found.problems, found.process_ids) == ((), ("p",))


def test_a_file_that_marks_no_process_means_all_of_them():
    assert read(f'<process id="p">{FINE}</process>').process_ids == ("p",)


def test_flows_without_ids_and_prefixed_references_are_understood():
    found = read(
        '<process id="p" isExecutable="true"><startEvent id="Start"/><receiveTask id="End" messageRef="t:m"/><sequenceFlow sourceRef="Start" targetRef="End"/></process>'.replace(
            "<process", '<message id="m" name="x"/><process'
        ),
        HEAD.replace("targetNamespace", 'xmlns:t="t" targetNamespace'),
    )

    assert found.problems == ()


def test_what_is_never_reached_and_what_delivers_nothing_is_warned_of():
    found = process(FINE + '<task id="lonely"/><task id="after"/>' + flow("lonely", "after") + flow("after", "lonely"))

    assert found.problems == ()
    assert {w.element_id for w in found.warnings} == {"lonely", "after"}


def test_a_chain_of_two_thousand_tasks_is_read_quickly():
    chain = "".join(f'<task id="t{i}"/>' for i in range(2000)) + "".join(flow(f"t{i}", f"t{i + 1}") for i in range(1999))
    began = time.perf_counter()
    found = process('<startEvent id="s"/>' + chain + flow("s", "t0"))

    assert found.problems == ()
    assert time.perf_counter() - began < 20  # no cost that grows with the square; the bound is generous


MANY = range(3000)
MESSAGE = '<message id="m" name="x"/>'
LINKS = "<intermediateThrowEvent id='t{0}'><linkEventDefinition name='l{0}'/></intermediateThrowEvent>" + (
    "<intermediateCatchEvent id='c{0}'><linkEventDefinition name='l{0}'/></intermediateCatchEvent><task id='a{0}'/>"
)
LARGE = {
    "links": process_of(LINKS, "s t{0}", "c{0} a{0}"),
    "tasks without a start": process_of("<task id='t{0}'/>").replace('<startEvent id="s"/>', ""),
    "choices of a gateway": process_of("<receiveTask id='t{0}' messageRef='m'/>", "s t{0}")
    .replace('<startEvent id="s"/>', f'<startEvent id="b"/><eventBasedGateway id="s"/>{flow("b", "s")}')
    .replace("<process", MESSAGE + "<process", 1),
    "pools": "<collaboration id='c'>"
    + "".join(f"<participant id='P{i}' processRef='p{i}'/>" for i in MANY)
    + "</collaboration>"
    + "".join(
        f"<process id='p{i}' isExecutable='true'><startEvent id='s{i}'/><task id='t{i}'/>{flow(f's{i}', f't{i}')}</process>" for i in MANY
    ),
    "message flows": "<collaboration id='c'><participant id='P' processRef='p'/><participant id='Q'/>"
    + "".join(f"<messageFlow id='m{i}' sourceRef='t{i}' targetRef='Q'/>" for i in MANY)
    + "</collaboration>"
    + process_of("<endEvent id='t{0}'><messageEventDefinition/></endEvent>", "s t{0}"),
}


@pytest.mark.parametrize("body", LARGE.values(), ids=list(LARGE))
def test_no_shape_of_a_large_file_takes_the_square_of_its_size(body):
    began = time.perf_counter()
    found = read(body)

    assert found.problems == ()
    assert time.perf_counter() - began < 15  # a minute and more where each of the many looks at all the others


def test_many_problems_are_cut_and_counted():
    found = process('<startEvent id="s"/>' + "".join(f'<serviceTask id="t{i}"/>{flow("s", f"t{i}")}' for i in range(500)))

    assert len(found.problems) == diagram.MAX_PROBLEMS + 1
    assert "300 more problems" in found.problems[-1].message


TAGS = st.sampled_from(
    [
        "process",
        "startEvent",
        "endEvent",
        "task",
        "userTask",
        "serviceTask",
        "subProcess",
        "boundaryEvent",
        "exclusiveGateway",
        "sequenceFlow",
        "laneSet",
        "extensionElements",
    ]
)
ATTRIBUTES = st.dictionaries(
    st.sampled_from(["id", "name", "sourceRef", "targetRef", "attachedToRef", "default", "isExecutable", "triggeredByEvent", "messageRef"]),
    st.sampled_from(["a", "b", "true", "", "x:y", "1", "Start", "é", "<&>"]),
    max_size=4,
)


@st.composite
def elements(draw, depth=3):
    tag, attributes = draw(TAGS), draw(ATTRIBUTES)
    written = "".join(f' {name}="{value.replace("&", "&amp;").replace("<", "&lt;")}"' for name, value in attributes.items())
    inner = "".join(draw(st.lists(elements(depth - 1), max_size=4))) if depth else ""
    return f"<{tag}{written}>{inner}</{tag}>"


@given(st.lists(elements(), max_size=5))
def test_nothing_that_looks_like_bpmn_makes_it_crash(parts):
    found = read("".join(parts))

    assert found.problems or found.definitions
    assert not any("cannot: " in problem.message for problem in found.problems)


@given(st.binary(max_size=200))
def test_no_bytes_make_it_crash(data):
    assert diagram.read(data).problems


def test_a_model_that_was_deployed_under_older_rules_still_compiles():
    xml = f'{HEAD}<process id="p" isExecutable="true"><extensionElements><handoff:case title="Claim"/></extensionElements>{FINE}</process></definitions>'.encode()

    assert diagram.read(xml).definitions == ()
    assert [definition.process_id for definition in diagram.compiled(xml)] == ["p"]


def test_a_name_in_several_lines_is_one_line_in_a_sentence() -> None:
    model = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t"><process id="p" isExecutable="true">
      <startEvent id="s"/><serviceTask id="book" name="Book&#10; the&#10;payment"/><endEvent id="e"/>
      <sequenceFlow id="f" sourceRef="s" targetRef="book"/><sequenceFlow id="g" sourceRef="book" targetRef="e"/></process></definitions>"""

    assert any("'Book the payment'" in str(problem.message) for problem in diagram.read(model.encode()).problems)


def test_a_problem_in_a_part_that_is_not_drawn_is_told_at_its_element():
    text = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="d" targetNamespace="t"><process id="p" isExecutable="true">
      <startEvent id="s"/><exclusiveGateway id="g"/><intermediateCatchEvent id="w"><timerEventDefinition id="timer"><timeDuration id="long">=1 +</timeDuration></timerEventDefinition></intermediateCatchEvent>
      <endEvent id="e"/><sequenceFlow id="a" sourceRef="s" targetRef="g"/><sequenceFlow id="c" sourceRef="w" targetRef="e"/>
      <sequenceFlow id="b" name="yes" sourceRef="g" targetRef="w"><conditionExpression id="sid-1" xsi:type="tFormalExpression">approved</conditionExpression></sequenceFlow>
    </process></definitions>"""

    told = {(problem.element_id, problem.element_name) for problem in diagram.read(text.encode()).problems}

    assert told == {("b", "yes"), ("w", None)}


def test_a_process_without_a_name_is_called_by_its_pool() -> None:
    model = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t">
      <collaboration id="c"><participant id="pool" name="Machine maker" processRef="Process_0njqhsk"/></collaboration>
      <process id="Process_0njqhsk" isExecutable="true"><startEvent id="s"/><startEvent id="s2"/><endEvent id="e"/>
      <sequenceFlow id="f" sourceRef="s" targetRef="e"/><sequenceFlow id="g" sourceRef="s2" targetRef="e"/></process></definitions>"""

    assert [str(problem.message) for problem in diagram.read(model.encode()).problems] == [
        "Expected one start event without a trigger in 'Machine maker', found 2."
    ]
