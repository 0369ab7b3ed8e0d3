"""What a form asks for, and whether an answer will do."""

import time
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from engine import answers, files, form_checks, forms
from engine.answers import HandedIn, NotAnAnswer

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=timezone(timedelta(hours=1)))


def form(*components: dict[str, Any]) -> dict[str, Any]:
    return {"id": "a-form", "type": "default", "components": list(components)}


def field(kind: str, key: str = "x", **more: Any) -> dict[str, Any]:
    return {"type": kind, "key": key, "label": key.title(), **more}


def choices(*values: Any) -> list[dict[str, Any]]:
    return [{"value": value, "label": f"Label of {value}"} for value in values]


def answer(component: dict[str, Any], typed: str | list[str] = "", language: str = "en") -> Any:
    """The value that comes of it, or the sentence beside the field."""
    variables, errors = forms.check(form(component), {"x": typed}, language, now=NOW)
    return errors.get("x") or variables["x"]


@pytest.mark.parametrize(
    ("typed", "language", "value"),
    [
        ("42", "en", 42),
        ("-7", "en", -7),
        ("0.1", "en", Decimal("0.1")),
        ("1,234.50", "en", Decimal("1234.50")),
        ("1 234,50", "fr", Decimal("1234.50")),
        ("1\u202f234,5", "fr", Decimal("1234.5")),
        ("\u22123", "en", -3),
        (str(2**70), "en", 2**70),
    ],
)
def test_a_number_is_read_as_people_write_it_and_stays_exact(typed: str, language: str, value: Any) -> None:
    assert answer(field("number"), typed, language) == value


@pytest.mark.parametrize("typed", ["abc", "1e5", "1,2,3", "NaN", "Infinity", "1.2.3", "١٢x", "9" * 300])
def test_what_is_no_number_is_refused_in_words(typed: str) -> None:
    assert answer(field("number"), typed) == "Please give a number in digits, such as 42."


def test_a_number_keeps_to_its_limits_and_decimals() -> None:
    limited = field("number", decimalDigits=2, validate={"min": 1, "max": "99.5"})

    assert answer(limited, "0.5") == "Please give 1 or more."
    assert answer(limited, "100") == "Please give 99.5 or less."
    assert answer(limited, "3.145", "fr") == "Veuillez donner au plus 2 chiffres après la virgule."
    assert answer(limited, "3.14000") == Decimal("3.14")
    assert answer(field("number", decimalDigits=0), "3.5") == "Please give a whole number, without decimals."
    assert answer(field("number", serializeToString=True), "0.10") == "0.10"


def test_a_required_answer_cannot_be_left_out() -> None:
    required = {"validate": {"required": True}}

    assert answer(field("textfield", **required), "   ") == "Please fill this in."
    assert answer(field("checkbox", **required)) == "Please tick this box to go on."
    assert answer(field("radio", values=choices("a"), **required)) == "Please choose one."
    assert answer(field("checklist", values=choices("a"), **required), []) == "Please choose at least one."
    assert answer(field("number", **required), "0") == 0


def test_a_required_no_is_an_answer() -> None:
    yes_no = field("radio", values=choices(True, False), validate={"required": True})

    assert answer(yes_no, "false") is False


def test_only_the_answers_offered_are_taken_and_keep_their_type() -> None:
    offered = field("select", values=choices(1, "1a", True))

    assert answer(offered, "1") == 1
    assert answer(offered, "1a") == "1a"
    assert answer(offered, "true") is True
    assert answer(offered, "2") == "Please choose one of the answers in the list."
    assert answer(field("checklist", values=choices("a", "b")), ["b", "a", "b"]) == ["b", "a"]
    assert answer(field("checklist", values=choices("a", "b")), ["b", "x"]) == "Please choose one of the answers in the list."


def test_choices_may_come_from_a_variable_or_an_expression() -> None:
    variables = {"garages": ["Martin", {"value": "c", "label": "Central"}]}
    by_key, by_feel = field("select", valuesKey="garages"), field("select", valuesExpression='=["a", "b"]')

    (item,) = forms.read(form(by_key), variables).items

    assert [(option.token, option.label) for option in item.options] == [("Martin", "Martin"), ("c", "Central")]
    assert forms.check(form(by_key), {"x": "c"}, variables=variables) == ({"x": "c"}, {})
    assert answer(by_feel, "b") == "b"


