"""Every mapped row, gathered: for migrations, and for whoever makes a database from nothing."""

from engine import (
    cases,
    codes,
    continuations,
    deployments,
    elements,
    history,
    incidents,
    installation,
    instances,
    jobs,
    kept_answers,
    links,
    messages,
    notifications,
    parties,
    people,
    receipts,
    sessions,
    tasks,
    timers,
    variables,
)
from engine.database import Base

metadata = Base.metadata

__all__ = [
    "cases",
    "codes",
    "continuations",
    "deployments",
    "elements",
    "history",
    "incidents",
    "installation",
    "instances",
    "jobs",
    "kept_answers",
    "links",
    "messages",
    "metadata",
    "notifications",
    "parties",
    "people",
    "receipts",
    "sessions",
    "tasks",
    "timers",
    "variables",
]
