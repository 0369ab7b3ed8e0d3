"""A running instance in memory: tell it what happened, run it, take what follows. A subclass of Spiff's workflow without its walks."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from time import thread_time
from typing import Any

from SpiffWorkflow.workflow import Workflow

from engine.feel import Expression, FeelError
from engine.feel.sentences import say

from . import happenings as h
from .definition import Definition
from .effects import (
    ChildUnwanted,
    Effect,
    ElementEntered,
    ElementLeft,
    Ended,
    FlowTaken,
    IncidentClosed,
    IncidentOpened,
    NotCaught,
    SubscriptionOpened,
    TimerOpened,
    WaitClosed,
)
from .elements import compensations
from .elements.batons import Batons
from .elements.events import BoundaryEvent, EventSpec, StartEvent
from .elements.expressions import ModelError, Refusal, kind_of
from .elements.gateways import InclusiveGateway
from .elements.nodes import ElementSpec, Flow
from .elements.subprocesses import ScopeSpec
from .elements.timers import Due
from .elements.tokens import ACTING, CANCELLED, COMPLETED, LEAVING, READY, STARTED, Token, Wait
from .elements.triggers import CodeTrigger, ConditionTrigger, SubscriptionPlan
from .ports import Ports
from .scopes import Filling, own, propagate, view

MOST_TRANSITIONS = 100_000  # until all tokens wait
AND_OF_EACH = 30  # more of them for each multi-instance instance that there was at once
MOST_TOKENS = 250_000


class NotWaiting(LookupError):
    """Nothing in this instance waits for what happened."""


class Execution(Workflow):  # type: ignore[misc]
    """One instance of a process. `called`: a call activity waits for it; then Ended carries its variables.

    Belongs to one thread at a time. `ports` may be swapped between steps.
    """

    def __init__(self, definition: Definition, instance_key: int, ports: Ports, *, called: bool = False) -> None:
        super().__init__(definition.spec, deserializing=True)
        self.definition = definition
        self.instance_key = instance_key
        self.ports = ports
        self.called = called
        self.ended = False
        self.transitions = 0  # since all tokens waited
        self.spent = 0  # of the bound of this run
        self.alive = self.most_alive = 0  # instances in multi-instance bodies: now, and at most since all tokens waited
        self.stopped: int | None = None  # the incident of a loop that never waits
        self.standing: deque[Token] = deque()  # the tokens that stand still until it is resolved
        self.effects: list[Effect] = []
        self.ready: deque[Token] = deque()
        self.waits: dict[int, Wait] = {}
        self.incidents: dict[int, Token] = {}
        self.watched: dict[int, Wait] = {}  # conditions
        self.changed = True  # whether variables changed since the conditions were looked at
        self.undecided: list[tuple[InclusiveGateway, Token]] = []  # inclusive joins that wait for the rest to come to rest
        self.filling: dict[int, Filling] = {}  # output collections of this run, by multi-instance body
        self.root: Token | None = None
        self.batons = Batons(self)
        self._kept_effects = 0
        self._kept_values = 0
        self._kept_phase = 0

    @classmethod
    def restore(cls, definition: Definition, instance_key: int, snapshot: bytes, ports: Ports, *, called: bool = False) -> Execution:
        from .snapshot import read_into

        execution = cls(definition, instance_key, ports, called=called)
        read_into(execution, snapshot)
        return execution

    def snapshot(self) -> bytes:
        from .snapshot import write

        return write(self)

    def is_completed(self) -> bool:
        return self.ended

    def get_tasks_iterator(self, first_task: Token | None = None, **kwargs: Any) -> Iterable[Token]:
        return iter(list(self.tasks.values()))

    def take_effects(self) -> list[Effect]:
        effects, self.effects = self.effects, []
        return effects

    # -- what happened ----------------------------------------------------------------------------------------------------

    def tell(self, happening: h.Happening) -> None:
        """Takes in what happened; `run` then acts on it. Raises NotWaiting (a LookupError) and changes nothing if nothing waits for it."""
        if self.ended or (self.root is None) != isinstance(happening, h.Started):
            raise NotWaiting("The instance is not running.")
        _TOLD[type(happening)](self, happening)
        self.batons.settle()

    def _started(self, happening: h.Started) -> None:
        spec = self.definition.root
        if happening.start_event_id is not None:
            start = self.definition.specs.get(happening.start_event_id)
            if not isinstance(start, StartEvent) or start.level is not spec:
                raise NotWaiting(f"Expected a start event of the process, found '{happening.start_event_id}'.")
        else:
            start = spec.start
            if start is None and not spec.beginnings:
                raise NotWaiting(f"Expected a none start event in process '{self.definition.process_id}', found none.")
        self.root = root = Token(self, spec, None, self.instance_key)
        root.entered = root.owns = True
        self.batons.inherited = happening.inherited
        self.batons.give(root, happening.batons)
        self.changed = True
        for name, value in happening.variables.items():
            self.ports.values.set(root.id, name, value, element_id=None)
        if start is not None:
            key = self.ports.new_key()
            root.note = [start.name, key]
            self._write_payload(start, key, root, happening.payload)
        self.queue(root)

    def _write_payload(self, event: ElementSpec, key: int, scope: Token, variables: Mapping[str, Any]) -> None:
        """What triggered an event, before the event has a token: its own where output mappings will choose, else upwards."""
        for name, value in variables.items():
            if event.output_mappings:
                self.ports.values.set(key, name, value, element_id=event.element_id)
            else:
                propagate(scope, name, value, event.element_id)

    def _waiting(self, key: int, kind: str) -> Token:
        token: Token | None = self.tasks.get(key)
        if token is None or token.waiting != kind:
            raise NotWaiting(f"The element instance {key} waits for no {kind}.")
        return token

    def _work_completed(self, kind: str, key: int, variables: Mapping[str, Any]) -> None:
        token = self._waiting(key, kind)
        if token.incident is not None:
            self._close_incident(token)
        token.task_spec.close_work(token, True)
        token.task_spec.resume(token, variables)

    def _job_completed(self, happening: h.JobCompleted) -> None:
        self._work_completed("job", happening.element_instance_key, happening.variables)

    def _task_completed(self, happening: h.TaskCompleted) -> None:
        self._work_completed("task", happening.element_instance_key, happening.variables)

    def _child_completed(self, happening: h.ChildCompleted) -> None:
        self._work_completed("child", happening.element_instance_key, happening.variables)

    def _job_threw(self, happening: h.JobThrewError) -> None:
        token = self._waiting(happening.element_instance_key, "job")
        if token.incident is not None:
            self._close_incident(token)
        token.task_spec.close_work(token, False)
        self.throw_error(token, happening.code, happening.message, happening.variables)

    def _child_threw(self, happening: h.ChildThrew) -> None:
        token = self._waiting(happening.element_instance_key, "child")
        catcher = self._catcher(token, happening.kind, happening.code)
        if catcher is None:
            raise NotWaiting(f"Nothing around the call activity catches the {happening.kind} '{happening.code}'.")
        if happening.kind == "error":
            token.waiting = None  # the called instance is over by itself
        self._caught(catcher, happening.variables)

    def _wait_went_off(self, key: int, kind: str, variables: Mapping[str, Any]) -> None:
        wait = self.waits.get(key)
        if wait is None or wait.kind != kind:
            raise NotWaiting(f"There is no open {kind} {key}.")
        wait.token.task_spec.went_off(wait, variables)

    def _timer_fired(self, happening: h.TimerFired) -> None:
        self._wait_went_off(happening.timer_key, "timer", {})

    def _subscription_triggered(self, happening: h.SubscriptionTriggered) -> None:
        self.batons.brought = happening.batons
        try:
            self._wait_went_off(happening.subscription_key, "subscription", happening.variables)
        finally:
            self.batons.brought = ()

    def _cannot_go_on(self, happening: h.CannotGoOn) -> None:
        token: Token | None = self.tasks.get(happening.element_instance_key)
        if token is None or token.incident is not None:
            raise NotWaiting(f"The element instance {happening.element_instance_key} is not active, or has an incident already.")
        self._open_incident(token, happening.error_type, happening.message)

    def _incident_resolved(self, happening: h.IncidentResolved) -> None:
        token = self.incidents.get(happening.incident_key)
        if token is None:
            raise NotWaiting(f"There is no open incident {happening.incident_key}.")
        self._close_incident(token)
        if token.waiting in ("job", "task", "event", "inside", "recalled"):  # what it offered is still there
            if token.joins and not token.inside:
                self._report_standstill(token)
            return
        token.waiting = None
        token._state = READY
        self.ready.append(token)

    def _variables_set(self, happening: h.VariablesSet) -> None:
        token: Token | None = self.tasks.get(happening.scope_key)
        if token is None:
            raise NotWaiting(f"There is no active scope {happening.scope_key}.")
        for name, value in happening.variables.items():
            if happening.local:
                token.owns = self.changed = True
                self.ports.values.set(token.id, name, value, element_id=None)
            else:
                propagate(token, name, value, None)

    def _canceled(self, happening: h.Canceled) -> None:
        assert self.root is not None
        self.terminate(self.root)
        self.end("TERMINATED")

    # -- running ----------------------------------------------------------------------------------------------------------

    def run(self, *, max_transitions: int = 1000, until: float | None = None) -> bool:
        """Moves tokens until all of them wait. False: there is more to do (the limit, or `until` on time.thread_time(), was reached)."""
        settled = self._move(max_transitions, until)
        if settled and not self.ended:
            self._count_anew()
        for key, filling in self.filling.items():
            self.ports.values.set(key, filling.name, filling.items, element_id=filling.element_id)
        self.filling = {}
        return settled

    def _move(self, max_transitions: int, until: float | None) -> bool:
        ready = self.ready
        self.spent = 0
        while True:
            while ready:
                if self.spent >= max_transitions or (until is not None and self.spent and thread_time() >= until):
                    return False
                token = ready.popleft()
                if token._state != READY:
                    continue
                self.spent += 1
                self.transitions += 1
                self._step(token)
            if not (self.undecided and self._decide_joins()) and not (self.watched and self.changed and self._look_at_conditions()):
                return True

    def _step(self, token: Token) -> None:
        if not token.entered:
            token.entered = True
            spec = token.task_spec
            scope_key = token.scope.id if token.scope is not None else self.instance_key
            self.effects.append(ElementEntered(token.id, spec.element_id, spec.element_type, scope_key))
        if self.transitions > MOST_TRANSITIONS + AND_OF_EACH * self.most_alive or len(self.tasks) > MOST_TOKENS:
            self._stop_all(token)
            return
        self.keep(token)
        try:
            token.run()
        except ModelError as error:
            self._failed(token, error.error_type, error.message, error)
        except FeelError as error:
            self._failed(token, "EXTRACT_VALUE_ERROR", error.message)
        except RecursionError:
            self._failed(token, "EXTRACT_VALUE_ERROR", say("Expected a value that is not nested so deeply."))
        self.batons.settle()

    def _stop_all(self, token: Token) -> None:
        """One incident for all that move: a loop may have made thousands of them."""
        if self.stopped is None:
            self._open_incident(token, "UNSPECIFIED", say("Expected the instance to wait at some point, but this loop never waits."))
            self.stopped = token.incident
        else:
            self.standing.append(token)
        self.standing.extend(self.ready)
        self.ready.clear()
        self._count_anew()

    def _count_anew(self) -> None:
        self.transitions = 0
        self.most_alive = self.alive

    def keep(self, token: Token) -> None:
        """What was done so far stays, even if the rest of the step fails."""
        self._kept_effects = len(self.effects)
        self._kept_values = self.ports.values.mark()
        self._kept_phase = token.phase

    def _failed(self, token: Token, error_type: str, message: str, error: ModelError | None = None) -> None:
        del self.effects[self._kept_effects :]
        self.ports.values.rollback(self._kept_values)
        token.phase = self._kept_phase
        self._open_incident(token, error_type, message, error)

    def _open_incident(self, token: Token, error_type: str, message: str, error: ModelError | None = None) -> None:
        token._state = STARTED
        token.incident = key = self.ports.new_key()
        self.incidents[key] = token
        problems = error.problems if isinstance(error, Refusal) else None
        self.effects.append(IncidentOpened(key, token.id, token.task_spec.element_id, error_type, message, problems))

    def _close_incident(self, token: Token) -> None:
        key, token.incident = token.incident, None
        if key is not None:
            del self.incidents[key]
            self.effects.append(IncidentClosed(key))
            if key == self.stopped:
                self.stopped = None
                self.ready.extend(self.standing)
                self.standing.clear()
                self._count_anew()

    def _decide_joins(self) -> bool:
        """Lets one inclusive join go on for which no other token can come any more. True: there was one."""
        open_joins = [(g, s) for g, s in dict.fromkeys(self.undecided) if s.id in self.tasks and s.joins and g.name in s.joins]
        ripe = next((join for join in open_joins if join[0].is_complete(join[1])), None)
        if ripe is None:  # joins that wait for each other, and nothing else moves: the one that began to wait first
            ripe = next((join for join in open_joins if not join[1].inside), None)
        if ripe is not None:
            ripe[0].activate(self, ripe[1])
        self.undecided = [(g, s) for g, s in open_joins if s.joins and g.name in s.joins]
        return ripe is not None

    def _look_at_conditions(self) -> bool:
        """Triggers the events whose condition became true. What is null or fails counts as false: its variables may still come."""
        self.changed = False
        went_off = False
        for wait in list(self.watched.values()):
            if wait.key not in self.watched or not isinstance(wait.spec, EventSpec) or not isinstance(wait.spec.trigger, ConditionTrigger):
                continue
            try:
                is_true = wait.spec.trigger.condition.evaluate(view(wait.token), now=self.ports.now) is True
            except FeelError:
                is_true = False
            goes_off, wait.was_true = is_true and not wait.was_true, is_true
            if goes_off:
                went_off = True
                wait.token.task_spec.went_off(wait, {})
        return went_off

    # -- expressions ------------------------------------------------------------------------------------------------------

    def evaluate(
        self,
        expression: Expression,
        token: Token,
        error_type: str = "EXTRACT_VALUE_ERROR",
        extra: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            return expression.evaluate(view(token, extra), now=self.ports.now)
        except FeelError as error:
            raise ModelError(error_type, say("{message} (in '{source}')", message=error.message, source=expression.source))

    def decide(self, condition: Expression, token: Token, extra: Mapping[str, Any] | None = None) -> bool:
        value = self.evaluate(condition, token, extra=extra)
        if value is True or value is False:
            return value
        reasons: list[str] = []
        condition.evaluate(view(token, extra), now=self.ports.now, on_warning=reasons.append)
        because = say(": {why}", why=reasons[0]) if reasons else ""
        told = {"source": condition.source, "found": kind_of(value), "because": because}
        raise ModelError("EXTRACT_VALUE_ERROR", say("Expected true or false from '{source}', found {found}{because}.", **told))

    # -- moving tokens ----------------------------------------------------------------------------------------------------

    def queue(self, token: Token) -> None:
        self.ready.append(token)

    def take(self, flows: Iterable[Flow], token: Token) -> None:
        """The token, which has left its element, goes on along these flows; without any it is consumed."""
        scope = token.scope
        assert scope is not None
        origins = self.batons.origins_behind(token) if self.batons.tracks else None
        for flow in flows:
            if flow.id is not None:
                self.effects.append(FlowTaken(flow.id))
            flow.target.arrive(self, flow, scope, None if origins is None else self.batons.along(origins, flow.id))
        if not scope.inside:
            if not scope.joins:
                self._inside_is_over(scope)
            else:
                self._report_standstill(scope)

    def _report_standstill(self, scope: Token) -> None:
        """A parallel join whose other tokens went elsewhere would wait for ever and nobody would know."""
        specs = [self.definition.specs[name] for name in scope.joins or ()]
        if scope.waits or scope.incident is not None or any(isinstance(spec, InclusiveGateway) for spec in specs):
            return
        names = ", ".join(f"'{spec.bpmn_name or spec.element_id}'" for spec in specs)
        message = say("Expected a token on each flow into {names}, but no other token is left to come.", names=names)
        self._open_incident(scope, "UNSPECIFIED", message)

    def _inside_is_over(self, scope: Token) -> None:
        spec = scope.task_spec
        assert isinstance(spec, ScopeSpec)
        spec.inside_is_over(scope)

    def leave(self, token: Token, state: str = "COMPLETED") -> None:
        """Takes the token off its element, with everything it still waited for."""
        if token.waits:
            for wait in list(token.waits.values()):
                self.close_wait(wait, completed=False)
        self.batons.left(token, state)
        token._state = COMPLETED if state == "COMPLETED" else CANCELLED
        del self.tasks[token.id]
        if token.loop_index >= 0:
            self.alive -= 1
        if token.scope is not None:
            del token.scope.inside[token.id]  # type: ignore[union-attr]
            if token.entered:
                self.effects.append(ElementLeft(token.id, state))

    def terminate(self, token: Token) -> None:
        """Ends a token and all inside it, the innermost first."""
        if token.inside:
            for inner in list(token.inside.values()):
                self.terminate(inner)
        self.forget_joins(token)
        if token.incident is not None:
            self._close_incident(token)
        if token.waiting == "child":
            self.effects.append(ChildUnwanted(token.id))
        token.task_spec.close_work(token, False)
        if token.loop_index >= 0 and token.scope is not None:
            token.scope.note[3] += 1
        self.leave(token, "TERMINATED")

    def terminate_siblings(self, token: Token) -> None:
        """A terminate end event ends everything else in its innermost scope, which then is over (BPMN 13.5.6)."""
        assert token.scope is not None and token.scope.inside is not None
        for other in list(token.scope.inside.values()):
            if other is not token:
                self.terminate(other)
        self.forget_joins(token.scope)

    def forget_joins(self, scope: Token) -> None:
        scope.joins = None
        if scope.arrivals:
            self.batons.forget_arrivals(scope)

    # -- handoffs that are taken back ------------------------------------------------------------------------------------

    def _work_recalled(self, happening: h.WorkRecalled) -> None:
        """The receiver, or the sender, takes back what was handed over: its tasks and jobs are closed, their tokens stay where they are."""
        held = [t for t in self.tasks.values() if t.waiting in ("task", "job") and happening.baton in self.batons.of(t)]
        for token in held:
            if token.incident is not None:
                self._close_incident(token)
            token.task_spec.close_work(token, False)
            token.waiting = "recalled"

    def holder(self, baton: int) -> Token | None:
        """A token that stands in this handoff: one whose work was recalled first."""
        held = [token for token in self.tasks.values() if baton in self.batons.of(token)]
        return next((token for token in held if token.waiting == "recalled"), held[-1] if held else None)

    def _work_offered(self, happening: h.WorkOffered) -> None:
        """A new round of a handoff: what was recalled is offered again, under the new baton."""
        self.batons.exchange(happening.baton, happening.new_baton)
        for token in self.tasks.values():
            if token.waiting == "recalled" and happening.new_baton in self.batons.of(token):
                token.waiting = None
                token._state = READY
                self.ready.append(token)

    def end(self, state: str) -> None:
        root = self.root
        assert root is not None
        variables = own(root) if self.called and state == "COMPLETED" else {}
        if root.id in self.tasks:
            self.leave(root, state)
        self.ended = self.completed = True
        self.ready.clear()
        self.standing.clear()
        self.effects.append(Ended(state, variables))

    # -- waiting ----------------------------------------------------------------------------------------------------------

    def open_timer(self, token: Token, event: ElementSpec, due: Due) -> None:
        key = self.ports.new_key()
        self._add_wait(Wait(key, "timer", token, event, due.at, due.repetitions, due.every))
        self.effects.append(TimerOpened(key, token.id, event.element_id, due.at, due.repetitions))

    def open_subscription(self, plan: SubscriptionPlan) -> None:
        key = self.ports.new_key()
        self._add_wait(Wait(key, "subscription", plan.token, plan.event))
        self.effects.append(
            SubscriptionOpened(
                key, plan.token.id, plan.event.element_id, plan.kind, plan.name, plan.correlation_key, plan.by_flow, plan.interrupting
            )
        )

    def watch(self, token: Token, event: ElementSpec) -> None:
        self._add_wait(Wait(self.ports.new_key(), "condition", token, event))
        self.changed = True

    def _add_wait(self, wait: Wait) -> None:
        self.waits[wait.key] = wait
        if wait.kind == "condition":
            self.watched[wait.key] = wait
        if wait.token.waits is None:
            wait.token.waits = {}
        wait.token.waits[wait.key] = wait

    def close_wait(self, wait: Wait, *, completed: bool) -> None:
        del self.waits[wait.key]
        del wait.token.waits[wait.key]  # type: ignore[union-attr]
        if wait.kind == "condition":
            del self.watched[wait.key]
            return
        self.effects.append(WaitClosed(wait.kind, wait.key, completed))

    def used(self, wait: Wait, *, closes: bool) -> None:
        """A boundary event or event sub-process was triggered: non-interrupting ones go on waiting."""
        if wait.kind != "timer":
            if closes:
                self.close_wait(wait, completed=True)
            return
        self.close_wait(wait, completed=True)
        assert wait.due_at is not None
        due = None if closes else Due(wait.due_at, wait.repetitions, wait.every).next()
        if due is not None:
            self.open_timer(wait.token, wait.spec, due)

    # -- events that catch ------------------------------------------------------------------------------------------------

    def begin_boundary(self, host: Token, event: BoundaryEvent, variables: Mapping[str, Any]) -> None:
        scope = host.scope
        assert scope is not None
        batons = host.batons
        if event.interrupting:
            self.terminate(host)
        token = Token(self, event, scope, self.ports.new_key())
        token.phase = LEAVING
        if not self.batons.take_over(token):
            self.batons.give(token, batons)
        event.receive(token, variables)
        self.queue(token)

    def begin_event_subprocess(self, scope: Token, start: EventSpec, variables: Mapping[str, Any]) -> None:
        if start.interrupting:
            for inner in list((scope.inside or {}).values()):
                self.terminate(inner)
            self.forget_joins(scope)
            scope.interrupted = True
            for wait in list((scope.waits or {}).values()):
                if not isinstance(wait.spec, BoundaryEvent):
                    self.close_wait(wait, completed=False)
        assert start.level is not None
        token = Token(self, start.level, scope, self.ports.new_key())
        token.note = self.ports.new_key()
        if not self.batons.take_over(token):
            self.batons.begin_inside(token, scope)
        self._write_payload(start, token.note, token, variables)
        self.queue(token)

    def compensate(self, token: Token) -> bool | None:
        return compensations.compensate(token)

    def compensated(self, handler: Token) -> None:
        compensations.handler_completed(handler)

    def cancel_transaction(self, token: Token) -> bool | None:
        return compensations.cancel(token)

    def _catcher(self, token: Token, kind: str, code: str) -> tuple[Token, EventSpec] | None:
        """Who catches an error or escalation: the innermost first; in a scope its event sub-processes before its boundary events."""
        at = token
        while True:
            found = _best(at.task_spec.boundary, kind, code)
            if found is not None:
                return at, found
            scope = at.scope
            if scope is None:
                return None
            if isinstance(scope.task_spec, ScopeSpec) and not scope.interrupted:
                starts = [sub.start_event for sub in scope.task_spec.event_subprocesses if sub is not at.task_spec]
                found = _best(starts, kind, code)
                if found is not None:
                    return scope, found
            at = scope

    def _caught(self, catcher: tuple[Token, EventSpec], variables: Mapping[str, Any]) -> bool:
        """True: it interrupted."""
        at, event = catcher
        if isinstance(event, BoundaryEvent):
            self.begin_boundary(at, event, variables)
        else:
            self.begin_event_subprocess(at, event, variables)
        return event.interrupting

    def catches(self, element_instance_key: int, kind: str, code: str) -> bool:
        """Whether a boundary event or event sub-process around this call activity would catch the error or escalation."""
        token: Token | None = self.tasks.get(element_instance_key)
        return token is not None and token.waiting == "child" and self._catcher(token, kind, code) is not None

    def throw_error(self, token: Token, code: str, message: str, variables: Mapping[str, Any]) -> None:
        catcher = self._catcher(token, "error", code)
        if catcher is not None:
            self._caught(catcher, variables)
            return
        token._state = STARTED
        token.phase = ACTING
        token.waiting = "thrown"
        self.effects.append(NotCaught(token.id, token.task_spec.element_id, "error", code, message, variables))

    def throw_escalation(self, token: Token, code: str, message: str, variables: Mapping[str, Any]) -> bool:
        """True: the token goes on."""
        catcher = self._catcher(token, "escalation", code)
        if catcher is None:
            self.effects.append(NotCaught(token.id, token.task_spec.element_id, "escalation", code, message, variables))
            return True
        self._caught(catcher, variables)
        return token._state == READY


def _best(events: Iterable[EventSpec], kind: str, code: str) -> EventSpec | None:
    best, best_rank = None, 0
    for event in events:
        trigger = event.trigger
        if trigger.kind == kind and isinstance(trigger, CodeTrigger):
            rank = trigger.rank(code)
            if rank > best_rank:
                best, best_rank = event, rank
    return best


_TOLD: dict[type, Callable[[Execution, Any], None]] = {
    h.Started: Execution._started,
    h.JobCompleted: Execution._job_completed,
    h.TaskCompleted: Execution._task_completed,
    h.ChildCompleted: Execution._child_completed,
    h.JobThrewError: Execution._job_threw,
    h.ChildThrew: Execution._child_threw,
    h.TimerFired: Execution._timer_fired,
    h.SubscriptionTriggered: Execution._subscription_triggered,
    h.CannotGoOn: Execution._cannot_go_on,
    h.IncidentResolved: Execution._incident_resolved,
    h.VariablesSet: Execution._variables_set,
    h.Canceled: Execution._canceled,
    h.WorkRecalled: Execution._work_recalled,
    h.WorkOffered: Execution._work_offered,
}
