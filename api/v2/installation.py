"""Topology, status, and who am I."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import fields
from sqlalchemy.orm import Session

from api.v2.fields import TENANT, Answer, said
from api.v2.operations import operation
from engine.parties import Actor

routes = Blueprint("installation", __name__, description="What this installation is, and who is asking.")


class Partition(Answer):
    partitionId = said(fields.Int)
    role = said()
    health = said()
    state = said()


class Broker(Answer):
    nodeId = said(fields.Int)
    brokerId = said()
    host = said()
    port = said(fields.Int)
    partitions = fields.List(fields.Nested(Partition), required=True)
    version = said()


class Topology(Answer):
    brokers = fields.List(fields.Nested(Broker), required=True)
    clusterId = said(null=True)
    clusterSize = said(fields.Int)
    partitionsCount = said(fields.Int)
    replicationFactor = said(fields.Int)
    gatewayVersion = said()
    lastCompletedChangeId = said()


class Me(Answer):
    username = said(null=True)
    displayName = said(null=True)
    email = said(null=True)
    authorizedComponents = fields.List(fields.Str(), required=True)
    tenants = fields.List(fields.Dict(), required=True)
    groups = fields.List(fields.Str(), required=True)
    roles = fields.List(fields.Str(), required=True)
    salesPlanType = said(null=True)
    c8Links = said(fields.Dict)
    canLogout = said(fields.Bool)


def our_version() -> str:
    try:
        return version("passerelle")
    except PackageNotFoundError:
        return "0.1.0"


# what clients of the field expect of a cluster: we are one broker with one partition, and it is healthy
_CLUSTER_VERSION = "8.9.0"


@operation(routes, "GET", "/topology", name="getTopology", may="see installation", answer=Topology)
def topology(session: Session, *, by: Actor) -> dict[str, Any]:
    """The installation, in the shape of a cluster of one."""
    partition = {"partitionId": 1, "role": "leader", "health": "healthy", "state": "active"}
    broker = {
        "nodeId": 0,
        "brokerId": "0",
        "host": "127.0.0.1",
        "port": 26501,
        "partitions": [partition],
        "version": _CLUSTER_VERSION,
    }
    return {
        "brokers": [broker],
        "clusterId": "passerelle",
        "clusterSize": 1,
        "partitionsCount": 1,
        "replicationFactor": 1,
        "gatewayVersion": _CLUSTER_VERSION,
        "lastCompletedChangeId": "-1",
    }


@routes.route("/status", methods=["GET"], endpoint="getStatus")
@routes.doc(
    operationId="getStatus",
    summary="Whether the installation can take work; needs no log-in.",
    responses={"204": {"description": "It can."}},
)
def status() -> Response:
    return Response(status=204)


@operation(routes, "GET", "/authentication/me", name="getAuthentication", may="see installation", answer=Me)
def me(session: Session, *, by: Actor) -> dict[str, Any]:
    """Who is asking, with groups and roles."""
    return {
        "username": by.username,
        "displayName": by.name,
        "email": None,
        "authorizedComponents": ["*"],
        "tenants": [{"tenantId": TENANT, "name": "Default", "description": None}],
        "groups": sorted(by.groups),
        "roles": sorted(by.roles),
        "salesPlanType": None,
        "c8Links": {},
        "canLogout": True,
    }
