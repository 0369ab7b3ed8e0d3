"""Why an expression gave what it gave: the value of every part of it, in the order in which they were found."""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .builtins import KNOWN_BUILTINS
from .compiler import Compiler, Place
from .errors import FeelError
from .limits import DEFAULT_LIMITS, Limits, Now, Run, Span
from .parser import parse
from .sentences import say
from .steps import Code, Frame
from .syntax import FunctionLiteral, Literal, Node
from .values import Value

_MOST_PARTS = 1_000


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the source, and a value it had. A part inside a loop comes once for each round."""

    text: str
    span: Span
    value: Value


@dataclass(frozen=True, slots=True)
class Trace:
    """The value, the values of the parts (at most 1,000), and why parts are null."""

    value: Value
    parts: tuple[Part, ...]
    warnings: tuple[str, ...]


class _TracingRun(Run):
    __slots__ = ("parts",)

    def __init__(self, now: Now | None, limits: Limits, warnings: list[str]) -> None:
        super().__init__(now, limits, warnings.append)
        self.parts: list[Part] = []


class _TracingCompiler(Compiler):
    """Compiles like its parent, and lets every part say what it gave; what stands there as it is needs not be told."""

    def compile(self, node: Node, place: Place = None) -> Code:
        code = super().compile(node, place)
        span = node.span
        text = self.source[span[0] : span[1]]
        if isinstance(node, (Literal, FunctionLiteral)) or not text:
            return code

        def traced(frame: Frame) -> Value:
            value = code(frame)
            run = frame.run
            if isinstance(run, _TracingRun) and len(run.parts) < _MOST_PARTS:
                run.parts.append(Part(text, span, value))
            return value

        return traced


def trace(
    source: str, scope: Mapping[str, Any], names: Iterable[str] = (), now: Now | None = None, limits: Limits = DEFAULT_LIMITS
) -> Trace:
    """Evaluates a text once, slowly, and tells all that was found on the way. Raises FeelError as compiling and evaluating do."""
    known = frozenset(names)
    warnings: list[str] = []
    run = _TracingRun(now, limits, warnings)
    try:
        code = _TracingCompiler(source, known).compile(parse(source, KNOWN_BUILTINS, known))
        value = code(Frame(scope, run))
    except RecursionError:
        raise FeelError(say("The expression or its values are nested too deeply to evaluate."))
    except MemoryError:
        raise FeelError(say("The expression needs more memory than there is."))
    return Trace(value, tuple(run.parts), tuple(warnings))
