"""The rest of a long step."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from engine import advance, continuations
from engine.database import run
from engine.parties import PLATFORM


@continuations.paid_by("step")
def _go_on(session: Session, owed: Any) -> None:
    def more(session: Session) -> None:
        step = advance.locked(session, owed.case_key, by=PLATFORM, command="went on")
        for instance_key in owed.data["instances"]:
            step.go_on(instance_key)
        step.finish()

    run(session, more)
