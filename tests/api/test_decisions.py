"""Decisions and expressions over /v2: deployed, asked, called by processes, with their reasons."""

from decimal import Decimal

import pytest

from tests.api import models
from tests.dmn.files import decision, file, requires, table, text
from tests.platforms import Platform

RATES = file(
    decision("season", text('if month > 5 then "summer" else "winter"'), id="season"),
    decision(
        "Dish",
        table(["season", "guests"], ["dish"], ['"summer" | > 2 : "salad"', '"summer" | <= 2 : "soup"', '"winter" | - : "stew"']),
        requires("season", kind="requiredDecision"),
        id="dish",
    ),
)
BROKEN = file(decision("Sum", text("1 +"), id="sum"))
ENDLESS = file(decision("Endless", text("for i in 1..1000000000 return i"), id="endless"))


def business_rule(decision_id: str = "dish", more: str = "") -> str:
    called = f'<zeebe:calledDecision decisionId="{decision_id}" resultVariable="dish" {more}/>'
    return f'<businessRuleTask id="decide"><extensionElements>{called}</extensionElements></businessRuleTask>'


def evaluate(platform: Platform, **body):
    return platform.expect("POST", "/v2/decision-definitions/evaluation", body)


def test_a_file_of_decisions_is_deployed_and_the_same_file_again_is_the_same_version(platform: Platform) -> None:
    first = platform.deploy(("rates.dmn", RATES))["deployments"]
    again = platform.deploy(("rates.dmn", RATES))["deployments"]
    changed = platform.deploy(("rates.dmn", RATES.replace("stew", "broth")))["deployments"]

    assert [one["decisionDefinition"]["decisionDefinitionId"] for one in first[:2]] == ["season", "dish"]
    assert first[2]["decisionRequirements"]["decisionRequirementsId"] == "d"
    assert again == first
    assert [one["decisionDefinition"]["version"] for one in changed[:2]] == [2, 2]


def test_a_broken_decision_is_refused_with_its_place_and_nothing_is_deployed(platform: Platform) -> None:
    answer = platform.api("POST", "/v2/deployments", files=[("resources", ("sum.dmn", BROKEN, "text/xml")), ("resources", ("rates.dmn", RATES, "text/xml"))])

    assert answer.status_code == 400
    assert [(one["file"], one["elementId"], one["line"]) for one in answer.json()["problems"]] == [("sum.dmn", "sum", 1)]
    assert platform.expect("POST", "/v2/decision-definitions/search")["items"] == []


def test_a_decision_is_asked_by_id_and_says_which_rules_matched(platform: Platform) -> None:
    platform.deploy(("rates.dmn", RATES))

    found = evaluate(platform, decisionDefinitionId="dish", variables={"month": 7, "guests": 8})

    season, dish = found["evaluatedDecisions"]
    assert found["output"] == '"salad"' and found["failureMessage"] is None
    assert (season["decisionDefinitionType"], season["output"]) == ("LITERAL_EXPRESSION", '"summer"')
    assert dish["evaluatedInputs"][1] == {"inputId": "in guests", "inputName": "guests", "inputValue": "8"}
    assert dish["matchedRules"] == [
        {
            "ruleId": "rule1",
            "ruleIndex": 1,
            "evaluatedOutputs": [
                {"outputId": "out dish", "outputName": "dish", "outputValue": '"salad"', "ruleId": "rule1", "ruleIndex": 1}
            ],
        }
    ]


def test_an_old_version_is_asked_by_its_key(platform: Platform) -> None:
    first = platform.deploy(("rates.dmn", RATES))["deployments"][1]["decisionDefinition"]["decisionDefinitionKey"]
    platform.deploy(("rates.dmn", RATES.replace("stew", "broth")))

    assert evaluate(platform, decisionDefinitionKey=first, variables={"month": 1})["output"] == '"stew"'
    assert evaluate(platform, decisionDefinitionId="dish", variables={"month": 1})["output"] == '"broth"'


def test_a_failed_evaluation_is_an_answer_and_is_kept(platform: Platform) -> None:
    platform.deploy(("endless.dmn", ENDLESS))

    found = evaluate(platform, decisionDefinitionId="endless")
    (kept,) = platform.expect("POST", "/v2/decision-instances/search", {"filter": {"state": "FAILED"}})["items"]

    assert found["output"] == "null" and "too many steps" in found["failureMessage"]
    assert found["failedDecisionDefinitionId"] == kept["decisionDefinitionId"] == "endless"
    assert kept["evaluationFailure"] == found["failureMessage"]


