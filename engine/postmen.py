"""Take what is due in the outbox to the mail server. Never inside a step; a crash may send a mail twice, but loses none."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
import threading
from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from functools import partial
from typing import Any

import structlog
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from engine import clock, mails, notifications
from engine.database import reading, run
from engine.mail_addresses import MailServer
from engine.mails import House
from engine.notifications import Notification

log = structlog.get_logger()

PERIOD = 5.0  # seconds between two looks, when nothing nudges
REST = 15.0  # after a server could not be reached: the next mail would find it no better
TIMEOUT = 20.0  # of each answer; a whole conversation stays below the lease


class _Refused(Exception):
    """For good."""


class _Later(Exception):
    """Not now. `is_down`: the server itself, not this mail."""

    def __init__(self, message: str, *, is_down: bool = False) -> None:
        super().__init__(message)
        self.is_down = is_down


class Postman:
    """Sends until it is stopped, in a thread of its own. Without a server mails are kept, and shown on a page of this machine."""

    def __init__(self, engine: Engine, house: House, server: MailServer | None, *, now: Callable[[], datetime] = clock.machine_now) -> None:
        self._engine = engine
        self._house = house
        self._server = server
        self._now = now
        self._open: smtplib.SMTP | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="postman", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout: float = 10.0) -> None:
        self._stopping.set()
        notifications.nudge()
        self._thread.join(timeout)

    def _work(self) -> None:
        while not self._stopping.is_set():
            pause = PERIOD
            try:
                pause = PERIOD if self.deliver_due() else REST
            except Exception:
                log.exception("delivering mails failed")
            if pause == REST:
                self._stopping.wait(REST)
            notifications.wait_for_nudge(PERIOD)

    def deliver_due(self) -> bool:
        """All that is due, one after the other; False where the server could not be reached."""
        try:
            while not self._stopping.is_set():
                with Session(self._engine) as session:
                    claimed = run(session, lambda s: notifications.claim(s, now=self._now(), limit=1))
                if not claimed:
                    return True
                if not self._deliver(claimed[0]):
                    return False
            return True
        finally:
            self._hang_up()

    # -- one mail -------------------------------------------------------------------------------------------------

    def _deliver(self, key: int) -> bool:
        """False where the server is down."""
        try:
            message = self._drawn(key)
        except Exception:
            log.exception("mail could not be drawn", notification=key)
            self._note(
                partial(notifications.postponed, key=key, error="This mail could not be written; the log says why.", now=self._now())
            )
            return True
        if message is None:
            return True
        if self._server is None:
            self._note(partial(notifications.kept, key=key))
            return True
        try:
            self._hand_over(message)
        except _Refused as refusal:
            self._note(partial(notifications.refused, key=key, error=_without_address(refusal, message)))
            log.warning("mail refused", notification=key)
        except _Later as reason:
            self._note(partial(notifications.postponed, key=key, error=_without_address(reason, message), now=self._now()))
            log.warning("mail postponed", notification=key)
            return not reason.is_down
        else:
            self._note(partial(notifications.sent, key=key, now=self._now()))
            log.info("mail sent", notification=key)
        return True

    def _drawn(self, key: int) -> EmailMessage | None:
        """None where there is nothing to send (any more)."""
        with reading(self._engine) as session:
            row = session.get_one(Notification, key)
            for_group = row.to_address is None
            message = None if for_group else mails.draw(session, row, self._house)
        if for_group:
            self._note(lambda session: notifications.spread(session, session.get_one(Notification, key)))
        elif message is None:
            self._note(partial(notifications.dropped, key=key))
        return message

    def _note(self, work: Callable[[Session], Any]) -> None:
        with Session(self._engine) as session:
            run(session, work)

    # -- the conversation with the server ---------------------------------------------------------------------------

    def _hand_over(self, message: EmailMessage) -> None:
        sender, reader = message["From"].addresses[0].addr_spec, message["To"].addresses[0].addr_spec
        try:
            connection = self._connection()
        except (OSError, smtplib.SMTPException) as error:
            self._hang_up()
            raise _Later(f"The mail server could not be reached: {_said(error)}", is_down=True) from error
        try:
            connection.send_message(message, sender, [reader])
        except smtplib.SMTPRecipientsRefused as error:
            code, said = error.recipients[reader]
            raise (_Refused if code >= 500 else _Later)(f"{code} {_text(said)}") from error
        except smtplib.SMTPNotSupportedError as error:
            raise _Refused("The mail server takes no address with such letters.") from error
        except smtplib.SMTPSenderRefused as error:
            raise _Later(_said(error)) from error  # that is about us, and somebody will set it right
        except smtplib.SMTPResponseException as error:
            if error.smtp_code == 421:  # RFC 5321, 3.8: it hangs up, whatever it was told
                self._hang_up()
            raise (_Refused if error.smtp_code >= 500 else _Later)(_said(error)) from error
        except (OSError, smtplib.SMTPException) as error:
            self._hang_up()
            raise _Later(f"The mail server hung up: {_said(error)}", is_down=True) from error

    def _connection(self) -> smtplib.SMTP:
        if self._open is None:
            assert self._server is not None
            self._open = _connected(self._server, TIMEOUT)
        return self._open

    def _hang_up(self) -> None:
        if self._open is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                self._open.quit()
            self._open.close()
            self._open = None


def try_out(server: MailServer, timeout: float = 10.0) -> str | None:
    """Connect and log in as for a mail, and send none. Why it did not work; None: it did."""
    try:
        connection = _connected(server, timeout)
    except (OSError, smtplib.SMTPException) as error:
        return _said(error)
    with contextlib.suppress(OSError, smtplib.SMTPException):
        connection.quit()
    connection.close()
    return None


def _connected(server: MailServer, timeout: float) -> smtplib.SMTP:
    connection: smtplib.SMTP
    if server.is_tls:
        connection = smtplib.SMTP_SSL(server.host, server.port, timeout=timeout, context=ssl.create_default_context())
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=timeout)
    try:
        if not server.is_tls:
            _encrypt(connection, server)
        if server.user is not None:
            connection.login(server.user, server.password or "")
    except BaseException:
        connection.close()
        raise
    return connection


def _encrypt(connection: smtplib.SMTP, server: MailServer) -> None:
    connection.ehlo()
    if connection.has_extn("starttls"):
        context = ssl.create_default_context()
        if server.user is None:  # RFC 7435: nothing secret is at stake that plain text would keep, so any certificate will do
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection.starttls(context=context)
        connection.ehlo()
    elif server.user is not None and not server.is_loopback:
        raise smtplib.SMTPException("it offers no encryption, and a password would be read on the way")


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    return _text(str(error)) or type(error).__name__


def _text(said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return " ".join(text.replace("\x00", "").split())


def _without_address(error: Exception, message: EmailMessage) -> str:
    """Servers like to quote the address; it stands in its own column, where it can be erased."""
    return str(error).replace(message["To"].addresses[0].addr_spec, "…")
