"""What one party keeps to itself reaches no other: not in a list, a count, a page, an error, a file or a mail."""

import inspect
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from lxml import html
from sqlalchemy import select, true
from sqlalchemy.orm import Session

from engine import policies, tracking, variables, views
from engine.cases import Case
from engine.handoffs import Handoff
from engine.instances import Instance
from engine.ledger import Disclosure
from engine.notifications import Notification
from engine.parties import Actor
from tests.canary import doors
from tests.canary.casts import AT, FOLLOWERS, OUTSIDERS, TOKEN, VISITORS, Cast
from tests.canary.doors import Leak, Somebody
from tests.canary.letters import drawn, mails_to, no


@pytest.mark.parametrize("name", [*OUTSIDERS, "hanna", "bea", "otto", "modeller"])
def test_no_page_of_the_portal_tells_people_what_is_anothers(cast: Cast, name: str) -> None:
    no(cast, doors.pages(Somebody(cast, name), posting=name in OUTSIDERS))


@pytest.mark.parametrize("name", ["adams's part", "brown's part", "estimate", "look", "adams after the code", "brown after the code"])
def test_no_link_leads_a_guest_to_more_than_its_own_handoff_and_no_code_to_more_than_its_own_address(cast: Cast, name: str) -> None:
    no(cast, doors.pages(Somebody(cast, name), posting=True))


@pytest.mark.parametrize("name", FOLLOWERS)
def test_whoever_follows_a_case_reads_of_it_and_of_others_only_what_is_theirs(cast: Cast, name: str) -> None:
    somebody = Somebody(cast, name)
    page = somebody.browser().get(somebody.home).get_data(as_text=True)
    told = {cast.secrets[token][0] for token in TOKEN.findall(page)}

    no(cast, doors.pages(somebody, posting=True))
    assert told == {f"story of {name}"}  # of which the title is made
    assert "We look at it" in page


@pytest.mark.parametrize("name", VISITORS)
def test_whoever_has_neither_account_nor_link_reads_nothing_but_what_they_typed(cast: Cast, name: str) -> None:
    somebody = Somebody(cast, name)
    http, start = somebody.browser(), cast.starts["xenia"]
    told = {cast.secrets[token][0] for token in TOKEN.findall(http.get(f"/confirm/{start}").get_data(as_text=True))}

    no(cast, doors.pages(somebody, posting=True))
    assert told == ({f"{what} of xenia" for what in ("story", "plate", "diary", "address")} if name == "xenia" else set())


@pytest.mark.parametrize("name", [*OUTSIDERS, "bea", "otto", "hanna", "modeller", "worker"])
def test_no_operation_of_the_api_tells_what_is_anothers(cast: Cast, name: str) -> None:
    somebody = Somebody(cast, name)
    no(cast, doors.operations(somebody, commanding=name not in ("hanna", "modeller", "worker")))

    assert bool(somebody.read) == (name in ("bea", "otto", "hanna", "modeller")), "what the table of roles lets them see"


# the first diary of the far case was written anew; only who manages people sees them all
# a name that nobody has proven yet stands in no mail and on no page
_NOBODYS = r"diary of \w+|name of xenia"


@pytest.mark.parametrize(("name", "not_theirs"), [("admin", _NOBODYS), ("operator", _NOBODYS + r"|(name|address) of person \w+")])
def test_who_sees_all_sees_it_but_for_what_is_sensitive(cast: Cast, name: str, not_theirs: str) -> None:
    somebody = Somebody(cast, name)
    no(cast, doors.pages(somebody, posting=False))
    no(cast, doors.operations(somebody, commanding=False))

    unseen = {cast.secrets[token][0] for token in somebody.allowed - somebody.sensitive - somebody.read}
    assert {what for what in unseen if not re.fullmatch(not_theirs, what)} == set()
    assert somebody.sensitive and somebody.sensitive.isdisjoint(somebody.read)


def test_links_that_nobody_made_are_all_the_same_nothing(cast: Cast) -> None:
    no(cast, doors.forged(cast))


