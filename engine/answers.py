"""One answer at a time: what a person typed becomes a value, or a sentence that says what was expected."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from engine import feel, files, json_text

MAX_TEXT = 100_000  # characters of one answer
_MAX_DIGITS = 200

SENTENCES: dict[str, dict[str, str]] = {
    "en": {
        "required": "Please answer this question.",
        "required_text": "Please fill this in.",
        "required_choice": "Please choose one.",
        "required_choices": "Please choose at least one.",
        "required_tick": "Please tick this box to go on.",
        "too_short": "Please write at least {limit} characters ({found} so far).",
        "too_long": "Please write at most {limit} characters ({found} so far).",
        "pattern": "This is not in the expected format.",
        "email": "Please give an e-mail address, such as name@example.com.",
        "phone": "Please give a telephone number, such as +33 1 23 45 67 89.",
        "number": "Please give a number in digits, such as 42.",
        "whole": "Please give a whole number, without decimals.",
        "decimals": "Please give at most {limit} digits after the decimal point.",
        "too_small": "Please give {limit} or more.",
        "too_large": "Please give {limit} or less.",
        "choice": "Please choose one of the answers in the list.",
        "date": "Please give a real date: year, month and day.",
        "time": "Please give a time of day, such as 14:30.",
        "datetime": "Please give a date and a time of day.",
        "past": "Please give a date that is not past.",
        "required_file": "Please add a file.",
        "files_few": "Please add at least {limit} files ({found} so far).",
        "file_one": "Only one file fits here: “{name}” was not added.",
        "files_many": "At most {limit} files fit here: “{name}” was not added.",
        "file_kind": "“{name}” was not added: it is not {kinds}.",
        "file_large": "“{name}” was not added: it is larger than {limit} MB.",
        "file_empty": "“{name}” was not added: it is empty.",
        "file_pixels": "“{name}” was not added: it has too many pixels.",
        "file_gone": "A file is no longer there: what is not sent is kept for one day. Please add it again.",
    },
    "fr": {
        "required": "Veuillez répondre à cette question.",
        "required_text": "Veuillez remplir ce champ.",
        "required_choice": "Veuillez choisir une réponse.",
        "required_choices": "Veuillez choisir au moins une réponse.",
        "required_tick": "Veuillez cocher cette case pour continuer.",
        "too_short": "Veuillez écrire au moins {limit} caractères ({found} pour l’instant).",
        "too_long": "Veuillez écrire au plus {limit} caractères ({found} pour l’instant).",
        "pattern": "Le format n’est pas celui attendu.",
        "email": "Veuillez donner une adresse e-mail, par exemple nom@exemple.fr.",
        "phone": "Veuillez donner un numéro de téléphone, par exemple +33 1 23 45 67 89.",
        "number": "Veuillez donner un nombre en chiffres, par exemple 42.",
        "whole": "Veuillez donner un nombre entier, sans décimales.",
        "decimals": "Veuillez donner au plus {limit} chiffres après la virgule.",
        "too_small": "Veuillez donner {limit} ou plus.",
        "too_large": "Veuillez donner {limit} ou moins.",
        "choice": "Veuillez choisir une réponse de la liste.",
        "date": "Veuillez donner une date réelle : année, mois et jour.",
        "time": "Veuillez donner une heure, par exemple 14:30.",
        "datetime": "Veuillez donner une date et une heure.",
        "past": "Veuillez donner une date qui n’est pas passée.",
        "required_file": "Veuillez ajouter un fichier.",
        "files_few": "Veuillez ajouter au moins {limit} fichiers ({found} pour l’instant).",
        "file_one": "Il y a place ici pour un seul fichier : « {name} » n’a pas été ajouté.",
        "files_many": "Il y a place ici pour {limit} fichiers au plus : « {name} » n’a pas été ajouté.",
        "file_kind": "« {name} » n’a pas été ajouté. Attendu : {kinds}.",
        "file_large": "« {name} » n’a pas été ajouté : il dépasse {limit} Mo.",
        "file_empty": "« {name} » n’a pas été ajouté : il est vide.",
        "file_pixels": "« {name} » n’a pas été ajouté : l’image a trop de pixels.",
        "file_gone": "Un fichier n’est plus là : ce qui n’est pas envoyé est gardé un jour. Veuillez l’ajouter à nouveau.",
    },
}


_PICTURE_OR_PDF = {"en": ("a picture ({})", "a PDF", " or "), "fr": ("une image ({})", "un PDF", " ou ")}


def kinds_in_words(kinds: Sequence[str], language: str) -> str:
    """`a picture (JPEG, PNG) or a PDF`."""
    picture, pdf, joined = _PICTURE_OR_PDF.get(language, _PICTURE_OR_PDF["en"])
    pictures = [files.IN_WORDS[kind] for kind in kinds if kind in files.PICTURES]
    words = [picture.format(", ".join(pictures))] if pictures else []
    return joined.join([*words, pdf] if "application/pdf" in kinds else words)


class NotAnAnswer(Exception):
    """What was typed will not do: the word of a sentence in SENTENCES, and what it mentions."""

    def __init__(self, word: str, **mentions: Any) -> None:
        super().__init__(word)
        self.word, self.mentions = word, mentions

    def in_words(self, language: str) -> str:
        kinds = self.mentions.get("kinds")
        mentions = self.mentions if kinds is None else self.mentions | {"kinds": kinds_in_words(kinds, language)}
        return SENTENCES.get(language, SENTENCES["en"])[self.word].format(**mentions)


@dataclass(frozen=True, slots=True)
class Option:
    token: str  # what its input sends
    value: Any
    label: str


MOST_FILES = 10


@dataclass(frozen=True, slots=True)
class HandedIn:
    """Files that the person may answer with (key -> reference), and, by field, why others were not taken."""

    known: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    refused: Mapping[str, Sequence[NotAnAnswer]] = field(default_factory=dict)
    waiting: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)  # by field: known ones that were not sent yet
    most: int = MOST_FILES  # that one field takes


@dataclass(frozen=True, slots=True)
class Question:
    """What an input asks for. `rules` is the component's `validate`, `component` the rest of it."""

    kind: str
    component: Mapping[str, Any]
    required: bool = False
    options: tuple[Option, ...] = ()
    rules: Mapping[str, Any] = field(default_factory=dict)
    known: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # files: key -> reference
    accept: tuple[str, ...] = ()  # files: content types
    most: int = 1  # files


