"""Pages for participants: phone first, no JavaScript needed."""

from flask import Blueprint, Flask, abort
from werkzeug.exceptions import HTTPException
from werkzeug.routing import PathConverter, ValidationError

from engine import errors
from portal import (
    access,
    cases,
    files,
    guests,
    handoffs,
    inbox,
    login,
    mails,
    pages,
    parties,
    party_imports,
    people,
    public,
    starts,
    tasks,
    tracking,
)

# what other parts of the application answer, in their own way
NOT_PAGES = frozenset({"v2", "passerelle", "oauth", "health", "metrics", "docs", "openapi", "static"})


class PageAddress(PathConverter):
    """An address that would be a page if there were one: the rest of the application answers for its own."""

    def to_python(self, value: str) -> str:
        if value.split("/")[0] in NOT_PAGES:
            raise ValidationError
        return value


def register(app: Flask) -> None:
    """Put the portal at `/` of the application."""
    blueprint = Blueprint("portal", __name__, template_folder="templates", static_folder="static", static_url_path="/static/portal")
    for noun in (login, inbox, tasks, handoffs, starts, cases, files, party_imports, parties, people, mails, guests, tracking, public):
        noun.routes(blueprint)
    blueprint.before_request(access.recognise)
    blueprint.after_request(pages.with_headers)
    blueprint.context_processor(pages.in_templates)
    blueprint.context_processor(files.in_templates)
    blueprint.register_error_handler(access.StalePage, pages.stale)
    blueprint.register_error_handler(errors.EngineError, pages.refused)
    blueprint.register_error_handler(HTTPException, pages.http_error)
    blueprint.register_error_handler(Exception, pages.crashed)
    app.url_map.converters["page"] = PageAddress
    blueprint.get("/<page:unknown>")(nothing_here)
    app.teardown_request(access.stop_reading)
    app.register_blueprint(blueprint)


def nothing_here(unknown: str) -> None:
    abort(404)
