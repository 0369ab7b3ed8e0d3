"""Variables live in scopes, as in Camunda 8."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from engine.bpmn import effects as e
from engine.bpmn import happenings as h

from .running import Instance, flows, script, service

START, END = '<startEvent id="start"/>', '<endEvent id="end"/>'
AROUND = flows("start w", "w end")


def mapping(*lines: str) -> str:
    inner = "".join(f'<zeebe:{kind} source="{source}" target="{target}"/>' for kind, source, target in (line.split("|") for line in lines))
    return f"<zeebe:ioMapping>{inner}</zeebe:ioMapping>"


def test_inputs_are_local_and_without_outputs_results_go_to_whoever_owns_the_name():
    instance = Instance(START + service("w", extensions=mapping("input|=a + 1|b", "input|=b|c.d")) + END + AROUND, a=1)
    key = instance.the("job").element_instance_key
    assert instance.values.scopes[key] == {"b": 2, "c": {"d": 2}}
    instance.complete("w", b=7, new=8)

    assert instance.variables == {"a": 1, "new": 8} and instance.values.scopes[key]["b"] == 7


def test_with_outputs_only_mapped_values_leave_and_dotted_targets_merge():
    extensions = mapping("output|=r.x|order.total", "output|=order.total + 1|next")
    instance = Instance(START + service("w", extensions=extensions) + END + AROUND, order={"id": 5})
    instance.complete("w", r={"x": 3}, hidden=1)

    assert instance.variables == {"order": {"id": 5, "total": 3}, "next": 4}


def test_a_sub_process_with_a_local_variable_keeps_it_inside():
    inner = "<startEvent id='is'/>" + script("x", "n + 1", "n") + script("y", "n", "outside") + flows("is x", "x y")
    sub = f"<subProcess id='w'><extensionElements>{mapping('input|=10|n')}</extensionElements>{inner}</subProcess>"
    instance = Instance(START + sub + END + AROUND, n=1)

    assert instance.variables == {"n": 1, "outside": 11}


def test_a_failing_script_leaves_no_trace_but_its_incident():
    body = START + script("s1", "1", "ok") + script("w", "assert(n, n > 5)", "n") + END + flows("start s1", "s1 w", "w end")
    instance = Instance(body, n=1)
    assert instance.incident().element_id == "w" and instance.variables == {"n": 1, "ok": 1} and instance.left("w") == []
    instance.tell(h.VariablesSet(1, {"n": 9}))
    instance.resolve()

    assert instance.state == "COMPLETED" and instance.path() == ["start", "s1", "w", "end"]


def test_a_failing_flow_choice_takes_back_what_the_element_wrote():
    body = START + script("w", "n + 1", "n").replace("<scriptTask", "<scriptTask") + '<userTask id="a"/>'
    instance = Instance(body + flows("start w", "w a =n > 5"), n=1)
    assert instance.incident().error_type == "CONDITION_ERROR" and instance.variables == {"n": 1}
    instance.tell(h.VariablesSet(1, {"n": 5}))
    instance.resolve()

    assert instance.places() == ["task a"] and instance.variables == {"n": 6}


def test_only_the_failing_token_stands_still():
    body = START + '<parallelGateway id="s"/>' + script("bad", "assert(1, false)", "x") + script("good", "1", "y") + END
    instance = Instance(body + flows("start s", "s bad", "s good", "bad end", "good end"))

    assert instance.variables == {"y": 1} and instance.incident().element_id == "bad" and instance.path().count("end") == 1


def test_variables_set_from_outside_go_where_they_are_told():
    instance = Instance(START + service("w", extensions=mapping("input|=1|a")) + END + AROUND, a=0)
    key = instance.the("job").element_instance_key
    instance.tell(h.VariablesSet(key, {"a": 2, "b": 3}))
    instance.tell(h.VariablesSet(key, {"c": 4}, local=True))

    assert instance.values.scopes[key] == {"a": 2, "c": 4} and instance.variables == {"a": 0, "b": 3}


def test_numbers_and_awkward_names_come_through_unchanged():
    values = {"typename": {"typename": 1}, "big": 2**70, "exact": Decimal("0.1"), "Start": 1, "data_objects": []}
    instance = Instance(START + script("w", "{typename: typename, sum: exact + 0.2, big: big}", "r") + END + AROUND, **values)

    assert instance.variables["r"] == {"typename": {"typename": 1}, "sum": Decimal("0.3"), "big": 2**70}


def test_a_task_says_who_may_do_it_until_when():
    extensions = (
        '<zeebe:assignmentDefinition assignee="=boss" candidateGroups="sales, support" candidateUsers="=[boss, &quot;eve&quot;]"/>'
        '<zeebe:taskSchedule dueDate="=due" followUpDate="2026-01-05T08:00:00Z"/><zeebe:priorityDefinition priority="=70"/>'
        '<zeebe:formDefinition formKey="camunda-forms:bpmn:f1"/><zeebe:taskHeaders><zeebe:header key="k" value="v"/></zeebe:taskHeaders>'
    )
    body = START + f'<userTask id="w"><extensionElements>{extensions}</extensionElements></userTask>' + END + AROUND
    task = Instance(body, boss="ann", due="2026-01-04T10:00:00+02:00").the("task")

    assert task == e.TaskOpened(
        task.element_instance_key, "w", "ann", ("sales", "support"), ("ann", "eve"),
        datetime(2026, 1, 4, 8, tzinfo=UTC), datetime(2026, 1, 5, 8, tzinfo=UTC), 70, None, "f1", None, {"k": "v"},
    )  # fmt: skip


def test_the_attributes_of_camunda_7_are_understood_too():
    body = START + '<userTask id="w" camunda:assignee="ann" camunda:candidateGroups="a,b" camunda:formKey="f"/>' + END + AROUND
    task = Instance(body).the("task")

    assert (task.assignee, task.candidate_groups, task.form_key) == ("ann", ("a", "b"), "f")


def test_a_job_has_type_retries_headers_and_priority():
    extensions = (
        '<zeebe:taskDefinition type="=kind" retries="=2+3"/><zeebe:taskHeaders><zeebe:header key="k" value="v"/></zeebe:taskHeaders>'
        '<zeebe:jobPriorityDefinition priority="7"/>'
    )
    body = START + f'<sendTask id="w"><extensionElements>{extensions}</extensionElements></sendTask>' + END + AROUND
    job = Instance(body, kind="x").the("job")

    assert job == e.JobOpened(job.element_instance_key, "w", "x", 5, {"k": "v"}, 7)
