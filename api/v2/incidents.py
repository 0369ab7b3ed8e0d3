"""What stands still: search, read, resolve."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from api.v2.fields import TENANT, Answer, Int, Strict, answer_of, page_of, said, search_schema, text, time
from api.v2.operations import operation
from engine import policies, search
from engine.commands import incidents
from engine.errors import NotFound
from engine.incidents import Incident, IncidentState
from engine.parties import Actor
from engine.search import Field, Noun, Wanted

routes = Blueprint("incidents", __name__, description="What stands still because of an error.")


class IncidentShown(Answer):
    processDefinitionId = said()
    errorType = said()
    errorMessage = said()
    elementId = said()
    creationTime = said()
    state = said()
    tenantId = said()
    incidentKey = said()
    processDefinitionKey = said()
    processInstanceKey = said()
    rootProcessInstanceKey = said(null=True)
    elementInstanceKey = said()
    jobKey = said(null=True)


_STATES = {name: [name] for name in (*IncidentState, "MIGRATED", "PENDING", "UNKNOWN")}
NOUN = Noun(
    "incident",
    select(*search.columns(Incident)),
    Incident.key,
    {
        "incidentKey": Field(Incident.key, "key"),
        "processDefinitionId": Field(Incident.process_id),
        "processDefinitionKey": Field(Incident.process_key, "key"),
        "processInstanceKey": Field(Incident.instance_key, "key"),
        "elementId": Field(Incident.element_id),
        "elementInstanceKey": Field(Incident.element_instance_key, "key"),
        "jobKey": Field(Incident.job_key, "key"),
        "errorType": Field(Incident.error_type),
        "errorMessage": Field(Incident.error_message),
        "state": Field(Incident.state, "enum", _STATES),
        "creationTime": Field(Incident.created_at, "datetime"),
        "tenantId": Field(literal(TENANT)),
    },
)
Search = search_schema(NOUN)


def shown(row: Any) -> dict[str, Any]:
    return {
        "processDefinitionId": row.process_id,
        "errorType": row.error_type,
        "errorMessage": row.error_message,
        "elementId": row.element_id,
        "creationTime": time(row.created_at),
        "state": row.state,
        "tenantId": TENANT,
        "incidentKey": text(row.key),
        "processDefinitionKey": text(row.process_key),
        "processInstanceKey": text(row.instance_key),
        "rootProcessInstanceKey": text(row.root_key),
        "elementInstanceKey": text(row.element_instance_key),
        "jobKey": text(row.job_key),
    }


@operation(
    routes,
    "POST",
    "/incidents/search",
    name="searchIncidents",
    may="see incidents",
    body=Search,
    answer=answer_of("Incident", IncidentShown),
)
def find(session: Session, body: Wanted, *, by: Actor) -> dict[str, Any]:
    """Search incidents."""
    page = search.run(session, NOUN, body, visible=policies.visible_by_instance(by, Incident.instance_key))
    return page_of([shown(row) for row in page.rows], page)


@operation(routes, "GET", "/incidents/<incidentKey>", name="getIncident", may="see incidents", answer=IncidentShown)
def get(session: Session, incident_key: int, *, by: Actor) -> dict[str, Any]:
    """One incident."""
    seen = policies.visible_by_instance(by, Incident.instance_key)
    row = session.execute(NOUN.base.where(Incident.key == incident_key, seen)).first()
    if row is None:
        raise NotFound(f"Expected an incident with key {incident_key}, found none.")
    return shown(row)


class Resolve(Strict):
    operationReference = Int(least=1, most=2**63 - 1)


@operation(
    routes,
    "POST",
    "/incidents/<incidentKey>/resolution",
    name="resolveIncident",
    may="resolve incidents",
    body=Resolve,
    command=True,
)
def resolve(session: Session, incident_key: int, body: dict[str, Any], *, by: Actor) -> None:
    """Try the failing element again."""
    incidents.resolve(session, incident_key, by=by)
