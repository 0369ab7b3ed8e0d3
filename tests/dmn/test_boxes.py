"""Boxed expressions of every kind, and the scopes inside them."""

import pytest

from .files import answer, decision, given, model, requires, text, value_of


def entry(logic, name=None, type_ref=""):
    variable = f'<variable name="{name}" {type_ref}/>' if name else ""
    return f"<contextEntry>{variable}{logic}</contextEntry>"


def test_entries_of_a_context_see_those_before_them():
    box = f"<context>{entry(text('x + 1'), 'a b')}{entry(text('a b * 2'), 'c')}</context>"

    assert value_of(box, x=1) == {"a b": 2, "c": 4}


def test_the_entry_without_a_name_is_the_result():
    assert value_of(f"<context>{entry(text('x + 1'), 'a')}{entry(text('a * 2'))}</context>", x=1) == 4


def test_a_value_of_another_type_than_its_entry_is_null():
    box = f"<context>{entry(text('x'), 'a', 'typeRef=' + chr(34) + 'number' + chr(34))}</context>"

    assert value_of(box, x="one") == {"a": None}
    assert value_of(box, x=1) == {"a": 1}


def test_lists_and_relations():
    relation = (
        '<relation><column name="a"/><column name="b"/>'
        f"<row>{text(1)}{text('x')}</row><row>{text(2)}{text(4)}</row></relation>"
    )

    assert value_of(f"<list>{text(1)}{text('x')}</list>", x=2) == [1, 2]
    assert value_of(relation, x=3) == [{"a": 1, "b": 3}, {"a": 2, "b": 4}]


def test_functions_are_called_by_an_invocation_with_names():
    function = f'<functionDefinition><formalParameter name="n" typeRef="number"/>{text("n * x")}</functionDefinition>'
    call = f'<invocation>{text("times")}<binding><parameter name="n"/>{text(5)}</binding></invocation>'

    assert value_of(f"<context>{entry(function, 'times')}{entry(call)}</context>", x=3) == 15


def test_an_argument_of_another_type_means_that_the_function_is_never_called():
    function = f'<functionDefinition><formalParameter name="n" typeRef="number"/>{text("1")}</functionDefinition>'

    assert value_of(f"<context>{entry(function, 'f')}{entry(text('f(x)'))}</context>", x="a") is None


def test_a_function_in_a_context_may_call_itself():
    function = (
        '<functionDefinition><formalParameter name="n"/>' + text("if n < 2 then 1 else n * factorial(n - 1)") + "</functionDefinition>"
    )

    assert value_of(f"<context>{entry(function, 'factorial')}{entry(text('factorial(x)'))}</context>", x=5) == 120


def test_built_ins_are_invoked_too():
    call = (
        f'<invocation>{text("substring")}<binding><parameter name="start position"/>{text(2)}</binding>'
        f'<binding><parameter name="string"/>{text("x")}</binding></invocation>'
    )

    assert value_of(call, x="abc") == "bc"


@pytest.mark.parametrize(("x", "expected"), [(1, "yes"), (5, "no"), (None, "no"), ("a", "no")])
def test_a_conditional_chooses(x, expected):
    box = f'<conditional><if>{text("x < 3")}</if><then>{text(chr(34) + "yes" + chr(34))}</then><else>{text(chr(34) + "no" + chr(34))}</else></conditional>'

    assert value_of(box, x=x) == expected


def test_a_conditional_needs_true_or_false():
    assert value_of(f"<conditional><if>{text('x')}</if><then>{text(1)}</then><else>{text(2)}</else></conditional>", x=5) is None


def test_filters_and_loops():
    loop = '<{0} iteratorVariable="n"><in>{1}</in><{2}>{3}</{2}></{0}>'

    assert value_of(f"<filter><in>{text('x')}</in><match>{text('item > 1')}</match></filter>", x=[1, 2, 3]) == [2, 3]
    assert value_of(f"<filter><in>{text('x')}</in><match>{text('a-b = 2')}</match></filter>", x=[{"a-b": 2}], **{"a-b": 0}) == [{"a-b": 2}]
    assert value_of(loop.format("for", text("x"), "return", text("n * 2")), x=[1, 2]) == [2, 4]
    assert value_of(loop.format("some", text("x"), "satisfies", text("n > 1")), x=[1, 2]) is True
    assert value_of(loop.format("every", text("x"), "satisfies", text("n > 1")), x=[1, 2]) is False


def test_a_filter_over_nothing_is_quiet_about_types():
    match = text("item", attributes='id="m" typeRef="boolean"')

    assert value_of(f"<filter><in>{text('x')}</in><match>{match}</match></filter>", x=[]) == []
    assert value_of(f"<filter><in>{text('x')}</in><match>{match}</match></filter>", x=["a"]) == []


def test_java_functions_that_only_count_are_known_and_no_other_is_ever_run():
    max_of = 'function(a, b) external {java: {class: "java.lang.Math", method signature: "max(double,double)"}}'
    exit_now = 'function(n) external {java: {class: "java.lang.System", method signature: "exit(int)"}}'

    assert value_of(text(f"({max_of})(1, x)"), x=2) == 2
    assert value_of(text(f"({exit_now})(x)"), x=0) is None


def test_a_problem_in_a_text_says_where():
    made = model(given("x"), decision("d", "\n" + text("x +", attributes='id="broken"'), requires("x")), decision("fine", text("1")))

    problem = made.problems[0]

    assert (problem.element_id, problem.line, problem.position) == ("broken", 2, (3, 3))
    assert "Expected a value or a name" in problem.message
    assert answer(made, "fine") == 1


@pytest.mark.parametrize("how", ["expressionLanguage='javascript'", "importedValues"])
def test_expressions_of_other_languages_and_files_are_refused(how):
    literal = text("1", attributes=how) if "=" in how else "<literalExpression><importedValues/></literalExpression>"

    assert "Expected an expression in FEEL" in model(decision("d", literal)).problems[0].message
