"""What the API says of itself: the OpenAPI document, its page, and that the answers are as promised and as clients expect them."""

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import camunda_orchestration_sdk.models
import pytest
from marshmallow import Schema

from api.v2 import NOUNS
from api.v2.fields import Answer
from tests.api import models
from tests.api.test_decisions import RATES
from tests.platforms import Platform, Row

# our schema -> the client's model, where the names are not alike
MODELS = {
    "deployments.Deployment": "deployment_result",
    "deployments.Item": "deployment_metadata_result",
    "deployments.DeployedProcess": "deployment_process_result",
    "deployments.DeployedForm": "deployment_form_result",
    "deployments.DeployedDecision": "deployment_decision_result",
    "deployments.DeployedRequirements": "deployment_decision_requirements_result",
    "decision_definitions.DecisionDefinition": "decision_definition_result",
    "decision_definitions.EvaluationAnswer": "evaluate_decision_result",
    "decision_definitions.EvaluatedDecision": "evaluated_decision_result",
    "decision_definitions.EvaluatedInput": "evaluated_decision_input_item",
    "decision_definitions.EvaluatedOutput": "evaluated_decision_output_item",
    "decision_definitions.MatchedRule": "matched_decision_rule_item",
    "decision_instances.DecisionInstanceShown": "decision_instance_result",
    "decision_instances.DecisionInstanceWhole": "decision_instance_get_query_result",
    "expressions.ExpressionAnswer": "expression_evaluation_result",
    "expressions.ExpressionWarning": "expression_evaluation_warning_item",
    "process_definitions.ProcessDefinition": "process_definition_result",
    "process_definitions.FormSchema": "form_result",
    "process_instances.CreatedInstance": "create_process_instance_result",
    "process_instances.ProcessInstance": "process_instance_result",
    "user_tasks.UserTask": "user_task_result",
    "jobs.ActivatedJob": "activated_job_result",
    "jobs.ActivatedJobs": "job_activation_result",
    "jobs.JobInSearch": "job_search_result",
    "messages.Published": "message_publication_result",
    "messages.Correlated": "message_correlation_result",
    "messages.Broadcasted": "signal_broadcast_result",
    "variables.VariableInSearch": "variable_search_result",
    "variables.VariableWhole": "variable_result",
    "element_instances.ElementInstanceShown": "element_instance_result",
    "incidents.IncidentShown": "incident_result",
    "documents.DocumentReference": "document_reference",
    "documents.DocumentAbout": "document_metadata_response",
    "installation.Topology": "topology_response",
    "installation.Broker": "broker_info",
    "installation.Partition": "partition",
    "installation.Me": "camunda_user_result",
}
_FOLDER = Path(camunda_orchestration_sdk.models.__file__).parent


def _answers() -> dict[str, type[Schema]]:
    found = {}
    for noun in NOUNS:
        for name, value in vars(noun).items():
            if isinstance(value, type) and issubclass(value, Answer) and value.__module__ == noun.__name__:
                found[f"{noun.__name__.rpartition('.')[2]}.{name}"] = value
    return found


def test_every_answer_of_ours_is_held_against_a_model_of_the_client() -> None:
    assert _answers().keys() == MODELS.keys()


@pytest.mark.parametrize("name", MODELS)
def test_every_field_that_the_client_requires_is_promised(name: str) -> None:
    required = set(re.findall(r'pop_required\(\s*"(\w+)"', (_FOLDER / f"{MODELS[name]}.py").read_text()))
    ours = _answers()[name]().fields

    assert required <= {field.data_key or one for one, field in ours.items() if field.required}


def test_the_page_of_a_search_has_what_the_client_requires() -> None:
    required = set(re.findall(r'pop_required\(\s*"(\w+)"', (_FOLDER / "search_query_page_response.py").read_text()))

    assert required == {"totalItems", "hasMoreTotalItems", "startCursor", "endCursor"}


