"""The Camunda-8-shaped resources, a file a noun."""

from flask_smorest import Api

from api.v2 import (
    clock,
    decision_definitions,
    decision_instances,
    deployments,
    documents,
    element_instances,
    expressions,
    incidents,
    installation,
    jobs,
    messages,
    process_definitions,
    process_instances,
    user_tasks,
    variables,
)

NOUNS = (
    installation,
    deployments,
    documents,
    process_definitions,
    process_instances,
    user_tasks,
    jobs,
    messages,
    variables,
    element_instances,
    incidents,
    decision_definitions,
    decision_instances,
    expressions,
    clock,
)


def register(api: Api) -> None:
    for noun in NOUNS:
        api.register_blueprint(noun.routes, url_prefix="/v2")