def test_text_keeps_to_length_and_format() -> None:
    assert answer(field("textfield", validate={"minLength": 5}), "abc") == "Please write at least 5 characters (3 so far)."
    assert answer(field("textfield", validate={"maxLength": 2}), "abc") == "Please write at most 2 characters (3 so far)."
    assert answer(field("textfield", validate={"pattern": "^[A-Z]{2}-[0-9]{3}$"}), "AB-12") == "This is not in the expected format."
    assert answer(field("textfield", validate={"pattern": "^[A-Z]{2}-[0-9]{3}$"}), " AB-123 ") == "AB-123"
    assert answer(field("textfield", validate={"validationType": "email"}), "a@b") == (
        "Please give an e-mail address, such as name@example.com."
    )
    assert answer(field("textfield", validate={"validationType": "email"}), "a.b@example.com") == "a.b@example.com"
    assert answer(field("textfield", validate={"validationType": "phone"}), "+33 1 23 45 67 89") == "+33 1 23 45 67 89"
    assert answer(field("textarea"), "one\r\ntwo\r\n") == "one\ntwo"


def test_who_writes_the_form_may_say_what_a_pattern_means() -> None:
    plate = field(
        "textfield", validate={"pattern": "^[A-Z]+$"}, patternMessage="Capitals only.", i18n={"fr": {"patternMessage": "En capitales."}}
    )

    assert answer(plate, "abc") == "Capitals only."
    assert answer(plate, "abc", "fr") == "En capitales."


@pytest.mark.parametrize("pattern", ["^(a+)+$", "^(a|a)*b$", "^([a-z]+)*!$"])
def test_no_pattern_can_be_made_to_run_for_long(pattern: str) -> None:
    began = time.monotonic()
    answer(field("textfield", validate={"pattern": pattern}), "a" * 5000 + "?")

    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("more", "typed", "value"),
    [
        ({"subtype": "date"}, "2026-11-30", "2026-11-30"),
        ({"subtype": "date"}, "30.11.2026", "2026-11-30"),
        ({"subtype": "date"}, "2026-02-30", "Please give a real date: year, month and day."),
        ({"subtype": "date", "disallowPassedDates": True}, "2026-11-23", "Please give a date that is not past."),
        ({"subtype": "date", "disallowPassedDates": True}, "2026-11-24", "2026-11-24"),
        ({"subtype": "time", "timeSerializingFormat": "no_timezone"}, "14:30", "14:30"),
        ({"subtype": "datetime", "timeSerializingFormat": "no_timezone"}, "2026-12-01T08:15", "2026-12-01T08:15"),
        ({"subtype": "datetime"}, "2026-12-01T08:15", "2026-12-01T08:15+01:00"),
        ({"subtype": "datetime", "timeSerializingFormat": "utc_normalized"}, "2026-12-01T08:15", "2026-12-01T07:15Z"),
        ({"subtype": "datetime"}, "tomorrow", "Please give a date and a time of day."),
    ],
)
def test_dates_are_real_and_kept_in_iso_8601(more: dict[str, Any], typed: str, value: str) -> None:
    assert answer(field("datetime", **more), typed) == value


def test_a_key_with_dots_writes_into_a_context_and_keeps_the_rest_of_it() -> None:
    known = {"claim": {"number": 7, "car": {"colour": "red"}}}
    schema = form({"type": "group", "path": "claim", "components": [field("textfield", "car.plate")]})

    variables, errors = forms.check(schema, {"claim.car.plate": "AB"}, variables=known)

    assert (variables, errors) == ({"claim": {"number": 7, "car": {"colour": "red", "plate": "AB"}}}, {})
    assert known == {"claim": {"number": 7, "car": {"colour": "red"}}}


def test_what_is_known_already_stands_in_the_form() -> None:
    schema = form(
        field("textfield", "a"),
        field("textfield", "b", defaultValue="usual"),
        field("number", "c"),
        field("checkbox", "d"),
        field("number", "e", defaultValue="=1 + 1"),
    )

    items = forms.read(schema, {"a": "known", "c": Decimal("1.50"), "d": True}, language="fr").items

    assert [list(item.typed) for item in items] == [["known"], ["usual"], ["1,50"], ["true"], ["2"]]


