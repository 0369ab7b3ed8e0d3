"""Deployed decisions: search, read, their file; and ask one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response
from flask_smorest import Blueprint
from marshmallow import ValidationError, fields, validates_schema
from sqlalchemy import ColumnElement, func, literal, select, true
from sqlalchemy.orm import Session, aliased

from api.v2.fields import TENANT, Answer, Bool, Key, Name, Strict, Tenant, Variables, answer_of, page_of, said, search_schema, text
from api.v2.operations import operation
from engine import decisions, json_text, search
from engine.commands import decisions as commands
from engine.decisions import Decision, Requirements
from engine.deployments import Resource
from engine.parties import Actor
from engine.search import Field, Noun, Wanted

routes = Blueprint("decision-definitions", __name__, description="Deployed decisions, by version.")


class DecisionDefinition(Answer):
    decisionDefinitionId = said()
    decisionDefinitionKey = said()
    decisionRequirementsId = said()
    decisionRequirementsKey = said()
    decisionRequirementsName = said()
    decisionRequirementsVersion = said(fields.Int)
    name = said()
    version = said(fields.Int)
    tenantId = said()


def _is_latest(wanted: bool) -> ColumnElement[bool]:
    newer = aliased(Decision)
    newest = select(func.max(newer.version)).where(newer.decision_id == Decision.decision_id).scalar_subquery()
    return Decision.version == newest if wanted else Decision.version != newest


NOUN = Noun(
    "decision-definition",
    select(*search.columns(Decision)),
    Decision.key,
    {
        "decisionDefinitionId": Field(Decision.decision_id),
        "decisionDefinitionKey": Field(Decision.key, "key"),
        "decisionRequirementsId": Field(Decision.requirements_id),
        "decisionRequirementsKey": Field(Decision.requirements_key, "key"),
        "decisionRequirementsName": Field(Decision.requirements_name),
        "decisionRequirementsVersion": Field(Decision.requirements_version, "int"),
        "name": Field(Decision.name),
        "version": Field(Decision.version, "int"),
        "tenantId": Field(literal(TENANT)),
    },
    {"isLatestVersion": _is_latest},
)
Search = search_schema(NOUN, isLatestVersion=Bool())


def shown(row: Any) -> dict[str, Any]:
    return {
        "decisionDefinitionId": row.decision_id,
        "decisionDefinitionKey": text(row.key),
        "decisionRequirementsId": row.requirements_id,
        "decisionRequirementsKey": text(row.requirements_key),
        "decisionRequirementsName": row.requirements_name,
        "decisionRequirementsVersion": row.requirements_version,
        "name": row.name,
        "version": row.version,
        "tenantId": TENANT,
    }


@operation(
    routes,
    "POST",
    "/decision-definitions/search",
    name="searchDecisionDefinitions",
    may="see processes",
    body=Search,
    answer=answer_of("DecisionDefinition", DecisionDefinition),
)
def find(session: Session, body: Wanted, *, by: Actor) -> dict[str, Any]:
    """Search deployed decisions."""
    page = search.run(session, NOUN, body, visible=true())
    return page_of([shown(row) for row in page.rows], page)


@operation(
    routes,
    "GET",
    "/decision-definitions/<decisionDefinitionKey>",
    name="getDecisionDefinition",
    may="see processes",
    answer=DecisionDefinition,
)
def get(session: Session, decision_definition_key: int, *, by: Actor) -> dict[str, Any]:
    """One version of a decision."""
    return shown(decisions.expect_decision(session, key=decision_definition_key))


_XML = {"responses": {"200": {"description": "The file.", "content": {"text/xml": {"schema": {"type": "string"}}}}}}


@operation(
    routes, "GET", "/decision-definitions/<decisionDefinitionKey>/xml", name="getDecisionDefinitionXML", may="see processes", more=_XML
)
def get_xml(session: Session, decision_definition_key: int, *, by: Actor) -> Response:
    """The file as it was deployed, byte for byte."""
    decision = decisions.expect_decision(session, key=decision_definition_key)
    requirements = session.get_one(Requirements, decision.requirements_key)
    return Response(session.get_one(Resource, requirements.resource_key).content, 200, content_type="text/xml; charset=utf-8")


# -- asked --------------------------------------------------------------------------------------------------------


class Evaluation(Strict):
    decisionDefinitionId = Name(least=1)
    decisionDefinitionKey = Key()
    variables = Variables(load_default=dict)
    tenantId = Tenant()

    @validates_schema
    def _one_of_both(self, data: Mapping[str, Any], **_: Any) -> None:
        if ("decisionDefinitionId" in data) is ("decisionDefinitionKey" in data):
            raise ValidationError("expected either decisionDefinitionId or decisionDefinitionKey")


class EvaluatedInput(Answer):
    inputId = said()
    inputName = said()
    inputValue = said()


class EvaluatedOutput(Answer):
    outputId = said()
    outputName = said()
    outputValue = said()
    ruleId = said(null=True)
    ruleIndex = said(fields.Int, null=True)


class MatchedRule(Answer):
    ruleId = said()
    ruleIndex = said(fields.Int)
    evaluatedOutputs = fields.List(fields.Nested(EvaluatedOutput), required=True)


class EvaluatedDecision(Answer):
    decisionDefinitionId = said()
    decisionDefinitionName = said()
    decisionDefinitionVersion = said(fields.Int)
    decisionDefinitionType = said()
    output = said()
    tenantId = said()
    matchedRules = fields.List(fields.Nested(MatchedRule), required=True)
    evaluatedInputs = fields.List(fields.Nested(EvaluatedInput), required=True)
    decisionDefinitionKey = said()
    decisionEvaluationInstanceKey = said()


class EvaluationAnswer(Answer):
    decisionDefinitionId = said()
    decisionDefinitionName = said()
    decisionDefinitionVersion = said(fields.Int)
    decisionRequirementsId = said()
    output = said()
    failedDecisionDefinitionId = said(null=True)
    failureMessage = said(null=True)
    tenantId = said()
    decisionDefinitionKey = said()
    decisionRequirementsKey = said()
    decisionEvaluationKey = said()
    decisionInstanceKey = said()
    evaluatedDecisions = fields.List(fields.Nested(EvaluatedDecision), required=True)


def rules_of(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rules that matched; each output says its rule again, as clients expect."""
    return [
        {
            **rule,
            "evaluatedOutputs": [
                {**output, "ruleId": rule["ruleId"], "ruleIndex": rule["ruleIndex"]} for output in rule["evaluatedOutputs"]
            ],
        }
        for rule in row["matched_rules"]
    ]


