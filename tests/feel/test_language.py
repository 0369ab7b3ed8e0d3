"""What the language promises: operators, names, paths, filters, loops, functions."""

from collections.abc import Mapping
from decimal import Decimal

import pytest

from engine.feel import FeelError, Range, compile_expression, evaluate_unary_tests

from .cases import value, warnings


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("-2 ** 2", 4),
        ("2 ** 3 ** 2", 64),
        ("10 - 2 - 3", 5),
        ("10 / 4", Decimal("2.5")),
        ("10 / 5", 2),
        ("1 / 3", Decimal("0.3333333333333333333333333333333333")),
        ("0.1 + 0.2", Decimal("0.3")),
        ("2 ** 70", 2**70),
        (".5 + 1.5e1", Decimal("15.5")),
        ('"foo" + "bar"', "foobar"),
        ("1 < 2 and 2 <= 2 and 3 > 2 and 3 >= 3", True),
        ("1 != 2", True),
        ("5 between 1 and 5", True),
        ("5 between 6 and 7 or true", True),
        ("if 1 > 2 then 3 else 4", 4),
        ("if null then 3 else 4", 4),
        ("1 // rest\n + /* between */ 1", 2),
    ],
)
def test_operators_bind_and_count_as_the_standard_says(source, expected):
    assert value(source) == expected


def test_numbers_never_pass_through_binary_floats():
    assert value("x + y", x=0.1, y=0.2) == Decimal("0.3")
    assert value("x", x=2**70) == 2**70
    assert value("x * x", x=10**4000) is None
    assert value("x + 1", x=10**40) == 10**40
    assert type(value("x[1].y", x=[{"y": 0.5}])) is Decimal
    assert value("x", x=[1, {"a": 0.25}]) == [1, {"a": Decimal("0.25")}]


@pytest.mark.parametrize(
    ("left", "operator", "right", "expected"),
    [
        ("true", "and", "null", None),
        ("false", "and", "null", False),
        ("null", "and", "false", False),
        ("true", "or", "null", True),
        ("null", "or", "true", True),
        ("false", "or", "null", None),
        ("1", "and", "true", None),
        ("true", "and", "true", True),
        ("false", "or", "false", False),
    ],
)
def test_and_and_or_know_three_values(left, operator, right, expected):
    assert value(f"{left} {operator} {right}") is expected


def test_long_chains_of_and_are_not_deep():
    assert value(" and ".join(["true"] * 5000)) is True


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("5 in [1..5]", True),
        ("5 in [1..5)", False),
        ("1 in ]1..5]", False),
        ("5 in [1..5[", False),
        ("5 in (1..5)", False),
        ("5 in (< 3, > 4)", True),
        ("5 in <= 5", True),
        ("5 in (1, 5)", True),
        ("5 in [1, 5]", True),
        ('"b" in ["a".."c"]', True),
        ("5 in (not(false))", None),
        ("(< 5)", Range(None, 5, False, False)),
        ("[1..5].end", 5),
    ],
)
def test_in_takes_ranges_lists_and_tests(source, expected):
    assert value(source) == expected


def test_text_literals_resolve_escapes():
    assert value(r'"a\"b\n\u00e9\uD83D\uDC0E\U01F40E"') == 'a"b\né🐎🐎'


def test_paths_go_through_contexts_and_lists():
    case = {"customer": {"tier": "gold"}, "lines": [{"price": 3}, {"price": 4}]}

    assert value("case.customer.tier", case=case) == "gold"
    assert value("case.lines.price", case=case) == [3, 4]
    assert value("case.lines[2].price", case=case) == 4
    assert value("case.nobody.tier", case=case) is None


def test_filters_find_by_place_and_by_condition():
    assert value("[10, 20, 30][1]") == 10
    assert value("[10, 20, 30][-1]") == 30
    assert value("[10, 20, 30][4]") is None
    assert value("[10, 20, 30][item > 15]") == [20, 30]
    assert value("xs[x > 3]", xs=[{"x": 3}, {"x": 4}]) == [{"x": 4}]
    assert value("xs[item.x > limit]", xs=[{"x": 3}, {"x": 4}], limit=3) == [{"x": 4}]
    assert value("xs[i]", xs=[7, 8], i=2) == 8
    assert value("5[item > 3]") == [5]
    assert value("[][1]") is None
    assert value('[1, 2]["neither true nor false"]') is None
    assert value("[1, 2][null]") == []


def test_an_entry_of_the_item_hides_the_variable_outside():
    assert value("xs[x = 1]", xs=[{"x": 1}, {"y": 2}], x=1) == [{"x": 1}, {"y": 2}]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("for x in [1, 2] return x * 2", [2, 4]),
        ("for x in 3..1 return x", [3, 2, 1]),
        ("for x in (1..4] return x", [2, 3, 4]),
        ("for x in [1, 2], y in [x, 10] return x * y", [1, 10, 4, 20]),
        ("for i in 0..4 return if i = 0 then 1 else i * partial[-1]", [1, 1, 2, 6, 24]),
        ("some x in [1, 2] satisfies x > 1", True),
        ("every x in [1, 2] satisfies x > 1", False),
        ("every x in [] satisfies x > 1", True),
        ("some x in [1, null] satisfies x > 1", None),
        ('some x in [1, 2] satisfies if x = 1 then "?" else true', None),
        ("for x in [2..1] return x", None),
        ("(for f in (for i in 1..2 return function() i) return f())", [1, 2]),
    ],
)
def test_loops(source, expected):
    assert value(source) == expected


