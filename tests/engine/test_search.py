"""Questions of one shape share a statement, and each gets its own answer."""

from dataclasses import replace

import pytest
from sqlalchemy import case, literal, select, true

from engine import plans, search
from engine.jobs import Job
from engine.search import Field, Noun, Wanted

ONE_JOB = """<process id="p" isExecutable="true"><startEvent id="s"/>
  <serviceTask id="j"><extensionElements><zeebe:taskDefinition type="ship"/></extensionElements></serviceTask>
  <sequenceFlow id="f" sourceRef="s" targetRef="j"/></process>"""
PROBE = Noun(
    "probe",
    select(*search.columns(Job)),
    Job.key,
    {
        "instance": Field(Job.instance_key, "key"),
        "type": Field(Job.type),
        "created": Field(Job.created_at, "datetime"),
        "ended": Field(Job.ended_at, "datetime"),
        "state": Field(Job.state, "enum", {"OPEN": ["CREATED", "LEASED"], "DONE": ["COMPLETED"]}),
        "failed": Field(case((Job.state.in_(["FAILED", "CANCELED"]), True), else_=False), "bool"),
    },
)
SEES_ALL, SEES_AS_MUCH = true(), literal(1) == literal(1)  # the second is asked the long way


@pytest.fixture
def ask(world):
    def ask(filters, visible=SEES_ALL, **more):
        wanted = Wanted(filters=filters, **more)
        return world.ask(lambda session: search.run(session, PROBE, wanted, visible=visible))

    return ask


def plain(row):
    return row._asdict() if hasattr(row, "_asdict") else vars(row)


def test_each_value_finds_its_own_rows_however_often_it_is_asked(world, ask):
    world.deploy(ONE_JOB)
    instances = [world.start("p") for _ in range(10)]

    for instance in instances:
        assert [row.instance_key for row in ask({"instance": {"$eq": instance}, "type": {"$eq": "ship"}}).rows] == [instance]
        assert ask({"instance": {"$eq": instance}, "type": {"$eq": "pay"}}).rows == []


def test_a_remembered_statement_finds_what_a_new_one_finds(world, ask):
    world.deploy(ONE_JOB)
    for _ in range(4):
        world.start("p")
    middle = ask({}).rows[2]
    questions = [
        {"created": {operator: middle.created_at}} for operator in ("$eq", "$neq", "$lt", "$lte", "$gt", "$gte")
    ] + [{name: {"$exists": there}} for name in ("ended", "created") for there in (True, False)]
    questions += [{"state": {"$eq": "OPEN"}}, {"state": {"$neq": "OPEN"}}, {"failed": {"$eq": False}}, {"failed": {"$eq": True}}]
    questions += [{"instance": {"$in": [middle.instance_key]}}, {"type": {"$like": "sh*"}}, {"ended": {"$neq": middle.created_at}}]

    for filters in questions:
        for sort in ([], [("created", True)], [("ended", False), ("type", True)]):
            short, long = (ask(filters, visible, sort=sort, limit=3) for visible in (SEES_ALL, SEES_AS_MUCH))
            assert [plain(row) for row in short.rows] == [plain(row) for row in long.rows]
            assert replace(short, rows=[]) == replace(long, rows=[])


def test_statements_of_ever_new_shapes_are_forgotten_again(world, ask, monkeypatch):
    monkeypatch.setattr(plans, "_MOST", 5)
    monkeypatch.setattr(plans, "_plans", {})
    for start in range(20):
        ask({}, start=start)

    assert 0 < len(plans._plans) <= 5
