"""The front door: read a model once (with those that it imports), ask its decisions as often as needed."""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from ..feel.limits import DEFAULT_LIMITS, Limits, Now
from ..feel.sentences import say
from ..feel.types import Type
from . import coverage
from .errors import DmnError, Problem
from .graphs import DecisionUnit, InputUnit, KnowledgeUnit, ServiceUnit, Session, Unit, ask
from .item_types import ModelTypes
from .logic import LogicCompiler, compile_logic
from .models import (
    Box,
    ConditionalBox,
    ContextBox,
    Decision,
    Definitions,
    FilterBox,
    FunctionBox,
    InputData,
    InvocationBox,
    ItemDefinition,
    IteratorBox,
    Knowledge,
    ListBox,
    Literal,
    Named,
    RelationBox,
    Service,
    TableBox,
)
from .readings import NAMESPACES, read_definitions
from .tables import CompiledTable
from .traces import Evaluation, Outcome
from .trees import Reader, Table

_LOGIC_KINDS: dict[type, str] = {
    Literal: "literalExpression",
    TableBox: "decisionTable",
    ContextBox: "context",
    ListBox: "list",
    RelationBox: "relation",
    InvocationBox: "invocation",
    FunctionBox: "functionDefinition",
    ConditionalBox: "conditional",
    FilterBox: "filter",
}
_MOST_PROBLEMS = 200


class Model:
    """A compiled model. `problems` is everything that a deployment should refuse; an element with a problem cannot be asked."""

    def __init__(self, definitions: Definitions, imports: Mapping[str, Model]) -> None:
        self.definitions = definitions
        self.imports = imports  # by import name
        self.problems: list[Problem] = []
        self.tables: list[tuple[CompiledTable, Table]] = []
        imported: dict[str, Type] = {}
        for name, model in imports.items():
            for key, one in model.types.by_name.items():
                imported[f"{name}.{key}" if name else key] = one
                imported[f"{{{model.definitions.namespace}}}{key}"] = one
        self.types: ModelTypes = ModelTypes(definitions.types, imported, self.report)
        self.properties: frozenset[str] = frozenset(_properties(definitions)).union(*(model.properties for model in imports.values()))
        self.units: dict[str, Unit] = {key: self._unit(facts) for key, facts in definitions.elements.items()}
        for unit in self.units.values():
            self._link(unit)
        self._refuse_circles()
        for unit in self.units.values():
            self._compile(unit)

    def __repr__(self) -> str:
        return f"Model({self.definitions.name!r})"

    # -- asked ------------------------------------------------------------------------------------------------------

    @property
    def decisions(self) -> tuple[Decision, ...]:
        return tuple(unit.facts for unit in self.units.values() if isinstance(unit.facts, Decision))

    @cached_property
    def warnings(self) -> tuple[Problem, ...]:
        """What an author should look at, though it can be evaluated: gaps and overlaps of its tables."""
        return tuple(coverage.warnings(self.tables))

    def evaluate(
        self,
        element: str,
        inputs: Mapping[str, Any],
        *,
        now: Now | None = None,
        limits: Limits = DEFAULT_LIMITS,
        traced: bool = False,
        json: bool = False,
        open: bool = False,
    ) -> Outcome:
        """The answer of a decision, a decision service or a business knowledge model, by id or name, to inputs by name.

        With `traced` the outcome tells every decision and rule; with `json` the ISO texts of inputs typed as dates, times or durations
        are read as such; with `open` decisions see all inputs, required or not, and required decisions by their ids too.

        What does not fit becomes null, and the outcome's problems say why, with element and place. Raises DmnError for an element
        that is not there or has a problem of its own, and beyond the limits.
        """
        unit = self.unit(element)
        run = Evaluation(now, limits, traced=traced, json=json)
        value = ask(unit, Session(run, inputs, open=open))
        return Outcome(value, tuple(run.problems), tuple(run.decisions))

    def unit(self, element: str) -> Unit:
        """The element of an id or name; decisions go before others of the same name. Raises DmnError."""
        found = self.units.get(element)
        if found is None:
            same = (unit for unit in self.units.values() if element in (unit.name, unit.facts.title))
            named = sorted(same, key=lambda unit: unit.kind != "decision")
            if not named:
                known = ", ".join(f"'{one.name}'" for one in self.decisions[:20])
                wanted = {"known": known or say("(none)"), "found": element[:60]}
                raise DmnError([Problem(say("Expected one of the decisions {known}, found '{found}'.", **wanted))])
            found = named[0]
        return found

    # -- built ------------------------------------------------------------------------------------------------------

    def report(self, problem: Problem) -> None:
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(problem)

    def _unit(self, facts: Named) -> Unit:
        wanted: Type = self.types.type_of(facts.type_ref, facts.id or facts.name, facts.line)
        if isinstance(facts, InputData):
            return InputUnit(facts, wanted)
        if isinstance(facts, Decision):
            kind = getattr(facts.logic, "kind", "") if isinstance(facts.logic, IteratorBox) else _LOGIC_KINDS.get(type(facts.logic), "")
            return DecisionUnit(facts, wanted, kind)
        return KnowledgeUnit(facts, wanted) if isinstance(facts, Knowledge) else ServiceUnit(facts, wanted)  # type: ignore[arg-type]

    def find(self, href: str) -> tuple[tuple[str, ...], Unit] | None:
        """The unit that an href points at, and its name seen from here: that of the import first, if it is imported."""
        namespace, _, key = href.rpartition("#")
        if not namespace or namespace == self.definitions.namespace:
            unit = self.units.get(key)
            return ((unit.name,), unit) if unit is not None else None
        for name, model in self.imports.items():
            if model.definitions.namespace == namespace and key in model.units:
                unit = model.units[key]
                return ((name, unit.name) if name else (unit.name,)), unit
        return None

    def _link(self, unit: Unit) -> None:
        facts = unit.facts
        for href in facts.requires:
            need = self._needed(unit, href)
            if need is not None:
                unit.needs.append(need)
        if isinstance(facts, Service) and isinstance(unit, ServiceUnit):
            parts = [(href, unit.inputs) for href in (*facts.input_data, *facts.input_decisions)]
            parts += [(href, unit.outputs) for href in facts.outputs]
            for href, units in parts:
                need = self._needed(unit, href)
                if need is not None:
                    units.append(need[1])
            if not facts.outputs:
                self._broken(unit, say("Expected an output decision in the decision service, found none."))

    def _needed(self, unit: Unit, href: str) -> tuple[tuple[str, ...], Unit] | None:
        found = self.find(href)
        if found is None:
            self._broken(unit, say("Expected an element of this model or of one that it imports, found '{href}'.", href=href[:100]))
        return found

    def _broken(self, unit: Unit, message: str) -> None:
        problem = Problem(message, unit.id, unit.facts.line)
        unit.problems.append(problem)
        self.report(problem)

    def _refuse_circles(self) -> None:
        """A decision that needs itself, even through others, can never be made; functions may call each other."""
        done: set[Unit] = set()
        for start in self.units.values():
            path: list[Unit] = []
            stack: list[tuple[Unit, Iterator[Unit]]] = [(start, iter(_needs(start)))] if start not in done else []
            while stack:
                unit, following = stack[-1]
                if unit not in path:
                    path.append(unit)
                following_unit = next(following, None)
                if following_unit is None:
                    done.add(unit)
                    path.remove(unit)
                    stack.pop()
                elif following_unit in path:
                    self._broken(unit, say("Expected requirements without circles, found that '{name}' needs itself.", name=unit.name))
                elif following_unit not in done:
                    stack.append((following_unit, iter(_needs(following_unit))))

    def _compile(self, unit: Unit) -> None:
        logic = getattr(unit.facts, "logic", None)
        if logic is None or not isinstance(unit, (DecisionUnit, KnowledgeUnit)):
            return
        known = frozenset(path[0] for path, _ in unit.needs)
        if isinstance(unit, KnowledgeUnit):
            known |= {unit.name}

        def report(problem: Problem) -> None:
            unit.problems.append(problem)
            self.report(problem)

        reader = Reader(self.properties, self.types.allowed_texts, unit.id, unit.facts.line)
        tree = reader.tree(logic, known)
        for problem in reader.problems:
            report(problem)
        compiler = LogicCompiler(self.types, known, report)
        compiler.element_id, compiler.line = unit.id, unit.facts.line
        unit.code = compile_logic(tree, compiler)
        self.tables += compiler.tables


