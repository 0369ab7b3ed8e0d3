"""Runs the scenarios of a process folder without a server: who does what, what must be passed, and how it must end."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import clock, database, deployments, forms, json_text, policies, schema, variables, worker
from engine.bpmn.elements.timers import Due
from engine.commands import cases, jobs, messages, tasks
from engine.elements import ElementInstance
from engine.errors import EngineError
from engine.incidents import Incident, IncidentState
from engine.instances import Instance
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
        engine = database.connect(f"sqlite:///{place}/scenario.sqlite")
        was_test = clock.is_test()
        clock.allow_test_clock(True)
        try:
            schema.metadata.create_all(engine)
            with Session(engine) as session:
                _Play(session, folder).perform(scenario)
        finally:
            clock.allow_test_clock(was_test)
            engine.dispose()


class _Play:
    """One scenario in a database of its own; nothing of it is left."""

    def __init__(self, session: Session, folder: Path) -> None:
        self.session = session
        self.cast = _cast(folder)
        self.instance_key = 0
        self.do(lambda s: clock.pin(s, _START))
        files = [(file.name, file.read_bytes()) for file in sorted(folder.iterdir()) if file.suffix in _MODELS]
        self.do(lambda s: deployments.deploy(s, files, by=PLATFORM))

    def do(self, work: Callable[[Session], Any]) -> Any:
        return database.run(self.session, work)

    def perform(self, scenario: Mapping[str, Any]) -> None:
        self.start(scenario["start"])
        for number, step in enumerate(scenario.get("steps", ()), 1):
            kinds = [kind for kind in _STEPS if kind in step]
            if len(kinds) != 1:
                raise Differs(f"Step {number}: expected one of {', '.join(_STEPS)}, found {sorted(step)}.")
            try:
                _STEPS[kinds[0]](self, step)
            except (Differs, EngineError) as error:
                raise Differs(f"step {number} ({kinds[0]} {step[kinds[0]]!r}): {error}") from error
        self.end(scenario.get("end", {}))

    def actor(self, name: str | None) -> Actor:
        if name is None:
            return PLATFORM
        if name not in self.cast:
            raise Differs(f"expected somebody named in people.json, found {name!r}.")
        return self.cast[name]

    # -- what can happen ----------------------------------------------------------------------------------------------

    def start(self, how: Mapping[str, Any]) -> None:
        process = self.do(lambda s: deployments.expect_process(s, process_id=how["process"]))
        by = self.actor(how.get("as"))
        given = how.get("variables", {})
        if "as" in how:
            given = self.do(lambda s: _by_start_form(s, process, given))
        begun = self.do(lambda s: cases.start(s, process, given, by=by))
        self.instance_key = begun.key
        worker.settle(self.session)

    def task(self, step: Mapping[str, Any]) -> None:
        """Somebody does a task, found by its name (or element id)."""
        wanted, by = step["task"], self.actor(step.get("as"))
        open_tasks = self.do(lambda s: [(t.key, t.name, t.element_id) for t in s.scalars(_open_tasks())])
        found = [key for key, name, element_id in open_tasks if wanted in (name, element_id)]
        if len(found) != 1:
            raise Differs(f"expected one open task of that name, found {len(found)}; open: {sorted(name for _, name, _ in open_tasks)}.")
        given = self.do(lambda s: _by_form(s, s.get_one(Task, found[0]), step.get("answers", {}), by))
        self.do(lambda s: tasks.complete(s, found[0], given, by=by))
        worker.settle(self.session)

    def job(self, step: Mapping[str, Any]) -> None:
        """A program does a job of this type, or throws an error."""
        leased = self.do(lambda s: jobs.activate(s, step["job"], worker="scenario", timeout_ms=60_000, max_jobs=1, by=PLATFORM))
        if not leased:
            raise Differs("expected an open job of that type, found none.")
        key, given = leased[0].job.key, step.get("variables", {})
        for name, value in step.get("given", {}).items():
            _same(f"variable '{name}' of the job", value, leased[0].variables.get(name))
        if "error" in step:
            self.do(lambda s: jobs.throw_error(s, key, step["error"], given=given, by=PLATFORM))
        else:
            self.do(lambda s: jobs.complete(s, key, given, by=PLATFORM))
        worker.settle(self.session)

    def message(self, step: Mapping[str, Any]) -> None:
        key = step.get("key", "")
        given = step.get("variables", {})
        self.do(lambda s: messages.publish(s, step["message"], correlation_key=key, given=given, ttl_ms=3_600_000, by=PLATFORM))
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
        found = self.do(lambda s: sorted(task.name for task in s.scalars(_open_tasks())))
        _same("the open tasks", sorted(step["open"]), found)

    def sees(self, step: Mapping[str, Any]) -> None:
        """Whoever is named sees exactly these open tasks."""
        by = self.actor(step["as"])
        statement = _open_tasks().where(policies.visible_tasks(by))
        found = self.do(lambda s: sorted(task.name for task in s.scalars(statement)))
        _same(f"what {step['as']} sees", sorted(step["sees"]), found)

    # -- how it must end ----------------------------------------------------------------------------------------------

    def end(self, expected: Mapping[str, Any]) -> None:
        incidents = self.do(lambda s: [i.error_message for i in s.scalars(select(Incident).where(Incident.state == IncidentState.ACTIVE))])
        if incidents:
            raise Differs(f"at the end: expected no incident, found: {incidents[0]}")
        by_process = self.do(lambda s: {i.process_id: (i.key, i.state) for i in s.scalars(select(Instance).order_by(Instance.key))})
        if "state" in expected:
            for process_id, (_, state) in by_process.items():
                _same(f"the state of '{process_id}' at the end", expected["state"], state)
        for process_id, path in expected.get("path", {}).items():
            _passed(process_id, path, self._path(by_process, process_id))
        for process_id, values in expected.get("variables", {}).items():
            found = self.do(partial(variables.of_scope, scope_key=self._key(by_process, process_id)))
            for name, value in values.items():
                _same(f"variable '{name}' of '{process_id}' at the end", value, found.get(name))

    def _key(self, by_process: Mapping[str, tuple[int, str]], process_id: str) -> int:
        if process_id not in by_process:
            raise Differs(f"at the end: expected process '{process_id}' to have run, found {sorted(by_process)}.")
        return by_process[process_id][0]

    def _path(self, by_process: Mapping[str, tuple[int, str]], process_id: str) -> list[str]:
        key = self._key(by_process, process_id)
        statement = select(ElementInstance.element_id).where(ElementInstance.instance_key == key).order_by(ElementInstance.key)
        found: list[str] = self.do(lambda s: list(s.scalars(statement)))
        return found


_STEPS: dict[str, Callable[[_Play, Mapping[str, Any]], None]] = {
    "task": _Play.task,
    "job": _Play.job,
    "message": _Play.message,
    "wait": _Play.wait,
    "open": _Play.open,
    "sees": _Play.sees,
}


def _open_tasks() -> Any:
    return select(Task).where(Task.state == TaskState.CREATED).order_by(Task.key)


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


def _by_start_form(session: Session, process: Any, given: Mapping[str, Any]) -> Mapping[str, Any]:
    starts = [start for start in deployments.definition(session, process.key).starts if start.kind == "none"]
    form_ids = {"form_id": starts[0].form_id, "form_key": starts[0].form_key} if len(starts) == 1 else {}
    form = deployments.form_for(session, process_key=process.key, **form_ids) if form_ids else None
    return given if form is None else forms.fill(json_text.loads(form.schema), {}, given, now=clock.now(session))


def _cast(folder: Path) -> dict[str, Actor]:
    """The people of people.json, as who they are when they log in."""
    file = folder / "people.json"
    if not file.exists():
        return {}
    return {
        person["username"]: Actor(
            id=f"person:{person['username']}",
            username=person["username"],
            name=person.get("name", ""),
            roles=frozenset(person.get("roles", ())),
            groups=frozenset(person.get("groups", ())),
        )
        for person in json_text.loads(file.read_bytes())["people"]
    }
