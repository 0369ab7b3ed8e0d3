"""The portal speaks English and French, everywhere."""

import re
import string
from pathlib import Path

import pytest

import portal
from portal.words import SENTENCES, best_language, say, say_count

SOURCES = [*Path(portal.__file__).parent.rglob("*.py"), *Path(portal.__file__).parent.rglob("*.html")]
_USED = re.compile(r"""\b(?:t|tb|tn|say|say_count|pages\.t|story\.say)\(\s*(?:[\w.]+,\s*)?"([a-z0-9_]+)"(?!\s*~)""", re.IGNORECASE)


@pytest.mark.parametrize("key", SENTENCES)
def test_every_sentence_has_the_same_holes_in_both_languages(key: str) -> None:
    holes = [{name for _, name, _, _ in string.Formatter().parse(sentence) if name} for sentence in SENTENCES[key]]

    assert all(sentence.strip() for sentence in SENTENCES[key])
    assert holes[0] == holes[1]


def test_every_sentence_that_a_page_uses_is_there() -> None:
    used = {key for source in SOURCES for key in _USED.findall(source.read_text())}
    known = set(SENTENCES) | {key.rpartition("_")[0] for key in SENTENCES if key.endswith(("_one", "_many"))}

    assert len(used) > 100
    assert not used - known


def test_one_is_not_many_and_french_counts_nought_as_one() -> None:
    assert say_count("en", "members", 0) == "0 people"
    assert say_count("en", "members", 1) == "1 person"
    assert say_count("fr", "members", 2) == "2 personnes"


def test_a_sentence_that_is_not_there_is_a_defect() -> None:
    with pytest.raises(KeyError):
        say("en", "no such key")


def test_the_best_language_is_the_first_that_we_speak() -> None:
    assert best_language(["de", "fr-CA", "en"]) == "fr"
    assert best_language(["de"]) == "en"
