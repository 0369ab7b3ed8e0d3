"""How fast the execution core is beside SpiffWorkflow as shipped: ratios from one run, medians of interleaved rounds.

`python benchmarks/engine.py [--json] [--rounds N]`. Both sides persist all that a crash would need: Spiff its document, we the snapshot,
the variables that changed and the rows that follow from the effects. Our scripts are FEEL, Spiff's are Python.
"""
from __future__ import annotations

import argparse
import gc
import json
import statistics
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from time import perf_counter
from typing import Any

import orjson
from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.serializer.config import DEFAULT_CONFIG
from SpiffWorkflow.bpmn.serializer.default.task_spec import BpmnTaskSpecConverter
from SpiffWorkflow.bpmn.specs.defaults import ServiceTask
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from engine.bpmn import effects as e
from engine.bpmn import happenings as h
from engine.bpmn.definition import Definition, compile_definitions
from engine.bpmn.execution import Execution
from engine.bpmn.ports import Ports

TARGETS = {
    "run_persist": (">=", 6),
    "run_persist_100kb": (">=", 10),
    "loop_100": (">=", 20),
    "mi_1000_parallel": (">=", 50),
    "mi_1000_sequential": (">=", 50),
    "age_10000_to_100": ("<=", 1.3),
    "snapshot_bytes_200": ("<=", 1024),
}
NOW = datetime(2026, 1, 1, tzinfo=UTC)
NAMESPACES = 'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="urn:b"'


# -- models: the same process for both sides ------------------------------------------------------------------------------


def document(body: str) -> bytes:
    return f'<definitions {NAMESPACES}><process id="P" isExecutable="true">{body}</process></definitions>'.encode()


def flow(source: str, target: str, condition: str = "") -> str:
    inner = f"<conditionExpression>{condition}</conditionExpression>" if condition else ""
    return f'<sequenceFlow id="{source}-{target}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'


def feel_script(id: str, expression: str, result: str) -> str:
    script = f'<zeebe:script expression="={expression}" resultVariable="{result}"/>'
    return f'<scriptTask id="{id}"><extensionElements>{script}</extensionElements></scriptTask>'


def python_script(id: str, script: str, inside: str = "") -> str:
    return f'<scriptTask id="{id}">{inside}<script>{script}</script></scriptTask>'


START, END = '<startEvent id="s"/>', '<endEvent id="e"/>'
SHORT = START + '<userTask id="u"/><serviceTask id="w">{job}</serviceTask>' + END + flow("s", "u") + flow("u", "w") + flow("w", "e")
OUR_SHORT = SHORT.format(job='<extensionElements><zeebe:taskDefinition type="book"/></extensionElements>')
LOOP = START + '{add}<exclusiveGateway id="m"/><exclusiveGateway id="x" default="x-e"/>' + END
LOOP += flow("s", "m") + flow("m", "a") + flow("a", "x") + flow("x", "e") + flow("x", "m", "{condition}")


def our_loop(count: int) -> bytes:
    return document(LOOP.format(add=feel_script("a", "n + 1", "n"), condition=f"=n &lt; {count}"))


def their_loop(count: int) -> bytes:
    setup = python_script("init", "n = 0")
    body = LOOP.format(add=python_script("a", "n = n + 1"), condition=f"n &lt; {count}")
    before, after = flow("s", "m"), flow("s", "init") + flow("init", "m")
    return document(setup + body.replace(before, after))


def our_instances(sequential: bool) -> bytes:
    loop = (
        f'<multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}"><extensionElements><zeebe:loopCharacteristics '
        'inputCollection="=items" inputElement="item" outputCollection="results" outputElement="=r"/></extensionElements>'
        "</multiInstanceLoopCharacteristics>"
    )
    mapping = '<zeebe:ioMapping><zeebe:input source="=0" target="r"/></zeebe:ioMapping></extensionElements>'
    task = feel_script("a", "item * 2", "r").replace("</extensionElements>", mapping + loop)
    return document(START + task + END + flow("s", "a") + flow("a", "e"))


def their_instances(sequential: bool) -> bytes:
    loop = (
        f'<multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}"><loopDataInputRef>items</loopDataInputRef>'
        '<loopDataOutputRef>results</loopDataOutputRef><inputDataItem id="item"/><outputDataItem id="r"/>'
        "</multiInstanceLoopCharacteristics>"
    )
    body = START + python_script("init", "items = list(range(1000))") + python_script("a", "r = item * 2", loop) + END
    return document(body + flow("s", "init") + flow("init", "a") + flow("a", "e"))


# -- SpiffWorkflow as shipped ---------------------------------------------------------------------------------------------


