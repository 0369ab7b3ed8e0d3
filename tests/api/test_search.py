"""Searching: every field by every operator, every order, pages by number and by cursor, and what each operator means."""

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from api.v2 import element_instances, incidents, jobs, process_definitions, process_instances, user_tasks, variables
from engine import search
from tests.api import models
from tests.platforms import Platform, Row

NOUNS = {
    "process-definitions": process_definitions,
    "process-instances": process_instances,
    "user-tasks": user_tasks,
    "jobs": jobs,
    "variables": variables,
    "element-instances": element_instances,
    "incidents": incidents,
}
KEY_OF = {
    "process-definitions": "processDefinitionKey",
    "process-instances": "processInstanceKey",
    "user-tasks": "userTaskKey",
    "jobs": "jobKey",
    "variables": "variableKey",
    "element-instances": "elementInstanceKey",
    "incidents": "incidentKey",
}
VALUES: dict[str, Any] = {"string": "x", "key": "1", "int": 1, "datetime": "2026-01-01T00:00:00Z", "bool": True}


@pytest.fixture
def filled(platform: Platform) -> Platform:
    """Seven tasks with priorities 50 to 56 and due dates on every second, as many jobs, and one incident."""
    platform.deploy(models.process("asking", models.user_task("look", groups=["desk"], users=["nora"])))
    platform.deploy(models.process("ordering", models.service_task("ship", "ship")))
    for number in range(7):
        platform.start("asking", number=number, colour="red" if number % 2 else "blue")
        platform.start("ordering")
    for number, task in enumerate(sorted(platform.tasks(), key=lambda row: int(row["userTaskKey"]))):
        changes = {"priority": 50 + number} | ({"dueDate": f"2030-01-0{number + 1}T00:00:00Z"} if number % 2 else {})
        platform.expect("PATCH", f"/v2/user-tasks/{task['userTaskKey']}", {"changeset": changes})
    failed = platform.lease("ship")
    platform.expect("POST", f"/v2/jobs/{failed['jobKey']}/failure", {"retries": 0, "errorMessage": "50% _off_"}, user="worker")
    return platform


def find(platform: Platform, noun: str, filters: Row | None = None, /, **more: Any) -> list[Row]:
    request = {"filter": filters or {}, **more}
    items: list[Row] = platform.expect("POST", f"/v2/{noun}/search", request)["items"]
    return items


def _operands(chosen: search.Field) -> Iterator[tuple[str, Any]]:
    one = next(iter(chosen.words)) if chosen.words is not None else VALUES[chosen.kind]
    for operator in search.OPERATORS_OF[chosen.kind]:
        yield operator, {"$exists": True, "$like": "a*", "$in": [one], "$notIn": [one]}.get(operator, one)


@pytest.mark.parametrize("noun", NOUNS)
def test_every_field_can_be_asked_by_every_operator_of_its_kind(filled: Platform, noun: str) -> None:
    everything = {row[KEY_OF[noun]] for row in find(filled, noun)}
    assert everything
    for name, chosen in NOUNS[noun].NOUN.fields.items():
        found = {
            operator: {row[KEY_OF[noun]] for row in find(filled, noun, {name: {operator: operand}})}
            for operator, operand in _operands(chosen)
        }

        assert found["$eq"] | found["$neq"] == everything and not found["$eq"] & found["$neq"], name
        if "$in" in found and "$notIn" in found:
            assert (found["$in"], found["$notIn"]) == (found["$eq"], found["$neq"]), name
        none = {row[KEY_OF[noun]] for row in find(filled, noun, {name: {"$exists": False}})}
        assert found["$exists"] | none == everything and not found["$exists"] & none, name
        if "$lt" in found:
            assert found["$lte"] == found["$lt"] | found["$eq"] and found["$gte"] == found["$gt"] | found["$eq"], name
            assert found["$lt"] | found["$gte"] == found["$exists"], name


