"""What an e-mail address looks like, and where mails go out. Light: settings are read with it."""

from dataclasses import dataclass

MAX_ADDRESS = 254  # RFC 5321, 4.5.3.1.3, without the angle brackets


def is_address(text: str) -> bool:
    """Whether a mail can go there: something@a.domain, without anything that could end a header."""
    local, at, domain = text.rpartition("@")
    if not at or not local or len(text) > MAX_ADDRESS or not text.isprintable() or any(mark in text for mark in ' ,;:<>()[]\\"'):
        return False
    labels = domain.split(".")
    return "@" not in local and ".." not in text and local[0] != "." and local[-1] != "." and all(labels) and domain[0] != "-"


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails go out. With a user name the connection must be encrypted and the certificate right."""

    host: str
    port: int
    is_tls: bool = False  # from the first byte (smtps)
    user: str | None = None
    password: str | None = None
    is_loopback: bool = False

    def __repr__(self) -> str:
        return f"MailServer({self.host!r}, {self.port})"
