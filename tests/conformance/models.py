"""Models of other suites in our words: expressions as FEEL, scripts as jobs, and names that no other run has."""

import re
from collections.abc import Callable
from pathlib import Path

from lxml import etree

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
ZEEBE = "{http://camunda.org/schema/zeebe/1.0}"
CORRELATION = "any"  # those suites know messages by name only
_EXPRESSIONS = ("conditionExpression", "condition", "completionCondition", "loopCondition")
_TIMES = ("timeDuration", "timeCycle", "timeDate")
_REFERENCES = {"process": "id", "callActivity": "calledElement", "participant": "processRef", "signal": "name", "message": "name"}


def translated(file: Path, suffix: str, *, script_job: str | None = None) -> bytes:
    """The model with its own process ids, signal and message names (`suffix`), and scripts as jobs of the type `script_job`."""
    root = etree.parse(str(file), etree.XMLParser(resolve_entities=False, no_network=True)).getroot()
    for element in list(root.iter()):
        if isinstance(element.tag, str):
            _translate(element, suffix, script_job)
    return etree.tostring(root)


def feel(text: str) -> str:
    """A condition of the Unified Expression Language (or plain Java) as FEEL, with its leading `=`."""
    found = text.strip()
    if match := re.fullmatch(r"[$#]\{(.*)\}", found, re.S):
        found = match[1].strip()
    found = re.sub(r'(\w+)\.contains\(("[^"]*")\)', r"contains(\1, \2)", found)
    found = re.sub(r"!\s*(contains\([^)]*\)|\w+)", r"not(\1)", found)
    for old, new in (("&&", " and "), ("||", " or "), ("==", "="), ("'", '"')):
        found = found.replace(old, new)
    return f"={found}"


def _translate(element: etree._Element, suffix: str, script_job: str | None) -> None:
    name = element.tag.removeprefix(BPMN)
    attribute = _REFERENCES.get(name)
    if attribute and element.get(attribute):
        element.set(attribute, element.get(attribute) + suffix)
    change = _CHANGES.get(name)
    if change is not None:
        change(element)
    if name == "scriptTask" and script_job is not None:
        _script(element, script_job)
    if name in _EXPRESSIONS and (element.text or "").strip():
        element.text = feel(element.text)
    if name in _TIMES and (element.text or "").strip().startswith(("${", "#{")):
        element.text = feel(element.text)


def _process(element: etree._Element) -> None:
    element.set("isExecutable", "true")


def _message(element: etree._Element) -> None:
    _extension(element, "subscription", correlationKey=f'="{CORRELATION}"')


def _call_activity(element: etree._Element) -> None:
    if element.get("calledElement"):
        _extension(element, "calledElement", processId=element.get("calledElement"), propagateAllChildVariables="true")


def _loop(element: etree._Element) -> None:
    cardinality = element.find(f"{BPMN}loopCardinality")
    if cardinality is None:
        return
    count = feel(cardinality.text or "0").removeprefix("=")
    # a negative number is an error there: null is one here
    collection = f"=if {count} < 0 then null else if {count} = 0 then [] else for i in 1..({count}) return i"
    _extension(element, "loopCharacteristics", inputCollection=collection, inputElement="loopCounter")
    element.remove(cardinality)


def _script(element: etree._Element, job_type: str) -> None:
    script = element.find(f"{BPMN}script")
    token = "" if script is None else (script.text or "").strip()
    if script is not None:
        element.remove(script)
    _extension(element, "taskDefinition", type=job_type)
    headers = _extension(element, "taskHeaders")
    etree.SubElement(headers, f"{ZEEBE}header", key="token", value=token)


_CHANGES: dict[str, Callable[[etree._Element], None]] = {
    "process": _process,
    "message": _message,
    "callActivity": _call_activity,
    "multiInstanceLoopCharacteristics": _loop,
}


def _extension(element: etree._Element, name: str, **attributes: str) -> etree._Element:
    extensions = element.find(f"{BPMN}extensionElements")
    if extensions is None:
        extensions = etree.Element(f"{BPMN}extensionElements")
        after_documentation = len(element.findall(f"{BPMN}documentation"))
        element.insert(after_documentation, extensions)
    return etree.SubElement(extensions, f"{ZEEBE}{name}", attributes)
