"""Erase a case: say so in its history, then take its values out piece by piece."""

from __future__ import annotations

from functools import partial
from typing import Any

import structlog
from sqlalchemy.orm import Session

from engine import advance, clock, continuations, erasures, policies
from engine.cases import Case, CaseState
from engine.database import run
from engine.errors import WrongState
from engine.parties import PLATFORM, Actor

log = structlog.get_logger()

BATCH = 20  # cases of one look


def erase(session: Session, case_key: int, *, by: Actor) -> None:
    """Takes values, documents, addresses and names out of an ended case for good; again is no harm, and takes out what is left.

    The rest follows right after the commit; what a crash leaves, the worker finishes. Raises NotAllowed, NotFound, WrongState
    (the case is not over).
    """
    policies.require(policies.may_erase_case(by))
    step = advance.locked(session, case_key, by=by, command="case erased")
    if step.case.state == CaseState.ACTIVE:
        raise WrongState(f"Expected case {case_key} to be over, found it ACTIVE: end it before its values are taken out.")
    actors, customers = erasures.pseudonyms(session, case_key), erasures.customers_of(session, case_key)
    step.owe("erasure", {"actors": actors, "customers": customers, "nobody": erasures.nobody(session) if customers else 0})
    if step.case.erased_at is not None:
        step.writes.flush(session)
        advance.pay_after_commit(step)
        return
    step.title = None
    starter = step.case.started_by
    step.writes.update(Case, {"key": case_key}, {"erased_at": step.now, "started_by": actors.get(starter, starter)})
    step.events.append(["case erased", None, None, None])
    step.finish()


@continuations.paid_by("erasure")
def _take_out(session: Session, owed: Any) -> None:
    plan = erasures.Plan(owed.case_key, owed.data["actors"], tuple(owed.data["customers"]), owed.data["nobody"])
    for work in erasures.slices(plan):
        run(session, work)


def erase_due(session: Session, *, limit: int = BATCH) -> int:
    """Cases whose time to be kept is over; how many."""
    found = run(session, lambda s: erasures.due(s, clock.now(s), limit))
    for case_key in found:
        try:
            run(session, partial(erase, case_key=case_key, by=PLATFORM))
        except Exception:  # the next look tries it again; the others are not to wait for it
            log.exception("case not erased", case=case_key)
    return len(found)
