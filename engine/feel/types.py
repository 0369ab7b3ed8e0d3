"""The types of values: what `instance of` asks for, and how a value is made to fit one (DMN 1.5, 10.3.2.9)."""
from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, time
from decimal import Decimal

from .errors import UnfitError
from .moments import combine
from .sentences import say
from .syntax import TypeOf
from .values import DATE_TYPES, DURATION_TYPES, MOMENT_TYPES, TIME_TYPES, Function, Range, Value, YearsMonths, kind

_DAYS_AND_TIME = DURATION_TYPES
_YEARS_AND_MONTHS = frozenset({YearsMonths})
_PYTHON_TYPES: dict[str, frozenset[type]] = {
    "number": frozenset({int, Decimal}),
    "string": frozenset({str}),
    "boolean": frozenset({bool}),
    "date": DATE_TYPES,
    "time": TIME_TYPES,
    **dict.fromkeys(("date and time", "dateTime"), MOMENT_TYPES),
    **dict.fromkeys(("days and time duration", "day and time duration", "dayTimeDuration"), _DAYS_AND_TIME),
    **dict.fromkeys(("years and months duration", "year and month duration", "yearMonthDuration"), _YEARS_AND_MONTHS),
    "duration": _DAYS_AND_TIME | _YEARS_AND_MONTHS,
    "list": frozenset({list}),
    "context": frozenset({dict}),
    "function": frozenset({Function}),
    "range": frozenset({Range}),
}


class Type:
    """A type, and what it is made of. `plain` are the Python types of its values (None: any); `allows` is the constraint of an item
    definition. Item definitions may speak of each other in circles, so the parts are filled in after all are made.
    """

    __slots__ = ("allows", "fields", "items", "name", "parameters", "plain", "result")

    def __init__(self, name: str, plain: frozenset[type] | None = None) -> None:
        self.name = name
        self.plain = plain
        self.items: Type | None = None
        self.fields: Mapping[str, Type] | None = None
        self.parameters: Sequence[Type] | None = None
        self.result: Type | None = None
        self.allows: Callable[[Value], bool] | None = None

    def __repr__(self) -> str:
        return f"Type({self.name!r})"

    def become(self, other: Type) -> None:
        """Takes over what another type is made of; the constraint stays its own, on top of the other's."""
        self.plain, self.items, self.fields = other.plain, other.items, other.fields
        self.parameters, self.result, self.allows = other.parameters, other.result, other.allows

    def holds(self, value: Value) -> bool:
        """Whether a value is of this type, whatever its constraint says; null is of every type."""
        if value is None or self.plain is None:
            return True
        return type(value) in self.plain and self._holds_parts(value)

    def permits(self, value: Value) -> bool:
        """Whether a value that is of this type keeps the constraints of it and of its parts."""
        if value is None:
            return True
        if self.allows is not None and not self.allows(value):
            return False
        if self.items is not None and type(value) is list:
            return all(map(self.items.permits, value))
        if self.fields is not None:
            return all(field.permits(value[name]) for name, field in self.fields.items())
        return True

    def _holds_parts(self, value: Value) -> bool:
        if self.items is not None:
            parts = value if type(value) is list else (value.low, value.high)
            return all(map(self.items.holds, parts))
        if self.fields is not None:
            return all(name in value and field.holds(value[name]) for name, field in self.fields.items())
        return self.parameters is None or self._holds_function(value)

    def _holds_function(self, function: Function) -> bool:
        wanted = self.parameters or ()
        most = len(function.parameters)
        if not function.variadic and not most - function.optional <= len(wanted) <= most:
            return False
        declared = [*function.types, *([None] * (len(wanted) - len(function.types)))]
        if any(own is not None and not given.conforms_to(own) for given, own in zip(wanted, declared, strict=False)):
            return False
        return function.result is None or self.result is None or function.result.conforms_to(self.result)

    def conforms_to(self, other: Type) -> bool:
        """Whether every value of this type may stand where the other is asked for (10.3.2.9.1)."""
        if self is other or other.plain is None or self.plain == frozenset({type(None)}):
            return True
        if self.plain is None or not self.plain <= other.plain:
            return False
        if other.fields is not None:
            own = self.fields or {}
            return all(name in own and own[name].conforms_to(field) for name, field in other.fields.items())
        if other.items is not None:
            return self.items is not None and self.items.conforms_to(other.items)
        return other.parameters is None or self._function_conforms_to(other)

    def _function_conforms_to(self, other: Type) -> bool:
        own, wanted = self.parameters or (), other.parameters or ()
        if len(own) != len(wanted) or not all(theirs.conforms_to(mine) for mine, theirs in zip(own, wanted, strict=True)):
            return False
        return other.result is None or self.result is None or self.result.conforms_to(other.result)

    def is_list(self) -> bool:
        return self.plain is not None and list in self.plain


