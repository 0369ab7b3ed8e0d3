"""Instances: start, cancel, search, read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_smorest import Blueprint
from marshmallow import ValidationError, fields, validate, validates_schema
from sqlalchemy import ColumnElement, and_, case, cast, exists, literal, select, true
from sqlalchemy import Text as Text_
from sqlalchemy.orm import Session

from api.v2.fields import (
    TENANT,
    Answer,
    Bool,
    Filter,
    Int,
    Key,
    Strict,
    Tenant,
    Text,
    VariableMatch,
    Variables,
    answer_of,
    page_of,
    said,
    search_schema,
    text,
    time,
    written,
)
from api.v2.operations import operation
from engine import deployments, json_text, masks, policies, search, variables
from engine.commands import cases
from engine.deployments import Process
from engine.elements import ElementInstance
from engine.errors import NotFound
from engine.incidents import Incident
from engine.instances import Instance, InstanceState
from engine.jobs import Job, JobState
from engine.parties import Actor
from engine.search import Field, Noun, Wanted
from engine.variables import Variable

routes = Blueprint("process-instances", __name__, description="Runs of processes.")


class CreateInstance(Strict):
    """By id (and version, -1 for the newest), or by key."""

    processDefinitionId = Text(least=1)
    processDefinitionVersion = Int(least=-1)
    processDefinitionKey = Key()
    variables = Variables()
    tenantId = Tenant()
    operationReference = Int(least=1, most=2**63 - 1)
    startInstructions = fields.List(fields.Dict())
    runtimeInstructions = fields.List(fields.Dict())
    awaitCompletion = Bool()
    fetchVariables = fields.List(Text())
    requestTimeout = Int(least=0, most=2**63 - 1)
    tags = fields.List(Text(least=1, most=100), validate=validate.Length(max=10))
    businessId = Text(most=255)

    @validates_schema
    def _one_process(self, data: Mapping[str, Any], **_: Any) -> None:
        if ("processDefinitionId" in data) == ("processDefinitionKey" in data):
            raise ValidationError("expected either processDefinitionId or processDefinitionKey", "processDefinitionId")
        for name, words in {"startInstructions": "start before given elements", "runtimeInstructions": "end after given elements"}.items():
            if data.get(name):
                raise ValidationError(f"expected none: this installation does not {words}", name)
        if data.get("awaitCompletion"):
            raise ValidationError("expected false: this installation does not wait for the end of an instance", "awaitCompletion")


class CreatedInstance(Answer):
    processDefinitionId = said()
    processDefinitionVersion = said(fields.Int)
    tenantId = said()
    variables = said(fields.Dict)
    processDefinitionKey = said()
    processInstanceKey = said()
    tags = fields.List(fields.Str(), required=True)
    businessId = said(null=True)


class Cancel(Strict):
    operationReference = Int(least=1, most=2**63 - 1)


class ProcessInstance(Answer):
    processDefinitionId = said()
    processDefinitionName = said(null=True)
    processDefinitionVersion = said(fields.Int)
    processDefinitionVersionTag = said(null=True)
    startDate = said()
    endDate = said(null=True)
    state = said()
    suspendedDate = said(null=True)
    hasIncident = said(fields.Bool)
    tenantId = said()
    processInstanceKey = said()
    processDefinitionKey = said()
    parentProcessInstanceKey = said(null=True)
    parentElementInstanceKey = said(null=True)
    rootProcessInstanceKey = said(null=True)
    tags = fields.List(fields.Str(), required=True)
    businessId = said(null=True)


def with_variable(wanted: tuple[str, Mapping[str, Any]], owner: Any, scope: Any) -> ColumnElement[bool]:
    """A variable of that name, whose value is as wanted, in `scope`; "does not exist" where that was asked."""
    name, operators = wanted
    conditions: list[ColumnElement[bool]] = []
    there = True
    for operator, operand in operators.items():
        if operator in ("$eq", "$in"):
            values = [written(one) for one in (operand if operator == "$in" else [operand])]
            conditions.append(Variable.value_hash.in_([variables.hash_of(value) for value in values]))
        elif operator in ("$neq", "$notIn"):
            values = [written(one) for one in (operand if operator == "$notIn" else [operand])]
            conditions.append(Variable.value_hash.not_in([variables.hash_of(value) for value in values]))
        elif operator == "$like":
            conditions.append(search.like(Variable.value, operand))
        else:
            there = operand
    found = exists(select(Variable.key).where(scope, Variable.name == name, *conditions))
    return found if there else ~found


def names_asked(body: Wanted, *filters: str) -> frozenset[str]:
    """Names of variables by whose values these filters choose."""
    return frozenset(name for chosen in (body.filters, *body.any_of) for one in filters for name, _ in chosen.get(one, ()))


def _with_variables(wanted: Any) -> ColumnElement[bool]:
    return and_(true(), *(with_variable(one, Instance.key, Variable.scope_key == Instance.key) for one in wanted))


def _incident(operators: Mapping[str, Any]) -> ColumnElement[bool]:
    """Instances by the message of an open incident."""
    chosen = search.conditions(Field(Incident.error_message), operators)
    return exists(select(Incident.key).where(Incident.instance_key == Instance.key, Incident.state == "ACTIVE", *chosen))


def _element(operators: Mapping[str, Any]) -> ColumnElement[bool]:
    chosen = search.conditions(Field(ElementInstance.element_id), operators)
    return exists(select(ElementInstance.key).where(ElementInstance.instance_key == Instance.key, *chosen))


def _element_state(operators: Mapping[str, Any]) -> ColumnElement[bool]:
    chosen = search.conditions(Field(ElementInstance.state), operators)
    return exists(select(ElementInstance.key).where(ElementInstance.instance_key == Instance.key, *chosen))


def _element_incident(wanted: bool) -> ColumnElement[bool]:
    return (Instance.incidents > 0) == wanted


def _retries_left(wanted: bool) -> ColumnElement[bool]:
    failed = and_(Job.instance_key == Instance.key, Job.state == JobState.CREATED, Job.error_message.is_not(None))
    found = exists(select(Job.key).where(failed))
    return found if wanted else ~found


def _tagged(wanted: list[str]) -> ColumnElement[bool]:
    return and_(true(), *(cast(Instance.tags, Text_).contains(json_text.dumps(tag), autoescape=True) for tag in wanted))


_STATES = {name: [name] for name in InstanceState} | {"SUSPENDED": ["SUSPENDED"]}
NOUN = Noun(
    "process-instance",
    select(*search.columns(Instance, without=("snapshot", "peers")), Process.name.label("process_name"), Process.version_tag).join(
        Process, Process.key == Instance.process_key
    ),
    Instance.key,
    {
        "processInstanceKey": Field(Instance.key, "key"),
        "processDefinitionId": Field(Instance.process_id),
        "processDefinitionName": Field(Process.name),
        "processDefinitionVersion": Field(Instance.version, "int"),
        "processDefinitionVersionTag": Field(Process.version_tag),
        "processDefinitionKey": Field(Instance.process_key, "key"),
        "startDate": Field(Instance.started_at, "datetime"),
        "endDate": Field(Instance.ended_at, "datetime"),
        "suspendedDate": Field(search.nothing("datetime"), "datetime"),
        "batchOperationId": Field(search.nothing("string"), sortable=False),
        "batchOperationKey": Field(search.nothing("string"), sortable=False),
        "state": Field(Instance.state, "enum", _STATES),
        "hasIncident": Field(case((Instance.incidents > 0, True), else_=False), "bool"),
        "parentProcessInstanceKey": Field(Instance.parent_key, "key"),
        "parentElementInstanceKey": Field(Instance.parent_element_instance_key, "key"),
        "businessId": Field(Instance.business_id),
        "tenantId": Field(literal(TENANT)),
    },
    {
        "variables": _with_variables,
        "errorMessage": _incident,
        "elementId": _element,
        "elementInstanceState": _element_state,
        "hasElementInstanceIncident": _element_incident,
        "hasRetriesLeft": _retries_left,
        "tags": _tagged,
    },
)


_SPECIAL: dict[str, fields.Field] = {
    "variables": fields.List(fields.Nested(VariableMatch), validate=validate.Length(max=20)),
    "errorMessage": Filter(Field(Incident.error_message)),
    "elementId": Filter(Field(ElementInstance.element_id)),
    "elementInstanceState": Filter(Field(ElementInstance.state)),
    "hasElementInstanceIncident": Bool(),
    "hasRetriesLeft": Bool(),
    "tags": fields.List(Text(), validate=validate.Length(max=10)),
}
Search = search_schema(NOUN, **_SPECIAL)


def shown(instance: Any) -> dict[str, Any]:
    return {
        "processDefinitionId": instance.process_id,
        "processDefinitionName": instance.process_name,
        "processDefinitionVersion": instance.version,
        "processDefinitionVersionTag": instance.version_tag,
        "startDate": time(instance.started_at),
        "endDate": time(instance.ended_at),
        "state": instance.state,
        "suspendedDate": None,
        "hasIncident": instance.incidents > 0,
        "tenantId": TENANT,
        "processInstanceKey": text(instance.key),
        "processDefinitionKey": text(instance.process_key),
        "parentProcessInstanceKey": text(instance.parent_key),
        "parentElementInstanceKey": text(instance.parent_element_instance_key),
        "rootProcessInstanceKey": text(instance.root_key),
        "tags": instance.tags or [],
        "businessId": instance.business_id,
    }


@operation(
    routes,
    "POST",
    "/process-instances",
    name="createProcessInstance",
    may="start instances",
    body=CreateInstance,
    answer=CreatedInstance,
    command=True,
)
def create(session: Session, body: dict[str, Any], *, by: Actor) -> dict[str, Any]:
    """Start a process: a new case."""
    process = deployments.expect_process(
        session,
        key=body.get("processDefinitionKey"),
        process_id=body.get("processDefinitionId"),
        version=body.get("processDefinitionVersion"),
    )
    given = body.get("variables") or {}
    begun = cases.start(session, process, given, by=by, tags=body.get("tags") or (), business_id=body.get("businessId"))
    return {
        "processDefinitionId": begun.process_id,
        "processDefinitionVersion": begun.version,
        "tenantId": TENANT,
        "variables": {},
        "processDefinitionKey": text(begun.process_key),
        "processInstanceKey": text(begun.key),
        "tags": list(begun.tags),
        "businessId": begun.business_id,
    }


@operation(
    routes,
    "POST",
    "/process-instances/<processInstanceKey>/cancellation",
    name="cancelProcessInstance",
    may="cancel instances",
    body=Cancel,
    command=True,
)
def cancel(session: Session, process_instance_key: int, body: dict[str, Any], *, by: Actor) -> None:
    """End an instance and what it called."""
    cases.cancel(session, process_instance_key, by=by)


@operation(
    routes,
    "POST",
    "/process-instances/search",
    name="searchProcessInstances",
    may="see instances",
    body=Search,
    answer=answer_of("ProcessInstance", ProcessInstance),
)
def find(session: Session, body: Wanted, *, by: Actor) -> dict[str, Any]:
    """Search instances."""
    visible = policies.visible_instances(by)
    if named := names_asked(body, "variables"):
        visible = and_(visible, masks.findable_by(session, by, named))
    page = search.run(session, NOUN, body, visible=visible)
    return page_of([shown(row) for row in page.rows], page)


@operation(routes, "GET", "/process-instances/<processInstanceKey>", name="getProcessInstance", may="see instances", answer=ProcessInstance)
def get(session: Session, process_instance_key: int, *, by: Actor) -> dict[str, Any]:
    """One instance."""
    row = session.execute(NOUN.base.where(Instance.key == process_instance_key, policies.visible_instances(by))).first()
    if row is None:
        raise NotFound(f"Expected an instance with key {process_instance_key}, found none.")
    return shown(row)
