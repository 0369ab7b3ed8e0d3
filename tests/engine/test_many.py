"""Thousands in one case: a step takes its share of them, and ending them all takes few statements."""

import pytest

from engine import advance, database, instances
from engine.commands import cases

EACH = (
    "<multiInstanceLoopCharacteristics><extensionElements>"
    '<zeebe:loopCharacteristics inputCollection="=items" inputElement="item"/></extensionElements></multiInstanceLoopCharacteristics>'
)
TASKS = f"""<process id="many" isExecutable="true"><startEvent id="s"/><userTask id="u">
  <extensionElements><zeebe:assignmentDefinition candidateGroups="all"/></extensionElements>{EACH}</userTask>
  <sequenceFlow id="f1" sourceRef="s" targetRef="u"/></process>"""
CALLS = f"""<process id="one" isExecutable="true"><startEvent id="s1"/><userTask id="t"/>
  <sequenceFlow id="f2" sourceRef="s1" targetRef="t"/></process>
  <process id="all" isExecutable="true"><startEvent id="s2"/><callActivity id="c">
  <extensionElements><zeebe:calledElement processId="one"/></extensionElements>{EACH}</callActivity>
  <sequenceFlow id="f3" sourceRef="s2" targetRef="c"/></process>"""


@pytest.fixture
def statements(monkeypatch):
    """How many statements each write of a step was."""
    counts = []
    real = database.Writes._statements

    def counted(writes, dialect):
        found = list(real(writes, dialect))
        counts.append(len(found))
        return iter(found)

    monkeypatch.setattr(database.Writes, "_statements", counted)
    return counts


def test_a_step_begins_no_more_than_its_share_and_the_rest_follows(world):
    world.deploy(TASKS)
    key = world.start("many", items=list(range(1100)))

    assert len(world.tasks(key)) == 0  # all of them begin before the first one is offered
    world.sweep()

    assert len(world.tasks(key)) == 1100


def test_ending_thousands_of_open_tasks_takes_few_statements(world, statements):
    world.deploy(TASKS)
    key = world.start("many", items=list(range(1100)))
    world.sweep()
    statements.clear()
    world.do(cases.cancel, key)

    assert world.state(key) == "TERMINATED" and world.tasks(key) == []
    assert statements[0] < 40, statements  # three kinds of rows, 200 in a statement


def test_one_task_of_very_many_is_found_by_an_index(world):
    index = next(i for i in advance.tasks.Task.__table__.indexes if i.name == "ix_tasks_instance")
    jobs_index = next(i for i in advance.jobs.Job.__table__.indexes if i.name == "ix_jobs_instance")

    assert index.columns.keys() == jobs_index.columns.keys() == ["instance_key", "element_instance_key"]


def test_what_a_large_body_calls_is_begun_before_it_calls_more(world, monkeypatch):
    monkeypatch.setattr(advance, "MAX_TRANSITIONS", 100)
    adopted = []
    real = advance.Step.adopt
    monkeypatch.setattr(advance.Step, "adopt", lambda step, row: adopted.append(id(step)) or real(step, row))
    world.deploy(CALLS)
    key = world.start("all", items=list(range(300)))
    world.sweep()
    assert len(world.tasks()) == 300
    assert max(adopted.count(step) for step in set(adopted)) <= 200  # a step takes in only what it can still move
    world.do(cases.cancel, key)

    assert world.tasks() == [] and {i.state for i in world.instances()} == {instances.InstanceState.TERMINATED}