def test_a_field_that_cannot_be_changed_takes_no_answer() -> None:
    schema = form(
        field("textfield", "a", readonly=True),
        field("textfield", "b", disabled="=locked"),
        field("textfield", "c", disabled="=not(locked)"),
    )

    variables, _ = forms.check(schema, {"a": "forged", "b": "forged", "c": "typed"}, variables={"a": "true value", "locked": True})

    assert variables == {"a": "true value", "c": "typed"}


def _with_condition() -> dict[str, Any]:
    return form(
        field("radio", "injured", values=choices(True, False)),
        field("textfield", "who", validate={"required": True}, conditional={"hide": "=injured != true"}),
        field("textfield", "hospital", validate={"required": True}, conditional={"hide": '=not(who = "Anna")'}),
    )


def test_a_hidden_field_is_neither_asked_nor_answered() -> None:
    variables, errors = forms.check(_with_condition(), {"injured": "false", "who": "Anna", "hospital": "x"})

    assert (variables, errors) == ({"injured": False}, {})


def test_an_answer_may_bring_up_a_question_which_is_then_new_and_not_yet_an_error() -> None:
    sheet = forms.read(_with_condition(), {}, {"injured": "true"}, asked=["injured"])

    assert (sheet.errors, sheet.new, sheet.is_complete) == ({}, ("who",), False)

    again = forms.read(_with_condition(), {}, {"injured": "true", "who": ""}, asked=sheet.asked)

    assert list(again.errors) == ["who"]


def test_a_value_in_a_text_makes_no_link_of_its_own_and_stays_in_its_quotation() -> None:
    answered = {"said": "Pay [here](https://a.example)\n\nApproved", "map": "https://b.example"}
    texts = ["> {{said}}\nend", "[map]({{map}})", '{{ "[map](" + map + ")" }}', "=said"]
    sheet = forms.read(form(*({"type": "text", "text": text} for text in texts)), answered, None, language="en")

    assert [item.label for item in sheet.items] == [
        "> Pay \\[here](https://a.example)\n> \n> Approved\nend",
        "[map](https://b.example)",
        "[map](https://b.example)",
        "Pay \\[here](https://a.example)\n\nApproved",
    ]


def test_texts_follow_the_language_and_the_variables() -> None:
    schema = form(
        {"type": "text", "text": "Hello {{name}}, {{ 1 + 1 }}", "i18n": {"fr": {"text": "Bonjour {{name}}"}}},
        field("select", values=choices("a"), i18n={"fr": {"label": "Lequel ?", "values": {"a": "Le premier"}}}),
        field("textfield", "y", label='="For " + name'),
    )

    english = forms.read(schema, {"name": "<b>Ann"}, language="en").items
    french = forms.read(schema, {"name": "Ann"}, language="fr").items

    assert (english[0].label, english[1].label, english[2].label) == ("Hello <b>Ann, 2", "X", "For <b>Ann")
    assert (french[0].label, french[1].label, french[1].options[0].label) == ("Bonjour Ann", "Lequel ?", "Le premier")


def test_a_form_that_can_be_filled_in_has_no_problems() -> None:
    schema = form(
        {"type": "group", "label": "G", "path": "g", "components": [field("textfield", "a", validate={"pattern": "^[0-9]+$"})]},
        field("taglist", "b", values=choices("x")),
        field("checkbox", "c"),
        {"type": "button", "action": "submit", "label": "Send"},
        {"type": "separator"},
    )

    assert form_checks.problems(schema) == []