def test_answers_are_found_again_with_their_reasons(platform: Platform) -> None:
    platform.deploy(("rates.dmn", RATES))
    found = evaluate(platform, decisionDefinitionId="dish", variables={"month": 1, "guests": 8})

    items = platform.expect("POST", "/v2/decision-instances/search", {"sort": [{"field": "decisionEvaluationInstanceKey"}]})["items"]
    whole = platform.expect("GET", f"/v2/decision-instances/{items[1]['decisionEvaluationInstanceKey']}")

    assert [one["decisionDefinitionId"] for one in items] == ["season", "dish"]
    assert {one["decisionEvaluationKey"] for one in items} == {found["decisionEvaluationKey"]}
    assert whole["result"] == '"stew"' and whole["processInstanceKey"] is None
    assert [rule["ruleIndex"] for rule in whole["matchedRules"]] == [3]
    assert platform.api("GET", "/v2/decision-instances/1-1").status_code == 404


@pytest.mark.parametrize("body", [{}, {"decisionDefinitionId": "dish", "decisionDefinitionKey": "1"}, {"decisionDefinitionId": "dish", "more": 1}])
def test_a_question_names_one_decision(platform: Platform, body) -> None:
    assert platform.api("POST", "/v2/decision-definitions/evaluation", body).status_code == 400


def test_a_decision_that_is_not_there_is_not_found(platform: Platform) -> None:
    assert platform.api("POST", "/v2/decision-definitions/evaluation", {"decisionDefinitionId": "dish"}).status_code == 404
    assert platform.api("GET", "/v2/decision-definitions/1").status_code == 404


def test_definitions_are_searched_and_read_byte_for_byte(platform: Platform) -> None:
    platform.deploy(("rates.dmn", RATES))
    platform.deploy(("rates.dmn", RATES.replace("stew", "broth")))

    latest = platform.expect("POST", "/v2/decision-definitions/search", {"filter": {"isLatestVersion": True, "name": "Dish"}})["items"]

    assert [(one["decisionDefinitionId"], one["version"], one["decisionRequirementsName"]) for one in latest] == [("dish", 2, "test")]
    assert "broth" in platform.api("GET", f"/v2/decision-definitions/{latest[0]['decisionDefinitionKey']}/xml").text


def test_a_business_rule_task_asks_a_decision_and_keeps_the_answer_beside_its_instance(platform: Platform) -> None:
    platform.deploy(("rates.dmn", RATES), ("meal.bpmn", models.process("meal", business_rule(), models.user_task("eat"))))
    instance = platform.start("meal", month=7, guests=1)["processInstanceKey"]

    variables = platform.expect("POST", "/v2/variables/search", {"filter": {"name": "dish"}})["items"]
    kept = platform.expect("POST", "/v2/decision-instances/search", {"filter": {"processInstanceKey": instance}})["items"]

    assert [one["value"] for one in variables] == ['"soup"']
    assert [one["decisionDefinitionId"] for one in kept] == ["season", "dish"]
    assert kept[0]["elementInstanceKey"] and kept[0]["rootProcessInstanceKey"] == instance


def test_what_a_contract_calls_sensitive_is_hidden_in_the_answers_of_decisions(platform: Platform) -> None:
    pools = """<collaboration id="c"><participant id="us" name="Us" processRef="meal"/><participant id="cook" name="Cook"/>
      <messageFlow id="out" sourceRef="said" targetRef="cook"><extensionElements xmlns:handoff="urn:passerelle:handoff:1.0"><handoff:contract>
        <handoff:field name="account" type="string" sensitive="true"/></handoff:contract></extensionElements></messageFlow></collaboration>"""
    bank = file(decision("Bank", table(["number", "guests"], ["from", "party"], ['- | - : number | guests']), id="bank"))
    given = '<zeebe:ioMapping><zeebe:input source="=account" target="number"/></zeebe:ioMapping>'
    called = f'<zeebe:calledDecision decisionId="bank" resultVariable="dish"/>{given}'
    task = f'<businessRuleTask id="decide"><extensionElements>{called}</extensionElements></businessRuleTask>'
    model = models.process("meal", task, models.user_task("eat"), '<intermediateThrowEvent id="said"><messageEventDefinition/></intermediateThrowEvent>')
    platform.deploy(("bank.dmn", bank), ("meal.bpmn", model.replace("<process ", pools + "<process ", 1)))
    platform.start("meal", account="FR76-7788", guests=4)

    (found,) = platform.expect("POST", "/v2/decision-instances/search")["items"]
    whole = platform.expect("GET", f"/v2/decision-instances/{found['decisionEvaluationInstanceKey']}")

    assert [one["inputValue"] for one in whole["evaluatedInputs"]] == ['"***"', "4"]
    assert [one["outputValue"] for one in whole["matchedRules"][0]["evaluatedOutputs"]] == ['"***"', "4"]
    assert found["result"] == whole["result"] and "FR76-7788" not in str(whole) and '"party":4' in whole["result"].replace(" ", "")