@pytest.mark.parametrize("noun", NOUNS)
def test_every_order_pages_through_everything_once_forward_and_back(filled: Platform, noun: str) -> None:
    for name, chosen in NOUNS[noun].NOUN.fields.items():
        if not chosen.sortable:
            continue
        for order in ("ASC", "DESC"):
            sort = [{"field": name, "order": order}]
            whole = [row[KEY_OF[noun]] for row in find(filled, noun, sort=sort)]
            middle = len(whole) // 2
            first = filled.expect("POST", f"/v2/{noun}/search", {"sort": sort, "page": {"limit": middle or 1}})
            rest = find(filled, noun, sort=sort, page={"after": first["page"]["endCursor"]})
            by_number = find(filled, noun, sort=sort, page={"from": middle or 1, "limit": 100})

            assert [row[KEY_OF[noun]] for row in first["items"] + rest] == whole, (name, order)
            assert by_number == rest, (name, order)
            if len(whole) > 2:
                last = filled.expect("POST", f"/v2/{noun}/search", {"sort": sort, "page": {"from": len(whole) - 1}})
                back = find(filled, noun, sort=sort, page={"before": last["page"]["startCursor"], "limit": 2})
                assert [row[KEY_OF[noun]] for row in back] == whole[-3:-1], (name, order)


def test_rising_means_empty_last_and_falling_empty_first(filled: Platform) -> None:
    rising = [row["dueDate"] for row in find(filled, "user-tasks", sort=[{"field": "dueDate"}])]
    falling = [row["dueDate"] for row in find(filled, "user-tasks", sort=[{"field": "dueDate", "order": "DESC"}])]

    days = [f"2030-01-0{day}T00:00:00.000Z" for day in (2, 4, 6)]
    assert rising == [*days, None, None, None, None]
    assert falling == [None, None, None, None, *reversed(days)]


def test_the_second_field_orders_what_the_first_leaves_equal(filled: Platform) -> None:
    sort = [{"field": "dueDate"}, {"field": "priority", "order": "DESC"}]
    first = filled.expect("POST", "/v2/user-tasks/search", {"sort": sort, "page": {"limit": 4}})
    rest = find(filled, "user-tasks", sort=sort, page={"after": first["page"]["endCursor"]})

    assert [row["priority"] for row in first["items"] + rest] == [51, 53, 55, 56, 54, 52, 50]


def test_pages_tell_how_many_there_are_and_cursors_are_standard_base64(filled: Platform) -> None:
    page = filled.expect("POST", "/v2/user-tasks/search", {"page": {"limit": 3}})["page"]
    nothing = filled.expect("POST", "/v2/user-tasks/search", {"filter": {"name": "nobody"}})["page"]

    assert (page["totalItems"], page["hasMoreTotalItems"]) == (7, False)
    assert base64.b64encode(base64.b64decode(page["endCursor"], validate=True)).decode() == page["endCursor"]
    assert nothing == {"totalItems": 0, "hasMoreTotalItems": False, "startCursor": None, "endCursor": None}


def test_a_page_behind_the_last_is_empty_and_still_tells_the_total(filled: Platform) -> None:
    last = filled.expect("POST", "/v2/user-tasks/search")["page"]["endCursor"]

    for page in ({"from": 100}, {"after": last}):
        answer = filled.expect("POST", "/v2/user-tasks/search", {"page": page})
        assert answer["items"] == [] and answer["page"]["totalItems"] == 7


def test_no_body_and_null_parts_mean_everything(filled: Platform) -> None:
    assert len(filled.expect("POST", "/v2/user-tasks/search")["items"]) == 7
    assert len(filled.expect("POST", "/v2/user-tasks/search", {"filter": None, "sort": None, "page": None})["items"]) == 7


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("50*", True),
        ("50% _off_", True),
        ("5? _off_", False),
        ("?0% _o??_", True),
        ("50\\*", False),
        ("*\\_off*", True),
        ("50% xoff_", False),
    ],
)
def test_like_knows_stars_and_question_marks_and_nothing_else(filled: Platform, pattern: str, matches: bool) -> None:
    assert bool(find(filled, "incidents", {"errorMessage": {"$like": pattern}})) is matches


def test_like_tells_upper_from_lower_case(filled: Platform) -> None:
    assert find(filled, "user-tasks", {"name": {"$like": "Look*"}})
    assert find(filled, "user-tasks", {"name": {"$like": "look*"}}) == []


