"""Links that let people without an account in: for whom, until when; take one back, send a fresh one. Never the token."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.passerelle.handoffs import Nothing
from api.v2.fields import Answer, answer_of, page_of, said, search_schema, text, time
from api.v2.operations import operation
from engine import policies, search
from engine.commands import links as commands
from engine.links import Link, LinkKind
from engine.parties import Actor
from engine.search import Field, Noun, Wanted

routes = Blueprint("links", __name__, description="Invitations by link: for whom, until when.")


class LinkShown(Answer):
    linkKey = said()
    kind = said()
    handoffKey = said(null=True)
    caseKey = said(null=True)
    partyKey = said(null=True)
    name = said(null=True)
    email = said()
    assurance = said()
    generation = said(fields.Int, metadata={"description": "How many were sent; only the newest opens."})
    creationDate = said()
    expirationDate = said()
    revokedDate = said(null=True)
    revokedBecause = said(null=True)
    namesUsed = fields.List(fields.Str(), required=True, metadata={"description": "Who said to be acting by it, the newest first."})


NOUN = Noun(
    "link",
    select(*search.columns(Link)),
    Link.key,
    {
        "linkKey": Field(Link.key, "key"),
        "kind": Field(Link.kind, "enum", {kind: [kind] for kind in LinkKind}),
        "handoffKey": Field(Link.handoff_key, "key"),
        "caseKey": Field(Link.case_key, "key"),
        "partyKey": Field(Link.party_key, "key"),
        "email": Field(Link.address),
        "creationDate": Field(Link.created_at, "datetime"),
        "expirationDate": Field(Link.expires_at, "datetime"),
        "revokedDate": Field(Link.revoked_at, "datetime"),
    },
)
Search = search_schema(NOUN)


def shown(link: Any) -> dict[str, Any]:
    return {
        "linkKey": text(link.key),
        "kind": link.kind,
        "handoffKey": text(link.handoff_key),
        "caseKey": text(link.case_key),
        "partyKey": text(link.party_key),
        "name": link.name,
        "email": link.address,
        "assurance": link.assurance,
        "generation": link.generation,
        "creationDate": time(link.created_at),
        "expirationDate": time(link.expires_at),
        "revokedDate": time(link.revoked_at),
        "revokedBecause": link.revoked_because,
        "namesUsed": link.names,
    }


@operation(routes, "POST", "/links/search", name="searchLinks", may="see links", body=Search, answer=answer_of("Link", LinkShown))
def find(session: Session, body: Wanted, *, by: Actor) -> dict[str, Any]:
    """Search links, of a handoff, a case or an address."""
    page = search.run(session, NOUN, body, visible=policies.visible_links(by))
    return page_of([shown(row) for row in page.rows], page)


@operation(routes, "POST", "/links/<linkKey>/revocation", name="revokeLink", may="work on handoffs", body=Nothing, command=True)
def revoke(session: Session, link_key: int, body: dict[str, Any], *, by: Actor) -> None:
    """Close this door at once."""
    commands.revoke(session, link_key, by=by)


@operation(routes, "POST", "/links/<linkKey>/renewal", name="renewLink", may="work on handoffs", body=Nothing, command=True)
def renew(session: Session, link_key: int, body: dict[str, Any], *, by: Actor) -> None:
    """Send a fresh link to the same address; the one before no longer opens."""
    commands.renew(session, link_key, by=by)
