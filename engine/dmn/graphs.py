"""Decision requirements graphs: who needs whom, and how a question goes through the graph (DMN 1.5, 6.3 and 10.4)."""
from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from ..feel.errors import FeelError, UnfitError
from ..feel.limits import Run
from ..feel.sentences import say
from ..feel.steps import Code, Frame, fitted
from ..feel.types import ANY, Type, coerced
from ..feel.values import Function, Value, take_in
from .errors import DmnError, Problem
from .item_types import of_json
from .models import Decision, InputData, Knowledge, Named, Service
from .traces import DecisionTrace, Evaluation

_ABSENT = object()


class Session:
    """What is known in one evaluation: the inputs, and every element's value once it was asked for."""

    __slots__ = ("inputs", "known", "open", "run")

    def __init__(self, run: Evaluation, inputs: Mapping[str, Value], known: dict[Unit, Value] | None = None, *, open: bool = False) -> None:
        self.run = run
        self.open = open  # decisions see every input, required or not
        self.inputs = inputs
        self.known: dict[Unit, Value] = known if known is not None else {}


class OpenScope(Mapping[str, Value]):
    """What a decision requires, and behind it all variables of whoever asks: models of process engines rely on that."""

    __slots__ = ("_behind", "_names")

    def __init__(self, names: Mapping[str, Value], behind: Mapping[str, Value]) -> None:
        self._names = names
        self._behind = behind

    def __getitem__(self, name: str) -> Value:
        return self._names[name] if name in self._names else self._behind[name]

    def __iter__(self) -> Iterator[str]:
        return iter({*self._names, *self._behind})

    def __len__(self) -> int:
        return len({*self._names, *self._behind})


class Unit:
    """A compiled element. `path` is the import under which, and the name as which, another element knows it."""

    kind = ""

    def __init__(self, facts: Named, wanted: Type) -> None:
        self.facts = facts
        self.name = facts.name
        self.id = facts.id or facts.name
        self.wanted = wanted
        self.needs: list[tuple[tuple[str, ...], Unit]] = []
        self.problems: list[Problem] = []

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    def value(self, session: Session) -> Value:
        known = session.known
        if self in known:
            return known[self]
        found = self.find(session)
        known[self] = found
        return found

    def find(self, session: Session) -> Value:
        raise NotImplementedError

    def scope(self, session: Session) -> dict[str, Value]:
        """What an element's logic sees: only what it requires; what is imported lies in a context of its import's name."""
        names: dict[str, Value] = {}
        for path, unit in self.needs:
            inner = names
            for part in path[:-1]:
                inner = inner.setdefault(part, {})
            inner[path[-1]] = unit.value(session)
        return names

    def fitting(self, value: Value, run: Run, wanted: Type) -> Value:
        try:
            return coerced(value, wanted)
        except UnfitError as unfit:
            return run.warn(say("'{name}': {why}", name=self.name, why=unfit.said))

    def refuse_if_broken(self) -> None:
        if self.problems:
            raise DmnError(self.problems)


class InputUnit(Unit):
    kind = "inputData"

    def __init__(self, facts: InputData, wanted: Type, imported_as: Sequence[str] = ()) -> None:
        super().__init__(facts, wanted)
        self.imported_as = tuple(imported_as)

    def find(self, session: Session) -> Value:
        session.run.element = self.id
        value = self._given(session.inputs)
        if value is _ABSENT:
            return session.run.warn(say("There is no input '{name}'", name=self.name))
        try:
            clean = take_in(value)
        except UnfitError as unfit:
            return session.run.warn(say("'{name}': {why}", name=self.name, why=unfit.said))
        return self.fitting(of_json(clean, self.wanted) if session.run.json else clean, session.run, self.wanted)

    def _given(self, inputs: Mapping[str, Value]) -> Value:
        """The input by its name; that of an imported model also as `import.name`, or in a context of the import's name."""
        for name in self.imported_as:
            qualified = f"{name}.{self.name}"
            if qualified in inputs:
                return inputs[qualified]
            inner = inputs.get(name)
            if isinstance(inner, Mapping) and self.name in inner:
                return inner[self.name]
        return inputs.get(self.name, _ABSENT)


