"""Graphs of decisions: requirements, functions, services, imports, types."""

import pytest

from engine.dmn import DmnError, read_model
from engine.feel import Limits

from .files import answer, decision, file, given, item, model, requires, table, text

NUMBER = 'typeRef="number"'


def function(name, parameters, body, needs=""):
    formal = "".join(f'<formalParameter name="{one}"/>' for one in parameters)
    return (
        f'<businessKnowledgeModel id="{name}" name="{name}"><variable name="{name}"/>'
        f"<encapsulatedLogic>{formal}{text(body)}</encapsulatedLogic>{needs}</businessKnowledgeModel>"
    )


def needs_decisions(*ids):
    return requires(*ids, kind="requiredDecision")


def knows(*ids):
    return requires(*ids, tag="knowledgeRequirement", kind="requiredKnowledge")


def test_a_decision_sees_what_it_requires_and_nothing_else():
    made = model(
        given("x"),
        given("hidden"),
        decision("a", text("x + 1"), requires("x")),
        decision("b", text("a * 2"), needs_decisions("a")),
        decision("c", text("hidden"), requires("x")),
    )

    assert answer(made, "b", x=1, hidden=9) == 4
    assert answer(made, "c", x=1, hidden=9) is None


def test_a_decision_is_made_once_however_many_need_it():
    made = model(
        decision("a", text("random number()")),
        decision("b", text("a"), needs_decisions("a")),
        decision("c", text("a"), needs_decisions("a")),
        decision("d", text("b = c"), needs_decisions("b", "c")),
    )

    assert answer(made, "d") is True
    assert len(made.evaluate("d", {}, traced=True).decisions) == 4


def test_functions_know_what_they_require():
    made = model(
        given("x"),
        function("twice", ["n"], "n * 2"),
        function("quad", ["n"], "twice(twice(n))", knows("twice")),
        decision("d", text("quad(x)"), requires("x") + knows("quad")),
    )

    assert answer(made, "d", x=3) == 12
    assert answer(made, "quad", n=5) == 20


def service(parts, type_ref=""):
    return f'<decisionService id="s" name="s"><variable name="s" {type_ref}/>{parts}</decisionService>'


def test_a_service_asks_for_nothing_outside_itself():
    made = model(
        given("x"),
        decision("outside", text("1 / 0")),
        decision("inner", text("x + 1"), requires("x")),
        decision("out", text("inner + outside"), needs_decisions("inner", "outside")),
        service('<outputDecision href="#out"/><encapsulatedDecision href="#inner"/><inputDecision href="#outside"/><inputData href="#x"/>'),
        decision("call", text("s(1, 10)"), knows("s")),
        decision("named", text("s(outside: 10, x: 1)"), knows("s")),
        decision("wrong", text("s(1)"), knows("s")),
    )

    assert answer(made, "call") == 12
    assert answer(made, "named") == 12
    assert answer(made, "wrong") is None
    assert answer(made, "s", x=1, outside=10) == 12


def test_several_outputs_of_a_service_are_one_context():
    made = model(
        decision("a", text("1")), decision("b", text("2")), service('<outputDecision href="#a"/><outputDecision href="#b"/>')
    )

    assert answer(made, "s") == {"a": 1, "b": 2}


def test_a_model_uses_what_another_one_defines():
    other = file(
        item("tAge", "<typeRef>number</typeRef><allowedValues><text>[0..150]</text></allowedValues>"),
        given("age", "tAge"),
        function("twice", ["n"], "n * 2"),
        decision("doubled", text("twice(age)"), requires("age") + knows("twice")),
        namespace="urn:other",
    )
    made = model(
        '<import namespace="urn:other" name="my ages" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>',
        given("limit", "my ages.tAge"),
        '<decision id="d" name="d"><variable name="d"/>'
        '<informationRequirement><requiredDecision href="urn:other#doubled"/></informationRequirement>'
        '<informationRequirement><requiredInput href="#limit"/></informationRequirement>'
        '<knowledgeRequirement><requiredKnowledge href="urn:other#twice"/></knowledgeRequirement>'
        f"{text('my ages.doubled + my ages.twice(limit)')}</decision>",
        others=[other],
    )

    assert not made.problems
    assert answer(made, "d", age=20, limit=10) == 60
    assert answer(made, "d", **{"my ages": {"age": 20}, "limit": 10}) == 60
    assert answer(made, "d", age=20, limit=200) is None


