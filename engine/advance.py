"""The only way a case moves: one lock, one worklist, one commit.

Lock the case, bring its executions back, tell them what happened, write down what follows by one table
(effect -> the noun's writer), until everything only waits.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from sqlalchemy.orm import Session

from engine import (
    calendars,
    cases,
    clock,
    continuations,
    decisions,
    deployments,
    elements,
    handoffs,
    history,
    incidents,
    instances,
    jobs,
    keys,
    live,
    messages,
    tasks,
    timers,
    waking,
    watching,
)
from engine.bpmn import effects as fx
from engine.bpmn import happenings as hp
from engine.bpmn.definition import Definition
from engine.bpmn.execution import Execution, NotWaiting
from engine.bpmn.handoffs import Contract
from engine.bpmn.ports import Made, Ports
from engine.cases import Case, CaseState
from engine.database import Read, Writes, after_commit, fetch
from engine.errors import NotFound, WrongState
from engine.handoffs import Handoff
from engine.instances import Instance, InstanceState
from engine.parties import HOST_KEY, PLATFORM, Actor, Party
from engine.roles import Roles
from engine.variables import Store

MAX_TRANSITIONS = 1000
MAX_SECONDS = 0.2


def _too_late() -> None:
    """What followed from this step itself was overtaken within it: an interrupted call activity needs no answer."""


@dataclass(slots=True)
class Live:
    """An instance in a step: its row, and its execution."""

    row: Any
    execution: Execution
    store: Store
    definition: Definition
    is_new: bool = False
    settled: bool = True
    state: str = InstanceState.ACTIVE
    incidents_change: int = 0
    new_peers: set[int] = field(default_factory=set)


class Step:
    """One transaction's work on one case. Made by `locked` or `new_case`; then `tell` and, once, `finish`."""

    def __init__(self, session: Session, case: Any, *, by: Actor, command: str, is_new: bool = False) -> None:
        self.session = session
        self.case = case
        self.by = by
        self.command = command
        self.is_new = is_new
        self.now = clock.now(session)
        self.writes = Writes()
        self.events: list[list[Any]] = []
        self.live: dict[int, Live] = {}
        self.worklist: deque[tuple[int, hp.Happening, Callable[[], None] | None]] = deque()
        self.entered: dict[int, dict[str, Any]] = {}
        self.new_subscriptions: list[dict[str, Any]] = []
        self.subscriptions: dict[int, dict[str, Any]] = {}  # opened in this step
        self.closed_subscriptions: set[int] = set()
        self.claimed_subscriptions: set[int] = set()  # their instance has been told, and will close them
        self.waiting_by_flow: dict[tuple[str, str], list[dict[str, Any]]] = {}  # (process, element) -> subscriptions of earlier steps
        self.kept_messages: dict[tuple[str, str], deque[dict[str, Any]]] = {}  # new ones that nobody waits for, by (process, element)
        self.taken_kept = 0
        self.taken_kept_up_to: dict[tuple[str, str], int] = {}
        self.thing: Any = None  # the task, job or incident that the command is about
        self.instance_row: Any = None  # its instance, while that is active
        self.action: str | None = None  # of a task's completion
        self.job_outcome: str = jobs.JobState.COMPLETED
        self.job_types: set[str] = set()
        self.open_instances = case.open_instances
        self.case_state: str = case.state
        self.title: str | None = case.title
        self.keep: str | None = case.keep
        self.directory = Roles(self)
        self.handoffs: dict[int, dict[str, Any]] = {}  # that this step has looked at or made
        self.fresh_handoffs: list[dict[str, Any]] = []  # made in this step
        self.called: dict[tuple[Any, ...], Any] = {}  # processes that call activities name, looked up once
        self.unwanted: list[int] = []  # interrupted call activities, by element instance
        self.not_yet: list[int] = []  # instances that another step goes on with: this one had done its share
        self.owed: list[int] = []  # continuations to run right after the commit
        self._transitions_left = MAX_TRANSITIONS
        self._seconds_left = MAX_SECONDS  # of the processor, for moving tokens: neither a busy machine nor a first look at a model counts

    # -- bringing instances in ------------------------------------------------------------------------------------

    def adopt(self, row: Any) -> Live:
        """Take part in the step: `row` was read under the case's lock."""
        known = self.live.get(row.key)
        if known is not None:
            return known
        definition = deployments.definition(self.session, row.process_key)
        cached = live.take(row.key, row.revision)
        called = row.parent_element_instance_key is not None
        if cached is not None:
            execution, store = cached
            store.attend(self.session)
        else:
            store = Store(row.key, definition, fresh=False)
            store.attend(self.session)
            if row.snapshot is None:
                raise WrongState(f"Instance {row.key} has ended.")
            execution = Execution.restore(definition, row.key, row.snapshot, self._ports(store, row.process_key), called=called)
        execution.ports = self._ports(store, row.process_key)
        found = Live(row, execution, store, definition)
        self.live[row.key] = found
        return found

    def instance(self, instance_key: int) -> Live | None:
        """The instance of this case, if it is still active."""
        known = self.live.get(instance_key)
        if known is not None:
            return known if known.state == InstanceState.ACTIVE else None
        (rows,) = fetch(self.session, Read(Instance, "WHERE key = ?", [instance_key]))
        if not rows or rows[0].state != InstanceState.ACTIVE:
            return None
        return self.adopt(rows[0])

    def create(
        self,
        process: Any,
        happening: hp.Started,
        *,
        parent: Live | None = None,
        parent_element_instance_key: int | None = None,
        tags: Iterable[str] = (),
        business_id: str | None = None,
        correlation: str | None = None,
    ) -> Live:
        """A new instance in this case, told to start; it runs when the worklist comes to it."""
        definition = deployments.definition(self.session, process.key)
        key = keys.new()
        row = SimpleNamespace(
            key=key,
            case_key=self.case.key,
            process_key=process.key,
            process_id=process.process_id,
            version=process.version,
            parent_key=parent.row.key if parent else None,
            parent_element_instance_key=parent_element_instance_key,
            root_key=parent.row.root_key if parent else key,
            state=InstanceState.ACTIVE,
            incidents=0,
            revision=0,
            snapshot=None,
            peers=None,
            tags=list(tags) or None,
            business_id=business_id,
            correlation=correlation,
            started_by=self.by.id,
            started_at=self.now,
            ended_at=None,
        )
        store = Store(key, definition, fresh=True)
        store.attend(self.session)
        execution = Execution(definition, key, self._ports(store, process.key), called=parent is not None)
        found = Live(row, execution, store, definition, is_new=True)
        self.live[key] = found
        self.keep = cases.longer(self.keep, definition.handoffs.keep)
        self.case.first_instance_key = self.case.first_instance_key or key
        self.open_instances += 1
        self.tell(key, happening)
        return found

    def _ports(self, store: Store, process_key: int) -> Ports:
        def decide(decision_id: str, binding: str, version_tag: str | None, variables: Mapping[str, Any]) -> Made | None:
            found = decisions.called(
                self.session, decision_id, binding=binding, version_tag=version_tag, deployment_key=self._deployment_of(process_key)
            )
            if found is None:
                return None
            answer = decisions.evaluate(self.session, found, variables, self.now)
            return Made(answer.value, answer.failure, answer.rows)

        return Ports(store, keys.new, lambda: self.now, self.directory, decide)

    def _deployment_of(self, process_key: int) -> int:
        deployed: int = deployments.expect_process(self.session, key=process_key).deployment_key
        return deployed

    # -- moving ---------------------------------------------------------------------------------------------------

    def tell(self, instance_key: int, happening: hp.Happening, *, missed: Callable[[], None] | None = _too_late) -> None:
        """Put it on the worklist. `missed` is called instead where nothing waits for it any more when its turn comes.

        None: that refuses the whole command.
        """
        self.worklist.append((instance_key, happening, missed))

    def go_on(self, instance_key: int) -> None:
        """Let an instance run that a step left before it only waited."""
        if self._transitions_left <= 0:
            self.not_yet.append(instance_key)
            return
        found = self.instance(instance_key)
        if found is not None:
            self._move(found, None)

    def run(self) -> None:
        """Work off the worklist, until everything only waits or the step has done its share."""
        while True:
            while self.worklist:
                instance_key, happening, missed = self.worklist.popleft()
                found = self.instance(instance_key)
                try:
                    if found is not None:
                        self._move(found, happening)
                    elif missed is not None:
                        missed()
                except NotWaiting:
                    if missed is None:
                        raise
                    missed()
            if self.unwanted:
                instances.cancel_unwanted(self)
                continue
            if not self.new_subscriptions:
                return
            self._offer_what_is_buffered()

    def _move(self, found: Live, happening: hp.Happening | None) -> None:
        execution = found.execution
        if happening is not None:
            execution.tell(happening)
        if self._transitions_left > 0:
            begun = time.thread_time()
            found.settled = execution.run(max_transitions=self._transitions_left, until=begun + self._seconds_left)
            self._transitions_left -= execution.spent
            self._seconds_left -= time.thread_time() - begun
        else:
            found.settled = False
        if self._seconds_left <= 0:
            self._transitions_left = 0
        for effect in execution.take_effects():
            _WRITERS[type(effect)](self, found, effect)

    def _offer_what_is_buffered(self) -> None:
        """A message may have come before somebody waited for it: look under the channel's lock (see messages.py)."""
        opened, self.new_subscriptions = self.new_subscriptions, []
        for taken in messages.take_buffered(self, opened):
            triggered = hp.SubscriptionTriggered(taken.subscription_key, taken.variables, taken.batons)
            self.tell(taken.instance_key, triggered, missed=taken.missed)

    # -- writing --------------------------------------------------------------------------------------------------

    def finish(self, *, ends_as: CaseState = CaseState.COMPLETED) -> None:
        """Write everything down: rows, snapshots, revision + 1. The commit is the caller's."""
        self.run()
        self._write_title()
        unsettled = self.not_yet  # first: whoever calls thousands does not go on before they have begun
        for found in self.live.values():
            self._write_instance(found)
            if not found.settled and found.state == InstanceState.ACTIVE:
                unsettled.append(found.row.key)
        if unsettled:
            self.owe("step", {"instances": unsettled}, at_once=False)
        if self.open_instances == 0 and self.case_state == CaseState.ACTIVE:
            self.case_state = ends_as
        messages.write(self)
        handoffs.write(self)
        revision = self.case.revision + 1
        ended_at = None if self.case_state == CaseState.ACTIVE else self.case.ended_at or self.now
        changes = {
            "revision": revision,
            "open_instances": self.open_instances,
            "state": self.case_state,
            "title": self.title,
            "kept_messages": self.case.kept_messages + len(self.fresh_kept()) - self.taken_kept,
            "handoffs": self.case.handoffs + len(self.fresh_handoffs),
            "ended_at": ended_at,
            "keep": self.keep,
            "erase_at": calendars.as_long_after(ended_at, self.keep) if ended_at is not None and self.keep is not None else None,
        }
        if self.is_new:
            row = vars(self.case) | changes
            self.writes.insert(Case, row)
        else:
            self.writes.update(Case, {"key": self.case.key}, changes)
        history.write(self.writes, self.case.key, revision, self.now, self.by.id, self.command, self.events)
        elements.write(self.writes, self.entered.values())
        self.writes.flush(self.session)
        after_commit(self.session, self._after_commit)

    def _write_instance(self, found: Live) -> None:
        row, execution = found.row, found.execution
        found.store.write(self.writes, self.now)
        ended = found.state != InstanceState.ACTIVE
        peers = sorted({*(row.peers or ()), *found.new_peers}) or None
        changes = {
            "revision": row.revision + 1,
            "snapshot": None if ended else execution.snapshot(),
            "state": found.state,
            "incidents": row.incidents + found.incidents_change,
            "peers": peers,
            "ended_at": self.now if ended else None,
        }
        if ended:
            changes["correlation"] = None
        if found.is_new:
            self.writes.insert(Instance, vars(row) | changes)
        else:
            self.writes.update(Instance, {"key": row.key}, changes)

    def _write_title(self) -> None:
        for found in self.live.values():
            text = found.definition.case_title
            if text is None:
                continue
            names = text.expression.names if text.expression is not None else frozenset()
            if not (found.is_new or found.store.changed_names() & names):
                continue
            title = cases.title_of(text, found.row.key, found.store, self.now)
            if title and (self.title is None or found.row.process_id == self.case.process_id):
                self.title = title

    def owe(self, kind: str, data: Mapping[str, Any], *, at_once: bool = True) -> None:
        """A row that is paid right after the commit, or by the worker."""
        key = continuations.add(self.writes, kind, self.case.key, data, at_once=at_once)
        if at_once:
            self.owed.append(key)

    def _after_commit(self) -> None:
        for found in self.live.values():
            found.store.attend(None)
            if found.state == InstanceState.ACTIVE:
                live.put(found.row.key, found.row.revision + 1, found.execution, found.store)
        if self.job_types:
            waking.announce(self.job_types)
        watching.changed(self.case.key)
        continuations.pay_now(self.session, self.owed)

    def fresh_kept(self) -> list[dict[str, Any]]:
        return [row for rows in self.kept_messages.values() for row in rows]

    # -- handoffs -------------------------------------------------------------------------------------------------

    def handoffs_of(self, wanted: Iterable[int]) -> list[dict[str, Any]]:
        """Rows by key, as this step has changed them."""
        wanted = list(dict.fromkeys(wanted))
        missing = [key for key in wanted if key not in self.handoffs]
        if missing:
            marks = ", ".join("?" * len(missing))
            mine = f"key IN ({marks}) AND case_key = ?"
            receivers = f"WHERE key = ? OR key IN (SELECT to_party_key FROM handoffs WHERE {mine})"  # noqa: S608 - only marks
            rows, asked = fetch(
                self.session,
                Read(Handoff, f"WHERE {mine}", [*missing, self.case.key]),
                Read(Party, receivers, [HOST_KEY, *missing, self.case.key]),  # their clocks are needed next
            )
            self.handoffs |= {row.key: vars(row) for row in rows}
            self.directory.remember(asked)
        return [self.handoffs[key] for key in wanted if key in self.handoffs]

    def open_handoffs(self, wanted: Iterable[int]) -> list[dict[str, Any]]:
        return [row for row in self.handoffs_of(wanted) if row["state"] in handoffs.OPEN]

    def contract_of(self, handoff: Mapping[str, Any]) -> Contract | None:
        return handoffs.contract_of(deployments.definition(self.session, handoff["process_key"]), SimpleNamespace(**handoff))

    @property
    def refuses(self) -> bool:
        """Whether what does not fit is told to whoever asked: a person's or client's own command, not what follows later."""
        return self.command in ("task completed", "case started") and self.by is not PLATFORM

    def note_of(self, thing: Any, word: str) -> None:
        self.events.append([word, thing.instance_key, thing.element_id, thing.element_instance_key])

    def note(self, word: str, found: Live, element_id: str | None = None, key: int | None = None) -> None:
        self.events.append([word, found.row.key, element_id, key])