def test_mails_are_shown_on_this_machine_alone(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(cast.app.config, "PASSERELLE_SENDS_MAILS", False)
    keys = [row.key for row in cast.rows(Notification)]
    stranger = Somebody(cast, "olga")
    for path in ("/mails", *(f"/mails/{key}{more}" for key in keys[:3] for more in ("", "/as-sent"))):
        here = cast.app.test_client().get(path)
        assert here.status_code == 200, path
        for elsewhere in ({"REMOTE_ADDR": "198.51.100.7"}, {"HTTP_HOST": "elsewhere.example"}, {"HTTP_X_FORWARDED_FOR": "198.51.100.7"}):
            answer = cast.app.test_client().get(path, environ_overrides=elsewhere)
            assert answer.status_code == 404
            no(cast, stranger.told(doors.Question("GET", path), answer))


def test_a_mail_tells_its_reader_no_more_than_the_page_behind_it(cast: Cast) -> None:
    no(cast, mails_to(cast))


def test_who_is_asked_second_does_not_learn_that_somebody_was_asked_before(cast: Cast) -> None:
    again = cast.rows(Handoff, Handoff.round == 2)
    assert len(again) == 2
    for row in again:
        party = next(party for party, key in cast.parties.items() if key == row.to_party_key)
        http = Somebody(cast, AT[party]).browser()
        number = cast.rows(Case, Case.key == row.case_key)[0].number
        invitation = cast.rows(Notification, Notification.handoff_key == row.key)[0]
        letter = cast.read(partial(drawn, key=invitation.key))

        assert letter is not None and "Again" not in str(letter["Subject"])
        assert "round" not in _words(http.get(f"/handoffs/{row.key}"))
        assert _words(http.get(f"/cases/{number}")).count("went to Shop") == (row.to_role == "shop")


def _words(answer: Any) -> str:
    return str(html.document_fromstring(answer.get_data(as_text=True)).xpath("//main")[0].text_content())


# -- is every wall needed, and does the canary see it fall ------------------------------------------------------------


def _everything(*_: Any, **__: Any) -> Any:
    return true()


def _yes(*_: Any, **__: Any) -> bool:
    return True


def _no_matter_who(*_: Any, **__: Any) -> bool:
    return False


def _all_values(session: Session, _actor: Any, task: Any) -> Any:
    return variables.visible_from(session, [task.element_instance_key])[task.element_instance_key]


def _all_disclosed(session: Session, _actor: Any, case_key: int) -> dict[str, Any]:
    rows = session.scalars(select(Disclosure).where(Disclosure.case_key == case_key))
    return {f"{row.party_key} {row.name}" if row.type != "file" else row.name: row.value for row in rows} | _newest(session, case_key)


def _newest(session: Session, case_key: int) -> dict[str, Any]:
    rows = session.scalars(select(Disclosure).where(Disclosure.case_key == case_key).order_by(Disclosure.key))
    return {row.name: row.value for row in rows}


def _whole_case(session: Session, _actor: Any, case: Any) -> views.View:
    rows = session.execute(select(Instance.key, Instance.process_key).where(Instance.case_key == case.key))
    return views.View({key: None for key, _ in rows})


def _title(_session: Session, _actor: Any, case: Any) -> str | None:
    return str(case.title)


def _titles(_session: Session, _actor: Any, some: Any) -> dict[int, str | None]:
    return {case.key: case.title for case in some}


def _titles_by_key(session: Session, _actor: Any, case_keys: Any) -> dict[int, str | None]:
    return _titles(session, None, session.scalars(select(Case).where(Case.key.in_(case_keys))))


def _tasks_of_all(session: Session, link: Any, open_tasks: Any, _by: Any) -> list[tracking.OwnTask]:
    return [tracking.OwnTask(task, link) for task in open_tasks]


# what is switched off -> what stands in its place, and who then learns too much by which door
WALLS: dict[str, tuple[Any, str, str]] = {
    "policies.may": (_yes, "amy", "pages"),
    "policies.may_manage_parties": (_yes, "amy", "pages"),
    "policies.visible_names": (_everything, "amy", "pages"),
    "policies.visible_parties": (_everything, "otto", "operations"),
    "policies.may_see_task": (_yes, "amy", "pages"),
    "policies.visible_tasks": (_everything, "otto", "operations"),
    "policies.may_see_case": (_yes, "otto", "commands"),
    "policies.visible_cases": (_everything, "amy", "pages"),
    "policies.may_see_handoff": (_yes, "otto", "commands"),
    "policies.visible_handoffs": (_everything, "amy", "pages"),
    "policies.visible_disclosures": (_everything, "bea", "operations"),
    "policies.may_see_sensitive": (_yes, "hanna", "operations"),
    "policies.may_see_sensitive_in": (_yes, "hanna", "operations"),
    "policies.may_see_link": (_yes, "otto", "commands"),
    "policies.visible_links": (_everything, "otto", "operations"),
    "policies.visible_instances": (_everything, "otto", "operations"),
    "policies.visible_by_instance": (_everything, "otto", "operations"),
    "policies.visible_values": (_everything, "otto", "operations"),
    "policies.visible_decision_instances": (_everything, "modeller", "operations"),
    "policies.visible_documents": (_everything, "amy", "pages"),
    "policies.sent_by": (_everything, "amy", "pages"),
    "policies.manageable_people": (_everything, "modeller", "pages"),
    "views.is_from_outside": (_no_matter_who, "amy", "pages"),
    "views.View.sees": (_yes, "amy", "pages"),
    "views.of_case": (_whole_case, "amy", "pages"),
    "views.values_of_task": (_all_values, "amy", "pages"),
    "views.disclosed": (_all_disclosed, "look", "pages"),
    "views.titles": (_titles, "amy", "pages"),
    "views.titles_by_key": (_titles_by_key, "amy", "pages"),
    "views.title": (_title, "amy", "pages"),
    "views.may_search_titles": (_yes, "amy", "pages"),
}
# nothing comes of switching these off
NO_WALLS = {
    "policies.may_see_party": "no door asks for one party: the filter beside it answers",
    "policies.may_see_disclosure": "no door asks for one disclosure: the filter beside it answers",
    "policies.may_see_document": "no door asks for one file: the filter beside it answers",
    "policies.visible_notifications": "whoever may ask for the outbox at all sees all of it",
    "policies.visible_figures": "whoever may ask for figures at all sees all of them",
    "policies.require": "asks nobody: refuses what another policy said no to",
    "policies.may_start_publicly": "says what the model says, whoever asks",
    "policies.named_by": "says which files a value names, whoever asks",
    "policies.usable_documents": "what is seen already, and passed on by whom it was shown to",
}
# what one may do to what one may see: no wall before anything, but each of them says no to whoever nobody spoke for
DEEDS = {
    f"policies.{name}"
    for name, one in vars(policies).items()
    if name.startswith(("may_", "was_offered_"))
    and not name.startswith("may_see_")
    and callable(one)
    and f"policies.{name}" not in WALLS.keys() | NO_WALLS.keys()
}


def test_every_wall_is_known() -> None:
    asked = {f"policies.{name}" for name, one in vars(policies).items() if getattr(one, "__module__", "") == "engine.policies" and callable(one)}
    shown = {f"views.{name}" for name, one in vars(views).items() if getattr(one, "__module__", "") == "engine.views" and callable(one)}
    public = {name.replace("views.View", "views.View.sees") for name in asked | shown if "._" not in name}

    assert public == WALLS.keys() | NO_WALLS.keys() | DEEDS


class _Anything:
    """A row of which nothing is known."""

    def __getattr__(self, name: str) -> None:
        return None


@pytest.mark.parametrize("deed", sorted(DEEDS))
def test_the_answer_to_nobody_is_no(deed: str) -> None:
    asked = getattr(policies, deed.removeprefix("policies."))
    rows = [_Anything() for _ in list(inspect.signature(asked).parameters)[1:]]

    for nobody in (Actor(id="nobody"), Actor(id="guest:1", party_key=1, link_key=1), Actor(id="person:x", username="x", party_key=1)):
        assert not asked(nobody, *rows), nobody.id


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("wall", WALLS)
def test_without_any_one_wall_somebody_learns_too_much(cast: Cast, monkeypatch: pytest.MonkeyPatch, wall: str) -> None:
    instead, who, door = WALLS[wall]
    somebody = Somebody(cast, who)
    monkeypatch.setattr(f"engine.{wall}", instead)

    assert next(_DOORS[door](somebody), None) is not None, f"{wall} keeps nothing from {who}"


# the same of the doors that are open to all
OPEN_WALLS: dict[str, tuple[Any, str]] = {
    "portal.public._came_by_proof": (_yes, "anybody"),
    "engine.policies.visible_documents": (_everything, "anybody"),
    "engine.tracking._own_tasks": (_tasks_of_all, "vera"),
}


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize("wall", OPEN_WALLS)
def test_without_any_one_wall_whoever_has_no_account_learns_too_much(cast: Cast, monkeypatch: pytest.MonkeyPatch, wall: str) -> None:
    instead, who = OPEN_WALLS[wall]
    somebody = Somebody(cast, who)
    monkeypatch.setattr(wall, instead)

    assert next(doors.pages(somebody, posting=False), None) is not None, f"{wall} keeps nothing from {who}"


_DOORS: dict[str, Callable[[Somebody], Iterator[Leak]]] = {
    "pages": partial(doors.pages, posting=False),
    "operations": partial(doors.operations, commanding=False),
    "commands": partial(doors.operations, commanding=True),
}
