"""Work for people: search, assign, change, complete; its form and variables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields, validate
from sqlalchemy import ColumnElement, and_, cast, false, literal, not_, select, true
from sqlalchemy import Text as Text_
from sqlalchemy.orm import Session

from api.v2.fields import (
    TENANT,
    Answer,
    Bool,
    Filter,
    Int,
    Name,
    Strict,
    Text,
    Time,
    VariableMatch,
    Variables,
    answer_of,
    page_of,
    said,
    search_schema,
    text,
    time,
)
from api.v2.operations import asked_bool, operation
from api.v2.process_definitions import FormSchema, form
from api.v2.process_instances import names_asked, with_variable
from api.v2.variables import NOUN as VARIABLES
from api.v2.variables import VariableInSearch, asks_by_value, nearest_of_each_name, scopes_of, shown_rows
from engine import json_text, masks, policies, search
from engine.commands import tasks
from engine.deployments import Form, Process
from engine.errors import NotFound
from engine.instances import Instance
from engine.parties import Actor
from engine.search import Field, Noun, Wanted
from engine.tasks import Task, TaskCandidate, TaskState
from engine.variables import Variable

routes = Blueprint("user-tasks", __name__, description="Work for people.")


class UserTask(Answer):
    name = said(null=True)
    state = said()
    assignee = said(null=True)
    elementId = said()
    candidateGroups = fields.List(fields.Str(), required=True)
    candidateUsers = fields.List(fields.Str(), required=True)
    processDefinitionId = said()
    creationDate = said()
    completionDate = said(null=True)
    followUpDate = said(null=True)
    dueDate = said(null=True)
    tenantId = said()
    externalFormReference = said(null=True)
    processDefinitionVersion = said(fields.Int)
    customHeaders = said(fields.Dict)
    priority = said(fields.Int)
    userTaskKey = said()
    elementInstanceKey = said()
    processName = said(null=True)
    processDefinitionKey = said()
    processInstanceKey = said()
    rootProcessInstanceKey = said(null=True)
    businessId = said(null=True)
    formKey = said(null=True)
    tags = fields.List(fields.Str(), required=True)


def _candidate(kind: str) -> Any:
    def build(operators: Mapping[str, Any]) -> ColumnElement[bool]:
        named = select(TaskCandidate.task_key).where(TaskCandidate.kind == kind, *search.conditions(Field(TaskCandidate.name), operators))
        return Task.key.in_(named)

    return build


def _instance_variables(wanted: Any) -> ColumnElement[bool]:
    return and_(true(), *(with_variable(one, Task.instance_key, Variable.scope_key == Task.instance_key) for one in wanted))


def _local_variables(wanted: Any) -> ColumnElement[bool]:
    return and_(true(), *(with_variable(one, Task.key, Variable.scope_key == Task.element_instance_key) for one in wanted))


def _tagged(wanted: list[str]) -> ColumnElement[bool]:
    return and_(true(), *(cast(Instance.tags, Text_).contains(json_text.dumps(tag), autoescape=True) for tag in wanted))


_OTHER_STATES = ("CREATING", "ASSIGNING", "UPDATING", "COMPLETING", "CANCELING", "FAILED")
_STATES = {name: [name] for name in (*TaskState, *_OTHER_STATES)}
_newest_form = select(Form.key).where(Form.form_id == Task.form_id).order_by(Form.version.desc()).limit(1).correlate(Task).scalar_subquery()
NOUN = Noun(
    "user-task",
    select(
        *search.columns(Task),
        Instance.version,
        Instance.root_key,
        Instance.business_id,
        Instance.tags,
        Process.name.label("process_name"),
        _newest_form.label("newest_form"),
    )
    .join(Instance, Instance.key == Task.instance_key)
    .join(Process, Process.key == Task.process_key),
    Task.key,
    {
        "userTaskKey": Field(Task.key, "key"),
        "state": Field(Task.state, "enum", _STATES, open_while=(Task.ended_at, frozenset({TaskState.CREATED}))),
        "assignee": Field(Task.assignee),
        "priority": Field(Task.priority, "int"),
        "elementId": Field(Task.element_id),
        "name": Field(Task.name),
        "processDefinitionId": Field(Task.process_id),
        "creationDate": Field(Task.created_at, "datetime"),
        "completionDate": Field(Task.ended_at, "datetime"),
        "followUpDate": Field(Task.follow_up_date, "datetime"),
        "dueDate": Field(Task.due_date, "datetime"),
        "processDefinitionKey": Field(Task.process_key, "key"),
        "processInstanceKey": Field(Task.instance_key, "key"),
        "elementInstanceKey": Field(Task.element_instance_key, "key"),
        "businessId": Field(Instance.business_id),
        "tenantId": Field(literal(TENANT)),
    },
    {
        "candidateGroup": _candidate("group"),
        "candidateUser": _candidate("user"),
        "processInstanceVariables": _instance_variables,
        "localVariables": _local_variables,
        "tags": _tagged,
    },
)
_MATCHES = fields.List(fields.Nested(VariableMatch), validate=validate.Length(max=20))
Search = search_schema(
    NOUN,
    candidateGroup=Filter(Field(TaskCandidate.name)),
    candidateUser=Filter(Field(TaskCandidate.name)),
    processInstanceVariables=_MATCHES,
    localVariables=_MATCHES,
    tags=fields.List(Text(), validate=validate.Length(max=10)),
)


def shown(task: Any) -> dict[str, Any]:
    return {
        "name": task.name,
        "state": task.state,
        "assignee": task.assignee,
        "elementId": task.element_id,
        "candidateGroups": task.candidate_groups or [],
        "candidateUsers": task.candidate_users or [],
        "processDefinitionId": task.process_id,
        "creationDate": time(task.created_at),
        "completionDate": time(task.ended_at) if task.state == TaskState.COMPLETED else None,
        "followUpDate": time(task.follow_up_date),
        "dueDate": time(task.due_date),
        "tenantId": TENANT,
        "externalFormReference": task.external_form,
        "processDefinitionVersion": task.version,
        "customHeaders": task.headers or {},
        "priority": task.priority,
        "userTaskKey": text(task.key),
        "elementInstanceKey": text(task.element_instance_key),
        "processName": task.process_name,
        "processDefinitionKey": text(task.process_key),
        "processInstanceKey": text(task.instance_key),
        "rootProcessInstanceKey": text(task.root_key),
        "businessId": task.business_id,
        "formKey": text(task.newest_form),
        "tags": task.tags or [],
    }


def _expect(session: Session, task_key: int, by: Actor) -> Any:
    row = session.execute(NOUN.base.where(Task.key == task_key, policies.visible_tasks(by))).first()
    if row is None:
        raise NotFound(f"Expected a user task with key {task_key}, found none.")
    return row


@operation(
    routes, "POST", "/user-tasks/search", name="searchUserTasks", may="see tasks", body=Search, answer=answer_of("UserTask", UserTask)
)
def find(session: Session, body: Wanted, *, by: Actor) -> dict[str, Any]:
    """Search tasks, by candidates, dates and variables too."""
    visible = policies.visible_tasks(by)
    if named := names_asked(body, "processInstanceVariables", "localVariables"):
        visible = and_(visible, masks.findable_by(session, by, named))
    page = search.run(session, NOUN, body, visible=visible)
    return page_of([shown(row) for row in page.rows], page)


@operation(routes, "GET", "/user-tasks/<userTaskKey>", name="getUserTask", may="see tasks", answer=UserTask)
def get(session: Session, user_task_key: int, *, by: Actor) -> dict[str, Any]:
    """One task."""
    row = _expect(session, user_task_key, by)
    return shown(row)


@operation(routes, "GET", "/user-tasks/<userTaskKey>/form", name="getUserTaskForm", may="see tasks", answer=FormSchema)
def get_form(session: Session, user_task_key: int, *, by: Actor) -> Any:
    """The task's form; 204 where it has none."""
    task = _expect(session, user_task_key, by)
    if task.form_id is None and task.form_key is None:
        return None
    return form(session, task.process_key, task.form_id, task.form_key)


