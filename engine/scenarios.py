"""Runs the scenarios of a process folder without a server: who does what, what must be passed, and how it must end."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine import clock, database, deployments, documents, forms, json_text, parties, policies, schema, variables, worker
from engine import tasks as tasks_of
from engine.bpmn.elements.timers import Due
from engine.commands import cases, handoffs, incidents, jobs, messages, signals, tasks
from engine.commands import variables as set_variables
from engine.elements import ElementInstance, ElementState
from engine.errors import EngineError
from engine.handoffs import OPEN, Handoff, HandoffState
from engine.incidents import Incident, IncidentState
from engine.instances import Instance, InstanceState
from engine.jobs import OPEN as OPEN_JOBS
from engine.jobs import Job, JobState
from engine.parties import PLATFORM, Actor
from engine.tasks import Task, TaskState

_MODELS = (".bpmn", ".form", ".dmn")
_START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)  # a Monday


class Differs(Exception):
    """Expectation and reality differ: says exactly where."""


def run_folder(folder: Path) -> Iterator[tuple[str, bool]]:
    """A line for each scenario, and whether it passed."""
    files = sorted((folder / "scenarios").glob("*.json"))
    if not files:
        yield f"{folder}: expected scenarios/*.json, found none.", False
    for file in files:
        try:
            scenario = json_text.loads(file.read_bytes())
            _run(folder, scenario)
            yield f"passed  {folder.name}/{file.stem}: {scenario.get('name', file.stem)}", True
        except (Differs, EngineError, json_text.NotJson, KeyError, TypeError) as error:
            reason = f"missing {error}" if isinstance(error, KeyError) else str(error)
            yield f"FAILED  {folder.name}/{file.stem}: {reason}", False


def _run(folder: Path, scenario: Mapping[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as place:
        engine = database.connect(f"sqlite:///{place}/scenario.sqlite", options={clock.TEST_CLOCK: True})
        try:
            schema.metadata.create_all(engine)
            with Session(engine) as session:
                _Scenario(session, folder, documents.Folder(Path(place) / "documents")).perform(scenario)
        finally:
            database.let_go(engine)


class Play:
    """What people and programs do, step by step, by the engine's own commands; `folder` has the files that they hand in."""

    def __init__(self, session: Session, folder: Path, kept: documents.Folder, cast: Mapping[str, Actor], party_keys: Mapping[str, int]):
        self.session = session
        self.folder, self.kept = folder, kept
        self.cast, self.parties = cast, party_keys
        self.only_case: int | None = None  # what happens, happens in this one; None: there is no other
        self.case_key = 0

    def do(self, work: Callable[[Session], Any]) -> Any:
        return database.run(self.session, work)

    def step(self, number: int, step: Mapping[str, Any]) -> None:
        kinds = [kind for kind in _STEPS if kind in step]
        if len(kinds) != 1:
            raise Differs(f"Step {number}: expected one of {', '.join(_STEPS)}, found {sorted(step)}.")
        try:
            _STEPS[kinds[0]](self, step)
        except (Differs, EngineError) as error:
            raise Differs(f"step {number} ({kinds[0]} {step[kinds[0]]!r}): {error}") from error

    def actor(self, name: str | None, handoff_keys: Iterable[int] = ()) -> Actor:
        """Whoever acts under this name; `handoff_keys`: by which the work came to them."""
        if name is None:
            return PLATFORM
        if name not in self.cast:
            raise Differs(f"expected somebody named in people.json, found {name!r}.")
        return self.cast[name]

    def open_tasks(self) -> Any:
        statement = select(Task).where(Task.state == TaskState.CREATED).order_by(Task.key)
        return statement if self.only_case is None else statement.where(Task.case_key == self.only_case)

    # -- what can happen ----------------------------------------------------------------------------------------------

    def start(self, how: Mapping[str, Any]) -> None:
        """By hand; or by a `message`, a `signal`, or the time that passes (`wait`)."""
        process = self.do(lambda s: deployments.expect_process(s, process_id=how["process"]))
        by = self.actor(how.get("as"))
        given = self.hand_in(how.get("variables", {}), by)
        for kind in ("message", "signal", "wait"):
            if kind in how:
                _STEPS[kind](self, how)
                self.case_key = self.begun(process)
                return
        if "as" in how:
            given = self.do(lambda s: by_start_form(s, process, given))
        begun = self.do(lambda s: cases.start(s, process, given, roles=self.roles(how), by=by))
        self.case_key = begun.case_key
        worker.settle(self.session)

    def begun(self, process: Any) -> int:
        """The case of the first instance of the process."""
        statement = select(Instance.case_key).where(Instance.process_id == process.process_id).order_by(Instance.key).limit(1)
        found = self.do(lambda s: s.scalar(statement))
        if found is None:
            raise Differs(f"start: expected process '{process.process_id}' to have begun, found that nothing began it.")
        return int(found)

    def task(self, step: Mapping[str, Any]) -> None:
        """Somebody does a task."""
        key = self.task_called(step["task"], step)
        by = self.actor(step.get("as"), self.do(lambda s: tasks_of.handoffs_of(s.get_one(Task, key))))
        answers = self.hand_in(step.get("answers", {}), by)
        given = self.do(lambda s: _by_form(s, s.get_one(Task, key), answers, by))
        self.do(lambda s: tasks.complete(s, key, given, roles=self.roles(step), by=by))
        worker.settle(self.session)

    def task_called(self, wanted: str, step: Mapping[str, Any]) -> int:
        """An open task, found by its name (or element id), and of several by what it sees."""
        open_tasks = self.do(lambda s: [(t.key, t.name, t.element_id, t.element_instance_key) for t in s.scalars(self.open_tasks())])
        of_that_name = {key: place for key, name, element_id, place in open_tasks if wanted in (name, element_id)}
        seen = self.do(lambda s: variables.visible_from(s, of_that_name.values()))
        where = step.get("where", {}).items()
        found = [key for key, place in of_that_name.items() if all(seen[place].get(name) == value for name, value in where)]
        if len(found) != 1:
            names = sorted(name for _, name, *_ in open_tasks)
            raise Differs(f"expected one open task of that name, found {len(found)}; open: {names}.")
        return int(found[0])

    def assign(self, step: Mapping[str, Any]) -> None:
        """Somebody gives a task to a person."""
        key, by = self.task_called(step["assign"], step), self.actor(step.get("as"))
        self.do(lambda s: tasks.assign(s, key, step["to"], by=by))
        worker.settle(self.session)

    def unassign(self, step: Mapping[str, Any]) -> None:
        key, by = self.task_called(step["unassign"], step), self.actor(step.get("as"))
        self.do(lambda s: tasks.unassign(s, key, by=by))

    def offer(self, step: Mapping[str, Any]) -> None:
        """Somebody offers a task to other people or teams."""
        key, by = self.task_called(step["offer"], step), self.actor(step.get("as"))
        changes = {name: step[name] for name in ("candidate_groups", "candidate_users") if name in step}
        self.do(lambda s: tasks.update(s, key, changes, by=by))

    def hand_in(self, given: Any, by: Actor) -> Any:
        """The same with a reference in the place of each `{"file": "files/front.jpg"}`, a file of the process's folder."""
        if isinstance(given, list):
            return [self.hand_in(one, by) for one in given]
        if not isinstance(given, dict):
            return given
        if set(given) != {"file"}:
            return {name: self.hand_in(value, by) for name, value in given.items()}
        file = (self.folder / str(given["file"])).resolve()
        if not file.is_file() or not file.is_relative_to(self.folder.resolve()):
            raise Differs(f"expected a file in {self.folder.name}, found {given['file']!r}.")
        try:
            with file.open("rb") as content:
                stored = self.kept.put(content)
        except documents.NotWhatItSays as reason:
            raise Differs(f"expected {given['file']} to be a picture or a PDF ({reason}).") from reason
        return self.do(lambda s: documents.reference_to(documents.add(s, stored, file.name, place="scenario", by=by)))

    def roles(self, step: Mapping[str, Any]) -> dict[str, int]:
        """The parties that somebody chooses with what they do, by role."""
        return {role: self.party(party_id) for role, party_id in step.get("roles", {}).items()}

    def party(self, party_id: str) -> int:
        if party_id not in self.parties:
            raise Differs(f"expected a party of people.json, found {party_id!r}.")
        return self.parties[party_id]

    def job(self, step: Mapping[str, Any]) -> None:
        """A program does a job of this type, fails (with so many tries left), or throws an error."""
        key, seen = self.job_of_type(step["job"], step, OPEN_JOBS)
        self.do(lambda s: jobs.take(s, key, worker="scenario", timeout_ms=60_000, by=PLATFORM))
        given, says = self.hand_in(step.get("variables", {}), PLATFORM), step.get("says")
        for name, value in step.get("given", {}).items():
            _same(f"variable '{name}' of the job", value, seen.get(name))
        if "error" in step:
            self.do(lambda s: jobs.throw_error(s, key, step["error"], message=says, given=given, by=PLATFORM))
        elif "failure" in step:
            left = {"retries": step.get("retries"), "backoff_ms": step.get("backOff", 0)}
            self.do(lambda s: jobs.fail(s, key, error_message=step["failure"], given=given, by=PLATFORM, **left))
        else:
            self.do(lambda s: jobs.complete(s, key, given, by=PLATFORM))
        worker.settle(self.session)

    def job_of_type(self, wanted: str, step: Mapping[str, Any], states: Iterable[str]) -> tuple[int, Mapping[str, Any]]:
        """The first job of the type that a program would get, of several by what it sees; with what it sees."""
        now = self.do(clock.now)
        due = or_(Job.due_at.is_(None), Job.due_at <= now, Job.state == JobState.FAILED)
        statement = select(Job).where(Job.type == wanted, Job.state.in_(states), due).order_by(Job.priority.desc(), Job.key)
        if self.only_case is not None:
            statement = statement.where(Job.case_key == self.only_case)
        places = self.do(lambda s: {job.key: job.element_instance_key for job in s.scalars(statement)})
        seen = self.do(lambda s: variables.visible_from(s, places.values()))
        for key, place in places.items():
            if all(seen[place].get(name) == value for name, value in step.get("where", {}).items()):
                return key, seen[place]
        types = self.do(lambda s: sorted(set(s.scalars(select(Job.type).where(Job.ended_at.is_(None))))))
        raise Differs(f"expected an open job of that type, found none; open: {types}.")

    def more_tries(self, step: Mapping[str, Any]) -> None:
        """An operator lets a program try again so many times; an incident still has to be resolved."""
        key, _ = self.job_of_type(step["more tries"], step, (*OPEN_JOBS, JobState.FAILED))
        by = self.actor(step.get("as"))
        self.do(lambda s: jobs.update(s, key, retries=step["retries"], by=by))

    def resolve(self, step: Mapping[str, Any]) -> None:
        """An operator lets what stands still at this element go on."""
        statement = select(Incident).where(Incident.state == IncidentState.ACTIVE).order_by(Incident.key)
        found = self.do(lambda s: [(i.key, i.element_id, i.element_instance_key) for i in s.scalars(statement)])
        key = self.one_of(step["resolve"], [(key, place) for key, at, place in found if at == step["resolve"]], step)
        if key is None:
            where = sorted({at for _, at, _ in found})
            raise Differs(f"expected one incident there, found none of it; incidents: {where}.")
        by = self.actor(step.get("as"))
        self.do(lambda s: incidents.resolve(s, key, by=by))
        worker.settle(self.session)

    def one_of(self, what: str, found: list[tuple[int, int]], step: Mapping[str, Any]) -> int | None:
        """Of (key, element instance), the one that sees what the step names; None where none does."""
        seen = self.do(lambda s: variables.visible_from(s, [place for _, place in found]))
        where = step.get("where", {}).items()
        fitting = [key for key, place in found if all(seen[place].get(name) == value for name, value in where)]
        if len(fitting) > 1:
            raise Differs(f"expected one '{what}', found {len(fitting)}; say which with `where`.")
        return fitting[0] if fitting else None

    def set(self, step: Mapping[str, Any]) -> None:
        """An operator sets variables: `in` the process or a running element of this id (default: the only process)."""
        by, given = self.actor(step.get("as")), self.hand_in(step["set"], PLATFORM)
        key = self.instance_of(step.get("in"), step, or_element=True)
        self.do(lambda s: set_variables.set_variables(s, key, given, local=step.get("local", False), by=by))
        worker.settle(self.session)

    def cancel(self, step: Mapping[str, Any]) -> None:
        """An operator ends the instance of this process; with the first one the whole case."""
        by, key = self.actor(step.get("as")), self.instance_of(step["cancel"], step)
        self.do(lambda s: cases.cancel(s, key, by=by))
        worker.settle(self.session)

    def instance_of(self, wanted: str | None, step: Mapping[str, Any], *, or_element: bool = False) -> int:
        """A running instance by its process, of several by its variables; or a running element of one."""
        statement = select(Instance).where(Instance.state == InstanceState.ACTIVE).order_by(Instance.key)
        if self.only_case is not None:
            statement = statement.where(Instance.case_key == self.only_case)
        running = self.do(lambda s: [(i.key, i.process_id) for i in s.scalars(statement)])
        where = step.get("where", {}).items()
        of_it = [key for key, process_id in running if wanted in (None, process_id)]
        values = self.do(lambda s: {key: variables.of_scope(s, key) for key in of_it})
        found = [key for key in of_it if all(values[key].get(name) == value for name, value in where)]
        if not of_it and or_element:
            inside = select(ElementInstance.key).where(ElementInstance.instance_key.in_([key for key, _ in running]))
            inside = inside.where(ElementInstance.element_id == wanted, ElementInstance.state == ElementState.ACTIVE)
            key = self.one_of(str(wanted), [(key, key) for key in self.do(lambda s: list(s.scalars(inside)))], step)
            found = [] if key is None else [key]
        if len(found) != 1:
            raise Differs(f"expected one that runs, found {len(found)}; running: {sorted(process_id for _, process_id in running)}.")
        return int(found[0])

    def message(self, step: Mapping[str, Any]) -> None:
        key, given = step.get("key", ""), self.hand_in(step.get("variables", {}), PLATFORM)
        ttl_ms = step.get("timeToLive", 3_600_000)
        self.do(lambda s: messages.publish(s, step["message"], correlation_key=key, given=given, ttl_ms=ttl_ms, by=PLATFORM))
        worker.settle(self.session)

    def correlate(self, step: Mapping[str, Any]) -> None:
        """A message for exactly one that waits for it now."""
        key, given = step.get("key", ""), self.hand_in(step.get("variables", {}), PLATFORM)
        self.do(lambda s: messages.correlate(s, step["correlate"], correlation_key=key, given=given, by=PLATFORM))
        worker.settle(self.session)

    def signal(self, step: Mapping[str, Any]) -> None:
        given = self.hand_in(step.get("variables", {}), PLATFORM)
        self.do(lambda s: signals.broadcast(s, step["signal"], given, by=PLATFORM))
        worker.settle(self.session)

    def wait(self, step: Mapping[str, Any]) -> None:
        """Time passes (ISO 8601 duration): whatever becomes due happens."""
        now = self.do(clock.now)
        later = Due(now, 2, step["wait"]).next()
        if later is None:
            raise Differs("expected an ISO 8601 duration such as P2D, found something else.")
        self.do(lambda s: clock.pin(s, later.at))
        worker.settle(self.session)

    def open(self, step: Mapping[str, Any]) -> None:
        """Exactly these tasks are open, by name."""
        found = self.do(lambda s: sorted(task.name for task in s.scalars(self.open_tasks())))
        _same("the open tasks", sorted(step["open"]), found)

    def sees(self, step: Mapping[str, Any]) -> None:
        """Whoever is named sees exactly these open tasks."""
        by = self.actor(step["as"])
        statement = self.open_tasks().where(policies.visible_tasks(by))
        found = self.do(lambda s: sorted(task.name for task in s.scalars(statement)))
        _same(f"what {step['as']} sees", sorted(step["sees"]), found)

    def accept(self, step: Mapping[str, Any]) -> None:
        """The receiving side of the one open handoff to it takes the work, before it begins."""
        key = self.handoff(step["accept"], OPEN)
        by = self.actor(step.get("as"), [key])
        self.do(lambda s: handoffs.accept(s, key, by=by))
        worker.settle(self.session)

    def decline(self, step: Mapping[str, Any]) -> None:
        """The receiving side says no, with a reason."""
        key = self.handoff(step["decline"], OPEN)
        by = self.actor(step.get("as"), [key])
        self.do(lambda s: handoffs.decline(s, key, step["reason"], by=by))
        worker.settle(self.session)

    def send_again(self, step: Mapping[str, Any]) -> None:
        """After a no, or unanswered: with other answers, to another address or party."""
        key, by = self.handoff(step["send again"], (*OPEN, HandoffState.DECLINED)), self.actor(step.get("as"))
        party_key = self.party(step["party"]) if "party" in step else None
        self.do(lambda s: handoffs.send_again(s, key, values=step.get("answers"), address=step.get("address"), party_key=party_key, by=by))
        worker.settle(self.session)

    def give_up(self, step: Mapping[str, Any]) -> None:
        """After a no, or unanswered: the sender's side ends the case."""
        key, by = self.handoff(step["give up"], (*OPEN, HandoffState.DECLINED)), self.actor(step.get("as"))
        self.do(lambda s: handoffs.cancel(s, key, by=by))
        worker.settle(self.session)

    def remind(self, step: Mapping[str, Any]) -> None:
        """The sender's side tells the receiver once more."""
        key, by = self.handoff(step["remind"], OPEN), self.actor(step.get("as"))
        self.do(lambda s: handoffs.remind(s, key, by=by))

    def handoff(self, to_side: str, states: tuple[HandoffState, ...]) -> int:
        """The one in these states to the side of that name."""
        statement = select(Handoff.key).where(Handoff.to_side == to_side, Handoff.state.in_(states), Handoff.is_settled.is_(False))
        if self.only_case is not None:
            statement = statement.where(Handoff.case_key == self.only_case)
        found = self.do(lambda s: list(s.scalars(statement)))
        if len(found) != 1:
            raise Differs(f"expected one open handoff to '{to_side}', found {len(found)}.")
        return int(found[0])