def token_of(value: Any) -> str:
    return value if isinstance(value, str) else json_text.dumps(value)


def read(question: Question, typed: Sequence[str], *, language: str, now: datetime) -> Any:
    """The value of what was typed (empty: the kind's empty value). Raises NotAnAnswer."""
    value = _READERS[question.kind](question, typed, language, now)
    # not `in (None, False, ...)`: 0 and a chosen "no" are answers
    if question.required and (value is None or value == "" or value == [] or (question.kind == "checkbox" and value is False)):
        raise NotAnAnswer(_REQUIRED.get(question.kind, "required"))
    return value


def empty(kind: str) -> Any:
    """As form-js has it: an empty text is "", a list [], a box not ticked false, everything else null."""
    return {"textfield": "", "textarea": "", "checkbox": False, "checklist": [], "taglist": [], "filepicker": []}.get(kind)


def typed_as(question: Question, value: Any, *, language: str) -> list[str]:
    """How a value stands in its input, before somebody changes it."""
    if value is None or value == "":
        return []
    if question.kind == "checkbox":
        return ["true"] if value is True else []
    if question.kind in ("checklist", "taglist"):
        return [token_of(one) for one in value] if isinstance(value, list) else []
    if question.kind == "filepicker":
        return [one.key for one in files.of_value(value)]
    if question.kind in ("select", "radio"):
        return [token_of(value)]
    if question.kind == "number":
        return [_number_text(value, language)]
    if question.kind == "datetime":
        return [_moment_text(question, str(value))]
    return [value if isinstance(value, str) else json_text.dumps(value)]


_REQUIRED = {
    "textfield": "required_text",
    "textarea": "required_text",
    "number": "required_text",
    "checkbox": "required_tick",
    "select": "required_choice",
    "radio": "required_choice",
    "checklist": "required_choices",
    "taglist": "required_choices",
    "filepicker": "required_file",
}


def _first(typed: Sequence[str]) -> str:
    return typed[0] if typed else ""


def _text(question: Question, typed: Sequence[str], language: str, now: datetime) -> str:
    raw = _first(typed).replace("\r\n", "\n").replace("\r", "\n")  # forms send line ends as CRLF (HTML, form submission)
    value = raw.rstrip() if question.kind == "textarea" else raw.strip()
    if value:
        _check_text(question.rules, value)
    return value