def test_a_loop_inside_a_loop_never_leaks_into_the_next_round():
    assert value("for x in [1, 2], y in [y, x] return y", y=7) == [7, 1, 7, 2]


def test_entries_of_a_context_see_those_before_them():
    assert value("{a: 1, b: a + 1, c: {d: b + 1}}") == {"a": 1, "b": 2, "c": {"d": 3}}


def test_functions_are_values():
    assert value("(function(x, y) x - y)(3, 1)") == 2
    assert value("{f: function(x, y) x - y, r: f(y: 1, x: 3)}.r") == 2
    assert value("{f: function(n) if n < 2 then 1 else n * f(n - 1), r: f(20)}.r") == 2432902008176640000
    assert value("(function(x) x)(1, 2)") is None
    assert value('(function(x: number) 1)("a")') is None
    assert value("(function(x: number) x)([2])") == 2
    assert value('{up: upper case, r: up("a")}.r') == "A"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("1 instance of number", True),
        ("true instance of number", False),
        ('@"P1D" instance of days and time duration', True),
        ('@"2020-01-01" instance of date and time', False),
        ("[1, 2] instance of list<number>", True),
        ('[1, "a"] instance of list<number>', False),
        ("{a: 1} instance of context<a: number>", True),
        ("null instance of Any", False),
        ("[1..2] instance of range<number>", True),
    ],
)
def test_instance_of(source, expected):
    assert value(source) is expected


def test_a_variable_called_like_a_built_in_hides_it_only_if_it_is_a_function():
    assert value('date("2026-01-31").day + date.day', ["date"], date=value('@"2026-01-01"')) == 32
    assert value("{count: 5, r: count([1, 2])}.r") == 2
    assert value("{count: function(x) 7, r: count([1, 2])}.r") == 7


def test_names_may_have_several_words():
    assert value("first name + last name", **{"first name": "A", "last name": "B"}) == "AB"
    assert value("person.first name", person={"first name": "A"}) == "A"
    assert value("{first name: 1, r: first name + 1}.r") == 2
    assert value("terms and conditions", ["terms and conditions"], **{"terms and conditions": 1}) == 1
    assert value("line-items - 1", ["line-items"], **{"line-items": 3}) == 2
    assert value("`a-b` + 1", **{"a-b": 1}) == 2
    assert value("date and time", date=True, time=False) is False
    assert value("duration + date", duration=1, date=2) == 3


def test_an_expression_tells_which_variables_it_may_read():
    names = compile_expression("for x in xs return x + limit[y > min(z)] + {a: b}.a").names

    assert names == {"xs", "limit", "y", "z", "b"}


def test_only_names_that_are_read_are_asked_for():
    asked = []

    class Scope(Mapping):
        def __getitem__(self, name):
            asked.append(name)
            return {"a": True, "b": 1}[name]

        def __iter__(self):
            raise AssertionError("a scope is never walked over")

        __len__ = __iter__

    compile_expression("if a then b else c").evaluate(Scope())

    assert asked == ["a", "b"]


@pytest.mark.parametrize(
    "source", ['1 + "a"', "1 < true", '"1" = 1', "x", "{a: 1}.b", "1 / 0", "0 ** -1", "10 ** 7000", "null.a", "null[1]", "3(4)", "sum([])"]
)
def test_what_does_not_fit_is_null_with_a_warning_that_says_where(source):
    told = warnings(source)

    assert len(told) == 1
    assert "characters" in told[0]


@pytest.mark.parametrize(
    ("source", "position", "words"),
    [
        ("amount >", (8, 8), "Expected a value or a name, found the end of the expression at position 9."),
        ("if a then b", (11, 11), "Expected 'else'"),
        ("(1 + 2", (6, 6), "Expected ')'"),
        ('a = "b', (4, 6), "a closing quote"),
        ("1 +\n* 2", (4, 5), "line 2, column 1"),
        ("a && b", (3, 4), "found '&'"),
        ("x instance of nmber", (0, 19), "the name of a type"),
        ("{a: 1, a: 2}", (7, 8), "every name once"),
        ("function() external {}", (11, 19), "never run"),
        ("/* open", (0, 7), "'*/'"),
        ('"\\uD800"', (0, 8), "complete character"),
    ],
)
def test_a_syntax_error_says_what_was_found_and_what_was_expected(source, position, words):
    with pytest.raises(FeelError) as caught:
        compile_expression(source)

    assert words in caught.value.message
    if source != "a && b":
        assert caught.value.position == position
    assert caught.value.expected
    assert caught.value.line == source.count("\n") + 1


def test_unary_tests_are_the_cells_of_a_table():
    assert evaluate_unary_tests("-", 1) is True
    assert evaluate_unary_tests("< 10, 20", 20) is True
    assert evaluate_unary_tests('not("a", "b")', "a") is False
    assert evaluate_unary_tests("[1..x)", 5, {"x": 5}) is False
    assert evaluate_unary_tests("? > 3 and ? < 5", 4) is True
