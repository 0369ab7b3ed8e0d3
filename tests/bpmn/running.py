"""A running instance for tests: values in memory, a clock moved by hand, and what is open by element id."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from lxml import etree

from engine.bpmn import effects as e
from engine.bpmn import happenings as h
from engine.bpmn.definition import Definition, compile_definitions
from engine.bpmn.execution import Execution
from engine.bpmn.ports import Made, Ports

NAMESPACES = (
    'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:tns="urn:t" xmlns:handoff="urn:passerelle:handoff:1.0" '
    'targetNamespace="urn:t"'
)
INSTANCE = 1


class MemoryValues:
    def __init__(self) -> None:
        self.scopes: dict[int, dict[str, Any]] = {}
        self.log: list[tuple[int, str, Any, bool]] = []

    def get(self, scope_key: int, name: str) -> Any:
        return self.scopes[scope_key][name]

    def names(self, scope_key: int) -> Iterator[str]:
        return iter(list(self.scopes.get(scope_key, ())))

    def set(self, scope_key: int, name: str, value: Any, *, element_id: str | None) -> None:
        scope = self.scopes.setdefault(scope_key, {})
        self.log.append((scope_key, name, scope.get(name), name in scope))
        scope[name] = value

    def mark(self) -> int:
        return len(self.log)

    def rollback(self, mark: int) -> None:
        while len(self.log) > mark:
            scope_key, name, value, was_there = self.log.pop()
            if was_there:
                self.scopes[scope_key][name] = value
            else:
                del self.scopes[scope_key][name]


def decide(decision_id: str, binding: str, version_tag: str | None, variables: Any) -> Made | None:
    """Knows one decision, `d`: twice the variable n."""
    return Made(variables.get("n", 0) * 2) if decision_id == "d" else None


def definitions(body: str) -> tuple[Definition, ...]:
    """Compiles the children of `definitions`, or, where `body` has no process, the children of a process `P`."""
    if "<process" not in body:
        body = f'<process id="P" isExecutable="true">{body}</process>'
    return compile_definitions(etree.fromstring(f"<definitions {NAMESPACES}>{body}</definitions>"))


def flows(*pairs: str) -> str:
    """Sequence flows from lines such as `a b`, `a b =x > 1`; the id is a-b."""
    lines = []
    for pair in pairs:
        source, target, *condition = pair.split(" ", 2)
        text = condition[0].replace("<", "&lt;") if condition else ""
        inner = f"<conditionExpression>{text}</conditionExpression>" if condition else ""
        lines.append(f'<sequenceFlow id="{source}-{target}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>')
    return "".join(lines)


def script(id: str, expression: str, result: str, extra: str = "") -> str:
    escaped = expression.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return (
        f'<scriptTask id="{id}"><extensionElements><zeebe:script expression="={escaped}" resultVariable="{result}"/>'
        f"</extensionElements>{extra}</scriptTask>"
    )


def service(id: str, extra: str = "", extensions: str = "", kind: str = "work") -> str:
    return (
        f'<serviceTask id="{id}"><extensionElements><zeebe:taskDefinition type="{kind}"/>{extensions}'
        f"</extensionElements>{extra}</serviceTask>"
    )


class Instance:
    """Tells one execution what happens and keeps what is open. `restores`: snapshot and restore after every step."""

    def __init__(
        self,
        model: str | Definition,
        *,
        restores: bool = False,
        called: bool = False,
        start: bool = True,
        at: str | None = None,
        **variables: Any,
    ) -> None:
        self.definition = definitions(model)[0] if isinstance(model, str) else model
        self.restores = restores
        self.called = called
        self.values = MemoryValues()
        self.time = datetime(2026, 1, 1, tzinfo=UTC)
        self.last_key = INSTANCE
        self.ports = Ports(self.values, self._new_key, lambda: self.time, decide=decide)
        self.execution = Execution(self.definition, INSTANCE, self.ports, called=called)
        self.effects: list[e.Effect] = []
        self.elements: dict[int, str] = {}
        self.open: dict[tuple[str, int], Any] = {}
        self.incidents: dict[int, e.IncidentOpened] = {}
        if start:
            self.tell(h.Started(at, variables))

    def _new_key(self) -> int:
        self.last_key += 1
        return self.last_key

    def tell(self, happening: h.Happening, **limits: Any) -> list[e.Effect]:
        """Tells, runs until all waits, and answers what followed."""
        self.execution.tell(happening)
        before = len(self.effects)
        self._collect()
        while not self.execution.run(**limits):
            self._collect()
        self._collect()
        return self.effects[before:]

    def _collect(self) -> None:
        taken = self.execution.take_effects()
        self.effects += taken
        for effect in taken:
            self._note(effect)
        if self.restores:
            self.execution = Execution.restore(self.definition, INSTANCE, self.execution.snapshot(), self.ports, called=self.called)

    def _note(self, effect: e.Effect) -> None:
        match effect:
            case e.ElementEntered():
                self.elements[effect.key] = effect.element_id
            case e.JobOpened():
                self._opens("job", effect.element_instance_key, effect)
            case e.TaskOpened():
                self._opens("task", effect.element_instance_key, effect)
            case e.TimerOpened():
                self._opens("timer", effect.key, effect)
            case e.SubscriptionOpened():
                self._opens("subscription", effect.key, effect)
            case e.ChildRequested():
                self._opens("child", effect.element_instance_key, effect)
            case e.ChildUnwanted():
                del self.open["child", effect.element_instance_key]
            case e.WaitClosed():
                self.open.pop((effect.kind, effect.key))
            case e.IncidentOpened():
                self.incidents[effect.key] = effect
            case e.IncidentClosed():
                del self.incidents[effect.key]

    def _opens(self, kind: str, key: int, effect: Any) -> None:
        assert (kind, key) not in self.open
        self.open[kind, key] = effect

    # -- asking ---------------------------------------------------------------------------------------------------------

    def waiting(self, kind: str, element_id: str | None = None) -> list[Any]:
        return [o for (k, _), o in self.open.items() if k == kind and element_id in (None, o.element_id)]

    def places(self) -> list[str]:
        """Where something is open, sorted: `task a`, `timer b`."""
        return sorted(f"{kind} {effect.element_id}" for (kind, _), effect in self.open.items())

    def path(self) -> list[str]:
        return [f.element_id for f in self.effects if isinstance(f, e.ElementEntered)]

    def taken(self) -> list[str]:
        return [f.flow_id for f in self.effects if isinstance(f, e.FlowTaken)]

    def left(self, element_id: str) -> list[str]:
        return [f.state for f in self.effects if isinstance(f, e.ElementLeft) and self.elements[f.key] == element_id]

    def of(self, kind: type) -> list[Any]:
        return [f for f in self.effects if isinstance(f, kind)]

    @property
    def state(self) -> str | None:
        ended = self.of(e.Ended)
        assert len(ended) <= 1
        return ended[0].state if ended else None

    @property
    def variables(self) -> dict[str, Any]:
        return self.values.scopes.get(INSTANCE, {})

    def the(self, kind: str, element_id: str | None = None) -> Any:
        found = self.waiting(kind, element_id)
        assert len(found) == 1, (kind, element_id, self.places(), self.incidents)
        return found[0]

    # -- doing ----------------------------------------------------------------------------------------------------------

    def complete(self, element_id: str | None = None, **variables: Any) -> None:
        """Completes the one open job, task or child at the element."""
        for kind, happening in (("task", h.TaskCompleted), ("job", h.JobCompleted), ("child", h.ChildCompleted)):
            if found := self.waiting(kind, element_id):
                key = found[0].element_instance_key
                if kind == "child":
                    del self.open["child", key]
                self.tell(happening(key, variables))
                return
        raise AssertionError(f"nothing open at {element_id}: {self.places()}")

    def fail(self, element_id: str, code: str, **variables: Any) -> None:
        self.tell(h.JobThrewError(self.the("job", element_id).element_instance_key, code, "", variables))

    def receive(self, element_id: str, **variables: Any) -> None:
        self.tell(h.SubscriptionTriggered(self.the("subscription", element_id).key, variables))

    def fire(self, element_id: str) -> None:
        timer = self.the("timer", element_id)
        self.time = max(self.time, timer.due_at)
        self.tell(h.TimerFired(timer.key))

    def wait(self, **duration: float) -> None:
        self.time += timedelta(**duration)

    def incident(self) -> e.IncidentOpened:
        assert len(self.incidents) == 1, (self.incidents, self.places(), self.state)
        return next(iter(self.incidents.values()))

    def resolve(self) -> None:
        self.tell(h.IncidentResolved(self.incident().key))
