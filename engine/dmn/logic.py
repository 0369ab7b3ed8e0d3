"""Compiles the trees of boxed expressions: FEEL's compiler, and what only a model has (sources, types, tables, external functions)."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..feel import steps
from ..feel.compiler import Bindings, Compiler, Place, mentions_input
from ..feel.errors import FeelError, UnfitError
from ..feel.limits import Run
from ..feel.loops import context
from ..feel.sentences import say
from ..feel.steps import Code, Frame, Test
from ..feel.syntax import External, FunctionLiteral, Node, UnaryTests
from ..feel.types import ANY, coerced
from ..feel.values import Function, Value, kind
from .errors import Problem
from .externals import external_function
from .item_types import ModelTypes, of_json
from .tables import CompiledTable, Conditions, known_policy
from .traces import Evaluation
from .trees import RESULT, Boxed, BoxedContext, BoxedIf, Table


class LogicCompiler(Compiler):
    """Compiles the logic of one element. What cannot be compiled is a problem and becomes null; the rest goes on."""

    def __init__(self, types: ModelTypes, declared: frozenset[str], report: Callable[[Problem], object]) -> None:
        super().__init__("", declared, types.by_name)
        self.model_types = types
        self.report = report
        self.element_id: str | None = None
        self.line: int | None = None
        self.tables: list[tuple[CompiledTable, Table]] = []

    def boxed(self, node: Boxed, place: Place) -> Code:
        outer = (self.source, self.element_id, self.line)
        if node.source:
            self.source = node.source
        self.element_id, self.line = node.element_id or self.element_id, node.line or self.line
        try:
            code = self.compile(node.tree, place)
        except FeelError as error:
            self.report(Problem(error.message, self.element_id, self.line, error.position))
            code = steps.nothing(error.message, node.span)
        wanted = self.model_types.type_of(node.type_ref, self.element_id, self.line)
        element_id = self.element_id
        self.source, self.element_id, self.line = outer
        if wanted is ANY and not node.source:
            return code

        def boxed(frame: Frame) -> Value:
            run = frame.run
            if type(run) is not Evaluation:  # a filter that looks at an empty list, quietly
                return fitting(code(frame), run, json=False)
            before, run.element = run.element, element_id
            value = code(frame)
            if wanted is not ANY:
                value = fitting(value, run, json=run.json)
            run.element = before
            return value

        def fitting(value: Value, run: Run, *, json: bool) -> Value:
            try:
                return coerced(of_json(value, wanted) if json else value, wanted)
            except UnfitError as unfit:
                return run.warn(unfit.said)

        return boxed

    def boxed_context(self, node: BoxedContext, place: Place) -> Code:
        earlier = Bindings(set(), place)
        entries: list[tuple[str, Code]] = []
        for key, value in node.entries:
            if _is_function(value):
                earlier.names.add(key)
            entries.append((key, self.compile(value, earlier)))
            earlier.names.add(key)
        whole = context(entries)
        return (lambda frame: whole(frame)[RESULT]) if node.has_result else whole

    def boxed_if(self, node: BoxedIf, place: Place) -> Code:
        condition, then, otherwise = (self.compile(part, place) for part in (node.condition, node.then, node.otherwise))

        def boxed_if(frame: Frame) -> Value:
            outcome = condition(frame)
            if outcome is not None and type(outcome) is not bool:
                return frame.run.warn(say("Expected true or false after 'if', found a {kind}", kind=kind(outcome)))
            return then(frame) if outcome else otherwise(frame)

        return boxed_if

    def table(self, node: Table, place: Place) -> Code:
        wrong = known_policy(node.box)
        if wrong is not None:
            self.report(Problem(wrong, node.box.id or self.element_id, node.box.line))
            return steps.nothing(wrong, node.span)
        inner = Bindings({"?"}, place)
        ranks = tuple(self._ranks(tests, inner) for tests in node.ranks)
        compiled = CompiledTable(
            box=node.box,
            inputs=tuple(self.compile(one, place) for one in node.inputs),
            allowed=tuple(self._cell(tests, inner) if tests is not None else None for tests in node.allowed),
            conditions=tuple(self._conditions(tests, inner) for tests in node.conditions),
            conclusions=tuple(tuple(self.compile(one, place) for one in row) for row in node.conclusions),
            defaults=tuple(self.compile(one, place) if one is not None else None for one in node.defaults),
            ranks=ranks,
            fits=tuple(self._cell(tests, inner) if tests is not None else None for tests in node.ranks),
            element_id=node.box.id or self.element_id,
        )
        self.tables.append((compiled, node))
        return compiled.evaluate

    def _cell(self, tests: UnaryTests, place: Place) -> Test:
        try:
            return self.cell(tests, place)
        except FeelError as error:
            self.report(Problem(error.message, self.element_id, self.line, error.position))
            return lambda frame, value: None

    def _conditions(self, row: tuple[UnaryTests, ...], place: Place) -> Conditions:
        return tuple((column, self._cell(tests, place), mentions_input(tests)) for column, tests in enumerate(row) if tests.tests)

    def _ranks(self, tests: UnaryTests | None, place: Place) -> tuple[Test, ...]:
        if tests is None or tests.negated:
            return ()
        return tuple(self._cell(UnaryTests((one,)), place) for one in tests.tests)

    def external(self, node: External, place: Place) -> Code:
        """A function of Java that is known here by name; any other is refused, as nothing outside is ever run."""
        mapping = self.compile(node.mapping, place)
        parameters = node.parameters
        types = tuple(self.resolved(wanted, node.span) if wanted is not None else None for wanted in node.types)
        span = node.span

        def external(frame: Frame) -> Value:
            try:
                call = external_function(mapping(frame))
            except UnfitError as unfit:
                return frame.run.warn(unfit.said, span)
            return Function("function", parameters, lambda run, arguments: call(steps.fitted(parameters, types, arguments)), types=types)

        return external

    def resolved(self, wanted: Any, span: Any) -> Any:
        known = wanted.name in self.types or not wanted.arguments
        return self.model_types.type_of(wanted.name, self.element_id, self.line) if known else super().resolved(wanted, span)

    _COMPILERS: Mapping[type, Callable[[Any, Any, Place], Code]] = {
        **Compiler._COMPILERS,
        Boxed: boxed,
        BoxedContext: boxed_context,
        BoxedIf: boxed_if,
        Table: table,
        External: external,
    }


def _is_function(node: Node) -> bool:
    while isinstance(node, Boxed):
        node = node.tree
    return isinstance(node, FunctionLiteral)


def compile_logic(tree: Node, compiler: LogicCompiler) -> Code:
    """The closure of an element's logic. Never raises for bad content: problems are reported instead."""
    try:
        return compiler.compile(tree)
    except FeelError as error:
        compiler.report(Problem(error.message, compiler.element_id, compiler.line, error.position))
        return steps.nothing(error.message, (0, 0))
