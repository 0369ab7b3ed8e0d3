"""Composes the whole: database, API, portal."""

from __future__ import annotations

import importlib.util
from typing import Any

from flask import Flask, Response
from flask_smorest import Api
from flask_sqlalchemy import SQLAlchemy

from api import documentation, erasures, errors, oauth, passerelle, v2, workbench
from api.settings import Settings
from engine import clock, database, documents, schema

db = SQLAlchemy(metadata=schema.metadata)


class _Api(Api):  # type: ignore[misc]
    """Our own answers to errors, everywhere."""

    def _register_error_handlers(self) -> None:
        """See errors.py."""


def create_app(settings: Settings) -> Flask:
    """The application of one server process. Threads are started by whoever serves it."""
    app = Flask("passerelle", static_folder=None)
    url = settings.database_url
    app.config |= {
        "SQLALCHEMY_DATABASE_URI": url.replace("postgresql://", "postgresql+psycopg://", 1),
        "SQLALCHEMY_ENGINE_OPTIONS": database.engine_options(url, pool_size=settings.pool_size),
        "MAX_CONTENT_LENGTH": settings.max_upload,
        "MAX_FORM_MEMORY_SIZE": settings.max_upload,
        "PASSERELLE_URL": settings.url,
        "PASSERELLE_TIMEZONE": settings.timezone,
        "PASSERELLE_PROXIES": settings.proxies,
        "PASSERELLE_MAIL_FROM": settings.mail_from,
        "PASSERELLE_SENDS_MAILS": settings.smtp_url is not None,
        "API_TITLE": "Passerelle",
        "API_VERSION": "v2",
        "OPENAPI_VERSION": "3.1.0",
        "OPENAPI_URL_PREFIX": "/v2",
        "OPENAPI_JSON_PATH": "openapi.json",
    }
    app.secret_key = settings.secret
    app.json.sort_keys = False  # type: ignore[attr-defined]
    clock.allow_test_clock(settings.test_clock)
    db.init_app(app)
    with app.app_context():
        app.extensions["engine"] = database.prepare(db.engine)
    app.extensions["documents"] = documents.Folder(settings.documents, settings.max_file, settings.max_files)
    erasures.with_documents(app.extensions["documents"])
    errors.register(app)
    operations = _Api(app, spec_kwargs=documentation.ABOUT)
    v2.register(operations)
    passerelle.register(operations)
    app.register_blueprint(oauth.routes)
    documentation.register(app)
    app.register_blueprint(workbench.routes)
    _portal(app)
    app.after_request(_with_headers)
    return app


def _portal(app: Flask) -> None:
    if importlib.util.find_spec("portal.access") is None:
        return
    import portal

    portal.register(app)


def _with_headers(answer: Response) -> Any:
    answer.headers.setdefault("X-Content-Type-Options", "nosniff")
    answer.headers.setdefault("Referrer-Policy", "no-referrer")
    answer.headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
    return answer