def _check_text(rules: Mapping[str, Any], value: str) -> None:
    shortest, longest = whole(rules.get("minLength")), whole(rules.get("maxLength"))
    if shortest is not None and len(value) < shortest:
        raise NotAnAnswer("too_short", limit=shortest, found=len(value))
    if len(value) > min(longest or MAX_TEXT, MAX_TEXT):
        raise NotAnAnswer("too_long", limit=min(longest or MAX_TEXT, MAX_TEXT), found=len(value))
    if rules.get("validationType") == "email" and not _looks_like_email(value):
        raise NotAnAnswer("email")
    if rules.get("validationType") == "phone" and not re.fullmatch(r"\+?[0-9 ()./-]{5,30}", value):
        raise NotAnAnswer("phone")
    if rules.get("pattern") and not matches(rules["pattern"], value):
        raise NotAnAnswer("pattern")


def _looks_like_email(value: str) -> bool:
    name, at, host = value.rpartition("@")
    return bool(at and name and "." in host.strip(".")) and not re.search(r"[\s@<>,;]", name + host) and len(value) <= 254


_MATCHES = "matches(input, pattern)"


def matches(pattern: str, value: str) -> bool:
    """Whether the pattern is found in the value. FEEL's own matcher: its time grows with the text, never explodes."""
    return feel.compile_expression(_MATCHES).evaluate({"input": value, "pattern": pattern}) is True


def pattern_problem(pattern: Any) -> str | None:
    """What is wrong with a pattern, in words, or None."""
    if not isinstance(pattern, str):
        return f"Expected a pattern as text, found {type(pattern).__name__}."
    said: list[str] = []
    try:
        answer = feel.compile_expression(_MATCHES).evaluate({"input": "", "pattern": pattern}, on_warning=said.append)
    except feel.FeelError as error:
        return str(error)
    if answer is None:
        return said[0] if said else f"Expected a regular expression, found '{pattern[:60]}'."
    return None


def whole(value: Any) -> int | None:
    """A limit as an integer, however the schema wrote it; None where it has none."""
    try:
        return None if value in (None, "") else int(value)
    except (TypeError, ValueError):
        return None


def exact(value: Any) -> Decimal | None:
    """A limit as a number; None where the schema has none."""
    try:
        return None if value in (None, "") or isinstance(value, bool) else Decimal(str(value))
    except ArithmeticError:
        return None


_SPACES = str.maketrans("", "", " \u00a0\u202f\u2009'’")
_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")


def _number(question: Question, typed: Sequence[str], language: str, now: datetime) -> Any:
    text = _first(typed).strip().replace("\u2212", "-").translate(_SPACES)
    if not text:
        return None
    if language == "fr" and text.count(",") == 1 and "." not in text:
        text = text.replace(",", ".")
    elif _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    if not _PLAIN.fullmatch(text) or len(text) > _MAX_DIGITS:
        raise NotAnAnswer("number")
    value: int | Decimal = Decimal(text) if "." in text else int(text)
    _check_number(question, value, language)
    return str(value) if question.component.get("serializeToString") else value


def _check_number(question: Question, value: int | Decimal, language: str) -> None:
    digits = whole(question.component.get("decimalDigits"))
    exponent = Decimal(value).normalize().as_tuple().exponent if isinstance(value, Decimal) else 0
    decimals = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    if digits is not None and decimals > digits:
        raise NotAnAnswer("whole") if digits == 0 else NotAnAnswer("decimals", limit=digits)
    lowest, highest = exact(question.rules.get("min")), exact(question.rules.get("max"))
    if lowest is not None and value < lowest:
        raise NotAnAnswer("too_small", limit=_number_text(lowest, language))
    if highest is not None and value > highest:
        raise NotAnAnswer("too_large", limit=_number_text(highest, language))


def _number_text(value: Any, language: str) -> str:
    text = format(value, "f") if isinstance(value, Decimal) else str(value)
    return text.replace(".", ",") if language == "fr" else text


def _tick(question: Question, typed: Sequence[str], language: str, now: datetime) -> bool:
    return _first(typed) in ("true", "on", "1")


def _one(question: Question, typed: Sequence[str], language: str, now: datetime) -> Any:
    chosen = _first(typed)
    return _option(question, chosen).value if chosen else None


