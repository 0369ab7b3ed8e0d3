"""What waits for the person: its own tasks and those of its groups, the most urgent and newest first."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, request

from engine import inboxes, views
from portal import access, pages

BOXES = ("mine", "groups")
SAID = frozenset(
    {"completed", "finished", "claimed", "released", "started", "password", "saved", "reminded", "again", "given_up", "declined"}
)
_NEW_FOR = timedelta(hours=1)
_URGENT, _LOW = 60, 40  # priorities above and below, 50 being normal
_MAX_SEARCH = 100
_MAX_PAGE = 10_000


def routes(blueprint: Blueprint) -> None:
    blueprint.get("/")(inbox)


def page_number() -> int:
    text = request.args.get("page", "1")
    if not (text.isascii() and text.isdigit()):
        return 1
    return min(max(int(text), 1), _MAX_PAGE) if len(text) <= len(str(_MAX_PAGE)) else _MAX_PAGE


def search_words() -> str:
    return " ".join(request.args.get("q", "").replace("\x00", "").split())[:_MAX_SEARCH]


def said() -> str | None:
    """What was just done, for the line on top; the address names it, the words are ours."""
    word = request.args.get("said")
    return word if word in SAID else None


def inbox() -> Response:
    actor, session = access.actor(), access.reading()
    counts = inboxes.counts(session, actor)
    wanted = request.args.get("box")
    box = wanted if wanted in BOXES else "groups" if not counts["mine"] and counts["groups"] else "mine"
    search, page = search_words(), page_number()
    entries, more = inboxes.inbox(session, actor, box, until=pages.end_of_today(), search=search, page=page)
    groups = inboxes.names_of_groups(session, {group for entry in entries for group in entry.task.candidate_groups or ()})
    is_due = [entry for entry in entries if _is_due(entry)]
    return pages.draw(
        "inbox.html",
        box=box,
        counts=counts,
        due_entries=is_due,
        other_entries=[entry for entry in entries if not _is_due(entry)],
        is_new=lambda task: pages.now() - task.created_at < _NEW_FOR,
        urgent=_URGENT,
        low=_LOW,
        groups=groups,
        titles=views.titles_by_key(session, actor, {entry.task.case_key for entry in entries}),
        in_groups=bool(actor.groups),
        search=search,
        page=page,
        more=more,
        said=said(),
        said_facts=_said_facts(),
    )


def _is_due(entry: Any) -> bool:
    due = entry.task.due_date
    return due is not None and due < pages.end_of_today()


def _said_facts() -> dict[str, str]:
    """What the line on top mentions: the name of a task that was just completed by whoever reads it."""
    if said() not in ("completed", "finished"):
        return {}
    from portal import tasks  # tasks draws pages that lead back here

    return {"name": tasks.name_of_completed(request.args.get("task", ""))}
