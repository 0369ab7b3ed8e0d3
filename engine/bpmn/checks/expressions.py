"""Every expression of a file must compile, and every static time must be one; errors name their position."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from engine.feel import FeelError, compile_expression
from engine.feel.sentences import say

from ..elements.expressions import ModelError, Text
from ..elements.timers import Timer
from ..support import VARIANTS
from .events import position_of
from .source import ACTIVITIES, BPMN, EVENTS, ZEEBE, Source, called, tag

# zeebe element -> attributes that are always FEEL
_FEEL = {
    "loopCharacteristics": ("inputCollection", "outputElement"),
    "script": ("expression",),
    "subscription": ("correlationKey",),
}
# zeebe element -> attributes that are FEEL where they begin with =, else static text
_FEEL_OR_TEXT = {
    "taskDefinition": ("type", "retries"),
    "assignmentDefinition": ("assignee", "candidateGroups", "candidateUsers"),
    "taskSchedule": ("dueDate", "followUpDate"),
    "priorityDefinition": ("priority",),
    "jobPriorityDefinition": ("priority",),
    "calledElement": ("processId", "versionTag"),
    "formDefinition": ("formId", "formKey", "externalReference"),
    "input": ("source",),
    "output": ("source",),
}
_BPMN_TEXTS = ("conditionExpression", "completionCondition", "loopCardinality", "loopCondition", "condition")


def _expressions(source: Source) -> Iterator[tuple[Any, str, str]]:
    """(element, what it is, its text)."""
    for node in source.root.iter():
        if not isinstance(node.tag, str):
            continue
        process = source.process_of(node)
        if process is not None and process not in source.executable:
            continue
        name = tag(node)
        if name in _BPMN_TEXTS and (node.text or "").strip():
            yield node, _WORDS.get(name, name), node.text.strip()
        elif name in ("message", "signal", "error", "escalation"):
            for attribute in ("name", "errorCode", "escalationCode"):
                value = node.get(attribute)
                if value and value.lstrip().startswith("="):
                    yield node, attribute, value.strip()
        elif node.tag.startswith(ZEEBE):
            local = node.tag[len(ZEEBE) :]
            for attribute in _FEEL.get(local, ()):
                if (node.get(attribute) or "").strip():
                    yield node, attribute, node.get(attribute).strip()
            for attribute in _FEEL_OR_TEXT.get(local, ()):
                value = node.get(attribute)
                if value and value.lstrip().startswith("="):
                    yield node, attribute, value.strip()


_WORDS = {
    "conditionExpression": say("condition"),
    "completionCondition": say("completion condition"),
    "loopCardinality": say("loop cardinality"),
    "loopCondition": say("loop condition"),
}


def expressions_compile(source: Source) -> None:
    """FEEL (DMN 1.5, chapter 10) after a leading `=`, as in Camunda 8: without it, words meant for readers would pass for a name."""
    for node, what, text in _expressions(source):
        if not text.startswith("="):
            if tag(node) == "loopCardinality" and text.isascii() and text.isdigit():
                continue
            found = say("Expected a FEEL expression that begins with = as {what}, found '{text}'.", what=what, text=text[:200])
            if text.startswith(("${", "#{")):
                found = say("{found} This is the expression language of another tool.", found=found)
            source.problem(node, found)
            continue
        source.go_on()
        try:
            compile_expression(text[1:])
        except FeelError as error:
            message = say(
                "Expected a FEEL expression as {what}, found '{text}': {message}", what=what, text=text[:200], message=error.message
            )
            source.problem(node, message, field=what, expression=_expression(text, error))


def _expression(text: str, error: FeelError) -> tuple[str, int]:
    """The text with its =, and where in it the error is."""
    return text, (error.position[0] + 1 if error.position is not None else 0)


def expressions_are_feel(source: Source) -> None:
    """BPMN 8.3.8: an expression may name its language; another one than FEEL must not pass for FEEL."""
    for node in source.root.iter(BPMN + "*"):
        language = node.get("language")
        if language is not None and "feel" not in language.lower() and source.runs(node):
            reason = VARIANTS["sequenceFlow", "condition in another language"]
            source.problem(
                node,
                say(
                    "Expected FEEL as {what}, found language '{language}': {reason}.",
                    what=_WORDS.get(tag(node), tag(node)),
                    language=language[:60],
                    reason=reason,
                ),
            )


def conditions_are_not_empty(source: Source) -> None:
    """A condition without a text would never hold, or always."""
    for event in source.running_nodes(*EVENTS):
        for definition in source.definitions(event):
            if tag(definition) == "conditionalEventDefinition" and not _has_text(definition, "condition"):
                source.problem(event, say("Expected a condition at {event}, found an empty one.", event=called(event)))
    for activity in source.running_nodes(*ACTIVITIES):
        for loop in activity.iterchildren(BPMN + "multiInstanceLoopCharacteristics"):
            if loop.find(BPMN + "completionCondition") is not None and not _has_text(loop, "completionCondition"):
                source.problem(
                    activity, say("Expected a completion condition at {activity}, found an empty one.", activity=called(activity))
                )


def _has_text(node: Any, name: str) -> bool:
    found = node.find(BPMN + name)
    return found is not None and bool((found.text or "").strip())


_NAME_PARTS = say("a name, or names with dots between")


def mappings_have_a_target(source: Source) -> None:
    """An input or output mapping puts a value under a name."""
    for node in source.root.iter(ZEEBE + "input", ZEEBE + "output"):
        owner = node.getparent().getparent().getparent() if node.getparent() is not None else None
        target = (node.get("target") or "").strip()
        if not target or not all(part.strip() for part in target.split(".")):
            where = called(owner) if owner is not None else ""
            source.problem(
                node,
                say(
                    "Expected {name_parts} as target of a mapping at {where}, found '{target}'.",
                    name_parts=_NAME_PARTS,
                    where=where,
                    target=target,
                ),
            )


_KINDS = {"timeDate": "date", "timeDuration": "duration", "timeCycle": "cycle"}


def times_are_times(source: Source) -> None:
    """ISO 8601 (or cron for cycles) where a timer's text is static; FEEL where it begins with =."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    for event in source.running_nodes(*EVENTS):
        for definition in source.definitions(event):
            for node in definition:
                if tag(node) in _KINDS:
                    _check_time(source, event, node, now)


