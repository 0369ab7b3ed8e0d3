"""A real mail server for the tests, on loopback: takes mails, says no when told to, and can be stopped and started again."""

import email
import email.policy
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.servers import free_port


class _Handler:
    def __init__(self, mailbox: "Mailbox") -> None:
        self._mailbox = mailbox

    async def handle_RCPT(self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        answer = self._mailbox.answer_to(address)
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        self._mailbox.tried += 1
        if self._mailbox.data_answer is not None:
            return self._mailbox.data_answer
        assert isinstance(envelope.content, bytes)
        self._mailbox.raw.append(envelope.content)
        self._mailbox.envelopes.append((envelope.mail_from, list(envelope.rcpt_tos)))
        self._mailbox.on_mail()
        return "250 OK"


class Mailbox:
    """`mails`: what arrived. `refuse[address] = "550 ..."` answers an address so; `data_answer` the content of any mail."""

    def __init__(self, **options: Any) -> None:
        self.port = free_port()
        self.raw: list[bytes] = []
        self.envelopes: list[tuple[str | None, list[str]]] = []
        self.refuse: dict[str, str] = {}
        self.data_answer: str | None = None
        self.on_mail: Callable[[], None] = lambda: None
        self.tried = 0
        self.users: list[tuple[bytes, bytes]] = []
        self._options = options
        self._controller: Controller | None = None

    def start(self) -> None:
        self._controller = Controller(_Handler(self), hostname="127.0.0.1", port=self.port, enable_SMTPUTF8=True, **self._options)
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    @property
    def mails(self) -> list[EmailMessage]:
        return [email.message_from_bytes(raw, policy=email.policy.default) for raw in self.raw]  # type: ignore[misc]

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def answer_to(self, address: str) -> str | None:
        return self.refuse.get(address)

    def authenticate(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        self.users.append((data.login, data.password))
        return AuthResult(success=data.password == b"right", handled=False)


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def html_of(mail: EmailMessage) -> str:
    part = mail.get_body(("html",))
    assert part is not None
    return str(part.get_content())