ANY = Type("Any")
NULL = Type("Null", frozenset({type(None)}))
SIMPLE_TYPES: dict[str, Type] = {name: Type(name, plain) for name, plain in _PYTHON_TYPES.items()}
SIMPLE_TYPES |= {"Any": ANY, "Null": NULL, "null": NULL}


def list_of(item: Type, name: str = "") -> Type:
    made = Type(name or f"list<{item.name}>", _PYTHON_TYPES["list"])
    made.items = item
    return made


def context_of(fields: Mapping[str, Type], name: str = "context") -> Type:
    made = Type(name, _PYTHON_TYPES["context"])
    made.fields = fields
    return made


def function_of(parameters: Sequence[Type], result: Type, name: str = "function") -> Type:
    made = Type(name, _PYTHON_TYPES["function"])
    made.parameters = parameters
    made.result = result
    return made


def resolve(wanted: TypeOf, types: Mapping[str, Type]) -> Type:
    """The type that an expression names. `types` are those of its model. Raises UnfitError for one that nobody knows."""
    own = types.get(wanted.name)
    if own is not None:
        return own
    simple = SIMPLE_TYPES.get(wanted.name)
    if simple is None:
        raise UnfitError(say("one of {types}", types=", ".join(sorted({*types, *SIMPLE_TYPES} - {"null"}))))
    inner = [resolve(argument, types) for argument in wanted.arguments]
    if wanted.name == "function" and wanted.result is not None:
        return function_of(inner, resolve(wanted.result, types))
    if not inner:
        return simple
    if wanted.name == "context":
        return context_of(dict(zip(wanted.fields, inner, strict=True)))
    made = Type(f"{wanted.name}<{inner[0].name}>", simple.plain)
    made.items = inner[0]
    return made


def instance_test(wanted: TypeOf, types: Mapping[str, Type]) -> Callable[[Value], bool]:
    """The question whether a value is an instance; null is one of Null only. Raises UnfitError for a type that nobody knows."""
    found = resolve(wanted, types)
    if found is NULL:
        return lambda value: value is None
    return lambda value: value is not None and found.holds(value)


def coerced(value: Value, wanted: Type) -> Value:
    """The value as one of the type, converted where 10.3.2.9.4 says so. Raises UnfitError if it cannot be one."""
    if value is None:
        return None
    for candidate in _candidates(value, wanted):
        if wanted.holds(candidate):
            if not wanted.permits(candidate):
                raise UnfitError(say("The value is not among those that '{type}' allows", type=wanted.name))
            return candidate
    raise UnfitError(say("Expected a value of the type '{type}', found a {kind}", type=wanted.name, kind=kind(value)))


def _candidates(value: Value, wanted: Type) -> Iterator[Value]:
    """The value itself, then what it may become: a list of one, the item of such a list, the midnight of a date."""
    yield value
    if wanted.is_list():
        if type(value) is not list:
            yield [value]
    elif type(value) is list and len(value) == 1 and value[0] is not None:
        yield value[0]
    if type(value) in DATE_TYPES and wanted.plain == MOMENT_TYPES:
        yield combine(value, time(tzinfo=UTC))
