"""Deploy models, decisions and forms together: all of them, or none."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_smorest import Blueprint
from marshmallow import fields
from sqlalchemy.orm import Session
from werkzeug.exceptions import UnsupportedMediaType

from api.v2.fields import TENANT, Answer, Strict, Tenant, said, text
from api.v2.operations import load, operation
from engine import deployments
from engine.decisions import Decision, Requirements
from engine.deployments import Form, Process
from engine.errors import Invalid
from engine.parties import Actor

routes = Blueprint("deployments", __name__, description="Models that may be started.")


class DeployedProcess(Answer):
    processDefinitionId = said()
    processDefinitionVersion = said(fields.Int)
    resourceName = said()
    tenantId = said()
    processDefinitionKey = said()


class DeployedForm(Answer):
    formId = said()
    version = said(fields.Int)
    resourceName = said()
    tenantId = said()
    formKey = said()


class DeployedDecision(Answer):
    decisionDefinitionId = said()
    version = said(fields.Int)
    name = said()
    tenantId = said()
    decisionRequirementsId = said()
    decisionDefinitionKey = said()
    decisionRequirementsKey = said()


class DeployedRequirements(Answer):
    decisionRequirementsId = said()
    decisionRequirementsName = said()
    version = said(fields.Int)
    resourceName = said()
    tenantId = said()
    decisionRequirementsKey = said()


class Item(Answer):
    """One of the five stands, four are null."""

    processDefinition = fields.Nested(DeployedProcess, required=True, allow_none=True)
    decisionDefinition = fields.Nested(DeployedDecision, required=True, allow_none=True)
    decisionRequirements = fields.Nested(DeployedRequirements, required=True, allow_none=True)
    form = fields.Nested(DeployedForm, required=True, allow_none=True)
    resource = said(fields.Dict, null=True)


class Deployment(Answer):
    deploymentKey = said()
    tenantId = said()
    deployments = fields.List(fields.Nested(Item), required=True)


class DeploymentForm(Strict):
    """The parts beside the files."""

    tenantId = Tenant()


_FORM = DeploymentForm()


_FILES = {
    "type": "object",
    "required": ["resources"],
    "properties": {
        "resources": {"type": "array", "items": {"type": "string", "format": "binary"}},
        "tenantId": {"type": "string", "const": TENANT},
    },
    "additionalProperties": False,
}
_UPLOAD = {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": _FILES}}}}


@operation(routes, "POST", "/deployments", name="createDeployment", may="deploy", answer=Deployment, command=True, more=_UPLOAD)
def create(session: Session, *, by: Actor) -> dict[str, Any]:
    """Deploy the files of the multipart parts `resources`. All problems of all files come in one answer."""
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMediaType("Expected Content-Type multipart/form-data with parts named resources.")
    files = [(_name(part.filename), _content(part)) for part in request.files.getlist("resources")]
    for name in request.files:
        if name != "resources":
            raise Invalid(f"Expected files in parts named resources, found {name[:100]!r}.", fields={name[:100]: "unknown part"})
    load(_FORM, request.form.to_dict())
    return shown(deployments.deploy(session, files, by=by))


def shown(done: deployments.Deployed) -> dict[str, Any]:
    items = [item(processDefinition=_process(row)) for row in done.processes] + [item(form=_form(row)) for row in done.forms]
    for kept in done.decisions:
        items += [item(decisionDefinition=_decision(row)) for row in kept.decisions]
        items.append(item(decisionRequirements=_requirements(kept.requirements)))
    return {"deploymentKey": str(done.key), "tenantId": TENANT, "deployments": items}


def _content(part: Any) -> bytes:
    part.stream.seek(0)  # a repeated transaction reads again
    data: bytes = part.stream.read()
    return data


def _name(filename: str | None) -> str:
    name = (filename or "").replace("\\", "/").rsplit("/", 1)[-1]
    if not name or "\x00" in name or len(name) > 255:
        raise Invalid("Expected a file name of 1 to 255 characters for each part.", fields={"resources": "a file name"})
    return name


def item(**one: Any) -> dict[str, Any]:
    return dict.fromkeys(("processDefinition", "decisionDefinition", "decisionRequirements", "form", "resource")) | one


def _process(row: Process) -> dict[str, Any]:
    return {
        "processDefinitionId": row.process_id,
        "processDefinitionVersion": row.version,
        "resourceName": row.resource_name,
        "tenantId": TENANT,
        "processDefinitionKey": text(row.key),
    }


def _decision(row: Decision) -> dict[str, Any]:
    return {
        "decisionDefinitionId": row.decision_id,
        "version": row.version,
        "name": row.name,
        "tenantId": TENANT,
        "decisionRequirementsId": row.requirements_id,
        "decisionDefinitionKey": text(row.key),
        "decisionRequirementsKey": text(row.requirements_key),
    }


def _requirements(row: Requirements) -> dict[str, Any]:
    return {
        "decisionRequirementsId": row.requirements_id,
        "decisionRequirementsName": row.name,
        "version": row.version,
        "resourceName": row.resource_name,
        "tenantId": TENANT,
        "decisionRequirementsKey": text(row.key),
    }


def _form(row: Form) -> dict[str, Any]:
    return {"formId": row.form_id, "version": row.version, "resourceName": row.resource_name, "tenantId": TENANT, "formKey": text(row.key)}