class Spiff:
    def __init__(self, xml: bytes) -> None:
        parser = BpmnParser()
        parser.add_bpmn_xml(etree.fromstring(xml))
        self.spec = parser.get_spec("P")
        config = {**DEFAULT_CONFIG, ServiceTask: BpmnTaskSpecConverter}  # the one class of its parser that it forgot
        self.serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure(config))

    def run(self, variables: dict[str, Any] | None = None) -> BpmnWorkflow:
        workflow = BpmnWorkflow(self.spec)
        workflow.task_tree.data.update(variables or {})
        workflow.do_engine_steps()
        return workflow

    def run_and_persist(self, variables: dict[str, Any]) -> bytes:
        workflow = self.run(variables)
        stored = self.serializer.serialize_json(workflow)
        workflow = self.serializer.deserialize_json(stored)
        task = workflow.get_next_task(state=TaskState.READY)
        task.run()
        workflow.do_engine_steps()
        job = workflow.get_next_task(state=TaskState.STARTED)  # as shipped a service task waits until the application completes it
        job.complete()
        workflow.do_engine_steps()
        assert workflow.is_completed()
        return self.serializer.serialize_json(workflow).encode()


# -- ours -----------------------------------------------------------------------------------------------------------------


class StoredValues:
    """Values as rows would hold them: JSON text by scope and name, read when asked for, written once at the end of a step."""

    def __init__(self, rows: dict[tuple[int, str], bytes] | None = None) -> None:
        self.rows = rows if rows is not None else {}
        self.live: dict[int, dict[str, Any]] = {}
        self.dirty: dict[tuple[int, str], str | None] = {}
        self.log: list[tuple[int, str, Any, bool]] = []

    def get(self, scope_key: int, name: str) -> Any:
        scope = self.live.get(scope_key)
        if scope is not None and name in scope:
            return scope[name]
        value = orjson.loads(self.rows[scope_key, name])
        self.live.setdefault(scope_key, {})[name] = value
        return value

    def names(self, scope_key: int) -> Iterator[str]:
        return iter({*(name for key, name in self.rows if key == scope_key), *self.live.get(scope_key, ())})

    def set(self, scope_key: int, name: str, value: Any, *, element_id: str | None) -> None:
        scope = self.live.get(scope_key)
        if scope is None:
            scope = self.live[scope_key] = {}
        self.log.append((scope_key, name, scope.get(name), name in scope))
        scope[name] = value
        self.dirty[scope_key, name] = element_id

    def mark(self) -> int:
        return len(self.log)

    def rollback(self, mark: int) -> None:
        while len(self.log) > mark:
            scope_key, name, value, was_there = self.log.pop()
            if was_there:
                self.live[scope_key][name] = value
            else:
                del self.live[scope_key][name]

    def write(self) -> list[tuple[int, str, str | None, bytes]]:
        rows = []
        for (scope_key, name), element_id in self.dirty.items():
            text = self.rows[scope_key, name] = orjson.dumps(self.live[scope_key][name])
            rows.append((scope_key, name, element_id, text))
        self.dirty.clear()
        self.log.clear()
        return rows


def row_of(effect: e.Effect) -> bytes:
    """What the effect adds to index tables and history."""
    return orjson.dumps([type(effect).__name__, *(getattr(effect, name) for name in type(effect).__dataclass_fields__)], default=str)


class Ours:
    def __init__(self, xml: bytes) -> None:
        self.definition: Definition = compile_definitions(etree.fromstring(xml))[0]
        self.key = 1000

    def new_key(self) -> int:
        self.key += 1
        return self.key

    def ports(self, values: StoredValues) -> Ports:
        return Ports(values, self.new_key, lambda: NOW)

    def start(self, values: StoredValues, variables: dict[str, Any]) -> Execution:
        execution = Execution(self.definition, self.new_key(), self.ports(values))
        execution.tell(h.Started(None, variables))
        while not execution.run():
            pass
        return execution

    def run(self, variables: dict[str, Any] | None = None) -> Execution:
        execution = self.start(StoredValues(), variables or {})
        assert execution.ended and not any(isinstance(f, e.IncidentOpened) for f in execution.take_effects())
        return execution

    def run_and_persist(self, variables: dict[str, Any]) -> bytes:
        values = StoredValues()
        execution = self.start(values, variables)
        key, stored = execution.instance_key, self.persist(execution, values)
        values = StoredValues(values.rows)
        execution = Execution.restore(self.definition, key, stored[0], self.ports(values))
        for happening in (h.TaskCompleted, h.JobCompleted):
            execution.tell(happening(next(token.id for token in execution.tasks.values() if token.waiting in ("task", "job"))))
            execution.run()
        assert execution.ended
        return self.persist(execution, values)[0]

    @staticmethod
    def persist(execution: Execution, values: StoredValues) -> tuple[bytes, list[Any], list[bytes]]:
        return execution.snapshot(), values.write(), [row_of(effect) for effect in execution.take_effects()]


