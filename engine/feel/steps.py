"""The closures that an expression is made of: names, paths, logic and calls."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from .comparisons import compare, equal
from .errors import UnfitError
from .limits import Run, Span
from .sentences import say
from .temporals import PROPERTIES
from .types import Type, coerced
from .values import MISSING, NUMBERS, Function, Value, described_first, kind, take_in

if TYPE_CHECKING:
    from .builtins import Builtin

_PLAIN: frozenset[type] = frozenset({str, int, bool, type(None)})
_ABSENT = (KeyError, LookupError)
NO_NAMES: Mapping[str, Value] = {}


class Frame:
    """What names mean at one place: its own, the item of a filter, and the frame around it."""

    __slots__ = ("item", "names", "outer", "run")

    def __init__(self, names: Mapping[str, Value], run: Run, outer: Frame | None = None, item: Value = None) -> None:
        self.names = names
        self.run = run
        self.outer = outer
        self.item = item


Code = Callable[[Frame], Value]
Test = Callable[[Frame, Value], Value]  # what a value is asked for


def nothing(warning: str, span: Span) -> Code:
    return lambda frame: frame.run.warn(warning, span)


def guarded(code: Code, span: Span) -> Code:
    """Null and a warning where values do not fit."""

    def guarded(frame: Frame) -> Value:
        try:
            return code(frame)
        except UnfitError as unfit:
            return frame.run.warn(unfit.said, span)

    return guarded


def guarded_test(test: Test, span: Span) -> Test:
    def guarded_test(frame: Frame, value: Value) -> Value:
        try:
            return test(frame, value)
        except UnfitError as unfit:
            return frame.run.warn(unfit.said, span)

    return guarded_test


def any_test(tests: list[Test]) -> Test:
    """True if any test passes, null if none does and one of them cannot tell."""

    def any_test(frame: Frame, value: Value) -> Value:
        outcome: Value = False
        for test in tests:
            passed = test(frame, value)
            if passed is True:
                return True
            if passed is None:
                outcome = None
        return outcome

    return any_test


def negated_test(test: Test) -> Test:
    def negated_test(frame: Frame, value: Value) -> Value:
        passed = test(frame, value)
        return None if passed is None else not passed

    return negated_test


def taken_in(value: Value, frame: Frame, span: Span) -> Value:
    if type(value) in _PLAIN:
        return value
    try:
        return take_in(value)
    except UnfitError as unfit:
        return frame.run.warn(unfit.said, span)


# -- names ------------------------------------------------------------------------------------------------------------


def from_scope(scope: Mapping[str, Value], name: str) -> Value:
    try:
        return scope[name]
    except _ABSENT:
        return MISSING


def variable(name: str, span: Span, fallback: Function | None, *, raw: bool) -> Code:
    """A name of the scope. A scope is any mapping; only names that are read are asked for."""

    def variable(frame: Frame) -> Value:
        try:
            value = frame.names[name]
        except _ABSENT:
            return fallback if fallback is not None else frame.run.warn(say("There is no '{name}'", name=name), span)
        if raw or type(value) in _PLAIN:
            return value
        return taken_in(value, frame, span)

    return variable


def one_out(find: Code) -> Code:
    return lambda frame: find(frame.outer)  # type: ignore[arg-type]  # the compiler counted the frames


def from_item(name: str, find_outside: Code | None) -> Code:
    """A name inside a filter: an entry of the item, else what is known outside; `item` itself if no entry is called so."""

    def from_item(frame: Frame) -> Value:
        value = frame.names.get(name, MISSING)
        if value is not MISSING:
            return value
        return frame.item if find_outside is None else find_outside(frame.outer)  # type: ignore[arg-type]

    return from_item


def path(source: Code, name: str, span: Span, *, raw: bool) -> Code:
    """A property of a value; of a list, the list of its items' properties."""

    def path(frame: Frame) -> Value:
        value = source(frame)
        if type(value) is dict:
            found = value.get(name, MISSING)
            if found is MISSING:
                return frame.run.warn(say("There is no '{name}' here", name=name), span)
            if raw or type(found) in _PLAIN:
                return found
            return taken_in(found, frame, span)
        return property_of(taken_in(value, frame, span), name, frame, span)

    return path


def property_of(value: Value, name: str, frame: Frame, span: Span) -> Value:
    if type(value) is list:
        frame.run.charge_items(len(value))
        return [property_of(item, name, frame, span) for item in value]
    if type(value) is dict:
        found = value.get(name, MISSING)
        return found if found is not MISSING else frame.run.warn(say("There is no '{name}' here", name=name), span)
    ask = PROPERTIES.get(type(value), {}).get(name)
    if ask is None:
        return frame.run.warn(say("{what} has no '{name}'", what=described_first(value), name=name), span)
    return ask(value)


def quick_name(name: str, general: Code) -> Code:
    """A name that is usually found right here, and plain."""

    def quick_name(frame: Frame) -> Value:
        value = frame.names.get(name, MISSING)
        return value if type(value) in _PLAIN else general(frame)

    return quick_name


def quick_path(root: str, name: str, general: Code) -> Code:
    """An entry of a variable that is usually a context, and the entry plain."""

    def quick_path(frame: Frame) -> Value:
        try:
            value = frame.names[root]
        except _ABSENT:
            return general(frame)
        if type(value) is dict:
            found = value.get(name, MISSING)
            if type(found) in _PLAIN:
                return found
        return general(frame)

    return quick_path


