"""The front door: compile an expression once, evaluate it as often as needed."""
from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from .builtins import KNOWN_BUILTINS
from .compiler import Compiler
from .errors import FeelError
from .limits import DEFAULT_LIMITS, Limits, Run
from .parser import parse, parse_unary_tests
from .sentences import say
from .steps import Code, Frame
from .syntax import Node
from .values import Value


class Expression:
    """A compiled expression. `names` are the roots that it may read from the scope; `tree` is what it was read as."""

    __slots__ = ("_code", "names", "source", "tree")

    def __init__(self, source: str, tree: Node, declared: frozenset[str] = frozenset()) -> None:
        compiler = Compiler(source, declared)
        self.source = source
        self.tree = tree
        self._code: Code = compiler.compile(tree)
        self.names: frozenset[str] = frozenset(compiler.free)

    def __repr__(self) -> str:
        return f"Expression({self.source!r})"

    def evaluate(
        self,
        scope: Mapping[str, Any],
        now: Callable[[], datetime] | None = None,
        limits: Limits = DEFAULT_LIMITS,
        on_warning: Callable[[str], object] | None = None,
    ) -> Value:
        """The value for a scope, of which only the names that are read are asked for.

        `now` gives the aware moment for now() and today(); without it both are null. What does not fit becomes null, and
        `on_warning` is told why. Raises FeelError only beyond the limits and for a failed `assert`.
        """
        try:
            return self._code(Frame(scope, Run(now, limits, on_warning)))
        except RecursionError:
            raise FeelError(say("The expression or its values are nested too deeply to evaluate."))
        except MemoryError:
            raise FeelError(say("The expression needs more memory than there is."))


def compile_expression(source: str, names: Iterable[str] = ()) -> Expression:
    """Compiles FEEL text (without a leading `=`).

    `names` are known variables, needed only for those with spaces or symbols that could be read otherwise (`line-items`,
    `terms and conditions`); each also takes precedence over a built-in of the same name. Raises FeelError with position, line,
    column and what was expected.
    """
    return _compiled(_text(source), frozenset(names))


def compile_unary_tests(source: str, names: Iterable[str] = ()) -> Expression:
    """Compiles the tests of a decision table's cell (`< 10`, `"a","b"`, `not(1)`, `-`). The scope gives the input as `?`."""
    return _compiled_tests(_text(source), frozenset(names))


def evaluate_unary_tests(source: str, value: Any, scope: Mapping[str, Any] | None = None, **how: Any) -> Value:
    """Whether a value passes the tests: true, false or null. `how` is as for Expression.evaluate."""
    return compile_unary_tests(source).evaluate({**(scope or {}), "?": value}, **how)


def _text(source: object) -> str:
    if not isinstance(source, str):
        raise FeelError(say("Expected the text of an expression, found {found}.", found=type(source).__name__))
    return str(source)


@lru_cache(maxsize=4096)
def _compiled(source: str, names: frozenset[str]) -> Expression:
    return _guarded(source, parse(source, KNOWN_BUILTINS, names), names)


@lru_cache(maxsize=4096)
def _compiled_tests(source: str, names: frozenset[str]) -> Expression:
    return _guarded(source, parse_unary_tests(source, KNOWN_BUILTINS, names), names)


def _guarded(source: str, tree: Node, names: frozenset[str]) -> Expression:
    try:
        return Expression(source, tree, names)
    except RecursionError:
        raise FeelError(say("The expression is nested too deeply."), (0, len(source)), 1, 1)
