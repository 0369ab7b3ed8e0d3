"""Activities that are one piece of work: for nobody, for a person, for a program, for an expression, for a message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.feel import Expression
from engine.feel.sentences import say

from ..effects import DecisionMade, JobOpened, MessageThrown, TaskOpened
from ..scopes import propagate, set_local, view
from .expressions import ModelError, Text, expect_name, kind_of, named
from .nodes import ElementSpec
from .timers import Timer
from .tokens import Token
from .triggers import MessageTrigger


class PassTask(ElementSpec):
    """An abstract or manual task: nobody is told of it, so nobody could say that it is done (BPMN 13.3.3). The token goes on."""


@dataclass(frozen=True, slots=True)
class JobDescription:
    type: Text
    retries: Text
    headers: Mapping[str, str] = field(default_factory=dict)
    priority: Text | None = None


def open_job(spec: ElementSpec, job: JobDescription, token: Token) -> None:
    kind = job.type.text(token, "job type")
    retries = _whole(job.retries, token, "number of retries")
    priority = 0 if job.priority is None else _whole(job.priority, token, "job priority")
    batons = token.workflow.batons.of(token)
    token.workflow.effects.append(JobOpened(token.id, spec.element_id, kind, retries, job.headers, priority, batons))
    token.waiting = "job"


_LARGEST = 2**31 - 1  # what a column keeps


def _whole(text: Text, token: Token, what: str) -> int:
    value = text.value(token)
    try:
        if isinstance(value, bool) or int(value) != (float(value) if isinstance(value, str) else value) or abs(int(value)) > _LARGEST:
            raise ValueError
        return int(value)
    except (TypeError, ValueError, OverflowError):
        told = {"what": named(what), "source": text.source, "found": kind_of(value)}
        raise ModelError("EXTRACT_VALUE_ERROR", say("Expected a whole number for the {what} '{source}', found {found}.", **told))


class JobTask(ElementSpec):
    """A service, send, business rule or script task that a worker does."""

    job: JobDescription

    def _run_hook(self, token: Token) -> bool | None:
        open_job(self, self.job, token)
        return None


class ScriptTask(ElementSpec):
    """A FEEL expression, its result in one variable."""

    expression: Expression
    result: str | None = None

    def _run_hook(self, token: Token) -> bool | None:
        value = token.workflow.evaluate(self.expression, token)
        if self.result is not None:
            if self.output_mappings:
                set_local(token, self.result, value)
            else:
                propagate(token, self.result, value, self.element_id)
        return True


class DecisionTask(ElementSpec):
    """A business rule task that asks a deployed decision; its answer in one variable."""

    decision_id: Text
    binding = "latest"  # | "deployment" | "versionTag"
    version_tag: Text | None = None
    result = ""

    def _run_hook(self, token: Token) -> bool | None:
        decision_id = self.decision_id.text(token, "called decision")
        version_tag = None if self.version_tag is None else self.version_tag.text(token, "version tag")
        made = token.workflow.ports.decide(decision_id, self.binding, version_tag, view(token))
        if made is None:
            raise ModelError(
                "CALLED_DECISION_ERROR", say("Expected a deployed decision '{decision_id}', found none.", decision_id=decision_id)
            )
        if made.failure is not None:
            raise ModelError("DECISION_EVALUATION_ERROR", say("Decision '{decision_id}': {why}", decision_id=decision_id, why=made.failure))
        token.workflow.effects.append(DecisionMade(token.id, self.element_id, made.rows))
        if self.output_mappings:
            set_local(token, self.result, made.value)
        else:
            propagate(token, self.result, made.value, self.element_id)
        return True


@dataclass(frozen=True, slots=True)
class TaskDescription:
    """What a user task says about who does it until when; all may be static or FEEL."""

    assignee: Text | None = None
    candidate_groups: Text | None = None
    candidate_users: Text | None = None
    due_date: Text | None = None
    follow_up_date: Text | None = None
    priority: Text | None = None
    form_id: Text | None = None
    form_key: Text | None = None
    external_form: Text | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class UserTask(ElementSpec):
    task: TaskDescription

    def _run_hook(self, token: Token) -> bool | None:
        task = self.task
        token.workflow.effects.append(
            TaskOpened(
                token.id,
                self.element_id,
                assignee=_optional_text(task.assignee, token, "assignee") or None,
                candidate_groups=_names(task.candidate_groups, token, "candidate groups"),
                candidate_users=_names(task.candidate_users, token, "candidate users"),
                due_date=_moment(task.due_date, token),
                follow_up_date=_moment(task.follow_up_date, token),
                priority=50 if task.priority is None else _whole(task.priority, token, "priority"),
                batons=token.workflow.batons.of(token),
                form_id=_optional_text(task.form_id, token, "form id"),
                form_key=_optional_text(task.form_key, token, "form key"),
                external_form=_optional_text(task.external_form, token, "form reference"),
                headers=task.headers,
            )
        )
        token.waiting = "task"
        return None


def _optional_text(text: Text | None, token: Token, what: str) -> str | None:
    """FEEL that gives null says that there is none."""
    if text is None:
        return None
    if text.static is not None:
        return text.static
    value = text.value(token)
    if value is None:
        return None
    if isinstance(value, str):
        return expect_name(value, text.source, what)
    told = {"what": named(what), "source": text.source, "found": kind_of(value)}
    raise ModelError("EXTRACT_VALUE_ERROR", say("Expected a string for the {what} '{source}', found {found}.", **told))


def _names(text: Text | None, token: Token, what: str) -> tuple[str, ...]:
    """Static lists are separated by commas; FEEL gives a list of strings, or null for none."""
    if text is None:
        return ()
    value = text.value(token)
    if value is None:
        return ()
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        told = {"what": named(what), "source": text.source, "found": kind_of(value)}
        raise ModelError("EXTRACT_VALUE_ERROR", say("Expected a list of strings for the {what} '{source}', found {found}.", **told))
    return tuple(expect_name(name.strip(), text.source, what) for name in value if name.strip())


def _moment(text: Text | None, token: Token) -> datetime | None:
    if text is None:
        return None
    value = text.value(token)
    return None if value is None else Timer("date", text).due(value, token.workflow.ports.now()).at


class ReceiveTask(ElementSpec):
    interrupting = True
    trigger: MessageTrigger

    def _run_hook(self, token: Token) -> bool | None:
        for plan in self.trigger.plan(token, self):
            plan.open()
        token.waiting = "event"
        return None


class SendTask(ElementSpec):
    """Lets a message go, and goes on. With a task definition it is a JobTask instead."""

    trigger: MessageTrigger

    def _before_leaving(self, token: Token, mapped: dict[str, Any]) -> None:
        name = self.trigger.name.text(token, "message name")
        ex = token.workflow
        ex.effects.append(MessageThrown(token.id, self.element_id, name, self.trigger.key(token), mapped, ex.batons.sent(token, mapped)))
