"""What every element has in common: how a token enters, waits, and leaves by the outgoing flows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs.bpmn_task_spec import BpmnTaskSpec

from engine.feel import Expression
from engine.feel.sentences import say

from ..effects import WaitClosed
from ..scopes import propagate, set_local, view
from .expressions import Mapping, ModelError, place
from .tokens import LEAVING, READY, Token, Wait

if TYPE_CHECKING:
    from ..execution import Execution
    from .batons import Origin
    from .events import BoundaryEvent
    from .loops import LoopBody
    from .subprocesses import ScopeSpec


class Flow:
    """A sequence flow. `id` is None for the jump of a link event, which is no flow of the diagram."""

    __slots__ = ("condition", "id", "index", "is_default", "source", "target")

    def __init__(self, id: str | None, source: ElementSpec, target: ElementSpec, condition: Expression | None, is_default: bool) -> None:
        self.id = id
        self.source = source
        self.target = target
        self.condition = condition
        self.is_default = is_default
        self.index = len(target.incoming)  # its place among the target's incoming flows


class ElementSpec(BpmnTaskSpec):  # type: ignore[misc]
    """A compiled element, shared by all instances and threads: nothing here may change once the definition is built.

    The phases of a token call, in this order: `prepare` (input mappings, boundary events), `_run_hook` (true: done; None: waits;
    false: there is more to do, next), `_on_complete` (output mappings, choice of flows). Whatever can fail happens before anything
    that cannot be taken back.
    """

    def __init__(self, wf_spec: Any, name: str, **kwargs: Any) -> None:
        super().__init__(wf_spec, name, **kwargs)
        self.element_id: str = name
        self.element_type: str = "UNSPECIFIED"
        self.flows: tuple[Flow, ...] = ()
        self.incoming: tuple[Flow, ...] = ()
        self.boundary: tuple[BoundaryEvent, ...] = ()
        self.input_mappings: tuple[Mapping, ...] = ()
        self.output_mappings: tuple[Mapping, ...] = ()
        self.loop: LoopBody | None = None
        self.handler: ElementSpec | None = None  # what undoes this activity
        self.is_handler = False
        self.level: ScopeSpec | None = None
        self.is_conditional = False  # whether a choice among the outgoing flows has to be made
        self.prepares = False
        self.waits_for_others = False  # a join: a token that arrives need not go on

    def finish(self) -> None:
        """Called once, after all elements of the process are connected."""
        self.is_conditional = any(flow.condition is not None or flow.is_default for flow in self.flows)
        self.prepares = bool(self.input_mappings or self.boundary)

    # -- the phases -------------------------------------------------------------------------------------------------------

    def prepare(self, token: Token) -> None:
        self._apply_inputs(token)
        plans = [plan for event in self.boundary for plan in event.trigger.plan(token, event)]
        for plan in plans:
            plan.open()

    def _run(self, token: Token) -> bool | None:
        return self._run_hook(token)

    def _run_hook(self, token: Token) -> bool | None:
        return True

    def _on_complete(self, token: Token) -> None:
        self._before_leaving(token, self._apply_outputs(token) if self.output_mappings else {})
        ex = token.workflow
        if self.loop is not None:
            is_over = self.loop.collect(token)
            self._remember(token)
            ex.leave(token)
            self.loop.inner_completed(token, is_over)
            return
        flows = self._choose(token) if self.is_conditional else self.flows
        ex.batons.expect_agreed(token, flows)
        self._remember(token)
        ex.leave(token)
        ex.take(flows, token)
        if token.compensates is not None:
            ex.compensated(token)

    def _remember(self, token: Token) -> None:
        """Notes in the scope around what could be undone."""
        if (self.handler is not None or token.done) and token.scope is not None:
            done = token.scope.done = token.scope.done or []
            done.append([self.element_id, None if self.handler is None else self.handler.name, token.done or []])

    def _before_leaving(self, token: Token, mapped: dict[str, Any]) -> None:
        """For what an element does with the values that its output mappings gave."""

    def arrive(self, ex: Execution, flow: Flow, scope: Token, origins: list[Origin] | None) -> None:
        """A token comes along a flow. Joins wait for more of them. `origins`: None where nothing crosses anyway."""
        token = Token(ex, self, scope, ex.ports.new_key())
        ex.batons.set_off(token, origins)
        ex.queue(token)

    # -- being triggered --------------------------------------------------------------------------------------------------

    def went_off(self, wait: Wait, variables: Any) -> None:
        """A wait of a token at this element went off; which event that triggers, the wait knows."""
        wait.spec.triggered(wait, variables)

    def triggered(self, wait: Wait, variables: Any) -> None:
        """The own timer or subscription of a token at this element went off."""
        wait.token.workflow.close_wait(wait, completed=True)
        self.resume(wait.token, variables)

    def resume(self, token: Token, variables: Any) -> None:
        """What the token waited for is there, with the variables it brings."""
        token.workflow.batons.take_over(token)
        self.receive(token, variables)
        token.waiting = None
        token.phase = LEAVING
        token._state = READY
        token.workflow.ready.append(token)

    def receive(self, token: Token, variables: Any) -> None:
        """With output mappings only mapped values leave the element's scope; without, each goes to the scope that owns the name."""
        if self.output_mappings:
            for name, value in variables.items():
                set_local(token, name, value)
        else:
            for name, value in variables.items():
                propagate(token, name, value, self.element_id)

    def close_work(self, token: Token, completed: bool) -> None:
        """Takes back the work of a program or person that this token offered."""
        if token.waiting in ("job", "task"):
            batons = token.workflow.batons.of(token) if completed else ()
            token.workflow.effects.append(WaitClosed(token.waiting, token.id, completed, batons))
        token.waiting = None

    # -- mappings and flows -----------------------------------------------------------------------------------------------

    def _apply_inputs(self, token: Token) -> None:
        results: dict[str, Any] = {}
        for mapping in self.input_mappings:
            value = token.workflow.evaluate(mapping.source, token, "IO_MAPPING_ERROR")
            name = mapping.target[0]
            place(mapping.target, value, results, results.get(name))
            set_local(token, name, results[name])

    def _apply_outputs(self, token: Token) -> dict[str, Any]:
        ex = token.workflow
        results: dict[str, Any] = {}
        for mapping in self.output_mappings:
            value = ex.evaluate(mapping.source, token, "IO_MAPPING_ERROR", results)
            name = mapping.target[0]
            existing = results[name] if name in results else view(token.scope or token).get(name)
            place(mapping.target, value, results, existing)
        for name, value in results.items():
            propagate(token.scope or token, name, value, self.element_id)
        return results

    def _choose(self, token: Token) -> tuple[Flow, ...] | list[Flow]:
        """Every flow whose condition holds or that has none; the default flow when nothing else is taken (BPMN 13.3.2)."""
        ex = token.workflow
        chosen = [f for f in self.flows if not f.is_default and (f.condition is None or ex.decide(f.condition, token))]
        return chosen or [self._default(token)]

    def _default(self, token: Token) -> Flow:
        for flow in self.flows:
            if flow.is_default:
                return flow
        raise ModelError(
            "CONDITION_ERROR",
            say(
                "Expected at least one condition to be true at '{name}', or a default flow, found neither.",
                name=self.bpmn_name or self.element_id,
            ),
        )