def has_property(value: Value, name: str) -> bool:
    if isinstance(value, Mapping):
        return name in value
    return name in PROPERTIES.get(type(value), {})


# -- comparisons with what stands in the text ---------------------------------------------------------------------------


def ordered_to(left: Code, order: Callable[[Value, Value], bool], operator: str, number: Value, span: Span) -> Code:
    def ordered_to(frame: Frame) -> Value:
        value = left(frame)
        if type(value) in NUMBERS:
            return order(value, number)
        try:
            return compare(operator, value, number)
        except UnfitError as unfit:
            return frame.run.warn(unfit.said, span)

    return ordered_to


def equal_to(left: Code, text: str, wanted: bool, span: Span) -> Code:
    def equal_to(frame: Frame) -> Value:
        value = left(frame)
        if type(value) is str:
            return (value == text) is wanted
        try:
            return equal(value, text) is wanted
        except UnfitError as unfit:
            return frame.run.warn(unfit.said, span)

    return equal_to


# -- logic ------------------------------------------------------------------------------------------------------------


def logic(operands: list[Code], *, decisive: bool, span: Span) -> Code:
    """Three-valued `and` (decided by false) and `or` (decided by true); what is no boolean counts as unknown."""
    if len(operands) == 2:
        return _logic_of_two(operands[0], operands[1], decisive, span)
    indecisive = not decisive

    def logic(frame: Frame) -> Value:
        outcome: Value = indecisive
        for operand in operands:
            value = operand(frame)
            if value is decisive:
                return decisive
            if value is not indecisive:
                outcome = None
                _warn_unless_null(value, frame, span)
        return outcome

    return logic


def _logic_of_two(left: Code, right: Code, decisive: bool, span: Span) -> Code:
    indecisive = not decisive

    def logic_of_two(frame: Frame) -> Value:
        first = left(frame)
        if first is decisive:
            return decisive
        second = right(frame)
        if second is decisive:
            return decisive
        if first is indecisive and second is indecisive:
            return indecisive
        _warn_unless_null(second if first is indecisive else first, frame, span)
        return None

    return logic_of_two


def _warn_unless_null(value: Value, frame: Frame, span: Span) -> None:
    if value is not None:
        frame.run.warn(say("Expected true or false, found a {kind}", kind=kind(value)), span)


# -- calls ------------------------------------------------------------------------------------------------------------


def user_call(
    parameters: tuple[str, ...], types: tuple[Type | None, ...], body: Code, around: Frame
) -> Callable[[Run, Sequence[Value]], Value]:
    def user_call(run: Run, arguments: Sequence[Value]) -> Value:
        if types:
            arguments = fitted(parameters, types, arguments)
        run.enter()
        value = body(Frame(dict(zip(parameters, arguments, strict=False)), run, around))
        run.leave()
        return value

    return user_call


def fitted(parameters: tuple[str, ...], types: tuple[Type | None, ...], arguments: Sequence[Value]) -> list[Value]:
    """The arguments as the types ask for. Raises UnfitError, and then the function is never called (DMN 1.5, 10.3.2.13.7)."""
    taken: list[Value] = []
    for parameter, wanted, argument in zip(parameters, types, arguments, strict=False):
        try:
            taken.append(argument if wanted is None else coerced(argument, wanted))
        except UnfitError as unfit:
            raise UnfitError(say("{parameter}: {why}", parameter=parameter, why=unfit.said))
    return taken


def in_order(function: Function, names: tuple[str, ...], arguments: list[Value]) -> list[Value]:
    """Named arguments in the order of the parameters, null for those left out. Raises UnfitError for an unknown name."""
    given = dict(zip(names, arguments, strict=True))
    if len(given) < len(names) or not set(given) <= set(function.parameters):
        raise UnfitError(say("Expected the arguments {known}, found {given}", known=", ".join(function.parameters), given=", ".join(names)))
    return [given.get(parameter) for parameter in function.parameters]


def call(function: Code, arguments: list[Code], names: tuple[str, ...], span: Span) -> Code:
    def call(frame: Frame) -> Value:
        called = function(frame)
        if type(called) is not Function:
            return frame.run.warn(say("Expected a function to call, found {kind}", kind=kind(called)), span)
        values = [argument(frame) for argument in arguments]
        try:
            if names:
                values = in_order(called, names, values)
            return invoke(called, frame.run, values)
        except UnfitError as unfit:
            return frame.run.warn(unfit.said, span)

    return call


def invoke(function: Function, run: Run, arguments: Sequence[Value]) -> Value:
    """The function's answer. Raises UnfitError if the number of arguments is wrong."""
    most = len(function.parameters)
    if not function.variadic and not most - function.optional <= len(arguments) <= most:
        raise UnfitError(say("Expected {most} arguments, found {count}", most=most, count=len(arguments)))
    return function.call(run, arguments)


def builtin_call(builtin: Builtin, arguments: list[Code], names: tuple[str, ...], span: Span) -> Code:
    apply = builtin.apply
    if names:

        def named(frame: Frame) -> Value:
            try:
                return builtin.apply_named(frame.run, dict(zip(names, [argument(frame) for argument in arguments], strict=True)))
            except UnfitError as unfit:
                return frame.run.warn(say("{function}: {why}", function=builtin.name, why=unfit.said), span)

        return named

    def builtin_call(frame: Frame) -> Value:
        try:
            return apply(frame.run, [argument(frame) for argument in arguments])
        except UnfitError as unfit:
            return frame.run.warn(say("{function}: {why}", function=builtin.name, why=unfit.said), span)

    return builtin_call
