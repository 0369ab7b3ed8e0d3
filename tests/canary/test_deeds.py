"""What one sends oneself, and what comes of it, tells no more either: not on the page after it, and not in anybody's mail."""

from engine.links import Link
from tests.canary import doors
from tests.canary.casts import OUTSIDERS, TOKEN, VISITORS, Cast
from tests.canary.doors import Somebody, csrf_of
from tests.canary.letters import COLLEAGUE, mails_to, no


def test_a_colleague_reads_what_was_passed_on_and_whoever_passed_it_on_nothing_more(cast: Cast) -> None:
    passer = Somebody(cast, "estimate")
    old, home = passer.link, f"/g/{passer.link_key}"
    http = passer.browser()
    token = csrf_of(http.get(f"/g/{passer.link_key}/colleague").get_data(as_text=True))
    typed = {"_csrf": token, "name": "Colleague", "address": COLLEAGUE}
    assert http.post(f"/g/{passer.link_key}/colleague", data=typed).status_code == 200
    link, party = cast.rows(Link, Link.handoff_key == cast.guests["estimate"][0].handoff_key)[-1], cast.guests.pop("estimate")[1]
    assert link.address == COLLEAGUE
    cast.guests["colleague"] = link, party
    for secret, (_, readers) in list(cast.secrets.items()):
        if "estimate" in readers:
            cast.tell(secret, {"colleague"})
    no(cast, doors.pages(Somebody(cast, "colleague"), posting=True))

    for shut in (cast.app.test_client().get(old), http.get(home)):
        assert shut.status_code == 410
        assert not TOKEN.findall(shut.get_data(as_text=True))
    cast.proven = {name: [one for one in guests if one in cast.guests] for name, guests in cast.proven.items()}


def test_what_one_sends_is_answered_without_what_is_anothers(cast: Cast) -> None:
    guests = [name for name in cast.guests if name not in cast.proven]
    everybody = [Somebody(cast, name) for name in (*guests, *OUTSIDERS, *VISITORS, "bea", "otto")]
    for somebody in everybody:
        no(cast, doors.deeds(somebody))
    no(cast, mails_to(cast))