class Assign(Strict):
    assignee = Name(required=True, least=1)
    allowOverride = Bool(allow_none=True)
    action = Text(allow_none=True)


@operation(routes, "POST", "/user-tasks/<userTaskKey>/assignment", name="assignUserTask", may="work on tasks", body=Assign, command=True)
def assign(session: Session, user_task_key: int, body: dict[str, Any], *, by: Actor) -> None:
    """Give a task to a person."""
    override = body.get("allowOverride")
    tasks.assign(session, user_task_key, body["assignee"], allow_override=override is not False, action=body.get("action"), by=by)


@operation(routes, "DELETE", "/user-tasks/<userTaskKey>/assignee", name="unassignUserTask", may="work on tasks", command=True)
def unassign(session: Session, user_task_key: int, *, by: Actor) -> None:
    """Take a task from whoever has it."""
    tasks.unassign(session, user_task_key, by=by)


class Changes(Strict):
    dueDate = Time(allow_none=True)
    followUpDate = Time(allow_none=True)
    candidateUsers = fields.List(Name(), allow_none=True)
    candidateGroups = fields.List(Name(), allow_none=True)
    priority = Int(least=0, most=100, allow_none=True)


class UpdateTask(Strict):
    changeset = fields.Nested(Changes)
    action = Text(allow_none=True)


