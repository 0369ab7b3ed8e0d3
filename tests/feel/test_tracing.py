"""Why an expression gave what it gave."""

import pytest

from engine.feel import FeelError, Limits, trace


def told(source, **scope):
    return [(part.text, part.value) for part in trace(source, scope).parts]


def test_every_part_that_is_no_literal_tells_its_value():
    assert told('amount > 100 and customer.tier = "gold"', amount=250, customer={"tier": "silver"}) == [
        ("amount", 250),
        ("amount > 100", True),
        ("customer.tier", "silver"),
        ('customer.tier = "gold"', False),
        ('amount > 100 and customer.tier = "gold"', False),
    ]


def test_what_was_not_asked_for_is_not_told():
    assert told("if a then b else c", a=True, b=1, c=2) == [("a", True), ("b", 1), ("if a then b else c", 1)]


def test_a_loop_tells_every_round_up_to_a_bound():
    assert told("for x in [1, 2] return x + 1")[1:5] == [("x", 1), ("x + 1", 2), ("x", 2), ("x + 1", 3)]
    assert len(told("for x in 1..5000 return x + 1")) == 1000


def test_the_value_and_the_warnings_are_those_of_any_evaluation():
    found = trace('1 + "a"', {})

    assert found.value is None
    assert found.warnings == ("A string cannot be added to a number (characters 0 to 7)",)


@pytest.mark.parametrize("source", ["1 +", "for a in 1..1000, b in 1..1000 return a"])
def test_mistakes_and_limits_are_those_of_any_evaluation(source):
    with pytest.raises(FeelError):
        trace(source, {}, limits=Limits(steps=1000))
