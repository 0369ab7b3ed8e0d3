"""The only place that asks what time it is. A test clock in the database can be pinned and moved."""

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from engine import installation
from engine.errors import NotFound

_FACT = "clock"
_HELD = "clock held"  # in a session's info
_test_clock = False
TEST_CLOCK = "test_clock"  # execution option of an engine whose time can be moved whatever the installation says: a trial, a scenario


def allow_test_clock(allowed: bool) -> None:
    """Said once at start (PASSERELLE_TEST_CLOCK); without it nobody can move the clock, and no command pays for asking."""
    global _test_clock
    _test_clock = allowed


def is_test(session: Session | None = None) -> bool:
    """Whether the time can be moved; without a session: that of the installation."""
    if _test_clock or session is None:
        return _test_clock
    return bool(session.get_bind().get_execution_options().get(TEST_CLOCK, False))


def machine_now() -> datetime:
    """The machine's clock: for keys, log-in sessions and technical grace times, never for business times."""
    return datetime.now(UTC)


def now(session: Session) -> datetime:
    """The business time, UTC: leases, due dates, timers."""
    held: datetime | None = session.info.get(_HELD)
    if held is not None:
        return held
    if not is_test(session):
        return machine_now()
    pinned = installation.fact(session, _FACT)
    return datetime.fromisoformat(pinned) if pinned else machine_now()


def hold(session: Session, at: datetime | None) -> None:
    """For this session alone it is `at` (aware), until it is told otherwise; None: the time of all others. Nothing is stored."""
    session.info[_HELD] = None if at is None else at.astimezone(UTC)


def pin(session: Session, at: datetime) -> None:
    """Time stands still at `at` until it is pinned anew or reset. Raises NotFound without a test clock."""
    _expect_test_clock(session)
    installation.remember(session, _FACT, at.astimezone(UTC).isoformat())


def reset(session: Session) -> None:
    _expect_test_clock(session)
    installation.remember(session, _FACT, None)


def _expect_test_clock(session: Session) -> None:
    if not is_test(session):
        raise NotFound("This server was started without a test clock (PASSERELLE_TEST_CLOCK).")
