"""The processes of the installation at a glance, their versions, and the samples to begin with."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields
from sqlalchemy.orm import Session

from api.v2.fields import Answer, said, text, time
from api.v2.operations import operation
from engine import overviews, samples
from engine.parties import Actor

routes = Blueprint("processes", __name__, description="Processes at a glance, for those who draw and look after them.")


class ProcessOverview(Answer):
    """All versions together; the key and name are those of the newest."""

    processDefinitionId = said()
    processDefinitionKey = said()
    name = said()
    pool = said(null=True)
    resourceName = said()
    version = said(fields.Int)
    versions = said(fields.Int)
    deployedDate = said()
    running = said(fields.Int)
    stuck = said(fields.Int, metadata={"description": "Instances with an open incident."})
    openHandoffs = said(fields.Int)
    lateHandoffs = said(fields.Int)
    deploymentKey = said()


class Overviews(Answer):
    items = fields.List(fields.Nested(ProcessOverview), required=True)


class Sample(Answer):
    name = said()
    title = said()


class Samples(Answer):
    items = fields.List(fields.Nested(Sample), required=True)


class VersionShown(Answer):
    processDefinitionKey = said()
    version = said(fields.Int)
    deployedDate = said()
    versionTag = said(null=True)
    running = said(fields.Int)


class Versions(Answer):
    items = fields.List(fields.Nested(VersionShown), required=True)


@operation(routes, "GET", "/processes", name="getProcesses", may="see insights", answer=Overviews)
def find(session: Session, *, by: Actor) -> dict[str, Any]:
    """Each process with its versions, what runs, what stands still, and the handoffs that are late."""
    return {"items": [_overview(one) for one in overviews.processes(session)]}


def _overview(one: overviews.Overview) -> dict[str, Any]:
    return {
        "processDefinitionId": one.newest.process_id,
        "processDefinitionKey": text(one.newest.key),
        "name": one.newest.name or one.newest.process_id,
        "pool": one.newest.pool,
        "resourceName": one.newest.resource_name,
        "version": one.newest.version,
        "versions": one.versions,
        "deployedDate": time(one.newest.created_at),
        "running": one.running,
        "stuck": one.stuck,
        "openHandoffs": one.handoffs,
        "lateHandoffs": one.late,
        "deploymentKey": text(one.newest.deployment_key),
    }


@operation(routes, "GET", "/processes/<processDefinitionKey>/versions", name="getProcessVersions", may="see insights", answer=Versions)
def versions(session: Session, process_definition_key: int, *, by: Actor) -> dict[str, Any]:
    """All versions of the same process, the newest first."""
    return {
        "items": [
            {
                "processDefinitionKey": text(row.key),
                "version": row.version,
                "deployedDate": time(row.created_at),
                "versionTag": row.version_tag,
                "running": count,
            }
            for row, count in overviews.versions(session, process_definition_key)
        ]
    }


@operation(routes, "GET", "/samples", name="getSamples", may="edit drafts", answer=Samples)
def sample(session: Session, *, by: Actor) -> dict[str, Any]:
    """The processes that come with the program."""
    return {"items": [{"name": name, "title": samples.title(name)} for name in samples.names()]}