class DecisionUnit(Unit):
    kind = "decision"

    def __init__(self, facts: Decision, wanted: Type, logic_kind: str) -> None:
        super().__init__(facts, wanted)
        self.code: Code | None = None
        self.logic_kind = logic_kind

    def find(self, session: Session) -> Value:
        self.refuse_if_broken()
        run = session.run
        scope: Mapping[str, Value] = self.scope(session)
        if session.open:
            scope = OpenScope({**{unit.id: unit.value(session) for _, unit in self.needs}, **scope}, session.inputs)
        if self.code is None:
            run.element = self.id
            if self.name in session.inputs:  # made outside, by people: whoever asks says how it was decided
                return self.fitting(take_in(session.inputs[self.name]), run, self.wanted)
            return run.warn(say("The decision '{name}' has no logic", name=self.name))
        outer_tables, run.tables = run.tables, []
        run.enter()
        run.element = self.id
        value = self.code(Frame(scope, run))
        run.element = self.id
        run.leave()
        if self.wanted is not ANY:
            value = self.fitting(value, run, self.wanted)
        if run.traced:
            inputs = {path[-1]: unit.value(session) for path, unit in self.needs if unit.kind in ("inputData", "decision")}
            run.decisions.append(DecisionTrace(self.id, self.name, self.logic_kind, inputs, value, tuple(run.tables)))
        run.tables = outer_tables
        return value


class KnowledgeUnit(Unit):
    kind = "businessKnowledgeModel"

    def __init__(self, facts: Knowledge, wanted: Type) -> None:
        super().__init__(facts, wanted)
        self.code: Code | None = None

    def find(self, session: Session) -> Value:
        self.refuse_if_broken()
        if self.code is None:
            session.run.element = self.id
            return session.run.warn(say("The business knowledge model '{name}' has no logic", name=self.name))
        scope = self.scope(session)
        made = self.code(Frame(scope, session.run))
        if type(made) is not Function:
            return None
        result = self._result_type()
        function = made if result is ANY else replace(made, call=self._checked(made.call, result), result=result)
        scope[self.name] = function  # it may call itself
        return function

    def _result_type(self) -> Type:
        """The variable of a function has a function's type; files of DMN 1.1 give the type of its result there."""
        if self.wanted.parameters is not None:
            return self.wanted.result or ANY
        return self.wanted

    def _checked(self, call: Callable[[Run, Sequence[Value]], Value], wanted: Type) -> Callable[[Run, Sequence[Value]], Value]:
        return lambda run, arguments: self.fitting(call(run, arguments), run, wanted)


class ServiceUnit(Unit):
    kind = "decisionService"

    def __init__(self, facts: Service, wanted: Type) -> None:
        super().__init__(facts, wanted)
        self.inputs: list[Unit] = []  # input data, then input decisions: the order of the parameters
        self.outputs: list[Unit] = []

    def find(self, session: Session) -> Value:
        self.refuse_if_broken()
        names = tuple(unit.name for unit in self.inputs)
        types = tuple(unit.wanted for unit in self.inputs)

        def call(run: Run, arguments: Sequence[Value]) -> Value:
            return self.answer(session.run, dict(zip(self.inputs, fitted(names, types, arguments), strict=True)))

        return Function(self.name, names, call, types=types, result=self.wanted.result)

    def answer(self, run: Evaluation, given: dict[Unit, Value]) -> Value:
        """The value of the output decision, or a context of all, if there are several. What lies outside the service is not asked for."""
        inner = Session(run, {}, given)
        run.enter()
        values = {unit.name: unit.value(inner) for unit in self.outputs}
        run.leave()
        run.element = self.id
        value = next(iter(values.values())) if len(self.outputs) == 1 else values
        wanted = self.wanted if self.wanted.parameters is None else self.wanted.result or ANY
        return self.fitting(value, run, wanted)

    def answer_directly(self, session: Session) -> Value:
        """Like a call, but the inputs come by name; an argument that does not fit is null, with a warning."""
        given: dict[Unit, Value] = {}
        for unit in self.inputs:
            if isinstance(unit, InputUnit):
                given[unit] = unit.value(session)
            else:
                value = session.inputs.get(unit.name)
                given[unit] = unit.fitting(take_in(value), session.run, unit.wanted)
        return self.answer(session.run, given)


def ask(unit: Unit, session: Session) -> Value:
    """The answer of an element to the inputs of a session: a decision's value, or what a function gives for them by name."""
    run = session.run
    try:
        if isinstance(unit, ServiceUnit):
            unit.refuse_if_broken()
            return unit.answer_directly(session)
        value = unit.value(session)
        if isinstance(unit, KnowledgeUnit) and type(value) is Function:
            arguments = [take_in(session.inputs.get(parameter)) for parameter in value.parameters]
            try:
                return value.call(run, arguments)
            except UnfitError as unfit:
                return run.warn(say("{name}: {why}", name=unit.name, why=unfit.said))
        return value
    except FeelError as error:
        raise DmnError([Problem(error.message, run.element, position=error.position)])
    except RecursionError:
        raise DmnError([Problem(say("The model or its values are nested too deeply to evaluate."), run.element)])
    except MemoryError:
        raise DmnError([Problem(say("The evaluation needs more memory than there is."), run.element)])