_STEPS: dict[str, Callable[[Play, Mapping[str, Any]], None]] = {
    "task": Play.task,
    "assign": Play.assign,
    "unassign": Play.unassign,
    "offer": Play.offer,
    "job": Play.job,
    "more tries": Play.more_tries,
    "resolve": Play.resolve,
    "set": Play.set,
    "cancel": Play.cancel,
    "message": Play.message,
    "correlate": Play.correlate,
    "signal": Play.signal,
    "wait": Play.wait,
    "open": Play.open,
    "sees": Play.sees,
    "accept": Play.accept,
    "decline": Play.decline,
    "send again": Play.send_again,
    "remind": Play.remind,
    "give up": Play.give_up,
}


class _Scenario(Play):
    """One scenario in a database of its own; nothing of it is left."""

    def __init__(self, session: Session, folder: Path, kept: documents.Folder) -> None:
        database.run(session, lambda s: clock.pin(s, _START))
        file = folder / "people.json"
        known = json_text.loads(file.read_bytes()) if file.exists() else {}
        party_keys: dict[str, int] = database.run(session, lambda s: parties.introduce(s, known, by=PLATFORM))
        cast = {person["username"]: _as_logged_in(person, known, party_keys) for person in known.get("people", ())}
        super().__init__(session, folder, kept, cast, party_keys)

    def perform(self, scenario: Mapping[str, Any]) -> None:
        if "at" in scenario:
            self.do(lambda s: clock.pin(s, datetime.fromisoformat(scenario["at"])))
        files = [(file.name, file.read_bytes()) for file in sorted(self.folder.iterdir()) if file.suffix in _MODELS]
        self.do(lambda s: deployments.deploy(s, files, by=PLATFORM))
        self.start(scenario["start"])
        for number, step in enumerate(scenario.get("steps", ()), 1):
            self.step(number, step)
        self.end(scenario.get("end", {}))

    # -- how it must end ----------------------------------------------------------------------------------------------

    def end(self, expected: Mapping[str, Any]) -> None:
        self._stands_still_at(expected.get("incidents", []))
        ours_last = select(Instance).order_by(Instance.case_key == self.case_key, Instance.key)
        by_process = self.do(lambda s: {i.process_id: (i.key, i.state) for i in s.scalars(ours_last)})
        states = expected.get("state", {})
        for process_id, state in (states if isinstance(states, dict) else dict.fromkeys(by_process, states)).items():
            self._key(by_process, process_id)
            _same(f"the state of '{process_id}' at the end", state, by_process[process_id][1])
        for process_id, path in expected.get("path", {}).items():
            _passed(process_id, path, self._path(by_process, process_id))
        for process_id, values in expected.get("variables", {}).items():
            found = self.do(partial(variables.of_scope, scope_key=self._key(by_process, process_id)))
            for name, value in values.items():
                _same(f"variable '{name}' of '{process_id}' at the end", value, found.get(name))
        if "handoffs" in expected:
            self._handed_over_like(expected["handoffs"])

    def _stands_still_at(self, expected: list[str]) -> None:
        """Exactly these elements have an incident."""
        statement = select(Incident.element_id, Incident.error_message).where(Incident.state == IncidentState.ACTIVE)
        found = self.do(lambda s: sorted(tuple(row) for row in s.execute(statement)))
        unexpected = [message for element_id, message in found if element_id not in expected]
        if unexpected:
            raise Differs(f"at the end: expected no incident, found: {unexpected[0]}")
        _same("the elements with an incident at the end", sorted(expected), [element_id for element_id, _ in found])

    def _handed_over_like(self, expected: list[Mapping[str, Any]]) -> None:
        """Each handoff, in the order in which they were opened; of what is not named about one only due times are compared: none."""
        names = {key: party_id for party_id, key in self.parties.items()}
        rows = self.do(lambda s: [_about(row, names) for row in s.scalars(select(Handoff).order_by(Handoff.key))])
        lines = [f"{row['from']} → {row['to']}: {row['outcome']}" for row in rows]
        if len(rows) != len(expected):
            raise Differs(f"at the end: expected {len(expected)} handoffs, found {len(rows)}: {'; '.join(lines)}.")
        for number, (wanted, found) in enumerate(zip(expected, rows, strict=True), 1):
            for name, value in {**_NOT_DUE, **wanted}.items():
                if name not in found:
                    raise Differs(f"handoff {number}: expected one of {', '.join(found)}, found '{name}'.")
                _same(f"'{name}' of handoff {number} ({lines[number - 1]})", value, found[name])

    def _key(self, by_process: Mapping[str, tuple[int, str]], process_id: str) -> int:
        if process_id not in by_process:
            raise Differs(f"at the end: expected process '{process_id}' to have run, found {sorted(by_process)}.")
        return by_process[process_id][0]

    def _path(self, by_process: Mapping[str, tuple[int, str]], process_id: str) -> list[str]:
        key = self._key(by_process, process_id)
        statement = select(ElementInstance.element_id).where(ElementInstance.instance_key == key).order_by(ElementInstance.key)
        found: list[str] = self.do(lambda s: list(s.scalars(statement)))
        return found