def _needs(unit: Unit) -> list[Unit]:
    return [needed for _, needed in unit.needs if needed.kind in ("decision", "inputData")]


def _properties(definitions: Definitions) -> Iterator[str]:
    """All names of entries that the model declares: those with symbols in them are only read as one name because they are known."""
    for one in definitions.types:
        yield from _component_names(one)
    for facts in definitions.elements.values():
        yield facts.name
        logic = getattr(facts, "logic", None)
        if logic is not None:
            yield from _entry_names(logic)


def _component_names(definition: ItemDefinition) -> Iterator[str]:
    for component in definition.components:
        yield component.name
        yield from _component_names(component)


def _entry_names(box: Box) -> Iterator[str]:
    if isinstance(box, ContextBox):
        for entry in box.entries:
            if entry.name:
                yield entry.name
            if entry.value is not None:
                yield from _entry_names(entry.value)
    elif isinstance(box, TableBox):
        yield from (output.name for output in box.outputs if output.name)
    elif isinstance(box, RelationBox):
        yield from (column.name for column in box.columns if column.name)
    elif isinstance(box, FunctionBox) and box.body is not None:
        yield from _entry_names(box.body)


def read_model(source: bytes | str, others: Iterable[bytes | str] = ()) -> Model:
    """The model of a file; `others` are files that it may import, found by their namespaces.

    Raises DmnError for what is no DMN, for an import that is not among the others, and for imports in a circle. Whatever else is
    wrong stands in the model's `problems`.
    """
    definitions = read_definitions(source)
    library = {one.namespace: one for one in map(read_definitions, others)} if definitions.imports else {}
    library.setdefault(definitions.namespace, definitions)
    return _with_imports(definitions, library, {}, ())


def _with_imports(
    definitions: Definitions, library: Mapping[str, Definitions], made: dict[str, Model], path: tuple[str, ...]
) -> Model:
    imports: dict[str, Model] = {}
    for one in definitions.imports:
        if one.kind not in NAMESPACES:
            continue  # a schema of other kinds of data: its types are Any here
        if one.namespace in (*path, definitions.namespace):
            raise DmnError([Problem(say("Expected imports without circles."), one.id, one.line)])
        wanted = library.get(one.namespace)
        if wanted is None:
            missing = say("Expected a model of the namespace '{namespace}' to import, found none.", namespace=one.namespace[:100])
            raise DmnError([Problem(missing, one.id, one.line)])
        if one.namespace not in made:
            made[one.namespace] = _with_imports(wanted, library, made, (*path, definitions.namespace))
        imports[one.name] = made[one.namespace]
        for unit in made[one.namespace].units.values():
            if isinstance(unit, InputUnit) and one.name and one.name not in unit.imported_as:
                unit.imported_as += (one.name,)
    return Model(definitions, imports)


__all__ = ["Model", "read_model"]
