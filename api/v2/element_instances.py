"""Which elements were or are active: search and read."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields
from sqlalchemy import and_, case, literal, select
from sqlalchemy.orm import Session

from api.v2.fields import TENANT, Answer, Key, answer_of, page_of, said, search_schema, text, time
from api.v2.operations import operation
from engine import deployments, policies, search
from engine.elements import ElementInstance, ElementState
from engine.errors import NotFound
from engine.incidents import Incident, IncidentState
from engine.instances import Instance
from engine.parties import Actor
from engine.search import Field, Noun, Wanted

routes = Blueprint("element-instances", __name__, description="Elements of running and ended instances.")


class ElementInstanceShown(Answer):
    processDefinitionId = said()
    startDate = said()
    endDate = said(null=True)
    elementId = said()
    elementName = said()
    type = said()
    state = said()
    hasIncident = said(fields.Bool)
    tenantId = said()
    elementInstanceKey = said()
    processInstanceKey = said()
    rootProcessInstanceKey = said(null=True)
    processDefinitionKey = said()
    incidentKey = said(null=True)


_open = and_(Incident.element_instance_key == ElementInstance.key, Incident.state == IncidentState.ACTIVE)
_incident = select(Incident.key).where(_open).limit(1).correlate(ElementInstance).scalar_subquery()
NOUN = Noun(
    "element-instance",
    select(*search.columns(ElementInstance), Instance.process_id, Instance.root_key, _incident.label("incident_key")).join(
        Instance, Instance.key == ElementInstance.instance_key
    ),
    ElementInstance.key,
    {
        "elementInstanceKey": Field(ElementInstance.key, "key"),
        "processInstanceKey": Field(ElementInstance.instance_key, "key"),
        "processDefinitionKey": Field(ElementInstance.process_key, "key"),
        "processDefinitionId": Field(Instance.process_id),
        "elementId": Field(ElementInstance.element_id),
        "type": Field(ElementInstance.element_type),
        "state": Field(ElementInstance.state, "enum", {name: [name] for name in ElementState}),
        "startDate": Field(ElementInstance.started_at, "datetime"),
        "endDate": Field(ElementInstance.ended_at, "datetime"),
        "incidentKey": Field(_incident, "key"),
        "hasIncident": Field(case((_incident.is_not(None), True), else_=False), "bool", sortable=False),
        "tenantId": Field(literal(TENANT)),
    },
    {"elementInstanceScopeKey": lambda key: ElementInstance.scope_key == key},
)
Search = search_schema(NOUN, elementInstanceScopeKey=Key())


def _shown(session: Session, instance: Any) -> dict[str, Any]:
    element = deployments.definition(session, instance.process_key).elements.get(instance.element_id)
    return {
        "processDefinitionId": instance.process_id,
        "startDate": time(instance.started_at),
        "endDate": time(instance.ended_at),
        "elementId": instance.element_id,
        "elementName": (element.name if element else None) or instance.element_id,
        "type": instance.element_type,
        "state": instance.state,
        "hasIncident": instance.incident_key is not None,
        "tenantId": TENANT,
        "elementInstanceKey": text(instance.key),
        "processInstanceKey": text(instance.instance_key),
        "rootProcessInstanceKey": text(instance.root_key),
        "processDefinitionKey": text(instance.process_key),
        "incidentKey": text(instance.incident_key),
    }


@operation(
    routes,
    "POST",
    "/element-instances/search",
    name="searchElementInstances",
    may="see instances",
    body=Search,
    answer=answer_of("ElementInstance", ElementInstanceShown),
)
def find(session: Session, body: Wanted, *, by: Actor) -> dict[str, Any]:
    """Search element instances."""
    page = search.run(session, NOUN, body, visible=policies.visible_by_instance(by, ElementInstance.instance_key))
    return page_of([_shown(session, row) for row in page.rows], page)


@operation(
    routes,
    "GET",
    "/element-instances/<elementInstanceKey>",
    name="getElementInstance",
    may="see instances",
    answer=ElementInstanceShown,
)
def get(session: Session, element_instance_key: int, *, by: Actor) -> dict[str, Any]:
    """One element instance."""
    seen = policies.visible_by_instance(by, ElementInstance.instance_key)
    row = session.execute(NOUN.base.where(ElementInstance.key == element_instance_key, seen)).first()
    if row is None:
        raise NotFound(f"Expected an element instance with key {element_instance_key}, found none.")
    return _shown(session, row)
