"""Decision tables: what matches, what each hit policy makes of it, and what is told about it."""

import pytest

from engine.dmn import DmnError

from .files import answer, decision, given, model, requires, table, value_of

RULES = ["< 10 : 1", "[5..20] : 2", "> 100 : 3"]


@pytest.mark.parametrize(
    ("policy", "x", "expected"),
    [
        ("UNIQUE", 3, 1),
        ("UNIQUE", 7, None),
        ("UNIQUE", 50, None),
        ("FIRST", 7, 1),
        ("ANY", 7, None),
        ("RULE ORDER", 7, [1, 2]),
        ("RULE ORDER", 50, []),
        ("COLLECT", 7, [1, 2]),
        ("COLLECT", 200, [3]),
        ("COLLECT", 50, []),
    ],
)
def test_a_hit_policy_says_what_several_matches_mean(policy, x, expected):
    assert value_of(table(["x"], ["y"], RULES, policy), x=x) == expected


@pytest.mark.parametrize(
    ("aggregation", "x", "expected"),
    [("SUM", 7, 3), ("MIN", 7, 1), ("MAX", 7, 2), ("COUNT", 7, 2), ("COUNT", 50, 0), ("SUM", 50, None)],
)
def test_a_collection_is_aggregated(aggregation, x, expected):
    collected = table(["x"], ["y"], RULES, "COLLECT", f'aggregation="{aggregation}"')

    assert value_of(collected, x=x) == expected


def test_any_takes_what_all_agree_on():
    assert value_of(table(["x"], ["y"], ["< 10 : 1", "> 3 : 1"], "ANY"), x=5) == 1


def test_priority_and_output_order_follow_the_list_of_output_values():
    outputs = [("y", '"high", "middle", "low"')]
    rules = ['> 1 : "low"', '> 2 : "high"', '> 3 : "middle"']

    assert value_of(table(["x"], outputs, rules, "PRIORITY"), x=5) == "high"
    assert value_of(table(["x"], outputs, rules, "OUTPUT ORDER"), x=5) == ["high", "middle", "low"]


def test_several_outputs_are_one_context():
    rules = ["true : 1 | x", "false : 2 | 0"]

    assert value_of(table(["x > 3"], ["a", "b c"], rules), x=5) == {"a": 1, "b c": 5}


@pytest.mark.parametrize(
    ("cell", "x", "matches"),
    [
        ("-", 1, True),
        ("1, 2", 2, True),
        ("not(1, 2)", 2, False),
        ("not(1, 2)", 3, True),
        ("? > y", 8, True),
        ("? > y", 6, False),
        ("y", 7, True),
        ("< y", 6, True),
        ("[1..y)", 7, False),
        ("[y, 9]", 9, True),
        ('starts with(?, "a")', "abc", True),
        ("null", None, True),
        ("not(null)", None, False),
        ("count(?) > 1", [1, 2], True),
        ("false", False, True),
        ("-1", -1, True),
        ("< -1", -2, True),
        ("[-5..-1]", -1, True),
        ("1", "1", False),
    ],
)
def test_a_cell_is_a_test_of_its_column(cell, x, matches):
    found = value_of(table(["x"], ["z"], [f"{cell} : true"]), x=x, y=7)

    assert found is (True if matches else None)


def test_what_matches_nothing_gets_the_default():
    rules = table(["x"], ["y"], ["1 : 1"]).replace("</output>", "<defaultOutputEntry><text>9</text></defaultOutputEntry></output>")

    assert value_of(rules, x=2) == 9
    assert value_of(rules, x=1) == 1


def test_an_input_outside_the_values_of_its_column_is_told():
    made = model(given("x"), decision("d", table([("x", '"a", "b"')], ["y"], ['- : "any"']), requires("x")))

    outcome = made.evaluate("d", {"x": "c"})

    assert outcome.value is None
    assert "'x' is not among the values" in outcome.problems[0].message
    assert outcome.problems[0].element_id == "table"
    assert answer(made, "d", x="b") == "any"


def test_several_matches_of_a_unique_table_are_told_with_their_numbers():
    made = model(given("x"), decision("d", table(["x"], ["y"], RULES), requires("x")))

    outcome = made.evaluate("d", {"x": 7})

    assert "the rules 1, 2 match" in outcome.problems[0].message


def test_a_trace_says_which_rule_matched_and_where_the_others_failed():
    made = model(given("x"), given("y"), decision("d", table(["x", "y"], ["z"], ["1 | 2 : 3", "1 | 9 : 4", "5 | - : 6"]), requires("x", "y")))

    outcome = made.evaluate("d", {"x": 1, "y": 2}, traced=True)
    found = outcome.decisions[0].tables[0]

    assert [(one.name, one.value) for one in found.inputs] == [("x", 1), ("y", 2)]
    assert [(rule.number, rule.id, rule.matched, rule.failed_input) for rule in found.rules] == [
        (1, "rule1", True, None),
        (2, "rule2", False, 1),
        (3, "rule3", False, 0),
    ]
    assert found.matched[0].outputs == {"z": 3}
    assert found.used == (1,)
    assert outcome.decisions[0].inputs == {"x": 1, "y": 2}


def test_a_hit_policy_that_nobody_knows_is_refused():
    made = model(given("x"), decision("d", table(["x"], ["y"], RULES, "BEST"), requires("x")))

    assert "hit policy of DMN, found 'BEST'" in made.problems[0].message
    with pytest.raises(DmnError):
        answer(made, "d", x=1)


def test_sums_of_several_outputs_are_refused():
    made = model(decision("d", table([], ["a", "b"], [" : 1 | 2"], "COLLECT", 'aggregation="SUM"')))

    assert "one output for the aggregation" in made.problems[0].message


def test_a_rule_with_a_missing_cell_is_refused_with_its_number():
    made = model(given("x"), decision("d", table(["x"], ["y"], ["1 : 1", "1 | 2 : 1"]), requires("x")))

    assert "in rule 2, found 2 and 1" in made.problems[0].message
    assert made.problems[0].element_id == "rule2"
