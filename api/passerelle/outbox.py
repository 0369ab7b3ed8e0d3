"""Mails on their way: search, read, and send again what could not be delivered."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.v2.fields import Answer, Strict, Text, answer_of, page_of, said, search_schema, text, time
from api.v2.operations import operation
from engine import notifications, policies, search
from engine.errors import NotFound
from engine.notifications import Kind, Notification, NotificationState
from engine.parties import Actor
from engine.search import Field, Noun, Wanted

routes = Blueprint("outbox", __name__, description="Mails on their way, and those that could not be delivered.")


class NotificationShown(Answer):
    notificationKey = said()
    kind = said()
    state = said()
    toAddress = said(null=True)
    toName = said(null=True)
    language = said(null=True)
    attempts = said()
    nextAttemptTime = said(null=True)
    sentTime = said(null=True)
    error = said(null=True)
    creationTime = said()
    caseKey = said(null=True)
    handoffKey = said(null=True)
    partyKey = said(null=True)


NOUN = Noun(
    "notification",
    select(*search.columns(Notification)),
    Notification.key,
    {
        "notificationKey": Field(Notification.key, "key"),
        "kind": Field(Notification.kind, "enum", {kind: [kind] for kind in Kind}),
        "state": Field(Notification.state, "enum", {state: [state] for state in NotificationState}),
        "toAddress": Field(Notification.to_address),
        "caseKey": Field(Notification.case_key, "key"),
        "handoffKey": Field(Notification.handoff_key, "key"),
        "partyKey": Field(Notification.party_key, "key"),
        "creationTime": Field(Notification.created_at, "datetime"),
        "sentTime": Field(Notification.sent_at, "datetime"),
    },
)
Search = search_schema(NOUN)


def shown(row: Any) -> dict[str, Any]:
    return {
        "notificationKey": text(row.key),
        "kind": row.kind,
        "state": row.state,
        "toAddress": row.to_address,
        "toName": row.to_name,
        "language": row.language,
        "attempts": row.attempts,
        "nextAttemptTime": time(row.next_at),
        "sentTime": time(row.sent_at),
        "error": row.error,
        "creationTime": time(row.created_at),
        "caseKey": text(row.case_key),
        "handoffKey": text(row.handoff_key),
        "partyKey": text(row.party_key),
    }


@operation(
    routes,
    "POST",
    "/outbox/search",
    name="searchOutbox",
    may="see the outbox",
    body=Search,
    answer=answer_of("Notification", NotificationShown),
)
def find(session: Session, body: Wanted, *, by: Actor) -> dict[str, Any]:
    """Search mails, sent or not."""
    page = search.run(session, NOUN, body, visible=policies.visible_notifications(by))
    return page_of([shown(row) for row in page.rows], page)


@operation(routes, "GET", "/outbox/<notificationKey>", name="getNotification", may="see the outbox", answer=NotificationShown)
def get(session: Session, notification_key: int, *, by: Actor) -> dict[str, Any]:
    """One mail: to whom, about what, and how far it is."""
    row = session.execute(NOUN.base.where(Notification.key == notification_key)).first()
    if row is None:
        raise NotFound(f"Expected a notification with key {notification_key}, found none.")
    return shown(row)


class Retry(Strict):
    address = Text()


@operation(
    routes,
    "POST",
    "/outbox/<notificationKey>/retry",
    name="retryNotification",
    may="manage the outbox",
    body=Retry,
    command=True,
)
def retry(session: Session, notification_key: int, body: dict[str, Any], *, by: Actor) -> None:
    """Send an undeliverable mail again, to a corrected address where one is given."""
    notifications.send_again(session, notification_key, address=body.get("address"), by=by)
