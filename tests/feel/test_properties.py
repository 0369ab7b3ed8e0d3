"""Promises for any expression at all."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.feel import FeelError, Limits, YearsMonths, compile_expression, compile_unary_tests, to_text
from engine.feel.builtins import BUILTINS, KNOWN_BUILTINS
from engine.feel.parser import parse
from engine.feel.printer import write

_WORDS = """
1 2.5 "a" true null x y first name @"P1D" ( ) [ ] { } , : .. . + - * / ** = != < <= > >= and or not( in between if then else
for some every return satisfies function( instance of list< number > ? item partial `a b` // /* */ \\
"""
WORDS = _WORDS.split() + [f"{name}(" for name in BUILTINS]
ATOMS = ["1", "2.5", "-3", '"a b"', "true", "false", "null", "x", "y.z", "first name", "[]", "{}", "`if`"]
ATOMS += ['@"P1D"', '@"2020-01-31"', '@"10:00:00Z"']
BINARY = ["+", "-", "*", "/", "**", "=", "!=", "<", "<=", ">", ">=", "and", "or"]
CALLED = sorted(set(BUILTINS) - {"uuid", "random number", "assert"})


def _compound(inner):
    pair = st.tuples(inner, inner)
    return st.one_of(
        st.builds("({0[0]} {1} {0[1]})".format, pair, st.sampled_from(BINARY)),
        st.builds("{0[0]}[{0[1]}]".format, pair),
        st.builds("({0}).year".format, inner),
        st.builds("-({})".format, inner),
        st.builds("[{0[0]}, {0[1]}]".format, pair),
        st.builds("[{0[0]}..{0[1]})".format, pair),
        st.builds("{{a: {0[0]}, b c: {0[1]}}}".format, pair),
        st.builds("(if {0[0]} then {0[1]} else x)".format, pair),
        st.builds("(for i in {0[0]} return {0[1]})".format, pair),
        st.builds("(some i in {0[0]}, j in {0[1]} satisfies i = j)".format, pair),
        st.builds("({0[0]} in (< {0[1]}, [1..2]))".format, pair),
        st.builds("({0[0]} between {0[1]} and 5)".format, pair),
        st.builds("({0} instance of list<number>)".format, inner),
        st.builds("(function(p, q) {0[0]})({0[1]}, 1)".format, pair),
        st.builds("(function(p: list<number>, q q: context<a: range<date>>) {0[0]})({0[1]}, x)".format, pair),
        st.builds("({0} instance of function<number, string> -> date and time)".format, inner),
        st.builds("{1}({0[0]}, {0[1]})".format, pair, st.sampled_from(CALLED)),
        st.builds("{1}({0})".format, inner, st.sampled_from(CALLED)),
    )


EXPRESSIONS = st.recursive(st.sampled_from(ATOMS), _compound, max_leaves=8)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals()
    | st.text(max_size=8)
    | st.dates()
    | st.datetimes(timezones=st.none() | st.timezones())
    | st.times()
    | st.timedeltas()
    | st.builds(YearsMonths, st.integers()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["x", "z", "item", "first name"]), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(EXPRESSIONS)
def test_what_is_printed_reads_back_as_the_same(source):
    tree = parse(source, KNOWN_BUILTINS)

    assert parse(write(tree), KNOWN_BUILTINS) == tree


@pytest.mark.parametrize(
    "source", ["function(a b: number, c) external {java: {class: c}}", "date and (time(x))", "x in (1 + 2)", "x in (not(y))", "{`a-b`: 1}.`a-b`", "f(a b: 1)", "date and time(x)"]
)
def test_printing_keeps_what_is_easily_torn_apart(source):
    tree = parse(source, KNOWN_BUILTINS)

    assert parse(write(tree), KNOWN_BUILTINS) == tree


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=40) | st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join))
def test_no_text_raises_anything_but_the_languages_own_error(source):
    for compile_text in (compile_expression, compile_unary_tests):
        try:
            compile_text(source)
        except FeelError as error:
            assert error.message


@settings(max_examples=400, deadline=None)
@given(EXPRESSIONS, st.dictionaries(st.sampled_from(["x", "y", "first name"]), VALUES, max_size=3))
def test_no_values_raise_anything_but_the_languages_own_error(source, scope):
    try:
        found = compile_expression(source).evaluate(scope, limits=Limits(steps=5000, seconds=0.5))
    except FeelError:
        return

    assert isinstance(to_text(found), str)


@settings(max_examples=200, deadline=None)
@given(st.integers(-(10**33), 10**33), st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**20), max_value=10**20))
def test_sums_are_exact(first, second):
    assert compile_expression("a + b - b").evaluate({"a": second, "b": second}) == second
    assert compile_expression("a - b").evaluate({"a": first, "b": first}) == 0


@given(st.dates(min_value=date(1000, 1, 1), max_value=date(3000, 1, 1)), st.integers(-100_000, 100_000))
def test_adding_days_and_taking_them_off_again_changes_nothing(day, days):
    scope = {"day": day, "length": timedelta(days=days)}

    assert compile_expression("day + length - length").evaluate(scope) == day


def test_numbers_read_back_as_written():
    for number in (0, 10**33, Decimal("0.10"), Decimal("1E+40"), Decimal("1E-30")):
        assert compile_expression(to_text(number)).evaluate({}) == number
