"""Try out an expression."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields
from sqlalchemy.orm import Session

from api import languages
from api.v2.fields import Answer, Key, Strict, Tenant, Text, Variables, said
from api.v2.operations import operation
from engine import expressions
from engine.languages import in_language
from engine.parties import Actor

routes = Blueprint("expressions", __name__, description="FEEL.")


class ExpressionWanted(Strict):
    expression = Text(required=True, least=1, most=200_000)
    variables = Variables(load_default=dict)
    scopeKey = Key()
    tenantId = Tenant()


class ExpressionWarning(Answer):
    message = said()


class ExpressionAnswer(Answer):
    expression = said()
    result = fields.Raw(required=True, allow_none=True)
    warnings = fields.List(fields.Nested(ExpressionWarning), required=True)
    referencedSecrets = fields.List(fields.Dict(), required=True)


@operation(
    routes,
    "POST",
    "/expression/evaluation",
    name="evaluateExpression",
    may="evaluate expressions",
    body=ExpressionWanted,
    answer=ExpressionAnswer,
)
def evaluate(session: Session, body: dict[str, Any], *, by: Actor) -> dict[str, Any]:
    """The value of a FEEL expression; nothing changes."""
    tried = expressions.evaluate(session, body["expression"], body["variables"], scope_key=body.get("scopeKey"), by=by)
    warnings = [{"message": in_language(warning, languages.asked())} for warning in tried.warnings]
    return {"expression": body["expression"], "result": tried.value, "warnings": warnings, "referencedSecrets": []}
