"""The handoff extensions: one description, which the reader and the checks follow; what is wrong is refused in words."""

import re
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from engine.bpmn import diagram, support
from engine.bpmn.checks.source import BPMN, FLOW_NODES, HANDOFF
from engine.bpmn.definition import tidy
from engine.bpmn.dialect import WORDS
from engine.bpmn.handoffs import Contract, Field, Role, read

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:handoff="urn:passerelle:handoff:1.0" targetNamespace="t">'
)
NOTE = "<extensionElements>{}</extensionElements>"


def model(*, host="", garage='<handoff:party kind="partner" partyId="autofix"/>', case="", task="", there="", back="", extra=""):
    """One pool, lanes Desk and Garage: start -> ask (Desk) -> `there` -> repair (Garage) -> `back` -> end (Desk)."""

    def noted(text):
        return NOTE.format(text) if text else ""

    return f"""
    <collaboration id="c"><participant id="pool" name="Insurer" processRef="p">{noted(host)}</participant>{extra}</collaboration>
    <process id="p" isExecutable="true">{noted(case)}
     <laneSet id="ls"><lane id="desk" name="Desk"><flowNodeRef>s</flowNodeRef><flowNodeRef>ask</flowNodeRef><flowNodeRef>e</flowNodeRef></lane>
      <lane id="garage" name="Garage">{noted(garage)}<flowNodeRef>repair</flowNodeRef></lane></laneSet>
     <startEvent id="s"/><userTask id="ask">{NOTE.format("<zeebe:userTask/>" + task)}</userTask>
     <userTask id="repair">{NOTE.format("<zeebe:userTask/>")}</userTask><endEvent id="e"/>
     <sequenceFlow id="f1" sourceRef="s" targetRef="ask"/>
     <sequenceFlow id="f2" sourceRef="ask" targetRef="repair">{noted(there)}</sequenceFlow>
     <sequenceFlow id="f3" sourceRef="repair" targetRef="e">{noted(back)}</sequenceFlow>
    </process>"""


FINE = {
    "case": '<handoff:case title="=plate" keep="P90D"/>',
    "there": '<handoff:contract acceptWithin="PT4H" completeWithin="P2D" calendar="working"><handoff:field name="plate"/></handoff:contract>',
    "back": "<handoff:contract/>",
}


def found(**parts):
    return diagram.read(f"{HEAD}{model(**(FINE | parts))}</definitions>".encode())


def contract(attributes="", fields=""):
    return f"<handoff:contract {attributes}>{fields}</handoff:contract>"


# -- what is read -------------------------------------------------------------------------------------------------


def test_parties_contracts_cases_and_milestones_are_read_as_they_are_written():
    there = contract(
        'acceptWithin="PT4H" completeWithin="P2D" calendar="working" acknowledgement="explicit" channel="email" assurance="code" returnable="false"',
        '<handoff:field name="plate" label="Number plate" type="string" required="true"/><handoff:field name="iban" sensitive="1"/>',
    )
    milestones = '<handoff:milestone label="Asked"/><handoff:milestone label="Demandé" language="fr"/>'
    read = found(there=there, task=milestones, garage='<handoff:party kind="partner" role="fixer" binding="=garage.id"/>')
    handoffs = read.definitions[0].handoffs

    assert (read.problems, read.warnings) == ((), ())
    assert handoffs.contracts["f2"] == Contract(
        flow_id="f2",
        fields=(Field("plate", "Number plate", "string", True, False), Field("iban", None, "any", False, True)),
        accept_within="PT4H",
        complete_within="P2D",
        calendar="working",
        acknowledgement="explicit",
        channel="email",
        assurance="code",
        returnable=False,
    )
    assert handoffs.milestones == {"ask": {"": "Asked", "fr": "Demandé"}}
    assert handoffs.keep == "P90D"
    role = handoffs.sides["repair"].role
    assert (role.role, role.kind, role.party_id) == ("fixer", "partner", None)
    assert role.binding.evaluate({"garage": {"id": "autofix"}}) == "autofix"
    assert handoffs.sides["ask"].role == handoffs.pools["pool"].role == Role("insurer")


