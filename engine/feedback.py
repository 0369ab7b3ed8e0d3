"""What whoever followed a case says of it, once it has ended: did this work for them, and why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, case, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import clock
from engine.cases import Case, CaseState
from engine.database import Base, Writes
from engine.errors import WrongState


class Feedback(Base):
    """One answer of each link; it may be changed. `reason` is in the customer's own words, and goes when the case is erased."""

    __tablename__ = "feedback"

    link_key: Mapped[int] = mapped_column(ForeignKey("links.key"), primary_key=True, autoincrement=False)
    case_key: Mapped[int] = mapped_column(ForeignKey("cases.key"))
    worked: Mapped[bool]
    reason: Mapped[str | None]
    given_at: Mapped[datetime]  # the last time

    __table_args__ = (Index("ix_feedback_case", "case_key"),)


MAX_REASON = 2000
MOST_REASONS = 20  # of each process: the newest


def give(session: Session, link: Any, worked: bool, reason: str | None) -> None:
    """`link`: of kind "case". Raises WrongState while the case goes on."""
    found = session.get_one(Case, link.case_key)
    if found.state == CaseState.ACTIVE:
        raise WrongState(f"Expected case {found.key} to be over, found it ACTIVE.")
    said = (reason or "").replace("\x00", "").strip()[:MAX_REASON] or None
    row = {"link_key": link.key, "case_key": found.key, "worked": worked, "reason": said, "given_at": clock.now(session)}
    writes = Writes()
    writes.upsert(Feedback, ("link_key",), row, keep=())
    writes.flush(session)


def of_link(session: Session, link_key: int) -> Feedback | None:
    return session.get(Feedback, link_key)


def of_case(session: Session, case_key: int) -> list[Feedback]:
    return list(session.scalars(select(Feedback).where(Feedback.case_key == case_key).order_by(Feedback.link_key)))


def erase(session: Session, case_key: int) -> None:
    session.execute(update(Feedback).where(Feedback.case_key == case_key).values(reason=None))


# -- figures ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Verdict:
    """On the cases that one process began. `reasons`: why it did not work, the newest first."""

    process_id: str
    count: int
    worked: int
    reasons: Sequence[str]

    @property
    def share(self) -> Decimal:
        return (Decimal(self.worked) / self.count).quantize(Decimal("0.0001"))


def verdicts(session: Session, condition: ColumnElement[bool]) -> list[Verdict]:
    """By the process that began the case, those with the most answers first. `condition` over cases."""
    worked = func.sum(case((Feedback.worked, 1), else_=0))
    counted = select(Case.process_id, func.count(), worked).join(Case, Case.key == Feedback.case_key).where(condition)
    rows = session.execute(counted.group_by(Case.process_id).order_by(func.count().desc(), Case.process_id)).all()
    return [Verdict(process_id, count, int(well), _reasons(session, condition, process_id)) for process_id, count, well in rows]


def _reasons(session: Session, condition: ColumnElement[bool], process_id: str) -> list[str]:
    of_process = select(Feedback.reason).join(Case, Case.key == Feedback.case_key).where(condition, Case.process_id == process_id)
    no = of_process.where(Feedback.worked.is_(False), Feedback.reason.is_not(None))
    newest = no.order_by(Feedback.given_at.desc(), Feedback.link_key).limit(MOST_REASONS)
    return [reason for reason in session.scalars(newest) if reason]
