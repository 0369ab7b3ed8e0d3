"""What one sends oneself, and what comes of it, tells no more either: not on the page after it, and not in anybody's mail."""

from tests.canary import doors
from tests.canary.casts import OUTSIDERS, VISITORS, Cast
from tests.canary.doors import Somebody
from tests.canary.letters import mails_to, no


def test_what_one_sends_is_answered_without_what_is_anothers(cast: Cast) -> None:
    everybody = [Somebody(cast, name) for name in (*cast.guests, *OUTSIDERS, *VISITORS, "bea", "otto")]
    for somebody in everybody:
        no(doors.deeds(somebody))
    no(mails_to(cast))
