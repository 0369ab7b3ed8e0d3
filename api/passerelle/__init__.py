"""What Camunda has no word for, in the same conventions, a file a noun."""

from flask_smorest import Api

from api.passerelle import cases, cockpit, events, handoffs, insights, links, live, outbox, parties, people, trials

NOUNS = (cases, cockpit, events, handoffs, insights, links, live, outbox, parties, people, trials)


def register(api: Api) -> None:
    for noun in NOUNS:
        api.register_blueprint(noun.routes, url_prefix="/passerelle/v1")
