"""Every mapped row, gathered: for migrations, and for whoever makes a database from nothing."""

from engine import (
    cases,
    continuations,
    decisions,
    deployments,
    elements,
    history,
    incidents,
    installation,
    instances,
    jobs,
    messages,
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
    "continuations",
    "decisions",
    "deployments",
    "elements",
    "history",
    "incidents",
    "installation",
    "instances",
    "jobs",
    "messages",
    "metadata",
    "people",
    "receipts",
    "sessions",
    "tasks",
    "timers",
    "variables",
]