def test_several_operators_and_several_fields_must_all_hold(filled: Platform) -> None:
    wanted = {"priority": {"$gte": 51, "$lt": 55, "$neq": 53}, "state": "CREATED"}

    assert sorted(row["priority"] for row in find(filled, "user-tasks", wanted)) == [51, 52, 54]


def test_one_of_the_alternatives_must_hold_beside_all_the_rest(filled: Platform) -> None:
    wanted = {"state": "CREATED", "$or": [{"priority": 50}, {"priority": {"$gt": 54}, "dueDate": {"$exists": True}}]}

    assert sorted(row["priority"] for row in find(filled, "user-tasks", wanted)) == [50, 55]
    instances = {"processDefinitionId": "asking", "$or": [{"hasIncident": True}, {"state": "ACTIVE"}]}
    assert len(find(filled, "process-instances", instances)) == 7


def test_tasks_and_instances_are_found_by_their_variables(filled: Platform) -> None:
    def numbers(*wanted: Row) -> list[int]:
        return sorted(row["priority"] - 50 for row in find(filled, "user-tasks", {"processInstanceVariables": list(wanted)}))

    assert numbers({"name": "colour", "value": '"red"'}) == [1, 3, 5]
    assert numbers({"name": "colour", "value": '"red"'}, {"name": "number", "value": {"$in": ["1", "2"]}}) == [1]
    assert numbers({"name": "colour", "value": {"$neq": '"red"'}}) == [0, 2, 4, 6]
    assert numbers({"name": "colour", "value": {"$like": '"b*'}}) == [0, 2, 4, 6]
    assert numbers({"name": "nothing", "value": {"$exists": True}}) == []
    assert len(numbers({"name": "nothing", "value": {"$exists": False}})) == 7
    assert len(find(filled, "process-instances", {"variables": [{"name": "colour", "value": ' "red" '}]})) == 3


def test_tasks_are_found_by_candidates(filled: Platform) -> None:
    assert len(find(filled, "user-tasks", {"candidateGroup": "desk"})) == 7
    assert len(find(filled, "user-tasks", {"candidateUser": {"$in": ["nora", "tom"]}})) == 7
    assert find(filled, "user-tasks", {"candidateGroup": {"$like": "nobody*"}}) == []


def test_instances_are_found_by_what_is_in_them(filled: Platform) -> None:
    assert len(find(filled, "process-instances", {"elementId": "look", "elementInstanceState": "ACTIVE"})) == 7
    assert len(find(filled, "process-instances", {"errorMessage": {"$like": "*off*"}})) == 1
    assert len(find(filled, "process-instances", {"hasElementInstanceIncident": False})) == 13


