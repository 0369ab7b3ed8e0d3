"""Who is logged in: rows that can be revoked, found by the hash of a random token; and how often one may try."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, delete, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from engine import clock
from engine.database import Base


class LoginSession(Base):
    __tablename__ = "login_sessions"

    token_sha256: Mapped[str] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(ForeignKey("people.username", ondelete="CASCADE"))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]

    __table_args__ = (Index("ix_login_sessions_username", "username"),)


IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
_SEEN_EVERY = timedelta(minutes=5)  # a page view is not worth a write each time


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def open_for(session: Session, username: str) -> str:
    """A new log-in; answers its token, which is stored nowhere. Forgets what has run out, by the way."""
    now = clock.machine_now()
    token = secrets.token_urlsafe(32)
    session.execute(delete(LoginSession).where(LoginSession.expires_at < now))
    session.add(LoginSession(token_sha256=_hash(token), username=username, created_at=now, seen_at=now, expires_at=now + LONGEST))
    return token


def find(session: Session, token: str) -> LoginSession | None:
    """The log-in of this token, if it is neither revoked, nor idle for too long, nor too old."""
    found = session.get(LoginSession, _hash(token)) if token else None
    if found is None:
        return None
    now = clock.machine_now()
    return found if now < found.expires_at and now < found.seen_at + IDLE else None


def is_seen_long_ago(found: LoginSession) -> bool:
    return clock.machine_now() > found.seen_at + _SEEN_EVERY


def touch(session: Session, token: str) -> None:
    """Note that it was used; keeps it from running idle."""
    session.execute(update(LoginSession).where(LoginSession.token_sha256 == _hash(token)).values(seen_at=clock.machine_now()))


def close(session: Session, token: str) -> None:
    session.execute(delete(LoginSession).where(LoginSession.token_sha256 == _hash(token)))


def close_all(session: Session, username: str) -> None:
    """Log a person out everywhere: after a new password, or when the account is switched off."""
    session.execute(delete(LoginSession).where(LoginSession.username == username))


@dataclass(slots=True)
class _Tries:
    failures: int
    last: datetime


class Throttle:
    """Slows down guessing: after some failures one waits, each time twice as long, up to a quarter of an hour.

    Counted in this process, by whoever calls (a user name from an address; an address alone).
    """

    def __init__(self, *, free: int, first_wait: timedelta = timedelta(seconds=2), longest_wait: timedelta = timedelta(minutes=15)) -> None:
        self._free, self._first, self._longest = free, first_wait, longest_wait
        self._tries: OrderedDict[str, _Tries] = OrderedDict()
        self._lock = threading.Lock()

    def seconds_to_wait(self, who: str) -> int:
        with self._lock:
            tries = self._tries.get(who)
            if tries is None or tries.failures < self._free:
                return 0
            until = tries.last + min(self._first * 2 ** min(tries.failures - self._free, 20), self._longest)
            left = (until - clock.machine_now()).total_seconds()
            return max(0, int(left + 0.999))

    def failed(self, who: str) -> None:
        with self._lock:
            now = clock.machine_now()
            tries = self._tries.pop(who, None)
            if tries is None or now > tries.last + 2 * self._longest:
                tries = _Tries(0, now)
            tries.failures, tries.last = tries.failures + 1, now
            self._tries[who] = tries
            while len(self._tries) > _MOST_REMEMBERED:
                self._tries.popitem(last=False)

    def succeeded(self, who: str) -> None:
        with self._lock:
            self._tries.pop(who, None)

    def forget(self) -> None:
        with self._lock:
            self._tries.clear()


_MOST_REMEMBERED = 50_000