@pytest.mark.parametrize(
    ("component", "said"),
    [
        (field("html"), "raw HTML is not shown"),
        (field("filepicker", accept=".pdf,.docx"), "found .docx"),
        (field("filepicker", accept="=("), "the accept is not FEEL"),
        (field("filepicker", validate={"minFiles": 3, "maxFiles": 2}), "no answer could ever be right"),
        ({"type": "documentPreview", "dataSource": "=("}, "the dataSource is not FEEL"),
        (field("dynamiclist"), "lists that grow are not supported"),
        (field("hologram"), "found type 'hologram'"),
        ({"type": "textfield", "label": "L"}, "expected a key"),
        ({"type": "textfield", "key": "k" * 256}, "expected a key"),
        ({"type": "textfield", "key": "a\x00b"}, "expected a key"),
        ({"type": "group", "path": "p" * 256, "components": [{"type": "textfield", "key": "a"}]}, "expected a key"),
        (field("textfield", validate={"pattern": "(?=a)"}), "the pattern cannot be used"),
        (field("textfield", validate={"minLength": 5, "maxLength": 2}), "no answer could ever be right"),
        (field("number", validate={"min": 5, "max": 2}), "no answer could ever be right"),
        (field("select"), "to choose from, found none"),
        (field("radio", values=choices("a", "a")), "found one twice"),
        (field("textfield", conditional={"hide": "=1 +"}), "the hide condition is not FEEL"),
        (field("textfield", label="=("), "the label is not FEEL"),
        ("text", "expected an object, found str"),
    ],
)
def test_a_form_that_cannot_work_is_refused_in_words(component: Any, said: str) -> None:
    (problem,) = form_checks.problems(form(component))

    assert said in problem


def test_two_fields_cannot_share_a_key_or_cross_each_other() -> None:
    assert "found 'a' twice" in form_checks.problems(form(field("textfield", "a"), field("number", "a")))[0]
    assert "found both" in form_checks.problems(form(field("textfield", "a"), field("number", "a.b")))[0]


@pytest.mark.parametrize("schema", [None, [], "x", {}, {"id": 7, "components": []}, {"id": "a"}, {"id": "a", "components": {}}])
def test_what_is_no_form_at_all_is_refused(schema: Any) -> None:
    assert form_checks.problems(schema)


def test_a_form_without_end_is_refused() -> None:
    deep: dict[str, Any] = field("textfield")
    for _ in range(60):
        deep = {"type": "group", "components": [deep]}

    assert "found more" in form_checks.problems(form(deep))[-1]
    assert "found more" in form_checks.problems(form(*(field("textfield", f"k{n}") for n in range(600))))[-1]


def test_every_sentence_is_there_in_both_languages() -> None:
    english, french = answers.SENTENCES["en"], answers.SENTENCES["fr"]

    assert english.keys() == french.keys()
    assert not {key for key in english if english[key] == french[key]}


def test_without_a_clock_given_the_day_is_todays() -> None:
    _, errors = forms.check(form(field("datetime", disallowPassedDates=True)), {"x": str((datetime.now(UTC) - timedelta(days=2)).date())})

    assert errors


# -- files --------------------------------------------------------------------------------------------------------


def _reference(key: int, name: str = "a.jpg") -> dict[str, Any]:
    return files.reference(key, name, "image/jpeg", 5, "cafe")


ONE, TWO = _reference(1), _reference(2, "b.jpg")
KNOWN = HandedIn({"1": ONE, "2": TWO, "4": _reference(4, "c.jpg")}, most=3)


def test_files_are_answered_by_their_keys_and_stand_in_the_variable_as_references() -> None:
    schema = form(field("filepicker", multiple=True))
    sheet = forms.read(schema, {}, {"x": ["2", "1", "2"]}, handed_in=KNOWN)

    assert sheet.variables == {"x": [TWO, ONE]}
    (item,) = sheet.pickers()
    assert [file.name for file in item.files] == ["b.jpg", "a.jpg"]
    assert (item.most, item.accept) == (3, files.KINDS)


def test_a_file_that_nobody_handed_in_is_no_answer() -> None:
    sheet = forms.read(form(field("filepicker", multiple=True)), {}, {"x": ["1", "3"]}, handed_in=KNOWN)

    assert "no longer there" in sheet.errors["x"]
    assert [file.key for file in next(sheet.pickers()).files] == ["1"]


@pytest.mark.parametrize(
    ("more", "typed", "said"),
    [
        ({"validate": {"required": True}}, [], "Please add a file."),
        ({"validate": {"minFiles": 1}}, [], "Please add a file."),
        ({"multiple": True, "validate": {"minFiles": 2}}, ["1"], "at least 2 files (1 so far)"),
        ({"multiple": True, "validate": {"maxFiles": 1}}, ["1", "2"], "Only one file fits here: “b.jpg” was not added."),
        ({"multiple": True, "validate": {"maxFiles": 2}}, ["1", "2", "4"], "At most 2 files fit here: “c.jpg” was not added."),
        ({}, ["1", "2"], "Only one file"),
    ],
)
def test_as_many_files_as_the_form_says(more: dict[str, Any], typed: list[str], said: str) -> None:
    sheet = forms.read(form(field("filepicker", **more)), {}, {"x": typed}, handed_in=KNOWN)

    assert said in sheet.errors["x"]


