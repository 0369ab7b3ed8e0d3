"""Whatever the engine finds in a file, it can say in French, too."""

import ast
import string
from pathlib import Path

import pytest

import engine
from engine import french
from engine.bpmn import diagram
from engine.feel.sentences import PARSERS_SAY, both, either, of_the_parser, say
from engine.languages import in_language

ENGINE = Path(engine.__file__).parent


def templates() -> dict[str, str]:
    """Every template that the engine says, with a file that says it."""
    found = dict.fromkeys(PARSERS_SAY, "feel/sentences.py")
    for path in sorted(ENGINE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "say" and isinstance(node.args[0], ast.Constant):
                found.setdefault(str(node.args[0].value), path.relative_to(ENGINE).as_posix())
    return found


def holes(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def test_every_sentence_of_the_engine_has_its_french():
    missing = {template: path for template, path in templates().items() if template not in french.SENTENCES}

    assert not missing


def test_no_french_is_kept_for_a_sentence_that_nobody_says_any_more():
    said = set(templates())

    assert [template for template in french.SENTENCES if template not in said] == []


def test_the_french_of_a_sentence_has_no_hole_that_the_english_does_not_fill():
    wrong = {one: other for one, other in french.SENTENCES.items() if not holes(other) <= holes(one)}

    assert not wrong


def test_rules_say_their_findings_as_sentences_and_never_as_plain_text():
    """Else they would be English to everybody: no f-string where a finding is made."""
    plain = []
    for path in sorted((ENGINE / "bpmn" / "checks").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("problem", "warning") and len(node.args) > 1:
                said = node.args[1]
                if isinstance(said, ast.JoinedStr | ast.Constant):
                    plain.append((path.name, ast.unparse(said)))

    assert plain == []


def test_a_sentence_reads_as_its_english_and_is_said_again_in_french_with_all_that_fills_it():
    kinds = either(["'a'", "'b'", "'c'"])
    sentence = say("{name} '{said}' on {flow} changes nothing: {why}.", name="channel", said="api", flow=kinds, why=say("nothing"))

    assert sentence == "channel 'api' on 'a' or 'b' or 'c' changes nothing: nothing."
    assert in_language(sentence, "en") == sentence
    assert in_language(sentence, "fr") == "channel « api » sur 'a' ou 'b' ou 'c' ne change rien : rien."
    assert in_language("plain words", "fr") == "plain words"
    assert (both([]), both(["x"]), both(["x", "y"])) == ("", "x", "x and y")


def test_numbers_are_written_as_the_language_writes_them():
    found = say("Expected a file of at most {most} MB, found {size:.1f} MB.", most=5000, size=7.26)

    assert found == "Expected a file of at most 5000 MB, found 7.3 MB."
    assert in_language(found, "fr") == "Un fichier peut avoir au plus 5\u202f000 Mo ; celui-ci en a 7,3."


def test_elements_are_called_by_their_french_names():
    source = (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t"><process id="p" isExecutable="true">'
        '<startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="c"/><complexGateway id="c" name="Choix"/></process></definitions>'
    )
    told = [in_language(one.message, "fr") for one in diagram.read(source.encode()).problems]

    assert (
        "« Choix », une passerelle complexe, ne peut pas s'exécuter ici : les passerelles complexes ne sont pas prises en charge : utilisez"
        " une passerelle inclusive ou parallèle." in told
    )


@pytest.mark.parametrize(
    ("said", "french_words"),
    [
        (b"<a><b></a>", "ne correspondent pas"),
        (b"", "Ce n'est pas du XML correct"),
        (b"<definitions/>", "Un fichier BPMN 2.0"),
        (b"<!DOCTYPE a><a/>", "déclaration de type"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_in_french(said, french_words):
    [problem, *_] = diagram.read(said).problems

    assert french_words in in_language(problem.message, "fr")


def test_words_of_a_parser_that_are_not_known_stay_as_they_came():
    assert of_the_parser("something new") == "something new"
    assert in_language(of_the_parser("something new"), "fr") == "something new"