def _several(question: Question, typed: Sequence[str], language: str, now: datetime) -> list[Any]:
    return [_option(question, chosen).value for chosen in dict.fromkeys(typed) if chosen]


def _files(question: Question, typed: Sequence[str], language: str, now: datetime) -> list[Any]:
    chosen = [key for key in dict.fromkeys(typed) if key]
    if not all(key in question.known for key in chosen):
        raise NotAnAnswer("file_gone")
    found = [question.known[key] for key in chosen]
    for one in files.of_value(found):
        if one.content_type not in question.accept:
            raise NotAnAnswer("file_kind", name=one.name, kinds=question.accept)
    fewest = whole(question.rules.get("minFiles"))
    if found and fewest is not None and len(found) < fewest:
        raise NotAnAnswer("files_few", limit=fewest, found=len(found))
    if len(found) > question.most:
        raise too_many(question.most, files.of_value(found)[question.most].name)
    return found


def too_many(most: int, name: str) -> NotAnAnswer:
    """A file beyond those that fit into its field."""
    return NotAnAnswer("file_one", name=name) if most == 1 else NotAnAnswer("files_many", limit=most, name=name)


def _option(question: Question, token: str) -> Option:
    found = next((option for option in question.options if option.token == token), None)
    if found is None:
        raise NotAnAnswer("choice")
    return found


def subtype(question: Question) -> str:
    """Of a datetime component: "date", "time" or "datetime"."""
    found = question.component.get("subtype")
    return found if found in ("date", "time", "datetime") else "date"


def _moment(question: Question, typed: Sequence[str], language: str, now: datetime) -> str | None:
    text = _first(typed).strip()
    if not text:
        return None
    kind = subtype(question)
    try:
        return _MOMENTS[kind](question, text, now)
    except ValueError:
        raise NotAnAnswer(kind) from None


def _date(question: Question, text: str, now: datetime) -> str:
    numbers = re.fullmatch(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})", text)  # a browser without a date picker: day first
    day = date(int(numbers[3]), int(numbers[2]), int(numbers[1])) if numbers else date.fromisoformat(text)
    _refuse_past(question, day, now)
    return day.isoformat()


def _time(question: Question, text: str, now: datetime) -> str:
    return _with_zone(question, datetime.combine(now.date(), _clock_time(text)), now).partition("T")[2]


def _datetime(question: Question, text: str, now: datetime) -> str:
    day, separator, clock = text.replace(" ", "T").partition("T")
    if not separator:
        raise ValueError(text)
    moment = datetime.combine(date.fromisoformat(day), _clock_time(clock))
    _refuse_past(question, moment.date(), now)
    return _with_zone(question, moment, now)


def _clock_time(text: str) -> time:
    return time.fromisoformat(text).replace(second=0, microsecond=0, tzinfo=None)


def _refuse_past(question: Question, day: date, now: datetime) -> None:
    if question.component.get("disallowPassedDates") and day < now.date():
        raise NotAnAnswer("past")


def _with_zone(question: Question, moment: datetime, now: datetime) -> str:
    """form-js timeSerializingFormat: no_timezone, utc_offset (the default) or utc_normalized."""
    form = question.component.get("timeSerializingFormat", "utc_offset")
    if form == "no_timezone":
        return moment.isoformat(timespec="minutes")
    aware = moment.replace(tzinfo=now.tzinfo)
    if form == "utc_normalized" and (offset := aware.utcoffset()) is not None:
        return (moment - offset).isoformat(timespec="minutes") + "Z"
    return aware.isoformat(timespec="minutes")


def _moment_text(question: Question, value: str) -> str:
    if subtype(question) == "date":
        return value[:10]
    if subtype(question) == "time":
        return value.partition("T")[2][:5] if "T" in value else value[:5]
    return value[:16]


_MOMENTS: dict[str, Callable[[Question, str, datetime], str]] = {"date": _date, "time": _time, "datetime": _datetime}

_READERS: dict[str, Callable[[Question, Sequence[str], str, datetime], Any]] = {
    "textfield": _text,
    "textarea": _text,
    "number": _number,
    "checkbox": _tick,
    "select": _one,
    "radio": _one,
    "checklist": _several,
    "taglist": _several,
    "datetime": _moment,
    "filepicker": _files,
}
KINDS = frozenset(_READERS)
