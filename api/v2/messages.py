"""Messages and signals from outside: publish, correlate, broadcast."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from sqlalchemy.orm import Session

from api.v2.fields import TENANT, Answer, Int, Name, Strict, Tenant, Text, Variables, said, text
from api.v2.operations import operation
from engine.commands import messages, signals
from engine.parties import Actor

routes = Blueprint("messages", __name__, description="Messages and signals.")


class Publish(Strict):
    name = Name(required=True, least=1)
    correlationKey = Name(load_default="")
    timeToLive = Int(least=0, most=2**53)
    messageId = Name()
    variables = Variables()
    tenantId = Tenant()
    businessId = Text()


class Published(Answer):
    tenantId = said()
    messageKey = said()


@operation(
    routes,
    "POST",
    "/messages/publication",
    name="publishMessage",
    may="send messages",
    body=Publish,
    answer=Published,
    command=True,
)
def publish(session: Session, body: dict[str, Any], *, by: Actor) -> dict[str, Any]:
    """Send a message to whoever waits for it, or will within its time to live (ms)."""
    key = messages.publish(
        session,
        body["name"],
        correlation_key=body["correlationKey"],
        given=body.get("variables"),
        ttl_ms=body.get("timeToLive", 0),
        message_id=body.get("messageId"),
        by=by,
    )
    return {"tenantId": TENANT, "messageKey": text(key)}


class Correlate(Strict):
    name = Name(required=True, least=1)
    correlationKey = Name(load_default="")
    variables = Variables()
    tenantId = Tenant()
    businessId = Text()


class Correlated(Answer):
    tenantId = said()
    messageKey = said()
    processInstanceKey = said()


@operation(
    routes,
    "POST",
    "/messages/correlation",
    name="correlateMessage",
    may="send messages",
    body=Correlate,
    answer=Correlated,
    command=True,
)
def correlate(session: Session, body: dict[str, Any], *, by: Actor) -> dict[str, Any]:
    """Send a message to exactly one that waits for it now; 404 where nobody does."""
    found = messages.correlate(session, body["name"], correlation_key=body["correlationKey"], given=body.get("variables"), by=by)
    return {"tenantId": TENANT, "messageKey": text(found.message_key), "processInstanceKey": text(found.instance_key)}


class Broadcast(Strict):
    signalName = Name(required=True, least=1)
    variables = Variables()
    tenantId = Tenant()


class Broadcasted(Answer):
    tenantId = said()
    signalKey = said()


@operation(
    routes,
    "POST",
    "/signals/broadcast",
    name="broadcastSignal",
    may="send messages",
    body=Broadcast,
    answer=Broadcasted,
    command=True,
)
def broadcast(session: Session, body: dict[str, Any], *, by: Actor) -> dict[str, Any]:
    """Send a signal to all that wait for it now, and start what it starts."""
    return {"tenantId": TENANT, "signalKey": text(signals.broadcast(session, body["signalName"], body.get("variables"), by=by))}