_NAMES = {
    "dueDate": "due_date",
    "followUpDate": "follow_up_date",
    "candidateUsers": "candidate_users",
    "candidateGroups": "candidate_groups",
    "priority": "priority",
}


@operation(routes, "PATCH", "/user-tasks/<userTaskKey>", name="updateUserTask", may="manage tasks", body=UpdateTask, command=True)
def update(session: Session, user_task_key: int, body: dict[str, Any], *, by: Actor) -> None:
    """Change dates, candidates or priority; null empties a field."""
    changes = {_NAMES[name]: value for name, value in (body.get("changeset") or {}).items()}
    tasks.update(session, user_task_key, changes, action=body.get("action"), by=by)


class CompleteTask(Strict):
    variables = Variables()
    action = Text()


@operation(
    routes, "POST", "/user-tasks/<userTaskKey>/completion", name="completeUserTask", may="work on tasks", body=CompleteTask, command=True
)
def complete(session: Session, user_task_key: int, body: dict[str, Any], *, by: Actor) -> None:
    """Finish a task, with what it brought."""
    tasks.complete(session, user_task_key, body.get("variables") or {}, action=body.get("action"), by=by)


TaskVariables = search_schema(
    Noun(
        "user-task-variable",
        VARIABLES.base,
        VARIABLES.key,
        {n: VARIABLES.fields[n] for n in ("name", "value", "variableKey", "scopeKey", "processInstanceKey", "tenantId")},
    )
)


@operation(
    routes,
    "POST",
    "/user-tasks/<userTaskKey>/variables/search",
    name="searchUserTaskVariables",
    may="see tasks",
    body=TaskVariables,
    answer=answer_of("UserTaskVariable", VariableInSearch),
)
def find_variables(session: Session, user_task_key: int, body: Wanted, *, by: Actor) -> dict[str, Any]:
    """What the task sees: its own variables and those of the scopes around it, the nearest of each name.

    Sensitive values are shown to whoever has the open task, or may take it.
    """
    task = _expect(session, user_task_key, by)
    whole = not asked_bool("truncateValues", usual=False)
    seen = nearest_of_each_name(scopes_of(session, task.element_instance_key, task.instance_key))
    hidden = false() if policies.may_see_sensitive_in(by, task) else masks.hidden(session, by)
    page = search.run(session, VARIABLES, body, visible=and_(seen, not_(hidden)) if asks_by_value(body) else seen)
    return page_of(shown_rows(session, page.rows, hidden, whole=whole), page)
