"""The reference page: current, complete, and true."""

from pathlib import Path

import pytest

from engine.feel.builtins import BUILTINS
from engine.feel.reference import examples, reference

from .cases import value

PAGE = Path(__file__).parents[2] / "docs" / "feel.md"
EXAMPLES = sorted(set(examples()))


def test_the_page_is_what_the_functions_say_of_themselves():
    assert PAGE.read_text("utf-8") == reference(), "write it anew: python -m engine.feel.reference > docs/feel.md"


def test_every_built_in_is_on_the_page_with_an_example_of_its_own():
    assert {name for name, example in EXAMPLES if f"{name}(" in example or name in ("put",)} == set(BUILTINS)


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_an_example_is_true(name, example):
    assert value(example) is True
