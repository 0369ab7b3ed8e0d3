"""The types that a model defines, built so that they may speak of each other in any order and in circles."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from ..feel.errors import FeelError, UnfitError
from ..feel.expressions import compile_unary_tests
from ..feel.parser import parse_type
from ..feel.sentences import say
from ..feel.temporals import read_date, read_datetime, read_duration, read_time
from ..feel.types import ANY, SIMPLE_TYPES, Type, context_of, function_of, list_of, resolve
from ..feel.values import DATE_TYPES, DURATION_TYPES, MOMENT_TYPES, TIME_TYPES, Value, YearsMonths
from .errors import Problem
from .models import ItemDefinition

# What modellers for other type languages write; all of them are FEEL's numbers.
_SYNONYMS = dict.fromkeys(("integer", "int", "long", "double", "float", "decimal"), "number")
_READERS: dict[frozenset[type], Callable[[str], Value]] = {
    DATE_TYPES: read_date,
    TIME_TYPES: read_time,
    MOMENT_TYPES: read_datetime,
    DURATION_TYPES: read_duration,
    frozenset({YearsMonths}): read_duration,
}
Report = Callable[[Problem], object]


class ModelTypes:
    """All types of one model by name; imported ones as `import.name`, and as `{namespace}name` for files of DMN 1.1."""

    def __init__(self, definitions: Iterable[ItemDefinition], imported: Mapping[str, Type], report: Report) -> None:
        self.by_name: dict[str, Type] = dict(imported)
        self.allowed_texts: dict[str, str] = {}
        self._report = report
        self._definitions = {one.name: one for one in definitions}
        self._made: set[str] = set()
        for name in self._definitions:
            self.by_name[name] = Type(name)
        for name in self._definitions:
            self._fill(name)

    def type_of(self, ref: str | None, element_id: str | None = None, line: int | None = None) -> Type:
        """The type that a reference names; Any for none. An unknown one is reported, and then is Any too."""
        if ref is None:
            return ANY
        own = self.by_name.get(ref) or SIMPLE_TYPES.get(_SYNONYMS.get(ref, ref))
        if own is not None:
            return own
        try:
            return resolve(parse_type(ref), self.by_name)
        except (FeelError, UnfitError):
            self._report(Problem(say("Expected the name of a type, found '{ref}'.", ref=ref), element_id, line))
            return ANY

    def _fill(self, name: str) -> Type:
        """Makes a type, and those that it is based on first; a base that is still being made stays as it is: a circle."""
        wanted = self.by_name[name]
        if name not in self._made:
            self._made.add(name)
            definition = self._definitions[name]
            if definition.allowed_values is not None:
                self.allowed_texts[name] = definition.allowed_values
            elif definition.type_ref in self.allowed_texts:
                self.allowed_texts[name] = self.allowed_texts[definition.type_ref]
            self._shape(wanted, definition)
        return wanted

    def _shape(self, wanted: Type, definition: ItemDefinition) -> None:
        item = Type(definition.name) if definition.is_collection else wanted
        item.become(self._base(definition))
        if definition.allowed_values is not None:
            self._constrain(item, definition.allowed_values, definition)
        if definition.is_collection:
            wanted.become(list_of(item))
        if definition.type_constraint is not None:
            self._constrain(wanted, definition.type_constraint, definition)

    def _base(self, definition: ItemDefinition) -> Type:
        if definition.components:
            return context_of({one.name: self._component(one) for one in definition.components})
        if definition.function is not None:
            parameters, result = definition.function
            return function_of(
                [self._lazily(one.type_ref, definition) for one in parameters], self._lazily(result, definition)
            )
        return self._lazily(definition.type_ref, definition)

    def _component(self, definition: ItemDefinition) -> Type:
        if definition.type_ref in self._definitions and not definition.is_collection and definition.allowed_values is None:
            return self.by_name[definition.type_ref or ""]  # filled in later if need be, so that trees of types can be
        made = Type(definition.name)
        if definition.is_collection and definition.type_ref in self._definitions and definition.allowed_values is None:
            made.become(list_of(self.by_name[definition.type_ref or ""]))
            if definition.type_constraint is not None:
                self._constrain(made, definition.type_constraint, definition)
            return made
        self._shape(made, definition)
        return made

    def _lazily(self, ref: str | None, definition: ItemDefinition) -> Type:
        if ref in self._definitions:
            return self._fill(ref or "")
        return self.type_of(ref, definition.id or definition.name, definition.line)

    def _constrain(self, wanted: Type, text: str, definition: ItemDefinition) -> None:
        if not text.strip():
            return
        try:
            tests = compile_unary_tests(text)
        except FeelError as error:
            self._report(Problem(error.message, definition.id or definition.name, definition.line, error.position))
            return
        before = wanted.allows

        def allows(value: Value) -> bool:
            return (before is None or before(value)) and tests.evaluate({"?": value}) is True

        wanted.allows = allows


def of_json(value: Value, wanted: Type) -> Value:
    """A value out of JSON, which has no word for dates, times and durations: where the type asks for one, its ISO text is read."""
    if type(value) is str:
        read = _READERS.get(wanted.plain or frozenset())
        try:
            return read(value) if read is not None else value
        except UnfitError:
            return value
    if type(value) is list:
        return [of_json(item, wanted.items or ANY if wanted.is_list() else wanted) for item in value]
    if type(value) is dict and wanted.fields is not None:
        return {key: of_json(item, wanted.fields.get(key, ANY)) for key, item in value.items()}
    return value
