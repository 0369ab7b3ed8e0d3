"""What a form asks for, and whether an answer will do (form-js schema). Pure rules: no database, no HTML."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from engine import answers as typing_rules
from engine import feel, files, json_text
from engine.answers import HandedIn, NotAnAnswer, Option, Question
from engine.errors import Invalid
from engine.files import File

Answers = Mapping[str, str | Sequence[str]]
Path = tuple[str, ...]

LANGUAGES = ("en", "fr")
STATIC = frozenset({"text", "group", "separator", "spacer", "button", "documentPreview"})  # a button: the portal has its own
MAX_DEPTH = 20
_MAX_OPTIONS = 1000
# what a browser may know of whoever fills in (HTML, autofill); only what a process would ask a person
_OF_A_PERSON = {"name", "given-name", "family-name", "email", "tel", "bday"}
AUTOFILLS = frozenset(_OF_A_PERSON | {"organization", "street-address", "postal-code", "address-level2", "country-name"})


@dataclass(frozen=True, slots=True)
class Item:
    """One thing on the form, ready to be drawn: texts in the reader's language, the value as it stands in its input."""

    kind: str
    name: str = ""  # of its input: the path with dots
    label: str = ""
    description: str = ""
    typed: tuple[str, ...] = ()
    required: bool = False
    fixed: bool = False  # disabled or read only: shown, never taken from an answer
    options: tuple[Option, ...] = ()
    rules: Mapping[str, Any] = field(default_factory=dict)
    component: Mapping[str, Any] = field(default_factory=dict)
    error: str | None = None
    items: tuple[Item, ...] = ()
    files: tuple[File, ...] = ()  # of a filepicker: what it holds now; of a documentPreview: what it shows
    accept: tuple[str, ...] = ()  # content types
    most: int = 1  # files

    @property
    def subtype(self) -> str:
        return typing_rules.subtype(Question(self.kind, self.component))

    @property
    def autofill(self) -> str:
        """What a browser may fill in: the custom property `autocomplete` of the field, as form-js keeps them in `properties`."""
        properties = self.component.get("properties")
        found = properties.get("autocomplete") if isinstance(properties, Mapping) else None
        return found if isinstance(found, str) and found in AUTOFILLS else ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A form as one person sees it now. `new`: names of questions that only these answers brought up."""

    items: tuple[Item, ...]
    variables: dict[str, Any]
    errors: dict[str, str]
    asked: tuple[str, ...]
    new: tuple[str, ...] = ()

    @property
    def is_complete(self) -> bool:
        return not self.errors and not self.new

    def without_errors(self, *, but: Collection[str] = ()) -> Sheet:
        """The same, for a page that brings back what was typed before it was sent. `but`: names whose errors stay."""
        errors = {name: error for name, error in self.errors.items() if name in but}
        return replace(self, items=tuple(_without_error(item, errors) for item in self.items), errors=errors, new=())

    def with_errors(self, errors: Mapping[str, str]) -> Sheet:
        """The same, with what was found wrong elsewhere: with a contract, for example."""
        return replace(self, items=tuple(_without_error(item, errors) for item in self.items), errors=dict(errors), new=())

    def names(self) -> frozenset[str]:
        """Of the questions on the page."""
        left, found = list(self.items), set()
        while left:
            item = left.pop()
            left.extend(item.items)
            found.add(item.name)
        return frozenset(found - {""})

    def pickers(self) -> Iterator[Item]:
        """The fields that take files, as they stand on the page."""
        left = list(self.items)
        while left:
            item = left.pop(0)
            left[:0] = item.items
            if item.kind == "filepicker" and not item.fixed:
                yield item


def _without_error(item: Item, but: Mapping[str, str]) -> Item:
    return replace(item, error=but.get(item.name), items=tuple(_without_error(inner, but) for inner in item.items))


def names_asked(schema: Mapping[str, Any]) -> frozenset[str]:
    """The variables that answers go to (of a path its first part)."""
    found: set[str] = set()
    for component, around, depth in every_component(schema, (), 0):
        if isinstance(component, dict) and str(component.get("type")) in typing_rules.KINDS and depth <= MAX_DEPTH:
            found.update((around + path_of(component.get("key")))[:1])
    return frozenset(found)


def asks_for_files(schema: Mapping[str, Any]) -> bool:
    """Whether files are taken or shown anywhere on the form."""
    shown = any(isinstance(one, dict) and one.get("type") == "documentPreview" for one, _around, _depth in every_component(schema, (), 0))
    return shown or any(component["type"] == "filepicker" for component, _path in _inputs(schema, ()))


def check(
    schema: Mapping[str, Any],
    given: Answers,
    language: str = "en",
    *,
    variables: Mapping[str, Any] | None = None,
    now: datetime | None = None,
) -> tuple[dict[str, Any], dict[str, str]]:
    """Answers (name of the input -> what was typed) as variables, and field path -> what was expected.

    A key with dots is a path: `claim.plate` writes into the context `claim`, keeping what it held (`variables`).
    Hidden, disabled and read-only fields take no answer. `now` gives today and the time zone of times of day.
    """
    sheet = read(schema, variables or {}, given, language=language, now=now)
    return sheet.variables, sheet.errors


def read(
    schema: Mapping[str, Any],
    variables: Mapping[str, Any],
    given: Answers | None = None,
    *,
    asked: Sequence[str] | None = None,
    handed_in: HandedIn | None = None,
    language: str = "en",
    now: datetime | None = None,
) -> Sheet:
    """The form filled with the variables (given None), or with what somebody typed.

    `asked`: the names that were on the page when it was sent. A field outside it keeps its value and, where it shows up now,
    stands in `new`: without JavaScript a condition is only known after sending. `handed_in`: the files that the reader may know of;
    without it, those of the variables.
    """
    reading = _Reading(variables, given, None if asked is None else frozenset(asked), language, now or datetime.now(UTC), handed_in)
    fields = list(_inputs(schema, ()))
    for component, path in fields:
        reading.take(component, path)
    for _ in range(len(fields) + 1):  # hiding one field may hide others; each round settles at least one
        hidden = reading.find_hidden(schema)
        if hidden == reading.hidden:
            break
        reading.hidden = hidden
    items = tuple(reading.items(schema, ()))
    return Sheet(
        items=items,
        variables=reading.variables(),
        errors=reading.shown_errors(),
        asked=tuple(reading.visible),
        new=tuple(name for name in reading.visible if asked is not None and name not in reading.asked_before),
    )


def fill(schema: Mapping[str, Any], variables: Mapping[str, Any], answers: Mapping[str, Any], *, now: datetime) -> dict[str, Any]:
    """The variables of a form that is filled in with these values, as somebody would type them, in English.

    `answers` are shaped like variables (`{"claim": {"plate": ...}}`). Raises Invalid for the first one that the form refuses, changes
    on the way, or does not ask for.
    """
    typed: dict[str, list[str]] = {}
    for component, path in _inputs(schema, ()):
        value = _at(answers, path)
        if value is not _ABSENT:
            typed[".".join(path)] = typing_rules.typed_as(Question(str(component["type"]), component), value, language="en")
    named = [one for given in (variables, answers) for one in files.references(dict(given))]
    known = HandedIn({str(one.get("documentId")): one for one in named})
    sheet = read(schema, variables, typed, handed_in=known, language="en", now=now)
    refused = [f"'{short(name)}': {words}" for name, words in sheet.errors.items()]
    refused += [
        f"'{short(name)}': expected {short(json_text.dumps(value))} to be an answer there, the form makes {short(taken)} of it."
        for name, value, taken in _differing(answers, sheet)
    ]
    if refused:
        raise Invalid(f"The form refuses {refused[0]}", fields={"answers": refused[0]})
    return sheet.variables


def _differing(answers: Mapping[str, Any], sheet: Sheet) -> Iterator[tuple[str, Any, str]]:
    for path, value in _leaves(answers, (), frozenset(sheet.asked)):
        taken = _at(sheet.variables, path) if ".".join(path) in sheet.asked else _ABSENT
        if taken is _ABSENT:
            yield ".".join(path), value, "nothing (it does not ask for this here)"
        elif taken != value or isinstance(taken, bool) != isinstance(value, bool):
            yield ".".join(path), value, json_text.dumps(taken)


def _leaves(values: Mapping[str, Any], around: Path, asked: frozenset[str]) -> Iterator[tuple[Path, Any]]:
    for name, value in values.items():
        path = around + path_of(name)
        if isinstance(value, Mapping) and value and ".".join(path) not in asked:
            yield from _leaves(value, path, asked)
        else:
            yield path, value


def _components(schema: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found = schema.get("components")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def path_of(text: Any) -> Path:
    return tuple(part for part in str(text or "").split(".") if part)


def _inputs(schema: Mapping[str, Any], around: Path) -> Iterator[tuple[Mapping[str, Any], Path]]:
    for component in _components(schema):
        if component.get("type") == "group":
            yield from _inputs(component, around + path_of(component.get("path")))
        elif component.get("type") in typing_rules.KINDS and component.get("key"):
            yield component, around + path_of(component["key"])


_ABSENT = object()


def _at(variables: Any, path: Path) -> Any:
    for part in path:
        if not isinstance(variables, Mapping) or part not in variables:
            return _ABSENT
        variables = variables[part]
    return variables


def _put(variables: dict[str, Any], path: Path, value: Any) -> None:
    """Write at a path; contexts on the way are copied, because values of variables are never changed in place."""
    for part in path[:-1]:
        inner = variables.get(part)
        variables[part] = dict(inner) if isinstance(inner, Mapping) else {}
        variables = variables[part]
    variables[path[-1]] = value


class _Reading:
    """One reading of one form: the values of its fields, which are hidden, and what is wrong with them."""

    def __init__(
        self,
        variables: Mapping[str, Any],
        given: Answers | None,
        asked: frozenset[str] | None,
        language: str,
        now: datetime,
        handed_in: HandedIn | None,
    ) -> None:
        self._variables, self._given = variables, given
        self._language, self._now = language, now
        self.asked_before = asked or frozenset()
        self._all_asked = asked is None
        self._questions: dict[str, Question] = {}
        self._paths: dict[str, Path] = {}
        self._values: dict[str, Any] = {}
        self._typed: dict[str, list[str]] = {}
        self._errors: dict[str, str] = {}
        self.hidden: frozenset[str] = frozenset()
        self.visible: list[str] = []
        self._fixed: set[str] = set()
        self._known = None if handed_in is None else handed_in.known
        self._waiting = {} if handed_in is None else handed_in.waiting
        self._refused: Mapping[str, Sequence[NotAnAnswer]] = {} if handed_in is None else handed_in.refused
        self._most_files = HandedIn().most if handed_in is None else handed_in.most

    # -- taking answers -------------------------------------------------------------------------------------------

    def take(self, component: Mapping[str, Any], path: Path) -> None:
        name = ".".join(path)
        question = self._question(component, path)
        self._questions[name], self._paths[name] = question, path
        if self._is(component, "disabled") or self._is(component, "readonly"):
            self._fixed.add(name)
        answered = self._given is not None and (self._all_asked or name in self.asked_before)
        if not answered or name in self._fixed:
            self._values[name] = self._before(component, path)
            self._typed[name] = typing_rules.typed_as(question, self._values[name], language=self._language)
            return
        typed = (self._given or {}).get(name, ())
        self._typed[name] = [typed] if isinstance(typed, str) else list(typed)
        try:
            self._values[name] = typing_rules.read(question, self._typed[name], language=self._language, now=self._now)
        except NotAnAnswer as refusal:
            self._values[name] = typing_rules.empty(question.kind)
            self._errors[name] = self._own_words(component, refusal) or refusal.in_words(self._language)
        if self._refused.get(name):  # why a file was not taken says more than that one is missing
            self._errors[name] = " ".join(refusal.in_words(self._language) for refusal in self._refused[name])

    def _own_words(self, component: Mapping[str, Any], refusal: NotAnAnswer) -> str:
        # a pattern's sentence can only be written by whoever knows what it means
        return self._words(component, "patternMessage") if refusal.word == "pattern" else ""

    def _before(self, component: Mapping[str, Any], path: Path) -> Any:
        known = _at(self._variables, path)
        if component.get("type") == "filepicker":
            return self._files_before(known, ".".join(path))
        if known is not _ABSENT and known is not None:
            return known
        default = component.get("defaultValue", _ABSENT)
        return typing_rules.empty(str(component.get("type"))) if default is _ABSENT else self._value(default)

    def _files_before(self, value: Any, name: str) -> list[Any]:
        """What the variable holds, and what was handed in for the field and not sent yet; where there is room for one, the latter."""
        waiting = [] if name in self._fixed else list(self._waiting.get(name, ()))
        found = self._visible_files(value)
        return [*found, *waiting] if self._questions[name].most > 1 or not waiting else waiting[-1:]

    def _visible_files(self, value: Any) -> list[Any]:
        """The references of a value, without those that the reader may not know of."""
        found = value if isinstance(value, list) else [value]
        found = [one for one in found if files.is_reference(one)]
        if self._known is None:
            return found
        # what is told of a file comes from where it is kept: a program may have written anything beside the id
        return [self._known[key] for one in found if (key := str(one.get("documentId"))) in self._known]

    def _question(self, component: Mapping[str, Any], path: Path) -> Question:
        rules = component.get("validate")
        rules = {k: self._value(v) if k != "pattern" else v for k, v in rules.items()} if isinstance(rules, dict) else {}
        if component["type"] == "filepicker":
            return self._file_question(component, path, rules)
        return Question(
            kind=str(component["type"]),
            component=component,
            required=rules.get("required") is True,
            options=self._options(component),
            rules=rules,
        )

    def _file_question(self, component: Mapping[str, Any], path: Path, rules: Mapping[str, Any]) -> Question:
        before = {str(one.get("documentId")): one for one in self._visible_files(_at(self._variables, path))}
        several = self._value(component.get("multiple")) is True
        longest = typing_rules.whole(rules.get("maxFiles"))
        fewest = typing_rules.whole(rules.get("minFiles")) or 0
        return Question(
            kind="filepicker",
            component=component,
            required=rules.get("required") is True or fewest > 0,
            rules=rules,
            known=before if self._known is None else {**self._known, **before},
            accept=files.accepted(self._value(component.get("accept"))),
            most=min(longest or self._most_files, self._most_files) if several else 1,
        )

    def _options(self, component: Mapping[str, Any]) -> tuple[Option, ...]:
        found = component.get("values")
        if component.get("valuesKey"):
            found = _at(self._variables, path_of(component["valuesKey"]))
        elif component.get("valuesExpression"):
            found = self._value(component["valuesExpression"])
        words = translated(component, self._language).get("values")
        words = words if isinstance(words, dict) else {}
        options = []
        for one in found[:_MAX_OPTIONS] if isinstance(found, list) else []:
            value = one.get("value") if isinstance(one, dict) else one
            label = one.get("label", value) if isinstance(one, dict) else one
            token = typing_rules.token_of(value)
            options.append(Option(token, value, str(words.get(token, label))))
        return tuple(options)

    # -- expressions ----------------------------------------------------------------------------------------------

    def _scope(self) -> dict[str, Any]:
        scope = dict(self._variables)
        for name, value in self._values.items():
            _put(scope, self._paths[name], None if name in self.hidden else value)
        return scope

    def _value(self, value: Any, scope: Mapping[str, Any] | None = None) -> Any:
        """A value of the schema: FEEL where it begins with `=`. What cannot be computed is nothing."""
        if not (isinstance(value, str) and value.startswith("=")):
            return value
        try:
            found = feel.compile_expression(value[1:]).evaluate(self._scope() if scope is None else scope, now=lambda: self._now)
            return feel.to_json(found)
        except feel.FeelError:
            return None

    def _is(self, component: Mapping[str, Any], what: str) -> bool:
        return self._value(component.get(what)) is True

    def find_hidden(self, schema: Mapping[str, Any]) -> frozenset[str]:
        return frozenset(self._hidden_in(schema, (), self._scope(), inside=False))

    def _hidden_in(self, schema: Mapping[str, Any], around: Path, scope: Mapping[str, Any], *, inside: bool) -> Iterator[str]:
        for component in _components(schema):
            away = inside or self._hides(component, scope)
            if component.get("type") == "group":
                yield from self._hidden_in(component, around + path_of(component.get("path")), scope, inside=away)
            elif away and component.get("key"):
                yield ".".join(around + path_of(component["key"]))

    def _hides(self, component: Mapping[str, Any], scope: Mapping[str, Any]) -> bool:
        condition = component.get("conditional")
        return isinstance(condition, dict) and self._value(condition.get("hide"), scope) is True

    # -- what comes of it -----------------------------------------------------------------------------------------

    def items(self, schema: Mapping[str, Any], around: Path) -> Iterator[Item]:
        scope = self._scope()
        for component in _components(schema):
            kind = str(component.get("type"))
            if self._hides(component, scope):
                continue
            if kind == "group":
                inner = tuple(self.items(component, around + path_of(component.get("path"))))
                if inner:
                    yield Item(
                        kind=kind,
                        label=self._text(component, "label", scope),
                        description=self._prose(component, "description", scope),
                        component=component,
                        items=inner,
                    )
            elif kind in typing_rules.KINDS and component.get("key"):
                yield self._input(component, ".".join(around + path_of(component["key"])), scope)
            elif kind == "documentPreview":
                shown = files.of_value(self._visible_files(self._value(component.get("dataSource"), scope)))
                yield Item(kind=kind, label=self._text(component, "title", scope), component=component, files=tuple(shown))
            elif kind in STATIC and kind != "button":
                yield Item(kind=kind, label=self._prose(component, "text", scope), component=component)

    def _input(self, component: Mapping[str, Any], name: str, scope: Mapping[str, Any]) -> Item:
        self.visible.append(name)
        question = self._questions[name]
        is_picker = question.kind == "filepicker"
        return Item(
            kind=question.kind,
            name=name,
            label=next(filter(None, (self._text(component, what, scope) for what in _LABELS)), name),
            description=self._prose(component, "description", scope),
            typed=tuple(self._typed[name]),
            required=question.required,
            fixed=name in self._fixed,
            options=question.options,
            rules=question.rules,
            component=component,
            error=self._errors.get(name),
            files=self._files_in(name) if is_picker else (),
            accept=question.accept,
            most=question.most,
        )

    def _files_in(self, name: str) -> tuple[File, ...]:
        """What is on the list now, whether or not the answer as a whole will do."""
        known = self._questions[name].known
        return tuple(files.of_value([known[key] for key in dict.fromkeys(self._typed[name]) if key in known]))

    def shown_errors(self) -> dict[str, str]:
        return {name: self._errors[name] for name in self.visible if name in self._errors}

    def variables(self) -> dict[str, Any]:
        """Top-level variables of the fields that were asked; a context keeps what the form does not ask for."""
        found: dict[str, Any] = {}
        for name in self.visible:
            path = self._paths[name]
            if name in self._fixed and self._values[name] in (None, "", []):
                continue
            if path[0] not in found and len(path) > 1:
                found[path[0]] = self._variables.get(path[0], {})
            _put(found, path, self._values[name])
        return found

    # -- texts ----------------------------------------------------------------------------------------------------

    def _words(self, component: Mapping[str, Any], what: str) -> str:
        found = translated(component, self._language).get(what, component.get(what))
        return found if isinstance(found, str) else ""

    def _text(self, component: Mapping[str, Any], what: str, scope: Mapping[str, Any]) -> str:
        """A text of the form: FEEL where it begins with `=`, with FEEL between `{{` and `}}`."""
        text = self._words(component, what)
        if text.startswith("="):
            return _in_text(self._value(text, scope))
        return _HOLES.sub(lambda hole: self._fill(hole, scope), text)

    def _fill(self, hole: re.Match[str], scope: Mapping[str, Any]) -> str:
        return _in_text(self._value("=" + hole[1].strip().removeprefix("="), scope))

    def _prose(self, component: Mapping[str, Any], what: str, scope: Mapping[str, Any]) -> str:
        """A text that is drawn as Markdown. A value makes no link of its own, and all its lines stay in the quotation they stand in."""
        text = self._words(component, what)
        if text.startswith("="):
            return _without_links(text, self._text(component, what, scope))

        def fill(hole: re.Match[str]) -> str:
            value = _without_links(hole[1], self._fill(hole, scope))
            line = text[text.rfind("\n", 0, hole.start()) + 1 : hole.start()]
            return value.replace("\n", "\n> ") if line.lstrip().startswith(">") else value

        return _HOLES.sub(fill, text)


_LABELS = ("label", "dateLabel", "timeLabel")  # form-js names a datetime's label by what it asks for
_HOLES = re.compile(r"\{\{([^{}]{1,500})\}\}")


def _without_links(source: str, value: str) -> str:
    """Links are the model's: another party's answer, drawn among our own words, must not lead anybody away."""
    return value if "](" in source else value.replace("[", "\\[")


def _in_text(value: Any) -> str:
    if (names := files.in_text(value)) is not None:
        return names
    return "" if value is None else value if isinstance(value, str) else feel.texts.to_text(value)


def translated(component: Mapping[str, Any], language: str) -> Mapping[str, Any]:
    """Our addition to the schema: `i18n: {"fr": {"label": ..., "description": ..., "text": ..., "values": {value: label}}}`.

    Of a whole form: `title` and `description` of what it starts, in the place of the names in the model.
    """
    found = component.get("i18n")
    mine = found.get(language) if isinstance(found, dict) else None
    return mine if isinstance(mine, dict) else {}


def short(found: Any, most: int = 60) -> str:
    """What was found, as a sentence repeats it: whoever wrote a page of it knows it by its beginning."""
    text = str(found)
    return text if len(text) <= most else text[:most] + "…"


def every_component(schema: Mapping[str, Any], around: Path, depth: int) -> Iterator[tuple[Any, Path, int]]:
    for component in schema.get("components") or []:
        yield component, around, depth
        if isinstance(component, dict) and component.get("type") == "group" and depth <= MAX_DEPTH:
            inner = component.get("components")
            within = {"components": inner if isinstance(inner, list) else []}
            yield from every_component(within, around + path_of(component.get("path")), depth + 1)
