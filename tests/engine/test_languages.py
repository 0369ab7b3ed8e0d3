"""Whatever the engine finds in a file, it can say in French, too."""

import ast
import json
import string
from pathlib import Path

import pytest

import engine
from engine import french
from engine.bpmn import diagram
from engine.feel import compile_expression
from engine.feel.sentences import PARSERS_SAY, again, both, either, kept, of_the_parser, say
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


def plainly(text: str) -> str:
    """As a keyboard writes it."""
    return text.replace("\u00a0", " ").replace("’", "'")


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
    assert plainly(in_language(sentence, "fr")) == "channel « api » sur 'a' ou 'b' ou 'c' ne change rien : rien."
    assert in_language("plain words", "fr") == "plain words"
    assert (both([]), both(["x"]), both(["x", "y"])) == ("", "x", "x and y")


def test_numbers_are_written_as_the_language_writes_them():
    found = say("Expected a file of at most {most} MB, found {size:.1f} MB.", most=5000, size=7.26)

    assert found == "Expected a file of at most 5000 MB, found 7.3 MB."
    assert in_language(found, "fr") == "Un fichier peut avoir au plus 5\u202f000 Mo\u00a0; celui-ci en a 7,3."


def test_french_is_typeset_but_what_fills_it_stays_as_it_is():
    said = in_language(say("There is no input '{name}'", name="l'un : deux"), "fr")

    assert said == "L’entrée «\u00a0l'un : deux\u00a0» n’existe pas"


def test_a_sentence_is_kept_as_json_and_said_again_in_either_language():
    inner = say("Expected {what} without a fraction", what=say("an index"))
    sentence = say("{message} (in '{source}')", message=inner, source="x[1.5]")
    remembered = again(json.loads(json.dumps(kept(sentence))))

    assert remembered == sentence == "Expected an index without a fraction (in 'x[1.5]')"
    assert plainly(in_language(remembered, "fr")) == "un rang sans décimales est attendu (dans « x[1.5] »)"
    assert kept("somebody's own words") is None


@pytest.mark.parametrize(
    ("source", "french_words"),
    [
        ('1 + "a"', "Une valeur de type texte ne s'ajoute pas à une valeur de type nombre (caractères 0 à 7)"),
        ("missing", "« missing » n'existe pas"),
        ("[1, 2][4]", "Il n'y a pas d'élément de rang 4 ; la liste en a 2"),
        ('matches("a", "(")', "matches : Un groupe du motif n'est pas fermé"),
        ('upper case(3)', "upper case : « string » est une valeur de type nombre ; une valeur de type texte est attendue"),
        ('date("2026-02-30")', "date : La date 2026-2-30 n'existe pas dans le calendrier"),
        ('duration("x")', "Une durée, par exemple P1Y6M ou P2DT4H, est attendue, et non « x »"),
        ("1 / 0", "Une division par zéro"),
    ],
)
def test_why_an_expression_gives_null_is_told_in_french(source, french_words):
    warnings = []
    assert compile_expression(source).evaluate({}, on_warning=warnings.append) is None

    assert any(french_words in plainly(in_language(one, "fr")) for one in warnings), [in_language(one, "fr") for one in warnings]


def test_elements_are_called_by_their_french_names():
    source = (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t"><process id="p" isExecutable="true">'
        '<startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="c"/><complexGateway id="c" name="Choix"/></process></definitions>'
    )
    told = [plainly(in_language(one.message, "fr")) for one in diagram.read(source.encode()).problems]

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

    assert french_words in plainly(in_language(problem.message, "fr"))


def test_words_of_a_parser_that_are_not_known_stay_as_they_came():
    assert of_the_parser("something new") == "something new"
    assert in_language(of_the_parser("something new"), "fr") == "something new"
