"""What stands in the mails, held against who reads them."""

from collections.abc import Iterable, Iterator
from email.message import EmailMessage
from functools import partial

from sqlalchemy.orm import Session

from engine import mails
from engine.notifications import Notification
from tests.canary.casts import SEED, TOKEN, Cast
from tests.canary.doors import Leak

HOUSE = mails.House("https://house.example", "secret", "House", "house@example.com")
COLLEAGUE = "colleague@example.com"
# whose address it is -> who reads there
READERS = {"adams": "amy", "brown": "bob", "carla": "carla", "dora": "dora", "hanna": "hanna", "bea": "bea", "otto": "otto"}
READERS |= {name: name for name in ("vera", "wanda", "xenia")}


def no(cast: Cast, leaks: Iterable[Leak]) -> None:
    found = {str(one) for one in leaks}
    assert not found, f"{len(found)} leaks ({SEED}={cast.seed} makes these cases again):\n" + "\n".join(sorted(found)[:40])


def mails_to(cast: Cast) -> Iterator[Leak]:
    """Secrets in the mails that would leave now, to those who may not read them."""
    read = 0
    for row in cast.rows(Notification, Notification.to_address.is_not(None)):
        reader, who = _reader(cast, row)
        allowed = {one for one, (_, readers) in cast.secrets.items() if not readers.isdisjoint(who)}
        letter = cast.read(partial(drawn, key=row.key))
        if letter is None:
            continue
        read += 1
        parts = [str(value) for value in letter.values()] + [str(letter.get_body((kind,)).get_content()) for kind in ("plain", "html")]
        for found in set(TOKEN.findall("\n".join(parts))) - allowed:
            yield Leak(reader, f"for the mail {row.kind}", cast.secrets[found][0])
    assert read > 5


def _reader(cast: Cast, row: Notification) -> tuple[str, set[str]]:
    """What the address is called, and who reads there; a colleague of a guest reads what that guest does."""
    if row.to_address == COLLEAGUE:
        return "a colleague", {name for name in cast.guests for link in cast.links_of(name) if link.handoff_key == row.handoff_key}
    (token,) = TOKEN.findall(row.to_address)
    what = cast.secrets[token][0]
    name = next(name for name in READERS if f"of {name}" in what or f"person {name}" in what)
    return name, {READERS[name]}


def drawn(session: Session, key: int) -> EmailMessage | None:
    return mails.draw(session, session.get_one(Notification, key), HOUSE)