def test_a_decision_that_is_not_deployed_is_an_incident_and_goes_on_once_it_is(platform: Platform) -> None:
    platform.deploy(("meal.bpmn", models.process("meal", business_rule(), models.user_task("eat"))))
    platform.start("meal", month=1)
    (incident,) = platform.expect("POST", "/v2/incidents/search")["items"]
    platform.deploy(("rates.dmn", RATES))
    platform.api("POST", f"/v2/incidents/{incident['incidentKey']}/resolution")

    assert incident["errorType"] == "CALLED_DECISION_ERROR" and "'dish'" in incident["errorMessage"]
    assert [one["value"] for one in platform.expect("POST", "/v2/variables/search", {"filter": {"name": "dish"}})["items"]] == ['"stew"']


def test_a_decision_that_fails_is_an_incident(platform: Platform) -> None:
    platform.deploy(("endless.dmn", ENDLESS), ("meal.bpmn", models.process("meal", business_rule("endless"), models.user_task("eat"))))
    platform.start("meal")

    (incident,) = platform.expect("POST", "/v2/incidents/search")["items"]

    assert incident["errorType"] == "DECISION_EVALUATION_ERROR" and "too many steps" in incident["errorMessage"]


def test_a_decision_is_bound_to_its_deployment_or_to_a_version_tag(platform: Platform) -> None:
    tagged = RATES.replace('<decision id="dish" name="Dish">', '<decision id="dish" name="Dish"><extensionElements><zeebe:versionTag xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" value="v1"/></extensionElements>')
    same = models.process("same", business_rule(more='bindingType="deployment"'), models.user_task("eat"))
    by_tag = models.process("tag", business_rule(more='bindingType="versionTag" versionTag="v1"'), models.user_task("eat"))
    platform.deploy(("rates.dmn", tagged), ("same.bpmn", same), ("tag.bpmn", by_tag))
    platform.deploy(("rates.dmn", RATES.replace("stew", "broth")))
    for process_id in ("same", "tag"):
        platform.start(process_id, month=1)

    values = [one["value"] for one in platform.expect("POST", "/v2/variables/search", {"filter": {"name": "dish"}})["items"]]

    assert values == ['"stew"', '"stew"']


def test_a_file_that_was_the_same_again_is_of_its_later_deployment_too(platform: Platform) -> None:
    platform.deploy(("rates.dmn", RATES))
    same = models.process("same", business_rule(more='bindingType="deployment"'), models.user_task("eat"))
    platform.deploy(("rates.dmn", RATES), ("same.bpmn", same))
    platform.deploy(("rates.dmn", RATES.replace("stew", "broth")))
    platform.start("same", month=1)

    (found,) = platform.expect("POST", "/v2/variables/search", {"filter": {"name": "dish"}})["items"]

    assert found["value"] == '"stew"'


def test_an_expression_is_tried_out(platform: Platform) -> None:
    found = platform.expect("POST", "/v2/expression/evaluation", {"expression": '=x + 0.2 + (1 + "a")', "variables": {"x": Decimal("0.1")}})

    assert found["result"] is None
    assert "cannot be added" in found["warnings"][0]["message"]
    assert platform.expect("POST", "/v2/expression/evaluation", {"expression": "x + 0.2", "variables": {"x": Decimal("0.1")}})["result"] == Decimal("0.3")


def test_an_expression_sees_the_variables_of_a_running_instance(platform: Platform) -> None:
    platform.deploy(models.process("asking", models.user_task("look")))
    instance = platform.start("asking", amount=5)["processInstanceKey"]
    element = platform.expect("POST", "/v2/element-instances/search", {"filter": {"elementId": "look"}})["items"][0]["elementInstanceKey"]

    for scope in (instance, element):
        body = {"expression": "= amount * factor", "variables": {"factor": 2}, "scopeKey": scope}
        assert platform.expect("POST", "/v2/expression/evaluation", body)["result"] == 10
    assert platform.api("POST", "/v2/expression/evaluation", {"expression": "1", "scopeKey": "1"}).status_code == 404


def test_a_mistake_in_an_expression_is_told(platform: Platform) -> None:
    answer = platform.api("POST", "/v2/expression/evaluation", {"expression": "= if a then b"})

    assert answer.status_code == 400
    assert "Expected 'else'" in answer.json()["detail"]
