"""No number changes in passing."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import json_text

EXACT = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.decimals(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(EXACT)
def test_every_value_comes_back_exactly(value):
    assert json_text.loads(json_text.dumps(value)) == value


def test_big_integers_and_decimal_sums_keep_every_digit():
    text = json_text.dumps({"big": 2**70, "sum": Decimal("0.1") + Decimal("0.2")})

    assert text == '{"big":1180591620717411303424,"sum":0.3}'
    assert json_text.loads(text) == {"big": 2**70, "sum": Decimal("0.3")}
    assert isinstance(json_text.loads("1.50"), Decimal)
    assert json_text.dumps(json_text.loads("1.50")) == "1.50"


def test_nul_in_a_string_comes_back():
    assert json_text.loads(json_text.dumps("a\x00b")) == "a\x00b"


@pytest.mark.parametrize("text", ["", "{", "NaN", "[1.5, Infinity]", "[" * 100_000 + "1.5", '{"a":' * 5000 + "1" + "}" * 5000])
def test_what_is_not_json_is_refused_in_words(text):
    with pytest.raises(json_text.NotJson):
        json_text.loads(text)


def test_what_json_has_no_word_for_is_refused():
    for value in ({1, 2}, object(), Decimal("NaN"), {"deep": [object()]}):
        with pytest.raises(json_text.NotJson):
            json_text.dumps(value)


@pytest.mark.parametrize("text", ["1e999999999", "-1E6145", "1e-999999999", "[0.5, {\"a\": 1.5e7000}]"])
def test_a_number_whose_digits_nobody_could_write_is_no_json_here(text):
    with pytest.raises(json_text.NotJson, match="6144 digits"):
        json_text.loads(text)


def test_the_largest_and_smallest_numbers_come_back_exactly():
    for text in ("1E+6144", "1E-6144", "0E+7000"):
        assert json_text.dumps(json_text.loads(text)) == text
