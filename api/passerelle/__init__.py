"""What Camunda has no word for, in the same conventions, a file a noun."""

from flask_smorest import Api

from api.passerelle import (
    cases,
    checks,
    cockpit,
    comparisons,
    decision_tests,
    drafts,
    events,
    handoffs,
    insights,
    links,
    live,
    outbox,
    parties,
    people,
    processes,
    trials,
)

NOUNS = (
    *(cases, checks, cockpit, comparisons, decision_tests, drafts, events, handoffs, insights),
    *(links, live, outbox, parties, people, processes, trials),
)


def register(api: Api) -> None:
    for noun in NOUNS:
        api.register_blueprint(noun.routes, url_prefix="/passerelle/v1")