def test_an_import_that_is_not_there_is_refused():
    with pytest.raises(DmnError, match="to import, found none"):
        model('<import namespace="urn:no" name="n" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>')


def test_circles_are_refused():
    made = model(decision("a", text("b"), needs_decisions("b")), decision("b", text("a"), needs_decisions("a")))

    assert "needs itself" in made.problems[0].message
    with pytest.raises(DmnError):
        answer(made, "a")


def test_a_requirement_that_is_not_there_is_refused():
    made = model(decision("a", text("1"), requires("nobody")))

    assert "found '#nobody'" in made.problems[0].message
    assert made.problems[0].element_id == "a"


@pytest.mark.parametrize(
    ("type_ref", "value", "expected"),
    [
        ("number", 1, 1),
        ("number", "1", None),
        ("number", [1], 1),
        ("tNumbers", 1, [1]),
        ("tNumbers", [1, "a"], None),
        ("tNumbers", [], []),
        ("tAge", 200, None),
        ("tAge", 20, 20),
        ("tPerson", {"name": "Ada", "age": 36, "more": 1}, {"name": "Ada", "age": 36, "more": 1}),
        ("tPerson", {"name": "Ada"}, None),
        ("tPerson", {"name": "Ada", "age": 200}, None),
        ("tTree", {"label": "a", "children": [{"label": "b", "children": []}]}, {"label": "a", "children": [{"label": "b", "children": []}]}),
        ("tTree", {"label": "a", "children": [{"label": 1, "children": []}]}, None),
        ("tFew", [1, 2], [1, 2]),
        ("tFew", [1, 2, 3], None),
        ("Any", "x", "x"),
        ("integer", 1, 1),
    ],
)
def test_a_value_is_of_its_type_or_null(type_ref, value, expected):
    made = model(
        item("tNumbers", "<typeRef>number</typeRef>", 'isCollection="true"'),
        item("tFew", "<typeRef>number</typeRef><typeConstraint><text>count(?) &lt; 3</text></typeConstraint>", 'isCollection="true"'),
        item("tPerson", '<itemComponent name="name"><typeRef>string</typeRef></itemComponent><itemComponent name="age"><typeRef>tAge</typeRef></itemComponent>'),
        item("tAge", "<typeRef>number</typeRef><allowedValues><text>[0..150]</text></allowedValues>"),
        item("tTree", '<itemComponent name="label"><typeRef>string</typeRef></itemComponent><itemComponent name="children" isCollection="true"><typeRef>tTree</typeRef></itemComponent>'),
        given("x", type_ref),
        decision("d", text("x"), requires("x")),
        decision("typed", text("x"), requires("x"), type_ref),
    )

    assert not made.problems
    assert answer(made, "d", x=value) == expected
    assert answer(made, "typed", x=value) == expected


def test_expressions_ask_for_the_types_of_the_model():
    made = model(
        item("tPerson", '<itemComponent name="age"><typeRef>number</typeRef></itemComponent>'),
        decision("d", text("[{age: 1} instance of tPerson, {} instance of tPerson, [{age: 1}] instance of list<tPerson>]")),
        decision("f", text("(function(p: tPerson) p.age)({age: 3})")),
    )

    assert answer(made, "d") == [True, False, True]
    assert answer(made, "f") == 3


