"""A customer follows a case by a link: how far it is, who has to act until when, and, once it is over, whether it worked for them."""

from __future__ import annotations

from flask import Blueprint, abort, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from engine import errors, feedback, tracking
from portal import access, guest_tasks, guests, pages

SAID = frozenset({"started", "thanks"})


def routes(blueprint: Blueprint) -> None:
    blueprint.get("/t/<int:link_key>")(guest_follow)
    blueprint.get("/t/<int:link_key>/tasks/<int:key>")(guest_follow_task)
    blueprint.get("/t/<int:link_key>/feedback")(guest_follow_asked)
    blueprint.post("/t/<int:link_key>/feedback")(guest_follow_feedback)


def guest_follow(link_key: int, problem: str = "", status: int = 200) -> AnyResponse:
    stop = guests.not_yet(asks_who=False)
    if stop is not None:
        return stop
    session, link = access.reading(), guests.guest().link
    track = tracking.of_link(session, link, by=access.actor())
    given = feedback.of_link(session, link.key)
    said = request.args.get("said")
    response = pages.draw(
        "tracking.html",
        status,
        track=track,
        case=track.case,
        label=lambda point: tracking.label(point.labels, pages.language()),
        contact=guest_tasks.contact(),
        given=given,
        typed=request.form.get("reason") if problem else given.reason if given is not None else "",
        problem=problem,
        said=said if said in SAID else None,
        most=feedback.MAX_REASON,
    )
    return guests.remember(response)


def guest_follow_task(link_key: int, key: int) -> AnyResponse:
    """On to the task, by the door that was sent for it.

    A link to follow may be shown around: whoever did not prove the address yet does it now.
    """
    stop = guests.not_yet(asks_who=False)
    if stop is not None:
        return stop
    guest = guests.guest()
    found = tracking.of_link(access.reading(), guest.link, by=access.actor()).tasks
    own = next((one for one in found if one.task.key == key and one.link is not None), None)
    if own is None or own.link is None:
        abort(404)
    proven = guest.cookie["proven"] if guest.is_proven else None
    # no name: by the address they are whom the invitation was made for, or are asked
    g.guest = guests.come_in(own.link, {"proven": proven, "asks_code": True})
    return guests.remember(redirect(guests.guest().home, 303))


def guest_follow_asked(link_key: int) -> AnyResponse:
    """Whoever comes back to the address of a page that was answered to a POST."""
    stop = guests.not_yet(asks_who=False)
    return stop or redirect(url_for("portal.guest_follow", link_key=link_key), 303)


_ANSWERS = {"yes": True, "no": False}


def guest_follow_feedback(link_key: int) -> AnyResponse:
    """Did this work for you: once for each link, and it may be changed."""
    stop = guests.not_yet(asks_who=False)
    if stop is not None:
        return stop
    worked = _ANSWERS.get(request.form.get("worked", ""))
    if worked is None:
        return guest_follow(link_key, pages.t("feedback_choose"), 422)
    link, reason = guests.guest().link, request.form.get("reason", "")
    try:
        access.writing(lambda session: feedback.give(session, link, worked, reason))
    except errors.WrongState:
        return guest_follow(link_key, status=409)
    return redirect(url_for("portal.guest_follow", link_key=link_key, said="thanks"), 303)
