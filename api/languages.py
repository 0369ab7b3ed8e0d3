"""The language in which a caller of the API reads: what it asks for, else English (a program that asks for nothing gets English)."""

from __future__ import annotations

from flask import request

from engine.languages import LANGUAGES


def asked() -> str:
    """By Accept-Language (RFC 9110, 12.5.4); the workbench sends there the language that its person has chosen."""
    return request.accept_languages.best_match(LANGUAGES, default="en") or "en"