def _evaluated(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "decisionDefinitionId": row["decision_id"],
        "decisionDefinitionName": row["decision_name"],
        "decisionDefinitionVersion": row["decision_version"],
        "decisionDefinitionType": row["decision_type"],
        "output": row["result"],
        "tenantId": TENANT,
        "matchedRules": rules_of(row),
        "evaluatedInputs": row["evaluated_inputs"],
        "decisionDefinitionKey": text(row["decision_key"]),
        "decisionEvaluationInstanceKey": row["instance_id"],
    }


@operation(
    routes,
    "POST",
    "/decision-definitions/evaluation",
    name="evaluateDecision",
    may="evaluate decisions",
    body=Evaluation,
    answer=EvaluationAnswer,
    command=True,
)
def evaluate(session: Session, body: dict[str, Any], *, by: Actor) -> dict[str, Any]:
    """Ask a decision; its answer and those of the decisions it requires are kept."""
    key, decision_id = body.get("decisionDefinitionKey"), body.get("decisionDefinitionId")
    answer = commands.evaluate(session, body["variables"], key=key, decision_id=decision_id, by=by)
    decision = answer.decision
    return {
        "decisionDefinitionId": decision.decision_id,
        "decisionDefinitionName": decision.name,
        "decisionDefinitionVersion": decision.version,
        "decisionRequirementsId": decision.requirements_id,
        "output": json_text.dumps(answer.value),
        "failedDecisionDefinitionId": answer.failed_decision_id,
        "failureMessage": answer.failure,
        "tenantId": TENANT,
        "decisionDefinitionKey": text(decision.key),
        "decisionRequirementsKey": text(decision.requirements_key),
        "decisionEvaluationKey": text(answer.key),
        "decisionInstanceKey": text(answer.key),
        "evaluatedDecisions": [_evaluated(row) for row in answer.rows if answer.failure is None],
    }
