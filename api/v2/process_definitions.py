"""Deployed processes: search, read, their XML and start form."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import fields
from sqlalchemy import ColumnElement, func, literal, select, true
from sqlalchemy.orm import Session, aliased

from api.v2.fields import TENANT, Answer, Bool, answer_of, page_of, said, search_schema, text
from api.v2.operations import operation
from engine import deployments, search
from engine.deployments import Process, Resource
from engine.errors import NotFound
from engine.parties import Actor
from engine.search import Field, Noun, Wanted

routes = Blueprint("process-definitions", __name__, description="Deployed processes, by version.")


class ProcessDefinition(Answer):
    name = said(null=True)
    resourceName = said()
    version = said(fields.Int)
    versionTag = said(null=True)
    processDefinitionId = said()
    tenantId = said()
    processDefinitionKey = said()
    hasStartForm = said(fields.Bool)
    state = said()


class FormSchema(Answer):
    tenantId = said()
    formId = said()
    schema = said()
    version = said(fields.Int)
    formKey = said()


def _is_latest(wanted: bool) -> ColumnElement[bool]:
    newer = aliased(Process)
    newest = select(func.max(newer.version)).where(newer.process_id == Process.process_id).scalar_subquery()
    return Process.version == newest if wanted else Process.version != newest


NOUN = Noun(
    "process-definition",
    select(*search.columns(Process)),
    Process.key,
    {
        "name": Field(Process.name),
        "resourceName": Field(Process.resource_name),
        "version": Field(Process.version, "int"),
        "versionTag": Field(Process.version_tag),
        "processDefinitionId": Field(Process.process_id),
        "processDefinitionKey": Field(Process.key, "key"),
        "hasStartForm": Field(Process.has_start_form, "bool", sortable=False),
        "state": Field(literal("ACTIVE"), "enum", {"ACTIVE": ["ACTIVE"], "DELETED": ["DELETED"]}, sortable=False),
        "tenantId": Field(literal(TENANT)),
    },
    {"isLatestVersion": _is_latest},
)
Search = search_schema(NOUN, isLatestVersion=Bool())


def shown(row: Any) -> dict[str, Any]:
    return {
        "name": row.name,
        "resourceName": row.resource_name,
        "version": row.version,
        "versionTag": row.version_tag,
        "processDefinitionId": row.process_id,
        "tenantId": TENANT,
        "processDefinitionKey": text(row.key),
        "hasStartForm": row.has_start_form,
        "state": "ACTIVE",
    }


@operation(
    routes,
    "POST",
    "/process-definitions/search",
    name="searchProcessDefinitions",
    may="see processes",
    body=Search,
    answer=answer_of("ProcessDefinition", ProcessDefinition),
)
def find(session: Session, body: Wanted, *, by: Actor) -> dict[str, Any]:
    """Search deployed processes."""
    page = search.run(session, NOUN, body, visible=true())
    return page_of([shown(row) for row in page.rows], page)


@operation(
    routes,
    "GET",
    "/process-definitions/<processDefinitionKey>",
    name="getProcessDefinition",
    may="see processes",
    answer=ProcessDefinition,
)
def get(session: Session, process_definition_key: int, *, by: Actor) -> dict[str, Any]:
    """One version of a process."""
    return shown(deployments.expect_process(session, key=process_definition_key))


_XML = {"responses": {"200": {"description": "The file.", "content": {"text/xml": {"schema": {"type": "string"}}}}}}


@operation(routes, "GET", "/process-definitions/<processDefinitionKey>/xml", name="getProcessDefinitionXML", may="see processes", more=_XML)
def get_xml(session: Session, process_definition_key: int, *, by: Actor) -> Response:
    """The file as it was deployed, byte for byte."""
    process = deployments.expect_process(session, key=process_definition_key)
    return Response(session.get_one(Resource, process.resource_key).content, 200, content_type="text/xml; charset=utf-8")


@operation(
    routes,
    "GET",
    "/process-definitions/<processDefinitionKey>/form",
    name="getStartProcessForm",
    may="see processes",
    answer=FormSchema,
)
def get_start_form(session: Session, process_definition_key: int, *, by: Actor) -> Any:
    """The form that starts the process; 204 where it has none."""
    process = deployments.expect_process(session, key=process_definition_key)
    starts = deployments.definition(session, process.key).starts
    start = next((one for one in starts if one.kind == "none" and (one.form_id or one.form_key)), None)
    if start is None:
        return None
    return form(session, process.key, start.form_id, start.form_key)


def form(session: Session, process_key: int, form_id: str | None, form_key: str | None) -> dict[str, Any]:
    found = deployments.form_for(session, process_key=process_key, form_id=form_id, form_key=form_key)
    if found is None:
        raise NotFound(f"Expected a deployed form '{form_id or form_key}', found none.")
    return {"tenantId": TENANT, "formId": found.form_id, "schema": found.schema, "version": found.version, "formKey": text(found.key)}