def _check_time(source: Source, event: Any, node: Any, now: datetime) -> None:
    text = (node.text or "").strip()
    kind = _KINDS[tag(node)]
    try:
        timer = Timer(kind, Text(text))
    except FeelError as error:
        message = say(
            "Expected a FEEL expression as {kind} of timer {event}, found '{text}': {message}",
            kind=kind,
            event=called(event),
            text=text[:200],
            message=error.message,
        )
        source.problem(event, message, field=kind, expression=_expression(text, error))
        return
    if timer.text.expression is not None:
        if position_of(source, event) == "start":
            try:
                timer.first_due(now)
            except ModelError as error:
                source.problem(
                    event,
                    say(
                        "Expected a {kind} that is known without variables at timer {event}: {message}",
                        kind=kind,
                        event=called(event),
                        message=error.message,
                    ),
                )
        return
    try:
        timer.due(text, now)
    except ModelError as error:
        source.problem(event, say("{event}: {message}", event=called(event), message=error.message))


def codes_that_are_caught_are_known(source: Source) -> None:
    """A catching event is chosen by its code when the model is drawn, so the code cannot be an expression."""
    for event in source.running_nodes("boundaryEvent", "startEvent"):
        for definition in source.definitions(event):
            for reference, code in (("errorRef", "errorCode"), ("escalationRef", "escalationCode")):
                named = source.by_id.get(definition.get(reference) or "")
                if named is not None and (named.get(code) or "").lstrip().startswith("="):
                    source.problem(
                        event,
                        say(
                            "Expected a fixed code for {event} to catch, found the expression '{code}'.",
                            event=called(event),
                            code=named.get(code)[:100],
                        ),
                    )


def static_numbers_are_numbers(source: Source) -> None:
    """Retries and priorities that are written down."""
    limits = {("taskDefinition", "retries"): (0, 10**6), ("priorityDefinition", "priority"): (0, 100)}
    for node in source.root.iter():
        if not isinstance(node.tag, str) or not node.tag.startswith(ZEEBE):
            continue
        for (name, attribute), (least, most) in limits.items():
            value = (node.get(attribute) or "").strip() if node.tag == ZEEBE + name else ""
            if value and not value.startswith("=") and not (value.isascii() and value.isdigit() and least <= int(value[:9]) <= most):
                source.problem(
                    node,
                    say(
                        "Expected a number from {least} to {most} as {attribute}, found '{value}'.",
                        least=least,
                        most=most,
                        attribute=attribute,
                        value=value[:40],
                    ),
                )


def due_dates_are_dates(source: Source) -> None:
    """Due and follow-up dates that are written down (ISO 8601)."""
    now = datetime(2026, 1, 1, tzinfo=UTC)
    for task in source.running_nodes("userTask"):
        for schedule in task.iterfind(f"{BPMN}extensionElements/{ZEEBE}taskSchedule"):
            for attribute in ("dueDate", "followUpDate"):
                text = (schedule.get(attribute) or "").strip()
                if not text or text.startswith("="):
                    continue
                try:
                    Timer("date", Text(text)).due(text, now)
                except ModelError:
                    source.problem(
                        task,
                        say(
                            "Expected a date and time such as 2026-01-31T10:00:00Z as {attribute} of {task}, found '{text}'.",
                            attribute=attribute,
                            task=called(task),
                            text=text[:40],
                        ),
                    )


RULES = (
    expressions_compile,
    expressions_are_feel,
    conditions_are_not_empty,
    due_dates_are_dates,
    mappings_have_a_target,
    times_are_times,
    codes_that_are_caught_are_known,
    static_numbers_are_numbers,
)
