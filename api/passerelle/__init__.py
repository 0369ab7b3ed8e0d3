"""What Camunda has no word for, in the same conventions, a file a noun."""

from flask_smorest import Api

from api.passerelle import cases, checks, comparisons, decision_tests, drafts, handoffs, insights, links, outbox, parties, people, processes

NOUNS = (cases, checks, comparisons, decision_tests, drafts, handoffs, insights, links, outbox, parties, people, processes)


def register(api: Api) -> None:
    for noun in NOUNS:
        api.register_blueprint(noun.routes, url_prefix="/passerelle/v1")