@pytest.fixture
def filled(platform: Platform) -> Platform:
    """One of everything that can be answered."""
    form = '<zeebe:formDefinition formId="asked"/>'
    schema = '{"type": "default", "id": "asked", "schemaVersion": 18, "components": []}'
    asking = models.process("asking", models.user_task("look", more=form), start=f"<extensionElements>{form}</extensionElements>")
    platform.deploy(
        ("rates.dmn", RATES), ("asking.bpmn", asking), ("asked.form", schema), ("o.bpmn", models.process("ordering", models.service_task("ship", "ship")))
    )
    platform.start("asking", a=1)
    platform.expect("POST", "/v2/decision-definitions/evaluation", {"decisionDefinitionId": "dish", "variables": {"month": 1}})
    platform.start("ordering", a=1)
    platform.start("ordering", a=1)
    job = platform.lease("ship")
    platform.expect("POST", f"/v2/jobs/{job['jobKey']}/failure", {"retries": 0, "errorMessage": "sunk"}, user="worker")
    return platform


def _checked(client_model: str, data: Any) -> None:
    name = "".join(part.title() for part in client_model.split("_"))
    module = import_module(f"camunda_orchestration_sdk.models.{client_model}")
    model = next(value for key, value in vars(module).items() if key.lower() == name.lower())
    read = model.from_dict(data)
    assert not read.additional_properties, read.additional_properties


@pytest.mark.parametrize(
    ("noun", "key", "schema"),
    [
        ("process-definitions", "processDefinitionKey", "process_definitions.ProcessDefinition"),
        ("process-instances", "processInstanceKey", "process_instances.ProcessInstance"),
        ("user-tasks", "userTaskKey", "user_tasks.UserTask"),
        ("jobs", "jobKey", "jobs.JobInSearch"),
        ("variables", "variableKey", "variables.VariableInSearch"),
        ("element-instances", "elementInstanceKey", "element_instances.ElementInstanceShown"),
        ("incidents", "incidentKey", "incidents.IncidentShown"),
        ("decision-definitions", "decisionDefinitionKey", "decision_definitions.DecisionDefinition"),
        ("decision-instances", "decisionEvaluationInstanceKey", "decision_instances.DecisionInstanceShown"),
    ],
)
def test_what_is_found_is_exactly_what_was_promised_and_one_by_one_the_same(filled: Platform, noun: str, key: str, schema: str) -> None:
    items = filled.expect("POST", f"/v2/{noun}/search")["items"]

    assert items
    for item in items:
        _hold_against(schema, item)
        _checked(MODELS[schema], item)
        if noun not in ("jobs", "variables", "decision-instances"):  # no such operation; more than was found
            assert filled.expect("GET", f"/v2/{noun}/{item[key]}") == item


def _hold_against(schema: str, data: Row) -> None:
    ours = _answers()[schema]()
    assert data.keys() == {field.data_key or name for name, field in ours.fields.items()}
    assert ours.validate(data) == {}


def test_all_other_answers_are_exactly_what_was_promised(filled: Platform) -> None:
    start = filled.expect("POST", "/v2/process-instances", {"processDefinitionId": "ordering"})
    definition = filled.expect("POST", "/v2/process-definitions/search", {"filter": {"hasStartForm": True}})["items"][0]
    variable = filled.expect("POST", "/v2/variables/search")["items"][0]
    asked = {"decisionDefinitionId": "dish", "variables": {"month": 1}}
    decided = filled.expect("POST", "/v2/decision-definitions/evaluation", asked)
    dish = decided["evaluatedDecisions"][1]
    answers = {
        "decision_definitions.EvaluationAnswer": decided,
        "decision_definitions.EvaluatedDecision": dish,
        "decision_definitions.EvaluatedInput": dish["evaluatedInputs"][0],
        "decision_definitions.MatchedRule": dish["matchedRules"][0],
        "decision_definitions.EvaluatedOutput": dish["matchedRules"][0]["evaluatedOutputs"][0],
        "decision_instances.DecisionInstanceWhole": filled.expect("GET", f"/v2/decision-instances/{dish['decisionEvaluationInstanceKey']}"),
        "expressions.ExpressionAnswer": filled.expect("POST", "/v2/expression/evaluation", {"expression": "x"}),
        "installation.Topology": filled.expect("GET", "/v2/topology"),
        "installation.Me": filled.expect("GET", "/v2/authentication/me"),
        "process_instances.CreatedInstance": start,
        "jobs.ActivatedJob": filled.lease("ship", with_lease=True),
        "process_definitions.FormSchema": filled.expect("GET", f"/v2/process-definitions/{definition['processDefinitionKey']}/form"),
        "variables.VariableWhole": filled.expect("GET", f"/v2/variables/{variable['variableKey']}"),
        "messages.Published": filled.expect("POST", "/v2/messages/publication", {"name": "paid"}),
        "messages.Broadcasted": filled.expect("POST", "/v2/signals/broadcast", {"signalName": "alarm"}),
        "deployments.Deployment": filled.deploy(models.process("third", models.user_task("look"))),
    }
    for name, data in answers.items():
        _hold_against(name, data)
        _checked(MODELS[name], data)


