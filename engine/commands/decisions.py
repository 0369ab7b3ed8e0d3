"""Ask a deployed decision, and keep its answer with the reasons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from engine import clock, decisions, policies, variables
from engine.database import Writes
from engine.decisions import Answer, DecisionInstance
from engine.parties import Actor


def evaluate(
    session: Session, given: Mapping[str, Any], *, key: int | None = None, decision_id: str | None = None, by: Actor
) -> Answer:
    """The answer of a decision, by key, or by id (the newest). A failed evaluation is an answer too. Raises NotFound."""
    policies.require(policies.may_evaluate_decisions(by))
    variables.check(given)
    decision = decisions.expect_decision(session, key=key, decision_id=decision_id)
    answer = decisions.evaluate(session, decision, given, clock.now(session))
    writes = Writes()
    for row in answer.rows:
        writes.insert(DecisionInstance, row)
    writes.flush(session)
    return answer
