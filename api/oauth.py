"""Access tokens for programs: OAuth 2 client credentials (RFC 6749, 4.4)."""

from __future__ import annotations

from flask import Blueprint, Response, request

from api.auth import TOKEN_SECONDS, client_of_request, engine, token_for
from api.v2.operations import json_response
from engine import database

routes = Blueprint("oauth", __name__)


@routes.post("/oauth/token")
def token() -> Response:
    if request.form.get("grant_type") != "client_credentials":
        return _refused("unsupported_grant_type", "Expected grant_type=client_credentials.", 400)
    client_id, secret = client_of_request()
    if "\x00" in client_id:
        return _refused("invalid_client", "Expected a known client and its secret.", 401)
    with database.reading(engine()) as session:
        access_token = token_for(session, client_id, secret)
    if access_token is None:
        return _refused("invalid_client", "Expected a known client and its secret.", 401)
    answer = json_response({"access_token": access_token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS})
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _refused(error: str, description: str, status: int) -> Response:
    answer = json_response({"error": error, "error_description": description}, status)
    answer.headers["Cache-Control"] = "no-store"
    return answer