_NOT_DUE: Mapping[str, Any] = {"acceptBy": None, "completeBy": None}


def _same(what: str, expected: Any, found: Any) -> None:
    if expected != found:
        raise Differs(f"expected {what} to be {json_text.dumps(expected)}, found {json_text.dumps(found)}.")


ANYTHING = "..."  # in a path: any elements, or none


def _passed(process_id: str, expected: list[str], found: list[str]) -> None:
    """Exactly these elements, in this order; between two of them others where the scenario says `...`."""
    pattern = "".join("(?:[^\n]*\n)*" if element_id == ANYTHING else re.escape(element_id) + "\n" for element_id in expected)
    if re.fullmatch(pattern, "".join(f"{element_id}\n" for element_id in found)):
        return
    missing = [element_id for element_id in expected if element_id not in (*found, ANYTHING)]
    more = [element_id for element_id in found if element_id not in expected] if ANYTHING not in expected else []
    why = f"'{more[0]}' was not expected" if more else "in another order, or not as often"
    why = f"'{missing[0]}' is missing there" if missing else why
    raise Differs(f"expected '{process_id}' to pass {' → '.join(expected)}, found {' → '.join(found)} ({why}).")


def _by_form(session: Session, task: Task, answers: Mapping[str, Any], by: Actor) -> Mapping[str, Any]:
    """What the task's form makes of the answers, as the portal asks it; a task without a form takes them as they are."""
    if not policies.may_complete_task(by, task):
        return answers  # completing it says so
    form = deployments.form_for(session, form_id=task.form_id, form_key=task.form_key, process_key=task.process_key)
    if form is None:
        return answers
    seen = variables.visible_from(session, [task.element_instance_key])[task.element_instance_key]
    return forms.fill(json_text.loads(form.schema), seen, answers, now=clock.now(session))


