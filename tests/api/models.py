"""Small models: a chain of elements from a start event to an end event, and what is put on some of them."""

from collections.abc import Sequence
from itertools import pairwise

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' id="file" targetNamespace="urn:tests">'
)


def process(process_id: str, *elements: str, more: str = "", roots: str = "", start: str = "") -> str:
    """A file with one process. `elements` are run one after the other; `more` lies beside them, `roots` beside the process."""
    ids = ["begin", *(_id_of(element) for element in elements), "end"]
    flows = "".join(f'<sequenceFlow id="flow_{i}" sourceRef="{a}" targetRef="{b}"/>' for i, (a, b) in enumerate(pairwise(ids)))
    inside = f'<startEvent id="begin">{start}</startEvent>{"".join(elements)}<endEvent id="end"/>{flows}{more}'
    return f'{_HEAD}{roots}<process id="{process_id}" name="{process_id.capitalize()}" isExecutable="true">{inside}</process></definitions>'


def service_task(element_id: str, job_type: str, *, retries: int = 3, headers: str = "") -> str:
    task = f'<zeebe:taskDefinition type="{job_type}" retries="{retries}"/>{headers}'
    return f'<serviceTask id="{element_id}" name="Do {job_type}"><extensionElements>{task}</extensionElements></serviceTask>'


def user_task(element_id: str, *, assignee: str = "", groups: Sequence[str] = (), users: Sequence[str] = (), more: str = "") -> str:
    assigned = "".join(
        f' {name}="{value}"'
        for name, value in {"assignee": assignee, "candidateGroups": ",".join(groups), "candidateUsers": ",".join(users)}.items()
        if value
    )
    who = f"<zeebe:assignmentDefinition{assigned}/>" if assigned else ""
    extensions = f"<extensionElements><zeebe:userTask/>{who}{more}</extensionElements>"
    return f'<userTask id="{element_id}" name="Look at {element_id}">{extensions}</userTask>'


def script_task(element_id: str, expression: str, result: str) -> str:
    script = f'<zeebe:script expression="={expression}" resultVariable="{result}"/>'
    return f'<scriptTask id="{element_id}"><extensionElements>{script}</extensionElements></scriptTask>'


def receive_task(element_id: str, message: str) -> str:
    return f'<receiveTask id="{element_id}" messageRef="{message}"/>'


def message(message_id: str, name: str, key: str) -> str:
    subscription = f'<extensionElements><zeebe:subscription correlationKey="={key}"/></extensionElements>'
    return f'<message id="{message_id}" name="{name}">{subscription}</message>'


def error_boundary(task_id: str, code: str) -> tuple[str, str]:
    """What lies beside the chain, and beside the process: an error of that code leads to its own end, `caught`."""
    beside = (
        f'<boundaryEvent id="on_error" attachedToRef="{task_id}"><errorEventDefinition errorRef="error_1"/></boundaryEvent>'
        '<endEvent id="caught"/><sequenceFlow id="to_caught" sourceRef="on_error" targetRef="caught"/>'
    )
    return beside, f'<error id="error_1" name="{code}" errorCode="{code}"/>'


def signal_start(signal: str, process_id: str, *elements: str) -> str:
    definition = '<signalEventDefinition signalRef="signal_1"/>'
    return process(process_id, *elements, start=definition, roots=f'<signal id="signal_1" name="{signal}"/>')


def _id_of(element: str) -> str:
    return element.split('id="', 1)[1].split('"', 1)[0]