def _document(platform: Platform) -> Row:
    document: Row = platform.expect("GET", "/v2/openapi.json", user=None)
    return document


def test_the_document_is_openapi_3_1_and_every_reference_in_it_leads_somewhere(platform: Platform) -> None:
    document = _document(platform)

    def references(part: Any) -> set[str]:
        if isinstance(part, dict):
            own = {part["$ref"]} if isinstance(part.get("$ref"), str) else set()
            return own.union(*(references(inner) for inner in part.values()))
        return set().union(*(references(inner) for inner in part)) if isinstance(part, list) else set()

    assert document["openapi"] == "3.1.0"
    for reference in references(document):
        found: Any = document
        for name in reference.removeprefix("#/").split("/"):
            found = found[name]
    assert {"basic", "oauth"} <= document["components"]["securitySchemes"].keys()


def test_every_operation_says_what_it_does_takes_and_answers(platform: Platform) -> None:
    operations = [
        (method, path, one)
        for path, methods in _document(platform)["paths"].items()
        for method, one in methods.items()
        if method != "parameters"
    ]

    assert len(operations) >= 37
    assert len({one["operationId"] for _, _, one in operations}) == len(operations)
    for method, path, one in operations:
        assert one["summary"].strip(), path
        good = [status for status in one["responses"] if status.startswith("2")]
        assert good, path
        if path.endswith("/search"):
            assert "requestBody" in one and "content" in one["responses"]["200"], path
        if method == "get" and not path.endswith(("/status", "/xml", "/documents/{documentId}")):
            assert "content" in one["responses"]["200"], path


def test_the_document_tells_types_and_what_is_required(platform: Platform) -> None:
    schemas = _document(platform)["components"]["schemas"]

    task = schemas["UserTask"]
    assert set(task["required"]) == set(task["properties"])
    assert task["properties"]["priority"]["type"] == "integer"
    assert set(task["properties"]["assignee"]["type"]) == {"string", "null"}
    assert schemas["Activate"]["properties"]["timeout"]["type"] == "integer"
    assert schemas["CreateInstance"]["properties"]["processDefinitionKey"]["type"] == "string"
    assert schemas["CreateInstance"]["additionalProperties"] is False
    assert schemas["UserTaskSort"]["properties"]["field"]["enum"]
    filters = schemas["UserTaskFilter"]["properties"]
    assert "$in" in str(filters["state"]) and "CREATED" in str(filters["state"]) and "$gte" in str(filters["dueDate"])


def test_the_page_shows_every_operation_and_loads_nothing_from_elsewhere(platform: Platform) -> None:
    page = platform.api("GET", "/v2/docs", user=None)

    assert page.status_code == 200 and page.headers["Content-Type"].startswith("text/html")
    for path, methods in _document(platform)["paths"].items():
        for method, one in methods.items():
            if method != "parameters":
                assert one["operationId"] in page.text and path.replace("{", "&#123;") in page.text.replace("{", "&#123;")
    assert not re.search(r'(src|href)="(https?:)?//', page.text)
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
