"""Where the handoffs are: every model of the shared fixtures, and random graphs against a search that tries every way."""

import itertools
import json
import time
from pathlib import Path as File

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.bpmn import diagram
from engine.bpmn.paths import Graph

FIXTURES = File("designer/src/handoff/fixtures")
NAMES = sorted(file.stem for file in FIXTURES.glob("*.json"))
HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" '
    'xmlns:handoff="urn:passerelle:handoff:1.0" targetNamespace="t">'
)


def handoffs_of(xml):
    found = diagram.read(xml if isinstance(xml, bytes) else f"{HEAD}{xml}</definitions>".encode())
    assert found.problems == ()
    return {definition.process_id: definition.handoffs for definition in found.definitions}


def as_expected(process_id, path):
    return {
        "process": process_id,
        "path": list(path.flow_ids),
        "from": path.from_element_id,
        "to": path.to_element_id,
        "fromSide": path.from_side.name,
        "toSide": path.to_side.name,
        "kind": path.kind,
        "contract": path.contract.flow_id if path.contract else None,
        "message": path.is_message,
    }


def sorted_rows(rows):
    return sorted(rows, key=lambda row: json.dumps(row, sort_keys=True))


@pytest.mark.parametrize("name", NAMES)
def test_a_model_of_the_fixtures_has_exactly_the_handoffs_that_it_says(name):
    fixture = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
    found = handoffs_of((FIXTURES / fixture["bpmn"]).read_bytes())

    rows = [as_expected(process_id, path) for process_id, handoffs in found.items() for path in handoffs.paths]
    assert sorted_rows(rows) == sorted_rows(fixture["expected"])


def test_no_model_of_the_fixtures_is_without_its_expectation():
    assert len(NAMES) >= 20
    assert {file.stem for file in FIXTURES.glob("*.bpmn")} == set(NAMES)


# -- random graphs ------------------------------------------------------------------------------------------------


def every_way(edges, rests, marked, source):
    """(target, contract) of every walk that passes no state twice, by trying all of them. A walk with two contracts is none."""
    found = set()

    def walk(node, contract, passed):
        for flow, start, target in edges:
            if start != node:
                continue
            if flow in marked and contract not in (None, flow):
                continue
            now = flow if flow in marked else contract
            if target in rests:
                found.add((target, now))
            elif (target, now) not in passed:
                walk(target, now, passed | {(target, now)})

    walk(source, None, frozenset())
    return found


@st.composite
def graphs(draw):
    nodes = [f"n{i}" for i in range(draw(st.integers(2, 7)))]
    rests = frozenset(draw(st.sets(st.sampled_from(nodes), min_size=1)))
    pairs = draw(st.lists(st.tuples(st.sampled_from(nodes), st.sampled_from(nodes)), max_size=11))
    edges = [(f"f{i}", one, other) for i, (one, other) in enumerate(pairs)]
    marked = frozenset(draw(st.sets(st.sampled_from([flow for flow, _, _ in edges]), max_size=3))) if edges else frozenset()
    return edges, rests, marked


@settings(max_examples=400, deadline=None)
@given(graphs())
def test_the_search_finds_what_trying_every_way_finds(drawn):
    edges, rests, marked = drawn
    flows_out = {}
    for flow, source, target in edges:
        flows_out.setdefault(source, []).append((flow, target))
    graph = Graph(flows_out, rests, marked)
    ends = {flow: (source, target) for flow, source, target in edges}

    for source in rests:
        ways = list(graph.ways_from(source))
        assert len({(way.target, way.marked) for way in ways}) == len(ways)
        assert {(way.target, way.marked) for way in ways} - {(source, None)} == every_way(edges, rests, marked, source) - {(source, None)}
        for way in ways:
            places = [ends[flow] for flow in way.flow_ids]
            assert places[0][0] == source and places[-1][1] == way.target
            assert all(one[1] == other[0] and one[1] not in rests for one, other in itertools.pairwise(places))
            assert {flow for flow in way.flow_ids if flow in marked} == ({way.marked} if way.marked else set())


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_paths_of_a_model_are_those_of_its_graph_between_different_lanes(data):
    count = data.draw(st.integers(2, 7))
    kinds = [data.draw(st.sampled_from(["task", "exclusiveGateway"])) for _ in range(count)]
    lane_of = [data.draw(st.integers(0, 2)) for _ in range(count)]
    pairs = [(i, data.draw(st.integers(0, count - 1))) for i in range(count) for _ in range(data.draw(st.integers(1, 2)))]
    edges = [(f"f{n}", f"n{i}", f"n{j}") for n, (i, j) in enumerate(pairs)]
    conditional = {flow for flow, source, _ in edges if sum(1 for _, other, _ in edges if other == source) > 1}
    lanes = "".join(
        f'<lane id="l{lane}">' + "".join(f"<flowNodeRef>n{i}</flowNodeRef>" for i in range(count) if lane_of[i] == lane) + "</lane>"
        for lane in range(3)
    )
    nodes = "".join(f'<{kind} id="n{i}"/>' for i, kind in enumerate(kinds))
    flows = "".join(
        f'<sequenceFlow id="{flow}" sourceRef="{source}" targetRef="{target}">'
        + ("<conditionExpression>=x</conditionExpression>" if flow in conditional else "")
        + "</sequenceFlow>"
        for flow, source, target in edges
    )
    start = '<startEvent id="s"/><sequenceFlow id="fs" sourceRef="s" targetRef="n0"/>'
    found = handoffs_of(f'<process id="p" isExecutable="true"><laneSet id="ls">{lanes}</laneSet>{start}{nodes}{flows}</process>')["p"]

    rests = {"s"} | {f"n{i}" for i, kind in enumerate(kinds) if kind == "task"}
    side = {f"n{i}": f"l{lane}" for i, lane in enumerate(lane_of)} | {"s": "p"}
    expected = {
        (source, target)
        for source in rests
        for target, _ in every_way([*edges, ("fs", "s", "n0")], rests, set(), source)
        if side[source] != side[target]
    }
    assert sorted((path.from_element_id, path.to_element_id) for path in found.paths) == sorted(expected)