# -- beginning a step ---------------------------------------------------------------------------------------------


def new_case(session: Session, process: Any, *, by: Actor, command: str) -> Step:
    """A case that begins with an instance of `process`. Nobody else can know it yet, so there is nothing to lock."""
    case = cases.new(session, process.process_id, by=by)
    return Step(session, case, by=by, command=command, is_new=True)


def locked(session: Session, case_key: int, *, by: Actor, command: str) -> Step:
    """The case, locked until the transaction ends. Raises NotFound."""
    (rows,) = fetch(session, Read(Case, "WHERE key = ? FOR NO KEY UPDATE", [case_key]))
    if not rows:
        raise NotFound(f"Expected a case with key {case_key}, found none.")
    return Step(session, rows[0], by=by, command=command)


def locked_with(session: Session, model: Any, key: int, *, by: Actor, command: str, what: str) -> tuple[Step, Any]:
    """Lock the case of a task, job or incident, then read that thing and its instance, fresh, in one round trip."""
    table = model.__tablename__
    found_cases, things, found_instances = fetch(
        session,
        Read(Case, f"WHERE key = (SELECT case_key FROM {table} WHERE key = ?) FOR NO KEY UPDATE", [key]),  # noqa: S608 - our own names
        Read(model, "WHERE key = ?", [key]),
        Read(Instance, f"WHERE key = (SELECT instance_key FROM {table} WHERE key = ?)", [key]),  # noqa: S608
    )
    if not things:
        raise NotFound(f"Expected {what} with key {key}, found none.")
    step = Step(session, found_cases[0], by=by, command=command)
    step.thing, step.instance_row = things[0], found_instances[0]
    return step, things[0]