@pytest.mark.parametrize(
    ("request_body", "field"),
    [
        ({"filters": {}}, "filters"),
        ({"filter": {"stat": "CREATED"}}, "filter.stat"),
        ({"filter": {"state": "OPEN"}}, "filter.state"),
        ({"filter": {"state": {"$eq": 1}}}, "filter.state"),
        ({"filter": {"state": {"$gt": "CREATED"}}}, "filter.state"),
        ({"filter": {"priority": "high"}}, "filter.priority"),
        ({"filter": {"priority": True}}, "filter.priority"),
        ({"filter": {"priority": 2**70}}, "filter.priority"),
        ({"filter": {"priority": {"$like": "5*"}}}, "filter.priority"),
        ({"filter": {"userTaskKey": 12}}, "filter.userTaskKey"),
        ({"filter": {"userTaskKey": "12a"}}, "filter.userTaskKey"),
        ({"filter": {"userTaskKey": "9" * 25}}, "filter.userTaskKey"),
        ({"filter": {"dueDate": "tomorrow"}}, "filter.dueDate"),
        ({"filter": {"dueDate": {"$gt": "2026-01-01T00:00:00"}}}, "filter.dueDate"),
        ({"filter": {"dueDate": "0001-01-01T00:00:00+14:00"}}, "filter.dueDate"),
        ({"filter": {"name": "a\x00b"}}, "filter.name"),
        ({"filter": {"name": {"$in": "a"}}}, "filter.name"),
        ({"filter": {"name": {"$exists": "yes"}}}, "filter.name"),
        ({"filter": {"name": {"$like": None}}}, "filter.name"),
        ({"filter": {"name": ["a"]}}, "filter.name"),
        ({"filter": {"$or": {}}}, "filter.$or"),
        ({"filter": {"$or": [{"$or": []}]}}, "filter.$or.0.$or"),
        ({"filter": {"processInstanceVariables": [{"name": "a"}]}}, "filter.processInstanceVariables.0.value"),
        ({"filter": {"processInstanceVariables": [{"name": "a", "value": "not json"}]}}, "filter.processInstanceVariables.0.value"),
        ({"filter": {"processInstanceVariables": [{"name": "a", "value": {"$like": 1}}]}}, "filter.processInstanceVariables.0.value"),
        ({"filter": {"processInstanceVariables": [{"name": "a", "value": {"$like": "\x00"}}]}}, "filter.processInstanceVariables.0.value"),
        ({"filter": []}, "filter"),
        ({"sort": [{"field": "userTask"}]}, "sort.0.field"),
        ({"sort": [{"field": "dueDate", "order": "UP"}]}, "sort.0.order"),
        ({"sort": {"field": "dueDate"}}, "sort"),
        ({"sort": [{}]}, "sort.0.field"),
        ({"page": {"limit": 0}}, "page.limit"),
        ({"page": {"limit": 10_001}}, "page.limit"),
        ({"page": {"limit": 1.5}}, "page.limit"),
        ({"page": {"from": -1}}, "page.from"),
        ({"page": {"from": 0, "after": "W10="}}, "page"),
        ({"page": {"after": "not base64!"}}, "page.after"),
        ({"page": {"after": "W10="}}, "page.after"),
        ({"page": {"before": "WyJhIl0="}}, "page.before"),
        ({"page": {"size": 10}}, "page.size"),
    ],
)
def test_a_question_that_is_not_as_expected_is_refused_by_the_name_of_its_field(platform: Platform, request_body: Row, field: str) -> None:
    answer = platform.api("POST", "/v2/user-tasks/search", request_body)

    problem = answer.json()
    assert answer.status_code == 400 and problem["title"] == "INVALID_ARGUMENT"
    assert field in problem["errors"] and field in problem["detail"]


@pytest.mark.parametrize("operator", ["$in", "$notIn"])
def test_an_empty_list_is_a_question_too(filled: Platform, operator: str) -> None:
    assert len(find(filled, "user-tasks", {"name": {operator: []}})) == (0 if operator == "$in" else 7)


@pytest.mark.parametrize(
    ("noun", "other"),
    [
        ("jobs", {}),
        ("user-tasks", {"sort": [{"field": "priority"}]}),
        ("user-tasks", {"sort": [{"field": "creationDate", "order": "DESC"}]}),
        ("user-tasks", {"filter": {"state": "CREATED"}, "sort": [{"field": "creationDate"}]}),
        ("user-tasks", {"filter": {"priority": {"$gte": 1}, "assignee": "nora"}, "sort": [{"field": "creationDate"}]}),
    ],
)
def test_a_cursor_of_another_question_is_refused_and_the_field_named(filled: Platform, noun: str, other: Row) -> None:
    asked = {"filter": {"priority": {"$gte": 1}}, "sort": [{"field": "creationDate"}]}
    page = filled.expect("POST", "/v2/user-tasks/search", {**asked, "page": {"limit": 2}})["page"]
    for name, cursor in (("after", "endCursor"), ("before", "startCursor")):
        answer = filled.api("POST", f"/v2/{noun}/search", {**other, "page": {name: page[cursor]}})

        assert answer.status_code == 400 and f"page.{name}" in answer.text, answer.text
    goes_on = {**asked, "filter": {"priority": {"$gte": 0}}, "page": {"after": page["endCursor"]}}  # the same question, another value
    assert len(filled.expect("POST", "/v2/user-tasks/search", goes_on)["items"]) == 5