def test_what_is_not_said_is_what_the_description_says():
    read = found(there=contract("", '<handoff:field name="x"/>'), garage="<handoff:party/>")
    handoffs = read.definitions[0].handoffs
    attributes = {word: WORDS[word].attributes for word in WORDS}
    said = handoffs.contracts["f2"]

    assert handoffs.sides["repair"].role == Role("garage", attributes["party"]["kind"].default)
    assert said.calendar == attributes["contract"]["calendar"].default
    assert said.acknowledgement == attributes["contract"]["acknowledgement"].default
    assert said.assurance == attributes["contract"]["assurance"].default
    assert str(said.returnable).lower() == attributes["contract"]["returnable"].default
    assert said.fields[0].type == attributes["field"]["type"].default
    assert {str(said.fields[0].required).lower(), str(said.fields[0].sensitive).lower()} == {"false"}
    assert {attributes["field"]["required"].default, attributes["field"]["sensitive"].default} == {"false"}
    assert (said.accept_within, said.complete_within, said.channel) == (None, None, None)


def test_the_reader_asks_for_the_attributes_of_the_description_and_for_no_others():
    asked = {}

    class Noting(etree.ElementBase):
        def get(self, name, default=None):
            asked.setdefault(self.tag.removeprefix(HANDOFF), set()).add(name)
            return super().get(name, default)

    lookup = etree.ElementNamespaceClassLookup()
    lookup.get_namespace(HANDOFF[1:-1])[None] = Noting
    parser = etree.XMLParser()
    parser.set_element_class_lookup(lookup)
    root = etree.fromstring(HEAD + model(**FINE, task='<handoff:milestone label="x"/>') + "</definitions>", parser)
    tidy(root)
    asked.clear()
    read(root)
    asked["case"].add("title")  # read with the definition

    assert asked == {name: set(word.attributes) for name, word in WORDS.items()}


def test_the_words_stand_where_the_description_allows_them():
    assert {name: word.allowed_in for name, word in WORDS.items()} == {
        "party": {"participant", "lane"},
        "contract": {"sequenceFlow", "messageFlow"},
        "field": set(),
        "case": {"process"},
        "milestone": FLOW_NODES,
    }
    assert WORDS["contract"].children == {"field"}


def test_everything_of_the_description_is_in_the_guide():
    text = support.as_markdown()

    for word in WORDS.values():
        assert f"`handoff:{word.name}`" in text
        for attribute in word.attributes.values():
            assert re.search(rf"\| `{attribute.name}` \|.*{re.escape(attribute.description)}", text)


# -- what is refused ----------------------------------------------------------------------------------------------

