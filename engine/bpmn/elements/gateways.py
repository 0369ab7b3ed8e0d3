"""Gateways: where tokens choose, split, wait for each other, or wait for the first of several events."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..effects import FlowTaken
from .nodes import ElementSpec, Flow
from .tokens import LEAVING, Token, Wait

if TYPE_CHECKING:
    from ..execution import Execution
    from .batons import Origin


class ExclusiveGateway(ElementSpec):
    def finish(self) -> None:
        super().finish()
        self.is_conditional = self.is_conditional or len(self.flows) > 1

    def _choose(self, token: Token) -> tuple[Flow, ...] | list[Flow]:
        """The first flow whose condition holds, in the order of the file; else the default flow (BPMN 13.4.2)."""
        for flow in self.flows:
            if not flow.is_default and (flow.condition is None or token.workflow.decide(flow.condition, token)):
                return [flow]
        return [self._default(token)]


class JoiningGateway(ElementSpec):
    """Counts the tokens on its incoming flows in the scope around it. Tokens that wait here are no element instance yet."""

    def finish(self) -> None:
        super().finish()
        self.waits_for_others = len(self.incoming) > 1

    def arrive(self, ex: Execution, flow: Flow, scope: Token, origins: list[Origin] | None) -> None:
        if len(self.incoming) < 2:
            super().arrive(ex, flow, scope, origins)
            return
        if origins is not None:
            ex.batons.arrive_at_join(scope, self.name, flow.index, origins)
        if scope.joins is None:
            scope.joins = {}
        arrived = scope.joins.setdefault(self.name, {})
        arrived[flow.index] = arrived.get(flow.index, 0) + 1
        self.arrived(ex, scope, arrived)

    def arrived(self, ex: Execution, scope: Token, arrived: dict[int, int]) -> None:
        """Decides whether that was enough."""

    def activate(self, ex: Execution, scope: Token) -> None:
        """Takes one token from each incoming flow that has one; what is left over waits for the next round."""
        assert scope.joins is not None
        left = {index: count - 1 for index, count in scope.joins[self.name].items() if count > 1}
        if left:
            scope.joins[self.name] = left
        else:
            del scope.joins[self.name]
            if not scope.joins:
                scope.joins = None
        token = Token(ex, self, scope, ex.ports.new_key())
        ex.batons.set_off(token, ex.batons.leave_join(scope, self.name))
        ex.queue(token)


class ParallelGateway(JoiningGateway):
    def finish(self) -> None:
        super().finish()
        self.is_conditional = False  # conditions mean nothing here (BPMN 10.6.4)

    def arrived(self, ex: Execution, scope: Token, arrived: dict[int, int]) -> None:
        if len(arrived) == len(self.incoming):
            self.activate(ex, scope)


class InclusiveGateway(JoiningGateway):
    """Waits for every token that could still come along an incoming flow which has none yet (BPMN 13.4.3)."""

    def _upstream(self, flows: Iterable[Flow]) -> set[str]:
        """The elements from which a token can come along one of `flows` without passing this gateway.

        Found anew each time: kept for each gateway it would take the square of a large model in memory.
        """
        seen: set[str] = set()
        todo = [flow.source for flow in flows]
        while todo:
            spec = todo.pop()
            if spec is self or spec.name in seen:
                continue
            seen.add(spec.name)
            todo.extend(before.source for before in spec.incoming)
            host = getattr(spec, "host", None)  # a boundary event's token comes from its activity
            if host is not None:
                todo.append(host)
        return seen

    def arrived(self, ex: Execution, scope: Token, arrived: dict[int, int]) -> None:
        if len(arrived) == len(self.incoming):
            self.activate(ex, scope)
        else:
            ex.undecided.append((self, scope))

    def is_complete(self, scope: Token) -> bool:
        """Whether no token is left in the scope that could still come along an empty flow, and along no filled one."""
        assert scope.joins is not None
        arrived = scope.joins[self.name]
        still_to_come = self._upstream(flow for flow in self.incoming if flow.index not in arrived)
        still_to_come -= self._upstream(flow for flow in self.incoming if flow.index in arrived)
        places = {token.task_spec.name for token in (scope.inside or {}).values()}
        places.update(name for name in scope.joins if name != self.name)
        return still_to_come.isdisjoint(places)

    def _choose(self, token: Token) -> tuple[Flow, ...] | list[Flow]:
        chosen = [f for f in self.flows if not f.is_default and (f.condition is None or token.workflow.decide(f.condition, token))]
        return chosen or [self._default(token)]


class EventBasedGateway(ElementSpec):
    """The first event wins; the others are no longer waited for (BPMN 13.4.4)."""

    def finish(self) -> None:
        super().finish()
        self.by_target = {flow.target.name: flow for flow in self.flows}

    def _run_hook(self, token: Token) -> bool | None:
        plans = [plan for flow in self.flows for plan in flow.target.trigger.plan(token, flow.target)]
        for plan in plans:
            plan.open()
        token.waiting = "event"
        return None

    def went_off(self, wait: Wait, variables: Any) -> None:
        token, ex = wait.token, wait.token.workflow
        ex.close_wait(wait, completed=True)
        flow = self.by_target[wait.spec.name]
        origins = ex.batons.along(ex.batons.origins_behind(token), flow.id) if ex.batons.tracks else None
        ex.leave(token)
        assert flow.id is not None
        ex.effects.append(FlowTaken(flow.id))
        assert token.scope is not None
        event = Token(ex, flow.target, token.scope, ex.ports.new_key())
        event.phase = LEAVING  # it need not wait any more
        if not ex.batons.take_over(event):
            ex.batons.set_off(event, origins)
        flow.target.receive(event, variables)
        ex.queue(event)
