"""Every address of the portal that shows a page: on a phone and on a desk, with JavaScript off, and nothing that axe would name."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine.links import Link
from engine.notifications import Notification
from engine.people import Person
from engine.tasks import Task, stands_in
from tests.browser.conftest import DESK, PHONE, Open
from tests.browser.test_portal import check
from tests.portal.guesthouse import Guesthouse
from tests.portal.house import House

# what is handed out as a file, leads on at once, or is the inside of another page
NO_PAGES = frozenset({"download", "guest_document", "export", "template", "show_mail_as_sent", "guest_home", "guest_other", "static"})
ELSEWHERE = frozenset({"portal.public", "portal.tracking"})  # modules whose pages have browser tests of their own
STRANGER, GUEST = "", "guest"
Shown = tuple[str, str]  # who looks, and where


@pytest.fixture
def inn(house: House) -> Guesthouse:
    inn = Guesthouse(house)
    inn.write(lambda s: s.execute(update(Person).where(Person.username == "paul").values(party_key=inn.garage)))
    return inn


def pages_of(house: House, inn: Guesthouse) -> Mapping[str, Shown]:
    """By endpoint."""
    number, link = house.report(), inn.link()
    checked = house.claim(house.task(), "fanny")
    mail = inn.read(lambda s: s.scalars(select(Notification.key)).first())
    done = inn.link(handoff_key=inn.hand_over(plate="SS-111-SS").key)
    handed_in = inn.task()
    house.visitor().go(inn.path(done)).send(hours="3")
    home = f"/g/{link.key}"
    return {
        "nothing_here": ("fanny", "/nowhere"),
        "open_link": (STRANGER, "/l/nobody-made-this"),
        "log_in_form": (STRANGER, "/login"),
        "inbox": ("fanny", "/?box=groups"),
        "list_waiting": ("fanny", "/waiting"),
        "list_cases": ("fanny", "/cases"),
        "show_case": ("fanny", f"/cases/{number}"),
        "list_starts": ("julie", "/start"),
        "show_start": ("julie", "/start/holder"),
        "show_task": ("fanny", f"/tasks/{checked.key}"),
        "show_handoff": ("fanny", f"/handoffs/{inn.passed.key}"),
        "ask_to_cancel": ("fanny", f"/handoffs/{inn.passed.key}/cancellation"),
        "show_decline": ("paul", f"/tasks/{inn.read(lambda s: _task_of(s, inn.passed.key))}/decline"),
        "password_form": ("fanny", "/password"),
        "list_people": ("admin", "/people"),
        "show_person": ("admin", "/people/fanny"),
        "new_person": ("admin", "/people/new"),
        "list_groups": ("admin", "/groups"),
        "show_group": ("admin", "/groups/garage"),
        "list_parties": ("admin", "/parties"),
        "show_party": ("admin", f"/parties/{inn.garage}"),
        "new_party": ("admin", "/parties/new"),
        "import_form": ("admin", "/parties/import"),
        "list_mails": (STRANGER, "/mails"),
        "show_mail": (STRANGER, f"/mails/{mail}"),
        "guest_task": (GUEST, f"{home}/tasks/{inn.read(lambda s: _task_of(s, inn.passed.key))}"),
        "guest_who": (GUEST, f"{home}/who"),
        "guest_code": (GUEST, f"{home}/code"),
        "guest_work": (GUEST, f"{home}/work"),
        "guest_colleague": (GUEST, f"{home}/colleague"),
        "guest_show_decline": (GUEST, f"{home}/decline"),
        "guest_receipt": (f"{GUEST} {done.key}", f"/g/{done.key}/tasks/{handed_in.key}/receipt"),
    }


def _task_of(session: Session, handoff_key: int) -> int:
    return session.scalars(select(Task.key).where(stands_in(handoff_key))).one()


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)  # on SQLite the pages of the main ways are enough
@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_every_page_reads_well_and_is_accessible(open_page: Open, house: House, inn: Guesthouse, size: dict[str, int], script: bool) -> None:
    shown = pages_of(house, inn)
    rules = {rule.endpoint.removeprefix("portal."): rule for rule in house.app.url_map.iter_rules() if rule.endpoint.startswith("portal.")}
    of_ours = {name for name in rules if house.app.view_functions[f"portal.{name}"].__module__ not in ELSEWHERE}
    assert {name for name in of_ours if "GET" in (rules[name].methods or ())} - NO_PAGES == shown.keys()
    pictures, found, windows = os.environ.get("PASSERELLE_TEST_PICTURES"), [], {}
    for name, (who, path) in shown.items():
        if who not in windows:
            windows[who] = open_page(None if who == STRANGER or who.startswith(GUEST) else who, size=size, script=script)
            if who.startswith(GUEST):
                key = int(who.removeprefix(GUEST) or inn.link(handoff_key=inn.passed.key).key)
                windows[who].goto(inn.path(inn.read(lambda s, k=key: s.get(Link, k))))
        page = windows[who]
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], f"{path} scrolls sideways"
        if script:
            found += check(page, name)
        if pictures and not script:
            page.screenshot(path=Path(pictures) / f"{name}-{size['width']}.png", full_page=True)

    assert not found, "\n".join(found)