# -- cost ---------------------------------------------------------------------------------------------------------


def model(nodes, flows, lanes):
    sets = "".join(f'<lane id="l{i}">' + "".join(f"<flowNodeRef>{n}</flowNodeRef>" for n in lane) + "</lane>" for i, lane in enumerate(lanes))
    lines = "".join(
        f'<sequenceFlow id="f{i}" sourceRef="{one}" targetRef="{other}">{inner}</sequenceFlow>' for i, (one, other, inner) in enumerate(flows)
    )
    return f'<process id="p" isExecutable="true"><laneSet id="ls">{sets}</laneSet>{nodes}{lines}</process>'


def test_a_chain_of_two_thousand_elements_is_read_in_the_time_of_reading_it():
    names = [f"n{i}" for i in range(2000)]
    nodes = '<startEvent id="s"/>' + "".join(f'<task id="{name}"/>' for name in names)
    flows = [("s", "n0", ""), *((one, other, "") for one, other in itertools.pairwise(names))]
    xml = model(nodes, flows, [["s", *names[::2]], names[1::2]])
    handoffs_of(xml)
    began = time.process_time()
    found = handoffs_of(xml)["p"]

    assert len(found.paths) == 1999
    assert time.process_time() - began < 5


def test_a_mesh_of_three_hundred_gateways_has_more_ways_than_can_be_counted_and_few_paths():
    gates = [f"g{i}" for i in range(300)]
    nodes = '<startEvent id="s"/><task id="t"/><task id="u"/>' + "".join(f'<inclusiveGateway id="{name}"/>' for name in gates)
    condition = "<conditionExpression>=x</conditionExpression>"
    flows = [("s", "t", ""), ("t", "g0", ""), ("g299", "u", condition), ("g150", "u", condition)]
    flows += [(f"g{i}", f"g{(i + step) % 300}", condition) for i in range(300) for step in (1, 2, 3, 7)]
    began = time.process_time()
    found = handoffs_of(model(nodes, flows, [["s", "t", *gates[::2]], ["u", *gates[1::2]]]))["p"]

    assert [(path.from_element_id, path.to_element_id) for path in found.paths] == [("t", "u")]
    assert time.process_time() - began < 5


def test_a_model_that_would_take_for_ever_to_search_is_refused_in_words(monkeypatch):
    monkeypatch.setattr("engine.bpmn.paths.MAX_STEPS", 3)
    fixture = (FIXTURES / "gateways-of-many-lanes.bpmn").read_bytes()

    assert any("steps to find the ways from lane to lane" in problem.message for problem in diagram.read(fixture).problems)


def test_two_contracts_on_one_way_are_refused_where_the_designer_sees_them():
    """The same change of the same file as in designer/tests/unit/rules.test.ts."""
    bare = '<bpmn:sequenceFlow id="f4" sourceRef="g" targetRef="v" />'
    contract = '<bpmn:extensionElements><handoff:contract completeWithin="P1D"/></bpmn:extensionElements>'
    xml = (FIXTURES / "shared-contract.bpmn").read_text(encoding="utf-8")
    assert bare in xml
    both = diagram.read(xml.replace(bare, f"{bare[:-3]}>{contract}</bpmn:sequenceFlow>").encode())
    first = '<handoff:contract acceptWithin="PT4H" />'
    one = diagram.read(xml.replace(bare, f"{bare[:-3]}>{contract}</bpmn:sequenceFlow>").replace(first, "").encode())

    assert [problem.element_id for problem in both.problems] == ["f4"]
    assert one.problems == ()