def pay_after_commit(step: Step) -> None:
    """What a step owes that changes nothing of its case itself, and so is not finished."""
    after_commit(step.session, lambda: continuations.pay_now(step.session, step.owed))


def tell(step: Step, instance_row: Any, happening: hp.Happening) -> None:
    """Bring the instance in, tell it, and write down what follows. Raises WrongState where nothing waits for it."""
    if instance_row.state != InstanceState.ACTIVE:
        raise WrongState(f"Instance {instance_row.key} has ended.")
    step.adopt(instance_row)
    step.tell(instance_row.key, happening, missed=None)
    try:
        step.finish()
    except NotWaiting as error:
        raise WrongState(str(error)) from error


def _wait_closed(step: Step, found: Live, effect: fx.WaitClosed) -> None:
    if effect.batons:
        handoffs.accepted(step, effect.batons)
        handoffs.begun(step, effect.batons)
    _CLOSERS[effect.kind](step, found, effect)


def _signal_thrown(step: Step, found: Live, effect: fx.SignalThrown) -> None:
    step.note("signal", found, effect.element_id, effect.element_instance_key)
    step.owe("signal", {"name": effect.name, "variables": dict(effect.variables)})


_CLOSERS: dict[str, Callable[[Step, Live, fx.WaitClosed], None]] = {
    "job": jobs.closed,
    "task": tasks.closed,
    "timer": timers.closed,
    "subscription": messages.unsubscribed,
}

# what follows: effect -> the noun that writes it down
_WRITERS: dict[type, Callable[[Step, Live, Any], None]] = {
    fx.ElementEntered: elements.entered,
    fx.ElementLeft: elements.left,
    fx.FlowTaken: elements.flow_taken,
    fx.JobOpened: jobs.opened,
    fx.TaskOpened: tasks.opened,
    fx.TimerOpened: timers.opened,
    fx.SubscriptionOpened: messages.subscribed,
    fx.WaitClosed: _wait_closed,
    fx.ChildRequested: instances.child_requested,
    fx.ChildUnwanted: instances.child_unwanted,
    fx.HandedOver: handoffs.handed_over,
    fx.HandoffEnded: handoffs.ended,
    fx.DecisionMade: decisions.made,
    fx.MessageThrown: messages.thrown,
    fx.SignalThrown: _signal_thrown,
    fx.NotCaught: incidents.not_caught,
    fx.IncidentOpened: incidents.opened,
    fx.IncidentClosed: incidents.closed,
    fx.Ended: instances.ended,
}
