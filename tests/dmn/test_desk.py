"""`passerelle feel` and `passerelle decide`: what a modeller asks at the desk, without a server."""

import json

import pytest
from click.testing import CliRunner

from api.cli import main

from .files import decision, file, given, requires, table, text


def run(*arguments, **how):
    return CliRunner().invoke(main, list(arguments), **how)


@pytest.fixture
def loan(tmp_path):
    rules = table(["age", "risk"], ["rate"], ['< 18 | - : 0', '>= 18 | "low" : 2.5', '>= 18 | "high" : 7'])
    path = tmp_path / "loan.dmn"
    path.write_text(
        file(
            given("age", "number"),
            given("risk", "string"),
            given("since", "date"),
            decision("rate", rules, requires("age", "risk")),
            decision("first year", text("since.year"), requires("since")),
        )
    )
    return path


def test_an_expression_is_evaluated_with_variables_from_a_file(tmp_path):
    (tmp_path / "context.json").write_text('{"line-items": [{"price": 0.1}, {"price": 0.2}]}')

    shown = run("feel", "sum(line-items.price)", "--context", str(tmp_path / "context.json"))

    assert shown.output == "0.3\n"


def test_what_became_null_is_noted():
    shown = run("feel", '1 + "a"')

    assert shown.stdout == "null\n"
    assert "cannot be added" in shown.stderr


def test_an_explanation_tells_the_value_of_every_part(tmp_path):
    (tmp_path / "context.json").write_text('{"amount": 50}')

    shown = run("feel", "amount > 100", "--context", str(tmp_path / "context.json"), "--explain")

    assert shown.stdout.splitlines() == ["amount is 50", "amount > 100 is false", "false"]


def test_a_mistake_is_pointed_at():
    shown = run("feel", "if a then b")

    assert shown.exit_code == 1
    assert shown.stderr.splitlines()[1:] == ["  if a then b", "             ^"]


def test_a_cell_of_a_table_is_tried_on_a_value():
    assert run("feel", "[1..5)", "--test", "5").output == "false\n"
    assert run("feel", "[1..5)", "--test", "{").exit_code == 1


def test_what_has_no_json_is_shown_as_feel_writes_it():
    assert run("feel", "[1..5)").output == "[1..5)\n"


def test_a_decision_is_made_from_a_file(loan):
    shown = run("decide", str(loan), "--decision", "rate", "--input", "-", input='{"age": 20, "risk": "low"}')

    assert shown.stdout == "2.5\n"


def test_dates_of_typed_inputs_are_read_from_their_texts(loan):
    assert run("decide", str(loan), "--decision", "first year", "--input", "-", input='{"since": "2018-05-01"}').stdout == "2018\n"


def test_an_explanation_says_which_rule_matched_and_why_the_others_did_not(loan):
    shown = run("decide", str(loan), "--decision", "rate", "--input", "-", "--explain", input=json.dumps({"age": 20, "risk": "low"}))

    lines = shown.stdout.splitlines()
    assert lines[0] == "rate is 2.5 (a decision table)"
    assert "  rule 1 did not match: age is 20, expected < 18" in lines
    assert "  rule 2 matched: rate = 2.5" in lines
    assert '  rule 3 did not match: risk is "low", expected "high"' in lines
    assert lines[-1] == "2.5"


def test_gaps_are_warned_of(loan):
    shown = run("decide", str(loan), "--decision", "rate", "--input", "-", input='{"age": 20, "risk": "odd"}')

    assert "No rule of the table takes age: >= 18 and risk: anything else." in shown.stderr


def test_without_a_name_there_must_be_one_decision_only(loan):
    shown = run("decide", str(loan))

    assert shown.exit_code == 1
    assert "one of 'rate', 'first year'" in shown.stderr


def test_tables_that_name_variables_without_drawing_them_see_the_inputs(tmp_path):
    camunda = (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="dish" name="DRD" namespace="http://camunda.org/schema/1.0/dmn">'
        '<decision id="dishes" name="Dishes"><decisionTable id="t"><input id="i1" label="Season"><inputExpression id="e1" typeRef="string">'
        '<text>season</text></inputExpression></input><input id="i2"><inputExpression id="e2" typeRef="integer"><text>guestCount</text>'
        '</inputExpression></input><output id="o1" name="desiredDish" typeRef="string"/><rule id="r1"><inputEntry id="c1"><text>"Fall"</text>'
        '</inputEntry><inputEntry id="c2"><text>&lt;= 8</text></inputEntry><outputEntry id="a1"><text>"Spareribs"</text></outputEntry></rule>'
        "</decisionTable></decision></definitions>"
    )
    (tmp_path / "dish.dmn").write_text(camunda)

    shown = run("decide", str(tmp_path / "dish.dmn"), "--input", "-", input='{"season": "Fall", "guestCount": 4}')

    assert shown.stdout == '"Spareribs"\n'


@pytest.mark.parametrize("content", ["<", file(decision("d", text("1 +")))])
def test_a_broken_file_is_told_with_its_place(tmp_path, content):
    (tmp_path / "broken.dmn").write_text(content)

    shown = run("decide", str(tmp_path / "broken.dmn"))

    assert shown.exit_code == 1
    assert shown.stderr.startswith("Error: Expected")
