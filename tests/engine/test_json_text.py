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
