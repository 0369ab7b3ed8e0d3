"""Variables of instances: search them, write them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_smorest import Blueprint
from marshmallow import fields
from sqlalchemy import ColumnElement, and_, case, exists, func, literal, not_, select
from sqlalchemy.orm import Session, aliased

from api.v2.fields import TENANT, Answer, Bool, Int, Strict, Variables, answer_of, page_of, said, search_schema, text
from api.v2.operations import asked_bool, operation
from engine import json_text, masks, policies, search
from engine.commands.variables import set_variables
from engine.elements import ElementInstance
from engine.errors import NotFound
from engine.instances import Instance
from engine.parties import Actor
from engine.search import Field, Noun, Wanted
from engine.variables import Variable

routes = Blueprint("variables", __name__, description="Values of running and ended instances.")

SHOWN = 8192  # characters of a value in a search; the whole value comes with the variable itself


class VariableWhole(Answer):
    value = said()
    name = said()
    tenantId = said()
    variableKey = said()
    scopeKey = said()
    processInstanceKey = said()
    rootProcessInstanceKey = said(null=True)


class VariableInSearch(VariableWhole):
    isTruncated = said(fields.Bool)


NOUN = Noun(
    "variable",
    select(*search.columns(Variable), Instance.root_key).join(Instance, Instance.key == Variable.instance_key),
    Variable.key,
    {
        "name": Field(Variable.name),
        "value": Field(Variable.value),
        "variableKey": Field(Variable.key, "key"),
        "scopeKey": Field(Variable.scope_key, "key"),
        "processInstanceKey": Field(Variable.instance_key, "key"),
        "isTruncated": Field(func.length(Variable.value) > SHOWN, "bool", sortable=False),
        "tenantId": Field(literal(TENANT)),
    },
)
Search = search_schema(NOUN)


def shown_in_search(row: Any, *, whole: bool = False) -> dict[str, Any]:
    cut = not whole and len(row.value) > SHOWN
    return {
        "value": row.value[:SHOWN] if cut else row.value,
        "isTruncated": cut,
        "name": row.name,
        "tenantId": TENANT,
        "variableKey": text(row.key),
        "scopeKey": text(row.scope_key),
        "processInstanceKey": text(row.instance_key),
        "rootProcessInstanceKey": text(row.root_key),
    }


def shown_rows(session: Session, rows: Sequence[Any], hidden: ColumnElement[bool], *, whole: bool) -> list[dict[str, Any]]:
    """Rows as they are shown; where the value is `hidden`, something else stands in its place."""
    masked = masks.among(session, hidden, [row.key for row in rows])
    instead = {"value": json_text.dumps(masks.HIDDEN), "isTruncated": False}
    return [shown_in_search(row, whole=whole) | (instead if row.key in masked else {}) for row in rows]


def asks_by_value(body: Wanted) -> bool:
    """Whether the answer would tell a value by what it finds, and in which order."""
    named = {name for filters in (body.filters, *body.any_of) for name in filters} | {name for name, _ in body.sort}
    return not named.isdisjoint({"value", "isTruncated"})


def scopes_of(session: Session, element_instance_key: int, instance_key: int) -> list[int]:
    """The scopes an element sees, the nearest first."""
    scopes, at = [element_instance_key], element_instance_key
    while at != instance_key:
        around = session.scalar(select(ElementInstance.scope_key).where(ElementInstance.key == at))
        if around is None:
            break
        scopes.append(around)
        at = around
    return scopes


def nearest_of_each_name(scopes: list[int]) -> ColumnElement[bool]:
    """Variables of these scopes (the nearest first) that no variable of a nearer one hides."""
    nearer = aliased(Variable)

    def distance(variable: Any) -> Any:
        return case({scope: place for place, scope in enumerate(scopes)}, value=variable.scope_key)

    hidden = and_(nearer.scope_key.in_(scopes), nearer.name == Variable.name, distance(nearer) < distance(Variable))
    return and_(Variable.scope_key.in_(scopes), ~exists(select(nearer.key).where(hidden)))


@operation(
    routes,
    "POST",
    "/variables/search",
    name="searchVariables",
    may="see variables",
    body=Search,
    answer=answer_of("Variable", VariableInSearch),
)
def find(session: Session, body: Wanted, *, by: Actor) -> dict[str, Any]:
    """Search variables. Long values are cut; `isTruncated` says so. `?truncateValues=false` shows them whole.

    A value that a contract calls sensitive is `"***"` here, and is not found by what it is.
    """
    whole = not asked_bool("truncateValues", usual=True)
    hidden, visible = masks.hidden(session, by), policies.visible_values(by)
    page = search.run(session, NOUN, body, visible=and_(visible, not_(hidden)) if asks_by_value(body) else visible)
    return page_of(shown_rows(session, page.rows, hidden, whole=whole), page)


@operation(routes, "GET", "/variables/<variableKey>", name="getVariable", may="see variables", answer=VariableWhole)
def get(session: Session, variable_key: int, *, by: Actor) -> dict[str, Any]:
    """One variable with its whole value."""
    row = session.execute(NOUN.base.where(Variable.key == variable_key, policies.visible_values(by))).first()
    if row is None:
        raise NotFound(f"Expected a variable with key {variable_key}, found none.")
    (found,) = shown_rows(session, [row], masks.hidden(session, by), whole=True)
    del found["isTruncated"]
    return found


class SetVariables(Strict):
    variables = Variables(required=True)
    local = Bool(load_default=False)
    operationReference = Int(least=1, most=2**63 - 1)


@operation(
    routes,
    "PUT",
    "/element-instances/<elementInstanceKey>/variables",
    name="createElementInstanceVariables",
    may="set variables",
    body=SetVariables,
    command=True,
)
def write(session: Session, element_instance_key: int, body: dict[str, Any], *, by: Actor) -> None:
    """Write variables: locally, or where each name is owned."""
    set_variables(session, element_instance_key, body["variables"], local=body["local"], by=by)
