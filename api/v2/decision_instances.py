"""What decisions answered, to whom, and why: search and read."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields
from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from api.v2.decision_definitions import EvaluatedInput, MatchedRule, rules_of
from api.v2.fields import TENANT, Answer, answer_of, page_of, said, search_schema, text, time
from api.v2.operations import operation
from engine import json_text, masks, policies, search
from engine.decisions import DecisionInstance, DecisionInstanceState
from engine.errors import NotFound
from engine.masks import Secrets
from engine.parties import Actor
from engine.search import Field, Noun, Wanted

routes = Blueprint("decision-instances", __name__, description="Answers of decisions, with their reasons.")


class DecisionInstanceShown(Answer):
    decisionEvaluationInstanceKey = said()
    state = said()
    evaluationDate = said()
    evaluationFailure = said(null=True)
    decisionDefinitionId = said()
    decisionDefinitionName = said()
    decisionDefinitionVersion = said(fields.Int)
    decisionDefinitionType = said()
    result = said()
    tenantId = said()
    decisionEvaluationKey = said()
    processDefinitionKey = said(null=True)
    processInstanceKey = said(null=True)
    rootProcessInstanceKey = said(null=True)
    decisionDefinitionKey = said()
    rootDecisionDefinitionKey = said()
    elementInstanceKey = said(null=True)
    businessId = said(null=True)


class DecisionInstanceWhole(DecisionInstanceShown):
    evaluatedInputs = fields.List(fields.Nested(EvaluatedInput), required=True)
    matchedRules = fields.List(fields.Nested(MatchedRule), required=True)


_WORDS = ("UNSPECIFIED", "UNKNOWN")
_STATES = {name: [name] for name in (*DecisionInstanceState, *_WORDS)}
_TYPES = {name: [name] for name in ("DECISION_TABLE", "LITERAL_EXPRESSION", *_WORDS)}
NOUN = Noun(
    "decision-instance",
    select(*search.columns(DecisionInstance, without=["evaluated_inputs", "matched_rules"])),
    DecisionInstance.key,
    {
        "decisionEvaluationInstanceKey": Field(DecisionInstance.instance_id),
        "state": Field(DecisionInstance.state, "enum", _STATES),
        "evaluationDate": Field(DecisionInstance.evaluated_at, "datetime"),
        "evaluationFailure": Field(DecisionInstance.failure),
        "decisionDefinitionId": Field(DecisionInstance.decision_id),
        "decisionDefinitionName": Field(DecisionInstance.decision_name),
        "decisionDefinitionVersion": Field(DecisionInstance.decision_version, "int"),
        "decisionDefinitionType": Field(DecisionInstance.decision_type, "enum", _TYPES),
        "decisionEvaluationKey": Field(DecisionInstance.evaluation_key, "key"),
        "decisionRequirementsKey": Field(DecisionInstance.requirements_key, "key", sortable=False),
        "processDefinitionKey": Field(DecisionInstance.process_key, "key"),
        "processInstanceKey": Field(DecisionInstance.instance_key, "key"),
        "decisionDefinitionKey": Field(DecisionInstance.decision_key, "key"),
        "rootDecisionDefinitionKey": Field(DecisionInstance.root_decision_key, "key"),
        "elementInstanceKey": Field(DecisionInstance.element_instance_key, "key"),
        "businessId": Field(DecisionInstance.business_id),
        "tenantId": Field(literal(TENANT)),
    },
)
Search = search_schema(NOUN)


def shown(row: Any, secrets: Secrets) -> dict[str, Any]:
    return {
        "decisionEvaluationInstanceKey": row.instance_id,
        "state": row.state,
        "evaluationDate": time(row.evaluated_at),
        "evaluationFailure": row.failure,
        "decisionDefinitionId": row.decision_id,
        "decisionDefinitionName": row.decision_name,
        "decisionDefinitionVersion": row.decision_version,
        "decisionDefinitionType": row.decision_type,
        "result": _without(secrets, row.result),
        "tenantId": TENANT,
        "decisionEvaluationKey": text(row.evaluation_key),
        "processDefinitionKey": text(row.process_key),
        "processInstanceKey": text(row.instance_key),
        "rootProcessInstanceKey": text(row.root_key),
        "decisionDefinitionKey": text(row.decision_key),
        "rootDecisionDefinitionKey": text(row.root_decision_key),
        "elementInstanceKey": text(row.element_instance_key),
        "businessId": row.business_id,
    }


@operation(
    routes,
    "POST",
    "/decision-instances/search",
    name="searchDecisionInstances",
    may="see decisions",
    body=Search,
    answer=answer_of("DecisionInstance", DecisionInstanceShown),
)
def find(session: Session, body: Wanted, *, by: Actor) -> dict[str, Any]:
    """Search the answers of decisions."""
    page = search.run(session, NOUN, body, visible=policies.visible_decision_instances(by))
    kept = {key: masks.secrets(session, by, key) for key in {row.case_key for row in page.rows}}
    return page_of([shown(row, kept[row.case_key]) for row in page.rows], page)


def _without(secrets: Secrets, value: str, name: str = "") -> str:
    """JSON text with what is sensitive hidden in it."""
    return json_text.dumps(secrets.without(json_text.loads(value), name=name)) if secrets.names else value


@operation(
    routes,
    "GET",
    "/decision-instances/<decisionEvaluationInstanceKey>",
    name="getDecisionInstance",
    may="see decisions",
    answer=DecisionInstanceWhole,
)
def get(session: Session, decision_evaluation_instance_key: str, *, by: Actor) -> dict[str, Any]:
    """One answer, with the inputs it was given to and the rules that matched."""
    wanted = DecisionInstance.instance_id == decision_evaluation_instance_key
    row = session.execute(select(*search.columns(DecisionInstance)).where(wanted, policies.visible_decision_instances(by))).first()
    if row is None:
        raise NotFound(f"Expected an answer of a decision with key {decision_evaluation_instance_key[:60]}, found none.")
    secrets = masks.secrets(session, by, row.case_key)
    inputs = [one | {"inputValue": _without(secrets, one["inputValue"], one["inputName"])} for one in row.evaluated_inputs]
    rules = rules_of(row._mapping)
    for output in (output for rule in rules for output in rule["evaluatedOutputs"]):
        output["outputValue"] = _without(secrets, output["outputValue"], output["outputName"])
    return shown(row, secrets) | {"evaluatedInputs": inputs, "matchedRules": rules}