REFUSED = {
    "an unknown word": ({"task": "<handoff:stone/>"}, "ask", "known here .handoff:party, .*found handoff:stone"),
    "an attribute that is no element": (
        {"extra": '<participant id="x" handoff:party="y"/>'}, "x", "as an extension element, found an attribute",
    ),
    "an unknown attribute": ({"there": contract('acceptIn="PT1H"')}, "f2", "attribute that handoff:contract has .*, found 'acceptIn'"),
    "an attribute of the dialect's own namespace": ({"garage": '<handoff:party handoff:kind="partner"/>'}, "garage", "found 'kind'"),
    "an unknown child": ({"there": contract("", "<handoff:case/>")}, "f2", "in <extensionElements>, found it in <contract>"),
    "a child of another kind": ({"there": contract("", "<zeebe:properties/>")}, "f2", "only handoff:field in handoff:contract, found <properties>"),
    "a field beside its contract": ({"there": '<handoff:field name="x"/>'}, "f2", "in a handoff:contract, found it at 'f2' itself"),
    "a party at a task": ({"task": '<handoff:party kind="partner"/>'}, "ask", "at a pool or a lane, found it at 'ask', a userTask"),
    "a party at a process": ({"case": '<handoff:party kind="partner"/>'}, "p", "at a pool or a lane"),
    "a contract at a task": ({"task": contract()}, "ask", "at a sequence flow or a message flow"),
    "a case at a pool": ({"host": "<handoff:case/>"}, "pool", "at a process"),
    "a milestone at a flow": ({"there": '<handoff:milestone label="x"/>'}, "f2", "at a flow node, found it at 'f2', a sequenceFlow"),
    "two parties": ({"garage": '<handoff:party kind="partner"/><handoff:party kind="customer"/>'}, "garage", "one handoff:party.*found several"),
    "two contracts on a flow": ({"there": contract() + contract()}, "f2", "one handoff:contract.*found several"),
    "a kind that is none": ({"garage": '<handoff:party kind="friend"/>'}, "garage", "host or partner or customer as kind.*'friend'"),
    "an empty kind": ({"garage": '<handoff:party kind=""/>'}, "garage", "host or partner or customer as kind"),
    "a calendar that is none": ({"there": contract('calendar="office"')}, "f2", "always or working as calendar"),
    "an acknowledgement that is none": ({"there": contract('acknowledgement="yes"')}, "f2", "explicit or none as acknowledgement"),
    "a channel that is none": ({"there": contract('channel="fax"')}, "f2", "portal or email or webhook or remote as channel"),
    "a webhook": ({"there": contract('channel="webhook"')}, "f2", "portal or email .others are not offered yet. as channel.*'webhook'"),
    "a remote installation": ({"there": contract('channel="remote"')}, "f2", "portal or email .others are not offered yet."),
    "an assurance that is none": ({"there": contract('assurance="sms"')}, "f2", "link or code or account as assurance"),
    "a boolean that is none": ({"there": contract('returnable="no"')}, "f2", "true or false as returnable"),
    "a duration that is none": ({"there": contract('acceptWithin="4 hours"')}, "f2", "ISO 8601 duration .* as acceptWithin .*'4 hours'"),
    "a duration of nothing": ({"there": contract('completeWithin="PT0S"')}, "f2", "longer than nothing, as completeWithin"),
    "a duration backwards": ({"there": contract('completeWithin="-P1D"')}, "f2", "longer than nothing, as completeWithin"),
    "a duration by FEEL": ({"there": contract('acceptWithin="=limit"')}, "f2", "ISO 8601 duration"),
    "a keep that is no duration": ({"case": '<handoff:case keep="forever"/>'}, "p", "ISO 8601 duration .* as keep"),
    "a title without FEEL": ({"case": '<handoff:case title="Claim"/>'}, "p", "FEEL expression that begins with = as title"),
    "a title with an error": ({"case": '<handoff:case title="=plate +"/>'}, "p", "FEEL expression that begins with = .*as title"),
    "a binding without FEEL": ({"garage": '<handoff:party kind="partner" binding="garageId"/>'}, "garage", "begins with = as binding"),
    "a binding with an error": ({"garage": '<handoff:party kind="partner" binding="=1 +"/>'}, "garage", "begins with = .*as binding"),
    "a role that is no identifier": ({"garage": '<handoff:party kind="partner" role="my garage"/>'}, "garage", "an identifier .* as role"),
    "a party id that is none": ({"garage": '<handoff:party kind="partner" partyId="a/b"/>'}, "garage", "id of a party .* as partyId"),
    "a name too long": ({"garage": f'<handoff:party kind="partner" role="{"x" * 900}"/>'}, "garage", "at most 800 bytes .* as role"),
    "two ways to find a party": (
        {"garage": '<handoff:party kind="partner" partyId="a" binding="=b"/>'}, "garage", "partyId or binding at 'Garage', found both",
    ),
    "a host that is looked for": ({"host": '<handoff:party partyId="us"/>'}, "pool", "no partyId at 'Insurer': the host is always"),
    "the host as a partner": ({"garage": '<handoff:party kind="partner" partyId="host"/>'}, "garage", "a partner or customer at 'Garage', found 'host'"),
    "one role, two kinds": (
        {"extra": f'<participant id="g2" name="G2">{NOTE.format("<handoff:party kind=@customer@ role=@garage@/>")}</participant>'.replace("@", '"')},
        "garage", "role 'garage' to be the same party .*a customer at 'G2' and a partner, always 'autofix' at 'Garage'",
    ),
    "one role, two bindings": (
        {"extra": f'<participant id="g2" name="Garage">{NOTE.format("<handoff:party kind=@partner@ binding=@=g@/>")}</participant>'.replace("@", '"')},
        "garage", "role 'garage' to be the same party",
    ),
    "one role that is the host's and a partner's": (
        {"extra": '<participant id="g2" name="Garage"/>'}, "garage", "role 'garage' to be the same party .*a host at 'Garage'",
    ),
    "nobody of the host": ({"host": '<handoff:party kind="customer"/>'}, "pool", "a pool or lane of the host, found only other parties"),
    "something to accept and nothing to accept": (
        {"there": contract('acceptWithin="PT1H" acknowledgement="none"')}, "f2", "no acceptWithin on 'f2', found 'PT1H'",
    ),
    "a field without a name": ({"there": contract("", "<handoff:field/>")}, "f2", "a name for each field"),
    "a field twice": ({"there": contract("", '<handoff:field name="x"/><handoff:field name="x"/>')}, "f2", "found 'x' twice"),
    "a field that is no variable": ({"there": contract("", '<handoff:field name="claim.plate"/>')}, "f2", "name of a variable .*'claim.plate'"),
    "a field of no type": ({"there": contract("", '<handoff:field name="x" type="money"/>')}, "f2", "any or string or .* as type"),
    "a milestone without words": ({"task": "<handoff:milestone/>"}, "ask", "a label for the milestone at 'ask'"),
    "two milestones in one language": (
        {"task": '<handoff:milestone label="a" language="fr"/><handoff:milestone label="b" language="fr"/>'}, "ask", "one milestone .* in fr",
    ),
    "a language that is none": ({"task": '<handoff:milestone label="a" language="french!"/>'}, "ask", "a language such as fr"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_in_words(name):
    parts, element_id, words = REFUSED[name]
    problems = [problem for problem in found(**parts).problems if problem.element_id == element_id]

    assert any(re.search(words, problem.message) for problem in problems), problems
    assert all(problem.message.startswith("Expected ") for problem in problems)


def test_the_model_of_these_tests_is_right():
    assert (found().problems, found().warnings) == ((), ())


def test_contracts_that_promise_to_do_faster_than_to_accept_are_fine():
    assert found(there=contract('acceptWithin="P2D" completeWithin="PT4H"')).problems == ()


def test_a_lane_of_the_host_in_a_partners_pool_is_fine():
    read = found(host='<handoff:party kind="partner" partyId="autofix"/>', garage='<handoff:party kind="host"/>')

    assert read.problems == ()
    assert read.definitions[0].handoffs.paths[0].kind == "partner"


def test_a_contract_where_nothing_crosses_is_refused_there():
    body = model(**FINE).replace('<sequenceFlow id="f1" sourceRef="s" targetRef="ask"/>', f'<sequenceFlow id="f1" sourceRef="s" targetRef="ask">{NOTE.format(contract())}</sequenceFlow>')  # fmt: skip
    problems = diagram.read(f"{HEAD}{body}</definitions>".encode()).problems

    assert [(p.element_id, p.message) for p in problems] == [
        ("f1", "Expected a contract where work crosses from one side to another, found it on 'f1', which is on no way from one lane to another.")
    ]


def gateway(first, second):
    """s (Desk) -> first -> gateway (Desk) -> second -> repair (Garage)."""
    body = model(**(FINE | {"there": first})).replace('targetRef="repair">', 'targetRef="g">', 1)
    body = body.replace("<flowNodeRef>ask</flowNodeRef>", "<flowNodeRef>ask</flowNodeRef><flowNodeRef>g</flowNodeRef>")
    inner = NOTE.format(second) if second else ""
    body = body.replace(
        '<endEvent id="e"/>',
        f'<endEvent id="e"/><exclusiveGateway id="g"/><sequenceFlow id="f4" sourceRef="g" targetRef="repair">{inner}</sequenceFlow>',
    )
    return diagram.read(f"{HEAD}{body}</definitions>".encode())


def test_two_contracts_on_one_way_are_refused_at_the_second():
    problems = gateway(FINE["there"], contract()).problems

    assert [(p.element_id, p.message) for p in problems] == [
        ("f4", "Expected one contract on each way, found one on 'f2' and, further on, another on 'f4'.")
    ]


@pytest.mark.parametrize("first, second", [(FINE["there"], ""), ("", FINE["there"])])
def test_one_contract_before_or_behind_a_gateway_is_fine(first, second):
    read = gateway(first, second)

    assert (read.problems, read.warnings) == ((), ())


# -- what is noted ------------------------------------------------------------------------------------------------


def warnings_of(**parts):
    read = found(**parts)
    assert read.problems == ()
    return [(warning.element_id, warning.message) for warning in read.warnings]


def test_a_crossing_to_another_party_without_a_contract_is_noted():
    assert warnings_of(there="") == [
        ("f2", "The work crosses from 'Desk' to 'Garage' on 'f2' without a contract: nothing is promised."),
    ]


def test_a_crossing_within_the_host_needs_no_contract():
    assert warnings_of(garage="", there="", back="") == []


def test_a_contract_without_a_limit_for_a_partner_is_noted():
    assert warnings_of(there=contract()) == [
        ("f2", "The contract on 'f2' has no time limit: nobody will notice when 'Garage' does not act."),
    ]


def test_a_limit_that_begins_with_an_acceptance_that_has_none_is_noted():
    assert warnings_of(there=contract('completeWithin="P2D"')) == [
        (
            "f2",
            "The limit to complete on 'f2' runs from the acceptance, which has no limit:"
            " expected acceptWithin, or nothing to be accepted (acknowledgement none).",
        )
    ]
    assert warnings_of(there=contract('completeWithin="P2D" acknowledgement="none"')) == []


def test_what_only_outsiders_need_is_noted_where_the_hosts_own_people_get_the_work():
    note = "changes nothing: 'Desk' is the host's own, and logs in to the portal."

    assert warnings_of(back=contract('channel="email" assurance="code"')) == [
        ("f3", f"channel 'email' on 'f3' {note}"),
        ("f3", f"assurance 'code' on 'f3' {note}"),
    ]
    assert warnings_of(there=FINE["there"].replace("<handoff:contract", '<handoff:contract channel="email" assurance="code"', 1)) == []


def test_a_party_that_the_sender_of_a_task_chooses_needs_no_binding():
    assert warnings_of(garage='<handoff:party kind="partner"/>') == []


def test_a_party_that_nobody_names_is_noted():
    job = '<serviceTask id="ask"><extensionElements><zeebe:taskDefinition type="x"/></extensionElements></serviceTask>'
    body = re.sub(r'<userTask id="ask">.*?</userTask>', job, model(**(FINE | {"garage": '<handoff:party kind="partner"/>'})))
    read = diagram.read(f"{HEAD}{body}</definitions>".encode())

    assert read.problems == ()
    assert [(w.element_id, w.message) for w in read.warnings] == [
        ("garage", "Nobody says who 'Garage' is: expected partyId or binding, or a person's task just before the work goes there.")
    ]


MESSAGE = """
<collaboration id="c"><participant id="one" name="One" processRef="p"/><participant id="two" name="Two"/>
 <messageFlow id="m" sourceRef="{thrower}" targetRef="two">{note}</messageFlow></collaboration>
<process id="p" isExecutable="true"><startEvent id="s"/><userTask id="u"><extensionElements><zeebe:userTask/></extensionElements></userTask>
 <sendTask id="ask"><extensionElements><zeebe:taskDefinition type="mail"/></extensionElements></sendTask><endEvent id="e"/>
 <sequenceFlow id="f1" sourceRef="s" targetRef="u"/><sequenceFlow id="f2" sourceRef="u" targetRef="ask"/><sequenceFlow id="f3" sourceRef="ask" targetRef="e"/>
</process>"""


DRAWN = ("ask", "The message flow out of 'ask' is drawn, but delivers nothing by itself: whoever does the work sends it.")


@pytest.mark.parametrize(
    "note, noted",
    [
        ("", [DRAWN]),
        (NOTE.format(contract()), [DRAWN, ("m", "The contract on 'm' promises nothing: 'ask' is work for a program, which sends it.")]),
    ],
    ids=["without a contract", "with one"],
)
def test_a_message_flow_of_a_job_is_noted_as_drawn_only(note, noted):
    read = diagram.read(f"{HEAD}{MESSAGE.format(thrower='ask', note=note)}</definitions>".encode())

    assert read.problems == ()
    assert [(w.element_id, w.message) for w in read.warnings] == noted


def test_a_contract_on_the_message_flow_of_a_task_that_throws_none_is_refused():
    read = diagram.read(f"{HEAD}{MESSAGE.format(thrower='u', note=NOTE.format(contract()))}</definitions>".encode())

    assert [(p.element_id, p.message) for p in read.problems] == [
        ("m", "Expected a contract where work crosses from one side to another, found it on 'm', but 'u' throws no message.")
    ]


def test_work_that_begins_with_another_party_inside_a_sub_process_is_noted():
    body = model(**(FINE | {"there": ""})).replace("<flowNodeRef>repair</flowNodeRef>", "<flowNodeRef>s2</flowNodeRef>")
    body = re.sub(
        r'<userTask id="repair">.*?</userTask>',
        '<subProcess id="repair"><startEvent id="s2"/><endEvent id="e2"/><sequenceFlow id="g1" sourceRef="s2" targetRef="e2"/></subProcess>',
        body,
    ).replace("<flowNodeRef>ask</flowNodeRef>", "<flowNodeRef>ask</flowNodeRef><flowNodeRef>repair</flowNodeRef>")
    body = body.replace(NOTE.format("<handoff:contract/>"), "")
    read = diagram.read(f"{HEAD}{body}</definitions>".encode())

    assert read.problems == ()
    assert ("s2", "'Garage' gets the work at 's2' without a contract: the sub-process around it is with 'Desk'.") in [
        (w.element_id, w.message) for w in read.warnings
    ]


def test_lanes_without_ids_get_some_and_other_elements_keep_theirs():
    xml = "<process><laneSet><lane/><lane/></laneSet><task/><task/></process>"
    root = tidy(etree.fromstring(f"{HEAD}{xml}</definitions>"))

    assert [lane.get("id") for lane in root.iter(BPMN + "lane")] == ["unnamed-lane-1", "unnamed-lane-2"]
    assert {node.get("id") for node in root.iter(BPMN + "task")} <= {f"unnamed-{i}" for i in range(1, 5)}


# -- from a stranger ----------------------------------------------------------------------------------------------

ATTRIBUTES = [*sorted({name for word in WORDS.values() for name in word.attributes}), "id", "xyz"]
VALUES = ["", " ", "=", "=1 +", "=x", "P1D", "-P1D", "host", "partner", "customer", "true", "0", "link", "\n", "é", "x" * 900]
notes = st.deferred(
    lambda: st.builds(
        lambda name, attributes, inner: (
            f"<handoff:{name} " + " ".join(f"{k}={quoteattr(v)}" for k, v in attributes.items()) + f">{inner}</handoff:{name}>"
        ),
        st.sampled_from([*WORDS, "stone"]),
        st.dictionaries(st.sampled_from(ATTRIBUTES), st.sampled_from(VALUES), max_size=4),
        st.one_of(st.just(""), notes),
    )
)
REFERENCES = ["pool", "x0", "ask", "repair", "e", "s", "garage", "f1", "nowhere", ""]
some_notes = st.lists(notes, max_size=3).map("".join)
PLACES = ["host", "garage", "case", "task", "there", "back"]


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(PLACES), some_notes), st.lists(st.tuples(st.sampled_from(REFERENCES), st.sampled_from(REFERENCES))))
def test_whatever_is_said_where_it_is_read_or_refused_in_words(said, flows):
    extra = "".join(
        f'<participant id="x{i}"/><messageFlow id="m{i}" sourceRef="{source}" targetRef="{target}">{NOTE.format(said.get("there", ""))}</messageFlow>'
        for i, (source, target) in enumerate(flows)
    )
    read = diagram.read(f"{HEAD}{model(**said, extra=extra)}</definitions>".encode())

    assert not any("found one that cannot" in problem.message for problem in read.problems)
    assert read.problems or read.definitions