def test_why_a_file_was_not_taken_stands_beside_its_field() -> None:
    refused = {"x": [NotAnAnswer("file_kind", name="a.jpg", kinds=files.KINDS), NotAnAnswer("file_large", name="b.pdf", limit=15)]}
    sheet = forms.read(form(field("filepicker")), {}, {"x": []}, handed_in=HandedIn(refused=refused), language="fr")

    assert sheet.errors["x"].startswith("« a.jpg » n’a pas été ajouté. Attendu : une image (JPEG, PNG, WebP, HEIC) ou un PDF.")
    assert "il dépasse 15 Mo" in sheet.errors["x"]


def test_files_given_before_stay_and_those_that_the_reader_may_not_know_of_are_not_shown() -> None:
    schema = form(field("filepicker", multiple=True))
    everything = {"x": [ONE, TWO, "no file", {"a": 1}]}

    assert [file.key for file in next(forms.read(schema, everything).pickers()).files] == ["1", "2"]
    assert [file.key for file in next(forms.read(schema, everything, handed_in=HandedIn({"2": TWO})).pickers()).files] == ["2"]
    assert forms.check(schema, {"x": ["1"]}, variables=everything) == ({"x": [ONE]}, {})


def test_files_are_shown_by_a_preview_and_by_name_in_a_text() -> None:
    schema = {
        "id": "f",
        "components": [
            {"type": "documentPreview", "title": "Photos", "dataSource": "=claim.photos"},
            {"type": "text", "text": "Given: {{claim.photos}}"},
        ],
    }
    preview, text = forms.read(schema, {"claim": {"photos": [ONE, TWO]}}).items

    assert form_checks.problems(schema) == []
    assert forms.asks_for_files(schema)
    assert (preview.label, [file.name for file in preview.files]) == ("Photos", ["a.jpg", "b.jpg"])
    assert text.label == "Given: a.jpg, b.jpg"


def test_what_was_handed_in_and_not_sent_is_on_the_page_when_it_is_opened_again() -> None:
    several, one = form(field("filepicker", multiple=True)), form(field("filepicker"))
    handed_in = HandedIn({"1": ONE, "2": TWO}, waiting={"x": [TWO]})

    assert [file.key for file in next(forms.read(several, {"x": [ONE]}, handed_in=handed_in).pickers()).files] == ["1", "2"]
    assert [file.key for file in next(forms.read(one, {"x": [ONE]}, handed_in=handed_in).pickers()).files] == ["2"]
    assert forms.read(several, {}, {"x": []}, handed_in=handed_in).variables == {"x": []}


def test_a_file_handed_in_elsewhere_must_be_of_a_kind_that_the_field_takes() -> None:
    sheet = forms.read(form(field("filepicker", accept=".pdf")), {}, {"x": ["1"]}, handed_in=KNOWN)

    assert sheet.errors["x"] == "“a.jpg” was not added: it is not a PDF."


def test_a_field_that_is_only_shown_takes_no_file() -> None:
    sheet = forms.read(form(field("filepicker", readonly=True)), {"x": [ONE]}, {"x": ["2"]}, handed_in=KNOWN)

    assert sheet.variables == {"x": [ONE]}
    assert list(sheet.pickers()) == []


LONG = "x" * 5000


@pytest.mark.parametrize(
    "component",
    [
        {"type": LONG},
        {"type": "textfield", "key": LONG},
        {"type": "select", "key": LONG},
        {"type": "number", "key": "n", "validate": {"min": "9" * 5000, "max": 1}},
        {"type": "textfield", "key": "t", "validate": {"pattern": "(" + LONG}},
        {"type": "textfield", "key": "t", "label": f"={LONG} {LONG}"},
        {"type": "textfield", "label": LONG},
    ],
)
def test_a_refusal_repeats_no_more_than_the_beginning_of_what_was_found(component):
    found = form_checks.problems({"id": "f", "components": [component, component]})

    assert found and all(len(one) < 500 for one in found), [one[:200] for one in found]
