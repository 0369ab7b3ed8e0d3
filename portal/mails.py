"""Mails that were not sent because there is no mail server, or because this is a demo: for whoever sits at this machine."""

from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, current_app, make_response, request
from sqlalchemy import select

from api import auth
from engine import installation, mails
from engine.keys import LARGEST
from engine.mails import House
from engine.notifications import Notification
from portal import access, inbox, pages

_A_PAGE = 30
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_ITSELF = "; ".join(("default-src 'none'", "style-src 'unsafe-inline'", "frame-ancestors 'self'", "base-uri 'self'"))


def routes(blueprint: Blueprint) -> None:
    blueprint.get("/mails")(list_mails)
    blueprint.get("/mails/<int:key>")(show_mail)
    blueprint.get("/mails/<int:key>/as-sent")(show_mail_as_sent)


def house() -> House:
    config = current_app.config
    name, address = config.get("PASSERELLE_MAIL_FROM") or ("Passerelle", "passerelle@localhost")
    url = str(config.get("PASSERELLE_URL") or request.host_url.rstrip("/"))
    return House(url, auth.secret(), name, address, config.get("PASSERELLE_TIMEZONE") or "UTC")


def _expect_this_machine() -> None:
    """404 for everybody else: these pages hold links that open doors. At a trial the door has asked already."""
    if current_app.config.get("PASSERELLE_TRIAL"):
        return
    is_demo = installation.fact(access.reading(), installation.DEMO) is not None
    keeps = is_demo or not current_app.config.get("PASSERELLE_SENDS_MAILS")
    # the name in the address too: a page elsewhere whose name was made to lead here must not read along
    is_here = auth.asked_from_this_machine() and urlsplit(f"//{request.host}").hostname in _LOOPBACK
    if not (keeps and is_here):
        abort(404)


def _drawn(row: Notification) -> Any:
    """Subject, text, HTML and way of a mail, as it would be sent now; None where it is no longer of use, or for a group."""
    if row.to_address is None:
        return None
    found = mails.letter_of(access.reading(), row, house())
    return None if found is None else found[0]


def list_mails() -> Response:
    _expect_this_machine()
    page = inbox.page_number()
    newest = select(Notification).where(Notification.to_address.is_not(None)).order_by(Notification.key.desc())
    rows = list(access.reading().scalars(newest.offset((page - 1) * _A_PAGE).limit(_A_PAGE + 1)))
    entries = [(row, _drawn(row)) for row in rows[:_A_PAGE]]
    return pages.draw("mails.html", entries=entries, page=page, more=len(rows) > _A_PAGE)


def _expect(key: int) -> Notification:
    row = access.reading().get(Notification, key) if key <= LARGEST else None
    if row is None:
        abort(404)
    return row


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return "" if part is None else str(part.get_content())


def show_mail(key: int) -> Response:
    _expect_this_machine()
    row = _expect(key)
    letter = _drawn(row)
    message = mails.draw(access.reading(), row, house()) if letter is not None else None
    headers = [(name, str(message[name])) for name in ("From", "To", "Reply-To", "Subject")] if message is not None else []
    text = _part(message, "plain") if message is not None else ""
    response = pages.draw("mail.html", row=row, letter=letter, headers=headers, text=text)
    response.headers["Content-Security-Policy"] = pages.CONTENT_SECURITY + "; frame-src 'self'"
    return response


def show_mail_as_sent(key: int) -> Response:
    """The HTML part alone, in a frame of the page above; its links lead out of the frame."""
    _expect_this_machine()
    message = mails.draw(access.reading(), _expect(key), house())
    if message is None:
        abort(404)
    html = _part(message, "html").replace("<head>", '<head><base target="_top">', 1)
    response = make_response(html)
    response.headers["Content-Security-Policy"] = _ITSELF
    return response
