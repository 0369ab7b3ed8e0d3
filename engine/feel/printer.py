"""Writes the tree of an expression as text that reads back as the same tree."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .builtins import BUILTINS
from .names import KEYWORDS, words_of
from .syntax import (
    Arithmetic,
    AtLiteral,
    Between,
    Call,
    Comparison,
    ContextOf,
    External,
    Filter,
    For,
    FunctionLiteral,
    If,
    In,
    InstanceOf,
    Interval,
    Iterator,
    ListOf,
    Literal,
    Logic,
    Name,
    Negation,
    Node,
    Path,
    Quantified,
    TypeOf,
    UnaryComparison,
    UnaryTests,
)
from .texts import quoted

# `date and time(...)` would be read as one name
_ENDS_OF_NAMES = tuple(f"{last}(" for name in BUILTINS for word in (" and ", " or ") for _, found, last in [name.partition(word)] if found)
_ATOMS = (Literal, AtLiteral, Name, Path, Filter, ListOf, ContextOf, Call, Interval)


def write(node: Node) -> str:
    """The text of an expression; brackets stand around every operand that is more than one word."""
    return _WRITERS[type(node)](node)


def _operand(node: Node) -> str:
    """The text of a part: in brackets unless nothing around it could tear it apart."""
    return write(node) if isinstance(node, _ATOMS) else f"({write(node)})"


def _name(name: str) -> str:
    words = words_of(name)
    plain = words == (name,) and (name[0].isalpha() or name[0] in "_?") and name not in KEYWORDS
    return name if plain and name != "instance" else f"`{name}`"


def _literal(node: Literal) -> str:
    if node.kind == "string":
        return quoted(str(node.value))
    return node.kind if node.kind != "number" else str(node.value)


def _function_position(node: Node) -> str:
    """A built-in of several words keeps its name as it is: there it is known."""
    if isinstance(node, Name) and node.name in BUILTINS:
        return node.name
    return _operand(node)


def _call(node: Call) -> str:
    arguments = [write(argument) for argument in node.arguments]
    if node.names:
        arguments = [f"{name}: {argument}" for name, argument in zip(node.names, arguments, strict=True)]
    return f"{_function_position(node.function)}({', '.join(arguments)})"


def _iterators(iterators: tuple[Iterator, ...]) -> str:
    return ", ".join(
        f"{_name(one.name)} in {_operand(one.source)}{f'..{_operand(one.to)}' if one.to is not None else ''}" for one in iterators
    )


def _interval(node: Interval) -> str:
    low, high = ("[" if node.low_included else "("), ("]" if node.high_included else ")")
    return f"{low}{_operand(node.low)}..{_operand(node.high)}{high}"


def write_type(wanted: TypeOf) -> str:
    if wanted.name == "context" and wanted.fields:
        fields = zip(wanted.fields, wanted.arguments, strict=True)
        return f"context<{', '.join(f'{_name(name)}: {write_type(inner)}' for name, inner in fields)}>"
    inside = ", ".join(write_type(argument) for argument in wanted.arguments)
    if wanted.result is not None:
        return f"function<{inside}> -> {write_type(wanted.result)}"
    return f"{wanted.name}<{inside}>" if wanted.arguments else wanted.name


def _function(node: FunctionLiteral) -> str:
    return f"function({_parameters(node)}) {write(node.body)}"


def _external(node: External) -> str:
    return f"function({_parameters(node)}) external {write(node.mapping)}"


def _parameters(node: FunctionLiteral | External) -> str:
    return ", ".join(
        f"{_name(name)}{f': {write_type(wanted)}' if wanted is not None else ''}"
        for name, wanted in zip(node.parameters, node.types, strict=True)
    )


def _unary_tests(node: UnaryTests) -> str:
    tests = ", ".join(_test(test) for test in node.tests) or "-"
    return f"not({tests})" if node.negated else tests


def _test(node: Node) -> str:
    text = write(node) if isinstance(node, UnaryComparison) else _operand(node)
    return f"({text})" if text.startswith("not(") else text  # at the start of a cell `not` negates all tests


def _logic(node: Logic) -> str:
    operands = [_operand(operand) for operand in node.operands]
    return f" {node.operator} ".join(f"({text})" if text.startswith(_ENDS_OF_NAMES) else text for text in operands)


def _in(node: In) -> str:
    if len(node.tests) == 1 and isinstance(node.tests[0], _ATOMS):
        return f"{_operand(node.value)} in {write(node.tests[0])}"
    return f"{_operand(node.value)} in ({', '.join(_test(test) for test in node.tests)})"


_WRITERS: dict[type, Callable[[Any], str]] = {
    Literal: _literal,
    AtLiteral: lambda node: f"@{quoted(node.text)}",
    Name: lambda node: _name(node.name),
    Path: lambda node: f"{_operand(node.source)}.{_name(node.name)}",
    Filter: lambda node: f"{_operand(node.source)}[{write(node.condition)}]",
    ListOf: lambda node: f"[{', '.join(_operand(item) for item in node.items)}]",
    ContextOf: lambda node: "{" + ", ".join(f"{quoted(key)}: {write(value)}" for key, value in node.entries) + "}",
    Negation: lambda node: f"-{_operand(node.operand)}",
    Arithmetic: lambda node: f"{_operand(node.left)} {node.operator} {_operand(node.right)}",
    Comparison: lambda node: f"{_operand(node.left)} {node.operator} {_operand(node.right)}",
    Logic: _logic,
    Between: lambda node: f"{_operand(node.value)} between {_operand(node.low)} and {_operand(node.high)}",
    In: _in,
    Interval: _interval,
    UnaryComparison: lambda node: f"{node.operator} {_operand(node.operand)}",
    UnaryTests: _unary_tests,
    If: lambda node: f"if {write(node.condition)} then {write(node.then)} else {write(node.otherwise)}",
    InstanceOf: lambda node: f"{_operand(node.value)} instance of {write_type(node.type)}",
    For: lambda node: f"for {_iterators(node.iterators)} return {write(node.body)}",
    Quantified: lambda node: f"{node.quantifier} {_iterators(node.iterators)} satisfies {write(node.condition)}",
    FunctionLiteral: _function,
    External: _external,
    Call: _call,
}
