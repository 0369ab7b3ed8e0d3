"""Gaps and overlaps of decision tables, found before anybody asks them."""

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from .files import answer, decision, given, model, requires, table


def warned(rules, inputs=("x",), policy="UNIQUE", type_ref="Any"):
    names = [one[0] if isinstance(one, tuple) else one for one in inputs]
    logic = table(list(inputs), ["y"], rules, policy).replace("<inputExpression >", f'<inputExpression typeRef="{type_ref}">')
    made = model(*(given(name) for name in names), decision("d", logic, requires(*names)))
    assert not made.problems
    return [warning.message for warning in made.warnings]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (["< 10 : 1", ">= 10 : 2"], []),
        (["< 10 : 1", "> 10 : 2"], ["No rule of the table takes x: 10."]),
        (["[1..5] : 1", "(5..9] : 2"], ["No rule of the table takes x: < 1, > 9."]),
        (["< 10 : 1", ">= 5 : 2"], ["The rules 1 and 2 both take x: [5..10) (hit policy UNIQUE)."]),
        (['"a" : 1', '"b" : 2'], ["No rule of the table takes x: anything else."]),
        (['"a" : 1', 'not("a") : 2'], []),
        (["true : 1"], ["No rule of the table takes x: false."]),
        (["- : 1"], []),
        (['< date("2026-01-01") : 1', '> @"2026-01-02" : 2'], ['No rule of the table takes x: [2026-01-01..2026-01-02].']),
        (['<= @"P1D" : 1', '> @"P1D" : 2'], []),
        (["< limit : 1"], []),
        (["? > 3 : 1"], []),
    ],
)
def test_one_column(rules, expected):
    assert warned(rules) == expected


def test_columns_are_looked_at_together():
    rules = ["< 18 | - : 1", '>= 18 | "low" : 2', '>= 20 | "high" : 3']

    assert warned(rules, [("age"), ("risk", '"low", "high"')]) == ['No rule of the table takes age: [18..20) and risk: "high".']


def test_whole_numbers_have_no_gap_between_neighbours():
    assert warned(["<= 17 : 1", ">= 18 : 2"], type_ref="integer") == []
    assert warned(["<= 17 : 1", ">= 18 : 2"]) == ["No rule of the table takes x: (17..18)."]


def test_rules_that_agree_may_meet_where_any_is_enough():
    assert warned(["< 5 : 1", "- : 1"], policy="ANY") == []
    assert warned(["< 5 : 2", "- : 1"], policy="ANY") == ["The rules 1 and 2 both take x: < 5 (hit policy ANY)."]


def test_what_collects_needs_no_rule_for_everything():
    assert warned(["< 5 : 1"], policy="COLLECT") == []


def test_a_warning_points_at_its_table():
    made = model(given("x"), decision("d", table(["x"], ["y"], ["1 : 1"]), requires("x")))

    assert made.warnings[0].element_id == "table"
    assert made.warnings[0].line == 1


CELLS = st.sampled_from(["-", "< 3", "<= 3", "> 3", ">= 5", "[2..4]", "(2..5)", "3", "1, 4", "not(2)", "not([1..3))"])


@settings(max_examples=60, deadline=None)
@for_all(st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=5))
def test_a_table_without_warnings_answers_every_input_with_one_rule(rows):
    rules = [f"{first} | {second} : {number}" for number, (first, second) in enumerate(rows)]
    made = model(given("x"), given("z"), decision("d", table(["x", "z"], ["y"], rules), requires("x", "z")))
    silent = not made.warnings

    points = [half / 2 for half in range(0, 13)]
    unanswered = [(x, z) for x in points for z in points if answer(made, "d", x=x, z=z) is None]

    assert silent is (not unanswered)
