"""Rows of values for a decision that is being drawn; nothing is stored."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields, validate
from sqlalchemy.orm import Session

from api.passerelle.checks import FileGiven, bytes_of
from api.v2.fields import Answer, Strict, Text, said
from api.v2.operations import operation
from engine import clock, decision_tests, drafts
from engine.errors import Invalid
from engine.parties import Actor

routes = Blueprint("decision-tests", __name__, description="Try a decision that is being drawn.")


class AskTests(Strict):
    files = fields.List(fields.Nested(FileGiven), required=True, validate=validate.Length(min=1, max=drafts.MOST_FILES))
    file = Text(required=True, metadata={"description": "The one whose decision is asked; the others are there to be imported."})
    decisionId = Text(metadata={"description": "Nothing: the last of the file."})
    rows = fields.List(
        fields.Dict(keys=Text(most=200), values=fields.Str(validate=validate.Length(max=5000))),
        load_default=list,
        validate=validate.Length(max=decision_tests.MOST_ROWS),
        metadata={"description": "Values by name, as FEEL."},
    )


class DecisionShown(Answer):
    decisionId = said()
    name = said()
    inputs = fields.List(fields.Str(), required=True)


class RuleShown(Answer):
    decisionId = said()
    ruleId = said(null=True)
    number = said(fields.Int)


class ResultShown(Answer):
    value = said(fields.Raw, null=True)
    failure = said(null=True)
    rules = fields.List(fields.Nested(RuleShown), required=True)


class TestsShown(Answer):
    decisions = fields.List(fields.Nested(DecisionShown), required=True)
    results = fields.List(fields.Nested(ResultShown), required=True)


@operation(routes, "POST", "/decision-tests", name="createDecisionTest", may="edit drafts", body=AskTests, answer=TestsShown)
def ask(session: Session, body: dict[str, Any], *, by: Actor) -> dict[str, Any]:
    """What the engine answers to each row, and by which rules."""
    files = {one["name"]: bytes_of(one["content"]) for one in body["files"] if one["name"].lower().endswith(".dmn")}
    if body["file"] not in files:
        raise Invalid("Expected the file among the files.", fields={"file": "one of the files"})
    model = decision_tests.read(files.pop(body["file"]), list(files.values()))
    known = decision_tests.tested(model)
    wanted = body.get("decisionId") or (known[-1].decision_id if known else "")
    return {
        "decisions": [{"decisionId": one.decision_id, "name": one.name, "inputs": list(one.inputs)} for one in known],
        "results": [
            {
                "value": one.value,
                "failure": one.failure,
                "rules": [{"decisionId": rule.decision_id, "ruleId": rule.rule_id, "number": rule.number} for rule in one.rules],
            }
            for one in decision_tests.answers(model, wanted, body["rows"], clock.now(session))
        ],
    }