def by_start_form(session: Session, process: Any, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The variables that the process would begin with, if these answers were given on the form of its start."""
    starts = [start for start in deployments.definition(session, process.key).starts if start.kind == "none"]
    form_ids = {"form_id": starts[0].form_id, "form_key": starts[0].form_key} if len(starts) == 1 else {}
    form = deployments.form_for(session, process_key=process.key, **form_ids) if form_ids else None
    return given if form is None else forms.fill(json_text.loads(form.schema), {}, given, now=clock.now(session))


def _about(row: Handoff, parties_by_key: Mapping[int, str]) -> dict[str, Any]:
    """A handoff, as a scenario names it; times to the second, in UTC."""
    return {
        "from": row.from_side,
        "to": row.to_side,
        "party": parties_by_key.get(row.to_party_key or parties.HOST_KEY),
        "path": row.path,
        "kind": row.kind,
        "round": row.round,
        "outcome": row.state,
        "reason": row.reason,
        "acceptBy": _moment(row.accept_due_at),
        "completeBy": _moment(row.complete_due_at),
        "late": row.accept_late or row.complete_late,
    }


def _moment(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _as_logged_in(person: Mapping[str, Any], known: Mapping[str, Any], keys_by_id: Mapping[str, int]) -> Actor:
    """Somebody of people.json, as who they are when they log in."""
    party_id = person.get("party")
    kinds = {party["party_id"]: party.get("kind", parties.PartyKind.PARTNER) for party in known.get("parties", ())}
    return Actor(
        id=f"person:{person['username']}",
        username=person["username"],
        name=person.get("name", ""),
        roles=frozenset(person.get("roles", ())),
        groups=frozenset(person.get("groups", ())),
        party_key=None if party_id is None else keys_by_id[party_id],
        party_kind=None if party_id is None else kinds[party_id],
        party_id=party_id,
    )