def test_names_of_entries_may_have_symbols_where_a_type_declares_them():
    made = model(
        item("tLoan", '<itemComponent name="down-payment"><typeRef>number</typeRef></itemComponent>'),
        given("loan", "tLoan"),
        decision("d", text("loan.down-payment + 1"), requires("loan")),
        decision("f", text("[loan][down-payment = 5].down-payment"), requires("loan")),
    )

    assert answer(made, "d", loan={"down-payment": 5}) == 6
    assert answer(made, "f", loan={"down-payment": 5}) == [5]


def test_an_unknown_type_is_told():
    made = model(decision("d", text("1"), type_ref="tNobody"))

    assert "found 'tNobody'" in made.problems[0].message


def test_a_missing_input_is_null_and_told():
    made = model(given("x"), decision("d", text("x = null"), requires("x")))

    outcome = made.evaluate("d", {})

    assert outcome.value is True
    assert "no input 'x'" in outcome.problems[0].message


def test_a_decision_made_by_people_is_an_input():
    made = model(decision("judged", ""), decision("d", text("judged"), needs_decisions("judged")))

    assert answer(made, "d", judged="good") == "good"
    assert answer(made, "d") is None


def test_limits_hold_for_the_whole_graph():
    parts = [decision("d0", text("for i in 1..300 return i"))]
    parts += [decision(f"d{n}", text(f"for i in d{n - 1} return i"), needs_decisions(f"d{n - 1}")) for n in range(1, 10)]
    made = model(*parts)

    with pytest.raises(DmnError, match="too many steps") as caught:
        made.evaluate("d9", {}, limits=Limits(steps=2000))
    assert caught.value.problems[0].element_id


def test_an_unknown_decision_is_refused_with_those_there_are():
    with pytest.raises(DmnError, match="Expected one of the decisions 'a', found 'b'"):
        answer(model(decision("a", text("1"))), "b")


@pytest.mark.parametrize(
    "source",
    [
        "",
        "<",
        "nonsense",
        "<definitions/>",
        '<!DOCTYPE d [<!ENTITY e "x">]><definitions/>',
        "<a>" * 300,
        b"\xff\xfe",
        '<?xml version="1.0" encoding="nope"?><a/>',
    ],
)
def test_what_is_no_decision_model_is_refused(source):
    with pytest.raises(DmnError):
        read_model(source)


@pytest.mark.parametrize(
    ("xmlns", "feel"),
    [
        ("http://www.omg.org/spec/DMN/20151101/dmn.xsd", "http://www.omg.org/spec/FEEL/20140401"),
        ("http://www.omg.org/spec/DMN/20180521/MODEL/", "http://www.omg.org/spec/DMN/20180521/FEEL/"),
        ("https://www.omg.org/spec/DMN/20191111/MODEL/", "https://www.omg.org/spec/DMN/20191111/FEEL/"),
        ("https://www.omg.org/spec/DMN/20211108/MODEL/", "https://www.omg.org/spec/DMN/20211108/FEEL/"),
    ],
)
def test_older_versions_are_read_too(xmlns, feel):
    made = model(
        item("tAge", "<typeRef>feel:number</typeRef>"),
        given("x", "feel:number"),
        decision("d", text("x + 1"), requires("x"), "tAge"),
        xmlns=xmlns,
        declarations=f'xmlns:feel="{feel}"',
    )

    assert not made.problems
    assert answer(made, "d", x=1) == 2
    assert answer(made, "d", x="a") is None


def test_an_open_evaluation_lets_decisions_see_what_they_do_not_require():
    made = model(
        decision("season", text('if month > 5 then "summer" else "winter"'), id="season_id"),
        decision("dish", table(["season_id", "guests"], ["dish"], ['"summer" | > 2 : "salad"']), requires("season_id", kind="requiredDecision")),
        decision("year", text("since.year").replace("<literalExpression", '<literalExpression typeRef="number"')),
    )

    assert made.evaluate("dish", {"month": 7, "guests": 3}, open=True).value == "salad"
    assert made.evaluate("dish", {"month": 7, "guests": 3}).value is None
