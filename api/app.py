"""Composes the whole: database, API, portal."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from typing import Any

from flask import Flask, Response
from flask_smorest import Api
from flask_sqlalchemy import SQLAlchemy

from api import documentation, erasures, errors, oauth, passerelle, trials, v2, workbench
from api.settings import Settings
from engine import clock, database, documents, schema

db = SQLAlchemy(metadata=schema.metadata)


class _Api(Api):  # type: ignore[misc]
    """Our own answers to errors, everywhere."""

    def _register_error_handlers(self) -> None:
        """See errors.py."""


def create_app(settings: Settings) -> Flask:
    """The application of one server process. Threads are started by whoever serves it."""
    app = _application(settings, database.engine_options(settings.database_url, pool_size=settings.pool_size))
    clock.allow_test_clock(settings.test_clock)
    erasures.with_documents(app.extensions["documents"])
    app.register_blueprint(oauth.routes)
    app.register_blueprint(workbench.routes)
    trials.mount(app, settings, _of_trial)
    return app


def _of_trial(settings: Settings, options: Mapping[str, Any]) -> Flask:
    """The same once more, for the tables of a trial: without log-ins of its own, and without what stands for the whole process."""
    app = _application(settings, database.engine_options(settings.database_url, **options))
    app.config["PASSERELLE_TRIAL"] = True
    return app


def _application(settings: Settings, engine_options: dict[str, Any]) -> Flask:
    app = Flask("passerelle", static_folder=None)
    url = settings.database_url
    folder = (engine_options.get("execution_options") or {}).get("documents")
    app.config |= {
        "SQLALCHEMY_DATABASE_URI": url.replace("postgresql://", "postgresql+psycopg://", 1),
        "SQLALCHEMY_ENGINE_OPTIONS": engine_options,
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
    db.init_app(app)
    with app.app_context():
        app.extensions["engine"] = database.prepare(db.engine)
    app.extensions["documents"] = folder or documents.Folder(settings.documents, settings.max_file, settings.max_files)
    errors.register(app)
    operations = _Api(app, spec_kwargs=documentation.ABOUT)
    v2.register(operations)
    passerelle.register(operations)
    documentation.register(app)
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