# -- measuring ------------------------------------------------------------------------------------------------------------


def seconds(call: Callable[[], object]) -> float:
    gc.collect()
    begin = perf_counter()
    call()
    return perf_counter() - begin


def ratio(theirs: Callable[[], object], ours: Callable[[], object], rounds: int, times: int = 1) -> float:
    """How many times faster ours is: the median over interleaved rounds; ours runs `times` times in a round, for a clock of its grain."""
    theirs(), ours()
    pairs = [(seconds(theirs), seconds(lambda: [ours() for _ in range(times)]) / times) for _ in range(rounds)]
    return statistics.median(a for a, _ in pairs) / statistics.median(b for _, b in pairs)


def repeated(call: Callable[[], object], times: int) -> Callable[[], object]:
    return lambda: [call() for _ in range(times)]


def run_persist(rounds: int, size: int) -> float:
    """Start, persist, load, complete the user task and the service, persist."""
    theirs, ours = Spiff(document(SHORT.format(job=""))), Ours(document(OUR_SHORT))
    variables = {"text": "x" * size} if size else {}
    times = 5 if size else 30
    spiff, passerelle = (repeated(lambda side=side: side.run_and_persist(variables), times) for side in (theirs, ours))
    return ratio(spiff, passerelle, rounds)


def age(rounds: int) -> float:
    """Cost of a round in a loop of 10,000, over that in a loop of 100."""
    young, old = Ours(our_loop(100)), Ours(our_loop(10_000))
    short, long = repeated(lambda: young.run({"n": 0}), 20), lambda: old.run({"n": 0})
    pairs = [(seconds(short) / 2000, seconds(long) / 10_000) for _ in range(rounds)]
    return statistics.median(b for _, b in pairs) / statistics.median(a for a, _ in pairs)


def snapshot_bytes() -> int:
    ids = [f"u{n}" for n in range(201)]
    body = START + "".join(f'<userTask id="{id}"/>' for id in ids) + flow("s", "u0")
    ours = Ours(document(body + "".join(flow(a, b) for a, b in pairwise(ids))))
    values = StoredValues()
    execution = ours.start(values, {"n": 1})
    for _ in range(200):
        execution.tell(h.TaskCompleted(next(token.id for token in execution.tasks.values() if token.waiting == "task")))
        execution.run()
    return len(execution.snapshot())


def microseconds() -> dict[str, float]:
    """Absolute times for orientation: restore, and one completion with its snapshot."""
    ours = Ours(document(OUR_SHORT))
    values = StoredValues()
    execution = ours.start(values, {"n": 1})
    stored = execution.snapshot()
    key = next(token.id for token in execution.tasks.values() if token.waiting == "task")
    ports = ours.ports(values)
    restore = seconds(repeated(lambda: Execution.restore(ours.definition, execution.instance_key, stored, ports), 2000)) / 2000

    def complete() -> bytes:
        again = Execution.restore(ours.definition, execution.instance_key, stored, ports)
        again.tell(h.TaskCompleted(key))
        again.run()
        return again.snapshot()

    return {"restore_us": restore * 1e6, "restore_complete_snapshot_us": seconds(repeated(complete, 2000)) / 2000 * 1e6}


def measure(rounds: int) -> dict[str, float]:
    items = {"items": list(range(1000))}
    loop = Spiff(their_loop(100)), Ours(our_loop(100))
    parallel = Spiff(their_instances(False)), Ours(our_instances(False))
    sequential = Spiff(their_instances(True)), Ours(our_instances(True))
    few = max(3, rounds // 3)
    return {
        "run_persist": run_persist(rounds, 0),
        "run_persist_100kb": run_persist(few, 100_000),
        "loop_100": ratio(loop[0].run, lambda: loop[1].run({"n": 0}), rounds, 5),
        "mi_1000_parallel": ratio(parallel[0].run, lambda: parallel[1].run(items), few, 3),
        "mi_1000_sequential": ratio(sequential[0].run, lambda: sequential[1].run(items), few, 3),
        "age_10000_to_100": age(few),
        "snapshot_bytes_200": snapshot_bytes(),
        **microseconds(),
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--json", action="store_true")
    arguments.add_argument("--rounds", type=int, default=9)
    chosen = arguments.parse_args()
    results = {name: round(value, 2) for name, value in measure(chosen.rounds).items()}
    for name, value in results.items():
        relation, target = TARGETS.get(name, ("", ""))
        print(f"{name:32} {value:>10} {relation} {target}")
    if chosen.json:
        print(json.dumps(results))


if __name__ == "__main__":
    main()
