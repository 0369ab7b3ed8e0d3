"""The processes at a glance: as many questions for two hundred as for one."""

import pytest
from sqlalchemy import event

from engine import overviews

PROCESS = '<process id="p{0}" name="P {0}" isExecutable="true"><startEvent id="s{0}"/><userTask id="t{0}"/><sequenceFlow id="f{0}" sourceRef="s{0}" targetRef="t{0}"/></process>'


@pytest.mark.parametrize("world", ["cached"], indirect=True)
def test_two_hundred_processes_take_no_more_questions_than_one(world):
    def asked():
        statements = []

        def note(_connection, _cursor, statement, *_rest):
            statements.append(statement)

        event.listen(world.engine, "before_cursor_execute", note)
        try:
            found = world.ask(overviews.processes)
        finally:
            event.remove(world.engine, "before_cursor_execute", note)
        return found, [one for one in statements if one.lstrip().upper().startswith("SELECT")]

    world.deploy(PROCESS.format(0))
    world.start("p0")
    one, few = asked()
    for number in range(1, 200, 20):
        world.deploy("".join(PROCESS.format(n) for n in range(number, min(number + 20, 200))))
    world.start("p7")
    many, as_few = asked()

    assert [(row.newest.process_id, row.running) for row in one] == [("p0", 1)]
    assert (len(many), sum(row.running for row in many)) == (200, 2)
    assert len(as_few) == len(few) <= 8, as_few
